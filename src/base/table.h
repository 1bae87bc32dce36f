/* Files that hold several small tables one after another, the form of the JEMSS city models:
 *
 *   nodes,2,,            the table's name, and perhaps how many rows it has
 *   index,x,y,access     its columns
 *   1.0,174.7,-36.7,1.0  its rows
 *   2.0,174.8,-36.8,0.0
 *   ,                    a line of nothing but commas, a blank line or the end of the file ends it
 *
 * Rows are views into the mapped file, read with the csv_double, csv_int, csv_text of csv.h on &reader->csv; errors name file,
 * line and column. A table whose first line tells a number of rows must have that many: so a truncated file is found out.
 * Workload: 3 rows to 1,000,000 rows. */
#ifndef MINGDI_BASE_TABLE_H
#define MINGDI_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/status.h"

enum { TABLE_NAME_MAX = 64 };

struct table_reader {
    struct csv csv; /* the current row, after table_next */
    struct file_view file;
    char *path; /* NULL when the bytes are the caller's */
    const char *bytes;
    size_t size;
    char table[TABLE_NAME_MAX]; /* being read, for messages */
    int title_line;
    int64_t rows_declared; /* -1 where the first line tells none */
    int64_t rows_read;
    bool in_table;
    bool row_waits; /* the row in csv is the first line of the table after a blank line */
};

enum status table_open(struct table_reader *reader, const char *path, struct error *error) MUST_USE;
/* The same on bytes that the caller keeps; name is for messages and kept by the caller too. */
void table_open_bytes(struct table_reader *reader, const char *name, const char *bytes, size_t size);
void table_close(struct table_reader *reader);

/* Go to the first table of that name, wherever in the file it stands, and match its columns as csv_header does: names end in
 * NULL, '?' marks an optional one, column_of[i] is -1 where it is missing; columns that are not named are ignored.
 * STATUS_NOT_FOUND, with a list of the tables that are there, when there is none of that name. */
enum status table_find(struct table_reader *reader, const char *name, const char *const *names, int *column_of,
                       struct error *error) MUST_USE;
/* *row_read is false at the end of the table. */
enum status table_next(struct table_reader *reader, bool *row_read, struct error *error) MUST_USE;

#endif
