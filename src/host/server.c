/* Assembly: one struct holds every part; they are made from the lowest up and
 * unmade the other way round. Nothing here decides anything. */
#include "host/server.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "host/api.h"
#include "host/console.h"
#include "host/log.h"
#include "host/oidc.h"
#include "host/places.h"
#include "host/protocols.h"
#include "host/retention.h"
#include "host/secret.h"
#include "host/setup.h"
#include "host/share.h"
#include "policy/policies.h"
#include "road/speeds.h"

enum { PARTS_MAX = 14, HASHING_THREADS = 2, WORK_WAITING_MAX = 1024, PAST_WAITING_MAX = 16, STREAM_CLIENTS_MAX = 2000 };
enum { GOOD_BYE_US = 1000000 }; /* for the clients of the stream to hear that the server stops */
enum { BEAT_US = 200000 };      /* of the loop */

struct server {
    const struct server_setup *setup;
    struct store store; /* that of the setup, with the lease where several processes may serve the centre */
    struct lease lease;
    atomic_bool serving; /* this process owns the centre, and what it holds in memory is as the tables have it */
    struct config config;
    struct event_base *base;
    const struct city *city;
    struct speeds *speeds; /* learned; NULL: none */
    bool zone_taken;       /* by them */
    struct map *map;
    const struct console *console;
    struct oidc *oidc;                 /* NULL: none, or a drill */
    struct passkey_attempts *passkeys; /* the same */
    struct protocols *protocols;
    struct clock *clock;
    struct sql *sql, *report_sql;
    struct workers *clerk, *hashing, *reports, *past_workers;
    struct past *past;
    struct directory *directory;
    struct audit *audit;
    struct personal *personal;
    struct people *people;
    char known_words[300]; /* of which none may be in a password */
    struct control *control;
    struct terminals *terminals;
    struct hands *hands;
    struct places *places;
    struct centre *centre;
    struct positions *positions;
    struct stream *stream;
    struct projector *projector;
    struct metrics *metrics;
    struct api *api;
    struct http_server *http;
    struct event *watches[PARTS_MAX];
    int watch_count;
    struct event *keeping, *draining, *promoting, *beating;
    atomic_ullong beats; /* of the loop */
    int orders;          /* readable when one of these was given */
    atomic_bool ordered_stop, ordered_reading;
    unsigned char master_key[32];
    bool stopping;
    bool parted;               /* the centre has stopped by itself, for good */
    int64_t unserved_since_us; /* the first of the failures to serve what this process owns; 0: none since it owns the centre */
    struct error unserved;     /* why it gave the centre back; "" it did not */
    int64_t drain_until_us, tell_until_us;
};

static bool serves(void *context);
static bool is_sure(void *context);
static void mind_hand_on(struct server *server);
static void mind_role(struct server *server);
static void mind_end(struct server *server);
static void promote_again(evutil_socket_t fd, short what, void *context);
static void tell_address(struct server *server);

/* ---- the loop's ears ---- */

static void hear_workers(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    workers_deliver(context);
}

static void hear_centre(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    struct server *server = context;
    centre_deliver(server->centre);
    projector_wake(server->projector, centre_core(server->centre)->head->sequence);
    mind_hand_on(server);
    mind_role(server);
    mind_end(server);
}

static enum status watch(struct server *server, int fd, event_callback_fn heard, void *context, struct error *error)
{
    CHECK(server->watch_count < PARTS_MAX);
    struct event *event = event_new(server->base, fd, EV_READ | EV_PERSIST, heard, context);
    if (event == NULL || event_add(event, NULL) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the loop");
    }
    server->watches[server->watch_count++] = event;
    return STATUS_OK;
}

/* ---- stopping ---- */

static void look_whether_drained(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    struct server *server = context;
    bool late = clock_monotonic_us() > server->drain_until_us;
    struct stream_figures stream;
    stream_figures(server->stream, &stream);
    bool told = stream.clients == 0 || clock_monotonic_us() > server->tell_until_us;
    bool done = centre_state(server->centre) == CENTRE_STOPPED && http_requests_open(server->http) == 0 && told;
    bool quiet = centre_state(server->centre) == CENTRE_STOPPED && http_requests_open(server->http) == 0;
    if (quiet && projector_rests(server->projector)) {
        centre_resign(server->centre); /* another goes on while clients are told */
    }
    if (late && !done) {
        LOG(LOG_WARNING, "server", "stopping before everything was drained",
            LOG_NUMBER("open", http_requests_open(server->http)));
    }
    if (done || late) {
        (void)event_base_loopbreak(server->base);
    }
}

/* Requests under way are answered, what was submitted becomes durable, clients
 * are told; then the loop ends. */
static void drain(struct server *server)
{
    if (server->stopping) {
        return;
    }
    server->stopping = true;
    LOG(LOG_INFO, "server", "draining", LOG_NUMBER("seconds_max", server->config.drain_s));
    server->drain_until_us = clock_monotonic_us() + server->config.drain_s * US_PER_SECOND;
    server->tell_until_us = clock_monotonic_us() + GOOD_BYE_US;
    http_quiesce(server->http);
    stream_close_all(server->stream);
    positions_flush(server->positions);
    if (server->store.lease != NULL) {
        projector_hold(server->projector, true); /* the tables are the next owner's in a moment */
    }
    centre_drain(server->centre);
    const struct timeval every = { .tv_usec = 20000 };
    (void)event_add(server->draining, &every);
}

/* ---- settings that change while it runs ---- */

/* The rules as they are, with the settings' alarms and targets in their place. */
static void fill_rules(const struct server *server, struct command_policy_set *command)
{
    const struct policy_rules *rules = &centre_core(server->centre)->head->rules;
    COMMAND_BEGIN(command, POLICY_SET, ACTOR_KIND_ADMIN);
    command->divert_matrix = rules->divert_matrix;
    command->queue_rule = rules->queue_rule;
    command->destination_rule = rules->destination_rule;
    command->divert_gain_min = rules->divert_gain_min;
    command->position_age_step_ms = rules->position_age_step_ms;
    command->returning_waits = rules->returning_waits;
    command->beds_required = rules->beds_required;
    setup_fill_policy(&server->config, command);
}

