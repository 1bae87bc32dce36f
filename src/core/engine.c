/* The engine. Read engine_step first; the rest serves it. */
#include "core/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/planted.h"
#include "core/entities.h"

enum { EFFECTS_A_STEP_MAX = 1024 };

struct engine {
    struct core core;
    const struct policy *policy;
    const struct journal *journal;
    struct arena arena;     /* of one command: its entry, events last */
    struct effect *effects; /* ring of EFFECTS_MAX */
    uint32_t effects_first, effects_count;
    uint64_t durable_sequence;
    bool stopped; /* the journal failed */
    void (*observe)(void *observer, const struct entry_head *entry);
    void *observer;
};

/* ---- making ---- */

static size_t entry_size_max(void) { return sizeof(struct entry_head) + COMMAND_SIZE_MAX + EVENTS_SIZE_MAX; }

enum status engine_create(const struct limits *limits, const struct policy *policy, const struct journal *journal,
                          struct engine **engine, struct error *error)
{
    struct engine *made = calloc(1, sizeof *made);
    if (made == NULL || (made->effects = calloc(EFFECTS_MAX, sizeof *made->effects)) == NULL) {
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the engine");
    }
    made->policy = policy;
    made->journal = journal;
    enum status status = core_create(limits, &made->core, error);
    if (status == STATUS_OK) {
        status = arena_create(&made->arena, entry_size_max(), error);
    }
    if (status != STATUS_OK) {
        engine_destroy(made);
        return status;
    }
    *engine = made;
    return STATUS_OK;
}

void engine_destroy(struct engine *engine)
{
    if (engine != NULL) {
        core_destroy(&engine->core);
        arena_destroy(&engine->arena);
        free(engine->effects);
        free(engine);
    }
}

const struct core *engine_core(const struct engine *engine) { return &engine->core; }

void engine_observe(struct engine *engine, void (*observe)(void *observer, const struct entry_head *entry), void *observer)
{
    engine->observe = observe;
    engine->observer = observer;
}

struct instant engine_next_timer(const struct engine *engine) { return core_next_timer(&engine->core); }

/* ---- deciding ---- */

void *decision_emit(struct decision *decision, uint16_t kind, uint32_t size, uint32_t list_size)
{
    uint32_t whole = size + list_size;
    struct event_head *event = arena_take(decision->arena, whole);
    CHECK(event != NULL && whole % 8 == 0);
    memset(event, 0, size);
    *event = (struct event_head){ .kind = kind, .version = event_kind(kind)->version, .size = whole };
    decision->event_count += 1;
    return event;
}

#define DECIDE_CASE(NAME, name) \
    case COMMAND_##NAME: return decide_##name(decision, (const struct command_##name *)command)

