/* Copies of a journal that is being written: whole, in segments, cut; each against a plain reading of the original. */
#include "store/copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store_test.h"

static const struct journal_sqlite_options CREATE = { .access = JOURNAL_CREATE };
static const struct journal_sqlite_options READ = { .access = JOURNAL_READ };

struct copies {
    struct test_folder from, to;
    struct store store; /* of to */
    char segment[320];
};

static void copies_make(struct copies *copies)
{
    struct error error;
    test_folder_make(&copies->from);
    test_folder_make(&copies->to);
    assert_int_equal(store_parse(copies->to.folder, NULL, false, &copies->store, &error), STATUS_OK);
    snprintf(copies->segment, sizeof copies->segment, "%s/segment.db", copies->from.folder);
}

static void copies_remove(const struct copies *copies)
{
    (void)unlink(copies->segment);
    test_folder_remove(&copies->from);
    test_folder_remove(&copies->to);
}

static void must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fail_msg("%s", error->text);
    }
}

/* Groups of ten. */
static void write_groups(const struct journal *journal, uint64_t from, uint64_t to)
{
    for (uint64_t first = from; first <= to; first += 10) {
        test_append(journal, first, first + 9);
        test_commit(journal, first + 9);
    }
}

static uint64_t verified(const char *path, char chain[65])
{
    struct journal_report report;
    struct error error = { 0 };
    struct journal journal = test_open(path, READ);
    must(journal_sqlite_verify(&journal, &report, &error), &error);
    assert_int_equal(test_read(&journal, 1), report.entries);
    memcpy(chain, report.chain, 65);
    journal.close(journal.context);
    return report.last_sequence;
}

/* What is in the writer's log (-wal) is part of the copy, which is one file; and the writer goes on. */
static void whole_while_it_is_written(void **state)
{
    (void)state;
    struct copies copies;
    struct error error;
    char chain[65], copied[65], hash[COPY_HASH_TEXT];
    copies_make(&copies);
    struct journal journal = test_open(copies.from.path, CREATE);
    write_groups(&journal, 1, 50);
    test_append(&journal, 51, 55); /* not committed: not there */
    must(copy_database(copies.from.path, copies.to.path, &error), &error);
    assert_int_equal(verified(copies.to.path, copied), 50);
    assert_int_equal(verified(copies.from.path, chain), 50);
    assert_string_equal(chain, copied);
    must(copy_group_hash(&copies.store, 50, hash, &error), &error);
    assert_string_equal(hash, chain);
    assert_int_equal(copy_group_hash(&copies.store, 45, hash, &error), STATUS_NOT_FOUND);
    test_commit(&journal, 55);
    assert_int_equal(copy_database(copies.from.path, copies.to.path, &error), STATUS_IO); /* is there already */
    assert_int_equal(verified(copies.to.path, copied), 50);
    journal.close(journal.context);
    copies_remove(&copies);
}

static void what_came_since_is_added(void **state)
{
    (void)state;
    struct copies copies;
    struct error error;
    char chain[65], copied[65];
    copies_make(&copies);
    struct journal journal = test_open(copies.from.path, CREATE);
    write_groups(&journal, 1, 30);
    must(copy_database(copies.from.path, copies.to.path, &error), &error);
    write_groups(&journal, 31, 80);
    must(copy_groups_out(copies.from.path, 30, 60, copies.segment, &error), &error);
    must(copy_groups_in(copies.segment, copies.to.path, &error), &error);
    assert_int_equal(verified(copies.to.path, copied), 60);
    assert_int_equal(copy_groups_in(copies.segment, copies.to.path, &error), STATUS_CORRUPT); /* twice */
    assert_int_equal(verified(copies.to.path, copied), 60);
    assert_int_equal(unlink(copies.segment), 0);
    must(copy_groups_out(copies.from.path, 60, 80, copies.segment, &error), &error);
    must(copy_groups_in(copies.segment, copies.to.path, &error), &error);
    assert_int_equal(verified(copies.to.path, copied), 80);
    assert_int_equal(verified(copies.from.path, chain), 80);
    assert_string_equal(chain, copied);
    journal.close(journal.context);
    copies_remove(&copies);
}

/* A group stays whole or goes; with it go snapshots of what is gone and the mark of a clean close. */
static void cut_at_the_end_of_a_group(void **state)
{
    (void)state;
    static const uint64_t cuts[][2] = { { 200, 60 }, { 60, 60 }, { 59, 50 }, { 41, 40 }, { 40, 40 }, { 10, 10 } };
    struct copies copies;
    struct error error;
    uint64_t kept = 0;
    char chain[65], hash[COPY_HASH_TEXT];
    copies_make(&copies);
    struct journal journal = test_open(copies.to.path, CREATE);
    write_groups(&journal, 1, 60);
    must(journal.snapshot_write(journal.context, 20, "twenty", 6, &error), &error);
    must(journal.snapshot_write(journal.context, 45, "fortyfive", 9, &error), &error);
    must(journal_sqlite_set_final(&journal, 1234, &error), &error);
    journal.close(journal.context);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        must(copy_cut(&copies.store, cuts[i][0], &kept, &error), &error);
        assert_int_equal(kept, cuts[i][1]);
        assert_int_equal(verified(copies.to.path, chain), kept);
        must(copy_group_hash(&copies.store, kept, hash, &error), &error);
        assert_string_equal(hash, chain);
    }
    assert_int_equal(copy_cut(&copies.store, 9, &kept, &error), STATUS_BAD_INPUT);
    copies_remove(&copies);
}

static void what_is_no_database_is_named(void **state)
{
    (void)state;
    struct copies copies;
    struct error error;
    copies_make(&copies);
    assert_int_equal(copy_database(copies.from.path, copies.to.path, &error), STATUS_NOT_FOUND);
    assert_false(file_exists(copies.to.path));
    must(file_write_whole(copies.from.path, "no database of SQLite's, but long enough to be looked at", 56, &error), &error);
    assert_int_equal(copy_database(copies.from.path, copies.to.path, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, copies.from.path));
    assert_false(file_exists(copies.to.path));
    assert_int_equal(copy_groups_out(copies.from.path, 0, 9, copies.segment, &error), STATUS_BAD_INPUT);
    assert_false(file_exists(copies.segment));
    copies_remove(&copies);
}

/* sha256sum of "abc", FIPS 180-4. */
static void sums_are_those_of_the_standard(void **state)
{
    (void)state;
    struct copies copies;
    struct error error;
    uint64_t bytes = 0;
    char hash[COPY_HASH_TEXT];
    copies_make(&copies);
    must(file_write_whole(copies.from.path, "abc", 3, &error), &error);
    must(copy_digest(copies.from.path, hash, &bytes, &error), &error);
    assert_int_equal(bytes, 3);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    copies_remove(&copies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_while_it_is_written),      cmocka_unit_test(what_came_since_is_added),
        cmocka_unit_test(cut_at_the_end_of_a_group),      cmocka_unit_test(what_is_no_database_is_named),
        cmocka_unit_test(sums_are_those_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
