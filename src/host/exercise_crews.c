/* Crews, their vehicles, and the hospitals. What a crew does next follows from the state of its mission: whoever pressed the last
 * button, the crew or a person who has the unit in hand, the vehicle drives on. */
#include <string.h>

#include "base/check.h"
#include "host/exercise_private.h"

/* What the scenario does not say: seconds of the centre's time. docs/exercise.md tells them all. */
static const double NOTIFY_S = 2, ACKNOWLEDGE_LOW_S = 5, ACKNOWLEDGE_HIGH_S = 25, CHOOSE_LOW_S = 5, CHOOSE_HIGH_S = 20,
                    SOON_S = 5, AGAIN_S = 30, SHIFTS_EVERY_S = 60, BEDS_EVERY_S = 1800, BED_STAY_S = 14400, REPAIR_LOW_S = 1800,
                    REPAIR_HIGH_S = 5400, POSITION_REAL_S = 1, POSITION_STILL_S = 60;
static const double MOVED_M = 5, AT_POST_M = 50;
/* At --surprises 1: our own assumptions. Of a unit that sets out, and of a crew that has reached its patient. */
static const double BREAK_DOWN_CHANCE = 0.002, MORE_UNITS_CHANCE = 0.03;

static const char *const CARE_LABELS[CARE_COUNT] = { [CARE_CHEST_PAIN] = "chest_pain",
                                                     [CARE_STROKE] = "stroke",
                                                     [CARE_TRAUMA] = "trauma",
                                                     [CARE_MATERNITY] = "maternity",
                                                     [CARE_NEWBORN] = "newborn" };

json_t *crews_needs(const struct call_truth *truth)
{
    const char *care = CARE_LABELS[truth->need];
    return care != NULL ? json_pack("[s]", care) : json_array();
}

static bool is_held(const struct exercise *exercise, uint32_t unit) { return exercise_is_held(exercise, "unit", unit); }

static void report(struct exercise *exercise, uint32_t mission, const char *stage)
{
    bool done = false;
    (void)exercise_command(exercise, "mission_report", json_pack("{s:I, s:s}", "mission", (json_int_t)mission, "stage", stage),
                           &done);
}

static void report_unit(struct exercise *exercise, uint32_t unit, const char *what)
{
    bool done = false;
    (void)exercise_command(exercise, "unit_report", json_pack("{s:I, s:s}", "unit", (json_int_t)unit, "what", what), &done);
}

/* The unit's next act, once for each state that it comes into. */
static void plan(struct exercise *exercise, uint32_t unit, struct instant at)
{
    exercise->units[unit].generation += 1;
    exercise_plan(exercise, at, ACT_CREW, unit, exercise->units[unit].generation);
}

static void plan_after(struct exercise *exercise, uint32_t unit, struct duration after)
{
    plan(exercise, unit, instant_add(exercise_now(exercise), after));
}

static void place(struct exercise *exercise, uint32_t unit, const json_t *seen)
{
    struct exercise_unit *crew = &exercise->units[unit];
    if (crew->placed) {
        return;
    }
    const json_t *post = exercise_seen(exercise, SEEN_POSTS, seen_number(seen, "post"));
    bool known = json_is_object(json_object_get(seen, "position"));
    crew->vehicle.at = known ? seen_place(seen, "position") : seen_place(post, "point");
    crew->placed = known || post != NULL;
    exercise->unit_max = unit > exercise->unit_max ? unit : exercise->unit_max;
}

/* ---- driving ---- */

static enum road_profile profile_of(const struct exercise *exercise, const json_t *incident)
{
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        if (seen_is(incident, "priority", priority_name((enum priority)i)) && exercise->scenario->priorities[i].used) {
            return exercise->scenario->priorities[i].profile;
        }
    }
    return ROAD_EMERGENCY;
}

