/* What was, read back: the story of an incident whose entries are known one by one, and maps of the past against an engine that
 * is fed entry by entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "host/past.h"
#include "host/report_test.h"

enum { ENTRIES = 30000, JSON_MAX = 32 << 20 };

static bool never_over(void *context)
{
    (void)context;
    return false;
}

static bool always_over(void *context)
{
    (void)context;
    return true;
}

static bool any_district(void *context, uint32_t district)
{
    (void)context;
    (void)district;
    return true;
}

static bool only_this(void *context, uint32_t district) { return district == *(uint32_t *)context; }

static struct past *past_of(const struct report_test *test, const struct centre *centre)
{
    struct past *past = NULL;
    struct error error;
    must(past_create(&test->store, &centre->limits, &test_policy, &past, &error), &error);
    return past;
}

static json_t *parsed(struct text *text)
{
    json_error_t error;
    json_t *json = json_loadb(text->bytes, text->length, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        fail_msg("%s at %d", error.text, error.position);
    }
    text_free(text);
    return json;
}

/* ---- stories ---- */

static enum status ask_story(struct past *past, const struct past_story *question, json_t **answer)
{
    struct text text;
    struct json json;
    struct error error;
    text_init(&text, JSON_MAX);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    enum status status = past_story(past, question, &json, &error);
    json_object_end(&json);
    *answer = status == STATUS_OK ? parsed(&text) : NULL;
    text_free(&text);
    return status;
}

static struct past_actors actors;

static struct past_story story_of(const struct centre *centre, uint32_t incident)
{
    return (struct past_story){ .incident = incident,
                                .last = centre->log.count,
                                .offered_at = INSTANT_NONE,
                                .limit = 500,
                                .may_read = any_district,
                                .actors = &actors,
                                .patience = { never_over, NULL } };
}

static void expect_sequences(const json_t *answer, const uint64_t *expected, size_t count)
{
    const json_t *items = json_object_get(answer, "items");
    assert_int_equal(json_array_size(items), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(json_integer_value(json_object_get(json_array_get(items, i), "sequence")), expected[i]);
    }
}

/* Two incidents side by side; of the first one every entry is noted as it is made. */
struct known {
    uint64_t sequences[64];
    size_t count;
    uint32_t incident, other;
};

static void note(struct known *known, const struct centre *centre) { known->sequences[known->count++] = centre->log.count; }

static void make_known(struct centre *centre, struct known *known)
{
    centre_begin(centre, 3, 1);
    centre_wait(centre, 1000);
    uint32_t second = DO(centre, CALL_OFFER, call_offer, SYSTEM, .caller = 6); /* will be linked */
    note(known, centre);
    uint32_t call = DO(centre, CALL_OFFER, call_offer, SYSTEM, .caller = 5);
    note(known, centre);
    known->other = centre_incident(centre, PRIORITY_URGENT, NEED_BASIC, 1);
    DO(centre, CALL_ANSWER, call_answer, SEAT, .call = { call }, .seat = 1);
    note(known, centre);
    DO(centre, CALL_LOCATE, call_locate, SEAT, .call = { call }, .point = { 70, 80 }, .district = 3);
    note(known, centre);
    known->incident = DO(centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .needs = NEED_BASIC,
                         .priority = PRIORITY_CRITICAL, .units_wanted = 1);
    note(known, centre);
    DO(centre, CALL_ANSWER, call_answer, SEAT, .call = { second }, .seat = 2);
    note(known, centre);
    DO(centre, CALL_LINK, call_link, SEAT, .call = { second }, .incident = { known->incident });
    note(known, centre);
    MUST(centre, centre_times_all(centre, known->other));
    MUST(centre, centre_times_all(centre, known->incident));
    note(known, centre);
    centre_wait(centre, TEST_DECISION_S + 1);
    DO(centre, TIME_PASSED, time_passed, SYSTEM); /* alarms of both: nobody decided */
    note(known, centre);
    uint32_t alarm = 0;
    for (uint32_t id = 1; id < centre->core->head->next_alarm; id++) {
        const struct alarm *raised = core_alarm(centre->core, (struct alarm_id){ id });
        alarm = raised->subject_kind == SUBJECT_INCIDENT && raised->subject == known->incident ? id : alarm;
    }
    assert_true(alarm != 0);
    DO(centre, ALARM_ACKNOWLEDGE, alarm_acknowledge, SEAT, .alarm = { alarm });
    note(known, centre);
    uint32_t mission = DO(centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { known->incident }, .unit = { 1 });
    note(known, centre);
    DO(centre, UNIT_POSITION, unit_position, CREW, .unit = { 1 }, .point = { 75, 85 });
    uint32_t message = DO(centre, MESSAGE_SEND, message_send, SEAT, .unit = { 1 }, .incident = { known->incident }, .to_crew = 1,
                          .reference = 9);
    note(known, centre);
    DO(centre, MESSAGE_READ, message_read, CREW, .message = { message });
    note(known, centre);
    static const enum mission_event stages[] = { MISSION_EVENT_DEPART, MISSION_EVENT_ARRIVE, MISSION_EVENT_END };
    for (size_t i = 0; i < ARRAY_LENGTH(stages); i++) {
        centre_wait(centre, 60);
        MUST(centre, centre_report(centre, mission, stages[i]));
        note(known, centre);
    }
    DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_REACH_POST);
    centre_wait(centre, 60);
    DO(centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { known->other });
}

