/* Durable commands: each client sends the next one when the last was answered, a call that rings, is answered and is
 * closed, with an idempotency key each. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "cli/bench_live_disk.h"
#include "cli/bench_live_measure.h"

enum { TURN_MS = 50, COUNTERS_TEXT_MAX = 64, PLAIN_CONNECTIONS = 10, LARGE_GROUP = 100 };
enum { STEP_OFFER, STEP_ANSWER, STEP_CLOSE, STEPS };

#define WARM_UP_SHARE 0.2
#define WARM_UP_MAX_S 2.0
#define DISK_SHARE 0.2
#define AIM_RATIO 0.5
#define BUSY_SHARE 0.9

void bench_tell_aim(bool met, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("   aim: ");
    (void)vprintf(format, arguments);
    printf(": %s\n", met ? "met" : "missed");
    va_end(arguments);
    (void)fflush(stdout);
}

/* ---- the server's counters ---- */

static double counter(const char *body, size_t length, const char *name)
{
    char wanted[COUNTERS_TEXT_MAX];
    int size = snprintf(wanted, sizeof wanted, "\n%s ", name);
    const char *found = memmem(body, length, wanted, (size_t)size);
    return found != NULL ? strtod(found + size, NULL) : 0;
}

static void take_counters(struct bench_client *client, const char *body, size_t length)
{
    struct bench_counters *counters = client->context;
    counters->commits = counter(body, length, "mingdi_journal_commits_total");
    counters->entries = counter(body, length, "mingdi_journal_entries_total");
    counters->commit_s = counter(body, length, "mingdi_journal_commit_seconds_total");
}

struct bench_counters bench_read_counters(struct bench_loop *loop, int port)
{
    struct bench_counters counters = { 0 };
    struct bench_client client;
    if (bench_client_open(&client, loop, port, "")) {
        client.answered = take_counters;
        client.context = &counters;
        bench_client_ask(&client, "GET", "/metrics", NULL, NULL, 0);
        (void)bench_client_await(&client);
    }
    bench_client_close(&client);
    return counters;
}

/* ---- clients ---- */

struct run {
    struct bench_loop loop;
    struct bench_client *clients;
    int count;
    struct bench_samples samples;
    bool counting, ending;
    uint64_t sent;
    int64_t begun_ns; /* in each key: no measurement repeats the commands of another */
};

static void send_next(struct bench_client *client)
{
    static const char *const paths[] = { "/api/v1/commands/call_offer", "/api/v1/commands/call_answer",
                                         "/api/v1/commands/call_close" };
    struct run *run = client->context;
    char key[64], body[80];
    run->sent += 1;
    snprintf(key, sizeof key, "bench-%" PRId64 "-%" PRIu64, run->begun_ns, run->sent);
    if (client->step == STEP_OFFER) {
        snprintf(body, sizeof body, "{\"caller\":\"0\",\"external\":%" PRIu64 "}", run->sent);
    } else {
        snprintf(body, sizeof body, "{\"call\":%" PRIu32 ",%s}", client->subject,
                 client->step == STEP_ANSWER ? "\"seat\":1" : "\"outcome\":\"advice\"");
    }
    bench_client_ask(client, "POST", paths[client->step], key, body, strlen(body));
}

static void answered(struct bench_client *client, const char *body, size_t length)
{
    struct run *run = client->context;
    size_t from = 0;
    if (run->counting) {
        bench_samples_add(&run->samples, client->received_ns - client->sent_ns);
    }
    if (client->step == STEP_OFFER) {
        client->subject = (uint32_t)bench_json_number(body, length, &from, "made");
    }
    client->step = (client->step + 1) % STEPS;
    if (!run->ending) {
        send_next(client);
    }
}

static void turn_for(struct run *run, double seconds)
{
    int64_t until_ns = bench_now_ns() + (int64_t)(seconds * 1e9);
    while (bench_now_ns() < until_ns && bench_loop_turn(&run->loop, TURN_MS)) {
    }
}

static int clients_of(const struct bench_server *server, int clients_each)
{
    return server->clients > 0 ? server->clients : clients_each;
}

static void begin_client(struct run *run, struct bench_client *client, const struct bench_server *server)
{
    if (bench_client_open(client, &run->loop, server->port, server->machine)) {
        client->answered = answered;
        client->context = run;
        send_next(client);
    }
}

