#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_init(struct text *text, size_t maximum) { *text = (struct text){ .maximum = maximum }; }

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){ .maximum = text->maximum };
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->failed = false;
    if (text->bytes != NULL) {
        text->bytes[0] = '\0';
    }
}

/* True if there is room for length more bytes and the terminator. */
static bool make_room(struct text *text, size_t length)
{
    if (text->failed || length > text->maximum - text->length) {
        text->failed = true;
        return false;
    }
    size_t needed = text->length + length + 1;
    if (needed <= text->capacity) {
        return true;
    }
    size_t grown = needed + needed / 2 + 64;
    char *moved = realloc(text->bytes, grown);
    if (moved == NULL) {
        text->failed = true;
        return false;
    }
    text->bytes = moved;
    text->capacity = grown;
    return true;
}

void text_append(struct text *text, const char *bytes, size_t length)
{
    if (make_room(text, length)) {
        if (length > 0) {
            memcpy(text->bytes + text->length, bytes, length);
        }
        text->length += length;
        text->bytes[text->length] = '\0';
    }
}

void text_puts(struct text *text, const char *string) { text_append(text, string, strlen(string)); }

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text->failed = true;
    } else if (make_room(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

size_t utf8_sequence(const char *bytes, size_t left)
{
    const unsigned char *octets = (const unsigned char *)bytes;
    unsigned char first = octets[0];
    if (first < 0x80) {
        return 1;
    }
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || left < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((octets[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (first == 0xE0 && octets[1] < 0xA0) || (first == 0xF0 && octets[1] < 0x90);
    bool outside = (first == 0xED && octets[1] > 0x9F) || (first == 0xF4 && octets[1] > 0x8F);
    return overlong || outside ? 0 : length;
}

bool utf8_is_valid(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t step = utf8_sequence(bytes + i, length - i);
        if (step == 0) {
            return false;
        }
        i += step;
    }
    return true;
}
