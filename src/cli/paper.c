/* mingdi paper: what a centre works with when its server does not. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "host/clock.h"
#include "host/config.h"
#include "host/paper.h"
#include "host/paper_enter.h"
#include "host/paper_number.h"
#include "host/secret.h"

#define PROGRAM "mingdi " MINGDI_VERSION

enum { TOKEN_MAX = 256, PATIENCE_S = 60, SECONDS_OF_DAY = 86400, RUNS_OF_DAY = 1000 };

/* ---- a server is waited for so long and no longer ---- */

static volatile bool waited_long_enough;

static void wake(int number)
{
    (void)number;
    waited_long_enough = true;
}

static void wait_at_most(unsigned seconds)
{
    const struct sigaction action = { .sa_handler = wake };
    (void)sigaction(SIGALRM, &action, NULL);
    (void)alarm(seconds);
}

static enum status read_token(const char *path, char token[TOKEN_MAX], struct error *error)
{
    struct file_view view;
    if (path == NULL) {
        return ERROR(error, STATUS_USAGE, "--centre needs --token-file FILE: a file with an API token");
    }
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
    return fits ? STATUS_OK : ERROR(error, STATUS_BAD_INPUT, "%s: expected one line with an API token", path);
}

/* ---- print ---- */

struct printing {
    struct paper_source source;
    struct paper_options options;
    struct store store;
    char token[TOKEN_MAX], run[PAPER_RUN_SIZE];
    char *telephones;
    json_t *board;
};

static enum status read_source(const struct arguments *arguments, struct printing *printing, struct error *error)
{
    struct paper_source *source = &printing->source;
    source->url = argument(arguments, "--centre", NULL);
    source->data = argument(arguments, "--data", NULL);
    source->config_path = argument(arguments, "--config", NULL);
    source->personal = argument_count(arguments, "--without-personal") == 0;
    source->telephones = argument(arguments, "--telephones", NULL);
    source->stop = &waited_long_enough;
    if ((source->url == NULL) == (source->data == NULL)) {
        return ERROR(error, STATUS_USAGE,
                     "say --data DIR (a centre's folder, also while its server is down) or --centre URL with --token-file FILE");
    }
    if (source->url != NULL) {
        wait_at_most(PATIENCE_S);
        source->token = printing->token;
        return read_token(argument(arguments, "--token-file", NULL), printing->token, error);
    }
    source->store = &printing->store;
    if (source->telephones == NULL) {
        printing->telephones = file_join(source->data, "telephones.csv");
        source->telephones = file_exists(printing->telephones) ? printing->telephones : NULL;
    }
    return store_parse(source->data, argument(arguments, "--store", NULL), argument_count(arguments, "--drill") > 0,
                       &printing->store, error);
}

static enum status read_options(const struct arguments *arguments, struct printing *printing, struct error *error)
{
    long long forms = 0;
    struct tm day;
    struct paper_options *options = &printing->options;
    TRY(argument_int(arguments, "--forms", 1, PAPER_FORMS_MAX, 20, &forms, error));
    options->printed_at = clock_wall();
    time_t now = (time_t)(options->printed_at.us / US_PER_SECOND);
    if (localtime_r(&now, &day) == NULL) {
        return ERROR(error, STATUS_IO, "this machine does not know what day it is");
    }
    unsigned second = (unsigned)(day.tm_hour * 3600 + day.tm_min * 60 + day.tm_sec) % SECONDS_OF_DAY;
    paper_run_name(day.tm_year % 100, day.tm_mon + 1, day.tm_mday, second * RUNS_OF_DAY / SECONDS_OF_DAY, printing->run);
    options->language = strcmp(argument(arguments, "--language", "zh"), "en") == 0 ? PAPER_ENGLISH : PAPER_CHINESE;
    options->program = PROGRAM;
    options->run = printing->run;
    options->forms = (unsigned)forms;
    return STATUS_OK;
}

