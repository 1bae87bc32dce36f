#include "host/paper_number.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/check.h"

enum { DIGITS = 15, MODULUS = 97 };
static const uint64_t NUMBERS_END = UINT64_C(1000000000000000);
static const uint64_t NUMBERS_FIRST = UINT64_C(10100000000100); /* 1 January 2000, form 1 */

void paper_run_name(int year, int month, int day, unsigned run, char name[PAPER_RUN_SIZE])
{
    CHECK(year >= 0 && year <= 99 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && run <= 999);
    (void)snprintf(name, PAPER_RUN_SIZE, "%02u%02u%02u-%03u", (unsigned)year % 100, (unsigned)month % 100, (unsigned)day % 100,
                   run % 1000);
}

uint64_t paper_number(const char *run, unsigned serial)
{
    CHECK(serial >= 1 && serial <= PAPER_SERIAL_MAX);
    uint64_t number = 0;
    for (const char *c = run; *c != '\0'; c++) {
        number = *c == '-' ? number : number * 10 + (uint64_t)(*c - '0');
    }
    number = (number * 10000 + serial) * 100;
    return number + (MODULUS + 1 - number % MODULUS);
}

void paper_number_text(uint64_t number, char text[PAPER_NUMBER_SIZE])
{
    CHECK(number < NUMBERS_END);
    (void)snprintf(text, PAPER_NUMBER_SIZE, "%06" PRIu64 "-%03" PRIu64 "-%04" PRIu64 "-%02" PRIu64, number / 1000000000 % 1000000,
                   number / 1000000 % 1000, number / 100 % 10000, number % 100);
}

bool paper_number_is_valid(uint64_t number)
{
    uint64_t check = number % 100;
    return number >= NUMBERS_FIRST && number < NUMBERS_END && number % MODULUS == 1 && check >= 2 && check <= 98 &&
           number / 100 % 10000 != 0;
}

bool paper_number_read(const char *text, uint64_t *number)
{
    uint64_t read = 0;
    unsigned digits = 0;
    for (; *text != '\0'; text++) {
        if (*text >= '0' && *text <= '9' && digits < DIGITS) {
            read = read * 10 + (uint64_t)(*text - '0');
            digits++;
        } else if (*text != '-' && *text != ' ') {
            return false;
        }
    }
    if (digits != DIGITS || !paper_number_is_valid(read)) {
        return false;
    }
    *number = read;
    return true;
}
