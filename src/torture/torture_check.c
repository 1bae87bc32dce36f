/* What must hold, whatever goes wrong: looked at after every turn of the centre, by a witness that reads the store. The
 * witness replays every entry from an empty state as it becomes durable, decides it again, and so is itself the proof that a
 * replay reaches the same state; the owner and its mirror are held against it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "torture/torture_private.h"

enum { WHOLE_FIRST = 2000 };

enum status check_create(struct torture *torture, struct error *error)
{
    struct torture_checker *checker = &torture->checker;
    checker->whole_at = WHOLE_FIRST;
    return engine_create(&torture->setup.limits, torture->setup.policy, NULL, &checker->witness, error);
}

void check_destroy(struct torture *torture)
{
    struct torture_checker *checker = &torture->checker;
    engine_destroy(checker->witness);
    vec_free(&checker->checksums);
    for (uint32_t i = 0; i < EDGES; i++) {
        vec_free(&checker->told[i]);
    }
}

static uint64_t sequence_of(const struct engine *engine) { return engine_core(engine)->head->sequence; }

/* ---- what senders were told ---- */

static struct told *told_of(struct torture *torture, uint32_t edge, uint32_t key)
{
    struct told_vec *told = &torture->checker.told[edge];
    while (told->count <= key) {
        CHECK(vec_push(told, (struct told){ .sequence = 0 }));
    }
    return &told->items[key];
}

void check_answer(struct torture *torture, const struct torture_request *request, const struct centre_answer *answer)
{
    const struct step_result *result = &answer->result;
    char name[24];
    if (answer->outcome != CENTRE_DONE || result->refusal != REFUSED_NONE) {
        return;
    }
    edge_name(&torture->edges[request->edge], name);
    struct told *told = told_of(torture, request->edge, request->key);
    uint64_t shown = sequence_of(torture->process.centre->mirror.engine);
    if (result->sequence > torture->store.durable || result->sequence > shown) {
        torture_broken(torture, "acknowledged before it was durable",
                       "%s was told of entry %" PRIu64 ", the disk has %" PRIu64 ", the mirror %" PRIu64, name, result->sequence,
                       torture->store.durable, shown);
    }
    bool differs = (told->sequence != 0 && (told->sequence != result->sequence || told->made != result->made)) ||
                   (told->entry != 0 && told->entry != result->sequence);
    if (differs) {
        torture_broken(torture, "answered twice, and differently", "%s, key %u: entry %" PRIu64 " now, %" PRIu64 " before", name,
                       request->key, result->sequence, told->sequence != 0 ? told->sequence : told->entry);
    }
    if (result->repeated) {
        torture_count(torture, told->sequence == 0 ? FIGURE_IN_DOUBT : FIGURE_REPEATED);
    }
    told->sequence = result->sequence;
    told->made = result->made;
    uint64_t *acknowledged = &torture->checker.acknowledged;
    *acknowledged = result->sequence > *acknowledged ? result->sequence : *acknowledged;
}

void check_entry(void *context, const struct entry_head *entry)
{
    struct torture *torture = context;
    if (entry->sequence > torture->store.durable) {
        torture_broken(torture, "shown before it was durable", "entry %" PRIu64 ", the disk has %" PRIu64, entry->sequence,
                       torture->store.durable);
    }
}

void check_effect(struct torture *torture, const struct effect *effect)
{
    uint64_t shown = sequence_of(torture->process.centre->mirror.engine);
    if (effect->sequence > torture->store.durable || effect->sequence > shown) {
        torture_broken(torture, "released before it was durable",
                       "the effect of entry %" PRIu64 ", the disk has %" PRIu64 ", the mirror %" PRIu64, effect->sequence,
                       torture->store.durable, shown);
    }
}

/* ---- the witness ---- */

static void note_key(struct torture *torture, const struct entry_head *entry)
{
    const struct command_head *command = entry_command(entry);
    if (command->key_high != 1 || command->key_middle == 0 || command->key_middle > EDGES) {
        return; /* the clock's, the roads' */
    }
    struct told *told = told_of(torture, command->key_middle - 1, command->key_low);
    if (told->entry != 0) {
        torture_broken(torture, "done twice", "%s, key %u of edge %u: entries %" PRIu64 " and %" PRIu64,
                       command_kind(command->kind)->name, command->key_low, command->key_middle, told->entry, entry->sequence);
    }
    told->entry = entry->sequence;
}

