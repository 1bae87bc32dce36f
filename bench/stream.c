/* What the stream costs before the sockets: a centre of 1,000 units and 100 missions under way; 200 consoles that see all, then
 * 1,000 crews as well. Prints bytes of each kind of message and the time of making it, and, beside it, what writing the same
 * state anew for each client would cost.
 *
 * usage: bench_stream [FOLDER]   where the centre's tables are made (default: TMPDIR or /tmp) */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "core/engine.h"
#include "core/need.h"
#include "host/stream_feed.h"
#include "policy/policies.h"
#include "store/store.h"

enum { UNITS = 1000, MISSIONS = 100, CONSOLES = 200, ROUNDS = 300, SNAPSHOTS = 20 };

/* The centre of this program: a mirror, and nobody behind it. */
struct centre {
    struct engine *engine;
    struct stream_hub *hub;
    struct instant now;
    uint32_t made;
};

const struct core *centre_core(const struct centre *centre) { return engine_core(centre->engine); }

void centre_note_position(struct centre *centre, struct unit_id unit, struct geo_point point, struct instant at)
{
    (void)centre;
    (void)unit;
    (void)point;
    (void)at;
}

enum centre_submit centre_submit(struct centre *centre, const struct command_head *command,
                                 void (*answered)(void *context, const struct centre_answer *answer), void *context)
{
    (void)centre;
    (void)command;
    (void)answered;
    (void)context;
    return CENTRE_BUSY;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "bench_stream: %s\n", error->text);
        exit(EXIT_FAILURE);
    }
}

static void seen(void *observer, const struct entry_head *entry)
{
    struct centre *centre = observer;
    if (centre->hub != NULL) {
        stream_hub_entry(centre->hub, entry);
    }
}

static uint32_t step(struct centre *centre, const struct command_head *command)
{
    struct step_result result;
    struct error error;
    must(engine_step(centre->engine, command, command->size, centre->now, &result, &error), &error);
    CHECK(result.refusal == REFUSED_NONE);
    must(engine_commit(centre->engine, &error), &error);
    struct effect effect;
    while (engine_next_effect(centre->engine, &effect)) {
    }
    return result.made;
}

#define STEP(centre, NAME, name, ACTOR, ...)                                                   \
    step((centre), &((struct command_##name){ .head = { .kind = COMMAND_##NAME,                \
                                                        .version = COMMAND_##NAME##_VERSION,   \
                                                        .actor_kind = ACTOR_KIND_##ACTOR,      \
                                                        .size = sizeof(struct command_##name), \
                                                        .occurred_at = INSTANT_NONE },         \
                                              __VA_ARGS__ })                                   \
                        .head)

static struct geo_point place(uint32_t i)
{
    return (struct geo_point){ 119000000 + (int32_t)i * 1000, 577000000 + (int32_t)i * 700 };
}

static void fill(struct centre *centre)
{
    struct error error;
    struct limits limits = LIMITS_DEFAULT;
    must(engine_create(&limits, policy_find("standard"), NULL, &centre->engine, &error), &error);
    engine_observe(centre->engine, seen, centre);
    STEP(centre, CENTRE_OPEN, centre_open, ADMIN, .city_fingerprint = 1, .policy_version = 1);
    for (uint32_t i = 1; i <= 100; i++) {
        STEP(centre, POST_ADD, post_add, ADMIN, .point = place(i));
    }
    for (uint32_t i = 1; i <= UNITS; i++) {
        STEP(centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 + i % 100 }, .skills = NEED_BASIC, .external = i);
        STEP(centre, UNIT_REPORT, unit_report, CREW, .unit = { i }, .what = UNIT_EVENT_START_SHIFT);
        STEP(centre, UNIT_POSITION, unit_position, CREW, .unit = { i }, .point = place(i));
    }
    for (uint32_t i = 1; i <= 50; i++) {
        STEP(centre, FACILITY_ADD, facility_add, ADMIN, .point = place(i), .capabilities = NEED_STROKE, .tier = TIER_TIER_3);
    }
    for (uint32_t i = 1; i <= MISSIONS; i++) {
        uint32_t call = STEP(centre, CALL_OFFER, call_offer, SYSTEM, .external = i);
        STEP(centre, CALL_ANSWER, call_answer, SEAT, .call = { call }, .seat = 1 + i % 20);
        STEP(centre, CALL_LOCATE, call_locate, SEAT, .call = { call }, .point = place(i), .district = 1 + i % 3);
        uint32_t incident = STEP(centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .needs = NEED_BASIC,
                                 .units_wanted = 1);
        STEP(centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { i }, .override = OVERRIDE_REASON_OTHER);
    }
}

