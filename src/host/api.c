/* The way of a request: its route, who asks, whether that is allowed; then the handler. And the ways of answering. */
#include "host/api.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "host/api_private.h"
#include "host/log.h"
#include "wire/form.h"

static const struct route routes[] = {
#define ROUTE(method, path, handler, access, parameters, has_body, manner) \
    { method, path, #handler, api_##handler, access, parameters, has_body, manner },
#include "host/api_routes.h"
#undef ROUTE
};

static const char *const method_names[HTTP_METHOD_COUNT] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

enum status api_create(const struct api_setup *setup, struct api **api, struct error *error)
{
    struct api *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->setup = *setup;
        made->started_us = clock_monotonic_us();
        made->limiter = limiter_create();
        made->naming = naming_create();
        made->seldom = seldom_create();
        made->key_bodies = calloc(KEY_BODIES, sizeof *made->key_bodies);
        made->command = aligned_alloc(8, COMMAND_SIZE_MAX);
    }
    if (made == NULL || made->limiter == NULL || made->naming == NULL || made->seldom == NULL || made->key_bodies == NULL ||
        made->command == NULL) {
        api_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "the API: memory was refused");
    }
    *api = made;
    return STATUS_OK;
}

/* The workers have ended: nobody reads the journal any more. */
void api_destroy(struct api *api)
{
    if (api == NULL) {
        return;
    }
    if (api->journal_open) {
        api->journal.close(api->journal.context);
    }
    limiter_destroy(api->limiter);
    naming_destroy(api->naming);
    seldom_destroy(api->seldom);
    free(api->key_bodies);
    free(api->command);
    free(api);
}

void api_begin(struct api *api)
{
    naming_forget(api->naming);
    memset(api->key_bodies, 0, KEY_BODIES * sizeof *api->key_bodies);
}

/* ---- answers ---- */

static void end_exchange(struct exchange *exchange)
{
    text_free(&exchange->body);
    if (exchange->has_share) {
        shares_return(&exchange->api->shares, exchange->identity.actor);
    }
    free(exchange->kept);
    free(exchange);
}

/* Machines are trusted, as with the limit of requests. */
bool exchange_take_share(struct exchange *exchange, uint32_t most)
{
    if (exchange->identity.machine) {
        return true;
    }
    exchange->has_share = shares_take(&exchange->api->shares, exchange->identity.actor, most);
    if (!exchange->has_share) {
        exchange_problem_text(exchange, PROBLEM_BUSY, "Slow questions of yours wait already: come again when they are answered.");
    }
    return exchange->has_share;
}

static void note(struct exchange *exchange, unsigned status)
{
    const char *name = exchange->route != NULL ? exchange->route->name : "none";
    http_name_route(exchange->request, name);
    metrics_request(exchange->api->setup.metrics, name, status, clock_monotonic_us() - http_received_us(exchange->request));
}

struct json *exchange_object(struct exchange *exchange)
{
    json_init(&exchange->json, &exchange->body, 0);
    json_object_begin(&exchange->json, NULL);
    return &exchange->json;
}

/* What every object at the top says, put behind its first brace. */
static void write_front(const struct exchange *exchange, struct text *out)
{
    const struct text *body = &exchange->body;
    bool drill = exchange->api->setup.drill;
    if (!drill && !exchange->with_sequence) {
        text_append(out, body->bytes, body->length);
        return;
    }
    text_puts(out, drill ? "{\"drill\":true" : "{");
    if (exchange->with_sequence) {
        text_printf(out, "%s\"sequence\":%" PRIu64, drill ? "," : "", exchange_core(exchange)->head->sequence);
    }
    text_puts(out, body->length > 2 ? "," : "");
    text_append(out, body->bytes + 1, body->length - 1);
}

void exchange_send_body(struct exchange *exchange, unsigned status)
{
    struct text out;
    text_init(&out, ANSWER_MAX + 256);
    if (!exchange->body.failed) {
        CHECK(exchange->body.length >= 2 && exchange->body.bytes[0] == '{');
        write_front(exchange, &out);
    }
    if (exchange->body.failed || out.failed) {
        text_free(&out);
        exchange_problem_text(exchange, PROBLEM_INTERNAL,
                              "The answer is too large, or memory was refused: ask for fewer at once.");
        return;
    }
    note(exchange, status);
    http_answer(exchange->request, status, "application/json", out.bytes, out.length);
    text_free(&out);
    end_exchange(exchange);
}

