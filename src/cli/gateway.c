/* mingdi gateway jt808: terminals of vehicles, as a process of its own. */
#include <stdio.h>
#include <string.h>

#include "cli/gateway_secret.h"
#include "cli/verb.h"
#include "gateway/jt808_gateway.h"
#include "gateway/jt808_server.h"
#include "host/log.h"
#include "host/secret.h"

static void say(const char *line)
{
    printf("%s\n", line);
    fflush(stdout);
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    char token[LINK_TOKEN_MAX];
    long long port = 0, connections = 0, idle_s = 0, frames = 0, figures_s = 0;
    const char *url = argument(arguments, "--centre", "http://127.0.0.1:8120");
    TRY(argument_int(arguments, "--port", 0, 65535, 6808, &port, error));
    TRY(argument_int(arguments, "--connections", 1, JT808_CONNECTIONS_CEILING, 12000, &connections, error));
    TRY(argument_int(arguments, "--idle", 10, 86400, 300, &idle_s, error));
    TRY(argument_int(arguments, "--frames", 1, 1000, 20, &frames, error));
    TRY(argument_int(arguments, "--figures", 1, 86400, 60, &figures_s, error));
    TRY(gateway_read_token(arguments, token, error));
    log_set_level(log_level_of(argument(arguments, "--log", "info")));
    const struct jt808_gateway_setup setup = {
        .url = url,
        .token = token,
        .address = argument(arguments, "--address", "127.0.0.1"),
        .port = (uint16_t)port,
        .buttons = argument(arguments, "--buttons", NULL),
        .user = argument(arguments, "--user", NULL),
        .language = strcmp(argument(arguments, "--language", "zh"), "en") == 0 ? ORDER_ENGLISH : ORDER_CHINESE,
        .connections_max = (uint32_t)connections,
        .idle_s = (uint32_t)idle_s,
        .frames_per_s = (uint32_t)frames,
        .figures_s = (uint32_t)figures_s,
        .say = say,
    };
    enum status status = jt808_gateway_run(&setup, error);
    secret_wipe(token, sizeof token);
    return status;
}

static const struct verb_option OPTIONS[] = {
    { "--centre", "URL", "of the centre; default http://127.0.0.1:8120", NULL },
    { "--token-file", "FILE", "holds an API token with the role vehicle_gateway", NULL },
    { "--token-fd", "N", "an open descriptor to read the token from, instead", NULL },
    { "--address", "A", "numeric address to listen on; default 127.0.0.1", NULL },
    { "--port", "N", "to listen on; 0: one that the system chooses; default 6808", NULL },
    { "--buttons", "FILE", "what the buttons of a crew mean (docs/vehicles.md); default: the program's own table", NULL },
    { "--language", "L", "of orders; default zh", "zh|en" },
    { "--user", "NAME", "to become, when started by root", NULL },
    { "--connections", "N", "at once; default 12000", NULL },
    { "--idle", "S", "a terminal that says nothing for so many seconds is cut off; default 300", NULL },
    { "--frames", "N", "a second from one terminal; who sends more is read more slowly; default 20", NULL },
    { "--figures", "S", "the log tells what was counted every so many seconds; default 60", NULL },
    { "--log", "LEVEL", "default info", "debug|info|warning|error" },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_gateway_jt808 = {
    .name = "gateway jt808",
    .summary = "terminals of vehicles by JT/T 808-2011, -2013 and -2019, as a client of the centre",
    .synopsis =
        "gateway jt808 --token-file FILE | --token-fd N [--centre URL] [--address A] [--port N] [--buttons FILE] [--language L] "
        "[--user NAME] [--connections N] [--idle S] [--frames N] [--figures S] [--log LEVEL]",
    .details = "Listens for terminals, and speaks with the centre through its API. Which terminal belongs to which unit says the "
               "centre's administration; others are refused, and shown there. Positions, buttons and replies go up, orders and "
               "messages down. A terminal is answered when the centre has answered.\n\n"
               "Before the first byte from outside is read the process gives up its rights: it can open no file and start no "
               "program (seccomp). docs/vehicles.md tells how to set it up.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
