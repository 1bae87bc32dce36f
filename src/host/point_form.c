#include "host/point_form.h"

enum { DIGITS_MAX = 15 };

/* "-11.9746": no exponent, no space, no sign but a minus. Moves *at behind it. */
static bool read_decimal(const char **at, double *number)
{
    bool negative = **at == '-', point = false;
    double value = 0, unit = 1;
    int digits = 0;
    *at += negative;
    for (; (**at >= '0' && **at <= '9') || (**at == '.' && !point && digits > 0); (*at)++) {
        if (**at == '.') {
            point = true;
            continue;
        }
        unit /= point ? 10 : 1;
        value = point ? value + (**at - '0') * unit : value * 10 + (**at - '0');
        digits += 1;
    }
    *number = negative ? -value : value;
    return digits > 0 && digits <= DIGITS_MAX && (*at)[-1] != '.';
}

bool point_form_read(const char *text, struct geo_point *point)
{
    double lon, lat;
    if (!read_decimal(&text, &lon) || *text != ',') {
        return false;
    }
    text++;
    return read_decimal(&text, &lat) && *text == '\0' && geo_point_from_degrees(lon, lat, point);
}

bool point_form_read_rising(const char *text, double largest, uint32_t maximum, double *numbers, uint32_t *count)
{
    *count = 0;
    for (;;) {
        if (*count == maximum || !read_decimal(&text, &numbers[*count])) {
            return false;
        }
        double before = *count > 0 ? numbers[*count - 1] : 0;
        if (!(numbers[*count] > before && numbers[*count] <= largest)) {
            return false;
        }
        *count += 1;
        if (*text == '\0') {
            return true;
        }
        if (*text++ != ',') {
            return false;
        }
    }
}
