/* Workload: a change of one to fifty entities up to some hundred times a second; a snapshot of some thousand entities, 1 KB each,
 * when a client comes; positions of a thousand units once a second. */
#include "host/stream_encode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "wire/entry_json.h"
#include "wire/form.h"

enum status stream_encoder_create(const struct view *view, const struct clock *clock, bool drill, struct stream_encoder *encoder,
                                  struct error *error)
{
    uint32_t units_max = view->core->head->limits.units + 1;
    *encoder = (struct stream_encoder){ .view = *view, .clock = clock, .drill = drill, .units_max = units_max };
    text_init(&encoder->out, STREAM_FRAME_BYTES_MAX);
    text_init(&encoder->entities, STREAM_FRAME_BYTES_MAX);
    text_init(&encoder->events_text, STREAM_EVENT_BYTES_MAX);
    encoder->units = calloc(units_max, sizeof *encoder->units);
    return encoder->units != NULL ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for the stream's positions");
}

void stream_encoder_destroy(struct stream_encoder *encoder)
{
    text_free(&encoder->out);
    text_free(&encoder->entities);
    text_free(&encoder->events_text);
    free(encoder->units);
    encoder->units = NULL;
}

/* ---- events ---- */

static void note_event(struct stream_encoder *encoder, uint64_t sequence, const struct event_head *event)
{
    stream_key keys[STREAM_EVENT_KEYS_MAX];
    if (encoder->event_count == STREAM_EVENTS_MAX) {
        encoder->events_left_out = true;
        return;
    }
    struct text *text = &encoder->events_text;
    struct json json;
    size_t at = text->length;
    json_init(&json, text, 0);
    event_write_form(&json, NULL, event, sequence);
    if (text->failed) {
        text->failed = false; /* full: what stands is whole, up to this event */
        text->length = at;
        encoder->events_left_out = true;
        return;
    }
    stream_key about = stream_touch_event(encoder->view.core, event, keys) > 0 ? keys[0] : 0;
    encoder->events[encoder->event_count++] = (struct stream_event){ sequence, about, at, text->length - at };
}

void stream_encoder_note(struct stream_encoder *encoder, const struct entry_head *entry)
{
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (!stream_event_is_position(event)) {
            note_event(encoder, entry->sequence, event);
        }
    }
}

void stream_encoder_forget_events(struct stream_encoder *encoder)
{
    text_clear(&encoder->events_text);
    encoder->event_count = 0;
    encoder->events_left_out = false;
}

void stream_encoder_begin_batch(struct stream_encoder *encoder) { text_clear(&encoder->entities); }

/* ---- messages ---- */

static void begin_message(struct stream_encoder *encoder, struct json *json, const char *type)
{
    text_clear(&encoder->out);
    encoder->view.now = clock_now(encoder->clock);
    json_init(json, &encoder->out, 0);
    json_object_begin(json, NULL);
    json_text(json, "type", type);
    if (encoder->drill) {
        json_bool(json, "drill", true);
    }
}

static void write_clock(const struct stream_encoder *encoder, struct json *json)
{
    form_instant(json, "now", encoder->view.now);
    json_int(json, "speed", clock_speed(encoder->clock));
}

/* From where a client may go on. */
static void write_sequence(const struct stream_encoder *encoder, struct json *json, uint64_t sequence)
{
    json_int(json, "sequence", (int64_t)sequence);
    form_u64(json, "fingerprint", encoder->fingerprint);
}

/* sequence 0: the message is of no entry. */
static struct frame *end_message(struct stream_encoder *encoder, struct json *json, uint64_t sequence)
{
    json_object_end(json);
    struct frame *frame = encoder->out.failed ? NULL : frame_create(encoder->out.bytes, encoder->out.length);
    if (frame != NULL && sequence != 0) {
        frame->sequence = sequence;
        frame->fingerprint = encoder->fingerprint;
    }
    return frame;
}

static void write_entity(const struct view *view, struct json *json, stream_key key)
{
    const struct core *core = view->core;
    uint32_t id = stream_key_id(key);
    switch (stream_key_kind(key)) {
    case STREAM_CALL: view_call(view, json, NULL, core_call(core, (struct call_id){ id })); return;
    case STREAM_INCIDENT: view_incident(view, json, NULL, core_incident(core, (struct incident_id){ id })); return;
    case STREAM_MISSION: view_mission(view, json, NULL, core_mission(core, (struct mission_id){ id })); return;
    case STREAM_UNIT: view_unit(view, json, NULL, core_unit(core, (struct unit_id){ id })); return;
    case STREAM_POST: view_post(view, json, NULL, core_post(core, (struct post_id){ id })); return;
    case STREAM_FACILITY: view_facility(view, json, NULL, core_facility(core, (struct facility_id){ id })); return;
    case STREAM_ALARM: view_alarm(view, json, NULL, core_alarm(core, (struct alarm_id){ id })); return;
    case STREAM_MESSAGE: view_message(view, json, NULL, core_message(core, (struct message_id){ id })); return;
    case STREAM_KIND_COUNT: break;
    }
    UNREACHABLE();
}

