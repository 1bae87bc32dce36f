/* A writing process is killed with SIGKILL again and again: whatever it had acknowledged through a pipe must be in the journal.
 * MINGDI_LONG=1 kills 300 times instead of 20. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/hash.h"
#include "store/store_test.h"

enum { ENTRIES_MAX = 100000, ACKNOWLEDGEMENTS_MAX = 60 };

/* The child: goes on from where the journal ends, and tells each durable sequence. Leaves by exit only on failure. */
static void write_until_killed(const char *path, bool bulk, uint64_t seed, int pipe_end)
{
    struct journal journal;
    struct error error;
    struct journal_facts facts;
    struct sample sample;
    struct journal_sqlite_options options = { .access = JOURNAL_WRITE_OR_CREATE, .bulk = bulk, .flush_bytes = 4096 };
    if (journal_sqlite_open(&journal, path, &options, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        _exit(EXIT_FAILURE);
    }
    journal_sqlite_facts(&journal, &facts);
    for (uint64_t i = facts.last_sequence + 1; i < facts.last_sequence + ENTRIES_MAX; i++) {
        uint64_t draw = hash64(&i, sizeof i, seed);
        uint64_t durable = 0;
        if (journal.append(journal.context, sample_entry(&sample, i, TEST_SEED), &error) != STATUS_OK) {
            _exit(EXIT_FAILURE);
        }
        if (draw % 50 == 0 && journal.snapshot_write(journal.context, i, &i, sizeof i, &error) != STATUS_OK) {
            _exit(EXIT_FAILURE);
        }
        if (draw % 7 != 0) {
            continue;
        }
        if (journal.commit(journal.context, &durable, &error) != STATUS_OK ||
            write(pipe_end, &durable, sizeof durable) != (ssize_t)sizeof durable) {
            _exit(EXIT_FAILURE);
        }
    }
    _exit(EXIT_SUCCESS);
}

/* Kills the child after so many acknowledgements, and returns the last one it sent: those still in the pipe count. */
static uint64_t kill_after(const char *path, bool bulk, uint64_t seed, uint64_t acknowledgements)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        write_until_killed(path, bulk, seed, ends[1]);
    }
    close(ends[1]);
    uint64_t last = 0;
    uint64_t count = 0;
    while (read(ends[0], &last, sizeof last) == (ssize_t)sizeof last) {
        if (++count == acknowledgements) {
            assert_int_equal(kill(child, SIGKILL), 0);
        }
    }
    close(ends[0]);
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL);
    return last;
}

/* The journal grows over all the kills; it is looked at after each, by a reader, as a person would. */
static void kill_often(bool bulk)
{
    const char *wish = getenv("MINGDI_LONG");
    int rounds = wish != NULL && strcmp(wish, "1") == 0 ? 150 : 10;
    struct test_folder test = { .folder = "" };
    test_folder_make(&test);
    uint64_t acknowledged = 0;
    for (int round = 1; round <= rounds; round++) {
        uint64_t seed = hash64(&round, sizeof round, bulk);
        acknowledged = kill_after(test.path, bulk, seed, 1 + seed % ACKNOWLEDGEMENTS_MAX);
        struct journal reader = test_open(test.path, (struct journal_sqlite_options){ .access = JOURNAL_READ });
        struct journal_report report;
        struct error error = { 0 };
        if (journal_sqlite_verify(&reader, &report, &error) != STATUS_OK) {
            fail_msg("round %d: %s", round, error.text);
        }
        assert_true(report.last_sequence >= acknowledged);
        assert_int_equal(test_read(&reader, 1), report.last_sequence);
        reader.close(reader.context);
    }
    assert_true(acknowledged > (uint64_t)rounds);
    test_folder_remove(&test);
}

static void a_killed_writer_loses_nothing(void **state)
{
    (void)state;
    kill_often(false);
}

static void a_killed_bulk_writer_loses_nothing(void **state)
{
    (void)state;
    kill_often(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_writer_loses_nothing),
        cmocka_unit_test(a_killed_bulk_writer_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
