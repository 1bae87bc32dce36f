#include "base/arena.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_takes_are_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena;
    struct error error;
    assert_int_equal(arena_create(&arena, 100, &error), STATUS_OK);
    unsigned char *a = arena_take(&arena, 1);
    unsigned char *b = arena_take(&arena, 17);
    unsigned char *c = arena_take(&arena, 16);
    assert_int_equal((uintptr_t)a % 16, 0);
    assert_true(b - a == 8 && c - b == 24);
    memset(b, 1, 17);
    memset(c, 2, 16);
    assert_int_equal(b[16], 1);
    arena_destroy(&arena);
}

static void test_overflow_is_remembered_until_reset(void **state)
{
    (void)state;
    struct arena arena;
    struct error error;
    assert_int_equal(arena_create(&arena, 64, &error), STATUS_OK);
    assert_non_null(arena_take(&arena, 60));
    assert_null(arena_take(&arena, 1));
    assert_null(arena_take(&arena, SIZE_MAX));
    assert_true(arena.overflowed);
    arena_reset(&arena);
    assert_false(arena.overflowed);
    assert_null(arena_take(&arena, 65));
    arena_reset(&arena);
    assert_non_null(arena_take(&arena, 64));
    arena_destroy(&arena);
}

/* A write behind the end must be found at the next reset: tried in a child, which must abort. */
static void test_red_zone_is_watched(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = { 0, 0 };
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)!freopen("/dev/null", "w", stderr);
        (void)signal(SIGABRT, SIG_DFL);
        struct arena arena;
        struct error error;
        if (arena_create(&arena, 32, &error) == STATUS_OK) {
            arena.bytes[32] ^= 1;
            arena_reset(&arena);
        }
        _exit(0);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFSIGNALED(result));
    assert_int_equal(WTERMSIG(result), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_are_aligned_and_apart),
        cmocka_unit_test(test_overflow_is_remembered_until_reset),
        cmocka_unit_test(test_red_zone_is_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
