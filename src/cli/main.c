/* mingdi: finds the verb, parses its arguments, runs it, and turns the result into a message and an exit code. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/help.h"
#include "cli/verb.h"

static int fail(const char *verb_name, const struct error *error)
{
    (void)fflush(stdout);
    if (verb_name != NULL) {
        fprintf(stderr, "mingdi: %s: %s\n", verb_name, error->text);
    } else {
        fprintf(stderr, "mingdi: %s\n", error->text);
    }
    return error->status == STATUS_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static enum status show_help(const struct verb *verb, struct error *error)
{
    struct text out;
    text_init(&out, HELP_TEXT_MAX);
    help_verb(&out, verb);
    return help_print(&out, error);
}

static enum status run_verb(const struct verb *verb, int word_count, const char *const *words, struct error *error)
{
    if (arguments_want_help(word_count, words)) {
        return show_help(verb, error);
    }
    struct arguments arguments;
    TRY(arguments_parse(verb, word_count, words, &arguments, error));
    TRY(verb->run(&arguments, error));
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return ERROR(error, STATUS_IO, "standard output: %s", strerror(errno));
    }
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    (void)signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is an error like a full disk */
    const char *const *words = (const char *const *)argv + 1;
    int word_count = argc > 0 ? argc - 1 : 0;
    struct error error = { 0 };
    if (word_count == 0) {
        struct text out;
        text_init(&out, HELP_TEXT_MAX);
        help_overview(&out, NULL);
        (void)fwrite(out.bytes, 1, out.length, stderr);
        text_free(&out);
        return EXIT_USAGE;
    }
    static const char *const help_words[] = { "help" };
    static const char *const version_words[] = { "version" };
    if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0) {
        words = help_words;
        word_count = 1;
    } else if (strcmp(words[0], "--version") == 0) {
        words = version_words;
        word_count = 1;
    }
    int used = 0;
    const struct verb *verb = verb_find(word_count, words, &used);
    if (verb == NULL) {
        return verb_unknown(word_count, words, &error) == STATUS_OK ? EXIT_OK : fail(NULL, &error);
    }
    enum status status = run_verb(verb, word_count - used, words + used, &error);
    return status == STATUS_OK ? EXIT_OK : fail(verb->name, &error);
}
