/* The public face of the centre: making and ending it, submitting, state and figures. What its threads do: centre_core.c,
 * centre_mirror.c. */
#include "host/centre.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/centre_private.h"
#include "host/log.h"
#include "host/thread.h"

/* ---- state ---- */

void centre_set_state(struct centre *centre, enum centre_state state, const char *trouble)
{
    pthread_mutex_lock(&centre->lock);
    centre->state = state;
    snprintf(centre->trouble, sizeof centre->trouble, "%s", trouble);
    pthread_cond_broadcast(&centre->changed);
    pthread_mutex_unlock(&centre->lock);
    mailbox_wake(centre->outbox);
}

enum centre_state centre_state(const struct centre *centre)
{
    struct centre *locked = (struct centre *)centre; /* only its lock changes, here and in what follows */
    pthread_mutex_lock(&locked->lock);
    enum centre_state state = locked->state;
    pthread_mutex_unlock(&locked->lock);
    return state;
}

void centre_trouble(const struct centre *centre, char *text, size_t size)
{
    struct centre *locked = (struct centre *)centre;
    pthread_mutex_lock(&locked->lock);
    snprintf(text, size, "%s", locked->trouble);
    pthread_mutex_unlock(&locked->lock);
}

void centre_figures(const struct centre *centre, struct centre_figures *figures)
{
    struct centre *locked = (struct centre *)centre;
    pthread_mutex_lock(&locked->lock);
    *figures = locked->figures;
    pthread_mutex_unlock(&locked->lock);
    figures->reckoned = locked->roads == NULL ? 0 : road_workers_reckoned(locked->roads);
    figures->queue_bytes += mailbox_waiting_bytes(locked->inbox);
}

/* ---- commands ---- */

enum centre_submit centre_submit(struct centre *centre, const struct command_head *command,
                                 void (*answered)(void *context, const struct centre_answer *answer), void *context)
{
    CHECK(command->size >= sizeof *command && command->size <= COMMAND_SIZE_MAX && command->size % 8 == 0);
    struct submission submission = { .size = sizeof submission + command->size, .answered = answered, .context = context };
    switch (mailbox_put(centre->inbox, &submission, sizeof submission, command, command->size, false)) {
    case MAILBOX_PUT: return CENTRE_TAKEN;
    case MAILBOX_FULL: return CENTRE_BUSY;
    case MAILBOX_CLOSED: return CENTRE_NOT_READY;
    }
    UNREACHABLE();
}

/* In a road worker's thread. */
void centre_take_road_answer(void *context, const struct command_head *command)
{
    struct centre *centre = context;
    struct submission submission = { .size = sizeof submission + command->size };
    if (mailbox_put(centre->inbox, &submission, sizeof submission, command, command->size, true) == MAILBOX_CLOSED) {
        LOG(LOG_DEBUG, "centre", "an answer of the roads came when none was taken", LOG_NUMBER("kind", command->kind));
    }
}

void centre_deliver_bytes(struct centre *centre, const void *head, size_t head_size, const void *body, size_t body_size)
{
    CHECK(mailbox_put(centre->outbox, head, head_size, body, body_size, true) == MAILBOX_PUT);
}

/* What comes a step or more after the newest of the trail stands at its head from then on. */
static void note_trail(struct known_position *known)
{
    struct match_fix newest = { known->at, known->point };
    if (known->trail_count > 0 && geo_distance_m(known->trail[0].point, known->point) < ROAD_TRAIL_STEP_M) {
        return;
    }
    known->trail_count += known->trail_count < ROAD_TRAIL_MAX;
    memmove(known->trail + 1, known->trail, (known->trail_count - 1) * sizeof *known->trail);
    known->trail[0] = newest;
}

void centre_note_position(struct centre *centre, struct unit_id unit, struct geo_point point, struct instant at)
{
    if (unit.v == 0 || unit.v > centre->units_max) {
        return;
    }
    pthread_mutex_lock(&centre->positions_lock);
    struct known_position *known = &centre->positions[unit.v];
    if (instant_before(known->at, at)) {
        known->at = at;
        known->point = point;
        note_trail(known);
    }
    pthread_mutex_unlock(&centre->positions_lock);
}

