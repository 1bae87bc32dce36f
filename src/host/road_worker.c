#include "host/road_worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "core/limits.h"
#include "geo/point.h"
#include "host/log.h"
#include "host/workers.h"
#include "road/reckon.h"
#include "sim/roads.h"

enum {
    QUESTIONS_MAX = 32,       /* that wait, at once */
    OFF_ROAD_MAX_M = 2000,    /* farther from every road nobody drives */
    RECKON_MIN_MS = 2000,     /* a younger position is as good as now */
    KEY_OF_ROADS = 0x524F4144 /* "ROAD": in the key's third word, so that no two kinds of keys are alike by design */
};

/* Where an id stood when it was last asked about. */
struct remembered {
    struct geo_point point;
    bool known, on_road;
    struct spot spot;
};

/* Roads with the times of a band: used by who holds them, let go of by the last. */
struct road_hours {
    struct roads *roads;
    enum speed_band band;
    uint64_t number; /* of the making, so that what was remembered of others is known to be old */
    uint32_t holders;
};

/* What one thread works with. */
struct bench {
    struct bench *next;
    struct road_hours *hours;              /* held while a question is answered */
    uint64_t remembered_of;                /* the number of those that units and facilities are remembered of */
    struct remembered *units, *facilities; /* by id */
    struct command_head *command;
    struct matcher *matcher; /* NULL: nothing is reckoned */
    struct match_points points;
};

struct question_job {
    struct question_job *next;
    struct road_workers *workers;
    struct road_question question;
};

struct road_workers {
    struct road_setup setup;
    struct road_hours *hours;
    enum speed_band wanted; /* the last that was asked to be made: a failure is not tried again before another band */
    uint64_t made;
    struct workers *maker; /* makes the roads of another band; NULL without learned speeds */
    struct match_net *net; /* NULL: nothing is reckoned */
    atomic_uint_fast64_t reckoned;
    struct workers *threads;
    struct bench *benches; /* all of them, for the end */
    struct question_job *jobs;
    pthread_mutex_t lock; /* of the two lists and of hours */
    struct bench *free_benches;
    struct question_job *free_jobs;
};

enum road_profile road_profile_of(enum priority priority)
{
    return priority == PRIORITY_NON_URGENT ? ROAD_NORMAL : ROAD_EMERGENCY;
}

/* ---- the answer as a command ---- */

/* The key is the same whoever answers, so that the second answer to a question is told what the first one did. */
static void begin_head(const struct road_question *question, uint16_t kind, uint32_t size, struct command_head *head)
{
    *head = (struct command_head){ .kind = kind,
                                   .version = (uint8_t)command_kind(kind)->version,
                                   .actor_kind = ACTOR_KIND_ROAD,
                                   .size = size,
                                   .key_low = (uint32_t)question->asked,
                                   .key_middle = question->subject,
                                   .key_high = KEY_OF_ROADS ^ (uint32_t)(question->asked >> 32) ^ (uint32_t)question->kind,
                                   .occurred_at = INSTANT_NONE };
}

/* Fills all but the times: they are to be written by set_time. */
static void begin_answer(const struct road_question *question, bool estimated, struct command_head *command)
{
    if (question->kind == ROAD_ASK_UNITS) {
        struct command_travel_times *times = (struct command_travel_times *)command;
        uint32_t size = (uint32_t)(sizeof *times + question->count * sizeof times->items[0]);
        *times = (struct command_travel_times){ .incident = { question->subject },
                                                .count = question->count,
                                                .estimated = estimated };
        begin_head(question, COMMAND_TRAVEL_TIMES, size, command);
    } else {
        struct command_facility_times *times = (struct command_facility_times *)command;
        uint32_t size = (uint32_t)(sizeof *times + question->count * sizeof times->items[0]);
        *times = (struct command_facility_times){ .mission = { question->subject },
                                                  .count = question->count,
                                                  .estimated = estimated };
        begin_head(question, COMMAND_FACILITY_TIMES, size, command);
    }
    CHECK(command->size <= COMMAND_SIZE_MAX);
}

