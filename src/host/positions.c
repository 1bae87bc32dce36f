/* One record a unit, and a version that counts changes, so that a reader who keeps a mark finds what is new by looking through
 * all units: a thousand records a second, less than it would cost to keep lists.
 *
 * Into the journal goes, once a second, what is due: units whose newest position is not there yet and that were not sent for
 * keep_s of the centre's time (in a drill the clock may run sixty times faster, and alarms of silence go by it). A command that
 * could not be made durable is forgotten, and its units are due again at once; one that the core refused is not sent again. */
#include "host/positions.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/log.h"
#include "host/rights.h"
#include "wire/positions_json.h"

enum {
    BATCH_MAX = 4096,
    FIXES_MAX = 1024, /* what one command takes */
    COMMANDS_MAX = 8, /* on their way at once: every unit that there can be */
    FUTURE_MAX_S = 300,
};

struct known {
    struct position newest;
    uint64_t version;          /* of its last change; 0: nothing known */
    struct instant journal_at; /* of the position that the journal has, or that is on its way there */
    struct instant sent_now;   /* the centre's time when one was last sent */
    struct fence_track fence;
    struct suggestion suggested; /* as of the newest position */
};

/* A command units_position on its way, with what is needed to take it back. */
struct sent {
    struct positions *positions;
    bool used;
    uint32_t count;
    uint32_t units[FIXES_MAX];
    _Alignas(8) unsigned char bytes[sizeof(struct command_units_position) + FIXES_MAX * sizeof(struct fix)];
};

struct positions {
    struct centre *centre;
    struct clock *clock;
    struct event *timer;
    struct duration keep;
    uint64_t version;
    struct known *known; /* [unit] */
    uint32_t units_max;
    struct position_report *batch; /* BATCH_MAX */
    struct sent *sent;             /* COMMANDS_MAX */
    struct positions_figures figures;
};

static void on_second(evutil_socket_t fd, short what, void *context);

/* ---- what is known ---- */

static void look_at_fences(struct positions *positions, uint32_t id, struct geo_point point, struct instant at)
{
    const struct core *core = centre_core(positions->centre);
    const struct unit *unit = core_unit(core, (struct unit_id){ id });
    struct known *known = &positions->known[id];
    if (unit == NULL) {
        return;
    }
    struct fence_watch watch = fence_watch_of(core, unit);
    enum suggestion_kind before = known->suggested.kind;
    fence_step(&known->fence, &watch, point, at);
    known->suggested = fence_suggestion(&known->fence, &watch);
    positions->figures.suggested[known->suggested.kind] += known->suggested.kind != before;
}

static void note(struct positions *positions, uint32_t unit, struct geo_point point, struct instant at)
{
    struct known *known = &positions->known[unit];
    known->newest = (struct position){ point, at };
    known->version = ++positions->version;
    look_at_fences(positions, unit, point, at);
}

/* What the mirror knows of the unit came from the journal. */
static void note_from_journal(struct positions *positions, uint32_t id)
{
    const struct unit *unit = core_unit(centre_core(positions->centre), (struct unit_id){ id });
    if (unit == NULL || id > positions->units_max || instant_is_none(unit->positioned_at)) {
        return;
    }
    struct known *known = &positions->known[id];
    known->journal_at = instant_max(known->journal_at, unit->positioned_at);
    if (known->newest.at.us < unit->positioned_at.us) {
        note(positions, id, unit->point, unit->positioned_at);
    }
}

static enum status start(struct positions *positions, struct event_base *base, struct error *error)
{
    const struct core *core = centre_core(positions->centre);
    struct timeval second = { 1, 0 };
    positions->units_max = core->head->limits.units;
    positions->known = calloc((size_t)positions->units_max + 1, sizeof *positions->known);
    positions->batch = calloc(BATCH_MAX, sizeof *positions->batch);
    positions->sent = calloc(COMMANDS_MAX, sizeof *positions->sent);
    positions->timer = event_new(base, -1, EV_PERSIST, on_second, positions);
    if (positions->known == NULL || positions->batch == NULL || positions->sent == NULL || positions->timer == NULL ||
        event_add(positions->timer, &second) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for positions");
    }
    for (uint32_t id = 0; id <= positions->units_max; id++) {
        positions->known[id].newest.at = positions->known[id].journal_at = positions->known[id].sent_now = INSTANT_NONE;
        note_from_journal(positions, id);
    }
    return STATUS_OK;
}

