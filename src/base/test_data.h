/* Where tests and benchmarks find real cities and calls: the folder that MINGDI_DATA names, else the one beside the checkout
 * (MINGDI_DATA_DEFAULT, from cmake/layers.cmake). It need not be there: then they are skipped. Test code only. */
#ifndef MINGDI_BASE_TEST_DATA_H
#define MINGDI_BASE_TEST_DATA_H

#include <stdlib.h>

static inline const char *test_data_folder(void)
{
    const char *named = getenv("MINGDI_DATA");
    return named != NULL && named[0] != '\0' ? named : MINGDI_DATA_DEFAULT;
}

#endif
