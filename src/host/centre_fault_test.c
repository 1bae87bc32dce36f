/* The journal fails under the centre: at every call in turn, on a disk that errs, fills up or dies, at a limit of the system, and
 * with the process killed. Senders come again with the same key; in the end everything was done, and nothing twice. MINGDI_LONG=1
 * tries every call and kills 200 times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/hash.h"
#include "host/centre_test.h"
#include "store/failing.h"
#include "store/fault_vfs.h"

enum { CALLS = TEST_CALLS };

static bool is_long(void)
{
    const char *wish = getenv("MINGDI_LONG");
    return wish != NULL && strcmp(wish, "1") == 0;
}

/* ---- a journal that fails by plan ---- */

struct faulty {
    struct test_centre *test;
    struct journal_failing_plan plan; /* of the first opening */
    const char *vfs;                  /* of every opening; NULL: the system's */
    uint32_t openings, refuse_openings;
    bool failing;     /* by plan; otherwise straight on SQLite */
    atomic_bool held; /* no opening succeeds */
    struct journal inner;
    bool inner_open, injected;
};

static void close_inner(struct faulty *faulty)
{
    if (faulty->inner_open) {
        faulty->inner.close(faulty->inner.context);
        faulty->inner_open = false;
    }
}

static enum status open_faulty(void *context, enum journal_access access, const struct journal_options *options,
                               struct journal *journal, struct journal_facts *facts, struct error *error)
{
    struct faulty *faulty = context;
    if (atomic_load(&faulty->held)) {
        return ERROR(error, STATUS_IO, "the test does not let the journal be opened");
    }
    char *path = file_join(faulty->test->folder, "journal.db");
    const struct journal_sqlite_options own = {
        .access = access, .limits = options->limits, .policy = options->policy, .vfs = faulty->vfs
    };
    close_inner(faulty);
    faulty->openings += 1;
    enum status status = journal_sqlite_open(&faulty->inner, path, &own, error);
    free(path);
    TRY(status);
    journal_sqlite_facts(&faulty->inner, facts);
    if (!faulty->failing) {
        *journal = faulty->inner;
        return STATUS_OK;
    }
    faulty->inner_open = true;
    struct journal_failing_plan none = { .fail_at = 0 };
    return journal_failing_create(journal, &faulty->inner, faulty->openings == 1 ? faulty->plan : none, error);
}

static enum status finish_faulty(void *context, struct journal *journal, uint64_t state_hash, struct error *error)
{
    struct faulty *faulty = context;
    return journal_sqlite_set_final(faulty->failing ? &faulty->inner : journal, state_hash, error);
}

static bool run_with_failure(uint64_t fail_at, bool carried_out)
{
    struct test_centre test;
    struct faulty faulty = { .test = &test, .plan = { .fail_at = fail_at, .carried_out = carried_out }, .failing = true };
    const struct centre_source source = { &faulty, open_faulty, finish_faulty, NULL };
    struct test_tries tries = { 0 };
    struct centre_figures figures;
    struct error error;
    test_centre_make(&test);
    test.setup.snapshot_every = 5;
    if (centre_create_on(&test.setup, &source, &test.centre, &error) != STATUS_OK) {
        close_inner(&faulty); /* it failed at the start: an error, and nothing else */
        test_centre_free(&test);
        return true;
    }
    for (uint32_t i = 1; i <= CALLS; i++) {
        if (i == 1) { /* the centre is opened by an insisting sender too */
            struct command_centre_open opening;
            COMMAND_BEGIN(&opening, CENTRE_OPEN, ACTOR_KIND_ADMIN);
            opening.city_fingerprint = city_fingerprint(test.city);
            opening.policy_version = test.setup.policy->version;
            struct test_answer answer = { .centre = test.centre };
            while (centre_core(test.centre)->head->opened == 0) {
                answer.count = 0;
                if (centre_submit(test.centre, &opening.head, test_answered, &answer) != CENTRE_TAKEN) {
                    test_pump_once(&test);
                    continue;
                }
                TEST_PUMP_UNTIL(&test, answer.count > 0);
            }
        }
        test_insist(&test, i, &tries);
    }
    centre_figures(test.centre, &figures);
    bool failed = figures.journal_failures > 0;
    assert_int_equal(figures.journal_failures, faulty.openings - 1);
    test_calls_once(&test, 1, CALLS);
    test_centre_stop(&test);
    close_inner(&faulty);
    test_centre_free(&test);
    return failed;
}

