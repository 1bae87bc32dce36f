/* Map matching against the naive way, taking each fix to its nearest road: made trips over real cities (MINGDI_DATA) with noise
 * from a seed, at several intervals between fixes. Of each: fixes a second of processor time (one thread; for matching the ways
 * between are in it, for the naive way the nearest road alone) and their ratio; the share of the told fixes on the road and in
 * the direction that was driven; of the driven metres the share that is in the told way, and what it has that was not driven,
 * where the naive way is made a way by the quickest ones between its places.
 *
 * usage: bench_match [CITY.mingdi ...]   default: Porto and Malta, imported anew */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test_data.h"
#include "road/import.h"
#include "road/trace_made.h"

enum { TRIPS = 60, SEED = 20260 };

static const double INTERVALS_S[] = { 1, 5, 10, 30 };
static const double NOISE_M = 8;

struct tally {
    double seconds;
    uint64_t fixes, told, right;
    struct made_score score;
};

struct bench {
    struct city *city;
    struct match_net *net;
    struct match_ways *ways;
    struct matcher *whole, *live;
    struct trace_maker *maker;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "bench_match: %s\n", error->text);
        exit(EXIT_FAILURE);
    }
}

/* ---- one trip, by each ---- */

static void count(const struct bench *bench, const struct made_trip *trip, const struct match_points *points,
                  const struct match_parts *parts, struct tally *tally)
{
    struct error error;
    tally->fixes += trip->fixes.count;
    tally->told += points->count;
    for (size_t i = 0; i < points->count; i++) {
        tally->right += match_side_of_arc(bench->city, points->items[i].arc) == trip->at.items[points->items[i].fix];
    }
    must(made_trip_score(bench->city, trip, parts, &tally->score, &error), &error);
}

static void ways_of(const struct bench *bench, const struct match_points *points, struct match_parts *parts)
{
    struct error error;
    for (size_t i = 1; i < points->count; i++) {
        if (!points->items[i].begins) {
            must(match_ways_between(bench->ways, &points->items[i - 1], &points->items[i], parts, &error), &error);
        }
    }
}

static void match(const struct bench *bench, struct matcher *matcher, const struct made_trip *trip, struct tally *tally)
{
    struct match_points points = { 0 };
    struct match_parts parts = { 0 };
    struct error error;
    double began_s = now_s();
    matcher_reset(matcher);
    for (size_t i = 0; i < trip->fixes.count; i++) {
        must(matcher_add(matcher, &trip->fixes.items[i], &points, &error), &error);
    }
    must(matcher_finish(matcher, &points, &error), &error);
    ways_of(bench, &points, &parts);
    tally->seconds += now_s() - began_s;
    count(bench, trip, &points, &parts, tally);
    vec_free(&points);
    vec_free(&parts);
}

/* The nearest road says nothing of the direction: the one that leads towards the next fix is taken, which is kind. */
static uint32_t facing(const struct bench *bench, const struct road_place *place, struct geo_point from, struct geo_point to)
{
    if (place->arc[1] == ROAD_NONE) {
        return place->arc[0];
    }
    const struct road_graph *graph = city_graph(bench->city);
    struct geo_point tail = graph->point[graph->tail[place->arc[0]]], head = graph->point[graph->head[place->arc[0]]];
    double east = cos(geo_lat(from) * acos(-1) / 180);
    double turn = ((double)head.lon_e7 - tail.lon_e7) * east * (((double)to.lon_e7 - from.lon_e7) * east) +
                  ((double)head.lat_e7 - tail.lat_e7) * ((double)to.lat_e7 - from.lat_e7);
    return place->arc[turn < 0];
}

static void snap(const struct bench *bench, const struct made_trip *trip, struct tally *tally)
{
    struct match_points points = { 0 };
    struct match_parts parts = { 0 };
    struct error error;
    for (size_t i = 0; i < trip->fixes.count; i++) {
        struct road_place place;
        const struct match_fix *fix = &trip->fixes.items[i], *next = i + 1 < trip->fixes.count ? fix + 1 : fix;
        double began_s = now_s();
        enum status status = city_snap(bench->city, ROAD_EMERGENCY, fix->point, 200, &place, &error);
        tally->seconds += now_s() - began_s;
        if (status == STATUS_OK) {
            uint32_t arc = next > fix ? facing(bench, &place, fix->point, next->point)
                                      : facing(bench, &place, fix[-1].point, fix->point);
            float fraction = arc == place.arc[0] ? place.fraction : 1 - place.fraction;
            (void)vec_push(&points, (struct match_point){ .fix = (uint32_t)i, .arc = arc, .fraction = fraction });
        }
    }
    ways_of(bench, &points, &parts);
    count(bench, trip, &points, &parts, tally);
    vec_free(&points);
    vec_free(&parts);
}