static void drive(struct exercise *exercise, uint32_t unit, enum road_profile profile, struct geo_point to)
{
    struct vehicle *vehicle = &exercise->units[unit].vehicle;
    enum status status = vehicle_go(vehicle, exercise->city, profile, to, exercise_now(exercise), &exercise->error);
    exercise->status = status != STATUS_OK ? status : exercise->status;
    plan(exercise, unit, vehicle->ends);
}

static void drive_to_scene(struct exercise *exercise, uint32_t unit, const json_t *mission)
{
    const json_t *incident = exercise_seen(exercise, SEEN_INCIDENTS, seen_number(mission, "incident"));
    drive(exercise, unit, profile_of(exercise, incident), seen_place(mission, "point"));
}

static void drive_to_facility(struct exercise *exercise, uint32_t unit, const json_t *mission)
{
    const json_t *facility = exercise_seen(exercise, SEEN_FACILITIES, seen_number(mission, "facility"));
    if (facility != NULL) {
        drive(exercise, unit, exercise->scenario->policy.facility_profile, seen_place(facility, "point"));
    }
}

static const json_t *post_of(const struct exercise *exercise, const json_t *unit)
{
    return exercise_seen(exercise, SEEN_POSTS, seen_number(unit, "post"));
}

static void drive_home(struct exercise *exercise, uint32_t unit, const json_t *seen)
{
    const json_t *post = post_of(exercise, seen);
    if (post != NULL) {
        drive(exercise, unit, exercise->scenario->policy.return_profile, seen_place(post, "point"));
    }
}

/* It stands there: its trip is over, or a crew says so that a person plays. */
static void stand_at(struct exercise *exercise, uint32_t unit, const json_t *place)
{
    struct vehicle *vehicle = &exercise->units[unit].vehicle;
    vehicle_arrive(vehicle);
    if (place != NULL) {
        vehicle->at = seen_place(place, "point");
    }
}

/* ---- a mission's states, and what comes next ---- */

/* A crew that sits at its post has to get to its vehicle first. */
static void begin_mobilisation(struct exercise *exercise, uint32_t unit, const struct call_truth *truth)
{
    struct exercise_unit *crew = &exercise->units[unit];
    struct instant now = exercise_now(exercise);
    const json_t *post = post_of(exercise, exercise_seen(exercise, SEEN_UNITS, unit));
    double away_m = geo_distance_m(vehicle_point(&crew->vehicle, now), seen_place(post, "point"));
    crew->wheels_turn = away_m < AT_POST_M ? instant_add(now, truth->mobilisation) : now;
}

static void plan_at_patient(struct exercise *exercise, uint32_t unit, const json_t *mission, const struct call_truth *truth)
{
    struct instant now = exercise_now(exercise);
    if (seen_number(mission, "facility") != 0) {
        plan_after(exercise, unit, duration_from_seconds(SOON_S));
    } else if (seen_first_recommended(mission) != 0) {
        plan_after(exercise, unit, exercise_between(exercise, CHOOSE_LOW_S, CHOOSE_HIGH_S));
    } else {
        struct instant arrived = seen_instant(mission, "on_scene_at", now);
        plan(exercise, unit, instant_max(now, instant_add(instant_add(arrived, truth->patient_access), truth->on_scene)));
    }
}

