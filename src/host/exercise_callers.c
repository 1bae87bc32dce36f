/* Callers, the seats that answer them and the desks that send units. What is dealt (exercise_dealing.c) to a seat or a desk that
 * a person has in hand waits for that person. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "host/exercise_private.h"
#include "host/exercise_story.h"
#include "host/personal.h"
#include "road/place_table.h"

/* What the scenario does not say of people: seconds of the centre's time. docs/exercise.md tells them all. */
static const double RING_LOW_S = 2, RING_HIGH_S = 8, DESK_LOW_S = 3, DESK_HIGH_S = 10, PATIENCE_LOW_S = 60, PATIENCE_HIGH_S = 150,
                    HANG_UP_LOW_S = 2, HANG_UP_HIGH_S = 6, CALL_BACK_LOW_S = 20, CALL_BACK_HIGH_S = 60, ADVICE_LOW_S = 60,
                    ADVICE_HIGH_S = 240, EXTRA_LOW_S = 20, EXTRA_HIGH_S = 300, AGAIN_S = 15, LEAST_S = 2, LOCATE_SHARE = 0.4;
/* A person at the seat has so much of real time, however fast the clock is. */
static const double PERSON_REAL_S = 60;
/* Of callers, at --surprises 1: our own assumptions. */
static const double HANG_UP_CHANCE = 0.02, REACHED_CHANCE = 0.5;
static const double EXTRA_CHANCE[CALL_KIND_COUNT] = { [CALL_SECOND] = 0.08, [CALL_ADVICE] = 0.10, [CALL_GIVES_UP] = 0.03 };
/* Callers of one incident stand within the first of each other; a seat takes what lies within the second for the same. */
static const double SECOND_APART_M = 60, SAME_INCIDENT_M = 150, METRES_PER_DEGREE = 111195;
/* A road, a place, what is meant, and a story (STORY_TEXT_MAX) are one text of a caller. */
/* A person's first call is the one of so many that lies nearest to a unit. */
enum { FIRST_CHOICE = 6 };
enum { ROAD_NAME_MAX = 80, REMARKS_MAX = PERSONAL_TEXT_MAX };
static const char *const HERE[EXERCISE_LANGUAGE_COUNT] = { [EXERCISE_ENGLISH] = "I am at", [EXERCISE_CHINESE] = "我在" };
_Static_assert(STORY_TEXT_MAX + ROAD_NAME_MAX + 128 < REMARKS_MAX, "a story is cut off");

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
    int64_t in_week_us = (exercise_local_us(exercise) + thursday * US_PER_DAY -
                          exercise->scenario->start_hour_of_week * INT64_C(3600) * US_PER_SECOND) %
                         week_us;
    in_week_us = in_week_us < 0 ? in_week_us + week_us : in_week_us;
    bool there = true;
    while (there && exercise->next.arrival.us < in_week_us) {
        there = call_stream_next(&exercise->stream, &exercise->next);
    }
    /* From the first call on; that one rings at once, so that nobody who begins an exercise sits before a silent telephone. */
    exercise->zero = (struct instant){ now.us - (int64_t)((double)exercise->next.arrival.us / exercise->setup->rate) };
    if (there) {
        exercise_plan(exercise, now, ACT_RING, 0, 0);
    }
}

/* Name of the road at the place; "" if it has none that a caller would say, or lies off the roads. */
static const char *road_at(const struct exercise *exercise, struct geo_point point)
{
    struct road_place place;
    struct error unused;
    if (city_snap(exercise->city, ROAD_EMERGENCY, point, PLACE_SNAP_M, &place, &unused) != STATUS_OK ||
        place.arc[0] == ROAD_NONE) {
        return "";
    }
    const char *name = city_arc_name(exercise->city, place.arc[0]);
    return strlen(name) <= ROAD_NAME_MAX ? name : "";
}