enum status positions_create(struct event_base *base, struct centre *centre, struct clock *clock, uint32_t keep_s,
                             struct positions **positions, struct error *error)
{
    struct positions *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for positions");
    }
    made->centre = centre;
    made->clock = clock;
    made->keep = duration_seconds(keep_s);
    enum status status = start(made, base, error);
    if (status != STATUS_OK) {
        positions_destroy(made);
        return status;
    }
    *positions = made;
    return STATUS_OK;
}

void positions_destroy(struct positions *positions)
{
    if (positions == NULL) {
        return;
    }
    if (positions->timer != NULL) {
        event_free(positions->timer);
    }
    free(positions->known);
    free(positions->batch);
    free(positions->sent);
    free(positions);
}

void positions_set_keep(struct positions *positions, uint32_t keep_s) { positions->keep = duration_seconds(keep_s); }

struct position positions_of(const struct positions *positions, uint32_t unit)
{
    if (unit == 0 || unit > positions->units_max) {
        return (struct position){ .at = INSTANT_NONE };
    }
    return positions->known[unit].newest;
}

struct suggestion positions_suggestion(const struct positions *positions, uint32_t id)
{
    const struct core *core = centre_core(positions->centre);
    const struct unit *unit = core_unit(core, (struct unit_id){ id });
    if (unit == NULL || id > positions->units_max) {
        return (struct suggestion){ SUGGESTION_NONE, INSTANT_NONE };
    }
    struct fence_watch watch = fence_watch_of(core, unit);
    return fence_suggestion(&positions->known[id].fence, &watch);
}

uint64_t positions_mark(const struct positions *positions) { return positions->version; }

uint32_t positions_changed(const struct positions *positions, uint64_t *mark, uint32_t *units, uint32_t maximum)
{
    uint32_t count = 0;
    for (uint32_t id = 1; id <= positions->units_max && *mark != positions->version; id++) {
        if (positions->known[id].version > *mark) {
            CHECK(count < maximum);
            units[count++] = id;
        }
    }
    *mark = positions->version;
    return count;
}

/* A stage was reported: how far from what was suggested. */
static void compare(struct positions *positions, uint32_t unit, const char *word, struct instant occurred_at)
{
    if (unit == 0 || unit > positions->units_max) {
        return;
    }
    struct suggestion *suggested = &positions->known[unit].suggested;
    if (suggested->kind != SUGGESTION_NONE && strcmp(SUGGESTION_NAMES[suggested->kind], word) == 0) {
        positions->figures.reported[suggested->kind] += 1;
        positions->figures.deviation_s[suggested->kind] += duration_to_seconds(instant_since(occurred_at, suggested->crossed_at));
        *suggested = (struct suggestion){ SUGGESTION_NONE, INSTANT_NONE };
    }
}

static void look_at_report(struct positions *positions, const struct event_head *event)
{
    if (event->kind == EVENT_MISSION_PROGRESSED) {
        const struct event_mission_progressed *report = (const struct event_mission_progressed *)(const void *)event;
        const struct mission *mission = core_mission(centre_core(positions->centre), report->mission);
        if (mission != NULL && report->stage < MISSION_EVENT_COUNT) {
            compare(positions, mission->unit.v, enum_names_mission_event.labels[report->stage], report->occurred_at);
        }
    } else if (event->kind == EVENT_UNIT_CHANGED) {
        const struct event_unit_changed *report = (const struct event_unit_changed *)(const void *)event;
        if (report->what == UNIT_EVENT_REACH_POST) {
            compare(positions, report->unit.v, SUGGESTION_NAMES[SUGGESTION_REACH_POST], report->occurred_at);
        }
    }
}

