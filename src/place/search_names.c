/* Names by words: which words of the index fit each word of the query, then which names hold them all. Most queries leave some
 * ten words and a hundred names; the beginning of a common word ("rua") leaves thousands of names, of which the best are kept. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "place/search_private.h"

enum { PRICE_UNCOVERED = 24, PRICE_ORDER = 6, PRICE_OTHER_NAME = 3, PRICE_FAR = 30 };
#define NEAR_M 3000.0 /* half of PRICE_FAR is paid at this distance */

struct finding {
    const struct place_index *index;
    const struct search_words *words;
    enum match_effort effort;
    const struct search_wish *wish;
    struct search_hits *hits;
    uint8_t *prices; /* by piece and word: 1 + the price, 0 where it does not fit */
    struct number_vec fitting[PIECES_MAX];
    uint64_t names[PIECES_MAX]; /* in which the fitting words stand */
    bool failed;
};

bool search_words_read(const char *text, size_t length, struct search_words *words)
{
    struct folded folded;
    words->count = 0;
    if (!fold_text(text, length, &folded)) {
        return false;
    }
    for (uint32_t i = 0; i < folded.word_count && words->count < PIECES_MAX; i++) {
        const struct fold_word *word = &folded.words[i];
        match_piece_begin(&words->pieces[words->count++], folded.codes + word->first, word->count);
    }
    return true;
}

/* ---- words ---- */

static uint8_t *price_at(const struct finding *finding, uint32_t piece, uint32_t word)
{
    return &finding->prices[piece * finding->index->words.count + word];
}

static void take_word(struct finding *finding, uint32_t piece, uint32_t word, uint32_t price)
{
    const struct place_index *index = finding->index;
    if (price < MATCH_NONE) {
        *price_at(finding, piece, word) = (uint8_t)(price + 1);
        finding->names[piece] += index->names_first[word + 1] - index->names_first[word];
        finding->failed |= !vec_push(&finding->fitting[piece], word);
    }
}

/* Against the first codes of the word. */
static int compare_with_beginning(const struct place_index *index, uint32_t word, const struct match_piece *piece)
{
    const struct index_word *held = &index->words.items[word];
    for (uint32_t i = 0; i < piece->count; i++) {
        if (i == held->count) {
            return -1;
        }
        uint32_t code = index->rows[held->first_glyph + i]->code;
        if (code != piece->codes[i]) {
            return code < piece->codes[i] ? -1 : 1;
        }
    }
    return 0;
}

