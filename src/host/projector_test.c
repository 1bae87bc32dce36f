/* The report tables against the journal: a plain count of its events, a replay, a process that is killed again and again,
 * tables that somebody has changed, and tables of another journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>

#include "host/report_test.h"
#include "store/postgres_server_test.h"

enum { ENTRIES = 12000, KILLS = 12 };

static struct centre city; /* entries of a random centre, made once */

static int make_city(void **state)
{
    (void)state;
    uint64_t seed = 77;
    random_centre_begin(&city, &seed);
    random_centre_run(&city, &seed, ENTRIES);
    return 0;
}

static int forget_city(void **state)
{
    (void)state;
    centre_destroy(&city);
    return 0;
}

/* ---- what the events say, by a plain loop ---- */

struct counted {
    uint64_t linked, closed, incidents_closed, missions_completed;
};

static void count_paper(const struct event_paper_entered *paper, struct counted *counted)
{
    counted->linked += paper->result == PAPER_RESULT_LINKED;
    counted->closed += paper->result == PAPER_RESULT_NO_UNIT || paper->result == PAPER_RESULT_HUNG_UP;
    counted->incidents_closed += paper->result == PAPER_RESULT_INCIDENT;
    for (uint32_t i = 0; i < paper->count; i++) {
        counted->missions_completed += paper->items[i].end_reason == MISSION_END_REASON_COMPLETED;
    }
}

static struct counted count_events(const struct centre *centre)
{
    struct counted counted = { 0 };
    size_t at = 0;
    while (at < centre->log.size) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(centre->log.bytes + at);
        at += entry->size;
        const struct event_head *event = entry_first_event(entry);
        for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
            counted.linked += event->kind == EVENT_CALL_LINKED;
            counted.closed += event->kind == EVENT_CALL_CLOSED;
            counted.incidents_closed += event->kind == EVENT_INCIDENT_CLOSED;
            counted.missions_completed += event->kind == EVENT_MISSION_ENDED &&
                                          ((const struct event_mission_ended *)event)->reason == MISSION_END_REASON_COMPLETED;
            if (event->kind == EVENT_PAPER_ENTERED) {
                count_paper((const struct event_paper_entered *)event, &counted);
            }
        }
    }
    return counted;
}

