/* Callers, the seats that answer them and the desks that send units. A call is dealt to a seat, an incident to a desk, by its number: what is
 * dealt to one that a person has in hand waits for that person. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "host/exercise_private.h"

/* What the scenario does not say of people: seconds of the centre's time. */
static const double RING_LOW_S = 2, RING_HIGH_S = 8, DESK_LOW_S = 3, DESK_HIGH_S = 10, PATIENCE_LOW_S = 60, PATIENCE_HIGH_S = 150,
                    CALL_BACK_LOW_S = 20, CALL_BACK_HIGH_S = 60, AGAIN_S = 15, LOCATE_SHARE = 0.4;

static const char *const CARE_LABELS[CARE_COUNT] = { [CARE_CHEST_PAIN] = "chest_pain",
                                                     [CARE_STROKE] = "stroke",
                                                     [CARE_TRAUMA] = "trauma",
                                                     [CARE_MATERNITY] = "maternity",
                                                     [CARE_NEWBORN] = "newborn" };

static struct exercise_call *call_of(struct exercise *exercise, uint32_t id)
{
    for (uint32_t i = 0; i < exercise->call_count; i++) {
        if (exercise->calls[i].call == id) {
            return &exercise->calls[i];
        }
    }
    return NULL;
}

static struct exercise_call *call_of_incident(struct exercise *exercise, uint32_t incident)
{
    for (uint32_t i = 0; i < exercise->call_count; i++) {
        if (exercise->calls[i].incident == incident) {
            return &exercise->calls[i];
        }
    }
    return NULL;
}

static void forget(struct exercise *exercise, struct exercise_call *call) { *call = exercise->calls[--exercise->call_count]; }

/* Room for one more; the oldest is forgotten when there is none. */
static struct exercise_call *add_call(struct exercise *exercise)
{
    if (exercise->call_count == EXERCISE_CALLS_MAX) {
        forget(exercise, &exercise->calls[0]);
    }
    struct exercise_call *call = &exercise->calls[exercise->call_count++];
    memset(call, 0, sizeof *call);
    return call;
}

/* ---- ringing ---- */

static struct instant arrival_of(const struct exercise *exercise, const struct call_truth *truth)
{
    double us = (double)truth->arrival.us / exercise->setup->rate;
    return instant_add(exercise->zero, duration_us((int64_t)us));
}

static void plan_next_ring(struct exercise *exercise)
{
    if (call_stream_next(&exercise->stream, &exercise->next)) {
        exercise_plan(exercise, arrival_of(exercise, &exercise->next), ACT_RING, 0, 0);
    }
}

/* The stream's zero is a Monday 00:00 plus start_hour_of_week; the first call is the first one after now in the week. */
void callers_begin(struct exercise *exercise)
{
    struct instant now = exercise_now(exercise);
    const int64_t thursday = 3; /* 1970-01-01, counted from Monday */
    int64_t week_us = 7 * US_PER_DAY;
    int64_t in_week_us = (now.us + thursday * US_PER_DAY -
                          exercise->scenario->start_hour_of_week * INT64_C(3600) * US_PER_SECOND) %
                         week_us;
    in_week_us = in_week_us < 0 ? in_week_us + week_us : in_week_us;
    bool there = true;
    while (there && exercise->next.arrival.us < in_week_us) {
        there = call_stream_next(&exercise->stream, &exercise->next);
    }
    int64_t first_us = (int64_t)((double)exercise->next.arrival.us / exercise->setup->rate);
    int64_t shift_us = (int64_t)((double)in_week_us / exercise->setup->rate);
    exercise->zero = (struct instant){ now.us - shift_us };
    if (there) {
        exercise_plan(exercise, (struct instant){ exercise->zero.us + first_us }, ACT_RING, 0, 0);
    }
}

/* What the caller says of the place, for a person who takes the call. Numbers of an exercise begin with 000. */
static json_t *caller_says(const struct call_truth *truth)
{
    char number[32], remarks[256];
    snprintf(number, sizeof number, "000-%08" PRIu64, truth->number % 100000000);
    snprintf(remarks, sizeof remarks, "EXERCISE. The caller is at lon %.5f, lat %.5f; urgency %s; %s.", geo_lon(truth->point),
             geo_lat(truth->point), (const char *[]){ "critical", "severe", "urgent", "non-urgent" }[truth->priority],
             CARE_LABELS[truth->need] != NULL ? CARE_LABELS[truth->need] : "no special need");
    return json_pack("{s:s, s:s, s:s, s:I}", "number", number, "name", "Exercise", "remarks", remarks, "external",
                     (json_int_t)(truth->number & UINT32_MAX));
}

