/* The centre on PostgreSQL: the same, with the server restarted and killed under it. Skipped where there is no PostgreSQL 15. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/centre_test.h"
#include "store/postgres_server_test.h"

static struct postgres_server server;

static void make_on_postgres(struct test_centre *test, const char *schema)
{
    char url[256];
    struct error error;
    test_centre_make(test);
    postgres_server_url(&server, schema, url, sizeof url);
    test_must(store_parse(NULL, url, false, &test->setup.store, &error), &error);
}

/* A call with its recommendation; a clean stop, and on. */
static void a_call_and_a_restart(void **state)
{
    (void)state;
    struct test_centre test;
    make_on_postgres(&test, "story");
    test_centre_start(&test);
    test_open_centre(&test);
    uint32_t id = test_incident(&test, TEST_NEAR_WEST, PRIORITY_CRITICAL);
    TEST_PUMP_UNTIL(&test, test_incident_of(&test, id)->state == INCIDENT_STATE_RECOMMENDED);
    test_centre_drain(&test);
    uint64_t hash = test_mirror_hash(&test);
    test_centre_stop(&test);
    assert_int_equal(hash, test_replayed_hash(&test));
    test_centre_start(&test);
    assert_int_equal(test_mirror_hash(&test), hash);
    assert_non_null(centre_recommendation(test.centre, (struct incident_id){ id }));
    test_centre_free(&test);
}

/* The server goes away in the middle, politely and not, and comes back; senders insist. */
static void the_server_comes_and_goes(void **state)
{
    (void)state;
    static const int ways[] = { SIGINT, SIGQUIT, SIGKILL };
    struct test_centre test;
    struct test_tries tries = { 0 };
    make_on_postgres(&test, "restarts");
    test_centre_start(&test);
    test_open_centre(&test);
    uint64_t before = test_sequence(&test);
    for (uint32_t i = 1; i <= TEST_CALLS; i++) {
        if (i % 4 == 0) {
            postgres_server_restart(&server, ways[i / 4 - 1]);
        }
        test_insist(&test, i, &tries);
    }
    struct centre_figures figures;
    centre_figures(test.centre, &figures);
    assert_int_equal(figures.journal_failures, 3);
    assert_int_equal(tries.not_durable, 3);
    test_calls_once(&test, before, TEST_CALLS);
    test_centre_free(&test);
}

/* ---- a synchronous standby that is not there ---- */

/* The writer of the journal waits for a standby, and somebody ends its wait: its entry stands in the journal of this server, and
 * is not acknowledged; when the standby is there again (here: is not asked for any more) the same key tells that it was done. */
static void what_no_standby_has_is_not_acknowledged(void **state)
{
    (void)state;
    struct test_centre test;
    struct test_tries tries = { 0 };
    make_on_postgres(&test, "unconfirmed");
    test_centre_start(&test);
    test_open_centre(&test);
    uint64_t before = test_sequence(&test);
    postgres_server_set_standbys(&server, "nobody_there");
    struct command_call_offer command;
    COMMAND_BEGIN(&command, CALL_OFFER, ACTOR_KIND_SYSTEM);
    command.head.key_low = command.external = 1;
    struct test_answer answer = { .centre = test.centre };
    assert_int_equal(centre_submit(test.centre, &command.head, test_answered, &answer), CENTRE_TAKEN);
    postgres_server_await_waiting(&server, 1);
    postgres_server_sql(&server, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", NULL, 0);
    TEST_PUMP_UNTIL(&test, answer.count > 0);
    assert_int_equal(answer.answer.outcome, CENTRE_NOT_DURABLE);
    assert_int_equal(test_sequence(&test), before); /* nobody has seen it */
    postgres_server_set_standbys(&server, "");
    struct step_result result = test_insist(&test, 1, &tries);
    assert_true(result.repeated);
    for (uint32_t i = 2; i <= TEST_CALLS; i++) {
        test_insist(&test, i, &tries);
    }
    test_calls_once(&test, before, TEST_CALLS);
    test_centre_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_and_a_restart),
        cmocka_unit_test(the_server_comes_and_goes),
        cmocka_unit_test(what_no_standby_has_is_not_acknowledged),
    };
    if (!postgres_server_start(&server)) {
        printf("skipped: there is no PostgreSQL 15 here\n");
        return 77;
    }
    int failed = cmocka_run_group_tests_name("host/centre_postgres", tests, NULL, NULL);
    postgres_server_stop(&server);
    return failed;
}
