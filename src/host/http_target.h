/* The target of a request line, taken apart: "/path?name=value&..." with percent-encoding. Refuses what two readers might
 * read differently. */
#ifndef MINGDI_HOST_HTTP_TARGET_H
#define MINGDI_HOST_HTTP_TARGET_H

#include <stddef.h>

enum { HTTP_TARGET_LENGTH_MAX = 4096, HTTP_PARAMETERS_MAX = 32 };

enum http_target_fault {
    HTTP_TARGET_SOUND,
    HTTP_TARGET_TOO_LONG,
    HTTP_TARGET_FORM,     /* does not begin with '/': absolute, authority or asterisk form */
    HTTP_TARGET_ENCODING, /* a percent sign without two hexadecimal digits, or a byte that must be encoded */
    HTTP_TARGET_PATH,     /* an encoded slash, a control character, or a segment "." or ".." */
    HTTP_TARGET_UTF8,     /* decoded, it is not UTF-8, or holds a zero byte */
    HTTP_TARGET_PARAMETERS,
    HTTP_TARGET_NO_MEMORY,
};

struct http_parameter {
    const char *name, *value; /* decoded; '+' is a space */
};

struct http_target {
    char *memory; /* owns what the others point into */
    const char *path;
    struct http_parameter parameters[HTTP_PARAMETERS_MAX];
    int parameter_count;
};

/* On a fault the target is empty; http_target_free is fine in every case. raw ends in a zero byte. */
enum http_target_fault http_target_parse(struct http_target *target, const char *raw);
void http_target_free(struct http_target *target);

#endif
