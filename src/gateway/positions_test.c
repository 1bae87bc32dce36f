/* Positions on their way to a centre that this test plays. */
#include "gateway/positions.h"

#include "gateway/played_test.h"

#include "base/check.h"

enum { REQUEST_MAX = 4000, TICKETS_MAX = 16 };

struct scene {
    struct played played;
    struct gateway_link *link;
    struct gateway_positions *positions;
    const char *answers[4]; /* of each request in turn; NULL: as the one before */
    size_t counts[16];      /* positions in each request */
    json_t *first;          /* the first request */
    int requests, settled, wanted;
    uint64_t tickets[TICKETS_MAX];
    enum gateway_outcome outcomes[TICKETS_MAX];
};

static const char *answer(void *context, const char *request, const char *body)
{
    struct scene *scene = context;
    json_t *list = json_loads(body, 0, NULL);
    assert_non_null(strstr(request, "POST /api/v1/positions HTTP/1.1\r\n"));
    assert_true(json_is_array(list) && scene->requests < (int)ARRAY_LENGTH(scene->counts));
    scene->counts[scene->requests] = json_array_size(list);
    if (scene->requests == 0) {
        scene->first = json_incref(list);
    }
    json_decref(list);
    int last = scene->requests < 4 ? scene->requests : 3;
    scene->requests += 1;
    while (scene->answers[last] == NULL) {
        last -= 1;
    }
    return scene->answers[last];
}

static void settled(void *context, uint64_t ticket, enum gateway_outcome outcome)
{
    struct scene *scene = context;
    assert_true(scene->settled < TICKETS_MAX);
    scene->tickets[scene->settled] = ticket;
    scene->outcomes[scene->settled++] = outcome;
}

#define TAKEN PLAYED("200 OK", "{\"taken\":1,\"refused\":[]}")

static void begin(struct scene *scene, const char *first, const char *second)
{
    struct error error;
    *scene = (struct scene){ .answers = { first, second } };
    played_begin(&scene->played, answer, scene);
    scene->link = played_link(&scene->played);
    assert_int_equal(gateway_positions_create(scene->played.base, scene->link, settled, scene, &scene->positions, &error),
                     STATUS_OK);
}

static void end(struct scene *scene)
{
    gateway_link_destroy(scene->link);
    gateway_positions_destroy(scene->positions);
    json_decref(scene->first);
    played_end(&scene->played);
}

static bool put(struct scene *scene, uint32_t unit, uint64_t ticket, bool is_part)
{
    const struct gateway_fix fix = { .unit = unit,
                                     .point = { .lon_e7 = 1214700000, .lat_e7 = 312300000 },
                                     .at = { INT64_C(1763798400000000) },
                                     .ticket = ticket,
                                     .is_part = is_part };
    return gateway_positions_put(scene->positions, &fix);
}

static bool has_settled(const void *context)
{
    const struct scene *scene = context;
    return scene->settled >= scene->wanted;
}

static void wait_for(struct scene *scene, int wanted)
{
    scene->wanted = wanted;
    played_until(&scene->played, has_settled, scene);
    assert_int_equal(scene->settled, wanted);
}

static void many_in_one_request(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, PLAYED("200 OK", "{\"taken\":2,\"refused\":[{\"unit\":4,\"problem\":\"unknown_unit\"}]}"), NULL);
    assert_true(put(&scene, 3, 11, false));
    assert_true(put(&scene, 4, 12, false));
    assert_true(put(&scene, 5, 0, false));
    assert_true(put(&scene, 6, 13, false));
    assert_int_equal(gateway_positions_figures(scene.positions).waiting, 4);
    wait_for(&scene, 3);
    assert_int_equal(scene.requests, 1);
    const json_t *fix = json_array_get(scene.first, 0);
    assert_int_equal(json_integer_value(json_object_get(fix, "unit")), 3);
    assert_true(json_real_value(json_object_get(fix, "lon")) > 121.4699999 &&
                json_real_value(json_object_get(fix, "lon")) < 121.4700001);
    assert_string_equal(json_string_value(json_object_get(fix, "at")), "2025-11-22T08:00:00.000000Z");
    static const enum gateway_outcome wanted[] = { GATEWAY_DONE, GATEWAY_REFUSED, GATEWAY_DONE };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(scene.tickets[i], 11 + i);
        assert_int_equal(scene.outcomes[i], wanted[i]);
    }
    struct gateway_positions_figures figures = gateway_positions_figures(scene.positions);
    assert_int_equal(figures.sent, 3);
    assert_int_equal(figures.refused, 1);
    assert_int_equal(figures.batches, 1);
    assert_int_equal(figures.waiting, 0);
    end(&scene);
}

