#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "host/log_private.h"

enum { THREADS = 4, LINES_EACH = LOG_BURST };

static void test_line_is_json(void **state)
{
    (void)state;
    struct text out;
    text_init(&out, LOG_LINE_MAX);
    const struct log_field fields[] = { LOG_NUMBER("incident", 17), LOG_TEXT("why", "a \"quoted\"\nbreak \xff") };
    log_format(&(struct log_line){ LOG_WARNING, "core", "Something happened", fields, 2, 3, NULL }, (struct instant){ 1500000 },
               &out);
    assert_null(strchr(out.bytes, '\n'));
    json_t *read = json_loads(out.bytes, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(read);
    assert_string_equal(json_string_value(json_object_get(read, "time")), "1970-01-01T00:00:01.500Z");
    assert_string_equal(json_string_value(json_object_get(read, "level")), "warning");
    assert_string_equal(json_string_value(json_object_get(read, "part")), "core");
    assert_string_equal(json_string_value(json_object_get(read, "why")), "a \"quoted\"\nbreak \xef\xbf\xbd");
    assert_int_equal(json_integer_value(json_object_get(read, "incident")), 17);
    assert_int_equal(json_integer_value(json_object_get(read, "suppressed")), 3);
    json_decref(read);
    text_free(&out);
}

static void test_long_fields_are_left_out(void **state)
{
    (void)state;
    static char longest[2 * LOG_LINE_MAX];
    memset(longest, 'x', sizeof longest - 1);
    struct text out;
    text_init(&out, LOG_LINE_MAX);
    const struct log_field fields[] = { LOG_NUMBER("first", 1), LOG_TEXT("second", longest), LOG_NUMBER("third", 3) };
    log_format(&(struct log_line){ LOG_INFO, "http", "Too much", fields, 3, 0, NULL }, (struct instant){ 0 }, &out);
    assert_false(out.failed);
    assert_true(out.length <= LOG_LINE_MAX);
    json_t *read = json_loads(out.bytes, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(read, "first")), 1);
    assert_int_equal(json_integer_value(json_object_get(read, "fields_left_out")), 2);
    json_decref(read);
    text_free(&out);
}

/* The native protocol: NAME, a newline, 8 bytes of length (lowest first), the value, a newline. */
static void test_fields_for_systemd(void **state)
{
    (void)state;
    struct text out;
    text_init(&out, LOG_LINE_MAX);
    const struct log_field fields[] = { LOG_TEXT("why", "two\nlines") };
    log_format_journal(&(struct log_line){ LOG_ERROR, "core", "It broke", fields, 1, 0, "east" }, &out);
    static const char expected[] = "MESSAGE\n\x08\0\0\0\0\0\0\0It broke\n"
                                   "PRIORITY\n\x01\0\0\0\0\0\0\0"
                                   "3\n"
                                   "SYSLOG_IDENTIFIER\n\x06\0\0\0\0\0\0\0mingdi\n"
                                   "MINGDI_CENTRE\n\x04\0\0\0\0\0\0\0"
                                   "east\n"
                                   "MINGDI_PART\n\x04\0\0\0\0\0\0\0core\n"
                                   "MINGDI_WHY\n\x09\0\0\0\0\0\0\0two\nlines\n";
    assert_int_equal(out.length, sizeof expected - 1);
    assert_memory_equal(out.bytes, expected, sizeof expected - 1);
    text_free(&out);
}

static void test_a_flood_is_counted(void **state)
{
    (void)state;
    static struct log_rates rates;
    uint32_t suppressed = 9;
    int written = 0;
    for (int i = 0; i < 1000; i++) {
        written += log_rate(&rates, "http", "flood", 5, &suppressed);
        assert_int_equal(suppressed, 0);
    }
    assert_int_equal(written, LOG_BURST);
    assert_true(log_rate(&rates, "http", "another", 6, &suppressed));
    assert_false(log_rate(&rates, "http", "flood", 4 + LOG_WINDOW_US, &suppressed));
    assert_true(log_rate(&rates, "http", "flood", 5 + LOG_WINDOW_US, &suppressed));
    assert_int_equal(suppressed, 1000 - LOG_BURST + 1);
}

