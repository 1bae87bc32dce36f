#include "host/exercise_link.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "base/text.h"
#include "wire/form.h"

enum {
    URL_MAX = 512,
    RESUME_MAX = 64,
    RETRY_FIRST_MS = 100,
    RETRY_MAX_MS = 2000,
    CONNECT_TIMEOUT_S = 5,
    ANSWER_TIMEOUT_S = 30,
    SILENCE_MAX_S = 30
};

struct exercise_link {
    char url[URL_MAX], authorization[256];
    const volatile bool *stop;
    struct random_stream keys;
    CURL *poster;
    CURLM *multi;
    CURL *listener; /* NULL: not open */
    struct curl_slist *listener_headers;
    struct text answer, heard; /* heard: a line of the stream that has not ended yet */
    char resume[RESUME_MAX];   /* what the next opening asks with; "": from the beginning */
    int retry_ms;
    void (*message)(void *context, const json_t *message);
    void *context;
};

static size_t take_answer(char *bytes, size_t size, size_t count, void *context)
{
    struct text *answer = context;
    text_append(answer, bytes, size * count);
    return answer->failed ? 0 : size * count;
}

enum status exercise_link_create(const char *url, const char *token, uint64_t key_seed, const volatile bool *stop,
                                 void (*message)(void *context, const json_t *message), void *context,
                                 struct exercise_link **link, struct error *error)
{
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/') {
        length--;
    }
    struct exercise_link *made = calloc(1, sizeof *made);
    if (made == NULL || length + 128 > URL_MAX || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the line to %s", url);
    }
    snprintf(made->url, sizeof made->url, "%.*s/api/v1", (int)length, url);
    snprintf(made->authorization, sizeof made->authorization, "Authorization: Bearer %s", token);
    made->stop = stop;
    made->message = message;
    made->context = context;
    random_open(&made->keys, key_seed, 0, 0);
    text_init(&made->answer, LINK_ANSWER_MAX);
    text_init(&made->heard, LINK_ANSWER_MAX);
    made->poster = curl_easy_init();
    made->multi = curl_multi_init();
    if (made->poster == NULL || made->multi == NULL) {
        exercise_link_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the line to %s", url);
    }
    *link = made;
    return STATUS_OK;
}

static void hang_up(struct exercise_link *link)
{
    if (link->listener != NULL) {
        (void)curl_multi_remove_handle(link->multi, link->listener);
        curl_easy_cleanup(link->listener);
        curl_slist_free_all(link->listener_headers);
        link->listener = NULL;
        link->listener_headers = NULL;
        text_clear(&link->heard);
    }
}

void exercise_link_destroy(struct exercise_link *link)
{
    if (link == NULL) {
        return;
    }
    hang_up(link);
    curl_easy_cleanup(link->poster);
    (void)curl_multi_cleanup(link->multi);
    text_free(&link->answer);
    text_free(&link->heard);
    free(link);
    curl_global_cleanup();
}

/* ---- requests ---- */

