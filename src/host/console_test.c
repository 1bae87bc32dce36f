/* A folder of the console as the test makes it: what of it is served, in which form, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "host/console.h"

struct folder {
    char path[64];
};

static void put_bytes(const struct folder *folder, const char *name, const void *bytes, size_t size)
{
    struct error error = { .text = "" };
    char *path = file_join(folder->path, name);
    char *parent = strdup(path);
    *strrchr(parent, '/') = '\0';
    assert_int_equal(file_make_folder(parent, &error), STATUS_OK);
    assert_int_equal(file_write_whole(path, bytes, size, &error), STATUS_OK);
    free(parent);
    free(path);
}

static void put(const struct folder *folder, const char *name, const char *text) { put_bytes(folder, name, text, strlen(text)); }

static int make_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    snprintf(folder->path, sizeof folder->path, "/tmp/mingdi-console-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder->path);
    assert_int_equal(system(command), 0);
    free(folder);
    return 0;
}

static struct console *load(const struct folder *folder)
{
    struct console *console = NULL;
    struct error error = { .text = "" };
    if (console_load(folder->path, &console, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return console;
}

static void assert_plain(const struct console_file *file, const char *text)
{
    assert_non_null(file);
    assert_int_equal(file->bodies[CONSOLE_PLAIN].size, strlen(text));
    assert_memory_equal(file->bodies[CONSOLE_PLAIN].bytes, text, strlen(text));
}

static void test_names(void **state)
{
    put(*state, "index.html", "the page");
    put(*state, "assets/app-Bk3xY_12.js", "script");
    put(*state, "fonts/inter.woff2", "font");
    struct console *console = load(*state);
    assert_int_equal(console_file_count(console), 3);
    assert_int_equal(console_bytes(console), strlen("the pagescriptfont"));
    static const char *const pages[] = {
        "/", "/index.html", "/console", "/console/", "/console/answer", "/console/review/17", "/console/a.b/c"
    };
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        assert_plain(console_find(console, pages[i]), "the page");
    }
    assert_plain(console_find(console, "/assets/app-Bk3xY_12.js"), "script");
    assert_plain(console_find(console, "/fonts/inter.woff2"), "font");
    static const char *const strange[] = {
        "/console/app.js", "/assets",   "/assets/",        "/fonts/../index.html",     "//index.html", "/index.html/",
        "/INDEX.HTML",     "/consoles", "/api/v1/console", "/assets/app-Bk3xY_12.js/", "/etc/passwd",  "/../index.html",
        "/console/../x.y", "index.html"
    };
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        assert_null(console_find(console, strange[i]));
    }
    console_free(console);
}

/* Types from the registry of media types; what is named by its content may be kept. */
static void test_kinds(void **state)
{
    static const struct {
        const char *name, *type;
        bool is_fixed;
    } files[] = {
        { "index.html", "text/html; charset=utf-8", false },
        { "assets/answer-D4cZ0q_w.js", "text/javascript; charset=utf-8", true },
        { "assets/index.Bq8fA-2x.css", "text/css; charset=utf-8", true },
        { "assets/gl-renderer.js", "text/javascript; charset=utf-8", false },
        { "assets/short-1.js", "text/javascript; charset=utf-8", false },
        { "assets/12345678.js", "text/javascript; charset=utf-8", false },
        { "answer-D4cZ0q_w.js", "text/javascript; charset=utf-8", false },
        { "sw.js", "text/javascript; charset=utf-8", false },
        { "manifest.webmanifest", "application/manifest+json", false },
        { "icon.svg", "image/svg+xml", false },
        { "icon.PNG", "image/png", false },
        { "fonts/inter.woff2", "font/woff2", false },
        { "LICENSE", "application/octet-stream", false },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        put(*state, files[i].name, "x");
    }
    struct console *console = load(*state);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "/%s", files[i].name);
        const struct console_file *file = console_find(console, path);
        assert_non_null(file);
        assert_string_equal(file->content_type, files[i].type);
        if (file->is_fixed != files[i].is_fixed) {
            fail_msg("%s: kept for ever or not?", path);
        }
    }
    console_free(console);
}

static void test_forms(void **state)
{
    put(*state, "index.html", "a page that is long");
    put(*state, "index.html.gz", "gzipped");
    put(*state, "index.html.br", "br");
    put(*state, "small.js", "1");
    put(*state, "small.js.br", "larger than it");
    put(*state, "alone.js.gz", "nothing beside it");
    struct console *console = load(*state);
    assert_int_equal(console_file_count(console), 2);
    assert_null(console_find(console, "/index.html.br"));
    assert_null(console_find(console, "/alone.js.gz"));
    assert_null(console_find(console, "/alone.js"));
    const struct console_file *page = console_find(console, "/");
    static const struct {
        const char *accept;
        enum console_encoding form;
    } asked[] = {
        { NULL, CONSOLE_PLAIN },
        { "", CONSOLE_PLAIN },
        { "*", CONSOLE_PLAIN },
        { "identity", CONSOLE_PLAIN },
        { "gzip", CONSOLE_GZIP },
        { "gzip, deflate, br, zstd", CONSOLE_BROTLI },
        { "GZIP,\tBR ;q=0.1", CONSOLE_BROTLI },
        { "br;q=0, gzip", CONSOLE_GZIP },
        { "br; q=0.000,gzip;q=0", CONSOLE_PLAIN },
        { "brotli, gzipped", CONSOLE_PLAIN },
        { "br;q=0.001", CONSOLE_BROTLI },
    };
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        assert_int_equal(console_choose(page, asked[i].accept), asked[i].form);
    }
    assert_int_equal(console_choose(console_find(console, "/small.js"), "br"), CONSOLE_PLAIN);
    assert_int_equal(page->bodies[CONSOLE_BROTLI].size, 2);
    assert_string_not_equal(page->bodies[CONSOLE_PLAIN].etag, page->bodies[CONSOLE_GZIP].etag);
    assert_string_not_equal(page->bodies[CONSOLE_BROTLI].etag, page->bodies[CONSOLE_GZIP].etag);
    console_free(console);
}

