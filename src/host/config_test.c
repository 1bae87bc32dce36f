#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "host/config.h"

enum { TEXT_MAX = 1 << 17 };

static struct config config;

static int setup(void **state)
{
    (void)state;
    config_defaults(&config);
    return 0;
}

static enum status read_text(const char *text, struct error *error)
{
    return config_read_bytes(&config, "mingdi.yaml", text, strlen(text), error);
}

static void refused(const char *text, const char *expected)
{
    static struct config before;
    struct error error = { 0 };
    before = config;
    if (read_text(text, &error) != STATUS_BAD_INPUT) {
        fail_msg("accepted: %s", text);
    }
    if (strncmp(error.text, expected, strlen(expected)) != 0) {
        fail_msg("said '%s', expected '%s'", error.text, expected);
    }
    assert_memory_equal(&config, &before, sizeof config);
}

static void accepted(const char *text)
{
    struct error error = { 0 };
    if (read_text(text, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

static void test_values(void **state)
{
    (void)state;
    accepted("# a comment\nname: 苏州急救中心\n\nport: 8121 # another\nbehind_proxy: true\nmaster_key_file: \"\"\n"
             "time_zone: Asia/Shanghai\n");
    assert_string_equal(config.name, "苏州急救中心");
    assert_int_equal(config.port, 8121);
    assert_true(config.behind_proxy);
    assert_string_equal(config.master_key_file, "");
    assert_int_equal(config.idle_timeout_s, 60); /* untouched */
    accepted("");
    accepted("# nothing but a comment\n");
    accepted("{port: 1, drain_s: '0'}");
    assert_int_equal(config.drain_s, 0);
}

static void test_refusals_say_where_and_what(void **state)
{
    (void)state;
    refused("port: 1\n\nidle_timeout_s: 0\n",
            "mingdi.yaml:3: idle_timeout_s: 0 is not in 1 .. 3600 s (how long a connection may say nothing)");
    refused("idle_timeout_s: 12s\n", "mingdi.yaml:1: idle_timeout_s: 12s is not in 1 .. 3600 s");
    refused("idle_timeout_s: 99999999999999999999\n", "mingdi.yaml:1: idle_timeout_s: 99999999999999999999 is not in");
    refused("idle_timeout_s: 0x10\n", "mingdi.yaml:1: idle_timeout_s: 0x10 is not in");
    refused("idle_timeout_s: \" 5\"\n", "mingdi.yaml:1: idle_timeout_s:  5 is not in");
    refused("idle_timeout_s:\n", "mingdi.yaml:1: idle_timeout_s:  is not in");
    refused("behind_proxy: yes\n", "mingdi.yaml:1: behind_proxy: yes is neither true nor false");
    refused("# x\nidle_timout_s: 5\n", "mingdi.yaml:2: there is no setting 'idle_timout_s'; did you mean idle_timeout_s?");
    refused("colour: red\n", "mingdi.yaml:1: there is no setting 'colour'; 'mingdi config docs' lists them");
    refused("port: 1\ndrain_s: 1\nport: 2\n", "mingdi.yaml:3: port stands twice: in line 1 already");
    refused("limit_calls: 1000\n", "mingdi.yaml:1: limit_calls: 1000 is not a power of two, such as 16384");
    refused("policy: best\n", "mingdi.yaml:1: policy: 'best' is not a policy of this program");
    refused("log_level: loud\n", "mingdi.yaml:1: log_level: 'loud' is not one of debug, info, warning, error");
    refused("protocol_key: d75a98\n", "mingdi.yaml:1: protocol_key: 'd75a98' is not a public key: the 64 hexadecimal digits");
    refused("time_zone: ../etc/passwd\n", "mingdi.yaml:1: time_zone: '../etc/passwd' is not the name of a time zone");
    refused("name: \"\"\n", "mingdi.yaml:1: name: 0 bytes are not in 1 .. 255 bytes");
    refused("name: \"two\\x85lines\"\n", "mingdi.yaml:1: name: ");
    refused("name: \"two\\Llines\"\n", "mingdi.yaml:1: name: ");
    refused("name: \"two\\nlines\"\n", "mingdi.yaml:1: name: 'two?lines' is not one line of UTF-8");
}

static void test_only_a_flat_list(void **state)
{
    (void)state;
    refused("name: [a, b]\n", "mingdi.yaml:1:7: a list of values");
    refused("port: 1\nname:\n  first: a\n", "mingdi.yaml:3:3: a nested value");
    refused("name: &a Centre\n", "mingdi.yaml:1:7: an anchor");
    refused("name: *a\n", "mingdi.yaml:1:7: an alias");
    refused("port: !!int 5\n", "mingdi.yaml:1:7: a tag");
    refused("- port\n", "mingdi.yaml:1:1: something else");
    refused("port\n", "mingdi.yaml:1:1: something else");
    refused("port: 1\n---\nport: 2\n", "mingdi.yaml:2:1: a second document");
    refused("&a {port: 1}\n", "mingdi.yaml:1:1: an anchor or a tag");
    refused("port: \"a\\0b\"\n", "mingdi.yaml:1:7: a zero byte");
    refused("? [a]\n: b\n", "mingdi.yaml:1:3: a list of values");
    refused("name: \"open\n", "mingdi.yaml:2:1: not YAML: ");
    refused("name: \xff\xfe\n", "mingdi.yaml:1:1: not YAML: ");
    static char large[CONFIG_FILE_MAX + 2];
    memset(large, '#', sizeof large - 1);
    refused(large, "mingdi.yaml: 65537 bytes; a configuration has at most 65536");
}

static void shows(const struct text *shown, const char *value, const char *origin)
{
    char line[128];
    (void)snprintf(line, sizeof line, "\n%-48s # %s\n", value, origin);
    if (strstr(shown->bytes, line) == NULL) {
        fail_msg("no line '%s' in:\n%s", line, shown->bytes);
    }
}

static void test_environment(void **state)
{
    (void)state;
    struct error error = { 0 };
    char *const environment[] = { "HOME=/", "MINGDI_SET_PORT=8125", "MINGDI_LONG=1", "MINGDI_SET_BEHIND_PROXY=true", NULL };
    accepted("port: 8124\ndrain_s: 3\n");
    assert_int_equal(config_read_environment(&config, environment, &error), STATUS_OK);
    assert_int_equal(config.port, 8125);
    char *const unknown[] = { "MINGDI_SET_PROT=1", NULL };
    assert_int_equal(config_read_environment(&config, unknown, &error), STATUS_BAD_INPUT);
    assert_string_equal(error.text, "environment (MINGDI_SET_...): there is no setting 'prot'; did you mean port?");
    char *const wrong[] = { "MINGDI_SET_PORT=66000", NULL };
    assert_int_equal(config_read_environment(&config, wrong, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "port: 66000 is not in 0 .. 65535 (TCP port"));
    assert_int_equal(config.port, 8125);

    struct text shown;
    text_init(&shown, TEXT_MAX);
    config_write_shown(&config, &shown);
    shows(&shown, "port: 8125", "environment");
    shows(&shown, "drain_s: 3", "mingdi.yaml:2");
    shows(&shown, "idle_timeout_s: 60", "default");
    text_free(&shown);
}

static void test_changes_while_running(void **state)
{
    (void)state;
    struct error error = { 0 };
    assert_int_equal(config_set(&config, "ring_limit_s", "15", true, &error), STATUS_OK);
    assert_int_equal(config.ring_limit_s, 15);
    assert_int_equal(config.origins[0], CONFIG_FROM_DEFAULT);
    assert_int_equal(config_set(&config, "port", "15", true, &error), STATUS_BAD_INPUT);
    assert_int_equal(config_set(&config, "port", "15", false, &error), STATUS_OK);
    assert_int_equal(config_set(&config, "colour", "15", true, &error), STATUS_NOT_FOUND);
    assert_int_equal(config_set(&config, "session_hours", "1", true, &error), STATUS_OK);
    assert_int_equal(config_check(&config, &error), STATUS_BAD_INPUT); /* idle 240 min */
    assert_int_equal(config_set(&config, "session_idle_minutes", "60", true, &error), STATUS_OK);
    assert_int_equal(config_check(&config, &error), STATUS_OK);
    assert_int_equal(config.session_hours, 1);
}

static void note_change(void *context, const char *name) { (void)snprintf(context, 64, "%s", name); }

static void test_taking_over_what_is_live(void **state)
{
    (void)state;
    static struct config fresh;
    char changed[64] = "", waiting[64] = "";
    config_defaults(&fresh);
    fresh.port = 1;
    fresh.ring_limit_s = 20;
    config_each_waiting(&config, &fresh, note_change, waiting);
    assert_string_equal(waiting, "port");
    config_take_live(&config, &fresh, note_change, changed);
    assert_string_equal(changed, "ring_limit_s");
    assert_int_equal(config.ring_limit_s, 20);
    assert_int_equal(config.port, 8120);
}

/* Every default is one that could be given, and the file that init writes says the same as the configuration it was made from. */
static void test_written_file_reads_back(void **state)
{
    (void)state;
    struct error error = { 0 };
    struct text written;
    accepted("name: \"a \\\"quoted\\\" \\\\ name\"\nport: 1\nbehind_proxy: true\n");
    text_init(&written, TEXT_MAX);
    config_write_yaml(&config, &written);
    assert_false(written.failed);
    struct config before = config;
    config_defaults(&config);
    accepted(written.bytes);
    assert_memory_equal(&config, &before, offsetof(struct config, origins));
    assert_int_equal(config_check(&config, &error), STATUS_OK);
    text_free(&written);
}

static void test_json(void **state)
{
    (void)state;
    struct text written;
    struct json json;
    text_init(&written, TEXT_MAX);
    json_init(&json, &written, 0);
    config_write_json(&config, &json, NULL);
    json_t *read = json_loads(written.bytes, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_array_size(read) > 40);
    size_t index = 0;
    json_t *one = NULL;
    json_array_foreach(read, index, one)
    {
        assert_non_null(json_string_value(json_object_get(one, "name")));
        assert_true(json_equal(json_object_get(one, "value"), json_object_get(one, "default")));
    }
    json_decref(read);
    text_free(&written);
}

static void test_docs_are_not_stale(void **state)
{
    (void)state;
    static char stored[TEXT_MAX];
    struct text written;
    FILE *file = fopen(MINGDI_SOURCE_DIR "/docs/config.md", "r");
    assert_non_null(file);
    size_t size = fread(stored, 1, sizeof stored - 1, file);
    (void)fclose(file);
    stored[size] = '\0';
    text_init(&written, TEXT_MAX);
    config_write_docs(&written);
    if (strcmp(stored, written.bytes) != 0) {
        fail_msg("docs/config.md is stale: mingdi config docs > docs/config.md");
    }
    text_free(&written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_values, setup),
        cmocka_unit_test_setup(test_refusals_say_where_and_what, setup),
        cmocka_unit_test_setup(test_only_a_flat_list, setup),
        cmocka_unit_test_setup(test_environment, setup),
        cmocka_unit_test_setup(test_changes_while_running, setup),
        cmocka_unit_test_setup(test_taking_over_what_is_live, setup),
        cmocka_unit_test_setup(test_written_file_reads_back, setup),
        cmocka_unit_test_setup(test_json, setup),
        cmocka_unit_test_setup(test_docs_are_not_stale, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
