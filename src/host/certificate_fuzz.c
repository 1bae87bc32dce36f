/* Any bytes as a certificate in PEM. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/certificate.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct instant at = INSTANT_NONE;
    if (!certificate_ends((const char *)data, size, &at)) {
        CHECK(instant_is_none(at));
    }
    return 0;
}