/* Each call of the journal fails in its turn, with and without its work done, until a run meets no failure. */
static void every_call_fails_once(void **state)
{
    (void)state;
    uint64_t step = is_long() ? 1 : 4;
    for (int carried_out = 0; carried_out <= 1; carried_out++) {
        uint64_t fail_at = 1;
        while (run_with_failure(fail_at, carried_out != 0)) {
            fail_at += step;
        }
        assert_true(fail_at > CALLS);
    }
}

/* ---- a disk that fails ---- */

/* From the fourth opening on somebody has repaired it. */
static enum status open_on_bad_disk(void *context, enum journal_access access, const struct journal_options *options,
                                    struct journal *journal, struct journal_facts *facts, struct error *error)
{
    struct faulty *faulty = context;
    if (faulty->openings >= 3) {
        faulty->vfs = NULL;
    }
    return open_faulty(context, access, options, journal, facts, error);
}

static void run_on_bad_disk(enum fault_kind kind, uint64_t fail_at)
{
    struct test_centre test;
    struct fault_vfs *vfs = NULL;
    struct faulty faulty = { .test = &test };
    const struct centre_source source = { &faulty, open_on_bad_disk, finish_faulty, NULL };
    struct test_tries tries = { 0 };
    struct error error;
    char text[TROUBLE_SIZE];
    test_centre_make(&test);
    test_centre_start_on(&test, &source); /* made on a good disk */
    test_open_centre(&test);
    test_centre_stop(&test);
    test_must(fault_vfs_create(&vfs, "centre-fault", kind, fail_at, &error), &error);
    faulty.vfs = "centre-fault";
    faulty.openings = 0;
    if (centre_create_on(&test.setup, &source, &test.centre, &error) != STATUS_OK) {
        assert_true(fault_vfs_injected(vfs) && error.text[0] != '\0');
        faulty.openings = 3;
        test_centre_start_on(&test, &source);
    }
    uint64_t before = test_sequence(&test);
    for (uint32_t i = 1; i <= CALLS; i++) {
        test_insist(&test, i, &tries);
        assert_true(centre_state(test.centre) == CENTRE_READY || tries.not_durable > 0);
    }
    TEST_PUMP_UNTIL(&test, centre_state(test.centre) == CENTRE_READY);
    centre_trouble(test.centre, text, sizeof text);
    assert_string_equal(text, "");
    test_calls_once(&test, before, CALLS);
    test_centre_stop(&test);
    fault_vfs_destroy(vfs);
    test_centre_free(&test);
}

static void a_disk_that_fails_and_is_repaired(void **state)
{
    (void)state;
    uint64_t step = is_long() ? 1 : 13;
    for (uint64_t fail_at = 3; fail_at < 40; fail_at += step) {
        run_on_bad_disk(FAULT_IO, fail_at);
        run_on_bad_disk(FAULT_FULL, fail_at);
        run_on_bad_disk(FAULT_DEAD, fail_at);
    }
}

/* ---- no more room ---- */

static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Files may not grow any more: reads go on, commands are refused, the trouble has words. Then there is room again. */
static void no_room_and_room_again(void **state)
{
    (void)state;
    struct test_centre test;
    struct test_tries tries = { 0 };
    struct stat facts;
    char text[TROUBLE_SIZE], wal[128];
    (void)signal(SIGXFSZ, SIG_IGN);
    test_centre_make(&test);
    test_centre_start(&test);
    test_open_centre(&test);
    snprintf(wal, sizeof wal, "%s/journal.db-wal", test.folder);
    assert_int_equal(stat(wal, &facts), 0);
    uint64_t before = test_sequence(&test);
    set_file_limit((rlim_t)facts.st_size);
    struct test_answer answer = { .centre = test.centre };
    assert_int_equal(centre_submit(test.centre, TEST_COMMAND(CALL_OFFER, call_offer, SYSTEM, .external = 1, .head.key_low = 1),
                                   test_answered, &answer),
                     CENTRE_TAKEN);
    TEST_PUMP_UNTIL(&test, answer.count > 0);
    assert_int_equal(answer.answer.outcome, CENTRE_NOT_DURABLE);
    assert_int_equal(test_sequence(&test), before);
    assert_int_equal(centre_state(test.centre), CENTRE_JOURNAL_FAILED);
    centre_trouble(test.centre, text, sizeof text);
    assert_true(strlen(text) > 20);
    set_file_limit(RLIM_INFINITY);
    for (uint32_t i = 1; i <= CALLS; i++) {
        test_insist(&test, i, &tries);
    }
    test_calls_once(&test, before, CALLS);
    test_centre_free(&test);
}

