#include "road/city.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "road/cch.h"
#include "road/city_file.h"
#include "road/profile.h"
#include "road/snap.h"

struct city {
    struct file_view file;
    struct city_parts parts;
    const struct city_meta *meta;
    struct road_graph graph;
    struct cch cch;
    const road_ticks *weights[ROAD_PROFILE_COUNT]; /* NULL where the profile is missing */
};

enum status city_open_bytes(const char *name, const unsigned char *bytes, size_t size, struct city **city, struct error *error)
{
    struct city *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory to open it", name);
    }
    enum status status = city_file_read(name, bytes, size, &opened->parts, error);
    if (status != STATUS_OK) {
        free(opened);
        return status;
    }
    opened->file = (struct file_view){ .bytes = bytes, .size = size };
    opened->meta = opened->parts.bytes[CITY_META];
    opened->graph = city_parts_graph(&opened->parts);
    opened->cch = city_parts_cch(&opened->parts);
    const road_ticks *weights = opened->parts.bytes[CITY_WEIGHTS];
    for (int i = 0; i < ROAD_PROFILE_COUNT; i++) {
        if (opened->meta->profile[i].present) {
            opened->weights[i] = weights;
            weights += opened->graph.arc_count;
        }
    }
    *city = opened;
    return STATUS_OK;
}

enum status city_open(const char *path, struct city **city, struct error *error)
{
    struct file_view file;
    TRY(file_view_open(&file, path, error));
    enum status status = city_open_bytes(path, file.bytes, file.size, city, error);
    if (status != STATUS_OK) {
        file_view_close(&file);
        return status;
    }
    (*city)->file = file; /* closed with the city */
    return STATUS_OK;
}

void city_close(struct city *city)
{
    if (city != NULL) {
        file_view_close(&city->file);
        free(city);
    }
}

const struct city_parts *city_parts_of(const struct city *city) { return &city->parts; }
const char *city_name(const struct city *city) { return city->meta->name; }
uint64_t city_fingerprint(const struct city *city) { return city->parts.fingerprint; }
const struct road_graph *city_graph(const struct city *city) { return &city->graph; }
uint32_t city_ticks_per_second(const struct city *city) { return city->meta->ticks_per_second; }
bool city_has_profile(const struct city *city, enum road_profile profile) { return city->weights[profile] != NULL; }

const road_ticks *city_weights(const struct city *city, enum road_profile profile)
{
    CHECK(city->weights[profile] != NULL);
    return city->weights[profile];
}

const int32_t *city_weight_fractions(const struct city *city, enum road_profile profile)
{
    const int32_t *fractions = city->parts.bytes[CITY_WEIGHT_FRACTION];
    bool there = city->parts.count[CITY_WEIGHT_FRACTION] > 0;
    return there ? fractions + (city_weights(city, profile) - (const road_ticks *)city->parts.bytes[CITY_WEIGHTS]) : NULL;
}

const uint32_t *city_lengths_dm(const struct city *city) { return city_part_u32(&city->parts, CITY_ARC_LENGTH); }
const struct cch *city_cch(const struct city *city) { return &city->cch; }

