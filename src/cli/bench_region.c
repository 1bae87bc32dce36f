/* mingdi bench region: many centres on one PostgreSQL server, each with a process and a schema of its own, all driven at once. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench_live_measure.h"
#include "cli/verb.h"
#include "store/sql.h"

enum { CENTRES_MOST = 128, CLIENTS_MOST = 8 };

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static void watch_signals(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = stop };
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)sigaction(numbers[i], &action, NULL);
    }
}

struct region {
    struct bench bench;
    struct bench_postgres postgres;
    int clients_each, count; /* count: of servers that run */
    struct bench_server servers[CENTRES_MOST];
};

/* "1,2,4": rising, for the centres of one line go on in the next. */
static enum status read_counts(struct bench *bench, const char *list, struct error *error)
{
    int before = 0;
    for (const char *at = list;; at++) {
        char *end;
        long count = strtol(at, &end, 10);
        if (end == at || count <= before || count > CENTRES_MOST || bench->count_count == BENCH_COUNTS_MAX ||
            (*end != ',' && *end != '\0')) {
            return ERROR(error, STATUS_USAGE,
                         "--centres %s: expected at most %d rising numbers from 1 to %d with commas between them", list,
                         BENCH_COUNTS_MAX, CENTRES_MOST);
        }
        bench->counts[bench->count_count++] = before = (int)count;
        at = end;
        if (*at == '\0') {
            return STATUS_OK;
        }
    }
}

static enum status centre_url(const struct region *region, int number, char *url, size_t size, struct error *error)
{
    const char *base = region->bench.store_url;
    int length = snprintf(url, size, "%s%sschema=mingdi_region_%d_%d", base, strchr(base, '?') != NULL ? "&" : "?", (int)getpid(),
                          number);
    return length < (int)size ? STATUS_OK : ERROR(error, STATUS_USAGE, "--store: the URL is too long");
}

/* ---- a line ---- */

static enum status start_up_to(struct region *region, int count, struct error *error)
{
    while (region->count < count) {
        char url[BENCH_URL_MAX], name[32];
        struct bench_server *server = &region->servers[region->count];
        TRY(centre_url(region, region->count + 1, url, sizeof url, error));
        snprintf(name, sizeof name, "centre-%d", region->count + 1);
        enum status status = bench_server_start(server, &region->bench.place, name, url, error);
        region->count += 1; /* to be stopped, whatever came of it */
        TRY(status);
    }
    return STATUS_OK;
}

static enum status take_count(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

static enum status count_connections(const struct region *region, int64_t *connections, struct error *error)
{
    struct store store;
    struct sql *sql = NULL;
    TRY(store_parse(NULL, region->bench.store_url, false, &store, error));
    TRY(sql_open(&store, SQL_CENTRE, false, &sql, error));
    enum status status = sql_query(sql, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'mingdi % %'",
                                   SQL_NO_PARAMETERS, take_count, connections, NULL, error);
    sql_close(sql);
    return status;
}

static double memory_mb(const struct region *region)
{
    double sum = 0;
    for (int i = 0; i < region->count; i++) {
        sum += bench_server_usage(&region->servers[i]).memory_peak_mb;
    }
    return sum;
}

static enum status measure_line(struct region *region, int count, struct error *error)
{
    struct bench_figures figures;
    int64_t connections = 0;
    TRY(start_up_to(region, count, error));
    TRY(bench_drive(&region->bench, region->servers, count, region->clients_each, &figures, error));
    TRY(count_connections(region, &connections, error));
    printf("   %7d %9d %9.0f %10.1f %9.2f %9.2f %10.0f %9.1f %11lld %9.0f\n", count, count, figures.a_second,
           figures.a_second / count, figures.p50_ms, figures.p99_ms, figures.commits_a_second, figures.entries_a_commit,
           (long long)connections, memory_mb(region));
    (void)fflush(stdout);
    return STATUS_OK;
}

static enum status measure(struct region *region, struct error *error)
{
    const struct bench *bench = &region->bench;
    printf(
        "mingdi bench region: %g s a line, %ld processors, over the loopback; %d clients at each centre, each centre a process\n"
        "and a schema of its own on one PostgreSQL server. Raised in their settings: %s\n\n",
        bench->seconds, sysconf(_SC_NPROCESSORS_ONLN), region->clients_each, BENCH_SETTINGS);
    printf("   %7s %9s %9s %10s %9s %9s %10s %9s %11s %9s\n", "centres", "processes", "a second", "per centre", "p50 ms",
           "p99 ms", "commits/s", "of each", "connections", "MB");
    for (int i = 0; i < bench->count_count; i++) {
        TRY(measure_line(region, bench->counts[i], error));
    }
    return stopped == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "stopped before the end");
}

