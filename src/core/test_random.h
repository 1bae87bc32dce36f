/* For the tests of this layer: commands at random, made from the schema's own tables, so that a command added to schema/ is tried
 * without a line here. Ids are drawn near those in use, so that a good part is accepted and the rest is refused for every reason.
 */
#ifndef MINGDI_CORE_TEST_RANDOM_H
#define MINGDI_CORE_TEST_RANDOM_H

#include "core/test_engine.h"

enum { RANDOM_COMMAND_SIZE = 2048, RANDOM_ITEMS_MAX = 12 };

/* xorshift64* of Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static inline uint32_t random_below(uint64_t *seed, uint32_t limit)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (uint32_t)((*seed * UINT64_C(2685821657736338717) >> 32) % limit);
}

static inline uint32_t random_id(uint64_t *seed, const struct core *core, const char *name)
{
    const struct core_head *head = core->head;
    if (random_below(seed, 50) == 0) {
        static const uint32_t odd[] = { 0, UINT32_MAX, 1, 0x80000000u };
        return odd[random_below(seed, 4)];
    }
    uint32_t newest = strcmp(name, "call") == 0       ? head->next_call
                      : strcmp(name, "incident") == 0 ? head->next_incident
                      : strcmp(name, "mission") == 0  ? head->next_mission
                      : strcmp(name, "unit") == 0     ? head->unit_count
                      : strcmp(name, "post") == 0     ? head->post_count
                      : strcmp(name, "alarm") == 0    ? head->next_alarm
                      : strcmp(name, "message") == 0  ? head->next_message
                                                      : head->facility_count;
    uint32_t back = random_below(seed, 10);
    return newest > back ? newest - back : 1 + random_below(seed, newest + 1);
}

static inline int64_t random_large(uint64_t *seed)
{
    static const int64_t odd[] = { 0, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1, US_PER_DAY };
    return random_below(seed, 12) == 0 ? odd[random_below(seed, 7)] : (int64_t)random_below(seed, 2000) * US_PER_SECOND;
}

static inline void random_field(uint64_t *seed, const struct core *core, const struct schema_field *field, unsigned char *base)
{
    bool bounded = field->minimum != field->maximum;
    int64_t span = field->maximum - field->minimum + 1;
    int64_t inside = bounded ? field->minimum + (int64_t)random_below(seed, (uint32_t)(span > 6 ? 6 : span)) : 0;
    inside = bounded && random_below(seed, 8) == 0 ? field->maximum : inside;
    uint32_t number = bounded ? (uint32_t)inside : 0;
    int64_t large = bounded ? inside : random_large(seed);
    uint16_t small = (uint16_t)(bounded ? (uint32_t)inside : random_below(seed, 12));
    struct geo_point point = { (int32_t)random_below(seed, 1900000000), (int32_t)random_below(seed, 910000000) };
    switch (field->type) {
    case FIELD_U8: base[field->offset] = (uint8_t)(bounded ? (uint32_t)inside : random_below(seed, 256)); return;
    case FIELD_ENUM: base[field->offset] = (uint8_t)random_below(seed, field->labels->count); return;
    case FIELD_U16: memcpy(base + field->offset, &small, sizeof small); return;
    case FIELD_U32:
        /* Revisions: mostly none. */
        number = bounded ? number : random_below(seed, 3) != 0 ? 0 : random_below(seed, 4);
        memcpy(base + field->offset, &number, sizeof number);
        return;
    case FIELD_SET:
        number = random_below(seed, 40) == 0  ? 1u << random_below(seed, 32)
                 : random_below(seed, 3) != 0 ? 0
                                              : random_below(seed, 4);
        memcpy(base + field->offset, &number, sizeof number);
        return;
    case FIELD_ID:
        number = random_id(seed, core, field->name);
        memcpy(base + field->offset, &number, sizeof number);
        return;
    case FIELD_POINT: memcpy(base + field->offset, &point, sizeof point); return;
    case FIELD_U64:
    case FIELD_I64:
    case FIELD_INSTANT:
    case FIELD_DURATION: memcpy(base + field->offset, &large, sizeof large); return;
    }
}

