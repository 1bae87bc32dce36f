/* The key property of the stream: whatever happens (random commands, cuts, slow spells, resumes with old, right and impossible
 * numbers, rings that are too short), a client who does what the messages say has, for its rights, exactly what a fresh snapshot
 * shows; and is never shown what it may not see. The mirror is a real engine, driven by the core's random commands; the centre
 * around it is this file's own, so that a run depends on its seed alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>

/* The core's tests have a struct centre as well. */
#define centre test_core
#define centre_create test_core_create
#define centre_destroy test_core_destroy
#include "core/test_random.h"
#undef centre
#undef centre_create
#undef centre_destroy

#include "host/positions.h"
#include "host/rights.h"
#include "host/stream_feed.h"
#include "host/stream_test.h"

enum { UNITS = 6, FACILITIES = 4, STEPS = 2000, CHECK_EVERY = 25 };

/* ---- the centre of this test: the mirror, and commands that wait for the test ---- */

struct centre {
    struct test_core core;
    bool busy;
    uint32_t submitted;
};

const struct core *centre_core(const struct centre *centre) { return centre->core.core; }

void centre_note_position(struct centre *centre, struct unit_id unit, struct geo_point point, struct instant at)
{
    assert_non_null(core_unit(centre->core.core, unit));
    (void)point;
    assert_false(instant_is_none(at));
}

enum centre_submit centre_submit(struct centre *centre, const struct command_head *command,
                                 void (*answered)(void *context, const struct centre_answer *answer), void *context)
{
    (void)command;
    (void)answered;
    (void)context;
    centre->submitted += 1;
    return CENTRE_BUSY;
}

/* ---- who listens ---- */

#define GRANTS(...) .grants = { __VA_ARGS__ }, .grant_count = sizeof((const struct grant[]){ __VA_ARGS__ }) / sizeof(struct grant)

static const struct identity listeners[] = {
    { .actor = 1, .name = "commander", GRANTS({ ROLE_DUTY_COMMANDER, SCOPE_CENTRE, 0 }) },
    { .actor = 2, .name = "dispatcher", GRANTS({ ROLE_DISPATCHER, SCOPE_CENTRE, 0 }) },
    { .actor = 3, .name = "district 1", GRANTS({ ROLE_DISPATCHER, SCOPE_DISTRICT, 1 }) },
    { .actor = 4, .name = "officer of 2", GRANTS({ ROLE_DISTRICT_HEALTH_OFFICER, SCOPE_DISTRICT, 2 }) },
    { .actor = 5, .name = "crew 1", GRANTS({ ROLE_CREW, SCOPE_UNIT, 1 }) },
    { .actor = 6, .name = "crew 2", GRANTS({ ROLE_CREW, SCOPE_UNIT, 2 }) },
    { .actor = 7, .name = "hospital 1", GRANTS({ ROLE_HOSPITAL, SCOPE_FACILITY, 1 }) },
    { .actor = 8, .name = "both", GRANTS({ ROLE_CREW, SCOPE_UNIT, 3 }, { ROLE_HOSPITAL, SCOPE_FACILITY, 2 }) },
    { .actor = 9, .name = "administrator", GRANTS({ ROLE_ADMINISTRATOR, SCOPE_CENTRE, 0 }) },
    { .actor = 10, .name = "planner", GRANTS({ ROLE_PLANNER, SCOPE_CENTRE, 0 }) },
    { .actor = 11, .name = "crew 1 again", GRANTS({ ROLE_CREW, SCOPE_UNIT, 1 }) },
};

struct listener {
    struct run *run;
    const struct identity *identity;
    struct stream_feed *feed;
    struct test_client_state state;
    bool slow;
    uint32_t refused;
};

struct run {
    struct centre centre;
    struct test_tables tables;
    struct event_base *base;
    struct clock *clock;
    struct positions *positions;
    struct hands *hands;
    struct stream_hub *hub;
    struct stream_encoder encoder; /* for snapshots to compare with */
    struct listener listeners[ARRAY_LENGTH(listeners)];
    uint64_t seed, noted; /* entries up to noted have been given to the hub */
    uint32_t entries, checks, resets, others;
    int control_answers, control_asked;
};

