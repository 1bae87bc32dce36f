/* What crews and hospitals tell one another in the exercise: how the patient is, that he is expected, that a message was read.
 * Each is planned once, from the state that the stream shows, and dropped if somebody has done it before; what a person has in
 * hand waits until it is given back. */
#include "host/exercise_private.h"

/* Seconds of the centre's time; docs/exercise.md tells them all. */
static const double DESCRIBE_LOW_S = 20, DESCRIBE_HIGH_S = 60, PREALERT_LOW_S = 15, PREALERT_HIGH_S = 90, READ_LOW_S = 10,
                    READ_HIGH_S = 40, HELD_AGAIN_S = 30;

static void plan_between(struct exercise *exercise, enum act act, uint32_t subject, uint32_t detail, double low_s, double high_s)
{
    struct instant at = instant_add(exercise_now(exercise), exercise_between(exercise, low_s, high_s));
    exercise_plan(exercise, at, act, subject, detail);
}

static bool is_unknown(const json_t *object, const char *name) { return json_is_null(json_object_get(object, name)); }

/* ---- what is planned ---- */

void talk_mission_changed(struct exercise *exercise, const json_t *mission)
{
    uint32_t id = seen_number(mission, "id"), unit = seen_number(mission, "unit"), facility = seen_number(mission, "facility");
    if (unit == 0 || unit > EXERCISE_UNITS_MAX || seen_is(mission, "state", "ended")) {
        return;
    }
    struct exercise_unit *crew = &exercise->units[unit];
    if (seen_is(mission, "state", "at_patient") && is_unknown(mission, "patient") && crew->describes != id) {
        crew->describes = id;
        plan_between(exercise, ACT_DESCRIBE, id, 0, DESCRIBE_LOW_S, DESCRIBE_HIGH_S);
    }
    bool told = crew->announced == id && crew->announced_to == facility;
    if (facility != 0 && is_unknown(mission, "prealert_acknowledged_at") && !told) {
        crew->announced = id;
        crew->announced_to = facility;
        plan_between(exercise, ACT_PREALERT, id, facility, PREALERT_LOW_S, PREALERT_HIGH_S);
    }
}

void talk_message_changed(struct exercise *exercise, const json_t *message)
{
    if (json_is_true(json_object_get(message, "to_crew")) && is_unknown(message, "read_at")) {
        plan_between(exercise, ACT_READ, seen_number(message, "id"), 0, READ_LOW_S, READ_HIGH_S);
    }
}

/* ---- what is said ---- */

/* A number between the two that fits a patient who is so ill: at 0 as in health, at 1 as near death. */
static json_int_t sign(struct exercise *exercise, double illness, double healthy, double dying)
{
    double middle = healthy + (dying - healthy) * illness;
    double spread = (dying > healthy ? dying - healthy : healthy - dying) / 8;
    return (json_int_t)(middle - spread + 2 * spread * random_uniform(&exercise->chance));
}

/* How ill the patients of a priority are, and what they react to. */
static const struct {
    const char *priority, *consciousness;
    double illness;
} CONDITIONS[] = {
    { "critical", "unresponsive", 0.85 }, { "severe", "voice", 0.5 }, { "urgent", "alert", 0.2 }, { "non_urgent", "alert", 0 }
};

static json_t *describe(struct exercise *exercise, const json_t *mission)
{
    size_t condition = 0;
    while (condition < 3 && !seen_is(mission, "priority", CONDITIONS[condition].priority)) {
        condition++;
    }
    double illness = CONDITIONS[condition].illness;
    const struct call_truth *truth = callers_truth(exercise, seen_number(mission, "incident"));
    double age = duration_to_seconds(exercise_between(exercise, 16, 94));
    const char *sex = random_uniform(&exercise->chance) < 0.5 ? "female" : "male";
    json_int_t pulse = sign(exercise, illness, 76, 132), systolic = sign(exercise, illness, 132, 82);
    json_int_t spo2 = sign(exercise, illness, 97, 85), respiration = sign(exercise, illness, 15, 30);
    return json_pack("{s:I, s:o, s:i, s:s, s:s, s:I, s:I, s:I, s:I}", "mission", (json_int_t)seen_number(mission, "id"),
                     "main_problem", crews_needs(truth), "age_years", (int)age, "sex", sex, "consciousness",
                     CONDITIONS[condition].consciousness, "pulse", pulse, "systolic", systolic, "spo2", spo2, "respiration",
                     respiration);
}

void talk_describe(struct exercise *exercise, uint32_t id)
{
    const json_t *mission = exercise_seen(exercise, SEEN_MISSIONS, id);
    bool done = false;
    if (mission == NULL || !is_unknown(mission, "patient")) {
        return;
    }
    if (exercise_is_held(exercise, "unit", seen_number(mission, "unit"))) {
        plan_between(exercise, ACT_DESCRIBE, id, 0, HELD_AGAIN_S, HELD_AGAIN_S);
        return;
    }
    (void)exercise_command(exercise, "patient_describe", describe(exercise, mission), &done);
}

void talk_prealert(struct exercise *exercise, uint32_t id, uint32_t facility)
{
    const json_t *mission = exercise_seen(exercise, SEEN_MISSIONS, id);
    bool done = false, waits = mission != NULL && is_unknown(mission, "prealert_acknowledged_at") &&
                               seen_number(mission, "facility") == facility && !seen_is(mission, "state", "handed_over");
    if (!waits) {
        return;
    }
    if (exercise_is_held(exercise, "facility", facility)) {
        plan_between(exercise, ACT_PREALERT, id, facility, HELD_AGAIN_S, HELD_AGAIN_S);
        return;
    }
    (void)exercise_command(exercise, "prealert_acknowledge",
                           json_pack("{s:I, s:I}", "mission", (json_int_t)id, "facility", (json_int_t)facility), &done);
}

void talk_read(struct exercise *exercise, uint32_t id)
{
    const json_t *message = exercise_seen(exercise, SEEN_MESSAGES, id);
    bool done = false;
    if (message == NULL || !is_unknown(message, "read_at")) {
        return;
    }
    if (exercise_is_held(exercise, "unit", seen_number(message, "unit"))) {
        plan_between(exercise, ACT_READ, id, 0, HELD_AGAIN_S, HELD_AGAIN_S);
        return;
    }
    (void)exercise_command(exercise, "message_read", json_pack("{s:I}", "message", (json_int_t)id), &done);
}
