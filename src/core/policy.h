/* The seam between the core and the policies (src/policy): pure functions that rank and explain. They see the state read-only,
 * keep none of their own, use no clock and no randomness, and must give the same answer for the same arguments for ever under
 * the same version: a replay with --verify decides again. */
#ifndef MINGDI_CORE_POLICY_H
#define MINGDI_CORE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"

/* Who should go, best first. */
struct unit_ranking {
    uint32_t count; /* candidates listed, at most RECOMMENDED_MAX */
    uint32_t fit;   /* candidates in all */
    uint32_t excluded[EXCLUSION_COUNT];
    struct candidate candidates[RECOMMENDED_MAX];
};

struct facility_ranking {
    uint32_t count; /* at most RECOMMENDED_MAX */
    uint32_t excluded[FACILITY_EXCLUSION_COUNT];
    struct facility_candidate candidates[RECOMMENDED_MAX];
};

struct policy {
    const char *name;
    uint32_t version;
    uint8_t queue_rule; /* that goes with it, as in policy_set; a centre may set the other one */
    /* times: those answered for this incident; units without one are counted as unasked. The total order ends in the id. */
    void (*rank_units)(const struct core *core, const struct incident *incident, const struct travel_time *times, uint32_t count,
                       struct instant now, struct unit_ranking *ranking);
    void (*rank_facilities)(const struct core *core, const struct mission *mission, const struct facility_time *times,
                            uint32_t count, struct instant now, struct facility_ranking *ranking);
};

#endif
