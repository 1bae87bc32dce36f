#include "host/owner.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/thread.h"

enum {
    RETRY_MS = 50,       /* after the database did not answer */
    FREE_AGAIN_MS = 100, /* to look again at a lease whose owner is dying */
    RESIGN_TRIES = 3,
    YIELD_US = 10000000, /* so long another may take what was handed on to it */
    HEED_US = 10000000,  /* who asked does not wait much longer */
};

struct owner {
    struct store store;
    struct lease *lease;
    void (*changed)(void *context);
    void *context;
    pthread_t thread;
    bool started;
    int wake;
    atomic_bool stop, resign, campaign, yield;
    _Atomic int64_t asked_epoch, asked_us; /* of the lease that somebody asked for, and when; 0: nobody has */
    atomic_bool told;                      /* wake is signalled for more in the journal */
    _Atomic uint64_t sequence;
    pthread_mutex_t lock; /* of facts */
    struct owner_facts facts;
    /* of the thread */
    struct lease_keeper *keeper;
    int64_t told_us;
    int64_t yield_until_us; /* it is another's turn */
    bool resigned;
};

/* ---- facts ---- */

void owner_facts(struct owner *owner, struct owner_facts *facts)
{
    pthread_mutex_lock(&owner->lock);
    *facts = owner->facts;
    pthread_mutex_unlock(&owner->lock);
    facts->left_us = lease_left_us(owner->lease);
    facts->standbys = atomic_load(&owner->lease->others);
}

/* Whether somebody should hear of it. */
static bool keep_view(struct owner *owner, const struct lease_view *view)
{
    pthread_mutex_lock(&owner->lock);
    struct owner_facts *facts = &owner->facts;
    bool is_told = view->holder != LEASE_OURS; /* who owns the centre knows better how far the journal goes */
    bool is_news = !facts->known || facts->holder != view->holder || strcmp(facts->address, view->owner) != 0 ||
                   (is_told && facts->last_sequence != view->last_sequence);
    facts->known = true;
    facts->holder = view->holder;
    facts->turns += 1;
    facts->expected = view->expected;
    if (facts->replica_awaited != view->replica_awaited) {
        LOG(LOG_WARNING, "owner",
            view->replica_awaited ? "waits for a synchronous standby of the database: nothing is acknowledged until one is there"
                                  : "the database has a synchronous standby again",
            LOG_TEXT("store", owner->store.shown));
    }
    facts->replica_awaited = view->replica_awaited;
    facts->trouble[0] = '\0';
    memcpy(facts->address, view->owner, sizeof facts->address);
    facts->last_sequence = is_told ? view->last_sequence : facts->last_sequence;
    pthread_mutex_unlock(&owner->lock);
    return is_news;
}

static void keep_trouble(struct owner *owner, const struct error *error)
{
    pthread_mutex_lock(&owner->lock);
    bool is_first = owner->facts.trouble[0] == '\0';
    owner->facts.failures += 1;
    snprintf(owner->facts.trouble, sizeof owner->facts.trouble, "%.*s", (int)sizeof owner->facts.trouble - 1, error->text);
    pthread_mutex_unlock(&owner->lock);
    if (is_first) {
        LOG(LOG_WARNING, "owner", "who owns the centre cannot be told", LOG_TEXT("why", error->text));
    }
}

/* ---- the thread ---- */

static void signal_thread(struct owner *owner)
{
    uint64_t one = 1;
    CHECK(write(owner->wake, &one, sizeof one) == (ssize_t)sizeof one);
}

static bool ours(const struct owner *owner) { return atomic_load(&owner->lease->epoch) != 0; }

/* How long until the next turn: another's lease is looked at when it would run out. */
static int64_t next_turn_us(const struct owner *owner, const struct lease_view *view)
{
    int64_t turn_us = (int64_t)owner->lease->lease_ms * 1000 / LEASE_TURNS;
    bool waiting = view->holder != LEASE_OURS && view->free_in_us > 0 && view->free_in_us < turn_us;
    int64_t us = waiting ? view->free_in_us + 1000 : turn_us;
    bool soon = view->holder == LEASE_DYING || (view->holder == LEASE_FREE && atomic_load(&owner->campaign));
    return soon && us > FREE_AGAIN_MS * 1000 ? FREE_AGAIN_MS * 1000 : us;
}

/* Until another has it; the row still names this process where it could not be given back. Where nobody is left who could take
 * it, it is claimed at once. */
static enum status mind_turn(struct owner *owner, const struct lease_view *view, struct error *error)
{
    uint32_t heirs = 0;
    if (owner->yield_until_us == 0 || view->holder == LEASE_OURS) {
        owner->yield_until_us = 0;
        return STATUS_OK;
    }
    if (!view->names_us) {
        owner->yield_until_us = 0;
    } else if (view->holder == LEASE_FREE) {
        TRY(lease_heirs(owner->keeper, &heirs, error));
        owner->yield_until_us = heirs > 0 ? owner->yield_until_us : 0;
    }
    return STATUS_OK;
}

