/* Any bytes as a table of positions: an error, or trips of fixes that rise in time. The same bytes as a table of speeds: an
 * error, or factors within their range. */
#include "base/check.h"
#include "cli/trace_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_trips(const struct trace_table *table)
{
    uint32_t fixes = 0;
    for (uint32_t i = 0; i < table->trip_count; i++) {
        const struct trace_trip *trip = &table->trips[i];
        CHECK(trip->first == fixes && trip->count > 0);
        for (uint32_t k = 1; k < trip->count; k++) {
            CHECK(table->fixes[trip->first + k].at.us >= table->fixes[trip->first + k - 1].at.us);
        }
        fixes += trip->count;
    }
    CHECK(fixes == table->fix_count && fixes + table->left_out == table->rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct trace_table table;
    struct speeds speeds;
    struct error error;
    if (trace_table_read_bytes("traces.csv", (const char *)bytes, size, ROAD_EMERGENCY, &table, &error) == STATUS_OK) {
        check_trips(&table);
        trace_table_free(&table);
    }
    if (speeds_read_bytes("speeds.csv", (const char *)bytes, size, &speeds, &error) == STATUS_OK) {
        for (int band = 0; band < SPEED_BAND_COUNT; band++) {
            for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
                double factor = speeds.factor[ROAD_EMERGENCY][band][class];
                CHECK(factor >= SPEED_FACTOR_MIN && factor <= SPEED_FACTOR_MAX);
            }
        }
    }
    return 0;
}