/* The first plain word that does not stand before those that begin so, or, past, the first that stands behind them. */
static uint32_t beginnings_at(const struct finding *finding, uint32_t piece, bool past)
{
    uint32_t low = 0, high = finding->index->plain_words;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_with_beginning(finding->index, middle, &finding->words->pieces[piece]);
        if (order < 0 || (past && order == 0)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* They stand together. Of neighbours joined the first is a word too, which tells as much unless the piece is longer. */
static void try_beginnings(struct finding *finding, uint32_t number)
{
    const struct match_piece *piece = &finding->words->pieces[number];
    uint32_t end = beginnings_at(finding, number, true);
    for (uint32_t word = beginnings_at(finding, number, false); word < end; word++) {
        const struct index_word *held = &finding->index->words.items[word];
        if (held->first_part < piece->count) {
            take_word(finding, number, word, match_beginning(piece, held->count));
        }
    }
}

static void try_scan(struct finding *finding, uint32_t piece_number, uint32_t first)
{
    const struct place_index *index = finding->index;
    const struct match_piece *piece = &finding->words->pieces[piece_number];
    for (uint32_t word = first; word < index->words.count; word++) {
        if (match_may_fit(piece, &index->signatures[word], finding->effort) &&
            (finding->effort == MATCH_EXACT || index->words.items[word].first_part == 0)) {
            take_word(finding, piece_number, word, index_word_match(index, word, piece, finding->effort));
        }
    }
}

static void try_words(struct finding *finding, uint32_t piece)
{
    bool sorted = finding->effort == MATCH_EXACT && !finding->words->pieces[piece].has_han;
    if (sorted) {
        try_beginnings(finding, piece);
    }
    try_scan(finding, piece, sorted ? finding->index->plain_words : 0);
}

/* ---- names ---- */

static double distance_of(const struct place_index *index, const struct place_entry *entry, struct geo_point near)
{
    if (entry->piece != ROAD_NONE) {
        return road_piece_box_m(&index->roads.pieces[entry->piece], near);
    }
    return geo_distance_m(entry->point, near);
}

/* MATCH_NONE where a piece fits none of the name's words. */
static uint32_t price_of_words(const struct finding *finding, const struct index_name *name)
{
    const uint32_t *words = finding->index->name_words.items + name->first_word;
    uint32_t total = 0, covered = 0, last = 0;
    for (uint32_t piece = 0; piece < finding->words->count; piece++) {
        uint32_t best = 0, at = 0;
        for (uint32_t i = 0; i < (uint32_t)name->word_count + name->joined_count; i++) {
            uint32_t price = *price_at(finding, piece, words[i]);
            if (price != 0 && (best == 0 || price < best)) {
                best = price;
                at = i;
            }
        }
        if (best == 0) {
            return MATCH_NONE;
        }
        bool joined = at >= name->word_count;
        at -= joined ? name->word_count : 0U;
        covered |= (joined ? 3U : 1U) << at;
        total += best - 1 + (at < last ? PRICE_ORDER : 0);
        last = at;
    }
    uint32_t left_out = name->word_count - (uint32_t)__builtin_popcount(covered);
    left_out = left_out > name->word_count ? 0 : left_out;
    return total + PRICE_UNCOVERED * left_out / name->word_count + (name->is_other ? PRICE_OTHER_NAME : 0);
}

static void keep(struct search_hits *hits, const struct place_index *index, struct search_hit hit)
{
    uint32_t entry = index->names.items[hit.name].entry, at = 0;
    for (uint32_t i = 0; i < hits->count; i++) {
        if (index->names.items[hits->hits[i].name].entry == entry) {
            if (hits->hits[i].price <= hit.price) {
                return;
            }
            memmove(&hits->hits[i], &hits->hits[i + 1], (hits->count - i - 1) * sizeof hit);
            hits->count--;
            break;
        }
    }
    while (at < hits->count &&
           (hits->hits[at].price < hit.price || (hits->hits[at].price == hit.price && hits->hits[at].name < hit.name))) {
        at++;
    }
    if (at == hits->limit) {
        return;
    }
    hits->count += hits->count < hits->limit;
    memmove(&hits->hits[at + 1], &hits->hits[at], (hits->count - at - 1) * sizeof hit);
    hits->hits[at] = hit;
}

static void weigh_name(struct finding *finding, uint32_t number)
{
    const struct place_index *index = finding->index;
    const struct index_name *name = &index->names.items[number];
    const struct place_entry *entry = &index->entries.items[name->entry];
    const struct search_hits *hits = finding->hits;
    uint32_t most = hits->count == hits->limit ? hits->hits[hits->count - 1].price : UINT32_MAX;
    if (finding->wish->roads_only && entry->kind != PLACE_KIND_ROAD) {
        return;
    }
    uint32_t price = price_of_words(finding, name);
    if (price == MATCH_NONE || price + entry->handicap > most) {
        return;
    }
    price += entry->handicap;
    if (finding->wish->has_near) {
        double distance_m = distance_of(index, entry, finding->wish->near);
        price += (uint32_t)lround(PRICE_FAR * distance_m / (distance_m + NEAR_M));
    }
    keep(finding->hits, index, (struct search_hit){ price, number });
}

/* By the piece whose words stand in the fewest names. */
static void weigh_names(struct finding *finding)
{
    const struct place_index *index = finding->index;
    uint32_t rarest = 0;
    for (uint32_t piece = 1; piece < finding->words->count; piece++) {
        rarest = finding->names[piece] < finding->names[rarest] ? piece : rarest;
    }
    for (size_t i = 0; i < finding->fitting[rarest].count; i++) {
        uint32_t word = finding->fitting[rarest].items[i];
        for (uint32_t n = index->names_first[word]; n < index->names_first[word + 1]; n++) {
            weigh_name(finding, index->names_at[n]);
        }
    }
}

enum status search_names(const struct place_index *index, const struct search_words *words, enum match_effort effort,
                         const struct search_wish *wish, struct search_hits *hits, struct error *error)
{
    struct finding finding = { .index = index, .words = words, .effort = effort, .wish = wish, .hits = hits };
    if (words->count == 0 || index->words.count == 0) {
        return STATUS_OK;
    }
    CHECK(hits->limit >= 1 && hits->limit <= HITS_MAX);
    finding.prices = calloc(words->count * index->words.count, 1);
    finding.failed = finding.prices == NULL;
    bool possible = true;
    for (uint32_t piece = 0; piece < words->count && possible && !finding.failed; piece++) {
        try_words(&finding, piece);
        possible = finding.fitting[piece].count > 0;
    }
    if (possible && !finding.failed) {
        weigh_names(&finding);
    }
    for (uint32_t piece = 0; piece < words->count; piece++) {
        vec_free(&finding.fitting[piece]);
    }
    free(finding.prices);
    return finding.failed ? ERROR(error, STATUS_NO_MEMORY, "no memory for a search") : STATUS_OK;
}
