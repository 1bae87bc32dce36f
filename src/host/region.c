/* Workload: 1 to 100 centres. The main thread wakes when one of them changes, to look whether all move, and for the overview. */
#include "host/region.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "host/region_private.h"
#include "host/secret.h"
#include "host/service.h"
#include "host/thread.h"

enum { AGAIN_FIRST_S = 2, AGAIN_LONGEST_S = 60 };
enum { LOOKS_PER_WATCHDOG = 4, OVERVIEW_CONNECTIONS = 32, OVERVIEW_IDLE_S = 30, OVERVIEW_BODY_BYTES = 1024 };
#define LOOK_US (15 * (int64_t)US_PER_SECOND) /* where no service manager watches */

/* ---- in the thread of a centre ---- */

static void tell_main(const struct region *region)
{
    const uint64_t one = 1;
    CHECK(write(region->told, &one, sizeof one) == (ssize_t)sizeof one);
}

static bool is_to_stop(struct region_one *one)
{
    pthread_mutex_lock(&one->lock);
    bool stop = one->stop;
    pthread_mutex_unlock(&one->lock);
    return stop;
}

static void set_phase(struct region_one *one, enum region_phase phase, enum status status, const struct error *error)
{
    pthread_mutex_lock(&one->lock);
    one->phase = phase;
    one->server = NULL;
    one->status = status;
    if (status != STATUS_OK) {
        one->error = *error;
    }
    pthread_mutex_unlock(&one->lock);
    tell_main(one->region);
}

/* From now on it can be told to stop by its server; what was ordered before is passed on. */
static void set_running(struct region_one *one, struct server *server)
{
    pthread_mutex_lock(&one->lock);
    one->phase = REGION_RUNNING;
    one->server = server;
    one->is_new = true;
    one->openings += 1;
    one->port = server_port(server);
    snprintf(one->address, sizeof one->address, "%s", server_config(server)->address);
    snprintf(one->title, sizeof one->title, "%s", server_config(server)->name);
    if (one->stop) {
        server_stop(server);
    }
    pthread_mutex_unlock(&one->lock);
    tell_main(one->region);
}

/* *server NULL: it was told to stop before its turn came. */
static enum status open_in_turn(struct region_one *one, struct server **server, struct error *error)
{
    sem_t *turn = commons_starting(one->setup.commons);
    enum status status = STATUS_OK;
    while (sem_wait(turn) != 0) {
        CHECK(errno == EINTR);
    }
    if (!is_to_stop(one)) {
        set_phase(one, REGION_OPENING, STATUS_OK, NULL);
        status = server_create(&one->setup, server, error);
    }
    CHECK(sem_post(turn) == 0);
    return status;
}

static enum status open_and_run(struct region_one *one, bool *ran, struct error *error)
{
    struct server *server = NULL;
    *ran = false;
    TRY(open_in_turn(one, &server, error));
    if (server == NULL) {
        return STATUS_OK;
    }
    *ran = true;
    set_running(one, server);
    enum status status = server_run(server, error);
    set_phase(one, REGION_CLOSING, status, error);
    server_destroy(server);
    return status;
}

static void wait_before_again(struct region_one *one, int seconds)
{
    struct timespec until;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    until.tv_sec += seconds;
    pthread_mutex_lock(&one->lock);
    while (!one->stop && !one->at_once && pthread_cond_timedwait(&one->changed, &one->lock, &until) != ETIMEDOUT) {
    }
    one->at_once = false;
    pthread_mutex_unlock(&one->lock);
}

/* A centre that was told to hand on, because it hung, and has come to an end after all, begins anew as any other. */
static void *live(void *context)
{
    struct region_one *one = context;
    bool several = one->region->setup->several, ran;
    int again_s = AGAIN_FIRST_S;
    struct error error = { .text = "" };
    log_enter(one->log);
    enum status status = open_and_run(one, &ran, &error);
    while (several && !is_to_stop(one)) {
        again_s = ran ? AGAIN_FIRST_S : again_s;
        LOG(LOG_ERROR, "region", ran ? "the centre has ended, and is opened again" : "the centre cannot be opened yet",
            LOG_TEXT("why", error.text[0] != '\0' ? error.text : "it had not moved, and was handed on"),
            LOG_NUMBER("again_in_s", again_s));
        set_phase(one, REGION_FAILED, status, &error);
        wait_before_again(one, again_s);
        again_s = 2 * again_s < AGAIN_LONGEST_S ? 2 * again_s : AGAIN_LONGEST_S;
        error.text[0] = '\0';
        status = is_to_stop(one) ? STATUS_OK : open_and_run(one, &ran, &error);
    }
    set_phase(one, REGION_ENDED, status, &error);
    return NULL;
}

