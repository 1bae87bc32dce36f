/* The block of the state: where each table lies in it, how an id finds its slot, and which units could go. */
#include "core/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "core/decide.h"

/* STATE_VERSION is raised when a field of the state gets another place or meaning and no size tells. */
enum { STATE_VERSION = 5, MISSIONS_PER_UNIT = 4, MESSAGES_PER_UNIT = 2, ROWS_MIN = 256 };

static uint32_t power_of_two_from(uint32_t at_least)
{
    uint32_t size = ROWS_MIN;
    while (size < at_least) {
        size *= 2;
    }
    return size;
}

static bool is_power_of_two(uint32_t number) { return number != 0 && (number & (number - 1)) == 0; }

static enum status check_limits(const struct limits *limits, struct error *error)
{
    bool powers = is_power_of_two(limits->calls) && is_power_of_two(limits->incidents) && is_power_of_two(limits->keys) &&
                  is_power_of_two(limits->alarms);
    bool inside = limits->calls <= CALLS_CEILING && limits->incidents <= INCIDENTS_CEILING && limits->keys <= KEYS_CEILING &&
                  limits->alarms <= ALARMS_CEILING && limits->units >= 1 && limits->units <= UNITS_CEILING &&
                  limits->posts >= 1 && limits->posts <= POSTS_CEILING && limits->facilities >= 1 &&
                  limits->facilities <= FACILITIES_CEILING && limits->reserved_percent <= 50 &&
                  limits->protocols <= PROTOCOLS_CEILING && limits->protocol_answers <= PROTOCOL_ANSWERS_CEILING;
    if (!powers || !inside) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "limits of the core are outside their ceilings, or calls, incidents, keys and alarms "
                     "are not powers of two");
    }
    return STATUS_OK;
}

/* Sets the pointers into the block (if any) and returns its size. */
static size_t lay_out(struct core *core, unsigned char *block, const struct limits *limits)
{
    core->mission_mask = power_of_two_from(limits->units * MISSIONS_PER_UNIT) - 1;
    core->message_mask = power_of_two_from(limits->units * MESSAGES_PER_UNIT) - 1;
    struct {
        void **table;
        size_t bytes;
    } tables[] = {
        { (void **)(void *)&core->head, sizeof *core->head },
        { (void **)(void *)&core->calls, sizeof *core->calls * limits->calls },
        { (void **)(void *)&core->incidents, sizeof *core->incidents * limits->incidents },
        { (void **)(void *)&core->missions, sizeof *core->missions * (core->mission_mask + 1) },
        { (void **)(void *)&core->units, sizeof *core->units * (limits->units + 1) },
        { (void **)(void *)&core->posts, sizeof *core->posts * (limits->posts + 1) },
        { (void **)(void *)&core->facilities, sizeof *core->facilities * (limits->facilities + 1) },
        { (void **)(void *)&core->alarms, sizeof *core->alarms * limits->alarms },
        { (void **)(void *)&core->protocols, sizeof *core->protocols * limits->protocols },
        { (void **)(void *)&core->protocol_answers, sizeof *core->protocol_answers * limits->protocol_answers },
        { (void **)(void *)&core->given_answers, limits->protocols == 0 ? 0 : sizeof *core->given_answers * limits->calls },
        { (void **)(void *)&core->messages, sizeof *core->messages * (core->message_mask + 1) },
        { (void **)(void *)&core->forms, sizeof *core->forms * limits->calls },
        { (void **)(void *)&core->keys, sizeof *core->keys * limits->keys },
        { (void **)(void *)&core->key_slots, sizeof *core->key_slots * limits->keys * 2 },
    };
    size_t size = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        if (block != NULL) {
            *tables[i].table = block + size;
        }
        size += (tables[i].bytes + 15) / 16 * 16;
    }
    return size;
}

