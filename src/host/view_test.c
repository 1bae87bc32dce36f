/* What a call and its incident show of triage, member by member. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The test of the core has a struct centre as well. */
#define centre test_core
#define centre_create test_core_create
#define centre_destroy test_core_destroy
#include "core/test_engine.h"
#undef centre
#undef centre_create
#undef centre_destroy
#include "host/stream_test.h"
#include "host/view.h"

enum { FIRST = 1, YES = 1, NO = 2 };

struct scene {
    struct test_tables tables;
    struct test_core core;
    struct view view;
    uint32_t call;
};

static void begin(struct scene *scene, uint32_t units)
{
    static const struct protocol_answer answers[] = {
        { .step = 1, .answer = YES },
        { .step = 1, .answer = NO, .to_step = 2, .needs = NEED_ADVANCED | NEED_CHEST_PAIN },
        { .step = 2,
          .answer = YES,
          .effect = PRIORITY_EFFECT_RAISE,
          .priority = PRIORITY_SEVERE,
          .units = 2,
          .ready = 1,
          .marks = MARK_ARREST_RECOGNISED | MARK_SCENE_UNSAFE },
    };
    test_tables_make(&scene->tables, 2, 1);
    centre_begin(&scene->core, units, 0);
    MUST(&scene->core, centre_protocol(&scene->core, FIRST, 4, 1, answers, ARRAY_LENGTH(answers)));
    scene->call = centre_located_call(&scene->core);
    scene->view = (struct view){ .core = scene->core.core,
                                 .directory = scene->tables.directory,
                                 .people = scene->tables.people,
                                 .control = scene->tables.control,
                                 .now = scene->core.now };
}

static void end(struct scene *scene)
{
    test_core_destroy(&scene->core);
    test_tables_free(&scene->tables);
}

static json_t *parsed(struct text *text)
{
    json_error_t error;
    json_t *json = json_loadb(text->bytes, text->length, 0, &error);
    if (json == NULL) {
        fail_msg("%s in %s", error.text, text->bytes);
    }
    text_free(text);
    return json;
}

static json_t *shown_call(const struct scene *scene)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 16);
    json_init(&json, &text, 0);
    view_call(&scene->view, &json, NULL, call_of(&scene->core, scene->call));
    return parsed(&text);
}

static json_t *shown_answers(const struct scene *scene)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 16);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    view_answers(&scene->view, &json, call_of(&scene->core, scene->call));
    json_object_end(&json);
    return parsed(&text);
}

static json_t *shown_incident(const struct scene *scene, uint32_t id)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 16);
    json_init(&json, &text, 0);
    view_incident(&scene->view, &json, NULL, incident_of(&scene->core, id));
    return parsed(&text);
}

/* Takes over shown. */
static void expect_member(json_t *shown, const char *name, const char *expected)
{
    json_error_t error;
    json_t *wanted = json_loads(expected, JSON_DECODE_ANY, &error);
    assert_non_null(wanted);
    const json_t *is = json_object_get(shown, name);
    if (!json_equal(is, wanted)) {
        char *text = json_dumps(is, JSON_ENCODE_ANY | JSON_SORT_KEYS);
        fail_msg("%s is %s instead of %s", name, text, expected);
    }
    json_decref(wanted);
    json_decref(shown);
}

static void answer(struct scene *scene, uint8_t step, uint8_t which)
{
    DO(&scene->core, TRIAGE_ANSWER, triage_answer, SEAT, .call = { scene->call }, .protocol = FIRST, .step = step,
       .answer = which);
}

