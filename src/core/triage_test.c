/* Triage by protocols, told as stories: what is asked, what follows, what is undone, and what becomes of the incident. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_engine.h"

/* Protocol 1, arrest: 1 awake?, 2 breathes normally?, 3 press (a loop with a way out). Protocol 2, chest pain: one question. */
enum { ARREST = 1, CHEST = 2, YES = 1, NO = 2, DONE = 1, RETURNED = 2 };
static const struct protocol_answer ARREST_STEPS[] = {
    { .step = 1, .answer = YES, .effect = PRIORITY_EFFECT_SET, .priority = PRIORITY_NON_URGENT, .ready = 1 },
    { .step = 1, .answer = NO, .to_step = 2, .effect = PRIORITY_EFFECT_RAISE, .priority = PRIORITY_SEVERE },
    { .step = 2, .answer = YES, .to_protocol = CHEST },
    { .step = 2,
      .answer = NO,
      .to_step = 3,
      .effect = PRIORITY_EFFECT_RAISE,
      .needs = NEED_ADVANCED,
      .marks = MARK_ARREST_RECOGNISED,
      .units = 2,
      .ready = 1 },
    { .step = 3, .answer = DONE, .to_step = 3, .marks = MARK_COMPRESSIONS_BEGUN },
    { .step = 3,
      .answer = RETURNED,
      .marks = MARK_BREATHING_RETURNED,
      .effect = PRIORITY_EFFECT_SET,
      .priority = PRIORITY_SEVERE },
};
static const struct protocol_answer CHEST_STEPS[] = {
    { .step = 1, .answer = YES, .effect = PRIORITY_EFFECT_RAISE, .priority = PRIORITY_URGENT, .needs = NEED_CHEST_PAIN },
    { .step = 1, .answer = NO, .to_protocol = ARREST, .to_step = 2 },
};

static void load(struct centre *centre, uint32_t version)
{
    MUST(centre, centre_protocol(centre, ARREST, version, 1, ARREST_STEPS, ARRAY_LENGTH(ARREST_STEPS)));
    MUST(centre, centre_protocol(centre, CHEST, version, 1, CHEST_STEPS, ARRAY_LENGTH(CHEST_STEPS)));
}

static void begin(struct centre *centre, uint32_t call, uint32_t protocol, uint8_t step)
{
    DO(centre, TRIAGE_BEGIN, triage_begin, SEAT, .call = { call }, .protocol = protocol, .step = step);
}

/* Whatever was told, replay must be able to prove it. */
static void end(struct centre *centre)
{
    centre_prove(centre);
    centre_destroy(centre);
}

/* Answers the question that stands. */
static void answer(struct centre *centre, uint32_t call, uint8_t which)
{
    const struct triage *triage = &call_of(centre, call)->triage;
    DO(centre, TRIAGE_ANSWER, triage_answer, SEAT, .call = { call }, .protocol = triage->protocol, .step = triage->step,
       .answer = which);
}

static void back(struct centre *centre, uint32_t call)
{
    const struct triage *triage = &call_of(centre, call)->triage;
    DO(centre, TRIAGE_BACK, triage_back, SEAT, .call = { call }, .protocol = triage->protocol, .step = triage->step);
}

static void expect_question(const struct centre *centre, uint32_t call, uint32_t protocol, uint8_t step)
{
    assert_int_equal(call_of(centre, call)->triage.protocol, protocol);
    assert_int_equal(call_of(centre, call)->triage.step, step);
}

static uint32_t open_incident(struct centre *centre, uint32_t call, enum priority priority, uint32_t needs)
{
    return DO(centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .needs = needs, .priority = (uint8_t)priority,
              .units_wanted = 1);
}

