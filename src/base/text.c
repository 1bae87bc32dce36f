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
