/* The stories against the protocols of the tree: for each the keys that a reader presses who has only the story, written here by
 * hand; they exist, and at their end stand the story's priority, its need and "ready". The protocols themselves are checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "host/exercise_story.h"
#include "protocol/package.h"

/* Protocol and keys, in the order of the stories. */
static const char *const WAYS[] = {
    "arrest 11",       "arrest 18",        "choking 21",      "allergy 31",       "breathing 21",     "seizure 11",
    "poisoning 212",   "drowning 211",     "fever 21",        "abdominal 311",    "chest_pain 31212", "chest_pain 311",
    "stroke 31111",    "stroke 22111",     "injury 21121",    "traffic 332",      "bleeding 211",     "childbirth 431",
    "childbirth 1",    "childbirth 31",    "breathing 3292",  "allergy 3221",     "poisoning 4332",   "abdominal 32431",
    "diabetes 22",     "seizure 2221",     "fever 33321",     "bleeding 2711",    "mental 361",       "burn 33332",
    "fall 34451",      "chest_pain 32221", "abdominal 3221",  "stroke 31122",     "stroke 32231",     "fall 3442",
    "traffic 3333221", "childbirth 4351",  "abdominal 32632", "fever 332253",     "diabetes 2323",    "fall 344522",
    "unknown 4924431", "mental 36354",     "allergy 3222",    "bleeding 213",     "childbirth 4353",  "injury 372262",
    "injury 372263",   "injury 364",       "fever 333223",    "abdominal 329332", "bleeding 2712",    "unknown 49244332",
    "mental 3636",     "poisoning 4373",
};

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
    assert_int_equal(sizeof WAYS / sizeof WAYS[0], story_count());
    for (uint32_t i = 0; i < story_count(); i++) {
        const struct exercise_story *story = story_at(i);
        const char *keys = strchr(WAYS[i], ' ') + 1;
        size_t length = (size_t)(keys - WAYS[i]) - 1;
        if (strlen(story->protocol) != length || strncmp(story->protocol, WAYS[i], length) != 0) {
            fail_msg("story %u is of %s, its way of %s", i, story->protocol, WAYS[i]);
        }
        assert_in_range(strlen(story->says), 20, STORY_TEXT_MAX);
        struct proposal proposal = walk(&package->set, story->protocol, keys);
        if (proposal.priority != story->priority || !proposal.ready) {
            fail_msg("%s: priority %u, ready %d; the story says %u", WAYS[i], proposal.priority, proposal.ready, story->priority);
        }
        if (story->care != CARE_NONE && (proposal.needs >> NEED_BITS[story->care] & 1) == 0) {
            fail_msg("%s: does not come to need %s", WAYS[i], NEEDS[story->care]);
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
    assert_null(story_aside(CALL_NEEDS_UNIT, 1));
    assert_string_not_equal(story_aside(CALL_ADVICE, 1), story_aside(CALL_ADVICE, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_story_answers_its_protocol),
        cmocka_unit_test(test_every_call_has_a_story),
        cmocka_unit_test(test_callers_differ),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