static void an_arrest_is_recognised_in_two_answers(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t call = centre_located_call(&centre);
    const struct triage *triage = &call_of(&centre, call)->triage;
    assert_int_equal(triage->protocol, 0);
    begin(&centre, call, ARREST, 0);
    expect_question(&centre, call, ARREST, 1);
    assert_int_equal(triage->begun_at.us, centre.now.us);
    assert_false(triage->proposal.priority_known);
    centre_wait(&centre, 20);
    answer(&centre, call, NO);
    expect_question(&centre, call, ARREST, 2);
    assert_true(triage->proposal.priority_known && triage->proposal.priority == PRIORITY_SEVERE && !triage->proposal.ready);
    assert_int_equal(centre_events(&centre, EVENT_MILESTONE_REACHED), 0);
    answer(&centre, call, NO);
    assert_int_equal(centre_events(&centre, EVENT_MILESTONE_REACHED), 1);
    assert_int_equal(triage->proposal.priority, PRIORITY_CRITICAL);
    assert_true(triage->proposal.needs == NEED_ADVANCED && triage->proposal.units_wanted == 2 && triage->proposal.ready);
    assert_int_equal(triage->asked_at.us - triage->begun_at.us, 20 * US_PER_SECOND);

    /* The incident that is opened knows what the caller told; the caller stays on the line. */
    uint32_t incident = open_incident(&centre, call, PRIORITY_CRITICAL, 0);
    assert_int_equal(incident_of(&centre, incident)->marks, MARK_ARREST_RECOGNISED);
    answer(&centre, call, DONE);
    assert_int_equal(incident_of(&centre, incident)->marks, MARK_ARREST_RECOGNISED | MARK_COMPRESSIONS_BEGUN);
    assert_int_equal(incident_of(&centre, incident)->units_wanted, 1); /* decided otherwise, and not undone by another answer */
    answer(&centre, call, DONE);
    assert_int_equal(centre_events(&centre, EVENT_MILESTONE_REACHED), 0); /* once */
    assert_int_equal(triage->answered, 4);
    answer(&centre, call, RETURNED);
    assert_int_equal(triage->step, 0);
    assert_int_equal(centre_events(&centre, EVENT_TRIAGE_ENDED), 1);
    assert_int_equal(incident_of(&centre, incident)->priority, PRIORITY_SEVERE);
    end(&centre);
}

static void an_answer_is_taken_back(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t call = centre_located_call(&centre);
    const struct triage *triage = &call_of(&centre, call)->triage;
    begin(&centre, call, CHEST, 0);
    answer(&centre, call, NO);
    expect_question(&centre, call, ARREST, 2);
    const struct proposal before = triage->proposal;
    answer(&centre, call, NO);
    uint32_t incident = open_incident(&centre, call, PRIORITY_CRITICAL, 0);
    answer(&centre, call, RETURNED);
    assert_int_equal(triage->step, 0);
    assert_int_equal(incident_of(&centre, incident)->priority, PRIORITY_SEVERE);

    back(&centre, call); /* the end is left again */
    expect_question(&centre, call, ARREST, 3);
    assert_int_equal(incident_of(&centre, incident)->priority, PRIORITY_CRITICAL);
    assert_int_equal(incident_of(&centre, incident)->marks, MARK_ARREST_RECOGNISED);
    back(&centre, call);
    assert_memory_equal(&triage->proposal, &before, sizeof before);
    assert_int_equal(incident_of(&centre, incident)->marks, 0);
    assert_int_equal(incident_of(&centre, incident)->priority, PRIORITY_CRITICAL); /* nothing is proposed in its place */
    back(&centre, call);
    expect_question(&centre, call, CHEST, 1);
    assert_int_equal(triage->answered, 0);
    assert_int_equal(SEND(&centre, TRIAGE_BACK, triage_back, SEAT, .call = { call }, .protocol = CHEST, .step = 1),
                     REFUSED_NOTHING_ANSWERED);
    end(&centre);
}

/* "Not awake" was pressed by mistake: the question before it stands again, and nothing else has changed. */
static void a_change_of_protocol_is_taken_back(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t call = centre_located_call(&centre);
    begin(&centre, call, CHEST, 0);
    begin(&centre, call, ARREST, 2);
    expect_question(&centre, call, ARREST, 2);
    back(&centre, call);
    expect_question(&centre, call, CHEST, 1);
    answer(&centre, call, YES);
    assert_int_equal(call_of(&centre, call)->triage.answered, 1);
    assert_int_equal(call_of(&centre, call)->triage.step, 0);
    begin(&centre, call, ARREST, 0); /* again, after the end: what was answered still counts */
    assert_int_equal(call_of(&centre, call)->triage.proposal.priority, PRIORITY_URGENT);
    back(&centre, call);
    expect_question(&centre, call, CHEST, 1);
    end(&centre);
}