static bool may_see(const struct listener *listener, const char *list, uint32_t id)
{
    const struct core *core = listener->run->centre.core.core;
    const struct directory *directory = listener->run->tables.directory;
    const struct identity *who = listener->identity;
    switch (list[0]) {
    case 'c': return rights_sees_call(who, core, core_call(core, (struct call_id){ id }));
    case 'i': return rights_sees_incident(who, core, core_incident(core, (struct incident_id){ id }));
    case 'm':
        if (list[1] == 'e') {
            return rights_sees_message(who, directory, core_message(core, (struct message_id){ id }));
        }
        return rights_sees_mission(who, core, core_mission(core, (struct mission_id){ id }));
    case 'u': return rights_sees_unit(who, core, directory, core_unit(core, (struct unit_id){ id }));
    case 'f': return rights_sees_facility(who, core, directory, core_facility(core, (struct facility_id){ id }));
    case 'a': return rights_sees_alarm(who, core, directory, core_alarm(core, (struct alarm_id){ id }));
    default: return true;
    }
}

static void check_sight(const struct listener *listener, const json_t *message)
{
    size_t index;
    json_t *entity;
    for (size_t i = 0; i < ARRAY_LENGTH(TEST_LISTS); i++) {
        json_array_foreach(json_object_get(message, TEST_LISTS[i]), index, entity)
        {
            assert_true(may_see(listener, TEST_LISTS[i], (uint32_t)json_integer_value(json_object_get(entity, "id"))));
        }
    }
    if (json_is_string(json_object_get(message, "type")) &&
        strcmp(json_string_value(json_object_get(message, "type")), "positions") == 0) {
        json_array_foreach(json_object_get(message, "items"), index, entity)
        {
            assert_true(may_see(listener, "units", (uint32_t)json_integer_value(json_array_get(entity, 0))));
        }
    }
}

static bool hear(void *context, struct frame *frame)
{
    struct listener *listener = context;
    if (listener->slow) {
        listener->refused += 1;
        return false;
    }
    assert_int_equal(strlen(frame->bytes), frame->length);
    json_t *message = test_client_hear(&listener->state, frame->bytes, frame->length);
    check_sight(listener, message);
    json_decref(message);
    return true;
}

/* ---- a run ---- */

static void open_core(struct run *run, uint32_t tables)
{
    struct test_core *core = &run->centre.core;
    test_core_create(core, (struct limits){ .calls = tables,
                                            .incidents = tables,
                                            .units = UNITS,
                                            .posts = 3,
                                            .facilities = FACILITIES,
                                            .keys = 8,
                                            .alarms = tables,
                                            .reserved_percent = 10,
                                            .protocols = 3,
                                            .protocol_answers = 20 });
    DO(core, CENTRE_OPEN, centre_open, ADMIN, .city_fingerprint = 1);
    centre_rules_with(core, 0, 60, 120);
    DO(core, POST_ADD, post_add, ADMIN, .point = { 1, 1 });
    for (uint32_t i = 0; i < 4; i++) {
        DO(core, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = 3);
        DO(core, UNIT_REPORT, unit_report, CREW, .unit = { i + 1 }, .what = UNIT_EVENT_START_SHIFT);
    }
    DO(core, FACILITY_ADD, facility_add, ADMIN, .capabilities = 3, .tier = TIER_TIER_3);
    run->noted = core->core->head->sequence;
}

static uint64_t fingerprint_now(const struct run *run)
{
    return entry_fingerprint(test_journal_entry(&run->centre.core.log, run->centre.core.core->head->sequence));
}

static const struct stream_resume KNOWS_NOTHING = { .is_given = false };

static void open_listener(struct run *run, struct listener *listener, struct stream_resume resume)
{
    listener->run = run;
    listener->feed = stream_feed_open(run->hub, listener->identity, &resume, hear, listener);
    assert_non_null(listener->feed);
    assert_int_equal(listener->state.sequence, run->centre.core.core->head->sequence);
    assert_true(listener->state.fingerprint == fingerprint_now(run));
}

