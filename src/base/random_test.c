#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { DRAWS = 200000 };

/* Philox 4x32-10 of the file kat_vectors of Random123: counter, key, answer. */
static const struct {
    uint32_t counter[4], key[2], answer[4];
} known[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
      { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

static void test_known_answers_of_philox(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct random_stream stream;
        uint64_t seed = (uint64_t)known[i].key[1] << 32 | known[i].key[0];
        random_open(&stream, seed, known[i].counter[2], known[i].counter[3]);
        stream.counter[0] = known[i].counter[0];
        stream.counter[1] = known[i].counter[1];
        assert_true(random_u64(&stream) == ((uint64_t)known[i].answer[2] << 32 | known[i].answer[3]));
        assert_true(random_u64(&stream) == ((uint64_t)known[i].answer[0] << 32 | known[i].answer[1]));
    }
}

static void test_position_carries_into_the_second_word(void **state)
{
    (void)state;
    struct random_stream a, b;
    random_open(&a, 5, 6, 7);
    random_open(&b, 5, 6, 7);
    a.counter[0] = UINT32_MAX;
    (void)random_u64(&a);
    (void)random_u64(&a);
    b.counter[1] = 1;
    assert_true(random_u64(&a) == random_u64(&b));
}

static void test_streams_differ(void **state)
{
    (void)state;
    const uint32_t names[][3] = { { 1, 1, 1 }, { 2, 1, 1 }, { 1, 2, 1 }, { 1, 1, 2 } };
    uint64_t first[4];
    for (int i = 0; i < 4; i++) {
        struct random_stream stream;
        random_open(&stream, names[i][0], names[i][1], names[i][2]);
        first[i] = random_u64(&stream);
        for (int j = 0; j < i; j++) {
            assert_true(first[i] != first[j]);
        }
    }
}

/* Mean, variance and third moment within five standard errors of what they must be; the stream is fixed, so this cannot
 * fail by chance. */
static void check_moments(double (*draw)(struct random_stream *), double mean, double variance, double skewness)
{
    struct random_stream stream;
    random_open(&stream, 2026, 11, 21);
    double sum = 0, squares = 0, cubes = 0;
    for (int i = 0; i < DRAWS; i++) {
        double value = draw(&stream) - mean;
        sum += value;
        squares += value * value;
        cubes += value * value * value;
    }
    double deviation = sqrt(variance);
    assert_true(fabs(sum / DRAWS) < 5 * deviation / sqrt(DRAWS));
    assert_true(fabs(squares / DRAWS / variance - 1) < 5 * 3 / sqrt(DRAWS));
    assert_true(fabs(cubes / DRAWS / pow(deviation, 3) - skewness) < 5 * 16 / sqrt(DRAWS));
}

static double exponential_of_three(struct random_stream *stream) { return random_exponential(stream, 3); }

static void test_moments(void **state)
{
    (void)state;
    check_moments(random_uniform, 0.5, 1.0 / 12, 0);
    check_moments(random_uniform_open, 0.5, 1.0 / 12, 0);
    check_moments(exponential_of_three, 3, 9, 2);
}

static void test_ranges(void **state)
{
    (void)state;
    struct random_stream stream;
    random_open(&stream, 1, 1, 1);
    for (int i = 0; i < DRAWS; i++) {
        double value = random_uniform(&stream);
        assert_true(value >= 0 && value < 1);
        double open = random_uniform_open(&stream);
        assert_true(open > 0 && open <= 1);
        assert_true(random_exponential(&stream, 1) >= 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers_of_philox),
        cmocka_unit_test(test_position_carries_into_the_second_word),
        cmocka_unit_test(test_streams_differ),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