/* One unit, at work: a second incident waits. Its caller's answers move it in the queue and let it take the unit. */
static void a_waiting_incident_follows_its_caller(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    load(&centre, 1);
    (void)centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    uint32_t call = centre_located_call(&centre);
    begin(&centre, call, ARREST, 0);
    uint32_t id = open_incident(&centre, call, PRIORITY_NON_URGENT, 0);
    const struct incident *incident = incident_of(&centre, id);
    struct instant queued_at = centre.now;
    assert_int_equal(incident->state, INCIDENT_STATE_QUEUED);
    assert_int_equal(incident->timer.due.us, queued_at.us + 1800 * US_PER_SECOND);
    centre_wait(&centre, 100);
    answer(&centre, call, NO); /* severe may not take the unit from urgent: it waits, by another target on the same clock */
    assert_int_equal(incident->state, INCIDENT_STATE_QUEUED);
    assert_int_equal(incident->priority, PRIORITY_SEVERE);
    assert_int_equal(incident->timer.due.us, queued_at.us + 600 * US_PER_SECOND);
    assert_int_equal(incident->offered_at.us, TEST_BEGIN_S * US_PER_SECOND);
    back(&centre, call); /* nothing was proposed before: it stays as it is */
    assert_int_equal(incident->priority, PRIORITY_SEVERE);
    answer(&centre, call, YES);
    assert_int_equal(incident->priority, PRIORITY_NON_URGENT);
    assert_int_equal(incident->timer.due.us, queued_at.us + 1800 * US_PER_SECOND);
    end(&centre);
}

/* Critical may divert: the answer that makes it so asks for travel times, and for the second unit with the skill. */
static void a_served_incident_asks_for_more(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t advanced = DO(&centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = NEED_BASIC | NEED_ADVANCED);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { advanced }, .what = UNIT_EVENT_START_SHIFT);
    uint32_t call = centre_located_call(&centre);
    uint32_t id = open_incident(&centre, call, PRIORITY_URGENT, NEED_BASIC);
    MUST(&centre, centre_times_all(&centre, id));
    (void)centre_assign(&centre, id, 1);
    const struct incident *incident = incident_of(&centre, id);
    assert_int_equal(incident->state, INCIDENT_STATE_SERVED);
    begin(&centre, call, ARREST, 2);
    answer(&centre, call, NO);
    assert_int_equal(incident->priority, PRIORITY_CRITICAL);
    assert_int_equal(incident->units_wanted, 2);
    assert_int_equal(incident->needs, NEED_BASIC | NEED_ADVANCED);
    assert_int_equal(incident->state, INCIDENT_STATE_ASKING);
    MUST(&centre, centre_times_all(&centre, id));
    assert_int_equal(incident->recommended_count, 1);
    assert_int_equal(incident->recommended[0].v, advanced);
    back(&centre, call); /* who was asked for is stood down by a person alone */
    assert_int_equal(incident->units_wanted, 2);
    assert_int_equal(incident->needs, NEED_BASIC | NEED_ADVANCED);
    end(&centre);
}

static void a_second_caller_can_only_raise(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t first = centre_located_call(&centre);
    uint32_t id = open_incident(&centre, first, PRIORITY_URGENT, 0);
    uint32_t second = centre_located_call(&centre);
    begin(&centre, second, ARREST, 2);
    answer(&centre, second, NO);
    DO(&centre, CALL_LINK, call_link, SEAT, .call = { second }, .incident = { id });
    assert_int_equal(incident_of(&centre, id)->marks, MARK_ARREST_RECOGNISED);
    assert_int_equal(incident_of(&centre, id)->priority, PRIORITY_CRITICAL); /* what he told already */
    assert_int_equal(centre_events(&centre, EVENT_INCIDENT_PRIORITISED), 1);
    begin(&centre, first, ARREST, 0);
    answer(&centre, first, NO);
    answer(&centre, first, NO);
    assert_int_equal(incident_of(&centre, id)->priority, PRIORITY_CRITICAL);
    answer(&centre, second, RETURNED);
    assert_int_equal(call_of(&centre, second)->triage.proposal.priority, PRIORITY_SEVERE);
    assert_int_equal(incident_of(&centre, id)->priority, PRIORITY_CRITICAL);
    back(&centre, second);
    back(&centre, second); /* the first caller tells the same */
    assert_int_equal(incident_of(&centre, id)->marks, MARK_ARREST_RECOGNISED);
    back(&centre, first);
    assert_int_equal(incident_of(&centre, id)->marks, 0);
    assert_int_equal(incident_of(&centre, id)->priority, PRIORITY_SEVERE);
    end(&centre);
}