struct reader {
    uint64_t frames, bytes;
    size_t last;
};

static bool take(void *context, struct frame *frame)
{
    struct reader *reader = context;
    reader->frames += 1;
    reader->bytes += frame->length;
    reader->last = frame->length;
    return true;
}

struct tables {
    char folder[256];
    struct store store;
    struct sql *sql;
    struct workers *clerk, *hashing;
    struct audit *audit;
    struct people *people;
    struct control *control;
    struct directory *directory;
};

static void open_tables(struct tables *tables, const char *folder)
{
    static const unsigned char master_key[32] = { 1 };
    struct error error;
    snprintf(tables->folder, sizeof tables->folder, "%s/mingdi-bench-XXXXXX", folder);
    CHECK(mkdtemp(tables->folder) != NULL);
    must(store_parse(tables->folder, NULL, false, &tables->store, &error), &error);
    must(store_tables_open(&tables->store, SQL_CENTRE, false, &tables->sql, &error), &error);
    must(directory_load(tables->sql, &tables->directory, &error), &error);
    must(workers_create("clerk", 1, 64, &tables->clerk, &error), &error);
    must(workers_create("hashing", 1, 4, &tables->hashing, &error), &error);
    must(audit_create(tables->sql, tables->clerk, &tables->audit, &error), &error);
    const struct people_setup setup = { .sql = tables->sql,
                                        .clerk = tables->clerk,
                                        .hashing = tables->hashing,
                                        .audit = tables->audit,
                                        .session_hours = 1,
                                        .session_idle_minutes = 1,
                                        .failures_before_lock = 5,
                                        .lock_minutes = 1,
                                        .attempts_per_minute = 1,
                                        .master_key = master_key };
    must(people_create(&setup, &tables->people, &error), &error);
    must(control_create(tables->sql, tables->clerk, &tables->control, &error), &error);
}

static void close_tables(struct tables *tables)
{
    static const char *const names[] = { "centre.db", "centre.db-wal", "centre.db-shm", "centre.db-lock" };
    workers_destroy(tables->hashing);
    workers_destroy(tables->clerk);
    control_destroy(tables->control);
    people_destroy(tables->people);
    audit_destroy(tables->audit);
    directory_free(tables->directory);
    sql_close(tables->sql);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", tables->folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(tables->folder);
}

/* One report of a crew at a time, told to everybody. */
static void measure_changes(struct centre *centre, const struct reader *console, const char *who)
{
    static const uint8_t stages[] = { MISSION_EVENT_NOTIFY, MISSION_EVENT_ACKNOWLEDGE, MISSION_EVENT_DEPART };
    static uint32_t mission = 1;
    double flushing = 0;
    size_t bytes = 0;
    for (int i = 0; i < ROUNDS / 6; i++, mission++) {
        for (size_t stage = 0; stage < ARRAY_LENGTH(stages); stage++) {
            STEP(centre, MISSION_REPORT, mission_report, CREW, .mission = { mission }, .stage = stages[stage]);
            double begin = now_s();
            stream_hub_flush(centre->hub);
            flushing += now_s() - begin;
            bytes += console->last;
        }
    }
    printf("change (a crew's report), %s: %zu bytes, %.1f us to make and hand to all\n", who, bytes / (ROUNDS / 2),
           flushing * 1e6 / (ROUNDS / 2));
}

static void measure_positions(struct centre *centre, struct positions *positions, const struct reader *console, const char *who)
{
    static const struct identity gateway = { .actor = 1000001,
                                             .grants = { { ROLE_GATEWAY, SCOPE_CENTRE, 0 } },
                                             .grant_count = 1 };
    struct text body, answer;
    struct json json;
    char why[160];
    double telling = 0, taking = 0;
    text_init(&body, 1 << 20);
    text_init(&answer, 1 << 20);
    for (int round = 0; round < 20; round++) {
        text_clear(&body);
        for (uint32_t i = 1; i <= UNITS; i++) {
            text_printf(&body, "%s{\"unit\":%u,\"lon\":%.6f,\"lat\":%.6f}", i == 1 ? "[" : ",", i, 11.9 + i * 1e-4,
                        57.7 + round * 1e-4);
        }
        text_puts(&body, "]");
        text_clear(&answer);
        json_init(&json, &answer, 0);
        double begin = now_s();
        CHECK(positions_report(positions, &gateway, body.bytes, body.length, &json, why, sizeof why) == POSITIONS_TAKEN);
        double taken = now_s();
        stream_hub_tell_positions(centre->hub);
        taking += taken - begin;
        telling += now_s() - taken;
    }
    printf("positions of %d units, %s: %zu bytes; %.0f us to take the batch, %.0f us to make and hand to all\n", UNITS, who,
           console->last, taking * 1e6 / 20, telling * 1e6 / 20);
    text_free(&body);
    text_free(&answer);
}

