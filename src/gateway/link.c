/* libcurl's multi interface in libevent's loop. Requests wait in one list in the order in which they came; a slot each for those
 * under way. */
#include "gateway/link.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/text.h"
#include "host/clock.h"
#include "host/log.h"
#include "wire/form.h"

enum {
    URL_MAX = 512,
    RESUME_MAX = 64,
    KEY_SIZE = 65,
    RETRY_FIRST_MS = 100,
    RETRY_MAX_MS = 2000,
    CONNECT_TIMEOUT_S = 5,
    ANSWER_TIMEOUT_S = 20,
    SILENCE_MAX_S = 20, /* the stream gives a sign of life every 5 s */
};

struct waiting {
    struct waiting *next;
    uint64_t number; /* in the order in which they came */
    char *path, *body;
    size_t body_length;
    char key[KEY_SIZE];
    int64_t until_us;
    gateway_answered *answered;
    void *context;
};

struct slot {
    CURL *curl;
    struct curl_slist *headers;
    struct waiting *request; /* NULL: free */
    struct text answer;
};

struct gateway_link {
    struct gateway_link_setup setup;
    char url[URL_MAX], authorization[LINK_TOKEN_MAX + 32];
    struct curl_slist *resolved;
    CURLM *multi;
    struct event *timer;           /* curl's */
    struct event *pusher;          /* begins what waits, also later */
    struct waiting *first, **last; /* by number */
    uint64_t numbers;
    struct slot slots[LINK_REQUESTS_AT_ONCE];
    bool silent; /* the last attempt brought no answer */
    bool is_ending;
    int retry_ms;
    int64_t retry_at_us;
    /* the stream */
    CURL *listener;
    struct curl_slist *listener_headers;
    struct event *redialler;
    struct text line;
    bool follows;
    char resume[RESUME_MAX]; /* what the next dialling asks with; "": from the beginning */
    int redial_ms;
    struct gateway_link_figures figures;
};

/* ---- curl in the loop ---- */

static void look_for_finished(struct gateway_link *link);

static void on_socket(evutil_socket_t fd, short what, void *context)
{
    struct gateway_link *link = context;
    int running, action = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    (void)curl_multi_socket_action(link->multi, fd, action, &running);
    look_for_finished(link);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct gateway_link *link = context;
    int running;
    (void)fd, (void)what;
    (void)curl_multi_socket_action(link->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    look_for_finished(link);
}

/* Each socket of curl's has an event of ours, given to curl to keep. Without memory for it curl would never do anything again,
 * and say nothing: the process ends and is started anew. So it is with curl's timer. */
static int watch_socket(CURL *curl, curl_socket_t fd, int action, void *context, void *kept)
{
    struct gateway_link *link = context;
    struct event *event = kept;
    (void)curl;
    if (event != NULL) {
        event_free(event);
        (void)curl_multi_assign(link->multi, fd, NULL);
    }
    if (action == CURL_POLL_REMOVE) {
        return 0;
    }
    int what = EV_PERSIST | ((action & CURL_POLL_IN) != 0 ? EV_READ : 0) | ((action & CURL_POLL_OUT) != 0 ? EV_WRITE : 0);
    event = event_new(link->setup.base, fd, (short)what, on_socket, link);
    CHECK(event != NULL && event_add(event, NULL) == 0);
    CHECK(curl_multi_assign(link->multi, fd, event) == CURLM_OK);
    return 0;
}

static struct timeval interval_of_ms(long ms) { return (struct timeval){ ms / 1000, ms % 1000 * 1000 }; }

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct gateway_link *link = context;
    (void)multi;
    if (timeout_ms < 0) {
        return event_del(link->timer);
    }
    struct timeval interval = interval_of_ms(timeout_ms);
    CHECK(event_add(link->timer, &interval) == 0);
    return 0;
}

static void push_after(struct gateway_link *link, long ms)
{
    struct timeval interval = interval_of_ms(ms);
    CHECK(event_add(link->pusher, &interval) == 0);
}

/* ---- one request ---- */

static size_t take_answer(char *bytes, size_t size, size_t count, void *context)
{
    struct text *answer = context;
    text_append(answer, bytes, size * count);
    return answer->failed ? 0 : size * count;
}

