/* One pass from left to right. A number is read digit by digit into 1e-7 units; only one with an exponent, which no vehicle
 * writes, goes through the C library. */
#include "wire/positions_json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wire/form.h"

enum { NUMBER_TEXT_MAX = 64, E7_DIGITS = 7, DEGREES_MAX = 214, INSTANT_TEXT_MAX = 64 };

struct cursor {
    const char *begin, *at, *end;
    const char *wrong; /* what is wrong here; NULL so far */
};

static bool fail(struct cursor *cursor, const char *wrong)
{
    cursor->wrong = wrong;
    return false;
}

static void skip_space(struct cursor *cursor)
{
    while (cursor->at < cursor->end &&
           (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\n' || *cursor->at == '\r')) {
        cursor->at += 1;
    }
}

/* The byte here, or -1 at the end. */
static int here(const struct cursor *cursor) { return cursor->at < cursor->end ? (unsigned char)*cursor->at : -1; }

static bool is_digit(int byte) { return byte >= '0' && byte <= '9'; }

/* Takes the sign, if it is there, behind any space. */
static bool take(struct cursor *cursor, char sign)
{
    skip_space(cursor);
    if (here(cursor) != sign) {
        return false;
    }
    cursor->at += 1;
    return true;
}

/* A string without escapes: its inside. */
static bool take_plain_text(struct cursor *cursor, const char **text, size_t *length)
{
    if (!take(cursor, '"')) {
        return fail(cursor, "a string is expected");
    }
    *text = cursor->at;
    while (cursor->at < cursor->end && *cursor->at != '"') {
        if (*cursor->at == '\\' || (unsigned char)*cursor->at < 0x20 || (unsigned char)*cursor->at >= 0x80) {
            return fail(cursor, "only plain letters are expected in a string");
        }
        cursor->at += 1;
    }
    *length = (size_t)(cursor->at - *text);
    return take(cursor, '"') || fail(cursor, "the string does not end");
}

static bool take_unit(struct cursor *cursor, uint32_t *unit)
{
    skip_space(cursor);
    const char *begin = cursor->at;
    uint64_t value = 0;
    for (; is_digit(here(cursor)) && value <= UINT32_MAX; cursor->at++) {
        value = value * 10 + (uint64_t)(*cursor->at - '0');
    }
    int next = here(cursor);
    if (value == 0 || value > UINT32_MAX || *begin == '0' || is_digit(next) || next == '.' || next == 'e' || next == 'E') {
        return fail(cursor, "unit is a whole number from 1 to 4294967295");
    }
    *unit = (uint32_t)value;
    return true;
}

/* The digits before the point: one zero, or some without a zero in front. */
static bool take_whole(struct cursor *cursor, int64_t *value)
{
    const char *begin = cursor->at;
    *value = 0;
    for (; is_digit(here(cursor)); cursor->at++) {
        *value = *value > DEGREES_MAX ? *value : *value * 10 + (*cursor->at - '0');
    }
    bool whole = cursor->at > begin && (*begin != '0' || cursor->at == begin + 1);
    return whole || fail(cursor, "a number in degrees is expected");
}

/* The digits behind the point in 1e-7, rounded half away from zero; the rest of them only have to be digits. */
static bool take_fraction(struct cursor *cursor, int64_t *fraction_e7)
{
    *fraction_e7 = 0;
    if (here(cursor) != '.') {
        return true;
    }
    cursor->at += 1;
    const char *begin = cursor->at;
    int64_t unit = 10000000 / 10;
    for (; is_digit(here(cursor)); cursor->at++, unit /= 10) {
        if (cursor->at - begin == E7_DIGITS) {
            *fraction_e7 += *cursor->at >= '5';
        }
        *fraction_e7 += unit * (*cursor->at - '0');
    }
    return cursor->at > begin || fail(cursor, "digits are expected behind the decimal point");
}

/* A number with an exponent: begin is where it starts, the cursor stands at the e. */
static bool take_exponent(struct cursor *cursor, const char *begin, int64_t *value_e7)
{
    cursor->at += 1;
    if (here(cursor) == '+' || here(cursor) == '-') {
        cursor->at += 1;
    }
    const char *digits = cursor->at;
    while (is_digit(here(cursor))) {
        cursor->at += 1;
    }
    size_t length = (size_t)(cursor->at - begin);
    char text[NUMBER_TEXT_MAX];
    if (cursor->at == digits || length >= sizeof text) {
        return fail(cursor, "a number in degrees is expected");
    }
    memcpy(text, begin, length);
    text[length] = '\0';
    double degrees = strtod(text, NULL);
    if (!(degrees > -DEGREES_MAX && degrees < DEGREES_MAX)) {
        return fail(cursor, "that is no coordinate in degrees");
    }
    *value_e7 = (int64_t)(degrees * 1e7 + (degrees < 0 ? -0.5 : 0.5));
    return true;
}

static bool take_degrees(struct cursor *cursor, int32_t *degrees_e7)
{
    skip_space(cursor);
    const char *begin = cursor->at;
    bool negative = here(cursor) == '-';
    cursor->at += negative;
    int64_t whole, value_e7;
    if (!take_whole(cursor, &whole) || !take_fraction(cursor, &value_e7)) {
        return false;
    }
    if (here(cursor) == 'e' || here(cursor) == 'E') {
        if (!take_exponent(cursor, begin, &value_e7)) {
            return false;
        }
    } else if (whole >= DEGREES_MAX) {
        return fail(cursor, "that is no coordinate in degrees");
    } else {
        value_e7 += whole * 10000000;
        value_e7 = negative ? -value_e7 : value_e7;
    }
    *degrees_e7 = (int32_t)value_e7;
    return true;
}

static bool take_instant(struct cursor *cursor, struct instant *at)
{
    skip_space(cursor);
    if (cursor->end - cursor->at >= 4 && memcmp(cursor->at, "null", 4) == 0) {
        cursor->at += 4;
        *at = INSTANT_NONE;
        return true;
    }
    const char *text;
    size_t length;
    if (!take_plain_text(cursor, &text, &length)) {
        return false;
    }
    return (length <= INSTANT_TEXT_MAX && form_instant_read(text, length, at)) ||
           fail(cursor, "at is a date and time of RFC 3339, such as 2026-11-22T08:30:00Z");
}

enum member {
    MEMBER_UNIT = 1,
    MEMBER_LON = 2,
    MEMBER_LAT = 4,
    MEMBER_AT = 8,
    MEMBERS_NEEDED = MEMBER_UNIT | MEMBER_LON | MEMBER_LAT
};

static unsigned member_of(const char *name, size_t length)
{
    if (length == 4) {
        return memcmp(name, "unit", 4) == 0 ? MEMBER_UNIT : 0;
    }
    if (length == 3) {
        return memcmp(name, "lon", 3) == 0 ? MEMBER_LON : memcmp(name, "lat", 3) == 0 ? MEMBER_LAT : 0;
    }
    return length == 2 && memcmp(name, "at", 2) == 0 ? MEMBER_AT : 0;
}

static bool take_value(struct cursor *cursor, unsigned member, struct position_report *item)
{
    switch (member) {
    case MEMBER_UNIT: return take_unit(cursor, &item->unit);
    case MEMBER_LON: return take_degrees(cursor, &item->point.lon_e7);
    case MEMBER_LAT: return take_degrees(cursor, &item->point.lat_e7);
    default: return take_instant(cursor, &item->at);
    }
}

static bool take_item(struct cursor *cursor, struct position_report *item)
{
    unsigned seen = 0;
    item->at = INSTANT_NONE;
    if (!take(cursor, '{')) {
        return fail(cursor, "an object is expected");
    }
    do {
        const char *name;
        size_t length;
        if (!take_plain_text(cursor, &name, &length)) {
            return false;
        }
        unsigned member = member_of(name, length);
        if (member == 0) {
            return fail(cursor, "the members are unit, lon, lat and at");
        }
        if ((seen & member) != 0) {
            return fail(cursor, "a member is there twice");
        }
        seen |= member;
        if (!take(cursor, ':')) {
            return fail(cursor, "a colon is expected");
        }
        if (!take_value(cursor, member, item)) {
            return false;
        }
    } while (take(cursor, ','));
    if (!take(cursor, '}')) {
        return fail(cursor, "a comma or the end of the object is expected");
    }
    return (seen & MEMBERS_NEEDED) == MEMBERS_NEEDED || fail(cursor, "unit, lon and lat are needed");
}

static enum status refuse(const struct cursor *cursor, uint32_t index, struct error *error)
{
    return ERROR(error, STATUS_BAD_INPUT, "position %u, byte %zu: %s", (unsigned)index + 1, (size_t)(cursor->at - cursor->begin),
                 cursor->wrong);
}

enum status positions_json_read(const char *bytes, size_t length, struct position_report *items, uint32_t maximum,
                                uint32_t *count, struct error *error)
{
    struct cursor cursor = { bytes, bytes, bytes + length, NULL };
    uint32_t found = 0;
    *count = 0;
    if (!take(&cursor, '[')) {
        cursor.wrong = "a list of positions is expected";
        return refuse(&cursor, 0, error);
    }
    if (!take(&cursor, ']')) {
        do {
            if (found == maximum) {
                return ERROR(error, STATUS_FULL, "more than %u positions; send them in smaller batches", (unsigned)maximum);
            }
            if (!take_item(&cursor, &items[found])) {
                return refuse(&cursor, found, error);
            }
            found += 1;
        } while (take(&cursor, ','));
        if (!take(&cursor, ']')) {
            cursor.wrong = "a comma or the end of the list is expected";
            return refuse(&cursor, found, error);
        }
    }
    skip_space(&cursor);
    if (cursor.at != cursor.end) {
        cursor.wrong = "nothing may follow the list";
        return refuse(&cursor, found, error);
    }
    *count = found;
    return STATUS_OK;
}
