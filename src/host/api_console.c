/* The files of the console, for every path that is no route of the API. They need no rights: what they show comes by the API. */
#include <string.h>

#include "host/api_private.h"
#include "host/console.h"

/* A console runs its own files and asks its own server, nobody else. A crew's phone tells where it is. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";
static const char permissions[] = "accelerometer=(), camera=(), display-capture=(), geolocation=(self), gyroscope=(), "
                                  "magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

static void answer_body(struct exchange *exchange, const struct console_file *file, enum console_encoding form)
{
    struct http_request *request = exchange->request;
    const struct console_body *body = &file->bodies[form];
    http_set_header(request, "Cache-Control", file->is_fixed ? "public, max-age=31536000, immutable" : "no-cache");
    http_set_header(request, "ETag", body->etag);
    http_set_header(request, "Vary", "Accept-Encoding");
    http_set_header(request, "Content-Security-Policy", policy);
    http_set_header(request, "Permissions-Policy", permissions);
    if (console_tag_matches(http_header(request, "If-None-Match"), body->etag)) {
        exchange_send_nothing(exchange, 304);
        return;
    }
    if (form != CONSOLE_PLAIN) {
        http_set_header(request, "Content-Encoding", CONSOLE_ENCODING_NAMES[form]);
    }
    exchange_send_static(exchange, 200, file->content_type, body->bytes, body->size);
}

static void answer_missing(struct exchange *exchange)
{
    const struct api_file *page = api_file_find("no_console.html");
    exchange_send_static(exchange, 503, page->content_type, page->bytes, page->size);
}

bool api_answer_console(struct exchange *exchange)
{
    static const struct route route = { .name = "console" };
    const struct console *console = exchange->api->setup.console;
    const char *path = http_path(exchange->request);
    const struct console_file *file = console != NULL ? console_find(console, path) : NULL;
    if (file == NULL && !console_owns(path)) {
        return false;
    }
    exchange->route = &route;
    if (http_method(exchange->request) != HTTP_GET) {
        http_set_header(exchange->request, "Allow", "GET");
        exchange_problem_text(exchange, PROBLEM_METHOD_NOT_ALLOWED, "Known here: GET.");
    } else if (file == NULL) {
        answer_missing(exchange);
    } else {
        answer_body(exchange, file, console_choose(file, http_header(exchange->request, "Accept-Encoding")));
    }
    return true;
}
