/* Node separators by FlowCutter seeded with inertial flow (Hamann and Strasser: "Graph Bisection with Pareto Optimization", ACM
 * JEA 2018; Gottesbueren, Hamann, Uhl, Wagner: "Faster and Better Nested Dissection Orders for Customizable Contraction
 * Hierarchies", Algorithms 2019), on node-disjoint paths instead of edge cuts.
 *
 * For each of several directions: the nodes first and last along it are source and sink; a maximal set of node-disjoint paths
 * between them gives a smallest node cut (Menger). Then the smaller side takes in all that it reaches and one node of the cut
 * beside it (piercing), which costs a further path only where it must; so a series of cuts arises, ever larger and better
 * balanced. Over all of them the one with the least (size / smaller side) wins.
 *
 * Workload: called for every piece of the nested dissection, 50 to 5,000,000 nodes, some 20,000 calls a city. The residual graph
 * is never built: a node carries at most one path, so two arrays (from, to) hold the whole flow. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "road/graph.h"
#include "road/order_private.h"

enum { DIRECTIONS_LARGE = 6, DIRECTIONS_SMALL = 4, LARGE_PIECE = 200, HISTOGRAM_BINS = 2048 };
#define SEED_SHARE 0.20   /* of the nodes on either side that begin as source or sink */
#define SMALLER_SIDE 0.25 /* least share of the nodes on the smaller side of a separator */

enum { SOURCE = 0, SINK = 1, FREE = 2 };

/* The search from one terminal side. Each node is split into an entry and an exit; seen from the sink everything runs backward,
 * so the two sides use the same code with the arrays exchanged. State of node v: 2v the entry, 2v+1 the exit. */
struct side {
    uint8_t *reached;  /* bit 0: entry, bit 1: exit */
    uint32_t *visited; /* nodes with any bit that are not terminals yet */
    uint32_t visited_count;
    uint32_t *terminals, terminal_count; /* with neighbours outside only, once compacted */
    uint32_t inside;                     /* terminals ever + nodes whose exit is reached */
    uint32_t *front, front_count;        /* nodes with flow whose entry was reached: those whose exit was not are the cut */
    uint32_t *from, *to;                 /* flow as this side sees it */
};

struct frame {
    uint32_t state, next; /* next: position in adjacent, for exits */
};

struct separator_finder {
    const struct piece *piece;
    struct side side[2];
    uint8_t *owner;      /* SOURCE, SINK or FREE */
    int32_t *projection; /* along the direction */
    struct frame *stack;
    uint32_t flow;
    uint32_t *best, best_count;
    double best_score;
    void *memory;
};

struct separator_finder *separator_finder_create(uint32_t count_max)
{
    size_t n = (size_t)count_max + 1;
    struct separator_finder *finder = calloc(1, sizeof *finder);
    /* 11 arrays of words, the stack of pairs with two states a node, 3 arrays of bytes */
    uint32_t *words = malloc(n * (10 * sizeof *words + 2 * sizeof(struct frame) + 3));
    if (finder == NULL || words == NULL) {
        free(words);
        free(finder);
        return NULL;
    }
    finder->memory = words;
    finder->stack = (struct frame *)words;
    words += 4 * n;
    for (int s = 0; s < 2; s++) {
        finder->side[s].visited = words;
        finder->side[s].terminals = words + n;
        finder->side[s].front = words + 2 * n;
        finder->side[s].from = words + 3 * n;
        words += 4 * n;
    }
    finder->side[SOURCE].to = finder->side[SINK].from;
    finder->side[SINK].to = finder->side[SOURCE].from;
    finder->projection = (int32_t *)words;
    finder->best = words + n;
    uint8_t *bytes = (uint8_t *)(words + 2 * n);
    finder->side[SOURCE].reached = bytes;
    finder->side[SINK].reached = bytes + n;
    finder->owner = bytes + 2 * n;
    return finder;
}

void separator_finder_destroy(struct separator_finder *finder)
{
    if (finder != NULL) {
        free(finder->memory);
        free(finder);
    }
}

/* ---- flow ---- */

static void reach(struct separator_finder *finder, struct side *side, uint32_t state)
{
    uint32_t node = state / 2;
    if (side->reached[node] == 0) {
        side->visited[side->visited_count++] = node;
    }
    side->reached[node] |= (uint8_t)(1u << (state % 2));
    if (state % 2 == 1) {
        side->inside++;
    } else if (side->from[node] != ROAD_NONE) {
        side->front[side->front_count++] = node;
    }
    (void)finder;
}