static enum status write_page(const struct printing *printing, const char *folder, const char *name,
                              void (*print)(const struct paper_options *options, const json_t *board, struct text *html),
                              struct error *error)
{
    struct text html;
    text_init(&html, PAPER_TEXT_MAX);
    print(&printing->options, printing->board, &html);
    char *path = file_join(folder, name);
    enum status status = html.failed ? ERROR(error, STATUS_NO_MEMORY, "no memory for %s", path)
                                     : file_write_whole(path, html.bytes, html.length, error);
    if (status == STATUS_OK) {
        printf("%s\n", path);
    }
    free(path);
    text_free(&html);
    return status;
}

static enum status print_all(const struct arguments *arguments, struct printing *printing, struct error *error)
{
    const char *folder = argument(arguments, "--to", NULL), *only = argument(arguments, "--only", "");
    if (folder == NULL) {
        return ERROR(error, STATUS_USAGE, "say --to FOLDER: where do the pages go?");
    }
    TRY(read_source(arguments, printing, error));
    TRY(paper_gather(&printing->source, &printing->board, error));
    const char *zone = json_string_value(json_object_get(printing->board, "time_zone"));
    if (zone != NULL && setenv("TZ", zone, 1) == 0) {
        tzset();
    }
    TRY(read_options(arguments, printing, error));
    if (printing->source.personal) {
        (void)umask(0077); /* for this user's eyes only */
    }
    TRY(file_make_folder(folder, error));
    if (strcmp(only, "forms") != 0) {
        TRY(write_page(printing, folder, "board.html", paper_board, error));
    }
    return strcmp(only, "board") != 0 ? write_page(printing, folder, "forms.html", paper_forms, error) : STATUS_OK;
}

static enum status run_print(const struct arguments *arguments, struct error *error)
{
    struct printing *printing = calloc(1, sizeof *printing);
    if (printing == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to print");
    }
    enum status status = print_all(arguments, printing, error);
    json_decref(printing->board);
    secret_wipe(printing->token, sizeof printing->token);
    free(printing->telephones);
    free(printing);
    return status;
}

