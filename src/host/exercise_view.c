/* What the exercise knows of the centre: the entities of the stream, kept as they came, by id. Closed ones are forgotten. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "host/clock.h"
#include "host/exercise_private.h"
#include "wire/form.h"

static const char *const SEEN_NAMES[SEEN_COUNT] = {
    "calls", "incidents", "missions", "units", "posts", "facilities", "messages"
};

uint32_t seen_number(const json_t *object, const char *name)
{
    return (uint32_t)json_integer_value(json_object_get(object, name));
}

const char *seen_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

bool seen_is(const json_t *object, const char *name, const char *value) { return strcmp(seen_text(object, name), value) == 0; }

struct geo_point seen_place(const json_t *object, const char *name)
{
    const json_t *point = json_object_get(object, name);
    struct geo_point found = { 0 };
    (void)geo_point_from_degrees(json_number_value(json_object_get(point, "lon")),
                                 json_number_value(json_object_get(point, "lat")), &found);
    return found;
}

struct instant seen_instant(const json_t *object, const char *name, struct instant otherwise)
{
    const char *text = seen_text(object, name);
    struct instant found;
    return text[0] != '\0' && form_instant_read(text, strlen(text), &found) ? found : otherwise;
}

uint32_t seen_first_recommended(const json_t *object)
{
    return (uint32_t)json_integer_value(json_array_get(json_object_get(object, "recommended"), 0));
}

static void key_of(uint32_t id, char key[16]) { snprintf(key, 16, "%" PRIu32, id); }

json_t *exercise_seen(const struct exercise *exercise, enum seen kind, uint32_t id)
{
    char key[16];
    key_of(id, key);
    return json_object_get(exercise->seen[kind], key);
}

const json_t *exercise_holding(const struct exercise *exercise, const char *kind, uint32_t id)
{
    char key[40];
    snprintf(key, sizeof key, "%s %" PRIu32, kind, id);
    return json_object_get(exercise->held, key);
}

bool exercise_is_held(const struct exercise *exercise, const char *kind, uint32_t id)
{
    return exercise_holding(exercise, kind, id) != NULL;
}

/* ---- hearing ---- */

static void hear_time(struct exercise *exercise, const json_t *message)
{
    const char *now = json_string_value(json_object_get(message, "now"));
    if (now != NULL && form_instant_read(now, strlen(now), &exercise->heard_now)) {
        exercise->heard_at_us = clock_monotonic_us();
    }
    const json_t *speed = json_object_get(message, "speed");
    if (json_is_number(speed)) {
        exercise->speed = json_number_value(speed);
    }
}

static bool is_over(enum seen kind, const json_t *object)
{
    return (kind <= SEEN_INCIDENTS && seen_is(object, "state", "closed")) ||
           (kind == SEEN_MISSIONS && seen_is(object, "state", "ended")) ||
           (kind == SEEN_UNITS && json_is_true(json_object_get(object, "retired"))) ||
           (kind == SEEN_MESSAGES &&
            (seen_text(object, "read_at")[0] != '\0' || !json_is_true(json_object_get(object, "to_crew")))) ||
           (kind == SEEN_CALLS && (seen_is(object, "state", "triaged") || seen_is(object, "state", "linked")));
}

static void tell(struct exercise *exercise, enum seen kind, uint32_t id, const json_t *object)
{
    switch (kind) {
    case SEEN_CALLS: callers_call_changed(exercise, id); return;
    case SEEN_INCIDENTS: callers_incident_changed(exercise, id); return;
    case SEEN_MISSIONS:
        crews_unit_changed(exercise, seen_number(object, "unit"));
        talk_mission_changed(exercise, object);
        return;
    case SEEN_MESSAGES: talk_message_changed(exercise, object); return;
    case SEEN_UNITS: crews_unit_changed(exercise, id); return;
    case SEEN_POSTS:
    case SEEN_FACILITIES:
    case SEEN_COUNT: return;
    }
}

static void keep(struct exercise *exercise, enum seen kind, json_t *object)
{
    char key[16];
    key_of(seen_number(object, "id"), key);
    (void)json_object_set(exercise->seen[kind], key, object);
}

/* All are kept before anything is told, so that what is told finds the rest as it is now. */
static void hear_entities(struct exercise *exercise, const json_t *lists)
{
    size_t index;
    json_t *object;
    for (int kind = 0; kind < SEEN_COUNT; kind++) {
        json_array_foreach(json_object_get(lists, SEEN_NAMES[kind]), index, object) { keep(exercise, (enum seen)kind, object); }
    }
    for (int kind = 0; kind < SEEN_COUNT; kind++) {
        json_array_foreach(json_object_get(lists, SEEN_NAMES[kind]), index, object)
        {
            uint32_t id = seen_number(object, "id");
            tell(exercise, (enum seen)kind, id, object);
            if (is_over((enum seen)kind, object)) {
                char key[16];
                key_of(id, key);
                (void)json_object_del(exercise->seen[kind], key);
            }
        }
    }
}

static void hear_control(struct exercise *exercise, const json_t *items)
{
    size_t index;
    json_t *item;
    json_t *before = exercise->held;
    exercise->held = json_object();
    json_array_foreach(items, index, item)
    {
        char key[40];
        snprintf(key, sizeof key, "%.20s %" PRIu32, seen_text(item, "kind"), seen_number(item, "id"));
        (void)json_object_set(exercise->held, key, item);
    }
    const char *key;
    json_t *value;
    json_object_foreach(before, key, value) /* what was given back is played on */
    {
        if (json_object_get(exercise->held, key) == NULL && seen_is(value, "kind", "unit")) {
            crews_unit_changed(exercise, seen_number(value, "id"));
        }
    }
    json_object_foreach(exercise->held, key, value) /* who has just sat down waits for a call */
    {
        const json_t *was = json_object_get(before, key);
        if (seen_is(value, "kind", "seat") && seen_number(was, "actor") != seen_number(value, "actor")) {
            dealing_taken(exercise, seen_number(value, "id"));
        }
    }
    json_decref(before);
}

void exercise_hear(void *context, const json_t *message)
{
    struct exercise *exercise = context;
    hear_time(exercise, message);
    const char *type = seen_text(message, "type");
    if (strcmp(type, "snapshot") == 0) {
        const json_t *state = json_object_get(message, "state");
        for (int kind = 0; kind < SEEN_COUNT; kind++) {
            (void)json_object_clear(exercise->seen[kind]);
        }
        hear_control(exercise, json_object_get(state, "control"));
        hear_entities(exercise, state);
    } else if (strcmp(type, "change") == 0) {
        hear_entities(exercise, message);
    } else if (strcmp(type, "control") == 0) {
        hear_control(exercise, json_object_get(message, "items"));
    }
}
