#include "road/match.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "road/snap.h"

enum {
    EDGES_MAX = 16,             /* candidates of a fix */
    STATES_MAX = 2 * EDGES_MAX, /* each with its directions */
    LAG_MAX = 64,
    OUTLIERS_MAX = 3,
    GAP_MAX_S = 300,
    NO_STATE = 255,
};

static const double REACH_SHARE = 6, REACH_MIN_M = 50; /* roads farther than reach * noise_m are not thought of */
static const double PASS_OVER = 3;                     /* a fix nearer to the last used than that many noise_m says nothing new */
static const double SLACK_M = 8, SLACK_M_PER_S = 1;
static const double DETOUR_MAX_M = 2000;    /* a way longer than the straight line by more is none (Newson and Krumm) */
static const double SPEED_MAX_M_PER_S = 60; /* nor is one that would have to be driven faster */
static const double BACK_MAX_M = 40;        /* set back on the same arc by so little, it stood */
static const double COST_SPREAD = 60;       /* a state worse than the best by more is let go of: e^-60 */

/* ---- what is shared ---- */

struct match_net {
    const struct city *city;
    enum road_profile profile;
    struct cch_metric *metric;
    struct cch_labels *labels;
};

enum status match_net_create(const struct city *city, enum road_profile profile, struct match_net **net, struct error *error)
{
    if (city_is_from_arcs(city) || !city_has_profile(city, profile)) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s: positions can be matched to the roads of a city made from a map only, not from arc tables",
                     city_name(city));
    }
    struct match_net *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to match positions");
    }
    made->city = city;
    made->profile = profile;
    enum status status = cch_metric_create(city_cch(city), city_graph(city), city_weights(city, profile), city_lengths_dm(city),
                                           &made->metric, error);
    if (status == STATUS_OK) {
        status = cch_labels_create(made->metric, &made->labels, error);
    }
    if (status != STATUS_OK) {
        match_net_destroy(made);
        return status;
    }
    *net = made;
    return STATUS_OK;
}

void match_net_destroy(struct match_net *net)
{
    if (net == NULL) {
        return;
    }
    if (net->labels != NULL) {
        cch_labels_destroy(net->labels);
    }
    if (net->metric != NULL) {
        cch_metric_destroy(net->metric);
    }
    free(net);
}

uint32_t match_side_of_arc(const struct city *city, uint32_t arc)
{
    return city_part_u32(city_parts_of(city), CITY_ARC_SIDE)[arc];
}

/* ---- the lattice ---- */

struct state {
    uint32_t arc;
    float fraction, off_m;
    double cost;  /* of the best sequence that ends here; infinite: none does */
    uint8_t back; /* the state before in it, or NO_STATE */
};

struct column {
    uint32_t fix, count;
    struct state states[STATES_MAX];
};
VEC_TYPE(columns, struct column);

/* The ends of a state's ways, in lengths: seeds in decimetres along its own arc. */
struct ends {
    struct road_seeds leaving, reaching;
};

struct matcher {
    const struct match_net *net;
    struct match_rules rules;
    struct columns columns; /* not decided yet, the oldest first */
    struct match_fix last;  /* the last used */
    uint32_t fixes, outliers;
    bool begins;                                         /* the oldest column is the first of a piece */
    struct ends ends[STATES_MAX], next_ends[STATES_MAX]; /* of the newest column, and of the one that is being made */
};

enum status matcher_create(const struct match_net *net, const struct match_rules *rules, struct matcher **matcher,
                           struct error *error)
{
    CHECK(rules->noise_m >= 1 && rules->noise_m <= 100 && rules->lag <= LAG_MAX);
    struct matcher *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to match positions");
    }
    made->net = net;
    made->rules = *rules;
    matcher_reset(made);
    *matcher = made;
    return STATUS_OK;
}

void matcher_destroy(struct matcher *matcher)
{
    if (matcher != NULL) {
        vec_free(&matcher->columns);
        free(matcher);
    }
}

void matcher_reset(struct matcher *matcher)
{
    matcher->columns.count = 0;
    matcher->fixes = matcher->outliers = 0;
    matcher->last.at = INSTANT_NONE;
    matcher->begins = true;
}

