#include "place/fold.h"

#include <utf8proc.h>

#include "base/text.h"

enum { DECOMPOSED_MAX = 1024, BYTES_MAX = 1024 };

/* Letters that no decomposition makes plain. Case is folded before. */
static const struct {
    uint32_t code;
    char plain[3];
} strokes[] = {
    { 0xE6, "ae" }, { 0xF0, "d" },  { 0xF8, "o" },  { 0xFE, "th" },  { 0x111, "d" }, { 0x127, "h" }, { 0x131, "i" },
    { 0x138, "k" }, { 0x142, "l" }, { 0x14B, "n" }, { 0x153, "oe" }, { 0x167, "t" }, { 0x180, "b" }, { 0x1E5, "g" },
};

bool fold_is_han(uint32_t code)
{
    return (code >= 0x3400 && code <= 0x9FFF) || (code >= 0xF900 && code <= 0xFAFF) || (code >= 0x20000 && code <= 0x3FFFF) ||
           code == 0x3007;
}

static void put_code(struct folded *folded, uint32_t code)
{
    if (folded->code_count < FOLD_CODES_MAX) {
        folded->codes[folded->code_count++] = code;
    }
}

static void put_plain(struct folded *folded, uint32_t code)
{
    for (size_t i = 0; i < sizeof strokes / sizeof *strokes; i++) {
        if (strokes[i].code == code) {
            for (const char *letter = strokes[i].plain; *letter != '\0'; letter++) {
                put_code(folded, (unsigned char)*letter);
            }
            return;
        }
    }
    put_code(folded, code);
}

static bool is_of_word(int32_t code)
{
    utf8proc_category_t category = utf8proc_category(code);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

/* The word that began at code first ends here. */
static void end_word(struct folded *folded, uint32_t first)
{
    uint32_t count = folded->code_count - first;
    if (count == 0) {
        return;
    }
    if (folded->word_count == FOLD_WORDS_MAX) {
        folded->code_count = first;
        return;
    }
    if (count > FOLD_WORD_MAX) {
        count = FOLD_WORD_MAX;
        folded->code_count = first + count;
    }
    struct fold_word *word = &folded->words[folded->word_count++];
    *word = (struct fold_word){ .first = (uint16_t)first, .count = (uint16_t)count };
    for (uint32_t i = first; i < first + count; i++) {
        word->has_han |= fold_is_han(folded->codes[i]);
    }
}

bool fold_text(const char *bytes, size_t length, struct folded *folded)
{
    int32_t decomposed[DECOMPOSED_MAX];
    folded->code_count = folded->word_count = 0;
    if (length > BYTES_MAX || !utf8_is_valid(bytes, length)) {
        return false;
    }
    const utf8proc_option_t options = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
                                      UTF8PROC_IGNORE;
    utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)length, decomposed,
                                                DECOMPOSED_MAX, options);
    if (count < 0 || count > DECOMPOSED_MAX) {
        return false;
    }
    uint32_t first = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        if (is_of_word(decomposed[i])) {
            put_plain(folded, (uint32_t)decomposed[i]);
        } else {
            end_word(folded, first);
            first = folded->code_count;
        }
    }
    end_word(folded, first);
    return folded->word_count > 0;
}