/* What the caller says, for a person who takes the call, and where it is. Numbers of an exercise begin with 000. */
static json_t *caller_says(const struct exercise *exercise, enum call_kind kind, const struct call_truth *truth)
{
    char number[32], meant[64] = "", remarks[REMARKS_MAX];
    enum exercise_language language = exercise->setup->language;
    const char *says = story_aside(kind, truth->number, language), *road = road_at(exercise, truth->point);
    if (says == NULL) {
        const struct exercise_story *story = story_of(truth);
        says = story->says[language];
        snprintf(meant, sizeof meant, " (Meant: %s, %s.)", story->protocol, priority_name(story->priority));
    }
    snprintf(number, sizeof number, "000-%08" PRIu64, truth->number % 100000000);
    snprintf(remarks, sizeof remarks, "EXERCISE. %s %s %s%slon %.5f, lat %.5f.%s", says, HERE[language], road,
             road[0] != '\0' ? ", " : "", geo_lon(truth->point), geo_lat(truth->point), meant);
    return json_pack("{s:s, s:s, s:s, s:I}", "number", number, "name", "Exercise", "remarks", remarks, "external",
                     (json_int_t)(truth->number & UINT32_MAX));
}

static void plan_seat(struct exercise *exercise, struct exercise_call *call, struct instant at)
{
    call->generation += 1;
    exercise_plan(exercise, at, ACT_SEAT, call->call, call->generation);
}

static void plan_seat_after(struct exercise *exercise, struct exercise_call *call, struct duration after)
{
    plan_seat(exercise, call, instant_add(exercise_now(exercise), after));
}

/* So long after it rang, but not at once. */
static void plan_seat_since_ring(struct exercise *exercise, struct exercise_call *call, double seconds)
{
    struct instant soon = instant_add(exercise_now(exercise), duration_from_seconds(LEAST_S));
    plan_seat(exercise, call, instant_max(soon, instant_add(call->rang_at, duration_from_seconds(seconds))));
}

static void begin_call(struct exercise *exercise, struct exercise_call *call)
{
    call->seat = dealing_seat(exercise, call->call);
    call->keys = "";
    call->rang_at = exercise_now(exercise);
    call->patience = exercise_between(exercise, PATIENCE_LOW_S, PATIENCE_HIGH_S);
}

static struct instant ring_time(struct exercise *exercise, const struct exercise_call *call)
{
    struct duration rings = call->hangs_up ? exercise_between(exercise, HANG_UP_LOW_S, HANG_UP_HIGH_S)
                                           : exercise_between(exercise, RING_LOW_S, RING_HIGH_S);
    return instant_add(call->rang_at, rings);
}

/* seat: of the person for whom it rings; 0: for the centre. */
static void ring(struct exercise *exercise, enum call_kind kind, const struct call_truth *truth, uint32_t seat)
{
    long http = 0;
    json_t *answer = exercise_link_post(exercise->link, "/calls", caller_says(exercise, kind, truth), true, &http);
    exercise->commands += 1;
    if (http == 201) {
        struct exercise_call *call = add_call(exercise);
        call->call = seen_number(answer, "made");
        call->kind = kind;
        call->truth = *truth;
        call->hangs_up = kind == CALL_GIVES_UP || exercise_happens(exercise, HANG_UP_CHANCE);
        begin_call(exercise, call);
        call->seat = seat != 0 ? seat : call->seat;
        triage_prepare(exercise, call);
        exercise->rung += 1;
        plan_seat(exercise, call, ring_time(exercise, call));
    } else {
        exercise->refused += 1;
    }
    json_decref(answer);
}

void callers_ring(struct exercise *exercise)
{
    ring(exercise, CALL_NEEDS_UNIT, &exercise->next, 0);
    plan_next_ring(exercise);
    for (uint32_t kind = 0; kind < CALL_KIND_COUNT; kind++) {
        if (exercise_happens(exercise, EXTRA_CHANCE[kind])) {
            struct duration after = exercise_between(exercise, EXTRA_LOW_S, EXTRA_HIGH_S);
            exercise_plan(exercise, instant_add(exercise_now(exercise), after), ACT_EXTRA, kind, 0);
        }
    }
}

