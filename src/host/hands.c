#include "host/hands.h"

#include <stdlib.h>

#include "base/check.h"

const char *const HAND_NAMES[HAND_KIND_COUNT] = { [HAND_CALL] = "call",
                                                  [HAND_INCIDENT] = "incident",
                                                  [HAND_MISSION] = "mission",
                                                  [HAND_UNIT] = "unit",
                                                  [HAND_FACILITY] = "facility" };

struct hands {
    uint64_t version;
    uint32_t count;
    struct hand hands[HANDS_MAX];
};

struct hands *hands_create(void) { return calloc(1, sizeof(struct hands)); }

void hands_destroy(struct hands *hands) { free(hands); }

static struct hand *find(struct hands *hands, const struct identity *identity)
{
    for (uint32_t i = 0; i < hands->count; i++) {
        if (hands->hands[i].session == identity->session && hands->hands[i].person == identity->actor) {
            return &hands->hands[i];
        }
    }
    return NULL;
}

static void drop(struct hands *hands, struct hand *hand)
{
    *hand = hands->hands[--hands->count];
    hands->version += 1;
}

/* Whether a stream is open is seen at the next look: until then it counts as absent from now on. */
bool hands_put(struct hands *hands, const struct identity *identity, enum hand_kind kind, uint32_t id, int64_t now_us)
{
    CHECK(!identity->machine && now_us > 0);
    struct hand *hand = find(hands, identity);
    if (hand == NULL && hands->count == HANDS_MAX) {
        return false;
    }
    bool moved = hand == NULL || hand->kind != kind || hand->id != id;
    hand = hand != NULL ? hand : &hands->hands[hands->count++];
    *hand = (struct hand){ .kind = kind, .id = id, .person = identity->actor, .session = identity->session, .absent_us = now_us };
    hands->version += moved;
    return true;
}

void hands_withdraw(struct hands *hands, const struct identity *identity, enum hand_kind kind, uint32_t id)
{
    struct hand *hand = find(hands, identity);
    if (hand != NULL && hand->kind == kind && hand->id == id) {
        drop(hands, hand);
    }
}

void hands_tidy(struct hands *hands, int64_t now_us, enum hand_presence (*look)(void *context, const struct hand *hand),
                void *context)
{
    for (uint32_t i = hands->count; i-- > 0;) {
        struct hand *hand = &hands->hands[i];
        enum hand_presence presence = look(context, hand);
        if (presence == HAND_PRESENT) {
            hand->absent_us = 0;
        } else if (hand->absent_us == 0) {
            hand->absent_us = now_us;
        }
        if (presence == HAND_OVER || (presence == HAND_ABSENT && now_us - hand->absent_us >= HANDS_ABSENT_US)) {
            drop(hands, hand);
        }
    }
}

uint64_t hands_version(const struct hands *hands) { return hands->version; }

uint32_t hands_count(const struct hands *hands) { return hands->count; }

const struct hand *hands_at(const struct hands *hands, uint32_t index)
{
    CHECK(index < hands->count);
    return &hands->hands[index];
}