static struct curl_slist *headers_of(const struct gateway_link *link, const char *key)
{
    char line[KEY_SIZE + 32];
    struct curl_slist *headers = curl_slist_append(NULL, link->authorization);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    if (key[0] == '\0') {
        return headers;
    }
    (void)snprintf(line, sizeof line, "Idempotency-Key: %s", key);
    return curl_slist_append(headers, line);
}

static void set_common(struct gateway_link *link, CURL *curl, const char *path, struct curl_slist *headers)
{
    char url[URL_MAX + 256];
    (void)snprintf(url, sizeof url, "%s%s", link->url, path);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(curl, CURLOPT_RESOLVE, link->resolved);
}

static void free_waiting(struct waiting *waiting)
{
    free(waiting->path);
    free(waiting->body);
    free(waiting);
}

static void put_back(struct gateway_link *link, struct waiting *request, long http);

/* False: curl has no memory for it; it waits again. */
static bool begin(struct gateway_link *link, struct slot *slot, struct waiting *request)
{
    slot->request = request;
    text_clear(&slot->answer);
    curl_easy_reset(slot->curl); /* keeps the connection */
    slot->headers = headers_of(link, request->key);
    set_common(link, slot->curl, request->path, slot->headers);
    (void)curl_easy_setopt(slot->curl, CURLOPT_TIMEOUT, (long)ANSWER_TIMEOUT_S);
    (void)curl_easy_setopt(slot->curl, CURLOPT_WRITEFUNCTION, take_answer);
    (void)curl_easy_setopt(slot->curl, CURLOPT_WRITEDATA, &slot->answer);
    (void)curl_easy_setopt(slot->curl, CURLOPT_PRIVATE, slot);
    if (request->body != NULL) {
        (void)curl_easy_setopt(slot->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        (void)curl_easy_setopt(slot->curl, CURLOPT_POSTFIELDS, request->body);
    }
    link->figures.requests += 1;
    if (curl_multi_add_handle(link->multi, slot->curl) != CURLM_OK) {
        curl_slist_free_all(slot->headers);
        slot->headers = NULL;
        slot->request = NULL;
        put_back(link, request, 0);
        return false;
    }
    return true;
}

static struct waiting *take_first(struct gateway_link *link)
{
    struct waiting *request = link->first;
    link->first = request->next;
    link->last = link->first == NULL ? &link->first : link->last;
    return request;
}

static void answer(struct gateway_link *link, struct waiting *request, const struct gateway_answer *given)
{
    link->figures.refused += given->outcome == GATEWAY_REFUSED;
    link->figures.silent += given->outcome == GATEWAY_SILENT;
    link->figures.waiting -= 1;
    request->answered(request->context, given);
    free_waiting(request);
}

/* Those whose askers have no more patience; all of them wait, so none is under way. */
static void give_up_the_impatient(struct gateway_link *link, int64_t now_us)
{
    struct waiting **at = &link->first, *over = NULL, **end = &over;
    while (*at != NULL) {
        struct waiting *request = *at;
        if (request->until_us > now_us) {
            at = &request->next;
            continue;
        }
        *at = request->next;
        request->next = NULL;
        *end = request;
        end = &request->next;
    }
    link->last = at;
    while (over != NULL) {
        struct waiting *request = over;
        over = request->next;
        answer(link, request, &(struct gateway_answer){ .outcome = GATEWAY_SILENT });
    }
}

static bool any_under_way(const struct gateway_link *link)
{
    for (int i = 0; i < LINK_REQUESTS_AT_ONCE; i++) {
        if (link->slots[i].request != NULL) {
            return true;
        }
    }
    return false;
}

/* While the centre is silent one at a time, and not before its time. */
static void push(struct gateway_link *link)
{
    int64_t now_us = clock_monotonic_us();
    if (link->silent) {
        give_up_the_impatient(link, now_us);
        if (link->first != NULL && now_us < link->retry_at_us) {
            push_after(link, (long)((link->retry_at_us - now_us) / 1000 + 1));
            return;
        }
    }
    for (int i = 0; i < LINK_REQUESTS_AT_ONCE && link->first != NULL && !(link->silent && any_under_way(link)); i++) {
        if (link->slots[i].request == NULL && !begin(link, &link->slots[i], take_first(link))) {
            push_after(link, link->retry_ms);
            return;
        }
    }
}

static void on_push(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    push(context);
}

/* To where it was: what came first is asked first, in whatever order several have failed. */
static void put_back(struct gateway_link *link, struct waiting *request, long http)
{
    struct waiting **at = &link->first;
    while (*at != NULL && (*at)->number < request->number) {
        at = &(*at)->next;
    }
    request->next = *at;
    *at = request;
    link->last = request->next == NULL ? &request->next : link->last;
    link->figures.repeated += 1;
    if (!link->silent) {
        link->silent = true;
        link->retry_ms = RETRY_FIRST_MS;
        LOG(LOG_WARNING, "gateway", "the centre does not answer; what was told is kept and repeated", LOG_NUMBER("http", http));
    } else {
        link->retry_ms = link->retry_ms < RETRY_MAX_MS / 2 ? 2 * link->retry_ms : RETRY_MAX_MS;
    }
    link->retry_at_us = clock_monotonic_us() + (int64_t)link->retry_ms * 1000;
}

static void note_answered(struct gateway_link *link)
{
    if (link->silent) {
        link->silent = false;
        LOG(LOG_INFO, "gateway", "the centre answers again", LOG_NUMBER("waiting", link->figures.waiting));
    }
}

/* No answer, or one that is about the way and not about the request; 401: a token that administration may give anew. */
static bool may_pass(long http) { return http == 0 || http == 401 || http == 429 || http == 502 || http == 503 || http == 504; }

/* jansson had no memory for a text; of what is no JSON it would be told what is wrong. */
static bool is_for_want_of_memory(const json_error_t *wrong)
{
    enum json_error_code code = json_error_code(wrong);
    return code == json_error_unknown || code == json_error_out_of_memory;
}

/* An answer that came. What cannot be read is never a yes: for want of memory it is asked for again, and where it is no JSON
 * nobody knows what the centre has said. Without a body the code says all. */
static void take_whole(struct gateway_link *link, struct waiting *request, long http, const struct text *said)
{
    json_error_t wrong = { .text = "" };
    json_t *body = said->length > 0 ? json_loadb(said->bytes, said->length, 0, &wrong) : NULL;
    bool is_unread = said->length > 0 && body == NULL, is_good = http >= 200 && http < 300;
    if (is_unread && is_for_want_of_memory(&wrong)) {
        LOG(LOG_ERROR, "gateway", "no memory for an answer of the centre; it is asked for again",
            LOG_NUMBER("bytes", said->length));
        put_back(link, request, http);
        return;
    }
    if (is_unread && is_good) {
        LOG(LOG_ERROR, "gateway", "an answer of the centre is no JSON: what stands between the gateway and the centre?",
            LOG_NUMBER("http", http), LOG_NUMBER("bytes", said->length));
    }
    note_answered(link);
    enum gateway_outcome outcome = !is_good ? GATEWAY_REFUSED : is_unread ? GATEWAY_SILENT : GATEWAY_DONE;
    answer(link, request, &(struct gateway_answer){ outcome, http, body });
    json_decref(body);
}

static void finished(struct gateway_link *link, struct slot *slot, CURLcode code)
{
    struct waiting *request = slot->request;
    long http = 0;
    if (code == CURLE_OK) {
        (void)curl_easy_getinfo(slot->curl, CURLINFO_RESPONSE_CODE, &http);
    }
    (void)curl_multi_remove_handle(link->multi, slot->curl);
    curl_slist_free_all(slot->headers);
    slot->headers = NULL;
    slot->request = NULL;
    if (may_pass(http)) {
        put_back(link, request, http);
    } else {
        take_whole(link, request, http, &slot->answer);
    }
}

bool gateway_link_ask(struct gateway_link *link, const struct gateway_request *request)
{
    bool has_room = link->figures.waiting < LINK_WAITING_MAX && !link->is_ending;
    struct waiting *waiting = has_room ? calloc(1, sizeof *waiting) : NULL;
    if (waiting == NULL) {
        return false;
    }
    waiting->path = strdup(request->path);
    waiting->body = request->body != NULL ? malloc(request->body_length + 1) : NULL;
    if (waiting->path == NULL || (request->body != NULL && waiting->body == NULL)) {
        free_waiting(waiting);
        return false;
    }
    if (request->body != NULL) {
        memcpy(waiting->body, request->body, request->body_length);
        waiting->body_length = request->body_length;
    }
    (void)snprintf(waiting->key, sizeof waiting->key, "%s", request->key != NULL ? request->key : "");
    waiting->until_us = clock_monotonic_us() + request->patience_ms * 1000;
    waiting->answered = request->answered;
    waiting->context = request->context;
    waiting->number = ++link->numbers;
    *link->last = waiting;
    link->last = &waiting->next;
    link->figures.waiting += 1;
    push_after(link, 0);
    return true;
}

const char *gateway_problem(const struct gateway_answer *answer)
{
    const char *name = json_string_value(json_object_get(answer->body, "name"));
    return answer->outcome == GATEWAY_REFUSED && name != NULL ? name : "";
}

/* ---- the stream ---- */

static bool begins(const char *line, size_t length, const char *with)
{
    return length >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

/* From where to go on when the line breaks: the entry's number, and what tells that it is still the same entry. */
static void keep_resume(struct gateway_link *link, json_int_t sequence, const char *fingerprint)
{
    uint64_t number;
    link->resume[0] = '\0';
    if (fingerprint != NULL && form_u64_read(fingerprint, strlen(fingerprint), &number)) {
        (void)snprintf(link->resume, sizeof link->resume, "?after=%" JSON_INTEGER_FORMAT "&fingerprint=%016" PRIx64, sequence,
                       number);
    }
}

/* Only now: a connection that ends before anything of it was heard is one more that did not succeed. */
static void note_heard(struct gateway_link *link)
{
    link->follows = true;
    link->redial_ms = RETRY_FIRST_MS;
}

/* False: there is no memory for it. */
static bool hear_data(struct gateway_link *link, const char *bytes, size_t length)
{
    json_error_t wrong = { .text = "" };
    while (length > 0 && *bytes == ' ') {
        bytes++;
        length--;
    }
    if (begins(bytes, length, "{\"type\":\"positions\"") || begins(bytes, length, "{\"type\":\"hands\"") ||
        begins(bytes, length, "{\"type\":\"clock\"")) {
        note_heard(link);
        return true;
    }
    json_t *message = json_loadb(bytes, length, 0, &wrong);
    if (message == NULL) { /* what is no JSON would be none the next time either */
        return !is_for_want_of_memory(&wrong);
    }
    note_heard(link);
    const json_t *sequence = json_object_get(message, "sequence");
    if (json_is_integer(sequence)) {
        keep_resume(link, json_integer_value(sequence), json_string_value(json_object_get(message, "fingerprint")));
    }
    link->figures.messages += 1;
    link->setup.heard(link->setup.context, message);
    json_decref(message);
    return true;
}

/* A line that is whole; false: it was not heard, for want of memory or because it is too long. */
static bool hear_line(struct gateway_link *link)
{
    const struct text *line = &link->line;
    return !line->failed && (!begins(line->bytes, line->length, "data:") || hear_data(link, line->bytes + 5, line->length - 5));
}

/* Lines "data: {...}"; the others (id, event, comments) say nothing more. A line that was not heard ends the connection: the next
 * one begins after the last that was, so that nothing of the centre's is passed over. */
static size_t hear(char *bytes, size_t size, size_t count, void *context)
{
    struct gateway_link *link = context;
    size_t length = size * count;
    const char *end;
    while ((end = memchr(bytes, '\n', length)) != NULL) {
        size_t part = (size_t)(end - bytes);
        text_append(&link->line, bytes, part);
        if (!hear_line(link)) {
            return 0;
        }
        text_clear(&link->line);
        bytes += part + 1;
        length -= part + 1;
    }
    text_append(&link->line, bytes, length);
    return link->line.failed ? 0 : size * count;
}

static void hung_up(struct gateway_link *link, CURLcode code);

static void dial(struct gateway_link *link)
{
    char path[RESUME_MAX + 8];
    (void)snprintf(path, sizeof path, "/events%s", link->resume);
    text_clear(&link->line);
    curl_easy_reset(link->listener);
    link->listener_headers = headers_of(link, "");
    set_common(link, link->listener, path, link->listener_headers);
    (void)curl_easy_setopt(link->listener, CURLOPT_FAILONERROR, 1L);
    (void)curl_easy_setopt(link->listener, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)curl_easy_setopt(link->listener, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_MAX_S);
    (void)curl_easy_setopt(link->listener, CURLOPT_WRITEFUNCTION, hear);
    (void)curl_easy_setopt(link->listener, CURLOPT_WRITEDATA, link);
    if (curl_multi_add_handle(link->multi, link->listener) != CURLM_OK) {
        hung_up(link, CURLE_OUT_OF_MEMORY);
    }
}

static void on_redial(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    dial(context);
}

static void hung_up(struct gateway_link *link, CURLcode code)
{
    long http = 0;
    (void)curl_easy_getinfo(link->listener, CURLINFO_RESPONSE_CODE, &http);
    (void)curl_multi_remove_handle(link->multi, link->listener);
    curl_slist_free_all(link->listener_headers);
    link->listener_headers = NULL;
    if (code == CURLE_WRITE_ERROR) { /* hear took no more */
        LOG(LOG_ERROR, "gateway",
            "a message of the centre could not be heard; it is asked for again: give the gateway more memory",
            LOG_NUMBER("bytes", link->line.length), LOG_NUMBER("bytes_max", LINK_LINE_MAX), LOG_NUMBER("in_ms", link->redial_ms));
    } else if (link->follows || http >= 400) {
        LOG(LOG_WARNING, "gateway", "the stream of the centre has ended; it is dialled again",
            LOG_TEXT("why", curl_easy_strerror(code)), LOG_NUMBER("http", http));
    }
    link->follows = false;
    struct timeval interval = interval_of_ms(link->redial_ms);
    link->redial_ms = link->redial_ms < RETRY_MAX_MS / 2 ? 2 * link->redial_ms : RETRY_MAX_MS;
    CHECK(event_add(link->redialler, &interval) == 0);
}

void gateway_link_follow(struct gateway_link *link) { dial(link); }
bool gateway_link_follows(const struct gateway_link *link) { return link->follows; }

static void look_for_finished(struct gateway_link *link)
{
    const CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(link->multi, &left)) != NULL) {
        CURLcode code = message->data.result;
        char *slot = NULL;
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        if (message->easy_handle == link->listener) {
            hung_up(link, code);
        } else {
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
            finished(link, (struct slot *)(void *)slot, code);
        }
    }
    push(link);
}