uint64_t state_layout(void)
{
    const uint64_t sizes[] = { STATE_VERSION,
                               sizeof(struct core_head),
                               sizeof(struct call),
                               sizeof(struct incident),
                               sizeof(struct mission),
                               sizeof(struct unit),
                               sizeof(struct post),
                               sizeof(struct facility),
                               sizeof(struct alarm),
                               sizeof(struct timer),
                               sizeof(struct idempotency),
                               ALARM_KIND_COUNT,
                               MISSIONS_PER_UNIT,
                               RECOMMENDED_MAX,
                               sizeof(struct protocol),
                               sizeof(struct protocol_answer),
                               sizeof(struct given_answer),
                               sizeof(struct message),
                               MESSAGES_PER_UNIT,
                               sizeof(struct entered_form) };
    return hash64(sizes, sizeof sizes, 0);
}

enum status core_create(const struct limits *limits, struct core *core, struct error *error)
{
    TRY(check_limits(limits, error));
    *core = (struct core){ 0 };
    core->size = lay_out(core, NULL, limits);
    unsigned char *block = calloc(1, core->size);
    if (block == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the core's tables (%zu bytes)", core->size);
    }
    lay_out(core, block, limits);
    *core->head = (struct core_head){
        .layout = state_layout(),
        .entered_at = INSTANT_NONE,
        .limits = *limits,
        .next_call = 1,
        .next_incident = 1,
        .next_mission = 1,
        .next_alarm = 1,
        .next_answer = 1,
        .next_message = 1,
    };
    return STATUS_OK;
}

void core_destroy(struct core *core)
{
    free(core->head);
    *core = (struct core){ 0 };
}

const struct call *core_call(const struct core *core, struct call_id id)
{
    const struct call *call = &core->calls[id.v & (core->head->limits.calls - 1)];
    return id.v != 0 && call->id == id.v ? call : NULL;
}

const struct incident *core_incident(const struct core *core, struct incident_id id)
{
    const struct incident *incident = &core->incidents[id.v & (core->head->limits.incidents - 1)];
    return id.v != 0 && incident->id == id.v ? incident : NULL;
}

const struct mission *core_mission(const struct core *core, struct mission_id id)
{
    const struct mission *mission = &core->missions[id.v & core->mission_mask];
    return id.v != 0 && mission->id == id.v ? mission : NULL;
}

const struct unit *core_unit(const struct core *core, struct unit_id id)
{
    return id.v != 0 && id.v <= core->head->unit_count ? &core->units[id.v] : NULL;
}

const struct post *core_post(const struct core *core, struct post_id id)
{
    return id.v != 0 && id.v <= core->head->post_count ? &core->posts[id.v] : NULL;
}

const struct facility *core_facility(const struct core *core, struct facility_id id)
{
    return id.v != 0 && id.v <= core->head->facility_count ? &core->facilities[id.v] : NULL;
}

const struct alarm *core_alarm(const struct core *core, struct alarm_id id)
{
    const struct alarm *alarm = &core->alarms[id.v & (core->head->limits.alarms - 1)];
    return id.v != 0 && alarm->id == id.v ? alarm : NULL;
}

const struct protocol *core_protocol(const struct core *core, uint32_t number)
{
    for (uint32_t i = 0; i < core->head->protocol_count; i++) {
        if (core->protocols[i].number == number) {
            return &core->protocols[i];
        }
    }
    return NULL;
}

const struct message *core_message(const struct core *core, struct message_id id)
{
    const struct message *message = &core->messages[id.v & core->message_mask];
    return id.v != 0 && message->id == id.v ? message : NULL;
}

struct call *call_at(struct core *core, struct call_id id)
{
    struct call *call = &core->calls[id.v & (core->head->limits.calls - 1)];
    CHECK(call->id == id.v);
    return call;
}

struct incident *incident_at(struct core *core, struct incident_id id)
{
    struct incident *incident = &core->incidents[id.v & (core->head->limits.incidents - 1)];
    CHECK(incident->id == id.v);
    return incident;
}

struct mission *mission_at(struct core *core, struct mission_id id)
{
    struct mission *mission = &core->missions[id.v & core->mission_mask];
    CHECK(mission->id == id.v);
    return mission;
}

struct unit *unit_at(struct core *core, struct unit_id id)
{
    CHECK(id.v != 0 && id.v <= core->head->unit_count);
    return &core->units[id.v];
}