static void begin_clients(struct run *run, const struct bench_server *servers, int server_count, int clients_each)
{
    struct bench_client *next = run->clients;
    for (int i = 0; i < server_count; i++) {
        for (int k = 0; k < clients_of(&servers[i], clients_each); k++) {
            begin_client(run, next++, &servers[i]);
        }
    }
}

static void end_clients(struct run *run)
{
    run->ending = true;
    for (int i = 0; i < run->count; i++) {
        if (!run->loop.failed) {
            (void)bench_client_await(&run->clients[i]);
        }
        bench_client_close(&run->clients[i]);
    }
}

/* Of each server at its own moment: to ask many that work takes a while. */
struct reading {
    struct bench_counters counters;
    int64_t at_ns;
};

static void read_all_counters(struct run *run, const struct bench_server *servers, int server_count, struct reading *readings)
{
    for (int i = 0; i < server_count && !run->loop.failed; i++) {
        readings[i].counters = bench_read_counters(&run->loop, servers[i].port);
        readings[i].at_ns = bench_now_ns();
    }
}

static void add_commits(const struct reading *before, const struct reading *after, int server_count,
                        struct bench_figures *figures)
{
    double commits = 0, entries = 0, commit_s = 0;
    for (int i = 0; i < server_count; i++) {
        double made = after[i].counters.commits - before[i].counters.commits;
        double passed_s = (double)(after[i].at_ns - before[i].at_ns) / 1e9;
        figures->commits_a_second += passed_s > 0 ? made / passed_s : 0;
        commits += made;
        entries += after[i].counters.entries - before[i].counters.entries;
        commit_s += after[i].counters.commit_s - before[i].counters.commit_s;
    }
    figures->commit_ms = commits > 0 ? commit_s * 1000 / commits : 0;
    figures->entries_a_commit = commits > 0 ? entries / commits : 0;
}

static void drive(const struct bench *bench, struct run *run, const struct bench_server *servers, int server_count,
                  int clients_each, struct bench_figures *figures)
{
    double warm_up_s = bench->seconds * WARM_UP_SHARE;
    struct reading *before = calloc((size_t)server_count, sizeof *before), *after = calloc((size_t)server_count, sizeof *after);
    CHECK(before != NULL && after != NULL);
    begin_clients(run, servers, server_count, clients_each);
    turn_for(run, warm_up_s < WARM_UP_MAX_S ? warm_up_s : WARM_UP_MAX_S);
    read_all_counters(run, servers, server_count, before);
    int64_t begin_ns = bench_now_ns();
    run->counting = true;
    turn_for(run, bench->seconds);
    double taken_s = (double)(bench_now_ns() - begin_ns) / 1e9;
    run->counting = false;
    read_all_counters(run, servers, server_count, after);
    *figures = (struct bench_figures){ .a_second = (double)run->samples.count / taken_s,
                                       .p50_ms = bench_samples_ms(&run->samples, 0.5),
                                       .p99_ms = bench_samples_ms(&run->samples, 0.99) };
    add_commits(before, after, server_count, figures);
    free(before);
    free(after);
    end_clients(run);
}

enum status bench_drive(const struct bench *bench, const struct bench_server *servers, int server_count, int clients_each,
                        struct bench_figures *figures, struct error *error)
{
    struct run run = { .begun_ns = bench_now_ns() };
    for (int i = 0; i < server_count; i++) {
        run.count += clients_of(&servers[i], clients_each);
    }
    run.clients = calloc((size_t)run.count, sizeof *run.clients);
    CHECK(run.clients != NULL && run.count <= BENCH_CLIENTS_MAX);
    enum status status = bench_loop_begin(&run.loop, bench->place.stop, error);
    if (status == STATUS_OK) {
        drive(bench, &run, servers, server_count, clients_each, figures);
        if (run.loop.failed) {
            *error = run.loop.error;
            status = error->status;
        }
        bench_loop_end(&run.loop);
    }
    vec_free(&run.samples);
    free(run.clients);
    return status;
}

/* ---- the table ---- */

/* The disk is nobody's alone, and may be fast in one second and slow in the next: it is asked before and after each line, and the
 * line stands beside these two. */
struct table {
    const struct bench *bench;
    double syncs_before; /* a second */
};

