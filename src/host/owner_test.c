/* The thread that keeps the lease, on a PostgreSQL server of the test's own. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "host/clock.h"
#include "host/owner.h"
#include "store/postgres_server_test.h"
#include "store/store_test.h"

/* PAUSES: more than it sleeps while the database is told. */
enum { WAIT_US = 60 * 1000 * 1000, PAUSES = 30 };

static struct postgres_server server;

static void look_again_soon(void)
{
    const struct timespec time = { .tv_nsec = 10 * 1000 * 1000 };
    (void)nanosleep(&time, NULL);
}

static void ignore(void *context) { (void)context; }

static void must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fail_msg("%s", error->text);
    }
}

static void make_store(const char *schema, struct lease *lease, struct store *store)
{
    struct error error;
    struct journal journal;
    char url[256];
    postgres_server_url(&server, schema, url, sizeof url);
    must(store_parse(NULL, url, false, store, &error), &error);
    must(store_journal_open(store, JOURNAL_CREATE, NULL, &journal, &error), &error);
    journal.close(journal.context);
    snprintf(lease->id, sizeof lease->id, "aaaaaaaaaaaaaaaa");
    lease->lease_ms = 60000;
    lease_set_address(lease, "http://a");
    store->lease = lease;
}

/* A line of a file of /proc without its name; "" where there is none. */
static void read_line(const char *task, const char *file, const char *name, char value[64])
{
    char path[300], line[256];
    snprintf(path, sizeof path, "/proc/self/task/%s/%s", task, file);
    FILE *stream = fopen(path, "r");
    value[0] = '\0';
    while (stream != NULL && value[0] == '\0' && fgets(line, sizeof line, stream) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            snprintf(value, 64, "%.63s", line + strlen(name));
        }
    }
    if (stream != NULL) {
        fclose(stream);
    }
}

/* How often the owner's thread has gone to sleep by itself. */
static long sleeps(void)
{
    char name[64], count[64];
    long found = -1;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (const struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        read_line(task->d_name, "comm", "", name);
        if (strcmp(name, "owner\n") == 0) {
            read_line(task->d_name, "status", "voluntary_ctxt_switches:", count);
            found = strtol(count, NULL, 10);
        }
    }
    closedir(tasks);
    assert_true(found >= 0);
    return found;
}

static void one_that_has_resigned_sleeps_whatever_it_is_asked(void **state)
{
    (void)state;
    static struct lease lease;
    struct store store;
    struct owner *owner = NULL;
    struct error error;
    int64_t until_us = clock_monotonic_us() + WAIT_US;
    make_store("resigned", &lease, &store);
    must(owner_create(&store, ignore, NULL, &owner, &error), &error);
    owner_campaign(owner);
    while (atomic_load(&lease.epoch) == 0 && clock_monotonic_us() < until_us) {
        look_again_soon();
    }
    assert_true(lease_is_good(&lease));
    owner_resign(owner);
    while (atomic_load(&lease.epoch) != 0 && clock_monotonic_us() < until_us) {
        look_again_soon();
    }
    owner_yield(owner); /* there is nothing left to give */
    long before = sleeps(), now = before;
    while (now < before + PAUSES && clock_monotonic_us() < until_us) {
        look_again_soon();
        now = sleeps();
    }
    assert_true(now >= before + PAUSES);
    owner_destroy(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_that_has_resigned_sleeps_whatever_it_is_asked) };
    if (!postgres_server_start(&server)) {
        printf("skipped: there are no binaries of PostgreSQL 15\n");
        return 77;
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    postgres_server_stop(&server);
    return failures;
}