/* ---- what is known of one ---- */

bool region_is_well(const struct region_facts *facts)
{
    return facts->phase == REGION_RUNNING && !facts->hangs &&
           (facts->server.state == CENTRE_STANDBY || (facts->server.state == CENTRE_READY && facts->server.serving));
}

void region_facts(struct region_one *one, struct region_facts *facts)
{
    *facts = (struct region_facts){ .name = one->member->name, .hangs = one->silent_looks >= REGION_SILENT_LOOKS };
    pthread_mutex_lock(&one->lock);
    facts->phase = one->phase;
    facts->openings = one->openings;
    facts->port = one->phase == REGION_RUNNING ? one->port : 0;
    if (one->server != NULL) {
        server_facts(one->server, &facts->server);
        memcpy(facts->why, facts->server.trouble, sizeof facts->why);
    } else if (one->status != STATUS_OK) {
        snprintf(facts->why, sizeof facts->why, "%.*s", (int)sizeof facts->why - 1, one->error.text);
    }
    pthread_mutex_unlock(&one->lock);
}

/* ---- orders ---- */

static void stop_one(struct region_one *one)
{
    pthread_mutex_lock(&one->lock);
    one->stop = true;
    if (one->server != NULL) {
        server_stop(one->server);
    }
    pthread_cond_broadcast(&one->changed);
    pthread_mutex_unlock(&one->lock);
}

static void read_settings_of_one(struct region_one *one)
{
    pthread_mutex_lock(&one->lock);
    if (one->server != NULL) {
        server_read_settings(one->server);
    } else {
        one->at_once = true;
        pthread_cond_broadcast(&one->changed);
    }
    pthread_mutex_unlock(&one->lock);
}

static void hear_signal(evutil_socket_t number, short what, void *context)
{
    (void)what;
    struct region *region = context;
    if (number != SIGHUP && !region->stopping) {
        region->stopping = true;
        service_notify("STOPPING=1");
    }
    for (uint32_t i = 0; i < region->count; i++) {
        number == SIGHUP ? read_settings_of_one(&region->ones[i]) : stop_one(&region->ones[i]);
    }
}

/* From then on. Before, a signal kills the process, as any other: one centre that is only read loses nothing by that. */
static void hear_signals(struct region *region)
{
    static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
    for (size_t i = 0; i < ARRAY_LENGTH(numbers) && region->signals[i] == NULL; i++) {
        region->signals[i] = evsignal_new(region->base, numbers[i], hear_signal, region);
        CHECK(region->signals[i] != NULL && evsignal_add(region->signals[i], NULL) == 0);
    }
}

/* ---- whether they move ---- */

/* Its loop and its core thread must both have turned since the last look, if there was one. */
static bool has_moved(struct region_one *one, const struct region_facts *facts)
{
    const struct server_facts *server = &facts->server;
    bool is_new = one->openings_seen != facts->openings;
    bool moved = server->loop_beats != one->loop_beats &&
                 (server->core_beats != one->core_beats || server->state == CENTRE_STOPPED);
    one->openings_seen = facts->openings;
    one->loop_beats = server->loop_beats;
    one->core_beats = server->core_beats;
    return moved || is_new;
}

/* Another process may take it over; and should it move again, it begins anew. */
static void give_up(struct region_one *one)
{
    pthread_mutex_lock(&one->lock);
    if (one->server != NULL) {
        server_hand_on(one->server);
        server_stop(one->server);
    }
    pthread_mutex_unlock(&one->lock);
}

static void tell_silent(const struct region *region, struct region_one *one)
{
    log_enter(one->log);
    if (!region->setup->several) {
        LOG(LOG_ERROR, "server", "the core thread has not moved: if it stays so the service manager starts the process anew",
            LOG_NUMBER("beats", (int64_t)one->core_beats));
    } else {
        LOG(LOG_ERROR, "region", "the centre has not moved: if it stays so it is handed on",
            LOG_NUMBER("beats", (int64_t)one->core_beats), LOG_NUMBER("looks", one->silent_looks));
    }
    log_enter(NULL);
}