/* The newest call that became an incident which is open; NULL if there is none. */
static const struct exercise_call *newest_incident(const struct exercise *exercise)
{
    const struct exercise_call *newest = NULL;
    for (uint32_t i = 0; i < exercise->call_count; i++) {
        const struct exercise_call *call = &exercise->calls[i];
        bool open = call->incident != 0 && exercise_seen(exercise, SEEN_INCIDENTS, call->incident) != NULL;
        newest = open && (newest == NULL || call->call > newest->call) ? call : newest;
    }
    return newest;
}

static struct geo_point beside(struct exercise *exercise, struct geo_point point)
{
    double step_e7 = SECOND_APART_M / METRES_PER_DEGREE * 1e7;
    int32_t east_e7 = (int32_t)((2 * random_uniform(&exercise->chance) - 1) * step_e7);
    int32_t north_e7 = (int32_t)((2 * random_uniform(&exercise->chance) - 1) * step_e7);
    return (struct geo_point){ .lon_e7 = point.lon_e7 + east_e7, .lat_e7 = point.lat_e7 + north_e7 };
}

/* A call beside those of the scenario; false: there is none of the kind now. */
static bool ring_extra(struct exercise *exercise, enum call_kind kind, uint32_t seat)
{
    const struct exercise_call *first = kind == CALL_SECOND ? newest_incident(exercise) : NULL;
    struct call_truth truth = first != NULL ? first->truth : exercise->next;
    if (kind == CALL_SECOND && first == NULL) {
        return false; /* it is over already */
    }
    truth.point = beside(exercise, truth.point);
    truth.number = random_u64(&exercise->chance);
    ring(exercise, kind, &truth, seat);
    return true;
}

void callers_extra(struct exercise *exercise, enum call_kind kind) { (void)ring_extra(exercise, kind, 0); }

/* How far the nearest unit is that could go. */
static double nearest_unit_m(const struct exercise *exercise, struct geo_point point)
{
    double nearest_m = INFINITY;
    const char *key;
    json_t *unit;
    json_object_foreach(exercise->seen[SEEN_UNITS], key, unit)
    {
        if (seen_is(unit, "state", "at_post") && json_is_object(json_object_get(unit, "position"))) {
            nearest_m = fmin(nearest_m, geo_distance_m(seen_place(unit, "position"), point));
        }
    }
    return nearest_m;
}

static bool rings_extra_for(struct exercise *exercise, uint32_t seat)
{
    for (uint32_t kind = 0; kind < CALL_KIND_COUNT; kind++) {
        if (exercise_happens(exercise, EXTRA_CHANCE[kind]) && ring_extra(exercise, (enum call_kind)kind, seat)) {
            return true;
        }
    }
    return false;
}

void callers_ring_for(struct exercise *exercise, uint32_t seat, bool first)
{
    struct call_truth truth, drawn;
    double nearest_m = INFINITY;
    if (!first && rings_extra_for(exercise, seat)) {
        return;
    }
    bool there = call_stream_next(&exercise->people_stream, &truth);
    for (int i = 1; first && i < FIRST_CHOICE && call_stream_next(&exercise->people_stream, &drawn); i++) {
        double away_m = nearest_unit_m(exercise, drawn.point);
        if (away_m < nearest_m) {
            truth = drawn;
            nearest_m = away_m;
        }
    }
    if (there) {
        truth.number = random_u64(&exercise->chance);
        ring(exercise, CALL_NEEDS_UNIT, &truth, seat);
    }
}

/* ---- the seats ---- */

static json_t *of_call(uint32_t call) { return json_pack("{s:I}", "call", (json_int_t)call); }