enum { RULES_WORDS = (sizeof(struct command_policy_set) + PRIORITY_COUNT * sizeof(struct priority_rule)) / sizeof(uint64_t) + 1 };

static void renew_rules(struct server *server)
{
    if (!server->serving) {
        return; /* whoever owns the centre does; and this process when it takes over */
    }
    uint64_t room[RULES_WORDS];
    struct command_policy_set *command = (struct command_policy_set *)room;
    fill_rules(server, command);
    if (centre_submit(server->centre, &command->head, NULL, NULL) != CENTRE_TAKEN) {
        LOG(LOG_ERROR, "server", "the rules could not be given to the centre: set them again",
            LOG_NUMBER("state", centre_state(server->centre)));
    }
}

/* Whether the core decides by what the settings say. */
static bool rules_hold(const struct server *server)
{
    uint64_t room[RULES_WORDS];
    const struct command_policy_set *wanted = (const struct command_policy_set *)room;
    fill_rules(server, (struct command_policy_set *)room);
    const struct policy_rules *rules = &centre_core(server->centre)->head->rules;
    const uint32_t limits_s[][2] = {
        { wanted->ring_limit_s, rules->limit_s[ALARM_KIND_RING_UNANSWERED] },
        { wanted->call_back_limit_s, rules->limit_s[ALARM_KIND_CALL_BACK_DUE] },
        { wanted->travel_times_limit_s, rules->limit_s[ALARM_KIND_TRAVEL_TIMES_SILENT] },
        { wanted->decision_limit_s, rules->limit_s[ALARM_KIND_RECOMMENDATION_UNDECIDED] },
        { wanted->acknowledge_limit_s, rules->limit_s[ALARM_KIND_ORDER_UNACKNOWLEDGED] },
        { wanted->depart_limit_s, rules->limit_s[ALARM_KIND_DEPARTURE_LATE] },
        { wanted->scene_limit_s, rules->limit_s[ALARM_KIND_SCENE_SILENT] },
        { wanted->unit_silent_limit_s, rules->limit_s[ALARM_KIND_UNIT_SILENT] },
        { wanted->beds_stale_limit_s, rules->limit_s[ALARM_KIND_BEDS_STALE] },
        { wanted->prealert_limit_s, rules->limit_s[ALARM_KIND_PREALERT_UNACKNOWLEDGED] },
    };
    bool hold = true;
    for (size_t i = 0; i < sizeof limits_s / sizeof limits_s[0]; i++) {
        hold = hold && limits_s[i][0] == limits_s[i][1];
    }
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        hold = hold && wanted->items[i].response_target.us == rules->response_target[i].us;
    }
    return hold;
}

/* The alarms' limits and the response targets are rules of the core. */
static bool is_rule(const char *name)
{
    size_t length = strlen(name);
    static const char limit[] = "_limit_s";
    bool is_limit = length > sizeof limit && strcmp(name + length - (sizeof limit - 1), limit) == 0;
    return is_limit || strncmp(name, "target_", strlen("target_")) == 0;
}

