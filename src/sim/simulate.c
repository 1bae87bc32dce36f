#include "sim/simulate.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/check.h"
#include "base/vec.h"
#include "store/memory.h"
#include "store/sqlite.h"

/* A day's margin after the last counted call, so that the system is as busy then as before (JEMSS: 0.1 d). */
static const double MARGIN_DAYS = 0.1;
static const uint64_t MEMORY_JOURNAL_MAX = UINT64_C(1) << 36;
enum { SAMPLED_CALLS = 2000 };

VEC_TYPE(call_rows, struct simulate_call);

/* What all threads share. Results are written each to its own place; the rest is read only, or atomic. */
struct run {
    const struct world_setting *setting;
    const struct simulate_options *options;
    struct measure_layout layout;
    struct measure_setup measuring;
    struct limits limits;
    struct call_places *places; /* NULL with a list */
    struct measure_result *results;
    struct replication_facts {
        struct world_tally tally;
        double cpu_s;
    } * facts;
    struct call_rows rows; /* written by the thread of replication 0 only */
    bool rows_lost;
    struct simulate_outcome *outcome;
    _Atomic uint32_t next_replication;
    _Atomic bool failed;
    _Atomic uint64_t days_done_milli; /* thousandths of simulated days, all replications together */
    pthread_mutex_t lock;             /* of what follows */
    pthread_cond_t changed;
    uint32_t threads_running;
    struct error first_error;
};

/* ---- a journal that syncs once ---- */

/* A simulation that dies is run again, so nothing waits for the disk: what is appended counts as durable at once, and the file is
 * synced when it is closed. */
struct relaxed_journal {
    struct journal kept;
    uint64_t last_sequence;
};

static enum status relaxed_append(void *context, const struct entry_head *entry, struct error *error)
{
    struct relaxed_journal *relaxed = context;
    relaxed->last_sequence = entry->sequence;
    return relaxed->kept.append(relaxed->kept.context, entry, error);
}

static enum status relaxed_commit(void *context, uint64_t *durable_sequence, struct error *error)
{
    (void)error;
    *durable_sequence = ((struct relaxed_journal *)context)->last_sequence;
    return STATUS_OK;
}

/* ---- one replication ---- */

/* One thread: it keeps the memory of its journal from one replication to the next. */
struct worker {
    struct run *run;
    struct journal memory;
    bool has_memory;
};

struct replication {
    struct run *run;
    struct worker *worker;
    uint32_t index;
    struct relaxed_journal journal;
    struct journal relaxed; /* what the engine sees of it */
    bool journal_is_file, file_open;
    struct engine *engine;
    struct measure *measure;
    struct world *world;
    struct call_stream stream;
    double days_told;
    bool snapshot_kept; /* half-way, in the journal file */
};

static void keep_row(void *context, const struct call_record *record)
{
    struct run *run = context;
    struct simulate_call row = {
        .number = record->external,
        .unit = record->unit,
        .facility = record->facility,
        .queued_s = duration_to_seconds(record->queued),
        .response_s = call_record_seconds(record, STAGE_CALL_OFFERED, STAGE_ON_SCENE),
        .service_s = call_record_seconds(record, STAGE_CALL_OFFERED, STAGE_AVAILABLE),
        .diversions = record->diversions,
    };
    if (!vec_push(&run->rows, row)) {
        run->rows_lost = true;
    }
}

static void observe(void *context, const struct entry_head *entry) { measure_entry(context, entry); }

/* The state as it is, so that a replay need not begin at the first entry. */
static enum status keep_snapshot(struct replication *replication, struct error *error)
{
    struct journal *kept = &replication->journal.kept;
    const void *bytes;
    size_t size;
    engine_snapshot(replication->engine, &bytes, &size);
    return kept->snapshot_write(kept->context, engine_core(replication->engine)->head->sequence, bytes, size, error);
}

static enum status tell_progress(void *context, struct instant now, struct error *error)
{
    struct replication *replication = context;
    const struct simulate_options *options = replication->run->options;
    double days = (double)now.us / (double)US_PER_DAY;
    atomic_fetch_add(&replication->run->days_done_milli, (uint64_t)((days - replication->days_told) * 1000));
    replication->days_told = days;
    bool half_way = days >= options->warmup_days + options->days / 2;
    if (replication->journal_is_file && half_way && !replication->snapshot_kept) {
        replication->snapshot_kept = true;
        return keep_snapshot(replication, error);
    }
    return STATUS_OK;
}

