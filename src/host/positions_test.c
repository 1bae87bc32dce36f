/* Positions on a real centre: who may report what, the latest wins, what the journal gets and when, a centre that cannot take it.
 */
#include "host/positions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <jansson.h>

#include "host/centre_test.h"

struct world {
    struct test_centre test;
    struct event_base *base;
    struct positions *positions;
    uint64_t entries, fixes; /* of commands units_position, and of single ones */
};

#define GRANT(role, scope, id) .grants = { { role, scope, id } }, .grant_count = 1

static const struct identity gateway = { .actor = 1000001, GRANT(ROLE_GATEWAY, SCOPE_CENTRE, 0) };
static const struct identity crew = { .actor = 2, GRANT(ROLE_CREW, SCOPE_UNIT, 2) };
static const struct identity nobody = { .actor = 3, GRANT(ROLE_PLANNER, SCOPE_CENTRE, 0) };

static void see(void *context, const struct entry_head *entry)
{
    struct world *world = context;
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (event->kind == EVENT_UNITS_POSITIONED) {
            world->entries += 1;
            world->fixes += ((const struct event_units_positioned *)(const void *)event)->count;
        }
    }
    if (world->positions != NULL) {
        positions_entry(world->positions, entry);
    }
}

static void begin(struct world *world, uint32_t keep_s)
{
    struct error error;
    *world = (struct world){ .positions = NULL };
    test_centre_make(&world->test);
    test_centre_start(&world->test);
    test_open_centre(&world->test);
    world->base = event_base_new();
    centre_observe(world->test.centre, see, world);
    test_must(positions_create(world->base, world->test.centre, world->test.clock, keep_s, &world->positions, &error), &error);
}

static void end(struct world *world)
{
    test_centre_drain(&world->test);
    positions_destroy(world->positions);
    event_base_free(world->base);
    test_centre_free(&world->test);
}

/* The answer to a batch. */
static json_t *report(struct world *world, const struct identity *identity, const char *body)
{
    char why[160];
    struct text text;
    struct json json;
    text_init(&text, 1 << 20);
    json_init(&json, &text, 0);
    assert_int_equal(positions_report(world->positions, identity, body, strlen(body), &json, why, sizeof why), POSITIONS_TAKEN);
    json_t *answer = json_loadb(text.bytes, text.length, 0, NULL);
    assert_non_null(answer);
    text_free(&text);
    return answer;
}

static void check(json_t *answer, int taken, int older, const char *refused)
{
    json_t *wanted = json_loads(refused, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(answer, "taken")), taken);
    assert_int_equal(json_integer_value(json_object_get(answer, "older")), older);
    assert_true(json_equal(json_object_get(answer, "refused"), wanted));
    json_decref(wanted);
    json_decref(answer);
}

static void test_who_may_report_what(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 10);
    const char *body = "[{\"unit\":1,\"lon\":11.5,\"lat\":57.5},{\"unit\":2,\"lon\":12.5,\"lat\":58.5},"
                       "{\"unit\":99,\"lon\":1,\"lat\":1},{\"unit\":3,\"lon\":181,\"lat\":1},"
                       "{\"unit\":3,\"lon\":1,\"lat\":1,\"at\":\"2100-01-01T00:00:00Z\"}]";
    check(report(&world, &nobody, body), 0, 0,
          "[{\"unit\":1,\"why\":\"not_allowed\"},{\"unit\":2,\"why\":\"not_allowed\"},{\"unit\":99,\"why\":\"not_allowed\"},"
          "{\"unit\":3,\"why\":\"not_allowed\"},{\"unit\":3,\"why\":\"not_allowed\"}]");
    check(report(&world, &crew, body), 1, 0,
          "[{\"unit\":1,\"why\":\"not_allowed\"},{\"unit\":99,\"why\":\"not_allowed\"},{\"unit\":3,\"why\":\"not_allowed\"},"
          "{\"unit\":3,\"why\":\"not_allowed\"}]");
    assert_int_equal(positions_of(world.positions, 2).point.lon_e7, 125000000);
    assert_true(instant_is_none(positions_of(world.positions, 1).at));
    check(report(&world, &gateway, body), 2, 0,
          "[{\"unit\":99,\"why\":\"unknown_unit\"},{\"unit\":3,\"why\":\"point_invalid\"},{\"unit\":3,\"why\":\"occurred_in_"
          "future\"}]");
    assert_true(instant_is_none(positions_of(world.positions, 3).at));
    assert_true(instant_is_none(positions_of(world.positions, 0).at));
    assert_true(instant_is_none(positions_of(world.positions, UINT32_MAX).at));
    char why[160];
    struct text text;
    struct json json;
    text_init(&text, 1000);
    json_init(&json, &text, 0);
    assert_int_equal(positions_report(world.positions, &gateway, "[{]", 3, &json, why, sizeof why), POSITIONS_MALFORMED);
    assert_int_equal(text.length, 0);
    assert_non_null(strstr(why, "byte 2"));
    end(&world);
}

