/* The table of rights is made from schema/rights.toml; here is only what "lies in a scope" means. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "host/rights.h"

enum sight { SIGHT_CALLS, SIGHT_INCIDENTS, SIGHT_MISSIONS, SIGHT_UNITS, SIGHT_FACILITIES, SIGHT_ALL_FACILITIES, SIGHT_MESSAGES };

/* What a scope is held against. The first five are in the order of the core's enum subject. */
enum subject_of {
    SUBJECT_OF_CALL,
    SUBJECT_OF_INCIDENT,
    SUBJECT_OF_MISSION,
    SUBJECT_OF_UNIT,
    SUBJECT_OF_FACILITY,
    SUBJECT_OF_ALARM,
    SUBJECT_OF_MESSAGE,
    SUBJECT_OF_FIXES,
    SUBJECT_OF_CENTRE,
    SUBJECT_OF_ANYWHERE,
    SUBJECT_OF_COUNT,
};
_Static_assert((int)SUBJECT_OF_CALL == SUBJECT_CALL && (int)SUBJECT_OF_FACILITY == SUBJECT_FACILITY,
               "alarms carry the core's subjects");

struct role_rule {
    uint32_t scopes, sees; /* bit sets of enum scope, enum sight */
};

struct command_rule {
    uint32_t roles, subjects;    /* bit sets of enum role, enum subject_of */
    uint8_t actors[ROLE_COUNT];  /* enum actor_kind, of those roles */
    uint32_t stages[ROLE_COUNT]; /* of mission_report: the only stages that the role may report; 0: all */
};

struct resource_rule {
    uint32_t roles;
    bool centre;
};

#include "host/rights_tables.h"

static bool has(uint32_t set, unsigned bit) { return bit < 32 && (set >> bit & 1) != 0; }

bool rights_grant_fits(const struct grant *grant)
{
    return grant->role < ROLE_COUNT && grant->scope < SCOPE_COUNT && has(ROLE_RULES[grant->role].scopes, grant->scope) &&
           (grant->scope == SCOPE_CENTRE) == (grant->id == 0);
}

/* ---- the table as it is shown ---- */

static void write_labels(struct json *json, const char *name, uint32_t set, const char *const *labels, unsigned count)
{
    json_array_begin(json, name);
    for (unsigned bit = 0; bit < count; bit++) {
        if (has(set, bit)) {
            json_text(json, NULL, labels[bit]);
        }
    }
    json_array_end(json);
}

static void write_role(struct json *json, enum role role)
{
    static const char *const sights[] = {
        [SIGHT_CALLS] = "calls",      [SIGHT_INCIDENTS] = "incidents",   [SIGHT_MISSIONS] = "missions",
        [SIGHT_UNITS] = "units",      [SIGHT_FACILITIES] = "facilities", [SIGHT_ALL_FACILITIES] = "all_facilities",
        [SIGHT_MESSAGES] = "messages"
    };
    json_object_begin(json, NULL);
    json_text(json, "name", ROLE_NAMES[role]);
    json_bool(json, "machine", role >= ROLE_GATEWAY);
    write_labels(json, "scopes", ROLE_RULES[role].scopes, SCOPE_NAMES, SCOPE_COUNT);
    write_labels(json, "sees", ROLE_RULES[role].sees, sights, ARRAY_LENGTH(sights));
    json_array_begin(json, "commands");
    for (uint16_t kind = 1; kind <= COMMAND_KIND_MAX; kind++) {
        if (command_kind(kind) != NULL && has(COMMAND_RULES[kind].roles, role)) {
            json_text(json, NULL, command_kind(kind)->name);
        }
    }
    json_array_end(json);
    json_array_begin(json, "resources");
    for (enum resource resource = 0; resource < RESOURCE_COUNT; resource++) {
        if (has(RESOURCE_RULES[resource].roles, role)) {
            json_text(json, NULL, RESOURCE_NAMES[resource]);
        }
    }
    json_array_end(json);
    json_object_end(json);
}

