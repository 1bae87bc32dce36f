/* Two readings: the first finds which calls and missions are the incident's (a call is linked long after it rang), the second
 * picks the entries in which one of them is named. Alarms and messages are found on the way, as they follow what they are about.
 */
#include <stdlib.h>
#include <string.h>

#include "host/past_private.h"
#include "wire/entry_json.h"
#include "wire/form.h"

/* What events name that can belong to an incident, in the schema's words. */
enum named { NAMED_CALL, NAMED_INCIDENT, NAMED_MISSION, NAMED_ALARM, NAMED_MESSAGE, NAMED_COUNT };
static const char *const NAMES[NAMED_COUNT] = { "call", "incident", "mission", "alarm", "message" };

enum { EVENT_CODES = 256, NOT_NAMED = UINT16_MAX, STORY_BYTES = 8 << 20 };

struct telling {
    const struct past_story *question;
    struct json *json;
    uint16_t offsets[EVENT_CODES][NAMED_COUNT]; /* of the id in an event of this kind */
    uint64_t ids[PAST_IDS_MAX];                 /* kind and id */
    uint32_t id_count;
    uint64_t written, last_written;
    uint32_t district;
    bool opened; /* its opening was found */
    bool full;   /* more may follow */
};

/* ---- what belongs to it ---- */

static bool has_id(const struct telling *telling, enum named kind, uint32_t id)
{
    uint64_t key = (uint64_t)kind << 32 | id;
    for (uint32_t i = 0; i < telling->id_count && id != 0; i++) {
        if (telling->ids[i] == key) {
            return true;
        }
    }
    return false;
}

static void add_id(struct telling *telling, enum named kind, uint32_t id)
{
    if (id != 0 && telling->id_count < PAST_IDS_MAX && !has_id(telling, kind, id)) {
        telling->ids[telling->id_count++] = (uint64_t)kind << 32 | id;
    }
}

static void find_offsets(struct telling *telling)
{
    memset(telling->offsets, 0xff, sizeof telling->offsets);
    for (uint16_t code = 0; code < EVENT_CODES; code++) {
        const struct schema_kind *kind = event_kind(code);
        const struct schema_field *field = kind != NULL ? kind->fields : NULL;
        for (; field != NULL && field->name != NULL; field++) {
            for (unsigned named = 0; named < NAMED_COUNT && field->type == FIELD_ID; named++) {
                if (strcmp(field->name, NAMES[named]) == 0) {
                    telling->offsets[code][named] = (uint16_t)field->offset;
                }
            }
        }
    }
}

static uint32_t id_in(const struct telling *telling, const struct event_head *event, enum named named)
{
    uint32_t id = 0;
    uint16_t offset = telling->offsets[event->kind % EVENT_CODES][named];
    if (offset != NOT_NAMED) {
        memcpy(&id, (const unsigned char *)event + offset, sizeof id);
    }
    return id;
}

static bool is_about(const struct telling *telling, uint8_t subject_kind, uint32_t subject)
{
    return (subject_kind == SUBJECT_CALL && has_id(telling, NAMED_CALL, subject)) ||
           (subject_kind == SUBJECT_INCIDENT && has_id(telling, NAMED_INCIDENT, subject)) ||
           (subject_kind == SUBJECT_MISSION && has_id(telling, NAMED_MISSION, subject));
}

/* An event of the incident itself says what else is its own. */
static void follow(struct telling *telling, const struct event_head *event)
{
    if (event->kind == EVENT_ALARM_RAISED) {
        const struct event_alarm_raised *raised = (const struct event_alarm_raised *)event;
        if (is_about(telling, raised->subject_kind, raised->subject)) {
            add_id(telling, NAMED_ALARM, raised->alarm.v);
        }
    } else if (id_in(telling, event, NAMED_INCIDENT) == telling->question->incident) {
        add_id(telling, NAMED_CALL, id_in(telling, event, NAMED_CALL));
        add_id(telling, NAMED_MISSION, id_in(telling, event, NAMED_MISSION));
        add_id(telling, NAMED_MESSAGE, id_in(telling, event, NAMED_MESSAGE));
    }
    if (event->kind == EVENT_INCIDENT_OPENED && id_in(telling, event, NAMED_INCIDENT) == telling->question->incident) {
        telling->district = ((const struct event_incident_opened *)event)->district;
        telling->opened = true;
    }
    const struct event_paper_entered *paper = (const struct event_paper_entered *)event;
    if (event->kind == EVENT_PAPER_ENTERED && paper->result == PAPER_RESULT_INCIDENT &&
        paper->incident.v == telling->question->incident) {
        telling->district = paper->district;
        telling->opened = true;
    }
}

static bool names_it(const struct telling *telling, const struct event_head *event)
{
    for (unsigned named = 0; named < NAMED_COUNT; named++) {
        if (has_id(telling, (enum named)named, id_in(telling, event, (enum named)named))) {
            return true;
        }
    }
    return false;
}

/* ---- the two readings ---- */

static enum status gather_ids(void *visitor, const struct entry_head *entry, struct error *error)
{
    (void)error;
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        follow(visitor, event);
    }
    return STATUS_OK;
}

