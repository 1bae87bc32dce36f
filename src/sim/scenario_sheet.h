/* The CSV tables of a scenario: opened whole (plain or gzip), header checked against the known columns, cells read by column.
 * Private to the files that read scenarios and call lists. Every error names file, line and column. */
#ifndef MINGDI_SIM_SCENARIO_SHEET_H
#define MINGDI_SIM_SCENARIO_SHEET_H

#include <stddef.h>

#include "base/csv.h"
#include "base/status.h"

enum { SHEET_COLUMNS_MAX = 24 };
#define SHEET_BYTES_MAX ((size_t)1 << 31)

/* A whole file in memory; .gz content is inflated, plain content is taken as it is. The caller frees *bytes. */
enum status sheet_read_file(const char *path, char **bytes, size_t *size, struct error *error) MUST_USE;

struct sheet {
    struct csv csv;
    char *path, *bytes; /* path is also the name in messages */
    const char *const *columns;
    int column_of[SHEET_COLUMNS_MAX];
    size_t header_columns;
};

/* STATUS_NOT_FOUND when there is no such file. columns as for csv_header ('?' marks an optional one); strict: others are errors.
 */
enum status sheet_open(struct sheet *sheet, const char *folder, const char *file, const char *const *columns, bool strict,
                       struct error *error) MUST_USE;
/* The same on bytes; name is copied, bytes stay the caller's. */
enum status sheet_open_bytes(struct sheet *sheet, const char *name, const char *bytes, size_t size, const char *const *columns,
                             bool strict, struct error *error) MUST_USE;
void sheet_close(struct sheet *sheet);
enum status sheet_next(struct sheet *sheet, bool *row_read, struct error *error) MUST_USE;

/* column counts from 0 in the columns given at opening. */
bool sheet_has(const struct sheet *sheet, int column);   /* the header has it */
bool sheet_empty(const struct sheet *sheet, int column); /* missing, or nothing in this row */
const char *sheet_column(const struct sheet *sheet, int column);
enum status sheet_double(const struct sheet *sheet, int column, double minimum, double maximum, double *value,
                         struct error *error) MUST_USE;
enum status sheet_int(const struct sheet *sheet, int column, int64_t minimum, int64_t maximum, int64_t *value,
                      struct error *error) MUST_USE;
enum status sheet_text(const struct sheet *sheet, int column, char *target, size_t size, struct error *error) MUST_USE;
/* The place of the field among names (NULL at the end); unchanged when the field is empty. The error lists the names. */
enum status sheet_choice(const struct sheet *sheet, int column, const char *const *names, unsigned *value, struct error *error)
    MUST_USE;
enum status sheet_error(const struct sheet *sheet, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