/* A facility's wait for treatment is not known here: no facility reports it, so its queue is given as none. */
static void set_time(const struct road_question *question, uint32_t i, struct duration driving, struct command_head *command)
{
    const struct road_end *end = &question->ends[i];
    bool reachable = driving.us != DURATION_UNREACHABLE.us;
    struct duration eta = reachable ? duration_add(end->wait, driving) : DURATION_UNREACHABLE;
    if (question->kind == ROAD_ASK_UNITS) {
        ((struct command_travel_times *)command)->items[i] = (struct travel_time){ .unit = { end->id },
                                                                                   .position_age_ms = end->position_age_ms,
                                                                                   .eta = eta };
    } else {
        ((struct command_facility_times *)command)->items[i] = (struct facility_time){ .facility = { end->id }, .eta = eta };
    }
}

void road_estimate(const struct road_question *question, struct duration per_kilometre, struct command_head *command)
{
    begin_answer(question, true, command);
    for (uint32_t i = 0; i < question->count; i++) {
        double kilometres = geo_distance_m(question->point, question->ends[i].point) / 1000;
        set_time(question, i, duration_us((int64_t)(kilometres * (double)per_kilometre.us)), command);
    }
}

/* ---- roads by the hour ---- */

static enum status make_hours(struct road_workers *workers, enum speed_band band, struct road_hours **hours, struct error *error)
{
    struct road_hours *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the roads of another hour");
    }
    *made = (struct road_hours){ .band = band, .holders = 1 };
    enum status status = roads_create_learned(workers->setup.city, workers->setup.speeds, band, &made->roads, error);
    if (status != STATUS_OK) {
        free(made);
        return status;
    }
    *hours = made;
    return STATUS_OK;
}

static void let_go(struct road_workers *workers, struct road_hours *hours)
{
    pthread_mutex_lock(&workers->lock);
    bool last = hours != NULL && --hours->holders == 0;
    pthread_mutex_unlock(&workers->lock);
    if (last) {
        roads_destroy(hours->roads);
        free(hours);
    }
}

/* In the maker's thread. */
static void make_wanted(void *memory)
{
    struct road_workers *workers = memory;
    struct road_hours *made = NULL, *before = NULL;
    struct error error;
    pthread_mutex_lock(&workers->lock);
    enum speed_band band = workers->wanted;
    pthread_mutex_unlock(&workers->lock);
    if (make_hours(workers, band, &made, &error) != STATUS_OK) {
        LOG(LOG_ERROR, "roads", "the times of this hour cannot be made; those of the hours before count on",
            LOG_TEXT("band", SPEED_BAND_NAMES[band]), LOG_TEXT("why", error.text));
        return;
    }
    pthread_mutex_lock(&workers->lock);
    made->number = ++workers->made;
    before = workers->hours;
    workers->hours = made;
    pthread_mutex_unlock(&workers->lock);
    let_go(workers, before);
}

/* Those that are there; those of the instant's band are made if they are not. */
static struct road_hours *hold_hours(struct road_workers *workers, struct instant at)
{
    enum speed_band band = workers->maker == NULL ? SPEED_ALL : speed_band_of(at);
    pthread_mutex_lock(&workers->lock);
    struct road_hours *hours = workers->hours;
    bool makes = workers->maker != NULL && band != workers->wanted;
    hours->holders += 1;
    if (makes) {
        workers->wanted = band;
    }
    pthread_mutex_unlock(&workers->lock);
    if (makes && !workers_give(workers->maker, make_wanted, NULL, workers)) {
        LOG(LOG_DEBUG, "roads", "the times of another hour are being made already", LOG_TEXT("band", SPEED_BAND_NAMES[band]));
    }
    return hours;
}

enum speed_band road_workers_band(struct road_workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    enum speed_band band = workers->hours->band;
    pthread_mutex_unlock(&workers->lock);
    return band;
}

/* What was remembered has the times of the roads that it was remembered of. */
static void forget_old(const struct road_workers *workers, struct bench *bench)
{
    if (bench->remembered_of != bench->hours->number) {
        memset(bench->units, 0, ((size_t)workers->setup.units_max + 1) * sizeof *bench->units);
        memset(bench->facilities, 0, ((size_t)workers->setup.facilities_max + 1) * sizeof *bench->facilities);
        bench->remembered_of = bench->hours->number;
    }
}

/* ---- a thread's work ---- */

/* NULL where no road is near. */
static const struct spot *spot_of(const struct roads *roads, struct remembered *remembered, struct geo_point point)
{
    bool same = remembered->known && remembered->point.lon_e7 == point.lon_e7 && remembered->point.lat_e7 == point.lat_e7;
    if (!same) {
        struct error ignored; /* that there is no road is an answer */
        remembered->spot = (struct spot){ .place = { { .node = ROAD_NONE } } };
        remembered->on_road = roads_spot(roads, point, OFF_ROAD_MAX_M, &remembered->spot, &ignored) == STATUS_OK;
        remembered->point = point;
        remembered->known = true;
    }
    return remembered->on_road ? &remembered->spot : NULL;
}

