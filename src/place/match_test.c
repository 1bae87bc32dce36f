/* Words against words: readings of another program, and plain recursions over all ways to write and to err. */
#include "place/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/random.h"
#include "base/word.h"
#include "place/pinyin.h"

enum { LETTERS_MAX = 32 };

struct name_word {
    struct glyph glyphs[FOLD_WORD_MAX];
    const struct glyph *row[FOLD_WORD_MAX];
    uint32_t count;
    bool has_han;
    struct match_signature signature;
};

static void word_of(const char *text, size_t length, struct name_word *word)
{
    static struct folded folded;
    *word = (struct name_word){ .count = 0 };
    assert_true(fold_text(text, length, &folded));
    assert_int_equal(folded.word_count, 1);
    word->count = folded.words[0].count;
    word->has_han = folded.words[0].has_han;
    for (uint32_t i = 0; i < word->count; i++) {
        word->glyphs[i] = match_glyph(folded.codes[i]);
        word->row[i] = &word->glyphs[i];
    }
    match_sign_word(word->row, word->count, &word->signature);
}

static void piece_of(const char *text, struct match_piece *piece)
{
    static struct folded folded;
    assert_true(fold_text(text, strlen(text), &folded));
    assert_int_equal(folded.word_count, 1);
    match_piece_begin(piece, folded.codes, folded.words[0].count);
}

/* What fits is never kept out by the signature. */
static uint32_t price(const char *typed, const struct name_word *word, enum match_effort effort)
{
    static struct match_piece piece;
    piece_of(typed, &piece);
    uint32_t found = match_word(&piece, word->row, word->count, word->has_han, effort);
    if (found < MATCH_NONE && !match_may_fit(&piece, &word->signature, effort)) {
        fail_msg("%s is kept out", typed);
    }
    return found;
}

static uint32_t price_in(const char *typed, const char *name, enum match_effort effort)
{
    struct name_word word;
    word_of(name, strlen(name), &word);
    return price(typed, &word, effort);
}

/* ---- readings ---- */

static void check_reading(struct csv_field name, struct csv_field reading)
{
    struct name_word word;
    char whole[LETTERS_MAX * 3], initials[LETTERS_MAX], plain[LETTERS_MAX * 3];
    size_t length = 0, initial_count = 0;
    word_of(name.bytes, name.length, &word);
    assert_true(reading.length < sizeof whole);
    for (size_t i = 0; i < reading.length; i++) {
        if (i == 0 || reading.bytes[i - 1] == ' ') {
            initials[initial_count++] = reading.bytes[i];
        }
        if (reading.bytes[i] != ' ') {
            whole[length++] = reading.bytes[i];
        }
    }
    whole[length] = initials[initial_count] = '\0';
    assert_int_equal(initial_count, word.count);
    if (price(whole, &word, MATCH_EXACT) != MATCH_SPELLED) {
        fail_msg("%.*s is not found by %s", (int)name.length, name.bytes, whole);
    }
    if (price(initials, &word, MATCH_EXACT) > MATCH_SPELLED + MATCH_SHORT) {
        fail_msg("%.*s is not found by %s", (int)name.length, name.bytes, initials);
    }
    memcpy(plain, whole, length + 1);
    for (char *v = strchr(plain, 'v'); v != NULL; v = strchr(v, 'v')) {
        *v = 'u';
    }
    assert_int_equal(price(plain, &word, MATCH_EXACT), MATCH_SPELLED);
}

static void test_readings_of_another_program(void **state)
{
    (void)state;
    static const char *const names[] = { "name", "reading", NULL };
    static struct csv csv;
    struct file_view view;
    struct error error = { .text = "" };
    int columns[2], rows = 0;
    bool row_read = true;
    assert_int_equal(file_view_open(&view, MINGDI_SOURCE_DIR "/tests/places/pinyin.csv", &error), STATUS_OK);
    csv_open(&csv, "pinyin.csv", (const char *)view.bytes, view.size, true);
    assert_int_equal(csv_next(&csv, &row_read, &error), STATUS_OK);
    assert_int_equal(csv_header(&csv, names, columns, true, &error), STATUS_OK);
    while (csv_next(&csv, &row_read, &error) == STATUS_OK && row_read) {
        check_reading(csv_field(&csv, columns[0]), csv_field(&csv, columns[1]));
        rows++;
    }
    assert_false(row_read);
    assert_true(rows >= 400);
    csv_close(&csv);
    file_view_close(&view);
}