static enum status ask_disk(const struct table *table, double *a_second, struct error *error)
{
    struct bench_samples samples = { 0 };
    enum status status = bench_disk_sync(&table->bench->place, table->bench->seconds * DISK_SHARE, &samples, error);
    double mean_ms = bench_samples_mean_ms(&samples);
    *a_second = mean_ms > 0 ? 1000 / mean_ms : 0;
    vec_free(&samples);
    return status;
}

/* *syncs is what the disk did around this line. */
static enum status tell_line(struct table *table, const char *what, const struct bench_figures *figures, double *syncs,
                             struct error *error)
{
    double after;
    TRY(ask_disk(table, &after, error));
    *syncs = (table->syncs_before + after) / 2;
    table->syncs_before = after;
    printf("   %-30s %9.0f %9.2f %9.2f %9.0f %9.2f\n", what, figures->a_second, figures->p50_ms, figures->p99_ms, *syncs,
           *syncs > 0 ? figures->a_second / *syncs : 0);
    (void)fflush(stdout);
    return STATUS_OK;
}

static void tell_head(const char *store)
{
    printf("   %-30s %9s %9s %9s %9s %9s\n", store, "a second", "p50 ms", "p99 ms", "syncs/s", "ratio");
}

static enum status measure_disk(struct table *table, struct error *error)
{
    struct bench_samples samples = { 0 };
    enum status status = bench_disk_sync(&table->bench->place, table->bench->seconds, &samples, error);
    double mean_ms = bench_samples_mean_ms(&samples), ignored;
    struct bench_figures figures = { .a_second = mean_ms > 0 ? 1000 / mean_ms : 0,
                                     .p50_ms = bench_samples_ms(&samples, 0.5),
                                     .p99_ms = bench_samples_ms(&samples, 0.99) };
    vec_free(&samples);
    table->syncs_before = figures.a_second;
    return status == STATUS_OK ? tell_line(table, "4 KiB written and synced", &figures, &ignored, error) : status;
}

static enum status plain_inserts(struct table *table, const struct store *store, int connections, struct error *error)
{
    const struct bench *bench = table->bench;
    struct bench_samples samples = { 0 };
    struct bench_figures figures = { 0 };
    char what[64];
    double ignored;
    enum status status = bench_disk_insert(&bench->place, store, connections, bench->seconds, &samples, &figures.a_second, error);
    figures.p50_ms = bench_samples_ms(&samples, 0.5);
    figures.p99_ms = bench_samples_ms(&samples, 0.99);
    snprintf(what, sizeof what, "plain inserts, %d connection%s", connections, connections > 1 ? "s" : "");
    vec_free(&samples);
    return status == STATUS_OK ? tell_line(table, what, &figures, &ignored, error) : status;
}

static enum status journal_alone(struct table *table, const struct store *store, int entries, struct error *error)
{
    const struct bench *bench = table->bench;
    struct bench_samples samples = { 0 };
    struct bench_figures figures = { 0 };
    char what[64];
    double ignored;
    enum status status = bench_disk_journal(&bench->place, store, entries, bench->seconds, &samples, &figures.a_second, error);
    figures.p50_ms = bench_samples_ms(&samples, 0.5);
    figures.p99_ms = bench_samples_ms(&samples, 0.99);
    snprintf(what, sizeof what, "journal alone, commits of %d", entries);
    vec_free(&samples);
    return status == STATUS_OK ? tell_line(table, what, &figures, &ignored, error) : status;
}

static enum status each_count(struct table *table, const struct bench_server *server, struct error *error)
{
    const struct bench *bench = table->bench;
    double ratio = 0, busy = 0;
    for (int i = 0; i < bench->count_count; i++) {
        struct bench_figures figures;
        char what[64];
        double syncs;
        TRY(bench_drive(bench, server, 1, bench->counts[i], &figures, error));
        snprintf(what, sizeof what, "commands, %d client%s", bench->counts[i], bench->counts[i] > 1 ? "s" : "");
        TRY(tell_line(table, what, &figures, &syncs, error));
        busy = figures.commits_a_second * figures.commit_ms / 1000;
        ratio = syncs > 0 ? figures.commits_a_second / syncs : 0;
        printf("      %.0f commits a second (%.2f of the syncs) of %.1f entries each; committing %.0f%% of the time\n",
               figures.commits_a_second, ratio, figures.entries_a_commit, 100 * busy);
    }
    bench_tell_aim(ratio >= AIM_RATIO,
                   "group commit at half of what the disk allows, or better: commits a second / syncs a second at least %.2f "
                   "with %d clients; %.2f",
                   AIM_RATIO, bench->counts[bench->count_count - 1], ratio);
    if (ratio < AIM_RATIO && busy < BUSY_SHARE) {
        printf("      the journal had nothing to commit for %.0f%% of the time: something else than the disk is a limit too\n",
               100 * (1 - busy));
    }
    return STATUS_OK;
}

