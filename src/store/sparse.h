/* Bytes of which most are zero, such as the tables of a centre that are sized for its worst day: pages of zeros are left out. A
 * snapshot of 5 MB shrinks to what is in use, so that writing one does not hold up the commits behind it.
 *
 * Form: "MGDSPAR1" | size, 8 bytes | one bit a page of 1 KiB, set if the page is kept, in bytes, filled up to 8 | the pages kept.
 * Little-endian. What is unpacked has been held against its digest before; a form that is wrong all the same is
 * STATUS_CORRUPT. */
#ifndef MINGDI_STORE_SPARSE_H
#define MINGDI_STORE_SPARSE_H

#include <stddef.h>

#include "base/status.h"

/* *packed is the caller's to free. */
enum status sparse_pack(const void *bytes, size_t size, void **packed, size_t *packed_size, struct error *error) MUST_USE;
/* *bytes is the caller's to free. size_max bounds what a wrong head may ask for. */
enum status sparse_unpack(const void *packed, size_t packed_size, size_t size_max, void **bytes, size_t *size,
                          struct error *error) MUST_USE;

#endif
