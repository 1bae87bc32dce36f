#include "road/trace_made.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/random.h"
#include "road/city_file.h"
#include "road/reckon.h"

enum { STREAM_TASTE = 1, STREAM_TRIP = 2, TRIES_MAX = 1000 };
static const double TASTE_LEAST = 0.75, TASTE_SPREAD = 0.6;

struct trace_maker {
    const struct city *city;
    enum road_profile profile;
    uint64_t seed;
    struct cch_metric *metric;
    struct cch_query *query;
};

/* All copies of an arc are to one's taste alike. */
static road_ticks *tasted(const struct city *city, enum road_profile profile, uint64_t seed)
{
    uint32_t arcs = city_graph(city)->arc_count;
    const road_ticks *weights = city_weights(city, profile);
    road_ticks *made = malloc(((size_t)arcs + 1) * sizeof *made);
    for (uint32_t arc = 0; arc < arcs && made != NULL; arc++) {
        struct random_stream stream;
        random_open(&stream, seed, STREAM_TASTE, match_side_of_arc(city, arc));
        double factor = TASTE_LEAST + TASTE_SPREAD * random_uniform(&stream);
        made[arc] = weights[arc] < ROAD_INFINITY ? (road_ticks)llround(fmin(weights[arc] * factor, ROAD_INFINITY - 1))
                                                 : ROAD_INFINITY;
    }
    return made;
}

enum status trace_maker_create(const struct city *city, enum road_profile profile, uint64_t seed, struct trace_maker **maker,
                               struct error *error)
{
    struct trace_maker *made = calloc(1, sizeof *made);
    road_ticks *weights = made == NULL ? NULL : tasted(city, profile, seed);
    if (weights == NULL) {
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory to make traces");
    }
    made->city = city;
    made->profile = profile;
    made->seed = seed;
    enum status status = cch_metric_create(city_cch(city), city_graph(city), weights, NULL, &made->metric, error);
    free(weights);
    if (status == STATUS_OK) {
        status = cch_query_create(made->metric, &made->query, error);
    }
    if (status != STATUS_OK) {
        trace_maker_destroy(made);
        return status;
    }
    *maker = made;
    return STATUS_OK;
}

void trace_maker_destroy(struct trace_maker *maker)
{
    if (maker == NULL) {
        return;
    }
    if (maker->query != NULL) {
        cch_query_destroy(maker->query);
    }
    if (maker->metric != NULL) {
        cch_metric_destroy(maker->metric);
    }
    free(maker);
}

static uint32_t draw_node(const struct trace_maker *maker, struct random_stream *stream)
{
    const struct road_graph *graph = city_graph(maker->city);
    const uint8_t *use = city_parts_of(maker->city)->bytes[CITY_ARC_USE];
    uint32_t arc;
    do {
        arc = (uint32_t)(random_u64(stream) % graph->arc_count);
    } while ((use[arc] >> maker->profile & 1) == 0);
    return city_base_of_node(maker->city, graph->tail[arc]);
}

static enum status choose_way(struct trace_maker *maker, struct random_stream *stream, struct cch_path *path, struct error *error)
{
    const struct geo_point *points = city_graph(maker->city)->point;
    for (int i = 0; i < TRIES_MAX; i++) {
        struct road_place from = city_place_at_node(maker->city, draw_node(maker, stream)),
                          to = city_place_at_node(maker->city, draw_node(maker, stream));
        struct road_seeds leaving, reaching;
        if (geo_distance_m(points[from.node], points[to.node]) < TRACE_METRES_MIN) {
            continue;
        }
        city_seeds_leaving(maker->city, cch_metric_weights(maker->metric), &from, &leaving);
        city_seeds_reaching(maker->city, cch_metric_weights(maker->metric), &to, &reaching);
        TRY(cch_query_path(maker->query, &leaving, &reaching, path, error));
        if (path->ticks < ROAD_INFINITY) {
            return STATUS_OK;
        }
    }
    return ERROR(error, STATUS_NOT_FOUND, "%s: no two places %d m apart have a way between them", city_name(maker->city),
                 TRACE_METRES_MIN);
}

/* Box and Muller. */
static double draw_normal(struct random_stream *stream)
{
    double radius = sqrt(-2 * log(random_uniform_open(stream)));
    return radius * cos(2 * acos(-1) * random_uniform(stream));
}