void rights_write_roles(struct json *json, const char *name)
{
    json_array_begin(json, name);
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        write_role(json, role);
    }
    json_array_end(json);
}

/* The next grant from *index on that fits and has one of the roles; NULL when there is none. */
static const struct grant *next_grant(const struct identity *identity, uint32_t roles, uint32_t *index)
{
    uint32_t count = identity->grant_count < GRANTS_MAX ? identity->grant_count : GRANTS_MAX;
    while (*index < count) {
        const struct grant *grant = &identity->grants[(*index)++];
        if (rights_grant_fits(grant) && has(roles, grant->role)) {
            return grant;
        }
    }
    return NULL;
}

/* ---- what lies in a scope ---- */

static bool holds_mission(const struct grant *grant, const struct core *core, const struct mission *mission);

/* A mission of the incident, not ended, that the grant holds. */
static bool holds_one_of(const struct grant *grant, const struct core *core, const struct incident *incident)
{
    const struct mission *mission = core_mission(core, incident->first_mission);
    while (mission != NULL) {
        if (holds_mission(grant, core, mission)) {
            return true;
        }
        mission = core_mission(core, mission->next_of_incident);
    }
    return false;
}

static bool holds_incident(const struct grant *grant, const struct core *core, const struct incident *incident)
{
    switch (grant->scope) {
    case SCOPE_CENTRE: return true;
    case SCOPE_DISTRICT: return incident->district == grant->id;
    default: return holds_one_of(grant, core, incident);
    }
}

static bool holds_mission(const struct grant *grant, const struct core *core, const struct mission *mission)
{
    const struct incident *incident;
    switch (grant->scope) {
    case SCOPE_CENTRE: return true;
    case SCOPE_DISTRICT:
        incident = core_incident(core, mission->incident);
        return incident != NULL && incident->district == grant->id;
    case SCOPE_FACILITY: return mission->facility.v == grant->id;
    case SCOPE_UNIT: return mission->unit.v == grant->id;
    default: return false;
    }
}

/* A call whose place is not known rings for all who may answer it. */
static bool holds_call(const struct grant *grant, const struct core *core, const struct call *call)
{
    if (grant->scope == SCOPE_CENTRE) {
        return true;
    }
    if (grant->scope == SCOPE_DISTRICT) {
        return call->district == grant->id || (call->district == 0 && has(COMMAND_RULES[COMMAND_CALL_ANSWER].roles, grant->role));
    }
    const struct incident *incident = core_incident(core, call->incident);
    return incident != NULL && holds_incident(grant, core, incident);
}

static bool in_district(const struct directory *directory, enum directory_kind kind, uint32_t id, uint32_t district)
{
    const struct directory_entry *entry = directory_find(directory, kind, id);
    return entry != NULL && entry->district == district;
}

static bool holds_unit(const struct grant *grant, const struct directory *directory, uint32_t unit)
{
    switch (grant->scope) {
    case SCOPE_CENTRE: return true;
    case SCOPE_DISTRICT: return in_district(directory, DIRECTORY_UNIT, unit, grant->id);
    case SCOPE_UNIT: return unit == grant->id;
    default: return false;
    }
}

static bool holds_facility(const struct grant *grant, const struct directory *directory, uint32_t facility)
{
    switch (grant->scope) {
    case SCOPE_CENTRE: return true;
    case SCOPE_DISTRICT: return in_district(directory, DIRECTORY_FACILITY, facility, grant->id);
    case SCOPE_FACILITY: return facility == grant->id;
    default: return false;
    }
}

/* ---- commands ---- */

/* What a question about a command is asked of. */
struct question {
    const struct core *core;
    const struct directory *directory;
    const struct command_head *command;
};

/* The id in the command's field of that name. The generator has seen to it that there is one. */
static uint32_t subject_id(const struct command_head *command, const char *name)
{
    for (const struct schema_field *field = command_kind(command->kind)->fields; field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            uint32_t id;
            CHECK(field->type == FIELD_ID);
            memcpy(&id, (const unsigned char *)command + field->offset, sizeof id);
            return id;
        }
    }
    UNREACHABLE();
}

