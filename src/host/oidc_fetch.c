/* A handle for each question: one or two in a sign-in, some tens of sign-ins a minute. */
#include "host/oidc_fetch.h"

#include <curl/curl.h>
#include <string.h>

#include "host/secret.h"

enum { USER_SIZE = 1024, ORIGIN_SHOWN = 200 };

enum status oidc_fetch_start(struct error *error)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == 0 ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "libcurl does not start");
}

void oidc_fetch_stop(void) { curl_global_cleanup(); }

static void put_encoded(struct text *text, const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (; *value != '\0'; value++) {
        if (strchr(plain, *value) != NULL) {
            text_append(text, value, 1);
        } else {
            text_printf(text, "%%%02X", (unsigned)(unsigned char)*value);
        }
    }
}

void oidc_form_put(struct text *form, const char *name, const char *value)
{
    if (form->length > 0 && form->bytes[form->length - 1] != '?') {
        text_puts(form, "&");
    }
    put_encoded(form, name);
    text_puts(form, "=");
    put_encoded(form, value);
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *context)
{
    struct text *answer = context;
    text_append(answer, bytes, size * count);
    return answer->failed ? 0 : size * count;
}

/* Called about once a second and whenever bytes come; not 0 ends the question. */
static int look_whether_to_stop(void *context, curl_off_t to_come, curl_off_t came, curl_off_t to_go, curl_off_t went)
{
    (void)to_come, (void)came, (void)to_go, (void)went;
    return atomic_load((const atomic_bool *)context) ? 1 : 0;
}

static void set_up(CURL *curl, const struct oidc_question *question, struct text *answer)
{
    (void)curl_easy_setopt(curl, CURLOPT_URL, question->url);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)OIDC_CONNECT_S);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)OIDC_ANSWER_S);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"); /* http: see oidc_url_is_fine */
    (void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)OIDC_ANSWER_MAX);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_whether_to_stop);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, question->stop);
    if (question->form != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question->form);
    }
}

/* Name and secret are form-encoded each before they are joined. */
static bool set_secret(CURL *curl, const struct oidc_question *question)
{
    struct text user, password;
    text_init(&user, USER_SIZE);
    text_init(&password, USER_SIZE);
    put_encoded(&user, question->client_id);
    put_encoded(&password, question->client_secret);
    bool set = !user.failed && !password.failed && curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_USERNAME, user.bytes) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_PASSWORD, password.length > 0 ? password.bytes : "") == CURLE_OK;
    if (password.length > 0) {
        secret_wipe(password.bytes, password.length);
    }
    text_free(&user);
    text_free(&password);
    return set;
}

/* The address without its query, for people. */
static int shown(const char *url)
{
    size_t length = strcspn(url, "?");
    return (int)(length < ORIGIN_SHOWN ? length : ORIGIN_SHOWN);
}

static enum status perform(CURL *curl, const struct oidc_question *question, struct error *error)
{
    long http = 0;
    CURLcode code = curl_easy_perform(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
    if (code == CURLE_FILESIZE_EXCEEDED || code == CURLE_WRITE_ERROR) {
        return ERROR(error, STATUS_BAD_INPUT, "%.*s: the answer is too long", shown(question->url), question->url);
    }
    if (code != CURLE_OK) {
        return ERROR(error, STATUS_IO, "%.*s: %s", shown(question->url), question->url, curl_easy_strerror(code));
    }
    if (http != 200) {
        return ERROR(error, http >= 500 ? STATUS_IO : STATUS_BAD_INPUT, "%.*s: answered with HTTP status %ld",
                     shown(question->url), question->url, http);
    }
    return STATUS_OK;
}

enum status oidc_fetch(const struct oidc_question *question, struct text *answer, struct error *error)
{
    CURL *curl = curl_easy_init();
    enum status status = STATUS_NO_MEMORY;
    if (curl != NULL) {
        set_up(curl, question, answer);
    }
    if (curl == NULL || (question->client_secret != NULL && !set_secret(curl, question))) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for a question to the identity provider");
    } else {
        status = perform(curl, question, error);
    }
    curl_easy_cleanup(curl);
    return status;
}
