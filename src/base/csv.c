#include "base/csv.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

void csv_open(struct csv *csv, const char *name, const char *bytes, size_t size, bool comments)
{
    *csv = (struct csv){ .name = name, .next = bytes, .end = bytes + size, .next_line = 1, .comments = comments };
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        csv->next += 3;
    }
}

void csv_close(struct csv *csv)
{
    free(csv->unquoted);
    csv->unquoted = NULL;
}

static enum status add_field(struct csv *csv, const char *bytes, size_t length, struct error *error)
{
    if (csv->field_count == CSV_FIELDS_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: more than %d columns", csv->name, csv->line, CSV_FIELDS_MAX);
    }
    csv->fields[csv->field_count++] = (struct csv_field){ bytes, length };
    return STATUS_OK;
}

static enum status row_too_long(const struct csv *csv, struct error *error)
{
    return ERROR(error, STATUS_BAD_INPUT, "%s:%d: a row of more than %d bytes", csv->name, csv->line, CSV_ROW_MAX);
}

/* Reads the quoted field at csv->next (after its opening quote); leaves next after the closing quote. */
static enum status read_quoted(struct csv *csv, struct error *error)
{
    const char *begin = csv->next;
    bool doubled = false;
    for (;; csv->next++) {
        if (csv->next == csv->end) {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: a quoted field is never closed", csv->name, csv->line);
        }
        csv->next_line += *csv->next == '\n';
        if (*csv->next != '"') {
            continue;
        }
        if (csv->next + 1 < csv->end && csv->next[1] == '"') {
            doubled = true;
            csv->next++;
            continue;
        }
        break;
    }
    size_t length = (size_t)(csv->next - begin);
    csv->next++;
    if (!doubled) {
        return add_field(csv, begin, length, error);
    }
    if (csv->unquoted == NULL && (csv->unquoted = malloc(CSV_ROW_MAX)) == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s:%d: no memory for a quoted field", csv->name, csv->line);
    }
    if (length > CSV_ROW_MAX - csv->unquoted_used) {
        return row_too_long(csv, error);
    }
    char *target = csv->unquoted + csv->unquoted_used;
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        target[written++] = begin[i];
        i += begin[i] == '"';
    }
    csv->unquoted_used += written;
    return add_field(csv, target, written, error);
}

static enum status read_plain(struct csv *csv, struct error *error)
{
    const char *begin = csv->next;
    while (csv->next < csv->end && *csv->next != ',' && *csv->next != '\n') {
        csv->next++;
    }
    size_t length = (size_t)(csv->next - begin);
    bool ends_row = csv->next == csv->end || *csv->next == '\n';
    if (ends_row && length > 0 && begin[length - 1] == '\r') {
        length -= 1;
    }
    return add_field(csv, begin, length, error);
}

static bool skip_line_without_row(struct csv *csv)
{
    const char *at = csv->next;
    bool comment = csv->comments && *at == '#';
    while (at < csv->end && *at != '\n') {
        if (!comment && *at != '\r') {
            return false;
        }
        at++;
    }
    csv->next = at < csv->end ? at + 1 : at;
    csv->next_line += 1;
    return true;
}

static enum status check_width(const struct csv *csv, struct error *error)
{
    for (size_t i = csv->columns; csv->columns > 0 && i < csv->field_count; i++) {
        if (csv->fields[i].length > 0) {
            return ERROR(error, STATUS_BAD_INPUT,
                         "%s:%d: has %zu fields, but the header %zu: put what holds a comma in quotes; a number needs a point",
                         csv->name, csv->line, i + 1, csv->columns);
        }
    }
    return STATUS_OK;
}

enum status csv_next(struct csv *csv, bool *row_read, struct error *error)
{
    csv->field_count = 0;
    csv->unquoted_used = 0;
    *row_read = false;
    while (csv->next < csv->end && skip_line_without_row(csv)) {
    }
    if (csv->next == csv->end) {
        csv->line = csv->next_line;
        return STATUS_OK;
    }
    csv->line = csv->next_line;
    const char *row_begin = csv->next;
    for (;;) {
        if (csv->next < csv->end && *csv->next == '"') {
            csv->next++;
            TRY(read_quoted(csv, error));
            if (csv->next < csv->end && *csv->next == '\r') {
                csv->next++;
            }
            if (csv->next < csv->end && *csv->next != ',' && *csv->next != '\n') {
                return ERROR(error, STATUS_BAD_INPUT, "%s:%d: text after the closing quote of a field", csv->name, csv->line);
            }
        } else {
            TRY(read_plain(csv, error));
        }
        bool more = csv->next < csv->end && *csv->next == ',';
        if (csv->next < csv->end) {
            csv->next_line += *csv->next == '\n';
            csv->next++;
        }
        if (csv->next - row_begin > CSV_ROW_MAX) {
            return row_too_long(csv, error);
        }
        if (!more) {
            break;
        }
    }
    TRY(check_width(csv, error));
    *row_read = true;
    return STATUS_OK;
}

static bool field_is(struct csv_field field, const char *text)
{
    return strlen(text) == field.length && memcmp(field.bytes, text, field.length) == 0;
}

static struct csv_field trimmed(struct csv_field field)
{
    while (field.length > 0 && (field.bytes[0] == ' ' || field.bytes[0] == '\t')) {
        field.bytes++;
        field.length--;
    }
    while (field.length > 0 && (field.bytes[field.length - 1] == ' ' || field.bytes[field.length - 1] == '\t')) {
        field.length--;
    }
    return field;
}

static void list_header(const struct csv *csv, struct text *list)
{
    for (size_t i = 0; i < csv->field_count; i++) {
        text_printf(list, "%s%.*s", i > 0 ? ", " : "", (int)csv->fields[i].length, csv->fields[i].bytes);
    }
}

