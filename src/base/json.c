#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

void json_init(struct json *json, struct text *out, int indent) { *json = (struct json){ .out = out, .indent = indent }; }

static void newline(struct json *json)
{
    if (json->indent > 0) {
        text_printf(json->out, "\n%*s", json->depth * json->indent, "");
    }
}

static void write_escaped(struct text *out, const char *value, size_t length)
{
    text_puts(out, "\"");
    for (size_t i = 0; i < length;) {
        unsigned char byte = (unsigned char)value[i];
        size_t step = utf8_sequence(value + i, length - i);
        if (step == 0) {
            text_puts(out, "\xEF\xBF\xBD");
            step = 1;
        } else if (byte == '"' || byte == '\\') {
            text_printf(out, "\\%c", byte);
        } else if (byte < 0x20) {
            text_printf(out, "\\u%04x", byte);
        } else {
            text_append(out, value + i, step);
        }
        i += step;
    }
    text_puts(out, "\"");
}

static void begin_value(struct json *json, const char *name)
{
    if (json->needs_comma[json->depth]) {
        text_puts(json->out, ",");
    }
    json->needs_comma[json->depth] = true;
    if (json->depth > 0) {
        newline(json);
    }
    if (name != NULL) {
        write_escaped(json->out, name, strlen(name));
        text_puts(json->out, json->indent > 0 ? ": " : ":");
    }
}

static void open_level(struct json *json, const char *name, const char *bracket)
{
    begin_value(json, name);
    text_puts(json->out, bracket);
    CHECK(json->depth < JSON_DEPTH_MAX);
    json->depth += 1;
    json->needs_comma[json->depth] = false;
}

static void close_level(struct json *json, const char *bracket)
{
    CHECK(json->depth > 0);
    bool empty = !json->needs_comma[json->depth];
    json->depth -= 1;
    if (!empty) {
        newline(json);
    }
    text_puts(json->out, bracket);
}

void json_object_begin(struct json *json, const char *name) { open_level(json, name, "{"); }
void json_object_end(struct json *json) { close_level(json, "}"); }
void json_array_begin(struct json *json, const char *name) { open_level(json, name, "["); }
void json_array_end(struct json *json) { close_level(json, "]"); }

void json_text_n(struct json *json, const char *name, const char *value, size_t length)
{
    begin_value(json, name);
    write_escaped(json->out, value, length);
}

void json_text(struct json *json, const char *name, const char *value) { json_text_n(json, name, value, strlen(value)); }

void json_int(struct json *json, const char *name, int64_t value)
{
    begin_value(json, name);
    text_printf(json->out, "%lld", (long long)value);
}

void json_number(struct json *json, const char *name, double value, int decimals)
{
    begin_value(json, name);
    if (!isfinite(value)) {
        text_puts(json->out, "null");
        return;
    }
    char digits[400];
    int length = snprintf(digits, sizeof digits, "%.*f", decimals, value);
    CHECK(length > 0 && (size_t)length < sizeof digits);
    if (strchr(digits, '.') != NULL) {
        while (digits[length - 1] == '0') {
            length -= 1;
        }
        length -= digits[length - 1] == '.';
    }
    bool minus_zero = length == 2 && digits[0] == '-' && digits[1] == '0';
    text_append(json->out, minus_zero ? "0" : digits, minus_zero ? 1 : (size_t)length);
}

void json_e7(struct json *json, const char *name, int64_t value)
{
    begin_value(json, name);
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    char digits[40];
    int length = snprintf(digits, sizeof digits, "%s%llu.%07llu", value < 0 ? "-" : "", (unsigned long long)(size / 10000000),
                          (unsigned long long)(size % 10000000));
    while (digits[length - 1] == '0') {
        length -= 1;
    }
    length -= digits[length - 1] == '.';
    text_append(json->out, digits, (size_t)length);
}

void json_bool(struct json *json, const char *name, bool value)
{
    begin_value(json, name);
    text_puts(json->out, value ? "true" : "false");
}

void json_none(struct json *json, const char *name)
{
    begin_value(json, name);
    text_puts(json->out, "null");
}

void json_raw(struct json *json, const char *name, const char *value, size_t length)
{
    begin_value(json, name);
    text_append(json->out, value, length);
}
