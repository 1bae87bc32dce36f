/* What the files of the centre share, and which thread each thing belongs to. */
#ifndef MINGDI_HOST_CENTRE_PRIVATE_H
#define MINGDI_HOST_CENTRE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "host/centre.h"
#include "host/mailbox.h"
#include "host/road_worker.h"

enum {
    TROUBLE_SIZE = 512,
    BATCH_BYTES = 1 << 20,
    OUTBOX_BYTES = 4 << 20, /* two of them; a batch with its answers fits */
    GROUP_COMMANDS_MAX = 8192,
    RECORD_ENTRY_MAX = 8 + 32 + COMMAND_SIZE_MAX + EVENTS_SIZE_MAX,
    QUEUE_BYTES_MIN = 4 * (COMMAND_SIZE_MAX + 64), /* a centre with less could not take its largest command */
};

/* Where the journal comes from: store.h, or what a test puts in its place; and who is asked about the roads. */
struct centre_source {
    void *context;
    enum status (*open)(void *context, enum journal_access access, const struct journal_options *options, struct journal *journal,
                        struct journal_facts *facts, struct error *error);
    enum status (*set_final)(void *context, struct journal *journal, uint64_t state_hash, struct error *error);
    bool (*ask)(void *context, const struct road_question *question); /* as road_ask; NULL: the road workers of setup.city */
};

/* ---- what lies in the mailboxes ---- */

/* In the inbox; the command follows. */
struct submission {
    uint64_t size; /* with the command */
    void (*answered)(void *context, const struct centre_answer *answer);
    void *context;
};

/* In the outbox. */
enum delivery_kind { DELIVERY_ENTRY, DELIVERY_ANSWER, DELIVERY_EFFECT };

struct delivery {
    uint32_t size, kind; /* with what follows: struct entry_head, struct delivery_answer, struct effect */
};

struct delivery_answer {
    void (*answered)(void *context, const struct centre_answer *answer);
    void *context;
    struct centre_answer answer;
};

/* ---- the core thread's ---- */

/* Answers that wait for the commit of their batch. */
struct pending_answer {
    void (*answered)(void *context, const struct centre_answer *answer);
    void *context;
    struct step_result result;
};

/* The question that the core asked last about an incident or a mission. */
struct asked {
    uint64_t sequence;
    uint32_t subject;
    bool estimate_wanted; /* waits in the list of those */
};

/* A question that is to be answered along straight lines. */
struct estimate_wanted {
    uint32_t kind, slot;
};

struct batch {
    unsigned char *bytes; /* deliveries of entries */
    size_t used;
    struct pending_answer *answers;
    uint32_t answer_count, refused, repeated;
    uint64_t last, last_fingerprint; /* entry in it */
    struct instant now;
};

struct core_side {
    struct engine *engine; /* NULL while the journal is failed */
    struct journal journal;
    bool journal_is_open;
    struct batch batch;
    const unsigned char *records; /* taken from the inbox, and how far they are done */
    size_t records_size, records_done;
    uint64_t delivered, delivered_fingerprint; /* the last entry given to the I/O thread */
    uint64_t snapshot_sequence;                /* of the newest snapshot */
    int64_t retry_us;                          /* wait before the next attempt to open the journal */
    int64_t stumbled_us;                       /* of a process that follows: when it was last logged that it cannot */
    int64_t hand_on_until_us;                  /* then it is handed on, whatever is left to do */
    bool timer_refused;
    struct asked *asked[2]; /* by question kind; slots as in the core */
    uint32_t asked_mask[2];
    struct estimate_wanted *estimates; /* ring of those to be answered along straight lines: each slot of asked at most once */
    uint32_t estimates_first, estimates_count, estimates_size;
    struct road_end *ends; /* of the question being made */
    struct known_position *positions;
    struct command_head *command; /* COMMAND_SIZE_MAX bytes */
    bool following;               /* the journal is open for reading, or is to be: another process owns the centre */
    bool parted;                  /* the journal lacks an entry that the I/O thread has had, or has another in its place */
};

struct known_position {
    struct instant at; /* INSTANT_NONE: none was noted */
    struct geo_point point;
    uint32_t trail_count; /* before it, each ROAD_TRAIL_STEP_M from the next, the newest first */
    struct match_fix trail[ROAD_TRAIL_MAX];
};

/* ---- the I/O thread's ---- */

/* An event with its list, and the entry that it is of. */
struct unit_evidence {
    uint64_t sequence;
    uint64_t event[(sizeof(struct event_units_recommended) + RECOMMENDED_MAX * sizeof(struct candidate)) / sizeof(uint64_t)];
};

struct destination_evidence {
    uint64_t sequence;
    uint64_t event[(sizeof(struct event_destination_recommended) + RECOMMENDED_MAX * sizeof(struct facility_candidate)) /
                   sizeof(uint64_t)];
};

struct mirror {
    struct engine *engine;
    struct unit_evidence *units;               /* by incident's slot */
    struct destination_evidence *destinations; /* by mission's slot */
    uint64_t fingerprint;                      /* of the last entry; 0: there is none */
    void (*entry)(void *observer, const struct entry_head *entry);
    void *entry_observer;
    void (*effect)(void *observer, const struct effect *effect);
    void *effect_observer;
    bool delivering;
};

