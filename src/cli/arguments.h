/* Parse a command line against a verb's table.
 *
 * Forms understood: "--name VALUE", "--name=VALUE", "--flag", "-o VALUE", "--" (everything after it is a positional). A word
 * such as -8.61,41.15 or "-" alone is a positional. The value of an option is the next word whatever it begins with. */
#ifndef MINGDI_CLI_ARGUMENTS_H
#define MINGDI_CLI_ARGUMENTS_H

#include <stdbool.h>

#include "base/status.h"
#include "cli/verb.h"

/* words are those after the verb; they must outlive arguments. STATUS_USAGE with a text that says what is wrong. */
enum status arguments_parse(const struct verb *verb, int word_count, const char *const *words, struct arguments *arguments,
                            struct error *error) MUST_USE;
/* True if --help or -h stands among the words before a "--". */
bool arguments_want_help(int word_count, const char *const *words);

#endif
