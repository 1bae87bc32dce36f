/* The simulated world outside the centre: callers, crews, vehicles and hospitals, with the truth that the core may not see. It
 * drives the same core by the same commands as a live centre's people and machines, on a virtual clock.
 *
 * What it knows and the core does not: how long things will take, who will be transported, where exactly a moving unit is. The
 * core is told estimates (mean mobilisation, the quickest way) when it asks, and facts when crews report them.
 *
 * The seats answer at once and take the whole delay of a call before triage; the dispatcher takes the first recommendation; crews
 * press every button when it is due. Those are the people of the scenario; others come with other worlds. */
#ifndef MINGDI_SIM_WORLD_H
#define MINGDI_SIM_WORLD_H

#include "core/engine.h"
#include "sim/call_list.h"
#include "sim/call_stream.h"
#include "sim/motion.h"
#include "sim/roads.h"
#include "sim/scenario.h"

/* Everything of a scenario that is worked out once and shared by all replications. */
struct world_setting {
    const struct scenario *scenario;
    const struct roads *roads;
    struct base *stations; /* by index */
    struct facility_place {
        struct spot spot;
        struct sweep to; /* ways to it, in the profile of such trips; steps NULL where it was not made */
    } * facilities;      /* by index */
    /* The ticks of all their sweeps; not made where the sweeps were not. */
    struct sweep_table from_stations[DRIVING_PROFILES], to_facilities;
    struct duration mobilisation_mean[PRIORITY_COUNT]; /* what the dispatcher expects */
    const struct policy *policy;
};

/* Its parts point at one another: it is not copied. On failure there is nothing to free. */
enum status world_setting_create(const struct scenario *scenario, const struct roads *roads, const struct policy *policy,
                                 struct world_setting *setting, struct error *error) MUST_USE;
void world_setting_free(struct world_setting *setting);

/* Where calls come from: one of the two. */
struct call_source {
    struct call_stream *stream;
    const struct call_list *list;
    uint32_t next; /* of the list */
};

struct world_tally {
    uint64_t calls, commands, refused, alarms, without_bed;
    struct instant ended_at;
};

struct world;

/* Opens the centre in the engine (posts, units, facilities, rules) and puts every unit at its station at instant 0. */
enum status world_create(const struct world_setting *setting, struct engine *engine, struct world **world, struct error *error)
    MUST_USE;
void world_destroy(struct world *world);
/* Lives until every call is over. progress may be NULL; it is called about every thousand calls with the present instant, between
 * two commands; a failure ends the run. */
enum status world_run(struct world *world, struct call_source *source,
                      enum status (*progress)(void *context, struct instant now, struct error *error), void *context,
                      struct world_tally *tally, struct error *error) MUST_USE;

#endif
