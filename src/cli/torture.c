/* mingdi torture: the centre under faults drawn from a seed, on a virtual clock. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cli/verb.h"
#include "torture/torture.h"

enum { SEED_DIGITS_MAX = 18 };

/* A number, or any word, such as the hash of a commit, that becomes one. */
static uint64_t parse_seed(const char *text)
{
    size_t length = strlen(text);
    bool is_number = length > 0 && length <= SEED_DIGITS_MAX && strspn(text, "0123456789") == length;
    return is_number ? strtoull(text, NULL, 10) : hash64(text, length, 0) >> 4;
}

static enum status run_torture(const struct arguments *arguments, struct error *error)
{
    struct torture_options options = { .seed = parse_seed(argument(arguments, "--seed", "1")) };
    long long runs, kill_every_s, failed = 0;
    TRY(argument_int(arguments, "--runs", 1, 1000000, 1, &runs, error));
    TRY(argument_int(arguments, "--kill-every", 0, 86400, 0, &kill_every_s, error));
    TRY(argument_double(arguments, "--hours", 0.01, 10000, 1, &options.hours, error));
    options.kill_every_s = (uint32_t)kill_every_s;
    options.short_report = runs > 1;
    for (long long i = 0; i < runs; i++, options.seed++) {
        bool held = false;
        TRY(torture_run(&options, stdout, &held, error));
        failed += !held;
    }
    if (failed > 0) {
        return ERROR(error, STATUS_CORRUPT, "%lld of %lld runs failed", failed, runs);
    }
    return STATUS_OK;
}

static const struct verb_option TORTURE_OPTIONS[] = {
    { "--seed", "S", "a number, or a word that becomes one; default: 1", NULL },
    { "--runs", "N", "seeds S, S + 1, ... , one line each; default: 1", NULL },
    { "--hours", "H", "of faults, by the virtual clock; default: 1", NULL },
    { "--kill-every", "SECONDS", "the centre is killed so often beside all else; default: only by faults that are drawn", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_torture = {
    .name = "torture",
    .summary = "the centre under faults that are drawn from a seed",
    .synopsis = "torture [--seed S] [--runs N] [--hours H] [--kill-every SECONDS]",
    .details =
        "A centre with its journal on a disk that fails, and seats, crews, hospitals and gateways around it, in one process on a "
        "virtual clock. First everything goes wrong: processes are killed, power is cut, the disk errs, fills up, dies or is "
        "slow, "
        "messages are lost, doubled and overtaken, clocks are wrong. After every turn of the centre it is checked that nothing "
        "acknowledged is lost, nothing is done twice, and a replay reaches the same state. Then the faults stop, and every call, "
        "incident, alarm and outbox must come to an end. The same seed gives the same output. A failure names the seed, the "
        "time, "
        "what does not hold and the last events; the exit status is 1.",
    .options = TORTURE_OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run_torture,
};
