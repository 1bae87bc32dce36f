/* mingdi help: the overview, one verb, or the man page. All from the table of verbs. */
#include "cli/help.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 80, NAME_COLUMN = 26 };

/* Append words of paragraph broken into lines that begin with indent spaces; the first line continues at column at. */
static void wrap(struct text *out, const char *paragraph, size_t length, int indent, int at)
{
    int column = at;
    bool line_has_word = false;
    for (size_t i = 0; i < length;) {
        size_t word = 0;
        while (i + word < length && paragraph[i + word] != ' ') {
            word++;
        }
        if (word > 0) {
            if (line_has_word && column + 1 + (int)word > COLUMNS) {
                text_printf(out, "\n%*s", indent, "");
                column = indent;
            } else if (line_has_word) {
                text_puts(out, " ");
                column++;
            }
            text_append(out, paragraph + i, word);
            column += (int)word;
            line_has_word = true;
        }
        i += word + 1;
    }
    text_puts(out, "\n");
}

/* Details are lines: one that begins with a space stands as it is, the others are wrapped. */
static void wrap_details(struct text *out, const char *details)
{
    for (const char *line = details; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (line[0] == ' ') {
            text_append(out, line, length);
            text_puts(out, "\n");
        } else {
            wrap(out, line, length, 0, 0);
        }
        line += length + (line[length] == '\n');
    }
}

static void two_columns(struct text *out, const char *left, const char *right)
{
    int width = (int)strlen(left) + 2;
    text_printf(out, "  %s", left);
    if (width + 2 > NAME_COLUMN) {
        text_printf(out, "\n%*s", NAME_COLUMN, "");
    } else {
        text_printf(out, "%*s", NAME_COLUMN - width, "");
    }
    wrap(out, right, strlen(right), NAME_COLUMN, NAME_COLUMN);
}

void help_overview(struct text *out, const char *group)
{
    if (group == NULL) {
        text_puts(out, "mingdi: the command system of an emergency medical service\n\nUsage:\n  mingdi VERB ...\n\nVerbs:\n");
    } else {
        text_printf(out, "Verbs that begin with '%s':\n", group);
    }
    for (const struct verb *const *verb = VERBS; *verb != NULL; verb++) {
        if (group == NULL || verb_in_group(*verb, group)) {
            two_columns(out, (*verb)->name, (*verb)->summary);
        }
    }
    text_puts(out, "\n'mingdi help VERB' tells all about one. Exit codes: 0 done, 1 failed, 2 wrong command line.\n");
}

void help_verb(struct text *out, const struct verb *verb)
{
    text_printf(out, "mingdi %s: %s\n\nUsage:\n  mingdi ", verb->name, verb->summary);
    wrap(out, verb->synopsis, strlen(verb->synopsis), 6, 9);
    if (verb->options != NULL && verb->options->name != NULL) {
        text_puts(out, "\nOptions:\n");
    }
    for (const struct verb_option *option = verb->options; option != NULL && option->name != NULL; option++) {
        char left[128];
        const char *value = option->value != NULL ? option->value : "";
        snprintf(left, sizeof left, "%s%s%s", option->name, *value != '\0' ? " " : "", value);
        two_columns(out, left, option->help);
        if (option->choices != NULL) {
            text_printf(out, "%*sone of %s\n", NAME_COLUMN, "", option->choices);
        }
    }
    if (verb->details != NULL && verb->details[0] != '\0') {
        text_puts(out, "\n");
        wrap_details(out, verb->details);
    }
}

void help_roff(struct text *out, const char *string, size_t length)
{
    bool line_begins = true;
    for (size_t i = 0; i < length; i++) {
        char byte = string[i];
        if (line_begins && (byte == '.' || byte == '\'')) {
            text_puts(out, "\\&");
        }
        if (byte == '\\') {
            text_puts(out, "\\e");
        } else if (byte == '-') {
            text_puts(out, "\\-");
        } else {
            text_append(out, &byte, 1);
        }
        line_begins = byte == '\n';
    }
}

