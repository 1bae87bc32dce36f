/* What is read of a whole file, and each way in which a value can be wrong. */
#include "protocol/sample_test.h"

#define C "d/chest_pain.yaml:"
#define FORM "; docs/protocols.md shows the form"

static void test_whole(void **state)
{
    (void)state;
    struct sample sample;
    sample_begin(&sample);
    sample_read(&sample);
    assert_int_equal(sample.status, STATUS_OK);
    assert_int_equal(sample.findings.count, 0);
    const struct protocol_file *chest = protocol_find(&sample.set, "chest_pain"), *arrest = protocol_numbered(&sample.set, 1);
    assert_int_equal(chest->number, 7);
    assert_int_equal(chest->version, 3);
    assert_int_equal(chest->key, 'c');
    assert_string_equal(chest->title.in[PROTOCOL_ZH], "胸痛");
    assert_int_equal(chest->words[PROTOCOL_EN].count, 2);
    assert_string_equal(chest->words[PROTOCOL_ZH].items[1], "心梗");
    assert_int_equal(chest->step_count, 2);
    assert_null(chest->steps[0].note.in[PROTOCOL_EN]);
    const struct protocol_option *answer = &chest->steps[0].answers[0];
    assert_int_equal(answer->raise, PRIORITY_SEVERE);
    assert_int_equal(answer->set, PRIORITY_UNTOUCHED);
    assert_int_equal(answer->needs, NEED_CHEST_PAIN);
    assert_true(answer->ready);
    assert_int_equal(chest->steps[0].answers[2].set, PRIORITY_NON_URGENT);
    assert_string_equal(arrest->id, "arrest");
    assert_string_equal(arrest->steps[1].note.in[PROTOCOL_EN], "Gasping is not breathing.");
    assert_int_equal(arrest->steps[1].answers[0].units, 2);
    assert_int_equal(arrest->steps[1].answers[0].needs, NEED_ADVANCED | NEED_DEFIBRILLATOR);
    assert_int_equal(arrest->steps[1].answers[0].marks, MARK_ARREST_RECOGNISED);
    assert_int_equal(arrest->steps[2].kind, PROTOCOL_INSTRUCTION);
    assert_int_equal(arrest->steps[2].timer_s, 120);
    assert_int_equal(arrest->steps[2].metronome, 110);
    sample_end(&sample);
}

static void test_head(void **state)
{
    (void)state;
    chest_refuses("number: 7", "number: 0", C "2: number: '0' is not a whole number from 1 to 255");
    chest_refuses("number: 7", "number: 256", C "2: number: '256' is not a whole number from 1 to 255");
    chest_refuses("version: 3", "version: 3.1", C "3: version: '3.1' is not a whole number from 1 to 1000000");
    chest_refuses("key: c", "key: C", C "4: key: 'C' is not one key of 0 to 9 or a to z");
    chest_refuses("protocol: chest_pain", "protocol: Chest", C "1: protocol: the id is small letters, digits and _, at most 40");
    chest_refuses("sign_off: needs the medical director's sign-off\n", "", C "1: sign_off is missing");
    chest_refuses("sign_off: needs the medical director's sign-off", "sign_off: ''", C "7: sign_off: empty: write the text");
    chest_refuses("entry: awake\n", "entry: awake\nentry: rest\n", C "9: entry stands twice; strike one");
    chest_refuses("entry: awake\n", "entry: awake\nsignoff: x\n", C "9: 'signoff' is not known here; did you mean sign_off?");
    chest_refuses("entry: awake\n", "entry: awake\ncolours: [a, {b: c}]\n", C "9: 'colours' is not known here; strike it");
}

static void test_texts(void **state)
{
    (void)state;
    chest_refuses("title: {en: Chest pain, zh: 胸痛}", "title: {en: Chest pain}", C "5: title: the zh text is missing");
    chest_refuses("title: {en: Chest pain, zh: 胸痛}", "title: {zh: 胸痛}", C "5: title: the en text is missing");
    chest_refuses(", zh: 弄错了}", "}", C "17: step awake, answer 3: text: the zh text is missing");
    chest_refuses("Let him rest.", "Let him\\trest.",
                  C "21: step rest: say: a line break or control character: write the text in one line, or folded with '>-'");
    chest_refuses("words: {en: [chest pain, heart attack], ", "words: {", C "6: words: en is missing");
}

/* count characters, each of three bytes. */
static void fill_chinese(char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(text + 3 * i, "痛", 3);
    }
    text[3 * count] = '\0';
}

static void test_lengths(void **state)
{
    (void)state;
    static char text[3 * PROTOCOL_SAY_MAX + 16];
    struct sample sample;
    fill_chinese(text, 400);
    sample_begin(&sample);
    sample_change(sample.chest, "让他休息，不要活动。", text);
    sample_read(&sample);
    assert_int_equal(sample.status, STATUS_OK);
    assert_int_equal(sample.findings.count, 0); /* the longest */
    sample_end(&sample);
    fill_chinese(text, 401);
    chest_refuses("让他休息，不要活动。", text,
                  C "21: step rest: say: too long: 401 characters, at most 400; say it in fewer words or in two steps");
    fill_chinese(text, 61);
    chest_refuses("弄错了", text,
                  C "17: step awake, answer 3: text: too long: 61 characters, at most 60; say it in fewer words or in two steps");
}