/* ---- states ---- */

/* Seeds in decimetres: those of the weights are made anew with lengths, which are small, so that nothing is lost. */
static void make_ends(const struct match_net *net, const struct state *state, struct ends *ends)
{
    const road_ticks *weights = cch_metric_weights(net->metric);
    struct road_place place = { .node = ROAD_NONE, .arc = { state->arc, ROAD_NONE }, .fraction = state->fraction };
    city_seeds_leaving(net->city, weights, &place, &ends->leaving);
    city_seeds_reaching(net->city, weights, &place, &ends->reaching);
}

static void add_state(const struct match_net *net, uint32_t arc, double fraction, double off_m, double noise_m,
                      struct column *column, struct ends *ends)
{
    if (arc == ROAD_NONE || cch_metric_weights(net->metric)[arc] >= ROAD_INFINITY) {
        return;
    }
    struct state *state = &column->states[column->count];
    *state = (struct state){ .arc = arc,
                             .fraction = (float)fraction,
                             .off_m = (float)off_m,
                             .cost = off_m * off_m / (2 * noise_m * noise_m),
                             .back = NO_STATE };
    make_ends(net, state, &ends[column->count++]);
}

static void find_states(struct matcher *matcher, struct geo_point at, struct column *column)
{
    const struct match_net *net = matcher->net;
    struct snap_hit hits[EDGES_MAX];
    double noise_m = matcher->rules.noise_m;
    uint32_t count = snap_near(city_parts_of(net->city), net->profile, at, fmax(REACH_SHARE * noise_m, REACH_MIN_M), hits,
                               EDGES_MAX);
    column->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct road_place place = city_place_on_edge(net->city, &hits[i], at);
        double fraction = (double)place.fraction;
        add_state(net, place.arc[0], fraction, hits[i].distance_m, noise_m, column, matcher->next_ends);
        add_state(net, place.arc[1], 1 - fraction, hits[i].distance_m, noise_m, column, matcher->next_ends);
    }
}

/* ---- transitions ---- */

static double arc_m(const struct match_net *net, uint32_t arc) { return city_lengths_dm(net->city)[arc] / 10.0; }

/* Metres of the quickest way between the nodes of two states' ends; infinite where there is none. */
static double between_m(const struct match_net *net, const struct ends *from, const struct ends *to)
{
    road_ticks least = ROAD_INFINITY;
    uint32_t length_dm = 0;
    for (uint32_t i = 0; i < from->leaving.count; i++) {
        for (uint32_t j = 0; j < to->reaching.count; j++) {
            uint32_t way_dm;
            road_ticks ticks = cch_labels_distance_and_length(net->labels, from->leaving.seed[i].node, to->reaching.seed[j].node,
                                                              &way_dm);
            if (ticks < least || (ticks == least && way_dm < length_dm)) {
                least = ticks;
                length_dm = way_dm;
            }
        }
    }
    return least < ROAD_INFINITY ? length_dm / 10.0 : INFINITY;
}

/* A little behind on the same arc is noise, and counts as standing. */
static double way_m(const struct match_net *net, const struct state *from, const struct ends *from_ends, const struct state *to,
                    const struct ends *to_ends)
{
    double length_m = arc_m(net, from->arc);
    if (from->arc == to->arc) {
        double along_m = ((double)to->fraction - (double)from->fraction) * length_m;
        if (along_m >= 0) {
            return along_m;
        }
        if (along_m >= -BACK_MAX_M) {
            return 0;
        }
    }
    return (1 - (double)from->fraction) * length_m + between_m(net, from_ends, to_ends) +
           (double)to->fraction * arc_m(net, to->arc);
}

struct step {
    double straight_m, way_max_m, slack_m;
};

static struct step step_between(const struct match_fix *last, const struct match_fix *fix)
{
    double seconds = (double)(fix->at.us - last->at.us) / US_PER_SECOND;
    double straight_m = geo_distance_m(last->point, fix->point);
    return (struct step){ .straight_m = straight_m,
                          .way_max_m = fmin(straight_m + DETOUR_MAX_M, SPEED_MAX_M_PER_S * seconds + REACH_MIN_M),
                          .slack_m = SLACK_M + SLACK_M_PER_S * seconds };
}

