/* Personal data: comes back as it was, from nowhere but the right row with the right key; and once erased it is nowhere in
 * the files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/file.h"
#include "host/personal.h"
#include "host/test_tables.h"

static const unsigned char MASTER[32] = "a key for this test and no other";

struct fixture {
    struct test_tables tables;
    struct workers *clerk;
    struct personal *personal;
};

static int make(void **state)
{
    static struct fixture fixture;
    struct error error = { 0 };
    test_tables_make(&fixture.tables);
    fixture.clerk = test_workers("clerk", 1);
    if (personal_create(fixture.tables.sql, fixture.clerk, MASTER, &fixture.personal, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    workers_destroy(fixture->clerk);
    personal_destroy(fixture->personal);
    test_tables_remove(&fixture->tables);
    return 0;
}

struct told {
    bool done;
    enum status status;
    uint64_t reference;
    struct personal_data data;
    uint64_t earlier[PERSONAL_EARLIER_MAX];
    uint32_t earlier_count;
};

static void tell(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    struct told *told = context;
    assert_false(told->done);
    told->status = status;
    told->reference = reference;
    told->data = *data;
    told->done = true;
}

static void tell_earlier(void *context, const uint64_t *references, uint32_t count)
{
    struct told *told = context;
    assert_true(count <= PERSONAL_EARLIER_MAX);
    memcpy(told->earlier, references, count * sizeof *references);
    told->earlier_count = count;
    told->done = true;
}

static uint64_t store(struct fixture *fixture, const struct personal_data *data)
{
    struct told told = { 0 };
    personal_store(fixture->personal, data, tell, &told);
    test_wait(&fixture->clerk, 1, &told.done);
    assert_int_equal(told.status, STATUS_OK);
    assert_int_not_equal(told.reference, 0);
    assert_true(told.reference <= INT64_MAX);
    return told.reference;
}

static struct told read_it(struct fixture *fixture, uint64_t reference)
{
    struct told told = { 0 };
    personal_read(fixture->personal, reference, tell, &told);
    test_wait(&fixture->clerk, 1, &told.done);
    return told;
}

static enum status erase(struct fixture *fixture, const uint64_t *references, uint32_t count)
{
    struct told told = { 0 };
    personal_erase(fixture->personal, references, count, tell, &told);
    test_wait(&fixture->clerk, 1, &told.done);
    return told.status;
}

static struct told earlier(struct fixture *fixture, const char *number)
{
    struct told told = { 0 };
    personal_earlier(fixture->personal, number, tell_earlier, &told);
    test_wait(&fixture->clerk, 1, &told.done);
    return told;
}

static const struct personal_data LI = {
    .number = "+86 138-0013-8000", .name = "李 Unforgettable", .home = "Kungsgatan 7, Rememberingham", .remarks = "door code 4711"
};

static void comes_back_as_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct personal_data full;
    memset(&full, 'x', sizeof full);
    full.number[sizeof full.number - 1] = full.name[PERSONAL_TEXT_MAX - 1] = full.home[PERSONAL_TEXT_MAX - 1] =
        full.remarks[PERSONAL_TEXT_MAX - 1] = '\0';
    const struct personal_data empty = { .number = "" };
    uint64_t references[] = { store(fixture, &LI), store(fixture, &full), store(fixture, &empty) };
    const struct personal_data *all[] = { &LI, &full, &empty };
    for (int i = 0; i < 3; i++) {
        struct told told = read_it(fixture, references[i]);
        assert_int_equal(told.status, STATUS_OK);
        assert_string_equal(told.data.number, all[i]->number);
        assert_string_equal(told.data.name, all[i]->name);
        assert_string_equal(told.data.home, all[i]->home);
        assert_string_equal(told.data.remarks, all[i]->remarks);
    }
    assert_int_equal(read_it(fixture, 12345).status, STATUS_NOT_FOUND);
    assert_int_equal(read_it(fixture, 0).status, STATUS_NOT_FOUND);
}

static void amended(void **state)
{
    struct fixture *fixture = *state;
    uint64_t reference = store(fixture, &LI);
    struct personal_data other = { .number = "0701234567", .name = "Other" };
    struct told told = { 0 };
    personal_amend(fixture->personal, reference, &other, tell, &told);
    test_wait(&fixture->clerk, 1, &told.done);
    assert_int_equal(told.status, STATUS_OK);
    told = read_it(fixture, reference);
    assert_string_equal(told.data.name, "Other");
    assert_string_equal(told.data.home, "");
    assert_int_equal(earlier(fixture, LI.number).earlier_count, 0);
    assert_int_equal(earlier(fixture, "0701234567").earlier_count, 1);
    told = (struct told){ 0 };
    personal_amend(fixture->personal, 0, &other, tell, &told);
    test_wait(&fixture->clerk, 1, &told.done);
    assert_int_equal(told.status, STATUS_NOT_FOUND);
}

/* The tables show nothing: no text, and no lengths but in steps of 64. */
static void lengths_are_hidden(void **state)
{
    struct fixture *fixture = *state;
    struct personal_data data = { .number = "1" };
    for (int i = 0; i < 40; i++) {
        data.name[i] = 'n';
        (void)store(fixture, &data);
    }
    assert_int_equal(test_int(fixture->tables.sql, "SELECT count(DISTINCT length(box)) FROM personal WHERE reference <> 0"), 1);
    assert_int_equal(test_int(fixture->tables.sql, "SELECT max(length(box) - 16) % 64 FROM personal WHERE reference <> 0"), 0);
}

