/* mingdi hand-on: a centre of several processes goes from its owner to one that stands by, because a person wants it so. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/serve_region.h"
#include "cli/verb.h"
#include "host/clock.h"
#include "store/hand_on.h"

enum { WAIT_MAX_US = 60 * 1000 * 1000, LOOK_EVERY_US = 20 * 1000 };

static void pause_a_moment(void)
{
    const struct timespec time = { .tv_nsec = LOOK_EVERY_US * 1000 };
    (void)nanosleep(&time, NULL);
}

static enum status require_heir(const struct hand_on_facts *facts, const char *shown, struct error *error)
{
    if (!facts->is_owned) {
        return ERROR(error, STATUS_NOT_FOUND, "%s: nobody owns the centre: start a process that serves it", shown);
    }
    if (facts->warm == 0) {
        return ERROR(
            error, STATUS_NOT_FOUND,
            "%s: no other process stands by that has followed the journal up to now: start one, or wait until its /readyz "
            "says that it is not behind",
            shown);
    }
    return STATUS_OK;
}

/* Until another process has opened the journal. The former owner takes the centre again where the heir has died: that is told at
 * once, so that of several centres the next one is not tried as well. */
static enum status await_heir(struct hand_on *hand_on, const struct hand_on_facts *before, const char *shown,
                              struct hand_on_facts *after, struct error *error)
{
    int64_t until_us = clock_monotonic_us() + WAIT_MAX_US;
    do {
        pause_a_moment();
        TRY(hand_on_look(hand_on, after, error));
        bool is_taken = after->tenure > before->tenure && after->is_owned, is_same = strcmp(after->id, before->id) == 0;
        if (is_taken && is_same) {
            return ERROR(error, STATUS_IO, "%s: nobody else has taken the centre over, so its owner goes on: %s", shown,
                         "the log of the process that stood by says why");
        }
        if (is_taken && after->writer > before->writer) {
            return STATUS_OK;
        }
    } while (clock_monotonic_us() < until_us);
    return ERROR(error, STATUS_IO, "%s: nobody else has taken the centre over within %d s; its processes' logs say why", shown,
                 WAIT_MAX_US / 1000000);
}

static enum status ask_and_await(struct hand_on *hand_on, const char *name, const char *shown, struct error *error)
{
    struct hand_on_facts before, after;
    TRY(hand_on_look(hand_on, &before, error));
    TRY(require_heir(&before, shown, error));
    int64_t began_us = clock_monotonic_us();
    TRY(hand_on_ask(hand_on, before.tenure, error));
    TRY(await_heir(hand_on, &before, shown, &after, error));
    printf("%s%s%s -> %s, %.1f s\n", name, name[0] != '\0' ? ": " : "", before.owner, after.owner,
           (double)(clock_monotonic_us() - began_us) / 1e6);
    (void)fflush(stdout); /* one centre after the other: whoever looks on sees how far it is */
    return STATUS_OK;
}

static enum status hand_one_on(const struct store *store, const char *name, struct error *error)
{
    struct hand_on *hand_on = NULL;
    TRY(hand_on_open(store, &hand_on, error));
    enum status status = ask_and_await(hand_on, name, store->shown, error);
    hand_on_close(hand_on);
    return status;
}

/* The first that cannot be handed on is the last that is tried. */
static enum status hand_several_on(const struct arguments *arguments, struct error *error)
{
    struct serve_region region;
    const char *only = argument(arguments, "--only", NULL);
    if (only == NULL) {
        return ERROR(error, STATUS_USAGE, "--region needs --only A,B: the centres that shall change their owner");
    }
    TRY(serve_region_collect(argument(arguments, "--region", NULL), only, argument(arguments, "--store", NULL),
                             argument_count(arguments, "--drill") > 0, &region, error));
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < region.count && status == STATUS_OK; i++) {
        status = hand_one_on(&region.members[i].setup.store, region.members[i].name, error);
    }
    serve_region_free(&region);
    return status;
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    struct store store;
    const char *data = argument(arguments, "--data", NULL), *region = argument(arguments, "--region", NULL),
               *url = argument(arguments, "--store", NULL);
    if ((data == NULL) == (region == NULL) || url == NULL) {
        return ERROR(error, STATUS_USAGE, "hand-on needs --store URL, and either --data DIR or --region DIR --only A,B");
    }
    if (region != NULL) {
        return hand_several_on(arguments, error);
    }
    TRY(store_parse(data, url, argument_count(arguments, "--drill") > 0, &store, error));
    return hand_one_on(&store, "", error);
}

static const struct verb_option OPTIONS[] = {
    { "--data", "DIR", "the centre's folder", NULL },
    { "--region", "DIR", "a folder with the folders of several centres", NULL },
    { "--only", "A,B", "of the region these centres, one after the other", NULL },
    { "--store", "URL", "postgres://USER@HOST/DATABASE, where the centres are", NULL },
    { "--drill", NULL, "of the drill, not of the centre", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_hand_on = {
    .name = "hand-on",
    .summary = "give a centre from the process that owns it to one that stands by",
    .synopsis = "hand-on {--data DIR | --region DIR --only A,B} --store URL [--drill]",
    .details =
        "Of several processes that serve a centre on PostgreSQL one owns it. This verb asks the owner to do what waits, to give "
        "the "
        "lease back, and to stand by; another process that has followed the journal takes it at once. Clients are cut off for a "
        "moment, come back, and go on from where they were; nothing that was acknowledged is lost, and what was not is sent "
        "again. "
        "It runs on any machine that reaches the database.\n\n"
        "With --region the centres in --only change their owner one after the other: so two processes with all centres of a "
        "province share the work out again, after one of them was away and the other one has all. Where nobody stands by nothing "
        "happens, and the verb fails. Prints for each centre the address of the owner before and after, and the seconds.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