static void plan_mission(struct exercise *exercise, uint32_t unit, const json_t *mission)
{
    const struct call_truth *truth = callers_truth(exercise, seen_number(mission, "incident"));
    struct exercise_unit *crew = &exercise->units[unit];
    if (seen_is(mission, "state", "assigned")) {
        begin_mobilisation(exercise, unit, truth);
        plan_after(exercise, unit, duration_from_seconds(NOTIFY_S));
    } else if (seen_is(mission, "state", "notified")) {
        plan_after(exercise, unit, exercise_between(exercise, ACKNOWLEDGE_LOW_S, ACKNOWLEDGE_HIGH_S));
    } else if (seen_is(mission, "state", "acknowledged")) {
        plan(exercise, unit, instant_max(exercise_now(exercise), crew->wheels_turn));
    } else if (seen_is(mission, "state", "departed")) {
        drive_to_scene(exercise, unit, mission);
    } else if (seen_is(mission, "state", "on_scene")) {
        stand_at(exercise, unit, mission);
        plan_after(exercise, unit, truth->patient_access);
    } else if (seen_is(mission, "state", "at_patient")) {
        plan_at_patient(exercise, unit, mission, truth);
    } else if (seen_is(mission, "state", "left_scene")) {
        drive_to_facility(exercise, unit, mission);
    } else if (seen_is(mission, "state", "at_facility")) {
        stand_at(exercise, unit, exercise_seen(exercise, SEEN_FACILITIES, seen_number(mission, "facility")));
        plan_after(exercise, unit, truth->handover);
    } else {
        plan_after(exercise, unit, duration_from_seconds(SOON_S));
    }
}

static void plan_idle(struct exercise *exercise, uint32_t unit, const json_t *seen)
{
    struct exercise_unit *crew = &exercise->units[unit];
    if (seen_is(seen, "state", "returning")) {
        drive_home(exercise, unit, seen);
    } else if (seen_is(seen, "state", "out_of_service")) {
        crew->vehicle.at = vehicle_point(&crew->vehicle, exercise_now(exercise));
        vehicle_arrive(&crew->vehicle);
        plan_after(exercise, unit, exercise_between(exercise, REPAIR_LOW_S, REPAIR_HIGH_S));
    } else {
        crew->generation += 1; /* nothing is due */
        stand_at(exercise, unit, post_of(exercise, seen));
    }
}

/* Whether the unit is in another state, or heads elsewhere, than when its next act was planned; it is noted as planned. */
static bool has_moved_on(struct exercise_unit *crew, const json_t *seen, const json_t *mission)
{
    uint32_t id = seen_number(mission, "id");
    uint32_t target = mission != NULL ? seen_number(mission, "facility") : seen_number(seen, "post");
    uint32_t recommended = seen_first_recommended(mission);
    const char *state = seen_text(mission != NULL ? mission : seen, "state");
    if (id == crew->mission && target == crew->target && recommended == crew->recommended && strcmp(state, crew->state) == 0) {
        return false;
    }
    crew->mission = id;
    crew->target = target;
    crew->recommended = recommended;
    snprintf(crew->state, sizeof crew->state, "%s", state);
    return true;
}

void crews_unit_changed(struct exercise *exercise, uint32_t unit)
{
    const json_t *seen = exercise_seen(exercise, SEEN_UNITS, unit);
    if (seen == NULL || unit > EXERCISE_UNITS_MAX) {
        return;
    }
    place(exercise, unit, seen);
    const json_t *mission = exercise_seen(exercise, SEEN_MISSIONS, seen_number(seen, "mission"));
    if (!has_moved_on(&exercise->units[unit], seen, mission)) {
        return;
    }
    if (mission != NULL) {
        plan_mission(exercise, unit, mission);
    } else {
        plan_idle(exercise, unit, seen);
    }
}

/* ---- acting ---- */

static void ask_for_facility(struct exercise *exercise, uint32_t unit, const json_t *mission)
{
    const struct call_truth *truth = callers_truth(exercise, seen_number(mission, "incident"));
    json_t *needs = crews_needs(truth);
    uint32_t id = seen_number(mission, "id");
    bool done = false;
    (void)exercise_command(exercise, "transport_request",
                           json_pack("{s:I, s:o, s:s, s:s}", "mission", (json_int_t)id, "needs", needs, "bed_kind", "emergency",
                                     "tier_min", "community"),
                           &done);
    exercise->units[unit].asked = done ? id : 0;
}

