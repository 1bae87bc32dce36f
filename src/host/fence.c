#include "host/fence.h"

#include "geo/point.h"

enum { AGAINST_MAX = 2, LEFT_SEEN_MIN = 2 };

const char *const SUGGESTION_NAMES[SUGGESTION_KIND_COUNT] = {
    [SUGGESTION_NONE] = "none",
    [SUGGESTION_DEPART] = "depart",
    [SUGGESTION_NEAR_SCENE] = "near_scene",
    [SUGGESTION_ARRIVE] = "arrive",
    [SUGGESTION_LEAVE_SCENE] = "leave_scene",
    [SUGGESTION_REACH_FACILITY] = "reach_facility",
    [SUGGESTION_REACH_POST] = "reach_post",
};

/* ---- what is looked for ---- */

static void watch_facility(const struct core *core, const struct mission *mission, struct fence_watch *watch)
{
    const struct facility *facility = core_facility(core, mission->facility);
    if (facility != NULL) {
        watch->reach = SUGGESTION_REACH_FACILITY;
        watch->point = facility->point;
    }
}

static void watch_mission(const struct core *core, const struct mission *mission, struct fence_watch *watch)
{
    const struct incident *incident = core_incident(core, mission->incident);
    uint64_t phase = 0;
    if (incident == NULL) {
        return;
    }
    if (mission->state <= MISSION_STATE_DEPARTED) {
        bool departed = mission->state == MISSION_STATE_DEPARTED;
        phase = departed ? 2 : 1;
        watch->leave = departed ? SUGGESTION_NONE : SUGGESTION_DEPART;
        watch->must_leave_first = !departed;
        watch->reach = SUGGESTION_ARRIVE;
        watch->near_scene = departed;
        watch->point = incident->point;
    } else if (mission->state == MISSION_STATE_ON_SCENE || mission->state == MISSION_STATE_AT_PATIENT) {
        phase = 3;
        watch->leave = SUGGESTION_LEAVE_SCENE;
    } else if (mission->state == MISSION_STATE_LEFT_SCENE) {
        phase = 4;
        watch_facility(core, mission, watch);
    }
    watch->key = phase == 0 ? 0 : (uint64_t)mission->id << 3 | phase;
}

struct fence_watch fence_watch_of(const struct core *core, const struct unit *unit)
{
    struct fence_watch watch = { .key = 0 };
    if (unit->state == UNIT_STATE_RETURNING) {
        const struct post *post = core_post(core, unit->post);
        watch = (struct fence_watch){ .key = (uint64_t)unit->changed_at.us << 3 | 7,
                                      .reach = post == NULL ? SUGGESTION_NONE : SUGGESTION_REACH_POST };
        watch.point = post == NULL ? watch.point : post->point;
    } else if (unit->state == UNIT_STATE_ON_MISSION) {
        const struct mission *mission = core_mission(core, unit->mission);
        if (mission != NULL) {
            watch_mission(core, mission, &watch);
        }
    }
    return watch;
}

/* ---- positions ---- */

static void see(struct fence_side *side, bool is, struct instant at)
{
    if (is) {
        if (!side->is) {
            *side = (struct fence_side){ .is = true, .since = at, .stood_at = INSTANT_NONE };
        }
        side->seen += 1;
        side->against = 0;
    } else if (side->is && ++side->against >= AGAINST_MAX) {
        side->is = false;
    }
}

static void see_standing(struct fence_side *side, bool stands, struct instant from)
{
    if (!stands) {
        side->stood_at = INSTANT_NONE;
    } else if (instant_is_none(side->stood_at)) {
        side->stood_at = instant_max(from, side->since);
    }
}

static bool stands_still(const struct fence_track *track, struct geo_point point, struct instant at)
{
    double seconds = duration_to_seconds(instant_since(at, track->last_at));
    return track->has_last && seconds > 0 && geo_distance_m(track->last, point) <= FENCE_SLOW_M_PER_S * seconds;
}

void fence_step(struct fence_track *track, const struct fence_watch *watch, struct geo_point point, struct instant at)
{
    if (track->key != watch->key || watch->key == 0) {
        *track = (struct fence_track){ .key = watch->key, .anchor = point };
    }
    bool stands = stands_still(track, point, at);
    if (watch->leave != SUGGESTION_NONE) {
        see(&track->left, geo_distance_m(track->anchor, point) > FENCE_LEAVE_M, at);
    }
    if (watch->reach != SUGGESTION_NONE) {
        double away_m = geo_distance_m(watch->point, point);
        see(&track->reached, away_m <= (track->reached.is ? FENCE_HOLD_M : FENCE_REACH_M), at);
        if (track->reached.is && track->reached.against == 0) {
            see_standing(&track->reached, stands, track->last_at);
        }
        bool near_scene = watch->near_scene && away_m <= FENCE_NEAR_M;
        track->near_at = near_scene && !track->near_scene ? at : track->near_at;
        track->near_scene = near_scene;
    }
    track->last = point;
    track->last_at = at;
    track->has_last = true;
}

static bool has_left(const struct fence_track *track)
{
    return track->left.is && track->left.seen >= LEFT_SEEN_MIN &&
           instant_since(track->last_at, track->left.since).us >= FENCE_LEAVE_S * US_PER_SECOND;
}

static bool has_reached(const struct fence_track *track)
{
    return track->reached.is && !instant_is_none(track->reached.stood_at) &&
           instant_since(track->last_at, track->reached.stood_at).us >= FENCE_STAND_S * US_PER_SECOND;
}

struct suggestion fence_suggestion(const struct fence_track *track, const struct fence_watch *watch)
{
    struct suggestion none = { SUGGESTION_NONE, INSTANT_NONE };
    if (watch->key == 0 || watch->key != track->key) {
        return none;
    }
    bool left = watch->leave != SUGGESTION_NONE && has_left(track);
    if (watch->reach != SUGGESTION_NONE && has_reached(track) && (!watch->must_leave_first || left)) {
        return (struct suggestion){ watch->reach, track->reached.since };
    }
    if (left) {
        return (struct suggestion){ watch->leave, track->left.since };
    }
    return track->near_scene ? (struct suggestion){ SUGGESTION_NEAR_SCENE, track->near_at } : none;
}
