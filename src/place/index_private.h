/* What an index holds: entries, their names, the words of those, and for each word the names that it stands in. */
#ifndef MINGDI_PLACE_INDEX_PRIVATE_H
#define MINGDI_PLACE_INDEX_PRIVATE_H

#include <stdbool.h>

#include "place/index.h"
#include "place/match.h"
#include "place/roads.h"

enum { NAME_WORDS_MAX = 16 };

struct place_entry {
    enum place_kind kind;
    uint8_t handicap; /* of its kind, in the price of a match */
    bool is_bay;      /* the letter of a stop's platform: found, but tells nobody where something is */
    uint32_t piece;   /* of a road, else ROAD_NONE */
    const char *name, *detail;
    struct geo_point point;
};
VEC_TYPE(entry_vec, struct place_entry);

struct index_name {
    uint32_t entry;
    const char *text; /* not zero-terminated */
    uint32_t length;
    uint32_t first_word; /* in name_words: first its words in their order, then neighbours joined, which people write as one */
    uint8_t word_count, joined_count;
    bool is_other; /* an alternative name */
};
VEC_TYPE(name_vec, struct index_name);

struct index_word {
    uint32_t first_glyph, count; /* in the rows */
    bool has_han;
    uint8_t first_part; /* of neighbours joined: the length of the first, which is a word of its own; 0 for a word */
};
VEC_TYPE(word_vec, struct index_word);
VEC_TYPE(number_vec, uint32_t);

struct place_index {
    struct road_pieces roads; /* city NULL in an index of names */
    struct entry_vec entries;
    struct name_vec names;
    struct number_vec name_words;
    struct glyph_vec glyphs;
    const struct glyph **rows; /* the glyphs of all words */
    struct word_vec words;     /* first those without Han characters, sorted; then the others */
    uint32_t plain_words;
    struct match_signature *signatures; /* by word */
    uint32_t *names_first, *names_at;   /* of each word the names */
    char *texts;                        /* owned, in an index of names */
};

static inline uint32_t index_word_match(const struct place_index *index, uint32_t word, const struct match_piece *piece,
                                        enum match_effort effort)
{
    const struct index_word *held = &index->words.items[word];
    return match_word(piece, index->rows + held->first_glyph, held->count, held->has_han, effort);
}

#endif
