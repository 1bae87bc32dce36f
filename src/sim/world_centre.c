/* Opening the centre that a scenario describes: the commands that an administrator would give. Ids of the core are indexes of the
 * scenario plus one, because both count from the first in the same order. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "core/need.h"
#include "sim/world_private.h"

uint32_t world_skills(const struct scenario_unit *unit)
{
    uint32_t basic = NEED_BASIC | NEED_DEFIBRILLATOR;
    return unit->skill == SKILL_ALS ? basic | NEED_ADVANCED : basic;
}

uint32_t world_needs(const struct scenario_priority *priority)
{
    return priority->needs_als ? NEED_BASIC | NEED_ADVANCED : NEED_BASIC;
}

uint32_t world_care_bits(unsigned care)
{
    static const uint32_t bits[CARE_COUNT] = { [CARE_NONE] = 0,
                                               [CARE_CHEST_PAIN] = NEED_CHEST_PAIN,
                                               [CARE_STROKE] = NEED_STROKE,
                                               [CARE_TRAUMA] = NEED_TRAUMA,
                                               [CARE_MATERNITY] = NEED_MATERNITY,
                                               [CARE_NEWBORN] = NEED_NEWBORN };
    CHECK(care < CARE_COUNT);
    return bits[care];
}

static uint32_t facility_capabilities(const struct scenario_facility *facility)
{
    uint32_t capabilities = 0;
    for (unsigned care = 0; care < CARE_COUNT; care++) {
        if (facility->capabilities >> care & 1) {
            capabilities |= world_care_bits(care);
        }
    }
    return capabilities;
}

/* The alarms of the simulated centre, and how positions are compared by age. */
enum {
    RING_LIMIT_S = 10,        /* China's goal for 2025: answered within 10 s */
    CALL_BACK_LIMIT_S = 120,  /* ours */
    TRAVEL_TIMES_LIMIT_S = 2, /* ours: the road workers answer in milliseconds */
    DECISION_LIMIT_S = 30,    /* ours: half of the 60 s that NFPA 1225 gives call processing */
    ACKNOWLEDGE_LIMIT_S = 60, /* ours */
    DEPART_LIMIT_S = 180,     /* China's goal for 2025: departed within 3 min of the order */
    SCENE_LIMIT_S = 7200,     /* ours */
    POSITION_AGE_STEP_MS = 60000,
};

static enum status set_policy(struct world *world, struct error *error)
{
    const struct scenario *scenario = world->setting->scenario;
    struct command_policy_set *command = (struct command_policy_set *)world->message;
    COMMAND_BEGIN(command, POLICY_SET, ACTOR_KIND_ADMIN);
    command->count = PRIORITY_COUNT;
    command->head.size += (uint32_t)(PRIORITY_COUNT * sizeof command->items[0]);
    for (unsigned from = 0; from < PRIORITY_COUNT; from++) {
        for (unsigned to = 0; to < PRIORITY_COUNT; to++) {
            unsigned bit = scenario->policy.may_divert[from][to] ? 1u << (PRIORITY_COUNT * from + to) : 0;
            command->divert_matrix = (uint16_t)(command->divert_matrix | bit);
        }
        command->items[from] = (struct priority_rule){
            .response_target = duration_from_seconds(scenario->priorities[from].target_s), .priority = (uint8_t)from
        };
    }
    command->queue_rule = world->setting->policy->queue_rule;
    command->returning_waits = !scenario->policy.dispatch_returning;
    command->divert_gain_min = duration_from_seconds(scenario->policy.divert_gain_s);
    command->beds_required = 1;
    command->position_age_step_ms = POSITION_AGE_STEP_MS;
    command->ring_limit_s = RING_LIMIT_S;
    command->call_back_limit_s = CALL_BACK_LIMIT_S;
    command->travel_times_limit_s = TRAVEL_TIMES_LIMIT_S;
    command->decision_limit_s = DECISION_LIMIT_S;
    command->acknowledge_limit_s = ACKNOWLEDGE_LIMIT_S;
    command->depart_limit_s = DEPART_LIMIT_S;
    command->scene_limit_s = SCENE_LIMIT_S;
    struct step_result result;
    return world_send(world, &command->head, &result, error);
}

static enum status add_posts(struct world *world, struct error *error)
{
    const struct scenario *scenario = world->setting->scenario;
    for (uint32_t i = 0; i < scenario->station_count; i++) {
        struct command_post_add command;
        COMMAND_BEGIN(&command, POST_ADD, ACTOR_KIND_ADMIN);
        command.point = scenario->stations[i].point;
        command.external = i + 1;
        struct step_result result;
        TRY(world_send(world, &command.head, &result, error));
        CHECK(result.made == i + 1);
    }
    return STATUS_OK;
}

