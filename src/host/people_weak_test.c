/* Weak passwords, looked at by several threads at once: all centres of a region are in one process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>

#include "base/check.h"
#include "host/people.h"

enum { PASSWORDS = 240, THREADS = 4, STEP = 7 };

struct checker {
    pthread_t thread;
    int first;
    const char *said[PASSWORDS];
};

static void make_password(int number, char password[40])
{
    static const char *const words[] = { "football", "brown-fox-hill", "ambulance", "k7vq-tr2m-w9zx", "mountain", "uqmzoxbeta" };
    (void)snprintf(password, 40, "%s%d", words[(size_t)number % ARRAY_LENGTH(words)], 2000 + number * 37);
}

/* Each thread in an order of its own, so that they look at different words at a moment. */
static void *check_all(void *context)
{
    struct checker *checker = context;
    for (int i = 0; i < PASSWORDS; i++) {
        char password[40];
        int number = (checker->first + i * STEP) % PASSWORDS;
        make_password(number, password);
        checker->said[number] = people_password_weakness("Mingdi Harbour", "li.wei", password);
    }
    return NULL;
}

static void test_threads_hear_what_one_hears(void **state)
{
    (void)state;
    static struct checker alone, checkers[THREADS];
    int weak = 0;
    (void)check_all(&alone);
    for (int i = 0; i < PASSWORDS; i++) {
        weak += alone.said[i] != NULL;
    }
    assert_int_not_equal(weak, PASSWORDS);
    for (int i = 0; i < THREADS; i++) {
        checkers[i].first = i * PASSWORDS / THREADS;
        assert_int_equal(pthread_create(&checkers[i].thread, NULL, check_all, &checkers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(checkers[i].thread, NULL), 0);
        for (int k = 0; k < PASSWORDS; k++) {
            assert_ptr_equal(checkers[i].said[k], alone.said[k]);
        }
    }
    print_message("%d of %d passwords are weak\n", weak, PASSWORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_threads_hear_what_one_hears) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
