/* The people and machines beside the core: road workers that answer its questions, dispatchers who take its recommendations. */
#include "base/check.h"
#include "sim/world_private.h"

/* ---- who could go ---- */

static struct duration to_duration(const struct world *world, road_ticks ticks)
{
    return ticks >= ROAD_INFINITY ? DURATION_UNREACHABLE : duration_us((int64_t)ticks * roads_tick_us(world->setting->roads));
}

/* What the crew still needs before its wheels turn, as a dispatcher expects it. */
static struct duration expected_mobilisation(const struct world *world, const struct unit *unit, enum priority priority)
{
    if (unit->state == UNIT_STATE_AT_POST) {
        return world->setting->mobilisation_mean[priority];
    }
    struct instant turn = world->units[unit->id].wheels_turn;
    bool getting_ready = unit->state == UNIT_STATE_ON_MISSION && instant_before(world->now, turn);
    return getting_ready ? instant_since(turn, world->now) : DURATION_ZERO;
}

static struct travel_time estimate(const struct world *world, const struct incident *incident, const struct world_call *call,
                                   const struct unit *unit)
{
    enum road_profile profile = world->setting->scenario->priorities[incident->priority].profile;
    road_ticks ticks = motion_ticks_to(&world->units[unit->id].motion, world->setting->roads, profile, &call->spot, world->now);
    struct travel_time time = { .unit = { unit->id }, .eta = to_duration(world, ticks) };
    if (ticks < ROAD_INFINITY) {
        time.eta = duration_add(time.eta, expected_mobilisation(world, unit, incident->priority));
    }
    return time;
}

enum status world_answer_travel(struct world *world, struct incident_id id, struct error *error)
{
    const struct core *core = world->core;
    const struct incident *incident = core_incident(core, id);
    if (incident == NULL || incident->state != INCIDENT_STATE_ASKING) {
        return STATUS_OK; /* answered or over meanwhile */
    }
    const struct world_call *call = world_call_of(world, id);
    struct command_travel_times *command = (struct command_travel_times *)world->message;
    COMMAND_BEGIN(command, TRAVEL_TIMES, ACTOR_KIND_ROAD);
    command->incident = id;
    uint32_t first = incident->asked_unit.v != 0 ? incident->asked_unit.v : 1;
    uint32_t last = incident->asked_unit.v != 0 ? incident->asked_unit.v : core_unit_count(core);
    uint32_t count = 0;
    for (uint32_t unit = first; unit <= last; unit++) {
        if (core_unit_exclusion(core, incident, &core->units[unit]) == EXCLUSION_COUNT) {
            command->items[count++] = estimate(world, incident, call, &core->units[unit]);
        }
    }
    command->count = count;
    command->head.size += (uint32_t)(count * sizeof command->items[0]);
    struct step_result result;
    return world_send(world, &command->head, &result, error);
}

enum status world_take_recommendation(struct world *world, struct incident_id id, struct error *error)
{
    const struct core *core = world->core;
    for (;;) {
        const struct incident *incident = core_incident(core, id);
        if (incident == NULL || incident->state != INCIDENT_STATE_RECOMMENDED || incident->recommended_count == 0) {
            return STATUS_OK;
        }
        struct command_unit_assign command;
        COMMAND_BEGIN(&command, UNIT_ASSIGN, ACTOR_KIND_SEAT);
        command.incident = id;
        command.incident_revision = incident->revision;
        command.unit = incident->recommended[0];
        command.unit_revision = core_unit(core, command.unit)->revision;
        struct step_result result;
        TRY(world_send(world, &command.head, &result, error));
    }
}

/* ---- where to ---- */

static road_ticks ticks_to_facility(const struct world *world, enum road_profile profile, const struct world_call *call,
                                    uint32_t index)
{
    const struct facility_place *facility = &world->setting->facilities[index];
    if (facility->to.steps == NULL) {
        return roads_spot_ticks(world->setting->roads, profile, &call->spot, &facility->spot);
    }
    road_ticks by_nodes = sweep_table_seeds(&world->setting->to_facilities, index, &call->spot.leaving[profile]);
    road_ticks direct = roads_direct_ticks(world->setting->roads, profile, &call->spot, &facility->spot);
    return by_nodes < direct ? by_nodes : direct;
}

