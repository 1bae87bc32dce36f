/* What reading a batch of positions costs, in batches of 100 and 1,000, with jansson beside it on the same bytes. Prints
 * nanoseconds a position and what part of a core 20,000 positions a second take.
 *
 * usage: bench_positions */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/text.h"
#include "wire/form.h"
#include "wire/positions_json.h"

enum { BATCH_MAX = 1000, ROUNDS = 5, POSITIONS_A_SECOND = 20000 };
#define TURN_S 0.2

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As a gateway writes them. */
static void write_batch(struct text *text, uint32_t count)
{
    text_clear(text);
    for (uint32_t i = 0; i < count; i++) {
        text_printf(text, "%s{\"unit\":%u,\"lon\":%.6f,\"lat\":%.6f,\"at\":\"2026-11-22T08:30:%02u.%03uZ\"}", i == 0 ? "[" : ",",
                    i + 1, 11.9 + i * 0.0001, 57.7 + i * 0.0002, i % 60, i % 1000);
    }
    text_puts(text, "]");
    CHECK(!text->failed);
}

static struct position_report items[BATCH_MAX], others[BATCH_MAX];

static void read_by_cursor(const struct text *text, uint32_t count)
{
    struct error error;
    uint32_t found;
    CHECK(positions_json_read(text->bytes, text->length, items, BATCH_MAX, &found, &error) == STATUS_OK && found == count);
}

static void read_by_tree(const struct text *text, uint32_t count)
{
    json_t *root = json_loadb(text->bytes, text->length, JSON_REJECT_DUPLICATES, NULL);
    CHECK(json_array_size(root) == count);
    for (uint32_t i = 0; i < count; i++) {
        const json_t *object = json_array_get(root, i), *at = json_object_get(object, "at");
        others[i].unit = (uint32_t)json_integer_value(json_object_get(object, "unit"));
        CHECK(geo_point_from_degrees(json_number_value(json_object_get(object, "lon")),
                                     json_number_value(json_object_get(object, "lat")), &others[i].point));
        CHECK(form_instant_read(json_string_value(at), json_string_length(at), &others[i].at));
    }
    json_decref(root);
}

/* Nanoseconds a position: the best of some turns. */
static double measure(void (*read)(const struct text *text, uint32_t count), const struct text *text, uint32_t count)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double begin = now_s(), taken;
        uint64_t done = 0;
        do {
            read(text, count);
            done += count;
            taken = now_s() - begin;
        } while (taken < TURN_S);
        best = taken * 1e9 / (double)done < best ? taken * 1e9 / (double)done : best;
    }
    return best;
}

int main(void)
{
    static const uint32_t sizes[] = { 100, 1000 };
    struct text text;
    text_init(&text, 1 << 20);
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        write_batch(&text, sizes[i]);
        double cursor = measure(read_by_cursor, &text, sizes[i]), tree = measure(read_by_tree, &text, sizes[i]);
        for (uint32_t k = 0; k < sizes[i]; k++) {
            CHECK(items[k].unit == others[k].unit && items[k].at.us == others[k].at.us);
            CHECK(abs(items[k].point.lon_e7 - others[k].point.lon_e7) <= 1 &&
                  abs(items[k].point.lat_e7 - others[k].point.lat_e7) <= 1);
        }
        printf(
            "batch of %4u (%zu bytes): %6.0f ns a position, jansson %6.0f ns (%.1f times); %d a second take %.2f %% of a core\n",
            sizes[i], text.length, cursor, tree, tree / cursor, POSITIONS_A_SECOND, cursor * POSITIONS_A_SECOND / 1e7);
    }
    text_free(&text);
    return EXIT_SUCCESS;
}
