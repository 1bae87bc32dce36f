#include "place/match.h"

#include <string.h>

#include "base/check.h"
#include "place/pinyin.h"

/* ---- signatures ---- */

static uint64_t letter_bit(uint32_t code)
{
    if (code >= 'a' && code <= 'z') {
        return UINT64_C(1) << (code - 'a');
    }
    if (code >= '0' && code <= '9') {
        return UINT64_C(1) << (26 + code - '0');
    }
    return UINT64_C(1) << (36 + code * 2654435761U % 28);
}

static bool is_plain(uint32_t code) { return (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9'); }

/* Pairs with a character that has readings tell nothing: it may be written in many ways. */
static void add_pair(struct match_signature *signature, uint32_t a, uint32_t b)
{
    if (is_plain(a) && is_plain(b)) {
        uint32_t bit = (a * 31 + b) * 2654435761U >> 25;
        signature->pairs[bit / 64] |= UINT64_C(1) << bit % 64;
    }
}

struct glyph match_glyph(uint32_t code)
{
    static const uint32_t numerals[] = { 0, 0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D };
    struct glyph glyph = { .code = code, .readings = pinyin_readings(code) };
    if (code >= '1' && code <= '9') {
        glyph.sign = numerals[code - '0'];
    }
    glyph.beginnings = letter_bit(code) | (glyph.sign != 0 ? letter_bit(glyph.sign) : 0);
    const char *at = glyph.readings, *reading;
    while (pinyin_next(&at, &reading) > 0) {
        glyph.beginnings |= letter_bit((unsigned char)*reading);
    }
    return glyph;
}

/* All pairs across a border: any letter of the one, for a reading may end early, and any first letter of the other. */
static void sign_border(const struct glyph *left, const struct glyph *right, struct match_signature *signature)
{
    const char *at = right->readings, *reading;
    uint32_t firsts[16] = { right->code };
    uint32_t first_count = 1;
    while (first_count < ARRAY_LENGTH(firsts) && pinyin_next(&at, &reading) > 0) {
        firsts[first_count++] = (unsigned char)*reading;
    }
    CHECK(*at == '\0');
    for (uint32_t i = 0; i < first_count; i++) {
        add_pair(signature, left->code, firsts[i]);
        for (const char *letter = left->readings; *letter != '\0'; letter++) {
            add_pair(signature, (unsigned char)*letter, firsts[i]);
        }
    }
}

void match_sign_word(const struct glyph *const *glyphs, uint32_t count, struct match_signature *signature)
{
    bool has_han = false;
    uint64_t beginnings = 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *readings = glyphs[i]->readings;
        has_han |= fold_is_han(glyphs[i]->code);
        beginnings |= glyphs[i]->beginnings;
        signature->letters |= letter_bit(glyphs[i]->code) | (glyphs[i]->sign != 0 ? letter_bit(glyphs[i]->sign) : 0);
        for (const char *letter = readings; *letter != '\0'; letter++) {
            signature->letters |= *letter != ' ' ? letter_bit((unsigned char)*letter) : 0;
            add_pair(signature, (unsigned char)letter[0], (unsigned char)letter[1]);
        }
        if (i > 0) {
            sign_border(glyphs[i - 1], glyphs[i], signature);
        }
    }
    signature->beginnings = has_han ? beginnings : glyphs[0]->beginnings;
}

/* ---- the typed word ---- */

static uint32_t edits_of(const struct match_piece *piece)
{
    bool has_letter = false;
    for (uint32_t i = 0; i < piece->count; i++) {
        has_letter |= piece->codes[i] < '0' || piece->codes[i] > '9';
    }
    if (!has_letter) {
        return 0; /* another number is another road */
    }
    if (piece->has_han) {
        return piece->count < 2 ? 0 : piece->count < 6 ? 1 : 2;
    }
    return piece->count < 4 ? 0 : piece->count < 8 ? 1 : 2;
}

/* An error touches at most two neighbours, so that with so many errors a run of so many letters is untouched somewhere: its pairs
 * are all there. */
static void find_runs(struct match_piece *piece)
{
    uint32_t touched = 2 * piece->edits, parts = piece->edits + 1;
    uint32_t length = piece->count > touched ? (piece->count - touched + parts - 1) / parts : 0;
    for (uint32_t first = 0; length >= 2 && first + length <= piece->count; first++) {
        struct match_signature *run = &piece->runs[piece->run_count++];
        for (uint32_t i = 1; i < length; i++) {
            add_pair(run, piece->codes[first + i - 1], piece->codes[first + i]);
        }
    }
}

void match_piece_begin(struct match_piece *piece, const uint32_t *codes, uint32_t count)
{
    CHECK(count >= 1 && count <= FOLD_WORD_MAX);
    *piece = (struct match_piece){ .count = count, .finished = UINT64_C(1) << count };
    memcpy(piece->codes, codes, count * sizeof *codes);
    for (uint32_t i = 0; i < count; i++) {
        piece->signature.letters |= letter_bit(codes[i]);
        piece->readings[i] = pinyin_readings(codes[i]);
        piece->has_han |= fold_is_han(codes[i]);
        piece->has_latin |= !fold_is_han(codes[i]);
        if (codes[i] < 128) {
            piece->ascii[codes[i]] |= UINT64_C(1) << i;
        }
        if (i > 0) {
            add_pair(&piece->signature, codes[i - 1], codes[i]);
        }
    }
    piece->beginnings = letter_bit(codes[0]) | letter_bit(codes[count > 1]);
    piece->edits = edits_of(piece);
    find_runs(piece);
}

static bool has_at_most(uint64_t bits, uint32_t maximum)
{
    for (uint32_t i = 0; bits != 0; i++) {
        if (i == maximum) {
            return false;
        }
        bits &= bits - 1;
    }
    return true;
}

/* An error brings in at most one foreign letter. */
bool match_may_fit(const struct match_piece *piece, const struct match_signature *signature, enum match_effort effort)
{
    uint64_t foreign = piece->signature.letters & ~signature->letters;
    uint64_t absent = (piece->signature.pairs[0] & ~signature->pairs[0]) | (piece->signature.pairs[1] & ~signature->pairs[1]);
    if (piece->readings[0][0] == '\0' && (signature->beginnings & piece->beginnings) == 0) {
        return false;
    }
    if (effort == MATCH_EXACT || piece->edits == 0) {
        return (foreign | absent) == 0;
    }
    bool fits = has_at_most(foreign, piece->edits);
    bool whole = absent == 0 || piece->run_count == 0;
    for (uint32_t i = 0; i < piece->run_count && fits && !whole; i++) {
        const struct match_signature *run = &piece->runs[i];
        whole = ((run->pairs[0] & ~signature->pairs[0]) | (run->pairs[1] & ~signature->pairs[1])) == 0;
    }
    return fits && whole;
}

/* ---- reading a word of a name ---- */

/* Where in the typed word a code point stands. */
static uint64_t where(const struct match_piece *piece, uint32_t code)
{
    uint64_t bits = 0;
    if (code < 128) {
        return piece->ascii[code];
    }
    for (uint32_t i = 0; i < piece->count; i++) {
        bits |= piece->codes[i] == code ? UINT64_C(1) << i : 0;
    }
    return bits;
}

static uint32_t price_of_rest(uint32_t end, uint32_t count, bool whole)
{
    return (end < count ? MATCH_PREFIX + MATCH_REST * (count - end) / count : 0) + (whole ? 0 : MATCH_PREFIX / 2);
}

/* Without errors: the price of the end that leaves least of the word. read: bit i is set when i code points of the piece can have
 * been read so far. */
static uint32_t read_exactly(const struct match_piece *piece, const struct glyph *const *glyphs, uint32_t begin, uint32_t count,
                             bool short_forms)
{
    uint64_t read = 1;
    uint32_t best = MATCH_NONE;
    for (uint32_t i = begin; i < count && read != 0; i++) {
        const char *at = glyphs[i]->readings, *reading;
        uint64_t next = (read & where(piece, glyphs[i]->code)) << 1, partly = 0;
        next |= glyphs[i]->sign != 0 ? (read & where(piece, glyphs[i]->sign)) << 1 : 0;
        for (uint32_t length; (length = pinyin_next(&at, &reading)) > 0;) {
            uint64_t now = read;
            for (uint32_t letter = 0; letter < length && now != 0; letter++) {
                now = (now & piece->ascii[(unsigned char)reading[letter]]) << 1;
                partly |= now;
            }
            next |= now;
        }
        next |= short_forms ? partly : 0;
        if (((next | partly) & piece->finished) != 0) {
            uint32_t price = price_of_rest(i + 1, count, (next & piece->finished) != 0);
            best = price < best ? price : best;
        }
        read = next;
    }
    return best;
}

/* What has been read with up to d errors, by d. */
struct error_sets {
    uint64_t with[MATCH_EDITS_MAX + 1];
};

/* Letters of the piece that should not be there are passed over. */
static void pass_over(struct error_sets *sets, uint32_t edits)
{
    for (uint32_t d = 1; d <= edits; d++) {
        sets->with[d] |= sets->with[d - 1] | sets->with[d - 1] << 1;
    }
}

/* One code point of the name is read: as it stands at the given places of the piece, wrong, missing, or exchanged with the one
 * before (two_before: the sets before that one; same_before: where that one stands). */
static struct error_sets read_code(const struct error_sets *before, const struct error_sets *two_before, uint64_t same_before,
                                   uint64_t same, uint32_t edits)
{
    struct error_sets after;
    for (uint32_t d = 0; d <= edits; d++) {
        after.with[d] = (before->with[d] & same) << 1;
        if (d > 0) {
            after.with[d] |= before->with[d - 1] | before->with[d - 1] << 1;
            after.with[d] |= ((two_before->with[d - 1] & same) << 1 & same_before) << 1;
        }
    }
    pass_over(&after, edits);
    return after;
}

static void join_sets(struct error_sets *into, const struct error_sets *sets, uint32_t edits)
{
    for (uint32_t d = 0; d <= edits; d++) {
        into->with[d] |= sets->with[d];
    }
}

/* The place of characters that sound like the glyph. */
static uint64_t where_it_sounds(const struct match_piece *piece, const struct glyph *glyph)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < piece->count && glyph->readings[0] != '\0'; i++) {
        bool sounds = piece->readings[i] == glyph->readings || pinyin_shares_reading(piece->readings[i], glyph->readings);
        bits |= piece->readings[i][0] != '\0' && sounds ? UINT64_C(1) << i : 0;
    }
    return bits;
}

