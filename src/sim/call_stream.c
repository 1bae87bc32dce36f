/* See call_stream.h. The hot path is call_stream_next: a dozen uniforms, half as many logarithms, one table look-up. */
#include "sim/call_stream.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "sim/quantity.h"

static const double DURATION_MAX_S = 1e9; /* a draw of an infinite tail stays inside an instant */

/* ---- places ---- */

/* Both cells of an entry lie in it, so that a draw waits for memory once. */
struct alias_entry {
    float keep; /* chance of the entry's own cell; else the other */
    uint32_t district[2];
    struct geo_point point[2]; /* own, other */
};

struct call_places {
    uint32_t count;
    struct alias_entry *entries;
};

static void set_entry(struct call_places *places, const struct scenario *scenario, uint32_t own, double keep, uint32_t other)
{
    const struct scenario_cell *first = &scenario->cells[own], *second = &scenario->cells[other];
    places->entries[own] = (struct alias_entry){ (float)keep,
                                                 { first->district, second->district },
                                                 { first->point, second->point } };
}

/* Vose's construction: cells above the mean weight (large) fill up those below (small). share[] is used up. Rounding leaves a few
 * entries at the end, whose share is 1 within it. */
static void fill_entries(struct call_places *places, const struct scenario *scenario, double *share, uint32_t *queue)
{
    uint32_t small = 0, large = places->count; /* small grows up from 0, large down from count */
    for (uint32_t i = 0; i < places->count; i++) {
        set_entry(places, scenario, i, 1, i);
        if (share[i] < 1) {
            queue[small++] = i;
        } else {
            queue[--large] = i;
        }
    }
    uint32_t large_count = places->count - large;
    while (small > 0 && large_count > 0) {
        uint32_t less = queue[--small], more = queue[large];
        set_entry(places, scenario, less, share[less], more);
        share[more] -= 1 - share[less];
        if (share[more] < 1) {
            large++;
            large_count--;
            queue[small++] = more;
        }
    }
}

enum status call_places_create(const struct scenario *scenario, struct call_places **places, struct error *error)
{
    uint32_t count = scenario->cell_count;
    if (count == 0) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s: no demand.csv or demand.csv.gz: random calls need it; or give a list with --calls", scenario->folder);
    }
    struct call_places *made = calloc(1, sizeof *made);
    double *share = calloc(count, sizeof *share);
    uint32_t *queue = calloc(count, sizeof *queue);
    if (made == NULL || share == NULL || queue == NULL || (made->entries = calloc(count, sizeof *made->entries)) == NULL) {
        free(made);
        free(share);
        free(queue);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for %u demand cells", count);
    }
    made->count = count;
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += (double)scenario->cells[i].weight;
    }
    for (uint32_t i = 0; i < count; i++) {
        share[i] = (double)scenario->cells[i].weight / sum * count;
    }
    fill_entries(made, scenario, share, queue);
    free(share);
    free(queue);
    *places = made;
    return STATUS_OK;
}

void call_places_destroy(struct call_places *places)
{
    if (places != NULL) {
        free(places->entries);
        free(places);
    }
}

static const struct alias_entry *draw_entry(const struct call_places *places, struct random_stream *stream, unsigned *which)
{
    double at = random_uniform(stream) * places->count;
    uint32_t index = (uint32_t)at;
    if (index >= places->count) {
        index = places->count - 1;
    }
    const struct alias_entry *entry = &places->entries[index];
    *which = at - index < (double)entry->keep ? 0 : 1;
    return entry;
}

/* ---- the stream ---- */