static void measure_snapshot(struct centre *centre, const struct view *view, const struct clock *clock,
                             const struct identity *identity)
{
    struct stream_encoder encoder;
    struct error error;
    must(stream_encoder_create(view, clock, false, &encoder, &error), &error);
    struct stream_sight *sight = stream_sight_create(identity, centre_core(centre), view->directory,
                                                     centre_core(centre)->head->sequence);
    CHECK(sight != NULL);
    size_t bytes = 0;
    double begin = now_s();
    for (int i = 0; i < SNAPSHOTS; i++) {
        uint64_t mark;
        struct frame *frame = stream_encode_snapshot(&encoder, sight, false, &mark);
        CHECK(frame != NULL);
        bytes = frame->length;
        frame_release(frame);
    }
    printf("snapshot (%d units, %d missions): %zu bytes, %.2f ms to make; %d consoles that come at once share it\n", UNITS,
           MISSIONS, bytes, (now_s() - begin) * 1e3 / SNAPSHOTS, CONSOLES);
    stream_sight_destroy(sight);
    stream_encoder_destroy(&encoder);
}

int main(int argc, char **argv)
{
    static struct centre centre;
    static struct tables tables;
    static struct reader readers[CONSOLES + UNITS];
    static struct stream_feed *feeds[CONSOLES + UNITS];
    static const struct identity console = { .actor = 1,
                                             .grants = { { ROLE_DUTY_COMMANDER, SCOPE_CENTRE, 0 } },
                                             .grant_count = 1 };
    struct error error;
    struct positions *positions;
    const char *base = getenv("TMPDIR");
    centre.now = instant_add(clock_wall(), duration_seconds(-3600));
    fill(&centre);
    open_tables(&tables, argc > 1 ? argv[1] : base != NULL ? base : "/tmp");
    struct event_base *loop = event_base_new();
    struct clock *clock = clock_create(false, INSTANT_NONE, 1);
    must(positions_create(loop, &centre, clock, 10, &positions, &error), &error);
    const struct stream_hub_setup setup = { .view = { .core = centre_core(&centre),
                                                      .directory = tables.directory,
                                                      .people = tables.people,
                                                      .positions = positions,
                                                      .control = tables.control },
                                            .clock = clock,
                                            .ring_entries = 65536,
                                            .feeds_max = CONSOLES + UNITS };
    must(stream_hub_create(&setup, &centre.hub, &error), &error);
    measure_snapshot(&centre, &setup.view, clock, &console);
    double begin = now_s();
    for (uint32_t i = 0; i < CONSOLES; i++) {
        feeds[i] = stream_feed_open(centre.hub, &console, &(struct stream_resume){ .is_given = false }, take, &readers[i]);
    }
    printf("%d consoles come: %.2f ms\n", CONSOLES, (now_s() - begin) * 1e3);
    measure_changes(&centre, &readers[0], "200 consoles");
    measure_positions(&centre, positions, &readers[0], "200 consoles");
    begin = now_s();
    for (uint32_t i = 0; i < UNITS; i++) {
        struct identity crew = { .actor = 2, .grants = { { ROLE_CREW, SCOPE_UNIT, i + 1 } }, .grant_count = 1 };
        feeds[CONSOLES + i] = stream_feed_open(centre.hub, &crew, &(struct stream_resume){ .is_given = false }, take,
                                               &readers[CONSOLES + i]);
    }
    printf("%d crews come: %.2f ms, %zu bytes each\n", UNITS, (now_s() - begin) * 1e3, readers[CONSOLES].last);
    measure_changes(&centre, &readers[0], "200 consoles and 1,000 crews");
    measure_positions(&centre, positions, &readers[0], "200 consoles and 1,000 crews");
    for (uint32_t i = 0; i < CONSOLES + UNITS; i++) {
        stream_feed_close(feeds[i]);
    }
    stream_hub_destroy(centre.hub);
    positions_destroy(positions);
    event_base_free(loop);
    clock_destroy(clock);
    close_tables(&tables);
    engine_destroy(centre.engine);
    return EXIT_SUCCESS;
}