static enum status open_memory_journal(struct worker *worker, struct error *error)
{
    if (worker->has_memory) {
        journal_memory_reset(&worker->memory);
        return STATUS_OK;
    }
    enum status status = journal_memory_create(&worker->memory, MEMORY_JOURNAL_MAX, error);
    worker->has_memory = status == STATUS_OK;
    return status;
}

static enum status open_journal(struct replication *replication, struct error *error)
{
    const struct run *run = replication->run;
    replication->journal_is_file = replication->index == 0 && run->options->journal_path != NULL;
    enum status status;
    if (replication->journal_is_file) {
        const struct journal_sqlite_options options = {
            .access = JOURNAL_CREATE,
            .bulk = true,
            .created_by = run->options->created_by,
            .policy = run->setting->policy->name,
            .limits = &run->limits,
        };
        status = journal_sqlite_open(&replication->journal.kept, run->options->journal_path, &options, error);
        replication->file_open = status == STATUS_OK;
    } else {
        status = open_memory_journal(replication->worker, error);
        replication->journal.kept = replication->worker->memory;
    }
    replication->relaxed = (struct journal){ .context = &replication->journal,
                                             .append = relaxed_append,
                                             .commit = relaxed_commit };
    return status;
}

static enum status prepare(struct replication *replication, struct error *error)
{
    struct run *run = replication->run;
    TRY(open_journal(replication, error));
    struct measure_setup measuring = run->measuring;
    if (replication->index == 0) {
        measuring.finished = keep_row;
        measuring.context = run;
    }
    TRY(measure_create(&measuring, &replication->measure, error));
    TRY(engine_create(&run->limits, run->setting->policy, &replication->relaxed, &replication->engine, error));
    engine_observe(replication->engine, observe, replication->measure);
    return world_create(run->setting, replication->engine, &replication->world, error);
}

static enum status run_world(struct replication *replication, struct world_tally *tally, struct error *error)
{
    struct run *run = replication->run;
    struct call_source source = { .list = run->options->list };
    if (source.list == NULL) {
        double last_s = (run->options->warmup_days + run->options->days + MARGIN_DAYS) * 86400;
        TRY(call_stream_open(&replication->stream, run->setting->scenario, run->places, run->options->seed, replication->index,
                             last_s, error));
        source.stream = &replication->stream;
    }
    TRY(world_run(replication->world, &source, tell_progress, replication, tally, error));
    /* Replications differ in when their last call ends; what was counted is the window only. */
    return measure_finish(replication->measure, tally->ended_at, error);
}

/* What the outcome tells of the first replication's end and journal; the others have nothing to say. */
static enum status close_first_journal(struct replication *replication, struct error *error)
{
    struct simulate_outcome *outcome = replication->run->outcome;
    outcome->state_hash = engine_state_hash(replication->engine);
    outcome->entries = engine_core(replication->engine)->head->sequence;
    if (!replication->journal_is_file) {
        outcome->journal_bytes = journal_memory_bytes(&replication->journal.kept);
        return STATUS_OK;
    }
    TRY(journal_sqlite_set_final(&replication->journal.kept, outcome->state_hash, error));
    struct stat file;
    bool known = stat(replication->run->options->journal_path, &file) == 0;
    outcome->journal_bytes = known ? (uint64_t)file.st_size : 0;
    return STATUS_OK;
}

static enum status keep_sample(struct replication *replication, struct error *error)
{
    struct simulate_outcome *outcome = replication->run->outcome;
    outcome->sampled = calloc(SAMPLED_CALLS, sizeof *outcome->sampled);
    if (outcome->sampled == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a sample of the calls");
    }
    outcome->sampled_count = measure_sample_calls(replication->measure, outcome->sampled, SAMPLED_CALLS);
    return STATUS_OK;
}

static void release(struct replication *replication)
{
    world_destroy(replication->world);
    engine_destroy(replication->engine);
    if (replication->measure != NULL) {
        measure_destroy(replication->measure);
    }
    if (replication->file_open) {
        replication->journal.kept.close(replication->journal.kept.context);
    }
}

