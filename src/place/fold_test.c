#include "place/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The words with bars between, code points above ASCII as U+XXXX. */
static const char *words_of(const char *text, char out[512])
{
    static struct folded folded;
    size_t length = 0;
    out[0] = '\0';
    if (!fold_text(text, strlen(text), &folded)) {
        return "none";
    }
    for (uint32_t i = 0; i < folded.word_count; i++) {
        length += (size_t)snprintf(out + length, 512 - length, "%s", i > 0 ? "|" : "");
        for (uint32_t c = 0; c < folded.words[i].count; c++) {
            uint32_t code = folded.codes[folded.words[i].first + c];
            length += (size_t)snprintf(out + length, 512 - length, code < 128 ? "%c" : "U+%04X", code);
        }
    }
    return out;
}

static void test_letters(void **state)
{
    (void)state;
    char out[512];
    assert_string_equal(words_of("Rua de São João", out), "rua|de|sao|joao");
    assert_string_equal(words_of("Ångströmsgatan", out), "angstromsgatan");
    assert_string_equal(words_of("Triq iż-Żurrieq, Ħamrun", out), "triq|iz|zurrieq|hamrun");
    assert_string_equal(words_of("Straße Łódź Ørsted Æbelø", out), "strasse|lodz|orsted|aebelo");
    assert_string_equal(words_of("STRASSE", out), "strasse");
    assert_string_equal(words_of("D'Argens d’Argens", out), "d|argens|d|argens");
    assert_string_equal(words_of("ＡＢＣ１２３", out), "abc123");
    assert_string_equal(words_of("A\xCC\x8A", out), "a"); /* A and a combining ring */
    assert_string_equal(words_of("中山1路（南）", out), "U+4E2DU+5C711U+8DEF|U+5357");
}

static void test_what_has_no_word(void **state)
{
    (void)state;
    char out[512];
    static struct folded folded;
    assert_string_equal(words_of("", out), "none");
    assert_string_equal(words_of(" -/() ", out), "none");
    assert_string_equal(words_of("\xFF\xFE", out), "none");
    assert_false(fold_text("abc\xC3", 4, &folded));
}

/* Nothing grows beyond its bound: long words are cut, further words left out. */
static void test_bounds(void **state)
{
    (void)state;
    static struct folded folded;
    char text[2048];
    memset(text, 'a', sizeof text);
    assert_false(fold_text(text, sizeof text, &folded));
    assert_true(fold_text(text, 1000, &folded));
    assert_int_equal(folded.words[0].count, FOLD_WORD_MAX);
    for (size_t i = 0; i < 1000; i += 2) {
        text[i] = ' ';
    }
    assert_true(fold_text(text, 1000, &folded));
    assert_int_equal(folded.word_count, FOLD_WORDS_MAX);
    for (size_t i = 0; i + 3 <= 999; i += 3) {
        memcpy(text + i, "\xEF\xB7\xBA", 3); /* one code point that decomposes into eighteen */
    }
    (void)fold_text(text, 999, &folded);
    assert_true(folded.code_count <= FOLD_CODES_MAX && folded.word_count <= FOLD_WORDS_MAX);
}

static void test_han(void **state)
{
    (void)state;
    assert_true(fold_is_han(0x4E2D) && fold_is_han(0x3400) && fold_is_han(0x20000) && fold_is_han(0x3007));
    assert_false(fold_is_han('a') || fold_is_han(0x3042) || fold_is_han(0xAC00));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_what_has_no_word),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_han),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