/* The passwords of a drill are everybody's: it asks for no second factor of its own, and for none of them again. */
static struct people_setup people_rules_of(const struct config *config, bool drill)
{
    return (struct people_setup){
        .session_hours = (uint32_t)config->session_hours,
        .session_idle_minutes = (uint32_t)config->session_idle_minutes,
        .failures_before_lock = (uint32_t)config->failures_before_lock,
        .lock_minutes = (uint32_t)config->lock_minutes,
        .attempts_per_minute = (uint32_t)config->sign_ins_per_minute,
        .totp_for_all = config->totp_for_all && !drill,
        .first_password_days = drill ? 0 : (uint32_t)config->first_password_days,
        .ask_again_minutes = drill ? 0 : (uint32_t)config->ask_again_minutes,
        .token_days = (uint32_t)config->token_days,
        .tls_in_front = config->behind_proxy,
    };
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

/* What is not here is read from the settings whenever it is needed. */
static void config_changed(void *context, const char *name)
{
    static const char *const of_people[] = {
        "session_hours", "session_idle_minutes", "failures_before_lock", "lock_minutes", "sign_ins_per_minute",
        "totp_for_all",  "first_password_days",  "ask_again_minutes",    "token_days",   NULL
    };
    static const char *const of_stream[] = { "stream_waiting_bytes_max", "positions_every_ms", NULL };
    struct server *server = context;
    const struct config *config = &server->config;
    if (is_rule(name)) {
        renew_rules(server);
    } else if (is_one_of(name, of_people)) {
        const struct people_setup rules = people_rules_of(config, server->store.drill);
        people_set_rules(server->people, &rules);
        if (server->serving) {
            people_count_given(server->people);
        }
    } else if (is_one_of(name, of_stream)) {
        stream_set_pace(server->stream, (size_t)config->stream_waiting_bytes_max, (uint32_t)config->positions_every_ms);
    } else if (strcmp(name, "position_keep_s") == 0) {
        positions_set_keep(server->positions, (uint32_t)config->position_keep_s);
    } else if (strcmp(name, "body_bytes_max") == 0) {
        http_set_body_bytes_max(server->http, (uint32_t)config->body_bytes_max);
    } else if (strcmp(name, "log_level") == 0) {
        log_set_level(log_level_of(config->log_level));
    } else if (strcmp(name, "drill_speed") == 0 && server->store.drill) {
        clock_set_speed(server->clock, (uint32_t)config->drill_speed);
    }
}

struct rereading {
    struct server *server;
    struct config fresh;
    enum status status;
    struct error error;
};

/* In the clerk. */
static void read_settings(void *job)
{
    struct rereading *rereading = job;
    const struct server *server = rereading->server;
    rereading->status = settings_read(&server->setup->settings, server->sql, &rereading->fresh, &rereading->error);
}

static void keep_house(evutil_socket_t fd, short what, void *context);

static void tell_waiting(void *context, const char *name)
{
    (void)context;
    LOG(LOG_WARNING, "server", "a setting has changed that waits for a restart", LOG_TEXT("setting", name));
}

static void settings_were_read(void *job)
{
    struct rereading *rereading = job;
    if (rereading->status == STATUS_OK) {
        config_each_waiting(&rereading->server->config, &rereading->fresh, tell_waiting, NULL);
        config_take_live(&rereading->server->config, &rereading->fresh, config_changed, rereading->server);
        LOG(LOG_INFO, "server", "the settings were read again", LOG_NUMBER("status", rereading->status));
        keep_house(-1, 0, rereading->server);
    } else {
        LOG(LOG_ERROR, "server", "the settings were not read again", LOG_TEXT("why", rereading->error.text));
    }
    free(rereading);
}

static void read_settings_again(struct server *server)
{
    struct rereading *rereading = calloc(1, sizeof *rereading);
    if (rereading == NULL) {
        return;
    }
    rereading->server = server;
    rereading->status = STATUS_IO; /* until it was done: a server that stops drops it */
    if (!workers_give(server->clerk, read_settings, settings_were_read, rereading)) {
        free(rereading);
        LOG(LOG_ERROR, "server", "the settings were not read again",
            LOG_TEXT("why", "the clerk has too much to do; signal again"));
    }
}

/* sql: of this thread. */
static struct protocols_setup protocols_setup_of(const struct server *server, struct sql *sql)
{
    const struct core *core = centre_core(server->centre);
    return (struct protocols_setup){
        .public_key = server->config.protocol_key,
        .drill = server->store.drill,
        .standby = server->store.lease != NULL && !server->serving,
        .sql = sql,
        .held = core->protocols,
        .held_count = core->head->protocol_count,
    };
}

/* The protocols read again: all that the clerk needs, copied. */
struct relearning {
    struct server *server;
    struct protocols_setup setup;
    char *folder, key[sizeof((struct config *)NULL)->protocol_key];
    struct protocol held[PROTOCOLS_CEILING];
    struct protocols *fresh;
    enum status status;
    struct error error;
};

/* In the clerk. */
static void read_protocols(void *job)
{
    struct relearning *relearning = job;
    relearning->setup.sql = relearning->server->sql;
    relearning->status = protocols_open(&relearning->setup, &relearning->fresh, &relearning->error);
}

static void protocols_were_read(void *job)
{
    struct relearning *relearning = job;
    struct server *server = relearning->server;
    if (relearning->status == STATUS_OK) {
        protocols_replace(server->protocols, relearning->fresh);
        if (server->serving) {
            protocols_give(server->protocols, server->centre);
        }
    } else {
        LOG(LOG_ERROR, "server", "the triage protocols were not read again", LOG_TEXT("why", relearning->error.text));
    }
    free(relearning->folder);
    free(relearning);
}

static void read_protocols_again(struct server *server)
{
    struct relearning *relearning = calloc(1, sizeof *relearning);
    char *folder = relearning == NULL ? NULL : share_folder(server->config.protocols, server->setup->folder, "protocols");
    if (relearning != NULL && folder != NULL) {
        relearning->server = server;
        relearning->status = STATUS_IO; /* until it was done: a server that stops drops it */
        relearning->setup = protocols_setup_of(server, NULL);
        memcpy(relearning->held, relearning->setup.held, relearning->setup.held_count * sizeof relearning->held[0]);
        memcpy(relearning->key, server->config.protocol_key, sizeof relearning->key);
        relearning->setup.held = relearning->held;
        relearning->setup.public_key = relearning->key;
        relearning->setup.folder = relearning->folder = folder;
        if (workers_give(server->clerk, read_protocols, protocols_were_read, relearning)) {
            return;
        }
    }
    free(folder);
    free(relearning);
    LOG(LOG_ERROR, "server", "the triage protocols were not read again",
        LOG_TEXT("why", "the clerk has too much to do, or there is no memory; signal again"));
}

/* ---- orders from another thread ---- */

static void hear_orders(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    struct server *server = context;
    uint64_t ignored;
    ssize_t got = read((int)fd, &ignored, sizeof ignored);
    CHECK(got == (ssize_t)sizeof ignored || errno == EAGAIN || errno == EINTR);
    if (atomic_exchange(&server->ordered_reading, false)) {
        read_settings_again(server);
        read_protocols_again(server);
    }
    if (atomic_load(&server->ordered_stop)) {
        drain(server);
    }
}

static void order(struct server *server, atomic_bool *which)
{
    const uint64_t one = 1;
    atomic_store(which, true);
    CHECK(write(server->orders, &one, sizeof one) == (ssize_t)sizeof one);
}

void server_stop(struct server *server) { order(server, &server->ordered_stop); }
void server_read_settings(struct server *server) { order(server, &server->ordered_reading); }

/* ---- keeping house ---- */

struct housekeeping {
    struct server *server;
    struct retention retention;
    struct error error;
    enum status status;
};

/* In the clerk. */
static void keep_policy(void *job)
{
    struct housekeeping *keeping = job;
    keeping->status = retention_apply(&keeping->retention, keeping->server->master_key, keeping->server->sql, &keeping->error);
}

/* Names that are gone from the tables go from memory too. By a connection of its own: the clerk has the other one. */
static void forget_names(struct server *server)
{
    struct error error = { .text = "" };
    struct sql *sql = NULL;
    enum status status = store_tables_open(&server->store, SQL_CENTRE, true, &sql, &error);
    if (status == STATUS_OK) {
        status = people_reload(server->people, sql, &error);
    }
    sql_close(sql);
    if (status != STATUS_OK) {
        LOG(LOG_ERROR, "server", "names of leavers are shown until the next start", LOG_TEXT("why", error.text));
    }
}

static void kept_policy(void *job)
{
    struct housekeeping *keeping = job;
    const uint64_t *counts = keeping->retention.counts;
    if (keeping->status != STATUS_OK && keeping->error.text[0] != '\0') {
        LOG(LOG_ERROR, "server", "what has been kept long enough could not go", LOG_TEXT("why", keeping->error.text));
    }
    for (int kind = 0; kind < RETENTION_COUNT; kind++) {
        if (counts[kind] > 0) {
            LOG(LOG_INFO, "server", "kept long enough, and gone", LOG_TEXT("kind", RETENTION_NAMES[kind]),
                LOG_NUMBER("count", (int64_t)counts[kind]));
        }
    }
    if (counts[RETENTION_LEAVERS] > 0) {
        forget_names(keeping->server);
    }
    free(keeping);
}

/* Once an hour, and when somebody asks for it: what is older than the settings allow. */
static void keep_house(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    struct server *server = context;
    if (!server->serving) {
        return;
    }
    struct housekeeping *keeping = calloc(1, sizeof *keeping);
    if (keeping == NULL) {
        return;
    }
    keeping->server = server;
    keeping->status = STATUS_IO; /* until it was done: a server that stops drops it */
    retention_begin(&server->config, server->setup->folder, clock_wall(), &keeping->retention);
    keeping->retention.days[RETENTION_BACKUPS] = 0; /* their disk may be another machine's, and the clerk must not wait for it */
    if (!workers_give(server->clerk, keep_policy, kept_policy, keeping)) {
        free(keeping);
    }
}

/* ---- being alive ---- */

static void beat(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    atomic_fetch_add(&((struct server *)context)->beats, 1);
}

static enum status begin_beating(struct server *server, struct error *error)
{
    const struct timeval every = { .tv_usec = BEAT_US };
    server->beating = event_new(server->base, -1, EV_PERSIST, beat, server);
    if (server->beating == NULL || event_add(server->beating, &every) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the loop");
    }
    return STATUS_OK;
}

/* ---- making ---- */

/* They are never made anew beside a journal that exists: people, callers and the audit trail would seem to be gone. */
static enum status open_centre_tables(struct server *server, struct error *error)
{
    const struct store *store = &server->store;
    struct sql *there = NULL;
    enum status status = store_tables_open(store, SQL_CENTRE, true, &there, error);
    if (status == STATUS_NOT_FOUND) {
        return ERROR(error, status,
                     "%s: centre.db is missing: people, callers' data and the audit trail are in it; put back its copy",
                     store->shown);
    }
    TRY(status);
    sql_close(there);
    return store_tables_open(store, SQL_CENTRE, false, &server->sql, error);
}

/* For reading only. They may not be there: a copy is brought back without them, and the projector fills them from the journal. */
static enum status open_report_tables(struct server *server, struct error *error)
{
    struct sql *made = NULL;
    TRY(store_tables_open(&server->store, SQL_REPORT, false, &made, error));
    sql_close(made);
    return store_tables_open(&server->store, SQL_REPORT, true, &server->report_sql, error);
}

static enum status open_stores(struct server *server, struct error *error)
{
    TRY(open_centre_tables(server, error));
    TRY(settings_read(&server->setup->settings, server->sql, &server->config, error));
    server->lease.lease_ms = (uint32_t)server->config.lease_ms;
    log_set_level(log_level_of(server->config.log_level));
    TRY(open_report_tables(server, error));
    TRY(directory_load(server->sql, &server->directory, error));
    TRY(workers_create("clerk", 1, WORK_WAITING_MAX, &server->clerk, error));
    TRY(workers_create("hashing", HASHING_THREADS, WORK_WAITING_MAX, &server->hashing, error));
    workers_bound(server->hashing, commons_hashing(server->setup->commons));
    TRY(workers_create("past", 1, PAST_WAITING_MAX, &server->past_workers, error));
    return workers_create("reports", 1, WORK_WAITING_MAX, &server->reports, error);
}

/* A standby may be the first to start after 'mingdi init': so this one note is made without owning the centre. */
static enum status note_key(struct server *server, struct error *error)
{
    struct store store = server->store;
    struct sql *sql = NULL;
    store.lease = NULL;
    TRY(store_tables_open(&store, SQL_CENTRE, false, &sql, error));
    enum status status = personal_check_key(sql, server->master_key, error);
    sql_close(sql);
    return status;
}

static enum status open_people(struct server *server, struct error *error)
{
    const struct config *config = &server->config;
    char *key_path = config->master_key_file[0] != '\0' ? strdup(config->master_key_file)
                                                        : file_join(server->setup->folder, "master.key");
    if (key_path == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a path");
    }
    enum status status = master_key_load(key_path, false, server->master_key, error);
    free(key_path);
    TRY(status);
    TRY(note_key(server, error));
    TRY(audit_create(server->sql, server->clerk, &server->audit, error));
    TRY(personal_create(server->sql, server->clerk, server->master_key, &server->personal, error));
    TRY(control_create(server->sql, server->clerk, &server->control, error));
    TRY(terminals_create(server->sql, server->clerk, clock_wall(), &server->terminals, error));
    struct people_setup people = people_rules_of(config, server->store.drill);
    people.sql = server->sql;
    people.clerk = server->clerk;
    people.hashing = server->hashing;
    people.audit = server->audit;
    people.drill = server->store.drill;
    people.master_key = server->master_key;
    if (!server->store.drill) { /* passwords of a drill are everybody's */
        (void)snprintf(server->known_words, sizeof server->known_words, "%.200s",
                       config->name); /* and, as soon as it is open, the city's */
        people.known_words = server->known_words;
    }
    people.passkeys = config->passkeys && !server->store.drill;
    people.provider = config->oidc_issuer[0] != '\0' && !server->store.drill;
    people.local_accounts = people.provider ? config->local_accounts : "";
    return people_create(&people, &server->people, error);
}

static struct limits limits_of(const struct config *config)
{
    struct limits limits = LIMITS_DEFAULT;
    limits.calls = (uint32_t)config->limit_calls;
    limits.incidents = (uint32_t)config->limit_incidents;
    limits.units = (uint32_t)config->limit_units;
    limits.posts = (uint32_t)config->limit_posts;
    limits.facilities = (uint32_t)config->limit_facilities;
    limits.keys = (uint32_t)config->limit_keys;
    return limits;
}

/* Of a file named in the settings; NULL when memory is refused. */
static char *path_in_folder(const struct server *server, const char *name)
{
    return name[0] == '/' ? strdup(name) : file_join(server->setup->folder, name);
}

/* Bands of the week are counted by the centre's clock on the wall. Nothing else here looks at the time zone of the process. */
static enum status open_speeds(struct server *server, const struct config *config, struct error *error)
{
    if (config->speeds_file[0] == '\0') {
        return STATUS_OK;
    }
    if (city_is_from_arcs(server->city)) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "speeds_file: %s was made from arc tables, whose roads have no classes: leave the setting empty",
                     city_name(server->city));
    }
    TRY(commons_take_zone(server->setup->commons, config->time_zone, error));
    server->zone_taken = true;
    char *path = path_in_folder(server, config->speeds_file);
    server->speeds = malloc(sizeof *server->speeds);
    enum status status = path == NULL || server->speeds == NULL
                             ? ERROR(error, STATUS_NO_MEMORY, "no memory for the learned speeds")
                             : speeds_read(path, server->speeds, error);
    free(path);
    return status;
}