static enum status take_number(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

static int64_t ask(struct sql *sql, const char *text)
{
    struct error error;
    int64_t number = -1;
    must(sql_query(sql, text, SQL_NO_PARAMETERS, take_number, &number, NULL, &error), &error);
    return number;
}

static void change(const struct store *store, const char *text)
{
    struct error error;
    int64_t changed = 0;
    struct sql *sql = open_report(store, false);
    must(sql_run(sql, text, SQL_NO_PARAMETERS, &changed, &error), &error);
    assert_int_equal(changed, 1);
    sql_close(sql);
}

static uint64_t verify(const struct store *store)
{
    struct error error;
    uint64_t rows = 0;
    must(projector_verify(store, &city.limits, &rows, &error), &error);
    return rows;
}

static void check_counts(const struct store *store, const struct centre *centre)
{
    struct counted counted = count_events(centre);
    struct sql *sql = open_report(store, true);
    uint64_t calls = counted.linked + counted.closed + counted.incidents_closed;
    assert_true(calls > 500 && counted.missions_completed > 100);
    assert_int_equal(ask(sql, "SELECT count(*) FROM report_call"), calls);
    assert_int_equal(ask(sql, "SELECT count(*) FROM report_call WHERE result = 3"), counted.linked);
    assert_int_equal(ask(sql, "SELECT count(*) FROM report_call WHERE incident > 0 AND result <> 3"), counted.incidents_closed);
    assert_int_equal(ask(sql, "SELECT count(*) FROM report_mission"), counted.missions_completed);
    assert_int_equal(ask(sql, "SELECT count(*) FROM report_mission WHERE form = 0 AND t_available IS NULL"), 0);
    assert_int_equal(verify(store), calls + counted.missions_completed);
    sql_close(sql);
}

/* ---- stories ---- */

static void every_call_that_is_over_has_a_row(void **state)
{
    (void)state;
    struct report_test test;
    report_test_make(&test);
    store_centre(&test.store, &city);
    project(&test.store, &city);
    check_counts(&test.store, &city);
    report_test_remove(&test);
}

/* Rows come as the journal grows, and nothing is read that was not said to be durable. */
static void it_follows_a_journal_that_grows(void **state)
{
    (void)state;
    struct report_test test;
    struct error error;
    report_test_make(&test);
    struct journal journal = store_journal_make(&test.store);
    store_entries(&journal, &city, 1, 100);
    struct projector *projector = NULL;
    must(projector_create(&test.store, &city.limits, &projector, &error), &error);
    await_reached(projector, 100);
    uint64_t told = 100;
    for (uint64_t to = 400; to <= 4000; to += 900) {
        store_entries(&journal, &city, told + 1, to);
        told = to;
        projector_wake(projector, told);
        await_reached(projector, told);
        char trouble[PROJECTOR_TROUBLE_SIZE];
        assert_true(projector_reached(projector, trouble, sizeof trouble) == told);
        assert_string_equal(trouble, "");
    }
    assert_true(verify(&test.store) > 100);
    projector_destroy(projector);
    journal.close(journal.context);
    report_test_remove(&test);
}

/* ---- kills ---- */

/* How far the stored rows are; 0 where there are no tables yet, or another process creates them. */
static uint64_t stored_sequence(const struct store *store)
{
    struct error error;
    struct sql *sql = NULL;
    int64_t sequence = 0;
    enum status status = store_tables_open(store, SQL_REPORT, true, &sql, &error);
    if (status == STATUS_OK) {
        status = sql_query(sql, "SELECT sequence FROM projection WHERE name = 'report'", SQL_NO_PARAMETERS, take_number,
                           &sequence, NULL, &error);
        sql_close(sql);
    }
    return status == STATUS_OK ? (uint64_t)sequence : 0;
}

static void project_until_killed(const struct store *store)
{
    struct error error;
    struct projector *projector = NULL;
    if (projector_create(store, &city.limits, &projector, &error) != STATUS_OK) {
        _exit(1);
    }
    for (;;) {
        pause();
    }
}

/* The child is killed as soon as it has stored more than it began with: somewhere in the batch after. */
static uint64_t kill_one(const struct store *store)
{
    uint64_t before = stored_sequence(store);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        project_until_killed(store);
    }
    for (int i = 0; i < WAIT_TRIES && stored_sequence(store) <= before; i++) {
        wait_a_moment();
    }
    kill(child, SIGKILL);
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    uint64_t after = stored_sequence(store);
    assert_true(after > before);
    return after;
}

static enum status add_hash(void *context, const struct sql_row *from, struct error *error)
{
    (void)error;
    uint64_t *hash = context;
    struct report_row row;
    report_row_read(REPORT_CALL, from, &row);
    *hash = *hash * 31 + report_row_hash(REPORT_CALL, &row);
    return STATUS_OK;
}

static uint64_t hash_of_calls(const struct store *store)
{
    struct error error;
    uint64_t hash = 0;
    struct sql *sql = open_report(store, true);
    must(sql_query(sql, REPORT_TABLES[REPORT_CALL].by_id, SQL_PARAMETERS(sql_int(0), sql_int(1000000)), add_hash, &hash, NULL,
                   &error),
         &error);
    sql_close(sql);
    return hash;
}

static void killed_at_any_time_the_rows_are_those_of_a_replay(void **state)
{
    (void)state;
    struct report_test test, fresh;
    report_test_make(&test);
    report_test_make(&fresh);
    store_centre(&test.store, &city);
    store_centre(&fresh.store, &city);
    int halfway = 0;
    for (int i = 0; i < KILLS; i++) {
        uint64_t stored = kill_one(&test.store);
        halfway += stored < city.log.count - 2000;
        verify(&test.store); /* what is stored is whole, as far as it says */
        if (stored >= city.log.count - 2000) {
            break;
        }
    }
    assert_true(halfway >= 1);
    project(&test.store, &city);
    project(&fresh.store, &city);
    assert_true(hash_of_calls(&test.store) == hash_of_calls(&fresh.store));
    check_counts(&test.store, &city);
    report_test_remove(&test);
    report_test_remove(&fresh);
}

