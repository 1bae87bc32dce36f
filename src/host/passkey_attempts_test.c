/* Challenges: good once, in time, for one deed of one asker, and bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/check.h"
#include "base/time.h"
#include "host/passkey_attempts.h"

enum { NOW_US = 1000000 };
static const struct passkey_site SITE = { "https://city.example", "city.example" };

static struct passkey_attempts *fresh(void)
{
    struct error error = { .text = "" };
    CHECK(secret_start(&error) == STATUS_OK);
    struct passkey_attempts *attempts = passkey_attempts_create(&SITE);
    CHECK(attempts != NULL);
    return attempts;
}

static void good_once(void **state)
{
    (void)state;
    unsigned char challenge[PASSKEY_CHALLENGE_SIZE], another[PASSKEY_CHALLENGE_SIZE] = { 0 };
    struct passkey_attempts *attempts = fresh();
    const struct passkey_asker asker = passkey_asker_of_browser("one");
    passkey_attempts_begin(attempts, &asker, NOW_US, challenge);
    assert_false(passkey_attempts_take(attempts, &asker, NOW_US, another));
    assert_true(passkey_attempts_take(attempts, &asker, NOW_US, challenge));
    assert_false(passkey_attempts_take(attempts, &asker, NOW_US, challenge));
    passkey_attempts_destroy(attempts);
}

static void in_time(void **state)
{
    (void)state;
    unsigned char challenge[PASSKEY_CHALLENGE_SIZE];
    struct passkey_attempts *attempts = fresh();
    const struct passkey_asker asker = passkey_asker_of_browser("one");
    passkey_attempts_begin(attempts, &asker, NOW_US, challenge);
    assert_true(passkey_attempts_take(attempts, &asker, NOW_US + PASSKEY_ATTEMPT_S * US_PER_SECOND - 1, challenge));
    passkey_attempts_begin(attempts, &asker, NOW_US, challenge);
    assert_false(passkey_attempts_take(attempts, &asker, NOW_US + PASSKEY_ATTEMPT_S * US_PER_SECOND, challenge));
    passkey_attempts_destroy(attempts);
}

/* Whoever shows another's has used it up, and gained nothing. */
static void of_one_asker(void **state)
{
    (void)state;
    const struct passkey_asker browser = passkey_asker_of_browser("one"), other_browser = passkey_asker_of_browser("two"),
                               show = passkey_asker_of_session(PASSKEY_SHOW, 1, 7),
                               add = passkey_asker_of_session(PASSKEY_REGISTER, 1, 7),
                               other = passkey_asker_of_session(PASSKEY_SHOW, 2, 7),
                               other_session = passkey_asker_of_session(PASSKEY_SHOW, 1, 8);
    const struct passkey_asker *const pairs[][2] = {
        { &browser, &other_browser }, { &show, &add }, { &show, &other }, { &show, &other_session }
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        unsigned char challenge[PASSKEY_CHALLENGE_SIZE];
        struct passkey_attempts *attempts = fresh();
        passkey_attempts_begin(attempts, pairs[i][0], NOW_US, challenge);
        assert_false(passkey_attempts_take(attempts, pairs[i][1], NOW_US, challenge));
        assert_false(passkey_attempts_take(attempts, pairs[i][0], NOW_US, challenge));
        passkey_attempts_destroy(attempts);
    }
}

static void the_former_is_over(void **state)
{
    (void)state;
    unsigned char first[PASSKEY_CHALLENGE_SIZE], second[PASSKEY_CHALLENGE_SIZE];
    struct passkey_attempts *attempts = fresh();
    const struct passkey_asker asker = passkey_asker_of_session(PASSKEY_SHOW, 1, 7);
    passkey_attempts_begin(attempts, &asker, NOW_US, first);
    passkey_attempts_begin(attempts, &asker, NOW_US, second);
    assert_memory_not_equal(first, second, sizeof first);
    assert_false(passkey_attempts_take(attempts, &asker, NOW_US, first));
    assert_true(passkey_attempts_take(attempts, &asker, NOW_US, second));
    passkey_attempts_destroy(attempts);
}

static struct passkey_asker stranger(unsigned number)
{
    const char name[4] = { (char)('a' + number % 16), (char)('a' + number / 16 % 16), (char)('a' + number / 256), '\0' };
    return passkey_asker_of_browser(name);
}

/* As many as there is room for push out the oldest of their kind, and nobody who is signed in. */
static void strangers(void **state)
{
    (void)state;
    unsigned char first[PASSKEY_CHALLENGE_SIZE], second[PASSKEY_CHALLENGE_SIZE], own[PASSKEY_CHALLENGE_SIZE],
        challenge[PASSKEY_CHALLENGE_SIZE];
    struct passkey_attempts *attempts = fresh();
    const struct passkey_asker show = passkey_asker_of_session(PASSKEY_SHOW, 1, 7), one = passkey_asker_of_browser("one"),
                               two = passkey_asker_of_browser("two");
    passkey_attempts_begin(attempts, &show, NOW_US, own);
    passkey_attempts_begin(attempts, &one, NOW_US, first);
    passkey_attempts_begin(attempts, &two, NOW_US + 1, second);
    for (unsigned i = 0; i < PASSKEY_STRANGERS_MAX - 1; i++) {
        const struct passkey_asker asker = stranger(i);
        passkey_attempts_begin(attempts, &asker, NOW_US + 2 + i, challenge);
    }
    assert_false(passkey_attempts_take(attempts, &one, NOW_US + 2, first));
    assert_true(passkey_attempts_take(attempts, &two, NOW_US + 2, second));
    assert_true(passkey_attempts_take(attempts, &show, NOW_US + 2, own));
    passkey_attempts_destroy(attempts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_once),          cmocka_unit_test(in_time),   cmocka_unit_test(of_one_asker),
        cmocka_unit_test(the_former_is_over), cmocka_unit_test(strangers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
