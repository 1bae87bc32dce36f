/* Every role x command x scope, in and out of it, and every role x resource, over a real core with two districts: what may
 * be done is written out here once more, by hand. A right that is changed must be changed here too, on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/test_engine.h"
#include "host/rights.h"
#include "host/test_tables.h"

/* What is here (district 3, unit 1, facility 1) and what is there (district 4, unit 3, facility 2). Commands are about what
 * is here. */
enum { HERE = 3, THERE = 4, UNIT_HERE = 1, UNIT_THERE = 3, FACILITY_HERE = 1, FACILITY_THERE = 2, NOBODYS = 9999 };

struct scene {
    struct centre centre;
    struct test_tables tables;
    struct directory *directory;
    uint32_t ringing, call, incident, mission, waiting, mission_there, message; /* call: the one of the incident */
};

/* ---- the letters ---- */

/* C the centre. D the centre, and the district here. A the centre and any district. d the district here. F the facility
 * here. U the unit here. a any unit. G the centre, and the unit here. g the centre and any unit. - nobody. */
static bool letter_allows(char letter, const struct grant *grant)
{
    switch (grant->scope) {
    case SCOPE_CENTRE: return strchr("CDAGg", letter) != NULL;
    case SCOPE_DISTRICT: return letter == 'A' || (grant->id == HERE && strchr("Dd", letter) != NULL);
    case SCOPE_FACILITY: return letter == 'F' && grant->id == FACILITY_HERE;
    case SCOPE_UNIT: return letter == 'a' || letter == 'g' || (grant->id == UNIT_HERE && strchr("UG", letter) != NULL);
    default: return false;
    }
}

static const struct grant SCOPES[] = {
    { .scope = SCOPE_CENTRE },
    { .scope = SCOPE_DISTRICT, .id = HERE },
    { .scope = SCOPE_DISTRICT, .id = THERE },
    { .scope = SCOPE_FACILITY, .id = FACILITY_HERE },
    { .scope = SCOPE_FACILITY, .id = FACILITY_THERE },
    { .scope = SCOPE_UNIT, .id = UNIT_HERE },
    { .scope = SCOPE_UNIT, .id = UNIT_THERE },
};

static struct identity one_grant(unsigned role, struct grant scope)
{
    struct identity identity = { .actor = 1, .grant_count = 1 };
    identity.grants[0] = (struct grant){ .role = (uint8_t)role, .scope = scope.scope, .id = scope.id };
    return identity;
}

/* As role and scope. */
#define FOR_EACH_GRANT()                               \
    for (unsigned role = 0; role < ROLE_COUNT; role++) \
        for (const struct grant *scope = SCOPES; scope < SCOPES + ARRAY_LENGTH(SCOPES); scope++)

static void expect(bool allowed, char letter, const char *what, unsigned role, const struct grant *scope)
{
    if (allowed != letter_allows(letter, scope)) {
        fail_msg("%s as %s of %s %u: %s, the letter is %c", what, ROLE_NAMES[role], SCOPE_NAMES[scope->scope], scope->id,
                 allowed ? "allowed" : "denied", letter);
    }
}

/* ---- the scene ---- */

