#include "base/word.h"

#include <stddef.h>
#include <string.h>

static int smaller(int a, int b) { return a < b ? a : b; }

/* Optimal string alignment: three rows of the table are enough. */
int word_distance(const char *a, const char *b)
{
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    if (a_length >= WORD_DISTANCE_MAX || b_length >= WORD_DISTANCE_MAX) {
        return WORD_DISTANCE_MAX;
    }
    int rows[3][WORD_DISTANCE_MAX + 1] = { { 0 } };
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = (int)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        int *row = rows[i % 3];
        const int *above = rows[(i + 2) % 3];
        const int *two_above = rows[(i + 1) % 3];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_length; j++) {
            int replace = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smaller(replace, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = smaller(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}
