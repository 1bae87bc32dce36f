/* Columns one after the other, each way in one function, so that order and meaning stand side by side. */
#include "host/report_rows.h"

#include <string.h>

#include "base/check.h"
#include "base/hash.h"

/* ---- statements ---- */

/* F: the first column, N: each further one. */
#define ORDER_STAGES(N)    \
    N(t_unit_assigned)     \
    N(t_unit_notified)     \
    N(t_unit_acknowledged) \
    N(t_unit_departed)     \
    N(t_on_scene)          \
    N(t_at_patient)        \
    N(t_left_scene)        \
    N(t_at_facility)       \
    N(t_handed_over)       \
    N(t_available)         \
    N(t_back_at_post)
#define CALL_COLUMNS(F, N)  \
    F(call)                 \
    N(external)             \
    N(incident)             \
    N(mission)              \
    N(unit)                 \
    N(facility)             \
    N(district)             \
    N(priority)             \
    N(result)               \
    N(offered_at)           \
    N(t_call_offered)       \
    N(t_call_answered)      \
    N(t_place_known)        \
    N(t_triaged)            \
    N(t_incident_opened)    \
    N(t_arrest_recognised)  \
    N(t_compressions_begun) \
    ORDER_STAGES(N)         \
    N(queued_us)            \
    N(lon_e7)               \
    N(lat_e7)               \
    N(units_needed)         \
    N(units_short)          \
    N(dispatches)           \
    N(diversions)           \
    N(reached_by)           \
    N(shortfall_reason)     \
    N(was_queued)           \
    N(transported)          \
    N(protocol)             \
    N(proposed)             \
    N(opened)               \
    N(reprioritised)        \
    N(form)                 \
    N(sequence)
#define MISSION_COLUMNS(F, N) \
    F(mission)                \
    N(call)                   \
    N(incident)               \
    N(unit)                   \
    N(facility)               \
    N(district)               \
    N(priority)               \
    N(transported)            \
    N(offered_at)             \
    ORDER_STAGES(N)           \
    N(form)                   \
    N(sequence)

#define COLUMN_BYTE(column) 0,
#define NAME_FIRST(column) #column
#define NAME_NEXT(column) ", " #column
#define SET_FIRST(column) #column " = excluded." #column
#define SET_NEXT(column) ", " #column " = excluded." #column
#define NUMBERS_22 "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22"
#define NUMBERS_45 \
    NUMBERS_22     \
    ", $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45"
_Static_assert(sizeof((char[]){ CALL_COLUMNS(COLUMN_BYTE, COLUMN_BYTE) }) == REPORT_CALL_COLUMNS, "a parameter for each column");
_Static_assert(sizeof((char[]){ MISSION_COLUMNS(COLUMN_BYTE, COLUMN_BYTE) }) == REPORT_MISSION_COLUMNS,
               "a parameter for each column");

#define TABLE(title, key, columns_, numbers, COLUMNS)                                                                         \
    {                                                                                                                         \
        .name = (title), .columns = (columns_),                                                                               \
        .put = "INSERT INTO report_" #key "(" COLUMNS(NAME_FIRST, NAME_NEXT) ") VALUES(" numbers ") ON CONFLICT(" #key        \
                                                                             ") DO UPDATE SET " COLUMNS(SET_FIRST, SET_NEXT), \
        .remove = "DELETE FROM report_" #key,                                                                                 \
        .by_id = "SELECT " COLUMNS(NAME_FIRST, NAME_NEXT) " FROM report_" #key " WHERE " #key " > $1 ORDER BY " #key          \
                                                          " LIMIT $2",                                                        \
        .by_time = "SELECT " COLUMNS(                                                                                         \
            NAME_FIRST,                                                                                                       \
            NAME_NEXT) " FROM report_" #key                                                                                   \
                       " WHERE offered_at >= $1 AND offered_at < $2 AND (offered_at > $3 OR (offered_at = $3 AND " #key       \
                       " > $4)) ORDER BY offered_at, " #key " LIMIT $5",                                                      \
        .by_place = "SELECT " COLUMNS(                                                                                        \
            NAME_FIRST,                                                                                                       \
            NAME_NEXT) " FROM report_" #key                                                                                   \
                       " WHERE offered_at >= $1 AND offered_at < $2 AND (offered_at > $3 OR (offered_at = $3 AND " #key       \
                       " > $4)) AND district = $6 ORDER BY offered_at, " #key " LIMIT $5",                                    \
    }