static void *write_lines(void *context)
{
    const char *message = context;
    for (int i = 0; i < LINES_EACH; i++) {
        LOG(LOG_INFO, "test", message, LOG_NUMBER("number", i));
    }
    return NULL;
}

/* Reads what was written into the pipe; returns the number of whole lines, each valid. */
static int read_lines(int fd)
{
    static char bytes[1 << 16];
    size_t used = 0;
    ssize_t got = 0;
    while (used < sizeof bytes - 1 && (got = read(fd, bytes + used, sizeof bytes - 1 - used)) > 0) {
        used += (size_t)got;
    }
    int lines = 0;
    for (char *line = bytes, *end = NULL; (end = memchr(line, '\n', used - (size_t)(line - bytes))) != NULL; line = end + 1) {
        json_t *read = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(read);
        json_decref(read);
        lines++;
    }
    return lines;
}

static void test_threads_write_whole_lines(void **state)
{
    (void)state;
    static const char *const messages[THREADS] = { "one", "two", "three", "four" };
    int pipes[2];
    pthread_t threads[THREADS];
    int before = dup(STDERR_FILENO);
    assert_int_equal(pipe(pipes), 0);
    assert_true(dup2(pipes[1], STDERR_FILENO) >= 0);
    LOG(LOG_DEBUG, "test", "below the level", LOG_NUMBER("number", 0));
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, (void *)(uintptr_t)messages[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    close(before);
    close(pipes[1]);
    assert_int_equal(read_lines(pipes[0]), THREADS * LINES_EACH);
    close(pipes[0]);
}

/* What the functions write to standard error, as JSON lines; the caller frees it. */
static json_t *lines_of(void (*speak)(void))
{
    int pipes[2], before = dup(STDERR_FILENO);
    static char bytes[1 << 16];
    assert_int_equal(pipe(pipes), 0);
    assert_true(dup2(pipes[1], STDERR_FILENO) >= 0);
    speak();
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    close(before);
    close(pipes[1]);
    ssize_t got = read(pipes[0], bytes, sizeof bytes);
    close(pipes[0]);
    json_t *lines = json_array();
    for (char *line = bytes, *end = NULL; got > 0 && (end = memchr(line, '\n', (size_t)(bytes + got - line))) != NULL;
         line = end + 1) {
        assert_int_equal(json_array_append_new(lines, json_loadb(line, (size_t)(end - line), 0, NULL)), 0);
    }
    return lines;
}

static void speak_as_two(void)
{
    struct log_centre *east = log_centre_create("east"), *west = log_centre_create("west");
    log_enter(east);
    log_set_level(LOG_ERROR);
    LOG(LOG_WARNING, "test", "not said by who speaks of errors only", LOG_NUMBER("number", 1));
    log_enter(west);
    for (int i = 0; i < 2 * LOG_BURST; i++) {
        LOG(LOG_WARNING, "test", "the same of both", LOG_NUMBER("number", i));
    }
    log_enter(east);
    LOG(LOG_ERROR, "test", "the same of both", LOG_NUMBER("number", 2));
    log_enter(NULL);
    LOG(LOG_WARNING, "test", "of the process", LOG_NUMBER("number", 3));
    log_centre_destroy(east);
    log_centre_destroy(west);
}

static const char *centre_of(const json_t *lines, size_t line)
{
    return json_string_value(json_object_get(json_array_get(lines, line), "centre"));
}

static void test_centres_speak_apart(void **state)
{
    (void)state;
    json_t *lines = lines_of(speak_as_two);
    assert_int_equal(json_array_size(lines), LOG_BURST + 2);
    assert_string_equal(centre_of(lines, 0), "west");
    assert_string_equal(centre_of(lines, LOG_BURST), "east");
    assert_null(centre_of(lines, LOG_BURST + 1));
    json_decref(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_is_json),
        cmocka_unit_test(test_long_fields_are_left_out),
        cmocka_unit_test(test_fields_for_systemd),
        cmocka_unit_test(test_a_flood_is_counted),
        cmocka_unit_test(test_threads_write_whole_lines),
        cmocka_unit_test(test_centres_speak_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