/* ---- what is under way ---- */

/* Starts a projector on a journal that reaches to an entry, and stops it when it has read so many entries of it: not one more. */
static void expect_read(const struct store *store, uint64_t sequence, uint64_t entries)
{
    struct error error;
    struct projector *projector = NULL;
    must(projector_create(store, &city.limits, &projector, &error), &error);
    projector_wake(projector, sequence);
    await_reached(projector, sequence);
    for (int i = 0; i < WAIT_TRIES && projector_entries_read(projector) < entries; i++) {
        wait_a_moment();
    }
    assert_int_equal(projector_entries_read(projector), entries);
    projector_destroy(projector);
}

/* Stopped at many places, in the middle of calls and missions, it goes on where it was, and the rows are those of one reading. */
static void a_start_goes_on_where_the_stop_was(void **state)
{
    (void)state;
    struct report_test test, fresh;
    report_test_make(&test);
    report_test_make(&fresh);
    store_centre(&fresh.store, &city);
    project(&fresh.store, &city);
    struct journal journal = store_journal_make(&test.store);
    uint64_t before = 0;
    for (uint64_t to = 137; before < city.log.count; to += 1237) {
        to = to < city.log.count ? to : city.log.count;
        store_entries(&journal, &city, before + 1, to);
        expect_read(&test.store, to, to - before);
        before = to;
    }
    journal.close(journal.context);
    expect_read(&test.store, before, 0);
    assert_true(hash_of_calls(&test.store) == hash_of_calls(&fresh.store));
    check_counts(&test.store, &city);
    report_test_remove(&test);
    report_test_remove(&fresh);
}

static void what_is_no_use_is_passed_over(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE projection_state SET bytes = x'0011'",
        "UPDATE projection_state SET digest = x'00'",
        "UPDATE projection_state SET version = version + 1",
        "DELETE FROM projection_state",
    };
    struct report_test test;
    report_test_make(&test);
    store_centre(&test.store, &city);
    project(&test.store, &city);
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        change(&test.store, changes[i]);
        expect_read(&test.store, city.log.count, city.log.count);
        check_counts(&test.store, &city);
        expect_read(&test.store, city.log.count, 0);
    }
    change(&test.store, "UPDATE projection_state SET checksum = checksum + 1"); /* of another journal, as far as it can tell */
    expect_read(&test.store, city.log.count, city.log.count);
    check_counts(&test.store, &city);
    report_test_remove(&test);
}

/* ---- tables that are not what they should be ---- */

static void expect_difference(const struct store *store, const char *what)
{
    struct error error;
    uint64_t rows;
    assert_int_equal(projector_verify(store, &city.limits, &rows, &error), STATUS_CORRUPT);
    if (strstr(error.text, what) == NULL) {
        fail_msg("'%s' does not name '%s'", error.text, what);
    }
}

static void a_changed_row_is_named(void **state)
{
    (void)state;
    struct report_test test;
    report_test_make(&test);
    store_centre(&test.store, &city);
    project(&test.store, &city);
    change(&test.store, "UPDATE report_call SET district = district + 1 WHERE call = 7");
    expect_difference(&test.store, "row of call 7 is not what the journal tells");
    change(&test.store, "UPDATE report_call SET district = district - 1 WHERE call = 7");
    verify(&test.store);
    change(&test.store, "UPDATE report_mission SET t_back_at_post = NULL, transported = 1 - transported WHERE mission = (SELECT "
                        "min(mission) FROM report_mission)");
    expect_difference(&test.store, "row of mission");
    change(&test.store, "DELETE FROM report_call WHERE call = (SELECT max(call) FROM report_call)");
    expect_difference(&test.store, "lacks the row of call");
    change(&test.store, "UPDATE report_call SET call = 1000000 WHERE call = 9");
    expect_difference(&test.store, "lacks the row of call 9");

    /* As the message advises. */
    change(&test.store, "DELETE FROM projection WHERE name = 'report'");
    project(&test.store, &city);
    check_counts(&test.store, &city);
    report_test_remove(&test);
}

