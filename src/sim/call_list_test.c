/* CALLS.csv: rows become truth, out of order rows are sorted, each mistake is told with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/test_data.h"
#include "sim/call_list.h"
#include "sim/scenario_sample.h"

#define HEADER "call,priority,lon,lat,arrival_s,delay_s,on_scene_s,transport,handover_s"

static struct sample_folder folder;
static struct scenario *scenario;

static int set_up(void **state)
{
    (void)state;
    struct error error = { .text = "" };
    sample_make(&folder);
    return scenario_load(folder.path, &scenario, &error) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    scenario_free(scenario);
    sample_remove(&folder);
    return 0;
}

static void rows_become_calls(void **state)
{
    (void)state;
    static const char text[] = HEADER ",node,mobilisation_s,need\n"
                                      "7,1,10.05,50.01,17.407882,150.000000,91.745449,1,63.314812,16801,30,stroke\n"
                                      "9,urgent,-10.5,-50.25,20,0,5,0,,1,,\n";
    struct call_list list;
    struct error error = { .text = "" };
    assert_int_equal(call_list_parse("CALLS.csv", text, sizeof text - 1, scenario, &list, &error), STATUS_OK);
    assert_int_equal(list.count, 2);
    const struct call_truth *call = &list.calls[0];
    assert_true(call->number == 7 && call->priority == PRIORITY_CRITICAL && call->need == CARE_STROKE && call->transport);
    assert_true(call->arrival.us == 17407882 && call->delay.us == 150000000 && call->on_scene.us == 91745449);
    assert_true(call->handover.us == 63314812 && call->mobilisation.us == 30 * US_PER_SECOND && call->patient_access.us == 0);
    assert_true(call->point.lon_e7 == 100500000 && call->point.lat_e7 == 500100000);
    assert_true(list.calls[1].priority == PRIORITY_URGENT && !list.calls[1].transport && list.calls[1].handover.us == 0);
    assert_int_equal(list.out_of_order, 0);
    call_list_free(&list);
}

static void rows_out_of_order_are_sorted_stably(void **state)
{
    (void)state;
    static const char text[] = HEADER
        "\n5,1,10,50,100,0,0,0,0\n4,1,10,50,50,0,0,0,0\n3,1,10,50,100,0,0,0,0\n2,1,10,50,50,0,0,0,0\n";
    struct call_list list;
    struct error error = { .text = "" };
    assert_int_equal(call_list_parse("c", text, sizeof text - 1, scenario, &list, &error), STATUS_OK);
    assert_int_equal(list.out_of_order, 2);
    static const uint64_t order[] = { 4, 2, 5, 3 };
    for (int i = 0; i < 4; i++) {
        assert_true(list.calls[i].number == order[i]);
    }
    call_list_free(&list);
}

static void each_mistake_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line, *why;
    } cases[] = {
        { "", "c:1:", "empty" },
        { HEADER "\n", "c:", "no calls" },
        { "call,priority\n1,1\n", "c:1:", "no column \"lon\"" },
        { HEADER "\n1,1,10,50,-1,0,0,0,0\n", "c:2:", "arrival_s" },
        { HEADER "\n1,1,10,50,1,0,0,0,0\n2,1,10,50,1,-3,0,0,0\n", "c:3:", "delay_s" },
        { HEADER "\n1,1,10,50,1,0,0,2,0\n", "c:2:", "transport" },
        { HEADER "\n1,1,10,50,1,0,0,1,\n", "c:2:", "handover_s" },
        { HEADER "\n1,4,10,50,1,0,0,0,0\n", "c:2:", "priority \"4\" is not one of the scenario's: 1, 2, 3" },
        { HEADER "\n1,1,10,95,1,0,0,0,0\n", "c:2:", "lat" },
        { HEADER "\n1,1,10,50,1,0,0,0,0\n\n1,1,10,50,2,0,0,0,0\n", "c:4:", "stands already in line 2" },
        { HEADER "\nx,1,10,50,1,0,0,0,0\n", "c:2:", "a whole number" },
        { HEADER "\n4294967295,1,10,50,1,0,0,0,0\n4294967296,1,10,50,1,0,0,0,0\n", "c:3:", "4294967295" },
        { HEADER "\n1,1,10,50,nan,0,0,0,0\n", "c:2:", "a number" },
        { HEADER "\n1,1,\"10,50,1,0,0,0,0\n", "c:2:", "never closed" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct call_list list = { .count = 77 };
        struct error error = { .text = "" };
        enum status status = call_list_parse("c", cases[i].text, strlen(cases[i].text), scenario, &list, &error);
        if (status != STATUS_BAD_INPUT || strstr(error.text, cases[i].line) == NULL || strstr(error.text, cases[i].why) == NULL) {
            fail_msg("case %zu: %d \"%s\"", i, (int)status, error.text);
        }
        assert_int_equal(list.count, 77);
    }
}

/* The trace of the independent program, when it is there: 2,000 calls of Manhattan, priorities 1 and 3. */
static void the_validation_trace_is_read(void **state)
{
    (void)state;
    char path[1024];
    snprintf(path, sizeof path, "%s/validation/manhattan_trace.csv.gz", test_data_folder());
    struct call_list list;
    struct error error = { .text = "" };
    enum status status = call_list_load(path, scenario, &list, &error);
    if (status == STATUS_NOT_FOUND) {
        print_message("skipped: %s\n", error.text);
        skip();
    }
    if (status != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(list.count, 2000);
    assert_int_equal(list.out_of_order, 0);
    assert_true(list.calls[0].arrival.us == 17407882 && list.calls[0].priority == PRIORITY_URGENT);
    double high = 0;
    for (uint32_t i = 0; i < list.count; i++) {
        assert_true(list.calls[i].delay.us == 150 * US_PER_SECOND);
        high += list.calls[i].priority == PRIORITY_CRITICAL;
    }
    assert_true(high > 700 && high < 980); /* 42 % */
    call_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_calls),
        cmocka_unit_test(rows_out_of_order_are_sorted_stably),
        cmocka_unit_test(each_mistake_is_told_with_its_line),
        cmocka_unit_test(the_validation_trace_is_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
