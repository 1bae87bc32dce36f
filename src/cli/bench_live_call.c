/* From a call's place to the recommendation: call-takers enter the place, then urgency and need; a dispatcher's console, another
 * client, is told who should go. Twenty calls a second begin whatever became of those before; the units report meanwhile. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/random.h"
#include "cli/bench_live_disk.h"
#include "cli/bench_live_fleet.h"
#include "cli/bench_live_measure.h"

enum { SEATS = 64, CALLS_A_SECOND = 20, INCIDENTS_MAX = 1 << 17, AIM_MS = 20, GATEWAY_BATCH = 100, TURN_MS = 10 };

#define WARM_UP_S 2.0
#define LAST_WAIT_S 5.0

enum step { STEP_IDLE, STEP_OFFER, STEP_ANSWER, STEP_LOCATE, STEP_TRIAGE, STEP_RECOMMENDED, STEP_CANCEL };

struct incident_times {
    int64_t located_ns, triaged_ns, recommended_ns; /* requests sent; message read; 0: not yet */
    bool counting;
};

struct calls {
    struct bench_loop loop;
    struct bench_client seats[SEATS], console;
    struct incident_times seat_times[SEATS];
    struct incident_times incidents[INCIDENTS_MAX];
    struct bench_fleet fleet;
    struct random_stream places;
    struct bench_samples from_place, from_triage;
    bool counting, ready, ending;
    int64_t begin_ns;
    uint64_t begun, late, open, sent;
};

/* ---- seats ---- */

static void send_step(struct bench_client *seat, const char *command, const char *body, int length)
{
    struct calls *calls = seat->context;
    char key[40], path[64];
    snprintf(key, sizeof key, "call-%" PRIu64, ++calls->sent);
    snprintf(path, sizeof path, "/api/v1/commands/%s", command);
    seat->step += 1;
    bench_client_ask(seat, "POST", path, key, body, (size_t)length);
}

static int write_place(struct calls *calls, uint32_t call, char *body, size_t size)
{
    double lon = (BENCH_LON_E7 + random_uniform(&calls->places) * (BENCH_GRID - 1) * BENCH_MESH_LON_E7) / 1e7;
    double lat = (BENCH_LAT_E7 + random_uniform(&calls->places) * (BENCH_GRID - 1) * BENCH_MESH_LAT_E7) / 1e7;
    return snprintf(body, size, "{\"call\":%" PRIu32 ",\"point\":{\"lon\":%.6f,\"lat\":%.6f}}", call, lon, lat);
}

static void cancel(struct bench_client *seat)
{
    char body[64];
    seat->step = STEP_RECOMMENDED;
    send_step(seat, "incident_cancel", body, snprintf(body, sizeof body, "{\"incident\":%" PRIu32 "}", seat->subject));
}

static void next_step(struct bench_client *seat)
{
    struct calls *calls = seat->context;
    char body[192];
    int length = 0;
    switch ((enum step)seat->step) {
    case STEP_IDLE:
        length = snprintf(body, sizeof body, "{\"caller\":\"0\",\"external\":%" PRIu64 "}", calls->begun);
        send_step(seat, "call_offer", body, length);
        return;
    case STEP_OFFER:
        length = snprintf(body, sizeof body, "{\"call\":%" PRIu32 ",\"seat\":1}", seat->subject);
        send_step(seat, "call_answer", body, length);
        return;
    case STEP_ANSWER:
        length = write_place(calls, seat->subject, body, sizeof body);
        send_step(seat, "call_locate", body, length);
        return;
    case STEP_LOCATE:
        length = snprintf(body, sizeof body,
                          "{\"call\":%" PRIu32 ",\"needs\":[\"basic\"],\"priority\":\"severe\",\"units_wanted\":1}",
                          seat->subject);
        send_step(seat, "call_triage", body, length);
        return;
    case STEP_TRIAGE:
    case STEP_RECOMMENDED:
    case STEP_CANCEL: return;
    }
    UNREACHABLE();
}

/* The answer to the triage and the message at the console come in either order. */
static void join_times(struct calls *calls, struct incident_times *times)
{
    if (times->triaged_ns != 0 && times->recommended_ns != 0 && times->counting) {
        bench_samples_add(&calls->from_place, times->recommended_ns - times->located_ns);
        bench_samples_add(&calls->from_triage, times->recommended_ns - times->triaged_ns);
    }
}