static void test_steps(void **state)
{
    (void)state;
    chest_refuses("kind: instruction", "kind: order", C "20: step rest: kind: 'order' is neither question nor instruction");
    chest_refuses("    source: an example for tests\n", "", C "11: step awake: source is missing");
    chest_refuses("kind: question\n", "kind: question\n    timer_s: 60\n",
                  C "10: step awake: timer_s and metronome go with an instruction only");
    arrest_refuses("metronome: 110", "metronome: 240",
                   "d/arrest.yaml:37: step compressions: metronome: '240' is not a whole number "
                   "from 60 to 180");
    chest_refuses("answers:\n      - {key: \"1\", text: {en: \"Done\", zh: 好了}, to: end}", "answers: []",
                  C "19: step rest: answers: none; give it at least one");
}

static void test_answers(void **state)
{
    (void)state;
    chest_refuses("key: \"3\"", "key: \"0\"", C "17: step awake, answer 3: key: '0' is not one key of 1 to 9 or a to z");
    chest_refuses("key: \"3\"", "key: \"33\"", C "17: step awake, answer 3: key: '33' is not one key of 1 to 9 or a to z");
    chest_refuses("key: \"3\", ", "", C "17: step awake, answer 3: key is missing");
    chest_refuses("to: end, set: non_urgent", "set: non_urgent", C "17: step awake, answer 3: to is missing");
    chest_refuses("raise: severe", "raise: sever",
                  C "15: step awake, answer 1: raise: there is no 'sever'; there are critical, severe, urgent, non_urgent");
    chest_refuses("raise: severe", "raise: severe, set: urgent", C "15: step awake, answer 1: raise and set together; keep one");
    chest_refuses(
        "needs: [chest_pain]", "needs: [heart]",
        C "15: step awake, answer 1: needs: there is no 'heart'; there are basic, advanced, physician, neonatal, ventilator, "
          "bariatric, isolation, defibrillator, chest_pain, stroke, trauma, maternity, newborn, paediatric, burn, poison");
    chest_refuses(
        "set: non_urgent", "marks: [sleepy]",
        C "17: step awake, answer 3: marks: there is no 'sleepy'; there are arrest_recognised, compressions_begun, "
          "defibrillator_sent_for, defibrillator_attached, breathing_returned, airway_cleared, bleeding_stopped, child_born, "
          "scene_unsafe, obvious_death, caller_refuses");
    chest_refuses("set: non_urgent", "units: 0", C "17: step awake, answer 3: units: '0' is not a whole number from 1 to 20");
    chest_refuses("ready: true", "ready: yes", C "15: step awake, answer 1: ready: 'yes' is neither true nor false");
}

/* What is no protocol at all. */
static void test_form(void **state)
{
    (void)state;
    chest_fails("zh: 胸痛}", "zh: &x 胸痛}",
                C "5: title: an anchor (&) is not allowed: put quotes around a text that begins with &" FORM);
    chest_fails("zh: 胸痛}", "zh: *x}", C "5: title: an alias (*) is not allowed: write the text again" FORM);
    chest_fails("number: 7", "number: !!int 7",
                C "2: number: a tag (!) is not allowed: put quotes around a text that begins with !" FORM);
    chest_fails("title: {en: Chest pain, zh: 胸痛}", "title: Chest pain",
                C "5: title: a text in each language is wanted: {en: ..., zh: ...}" FORM);
    chest_fails("  rest:\n", "  awake:\n", C "19: two steps have this name" FORM);
    chest_fails("  rest:\n", "  end:\n",
                C "19: the name of a step is small letters, digits and _, at most 40, and neither end nor protocol" FORM);
    chest_fails("number: 7", "number: [7]", C "2: number: a plain value is wanted here, not a list or a mapping" FORM);
    chest_fails("needs: [chest_pain]", "needs: chest_pain",
                C "15: step awake, answer 1: needs: a list [a, b] is wanted here" FORM);
    chest_fails("steps:", "  steps:",
                C "9: not YAML: mapping values are not allowed in this context; check indents, colons and quotes here");
}

static void test_bounds(void **state)
{
    (void)state;
    struct text many, deep;
    text_init(&many, SAMPLE_MAX);
    text_init(&deep, SAMPLE_MAX);
    for (int i = 1; i <= 10; i++) {
        text_printf(&many, "      - {key: \"%c\", text: {en: Done, zh: 好了}, to: end}\n", "123456789a"[i - 1]);
    }
    chest_fails("      - {key: \"1\", text: {en: \"Done\", zh: 好了}, to: end}\n", many.bytes,
                C "33: step rest: more than 9 answers; ask in two steps" FORM);
    text_clear(&many);
    text_puts(&many, "steps:\n");
    for (int i = 0; i < 63; i++) {
        text_printf(&many, "  more_%d: {kind: question, say: {en: a, zh: 甲}, source: b, answers: []}\n", i);
    }
    chest_fails("steps:\n", many.bytes, C "82: more than 64 steps; split the protocol" FORM);
    text_puts(&deep, "entry: awake\ncolours: [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n");
    chest_fails("entry: awake\n", deep.bytes, C "9: nested too deep" FORM);
    text_free(&many);
    text_free(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),   cmocka_unit_test(test_head),   cmocka_unit_test(test_texts),
        cmocka_unit_test(test_lengths), cmocka_unit_test(test_steps),  cmocka_unit_test(test_answers),
        cmocka_unit_test(test_form),    cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
