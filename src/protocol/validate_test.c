/* Each refusal of the validator, and what it must let pass. */
#include "protocol/sample_test.h"

#define C "d/chest_pain.yaml:"
#define A "d/arrest.yaml:"

static void test_resolved(void **state)
{
    (void)state;
    struct sample sample;
    sample_begin(&sample);
    sample_read(&sample);
    assert_int_equal(sample.findings.count, 0);
    const struct protocol_file *arrest = sample.set.items[0], *chest = sample.set.items[1];
    assert_string_equal(arrest->id, "arrest"); /* by number */
    assert_int_equal(chest->entry, 1);
    assert_int_equal(chest->steps[0].answers[0].to_protocol, 7);
    assert_int_equal(chest->steps[0].answers[0].to_step, 2);
    assert_int_equal(chest->steps[0].answers[1].to_protocol, 1);
    assert_int_equal(chest->steps[0].answers[1].to_step, 2);
    assert_int_equal(chest->steps[0].answers[2].to_step, 0); /* the end */
    assert_int_equal(chest->steps[0].answers[3].to_step, 1); /* the entry of arrest */
    sample_end(&sample);
}

static void test_names(void **state)
{
    (void)state;
    chest_refuses("protocol: chest_pain", "protocol: chest",
                  C "1: protocol chest stands in a file of another name; name it chest.yaml");
    chest_refuses("number: 7", "number: 1", C " number 1 is that of d/arrest.yaml already; a number is given once, for ever");
    chest_refuses("key: c", "key: a", C " key a is that of d/arrest.yaml already; choose a free one");
    chest_refuses("entry: awake", "entry: wake", C "8: entry: there is no step wake");
    chest_refuses("key: \"2\"", "key: \"1\"", C "16: step awake: key 1 stands for two answers");
    chest_refuses(", ready: true", "", C " no answer says 'ready: true'; say from where on enough is known to send");
}

static void test_targets(void **state)
{
    (void)state;
    chest_refuses(
        "to: rest", "to: reset",
        C "15: step awake, answer 1: to: 'reset' is not a step of this protocol, nor end, protocol/ID or protocol/ID/STEP");
    chest_refuses("to: protocol/arrest/breathing", "to: protocol/burn",
                  C "16: step awake, answer 2: to: 'protocol/burn' names a protocol that is not in the folder");
    chest_refuses("to: protocol/arrest/breathing", "to: protocol/arrest/sleeping",
                  C "16: step awake, answer 2: to: 'protocol/arrest/sleeping' names a step that its protocol does not have");
    chest_refuses("to: protocol/arrest/breathing", "to: protocol/",
                  C "16: step awake, answer 2: to: 'protocol/' is not protocol/ID or protocol/ID/STEP");
}

static void test_unreachable(void **state)
{
    (void)state;
    chest_refuses("to: rest", "to: end", C "19: step rest: no answer leads here; strike it, or let one lead here");
}

/* Two steps that lead to each other only: neither has a way to an end. */
static void test_dead_ends(void **state)
{
    (void)state;
    struct sample sample;
    sample_begin(&sample);
    sample_change(sample.chest, "zh: 好了}, to: end}", "zh: 好了}, to: rest}");
    sample_read(&sample);
    assert_non_null(
        strstr(sample.findings.lines.bytes, C "19: step rest: no way leads from here to an end; let an answer lead out\n"));
    assert_non_null(
        strstr(sample.findings.lines.bytes,
               C "19: step rest: part of a loop of instructions, and all its answers lead on to rest; add one that leaves\n"));
    assert_int_equal(sample.findings.count, 2);
    sample_end(&sample);
}

