/* Against the definition: what is told of a row, compared with what is told of every other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "host/deidentify.h"

enum { ROWS_MAX = 240 };

static struct quasi rows[ROWS_MAX];
static uint8_t steps[ROWS_MAX];

static bool same_shown(const struct quasi *a, const struct quasi *b, uint8_t step)
{
    struct quasi_shown x, y;
    deidentify_show(a, step, &x);
    deidentify_show(b, step, &y);
    return strcmp(x.hours, y.hours) == 0 && strcmp(x.age, y.age) == 0 && (!x.district || a->district == b->district) &&
           (!x.complaint || a->complaint == b->complaint);
}

/* People among the rows that look like one at a step, of those that came as far as this step at least. */
static size_t people_like(size_t row, size_t count, uint8_t step, bool only_here)
{
    size_t people = 0;
    for (size_t i = 0; i < count; i++) {
        bool counts = (only_here ? steps[i] == step : steps[i] >= step) && same_shown(&rows[row], &rows[i], step);
        for (size_t j = 0; j < i && counts && rows[i].person != 0; j++) {
            bool is_other = rows[j].person != rows[i].person || (only_here ? steps[j] != step : steps[j] < step);
            counts = is_other || !same_shown(&rows[row], &rows[j], step);
        }
        people += counts;
    }
    return people;
}

static void draw_rows(struct random_stream *stream, size_t count, uint32_t districts, uint32_t people)
{
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct quasi){ .person = random_u64(stream) % (people + 1),
                                  .district = (uint32_t)(random_u64(stream) % districts),
                                  .hour_of_week = (uint8_t)(random_u64(stream) % 168),
                                  .age_years = (uint8_t)(random_u64(stream) % 100),
                                  .complaint = (uint8_t)(random_u64(stream) % 3) };
        if (random_u64(stream) % 4 == 0) {
            rows[i].age_years = DEIDENTIFY_AGE_UNKNOWN;
        }
    }
}

/* Each row that is told looks like k people's; and it was not told more exactly only because there it did not. */
static void every_row_has_k_like_it(void **state)
{
    struct random_stream stream;
    (void)state;
    random_open(&stream, 5, 1, 0);
    for (int round = 0; round < 12; round++) {
        struct error error;
        size_t count = 20 + random_u64(&stream) % (ROWS_MAX - 20);
        uint32_t k = 2 + (uint32_t)(random_u64(&stream) % 9);
        draw_rows(&stream, count, 1 + (uint32_t)(random_u64(&stream) % 4), 5 + (uint32_t)(random_u64(&stream) % 200));
        assert_int_equal(deidentify(rows, count, k, steps, &error), STATUS_OK);
        for (size_t i = 0; i < count; i++) {
            assert_true(steps[i] <= DEIDENTIFY_WITHHELD);
            assert_true(steps[i] == DEIDENTIFY_WITHHELD || people_like(i, count, steps[i], true) >= k);
            assert_true(steps[i] == 0 || people_like(i, count, (uint8_t)(steps[i] - 1), false) < k);
        }
    }
}

static void order_does_not_matter(void **state)
{
    uint8_t before[ROWS_MAX];
    struct random_stream stream;
    struct error error;
    (void)state;
    random_open(&stream, 6, 1, 0);
    draw_rows(&stream, ROWS_MAX, 3, 50);
    assert_int_equal(deidentify(rows, ROWS_MAX, 5, steps, &error), STATUS_OK);
    memcpy(before, steps, sizeof before);
    for (size_t i = 0; i < ROWS_MAX / 2; i++) {
        struct quasi other = rows[i];
        rows[i] = rows[ROWS_MAX - 1 - i];
        rows[ROWS_MAX - 1 - i] = other;
    }
    assert_int_equal(deidentify(rows, ROWS_MAX, 5, steps, &error), STATUS_OK);
    for (size_t i = 0; i < ROWS_MAX; i++) {
        assert_int_equal(steps[i], before[ROWS_MAX - 1 - i]);
    }
}

/* Nine calls of one person are one person's; five people who call twice are five. */
static void who_calls_often_counts_once(void **state)
{
    struct error error;
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        rows[i] = (struct quasi){ .person = 77, .district = 1, .hour_of_week = 30, .age_years = 50 };
    }
    assert_int_equal(deidentify(rows, 9, 2, steps, &error), STATUS_OK);
    assert_int_equal(steps[0], DEIDENTIFY_WITHHELD);
    rows[9].person = 0; /* not known who: somebody else */
    assert_int_equal(deidentify(rows, 10, 2, steps, &error), STATUS_OK);
    assert_int_equal(steps[0], 0);
    for (size_t i = 0; i < 10; i++) {
        rows[i].person = 1 + i / 2;
    }
    assert_int_equal(deidentify(rows, 10, 5, steps, &error), STATUS_OK);
    assert_int_equal(steps[9], 0);
    assert_int_equal(deidentify(rows, 10, 6, steps, &error), STATUS_OK);
    assert_int_equal(steps[9], DEIDENTIFY_WITHHELD);
    assert_int_equal(deidentify(rows, 0, 6, steps, &error), STATUS_OK);
}

static void each_step_in_words(void **state)
{
    static const struct {
        uint8_t hour, age, step;
        const char *hours, *band;
    } cases[] = {
        { 0, 17, 0, "Mon 00-01", "0-17" },
        { 167, 18, 0, "Sun 23-24", "18-39" },
        { 37, 40, 1, "Tue 12-16", "40-64" },
        { 119, 79, 2, "Mon-Fri 20-24", "65-79" },
        { 120, 80, 2, "Sat-Sun 00-04", "80+" },
        { 8, 64, 3, "Mon-Fri 08-20", "18-64" },
        { 20, 65, 3, "Mon-Fri 20-08", "65+" },
        { 127, 17, 3, "Sat-Sun 20-08", "0-17" },
        { 127, 255, 3, "Sat-Sun 20-08", "unknown" },
        { 5, 130, 4, "*", "65+" },
        { 5, 30, 5, "*", "18-64" },
        { 5, 30, 6, "*", "*" },
        { 5, 255, 7, "*", "*" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct quasi row = { .hour_of_week = cases[i].hour, .age_years = cases[i].age };
        struct quasi_shown shown;
        deidentify_show(&row, cases[i].step, &shown);
        assert_string_equal(shown.hours, cases[i].hours);
        assert_string_equal(shown.age, cases[i].band);
        assert_int_equal(shown.district, cases[i].step < 5);
        assert_int_equal(shown.complaint, cases[i].step < 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_k_like_it),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(who_calls_often_counts_once),
        cmocka_unit_test(each_step_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
