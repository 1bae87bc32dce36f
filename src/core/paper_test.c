/* A case that is entered afterwards is over at once, and touches nothing that is going on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_engine.h"

/* Nothing may stand behind a struct that ends in a list, hence a union. */
union form {
    struct command_paper_enter command;
    struct {
        uint8_t before[sizeof(struct command_paper_enter)];
        struct paper_mission mission;
    };
};

static struct instant ago(const struct centre *centre, int64_t seconds)
{
    return instant_add(centre->now, duration_seconds(-seconds));
}

/* Rang 3000 s ago; unit 1 was sent 2900 s ago, on scene 2500 s ago, free 1000 s ago. */
static union form filled_in(const struct centre *centre, int64_t form)
{
    union form paper;
    COMMAND_BEGIN(&paper.command, PAPER_ENTER, ACTOR_KIND_SEAT);
    paper.command.head.size = sizeof paper;
    paper.command.head.occurred_at = ago(centre, 3000);
    paper.command.form = form;
    paper.command.outage_begun_at = ago(centre, 3600);
    paper.command.outage_ended_at = ago(centre, 60);
    paper.command.answered_at = ago(centre, 2990);
    paper.command.located_at = INSTANT_NONE;
    paper.command.triaged_at = ago(centre, 2970);
    paper.command.recognised_at = ago(centre, 2980);
    paper.command.compressions_at = INSTANT_NONE;
    paper.command.place = (struct geo_point){ 70, 80 };
    paper.command.district = 3;
    paper.command.priority = PRIORITY_CRITICAL;
    paper.command.units_wanted = 1;
    paper.command.count = 1;
    paper.mission = (struct paper_mission){ .unit = { 1 },
                                            .taken_to = { 1 },
                                            .assigned_at = ago(centre, 2900),
                                            .notified_at = INSTANT_NONE,
                                            .acknowledged_at = INSTANT_NONE,
                                            .departed_at = INSTANT_NONE,
                                            .on_scene_at = ago(centre, 2500),
                                            .at_patient_at = INSTANT_NONE,
                                            .left_scene_at = ago(centre, 2000),
                                            .at_facility_at = ago(centre, 1500),
                                            .handed_over_at = ago(centre, 1200),
                                            .available_at = ago(centre, 1000),
                                            .back_at_post_at = INSTANT_NONE };
    return paper;
}

static void it_is_over_from_the_start(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    centre_wait(&centre, 10000);
    union form paper = filled_in(&centre, 98);
    MUST(&centre, centre_send(&centre, &paper.command.head, sizeof paper));
    const struct call *call = core_call(centre.core, (struct call_id){ centre.last.made });
    assert_true(call != NULL && call->state == CALL_STATE_TRIAGED && call->form == 98);
    assert_true(call->offered_at.us == ago(&centre, 3000).us && call->last_change.at.us == centre.now.us);
    const struct incident *incident = core_incident(centre.core, call->incident);
    assert_true(incident != NULL && incident->state == INCIDENT_STATE_CLOSED && incident->district == 3);
    assert_int_equal(incident->outcome, INCIDENT_OUTCOME_TRANSPORTED);
    assert_int_equal(incident->marks, MARK_ARREST_RECOGNISED);
    const struct mission *mission = core_mission(centre.core, (struct mission_id){ 1 });
    assert_true(mission != NULL && mission->state == MISSION_STATE_ENDED && mission->incident.v == incident->id);
    assert_true(mission->on_scene_at.us == ago(&centre, 2500).us && instant_is_none(mission->departed_at));
    assert_true(centre.core->head->calls_open == 0 && centre.core->head->incidents_open == 0);
    struct effect effect;
    struct error error;
    assert_int_equal(engine_commit(centre.engine, &error), STATUS_OK);
    while (engine_next_effect(centre.engine, &effect)) {
        assert_int_not_equal(effect.sequence, centre.last.sequence); /* nothing leaves because of it */
    }
    centre_destroy(&centre);
}

