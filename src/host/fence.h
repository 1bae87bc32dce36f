/* Geofences: what a unit's positions suggest that its crew has not pressed yet. Only ever a suggestion, kept apart from what was
 * reported: people see "looks like you are at the scene", and the press that follows is the ordinary report with the time of the
 * crossing. Nothing here changes a status.
 *
 *   depart          away from where the order met it: FENCE_LEAVE_M for FENCE_LEAVE_S, two positions at least
 *   near_scene      on its way and within FENCE_NEAR_M of the incident: shown only, there is nothing to press
 *   arrive          within FENCE_REACH_M of the incident and standing (below FENCE_SLOW_M_PER_S) for FENCE_STAND_S
 *   leave_scene     away from where it stood when it reported to be there, like depart
 *   reach_facility  within FENCE_REACH_M of its destination and standing
 *   reach_post      returning, within FENCE_REACH_M of its post and standing
 *
 * Hysteresis: who is inside stays inside up to FENCE_HOLD_M, and one position that says otherwise says nothing, two do. The time
 * of a crossing is that of the first position on the other side. A change of the status begins anew.
 *
 * Workload: one step a position, 20,000 a second; 120 bytes a unit. Pure: no clock, no memory of its own. */
#ifndef MINGDI_HOST_FENCE_H
#define MINGDI_HOST_FENCE_H

#include <stdbool.h>

#include "base/time.h"
#include "core/state.h"

enum {
    FENCE_REACH_M = 100,
    FENCE_HOLD_M = 150,
    FENCE_LEAVE_M = 150,
    FENCE_NEAR_M = 500,
    FENCE_STAND_S = 10,
    FENCE_LEAVE_S = 10,
};
#define FENCE_SLOW_M_PER_S 2.5

enum suggestion_kind {
    SUGGESTION_NONE,
    SUGGESTION_DEPART,
    SUGGESTION_NEAR_SCENE,
    SUGGESTION_ARRIVE,
    SUGGESTION_LEAVE_SCENE,
    SUGGESTION_REACH_FACILITY,
    SUGGESTION_REACH_POST,
    SUGGESTION_KIND_COUNT,
};
/* "depart" ...: but for near_scene the word of the report (mission_event, unit_event). */
extern const char *const SUGGESTION_NAMES[SUGGESTION_KIND_COUNT];

struct suggestion {
    enum suggestion_kind kind;
    struct instant crossed_at;
};

/* What is looked for, from the state of a unit: the same key as long as that is the same. */
struct fence_watch {
    uint64_t key; /* 0: nothing is */
    enum suggestion_kind reach, leave;
    bool must_leave_first; /* reach counts only after leave */
    bool near_scene;
    struct geo_point point; /* of reach */
};
struct fence_watch fence_watch_of(const struct core *core, const struct unit *unit);

/* One side of a fence, seen so far. */
struct fence_side {
    bool is;                 /* it has crossed */
    uint32_t against;        /* positions in a row that say otherwise */
    uint32_t seen;           /* positions since the crossing, that one counted */
    struct instant since;    /* the crossing */
    struct instant stood_at; /* since when it stands, or INSTANT_NONE */
};

/* Of one unit; all zero at the beginning. */
struct fence_track {
    uint64_t key;
    bool has_last;
    struct geo_point anchor, last;
    struct instant last_at;
    struct fence_side reached, left;
    bool near_scene;
    struct instant near_at;
};

/* A position of the unit; positions come by rising time. */
void fence_step(struct fence_track *track, const struct fence_watch *watch, struct geo_point point, struct instant at);
/* What is suggested now: none where the status has changed since. */
struct suggestion fence_suggestion(const struct fence_track *track, const struct fence_watch *watch);

#endif
