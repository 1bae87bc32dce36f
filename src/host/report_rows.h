/* The rows of the report tables: a call, or a completed mission, as measure gives them out. The order of the columns is that
 * of the tables in store/migrations.c. Columns are integers or nulls: ids, codes, and instants and durations in microseconds. */
#ifndef MINGDI_HOST_REPORT_ROWS_H
#define MINGDI_HOST_REPORT_ROWS_H

#include "measure/measure.h"
#include "store/sql.h"

enum { REPORT_CALL_COLUMNS = 45, REPORT_MISSION_COLUMNS = 22, REPORT_COLUMNS_MAX = REPORT_CALL_COLUMNS };

enum report_kind { REPORT_CALL, REPORT_MISSION, REPORT_KIND_COUNT };

struct report_row {
    struct sql_value values[REPORT_COLUMNS_MAX];
};

struct report_table {
    const char *name; /* what a row is about, for people */
    int columns;
    const char *put;      /* one row, its columns as parameters; instead of the one with the same first column */
    const char *remove;   /* all rows */
    const char *by_id;    /* a page: first column above $1, at most $2 rows, rising */
    const char *by_time;  /* offered in [$1, $2), after (offered_at, id) = ($3, $4), at most $5 rows, in that order */
    const char *by_place; /* the same of district $6 */
};
extern const struct report_table REPORT_TABLES[REPORT_KIND_COUNT];

/* sequence: of the entry that it follows from. */
void report_row_of_call(const struct call_record *record, uint64_t sequence, struct report_row *row);
void report_row_of_mission(const struct mission_record *record, uint64_t sequence, struct report_row *row);

/* From a row of the statements above. */
void report_row_read(enum report_kind kind, const struct sql_row *from, struct report_row *row);
void report_call_read(const struct sql_row *from, struct call_record *record);
void report_mission_read(const struct sql_row *from, struct mission_record *record);

/* Never 0. */
uint64_t report_row_hash(enum report_kind kind, const struct report_row *row);

#endif