/* The quantities that need no draws in this scenario. */
static uint32_t fixed_quantities(const struct scenario *scenario)
{
    uint32_t fixed = UINT32_MAX;
    double first_of[QUANTITY_BED_STAY + 1];
    bool seen = false;
    for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
        const struct scenario_priority *priority = &scenario->priorities[p];
        const struct distribution *const all[] = { [QUANTITY_DELAY] = &priority->delay,
                                                   [QUANTITY_MOBILISATION] = &priority->mobilisation,
                                                   [QUANTITY_PATIENT_ACCESS] = &priority->patient_access,
                                                   [QUANTITY_ON_SCENE] = &priority->on_scene,
                                                   [QUANTITY_TRANSPORT] = &priority->transport,
                                                   [QUANTITY_HANDOVER] = &priority->handover,
                                                   [QUANTITY_BED_STAY] = &priority->bed_stay };
        for (unsigned q = QUANTITY_DELAY; q < ARRAY_LENGTH(all) && priority->used; q++) {
            if (all[q] == NULL) {
                continue; /* no duration */
            }
            first_of[q] = seen ? first_of[q] : all[q]->a;
            fixed &= all[q]->kind == DISTRIBUTION_CONSTANT && all[q]->a == first_of[q] ? UINT32_MAX : ~(1U << q);
        }
        fixed &= !priority->used || priority->need_chance[CARE_NONE] == 1 ? UINT32_MAX : ~(1U << QUANTITY_NEED);
        seen |= priority->used;
    }
    return fixed;
}

enum status call_stream_open(struct call_stream *stream, const struct scenario *scenario, const struct call_places *places,
                             uint64_t seed, uint32_t replication, double minimum_last_s, struct error *error)
{
    if (!(scenario->calls_per_day_mean > 0)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: no rate.csv: random calls need it; or give a list with --calls",
                     scenario->folder);
    }
    *stream = (struct call_stream){ .scenario = scenario,
                                    .places = places,
                                    .minimum_last_s = minimum_last_s,
                                    .constant_rate = true,
                                    .fixed = fixed_quantities(scenario) };
    struct random_stream *const streams[] = {
        [QUANTITY_INTERARRIVAL] = &stream->interarrival,
        [QUANTITY_PRIORITY] = &stream->priority,
        [QUANTITY_CELL] = &stream->cell,
        [QUANTITY_PLACE_IN_CELL] = &stream->place,
        [QUANTITY_DELAY] = &stream->delay,
        [QUANTITY_MOBILISATION] = &stream->mobilisation,
        [QUANTITY_PATIENT_ACCESS] = &stream->patient_access,
        [QUANTITY_ON_SCENE] = &stream->on_scene,
        [QUANTITY_TRANSPORT] = &stream->transport,
        [QUANTITY_HANDOVER] = &stream->handover,
        [QUANTITY_NEED] = &stream->need,
        [QUANTITY_BED_STAY] = &stream->bed_stay,
    };
    for (uint32_t quantity = 1; quantity < ARRAY_LENGTH(streams); quantity++) {
        random_open(streams[quantity], seed, quantity, replication);
    }
    for (unsigned h = 0; h < HOURS_A_WEEK; h++) {
        double below = 0;
        for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
            below += scenario->calls_per_day[h][p];
            stream->priority_below[h][p] = below;
        }
        stream->rate_s[h] = below / 86400;
        stream->constant_rate &= stream->rate_s[h] == stream->rate_s[0];
        for (unsigned p = 0; p < PRIORITY_COUNT && below > 0; p++) {
            stream->priority_below[h][p] /= below;
        }
    }
    return STATUS_OK;
}

static unsigned hour_of_week(const struct call_stream *stream)
{
    return (unsigned)((stream->hour + stream->scenario->start_hour_of_week) % HOURS_A_WEEK);
}

/* The next arrival is where the integral of the rate has grown by a unit exponential: hours are walked until it is used up. */
static void next_arrival(struct call_stream *stream)
{
    double wanted = random_exponential(&stream->interarrival, 1);
    if (stream->constant_rate) {
        stream->at_s += wanted / stream->rate_s[0];
        stream->hour = (int64_t)(stream->at_s / 3600);
        return;
    }
    for (;;) {
        double rate = stream->rate_s[hour_of_week(stream)];
        double end = (double)(stream->hour + 1) * 3600;
        double in_hour = rate * (end - stream->at_s);
        if (wanted < in_hour) {
            stream->at_s += wanted / rate;
            return;
        }
        wanted -= in_hour;
        stream->at_s = end;
        stream->hour++;
    }
}

