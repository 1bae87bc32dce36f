#include "policy/policies.h"

#include <string.h>

#include "base/check.h"
#include "policy/destination.h"
#include "policy/dispatch.h"

static const struct {
    struct policy policy;
    const char *summary;
} policies[] = {
    { { "standard", 1, 1, dispatch_rank_standard, destination_rank_standard },
      "soonest fit unit, with bounded regard for diversions, skills, age of position and rest" },
    { { "nearest", 1, 0, dispatch_rank_nearest, destination_rank_nearest }, "soonest unit and nearest facility, then lowest id" },
};

const struct policy *policy_find(const char *name)
{
    for (uint32_t i = 0; i < ARRAY_LENGTH(policies); i++) {
        if (strcmp(policies[i].policy.name, name) == 0) {
            return &policies[i].policy;
        }
    }
    return NULL;
}

const struct policy *policy_at(uint32_t index, const char **summary)
{
    if (index >= ARRAY_LENGTH(policies)) {
        return NULL;
    }
    if (summary != NULL) {
        *summary = policies[index].summary;
    }
    return &policies[index].policy;
}

const char *policy_names(void) { return "standard, nearest"; }
