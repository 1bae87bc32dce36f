#include "base/interrupt.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"

/* Other threads may still make files while the folder is emptied. */
enum { REMOVE_ATTEMPTS = 1000 };

struct interrupt_guard {
    char *folder;
    sigset_t before;   /* the mask of the caller's thread */
    int signals, done; /* descriptors: a signal has come; the guard is not needed any more */
    pthread_t thread;
    bool running;
};

static const int STOPPING[] = { SIGINT, SIGTERM, SIGHUP };

bool folder_remove(const char *folder)
{
    DIR *listing = opendir(folder);
    if (listing == NULL) {
        return errno == ENOENT;
    }
    for (const struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            char *path = file_join(folder, entry->d_name);
            unlink(path);
            free(path);
        }
    }
    closedir(listing);
    return rmdir(folder) == 0;
}

/* Ends the process as the signal would have done. */
static void die_of(int number)
{
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    (void)signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(number);
    _exit(128 + number);
}

static void *wait_for_signal(void *context)
{
    const struct interrupt_guard *guard = context;
    struct pollfd waited[2] = { { .fd = guard->signals, .events = POLLIN }, { .fd = guard->done, .events = POLLIN } };
    while (poll(waited, 2, -1) < 0 && errno == EINTR) {
    }
    struct signalfd_siginfo facts;
    if (waited[1].revents != 0 || read(guard->signals, &facts, sizeof facts) != (ssize_t)sizeof facts) {
        return NULL;
    }
    for (int i = 0; i < REMOVE_ATTEMPTS && !folder_remove(guard->folder); i++) {
    }
    fprintf(stderr, "\nmingdi: interrupted; nothing was written\n");
    die_of((int)facts.ssi_signo);
    return NULL;
}

/* Those that the process does not ignore: what nohup set must stay so. */
static sigset_t stopping_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LENGTH(STOPPING); i++) {
        struct sigaction action;
        if (sigaction(STOPPING[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(&set, STOPPING[i]);
        }
    }
    return set;
}

static void close_descriptor(int descriptor)
{
    if (descriptor >= 0) {
        close(descriptor);
    }
}

enum status interrupt_guard_start(struct interrupt_guard **started, const char *folder, struct error *error)
{
    struct interrupt_guard *guard = calloc(1, sizeof *guard);
    CHECK(guard != NULL);
    guard->folder = strdup(folder);
    CHECK(guard->folder != NULL);
    sigset_t stopping = stopping_signals();
    pthread_sigmask(SIG_BLOCK, &stopping, &guard->before);
    guard->signals = signalfd(-1, &stopping, SFD_CLOEXEC);
    guard->done = eventfd(0, EFD_CLOEXEC);
    guard->running = guard->signals >= 0 && guard->done >= 0 && pthread_create(&guard->thread, NULL, wait_for_signal, guard) == 0;
    if (!guard->running) {
        interrupt_guard_end(guard);
        return ERROR(error, STATUS_IO, "cannot watch for interrupts: no descriptors or threads left");
    }
    *started = guard;
    return STATUS_OK;
}

void interrupt_guard_hold(struct interrupt_guard *guard)
{
    if (guard->running) {
        uint64_t one = 1;
        CHECK(write(guard->done, &one, sizeof one) == (ssize_t)sizeof one);
        pthread_join(guard->thread, NULL);
        guard->running = false;
    }
}

void interrupt_guard_end(struct interrupt_guard *guard)
{
    if (guard == NULL) {
        return;
    }
    interrupt_guard_hold(guard);
    close_descriptor(guard->signals);
    close_descriptor(guard->done);
    pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
    free(guard->folder);
    free(guard);
}