static enum refusal decide(struct decision *decision, const struct command_head *command)
{
    switch ((enum command_kind)command->kind) {
        DECIDE_CASE(CENTRE_OPEN, centre_open);
        DECIDE_CASE(POLICY_SET, policy_set);
        DECIDE_CASE(POST_ADD, post_add);
        DECIDE_CASE(UNIT_ADD, unit_add);
        DECIDE_CASE(FACILITY_ADD, facility_add);
        DECIDE_CASE(POST_CHANGE, post_change);
        DECIDE_CASE(UNIT_CHANGE, unit_change);
        DECIDE_CASE(FACILITY_CHANGE, facility_change);
        DECIDE_CASE(CALL_OFFER, call_offer);
        DECIDE_CASE(CALL_ANSWER, call_answer);
        DECIDE_CASE(CALL_ABANDON, call_abandon);
        DECIDE_CASE(CALL_BACK, call_back);
        DECIDE_CASE(CALL_LOCATE, call_locate);
        DECIDE_CASE(CALL_TRIAGE, call_triage);
        DECIDE_CASE(CALL_LINK, call_link);
        DECIDE_CASE(CALL_CLOSE, call_close);
        DECIDE_CASE(TRAVEL_TIMES, travel_times);
        DECIDE_CASE(UNIT_ASSIGN, unit_assign);
        DECIDE_CASE(INCIDENT_PRIORITISE, incident_prioritise);
        DECIDE_CASE(UNITS_REQUEST, units_request);
        DECIDE_CASE(INCIDENT_SHORTFALL, incident_shortfall);
        DECIDE_CASE(INCIDENT_CANCEL, incident_cancel);
        DECIDE_CASE(INCIDENT_RECONSIDER, incident_reconsider);
        DECIDE_CASE(MISSION_REPORT, mission_report);
        DECIDE_CASE(MISSION_CANCEL, mission_cancel);
        DECIDE_CASE(TRANSPORT_REQUEST, transport_request);
        DECIDE_CASE(FACILITY_TIMES, facility_times);
        DECIDE_CASE(DESTINATION_SET, destination_set);
        DECIDE_CASE(PATIENT_DESCRIBE, patient_describe);
        DECIDE_CASE(PREALERT_ACKNOWLEDGE, prealert_acknowledge);
        DECIDE_CASE(UNIT_REPORT, unit_report);
        DECIDE_CASE(UNIT_POSITION, unit_position);
        DECIDE_CASE(UNITS_POSITION, units_position);
        DECIDE_CASE(UNIT_MOVE, unit_move);
        DECIDE_CASE(BEDS_SET, beds_set);
        DECIDE_CASE(BED_CHANGE, bed_change);
        DECIDE_CASE(FACILITY_REPORT, facility_report);
        DECIDE_CASE(TIME_PASSED, time_passed);
        DECIDE_CASE(ALARM_ACKNOWLEDGE, alarm_acknowledge);
        DECIDE_CASE(PROTOCOL_LOAD, protocol_load);
        DECIDE_CASE(TRIAGE_BEGIN, triage_begin);
        DECIDE_CASE(TRIAGE_ANSWER, triage_answer);
        DECIDE_CASE(TRIAGE_BACK, triage_back);
        DECIDE_CASE(MESSAGE_SEND, message_send);
        DECIDE_CASE(MESSAGE_READ, message_read);
        DECIDE_CASE(PAPER_ENTER, paper_enter);
    }
    UNREACHABLE();
}

/* ---- applying ---- */

#define APPLY_CASE(NAME, name) \
    case EVENT_##NAME: apply_##name(core, entry, (const struct event_##name *)event); return

static void apply(struct core *core, const struct entry_head *entry, const struct event_head *event)
{
    switch ((enum event_kind)event->kind) {
        APPLY_CASE(CENTRE_OPENED, centre_opened);
        APPLY_CASE(POLICY_CHANGED, policy_changed);
        APPLY_CASE(POST_ADDED, post_added);
        APPLY_CASE(UNIT_ADDED, unit_added);
        APPLY_CASE(FACILITY_ADDED, facility_added);
        APPLY_CASE(POST_EDITED, post_edited);
        APPLY_CASE(UNIT_EDITED, unit_edited);
        APPLY_CASE(FACILITY_EDITED, facility_edited);
        APPLY_CASE(CALL_OFFERED, call_offered);
        APPLY_CASE(CALL_ANSWERED, call_answered);
        APPLY_CASE(CALL_ABANDONED, call_abandoned);
        APPLY_CASE(CALL_LOCATED, call_located);
        APPLY_CASE(CALL_LINKED, call_linked);
        APPLY_CASE(CALL_CLOSED, call_closed);
        APPLY_CASE(INCIDENT_OPENED, incident_opened);
        APPLY_CASE(TRAVEL_ASKED, travel_asked);
        APPLY_CASE(UNITS_RECOMMENDED, units_recommended);
        APPLY_CASE(INCIDENT_QUEUED, incident_queued);
        APPLY_CASE(INCIDENT_PRIORITISED, incident_prioritised);
        APPLY_CASE(UNITS_REQUESTED, units_requested);
        APPLY_CASE(SHORTFALL_RECORDED, shortfall_recorded);
        APPLY_CASE(INCIDENT_CLOSED, incident_closed);
        APPLY_CASE(UNIT_ASSIGNED, unit_assigned);
        APPLY_CASE(MISSION_PROGRESSED, mission_progressed);
        APPLY_CASE(MISSION_ENDED, mission_ended);
        APPLY_CASE(FACILITY_ASKED, facility_asked);
        APPLY_CASE(DESTINATION_RECOMMENDED, destination_recommended);
        APPLY_CASE(DESTINATION_CHOSEN, destination_chosen);
        APPLY_CASE(PATIENT_DESCRIBED, patient_described);
        APPLY_CASE(PREALERT_ACKNOWLEDGED, prealert_acknowledged);
        APPLY_CASE(UNIT_CHANGED, unit_changed);
        APPLY_CASE(UNIT_POSITIONED, unit_positioned);
        APPLY_CASE(UNITS_POSITIONED, units_positioned);
        APPLY_CASE(UNIT_MOVED, unit_moved);
        APPLY_CASE(SHIFT_END_REQUESTED, shift_end_requested);
        APPLY_CASE(SHIFT_END_WITHDRAWN, shift_end_withdrawn);
        APPLY_CASE(BEDS_COUNTED, beds_counted);
        APPLY_CASE(BED_CHANGED, bed_changed);
        APPLY_CASE(FACILITY_CHANGED, facility_changed);
        APPLY_CASE(ALARM_RAISED, alarm_raised);
        APPLY_CASE(ALARM_ACKNOWLEDGED, alarm_acknowledged);
        APPLY_CASE(ALARM_CLEARED, alarm_cleared);
        APPLY_CASE(PROTOCOL_LOADED, protocol_loaded);
        APPLY_CASE(TRIAGE_BEGUN, triage_begun);
        APPLY_CASE(QUESTION_ASKED, question_asked);
        APPLY_CASE(ANSWER_GIVEN, answer_given);
        APPLY_CASE(TRIAGE_PROPOSED, triage_proposed);
        APPLY_CASE(TRIAGE_ENDED, triage_ended);
        APPLY_CASE(MILESTONE_REACHED, milestone_reached);
        APPLY_CASE(ANSWER_WITHDRAWN, answer_withdrawn);
        APPLY_CASE(MESSAGE_SENT, message_sent);
        APPLY_CASE(MESSAGE_READ, message_read);
        APPLY_CASE(PAPER_ENTERED, paper_entered);
    }
    UNREACHABLE();
}

