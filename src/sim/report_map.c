/* Roads as SVG paths on a whole-number grid: segments whose ends fall on one grid point vanish, those that fall on another
 * segment are drawn once, and segments that follow each other share one path; if it is still too much, the grid gets coarser.
 *
 * Workload: 10,000 to 3,000,000 arcs, about 100 ns each and pass. */
#include "sim/report_map.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "road/graph.h"
#include "sim/report_svg.h"

enum {
    GRID_MOST = 2000, /* grid points along the longer side at first */
    ROAD_BYTES_MAX = 1200000,
    REACH_CLASSES = COVERAGE_STEPS + 1, /* the last: later, or never */
    VIEW_SIZE = 1000,                   /* longer side of the picture */
    SLOT_EMPTY = 0,
    CALLS_DRAWN_MAX = 400, /* more hide the roads */
};

struct map {
    const struct report_input *input;
    const struct road_graph *graph;
    const road_ticks *weights;
    double west, north, x_scale, y_scale; /* degrees to the unit square's longer side */
    double width, height;                 /* of the picture; the longer is VIEW_SIZE */
    double grid;                          /* grid points a unit of the picture */
    uint64_t *seen;                       /* hash set of segments */
    size_t seen_mask;
};

static void grow_box(double box[4], struct geo_point point)
{
    box[0] = fmin(box[0], geo_lon(point));
    box[1] = fmin(box[1], geo_lat(point));
    box[2] = fmax(box[2], geo_lon(point));
    box[3] = fmax(box[3], geo_lat(point));
}

/* The box of what matters: all stations, facilities, demand and calls. */
static void find_box(const struct report_input *input, double box[4])
{
    const struct scenario *scenario = input->scenario;
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (uint32_t i = 0; i < scenario->station_count; i++) {
        grow_box(box, scenario->stations[i].point);
    }
    for (uint32_t i = 0; i < scenario->facility_count; i++) {
        grow_box(box, scenario->facilities[i].point);
    }
    for (uint32_t i = 0; i < scenario->cell_count; i++) {
        grow_box(box, scenario->cells[i].point);
    }
    for (uint32_t i = 0; i < input->sampled_count; i++) {
        grow_box(box, input->sampled[i].point);
    }
    for (uint32_t node = 0; !(box[2] >= box[0]) && node < city_graph(input->city)->node_count; node++) {
        grow_box(box, city_graph(input->city)->point[node]); /* a scenario with no place at all */
    }
    double margin_lon = 0.02 * (box[2] - box[0]) + 0.002, margin_lat = 0.02 * (box[3] - box[1]) + 0.002;
    box[0] -= margin_lon;
    box[2] += margin_lon;
    box[1] -= margin_lat;
    box[3] += margin_lat;
}

static void set_frame(struct map *map)
{
    double box[4];
    find_box(map->input, box);
    double metres_lon = geo_metres_per_lon_degree((box[1] + box[3]) / 2), metres_lat = geo_metres_per_lat_degree();
    double wide = (box[2] - box[0]) * metres_lon, high = (box[3] - box[1]) * metres_lat;
    double scale = VIEW_SIZE / fmax(wide, high);
    map->west = box[0];
    map->north = box[3];
    map->x_scale = metres_lon * scale;
    map->y_scale = metres_lat * scale;
    map->width = wide * scale;
    map->height = high * scale;
}

static double map_x(const struct map *map, struct geo_point point) { return (geo_lon(point) - map->west) * map->x_scale; }
static double map_y(const struct map *map, struct geo_point point) { return (map->north - geo_lat(point)) * map->y_scale; }

static bool inside(const struct map *map, struct geo_point point)
{
    double x = map_x(map, point), y = map_y(map, point);
    return x >= 0 && y >= 0 && x <= map->width && y <= map->height;
}

static int reach_class(const struct map *map, uint32_t arc)
{
    const float *node_s = map->input->coverage->node_s;
    float a = node_s[map->graph->tail[arc]], b = node_s[map->graph->head[arc]];
    float later = a > b ? a : b;
    for (int step = 0; step < COVERAGE_STEPS; step++) {
        if (later <= 60.0F * (float)COVERAGE_MINUTES[step]) {
            return step;
        }
    }
    return COVERAGE_STEPS;
}

