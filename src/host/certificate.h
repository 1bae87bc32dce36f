/* When a certificate runs out: the first of a PEM file (RFC 7468), read as far as its validity (RFC 5280, 4.1.2.5). Nothing else
 * of it is looked at, and nothing verified. The bytes may be hostile. Workload: a handful of files of some kB, by hand. */
#ifndef MINGDI_HOST_CERTIFICATE_H
#define MINGDI_HOST_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

enum { CERTIFICATE_SIZE_MAX = 64 * 1024 };

/* False where there is none that can be read. */
bool certificate_ends(const char *pem, size_t size, struct instant *at);

#endif
