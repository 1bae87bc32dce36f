/* mingdi doctor: whether a centre is well, line by line. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "host/clock.h"
#include "host/doctor.h"

struct telling {
    struct text out;
    struct json json;
    bool as_json;
    unsigned counts[DOCTOR_FAIL + 1];
};

static void tell(void *context, const struct doctor_finding *finding)
{
    struct telling *telling = context;
    const char *level = DOCTOR_LEVEL_NAMES[finding->level];
    telling->counts[finding->level] += 1;
    if (telling->as_json) {
        json_object_begin(&telling->json, NULL);
        json_text(&telling->json, "level", level);
        json_text(&telling->json, "subject", finding->subject);
        json_text(&telling->json, "text", finding->text);
        json_text(&telling->json, "advice", finding->advice);
        json_object_end(&telling->json);
        return;
    }
    text_printf(&telling->out, "%-4s  %-13s  %s\n", level, finding->subject, finding->text);
    if (finding->advice[0] != '\0') {
        text_printf(&telling->out, "      %-13s  -> %s\n", "", finding->advice);
    }
}

static void examine(const struct arguments *arguments, const struct store *store, struct telling *telling)
{
    const struct doctor_options options = { .data = argument(arguments, "--data", NULL),
                                            .config_path = argument(arguments, "--config", NULL),
                                            .store = store,
                                            .environment = environ,
                                            .nginx = argument(arguments, "--nginx", "/etc/nginx"),
                                            .mosquitto = argument(arguments, "--mosquitto", "/etc/mosquitto"),
                                            .services = argument(arguments, "--services", "/etc/mingdi/services.env"),
                                            .now = clock_wall(),
                                            .tell = tell,
                                            .context = telling };
    text_init(&telling->out, HELP_TEXT_MAX);
    json_init(&telling->json, &telling->out, 2);
    if (telling->as_json) {
        json_object_begin(&telling->json, NULL);
        json_array_begin(&telling->json, "findings");
    }
    doctor_examine(&options);
    if (telling->as_json) {
        json_array_end(&telling->json);
        json_int(&telling->json, "ok", telling->counts[DOCTOR_OK]);
        json_int(&telling->json, "warn", telling->counts[DOCTOR_WARN]);
        json_int(&telling->json, "fail", telling->counts[DOCTOR_FAIL]);
        json_object_end(&telling->json);
        text_puts(&telling->out, "\n");
    }
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    struct store store;
    struct telling telling = { .as_json = argument_count(arguments, "--json") > 0 };
    const char *data = argument(arguments, "--data", NULL);
    if (data == NULL) {
        return ERROR(error, STATUS_USAGE, "doctor needs --data DIR: the folder of the centre");
    }
    TRY(store_parse(data, argument(arguments, "--store", NULL), argument_count(arguments, "--drill") > 0, &store, error));
    examine(arguments, &store, &telling);
    TRY(help_print(&telling.out, error));
    return telling.counts[DOCTOR_FAIL] == 0
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "%u of %u findings fail: see above", telling.counts[DOCTOR_FAIL],
                       telling.counts[DOCTOR_OK] + telling.counts[DOCTOR_WARN] + telling.counts[DOCTOR_FAIL]);
}

static const struct verb_option OPTIONS[] = {
    { "--data", "DIR", "the centre's folder", NULL },
    { "--config", "FILE", "settings from this file; default: DIR/mingdi.yaml", NULL },
    { "--store", "URL", "postgres://USER@HOST/DATABASE, where journal and tables are there", NULL },
    { "--drill", NULL, "of the drill, not of the centre", NULL },
    { "--nginx", "DIR", "whose sites name the certificates; default: /etc/nginx", NULL },
    { "--mosquitto", "DIR", "of the broker, whose files name its certificates; default: /etc/mosquitto", NULL },
    { "--services", "FILE", "where the gateway's options may name certificates; default: /etc/mingdi/services.env", NULL },
    { "--json", NULL, "for programs: {findings: [{level, subject, text, advice}], ok, warn, fail}", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_doctor = {
    .name = "doctor",
    .summary = "say whether a centre and its machine are well, and what to do if not",
    .synopsis = "doctor --data DIR [--config FILE] [--store URL] [--drill] [--nginx DIR] [--mosquitto DIR] "
                "[--services FILE] [--json]",
    .details =
        "Looks at memory, disk space and how fast a sync is, file descriptors, the clock and its time server, the configuration, "
        "the master key and who can read the folder, the city file, the signature of the triage protocols, certificates of "
        "nginx, of mosquitto and of the gateway for MQTT, tokens of machines and given passwords that end, "
        "the databases (reachable, version, steps of migration, the end of the journal's chain, standbys and archive of "
        "PostgreSQL), the report, the newest backup (age, and every file against its sum), retention, and the port. It changes "
        "nothing and may run beside a server that works; run it as the server's user.\n\n"
        "One line for each: ok, warn (works, and somebody should look) or fail; then what to do. The exit status is 1 if "
        "anything fails. Whether the whole chain holds is the question of 'mingdi journal verify'.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
