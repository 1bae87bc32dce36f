/* GBK, which vehicles' terminals write and show, and UTF-8. By the C library, whose tables are read from a file when the
 * converters are made: so they are made before a process gives up its files. Workload: a text of 100 bytes for each order. */
#ifndef MINGDI_WIRE_GBK_H
#define MINGDI_WIRE_GBK_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct gbk;

enum status gbk_open(struct gbk **gbk, struct error *error) MUST_USE;
void gbk_close(struct gbk *gbk);

/* How many bytes of GBK were written: as many whole characters as fit. One that GBK does not have is a question mark. */
size_t gbk_from_utf8(struct gbk *gbk, const char *text, uint8_t *out, size_t size);
/* Ends in a zero byte; as many whole characters as fit. Bytes that are none are left out, so are control characters. */
void gbk_to_utf8(struct gbk *gbk, const uint8_t *bytes, size_t length, char *out, size_t size);

#endif
