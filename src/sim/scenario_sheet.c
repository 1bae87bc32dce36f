/* See scenario_sheet.h. Workload: a dozen tables of some lines, and one of demand cells with up to millions. */
#include "sim/scenario_sheet.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"

static enum status read_all(gzFile file, const char *path, char **bytes, size_t *size, struct error *error)
{
    size_t capacity = 1 << 16, length = 0;
    char *buffer = NULL;
    for (;;) {
        char *grown = realloc(buffer, capacity);
        if (grown == NULL) {
            free(buffer);
            return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for %zu bytes", path, capacity);
        }
        buffer = grown;
        size_t room = capacity - length;
        int got = gzread(file, buffer + length, room < INT_MAX ? (unsigned)room : INT_MAX);
        if (got <= 0) {
            int code = Z_OK;
            const char *why = gzerror(file, &code);
            /* A truncated gzip stream ends quietly but for Z_BUF_ERROR. */
            if (got < 0 || code == Z_BUF_ERROR) {
                free(buffer);
                return ERROR(error, STATUS_BAD_INPUT, "%s: damaged or cut short: %s", path,
                             code == Z_ERRNO ? strerror(errno) : why);
            }
            break;
        }
        length += (size_t)got;
        if (length == capacity) {
            if (capacity >= SHEET_BYTES_MAX) {
                free(buffer);
                return ERROR(error, STATUS_BAD_INPUT, "%s: more than %zu bytes", path, SHEET_BYTES_MAX);
            }
            capacity *= 2;
        }
    }
    *bytes = buffer;
    *size = length;
    return STATUS_OK;
}

enum status sheet_read_file(const char *path, char **bytes, size_t *size, struct error *error)
{
    errno = 0;
    gzFile file = gzopen(path, "rb");
    if (file == NULL) {
        int code = errno;
        return ERROR(error, code == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "%s: %s", path, strerror(code != 0 ? code : ENOMEM));
    }
    enum status status = read_all(file, path, bytes, size, error);
    gzclose(file);
    return status;
}

static enum status read_header(struct sheet *sheet, bool strict, struct error *error)
{
    bool row_read;
    TRY(csv_next(&sheet->csv, &row_read, error));
    if (!row_read) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:1: the file is empty; its first line must name the columns", sheet->path);
    }
    sheet->header_columns = sheet->csv.field_count;
    return csv_header(&sheet->csv, sheet->columns, sheet->column_of, strict, error);
}

static enum status start(struct sheet *sheet, const char *bytes, size_t size, const char *const *columns, bool strict,
                         struct error *error)
{
    for (size_t i = 0; columns[i] != NULL; i++) {
        CHECK(i < SHEET_COLUMNS_MAX);
    }
    sheet->columns = columns;
    csv_open(&sheet->csv, sheet->path, bytes, size, true);
    enum status status = read_header(sheet, strict, error);
    if (status != STATUS_OK) {
        sheet_close(sheet);
    }
    return status;
}

enum status sheet_open(struct sheet *sheet, const char *folder, const char *file, const char *const *columns, bool strict,
                       struct error *error)
{
    size_t size;
    *sheet = (struct sheet){ .path = file_join(folder, file) };
    enum status status = sheet_read_file(sheet->path, &sheet->bytes, &size, error);
    if (status != STATUS_OK) {
        free(sheet->path);
        return status;
    }
    return start(sheet, sheet->bytes, size, columns, strict, error);
}

enum status sheet_open_bytes(struct sheet *sheet, const char *name, const char *bytes, size_t size, const char *const *columns,
                             bool strict, struct error *error)
{
    *sheet = (struct sheet){ .path = strdup(name) };
    CHECK(sheet->path != NULL);
    return start(sheet, bytes, size, columns, strict, error);
}

void sheet_close(struct sheet *sheet)
{
    csv_close(&sheet->csv);
    free(sheet->bytes);
    free(sheet->path);
    *sheet = (struct sheet){ 0 };
}

enum status sheet_next(struct sheet *sheet, bool *row_read, struct error *error)
{
    TRY(csv_next(&sheet->csv, row_read, error));
    for (size_t i = sheet->header_columns; *row_read && i < sheet->csv.field_count; i++) {
        if (!csv_is_empty(&sheet->csv, (int)i)) {
            return sheet_error(sheet, error,
                               "%zu fields, but the header names %zu columns; a field that holds a comma must stand in quotes",
                               sheet->csv.field_count, sheet->header_columns);
        }
    }
    return STATUS_OK;
}

bool sheet_has(const struct sheet *sheet, int column) { return sheet->column_of[column] >= 0; }

bool sheet_empty(const struct sheet *sheet, int column) { return csv_is_empty(&sheet->csv, sheet->column_of[column]); }

const char *sheet_column(const struct sheet *sheet, int column)
{
    return sheet->columns[column] + (sheet->columns[column][0] == '?');
}

enum status sheet_double(const struct sheet *sheet, int column, double minimum, double maximum, double *value,
                         struct error *error)
{
    return csv_double(&sheet->csv, sheet->column_of[column], sheet_column(sheet, column), minimum, maximum, value, error);
}

enum status sheet_int(const struct sheet *sheet, int column, int64_t minimum, int64_t maximum, int64_t *value,
                      struct error *error)
{
    return csv_int(&sheet->csv, sheet->column_of[column], sheet_column(sheet, column), minimum, maximum, value, error);
}

enum status sheet_text(const struct sheet *sheet, int column, char *target, size_t size, struct error *error)
{
    return csv_text(&sheet->csv, sheet->column_of[column], sheet_column(sheet, column), target, size, error);
}

enum status sheet_choice(const struct sheet *sheet, int column, const char *const *names, unsigned *value, struct error *error)
{
    if (sheet_empty(sheet, column)) {
        return STATUS_OK;
    }
    struct text list;
    text_init(&list, 400);
    for (unsigned i = 0; names[i] != NULL; i++) {
        if (csv_equals(&sheet->csv, sheet->column_of[column], names[i])) {
            *value = i;
            text_free(&list);
            return STATUS_OK;
        }
        text_printf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    struct csv_field field = csv_field(&sheet->csv, sheet->column_of[column]);
    enum status status = sheet_error(sheet, error, "column \"%s\" is \"%.*s\", but must be one of: %s",
                                     sheet_column(sheet, column), (int)(field.length < 60 ? field.length : 60), field.bytes,
                                     list.bytes == NULL ? "" : list.bytes);
    text_free(&list);
    return status;
}

enum status sheet_error(const struct sheet *sheet, struct error *error, const char *format, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return ERROR(error, STATUS_BAD_INPUT, "%s:%d: %s", sheet->path, sheet->csv.line, text);
}
