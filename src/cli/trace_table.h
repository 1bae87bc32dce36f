/* Tables of positions for learning and matching: CSV with the columns unit, at, lon, lat and, if there, trip and profile.
 *
 *   unit     whole number        at       RFC 3339        lon, lat  degrees
 *   trip     whole number; rows without one belong to no trip and are left out
 *   profile  emergency or normal: how the unit drove
 *
 * Rows may stand in any order. A trip is one unit's rows with the same trip number, by time; where more than TRACE_GAP_S go by
 * between two of them another begins.
 *
 * Workload: up to 20 million rows, 24 bytes each while they are sorted. */
#ifndef MINGDI_CLI_TRACE_TABLE_H
#define MINGDI_CLI_TRACE_TABLE_H

#include "road/learn.h"

enum { TRACE_GAP_S = 300, TRACE_ROWS_MAX = 20000000 };

struct trace_trip {
    uint32_t unit, first, count; /* of fixes */
};

struct trace_table {
    struct match_fix *fixes;
    struct trace_trip *trips;
    uint32_t trip_count, fix_count;
    uint32_t rows, left_out; /* read, and those without a trip or of another profile */
};

/* Rows of another profile are left out; those without a profile never. */
enum status trace_table_read(const char *path, enum road_profile profile, struct trace_table *table, struct error *error)
    MUST_USE;
enum status trace_table_read_bytes(const char *name, const char *bytes, size_t size, enum road_profile profile,
                                   struct trace_table *table, struct error *error) MUST_USE;
void trace_table_free(struct trace_table *table);

#endif
