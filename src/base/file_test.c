#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/mingdi-file-test-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int files_in_folder(void)
{
    int count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        count += entry->d_name[0] != '.';
    }
    closedir(directory);
    return count;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void assert_content(const char *path, const char *content)
{
    struct file_view view;
    struct error error;
    assert_int_equal(file_view_open(&view, path, &error), STATUS_OK);
    assert_int_equal(view.size, strlen(content));
    assert_memory_equal(view.bytes, content, view.size);
    file_view_close(&view);
}

static void test_write_and_view(void **state)
{
    (void)state;
    struct error error;
    char *path = file_join(folder, "a");
    assert_false(file_exists(path));
    assert_int_equal(file_write_whole(path, "one", 3, &error), STATUS_OK);
    assert_content(path, "one");
    assert_int_equal(file_write_whole(path, "", 0, &error), STATUS_OK);
    assert_content(path, "");
    assert_int_equal(files_in_folder(), 1);
    assert_int_equal(unlink(path), 0);
    free(path);
}

static void test_abandoned_leaves_the_old_and_nothing_else(void **state)
{
    (void)state;
    struct error error;
    struct file_writer writer;
    char *path = file_join(folder, "a");
    assert_int_equal(file_write_whole(path, "old", 3, &error), STATUS_OK);
    assert_int_equal(file_writer_open(&writer, path, &error), STATUS_OK);
    assert_int_equal(file_writer_write(&writer, "new", 3, &error), STATUS_OK);
    assert_content(path, "old");
    assert_int_equal(files_in_folder(), writer.nameless ? 1 : 2);
    file_writer_abandon(&writer);
    assert_content(path, "old");
    assert_int_equal(files_in_folder(), 1);
    assert_int_equal(unlink(path), 0);
    free(path);
}

/* A device that is full: here a limit on the size of files. */
static void test_failed_write_leaves_the_old_and_nothing_else(void **state)
{
    (void)state;
    struct error error;
    char *path = file_join(folder, "a");
    assert_int_equal(file_write_whole(path, "old", 3, &error), STATUS_OK);
    size_t size = 1 << 20;
    char *large = calloc(1, size);
    assert_non_null(large);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 1000, before.rlim_max }), 0);
    enum status whole = file_write_whole(path, large, size, &error);
    enum status small = file_write_whole(path, large, 2000, &error); /* found out only when the buffer is flushed */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(whole, STATUS_IO);
    assert_int_equal(small, STATUS_IO);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, "File too large"));
    assert_content(path, "old");
    assert_int_equal(files_in_folder(), 1);
    assert_int_equal(unlink(path), 0);
    free(large);
    free(path);
}

static void test_refusals(void **state)
{
    (void)state;
    struct error error;
    struct file_view view;
    char *missing = file_join(folder, "no/such");
    assert_int_equal(file_view_open(&view, missing, &error), STATUS_NOT_FOUND);
    assert_int_equal(file_view_open(&view, folder, &error), STATUS_BAD_INPUT);
    assert_int_equal(file_write_whole(missing, "x", 1, &error), STATUS_IO);
    assert_int_equal(file_write_whole(folder, "x", 1, &error), STATUS_IO);
    assert_int_equal(files_in_folder(), 0);
    char beside[sizeof folder + 40];
    snprintf(beside, sizeof beside, "%s.part-%ld", folder, (long)getpid());
    assert_false(file_exists(beside));
    free(missing);
}

static void test_links_are_followed(void **state)
{
    (void)state;
    struct error error;
    char *path = file_join(folder, "a"), *link = file_join(folder, "link");
    assert_int_equal(file_write_whole(path, "old", 3, &error), STATUS_OK);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(file_write_whole(link, "new", 3, &error), STATUS_OK);
    assert_content(path, "new");
    struct stat facts;
    assert_int_equal(lstat(link, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    assert_int_equal(unlink(link), 0);
    assert_int_equal(unlink(path), 0);
    free(link);
    free(path);
}

/* Devices and pipes get the bytes and stay what they are. */
static void test_what_is_no_file_is_not_replaced(void **state)
{
    (void)state;
    struct error error;
    char *pipe = file_join(folder, "pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    int reader = open(pipe, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_int_equal(file_write_whole(pipe, "one", 3, &error), STATUS_OK);
    char bytes[8];
    assert_int_equal(read(reader, bytes, sizeof bytes), 3);
    assert_memory_equal(bytes, "one", 3);
    close(reader);
    struct stat facts;
    assert_int_equal(lstat(pipe, &facts), 0);
    assert_true(S_ISFIFO(facts.st_mode));
    assert_int_equal(files_in_folder(), 1);
    assert_int_equal(unlink(pipe), 0);
    free(pipe);
}

static void test_make_folder(void **state)
{
    (void)state;
    struct error error;
    char *deep = file_join(folder, "a/b/c");
    assert_int_equal(file_make_folder(deep, &error), STATUS_OK);
    assert_int_equal(file_make_folder(deep, &error), STATUS_OK);
    assert_true(file_exists(deep));
    char *file = file_join(deep, "f");
    assert_int_equal(file_write_whole(file, "", 0, &error), STATUS_OK);
    assert_int_equal(file_make_folder(file, &error), STATUS_IO);
    assert_int_equal(unlink(file), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rmdir(deep), 0);
        *strrchr(deep, '/') = '\0';
    }
    free(file);
    free(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_and_view),
        cmocka_unit_test(test_abandoned_leaves_the_old_and_nothing_else),
        cmocka_unit_test(test_failed_write_leaves_the_old_and_nothing_else),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_links_are_followed),
        cmocka_unit_test(test_what_is_no_file_is_not_replaced),
        cmocka_unit_test(test_make_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