/* Beds are conserved: their sum in all states is what the facility counted last, with those that were reserved then. */
static void check_beds(struct torture *torture, const struct entry_head *entry)
{
    struct torture_checker *checker = &torture->checker;
    const struct core *core = engine_core(checker->witness);
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (event->kind == EVENT_BEDS_COUNTED) {
            const struct event_beds_counted *counted = (const struct event_beds_counted *)event;
            uint16_t reserved = core->facilities[counted->facility.v].beds[counted->kind][BED_STATE_RESERVED];
            checker->beds[counted->facility.v][counted->kind] = (uint32_t)(counted->available + counted->occupied +
                                                                           counted->blocked + counted->converting + reserved);
        }
    }
    for (uint32_t id = 1; id <= core->head->facility_count; id++) {
        for (uint32_t kind = 0; kind < BED_KIND_COUNT; kind++) {
            uint32_t sum = 0;
            for (uint32_t state = 0; state < BED_STATE_COUNT; state++) {
                sum += core->facilities[id].beds[kind][state];
            }
            if (sum != checker->beds[id][kind]) {
                torture_broken(torture, "beds are not conserved",
                               "facility %u has %u of kind %u, counted were %u, entry %" PRIu64, id, sum, kind,
                               checker->beds[id][kind], entry->sequence);
            }
        }
    }
}

static void check_units(struct torture *torture, const struct core *core)
{
    uint32_t missions[UNITS + 1] = { 0 };
    for (uint32_t slot = 0; slot <= core->mission_mask; slot++) {
        const struct mission *mission = &core->missions[slot];
        if (mission->id != 0 && mission->state != MISSION_STATE_ENDED && ++missions[mission->unit.v] > 1) {
            torture_broken(torture, "a unit is in two missions", "unit %u, mission %u is one of them, entry %" PRIu64,
                           mission->unit.v, mission->id, core->head->sequence);
        }
    }
}

static enum status witness_entry(void *context, const struct entry_head *entry, struct error *error)
{
    struct torture *torture = context;
    struct torture_checker *checker = &torture->checker;
    bool same = false;
    const struct entry_head *decided;
    engine_decide_again(checker->witness, entry, &same, &decided);
    if (!same) {
        torture_broken(torture, "decided otherwise in a replay", "entry %" PRIu64, entry->sequence);
    }
    TRY(engine_apply_entry(checker->witness, entry, error));
    CHECK(vec_push(&checker->checksums, entry->checksum));
    note_key(torture, entry);
    check_beds(torture, entry);
    return STATUS_OK;
}

static void catch_up(struct torture *torture)
{
    struct torture_checker *checker = &torture->checker;
    const struct journal *journal = &torture->store.inner;
    struct error error;
    if (journal->read(journal->context, sequence_of(checker->witness) + 1, witness_entry, torture, &error) != STATUS_OK) {
        torture_broken(torture, "the journal cannot be read", "%s", error.text);
    }
    check_units(torture, engine_core(checker->witness));
}

static void compare(struct torture *torture, const struct engine *engine, const char *what)
{
    const struct engine *witness = torture->checker.witness;
    if (sequence_of(engine) != sequence_of(witness)) {
        torture_broken(torture, what, "it stands at entry %" PRIu64 ", the journal at %" PRIu64, sequence_of(engine),
                       sequence_of(witness));
    } else if (engine_state_hash(engine) != engine_state_hash(witness)) {
        torture_broken(torture, what, "its state differs from that of a replay, entry %" PRIu64, sequence_of(witness));
    }
}

/* ---- after a turn, after a start ---- */

static void check_timers(struct torture *torture)
{
    const struct core_side *core = &torture->process.centre->core;
    struct instant due = engine_next_timer(core->engine), now = clock_now(torture->process.clock);
    if (!core->timer_refused && !instant_before(now, due)) {
        torture_broken(torture, "a timer did not fire", "it was due %" PRId64 " ms ago, and the centre sleeps",
                       instant_since(now, due).us / US_PER_MS);
    }
}

/* Between two turns without an entry nothing may have changed: a refused command changes nothing. */
static void check_refusals(struct torture *torture, const struct engine *owner)
{
    struct torture_process *process = &torture->process;
    uint64_t hash = engine_state_hash(owner);
    if (process->hash_sequence == sequence_of(owner) && process->hash != hash) {
        torture_broken(torture, "changed without an entry", "the state after entry %" PRIu64 ", %u refused in this turn",
                       process->hash_sequence, process->refusals);
    }
    process->hash = hash;
    process->hash_sequence = sequence_of(owner);
}

void check_after_turn(struct torture *torture, bool idle)
{
    const struct centre *centre = torture->process.centre;
    const struct engine *owner = centre->core.engine;
    if (owner == NULL || !torture->store.inner_open) {
        return; /* the journal is failed */
    }
    if (torture->process.answers > 0 || sequence_of(owner) != sequence_of(torture->checker.witness)) {
        check_refusals(torture, owner);
        catch_up(torture);
        core_check(engine_core(owner));
        compare(torture, owner, "the owner");
        compare(torture, centre->mirror.engine, "the mirror");
    }
    if (idle) {
        check_timers(torture);
    }
}

