/* mingdi replay: the state that a journal leads to, and the proof that it does. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cli/entry_json.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "core/engine.h"
#include "policy/policies.h"
#include "store/store.h"

struct replay {
    struct engine *engine;
    struct journal_facts facts;
    const struct policy *policy;
    bool verify;
    uint64_t from_sequence; /* of the snapshot; 0: from the beginning */
    uint64_t entries, events;
    struct instant entered_at;
    uint64_t recorded_hash_now; /* our state's hash at facts.final_sequence */
    bool recorded_reached, comparable;
    struct text difference;
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Where the journal says which hash the state had: after that entry ours is taken. */
static void note_recorded(struct replay *replay, uint64_t sequence)
{
    if (replay->facts.final_known && sequence == replay->facts.final_sequence) {
        replay->recorded_reached = true;
        replay->recorded_hash_now = engine_state_hash(replay->engine);
    }
}

static enum status verify_entry(struct replay *replay, const struct entry_head *entry, struct error *error)
{
    bool same = false;
    const struct entry_head *now = NULL;
    engine_decide_again(replay->engine, entry, &same, &now);
    if (same) {
        return STATUS_OK;
    }
    struct json json;
    json_init(&json, &replay->difference, 2);
    json_object_begin(&json, NULL);
    entry_write_json(&json, "journal", entry);
    if (now != NULL) {
        entry_write_json(&json, "decided_again", now);
    } else {
        json_none(&json, "decided_again");
    }
    json_object_end(&json);
    text_puts(&replay->difference, "\n");
    return ERROR(error, STATUS_CORRUPT, "entry %" PRIu64 " (%s) is not what this program decides under policy %s: %s",
                 entry->sequence, command_kind(entry_command(entry)->kind)->name, replay->policy->name,
                 now != NULL ? "see both on standard output" : "it refuses the command");
}

static enum status replay_entry(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct replay *replay = visitor;
    if (replay->verify) {
        TRY(verify_entry(replay, entry, error));
    }
    TRY(engine_apply_entry(replay->engine, entry, error));
    replay->entries++;
    replay->events += entry->event_count;
    replay->entered_at = entry->entered_at;
    note_recorded(replay, entry->sequence);
    return STATUS_OK;
}

/* Hashes of states that are laid out otherwise differ although the states are the same: the snapshot that stands before the
 * recorded hash tells how the program that recorded it lays them out. A centre writes one whenever it is closed; only a short
 * simulation has none, and is compared. */
static enum status find_layout(struct replay *replay, const struct journal *journal, struct error *error)
{
    void *bytes = NULL;
    size_t size = 0;
    uint64_t sequence = 0;
    struct limits limits;
    struct error ignored;
    if (!replay->facts.final_known) {
        return STATUS_OK;
    }
    TRY(store_journal_snapshot_before(journal, replay->facts.final_sequence + 1, &sequence, &bytes, &size, error));
    replay->comparable = size == 0 || engine_snapshot_limits(bytes, size, &limits, &ignored) == STATUS_OK;
    free(bytes);
    return STATUS_OK;
}

/* The newest snapshot into a new engine of its limits; none leaves the engine unmade. */
static enum status start_at_snapshot(struct replay *replay, const struct journal *journal, struct error *error)
{
    void *bytes = NULL;
    size_t size = 0;
    uint64_t sequence = 0;
    TRY(journal->snapshot_read(journal->context, &sequence, &bytes, &size, error));
    if (size == 0) {
        return ERROR(error, STATUS_NOT_FOUND, "there is no sound snapshot in the journal; leave --from-snapshot out");
    }
    struct limits limits;
    enum status status = engine_snapshot_limits(bytes, size, &limits, error);
    if (status == STATUS_OK) {
        status = engine_create(&limits, replay->policy, NULL, &replay->engine, error);
    }
    if (status == STATUS_OK) {
        status = engine_restore(replay->engine, bytes, size, error);
    }
    free(bytes);
    TRY(status);
    replay->from_sequence = sequence;
    replay->entered_at = engine_core(replay->engine)->head->entered_at;
    note_recorded(replay, sequence);
    return STATUS_OK;
}

static enum status start(struct replay *replay, const struct journal *journal, bool from_snapshot, struct error *error)
{
    if (from_snapshot) {
        return start_at_snapshot(replay, journal, error);
    }
    const struct limits fallback = LIMITS_DEFAULT;
    const struct limits *limits = replay->facts.limits_known ? &replay->facts.limits : &fallback;
    return engine_create(limits, replay->policy, NULL, &replay->engine, error);
}

static void write_hash(struct json *json, const char *name, uint64_t hash)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    json_text(json, name, text);
}

