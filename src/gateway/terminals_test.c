/* The list of terminals from a centre that this test plays. */
#include "gateway/terminals.h"

#include "gateway/played_test.h"

struct scene {
    struct played played;
    struct gateway_link *link;
    struct gateway_terminals *terminals;
    const char *first, *second; /* pages of the list */
    int changed, unknown, pages;
    char told[300];
};

static const char *answer(void *context, const char *request, const char *body)
{
    struct scene *scene = context;
    if (strncmp(request, "POST /api/v1/unknown_terminals ", 31) == 0) {
        scene->unknown += 1;
        (void)snprintf(scene->told, sizeof scene->told, "%s", body);
        return PLAYED("200 OK", "{}");
    }
    assert_true(strncmp(request, "GET /api/v1/terminals?limit=500&after=", 38) == 0);
    scene->pages += 1;
    return strncmp(request + 38, "0 ", 2) == 0 ? scene->first : scene->second;
}

static void changed(void *context) { ((struct scene *)context)->changed += 1; }

static void begin(struct scene *scene, const char *first, const char *second)
{
    struct error error;
    *scene = (struct scene){ .first = first, .second = second };
    played_begin(&scene->played, answer, scene);
    scene->link = played_link(&scene->played);
    assert_int_equal(
        gateway_terminals_create(scene->played.base, scene->link, "jt808", changed, scene, &scene->terminals, &error), STATUS_OK);
}

static void end(struct scene *scene)
{
    gateway_link_destroy(scene->link);
    gateway_terminals_destroy(scene->terminals);
    played_end(&scene->played);
}

static bool has_changed_once(const void *context) { return ((const struct scene *)context)->changed == 1; }
static bool has_changed_twice(const void *context) { return ((const struct scene *)context)->changed == 2; }
static bool has_told_one(const void *context) { return ((const struct scene *)context)->unknown == 1; }
static bool has_told_two(const void *context) { return ((const struct scene *)context)->unknown == 2; }

#define TERMINAL(id, kind, number, unit) \
    "{\"id\":" id ",\"kind\":\"" kind "\",\"number\":\"" number "\",\"unit\":" unit ",\"device\":\"D" id "\"}"
#define PAGE(version, next, items) PLAYED("200 OK", "{\"version\":" version ",\"next\":" next ",\"items\":[" items "]}")

static void a_list_of_two_pages(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, PAGE("3", "2", TERMINAL("1", "jt808", "900", "11") "," TERMINAL("2", "mqtt", "500", "12")),
          PAGE("3", "null", TERMINAL("3", "jt808", "100", "13")));
    assert_false(gateway_terminals_are_known(scene.terminals));
    assert_null(gateway_terminals_find(scene.terminals, "900"));
    played_until(&scene.played, has_changed_once, &scene);
    assert_true(gateway_terminals_are_known(scene.terminals));
    assert_int_equal(gateway_terminals_find(scene.terminals, "900")->unit, 11);
    assert_int_equal(gateway_terminals_find(scene.terminals, "100")->id, 3);
    assert_string_equal(gateway_terminals_find(scene.terminals, "100")->device, "D3");
    assert_null(gateway_terminals_find(scene.terminals, "500")); /* another protocol's */
    assert_null(gateway_terminals_find(scene.terminals, ""));
    /* another version takes the place of the whole list */
    scene.first = PAGE("4", "null", TERMINAL("3", "jt808", "100", "14"));
    played_until(&scene.played, has_changed_twice, &scene);
    assert_int_equal(gateway_terminals_find(scene.terminals, "100")->unit, 14);
    assert_null(gateway_terminals_find(scene.terminals, "900"));
    end(&scene);
}

/* The list changes while it is read: pages of two versions are no list. */
static void pages_of_two_versions(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, PAGE("3", "1", TERMINAL("1", "jt808", "900", "11")), PAGE("4", "null", TERMINAL("3", "jt808", "100", "13")));
    while (scene.pages < 2) {
        assert_int_equal(event_base_loop(scene.played.base, EVLOOP_ONCE), 0);
    }
    scene.first = PAGE("4", "null", TERMINAL("3", "jt808", "100", "13"));
    played_until(&scene.played, has_changed_once, &scene);
    assert_null(gateway_terminals_find(scene.terminals, "900"));
    assert_int_equal(gateway_terminals_find(scene.terminals, "100")->unit, 13);
    end(&scene);
}

/* Refused, then rubbish, then there. */
static void a_list_that_comes_late(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, PLAYED("403 No", "{\"name\":\"not_allowed\"}"), "");
    while (scene.pages < 1) {
        assert_int_equal(event_base_loop(scene.played.base, EVLOOP_ONCE), 0);
    }
    assert_false(gateway_terminals_are_known(scene.terminals));
    scene.first = PLAYED("200 OK", "[1,");
    while (scene.pages < 2) {
        assert_int_equal(event_base_loop(scene.played.base, EVLOOP_ONCE), 0);
    }
    assert_false(gateway_terminals_are_known(scene.terminals));
    scene.first = PAGE("1", "null", TERMINAL("1", "jt808", "900", "11") ",{},3");
    played_until(&scene.played, has_changed_once, &scene);
    assert_non_null(gateway_terminals_find(scene.terminals, "900"));
    end(&scene);
}

static void who_belongs_to_nobody_is_told_once(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, PAGE("1", "null", ""), "");
    gateway_terminals_unknown(scene.terminals, "777", "D\"7", "京A00001");
    gateway_terminals_unknown(scene.terminals, "777", "D\"7", "京A00001");
    played_until(&scene.played, has_told_one, &scene);
    json_t *told = json_loads(scene.told, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(told, "kind")), "jt808");
    assert_string_equal(json_string_value(json_object_get(told, "number")), "777");
    assert_string_equal(json_string_value(json_object_get(told, "device")), "D\"7");
    assert_string_equal(json_string_value(json_object_get(told, "plate")), "京A00001");
    json_decref(told);
    gateway_terminals_unknown(scene.terminals, "778", "", "");
    played_until(&scene.played, has_told_two, &scene);
    end(&scene);
    assert_int_equal(scene.unknown, 2);
}

/* Whoever tries numbers does not fill the centre's list. */
static void no_more_unknown_ones_than_there_is_room_for(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, PAGE("1", "null", ""), "");
    for (int i = 0; i < 1000; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "1%03d", i);
        gateway_terminals_unknown(scene.terminals, number, "", "");
    }
    assert_true(gateway_link_figures(scene.link).waiting <= 65); /* 64, and the question for the list */
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_two_pages),
        cmocka_unit_test(pages_of_two_versions),
        cmocka_unit_test(a_list_that_comes_late),
        cmocka_unit_test(who_belongs_to_nobody_is_told_once),
        cmocka_unit_test(no_more_unknown_ones_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