/* What nobody noted stays empty on paper: the hospital, or how the mission ended, tells what became of the patient. */
static void times_that_nobody_noted_are_not_needed(void **state)
{
    (void)state;
    static const struct {
        uint32_t taken_to;
        uint8_t end_reason, outcome;
    } cases[] = {
        { 1, MISSION_END_REASON_COMPLETED, INCIDENT_OUTCOME_TRANSPORTED },
        { 0, MISSION_END_REASON_COMPLETED, INCIDENT_OUTCOME_TREATED },
        { 0, MISSION_END_REASON_CANCELLED, INCIDENT_OUTCOME_CANCELLED },
    };
    struct centre centre;
    centre_begin(&centre, 1, 1);
    centre_wait(&centre, 10000);
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        union form paper = filled_in(&centre, 97 * ((int64_t)i + 1) + 1);
        struct paper_mission *mission = &paper.mission;
        mission->on_scene_at = mission->left_scene_at = mission->at_facility_at = mission->handed_over_at = INSTANT_NONE;
        mission->taken_to.v = cases[i].taken_to;
        mission->end_reason = cases[i].end_reason;
        MUST(&centre, centre_send(&centre, &paper.command.head, sizeof paper));
        const struct call *call = core_call(centre.core, (struct call_id){ centre.last.made });
        const struct incident *incident = core_incident(centre.core, call->incident);
        assert_int_equal(incident->outcome, cases[i].outcome);
        assert_int_equal(incident->arrived, cases[i].outcome != INCIDENT_OUTCOME_CANCELLED);
        assert_int_equal(incident->transported, cases[i].outcome == INCIDENT_OUTCOME_TRANSPORTED);
    }
    centre_destroy(&centre);
}

/* While the unit is on a mission now, a mission that it had before is entered: it stays there, and so do beds and timers. */
static void what_goes_on_is_not_touched(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    centre_wait(&centre, 10000);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    const struct unit before = *unit_of(&centre, 1);
    const struct facility facility = *core_facility(centre.core, (struct facility_id){ 1 });
    struct instant next = engine_next_timer(centre.engine);
    union form paper = filled_in(&centre, 98);
    MUST(&centre, centre_send(&centre, &paper.command.head, sizeof paper));
    assert_memory_equal(&before, unit_of(&centre, 1), sizeof before);
    assert_memory_equal(&facility, core_facility(centre.core, (struct facility_id){ 1 }), sizeof facility);
    assert_int_equal(engine_next_timer(centre.engine).us, next.us);
    assert_int_equal(unit_of(&centre, 1)->mission.v, mission);
    /* The open mission has no end yet: what is said to have happened meanwhile contradicts it. */
    centre_wait(&centre, 4000);
    paper = filled_in(&centre, 98 + 97);
    assert_int_equal(centre_send(&centre, &paper.command.head, sizeof paper), REFUSED_UNIT_WAS_ELSEWHERE);
    centre_destroy(&centre);
}

/* The newest forms are kept, as many as calls are. */
static void old_forms_are_forgotten(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    centre_wait(&centre, 10000);
    uint32_t kept = centre.core->head->limits.calls;
    for (uint32_t i = 0; i <= kept; i++) {
        union form paper = filled_in(&centre, 97 * ((int64_t)i + 1) + 1);
        paper.command.head.size = sizeof paper.command;
        paper.command.result = PAPER_RESULT_NO_UNIT;
        paper.command.units_wanted = 0;
        paper.command.count = 0;
        MUST(&centre, centre_send(&centre, &paper.command.head, sizeof paper.command));
    }
    union form again = filled_in(&centre, 97 * 2 + 1); /* the second: the first has made room */
    assert_int_equal(centre_send(&centre, &again.command.head, sizeof again), REFUSED_FORM_ENTERED);
    again.command.form = 98;
    MUST(&centre, centre_send(&centre, &again.command.head, sizeof again));
    centre_destroy(&centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_over_from_the_start),
        cmocka_unit_test(times_that_nobody_noted_are_not_needed),
        cmocka_unit_test(what_goes_on_is_not_touched),
        cmocka_unit_test(old_forms_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