static void set_destination(struct exercise *exercise, uint32_t unit, uint32_t mission, uint32_t facility)
{
    bool done = false;
    (void)exercise_command(exercise, "destination_set",
                           json_pack("{s:I, s:I}", "mission", (json_int_t)mission, "facility", (json_int_t)facility), &done);
    exercise->units[unit].asked = done ? mission : 0; /* else ask again */
}

/* Where nobody is recommended, the nearest that is not shut takes the patient, as in a simulation. */
static uint32_t nearest_facility(const struct exercise *exercise, struct geo_point from)
{
    uint32_t nearest = 0;
    double nearest_m = 0;
    const char *key;
    json_t *facility;
    json_object_foreach(exercise->seen[SEEN_FACILITIES], key, facility)
    {
        double away_m = geo_distance_m(from, seen_place(facility, "point"));
        if (!seen_is(facility, "state", "shut") && (nearest == 0 || away_m < nearest_m)) {
            nearest = seen_number(facility, "id");
            nearest_m = away_m;
        }
    }
    return nearest;
}

/* Once for each mission: the patient turns out to be two. */
static void want_more(struct exercise *exercise, uint32_t unit, const json_t *mission)
{
    struct exercise_unit *crew = &exercise->units[unit];
    uint32_t incident = seen_number(mission, "incident");
    bool done = false;
    if (crew->thought_of == seen_number(mission, "id")) {
        return;
    }
    crew->thought_of = seen_number(mission, "id");
    if (exercise_happens(exercise, MORE_UNITS_CHANCE)) {
        (void)exercise_command(exercise, "units_request",
                               json_pack("{s:I, s:i, s:[]}", "incident", (json_int_t)incident, "more", 1, "needs"), &done);
    }
}

/* With the patient: over, or which facility, or off to it. */
static void act_at_patient(struct exercise *exercise, uint32_t unit, const json_t *mission)
{
    uint32_t id = seen_number(mission, "id"), facility = seen_first_recommended(mission);
    bool asked = exercise->units[unit].asked == id;
    if (seen_number(mission, "facility") != 0) {
        report(exercise, id, "leave_scene");
    } else if (!callers_truth(exercise, seen_number(mission, "incident"))->transport) {
        report(exercise, id, "end");
    } else if (facility != 0) {
        set_destination(exercise, unit, id, facility);
    } else if (!asked) {
        ask_for_facility(exercise, unit, mission);
    } else if (!json_is_true(json_object_get(mission, "facility_asked"))) {
        facility = nearest_facility(exercise, seen_place(mission, "point"));
        set_destination(exercise, unit, id, facility);
    }
}

static void plan_bed_free(struct exercise *exercise, uint32_t facility, struct duration after)
{
    if (facility <= FACILITY_COUNT_MAX) {
        exercise->beds_leaving[facility] += 1;
        exercise_plan(exercise, instant_add(exercise_now(exercise), after), ACT_BED_FREE, facility, 0);
    }
}

static void hand_over(struct exercise *exercise, const json_t *mission)
{
    const struct call_truth *truth = callers_truth(exercise, seen_number(mission, "incident"));
    if (json_is_true(json_object_get(mission, "bed_reserved"))) {
        plan_bed_free(exercise, seen_number(mission, "facility"), truth->bed_stay);
    }
    report(exercise, seen_number(mission, "id"), "hand_over");
}

/* A vehicle that breaks down as it sets out is out of service, and the incident gets another. */
static void depart(struct exercise *exercise, uint32_t unit, const json_t *mission)
{
    if (exercise_happens(exercise, BREAK_DOWN_CHANCE)) {
        report_unit(exercise, unit, "break_down");
    } else {
        report(exercise, seen_number(mission, "id"), "depart");
    }
}