void check_after_start(struct torture *torture)
{
    struct torture_checker *checker = &torture->checker;
    const struct engine *owner = torture->process.centre->core.engine;
    uint64_t sequence = sequence_of(owner);
    if (sequence < checker->acknowledged || sequence < sequence_of(checker->witness)) {
        torture_broken(torture, "lost", "the journal ends with entry %" PRIu64 ", entry %" PRIu64 " was acknowledged", sequence,
                       checker->acknowledged > sequence ? checker->acknowledged : sequence_of(checker->witness));
        return;
    }
    catch_up(torture);
    compare(torture, owner, "the owner after a start");
    compare(torture, torture->process.centre->mirror.engine, "the mirror after a start");
    if (sequence >= checker->whole_at) {
        checker->whole_at = 2 * sequence;
        check_whole(torture);
    }
}

/* ---- everything ---- */

struct whole {
    struct torture *torture;
    struct engine *engine;
};

static enum status whole_entry(void *context, const struct entry_head *entry, struct error *error)
{
    struct whole *whole = context;
    const struct checksum_vec *checksums = &whole->torture->checker.checksums;
    if (entry->sequence > checksums->count || checksums->items[entry->sequence - 1] != entry->checksum) {
        torture_broken(whole->torture, "an entry has changed", "entry %" PRIu64, entry->sequence);
    }
    return engine_apply_entry(whole->engine, entry, error);
}

static enum status begin_at_snapshot(struct whole *whole, struct error *error)
{
    const struct journal *journal = &whole->torture->store.inner;
    void *bytes = NULL;
    size_t size = 0;
    uint64_t sequence = 0;
    TRY(journal->snapshot_read(journal->context, &sequence, &bytes, &size, error));
    enum status status = size > 0 ? engine_restore(whole->engine, bytes, size, error) : STATUS_OK;
    free(bytes);
    return status;
}

static void replay(struct torture *torture, bool from_snapshot)
{
    const struct journal *journal = &torture->store.inner;
    struct whole whole = { .torture = torture };
    struct error error;
    enum status status = engine_create(&torture->setup.limits, torture->setup.policy, NULL, &whole.engine, &error);
    if (status == STATUS_OK && from_snapshot) {
        status = begin_at_snapshot(&whole, &error);
    }
    if (status == STATUS_OK) {
        status = journal->read(journal->context, sequence_of(whole.engine) + 1, whole_entry, &whole, &error);
    }
    if (status != STATUS_OK) {
        torture_broken(torture, "a replay fails", "%s", error.text);
    } else {
        compare(torture, whole.engine, from_snapshot ? "a replay from the snapshot" : "a replay from the first entry");
    }
    engine_destroy(whole.engine);
}

static void check_told(struct torture *torture)
{
    for (uint32_t edge = 0; edge < EDGES; edge++) {
        const struct told_vec *told = &torture->checker.told[edge];
        for (uint32_t key = 0; key < told->count; key++) {
            if (told->items[key].sequence != 0 && told->items[key].entry != told->items[key].sequence) {
                torture_broken(torture, "lost", "key %u of edge %u was told of entry %" PRIu64 ", the journal has it as %" PRIu64,
                               key, edge + 1, told->items[key].sequence, told->items[key].entry);
            }
        }
    }
}

void check_whole(struct torture *torture)
{
    struct journal_report report;
    struct error error;
    if (torture->process.centre == NULL || !torture->store.inner_open) {
        return;
    }
    torture_count(torture, FIGURE_WHOLE_CHECKS);
    if (journal_sqlite_verify(&torture->store.inner, &report, &error) != STATUS_OK) {
        torture_broken(torture, "the journal's chain", "%s", error.text);
        return;
    }
    replay(torture, false);
    replay(torture, true);
    check_told(torture);
}

/* ---- the end ---- */

static uint32_t alarms_unseen(const struct core *core)
{
    uint32_t unseen = 0;
    for (uint32_t slot = 0; slot < core->head->limits.alarms; slot++) {
        unseen += core->alarms[slot].id != 0 && core->alarms[slot].state == ALARM_STATE_RAISED;
    }
    return unseen;
}

bool check_is_over(const struct torture *torture, char *left, size_t size)
{
    if (torture->process.centre == NULL || torture->process.centre->core.engine == NULL) {
        snprintf(left, size, "the centre is not there");
        return false;
    }
    const struct core *core = centre_core(torture->process.centre);
    uint32_t waiting = 0, unseen = alarms_unseen(core);
    for (uint32_t i = 0; i < EDGES; i++) {
        waiting += torture->edges[i].outbox_count;
    }
    snprintf(left, size, "calls open %u, incidents open %u, of them queued %u, alarms unseen %u, commands in outboxes %u",
             core->head->calls_open, core->head->incidents_open, core->head->incidents_queued, unseen, waiting);
    return core->head->calls_open + core->head->incidents_open + unseen + waiting == 0;
}