static void test_loops(void **state)
{
    (void)state;
    static const char cannot[] = "      - {key: \"2\", text: {en: \"Cannot\", zh: 做不到}, to: end, marks: [caller_refuses]}\n";
    struct sample sample; /* a loop with a question in it leaves by the question */
    sample_begin(&sample);
    sample_change(sample.arrest, cannot, "");
    sample_read(&sample);
    assert_int_equal(sample.findings.count, 0);
    sample_end(&sample);
    sample_begin(&sample); /* one of instructions only: each has to */
    sample_change(sample.arrest, cannot, "");
    sample_change(sample.arrest, "recheck:\n    kind: question", "recheck:\n    kind: instruction");
    sample_expect(&sample,
                  A "32: step compressions: part of a loop of instructions, and all its answers lead on to recheck; add one "
                    "that leaves");
    /* questions in a circle, over two protocols */
    sample_begin(&sample);
    sample_change(sample.arrest, "zh: 清醒}, to: end", "zh: 清醒}, to: protocol/chest_pain");
    sample_read(&sample);
    assert_int_equal(sample.findings.count, 2);
    assert_non_null(strstr(sample.findings.lines.bytes,
                           A "10: step awake: questions lead in a circle back to it; a loop needs an instruction in it\n"));
    assert_non_null(strstr(sample.findings.lines.bytes,
                           C "10: step awake: questions lead in a circle back to it; a loop needs an instruction in it\n"));
    sample_end(&sample);
}

static void test_arrest_path(void **state)
{
    (void)state;
    arrest_refuses(
        "        marks: [arrest_recognised]\n", "",
        A "17: step breathing: no answer that marks arrest_recognised leads to an instruction with a metronome (compressions)");
    arrest_refuses(
        "        to: compressions\n", "        to: watch\n",
        A "17: step breathing: compressions begin after 3 answers ('not awake' counted), at most 2 are allowed; shorten the "
          "way");
    arrest_refuses(
        "    metronome: 110\n", "",
        A "17: step breathing: no answer that marks arrest_recognised leads to an instruction with a metronome (compressions)");
    struct sample sample;
    sample_begin(&sample);
    sample_change(sample.chest, "to: protocol/arrest/breathing", "to: end");
    sample_change(sample.chest, "to: protocol/arrest", "to: end");
    sample_read_one(&sample, "d/chest_pain.yaml", sample.chest);
    protocol_set_validate(&sample.set, &sample.findings);
    assert_string_equal(sample.findings.lines.bytes,
                        "d/chest_pain.yaml: there is no protocol arrest with a step breathing, to which "
                        "'not awake' leads from everywhere; add it\n");
    sample_end(&sample);
}

/* Counted by hand on the example. */
static void test_distances(void **state)
{
    (void)state;
    struct sample sample;
    sample_begin(&sample);
    sample_read(&sample);
    const struct protocol_file *arrest = sample.set.items[0], *chest = sample.set.items[1];
    assert_int_equal(protocol_arrest_answers(&sample.set), 2);
    assert_int_equal(protocol_answers_to(&sample.set, chest, 1, PROTOCOL_GOAL_READY), 1);
    assert_int_equal(protocol_answers_to(&sample.set, chest, 1, PROTOCOL_GOAL_COMPRESSIONS), 2);
    assert_int_equal(protocol_answers_to(&sample.set, chest, 1, PROTOCOL_GOAL_END), 1);
    assert_int_equal(protocol_answers_to(&sample.set, chest, 2, PROTOCOL_GOAL_COMPRESSIONS), PROTOCOL_FAR);
    assert_int_equal(protocol_answers_to(&sample.set, arrest, 3, PROTOCOL_GOAL_COMPRESSIONS), 2); /* by recheck */
    assert_int_equal(protocol_answers_to(&sample.set, arrest, 2, PROTOCOL_GOAL_END), 2);
    sample_end(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolved),    cmocka_unit_test(test_names),     cmocka_unit_test(test_targets),
        cmocka_unit_test(test_unreachable), cmocka_unit_test(test_dead_ends), cmocka_unit_test(test_loops),
        cmocka_unit_test(test_arrest_path), cmocka_unit_test(test_distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