/* The id that an entry made, told by the first event that brings an entity into being. */
static uint32_t made_by(const struct event_head *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_CALL_OFFERED: return ((const struct event_call_offered *)event)->call.v;
    case EVENT_INCIDENT_OPENED: return ((const struct event_incident_opened *)event)->incident.v;
    case EVENT_UNIT_ASSIGNED: return ((const struct event_unit_assigned *)event)->mission.v;
    case EVENT_POST_ADDED: return ((const struct event_post_added *)event)->post.v;
    case EVENT_UNIT_ADDED: return ((const struct event_unit_added *)event)->unit.v;
    case EVENT_FACILITY_ADDED: return ((const struct event_facility_added *)event)->facility.v;
    case EVENT_MESSAGE_SENT: return ((const struct event_message_sent *)event)->message.v;
    case EVENT_PAPER_ENTERED: return ((const struct event_paper_entered *)event)->call.v;
    default: return 0;
    }
}

static uint32_t apply_entry(struct core *core, const struct entry_head *entry)
{
    uint32_t made = 0;
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        apply(core, entry, event);
        made = made != 0 ? made : made_by(event);
    }
    core->head->sequence = entry->sequence;
    core->head->entered_at = entry->entered_at;
    key_remember(core, entry_command(entry), entry->sequence, made);
    return made;
}

/* ---- effects ---- */

static void push_effect(struct engine *engine, uint64_t sequence, enum effect_kind kind, uint32_t subject, uint32_t detail)
{
    CHECK(engine->effects_count < EFFECTS_MAX);
    uint32_t slot = (engine->effects_first + engine->effects_count) & (EFFECTS_MAX - 1);
    engine->effects[slot] = (struct effect){ .sequence = sequence, .kind = kind, .subject = subject, .detail = detail };
    engine->effects_count += 1;
}

