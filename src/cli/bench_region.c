/* mingdi bench region: a province on one PostgreSQL server, its centres shared out over processes, all driven at once: more
 * centres and more processes, line by line. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/bench_live_measure.h"
#include "cli/bench_live_program.h"
#include "cli/bench_live_samples.h"
#include "cli/verb.h"
#include "store/sql.h"

enum { CENTRES_MOST = 128, PROCESSES_MOST = 16, CLIENTS_MOST = 8, CITIES = 12, COUNTY_SHARE = 4, NAME_SIZE = 32 };
enum { OPEN_SECONDS_MOST = 600, LOOK_MS = 200, LIST_SIZE = CENTRES_MOST * (NAME_SIZE + 1) };

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

struct counts {
    int of[BENCH_COUNTS_MAX], count;
};

struct region {
    struct bench bench;
    struct bench_postgres postgres;
    struct counts centres, processes;
    int clients, made; /* clients: of a city; made: of servers that have a centre */
    struct bench_server servers[CENTRES_MOST];
    pid_t running[PROCESSES_MOST];
    int overview[PROCESSES_MOST]; /* its port */
    double first_a_second;        /* of the first line */
};

/* "1,2,4": rising. */
static enum status read_counts(struct counts *counts, const char *option, const char *list, int most, struct error *error)
{
    int before = 0;
    for (const char *at = list;; at++) {
        char *end;
        long count = strtol(at, &end, 10);
        if (end == at || count <= before || count > most || counts->count == BENCH_COUNTS_MAX || (*end != ',' && *end != '\0')) {
            return ERROR(error, STATUS_USAGE, "%s %s: expected at most %d rising numbers from 1 to %d with commas between them",
                         option, list, BENCH_COUNTS_MAX, most);
        }
        counts->of[counts->count++] = before = (int)count;
        at = end;
        if (*at == '\0') {
            return STATUS_OK;
        }
    }
}

/* ---- centres ---- */

/* Also the schema's, in which there may be another measurement's. */
static void name_of(int number, char name[NAME_SIZE]) { snprintf(name, NAME_SIZE, "bench%d_%d", (int)getpid(), number); }

/* What `serve --region --store URL` makes of the name. */
static enum status centre_url(const struct region *region, int number, char *url, size_t size, struct error *error)
{
    char name[NAME_SIZE];
    const char *base = region->bench.store_url;
    name_of(number, name);
    int length = snprintf(url, size, "%s%sschema=%s", base, strchr(base, '?') != NULL ? "&" : "?", name);
    return length < (int)size ? STATUS_OK : ERROR(error, STATUS_USAGE, "--store: the URL is too long");
}

static char *region_folder(const struct region *region) { return file_join(region->bench.place.folder, "region"); }

/* The first are cities; a county has a quarter of their calls, or some. */
static int clients_of(const struct region *region, int number)
{
    int county = region->clients / COUNTY_SHARE > 0 ? region->clients / COUNTY_SHARE : 1;
    return number <= CITIES ? region->clients : county;
}

static enum status make_centres(struct region *region, int count, struct error *error)
{
    while (region->made < count) {
        char url[BENCH_URL_MAX], name[NAME_SIZE], path[2 * NAME_SIZE];
        int number = region->made + 1;
        struct bench_server *server = &region->servers[region->made];
        TRY(centre_url(region, number, url, sizeof url, error));
        name_of(number, name);
        snprintf(path, sizeof path, "region/%s", name);
        region->made += 1; /* its schema is to be dropped, whatever came of it */
        TRY(bench_server_make(server, &region->bench.place, path, url, error));
        server->clients = clients_of(region, number);
    }
    return STATUS_OK;
}

/* ---- processes ---- */

/* Of so many centres over so many processes, those of this one: cities and counties alike go round. */
static void list_of(int process, int processes, int centres, char list[LIST_SIZE])
{
    size_t used = 0;
    for (int number = process + 1; number <= centres; number += processes) {
        char name[NAME_SIZE];
        name_of(number, name);
        used += (size_t)snprintf(list + used, LIST_SIZE - used, "%s%s", used > 0 ? "," : "", name);
    }
}