/* TIME_PASSED raised alarms of both in one entry. */
static void expect_no_others(const json_t *answer, const struct known *known)
{
    size_t i, k, alarms = 0;
    const json_t *entry, *event;
    json_array_foreach(json_object_get(answer, "items"), i, entry)
    {
        json_array_foreach(json_object_get(entry, "events"), k, event)
        {
            const json_t *incident = json_object_get(event, "incident");
            bool raised = strcmp(json_string_value(json_object_get(event, "event")), "alarm_raised") == 0;
            assert_true(incident == NULL || json_integer_value(incident) != known->other);
            assert_true(!raised || json_integer_value(json_object_get(event, "subject")) != known->other);
            alarms += raised;
        }
    }
    assert_true(alarms > 0);
}

static void a_story_whose_entries_are_known(void **state)
{
    (void)state;
    struct centre centre;
    struct report_test test;
    struct known known = { .count = 0 };
    json_t *answer;
    report_test_make(&test);
    make_known(&centre, &known);
    store_centre(&test.store, &centre);
    project(&test.store, &centre);
    struct past *past = past_of(&test, &centre);
    struct past_story question = story_of(&centre, known.incident);
    assert_int_equal(ask_story(past, &question, &answer), STATUS_OK);
    expect_sequences(answer, known.sequences, known.count);
    assert_true(json_is_null(json_object_get(answer, "next")));
    expect_no_others(answer, &known);
    json_decref(answer);
    /* Page by page it is the same. */
    question.limit = 5;
    size_t seen = 0;
    for (bool more = true; more; seen += 5) {
        assert_int_equal(ask_story(past, &question, &answer), STATUS_OK);
        size_t left = known.count - seen;
        expect_sequences(answer, known.sequences + seen, left < 5 ? left : 5);
        question.after = (uint64_t)json_integer_value(json_object_get(answer, "next"));
        more = question.after != 0;
        json_decref(answer);
    }
    assert_true(seen >= known.count);
    past_destroy(past);
    centre_destroy(&centre);
    report_test_remove(&test);
}

static void what_is_not_told(void **state)
{
    (void)state;
    struct centre centre;
    struct report_test test;
    struct known known = { .count = 0 };
    json_t *answer;
    report_test_make(&test);
    make_known(&centre, &known);
    store_centre(&test.store, &centre);
    project(&test.store, &centre);
    struct past *past = past_of(&test, &centre);
    struct past_story question = story_of(&centre, 4000);
    assert_int_equal(ask_story(past, &question, &answer), STATUS_NOT_FOUND);
    uint32_t district = 2;
    question = story_of(&centre, known.incident);
    question.may_read = only_this;
    question.context = &district;
    assert_int_equal(ask_story(past, &question, &answer), STATUS_NOT_FOUND);
    district = 3;
    assert_int_equal(ask_story(past, &question, &answer), STATUS_OK);
    json_decref(answer);
    past_destroy(past);
    centre_destroy(&centre);
    report_test_remove(&test);
}

/* ---- maps ---- */

static enum status ask_timeline(struct past *past, const struct past_timeline *question, json_t **answer, struct error *error)
{
    struct text text;
    struct json json;
    text_init(&text, JSON_MAX);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    enum status status = past_timeline(past, question, &json, error);
    json_object_end(&json);
    *answer = status == STATUS_OK ? parsed(&text) : NULL;
    text_free(&text);
    return status;
}

struct replay {
    struct engine *engine;
    const struct centre *centre;
    size_t at;
    uint64_t told; /* events */
};

static void replay_until(struct replay *replay, struct instant until)
{
    struct error error;
    while (replay->at < replay->centre->log.size) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(replay->centre->log.bytes + replay->at);
        if (instant_before(until, entry->entered_at)) {
            return;
        }
        must(engine_apply_entry(replay->engine, entry, &error), &error);
        replay->at += entry->size;
    }
}

static int64_t number_at(const json_t *row, size_t i) { return json_integer_value(json_array_get(row, i)); }