static void boxes_belong_to_their_rows(void **state)
{
    struct fixture *fixture = *state;
    const struct personal_data other = { .name = "Other" };
    uint64_t first = store(fixture, &LI), second = store(fixture, &other);
    char text[400];
    snprintf(text, sizeof text,
             "UPDATE personal SET key_wrapped = (SELECT p.key_wrapped FROM personal p WHERE p.reference = %lld), nonce = (SELECT "
             "p.nonce"
             " FROM personal p WHERE p.reference = %lld), box = (SELECT p.box FROM personal p WHERE p.reference = %lld)"
             " WHERE reference = %lld",
             (long long)first, (long long)first, (long long)first, (long long)second);
    test_run(fixture->tables.sql, text);
    assert_int_equal(read_it(fixture, second).status, STATUS_CORRUPT);
    assert_string_equal(read_it(fixture, second).data.name, "");
    assert_int_equal(read_it(fixture, first).status, STATUS_OK);
    test_run(fixture->tables.sql, "UPDATE personal SET box = substr(box, 1, length(box) - 1)");
    assert_int_equal(read_it(fixture, first).status, STATUS_CORRUPT);
}

static void earlier_calls_of_a_number(void **state)
{
    struct fixture *fixture = *state;
    struct personal_data data = LI;
    static const char *const same[] = { "+8613800138000", "008613800138000", "+86 (138) 0013 8000" };
    uint64_t first = store(fixture, &data);
    for (int i = 0; i < 3; i++) {
        snprintf(data.number, sizeof data.number, "%s", same[i]);
        (void)store(fixture, &data);
    }
    snprintf(data.number, sizeof data.number, "13800138000"); /* of which country is not known */
    (void)store(fixture, &data);
    struct told told = earlier(fixture, "+8613800138000");
    assert_int_equal(told.earlier_count, 4);
    assert_int_equal(told.earlier[3], first);
    assert_int_equal(earlier(fixture, "13800138000").earlier_count, 1);
    assert_int_equal(earlier(fixture, "+8613800138001").earlier_count, 0);
    assert_int_equal(earlier(fixture, "").earlier_count, 0);
    assert_int_equal(earlier(fixture, "withheld").earlier_count, 0);
    for (int i = 0; i < PERSONAL_EARLIER_MAX + 5; i++) {
        (void)store(fixture, &LI);
    }
    assert_int_equal(earlier(fixture, LI.number).earlier_count, PERSONAL_EARLIER_MAX);
}

/* ---- erasing ---- */

struct bytes {
    unsigned char key[64], box[512], index[64];
    size_t key_size, box_size, index_size;
};

static enum status take_bytes(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct bytes *bytes = context;
    memcpy(bytes->key, sql_row_blob(row, 0, &bytes->key_size), 48);
    const void *box = sql_row_blob(row, 1, &bytes->box_size);
    assert_true(bytes->box_size <= sizeof bytes->box);
    memcpy(bytes->box, box, bytes->box_size);
    memcpy(bytes->index, sql_row_blob(row, 2, &bytes->index_size), 32);
    return STATUS_OK;
}