static void act_on_mission(struct exercise *exercise, uint32_t unit, const json_t *mission)
{
    static const struct {
        const char *state, *stage;
    } buttons[] = {
        { "assigned", "notify" },        { "notified", "acknowledge" },      { "departed", "arrive" },
        { "on_scene", "reach_patient" }, { "left_scene", "reach_facility" }, { "handed_over", "end" },
    };
    if (seen_is(mission, "state", "at_patient")) {
        want_more(exercise, unit, mission);
        act_at_patient(exercise, unit, mission);
        return;
    }
    if (seen_is(mission, "state", "acknowledged")) {
        depart(exercise, unit, mission);
        return;
    }
    if (seen_is(mission, "state", "at_facility")) {
        hand_over(exercise, mission);
        return;
    }
    for (size_t i = 0; i < sizeof buttons / sizeof buttons[0]; i++) {
        if (seen_is(mission, "state", buttons[i].state)) {
            report(exercise, seen_number(mission, "id"), buttons[i].stage);
            return;
        }
    }
}

void crews_act(struct exercise *exercise, uint32_t unit, uint32_t generation)
{
    struct exercise_unit *crew = &exercise->units[unit];
    const json_t *seen = exercise_seen(exercise, SEEN_UNITS, unit);
    if (generation != crew->generation || seen == NULL) {
        return;
    }
    if (is_held(exercise, unit)) {
        plan_after(exercise, unit, duration_from_seconds(SOON_S)); /* the person's, until given back */
        return;
    }
    /* Should the centre refuse: once the state moves on this is void. */
    plan_after(exercise, unit, exercise_patience(exercise, AGAIN_S));
    const json_t *mission = crew->mission != 0 ? exercise_seen(exercise, SEEN_MISSIONS, crew->mission) : NULL;
    if (mission != NULL) {
        act_on_mission(exercise, unit, mission);
    } else if (seen_is(seen, "state", "returning")) {
        report_unit(exercise, unit, "reach_post");
    } else if (seen_is(seen, "state", "out_of_service")) {
        report_unit(exercise, unit, "repair");
    }
}

/* ---- shifts ---- */

static bool is_shift(const struct exercise *exercise, const struct scenario_unit *unit)
{
    int64_t second = exercise_local_us(exercise) / US_PER_SECOND % 86400;
    if (unit->shift_start_s == unit->shift_end_s) {
        return true;
    }
    bool after_start = second >= unit->shift_start_s, before_end = second < unit->shift_end_s;
    return unit->shift_start_s < unit->shift_end_s ? after_start && before_end : after_start || before_end;
}

void crews_shifts(struct exercise *exercise)
{
    for (uint32_t i = 0; i < exercise->scenario->unit_count; i++) {
        uint32_t unit = i + 1;
        const json_t *seen = exercise_seen(exercise, SEEN_UNITS, unit);
        if (seen == NULL || is_held(exercise, unit)) {
            continue;
        }
        bool on_duty = !seen_is(seen, "state", "off_duty"), due = is_shift(exercise, &exercise->scenario->units[i]);
        if (due && !on_duty) {
            report_unit(exercise, unit, "start_shift");
        } else if (!due && (seen_is(seen, "state", "at_post") || seen_is(seen, "state", "returning"))) {
            report_unit(exercise, unit, "end_shift");
        }
    }
    exercise_plan(exercise, instant_add(exercise_now(exercise), duration_from_seconds(SHIFTS_EVERY_S)), ACT_SHIFTS, 0, 0);
}

/* ---- positions ---- */

/* A vehicle that moves tells its place once a second of real time, one that stands every minute of the centre's. */
static bool is_due(const struct exercise *exercise, const struct exercise_unit *crew, struct geo_point point)
{
    double since_s = duration_to_seconds(instant_since(exercise_now(exercise), crew->reported_at));
    bool clock_went_back = since_s < 0; /* the centre was restarted */
    return geo_distance_m(point, crew->reported) > MOVED_M || since_s > POSITION_STILL_S || clock_went_back;
}

