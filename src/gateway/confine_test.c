/* What a confined process can do, and what ends it: each time in a child of its own. */
#include "gateway/confine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WENT_WELL = 0, WENT_WRONG = 1, NOT_CONFINED = 77 };

/* How the child ends that does the deed: its exit status, or minus the signal. */
static int of_child(int (*deed)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        bool is_on = false;
        struct error error;
        if (confine_calls(&is_on, &error) != STATUS_OK) {
            _exit(WENT_WRONG);
        }
        _exit(is_on ? deed() : NOT_CONFINED);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    int end = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    if (end == NOT_CONFINED) {
        skip(); /* a build with sanitizers */
    }
    return end;
}

static int talk(void)
{
    int pair[2];
    char byte = 0;
    void *memory = malloc(1 << 20);
    bool is_well = memory != NULL && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 && errno == EPERM; /* not needed */
    int one = socket(AF_INET, SOCK_DGRAM, 0);
    is_well = is_well && one >= 0 && recv(one, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN && close(one) == 0;
    free(memory);
    return is_well && write(STDERR_FILENO, "", 0) == 0 ? WENT_WELL : WENT_WRONG;
}

static void sockets_memory_and_open_files_work(void **state)
{
    (void)state;
    assert_int_equal(of_child(talk), WENT_WELL);
}

/* Each must fail with EPERM; the number of the first that did not. */
static int touch_files(void)
{
    struct stat status;
    if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EPERM) {
        return 2;
    }
    if (open("/tmp", O_TMPFILE | O_RDWR, 0600) >= 0 || errno != EPERM) {
        return 3;
    }
    if (unlink("/tmp/no-such-file-of-mingdi") == 0 || errno != EPERM) {
        return 4;
    }
    if (kill(getppid(), 0) == 0 || errno != EPERM) {
        return 5;
    }
    if (chmod("/tmp", 0) == 0 || errno != EPERM) {
        return 6;
    }
    return fstat(STDERR_FILENO, &status) == 0 ? WENT_WELL : 7;
}

static void files_and_other_processes_are_out_of_reach(void **state)
{
    (void)state;
    assert_int_equal(of_child(touch_files), WENT_WELL);
}

static int start_program(void)
{
    char *const words[] = { NULL };
    (void)execve("/bin/true", words, words);
    return WENT_WELL;
}

static int look_into_another(void)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    return WENT_WELL;
}

static void what_nobody_does_who_is_himself_ends_the_process(void **state)
{
    (void)state;
    assert_int_equal(of_child(start_program), -SIGSYS);
    assert_int_equal(of_child(look_into_another), -SIGSYS);
}

static int limit_files(void)
{
    struct rlimit limit;
    struct error error;
    if (confine_limits(20, &error) != STATUS_OK || getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur != 20) {
        return WENT_WRONG;
    }
    if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0) {
        return WENT_WRONG;
    }
    return dup(STDERR_FILENO) >= 0 && fcntl(STDERR_FILENO, F_DUPFD, 20) < 0 ? WENT_WELL : WENT_WRONG;
}

static void so_many_files_and_no_core(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(limit_files());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == WENT_WELL);
}

static void who_it_becomes(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(confine_user("no-such-user-of-mingdi", &error), STATUS_NOT_FOUND);
    if (geteuid() == 0) {
        assert_int_equal(confine_user("root", &error), STATUS_OK);
    } else {
        assert_int_equal(confine_user("root", &error), STATUS_IO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sockets_memory_and_open_files_work),
        cmocka_unit_test(files_and_other_processes_are_out_of_reach),
        cmocka_unit_test(what_nobody_does_who_is_himself_ends_the_process),
        cmocka_unit_test(so_many_files_and_no_core),
        cmocka_unit_test(who_it_becomes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