static bool holds_id(const struct grant *grant, const struct question *question, enum subject_of subject, uint32_t id)
{
    const struct core *core = question->core;
    if (grant->scope == SCOPE_CENTRE) {
        return true;
    }
    const struct call *call;
    const struct incident *incident;
    const struct mission *mission;
    switch (subject) {
    case SUBJECT_OF_CALL: call = core_call(core, (struct call_id){ id }); return call != NULL && holds_call(grant, core, call);
    case SUBJECT_OF_INCIDENT:
        incident = core_incident(core, (struct incident_id){ id });
        return incident != NULL && holds_incident(grant, core, incident);
    case SUBJECT_OF_MISSION:
        mission = core_mission(core, (struct mission_id){ id });
        return mission != NULL && holds_mission(grant, core, mission);
    case SUBJECT_OF_UNIT: return core_unit(core, (struct unit_id){ id }) != NULL && holds_unit(grant, question->directory, id);
    case SUBJECT_OF_FACILITY:
        return core_facility(core, (struct facility_id){ id }) != NULL && holds_facility(grant, question->directory, id);
    default: UNREACHABLE();
    }
}

/* An alarm is the business of the desk that owns it, and of the duty commander; in a drill the simulation stands for all. */
static bool owns_alarm(enum role role, const struct alarm *alarm)
{
    switch (role) {
    case ROLE_DUTY_COMMANDER:
    case ROLE_SIMULATION: return true;
    case ROLE_CALL_TAKER: return alarm->owner == DESK_CALL_TAKER;
    case ROLE_DISPATCHER: return alarm->owner == DESK_DISPATCHER;
    case ROLE_HOSPITAL: return alarm->owner == DESK_HOSPITAL;
    default: return false;
    }
}

static bool holds_alarm(const struct grant *grant, const struct question *question, uint32_t id)
{
    const struct alarm *alarm = core_alarm(question->core, (struct alarm_id){ id });
    if (alarm == NULL) {
        return grant->scope == SCOPE_CENTRE;
    }
    return owns_alarm((enum role)grant->role, alarm) &&
           holds_id(grant, question, (enum subject_of)alarm->subject_kind, alarm->subject);
}

/* A message lies where its unit is at home, and where the incident is that it is about. */
static bool holds_message(const struct grant *grant, const struct directory *directory, const struct message *message)
{
    return (grant->scope == SCOPE_DISTRICT && message->district == grant->id) || holds_unit(grant, directory, message->unit.v);
}

static bool holds_message_id(const struct grant *grant, const struct question *question, uint32_t id)
{
    const struct message *message = core_message(question->core, (struct message_id){ id });
    return message == NULL ? grant->scope == SCOPE_CENTRE : holds_message(grant, question->directory, message);
}

static const char *const SUBJECT_NAMES[SUBJECT_OF_COUNT] = {
    [SUBJECT_OF_CALL] = "call",       [SUBJECT_OF_INCIDENT] = "incident", [SUBJECT_OF_MISSION] = "mission",
    [SUBJECT_OF_UNIT] = "unit",       [SUBJECT_OF_FACILITY] = "facility", [SUBJECT_OF_ALARM] = "alarm",
    [SUBJECT_OF_MESSAGE] = "message", [SUBJECT_OF_FIXES] = "units",       [SUBJECT_OF_CENTRE] = "centre",
    [SUBJECT_OF_ANYWHERE] = "centre",
};

static bool grant_holds(const struct grant *grant, const struct question *question, enum subject_of subject)
{
    switch (subject) {
    case SUBJECT_OF_CENTRE: return grant->scope == SCOPE_CENTRE;
    case SUBJECT_OF_ANYWHERE: return grant->scope == SCOPE_CENTRE || grant->scope == SCOPE_DISTRICT;
    case SUBJECT_OF_ALARM: return holds_alarm(grant, question, subject_id(question->command, SUBJECT_NAMES[subject]));
    case SUBJECT_OF_MESSAGE: return holds_message_id(grant, question, subject_id(question->command, SUBJECT_NAMES[subject]));
    default: return holds_id(grant, question, subject, subject_id(question->command, SUBJECT_NAMES[subject]));
    }
}

