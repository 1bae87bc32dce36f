/* The exercise's loop: what is due is done, then the stream is heard until the next thing is due. */
#include "host/exercise.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "host/clock.h"
#include "host/exercise_private.h"

enum { LISTEN_MAX_MS = 200, SAY_EVERY_S = 60, REFUSALS_TOLD_MAX = 10, YEARS = 10 };

static const double ANSWER_WAIT_S = 3; /* of real time: nobody presses a button again before */

struct instant exercise_now(const struct exercise *exercise)
{
    double elapsed_us = (double)(clock_monotonic_us() - exercise->heard_at_us) * exercise->speed;
    return instant_add(exercise->heard_now, duration_us((int64_t)elapsed_us));
}

void exercise_plan(struct exercise *exercise, struct instant at, enum act act, uint32_t subject, uint32_t generation)
{
    enum status status = agenda_add(&exercise->agenda, at, (uint32_t)act, subject, generation, &exercise->error);
    exercise->status = status != STATUS_OK ? status : exercise->status;
}

struct duration exercise_between(struct exercise *exercise, double low_s, double high_s)
{
    return duration_from_seconds(low_s + (high_s - low_s) * random_uniform(&exercise->chance));
}

bool exercise_happens(struct exercise *exercise, double chance)
{
    return random_uniform(&exercise->chance) < chance * exercise->setup->surprises;
}

struct duration exercise_patience(const struct exercise *exercise, double seconds)
{
    double least_s = ANSWER_WAIT_S * exercise->speed;
    return duration_from_seconds(seconds > least_s ? seconds : least_s);
}

int64_t exercise_local_us(const struct exercise *exercise)
{
    return exercise_now(exercise).us + (int64_t)(exercise->setup->utc_offset_h * 3600e6);
}

/* For people who wonder; a few of them, should everything be refused. */
static void tell_refusal(struct exercise *exercise, const char *name, const json_t *answer, long http)
{
    exercise->refused += 1;
    exercise->refusals_told += 1;
    if (http != 0 && exercise->refusals_told <= REFUSALS_TOLD_MAX) {
        char line[600];
        snprintf(line, sizeof line, "exercise: refused: %s: %ld %s: %s", name, http, seen_text(answer, "name"),
                 seen_text(answer, "detail"));
        exercise->setup->say(exercise->setup->context, line);
    }
}

uint32_t exercise_command(struct exercise *exercise, const char *name, json_t *body, bool *done)
{
    char path[64];
    long http = 0;
    snprintf(path, sizeof path, "/commands/%s", name);
    json_t *answer = exercise_link_post(exercise->link, path, body, true, &http);
    uint32_t made = seen_number(answer, "made");
    *done = http == 200;
    exercise->commands += 1;
    if (!*done) {
        tell_refusal(exercise, name, answer, http);
    }
    json_decref(answer);
    return *done ? made : 0;
}

/* ---- making ---- */

static enum status load(struct exercise *exercise, struct error *error)
{
    const struct exercise_setup *setup = exercise->setup;
    TRY(scenario_load(setup->scenario, &exercise->scenario, error));
    TRY(city_open(exercise->scenario->city_path, &exercise->city, error));
    TRY(call_places_create(exercise->scenario, &exercise->places, error));
    const double length_s = YEARS * 366.0 * 86400.0;
    TRY(call_stream_open(&exercise->stream, exercise->scenario, exercise->places, setup->seed, 0, length_s, error));
    return call_stream_open(&exercise->people_stream, exercise->scenario, exercise->places, setup->seed, 1, length_s, error);
}

/* It plays in drills only, on the city and the service that it knows. */
static enum status check_centre(struct exercise *exercise, const json_t *centre, long http, struct error *error)
{
    const struct exercise_setup *setup = exercise->setup;
    char fingerprint[20];
    snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, city_fingerprint(exercise->city));
    if (http == 0) {
        return ERROR(error, STATUS_IO, "stopped before %s had answered", setup->url);
    }
    if (http != 200 || centre == NULL) {
        return ERROR(error, STATUS_BAD_INPUT, "%s answers %ld: is the token one of this drill's, with the role simulation?",
                     setup->url, http);
    }
    if (!json_is_true(json_object_get(centre, "drill"))) {
        return ERROR(error, STATUS_BAD_INPUT, "%s is a live centre: an exercise plays in a drill only (mingdi serve --drill)",
                     setup->url);
    }
    if (!seen_is(centre, "city_fingerprint", fingerprint)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s has another city than %s: its fingerprint is %s, not %s", setup->url,
                     setup->scenario, seen_text(centre, "city_fingerprint"), fingerprint);
    }
    return STATUS_OK;
}

/* Waits until the first snapshot has been heard: before it nothing is known. */
static void hear_first(struct exercise *exercise)
{
    while (!*exercise->setup->stop && json_object_size(exercise->seen[SEEN_UNITS]) == 0) {
        exercise_link_listen(exercise->link, LISTEN_MAX_MS);
    }
}

