/* CSV as RFC 4180 has it, read from memory, every error with file, line and column name.
 *
 * Accepts LF and CRLF, quoted fields with doubled quotes and line breaks, a UTF-8 byte order mark, blank lines (skipped)
 * and, if asked, lines that begin with '#'. Fields are views: valid until the next row is read. Limits: CSV_FIELDS_MAX
 * columns, CSV_ROW_MAX bytes a row; more is an error, never a truncation. */
#ifndef MINGDI_BASE_CSV_H
#define MINGDI_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { CSV_FIELDS_MAX = 256, CSV_ROW_MAX = 1 << 20 };

struct csv_field {
    const char *bytes; /* not zero-terminated */
    size_t length;
};

struct csv {
    const char *name; /* of the file, for messages; the caller keeps it */
    const char *next, *end;
    int line;       /* where the current row began, from 1 */
    int next_line;  /* where the next row begins */
    bool comments;  /* lines that begin with '#' are skipped */
    size_t columns; /* of the header; 0 before csv_header */
    size_t field_count;
    struct csv_field fields[CSV_FIELDS_MAX];
    char *unquoted; /* fields that held doubled quotes */
    size_t unquoted_used;
};

void csv_open(struct csv *csv, const char *name, const char *bytes, size_t size, bool comments);
void csv_close(struct csv *csv);
/* *row_read is false at the end. */
enum status csv_next(struct csv *csv, bool *row_read, struct error *error) MUST_USE;

/* Match the current row as a header against the wanted names: column_of[i] becomes the column of names[i], or -1 where an
 * optional one is missing. names ends in NULL; a name that begins with '?' is optional. A missing required column is an
 * error that lists what is there; so is an unknown column if strict, and a doubled one always. From then on a row that holds
 * more than the header has columns is an error: a comma stands where none should, as in the number 41,15. */
enum status csv_header(struct csv *csv, const char *const *names, int *column_of, bool strict, struct error *error) MUST_USE;

/* Typed access to column of the current row; column_name is for messages. A row too short gives an empty field, which every
 * number refuses. Numbers must fill the whole field (spaces around allowed) and be finite. */
struct csv_field csv_field(const struct csv *csv, int column);
enum status csv_double(const struct csv *csv, int column, const char *column_name, double minimum, double maximum, double *value,
                       struct error *error) MUST_USE;
enum status csv_int(const struct csv *csv, int column, const char *column_name, int64_t minimum, int64_t maximum, int64_t *value,
                    struct error *error) MUST_USE;
/* A zero-terminated copy into target; too long is an error, so is a field that is not valid UTF-8 or holds control bytes. */
enum status csv_text(const struct csv *csv, int column, const char *column_name, char *target, size_t target_size,
                     struct error *error) MUST_USE;
bool csv_is_empty(const struct csv *csv, int column);
bool csv_equals(const struct csv *csv, int column, const char *text);

#endif
