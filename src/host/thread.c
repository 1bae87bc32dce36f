#include "host/thread.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/log.h"

struct beginning {
    char name[THREAD_NAME_SIZE];
    void *(*run)(void *context);
    void *context;
    struct log_centre *centre;
};

static void *begin(void *memory)
{
    struct beginning beginning = *(struct beginning *)memory;
    free(memory);
    (void)pthread_setname_np(pthread_self(), beginning.name);
    log_enter(beginning.centre);
    return beginning.run(beginning.context);
}

static bool start_blocked(pthread_t *thread, struct beginning *beginning)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    sigfillset(&all);
    CHECK(pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES) == 0);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool started = pthread_create(thread, &attributes, begin, beginning) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return started;
}

bool thread_start(pthread_t *thread, const char *name, void *(*run)(void *context), void *context)
{
    CHECK(strlen(name) < THREAD_NAME_SIZE);
    struct beginning *beginning = calloc(1, sizeof *beginning);
    if (beginning == NULL) {
        return false;
    }
    *beginning = (struct beginning){ .run = run, .context = context, .centre = log_here() };
    snprintf(beginning->name, sizeof beginning->name, "%s", name);
    bool started = start_blocked(thread, beginning);
    if (!started) {
        free(beginning);
    }
    return started;
}
