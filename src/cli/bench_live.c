/* mingdi bench live: what a live centre does on this machine, beside what the machine does by itself. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench_live_measure.h"
#include "cli/verb.h"

enum { CLIENTS_MOST = 1000 };

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

/* "1,10,100" */
static enum status read_counts(struct bench *bench, const char *list, struct error *error)
{
    for (const char *at = list;; at++) {
        char *end;
        long count = strtol(at, &end, 10);
        if (end == at || count < 1 || count > CLIENTS_MOST || bench->count_count == BENCH_COUNTS_MAX ||
            (*end != ',' && *end != '\0')) {
            return ERROR(error, STATUS_USAGE, "--clients %s: expected at most %d numbers from 1 to %d with commas between them",
                         list, BENCH_COUNTS_MAX, CLIENTS_MOST);
        }
        bench->counts[bench->count_count++] = (int)count;
        at = end;
        if (*at == '\0') {
            return STATUS_OK;
        }
    }
}

static const struct measurement {
    const char *name;
    enum status (*run)(const struct bench *bench, struct error *error);
} MEASUREMENTS[] = {
    { "commands", bench_commands },
    { "call", bench_call },
    { "consoles", bench_consoles },
    { "positions", bench_positions },
};

static enum status measure(const struct bench *bench, const char *only, struct error *error)
{
    printf("mingdi bench live: %g s a measurement, %ld processors, over the loopback; the load comes from this process,\n"
           "the servers are others. Raised in their settings: %s\n",
           bench->seconds, sysconf(_SC_NPROCESSORS_ONLN), BENCH_SETTINGS);
    for (size_t i = 0; i < sizeof MEASUREMENTS / sizeof MEASUREMENTS[0]; i++) {
        if (only == NULL || strcmp(only, MEASUREMENTS[i].name) == 0) {
            printf("\n");
            TRY(MEASUREMENTS[i].run(bench, error));
        }
    }
    return stopped == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "stopped before the end");
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    struct bench bench = { .store_url = argument(arguments, "--store", NULL) };
    const char *temporary = getenv("TMPDIR");
    const char *work = argument(arguments, "--work", temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp");
    TRY(argument_double(arguments, "--seconds", 0.05, 600, 10, &bench.seconds, error));
    TRY(read_counts(&bench, argument(arguments, "--clients", "1,10,100"), error));
    watch_signals();
    TRY(bench_place_make(&bench.place, work, &stopped, error));
    enum status status = measure(&bench, argument(arguments, "--only", NULL), error);
    bench_place_remove(&bench.place);
    return status;
}

static const struct verb_option OPTIONS[] = {
    { "--seconds", "N", "how long each measurement takes, 0.05 to 600; default 10", NULL },
    { "--clients", "LIST", "how many clients send commands at once; default 1,10,100", NULL },
    { "--store", "URL", "measure this PostgreSQL server, in a schema that is dropped again", NULL },
    { "--work", "DIR", "the temporary folder is made here: its disk is what is measured; default: TMPDIR", NULL },
    { "--only", "NAME", "one measurement", "commands|call|consoles|positions" },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_bench_live = {
    .name = "bench live",
    .summary = "measure what a live centre does on this machine",
    .synopsis = "bench live [--seconds N] [--clients LIST] [--store URL] [--work DIR] [--only NAME]",
    .details =
        "Makes a centre of 1,000 units in a temporary folder, starts servers on it as anybody would, drives them over the "
        "loopback, and prints durable commands a second beside what the disk and plain inserts reach, the time from a "
        "call's place to the recommendation on another screen, what 200 consoles cost, and how many positions a second one "
        "core takes; each with its aim. docs/benchmarks.md tells how to read it.\n\n"
        "PostgreSQL is measured too: the server that --store names, or one that is started for it where its programs are "
        "found (MINGDI_POSTGRES names their folder). Nothing is left running or on disk, also after Ctrl-C.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
