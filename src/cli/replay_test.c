/* mingdi replay, journal verify and journal show on a journal that a real engine wrote, and on forged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "cli/verb.h"
#include "core/engine.h"
#include "core/need.h"
#include "policy/policies.h"
#include "store/postgres_server_test.h"
#include "store/sqlite.h"
#include "store/store.h"

enum { UNITS = 3, CALLS = 20 };

struct test {
    char folder[256], path[300], output[300];
    struct engine *engine;
    struct journal journal;
    int64_t now_us;
    struct text printed; /* standard output of the last run */
};

static const struct limits LIMITS = {
    .calls = 64, .incidents = 64, .units = 8, .posts = 2, .facilities = 2, .keys = 64, .alarms = 64, .reserved_percent = 5
};

static uint32_t step(struct test *test, const struct command_head *command)
{
    struct step_result result;
    struct error error = { 0 };
    test->now_us += 1000000;
    assert_int_equal(engine_step(test->engine, command, command->size, (struct instant){ test->now_us }, &result, &error),
                     STATUS_OK);
    if (result.refusal != REFUSED_NONE) {
        fail_msg("refused: %s", refusal_name(result.refusal));
    }
    return result.made;
}

static void open_centre(struct test *test)
{
    struct command_centre_open centre;
    COMMAND_BEGIN(&centre, CENTRE_OPEN, ACTOR_KIND_ADMIN);
    step(test, &centre.head);
    struct command_post_add post;
    COMMAND_BEGIN(&post, POST_ADD, ACTOR_KIND_ADMIN);
    post.point = (struct geo_point){ 1000000, 2000000 };
    step(test, &post.head);
    for (uint32_t i = 1; i <= UNITS; i++) {
        struct command_unit_add unit;
        COMMAND_BEGIN(&unit, UNIT_ADD, ACTOR_KIND_ADMIN);
        unit.post.v = 1;
        unit.skills = NEED_BASIC;
        step(test, &unit.head);
        struct command_unit_report report;
        COMMAND_BEGIN(&report, UNIT_REPORT, ACTOR_KIND_CREW);
        report.unit.v = i;
        report.what = UNIT_EVENT_START_SHIFT;
        step(test, &report.head);
    }
}

/* The answer of the road workers, from which the policy recommends: the unit that is best changes from call to call. */
static void answer_travel(struct test *test, uint32_t incident)
{
    _Alignas(8) unsigned char bytes[sizeof(struct command_travel_times) + UNITS * sizeof(struct travel_time)];
    struct command_travel_times *answer = (struct command_travel_times *)(void *)bytes;
    COMMAND_BEGIN(answer, TRAVEL_TIMES, ACTOR_KIND_ROAD);
    answer->head.size = sizeof bytes;
    answer->incident.v = incident;
    answer->count = UNITS;
    for (uint32_t i = 0; i < UNITS; i++) {
        answer->items[i] = (struct travel_time){ .unit = { i + 1 },
                                                 .eta = duration_seconds(100 + 50 * ((incident + i) % UNITS)) };
    }
    step(test, &answer->head);
}

static void take_call(struct test *test)
{
    struct command_call_offer offer;
    COMMAND_BEGIN(&offer, CALL_OFFER, ACTOR_KIND_SYSTEM);
    uint32_t call = step(test, &offer.head);
    struct command_call_answer answer;
    COMMAND_BEGIN(&answer, CALL_ANSWER, ACTOR_KIND_SEAT);
    answer.call.v = call;
    step(test, &answer.head);
    struct command_call_locate locate;
    COMMAND_BEGIN(&locate, CALL_LOCATE, ACTOR_KIND_SEAT);
    locate.call.v = call;
    locate.point = (struct geo_point){ 1100000, 2100000 };
    step(test, &locate.head);
    struct command_call_triage triage;
    COMMAND_BEGIN(&triage, CALL_TRIAGE, ACTOR_KIND_SEAT);
    triage.call.v = call;
    triage.needs = NEED_BASIC;
    triage.priority = PRIORITY_SEVERE;
    triage.units_wanted = 1;
    answer_travel(test, step(test, &triage.head));
}

