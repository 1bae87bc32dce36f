#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>

#include "host/log.h"
#include "host/thread.h"

struct seen {
    char name[THREAD_NAME_SIZE];
    bool hears_term, hears_hup;
    struct log_centre *centre;
};

static void *look(void *context)
{
    struct seen *seen = context;
    sigset_t blocked;
    (void)pthread_getname_np(pthread_self(), seen->name, sizeof seen->name);
    (void)pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    seen->hears_term = sigismember(&blocked, SIGTERM) == 0;
    seen->hears_hup = sigismember(&blocked, SIGHUP) == 0;
    seen->centre = log_here();
    return seen;
}

static struct seen start_and_look(void)
{
    static struct seen seen;
    pthread_t thread;
    void *result = NULL;
    seen = (struct seen){ .hears_term = true };
    assert_true(thread_start(&thread, "a-thread", look, &seen));
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &seen);
    return seen;
}

static void test_it_has_its_name_and_hears_no_signal(void **state)
{
    (void)state;
    sigset_t mine;
    struct seen seen = start_and_look();
    assert_string_equal(seen.name, "a-thread");
    assert_false(seen.hears_term || seen.hears_hup);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mine), 0);
    assert_int_equal(sigismember(&mine, SIGTERM), 0); /* who starts it hears as before */
}

static void test_it_speaks_as_the_centre_that_started_it(void **state)
{
    (void)state;
    assert_null(start_and_look().centre);
    struct log_centre *centre = log_centre_create("east");
    log_enter(centre);
    assert_ptr_equal(start_and_look().centre, centre);
    log_enter(NULL);
    log_centre_destroy(centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_has_its_name_and_hears_no_signal),
        cmocka_unit_test(test_it_speaks_as_the_centre_that_started_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