/* ---- making ---- */

static enum status open_store(void *context, enum journal_access access, const struct journal_options *options,
                              struct journal *journal, struct journal_facts *facts, struct error *error)
{
    const struct centre *centre = context;
    TRY(store_journal_open(&centre->setup.store, access, options, journal, error));
    store_journal_facts(journal, facts);
    return STATUS_OK;
}

static enum status finish_store(void *context, struct journal *journal, uint64_t state_hash, struct error *error)
{
    (void)context;
    return store_journal_set_final(journal, state_hash, error);
}

static enum status make_mailboxes(struct centre *centre, struct error *error)
{
    size_t queue = centre->setup.queue_bytes_max > QUEUE_BYTES_MIN ? centre->setup.queue_bytes_max : QUEUE_BYTES_MIN;
    TRY(mailbox_create(queue / 2 / 8 * 8, &centre->inbox, error));
    return mailbox_create(OUTBOX_BYTES, &centre->outbox, error);
}

static enum status start_thread(struct centre *centre, struct error *error)
{
    centre->thread_started = thread_start(&centre->thread, "core", centre_core_run, centre);
    if (!centre->thread_started) {
        return ERROR(error, STATUS_IO, "cannot start the core thread: no threads left");
    }
    pthread_mutex_lock(&centre->lock);
    while (!centre->start_known) {
        pthread_cond_wait(&centre->changed, &centre->lock);
    }
    enum status status = centre->start_status;
    if (status != STATUS_OK) {
        *error = centre->start_error;
    }
    pthread_mutex_unlock(&centre->lock);
    return status;
}

/* In the core thread, once the limits of the journal are known. */
enum status centre_start_roads(struct centre *centre, struct error *error)
{
    const struct limits *limits = &engine_core(centre->core.engine)->head->limits;
    const struct road_setup setup = {
        .city = centre->setup.city,
        .threads = centre->setup.road_threads,
        .units_max = limits->units,
        .facilities_max = limits->facilities,
        .estimate_speed = centre->setup.estimate_speed,
        .speeds = centre->setup.speeds,
        .reckon_max = centre->setup.reckon_max,
        .answer = centre_take_road_answer,
        .context = centre,
    };
    return centre->source.ask != NULL ? STATUS_OK : road_workers_create(&setup, &centre->roads, error);
}

static void hear_of_lease(void *context) { mailbox_wake(((struct centre *)context)->inbox); }

/* The core thread looks at it once it is there. */
static enum status start_owner(struct centre *centre, struct error *error)
{
    struct owner *owner = NULL;
    TRY(owner_create(&centre->setup.store, hear_of_lease, centre, &owner, error));
    owner_note(owner, engine_core(centre->mirror.engine)->head->sequence);
    pthread_mutex_lock(&centre->lock);
    centre->owner = owner;
    pthread_mutex_unlock(&centre->lock);
    mailbox_wake(centre->inbox);
    return STATUS_OK;
}

/* In the caller's thread what the core thread does first. */
static enum status begin_by_hand(struct centre *centre, struct error *error)
{
    enum status status = centre_core_begin(centre);
    if (status != STATUS_OK) {
        *error = centre->start_error;
    }
    return status;
}

static enum status create(const struct centre_setup *setup, const struct centre_source *source, bool by_hand,
                          struct centre **centre, struct error *error)
{
    CHECK(setup->group_commands_max > 0);
    struct centre *made = calloc(1, sizeof *made);
    CHECK(made != NULL);
    made->setup = *setup;
    made->core.following = setup->store.lease != NULL;
    made->source = source != NULL ? *source : (struct centre_source){ made, open_store, finish_store, NULL };
    made->state = CENTRE_RECOVERING;
    if (made->setup.group_commands_max > GROUP_COMMANDS_MAX) {
        made->setup.group_commands_max = GROUP_COMMANDS_MAX;
    }
    CHECK(pthread_mutex_init(&made->lock, NULL) == 0 && pthread_mutex_init(&made->positions_lock, NULL) == 0);
    CHECK(pthread_cond_init(&made->changed, NULL) == 0);
    enum status status = make_mailboxes(made, error);
    if (status == STATUS_OK) {
        status = by_hand ? begin_by_hand(made, error) : start_thread(made, error);
    }
    if (status == STATUS_OK && setup->store.lease != NULL) {
        status = start_owner(made, error);
    }
    if (status != STATUS_OK) {
        centre_destroy(made);
        return status;
    }
    *centre = made;
    return STATUS_OK;
}