static void fill_directory(struct scene *scene)
{
    test_tables_make(&scene->tables);
    test_run(scene->tables.sql, "INSERT INTO directory(kind, id, code, name, district) VALUES('district', 3, 'd3', 'Here', 0),"
                                "('district', 4, 'd4', 'There', 0), ('unit', 1, 'u1', '', 3), ('unit', 2, 'u2', '', 3),"
                                "('unit', 3, 'u3', '', 4), ('unit', 4, 'u4', '', 4), ('facility', 1, 'f1', '', 3),"
                                "('facility', 2, 'f2', '', 4)");
    struct error error = { 0 };
    if (directory_load(scene->tables.sql, &scene->directory, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

/* A call that has become an incident; its id. */
static uint32_t incident_in(struct centre *centre, uint32_t district, uint32_t needs, uint32_t *call)
{
    *call = DO(centre, CALL_OFFER, call_offer, SYSTEM, .caller = 5);
    DO(centre, CALL_ANSWER, call_answer, SEAT, .call = { *call }, .seat = 1);
    DO(centre, CALL_LOCATE, call_locate, SEAT, .call = { *call }, .point = { 70, 80 }, .district = district);
    return DO(centre, CALL_TRIAGE, call_triage, SEAT, .call = { *call }, .needs = needs, .priority = PRIORITY_CRITICAL,
              .units_wanted = 1);
}

/* The unit is sent, reaches the scene and heads for the facility. */
static uint32_t mission_to(struct centre *centre, uint32_t incident, uint32_t unit, uint32_t facility)
{
    MUST(centre, centre_times_all(centre, incident));
    uint32_t mission = centre_assign(centre, incident, unit);
    centre_wait(centre, TEST_ACKNOWLEDGE_S + 1);
    DO(centre, TIME_PASSED, time_passed, SYSTEM);
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_ARRIVE));
    DO(centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .needs = NEED_STROKE);
    MUST(centre, centre_facility_times(centre, mission));
    DO(centre, DESTINATION_SET, destination_set, SEAT, .mission = { mission }, .facility = { facility },
       .override = OVERRIDE_REASON_OTHER);
    return mission;
}

static int scene_make(void **state)
{
    static struct scene scene;
    struct centre *centre = &scene.centre;
    uint32_t call_there;
    fill_directory(&scene);
    centre_begin(centre, 4, 2);
    centre_rules_with(centre, 0, 0, TEST_BEDS_STALE_S);
    for (uint32_t i = 1; i <= 2; i++) {
        DO(centre, BEDS_SET, beds_set, FACILITY, .facility = { i }, .kind = BED_KIND_EMERGENCY, .available = 5);
    }
    scene.incident = incident_in(centre, HERE, NEED_BASIC, &scene.call);
    scene.mission = mission_to(centre, scene.incident, UNIT_HERE, FACILITY_HERE);
    scene.mission_there = mission_to(centre, incident_in(centre, THERE, NEED_BASIC, &call_there), UNIT_THERE, FACILITY_THERE);
    scene.message = DO(centre, MESSAGE_SEND, message_send, SEAT, .unit = { UNIT_HERE }, .to_crew = 1);
    scene.waiting = incident_in(centre, HERE, NEED_NEONATAL, &call_there);
    scene.ringing = DO(centre, CALL_OFFER, call_offer, SYSTEM, .caller = 6);
    centre_wait(centre, TEST_BEDS_STALE_S + 1);
    DO(centre, TIME_PASSED, time_passed, SYSTEM);
    *state = &scene;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *scene = *state;
    centre_destroy(&scene->centre);
    directory_free(scene->directory);
    test_tables_remove(&scene->tables);
    return 0;
}

static uint32_t alarm_about(const struct scene *scene, enum alarm_kind kind, uint32_t subject)
{
    for (uint32_t id = 1; core_alarm(scene->centre.core, (struct alarm_id){ id }) != NULL; id++) {
        const struct alarm *alarm = core_alarm(scene->centre.core, (struct alarm_id){ id });
        if (alarm->kind == kind && alarm->subject == subject) {
            return id;
        }
    }
    fail_msg("no alarm of kind %d for %u", (int)kind, subject);
    return 0;
}

/* ---- commands ---- */

union any_command {
    struct command_head head;
    struct command_call_answer call_answer;
    struct command_mission_report mission_report;
    struct command_units_position units_position;
    unsigned char bytes[512];
};

/* Puts the id in the field of that name, if the command has one. */
static void set_id(union any_command *command, const char *name, uint32_t id)
{
    for (const struct schema_field *field = command_kind(command->head.kind)->fields; field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            memcpy((unsigned char *)command + field->offset, &id, sizeof id);
        }
    }
}

static void make_command(union any_command *command, uint16_t kind)
{
    memset(command, 0, sizeof *command);
    command->head.kind = kind;
    command->head.version = (uint8_t)command_kind(kind)->version;
    command->head.size = command_kind(kind)->size;
}

