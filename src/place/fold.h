/* Text made comparable: case, accents, width and joining do not count, and it is cut into words.
 *
 * A name or a query becomes code points: Unicode's compatibility decomposition, case folded, marks dropped (Å, å and a are one;
 * full width is half width), and the letters that have strokes instead of marks spelled plainly (ø is o, ł is l, ħ is h, ß is
 * ss, æ is ae). All that is neither letter nor digit parts words; so do changes between Han and other scripts not: 中山1路 is one
 * word.
 *
 * Workload: each name of a city once, 10 to 40 bytes; a query a key press. */
#ifndef MINGDI_PLACE_FOLD_H
#define MINGDI_PLACE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOLD_CODES_MAX = 512, FOLD_WORDS_MAX = 32, FOLD_WORD_MAX = 62 };

struct fold_word {
    uint16_t first, count; /* in codes; count is at most FOLD_WORD_MAX: the rest of a longer word is left out */
    bool has_han;
};

struct folded {
    uint32_t codes[FOLD_CODES_MAX];
    uint32_t code_count;
    struct fold_word words[FOLD_WORDS_MAX]; /* a text of more is cut off */
    uint32_t word_count;
};

/* False where the bytes are no UTF-8, too long, or hold no word. */
bool fold_text(const char *bytes, size_t length, struct folded *folded);
bool fold_is_han(uint32_t code);

#endif
