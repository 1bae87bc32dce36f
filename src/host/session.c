/* Workload: a look-up for each request, some hundred sessions; ends of a person's sessions walk all places. Places are taken
 * once. */
#include "host/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct sessions {
    struct session *places;
    uint32_t *chains; /* index + 1 of the first; mask + 1 of them */
    uint32_t maximum, mask, count, searched_from;
    struct duration idle;
};

struct sessions *sessions_create(uint32_t maximum, struct duration idle)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);
    CHECK(sessions != NULL && maximum > 0);
    sessions->maximum = maximum;
    sessions->mask = 1;
    while (sessions->mask < maximum) {
        sessions->mask *= 2;
    }
    sessions->chains = calloc(sessions->mask, sizeof *sessions->chains);
    sessions->places = calloc(maximum, sizeof *sessions->places);
    CHECK(sessions->chains != NULL && sessions->places != NULL);
    sessions->mask -= 1;
    sessions->idle = idle;
    return sessions;
}

void sessions_set_idle(struct sessions *sessions, struct duration idle) { sessions->idle = idle; }

void sessions_destroy(struct sessions *sessions)
{
    if (sessions != NULL) {
        free(sessions->places);
        free(sessions->chains);
        free(sessions);
    }
}

/* The hash is of random bytes: any part of it is as good. */
static uint32_t *chain_of(const struct sessions *sessions, const unsigned char hash[SECRET_HASH_SIZE])
{
    uint32_t part;
    memcpy(&part, hash, sizeof part);
    return &sessions->chains[part & sessions->mask];
}

static bool over(const struct sessions *sessions, const struct session *session, struct instant now)
{
    return !instant_before(now, session->expires_at) || !instant_before(now, instant_add(session->seen_at, sessions->idle));
}

static struct session *free_place(struct sessions *sessions)
{
    for (uint32_t i = 0; i < sessions->maximum; i++) {
        struct session *place = &sessions->places[(sessions->searched_from + i) % sessions->maximum];
        if (place->person == 0) {
            sessions->searched_from = (uint32_t)(place - sessions->places) + 1;
            return place;
        }
    }
    return NULL;
}

struct session *sessions_add(struct sessions *sessions, const unsigned char hash[SECRET_HASH_SIZE], uint32_t person,
                             struct instant created, struct instant seen, struct instant expires)
{
    struct session *session = sessions->count < sessions->maximum ? free_place(sessions) : NULL;
    if (session == NULL) {
        return NULL;
    }
    CHECK(person != 0);
    uint32_t *chain = chain_of(sessions, hash);
    *session = (struct session){ .person = person,
                                 .generation = session->generation + 1,
                                 .created_at = created,
                                 .seen_at = seen,
                                 .seen_stored_at = seen,
                                 .expires_at = expires,
                                 .next = *chain };
    memcpy(session->hash, hash, SECRET_HASH_SIZE);
    *chain = (uint32_t)(session - sessions->places) + 1;
    sessions->count += 1;
    return session;
}

struct session *sessions_find(struct sessions *sessions, const unsigned char hash[SECRET_HASH_SIZE], struct instant now)
{
    uint32_t index = *chain_of(sessions, hash);
    while (index != 0) {
        struct session *session = &sessions->places[index - 1];
        if (secret_equal(session->hash, hash, SECRET_HASH_SIZE)) {
            if (over(sessions, session, now)) {
                sessions_end(sessions, session);
                return NULL;
            }
            return session;
        }
        index = session->next;
    }
    return NULL;
}

uint64_t sessions_number(const struct sessions *sessions, const struct session *session)
{
    return (uint64_t)session->generation << 32 | (uint64_t)(session - sessions->places);
}

const struct session *sessions_numbered(const struct sessions *sessions, uint64_t number, uint32_t person, struct instant now)
{
    uint32_t index = (uint32_t)number;
    if (index >= sessions->maximum) {
        return NULL;
    }
    const struct session *session = &sessions->places[index];
    bool lives = session->person == person && person != 0 && session->generation == number >> 32 && !over(sessions, session, now);
    return lives ? session : NULL;
}

struct session *sessions_for_change(struct sessions *sessions, uint64_t number, uint32_t person, struct instant now)
{
    return sessions_numbered(sessions, number, person, now) != NULL ? &sessions->places[(uint32_t)number] : NULL;
}

/* Of the hash, so that nothing needs to be kept for it; the hash of a token tells nothing of the token. */
uint32_t session_id(const struct session *session)
{
    uint32_t part;
    memcpy(&part, session->hash + sizeof part, sizeof part);
    return (part & INT32_MAX) != 0 ? part & INT32_MAX : 1;
}

struct session *sessions_next(struct sessions *sessions, uint32_t person, const struct session *after)
{
    for (uint32_t i = after == NULL ? 0 : (uint32_t)(after - sessions->places) + 1; i < sessions->maximum; i++) {
        if (sessions->places[i].person == person) {
            return &sessions->places[i];
        }
    }
    return NULL;
}

bool sessions_lives(const struct sessions *sessions, uint64_t number, uint32_t person, struct instant now)
{
    return sessions_numbered(sessions, number, person, now) != NULL;
}

void sessions_end(struct sessions *sessions, struct session *session)
{
    uint32_t number = (uint32_t)(session - sessions->places) + 1;
    uint32_t *link = chain_of(sessions, session->hash);
    while (*link != number) {
        CHECK(*link != 0);
        link = &sessions->places[*link - 1].next;
    }
    *link = session->next;
    session->person = 0;
    secret_wipe(session->hash, sizeof session->hash);
    sessions->count -= 1;
}

void sessions_end_person(struct sessions *sessions, uint32_t person, const unsigned char kept[SECRET_HASH_SIZE])
{
    for (uint32_t i = 0; i < sessions->maximum && person != 0; i++) {
        struct session *session = &sessions->places[i];
        if (session->person == person && memcmp(session->hash, kept, sizeof session->hash) != 0) {
            sessions_end(sessions, session);
        }
    }
}

uint32_t sessions_of(struct sessions *sessions, uint32_t person, struct session **oldest)
{
    uint32_t count = 0;
    *oldest = NULL;
    for (uint32_t i = 0; i < sessions->maximum; i++) {
        struct session *session = &sessions->places[i];
        if (session->person == person) {
            count += 1;
            *oldest = *oldest == NULL || instant_before(session->seen_at, (*oldest)->seen_at) ? session : *oldest;
        }
    }
    return count;
}

void sessions_sweep(struct sessions *sessions, struct instant now)
{
    for (uint32_t i = 0; i < sessions->maximum; i++) {
        if (sessions->places[i].person != 0 && over(sessions, &sessions->places[i], now)) {
            sessions_end(sessions, &sessions->places[i]);
        }
    }
}

uint32_t sessions_count(const struct sessions *sessions) { return sessions->count; }