/* Whether one of the role's grants holds the subject. */
static bool role_holds(const struct identity *identity, enum role role, const struct question *question, enum subject_of subject)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_grant(identity, 1u << role, &i)) != NULL;) {
        if (grant_holds(grant, question, subject)) {
            return true;
        }
    }
    return false;
}

static bool role_holds_fix(const struct identity *identity, enum role role, const struct question *question, uint32_t unit)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_grant(identity, 1u << role, &i)) != NULL;) {
        if (holds_id(grant, question, SUBJECT_OF_UNIT, unit)) {
            return true;
        }
    }
    return false;
}

static bool role_holds_fixes(const struct identity *identity, enum role role, const struct question *question)
{
    const struct command_units_position *fixes = (const struct command_units_position *)(const void *)question->command;
    for (uint32_t i = 0; i < fixes->count; i++) {
        if (!role_holds_fix(identity, role, question, fixes->items[i].unit.v)) {
            return false;
        }
    }
    return true;
}

/* The first subject that the role's grants do not hold, or SUBJECT_OF_COUNT. */
static enum subject_of not_held(const struct identity *identity, enum role role, const struct question *question)
{
    uint32_t subjects = COMMAND_RULES[question->command->kind].subjects;
    for (enum subject_of subject = 0; subject < SUBJECT_OF_COUNT; subject++) {
        if (!has(subjects, subject)) {
            continue;
        }
        bool held = subject == SUBJECT_OF_FIXES ? role_holds_fixes(identity, role, question)
                                                : role_holds(identity, role, question, subject);
        if (!held) {
            return subject;
        }
    }
    return SUBJECT_OF_COUNT;
}

static bool stage_allowed(enum role role, const struct command_head *command)
{
    uint32_t stages = COMMAND_RULES[command->kind].stages[role];
    if (stages == 0) {
        return true;
    }
    CHECK(command->kind == COMMAND_MISSION_REPORT);
    return has(stages, ((const struct command_mission_report *)(const void *)command)->stage);
}

static bool has_role(const struct identity *identity, uint32_t roles)
{
    uint32_t index = 0;
    return next_grant(identity, roles, &index) != NULL;
}

/* "call_answer is for: call_taker, duty_commander". */
static void say_roles(const char *name, uint32_t roles, char *why, size_t why_size)
{
    int length = snprintf(why, why_size, roles == 0 ? "%s is sent by nobody outside" : "%s is for:", name);
    const char *comma = "";
    for (unsigned role = 0; role < ROLE_COUNT && length >= 0 && (size_t)length < why_size; role++) {
        if (has(roles, role)) {
            length += snprintf(why + length, why_size - (size_t)length, "%s %s", comma, ROLE_NAMES[role]);
            comma = ",";
        }
    }
}

static void say_scope(const struct question *question, enum role role, enum subject_of subject, char *why, size_t why_size)
{
    const char *name = command_kind(question->command->kind)->name;
    if (subject == SUBJECT_OF_CENTRE || subject == SUBJECT_OF_ANYWHERE) {
        snprintf(why, why_size, "%s needs the role %s for the whole centre", name, ROLE_NAMES[role]);
    } else if (subject == SUBJECT_OF_FIXES) {
        snprintf(why, why_size, "%s: a unit of the list is outside your scope as %s", name, ROLE_NAMES[role]);
    } else {
        snprintf(why, why_size, "%s: %s %" PRIu32 " is outside your scope as %s", name, SUBJECT_NAMES[subject],
                 subject_id(question->command, SUBJECT_NAMES[subject]), ROLE_NAMES[role]);
    }
}