static bool needs_unit(const struct exercise_call *call) { return call->kind != CALL_ADVICE && call->kind != CALL_GIVES_UP; }

static void answer_call(struct exercise *exercise, struct exercise_call *call, const char *command)
{
    bool done = false;
    json_t *body = of_call(call->call);
    (void)json_object_set_new(body, "seat", json_integer(call->seat));
    (void)exercise_command(exercise, command, body, &done);
    call->played = done;
    if (needs_unit(call)) {
        plan_seat_since_ring(exercise, call, duration_to_seconds(call->truth.delay) * LOCATE_SHARE);
    } else {
        plan_seat_after(exercise, call, exercise_between(exercise, ADVICE_LOW_S, ADVICE_HIGH_S));
    }
}

static void close_call(struct exercise *exercise, struct exercise_call *call, const char *outcome)
{
    bool done = false;
    json_t *body = of_call(call->call);
    (void)json_object_set_new(body, "outcome", json_string(outcome));
    (void)exercise_command(exercise, "call_close", body, &done);
    plan_seat_after(exercise, call, exercise_patience(exercise, AGAIN_S));
}

static void abandon_call(struct exercise *exercise, struct exercise_call *call)
{
    bool done = false;
    (void)exercise_command(exercise, "call_abandon", of_call(call->call), &done);
    plan_seat_after(exercise, call, exercise_between(exercise, CALL_BACK_LOW_S, CALL_BACK_HIGH_S));
}

static void call_back(struct exercise *exercise, struct exercise_call *call)
{
    if (call->kind == CALL_GIVES_UP && random_uniform(&exercise->chance) >= REACHED_CHANCE) {
        close_call(exercise, call, "not_reached");
    } else {
        answer_call(exercise, call, "call_back");
    }
}

/* Questions are asked evenly until the scenario's time at which a unit is looked for. */
static void plan_question(struct exercise *exercise, struct exercise_call *call)
{
    double ends_s = duration_to_seconds(call->truth.delay) - (DESK_LOW_S + DESK_HIGH_S) / 2;
    double rung_s = duration_to_seconds(instant_since(exercise_now(exercise), call->rang_at));
    plan_seat_since_ring(exercise, call, rung_s + (ends_s - rung_s) / (triage_left(call) + 1));
}

static void locate_call(struct exercise *exercise, struct exercise_call *call)
{
    bool done = false;
    json_t *body = of_call(call->call);
    (void)json_object_set_new(body, "point",
                              json_pack("{s:f, s:f}", "lon", geo_lon(call->truth.point), "lat", geo_lat(call->truth.point)));
    (void)json_object_set_new(body, "district", json_integer(call->truth.district + 1));
    (void)exercise_command(exercise, "call_locate", body, &done);
    plan_question(exercise, call);
}

/* As the answers propose; without enough of them, as the scenario has it. */
static void triage_call(struct exercise *exercise, struct exercise_call *call)
{
    const struct scenario_priority *priority = &exercise->scenario->priorities[call->truth.priority];
    bool done = false;
    json_t *body = triage_proposal(exercise, call->call);
    if (body == NULL) {
        json_t *needs = priority->needs_als ? json_pack("[s, s]", "basic", "advanced") : json_pack("[s]", "basic");
        body = json_pack("{s:o, s:s, s:i}", "needs", needs, "priority", priority_name((enum priority)call->truth.priority),
                         "units_wanted", 1);
    }
    (void)json_object_set_new(body, "call", json_integer(call->call));
    call->incident = exercise_command(exercise, "call_triage", body, &done);
    plan_seat_after(exercise, call, exercise_patience(exercise, AGAIN_S));
}

