#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

void table_open_bytes(struct table_reader *reader, const char *name, const char *bytes, size_t size)
{
    *reader = (struct table_reader){ .bytes = bytes, .size = size, .rows_declared = -1 };
    csv_open(&reader->csv, name, bytes, size, false);
}

enum status table_open(struct table_reader *reader, const char *path, struct error *error)
{
    struct file_view file;
    TRY(file_view_open(&file, path, error));
    char *name = strdup(path);
    CHECK(name != NULL);
    table_open_bytes(reader, name, (const char *)file.bytes, file.size);
    reader->file = file;
    reader->path = name;
    return STATUS_OK;
}

void table_close(struct table_reader *reader)
{
    csv_close(&reader->csv);
    if (reader->path != NULL) {
        file_view_close(&reader->file);
        free(reader->path);
        reader->path = NULL;
    }
}

static bool row_is_empty(const struct csv *csv)
{
    for (size_t i = 0; i < csv->field_count; i++) {
        if (!csv_is_empty(csv, (int)i)) {
            return false;
        }
    }
    return true;
}

/* Reads the line that ends, begins or continues a table; *blank tells that a blank line stood before it. */
static enum status read_line(struct table_reader *reader, bool *row_read, bool *blank, struct error *error)
{
    if (reader->row_waits) {
        reader->row_waits = false;
        *row_read = true;
        *blank = true;
        return STATUS_OK;
    }
    int expected_line = reader->csv.next_line;
    TRY(csv_next(&reader->csv, row_read, error));
    *blank = *row_read && reader->csv.line != expected_line;
    return STATUS_OK;
}

/* The number of rows in the second field of a table's first line, or -1: what is no whole number there is a remark. */
static int64_t declared_rows(const struct csv *csv)
{
    struct error ignored;
    int64_t rows;
    if (csv_is_empty(csv, 1) || csv_int(csv, 1, "rows", 0, INT64_C(1) << 40, &rows, &ignored) != STATUS_OK) {
        return -1;
    }
    return rows;
}

/* Takes the next line that is not empty as the first line of a table. */
static enum status next_title(struct table_reader *reader, bool *found, struct error *error)
{
    bool blank;
    do {
        TRY(read_line(reader, found, &blank, error));
    } while (*found && row_is_empty(&reader->csv));
    if (!*found) {
        return STATUS_OK;
    }
    TRY(csv_text(&reader->csv, 0, "name of the table", reader->table, sizeof reader->table, error));
    reader->title_line = reader->csv.line;
    reader->rows_declared = declared_rows(&reader->csv);
    reader->rows_read = 0;
    reader->in_table = true;
    return STATUS_OK;
}

static enum status read_columns(struct table_reader *reader, const char *const *names, int *column_of, struct error *error)
{
    bool row_read, blank;
    TRY(read_line(reader, &row_read, &blank, error));
    if (!row_read || blank || row_is_empty(&reader->csv)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: table \"%s\" has no line of column names after its first line",
                     reader->csv.name, reader->title_line, reader->table);
    }
    if (names == NULL) {
        return STATUS_OK;
    }
    TRY(csv_header(&reader->csv, names, column_of, false, error));
    reader->csv.columns = 0; /* the next table may be wider */
    return STATUS_OK;
}

enum status table_find(struct table_reader *reader, const char *name, const char *const *names, int *column_of,
                       struct error *error)
{
    struct text seen;
    text_init(&seen, 400);
    enum status status = STATUS_OK;
    const char *file_name = reader->csv.name;
    csv_close(&reader->csv);
    csv_open(&reader->csv, file_name, reader->bytes, reader->size, false);
    reader->row_waits = false;
    bool found;
    for (;;) {
        TRY_GOTO(next_title(reader, &found, error), done);
        if (!found) {
            reader->in_table = false;
            status = ERROR(error, STATUS_NOT_FOUND, "%s: no table \"%s\"; the file has: %s", file_name, name,
                           seen.length == 0 ? "none" : seen.bytes);
            goto done;
        }
        if (strcmp(reader->table, name) == 0) {
            status = read_columns(reader, names, column_of, error);
            goto done;
        }
        text_printf(&seen, "%s%s", seen.length > 0 ? ", " : "", reader->table);
        TRY_GOTO(read_columns(reader, NULL, NULL, error), done);
        for (bool row_read = true; row_read;) {
            TRY_GOTO(table_next(reader, &row_read, error), done);
        }
    }
done:
    text_free(&seen);
    return status;
}

enum status table_next(struct table_reader *reader, bool *row_read, struct error *error)
{
    *row_read = false;
    if (!reader->in_table) {
        return STATUS_OK;
    }
    bool blank;
    TRY(read_line(reader, row_read, &blank, error));
    if (*row_read && !blank && !row_is_empty(&reader->csv)) {
        reader->rows_read += 1;
        return STATUS_OK;
    }
    reader->in_table = false;
    reader->row_waits = *row_read && blank;
    *row_read = false;
    if (reader->rows_declared >= 0 && reader->rows_read != reader->rows_declared) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s:%d: table \"%s\" says that it has %lld rows, but has %lld: is the file cut off?", reader->csv.name,
                     reader->title_line, reader->table, (long long)reader->rows_declared, (long long)reader->rows_read);
    }
    return STATUS_OK;
}
