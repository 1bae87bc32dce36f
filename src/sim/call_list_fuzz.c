/* Any bytes as CALLS.csv: an error, or calls in order of arrival with times and places in range. */
#include "base/check.h"
#include "sim/call_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct scenario scenario = {
        .district_count = 1,
        .priorities = { { .used = true, .code = "1" },
                        { .used = true, .code = "2" },
                        { .used = false },
                        { .used = true, .code = "3" } },
    };
    struct call_list list;
    struct error error;
    if (call_list_parse("CALLS.csv", (const char *)bytes, size, &scenario, &list, &error) != STATUS_OK) {
        return 0;
    }
    CHECK(list.count > 0);
    for (uint32_t i = 0; i < list.count; i++) {
        const struct call_truth *call = &list.calls[i];
        CHECK(i == 0 || call->arrival.us >= list.calls[i - 1].arrival.us);
        CHECK(call->arrival.us >= 0 && call->delay.us >= 0 && call->on_scene.us >= 0 && call->handover.us >= 0);
        CHECK(call->priority < PRIORITY_COUNT && scenario.priorities[call->priority].used && call->need < CARE_COUNT);
        CHECK(call->point.lon_e7 >= -1800000000 && call->point.lon_e7 <= 1800000000);
    }
    call_list_free(&list);
    return 0;
}
