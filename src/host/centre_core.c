/* The core thread: steps what waits, commits once, passes on what is durable. While a commit runs the next commands gather in the
 * inbox: that is all the batching there is, nothing is ever held back for company. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/planted.h"
#include "host/centre_private.h"
#include "host/log.h"

enum {
    LOOK_AT_CLOCK_US = 250 * 1000, /* the longest sleep: a drill's speed and the wall clock may change meanwhile */
    TIMER_REFUSED_US = 100 * 1000,
    RETRY_FIRST_US = 200 * 1000,
    RETRY_LONGEST_US = 5 * 1000 * 1000,
    HAND_ON_US = 5 * 1000 * 1000, /* so long the centre stands still, at most, before it is given away */
    HAND_ON_LOOK_US = 10 * 1000,
};

/* ---- the batch ---- */

/* Called by the engine for each entry, before it is durable. */
static void keep_entry(void *observer, const struct entry_head *entry)
{
    struct core_side *core = &((struct centre *)observer)->core;
    const struct delivery delivery = { .size = (uint32_t)sizeof delivery + entry->size, .kind = DELIVERY_ENTRY };
    CHECK(core->batch.used + delivery.size <= BATCH_BYTES);
    memcpy(core->batch.bytes + core->batch.used, &delivery, sizeof delivery);
    memcpy(core->batch.bytes + core->batch.used + sizeof delivery, entry, entry->size);
    core->batch.used += delivery.size;
    core->batch.last = entry->sequence;
    core->batch.last_fingerprint = entry_fingerprint(entry);
}

static bool batch_has_room(const struct centre *centre)
{
    const struct batch *batch = &centre->core.batch;
    return batch->used + RECORD_ENTRY_MAX <= BATCH_BYTES && batch->answer_count < centre->setup.group_commands_max;
}

static void begin_batch(struct centre *centre)
{
    struct batch *batch = &centre->core.batch;
    batch->used = 0;
    batch->answer_count = batch->refused = batch->repeated = 0;
    batch->now = clock_now(centre->setup.clock);
}

static enum status step_timers(struct centre *centre, struct error *error)
{
    struct core_side *core = &centre->core;
    core->timer_refused = false;
    if (instant_before(core->batch.now, engine_next_timer(core->engine)) ||
        (PLANTED(TIMER_LEFT) && mailbox_waiting_bytes(centre->inbox) == 0)) {
        return STATUS_OK;
    }
    struct command_time_passed command;
    struct step_result result;
    COMMAND_BEGIN(&command, TIME_PASSED, ACTOR_KIND_SYSTEM);
    TRY(engine_step(core->engine, &command.head, sizeof command, core->batch.now, &result, error));
    core->timer_refused = result.refusal != REFUSED_NONE;
    return STATUS_OK;
}

static enum status step_estimates(struct centre *centre, struct error *error)
{
    struct core_side *core = &centre->core;
    while (batch_has_room(centre) && centre_next_estimate(centre)) {
        struct step_result ignored; /* a refusal says that the question was answered meanwhile */
        TRY(engine_step(core->engine, core->command, core->command->size, core->batch.now, &ignored, error));
    }
    return STATUS_OK;
}

static const struct submission *next_submission(struct centre *centre)
{
    struct core_side *core = &centre->core;
    if (core->records_done == core->records_size) {
        const void *bytes;
        core->records_size = mailbox_take(centre->inbox, &bytes);
        core->records = bytes;
        core->records_done = 0;
    }
    return core->records_done < core->records_size ? (const struct submission *)(core->records + core->records_done) : NULL;
}

static enum status step_submissions(struct centre *centre, struct error *error)
{
    struct core_side *core = &centre->core;
    struct batch *batch = &core->batch;
    bool taken = false; /* the inbox is looked into once a batch */
    while (batch_has_room(centre) && (!taken || core->records_done < core->records_size)) {
        const struct submission *submission = next_submission(centre);
        if (submission == NULL) {
            break;
        }
        taken = true;
        const struct command_head *command = (const struct command_head *)(submission + 1);
        struct pending_answer *answer = &batch->answers[batch->answer_count++];
        *answer = (struct pending_answer){ .answered = submission->answered, .context = submission->context };
        core->records_done += submission->size;
        TRY(engine_step(core->engine, command, command->size, batch->now, &answer->result, error));
        batch->refused += answer->result.refusal != REFUSED_NONE;
        batch->repeated += answer->result.repeated;
    }
    return STATUS_OK;
}

