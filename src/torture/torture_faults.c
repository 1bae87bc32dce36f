/* What goes wrong beside the small things of the network: drawn from a deck, so that every kind comes once before any comes
 * twice. */
#include "torture/torture_private.h"

enum { FAULT_EVERY_LEAST_S = 15, FAULT_EVERY_MOST_S = 80 };

/* ---- the centre ---- */

static void kill_centre(struct torture *torture, bool power)
{
    if (torture->process.centre != NULL) {
        torture_count(torture, FIGURE_KILLED);
        process_kill(torture, power, "the centre is killed");
    }
}

static void kill_it(struct torture *torture) { kill_centre(torture, false); }

static void cut_power(struct torture *torture) { kill_centre(torture, true); }

static void kill_at(struct torture *torture, enum kill_point point) { torture->store.kill_point = point; }

static void kill_in_group(struct torture *torture) { kill_at(torture, KILL_AT_APPEND); }

static void kill_before_commit(struct torture *torture) { kill_at(torture, KILL_BEFORE_COMMIT); }

static void kill_after_commit(struct torture *torture) { kill_at(torture, KILL_AFTER_COMMIT); }

static void kill_in_snapshot(struct torture *torture) { kill_at(torture, KILL_AT_SNAPSHOT); }

static void stop_it(struct torture *torture)
{
    if (torture->process.centre != NULL) {
        torture_count(torture, FIGURE_STOPPED);
        process_stop(torture);
    }
}

void faults_kill(struct torture *torture)
{
    struct random_stream *stream = &torture->streams[STREAM_FAULTS];
    if (!torture->calm) {
        static void (*const ways[])(struct torture *) = { kill_it, cut_power, kill_before_commit, kill_after_commit };
        ways[torture_below(stream, ARRAY_LENGTH(ways))](torture);
        torture_plan(torture, torture->now_us + torture->options->kill_every_s * US_PER_SECOND, HAPPENS_KILL, 0, 0);
    }
}

/* ---- the disk ---- */

static void break_disk(struct torture *torture, enum fault_kind kind)
{
    torture_store_break(torture, kind, 1 + torture_below(&torture->streams[STREAM_FAULTS], 25));
}

static void disk_errs(struct torture *torture) { break_disk(torture, FAULT_IO); }

static void disk_is_full(struct torture *torture) { break_disk(torture, FAULT_FULL); }

static void disk_dies(struct torture *torture) { break_disk(torture, FAULT_DEAD); }

/* And the centre with it, whose next start meets a journal that cannot be read. */
static void disk_dies_with_the_centre(struct torture *torture)
{
    torture_store_break(torture, FAULT_DEAD, 1);
    torture->store.fails_at_start = true;
    kill_centre(torture, false);
}

static void disk_is_slow(struct torture *torture)
{
    torture->store.slow_until_us = torture->now_us + torture_between_us(&torture->streams[STREAM_FAULTS], 15, 120);
    torture_note(torture, "the disk becomes slow");
}

/* ---- clocks ---- */

static void set_clock(struct torture *torture, enum torture_figure figure, double least_s, double most_s)
{
    torture->wall_offset_us = torture_between_us(&torture->streams[STREAM_FAULTS], least_s, most_s);
    torture_advance(torture, 0);
    torture_count(torture, figure);
    torture_note(torture, "the wall clock is set to %+lld s", (long long)(torture->wall_offset_us / US_PER_SECOND));
}

static void clock_back(struct torture *torture) { set_clock(torture, FIGURE_CLOCK_BACK, -1800, 0); }

static void clock_ahead(struct torture *torture) { set_clock(torture, FIGURE_CLOCK_AHEAD, 0, 400); }

/* ---- edges and the network ---- */

static struct edge *some_edge(struct torture *torture, uint32_t first, uint32_t count)
{
    return &torture->edges[first + torture_below(&torture->streams[STREAM_FAULTS], count)];
}

static void crash(struct torture *torture, uint32_t first, uint32_t count)
{
    edge_crash(torture, some_edge(torture, first, count), torture_between_us(&torture->streams[STREAM_FAULTS], 2, 90));
}