static struct journal open_journal(const char *path, enum journal_access access)
{
    struct journal journal;
    struct error error = { 0 };
    struct journal_sqlite_options options = {
        .access = access, .limits = &LIMITS, .policy = "nearest", .created_by = "replay_test", .flush_bytes = 2048
    };
    if (journal_sqlite_open(&journal, path, &options, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return journal;
}

/* CALLS calls, a snapshot after half of them, closed cleanly. */
static int setup(void **state)
{
    struct test *test = calloc(1, sizeof *test);
    struct error error = { 0 };
    const void *bytes = NULL;
    size_t size = 0;
    const char *base = getenv("TMPDIR");
    snprintf(test->folder, sizeof test->folder, "%s/mingdi-replay-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(test->folder));
    snprintf(test->path, sizeof test->path, "%s/journal.db", test->folder);
    snprintf(test->output, sizeof test->output, "%s/output", test->folder);
    text_init(&test->printed, 1 << 24);
    test->journal = open_journal(test->path, JOURNAL_CREATE);
    assert_int_equal(engine_create(&LIMITS, policy_find("nearest"), &test->journal, &test->engine, &error), STATUS_OK);
    open_centre(test);
    for (int i = 0; i < CALLS; i++) {
        take_call(test);
        if (i == CALLS / 2) {
            assert_int_equal(engine_commit(test->engine, &error), STATUS_OK);
            engine_snapshot(test->engine, &bytes, &size);
            uint64_t sequence = engine_core(test->engine)->head->sequence;
            assert_int_equal(test->journal.snapshot_write(test->journal.context, sequence, bytes, size, &error), STATUS_OK);
        }
    }
    assert_int_equal(engine_commit(test->engine, &error), STATUS_OK);
    assert_int_equal(journal_sqlite_set_final(&test->journal, engine_state_hash(test->engine), &error), STATUS_OK);
    test->journal.close(test->journal.context);
    *state = test;
    return 0;
}

static int teardown(void **state)
{
    struct test *test = *state;
    static const char *const names[] = { "journal.db",    "journal.db-wal", "journal.db-shm", "forged.db",    "forged.db-wal",
                                         "forged.db-shm", "older.db",       "older.db-wal",   "older.db-shm", "output" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[320];
        snprintf(path, sizeof path, "%s/%s", test->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(test->folder), 0);
    engine_destroy(test->engine);
    text_free(&test->printed);
    free(test);
    return 0;
}

/* Runs the verb with its standard output caught. */
static enum status run(struct test *test, const struct verb *verb, const char *path, const char *const *options,
                       struct error *error)
{
    struct arguments arguments = { .verb = verb, .positional_count = 1, .positionals = { path } };
    for (; options != NULL && options[0] != NULL; options += 2) {
        arguments.options[arguments.option_count].name = options[0];
        arguments.options[arguments.option_count++].value = options[1];
    }
    (void)fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    FILE *caught = fopen(test->output, "wb");
    assert_true(kept >= 0 && caught != NULL && dup2(fileno(caught), STDOUT_FILENO) >= 0);
    enum status status = verb->run(&arguments, error);
    (void)fflush(stdout);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    (void)fclose(caught);
    struct file_view view;
    struct error ignored;
    assert_int_equal(file_view_open(&view, test->output, &ignored), STATUS_OK);
    text_clear(&test->printed);
    text_append(&test->printed, (const char *)view.bytes, view.size);
    file_view_close(&view);
    return status;
}

static void assert_printed(const struct test *test, const char *text)
{
    if (strstr(test->printed.bytes, text) == NULL) {
        fail_msg("not printed: %s\nbut: %s", text, test->printed.bytes);
    }
}

static void assert_runs(struct test *test, const struct verb *verb, const char *const *options)
{
    struct error error = { 0 };
    if (run(test, verb, test->path, options, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

static void replay_reaches_the_recorded_hash(void **state)
{
    struct test *test = *state;
    char hash[64];
    snprintf(hash, sizeof hash, "\"state_hash\": \"%016llx\"", (unsigned long long)engine_state_hash(test->engine));
    static const char *const verify[] = { "--verify", "", NULL };
    static const char *const both[] = { "--verify", "", "--from-snapshot", "", NULL };
    assert_runs(test, &verb_replay, NULL);
    assert_printed(test, hash);
    assert_printed(test, "\"equal\": true");
    assert_printed(test, "\"entries\": 108,");
    assert_printed(test, "\"decided_again\": 0");
    assert_runs(test, &verb_replay, verify);
    assert_printed(test, hash);
    assert_printed(test, "\"decided_again\": 108");
    assert_printed(test, "\"policy\": \"nearest\"");
    assert_runs(test, &verb_replay, both);
    assert_printed(test, hash);
    assert_printed(test, "\"equal\": true");
    assert_printed(test, "\"from_snapshot\": 63");
    assert_printed(test, "\"last_sequence\": 108");
}

static void verify_describes_a_sound_journal(void **state)
{
    struct test *test = *state;
    assert_runs(test, &verb_journal_verify, NULL);
    assert_printed(test, "\"sound\": true");
    assert_printed(test, "\"entries\": 108");
    assert_printed(test, "\"closed_cleanly\": true");
    assert_printed(test, "\"created_by\": \"replay_test\"");
}

static void show_prints_lines(void **state)
{
    struct test *test = *state;
    static const char *const some[] = { "--from", "2", "--count", "1", NULL };
    static const char *const none[] = { "--count", "0", NULL };
    assert_runs(test, &verb_journal_show, some);
    assert_string_equal(
        test->printed.bytes,
        "{\"sequence\":2,\"time\":\"1970-01-01T00:00:02.000Z\",\"entered_at\":2000000,\"actor_kind\":\"admin\",\"actor\":0,"
        "\"occurred_at\":null,\"command\":{\"command\":\"post_add\",\"point\":[0.1,0.2],\"external\":0},\"events\":[{\"event\":"
        "\"post_added\",\"point\":[0.1,0.2],\"post\":1,\"external\":0}]}\n");
    assert_runs(test, &verb_journal_show, none);
    assert_int_equal(test->printed.length, 0);
    assert_runs(test, &verb_journal_show, NULL);
    int lines = 0;
    for (size_t i = 0; i < test->printed.length; i++) {
        lines += test->printed.bytes[i] == '\n';
    }
    assert_int_equal(lines, 108);
}

/* Copies entries, changes one event of the entry at forge_at, and makes checksum and chain right again. */
struct forger {
    struct journal target;
    uint64_t forge_at;
};

static enum status forge(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct forger *forger = visitor;
    static uint64_t words[1 << 16];
    assert_true(entry->size <= sizeof words);
    memcpy(words, entry, entry->size);
    struct entry_head *copy = (struct entry_head *)words;
    if (copy->sequence == forger->forge_at) {
        struct event_post_added *event = (struct event_post_added *)(uintptr_t)entry_first_event(copy);
        assert_int_equal(event->head.kind, EVENT_POST_ADDED);
        event->external = 666;
        entry_seal(copy);
    }
    return forger->target.append(forger->target.context, copy, error);
}

/* The newest snapshot of source into target, as one of a program that numbers its layouts so many further. */
static void copy_snapshot(const struct journal *source, const struct journal *target, uint64_t further)
{
    void *bytes = NULL;
    size_t size = 0;
    uint64_t sequence = 0;
    struct error error = { 0 };
    assert_int_equal(source->snapshot_read(source->context, &sequence, &bytes, &size, &error), STATUS_OK);
    assert_true(size > sizeof(struct core_head));
    ((struct core_head *)bytes)->layout += further;
    assert_int_equal(target->snapshot_write(target->context, sequence, bytes, size, &error), STATUS_OK);
    free(bytes);
}

static void a_forged_decision_is_found(void **state)
{
    struct test *test = *state;
    struct error error = { 0 };
    char path[320];
    snprintf(path, sizeof path, "%s/forged.db", test->folder);
    struct journal source = open_journal(test->path, JOURNAL_READ);
    struct forger forger = { .target = open_journal(path, JOURNAL_CREATE), .forge_at = 2 };
    assert_int_equal(source.read(source.context, 1, forge, &forger, &error), STATUS_OK);
    copy_snapshot(&source, &forger.target, 0);
    source.close(source.context);
    assert_int_equal(journal_sqlite_set_final(&forger.target, engine_state_hash(test->engine), &error), STATUS_OK);
    forger.target.close(forger.target.context);

    static const char *const verify[] = { "--verify", "", NULL };
    assert_int_equal(run(test, &verb_journal_verify, path, NULL, &error), STATUS_OK); /* the chain alone was made anew */
    assert_int_equal(run(test, &verb_replay, path, NULL, &error), STATUS_CORRUPT);
    assert_printed(test, "\"equal\": false");
    assert_non_null(strstr(error.text, "after entry 108 the state is not what it was"));
    assert_int_equal(run(test, &verb_replay, path, verify, &error), STATUS_CORRUPT);
    assert_non_null(strstr(error.text, "entry 2 (post_add) is not what this program decides under policy nearest"));
    assert_printed(test, "\"journal\": {");
    assert_printed(test, "\"external\": 666");
    assert_printed(test, "\"decided_again\": {");
}

static enum status copy_entry(void *visitor, const struct entry_head *entry, struct error *error)
{
    const struct journal *target = visitor;
    return target->append(target->context, entry, error);
}

/* Sound, and closed by a program whose state is laid out otherwise, so that its hash is another one: nothing is said of it. */
static void a_hash_of_another_layout_is_not_compared(void **state)
{
    struct test *test = *state;
    struct error error = { 0 };
    char path[320], recorded[64];
    snprintf(path, sizeof path, "%s/older.db", test->folder);
    struct journal source = open_journal(test->path, JOURNAL_READ);
    struct journal target = open_journal(path, JOURNAL_CREATE);
    assert_int_equal(source.read(source.context, 1, copy_entry, &target, &error), STATUS_OK);
    copy_snapshot(&source, &target, 1);
    source.close(source.context);
    uint64_t theirs = engine_state_hash(test->engine) + 1;
    assert_int_equal(journal_sqlite_set_final(&target, theirs, &error), STATUS_OK);
    target.close(target.context);
    static const char *const verify[] = { "--verify", "", NULL };
    snprintf(recorded, sizeof recorded, "\"recorded_hash\": \"%016llx\"", (unsigned long long)theirs);
    assert_int_equal(run(test, &verb_replay, path, verify, &error), STATUS_OK);
    assert_printed(test, recorded);
    assert_printed(test, "\"equal\": null");
    assert_printed(test, "\"decided_again\": 108");
}

/* The journal of the file, with its snapshot, into the server's schema "mingdi". */
static void copy_to(const struct test *test, const char *url)
{
    struct store store;
    struct journal target;
    struct error error = { 0 };
    const struct journal_options options = { .limits = &LIMITS, .policy = "nearest", .created_by = "replay_test" };
    assert_int_equal(store_parse(NULL, url, false, &store, &error), STATUS_OK);
    assert_int_equal(store_journal_open(&store, JOURNAL_CREATE, &options, &target, &error), STATUS_OK);
    struct journal source = open_journal(test->path, JOURNAL_READ);
    assert_int_equal(source.read(source.context, 1, copy_entry, &target, &error), STATUS_OK);
    copy_snapshot(&source, &target, 0);
    assert_int_equal(store_journal_set_final(&target, engine_state_hash(test->engine), &error), STATUS_OK);
    source.close(source.context);
    target.close(target.context);
}

/* What a verb prints of the URL is what it prints of the file, up to a line that may differ. */
static void assert_prints_alike(struct test *test, const struct verb *verb, const char *url, const char *const *options,
                                const char *until)
{
    struct error error = { 0 };
    assert_runs(test, verb, options);
    const char *end = strstr(test->printed.bytes, until);
    assert_non_null(end);
    char *first = strndup(test->printed.bytes, (size_t)(end - test->printed.bytes));
    if (run(test, verb, url, options, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(strncmp(test->printed.bytes, first, strlen(first)), 0);
    free(first);
}

static void a_journal_in_postgres_is_the_same(void **state)
{
    struct test *test = *state;
    struct postgres_server server;
    struct error error = { 0 };
    if (!postgres_server_start(&server)) {
        printf("skipped: there are no binaries of PostgreSQL 15\n");
        skip();
    }
    static const char *const verify[] = { "--verify", "", NULL };
    static const char *const from_snapshot[] = { "--from-snapshot", "", NULL };
    copy_to(test, server.url);
    assert_prints_alike(test, &verb_journal_verify, server.url, NULL, "  \"groups\"");
    assert_prints_alike(test, &verb_journal_show, server.url, NULL, "{\"sequence\":108");
    assert_prints_alike(test, &verb_replay, server.url, verify, "  \"seconds\"");
    assert_prints_alike(test, &verb_replay, server.url, from_snapshot, "  \"seconds\"");
    postgres_server_sql(&server,
                        "UPDATE mingdi.journal_group SET entries = set_byte(entries, 60, get_byte(entries, 60) # 1)"
                        " WHERE first_sequence = 1",
                        NULL, 0);
    assert_int_equal(run(test, &verb_journal_verify, server.url, NULL, &error), STATUS_CORRUPT);
    assert_non_null(strstr(error.text, "entry 1 (row 1 of journal_group)"));
    postgres_server_stop(&server);
}

static void an_unknown_policy_is_a_usage_error(void **state)
{
    struct test *test = *state;
    struct error error = { 0 };
    static const char *const unknown[] = { "--policy", "oracle", NULL };
    assert_int_equal(run(test, &verb_replay, test->path, unknown, &error), STATUS_USAGE);
    assert_string_equal(error.text, "there is no policy 'oracle' in this program; there are: standard, nearest");
}

static void what_is_no_journal_is_refused(void **state)
{
    struct test *test = *state;
    struct error error = { 0 };
    const struct verb *const verbs[] = { &verb_replay, &verb_journal_verify, &verb_journal_show };
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        assert_int_equal(run(test, verbs[i], "/nonexistent/journal.db", NULL, &error), STATUS_NOT_FOUND);
        assert_string_equal(error.text, "/nonexistent/journal.db: there is no such file");
        assert_int_equal(run(test, verbs[i], test->output, NULL, &error), STATUS_BAD_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_reaches_the_recorded_hash),
        cmocka_unit_test(verify_describes_a_sound_journal),
        cmocka_unit_test(show_prints_lines),
        cmocka_unit_test(a_forged_decision_is_found),
        cmocka_unit_test(a_hash_of_another_layout_is_not_compared),
        cmocka_unit_test(a_journal_in_postgres_is_the_same),
        cmocka_unit_test(an_unknown_policy_is_a_usage_error),
        cmocka_unit_test(what_is_no_journal_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