/* ---- without errors, against a recursion ---- */

/* Whether the letters can be the beginning of the row from this glyph on. */
static bool reads_from(const char *letters, const struct name_word *word, uint32_t glyph, bool short_forms)
{
    if (letters[0] == '\0') {
        return true;
    }
    if (glyph == word->count) {
        return false;
    }
    const char *at = word->glyphs[glyph].readings, *reading;
    if ((unsigned char)letters[0] == word->glyphs[glyph].code && reads_from(letters + 1, word, glyph + 1, short_forms)) {
        return true;
    }
    for (uint32_t length; (length = pinyin_next(&at, &reading)) > 0;) {
        uint32_t same = 0;
        while (same < length && letters[same] == reading[same]) {
            same++;
        }
        if (letters[same] == '\0' || (same == length && reads_from(letters + length, word, glyph + 1, short_forms))) {
            return true;
        }
        for (uint32_t part = 1; short_forms && part <= same; part++) {
            if (reads_from(letters + part, word, glyph + 1, short_forms)) {
                return true;
            }
        }
    }
    return false;
}

static bool fits(const char *letters, const struct name_word *word)
{
    for (uint32_t begin = 0; begin < word->count && (begin == 0 || word->has_han); begin++) {
        if (reads_from(letters, word, begin, word->has_han)) {
            return true;
        }
    }
    return false;
}

/* Letters that the word's readings give, some of them cut, now and then a wrong one. */
static void write_letters(struct random_stream *draws, const struct name_word *word, char letters[LETTERS_MAX])
{
    uint32_t length = 0, glyph = (uint32_t)(random_u64(draws) % word->count);
    for (; glyph < word->count && length + 8 < LETTERS_MAX; glyph++) {
        const char *at = word->glyphs[glyph].readings, *reading = NULL;
        uint32_t skip = (uint32_t)(random_u64(draws) % 2), cut = (uint32_t)(random_u64(draws) % 8), size = 0;
        do {
            uint32_t next = pinyin_next(&at, &reading);
            size = next > 0 ? next : size;
        } while (skip-- > 0 && *at != '\0');
        size = size > 1 && cut < size ? size - cut : size;
        memcpy(letters + length, reading, size);
        length += size;
    }
    if (random_u64(draws) % 4 == 0 && length > 0) {
        letters[random_u64(draws) % length] = (char)('a' + random_u64(draws) % 26);
    }
    letters[length] = '\0';
}

static void test_exact_equals_recursion(void **state)
{
    (void)state;
    static const char *const names[] = {
        "长安街", "中山一路", "厦门大学", "重庆西安路", "和平里", "西安", "二七广场", "安嘎额阿"
    };
    struct random_stream draws;
    random_open(&draws, 7, 1, 0);
    uint32_t yes = 0, no = 0;
    for (int round = 0; round < 40000; round++) {
        struct name_word word;
        char letters[LETTERS_MAX];
        const char *name = names[random_u64(&draws) % (sizeof names / sizeof *names)];
        word_of(name, strlen(name), &word);
        write_letters(&draws, &word, letters);
        if (letters[0] == '\0') {
            continue;
        }
        bool expected = fits(letters, &word);
        if ((price(letters, &word, MATCH_EXACT) < MATCH_NONE) != expected) {
            fail_msg("%s in %s: %d expected", letters, name, expected);
        }
        yes += expected;
        no += !expected;
    }
    assert_true(yes > 1000 && no > 1000);
}

/* ---- with errors, against the distance of words ---- */