static enum status start_process(struct region *region, int process, int processes, int centres, struct error *error)
{
    static const char before[] = "http://127.0.0.1:";
    char list[LIST_SIZE], line[BENCH_PATH_MAX];
    char *folder = region_folder(region);
    list_of(process, processes, centres, list);
    const char *words[] = {
        BENCH_SELF, "serve", "--drill", "--region", folder, "--only", list, "--port", "0", "--store", region->bench.store_url,
        NULL
    };
    enum status status = bench_program_start(&region->bench.place, words, BENCH_AS_SELF, &region->running[process], line,
                                             sizeof line, error);
    free(folder);
    TRY(status);
    const char *address = strstr(line, before);
    if (address == NULL) {
        return ERROR(error, STATUS_CORRUPT, "a process has not told its overview's address");
    }
    region->overview[process] = (int)strtol(address + sizeof before - 1, NULL, 10);
    return STATUS_OK;
}

static void stop_processes(struct region *region)
{
    for (int i = 0; i < PROCESSES_MOST; i++) {
        if (region->running[i] > 0) {
            (void)kill(region->running[i], SIGTERM); /* all at once; then each is waited for */
        }
    }
    for (int i = 0; i < PROCESSES_MOST; i++) {
        bench_program_stop(&region->running[i], SIGTERM);
    }
}

/* What the overview of a process tells of its centres: the port of each that serves. */
struct seen {
    struct region *region;
    int serving;
};

static void take_ports(struct bench_client *client, const char *body, size_t length)
{
    struct seen *seen = client->context;
    for (int i = 0; i < seen->region->made; i++) {
        char name[NAME_SIZE], wanted[2 * NAME_SIZE];
        name_of(i + 1, name);
        int size = snprintf(wanted, sizeof wanted, "\"name\":\"%s\"", name);
        const char *found = memmem(body, length, wanted, (size_t)size);
        size_t left = found != NULL ? length - (size_t)(found - body) : 0, from = 0;
        const char *end = found != NULL ? memchr(found, '}', left) : NULL;
        static const char serves[] = "\"serves\":true";
        if (end != NULL && memmem(found, (size_t)(end - found), serves, sizeof serves - 1) != NULL) {
            seen->region->servers[i].port = (int)bench_json_number(found, left, &from, "port");
            seen->serving += 1;
        }
    }
}

static enum status look_at(struct region *region, int processes, struct seen *seen, struct error *error)
{
    struct bench_loop loop;
    TRY(bench_loop_begin(&loop, region->bench.place.stop, error));
    for (int i = 0; i < processes && !loop.failed; i++) {
        struct bench_client client;
        if (bench_client_open(&client, &loop, region->overview[i], "")) {
            client.answered = take_ports;
            client.context = seen;
            bench_client_ask(&client, "GET", "/healthz", NULL, NULL, 0);
            (void)bench_client_await(&client);
        }
        bench_client_close(&client);
    }
    if (loop.failed) {
        *error = loop.error;
    }
    bench_loop_end(&loop);
    return loop.failed ? error->status : STATUS_OK;
}