static enum status open_centre(struct server *server, struct error *error)
{
    const struct config *config = &server->config;
    char *city_path = path_in_folder(server, config->city_file);
    if (city_path == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a path");
    }
    enum status status = commons_city_open(server->setup->commons, city_path, &server->city, error);
    free(city_path);
    TRY(status);
    size_t known = strlen(server->known_words);
    (void)snprintf(server->known_words + known, sizeof server->known_words - known, " %.90s", city_name(server->city));
    TRY(map_create(server->city, &server->map, error));
    TRY(open_speeds(server, config, error));
    server->clock = clock_create(server->store.drill, INSTANT_NONE, (uint32_t)config->drill_speed);
    struct centre_setup centre = {
        .store = server->store,
        .limits = limits_of(config),
        .policy = policy_find(config->policy),
        .city = server->city,
        .clock = server->clock,
        .road_threads = (uint32_t)config->road_threads,
        .snapshot_every = (uint32_t)config->snapshot_every,
        .queue_bytes_max = (uint32_t)config->queue_bytes_max,
        .group_commands_max = (uint32_t)config->group_commands_max,
        .estimate_speed = duration_seconds(config->estimate_s_per_km),
        .speeds = server->speeds,
        .reckon_max = duration_seconds(config->position_reckon_s),
        .drill = server->store.drill,
    };
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        centre.mobilisation[i] = duration_seconds(config->mobilisation_s);
    }
    if (server->clock == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the clock");
    }
    return centre_create(&centre, &server->centre, error);
}