static void write_result(const struct replay *replay, double seconds, struct text *out)
{
    struct json json;
    char time[INSTANT_TEXT_SIZE];
    json_init(&json, out, 2);
    json_object_begin(&json, NULL);
    json_int(&json, "entries", (int64_t)replay->entries);
    json_int(&json, "events", (int64_t)replay->events);
    json_int(&json, "from_snapshot", (int64_t)replay->from_sequence);
    json_int(&json, "last_sequence", (int64_t)(replay->from_sequence + replay->entries));
    if (instant_is_none(replay->entered_at)) {
        json_none(&json, "entered_at");
    } else {
        instant_format(replay->entered_at, time);
        json_text(&json, "entered_at", time);
    }
    write_hash(&json, "state_hash", engine_state_hash(replay->engine));
    if (replay->recorded_reached) {
        json_int(&json, "recorded_at", (int64_t)replay->facts.final_sequence);
        write_hash(&json, "recorded_hash", replay->facts.final_state_hash);
    } else {
        json_none(&json, "recorded_hash");
    }
    if (replay->recorded_reached && replay->comparable) {
        json_bool(&json, "equal", replay->recorded_hash_now == replay->facts.final_state_hash);
    } else {
        json_none(&json, "equal");
    }
    json_text(&json, "policy", replay->policy->name);
    json_int(&json, "decided_again", replay->verify ? (int64_t)replay->entries : 0);
    json_number(&json, "seconds", seconds, 3);
    json_number(&json, "entries_per_s", seconds > 0 ? (double)replay->entries / seconds : 0, 0);
    json_object_end(&json);
    text_puts(out, "\n");
}

/* Prints what was found, also where a check fails: then the caller's error follows on standard error. */
static enum status report(const struct replay *replay, double seconds, struct error *error)
{
    struct text out;
    text_init(&out, HELP_TEXT_MAX);
    write_result(replay, seconds, &out);
    TRY(help_print(&out, error));
    if (replay->recorded_reached && replay->comparable && replay->recorded_hash_now != replay->facts.final_state_hash) {
        return ERROR(error, STATUS_CORRUPT,
                     "after entry %" PRIu64 " the state is not what it was when the journal was closed: hash %016" PRIx64
                     " instead of %016" PRIx64,
                     replay->facts.final_sequence, replay->recorded_hash_now, replay->facts.final_state_hash);
    }
    return STATUS_OK;
}

static enum status replay_all(struct replay *replay, const struct journal *journal, bool from_snapshot, struct error *error)
{
    double began = seconds_now();
    TRY(find_layout(replay, journal, error));
    TRY(start(replay, journal, from_snapshot, error));
    TRY(journal->read(journal->context, replay->from_sequence + 1, replay_entry, replay, error));
    if (replay->verify) {
        core_check(engine_core(replay->engine)); /* what was decided by ourselves must keep every promise of the state */
    }
    return report(replay, seconds_now() - began, error);
}

/* Named on the command line, or by the journal; a journal that names none was decided by the standard one. */
static enum status find_policy(const struct arguments *arguments, struct replay *replay, struct error *error)
{
    const char *recorded = replay->facts.policy[0] != '\0' ? replay->facts.policy : "standard";
    const char *name = argument(arguments, "--policy", recorded);
    replay->policy = policy_find(name);
    if (replay->policy == NULL) {
        return ERROR(error, argument_count(arguments, "--policy") > 0 ? STATUS_USAGE : STATUS_VERSION,
                     "there is no policy '%s' in this program; there are: %s", name, policy_names());
    }
    return STATUS_OK;
}

static enum status run_replay(const struct arguments *arguments, struct error *error)
{
    struct replay replay = { .verify = argument_count(arguments, "--verify") > 0, .entered_at = INSTANT_NONE };
    struct journal journal;
    TRY(store_journal_open_named(arguments->positionals[0], &journal, error));
    text_init(&replay.difference, 2 * ENTRY_JSON_MAX);
    store_journal_facts(&journal, &replay.facts);
    enum status status = find_policy(arguments, &replay, error);
    if (status == STATUS_OK) {
        status = replay_all(&replay, &journal, argument_count(arguments, "--from-snapshot") > 0, error);
    }
    if (replay.difference.length > 0) { /* main checks the stream at the end */
        (void)fwrite(replay.difference.bytes, 1, replay.difference.length, stdout);
    }
    text_free(&replay.difference);
    if (replay.engine != NULL) {
        engine_destroy(replay.engine);
    }
    journal.close(journal.context);
    return status;
}

static const struct verb_option OPTIONS[] = {
    { "--verify", NULL, "decide every command again and compare the events byte by byte", NULL },
    { "--from-snapshot", NULL, "begin at the newest snapshot instead of the first entry", NULL },
    { "--policy", "P", "policy to decide again with; default: the one that the journal names", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_replay = {
    .name = "replay",
    .summary = "replay a journal to its last state, and prove it",
    .synopsis = "replay JOURNAL [--verify] [--from-snapshot] [--policy P]",
    .details =
        "JOURNAL is a file, the data folder of a centre, or postgres://USER@HOST/DATABASE. "
        "Applies every event of the journal to an empty centre and prints, as JSON: entries, events, the last sequence, the hash "
        "of "
        "the state, and whether it equals the hash that was recorded when the journal was closed (null where none "
        "was, and where the snapshot before it is of another layout than this program's: such hashes cannot be compared).\n\n"
        "With --verify each command is decided again in the state that it met. The first entry that would be decided "
        "otherwise today is printed beside what it would be, and the exit status is 1. The chain and the checksums of the "
        "journal are checked in any case.",
    .options = OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_replay,
};