static uint32_t plain_price(const char *typed, const char *name, uint32_t edits)
{
    uint32_t best = MATCH_NONE, length = (uint32_t)strlen(name);
    if (name[0] != typed[0] && name[0] != typed[1]) {
        return best;
    }
    for (uint32_t end = 1; end <= length; end++) {
        char beginning[LETTERS_MAX];
        memcpy(beginning, name, end);
        beginning[end] = '\0';
        uint32_t errors = (uint32_t)word_distance(typed, beginning);
        uint32_t rest = end < length ? MATCH_PREFIX + MATCH_REST * (length - end) / length : 0;
        uint32_t found = errors * MATCH_EDIT + (errors > 1 ? MATCH_REST : 0) + rest;
        if (errors <= edits && found < best) {
            best = found;
        }
    }
    return best;
}

static void spoil(struct random_stream *draws, char text[LETTERS_MAX])
{
    size_t length = strlen(text), at = random_u64(draws) % length;
    char letter = (char)('a' + random_u64(draws) % 4);
    switch (random_u64(draws) % 4) {
    case 0: text[at] = letter; break;
    case 1: memmove(text + at, text + at + 1, length - at); break;
    case 2:
        memmove(text + at + 1, text + at, length - at + 1);
        text[at] = letter;
        break;
    default:
        if (at + 1 < length) {
            char kept = text[at];
            text[at] = text[at + 1];
            text[at + 1] = kept;
        }
    }
}

static void test_forgiving_equals_distance(void **state)
{
    (void)state;
    struct random_stream draws;
    random_open(&draws, 8, 1, 0);
    uint32_t yes = 0, no = 0;
    for (int round = 0; round < 40000; round++) {
        char name[LETTERS_MAX], typed[LETTERS_MAX];
        size_t length = 4 + random_u64(&draws) % 10;
        for (size_t i = 0; i < length; i++) {
            name[i] = (char)('a' + random_u64(&draws) % 4);
        }
        name[length] = '\0';
        memcpy(typed, name, sizeof typed);
        for (uint64_t k = random_u64(&draws) % 5; k > 0 && strlen(typed) > 2; k--) {
            spoil(&draws, typed);
        }
        size_t size = strlen(typed);
        uint32_t edits = size < 4 ? 0 : size < 8 ? 1 : 2, expected = plain_price(typed, name, edits);
        if (price_in(typed, name, MATCH_FORGIVING) != expected) {
            fail_msg("%s in %s: %u expected, not %u", typed, name, expected, price_in(typed, name, MATCH_FORGIVING));
        }
        yes += expected < MATCH_NONE;
        no += expected == MATCH_NONE;
    }
    assert_true(yes > 1000 && no > 1000);
}

static void test_han_and_mixtures(void **state)
{
    (void)state;
    assert_int_equal(price_in("长安街", "长安街", MATCH_EXACT), 0);
    assert_true(price_in("安街", "长安街", MATCH_EXACT) == MATCH_INSIDE);
    assert_true(price_in("chang安jie", "长安街", MATCH_EXACT) == MATCH_SPELLED);
    assert_true(price_in("中山1路", "中山一路", MATCH_EXACT) <= MATCH_SPELLED);
    assert_true(price_in("中山一路", "中山1路", MATCH_EXACT) == 0);
    assert_true(price_in("中山2路", "中山一路", MATCH_EXACT) == MATCH_NONE);
    assert_true(price_in("长按街", "长安街", MATCH_EXACT) == MATCH_NONE); /* sounds the same */
    assert_true(price_in("长按街", "长安街", MATCH_FORGIVING) == MATCH_EDIT);
    assert_true(price_in("人民路", "人民东路", MATCH_FORGIVING) <= MATCH_EDIT + MATCH_PREFIX + MATCH_REST);
    assert_true(price_in("chnaganjie", "长安街", MATCH_FORGIVING) == MATCH_EDIT);
    assert_true(price_in("北京路", "长安街", MATCH_FORGIVING) == MATCH_NONE);
    assert_true(price_in("25", "26", MATCH_FORGIVING) == MATCH_NONE);
    assert_true(price_in("12345", "12346", MATCH_FORGIVING) == MATCH_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readings_of_another_program),
        cmocka_unit_test(test_exact_equals_recursion),
        cmocka_unit_test(test_forgiving_equals_distance),
        cmocka_unit_test(test_han_and_mixtures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