static void a_new_version_lets_calls_begin_again(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t call = centre_located_call(&centre);
    begin(&centre, call, ARREST, 0);
    answer(&centre, call, NO);
    load(&centre, 2);
    const struct triage *triage = &call_of(&centre, call)->triage;
    assert_int_equal(
        SEND(&centre, TRIAGE_ANSWER, triage_answer, SEAT, .call = { call }, .protocol = ARREST, .step = 2, .answer = NO),
        REFUSED_PROTOCOL_CHANGED);
    assert_int_equal(triage->version, 1);
    begin(&centre, call, ARREST, 2);
    assert_int_equal(triage->version, 2);
    assert_int_equal(triage->proposal.priority, PRIORITY_SEVERE);
    answer(&centre, call, NO);
    back(&centre, call);
    expect_question(&centre, call, ARREST, 2);
    assert_int_equal(SEND(&centre, TRIAGE_BACK, triage_back, SEAT, .call = { call }, .protocol = ARREST, .step = 2),
                     REFUSED_PROTOCOL_CHANGED); /* of the old version nobody knows the questions */
    end(&centre);
}

/* 64 answers are kept for all calls together: the first call's are gone when the second has given as many. */
static void old_answers_are_for_good(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    load(&centre, 1);
    uint32_t first = centre_located_call(&centre), second = centre_located_call(&centre);
    begin(&centre, first, ARREST, 3);
    answer(&centre, first, DONE);
    begin(&centre, second, ARREST, 3);
    for (int i = 0; i < 63; i++) {
        answer(&centre, second, DONE);
    }
    back(&centre, first);
    answer(&centre, first, DONE); /* takes the slot of the answer that was withdrawn ... */
    answer(&centre, first, DONE); /* ... and this that of the second call's first answer */
    for (int i = 0; i < 62; i++) {
        back(&centre, second);
    }
    assert_int_equal(SEND(&centre, TRIAGE_BACK, triage_back, SEAT, .call = { second }, .protocol = ARREST, .step = 3),
                     REFUSED_NOTHING_ANSWERED);
    assert_int_equal(call_of(&centre, second)->triage.answered, 1);
    end(&centre);
}

/* What a facility must have is no reason to send nobody. */
static void needs_of_the_facility_make_no_unit_unfit(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    load(&centre, 1);
    uint32_t call = centre_located_call(&centre);
    begin(&centre, call, CHEST, 0);
    answer(&centre, call, YES);
    uint32_t needs = call_of(&centre, call)->triage.proposal.needs;
    assert_int_equal(needs, NEED_CHEST_PAIN);
    uint32_t id = open_incident(&centre, call, PRIORITY_URGENT, needs);
    assert_int_equal(incident_of(&centre, id)->state, INCIDENT_STATE_ASKING);
    assert_int_equal(incident_of(&centre, id)->needs, NEED_CHEST_PAIN);
    MUST(&centre, centre_times_all(&centre, id));
    assert_int_equal(incident_of(&centre, id)->state, INCIDENT_STATE_RECOMMENDED);
    end(&centre);
}

/* The incident is over while the caller still talks: it stays over. */
static void a_closed_incident_is_left_alone(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    load(&centre, 1);
    uint32_t call = centre_located_call(&centre);
    uint32_t id = open_incident(&centre, call, PRIORITY_URGENT, 0);
    begin(&centre, call, ARREST, 2);
    DO(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { id });
    uint32_t revision = incident_of(&centre, id)->revision;
    answer(&centre, call, NO);
    back(&centre, call);
    assert_int_equal(incident_of(&centre, id)->revision, revision);
    end(&centre);
}

/* ---- what a person set ---- */

static void prioritise(struct centre *centre, uint32_t incident, enum priority priority)
{
    DO(centre, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { incident }, .priority = (uint8_t)priority);
}