/* In how many files of the folder the bytes stand. */
static int files_with(const char *folder, const void *bytes, size_t size)
{
    DIR *files = opendir(folder);
    int found = 0, looked = 0;
    for (const struct dirent *entry; (entry = readdir(files)) != NULL;) {
        struct file_view view;
        struct error error = { 0 };
        char *path = file_join(folder, entry->d_name);
        if (entry->d_name[0] != '.' && strstr(entry->d_name, "centre.db") != NULL) {
            assert_int_equal(file_view_open(&view, path, &error), STATUS_OK);
            found += memmem(view.bytes, view.size, bytes, size) != NULL;
            looked += 1;
            file_view_close(&view);
        }
        free(path);
    }
    closedir(files);
    assert_true(looked > 0);
    return found;
}

static void take_row(struct fixture *fixture, uint64_t reference, struct bytes *bytes)
{
    struct error error = { 0 };
    assert_int_equal(sql_query(fixture->tables.sql, "SELECT key_wrapped, box, number_index FROM personal WHERE reference = $1",
                               SQL_PARAMETERS(sql_int((int64_t)reference)), take_bytes, bytes, NULL, &error),
                     STATUS_OK);
    assert_int_equal(bytes->key_size, 48);
    assert_int_equal(bytes->index_size, 32);
}

static void expect_gone(const struct fixture *fixture, const struct bytes *bytes)
{
    const char *folder = fixture->tables.store.folder;
    assert_int_equal(files_with(folder, bytes->key, 16), 0);
    assert_int_equal(files_with(folder, bytes->box, 16), 0);
    assert_int_equal(files_with(folder, bytes->box + 64, 16), 0);
    assert_int_equal(files_with(folder, bytes->index, 16), 0);
}

static void erased_is_nowhere(void **state)
{
    struct fixture *fixture = *state;
    const char *folder = fixture->tables.store.folder;
    struct bytes erased, kept;
    uint64_t references[40];
    if (!test_tables_are_files(&fixture->tables)) {
        skip();
    }
    struct personal_data data = LI;
    for (int i = 0; i < 40; i++) {
        snprintf(data.number, sizeof data.number, "+86138001380%02d", i);
        references[i] = store(fixture, &data);
    }
    take_row(fixture, references[17], &erased);
    take_row(fixture, references[18], &kept);
    assert_true(files_with(folder, erased.box, 16) > 0); /* the search finds what is there */
    assert_true(files_with(folder, erased.key, 16) > 0);
    assert_int_equal(erase(fixture, &references[17], 1), STATUS_OK);
    expect_gone(fixture, &erased);
    assert_true(files_with(folder, kept.box, 16) > 0);
    assert_int_equal(files_with(folder, "Rememberingham", 14), 0); /* never was there in plain */
    assert_int_equal(read_it(fixture, references[17]).status, STATUS_NOT_FOUND);
    assert_int_equal(read_it(fixture, references[18]).status, STATUS_OK);
    assert_int_equal(erase(fixture, &references[17], 1), STATUS_NOT_FOUND);
    assert_int_equal(test_int(fixture->tables.sql, "SELECT count(*) FROM personal WHERE erased_at IS NOT NULL"), 1);
}

static void erased_by_incident_and_by_age(void **state)
{
    struct fixture *fixture = *state;
    struct told told = { 0 };
    struct error error = { 0 };
    struct bytes bytes;
    uint64_t references[3], erased = 99;
    for (int i = 0; i < 3; i++) {
        references[i] = store(fixture, &LI);
        personal_attach(fixture->personal, references[i], (uint32_t)i + 1, i < 2 ? 7 : 0);
    }
    personal_attach(fixture->personal, references[0], 1, 0); /* 0 takes no incident away */
    personal_erase_incident(fixture->personal, 7, tell, &told);
    test_wait(&fixture->clerk, 1, &told.done);
    assert_int_equal(told.status, STATUS_OK);
    assert_int_equal(read_it(fixture, references[0]).status, STATUS_NOT_FOUND);
    assert_int_equal(read_it(fixture, references[1]).status, STATUS_NOT_FOUND);
    assert_int_equal(read_it(fixture, references[2]).status, STATUS_OK);
    told = (struct told){ 0 };
    personal_erase_incident(fixture->personal, 8, tell, &told);
    test_wait(&fixture->clerk, 1, &told.done);
    assert_int_equal(told.status, STATUS_NOT_FOUND);
    take_row(fixture, references[2], &bytes);
    int64_t created = test_int(fixture->tables.sql, "SELECT max(created_at) FROM personal");
    assert_int_equal(personal_erase_older(fixture->tables.sql, (struct instant){ created }, &erased, &error), STATUS_OK);
    assert_int_equal(erased, 0);
    assert_int_equal(personal_erase_older(fixture->tables.sql, (struct instant){ created + 1 }, &erased, &error), STATUS_OK);
    assert_int_equal(erased, 1);
    if (test_tables_are_files(&fixture->tables)) {
        expect_gone(fixture, &bytes);
    }
    /* The check of the master key is no record. */
    assert_int_equal(test_int(fixture->tables.sql, "SELECT count(*) FROM personal WHERE reference = 0 AND box IS NOT NULL"), 1);
}