static enum status add_units(struct world *world, struct error *error)
{
    const struct scenario *scenario = world->setting->scenario;
    for (uint32_t i = 0; i < scenario->unit_count; i++) {
        const struct scenario_unit *unit = &scenario->units[i];
        struct command_unit_add command;
        COMMAND_BEGIN(&command, UNIT_ADD, ACTOR_KIND_ADMIN);
        command.post.v = unit->station + 1;
        command.external = i + 1;
        command.skills = world_skills(unit);
        struct step_result result;
        TRY(world_send(world, &command.head, &result, error));
        CHECK(result.made == i + 1);
        motion_stand(&world->units[i + 1].motion, &world->setting->stations[unit->station]);
        world->units[i + 1].call = NO_WORLD_CALL;
    }
    return STATUS_OK;
}

static enum status add_facilities(struct world *world, struct error *error)
{
    const struct scenario *scenario = world->setting->scenario;
    for (uint32_t i = 0; i < scenario->facility_count; i++) {
        const struct scenario_facility *facility = &scenario->facilities[i];
        struct command_facility_add command;
        COMMAND_BEGIN(&command, FACILITY_ADD, ACTOR_KIND_ADMIN);
        command.point = facility->point;
        command.external = i + 1;
        command.capabilities = facility_capabilities(facility);
        command.tier = facility->tier;
        struct step_result result;
        TRY(world_send(world, &command.head, &result, error));
        CHECK(result.made == i + 1);
        if (facility->beds == BEDS_UNLIMITED) {
            continue;
        }
        struct command_beds_set beds;
        COMMAND_BEGIN(&beds, BEDS_SET, ACTOR_KIND_FACILITY);
        beds.facility.v = i + 1;
        beds.kind = BED_KIND_EMERGENCY;
        beds.available = (uint16_t)(facility->beds < 10000 ? facility->beds : 10000);
        TRY(world_send(world, &beds.head, &result, error));
    }
    return STATUS_OK;
}

enum status world_open_centre(struct world *world, struct error *error)
{
    struct command_centre_open command;
    COMMAND_BEGIN(&command, CENTRE_OPEN, ACTOR_KIND_ADMIN);
    command.city_fingerprint = city_fingerprint(roads_city(world->setting->roads));
    command.policy_version = world->setting->policy->version;
    command.drill = 1;
    struct step_result result;
    TRY(world_send(world, &command.head, &result, error));
    TRY(set_policy(world, error));
    TRY(add_posts(world, error));
    TRY(add_units(world, error));
    TRY(add_facilities(world, error));
    return world_plan_shifts(world, error);
}

/* ---- what all replications share ---- */

static enum status find_spots(const struct scenario *scenario, const struct roads *roads, struct world_setting *setting,
                              struct error *error)
{
    for (uint32_t i = 0; i < scenario->station_count; i++) {
        TRY(roads_spot(roads, scenario->stations[i].point, scenario->snap_limit_m, &setting->stations[i].spot, error));
    }
    for (uint32_t i = 0; i < scenario->facility_count; i++) {
        TRY(roads_spot(roads, scenario->facilities[i].point, scenario->snap_limit_m, &setting->facilities[i].spot, error));
    }
    return STATUS_OK;
}

/* Sweeps are for cities of a size where they fit well; beyond, the labels answer alone. */
static bool sweeps_fit(const struct scenario *scenario, const struct roads *roads)
{
    static const uint64_t SWEEPS_BYTES_MAX = UINT64_C(1) << 30;
    const uint64_t bytes_a_node = sizeof(struct sweep_step) + sizeof(road_ticks); /* the sweep, and its column of a table */
    uint64_t places = (uint64_t)scenario->station_count * (1 + DRIVING_PROFILES) + scenario->facility_count;
    return places * city_graph(roads_city(roads))->node_count * bytes_a_node <= SWEEPS_BYTES_MAX;
}

/* One sweep for each station where a unit lives, of one profile and direction. */
static enum status sweep_stations(const struct scenario *scenario, struct world_setting *setting, enum road_profile profile,
                                  enum sweep_direction direction, struct error *error)
{
    struct sweep_maker *maker;
    TRY(sweep_maker_create(setting->roads, profile, direction, &maker, error));
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < scenario->unit_count && status == STATUS_OK; i++) {
        struct base *base = &setting->stations[scenario->units[i].station];
        struct sweep *sweep = direction == SWEEP_TO ? &base->home : &base->from[profile];
        status = sweep->steps == NULL ? sweep_create(maker, &base->spot, sweep, error) : STATUS_OK;
    }
    sweep_maker_destroy(maker);
    return status;
}

static enum status sweep_facilities(const struct scenario *scenario, struct world_setting *setting, struct error *error)
{
    struct sweep_maker *maker;
    TRY(sweep_maker_create(setting->roads, scenario->policy.facility_profile, SWEEP_TO, &maker, error));
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < scenario->facility_count && status == STATUS_OK; i++) {
        status = sweep_create(maker, &setting->facilities[i].spot, &setting->facilities[i].to, error);
    }
    sweep_maker_destroy(maker);
    return status;
}