static void test_tags(void **state)
{
    (void)state;
    assert_false(console_tag_matches(NULL, "\"ab\""));
    assert_false(console_tag_matches("", "\"ab\""));
    assert_true(console_tag_matches("\"ab\"", "\"ab\""));
    assert_true(console_tag_matches("W/\"ab\"", "\"ab\""));
    assert_true(console_tag_matches("\"x\", \"ab\" ", "\"ab\""));
    assert_true(console_tag_matches(" * ", "\"ab\""));
    assert_false(console_tag_matches("\"abc\"", "\"ab\""));
    assert_false(console_tag_matches("ab", "\"ab\""));
    assert_false(console_tag_matches("W/", "\"ab\""));
}

/* Hidden files, links, names with strange letters: a console has none, and none is served. */
static void test_what_is_left_out(void **state)
{
    const struct folder *folder = *state;
    put(folder, "index.html", "page");
    put(folder, ".env", "secret");
    put(folder, ".git/config", "secret");
    put(folder, "a b.js", "secret");
    put(folder, "caf\303\251.js", "secret");
    char *link = file_join(folder->path, "passwd.txt"), *linked_folder = file_join(folder->path, "etc");
    char *pipe_path = file_join(folder->path, "pipe.js");
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(symlink("/etc", linked_folder), 0);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    struct console *console = load(folder);
    assert_int_equal(console_file_count(console), 1);
    assert_null(console_find(console, "/.env"));
    assert_null(console_find(console, "/passwd.txt"));
    assert_null(console_find(console, "/etc/passwd"));
    console_free(console);
    free(link);
    free(linked_folder);
    free(pipe_path);
}

static void refused(const struct folder *folder, enum status status, const char *words)
{
    struct console *console = NULL;
    struct error error = { .text = "" };
    assert_int_equal(console_load(folder->path, &console, &error), status);
    assert_non_null(strstr(error.text, words));
    assert_null(console);
}

static void test_bounds(void **state)
{
    const struct folder *folder = *state;
    refused(folder, STATUS_NOT_FOUND, "no index.html");
    refused(&(struct folder){ "/tmp/mingdi-no-such-folder" }, STATUS_NOT_FOUND, "cannot be opened");
    put(folder, "index.html", "page");
    put(folder, "1/2/3/4/5/6/7/8/deep.js", "x");
    console_free(load(folder));
    put(folder, "1/2/3/4/5/6/7/8/9/deep.js", "x");
    refused(folder, STATUS_FULL, "deeper than");
}

static void test_file_too_large(void **state)
{
    const struct folder *folder = *state;
    put(folder, "index.html", "page");
    char *path = file_join(folder->path, "index.html");
    assert_int_equal(truncate(path, CONSOLE_FILE_BYTES_MAX + 1), 0);
    refused(folder, STATUS_FULL, "more than a console may have");
    assert_int_equal(truncate(path, CONSOLE_FILE_BYTES_MAX), 0);
    console_free(load(folder));
    free(path);
}

static void test_too_many_files(void **state)
{
    const struct folder *folder = *state;
    char name[32];
    put(folder, "index.html", "page");
    for (int i = 0; i < CONSOLE_FILES_MAX; i++) {
        snprintf(name, sizeof name, "assets/%d.js", i);
        put(folder, name, "");
    }
    refused(folder, STATUS_FULL, "more than a console may have");
}

static void test_folders(void **state)
{
    (void)state;
    char *folder = console_folder("built/console", "/data");
    assert_string_equal(folder, "/data/built/console");
    free(folder);
    folder = console_folder("/srv/console", "/data");
    assert_string_equal(folder, "/srv/console");
    free(folder);
    folder = console_folder("", "/data"); /* beside this test program, where there is none */
    assert_null(strstr(folder, "/data/"));
    assert_string_equal(strrchr(folder, '/'), "/console");
    free(folder);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_names),
        WITH_FOLDER(test_kinds),
        WITH_FOLDER(test_forms),
        cmocka_unit_test(test_tags),
        WITH_FOLDER(test_what_is_left_out),
        WITH_FOLDER(test_bounds),
        WITH_FOLDER(test_file_too_large),
        WITH_FOLDER(test_too_many_files),
        cmocka_unit_test(test_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
