/* A thousand moving units, as a gateway reports them, and consoles that look at them. What a report says tells which one it is:
 * each report of a unit lies one step east of the one before, so that a console knows when what it shows was sent. */
#ifndef MINGDI_CLI_BENCH_LIVE_FLEET_H
#define MINGDI_CLI_BENCH_LIVE_FLEET_H

#include "cli/bench_live_client.h"
#include "cli/bench_live_place.h"
#include "cli/bench_live_samples.h"

enum { BENCH_REPORTS_KEPT = 64, BENCH_GATEWAYS = 4 };

struct bench_fleet {
    struct bench_client gateways[BENCH_GATEWAYS];
    uint32_t batch;   /* positions in one request */
    double a_second;  /* positions; 0: as many as are taken */
    int64_t begin_ns; /* of the sending */
    uint64_t sent;    /* positions */
    uint64_t taken;   /* positions that the server has taken */
    uint32_t next;    /* unit, from 0 */
    struct text body;
    struct {
        uint32_t reports;
        int64_t sent_ns[BENCH_REPORTS_KEPT];
    } units[BENCH_UNITS];
    /* What consoles have seen, if counting: from the request that was sent to the frame that was read; the age that the server
     * says in it, which is the time that it had the position; and the rest. Of every stride-th item. */
    bool counting;
    uint32_t stride, seen;
    uint64_t items;
    struct bench_samples delays, ages, ways;
};

/* Opens the gateways. A failure is loop's. The fleet is large: never on the stack. */
void bench_fleet_begin(struct bench_fleet *fleet, struct bench_loop *loop, const struct bench_server *server, uint32_t batch,
                       double a_second);
void bench_fleet_end(struct bench_fleet *fleet);
/* Sends what is due over the gateways that are idle. */
void bench_fleet_send(struct bench_fleet *fleet);
/* How long until the next batch is due, in whole milliseconds, at most most_ms. */
int bench_fleet_wait_ms(const struct bench_fleet *fleet, int most_ms);
/* A message of the stream that a console has read; anything but positions is passed over. */
void bench_fleet_hear(struct bench_fleet *fleet, const struct bench_client *console, const char *message, size_t length);

#endif
