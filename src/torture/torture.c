/* The run: the virtual clock and what happens on it, the two phases, the process of its own, the report. */
#include "torture/torture.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "host/log.h"
#include "policy/policies.h"
#include "road/import.h"
#include "torture/torture_private.h"

enum { CALM_HOURS_MAX = 6, COVERED_HOURS_MIN = 2, CALM_LOOK_S = 60 };

#define EPOCH_US (INT64_C(1767225600) * US_PER_SECOND) /* 2026-01-01 */

static const char *const FIGURES[FIGURE_COUNT] = {
    [FIGURE_CALLS] = "calls",
    [FIGURE_INCIDENTS] = "incidents",
    [FIGURE_MISSIONS] = "missions",
    [FIGURE_ALARMS] = "alarms",
    [FIGURE_COMMANDS] = "commands that reached the centre",
    [FIGURE_ACCEPTED] = "accepted",
    [FIGURE_REFUSED] = "refused",
    [FIGURE_ENTRIES] = "entries of the journal",
    [FIGURE_COMMITS] = "commits",
    [FIGURE_SNAPSHOTS] = "snapshots",
    [FIGURE_RECOVERIES] = "recoveries",
    [FIGURE_WHOLE_CHECKS] = "journals read from the first entry",
    [FIGURE_KILLED] = "centre killed between two turns",
    [FIGURE_KILLED_BEFORE_DISK] = "centre killed before the disk had it",
    [FIGURE_KILLED_AFTER_DISK] = "centre killed after the disk had it",
    [FIGURE_POWER_CUT] = "of all these, with the power cut",
    [FIGURE_STOPPED] = "centre stopped cleanly",
    [FIGURE_START_FAILED] = "starts that failed",
    [FIGURE_JOURNAL_FAILED] = "calls of the journal that failed",
    [FIGURE_ANSWER_OF_JOURNAL_LOST] = "calls of the journal whose answer was lost",
    [FIGURE_DISK_ERROR] = "disk errs",
    [FIGURE_DISK_FULL] = "disk full",
    [FIGURE_DISK_DEAD] = "disk dead",
    [FIGURE_DISK_SLOW] = "slow commits",
    [FIGURE_CLOCK_BACK] = "wall clock set back",
    [FIGURE_CLOCK_AHEAD] = "wall clock set ahead",
    [FIGURE_LOST] = "messages lost",
    [FIGURE_DOUBLED] = "messages doubled",
    [FIGURE_OVERTAKEN] = "messages overtaken",
    [FIGURE_CUT_OFF] = "edges cut off",
    [FIGURE_SEAT_CRASHED] = "call-takers' consoles crashed",
    [FIGURE_CREW_CRASHED] = "crews' phones crashed",
    [FIGURE_HOSPITAL_CRASHED] = "hospitals crashed",
    [FIGURE_GATEWAY_CRASHED] = "gateways crashed",
    [FIGURE_ROADS_SILENT] = "answers of the roads lost",
    [FIGURE_FLOOD] = "floods of calls",
    [FIGURE_NONSENSE] = "commands of broken clients",
    [FIGURE_NOT_DURABLE] = "answers: not durable",
    [FIGURE_NOT_READY] = "answers: not ready",
    [FIGURE_REPEATED] = "repeated commands recognised",
    [FIGURE_IN_DOUBT] = "commands done without an answer, then recognised",
};

/* ---- small things ---- */

uint32_t torture_below(struct random_stream *stream, uint32_t limit)
{
    return (uint32_t)((random_u64(stream) >> 32) * limit >> 32);
}

bool torture_chance(struct random_stream *stream, double probability) { return random_uniform(stream) < probability; }

int64_t torture_between_us(struct random_stream *stream, double least_s, double most_s)
{
    return (int64_t)((least_s + (most_s - least_s) * random_uniform(stream)) * 1e6);
}

struct geo_point torture_place(struct random_stream *stream)
{
    int32_t east = (int32_t)torture_below(stream, WIDTH_E7);
    return (struct geo_point){ WEST_E7 + east, SOUTH_E7 + (int32_t)torture_below(stream, HEIGHT_E7) };
}

void torture_count(struct torture *torture, enum torture_figure figure) { torture->record->figures[figure] += 1; }

struct instant torture_wall(const struct torture *torture, int64_t offset_us)
{
    return (struct instant){ EPOCH_US + torture->now_us + offset_us };
}