void positions_entry(struct positions *positions, const struct entry_head *entry)
{
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (event->kind == EVENT_UNIT_POSITIONED) {
            note_from_journal(positions, ((const struct event_unit_positioned *)(const void *)event)->unit.v);
        } else if (event->kind == EVENT_UNITS_POSITIONED) {
            const struct event_units_positioned *many = (const struct event_units_positioned *)(const void *)event;
            for (uint32_t k = 0; k < many->count; k++) {
                note_from_journal(positions, many->items[k].unit.v);
            }
        } else {
            look_at_report(positions, event);
        }
    }
}

/* ---- reports ---- */

enum verdict { VERDICT_TAKEN, VERDICT_OLDER, VERDICT_UNKNOWN_UNIT, VERDICT_NOT_ALLOWED, VERDICT_NO_POINT, VERDICT_IN_FUTURE };

static const char *const VERDICT_NAMES[] = {
    [VERDICT_UNKNOWN_UNIT] = "unknown_unit",
    [VERDICT_NOT_ALLOWED] = "not_allowed",
    [VERDICT_NO_POINT] = "point_invalid",
    [VERDICT_IN_FUTURE] = "occurred_in_future",
};

static bool is_on_earth(struct geo_point point)
{
    return point.lon_e7 >= -1800000000 && point.lon_e7 <= 1800000000 && point.lat_e7 >= -900000000 && point.lat_e7 <= 900000000;
}

/* Rights come before the rest, so that a stranger learns nothing of which units there are. */
static enum verdict judge(const struct positions *positions, const struct identity *identity,
                          const struct position_report *report, struct instant now)
{
    struct unit_id unit = { report->unit };
    if (!rights_position(identity, unit)) {
        return VERDICT_NOT_ALLOWED;
    }
    if (report->unit > positions->units_max || core_unit(centre_core(positions->centre), unit) == NULL) {
        return VERDICT_UNKNOWN_UNIT;
    }
    if (!is_on_earth(report->point)) {
        return VERDICT_NO_POINT;
    }
    if (report->at.us > now.us + FUTURE_MAX_S * US_PER_SECOND) {
        return VERDICT_IN_FUTURE;
    }
    return report->at.us > positions->known[report->unit].newest.at.us ? VERDICT_TAKEN : VERDICT_OLDER;
}

static void write_refused(struct json *answer, uint32_t unit, enum verdict verdict)
{
    json_object_begin(answer, NULL);
    json_int(answer, "unit", unit);
    json_text(answer, "why", VERDICT_NAMES[verdict]);
    json_object_end(answer);
}

static void take_batch(struct positions *positions, const struct identity *identity, uint32_t count, struct json *answer)
{
    struct instant now = clock_now(positions->clock);
    uint32_t taken = 0, older = 0;
    json_object_begin(answer, NULL);
    json_array_begin(answer, "refused");
    for (uint32_t i = 0; i < count; i++) {
        struct position_report *report = &positions->batch[i];
        report->at = instant_is_none(report->at) ? now : report->at;
        enum verdict verdict = judge(positions, identity, report, now);
        taken += verdict == VERDICT_TAKEN;
        older += verdict == VERDICT_OLDER;
        if (verdict == VERDICT_TAKEN) {
            note(positions, report->unit, report->point, report->at);
            centre_note_position(positions->centre, (struct unit_id){ report->unit }, report->point, report->at);
        } else if (verdict != VERDICT_OLDER) {
            write_refused(answer, report->unit, verdict);
        }
    }
    json_array_end(answer);
    json_int(answer, "taken", taken);
    json_int(answer, "older", older);
    json_object_end(answer);
    positions->figures.taken += taken;
    positions->figures.older += older;
    positions->figures.refused += count - taken - older;
    positions->figures.batches += 1;
}

