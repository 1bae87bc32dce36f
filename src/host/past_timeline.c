/* An engine is brought to the beginning of the hour, then entry after entry; a frame is the state when its time has come. Events
 * are written as they happen, into the frame that ends after them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/past_private.h"
#include "wire/entry_json.h"
#include "wire/form.h"

enum { KEEP_ENTRIES = 20000 }; /* a state is kept where it saves reading at least so many entries */

struct shown_unit {
    struct geo_point point;
    struct instant positioned_at;
    uint8_t state, mission_state;
    bool shown;
};

struct filming {
    const struct past_timeline *question;
    struct engine *engine;
    struct json *json;
    struct instant next;      /* time of the frame that is open */
    struct shown_unit *units; /* as they were in the frame before; [id] */
    uint32_t unit_room;
    uint32_t frames;
};

enum status past_timeline_check(const struct past_timeline *question, struct error *error)
{
    if (!instant_before(question->from, question->to)) {
        return ERROR(error, STATUS_BAD_INPUT, "the period is empty: it begins where it ends, or later, or has not begun yet");
    }
    int64_t span_s = instant_since(question->to, question->from).us / US_PER_SECOND;
    if (span_s > PAST_SPAN_S_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "the period is longer than %d hours", PAST_SPAN_S_MAX / 3600);
    }
    if (span_s / question->step_s >= PAST_FRAMES_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "it would be more than %d frames: ask with a longer step_s", PAST_FRAMES_MAX);
    }
    return STATUS_OK;
}

/* ---- frames ---- */

static void put_unit(struct json *json, const struct unit *unit, struct geo_point point, const struct mission *mission)
{
    json_array_begin(json, NULL);
    json_int(json, NULL, unit->id);
    json_int(json, NULL, point.lon_e7);
    json_int(json, NULL, point.lat_e7);
    json_text(json, NULL, enum_names_unit_state.labels[unit->state]);
    if (instant_is_none(unit->positioned_at)) {
        json_none(json, NULL);
    } else {
        json_int(json, NULL, unit->positioned_at.us / US_PER_SECOND);
    }
    if (mission == NULL) {
        json_none(json, NULL);
    } else {
        json_text(json, NULL, enum_names_mission_state.labels[mission->state]);
    }
    json_array_end(json);
}

static bool looks_the_same(const struct shown_unit *a, const struct shown_unit *b)
{
    return a->shown == b->shown && a->state == b->state && a->mission_state == b->mission_state &&
           a->point.lon_e7 == b->point.lon_e7 && a->point.lat_e7 == b->point.lat_e7 && a->positioned_at.us == b->positioned_at.us;
}

/* A unit that never told where it is stands at its post. */
static void put_units(struct filming *filming, const struct core *core)
{
    json_array_begin(filming->json, "units");
    for (uint32_t id = 1; id <= core_unit_count(core) && id < filming->unit_room; id++) {
        const struct unit *unit = &core->units[id];
        const struct post *post = core_post(core, unit->post);
        const struct mission *mission = core_mission(core, unit->mission);
        struct geo_point point = instant_is_none(unit->positioned_at) && post != NULL ? post->point : unit->point;
        struct shown_unit now = { .point = point,
                                  .positioned_at = unit->positioned_at,
                                  .state = unit->state,
                                  .mission_state = mission != NULL ? mission->state : MISSION_STATE_COUNT,
                                  .shown = true };
        if (!looks_the_same(&filming->units[id], &now)) {
            put_unit(filming->json, unit, point, mission);
            filming->units[id] = now;
        }
    }
    json_array_end(filming->json);
}

static void put_incidents(struct json *json, const struct core *core)
{
    json_array_begin(json, "incidents");
    for (uint32_t i = 0; i < core->head->limits.incidents && core->head->incidents_open > 0; i++) {
        const struct incident *incident = &core->incidents[i];
        if (incident->id != 0 && incident->state != INCIDENT_STATE_CLOSED) {
            json_array_begin(json, NULL);
            json_int(json, NULL, incident->id);
            json_int(json, NULL, incident->point.lon_e7);
            json_int(json, NULL, incident->point.lat_e7);
            json_text(json, NULL, priority_name((enum priority)incident->priority));
            json_text(json, NULL, enum_names_incident_state.labels[incident->state]);
            json_array_end(json);
        }
    }
    json_array_end(json);
}