static void begin(struct run *run, uint64_t seed)
{
    struct error error;
    *run = (struct run){ .seed = seed };
    open_core(run, seed % 2 == 0 ? 8 : 64);
    test_tables_make(&run->tables, UNITS, FACILITIES);
    run->base = event_base_new();
    run->clock = clock_create(true, run->centre.core.now, 1);
    test_ok(positions_create(run->base, &run->centre, run->clock, 10, &run->positions, &error), &error);
    run->hands = hands_create();
    const struct stream_hub_setup setup = { .view = { .core = run->centre.core.core,
                                                      .directory = run->tables.directory,
                                                      .people = run->tables.people,
                                                      .positions = run->positions,
                                                      .control = run->tables.control,
                                                      .hands = run->hands },
                                            .clock = run->clock,
                                            .fingerprint = fingerprint_now(run),
                                            .ring_entries = seed % 3 == 0 ? 6 : 4096,
                                            .feeds_max = ARRAY_LENGTH(listeners),
                                            .drill = seed % 2 == 0 };
    test_ok(stream_hub_create(&setup, &run->hub, &error), &error);
    test_ok(stream_encoder_create(&setup.view, run->clock, setup.drill, &run->encoder, &error), &error);
    for (size_t i = 0; i < ARRAY_LENGTH(listeners); i++) {
        struct listener *listener = &run->listeners[i];
        *listener = (struct listener){ .run = run, .identity = &listeners[i], .state = { .drill = setup.drill } };
        test_client_forget(&listener->state);
        open_listener(run, listener, KNOWS_NOTHING);
    }
}

static void end(struct run *run)
{
    for (size_t i = 0; i < ARRAY_LENGTH(listeners); i++) {
        stream_feed_close(run->listeners[i].feed);
        test_client_free(&run->listeners[i].state);
    }
    stream_hub_destroy(run->hub);
    stream_encoder_destroy(&run->encoder);
    positions_destroy(run->positions);
    hands_destroy(run->hands);
    test_tables_free(&run->tables);
    clock_destroy(run->clock);
    event_base_free(run->base);
    test_core_destroy(&run->centre.core);
}

/* ---- what happens ---- */

static void send_command(struct run *run)
{
    _Alignas(8) unsigned char bytes[RANDOM_COMMAND_SIZE];
    struct test_core *core = &run->centre.core;
    core->now.us += (int64_t)random_below(&run->seed, 20) * US_PER_SECOND;
    struct command_head *head = random_below(&run->seed, 5) == 0
                                    ? random_command(&run->seed, core->core, random_kind(&run->seed), bytes)
                                    : random_sensible(&run->seed, core->core, bytes);
    if (head->kind == COMMAND_CALL_LOCATE) {
        ((struct command_call_locate *)(void *)bytes)->district = random_below(&run->seed, TEST_DISTRICTS + 1);
    }
    if (centre_send(core, head, head->size) != REFUSED_NONE || core->last.repeated) {
        return;
    }
    const struct entry_head *entry = test_journal_entry(&core->log, core->log.count);
    stream_hub_entry(run->hub, entry);
    positions_entry(run->positions, entry);
    run->entries += 1;
}

static void report_position(struct run *run)
{
    static const struct identity gateway = { .actor = 1000001, GRANTS({ ROLE_GATEWAY, SCOPE_CENTRE, 0 }) };
    char body[128], why[160];
    struct text text;
    struct json json;
    text_init(&text, 1000);
    json_init(&json, &text, 0);
    snprintf(body, sizeof body, "[{\"unit\":%u,\"lon\":%u.5,\"lat\":-%u.25}]", 1 + random_below(&run->seed, 4),
             random_below(&run->seed, 170), random_below(&run->seed, 80));
    assert_int_equal(positions_report(run->positions, &gateway, body, strlen(body), &json, why, sizeof why), POSITIONS_TAKEN);
    text_free(&text);
}

static void controlled(void *context, enum control_outcome outcome, uint32_t holder)
{
    struct run *run = context;
    (void)holder;
    assert_int_not_equal(outcome, CONTROL_NOT_STORED);
    run->control_answers += 1;
}

static void change_control(struct run *run)
{
    enum control_kind kind = (enum control_kind)random_below(&run->seed, CONTROL_KIND_COUNT);
    uint32_t id = 1 + random_below(&run->seed, 3), actor = 1 + random_below(&run->seed, 2);
    run->control_asked += 1;
    if (random_below(&run->seed, 2) == 0) {
        control_take(run->tables.control, kind, id, actor, run->centre.core.now, controlled, run);
    } else {
        control_give(run->tables.control, kind, id, actor, random_below(&run->seed, 3) == 0, controlled, run);
    }
    test_clerk_wait(&run->tables, &run->control_answers, run->control_asked);
}