/* The first class whose cumulative chance lies above u, among those that have any. */
static uint8_t draw_class(const double *below, unsigned count, double u)
{
    unsigned last = 0;
    for (unsigned i = 0; i < count; i++) {
        last = below[i] > (i > 0 ? below[i - 1] : 0) ? i : last;
        if (u < below[i]) {
            return (uint8_t)i;
        }
    }
    return (uint8_t)last;
}

static struct geo_point place_in_cell(struct call_stream *stream, struct geo_point centre)
{
    double east = (random_uniform(&stream->place) - 0.5) * stream->scenario->cell_width_deg * 1e7;
    double north = (random_uniform(&stream->place) - 0.5) * stream->scenario->cell_height_deg * 1e7;
    double lon = centre.lon_e7 + east, lat = centre.lat_e7 + north;
    lon = lon > 1.8e9 ? lon - 3.6e9 : lon < -1.8e9 ? lon + 3.6e9 : lon;
    lat = fmin(fmax(lat, -9e8), 9e8);
    return (struct geo_point){ (int32_t)lround(lon), (int32_t)lround(lat) };
}

static struct duration draw_duration(const struct call_stream *calls, enum quantity quantity,
                                     const struct distribution *distribution, struct random_stream *stream)
{
    if ((calls->fixed >> quantity & 1) != 0) {
        return duration_from_seconds(distribution->a);
    }
    return duration_from_seconds(fmin(distribution_sample(distribution, stream), DURATION_MAX_S));
}

static uint8_t draw_need(struct call_stream *stream, const struct scenario_priority *priority)
{
    if ((stream->fixed >> QUANTITY_NEED & 1) != 0) {
        return CARE_NONE;
    }
    double u = random_uniform(&stream->need);
    for (unsigned need = CARE_NONE; need < CARE_COUNT; need++) {
        u -= priority->need_chance[need];
        if (u < 0) {
            return (uint8_t)need;
        }
    }
    return CARE_NONE;
}

bool call_stream_next(struct call_stream *stream, struct call_truth *call)
{
    if (stream->ended) {
        return false;
    }
    next_arrival(stream);
    stream->ended = stream->at_s >= stream->minimum_last_s;
    unsigned hour = hour_of_week(stream);
    uint8_t class = draw_class(stream->priority_below[hour], PRIORITY_COUNT, random_uniform(&stream->priority));
    const struct scenario_priority *priority = &stream->scenario->priorities[class];
    unsigned which;
    const struct alias_entry *entry = draw_entry(stream->places, &stream->cell, &which);
    *call = (struct call_truth){
        .number = ++stream->number,
        .point = place_in_cell(stream, entry->point[which]),
        .arrival = { duration_from_seconds(stream->at_s).us },
        .delay = draw_duration(stream, QUANTITY_DELAY, &priority->delay, &stream->delay),
        .mobilisation = draw_duration(stream, QUANTITY_MOBILISATION, &priority->mobilisation, &stream->mobilisation),
        .patient_access = draw_duration(stream, QUANTITY_PATIENT_ACCESS, &priority->patient_access, &stream->patient_access),
        .on_scene = draw_duration(stream, QUANTITY_ON_SCENE, &priority->on_scene, &stream->on_scene),
        .transport = distribution_sample(&priority->transport, &stream->transport) > 0.5,
        .handover = draw_duration(stream, QUANTITY_HANDOVER, &priority->handover, &stream->handover),
        .bed_stay = draw_duration(stream, QUANTITY_BED_STAY, &priority->bed_stay, &stream->bed_stay),
        .district = entry->district[which],
        .priority = class,
        .need = draw_need(stream, priority),
    };
    return true;
}