static enum status measure_store(const struct bench *bench, const struct bench_server *server, const struct store *plain,
                                 struct error *error)
{
    struct table table = { .bench = bench };
    TRY(measure_disk(&table, error));
    TRY(journal_alone(&table, plain, 1, error));
    TRY(journal_alone(&table, plain, LARGE_GROUP, error));
    TRY(plain_inserts(&table, plain, 1, error));
    if (plain->kind == STORE_POSTGRES) {
        TRY(plain_inserts(&table, plain, PLAIN_CONNECTIONS, error));
    }
    return each_count(&table, server, error);
}

static enum status commands_in_folder(const struct bench *bench, struct error *error)
{
    struct bench_server server;
    struct store plain;
    char *folder = file_join(bench->place.folder, "plain");
    tell_head("SQLite");
    enum status status = file_make_folder(folder, error);
    if (status == STATUS_OK) {
        status = store_parse(folder, NULL, false, &plain, error);
    }
    free(folder);
    TRY(status);
    status = bench_server_start(&server, &bench->place, "commands", NULL, error);
    if (status == STATUS_OK) {
        status = measure_store(bench, &server, &plain, error);
    }
    bench_server_stop(&server);
    return status;
}

void bench_drop_schema(const struct store *store)
{
    char text[128];
    struct error error;
    struct sql *sql = NULL;
    snprintf(text, sizeof text, "DROP SCHEMA IF EXISTS %s CASCADE", store->schema);
    if (sql_open(store, SQL_CENTRE, false, &sql, &error) != STATUS_OK ||
        sql_run(sql, text, SQL_NO_PARAMETERS, NULL, &error) != STATUS_OK) {
        fprintf(stderr, "mingdi: bench: the schema %s was not dropped: %s\n", store->schema, error.text);
    }
    sql_close(sql);
}

static enum status commands_in_postgres(const struct bench *bench, const char *server_url, struct error *error)
{
    struct bench_server server;
    struct store centre, plain;
    char url[BENCH_URL_MAX];
    int length = snprintf(url, sizeof url, "%s%sschema=mingdi_bench_%d", server_url, strchr(server_url, '?') != NULL ? "&" : "?",
                          (int)getpid());
    if (length >= (int)sizeof url) {
        return ERROR(error, STATUS_USAGE, "--store: the URL is too long");
    }
    TRY(store_parse(NULL, url, true, &centre, error));
    TRY(store_parse(NULL, url, false, &plain, error));
    enum status status = bench_server_start(&server, &bench->place, "commands-postgres", url, error);
    if (status == STATUS_OK) {
        status = measure_store(bench, &server, &plain, error);
    }
    bench_server_stop(&server);
    bench_drop_schema(&plain);
    bench_drop_schema(&centre);
    return status;
}

enum status bench_commands(const struct bench *bench, struct error *error)
{
    char why[BENCH_PATH_MAX];
    struct bench_postgres postgres = { .process = 0 };
    printf("1. Durable commands (call_offer, call_answer, call_close in turn, each answered when it is durable)\n");
    TRY(commands_in_folder(bench, error));
    tell_head(bench->store_url != NULL ? "PostgreSQL, of --store" : "PostgreSQL, started for this");
    if (bench->store_url != NULL) {
        return commands_in_postgres(bench, bench->store_url, error);
    }
    if (!bench_postgres_start(&postgres, &bench->place, why, sizeof why)) {
        printf("   skipped: %s\n", why);
        return STATUS_OK;
    }
    enum status status = commands_in_postgres(bench, postgres.url, error);
    bench_postgres_stop(&postgres);
    return status;
}