static void put_answer(struct batch *batch, const struct pending_answer *pending, enum centre_outcome outcome,
                       struct instant entered_at)
{
    const struct {
        struct delivery head;
        struct delivery_answer body;
    } record = {
        .head = { .size = sizeof record, .kind = DELIVERY_ANSWER },
        .body = { .answered = pending->answered,
                  .context = pending->context,
                  .answer = { .outcome = outcome, .result = pending->result, .entered_at = entered_at } },
    };
    if (pending->answered != NULL) {
        memcpy(batch->bytes + batch->used, &record, sizeof record);
        batch->used += sizeof record;
    }
}

static void note_for_standbys(struct centre *centre, uint64_t sequence)
{
    struct owner *owner = centre_owner(centre);
    if (owner != NULL) {
        owner_note(owner, sequence);
    }
}

/* Entries and answers in one piece, so that an answer never comes without its entry. */
static void publish_batch(struct centre *centre, int64_t commit_us)
{
    struct core_side *core = &centre->core;
    struct batch *batch = &core->batch;
    const struct core_head *head = engine_core(core->engine)->head;
    struct instant entered_at = instant_max(batch->now, head->entered_at);
    bool entries = batch->used > 0;
    pthread_mutex_lock(&centre->lock);
    struct centre_figures *figures = &centre->figures;
    figures->commands += batch->answer_count;
    figures->refused += batch->refused;
    figures->repeated += batch->repeated;
    figures->commits += entries;
    figures->entries += head->sequence - figures->last_sequence;
    figures->last_sequence = figures->durable_sequence = head->sequence;
    figures->queue_bytes = core->records_size - core->records_done;
    if (entries) {
        figures->commit_us_last = commit_us;
        figures->commit_us_total += commit_us;
    }
    pthread_mutex_unlock(&centre->lock);
    for (uint32_t i = 0; i < batch->answer_count; i++) {
        put_answer(batch, &batch->answers[i], CENTRE_DONE, entered_at);
    }
    centre_deliver_bytes(centre, batch->bytes, batch->used, NULL, 0);
    if (entries) {
        core->delivered = batch->last;
        core->delivered_fingerprint = batch->last_fingerprint;
        note_for_standbys(centre, batch->last);
    }
    batch->answer_count = 0;
}

/* Where the alarm tells that no road worker has answered, the core thread does so along straight lines. */
static void answer_for_silent_roads(struct centre *centre, const struct effect *effect)
{
    bool units = effect->detail == ALARM_KIND_TRAVEL_TIMES_SILENT;
    if (units || effect->detail == ALARM_KIND_FACILITY_TIMES_SILENT) {
        const struct alarm *alarm = core_alarm(engine_core(centre->core.engine), (struct alarm_id){ effect->subject });
        CHECK(alarm != NULL);
        centre_want_estimate(centre, units ? ROAD_ASK_UNITS : ROAD_ASK_FACILITIES, alarm->subject);
    }
}

static void release_effects(struct centre *centre)
{
    struct effect effect;
    while (engine_next_effect(centre->core.engine, &effect)) {
        if (effect.kind == EFFECT_ASK_TRAVEL || effect.kind == EFFECT_ASK_FACILITIES) {
            centre_ask(centre, &effect);
            continue;
        }
        const struct delivery head = { .size = sizeof head + sizeof effect, .kind = DELIVERY_EFFECT };
        centre_deliver_bytes(centre, &head, sizeof head, &effect, sizeof effect);
        if (effect.kind == EFFECT_ALARM) {
            answer_for_silent_roads(centre, &effect);
        }
    }
}

static enum status commit_batch(struct centre *centre, struct error *error)
{
    bool entries = centre->core.batch.used > 0;
    if (PLANTED(EFFECT_BEFORE_DURABLE)) {
        release_effects(centre);
    }
    if (PLANTED(ANSWER_BEFORE_DURABLE)) {
        publish_batch(centre, 0);
        return entries ? engine_commit(centre->core.engine, error) : STATUS_OK;
    }
    int64_t began_us = clock_monotonic_us();
    if (entries) {
        TRY(engine_commit(centre->core.engine, error));
    }
    publish_batch(centre, clock_monotonic_us() - began_us);
    return STATUS_OK;
}

/* Writing one keeps commands waiting (5 MB with the usual limits: 40 to 100 ms): so it waits for a moment in which none is there,
 * though not for ever. */
static bool snapshot_is_due(const struct centre *centre, bool busy)
{
    uint64_t every = centre->setup.snapshot_every;
    uint64_t since = engine_core(centre->core.engine)->head->sequence - centre->core.snapshot_sequence;
    return every > 0 && since >= (busy ? 2 * every : every);
}

