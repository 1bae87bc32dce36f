/* The first entries of a centre's journal: that it is open, by which rules, and what it has. Given to the core as an
 * administrator would give them, and made durable in one commit. Ids of the core are places in the setup plus one, because both
 * count from the first. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "core/engine.h"
#include "core/need.h"
#include "host/clock.h"
#include "host/setup_private.h"
#include "policy/policies.h"

enum { POSITION_AGE_STEP_MS = 60000 };

struct sending {
    struct engine *engine;
    struct instant now;
    uint32_t administrator;
    uint64_t message[COMMAND_SIZE_MAX / sizeof(uint64_t)];
};

static enum status send(struct sending *sending, struct command_head *command, uint32_t expected, struct error *error)
{
    struct step_result result;
    command->actor = sending->administrator;
    TRY(engine_step(sending->engine, command, command->size, sending->now, &result, error));
    if (result.refusal != REFUSED_NONE) {
        return ERROR(error, STATUS_BAD_INPUT, "the core refuses %s: %s", command_kind(command->kind)->name,
                     refusal_name(result.refusal));
    }
    CHECK(result.made == expected);
    return STATUS_OK;
}

void setup_fill_policy(const struct config *config, struct command_policy_set *command)
{
    const int64_t targets_s[PRIORITY_COUNT] = { [PRIORITY_CRITICAL] = config->target_critical_s,
                                                [PRIORITY_SEVERE] = config->target_severe_s,
                                                [PRIORITY_URGENT] = config->target_urgent_s,
                                                [PRIORITY_NON_URGENT] = config->target_non_urgent_s };
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        command->items[i] = (struct priority_rule){ .priority = (uint8_t)i, .response_target = duration_seconds(targets_s[i]) };
    }
    command->ring_limit_s = (uint32_t)config->ring_limit_s;
    command->call_back_limit_s = (uint32_t)config->call_back_limit_s;
    command->travel_times_limit_s = (uint32_t)config->travel_times_limit_s;
    command->decision_limit_s = (uint32_t)config->decision_limit_s;
    command->acknowledge_limit_s = (uint32_t)config->acknowledge_limit_s;
    command->depart_limit_s = (uint32_t)config->depart_limit_s;
    command->scene_limit_s = (uint32_t)config->scene_limit_s;
    command->unit_silent_limit_s = (uint32_t)config->unit_silent_limit_s;
    command->beds_stale_limit_s = (uint32_t)config->beds_stale_limit_s;
    command->prealert_limit_s = (uint32_t)config->prealert_limit_s;
}

static enum status send_opening(struct sending *sending, const struct setup *setup, const struct policy *policy,
                                struct error *error)
{
    struct command_centre_open command;
    COMMAND_BEGIN(&command, CENTRE_OPEN, ACTOR_KIND_ADMIN);
    command.city_fingerprint = city_fingerprint(setup->city);
    command.policy_version = policy->version;
    command.drill = setup->options.drill;
    return send(sending, &command.head, 0, error);
}

static enum status send_policy(struct sending *sending, const struct setup *setup, const struct policy *policy,
                               struct error *error)
{
    const struct scenario_policy *rules = &setup->scenario->policy;
    struct command_policy_set *command = (struct command_policy_set *)(void *)sending->message;
    COMMAND_BEGIN(command, POLICY_SET, ACTOR_KIND_ADMIN);
    command->count = PRIORITY_COUNT;
    command->head.size += (uint32_t)(PRIORITY_COUNT * sizeof command->items[0]);
    for (unsigned from = 0; from < PRIORITY_COUNT; from++) {
        for (unsigned to = 0; to < PRIORITY_COUNT; to++) {
            unsigned bit = rules->may_divert[from][to] ? 1u << (PRIORITY_COUNT * from + to) : 0;
            command->divert_matrix = (uint16_t)(command->divert_matrix | bit);
        }
    }
    command->queue_rule = policy->queue_rule;
    command->returning_waits = !rules->dispatch_returning;
    command->divert_gain_min = duration_from_seconds(rules->divert_gain_s);
    command->beds_required = 1;
    command->position_age_step_ms = POSITION_AGE_STEP_MS;
    setup_fill_policy(&setup->config, command);
    return send(sending, &command->head, 0, error);
}

static enum status send_posts(struct sending *sending, const struct scenario *scenario, struct error *error)
{
    for (uint32_t i = 0; i < scenario->station_count; i++) {
        struct command_post_add command;
        COMMAND_BEGIN(&command, POST_ADD, ACTOR_KIND_ADMIN);
        command.point = scenario->stations[i].point;
        command.external = i + 1;
        TRY(send(sending, &command.head, i + 1, error));
    }
    return STATUS_OK;
}

static enum status send_units(struct sending *sending, const struct scenario *scenario, struct error *error)
{
    for (uint32_t i = 0; i < scenario->unit_count; i++) {
        const struct scenario_unit *unit = &scenario->units[i];
        struct command_unit_add command;
        COMMAND_BEGIN(&command, UNIT_ADD, ACTOR_KIND_ADMIN);
        command.post.v = unit->station + 1;
        command.external = i + 1;
        command.skills = NEED_BASIC | NEED_DEFIBRILLATOR | (unit->skill == SKILL_ALS ? NEED_ADVANCED : 0);
        TRY(send(sending, &command.head, i + 1, error));
    }
    return STATUS_OK;
}

static uint32_t capabilities_of(const struct scenario_facility *facility)
{
    static const uint32_t bits[CARE_COUNT] = { [CARE_CHEST_PAIN] = NEED_CHEST_PAIN,
                                               [CARE_STROKE] = NEED_STROKE,
                                               [CARE_TRAUMA] = NEED_TRAUMA,
                                               [CARE_MATERNITY] = NEED_MATERNITY,
                                               [CARE_NEWBORN] = NEED_NEWBORN };
    uint32_t capabilities = 0;
    for (unsigned care = 0; care < CARE_COUNT; care++) {
        capabilities |= facility->capabilities >> care & 1 ? bits[care] : 0;
    }
    return capabilities;
}

static enum status send_facilities(struct sending *sending, const struct scenario *scenario, struct error *error)
{
    enum { BEDS_MAX = 10000 };
    for (uint32_t i = 0; i < scenario->facility_count; i++) {
        const struct scenario_facility *facility = &scenario->facilities[i];
        struct command_facility_add command;
        COMMAND_BEGIN(&command, FACILITY_ADD, ACTOR_KIND_ADMIN);
        command.point = facility->point;
        command.external = i + 1;
        command.capabilities = capabilities_of(facility);
        command.tier = facility->tier;
        TRY(send(sending, &command.head, i + 1, error));
        if (facility->beds == BEDS_UNLIMITED) {
            continue;
        }
        struct command_beds_set beds;
        COMMAND_BEGIN(&beds, BEDS_SET, ACTOR_KIND_ADMIN);
        beds.facility.v = i + 1;
        beds.kind = BED_KIND_EMERGENCY;
        beds.available = (uint16_t)(facility->beds < BEDS_MAX ? facility->beds : BEDS_MAX);
        TRY(send(sending, &beds.head, 0, error));
    }
    return STATUS_OK;
}

static enum status send_all(struct sending *sending, const struct setup *setup, const struct policy *policy, struct error *error)
{
    TRY(send_opening(sending, setup, policy, error));
    TRY(send_policy(sending, setup, policy, error));
    TRY(send_posts(sending, setup->scenario, error));
    TRY(send_units(sending, setup->scenario, error));
    TRY(send_facilities(sending, setup->scenario, error));
    TRY(setup_stopped(setup, error));
    return engine_commit(sending->engine, error);
}

static enum status write_entries(const struct setup *setup, const struct limits *limits, const struct policy *policy,
                                 struct journal *journal, uint32_t administrator, struct error *error)
{
    struct sending *sending = calloc(1, sizeof *sending);
    if (sending == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for commands");
    }
    sending->now = clock_wall();
    sending->administrator = administrator;
    enum status status = engine_create(limits, policy, journal, &sending->engine, error);
    if (status == STATUS_OK) {
        status = send_all(sending, setup, policy, error);
    }
    if (status == STATUS_OK) {
        status = store_journal_set_final(journal, engine_state_hash(sending->engine), error);
    }
    if (sending->engine != NULL) {
        engine_destroy(sending->engine);
    }
    free(sending);
    return status;
}

/* In a database server a killed attempt may have left a journal without entries: it is used, with the limits that it was made
 * with. */
