/* Hostile bytes as a batch of positions: read or refused; and what is read jansson reads as the same. */
#include <jansson.h>
#include <math.h>
#include <stdint.h>

#include "base/check.h"
#include "wire/positions_json.h"

enum { ITEMS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void compare(const json_t *object, const struct position_report *item)
{
    CHECK(json_is_object(object));
    CHECK(json_integer_value(json_object_get(object, "unit")) == item->unit);
    double lon = json_number_value(json_object_get(object, "lon")), lat = json_number_value(json_object_get(object, "lat"));
    CHECK(fabs(lon * 1e7 - item->point.lon_e7) < 0.501 && fabs(lat * 1e7 - item->point.lat_e7) < 0.501);
    CHECK(json_is_string(json_object_get(object, "at")) || instant_is_none(item->at));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct position_report items[ITEMS_MAX];
    struct error error;
    uint32_t count;
    if (positions_json_read((const char *)bytes, size, items, ITEMS_MAX, &count, &error) != STATUS_OK) {
        CHECK(count == 0);
        return 0;
    }
    json_t *root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL);
    CHECK(json_is_array(root) && json_array_size(root) == count);
    for (uint32_t i = 0; i < count; i++) {
        compare(json_array_get(root, i), &items[i]);
    }
    json_decref(root);
    return 0;
}