enum positions_outcome positions_report(struct positions *positions, const struct identity *identity, const char *body,
                                        size_t length, struct json *answer, char *why, size_t why_size)
{
    uint32_t count;
    struct error error;
    enum status status = positions_json_read(body, length, positions->batch, BATCH_MAX, &count, &error);
    if (status != STATUS_OK) {
        snprintf(why, why_size, "%s", error.text);
        return status == STATUS_FULL ? POSITIONS_TOO_MANY : POSITIONS_MALFORMED;
    }
    take_batch(positions, identity, count, answer);
    return POSITIONS_TAKEN;
}

/* ---- into the journal ---- */

static void take_back(struct positions *positions, const struct sent *sent)
{
    const struct core *core = centre_core(positions->centre);
    for (uint32_t i = 0; i < sent->count; i++) {
        const struct unit *unit = core_unit(core, (struct unit_id){ sent->units[i] });
        positions->known[sent->units[i]].journal_at = unit == NULL ? INSTANT_NONE : unit->positioned_at;
        positions->known[sent->units[i]].sent_now = INSTANT_NONE;
    }
}

static void on_answer(void *context, const struct centre_answer *answer)
{
    struct sent *sent = context;
    struct positions *positions = sent->positions;
    if (answer->outcome != CENTRE_DONE) {
        take_back(positions, sent);
    } else if (answer->result.refusal == REFUSED_NONE) {
        positions->figures.journalled += sent->count;
    } else {
        LOG(LOG_WARNING, "positions", "the core refused positions", LOG_TEXT("refusal", refusal_name(answer->result.refusal)),
            LOG_NUMBER("positions", sent->count));
    }
    sent->used = false;
}

static bool is_due(const struct positions *positions, const struct known *known, struct instant now)
{
    return known->newest.at.us > known->journal_at.us &&
           (instant_is_none(known->sent_now) || now.us - known->sent_now.us >= positions->keep.us || now.us < known->sent_now.us);
}

/* Fills a command with what is due from unit *next on, and moves it behind the last one. */
static void fill(struct positions *positions, struct sent *sent, struct instant now, uint32_t *next)
{
    struct command_units_position *command = (struct command_units_position *)(void *)sent->bytes;
    COMMAND_BEGIN(command, UNITS_POSITION, ACTOR_KIND_SYSTEM);
    sent->count = 0;
    for (; *next <= positions->units_max && sent->count < FIXES_MAX; (*next)++) {
        struct known *known = &positions->known[*next];
        if (!is_due(positions, known, now)) {
            continue;
        }
        command->items[sent->count] = (struct fix){ .unit = { *next },
                                                    .point = known->newest.point,
                                                    .occurred_at = known->newest.at };
        sent->units[sent->count++] = *next;
        known->journal_at = known->newest.at;
        known->sent_now = now;
    }
    command->count = sent->count;
    command->head.size += sent->count * (uint32_t)sizeof(struct fix);
}

static struct sent *free_command(struct positions *positions)
{
    for (int i = 0; i < COMMANDS_MAX; i++) {
        if (!positions->sent[i].used) {
            positions->sent[i].positions = positions;
            return &positions->sent[i];
        }
    }
    return NULL;
}

static void send_due(struct positions *positions)
{
    struct instant now = clock_now(positions->clock);
    for (uint32_t next = 1; next <= positions->units_max;) {
        struct sent *sent = free_command(positions);
        if (sent == NULL) {
            return; /* the centre is busy with what it has */
        }
        fill(positions, sent, now, &next);
        if (sent->count == 0) {
            return;
        }
        const struct command_head *command = (const struct command_head *)(const void *)sent->bytes;
        sent->used = true;
        if (centre_submit(positions->centre, command, on_answer, sent) != CENTRE_TAKEN) {
            take_back(positions, sent);
            sent->used = false;
            return;
        }
    }
}

static void on_second(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    send_due(context);
}

void positions_flush(struct positions *positions)
{
    struct duration keep = positions->keep;
    positions->keep = DURATION_ZERO;
    send_due(positions);
    positions->keep = keep;
}

void positions_figures(const struct positions *positions, struct positions_figures *figures) { *figures = positions->figures; }