static enum status match_column(struct csv *csv, size_t column, const char *const *names, int *column_of, bool strict,
                                struct error *error)
{
    struct csv_field field = trimmed(csv->fields[column]);
    for (size_t i = 0; names[i] != NULL; i++) {
        if (!field_is(field, names[i] + (names[i][0] == '?'))) {
            continue;
        }
        if (column_of[i] >= 0) {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column \"%.*s\" stands twice", csv->name, csv->line, (int)field.length,
                         field.bytes);
        }
        column_of[i] = (int)column;
        return STATUS_OK;
    }
    if (strict && field.length > 0) {
        struct text list;
        text_init(&list, 400);
        for (size_t i = 0; names[i] != NULL; i++) {
            text_printf(&list, "%s%s", i > 0 ? ", " : "", names[i] + (names[i][0] == '?'));
        }
        enum status status = ERROR(error, STATUS_BAD_INPUT, "%s:%d: unknown column \"%.*s\"; known are: %s", csv->name, csv->line,
                                   (int)field.length, field.bytes, list.bytes == NULL ? "" : list.bytes);
        text_free(&list);
        return status;
    }
    return STATUS_OK;
}

enum status csv_header(struct csv *csv, const char *const *names, int *column_of, bool strict, struct error *error)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        column_of[i] = -1;
    }
    for (size_t column = 0; column < csv->field_count; column++) {
        TRY(match_column(csv, column, names, column_of, strict, error));
    }
    for (size_t i = 0; names[i] != NULL; i++) {
        if (column_of[i] < 0 && names[i][0] != '?') {
            struct text list;
            text_init(&list, 400);
            list_header(csv, &list);
            enum status status = ERROR(error, STATUS_BAD_INPUT, "%s:%d: no column \"%s\"; the header has: %s", csv->name,
                                       csv->line, names[i], list.bytes == NULL ? "nothing" : list.bytes);
            text_free(&list);
            return status;
        }
    }
    csv->columns = csv->field_count;
    return STATUS_OK;
}

struct csv_field csv_field(const struct csv *csv, int column)
{
    if (column < 0 || (size_t)column >= csv->field_count) {
        return (struct csv_field){ "", 0 };
    }
    return trimmed(csv->fields[column]);
}

bool csv_is_empty(const struct csv *csv, int column) { return csv_field(csv, column).length == 0; }

bool csv_equals(const struct csv *csv, int column, const char *text) { return field_is(csv_field(csv, column), text); }

static enum status number_error(const struct csv *csv, int column, const char *column_name, const char *wanted,
                                struct error *error)
{
    struct csv_field field = csv_field(csv, column);
    return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column \"%s\" is \"%.*s\", but must be %s", csv->name, csv->line, column_name,
                 (int)(field.length < 60 ? field.length : 60), field.bytes, wanted);
}

/* Zero-terminated copy for strtod and strtoll; false when it cannot be a number at all. */
static bool number_text(struct csv_field field, char text[64])
{
    if (field.length == 0 || field.length > 63) {
        return false;
    }
    memcpy(text, field.bytes, field.length);
    text[field.length] = '\0';
    return strlen(text) == field.length && text[0] != ' ' && strpbrk(text, "xXnN\t\n\v\f\r") == NULL;
}

enum status csv_double(const struct csv *csv, int column, const char *column_name, double minimum, double maximum, double *value,
                       struct error *error)
{
    char text[64], wanted[96];
    char *end = text;
    double parsed = number_text(csv_field(csv, column), text) ? strtod(text, &end) : 0;
    if (end == text || *end != '\0' || !isfinite(parsed)) {
        return number_error(csv, column, column_name, "a number", error);
    }
    if (parsed < minimum || parsed > maximum) {
        snprintf(wanted, sizeof wanted, "a number from %g to %g", minimum, maximum);
        return number_error(csv, column, column_name, wanted, error);
    }
    *value = parsed;
    return STATUS_OK;
}

enum status csv_int(const struct csv *csv, int column, const char *column_name, int64_t minimum, int64_t maximum, int64_t *value,
                    struct error *error)
{
    char text[64], wanted[96];
    char *end = text;
    errno = 0;
    long long parsed = number_text(csv_field(csv, column), text) ? strtoll(text, &end, 10) : 0;
    if (end != text && end[0] == '.' && strspn(end + 1, "0") == strlen(end + 1)) {
        end += strlen(end); /* "17.0": what spreadsheets make of a whole number */
    }
    if (end == text || *end != '\0' || errno != 0) {
        return number_error(csv, column, column_name, "a whole number", error);
    }
    if (parsed < minimum || parsed > maximum) {
        snprintf(wanted, sizeof wanted, "a whole number from %lld to %lld", (long long)minimum, (long long)maximum);
        return number_error(csv, column, column_name, wanted, error);
    }
    *value = parsed;
    return STATUS_OK;
}

enum status csv_text(const struct csv *csv, int column, const char *column_name, char *target, size_t target_size,
                     struct error *error)
{
    struct csv_field field = csv_field(csv, column);
    for (size_t i = 0; i < field.length; i++) {
        if ((unsigned char)field.bytes[i] < 0x20 || field.bytes[i] == 0x7F) {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column \"%s\" holds a control character", csv->name, csv->line,
                         column_name);
        }
    }
    if (!utf8_is_valid(field.bytes, field.length)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column \"%s\" is not UTF-8", csv->name, csv->line, column_name);
    }
    if (field.length >= target_size) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column \"%s\" is %zu bytes long; at most %zu are allowed", csv->name,
                     csv->line, column_name, field.length, target_size - 1);
    }
    memcpy(target, field.bytes, field.length);
    target[field.length] = '\0';
    return STATUS_OK;
}