void exchange_send(struct exchange *exchange, unsigned status)
{
    json_object_end(&exchange->json);
    CHECK(exchange->json.depth == 0);
    exchange_send_body(exchange, status);
}

void exchange_send_text(struct exchange *exchange, const char *content_type)
{
    if (exchange->body.failed) {
        exchange_problem_of(exchange, PROBLEM_INTERNAL);
        return;
    }
    note(exchange, 200);
    http_answer(exchange->request, 200, content_type, exchange->body.bytes, exchange->body.length);
    end_exchange(exchange);
}

void exchange_send_bytes(struct exchange *exchange, const char *content_type, const char *bytes, size_t size)
{
    note(exchange, 200);
    http_answer(exchange->request, 200, content_type, bytes, size);
    end_exchange(exchange);
}

void exchange_send_static(struct exchange *exchange, unsigned status, const char *content_type, const void *bytes, size_t size)
{
    note(exchange, status);
    http_answer_static(exchange->request, status, content_type, bytes, size);
    end_exchange(exchange);
}

void exchange_send_nothing(struct exchange *exchange, unsigned status)
{
    note(exchange, status);
    http_answer(exchange->request, status, "application/json", "", 0);
    end_exchange(exchange);
}

/* Somebody tries doors: one row for many, so that the audit trail tells of it and is not filled by it. */
static void write_down_refusal(const struct exchange *exchange, const struct problem *problem)
{
    const struct api_setup *setup = &exchange->api->setup;
    bool no_right = strcmp(problem->name, "not_allowed") == 0;
    uint32_t actor = no_right ? exchange->identity.actor : exchange->unproven;
    const char *address = http_address(exchange->request), *route = exchange->route != NULL ? exchange->route->name : "none";
    char detail[AUDIT_DETAIL_MAX], what[AUDIT_DETAIL_MAX];
    uint32_t before = 0;
    if (!no_right && strcmp(problem->name, "csrf") != 0) {
        return;
    }
    (void)snprintf(what, sizeof what, "%s %u %s %s", problem->name, actor, route, address);
    if (!seldom_lets(exchange->api->seldom, what, clock_wall(), &before)) {
        return;
    }
    (void)snprintf(detail, sizeof detail, "%s, from %s", route, address);
    seldom_tell(before, detail, sizeof detail);
    const struct audit_entry entry = { .actor = actor,
                                       .machine = exchange->identity.machine,
                                       .what = no_right ? "right refused" : "request without its token refused",
                                       .subject = "request",
                                       .detail = detail };
    audit_write(setup->audit, &entry, NULL, NULL);
}

void exchange_problem(struct exchange *exchange, const struct problem *problem)
{
    write_down_refusal(exchange, problem);
    struct json json;
    text_free(&exchange->body);
    text_init(&exchange->body, ANSWER_MAX);
    json_init(&json, &exchange->body, 0);
    problem_write(problem, &json, exchange->api->setup.drill);
    if (problem->retry_after_s != 0) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%u", problem->retry_after_s);
        http_set_header(exchange->request, "Retry-After", seconds);
    }
    note(exchange, problem->status);
    bool written = !exchange->body.failed;
    http_answer(exchange->request, problem->status, "application/problem+json", written ? exchange->body.bytes : "{}",
                written ? exchange->body.length : 2);
    end_exchange(exchange);
}

void exchange_problem_of(struct exchange *exchange, enum problem_kind kind)
{
    struct problem problem = problem_of(kind);
    exchange_problem(exchange, &problem);
}

void exchange_problem_text(struct exchange *exchange, enum problem_kind kind, const char *format, ...)
{
    struct problem problem = problem_of(kind);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem.detail, sizeof problem.detail, format, arguments);
    va_end(arguments);
    exchange_problem(exchange, &problem);
}