static void push_effects_of(struct engine *engine, uint64_t sequence, const struct event_head *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_CALL_OFFERED:
        push_effect(engine, sequence, EFFECT_RING, ((const struct event_call_offered *)event)->call.v, 0);
        return;
    case EVENT_TRAVEL_ASKED:
        push_effect(engine, sequence, EFFECT_ASK_TRAVEL, ((const struct event_travel_asked *)event)->incident.v, 0);
        return;
    case EVENT_UNITS_RECOMMENDED:
        push_effect(engine, sequence, EFFECT_RECOMMENDED, ((const struct event_units_recommended *)event)->incident.v, 0);
        return;
    case EVENT_UNIT_ASSIGNED:
        push_effect(engine, sequence, EFFECT_ORDER_UNIT, ((const struct event_unit_assigned *)event)->mission.v, 0);
        return;
    case EVENT_MISSION_ENDED: {
        const struct event_mission_ended *ended = (const struct event_mission_ended *)event;
        if (ended->reason != MISSION_END_REASON_COMPLETED) {
            push_effect(engine, sequence, EFFECT_STAND_DOWN, ended->mission.v, ended->reason);
        }
        return;
    }
    case EVENT_FACILITY_ASKED:
        push_effect(engine, sequence, EFFECT_ASK_FACILITIES, ((const struct event_facility_asked *)event)->mission.v, 0);
        return;
    case EVENT_DESTINATION_RECOMMENDED:
        push_effect(engine, sequence, EFFECT_DESTINATION_RECOMMENDED,
                    ((const struct event_destination_recommended *)event)->mission.v, 0);
        return;
    case EVENT_ALARM_RAISED: {
        const struct event_alarm_raised *raised = (const struct event_alarm_raised *)event;
        push_effect(engine, sequence, EFFECT_ALARM, raised->alarm.v, raised->kind);
        return;
    }
    default: return;
    }
}

static void push_effects(struct engine *engine, const struct entry_head *entry)
{
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        push_effects_of(engine, entry->sequence, event);
    }
}

bool engine_next_effect(struct engine *engine, struct effect *effect)
{
    if (engine->effects_count == 0) {
        return false;
    }
    if (engine->effects[engine->effects_first].sequence > engine->durable_sequence && !PLANTED(EFFECT_BEFORE_DURABLE)) {
        return false;
    }
    *effect = engine->effects[engine->effects_first];
    engine->effects_first = (engine->effects_first + 1) & (EFFECTS_MAX - 1);
    engine->effects_count -= 1;
    return true;
}

/* ---- the step ---- */

static enum refusal check(const struct engine *engine, const struct command_head *command, size_t size, struct instant entered_at)
{
    if (size < sizeof *command || size > COMMAND_SIZE_MAX) {
        return REFUSED_MALFORMED;
    }
    const struct schema_kind *kind = command_kind(command->kind);
    if (kind == NULL) {
        return REFUSED_UNKNOWN_COMMAND;
    }
    if (!command_is_well_formed(command, size)) {
        return REFUSED_MALFORMED;
    }
    if ((kind->actors >> command->actor_kind & 1) == 0) {
        return REFUSED_WRONG_ACTOR;
    }
    if (!instant_is_none(command->occurred_at)) {
        enum refusal refusal = core_check_occurred(command->occurred_at, entered_at);
        if (refusal != REFUSED_NONE) {
            return refusal;
        }
    }
    return engine->effects_count > EFFECTS_MAX - EFFECTS_A_STEP_MAX ? REFUSED_OUTBOX_FULL : REFUSED_NONE;
}

/* Steps 2 and 3: an entry in the arena, or a refusal that is told in the result. */
static struct entry_head *make_entry(struct engine *engine, const struct command_head *command, size_t size,
                                     struct instant entered_at, struct step_result *result)
{
    arena_reset(&engine->arena);
    struct entry_head *entry = arena_take(&engine->arena, sizeof *entry + size);
    CHECK(entry != NULL);
    *entry = (struct entry_head){ .sequence = engine->core.head->sequence + 1,
                                  .entered_at = entered_at,
                                  .command_size = (uint32_t)size };
    memcpy(entry + 1, command, size);
    struct decision decision = {
        .core = &engine->core,
        .policy = engine->policy,
        .now = entered_at,
        .occurred_at = instant_is_none(command->occurred_at) ? entered_at : command->occurred_at,
        .arena = &engine->arena,
    };
    result->refusal = decide(&decision, command);
    result->stale_subject = decision.stale_subject;
    result->revision_now = decision.revision_now;
    result->first = decision.first;
    if (result->refusal == REFUSED_NONE) {
        decide_alarms_cleared(&decision, entry_first_event(entry));
    }
    entry->event_count = decision.event_count;
    entry->size = (uint32_t)engine->arena.used;
    return entry;
}

