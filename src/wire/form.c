/* Workload: every value of every answer and of every command's body; nothing here takes memory. */
#include "wire/form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SECONDS_A_DAY = 86400 };

/* Days from 1970-01-01 of a day of the proleptic Gregorian calendar: Howard Hinnant, "chrono-compatible low-level date
 * algorithms", days_from_civil. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

bool form_instant_text(struct instant at, char text[FORM_INSTANT_SIZE])
{
    int64_t seconds = at.us / US_PER_SECOND, rest_us = at.us % US_PER_SECOND;
    if (rest_us < 0) {
        rest_us += US_PER_SECOND;
        seconds -= 1;
    }
    time_t posix_seconds = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&posix_seconds, &parts) == NULL || parts.tm_year < -1899 || parts.tm_year > 8099) {
        return false;
    }
    char buffer[128];
    snprintf(buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
             parts.tm_hour, parts.tm_min, parts.tm_sec, (int)rest_us);
    memcpy(text, buffer, FORM_INSTANT_SIZE);
    return true;
}

struct reader {
    const char *at, *end;
};

static bool take(struct reader *reader, const char *any_of)
{
    if (reader->at == reader->end || *reader->at == '\0' || strchr(any_of, *reader->at) == NULL) {
        return false;
    }
    reader->at += 1;
    return true;
}

static bool take_digits(struct reader *reader, int count, int minimum, int maximum, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (reader->at == reader->end || *reader->at < '0' || *reader->at > '9') {
            return false;
        }
        *value = *value * 10 + (*reader->at++ - '0');
    }
    return *value >= minimum && *value <= maximum;
}

static bool take_fraction(struct reader *reader, int64_t *us)
{
    *us = 0;
    if (!take(reader, ".")) {
        return true;
    }
    int64_t unit = US_PER_SECOND / 10;
    const char *begin = reader->at;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++, unit /= 10) {
        *us += unit * (*reader->at - '0');
    }
    return reader->at > begin;
}

static bool take_offset(struct reader *reader, int *minutes)
{
    *minutes = 0;
    if (take(reader, "Zz")) {
        return true;
    }
    bool west = reader->at < reader->end && *reader->at == '-';
    int hour, minute;
    if (!take(reader, "+-") || !take_digits(reader, 2, 0, 23, &hour) || !take(reader, ":") ||
        !take_digits(reader, 2, 0, 59, &minute)) {
        return false;
    }
    *minutes = west ? -(hour * 60 + minute) : hour * 60 + minute;
    return true;
}

static int days_of_month(int year, int month)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool form_instant_read(const char *text, size_t length, struct instant *at)
{
    struct reader reader = { text, text + length };
    int year, month, day, hour, minute, second, offset_minutes;
    int64_t us;
    if (!take_digits(&reader, 4, 1, 9999, &year) || !take(&reader, "-") || !take_digits(&reader, 2, 1, 12, &month) ||
        !take(&reader, "-") || !take_digits(&reader, 2, 1, days_of_month(year, month), &day) || !take(&reader, "Tt ") ||
        !take_digits(&reader, 2, 0, 23, &hour) || !take(&reader, ":") || !take_digits(&reader, 2, 0, 59, &minute) ||
        !take(&reader, ":") || !take_digits(&reader, 2, 0, 60, &second) || !take_fraction(&reader, &us) ||
        !take_offset(&reader, &offset_minutes) || reader.at != reader.end) {
        return false;
    }
    int64_t seconds = days_from_civil(year, month, day) * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
    *at = (struct instant){ (seconds - offset_minutes * 60) * US_PER_SECOND + us };
    return true;
}

void form_instant(struct json *json, const char *name, struct instant at)
{
    char text[FORM_INSTANT_SIZE];
    if (form_instant_text(at, text)) {
        json_text(json, name, text);
    } else {
        json_none(json, name);
    }
}

void form_duration(struct json *json, const char *name, struct duration duration)
{
    if (duration.us == INT64_MAX) {
        json_none(json, name);
        return;
    }
    /* Two whole numbers beside a point, so that no digit is lost: json_e7 writes seven decimals. */
    bool fits = duration.us <= INT64_MAX / 10 && duration.us >= INT64_MIN / 10;
    if (fits) {
        json_e7(json, name, duration.us * 10);
    } else {
        json_int(json, name, duration.us / US_PER_SECOND);
    }
}

void form_point(struct json *json, const char *name, struct geo_point point)
{
    json_object_begin(json, name);
    json_e7(json, "lon", point.lon_e7);
    json_e7(json, "lat", point.lat_e7);
    json_object_end(json);
}

void form_set(struct json *json, const char *name, const struct schema_enum *labels, uint32_t bits)
{
    json_array_begin(json, name);
    for (uint32_t bit = 0; bit < labels->count; bit++) {
        if ((bits >> bit & 1) != 0 && labels->labels[bit] != NULL) {
            json_text(json, NULL, labels->labels[bit]);
        }
    }
    json_array_end(json);
}

void form_u64(struct json *json, const char *name, uint64_t value)
{
    char digits[17];
    snprintf(digits, sizeof digits, "%016" PRIx64, value);
    json_text(json, name, digits);
}

bool form_u64_read(const char *text, size_t length, uint64_t *value)
{
    if (length < 1 || length > 16) {
        return false;
    }
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return false;
        }
        number = number << 4 | (uint64_t)digit;
    }
    *value = number;
    return true;
}