static void triaged(struct calls *calls, struct bench_client *seat, int64_t incident)
{
    if (incident <= 0 || incident >= INCIDENTS_MAX) {
        bench_loop_fail(&calls->loop, "the triage has made no incident");
        return;
    }
    struct incident_times *times = &calls->incidents[incident];
    const struct incident_times *seen = &calls->seat_times[seat->number];
    times->located_ns = seen->located_ns;
    times->triaged_ns = seat->sent_ns;
    times->counting = seen->counting;
    seat->subject = (uint32_t)incident;
    join_times(calls, times);
    if (times->recommended_ns != 0) {
        cancel(seat);
    }
}

static void seat_answered(struct bench_client *seat, const char *body, size_t length)
{
    struct calls *calls = seat->context;
    size_t from = 0;
    int64_t made = bench_json_number(body, length, &from, "made");
    if (seat->step == STEP_OFFER) {
        seat->subject = (uint32_t)made;
    } else if (seat->step == STEP_LOCATE) {
        calls->seat_times[seat->number] = (struct incident_times){ .located_ns = seat->sent_ns, .counting = calls->counting };
    } else if (seat->step == STEP_TRIAGE) {
        triaged(calls, seat, made);
        return;
    } else if (seat->step == STEP_CANCEL) {
        seat->step = STEP_IDLE;
        calls->open -= 1;
        return;
    }
    next_step(seat);
}

/* ---- the console ---- */

static void recommended(struct calls *calls, int64_t incident)
{
    if (incident <= 0 || incident >= INCIDENTS_MAX || calls->incidents[incident].recommended_ns != 0) {
        return;
    }
    calls->incidents[incident].recommended_ns = calls->console.received_ns;
    join_times(calls, &calls->incidents[incident]);
    for (int i = 0; i < SEATS; i++) {
        struct bench_client *seat = &calls->seats[i];
        if (seat->step == STEP_TRIAGE && !seat->waits && seat->subject == (uint32_t)incident) {
            cancel(seat);
        }
    }
}

static void console_heard(struct bench_client *console, const char *message, size_t length)
{
    static const char event[] = "\"units_recommended\"";
    struct calls *calls = console->context;
    const char *end = message + length;
    calls->ready = true;
    for (const char *at = message; (at = memmem(at, (size_t)(end - at), event, sizeof event - 1)) != NULL;) {
        size_t from = 0;
        at += sizeof event - 1;
        recommended(calls, bench_json_number(at, (size_t)(end - at), &from, "incident"));
    }
}

/* ---- the minute ---- */

static void begin_due(struct calls *calls)
{
    while (!calls->ending && (double)calls->begun <= (double)(bench_now_ns() - calls->begin_ns) / 1e9 * CALLS_A_SECOND) {
        int seat = 0;
        while (seat < SEATS && calls->seats[seat].step != STEP_IDLE) {
            seat += 1;
        }
        calls->begun += 1;
        if (seat == SEATS) {
            calls->late += 1; /* all seats wait for the server */
        } else {
            calls->open += 1;
            next_step(&calls->seats[seat]);
        }
    }
}

static void turn_for(struct calls *calls, double seconds)
{
    int64_t until_ns = bench_now_ns() + (int64_t)(seconds * 1e9);
    do {
        bench_fleet_send(&calls->fleet);
        begin_due(calls);
    } while (bench_loop_turn(&calls->loop, bench_fleet_wait_ms(&calls->fleet, TURN_MS)) && bench_now_ns() < until_ns &&
             (!calls->ending || calls->open > 0));
}

static void open_clients(struct calls *calls, const struct bench_server *server)
{
    for (int i = 0; i < SEATS; i++) {
        if (bench_client_open(&calls->seats[i], &calls->loop, server->port, server->commander)) {
            calls->seats[i].answered = seat_answered;
            calls->seats[i].context = calls;
            calls->seats[i].number = (uint32_t)i;
        }
    }
    if (bench_client_open(&calls->console, &calls->loop, server->port, server->dispatcher)) {
        calls->console.heard = console_heard;
        calls->console.context = calls;
        bench_client_listen(&calls->console);
    }
    int64_t until_ns = bench_now_ns() + INT64_C(30000000000);
    while (!calls->ready && bench_loop_turn(&calls->loop, TURN_MS)) {
        if (bench_now_ns() > until_ns) {
            bench_loop_fail(&calls->loop, "the console has not been told the state");
        }
    }
}