static enum status append(struct engine *engine, const struct entry_head *entry, struct error *error)
{
    if (engine->journal == NULL) {
        return STATUS_OK;
    }
    enum status status = engine->journal->append(engine->journal->context, entry, error);
    engine->stopped = status != STATUS_OK;
    return status;
}

enum status engine_step(struct engine *engine, const struct command_head *command, size_t size, struct instant now,
                        struct step_result *result, struct error *error)
{
    *result = (struct step_result){ .refusal = REFUSED_NONE };
    if (engine->stopped) {
        return ERROR(error, STATUS_IO, "the journal has failed; restart, and the journal is replayed");
    }
    struct instant entered_at = instant_max(now, engine->core.head->entered_at);
    result->refusal = check(engine, command, size, entered_at);
    if (result->refusal != REFUSED_NONE) {
        return STATUS_OK;
    }
    if (!key_is_none(command)) {
        const struct idempotency *known = key_find(&engine->core, command);
        if (known != NULL) {
            *result = (struct step_result){ .sequence = known->sequence, .made = known->made, .repeated = true };
            return STATUS_OK;
        }
    }
    struct entry_head *entry = make_entry(engine, command, size, entered_at, result);
    if (result->refusal != REFUSED_NONE) {
        if (PLANTED(REFUSAL_LEAVES_TRACE)) {
            engine->core.head->entered_at = entered_at;
        }
        return STATUS_OK;
    }
    entry_seal(entry);
    TRY(append(engine, entry, error));
    result->made = apply_entry(&engine->core, entry);
    result->sequence = entry->sequence;
    push_effects(engine, entry);
    if (engine->observe != NULL) {
        engine->observe(engine->observer, entry);
    }
    return STATUS_OK;
}

enum status engine_commit(struct engine *engine, struct error *error)
{
    if (engine->stopped) {
        return ERROR(error, STATUS_IO, "the journal has failed; restart, and the journal is replayed");
    }
    if (engine->journal == NULL) {
        engine->durable_sequence = engine->core.head->sequence;
        return STATUS_OK;
    }
    enum status status = engine->journal->commit(engine->journal->context, &engine->durable_sequence, error);
    engine->stopped = status != STATUS_OK;
    return status;
}

/* ---- recovery and proof ---- */

uint64_t engine_state_hash(const struct engine *engine) { return hash64(engine->core.head, engine->core.size, 0); }

enum status engine_apply_entry(struct engine *engine, const struct entry_head *entry, struct error *error)
{
    uint64_t expected = engine->core.head->sequence + 1;
    if (entry->sequence != expected) {
        return ERROR(error, STATUS_CORRUPT, "the journal jumps: entry %llu where %llu was expected",
                     (unsigned long long)entry->sequence, (unsigned long long)expected);
    }
    apply_entry(&engine->core, entry);
    engine->durable_sequence = entry->sequence;
    if (engine->observe != NULL) {
        engine->observe(engine->observer, entry);
    }
    return STATUS_OK;
}

void engine_decide_again(struct engine *engine, const struct entry_head *entry, bool *same, const struct entry_head **decided)
{
    const struct command_head *command = entry_command(entry);
    *same = false;
    *decided = NULL;
    struct instant entered_at = instant_max(entry->entered_at, engine->core.head->entered_at);
    struct step_result result;
    if (check(engine, command, entry->command_size, entered_at) != REFUSED_NONE) {
        return;
    }
    struct entry_head *again = make_entry(engine, command, entry->command_size, entered_at, &result);
    if (result.refusal != REFUSED_NONE) {
        return;
    }
    entry_seal(again);
    *decided = again;
    *same = again->size == entry->size && memcmp(again, entry, entry->size) == 0;
}

static void resume_effect(struct engine *engine, enum effect_kind kind, uint32_t subject, uint32_t detail)
{
    if (engine->effects_count < EFFECTS_MAX) {
        push_effect(engine, engine->core.head->sequence, kind, subject, detail);
    }
}

