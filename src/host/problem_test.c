#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/problem.h"

static unsigned status_of(enum refusal refusal) { return problem_of_refusal(refusal).status; }

static void test_statuses_of_refusals(void **state)
{
    (void)state;
    assert_int_equal(status_of(REFUSED_MALFORMED), 422);
    assert_int_equal(status_of(REFUSED_UNKNOWN_CALL), 404);
    assert_int_equal(status_of(REFUSED_UNKNOWN_FACILITY), 404);
    assert_int_equal(status_of(REFUSED_WRONG_ACTOR), 403);
    assert_int_equal(status_of(REFUSED_STALE_REVISION), 412);
    assert_int_equal(status_of(REFUSED_TABLE_FULL), 503);
    assert_int_equal(status_of(REFUSED_TRANSITION), 409);
    assert_int_equal(status_of(REFUSED_UNIT_NOT_AVAILABLE), 409);
}

/* Every refusal of the core has a sentence of its own in schema/api.toml: a new one must be told there. */
static void test_every_refusal_has_a_sentence(void **state)
{
    (void)state;
    for (int i = REFUSED_NONE + 1; i < REFUSED_COUNT; i++) {
        struct problem problem = problem_of_refusal((enum refusal)i);
        assert_string_equal(problem.name, refusal_name((enum refusal)i));
        assert_string_not_equal(problem.title, problem.name);
        assert_true(problem.status != 503 || problem.retry_after_s > 0);
    }
}

static void write_out(const struct problem *problem, bool drill, const char *wanted)
{
    struct text text;
    struct json json;
    text_init(&text, 4096);
    json_init(&json, &text, 0);
    problem_write(problem, &json, drill);
    assert_string_equal(text.bytes, wanted);
    text_free(&text);
}

static void test_documents_by_hand(void **state)
{
    (void)state;
    struct problem problem = problem_of(PROBLEM_NOT_DURABLE);
    problem_set_detail(&problem, "because %d", 7);
    write_out(&problem, false,
              "{\"type\":\"/problems/not_durable\",\"title\":\"The outcome is not known: repeat with the same Idempotency-Key\","
              "\"status\":503,\"detail\":\"because 7\",\"name\":\"not_durable\"}");
    problem = problem_of_refusal(REFUSED_STALE_REVISION);
    problem.subject = "unit";
    problem.subject_id = 3;
    problem.revision_now = 9;
    problem.first = (struct change){ .sequence = 15, .at = { 0 }, .actor = 2, .actor_kind = ACTOR_KIND_SEAT };
    problem.first_name = "Li \"Na\"";
    write_out(
        &problem, true,
        "{\"drill\":true,\"type\":\"/problems/stale_revision\",\"title\":\"It has changed since you looked\",\"status\":412,"
        "\"detail\":\"It has changed since you looked.\",\"name\":\"stale_revision\",\"subject\":\"unit\",\"subject_id\":3,"
        "\"revision_now\":9,\"by\":{\"actor\":2,\"actor_kind\":\"seat\",\"name\":\"Li \\\"Na\\\"\"},\"sequence\":15,"
        "\"at\":\"1970-01-01T00:00:00.000000Z\"}");
}

static void test_a_long_detail_is_cut(void **state)
{
    (void)state;
    char name[2 * PROBLEM_DETAIL_SIZE];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    struct problem problem = problem_of(PROBLEM_CONFLICT);
    problem_set_detail(&problem, "%s", name);
    assert_int_equal(strlen(problem.detail), PROBLEM_DETAIL_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses_of_refusals),
        cmocka_unit_test(test_every_refusal_has_a_sentence),
        cmocka_unit_test(test_documents_by_hand),
        cmocka_unit_test(test_a_long_detail_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
