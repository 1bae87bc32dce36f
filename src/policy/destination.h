/* Which facility a patient should go to: ladders of numbered rules, each a total order that ends in the facility's id.
 *
 * A gate comes first; what does not pass it is left out and counted by the first reason that holds, in this order: shut,
 * incapable (lacks a capability that the patient needs), below the tier asked for, full (only where the rules require beds: it
 * reports beds of the kind asked for and has none available; one that reports none of that kind may have one), no way (or no
 * time answered). A facility that asks to be spared is left out as diverting while any other facility passes; when nothing
 * else is left, those that pass the rest of the gate are ranked among themselves, since a patient must go somewhere. After the
 * instant until which it asked to be spared it counts as open.
 *
 * Ladder "standard", and why:
 *  1 soonest   destination_rule 0: the shortest way. destination_rule 1: the soonest treatment, way plus expected wait.
 *  2 nearer    the shorter way, where the treatment would begin at the same instant: waiting is better done in a hospital.
 *  3 tier      the higher level of care.
 *  4 id        the lowest.
 *
 * Ladder "nearest":
 *  1 nearest   the shortest way.
 *  2 id        the lowest.
 *
 * Workload: once for each transported patient, over all facilities (10 to 2,048). */
#ifndef MINGDI_POLICY_DESTINATION_H
#define MINGDI_POLICY_DESTINATION_H

#include "core/policy.h"

#define DESTINATION_ETA_MAX ((struct duration){ 30 * US_PER_DAY })

enum destination_rule {
    DESTINATION_SOONEST = 1,
    DESTINATION_NEARER,
    DESTINATION_TIER,
    DESTINATION_ID,
    DESTINATION_RULE_END,
};

enum nearest_facility_rule {
    NEAREST_FACILITY_NEAREST = 1,
    NEAREST_FACILITY_ID,
    NEAREST_FACILITY_RULE_END,
};

/* A candidate with the numbers that the rules compare. */
struct destination_contender {
    struct facility_candidate candidate;
    struct duration treatment; /* from now until it begins; the way alone under destination_rule 0 */
    uint8_t tier;
};

/* Negative if a goes before b, positive if after; the magnitude is the rule that decided. 0 only for a facility and itself. */
int destination_compare_standard(const struct destination_contender *a, const struct destination_contender *b);
int destination_compare_nearest(const struct destination_contender *a, const struct destination_contender *b);

/* As struct policy says. A facility that is listed twice counts by its first time; one that does not exist is passed over. */
void destination_rank_standard(const struct core *core, const struct mission *mission, const struct facility_time *times,
                               uint32_t count, struct instant now, struct facility_ranking *ranking);
void destination_rank_nearest(const struct core *core, const struct mission *mission, const struct facility_time *times,
                              uint32_t count, struct instant now, struct facility_ranking *ranking);

#endif
