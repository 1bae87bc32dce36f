/* The map: what it shows, its tiles, and the outlines of the districts. */
#include <stdio.h>
#include <string.h>

#include "host/api_private.h"
#include "host/console.h"
#include "host/map.h"
#include "road/city_map.h"

static const char TILE_TYPE[] = "application/vnd.mapbox-vector-tile";

void api_show_map(struct exchange *exchange)
{
    const struct map *map = exchange->api->setup.map;
    struct geo_point south_west, north_east;
    struct json *json = exchange_object(exchange);
    city_bounds(map->city, &south_west, &north_east);
    json_text(json, "name", city_name(map->city));
    json_array_begin(json, "bounds"); /* west, south, east, north, as in GeoJSON */
    json_e7(json, NULL, south_west.lon_e7);
    json_e7(json, NULL, south_west.lat_e7);
    json_e7(json, NULL, north_east.lon_e7);
    json_e7(json, NULL, north_east.lat_e7);
    json_array_end(json);
    json_text(json, "fingerprint", map->version);
    json_int(json, "min_zoom", TILE_ZOOM_MIN);
    json_int(json, "max_zoom", TILE_ZOOM_MAX);
    json_array_begin(json, "sources");
    if (!city_is_from_arcs(map->city)) {
        json_text(json, NULL, "OpenStreetMap contributors");
    }
    json_array_end(json);
    exchange_send(exchange, 200);
}

/* ---- GET /map/tiles/{z}/{x}/{y} ---- */

static uint64_t key_of(const struct exchange *exchange)
{
    return (uint64_t)exchange->numbers[0] << 58 | (uint64_t)exchange->numbers[1] << 29 | exchange->numbers[2];
}

static void send_tile(struct exchange *exchange, const char *bytes, size_t length)
{
    struct http_request *request = exchange->request;
    const struct map *map = exchange->api->setup.map;
    const char *wanted = http_parameter(request, "v");
    char tag[24];
    bool fixed = wanted != NULL && strcmp(wanted, map->version) == 0;
    snprintf(tag, sizeof tag, "\"%s\"", map->version);
    http_set_header(request, "ETag", tag);
    /* Only for who is signed in, so no cache between may keep it. */
    http_set_header(request, "Cache-Control", fixed ? "private, max-age=31536000, immutable" : "private, no-cache");
    if (console_tag_matches(http_header(request, "If-None-Match"), tag)) {
        exchange_send_nothing(exchange, 304);
    } else if (length == 0) {
        exchange_send_nothing(exchange, 204);
    } else {
        exchange_send_bytes(exchange, TILE_TYPE, bytes, length);
    }
}

static void draw_tile(void *job)
{
    struct exchange *exchange = job;
    struct error error = { .text = "" };
    const uint32_t *numbers = exchange->numbers;
    exchange->status = tiles_draw(exchange->api->setup.map->tiles, numbers[0], numbers[1], numbers[2], &exchange->body, &error);
    if (exchange->status != STATUS_OK) {
        snprintf(exchange->why, sizeof exchange->why, "%.*s", (int)sizeof exchange->why - 1, error.text);
    }
}

static void tile_was_drawn(void *job)
{
    struct exchange *exchange = job;
    if (exchange->status != STATUS_OK) {
        exchange_failed(exchange, "The tile could not be drawn");
        return;
    }
    tile_cache_put(exchange->api->setup.map->cache, key_of(exchange), exchange->body.bytes, exchange->body.length);
    send_tile(exchange, exchange->body.bytes, exchange->body.length);
}

void api_show_tile(struct exchange *exchange)
{
    const struct map *map = exchange->api->setup.map;
    uint32_t zoom = exchange->numbers[0];
    const char *bytes;
    size_t length;
    if (zoom < TILE_ZOOM_MIN || zoom > TILE_ZOOM_MAX || exchange->numbers[1] >> zoom != 0 || exchange->numbers[2] >> zoom != 0) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_PATH);
        return;
    }
    if (tile_cache_find(map->cache, key_of(exchange), &bytes, &length)) {
        send_tile(exchange, bytes, length);
        return;
    }
    exchange->status = STATUS_IO; /* until it is drawn */
    text_free(&exchange->body);
    text_init(&exchange->body, TILE_BYTES_MAX);
    if (!workers_give(map->workers, draw_tile, tile_was_drawn, exchange)) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
    }
}

/* ---- GET /map/districts ---- */

void api_show_district_shapes(struct exchange *exchange)
{
    const struct directory *directory = exchange->api->setup.directory;
    struct json *json = exchange_object(exchange);
    json_text(json, "type", "FeatureCollection");
    json_array_begin(json, "features");
    for (uint32_t i = 0; i < directory_count(directory, DIRECTORY_DISTRICT); i++) {
        const struct directory_entry *district = directory_at(directory, DIRECTORY_DISTRICT, i);
        const char *shape = directory_shape(directory, district->id);
        if (shape == NULL) {
            continue;
        }
        json_object_begin(json, NULL);
        json_text(json, "type", "Feature");
        json_int(json, "id", district->id);
        json_object_begin(json, "properties");
        json_int(json, "id", district->id);
        json_text(json, "code", district->code);
        json_text(json, "name", district->name);
        json_object_end(json);
        json_raw(json, "geometry", shape, strlen(shape));
        json_object_end(json);
    }
    json_array_end(json);
    exchange_send(exchange, 200);
}