void exchange_failed(struct exchange *exchange, const char *what)
{
    if (exchange->why[0] != '\0') {
        LOG(LOG_ERROR, "api", what, LOG_TEXT("why", exchange->why));
    }
    exchange_problem_text(exchange, PROBLEM_BUSY, "%s%s", what,
                          exchange->why[0] != '\0' ? ": the server's log tells why." : ": the server stops.");
}

void exchange_bad_body(struct exchange *exchange, const struct error *error)
{
    enum problem_kind kind = error->status == STATUS_CORRUPT ? PROBLEM_BAD_JSON
                             : error->status == STATUS_FULL  ? PROBLEM_TOO_LARGE
                                                             : PROBLEM_UNPROCESSABLE;
    exchange_problem_text(exchange, kind, "%s", error->text);
}

/* ---- questions ---- */

struct view exchange_view(const struct exchange *exchange)
{
    const struct api_setup *setup = &exchange->api->setup;
    return (struct view){ .core = centre_core(setup->centre),
                          .directory = setup->directory,
                          .people = setup->people,
                          .positions = setup->positions,
                          .control = setup->control,
                          .now = clock_now(setup->clock) };
}

/* A whole number without sign or leading zeros (but 0 itself), at most maximum. */
bool exchange_read_number(const char *text, int64_t maximum, int64_t *value)
{
    if (*text == '\0' || (text[0] == '0' && text[1] != '\0')) {
        return false;
    }
    int64_t number = 0;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || number > maximum / 10) {
            return false;
        }
        number = number * 10 + (*text - '0');
    }
    *value = number;
    return number <= maximum;
}

bool exchange_number(struct exchange *exchange, const char *name, int64_t minimum, int64_t maximum, int64_t *value)
{
    const char *text = http_parameter(exchange->request, name);
    int64_t number;
    if (text == NULL) {
        return true;
    }
    if (!exchange_read_number(text, maximum, &number) || number < minimum) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s must be a whole number from %" PRId64 " to %" PRId64 ".",
                              name, minimum, maximum);
        return false;
    }
    *value = number;
    return true;
}

bool exchange_instant(struct exchange *exchange, const char *name, struct instant fallback, struct instant *at)
{
    const char *text = http_parameter(exchange->request, name);
    *at = fallback;
    if (text != NULL && !form_instant_read(text, strlen(text), at)) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER,
                              "%s must be an instant as in RFC 3339, such as 2026-11-22T00:00:00Z (a + is written %%2B).", name);
        return false;
    }
    return true;
}

bool exchange_page(struct exchange *exchange)
{
    int64_t after = 0, limit = PAGE_DEFAULT;
    if (!exchange_number(exchange, "after", 0, INT64_MAX / 16, &after) ||
        !exchange_number(exchange, "limit", 1, PAGE_MAX, &limit)) {
        return false;
    }
    exchange->after = (uint64_t)after;
    exchange->limit = (uint32_t)limit;
    return true;
}

bool exchange_json(struct exchange *exchange, const char *const *members, json_t **root)
{
    size_t length;
    const char *bytes = http_body(exchange->request, &length);
    struct error error = { .text = "" };
    if (wire_parse_object(bytes, length, root, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
        return false;
    }
    if (wire_only_members(*root, "", members, &error) != STATUS_OK) {
        json_decref(*root);
        exchange_bad_body(exchange, &error);
        return false;
    }
    return true;
}

void exchange_write_page_end(struct exchange *exchange, struct json *json, uint64_t next)
{
    if (next == 0) {
        json_none(json, "next");
    } else {
        json_int(json, "next", (int64_t)next);
    }
    json_int(json, "sequence", (int64_t)exchange_core(exchange)->head->sequence);
}

bool exchange_if_match(struct exchange *exchange, uint32_t *revision)
{
    const char *text = http_header(exchange->request, "If-Match");
    *revision = 0;
    if (text == NULL || strcmp(text, "*") == 0) {
        return true;
    }
    char digits[16];
    int64_t number;
    size_t length = strlen(text);
    bool quoted = length >= 3 && length - 2 < sizeof digits && text[0] == '"' && text[length - 1] == '"';
    if (quoted) {
        memcpy(digits, text + 1, length - 2);
        digits[length - 2] = '\0';
    }
    if (!quoted || !exchange_read_number(digits, UINT32_MAX, &number) || number == 0) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST,
                              "If-Match must be one revision in quotation marks, as an ETag gave it, or *.");
        return false;
    }
    *revision = (uint32_t)number;
    return true;
}

