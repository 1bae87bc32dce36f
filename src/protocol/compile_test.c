/* The example as the core's command and as the API's JSON; numbers by hand. */
#include <jansson.h>

#include "protocol/compile.h"
#include "protocol/sample_test.h"

static void test_command(void **state)
{
    (void)state;
    struct sample sample;
    struct protocol_command room, again;
    sample_begin(&sample);
    sample_read(&sample);
    const struct command_protocol_load *command = protocol_compile(sample.set.items[1], &room);
    assert_true(command_is_well_formed(&command->head, command->head.size));
    assert_int_equal(command->protocol, 7);
    assert_int_equal(command->version, 3);
    assert_int_equal(command->entry, 1);
    assert_int_equal(command->count, 5);
    const struct protocol_answer *items = command->items;
    assert_int_equal(items[0].effect, PRIORITY_EFFECT_RAISE);
    assert_int_equal(items[0].priority, PRIORITY_SEVERE);
    assert_int_equal(items[0].to_protocol, 0);
    assert_int_equal(items[0].to_step, 2);
    assert_int_equal(items[0].ready, 1);
    assert_int_equal(items[1].to_protocol, 1);
    assert_int_equal(items[1].to_step, 2);
    assert_int_equal(items[1].effect, PRIORITY_EFFECT_KEEP);
    assert_int_equal(items[2].effect, PRIORITY_EFFECT_SET);
    assert_int_equal(items[2].priority, PRIORITY_NON_URGENT);
    assert_int_equal(items[2].to_protocol, 0);
    assert_int_equal(items[2].to_step, 0);
    assert_int_equal(items[4].step, 2);
    assert_int_equal(items[4].answer, 1);
    const struct command_protocol_load *arrest = protocol_compile(sample.set.items[0], &again);
    assert_int_equal(arrest->count, 11);
    assert_int_equal(arrest->items[2].units, 2);
    assert_int_equal(arrest->items[2].marks, MARK_ARREST_RECOGNISED);
    sample_end(&sample);
}

static uint64_t fingerprint_of_chest(const char *arrest_from, const char *arrest_to, const char *chest_from, const char *chest_to)
{
    struct sample sample;
    struct protocol_command room;
    sample_begin(&sample);
    sample_change(sample.arrest, arrest_from, arrest_to);
    sample_change(sample.chest, chest_from, chest_to);
    sample_read(&sample);
    assert_int_equal(sample.findings.count, 0);
    uint64_t fingerprint = protocol_compile(sample.set.items[1], &room)->fingerprint;
    sample_end(&sample);
    return fingerprint;
}

/* It changes with a text, and with the place of a step to which it leads in another protocol; with nothing else of that one. */
static void test_fingerprint(void **state)
{
    (void)state;
    static const char one_more[] =
        "entry: first\nsteps:\n  first: {kind: question, say: {en: a, zh: 甲}, source: b, answers: [{key: 1, "
        "text: {en: c, zh: 乙}, to: awake}]}\n";
    uint64_t plain = fingerprint_of_chest("Gasping", "Gasping", "rest.", "rest.");
    assert_true(plain == fingerprint_of_chest("Gasping", "Snoring", "rest.", "rest."));
    assert_true(plain != fingerprint_of_chest("Gasping", "Gasping", "rest.", "rest!"));
    assert_true(plain != fingerprint_of_chest("entry: awake\nsteps:\n", one_more, "rest.", "rest."));
}

static void test_json(void **state)
{
    (void)state;
    struct sample sample;
    struct text out;
    struct json json;
    sample_begin(&sample);
    sample_read(&sample);
    text_init(&out, SAMPLE_MAX);
    json_init(&json, &out, 0);
    protocol_write_json(&json, NULL, sample.set.items[1]);
    json_t *root = json_loadb(out.bytes, out.length, JSON_REJECT_DUPLICATES, NULL);
    int number, step, protocol, to_step, no_units;
    const char *id, *key, *word, *say, *text, *raise, *need;
    assert_int_equal(
        json_unpack(root, "{s:i, s:s, s:s, s:{s:[s,s]}}", "number", &number, "id", &id, "key", &key, "words", "zh", &word, &text),
        0);
    assert_int_equal(number, 7);
    assert_string_equal(id, "chest_pain");
    assert_string_equal(key, "c");
    assert_string_equal(word, "胸口痛");
    const json_t *first = json_array_get(json_object_get(root, "steps"), 0);
    assert_int_equal(
        json_unpack((json_t *)(uintptr_t)first, "{s:i, s:{s:s}, s:n, s:n}", "step", &step, "say", "zh", &say, "note", "timer_s"),
        0);
    assert_int_equal(step, 1);
    assert_string_equal(say, "病人清醒吗？");
    json_t *answers = json_object_get(first, "answers");
    assert_int_equal(json_unpack(json_array_get(answers, 0), "{s:s, s:n, s:[s], s:n, s:b}", "raise", &raise, "set", "needs",
                                 &need, "units", "ready", &no_units),
                     0);
    assert_string_equal(raise, "severe");
    assert_string_equal(need, "chest_pain");
    assert_int_equal(json_unpack(json_array_get(answers, 1), "{s:{s:i, s:i}}", "to", "protocol", &protocol, "step", &to_step), 0);
    assert_int_equal(protocol, 1);
    assert_int_equal(to_step, 2);
    assert_true(json_is_null(json_object_get(json_array_get(answers, 2), "to")));
    json_decref(root);
    text_free(&out);
    sample_end(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_command), cmocka_unit_test(test_fingerprint),
                                        cmocka_unit_test(test_json) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