static const struct verb_option PRINT_OPTIONS[] = {
    { "--data", "DIR", "the centre's folder; its server may be down", NULL },
    { "--store", "URL", "postgres://USER@HOST/DATABASE, where journal and tables are there", NULL },
    { "--config", "FILE", "settings from this file; default: DIR/mingdi.yaml", NULL },
    { "--drill", NULL, "of the drill, not of the centre", NULL },
    { "--centre", "URL", "instead of --data: a server that works, http://127.0.0.1:8120", NULL },
    { "--token-file", "FILE", "with --centre: holds an API token of a role that sees the live state", NULL },
    { "--to", "FOLDER", "where the pages go; made where it is not there", NULL },
    { "--only", "WHAT", "one of the two; default: both", "board|forms" },
    { "--forms", "N", "call forms, and of the others what goes with so many; default 20", NULL },
    { "--language", "L", "of the pages; default zh", "zh|en" },
    { "--telephones", "FILE", "a table kind,code,name,telephone,radio; default: DIR/telephones.csv, if it is there", NULL },
    { "--without-personal", NULL, "no callers, no patients, places to about 100 m; needed while a server works on DIR", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_paper_print = {
    .name = "paper print",
    .summary = "write the status board and blank forms, to work on paper when the server is down",
    .synopsis = "paper print --data DIR | --centre URL --token-file FILE --to FOLDER [--store URL] [--config FILE] [--drill] "
                "[--only WHAT] [--forms N] [--language L] [--telephones FILE] [--without-personal]",
    .details =
        "Writes FOLDER/board.html (open calls and incidents, missions, units, hospitals with their beds, stations, telephone "
        "numbers; of when it is, and what of it is old) and FOLDER/forms.html (call forms, dispatch slips, unit logs, hospital "
        "pre-alerts, a board to be kept by hand, and the register that lists them). Any browser prints them: A4, black and "
        "white, "
        "nothing from a network. Each form has a number of its own: print forms.html once, and make no other within two minutes, "
        "which could bear the same "
        "numbers.\n\n"
        "With --data the journal and the tables are read, so that the board is that of the last moment before a server was lost. "
        "With --centre a server is asked. Callers' data are printed unless --without-personal is said; that they were stands in "
        "the audit trail. The questions of the call form need the medical director's sign-off. docs/paper.md tells how a "
        "centre works on paper, and how the forms are entered afterwards.",
    .options = PRINT_OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run_print,
};

/* ---- enter ---- */

static void tell_outcome(void *context, const struct paper_outcome *outcome)
{
    (void)context;
    if (outcome->call != 0) {
        printf("%s  call %lld\n", outcome->form, (long long)outcome->call);
    } else if (outcome->is_known) {
        printf("%s  entered already: call %lld, at %s\n", outcome->form, (long long)outcome->known_call, outcome->known_at);
    } else {
        printf("%s  REFUSED (line %d): %s\n", outcome->form, outcome->line, outcome->why);
    }
    (void)fflush(stdout);
    (void)alarm(PATIENCE_S); /* it answers: the next one is waited for as long */
}

static enum status read_instant(const struct arguments *arguments, const char *name, struct instant *at, struct error *error)
{
    const char *text = argument(arguments, name, NULL);
    if (text == NULL || !instant_parse(text, at)) {
        return ERROR(error, STATUS_USAGE, "%s: say %s the centre worked on paper, such as 2026-11-22T14:02:00+08:00", name,
                     strcmp(name, "--from") == 0 ? "from when on" : "until when");
    }
    return STATUS_OK;
}

static enum status run_enter(const struct arguments *arguments, struct error *error)
{
    char token[TOKEN_MAX];
    struct paper_entered entered;
    struct paper_entering entering = { .path = arguments->positionals[0],
                                       .url = argument(arguments, "--centre", "http://127.0.0.1:8120"),
                                       .token = token,
                                       .stop = &waited_long_enough,
                                       .tell = tell_outcome };
    TRY(read_instant(arguments, "--from", &entering.begun_at, error));
    TRY(read_instant(arguments, "--to", &entering.ended_at, error));
    TRY(read_token(argument(arguments, "--token-file", NULL), token, error));
    TRY(secret_start(error));
    secret_random(&entering.key_seed, sizeof entering.key_seed);
    wait_at_most(PATIENCE_S);
    enum status status = paper_enter(&entering, &entered, error);
    secret_wipe(token, sizeof token);
    printf("entered %u, entered already %u, refused %u\n", entered.entered, entered.known, entered.refused);
    TRY(status);
    return entered.refused == 0 ? STATUS_OK
                                : ERROR(error, STATUS_BAD_INPUT,
                                        "%u forms were refused: mend their rows and enter the table again", entered.refused);
}

static const struct verb_option ENTER_OPTIONS[] = {
    { "--from", "T", "from when on the centre worked on paper: 2026-11-22T14:02:00+08:00", NULL },
    { "--to", "T", "until when", NULL },
    { "--centre", "URL", "of the centre; default http://127.0.0.1:8120", NULL },
    { "--token-file", "FILE", "holds an API token of a call_taker or duty_commander of the whole centre", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_paper_enter = {
    .name = "paper enter",
    .summary = "enter a table of forms that were filled in on paper, after an outage",
    .synopsis = "paper enter FILE.csv --from T --to T --token-file FILE [--centre URL]",
    .details =
        "Each form becomes a case that is over: a call, its incident, the missions, with the times that stand on the paper. No "
        "unit, "
        "queue, bed or alarm is touched. Indicators and reports count it by its own times, and say how many of their "
        "cases were entered afterwards. docs/paper.md has the columns; a time of day such as 14:02 or 140233 is enough.\n\n"
        "A form that was entered before is passed over, so a table can be mended and entered again; nothing can be added to it. "
        "Nothing is entered while a form's number is mistyped or its lines do not stand together. Any other row that cannot be "
        "read ends the run with its line; the forms before that one are entered. The exit status is 1 if a form was refused.",
    .options = ENTER_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_enter,
};
