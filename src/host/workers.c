/* Workload: 1 to 100 jobs waiting, 10 us to 200 ms each; so one lock for all of it, and one wake-up a job.
 *
 * Places for jobs are taken once: queue_max that wait and one more for each thread. A job with a done keeps its place until it is
 * delivered, so that a loop which does not come to deliver cannot make the finished ones pile up. */
#include "host/workers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "host/thread.h"

enum { THREADS_MAX = 64 };

struct job {
    void (*work)(void *job);
    void (*done)(void *job);
    void *memory;
};

/* First in, first out, in a fixed array. */
struct job_queue {
    struct job *places;
    uint32_t size, first, count;
};

struct workers {
    char name[THREAD_NAME_SIZE];
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t given;
    struct job_queue waiting, finished;
    uint32_t queue_max;
    uint32_t taken; /* places: waiting, at work, or finished and not delivered */
    sem_t *at_once; /* NULL: no bound but the threads */
    bool closing;
    bool signalled; /* the descriptor is readable */
    int descriptor;
    pthread_t threads[THREADS_MAX];
    uint32_t thread_count;
};

static void queue_push(struct job_queue *queue, struct job job)
{
    CHECK(queue->count < queue->size);
    queue->places[(queue->first + queue->count) % queue->size] = job;
    queue->count += 1;
}

static bool queue_pop(struct job_queue *queue, struct job *job)
{
    if (queue->count == 0) {
        return false;
    }
    *job = queue->places[queue->first];
    queue->first = (queue->first + 1) % queue->size;
    queue->count -= 1;
    return true;
}

/* Under the lock. */
static void finish(struct workers *workers, struct job job)
{
    if (job.done == NULL) {
        workers->taken -= 1;
        return;
    }
    queue_push(&workers->finished, job);
    if (!workers->signalled) {
        const uint64_t one = 1;
        workers->signalled = true;
        CHECK(write(workers->descriptor, &one, sizeof one) == (ssize_t)sizeof one);
    }
}

static void do_job(const struct job *job, sem_t *at_once)
{
    while (at_once != NULL && sem_wait(at_once) != 0) {
        CHECK(errno == EINTR);
    }
    job->work(job->memory);
    CHECK(at_once == NULL || sem_post(at_once) == 0);
}

static void *run_thread(void *context)
{
    struct workers *workers = context;
    pthread_mutex_lock(&workers->lock);
    for (;;) {
        struct job job;
        while (!workers->closing && workers->waiting.count == 0) {
            pthread_cond_wait(&workers->given, &workers->lock);
        }
        if (workers->closing) {
            break;
        }
        CHECK(queue_pop(&workers->waiting, &job));
        sem_t *at_once = workers->at_once;
        pthread_mutex_unlock(&workers->lock);
        do_job(&job, at_once);
        pthread_mutex_lock(&workers->lock);
        finish(workers, job);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

static bool start_threads(struct workers *workers, uint32_t threads)
{
    bool started = true;
    for (uint32_t i = 0; i < threads && started; i++) {
        started = thread_start(&workers->threads[i], workers->name, run_thread, workers);
        workers->thread_count += started;
    }
    return started;
}

enum status workers_create(const char *name, uint32_t threads, uint32_t queue_max, struct workers **workers, struct error *error)
{
    CHECK(threads >= 1 && threads <= THREADS_MAX && queue_max >= 1 && strlen(name) < THREAD_NAME_SIZE);
    struct workers *made = calloc(1, sizeof *made);
    CHECK(made != NULL);
    snprintf(made->name, sizeof made->name, "%s", name);
    CHECK(pthread_mutex_init(&made->lock, NULL) == 0 && pthread_cond_init(&made->given, NULL) == 0);
    made->queue_max = queue_max;
    made->waiting.size = made->finished.size = queue_max + threads;
    made->waiting.places = calloc(made->waiting.size, sizeof *made->waiting.places);
    made->finished.places = calloc(made->finished.size, sizeof *made->finished.places);
    CHECK(made->waiting.places != NULL && made->finished.places != NULL);
    made->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->descriptor < 0 || !start_threads(made, threads)) {
        workers_destroy(made);
        return ERROR(error, STATUS_IO, "cannot start the threads '%s': no threads or descriptors left", name);
    }
    *workers = made;
    return STATUS_OK;
}

void workers_bound(struct workers *workers, sem_t *at_once)
{
    pthread_mutex_lock(&workers->lock);
    workers->at_once = at_once;
    pthread_mutex_unlock(&workers->lock);
}

static void tell_done(struct workers *workers, struct job_queue *queue)
{
    struct job job;
    while (queue_pop(queue, &job)) {
        workers->taken -= 1;
        if (job.done != NULL) {
            job.done(job.memory);
        }
    }
}

void workers_destroy(struct workers *workers)
{
    if (workers == NULL) {
        return;
    }
    pthread_mutex_lock(&workers->lock);
    workers->closing = true;
    pthread_cond_broadcast(&workers->given);
    pthread_mutex_unlock(&workers->lock);
    for (uint32_t i = 0; i < workers->thread_count; i++) {
        pthread_join(workers->threads[i], NULL);
    }
    tell_done(workers, &workers->finished);
    tell_done(workers, &workers->waiting);
    if (workers->descriptor >= 0) {
        close(workers->descriptor);
    }
    pthread_cond_destroy(&workers->given);
    pthread_mutex_destroy(&workers->lock);
    free(workers->waiting.places);
    free(workers->finished.places);
    free(workers);
}

bool workers_give(struct workers *workers, void (*work)(void *job), void (*done)(void *job), void *job)
{
    pthread_mutex_lock(&workers->lock);
    bool taken = !workers->closing && workers->waiting.count < workers->queue_max && workers->taken < workers->waiting.size;
    if (taken) {
        workers->taken += 1;
        queue_push(&workers->waiting, (struct job){ .work = work, .done = done, .memory = job });
        pthread_cond_signal(&workers->given);
    }
    pthread_mutex_unlock(&workers->lock);
    return taken;
}

int workers_fd(const struct workers *workers) { return workers->descriptor; }

/* Those that are finished now; a done that gives new work cannot keep the loop here for ever. */
void workers_deliver(struct workers *workers)
{
    uint64_t ignored;
    pthread_mutex_lock(&workers->lock);
    if (workers->signalled) {
        CHECK(read(workers->descriptor, &ignored, sizeof ignored) == (ssize_t)sizeof ignored);
        workers->signalled = false;
    }
    for (uint32_t left = workers->finished.count; left > 0; left--) {
        struct job job;
        CHECK(queue_pop(&workers->finished, &job));
        workers->taken -= 1;
        pthread_mutex_unlock(&workers->lock);
        job.done(job.memory);
        pthread_mutex_lock(&workers->lock);
    }
    pthread_mutex_unlock(&workers->lock);
}

uint32_t workers_waiting(const struct workers *workers)
{
    struct workers *locked = (struct workers *)workers; /* only its lock changes */
    pthread_mutex_lock(&locked->lock);
    uint32_t waiting = locked->waiting.count;
    pthread_mutex_unlock(&locked->lock);
    return waiting;
}

bool workers_rest(const struct workers *workers)
{
    struct workers *locked = (struct workers *)workers;
    pthread_mutex_lock(&locked->lock);
    bool rest = locked->taken == 0;
    pthread_mutex_unlock(&locked->lock);
    return rest;
}