static void time_text(int64_t us, char text[24])
{
    int64_t s = us / US_PER_SECOND;
    snprintf(text, 24, "%02d:%02d:%02d.%03d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60), (int)(us / US_PER_MS % 1000));
}

void torture_note(struct torture *torture, const char *format, ...)
{
    struct torture_record *record = torture->record;
    char *line = record->lines[record->line_count++ % RECORD_LINES];
    char at[24];
    time_text(torture->now_us, at);
    int used = snprintf(line, RECORD_WIDTH, "%s  ", at);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, RECORD_WIDTH - (size_t)used, format, arguments);
    va_end(arguments);
}

void torture_broken(struct torture *torture, const char *what, const char *format, ...)
{
    struct torture_record *record = torture->record;
    if (record->broken[0] != '\0') {
        return;
    }
    snprintf(record->broken, sizeof record->broken, "%s", what);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(record->detail, sizeof record->detail, format, arguments);
    va_end(arguments);
}

bool torture_is_broken(const struct torture *torture) { return torture->record->broken[0] != '\0'; }

void torture_plan(struct torture *torture, int64_t at_us, enum torture_happening kind, uint32_t subject, uint32_t generation)
{
    struct error error;
    CHECK(agenda_add(&torture->agenda, (struct instant){ at_us }, kind, subject, generation, &error) == STATUS_OK);
}

void torture_advance(struct torture *torture, int64_t us)
{
    torture->now_us += us;
    torture->record->now_us = torture->now_us;
    torture->hands.monotonic_us = torture->now_us;
    torture->hands.wall = torture_wall(torture, torture->wall_offset_us);
}

/* ---- the loop ---- */

static void happen(struct torture *torture, const struct agenda_item *item)
{
    struct edge *edge = &torture->edges[item->subject % EDGES];
    switch ((enum torture_happening)item->kind) {
    case HAPPENS_ARRIVAL: torture_arrive(torture, item->subject); return;
    case HAPPENS_WAKE:
        if (edge->up && edge->life == item->generation) {
            edge_wake(torture, edge);
        }
        return;
    case HAPPENS_RETRY:
        if (edge->up && edge->attempt == item->generation) {
            edge_retry(torture, edge);
        }
        return;
    case HAPPENS_EDGE_UP:
        if (!edge->up && edge->life == item->generation) {
            edge_up(torture, edge);
        }
        return;
    case HAPPENS_CENTRE_START:
        if (torture->process.centre == NULL && torture->process.generation == item->generation) {
            process_start(torture);
        }
        return;
    case HAPPENS_FAULT: faults_next(torture); return;
    case HAPPENS_KILL: faults_kill(torture); return;
    case HAPPENS_DISK_REPAIR:
        if (torture->store.vfs_fault == item->generation) {
            torture_store_repair(torture);
        }
        return;
    }
    UNREACHABLE();
}

/* What is due before the centre's next turn happens first: what came while it was busy waits for it in a heap. */
static void run_until(struct torture *torture, int64_t end_us)
{
    struct torture_process *process = &torture->process;
    while (!torture_is_broken(torture)) {
        int64_t next_us = agenda_next(&torture->agenda).us;
        bool turn = process->centre != NULL && process->next_turn_us < next_us;
        int64_t at_us = turn ? process->next_turn_us : next_us;
        if (at_us >= end_us && torture->now_us >= end_us) {
            return;
        }
        at_us = at_us < end_us ? at_us : end_us;
        torture_advance(torture, at_us > torture->now_us ? at_us - torture->now_us : 0);
        if (at_us == end_us) {
            return;
        }
        if (turn) {
            process_turn(torture);
        } else {
            const struct agenda_item item = agenda_take(&torture->agenda);
            happen(torture, &item);
        }
    }
}

/* The faults stop; within a bounded time everything must have come to an end. */
static void run_calm(struct torture *torture)
{
    char left[256] = "";
    int64_t began_us = torture->now_us, end_us = began_us + CALM_HOURS_MAX * US_PER_HOUR;
    torture->record->calm = torture->calm = true;
    torture_note(torture, "the faults stop");
    faults_end(torture);
    while (!torture_is_broken(torture) && !check_is_over(torture, left, sizeof left)) {
        if (torture->now_us >= end_us) {
            torture_broken(torture, "not over", "%d h after the last fault: %s", (int)CALM_HOURS_MAX, left);
            return;
        }
        run_until(torture, torture->now_us + CALM_LOOK_S * US_PER_SECOND);
    }
    torture->record->calm_us = torture->now_us - began_us;
}