static bool is_reached(const struct side *side, uint32_t state) { return side->reached[state / 2] >> (state % 2) & 1; }

/* The stack holds the states of an augmenting path that began beside terminal begin and ends at terminal end: lay the flow. */
static void augment(struct separator_finder *finder, struct side *side, uint32_t begin, uint32_t end, uint32_t depth)
{
    const struct frame *stack = finder->stack;
    for (uint32_t i = 0; i + 1 < depth; i++) {
        if (stack[i].state % 2 == 1 && stack[i + 1].state == stack[i].state - 1) {
            side->from[stack[i].state / 2] = side->to[stack[i].state / 2] = ROAD_NONE; /* flow through the node is taken back */
        }
    }
    uint32_t previous = begin;
    bool previous_is_terminal = true, previous_is_exit = true;
    for (uint32_t i = 0; i < depth; i++) {
        uint32_t node = stack[i].state / 2;
        bool is_exit = stack[i].state % 2 == 1;
        if (previous_is_exit && !is_exit && node != previous) {
            side->from[node] = previous;
            if (!previous_is_terminal) {
                side->to[previous] = node;
            }
        }
        previous = node;
        previous_is_exit = is_exit;
        previous_is_terminal = false;
    }
    CHECK(previous_is_exit && !previous_is_terminal);
    side->to[previous] = end;
    finder->flow++;
}

/* The state that follows, or ROAD_NONE; *found is the opposite terminal when it is beside. */
static uint32_t next_state(const struct separator_finder *finder, const struct side *side, int which, struct frame *frame,
                           uint32_t *found)
{
    uint32_t node = frame->state / 2;
    if (frame->state % 2 == 0) {
        uint32_t from = side->from[node];
        if (from == ROAD_NONE) {
            return is_reached(side, frame->state + 1) ? ROAD_NONE : frame->state + 1;
        }
        return finder->owner[from] == which || is_reached(side, from * 2 + 1) ? ROAD_NONE : from * 2 + 1;
    }
    uint32_t last = finder->piece->first[node + 1];
    while (frame->next < last) {
        uint32_t neighbour = finder->piece->adjacent[frame->next++];
        if (finder->owner[neighbour] == 1 - which) {
            *found = neighbour;
            return ROAD_NONE;
        }
        if (finder->owner[neighbour] == FREE && !is_reached(side, neighbour * 2)) {
            return neighbour * 2;
        }
    }
    return side->from[node] != ROAD_NONE && !is_reached(side, frame->state - 1) ? frame->state - 1 : ROAD_NONE;
}

/* Depth-first search from the entry of a node beside terminal begin. True when a path was found and laid. */
static bool search(struct separator_finder *finder, int which, uint32_t begin, uint32_t state)
{
    struct side *side = &finder->side[which];
    struct frame *stack = finder->stack;
    uint32_t depth = 0;
    reach(finder, side, state);
    stack[depth++] = (struct frame){ state, finder->piece->first[state / 2] };
    while (depth > 0) {
        uint32_t found = ROAD_NONE;
        uint32_t next = next_state(finder, side, which, &stack[depth - 1], &found);
        if (found != ROAD_NONE) {
            augment(finder, side, begin, found, depth);
            return true;
        }
        if (next == ROAD_NONE) {
            depth--;
        } else {
            reach(finder, side, next);
            stack[depth++] = (struct frame){ next, finder->piece->first[next / 2] };
        }
    }
    return false;
}

/* Search from every neighbour of a terminal that is not reached yet. Returns whether any path was laid. */
static bool search_from(struct separator_finder *finder, int which, uint32_t terminal)
{
    const struct piece *piece = finder->piece;
    bool any = false;
    for (uint32_t i = piece->first[terminal]; i < piece->first[terminal + 1]; i++) {
        uint32_t neighbour = piece->adjacent[i];
        CHECK(finder->owner[neighbour] != 1 - which);
        if (finder->owner[neighbour] == FREE && !is_reached(&finder->side[which], neighbour * 2)) {
            any |= search(finder, which, terminal, neighbour * 2);
        }
    }
    return any;
}

static void forget_reached(struct side *side)
{
    for (uint32_t i = 0; i < side->visited_count; i++) {
        side->inside -= side->reached[side->visited[i]] >> 1;
        side->reached[side->visited[i]] = 0;
    }
    side->visited_count = side->front_count = 0;
}