static double best_cost(const struct column *column)
{
    double best = INFINITY;
    for (uint32_t i = 0; i < column->count; i++) {
        best = fmin(best, column->states[i].cost);
    }
    return best;
}

/* The best way into a state of the column that follows before. */
static void reach(const struct matcher *matcher, const struct column *before, double best, const struct step *step,
                  struct state *state, const struct ends *ends)
{
    double least = INFINITY;
    for (uint32_t i = 0; i < before->count; i++) {
        const struct state *from = &before->states[i];
        if (from->cost > best + COST_SPREAD || from->cost >= least) {
            continue;
        }
        double metres = way_m(matcher->net, from, &matcher->ends[i], state, ends);
        if (metres > step->way_max_m) {
            continue;
        }
        double cost = from->cost + fabs(metres - step->straight_m) / step->slack_m;
        if (cost < least) {
            least = cost;
            state->back = (uint8_t)i;
        }
    }
    state->cost += least;
}

/* True if a sequence leads into the column. */
static bool connect(struct matcher *matcher, const struct match_fix *fix, struct column *column)
{
    const struct column *before = &matcher->columns.items[matcher->columns.count - 1];
    struct step step = step_between(&matcher->last, fix);
    double best = best_cost(before);
    for (uint32_t i = 0; i < column->count; i++) {
        reach(matcher, before, best, &step, &column->states[i], &matcher->next_ends[i]);
    }
    return best_cost(column) < INFINITY;
}

/* ---- deciding ---- */

static uint8_t best_state(const struct column *column)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < column->count; i++) {
        best = column->states[i].cost < column->states[best].cost ? i : best;
    }
    return (uint8_t)best;
}

static struct match_point point_of(const struct column *column, uint8_t index, bool begins)
{
    const struct state *state = &column->states[index];
    return (struct match_point){
        .fix = column->fix, .arc = state->arc, .fraction = state->fraction, .off_m = state->off_m, .begins = begins
    };
}

/* All that is left of a piece. */
static enum status decide_all(struct matcher *matcher, struct match_points *points, struct error *error)
{
    struct columns *columns = &matcher->columns;
    size_t first = points->count;
    if (columns->count == 0) {
        return STATUS_OK;
    }
    if (!vec_reserve(points, first + columns->count)) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to match positions");
    }
    uint8_t index = best_state(&columns->items[columns->count - 1]);
    for (size_t i = columns->count; i-- > 0; index = columns->items[i].states[index].back) {
        points->items[first + i] = point_of(&columns->items[i], index, i == 0 && matcher->begins);
    }
    points->count += columns->count;
    columns->count = 0;
    matcher->begins = true;
    return STATUS_OK;
}

/* The oldest, by the sequence that is best now. Sequences that do not come from it are let go of, so that what is told later
 * follows from it. */
static enum status decide_oldest(struct matcher *matcher, struct match_points *points, struct error *error)
{
    struct columns *columns = &matcher->columns;
    size_t count = columns->count;
    uint8_t index = best_state(&columns->items[count - 1]);
    for (size_t i = count - 1; i > 0; i--) {
        index = columns->items[i].states[index].back;
    }
    if (!vec_push(points, point_of(&columns->items[0], index, matcher->begins))) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to match positions");
    }
    bool keeps[STATES_MAX] = { false };
    keeps[index] = true;
    for (size_t i = 1; i < count; i++) {
        bool next[STATES_MAX] = { false };
        for (uint32_t k = 0; k < columns->items[i].count; k++) {
            struct state *state = &columns->items[i].states[k];
            next[k] = state->back != NO_STATE && keeps[state->back];
            state->cost = next[k] ? state->cost : INFINITY;
        }
        memcpy(keeps, next, sizeof keeps);
    }
    memmove(columns->items, columns->items + 1, (count - 1) * sizeof *columns->items);
    columns->count -= 1;
    matcher->begins = false;
    return STATUS_OK;
}

/* ---- fixes ---- */

static bool says_nothing_new(const struct matcher *matcher, const struct match_fix *fix)
{
    return matcher->columns.count > 0 && (fix->at.us <= matcher->last.at.us ||
                                          geo_distance_m(fix->point, matcher->last.point) < PASS_OVER * matcher->rules.noise_m);
}