static inline void random_fields(uint64_t *seed, const struct core *core, const struct schema_field *fields, unsigned char *base)
{
    for (; fields->name != NULL; fields++) {
        random_field(seed, core, fields, base);
    }
}

static inline uint8_t random_actor(uint64_t *seed, uint32_t actors)
{
    uint8_t actor = (uint8_t)random_below(seed, ACTOR_KIND_COUNT);
    while ((actors >> actor & 1) == 0 && random_below(seed, 60) != 0) {
        actor = (uint8_t)random_below(seed, ACTOR_KIND_COUNT);
    }
    return actor;
}

/* Writes one command of the kind code into bytes (RANDOM_COMMAND_SIZE, 8-byte aligned). */
static inline struct command_head *random_command(uint64_t *seed, const struct core *core, uint16_t code, unsigned char *bytes)
{
    const struct schema_kind *kind = command_kind(code);
    CHECK(kind != NULL);
    memset(bytes, 0, RANDOM_COMMAND_SIZE);
    random_fields(seed, core, kind->fields, bytes);
    uint32_t count = kind->item_size == 0 ? 0 : random_below(seed, RANDOM_ITEMS_MAX + 1);
    for (uint32_t i = 0; i < count; i++) {
        random_fields(seed, core, kind->item_fields, bytes + kind->size + (size_t)i * kind->item_size);
    }
    if (kind->item_size != 0) {
        memcpy(bytes + kind->count_offset, &count, sizeof count);
    }
    struct command_head *head = (struct command_head *)(void *)bytes;
    *head = (struct command_head){ .kind = code,
                                   .version = (uint8_t)kind->version,
                                   .actor_kind = random_actor(seed, kind->actors),
                                   .size = kind->size + count * kind->item_size,
                                   .occurred_at = INSTANT_NONE };
    CHECK(head->size <= RANDOM_COMMAND_SIZE);
    return head;
}

/* A kind, the common ones more often. */
static inline uint16_t random_kind(uint64_t *seed)
{
    static const uint16_t common[] = {
        COMMAND_CALL_OFFER,     COMMAND_CALL_ANSWER,       COMMAND_CALL_ANSWER,     COMMAND_CALL_LOCATE,
        COMMAND_CALL_LOCATE,    COMMAND_CALL_TRIAGE,       COMMAND_CALL_TRIAGE,     COMMAND_CALL_TRIAGE,
        COMMAND_TRAVEL_TIMES,   COMMAND_TRAVEL_TIMES,      COMMAND_UNIT_ASSIGN,     COMMAND_UNIT_ASSIGN,
        COMMAND_UNIT_ASSIGN,    COMMAND_MISSION_REPORT,    COMMAND_MISSION_REPORT,  COMMAND_MISSION_REPORT,
        COMMAND_MISSION_REPORT, COMMAND_MISSION_REPORT,    COMMAND_UNIT_REPORT,     COMMAND_DESTINATION_SET,
        COMMAND_FACILITY_TIMES, COMMAND_TRANSPORT_REQUEST, COMMAND_DESTINATION_SET, COMMAND_TIME_PASSED,
        COMMAND_UNIT_REPORT,
    };
    if (random_below(seed, 4) != 0) {
        return common[random_below(seed, ARRAY_LENGTH(common))];
    }
    uint16_t code;
    do {
        code = (uint16_t)random_below(seed, COMMAND_KIND_MAX + 1);
    } while (command_kind(code) == NULL);
    return code;
}

/* A random command of the kind, aimed: its first field of the name is id, it looks at no revision, and its sender may send it. */
static inline struct command_head *random_aimed(uint64_t *seed, const struct core *core, uint16_t code, const char *name,
                                                uint32_t id, unsigned char *bytes)
{
    struct command_head *head = random_command(seed, core, code, bytes);
    const struct schema_kind *kind = command_kind(code);
    while ((kind->actors >> head->actor_kind & 1) == 0) {
        head->actor_kind = random_actor(seed, kind->actors);
    }
    for (const struct schema_field *field = kind->fields; field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            memcpy(bytes + field->offset, &id, sizeof id);
        } else if (strstr(field->name, "revision") != NULL) {
            memset(bytes + field->offset, 0, sizeof id);
        }
    }
    return head;
}