/* Keep only the terminals with a neighbour that is none. */
static void compact_terminals(struct separator_finder *finder, int which)
{
    struct side *side = &finder->side[which];
    const struct piece *piece = finder->piece;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < side->terminal_count; i++) {
        uint32_t terminal = side->terminals[i], at = piece->first[terminal], last = piece->first[terminal + 1];
        while (at < last && finder->owner[piece->adjacent[at]] != FREE) {
            at++;
        }
        if (at < last) {
            side->terminals[kept++] = terminal;
        }
    }
    side->terminal_count = kept;
}

/* One pass over all terminals with shared marks; lays many paths, and is exact when it lays none. */
static bool pass_over_terminals(struct separator_finder *finder, int which)
{
    struct side *side = &finder->side[which];
    forget_reached(side);
    bool any = false;
    for (uint32_t i = 0; i < side->terminal_count; i++) {
        any |= search_from(finder, which, side->terminals[i]);
    }
    return any;
}

/* Maximal flow; afterwards both sides' reached sets are right. */
static void maximize(struct separator_finder *finder, int which)
{
    compact_terminals(finder, SOURCE);
    compact_terminals(finder, SINK);
    while (pass_over_terminals(finder, which)) {
    }
    bool more = pass_over_terminals(finder, 1 - which);
    CHECK(!more);
}

/* ---- piercing ---- */

/* All that is reached becomes terminal. */
static void take_in_reached(struct separator_finder *finder, int which)
{
    struct side *side = &finder->side[which];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < side->visited_count; i++) {
        uint32_t node = side->visited[i];
        if (side->reached[node] >> 1) {
            finder->owner[node] = (uint8_t)which;
            side->terminals[side->terminal_count++] = node;
        } else {
            side->visited[kept++] = node;
        }
    }
    side->visited_count = kept;
}

static bool touches(const struct separator_finder *finder, uint32_t node, int owner)
{
    for (uint32_t i = finder->piece->first[node]; i < finder->piece->first[node + 1]; i++) {
        if (finder->owner[finder->piece->adjacent[i]] == owner) {
            return true;
        }
    }
    return false;
}

/* Drop from the front what has been passed. */
static void compact_front(struct side *side)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < side->front_count; i++) {
        if (side->reached[side->front[i]] == 1) {
            side->front[kept++] = side->front[i];
        }
    }
    side->front_count = kept;
}

/* The cut node to go on through: one that needs no further path before one that does, then the one furthest back along the
 * direction, so that the front advances evenly. ROAD_NONE when all touch the other side. */
static uint32_t choose_piercing(const struct separator_finder *finder, int which, bool *needs_path)
{
    const struct side *side = &finder->side[which], *other = &finder->side[1 - which];
    uint32_t best = ROAD_NONE;
    bool best_needs = true;
    for (uint32_t i = 0; i < side->front_count; i++) {
        uint32_t node = side->front[i];
        if (touches(finder, node, 1 - which)) {
            continue;
        }
        bool needs = other->reached[node] & 1; /* its exit, seen from here, is its entry seen from there */
        int32_t along = which == SOURCE ? finder->projection[node] : -finder->projection[node];
        int32_t best_along = best == ROAD_NONE ? 0 : which == SOURCE ? finder->projection[best] : -finder->projection[best];
        if (best == ROAD_NONE || needs < best_needs ||
            (needs == best_needs && (along < best_along || (along == best_along && node < best)))) {
            best = node;
            best_needs = needs;
        }
    }
    *needs_path = best_needs;
    return best;
}

static void pierce(struct separator_finder *finder, int which, uint32_t node, bool needs_path)
{
    struct side *side = &finder->side[which];
    take_in_reached(finder, which);
    finder->owner[node] = (uint8_t)which;
    side->terminals[side->terminal_count++] = node;
    side->reached[node] = 3;
    side->inside++;
    for (uint32_t i = 0; i < side->visited_count; i++) {
        if (side->visited[i] == node) {
            side->visited[i] = side->visited[--side->visited_count];
            break;
        }
    }
    bool laid = search_from(finder, which, node);
    CHECK(needs_path || !laid);
    if (laid) {
        maximize(finder, which);
    }
}

/* ---- cuts ---- */

