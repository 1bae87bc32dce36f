/* The command line: one file a verb, one table of them all (verb.c). Usage, man page and shell completion come from the
 * table, so that they cannot disagree with the program. */
#ifndef MINGDI_CLI_VERB_H
#define MINGDI_CLI_VERB_H

#include <stdbool.h>

#include "base/status.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* One option of a verb: "--name VALUE" or a flag. */
struct verb_option {
    const char *name;    /* "--profile" */
    const char *value;   /* "P", or NULL for a flag */
    const char *help;    /* one line */
    const char *choices; /* "cch|dijkstra": checked, and offered by completion; NULL for anything */
};

struct arguments;

struct verb {
    const char *name;                  /* "city import": one or two words */
    const char *summary;               /* one line */
    const char *synopsis;              /* the form, as in the manual, without "mingdi " */
    const char *details;               /* paragraphs for --help and the man page */
    const struct verb_option *options; /* ends with a NULL name */
    int positionals_min, positionals_max;
    /* STATUS_USAGE in the result gives exit 2, any other failure exit 1; main prints the text. */
    enum status (*run)(const struct arguments *arguments, struct error *error);
};

enum { ARGUMENTS_MAX = 64 };

/* A command line after parsing against the verb's table: unknown options, missing values, wrong choices and too many or few
 * positionals have been refused already. */
struct arguments {
    const struct verb *verb;
    int positional_count;
    const char *positionals[ARGUMENTS_MAX];
    int option_count;
    struct {
        const char *name, *value; /* value "" for a flag */
    } options[ARGUMENTS_MAX];
};

/* The last value given, or fallback. A flag that is given has the value "". */
const char *argument(const struct arguments *arguments, const char *name, const char *fallback);
int argument_count(const struct arguments *arguments, const char *name);
/* Numbers; the error names the option, what was given and the range. *value is the fallback when not given. */
enum status argument_int(const struct arguments *arguments, const char *name, long long minimum, long long maximum,
                         long long fallback, long long *value, struct error *error) MUST_USE;
enum status argument_double(const struct arguments *arguments, const char *name, double minimum, double maximum, double fallback,
                            double *value, struct error *error) MUST_USE;

/* Each is defined in the file of its name or of its first word: verb_simulate in simulate.c, verb_city_import in city.c. A new
 * verb adds its line here and its line in verb.c; help, man page and completion follow. */
extern const struct verb verb_city_import;
extern const struct verb verb_city_info;
extern const struct verb verb_city_find;
extern const struct verb verb_road_matrix;
extern const struct verb verb_road_route;
extern const struct verb verb_road_isochrone;
extern const struct verb verb_road_traces;
extern const struct verb verb_road_match;
extern const struct verb verb_road_learn;
extern const struct verb verb_scenario_import_jemss;
extern const struct verb verb_scenario_check;
extern const struct verb verb_simulate;
extern const struct verb verb_replay;
extern const struct verb verb_fit;
extern const struct verb verb_journal_verify;
extern const struct verb verb_journal_show;
extern const struct verb verb_migrate;
extern const struct verb verb_backup;
extern const struct verb verb_restore;
extern const struct verb verb_retention;
extern const struct verb verb_export;
extern const struct verb verb_doctor;
extern const struct verb verb_paper_print;
extern const struct verb verb_paper_enter;
extern const struct verb verb_init;
extern const struct verb verb_config_check;
extern const struct verb verb_config_show;
extern const struct verb verb_config_docs;
extern const struct verb verb_protocol_check;
extern const struct verb verb_protocol_show;
extern const struct verb verb_protocol_key;
extern const struct verb verb_protocol_sign;
extern const struct verb verb_serve;
extern const struct verb verb_hand_on;
extern const struct verb verb_exercise;
extern const struct verb verb_gateway_jt808;
extern const struct verb verb_gateway_mqtt;
extern const struct verb verb_bench_live;
extern const struct verb verb_torture;
extern const struct verb verb_bench_region;
extern const struct verb verb_help;
extern const struct verb verb_version;
extern const struct verb verb_completion;

extern const struct verb *const VERBS[]; /* ends with NULL */

/* The verb that the words name, and how many of them do (1 or 2); NULL when none does. */
const struct verb *verb_find(int word_count, const char *const *words, int *words_used);
/* True if name has two words and the first of them is group. */
bool verb_in_group(const struct verb *verb, const char *group);
/* The error for words that name no verb: says so and suggests what may have been meant. STATUS_USAGE. */
enum status verb_unknown(int word_count, const char *const *words, struct error *error) MUST_USE;

#endif