/* The nearest open incident that the caller may mean; 0: none. Of the calls of the stream each is its own. */
static uint32_t same_incident(const struct exercise *exercise, const struct exercise_call *call)
{
    uint32_t nearest = 0;
    double nearest_m = SAME_INCIDENT_M;
    const char *key;
    json_t *incident;
    if (call->kind == CALL_NEEDS_UNIT) {
        return 0;
    }
    json_object_foreach(exercise->seen[SEEN_INCIDENTS], key, incident)
    {
        double away_m = geo_distance_m(seen_place(incident, "point"), call->truth.point);
        if (away_m < nearest_m) {
            nearest_m = away_m;
            nearest = seen_number(incident, "id");
        }
    }
    return nearest;
}

static void link_or_triage(struct exercise *exercise, struct exercise_call *call)
{
    bool done = false;
    uint32_t incident = same_incident(exercise, call);
    if (incident == 0 && triage_left(call) > 0) {
        triage_ask(exercise, call);
        plan_question(exercise, call);
        return;
    }
    if (incident == 0) {
        triage_call(exercise, call);
        return;
    }
    json_t *body = of_call(call->call);
    (void)json_object_set_new(body, "incident", json_integer(incident));
    (void)exercise_command(exercise, "call_link", body, &done);
    plan_seat_after(exercise, call, exercise_patience(exercise, AGAIN_S));
}

/* It rings on where a person has the seat in hand, until the caller has enough of it. */
static void wait_for_person(struct exercise *exercise, struct exercise_call *call)
{
    double patience_s = fmax(duration_to_seconds(call->patience), PERSON_REAL_S * exercise->speed);
    double rung_s = duration_to_seconds(instant_since(exercise_now(exercise), call->rang_at));
    if (rung_s < patience_s) {
        plan_seat_after(exercise, call, exercise_between(exercise, RING_LOW_S, RING_HIGH_S));
    } else {
        abandon_call(exercise, call);
    }
}

/* What a seat of the exercise does with a call in that state. */
static void seat_acts(struct exercise *exercise, struct exercise_call *call, const json_t *seen)
{
    if (seen_is(seen, "state", "offered") && call->hangs_up) {
        call->hangs_up = false;
        abandon_call(exercise, call);
    } else if (seen_is(seen, "state", "offered")) {
        answer_call(exercise, call, "call_answer");
    } else if (seen_is(seen, "state", "abandoned")) {
        call_back(exercise, call);
    } else if (!needs_unit(call)) {
        close_call(exercise, call, call->kind == CALL_ADVICE ? "advice" : "no_emergency");
    } else if (seen_is(seen, "state", "answered")) {
        locate_call(exercise, call);
    } else if (seen_is(seen, "state", "located")) {
        link_or_triage(exercise, call);
    }
}

void callers_seat_act(struct exercise *exercise, uint32_t id, uint32_t generation)
{
    struct exercise_call *call = call_of(exercise, id);
    const json_t *seen = exercise_seen(exercise, SEEN_CALLS, id);
    if (call == NULL || generation != call->generation) {
        return; /* over, or planned anew */
    }
    if (seen == NULL) { /* it rang, and the stream has not told yet; or it is an incident, and nothing is left to do */
        if (call->incident == 0) {
            plan_seat_after(exercise, call, exercise_patience(exercise, AGAIN_S));
        }
        return;
    }
    uint32_t seat = seen_number(seen, "seat");
    if (call->played || !exercise_is_held(exercise, "seat", seat != 0 ? seat : call->seat)) {
        seat_acts(exercise, call, seen);
    } else if (seen_is(seen, "state", "offered")) {
        wait_for_person(exercise, call);
    } else { /* the person's, until given back */
        plan_seat_after(exercise, call, exercise_between(exercise, RING_LOW_S, RING_HIGH_S));
    }
}

