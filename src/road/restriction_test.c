/* Turn restrictions: what relations say, and that the expanded graph permits exactly the permitted paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/random.h"
#include "road/restriction.h"

enum { E = 1 << ROAD_EMERGENCY, N = 1 << ROAD_NORMAL, F = 1 << ROAD_FOOT };

static void relations_bind_whom_they_mean(void **state)
{
    (void)state;
    static const struct {
        struct osm_tag tags[4];
        enum restriction_verdict verdict;
        int no, only; /* profiles */
    } CASES[] = {
        { { { "type", "multipolygon" } }, RESTRICTION_NOT_ONE, 0, 0 },
        { { { "type", "restriction" }, { "restriction", "no_left_turn" } }, RESTRICTION_KEPT, N, 0 },
        { { { "type", "restriction" }, { "restriction", "only_straight_on" } }, RESTRICTION_KEPT, 0, N },
        { { { "type", "restriction" }, { "restriction", "no_left_turn" }, { "except", "bus;bicycle" } }, RESTRICTION_KEPT, N, 0 },
        { { { "type", "restriction" }, { "restriction", "no_left_turn" }, { "except", "psv; motorcar" } },
          RESTRICTION_FOR_OTHERS,
          0,
          0 },
        { { { "type", "restriction" }, { "restriction:hgv", "no_left_turn" } }, RESTRICTION_FOR_OTHERS, 0, 0 },
        { { { "type", "restriction" }, { "restriction:motorcar", "no_u_turn" } }, RESTRICTION_KEPT, N, 0 },
        { { { "type", "restriction" }, { "restriction:foot", "no_entry" } }, RESTRICTION_KEPT, F, 0 },
        { { { "type", "restriction" }, { "restriction:emergency", "no_u_turn" } }, RESTRICTION_KEPT, E, 0 },
        { { { "type", "restriction" }, { "restriction", "no_left_turn" }, { "restriction:motorcar", "none" } },
          RESTRICTION_FOR_OTHERS,
          0,
          0 },
        { { { "type", "restriction" }, { "restriction", "no_left_turn" }, { "restriction:emergency", "only_left_turn" } },
          RESTRICTION_KEPT,
          N,
          E },
        { { { "type", "restriction" }, { "restriction:conditional", "no_left_turn @ (07:00-09:00)" } },
          RESTRICTION_CONDITIONAL,
          0,
          0 },
        { { { "type", "restriction" }, { "restriction", "no_left_turn" }, { "hour_on", "07:00" } },
          RESTRICTION_CONDITIONAL,
          0,
          0 },
        { { { "type", "restriction" }, { "restriction", "give_way" } }, RESTRICTION_UNKNOWN, 0, 0 },
        { { { "type", "restriction:hgv" }, { "restriction", "no_left_turn" } }, RESTRICTION_KEPT, N, 0 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        struct osm_tags tags = { CASES[i].tags, 0 };
        while (tags.count < 4 && CASES[i].tags[tags.count].key != NULL) {
            tags.count++;
        }
        struct restriction_text texts[ROAD_PROFILE_COUNT];
        int count, no = 0, only = 0;
        assert_int_equal(restriction_read(PROFILES, &tags, texts, &count), CASES[i].verdict);
        for (int j = 0; j < count; j++) {
            no |= texts[j].only ? 0 : texts[j].profiles;
            only |= texts[j].only ? texts[j].profiles : 0;
        }
        assert_int_equal(no, CASES[i].no);
        assert_int_equal(only, CASES[i].only);
    }
}

/* ---- random graphs against a walker that remembers the arcs it took ---- */

enum { NODES = 9, ARCS_MAX = 60, PATHS = 14, LENGTH_MAX = 4, MEMORY = LENGTH_MAX - 1, WALK_MAX = 200000 };

struct sample {
    struct road_graph graph;
    uint32_t first_out[NODES + 1], tail[ARCS_MAX], head[ARCS_MAX];
    uint32_t weight[ARCS_MAX];
    struct geo_point point[NODES];
    struct forbidden_paths forbidden;
};