static void set_common(struct exercise_link *link, CURL *curl, const char *path, struct curl_slist *headers)
{
    char url[URL_MAX + 256];
    snprintf(url, sizeof url, "%s%s", link->url, path);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

static struct curl_slist *common_headers(const struct exercise_link *link, const char *key)
{
    struct curl_slist *headers = curl_slist_append(NULL, link->authorization);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Mingdi-Drill: 1");
    headers = curl_slist_append(headers, "Expect:");
    return key[0] != '\0' ? curl_slist_append(headers, key) : headers;
}

/* The status of one attempt; 0: no answer. */
static long attempt(struct exercise_link *link, const char *path, const char *body, const char *key)
{
    long http = 0;
    struct curl_slist *headers = common_headers(link, key);
    text_clear(&link->answer);
    curl_easy_reset(link->poster); /* keeps the connection */
    set_common(link, link->poster, path, headers);
    (void)curl_easy_setopt(link->poster, CURLOPT_TIMEOUT, (long)ANSWER_TIMEOUT_S);
    (void)curl_easy_setopt(link->poster, CURLOPT_WRITEFUNCTION, take_answer);
    (void)curl_easy_setopt(link->poster, CURLOPT_WRITEDATA, &link->answer);
    if (body != NULL) {
        (void)curl_easy_setopt(link->poster, CURLOPT_POSTFIELDS, body);
    }
    if (curl_easy_perform(link->poster) == CURLE_OK) {
        (void)curl_easy_getinfo(link->poster, CURLINFO_RESPONSE_CODE, &http);
    }
    curl_slist_free_all(headers);
    return http;
}

/* Asks until there is an answer that another attempt would not better. */
static json_t *ask(struct exercise_link *link, const char *path, const char *body, const char *key, long *http)
{
    *http = 0;
    for (int wait_ms = RETRY_FIRST_MS; !*link->stop; wait_ms = wait_ms < RETRY_MAX_MS / 2 ? 2 * wait_ms : RETRY_MAX_MS) {
        long status = attempt(link, path, body, key);
        bool again = status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
        if (!again) {
            *http = status;
            return json_loadb(link->answer.bytes != NULL ? link->answer.bytes : "", link->answer.length, 0, NULL);
        }
        (void)usleep((useconds_t)wait_ms * 1000);
    }
    return NULL;
}

json_t *exercise_link_post(struct exercise_link *link, const char *path, json_t *body, bool idempotent, long *http)
{
    char key[64] = "";
    if (idempotent) {
        snprintf(key, sizeof key, "Idempotency-Key: %016" PRIx64 "%08" PRIx64, random_u64(&link->keys),
                 random_u64(&link->keys) & UINT32_MAX);
    }
    char *bytes = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    json_t *answer = bytes != NULL ? ask(link, path, bytes, key, http) : NULL;
    free(bytes);
    return answer;
}

json_t *exercise_link_get(struct exercise_link *link, const char *path, long *http) { return ask(link, path, NULL, "", http); }

/* ---- the stream ---- */

/* From where to go on when the line breaks: the entry's number, and what tells that it is still the same entry. */
static void keep_resume(struct exercise_link *link, json_int_t sequence, const char *fingerprint)
{
    uint64_t number;
    link->resume[0] = '\0';
    if (fingerprint != NULL && form_u64_read(fingerprint, strlen(fingerprint), &number)) {
        snprintf(link->resume, sizeof link->resume, "?after=%" JSON_INTEGER_FORMAT "&fingerprint=%016" PRIx64, sequence, number);
    }
}

static void hear_data(struct exercise_link *link, const char *bytes, size_t length)
{
    json_t *message = json_loadb(bytes, length, 0, NULL);
    if (message == NULL) {
        return; /* half a line at the end of a connection that broke */
    }
    json_t *sequence = json_object_get(message, "sequence");
    if (json_is_integer(sequence)) {
        keep_resume(link, json_integer_value(sequence), json_string_value(json_object_get(message, "fingerprint")));
    }
    link->retry_ms = RETRY_FIRST_MS;
    link->message(link->context, message);
    json_decref(message);
}

/* Lines of the stream: "data: {...}"; the others (id, event, comments) say nothing more. */
static size_t hear(char *bytes, size_t size, size_t count, void *context)
{
    struct exercise_link *link = context;
    static const char data[] = "data:";
    size_t length = size * count;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n') {
            continue;
        }
        text_append(&link->heard, bytes, i);
        const char *line = link->heard.bytes;
        if (link->heard.length > sizeof data && memcmp(line, data, sizeof data - 1) == 0) {
            hear_data(link, line + sizeof data - 1, link->heard.length - (sizeof data - 1));
        }
        text_clear(&link->heard);
        bytes += i + 1;
        length -= i + 1;
        i = (size_t)-1;
    }
    text_append(&link->heard, bytes, length);
    return link->heard.failed ? 0 : size * count;
}

static void open_stream(struct exercise_link *link)
{
    char path[RESUME_MAX + 8];
    snprintf(path, sizeof path, "/events%s", link->resume);
    link->listener = curl_easy_init();
    if (link->listener == NULL) {
        return;
    }
    link->listener_headers = common_headers(link, "Accept: text/event-stream");
    set_common(link, link->listener, path, link->listener_headers);
    (void)curl_easy_setopt(link->listener, CURLOPT_FAILONERROR, 1L);
    (void)curl_easy_setopt(link->listener, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)curl_easy_setopt(link->listener, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_MAX_S);
    (void)curl_easy_setopt(link->listener, CURLOPT_WRITEFUNCTION, hear);
    (void)curl_easy_setopt(link->listener, CURLOPT_WRITEDATA, link);
    (void)curl_multi_add_handle(link->multi, link->listener);
}

static void wait_before_next_call(struct exercise_link *link)
{
    hang_up(link);
    (void)usleep((useconds_t)link->retry_ms * 1000);
    link->retry_ms = link->retry_ms < RETRY_MAX_MS / 2 ? 2 * link->retry_ms + RETRY_FIRST_MS : RETRY_MAX_MS;
}

void exercise_link_listen(struct exercise_link *link, int wait_ms)
{
    if (link->listener == NULL) {
        open_stream(link);
    }
    int running = 0, left = 0;
    (void)curl_multi_perform(link->multi, &running);
    if (running > 0) {
        (void)curl_multi_poll(link->multi, NULL, 0, wait_ms, NULL);
        (void)curl_multi_perform(link->multi, &running);
    }
    while (curl_multi_info_read(link->multi, &left) != NULL) {
        running = 0;
    }
    if (running == 0) {
        wait_before_next_call(link);
    }
}
