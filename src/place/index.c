#include "place/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "place/index_private.h"
#include "road/city_map.h"

const char *const PLACE_KIND_NAMES[PLACE_KIND_COUNT] = { "road", "junction", "place", "post", "facility", "coordinates" };

enum { NAMES_MAX = 4000000, ROAD_HANDICAP = 6, RANK_SHARE = 8 };

/* While an index is made: words and glyphs by what they hold. */
struct making {
    struct place_index *index;
    struct number_vec rows;                     /* glyph numbers of all words */
    uint32_t *word_slots, *glyph_slots;         /* number + 1, or 0; open addressing */
    uint32_t word_slot_count, glyph_slot_count; /* powers of two */
    struct folded folded;
};

/* ---- glyphs and words ---- */

static bool grow(uint32_t **slots, uint32_t *count, uint32_t used, uint64_t (*hash)(const struct making *, uint32_t),
                 const struct making *making)
{
    if (used * 2 < *count) {
        return true;
    }
    uint32_t larger = *count == 0 ? 1024 : *count * 2;
    uint32_t *fresh = calloc(larger, sizeof *fresh);
    if (fresh == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < used; i++) {
        uint32_t slot = (uint32_t)hash(making, i) & (larger - 1);
        while (fresh[slot] != 0) {
            slot = (slot + 1) & (larger - 1);
        }
        fresh[slot] = i + 1;
    }
    free(*slots);
    *slots = fresh;
    *count = larger;
    return true;
}

static uint64_t hash_of_code(uint32_t code) { return hash64(&code, sizeof code, 0); }
static uint64_t hash_of_glyph(const struct making *making, uint32_t glyph)
{
    return hash_of_code(making->index->glyphs.items[glyph].code);
}

static uint64_t hash_of_row(const uint32_t *row, uint32_t count) { return hash64(row, count * sizeof *row, 1); }
static uint64_t hash_of_word(const struct making *making, uint32_t word)
{
    const struct index_word *held = &making->index->words.items[word];
    return hash_of_row(making->rows.items + held->first_glyph, held->count);
}

static bool take_glyph(struct making *making, uint32_t code, uint32_t *glyph)
{
    struct glyph_vec *glyphs = &making->index->glyphs;
    if (!grow(&making->glyph_slots, &making->glyph_slot_count, (uint32_t)glyphs->count, hash_of_glyph, making)) {
        return false;
    }
    uint32_t mask = making->glyph_slot_count - 1, slot = (uint32_t)hash_of_code(code) & mask;
    for (; making->glyph_slots[slot] != 0; slot = (slot + 1) & mask) {
        *glyph = making->glyph_slots[slot] - 1;
        if (glyphs->items[*glyph].code == code) {
            return true;
        }
    }
    *glyph = (uint32_t)glyphs->count;
    making->glyph_slots[slot] = *glyph + 1;
    return vec_push(glyphs, match_glyph(code));
}

/* The row stands at the end of rows; it is taken back where the word is known. */
static bool take_row(struct making *making, uint32_t first, bool has_han, uint32_t first_part, uint32_t *word)
{
    struct word_vec *words = &making->index->words;
    uint32_t count = (uint32_t)making->rows.count - first;
    if (!grow(&making->word_slots, &making->word_slot_count, (uint32_t)words->count, hash_of_word, making)) {
        return false;
    }
    const uint32_t *row = making->rows.items + first;
    uint32_t mask = making->word_slot_count - 1, slot = (uint32_t)hash_of_row(row, count) & mask;
    for (; making->word_slots[slot] != 0; slot = (slot + 1) & mask) {
        *word = making->word_slots[slot] - 1;
        struct index_word *known = &words->items[*word];
        if (known->count == count && memcmp(making->rows.items + known->first_glyph, row, count * sizeof *row) == 0) {
            known->first_part = first_part < known->first_part ? (uint8_t)first_part : known->first_part;
            making->rows.count = first;
            return true;
        }
    }
    *word = (uint32_t)words->count;
    making->word_slots[slot] = *word + 1;
    return vec_push(words, (struct index_word){ first, count, has_han, (uint8_t)first_part });
}