static bool is_too_late(const struct matcher *matcher, const struct match_fix *fix)
{
    return fix->at.us - matcher->last.at.us > GAP_MAX_S * US_PER_SECOND;
}

enum status matcher_add(struct matcher *matcher, const struct match_fix *fix, struct match_points *points, struct error *error)
{
    uint32_t number = matcher->fixes++;
    if (says_nothing_new(matcher, fix)) {
        return STATUS_OK;
    }
    struct column column;
    column.fix = number;
    find_states(matcher, fix->point, &column);
    bool follows = matcher->columns.count > 0 && !is_too_late(matcher, fix);
    if (column.count == 0 || (follows && !connect(matcher, fix, &column))) {
        matcher->outliers += 1;
        if (column.count == 0 || matcher->outliers <= OUTLIERS_MAX) {
            return STATUS_OK;
        }
        follows = false;
        find_states(matcher, fix->point, &column);
    }
    if (!follows) {
        TRY(decide_all(matcher, points, error));
    }
    matcher->outliers = 0;
    matcher->last = *fix;
    memcpy(matcher->ends, matcher->next_ends, column.count * sizeof *matcher->ends);
    if (!vec_push(&matcher->columns, column)) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to match positions");
    }
    bool decides = matcher->rules.lag != MATCH_WHOLE && matcher->columns.count > matcher->rules.lag;
    return decides ? decide_oldest(matcher, points, error) : STATUS_OK;
}

enum status matcher_finish(struct matcher *matcher, struct match_points *points, struct error *error)
{
    return decide_all(matcher, points, error);
}

/* ---- ways ---- */

struct match_ways {
    const struct match_net *net;
    struct cch_query *query;
};

enum status match_ways_create(const struct match_net *net, struct match_ways **ways, struct error *error)
{
    struct match_ways *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the ways between positions");
    }
    made->net = net;
    enum status status = cch_query_create(net->metric, &made->query, error);
    if (status != STATUS_OK) {
        free(made);
        return status;
    }
    *ways = made;
    return STATUS_OK;
}

void match_ways_destroy(struct match_ways *ways)
{
    if (ways != NULL) {
        cch_query_destroy(ways->query);
        free(ways);
    }
}

static enum status add_part(struct match_parts *parts, uint32_t arc, float from, float to, struct error *error)
{
    return from >= to || vec_push(parts, (struct match_part){ arc, from, to })
               ? STATUS_OK
               : ERROR(error, STATUS_NO_MEMORY, "no memory for the ways between positions");
}

static void bare_seeds(struct road_seeds *seeds)
{
    for (uint32_t i = 0; i < seeds->count; i++) {
        seeds->seed[i].ticks = 0; /* what is beyond the nodes is the same for all */
    }
}

enum status match_ways_between(struct match_ways *ways, const struct match_point *from, const struct match_point *to,
                               struct match_parts *parts, struct error *error)
{
    const struct match_net *net = ways->net;
    double back_m = ((double)from->fraction - (double)to->fraction) * arc_m(net, from->arc);
    if (from->arc == to->arc && back_m <= BACK_MAX_M) {
        return add_part(parts, from->arc, from->fraction, to->fraction, error);
    }
    struct state begin = { .arc = from->arc, .fraction = from->fraction }, end = { .arc = to->arc, .fraction = to->fraction };
    struct ends begin_ends, end_ends;
    struct cch_path path;
    make_ends(net, &begin, &begin_ends);
    make_ends(net, &end, &end_ends);
    bare_seeds(&begin_ends.leaving);
    bare_seeds(&end_ends.reaching);
    TRY(cch_query_path(ways->query, &begin_ends.leaving, &end_ends.reaching, &path, error));
    if (path.ticks >= ROAD_INFINITY) {
        return STATUS_OK;
    }
    TRY(add_part(parts, from->arc, from->fraction, 1, error));
    for (uint32_t i = 0; i < path.arc_count; i++) {
        TRY(add_part(parts, path.arcs[i], 0, 1, error));
    }
    return add_part(parts, to->arc, 0, to->fraction, error);
}