/* False if that segment (either way round) was there already, or memory for it has run out. */
static bool first_time(struct map *map, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    uint64_t a = (uint64_t)(uint16_t)x0 << 16 | (uint16_t)y0, b = (uint64_t)(uint16_t)x1 << 16 | (uint16_t)y1;
    uint64_t key = (a < b ? a << 32 | b : b << 32 | a) + 1; /* 0 is the empty slot; no grid has 65,536 points a side */
    size_t slot = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20) & map->seen_mask;
    while (map->seen[slot] != SLOT_EMPTY) {
        if (map->seen[slot] == key) {
            return false;
        }
        slot = (slot + 1) & map->seen_mask;
    }
    map->seen[slot] = key;
    return true;
}

/* Where the pen is within one class's path; whole grid points. */
struct pen {
    int32_t x, y;
    bool down;
};

static void grid_point(const struct map *map, uint32_t node, int32_t *x, int32_t *y)
{
    *x = (int32_t)lround(map_x(map, map->graph->point[node]) * map->grid);
    *y = (int32_t)lround(map_y(map, map->graph->point[node]) * map->grid);
}

static void draw_segment(struct text *out, struct pen *pen, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    if (!pen->down || pen->x != x0 || pen->y != y0) {
        text_printf(out, "M%d %dl", x0, y0);
    } else {
        text_puts(out, x1 - x0 < 0 ? "" : " ");
    }
    text_printf(out, y1 - y0 < 0 ? "%d%d" : "%d %d", x1 - x0, y1 - y0);
    *pen = (struct pen){ x1, y1, true };
}

/* Follows the road from arc on while it stays in the class and is new. Steps that are shorter than the grid add up. */
static void follow(struct map *map, struct text *out, struct pen *pen, uint32_t arc, int class, uint8_t *done)
{
    int32_t x0, y0, x1, y1;
    grid_point(map, map->graph->tail[arc], &x0, &y0);
    for (;;) {
        done[arc] = 1;
        uint32_t node = map->graph->head[arc];
        grid_point(map, node, &x1, &y1);
        if (x0 != x1 || y0 != y1) {
            if (first_time(map, x0, y0, x1, y1)) {
                draw_segment(out, pen, x0, y0, x1, y1);
            }
            x0 = x1;
            y0 = y1;
        }
        uint32_t next = ROAD_NONE;
        for (uint32_t other = map->graph->first_out[node]; other < map->graph->first_out[node + 1] && next == ROAD_NONE;
             other++) {
            bool back = map->graph->head[other] == map->graph->tail[arc];
            next = !back && !done[other] && map->weights[other] < ROAD_INFINITY && reach_class(map, other) == class ? other
                                                                                                                    : ROAD_NONE;
        }
        if (next == ROAD_NONE || !inside(map, map->graph->point[map->graph->head[next]])) {
            return;
        }
        arc = next;
    }
}

/* All roads on the current grid into out; they may be too many. */
static void draw_roads(struct map *map, struct text *out, uint8_t *done)
{
    static const char *const classes[REACH_CLASSES] = { "reach4", "reach8", "reach12", "reach-later" };
    memset(map->seen, 0, (map->seen_mask + 1) * sizeof *map->seen);
    memset(done, 0, map->graph->arc_count);
    text_printf(out, "<g transform=\"scale(%.6g)\">", 1 / map->grid);
    for (int class = REACH_CLASSES - 1; class >= 0; class --) { /* the soonest on top */
        struct pen pen = { 0, 0, false };
        text_printf(out, "<path class=\"%s\" d=\"", classes[class]);
        for (uint32_t arc = 0; arc < map->graph->arc_count && !out->failed; arc++) {
            const struct geo_point *point = map->graph->point;
            if (!done[arc] && map->weights[arc] < ROAD_INFINITY && reach_class(map, arc) == class &&
                inside(map, point[map->graph->tail[arc]]) && inside(map, point[map->graph->head[arc]])) {
                follow(map, out, &pen, arc, class, done);
            }
        }
        text_puts(out, "\"/>\n");
    }
    text_puts(out, "</g>\n");
}

static void fit_roads(struct map *map, struct text *out)
{
    size_t slots = 1024;
    while (slots < 2 * (size_t)map->graph->arc_count) {
        slots *= 2;
    }
    uint8_t *done = malloc((size_t)map->graph->arc_count + 1);
    map->seen = malloc(slots * sizeof *map->seen);
    map->seen_mask = slots - 1;
    if (done == NULL || map->seen == NULL) {
        out->failed = true;
    }
    struct text roads;
    text_init(&roads, ROAD_BYTES_MAX);
    roads.failed = true;
    for (double grid = GRID_MOST; grid >= 100 && roads.failed && !out->failed; grid *= 0.75) {
        text_clear(&roads);
        map->grid = grid / VIEW_SIZE;
        draw_roads(map, &roads, done);
    }
    text_append(out, roads.bytes == NULL ? "" : roads.bytes, roads.failed ? 0 : roads.length);
    text_free(&roads);
    free(map->seen);
    free(done);
}