static bool take_word(struct making *making, const uint32_t *codes, uint32_t count, bool has_han, uint32_t first_part)
{
    uint32_t first = (uint32_t)making->rows.count, glyph, word;
    for (uint32_t i = 0; i < count; i++) {
        if (!take_glyph(making, codes[i], &glyph) || !vec_push(&making->rows, glyph)) {
            return false;
        }
    }
    return take_row(making, first, has_han, first_part, &word) && vec_push(&making->index->name_words, word);
}

/* ---- names ---- */

/* Santa Catarina is also written santacatarina, D'Argens dargens: the codes of neighbours follow each other in folded. */
static bool join_neighbours(struct making *making, struct index_name *name)
{
    const struct folded *folded = &making->folded;
    bool taken = true;
    for (uint32_t i = 0; i + 1 < name->word_count && taken; i++) {
        const struct fold_word *left = &folded->words[i], *right = &folded->words[i + 1];
        uint32_t count = (uint32_t)left->count + right->count;
        if (!left->has_han && !right->has_han && count <= FOLD_WORD_MAX) {
            taken = take_word(making, folded->codes + left->first, count, false, left->count);
            name->joined_count++;
        }
    }
    return taken;
}

/* A text without any letter is passed over. */
static bool take_name(struct making *making, uint32_t entry, const char *text, size_t length, bool is_other)
{
    struct place_index *index = making->index;
    struct folded *folded = &making->folded;
    if (index->names.count >= NAMES_MAX || !fold_text(text, length, folded)) {
        return true;
    }
    struct index_name name = { .entry = entry,
                               .text = text,
                               .length = (uint32_t)length,
                               .first_word = (uint32_t)index->name_words.count,
                               .is_other = is_other };
    name.word_count = (uint8_t)(folded->word_count < NAME_WORDS_MAX ? folded->word_count : NAME_WORDS_MAX);
    bool taken = true;
    for (uint32_t i = 0; i < name.word_count && taken; i++) {
        const struct fold_word *word = &folded->words[i];
        taken = take_word(making, folded->codes + word->first, word->count, word->has_han, 0);
    }
    return taken && join_neighbours(making, &name) && vec_push(&index->names, name);
}

static bool take_alternatives(struct making *making, uint32_t entry, const char *list)
{
    struct city_alternative other;
    bool taken = true;
    while (taken && city_next_alternative(&list, &other)) {
        taken = take_name(making, entry, other.name, other.name_length, true);
    }
    return taken;
}

/* ---- finishing ---- */

/* Words in their final order: qsort_r's context. */
struct word_order {
    const struct place_index *index;
    const uint32_t *rows;
};

static int by_codes(const void *a, const void *b, void *context)
{
    const struct word_order *order = context;
    const struct index_word *left = &order->index->words.items[*(const uint32_t *)a];
    const struct index_word *right = &order->index->words.items[*(const uint32_t *)b];
    const struct glyph *glyphs = order->index->glyphs.items;
    if (left->has_han != right->has_han) {
        return left->has_han ? 1 : -1;
    }
    for (uint32_t i = 0; i < left->count && i < right->count; i++) {
        uint32_t one = glyphs[order->rows[left->first_glyph + i]].code, other = glyphs[order->rows[right->first_glyph + i]].code;
        if (one != other) {
            return one < other ? -1 : 1;
        }
    }
    return left->count < right->count ? -1 : left->count > right->count;
}