/* As entry_write_form has it, but for events of others: the end of one mission may let another incident have its unit. */
static void put_entry(const struct telling *telling, const struct entry_head *entry)
{
    struct json *json = telling->json;
    const struct command_head *command = entry_command(entry);
    const struct event_head *event = entry_first_event(entry);
    json_object_begin(json, NULL);
    json_int(json, "sequence", (int64_t)entry->sequence);
    form_instant(json, "entered_at", entry->entered_at);
    form_instant(json, "occurred_at", command->occurred_at);
    json_text(json, "actor_kind", actor_kind_name((enum actor_kind)command->actor_kind));
    json_int(json, "actor", command->actor);
    command_write_form(json, "command", command);
    json_array_begin(json, "events");
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (names_it(telling, event)) {
            event_write_form(json, NULL, event, 0);
        }
    }
    json_array_end(json);
    json_object_end(json);
}

static void note_actor(struct past_actors *actors, uint32_t actor)
{
    uint32_t i = 0;
    while (i < actors->count && actors->ids[i] != actor) {
        i++;
    }
    if (actor != 0 && i == actors->count && i < PAST_ACTORS_MAX) {
        actors->ids[actors->count++] = actor;
    }
}

static enum status write_touching(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct telling *telling = visitor;
    const struct past_story *question = telling->question;
    const struct event_head *event = entry_first_event(entry);
    bool touches = false;
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        follow(telling, event);
        touches = touches || names_it(telling, event);
    }
    if (!touches || entry->sequence <= question->after) {
        return STATUS_OK;
    }
    if (telling->written == question->limit || telling->json->out->length > STORY_BYTES) {
        telling->full = true;
        return ERROR(error, STATUS_FULL, "the page is full");
    }
    note_actor(question->actors, entry_command(entry)->actor);
    put_entry(telling, entry);
    telling->written += 1;
    telling->last_written = entry->sequence;
    return STATUS_OK;
}

/* ---- where it lies ---- */

struct span {
    struct instant offered_at; /* of the first call */
    uint64_t last;             /* entry that changed a row of it last */
};

static enum status take_span(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct span *span = context;
    if (!sql_row_is_null(row, 0)) {
        struct instant offered_at = { sql_row_int(row, 0) };
        uint64_t last = (uint64_t)sql_row_int(row, 1);
        bool earlier = instant_is_none(span->offered_at) || instant_before(offered_at, span->offered_at);
        span->offered_at = earlier ? offered_at : span->offered_at;
        span->last = last > span->last ? last : span->last;
    }
    return STATUS_OK;
}

/* From the first ring, as far as anybody knows, which may be told as later than it was entered by FUTURE_TOLERANCE_S. */
static enum status find_span(struct past *past, const struct past_story *question, uint64_t *from, uint64_t *to,
                             struct error *error)
{
    static const char *const statements[] = {
        "SELECT MIN(offered_at), MAX(sequence) FROM report_call WHERE incident = $1",
        "SELECT MIN(offered_at), MAX(sequence) FROM report_mission WHERE incident = $1",
    };
    struct span span = { .offered_at = question->offered_at };
    for (int i = 0; i < 2; i++) {
        TRY(sql_query(past->sql, statements[i], SQL_PARAMETERS(sql_int(question->incident)), take_span, &span, NULL, error));
    }
    if (instant_is_none(span.offered_at)) {
        return ERROR(error, STATUS_NOT_FOUND, "there is no incident %u", question->incident);
    }
    *to = question->open || span.last == 0 || span.last > question->last ? question->last : span.last;
    struct instant begin = instant_add(span.offered_at, duration_seconds(-FUTURE_TOLERANCE_S));
    return past_find(past, question->last, begin, from, error);
}

static enum status tell(struct past *past, struct telling *telling, struct error *error)
{
    const struct past_story *question = telling->question;
    uint64_t from, to;
    TRY(past_open(past, error));
    TRY(find_span(past, question, &from, &to, error));
    find_offsets(telling);
    add_id(telling, NAMED_INCIDENT, question->incident);
    TRY(past_read(past, from, to, &question->patience, gather_ids, telling, error));
    if (!telling->opened || !question->may_read(question->context, telling->district)) {
        return ERROR(error, STATUS_NOT_FOUND, "there is no incident %u", question->incident);
    }
    json_int(telling->json, "incident", question->incident);
    json_array_begin(telling->json, "items");
    enum status status = past_read(past, from, to, &question->patience, write_touching, telling, error);
    json_array_end(telling->json);
    if (telling->full) {
        json_int(telling->json, "next", (int64_t)telling->last_written);
    } else {
        json_none(telling->json, "next");
    }
    return telling->full ? STATUS_OK : status;
}

enum status past_story(struct past *past, const struct past_story *question, struct json *json, struct error *error)
{
    struct telling *telling = calloc(1, sizeof *telling);
    if (telling == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the story of an incident");
    }
    telling->question = question;
    telling->json = json;
    enum status status = tell(past, telling, error);
    free(telling);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND && status != STATUS_BAD_INPUT) {
        past_close(past);
    }
    return status;
}