static void end_run(struct torture *torture)
{
    if (!torture_is_broken(torture)) {
        process_stop(torture);
        process_start(torture);
    }
    if (!torture_is_broken(torture)) {
        check_whole(torture);
    }
    if (!torture_is_broken(torture)) {
        torture->record->sequence = engine_core(torture->checker.witness)->head->sequence;
        torture->record->state_hash = engine_state_hash(torture->checker.witness);
    }
    const struct core_head *head = engine_core(torture->checker.witness)->head;
    torture->record->figures[FIGURE_CALLS] = head->next_call - 1;
    torture->record->figures[FIGURE_INCIDENTS] = head->next_incident - 1;
    torture->record->figures[FIGURE_MISSIONS] = head->next_mission - 1;
    torture->record->figures[FIGURE_ALARMS] = head->next_alarm - 1;
    torture->record->figures[FIGURE_ENTRIES] = head->sequence;
    torture->record->ended = true;
}

/* ---- making ---- */

/* The centre needs a city for its fingerprint alone: one road will do. */
static enum status make_city(struct torture *torture, struct error *error)
{
    static const char ROAD[] = "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
                               "{\"@id\":\"way/1\",\"highway\":\"residential\"},\"geometry\":{\"type\":\"LineString\","
                               "\"coordinates\":[[11.96,57.7],[11.97,57.7],[11.98,57.7]]}}]}\n";
    char *roads = file_join(torture->store.folder, "roads.geojson");
    char *city = file_join(torture->store.folder, "city.mingdi");
    enum status status = file_write_whole(roads, ROAD, sizeof ROAD - 1, error);
    if (status == STATUS_OK) {
        const struct import_options options = { .geojson = roads, .output = city };
        status = import_city(&options, error);
    }
    if (status == STATUS_OK) {
        status = city_open(city, &torture->city, error);
    }
    (void)unlink(roads);
    (void)unlink(city);
    free(roads);
    free(city);
    return status;
}

/* Small tables, so that the state is hashed in microseconds and tables do fill up. */
static void make_setup(struct torture *torture)
{
    torture->setup = (struct centre_setup){ .limits = { .calls = 256,
                                                        .incidents = 128,
                                                        .units = UNITS,
                                                        .posts = POSTS,
                                                        .facilities = HOSPITALS,
                                                        .keys = 8192,
                                                        .alarms = 128,
                                                        .reserved_percent = 5,
                                                        .protocols = 2,
                                                        .protocol_answers = 64 },
                                            .policy = policy_find("standard"),
                                            .city = torture->city,
                                            .clock = torture->process.clock,
                                            .snapshot_every = 400,
                                            .queue_bytes_max = 1 << 20,
                                            .group_commands_max = 16,
                                            .mobilisation = { { 60000000 }, { 60000000 }, { 90000000 }, { 90000000 } },
                                            .estimate_speed = { 120000000 },
                                            .may_create = true };
}

static enum status create(struct torture *torture, struct error *error)
{
    for (uint32_t i = 0; i < STREAM_EDGE; i++) {
        random_open(&torture->streams[i], torture->options->seed, i, 0);
    }
    log_set_level(LOG_SILENT);
    torture_advance(torture, 0);
    TRY(torture_store_create(torture, error));
    TRY(make_city(torture, error));
    make_setup(torture);
    return check_create(torture, error);
}

static void destroy(struct torture *torture)
{
    centre_destroy(torture->process.centre);
    torture_messages_free(torture);
    agenda_free(&torture->agenda);
    check_destroy(torture);
    clock_destroy(torture->process.clock);
    city_close(torture->city);
    torture_store_destroy(torture);
    free(torture);
}

/* In the child. */
static void run(const struct torture_options *options, struct torture_record *record)
{
    struct torture *torture = calloc(1, sizeof *torture);
    CHECK(torture != NULL);
    torture->options = options;
    torture->record = record;
    if (create(torture, &record->error) != STATUS_OK) {
        record->could_not_run = true;
        return;
    }
    edges_create(torture);
    process_start(torture);
    faults_begin(torture);
    run_until(torture, (int64_t)(options->hours * (double)US_PER_HOUR));
    if (!torture_is_broken(torture)) {
        run_calm(torture);
    }
    end_run(torture);
    destroy(torture);
}

/* ---- the report ---- */