static void expect_priority(const struct centre *centre, uint32_t id, enum priority priority, bool by_person)
{
    assert_int_equal(incident_of(centre, id)->priority, priority);
    assert_int_equal(incident_of(centre, id)->is_set_by_person, by_person);
}

/* A call at the third step of the arrest, which proposes critical. */
static uint32_t arrest(struct centre *centre)
{
    uint32_t call = centre_located_call(centre);
    begin(centre, call, ARREST, 0);
    answer(centre, call, NO);
    answer(centre, call, NO);
    return call;
}

/* The dispatcher knows what the caller does not say: his "critical" outlives every answer. */
static void what_a_person_set_is_never_lowered(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t call = centre_located_call(&centre);
    begin(&centre, call, ARREST, 0);
    answer(&centre, call, NO);
    uint32_t id = open_incident(&centre, call, PRIORITY_SEVERE, 0);
    expect_priority(&centre, id, PRIORITY_SEVERE, false); /* as proposed */
    prioritise(&centre, id, PRIORITY_CRITICAL);
    expect_priority(&centre, id, PRIORITY_CRITICAL, true);
    back(&centre, call);
    answer(&centre, call, YES); /* awake: not urgent */
    assert_int_equal(call_of(&centre, call)->triage.proposal.priority, PRIORITY_NON_URGENT);
    assert_int_equal(centre_events(&centre, EVENT_INCIDENT_PRIORITISED), 0);
    back(&centre, call);
    answer(&centre, call, NO);
    answer(&centre, call, NO);
    answer(&centre, call, RETURNED);
    expect_priority(&centre, id, PRIORITY_CRITICAL, true);
    prioritise(&centre, id, PRIORITY_URGENT); /* a person may */
    expect_priority(&centre, id, PRIORITY_URGENT, true);
    end(&centre);
}

/* Up with an answer, and down with the next: to what the person set, no further. */
static void triage_falls_back_to_what_a_person_set(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t call = centre_located_call(&centre);
    begin(&centre, call, ARREST, 0);
    uint32_t id = open_incident(&centre, call, PRIORITY_URGENT, 0); /* nothing is proposed: his own judgement */
    expect_priority(&centre, id, PRIORITY_URGENT, true);
    answer(&centre, call, NO);
    answer(&centre, call, NO);
    expect_priority(&centre, id, PRIORITY_CRITICAL, true);
    const struct event_incident_prioritised *raised = centre_event(&centre, EVENT_INCIDENT_PRIORITISED);
    assert_int_equal(raised->by_person, 0);
    answer(&centre, call, RETURNED);
    expect_priority(&centre, id, PRIORITY_SEVERE, true);
    back(&centre, call);
    back(&centre, call);
    back(&centre, call);
    answer(&centre, call, YES);
    assert_int_equal(call_of(&centre, call)->triage.proposal.priority, PRIORITY_NON_URGENT);
    expect_priority(&centre, id, PRIORITY_URGENT, true);
    end(&centre);
}

/* Opened otherwise than proposed, more urgent and less: both are a person's word, and count from where he put it. */
static void opening_otherwise_is_a_persons_word(void **state)
{
    (void)state;
    static const enum priority opened_as[] = { PRIORITY_CRITICAL, PRIORITY_NON_URGENT };
    for (size_t i = 0; i < ARRAY_LENGTH(opened_as); i++) {
        struct centre centre;
        centre_begin(&centre, 2, 0);
        load(&centre, 1);
        uint32_t call = centre_located_call(&centre);
        begin(&centre, call, ARREST, 0);
        answer(&centre, call, NO); /* severe */
        uint32_t id = open_incident(&centre, call, opened_as[i], 0);
        expect_priority(&centre, id, opened_as[i], true);
        answer(&centre, call, YES); /* goes to another protocol and proposes nothing else */
        expect_priority(&centre, id, opened_as[i], true);
        back(&centre, call);
        answer(&centre, call, NO);
        expect_priority(&centre, id, PRIORITY_CRITICAL, true); /* raises in either case */
        answer(&centre, call, RETURNED);
        expect_priority(&centre, id, opened_as[i] == PRIORITY_CRITICAL ? PRIORITY_CRITICAL : PRIORITY_SEVERE, true);
        end(&centre);
    }
}

