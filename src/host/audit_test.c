/* The audit trail: a plain second implementation of the chain, and every way of tampering with a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium/crypto_hash_sha256.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "host/audit.h"
#include "host/test_tables.h"

static int make(void **state)
{
    static struct test_tables tables;
    test_tables_make(&tables);
    *state = &tables;
    return 0;
}

static int end(void **state)
{
    test_tables_remove(*state);
    return 0;
}

static void write_row(struct sql *sql, uint32_t actor, const char *what, const char *detail)
{
    struct audit_entry entry = { .actor = actor, .what = what, .subject = "call", .subject_id = UINT64_C(77), .detail = detail };
    struct error error = { 0 };
    if (audit_write_now(sql, &entry, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

static void write_rows(struct sql *sql, int count)
{
    for (int i = 0; i < count; i++) {
        write_row(sql, (uint32_t)i, "caller read", "");
    }
}

static enum status verify(struct sql *sql, uint64_t *rows, char chain[65], struct error *error)
{
    *error = (struct error){ 0 };
    return audit_verify(sql, rows, chain, error);
}

static void expect_broken(struct sql *sql, const char *text)
{
    uint64_t rows;
    char chain[65];
    struct error error;
    assert_int_equal(verify(sql, &rows, chain, &error), STATUS_CORRUPT);
    if (strstr(error.text, text) == NULL) {
        fail_msg("'%s' is not in: %s", text, error.text);
    }
}

/* A text as the chain takes it: its length in eight bytes, and then itself. */
static size_t put_text(unsigned char *out, const char *text, unsigned char length)
{
    out[0] = length;
    memcpy(out + 8, text, length);
    return 8 + (size_t)length;
}

/* The bytes of row 1 put together by hand, with its time read from the table. */
static void the_chain_is_as_documented(void **state)
{
    struct test_tables *tables = *state;
    unsigned char bytes[256] = { 0 }, hash[32];
    char hex[65], chain[65];
    uint64_t rows;
    struct error error;
    write_row(tables->sql, 9, "sign-in", "from x");
    size_t at = 32; /* nothing before: 32 zero bytes */
    bytes[at] = 1;  /* sequence */
    at += 8;
    int64_t time = test_int(tables->sql, "SELECT at FROM audit");
    memcpy(bytes + at, &time, 8);
    at += 8;
    bytes[at] = 1; /* a person */
    bytes[at + 8] = 9;
    at += 16;
    at += put_text(bytes + at, "sign-in", 7);
    at += put_text(bytes + at, "call", 4);
    bytes[at] = 77;
    at += 8;
    at += put_text(bytes + at, "from x", 6);
    crypto_hash_sha256(hash, bytes, at);
    for (int i = 0; i < 32; i++) {
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    }
    assert_int_equal(verify(tables->sql, &rows, chain, &error), STATUS_OK);
    assert_int_equal(rows, 1);
    assert_string_equal(chain, hex);
}

static void an_empty_trail_is_sound(void **state)
{
    struct test_tables *tables = *state;
    uint64_t rows = 5;
    char chain[65];
    struct error error;
    assert_int_equal(verify(tables->sql, &rows, chain, &error), STATUS_OK);
    assert_int_equal(rows, 0);
}