/* ---- the way in ---- */

static bool read_word(const char *begin, size_t length, char word[WORD_SIZE])
{
    if (length == 0 || length >= WORD_SIZE) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        bool letter = (begin[i] >= 'a' && begin[i] <= 'z') || begin[i] == '_' || begin[i] == '.';
        if (!letter) {
            return false;
        }
    }
    memcpy(word, begin, length);
    word[length] = '\0';
    return true;
}

static bool read_number(const char *begin, size_t length, uint32_t *number)
{
    char digits[16];
    int64_t value;
    if (length >= sizeof digits) {
        return false;
    }
    memcpy(digits, begin, length);
    digits[length] = '\0';
    if (!exchange_read_number(digits, UINT32_MAX, &value)) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

/* What stands for the first part of the pattern, of the path's first length bytes. */
static bool read_part(struct exchange *exchange, const char *pattern, const char *path, size_t length, size_t *number_count)
{
    if (pattern[2] == '}') {
        return *number_count < ARRAY_LENGTH(exchange->numbers) &&
               read_number(path, length, &exchange->numbers[(*number_count)++]);
    }
    if (strncmp(pattern, "{id}", 4) == 0) {
        return read_number(path, length, &exchange->id) && exchange->id != 0;
    }
    return read_word(path, length, exchange->word);
}

/* Whether the path is of the pattern; what stands for {id}, {name} and numbers goes into the exchange. */
static bool path_fits(struct exchange *exchange, const char *pattern, const char *path)
{
    size_t number_count = 0;
    while (*pattern != '\0' && *path != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++) {
                return false;
            }
            continue;
        }
        size_t length = strcspn(path, "/");
        if (!read_part(exchange, pattern, path, length, &number_count)) {
            return false;
        }
        pattern += strcspn(pattern, "}") + 1;
        path += length;
    }
    return *pattern == '\0' && *path == '\0';
}

/* NULL: answered. */
static const struct route *find_route(struct exchange *exchange)
{
    const char *path = http_path(exchange->request);
    char allowed[64] = "";
    size_t length = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(routes); i++) {
        if (!path_fits(exchange, routes[i].path, path)) {
            continue;
        }
        if (routes[i].method == http_method(exchange->request)) {
            return &routes[i];
        }
        length += (size_t)snprintf(allowed + length, sizeof allowed - length, "%s%s", length == 0 ? "" : ", ",
                                   method_names[routes[i].method]);
        CHECK(length < sizeof allowed);
    }
    if (length == 0) {
        if (!api_answer_console(exchange)) {
            exchange_problem_of(exchange, PROBLEM_UNKNOWN_PATH);
        }
    } else {
        http_set_header(exchange->request, "Allow", allowed);
        exchange_problem_text(exchange, PROBLEM_METHOD_NOT_ALLOWED, "Known here: %s.", allowed);
    }
    return NULL;
}

struct parameter_check {
    const struct http_request *request;
    const char *allowed;
    char unknown[WORD_SIZE];
};

static void check_parameter(void *context, const char *name, const char *value)
{
    struct parameter_check *check = context;
    (void)value;
    (void)http_parameter(check->request, name); /* notes it if it stands twice */
    size_t length = strlen(name);
    for (const char *at = check->allowed; *at != '\0';) {
        size_t word = strcspn(at, " ");
        if (word == length && memcmp(at, name, length) == 0) {
            return;
        }
        at += word + (at[word] == ' ');
    }
    snprintf(check->unknown, sizeof check->unknown, "%s", name);
}