int rights_command(const struct identity *identity, const struct core *core, const struct directory *directory,
                   const struct command_head *command, char *why, size_t why_size)
{
    const struct schema_kind *kind = command_kind(command->kind);
    if (kind == NULL) {
        snprintf(why, why_size, "there is no such command");
        return -1;
    }
    uint32_t roles = COMMAND_RULES[command->kind].roles;
    say_roles(kind->name, roles, why, why_size);
    struct question question = { core, directory, command };
    for (unsigned role = 0; role < ROLE_COUNT; role++) {
        if (!has(roles, role) || !has_role(identity, 1u << role)) {
            continue;
        }
        if (!stage_allowed((enum role)role, command)) {
            snprintf(why, why_size, "%s: this stage is not one that a %s reports", kind->name, ROLE_NAMES[role]);
            continue;
        }
        enum subject_of outside = not_held(identity, (enum role)role, &question);
        if (outside == SUBJECT_OF_COUNT) {
            why[0] = '\0';
            return (int)role;
        }
        say_scope(&question, (enum role)role, outside, why, why_size);
    }
    return -1;
}

enum actor_kind rights_actor(enum role role, uint16_t kind)
{
    CHECK(command_kind(kind) != NULL && has(COMMAND_RULES[kind].roles, role));
    return (enum actor_kind)COMMAND_RULES[kind].actors[role];
}

/* ---- resources ---- */

static const struct grant *next_for_resource(const struct identity *identity, enum resource resource, uint32_t *index)
{
    const struct resource_rule *rule = &RESOURCE_RULES[resource];
    const struct grant *grant;
    while ((grant = next_grant(identity, rule->roles, index)) != NULL) {
        if (!rule->centre || grant->scope == SCOPE_CENTRE) {
            return grant;
        }
    }
    return NULL;
}

bool rights_resource(const struct identity *identity, enum resource resource)
{
    uint32_t index = 0;
    return next_for_resource(identity, resource, &index) != NULL;
}

bool rights_caller(const struct identity *identity, const struct core *core, enum resource resource, const struct call *call)
{
    CHECK(resource == RESOURCE_CALLER || resource == RESOURCE_CALLER_WRITE);
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_for_resource(identity, resource, &i)) != NULL;) {
        if (resource == RESOURCE_CALLER_WRITE && grant->scope == SCOPE_UNIT) {
            continue; /* a vehicle's gateway is not the telephone exchange */
        }
        if (grant->scope == SCOPE_CENTRE || (call != NULL && holds_call(grant, core, call))) {
            return true;
        }
    }
    return false;
}

bool rights_position(const struct identity *identity, struct unit_id unit)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_for_resource(identity, RESOURCE_POSITIONS_WRITE, &i)) != NULL;) {
        if (holds_unit(grant, NULL, unit.v)) {
            return true;
        }
    }
    return false;
}

bool rights_district(const struct identity *identity, enum resource resource, uint32_t district)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_for_resource(identity, resource, &i)) != NULL;) {
        if (grant->scope == SCOPE_CENTRE || (grant->scope == SCOPE_DISTRICT && district != 0 && grant->id == district)) {
            return true;
        }
    }
    return false;
}

bool rights_control(const struct identity *identity, enum control_kind kind, uint32_t id)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_for_resource(identity, RESOURCE_CONTROL, &i)) != NULL;) {
        bool seat = grant->role == ROLE_CALL_TAKER || grant->role == ROLE_DISPATCHER || grant->role == ROLE_DUTY_COMMANDER;
        bool all = grant->role == ROLE_DUTY_COMMANDER && grant->scope == SCOPE_CENTRE;
        bool own = (kind == CONTROL_UNIT && grant->scope == SCOPE_UNIT) ||
                   (kind == CONTROL_FACILITY && grant->scope == SCOPE_FACILITY);
        if (all || (kind == CONTROL_SEAT && seat) || (own && grant->id == id)) {
            return true;
        }
    }
    return false;
}

/* ---- sight ---- */

static const struct grant *next_with_sight(const struct identity *identity, uint32_t sights, uint32_t *index)
{
    const struct grant *grant;
    while ((grant = next_grant(identity, UINT32_MAX, index)) != NULL) {
        if ((ROLE_RULES[grant->role].sees & sights) != 0) {
            return grant;
        }
    }
    return NULL;
}

