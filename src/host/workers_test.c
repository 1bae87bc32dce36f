/* Workers: nothing lost, nothing twice, order with one thread, a bound that holds, a clean end at any moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

#include "host/workers.h"

enum { JOBS = 2000, WAIT_MS = 60000 };

struct task {
    uint32_t number;
    pthread_t worked_in;
    uint32_t worked, done;
    atomic_uint *order;
    uint32_t worked_at;
    sem_t *gate; /* waited for in the work, unless NULL */
    atomic_uint *begun;
};

static struct workers *make(uint32_t threads, uint32_t queue_max)
{
    struct workers *workers = NULL;
    struct error error;
    assert_int_equal(workers_create("test", threads, queue_max, &workers, &error), STATUS_OK);
    return workers;
}

static void work(void *job)
{
    struct task *task = job;
    if (task->begun != NULL) {
        atomic_fetch_add(task->begun, 1);
    }
    if (task->gate != NULL) {
        sem_wait(task->gate);
    }
    task->worked += 1;
    task->worked_in = pthread_self();
    if (task->order != NULL) {
        task->worked_at = atomic_fetch_add(task->order, 1);
    }
}

static void done(void *job)
{
    struct task *task = job;
    task->done += 1;
}

static void wait_readable(const struct workers *workers)
{
    struct pollfd waited = { .fd = workers_fd(workers), .events = POLLIN };
    assert_int_equal(poll(&waited, 1, WAIT_MS), 1);
}

static bool is_readable(const struct workers *workers)
{
    struct pollfd waited = { .fd = workers_fd(workers), .events = POLLIN };
    return poll(&waited, 1, 0) == 1;
}

/* Gives all, delivering where the queue is full; returns when all are delivered. */
static void run_all(struct workers *workers, struct task *tasks, uint32_t count)
{
    for (uint32_t i = 0; i < count;) {
        if (workers_give(workers, work, done, &tasks[i])) {
            i += 1;
        } else {
            wait_readable(workers);
            workers_deliver(workers);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        while (tasks[i].done == 0) {
            wait_readable(workers);
            workers_deliver(workers);
        }
    }
}

static void every_job_is_done_once(void **state)
{
    (void)state;
    static struct task tasks[JOBS];
    for (uint32_t threads = 1; threads <= 4; threads++) {
        struct workers *workers = make(threads, 16);
        memset(tasks, 0, sizeof tasks);
        run_all(workers, tasks, JOBS);
        for (uint32_t i = 0; i < JOBS; i++) {
            assert_true(tasks[i].worked == 1 && tasks[i].done == 1);
            assert_false(pthread_equal(tasks[i].worked_in, pthread_self()));
        }
        assert_false(is_readable(workers));
        assert_int_equal(workers_waiting(workers), 0);
        assert_true(workers_rest(workers));
        workers_destroy(workers);
    }
}

static void one_thread_keeps_the_order(void **state)
{
    (void)state;
    static struct task tasks[JOBS];
    atomic_uint order = 0;
    memset(tasks, 0, sizeof tasks);
    for (uint32_t i = 0; i < JOBS; i++) {
        tasks[i].order = &order;
    }
    struct workers *workers = make(1, 64);
    run_all(workers, tasks, JOBS);
    for (uint32_t i = 0; i < JOBS; i++) {
        assert_int_equal(tasks[i].worked_at, i);
    }
    workers_destroy(workers);
}

static void a_full_queue_refuses(void **state)
{
    (void)state;
    sem_t gate;
    atomic_uint begun = 0;
    struct task tasks[8] = { 0 };
    sem_init(&gate, 0, 0);
    for (int i = 0; i < 8; i++) {
        tasks[i].gate = &gate;
        tasks[i].begun = &begun;
    }
    struct workers *workers = make(1, 3);
    assert_true(workers_give(workers, work, done, &tasks[0]));
    while (atomic_load(&begun) == 0) {
    }
    for (int i = 1; i <= 3; i++) {
        assert_true(workers_give(workers, work, done, &tasks[i]));
    }
    assert_int_equal(workers_waiting(workers), 3);
    assert_false(workers_rest(workers));
    assert_false(workers_give(workers, work, done, &tasks[4]));
    for (int i = 0; i < 4; i++) {
        sem_post(&gate);
    }
    while (workers_waiting(workers) > 0 || atomic_load(&begun) < 4) {
    }
    wait_readable(workers);
    /* Finished, and nobody has taken them: they hold their places. */
    assert_false(workers_rest(workers));
    while (tasks[3].done == 0) {
        wait_readable(workers);
        workers_deliver(workers);
    }
    sem_post(&gate);
    assert_true(workers_give(workers, work, done, &tasks[4]));
    workers_destroy(workers);
    assert_int_equal(tasks[4].done, 1);
    assert_int_equal(tasks[5].done, 0);
    sem_destroy(&gate);
}

/* Nobody delivers: after so many finished ones no more are taken. */
static void finished_jobs_do_not_pile_up(void **state)
{
    (void)state;
    static struct task tasks[JOBS];
    memset(tasks, 0, sizeof tasks);
    struct workers *workers = make(2, 5);
    uint32_t given = 0;
    while (given < 7) {
        given += workers_give(workers, work, done, &tasks[given]);
    }
    while (workers_waiting(workers) > 0) {
    }
    assert_false(workers_give(workers, work, done, &tasks[given]));
    while (tasks[0].done + tasks[1].done + tasks[2].done + tasks[3].done + tasks[4].done + tasks[5].done + tasks[6].done < 7) {
        wait_readable(workers);
        workers_deliver(workers);
    }
    assert_true(workers_give(workers, work, done, &tasks[given]));
    workers_destroy(workers);
    assert_int_equal(tasks[7].done, 1);
}

/* What was begun is finished, the others are dropped, all are told, here and not in a thread. */
static void the_end_tells_everybody(void **state)
{
    (void)state;
    sem_t gate;
    atomic_uint begun = 0;
    struct task tasks[10] = { 0 };
    sem_init(&gate, 0, 1);
    struct workers *workers = make(1, 10);
    for (int i = 0; i < 10; i++) {
        tasks[i].gate = &gate;
        tasks[i].begun = &begun;
        assert_true(workers_give(workers, work, i == 9 ? NULL : done, &tasks[i]));
    }
    while (atomic_load(&begun) < 2) {
    }
    for (int i = 0; i < 10; i++) {
        sem_post(&gate);
    }
    workers_destroy(workers);
    assert_true(tasks[0].worked == 1 && tasks[1].worked == 1);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(tasks[i].worked, atomic_load(&begun) > (unsigned)i);
        assert_int_equal(tasks[i].done, i == 9 ? 0 : 1);
    }
    sem_destroy(&gate);
}

