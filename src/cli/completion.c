/* mingdi completion bash: a completion script made from the table of verbs. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/help.h"
#include "cli/verb.h"

/* The first words of all verbs, each once. */
static void first_words(struct text *out)
{
    for (const struct verb *const *verb = VERBS; *verb != NULL; verb++) {
        size_t length = strcspn((*verb)->name, " ");
        bool seen = false;
        for (const struct verb *const *before = VERBS; before != verb; before++) {
            seen |= strcspn((*before)->name, " ") == length && memcmp((*before)->name, (*verb)->name, length) == 0;
        }
        if (!seen) {
            text_append(out, (*verb)->name, length);
            text_puts(out, " ");
        }
    }
}

static void second_words(struct text *out)
{
    for (const struct verb *const *verb = VERBS; *verb != NULL; verb++) {
        const char *space = strchr((*verb)->name, ' ');
        if (space != NULL) {
            text_printf(out, "        %.*s) second+=' %s' ;;&\n", (int)(space - (*verb)->name), (*verb)->name, space + 1);
        }
    }
}

static void choices_of(struct text *out, const struct verb_option *option)
{
    for (const char *byte = option->choices; *byte != '\0'; byte++) {
        text_append(out, *byte == '|' ? " " : byte, 1);
    }
}

static void options_of(struct text *out, const struct verb *verb)
{
    text_printf(out, "        '%s') options='--help", verb->name);
    for (const struct verb_option *option = verb->options; option != NULL && option->name != NULL; option++) {
        text_printf(out, " %s", option->name);
    }
    text_puts(out, "'\n            case $previous in\n");
    for (const struct verb_option *option = verb->options; option != NULL && option->name != NULL; option++) {
        if (option->choices != NULL) {
            text_printf(out, "            %s) choices='", option->name);
            choices_of(out, option);
            text_puts(out, "' ;;\n");
        }
    }
    text_puts(out, "            esac ;;\n");
}

static void bash_script(struct text *out)
{
    text_puts(out, "# bash completion of mingdi, made by 'mingdi completion bash'\n"
                   "_mingdi() {\n"
                   "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
                   "    local first=${COMP_WORDS[1]} verb second='' options='' choices=''\n"
                   "    COMPREPLY=()\n"
                   "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                   "        COMPREPLY=($(compgen -W '");
    first_words(out);
    text_puts(out, "' -- \"$current\"))\n        return\n    fi\n    case $first in\n");
    second_words(out);
    text_puts(out, "        *) ;;\n    esac\n"
                   "    if [ -n \"$second\" ] && [ \"$COMP_CWORD\" -eq 2 ]; then\n"
                   "        COMPREPLY=($(compgen -W \"$second\" -- \"$current\"))\n        return\n    fi\n"
                   "    verb=$first\n"
                   "    if [ -n \"$second\" ]; then verb=\"$first ${COMP_WORDS[2]}\"; fi\n"
                   "    case $verb in\n");
    for (const struct verb *const *verb = VERBS; *verb != NULL; verb++) {
        options_of(out, *verb);
    }
    text_puts(out, "    esac\n"
                   "    if [ -n \"$choices\" ]; then\n"
                   "        COMPREPLY=($(compgen -W \"$choices\" -- \"$current\"))\n"
                   "    elif [[ $current == -* ]]; then\n"
                   "        COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
                   "    else\n"
                   "        COMPREPLY=($(compgen -f -- \"$current\"))\n"
                   "    fi\n}\ncomplete -o filenames -F _mingdi mingdi\n");
}

static enum status run_completion(const struct arguments *arguments, struct error *error)
{
    if (strcmp(arguments->positionals[0], "bash") != 0) {
        return ERROR(error, STATUS_USAGE, "no completion for '%s'; there is one for bash", arguments->positionals[0]);
    }
    struct text out;
    text_init(&out, HELP_TEXT_MAX);
    bash_script(&out);
    return help_print(&out, error);
}

const struct verb verb_completion = {
    .name = "completion",
    .summary = "print a completion script for the shell",
    .synopsis = "completion bash",
    .details = "For the running shell:\n\n  source <(mingdi completion bash)",
    .options = NULL,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_completion,
};
