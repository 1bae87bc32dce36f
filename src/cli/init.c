/* mingdi init: makes a centre, from a setup folder or by questions on a terminal. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/init_guide.h"
#include "cli/verb.h"
#include "host/setup.h"

/* Set by a signal: the steps of init look at it and clear away what they made. */
static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

/* Without SA_RESTART: a question that waits for an answer is left as well. */
static void watch_signals(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = stop };
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)sigaction(numbers[i], &action, NULL);
    }
}

static enum status make(const struct setup_options *options, struct error *error)
{
    struct setup *setup = NULL;
    struct text told;
    TRY(setup_read(options, &setup, error));
    text_init(&told, SETUP_TOLD_MAX);
    enum status status = setup_write(setup, &told, error);
    setup_free(setup);
    if (status == STATUS_OK) {
        fputs(told.bytes != NULL ? told.bytes : "", stdout);
        printf("next: mingdi serve --data %s%s%s\n", options->data, options->store_url != NULL ? " --store URL" : "",
               options->drill ? " --drill" : "");
    }
    if (told.bytes != NULL) {
        explicit_bzero(told.bytes, told.length); /* passwords */
    }
    text_free(&told);
    return status == STATUS_OK && fflush(stdout) != 0 ? ERROR(error, STATUS_IO, "cannot write to standard output") : status;
}

static enum status make_guided(struct setup_options *options, struct error *error)
{
    static struct guide guide;
    enum status status = guide_run(&guide, options->data, options->stop, error);
    if (status == STATUS_OK) {
        options->from = guide.folder;
        options->admin_name = guide.admin_name;
        options->admin_display = guide.admin_display;
        options->admin_password = guide.admin_password;
        status = make(options, error);
    }
    guide_end(&guide);
    return status;
}

static size_t take_tokens(const struct arguments *arguments, const char *tokens[ARGUMENTS_MAX])
{
    size_t count = 0;
    for (int i = 0; i < arguments->option_count; i++) {
        if (strcmp(arguments->options[i].name, "--token") == 0) {
            tokens[count++] = arguments->options[i].value;
        }
    }
    return count;
}

static enum status run_init(const struct arguments *arguments, struct error *error)
{
    const char *tokens[ARGUMENTS_MAX];
    struct setup_options options = {
        .data = argument(arguments, "--data", NULL),
        .from = argument(arguments, "--from", NULL),
        .city = argument(arguments, "--city", NULL),
        .store_url = argument(arguments, "--store", NULL),
        .drill = argument(arguments, "--drill", NULL) != NULL,
        .admin_name = argument(arguments, "--admin", NULL),
        .tokens = tokens,
        .token_count = take_tokens(arguments, tokens),
        .stop = &stopped,
    };
    if (options.data == NULL) {
        return ERROR(error, STATUS_USAGE, "--data DIR says which folder to make");
    }
    watch_signals();
    if (options.from != NULL) {
        return make(&options, error);
    }
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) {
        return ERROR(error, STATUS_USAGE, "--from SETUP is missing: questions are asked on a terminal only (docs/setup.md)");
    }
    if (options.city != NULL || options.admin_name != NULL) {
        return ERROR(error, STATUS_USAGE, "--city and --admin go with --from; without it they are asked for");
    }
    return make_guided(&options, error);
}

static const struct verb_option INIT_OPTIONS[] = {
    { "--data", "DIR", "the folder to make; new or empty, or one with the centre whose drill is made", NULL },
    { "--from", "SETUP", "folder of the setup; without it everything is asked for, on a terminal", NULL },
    { "--city", "FILE", "city file; default: the one that the setup names", NULL },
    { "--store", "URL", "postgres://USER@HOST/DATABASE: tables and journal there instead of in DIR", NULL },
    { "--drill", NULL, "an exercise, with a journal, people and tokens of its own", NULL },
    { "--admin", "NAME", "an administrator beside those of people.csv; the password is made and shown once", NULL },
    { "--token", "NAME:ROLE", "a token for a machine, shown once; may be given several times", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_init = {
    .name = "init",
    .summary = "make a new centre, from a folder of plain files or by questions",
    .synopsis = "init --data DIR [--from SETUP] [--city FILE] [--store URL] [--drill] [--admin NAME] [--token NAME:ROLE]...",
    .details =
        "Makes DIR with the configuration mingdi.yaml, the city file, the key that personal data is sealed with, the databases, "
        "and a "
        "journal that begins with the centre's stations, units, hospitals and rules. docs/setup.md tells what SETUP holds.\n\n"
        "Everything is read and checked before anything is written; a mistake is one line, file:line: what is wrong. A folder "
        "that "
        "holds a centre is never changed. An init that is stopped or killed leaves nothing that mingdi serve would start on.\n\n"
        "Keep DIR/master.key safe and apart: without it the personal data in a backup cannot be read.",
    .options = INIT_OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run_init,
};
