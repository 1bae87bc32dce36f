/* One question to an identity provider over HTTP: bounded in time and size, no redirects, certificates looked at, no proxy. It
 * waits, so it is for a worker's thread. */
#ifndef MINGDI_HOST_OIDC_FETCH_H
#define MINGDI_HOST_OIDC_FETCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/status.h"
#include "base/text.h"

enum { OIDC_ANSWER_MAX = 256 * 1024, OIDC_CONNECT_S = 3, OIDC_ANSWER_S = 8 };

struct oidc_question {
    const char *url;
    const char *form;                      /* application/x-www-form-urlencoded, by POST; NULL: GET */
    const char *client_id, *client_secret; /* RFC 6749, section 2.3.1, in the header; client_secret NULL: none */
    const atomic_bool *stop;               /* true: nobody waits for the answer any more */
};

/* Before the first and after the last question, in one thread. */
enum status oidc_fetch_start(struct error *error) MUST_USE;
void oidc_fetch_stop(void);
/* answer: made by text_init, OIDC_ANSWER_MAX at most. IO: no answer; BAD_INPUT: an answer with another status than 200. */
enum status oidc_fetch(const struct oidc_question *question, struct text *answer, struct error *error) MUST_USE;
/* Appends name=value, percent-encoded, behind a & unless the text is empty or ends in ?. */
void oidc_form_put(struct text *form, const char *name, const char *value);

#endif