/* ---- making ---- */

/* Looked up now, because a confined process can open no file of the resolver's. */
static enum status resolve(struct gateway_link *link, const char *url, struct error *error)
{
    CURLU *parts = curl_url();
    char *host = NULL, *port = NULL;
    char text[INET6_ADDRSTRLEN] = "", entry[URL_MAX];
    struct addrinfo *found = NULL;
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    bool is_http = strncmp(url, "http://", 7) == 0;
    CURLUcode code = parts != NULL ? curl_url_set(parts, CURLUPART_URL, url, 0) : CURLUE_OUT_OF_MEMORY;
    code = code == CURLUE_OK ? curl_url_get(parts, CURLUPART_HOST, &host, 0) : code;
    code = code == CURLUE_OK ? curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) : code;
    bool is_url = is_http && code == CURLUE_OK;
    bool is_known = is_url && getaddrinfo(host, port, &hints, &found) == 0 &&
                    getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0;
    if (is_known) {
        (void)snprintf(entry, sizeof entry, "%s:%s:%s", host, port, text);
        link->resolved = curl_slist_append(NULL, entry);
    }
    if (found != NULL) {
        freeaddrinfo(found);
    }
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    if (is_http && code == CURLUE_OUT_OF_MEMORY) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the centre's address");
    }
    if (!is_url) {
        return ERROR(error, STATUS_USAGE, "%s: the centre's address must be like http://127.0.0.1:8120", url);
    }
    return is_known ? STATUS_OK : ERROR(error, STATUS_IO, "%s: no machine of that name is known", url);
}