/* True: it runs, and hangs. */
static bool look_at_one(struct region *region, struct region_one *one, uint32_t *running)
{
    struct region_facts facts;
    region_facts(one, &facts);
    if (facts.phase != REGION_RUNNING || has_moved(one, &facts)) {
        one->silent_looks = 0;
        *running += facts.phase == REGION_RUNNING;
        return false;
    }
    *running += 1;
    one->silent_looks += one->silent_looks <= REGION_SILENT_LOOKS;
    tell_silent(region, one);
    if (region->setup->several && one->silent_looks == REGION_SILENT_LOOKS) {
        give_up(one);
    }
    return true;
}

/* The service manager hears that the process lives, unless everything in it hangs: to start it anew would stop the centres that
 * run. */
static void look(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    struct region *region = context;
    uint32_t running = 0, silent = 0;
    for (uint32_t i = 0; i < region->count; i++) {
        silent += look_at_one(region, &region->ones[i], &running);
    }
    if (region->ready && (running == 0 || silent < running) && service_watchdog_us() > 0) {
        service_notify("WATCHDOG=1");
    }
}

static enum status begin_looking(struct region *region, struct error *error)
{
    int64_t every_us = service_watchdog_us() > 0 ? service_watchdog_us() / LOOKS_PER_WATCHDOG : LOOK_US;
    const struct timeval every = { .tv_sec = every_us / US_PER_SECOND, .tv_usec = every_us % US_PER_SECOND };
    region->looking = event_new(region->base, -1, EV_PERSIST, look, region);
    if (region->looking == NULL || event_add(region->looking, &every) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the loop");
    }
    return STATUS_OK;
}

/* ---- what the threads tell ---- */

static void announce(struct region *region, struct region_one *one)
{
    char title[sizeof one->title], address[sizeof one->address];
    pthread_mutex_lock(&one->lock);
    bool is_new = one->is_new;
    const struct region_address told = { .name = title, .address = address, .port = one->port };
    memcpy(title, one->title, sizeof title);
    memcpy(address, one->address, sizeof address);
    one->is_new = false;
    pthread_mutex_unlock(&one->lock);
    if (is_new) {
        hear_signals(region); /* whoever reads the address may send one */
        region->setup->listening(region->setup->context, one->member, &told);
    }
}

static void tell_ready(struct region *region, uint32_t running)
{
    char state[96];
    region->ready = true;
    snprintf(state, sizeof state, "READY=1\nSTATUS=%u of %u centres run", running, region->count);
    service_notify(region->setup->several ? state : "READY=1");
}

/* Ready is a process whose centres were all tried once, and of which one runs, unless there are several: they are tried again. */
static void look_at_phases(struct region *region)
{
    uint32_t ended = 0, tried = 0, running = 0;
    for (uint32_t i = 0; i < region->count; i++) {
        struct region_one *one = &region->ones[i];
        pthread_mutex_lock(&one->lock);
        enum region_phase phase = one->phase;
        pthread_mutex_unlock(&one->lock);
        running += phase == REGION_RUNNING;
        ended += phase == REGION_ENDED;
        one->was_tried = one->was_tried || phase == REGION_RUNNING || phase == REGION_FAILED || phase == REGION_ENDED;
        tried += one->was_tried;
    }
    if (!region->ready && tried == region->count && ended < region->count) {
        tell_ready(region, running);
    }
    if (ended == region->count) {
        (void)event_base_loopbreak(region->base);
    }
}

static void hear(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    struct region *region = context;
    uint64_t ignored;
    ssize_t got = read((int)fd, &ignored, sizeof ignored);
    CHECK(got == (ssize_t)sizeof ignored || errno == EAGAIN || errno == EINTR);
    for (uint32_t i = 0; i < region->count; i++) {
        announce(region, &region->ones[i]);
    }
    look_at_phases(region);
}

/* ---- making ---- */

/* Keys and what callers said lie in memory: none of it goes into a file when the process dies. */
static void leave_no_core(void)
{
    const struct rlimit none = { 0 };
    (void)setrlimit(RLIMIT_CORE, &none);
}