/* A name is stored before the thing that bears it: what a death between the two has left belongs to nothing. */
static enum status drop_names_of_nothing(struct server *server, struct sql *sql, struct error *error)
{
    const struct core_head *head = centre_core(server->centre)->head;
    const uint32_t last[DIRECTORY_KIND_COUNT] = {
        [DIRECTORY_POST] = head->post_count, [DIRECTORY_UNIT] = head->unit_count, [DIRECTORY_FACILITY] = head->facility_count
    };
    for (enum directory_kind kind = DIRECTORY_POST; kind <= DIRECTORY_FACILITY; kind++) {
        uint32_t dropped;
        TRY(directory_drop_beyond(sql, server->directory, kind, last[kind], &dropped, error));
        if (dropped > 0) {
            LOG(LOG_WARNING, "server", "names were dropped whose bearers never came about", LOG_NUMBER("names", dropped),
                LOG_TEXT("kind", DIRECTORY_KIND_NAMES[kind]));
        }
    }
    return STATUS_OK;
}

static enum status open_followers(struct server *server, struct error *error)
{
    const struct config *config = &server->config;
    bool drill = server->store.drill;
    TRY(projector_create(&server->store, &centre_core(server->centre)->head->limits, &server->projector, error));
    TRY(positions_create(server->base, server->centre, server->clock, (uint32_t)config->position_keep_s, &server->positions,
                         error));
    server->hands = hands_create();
    if (server->hands == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for who works on what");
    }
    const struct stream_setup stream = {
        .base = server->base,
        .centre = server->centre,
        .directory = server->directory,
        .people = server->people,
        .positions = server->positions,
        .control = server->control,
        .hands = server->hands,
        .clock = server->clock,
        .waiting_bytes_max = (size_t)config->stream_waiting_bytes_max,
        .ring_entries = (uint32_t)config->stream_ring_entries,
        .positions_every_ms = (uint32_t)config->positions_every_ms,
        .drill = drill,
        .clients_max = STREAM_CLIENTS_MAX,
        .control_absent_us = drill ? CONTROL_ABSENT_US : 0,
    };
    TRY(stream_create(&stream, &server->stream, error));
    centre_observe(server->centre, stream_entry, server->stream);
    server->metrics = metrics_create();
    return server->metrics != NULL ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for metrics");
}

/* Before the clerk has anything to do: the tables are read here. */
static enum status open_protocols(struct server *server, struct error *error)
{
    char *folder = share_folder(server->config.protocols, server->setup->folder, "protocols");
    struct protocols_setup setup = protocols_setup_of(server, server->sql);
    setup.folder = folder;
    enum status status = protocols_open(&setup, &server->protocols, error);
    free(folder);
    return status;
}

/* A centre that has lost its console still serves terminals and machines, and says what is missing. */
static void open_console(struct server *server)
{
    struct error error = { .text = "" };
    char *folder = console_folder(server->config.console, server->setup->folder);
    if (commons_console_open(server->setup->commons, folder, &server->console, &error) == STATUS_OK) {
        LOG(LOG_INFO, "server", "the console was read", LOG_TEXT("folder", folder),
            LOG_NUMBER("files", (int64_t)console_file_count(server->console)),
            LOG_NUMBER("bytes", (int64_t)console_bytes(server->console)));
    } else {
        LOG(LOG_WARNING, "server", "there is no console", LOG_TEXT("why", error.text));
    }
    free(folder);
}

