#include "base/interrupt.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static char *folder_with_files(char parent[])
{
    assert_non_null(mkdtemp(parent));
    char *folder = file_join(parent, "half");
    struct error error;
    assert_int_equal(file_make_folder(folder, &error), STATUS_OK);
    static const char *const names[] = { "journal.db", ".hidden" };
    for (size_t i = 0; i < 2; i++) {
        char *path = file_join(folder, names[i]);
        assert_int_equal(file_write_whole(path, "x", 1, &error), STATUS_OK);
        free(path);
    }
    return folder;
}

/* A child guards the folder, tells that it does, and waits; finished: it first says that its work is done. */
static noreturn void guard_and_wait(const char *folder, bool finished, int told)
{
    struct interrupt_guard *guard;
    struct error error;
    if (interrupt_guard_start(&guard, folder, &error) != STATUS_OK) {
        _exit(9);
    }
    if (finished) {
        interrupt_guard_hold(guard);
        raise(SIGTERM); /* waits */
        bool there = file_exists(folder);
        (void)!write(told, there ? "y" : "n", 1);
        interrupt_guard_end(guard);
        _exit(8);
    }
    (void)!write(told, "y", 1);
    for (;;) {
        pause();
    }
}

static int status_of_child(const char *folder, int number, bool ignored, bool finished)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        (void)signal(SIGHUP, ignored ? SIG_IGN : SIG_DFL);
        guard_and_wait(folder, finished, pipes[1]);
    }
    char answer = 0;
    assert_int_equal(read(pipes[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    if (ignored) {
        assert_int_equal(kill(child, SIGHUP), 0);
    }
    if (!finished) {
        assert_int_equal(kill(child, number), 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(pipes[0]);
    close(pipes[1]);
    return status;
}

static void test_a_signal_removes_the_folder(void **state)
{
    (void)state;
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < 3; i++) {
        char parent[] = "/tmp/mingdi-interrupt-test-XXXXXX";
        char *folder = folder_with_files(parent);
        int status = status_of_child(folder, numbers[i], false, false);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), numbers[i]);
        assert_false(file_exists(folder));
        assert_int_equal(rmdir(parent), 0);
        free(folder);
    }
}

static void test_an_ignored_signal_stays_ignored(void **state)
{
    (void)state;
    char parent[] = "/tmp/mingdi-interrupt-test-XXXXXX";
    char *folder = folder_with_files(parent);
    int status = status_of_child(folder, SIGTERM, true, false);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_false(file_exists(folder));
    assert_int_equal(rmdir(parent), 0);
    free(folder);
}

static void test_what_is_finished_is_not_cut(void **state)
{
    (void)state;
    char parent[] = "/tmp/mingdi-interrupt-test-XXXXXX";
    char *folder = folder_with_files(parent);
    int status = status_of_child(folder, SIGTERM, false, true);
    assert_true(WIFSIGNALED(status)); /* at the end, not before */
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_true(file_exists(folder));
    assert_true(folder_remove(folder));
    assert_true(folder_remove(folder));
    assert_int_equal(rmdir(parent), 0);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_signal_removes_the_folder),
        cmocka_unit_test(test_an_ignored_signal_stays_ignored),
        cmocka_unit_test(test_what_is_finished_is_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
