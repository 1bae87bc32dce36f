/* What the files of the torture share. */
#ifndef MINGDI_TORTURE_TORTURE_PRIVATE_H
#define MINGDI_TORTURE_TORTURE_PRIVATE_H

#include "base/check.h"
#include "base/random.h"
#include "base/time.h"
#include "base/vec.h"
#include "host/centre_private.h"
#include "sim/agenda.h"
#include "store/failing.h"
#include "store/fault_vfs.h"
#include "store/sqlite.h"
#include "torture/torture.h"

enum {
    SEATS = 4,
    UNITS = 20,
    HOSPITALS = 4,
    POSTS = 5,
    EDGES = 4 + SEATS + UNITS + HOSPITALS, /* and administrator, exchange, vehicles' gateway, broken client */
    OUTBOX_MAX = 64,
    OUTGOING_SIZE = 1024, /* bytes of the largest command that an edge sends */
    FOLDER_SIZE = 64,
};

/* Where the world lies: a box of a few kilometres. */
enum { WEST_E7 = 119600000, SOUTH_E7 = 577000000, WIDTH_E7 = 1200000, HEIGHT_E7 = 700000 };

/* One random stream a quantity; an edge has one of its own, from STREAM_EDGE on. */
enum torture_stream { STREAM_NETWORK, STREAM_FAULTS, STREAM_DISK, STREAM_ROADS, STREAM_EDGE };

/* ---- what is counted ---- */

enum torture_figure {
    FIGURE_CALLS,
    FIGURE_INCIDENTS,
    FIGURE_MISSIONS,
    FIGURE_ALARMS,
    FIGURE_COMMANDS,
    FIGURE_ACCEPTED,
    FIGURE_REFUSED,
    FIGURE_ENTRIES,
    FIGURE_COMMITS,
    FIGURE_SNAPSHOTS,
    FIGURE_RECOVERIES,
    FIGURE_WHOLE_CHECKS,
    FIGURE_FAULT_FIRST, /* from here on faults, each of which must have happened in a run of two hours or more */
    FIGURE_KILLED = FIGURE_FAULT_FIRST,
    FIGURE_KILLED_BEFORE_DISK,
    FIGURE_KILLED_AFTER_DISK,
    FIGURE_POWER_CUT,
    FIGURE_STOPPED,
    FIGURE_START_FAILED,
    FIGURE_JOURNAL_FAILED,
    FIGURE_ANSWER_OF_JOURNAL_LOST,
    FIGURE_DISK_ERROR,
    FIGURE_DISK_FULL,
    FIGURE_DISK_DEAD,
    FIGURE_DISK_SLOW,
    FIGURE_CLOCK_BACK,
    FIGURE_CLOCK_AHEAD,
    FIGURE_LOST,
    FIGURE_DOUBLED,
    FIGURE_OVERTAKEN,
    FIGURE_CUT_OFF,
    FIGURE_SEAT_CRASHED,
    FIGURE_CREW_CRASHED,
    FIGURE_HOSPITAL_CRASHED,
    FIGURE_GATEWAY_CRASHED,
    FIGURE_ROADS_SILENT,
    FIGURE_FLOOD,
    FIGURE_NONSENSE,
    FIGURE_NOT_DURABLE,
    FIGURE_NOT_READY,
    FIGURE_REPEATED,
    FIGURE_IN_DOUBT,
    FIGURE_COUNT,
};

/* ---- what the parent sees ---- */

enum { RECORD_LINES = 40, RECORD_WIDTH = 160 };

/* In memory that outlives the process of the run. */
struct torture_record {
    int64_t now_us;
    bool calm, ended, could_not_run;
    char folder[FOLDER_SIZE];     /* of the run, removed by the parent: the run may crash */
    char broken[48], detail[512]; /* what did not hold; "" while everything does */
    char lines[RECORD_LINES][RECORD_WIDTH];
    uint64_t line_count;
    uint64_t figures[FIGURE_COUNT];
    int64_t calm_us; /* from the last fault until everything had come to an end */
    uint64_t state_hash, sequence;
    struct error error;
};

/* ---- edges ---- */

enum edge_kind {
    EDGE_ADMINISTRATOR,
    EDGE_EXCHANGE,
    EDGE_VEHICLES,
    EDGE_BROKEN,
    EDGE_SEAT,
    EDGE_CREW,
    EDGE_HOSPITAL,
    EDGE_KIND_COUNT,
};