void crews_positions(struct exercise *exercise)
{
    json_t *batch = json_array();
    struct instant now = exercise_now(exercise);
    for (uint32_t unit = 1; unit <= exercise->unit_max; unit++) {
        struct exercise_unit *crew = &exercise->units[unit];
        struct geo_point point = vehicle_point(&crew->vehicle, now);
        const json_t *seen = exercise_seen(exercise, SEEN_UNITS, unit);
        if (!crew->placed || seen == NULL || seen_is(seen, "state", "off_duty") || !is_due(exercise, crew, point)) {
            continue;
        }
        (void)json_array_append_new(
            batch, json_pack("{s:I, s:f, s:f}", "unit", (json_int_t)unit, "lon", geo_lon(point), "lat", geo_lat(point)));
        crew->reported = point;
        crew->reported_at = now;
    }
    long http = 0;
    if (json_array_size(batch) > 0) {
        json_decref(exercise_link_post(exercise->link, "/positions", batch, false, &http));
    } else {
        json_decref(batch);
    }
    struct duration pause = duration_from_seconds(POSITION_REAL_S * exercise->speed);
    exercise_plan(exercise, instant_add(exercise_now(exercise), pause), ACT_POSITIONS, 0, 0);
}

/* ---- hospitals ---- */

void crews_bed_free(struct exercise *exercise, uint32_t facility)
{
    bool done = false;
    if (exercise_is_held(exercise, "facility", facility)) {
        exercise_plan(exercise, instant_add(exercise_now(exercise), duration_from_seconds(BEDS_EVERY_S)), ACT_BED_FREE, facility,
                      0);
        return;
    }
    exercise->beds_leaving[facility] -= 1;
    (void)exercise_command(exercise, "bed_change",
                           json_pack("{s:I, s:s, s:s, s:s}", "facility", (json_int_t)facility, "kind", "emergency", "what",
                                     "vacate", "from", "occupied"),
                           &done);
}

/* Patients whose leaving nobody has planned, for the exercise was started anew or a person put them into their beds, leave some
 * time. */
static void plan_leaving(struct exercise *exercise, uint32_t facility, const json_t *beds)
{
    uint32_t occupied = seen_number(beds, "occupied");
    while (seen_is(beds, "kind", "emergency") && exercise->beds_leaving[facility] < occupied) {
        plan_bed_free(exercise, facility, exercise_between(exercise, 0, BED_STAY_S));
    }
}

/* The ward's round: the figures are confirmed as they stand, so that they do not go stale. */
void crews_bed_count(struct exercise *exercise, uint32_t facility)
{
    const json_t *seen = exercise_seen(exercise, SEEN_FACILITIES, facility);
    size_t index;
    json_t *beds;
    json_array_foreach(json_object_get(seen, "beds"), index, beds)
    {
        bool done = false;
        if (exercise_is_held(exercise, "facility", facility)) {
            break;
        }
        plan_leaving(exercise, facility, beds);
        (void)exercise_command(exercise, "beds_set",
                               json_pack("{s:I, s:O, s:O, s:O, s:O, s:O}", "facility", (json_int_t)facility, "kind",
                                         json_object_get(beds, "kind"), "available", json_object_get(beds, "available"),
                                         "occupied", json_object_get(beds, "occupied"), "blocked",
                                         json_object_get(beds, "blocked"), "converting", json_object_get(beds, "converting")),
                               &done);
    }
    exercise_plan(exercise, instant_add(exercise_now(exercise), duration_from_seconds(BEDS_EVERY_S)), ACT_BED_COUNT, facility, 0);
}

void crews_begin(struct exercise *exercise)
{
    struct instant now = exercise_now(exercise);
    exercise_plan(exercise, now, ACT_SHIFTS, 0, 0);
    exercise_plan(exercise, now, ACT_POSITIONS, 0, 0);
    for (uint32_t i = 0; i < exercise->scenario->facility_count && i < FACILITY_COUNT_MAX; i++) {
        exercise_plan(exercise, instant_add(now, exercise_between(exercise, 0, BEDS_EVERY_S)), ACT_BED_COUNT, i + 1, 0);
    }
}