static enum status begin(struct exercise *exercise, struct error *error)
{
    const struct exercise_setup *setup = exercise->setup;
    TRY(load(exercise, error));
    random_open(&exercise->chance, setup->seed, 1000, 0);
    exercise->held = json_object();
    for (int kind = 0; kind < SEEN_COUNT; kind++) {
        exercise->seen[kind] = json_object();
    }
    uint64_t key_seed = setup->seed ^ (uint64_t)clock_wall().us; /* another run must not repeat the keys of this one */
    TRY(exercise_link_create(setup->url, setup->token, key_seed, setup->stop, exercise_hear, exercise, &exercise->link, error));
    long http = 0;
    json_t *centre = exercise_link_get(exercise->link, "/centre", &http);
    enum status status = check_centre(exercise, centre, http, error);
    json_decref(centre);
    if (status == STATUS_OK) {
        triage_fetch(exercise);
    }
    return status;
}

static void finish(struct exercise *exercise)
{
    exercise_link_destroy(exercise->link);
    for (int kind = 0; kind < SEEN_COUNT; kind++) {
        json_decref(exercise->seen[kind]);
    }
    json_decref(exercise->held);
    json_decref(exercise->protocols);
    for (uint32_t unit = 0; unit <= exercise->unit_max; unit++) {
        vehicle_free(&exercise->units[unit].vehicle);
    }
    agenda_free(&exercise->agenda);
    call_places_destroy(exercise->places);
    city_close(exercise->city);
    scenario_free(exercise->scenario);
    free(exercise);
}

/* ---- the loop ---- */

static void act(struct exercise *exercise, const struct agenda_item *item)
{
    switch ((enum act)item->kind) {
    case ACT_RING: callers_ring(exercise); return;
    case ACT_PERSON: dealing_look(exercise, item->subject, item->generation); return;
    case ACT_EXTRA: callers_extra(exercise, (enum call_kind)item->subject); return;
    case ACT_SEAT: callers_seat_act(exercise, item->subject, item->generation); return;
    case ACT_DESK: callers_desk_act(exercise, item->subject, item->generation); return;
    case ACT_CREW: crews_act(exercise, item->subject, item->generation); return;
    case ACT_BED_FREE: crews_bed_free(exercise, item->subject); return;
    case ACT_BED_COUNT: crews_bed_count(exercise, item->subject); return;
    case ACT_DESCRIBE: talk_describe(exercise, item->subject); return;
    case ACT_PREALERT: talk_prealert(exercise, item->subject, item->generation); return;
    case ACT_READ: talk_read(exercise, item->subject); return;
    case ACT_SHIFTS: crews_shifts(exercise); return;
    case ACT_POSITIONS: crews_positions(exercise); return;
    }
    UNREACHABLE();
}

static void say_how_it_goes(struct exercise *exercise)
{
    char line[200];
    snprintf(line, sizeof line, "exercise: %" PRIu64 " calls rung, %zu incidents open, %" PRIu64 " commands, %" PRIu64 " refused",
             exercise->rung, json_object_size(exercise->seen[SEEN_INCIDENTS]), exercise->commands, exercise->refused);
    exercise->setup->say(exercise->setup->context, line);
    exercise->refusals_told = 0;
}

/* Real milliseconds until the next thing is due, at most LISTEN_MAX_MS. */
static int wait_ms(const struct exercise *exercise)
{
    double us = (double)(agenda_next(&exercise->agenda).us - exercise_now(exercise).us) / exercise->speed;
    return us <= 0 ? 0 : us / 1000 < LISTEN_MAX_MS ? (int)(us / 1000) + 1 : LISTEN_MAX_MS;
}

static void play(struct exercise *exercise)
{
    int64_t said_us = clock_monotonic_us();
    crews_begin(exercise);
    callers_begin(exercise);
    while (!*exercise->setup->stop && exercise->status == STATUS_OK) {
        if (!instant_before(exercise_now(exercise), agenda_next(&exercise->agenda))) {
            struct agenda_item item = agenda_take(&exercise->agenda);
            act(exercise, &item);
        }
        exercise_link_listen(exercise->link, wait_ms(exercise));
        if (clock_monotonic_us() - said_us >= SAY_EVERY_S * US_PER_SECOND) {
            say_how_it_goes(exercise);
            said_us = clock_monotonic_us();
        }
    }
    say_how_it_goes(exercise);
}

enum status exercise_run(const struct exercise_setup *setup, struct error *error)
{
    struct exercise *exercise = calloc(1, sizeof *exercise);
    if (exercise == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the exercise");
    }
    exercise->setup = setup;
    exercise->speed = 1;
    enum status status = begin(exercise, error);
    if (status == STATUS_OK) {
        hear_first(exercise);
        play(exercise);
        status = exercise->status;
        if (status != STATUS_OK) {
            *error = exercise->error;
        }
    }
    finish(exercise);
    return status;
}