/* ---- a table a city ---- */

static void print_row(double interval_s, const char *how, const struct tally *tally, const struct tally *naive)
{
    const struct made_score *score = &tally->score;
    printf("%8.0f  %-22s %12.0f %8.3f %10.2f%% %10.2f%% %10.2f%%\n", interval_s, how, (double)tally->fixes / tally->seconds,
           naive->seconds / (double)naive->fixes / (tally->seconds / (double)tally->fixes),
           100.0 * (double)tally->right / (double)tally->told, 100 * score->right_m / score->driven_m,
           100 * score->wrong_m / score->driven_m);
}

static void measure(const struct bench *bench, double interval_s)
{
    struct tally whole = { 0 }, live = { 0 }, naive = { 0 };
    struct made_trip trip = { 0 };
    struct error error;
    for (uint32_t i = 0; i < TRIPS; i++) {
        struct made_rules rules = {
            .weights = city_weights(bench->city, ROAD_EMERGENCY), .arc_spread = 0.3, .interval_s = interval_s, .noise_m = NOISE_M
        };
        must(trace_maker_trip(bench->maker, i, &rules, &trip, &error), &error);
        match(bench, bench->whole, &trip, &whole);
        match(bench, bench->live, &trip, &live);
        snap(bench, &trip, &naive);
    }
    made_trip_free(&trip);
    print_row(interval_s, "matched, whole trace", &whole, &naive);
    print_row(interval_s, "matched, 3 fixes later", &live, &naive);
    print_row(interval_s, "nearest road", &naive, &naive);
}

static void run(struct city *city)
{
    struct bench bench = { .city = city };
    struct match_rules rules = MATCH_RULES_DEFAULT;
    struct error error;
    double began_s = now_s();
    must(match_net_create(city, ROAD_EMERGENCY, &bench.net, &error), &error);
    printf("%s: distances ready in %.2f s; %d trips, noise %.0f m each way, seed %d\n", city_name(city), now_s() - began_s, TRIPS,
           NOISE_M, SEED);
    printf("seconds                          fixes a second  ratio  right fixes right metres wrong metres\n");
    must(match_ways_create(bench.net, &bench.ways, &error), &error);
    must(matcher_create(bench.net, &rules, &bench.whole, &error), &error);
    rules.lag = 3;
    must(matcher_create(bench.net, &rules, &bench.live, &error), &error);
    must(trace_maker_create(city, ROAD_EMERGENCY, SEED, &bench.maker, &error), &error);
    for (size_t i = 0; i < sizeof INTERVALS_S / sizeof *INTERVALS_S; i++) {
        measure(&bench, INTERVALS_S[i]);
    }
    trace_maker_destroy(bench.maker);
    matcher_destroy(bench.live);
    matcher_destroy(bench.whole);
    match_ways_destroy(bench.ways);
    match_net_destroy(bench.net);
}

static void run_file(const char *path)
{
    struct city *city;
    struct error error;
    must(city_open(path, &city, &error), &error);
    run(city);
    city_close(city);
}

static void run_map(const char *name)
{
    char *osm = file_join(test_data_folder(), name);
    char city[] = "/tmp/mingdi-bench-match-XXXXXX";
    int descriptor = mkstemp(city);
    struct error error;
    if (descriptor < 0 || access(osm, R_OK) != 0) {
        printf("bench_match: %s is not there (MINGDI_DATA): skipped\n", name);
    } else {
        must(import_city(&(struct import_options){ .osm = osm, .output = city }, &error), &error);
        run_file(city);
    }
    if (descriptor >= 0) {
        (void)close(descriptor);
        (void)unlink(city);
    }
    free(osm);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        run_file(argv[i]);
    }
    if (argc == 1) {
        run_map("osm/porto.osm.pbf");
        run_map("osm/malta.osm.pbf");
    }
    return 0;
}
