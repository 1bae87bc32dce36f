#include "place/coordinates.h"

#include <string.h>

#include "base/check.h"

enum { NUMBERS_MAX = 6, ANGLES = 2, DIGITS_MAX = 12 };

enum unit { UNIT_NONE, UNIT_DEGREES, UNIT_MINUTES, UNIT_SECONDS };
enum axis { AXIS_UNKNOWN, AXIS_LATITUDE, AXIS_LONGITUDE };

struct number {
    double value;
    bool negative, has_fraction;
    enum unit unit;
};

struct hemisphere {
    enum axis axis;
    bool negative;
    uint32_t before; /* how many numbers stand before it */
};

struct reading {
    const char *at, *end;
    bool decimal_comma;
    struct number numbers[NUMBERS_MAX];
    uint32_t number_count;
    struct hemisphere hemispheres[ANGLES];
    uint32_t hemisphere_count;
};

struct mark {
    const char *text;
    int meaning; /* enum unit, or of hemispheres enum axis, negative for south and west */
};

static const struct mark units[] = {
    { "°", UNIT_DEGREES },  { "º", UNIT_DEGREES },  { "度", UNIT_DEGREES }, { "′", UNIT_MINUTES },  { "’", UNIT_MINUTES },
    { "分", UNIT_MINUTES }, { "″", UNIT_SECONDS },  { "”", UNIT_SECONDS },  { "''", UNIT_SECONDS }, { "'", UNIT_MINUTES },
    { "秒", UNIT_SECONDS }, { "\"", UNIT_SECONDS }, { "d", UNIT_DEGREES },  { "m", UNIT_MINUTES },  { "s", UNIT_SECONDS },
};

/* Longer ones first. A small s is taken for seconds behind a number that has minutes. */
static const struct mark hemispheres[] = {
    { "北纬", AXIS_LATITUDE }, { "南纬", -AXIS_LATITUDE }, { "东经", AXIS_LONGITUDE }, { "西经", -AXIS_LONGITUDE },
    { "纬度", AXIS_LATITUDE }, { "经度", AXIS_LONGITUDE }, { "lat", AXIS_LATITUDE },   { "lon", AXIS_LONGITUDE },
    { "lng", AXIS_LONGITUDE }, { "北", AXIS_LATITUDE },    { "南", -AXIS_LATITUDE },   { "东", AXIS_LONGITUDE },
    { "西", -AXIS_LONGITUDE }, { "N", AXIS_LATITUDE },     { "S", -AXIS_LATITUDE },    { "E", AXIS_LONGITUDE },
    { "W", -AXIS_LONGITUDE },  { "n", AXIS_LATITUDE },     { "s", -AXIS_LATITUDE },    { "e", AXIS_LONGITUDE },
    { "w", -AXIS_LONGITUDE },
};

static const struct mark separators[] = { { ",", 0 },  { ";", 0 },  { " ", 0 },      { "，", 0 }, { "；", 0 },
                                          { "、", 0 }, { "\t", 0 }, { ":", 0 },      { "：", 0 }, { "=", 0 },
                                          { "(", 0 },  { ")", 0 },  { "\u3000", 0 }, { "/", 0 } };

static bool take(struct reading *reading, const char *text)
{
    size_t length = strlen(text);
    if ((size_t)(reading->end - reading->at) < length || memcmp(reading->at, text, length) != 0) {
        return false;
    }
    reading->at += length;
    return true;
}

static const struct mark *take_mark(struct reading *reading, const struct mark *marks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (take(reading, marks[i].text)) {
            return &marks[i];
        }
    }
    return NULL;
}

static bool is_digit(const struct reading *reading, const char *at) { return at < reading->end && *at >= '0' && *at <= '9'; }

static bool is_point(const struct reading *reading)
{
    bool point = reading->at < reading->end && (*reading->at == '.' || (reading->decimal_comma && *reading->at == ','));
    return point && is_digit(reading, reading->at + 1);
}

static bool read_number(struct reading *reading, bool negative)
{
    if (reading->number_count == NUMBERS_MAX) {
        return false;
    }
    struct number *number = &reading->numbers[reading->number_count++];
    *number = (struct number){ .negative = negative };
    double unit = 1;
    uint32_t digits = 0;
    while (is_digit(reading, reading->at) || (!number->has_fraction && is_point(reading))) {
        if (*reading->at < '0') {
            number->has_fraction = true;
        } else if (number->has_fraction) {
            unit /= 10;
            number->value += (*reading->at - '0') * unit;
        } else {
            number->value = number->value * 10 + (*reading->at - '0');
        }
        digits += !number->has_fraction;
        reading->at++;
    }
    const struct mark *mark = take_mark(reading, units, ARRAY_LENGTH(units));
    if (mark != NULL && mark->meaning == UNIT_SECONDS && mark->text[0] == 's' &&
        (reading->number_count < 2 || reading->numbers[reading->number_count - 2].unit != UNIT_MINUTES)) {
        reading->at -= 1; /* south */
        mark = NULL;
    }
    number->unit = mark != NULL ? (enum unit)mark->meaning : UNIT_NONE;
    return digits <= DIGITS_MAX;
}