/* Also to what is not there, or no longer. */
static void move_hand(struct run *run)
{
    struct identity who = { .actor = 1 + random_below(&run->seed, 3), .session = random_below(&run->seed, 2) };
    enum hand_kind kind = (enum hand_kind)random_below(&run->seed, HAND_KIND_COUNT);
    uint32_t id = 1 + random_below(&run->seed, kind == HAND_UNIT || kind == HAND_FACILITY ? 4 : 40);
    if (random_below(&run->seed, 4) > 0) {
        assert_true(hands_put(run->hands, &who, kind, id, 1));
    } else if (hands_count(run->hands) > 0) {
        const struct hand *hand = hands_at(run->hands, random_below(&run->seed, hands_count(run->hands)));
        who = (struct identity){ .actor = hand->person, .session = hand->session };
        hands_withdraw(run->hands, &who, (enum hand_kind)hand->kind, hand->id);
    }
}

/* Its line is cut; it comes again, knowing where it was, or not, or only the number, or believing in a future or in another
 * past. */
static void cut(struct run *run, struct listener *listener)
{
    stream_feed_close(listener->feed);
    listener->slow = false;
    listener->state.was_reset = false;
    uint32_t how = random_below(&run->seed, 8), snapshots = listener->state.snapshots;
    uint64_t now = run->centre.core.core->head->sequence, known = listener->state.sequence,
             fingerprint = listener->state.fingerprint;
    if (how == 0) {
        open_listener(run, listener, KNOWS_NOTHING);
    } else if (how == 1) {
        open_listener(run, listener, (struct stream_resume){ true, now + 1 + random_below(&run->seed, 5), fingerprint });
        assert_true(listener->state.was_reset);
        run->resets += 1;
    } else if (how == 2) {
        open_listener(run, listener, (struct stream_resume){ true, known, fingerprint ^ 1 });
        assert_int_equal(listener->state.snapshots, snapshots + 1);
        run->others += listener->state.was_reset; /* where the ring does not reach back it cannot be told */
    } else if (how == 3) {
        open_listener(run, listener, (struct stream_resume){ true, known, 0 });
        assert_int_equal(listener->state.snapshots, snapshots + 1);
        assert_false(listener->state.was_reset);
    } else {
        open_listener(run, listener, (struct stream_resume){ true, known, fingerprint });
        assert_false(listener->state.was_reset);
    }
}

static void recover(struct listener *listener)
{
    listener->slow = false;
    stream_feed_caught_up(listener->feed);
    assert_false(stream_feed_is_behind(listener->feed));
}

static void disturb(struct run *run)
{
    struct listener *listener = &run->listeners[random_below(&run->seed, ARRAY_LENGTH(listeners))];
    switch (random_below(&run->seed, 14)) {
    case 0: cut(run, listener); return;
    case 1: listener->slow = true; return;
    case 2: recover(listener); return;
    case 3: stream_hub_tell_clock(run->hub); return;
    case 4: stream_hub_tell_positions(run->hub); return;
    case 5: stream_hub_tell_control(run->hub); return;
    case 6: report_position(run); return;
    case 7: change_control(run); return;
    case 8: stream_hub_tidy(run->hub, 0); return;
    case 9: move_hand(run); return;
    case 10: stream_hub_tell_hands(run->hub); return;
    default: stream_hub_flush(run->hub); return;
    }
}

/* ---- what must hold ---- */

static bool is_there(const struct core *core, enum hand_kind kind, uint32_t id)
{
    switch (kind) {
    case HAND_CALL: return core_call(core, (struct call_id){ id }) != NULL;
    case HAND_INCIDENT: return core_incident(core, (struct incident_id){ id }) != NULL;
    case HAND_MISSION: return core_mission(core, (struct mission_id){ id }) != NULL;
    case HAND_UNIT: return core_unit(core, (struct unit_id){ id }) != NULL;
    default: return core_facility(core, (struct facility_id){ id }) != NULL;
    }
}

/* Every hand that it may see, and no other. */
static void check_hands(const struct run *run, const struct listener *listener)
{
    size_t told = 0;
    assert_non_null(listener->state.hands);
    for (uint32_t i = 0; i < hands_count(run->hands); i++) {
        const struct hand *hand = hands_at(run->hands, i);
        enum hand_kind kind = (enum hand_kind)hand->kind;
        if (!is_there(run->centre.core.core, kind, hand->id) || !may_see(listener, HAND_NAMES[kind], hand->id)) {
            continue;
        }
        const json_t *item = json_array_get(listener->state.hands, told++);
        assert_non_null(item);
        assert_string_equal(json_string_value(json_object_get(item, "kind")), HAND_NAMES[kind]);
        assert_int_equal(json_integer_value(json_object_get(item, "id")), hand->id);
        assert_int_equal(json_integer_value(json_object_get(item, "person")), hand->person);
    }
    assert_int_equal(json_array_size(listener->state.hands), told);
}

