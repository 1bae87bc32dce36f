/* What stream_touch.h says of each entry, held against the state's bytes before and after it, over random runs of the core; and
 * the ring against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_random.h"
#include "host/stream_touch.h"

enum { SEEDS = 12, STEPS = 2500, KEYS_MAX = 4096 };

/* ---- the bytes ---- */

/* A copy of the tables, in which what links entities to their neighbours and what no change tells is wiped out. */
static void wipe(struct core *core)
{
    const struct limits *limits = &core->head->limits;
    for (uint32_t i = 0; i < limits->calls; i++) {
        core->calls[i].timer.link = (struct link){ 0 };
    }
    for (uint32_t i = 0; i < limits->incidents; i++) {
        core->incidents[i].timer.link = core->incidents[i].queue = (struct link){ 0 };
    }
    for (uint32_t i = 0; i <= core->mission_mask; i++) {
        core->missions[i].timer.link = (struct link){ 0 };
        core->missions[i].next_of_incident.v = 0;
    }
    for (uint32_t i = 1; i <= limits->facilities; i++) {
        core->facilities[i].timer.link = (struct link){ 0 };
    }
    for (uint32_t i = 1; i <= limits->units; i++) {
        core->units[i].timer.link = (struct link){ 0 };
    }
}

static struct core copy_of(const struct core *core)
{
    struct core copy = *core;
    unsigned char *block = aligned_alloc(16, (core->size + 15) / 16 * 16);
    assert_non_null(block);
    memcpy(block, core->head, core->size);
#define MOVE(table) copy.table = (void *)(block + ((const unsigned char *)core->table - (const unsigned char *)core->head))
    MOVE(head);
    MOVE(calls);
    MOVE(incidents);
    MOVE(missions);
    MOVE(units);
    MOVE(posts);
    MOVE(facilities);
    MOVE(alarms);
#undef MOVE
    wipe(&copy);
    return copy;
}

static bool is_named(const stream_key *keys, uint32_t count, enum stream_kind kind, uint32_t id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (keys[i] == stream_key_of(kind, id)) {
            return true;
        }
    }
    return false;
}

struct look {
    const struct core *before, *after;
    const stream_key *keys;
    uint32_t key_count, changed;
    uint16_t command;
};

static void look_at(struct look *look, enum stream_kind kind, const void *before, const void *after, size_t size, uint32_t id)
{
    if (memcmp(before, after, size) != 0) {
        look->changed += 1;
        if (!is_named(look->keys, look->key_count, kind, id)) {
            fail_msg("%s %u was changed by %s without being named", STREAM_LISTS[kind], id, command_kind(look->command)->name);
        }
    }
}

/* A new position moves a unit's point and its timer, and nothing else, without its being named. */
static void look_at_units(struct look *look, bool positions)
{
    for (uint32_t id = 1; id <= look->after->head->unit_count; id++) {
        struct unit before = look->before->units[id], after = look->after->units[id];
        if (positions) {
            before.point = after.point;
            before.positioned_at = after.positioned_at;
            before.timer.due = after.timer.due;
            before.timer.kind = after.timer.kind;
        }
        look_at(look, STREAM_UNIT, &before, &after, sizeof after, id);
    }
}

/* Where a waiting pre-alert stands in its list is no change of the mission: neighbours move when another begins to wait. */
static void look_at_missions(struct look *look)
{
    for (uint32_t slot = 0; slot <= look->after->mission_mask; slot++) {
        struct mission before = look->before->missions[slot], after = look->after->missions[slot];
        before.prealert_timer.link = after.prealert_timer.link;
        look_at(look, STREAM_MISSION, &before, &after, sizeof after, after.id);
    }
}

