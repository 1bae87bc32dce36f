/* The crews: what they do when ordered, how long it takes, and the buttons that they press. */
#include "base/check.h"
#include "sim/world_private.h"

static enum status report(struct world *world, struct mission_id mission, enum mission_event stage, struct error *error)
{
    struct command_mission_report command;
    COMMAND_BEGIN(&command, MISSION_REPORT, ACTOR_KIND_CREW);
    command.mission = mission;
    command.stage = (uint8_t)stage;
    struct step_result result;
    return world_send(world, &command.head, &result, error);
}

static enum status report_unit(struct world *world, uint32_t unit, enum unit_event what, struct error *error)
{
    struct command_unit_report command;
    COMMAND_BEGIN(&command, UNIT_REPORT, ACTOR_KIND_CREW);
    command.unit.v = unit;
    command.what = (uint8_t)what;
    struct step_result result;
    return world_send(world, &command.head, &result, error);
}

/* The unit's next act; earlier plans are void. */
static enum status plan(struct world *world, uint32_t unit, enum agenda_kind kind, struct instant at, struct error *error)
{
    world->units[unit].generation += 1;
    return agenda_add(&world->agenda, at, kind, unit, world->units[unit].generation, error);
}

static struct world_call *call_of(struct world *world, uint32_t unit)
{
    CHECK(world->units[unit].call != NO_WORLD_CALL);
    return &world->calls[world->units[unit].call];
}

/* ---- to the scene ---- */

static enum status depart(struct world *world, uint32_t unit, struct error *error)
{
    struct world_unit *crew = &world->units[unit];
    const struct world_call *call = call_of(world, unit);
    const struct incident *incident = core_incident(world->core, core_mission(world->core, crew->mission)->incident);
    enum road_profile profile = world->setting->scenario->priorities[incident->priority].profile;
    bool reachable = motion_go(&crew->motion, world->setting->roads, profile, &call->spot, world->now);
    CHECK(reachable); /* it was recommended, so there is a way */
    TRY(plan(world, unit, AGENDA_ARRIVE, crew->motion.ends, error));
    return report(world, crew->mission, MISSION_EVENT_DEPART, error);
}

enum status world_order_unit(struct world *world, struct mission_id id, struct error *error)
{
    const struct mission *mission = core_mission(world->core, id);
    if (mission == NULL || mission->state != MISSION_STATE_ASSIGNED) {
        return STATUS_OK; /* taken back before it could be told */
    }
    uint32_t unit = mission->unit.v;
    struct world_unit *crew = &world->units[unit];
    struct world_call *call = world_call_of(world, mission->incident);
    bool getting_ready = !crew->motion.moving && instant_before(world->now, crew->wheels_turn);
    bool at_station = crew->mission.v == 0 && !crew->motion.moving && crew->call == NO_WORLD_CALL;
    crew->mission = id;
    crew->call = (uint32_t)(call - world->calls);
    TRY(report(world, id, MISSION_EVENT_NOTIFY, error));
    TRY(report(world, id, MISSION_EVENT_ACKNOWLEDGE, error));
    if (at_station && !getting_ready) {
        crew->wheels_turn = instant_add(world->now, call->truth.mobilisation);
    }
    if (instant_before(world->now, crew->wheels_turn)) {
        return plan(world, unit, AGENDA_DEPART, crew->wheels_turn, error);
    }
    return depart(world, unit, error);
}

/* ---- back to the post ---- */

/* After a mission, unless another follows at once: home. */
static enum status go_home_if_free(struct world *world, uint32_t unit, struct error *error)
{
    const struct unit *known = &world->core->units[unit];
    struct world_unit *crew = &world->units[unit];
    if (known->state == UNIT_STATE_ON_MISSION) {
        return STATUS_OK;
    }
    crew->mission.v = 0;
    crew->call = NO_WORLD_CALL;
    const struct base *station = &world->setting->stations[known->post.v - 1];
    enum road_profile profile = world->setting->scenario->policy.return_profile;
    if (!motion_go_home(&crew->motion, world->setting->roads, profile, station, world->now)) {
        /* A one-way trap in the map must not hold a crew for ever: it is taken as back after the time it would walk. */
        motion_stand(&crew->motion, station);
        return plan(world, unit, AGENDA_REACH_POST, instant_add(world->now, duration_seconds(3600)), error);
    }
    return plan(world, unit, AGENDA_REACH_POST, crew->motion.ends, error);
}