static void the_first_broken_row_is_named(void **state)
{
    struct test_tables *tables = *state;
    static const struct {
        const char *breaks, *mends, *text;
    } cases[] = {
        { "UPDATE audit SET detail = 'x' WHERE sequence = 3", "UPDATE audit SET detail = '' WHERE sequence = 3", "row 3 is not" },
        { "UPDATE audit SET actor = 99 WHERE sequence = 7", "UPDATE audit SET actor = 6 WHERE sequence = 7", "row 7 is not" },
        { "UPDATE audit SET actor_kind = 2 WHERE sequence = 7", "UPDATE audit SET actor_kind = 1 WHERE sequence = 7",
          "row 7 is not" },
        { "UPDATE audit SET at = at + 1 WHERE sequence = 1", "UPDATE audit SET at = at - 1 WHERE sequence = 1", "row 1 is not" },
        { "UPDATE audit SET what = 'caller rea' WHERE sequence = 9", "UPDATE audit SET what = 'caller read' WHERE sequence = 9",
          "row 9 is not" },
        { "UPDATE audit SET subject_kind = 'unit' WHERE sequence = 9",
          "UPDATE audit SET subject_kind = 'call' WHERE sequence = 9", "row 9 is not" },
        { "UPDATE audit SET subject_id = 78 WHERE sequence = 9", "UPDATE audit SET subject_id = 77 WHERE sequence = 9",
          "row 9 is not" },
        { "UPDATE audit SET sequence = 11 WHERE sequence = 10", "UPDATE audit SET sequence = 10 WHERE sequence = 11",
          "row 10 is missing" },
        { "UPDATE audit SET previous = hash WHERE sequence = 4",
          "UPDATE audit SET previous = (SELECT b.hash FROM audit b WHERE b.sequence = 3) WHERE sequence = 4",
          "row 4 does not follow" },
        { "UPDATE audit SET sequence = -6 WHERE sequence = 6", "UPDATE audit SET sequence = 6 WHERE sequence = -6",
          "row 6 is missing" },
        { "UPDATE audit SET sequence = -1 WHERE sequence = 1", "UPDATE audit SET sequence = 1 WHERE sequence = -1",
          "row 1 is missing" },
    };
    write_rows(tables->sql, 10);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        uint64_t rows;
        char chain[65];
        struct error error;
        test_run(tables->sql, cases[i].breaks);
        expect_broken(tables->sql, cases[i].text);
        test_run(tables->sql, cases[i].mends);
        assert_int_equal(verify(tables->sql, &rows, chain, &error), STATUS_OK);
        assert_int_equal(rows, 10);
    }
}

/* Cutting the end off leaves a sound chain, with another last hash: that is what it is printed for. */
static void the_end_is_known_by_its_hash(void **state)
{
    struct test_tables *tables = *state;
    uint64_t rows;
    char whole[65], cut[65];
    struct error error;
    write_rows(tables->sql, 5);
    assert_int_equal(verify(tables->sql, &rows, whole, &error), STATUS_OK);
    test_run(tables->sql, "DELETE FROM audit WHERE sequence = 5");
    assert_int_equal(verify(tables->sql, &rows, cut, &error), STATUS_OK);
    assert_int_equal(rows, 4);
    assert_string_not_equal(whole, cut);
}

/* More rows than one page. */
static void long_trails(void **state)
{
    struct test_tables *tables = *state;
    struct error error = { 0 };
    uint64_t rows;
    char chain[65];
    assert_int_equal(sql_begin(tables->sql, &error), STATUS_OK);
    for (uint32_t i = 0; i < 1001; i++) {
        struct audit_entry entry = { .actor = 1, .what = "caller read", .subject = "call", .subject_id = i, .detail = "" };
        assert_int_equal(audit_append(tables->sql, &entry, &error), STATUS_OK);
    }
    assert_int_equal(sql_commit(tables->sql, &error), STATUS_OK);
    assert_int_equal(verify(tables->sql, &rows, chain, &error), STATUS_OK);
    assert_int_equal(rows, 1001);
    test_run(tables->sql, "UPDATE audit SET subject_id = 0 WHERE sequence = 777");
    expect_broken(tables->sql, "row 777 is not");
}