struct forgiving {
    const struct match_piece *piece;
    const struct glyph *const *glyphs;
    uint32_t begin, count;
    uint32_t best; /* the price of the best end so far */
};

static void note_end(struct forgiving *reading, const struct error_sets *sets, uint32_t end, bool whole)
{
    for (uint32_t d = 0; d <= reading->piece->edits; d++) {
        if ((sets->with[d] & reading->piece->finished) != 0) {
            uint32_t price = d * MATCH_EDIT + (d > 1 ? MATCH_REST : 0) + price_of_rest(end, reading->count, whole);
            reading->best = price < reading->best ? price : reading->best;
            return;
        }
    }
}

static struct error_sets read_readings(struct forgiving *reading, const struct error_sets *before, uint32_t i)
{
    const struct match_piece *piece = reading->piece;
    const char *at = reading->glyphs[i]->readings, *letters;
    struct error_sets joined = { { 0 } };
    for (uint32_t length; (length = pinyin_next(&at, &letters)) > 0;) {
        struct error_sets now = *before, earlier = { { 0 } };
        uint64_t same_before = 0;
        for (uint32_t letter = 0; letter < length; letter++) {
            uint64_t same = piece->ascii[(unsigned char)letters[letter]];
            struct error_sets after = read_code(&now, &earlier, same_before, same, piece->edits);
            earlier = now;
            now = after;
            same_before = same;
            note_end(reading, &now, i + 1, letter + 1 == length);
        }
        join_sets(&joined, &now, piece->edits);
    }
    return joined;
}