#define LOOK(KIND, table, first, end)                                                                                   \
    for (uint32_t i = (first); i < (end); i++) {                                                                        \
        look_at(&look, STREAM_##KIND, &before->table[i], &after->table[i], sizeof after->table[i], after->table[i].id); \
    }

/* How many entities the entry changed. */
static uint32_t compare(const struct core *before, const struct core *after, const stream_key *keys, uint32_t key_count,
                        bool positions, uint16_t command)
{
    struct look look = { before, after, keys, key_count, 0, command };
    LOOK(CALL, calls, 0, after->head->limits.calls)
    LOOK(INCIDENT, incidents, 0, after->head->limits.incidents)
    look_at_missions(&look);
    LOOK(MESSAGE, messages, 0, after->message_mask + 1)
    LOOK(POST, posts, 1, after->head->post_count + 1)
    LOOK(FACILITY, facilities, 1, after->head->facility_count + 1)
    LOOK(ALARM, alarms, 0, after->head->limits.alarms)
    look_at_units(&look, positions);
    return look.changed;
}

/* ---- the run ---- */

struct run {
    struct centre centre;
    struct stream_ring *ring;
    uint64_t seed;
    struct {
        uint64_t sequence;
        stream_key key;
    } plain[64 * STEPS]; /* every key of every entry */
    uint32_t plain_count;
    uint64_t begun, all_changed; /* the last entry when the ring was made, and the last one that changed all */
    uint32_t changed, named;
};

static void begin(struct run *run, uint32_t ring_entries)
{
    centre_create(&run->centre, (struct limits){ .calls = 16,
                                                 .incidents = 8,
                                                 .units = 6,
                                                 .posts = 3,
                                                 .facilities = 4,
                                                 .keys = 8,
                                                 .alarms = 8,
                                                 .reserved_percent = 25,
                                                 .protocols = 3,
                                                 .protocol_answers = 20 });
    struct centre *centre = &run->centre;
    DO(centre, CENTRE_OPEN, centre_open, ADMIN, .city_fingerprint = 1);
    centre_rules_with(centre, (uint8_t)random_below(&run->seed, 2), 60, 120);
    DO(centre, POST_ADD, post_add, ADMIN, .point = { 1, 1 });
    for (uint32_t i = 0; i < 4; i++) {
        DO(centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = 3);
        DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { i + 1 }, .what = UNIT_EVENT_START_SHIFT);
    }
    DO(centre, FACILITY_ADD, facility_add, ADMIN, .capabilities = 3, .tier = TIER_TIER_3);
    run->ring = stream_ring_create(ring_entries, centre->core->head->sequence, 0);
    assert_non_null(run->ring);
    run->begun = run->all_changed = centre->core->head->sequence;
}

/* The keys that the entry names, kept in the plain list as well; *positions: it has an event of positions. */
static uint32_t note(struct run *run, const struct entry_head *entry, stream_key *keys, bool *positions)
{
    uint32_t count = 0;
    const struct event_head *event = entry_first_event(entry);
    *positions = false;
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        assert_true(count + STREAM_EVENT_KEYS_MAX <= KEYS_MAX);
        *positions = *positions || stream_event_is_position(event);
        run->all_changed = stream_event_changes_all(event) ? entry->sequence : run->all_changed;
        count += stream_touch_event(run->centre.core, event, keys + count);
    }
    for (uint32_t i = 0; i < count; i++) {
        run->plain[run->plain_count].sequence = entry->sequence;
        run->plain[run->plain_count++].key = keys[i];
    }
    return count;
}

static bool plain_has(const struct run *run, uint64_t after, stream_key key)
{
    for (uint32_t i = 0; i < run->plain_count; i++) {
        if (run->plain[i].sequence > after && run->plain[i].key == key) {
            return true;
        }
    }
    return false;
}

/* The ring from a random place on: each key once, in order, exactly those of the plain list. */
static void check_ring(struct run *run)
{
    static stream_key keys[64 * STEPS];
    uint64_t last = run->centre.core->head->sequence;
    uint64_t after = last - random_below(&run->seed, 40);
    uint32_t count, distinct = 0;
    assert_int_equal(stream_ring_last(run->ring), last);
    assert_false(stream_ring_reaches(run->ring, last + 1));
    if (!stream_ring_reaches(run->ring, after)) {
        assert_int_equal(stream_ring_fingerprint(run->ring, after), 0);
        return;
    }
    uint64_t fingerprint = stream_ring_fingerprint(run->ring, after);
    assert_true(fingerprint == (after == run->begun ? 0 : entry_fingerprint(test_journal_entry(&run->centre.log, after))));
    assert_true(after >= run->all_changed);
    assert_true(stream_ring_since(run->ring, after, keys, ARRAY_LENGTH(keys), &count));
    for (uint32_t i = 0; i < count; i++) {
        assert_true(i == 0 || keys[i - 1] < keys[i]);
        assert_true(plain_has(run, after, keys[i]));
    }
    for (uint32_t i = 0; i < run->plain_count; i++) {
        if (run->plain[i].sequence > after) {
            distinct += 1;
            assert_true(is_named(keys, count, stream_key_kind(run->plain[i].key), stream_key_id(run->plain[i].key)));
        }
    }
    assert_true(distinct >= count);
    uint32_t refused;
    assert_true(distinct == 0 || !stream_ring_since(run->ring, after, keys, distinct - 1, &refused));
}

