/* Whether a word that was typed is a word of a name, and how well it fits.
 *
 * A word of a name is a row of glyphs. A letter or digit is a glyph that is written in one way; a Han character may be written
 * as itself, as any of its readings, and shortly as the beginning of one: 长安街 as changanjie, caj, chang安j. A typed word fits when
 * it is the beginning of the name's word, in a word with Han characters also when it begins later in it. With errors allowed,
 * letters may be missing, too many, wrong or exchanged, and a character may stand for another that sounds the same; but a word
 * that begins within another begins right.
 *
 * Exact: the sets of what has been read are bits of one word (Wu and Manber, "Fast text searching allowing errors", CACM 1992),
 * so that all ways of writing are followed at once. Workload: 100 to 10,000 words a key press, 20 to 200 ns each; signatures keep
 * the others out. */
#ifndef MINGDI_PLACE_MATCH_H
#define MINGDI_PLACE_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/vec.h"
#include "place/fold.h"

/* What a word may hold, as bits: letters and neighbours of letters. Never more precise than the truth: a word that fits is
 * never kept out. */
struct match_signature {
    uint64_t letters;
    uint64_t pairs[2];
    uint64_t beginnings; /* of the word; of one with Han characters of each glyph */
};

/* ---- glyphs: the characters of all names ---- */

struct glyph {
    uint32_t code;
    uint32_t sign;        /* another character that it may be written as: the numeral of a digit; else 0 */
    const char *readings; /* "" where it has none */
    uint64_t beginnings;  /* the bits of the letters that it may begin with, itself included */
};
VEC_TYPE(glyph_vec, struct glyph);

struct glyph match_glyph(uint32_t code);
/* Adds the row of glyphs to the signature. */
void match_sign_word(const struct glyph *const *glyphs, uint32_t count, struct match_signature *signature);

/* ---- a typed word ---- */

enum { MATCH_EDITS_MAX = 2 };

struct match_piece {
    uint32_t codes[FOLD_WORD_MAX];
    uint32_t count;
    bool has_han, has_latin;
    uint32_t edits; /* that may be forgiven: by its length */
    uint64_t ascii[128];
    uint64_t finished;                   /* the bit of having read all of it */
    const char *readings[FOLD_WORD_MAX]; /* of its Han characters */
    struct match_signature signature;
    uint64_t beginnings;                        /* the bits of its first two letters */
    struct match_signature runs[FOLD_WORD_MAX]; /* where errors are forgiven: pairs one of which rows is there whole */
    uint32_t run_count;
};

void match_piece_begin(struct match_piece *piece, const uint32_t *codes, uint32_t count);

enum match_effort {
    MATCH_EXACT,     /* no errors; short forms of readings */
    MATCH_FORGIVING, /* errors; readings in full */
};

/* 0 for a whole word as it is, more the worse it fits, at most MATCH_NONE - 1; MATCH_NONE where it does not. */
enum {
    MATCH_NONE = 255,
    MATCH_PREFIX = 8,
    MATCH_REST = 24,
    MATCH_INSIDE = 14,
    MATCH_SPELLED = 4,
    MATCH_SHORT = 26,
    MATCH_EDIT = 60
};
uint32_t match_word(const struct match_piece *piece, const struct glyph *const *glyphs, uint32_t count, bool has_han,
                    enum match_effort effort);
/* The same for a word that is known to begin with the piece, which holds no Han character. */
uint32_t match_beginning(const struct match_piece *piece, uint32_t count);
/* False only where match_word gives MATCH_NONE. */
bool match_may_fit(const struct match_piece *piece, const struct match_signature *signature, enum match_effort effort);

#endif