static const char *text_at(const json_t *row, size_t i) { return json_string_value(json_array_get(row, i)); }

static void expect_incidents(const json_t *frame, const struct core *core)
{
    const json_t *rows = json_object_get(frame, "incidents");
    assert_int_equal(json_array_size(rows), core->head->incidents_open);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const struct incident *incident = core_incident(core, (struct incident_id){ (uint32_t)number_at(row, 0) });
        assert_non_null(incident);
        assert_int_equal(number_at(row, 1), incident->point.lon_e7);
        assert_string_equal(text_at(row, 3), enum_names_priority.labels[incident->priority]);
        assert_string_equal(text_at(row, 4), enum_names_incident_state.labels[incident->state]);
    }
}

/* What the client has after this frame: the newest row of each unit. */
static void expect_units(const json_t *frame, const json_t *newest[], const struct core *core)
{
    const json_t *rows = json_object_get(frame, "units");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        newest[number_at(json_array_get(rows, i), 0)] = json_array_get(rows, i);
    }
    for (uint32_t id = 1; id <= core_unit_count(core); id++) {
        const struct unit *unit = &core->units[id];
        bool known = !instant_is_none(unit->positioned_at);
        struct geo_point point = known ? unit->point : core->posts[unit->post.v].point;
        assert_non_null(newest[id]);
        assert_int_equal(number_at(newest[id], 1), point.lon_e7);
        assert_int_equal(number_at(newest[id], 2), point.lat_e7);
        assert_string_equal(text_at(newest[id], 3), enum_names_unit_state.labels[unit->state]);
        const struct mission *mission = core_mission(core, unit->mission);
        const char *stage = text_at(newest[id], 5);
        assert_true(mission == NULL ? stage == NULL : strcmp(stage, enum_names_mission_state.labels[mission->state]) == 0);
        assert_int_equal(number_at(newest[id], 4), known ? unit->positioned_at.us / US_PER_SECOND : 0);
    }
}

static void expect_frames(const json_t *answer, const struct centre *centre, const struct past_timeline *question)
{
    const json_t *frames = json_object_get(answer, "frames");
    const json_t *newest[64] = { NULL };
    struct replay replay = { .engine = test_engine(&centre->limits, NULL), .centre = centre };
    int64_t steps = (question->to.us - question->from.us) / (question->step_s * US_PER_SECOND);
    assert_int_equal(json_array_size(frames), steps + 1);
    for (int64_t i = 0; i <= steps; i++) {
        const json_t *frame = json_array_get(frames, (size_t)i);
        replay_until(&replay, (struct instant){ question->from.us + i * question->step_s * US_PER_SECOND });
        const struct core *core = engine_core(replay.engine);
        assert_int_equal(json_integer_value(json_object_get(frame, "incidents_waiting")), core->head->incidents_queued);
        int64_t waiting = 0;
        for (uint32_t slot = 0; slot < core->head->limits.calls; slot++) {
            const struct call *call = &core->calls[slot];
            waiting += call->id != 0 && (call->state == CALL_STATE_OFFERED || call->state == CALL_STATE_ABANDONED);
        }
        assert_int_equal(json_integer_value(json_object_get(frame, "calls_waiting")), waiting);
        expect_incidents(frame, core);
        expect_units(frame, newest, core);
    }
    engine_destroy(replay.engine);
}

/* Events told in the frames: all of a kind, each once, in the frame that ends after it. */
static void expect_openings(const json_t *answer, const struct centre *centre, const struct past_timeline *question)
{
    size_t i, k, told = 0, happened = 0;
    const json_t *frame, *event;
    json_array_foreach(json_object_get(answer, "frames"), i, frame)
    {
        json_array_foreach(json_object_get(frame, "events"), k, event)
        {
            const char *name = json_string_value(json_object_get(json_object_get(event, "what"), "event"));
            assert_true(
                strcmp(json_string_value(json_object_get(event, "at")), json_string_value(json_object_get(frame, "at"))) <= 0);
            told += strcmp(name, "incident_opened") == 0;
        }
    }
    for (size_t at = 0; at < centre->log.size;) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(centre->log.bytes + at);
        const struct event_head *of = entry_first_event(entry);
        bool within = !instant_before(entry->entered_at, question->from) && !instant_before(question->to, entry->entered_at);
        for (uint32_t e = 0; e < entry->event_count; e++, of = event_next(of)) {
            happened += within && of->kind == EVENT_INCIDENT_OPENED;
        }
        at += entry->size;
    }
    assert_int_equal(told, happened);
    assert_true(happened > 10);
}