static bool sort_words(struct making *making)
{
    struct place_index *index = making->index;
    uint32_t count = (uint32_t)index->words.count;
    uint32_t *order = malloc(((size_t)count + 1) * sizeof *order), *place_of = malloc(((size_t)count + 1) * sizeof *place_of);
    struct index_word *sorted = malloc(((size_t)count + 1) * sizeof *sorted);
    bool made = order != NULL && place_of != NULL && sorted != NULL;
    bool any = made && count > 0;
    for (uint32_t i = 0; i < count && made; i++) {
        order[i] = i;
    }
    if (any) {
        struct word_order context = { index, making->rows.items };
        qsort_r(order, count, sizeof *order, by_codes, &context);
        for (uint32_t i = 0; i < count; i++) {
            sorted[i] = index->words.items[order[i]];
            place_of[order[i]] = i;
            index->plain_words += !sorted[i].has_han;
        }
        memcpy(index->words.items, sorted, count * sizeof *sorted);
        for (size_t i = 0; i < index->name_words.count; i++) {
            index->name_words.items[i] = place_of[index->name_words.items[i]];
        }
    }
    free(order);
    free(place_of);
    free(sorted);
    return made;
}

static bool point_rows(struct making *making)
{
    struct place_index *index = making->index;
    index->rows = malloc((making->rows.count + 1) * sizeof *index->rows);
    index->signatures = calloc(index->words.count + 1, sizeof *index->signatures);
    if (index->rows == NULL || index->signatures == NULL) {
        return false;
    }
    for (size_t i = 0; i < making->rows.count; i++) {
        index->rows[i] = &index->glyphs.items[making->rows.items[i]];
    }
    for (size_t i = 0; i < index->words.count; i++) {
        const struct index_word *word = &index->words.items[i];
        match_sign_word(index->rows + word->first_glyph, word->count, &index->signatures[i]);
    }
    return true;
}

static uint32_t words_of(const struct index_name *name) { return (uint32_t)name->word_count + name->joined_count; }

static bool list_names_by_word(struct place_index *index)
{
    index->names_first = calloc(index->words.count + 3, sizeof(uint32_t));
    index->names_at = malloc((index->name_words.count + 1) * sizeof(uint32_t));
    if (index->names_first == NULL || index->names_at == NULL) {
        return false;
    }
    for (size_t i = 0; i < index->name_words.count; i++) {
        index->names_first[index->name_words.items[i] + 2]++;
    }
    for (size_t word = 0; word < index->words.count; word++) {
        index->names_first[word + 2] += index->names_first[word + 1];
    }
    for (uint32_t n = 0; n < index->names.count; n++) {
        const struct index_name *name = &index->names.items[n];
        for (uint32_t i = 0; i < words_of(name); i++) {
            index->names_at[index->names_first[index->name_words.items[name->first_word + i] + 1]++] = n;
        }
    }
    return true;
}

static void end_making(struct making *making)
{
    vec_free(&making->rows);
    free(making->word_slots);
    free(making->glyph_slots);
    free(making);
}

static enum status finish(struct making *making, bool taken, struct place_index **index, struct error *error)
{
    struct place_index *made = making->index;
    taken = taken && sort_words(making) && point_rows(making) && list_names_by_word(made);
    end_making(making);
    if (!taken) {
        place_index_free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the index of names");
    }
    *index = made;
    return STATUS_OK;
}

static struct making *begin(void)
{
    struct making *making = calloc(1, sizeof *making);
    if (making != NULL) {
        making->index = calloc(1, sizeof *making->index);
        if (making->index == NULL) {
            free(making);
            making = NULL;
        }
    }
    return making;
}

/* ---- what is indexed ---- */

static bool take_roads(struct making *making)
{
    struct place_index *index = making->index;
    bool taken = true;
    for (uint32_t p = 0; p < index->roads.piece_count && taken; p++) {
        const struct road_piece *piece = &index->roads.pieces[p];
        enum road_class class = city_edge_class(index->roads.city, index->roads.edges[piece->first_edge]);
        uint32_t entry = (uint32_t)index->entries.count;
        taken = vec_push(&index->entries, (struct place_entry){ .kind = PLACE_KIND_ROAD,
                                                                .handicap = ROAD_HANDICAP,
                                                                .piece = p,
                                                                .name = piece->name,
                                                                .detail = road_class_name(class),
                                                                .point = piece->middle }) &&
                take_name(making, entry, piece->name, strlen(piece->name), false) &&
                take_alternatives(making, entry, piece->alternatives);
    }
    return taken;
}