/* ---- a journal that is no longer the one ---- */

/* While it is failed, an older copy is put in its place: it is not taken, for acknowledged entries are not in it. */
static void an_older_copy_is_not_taken(void **state)
{
    (void)state;
    struct test_centre test;
    struct faulty faulty = { .test = &test };
    const struct centre_source source = { &faulty, open_on_bad_disk, finish_faulty, NULL };
    char text[TROUBLE_SIZE];
    struct error error;
    struct fault_vfs *vfs = NULL;
    test_centre_make(&test);
    test_must(fault_vfs_create(&vfs, "centre-copy", FAULT_DEAD, 400, &error), &error);
    char *path = file_join(test.folder, "journal.db");
    faulty.vfs = "centre-copy";
    faulty.openings = 2; /* the next one is the last on the bad disk */
    test_centre_start_on(&test, &source);
    atomic_store(&faulty.held, true);
    test_open_centre(&test);
    struct test_answer answer = { .centre = test.centre, .answer = { .outcome = CENTRE_DONE } };
    while (answer.answer.outcome == CENTRE_DONE) {
        answer.answer = test_send(&test, TEST_COMMAND(CALL_OFFER, call_offer, SYSTEM, .caller = 1));
    }
    uint64_t acknowledged = test_sequence(&test);
    test_remove_journal(test.folder);
    struct journal empty;
    const struct journal_sqlite_options options = { .access = JOURNAL_CREATE,
                                                    .policy = "standard",
                                                    .limits = &test.setup.limits };
    test_must(journal_sqlite_open(&empty, path, &options, &error), &error);
    empty.close(empty.context);
    atomic_store(&faulty.held, false);
    do {
        test_pump_once(&test);
        centre_trouble(test.centre, text, sizeof text);
    } while (strstr(text, "this is an older copy of it") == NULL);
    assert_int_equal(centre_state(test.centre), CENTRE_JOURNAL_FAILED);
    assert_int_equal(test_sequence(&test), acknowledged);
    test_centre_stop(&test);
    fault_vfs_destroy(vfs);
    free(path);
    test_centre_free(&test);
}

/* ---- the process is killed ---- */

struct acknowledged {
    uint32_t number, made;
    uint64_t sequence;
};

struct teller {
    int pipe_end;
    uint32_t number;
    atomic_uint *waiting;
};

static void tell_parent(void *context, const struct centre_answer *answer)
{
    struct teller *teller = context;
    const struct acknowledged told = { teller->number, answer->result.made, answer->result.sequence };
    atomic_fetch_sub(teller->waiting, 1);
    if (answer->outcome != CENTRE_DONE || answer->result.refusal != REFUSED_NONE ||
        write(teller->pipe_end, &told, sizeof told) != (ssize_t)sizeof told) {
        _exit(EXIT_FAILURE);
    }
}

/* The pipe holds 256 acknowledgements: a child whose parent sleeps waits there, before it has sent all. */
enum { TELLERS = 400, AT_ONCE = 8, PIPE_BYTES = 4096 };

