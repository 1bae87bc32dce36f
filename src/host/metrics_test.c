#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "host/metrics.h"

enum { PAGE_MAX = 1 << 22 };

static void has_line(const struct text *page, const char *line)
{
    const char *found = strstr(page->bytes, line);
    if (found == NULL || (found != page->bytes && found[-1] != '\n') || found[strlen(line)] != '\n') {
        fail_msg("no line '%s' in:\n%s", line, page->bytes);
    }
}

static void test_buckets_are_cumulative(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_create();
    struct text page;
    text_init(&page, PAGE_MAX);
    static const int64_t observed_us[] = { 0, 1000, 1001, 19999, 20000, 3000000, 60000000 };
    for (size_t i = 0; i < sizeof observed_us / sizeof *observed_us; i++) {
        metrics_request(metrics, "commands", i == 0 ? 503 : 200, observed_us[i]);
    }
    metrics_write(metrics, &page);
    has_line(&page, "mingdi_http_request_duration_seconds_bucket{route=\"commands\",le=\"0.001\"} 2");
    has_line(&page, "mingdi_http_request_duration_seconds_bucket{route=\"commands\",le=\"0.0025\"} 3");
    has_line(&page, "mingdi_http_request_duration_seconds_bucket{route=\"commands\",le=\"0.02\"} 5");
    has_line(&page, "mingdi_http_request_duration_seconds_bucket{route=\"commands\",le=\"5\"} 6");
    has_line(&page, "mingdi_http_request_duration_seconds_bucket{route=\"commands\",le=\"+Inf\"} 7");
    has_line(&page, "mingdi_http_request_duration_seconds_sum{route=\"commands\"} 63.042000000000002");
    has_line(&page, "mingdi_http_requests_total{route=\"commands\",status=\"2xx\"} 6");
    has_line(&page, "mingdi_http_requests_total{route=\"commands\",status=\"5xx\"} 1");
    text_free(&page);
    metrics_destroy(metrics);
}

/* However many names there are, the page and the memory stay bounded, and nothing is counted away. */
static void test_names_are_bounded(void **state)
{
    (void)state;
    static char names[1000][16];
    struct metrics *metrics = metrics_create();
    struct text page;
    text_init(&page, PAGE_MAX);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(names[i], sizeof names[i], "name-%d", i);
        metrics_request(metrics, names[i], 200, 1);
        metrics_command(metrics, names[i], "done", 1);
    }
    metrics_write(metrics, &page);
    has_line(&page, "mingdi_http_request_duration_seconds_count{route=\"other\"} 905");
    has_line(&page, "mingdi_commands_total{command=\"other\",answer=\"other\"} 745");
    text_free(&page);
    metrics_destroy(metrics);
}

static void fill_page(struct text *page)
{
    struct metrics *metrics = metrics_create();
    metrics_request(metrics, "commands", 200, 1234);
    metrics_request(metrics, "a \"hostile\"\nroute\\", 999, -5);
    metrics_command(metrics, "unit_assign", "done", 20000);
    metrics_command(metrics, "unit_assign", "unit_not_available", 20000);
    metrics_write(metrics, page);
    metrics_family(page, "mingdi_units", "gauge", "Units by state\nwith \\ a break");
    metrics_sample(page, "mingdi_units", "state", "at \"post\"", 12);
    metrics_family(page, "mingdi_sequence", "gauge", "Last entry of the journal");
    metrics_sample(page, "mingdi_sequence", NULL, NULL, 9007199254740991.0);
    metrics_destroy(metrics);
}

static void test_promtool_accepts_the_page(void **state)
{
    (void)state;
    int there = system("command -v promtool >/dev/null 2>&1");
    if (there == -1 || WEXITSTATUS(there) != 0) {
        print_message("skipped: promtool is not installed\n");
        skip();
    }
    struct text page;
    text_init(&page, PAGE_MAX);
    fill_page(&page);
    has_line(&page, "mingdi_sequence 9007199254740991");
    FILE *promtool = popen("promtool check metrics", "w");
    assert_non_null(promtool);
    assert_int_equal(fwrite(page.bytes, 1, page.length, promtool), page.length);
    assert_int_equal(pclose(promtool), 0);
    text_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buckets_are_cumulative),
        cmocka_unit_test(test_names_are_bounded),
        cmocka_unit_test(test_promtool_accepts_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
