#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_truncated(struct error *error, int length)
{
    if (length >= ERROR_TEXT_MAX) {
        memcpy(error->text + ERROR_TEXT_MAX - 4, "...", 4);
    }
}

enum status error_set(struct error *error, enum status status, const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->status = status;
    error->source_file = file;
    error->source_line = line;
    mark_truncated(error, vsnprintf(error->text, sizeof error->text, format, arguments));
    va_end(arguments);
    return status;
}

enum status error_prefix(struct error *error, const char *format, ...)
{
    char old_text[ERROR_TEXT_MAX];
    memcpy(old_text, error->text, sizeof old_text);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    if (length >= 0 && length < ERROR_TEXT_MAX) {
        length += snprintf(error->text + length, sizeof error->text - (size_t)length, "%s", old_text);
    }
    mark_truncated(error, length);
    return error->status;
}
