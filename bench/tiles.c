/* Tiles of a city: milliseconds and bytes by zoom, beside copying the same bytes; and all tiles as files, for other programs.
 *
 * usage: bench_tiles CITY            prints the table
 *        bench_tiles CITY FOLDER     writes FOLDER/z-x-y.mvt for every tile that is not empty */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/text.h"
#include "road/tile.h"
#include "road/tile_private.h"

struct figures {
    uint32_t tiles, largest;
    uint64_t bytes;
    double seconds, copy_seconds, slowest;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const struct error *error)
{
    fprintf(stderr, "%s\n", error->text);
    exit(1);
}

static void keep(const char *folder, uint32_t zoom, uint32_t x, uint32_t y, const struct text *tile)
{
    char name[64];
    struct error error;
    snprintf(name, sizeof name, "%u-%u-%u.mvt", zoom, x, y);
    char *path = file_join(folder, name);
    if (file_write_whole(path, tile->bytes, tile->length, &error) != STATUS_OK) {
        fail(&error);
    }
    free(path);
}

static void draw(const struct tiles *tiles, const char *folder, uint32_t zoom, uint32_t x, uint32_t y, struct figures *figures)
{
    static char copy[TILE_BYTES_MAX];
    struct text tile;
    struct error error;
    text_init(&tile, TILE_BYTES_MAX);
    double begin = now_s();
    if (tiles_draw(tiles, zoom, x, y, &tile, &error) != STATUS_OK) {
        fail(&error);
    }
    double drawn = now_s();
    if (tile.length > 0) {
        memcpy(copy, tile.bytes, tile.length);
        figures->copy_seconds += now_s() - drawn;
        figures->seconds += drawn - begin;
        figures->slowest = drawn - begin > figures->slowest ? drawn - begin : figures->slowest;
        figures->tiles += 1;
        figures->bytes += tile.length;
        figures->largest = tile.length > figures->largest ? (uint32_t)tile.length : figures->largest;
        if (folder != NULL) {
            keep(folder, zoom, x, y, &tile);
        }
    }
    text_free(&tile);
}

static void measure_zoom(const struct city *city, const struct tiles *tiles, const char *folder, uint32_t zoom)
{
    struct figures figures = { 0 };
    struct geo_point south_west, north_east;
    city_bounds(city, &south_west, &north_east);
    struct world_point low = world_of((struct geo_point){ south_west.lon_e7, north_east.lat_e7 });
    struct world_point high = world_of((struct geo_point){ north_east.lon_e7, south_west.lat_e7 });
    for (uint32_t y = low.y >> (32 - zoom); y <= high.y >> (32 - zoom); y++) {
        for (uint32_t x = low.x >> (32 - zoom); x <= high.x >> (32 - zoom); x++) {
            draw(tiles, folder, zoom, x, y, &figures);
        }
    }
    if (figures.tiles > 0) {
        double each = 1.0 / figures.tiles;
        printf("%4u %7u %10.1f %10.1f %9.3f %9.3f %10.0f\n", zoom, figures.tiles, (double)figures.bytes * each / 1e3,
               figures.largest / 1e3, figures.seconds * 1e3 * each, figures.slowest * 1e3,
               figures.seconds / figures.copy_seconds);
    }
}

int main(int argc, char **argv)
{
    struct city *city;
    struct tiles *tiles;
    struct error error;
    if (argc < 2) {
        printf("no city given: skipped\n");
        return 77;
    }
    if (city_open(argv[1], &city, &error) != STATUS_OK) {
        fail(&error);
    }
    double begin = now_s();
    if (tiles_create(city, &tiles, &error) != STATUS_OK) {
        fail(&error);
    }
    printf("%s: index in %.1f ms, %zu lines of %u edges\n", city_name(city), (now_s() - begin) * 1e3, tiles->strands.count,
           city_edge_count(city));
    printf("zoom   tiles    kB each kB largest   ms each  ms worst x copying\n");
    for (uint32_t zoom = TILE_ZOOM_MIN; zoom <= TILE_ZOOM_MAX; zoom++) {
        measure_zoom(city, tiles, argc > 2 ? argv[2] : NULL, zoom);
    }
    tiles_destroy(tiles);
    city_close(city);
    return 0;
}