enum status world_stand_down(struct world *world, struct mission_id id, struct error *error)
{
    const struct mission *mission = core_mission(world->core, id);
    CHECK(mission != NULL);
    struct world_unit *crew = &world->units[mission->unit.v];
    if (crew->mission.v != id.v || mission->end_reason == MISSION_END_REASON_DIVERTED) {
        return STATUS_OK; /* the next order follows, or has come already */
    }
    return go_home_if_free(world, mission->unit.v, error);
}

static enum status end_mission(struct world *world, uint32_t unit, struct error *error)
{
    struct world_unit *crew = &world->units[unit];
    struct mission_id ended = crew->mission;
    uint32_t call = crew->call;
    TRY(report(world, ended, MISSION_EVENT_END, error));
    world_release_call(world, call);
    /* A waiting incident may have taken the unit while that report was answered. */
    return crew->mission.v == ended.v ? go_home_if_free(world, unit, error) : STATUS_OK;
}

/* ---- on scene and beyond ---- */

static enum status leave_scene(struct world *world, uint32_t unit, struct error *error)
{
    struct world_unit *crew = &world->units[unit];
    const struct world_call *call = call_of(world, unit);
    if (!call->truth.transport) {
        return end_mission(world, unit, error);
    }
    struct mission_id id = crew->mission;
    bool needs_count = world->setting->scenario->policy.destination_rule == DESTINATION_NEED_THEN_NEAREST;
    struct command_transport_request command;
    COMMAND_BEGIN(&command, TRANSPORT_REQUEST, ACTOR_KIND_CREW);
    command.mission = id;
    command.needs = needs_count ? world_care_bits(call->truth.need) : 0;
    command.bed_kind = BED_KIND_EMERGENCY;
    struct step_result result;
    TRY(world_send(world, &command.head, &result, error));
    const struct mission *mission = core_mission(world->core, id);
    if (mission->state == MISSION_STATE_ENDED) { /* no facility could take the patient */
        return crew->mission.v == id.v ? go_home_if_free(world, unit, error) : STATUS_OK;
    }
    CHECK(mission->facility.v != 0);
    bool reachable = motion_go(&crew->motion, world->setting->roads, world->setting->scenario->policy.facility_profile,
                               &world->setting->facilities[mission->facility.v - 1].spot, world->now);
    CHECK(reachable);
    TRY(plan(world, unit, AGENDA_REACH_FACILITY, crew->motion.ends, error));
    return report(world, id, MISSION_EVENT_LEAVE_SCENE, error);
}

static enum status arrive(struct world *world, uint32_t unit, struct error *error)
{
    struct world_unit *crew = &world->units[unit];
    const struct call_truth *truth = &call_of(world, unit)->truth;
    motion_arrive(&crew->motion);
    TRY(plan(world, unit, AGENDA_REACH_PATIENT, instant_add(world->now, truth->patient_access), error));
    return report(world, crew->mission, MISSION_EVENT_ARRIVE, error);
}

static enum status reach_patient(struct world *world, uint32_t unit, struct error *error)
{
    const struct call_truth *truth = &call_of(world, unit)->truth;
    TRY(plan(world, unit, AGENDA_LEAVE_SCENE, instant_add(world->now, truth->on_scene), error));
    return report(world, world->units[unit].mission, MISSION_EVENT_REACH_PATIENT, error);
}

static enum status reach_facility(struct world *world, uint32_t unit, struct error *error)
{
    const struct call_truth *truth = &call_of(world, unit)->truth;
    motion_arrive(&world->units[unit].motion);
    TRY(plan(world, unit, AGENDA_HAND_OVER, instant_add(world->now, truth->handover), error));
    return report(world, world->units[unit].mission, MISSION_EVENT_REACH_FACILITY, error);
}

