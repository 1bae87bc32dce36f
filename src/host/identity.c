/* The names of roles and scopes. */
#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "host/identity.h"

const char *const ROLE_NAMES[ROLE_COUNT] = {
    [ROLE_CALL_TAKER] = "call_taker",
    [ROLE_DISPATCHER] = "dispatcher",
    [ROLE_DUTY_COMMANDER] = "duty_commander",
    [ROLE_CREW] = "crew",
    [ROLE_HOSPITAL] = "hospital",
    [ROLE_DISTRICT_HEALTH_OFFICER] = "district_health_officer",
    [ROLE_PLANNER] = "planner",
    [ROLE_QUALITY_REVIEWER] = "quality_reviewer",
    [ROLE_ADMINISTRATOR] = "administrator",
    [ROLE_AUDITOR] = "auditor",
    [ROLE_GATEWAY] = "gateway",
    [ROLE_SIMULATION] = "simulation",
    [ROLE_VEHICLE_GATEWAY] = "vehicle_gateway",
};

const char *const SCOPE_NAMES[SCOPE_COUNT] = {
    [SCOPE_CENTRE] = "centre",
    [SCOPE_DISTRICT] = "district",
    [SCOPE_FACILITY] = "facility",
    [SCOPE_UNIT] = "unit",
};

static int find(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

int role_find(const char *name) { return find(ROLE_NAMES, ARRAY_LENGTH(ROLE_NAMES), name); }

int scope_find(const char *name) { return find(SCOPE_NAMES, ARRAY_LENGTH(SCOPE_NAMES), name); }
