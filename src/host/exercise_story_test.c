/* The stories against the protocols of the tree: the keys of each exist there, and at their end stand the story's priority, its
 * need and "ready". The protocols themselves are checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "host/exercise_story.h"
#include "protocol/package.h"

static const char *const NEEDS[CARE_COUNT] = { [CARE_CHEST_PAIN] = "chest_pain",
                                               [CARE_STROKE] = "stroke",
                                               [CARE_TRAUMA] = "trauma",
                                               [CARE_MATERNITY] = "maternity",
                                               [CARE_NEWBORN] = "newborn" };
/* Bits of need_set, as types.toml numbers them. */
static const unsigned NEED_BITS[CARE_COUNT] = {
    [CARE_CHEST_PAIN] = 16, [CARE_STROKE] = 17, [CARE_TRAUMA] = 18, [CARE_MATERNITY] = 19, [CARE_NEWBORN] = 20
};

struct proposal {
    unsigned priority; /* PRIORITY_UNTOUCHED at first */
    uint32_t needs;
    bool ready;
};

static int load(void **state)
{
    static struct package package;
    struct protocol_findings findings;
    struct error error;
    protocol_findings_init(&findings);
    if (package_read(MINGDI_SOURCE_DIR "/protocols", NULL, &package, &findings, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        return -1;
    }
    if (findings.count > 0) {
        fputs(findings.lines.bytes, stderr);
    }
    int result = findings.count == 0 ? 0 : -1;
    protocol_findings_free(&findings);
    *state = &package;
    return result;
}

static int unload(void **state)
{
    package_free(*state);
    return 0;
}

static const struct protocol_option *option_with_key(const struct protocol_step *step, char key)
{
    for (uint32_t i = 0; i < step->answer_count; i++) {
        if (step->answers[i].key == key) {
            return &step->answers[i];
        }
    }
    return NULL;
}

static void apply(struct proposal *proposal, const struct protocol_option *option)
{
    if (option->set != PRIORITY_UNTOUCHED) {
        proposal->priority = option->set;
    } else if (option->raise < proposal->priority) {
        proposal->priority = option->raise;
    }
    proposal->needs |= option->needs;
    proposal->ready = proposal->ready || option->ready;
}

static struct proposal walk(const struct protocol_set *set, const char *id, const char *keys)
{
    struct proposal proposal = { .priority = PRIORITY_UNTOUCHED };
    const struct protocol_file *protocol = protocol_find(set, id);
    assert_non_null(protocol);
    uint8_t step = protocol->entry;
    for (const char *key = keys; *key != '\0'; key++) {
        if (step == 0) {
            fail_msg("%s %s: over before %s", id, keys, key);
        }
        const struct protocol_option *option = option_with_key(&protocol->steps[step - 1], *key);
        if (option == NULL) {
            fail_msg("%s %s: no answer %c at %s", id, keys, *key, protocol->steps[step - 1].name);
        }
        apply(&proposal, option);
        step = option->to_step;
        protocol = step == 0 ? protocol : protocol_numbered(set, option->to_protocol);
    }
    return proposal;
}

static void test_each_story_answers_its_protocol(void **state)
{
    const struct package *package = *state;
    for (uint32_t i = 0; i < story_count(); i++) {
        const struct exercise_story *story = story_at(i);
        struct proposal proposal = walk(&package->set, story->protocol, story->keys);
        if (proposal.priority != story->priority || !proposal.ready) {
            fail_msg("%s %s: priority %u, ready %d; the story says %u", story->protocol, story->keys, proposal.priority,
                     proposal.ready, story->priority);
        }
        if (story->care != CARE_NONE && (proposal.needs >> NEED_BITS[story->care] & 1) == 0) {
            fail_msg("%s %s: does not come to need %s", story->protocol, story->keys, NEEDS[story->care]);
        }
    }
}

static bool is_chinese(const char *text) { return (unsigned char)text[0] >= 0xE3; /* of three bytes: U+3000 and above */ }

static void test_stories_are_told_in_both_languages(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < story_count(); i++) {
        const struct exercise_story *story = story_at(i);
        assert_in_range(strlen(story->says[EXERCISE_ENGLISH]), 20, STORY_TEXT_MAX);
        assert_in_range(strlen(story->says[EXERCISE_CHINESE]), 20, STORY_TEXT_MAX);
        assert_false(is_chinese(story->says[EXERCISE_ENGLISH]));
        assert_true(is_chinese(story->says[EXERCISE_CHINESE]));
    }
    for (uint64_t number = 0; number < 6; number++) {
        for (int kind = CALL_SECOND; kind <= CALL_GIVES_UP; kind++) {
            assert_false(is_chinese(story_aside((enum call_kind)kind, number, EXERCISE_ENGLISH)));
            assert_true(is_chinese(story_aside((enum call_kind)kind, number, EXERCISE_CHINESE)));
        }
    }
}

static void test_every_call_has_a_story(void **state)
{
    (void)state;
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        for (unsigned care = 0; care < CARE_COUNT; care++) {
            for (uint64_t number = 1; number < 30; number++) {
                struct call_truth truth = { .number = number, .priority = (uint8_t)priority, .need = (uint8_t)care };
                const struct exercise_story *story = story_of(&truth);
                assert_int_equal(story->priority, priority);
                assert_true(story->care == care || story->care == CARE_NONE);
            }
        }
    }
}

static void test_callers_differ(void **state)
{
    (void)state;
    struct call_truth truth = { .number = 1, .priority = PRIORITY_CRITICAL, .need = CARE_TRAUMA };
    const struct exercise_story *first = story_of(&truth);
    truth.number = 2;
    assert_ptr_not_equal(story_of(&truth), first);
    truth.number = 4; /* of three */
    assert_ptr_equal(story_of(&truth), first);
    assert_null(story_aside(CALL_NEEDS_UNIT, 1, EXERCISE_ENGLISH));
    assert_string_not_equal(story_aside(CALL_ADVICE, 1, EXERCISE_ENGLISH), story_aside(CALL_ADVICE, 2, EXERCISE_ENGLISH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_story_answers_its_protocol),
        cmocka_unit_test(test_stories_are_told_in_both_languages),
        cmocka_unit_test(test_every_call_has_a_story),
        cmocka_unit_test(test_callers_differ),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