static enum status await_centres(struct region *region, int processes, int centres, struct error *error)
{
    int64_t until_ns = bench_now_ns() + OPEN_SECONDS_MOST * INT64_C(1000000000);
    while (bench_now_ns() < until_ns) {
        struct seen seen = { .region = region };
        TRY(look_at(region, processes, &seen, error));
        if (seen.serving == centres) {
            return STATUS_OK;
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    return ERROR(error, STATUS_IO, "not all centres serve after %d seconds", OPEN_SECONDS_MOST);
}

/* ---- a line ---- */

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

static double memory_mb(const struct region *region, int processes)
{
    double sum = 0;
    for (int i = 0; i < processes; i++) {
        sum += bench_process_usage(region->running[i]).memory_mb;
    }
    return sum;
}

static int clients_of_all(const struct region *region, int centres)
{
    int sum = 0;
    for (int i = 0; i < centres; i++) {
        sum += region->servers[i].clients;
    }
    return sum;
}

static enum status tell_line(struct region *region, int processes, int centres, double opened_s, struct error *error)
{
    struct bench_figures figures;
    int64_t connections = 0;
    TRY(bench_drive(&region->bench, region->servers, centres, region->clients, &figures, error));
    TRY(count_connections(region, &connections, error));
    double memory = memory_mb(region, processes);
    if (region->first_a_second <= 0) {
        region->first_a_second = figures.a_second;
    }
    printf("   %7d %9d %7d %9.0f %6.2f %8.2f %8.2f %9.0f %8.1f %11lld %7.0f %7.1f %7.1f\n", centres, processes,
           clients_of_all(region, centres), figures.a_second,
           region->first_a_second > 0 ? figures.a_second / region->first_a_second : 0, figures.p50_ms, figures.p99_ms,
           figures.commits_a_second, figures.entries_a_commit, (long long)connections, memory, memory / centres, opened_s);
    (void)fflush(stdout);
    return STATUS_OK;
}

static enum status measure_line(struct region *region, int processes, int centres, struct error *error)
{
    enum status status = make_centres(region, centres, error);
    int64_t begun_ns = bench_now_ns();
    for (int i = 0; i < processes && status == STATUS_OK; i++) {
        status = start_process(region, i, processes, centres, error);
    }
    if (status == STATUS_OK) {
        status = await_centres(region, processes, centres, error);
    }
    if (status == STATUS_OK) {
        status = tell_line(region, processes, centres, (double)(bench_now_ns() - begun_ns) / 1e9, error);
    }
    stop_processes(region);
    return status;
}

static enum status measure(struct region *region, struct error *error)
{
    const struct bench *bench = &region->bench;
    printf("mingdi bench region: %g s a line, %ld processors, over the loopback; %d clients at each of the first %d centres "
           "(cities),"
           "\n%d at each other one (counties); each centre a schema of its own on one PostgreSQL server. Raised in their "
           "settings: %s\n\n",
           bench->seconds, sysconf(_SC_NPROCESSORS_ONLN), clients_of(region, 1), CITIES, clients_of(region, CITIES + 1),
           BENCH_SETTINGS);
    printf("   %7s %9s %7s %9s %6s %8s %8s %9s %8s %11s %7s %7s %7s\n", "centres", "processes", "clients", "a second", "ratio",
           "p50 ms", "p99 ms", "commits/s", "of each", "connections", "MB", "each", "opened");
    for (int c = 0; c < region->centres.count; c++) {
        for (int p = 0; p < region->processes.count; p++) {
            if (region->processes.of[p] <= region->centres.of[c]) {
                TRY(measure_line(region, region->processes.of[p], region->centres.of[c], error));
            }
        }
    }
    printf("\n   ratio: to the first line. of each: entries a commit. MB: resident, of all processes; each: a centre. opened: "
           "seconds "
           "from\n   the start of the processes until all centres serve.\n");
    return stopped == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "stopped before the end");
}

/* ---- the whole ---- */

static void drop_schemas(const struct region *region)
{
    for (int i = 0; i < region->made && region->postgres.process == 0; i++) {
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
    char *folder = region_folder(region);
    enum status status = file_make_folder(folder, error);
    free(folder);
    if (status == STATUS_OK) {
        status = measure(region, error);
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
    TRY(read_counts(&region.centres, "--centres", argument(arguments, "--centres", "1,12,95"), CENTRES_MOST, error));
    TRY(read_counts(&region.processes, "--processes", argument(arguments, "--processes", "1,2,4"), PROCESSES_MOST, error));
    region.clients = (int)clients;
    watch_signals();
    TRY(bench_place_make(&region.bench.place, work, &stopped, error));
    enum status status = measure_on_server(&region, error);
    bench_place_remove(&region.bench.place);
    return status;
}

static const struct verb_option OPTIONS[] = {
    { "--seconds", "N", "how long each line is measured, 0.05 to 600; default 10", NULL },
    { "--centres", "LIST", "how many centres run at once, line by line; default 1,12,95: a province", NULL },
    { "--processes", "LIST", "over how many processes they are shared out; default 1,2,4", NULL },
    { "--clients", "N", "clients that send commands to each city at once, 1 to 8; a county has a quarter; default 4", NULL },
    { "--store", "URL", "on this PostgreSQL server, in schemas that are dropped again", NULL },
    { "--work", "DIR", "the temporary folder is made here: its disk is what is measured; default: TMPDIR", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_bench_region = {
    .name = "bench region",
    .summary = "measure a province of centres on one PostgreSQL server",
    .synopsis = "bench region [--seconds N] [--centres LIST] [--processes LIST] [--clients N] [--store URL] [--work DIR]",
    .details =
        "Makes centres of 1,000 units in a temporary folder, each with a schema of its own on one PostgreSQL server, shares them "
        "out over processes (mingdi serve --region), and drives all of them at once over the loopback: line by line more centres "
        "and more processes. Prints durable commands a second, the ratio to the first line, their latency, commits, the server's "
        "connections, the memory of the processes and how long they took to open all centres. The first twelve centres are "
        "cities, "
        "further ones counties with a quarter of the clients: 95 are a province of 12 cities and 83 counties. docs/benchmarks.md "
        "tells how to read it.\n\n"
        "PostgreSQL is the server that --store names (it must allow ten connections a centre), or one that is started for "
        "it where its programs are found (MINGDI_POSTGRES names their folder). Nothing is left running or on disk, also "
        "after Ctrl-C.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