static enum status take_turn(struct owner *owner, int64_t *wait_us, struct error *error)
{
    struct lease_view view;
    bool before = ours(owner);
    if (owner->keeper == NULL) {
        TRY(lease_open(&owner->store, &owner->keeper, error));
    }
    bool wanted = atomic_load(&owner->campaign) && clock_monotonic_us() >= owner->yield_until_us;
    TRY(lease_turn(owner->keeper, wanted, atomic_load(&owner->sequence), &view, error));
    TRY(mind_turn(owner, &view, error));
    bool is_news = keep_view(owner, &view);
    if (before != ours(owner)) {
        LOG(LOG_INFO, "owner", before ? "another process owns the centre by now" : "this process owns the centre",
            LOG_TEXT("owner", view.owner), LOG_NUMBER("epoch", atomic_load(&owner->lease->epoch)));
    }
    if (is_news || before != ours(owner)) {
        owner->changed(owner->context);
    }
    *wait_us = next_turn_us(owner, &view);
    return STATUS_OK;
}

/* Somebody follows, and does not know yet. A note is heard by all keepers of the database, of whichever centre: where nobody
 * follows none is sent, and a process of many centres sends no more of them than one of a single centre. */
static bool has_to_tell(const struct owner *owner)
{
    return atomic_load(&owner->told) && ours(owner) && atomic_load(&owner->lease->others) > 0;
}

static int64_t tell_in_us(const struct owner *owner)
{
    int64_t every_us = (int64_t)owner->lease->tell_every_ms * 1000;
    int64_t left_us = owner->told_us + every_us - clock_monotonic_us();
    return left_us > 0 ? left_us : 0;
}

static enum status tell(struct owner *owner, struct error *error)
{
    if (!has_to_tell(owner) || tell_in_us(owner) > 0) {
        return STATUS_OK;
    }
    atomic_store(&owner->told, false);
    owner->told_us = clock_monotonic_us();
    return lease_tell(owner->keeper, error);
}

static void drain_wake(struct owner *owner)
{
    uint64_t ignored;
    ssize_t got = read(owner->wake, &ignored, sizeof ignored);
    CHECK(got == (ssize_t)sizeof ignored || (got < 0 && (errno == EAGAIN || errno == EINTR)));
}

static bool wants_to_go(const struct owner *owner)
{
    return atomic_load(&owner->stop) || (!owner->resigned && (atomic_load(&owner->yield) || atomic_load(&owner->resign)));
}

/* Only to one who is there. */
static enum status heed(struct owner *owner, struct error *error)
{
    uint32_t heirs = 0;
    if (!lease_is_asked_back(owner->keeper)) {
        return STATUS_OK;
    }
    TRY(lease_heirs(owner->keeper, &heirs, error));
    if (heirs == 0) {
        LOG(LOG_WARNING, "owner", "somebody asks that the centre is handed on, and no other process stands by",
            LOG_TEXT("store", owner->store.shown));
        return STATUS_OK;
    }
    atomic_store(&owner->asked_us, clock_monotonic_us());
    atomic_store(&owner->asked_epoch, atomic_load(&owner->lease->epoch));
    LOG(LOG_INFO, "owner", "somebody asks that the centre is handed on", LOG_TEXT("store", owner->store.shown));
    owner->changed(owner->context);
    return STATUS_OK;
}

/* Until the next turn is due, or somebody tells that there is something. */
static enum status listen_until(struct owner *owner, int64_t due_us, struct error *error)
{
    bool campaigned = atomic_load(&owner->campaign), heard = false;
    for (int64_t left_us = due_us - clock_monotonic_us(); left_us > 0; left_us = due_us - clock_monotonic_us()) {
        int64_t most_us = has_to_tell(owner) && tell_in_us(owner) < left_us ? tell_in_us(owner) : left_us;
        if (wants_to_go(owner) || campaigned != atomic_load(&owner->campaign) || (heard && !ours(owner))) {
            return STATUS_OK; /* heard: there is more in the journal, or nobody owns it: look */
        }
        TRY(lease_wait(owner->keeper, owner->wake, (int)(most_us / 1000) + 1, &heard, error));
        drain_wake(owner);
        TRY(heed(owner, error));
        TRY(tell(owner, error));
    }
    return STATUS_OK;
}

static void close_keeper(struct owner *owner)
{
    lease_close(owner->keeper);
    owner->keeper = NULL;
}

static void pause_for(struct owner *owner, int64_t us)
{
    const struct timespec time = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
    if (!wants_to_go(owner)) {
        (void)nanosleep(&time, NULL);
    }
}

