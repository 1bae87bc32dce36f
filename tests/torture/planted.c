/* Whether the torture finds the bug that this program was built with: seeds are tried until one fails.
 *
 * usage: planted SEEDS HOURS: 0 if one of the seeds failed, with its report; 1 if all held */
#include <stdio.h>
#include <stdlib.h>

#include "base/planted.h"
#include "torture/torture.h"

int main(int count, char **words)
{
    if (count != 3 || PLANTED(NONE)) {
        fprintf(stderr, "usage: planted SEEDS HOURS, in a program with a planted bug\n");
        return 2;
    }
    uint64_t seeds = strtoull(words[1], NULL, 10);
    struct torture_options options = { .hours = strtod(words[2], NULL), .short_report = true };
    for (options.seed = 1; options.seed <= seeds; options.seed++) {
        bool held = false;
        struct error error;
        if (torture_run(&options, stdout, &held, &error) != STATUS_OK) {
            fprintf(stderr, "planted: %s\n", error.text);
            return 2;
        }
        if (!held) {
            return 0;
        }
    }
    fprintf(stderr, "planted: the bug was not found with %llu seeds\n", (unsigned long long)seeds);
    return 1;
}