void callers_ring(struct exercise *exercise)
{
    long http = 0;
    json_t *answer = exercise_link_post(exercise->link, "/calls", caller_says(&exercise->next), true, &http);
    exercise->commands += 1;
    if (http == 201) {
        struct exercise_call *call = add_call(exercise);
        call->call = seen_number(answer, "made");
        call->truth = exercise->next;
        call->seat = 1 + call->call % exercise->setup->seats;
        call->rang_at = exercise_now(exercise);
        exercise->rung += 1;
        exercise_plan(exercise, instant_add(call->rang_at, exercise_between(exercise, RING_LOW_S, RING_HIGH_S)), ACT_SEAT,
                      call->call, 0);
    } else {
        exercise->refused += 1;
    }
    json_decref(answer);
    plan_next_ring(exercise);
}

/* ---- the seats ---- */

static json_t *of_call(uint32_t call) { return json_pack("{s:I}", "call", (json_int_t)call); }

static void plan_seat(struct exercise *exercise, uint32_t call, struct duration after)
{
    exercise_plan(exercise, instant_add(exercise_now(exercise), after), ACT_SEAT, call, 0);
}

static void answer_call(struct exercise *exercise, struct exercise_call *call, const char *command)
{
    bool done = false;
    json_t *body = of_call(call->call);
    (void)json_object_set_new(body, "seat", json_integer(call->seat));
    (void)exercise_command(exercise, command, body, &done);
    call->answered_at = exercise_now(exercise);
    plan_seat(exercise, call->call, duration_us((int64_t)((double)call->truth.delay.us * LOCATE_SHARE)));
}

static void locate_call(struct exercise *exercise, struct exercise_call *call)
{
    bool done = false;
    json_t *body = of_call(call->call);
    (void)json_object_set_new(body, "point",
                              json_pack("{s:f, s:f}", "lon", geo_lon(call->truth.point), "lat", geo_lat(call->truth.point)));
    (void)json_object_set_new(body, "district", json_integer(call->truth.district + 1));
    (void)exercise_command(exercise, "call_locate", body, &done);
    plan_seat(exercise, call->call, duration_us((int64_t)((double)call->truth.delay.us * (1 - LOCATE_SHARE))));
}

static void triage_call(struct exercise *exercise, struct exercise_call *call)
{
    const struct scenario_priority *priority = &exercise->scenario->priorities[call->truth.priority];
    bool done = false;
    json_t *body = of_call(call->call);
    json_t *needs = json_pack("[s]", "basic");
    if (priority->needs_als) {
        (void)json_array_append_new(needs, json_string("advanced"));
    }
    (void)json_object_set_new(body, "needs", needs);
    (void)json_object_set_new(body, "priority", json_string(priority_name((enum priority)call->truth.priority)));
    (void)json_object_set_new(body, "units_wanted", json_integer(1));
    call->incident = exercise_command(exercise, "call_triage", body, &done);
}

/* A caller whom nobody answers gives up at last; a seat then calls back. */
static void wait_for_person(struct exercise *exercise, struct exercise_call *call)
{
    struct duration rung = instant_since(exercise_now(exercise), call->rang_at);
    struct duration patience = exercise_between(exercise, PATIENCE_LOW_S, PATIENCE_HIGH_S);
    bool done = false;
    if (rung.us < patience.us) {
        plan_seat(exercise, call->call, exercise_between(exercise, RING_LOW_S, RING_HIGH_S));
        return;
    }
    (void)exercise_command(exercise, "call_abandon", of_call(call->call), &done);
    plan_seat(exercise, call->call, exercise_between(exercise, CALL_BACK_LOW_S, CALL_BACK_HIGH_S));
}

