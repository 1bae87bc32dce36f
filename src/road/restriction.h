/* Turn restrictions: from relations of OpenStreetMap to forbidden sequences of arcs, and from those to a search graph in which
 * every path is permitted.
 *
 * The graph is expanded by an automaton over arcs (Aho and Corasick, CACM 1975): a state is a proper prefix of a forbidden
 * sequence, that is, one restricted way of having arrived at a node, and becomes a copy of that node. All profiles share the
 * copies; where a restriction binds only some profiles, the forbidden arc of the copy is infinite for these only. So
 * restrictions through several via ways cost no more thought than those through one node.
 *
 * Workload: 0 to 50,000 restrictions a city; a few per cent more nodes. */
#ifndef MINGDI_ROAD_RESTRICTION_H
#define MINGDI_ROAD_RESTRICTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/vec.h"
#include "road/graph.h"
#include "road/osm_source.h"
#include "road/profile.h"

/* ---- what a relation says ---- */

struct restriction_text {
    bool only;        /* only_*: all other turns are forbidden */
    uint8_t profiles; /* bit of each profile that it binds */
};

enum restriction_verdict {
    RESTRICTION_KEPT,
    RESTRICTION_NOT_ONE,     /* another kind of relation */
    RESTRICTION_FOR_OTHERS,  /* for lorries, buses, bicycles ..., or our profiles are excepted */
    RESTRICTION_CONDITIONAL, /* at some hours only */
    RESTRICTION_UNKNOWN,     /* neither no_* nor only_* */
};
/* *texts: at most ROAD_PROFILE_COUNT, because profiles may have words of their own; *count of them. */
enum restriction_verdict restriction_read(const struct profile_rules rules[ROAD_PROFILE_COUNT], const struct osm_tags *tags,
                                          struct restriction_text texts[ROAD_PROFILE_COUNT], int *count);

/* ---- the expansion ---- */

/* A sequence of 2 or more arcs, each beginning where the one before ends, of which the last may not be taken after the others. */
struct forbidden_path {
    uint32_t first, length; /* in the arcs of the list */
    uint8_t profiles;
};
VEC_TYPE(forbidden_path_vec, struct forbidden_path);
VEC_TYPE(arc_vec, uint32_t);

struct forbidden_paths {
    struct arc_vec arcs;
    struct forbidden_path_vec paths;
};
/* False, and nothing kept, when memory is refused. */
bool forbidden_paths_add(struct forbidden_paths *list, const uint32_t *arcs, uint32_t length, uint8_t profiles);
void forbidden_paths_free(struct forbidden_paths *list);

/* At most so many copies of a node, so that the seeds of a place (both directions) fit into ROAD_SEEDS_MAX. */
enum { RESTRICTION_COPIES_MAX = ROAD_SEEDS_MAX / 2 - 1 };

struct expansion {
    uint32_t node_count, arc_count;
    uint32_t *first_out;  /* node_count + 1 */
    uint32_t *head;       /* arc_count */
    uint32_t *base_arc;   /* arc_count: the arc of the base graph that it is a copy of */
    uint8_t *forbidden;   /* arc_count: bit of each profile for which this copy is closed */
    uint32_t *copy_first; /* base nodes + 1: copies of base node b are base nodes + copy_first[b] .. */
    uint32_t refused;     /* paths left out because a node would have had too many copies */
};
/* base: first_out, head, counts and tail are read. Arcs of a node and of its copies come in the base's order. */
enum status restriction_expand(const struct road_graph *base, const struct forbidden_paths *list, struct expansion *expansion,
                               struct error *error) MUST_USE;
void expansion_free(struct expansion *expansion);

#endif