/* What the mirror showed to one edge, when it was asked: copies. Ids 0: nothing of the kind. */
struct sight {
    uint64_t sequence;
    struct instant now; /* the centre's */
    struct call call;
    struct incident incident;
    struct unit unit;
    struct mission mission;
    struct facility facility;
    struct alarm alarm;
    struct message message;
    struct protocol protocol;
    uint8_t answers_here; /* of the step that stands in call.triage */
};

struct outgoing {
    uint64_t command[OUTGOING_SIZE / sizeof(uint64_t)];
};

/* What an edge keeps over a crash: its outbox and its keys, as a phone or a console keeps them. The rest begins anew. */
struct edge {
    enum edge_kind kind;
    uint32_t index, number; /* number: of the seat, unit or facility */
    bool up;
    uint32_t life;    /* counted up at each crash: what was meant for an earlier one is void */
    uint32_t attempt; /* counted up with each sending: older timers are void */
    int64_t skew_us;  /* of its clock */
    int64_t cut_off_until_us;
    struct random_stream stream;
    uint32_t last_key;
    struct outgoing outbox[OUTBOX_MAX]; /* ring */
    uint32_t outbox_first, outbox_count;
    uint32_t tries;         /* of the first in the outbox */
    bool sending;           /* it has been sent, and no answer has come */
    bool looking;           /* a question for the state is under way */
    uint64_t seen_sequence; /* of the last command that was acknowledged: an older sight is of the past */
    /* a crew's plan, as far as it is not read from the sight */
    uint32_t mission, stage; /* stage: enum mission_state, by what was pressed */
    int64_t press_at_us, facility_asked_us;
    bool transports, described;
    /* a hospital's, an administrator's, a gateway's */
    int64_t next_round_us;
};

/* ---- the network ---- */

enum message_kind {
    MESSAGE_COMMAND, /* edge to centre */
    MESSAGE_LOOK,    /* edge to centre: what is there for me? */
    MESSAGE_ANSWER,  /* centre to edge */
    MESSAGE_SIGHT,   /* centre to edge: the answer to a look */
    MESSAGE_NEWS,    /* centre to edge: an effect concerns it */
    MESSAGE_ROADS,   /* the road workers to the centre */
};

enum answer_kind { ANSWER_DONE, ANSWER_NOT_DURABLE, ANSWER_NOT_READY };

struct torture_message {
    enum message_kind kind;
    uint32_t edge, life; /* of the edge that sent it or is to have it; life of the process for an answer of the roads */
    uint64_t number;     /* in order of sending on this edge */
    uint32_t key;        /* of an answer */
    enum answer_kind answer;
    struct step_result result;
    struct sight *sight; /* owned */
    size_t command_size;
    void *command; /* owned */
    bool used;
    uint32_t generation;
};

VEC_TYPE(message_vec, struct torture_message);

/* What will happen: kinds of items on the agenda. */
enum torture_happening {
    HAPPENS_ARRIVAL,      /* subject: message */
    HAPPENS_WAKE,         /* subject: edge, generation: its life */
    HAPPENS_RETRY,        /* subject: edge, generation: its attempt */
    HAPPENS_EDGE_UP,      /* subject: edge, generation: its life */
    HAPPENS_CENTRE_START, /* generation: of the process */
    HAPPENS_FAULT,
    HAPPENS_KILL,        /* by options.kill_every_s */
    HAPPENS_DISK_REPAIR, /* generation: of the disk's fault */
};

/* ---- the store ---- */

enum kill_point { KILL_NOWHERE, KILL_AT_APPEND, KILL_BEFORE_COMMIT, KILL_AFTER_COMMIT, KILL_AT_SNAPSHOT };

struct torture_store {
    char folder[FOLDER_SIZE], *path;
    struct fault_vfs *vfs;
    bool vfs_made;
    uint32_t vfs_fault;     /* counted up with each fault of the disk */
    enum fault_kind broken; /* by which fault, and */
    bool is_broken, strike_counted;
    struct journal inner, failing; /* the witness that the centre gets is outermost */
    bool inner_open, failing_open;
    struct journal_failing_plan plan; /* of this opening */
    bool plan_counted, fails_at_start;
    uint64_t appended, durable;
    int64_t slow_until_us, slow_us;
    enum kill_point kill_point;
    bool killed; /* at that point: nothing of the process comes any more */
};