/* Calls in time as dots, late ones as crosses: one path each. */
static void draw_calls(const struct map *map, struct text *out)
{
    uint32_t step = (map->input->sampled_count + CALLS_DRAWN_MAX - 1) / CALLS_DRAWN_MAX;
    for (int late = 0; late <= 1; late++) {
        text_printf(out, "<path class=\"%s\" d=\"", late ? "call-late" : "call-in-time");
        for (uint32_t i = 0; i < map->input->sampled_count; i += step) {
            const struct sampled_call *call = &map->input->sampled[i];
            if (call->in_time == late || !inside(map, call->point)) {
                continue;
            }
            double x = map_x(map, call->point), y = map_y(map, call->point);
            if (late) {
                text_printf(out, "M%.0f %.0fl6 6m0-6l-6 6", x - 3, y - 3);
            } else {
                text_printf(out, "M%.0f %.0fh0", x, y);
            }
        }
        text_puts(out, "\"/>\n");
    }
}

static void draw_name(const struct map *map, struct text *out, const char *kind, const char *name, struct geo_point point)
{
    double x = map_x(map, point), y = map_y(map, point);
    text_printf(out, "<g class=\"%s\" transform=\"translate(%.1f %.1f)\"><title>", kind, x, y);
    html_text(out, name);
    text_puts(out, kind[0] == 's' ? "</title><path d=\"M0-9 8 6H-8Z\"/></g>"
                                  : "</title><path d=\"M-3-8h6v5h5v6h-5v5h-6v-5h-5v-6h5Z\"/></g>");
}

/* The longest of 1, 2, 5, 10 ... km that is at most a quarter of the picture's width. */
static void draw_scale(const struct map *map, struct text *out)
{
    double metres = map->width / (map->y_scale / geo_metres_per_lat_degree()) / 4;
    double power = pow(10, floor(log10(metres))), lead = metres / power;
    double length = power * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1);
    double pixels = length * map->y_scale / geo_metres_per_lat_degree();
    text_printf(out, "<g class=\"scale\"><path d=\"M14 %.1fv6h%.1fv-6\"/><text x=\"%.1f\" y=\"%.1f\">", map->height - 22, pixels,
                20 + pixels, map->height - 12);
    text_printf(out, length >= 1000 ? "%g km" : "%g m", length >= 1000 ? length / 1000 : length);
    text_puts(out, "</text></g>\n");
}

static bool has_unit(const struct scenario *scenario, uint32_t station)
{
    for (uint32_t unit = 0; unit < scenario->unit_count; unit++) {
        if (scenario->units[unit].station == station) {
            return true;
        }
    }
    return false;
}

void report_map_write(const struct report_input *input, struct text *out)
{
    struct map map = { .input = input, .graph = city_graph(input->city), .weights = city_weights(input->city, ROAD_EMERGENCY) };
    const struct scenario *scenario = input->scenario;
    set_frame(&map);
    text_printf(
        out,
        "<svg class=\"map\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"map-t map-d\"><title id=\"map-t\">Map of "
        "coverage</title><desc id=\"map-d\">Roads by driving time with lights from the nearest post: thick and dark within "
        "%d minutes, thinner within %d and %d, dashed later. Triangles are stations, hollow without a unit; crosses are "
        "facilities.</desc>\n",
        map.width, map.height, COVERAGE_MINUTES[0], COVERAGE_MINUTES[1], COVERAGE_MINUTES[2]);
    fit_roads(&map, out);
    draw_calls(&map, out);
    for (uint32_t i = 0; i < scenario->facility_count; i++) {
        draw_name(&map, out, "facility", scenario->facilities[i].name, scenario->facilities[i].point);
    }
    for (uint32_t i = 0; i < scenario->station_count; i++) {
        draw_name(&map, out, has_unit(scenario, i) ? "station" : "station-empty", scenario->stations[i].name,
                  scenario->stations[i].point);
    }
    draw_scale(&map, out);
    text_puts(out, "</svg>\n");
}
