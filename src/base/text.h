/* A text buffer that is born with a maximum: for building messages, reports and small files in memory.
 *
 * Appending beyond the maximum, or when memory is refused, sets failed and leaves the text as it was before that append;
 * so a writer may append freely and check once at the end. Always ends in a zero byte that length does not count. */
#ifndef MINGDI_BASE_TEXT_H
#define MINGDI_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *bytes;
    size_t length, capacity, maximum;
    bool failed;
};

void text_init(struct text *text, size_t maximum);
void text_free(struct text *text);
void text_clear(struct text *text); /* keeps the memory; clears failed */
void text_append(struct text *text, const char *bytes, size_t length);
void text_puts(struct text *text, const char *string);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Length of the valid UTF-8 sequence at the front of bytes (left >= 1 of them), or 0: RFC 3629, so no surrogates and no
 * overlong forms. */
size_t utf8_sequence(const char *bytes, size_t left);
bool utf8_is_valid(const char *bytes, size_t length);

#endif
