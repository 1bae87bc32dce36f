/* One reading of the journal: measure makes rows of calls and missions, and two kinds of events are looked at beside it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "core/engine.h"
#include "host/export_private.h"

enum { MARKS_MAX = 50000000 }; /* in a journal of decades */

struct reading {
    const struct export_options *options;
    struct measure *measure;
    struct export_calls calls;
    struct export_missions missions;
    struct export_marks outcomes, ages; /* of incidents; of missions, as crews described patients */
    bool no_memory, too_many;
};

/* ---- rows ---- */

static bool is_within(const struct export_options *options, struct instant at)
{
    return !instant_is_none(at) && !instant_before(at, options->from) && instant_before(at, options->to);
}

static uint16_t in_steps(struct duration duration)
{
    int64_t seconds = (duration.us + US_PER_SECOND / 2) / US_PER_SECOND;
    seconds = seconds < 0 ? 0 : seconds > EXPORT_SECONDS_MAX ? EXPORT_SECONDS_MAX : seconds;
    return (uint16_t)((seconds + EXPORT_STEP_S / 2) / EXPORT_STEP_S);
}

/* Of each stage. A length in the type of `at` makes gcc 12 with the thread sanitizer see one element and refuse it. */
static void note_times(const struct instant *at, struct instant ring, uint16_t steps[STAGE_COUNT])
{
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        steps[stage] = instant_is_none(at[stage]) ? EXPORT_NO_TIME : in_steps(instant_since(at[stage], ring));
    }
}

/* By the zone of the process. */
static uint8_t hour_of_week(struct instant at)
{
    time_t seconds = (time_t)(at.us / US_PER_SECOND);
    struct tm local;
    bool known = localtime_r(&seconds, &local) != NULL;
    return (uint8_t)(known ? (local.tm_wday + 6) % 7 * 24 + local.tm_hour : 0);
}

static uint16_t at_most(uint16_t count) { return count > EXPORT_COUNT_MAX ? EXPORT_COUNT_MAX : count; }

static void take_call(void *context, const struct call_record *record)
{
    struct reading *reading = context;
    struct instant ring = record->at[STAGE_CALL_OFFERED];
    if (!is_within(reading->options, ring)) {
        return;
    }
    struct export_call call = {
        .call = record->call,
        .incident = record->incident,
        .order = (uint32_t)reading->calls.count,
        .quasi = { .district = record->district,
                   .hour_of_week = hour_of_week(ring),
                   .age_years = DEIDENTIFY_AGE_UNKNOWN,
                   .complaint = record->protocol },
        .queued = record->was_queued ? in_steps(record->queued) : EXPORT_NO_TIME,
        .units_needed = at_most(record->units_needed),
        .units_short = at_most(record->units_short),
        .dispatches = at_most(record->dispatches),
        .priority = record->priority,
        .proposed = record->proposed,
        .result = record->result,
        .reached_by = record->reached_by,
        .shortfall_reason = record->shortfall_reason,
        .was_queued = record->was_queued,
        .transported = record->transported,
        .outcome = EXPORT_NO_OUTCOME,
    };
    note_times(record->at, ring, call.at);
    reading->too_many = reading->too_many || reading->calls.count == 2 * (size_t)EXPORT_CALLS_MAX; /* closed, and over */
    reading->no_memory = reading->too_many || !vec_push(&reading->calls, call) || reading->no_memory;
}

static void take_mission(void *context, const struct mission_record *record)
{
    struct reading *reading = context;
    if (!is_within(reading->options, record->offered_at)) {
        return;
    }
    struct export_mission mission = { .mission = record->mission,
                                      .incident = record->incident,
                                      .order = (uint32_t)reading->missions.count,
                                      .unit = record->unit,
                                      .facility = record->facility,
                                      .priority = record->priority,
                                      .transported = record->transported };
    note_times(record->at, record->offered_at, mission.at);
    reading->too_many = reading->too_many || reading->missions.count == 8 * (size_t)EXPORT_CALLS_MAX;
    reading->no_memory = reading->too_many || !vec_push(&reading->missions, mission) || reading->no_memory;
}

static void mark(struct reading *reading, struct export_marks *marks, uint32_t id, uint8_t value)
{
    struct export_mark one = { .id = id, .order = (uint32_t)marks->count, .value = value };
    reading->no_memory = marks->count == MARKS_MAX || !vec_push(marks, one) || reading->no_memory;
}