/* ---- the centre's process ---- */

struct torture_request {
    struct torture *torture;
    struct torture_request *next, **link;
    uint32_t edge, life, key;
    uint16_t kind; /* of the command */
};

struct torture_process {
    struct centre *centre; /* NULL: it is down */
    struct clock *clock;
    struct torture_request *requests; /* whose answer is due */
    uint32_t generation;              /* counted up at each start */
    int64_t next_turn_us;
    uint32_t turns_at_once;       /* in which the clock did not move */
    uint64_t hash, hash_sequence; /* of the owner after the last turn */
    uint32_t answers, refusals;   /* of this turn */
};

/* ---- the checker ---- */

/* What an edge was told about one of its commands, and what the journal holds of it. */
struct told {
    uint64_t sequence, entry; /* 0: not acknowledged; not in the journal */
    uint32_t made;
};

VEC_TYPE(told_vec, struct told);
VEC_TYPE(checksum_vec, uint32_t);

struct torture_checker {
    struct engine *witness;        /* follows what is in the store, entry by entry, from an empty state */
    struct checksum_vec checksums; /* of the entries, [sequence - 1] */
    struct told_vec told[EDGES];   /* by key */
    uint64_t acknowledged;         /* the highest sequence that was */
    uint64_t whole_at;             /* sequence at which everything is read again */
    uint32_t beds[HOSPITALS + 1][BED_KIND_COUNT];
};

/* ---- everything ---- */

enum { REMEMBERED_MAX = 64, DECK_MAX = 32 };

struct torture {
    const struct torture_options *options;
    struct torture_record *record;
    struct random_stream streams[STREAM_EDGE];
    int64_t now_us;
    struct clock_hands hands;
    int64_t wall_offset_us; /* of the centre's machine */
    struct agenda agenda;
    struct message_vec messages;
    uint64_t messages_sent, arrived[2 * EDGES]; /* arrived: highest number by edge and direction */
    struct edge edges[EDGES];
    struct torture_store store;
    struct torture_process process;
    struct torture_checker checker;
    struct city *city;
    struct centre_setup setup;
    struct outgoing remembered[REMEMBERED_MAX]; /* for the broken client */
    uint32_t remembered_count;
    int64_t storm_until_us, roads_silent_until_us, flood_until_us;
    uint32_t deck[DECK_MAX], deck_left;
    bool calm; /* no faults any more */
};

