/* mingdi exercise: the world outside a drill's centre, as clients of its API.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/verb.h"
#include "host/exercise.h"

enum { TOKEN_MAX = 200 };

static volatile bool stop;

static void hear_signal(int number)
{
    (void)number;
    stop = true;
}

static void say(void *context, const char *line)
{
    (void)context;
    printf("%s\n", line);
    fflush(stdout);
}

static enum status read_token(const char *path, char token[TOKEN_MAX], struct error *error)
{
    struct file_view view;
    TRY(file_view_open(&view, path, error));
    size_t length = view.size;
    while (length > 0 && (view.bytes[length - 1] == '\n' || view.bytes[length - 1] == '\r')) {
        length--;
    }
    bool fits = length > 0 && length < TOKEN_MAX && memchr(view.bytes, '\n', length) == NULL;
    if (fits) {
        memcpy(token, view.bytes, length);
        token[length] = '\0';
    }
    file_view_close(&view);
    return fits ? STATUS_OK
                : ERROR(error, STATUS_BAD_INPUT,
                        "%s: expected one line with an API token, as 'mingdi "
                        "init' prints it",
                        path);
}

static enum status read_language(const char *text, enum exercise_language *language, struct error *error)
{
    *language = strcmp(text, "zh") == 0 ? EXERCISE_CHINESE : EXERCISE_ENGLISH;
    if (*language == EXERCISE_ENGLISH && strcmp(text, "en") != 0) {
        return ERROR(error, STATUS_USAGE, "--language: callers speak en or zh, not \"%s\"", text);
    }
    return STATUS_OK;
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    char token[TOKEN_MAX];
    long long seed = 0, seats = 0, desks = 0;
    enum exercise_language language = EXERCISE_ENGLISH;
    double rate = 0, surprises = 0, utc_offset_h = 0;
    const char *url = argument(arguments, "--url", NULL), *token_file = argument(arguments, "--token-file", NULL);
    if (url == NULL || token_file == NULL) {
        return ERROR(error, STATUS_USAGE,
                     "exercise needs --url URL of the drill's centre and "
                     "--token-file FILE with its token");
    }
    TRY(argument_int(arguments, "--seed", 0, INT64_MAX, 1, &seed, error));
    TRY(argument_int(arguments, "--seats", 1, 1000, 4, &seats, error));
    TRY(argument_int(arguments, "--desks", 1, 1000, 2, &desks, error));
    TRY(argument_double(arguments, "--rate", 0.1, 20, 1, &rate, error));
    TRY(argument_double(arguments, "--surprises", 0, 20, 1, &surprises, error));
    TRY(argument_double(arguments, "--utc-offset", -14, 14, 0, &utc_offset_h, error));
    TRY(read_language(argument(arguments, "--language", "en"), &language, error));
    TRY(read_token(token_file, token, error));
    const struct sigaction heard = { .sa_handler = hear_signal };
    (void)sigaction(SIGINT, &heard, NULL);
    (void)sigaction(SIGTERM, &heard, NULL);
    const struct exercise_setup setup = {
        .url = url,
        .token = token,
        .scenario = arguments->positionals[0],
        .seed = (uint64_t)seed,
        .rate = rate,
        .surprises = surprises,
        .utc_offset_h = utc_offset_h,
        .seats = (uint32_t)seats,
        .desks = (uint32_t)desks,
        .language = language,
        .stop = &stop,
        .say = say,
    };
    return exercise_run(&setup, error);
}

static const struct verb_option OPTIONS[] = {
    { "--url", "URL", "of the drill's centre, as 'mingdi serve --drill' prints it", NULL },
    { "--token-file", "FILE", "holds an API token of that drill with the role simulation", NULL },
    { "--seed", "N", "of everything random in it; default 1", NULL },
    { "--rate", "X", "calls as many times as the scenario says, 0.1 to 20; default 1", NULL },
    { "--surprises", "X", "what is rare (second callers, breakdowns, ...) as often as usual times this, 0 to 20; default 1",
      NULL },
    { "--utc-offset", "H", "the scenario's hours of the day are so far ahead of UTC, -14 to 14; default 0", NULL },
    { "--seats", "N", "seats 1 to N answer calls; default 4", NULL },
    { "--desks", "N", "the next N seats send units; default 2", NULL },
    { "--language", "L", "in which callers tell their stories: en or zh; default en", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_exercise = {
    .name = "exercise",
    .summary = "play the world outside a drill's centre: callers, seats, "
               "crews, vehicles, hospitals",
    .synopsis = "exercise SCENARIO --url URL --token-file FILE [--seed N] "
                "[--rate X] [--surprises X] [--utc-offset H] [--seats N] [--desks N] [--language L]",
    .details = "Callers of the scenario ring at the drill's centre, its seats answer, its desks send the recommended unit, crews "
               "press their "
               "buttons, vehicles send their positions, hospitals free their beds. All of it goes through the API that people "
               "use, so people "
               "join in: what a person takes in hand (PUT /api/v1/control/seat/3, unit/7, facility/2) is left to that person "
               "until it is given "
               "back.\n\n"
               "It refuses a live centre. It goes on when the centre is restarted, and until it is stopped (Ctrl-C).",
    .options = OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run,
};