/* Moves the end on along its road, if that is known. */
static void reckon(struct road_workers *workers, struct bench *bench, struct road_end *end)
{
    const struct city *city = workers->setup.city;
    struct match_points *points = &bench->points;
    struct error ignored; /* without memory, or without a road, it stays where it was seen */
    bool old = end->position_age_ms > RECKON_MIN_MS && (int64_t)end->position_age_ms * US_PER_MS <= workers->setup.reckon_max.us;
    if (bench->matcher == NULL || end->trail_count < 2 || !old) {
        return;
    }
    points->count = 0;
    matcher_reset(bench->matcher);
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < end->trail_count && status == STATUS_OK; i++) {
        status = matcher_add(bench->matcher, &end->trail[i], points, &ignored);
    }
    status = status == STATUS_OK ? matcher_finish(bench->matcher, points, &ignored) : status;
    const struct match_point *last = points->count < 2 ? NULL : &points->items[points->count - 1];
    if (status != STATUS_OK || last == NULL || last->begins || last->fix + 1 != end->trail_count) {
        return; /* its direction is not known */
    }
    const road_ticks *weights = city_weights(city, end->drives);
    if (weights[last->arc] >= ROAD_INFINITY) {
        return;
    }
    struct duration elapsed = duration_us((int64_t)end->position_age_ms * US_PER_MS);
    struct reckoned here = reckon_ahead(city, weights, last->arc, (double)last->fraction, elapsed);
    end->point = reckon_point(city, here.arc, here.fraction);
    atomic_fetch_add(&workers->reckoned, 1);
}

static struct duration driving_time(const struct roads *roads, const struct road_question *question, const struct spot *end,
                                    const struct spot *fixed)
{
    if (end == NULL) {
        return DURATION_UNREACHABLE;
    }
    bool towards = question->kind == ROAD_ASK_UNITS;
    road_ticks ticks = roads_spot_ticks(roads, question->profile, towards ? end : fixed, towards ? fixed : end);
    return ticks < ROAD_INFINITY ? duration_us((int64_t)ticks * roads_tick_us(roads)) : DURATION_UNREACHABLE;
}

static void answer_question(struct road_workers *workers, struct road_question *question, struct bench *bench)
{
    struct remembered fixed = { .known = false };
    const struct roads *roads = bench->hours->roads;
    const struct spot *at = spot_of(roads, &fixed, question->point);
    if (at == NULL) {
        road_estimate(question, workers->setup.estimate_speed, bench->command);
        return;
    }
    bool units = question->kind == ROAD_ASK_UNITS;
    begin_answer(question, false, bench->command);
    for (uint32_t i = 0; i < question->count; i++) {
        struct road_end *end = &question->ends[i];
        reckon(workers, bench, end);
        CHECK(end->id <= (units ? workers->setup.units_max : workers->setup.facilities_max));
        struct remembered *remembered = &(units ? bench->units : bench->facilities)[end->id];
        set_time(question, i, driving_time(roads, question, spot_of(roads, remembered, end->point), at), bench->command);
    }
}

static void work(void *memory)
{
    struct question_job *job = memory;
    struct road_workers *workers = job->workers;
    pthread_mutex_lock(&workers->lock);
    struct bench *bench = workers->free_benches;
    CHECK(bench != NULL); /* one for each thread */
    workers->free_benches = bench->next;
    pthread_mutex_unlock(&workers->lock);
    bench->hours = hold_hours(workers, job->question.at);
    forget_old(workers, bench);
    answer_question(workers, &job->question, bench);
    let_go(workers, bench->hours);
    workers->setup.answer(workers->setup.context, bench->command);
    pthread_mutex_lock(&workers->lock);
    bench->next = workers->free_benches;
    workers->free_benches = bench;
    job->next = workers->free_jobs;
    workers->free_jobs = job;
    pthread_mutex_unlock(&workers->lock);
}

uint64_t road_workers_reckoned(struct road_workers *workers) { return atomic_load(&workers->reckoned); }

