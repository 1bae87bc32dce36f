/* Any bytes as CSV: every field must lie within the input or the unquoted copy, and every typed access must hold its bounds. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/csv.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void look_at(const struct csv *csv, const char *bytes, size_t size)
{
    struct error error;
    for (size_t i = 0; i < csv->field_count; i++) {
        const struct csv_field field = csv->fields[i];
        bool in_input = field.bytes >= bytes && field.bytes + field.length <= bytes + size;
        bool in_copy = csv->unquoted != NULL && field.bytes >= csv->unquoted &&
                       field.bytes + field.length <= csv->unquoted + csv->unquoted_used;
        CHECK(in_input || in_copy);
        int column = (int)i;
        double number;
        int64_t whole;
        char text[16];
        if (csv_double(csv, column, "c", -1e6, 1e6, &number, &error) == STATUS_OK) {
            CHECK(isfinite(number) && fabs(number) <= 1e6);
        }
        if (csv_int(csv, column, "c", -5, 5, &whole, &error) == STATUS_OK) {
            CHECK(whole >= -5 && whole <= 5);
        }
        if (csv_text(csv, column, "c", text, sizeof text, &error) == STATUS_OK) {
            CHECK(strlen(text) == csv_field(csv, column).length && utf8_is_valid(text, strlen(text)));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = { "id", "lon", "?lat", NULL };
    int column_of[3];
    struct csv csv;
    struct error error;
    bool row_read = true;
    csv_open(&csv, "fuzz.csv", (const char *)bytes, size, size % 2 == 0);
    while (csv_next(&csv, &row_read, &error) == STATUS_OK && row_read) {
        look_at(&csv, (const char *)bytes, size);
        if (csv_header(&csv, names, column_of, size % 3 == 0, &error) == STATUS_OK) {
            CHECK(column_of[0] >= 0 && (size_t)column_of[1] < csv.field_count);
        }
    }
    CHECK(csv.next <= csv.end);
    csv_close(&csv);
    return 0;
}