static void step(struct run *run)
{
    _Alignas(8) unsigned char bytes[RANDOM_COMMAND_SIZE];
    static stream_key keys[KEYS_MAX];
    struct centre *centre = &run->centre;
    centre->now.us += (int64_t)random_below(&run->seed, 20) * US_PER_SECOND;
    struct command_head *head = random_below(&run->seed, 4) == 0
                                    ? random_command(&run->seed, centre->core, random_kind(&run->seed), bytes)
                                    : random_sensible(&run->seed, centre->core, bytes);
    struct core before = copy_of(centre->core);
    if (centre_send(centre, head, head->size) == REFUSED_NONE && !centre->last.repeated) {
        struct core after = copy_of(centre->core);
        const struct entry_head *entry = test_journal_entry(&centre->log, centre->log.count);
        bool positions;
        uint32_t count = note(run, entry, keys, &positions);
        if (run->all_changed != entry->sequence) {
            run->changed += compare(&before, &after, keys, count, positions, head->kind);
            run->named += stream_keys_sort(keys, count);
        }
        assert_int_equal(stream_ring_add(run->ring, centre->core, entry), run->all_changed != entry->sequence);
        free(after.head);
        check_ring(run);
    }
    free(before.head);
}

static void test_every_change_is_named(void **state)
{
    (void)state;
    static struct run run;
    uint32_t changed = 0, named = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        memset(&run, 0, sizeof run);
        run.seed = seed;
        begin(&run, seed % 2 == 0 ? 16 : 4096);
        for (int i = 0; i < STEPS; i++) {
            step(&run);
        }
        changed += run.changed;
        named += run.named;
        stream_ring_destroy(run.ring);
        centre_destroy(&run.centre);
    }
    print_message("%u entities changed, %u named\n", changed, named);
    assert_true(changed > 10000);
    /* What is named without need costs bytes: not much of it. */
    assert_true(named < changed + changed / 4);
}

static void test_a_gap_begins_anew(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint64_t begun = centre.core->head->sequence;
    struct stream_ring *ring = stream_ring_create(8, begun, 77);
    assert_int_equal(stream_ring_fingerprint(ring, begun), 77);
    uint32_t first = DO(&centre, CALL_OFFER, call_offer, SYSTEM, .external = 0);
    uint32_t second = DO(&centre, CALL_OFFER, call_offer, SYSTEM, .external = 0);
    assert_true(stream_ring_reaches(ring, begun));
    assert_false(stream_ring_add(ring, centre.core, test_journal_entry(&centre.log, begun + 2)));
    assert_int_equal(stream_ring_last(ring), begun + 2);
    assert_false(stream_ring_reaches(ring, begun));
    assert_true(stream_ring_reaches(ring, begun + 1));
    assert_int_equal(stream_ring_fingerprint(ring, begun + 1), 0);
    assert_true(stream_ring_fingerprint(ring, begun + 2) == entry_fingerprint(test_journal_entry(&centre.log, begun + 2)));
    stream_key keys[8];
    uint32_t count;
    assert_true(stream_ring_since(ring, begun + 1, keys, 8, &count));
    assert_int_equal(count, 1);
    assert_int_equal(keys[0], stream_key_of(STREAM_CALL, second));
    assert_int_not_equal(first, second);
    stream_ring_skip(ring, 1000, 78);
    assert_int_equal(stream_ring_fingerprint(ring, 1000), 78);
    assert_int_equal(stream_ring_fingerprint(ring, 999), 0);
    assert_true(stream_ring_reaches(ring, 1000) && !stream_ring_reaches(ring, 999));
    stream_ring_destroy(ring);
    centre_destroy(&centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_change_is_named),
        cmocka_unit_test(test_a_gap_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