static enum status take_entry(void *context, const struct entry_head *entry, struct error *error)
{
    struct reading *reading = context;
    const struct event_head *event = entry_first_event(entry);
    measure_entry(reading->measure, entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (event->kind == EVENT_INCIDENT_CLOSED) {
            const struct event_incident_closed *closed = (const void *)event;
            mark(reading, &reading->outcomes, closed->incident.v, (uint8_t)closed->outcome);
        } else if (event->kind == EVENT_PATIENT_DESCRIBED) {
            const struct event_patient_described *described = (const void *)event;
            mark(reading, &reading->ages, described->mission.v, described->age_years);
        }
    }
    if (reading->too_many) {
        return ERROR(error, STATUS_BAD_INPUT, "the period holds more than %d calls: export shorter ones", EXPORT_CALLS_MAX);
    }
    return reading->no_memory ? ERROR(error, STATUS_NO_MEMORY, "no memory for the rows of the period") : STATUS_OK;
}

/* ---- order ---- */

static int by_call(const void *a, const void *b)
{
    const struct export_call *x = a, *y = b;
    int order = (x->call > y->call) - (x->call < y->call);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static int by_incident(const void *a, const void *b)
{
    const struct export_call *x = a, *y = b;
    return (x->incident > y->incident) - (x->incident < y->incident);
}

static int by_incident_and_call(const void *a, const void *b)
{
    int order = by_incident(a, b);
    return order != 0 ? order : by_call(a, b);
}

static int by_mission(const void *a, const void *b)
{
    const struct export_mission *x = a, *y = b;
    int order = (x->mission > y->mission) - (x->mission < y->mission);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static int by_id(const void *a, const void *b)
{
    const struct export_mark *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_id_and_order(const void *a, const void *b)
{
    const struct export_mark *x = a, *y = b;
    int order = by_id(a, b);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

#define SORT(vec, order)                                                      \
    do {                                                                      \
        if ((vec)->count > 0) {                                               \
            qsort((vec)->items, (vec)->count, sizeof *(vec)->items, (order)); \
        }                                                                     \
    } while (0)

/* Of several records with one id the last one stays. Sorted by id and order. */
static void keep_last_calls(struct export_calls *calls)
{
    size_t kept = 0;
    for (size_t i = 0; i < calls->count; i++) {
        if (i + 1 == calls->count || calls->items[i + 1].call != calls->items[i].call) {
            calls->items[kept++] = calls->items[i];
        }
    }
    calls->count = kept;
}

static void keep_last_missions(struct export_missions *missions)
{
    size_t kept = 0;
    for (size_t i = 0; i < missions->count; i++) {
        if (i + 1 == missions->count || missions->items[i + 1].mission != missions->items[i].mission) {
            missions->items[kept++] = missions->items[i];
        }
    }
    missions->count = kept;
}

static void keep_last_marks(struct export_marks *marks)
{
    size_t kept = 0;
    for (size_t i = 0; i < marks->count; i++) {
        if (i + 1 == marks->count || marks->items[i + 1].id != marks->items[i].id) {
            marks->items[kept++] = marks->items[i];
        }
    }
    marks->count = kept;
}

static const struct export_mark *find_mark(const struct export_marks *marks, uint32_t id)
{
    struct export_mark wanted = { .id = id };
    return marks->count > 0 ? bsearch(&wanted, marks->items, marks->count, sizeof wanted, by_id) : NULL;
}

/* ---- whose calls ---- */

/* Rows of one number are one person's: its index is the same (personal.h). */
static enum status take_person(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    const struct export_calls *calls = context;
    struct export_call wanted = { .call = (uint32_t)sql_row_int(row, 0) };
    size_t size = 0;
    const void *index = sql_row_blob(row, 1, &size);
    size_t low = 0, high = calls->count;
    while (low < high) { /* the first with this id: there is one only by now */
        size_t middle = low + (high - low) / 2;
        if (calls->items[middle].call < wanted.call) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < calls->count && calls->items[low].call == wanted.call && size >= sizeof calls->items[low].quasi.person) {
        memcpy(&calls->items[low].quasi.person, index, sizeof calls->items[low].quasi.person);
    }
    return STATUS_OK;
}

static enum status read_people(struct sql *sql, struct export_calls *calls, struct error *error)
{
    if (calls->count == 0) {
        return STATUS_OK;
    }
    return sql_query(sql, "SELECT call, number_index FROM personal WHERE call >= $1 AND call <= $2 AND number_index IS NOT NULL",
                     SQL_PARAMETERS(sql_int(calls->items[0].call), sql_int(calls->items[calls->count - 1].call)), take_person,
                     calls, NULL, error);
}

/* ---- incidents ---- */

/* An incident is told by its first call; where that rang before the period, its other calls are told by nobody. */
static enum status share_out(struct reading *reading, struct export_data *data, struct error *error)
{
    bool fine = true;
    SORT(&reading->calls, by_incident_and_call);
    for (size_t i = 0; i < reading->calls.count && fine; i++) {
        const struct export_call *call = &reading->calls.items[i];
        struct export_calls *incidents = &data->incidents;
        bool is_first = call->result != CALL_RESULT_LINKED &&
                        (incidents->count == 0 || incidents->items[incidents->count - 1].incident != call->incident);
        fine = call->incident == 0 ? vec_push(&data->lone, *call)
               : is_first          ? vec_push(incidents, *call)
                                   : vec_push(&data->others, *call);
    }
    return fine ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for the rows of the period");
}

const struct export_call *export_incident(const struct export_data *data, uint32_t incident)
{
    struct export_call wanted = { .incident = incident };
    const struct export_calls *incidents = &data->incidents;
    return incidents->count > 0 ? bsearch(&wanted, incidents->items, incidents->count, sizeof wanted, by_incident) : NULL;
}

/* Outcome and age: of several patients the one whom the first unit described. */
static void add_marks(struct reading *reading, struct export_data *data)
{
    SORT(&reading->outcomes, by_id_and_order);
    SORT(&reading->ages, by_id_and_order);
    keep_last_marks(&reading->outcomes);
    keep_last_marks(&reading->ages);
    for (size_t i = 0; i < data->incidents.count; i++) {
        const struct export_mark *outcome = find_mark(&reading->outcomes, data->incidents.items[i].incident);
        data->incidents.items[i].outcome = outcome != NULL ? outcome->value : EXPORT_NO_OUTCOME;
    }
    for (size_t i = 0; i < data->missions.count; i++) {
        const struct export_mark *age = find_mark(&reading->ages, data->missions.items[i].mission);
        const struct export_call *found = export_incident(data, data->missions.items[i].incident);
        if (age != NULL && found != NULL && found->quasi.age_years == DEIDENTIFY_AGE_UNKNOWN) {
            data->incidents.items[found - data->incidents.items].quasi.age_years = age->value;
        }
    }
}

/* ---- the whole ---- */

static enum status read_journal(struct reading *reading, struct error *error)
{
    static const struct limits fallback = LIMITS_DEFAULT;
    struct journal journal;
    struct journal_facts facts;
    TRY(store_journal_open(reading->options->store, JOURNAL_READ, NULL, &journal, error));
    store_journal_facts(&journal, &facts);
    const struct measure_setup setup = { .limits = facts.limits_known ? facts.limits : fallback,
                                         .finished = take_call,
                                         .closed = take_call,
                                         .completed = take_mission,
                                         .context = reading };
    enum status status = measure_create(&setup, &reading->measure, error);
    if (status == STATUS_OK) {
        status = journal.read(journal.context, 1, take_entry, reading, error);
        measure_destroy(reading->measure);
    }
    journal.close(journal.context);
    return status;
}

static enum status put_together(struct reading *reading, struct sql *sql, struct export_data *data, struct error *error)
{
    SORT(&reading->calls, by_call);
    keep_last_calls(&reading->calls);
    TRY(read_people(sql, &reading->calls, error));
    TRY(share_out(reading, data, error));
    data->missions = reading->missions;
    reading->missions = (struct export_missions){ 0 };
    SORT(&data->missions, by_mission);
    keep_last_missions(&data->missions);
    add_marks(reading, data);
    return STATUS_OK;
}

enum status export_read(const struct export_options *options, struct sql *sql, struct export_data *data, struct error *error)
{
    struct reading reading = { .options = options };
    *data = (struct export_data){ 0 };
    enum status status = read_journal(&reading, error);
    if (status == STATUS_OK) {
        status = put_together(&reading, sql, data, error);
    }
    vec_free(&reading.calls);
    vec_free(&reading.missions);
    vec_free(&reading.outcomes);
    vec_free(&reading.ages);
    return status;
}

void export_free(struct export_data *data)
{
    vec_free(&data->incidents);
    vec_free(&data->lone);
    vec_free(&data->others);
    vec_free(&data->missions);
}
