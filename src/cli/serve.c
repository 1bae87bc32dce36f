/* mingdi serve: the live centre, or its drill; or all centres of a region in one process. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/serve_region.h"
#include "cli/verb.h"
#include "host/clock.h"
#include "host/region.h"
#include "host/setup.h"

enum { OVERVIEW_PORT = 8119 };

static void say_listening(void *context, const struct region_member *member, const struct region_address *told)
{
    bool six = strchr(told->address, ':') != NULL, several = member->name[0] != '\0';
    (void)context;
    printf("%s%s%s%s: http://%s%s%s:%" PRIu16 "/  store: %s\n", several ? member->name : "", several ? ": " : "",
           member->setup.store.drill ? "DRILL of " : "", told->name, six ? "[" : "", told->address, six ? "]" : "", told->port,
           member->setup.store.shown);
    fflush(stdout);
}

static void say_overlooking(void *context, uint16_t port)
{
    const struct serve_region *region = context;
    printf("region of %" PRIu32 ": http://127.0.0.1:%" PRIu16 "/readyz\n", region->count, port);
    fflush(stdout);
}

static enum status refuse_options(const struct arguments *arguments, const char *with, const char *const *names,
                                  struct error *error)
{
    for (; *names != NULL; names++) {
        if (argument(arguments, *names, NULL) != NULL) {
            return ERROR(error, STATUS_USAGE, "%s does not go with %s", *names, with);
        }
    }
    return STATUS_OK;
}

/* ---- a region ---- */

static enum status run_region(const struct arguments *arguments, struct error *error)
{
    static const char *const of_one[] = { "--data", "--config", "--speed", NULL };
    struct serve_region region;
    long long port = 0;
    TRY(refuse_options(arguments, "--region", of_one, error));
    TRY(argument_int(arguments, "--port", 0, UINT16_MAX, OVERVIEW_PORT, &port, error));
    TRY(serve_region_collect(argument(arguments, "--region", NULL), argument(arguments, "--only", NULL),
                             argument(arguments, "--store", NULL), argument(arguments, "--drill", NULL) != NULL, &region, error));
    const struct region_setup setup = { .members = region.members,
                                        .count = region.count,
                                        .several = true,
                                        .overview_port = (uint16_t)port,
                                        .listening = say_listening,
                                        .overlooking = say_overlooking,
                                        .context = &region };
    enum status status = region_run(&setup, error);
    serve_region_free(&region);
    return status;
}

/* ---- one centre ---- */

static enum status fill_member(const struct arguments *arguments, const char *path, struct region_member *member,
                               struct error *error)
{
    struct server_setup *setup = &member->setup;
    setup->folder = argument(arguments, "--data", NULL);
    long long checked = 0; /* the settings take the text; the range is looked at here, for it is the command line that is wrong */
    TRY(argument_int(arguments, "--port", 0, UINT16_MAX, 0, &checked, error));
    TRY(argument_int(arguments, "--speed", CLOCK_SPEED_MIN, CLOCK_SPEED_MAX, CLOCK_SPEED_MIN, &checked, error));
    bool drill = argument(arguments, "--drill", NULL) != NULL;
    if (!drill && argument(arguments, "--speed", NULL) != NULL) {
        return ERROR(error, STATUS_USAGE, "--speed is for a drill's clock: say --drill as well, or leave it out");
    }
    setup->settings = (struct settings_sources){ .path = argument(arguments, "--config", path),
                                                 .environment = environ,
                                                 .port = argument(arguments, "--port", NULL),
                                                 .drill_speed = argument(arguments, "--speed", NULL) };
    return store_parse(setup->folder, argument(arguments, "--store", NULL), drill, &setup->store, error);
}

static enum status run_one(const struct arguments *arguments, struct error *error)
{
    static const char *const of_region[] = { "--only", NULL };
    struct region_member member = { .name = "" };
    const char *folder = argument(arguments, "--data", NULL);
    if (folder == NULL) {
        return ERROR(error, STATUS_USAGE, "serve needs --data DIR: the folder of the centre, made by 'mingdi init'");
    }
    TRY(refuse_options(arguments, "--data", of_region, error));
    char *path = file_join(folder, "mingdi.yaml");
    enum status status = fill_member(arguments, path, &member, error);
    if (status == STATUS_OK) {
        const struct region_setup setup = { .members = &member, .count = 1, .listening = say_listening };
        status = region_run(&setup, error);
    }
    free(path);
    return status;
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    return argument(arguments, "--region", NULL) != NULL ? run_region(arguments, error) : run_one(arguments, error);
}

static const struct verb_option OPTIONS[] = {
    { "--data", "DIR", "the centre's folder: settings, city file, master key, and its tables unless --store says otherwise",
      NULL },
    { "--config", "FILE", "settings from this file; default: DIR/mingdi.yaml", NULL },
    { "--store", "URL", "journal and tables in PostgreSQL: postgres://user@host/database", NULL },
    { "--drill", NULL, "an exercise: a journal, people and tokens of its own, marked on every message", NULL },
    { "--port", "N", "listen on this port instead of the configured one; 0: any free one. Of a region: its overview's, 8119",
      NULL },
    { "--speed", "N", "of a drill's clock at the start, 1 to 60", NULL },
    { "--region", "DIR", "all centres that have a folder in this one, in one process", NULL },
    { "--only", "A,B", "of the region only these centres", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_serve = {
    .name = "serve",
    .summary = "run a centre: the API for consoles, crews, hospitals and machines",
    .synopsis = "serve {--data DIR [--config FILE] [--speed N] | --region DIR [--only A,B]} [--store URL] [--drill] [--port N]",
    .details =
        "Starts the centre that 'mingdi init' made. Every answer to a command is sent when the command is durable; a server that "
        "is "
        "killed goes on from its journal. It prints its address on one line when it takes requests, and logs JSON lines on "
        "standard "
        "error. SIGTERM and SIGINT drain and stop it; SIGHUP reads the settings and the protocols again.\n\n"
        "It listens on 127.0.0.1 unless the settings say otherwise, without TLS: for the network put nginx in front "
        "(deploy/nginx/mingdi.conf, docs/operations.md).\n\n"
        "A drill is the same centre with a journal and people of its own. Its clock may run up to 60 times as fast. Nothing that "
        "happens in it reaches a real crew: their devices are refused.\n\n"
        "With --region one process serves all centres of a province, each with its journal, people, keys, settings and port, "
        "each "
        "in the folder DIR/NAME that 'mingdi init --data DIR/NAME' made. With --store the centre NAME has its tables in the "
        "schema "
        "NAME (- becomes _): make it with --store URL?schema=NAME. A centre that cannot be opened is tried again and keeps no "
        "other one waiting. Several processes on one PostgreSQL share the centres: each centre is owned by one of them, the "
        "others "
        "follow. /readyz and /metrics of the overview, on 127.0.0.1, tell how each centre is.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
