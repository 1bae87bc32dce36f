/* mingdi gateway mqtt: terminals and phones that speak MQTT 5, by brokers, as a process of its own. */
#include <stdio.h>

#include "cli/gateway_secret.h"
#include "cli/verb.h"
#include "gateway/mqtt_gateway.h"
#include "host/log.h"
#include "host/secret.h"

enum { PASSWORD_SIZE = 256 };

static void say(const char *line)
{
    printf("%s\n", line);
    fflush(stdout);
}

static enum status read_password(const struct arguments *arguments, char password[PASSWORD_SIZE], struct error *error)
{
    const char *path = argument(arguments, "--broker-password-file", NULL);
    if (path == NULL) {
        return STATUS_OK;
    }
    if (argument(arguments, "--broker-user", NULL) == NULL) {
        return ERROR(error, STATUS_USAGE, "--broker-password-file is of no use without --broker-user");
    }
    return gateway_read_line(path, "the gateway's password at the brokers", password, PASSWORD_SIZE, error);
}

static enum status serve(const struct arguments *arguments, const char *token, const char *password, struct error *error)
{
    long long messages = 0, figures_s = 0;
    char client[80];
    const char *name = argument(arguments, "--name", "centre");
    TRY(argument_int(arguments, "--messages", 1, 1000, 20, &messages, error));
    TRY(argument_int(arguments, "--figures", 1, 86400, 60, &figures_s, error));
    log_set_level(log_level_of(argument(arguments, "--log", "info")));
    (void)snprintf(client, sizeof client, "mingdi-%s", name);
    const struct mqtt_gateway_setup setup = {
        .url = argument(arguments, "--centre", "http://127.0.0.1:8120"),
        .token = token,
        .brokers = argument(arguments, "--brokers", "mqtt://127.0.0.1:1883"),
        .tls = { argument(arguments, "--ca", NULL), argument(arguments, "--certificate", NULL),
                 argument(arguments, "--key", NULL) },
        .broker_user = argument(arguments, "--broker-user", NULL),
        .broker_password = password[0] != '\0' ? password : NULL,
        .name = name,
        .client = argument(arguments, "--client", client),
        .user = argument(arguments, "--user", NULL),
        .messages_per_s = (uint32_t)messages,
        .figures_s = (uint32_t)figures_s,
        .say = say,
    };
    return mqtt_gateway_run(&setup, error);
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    char token[LINK_TOKEN_MAX] = "", password[PASSWORD_SIZE] = "";
    enum status status = gateway_read_token(arguments, token, error);
    status = status == STATUS_OK ? read_password(arguments, password, error) : status;
    status = status == STATUS_OK ? serve(arguments, token, password, error) : status;
    secret_wipe(token, sizeof token);
    secret_wipe(password, sizeof password);
    return status;
}

static const struct verb_option OPTIONS[] = {
    { "--centre", "URL", "of the centre; default http://127.0.0.1:8120", NULL },
    { "--token-file", "FILE", "holds an API token with the role vehicle_gateway", NULL },
    { "--token-fd", "N", "an open descriptor to read the token from, instead", NULL },
    { "--brokers", "LIST",
      "mqtts://HOST[:PORT] or mqtt://HOST[:PORT], with commas between, tried in turn; default mqtt://127.0.0.1:1883", NULL },
    { "--ca", "FILE", "authorities of the brokers' certificates, in PEM; default: the system's", NULL },
    { "--certificate", "FILE", "the gateway's own certificate for the brokers, in PEM", NULL },
    { "--key", "FILE", "and its key", NULL },
    { "--broker-user", "NAME", "of the gateway at the brokers", NULL },
    { "--broker-password-file", "FILE", "holds its password", NULL },
    { "--name", "NAME", "of the centre in topics, mingdi/NAME/...; default centre", NULL },
    { "--client", "NAME", "of the gateway's session at the brokers; default mingdi- and the centre's name", NULL },
    { "--user", "NAME", "to become, when started by root", NULL },
    { "--messages", "N", "a second from one terminal; what comes above is not answered; default 20", NULL },
    { "--figures", "S", "the log tells what was counted every so many seconds; default 60", NULL },
    { "--log", "LEVEL", "default info", "debug|info|warning|error" },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_gateway_mqtt = {
    .name = "gateway mqtt",
    .summary = "terminals and phones of crews by MQTT 5, as a client of the centre",
    .synopsis = "gateway mqtt --token-file FILE | --token-fd N [--centre URL] [--brokers LIST] [--ca FILE] [--certificate FILE] "
                "[--key FILE] [--broker-user NAME] [--broker-password-file FILE] [--name NAME] [--client NAME] [--user NAME] "
                "[--messages N] [--figures S] [--log LEVEL]",
    .details =
        "Follows one broker of MQTT 5 out of a list, and speaks with the centre through its API. Which terminal belongs to which "
        "unit says the centre's administration; others are refused, and shown there. Positions, buttons and emergencies go up; "
        "the unit's order and messages to its crew come down, retained. A terminal is answered when the centre has answered: "
        "that a broker has a message means nothing.\n\n"
        "Before the first byte from outside is read the process gives up its rights: it can open no file and start no program "
        "(seccomp). docs/mqtt.md tells what a terminal must do, and how to set brokers up.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