/* A drill has accounts of its own. A provider that is silent now may speak later; settings that cannot be right stop the
 * start. */
static enum status open_provider(struct server *server, struct error *error)
{
    if (server->config.oidc_issuer[0] == '\0' || server->store.drill) {
        return STATUS_OK;
    }
    TRY(oidc_create(&server->config, server->setup->folder, &server->oidc, error));
    return watch(server, workers_fd(oidc_workers(server->oidc)), hear_workers, oidc_workers(server->oidc), error);
}

static enum status open_passkeys(struct server *server, struct error *error)
{
    struct passkey_site site;
    if (!server->config.passkeys || server->store.drill) {
        return STATUS_OK;
    }
    CHECK(passkey_site_of(server->config.public_address, &site) == NULL); /* config_check has seen to it */
    server->passkeys = passkey_attempts_create(&site);
    return server->passkeys != NULL ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for passkeys");
}

static enum status open_doors(struct server *server, struct error *error)
{
    const struct config *config = &server->config;
    TRY(past_create(&server->store, &centre_core(server->centre)->head->limits, policy_find(config->policy), &server->past,
                    error));
    TRY(places_create(server->city, server->directory, &server->places, error));
    open_console(server);
    TRY(open_provider(server, error));
    TRY(open_passkeys(server, error));
    const struct api_setup api = {
        .centre = server->centre,
        .clock = server->clock,
        .directory = server->directory,
        .people = server->people,
        .audit = server->audit,
        .personal = server->personal,
        .positions = server->positions,
        .control = server->control,
        .hands = server->hands,
        .terminals = server->terminals,
        .places = server->places,
        .stream = server->stream,
        .projector = server->projector,
        .metrics = server->metrics,
        .http = &server->http,
        .config = &server->config,
        .sql = server->sql,
        .clerk = server->clerk,
        .reports = server->reports,
        .report_sql = server->report_sql,
        .past = server->past,
        .past_workers = server->past_workers,
        .store = &server->store,
        .map = server->map,
        .protocols = server->protocols,
        .oidc = server->oidc,
        .passkeys = server->passkeys,
        .console = server->console,
        .config_changed = config_changed,
        .context = server,
        .drill = server->store.drill,
        .serves = serves,
        .is_sure = is_sure,
    };
    TRY(api_create(&api, &server->api, error));
    const struct http_setup http = {
        .address = config->address,
        .port = (uint16_t)config->port,
        .connections_max = commons_connections(server->setup->commons, (uint32_t)config->connections_max),
        .connections_per_address_max = (uint32_t)config->connections_per_address_max,
        .body_bytes_max = (uint32_t)config->body_bytes_max,
        .idle_timeout_s = (uint32_t)config->idle_timeout_s,
        .behind_proxy = config->behind_proxy,
        .drill = server->store.drill,
        .handle = api_handle,
        .context = server->api,
    };
    TRY(http_create(server->base, &http, &server->http, error));
    tell_address(server);
    return STATUS_OK;
}

static enum status open_ears(struct server *server, struct error *error)
{
    TRY(watch(server, server->orders, hear_orders, server, error));
    TRY(watch(server, workers_fd(server->clerk), hear_workers, server->clerk, error));
    TRY(watch(server, workers_fd(server->hashing), hear_workers, server->hashing, error));
    TRY(watch(server, workers_fd(server->reports), hear_workers, server->reports, error));
    TRY(watch(server, workers_fd(server->past_workers), hear_workers, server->past_workers, error));
    TRY(watch(server, workers_fd(places_searchers(server->places)), hear_workers, places_searchers(server->places), error));
    TRY(watch(server, workers_fd(places_travellers(server->places)), hear_workers, places_travellers(server->places), error));
    TRY(watch(server, workers_fd(server->map->workers), hear_workers, server->map->workers, error));
    TRY(watch(server, centre_fd(server->centre), hear_centre, server, error));
    const struct timeval hour = { .tv_sec = 3600 };
    server->keeping = event_new(server->base, -1, EV_PERSIST, keep_house, server);
    server->draining = event_new(server->base, -1, EV_PERSIST, look_whether_drained, server);
    server->promoting = event_new(server->base, -1, 0, promote_again, server);
    if (server->keeping == NULL || server->draining == NULL || server->promoting == NULL ||
        event_add(server->keeping, &hour) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the loop");
    }
    return begin_beating(server, error);
}

/* ---- one of several processes: whether this one serves ---- */

enum { PROMOTE_AGAIN_US = 200000, UNSERVED_MAX_US = 10000000 };
enum { AWAIT_ROLE_EXTRA_US = 3000000, AWAIT_STEP_MS = 20 };

/* A PostgreSQL store may be served by several processes, each with an id that nobody has had before. */
static void take_lease(struct server *server)
{
    unsigned char bytes[(LEASE_ID_SIZE - 1) / 2];
    if (server->store.kind != STORE_POSTGRES) {
        return;
    }
    secret_random(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(server->lease.id + 2 * i, 3, "%02x", bytes[i]);
    }
    server->lease.lease_ms = LEASE_MS_DEFAULT; /* until the settings were read */
    server->lease.tell_every_ms = LEASE_TELL_MS * commons_centres(server->setup->commons);
    server->store.lease = &server->lease;
}

/* Where others are told to find this process. */
static void tell_address(struct server *server)
{
    const struct config *config = &server->config;
    bool six = strchr(config->address, ':') != NULL;
    char address[LEASE_ADDRESS_SIZE];
    if (config->owner_address[0] != '\0') {
        lease_set_address(&server->lease, config->owner_address);
    } else {
        snprintf(address, sizeof address, "http://%s%.200s%s:%u", six ? "[" : "", config->address, six ? "]" : "",
                 http_port(server->http));
        lease_set_address(&server->lease, address);
    }
}