static void work(struct owner *owner)
{
    struct error error = { .text = "" };
    int64_t wait_us = 0;
    enum status status = take_turn(owner, &wait_us, &error);
    if (status == STATUS_OK) {
        status = listen_until(owner, clock_monotonic_us() + wait_us, &error);
    }
    if (status != STATUS_OK) {
        keep_trouble(owner, &error);
        close_keeper(owner);
        owner->changed(owner->context);
        pause_for(owner, RETRY_MS * 1000);
    }
}

/* Where it fails the lease runs out by itself. */
static void release(struct owner *owner, bool was_ours)
{
    struct error error = { .text = "" };
    enum status status = STATUS_IO;
    for (int i = 0; i < RESIGN_TRIES && status != STATUS_OK; i++) {
        status = owner->keeper != NULL ? STATUS_OK : lease_open(&owner->store, &owner->keeper, &error);
        if (status == STATUS_OK) {
            status = lease_release(owner->keeper, &error);
        }
        if (status != STATUS_OK) {
            close_keeper(owner);
        }
    }
    atomic_store(&owner->lease->epoch, 0);
    atomic_store(&owner->lease->fence, 0);
    if (status != STATUS_OK) {
        LOG(LOG_WARNING, "owner", "the centre could not be handed on: the lease runs out", LOG_TEXT("why", error.text));
    } else if (was_ours) {
        LOG(LOG_INFO, "owner", "the centre is handed on", LOG_NUMBER("sequence", atomic_load(&owner->sequence)));
    }
}

static void give_back(struct owner *owner)
{
    bool was_ours = ours(owner);
    atomic_store(&owner->campaign, false);
    release(owner, was_ours);
    owner->resigned = true;
}

static void yield_now(struct owner *owner)
{
    atomic_store(&owner->yield, false);
    owner->yield_until_us = clock_monotonic_us() + YIELD_US;
    release(owner, true);
}

static void *run(void *context)
{
    struct owner *owner = context;
    while (!atomic_load(&owner->stop)) {
        if (atomic_load(&owner->resign) && !owner->resigned) {
            give_back(owner);
        } else if (atomic_load(&owner->yield) && !owner->resigned) {
            yield_now(owner);
        } else if (owner->resigned) {
            pause_for(owner, FREE_AGAIN_MS * 1000);
        } else {
            work(owner);
        }
    }
    if (!owner->resigned) {
        give_back(owner);
    }
    close_keeper(owner);
    return NULL;
}

/* ---- from outside ---- */

enum status owner_create(const struct store *store, void (*changed)(void *context), void *context, struct owner **owner,
                         struct error *error)
{
    struct owner *made = calloc(1, sizeof *made);
    CHECK(made != NULL && store->lease != NULL);
    made->store = *store;
    made->lease = store->lease;
    made->changed = changed;
    made->context = context;
    CHECK(pthread_mutex_init(&made->lock, NULL) == 0);
    made->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    made->started = made->wake >= 0 && thread_start(&made->thread, "owner", run, made);
    if (!made->started) {
        owner_destroy(made);
        return ERROR(error, STATUS_IO, "cannot start the thread that keeps the lease: no threads or descriptors left");
    }
    *owner = made;
    return STATUS_OK;
}

void owner_campaign(struct owner *owner)
{
    atomic_store(&owner->campaign, true);
    signal_thread(owner);
}

void owner_note(struct owner *owner, uint64_t sequence)
{
    atomic_store(&owner->sequence, sequence);
    if (ours(owner) && !atomic_exchange(&owner->told, true)) {
        signal_thread(owner);
    }
}

bool owner_is_asked_back(const struct owner *owner)
{
    int64_t epoch = atomic_load(&owner->asked_epoch);
    return epoch != 0 && epoch == atomic_load(&owner->lease->epoch) &&
           clock_monotonic_us() - atomic_load(&owner->asked_us) < HEED_US;
}

void owner_yield(struct owner *owner)
{
    atomic_store(&owner->asked_epoch, 0);
    atomic_store(&owner->yield, true);
    atomic_store(&owner->lease->epoch, 0); /* before the thread has given it back: nobody here counts on it any more */
    signal_thread(owner);
}

void owner_resign(struct owner *owner)
{
    atomic_store(&owner->resign, true);
    signal_thread(owner);
}

void owner_destroy(struct owner *owner)
{
    if (owner == NULL) {
        return;
    }
    atomic_store(&owner->stop, true);
    if (owner->started) {
        signal_thread(owner);
        pthread_join(owner->thread, NULL);
    }
    if (owner->wake >= 0) {
        close(owner->wake);
    }
    pthread_mutex_destroy(&owner->lock);
    explicit_bzero(&owner->store, sizeof owner->store); /* its URL holds the password */
    free(owner);
}
