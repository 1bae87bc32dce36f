/* The exercise's line to the centre: commands by POST, one after the other over a connection that is kept; the state by
 * server-sent events. A centre that does not answer is asked again, with the same idempotency key, until it does or the exercise
 * stops. */
#ifndef MINGDI_HOST_EXERCISE_LINK_H
#define MINGDI_HOST_EXERCISE_LINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { LINK_ANSWER_MAX = 64 << 20 };

struct exercise_link;

/* message gets each object of the stream, in order, during exercise_link_listen. */
enum status exercise_link_create(const char *url, const char *token, uint64_t key_seed, const volatile bool *stop,
                                 void (*message)(void *context, const json_t *message), void *context,
                                 struct exercise_link **link, struct error *error) MUST_USE;
void exercise_link_destroy(struct exercise_link *link);

/* Sends body (its reference is taken) to path below /api/v1 and waits for the answer. *http is its status, 0 if the exercise was
 * stopped before one came; the answer's object, or NULL, is the caller's. idempotent: with a key of its own, so that asking again
 * does no harm. */
json_t *exercise_link_post(struct exercise_link *link, const char *path, json_t *body, bool idempotent, long *http);
json_t *exercise_link_get(struct exercise_link *link, const char *path, long *http);

/* Hears the stream for at most that long; opens it (again) where it is not, from the last entry heard. */
void exercise_link_listen(struct exercise_link *link, int wait_ms);

#endif