/* Whether one of the headers that something depends on, or a parameter, is given twice: then nobody knows which one was meant. */
static bool request_is_clear(struct exchange *exchange)
{
    static const char *const headers[] = { "Cookie",   "Authorization", "X-CSRF-Token", "Idempotency-Key",
                                           "If-Match", "Mingdi-Drill",  "Content-Type", "Last-Event-ID" };
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++) {
        (void)http_header(exchange->request, headers[i]);
    }
    if (http_is_ambiguous(exchange->request)) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST, "A header or a query parameter is given twice.");
        return false;
    }
    return true;
}

static bool parameters_are_known(struct exchange *exchange)
{
    struct parameter_check check = { .request = exchange->request, .allowed = exchange->route->parameters };
    http_each_parameter(exchange->request, check_parameter, &check);
    if (check.unknown[0] != '\0') {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s is not known here; known are: %s.", check.unknown,
                              *check.allowed != '\0' ? check.allowed : "none");
        return false;
    }
    return request_is_clear(exchange);
}

/* "application/json", perhaps with charset=utf-8 behind. */
static bool is_json_type(const char *type)
{
    static const char json_type[] = "application/json";
    return type != NULL && strncasecmp(type, json_type, sizeof json_type - 1) == 0 &&
           (type[sizeof json_type - 1] == '\0' || strchr("; \t", type[sizeof json_type - 1]) != NULL);
}

static bool body_is_json(struct exchange *exchange)
{
    if (exchange->route->has_body && !is_json_type(http_header(exchange->request, "Content-Type"))) {
        exchange_problem_text(exchange, PROBLEM_NOT_JSON, "The header Content-Type must be application/json.");
        return false;
    }
    return true;
}

/* Only what is clearly impossible is refused: an Accept that names types, and none that an answer could have. */
static bool answer_is_acceptable(struct exchange *exchange)
{
    static const char *const possible[] = { "*/*", "application/", "text/" };
    const char *accept = http_header(exchange->request, "Accept");
    bool good = accept == NULL || *accept == '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(possible) && !good; i++) {
        good = strstr(accept, possible[i]) != NULL;
    }
    if (!good) {
        exchange_problem_of(exchange, PROBLEM_NOT_ACCEPTABLE);
    }
    return good;
}

/* Crews themselves, and the machine that speaks with their terminals. */
static bool is_crew(const struct identity *identity)
{
    for (int i = 0; i < identity->grant_count; i++) {
        if (identity->grants[i].role == ROLE_CREW || identity->grants[i].role == ROLE_VEHICLE_GATEWAY) {
            return true;
        }
    }
    return false;
}

/* A real crew's terminal does not know that it speaks to a drill, so it is refused before it can be paged by an exercise. */
static bool drill_is_said(struct exchange *exchange)
{
    const char *header = http_header(exchange->request, "Mingdi-Drill");
    const char *parameter = strstr(exchange->route->parameters, "drill") != NULL ? http_parameter(exchange->request, "drill")
                                                                                 : NULL;
    bool said = (header != NULL && strcmp(header, "1") == 0) || (parameter != NULL && strcmp(parameter, "1") == 0);
    if (exchange->api->setup.drill && is_crew(&exchange->identity) && !said) {
        exchange_problem_text(exchange, PROBLEM_DRILL_NOT_SAID,
                              "This server runs a drill. A crew says that it knows with the header Mingdi-Drill: 1.");
        return false;
    }
    return true;
}

/* Machines are trusted with much more than a person's session or an unknown address; what runs wild is stopped all the same. */
static bool is_within_limit(struct exchange *exchange)
{
    const struct config *config = exchange->api->setup.config;
    const char *address = http_address(exchange->request);
    uint64_t who = exchange->identity.actor != 0 ? exchange->identity.actor
                                                 : hash64(address, strlen(address), 1) | UINT64_C(1) << 63;
    uint32_t wait_s = limiter_ask(exchange->api->limiter, who,
                                  exchange->identity.machine ? config->machine_requests_per_minute : config->requests_per_minute,
                                  clock_monotonic_us());
    if (wait_s == 0) {
        return true;
    }
    struct problem problem = problem_of(PROBLEM_TOO_MANY_REQUESTS);
    problem.retry_after_s = wait_s;
    exchange_problem(exchange, &problem);
    return false;
}