static inline struct command_head *random_for_call(uint64_t *seed, const struct core *core, unsigned char *bytes)
{
    static const uint16_t next[CALL_STATE_COUNT][4] = {
        [CALL_STATE_OFFERED] = { COMMAND_CALL_ANSWER, COMMAND_CALL_ANSWER, COMMAND_CALL_ANSWER, COMMAND_CALL_ABANDON },
        [CALL_STATE_ANSWERED] = { COMMAND_CALL_LOCATE, COMMAND_CALL_LOCATE, COMMAND_CALL_LOCATE, COMMAND_CALL_CLOSE },
        [CALL_STATE_LOCATED] = { COMMAND_CALL_TRIAGE, COMMAND_CALL_TRIAGE, COMMAND_CALL_TRIAGE, COMMAND_CALL_LINK },
        [CALL_STATE_ABANDONED] = { COMMAND_CALL_BACK, COMMAND_CALL_BACK, COMMAND_CALL_BACK, COMMAND_CALL_CLOSE },
    };
    const struct call *call = &core->calls[random_below(seed, core->head->limits.calls)];
    uint16_t code = call->id == 0 ? 0 : next[call->state][random_below(seed, 4)];
    return code == 0 ? random_command(seed, core, COMMAND_CALL_OFFER, bytes)
                     : random_aimed(seed, core, code, "call", call->id, bytes);
}

static inline struct command_head *random_for_incident(uint64_t *seed, const struct core *core, unsigned char *bytes)
{
    static const uint16_t seldom[] = { COMMAND_INCIDENT_PRIORITISE, COMMAND_UNITS_REQUEST, COMMAND_INCIDENT_SHORTFALL,
                                       COMMAND_INCIDENT_CANCEL, COMMAND_INCIDENT_RECONSIDER };
    const struct incident *incident = &core->incidents[random_below(seed, core->head->limits.incidents)];
    if (incident->id == 0 || incident->state == INCIDENT_STATE_CLOSED) {
        return random_for_call(seed, core, bytes);
    }
    if (random_below(seed, 8) == 0) {
        return random_aimed(seed, core, seldom[random_below(seed, ARRAY_LENGTH(seldom))], "incident", incident->id, bytes);
    }
    if (incident->state == INCIDENT_STATE_ASKING) {
        return random_aimed(seed, core, COMMAND_TRAVEL_TIMES, "incident", incident->id, bytes);
    }
    struct command_head *head = random_aimed(seed, core, COMMAND_UNIT_ASSIGN, "incident", incident->id, bytes);
    if (incident->recommended_count > 0) {
        ((struct command_unit_assign *)(void *)bytes)->unit =
            incident->recommended[random_below(seed, incident->recommended_count)];
    }
    return head;
}

/* The crew describes the patient, or the facility says that it knows of him. */
static inline struct command_head *random_for_patient(uint64_t *seed, const struct core *core, const struct mission *mission,
                                                      unsigned char *bytes)
{
    uint16_t code = random_below(seed, 2) == 0 ? COMMAND_PATIENT_DESCRIBE : COMMAND_PREALERT_ACKNOWLEDGE;
    struct command_head *head = random_aimed(seed, core, code, "mission", mission->id, bytes);
    if (code == COMMAND_PREALERT_ACKNOWLEDGE) {
        ((struct command_prealert_acknowledge *)(void *)bytes)->facility = mission->facility;
    }
    return head;
}

