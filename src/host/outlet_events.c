/* Server-sent events: an answer that does not end. The head is written here too, since libmicrohttpd leaves the socket alone
 * as long as the connection is suspended; Connection: close says that the end of the stream is the end of the connection. */
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "base/check.h"
#include "host/outlet_private.h"

enum { RETRY_MS = 2000, HEAD_MAX = 16384 };

static const struct http_refusal refusal_head_only = {
    .status = 405, .name = "method_not_allowed", .title = "The method is not allowed", .detail = "A stream is read with GET."
};

static size_t before(const struct frame *frame, char bytes[OUTLET_AROUND_MAX])
{
    int length = frame->sequence > 0
                     ? snprintf(bytes, OUTLET_AROUND_MAX,
                                "id: %" PRIu64 "-%016" PRIx64 "\nevent: message\ndata: ", frame->sequence, frame->fingerprint)
                     : snprintf(bytes, OUTLET_AROUND_MAX, "event: message\ndata: ");
    CHECK(length > 0 && length < OUTLET_AROUND_MAX);
    return (size_t)length;
}

static bool send_control(struct outlet *outlet)
{
    (void)outlet;
    return true;
}

static bool wants_control(const struct outlet *outlet)
{
    (void)outlet;
    return false;
}

static bool may_read(const struct outlet *outlet)
{
    (void)outlet;
    return true; /* nothing may come but the end */
}

/* A comment, so that the connection is tried; not behind what waits, which tries it as well. */
static void sign_of_life(struct outlet *outlet)
{
    if (outlet->waiting > 0) {
        outlet->silent_ticks++;
        return;
    }
    struct frame *comment = frame_create(":\n\n", 3);
    if (comment != NULL) {
        (void)outlet_queue(outlet, comment, true);
        frame_release(comment);
    }
}

static bool good_bye(struct outlet *outlet)
{
    (void)outlet;
    return false; /* the end of the stream says it */
}

/* The connection goes back to libmicrohttpd, which finds the socket shut when it tries to answer, and closes. */
static void release(struct outlet *outlet)
{
    struct http_request *request = outlet->request;
    if (request != NULL && request->suspended) {
        struct MHD_Response *nothing = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
        (void)shutdown(outlet->fd, SHUT_RDWR);
        if (nothing != NULL) {
            (void)MHD_queue_response(request->mhd, 500, nothing);
            MHD_destroy_response(nothing);
        }
        http_resume(request);
    }
}

static const struct outlet_kind events_kind = {
    .name = "events",
    .before = before,
    .after = "\n\n",
    .send_control = send_control,
    .wants_control = wants_control,
    .may_read = may_read,
    .readable = outlet_read_to_end,
    .sign_of_life = sign_of_life,
    .good_bye = good_bye,
    .release = release,
};

static bool queue_head(struct outlet *outlet)
{
    const struct http_request *request = outlet->request;
    struct text head;
    text_init(&head, HEAD_MAX);
    http_write_head(&head, outlet->server, "200 OK");
    for (int i = 0; i < request->answer_header_count; i++) {
        text_printf(&head, "%s: %s\r\n", request->answer_headers[i].name, request->answer_headers[i].value);
    }
    text_printf(&head, "Content-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n\r\nretry: %d\n\n", RETRY_MS);
    struct frame *frame = head.failed ? NULL : frame_create(head.bytes, head.length);
    bool queued = frame != NULL && outlet_queue(outlet, frame, true);
    frame_release(frame);
    text_free(&head);
    return queued;
}

struct outlet *outlet_open_events(struct http_request *request, const struct outlet_setup *setup)
{
    if (request->is_head || request->method != HTTP_GET) {
        http_set_header(request, "Allow", "GET");
        http_refuse(request, &refusal_head_only);
        return NULL;
    }
    struct outlet *outlet = request->server->quiesced ? NULL : outlet_create(request, setup, &events_kind);
    if (outlet == NULL || !queue_head(outlet)) {
        if (outlet != NULL) {
            outlet_free(outlet);
        }
        http_refuse(request, &http_refusal_stopping);
        return NULL;
    }
    request->answered = true;
    request->kept = true;
    http_count_answer(request, 200);
    http_leave_open(request);
    http_phase_begin(request->connection, HTTP_PHASE_OUTLET);
    outlet_start(outlet, request->connection->fd);
    return outlet;
}