const struct report_table REPORT_TABLES[REPORT_KIND_COUNT] = {
    [REPORT_CALL] = TABLE("call", call, REPORT_CALL_COLUMNS, NUMBERS_45, CALL_COLUMNS),
    [REPORT_MISSION] = TABLE("mission", mission, REPORT_MISSION_COLUMNS, NUMBERS_22, MISSION_COLUMNS),
};

/* ---- writing ---- */

static struct sql_value instant_value(struct instant at) { return instant_is_none(at) ? sql_null() : sql_int(at.us); }

void report_row_of_call(const struct call_record *record, uint64_t sequence, struct report_row *row)
{
    struct sql_value *next = row->values;
    *next++ = sql_int(record->call);
    *next++ = sql_int(record->external);
    *next++ = sql_int(record->incident);
    *next++ = sql_int(record->mission);
    *next++ = sql_int(record->unit);
    *next++ = sql_int(record->facility);
    *next++ = sql_int(record->district);
    *next++ = sql_int(record->priority);
    *next++ = sql_int(record->result);
    *next++ = sql_int(record->at[STAGE_CALL_OFFERED].us);
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
        *next++ = instant_value(record->at[stage]);
    }
    *next++ = sql_int(record->queued.us);
    *next++ = sql_int(record->point.lon_e7);
    *next++ = sql_int(record->point.lat_e7);
    *next++ = sql_int(record->units_needed);
    *next++ = sql_int(record->units_short);
    *next++ = sql_int(record->dispatches);
    *next++ = sql_int(record->diversions);
    *next++ = sql_int(record->reached_by);
    *next++ = record->shortfall_reason == MEASURE_NO_REASON ? sql_null() : sql_int(record->shortfall_reason);
    *next++ = sql_int(record->was_queued);
    *next++ = sql_int(record->transported);
    *next++ = sql_int(record->protocol);
    *next++ = sql_int(record->proposed);
    *next++ = sql_int(record->opened);
    *next++ = sql_int(record->reprioritised);
    *next++ = sql_int(record->form);
    *next++ = sql_int((int64_t)sequence);
    CHECK(next - row->values == REPORT_CALL_COLUMNS);
}

void report_row_of_mission(const struct mission_record *record, uint64_t sequence, struct report_row *row)
{
    struct sql_value *next = row->values;
    *next++ = sql_int(record->mission);
    *next++ = sql_int(record->call);
    *next++ = sql_int(record->incident);
    *next++ = sql_int(record->unit);
    *next++ = sql_int(record->facility);
    *next++ = sql_int(record->district);
    *next++ = sql_int(record->priority);
    *next++ = sql_int(record->transported);
    *next++ = sql_int(record->offered_at.us);
    for (unsigned stage = STAGE_UNIT_ASSIGNED; stage < STAGE_COUNT; stage++) {
        *next++ = instant_value(record->at[stage]);
    }
    *next++ = sql_int(record->form);
    *next++ = sql_int((int64_t)sequence);
    CHECK(next - row->values == REPORT_MISSION_COLUMNS);
}

/* ---- reading ---- */

void report_row_read(enum report_kind kind, const struct sql_row *from, struct report_row *row)
{
    for (int column = 0; column < REPORT_TABLES[kind].columns; column++) {
        row->values[column] = sql_row_is_null(from, column) ? sql_null() : sql_int(sql_row_int(from, column));
    }
}

