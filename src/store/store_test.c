/* Where a centre lives: names taken apart, folders made, drills kept apart; journals by the name of a file or a folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/interrupt.h"
#include "store/store.h"
#include "store/store_test.h"

static void urls_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool drill;
        const char *libpq, *schema, *shown;
    } cases[] = {
        { "postgres://h/d", false, "postgres://h/d", "mingdi", "postgres://h/d" },
        { "postgres://h/d", true, "postgres://h/d", "mingdi_drill", "postgres://h/d" },
        { "postgresql://u:secret@h:5433/d?sslmode=require", false, "postgresql://u:secret@h:5433/d?sslmode=require", "mingdi",
          "postgres://u@h:5433/d" },
        { "postgres://u@h1:1,h2:2/d?schema=a_1&sslmode=require", false, "postgres://u@h1:1,h2:2/d?sslmode=require", "a_1",
          "postgres://u@h1:1,h2:2/d" },
        { "postgres://h/d?a=b&schema=x&c=d", true, "postgres://h/d?a=b&c=d", "x_drill", "postgres://h/d" },
        { "postgres:///d?host=%2Ftmp&password=secret&schema=y", false, "postgres:///d?host=%2Ftmp&password=secret", "y",
          "postgres:///d" },
        { "postgres://u:sec@ret@h/d", false, "postgres://u:sec@ret@h/d", "mingdi", "postgres://u@h/d" },
        { "postgres://u:secret@h?dbname=d", false, "postgres://u:secret@h?dbname=d", "mingdi", "postgres://u@h" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct store store;
        struct error error;
        assert_int_equal(store_parse(NULL, cases[i].url, cases[i].drill, &store, &error), STATUS_OK);
        assert_string_equal(store.url, cases[i].libpq);
        assert_string_equal(store.schema, cases[i].schema);
        assert_string_equal(store.shown, cases[i].shown);
        assert_int_equal(store.kind, STORE_POSTGRES);
        assert_int_equal(store.drill, cases[i].drill);
    }
}

static void what_is_no_store_is_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "mysql://h/d",
        "/var/lib/x",
        "",
        "postgres:/h/d",
        "postgres://u:secret@h/d?schema=",
        "postgres://u:secret@h/d?schema=A",
        "postgres://u:secret@h/d?schema=a\"; DROP TABLE x; --",
        "postgres://u:secret@h/d?schema=1a",
        "postgres://u:secret@h/d?schema=pg_x",
        "postgres://u:secret@h/d?schema=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    };
    struct store store;
    struct error error;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        assert_int_equal(store_parse(NULL, urls[i], false, &store, &error), STATUS_USAGE);
        assert_null(strstr(error.text, "secret"));
    }
    char long_url[3000] = "postgres://u:secret@h/";
    memset(long_url + strlen(long_url), 'a', sizeof long_url - strlen(long_url) - 1);
    long_url[sizeof long_url - 1] = '\0';
    assert_int_equal(store_parse(NULL, long_url, false, &store, &error), STATUS_USAGE);
    assert_int_equal(store_parse(long_url, NULL, false, &store, &error), STATUS_USAGE);
    assert_int_equal(store_parse("", NULL, false, &store, &error), STATUS_USAGE);
    assert_int_equal(store_parse(NULL, NULL, false, &store, &error), STATUS_USAGE);
}

static void folders_are_named(void **state)
{
    (void)state;
    struct store store;
    struct error error;
    assert_int_equal(store_parse("/a/b//", NULL, false, &store, &error), STATUS_OK);
    assert_string_equal(store.folder, "/a/b");
    assert_int_equal(store_parse("/a/b", NULL, true, &store, &error), STATUS_OK);
    assert_string_equal(store.folder, "/a/b/drill");
    assert_int_equal(store_parse("/a", "postgres://h/d", false, &store, &error), STATUS_OK);
    assert_string_equal(store.folder, "/a");
    assert_int_equal(store.kind, STORE_POSTGRES);
}

/* No password of a wrong URL, nor of a server that is not there, comes into a message. */
static void passwords_are_not_told(void **state)
{
    (void)state;
    static const char *const urls[] = { "postgres://u:hidden@127.0.0.1:1/d", "postgres://u:hidden@127.0.0.1:1/d?nonsense=hidden",
                                        "postgres://u:hidden%@127.0.0.1:1/d" };
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct store store;
        struct error error;
        struct sql *sql = NULL;
        assert_int_equal(store_parse(NULL, urls[i], false, &store, &error), STATUS_OK);
        assert_int_not_equal(sql_open(&store, SQL_CENTRE, true, &sql, &error), STATUS_OK);
        assert_null(strstr(error.text, "hidden"));
        assert_non_null(strstr(error.text, "127.0.0.1"));
    }
}

static void a_folder_holds_a_centre_and_its_drill(void **state)
{
    (void)state;
    struct error error = { 0 };
    struct test_folder test = { .folder = "" };
    struct store store;
    struct journal journal;
    struct stat facts;
    char folder[300];
    test_folder_make(&test);
    snprintf(folder, sizeof folder, "%s/new", test.folder);
    for (int drill = 0; drill <= 1; drill++) {
        assert_int_equal(store_parse(folder, NULL, drill != 0, &store, &error), STATUS_OK);
        assert_int_equal(store_journal_open(&store, JOURNAL_WRITE_OR_CREATE, NULL, &journal, &error), STATUS_OK);
        test_append(&journal, 1, 3);
        test_commit(&journal, 3);
        journal.close(journal.context);
        assert_int_equal(stat(store.folder, &facts), 0);
        assert_int_equal(facts.st_mode & 07777, 0700);
        char file[STORE_PATH_MAX + 16];
        snprintf(file, sizeof file, "%s/journal.db", store.folder);
        assert_int_equal(stat(file, &facts), 0);
        assert_int_equal(facts.st_mode & 07777, 0600);
        struct journal_facts known;
        assert_int_equal(store_journal_open_named(store.folder, &journal, &error), STATUS_OK); /* by folder */
        store_journal_facts(&journal, &known);
        assert_int_equal(known.drill, drill != 0);
        assert_int_equal(test_read(&journal, 1), 3);
        journal.close(journal.context);
    }
    /* The drill's folder, named as if it were a centre's. */
    assert_int_equal(store_parse(store.folder, NULL, false, &store, &error), STATUS_OK);
    assert_int_equal(store_journal_open(&store, JOURNAL_WRITE, NULL, &journal, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "drill"));
    char path[STORE_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/journal.db", store.folder);
    assert_int_equal(store_journal_open_named(path, &journal, &error), STATUS_OK); /* by file */
    journal.close(journal.context);
    assert_int_equal(store_journal_open_named(test.folder, &journal, &error), STATUS_NOT_FOUND);
    assert_true(folder_remove(store.folder));
    assert_true(folder_remove(folder));
    test_folder_remove(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(what_is_no_store_is_refused),
        cmocka_unit_test(folders_are_named),
        cmocka_unit_test(passwords_are_not_told),
        cmocka_unit_test(a_folder_holds_a_centre_and_its_drill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