static enum status make_parts(struct gateway_link *link, struct error *error)
{
    bool made = true;
    link->multi = curl_multi_init();
    link->listener = curl_easy_init();
    link->timer = event_new(link->setup.base, -1, 0, on_timer, link);
    link->pusher = event_new(link->setup.base, -1, 0, on_push, link);
    link->redialler = event_new(link->setup.base, -1, 0, on_redial, link);
    for (int i = 0; i < LINK_REQUESTS_AT_ONCE; i++) {
        link->slots[i].curl = curl_easy_init();
        made = made && link->slots[i].curl != NULL;
        text_init(&link->slots[i].answer, LINK_ANSWER_MAX);
    }
    if (!made || link->multi == NULL || link->listener == NULL || link->timer == NULL || link->pusher == NULL ||
        link->redialler == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the line to the centre");
    }
    (void)curl_multi_setopt(link->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    (void)curl_multi_setopt(link->multi, CURLMOPT_SOCKETDATA, link);
    (void)curl_multi_setopt(link->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(link->multi, CURLMOPT_TIMERDATA, link);
    (void)curl_multi_setopt(link->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)LINK_REQUESTS_AT_ONCE + 1);
    return STATUS_OK;
}

enum status gateway_link_create(const struct gateway_link_setup *setup, struct gateway_link **link, struct error *error)
{
    size_t length = strlen(setup->url);
    while (length > 0 && setup->url[length - 1] == '/') {
        length--;
    }
    struct gateway_link *made = calloc(1, sizeof *made);
    if (made == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the line to the centre");
    }
    made->setup = *setup;
    made->last = &made->first;
    made->redial_ms = RETRY_FIRST_MS;
    text_init(&made->line, LINK_LINE_MAX);
    (void)snprintf(made->url, sizeof made->url, "%.*s/api/v1", (int)length, setup->url);
    (void)snprintf(made->authorization, sizeof made->authorization, "Authorization: Bearer %s", setup->token);
    enum status status = length + 128 > URL_MAX || strlen(setup->token) > LINK_TOKEN_MAX
                             ? ERROR(error, STATUS_USAGE, "the centre's address or the token is too long")
                             : resolve(made, setup->url, error);
    status = status == STATUS_OK ? make_parts(made, error) : status;
    if (status != STATUS_OK) {
        gateway_link_destroy(made);
        return status;
    }
    made->setup.url = made->url;
    made->setup.token = "";
    *link = made;
    return STATUS_OK;
}

static void drop_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

static void drop_slot(struct gateway_link *link, struct slot *slot)
{
    if (slot->request != NULL) {
        (void)curl_multi_remove_handle(link->multi, slot->curl);
        answer(link, slot->request, &(struct gateway_answer){ .outcome = GATEWAY_SILENT });
    }
    curl_slist_free_all(slot->headers);
    curl_easy_cleanup(slot->curl);
    text_free(&slot->answer);
}

void gateway_link_destroy(struct gateway_link *link)
{
    if (link == NULL) {
        return;
    }
    link->is_ending = true;
    for (int i = 0; i < LINK_REQUESTS_AT_ONCE; i++) {
        drop_slot(link, &link->slots[i]);
    }
    while (link->first != NULL) {
        answer(link, take_first(link), &(struct gateway_answer){ .outcome = GATEWAY_SILENT });
    }
    if (link->listener_headers != NULL) {
        (void)curl_multi_remove_handle(link->multi, link->listener);
        curl_slist_free_all(link->listener_headers);
    }
    curl_easy_cleanup(link->listener);
    (void)curl_multi_cleanup(link->multi);
    curl_slist_free_all(link->resolved);
    drop_event(link->timer);
    drop_event(link->pusher);
    drop_event(link->redialler);
    text_free(&link->line);
    free(link);
    curl_global_cleanup();
}

struct gateway_link_figures gateway_link_figures(const struct gateway_link *link) { return link->figures; }