static void resume_calls(struct engine *engine)
{
    const struct core *core = &engine->core;
    for (uint32_t slot = 0; slot < core->head->limits.calls; slot++) {
        const struct call *call = &core->calls[slot];
        if (call->id != 0 && call->state == CALL_STATE_OFFERED) {
            resume_effect(engine, EFFECT_RING, call->id, 0);
        }
    }
}

static void resume_incidents(struct engine *engine)
{
    const struct core *core = &engine->core;
    for (uint32_t slot = 0; slot < core->head->limits.incidents; slot++) {
        const struct incident *incident = &core->incidents[slot];
        if (incident->id != 0 && incident->state <= INCIDENT_STATE_RECOMMENDED) {
            bool asking = incident->state == INCIDENT_STATE_ASKING;
            resume_effect(engine, asking ? EFFECT_ASK_TRAVEL : EFFECT_RECOMMENDED, incident->id, 0);
        }
    }
}

static void resume_missions(struct engine *engine)
{
    const struct core *core = &engine->core;
    for (uint32_t slot = 0; slot <= core->mission_mask; slot++) {
        const struct mission *mission = &core->missions[slot];
        if (mission->id == 0 || mission->state == MISSION_STATE_ENDED) {
            continue;
        }
        if (mission->state == MISSION_STATE_ASSIGNED) {
            resume_effect(engine, EFFECT_ORDER_UNIT, mission->id, 0);
        } else if (mission->facility_asked) {
            resume_effect(engine, EFFECT_ASK_FACILITIES, mission->id, 0);
        } else if (mission->recommended_count > 0 && mission->facility.v == 0) {
            resume_effect(engine, EFFECT_DESTINATION_RECOMMENDED, mission->id, 0);
        }
    }
}

static void resume_alarms(struct engine *engine)
{
    const struct core *core = &engine->core;
    for (uint32_t slot = 0; slot < core->head->limits.alarms; slot++) {
        const struct alarm *alarm = &core->alarms[slot];
        if (alarm->id != 0 && alarm->state == ALARM_STATE_RAISED) {
            resume_effect(engine, EFFECT_ALARM, alarm->id, alarm->kind);
        }
    }
}

/* Questions and orders first: they are what the city waits for should there be more than the outbox holds. */
void engine_resume(struct engine *engine)
{
    engine->durable_sequence = engine->core.head->sequence;
    resume_incidents(engine);
    resume_missions(engine);
    resume_calls(engine);
    resume_alarms(engine);
}

void engine_snapshot(const struct engine *engine, const void **bytes, size_t *size)
{
    *bytes = engine->core.head;
    *size = engine->core.size;
}

enum status engine_snapshot_limits(const void *bytes, size_t size, struct limits *limits, struct error *error)
{
    if (size < sizeof(struct core_head)) {
        return ERROR(error, STATUS_CORRUPT, "a snapshot of %zu bytes is too short", size);
    }
    uint64_t layout;
    memcpy(&layout, (const unsigned char *)bytes + offsetof(struct core_head, layout), sizeof layout);
    if (layout != state_layout()) {
        return ERROR(
            error, STATUS_VERSION,
            "the snapshot was made by a program that lays out its state otherwise; replay the journal from its beginning");
    }
    memcpy(limits, (const unsigned char *)bytes + offsetof(struct core_head, limits), sizeof *limits);
    return STATUS_OK;
}

enum status engine_restore(struct engine *engine, const void *bytes, size_t size, struct error *error)
{
    struct limits limits;
    TRY(engine_snapshot_limits(bytes, size, &limits, error));
    if (size != engine->core.size || memcmp(&limits, &engine->core.head->limits, sizeof limits) != 0) {
        return ERROR(error, STATUS_VERSION, "the snapshot was made with other limits; replay the journal from its beginning");
    }
    memcpy(engine->core.head, bytes, size);
    if (PLANTED(KEYS_FORGOTTEN)) {
        memset(engine->core.keys, 0, limits.keys * sizeof *engine->core.keys);
        memset(engine->core.key_slots, 0, 2 * limits.keys * sizeof *engine->core.key_slots);
    }
    engine->durable_sequence = engine->core.head->sequence;
    return STATUS_OK;
}