/* Ringing, or to be called back. */
static uint32_t calls_waiting(const struct core *core)
{
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < core->head->limits.calls && core->head->calls_open > 0; i++) {
        const struct call *call = &core->calls[i];
        waiting += call->id != 0 && (call->state == CALL_STATE_OFFERED || call->state == CALL_STATE_ABANDONED);
    }
    return waiting;
}

static void open_frame(struct filming *filming)
{
    json_object_begin(filming->json, NULL);
    json_array_begin(filming->json, "events");
}

static void end_frame(struct filming *filming)
{
    const struct core *core = engine_core(filming->engine);
    json_array_end(filming->json);
    form_instant(filming->json, "at", filming->next);
    json_int(filming->json, "calls_waiting", calls_waiting(core));
    json_int(filming->json, "incidents_waiting", core->head->incidents_queued);
    put_units(filming, core);
    put_incidents(filming->json, core);
    json_object_end(filming->json);
    filming->frames += 1;
    filming->next = instant_add(filming->next, duration_seconds(filming->question->step_s));
}

static bool is_told(const struct event_head *event)
{
    switch (event->kind) {
    case EVENT_CALL_OFFERED:
    case EVENT_CALL_ANSWERED:
    case EVENT_CALL_ABANDONED:
    case EVENT_CALL_LINKED:
    case EVENT_CALL_CLOSED:
    case EVENT_INCIDENT_OPENED:
    case EVENT_INCIDENT_QUEUED:
    case EVENT_INCIDENT_PRIORITISED:
    case EVENT_UNITS_REQUESTED:
    case EVENT_SHORTFALL_RECORDED:
    case EVENT_INCIDENT_CLOSED:
    case EVENT_UNIT_ASSIGNED:
    case EVENT_MISSION_PROGRESSED:
    case EVENT_MISSION_ENDED:
    case EVENT_DESTINATION_CHOSEN:
    case EVENT_UNIT_CHANGED:
    case EVENT_FACILITY_CHANGED:
    case EVENT_ALARM_RAISED:
    case EVENT_MILESTONE_REACHED: return true;
    default: return false;
    }
}

/* The unit and the incident of a mission stand beside it: a reader of one frame has no list of missions. */
static void put_event(struct filming *filming, const struct entry_head *entry, const struct event_head *event)
{
    struct json *json = filming->json;
    uint32_t id = event->kind == EVENT_MISSION_PROGRESSED   ? ((const struct event_mission_progressed *)event)->mission.v
                  : event->kind == EVENT_DESTINATION_CHOSEN ? ((const struct event_destination_chosen *)event)->mission.v
                                                            : 0;
    const struct mission *mission = core_mission(engine_core(filming->engine), (struct mission_id){ id });
    json_object_begin(json, NULL);
    form_instant(json, "at", entry->entered_at);
    if (mission != NULL) {
        json_int(json, "unit", mission->unit.v);
        json_int(json, "incident", mission->incident.v);
    }
    event_write_form(json, "what", event, entry->sequence);
    json_object_end(json);
}

static enum status film_entry(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct filming *filming = visitor;
    while (instant_before(filming->next, entry->entered_at)) {
        end_frame(filming);
        open_frame(filming);
    }
    if (filming->json->out->length > PAST_BYTES_MAX) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "the answer would be larger than %d MB: ask for a shorter period, or a longer step_s", PAST_BYTES_MAX >> 20);
    }
    TRY(engine_apply_entry(filming->engine, entry, error));
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (is_told(event)) {
            put_event(filming, entry, event);
        }
    }
    return STATUS_OK;
}

/* ---- the state to begin with ---- */

static enum status restore(struct past *past, const void *bytes, size_t size, struct engine **engine, struct error *error)
{
    struct limits limits;
    TRY(engine_snapshot_limits(bytes, size, &limits, error));
    TRY(engine_create(&limits, past->policy, NULL, engine, error));
    enum status status = engine_restore(*engine, bytes, size, error);
    if (status != STATUS_OK) {
        engine_destroy(*engine);
        *engine = NULL;
    }
    return status;
}