static void maps_are_those_of_then(void **state)
{
    (void)state;
    struct centre centre;
    struct report_test test;
    struct error error;
    json_t *answer;
    uint64_t seed = 99;
    random_centre_begin(&centre, &seed);
    random_centre_run(&centre, &seed, ENTRIES);
    report_test_make(&test);
    store_centre(&test.store, &centre);
    project(&test.store, &centre);
    struct past *past = past_of(&test, &centre);
    int64_t begin_us = TEST_BEGIN_S * US_PER_SECOND, length_us = centre.now.us - begin_us;
    /* The second asks from the state that the first one kept; the third lies before it. */
    static const int percent[] = { 80, 90, 40 };
    for (size_t i = 0; i < ARRAY_LENGTH(percent); i++) {
        struct instant from = { begin_us + length_us / 100 * percent[i] };
        struct past_timeline question = { .from = from,
                                          .to = { from.us + 7200 * US_PER_SECOND },
                                          .step_s = 60,
                                          .last = centre.log.count,
                                          .patience = { never_over, NULL } };
        must(ask_timeline(past, &question, &answer, &error), &error);
        expect_frames(answer, &centre, &question);
        expect_openings(answer, &centre, &question);
        json_decref(answer);
    }
    struct past_timeline question = { .from = { begin_us }, .to = centre.now, .step_s = 60, .last = centre.log.count };
    assert_int_equal(ask_timeline(past, &question, &answer, &error), STATUS_BAD_INPUT); /* days */
    question.to.us = begin_us + 7200 * US_PER_SECOND;
    question.step_s = 1;
    assert_int_equal(ask_timeline(past, &question, &answer, &error), STATUS_BAD_INPUT); /* 7200 frames */
    question.step_s = 60;
    question.from.us = begin_us + length_us / 2;
    question.to.us = question.from.us + US_PER_HOUR;
    question.patience = (struct past_patience){ always_over, NULL };
    past_destroy(past);
    past = past_of(&test, &centre); /* has nothing kept: many entries to go */
    assert_int_equal(ask_timeline(past, &question, &answer, &error), STATUS_IO);
    past_destroy(past);
    centre_destroy(&centre);
    report_test_remove(&test);
}

/* A journal with snapshots as a server leaves them, one of each span for good. */
static void store_with_snapshots(const struct store *store, const struct centre *centre, uint64_t every, uint32_t span)
{
    struct error error;
    struct journal journal;
    const struct journal_options options = { .snapshot_span = span };
    struct engine *engine = test_engine(&centre->limits, NULL);
    must(store_journal_open(store, JOURNAL_CREATE, &options, &journal, &error), &error);
    for (size_t at = 0; at < centre->log.size;) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(centre->log.bytes + at);
        const void *bytes;
        size_t size;
        must(journal.append(journal.context, entry, &error), &error);
        must(engine_apply_entry(engine, entry, &error), &error);
        if (entry->sequence % every == 0) {
            engine_snapshot(engine, &bytes, &size);
            must(journal.snapshot_write(journal.context, entry->sequence, bytes, size, &error), &error);
        }
        at += entry->size;
    }
    uint64_t durable;
    must(journal.commit(journal.context, &durable, &error), &error);
    journal.close(journal.context);
    engine_destroy(engine);
}

/* Who waits for a few entries only has an answer about any hour all the same: it begins at the snapshot before it. */
static void any_hour_is_near_a_snapshot(void **state)
{
    (void)state;
    struct centre centre;
    struct report_test test;
    struct error error;
    json_t *answer;
    uint64_t seed = 98;
    random_centre_begin(&centre, &seed);
    random_centre_run(&centre, &seed, ENTRIES);
    report_test_make(&test);
    store_with_snapshots(&test.store, &centre, 500, 2000);
    project(&test.store, &centre);
    int64_t begin_us = TEST_BEGIN_S * US_PER_SECOND, length_us = centre.now.us - begin_us;
    static const int percent[] = { 95, 70, 45, 20 };
    for (size_t i = 0; i < ARRAY_LENGTH(percent); i++) {
        struct past *past = past_of(&test, &centre);
        struct instant from = { begin_us + length_us / 100 * percent[i] };
        struct past_timeline question = { .from = from,
                                          .to = { from.us + 600 * US_PER_SECOND },
                                          .step_s = 60,
                                          .last = centre.log.count,
                                          .patience = { always_over, NULL } };
        must(ask_timeline(past, &question, &answer, &error), &error);
        expect_frames(answer, &centre, &question);
        json_decref(answer);
        past_destroy(past);
    }
    centre_destroy(&centre);
    report_test_remove(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_story_whose_entries_are_known),
        cmocka_unit_test(what_is_not_told),
        cmocka_unit_test(maps_are_those_of_then),
        cmocka_unit_test(any_hour_is_near_a_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