static enum status open_journal(const struct store *store, struct limits *limits, const char *policy, struct journal *journal,
                                struct error *error)
{
    const struct journal_options options = { .created_by = "mingdi init", .limits = limits, .policy = policy };
    struct journal_facts facts;
    enum journal_access access = store->kind == STORE_FOLDER ? JOURNAL_CREATE : JOURNAL_WRITE_OR_CREATE;
    TRY(store_journal_open(store, access, &options, journal, error));
    store_journal_facts(journal, &facts);
    if (facts.last_sequence == 0 && facts.limits_known && strcmp(facts.policy, policy) == 0) {
        *limits = facts.limits;
        return STATUS_OK;
    }
    journal->close(journal->context);
    return ERROR(error, STATUS_BAD_INPUT, "%s: there is a journal of another centre, or of the policy %s; name another schema",
                 store->shown, facts.policy);
}

enum status setup_write_journal(const struct setup *setup, const struct store *store, uint32_t administrator, struct error *error)
{
    const struct config *config = &setup->config;
    const struct policy *policy = policy_find(config->policy);
    struct limits limits = LIMITS_DEFAULT;
    struct journal journal;
    CHECK(policy != NULL); /* checked with the configuration */
    limits.calls = (uint32_t)config->limit_calls;
    limits.incidents = (uint32_t)config->limit_incidents;
    limits.units = (uint32_t)config->limit_units;
    limits.posts = (uint32_t)config->limit_posts;
    limits.facilities = (uint32_t)config->limit_facilities;
    limits.keys = (uint32_t)config->limit_keys;
    TRY(open_journal(store, &limits, config->policy, &journal, error));
    enum status status = write_entries(setup, &limits, policy, &journal, administrator, error);
    journal.close(journal.context);
    return status;
}
