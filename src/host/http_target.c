#include "host/http_target.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Bytes that may stand as they are. UTF-8 that was not encoded is taken: the check of the decoded text judges it. */
static bool may_stand(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte > 0x20 && byte != 0x7F && strchr("\"<>\\^`{|}#", c) == NULL;
}

/* Decodes in place up to the end or one of the separators; *end is left behind what was read. Returns the decoded length or
 * -1. */
static long decode(char *text, const char *separators, bool plus_is_space, char **end)
{
    char *out = text;
    char *in = text;
    for (; *in != '\0' && strchr(separators, *in) == NULL; in++) {
        char c = *in;
        if (c == '%') {
            int high = hex_digit(in[1]);
            int low = high < 0 ? -1 : hex_digit(in[2]);
            if (low < 0) {
                return -1;
            }
            c = (char)(high << 4 | low);
            in += 2;
        } else if (!may_stand(c)) {
            return -1;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        *out++ = c;
    }
    *end = in;
    return out - text;
}

/* Closes a decoded piece with a zero byte; the separator that stood behind it is in *separator. */
static enum http_target_fault decode_piece(char *text, const char *separators, bool plus_is_space, char **next, char *separator)
{
    char *end;
    long length = decode(text, separators, plus_is_space, &end);
    if (length < 0) {
        return HTTP_TARGET_ENCODING;
    }
    if (memchr(text, '\0', (size_t)length) != NULL || !utf8_is_valid(text, (size_t)length)) {
        return HTTP_TARGET_UTF8;
    }
    *separator = *end;
    *next = *end == '\0' ? end : end + 1;
    text[length] = '\0';
    return HTTP_TARGET_SOUND;
}

static bool has_encoded_slash(const char *raw, size_t length)
{
    for (size_t i = 0; i + 2 < length; i++) {
        if (raw[i] == '%' && raw[i + 1] == '2' && (raw[i + 2] == 'f' || raw[i + 2] == 'F')) {
            return true;
        }
    }
    return false;
}

static bool path_is_plain(const char *path)
{
    for (const char *c = path; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F || *c == '\\') {
            return false;
        }
        if (c[0] == '/' && c[1] == '.') {
            size_t dots = c[2] == '.' ? 2 : 1;
            if (c[1 + dots] == '/' || c[1 + dots] == '\0') {
                return false;
            }
        }
    }
    return true;
}

static enum http_target_fault parse_parameters(struct http_target *target, char *text)
{
    char separator = '&';
    while (*text != '\0') {
        if (target->parameter_count == HTTP_PARAMETERS_MAX) {
            return HTTP_TARGET_PARAMETERS;
        }
        struct http_parameter *parameter = &target->parameters[target->parameter_count++];
        char *next;
        enum http_target_fault fault = decode_piece(text, "=&", true, &next, &separator);
        parameter->name = text;
        parameter->value = "";
        if (fault == HTTP_TARGET_SOUND && separator == '=') {
            parameter->value = next;
            fault = decode_piece(next, "&", true, &next, &separator);
        }
        if (fault != HTTP_TARGET_SOUND) {
            return fault;
        }
        text = next;
    }
    return HTTP_TARGET_SOUND;
}

static enum http_target_fault parse(struct http_target *target, const char *raw)
{
    size_t length = strnlen(raw, HTTP_TARGET_LENGTH_MAX + 1);
    if (length > HTTP_TARGET_LENGTH_MAX) {
        return HTTP_TARGET_TOO_LONG;
    }
    if (raw[0] != '/') {
        return HTTP_TARGET_FORM;
    }
    if (has_encoded_slash(raw, strcspn(raw, "?"))) {
        return HTTP_TARGET_PATH;
    }
    target->memory = malloc(length + 1);
    if (target->memory == NULL) {
        return HTTP_TARGET_NO_MEMORY;
    }
    memcpy(target->memory, raw, length + 1);
    char *query;
    char separator;
    enum http_target_fault fault = decode_piece(target->memory, "?", false, &query, &separator);
    if (fault != HTTP_TARGET_SOUND) {
        return fault;
    }
    target->path = target->memory;
    return path_is_plain(target->path) ? parse_parameters(target, query) : HTTP_TARGET_PATH;
}

enum http_target_fault http_target_parse(struct http_target *target, const char *raw)
{
    *target = (struct http_target){ .path = "" };
    enum http_target_fault fault = parse(target, raw);
    if (fault != HTTP_TARGET_SOUND) {
        http_target_free(target);
    }
    return fault;
}

void http_target_free(struct http_target *target)
{
    free(target->memory);
    *target = (struct http_target){ .path = "" };
}
