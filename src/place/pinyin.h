/* How a Han character is read: all readings in today's Mandarin, without tones (tools/make_pinyin tells from where).
 *
 * Workload: once for each distinct character of a city (some 3,000), and for each character of a query. */
#ifndef MINGDI_PLACE_PINYIN_H
#define MINGDI_PLACE_PINYIN_H

#include <stdbool.h>
#include <stdint.h>

/* "chang zhang": the readings with one space between, sorted; "" for what is no Han character or has no reading. Constant. Equal
 * lists are one pointer. */
const char *pinyin_readings(uint32_t code);
/* Whether two lists have a reading in common. */
bool pinyin_shares_reading(const char *a, const char *b);
/* The next reading of a list, which begins at *at; its length, 0 at the end. */
uint32_t pinyin_next(const char **at, const char **reading);

#endif