static enum status make_one(struct region *region, uint32_t i, struct error *error)
{
    struct region_one *one = &region->ones[i];
    pthread_condattr_t monotonic;
    one->region = region;
    one->member = &region->setup->members[i];
    one->setup = one->member->setup;
    one->setup.commons = region->commons;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    CHECK(pthread_mutex_init(&one->lock, NULL) == 0 && pthread_cond_init(&one->changed, &monotonic) == 0);
    pthread_condattr_destroy(&monotonic);
    region->count += 1;
    if (region->setup->several && (one->log = log_centre_create(one->member->name)) == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the centres");
    }
    return STATUS_OK;
}

static enum status open_overview(struct region *region, struct error *error)
{
    const struct http_setup http = {
        .address = "127.0.0.1",
        .port = region->setup->overview_port,
        .connections_max = OVERVIEW_CONNECTIONS,
        .connections_per_address_max = OVERVIEW_CONNECTIONS,
        .body_bytes_max = OVERVIEW_BODY_BYTES,
        .idle_timeout_s = OVERVIEW_IDLE_S,
        .handle = region_overview,
        .context = region,
    };
    TRY(http_create(region->base, &http, &region->http, error));
    region->setup->overlooking(region->setup->context, http_port(region->http));
    return STATUS_OK;
}

static enum status make(struct region *region, struct error *error)
{
    TRY(secret_start(error));
    region->base = event_base_new();
    region->told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    region->commons = commons_create(region->setup->count);
    region->ones = calloc(region->setup->count, sizeof *region->ones);
    if (region->base == NULL || region->told < 0 || region->commons == NULL || region->ones == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory or no descriptor for the centres");
    }
    for (uint32_t i = 0; i < region->setup->count; i++) {
        TRY(make_one(region, i, error));
    }
    region->hearing = event_new(region->base, region->told, EV_READ | EV_PERSIST, hear, region);
    if (region->hearing == NULL || event_add(region->hearing, NULL) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the loop");
    }
    TRY(begin_looking(region, error));
    if (region->setup->several) {
        hear_signals(region);
        TRY(open_overview(region, error));
    }
    return STATUS_OK;
}

static enum status start(struct region *region, struct error *error)
{
    for (uint32_t i = 0; i < region->count; i++) {
        struct region_one *one = &region->ones[i];
        one->started = thread_start(&one->thread, "io", live, one);
        if (!one->started) {
            return ERROR(error, STATUS_IO, "cannot start the thread of a centre: no threads left");
        }
    }
    return STATUS_OK;
}

/* ---- ending ---- */

static void free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

static void unmake_one(struct region_one *one)
{
    if (one->started) {
        stop_one(one);
        pthread_join(one->thread, NULL);
    }
    log_centre_destroy(one->log);
    pthread_cond_destroy(&one->changed);
    pthread_mutex_destroy(&one->lock);
}

static void unmake(struct region *region)
{
    for (uint32_t i = 0; i < region->count; i++) {
        unmake_one(&region->ones[i]);
    }
    if (region->http != NULL) {
        http_destroy(region->http);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(region->signals); i++) {
        free_event(region->signals[i]);
    }
    free_event(region->hearing);
    free_event(region->looking);
    commons_destroy(region->commons);
    if (region->base != NULL) {
        event_base_free(region->base);
    }
    if (region->told >= 0) {
        close(region->told);
    }
    free(region->ones);
}

/* Of several each has told the log what befell it. */
static enum status result_of(const struct region *region, struct error *error)
{
    const struct region_one *only = &region->ones[0];
    if (region->setup->several || only->status == STATUS_OK) {
        return STATUS_OK;
    }
    *error = only->error;
    return only->status;
}

enum status region_run(const struct region_setup *setup, struct error *error)
{
    struct region region = { .setup = setup, .told = -1 };
    CHECK(setup->count > 0 && setup->count <= REGION_CENTRES_MAX && (setup->several || setup->count == 1));
    leave_no_core();
    enum status status = make(&region, error);
    if (status == STATUS_OK) {
        status = start(&region, error);
    }
    if (status == STATUS_OK && event_base_dispatch(region.base) < 0) {
        status = ERROR(error, STATUS_IO, "the event loop failed: %s", strerror(errno));
    }
    if (status == STATUS_OK) {
        status = result_of(&region, error);
    }
    unmake(&region);
    return status;
}