static void roff(struct text *out, const char *string) { help_roff(out, string, strlen(string)); }

/* Lines that begin with a space are examples: they are kept as they are. */
static void roff_details(struct text *out, const char *details)
{
    bool in_example = false;
    for (const char *line = details; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        bool example = line[0] == ' ';
        if (example != in_example) {
            text_puts(out, example ? ".nf\n" : ".fi\n");
            in_example = example;
        }
        if (length == 0) {
            text_puts(out, ".PP\n");
        } else {
            help_roff(out, line, length);
            text_puts(out, "\n");
        }
        line += length + (line[length] == '\n');
    }
    text_puts(out, in_example ? ".fi\n" : "");
}

static void man_verb(struct text *out, const struct verb *verb)
{
    text_puts(out, ".SS ");
    roff(out, verb->name);
    text_puts(out, "\n.B mingdi ");
    roff(out, verb->synopsis);
    text_puts(out, "\n.PP\n");
    roff(out, verb->summary);
    text_puts(out, ".\n");
    for (const struct verb_option *option = verb->options; option != NULL && option->name != NULL; option++) {
        text_puts(out, ".TP\n.B ");
        roff(out, option->name);
        text_puts(out, option->value != NULL ? " " : "");
        roff(out, option->value != NULL ? option->value : "");
        text_puts(out, "\n");
        roff(out, option->help);
        if (option->choices != NULL) {
            text_puts(out, " (one of ");
            roff(out, option->choices);
            text_puts(out, ")");
        }
        text_puts(out, "\n");
    }
    if (verb->details != NULL && verb->details[0] != '\0') {
        text_puts(out, ".PP\n");
        roff_details(out, verb->details);
    }
}

void help_man_page(struct text *out)
{
    text_puts(out, ".TH MINGDI 1 \"\" \"mingdi " MINGDI_VERSION "\" \"User Commands\"\n"
                   ".SH NAME\nmingdi \\- the command system of an emergency medical service\n"
                   ".SH SYNOPSIS\n.B mingdi\n.I VERB\n[\\fIarguments\\fR]\n.SH VERBS\n");
    for (const struct verb *const *verb = VERBS; *verb != NULL; verb++) {
        man_verb(out, *verb);
    }
    text_puts(out, ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong command line. Errors go to standard error as one line.\n");
}

enum status help_print(struct text *out, struct error *error)
{
    enum status status = STATUS_OK;
    if (out->failed) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for the text");
    } else if (fwrite(out->bytes, 1, out->length, stdout) != out->length || fflush(stdout) != 0) {
        status = ERROR(error, STATUS_IO, "standard output: %s", strerror(errno));
    }
    text_free(out);
    return status;
}

static enum status run_help(const struct arguments *arguments, struct error *error)
{
    struct text out;
    text_init(&out, HELP_TEXT_MAX);
    int count = arguments->positional_count;
    int used = 0;
    const struct verb *verb = verb_find(count, arguments->positionals, &used);
    bool is_group = false;
    for (const struct verb *const *each = VERBS; count == 1 && *each != NULL; each++) {
        is_group |= verb_in_group(*each, arguments->positionals[0]);
    }
    if (argument_count(arguments, "--man") > 0) {
        help_man_page(&out);
    } else if (count == 0 || is_group) {
        help_overview(&out, count == 0 ? NULL : arguments->positionals[0]);
    } else if (verb != NULL && used == count) {
        help_verb(&out, verb);
    } else {
        return verb_unknown(count, arguments->positionals, error);
    }
    return help_print(&out, error);
}

static const struct verb_option help_options[] = {
    { "--man", NULL, "print the man page, mingdi(1), in roff", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_help = {
    .name = "help",
    .summary = "tell what there is, or all about one verb",
    .synopsis = "help [VERB] [--man]",
    .details = "The same text is shown by 'mingdi VERB --help'.",
    .options = help_options,
    .positionals_min = 0,
    .positionals_max = 2,
    .run = run_help,
};
