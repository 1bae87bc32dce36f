/* Who gets what. Calls are dealt to seats and incidents to desks by their number, and people come first without getting all of
 * it: whoever takes a call-taker's seat is called soon, and again some time after each call; whoever takes a desk gets the next
 * recommendation. What comes of a person's call is that person's to send, if a desk is in the same hands. */
#include <math.h>
#include <string.h>

#include "host/exercise_private.h"

/* Seconds of real time, whatever the clock's speed: people read and type at their own. */
/* A recommendation waits so long for a person while another desk is played: patients do not wait for who has left. */
static const double DECIDE_S = 120;
static const double FIRST_LOW_S = 2, FIRST_HIGH_S = 5, LOOK_EVERY_S = 1, PAUSE_LEAST_S = 10, PAUSE_MOST_S = 60;
/* Between a person's calls, in the centre's time, as far as the two above allow; twice as long for who sends units as well. */
static const double PAUSE_S = 300;

static uint32_t actor_at(const struct exercise *exercise, uint32_t seat)
{
    return seen_number(exercise_holding(exercise, "seat", seat), "actor");
}

static bool answers_calls(const struct exercise *exercise, uint32_t seat) { return seat <= exercise->setup->seats; }

/* A seat of the person that answers calls, or one that does not; 0: none. */
static uint32_t seat_of_person(const struct exercise *exercise, uint32_t actor, bool answers)
{
    const char *key;
    json_t *item;
    json_object_foreach(exercise->held, key, item)
    {
        uint32_t seat = seen_number(item, "id");
        if (seen_is(item, "kind", "seat") && seen_number(item, "actor") == actor && answers_calls(exercise, seat) == answers) {
            return seat;
        }
    }
    return 0;
}

static struct instant after_real(struct exercise *exercise, double low_s, double high_s)
{
    return instant_add(exercise_now(exercise), exercise_between(exercise, low_s * exercise->speed, high_s * exercise->speed));
}

/* ---- calls ---- */

static bool is_busy(const struct exercise *exercise, uint32_t seat)
{
    for (uint32_t i = 0; i < exercise->call_count; i++) {
        const struct exercise_call *call = &exercise->calls[i];
        if (call->seat == seat && !call->played &&
            (call->incident == 0 || exercise_seen(exercise, SEEN_CALLS, call->call) != NULL)) {
            return true; /* it rings, is spoken with, or is to be called back */
        }
    }
    return false;
}

static void plan_look(struct exercise *exercise, uint32_t seat)
{
    exercise_plan(exercise, after_real(exercise, LOOK_EVERY_S, LOOK_EVERY_S), ACT_PERSON, seat, exercise->seats[seat].generation);
}

void dealing_taken(struct exercise *exercise, uint32_t seat)
{
    if (seat > EXERCISE_SEATS_MAX) {
        return;
    }
    struct exercise_seat *at = &exercise->seats[seat];
    at->asleep = at->own_only = false;
    if (answers_calls(exercise, seat)) {
        at->generation += 1;
        at->calls = 0;
        at->next_at = after_real(exercise, FIRST_LOW_S, FIRST_HIGH_S);
        plan_look(exercise, seat);
    }
}

/* Whether who answers there has a desk too; that one is then for what the person hands over, and gets no more of the city. */
static bool keep_for_own(struct exercise *exercise, uint32_t seat)
{
    uint32_t desk = seat_of_person(exercise, actor_at(exercise, seat), false);
    if (desk != 0 && desk <= EXERCISE_SEATS_MAX) {
        exercise->seats[desk].own_only = true;
    }
    return desk != 0;
}

void dealing_look(struct exercise *exercise, uint32_t seat, uint32_t generation)
{
    struct exercise_seat *at = &exercise->seats[seat];
    if (generation != at->generation || !exercise_is_held(exercise, "seat", seat)) {
        return; /* given back */
    }
    plan_look(exercise, seat);
    if (is_busy(exercise, seat)) {
        bool sends = keep_for_own(exercise, seat);
        double pause_s = fmin(fmax(PAUSE_S / exercise->speed, PAUSE_LEAST_S), PAUSE_MOST_S) * (sends ? 2 : 1);
        at->next_at = after_real(exercise, pause_s, 1.5 * pause_s);
    } else if (!instant_before(exercise_now(exercise), at->next_at)) {
        callers_ring_for(exercise, seat, at->calls == 0);
        at->calls += 1;
    }
}

uint32_t dealing_seat(const struct exercise *exercise, uint32_t call)
{
    uint32_t seats = exercise->setup->seats, by_number = call % seats;
    for (uint32_t i = 0; i < seats; i++) {
        uint32_t seat = 1 + (by_number + i) % seats;
        if (!exercise_is_held(exercise, "seat", seat)) {
            return seat;
        }
    }
    return 1 + by_number;
}

/* ---- incidents ---- */

static bool waits_for(const struct exercise *exercise, uint32_t desk)
{
    for (uint32_t i = 0; i < exercise->call_count; i++) {
        const struct exercise_call *call = &exercise->calls[i];
        if (call->desk == desk && seen_is(exercise_seen(exercise, SEEN_INCIDENTS, call->incident), "state", "recommended")) {
            return true;
        }
    }
    return false;
}

static bool takes_any(const struct exercise *exercise, uint32_t desk)
{
    const struct exercise_seat *at = &exercise->seats[desk <= EXERCISE_SEATS_MAX ? desk : 0];
    return !at->asleep && !at->own_only;
}

/* A desk in hand with nothing to decide, of a person who only sends; 0: none. */
static uint32_t idle_desk(const struct exercise *exercise)
{
    const char *key;
    json_t *item;
    json_object_foreach(exercise->held, key, item)
    {
        uint32_t desk = seen_number(item, "id");
        if (seen_is(item, "kind", "seat") && !answers_calls(exercise, desk) && takes_any(exercise, desk) &&
            seat_of_person(exercise, seen_number(item, "actor"), true) == 0 && !waits_for(exercise, desk)) {
            return desk;
        }
    }
    return 0;
}

static bool is_held_desk(const struct exercise *exercise, uint32_t desk)
{
    return desk != 0 && exercise_is_held(exercise, "seat", desk);
}

void dealing_deal_incident(struct exercise *exercise, struct exercise_call *call)
{
    if (is_held_desk(exercise, call->desk)) {
        return;
    }
    uint32_t actor = call->seat != 0 ? actor_at(exercise, call->seat) : 0;
    uint32_t own = actor != 0 ? seat_of_person(exercise, actor, false) : 0;
    call->desk = own != 0 ? own : idle_desk(exercise);
    call->dealt_at = exercise_now(exercise);
}

bool dealing_waits_for_person(struct exercise *exercise, struct exercise_call *call)
{
    bool played = false;
    for (uint32_t i = 1; i <= exercise->setup->desks; i++) {
        played = played || !exercise_is_held(exercise, "seat", exercise->setup->seats + i);
    }
    if (!played || call == NULL || !is_held_desk(exercise, call->desk)) {
        return !played;
    }
    double waited_s = duration_to_seconds(instant_since(exercise_now(exercise), call->dealt_at));
    if (waited_s < DECIDE_S * exercise->speed) {
        return true;
    }
    if (call->desk <= EXERCISE_SEATS_MAX) {
        exercise->seats[call->desk].asleep = true;
    }
    call->desk = 0;
    return false;
}
