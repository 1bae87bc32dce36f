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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_and_a_restart),
        cmocka_unit_test(the_server_comes_and_goes),
    };
    if (!postgres_server_start(&server)) {
        printf("skipped: there is no PostgreSQL 15 here\n");
        return 77;
    }
    int failed = cmocka_run_group_tests_name("host/centre_postgres", tests, NULL, NULL);
    postgres_server_stop(&server);
    return failed;
}
