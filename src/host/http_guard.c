/* What is refused before a handler sees it: heads that two readers might read differently, and what is larger than the
 * limits.
 *
 * libmicrohttpd 0.9.75 gives duplicates of headers one after the other, but hides three things, all of which are refused here
 * by looking at where it found each header in its read buffer, in which it has put zero bytes in place of line ends: values
 * continued on a next line (copied elsewhere), lines that end in a bare line feed (one byte nearer), and zero bytes within a
 * value (the value seems to end there). */
#include <string.h>
#include <strings.h>

#include "host/http_private.h"

#define REFUSAL(status_, name_, title_, detail_)                                     \
    {                                                                                \
        .status = (status_), .name = (name_), .title = (title_), .detail = (detail_) \
    }

const struct http_refusal http_refusal_body_too_large = REFUSAL(413, "body_too_large", "The body is too large",
                                                                "Send less at once: in several requests.");
const struct http_refusal http_refusal_body_slow = REFUSAL(408, "body_slow", "The body did not come in time",
                                                           "Send the whole body soon after the headers.");
const struct http_refusal http_refusal_stopping = REFUSAL(503, "stopping", "The server is stopping", "Try again in a moment.");

static const struct http_refusal refusal_framing = REFUSAL(
    400, "bad_framing", "The length of the body is not clear",
    "Send either one Content-Length, a decimal number, or Transfer-Encoding: chunked.");
static const struct http_refusal refusal_coding = REFUSAL(501, "unknown_transfer_coding", "The transfer coding is not known",
                                                          "Only Transfer-Encoding: chunked is taken.");
static const struct http_refusal refusal_host = REFUSAL(400, "bad_host", "The request needs exactly one Host header",
                                                        "Send one Host header with a name or address and a port.");
static const struct http_refusal refusal_head = REFUSAL(
    400, "bad_head", "The request's head is malformed",
    "A header is a name, a colon and printable text on one line that ends in CR LF.");
static const struct http_refusal refusal_head_too_large = REFUSAL(
    431, "head_too_large", "The request's headers are too large",
    "At most 64 headers of 8192 bytes each and 16384 bytes together are taken.");
static const struct http_refusal refusal_expectation = REFUSAL(417, "unknown_expectation", "The expectation is not known",
                                                               "Only Expect: 100-continue is taken.");
static const struct http_refusal refusal_method = REFUSAL(405, "method_not_allowed", "The method is not allowed",
                                                          "Methods are GET, HEAD, POST, PUT, PATCH and DELETE.");
static const struct http_refusal refusal_method_unknown = REFUSAL(501, "method_unknown", "The method is not known",
                                                                  "Methods are GET, HEAD, POST, PUT, PATCH and DELETE.");

static const struct http_refusal target_refusals[] = {
    [HTTP_TARGET_TOO_LONG] = REFUSAL(414, "target_too_long", "The address is too long",
                                     "At most 4096 bytes of path and query are taken."),
    [HTTP_TARGET_FORM] = REFUSAL(400, "bad_target", "The request's target must be a path", "A target begins with '/'."),
    [HTTP_TARGET_ENCODING] = REFUSAL(
        400, "bad_target", "The address is not well encoded",
        "A percent sign is followed by two hexadecimal digits; spaces and control characters are encoded."),
    [HTTP_TARGET_PATH] = REFUSAL(400, "bad_target", "The path is not plain",
                                 "A path has no encoded slash, no control character and no segment '.' or '..'."),
    [HTTP_TARGET_UTF8] = REFUSAL(400, "bad_target", "The address is not UTF-8 text", "Encode it as UTF-8, without zero bytes."),
    [HTTP_TARGET_PARAMETERS] = REFUSAL(400, "too_many_parameters", "The query has too many parameters", "At most 32 are taken."),
    [HTTP_TARGET_NO_MEMORY] = REFUSAL(503, "no_memory", "The server is short of memory", "Try again in a moment."),
};

/* ---- headers as they came ---- */

static bool is_token(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        bool alphanumeric = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if (!alphanumeric && strchr("!#$%&'*+-.^_`|~", *c) == NULL) {
            return false;
        }
    }
    return *text != '\0';
}

static bool is_printable(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7F) {
            return false;
        }
    }
    return true;
}

struct intake {
    struct http_request *request;
    size_t length;
    const struct http_refusal *refusal;
};

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    struct intake *intake = context;
    struct http_request *request = intake->request;
    value = value != NULL ? value : "";
    size_t length = strlen(name) + strlen(value);
    intake->length += length + 4;
    if (request->header_count == HTTP_HEADERS_MAX || length > HTTP_HEADER_LENGTH_MAX || intake->length > HTTP_HEAD_LENGTH_MAX) {
        intake->refusal = &refusal_head_too_large;
        return MHD_NO;
    }
    if (!is_token(name) || !is_printable(value)) {
        intake->refusal = &refusal_head;
        return MHD_NO;
    }
    request->headers[request->header_count++] = (struct http_header){ .name = name, .value = value };
    return MHD_YES;
}