/* About what is here. */
static void make_command_here(union any_command *command, uint16_t kind, const struct scene *scene, uint32_t alarm)
{
    make_command(command, kind);
    set_id(command, "call", scene->call);
    set_id(command, "incident", scene->incident);
    set_id(command, "mission", scene->mission);
    set_id(command, "unit", UNIT_HERE);
    set_id(command, "facility", FACILITY_HERE);
    set_id(command, "alarm", alarm);
    set_id(command, "message", scene->message);
    if (kind == COMMAND_UNITS_POSITION) {
        command->units_position.count = 2;
        command->units_position.items[0].unit.v = UNIT_HERE;
        command->units_position.items[1].unit.v = UNIT_HERE;
    }
    if (kind == COMMAND_MISSION_REPORT) {
        command->mission_report.stage = MISSION_EVENT_DEPART;
    }
}

static bool may(const struct scene *scene, const struct identity *identity, const union any_command *command)
{
    char why[160] = "?";
    int role = rights_command(identity, scene->centre.core, scene->directory, &command->head, why, sizeof why);
    assert_true((role < 0) == (why[0] != '\0'));
    assert_true(strlen(why) < sizeof why);
    return role >= 0;
}

static void check_command(const struct scene *scene, const char *what, const union any_command *command, const char *letters)
{
    assert_int_equal(strlen(letters), ROLE_COUNT);
    FOR_EACH_GRANT()
    {
        struct identity identity = one_grant(role, *scope);
        expect(may(scene, &identity, command), letters[role], what, role, scope);
    }
}

/* Columns: call taker, dispatcher, duty commander, crew, hospital, district health officer, planner, quality reviewer,
 * administrator, auditor, gateway, simulation, vehicle gateway. */
static const struct {
    uint16_t kind;
    const char *letters;
} COMMANDS[] = {
    { COMMAND_CENTRE_OPEN, "-------------" },
    { COMMAND_POLICY_SET, "--------C----" },
    { COMMAND_POST_ADD, "--------C----" },
    { COMMAND_UNIT_ADD, "--------C----" },
    { COMMAND_FACILITY_ADD, "--------C----" },
    { COMMAND_CALL_OFFER, "A-A-------CC-" },
    { COMMAND_CALL_ANSWER, "D-D--------C-" },
    { COMMAND_CALL_ABANDON, "D-D-------CC-" },
    { COMMAND_CALL_BACK, "D-D--------C-" },
    { COMMAND_CALL_LOCATE, "D-D-------CC-" },
    { COMMAND_CALL_TRIAGE, "D-D--------C-" },
    { COMMAND_CALL_LINK, "D-D--------C-" },
    { COMMAND_CALL_CLOSE, "D-D--------C-" },
    { COMMAND_TRAVEL_TIMES, "-------------" },
    { COMMAND_UNIT_ASSIGN, "-DD--------C-" },
    { COMMAND_INCIDENT_PRIORITISE, "DDDU-------C-" },
    { COMMAND_UNITS_REQUEST, "-DDU-------C-" },
    { COMMAND_INCIDENT_SHORTFALL, "--D--------C-" },
    { COMMAND_INCIDENT_CANCEL, "-DD--------C-" },
    { COMMAND_INCIDENT_RECONSIDER, "-DD--------C-" },
    { COMMAND_MISSION_REPORT, "-DDU-------CC" },
    { COMMAND_MISSION_CANCEL, "-DD--------C-" },
    { COMMAND_TRANSPORT_REQUEST, "-DDU-------C-" },
    { COMMAND_FACILITY_TIMES, "-------------" },
    { COMMAND_DESTINATION_SET, "-DDU-------C-" },
    { COMMAND_UNIT_REPORT, "-DDU-------CC" },
    { COMMAND_UNIT_POSITION, "---U------GCC" },
    { COMMAND_UNITS_POSITION, "---U------GCC" },
    { COMMAND_UNIT_MOVE, "-DD--------C-" },
    { COMMAND_BEDS_SET, "----F------C-" },
    { COMMAND_BED_CHANGE, "----F------C-" },
    { COMMAND_FACILITY_REPORT, "----F------C-" },
    { COMMAND_TIME_PASSED, "-------------" },
    { COMMAND_ALARM_ACKNOWLEDGE, "-DD--------C-" },
    { COMMAND_POST_CHANGE, "--------C----" },
    { COMMAND_UNIT_CHANGE, "--------C----" },
    { COMMAND_FACILITY_CHANGE, "--------C----" },
    { COMMAND_PATIENT_DESCRIBE, "-DDU-------C-" },
    { COMMAND_PREALERT_ACKNOWLEDGE, "-DD-F------C-" },
    { COMMAND_MESSAGE_SEND, "DDDU-------CC" },
    { COMMAND_MESSAGE_READ, "DDDU-------CC" },
    { COMMAND_PROTOCOL_LOAD, "-------------" },
    { COMMAND_TRIAGE_BEGIN, "D-D--------C-" },
    { COMMAND_TRIAGE_ANSWER, "D-D--------C-" },
    { COMMAND_TRIAGE_BACK, "D-D--------C-" },
    { COMMAND_PAPER_ENTER, "C-C--------C-" },
};