static void test_the_latest_wins(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 10);
    uint64_t mark = 0;
    uint32_t units[TEST_UNITS + 14];
    check(report(&world, &gateway, "[{\"unit\":1,\"lon\":1,\"lat\":1,\"at\":\"2026-01-01T00:00:10Z\"}]"), 1, 0, "[]");
    assert_int_equal(positions_changed(world.positions, &mark, units, TEST_UNITS), 1);
    assert_int_equal(units[0], 1);
    assert_int_equal(positions_changed(world.positions, &mark, units, TEST_UNITS), 0);
    /* The same again, an older one, a newer one, and an older one behind it. */
    check(report(&world, &gateway,
                 "[{\"unit\":1,\"lon\":1,\"lat\":1,\"at\":\"2026-01-01T00:00:10Z\"},"
                 "{\"unit\":1,\"lon\":2,\"lat\":2,\"at\":\"2026-01-01T00:00:09Z\"}]"),
          0, 2, "[]");
    assert_int_equal(positions_mark(world.positions), mark);
    check(report(&world, &gateway,
                 "[{\"unit\":1,\"lon\":3,\"lat\":3,\"at\":\"2026-01-01T00:00:12Z\"},"
                 "{\"unit\":1,\"lon\":4,\"lat\":4,\"at\":\"2026-01-01T00:00:11Z\"},"
                 "{\"unit\":3,\"lon\":5,\"lat\":5,\"at\":\"2026-01-01T00:00:11Z\"}]"),
          2, 1, "[]");
    assert_int_equal(positions_of(world.positions, 1).point.lon_e7, 30000000);
    assert_int_equal(positions_changed(world.positions, &mark, units, TEST_UNITS), 2);
    assert_int_equal(units[0] * 10 + units[1], 13);
    struct positions_figures figures;
    positions_figures(world.positions, &figures);
    assert_true(figures.taken == 3 && figures.older == 3 && figures.refused == 0 && figures.batches == 3);
    end(&world);
}

/* Turns the loop of the timer, and the centre, until the condition holds. */
#define TURN_UNTIL(world, condition)                         \
    do {                                                     \
        while (!(condition)) {                               \
            struct timeval soon = { 0, 20000 };              \
            (void)event_base_loopexit((world)->base, &soon); \
            (void)event_base_loop((world)->base, 0);         \
            centre_deliver((world)->test.centre);            \
        }                                                    \
    } while (0)

/* Many reports of a unit are one fix of the journal, the newest; nothing new is nothing written; a command of a crew counts as
 * well. */
static void test_what_the_journal_gets(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 3600);
    struct positions_figures figures;
    for (int i = 0; i < 50; i++) {
        char body[160];
        snprintf(body, sizeof body,
                 "[{\"unit\":1,\"lon\":1,\"lat\":%d,\"at\":\"2026-01-01T00:00:%02dZ\"},{\"unit\":3,\"lon\":1,\"lat\":%d}]", i, i,
                 i);
        json_decref(report(&world, &gateway, body));
    }
    TURN_UNTIL(&world, (positions_figures(world.positions, &figures), figures.journalled > 0));
    assert_int_equal(figures.journalled, 2);
    assert_true(world.entries == 1 && world.fixes == 2);
    const struct core *core = centre_core(world.test.centre);
    assert_int_equal(core->units[1].point.lat_e7, 490000000);
    assert_int_equal(core->units[1].positioned_at.us, positions_of(world.positions, 1).at.us);
    /* Within keep_s nothing more is sent of these, but of another unit it is. */
    json_decref(report(&world, &gateway, "[{\"unit\":1,\"lon\":7,\"lat\":7},{\"unit\":2,\"lon\":7,\"lat\":7}]"));
    TURN_UNTIL(&world, world.entries == 2);
    assert_int_equal(world.fixes, 3);
    assert_int_equal(core->units[1].point.lat_e7, 490000000);
    positions_set_keep(world.positions, 0);
    TURN_UNTIL(&world, world.entries == 3);
    assert_int_equal(core->units[1].point.lat_e7, 70000000);
    TEST_DO(&world.test, UNIT_POSITION, unit_position, CREW, .unit = { 3 }, .point = { 90000000, 80000000 });
    assert_int_equal(positions_of(world.positions, 3).point.lon_e7, 90000000);
    assert_int_equal(positions_of(world.positions, 3).at.us, core->units[3].positioned_at.us);
    end(&world);
}

/* After a restart the newest that the journal has is known. */
static void test_known_after_a_restart(void **state)
{
    (void)state;
    struct world world;
    struct error error;
    begin(&world, 0);
    json_decref(report(&world, &gateway, "[{\"unit\":2,\"lon\":7.25,\"lat\":8.5}]"));
    TURN_UNTIL(&world, world.entries == 1);
    struct instant at = positions_of(world.positions, 2).at;
    test_centre_drain(&world.test);
    positions_destroy(world.positions);
    world.positions = NULL;
    test_centre_stop(&world.test);
    test_centre_start(&world.test);
    test_must(positions_create(world.base, world.test.centre, world.test.clock, 0, &world.positions, &error), &error);
    assert_int_equal(positions_of(world.positions, 2).at.us, at.us);
    assert_int_equal(positions_of(world.positions, 2).point.lat_e7, 85000000);
    assert_true(instant_is_none(positions_of(world.positions, 1).at));
    end(&world);
}

/* A centre that takes nothing is asked again, and nothing is lost but what is newer by then. */
static void test_a_centre_that_stops(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 0);
    test_centre_drain(&world.test);
    json_decref(report(&world, &gateway, "[{\"unit\":1,\"lon\":7,\"lat\":7}]"));
    struct timeval turns = { 2, 100000 };
    (void)event_base_loopexit(world.base, &turns);
    (void)event_base_loop(world.base, 0);
    struct positions_figures figures;
    positions_figures(world.positions, &figures);
    assert_true(figures.taken == 1 && figures.journalled == 0 && world.entries == 0);
    assert_int_equal(positions_of(world.positions, 1).point.lon_e7, 70000000);
    positions_destroy(world.positions);
    event_base_free(world.base);
    test_centre_free(&world.test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_may_report_what),   cmocka_unit_test(test_the_latest_wins),
        cmocka_unit_test(test_what_the_journal_gets), cmocka_unit_test(test_known_after_a_restart),
        cmocka_unit_test(test_a_centre_that_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