static inline struct command_head *random_for_mission(uint64_t *seed, const struct core *core, unsigned char *bytes)
{
    const struct mission *mission = core_mission(core, core->units[1 + random_below(seed, core->head->unit_count)].mission);
    if (mission == NULL) {
        return random_for_incident(seed, core, bytes);
    }
    bool at_scene = mission->state >= MISSION_STATE_ON_SCENE && mission->state <= MISSION_STATE_LEFT_SCENE;
    uint32_t choice = random_below(seed, 12);
    if (choice == 0) {
        return random_aimed(seed, core, COMMAND_MISSION_CANCEL, "mission", mission->id, bytes);
    }
    if (choice >= 10 && mission->facility.v != 0) {
        return random_for_patient(seed, core, mission, bytes);
    }
    if (at_scene && mission->facility_asked && choice < 7) { /* else the crew goes on without the answer */
        return random_aimed(seed, core, COMMAND_FACILITY_TIMES, "mission", mission->id, bytes);
    }
    if (at_scene && choice < 6) {
        return random_aimed(seed, core, choice < 3 ? COMMAND_TRANSPORT_REQUEST : COMMAND_DESTINATION_SET, "mission", mission->id,
                            bytes);
    }
    struct command_head *head = random_aimed(seed, core, COMMAND_MISSION_REPORT, "mission", mission->id, bytes);
    uint8_t *stage = &((struct command_mission_report *)(void *)bytes)->stage;
    while (*stage >= MISSION_EVENT_DIVERT || mission_transition[mission->state][*stage] == TRANSITION_REFUSED) {
        *stage = (uint8_t)random_below(seed, MISSION_EVENT_DIVERT);
    }
    if (*stage != MISSION_EVENT_HAND_OVER && head->actor_kind == ACTOR_KIND_FACILITY) {
        head->actor_kind = ACTOR_KIND_CREW;
    }
    return head;
}

/* A protocol of a few steps that leads on, back, to the other protocols and to an end; sometimes something in it is wrong. */
static inline struct command_head *random_protocol(uint64_t *seed, const struct core *core, unsigned char *bytes)
{
    struct command_head *head = random_aimed(seed, core, COMMAND_PROTOCOL_LOAD, "", 0, bytes);
    struct command_protocol_load *load = (struct command_protocol_load *)(void *)bytes;
    uint32_t steps = 1 + random_below(seed, 4), wrong = random_below(seed, 10);
    load->count = 2 * steps;
    load->head.size = sizeof *load + load->count * (uint32_t)sizeof load->items[0];
    load->protocol = 1 + random_below(seed, 4);
    load->version = 1 + random_below(seed, 5);
    load->fingerprint = load->version;
    load->entry = (uint8_t)(1 + random_below(seed, steps + (wrong == 0)));
    for (uint32_t i = 0; i < load->count; i++) {
        random_fields(seed, core, command_kind(COMMAND_PROTOCOL_LOAD)->item_fields, (unsigned char *)&load->items[i]);
        load->items[i].step = (uint8_t)(1 + i / 2 + (wrong == 1 && i == 1));
        load->items[i].answer = (uint8_t)(1 + i % 2);
        load->items[i].to_protocol = (uint8_t)(random_below(seed, 3) == 0 ? 1 + random_below(seed, 4) : 0);
        load->items[i].to_step = (uint8_t)random_below(seed, steps + 1 + (wrong == 2));
    }
    return head;
}

/* A question is answered, an answer withdrawn, a protocol begun or loaded. */
static inline struct command_head *random_for_triage(uint64_t *seed, const struct core *core, unsigned char *bytes)
{
    const struct call *call = &core->calls[random_below(seed, core->head->limits.calls)];
    if (core->head->protocol_count == 0 || random_below(seed, 12) == 0) {
        return random_protocol(seed, core, bytes);
    }
    if (call->triage.step == 0 || random_below(seed, 6) == 0) {
        struct command_head *head = random_aimed(seed, core, COMMAND_TRIAGE_BEGIN, "call", call->id, bytes);
        ((struct command_triage_begin *)(void *)bytes)->protocol = 1 + random_below(seed, 4);
        ((struct command_triage_begin *)(void *)bytes)->step = (uint8_t)random_below(seed, 4);
        return head;
    }
    if (random_below(seed, 4) == 0) {
        struct command_head *head = random_aimed(seed, core, COMMAND_TRIAGE_BACK, "call", call->id, bytes);
        ((struct command_triage_back *)(void *)bytes)->protocol = call->triage.protocol;
        ((struct command_triage_back *)(void *)bytes)->step = call->triage.step;
        return head;
    }
    struct command_head *head = random_aimed(seed, core, COMMAND_TRIAGE_ANSWER, "call", call->id, bytes);
    struct command_triage_answer *answer = (struct command_triage_answer *)(void *)bytes;
    answer->protocol = call->triage.protocol;
    answer->step = call->triage.step;
    answer->answer = (uint8_t)(1 + random_below(seed, 2));
    return head;
}