bool road_ask(struct road_workers *workers, const struct road_question *question)
{
    CHECK(question->count <= workers->setup.units_max || question->count <= workers->setup.facilities_max);
    pthread_mutex_lock(&workers->lock);
    struct question_job *job = workers->free_jobs;
    if (job != NULL) {
        workers->free_jobs = job->next;
    }
    pthread_mutex_unlock(&workers->lock);
    if (job == NULL) {
        return false;
    }
    struct road_end *ends = job->question.ends;
    job->question = *question;
    job->question.ends = ends;
    memcpy(ends, question->ends, question->count * sizeof *ends);
    /* There are as many jobs as places, so that there is a place for this one, unless the threads are being ended. */
    return workers_give(workers->threads, work, NULL, job);
}

/* ---- making and ending ---- */

static void make_bench(struct road_workers *workers, struct bench *bench)
{
    bench->units = calloc((size_t)workers->setup.units_max + 1, sizeof *bench->units);
    bench->facilities = calloc((size_t)workers->setup.facilities_max + 1, sizeof *bench->facilities);
    bench->command = malloc(COMMAND_SIZE_MAX);
    CHECK(bench->units != NULL && bench->facilities != NULL && bench->command != NULL);
    bench->next = workers->free_benches;
    workers->free_benches = bench;
}

/* A city of arc tables has no roads to match to: there positions are taken as they are. */
static enum status make_matchers(struct road_workers *workers, struct error *error)
{
    static const struct match_rules rules = MATCH_RULES_DEFAULT;
    if (workers->setup.reckon_max.us == 0 || city_is_from_arcs(workers->setup.city)) {
        return STATUS_OK;
    }
    TRY(match_net_create(workers->setup.city, ROAD_EMERGENCY, &workers->net, error));
    for (uint32_t i = 0; i < workers->setup.threads; i++) {
        TRY(matcher_create(workers->net, &rules, &workers->benches[i].matcher, error));
    }
    return STATUS_OK;
}

static void make_job(struct road_workers *workers, struct question_job *job)
{
    uint32_t most = workers->setup.units_max > workers->setup.facilities_max ? workers->setup.units_max
                                                                             : workers->setup.facilities_max;
    job->workers = workers;
    job->question.ends = calloc(most, sizeof *job->question.ends);
    CHECK(job->question.ends != NULL);
    job->next = workers->free_jobs;
    workers->free_jobs = job;
}

enum status road_workers_create(const struct road_setup *setup, struct road_workers **workers, struct error *error)
{
    struct road_workers *made = calloc(1, sizeof *made);
    CHECK(made != NULL && setup->threads > 0 && setup->units_max > 0);
    made->setup = *setup;
    CHECK(pthread_mutex_init(&made->lock, NULL) == 0);
    made->benches = calloc(setup->threads, sizeof *made->benches);
    made->jobs = calloc(QUESTIONS_MAX, sizeof *made->jobs);
    CHECK(made->benches != NULL && made->jobs != NULL);
    for (uint32_t i = 0; i < setup->threads; i++) {
        make_bench(made, &made->benches[i]);
    }
    for (uint32_t i = 0; i < QUESTIONS_MAX; i++) {
        make_job(made, &made->jobs[i]);
    }
    enum status status = make_hours(made, SPEED_ALL, &made->hours, error);
    if (status == STATUS_OK && setup->speeds != NULL) {
        status = workers_create("road_hours", 1, 1, &made->maker, error);
    }
    if (status == STATUS_OK) {
        status = make_matchers(made, error);
    }
    if (status == STATUS_OK) {
        status = workers_create("roads", setup->threads, QUESTIONS_MAX, &made->threads, error);
    }
    if (status != STATUS_OK) {
        road_workers_destroy(made);
        return status;
    }
    *workers = made;
    return STATUS_OK;
}

void road_workers_destroy(struct road_workers *workers)
{
    if (workers == NULL) {
        return;
    }
    workers_destroy(workers->threads);
    workers_destroy(workers->maker);
    let_go(workers, workers->hours);
    match_net_destroy(workers->net);
    for (uint32_t i = 0; i < workers->setup.threads; i++) {
        free(workers->benches[i].units);
        free(workers->benches[i].facilities);
        free(workers->benches[i].command);
        matcher_destroy(workers->benches[i].matcher);
        vec_free(&workers->benches[i].points);
    }
    for (uint32_t i = 0; i < QUESTIONS_MAX; i++) {
        free(workers->jobs[i].question.ends);
    }
    free(workers->benches);
    free(workers->jobs);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}
