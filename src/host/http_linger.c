/* The end of a refused upload. A socket that is closed while bytes lie unread is reset, and the reset can overtake the
 * refusal: so a copy of the socket is kept for a moment and what comes is read and dropped. Bounded in number, time and
 * bytes. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "host/http_private.h"

static void linger_end(struct http_linger *linger)
{
    if (linger->event != NULL) {
        event_free(linger->event);
        (void)close(linger->fd);
        *linger = (struct http_linger){ 0 };
    }
}

static void on_more(evutil_socket_t fd, short what, void *context)
{
    struct http_linger *linger = context;
    char bytes[4096];
    ssize_t got = (what & EV_TIMEOUT) != 0 ? 0 : recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0) {
        linger->bytes += (size_t)got;
    }
    bool again = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
    bool late = http_now_us() - linger->begun_us > HTTP_LINGER_SECONDS * US_PER_SECOND;
    if (!again || late || linger->bytes > HTTP_LINGER_BYTES_MAX) {
        linger_end(linger);
    }
}

static struct http_linger *free_place(struct http_server *server)
{
    for (int i = 0; i < HTTP_LINGERING_MAX; i++) {
        if (server->lingering[i].event == NULL) {
            return &server->lingering[i];
        }
    }
    return NULL;
}

void http_linger_begin(struct http_server *server, int fd)
{
    const struct timeval wait = { .tv_sec = HTTP_LINGER_SECONDS };
    struct http_linger *linger = free_place(server);
    if (linger == NULL) {
        return;
    }
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return;
    }
    (void)shutdown(copy, SHUT_WR);
    *linger = (struct http_linger){ .fd = copy, .begun_us = http_now_us() };
    linger->event = event_new(server->base, copy, EV_READ | EV_PERSIST, on_more, linger);
    if (linger->event == NULL) {
        (void)close(copy);
    } else if (event_add(linger->event, &wait) != 0) {
        linger_end(linger);
    }
}

void http_linger_end_all(struct http_server *server)
{
    for (int i = 0; i < HTTP_LINGERING_MAX; i++) {
        linger_end(&server->lingering[i]);
    }
}