static void every_role_command_and_scope(void **state)
{
    const struct scene *scene = *state;
    union any_command command;
    uint32_t alarm = alarm_about(scene, ALARM_KIND_ORDER_UNACKNOWLEDGED, scene->mission);
    for (size_t i = 0; i < ARRAY_LENGTH(COMMANDS); i++) {
        make_command_here(&command, COMMANDS[i].kind, scene, alarm);
        check_command(scene, command_kind(COMMANDS[i].kind)->name, &command, COMMANDS[i].letters);
    }
    for (uint16_t kind = 0; kind <= COMMAND_KIND_MAX; kind++) {
        size_t found = 0;
        for (size_t i = 0; i < ARRAY_LENGTH(COMMANDS); i++) {
            found += COMMANDS[i].kind == kind;
        }
        assert_int_equal(found, command_kind(kind) != NULL);
    }
}

static void cases_of_their_own(void **state)
{
    const struct scene *scene = *state;
    union any_command command;
    make_command_here(&command, COMMAND_MISSION_REPORT, scene, 0);
    command.mission_report.stage = MISSION_EVENT_NOTIFY;
    check_command(scene, "notify", &command, "-DDU------GCC");
    command.mission_report.stage = MISSION_EVENT_HAND_OVER;
    check_command(scene, "hand_over", &command, "-DDUF------CC");
    command.mission_report.stage = MISSION_EVENT_REACH_FACILITY;
    check_command(scene, "reach_facility", &command, "-DDU-------CC");
    make_command_here(&command, COMMAND_CALL_ANSWER, scene, 0);
    command.call_answer.call.v = scene->ringing;
    check_command(scene, "a call without a place", &command, "A-A--------C-");
    make_command_here(&command, COMMAND_ALARM_ACKNOWLEDGE, scene, alarm_about(scene, ALARM_KIND_RING_UNANSWERED, scene->ringing));
    check_command(scene, "an alarm of call-takers", &command, "A-A--------C-");
    make_command_here(&command, COMMAND_ALARM_ACKNOWLEDGE, scene, alarm_about(scene, ALARM_KIND_QUEUE_OVERDUE, scene->waiting));
    check_command(scene, "an alarm of duty commanders", &command, "--D--------C-");
    make_command_here(&command, COMMAND_ALARM_ACKNOWLEDGE, scene, alarm_about(scene, ALARM_KIND_BEDS_STALE, FACILITY_HERE));
    check_command(scene, "an alarm of hospitals", &command, "--D-F------C-");
    make_command_here(&command, COMMAND_ALARM_ACKNOWLEDGE, scene,
                      alarm_about(scene, ALARM_KIND_PREALERT_UNACKNOWLEDGED, scene->mission));
    check_command(scene, "a pre-alert without an answer", &command, "--D-F------C-");
    make_command_here(&command, COMMAND_UNITS_POSITION, scene, 0);
    command.units_position.items[1].unit.v = UNIT_THERE;
    check_command(scene, "two units' positions", &command, "----------CCC");
}