static void read_forgiving(struct forgiving *reading)
{
    const struct match_piece *piece = reading->piece;
    struct error_sets read = { { 1 } }, earlier = { { 0 } };
    uint64_t same_before = 0;
    pass_over(&read, piece->edits);
    for (uint32_t i = reading->begin; i < reading->count; i++) {
        const struct glyph *glyph = reading->glyphs[i];
        uint64_t same = where(piece, glyph->code) | (glyph->sign != 0 ? where(piece, glyph->sign) : 0);
        struct error_sets next = read_code(&read, &earlier, same_before, same, piece->edits);
        if (piece->has_han && piece->edits > 0) {
            uint64_t sounds = where_it_sounds(piece, glyph) & ~same;
            for (uint32_t d = 1; d <= piece->edits; d++) {
                next.with[d] |= (read.with[d - 1] & sounds) << 1;
            }
        }
        note_end(reading, &next, i + 1, true);
        if (glyph->readings[0] != '\0' && piece->has_latin) {
            struct error_sets spelled = read_readings(reading, &read, i);
            join_sets(&next, &spelled, piece->edits);
        }
        earlier = read;
        read = next;
        same_before = same;
        if (read.with[piece->edits] == 0) {
            return;
        }
    }
}

static uint32_t match_exactly(const struct match_piece *piece, const struct glyph *const *glyphs, uint32_t begin, uint32_t count,
                              bool has_han)
{
    uint32_t price = has_han && piece->has_latin ? MATCH_SPELLED : 0, rest = read_exactly(piece, glyphs, begin, count, false);
    if (rest == MATCH_NONE && has_han && piece->has_latin) {
        price += MATCH_SHORT;
        rest = read_exactly(piece, glyphs, begin, count, true);
    }
    return rest == MATCH_NONE ? MATCH_NONE : price + rest;
}

uint32_t match_word(const struct match_piece *piece, const struct glyph *const *glyphs, uint32_t count, bool has_han,
                    enum match_effort effort)
{
    uint32_t best = MATCH_NONE;
    for (uint32_t begin = 0; begin < count && (begin == 0 || has_han); begin++) {
        uint32_t price = begin > 0 ? MATCH_INSIDE : 0;
        uint64_t beginnings = effort == MATCH_EXACT || begin > 0 ? letter_bit(piece->codes[0]) : piece->beginnings;
        bool may_sound = effort == MATCH_FORGIVING && piece->readings[0][0] != '\0';
        if (!may_sound && (glyphs[begin]->beginnings & beginnings) == 0) {
            continue;
        }
        if (effort == MATCH_EXACT) {
            price += match_exactly(piece, glyphs, begin, count, has_han);
        } else {
            struct forgiving reading = { piece, glyphs, begin, count, MATCH_NONE };
            read_forgiving(&reading);
            price += reading.best;
        }
        best = price < best ? price : best;
    }
    return best;
}

uint32_t match_beginning(const struct match_piece *piece, uint32_t count) { return price_of_rest(piece->count, count, true); }