uint32_t city_node_of_number(const struct city *city, uint64_t number)
{
    const uint64_t *numbers = city->parts.bytes[CITY_NUMBER];
    const uint32_t *order = city_part_u32(&city->parts, CITY_NUMBER_ORDER);
    size_t low = 0, high = city->parts.count[CITY_NUMBER_ORDER];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (numbers[order[middle]] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < city->parts.count[CITY_NUMBER_ORDER] && numbers[order[low]] == number ? order[low] : ROAD_NONE;
}

uint64_t city_number_of_node(const struct city *city, uint32_t node)
{
    const uint64_t *numbers = city->parts.bytes[CITY_NUMBER];
    return node < city->parts.count[CITY_NUMBER] ? numbers[node] : 0;
}

/* ---- edges ---- */

static uint32_t side_of(const struct city *city, uint32_t arc)
{
    CHECK(arc < city->graph.arc_count);
    return city_part_u32(&city->parts, CITY_ARC_SIDE)[arc];
}

static const struct geo_point *polyline(const struct city *city, uint32_t edge, uint32_t *count)
{
    const uint32_t *first = city_part_u32(&city->parts, CITY_EDGE_POINT_FIRST);
    *count = first[edge + 1] - first[edge];
    return (const struct geo_point *)city->parts.bytes[CITY_EDGE_POINT] + first[edge];
}

uint32_t city_arc_points(const struct city *city, uint32_t arc, struct geo_point *points, uint32_t maximum)
{
    uint32_t side = side_of(city, arc), count;
    const struct geo_point *line = polyline(city, side / 2, &count);
    for (uint32_t i = 0; i < count && i < maximum; i++) {
        points[i] = side & 1 ? line[count - 1 - i] : line[i];
    }
    return count;
}

const char *city_arc_name(const struct city *city, uint32_t arc)
{
    uint32_t offset = city_part_u32(&city->parts, CITY_EDGE_NAME)[side_of(city, arc) / 2];
    return (const char *)city->parts.bytes[CITY_TEXT] + offset;
}

/* ---- places ---- */

/* Of the whole edge, in the plane at a point of it. */
static double share_of_edge(const struct city *city, const struct snap_hit *hit, struct geo_point at)
{
    uint32_t count;
    const struct geo_point *line = polyline(city, hit->edge, &count);
    const struct geo_point *piece = (const struct geo_point *)city->parts.bytes[CITY_EDGE_POINT] + hit->point;
    double east_m, north_m, before_m = 0, total_m = 0;
    snap_scale(city->meta, at, &east_m, &north_m);
    for (uint32_t i = 0; i + 1 < count; i++) {
        double metres = hypot(((double)line[i + 1].lon_e7 - line[i].lon_e7) * east_m,
                              ((double)line[i + 1].lat_e7 - line[i].lat_e7) * north_m);
        before_m += &line[i] < piece ? metres : &line[i] == piece ? metres * hit->along : 0;
        total_m += metres;
    }
    return total_m > 0 ? fmin(before_m / total_m, 1) : 0;
}

static int32_t between(int32_t a, int32_t b, double share) { return (int32_t)lround(a + ((double)b - a) * share); }

struct road_place city_place_on_edge(const struct city *city, const struct snap_hit *hit, struct geo_point at)
{
    const uint32_t *arcs = city_part_u32(&city->parts, CITY_EDGE_ARCS) + 2 * (size_t)hit->edge;
    const struct geo_point *piece = (const struct geo_point *)city->parts.bytes[CITY_EDGE_POINT] + hit->point;
    double share = share_of_edge(city, hit, at);
    bool along = arcs[0] != ROAD_NONE;
    return (struct road_place){
        .node = ROAD_NONE,
        .arc = { along ? arcs[0] : arcs[1], along ? arcs[1] : ROAD_NONE },
        .fraction = (float)(along ? share : 1 - share),
        .point = { between(piece[0].lon_e7, piece[1].lon_e7, hit->along), between(piece[0].lat_e7, piece[1].lat_e7, hit->along) },
        .off_road_m = hit->distance_m,
    };
}

enum status city_snap(const struct city *city, enum road_profile profile, struct geo_point at, double maximum_m,
                      struct road_place *place, struct error *error)
{
    if (!city_has_profile(city, profile)) {
        return ERROR(error, STATUS_NOT_FOUND, "%s has no profile %s", city_name(city), PROFILES[profile].name);
    }
    struct snap_hit hit;
    if (!snap_find(&city->parts, profile, at, maximum_m, &hit)) {
        return ERROR(error, STATUS_NOT_FOUND, "%.7f,%.7f: no road of %s for the profile %s within %.0f m", geo_lon(at),
                     geo_lat(at), city_name(city), PROFILES[profile].name, maximum_m);
    }
    if (city->meta->from_arcs) {
        *place = city_place_at_node(city, hit.point);
        place->off_road_m = hit.distance_m;
    } else {
        *place = city_place_on_edge(city, &hit, at);
    }
    return STATUS_OK;
}

struct road_place city_place_at_node(const struct city *city, uint32_t node)
{
    CHECK(node < city->graph.node_count);
    return (struct road_place){ .node = node, .arc = { ROAD_NONE, ROAD_NONE }, .point = city->graph.point[node] };
}

road_ticks city_off_road_ticks(const struct city *city, enum road_profile profile, const struct road_place *place)
{
    double ticks = place->off_road_m / city->meta->off_road_m_per_s[profile] * city->meta->ticks_per_second;
    return ticks < ROAD_INFINITY - 1 ? (road_ticks)llround(ticks) : ROAD_INFINITY;
}

/* ---- seeds ---- */

static void add_seed(struct road_seeds *seeds, uint32_t node, road_ticks ticks)
{
    CHECK(seeds->count < ROAD_SEEDS_MAX);
    seeds->seed[seeds->count++] = (struct road_seed){ node, ticks };
}

/* From the tail to the fraction; what remains to the head is weight minus this, so that both always add up to the weight. */
static road_ticks part_of(road_ticks weight, double fraction)
{
    double part = fraction * weight;
    return part <= 0 ? 0 : part >= weight ? weight : (road_ticks)(part + 0.5);
}

/* The fraction along arc[i] of the place. */
static double fraction_on(const struct road_place *place, int i)
{
    return i == 0 ? (double)place->fraction : 1 - (double)place->fraction;
}

static uint32_t copies_of(const struct city *city, uint32_t base, uint32_t *first)
{
    const uint32_t *copy_first = city_part_u32(&city->parts, CITY_COPY_FIRST);
    *first = city->meta->base_count + copy_first[base];
    return copy_first[base + 1] - copy_first[base];
}

void city_seeds_leaving(const struct city *city, const road_ticks *weights, const struct road_place *place,
                        struct road_seeds *seeds)
{
    seeds->count = 0;
    if (place->node != ROAD_NONE) {
        add_seed(seeds, place->node, 0);
        return;
    }
    for (int i = 0; i < 2; i++) {
        uint32_t arc = place->arc[i];
        if (arc != ROAD_NONE && weights[arc] < ROAD_INFINITY) {
            add_seed(seeds, city->graph.head[arc], weights[arc] - part_of(weights[arc], fraction_on(place, i)));
        }
    }
}

/* Whoever comes along an arc may have come to its tail in any of the tail's copies, where the arc may be forbidden. */
static void seeds_before(const struct city *city, const road_ticks *weights, uint32_t arc, double fraction,
                         struct road_seeds *seeds)
{
    uint32_t base = city->graph.tail[arc], offset = arc - city->graph.first_out[base], first;
    uint32_t copies = copies_of(city, base, &first);
    if (weights[arc] < ROAD_INFINITY) {
        add_seed(seeds, base, part_of(weights[arc], fraction));
    }
    for (uint32_t i = 0; i < copies && seeds->count < ROAD_SEEDS_MAX; i++) {
        uint32_t twin = city->graph.first_out[first + i] + offset;
        if (weights[twin] < ROAD_INFINITY) {
            add_seed(seeds, first + i, part_of(weights[twin], fraction));
        }
    }
}

void city_seeds_reaching(const struct city *city, const road_ticks *weights, const struct road_place *place,
                         struct road_seeds *seeds)
{
    seeds->count = 0;
    if (place->node != ROAD_NONE) {
        uint32_t base = city_base_of_node(city, place->node), first, copies = copies_of(city, base, &first);
        add_seed(seeds, base, 0);
        for (uint32_t i = 0; i < copies && seeds->count < ROAD_SEEDS_MAX; i++) {
            add_seed(seeds, first + i, 0);
        }
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (place->arc[i] != ROAD_NONE) {
            seeds_before(city, weights, place->arc[i], fraction_on(place, i), seeds);
        }
    }
}

road_ticks city_direct_ticks(const struct city *city, const road_ticks *weights, const struct road_place *from,
                             const struct road_place *to)
{
    if (from->node != ROAD_NONE || to->node != ROAD_NONE) {
        bool same = from->node != ROAD_NONE && to->node != ROAD_NONE &&
                    city_base_of_node(city, from->node) == city_base_of_node(city, to->node);
        return same ? 0 : ROAD_INFINITY;
    }
    road_ticks best = ROAD_INFINITY;
    for (int i = 0; i < 2; i++) {
        uint32_t arc = from->arc[i];
        if (arc == ROAD_NONE || arc != to->arc[i] || weights[arc] == ROAD_INFINITY) {
            continue;
        }
        double begin = fraction_on(from, i), end = fraction_on(to, i);
        if (begin <= end) {
            road_ticks ticks = part_of(weights[arc], end) - part_of(weights[arc], begin);
            best = ticks < best ? ticks : best;
        }
    }
    return best;
}

/* ---- facts ---- */

uint32_t city_base_count(const struct city *city) { return city->meta->base_count; }

uint32_t city_base_of_node(const struct city *city, uint32_t node)
{
    CHECK(node < city->graph.node_count);
    if (node < city->meta->base_count) {
        return node;
    }
    const uint32_t *copy_first = city_part_u32(&city->parts, CITY_COPY_FIRST);
    uint32_t copy = node - city->meta->base_count, low = 0, high = city->meta->base_count;
    while (high - low > 1) { /* copy_first[low] <= copy < copy_first[high] */
        uint32_t middle = low + (high - low) / 2;
        if (copy_first[middle] <= copy) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

void city_bounds(const struct city *city, struct geo_point *south_west, struct geo_point *north_east)
{
    *south_west = (struct geo_point){ city->meta->west_e7, city->meta->south_e7 };
    *north_east = (struct geo_point){ city->meta->east_e7, city->meta->north_e7 };
}

bool city_is_from_arcs(const struct city *city) { return city->meta->from_arcs != 0; }

static void describe_profiles(const struct city *city, struct json *json)
{
    json_object_begin(json, "profiles");
    for (int i = 0; i < ROAD_PROFILE_COUNT; i++) {
        const struct city_profile_facts *facts = &city->meta->profile[i];
        if (facts->present) {
            json_object_begin(json, PROFILES[i].name);
            json_int(json, "usable_arcs", facts->usable_arcs);
            json_int(json, "connected_nodes", facts->connected_nodes);
            json_int(json, "connected_arcs", facts->connected_arcs);
            json_int(json, "served_parts", facts->served_parts);
            json_int(json, "served_arcs", facts->served_arcs);
            json_number(json, "off_road_kmh", city->meta->off_road_m_per_s[i] * 3.6, 3);
            json_object_end(json);
        }
    }
    json_object_end(json);
}

static void describe_dropped(const struct city *city, struct json *json)
{
    const struct city_dropped *dropped = city->parts.bytes[CITY_DROPPED];
    json_object_begin(json, "dropped");
    for (uint64_t i = 0; i < city->parts.count[CITY_DROPPED]; i++) {
        json_object_begin(json, dropped[i].reason);
        json_int(json, "count", (int64_t)dropped[i].count);
        json_text(json, "explanation", dropped[i].explanation);
        json_object_end(json);
    }
    json_object_end(json);
}

static void describe_bytes(const struct city *city, struct json *json)
{
    json_object_begin(json, "bytes");
    json_int(json, "file", (int64_t)city->file.size);
    json_number(json, "per_node", (double)city->file.size / city->graph.node_count, 1);
    json_object_begin(json, "sections");
    for (int i = 0; i < CITY_SECTION_COUNT; i++) {
        json_int(json, city_section_name((enum city_section)i),
                 (int64_t)(city->parts.count[i] * city_section_element((enum city_section)i)));
    }
    json_object_end(json);
    json_object_end(json);
}

static void describe_import(const struct city *city, struct json *json)
{
    double total = 0;
    json_object_begin(json, "seconds");
    for (int i = 0; i < CITY_PHASES_MAX; i++) {
        if (CITY_PHASES[i] != NULL) {
            json_number(json, CITY_PHASES[i], city->meta->phase_seconds[i], 3);
            total += city->meta->phase_seconds[i];
        }
    }
    json_number(json, "total", total, 3);
    json_object_end(json);
    json_int(json, "peak_memory_bytes", (int64_t)city->meta->peak_bytes);
}

void city_describe(const struct city *city, struct json *json)
{
    const struct city_meta *meta = city->meta;
    char fingerprint[20];
    snprintf(fingerprint, sizeof fingerprint, "%016llx", (unsigned long long)city->parts.fingerprint);
    json_text(json, "name", meta->name);
    json_int(json, "format_version", CITY_FORMAT_VERSION);
    json_text(json, "fingerprint", fingerprint);
    json_text(json, "source", meta->source);
    json_int(json, "nodes", city->graph.node_count);
    json_int(json, "arcs", city->graph.arc_count);
    json_int(json, "places", meta->base_count);
    json_int(json, "restriction_copies", city->graph.node_count - meta->base_count);
    json_int(json, "edges", (int64_t)city->parts.count[CITY_EDGE_NAME]);
    json_int(json, "ticks_per_second", meta->ticks_per_second);
    json_array_begin(json, "bbox"); /* west, south, east, north, as in GeoJSON */
    const int32_t corners[] = { meta->west_e7, meta->south_e7, meta->east_e7, meta->north_e7 };
    for (size_t i = 0; i < ARRAY_LENGTH(corners); i++) {
        json_number(json, NULL, corners[i] / 1e7, 7);
    }
    json_array_end(json);
    describe_profiles(city, json);
    json_object_begin(json, "restrictions");
    json_int(json, "found", meta->restrictions_found);
    json_int(json, "kept", meta->restrictions_kept);
    json_object_end(json);
    describe_dropped(city, json);
    json_object_begin(json, "hierarchy");
    json_int(json, "up_arcs", city->cch.up_arc_count);
    json_int(json, "arcs_in_it", (int64_t)city->parts.count[CITY_CCH_INPUT_LIST]);
    json_object_end(json);
    describe_bytes(city, json);
    describe_import(city, json);
}
