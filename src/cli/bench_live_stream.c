/* Many consoles look at many moving units; and how many positions one core takes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "cli/bench_live_fleet.h"
#include "cli/bench_live_measure.h"

enum {
    CONSOLES = 200,
    GATEWAY_BATCH = 100,
    SAMPLES_MAX = 4000000,
    LARGE_BATCH = 200,
    POSITIONS_AIM = 20000,
    MEMORY_AIM_MB = 300
};
enum { WAIT_MS = 20, POSITIONS_EVERY_MS = 1000 };

#define WARM_UP_S 2.0

struct audience {
    struct bench_loop loop;
    struct bench_fleet *fleet;
    struct bench_client consoles[CONSOLES];
    uint32_t listening; /* have their snapshot */
};

static void turn_for(struct bench_loop *loop, struct bench_fleet *fleet, double seconds)
{
    int64_t until_ns = bench_now_ns() + (int64_t)(seconds * 1e9);
    do {
        bench_fleet_send(fleet);
    } while (bench_loop_turn(loop, bench_fleet_wait_ms(fleet, WAIT_MS)) && bench_now_ns() < until_ns);
}

/* ---- consoles ---- */

static void heard(struct bench_client *console, const char *message, size_t length)
{
    struct audience *audience = console->context;
    audience->listening += console->step == 0;
    console->step = 1;
    bench_fleet_hear(audience->fleet, console, message, length);
}

static void begin_consoles(struct audience *audience, const struct bench_server *server)
{
    for (int i = 0; i < CONSOLES && !audience->loop.failed; i++) {
        struct bench_client *console = &audience->consoles[i];
        if (bench_client_open(console, &audience->loop, server->port, server->dispatcher)) {
            console->heard = heard;
            console->context = audience;
            bench_client_listen(console);
        }
    }
    int64_t until_ns = bench_now_ns() + INT64_C(60000000000);
    while (audience->listening < CONSOLES && bench_loop_turn(&audience->loop, WAIT_MS)) {
        if (bench_now_ns() > until_ns) {
            bench_loop_fail(&audience->loop, "only %u consoles of %d have been told the state", audience->listening, CONSOLES);
        }
    }
}

static uint64_t bytes_at(const struct audience *audience)
{
    uint64_t bytes = 0;
    for (int i = 0; i < CONSOLES; i++) {
        bytes += audience->consoles[i].received_bytes;
    }
    return bytes;
}

static void tell_consoles(struct bench_fleet *fleet, double taken_s, uint64_t bytes, double cpu_s, double peak_mb)
{
    double delay_ms = bench_samples_mean_ms(&fleet->delays), age_ms = bench_samples_mean_ms(&fleet->ages);
    printf("   positions shown                        %9.0f a second at %d consoles, of %d units\n",
           (double)fleet->items / taken_s, CONSOLES, BENCH_UNITS);
    printf("   from the request to the frame read     %9.1f ms p50 %9.1f ms p99\n", bench_samples_ms(&fleet->delays, 0.5),
           bench_samples_ms(&fleet->delays, 0.99));
    printf("      of it waiting for the next message, which is sent every %d ms: %.0f%%\n", POSITIONS_EVERY_MS,
           delay_ms > 0 ? 100 * age_ms / delay_ms : 0);
    printf("      without that wait                   %9.1f ms p50 %9.1f ms p99\n", bench_samples_ms(&fleet->ways, 0.5),
           bench_samples_ms(&fleet->ways, 0.99));
    printf("   read by the consoles                   %9.2f MB a second\n", (double)bytes / 1e6 / taken_s);
    printf("   the server's processor time            %9.3f of one core\n", cpu_s / taken_s);
    printf("   its memory at most                     %9.0f MB\n", peak_mb);
    bench_tell_aim(peak_mb > 0 && peak_mb < MEMORY_AIM_MB, "memory under %d MB; %.0f", MEMORY_AIM_MB, peak_mb);
}

static void listen_and_tell(const struct bench *bench, const struct bench_server *server, struct audience *audience)
{
    struct bench_fleet *fleet = audience->fleet;
    begin_consoles(audience, server);
    bench_fleet_begin(fleet, &audience->loop, server, GATEWAY_BATCH, BENCH_UNITS);
    fleet->stride = 1 + (uint32_t)(bench->seconds * BENCH_UNITS * CONSOLES / SAMPLES_MAX);
    turn_for(&audience->loop, fleet, bench->seconds < WARM_UP_S ? bench->seconds : WARM_UP_S);
    struct bench_usage before = bench_process_usage(server->process);
    uint64_t bytes = bytes_at(audience);
    int64_t begin_ns = bench_now_ns();
    fleet->counting = true;
    turn_for(&audience->loop, fleet, bench->seconds);
    double taken_s = (double)(bench_now_ns() - begin_ns) / 1e9;
    struct bench_usage after = bench_process_usage(server->process);
    if (!audience->loop.failed) {
        tell_consoles(fleet, taken_s, bytes_at(audience) - bytes, after.cpu_s - before.cpu_s, after.memory_peak_mb);
    }
    for (int i = 0; i < CONSOLES; i++) {
        bench_client_close(&audience->consoles[i]);
    }
    bench_fleet_end(fleet);
}