static bool is_covered(const struct torture_options *options, const struct torture_record *record)
{
    for (int i = FIGURE_FAULT_FIRST; i < FIGURE_COUNT; i++) {
        if (options->hours >= COVERED_HOURS_MIN && record->figures[i] == 0) {
            return false;
        }
    }
    return true;
}

static void report_failure(const struct torture_options *options, const struct torture_record *record, int status, FILE *report)
{
    char at[24];
    time_text(record->now_us, at);
    fprintf(report, "seed %" PRIu64 " FAILED at %s (%s), %g h:\n", options->seed, at,
            record->calm ? "after the faults" : "during the faults", options->hours);
    if (record->broken[0] != '\0') {
        fprintf(report, "  %s: %s\n", record->broken, record->detail);
    } else if (WIFSIGNALED(status)) {
        fprintf(report, "  the program failed a check of its own or crashed: signal %d (its words are on standard error)\n",
                WTERMSIG(status));
    } else {
        fprintf(report, "  the program ended with %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : status);
    }
    fprintf(report, "  the last events:\n");
    uint64_t first = record->line_count > RECORD_LINES ? record->line_count - RECORD_LINES : 0;
    for (uint64_t i = first; i < record->line_count; i++) {
        fprintf(report, "    %s\n", record->lines[i % RECORD_LINES]);
    }
    fprintf(report, "  again: mingdi torture --seed %" PRIu64 " --hours %g", options->seed, options->hours);
    if (options->kill_every_s > 0) {
        fprintf(report, " --kill-every %u", options->kill_every_s);
    }
    fprintf(report, "\n");
}

static void report_figures(const struct torture_options *options, const struct torture_record *record, FILE *report)
{
    for (int i = 0; i < FIGURE_COUNT; i++) {
        if (i == FIGURE_FAULT_FIRST) {
            fprintf(report, "  faults and what came of them\n");
        }
        bool missing = i >= FIGURE_FAULT_FIRST && options->hours >= COVERED_HOURS_MIN && record->figures[i] == 0;
        fprintf(report, "  %10" PRIu64 "  %s%s\n", record->figures[i], FIGURES[i], missing ? "   <- never happened" : "");
    }
}

static void report_success(const struct torture_options *options, const struct torture_record *record, FILE *report)
{
    const uint64_t *figures = record->figures;
    uint64_t deaths = figures[FIGURE_KILLED] + figures[FIGURE_KILLED_BEFORE_DISK] + figures[FIGURE_KILLED_AFTER_DISK];
    fprintf(report,
            "seed %" PRIu64 ": %g h of faults, then all over within %.0f min; %" PRIu64 " commands, %" PRIu64
            " deaths of the centre, %" PRIu64 " failures of its store, %" PRIu64 " messages lost, %" PRIu64
            " doubled; nothing acknowledged is lost, nothing doubled; entry %" PRIu64 ", state %016" PRIx64 "\n",
            options->seed, options->hours, (double)record->calm_us / (double)US_PER_MINUTE, figures[FIGURE_COMMANDS], deaths,
            figures[FIGURE_JOURNAL_FAILED] + figures[FIGURE_ANSWER_OF_JOURNAL_LOST] + figures[FIGURE_DISK_ERROR] +
                figures[FIGURE_DISK_FULL] + figures[FIGURE_DISK_DEAD],
            figures[FIGURE_LOST], figures[FIGURE_DOUBLED], record->sequence, record->state_hash);
    if (!options->short_report) {
        report_figures(options, record, report);
    }
}

enum status torture_run(const struct torture_options *options, FILE *report, bool *held, struct error *error)
{
    struct torture_record *record = mmap(NULL, sizeof *record, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (record == MAP_FAILED) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the record of the run");
    }
    fflush(report);
    pid_t child = fork();
    if (child == 0) {
        run(options, record);
        exit(EXIT_SUCCESS);
    }
    int status = 0;
    enum status outcome = STATUS_OK;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        outcome = ERROR(error, STATUS_IO, "cannot start a process for the run");
    } else if (record->could_not_run) {
        *error = record->error;
        outcome = record->error.status;
    } else {
        bool whole = record->ended && record->broken[0] == '\0' && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
        if (whole) {
            report_success(options, record, report);
        } else {
            report_failure(options, record, status, report);
        }
        *held = whole && is_covered(options, record);
        if (whole && !*held) {
            fprintf(report, "seed %" PRIu64 " FAILED: some kind of fault never happened\n", options->seed);
        }
    }
    torture_store_remove(record->folder);
    munmap(record, sizeof *record);
    return outcome;
}
