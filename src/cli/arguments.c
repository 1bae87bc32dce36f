/* Parsing of command lines. Workload: a dozen words, once a run; clarity of the messages is what counts. */
#include "cli/arguments.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/word.h"

static const struct verb_option *find_option(const struct verb *verb, const char *name, size_t length)
{
    for (const struct verb_option *option = verb->options; option != NULL && option->name != NULL; option++) {
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0) {
            return option;
        }
    }
    return NULL;
}

static enum status unknown_option(const struct verb *verb, const char *word, struct error *error)
{
    const char *best = NULL;
    int best_distance = 4;
    for (const struct verb_option *option = verb->options; option != NULL && option->name != NULL; option++) {
        int distance = word_distance(word, option->name);
        if (distance < best_distance && distance < (int)strlen(option->name) - 1) {
            best_distance = distance;
            best = option->name;
        }
    }
    if (best != NULL) {
        return ERROR(error, STATUS_USAGE, "unknown option %s; did you mean %s?", word, best);
    }
    return ERROR(error, STATUS_USAGE, "unknown option %s; 'mingdi %s --help' lists the options", word, verb->name);
}

static bool choice_allowed(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *choice = choices; length > 0;) {
        size_t choice_length = strcspn(choice, "|");
        if (choice_length == length && memcmp(choice, value, length) == 0) {
            return true;
        }
        if (choice[choice_length] == '\0') {
            break;
        }
        choice += choice_length + 1;
    }
    return false;
}

static enum status add_option(const struct verb_option *option, const char *value, struct arguments *arguments,
                              struct error *error)
{
    if (option->choices != NULL && !choice_allowed(option->choices, value)) {
        return ERROR(error, STATUS_USAGE, "option %s cannot be '%s'; it is one of %s", option->name, value, option->choices);
    }
    if (arguments->option_count >= ARGUMENTS_MAX) {
        return ERROR(error, STATUS_USAGE, "more than %d options", ARGUMENTS_MAX);
    }
    arguments->options[arguments->option_count].name = option->name;
    arguments->options[arguments->option_count].value = value;
    arguments->option_count++;
    return STATUS_OK;
}

/* Reads the option that words[0] begins; *used tells how many words it took. */
static enum status parse_option(int word_count, const char *const *words, struct arguments *arguments, int *used,
                                struct error *error)
{
    const char *word = words[0];
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
    size_t name_length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct verb_option *option = find_option(arguments->verb, word, name_length);
    *used = 1;
    if (option == NULL) {
        return unknown_option(arguments->verb, word, error);
    }
    if (option->value == NULL) {
        if (equals != NULL) {
            return ERROR(error, STATUS_USAGE, "option %s takes no value", option->name);
        }
        return add_option(option, "", arguments, error);
    }
    const char *value = equals != NULL ? equals + 1 : word_count >= 2 ? words[1] : "";
    if (value[0] == '\0') { /* an empty one too: a variable that a script never set */
        return ERROR(error, STATUS_USAGE, "option %s needs a value: %s", option->name, option->value);
    }
    *used = equals != NULL ? 1 : 2;
    return add_option(option, value, arguments, error);
}

static bool looks_like_option(const char *word)
{
    bool is_number = isdigit((unsigned char)word[1]) || word[1] == '.';
    return word[0] == '-' && word[1] != '\0' && !is_number;
}

static enum status check_positional_count(const struct arguments *arguments, struct error *error)
{
    const struct verb *verb = arguments->verb;
    if (arguments->positional_count < verb->positionals_min) {
        return ERROR(error, STATUS_USAGE, "too few arguments; the form is: mingdi %s", verb->synopsis);
    }
    if (arguments->positional_count > verb->positionals_max) {
        const char *first_extra = arguments->positionals[verb->positionals_max];
        return ERROR(error, STATUS_USAGE, "unexpected argument '%s'; the form is: mingdi %s", first_extra, verb->synopsis);
    }
    return STATUS_OK;
}

enum status arguments_parse(const struct verb *verb, int word_count, const char *const *words, struct arguments *arguments,
                            struct error *error)
{
    *arguments = (struct arguments){ .verb = verb };
    bool options_ended = false;
    for (int i = 0; i < word_count;) {
        int used = 1;
        if (!options_ended && strcmp(words[i], "--") == 0) {
            options_ended = true;
        } else if (!options_ended && looks_like_option(words[i])) {
            TRY(parse_option(word_count - i, words + i, arguments, &used, error));
        } else if (arguments->positional_count >= ARGUMENTS_MAX) {
            return ERROR(error, STATUS_USAGE, "more than %d arguments", ARGUMENTS_MAX);
        } else {
            arguments->positionals[arguments->positional_count++] = words[i];
        }
        i += used;
    }
    return check_positional_count(arguments, error);
}

bool arguments_want_help(int word_count, const char *const *words)
{
    for (int i = 0; i < word_count && strcmp(words[i], "--") != 0; i++) {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

const char *argument(const struct arguments *arguments, const char *name, const char *fallback)
{
    for (int i = arguments->option_count - 1; i >= 0; i--) {
        if (strcmp(arguments->options[i].name, name) == 0) {
            return arguments->options[i].value;
        }
    }
    return fallback;
}

int argument_count(const struct arguments *arguments, const char *name)
{
    int count = 0;
    for (int i = 0; i < arguments->option_count; i++) {
        count += strcmp(arguments->options[i].name, name) == 0;
    }
    return count;
}

enum status argument_int(const struct arguments *arguments, const char *name, long long minimum, long long maximum,
                         long long fallback, long long *value, struct error *error)
{
    const char *given = argument(arguments, name, NULL);
    if (given == NULL) {
        *value = fallback;
        return STATUS_OK;
    }
    char *end = NULL;
    errno = 0;
    long long number = strtoll(given, &end, 10);
    if (end == given || *end != '\0' || isspace((unsigned char)given[0]) || errno != 0 || number < minimum || number > maximum) {
        return ERROR(error, STATUS_USAGE, "option %s: '%s' is not a whole number from %lld to %lld", name, given, minimum,
                     maximum);
    }
    *value = number;
    return STATUS_OK;
}

enum status argument_double(const struct arguments *arguments, const char *name, double minimum, double maximum, double fallback,
                            double *value, struct error *error)
{
    const char *given = argument(arguments, name, NULL);
    if (given == NULL) {
        *value = fallback;
        return STATUS_OK;
    }
    char *end = NULL;
    double number = strtod(given, &end);
    bool is_hexadecimal = strpbrk(given, "xX") != NULL;
    if (end == given || *end != '\0' || isspace((unsigned char)given[0]) || is_hexadecimal || !isfinite(number) ||
        number < minimum || number > maximum) {
        return ERROR(error, STATUS_USAGE, "option %s: '%s' is not a number from %g to %g", name, given, minimum, maximum);
    }
    *value = number;
    return STATUS_OK;
}