static json_t *read_page(struct sql *sql, struct audit_page wanted, uint64_t *last)
{
    struct text text;
    struct json json;
    struct error error = { 0 };
    text_init(&text, 1 << 20);
    json_init(&json, &text, 0);
    assert_int_equal(audit_read(sql, wanted, &json, NULL, last, &error), STATUS_OK);
    json_t *page = json_loads(text.bytes, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(page);
    text_free(&text);
    return page;
}

static void reading_page_by_page(void **state)
{
    struct test_tables *tables = *state;
    uint64_t last = 0, seen = 0;
    write_rows(tables->sql, 5);
    do {
        json_t *page = read_page(tables->sql, (struct audit_page){ .from = last, .limit = 2 }, &last);
        for (size_t i = 0; i < json_array_size(page); i++) {
            assert_int_equal(json_integer_value(json_object_get(json_array_get(page, i), "sequence")), ++seen);
            assert_string_equal(json_string_value(json_object_get(json_array_get(page, i), "what")), "caller read");
        }
        json_decref(page);
    } while (last != 0);
    assert_int_equal(seen, 5);
}

static const char *member_of(json_t *page, size_t index, const char *name)
{
    return json_string_value(json_object_get(json_array_get(page, index), name));
}

static void reading_newest_first_with_names(void **state)
{
    struct test_tables *tables = *state;
    uint64_t last = 0;
    long long expected = 5;
    write_rows(tables->sql, 5);
    do {
        json_t *page = read_page(tables->sql, (struct audit_page){ .from = last, .limit = 2, .backward = true }, &last);
        for (size_t i = 0; i < json_array_size(page); i++) {
            assert_int_equal(json_integer_value(json_object_get(json_array_get(page, i), "sequence")), expected--);
        }
        json_decref(page);
    } while (last != 0);
    assert_int_equal(expected, 0);
    test_run(tables->sql, "INSERT INTO person(id, name, display, password_hash, created_at, changed_at)"
                          " VALUES(7, 'li', 'Li Na', '', 0, 0)");
    struct error error = { 0 };
    assert_int_equal(sql_run(tables->sql,
                             "INSERT INTO token(id, token_hash, name, role, scope, created_by, created_at)"
                             " VALUES(3, $1, 'exchange', 'gateway', 'centre', 7, 0)",
                             SQL_PARAMETERS(sql_blob("x", 1)), NULL, &error),
                     STATUS_OK);
    test_run(tables->sql, "INSERT INTO directory(kind, id, code, name) VALUES('unit', 12, 'A-12', 'Ambulance 12')");
    struct audit_entry entry = { .actor = 7, .what = "unit named", .subject = "unit", .subject_id = 12, .detail = "" };
    assert_int_equal(audit_write_now(tables->sql, &entry, &error), STATUS_OK);
    entry = (struct audit_entry){
        .actor = TOKEN_ACTOR_BASE + 3, .machine = true, .what = "sign-out", .subject = "person", .subject_id = 7, .detail = ""
    };
    assert_int_equal(audit_write_now(tables->sql, &entry, &error), STATUS_OK);
    json_t *page = read_page(tables->sql, (struct audit_page){ .limit = 2, .backward = true }, &last);
    assert_string_equal(member_of(page, 0, "actor_name"), "exchange");
    assert_string_equal(member_of(page, 0, "subject_name"), "Li Na");
    assert_string_equal(member_of(page, 1, "actor_name"), "Li Na");
    assert_string_equal(member_of(page, 1, "subject_name"), "A-12");
    json_decref(page);
}

struct told {
    bool done, stored;
};

static void tell(void *context, bool stored)
{
    struct told *told = context;
    assert_false(told->done);
    *told = (struct told){ true, stored };
}

static void written_through_the_clerk(void **state)
{
    struct test_tables *tables = *state;
    struct workers *clerk = test_workers("clerk", 1);
    struct audit *audit;
    struct error error = { 0 };
    struct told told = { 0 };
    char long_detail[AUDIT_DETAIL_MAX * 2];
    memset(long_detail, 'x', sizeof long_detail - 1);
    long_detail[sizeof long_detail - 1] = '\0';
    assert_int_equal(audit_create(tables->sql, clerk, &audit, &error), STATUS_OK);
    struct audit_entry entry = { .actor = 3, .machine = true, .what = "caller read", .subject = "call", .detail = long_detail };
    audit_write(audit, &entry, tell, &told);
    memset(long_detail, 'y', sizeof long_detail - 1); /* the entry was copied */
    test_wait(&clerk, 1, &told.done);
    assert_true(told.stored);
    assert_int_equal(test_int(tables->sql, "SELECT length(detail) FROM audit WHERE detail NOT LIKE '%y%'"), AUDIT_DETAIL_MAX - 1);
    assert_int_equal(test_int(tables->sql, "SELECT actor_kind FROM audit"), 2);
    test_run(tables->sql, "DROP TABLE audit");
    told = (struct told){ 0 };
    audit_write(audit, &entry, tell, &told);
    test_wait(&clerk, 1, &told.done);
    assert_false(told.stored);
    told = (struct told){ 0 };
    audit_write(audit, &entry, tell, &told);
    workers_destroy(clerk);
    assert_true(told.done && !told.stored);
    audit_destroy(audit);
}

/* ---- the beginning is taken away ---- */

static struct instant time_of_row(struct sql *sql, int row)
{
    char text[64];
    snprintf(text, sizeof text, "SELECT at FROM audit WHERE sequence = %d", row);
    return (struct instant){ test_int(sql, text) };
}

static uint64_t rows_of(struct sql *sql)
{
    uint64_t rows = 0;
    char chain[65];
    struct error error;
    if (verify(sql, &rows, chain, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return rows;
}

/* Rows of one moment are as old as each other: so many are before row 11's. */
static void what_is_left_goes_on_from_what_was(void **state)
{
    struct test_tables *tables = *state;
    struct sql *sql = tables->sql;
    struct error error;
    uint64_t removed = 7, counted = 7;
    write_rows(sql, 20);
    assert_int_equal(audit_shorten(sql, time_of_row(sql, 1), &removed, &error), STATUS_OK);
    assert_int_equal(removed, 0);
    assert_int_equal(rows_of(sql), 20);
    struct instant before = time_of_row(sql, 11);
    assert_int_equal(audit_count_older(sql, before, &counted, &error), STATUS_OK);
    assert_int_equal(audit_shorten(sql, before, &removed, &error), STATUS_OK);
    assert_true(removed == counted && removed >= 1 && removed <= 10);
    assert_int_equal(rows_of(sql), 20 - removed + 1);
    assert_int_equal(test_int(sql, "SELECT min(sequence) FROM audit"), removed + 1);
    write_rows(sql, 5);
    assert_int_equal(rows_of(sql), 26 - removed);
    /* Again, beyond the row that told of the first time; the newest stays whatever its age. */
    assert_int_equal(audit_shorten(sql, INSTANT_NEVER, &removed, &error), STATUS_OK);
    assert_int_equal(rows_of(sql), 2);
    assert_int_equal(audit_shorten(sql, INSTANT_NEVER, &removed, &error), STATUS_OK);
    assert_int_equal(removed, 1);
    assert_int_equal(rows_of(sql), 2);
}

static void nobody_else_takes_rows_away(void **state)
{
    struct test_tables *tables = *state;
    struct sql *sql = tables->sql;
    struct error error;
    uint64_t removed = 0;
    char text[128];
    write_rows(sql, 9);
    assert_int_equal(audit_shorten(sql, time_of_row(sql, 9), &removed, &error), STATUS_OK);
    assert_true(removed >= 1);
    write_rows(sql, 3);
    snprintf(text, sizeof text, "DELETE FROM audit WHERE sequence = %d", (int)removed + 1);
    assert_int_equal(sql_run(sql, text, SQL_NO_PARAMETERS, NULL, &error), STATUS_OK);
    snprintf(text, sizeof text, "row %d is missing", (int)removed + 1);
    expect_broken(sql, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_chain_is_as_documented, make, end),
        cmocka_unit_test_setup_teardown(an_empty_trail_is_sound, make, end),
        cmocka_unit_test_setup_teardown(the_first_broken_row_is_named, make, end),
        cmocka_unit_test_setup_teardown(the_end_is_known_by_its_hash, make, end),
        cmocka_unit_test_setup_teardown(long_trails, make, end),
        cmocka_unit_test_setup_teardown(reading_newest_first_with_names, make, end),
        cmocka_unit_test_setup_teardown(reading_page_by_page, make, end),
        cmocka_unit_test_setup_teardown(written_through_the_clerk, make, end),
        cmocka_unit_test_setup_teardown(what_is_left_goes_on_from_what_was, make, end),
        cmocka_unit_test_setup_teardown(nobody_else_takes_rows_away, make, end),
    };
    return test_tables_run(tests, ARRAY_LENGTH(tests));
}