enum status world_answer_facilities(struct world *world, struct mission_id id, struct error *error)
{
    const struct core *core = world->core;
    const struct mission *mission = core_mission(core, id);
    if (mission == NULL || !mission->facility_asked) {
        return STATUS_OK;
    }
    const struct world_call *call = world_call_of(world, mission->incident);
    enum road_profile profile = world->setting->scenario->policy.facility_profile;
    struct command_facility_times *command = (struct command_facility_times *)world->message;
    COMMAND_BEGIN(command, FACILITY_TIMES, ACTOR_KIND_ROAD);
    command->mission = id;
    command->count = core_facility_count(core);
    command->head.size += (uint32_t)(command->count * sizeof command->items[0]);
    for (uint32_t i = 0; i < command->count; i++) {
        road_ticks ticks = ticks_to_facility(world, profile, call, i);
        command->items[i] = (struct facility_time){ .facility = { i + 1 }, .eta = to_duration(world, ticks) };
    }
    struct step_result result;
    return world_send(world, &command->head, &result, error);
}

/* No way leads from the patient to any facility: the mission ends where he lies. */
static enum status end_without_facility(struct world *world, struct mission_id id, struct error *error)
{
    struct command_mission_report command;
    COMMAND_BEGIN(&command, MISSION_REPORT, ACTOR_KIND_CREW);
    command.mission = id;
    command.stage = MISSION_EVENT_END;
    struct step_result result;
    return world_send(world, &command.head, &result, error);
}

/* The quickest to reach, whatever was said against it; 0 if there is no way to any. */
static struct facility_id quickest_facility(const struct world *world, const struct world_call *call)
{
    enum road_profile profile = world->setting->scenario->policy.facility_profile;
    struct facility_id quickest = { 0 };
    road_ticks least = ROAD_INFINITY;
    for (uint32_t i = 0; i < core_facility_count(world->core); i++) {
        road_ticks ticks = ticks_to_facility(world, profile, call, i);
        if (ticks < least) {
            least = ticks;
            quickest.v = i + 1;
        }
    }
    return quickest;
}

enum status world_take_destination(struct world *world, struct mission_id id, struct error *error)
{
    const struct mission *mission = core_mission(world->core, id);
    if (mission == NULL || mission->state >= MISSION_STATE_LEFT_SCENE) {
        return STATUS_OK;
    }
    struct facility_id facility = mission->recommended[0];
    if (mission->recommended_count == 0) { /* all full: a patient is not left in the street, the nearest one makes room */
        world->tally.without_bed += 1;
        facility = quickest_facility(world, world_call_of(world, mission->incident));
        if (facility.v == 0) {
            return end_without_facility(world, id, error);
        }
    }
    struct command_destination_set command;
    COMMAND_BEGIN(&command, DESTINATION_SET, ACTOR_KIND_CREW);
    command.mission = id;
    command.facility = facility;
    struct step_result result;
    return world_send(world, &command.head, &result, error);
}

/* ---- alarms ---- */

/* The dispatcher gives up on an incident that no unit will ever reach; one that only waits for a unit goes on waiting. */
enum status world_hear_alarm(struct world *world, struct alarm_id id, struct error *error)
{
    world->tally.alarms += 1;
    const struct alarm *alarm = core_alarm(world->core, id);
    if (alarm == NULL || alarm->kind != ALARM_KIND_QUEUE_OVERDUE) {
        return STATUS_OK;
    }
    const struct incident *incident = core_incident(world->core, (struct incident_id){ alarm->subject });
    if (incident == NULL || incident->state != INCIDENT_STATE_QUEUED || incident->queue_reason == SHORTFALL_REASON_NO_UNIT_FREE) {
        return STATUS_OK;
    }
    struct command_incident_shortfall command;
    COMMAND_BEGIN(&command, INCIDENT_SHORTFALL, ACTOR_KIND_SEAT);
    command.incident.v = alarm->subject;
    command.reason = incident->queue_reason;
    struct step_result result;
    return world_send(world, &command.head, &result, error);
}