static void check_listener(struct run *run, struct listener *listener)
{
    struct test_client_state fresh = { .drill = listener->state.drill };
    const struct core *core = run->centre.core.core;
    uint64_t mark;
    struct stream_sight *sight = stream_sight_create(listener->identity, core, run->tables.directory, core->head->sequence);
    struct frame *frame = stream_encode_snapshot(&run->encoder, sight, false, &mark);
    json_t *message = test_client_hear(&fresh, frame->bytes, frame->length);
    test_same_state(&listener->state, &fresh, listener->identity->name);
    check_hands(run, listener);
    json_decref(message);
    test_client_free(&fresh);
    frame_release(frame);
    stream_sight_destroy(sight);
}

static void check_all(struct run *run)
{
    stream_hub_flush(run->hub);
    for (size_t i = 0; i < ARRAY_LENGTH(listeners); i++) {
        recover(&run->listeners[i]);
    }
    stream_hub_tell_control(run->hub);
    stream_hub_tell_hands(run->hub);
    stream_hub_tell_positions(run->hub);
    stream_hub_tell_clock(run->hub);
    for (size_t i = 0; i < ARRAY_LENGTH(listeners); i++) {
        assert_int_equal(run->listeners[i].state.sequence, run->centre.core.core->head->sequence);
        check_listener(run, &run->listeners[i]);
    }
    run->checks += 1;
}

static void run_seed(uint64_t seed)
{
    static struct run run;
    begin(&run, seed);
    for (int step = 0; step < STEPS; step++) {
        send_command(&run);
        disturb(&run);
        if (step % CHECK_EVERY == 0) {
            check_all(&run);
        }
    }
    check_all(&run);
    uint32_t refused = 0, changes = 0, events = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(listeners); i++) {
        refused += run.listeners[i].refused;
        changes += run.listeners[i].state.changes;
        events += run.listeners[i].state.events;
    }
    struct stream_hub_figures figures;
    stream_hub_figures(run.hub, &figures);
    print_message("seed %u: %u entries, %u checks, %u changes with %u events, %u snapshots, %u resumed, %u slowed, %u refused\n",
                  (unsigned)seed, run.entries, run.checks, changes, events, (unsigned)figures.snapshots,
                  (unsigned)figures.resumed, (unsigned)figures.slowed, refused);
    assert_true(run.entries > STEPS / 3 && changes > 1000 && events > 1000 && refused > 10 && run.resets > 5 && run.others > 5);
    assert_true(figures.resumed > 10 && figures.slowed > 10);
    end(&run);
}

static void test_a_client_has_what_a_snapshot_shows(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        run_seed(seed);
    }
}

/* One batch of bytes for all who see everything. */
static void test_one_frame_is_shared(void **state)
{
    (void)state;
    static struct run run;
    begin(&run, 1);
    struct stream_hub_figures before, after;
    stream_hub_figures(run.hub, &before);
    DO(&run.centre.core, CALL_OFFER, call_offer, SYSTEM, .external = 0);
    stream_hub_entry(run.hub, test_journal_entry(&run.centre.core.log, run.centre.core.log.count));
    assert_true(stream_hub_waits(run.hub));
    stream_hub_flush(run.hub);
    assert_false(stream_hub_waits(run.hub));
    stream_hub_figures(run.hub, &after);
    /* Commander and dispatcher: a call without a place is nobody else's. */
    assert_int_equal(after.frames - before.frames, 2);
    assert_int_equal(after.changes - before.changes, 1);
    end(&run);
}

