/* Hostile bytes as a query: whatever is typed, what is found has names in UTF-8 and points on the earth, best first. The index
 * holds names in several scripts; the first byte chooses datum and limit. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "place/coordinates.h"
#include "place/search.h"
#include "place/search_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct place_name names[] = {
    { PLACE_KIND_POST, "鼓楼急救站", "A12", { 1180000000, 244000000 } },
    { PLACE_KIND_POST, "中山1路", "", { 1180000000, 244100000 } },
    { PLACE_KIND_FACILITY, "Hospital de São João", "H1", { -86000000, 411000000 } },
    { PLACE_KIND_FACILITY, "Triq iż-Żurrieq", "25", { 144000000, 358000000 } },
    { PLACE_KIND_PLACE, "Straße des 17. Juni", "", { 133000000, 525000000 } },
    { PLACE_KIND_PLACE, "Невский проспект", "", { 303000000, 599000000 } },
};

static struct place_index *make_index(void)
{
    static struct place_index *index;
    struct error error;
    if (index == NULL) {
        CHECK(place_index_of_names(names, ARRAY_LENGTH(names), &index, &error) == STATUS_OK);
    }
    return index;
}

static void check_found(const struct place_found *found)
{
    CHECK(utf8_is_valid(found->name, strlen(found->name)) && utf8_is_valid(found->matched, strlen(found->matched)));
    CHECK(abs(found->point.lon_e7) <= 1800000000 && abs(found->point.lat_e7) <= 900000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct place_found found[PLACE_FOUND_MAX];
    const struct place_index *index = make_index();
    struct error error;
    struct coordinates coordinates;
    uint32_t count;
    if (size == 0) {
        return 0;
    }
    char *text = malloc(size); /* exactly as long as it is, without a terminator */
    CHECK(text != NULL);
    memcpy(text, bytes + 1, size - 1);
    struct place_query query = { .text = text,
                                 .length = size - 1,
                                 .is_gcj02 = (bytes[0] & 1) != 0,
                                 .has_near = (bytes[0] & 2) != 0,
                                 .near = { 1180000000, 244000000 },
                                 .limit = 1 + bytes[0] % PLACE_FOUND_MAX };
    (void)coordinates_read(text, size - 1, &coordinates);
    if (place_search(&index, 1, &query, found, &count, &error) == STATUS_OK) {
        CHECK(count <= query.limit);
        for (uint32_t i = 0; i < count; i++) {
            check_found(&found[i]);
        }
    }
    free(text);
    return 0;
}