/* What does not exist may be another's by the time the core looks: allowed to the centre alone, for whom the core refuses it
 * by name. */
static void what_does_not_exist(void **state)
{
    const struct scene *scene = *state;
    static const char *const names[] = { "call", "incident", "mission", "unit", "facility", "alarm", "message" };
    for (size_t i = 0; i < ARRAY_LENGTH(COMMANDS); i++) {
        union any_command command;
        if (COMMANDS[i].kind == COMMAND_CALL_OFFER) {
            continue; /* about nothing */
        }
        make_command_here(&command, COMMANDS[i].kind, scene, NOBODYS);
        for (size_t j = 0; j < ARRAY_LENGTH(names); j++) {
            set_id(&command, names[j], NOBODYS);
        }
        if (COMMANDS[i].kind == COMMAND_UNITS_POSITION) {
            command.units_position.items[1].unit.v = NOBODYS;
        }
        FOR_EACH_GRANT()
        {
            struct identity identity = one_grant(role, *scope);
            /* Which alarm is not known, so neither is whose: the roles of all alarms. */
            const char *letters = COMMANDS[i].kind == COMMAND_ALARM_ACKNOWLEDGE ? "CCC--------C-" : COMMANDS[i].letters;
            bool allowed = scope->scope == SCOPE_CENTRE && letter_allows(letters[role], scope);
            assert_int_equal(may(scene, &identity, &command), allowed);
        }
    }
}

static void no_grant_gives_nothing(void **state)
{
    const struct scene *scene = *state;
    struct identity nobody = { .actor = 1 };
    struct identity strangers[] = { one_grant(ROLE_COUNT, SCOPES[0]), one_grant(200, SCOPES[0]), one_grant(0, SCOPES[0]),
                                    one_grant(0, SCOPES[0]), one_grant(ROLE_CALL_TAKER, SCOPES[0]) };
    strangers[2].grants[0].scope = SCOPE_COUNT;
    strangers[3].grants[0] = (struct grant){ .role = ROLE_CALL_TAKER, .scope = SCOPE_DISTRICT, .id = 0 };
    strangers[4].grants[0].id = 7; /* a centre has no id */
    for (size_t i = 0; i < ARRAY_LENGTH(COMMANDS); i++) {
        union any_command command;
        make_command_here(&command, COMMANDS[i].kind, scene, 1);
        assert_false(may(scene, &nobody, &command));
        for (size_t j = 0; j < ARRAY_LENGTH(strangers); j++) {
            assert_false(may(scene, &strangers[j], &command));
        }
    }
    for (enum resource resource = 0; resource < RESOURCE_COUNT; resource++) {
        assert_false(rights_resource(&nobody, resource));
        for (size_t j = 0; j < ARRAY_LENGTH(strangers); j++) {
            assert_false(rights_resource(&strangers[j], resource));
        }
    }
    assert_false(rights_sees_all(&nobody));
    assert_false(rights_sees_call(&strangers[3], scene->centre.core, call_of(&scene->centre, scene->ringing)));
}

