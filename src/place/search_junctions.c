/* Crossings. The text is parted in all ways that it may mean; for each, the roads that fit the one part are held against those
 * that fit the other: nodes that both have, else the nearest pair. Workload: few queries have a part; then some 50 roads by 50.
 * */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "place/search_private.h"

enum { PARTINGS_MAX = 8, SHARED_MAX = 32, PAIRS_MAX = 250000, PRICE_NEARLY = 4, PRICE_FAR_JUNCTION = 30 };
#define ONE_JUNCTION_M 150.0 /* shared nodes nearer than this are one crossing */
#define NEAR_JUNCTION_M 3000.0

struct parting {
    size_t left_length, right_first, right_length;
};

struct partings {
    struct parting items[PARTINGS_MAX];
    uint32_t count;
};

/* ---- parting ---- */

static bool stands_at(const char *text, size_t length, size_t at, const char *word)
{
    size_t word_length = strlen(word);
    return at + word_length <= length && strncasecmp(text + at, word, word_length) == 0;
}

static void add_parting(struct partings *partings, size_t left_length, size_t right_first, size_t right_end)
{
    if (left_length > 0 && right_end > right_first && partings->count < PARTINGS_MAX) {
        partings->items[partings->count++] = (struct parting){ left_length, right_first, right_end - right_first };
    }
}

/* What people put behind the second road. 路口 may be 路 and 口: both are tried. */
static void part(struct partings *partings, const char *text, size_t length, size_t left_length, size_t right_first)
{
    static const char *const endings[] = { "十字路口", "交叉路口", "丁字路口", "交叉口", "交汇处", "交界处", "路口", "口" };
    size_t before = partings->count;
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        size_t ending = strlen(endings[i]);
        if (length - right_first > ending && stands_at(text, length, length - ending, endings[i])) {
            add_parting(partings, left_length, right_first, length - ending);
        }
    }
    if (partings->count == before) {
        add_parting(partings, left_length, right_first, length);
    }
}

/* "A / B", "A与B"; 和 and the like stand in names too, so that each of them is only one way to read the text. Where no word parts
 * them, Chinese roads may follow each other: 中山路解放路口. */
static void find_partings(const char *text, size_t length, struct partings *partings)
{
    static const char *const words[] = { "/",     "&",   "+",  "@",  "×",  " x ", " and ", " at ", " och ", " e ",
                                         " und ", " u ", "与", "和", "跟", "及",  "同",    "、",   "，",    "," };
    static const char *const ends_of_roads[] = { "路", "街", "道", "巷", "弄", "线" };
    partings->count = 0;
    for (size_t at = 1; at < length; at++) {
        for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
            if (stands_at(text, length, at, words[i])) {
                part(partings, text, length, at, at + strlen(words[i]));
            }
        }
    }
    for (size_t at = 1; at < length && partings->count == 0; at++) {
        for (size_t i = 0; i < ARRAY_LENGTH(ends_of_roads); i++) {
            size_t after = at + strlen(ends_of_roads[i]);
            if (stands_at(text, length, at, ends_of_roads[i]) && length - after >= 2 * strlen(ends_of_roads[i])) {
                part(partings, text, length, after, after);
                at = after;
                break;
            }
        }
    }
}

/* ---- crossing ---- */

struct crossing {
    const struct place_index *index;
    const struct search_wish *wish;
    struct junctions *junctions;
};

static void keep_junction(struct crossing *crossing, struct junction junction)
{
    struct junctions *junctions = crossing->junctions;
    uint32_t at = junctions->count;
    if (crossing->wish->has_near) {
        double distance_m = geo_distance_m(junction.point, crossing->wish->near);
        junction.price += (uint32_t)lround(PRICE_FAR_JUNCTION * distance_m / (distance_m + NEAR_JUNCTION_M));
    }
    for (uint32_t i = 0; i < junctions->count; i++) {
        if (geo_distance_m(junctions->items[i].point, junction.point) < ONE_JUNCTION_M &&
            (junctions->items[i].names[0] == junction.names[0] || junctions->items[i].names[0] == junction.names[1])) {
            return;
        }
    }
    while (at > 0 && junctions->items[at - 1].price > junction.price) {
        at--;
    }
    if (at == JUNCTIONS_MAX) {
        return;
    }
    junctions->count += junctions->count < JUNCTIONS_MAX;
    memmove(&junctions->items[at + 1], &junctions->items[at], (junctions->count - at - 1) * sizeof junction);
    junctions->items[at] = junction;
}

static uint32_t shared_nodes(const struct road_pieces *roads, const struct road_piece *a, const struct road_piece *b,
                             uint32_t shared[SHARED_MAX])
{
    const uint32_t *left = roads->nodes + a->first_node, *right = roads->nodes + b->first_node;
    uint32_t i = 0, j = 0, count = 0;
    while (i < a->node_count && j < b->node_count && count < SHARED_MAX) {
        if (left[i] == right[j]) {
            shared[count++] = left[i];
        }
        uint32_t one = left[i], other = right[j];
        i += one <= other;
        j += other <= one;
    }
    return count;
}

