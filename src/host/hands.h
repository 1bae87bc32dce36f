/* Where people have their hands: the one call, incident, mission, unit or hospital that a session has open to work on it, so
 * that others see it before they touch it too. It forbids nothing; the revision of the entity decides who was first. In memory
 * only: it is gone with the process, with the session, and when the session's streams have been closed for HANDS_ABSENT_US.
 *
 * Workload: some hundred sessions, a change each every few seconds; told to all streams several times a second at most. I/O
 * thread only. */
#ifndef MINGDI_HOST_HANDS_H
#define MINGDI_HOST_HANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "host/identity.h"

enum hand_kind { HAND_CALL, HAND_INCIDENT, HAND_MISSION, HAND_UNIT, HAND_FACILITY, HAND_KIND_COUNT };
extern const char *const HAND_NAMES[HAND_KIND_COUNT];

enum { HANDS_MAX = 4096, HANDS_ABSENT_US = 10000000 };

struct hand {
    uint32_t kind, id; /* enum hand_kind */
    uint32_t person;
    uint64_t session;
    int64_t absent_us; /* since when no stream of the session is open, on the monotonic clock; 0: one is */
};

struct hands;

struct hands *hands_create(void); /* NULL: memory is refused */
void hands_destroy(struct hands *hands);

/* Of a person's session: it has one, which moves. False: there is no room. */
bool hands_put(struct hands *hands, const struct identity *identity, enum hand_kind kind, uint32_t id, int64_t now_us) MUST_USE;
/* Nothing happens where it is not the session's hand. */
void hands_withdraw(struct hands *hands, const struct identity *identity, enum hand_kind kind, uint32_t id);

enum hand_presence { HAND_PRESENT, HAND_ABSENT, HAND_OVER }; /* a stream is open; none is; the session has ended */
/* Takes away those that are over, or were absent too long. */
void hands_tidy(struct hands *hands, int64_t now_us, enum hand_presence (*look)(void *context, const struct hand *hand),
                void *context);

/* Raised with every change of what is shown. */
uint64_t hands_version(const struct hands *hands);
uint32_t hands_count(const struct hands *hands);
const struct hand *hands_at(const struct hands *hands, uint32_t index); /* in no order */

#endif