/* A call that the exercise does not know: it was started anew, or a person made the call up. It is taken up where it stands. */
static void take_up(struct exercise *exercise, const json_t *seen, uint32_t id)
{
    struct exercise_call *call = add_call(exercise);
    call->call = id;
    call->kind = CALL_UNKNOWN;
    call->truth = exercise->next; /* what another call takes: as likely as any */
    if (json_is_object(json_object_get(seen, "point"))) {
        call->truth.point = seen_place(seen, "point");
    }
    begin_call(exercise, call);
    plan_seat_after(exercise, call, exercise_between(exercise, RING_LOW_S, RING_HIGH_S));
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
    } else {
        uint32_t seat = seen_number(seen, "seat"), incident = seen_number(seen, "incident");
        call->seat = seat != 0 ? seat : call->seat;
        call->incident = incident != 0 ? incident : call->incident;
    }
}

/* ---- the desks ---- */

static void plan_desk(struct exercise *exercise, uint32_t incident, uint32_t revision, struct duration after)
{
    exercise_plan(exercise, instant_add(exercise_now(exercise), after), ACT_DESK, incident, revision);
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
        call = call != NULL ? call : call_of(exercise, seen_number(seen, "call"));
        if (call != NULL) {
            call->incident = id;
            dealing_deal_incident(exercise, call);
        }
        plan_desk(exercise, id, seen_number(seen, "revision"), exercise_between(exercise, DESK_LOW_S, DESK_HIGH_S));
    }
}

static enum priority priority_of(const json_t *object)
{
    unsigned found = 0;
    while (found < PRIORITY_COUNT - 1 && !seen_is(object, "priority", priority_name((enum priority)found))) {
        found++;
    }
    return (enum priority)found;
}

/* Whether the unit could go, as far as the desk sees: since it was recommended it may have been sent elsewhere. */
static bool can_go(const struct exercise *exercise, uint32_t unit, const json_t *incident)
{
    static const char *const early[] = { "assigned", "notified", "acknowledged", "departed" };
    const json_t *seen = exercise_seen(exercise, SEEN_UNITS, unit);
    const json_t *mission = exercise_seen(exercise, SEEN_MISSIONS, seen_number(seen, "mission"));
    bool before_scene = false;
    for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
        before_scene = before_scene || seen_is(mission, "state", early[i]);
    }
    bool free = seen_is(seen, "state", "at_post") || seen_is(seen, "state", "returning");
    return free || (before_scene && exercise->scenario->policy.may_divert[priority_of(mission)][priority_of(incident)]);
}

static bool send_unit(struct exercise *exercise, uint32_t incident, uint32_t unit, uint32_t revision)
{
    bool done = false;
    (void)exercise_command(exercise, "unit_assign",
                           json_pack("{s:I, s:I, s:I}", "incident", (json_int_t)incident, "unit", (json_int_t)unit,
                                     "incident_revision", (json_int_t)revision),
                           &done);
    return done;
}

static void ask_again(struct exercise *exercise, uint32_t incident, uint32_t revision)
{
    bool done = false;
    (void)exercise_command(exercise, "incident_reconsider",
                           json_pack("{s:I, s:I}", "incident", (json_int_t)incident, "revision", (json_int_t)revision), &done);
}

void callers_desk_act(struct exercise *exercise, uint32_t id, uint32_t revision)
{
    const json_t *seen = exercise_seen(exercise, SEEN_INCIDENTS, id);
    uint32_t unit = seen_first_recommended(seen);
    if (seen == NULL || !seen_is(seen, "state", "recommended") || unit == 0 || seen_number(seen, "revision") != revision) {
        return; /* decided, or planned anew */
    }
    if (dealing_waits_for_person(exercise, call_of_incident(exercise, id))) {
        plan_desk(exercise, id, revision, exercise_between(exercise, DESK_LOW_S, DESK_HIGH_S));
        return;
    }
    if (!can_go(exercise, unit, seen) || !send_unit(exercise, id, unit, revision)) {
        ask_again(exercise, id, revision);
    }
    plan_desk(exercise, id, revision, exercise_patience(exercise, AGAIN_S)); /* should nothing come of it */
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
        call->truth.point = seen_place(seen, "point");
    }
    call->incident = incident;
    return &call->truth;
}