/* The nodes of one crossing lie together; it stands at the one nearest to their middle. */
static void take_shared(struct crossing *crossing, struct junction junction, uint32_t *shared, uint32_t count)
{
    const struct geo_point *points = city_graph(crossing->index->roads.city)->point;
    while (count > 0) {
        struct geo_point first = points[shared[0]];
        int64_t lon = first.lon_e7, lat = first.lat_e7;
        uint32_t here[SHARED_MAX] = { shared[0] }, here_count = 1, left = 0;
        for (uint32_t i = 1; i < count; i++) {
            if (geo_distance_m(first, points[shared[i]]) <= ONE_JUNCTION_M) {
                here[here_count++] = shared[i];
                lon += points[shared[i]].lon_e7;
                lat += points[shared[i]].lat_e7;
            } else {
                shared[left++] = shared[i];
            }
        }
        struct geo_point middle = { (int32_t)(lon / here_count), (int32_t)(lat / here_count) };
        junction.point = points[here[0]];
        for (uint32_t i = 1; i < here_count; i++) {
            if (geo_distance_m(points[here[i]], middle) < geo_distance_m(junction.point, middle)) {
                junction.point = points[here[i]];
            }
        }
        keep_junction(crossing, junction);
        count = left;
    }
}

static bool boxes_meet(const struct road_piece *a, const struct road_piece *b)
{
    const int32_t margin = 10000; /* some 60 to 110 m */
    return a->south_west.lon_e7 - margin <= b->north_east.lon_e7 && b->south_west.lon_e7 - margin <= a->north_east.lon_e7 &&
           a->south_west.lat_e7 - margin <= b->north_east.lat_e7 && b->south_west.lat_e7 - margin <= a->north_east.lat_e7;
}

static void take_nearest(struct crossing *crossing, struct junction junction, const struct road_piece *a,
                         const struct road_piece *b)
{
    const struct road_pieces *roads = &crossing->index->roads;
    const struct geo_point *points = city_graph(roads->city)->point;
    double best = JUNCTION_MEET_M;
    bool found = false;
    if ((uint64_t)a->node_count * b->node_count > PAIRS_MAX) {
        return;
    }
    for (uint32_t i = 0; i < a->node_count; i++) {
        for (uint32_t j = 0; j < b->node_count; j++) {
            struct geo_point one = points[roads->nodes[a->first_node + i]], other = points[roads->nodes[b->first_node + j]];
            if (one.lat_e7 - other.lat_e7 > 10000 || other.lat_e7 - one.lat_e7 > 10000) {
                continue;
            }
            double distance_m = geo_distance_m(one, other);
            if (distance_m <= best) {
                best = distance_m;
                found = true;
                junction.point = one;
            }
        }
    }
    if (found) {
        junction.price += PRICE_NEARLY;
        keep_junction(crossing, junction);
    }
}

static void cross(struct crossing *crossing, const struct search_hit *one, const struct search_hit *other)
{
    const struct place_index *index = crossing->index;
    uint32_t pieces[2] = { index->entries.items[index->names.items[one->name].entry].piece,
                           index->entries.items[index->names.items[other->name].entry].piece };
    const struct road_piece *a = &index->roads.pieces[pieces[0]], *b = &index->roads.pieces[pieces[1]];
    if (a->name == b->name || !boxes_meet(a, b)) {
        return;
    }
    uint32_t shared[SHARED_MAX], count = shared_nodes(&index->roads, a, b, shared);
    struct junction junction = { .price = one->price + other->price, .names = { a->name, b->name } };
    if (count > 0) {
        take_shared(crossing, junction, shared, count);
    } else {
        take_nearest(crossing, junction, a, b);
    }
}

/* With errors only where it fits nothing without. */
static enum status find_roads(const struct place_index *index, const char *text, size_t length, struct search_hits *hits,
                              struct error *error)
{
    static const struct search_wish roads = { .roads_only = true };
    struct search_words words;
    *hits = (struct search_hits){ .limit = HITS_MAX };
    if (!search_words_read(text, length, &words)) {
        return STATUS_OK;
    }
    TRY(search_names(index, &words, MATCH_EXACT, &roads, hits, error));
    return hits->count > 0 ? STATUS_OK : search_names(index, &words, MATCH_FORGIVING, &roads, hits, error);
}

enum status search_junctions(const struct place_index *index, const char *text, size_t length, const struct search_wish *wish,
                             struct junctions *junctions, struct error *error)
{
    struct partings partings;
    struct crossing crossing = { index, wish, junctions };
    struct search_hits left, right = { .count = 0 };
    junctions->count = 0;
    find_partings(text, length, &partings);
    for (uint32_t p = 0; p < partings.count && index->roads.city != NULL; p++) {
        const struct parting *parting = &partings.items[p];
        TRY(find_roads(index, text, parting->left_length, &left, error));
        if (left.count > 0) {
            TRY(find_roads(index, text + parting->right_first, parting->right_length, &right, error));
        }
        for (uint32_t i = 0; i < left.count; i++) {
            for (uint32_t j = 0; j < right.count; j++) {
                cross(&crossing, &left.hits[i], &right.hits[j]);
            }
        }
    }
    return STATUS_OK;
}
