/* What a service manager hears, from a socket of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/service.h"

/* An abstract socket of this process; its name goes into NOTIFY_SOCKET. */
static int manager_listens(void)
{
    char name[64];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    (void)snprintf(name, sizeof name, "@mingdi-service-test-%d", (int)getpid());
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, size), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static void states_reach_the_manager(void **state)
{
    (void)state;
    char heard[64] = "";
    int fd = manager_listens();
    service_notify("WATCHDOG=1");
    assert_int_equal(recv(fd, heard, sizeof heard - 1, 0), 10);
    assert_string_equal(heard, "WATCHDOG=1");
    assert_int_equal(setenv("NOTIFY_SOCKET", "no path", 1), 0);
    service_notify("READY=1");
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    service_notify("READY=1");
    assert_int_equal(recv(fd, heard, sizeof heard - 1, 0), -1);
    (void)close(fd);
}

static int64_t watchdog_with(const char *us, const char *pid)
{
    assert_int_equal(us != NULL ? setenv("WATCHDOG_USEC", us, 1) : unsetenv("WATCHDOG_USEC"), 0);
    assert_int_equal(pid != NULL ? setenv("WATCHDOG_PID", pid, 1) : unsetenv("WATCHDOG_PID"), 0);
    return service_watchdog_us();
}

static void watched_only_if_it_is_meant(void **state)
{
    (void)state;
    char own[32];
    (void)snprintf(own, sizeof own, "%d", (int)getpid());
    assert_int_equal(watchdog_with(NULL, NULL), 0);
    assert_int_equal(watchdog_with("60000000", NULL), 60000000);
    assert_int_equal(watchdog_with("60000000", own), 60000000);
    assert_int_equal(watchdog_with("60000000", "1"), 0); /* somebody else's */
    assert_int_equal(watchdog_with("0", NULL), 0);
    assert_int_equal(watchdog_with("-5", NULL), 0);
    assert_int_equal(watchdog_with("often", NULL), 0);
    assert_int_equal(watchdog_with("99999999999999999999", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_reach_the_manager),
        cmocka_unit_test(watched_only_if_it_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