static void close_clients(struct calls *calls)
{
    for (int i = 0; i < SEATS; i++) {
        bench_client_close(&calls->seats[i]);
    }
    bench_client_close(&calls->console);
}

static void tell(struct calls *calls, double commit_ms, struct bench_samples *syncs)
{
    double p99_ms = bench_samples_ms(&calls->from_place, 0.99);
    printf("   from the place to the recommendation   %9.1f ms p50 %9.1f ms p99, %zu calls\n",
           bench_samples_ms(&calls->from_place, 0.5), p99_ms, calls->from_place.count);
    printf("   from the triage to the recommendation  %9.1f ms p50 %9.1f ms p99\n", bench_samples_ms(&calls->from_triage, 0.5),
           bench_samples_ms(&calls->from_triage, 0.99));
    printf("   of it the disk, three commits          %9.1f ms, a commit taking %.1f ms on average\n", 3 * commit_ms, commit_ms);
    printf("   4 KiB written and synced, after        %9.1f ms p50 %9.1f ms p99\n", bench_samples_ms(syncs, 0.5),
           bench_samples_ms(syncs, 0.99));
    printf("   calls without a recommendation         %9" PRIu64 "\n", calls->late + calls->open);
    bench_tell_aim(p99_ms <= AIM_MS && calls->late + calls->open == 0 && calls->from_place.count > 0,
                   "%d ms p99 from the place to another client's socket; %.1f", AIM_MS, p99_ms);
}

static void run_calls(const struct bench *bench, const struct bench_server *server, struct calls *calls, double *commit_ms)
{
    random_open(&calls->places, 1, 0, 0);
    open_clients(calls, server);
    bench_fleet_begin(&calls->fleet, &calls->loop, server, GATEWAY_BATCH, BENCH_UNITS);
    calls->begin_ns = bench_now_ns();
    turn_for(calls, bench->seconds < WARM_UP_S ? bench->seconds : WARM_UP_S);
    struct bench_counters before = bench_read_counters(&calls->loop, server->port);
    calls->counting = true;
    turn_for(calls, bench->seconds);
    calls->counting = false;
    struct bench_counters after = bench_read_counters(&calls->loop, server->port);
    double commits = after.commits - before.commits;
    *commit_ms = commits > 0 ? (after.commit_s - before.commit_s) * 1000 / commits : 0;
    calls->ending = true;
    turn_for(calls, LAST_WAIT_S);
    close_clients(calls);
    bench_fleet_end(&calls->fleet);
}

static enum status calls_at(const struct bench *bench, const struct bench_server *server, struct error *error)
{
    struct calls *calls = calloc(1, sizeof *calls);
    struct bench_samples syncs = { 0 };
    double commit_ms = 0;
    CHECK(calls != NULL);
    enum status status = bench_loop_begin(&calls->loop, bench->place.stop, error);
    if (status == STATUS_OK) {
        run_calls(bench, server, calls, &commit_ms);
        bench_loop_end(&calls->loop);
        if (calls->loop.failed) {
            *error = calls->loop.error;
            status = error->status;
        }
    }
    if (status == STATUS_OK) {
        status = bench_disk_sync(&bench->place, bench->seconds / 2, &syncs, error);
    }
    if (status == STATUS_OK) {
        tell(calls, commit_ms, &syncs);
    }
    vec_free(&calls->from_place);
    vec_free(&calls->from_triage);
    vec_free(&syncs);
    free(calls);
    return status;
}

enum status bench_call(const struct bench *bench, struct error *error)
{
    struct bench_server server;
    printf("2. From a call's place to the recommendation on another client's WebSocket: %d calls a second, %d units on duty that "
           "report "
           "once a second\n",
           CALLS_A_SECOND, BENCH_UNITS);
    enum status status = bench_server_start(&server, &bench->place, "call", NULL, error);
    if (status == STATUS_OK) {
        status = calls_at(bench, &server, error);
    }
    bench_server_stop(&server);
    return status;
}