static enum status hand_over(struct world *world, uint32_t unit, struct error *error)
{
    const struct mission *mission = core_mission(world->core, world->units[unit].mission);
    if (mission->bed_reserved) {
        struct instant free_at = instant_add(world->now, call_of(world, unit)->truth.bed_stay);
        TRY(agenda_add(&world->agenda, free_at, AGENDA_BED_FREE, mission->facility.v, 0, error));
    }
    TRY(report(world, world->units[unit].mission, MISSION_EVENT_HAND_OVER, error));
    return end_mission(world, unit, error);
}

static enum status reach_post(struct world *world, uint32_t unit, struct error *error)
{
    motion_arrive(&world->units[unit].motion);
    if (world->core->units[unit].state != UNIT_STATE_RETURNING) {
        return STATUS_OK; /* off duty, or out of service: it is there all the same */
    }
    return report_unit(world, unit, UNIT_EVENT_REACH_POST, error);
}

/* ---- shifts ---- */

static struct instant next_time_of_day(const struct world *world, int32_t second_of_day, bool today)
{
    int64_t zero_s = (int64_t)world->setting->scenario->start_hour_of_week % 24 * 3600;
    int64_t day_us = (second_of_day - zero_s) * US_PER_SECOND;
    while (day_us < world->now.us || (!today && day_us == world->now.us)) {
        day_us += US_PER_DAY;
    }
    return (struct instant){ day_us };
}

static bool works_at_start(const struct world *world, const struct scenario_unit *unit)
{
    int32_t now_s = world->setting->scenario->start_hour_of_week % 24 * 3600;
    if (unit->shift_start_s < unit->shift_end_s) {
        return now_s >= unit->shift_start_s && now_s < unit->shift_end_s;
    }
    return now_s >= unit->shift_start_s || now_s < unit->shift_end_s;
}

enum status world_plan_shifts(struct world *world, struct error *error)
{
    const struct scenario *scenario = world->setting->scenario;
    for (uint32_t i = 0; i < scenario->unit_count; i++) {
        const struct scenario_unit *unit = &scenario->units[i];
        bool round_the_clock = unit->shift_start_s == unit->shift_end_s;
        if (round_the_clock || works_at_start(world, unit)) {
            TRY(report_unit(world, i + 1, UNIT_EVENT_START_SHIFT, error));
        }
        if (!round_the_clock) {
            TRY(agenda_add(&world->agenda, next_time_of_day(world, unit->shift_start_s, false), AGENDA_SHIFT_START, i + 1, 0,
                           error));
            TRY(agenda_add(&world->agenda, next_time_of_day(world, unit->shift_end_s, false), AGENDA_SHIFT_END, i + 1, 0, error));
        }
    }
    return STATUS_OK;
}

static enum status change_shift(struct world *world, enum agenda_kind kind, uint32_t unit, struct error *error)
{
    const struct scenario_unit *planned = &world->setting->scenario->units[unit - 1];
    bool starts = kind == AGENDA_SHIFT_START;
    int32_t second = starts ? planned->shift_start_s : planned->shift_end_s;
    TRY(agenda_add(&world->agenda, next_time_of_day(world, second, false), kind, unit, 0, error));
    const struct unit *known = &world->core->units[unit];
    bool working = known->state != UNIT_STATE_OFF_DUTY && !known->shift_ends; /* a mission may run over the whole break */
    if (starts == working) {
        return STATUS_OK;
    }
    return report_unit(world, unit, starts ? UNIT_EVENT_START_SHIFT : UNIT_EVENT_END_SHIFT, error);
}

enum status world_unit_due(struct world *world, enum agenda_kind kind, uint32_t unit, struct error *error)
{
    switch (kind) {
    case AGENDA_DEPART: return depart(world, unit, error);
    case AGENDA_ARRIVE: return arrive(world, unit, error);
    case AGENDA_REACH_PATIENT: return reach_patient(world, unit, error);
    case AGENDA_LEAVE_SCENE: return leave_scene(world, unit, error);
    case AGENDA_REACH_FACILITY: return reach_facility(world, unit, error);
    case AGENDA_HAND_OVER: return hand_over(world, unit, error);
    case AGENDA_REACH_POST: return reach_post(world, unit, error);
    case AGENDA_SHIFT_START:
    case AGENDA_SHIFT_END: return change_shift(world, kind, unit, error);
    case AGENDA_TRIAGE:
    case AGENDA_BED_FREE: break;
    }
    UNREACHABLE();
}