static enum status table_stations(const struct scenario *scenario, struct world_setting *setting, enum road_profile profile,
                                  struct error *error)
{
    const struct sweep **sweeps = calloc((size_t)scenario->station_count + 1, sizeof *sweeps);
    if (sweeps == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the ways out of %u stations", scenario->station_count);
    }
    for (uint32_t i = 0; i < scenario->station_count; i++) {
        sweeps[i] = &setting->stations[i].from[profile];
        setting->stations[i].from_all[profile] = &setting->from_stations[profile];
        setting->stations[i].column = i;
    }
    uint32_t node_count = city_graph(roads_city(setting->roads))->node_count;
    enum status status = sweep_table_create(sweeps, scenario->station_count, node_count, &setting->from_stations[profile], error);
    free(sweeps);
    return status;
}

static enum status table_facilities(const struct scenario *scenario, struct world_setting *setting, struct error *error)
{
    const struct sweep **sweeps = calloc((size_t)scenario->facility_count + 1, sizeof *sweeps);
    if (sweeps == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the ways to %u facilities", scenario->facility_count);
    }
    for (uint32_t i = 0; i < scenario->facility_count; i++) {
        sweeps[i] = &setting->facilities[i].to;
    }
    uint32_t node_count = city_graph(roads_city(setting->roads))->node_count;
    enum status status = sweep_table_create(sweeps, scenario->facility_count, node_count, &setting->to_facilities, error);
    free(sweeps);
    return status;
}

static enum status make_sweeps(const struct scenario *scenario, struct world_setting *setting, struct error *error)
{
    if (!sweeps_fit(scenario, setting->roads)) {
        return STATUS_OK;
    }
    bool used[ROAD_PROFILE_COUNT] = { false };
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        used[scenario->priorities[i].profile] |= scenario->priorities[i].used;
    }
    for (int profile = 0; profile < DRIVING_PROFILES; profile++) {
        if (used[profile]) {
            TRY(sweep_stations(scenario, setting, (enum road_profile)profile, SWEEP_FROM, error));
            TRY(table_stations(scenario, setting, (enum road_profile)profile, error));
        }
    }
    TRY(sweep_stations(scenario, setting, scenario->policy.return_profile, SWEEP_TO, error));
    TRY(sweep_facilities(scenario, setting, error));
    return table_facilities(scenario, setting, error);
}

/* A crew that cannot transport would have to hand its patient to another; the world has no such crews yet, and says so. */
static enum status check_vehicles(const struct scenario *scenario, struct error *error)
{
    for (uint32_t i = 0; i < scenario->unit_count; i++) {
        if (scenario->units[i].vehicle != VEHICLE_AMBULANCE) {
            return ERROR(
                error, STATUS_BAD_INPUT,
                "%s/units.csv:%d: unit \"%s\" is no ambulance; the simulator serves calls with ambulances only, so leave it out",
                scenario->folder, scenario->units[i].line, scenario->units[i].id);
        }
    }
    return STATUS_OK;
}

enum status world_setting_create(const struct scenario *scenario, const struct roads *roads, const struct policy *policy,
                                 struct world_setting *setting, struct error *error)
{
    TRY(check_vehicles(scenario, error));
    *setting = (struct world_setting){ .scenario = scenario, .roads = roads, .policy = policy };
    setting->stations = calloc(scenario->station_count + 1, sizeof *setting->stations);
    setting->facilities = calloc(scenario->facility_count + 1, sizeof *setting->facilities);
    if (setting->stations == NULL || setting->facilities == NULL) {
        world_setting_free(setting);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the places of the scenario");
    }
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        double mean_s = scenario->priorities[i].used ? distribution_mean(&scenario->priorities[i].mobilisation) : 0;
        setting->mobilisation_mean[i] = duration_from_seconds(mean_s);
    }
    enum status status = find_spots(scenario, roads, setting, error);
    if (status == STATUS_OK) {
        status = make_sweeps(scenario, setting, error);
    }
    if (status != STATUS_OK) {
        world_setting_free(setting);
        return status;
    }
    return STATUS_OK;
}

void world_setting_free(struct world_setting *setting)
{
    for (uint32_t i = 0; setting->stations != NULL && i < setting->scenario->station_count; i++) {
        sweep_free(&setting->stations[i].home);
        for (int profile = 0; profile < DRIVING_PROFILES; profile++) {
            sweep_free(&setting->stations[i].from[profile]);
        }
    }
    for (int profile = 0; profile < DRIVING_PROFILES; profile++) {
        sweep_table_free(&setting->from_stations[profile]);
    }
    sweep_table_free(&setting->to_facilities);
    for (uint32_t i = 0; setting->facilities != NULL && i < setting->scenario->facility_count; i++) {
        sweep_free(&setting->facilities[i].to);
    }
    free(setting->stations);
    free(setting->facilities);
    *setting = (struct world_setting){ 0 };
}