/* One role may hold the subjects by two grants, but a role never borrows the scope of another. */
static void several_grants(void **state)
{
    const struct scene *scene = *state;
    union any_command command;
    make_command_here(&command, COMMAND_UNIT_ASSIGN, scene, 0);
    set_id(&command, "unit", UNIT_THERE);
    struct identity dispatcher = one_grant(ROLE_DISPATCHER, SCOPES[1]);
    assert_false(may(scene, &dispatcher, &command));
    dispatcher.grants[dispatcher.grant_count++] = (struct grant){ ROLE_DISPATCHER, SCOPE_DISTRICT, THERE };
    assert_true(may(scene, &dispatcher, &command));
    dispatcher.grants[1].role = ROLE_DISTRICT_HEALTH_OFFICER;
    assert_false(may(scene, &dispatcher, &command));
    dispatcher.grants[1].role = ROLE_DUTY_COMMANDER;
    assert_false(may(scene, &dispatcher, &command));
    /* Sight by one grant and the caller's data by another make no sight of the caller. */
    struct identity officer = one_grant(ROLE_DISTRICT_HEALTH_OFFICER, SCOPES[1]);
    officer.grants[officer.grant_count++] = (struct grant){ ROLE_CALL_TAKER, SCOPE_DISTRICT, THERE };
    const struct call *call = call_of(&scene->centre, scene->call);
    assert_true(rights_sees_call(&officer, scene->centre.core, call));
    assert_true(rights_resource(&officer, RESOURCE_CALLER));
    assert_false(rights_caller(&officer, scene->centre.core, RESOURCE_CALLER, call));
}

static void actors_are_those_of_the_core(void **state)
{
    (void)state;
    static const int seats[ROLE_COUNT] = { [ROLE_CALL_TAKER] = 1, [ROLE_DISPATCHER] = 1, [ROLE_DUTY_COMMANDER] = 1 };
    for (size_t i = 0; i < ARRAY_LENGTH(COMMANDS); i++) {
        for (unsigned role = 0; role < ROLE_COUNT; role++) {
            uint16_t kind = COMMANDS[i].kind;
            const char *letters = kind == COMMAND_ALARM_ACKNOWLEDGE ? "DDD-F------C-"
                                  : kind == COMMAND_MISSION_REPORT  ? "-DDUF-----GCC"
                                                                    : COMMANDS[i].letters;
            if (letters[role] == '-') {
                continue;
            }
            enum actor_kind actor = rights_actor((enum role)role, kind);
            assert_true((command_kind(kind)->actors >> actor & 1) != 0);
            assert_true(actor != ACTOR_KIND_ROAD);
            assert_int_equal(actor == ACTOR_KIND_ADMIN, role == ROLE_ADMINISTRATOR);
            if (seats[role]) {
                assert_int_equal(actor, ACTOR_KIND_SEAT);
            }
            assert_true(role != ROLE_CREW || actor == ACTOR_KIND_CREW);
            assert_true(role != ROLE_VEHICLE_GATEWAY || actor == ACTOR_KIND_CREW);
            assert_true(role != ROLE_HOSPITAL || actor == ACTOR_KIND_FACILITY);
            assert_true(role != ROLE_GATEWAY || actor == (kind == COMMAND_UNIT_POSITION ? ACTOR_KIND_CREW : ACTOR_KIND_SYSTEM));
        }
    }
}

/* ---- resources ---- */

/* x: in every scope that the role takes; C: for the whole centre only. */
static const char *const RESOURCES[RESOURCE_COUNT] = {
    [RESOURCE_STATE] = "xxxxxx-xx-xxx",           [RESOURCE_CALLER] = "xxxx---x-----",
    [RESOURCE_CALLER_WRITE] = "xxx-------xx-",    [RESOURCE_PERSONAL_ERASE] = "--------C----",
    [RESOURCE_ENTRIES] = "-------C-C---",         [RESOURCE_INDICATORS] = "--x--xxx-----",
    [RESOURCE_REPORTS] = "--x----x-----",         [RESOURCE_AUDIT] = "---------C---",
    [RESOURCE_REVIEW] = "--x----x-----",          [RESOURCE_PEOPLE] = "--------C----",
    [RESOURCE_CONFIG] = "--C-----CC---",          [RESOURCE_CONFIG_WRITE] = "--------C----",
    [RESOURCE_POSITIONS_WRITE] = "---x------xxx", [RESOURCE_CONTROL] = "xxxxx--------",
    [RESOURCE_DRILL] = "--C-----C----",           [RESOURCE_METRICS] = "--------C-C--",
    [RESOURCE_MESSAGES] = "xxxx---x--xxx",        [RESOURCE_DIRECTORY] = "--------C----",
    [RESOURCE_TERMINALS] = "--------C---C",       [RESOURCE_PROTOCOLS] = "xxxxxx-xxxxxx",
    [RESOURCE_SEATS] = "xxx-----x--x-",           [RESOURCE_EXPORT] = "-------C-----",
};