/* Until a replay agrees with the tables, which take a moment to be emptied and filled again. */
static void await_agreement(const struct store *store)
{
    struct error error = { 0 };
    uint64_t rows = 0;
    for (int i = 0; i < WAIT_TRIES; i++) {
        if (projector_verify(store, &city.limits, &rows, &error) == STATUS_OK && rows > 100) {
            return;
        }
        wait_a_moment();
    }
    fail_msg("the tables were not made anew: %s", error.text);
}

/* The folder was given another journal, shorter or as long, or was written by another version. */
static void tables_of_another_journal_are_made_anew(void **state)
{
    (void)state;
    static const uint64_t lengths[] = { 3000, ENTRIES };
    struct report_test test;
    struct error error;
    report_test_make(&test);
    store_centre(&test.store, &city);
    project(&test.store, &city);
    for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
        struct centre other;
        uint64_t seed = 5 + i;
        random_centre_begin(&other, &seed);
        random_centre_run(&other, &seed, lengths[i]);
        report_test_unlink(&test, "journal.db");
        store_centre(&test.store, &other);
        struct projector *projector = NULL;
        must(projector_create(&test.store, &city.limits, &projector, &error), &error);
        await_agreement(&test.store);
        projector_destroy(projector);
        centre_destroy(&other);
    }
    change(&test.store, "UPDATE projection SET version = 999 WHERE name = 'report'");
    uint64_t rows;
    assert_int_equal(projector_verify(&test.store, &city.limits, &rows, &error), STATUS_VERSION);
    report_test_remove(&test);
}

/* Without a journal it says so, and goes on by itself when there is one. */
static void it_comes_back_by_itself(void **state)
{
    (void)state;
    struct report_test test;
    struct error error;
    report_test_make(&test);
    struct projector *projector = NULL;
    must(projector_create(&test.store, &city.limits, &projector, &error), &error);
    char trouble[PROJECTOR_TROUBLE_SIZE] = "";
    for (int i = 0; i < WAIT_TRIES && trouble[0] == '\0'; i++) {
        assert_true(projector_reached(projector, trouble, sizeof trouble) == 0);
        wait_a_moment();
    }
    assert_non_null(strstr(trouble, "journal.db"));
    store_centre(&test.store, &city);
    projector_wake(projector, city.log.count);
    await_reached(projector, city.log.count);
    projector_reached(projector, trouble, sizeof trouble);
    assert_string_equal(trouble, "");
    projector_destroy(projector);
    check_counts(&test.store, &city);
    report_test_remove(&test);
}

static void in_postgresql_as_well(void **state)
{
    (void)state;
    static struct postgres_server server;
    if (!postgres_server_start(&server)) {
        print_message("skipped: there is no PostgreSQL 15 on this machine\n");
        skip();
    }
    char url[256];
    struct error error;
    struct store store;
    postgres_server_url(&server, "report_test", url, sizeof url);
    must(store_parse(NULL, url, false, &store, &error), &error);
    store_centre(&store, &city);
    project(&store, &city);
    check_counts(&store, &city);
    change(&store, "UPDATE report_call SET was_queued = 1 - was_queued WHERE call = 7");
    expect_difference(&store, "row of call 7");
    postgres_server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_that_is_over_has_a_row),
        cmocka_unit_test(it_follows_a_journal_that_grows),
        cmocka_unit_test(killed_at_any_time_the_rows_are_those_of_a_replay),
        cmocka_unit_test(a_start_goes_on_where_the_stop_was),
        cmocka_unit_test(what_is_no_use_is_passed_over),
        cmocka_unit_test(a_changed_row_is_named),
        cmocka_unit_test(tables_of_another_journal_are_made_anew),
        cmocka_unit_test(it_comes_back_by_itself),
        cmocka_unit_test(in_postgresql_as_well),
    };
    return cmocka_run_group_tests(tests, make_city, forget_city);
}