/* Three parts, of which one comes into the first request and two into the second. */
static void put_over_the_border(struct scene *scene)
{
    for (uint32_t i = 0; i < REQUEST_MAX - 1; i++) {
        assert_true(put(scene, 1, 0, false));
    }
    assert_true(put(scene, 7, 99, true));
    assert_true(put(scene, 7, 99, true));
    assert_true(put(scene, 7, 99, false));
    wait_for(scene, 1);
    assert_int_equal(scene->requests, 2);
    assert_int_equal(scene->counts[0], REQUEST_MAX);
    assert_int_equal(scene->counts[1], 2);
    assert_int_equal(scene->tickets[0], 99);
}

static void a_ticket_over_two_requests_is_done_when_both_are(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, TAKEN, TAKEN);
    put_over_the_border(&scene);
    assert_int_equal(scene.outcomes[0], GATEWAY_DONE);
    end(&scene);
    begin(&scene, PLAYED("200 OK", "{\"refused\":[{\"unit\":7}]}"), TAKEN);
    put_over_the_border(&scene);
    assert_int_equal(scene.outcomes[0], GATEWAY_REFUSED);
    assert_true(put(&scene, 7, 99, false)); /* a new one of that number is a new one */
    wait_for(&scene, 2);
    assert_int_equal(scene.outcomes[1], GATEWAY_DONE);
    end(&scene);
    begin(&scene, PLAYED("413 Large", "{\"name\":\"too_large\"}"), TAKEN);
    put_over_the_border(&scene);
    assert_int_equal(scene.outcomes[0], GATEWAY_REFUSED);
    end(&scene);
}

/* What follows the parts of a sender who found no room for the rest is another's. */
static void parts_without_an_end(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, PLAYED("200 OK", "{\"refused\":[{\"unit\":7}]}"), TAKEN);
    assert_true(put(&scene, 7, 5, true));
    assert_true(put(&scene, 8, 6, false));
    wait_for(&scene, 1);
    assert_int_equal(scene.tickets[0], 6);
    assert_int_equal(scene.outcomes[0], GATEWAY_DONE);
    end(&scene);
}

static void a_centre_that_is_silent(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, PLAYED("503 Busy", ""), NULL);
    assert_true(put(&scene, 3, 11, false));
    wait_for(&scene, 1);
    assert_int_equal(scene.outcomes[0], GATEWAY_SILENT);
    assert_int_equal(gateway_positions_figures(scene.positions).silent, 1);
    end(&scene);
}

static void no_more_than_there_is_room_for(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, TAKEN, NULL);
    for (uint32_t i = 0; i < POSITIONS_WAITING_MAX; i++) {
        assert_true(put(&scene, 1, 0, false));
    }
    assert_false(put(&scene, 1, 21, false));
    assert_int_equal(gateway_positions_figures(scene.positions).no_room, 1);
    assert_int_equal(gateway_positions_figures(scene.positions).waiting, POSITIONS_WAITING_MAX);
    end(&scene);
    assert_int_equal(scene.settled, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_in_one_request),
        cmocka_unit_test(a_ticket_over_two_requests_is_done_when_both_are),
        cmocka_unit_test(parts_without_an_end),
        cmocka_unit_test(a_centre_that_is_silent),
        cmocka_unit_test(no_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
