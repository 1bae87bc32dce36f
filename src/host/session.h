/* The sessions in memory: found by the hash of their token, bounded in all and for each person. I/O thread only. */
#ifndef MINGDI_HOST_SESSION_H
#define MINGDI_HOST_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "host/secret.h"

enum { SESSION_ADDRESS_SIZE = 64 };

struct session {
    unsigned char hash[SECRET_HASH_SIZE]; /* of the token */
    uint32_t person;                      /* 0: this place is free */
    uint32_t generation;                  /* of the place: how often it was given out */
    struct instant created_at, seen_at, seen_stored_at, expires_at;
    struct instant shown_at;            /* when password or code were last shown; 0: before this process began */
    uint8_t way;                        /* how it began, and what was owed then: enum session_way */
    char address[SESSION_ADDRESS_SIZE]; /* from where */
    uint32_t next;                      /* in its chain, index + 1 */
};

struct sessions;

/* idle: how long without a request a session lives. */
struct sessions *sessions_create(uint32_t maximum, struct duration idle);
void sessions_set_idle(struct sessions *sessions, struct duration idle);
void sessions_destroy(struct sessions *sessions);
/* NULL when there is no room. */
struct session *sessions_add(struct sessions *sessions, const unsigned char hash[SECRET_HASH_SIZE], uint32_t person,
                             struct instant created, struct instant seen, struct instant expires);
/* NULL: unknown, or over: then its place is free. */
struct session *sessions_find(struct sessions *sessions, const unsigned char hash[SECRET_HASH_SIZE], struct instant now);
/* A number of the session that is never given again (within 2^32 uses of a place), and whether it still lives. */
uint64_t sessions_number(const struct sessions *sessions, const struct session *session);
bool sessions_lives(const struct sessions *sessions, uint64_t number, uint32_t person, struct instant now);
void sessions_end(struct sessions *sessions, struct session *session);
/* All of the person but the one of this hash (all zeros: none is kept). */
void sessions_end_person(struct sessions *sessions, uint32_t person, const unsigned char kept[SECRET_HASH_SIZE]);
/* The session of a number; NULL: it is over. */
const struct session *sessions_numbered(const struct sessions *sessions, uint64_t number, uint32_t person, struct instant now);
struct session *sessions_for_change(struct sessions *sessions, uint64_t number, uint32_t person, struct instant now);
/* A number of 1 to 2^31 - 1 that stays the same over restarts; of two sessions of a person it is hardly ever the same. */
uint32_t session_id(const struct session *session);
/* The person's next one behind this place; NULL: no more. Begin with NULL. */
struct session *sessions_next(struct sessions *sessions, uint32_t person, const struct session *after);
/* How many the person has; *oldest is the one used longest ago, NULL if none. */
uint32_t sessions_of(struct sessions *sessions, uint32_t person, struct session **oldest);
/* Frees the places of those that are over. */
void sessions_sweep(struct sessions *sessions, struct instant now);
uint32_t sessions_count(const struct sessions *sessions);

#endif
