/* Who should go to an incident: ladders of numbered rules, each a total order that ends in the unit's id.
 *
 * A gate comes first. A unit that is off duty, out of service, committed, or lacks a need of the incident, that has no way
 * there, or whose time was not answered, is left out and counted by its reason. Among the others:
 *
 * Ladder "standard", and why:
 *  1 fit        every need of the incident is met. This is the gate: nobody that passed it loses by this rule.
 *  2 soonest    the unit that arrives first, mobilisation and what it must finish first included. Arrivals are compared in whole
 *               steps (1 s for critical, 10 s for the others), since an estimate is not better than that and a later rule is
 *               worth so much and no more.
 *  3 diversion  a unit on its way to a less urgent incident counts as arriving divert_gain_min later, and within one step the
 *               free unit goes: so a diversion saves at least divert_gain_min against every free unit.
 *  4 spare      advanced units and physicians are kept for critical incidents: to the others each of these skills that is not
 *               needed counts as 15, 45 or 60 s (severe, urgent, non-urgent), twice at most; within one step the
 *               less skilled goes.
 *  5 age        the younger position, in steps of position_age_step_ms (0: age does not count): an old position is a guess.
 *  6 earlier    the exact arrival.
 *  7 rested     the unit that has been longest in its status: units of one post share the work.
 *  8 id         the lowest.
 *
 * Ladder "nearest" (what most models of ambulance services assume; JEMSS is one):
 *  1 soonest    the exact arrival; units that would be diverted compete on equal terms.
 *  2 id         the lowest.
 *
 * Every rule compares one number (or, rules 2 to 4, the sum of the numbers so far) that belongs to the unit alone, never to a
 * pair, so that the order is transitive. Times outside 0 to DISPATCH_ETA_MAX count as no way.
 *
 * Workload: once for each incident, over all units of the centre (16 to 8,192). The ladder is walked a few times a candidate,
 * nearly always only to its first rule. */
#ifndef MINGDI_POLICY_DISPATCH_H
#define MINGDI_POLICY_DISPATCH_H

#include "core/policy.h"

#define DISPATCH_ETA_MAX ((struct duration){ 30 * US_PER_DAY })

enum dispatch_rule {
    DISPATCH_FIT = 1,
    DISPATCH_SOONEST,
    DISPATCH_DIVERSION,
    DISPATCH_SPARE,
    DISPATCH_AGE,
    DISPATCH_EARLIER,
    DISPATCH_RESTED,
    DISPATCH_ID,
    DISPATCH_RULE_END,
};

enum nearest_rule {
    NEAREST_SOONEST = 1,
    NEAREST_ID,
    NEAREST_RULE_END,
};

/* A candidate with the numbers that the rules compare. */
struct dispatch_contender {
    struct candidate candidate;
    int64_t soonest_step;   /* arrival, in steps */
    int64_t diversion_step; /* the same with what a diversion must gain */
    int64_t spare_step;     /* the same with what sparing skills is worth */
    struct instant since;   /* when its status began */
    uint32_t age_step;
    uint8_t surplus; /* skills to be spared, 0 to 2 */
};

/* Negative if a goes before b, positive if after; the magnitude is the rule that decided. 0 only for a unit and itself. */
int dispatch_compare_standard(const struct dispatch_contender *a, const struct dispatch_contender *b);
int dispatch_compare_nearest(const struct dispatch_contender *a, const struct dispatch_contender *b);

/* As struct policy says. A unit that is listed twice counts by its first time; one that does not exist is passed over. */
void dispatch_rank_standard(const struct core *core, const struct incident *incident, const struct travel_time *times,
                            uint32_t count, struct instant now, struct unit_ranking *ranking);
void dispatch_rank_nearest(const struct core *core, const struct incident *incident, const struct travel_time *times,
                           uint32_t count, struct instant now, struct unit_ranking *ranking);

#endif