static bool read_hemisphere(struct reading *reading)
{
    const struct mark *mark = take_mark(reading, hemispheres, ARRAY_LENGTH(hemispheres));
    if (mark == NULL || reading->hemisphere_count == ANGLES) {
        return false;
    }
    bool negative = mark->meaning < 0;
    reading->hemispheres[reading->hemisphere_count++] = (struct hemisphere){
        .axis = (enum axis)(negative ? -mark->meaning : mark->meaning), .negative = negative, .before = reading->number_count
    };
    return true;
}

/* Signs stand directly before a number. */
static bool read_all(struct reading *reading)
{
    (void)take(reading, "geo:");
    while (reading->at < reading->end) {
        bool negative = take(reading, "-") || take(reading, "−") || take(reading, "－");
        bool sign = negative || take(reading, "+");
        if (is_digit(reading, reading->at)) {
            if (!read_number(reading, negative)) {
                return false;
            }
        } else if (sign || (take_mark(reading, separators, ARRAY_LENGTH(separators)) == NULL && !read_hemisphere(reading))) {
            return false;
        }
    }
    return true;
}

/* The numbers of one angle as degrees. */
static bool angle_of(const struct number *numbers, uint32_t count, double *degrees)
{
    static const double shares[] = { 1, 1.0 / 60, 1.0 / 3600 };
    *degrees = 0;
    if (count < 1 || count > 3) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        bool unit_fits = numbers[i].unit == UNIT_NONE || numbers[i].unit == (enum unit)(UNIT_DEGREES + i);
        bool is_part = i == 0 || (numbers[i].value < 60 && !numbers[i].negative && !numbers[i - 1].has_fraction);
        if (!unit_fits || !is_part) {
            return false;
        }
        *degrees += numbers[i].value * shares[i];
    }
    *degrees = numbers[0].negative ? -*degrees : *degrees;
    return true;
}

/* Where the second angle begins: at the second mark of degrees, else the numbers are shared evenly. */
static uint32_t second_angle(const struct reading *reading)
{
    uint32_t second = 0;
    for (uint32_t i = 1; i < reading->number_count; i++) {
        second = reading->numbers[i].unit == UNIT_DEGREES && second == 0 ? i : second;
    }
    return second != 0 ? second : reading->number_count / 2;
}

/* What tells coordinates from the numbers of a house and a road. */
static bool is_marked(const struct reading *reading)
{
    bool marked = reading->hemisphere_count == ANGLES;
    for (uint32_t i = 0; i < reading->number_count; i++) {
        marked |= reading->numbers[i].has_fraction || reading->numbers[i].unit != UNIT_NONE;
    }
    return marked;
}

/* Each angle has its hemisphere before or behind it, or neither has one. */
static bool hemispheres_fit(const struct reading *reading, uint32_t second)
{
    const struct hemisphere *marks = reading->hemispheres;
    if (reading->hemisphere_count == 0) {
        return true;
    }
    if (reading->hemisphere_count != ANGLES || marks[0].axis == marks[1].axis) {
        return false;
    }
    bool before = marks[0].before == 0 && marks[1].before == second;
    bool behind = marks[0].before == second && marks[1].before == reading->number_count;
    return before || behind;
}

static bool decide(const struct reading *reading, struct coordinates *coordinates)
{
    double angles[ANGLES];
    uint32_t second = second_angle(reading), count = reading->number_count;
    if (count < ANGLES || !is_marked(reading) || !hemispheres_fit(reading, second) ||
        !angle_of(reading->numbers, second, &angles[0]) || !angle_of(reading->numbers + second, count - second, &angles[1])) {
        return false;
    }
    for (uint32_t i = 0; i < reading->hemisphere_count; i++) {
        angles[i] = reading->hemispheres[i].negative ? -angles[i] : angles[i];
    }
    bool lat_first = geo_point_from_degrees(angles[1], angles[0], &coordinates->point);
    bool lon_first = geo_point_from_degrees(angles[0], angles[1], &coordinates->exchanged);
    coordinates->is_ambiguous = lat_first && lon_first && reading->hemisphere_count == 0;
    bool exchange = reading->hemisphere_count > 0 ? reading->hemispheres[0].axis == AXIS_LONGITUDE : !lat_first;
    if (exchange) {
        coordinates->point = coordinates->exchanged;
        return lon_first;
    }
    return lat_first;
}

/* 41,1496; -8,6109: a comma between digits, while something else parts the numbers and no point is there. */
static bool has_decimal_commas(const char *text, size_t length)
{
    uint32_t commas = 0;
    bool parted = false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.') {
            return false;
        }
        bool between = i > 0 && i + 1 < length && text[i - 1] >= '0' && text[i - 1] <= '9' && text[i + 1] >= '0' &&
                       text[i + 1] <= '9';
        commas += text[i] == ',' && between;
        parted |= text[i] == ' ' || text[i] == ';' || (text[i] == ',' && !between);
    }
    return commas == ANGLES && parted;
}

bool coordinates_read(const char *text, size_t length, struct coordinates *coordinates)
{
    struct reading reading = { .at = text, .end = text + length, .decimal_comma = has_decimal_commas(text, length) };
    return read_all(&reading) && decide(&reading, coordinates);
}