/* NULL where there is none before, or it is of another version of this program. */
static enum status from_snapshot(struct past *past, uint64_t before, struct engine **engine, struct error *error)
{
    uint64_t sequence = 0;
    void *bytes = NULL;
    size_t size = 0;
    TRY(store_journal_snapshot_before(&past->journal, before, &sequence, &bytes, &size, error));
    bool nearer = size > 0 && (past->kept.bytes == NULL || past->kept.sequence >= before || past->kept.sequence < sequence);
    enum status status = nearer ? restore(past, bytes, size, engine, error) : STATUS_OK;
    free(bytes);
    return status == STATUS_VERSION ? STATUS_OK : status;
}

/* The engine holds nothing of entry before or later. */
static enum status nearest_state(struct past *past, uint64_t before, struct engine **engine, struct error *error)
{
    struct journal_facts facts;
    *engine = NULL;
    TRY(from_snapshot(past, before, engine, error));
    if (*engine == NULL && past->kept.bytes != NULL && past->kept.sequence < before) {
        return restore(past, past->kept.bytes, past->kept.size, engine, error);
    }
    if (*engine != NULL) {
        return STATUS_OK;
    }
    store_journal_facts(&past->journal, &facts);
    return engine_create(facts.limits_known ? &facts.limits : &past->limits, past->policy, NULL, engine, error);
}

static void keep_state(struct past *past, const struct engine *engine, uint64_t saved)
{
    const void *bytes;
    size_t size;
    if (saved < KEEP_ENTRIES) {
        return;
    }
    engine_snapshot(engine, &bytes, &size);
    void *copy = malloc(size);
    if (copy != NULL) { /* else the next question takes longer */
        memcpy(copy, bytes, size);
        free(past->kept.bytes);
        past->kept.sequence = engine_core(engine)->head->sequence;
        past->kept.bytes = copy;
        past->kept.size = size;
    }
}

static enum status apply_entry(void *visitor, const struct entry_head *entry, struct error *error)
{
    return engine_apply_entry(visitor, entry, error);
}

/* ---- the whole ---- */

static enum status film(struct past *past, struct filming *filming, uint64_t first, uint64_t last, struct error *error)
{
    const struct past_timeline *question = filming->question;
    uint64_t begin = engine_core(filming->engine)->head->sequence + 1;
    TRY(past_read(past, begin, first - 1, &question->patience, apply_entry, filming->engine, error));
    keep_state(past, filming->engine, first - begin);
    struct json *json = filming->json;
    form_instant(json, "from", question->from);
    form_instant(json, "to", question->to);
    json_int(json, "step_s", question->step_s);
    json_array_begin(json, "frames");
    filming->next = question->from;
    open_frame(filming);
    TRY(past_read(past, first, last, &question->patience, film_entry, filming, error));
    end_frame(filming);
    while (!instant_before(question->to, filming->next)) {
        open_frame(filming);
        end_frame(filming);
    }
    json_array_end(json);
    return STATUS_OK;
}

/* Entries of the period: [first, last]. The last frame is at the last step that the period holds, so what comes after it is not
 * read. */
static enum status find_period(struct past *past, const struct past_timeline *question, uint64_t *first, uint64_t *last,
                               struct error *error)
{
    int64_t steps = instant_since(question->to, question->from).us / ((int64_t)question->step_s * US_PER_SECOND);
    struct instant end = instant_add(question->from, duration_seconds(steps * question->step_s));
    TRY(past_open(past, error));
    TRY(past_find(past, question->last, question->from, first, error));
    TRY(past_find(past, question->last, instant_add(end, duration_us(1)), last, error));
    *last -= 1;
    return STATUS_OK;
}

static enum status make_timeline(struct past *past, struct filming *filming, struct error *error)
{
    uint64_t first, last;
    TRY(find_period(past, filming->question, &first, &last, error));
    TRY(nearest_state(past, first, &filming->engine, error));
    filming->unit_room = engine_core(filming->engine)->head->limits.units + 1;
    filming->units = calloc(filming->unit_room, sizeof *filming->units);
    if (filming->units == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a map of the past");
    }
    return film(past, filming, first, last, error);
}

enum status past_timeline(struct past *past, const struct past_timeline *question, struct json *json, struct error *error)
{
    struct filming filming = { .question = question, .json = json };
    TRY(past_timeline_check(question, error));
    enum status status = make_timeline(past, &filming, error);
    engine_destroy(filming.engine);
    free(filming.units);
    if (status != STATUS_OK && status != STATUS_BAD_INPUT) {
        past_close(past);
    }
    return status;
}
