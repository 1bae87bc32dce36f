#include "host/service.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WATCHDOG_US_MAX (24LL * 3600 * 1000 * 1000) /* a manager that waits longer does not watch */

int64_t service_watchdog_us(void)
{
    const char *every = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
    if (every == NULL || (process != NULL && strtoll(process, NULL, 10) != getpid())) {
        return 0;
    }
    long long us = strtoll(every, NULL, 10);
    return us > 0 && us <= WATCHDOG_US_MAX ? us : 0;
}

void service_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t length = path != NULL ? strlen(path) : 0;
    if (length < 2 || length >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@')) {
        return;
    }
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') {
        address.sun_path[0] = '\0'; /* an abstract socket */
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    /* A manager that does not listen loses the message: it finds out by its own time limits. */
    (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
    (void)close(fd);
}
