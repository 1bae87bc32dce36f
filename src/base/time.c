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