/* ---- keys ---- */

static void another_key_is_refused(void **state)
{
    struct fixture *fixture = *state;
    unsigned char wrong[32];
    struct personal *second = NULL;
    struct error error = { 0 };
    memcpy(wrong, MASTER, sizeof wrong);
    wrong[31] ^= 1;
    assert_int_equal(personal_create(fixture->tables.sql, fixture->clerk, wrong, &second, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "master key is not the one"));
    assert_null(second);
    uint64_t reference = store(fixture, &LI);
    assert_int_equal(personal_create(fixture->tables.sql, fixture->clerk, MASTER, &second, &error), STATUS_OK);
    personal_destroy(fixture->personal);
    fixture->personal = second;
    assert_int_equal(read_it(fixture, reference).status, STATUS_OK);
}

static void expect_key(const char *path, bool may_create, enum status expected, const char *text)
{
    unsigned char key[32];
    struct error error = { 0 };
    assert_int_equal(master_key_load(path, may_create, key, &error), expected);
    if (strstr(error.text, text) == NULL) {
        fail_msg("'%s' is not in: %s", text, error.text);
    }
}

static void the_file_of_the_key(void **state)
{
    struct fixture *fixture = *state;
    char *path = file_join(fixture->tables.store.folder, "master.key");
    unsigned char first[32], again[32];
    struct error error = { 0 };
    struct stat facts;
    expect_key(path, false, STATUS_NOT_FOUND, "cannot be read");
    assert_int_equal(master_key_load(path, true, first, &error), STATUS_OK);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(facts.st_size, 65);
    assert_int_equal(master_key_load(path, true, again, &error), STATUS_OK);
    assert_memory_equal(first, again, 32);
    assert_int_equal(chmod(path, 0640), 0);
    expect_key(path, true, STATUS_BAD_INPUT, "chmod 600");
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 63), 0);
    expect_key(path, true, STATUS_BAD_INPUT, "64 hexadecimal digits");
    assert_int_equal(unlink(path), 0);
    expect_key(fixture->tables.store.folder, true, STATUS_BAD_INPUT, "ordinary file");
    free(path);
}

static void nothing_is_lost_when_the_store_fails(void **state)
{
    struct fixture *fixture = *state;
    struct told told = { 0 };
    test_run(fixture->tables.sql, "DROP TABLE personal");
    personal_store(fixture->personal, &LI, tell, &told);
    test_wait(&fixture->clerk, 1, &told.done);
    assert_int_not_equal(told.status, STATUS_OK);
    assert_int_not_equal(read_it(fixture, 1).status, STATUS_OK);
    told = (struct told){ 0 };
    personal_store(fixture->personal, &LI, tell, &told);
    workers_destroy(fixture->clerk); /* dropped or done: told in any case */
    assert_true(told.done && told.status != STATUS_OK);
    fixture->clerk = test_workers("clerk", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_back_as_it_was, make, end),
        cmocka_unit_test_setup_teardown(amended, make, end),
        cmocka_unit_test_setup_teardown(lengths_are_hidden, make, end),
        cmocka_unit_test_setup_teardown(boxes_belong_to_their_rows, make, end),
        cmocka_unit_test_setup_teardown(earlier_calls_of_a_number, make, end),
        cmocka_unit_test_setup_teardown(erased_is_nowhere, make, end),
        cmocka_unit_test_setup_teardown(erased_by_incident_and_by_age, make, end),
        cmocka_unit_test_setup_teardown(another_key_is_refused, make, end),
        cmocka_unit_test_setup_teardown(the_file_of_the_key, make, end),
        cmocka_unit_test_setup_teardown(nothing_is_lost_when_the_store_fails, make, end),
    };
    return test_tables_run(tests, ARRAY_LENGTH(tests));
}
