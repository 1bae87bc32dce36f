#include "gateway/process.h"

#include <event2/event.h>
#include <signal.h>
#include <unistd.h>

#include "gateway/confine.h"
#include "host/log.h"

static void on_end(evutil_socket_t fd, short what, void *context)
{
    const struct gateway_process *process = context;
    (void)fd, (void)what;
    (void)event_base_loopbreak(process->base);
}

static void on_figures(evutil_socket_t fd, short what, void *context)
{
    const struct gateway_process *process = context;
    (void)fd, (void)what;
    process->tell(process->context);
}

/* What libevent says before it ends the process, which it does where it cannot go on. */
static void loop_says(int severity, const char *text)
{
    if (severity >= EVENT_LOG_WARN) {
        LOG(severity == EVENT_LOG_ERR ? LOG_ERROR : LOG_WARNING, "gateway", "the event loop has trouble", LOG_TEXT("what", text));
    }
}

enum status gateway_process_begin(struct gateway_process *process, uint32_t figures_s, void (*tell)(void *context), void *context,
                                  struct error *error)
{
    static const int signals[] = { SIGTERM, SIGINT };
    const struct timeval interval = { figures_s, 0 };
    event_set_log_callback(loop_says);
    *process = (struct gateway_process){ .base = event_base_new(), .tell = tell, .context = context };
    if (process->base == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no event loop");
    }
    process->figures = event_new(process->base, -1, EV_PERSIST, on_figures, process);
    bool made = process->figures != NULL && event_add(process->figures, &interval) == 0;
    for (int i = 0; i < 2; i++) {
        process->ends[i] = evsignal_new(process->base, signals[i], on_end, process);
        made = made && process->ends[i] != NULL && event_add(process->ends[i], NULL) == 0;
    }
    return made ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for the loop");
}

enum status gateway_process_confine(const char *user, struct error *error)
{
    bool is_on = false;
    if (user != NULL) {
        TRY(confine_user(user, error));
    } else if (geteuid() == 0) {
        LOG(LOG_WARNING, "gateway", "the process runs as root: give it a user of its own with --user");
    }
    TRY(confine_calls(&is_on, error));
    LOG(LOG_INFO, "gateway", is_on ? "the process has given up its rights" : "a build with sanitizers keeps its rights");
    return STATUS_OK;
}

void gateway_process_run(struct gateway_process *process)
{
    (void)event_base_dispatch(process->base);
    process->tell(process->context);
}

static void free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

void gateway_process_end(struct gateway_process *process)
{
    free_event(process->ends[0]);
    free_event(process->ends[1]);
    free_event(process->figures);
    if (process->base != NULL) {
        event_base_free(process->base);
    }
}

void gateway_process_tell_centre(const struct gateway_link *link, const struct gateway_positions *positions,
                                 uint32_t orders_waiting)
{
    struct gateway_link_figures l = gateway_link_figures(link);
    struct gateway_positions_figures p = gateway_positions_figures(positions);
    LOG(LOG_INFO, "gateway", "centre so far", LOG_NUMBER("follows", gateway_link_follows(link)),
        LOG_NUMBER("requests", l.requests), LOG_NUMBER("repeated", l.repeated), LOG_NUMBER("refused", l.refused),
        LOG_NUMBER("silent", l.silent), LOG_NUMBER("waiting", l.waiting), LOG_NUMBER("messages", l.messages),
        LOG_NUMBER("positions_sent", p.sent), LOG_NUMBER("positions_refused", p.refused),
        LOG_NUMBER("positions_silent", p.silent), LOG_NUMBER("positions_no_room", p.no_room),
        LOG_NUMBER("positions_waiting", p.waiting), LOG_NUMBER("batches", p.batches),
        LOG_NUMBER("orders_waiting", orders_waiting));
}