static enum people_identified identify(struct exchange *exchange)
{
    struct http_request *request = exchange->request;
    struct people *people = exchange->api->setup.people;
    enum people_identified identified = people_identify(
        people, http_header(request, "Cookie"), http_header(request, "Authorization"), http_header(request, "X-CSRF-Token"),
        http_method(request) != HTTP_GET, &exchange->identity);
    if (identified == IDENTIFIED && exchange->identity.machine) {
        people_note_token(people, &exchange->identity, http_address(request));
    }
    return identified;
}

/* Who was given a password, or has no second factor though one is asked for, sees to that first. */
static bool owes_nothing(struct exchange *exchange)
{
    uint8_t owes = exchange->identity.owes;
    if (owes == 0 || exchange->route->manner == ROUTE_WHILE_OWING) {
        return true;
    }
    exchange_problem_of(exchange, (owes & OWES_PASSWORD) != 0 ? PROBLEM_PASSWORD_CHANGE_NEEDED : PROBLEM_SECOND_FACTOR_NEEDED);
    return false;
}

/* A session that was left open is no way to accounts, rights, secrets and settings. No command is asked: none may wait. */
static bool is_fresh_enough(struct exchange *exchange)
{
    if (exchange->route->manner != ROUTE_WEIGHTY || exchange->identity.machine || exchange->identity.fresh) {
        return true;
    }
    exchange_problem_of(exchange, PROBLEM_PASSWORD_NEEDED);
    return false;
}

/* Whether whoever asks may use the route at all. */
static bool is_admitted(struct exchange *exchange)
{
    enum people_identified identified = api_serves(exchange->api) ? identify(exchange) : IDENTIFIED_NOT;
    if (identified != IDENTIFIED) {
        exchange->unproven = exchange->identity.actor;
        exchange->identity = (struct identity){ .actor = 0 };
    }
    if (!is_within_limit(exchange)) {
        return false;
    }
    int access = exchange->route->access;
    if (access == ACCESS_OPEN) {
        return true;
    }
    if (identified == IDENTIFIED_NO_CSRF) {
        exchange_problem_text(exchange, PROBLEM_CSRF,
                              "What changes something needs the header X-CSRF-Token, as sign-in gave it.");
        return false;
    }
    if (identified != IDENTIFIED) {
        http_set_header(exchange->request, "WWW-Authenticate", "Bearer");
        exchange_problem_text(exchange, PROBLEM_NOT_SIGNED_IN,
                              "Sign in with POST /api/v1/session, or send a token of a machine.");
        return false;
    }
    if (access >= 0 && !rights_resource(&exchange->identity, (enum resource)access)) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED, "The right %s is missing.", RESOURCE_NAMES[access]);
        return false;
    }
    return owes_nothing(exchange) && drill_is_said(exchange) && is_fresh_enough(exchange);
}

void api_handle(void *api, struct http_request *request)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        static const char text[] = "{\"type\":\"/problems/busy\",\"title\":\"Memory was refused\",\"status\":503,"
                                   "\"detail\":\"Memory was refused: come again.\",\"name\":\"busy\"}";
        http_answer_static(request, 503, "application/problem+json", text, sizeof text - 1);
        return;
    }
    exchange->api = api;
    exchange->request = request;
    text_init(&exchange->body, ANSWER_MAX);
    naming_settle(api);
    const struct route *route = find_route(exchange);
    if (route == NULL) {
        return;
    }
    exchange->route = route;
    if (!api_serves(exchange->api) && !api_is_for_standbys(route)) {
        api_answer_standby(exchange);
        return;
    }
    if (route->method != HTTP_GET && !api_is_sure(api)) { /* whoever may do it, and what it would be done to, may have changed */
        exchange_problem_of(exchange, PROBLEM_JOURNAL_UNAVAILABLE);
        return;
    }
    if (parameters_are_known(exchange) && is_admitted(exchange) && answer_is_acceptable(exchange) && body_is_json(exchange)) {
        exchange->route->handle(exchange);
    }
}