static bool is_bay(const struct city_named_place *place)
{
    size_t length = strlen(place->name);
    return place->kind == CITY_PLACE_STOP && utf8_sequence(place->name, length) == length;
}

static bool take_places(struct making *making, const struct city *city)
{
    bool taken = true;
    for (uint32_t p = 0; p < city_place_count(city) && taken; p++) {
        const struct city_named_place place = city_place_at(city, p);
        uint32_t entry = (uint32_t)making->index->entries.count;
        taken = vec_push(&making->index->entries, (struct place_entry){ .kind = PLACE_KIND_PLACE,
                                                                        .handicap = (uint8_t)(place.rank / RANK_SHARE),
                                                                        .is_bay = is_bay(&place),
                                                                        .piece = ROAD_NONE,
                                                                        .name = place.name,
                                                                        .detail = city_place_kind_name(place.kind),
                                                                        .point = place.point }) &&
                take_name(making, entry, place.name, strlen(place.name), false) &&
                take_alternatives(making, entry, place.alternatives);
    }
    return taken;
}

enum status place_index_of_city(const struct city *city, struct place_index **index, struct error *error)
{
    struct making *making = begin();
    if (making == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the index of names");
    }
    enum status status = road_pieces_make(city, &making->index->roads, error);
    if (status != STATUS_OK) {
        place_index_free(making->index);
        end_making(making);
        return status;
    }
    return finish(making, take_roads(making) && take_places(making, city), index, error);
}

static bool copy_texts(struct place_index *index, const struct place_name *names, uint32_t count)
{
    size_t size = 1, at = 0;
    for (uint32_t i = 0; i < count; i++) {
        size += strlen(names[i].name) + strlen(names[i].code) + 2;
    }
    index->texts = malloc(size);
    for (uint32_t i = 0; i < count && index->texts != NULL; i++) {
        const char *const both[] = { names[i].name, names[i].code };
        for (int k = 0; k < 2; k++) {
            memcpy(index->texts + at, both[k], strlen(both[k]) + 1);
            at += strlen(both[k]) + 1;
        }
    }
    return index->texts != NULL;
}

enum status place_index_of_names(const struct place_name *names, uint32_t count, struct place_index **index, struct error *error)
{
    struct making *making = begin();
    if (making == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the index of names");
    }
    bool taken = copy_texts(making->index, names, count);
    const char *at = making->index->texts;
    for (uint32_t i = 0; i < count && taken; i++) {
        const char *name = at, *code = name + strlen(name) + 1;
        at = code + strlen(code) + 1;
        taken = vec_push(&making->index->entries, (struct place_entry){ .kind = names[i].kind,
                                                                        .piece = ROAD_NONE,
                                                                        .name = name[0] != '\0' ? name : code,
                                                                        .detail = code,
                                                                        .point = names[i].point }) &&
                take_name(making, i, name, strlen(name), false) && take_name(making, i, code, strlen(code), name[0] != '\0');
    }
    return finish(making, taken, index, error);
}

void place_index_free(struct place_index *index)
{
    if (index == NULL) {
        return;
    }
    road_pieces_free(&index->roads);
    vec_free(&index->entries);
    vec_free(&index->names);
    vec_free(&index->name_words);
    vec_free(&index->glyphs);
    vec_free(&index->words);
    free(index->rows);
    free(index->signatures);
    free(index->names_first);
    free(index->names_at);
    free(index->texts);
    free(index);
}

uint32_t place_index_count(const struct place_index *index) { return (uint32_t)index->names.count; }