static void a_call_shows_its_triage(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 1);
    expect_member(shown_call(&scene), "triage", "null");
    DO(&scene.core, TRIAGE_BEGIN, triage_begin, SEAT, .call = { scene.call }, .protocol = FIRST);
    centre_wait(&scene.core, 5);
    answer(&scene, 1, NO);
    expect_member(shown_call(&scene), "triage",
                  "{\"protocol\":1,\"version\":4,\"step\":2,\"ended\":false,\"begun_at\":\"1970-01-12T13:46:40.000000Z\","
                  "\"asked_at\":\"1970-01-12T13:46:45.000000Z\",\"answered\":1,\"priority\":null,"
                  "\"needs\":[\"advanced\",\"chest_pain\"],\"units_wanted\":1,\"ready\":false,\"marks\":[]}");
    answer(&scene, 2, YES);
    expect_member(shown_call(&scene), "triage",
                  "{\"protocol\":1,\"version\":4,\"step\":null,\"ended\":true,\"begun_at\":\"1970-01-12T13:46:40.000000Z\","
                  "\"asked_at\":\"1970-01-12T13:46:45.000000Z\",\"answered\":2,\"priority\":\"severe\","
                  "\"needs\":[\"advanced\",\"chest_pain\"],\"units_wanted\":2,\"ready\":true,"
                  "\"marks\":[\"arrest_recognised\",\"scene_unsafe\"]}");
    end(&scene);
}

static void answers_that_stand_are_shown_in_order(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 1);
    expect_member(shown_answers(&scene), "items", "[]");
    DO(&scene.core, TRIAGE_BEGIN, triage_begin, SEAT, .call = { scene.call }, .protocol = FIRST);
    answer(&scene, 1, NO);
    DO(&scene.core, TRIAGE_BEGIN, triage_begin, SEAT, .call = { scene.call }, .protocol = FIRST, .step = 1);
    answer(&scene, 1, NO);
    answer(&scene, 2, YES);
    static const char all[] = "[{\"protocol\":1,\"version\":4,\"step\":1,\"answer\":2},"
                              "{\"protocol\":1,\"version\":4,\"step\":2,\"answer\":0},"
                              "{\"protocol\":1,\"version\":4,\"step\":1,\"answer\":2},"
                              "{\"protocol\":1,\"version\":4,\"step\":2,\"answer\":1}]";
    expect_member(shown_answers(&scene), "items", all);
    expect_member(shown_answers(&scene), "complete", "true");
    DO(&scene.core, TRIAGE_BACK, triage_back, SEAT, .call = { scene.call }, .protocol = FIRST, .step = 0);
    DO(&scene.core, TRIAGE_BACK, triage_back, SEAT, .call = { scene.call }, .protocol = FIRST, .step = 2);
    DO(&scene.core, TRIAGE_BACK, triage_back, SEAT, .call = { scene.call }, .protocol = FIRST, .step = 1);
    expect_member(shown_answers(&scene), "items", "[{\"protocol\":1,\"version\":4,\"step\":1,\"answer\":2}]");
    end(&scene);
}

static void an_incident_shows_marks_and_what_it_missed(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 1);
    uint32_t id = DO(&scene.core, CALL_TRIAGE, call_triage, SEAT, .call = { scene.call }, .priority = PRIORITY_URGENT,
                     .units_wanted = 1);
    expect_member(shown_incident(&scene, id), "marks", "[]");
    expect_member(shown_incident(&scene, id), "queue_reason", "null");
    expect_member(shown_incident(&scene, id), "priority_by_person", "\"urgent\"");
    DO(&scene.core, TRIAGE_BEGIN, triage_begin, SEAT, .call = { scene.call }, .protocol = FIRST);
    answer(&scene, 1, NO); /* advanced: no unit has that */
    answer(&scene, 2, YES);
    expect_member(shown_incident(&scene, id), "marks", "[\"arrest_recognised\",\"scene_unsafe\"]");
    expect_member(shown_incident(&scene, id), "queue_reason", "\"no_unit_fit\"");
    expect_member(shown_incident(&scene, id), "priority", "\"severe\"");
    expect_member(shown_incident(&scene, id), "priority_by_person", "\"urgent\"");
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_shows_its_triage),
        cmocka_unit_test(answers_that_stand_are_shown_in_order),
        cmocka_unit_test(an_incident_shows_marks_and_what_it_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