static bool tell(const struct trace_maker *maker, struct random_stream *stream, const struct made_rules *rules, uint32_t arc,
                 double fraction, double at_s, struct made_trip *trip)
{
    struct geo_point point = reckon_point(maker->city, arc, fraction);
    double east = rules->noise_m / geo_metres_per_lon_degree(geo_lat(point)) * 1e7;
    double north = rules->noise_m / geo_metres_per_lat_degree() * 1e7;
    point.lon_e7 += (int32_t)lround(east * draw_normal(stream));
    point.lat_e7 += (int32_t)lround(north * draw_normal(stream));
    struct match_fix fix = { { rules->start.us + (int64_t)(at_s * US_PER_SECOND) }, point };
    return vec_push(&trip->fixes, fix) && vec_push(&trip->at, match_side_of_arc(maker->city, arc));
}

static enum status drive(const struct trace_maker *maker, struct random_stream *stream, const struct made_rules *rules,
                         const struct cch_path *path, struct made_trip *trip, struct error *error)
{
    double now_s = 0, next_s = 0;
    bool good = true;
    for (uint32_t i = 0; i < path->arc_count && good; i++) {
        uint32_t arc = path->arcs[i];
        double spread = 1 + rules->arc_spread * (2 * random_uniform(stream) - 1);
        double takes_s = (double)rules->weights[arc] / city_ticks_per_second(maker->city) * spread;
        good = vec_push(&trip->parts, (struct match_part){ arc, 0, 1 });
        for (; next_s < now_s + takes_s && good; next_s += rules->interval_s) {
            good = tell(maker, stream, rules, arc, (next_s - now_s) / takes_s, next_s, trip);
        }
        now_s += takes_s;
    }
    trip->duration = duration_us((int64_t)(now_s * US_PER_SECOND));
    good = good && tell(maker, stream, rules, path->arcs[path->arc_count - 1], 1, now_s, trip);
    return good ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory to make traces");
}

enum status trace_maker_trip(struct trace_maker *maker, uint32_t number, const struct made_rules *rules, struct made_trip *trip,
                             struct error *error)
{
    struct random_stream stream;
    struct cch_path path;
    random_open(&stream, maker->seed, STREAM_TRIP, number);
    trip->fixes.count = trip->parts.count = trip->at.count = 0;
    TRY(choose_way(maker, &stream, &path, error));
    return drive(maker, &stream, rules, &path, trip, error);
}

/* ---- score ---- */

struct driven {
    uint32_t side;
    double driven_m, told_m;
};

static int by_side(const void *a, const void *b)
{
    uint32_t x = ((const struct driven *)a)->side, y = ((const struct driven *)b)->side;
    return (x > y) - (x < y);
}

static double part_m(const struct city *city, const struct match_part *part)
{
    return ((double)part->to - (double)part->from) * city_lengths_dm(city)[part->arc] / 10;
}

enum status made_trip_score(const struct city *city, const struct made_trip *trip, const struct match_parts *parts,
                            struct made_score *score, struct error *error)
{
    size_t count = trip->parts.count + parts->count;
    struct driven *all = malloc((count + 1) * sizeof *all);
    if (all == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to score a trip");
    }
    for (size_t i = 0; i < count; i++) {
        bool driven = i < trip->parts.count;
        const struct match_part *part = driven ? &trip->parts.items[i] : &parts->items[i - trip->parts.count];
        double metres = part_m(city, part);
        all[i] = (struct driven){ match_side_of_arc(city, part->arc), driven ? metres : 0, driven ? 0 : metres };
    }
    qsort(all, count, sizeof *all, by_side);
    for (size_t i = 0; i < count;) {
        struct driven sum = { .side = all[i].side };
        for (; i < count && all[i].side == sum.side; i++) {
            sum.driven_m += all[i].driven_m;
            sum.told_m += all[i].told_m;
        }
        score->driven_m += sum.driven_m;
        score->right_m += fmin(sum.driven_m, sum.told_m);
        score->wrong_m += fmax(sum.told_m - sum.driven_m, 0);
    }
    free(all);
    return STATUS_OK;
}

void made_trip_free(struct made_trip *trip)
{
    vec_free(&trip->fixes);
    vec_free(&trip->parts);
    vec_free(&trip->at);
}