/* ---- positions: [unit, longitude and latitude in 1e-7 degrees, age in milliseconds], and where they suggest something:
 * [..., "arrive", milliseconds since the crossing] ---- */

static char *write_number(char *end, int64_t number)
{
    bool negative = number < 0;
    uint64_t rest = negative ? -(uint64_t)number : (uint64_t)number;
    do {
        *--end = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (negative) {
        *--end = '-';
    }
    return end;
}

/* Thousands a second go out this way, so the digits are not left to printf. */
static char *write_suggestion(char *begin, const struct suggestion *suggestion, struct instant now)
{
    int64_t ago_ms = (now.us - suggestion->crossed_at.us) / US_PER_MS;
    size_t length = strlen(SUGGESTION_NAMES[suggestion->kind]);
    begin = write_number(begin, ago_ms > 0 ? ago_ms : 0);
    *--begin = ',';
    *--begin = '"';
    begin = memcpy(begin - length, SUGGESTION_NAMES[suggestion->kind], length);
    *--begin = '"';
    *--begin = ',';
    return begin;
}

static void write_position(struct json *json, uint32_t unit, const struct position *position, const struct suggestion *suggestion,
                           struct instant now)
{
    char buffer[160], *end = buffer + sizeof buffer, *begin = end;
    int64_t age_ms = (now.us - position->at.us) / US_PER_MS;
    *--begin = ']';
    begin = suggestion->kind == SUGGESTION_NONE ? begin : write_suggestion(begin, suggestion, now);
    begin = write_number(begin, age_ms > 0 ? age_ms : 0);
    *--begin = ',';
    begin = write_number(begin, position->point.lat_e7);
    *--begin = ',';
    begin = write_number(begin, position->point.lon_e7);
    *--begin = ',';
    begin = write_number(begin, unit);
    *--begin = '[';
    json_raw(json, NULL, begin, (size_t)(end - begin));
}

static uint32_t write_positions(struct stream_encoder *encoder, struct json *json, const char *name,
                                const struct stream_sight *sight, uint64_t *mark)
{
    const struct view *view = &encoder->view;
    uint32_t written = 0;
    uint32_t count = view->positions == NULL ? 0 : positions_changed(view->positions, mark, encoder->units, encoder->units_max);
    json_array_begin(json, name);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t unit = encoder->units[i];
        struct position position = positions_of(view->positions, unit);
        stream_key key = stream_key_of(STREAM_UNIT, unit);
        bool sees = stream_sight_sees(sight, view->core, view->directory, key) && stream_is_open(view->core, key);
        if (sees && !instant_is_none(position.at)) {
            struct suggestion suggestion = positions_suggestion(view->positions, unit);
            write_position(json, unit, &position, &suggestion, view->now);
            written += 1;
        }
    }
    json_array_end(json);
    return written;
}

struct frame *stream_encode_positions(struct stream_encoder *encoder, const struct stream_sight *sight, uint64_t *mark,
                                      bool *failed)
{
    struct json json;
    begin_message(encoder, &json, "positions");
    form_instant(&json, "now", encoder->view.now);
    *failed = false;
    if (write_positions(encoder, &json, "items", sight, mark) == 0) {
        return NULL;
    }
    struct frame *frame = end_message(encoder, &json, 0);
    *failed = frame == NULL;
    return frame;
}

/* ---- control ---- */

struct control_filter {
    const struct stream_encoder *encoder;
    const struct stream_sight *sight;
};

static bool sees_control(void *context, enum control_kind kind, uint32_t id)
{
    const struct control_filter *filter = context;
    const struct view *view = &filter->encoder->view;
    return stream_sight_sees_control(filter->sight, view->core, view->directory, (uint8_t)kind, id);
}

static void write_control(struct stream_encoder *encoder, struct json *json, const char *name, const struct stream_sight *sight)
{
    struct control_filter filter = { encoder, sight };
    if (encoder->view.control != NULL) {
        control_write_json(encoder->view.control, json, name, sees_control, &filter);
    } else {
        json_array_begin(json, name);
        json_array_end(json);
    }
}

struct frame *stream_encode_control(struct stream_encoder *encoder, const struct stream_sight *sight)
{
    struct json json;
    begin_message(encoder, &json, "control");
    form_instant(&json, "now", encoder->view.now);
    write_control(encoder, &json, "items", sight);
    return end_message(encoder, &json, 0);
}

