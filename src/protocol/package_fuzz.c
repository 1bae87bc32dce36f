/* Hostile bytes as the list of a package: what is accepted is within its bounds. */
#include <stdint.h>

#include "base/check.h"
#include "protocol/package.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct package_list list = { 0 };
    struct error error = { 0 };
    if (size > PACKAGE_JSON_MAX || package_list_read("package.json", bytes, size, &list, &error) != STATUS_OK) {
        CHECK(list.count == 0);
        return 0;
    }
    CHECK(list.count <= PROTOCOLS_MAX && list.version > 0 && list.signed_by[0] != '\0');
    for (uint32_t i = 0; i < list.count; i++) {
        CHECK(list.entries[i].number >= 1 && list.entries[i].number <= PROTOCOL_NUMBER_MAX);
        CHECK(memchr(list.entries[i].name, '\0', PACKAGE_NAME_MAX) != NULL);
    }
    return 0;
}