static void crash_gateway(struct torture *torture) { crash(torture, 0, 3); }

static void crash_seat(struct torture *torture) { crash(torture, 4, SEATS); }

static void crash_crew(struct torture *torture) { crash(torture, 4 + SEATS, UNITS); }

static void crash_hospital(struct torture *torture) { crash(torture, 4 + SEATS + UNITS, HOSPITALS); }

static void cut_off(struct torture *torture)
{
    struct edge *edge = some_edge(torture, 0, EDGES);
    char name[24];
    edge->cut_off_until_us = torture->now_us + torture_between_us(&torture->streams[STREAM_FAULTS], 20, 600);
    torture_count(torture, FIGURE_CUT_OFF);
    torture_note(torture, "%s is cut off", edge_name(edge, name));
}

static void storm(struct torture *torture)
{
    torture->storm_until_us = torture->now_us + torture_between_us(&torture->streams[STREAM_FAULTS], 10, 60);
    torture_note(torture, "the network becomes bad");
}

static void silence_roads(struct torture *torture)
{
    torture->roads_silent_until_us = torture->now_us + torture_between_us(&torture->streams[STREAM_FAULTS], 20, 90);
    torture_note(torture, "the road workers fall silent");
}

static void flood(struct torture *torture)
{
    torture->flood_until_us = torture->now_us + torture_between_us(&torture->streams[STREAM_FAULTS], 20, 90);
    torture_count(torture, FIGURE_FLOOD);
    torture_note(torture, "calls flood in");
}

/* ---- the deck ---- */

static void (*const FAULTS[])(struct torture *) = {
    kill_it,
    cut_power,
    kill_in_group,
    kill_before_commit,
    kill_after_commit,
    kill_after_commit,
    kill_in_snapshot,
    stop_it,
    disk_errs,
    disk_is_full,
    disk_dies,
    disk_is_slow,
    clock_back,
    clock_ahead,
    crash_seat,
    crash_seat,
    crash_crew,
    crash_crew,
    crash_hospital,
    crash_gateway,
    cut_off,
    disk_dies_with_the_centre,
    storm,
    silence_roads,
    flood,
};
_Static_assert(ARRAY_LENGTH(FAULTS) <= DECK_MAX, "the deck holds all of them");

static uint32_t draw(struct torture *torture)
{
    if (torture->deck_left == 0) {
        for (uint32_t i = 0; i < ARRAY_LENGTH(FAULTS); i++) {
            torture->deck[i] = i;
        }
        torture->deck_left = ARRAY_LENGTH(FAULTS);
    }
    uint32_t at = torture_below(&torture->streams[STREAM_FAULTS], torture->deck_left);
    uint32_t drawn = torture->deck[at];
    torture->deck[at] = torture->deck[--torture->deck_left];
    return drawn;
}

static void plan_next(struct torture *torture)
{
    struct random_stream *stream = &torture->streams[STREAM_FAULTS];
    torture_plan(torture, torture->now_us + torture_between_us(stream, FAULT_EVERY_LEAST_S, FAULT_EVERY_MOST_S), HAPPENS_FAULT, 0,
                 0);
}

void faults_begin(struct torture *torture)
{
    plan_next(torture);
    if (torture->options->kill_every_s > 0) {
        torture_plan(torture, torture->now_us + torture->options->kill_every_s * US_PER_SECOND, HAPPENS_KILL, 0, 0);
    }
}

void faults_next(struct torture *torture)
{
    if (!torture->calm) {
        FAULTS[draw(torture)](torture);
        plan_next(torture);
    }
}

/* The last one: the centre starts anew, on a disk and with a clock that are in order. */
void faults_end(struct torture *torture)
{
    torture->wall_offset_us = 0;
    torture->storm_until_us = torture->roads_silent_until_us = torture->flood_until_us = torture->store.slow_until_us = 0;
    torture_advance(torture, 0);
    for (uint32_t i = 0; i < EDGES; i++) {
        torture->edges[i].cut_off_until_us = 0;
    }
    torture_store_repair(torture);
    kill_it(torture);
}