/* One batch; *worked false when nothing was there. On failure the batch's answers are still pending. */
static enum status work(struct centre *centre, bool *worked, struct error *error)
{
    struct batch *batch = &centre->core.batch;
    begin_batch(centre);
    TRY(step_timers(centre, error));
    TRY(step_estimates(centre, error));
    TRY(step_submissions(centre, error));
    *worked = batch->used > 0 || batch->answer_count > 0;
    if (*worked) {
        TRY(commit_batch(centre, error));
    }
    release_effects(centre);
    return snapshot_is_due(centre, *worked) ? centre_snapshot(centre, error) : STATUS_OK;
}

/* ---- failure ---- */

/* Everything that was stepped but not committed, and everything that waits, has come to nothing, as far as anybody knows. */
static void answer_not_durable(struct centre *centre)
{
    struct core_side *core = &centre->core;
    begin_batch(centre);
    for (const struct submission *next = next_submission(centre); next != NULL; next = next_submission(centre)) {
        const struct pending_answer answer = { .answered = next->answered, .context = next->context };
        core->records_done += next->size;
        core->batch.used = 0;
        put_answer(&core->batch, &answer, CENTRE_NOT_DURABLE, core->batch.now);
        centre_deliver_bytes(centre, core->batch.bytes, core->batch.used, NULL, 0);
    }
}

static void answer_pending_not_durable(struct centre *centre)
{
    struct batch *batch = &centre->core.batch;
    batch->used = 0; /* its entries must not be seen */
    for (uint32_t i = 0; i < batch->answer_count; i++) {
        batch->answers[i].result = (struct step_result){ .refusal = REFUSED_NONE };
        put_answer(batch, &batch->answers[i], CENTRE_NOT_DURABLE, batch->now);
    }
    centre_deliver_bytes(centre, batch->bytes, batch->used, NULL, 0);
    batch->answer_count = 0;
}

static void fail(struct centre *centre, const struct error *error)
{
    LOG(LOG_ERROR, "centre", "the journal has failed", LOG_TEXT("error", error->text));
    mailbox_set_closed(centre->inbox, true);
    atomic_store(&centre->hand_on, CENTRE_HAND_ON_NOT);
    centre_set_state(centre, CENTRE_JOURNAL_FAILED, error->text);
    pthread_mutex_lock(&centre->lock);
    centre->figures.journal_failures += 1;
    pthread_mutex_unlock(&centre->lock);
    answer_pending_not_durable(centre);
    answer_not_durable(centre);
    centre_close_journal(centre);
    centre->core.retry_us = RETRY_FIRST_US;
}

/* What was stepped and not committed cannot be: the engine goes, and is made anew from the journal. */
void centre_step_down(struct centre *centre)
{
    LOG(LOG_WARNING, "centre", "another process may own the centre: this one follows",
        LOG_TEXT("store", centre->setup.store.shown));
    mailbox_set_closed(centre->inbox, true);
    atomic_store(&centre->setup.store.lease->fence, 0);
    atomic_store(&centre->hand_on, CENTRE_HAND_ON_NOT);
    centre->core.following = true;
    centre_set_state(centre, CENTRE_STANDBY, "");
    answer_pending_not_durable(centre);
    answer_not_durable(centre);
    centre_close_journal(centre);
}

static void close_journal_only(struct core_side *core)
{
    core->journal.close(core->journal.context);
    core->journal_is_open = false;
}

/* ---- handing on ---- */

static void begin_to_hand_on(struct centre *centre)
{
    LOG(LOG_INFO, "centre", "the centre is being handed on, as somebody has asked",
        LOG_NUMBER("sequence", engine_core(centre->core.engine)->head->sequence));
    centre->core.hand_on_until_us = clock_monotonic_us() + HAND_ON_US;
    centre_set_state(centre, CENTRE_DRAINING, ""); /* before, so that nobody takes it for a centre that wants to be served */
    atomic_store(&centre->hand_on, CENTRE_HAND_ON_ASKED);
    mailbox_wake(centre->outbox);
}

/* All that waits is done and durable, so that the engine may stay. */
static enum status settle(struct centre *centre, struct error *error)
{
    mailbox_set_closed(centre->inbox, true);
    for (bool worked = true; worked;) {
        centre_beat(centre);
        TRY(work(centre, &worked, error));
    }
    atomic_store(&centre->hand_on, CENTRE_HAND_ON_SETTLED);
    return STATUS_OK;
}

/* Clients come again, and find the other process; what they have not been answered they send once more. From now on this one
 * follows. */