/* ---- torture.c ---- */
void torture_count(struct torture *torture, enum torture_figure figure);
/* One of the last events. */
void torture_note(struct torture *torture, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something does not hold: the run ends after this event. The first one counts. */
void torture_broken(struct torture *torture, const char *what, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool torture_is_broken(const struct torture *torture);
void torture_plan(struct torture *torture, int64_t at_us, enum torture_happening kind, uint32_t subject, uint32_t generation);
/* The clock goes on by so much while something is being done. */
void torture_advance(struct torture *torture, int64_t us);
struct instant torture_wall(const struct torture *torture, int64_t offset_us);

/* ---- random numbers ---- */
uint32_t torture_below(struct random_stream *stream, uint32_t limit);
bool torture_chance(struct random_stream *stream, double probability);
int64_t torture_between_us(struct random_stream *stream, double least_s, double most_s);
struct geo_point torture_place(struct random_stream *stream);

/* ---- torture_network.c ---- */
/* Takes what the message owns. */
void torture_send(struct torture *torture, const struct torture_message *message);
/* Arrives after so long, whatever the network is like. */
void torture_post(struct torture *torture, const struct torture_message *message, int64_t after_us);
void torture_arrive(struct torture *torture, uint32_t message);
void torture_messages_free(struct torture *torture);

/* ---- torture_edge.c ---- */
void edges_create(struct torture *torture);
void edge_wake(struct torture *torture, struct edge *edge);
void edge_retry(struct torture *torture, struct edge *edge);
void edge_up(struct torture *torture, struct edge *edge);
void edge_crash(struct torture *torture, struct edge *edge, int64_t down_us);
void edge_take_answer(struct torture *torture, const struct torture_message *message);
void edge_take_sight(struct torture *torture, const struct torture_message *message);
void edge_look(struct torture *torture, struct edge *edge);
/* Its outbox has room, and everything in it has been acknowledged. */
bool edge_has_room(const struct edge *edge);
bool edge_is_idle(const struct edge *edge);
/* Puts a command into the outbox: its head gets a key of its own, and the time by the edge's clock if occurred. */
void edge_put(struct torture *torture, struct edge *edge, const struct command_head *command, bool occurred);
#define EDGE_PUT(torture, edge, occurred, NAME, name, ACTOR, ...)                          \
    edge_put((torture), (edge),                                                            \
             &((struct command_##name){ .head = { .kind = COMMAND_##NAME,                  \
                                                  .version = COMMAND_##NAME##_VERSION,     \
                                                  .actor_kind = ACTOR_KIND_##ACTOR,        \
                                                  .size = sizeof(struct command_##name) }, \
                                        __VA_ARGS__ })                                     \
                  .head,                                                                   \
             (occurred))
const char *edge_name(const struct edge *edge, char text[24]);

/* ---- torture_desk.c, torture_crew.c, torture_gateway.c: what each kind of edge does ---- */
void seat_act(struct torture *torture, struct edge *edge, const struct sight *sight);
void hospital_wake(struct torture *torture, struct edge *edge);
void hospital_act(struct torture *torture, struct edge *edge, const struct sight *sight);
void crew_wake(struct torture *torture, struct edge *edge);
void crew_act(struct torture *torture, struct edge *edge, const struct sight *sight);
void administrator_open(struct torture *torture, struct edge *edge);
void administrator_wake(struct torture *torture, struct edge *edge);
void exchange_wake(struct torture *torture, struct edge *edge);
void exchange_done(struct torture *torture, struct edge *edge, const struct command_head *command,
                   const struct step_result *result);
void vehicles_wake(struct torture *torture, struct edge *edge);
void broken_wake(struct torture *torture, struct edge *edge);

/* ---- torture_sight.c: what the mirror shows to whom ---- */
void sight_fill(const struct core *core, struct edge *edge, struct instant now, struct sight *sight);

/* ---- torture_store.c ---- */
enum status torture_store_create(struct torture *torture, struct error *error) MUST_USE;
void torture_store_destroy(struct torture *torture);
void torture_store_remove(const char *folder);
enum status torture_store_open(void *context, enum journal_access access, const struct journal_options *options,
                               struct journal *journal, struct journal_facts *facts, struct error *error) MUST_USE;
enum status torture_store_set_final(void *context, struct journal *journal, uint64_t state_hash, struct error *error) MUST_USE;
/* The process has died: its journal is closed without a word reaching the disk; with the power goes what was not synced. */
void torture_store_let_die(struct torture *torture);
void torture_store_cut_power(struct torture *torture);
/* The next process finds the disk as it is: a fault of it stands until the repair. */
void torture_store_be_reborn(struct torture *torture);
void torture_store_break(struct torture *torture, enum fault_kind kind, uint32_t after);
void torture_store_repair(struct torture *torture);

/* ---- torture_centre.c ---- */
void process_start(struct torture *torture);
void process_kill(struct torture *torture, bool power, const char *why);
void process_stop(struct torture *torture);
void process_turn(struct torture *torture);
void process_take(struct torture *torture, const struct torture_message *message);

/* ---- torture_faults.c ---- */
void faults_begin(struct torture *torture);
void faults_next(struct torture *torture);
void faults_kill(struct torture *torture);
void faults_end(struct torture *torture);

/* ---- torture_check.c ---- */
enum status check_create(struct torture *torture, struct error *error) MUST_USE;
void check_destroy(struct torture *torture);
/* The centre has been started: what it found must be all that was acknowledged. */
void check_after_start(struct torture *torture);
void check_after_turn(struct torture *torture, bool idle);
/* An answer leaves the centre. */
void check_answer(struct torture *torture, const struct torture_request *request, const struct centre_answer *answer);
void check_entry(void *torture, const struct entry_head *entry);
void check_effect(struct torture *torture, const struct effect *effect);
/* Reads everything from the first entry: chain, replay from an empty and from a snapshot. */
void check_whole(struct torture *torture);
/* Everything has come to an end; else *left says what has not. */
bool check_is_over(const struct torture *torture, char *left, size_t size);

#endif