/* ---- the whole ---- */

static void drop_schemas(const struct region *region)
{
    for (int i = 0; i < region->count && region->postgres.process == 0; i++) {
        char url[BENCH_URL_MAX];
        struct store store;
        struct error error;
        if (centre_url(region, i + 1, url, sizeof url, &error) == STATUS_OK &&
            store_parse(NULL, url, true, &store, &error) == STATUS_OK) {
            bench_drop_schema(&store);
        }
    }
}

static enum status measure_on_server(struct region *region, struct error *error)
{
    char why[BENCH_PATH_MAX];
    if (region->bench.store_url == NULL) {
        if (!bench_postgres_start(&region->postgres, &region->bench.place, why, sizeof why)) {
            printf("skipped: %s\n", why);
            return STATUS_OK;
        }
        region->bench.store_url = region->postgres.url;
    }
    enum status status = measure(region, error);
    for (int i = 0; i < region->count; i++) {
        bench_server_stop(&region->servers[i]);
    }
    drop_schemas(region);
    bench_postgres_stop(&region->postgres);
    return status;
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    static struct region region; /* large, and the only one of this process */
    const char *temporary = getenv("TMPDIR");
    const char *work = argument(arguments, "--work", temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp");
    long long clients = 0;
    region = (struct region){ .bench = { .store_url = argument(arguments, "--store", NULL) } };
    TRY(argument_double(arguments, "--seconds", 0.05, 600, 10, &region.bench.seconds, error));
    TRY(argument_int(arguments, "--clients", 1, CLIENTS_MOST, 4, &clients, error));
    TRY(read_counts(&region.bench, argument(arguments, "--centres", "1,2,4,12"), error));
    region.clients_each = (int)clients;
    watch_signals();
    TRY(bench_place_make(&region.bench.place, work, &stopped, error));
    enum status status = measure_on_server(&region, error);
    bench_place_remove(&region.bench.place);
    return status;
}

static const struct verb_option OPTIONS[] = {
    { "--seconds", "N", "how long each line is measured, 0.05 to 600; default 10", NULL },
    { "--centres", "LIST", "how many centres run at once, line by line; default 1,2,4,12; a province has 95", NULL },
    { "--clients", "N", "clients that send commands to each centre at once, 1 to 8; default 4", NULL },
    { "--store", "URL", "on this PostgreSQL server, in schemas that are dropped again", NULL },
    { "--work", "DIR", "the temporary folder is made here: its disk is what is measured; default: TMPDIR", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_bench_region = {
    .name = "bench region",
    .summary = "measure many centres on one PostgreSQL server",
    .synopsis = "bench region [--seconds N] [--centres LIST] [--clients N] [--store URL] [--work DIR]",
    .details =
        "Makes centres of 1,000 units in a temporary folder, each with a schema of its own on one PostgreSQL server, starts a "
        "process for each, and drives all of them at once over the loopback: line by line more centres. Prints durable commands "
        "a second, of all and of each, their latency, commits, the server's connections and the memory of the processes. "
        "--centres 1,12,95 is a province of 12 cities and 83 counties: it needs some 100 MB a centre and some minutes to "
        "start. docs/benchmarks.md tells how to read it.\n\n"
        "PostgreSQL is the server that --store names (it must allow eight connections a centre), or one that is started for "
        "it where its programs are found (MINGDI_POSTGRES names their folder). Nothing is left running or on disk, also "
        "after Ctrl-C.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