static double thread_cpu_s(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

static enum status replicate(struct worker *worker, uint32_t index, struct error *error)
{
    struct run *run = worker->run;
    struct replication replication = { .run = run, .worker = worker, .index = index };
    struct replication_facts *facts = &run->facts[index];
    enum status status = prepare(&replication, error);
    double began_s = thread_cpu_s();
    if (status == STATUS_OK) {
        status = run_world(&replication, &facts->tally, error);
    }
    facts->cpu_s = thread_cpu_s() - began_s;
    if (status == STATUS_OK) {
        status = measure_compute(replication.measure, &run->layout, &run->results[index], error);
    }
    if (status == STATUS_OK && index == 0) {
        status = keep_sample(&replication, error);
    }
    if (status == STATUS_OK && index == 0) {
        status = close_first_journal(&replication, error);
    }
    release(&replication);
    return status;
}

/* ---- threads ---- */

static void *work(void *context)
{
    struct run *run = context;
    struct worker worker = { .run = run };
    while (!atomic_load(&run->failed)) {
        uint32_t index = atomic_fetch_add(&run->next_replication, 1);
        if (index >= run->options->replications) {
            break;
        }
        struct error error;
        if (replicate(&worker, index, &error) != STATUS_OK) {
            pthread_mutex_lock(&run->lock);
            if (!atomic_exchange(&run->failed, true)) {
                run->first_error = error;
            }
            pthread_mutex_unlock(&run->lock);
        }
    }
    if (worker.has_memory) {
        worker.memory.close(worker.memory.context);
    }
    pthread_mutex_lock(&run->lock);
    run->threads_running -= 1;
    pthread_cond_signal(&run->changed);
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

static double share_done(struct run *run)
{
    double days_all = (run->options->warmup_days + run->options->days) * run->options->replications;
    if (run->options->list != NULL && run->options->list->count > 0) {
        days_all = (double)run->options->list->calls[run->options->list->count - 1].arrival.us / (double)US_PER_DAY;
    }
    double done = days_all > 0 ? (double)atomic_load(&run->days_done_milli) / 1000 / days_all : 0;
    return done < 1 ? done : 1;
}

static void wait_for_threads(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    while (run->threads_running > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 200 * 1000 * 1000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        int waited = pthread_cond_timedwait(&run->changed, &run->lock, &until);
        if (waited == ETIMEDOUT && run->options->progress != NULL) {
            run->options->progress(run->options->context, share_done(run));
        }
    }
    pthread_mutex_unlock(&run->lock);
}

static enum status run_threads(struct run *run, struct error *error)
{
    pthread_t threads[JOBS_MAX];
    uint32_t wanted = run->options->jobs < run->options->replications ? run->options->jobs : run->options->replications;
    uint32_t started = 0;
    pthread_mutex_init(&run->lock, NULL);
    pthread_cond_init(&run->changed, NULL);
    pthread_mutex_lock(&run->lock);
    while (started < wanted && pthread_create(&threads[started], NULL, work, run) == 0) {
        started += 1;
        run->threads_running += 1;
    }
    pthread_mutex_unlock(&run->lock);
    wait_for_threads(run);
    for (uint32_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_cond_destroy(&run->changed);
    pthread_mutex_destroy(&run->lock);
    if (started == 0) {
        return ERROR(error, STATUS_NO_MEMORY, "cannot start a thread");
    }
    if (atomic_load(&run->failed)) {
        *error = run->first_error;
        return error->status;
    }
    return STATUS_OK;
}

/* ---- what comes of it ---- */

static int by_number(const void *left, const void *right)
{
    const struct simulate_call *a = left, *b = right;
    return a->number < b->number ? -1 : a->number > b->number;
}

static enum status gather(struct run *run, struct error *error)
{
    struct simulate_outcome *outcome = run->outcome;
    TRY(measure_summary_create(&run->layout, &outcome->summary, error));
    for (uint32_t i = 0; i < run->options->replications; i++) {
        const struct replication_facts *facts = &run->facts[i];
        measure_summary_add(&outcome->summary, &run->results[i]);
        outcome->commands += facts->tally.commands;
        outcome->alarms += facts->tally.alarms;
        outcome->calls_simulated += facts->tally.calls;
        outcome->without_bed += facts->tally.without_bed;
        outcome->simulated_s += (double)facts->tally.ended_at.us / 1e6;
        outcome->cpu_s += facts->cpu_s;
    }
    outcome->first_cpu_s = run->facts[0].cpu_s;
    outcome->first_calls = (double)run->facts[0].tally.calls;
    if (run->rows_lost) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the rows of calls.csv");
    }
    if (run->rows.count > 0) {
        qsort(run->rows.items, run->rows.count, sizeof run->rows.items[0], by_number);
    }
    outcome->calls = run->rows.items;
    outcome->call_count = run->rows.count;
    run->rows = (struct call_rows){ 0 };
    return STATUS_OK;
}

static uint32_t at_least_power(uint32_t least, uint32_t wanted)
{
    while (least < wanted) {
        least *= 2;
    }
    return least;
}

/* The most calls of a list that come in within one day. */
static uint32_t busiest_day(const struct call_list *list)
{
    uint32_t first = 0, most = 0;
    for (uint32_t last = 0; last < list->count; last++) {
        while (list->calls[last].arrival.us - list->calls[first].arrival.us > US_PER_DAY) {
            first += 1;
        }
        most = last - first + 1 > most ? last - first + 1 : most;
    }
    return most;
}

/* Room for the scenario and for a queue of two days' calls, within the ceilings. */
static struct limits limits_for(const struct scenario *scenario, const struct call_list *list)
{
    static const double CALLS_PER_DAY_MAX = 200000;
    struct limits limits = LIMITS_DEFAULT;
    double of_day = list != NULL ? busiest_day(list) : scenario->calls_per_day_mean;
    uint32_t calls_per_day = (uint32_t)fmin(of_day, CALLS_PER_DAY_MAX);
    limits.units = scenario->unit_count > 0 ? scenario->unit_count : 1;
    limits.posts = scenario->station_count > 0 ? scenario->station_count : 1;
    limits.facilities = scenario->facility_count > 0 ? scenario->facility_count : 1;
    limits.incidents = at_least_power(1024, calls_per_day * 2);
    limits.calls = limits.incidents * 2;
    limits.keys = 1;
    limits.protocols = 0; /* what callers are asked is part of a drawn duration */
    limits.protocol_answers = 0;
    limits.alarms = limits.incidents < ALARMS_CEILING ? limits.incidents : ALARMS_CEILING;
    return limits;
}

static struct measure_setup measuring_for(const struct run *run)
{
    const struct scenario *scenario = run->setting->scenario;
    struct measure_setup setup = { .limits = run->limits,
                                   .district_count = scenario->district_count,
                                   .begin = { 0 },
                                   .end = INSTANT_NEVER,
                                   .start_hour_of_week = scenario->start_hour_of_week };
    if (run->options->list == NULL) {
        setup.begin.us = (int64_t)(run->options->warmup_days * (double)US_PER_DAY);
        setup.end.us = setup.begin.us + (int64_t)(run->options->days * (double)US_PER_DAY);
    }
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        setup.target[i] = duration_from_seconds(scenario->priorities[i].target_s);
    }
    return setup;
}

static double wall_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum status run_all(struct run *run, struct error *error)
{
    const struct scenario *scenario = run->setting->scenario;
    run->results = calloc(run->options->replications, sizeof *run->results);
    run->facts = calloc(run->options->replications, sizeof *run->facts);
    if (run->results == NULL || run->facts == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for %u replications", run->options->replications);
    }
    if (run->options->list == NULL) {
        TRY(call_places_create(scenario, &run->places, error));
    }
    double began_s = wall_s();
    TRY(run_threads(run, error));
    run->outcome->wall_s = wall_s() - began_s;
    return gather(run, error);
}

enum status simulate(const struct world_setting *setting, const struct simulate_options *options,
                     struct simulate_outcome *outcome, struct error *error)
{
    CHECK(options->replications >= 1 && options->replications <= REPLICATIONS_MAX && options->jobs >= 1 &&
          options->jobs <= JOBS_MAX);
    const struct scenario *scenario = setting->scenario;
    *outcome = (struct simulate_outcome){ 0 };
    struct run run = {
        .setting = setting, .options = options, .outcome = outcome, .limits = limits_for(scenario, options->list)
    };
    run.layout = measure_layout(scenario->district_count, scenario->facility_count, scenario->unit_count);
    run.measuring = measuring_for(&run);
    enum status status = run_all(&run, error);
    for (uint32_t i = 0; run.results != NULL && i < options->replications; i++) {
        measure_result_free(&run.results[i]);
    }
    if (run.places != NULL) {
        call_places_destroy(run.places);
    }
    vec_free(&run.rows);
    free(run.results);
    free(run.facts);
    if (status != STATUS_OK) {
        simulate_outcome_free(outcome);
    }
    return status;
}

void simulate_outcome_free(struct simulate_outcome *outcome)
{
    measure_summary_free(&outcome->summary);
    free(outcome->calls);
    free(outcome->sampled);
    *outcome = (struct simulate_outcome){ 0 };
}