/* In which scopes a role may be granted: C centre, D district, F facility, U unit. */
static const char *const TAKES[ROLE_COUNT] = { "CD", "CD", "CD", "U", "F", "D", "CD", "CD", "C", "C", "CU", "C", "C" };

static void every_role_and_resource(void **state)
{
    (void)state;
    FOR_EACH_GRANT()
    {
        struct identity identity = one_grant(role, *scope);
        bool fits = strchr(TAKES[role], "CDFU"[scope->scope]) != NULL;
        assert_int_equal(rights_grant_fits(&identity.grants[0]), fits);
        for (enum resource resource = 0; resource < RESOURCE_COUNT; resource++) {
            char letter = RESOURCES[resource][role];
            bool allowed = fits && (letter == 'x' || (letter == 'C' && scope->scope == SCOPE_CENTRE));
            if (rights_resource(&identity, resource) != allowed) {
                fail_msg("%s as %s of %s: letter %c", RESOURCE_NAMES[resource], ROLE_NAMES[role], SCOPE_NAMES[scope->scope],
                         letter);
            }
        }
    }
}

static void resources_in_a_scope(void **state)
{
    const struct scene *scene = *state;
    const struct core *core = scene->centre.core;
    const struct call *call = call_of(&scene->centre, scene->call);
    FOR_EACH_GRANT()
    {
        struct identity identity = one_grant(role, *scope);
        expect(rights_caller(&identity, core, RESOURCE_CALLER, call), "DDDU---D-----"[role], "caller", role, scope);
        expect(rights_caller(&identity, core, RESOURCE_CALLER_WRITE, call), "DDD-------CC-"[role], "caller_write", role, scope);
        expect(rights_caller(&identity, core, RESOURCE_CALLER, NULL), "CCC----C-----"[role], "caller of old", role, scope);
        expect(rights_position(&identity, (struct unit_id){ UNIT_HERE }), "---U------GCC"[role], "position", role, scope);
        expect(rights_district(&identity, RESOURCE_INDICATORS, HERE), "--D--dDD-----"[role], "indicators", role, scope);
        expect(rights_district(&identity, RESOURCE_INDICATORS, 0), "--C---CC-----"[role], "all indicators", role, scope);
        expect(rights_district(&identity, RESOURCE_REPORTS, HERE), "--D----D-----"[role], "reports", role, scope);
        expect(rights_control(&identity, CONTROL_SEAT, 1), "AAA----------"[role], "a seat", role, scope);
        expect(rights_control(&identity, CONTROL_UNIT, UNIT_HERE), "--CU---------"[role], "a unit", role, scope);
        expect(rights_control(&identity, CONTROL_FACILITY, FACILITY_HERE), "--C-F--------"[role], "a facility", role, scope);
    }
}