/* A hospital counts or changes a bed; somebody sees to an alarm. */
static inline struct command_head *random_for_facility(uint64_t *seed, const struct core *core, unsigned char *bytes)
{
    uint32_t choice = random_below(seed, 4);
    if (choice < 2) {
        return random_aimed(seed, core, COMMAND_ALARM_ACKNOWLEDGE, "alarm", core->head->next_alarm - random_below(seed, 4),
                            bytes);
    }
    uint16_t code = choice == 2 ? COMMAND_BEDS_SET : COMMAND_BED_CHANGE;
    return random_aimed(seed, core, code, "facility", 1 + random_below(seed, core->head->facility_count), bytes);
}

/* A case from paper that may be accepted: of the last hour, with a form that is mostly new. */
static inline struct command_head *random_paper(uint64_t *seed, const struct core *core, unsigned char *bytes)
{
    struct command_head *head = random_aimed(seed, core, COMMAND_PAPER_ENTER, "", 0, bytes);
    struct command_paper_enter *paper = (struct command_paper_enter *)(void *)bytes;
    struct instant now = core->head->entered_at;
    head->occurred_at = instant_add(now, duration_seconds(-1800));
    paper->form = 97 * (1 + (int64_t)random_below(seed, 100000)) + 1;
    paper->outage_begun_at = instant_add(now, duration_seconds(-3600));
    paper->outage_ended_at = instant_add(now, duration_seconds(-60));
    paper->answered_at = paper->triaged_at = paper->recognised_at = paper->compressions_at = paper->located_at = INSTANT_NONE;
    bool is_incident = paper->result == PAPER_RESULT_INCIDENT;
    paper->linked_to.v = paper->result == PAPER_RESULT_LINKED ? core->head->next_incident - 1 : 0;
    paper->units_wanted = is_incident ? 2 : 0;
    paper->units_short = 0;
    paper->count = is_incident ? random_below(seed, 3) : 0;
    head->size = (uint32_t)(sizeof *paper + paper->count * sizeof paper->items[0]);
    for (uint32_t i = 0; i < paper->count; i++) {
        struct paper_mission *mission = &paper->items[i];
        *mission = (struct paper_mission){ .unit = { 1 + i }, .end_reason = mission->end_reason };
        struct instant *at[] = { &mission->assigned_at,   &mission->notified_at,    &mission->acknowledged_at,
                                 &mission->departed_at,   &mission->on_scene_at,    &mission->at_patient_at,
                                 &mission->left_scene_at, &mission->at_facility_at, &mission->handed_over_at,
                                 &mission->available_at,  &mission->back_at_post_at };
        for (uint32_t k = 0; k < ARRAY_LENGTH(at); k++) {
            *at[k] = random_below(seed, 4) == 0 ? INSTANT_NONE : instant_add(head->occurred_at, duration_seconds(60 * (k + 1)));
        }
    }
    return head;
}

/* What a busy centre would send next, more or less: so that stories get long. */
static inline struct command_head *random_sensible(uint64_t *seed, const struct core *core, unsigned char *bytes)
{
    uint32_t choice = random_below(seed, 20);
    if (choice == 0) {
        const struct unit *unit = &core->units[1 + random_below(seed, core->head->unit_count)];
        struct command_head *head = random_aimed(seed, core, COMMAND_UNIT_REPORT, "unit", unit->id, bytes);
        uint8_t *what = &((struct command_unit_report *)(void *)bytes)->what;
        if (unit->state == UNIT_STATE_OFF_DUTY || unit->state == UNIT_STATE_OUT_OF_SERVICE) {
            *what = unit->state == UNIT_STATE_OFF_DUTY ? UNIT_EVENT_START_SHIFT : UNIT_EVENT_REPAIR;
        }
        return head;
    }
    if (choice == 1) {
        if (random_below(seed, 4) == 0) {
            return random_paper(seed, core, bytes);
        }
        return random_for_facility(seed, core, bytes);
    }
    if (choice == 2 && core->head->limits.protocols > 0) {
        return random_for_triage(seed, core, bytes);
    }
    if (choice < 6) {
        return random_for_call(seed, core, bytes);
    }
    return choice < 11 ? random_for_incident(seed, core, bytes) : random_for_mission(seed, core, bytes);
}

#endif