enum status centre_create_on(const struct centre_setup *setup, const struct centre_source *source, struct centre **centre,
                             struct error *error)
{
    CHECK(setup->road_threads > 0);
    return create(setup, source, false, centre, error);
}

enum status centre_create_by_hand(const struct centre_setup *setup, const struct centre_source *source, struct centre **centre,
                                  struct error *error)
{
    CHECK(source->ask != NULL);
    return create(setup, source, true, centre, error);
}

enum status centre_create(const struct centre_setup *setup, struct centre **centre, struct error *error)
{
    return centre_create_on(setup, NULL, centre, error);
}

/* ---- one of several processes ---- */

/* The owner is set once, after the core thread has begun. */
struct owner *centre_owner(const struct centre *centre)
{
    struct centre *locked = (struct centre *)centre;
    pthread_mutex_lock(&locked->lock);
    struct owner *owner = locked->owner;
    pthread_mutex_unlock(&locked->lock);
    return owner;
}

void centre_campaign(struct centre *centre)
{
    if (centre->owner != NULL) {
        owner_campaign(centre->owner);
    }
}

void centre_resign(struct centre *centre)
{
    if (centre->owner != NULL) {
        owner_resign(centre->owner);
    }
}

enum centre_hand_on centre_hand_on(const struct centre *centre)
{
    return (enum centre_hand_on)atomic_load(&((struct centre *)centre)->hand_on);
}

void centre_hand_on_next(struct centre *centre, enum centre_hand_on done)
{
    int expected = (int)done;
    if (atomic_compare_exchange_strong(&centre->hand_on, &expected, (int)done + 1)) {
        mailbox_wake(centre->inbox);
    }
}

bool centre_owner_facts(const struct centre *centre, struct owner_facts *facts)
{
    struct owner *owner = centre_owner(centre);
    if (owner != NULL) {
        owner_facts(owner, facts);
    }
    return owner != NULL;
}

uint64_t centre_beats(const struct centre *centre) { return atomic_load_explicit(&centre->beats, memory_order_relaxed); }

/* ---- ending ---- */

void centre_drain(struct centre *centre)
{
    mailbox_set_closed(centre->inbox, true);
    pthread_mutex_lock(&centre->lock);
    if (centre->state == CENTRE_READY || centre->state == CENTRE_STANDBY) {
        centre->state = CENTRE_DRAINING;
    }
    pthread_mutex_unlock(&centre->lock);
    atomic_store(&centre->drain, true);
    mailbox_wake(centre->inbox);
}

/* The core thread may wait for room in the outbox: so what comes is delivered until it has ended. */
static void join_core_thread(struct centre *centre)
{
    mailbox_set_closed(centre->inbox, true);
    atomic_store(&centre->stop, true);
    mailbox_wake(centre->inbox);
    while (!atomic_load(&centre->ended)) {
        mailbox_wait(centre->outbox, US_PER_SECOND);
        centre_deliver(centre);
    }
    pthread_join(centre->thread, NULL);
    centre->thread_started = false;
    centre_deliver(centre);
}

void centre_stop(struct centre *centre)
{
    if (centre == NULL) {
        return;
    }
    centre_observe(centre, NULL, NULL);
    centre_observe_effects(centre, NULL, NULL);
    if (centre->thread_started) {
        join_core_thread(centre);
    }
}

void centre_destroy(struct centre *centre)
{
    if (centre == NULL) {
        return;
    }
    centre_stop(centre);
    owner_destroy(centre->owner);
    road_workers_destroy(centre->roads);
    centre_core_free(centre);
    centre_mirror_free(centre);
    mailbox_destroy(centre->inbox);
    mailbox_destroy(centre->outbox);
    free(centre->positions);
    pthread_cond_destroy(&centre->changed);
    pthread_mutex_destroy(&centre->lock);
    pthread_mutex_destroy(&centre->positions_lock);
    free(centre);
}
