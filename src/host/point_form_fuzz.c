/* Hostile bytes as points and limits: what is taken lies on the earth, and limits rise. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/point_form.h"

enum { LIMITS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct geo_point point;
    double limits[LIMITS];
    uint32_t count;
    char *text = malloc(size + 1); /* exactly as long as it is */
    CHECK(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (point_form_read(text, &point)) {
        CHECK(abs(point.lon_e7) <= 1800000000 && abs(point.lat_e7) <= 900000000);
    }
    if (point_form_read_rising(text, 240, LIMITS, limits, &count)) {
        CHECK(count >= 1 && count <= LIMITS && limits[0] > 0 && limits[count - 1] <= 240);
        for (uint32_t i = 1; i < count; i++) {
            CHECK(limits[i] > limits[i - 1]);
        }
    }
    free(text);
    return 0;
}
