#include "cli/bench_live_fleet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { STEP_E7 = 10, BODY_MAX = 1 << 20 };

/* ---- sending ---- */

static int32_t start_lon_e7(uint32_t unit) { return BENCH_LON_E7 + (int32_t)(unit * 17 % (BENCH_GRID - 2)) * BENCH_MESH_LON_E7; }
static int32_t start_lat_e7(uint32_t unit) { return BENCH_LAT_E7 + (int32_t)(unit * 37 % (BENCH_GRID - 1)) * BENCH_MESH_LAT_E7; }

static void put_position(struct bench_fleet *fleet, uint32_t unit, int64_t now_ns)
{
    int32_t lon = start_lon_e7(unit) + (int32_t)fleet->units[unit].reports * STEP_E7, lat = start_lat_e7(unit);
    fleet->units[unit].sent_ns[fleet->units[unit].reports % BENCH_REPORTS_KEPT] = now_ns;
    fleet->units[unit].reports += 1;
    text_printf(&fleet->body, "%s{\"unit\":%" PRIu32 ",\"lon\":%d.%07d,\"lat\":%d.%07d}", fleet->body.length > 1 ? "," : "",
                unit + 1, lon / 10000000, lon % 10000000, lat / 10000000, lat % 10000000);
}

static void send_batch(struct bench_fleet *fleet, struct bench_client *gateway)
{
    int64_t now_ns = bench_now_ns();
    text_clear(&fleet->body);
    text_puts(&fleet->body, "[");
    for (uint32_t i = 0; i < fleet->batch; i++) {
        put_position(fleet, fleet->next, now_ns);
        fleet->next = (fleet->next + 1) % BENCH_UNITS;
    }
    text_puts(&fleet->body, "]");
    fleet->sent += fleet->batch;
    bench_client_ask(gateway, "POST", "/api/v1/positions", NULL, fleet->body.bytes, fleet->body.length);
}

static void taken(struct bench_client *client, const char *body, size_t length)
{
    struct bench_fleet *fleet = client->context;
    size_t from = 0;
    int64_t count = bench_json_number(body, length, &from, "taken");
    if (count <= 0) {
        bench_loop_fail(client->loop, "the server has taken no position of a batch: %.*s", length < 200 ? (int)length : 200,
                        body);
    }
    fleet->taken += (uint64_t)count;
}

static bool is_due(const struct bench_fleet *fleet)
{
    double since_s = (double)(bench_now_ns() - fleet->begin_ns) / 1e9;
    return fleet->a_second <= 0 || (double)fleet->sent <= since_s * fleet->a_second;
}

void bench_fleet_send(struct bench_fleet *fleet)
{
    for (int i = 0; i < BENCH_GATEWAYS && is_due(fleet); i++) {
        if (!fleet->gateways[i].waits && !fleet->gateways[i].loop->failed) {
            send_batch(fleet, &fleet->gateways[i]);
        }
    }
}

int bench_fleet_wait_ms(const struct bench_fleet *fleet, int most_ms)
{
    double due_s = fleet->a_second > 0 ? (double)fleet->sent / fleet->a_second : 0;
    double wait_ms = due_s * 1e3 - (double)(bench_now_ns() - fleet->begin_ns) / 1e6;
    return wait_ms >= most_ms || fleet->a_second <= 0 ? most_ms : wait_ms < 0 ? 1 : (int)wait_ms + 1;
}

void bench_fleet_begin(struct bench_fleet *fleet, struct bench_loop *loop, const struct bench_server *server, uint32_t batch,
                       double a_second)
{
    *fleet = (struct bench_fleet){ .batch = batch, .a_second = a_second, .begin_ns = bench_now_ns(), .stride = 1 };
    text_init(&fleet->body, BODY_MAX);
    for (int i = 0; i < BENCH_GATEWAYS; i++) {
        if (bench_client_open(&fleet->gateways[i], loop, server->port, server->machine)) {
            fleet->gateways[i].answered = taken;
            fleet->gateways[i].context = fleet;
        }
    }
}

void bench_fleet_end(struct bench_fleet *fleet)
{
    for (int i = 0; i < BENCH_GATEWAYS; i++) {
        bench_client_close(&fleet->gateways[i]);
    }
    text_free(&fleet->body);
    vec_free(&fleet->delays);
    vec_free(&fleet->ages);
    vec_free(&fleet->ways);
}

/* ---- hearing ---- */

static int64_t read_number(const char **at, const char *end)
{
    int64_t value = 0;
    for (; *at < end && **at >= '0' && **at <= '9' && value < INT64_MAX / 16; (*at)++) {
        value = 10 * value + (**at - '0');
    }
    *at += *at < end; /* the comma, or the bracket */
    return value;
}

static void count_item(struct bench_fleet *fleet, int64_t unit, int64_t lon_e7, int64_t age_ms, int64_t received_ns)
{
    if (unit < 1 || unit > BENCH_UNITS) {
        return;
    }
    int64_t report = (lon_e7 - start_lon_e7((uint32_t)unit - 1)) / STEP_E7, reports = fleet->units[unit - 1].reports;
    if (report < 0 || report >= reports || report < reports - BENCH_REPORTS_KEPT) {
        return;
    }
    int64_t delay_ns = received_ns - fleet->units[unit - 1].sent_ns[report % BENCH_REPORTS_KEPT];
    bench_samples_add(&fleet->delays, delay_ns);
    bench_samples_add(&fleet->ages, age_ms * 1000000);
    bench_samples_add(&fleet->ways, delay_ns - age_ms * 1000000);
}

void bench_fleet_hear(struct bench_fleet *fleet, const struct bench_client *console, const char *message, size_t length)
{
    static const char type[] = "{\"type\":\"positions\"", items[] = "\"items\":[";
    bool is_positions = length > sizeof type && memcmp(message, type, sizeof type - 1) == 0;
    const char *at = fleet->counting && is_positions ? memmem(message, length, items, sizeof items - 1) : NULL;
    const char *end = message + length;
    for (at = at != NULL ? at + sizeof items - 1 : end; at < end && *at == '['; at += at < end && *at == ',') {
        at += 1;
        int64_t unit = read_number(&at, end), lon = read_number(&at, end), lat = read_number(&at, end),
                age = read_number(&at, end);
        (void)lat;
        fleet->items += 1;
        if (fleet->seen++ % fleet->stride == 0) {
            count_item(fleet, unit, lon, age, console->received_ns);
        }
    }
}