static bool begin_direction(struct separator_finder *finder, double angle)
{
    const struct piece *piece = finder->piece;
    uint32_t count = piece->count, bins[HISTOGRAM_BINS] = { 0 };
    double cosine = cos(angle), sine = sin(angle), low = 1e300, high = -1e300;
    for (uint32_t v = 0; v < count; v++) {
        double along = cosine * piece->x[v] + sine * piece->y[v];
        low = along < low ? along : low;
        high = along > high ? along : high;
    }
    double scale = high > low ? 1e9 / (high - low) : 0;
    for (uint32_t v = 0; v < count; v++) {
        finder->projection[v] = (int32_t)((cosine * piece->x[v] + sine * piece->y[v] - low) * scale);
        bins[(int64_t)finder->projection[v] * HISTOGRAM_BINS / 1000000001]++;
    }
    uint32_t wanted = (uint32_t)(count * SEED_SHARE) + 1, sum = 0;
    int64_t first_bin = 0, last_bin = HISTOGRAM_BINS - 1;
    for (; sum < wanted; first_bin++) {
        sum += bins[first_bin];
    }
    for (sum = 0; sum < wanted; last_bin--) {
        sum += bins[last_bin];
    }
    int64_t low_end = first_bin * 1000000001 / HISTOGRAM_BINS, high_end = (last_bin + 1) * 1000000001 / HISTOGRAM_BINS;
    finder->flow = 0;
    for (int s = 0; s < 2; s++) {
        struct side *side = &finder->side[s];
        side->visited_count = side->terminal_count = side->front_count = 0;
        memset(side->reached, 0, count);
        memset(side->from, 0xFF, count * sizeof *side->from);
    }
    memset(finder->owner, FREE, count);
    for (uint32_t v = 0; v < count; v++) {
        if (finder->projection[v] <= low_end && finder->projection[v] <= high_end) {
            finder->owner[v] = SOURCE;
            finder->side[SOURCE].terminals[finder->side[SOURCE].terminal_count++] = v;
        }
    }
    for (uint32_t v = 0; v < count; v++) {
        if (finder->projection[v] > high_end && finder->owner[v] == FREE && !touches(finder, v, SOURCE)) {
            finder->owner[v] = SINK;
            finder->side[SINK].terminals[finder->side[SINK].terminal_count++] = v;
        }
    }
    finder->side[SOURCE].inside = finder->side[SOURCE].terminal_count;
    finder->side[SINK].inside = finder->side[SINK].terminal_count;
    return finder->side[SOURCE].terminal_count > 0 && finder->side[SINK].terminal_count > 0;
}

/* Keep the cut beside one side if it is the best so far. */
static void consider(struct separator_finder *finder, int which)
{
    struct side *side = &finder->side[which];
    uint32_t count = finder->piece->count, rest = count - finder->flow - side->inside;
    uint32_t smaller = side->inside < rest ? side->inside : rest;
    if (smaller < count * SMALLER_SIDE || finder->flow == 0) {
        return;
    }
    double score = (double)finder->flow / smaller;
    if (score < finder->best_score) {
        compact_front(side);
        CHECK(side->front_count == finder->flow);
        memcpy(finder->best, side->front, side->front_count * sizeof *side->front);
        finder->best_count = side->front_count;
        finder->best_score = score;
    }
}

static void cut_along(struct separator_finder *finder, double angle)
{
    if (!begin_direction(finder, angle)) {
        return;
    }
    maximize(finder, SOURCE);
    uint32_t count = finder->piece->count;
    for (;;) {
        consider(finder, SOURCE);
        consider(finder, SINK);
        if (finder->flow >= count || 2.0 * finder->flow / (count - finder->flow) >= finder->best_score) {
            return; /* even perfect balance would not make a cut of this size the best */
        }
        int which = finder->side[SOURCE].inside <= finder->side[SINK].inside ? SOURCE : SINK;
        bool needs_path;
        compact_front(&finder->side[which]);
        uint32_t node = choose_piercing(finder, which, &needs_path);
        if (node == ROAD_NONE) {
            return;
        }
        pierce(finder, which, node, needs_path);
    }
}

uint32_t find_separator(struct separator_finder *finder, const struct piece *piece, uint32_t *separator)
{
    finder->piece = piece;
    finder->best_count = 0;
    finder->best_score = 1e300;
    int directions = piece->count >= LARGE_PIECE ? DIRECTIONS_LARGE : DIRECTIONS_SMALL;
    for (int i = 0; i < directions; i++) {
        cut_along(finder, 3.14159265358979323846 * i / directions);
    }
    memcpy(separator, finder->best, finder->best_count * sizeof *separator);
    return finder->best_count;
}
