/* The words of states and kinds on paper: those of the console. Some hundred, looked through from the first. */
#include <string.h>

#include "host/paper_private.h"
#include "host/paper_words.h"

const char *paper_word(enum paper_language language, const char *kind, const char *label)
{
    for (size_t i = 0; i < sizeof PAPER_WORDS / sizeof PAPER_WORDS[0]; i++) {
        const struct paper_word *word = &PAPER_WORDS[i];
        if (strcmp(word->kind, kind) == 0 && strcmp(word->label, label) == 0) {
            return language == PAPER_CHINESE ? word->zh : word->en;
        }
    }
    return label;
}

const char *paper_say(const struct paper_options *options, const char *en, const char *zh)
{
    return options->language == PAPER_CHINESE ? zh : en;
}