/* ---- hands ---- */

static bool sees_hand(const struct view *view, const struct stream_sight *sight, const struct hand *hand)
{
    static const enum stream_kind kinds[HAND_KIND_COUNT] = { [HAND_CALL] = STREAM_CALL,
                                                             [HAND_INCIDENT] = STREAM_INCIDENT,
                                                             [HAND_MISSION] = STREAM_MISSION,
                                                             [HAND_UNIT] = STREAM_UNIT,
                                                             [HAND_FACILITY] = STREAM_FACILITY };
    return stream_sight_sees(sight, view->core, view->directory, stream_key_of(kinds[hand->kind], hand->id));
}

uint64_t stream_hands_digest(const struct stream_encoder *encoder, const struct stream_sight *sight)
{
    const struct hands *hands = encoder->view.hands;
    uint64_t digest = 1;
    for (uint32_t i = 0; i < hands_count(hands); i++) {
        const struct hand *hand = hands_at(hands, i);
        const uint32_t shown[] = { hand->kind, hand->id, hand->person };
        digest = sees_hand(&encoder->view, sight, hand) ? hash64(shown, sizeof shown, digest) : digest;
    }
    return digest != 0 ? digest : 1;
}

struct frame *stream_encode_hands(struct stream_encoder *encoder, const struct stream_sight *sight)
{
    const struct view *view = &encoder->view;
    struct json json;
    begin_message(encoder, &json, "hands");
    form_instant(&json, "now", view->now);
    json_array_begin(&json, "items");
    for (uint32_t i = 0; i < hands_count(view->hands); i++) {
        const struct hand *hand = hands_at(view->hands, i);
        if (!sees_hand(view, sight, hand)) {
            continue;
        }
        json_object_begin(&json, NULL);
        json_text(&json, "kind", HAND_NAMES[hand->kind]);
        json_int(&json, "id", hand->id);
        json_int(&json, "person", hand->person);
        json_text(&json, "name", people_name(view->people, hand->person));
        json_object_end(&json);
    }
    json_array_end(&json);
    return end_message(encoder, &json, 0);
}

/* ---- snapshot ---- */

static void write_open(struct stream_encoder *encoder, struct json *json, const struct stream_sight *sight, enum stream_kind kind,
                       uint32_t id)
{
    const struct view *view = &encoder->view;
    stream_key key = stream_key_of(kind, id);
    if (id != 0 && stream_is_open(view->core, key) && stream_sight_sees(sight, view->core, view->directory, key)) {
        write_entity(view, json, key);
    }
}

static uint32_t table_size(const struct core *core, enum stream_kind kind)
{
    switch (kind) {
    case STREAM_CALL: return core->head->limits.calls;
    case STREAM_INCIDENT: return core->head->limits.incidents;
    case STREAM_MISSION: return core->mission_mask + 1;
    case STREAM_UNIT: return core->head->unit_count;
    case STREAM_POST: return core->head->post_count;
    case STREAM_FACILITY: return core->head->facility_count;
    case STREAM_ALARM: return core->head->limits.alarms;
    case STREAM_MESSAGE: return core->message_mask + 1;
    case STREAM_KIND_COUNT: break;
    }
    UNREACHABLE();
}

static uint32_t table_id(const struct core *core, enum stream_kind kind, uint32_t place)
{
    switch (kind) {
    case STREAM_CALL: return core->calls[place].id;
    case STREAM_INCIDENT: return core->incidents[place].id;
    case STREAM_MISSION: return core->missions[place].id;
    case STREAM_ALARM: return core->alarms[place].id;
    case STREAM_MESSAGE: return core->messages[place].id;
    default: return place + 1;
    }
}

struct frame *stream_encode_snapshot(struct stream_encoder *encoder, const struct stream_sight *sight, bool reset, uint64_t *mark)
{
    struct json json;
    const struct core *core = encoder->view.core;
    begin_message(encoder, &json, "snapshot");
    write_sequence(encoder, &json, core->head->sequence);
    write_clock(encoder, &json);
    if (reset) {
        json_bool(&json, "reset", true);
    }
    json_object_begin(&json, "state");
    for (enum stream_kind kind = 0; kind < STREAM_KIND_COUNT; kind++) {
        json_array_begin(&json, STREAM_LISTS[kind]);
        uint32_t size = table_size(core, kind);
        for (uint32_t place = 0; place < size; place++) {
            write_open(encoder, &json, sight, kind, table_id(core, kind, place));
        }
        json_array_end(&json);
    }
    write_control(encoder, &json, "control", sight);
    *mark = 0;
    (void)write_positions(encoder, &json, "positions", sight, mark);
    json_object_end(&json);
    return end_message(encoder, &json, core->head->sequence);
}