static void give_away(struct centre *centre)
{
    if (atomic_exchange(&centre->hand_on, CENTRE_HAND_ON_NOT) != CENTRE_HAND_ON_DONE) {
        LOG(LOG_WARNING, "centre", "the centre is handed on before all was done that comes of its last commands",
            LOG_TEXT("store", centre->setup.store.shown));
    }
    engine_observe(centre->core.engine, NULL, NULL);
    atomic_store(&centre->setup.store.lease->fence, 0);
    close_journal_only(&centre->core);
    centre->core.following = true;
    centre_set_state(centre, CENTRE_STANDBY, "");
    owner_yield(centre_owner(centre));
}

/* How long to wait for the I/O thread. */
static int64_t go_on_handing(struct centre *centre)
{
    struct error error;
    bool late = clock_monotonic_us() > centre->core.hand_on_until_us;
    int stage = atomic_load(&centre->hand_on);
    if (stage == CENTRE_HAND_ON_ASKED || stage == CENTRE_HAND_ON_SUBMITTED) {
        if (settle(centre, &error) != STATUS_OK) {
            fail(centre, &error);
        }
    } else if (stage == CENTRE_HAND_ON_DONE || late) {
        give_away(centre);
        return 0;
    }
    mailbox_wake(centre->outbox);
    return HAND_ON_LOOK_US;
}

/* What the I/O thread submits in the first stage comes as everything comes. */
static bool is_handing(const struct centre *centre)
{
    int stage = atomic_load(&((struct centre *)centre)->hand_on);
    bool waits = stage == CENTRE_HAND_ON_ASKED && clock_monotonic_us() <= centre->core.hand_on_until_us;
    return stage != CENTRE_HAND_ON_NOT && !waits;
}

static bool is_asked_back(const struct centre *centre)
{
    const struct owner *owner = centre_owner(centre);
    return owner != NULL && atomic_load(&((struct centre *)centre)->hand_on) == CENTRE_HAND_ON_NOT && owner_is_asked_back(owner);
}

void centre_begin_to_write(struct centre *centre)
{
    engine_observe(centre->core.engine, keep_entry, centre);
    mailbox_set_closed(centre->inbox, false); /* before it is told: who hears of it is not refused any more */
    centre_set_state(centre, CENTRE_READY, "");
}

static void open_again(struct centre *centre)
{
    struct core_side *core = &centre->core;
    struct error error;
    if (centre_recover(centre, JOURNAL_WRITE, &error) != STATUS_OK) {
        if (centre_part(centre, &error)) {
            return;
        }
        core->retry_us = 2 * core->retry_us < RETRY_LONGEST_US ? 2 * core->retry_us : RETRY_LONGEST_US;
        centre_set_state(centre, CENTRE_JOURNAL_FAILED, error.text);
        LOG(LOG_WARNING, "centre", "the journal cannot be opened again yet", LOG_TEXT("error", error.text),
            LOG_NUMBER("again_in_ms", core->retry_us / 1000));
        return;
    }
    LOG(LOG_INFO, "centre", "the journal is back", LOG_NUMBER("sequence", engine_core(core->engine)->head->sequence));
    centre_begin_to_write(centre);
}

/* ---- beginning and end ---- */

static void take_memory(struct centre *centre)
{
    struct core_side *core = &centre->core;
    const struct limits *limits = &engine_core(core->engine)->head->limits;
    size_t answers = centre->setup.group_commands_max;
    size_t answer_size = sizeof(struct delivery) + sizeof(struct delivery_answer);
    CHECK(BATCH_BYTES + answers * answer_size <= OUTBOX_BYTES);
    core->batch.bytes = malloc(BATCH_BYTES + answers * answer_size);
    core->batch.answers = calloc(answers, sizeof *core->batch.answers);
    core->command = malloc(COMMAND_SIZE_MAX);
    centre->positions = calloc((size_t)limits->units + 1, sizeof *centre->positions);
    CHECK(core->batch.bytes != NULL && core->batch.answers != NULL && core->command != NULL && centre->positions != NULL);
    centre->units_max = limits->units;
    for (uint32_t i = 0; i <= limits->units; i++) {
        centre->positions[i].at = INSTANT_NONE;
    }
    centre_questions_create(centre);
}

static void tell_start(struct centre *centre, enum status status, const struct error *error)
{
    pthread_mutex_lock(&centre->lock);
    centre->start_known = true;
    centre->start_status = status;
    if (status != STATUS_OK) {
        centre->start_error = *error;
    }
    enum centre_state stands = centre->core.following ? CENTRE_STANDBY : CENTRE_READY;
    centre->state = status == STATUS_OK ? stands : CENTRE_STOPPED;
    pthread_cond_broadcast(&centre->changed);
    pthread_mutex_unlock(&centre->lock);
}

