/* mingdi config check, mingdi config show, mingdi config docs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "host/config.h"

/* The file that the words name: FILE, --config FILE, or mingdi.yaml in --data DIR; NULL where none was named. The caller frees
 * it. */
static char *named_file(const struct arguments *arguments)
{
    const char *data = argument(arguments, "--data", NULL);
    if (arguments->positional_count > 0) {
        return strdup(arguments->positionals[0]);
    }
    return data != NULL ? file_join(data, "mingdi.yaml") : NULL;
}

static enum status read_all(const struct arguments *arguments, struct config *config, struct error *error)
{
    char *path = named_file(arguments);
    config_defaults(config);
    enum status status = path != NULL ? config_read_file(config, path, error) : STATUS_OK;
    free(path);
    if (status == STATUS_OK) {
        status = config_read_environment(config, environ, error);
    }
    return status == STATUS_OK ? config_check(config, error) : status;
}

static enum status run_check(const struct arguments *arguments, struct error *error)
{
    struct config config;
    TRY(read_all(arguments, &config, error));
    printf("%s: fits\n", config.file[0] != '\0' ? config.file : "the environment");
    return STATUS_OK;
}

static enum status run_show(const struct arguments *arguments, struct error *error)
{
    struct config config;
    struct text out;
    TRY(read_all(arguments, &config, error));
    text_init(&out, HELP_TEXT_MAX);
    config_write_shown(&config, &out);
    return help_print(&out, error);
}

/* The man page holds the file as 'mingdi init' writes it: each setting under its comment. */
static void write_man_page(struct text *out)
{
    struct config defaults;
    struct text file;
    config_defaults(&defaults);
    text_init(&file, HELP_TEXT_MAX);
    config_write_yaml(&defaults, &file);
    text_puts(out,
              ".TH MINGDI.YAML 5 \"\" \"mingdi " MINGDI_VERSION "\" \"File Formats\"\n"
              ".SH NAME\nmingdi.yaml \\- settings of a centre\n"
              ".SH DESCRIPTION\n"
              "A flat list in YAML, one name and value a line; names, values and lines that do not fit are refused by line. The "
              "environment wins over the file: MINGDI_SET_PORT for\n.BR port .\n"
              "Settings that need no restart are read again on SIGHUP, and may be changed by an administrator while the "
              "server runs.\n"
              ".PP\nThis is the file as\n.B mingdi init\nwrites it, every setting with its default.\n"
              ".SH SETTINGS\n.nf\n");
    help_roff(out, file.bytes, file.length);
    text_puts(out, ".fi\n.SH SEE ALSO\n.BR mingdi (1)\n");
    out->failed = out->failed || file.failed;
    text_free(&file);
}

static enum status run_docs(const struct arguments *arguments, struct error *error)
{
    struct text out;
    text_init(&out, HELP_TEXT_MAX);
    if (argument_count(arguments, "--man") > 0) {
        write_man_page(&out);
    } else {
        config_write_docs(&out);
    }
    return help_print(&out, error);
}

static const struct verb_option DOCS_OPTIONS[] = {
    { "--man", NULL, "the man page mingdi.yaml(5), in roff", NULL },
    { NULL, NULL, NULL, NULL },
};

static const struct verb_option DATA_OPTIONS[] = {
    { "--data", "DIR", "data folder of a centre: its mingdi.yaml is read", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_config_check = {
    .name = "config check",
    .summary = "check a configuration file and the environment",
    .synopsis = "config check [FILE] [--data DIR]",
    .details =
        "Exit 1 with one line, file:line: what is wrong and what is allowed, if anything is. Variables MINGDI_SET_<NAME> of the "
        "environment are checked as well: they win over the file.",
    .options = DATA_OPTIONS,
    .positionals_min = 0,
    .positionals_max = 1,
    .run = run_check,
};

const struct verb verb_config_show = {
    .name = "config show",
    .summary = "print every setting and where its value comes from",
    .synopsis = "config show [FILE] [--data DIR]",
    .details = "What a server started with this file and this environment would go by. Each line ends in its origin: default, "
               "file:line or "
               "environment.",
    .options = DATA_OPTIONS,
    .positionals_min = 0,
    .positionals_max = 1,
    .run = run_show,
};

const struct verb verb_config_docs = {
    .name = "config docs",
    .summary = "print the reference of all settings (docs/config.md)",
    .synopsis = "config docs [--man]",
    .details = "Name, default, range, whether a change needs a restart, and meaning of every setting, in Markdown.",
    .options = DOCS_OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run_docs,
};