/* ---- change ---- */

/* The entity's JSON, written when the first client needs it. */
static void write_item(struct stream_encoder *encoder, struct json *json, struct stream_batch *batch, uint32_t index)
{
    struct text *text = &encoder->entities;
    if (batch->length[index] == 0) {
        struct json entity;
        size_t at = text->length;
        json_init(&entity, text, 0);
        write_entity(&encoder->view, &entity, batch->keys[index]);
        if (text->failed) {
            encoder->out.failed = true;
            return;
        }
        batch->at[index] = at;
        batch->length[index] = text->length - at;
    }
    json_raw(json, NULL, text->bytes + batch->at[index], batch->length[index]);
}

static uint32_t write_lists(struct stream_encoder *encoder, struct json *json, struct stream_batch *batch)
{
    uint32_t written = 0;
    int open = -1;
    for (uint32_t i = 0; i < batch->count; i++) {
        if (!batch->shown[i]) {
            continue;
        }
        int kind = (int)stream_key_kind(batch->keys[i]);
        if (kind != open) {
            if (open >= 0) {
                json_array_end(json);
            }
            json_array_begin(json, STREAM_LISTS[kind]);
            open = kind;
        }
        write_item(encoder, json, batch, i);
        written += 1;
    }
    if (open >= 0) {
        json_array_end(json);
    }
    return written;
}

static void write_gone(struct json *json, const struct stream_batch *batch)
{
    int open = -1;
    if (batch->gone_count == 0) {
        return;
    }
    json_object_begin(json, "gone");
    for (uint32_t i = 0; i < batch->gone_count; i++) {
        int kind = (int)stream_key_kind(batch->gone[i]);
        if (kind != open) {
            if (open >= 0) {
                json_array_end(json);
            }
            json_array_begin(json, STREAM_LISTS[kind]);
            open = kind;
        }
        json_int(json, NULL, stream_key_id(batch->gone[i]));
    }
    json_array_end(json);
    json_object_end(json);
}

static uint32_t write_events(const struct stream_encoder *encoder, struct json *json, const struct stream_sight *sight)
{
    const struct view *view = &encoder->view;
    bool all = stream_sight_is_all(sight);
    uint32_t written = 0;
    for (uint32_t i = 0; i < encoder->event_count; i++) {
        const struct stream_event *event = &encoder->events[i];
        bool sees = all || (event->about != 0 && stream_sight_sees(sight, view->core, view->directory, event->about));
        if (!sees) {
            continue;
        }
        if (written == 0) {
            json_array_begin(json, "events");
        }
        json_raw(json, NULL, encoder->events_text.bytes + event->at, event->length);
        written += 1;
    }
    if (written > 0) {
        json_array_end(json);
    }
    return written;
}

struct frame *stream_encode_change(struct stream_encoder *encoder, const struct stream_sight *sight, struct stream_batch *batch,
                                   uint64_t from, bool events, bool *empty)
{
    struct json json;
    uint64_t sequence = encoder->view.core->head->sequence;
    begin_message(encoder, &json, "change");
    write_sequence(encoder, &json, sequence);
    json_int(&json, "from", (int64_t)from);
    write_clock(encoder, &json);
    uint32_t written = write_lists(encoder, &json, batch) + batch->gone_count;
    write_gone(&json, batch);
    if (events) {
        written += write_events(encoder, &json, sight);
        if (encoder->events_left_out) {
            json_bool(&json, "events_left_out", true);
        }
    } else {
        json_bool(&json, "events_left_out", true);
    }
    *empty = written == 0;
    return end_message(encoder, &json, sequence);
}

/* ---- small ones ---- */

struct frame *stream_encode_clock(struct stream_encoder *encoder, uint64_t sequence)
{
    struct json json;
    begin_message(encoder, &json, "clock");
    write_sequence(encoder, &json, sequence);
    write_clock(encoder, &json);
    return end_message(encoder, &json, sequence);
}

struct frame *stream_encode_pong(struct stream_encoder *encoder, uint64_t sequence)
{
    struct json json;
    begin_message(encoder, &json, "pong");
    write_sequence(encoder, &json, sequence);
    write_clock(encoder, &json);
    return end_message(encoder, &json, 0);
}

struct frame *stream_encode_problem(struct stream_encoder *encoder, const char *title, const char *detail)
{
    struct json json;
    begin_message(encoder, &json, "problem");
    json_text(&json, "title", title);
    json_text(&json, "detail", detail);
    return end_message(encoder, &json, 0);
}
