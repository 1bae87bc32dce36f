#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void instant_format(struct instant at, char text[INSTANT_TEXT_SIZE])
{
    int64_t seconds = at.us / US_PER_SECOND;
    int64_t rest_us = at.us % US_PER_SECOND;
    if (rest_us < 0) {
        rest_us += US_PER_SECOND;
        seconds -= 1;
    }
    time_t posix_seconds = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&posix_seconds, &parts) == NULL || parts.tm_year < -1900 || parts.tm_year > 8099) {
        memcpy(text, "?", 2);
        return;
    }
    char buffer[96];
    snprintf(buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
             parts.tm_hour, parts.tm_min, parts.tm_sec, (int)(rest_us / US_PER_MS));
    memcpy(text, buffer, INSTANT_TEXT_SIZE);
}

/* Exactly so many digits, a number up to maximum; *text moves behind them. */
static bool take_number(const char **text, int digits, int maximum, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9') {
            return false;
        }
        *value = *value * 10 + (**text - '0');
    }
    return *value <= maximum;
}

static bool take_letter(const char **text, char letter)
{
    bool is_there = **text == letter;
    *text += is_there;
    return is_there;
}

static bool take_fraction(const char **text, int64_t *us)
{
    *us = 0;
    if (!take_letter(text, '.')) {
        return true;
    }
    int64_t unit_us = US_PER_SECOND / 10;
    const char *begin = *text;
    for (; **text >= '0' && **text <= '9' && unit_us > 0; (*text)++, unit_us /= 10) {
        *us += (**text - '0') * unit_us;
    }
    return *text > begin;
}

static bool take_offset(const char **text, int *minutes)
{
    int hours = 0;
    *minutes = 0;
    if (take_letter(text, 'Z')) {
        return true;
    }
    int sign = **text == '-' ? -1 : 1;
    if (!take_letter(text, '+') && !take_letter(text, '-')) {
        return false;
    }
    bool is_read = take_number(text, 2, 14, &hours) && take_letter(text, ':') && take_number(text, 2, 59, minutes);
    *minutes = sign * (hours * 60 + *minutes);
    return is_read;
}

bool instant_parse(const char *text, struct instant *at)
{
    struct tm parts = { .tm_isdst = 0 };
    int year = 0;
    int month = 0;
    int offset_min = 0;
    int64_t fraction_us = 0;
    bool is_read = take_number(&text, 4, 9999, &year) && take_letter(&text, '-') && take_number(&text, 2, 12, &month) &&
                   take_letter(&text, '-') && take_number(&text, 2, 31, &parts.tm_mday) && take_letter(&text, 'T') &&
                   take_number(&text, 2, 23, &parts.tm_hour) && take_letter(&text, ':') &&
                   take_number(&text, 2, 59, &parts.tm_min) && take_letter(&text, ':') &&
                   take_number(&text, 2, 59, &parts.tm_sec) && take_fraction(&text, &fraction_us) &&
                   take_offset(&text, &offset_min) && *text == '\0';
    if (!is_read || month < 1 || parts.tm_mday < 1) {
        return false;
    }
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    int day = parts.tm_mday;
    time_t seconds = timegm(&parts);
    if (parts.tm_mday != day) { /* the month has no such day */
        return false;
    }
    at->us = ((int64_t)seconds - (int64_t)offset_min * 60) * US_PER_SECOND + fraction_us;
    return true;
}
