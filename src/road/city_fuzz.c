/* City files forged to fit their checksum: what is accepted is used as every verb would use it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "road/city_file.h"
#include "road/city_use_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct city *city;
    struct error error;
    unsigned char *copy = aligned_alloc(64, (size + 64) / 64 * 64);
    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, bytes, size);
    (void)city_file_seal(copy, size); /* where it cannot be sealed, the first checks are tried */
    if (city_open_bytes("fuzz", copy, size, &city, &error) == STATUS_OK) {
        use_city(city);
        city_close(city);
    }
    free(copy);
    return 0;
}
