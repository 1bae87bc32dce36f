/* mingdi serve: the live centre, or its drill. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/verb.h"
#include "host/clock.h"
#include "host/server.h"
#include "host/setup.h"

extern char **environ;

static void say_listening(void *context, const struct config *config, uint16_t port)
{
    const struct server_setup *setup = context;
    bool six = strchr(config->address, ':') != NULL;
    printf("%s%s: http://%s%s%s:%" PRIu16 "/  store: %s\n", setup->store.drill ? "DRILL of " : "", config->name, six ? "[" : "",
           config->address, six ? "]" : "", port, setup->store.shown);
    fflush(stdout);
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    struct server_setup setup = { .folder = argument(arguments, "--data", NULL), .listening = say_listening };
    if (setup.folder == NULL) {
        return ERROR(error, STATUS_USAGE, "serve needs --data DIR: the folder of the centre, made by 'mingdi init'");
    }
    setup.context = &setup;
    long long checked = 0; /* the settings take the text; the range is looked at here, for it is the command line that is wrong */
    TRY(argument_int(arguments, "--port", 0, UINT16_MAX, 0, &checked, error));
    TRY(argument_int(arguments, "--speed", CLOCK_SPEED_MIN, CLOCK_SPEED_MAX, CLOCK_SPEED_MIN, &checked, error));
    bool drill = argument(arguments, "--drill", NULL) != NULL;
    if (!drill && argument(arguments, "--speed", NULL) != NULL) {
        return ERROR(error, STATUS_USAGE, "--speed is for a drill's clock: say --drill as well, or leave it out");
    }
    TRY(store_parse(setup.folder, argument(arguments, "--store", NULL), drill, &setup.store, error));
    TRY(setup_require(setup.folder, &setup.store, error));
    char *path = file_join(setup.folder, "mingdi.yaml");
    setup.settings = (struct settings_sources){ .path = argument(arguments, "--config", path),
                                                .environment = environ,
                                                .port = argument(arguments, "--port", NULL),
                                                .drill_speed = argument(arguments, "--speed", NULL) };
    enum status status = server_run(&setup, error);
    free(path);
    return status;
}

static const struct verb_option OPTIONS[] = {
    { "--data", "DIR", "the centre's folder: settings, city file, master key, and its tables unless --store says otherwise",
      NULL },
    { "--config", "FILE", "settings from this file; default: DIR/mingdi.yaml", NULL },
    { "--store", "URL", "journal and tables in PostgreSQL: postgres://user@host/database", NULL },
    { "--drill", NULL, "an exercise: a journal, people and tokens of its own, marked on every message", NULL },
    { "--port", "N", "listen on this port instead of the configured one; 0: any free one", NULL },
    { "--speed", "N", "of a drill's clock at the start, 1 to 60", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_serve = {
    .name = "serve",
    .summary = "run a centre: the API for consoles, crews, hospitals and machines",
    .synopsis = "serve --data DIR [--config FILE] [--store URL] [--drill] [--port N] [--speed N]",
    .details =
        "Starts the centre that 'mingdi init' made. Every answer to a command is sent when the command is durable; a server that "
        "is "
        "killed goes on from its journal. It prints its address on one line when it takes requests, and logs JSON lines on "
        "standard "
        "error. SIGTERM and SIGINT drain and stop it; SIGHUP reads the settings again.\n\n"
        "It listens on 127.0.0.1 unless the settings say otherwise, without TLS: for the network put nginx in front "
        "(deploy/nginx/mingdi.conf, docs/operations.md).\n\n"
        "A drill is the same centre with a journal and people of its own. Its clock may run up to 60 times as fast. Nothing that "
        "happens in it reaches a real crew: their devices are refused.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