struct facility *facility_at(struct core *core, struct facility_id id)
{
    CHECK(id.v != 0 && id.v <= core->head->facility_count);
    return &core->facilities[id.v];
}

struct alarm *alarm_at(struct core *core, struct alarm_id id)
{
    struct alarm *alarm = &core->alarms[id.v & (core->head->limits.alarms - 1)];
    CHECK(alarm->id == id.v);
    return alarm;
}

static bool call_slot_is_free(const struct call *call)
{
    return call->id == 0 || call->state == CALL_STATE_LINKED || call->state == CALL_STATE_TRIAGED ||
           call->state == CALL_STATE_CLOSED;
}

uint32_t core_next_call(const struct core *core)
{
    uint32_t mask = core->head->limits.calls - 1;
    uint32_t id = core->head->next_call;
    for (uint32_t tried = 0; tried <= mask && id < UINT32_MAX - mask; tried++, id++) {
        if (call_slot_is_free(&core->calls[id & mask])) {
            return id;
        }
    }
    return 0;
}

uint32_t core_next_incident(const struct core *core)
{
    uint32_t mask = core->head->limits.incidents - 1;
    uint32_t id = core->head->next_incident;
    for (uint32_t tried = 0; tried <= mask && id < UINT32_MAX - mask; tried++, id++) {
        const struct incident *incident = &core->incidents[id & mask];
        if (incident->id == 0 || incident->state == INCIDENT_STATE_CLOSED) {
            return id;
        }
    }
    return 0;
}

/* A unit has at most one mission at a time, so a table of four slots a unit is never full. */
uint32_t core_next_mission(const struct core *core)
{
    uint32_t id = core->head->next_mission;
    for (uint32_t tried = 0; tried <= core->mission_mask && id < UINT32_MAX - core->mission_mask; tried++, id++) {
        const struct mission *mission = &core->missions[id & core->mission_mask];
        if (mission->id == 0 || mission->state == MISSION_STATE_ENDED) {
            return id;
        }
    }
    return 0;
}

uint32_t core_next_missions(const struct core *core, uint32_t count)
{
    uint32_t first = core->head->next_mission, found = 0;
    for (uint32_t tried = 0; tried <= 2 * core->mission_mask && first + found < UINT32_MAX - core->mission_mask; tried++) {
        const struct mission *mission = &core->missions[(first + found) & core->mission_mask];
        if (mission->id == 0 || mission->state == MISSION_STATE_ENDED) {
            found += 1;
        } else {
            first += found + 1;
            found = 0;
        }
        if (found == count) {
            return first;
        }
    }
    return 0;
}

const struct incident *core_unit_heading_to(const struct core *core, const struct unit *unit)
{
    if (unit->state != UNIT_STATE_ON_MISSION) {
        return NULL;
    }
    const struct mission *mission = core_mission(core, unit->mission);
    CHECK(mission != NULL);
    return mission->state <= MISSION_STATE_DEPARTED ? core_incident(core, mission->incident) : NULL;
}

enum exclusion core_unit_exclusion(const struct core *core, const struct incident *incident, const struct unit *unit)
{
    switch ((enum unit_state)unit->state) {
    case UNIT_STATE_OFF_DUTY: return EXCLUSION_OFF_DUTY;
    case UNIT_STATE_OUT_OF_SERVICE: return EXCLUSION_OUT_OF_SERVICE;
    case UNIT_STATE_ON_MISSION: {
        const struct incident *going_to = core_unit_heading_to(core, unit);
        if (going_to == NULL || going_to->id == incident->id || unit->shift_ends ||
            !core_may_divert(core, going_to->priority, incident->priority)) {
            return EXCLUSION_COMMITTED;
        }
        break;
    }
    case UNIT_STATE_RETURNING:
        if (core->head->rules.returning_waits) {
            return EXCLUSION_COMMITTED;
        }
        break;
    default: break;
    }
    return need_unmet(incident->needs, unit->skills) == 0 ? EXCLUSION_COUNT : EXCLUSION_UNFIT;
}