static void make_sample(struct sample *sample, struct random_stream *stream)
{
    uint32_t arcs = 0;
    memset(sample, 0, sizeof *sample);
    for (uint32_t node = 0; node < NODES; node++) {
        sample->first_out[node] = arcs;
        for (uint64_t degree = 1 + random_u64(stream) % 4; degree > 0; degree--) {
            sample->tail[arcs] = node;
            sample->head[arcs] = (uint32_t)(random_u64(stream) % NODES); /* loops and parallel arcs too */
            sample->weight[arcs] = 1 + (uint32_t)(random_u64(stream) % 20);
            arcs++;
        }
    }
    sample->first_out[NODES] = arcs;
    sample->graph = (struct road_graph){ NODES, arcs, sample->first_out, sample->tail, sample->head, sample->point };
    for (int i = 0; i < PATHS; i++) {
        uint32_t path[LENGTH_MAX], length = 2 + (uint32_t)(random_u64(stream) % (LENGTH_MAX - 1));
        path[0] = (uint32_t)(random_u64(stream) % arcs);
        for (uint32_t j = 1; j < length; j++) {
            uint32_t node = sample->head[path[j - 1]], degree = sample->first_out[node + 1] - sample->first_out[node];
            path[j] = sample->first_out[node] + (uint32_t)(random_u64(stream) % degree);
        }
        assert_true(forbidden_paths_add(&sample->forbidden, path, length, (uint8_t)(1 + random_u64(stream) % 7)));
    }
}

static bool may_follow(const struct sample *sample, const uint32_t *taken, uint32_t count, uint32_t arc, int profile)
{
    for (size_t i = 0; i < sample->forbidden.paths.count; i++) {
        const struct forbidden_path *path = &sample->forbidden.paths.items[i];
        const uint32_t *arcs = sample->forbidden.arcs.items + path->first;
        if ((path->profiles >> profile & 1) != 0 && path->length <= count + 1 && arcs[path->length - 1] == arc &&
            memcmp(arcs, taken + count + 1 - path->length, (path->length - 1) * sizeof *arcs) == 0) {
            return false;
        }
    }
    return true;
}

/* A state of the walker: where it is by the last arcs that it took. */
struct walk {
    uint32_t arcs[MEMORY], count, cost, node;
};

/* Bellman-Ford over memories of up to three arcs, by a list of states without any cleverness. */
static void walk_everywhere(const struct sample *sample, uint32_t from, int profile, uint32_t best[NODES])
{
    struct walk *walks = malloc(WALK_MAX * sizeof *walks);
    assert_non_null(walks);
    size_t count = 1, done = 0;
    walks[0] = (struct walk){ .node = from };
    for (uint32_t node = 0; node < NODES; node++) {
        best[node] = node == from ? 0 : ROAD_INFINITY;
    }
    for (; done < count; done++) {
        struct walk walk = walks[done];
        best[walk.node] = walk.cost < best[walk.node] ? walk.cost : best[walk.node];
        for (uint32_t arc = sample->first_out[walk.node]; arc < sample->first_out[walk.node + 1]; arc++) {
            if (!may_follow(sample, walk.arcs, walk.count, arc, profile)) {
                continue;
            }
            struct walk next = { .cost = walk.cost + sample->weight[arc], .node = sample->head[arc] };
            uint32_t skip = walk.count == MEMORY;
            memcpy(next.arcs, walk.arcs + skip, (walk.count - skip) * sizeof *next.arcs);
            next.count = walk.count - skip;
            next.arcs[next.count++] = arc;
            bool known = false;
            for (size_t i = 0; i < count; i++) {
                if (walks[i].node == next.node && walks[i].count == next.count &&
                    memcmp(walks[i].arcs, next.arcs, next.count * sizeof *next.arcs) == 0) {
                    known = walks[i].cost <= next.cost;
                    if (!known && i > done) {
                        walks[i].cost = next.cost;
                        known = true;
                    }
                    if (known) {
                        break;
                    }
                }
            }
            if (!known) {
                assert_true(count < WALK_MAX);
                walks[count++] = next;
            }
        }
    }
    free(walks);
}