/* He lowered it although he saw what was proposed: an answer that makes it less urgent does not raise it again. */
static void a_falling_proposal_raises_nothing(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t call = arrest(&centre);
    uint32_t id = open_incident(&centre, call, PRIORITY_CRITICAL, 0);
    expect_priority(&centre, id, PRIORITY_CRITICAL, false);
    prioritise(&centre, id, PRIORITY_NON_URGENT);
    answer(&centre, call, RETURNED); /* severe */
    expect_priority(&centre, id, PRIORITY_NON_URGENT, true);
    back(&centre, call); /* critical again: that is news */
    expect_priority(&centre, id, PRIORITY_CRITICAL, true);
    end(&centre);
}

/* Two callers, one event. Nobody's answer takes away what the other one still tells. */
static void no_caller_lowers_what_another_tells(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t first = arrest(&centre);
    uint32_t id = open_incident(&centre, first, PRIORITY_CRITICAL, 0);
    uint32_t second = arrest(&centre);
    DO(&centre, CALL_LINK, call_link, SEAT, .call = { second }, .incident = { id });
    assert_int_equal(centre_events(&centre, EVENT_INCIDENT_PRIORITISED), 0);
    answer(&centre, first, RETURNED);
    expect_priority(&centre, id, PRIORITY_CRITICAL, false); /* the second still presses */
    answer(&centre, second, RETURNED);
    expect_priority(&centre, id, PRIORITY_CRITICAL, false); /* who was linked never lowers ... */
    back(&centre, first);
    answer(&centre, first, RETURNED);
    expect_priority(&centre, id, PRIORITY_SEVERE, false); /* ... and now both tell severe */
    prioritise(&centre, id, PRIORITY_URGENT);             /* a person may lower it below all of them */
    back(&centre, second);
    expect_priority(&centre, id, PRIORITY_CRITICAL, true);
    end(&centre);
}

/* What a caller told before his call was linked counts from then on, priority, needs and units; a calmer one changes nothing. */
static void linking_brings_what_was_told(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    load(&centre, 1);
    uint32_t first = centre_located_call(&centre);
    uint32_t id = open_incident(&centre, first, PRIORITY_SEVERE, NEED_BASIC);
    uint32_t calm = centre_located_call(&centre), silent = centre_located_call(&centre);
    begin(&centre, calm, ARREST, 0);
    answer(&centre, calm, YES);
    DO(&centre, CALL_LINK, call_link, SEAT, .call = { calm }, .incident = { id });
    DO(&centre, CALL_LINK, call_link, SEAT, .call = { silent }, .incident = { id });
    expect_priority(&centre, id, PRIORITY_SEVERE, true);
    assert_int_equal(incident_of(&centre, id)->units_wanted, 1);
    uint32_t second = arrest(&centre);
    DO(&centre, CALL_LINK, call_link, SEAT, .call = { second }, .incident = { id });
    expect_priority(&centre, id, PRIORITY_CRITICAL, true);
    assert_int_equal(incident_of(&centre, id)->units_wanted, 2);
    assert_int_equal(incident_of(&centre, id)->needs, NEED_BASIC | NEED_ADVANCED);
    assert_int_equal(incident_of(&centre, id)->marks, MARK_ARREST_RECOGNISED);
    end(&centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arrest_is_recognised_in_two_answers),   cmocka_unit_test(an_answer_is_taken_back),
        cmocka_unit_test(a_change_of_protocol_is_taken_back),       cmocka_unit_test(a_waiting_incident_follows_its_caller),
        cmocka_unit_test(a_served_incident_asks_for_more),          cmocka_unit_test(a_second_caller_can_only_raise),
        cmocka_unit_test(a_new_version_lets_calls_begin_again),     cmocka_unit_test(old_answers_are_for_good),
        cmocka_unit_test(needs_of_the_facility_make_no_unit_unfit), cmocka_unit_test(a_closed_incident_is_left_alone),
        cmocka_unit_test(what_a_person_set_is_never_lowered),       cmocka_unit_test(triage_falls_back_to_what_a_person_set),
        cmocka_unit_test(opening_otherwise_is_a_persons_word),      cmocka_unit_test(a_falling_proposal_raises_nothing),
        cmocka_unit_test(no_caller_lowers_what_another_tells),      cmocka_unit_test(linking_brings_what_was_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