void callers_seat_act(struct exercise *exercise, uint32_t id)
{
    struct exercise_call *call = call_of(exercise, id);
    const json_t *seen = exercise_seen(exercise, SEEN_CALLS, id);
    if (call == NULL || seen == NULL) {
        return; /* over, or made by a person */
    }
    uint32_t seat = seen_number(seen, "seat");
    bool held = exercise_is_held(exercise, "seat", seat != 0 ? seat : call->seat);
    if (seen_is(seen, "state", "offered")) {
        held ? wait_for_person(exercise, call) : answer_call(exercise, call, "call_answer");
    } else if (seen_is(seen, "state", "abandoned") && !held) {
        answer_call(exercise, call, "call_back");
    } else if (held) {
        plan_seat(exercise, id, exercise_between(exercise, RING_LOW_S, RING_HIGH_S)); /* the person's, until given back */
    } else if (seen_is(seen, "state", "answered")) {
        locate_call(exercise, call);
    } else if (seen_is(seen, "state", "located")) {
        triage_call(exercise, call);
    }
}

/* A call that the exercise does not know: it was started anew, or a person made the call up. It is taken up where it stands. */
static void take_up(struct exercise *exercise, const json_t *seen, uint32_t id)
{
    struct exercise_call *call = add_call(exercise);
    call->call = id;
    call->truth = exercise->next; /* what another call takes: as likely as any */
    if (json_is_object(json_object_get(seen, "point"))) {
        call->truth.point = seen_point(seen);
    }
    call->seat = 1 + id % exercise->setup->seats;
    call->rang_at = exercise_now(exercise);
    plan_seat(exercise, id, exercise_between(exercise, RING_LOW_S, RING_HIGH_S));
}

void callers_call_changed(struct exercise *exercise, uint32_t id)
{
    const json_t *seen = exercise_seen(exercise, SEEN_CALLS, id);
    struct exercise_call *call = call_of(exercise, id);
    bool over = seen_is(seen, "state", "closed") || seen_is(seen, "state", "linked");
    if (call == NULL) {
        if (!over && !seen_is(seen, "state", "triaged")) {
            take_up(exercise, seen, id);
        }
    } else if (over) {
        forget(exercise, call);
    } else if (seen_number(seen, "incident") != 0) {
        call->incident = seen_number(seen, "incident");
    }
}

/* ---- the desks ---- */

static uint32_t desk_of(const struct exercise *exercise, uint32_t incident)
{
    return exercise->setup->seats + 1 + incident % exercise->setup->desks;
}

void callers_incident_changed(struct exercise *exercise, uint32_t id)
{
    const json_t *seen = exercise_seen(exercise, SEEN_INCIDENTS, id);
    struct exercise_call *call = call_of_incident(exercise, id);
    if (seen_is(seen, "state", "closed")) {
        if (call != NULL) {
            forget(exercise, call);
        }
    } else if (seen_is(seen, "state", "recommended")) {
        exercise_plan(exercise, instant_add(exercise_now(exercise), exercise_between(exercise, DESK_LOW_S, DESK_HIGH_S)),
                      ACT_DESK, id, seen_number(seen, "revision"));
    }
}

void callers_desk_act(struct exercise *exercise, uint32_t id)
{
    const json_t *seen = exercise_seen(exercise, SEEN_INCIDENTS, id);
    uint32_t unit = seen_first_recommended(seen);
    if (seen == NULL || !seen_is(seen, "state", "recommended") || unit == 0) {
        return;
    }
    if (exercise_is_held(exercise, "seat", desk_of(exercise, id))) {
        exercise_plan(exercise, instant_add(exercise_now(exercise), exercise_between(exercise, DESK_LOW_S, DESK_HIGH_S)),
                      ACT_DESK, id, 0);
        return;
    }
    bool done = false;
    json_t *body = json_pack("{s:I, s:I, s:I}", "incident", (json_int_t)id, "unit", (json_int_t)unit, "incident_revision",
                             (json_int_t)seen_number(seen, "revision"));
    (void)exercise_command(exercise, "unit_assign", body, &done);
    if (!done) { /* the unit was gone: look again, should nothing else change */
        exercise_plan(exercise, instant_add(exercise_now(exercise), duration_from_seconds(AGAIN_S)), ACT_DESK, id, 0);
    }
}

/* ---- truth ---- */

const struct call_truth *callers_truth(struct exercise *exercise, uint32_t incident)
{
    struct exercise_call *call = call_of_incident(exercise, incident);
    const json_t *seen = exercise_seen(exercise, SEEN_INCIDENTS, incident);
    if (call == NULL) {
        call = call_of(exercise, seen_number(seen, "call"));
    }
    if (call == NULL) {
        call = add_call(exercise);
        call->call = seen_number(seen, "call");
        call->truth = exercise->next; /* what another call takes: as likely as any */
        call->truth.point = seen_point(seen);
    }
    call->incident = incident;
    return &call->truth;
}