struct chain {
    struct workers *workers;
    uint32_t left;
};

static void chain_work(void *job) { (void)job; }

static void chain_done(void *job)
{
    struct chain *chain = job;
    chain->left -= 1;
    if (chain->left > 0) {
        assert_true(workers_give(chain->workers, chain_work, chain_done, chain));
    }
}

static void a_done_may_give_the_next_job(void **state)
{
    (void)state;
    struct chain chain = { .workers = make(2, 1), .left = 500 };
    assert_true(workers_give(chain.workers, chain_work, chain_done, &chain));
    while (chain.left > 0) {
        wait_readable(chain.workers);
        workers_deliver(chain.workers);
    }
    workers_destroy(chain.workers);
}

struct giver {
    struct workers *workers;
    struct task tasks[JOBS];
    atomic_uint *finished;
};

static void count_done(void *job)
{
    struct task *task = job;
    task->done += 1;
    atomic_fetch_add(task->begun, 1);
}

static void *give_from_thread(void *context)
{
    struct giver *giver = context;
    for (uint32_t i = 0; i < JOBS; i++) {
        giver->tasks[i].begun = giver->finished;
        while (!workers_give(giver->workers, work, count_done, &giver->tasks[i])) {
            sched_yield();
        }
    }
    return NULL;
}

static void any_thread_may_give(void **state)
{
    (void)state;
    static struct giver givers[3];
    atomic_uint finished = 0;
    struct workers *workers = make(3, 20);
    pthread_t threads[3];
    memset(givers, 0, sizeof givers);
    for (int i = 0; i < 3; i++) {
        givers[i].workers = workers;
        givers[i].finished = &finished;
        assert_int_equal(pthread_create(&threads[i], NULL, give_from_thread, &givers[i]), 0);
    }
    /* The work counts as begun, the delivery as finished: both are counted in the same number. */
    while (atomic_load(&finished) < 2 * 3 * JOBS) {
        wait_readable(workers);
        workers_deliver(workers);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        for (uint32_t j = 0; j < JOBS; j++) {
            assert_true(givers[i].tasks[j].worked == 1 && givers[i].tasks[j].done == 1);
        }
    }
    workers_destroy(workers);
}

/* Two pools that share one at once: what the first has begun keeps the other waiting. */
static void a_bound_is_shared(void **state)
{
    (void)state;
    struct workers *first = make(2, 8), *second = make(2, 8);
    sem_t at_once, gate;
    atomic_uint begun = 0;
    assert_int_equal(sem_init(&at_once, 0, 1), 0);
    assert_int_equal(sem_init(&gate, 0, 0), 0);
    workers_bound(first, &at_once);
    workers_bound(second, &at_once);
    struct task tasks[6] = { { 0 } };
    for (uint32_t i = 0; i < 6; i++) {
        tasks[i].gate = &gate;
        tasks[i].begun = &begun;
        assert_true(workers_give(i % 2 == 0 ? first : second, work, done, &tasks[i]));
    }
    for (uint32_t finished = 0; finished < 6; finished++) {
        for (int i = 0; atomic_load(&begun) == finished && i < WAIT_MS; i++) {
            (void)poll(NULL, 0, 1);
        }
        assert_int_equal(atomic_load(&begun), finished + 1); /* one at work, whoever's */
        assert_int_equal(sem_post(&gate), 0);
    }
    workers_destroy(first);
    workers_destroy(second);
    sem_destroy(&at_once);
    sem_destroy(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_is_done_once),  cmocka_unit_test(one_thread_keeps_the_order),
        cmocka_unit_test(a_full_queue_refuses),    cmocka_unit_test(finished_jobs_do_not_pile_up),
        cmocka_unit_test(the_end_tells_everybody), cmocka_unit_test(a_done_may_give_the_next_job),
        cmocka_unit_test(any_thread_may_give),     cmocka_unit_test(a_bound_is_shared),
    };
    return cmocka_run_group_tests_name("host/workers", tests, NULL, NULL);
}
