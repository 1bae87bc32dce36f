#include "host/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/time.h"

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t put, room;
    unsigned char *filling, *taken; /* malloc aligns them */
    size_t bytes_max, used;
    bool closed, woken, signalled;
    int descriptor;
};

enum status mailbox_create(size_t bytes_max, struct mailbox **mailbox, struct error *error)
{
    CHECK(bytes_max % 8 == 0);
    struct mailbox *made = calloc(1, sizeof *made);
    CHECK(made != NULL);
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0 && pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_mutex_init(&made->lock, NULL) == 0 && pthread_cond_init(&made->put, &attributes) == 0);
    CHECK(pthread_cond_init(&made->room, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
    made->bytes_max = bytes_max;
    made->filling = malloc(bytes_max);
    made->taken = malloc(bytes_max);
    made->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->filling == NULL || made->taken == NULL || made->descriptor < 0) {
        mailbox_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory or no descriptor for a queue of %zu bytes", bytes_max);
    }
    *mailbox = made;
    return STATUS_OK;
}

void mailbox_destroy(struct mailbox *mailbox)
{
    if (mailbox == NULL) {
        return;
    }
    if (mailbox->descriptor >= 0) {
        close(mailbox->descriptor);
    }
    pthread_cond_destroy(&mailbox->put);
    pthread_cond_destroy(&mailbox->room);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox->filling);
    free(mailbox->taken);
    free(mailbox);
}

/* Under the lock. The descriptor is written once until the next take. */
static void signal_taker(struct mailbox *mailbox)
{
    pthread_cond_signal(&mailbox->put);
    if (!mailbox->signalled) {
        const uint64_t one = 1;
        mailbox->signalled = true;
        CHECK(write(mailbox->descriptor, &one, sizeof one) == (ssize_t)sizeof one);
    }
}

enum mailbox_put mailbox_put(struct mailbox *mailbox, const void *head, size_t head_size, const void *body, size_t body_size,
                             bool wait)
{
    size_t size = head_size + body_size;
    CHECK(head_size % 8 == 0 && body_size % 8 == 0 && size <= mailbox->bytes_max);
    pthread_mutex_lock(&mailbox->lock);
    while (wait && !mailbox->closed && size > mailbox->bytes_max - mailbox->used) {
        pthread_cond_wait(&mailbox->room, &mailbox->lock);
    }
    enum mailbox_put put = mailbox->closed                             ? MAILBOX_CLOSED
                           : size > mailbox->bytes_max - mailbox->used ? MAILBOX_FULL
                                                                       : MAILBOX_PUT;
    if (put == MAILBOX_PUT && size > 0) {
        memcpy(mailbox->filling + mailbox->used, head, head_size);
        if (body_size > 0) {
            memcpy(mailbox->filling + mailbox->used + head_size, body, body_size);
        }
        mailbox->used += size;
        signal_taker(mailbox);
    }
    pthread_mutex_unlock(&mailbox->lock);
    return put;
}

size_t mailbox_take(struct mailbox *mailbox, const void **bytes)
{
    uint64_t ignored;
    pthread_mutex_lock(&mailbox->lock);
    size_t size = mailbox->used;
    unsigned char *full = mailbox->filling;
    mailbox->filling = mailbox->taken;
    mailbox->taken = full;
    mailbox->used = 0;
    if (mailbox->signalled) {
        CHECK(read(mailbox->descriptor, &ignored, sizeof ignored) == (ssize_t)sizeof ignored);
        mailbox->signalled = false;
    }
    pthread_cond_broadcast(&mailbox->room);
    pthread_mutex_unlock(&mailbox->lock);
    *bytes = full;
    return size;
}

static struct timespec monotonic_after(int64_t timeout_us)
{
    struct timespec at;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
    int64_t us = at.tv_nsec / 1000 + timeout_us % US_PER_SECOND;
    at.tv_sec += (time_t)(timeout_us / US_PER_SECOND + us / US_PER_SECOND);
    at.tv_nsec = (long)(us % US_PER_SECOND * 1000);
    return at;
}

void mailbox_wait(struct mailbox *mailbox, int64_t timeout_us)
{
    struct timespec until = monotonic_after(timeout_us);
    pthread_mutex_lock(&mailbox->lock);
    int code = 0;
    while (mailbox->used == 0 && !mailbox->woken && code != ETIMEDOUT) {
        code = pthread_cond_timedwait(&mailbox->put, &mailbox->lock, &until);
    }
    mailbox->woken = false;
    pthread_mutex_unlock(&mailbox->lock);
}

int mailbox_fd(const struct mailbox *mailbox) { return mailbox->descriptor; }

void mailbox_wake(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->woken = true;
    signal_taker(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_set_closed(struct mailbox *mailbox, bool closed)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->closed = closed;
    pthread_cond_broadcast(&mailbox->room);
    pthread_mutex_unlock(&mailbox->lock);
}

size_t mailbox_waiting_bytes(const struct mailbox *mailbox)
{
    struct mailbox *locked = (struct mailbox *)mailbox; /* only its lock changes */
    pthread_mutex_lock(&locked->lock);
    size_t used = locked->used;
    pthread_mutex_unlock(&locked->lock);
    return used;
}