/* No more feeds than there may be, and no frame to one who is behind. */
static void test_bounds(void **state)
{
    (void)state;
    static struct run run;
    begin(&run, 1);
    assert_null(stream_feed_open(run.hub, &listeners[0], &KNOWS_NOTHING, hear, &run.listeners[0]));
    struct listener *listener = &run.listeners[0];
    listener->slow = true;
    for (int i = 0; i < 10; i++) {
        DO(&run.centre.core, CALL_OFFER, call_offer, SYSTEM, .external = 0);
        stream_hub_entry(run.hub, test_journal_entry(&run.centre.core.log, run.centre.core.log.count));
        stream_hub_flush(run.hub);
        stream_hub_tell_clock(run.hub);
    }
    assert_int_equal(listener->refused, 1);
    uint32_t changes = listener->state.changes, snapshots = listener->state.snapshots;
    recover(listener);
    assert_int_equal(listener->state.changes, changes + 1);
    assert_int_equal(listener->state.snapshots, snapshots);
    check_all(&run);
    end(&run);
}

static void offer(struct run *run, uint32_t external)
{
    DO(&run->centre.core, CALL_OFFER, call_offer, SYSTEM, .external = external);
    stream_hub_entry(run->hub, test_journal_entry(&run->centre.core.log, run->centre.core.log.count));
    stream_hub_flush(run->hub);
}

/* From the hub of one run to that of another, as from the process that had the newest entries to the one that goes on without. */
static void move_to(struct run *run, struct listener *listener)
{
    stream_feed_close(listener->feed);
    listener->state.was_reset = false;
    open_listener(run, listener, (struct stream_resume){ true, listener->state.sequence, listener->state.fingerprint });
}

/* Two centres with the same beginning. A client of the one comes to the other: as long as both are the same it goes on from where
 * it was; once they have parted it begins anew, though the other has given each number that the client knows, and more. */
static void test_a_lost_tail_begins_anew(void **state)
{
    (void)state;
    static struct run lost, kept;
    begin(&lost, 1);
    begin(&kept, 1);
    stream_feed_close(kept.listeners[0].feed); /* makes room */
    struct listener *listener = &lost.listeners[0];
    offer(&lost, 1);
    offer(&kept, 1);
    move_to(&kept, listener);
    assert_int_equal(listener->state.snapshots, 1);
    assert_false(listener->state.was_reset);
    move_to(&lost, listener);
    offer(&lost, 2);
    assert_int_equal(listener->state.snapshots, 1);
    for (uint32_t external = 102; external <= 104; external++) {
        offer(&kept, external);
        move_to(&kept, listener);
        assert_true(listener->state.was_reset);
        stream_hub_tell_hands(kept.hub);
        check_listener(&kept, listener);
        move_to(&lost, listener);
        assert_true(listener->state.was_reset);
        stream_hub_tell_hands(lost.hub);
        check_listener(&lost, listener);
    }
    open_listener(&kept, &kept.listeners[0], KNOWS_NOTHING);
    end(&lost);
    end(&kept);
}

static void come_back_slowly(struct run *run, struct listener *listener, struct stream_resume resume)
{
    stream_feed_close(listener->feed);
    listener->state.was_reset = false;
    listener->slow = true;
    listener->feed = stream_feed_open(run->hub, listener->identity, &resume, hear, listener);
    assert_non_null(listener->feed);
    assert_true(stream_feed_is_behind(listener->feed));
    assert_false(listener->state.was_reset);
}

/* The line has no room for the snapshot yet, as behind the head of an answer: what it says when it has is the same. */
static void test_a_reset_that_was_refused_is_said_again(void **state)
{
    (void)state;
    static struct run run;
    begin(&run, 1);
    struct listener *listener = &run.listeners[0];
    uint64_t known = listener->state.sequence, fingerprint = listener->state.fingerprint;
    come_back_slowly(&run, listener, (struct stream_resume){ true, known, fingerprint ^ 1 });
    stream_feed_caught_up(listener->feed); /* refused once more */
    offer(&run, 1);
    stream_hub_renew(run.hub);
    recover(listener);
    assert_true(listener->state.was_reset);
    assert_int_equal(listener->state.snapshots, 2);
    listener->state.was_reset = false;
    stream_hub_renew(run.hub); /* it knows by now */
    assert_int_equal(listener->state.snapshots, 3);
    assert_false(listener->state.was_reset);
    come_back_slowly(&run, listener, (struct stream_resume){ true, listener->state.sequence, 0 });
    recover(listener);
    assert_int_equal(listener->state.snapshots, 4);
    assert_false(listener->state.was_reset);
    check_all(&run);
    end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_has_what_a_snapshot_shows),
        cmocka_unit_test(test_one_frame_is_shared),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_a_lost_tail_begins_anew),
        cmocka_unit_test(test_a_reset_that_was_refused_is_said_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