/* Looked at for each request: one that was frozen must not answer from what it knew before. */
static bool serves(void *context)
{
    const struct server *server = context;
    return server->serving && (server->store.lease == NULL || lease_is_good(server->store.lease));
}

static bool is_sure(void *context)
{
    const struct server *server = context;
    return server->store.lease == NULL || lease_left_us(server->store.lease) > 0;
}

/* What memory holds is as the tables have it. */
static void begin_serving(struct server *server)
{
    server->serving = true;
    people_count_given(server->people);
    if (!rules_hold(server)) { /* the settings changed while the centre was down */
        renew_rules(server);
    }
    protocols_give(server->protocols, server->centre);
    keep_house(-1, 0, server);
}

/* Everything that the owner before may have changed. By a connection of its own: the clerk has the other one. */
static enum status read_tables_anew(struct server *server, struct sql *sql, struct error *error)
{
    struct config fresh;
    struct directory *directory = NULL;
    const struct protocols_setup protocols = protocols_setup_of(server, sql);
    TRY(settings_read(&server->setup->settings, sql, &fresh, error));
    TRY(directory_load(sql, &directory, error));
    if (directory_replace(server->directory, directory)) {
        stream_renew(server->stream); /* who resumes would keep the old names */
    }
    TRY(people_reload(server->people, sql, error));
    TRY(control_reload(server->control, sql, error));
    TRY(protocols_settle(server->protocols, &protocols, error));
    TRY(drop_names_of_nothing(server, sql, error));
    config_take_live(&server->config, &fresh, config_changed, server);
    return STATUS_OK;
}

static enum status promote(struct server *server, struct error *error)
{
    struct sql *sql = NULL;
    int64_t began_us = clock_monotonic_us();
    TRY(store_tables_open(&server->store, SQL_CENTRE, false, &sql, error));
    enum status status = read_tables_anew(server, sql, error);
    sql_close(sql);
    TRY(status);
    api_begin(server->api);
    projector_hold(server->projector, false);
    begin_serving(server);
    LOG(LOG_INFO, "server", "this process serves the centre", LOG_NUMBER("sequence", centre_core(server->centre)->head->sequence),
        LOG_NUMBER("us", clock_monotonic_us() - began_us));
    return STATUS_OK;
}

static enum hand_presence nobody_is_there(void *context, const struct hand *hand)
{
    (void)context, (void)hand;
    return HAND_OVER;
}

/* Clients go to whoever owns the centre now. */
static void demote(struct server *server)
{
    server->serving = false;
    projector_hold(server->projector, true);
    stream_close_all(server->stream);
    hands_tidy(server->hands, clock_monotonic_us(), nobody_is_there, NULL);
    LOG(LOG_WARNING, "server", "this process does not serve the centre any more",
        LOG_NUMBER("sequence", centre_core(server->centre)->head->sequence));
}

/* As before a stop, but that the process goes on: what its last answers have asked of the clerk must be written while it may
 * write. Requests whose answers are being sent are not waited for: a slow reader would keep the centre still. */
static void mind_hand_on(struct server *server)
{
    enum centre_hand_on stage = centre_hand_on(server->centre);
    if (server->stopping || server->parted) {
        return;
    }
    if (stage == CENTRE_HAND_ON_ASKED) {
        if (server->serving) {
            demote(server);
        }
        positions_flush(server->positions);
        centre_hand_on_next(server->centre, stage);
    } else if (stage == CENTRE_HAND_ON_SETTLED) {
        centre_deliver(server->centre); /* all that was put before it was settled */
        if (workers_rest(server->clerk) && projector_rests(server->projector)) {
            centre_hand_on_next(server->centre, stage);
        }
    }
}

/* Who keeps the lease and cannot serve keeps away the one who can: this machine's settings may have a slip of the pen in them
 * that nobody saw while it stood by. Opened anew it fails before it asks for the lease. */
static void give_up(struct server *server, const struct error *error)
{
    LOG(LOG_ERROR, "server", "the centre is given back, because this process cannot serve it", LOG_TEXT("why", error->text));
    server->unserved = *error;
    server->parted = true;
    centre_resign(server->centre);
    (void)event_base_loopbreak(server->base);
}

static void try_to_serve(struct server *server)
{
    struct error error = { .text = "" };
    const struct timeval soon = { .tv_usec = PROMOTE_AGAIN_US };
    centre_deliver(server->centre); /* all that was put before the state was set: the mirror is the present */
    if (promote(server, &error) == STATUS_OK) {
        server->unserved_since_us = 0;
        return;
    }
    LOG(LOG_ERROR, "server", "the centre cannot be served yet", LOG_TEXT("why", error.text));
    if (server->unserved_since_us == 0) {
        server->unserved_since_us = clock_monotonic_us();
    }
    if (clock_monotonic_us() - server->unserved_since_us > UNSERVED_MAX_US) {
        give_up(server, &error);
    } else {
        (void)event_add(server->promoting, &soon);
    }
}

static void mind_role(struct server *server)
{
    enum centre_state state = centre_state(server->centre);
    if (server->store.lease == NULL || server->stopping || server->parted) {
        return;
    }
    if (state == CENTRE_STANDBY) {
        server->unserved_since_us = 0;
        if (server->serving) {
            demote(server);
        }
    } else if (state == CENTRE_READY && !server->serving) {
        try_to_serve(server);
    }
}

static void promote_again(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    mind_role(context);
}

/* A centre that stops unasked cannot go on in this process. */
static void mind_end(struct server *server)
{
    if (!server->stopping && centre_state(server->centre) == CENTRE_STOPPED) {
        server->parted = true;
        (void)event_base_loopbreak(server->base);
    }
}

static enum status why_parted(const struct server *server, struct error *error)
{
    char trouble[256];
    centre_trouble(server->centre, trouble, sizeof trouble);
    if (server->unserved.text[0] != '\0') {
        snprintf(trouble, sizeof trouble, "%.255s", server->unserved.text);
    }
    return ERROR(error, STATUS_CORRUPT,
                 "%s; the centre has ended here and must be opened anew, which the service manager does, or the region's process",
                 trouble);
}

