/* A thread of the running centre: every one is started here, so that each has its name, has no signal to hear (they are the main
 * thread's), speaks in the log as the centre that started it, and takes little room.
 *
 * A process of a province has some fifteen hundred of them, nearly all asleep. The stack is address space, of which a sleeping
 * thread touches 8 to 40 kB; it is smaller than a huge page, so that the kernel cannot make 2 MB of that. */
#ifndef MINGDI_HOST_THREAD_H
#define MINGDI_HOST_THREAD_H

#include <pthread.h>
#include <stdbool.h>

enum { THREAD_STACK_BYTES = 1 << 20, THREAD_NAME_SIZE = 16 };

/* name: at most 15 letters, copied. False: no threads or no memory left, and nothing runs. */
bool thread_start(pthread_t *thread, const char *name, void *(*run)(void *context), void *context)
    __attribute__((warn_unused_result));

#endif