/* The next column, whatever it is; a null as given. */
struct cursor {
    const struct sql_row *row;
    int column;
};

static int64_t take(struct cursor *cursor, int64_t of_null)
{
    int column = cursor->column++;
    return sql_row_is_null(cursor->row, column) ? of_null : sql_row_int(cursor->row, column);
}

static uint32_t take_u32(struct cursor *cursor) { return (uint32_t)take(cursor, 0); }
static uint16_t take_u16(struct cursor *cursor) { return (uint16_t)take(cursor, 0); }
static uint8_t take_u8(struct cursor *cursor, uint8_t of_null) { return (uint8_t)take(cursor, of_null); }
static struct instant take_instant(struct cursor *cursor) { return (struct instant){ take(cursor, INSTANT_NONE.us) }; }

void report_call_read(const struct sql_row *from, struct call_record *record)
{
    struct cursor cursor = { .row = from };
    memset(record, 0, sizeof *record);
    record->call = take_u32(&cursor);
    record->external = take_u32(&cursor);
    record->incident = take_u32(&cursor);
    record->mission = take_u32(&cursor);
    record->unit = take_u32(&cursor);
    record->facility = take_u32(&cursor);
    record->district = take_u32(&cursor);
    record->priority = take_u8(&cursor, PRIORITY_COUNT);
    record->result = take_u8(&cursor, CALL_RESULT_UNFINISHED);
    cursor.column++; /* offered_at stands among the stages as well */
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
        record->at[stage] = take_instant(&cursor);
    }
    record->queued.us = take(&cursor, 0);
    record->point.lon_e7 = (int32_t)take(&cursor, 0);
    record->point.lat_e7 = (int32_t)take(&cursor, 0);
    record->units_needed = take_u16(&cursor);
    record->units_short = take_u16(&cursor);
    record->dispatches = take_u16(&cursor);
    record->diversions = take_u16(&cursor);
    record->reached_by = take_u8(&cursor, DISPATCH_KIND_COUNT);
    record->shortfall_reason = take_u8(&cursor, MEASURE_NO_REASON);
    record->was_queued = take_u8(&cursor, 0);
    record->transported = take_u8(&cursor, 0);
    record->protocol = take_u8(&cursor, 0);
    record->proposed = take_u8(&cursor, PRIORITY_COUNT);
    record->opened = take_u8(&cursor, PRIORITY_COUNT);
    record->reprioritised = take_u8(&cursor, 0);
    record->form = take(&cursor, 0);
}

void report_mission_read(const struct sql_row *from, struct mission_record *record)
{
    struct cursor cursor = { .row = from };
    memset(record, 0, sizeof *record);
    record->mission = take_u32(&cursor);
    record->call = take_u32(&cursor);
    record->incident = take_u32(&cursor);
    record->unit = take_u32(&cursor);
    record->facility = take_u32(&cursor);
    record->district = take_u32(&cursor);
    record->priority = take_u8(&cursor, PRIORITY_COUNT);
    record->transported = take_u8(&cursor, 0);
    record->offered_at = take_instant(&cursor);
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
        record->at[stage] = stage < STAGE_UNIT_ASSIGNED ? INSTANT_NONE : take_instant(&cursor);
    }
    record->form = take(&cursor, 0);
}

uint64_t report_row_hash(enum report_kind kind, const struct report_row *row)
{
    int64_t plain[2 * REPORT_COLUMNS_MAX];
    int columns = REPORT_TABLES[kind].columns;
    for (int column = 0; column < columns; column++) {
        plain[2 * column] = row->values[column].type;
        plain[2 * column + 1] = row->values[column].integer;
    }
    uint64_t hash = hash64(plain, sizeof plain[0] * 2 * (size_t)columns, 0);
    return hash != 0 ? hash : 1;
}
