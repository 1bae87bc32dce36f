/* Hostile bytes as a protocol, alone and beside itself. What is read whole is within its bounds, can be validated, and where
 * nothing is wrong with it every way ends. */
#include <stdint.h>

#include "base/check.h"
#include "protocol/read.h"
#include "protocol/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_bounds(const struct protocol_file *protocol)
{
    CHECK(protocol->step_count <= STEPS_A_PROTOCOL_MAX && protocol->number >= 1);
    for (uint32_t i = 0; i < protocol->step_count; i++) {
        const struct protocol_step *step = &protocol->steps[i];
        CHECK(step->answer_count >= 1 && step->answer_count <= ANSWERS_A_STEP_MAX && step->source != NULL);
        for (uint32_t j = 0; j < PROTOCOL_LANGUAGE_COUNT; j++) {
            CHECK(step->say.in[j] != NULL && utf8_is_valid(step->say.in[j], strlen(step->say.in[j])));
        }
        CHECK((step->answers[0].needs & ~enum_names_need_set.bits) == 0);
    }
}

static void check_ways(const struct protocol_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        for (uint8_t step = 1; step <= set->items[i]->step_count; step++) {
            CHECK(protocol_answers_to(set, set->items[i], step, PROTOCOL_GOAL_END) != PROTOCOL_FAR);
        }
    }
    CHECK(protocol_arrest_answers(set) <= PROTOCOL_ARREST_ANSWERS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct protocol_set set = { 0 };
    struct protocol_findings findings;
    struct error error = { 0 };
    protocol_findings_init(&findings);
    enum status status = protocol_read("arrest.yaml", bytes, size, &findings, &set.items[0], &error);
    if (status == STATUS_OK) {
        set.count = 1;
        if (findings.count == 0) {
            check_bounds(set.items[0]);
            protocol_set_validate(&set, &findings);
        }
        if (findings.count == 0) {
            check_ways(&set);
        }
    } else {
        CHECK(error.text[0] != '\0');
    }
    CHECK(findings.count == 0 || findings.lines.length > 0);
    protocol_set_free(&set);
    protocol_findings_free(&findings);
    return 0;
}