/* One line stands behind the other, two bytes of line end between them; behind the last, the empty line. What is read beyond
 * the last value is within the connection's memory, which holds libmicrohttpd's list of the headers behind the read buffer. */
static bool lines_are_whole(const struct http_request *request, const char *method, const char *version)
{
    if (MHD_VERSION >= 0x01000000) {
        return true; /* is strict itself */
    }
    if (request->raw_target != method + strlen(method) + 1 || version != request->raw_target + request->raw_target_length + 1) {
        return false; /* several spaces, or a zero byte in the target */
    }
    const char *end = version + strlen(version);
    for (int i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        if (header->name != end + 2) {
            return false;
        }
        end = header->value + strlen(header->value);
    }
    return memcmp(end, "\0\0\0\0", 4) == 0;
}

static int count_headers(const struct http_request *request, const char *name)
{
    int count = 0;
    for (int i = 0; i < request->header_count; i++) {
        count += strcasecmp(request->headers[i].name, name) == 0 ? 1 : 0;
    }
    return count;
}

/* ---- the rules ---- */

/* Decides what MHD has decided too: what has no length is a request without a body. */
static const struct http_refusal *check_framing(struct http_request *request)
{
    int lengths = count_headers(request, "Content-Length");
    int codings = count_headers(request, "Transfer-Encoding");
    if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0)) {
        request->lingers = true;
        return &refusal_framing;
    }
    if (codings == 1) {
        request->lingers = true;
        return strcasecmp(http_first_header(request, "Transfer-Encoding"), "chunked") == 0 ? NULL : &refusal_coding;
    }
    if (lengths == 0) {
        return NULL;
    }
    const char *length = http_first_header(request, "Content-Length");
    size_t digits = strspn(length, "0123456789");
    if (digits == 0 || length[digits] != '\0') {
        return &refusal_framing;
    }
    uint64_t bytes = digits > 18 ? UINT64_MAX : strtoull(length, NULL, 10);
    request->lingers = bytes > 0;
    return bytes > request->server->setup.body_bytes_max ? &http_refusal_body_too_large : NULL;
}

static const struct http_refusal *check_host(const struct http_request *request)
{
    int hosts = count_headers(request, "Host");
    if (hosts == 0 && request->is_old) {
        return NULL;
    }
    const char *host = http_first_header(request, "Host");
    bool sound = hosts == 1 && *host != '\0' && strpbrk(host, " \t/\\?#@,\"<>") == NULL;
    return sound ? NULL : &refusal_host;
}

static const struct http_refusal *check_method(struct http_request *request, const char *method)
{
    static const char *const methods[HTTP_METHOD_COUNT] = {
        [HTTP_GET] = "GET", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
    };
    for (int i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (strcmp(method, methods[i]) == 0) {
            request->method = (enum http_method)i;
            return NULL;
        }
    }
    if (strcmp(method, "HEAD") == 0) {
        request->method = HTTP_GET;
        request->is_head = true;
        return NULL;
    }
    bool known = strcmp(method, "OPTIONS") == 0 || strcmp(method, "TRACE") == 0 || strcmp(method, "CONNECT") == 0;
    if (known) {
        http_set_header(request, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
    }
    return known ? &refusal_method : &refusal_method_unknown;
}

static const struct http_refusal *check_expectation(const struct http_request *request)
{
    int count = count_headers(request, "Expect");
    bool known = count == 0 || (count == 1 && strcasecmp(http_first_header(request, "Expect"), "100-continue") == 0);
    return known ? NULL : &refusal_expectation;
}

const struct http_refusal *http_guard_head(struct http_request *request, const char *method, const char *version)
{
    struct intake intake = { .request = request };
    (void)MHD_get_connection_values(request->mhd, MHD_HEADER_KIND, take_header, &intake);
    request->server->figures.bytes_in += intake.length;
    request->is_old = strcmp(version, "HTTP/1.0") == 0;
    const struct http_refusal *refusal = intake.refusal;
    if (refusal == NULL && !lines_are_whole(request, method, version)) {
        refusal = &refusal_head;
    }
    if (refusal == NULL) {
        refusal = check_framing(request);
    }
    if (refusal == NULL) {
        refusal = check_host(request);
    }
    if (refusal == NULL) {
        refusal = check_method(request, method);
    }
    if (refusal == NULL && request->target_fault != HTTP_TARGET_SOUND) {
        refusal = &target_refusals[request->target_fault];
    }
    if (refusal == NULL) {
        refusal = check_expectation(request);
    }
    return refusal;
}