enum status centre_core_begin(struct centre *centre)
{
    struct error error;
    enum journal_access writing = centre->setup.may_create ? JOURNAL_WRITE_OR_CREATE : JOURNAL_WRITE;
    enum status status = centre_recover(centre, centre->core.following ? JOURNAL_READ : writing, &error);
    if (status == STATUS_OK) {
        status = centre_mirror_create(centre, &error);
    }
    if (status == STATUS_OK) {
        take_memory(centre);
        engine_observe(centre->core.engine, centre->core.following ? NULL : keep_entry, centre);
        mailbox_set_closed(centre->inbox, centre->core.following);
        status = centre_start_roads(centre, &error);
    }
    tell_start(centre, status, &error);
    return status;
}

/* The last of what waits, then the state and its hash: the next start has nothing to replay. */
static enum status finish(struct centre *centre, struct error *error)
{
    struct core_side *core = &centre->core;
    mailbox_set_closed(centre->inbox, true);
    for (bool worked = true; worked;) {
        centre_beat(centre);
        TRY(work(centre, &worked, error));
    }
    if (engine_core(core->engine)->head->sequence > 0) {
        TRY(centre_snapshot(centre, error));
    }
    TRY(centre->source.set_final(centre->source.context, &core->journal, engine_state_hash(core->engine), error));
    LOG(LOG_INFO, "centre", "the journal is closed", LOG_NUMBER("sequence", engine_core(core->engine)->head->sequence));
    return STATUS_OK;
}

static void drain(struct centre *centre)
{
    struct error error;
    char trouble[TROUBLE_SIZE];
    centre_trouble(centre, trouble, sizeof trouble);
    if (centre->core.engine != NULL && !centre->core.following) {
        trouble[0] = '\0';
        if (finish(centre, &error) != STATUS_OK) {
            fail(centre, &error);
            centre_trouble(centre, trouble, sizeof trouble);
        }
        centre_close_journal(centre);
    }
    centre_set_state(centre, CENTRE_STOPPED, trouble);
}

static int64_t idle_us(const struct centre *centre)
{
    const struct core_side *core = &centre->core;
    int64_t until_us = clock_until(centre->setup.clock, engine_next_timer(core->engine)).us;
    int64_t least_us = core->timer_refused ? TIMER_REFUSED_US : 0;
    until_us = until_us < least_us ? least_us : until_us;
    return until_us < LOOK_AT_CLOCK_US ? until_us : LOOK_AT_CLOCK_US;
}

int64_t centre_turn(struct centre *centre)
{
    struct core_side *core = &centre->core;
    struct error error;
    bool worked = false;
    if (core->following) {
        centre_follow(centre);
        return 0;
    }
    if (centre_must_step_down(centre)) {
        centre_step_down(centre);
        return 0;
    }
    if (core->engine == NULL) {
        open_again(centre);
        return core->engine == NULL ? core->retry_us : 0;
    }
    if (is_handing(centre)) {
        return go_on_handing(centre);
    }
    if (is_asked_back(centre)) {
        begin_to_hand_on(centre);
    }
    if (work(centre, &worked, &error) != STATUS_OK) {
        fail(centre, &error);
        return core->retry_us;
    }
    return worked ? 0 : idle_us(centre);
}

static void live(struct centre *centre)
{
    while (!atomic_load(&centre->stop) && !atomic_load(&centre->drain)) {
        centre_beat(centre);
        int64_t sleep_us = centre_turn(centre);
        if (sleep_us > 0) {
            mailbox_wait(centre->inbox, sleep_us);
        }
    }
    centre_end(centre);
}

void centre_end(struct centre *centre)
{
    if (atomic_load(&centre->drain)) {
        drain(centre);
    }
    mailbox_set_closed(centre->inbox, true);
    answer_not_durable(centre);
    centre_close_journal(centre);
}

void *centre_core_run(void *context)
{
    struct centre *centre = context;
    if (centre_core_begin(centre) == STATUS_OK) {
        live(centre);
    }
    atomic_store(&centre->ended, true);
    mailbox_wake(centre->outbox);
    return NULL;
}

void centre_core_free(struct centre *centre)
{
    struct core_side *core = &centre->core;
    centre_close_journal(centre);
    centre_questions_free(centre);
    free(core->batch.bytes);
    free(core->batch.answers);
    free(core->command);
}
