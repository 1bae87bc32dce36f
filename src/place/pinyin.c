#include "place/pinyin.h"

#include <stddef.h>
#include <string.h>

struct reading_entry {
    uint32_t code;
    uint32_t list; /* where it begins in reading_lists */
};

#include "place/pinyin_table.h"

const char *pinyin_readings(uint32_t code)
{
    size_t low = 0, high = sizeof reading_entries / sizeof *reading_entries;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (reading_entries[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < sizeof reading_entries / sizeof *reading_entries && reading_entries[low].code == code;
    return found ? reading_lists + reading_entries[low].list : "";
}

uint32_t pinyin_next(const char **at, const char **reading)
{
    *at += **at == ' ';
    uint32_t length = 0;
    while ((*at)[length] != ' ' && (*at)[length] != '\0') {
        length++;
    }
    *reading = *at;
    *at += length;
    return length;
}

bool pinyin_shares_reading(const char *a, const char *b)
{
    const char *one, *other;
    for (uint32_t length; (length = pinyin_next(&a, &one)) > 0;) {
        const char *rest = b;
        for (uint32_t other_length; (other_length = pinyin_next(&rest, &other)) > 0;) {
            if (length == other_length && memcmp(one, other, length) == 0) {
                return true;
            }
        }
    }
    return false;
}