bool rights_sees_call(const struct identity *identity, const struct core *core, const struct call *call)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_with_sight(identity, 1u << SIGHT_CALLS, &i)) != NULL;) {
        if (holds_call(grant, core, call)) {
            return true;
        }
    }
    return false;
}

bool rights_sees_incident(const struct identity *identity, const struct core *core, const struct incident *incident)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_with_sight(identity, 1u << SIGHT_INCIDENTS, &i)) != NULL;) {
        if (holds_incident(grant, core, incident)) {
            return true;
        }
    }
    return false;
}

bool rights_sees_mission(const struct identity *identity, const struct core *core, const struct mission *mission)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_with_sight(identity, 1u << SIGHT_MISSIONS, &i)) != NULL;) {
        if (holds_mission(grant, core, mission)) {
            return true;
        }
    }
    return false;
}

/* Also a unit from elsewhere that works in the scope, for as long as it does. */
bool rights_sees_unit(const struct identity *identity, const struct core *core, const struct directory *directory,
                      const struct unit *unit)
{
    const struct mission *mission = core_mission(core, unit->mission);
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_with_sight(identity, 1u << SIGHT_UNITS, &i)) != NULL;) {
        if (holds_unit(grant, directory, unit->id) || (mission != NULL && holds_mission(grant, core, mission))) {
            return true;
        }
    }
    return false;
}

bool rights_sees_facility(const struct identity *identity, const struct core *core, const struct directory *directory,
                          const struct facility *facility)
{
    (void)core;
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_with_sight(identity, 1u << SIGHT_FACILITIES | 1u << SIGHT_ALL_FACILITIES, &i)) != NULL;) {
        if (has(ROLE_RULES[grant->role].sees, SIGHT_ALL_FACILITIES) || holds_facility(grant, directory, facility->id)) {
            return true;
        }
    }
    return false;
}

bool rights_sees_alarm(const struct identity *identity, const struct core *core, const struct directory *directory,
                       const struct alarm *alarm)
{
    struct question question = { core, directory, NULL };
    uint32_t sights = 1u << alarm->subject_kind | (alarm->subject_kind == SUBJECT_FACILITY ? 1u << SIGHT_ALL_FACILITIES : 0);
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_with_sight(identity, sights, &i)) != NULL;) {
        if (holds_id(grant, &question, (enum subject_of)alarm->subject_kind, alarm->subject)) {
            return true;
        }
    }
    return false;
}

bool rights_sees_message(const struct identity *identity, const struct directory *directory, const struct message *message)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_with_sight(identity, 1u << SIGHT_MESSAGES, &i)) != NULL;) {
        if (holds_message(grant, directory, message)) {
            return true;
        }
    }
    return false;
}

bool rights_message_text(const struct identity *identity, const struct core *core, const struct directory *directory,
                         const struct message *message)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_for_resource(identity, RESOURCE_MESSAGES, &i)) != NULL;) {
        bool is_of_another_shift = grant->scope == SCOPE_UNIT && !core_message_is_of_crew(core, message);
        if (holds_message(grant, directory, message) && !is_of_another_shift) {
            return true;
        }
    }
    return false;
}

bool rights_is_party(const struct identity *identity, const struct directory *directory, const struct message *message)
{
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_grant(identity, COMMAND_RULES[COMMAND_MESSAGE_READ].roles, &i)) != NULL;) {
        if (holds_message(grant, directory, message)) {
            return true;
        }
    }
    return false;
}

bool rights_sees_all(const struct identity *identity)
{
    static const uint32_t everything = 1u << SIGHT_CALLS | 1u << SIGHT_INCIDENTS | 1u << SIGHT_MISSIONS | 1u << SIGHT_UNITS |
                                       1u << SIGHT_MESSAGES;
    const struct grant *grant;
    for (uint32_t i = 0; (grant = next_for_resource(identity, RESOURCE_SEATS, &i)) != NULL;) {
        if (grant->scope == SCOPE_CENTRE && (ROLE_RULES[grant->role].sees & everything) == everything) {
            return true;
        }
    }
    return false;
}