static void what_is_seen(void **state)
{
    const struct scene *scene = *state;
    const struct core *core = scene->centre.core;
    const struct directory *directory = scene->directory;
    const struct alarm *alarm = core_alarm(
        core, (struct alarm_id){ alarm_about(scene, ALARM_KIND_ORDER_UNACKNOWLEDGED, scene->mission) });
    const struct message *message = core_message(core, (struct message_id){ scene->message });
    FOR_EACH_GRANT()
    {
        struct identity who = one_grant(role, *scope);
        expect(rights_sees_call(&who, core, call_of(&scene->centre, scene->call)), "DDDU-d-D--GC-"[role], "call", role, scope);
        expect(rights_sees_call(&who, core, call_of(&scene->centre, scene->ringing)), "ACA----C--CC-"[role], "ringing", role,
               scope);
        expect(rights_sees_incident(&who, core, incident_of(&scene->centre, scene->incident)), "DDDUFd-D--GCC"[role], "incident",
               role, scope);
        expect(rights_sees_mission(&who, core, mission_of(&scene->centre, scene->mission)), "DDDUFd-D--GCC"[role], "mission",
               role, scope);
        expect(rights_sees_unit(&who, core, directory, unit_of(&scene->centre, UNIT_HERE)), "DDDUFd-DC-GCC"[role], "unit", role,
               scope);
        expect(rights_sees_facility(&who, core, directory, facility_of(&scene->centre, FACILITY_HERE)), "AAAaFd-DC-gC-"[role],
               "facility", role, scope);
        expect(rights_sees_alarm(&who, core, directory, alarm), "DDDUFd-D--GCC"[role], "alarm", role, scope);
        expect(rights_sees_message(&who, directory, message), "DDDU---D--GCC"[role], "message", role, scope);
        expect(rights_message_text(&who, core, directory, message), "DDDU---D--GCC"[role], "text of a message", role, scope);
        expect(rights_is_party(&who, directory, message), "DDDU-------CC"[role], "party to a message", role, scope);
        expect(rights_sees_all(&who), "CCC--------C-"[role], "all", role, scope);
    }
}

/* A unit of the next district is seen while it works here, and only so long. */
static void a_unit_that_helps_out(void **state)
{
    struct scene *scene = *state;
    struct centre *centre = &scene->centre;
    struct identity who = one_grant(ROLE_DISPATCHER, SCOPES[1]);
    uint32_t call, incident = incident_in(centre, HERE, NEED_BASIC, &call);
    assert_false(rights_sees_unit(&who, centre->core, scene->directory, unit_of(centre, 4)));
    MUST(centre, centre_times_all(centre, incident));
    uint32_t mission = centre_assign(centre, incident, 4);
    assert_true(rights_sees_unit(&who, centre->core, scene->directory, unit_of(centre, 4)));
    struct identity crew = one_grant(ROLE_CREW, (struct grant){ .scope = SCOPE_UNIT, .id = 4 });
    assert_true(rights_sees_call(&crew, centre->core, call_of(centre, call)));
    uint32_t id = DO(centre, MESSAGE_SEND, message_send, SEAT, .unit = { 4 }, .incident = { incident }, .to_crew = 1);
    const struct message *about = core_message(centre->core, (struct message_id){ id });
    id = DO(centre, MESSAGE_SEND, message_send, SEAT, .unit = { 4 }, .to_crew = 1);
    const struct message *between = core_message(centre->core, (struct message_id){ id });
    assert_true(rights_sees_message(&who, scene->directory, about));
    assert_false(rights_sees_message(&who, scene->directory, between));
    assert_true(rights_sees_message(&crew, scene->directory, between));
    DO(centre, MISSION_CANCEL, mission_cancel, SEAT, .mission = { mission });
    assert_false(rights_sees_unit(&who, centre->core, scene->directory, unit_of(centre, 4)));
    assert_false(rights_sees_call(&crew, centre->core, call_of(centre, call)));
    /* what the messages said is not for the next shift of that unit; it is for who commands */
    assert_true(rights_message_text(&crew, centre->core, scene->directory, between));
    centre_wait(centre, 1);
    DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { 4 }, .what = UNIT_EVENT_END_SHIFT);
    DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { 4 }, .what = UNIT_EVENT_START_SHIFT);
    assert_false(rights_message_text(&crew, centre->core, scene->directory, between));
    assert_true(rights_message_text(&who, centre->core, scene->directory, about));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_command_and_scope),
        cmocka_unit_test(cases_of_their_own),
        cmocka_unit_test(what_does_not_exist),
        cmocka_unit_test(no_grant_gives_nothing),
        cmocka_unit_test(several_grants),
        cmocka_unit_test(actors_are_those_of_the_core),
        cmocka_unit_test(every_role_and_resource),
        cmocka_unit_test(resources_in_a_scope),
        cmocka_unit_test(what_is_seen),
        cmocka_unit_test(a_unit_that_helps_out),
    };
    return cmocka_run_group_tests(tests, scene_make, scene_end);
}