static enum status consoles_at(const struct bench *bench, const struct bench_server *server, struct error *error)
{
    struct audience *audience = calloc(1, sizeof *audience);
    CHECK(audience != NULL);
    audience->fleet = calloc(1, sizeof *audience->fleet);
    CHECK(audience->fleet != NULL);
    enum status status = bench_loop_begin(&audience->loop, bench->place.stop, error);
    if (status == STATUS_OK) {
        listen_and_tell(bench, server, audience);
        bench_loop_end(&audience->loop);
        if (audience->loop.failed) {
            *error = audience->loop.error;
            status = error->status;
        }
    }
    free(audience->fleet);
    free(audience);
    return status;
}

enum status bench_consoles(const struct bench *bench, struct error *error)
{
    struct bench_server server;
    printf("3. %d consoles, %d moving units that report once a second in batches of %d\n", CONSOLES, BENCH_UNITS, GATEWAY_BATCH);
    enum status status = bench_server_start(&server, &bench->place, "consoles", NULL, error);
    if (status == STATUS_OK) {
        status = consoles_at(bench, &server, error);
    }
    bench_server_stop(&server);
    return status;
}

/* ---- positions ---- */

struct rate {
    double a_second, cores;
};

static struct rate rate_at(const struct bench *bench, const struct bench_server *server, struct bench_loop *loop,
                           struct bench_fleet *fleet, double a_second)
{
    bench_fleet_begin(fleet, loop, server, LARGE_BATCH, a_second);
    turn_for(loop, fleet, bench->seconds < WARM_UP_S ? bench->seconds : WARM_UP_S);
    struct bench_usage before = bench_process_usage(server->process);
    uint64_t taken = fleet->taken;
    int64_t begin_ns = bench_now_ns();
    turn_for(loop, fleet, bench->seconds);
    double taken_s = (double)(bench_now_ns() - begin_ns) / 1e9;
    struct bench_usage after = bench_process_usage(server->process);
    struct rate rate = { (double)(fleet->taken - taken) / taken_s, (after.cpu_s - before.cpu_s) / taken_s };
    bench_fleet_end(fleet);
    return rate;
}

static double tell_rate(const char *what, struct rate rate)
{
    double per_core = rate.cores > 0 ? rate.a_second / rate.cores : 0;
    printf("   %-34s %9.0f a second at %.3f of one core: %.0f a second on one core\n", what, rate.a_second, rate.cores, per_core);
    (void)fflush(stdout);
    return per_core;
}

static enum status positions_at(const struct bench *bench, const struct bench_server *server, struct error *error)
{
    struct bench_loop loop;
    struct bench_fleet *fleet = calloc(1, sizeof *fleet);
    CHECK(fleet != NULL);
    enum status status = bench_loop_begin(&loop, bench->place.stop, error);
    if (status == STATUS_OK) {
        struct rate offered = rate_at(bench, server, &loop, fleet, POSITIONS_AIM);
        struct rate most = rate_at(bench, server, &loop, fleet, 0);
        bench_loop_end(&loop);
        if (loop.failed) {
            *error = loop.error;
            status = error->status;
        } else {
            double at_aim = tell_rate("20,000 a second offered", offered), at_most = tell_rate("as many as are taken", most);
            double better = at_aim > at_most ? at_aim : at_most;
            bench_tell_aim(better >= POSITIONS_AIM, "%d positions a second on one core; %.0f", POSITIONS_AIM, better);
        }
    }
    free(fleet);
    return status;
}

enum status bench_positions(const struct bench *bench, struct error *error)
{
    struct bench_server server;
    printf("4. Positions in batches of %d, of %d units, over %d connections\n", LARGE_BATCH, BENCH_UNITS, BENCH_GATEWAYS);
    enum status status = bench_server_start(&server, &bench->place, "positions", NULL, error);
    if (status == STATUS_OK) {
        status = positions_at(bench, &server, error);
    }
    bench_server_stop(&server);
    return status;
}