struct centre {
    struct centre_setup setup;
    struct centre_source source;
    struct mailbox *inbox, *outbox;
    struct road_workers *roads;
    struct owner *owner; /* NULL: this process is the only one */
    pthread_t thread;
    bool thread_started;
    atomic_bool drain, stop, ended; /* ended: the core thread puts nothing more */
    atomic_int hand_on;             /* enum centre_hand_on */
    atomic_ullong beats;            /* centre_beats */

    pthread_mutex_t lock; /* of what follows, up to the next group */
    pthread_cond_t changed;
    enum centre_state state;
    char trouble[TROUBLE_SIZE];
    struct centre_figures figures;
    bool start_known; /* whether the centre stands after its start, and why not */
    enum status start_status;
    struct error start_error;

    pthread_mutex_t positions_lock;
    struct known_position *positions; /* by unit */
    uint32_t units_max;

    struct core_side core;
    struct mirror mirror;
};

/* centre_create on any journal. */
enum status centre_create_on(const struct centre_setup *setup, const struct centre_source *source, struct centre **centre,
                             struct error *error) MUST_USE;

/* ---- by hand: the same life without a thread, for who has a virtual clock ---- */

/* As centre_create_on. No road workers: the source answers for the roads. */
enum status centre_create_by_hand(const struct centre_setup *setup, const struct centre_source *source, struct centre **centre,
                                  struct error *error) MUST_USE;
/* One turn of the core thread; how long it would sleep if nothing came meanwhile. Deliver before the next one: nobody else makes
 * room. */
int64_t centre_turn(struct centre *centre);
/* What the core thread does at its end, after centre_drain. Without it centre_destroy is the death of the process: what was not
 * delivered is lost. */
void centre_end(struct centre *centre);
/* An answer of the roads: into the inbox. Refused while the journal is failed: the question is asked again afterwards. */
void centre_take_road_answer(void *context, const struct command_head *command);

/* centre.c */
void centre_set_state(struct centre *centre, enum centre_state state, const char *trouble);
enum status centre_start_roads(struct centre *centre, struct error *error) MUST_USE;
struct owner *centre_owner(const struct centre *centre); /* any thread; NULL: there is none, or not yet */
/* Gives deliveries to the I/O thread; waits until it has room. */
void centre_deliver_bytes(struct centre *centre, const void *head, size_t head_size, const void *body, size_t body_size);

/* In the core thread: it works. */
static inline void centre_beat(struct centre *centre)
{
    (void)atomic_fetch_add_explicit(&centre->beats, 1, memory_order_relaxed);
}

/* centre_core.c: the core thread. */
void *centre_core_run(void *context);
enum status centre_core_begin(struct centre *centre);
void centre_core_free(struct centre *centre);

/* centre_recover.c: in the core thread. Opens the journal, builds the engine from it and hands entries that the I/O thread has
 * not had to it. On failure nothing is open. */
enum status centre_recover(struct centre *centre, enum journal_access access, struct error *error) MUST_USE;
void centre_close_journal(struct centre *centre);
/* What the engine holds is the present: the clock goes on from there, and what may have been on its way is released once more. */
void centre_resume(struct centre *centre);
/* The state into the journal. */
enum status centre_snapshot(struct centre *centre, struct error *error) MUST_USE;

/* centre_follow.c: in the core thread of a centre that is one of several processes. centre_follow reads what the owner has added,
 * takes over when the lease is ours, and waits a moment; centre_must_step_down: it is not any more; centre_step_down: what waits
 * is answered before. centre_part: whether reading the journal has failed because it is not the one that this process holds in
 * memory; then the lease is given back, and the centre has stopped for good. */
void centre_follow(struct centre *centre);
bool centre_must_step_down(const struct centre *centre);
void centre_step_down(struct centre *centre);
bool centre_part(struct centre *centre, const struct error *error);
/* centre_recover.c, for it: from the last entry that the I/O thread has had, which must stand in the journal, to the end; what is
 * new is applied and handed over. */
enum status centre_read_on(struct centre *centre, struct error *error) MUST_USE;

/* centre_core.c: entries that are stepped are kept for their delivery. */
void centre_begin_to_write(struct centre *centre);

/* centre_questions.c: in the core thread. Called for the effects that ask; the answers along straight lines are stepped by
 * centre_core.c, for which centre_next_estimate writes the next one into core.command, false when there is none. */
void centre_questions_create(struct centre *centre);
void centre_questions_free(struct centre *centre);
void centre_ask(struct centre *centre, const struct effect *effect);
void centre_want_estimate(struct centre *centre, enum road_question_kind kind, uint32_t subject);
bool centre_next_estimate(struct centre *centre);

/* centre_mirror.c. Made in the core thread at the start, the I/O thread's from then on. */
enum status centre_mirror_create(struct centre *centre, struct error *error) MUST_USE;
void centre_mirror_free(struct centre *centre);

#endif