static void search_expansion(const struct sample *sample, const struct expansion *expansion, uint32_t from, int profile,
                             uint32_t best[NODES])
{
    uint32_t *cost = malloc(expansion->node_count * sizeof *cost);
    assert_non_null(cost);
    for (uint32_t node = 0; node < expansion->node_count; node++) {
        cost[node] = node == from ? 0 : ROAD_INFINITY;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t node = 0; node < expansion->node_count; node++) {
            for (uint32_t arc = expansion->first_out[node]; arc < expansion->first_out[node + 1] && cost[node] < ROAD_INFINITY;
                 arc++) {
                uint32_t sum = cost[node] + sample->weight[expansion->base_arc[arc]];
                if ((expansion->forbidden[arc] >> profile & 1) == 0 && sum < cost[expansion->head[arc]]) {
                    cost[expansion->head[arc]] = sum;
                    changed = true;
                }
            }
        }
    }
    for (uint32_t node = 0; node < NODES; node++) {
        best[node] = cost[node];
        for (uint32_t i = expansion->copy_first[node]; i < expansion->copy_first[node + 1]; i++) {
            best[node] = cost[NODES + i] < best[node] ? cost[NODES + i] : best[node];
        }
    }
    free(cost);
}

static void exactly_the_permitted_paths_remain(void **state)
{
    (void)state;
    struct random_stream stream;
    struct error error;
    int detours = 0;
    random_open(&stream, 11, 1, 0);
    for (int round = 0; round < 150; round++) {
        struct sample sample;
        struct expansion expansion;
        make_sample(&sample, &stream);
        assert_int_equal(restriction_expand(&sample.graph, &sample.forbidden, &expansion, &error), STATUS_OK);
        if (expansion.refused == 0) {
            for (uint32_t from = 0; from < NODES; from += 4) {
                for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
                    uint32_t walked[NODES], searched[NODES], free_of_rules[NODES];
                    walk_everywhere(&sample, from, profile, walked);
                    search_expansion(&sample, &expansion, from, profile, searched);
                    search_expansion(&sample, &expansion, from, 7, free_of_rules); /* a profile that nothing binds */
                    assert_memory_equal(walked, searched, sizeof walked);
                    detours += memcmp(walked, free_of_rules, sizeof walked) != 0;
                }
            }
        }
        expansion_free(&expansion);
        forbidden_paths_free(&sample.forbidden);
    }
    assert_true(detours > 100);
}

static void crowded_nodes_refuse_more(void **state)
{
    (void)state;
    /* A star: node 0 in the middle, arcs in and out of ten others; forbid every turn from one to the next. */
    enum { ARMS = 10 };
    uint32_t first_out[ARMS + 2] = { 0 }, tail[2 * ARMS], head[2 * ARMS];
    struct geo_point point[ARMS + 1] = { { 0, 0 } };
    struct forbidden_paths list = { 0 };
    struct expansion expansion;
    struct error error;
    for (uint32_t i = 0; i < ARMS; i++) {
        tail[i] = 0;
        head[i] = i + 1;
        tail[ARMS + i] = i + 1;
        head[ARMS + i] = 0;
        first_out[i + 1] = ARMS + i;
        assert_true(forbidden_paths_add(&list, (uint32_t[]){ ARMS + i, (i + 1) % ARMS }, 2, N));
    }
    first_out[ARMS + 1] = 2 * ARMS;
    const struct road_graph star = { ARMS + 1, 2 * ARMS, first_out, tail, head, point };
    assert_int_equal(restriction_expand(&star, &list, &expansion, &error), STATUS_OK);
    assert_int_equal(expansion.copy_first[1] - expansion.copy_first[0], RESTRICTION_COPIES_MAX);
    assert_int_equal(expansion.refused, ARMS - RESTRICTION_COPIES_MAX);
    expansion_free(&expansion);
    forbidden_paths_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relations_bind_whom_they_mean),
        cmocka_unit_test(exactly_the_permitted_paths_remain),
        cmocka_unit_test(crowded_nodes_refuse_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