/* The child: calls first .. first + TELLERS - 1, eight at once. */
static void serve_until_killed(struct test_centre *test, uint32_t first, int pipe_end)
{
    static struct teller tellers[TELLERS];
    atomic_uint waiting = 0;
    struct error error;
    if (centre_create(&test->setup, &test->centre, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        _exit(EXIT_FAILURE);
    }
    for (uint32_t i = 0; i < TELLERS; i++) {
        struct command_call_offer command;
        COMMAND_BEGIN(&command, CALL_OFFER, ACTOR_KIND_SYSTEM);
        command.head.key_low = command.external = first + i;
        tellers[i] = (struct teller){ .pipe_end = pipe_end, .number = first + i, .waiting = &waiting };
        atomic_fetch_add(&waiting, 1);
        if (centre_submit(test->centre, &command.head, tell_parent, &tellers[i]) != CENTRE_TAKEN) {
            _exit(EXIT_FAILURE);
        }
        TEST_PUMP_UNTIL(test, atomic_load(&waiting) < AT_ONCE);
    }
    _exit(EXIT_SUCCESS);
}

enum { NUMBERS_MAX = 1 << 16 };

struct known_call {
    struct acknowledged acknowledged; /* made 0: not yet */
    uint32_t in_journal;
    uint64_t sequence;
};

static uint32_t kill_after(struct test_centre *test, uint32_t first, uint32_t acknowledgements, struct known_call *known)
{
    int ends[2];
    uint32_t count = 0, last = first;
    struct acknowledged told;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES), PIPE_BYTES);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        serve_until_killed(test, first, ends[1]);
    }
    close(ends[1]);
    while (read(ends[0], &told, sizeof told) == (ssize_t)sizeof told) {
        assert_true(told.number < NUMBERS_MAX);
        struct acknowledged *before = &known[told.number].acknowledged;
        assert_true(before->made == 0 || (before->made == told.made && before->sequence == told.sequence));
        *before = told;
        last = told.number > last ? told.number : last;
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

static enum status note_call(void *visitor, const struct entry_head *entry, struct error *error)
{
    (void)error;
    struct known_call *known = visitor;
    const struct command_head *command = entry_command(entry);
    if (command->kind == COMMAND_CALL_OFFER) {
        uint32_t number = ((const struct command_call_offer *)command)->external;
        assert_true(number < NUMBERS_MAX);
        known[number].in_journal += 1;
        known[number].sequence = entry->sequence;
    }
    return STATUS_OK;
}

/* What was acknowledged is in the journal, where it was said to be; nothing is there twice. */
static void look_into_journal(const struct test_centre *test, struct known_call *known)
{
    struct journal journal;
    struct error error;
    const struct journal_options options = { 0 };
    for (uint32_t i = 0; i < NUMBERS_MAX; i++) {
        known[i].in_journal = 0;
    }
    test_must(store_journal_open(&test->setup.store, JOURNAL_READ, &options, &journal, &error), &error);
    test_must(journal.read(journal.context, 1, note_call, known, &error), &error);
    journal.close(journal.context);
    for (uint32_t i = 0; i < NUMBERS_MAX; i++) {
        assert_true(known[i].in_journal <= 1);
        assert_true(known[i].acknowledged.made == 0 || known[i].in_journal == 1);
        assert_true(known[i].acknowledged.made == 0 || known[i].acknowledged.sequence == known[i].sequence);
    }
}

static void killed_again_and_again(void **state)
{
    (void)state;
    struct test_centre test;
    struct known_call *known = calloc(NUMBERS_MAX, sizeof *known);
    assert_non_null(known);
    test_centre_make(&test);
    test.setup.snapshot_every = 37;
    test.setup.limits.calls = test.setup.limits.keys = 1 << 15; /* for all rounds */
    test_centre_start(&test);
    test_open_centre(&test);
    test_centre_stop(&test);
    uint32_t first = 1;
    for (uint64_t round = 1; round <= (is_long() ? 200 : 12); round++) {
        uint64_t draw = hash64(&round, sizeof round, 120);
        uint32_t last = kill_after(&test, first, 1 + (uint32_t)(draw % 100), known);
        look_into_journal(&test, known);
        /* The next child sends the last ones again, with their keys, and goes on. */
        first = last > 2 * AT_ONCE ? last - 2 * AT_ONCE : 1;
    }
    test_centre_start(&test);
    assert_int_equal(test_mirror_hash(&test), test_replayed_hash(&test));
    test_centre_free(&test);
    free(known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_fails_once),  cmocka_unit_test(a_disk_that_fails_and_is_repaired),
        cmocka_unit_test(no_room_and_room_again), cmocka_unit_test(an_older_copy_is_not_taken),
        cmocka_unit_test(killed_again_and_again),
    };
    return cmocka_run_group_tests_name("host/centre_fault", tests, NULL, NULL);
}