/* Whether it is known by now what this process is: a start is not over before, so that whoever starts the only one finds it
 * serving. */
static bool role_is_known(const struct server *server)
{
    struct owner_facts facts;
    bool is_one = centre_owner_facts(server->centre, &facts);
    return server->serving || (is_one && facts.known && facts.holder == LEASE_OTHERS);
}

static void await_role(struct server *server)
{
    int64_t until_us = clock_monotonic_us() + server->lease.lease_ms * US_PER_MS + AWAIT_ROLE_EXTRA_US;
    centre_campaign(server->centre);
    while (!role_is_known(server) && !server->parted && clock_monotonic_us() < until_us) {
        struct pollfd heard = { .fd = centre_fd(server->centre), .events = POLLIN };
        (void)poll(&heard, 1, AWAIT_STEP_MS);
        hear_centre(-1, 0, server);
    }
}

static enum status open_all(struct server *server, struct error *error)
{
    TRY(secret_start(error));
    TRY(setup_require(server->setup->folder, &server->store, error));
    server->base = event_base_new();
    server->orders = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server->base == NULL || server->orders < 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no event loop: no memory or no descriptor");
    }
    take_lease(server);
    TRY(open_stores(server, error));
    TRY(open_people(server, error));
    TRY(open_centre(server, error));
    TRY(open_protocols(server, error));
    TRY(open_followers(server, error));
    TRY(open_doors(server, error));
    TRY(open_ears(server, error));
    if (server->store.lease != NULL) {
        await_role(server);
        return server->parted ? why_parted(server, error) : STATUS_OK;
    }
    TRY(drop_names_of_nothing(server, server->sql, error));
    begin_serving(server);
    return STATUS_OK;
}

/* ---- unmaking ---- */

static void free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

static void close_all(struct server *server)
{
    for (int i = 0; i < server->watch_count; i++) {
        event_free(server->watches[i]);
    }
    free_event(server->keeping);
    free_event(server->draining);
    free_event(server->promoting);
    free_event(server->beating);
    /* What is due is still answered, and each answer may ask for more: those of the core and of the hashing threads give work to
     * the clerk, those of the clerk ask the core, which refuses by then. So nobody is left to be answered when the doors close;
     * and while they close the stream is told of each client that goes. */
    centre_stop(server->centre);
    if (server->oidc != NULL) {
        oidc_stop(server->oidc);
        workers_destroy(oidc_workers(server->oidc));
    }
    workers_destroy(server->hashing);
    workers_destroy(server->past_workers);
    workers_destroy(server->reports);
    places_stop(server->places);
    workers_destroy(server->clerk);
    map_stop(server->map);
    http_destroy(server->http);
    stream_destroy(server->stream);
    api_destroy(server->api);
    places_destroy(server->places);
    hands_destroy(server->hands);
    commons_console_close(server->setup->commons, server->console);
    oidc_destroy(server->oidc);
    passkey_attempts_destroy(server->passkeys);
    protocols_free(server->protocols);
    metrics_destroy(server->metrics);
    positions_destroy(server->positions);
    projector_destroy(server->projector);
    past_destroy(server->past);
    centre_destroy(server->centre);
    clock_destroy(server->clock);
    map_destroy(server->map);
    commons_city_close(server->setup->commons, server->city);
    free(server->speeds);
    if (server->zone_taken) {
        commons_release_zone(server->setup->commons);
    }
    control_destroy(server->control);
    terminals_destroy(server->terminals);
    people_destroy(server->people);
    personal_destroy(server->personal);
    audit_destroy(server->audit);
    directory_free(server->directory);
    sql_close(server->report_sql);
    sql_close(server->sql);
    if (server->base != NULL) {
        event_base_free(server->base);
    }
    if (server->orders >= 0) {
        close(server->orders);
    }
    secret_wipe(server->master_key, sizeof server->master_key);
}

enum status server_create(const struct server_setup *setup, struct server **server, struct error *error)
{
    struct server *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the server");
    }
    made->setup = setup;
    made->store = setup->store;
    made->orders = -1;
    enum status status = open_all(made, error);
    if (status != STATUS_OK) {
        server_destroy(made);
        return status;
    }
    *server = made;
    return STATUS_OK;
}

enum status server_run(struct server *server, struct error *error)
{
    if (event_base_dispatch(server->base) < 0) {
        return ERROR(error, STATUS_IO, "the event loop failed: %s", strerror(errno));
    }
    return server->parted ? why_parted(server, error) : STATUS_OK;
}

void server_destroy(struct server *server)
{
    close_all(server);
    free(server);
}

/* ---- from another thread ---- */

void server_hand_on(struct server *server) { centre_resign(server->centre); }

uint16_t server_port(const struct server *server) { return http_port(server->http); }
const struct config *server_config(const struct server *server) { return &server->config; }

void server_facts(const struct server *server, struct server_facts *facts)
{
    struct centre_figures figures;
    struct owner_facts owner;
    void *context = (void *)(uintptr_t)server;
    centre_figures(server->centre, &figures);
    *facts = (struct server_facts){ .state = centre_state(server->centre),
                                    .serving = serves(context) && is_sure(context),
                                    .unsure = serves(context) && !is_sure(context),
                                    .sequence = figures.durable_sequence,
                                    .loop_beats = atomic_load(&server->beats),
                                    .core_beats = centre_beats(server->centre) };
    facts->is_one_of_several = centre_owner_facts(server->centre, &owner);
    facts->standbys = facts->is_one_of_several && facts->serving ? owner.standbys : 0;
    centre_trouble(server->centre, facts->trouble, sizeof facts->trouble);
    if (facts->trouble[0] == '\0' && facts->is_one_of_several) {
        snprintf(facts->trouble, sizeof facts->trouble, "%.255s", owner.trouble);
    }
}
