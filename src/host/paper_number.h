/* Numbers of paper forms: 15 digits, shown as 261122-407-0017-53: the day of printing, the run of that day (its
 * thousandth, so that two runs differ where 86.4 seconds lie between them), the form in it, and two digits that make the whole 1
 * modulo 97 (ISO 7064, MOD 97-10), so that no single mistyped digit and no two that changed places pass.
 *
 * A number below 10^15 survives JavaScript. */
#ifndef MINGDI_HOST_PAPER_NUMBER_H
#define MINGDI_HOST_PAPER_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum { PAPER_RUN_SIZE = 11, PAPER_NUMBER_SIZE = 19, PAPER_SERIAL_MAX = 9999 };

/* "261122-407" of a day (year 0 to 99, month, day) and a run of it (0 to 999). */
void paper_run_name(int year, int month, int day, unsigned run, char name[PAPER_RUN_SIZE]);
/* The form of that run; serial from 1 to PAPER_SERIAL_MAX. */
uint64_t paper_number(const char *run, unsigned serial);
void paper_number_text(uint64_t number, char text[PAPER_NUMBER_SIZE]);
/* With or without dashes and spaces. False for what is no number of a form. */
bool paper_number_read(const char *text, uint64_t *number);
bool paper_number_is_valid(uint64_t number);

#endif
