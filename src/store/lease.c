#include "store/lease.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "store/migration.h"
#include "store/postgres_link.h"
#include "store/sql.h"

enum {
    STATEMENT_MS = 1000, /* a database that takes longer for so little is no better than none */
    GRACE_MS = 250,
    LONG_LEASES = 3, /* after which whoever could not know of us counts as gone */
    KNOWN_US = 100000,
    SEEN_LEASES = 5, /* a standby that has said nothing for so many lease times does not count any more */
};

/* Microseconds since 1970 by the clock of the database, when it is read. */
#define NOW_US "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
/* Whether the owner's keeper is connected: the name of lease_application, with $n the schema's sign. */
#define OWNER_CONNECTED(schema) \
    "EXISTS(SELECT 1 FROM pg_stat_activity WHERE application_name = 'mingdi lease ' || journal_lease.owner || ' ' || " schema ")"
/* Free: it has run out, and its owner has renewed it since it could know of us, for one that takes itself to be alone goes on; or
 * it ran out long ago; or its owner has gone without a word: no connection, and a renewal (or more) is missing. Parameters: how
 * long a renewal may be missing, the schema's sign, since when the owner could know of us, three times the lease. */
#define IS_FREE(missing, schema, known, long)             \
    "((expires_at <= " NOW_US " AND (renewed_at > " known \
    " OR expires_at + " long " <= " NOW_US ")) OR (NOT " OWNER_CONNECTED(schema) " AND renewed_at + " missing " < " NOW_US "))"

struct lease_keeper {
    struct store store;
    struct lease *lease;
    struct postgres_link link;
    char schema[LEASE_ID_SIZE], channel[LEASE_CHANNEL_SIZE]; /* signs of the schema */
    int64_t asked_epoch;                                     /* of the lease that somebody asked for; 0: nobody has */
    int64_t told_us;                                         /* CLOCK_BOOTTIME: the others were told that we are there */
    int64_t known_since_us, seen_us;                         /* the database's: since when without a gap, and the last time */
    int64_t renewed_us;                                      /* CLOCK_BOOTTIME */
};

/* ---- shared ---- */

static int64_t boottime_us(void)
{
    struct timespec now; /* goes on while the machine sleeps */
    CHECK(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void lease_set_address(struct lease *lease, const char *address)
{
    CHECK(!atomic_load(&lease->has_address));
    snprintf(lease->address, sizeof lease->address, "%s", address);
    atomic_store(&lease->has_address, true);
}

static const char *address_of(const struct lease *lease) { return atomic_load(&lease->has_address) ? lease->address : ""; }

int64_t lease_left_us(const struct lease *lease)
{
    int64_t left_us = atomic_load(&lease->held_until_us) - boottime_us();
    return atomic_load(&lease->epoch) != 0 && left_us > 0 ? left_us : 0;
}

bool lease_is_good(const struct lease *lease)
{
    return atomic_load(&lease->epoch) != 0 && (lease_left_us(lease) > 0 || atomic_load(&lease->others) == 0);
}

void lease_sign(const struct store *store, char sign[LEASE_ID_SIZE])
{
    snprintf(sign, LEASE_ID_SIZE, "%016" PRIx64, (uint64_t)postgres_lock_key("lease", store->schema));
}

void lease_channel(const struct store *store, char channel[LEASE_CHANNEL_SIZE])
{
    char sign[LEASE_ID_SIZE];
    lease_sign(store, sign);
    snprintf(channel, LEASE_CHANNEL_SIZE, "mingdi_%s", sign);
}

void lease_application(const struct store *store, const char *what, char name[LEASE_APPLICATION_SIZE])
{
    char sign[LEASE_ID_SIZE];
    lease_sign(store, sign);
    int length = store->lease == NULL ? snprintf(name, LEASE_APPLICATION_SIZE, "mingdi %s", what)
                                      : snprintf(name, LEASE_APPLICATION_SIZE, "mingdi %s %s %s", what, store->lease->id, sign);
    CHECK(length > 0 && length < LEASE_APPLICATION_SIZE - 1); /* the server cuts longer names off */
}

/* ---- statements ---- */

enum statement { RENEW, LOOK, CLAIM, SEEN, HEIRS, STATEMENT_COUNT };

/* A renewal that a crash of the database forgets makes the lease end sooner, no more: so none waits for the disk. */
static const struct {
    const char *name, *text;
    int count;
    Oid types[7];
} STATEMENTS[STATEMENT_COUNT] = {
    [RENEW] = { "renew",
                "UPDATE journal_lease SET renewed_at = " NOW_US ", expires_at = " NOW_US " + $3 WHERE owner = $1 AND epoch = $2"
                " RETURNING (SELECT count(*) FROM journal_standby WHERE id <> $1 AND seen_at > " NOW_US " - $3 * $4)"
                ", EXISTS(SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name LIKE 'mingdi % ' || $1"
                " || ' %' AND xact_start < clock_timestamp() - interval '2 seconds')",
                4,
                { POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8, POSTGRES_INT8 } },
    [LOOK] = { "look",
               "SELECT CASE WHEN epoch = 0 THEN '' ELSE address END, greatest(expires_at - " NOW_US
               ", 0), " OWNER_CONNECTED("$1") ", " IS_FREE(
                   "$2", "$1", "$3",
                   "$4") ", coalesce((SELECT last_sequence FROM journal_group ORDER BY first_sequence DESC LIMIT 1),"
                         " 0)::bigint, renewed_at > $3, owner = $5 FROM journal_lease",
               5,
               { POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8, POSTGRES_INT8, POSTGRES_TEXT } },
    [CLAIM] = { "claim",
                "WITH taken AS (UPDATE journal_lease SET epoch = epoch + 1, owner = $1, address = $2, renewed_at = " NOW_US
                ", expires_at = " NOW_US " + $3 WHERE " IS_FREE(
                    "$4", "$5", "$6",
                    "$7") " RETURNING epoch),"
                          " gone AS (DELETE FROM journal_standby WHERE id = $1)"
                          " INSERT INTO journal_tenure(epoch, owner, address, taken_at) SELECT epoch, $1, $2, " NOW_US
                          " FROM taken"
                          " RETURNING epoch",
                7,
                { POSTGRES_TEXT, POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8, POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8 } },
    [SEEN] = { "seen",
               "INSERT INTO journal_standby(id, address, sequence, seen_at) VALUES($1, $2, $3, " NOW_US ")"
               " ON CONFLICT(id) DO UPDATE SET address = excluded.address, sequence = excluded.sequence, seen_at = "
               "excluded.seen_at"
               " RETURNING seen_at",
               3,
               { POSTGRES_TEXT, POSTGRES_TEXT, POSTGRES_INT8 } },
    [HEIRS] = { "heirs",
                "SELECT count(*) FROM journal_standby WHERE id <> $1 AND seen_at > " NOW_US
                " - $2 AND " LEASE_STANDBY_CONNECTED("$3"),
                3,
                { POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_TEXT } },
};

static struct postgres_value text_value(const char *text)
{
    return (struct postgres_value){ .bytes = text, .size = (int)strlen(text) };
}

static struct postgres_value number_value(const struct postgres_number *number)
{
    return (struct postgres_value){ .bytes = number->bytes, .size = sizeof number->bytes };
}

static enum status run(struct lease_keeper *keeper, enum statement which, const struct postgres_value *values, PGresult **result,
                       struct error *error)
{
    return postgres_run(&keeper->link, STATEMENTS[which].name, values, STATEMENTS[which].count, result,
                        "who owns the centre cannot be told", error);
}

static int64_t lease_us(const struct lease *lease) { return (int64_t)lease->lease_ms * 1000; }
static int64_t long_us(const struct lease *lease) { return lease_us(lease) * LONG_LEASES; }
/* One and a half turns: a renewal is missing. */
static int64_t missing_us(const struct lease *lease) { return lease_us(lease) / LEASE_TURNS * 3 / 2; }

/* ---- turns ---- */

/* *ours false: another has it by now. */
static enum status renew(struct lease_keeper *keeper, bool *ours, bool *replica_awaited, struct error *error)
{
    struct lease *lease = keeper->lease;
    int64_t before_us = boottime_us();
    struct postgres_number epoch = postgres_number(atomic_load(&lease->epoch)), time = postgres_number(lease_us(lease));
    struct postgres_number seen = postgres_number(SEEN_LEASES);
    PGresult *row = NULL;
    TRY(run(keeper, RENEW,
            (struct postgres_value[]){ text_value(lease->id), number_value(&epoch), number_value(&time), number_value(&seen) },
            &row, error));
    *ours = PQntuples(row) == 1;
    if (*ours) {
        atomic_store(&lease->others, (uint32_t)postgres_integer(row, 0, 0));
        *replica_awaited = PQgetvalue(row, 0, 1)[0] != 0;
        keeper->renewed_us = before_us;
        atomic_store(&lease->held_until_us, before_us + lease_us(lease));
    } else {
        atomic_store(&lease->epoch, 0);
    }
    PQclear(row);
    return STATUS_OK;
}

static enum status look(struct lease_keeper *keeper, struct lease_view *view, bool *is_free, struct error *error)
{
    struct postgres_number missing = postgres_number(missing_us(keeper->lease));
    struct postgres_number known = postgres_number(keeper->known_since_us + KNOWN_US),
                           gone = postgres_number(long_us(keeper->lease));
    const struct postgres_value values[] = { text_value(keeper->schema), number_value(&missing), number_value(&known),
                                             number_value(&gone), text_value(keeper->lease->id) };
    PGresult *row = NULL;
    TRY(run(keeper, LOOK, values, &row, error));
    if (PQntuples(row) != 1) {
        PQclear(row);
        return ERROR(error, STATUS_CORRUPT, "%s: journal_lease must have one row", keeper->store.shown);
    }
    snprintf(view->owner, sizeof view->owner, "%s", PQgetvalue(row, 0, 0));
    view->free_in_us = postgres_integer(row, 0, 1);
    bool connected = PQgetvalue(row, 0, 2)[0] != 0;
    *is_free = PQgetvalue(row, 0, 3)[0] != 0;
    view->last_sequence = (uint64_t)postgres_integer(row, 0, 4);
    view->expected = PQgetvalue(row, 0, 5)[0] != 0;
    view->names_us = PQgetvalue(row, 0, 6)[0] != 0;
    view->holder = *is_free ? LEASE_FREE : connected ? LEASE_OTHERS : LEASE_DYING;
    PQclear(row);
    return STATUS_OK;
}

static enum status claim(struct lease_keeper *keeper, struct lease_view *view, struct error *error)
{
    struct lease *lease = keeper->lease;
    int64_t before_us = boottime_us();
    struct postgres_number time = postgres_number(lease_us(lease)), missing = postgres_number(missing_us(lease));
    struct postgres_number known = postgres_number(keeper->known_since_us + KNOWN_US), gone = postgres_number(long_us(lease));
    const struct postgres_value values[] = { text_value(lease->id),  text_value(address_of(lease)), number_value(&time),
                                             number_value(&missing), text_value(keeper->schema),    number_value(&known),
                                             number_value(&gone) };
    PGresult *row = NULL;
    TRY(run(keeper, CLAIM, values, &row, error));
    if (PQntuples(row) == 1) {
        keeper->renewed_us = before_us;
        keeper->told_us = 0;
        atomic_store(&lease->held_until_us, before_us + lease_us(lease));
        atomic_store(&lease->others, 1); /* until a renewal has counted them: to be on the safe side */
        atomic_store(&lease->epoch, postgres_integer(row, 0, 0));
        view->holder = LEASE_OURS;
        snprintf(view->owner, sizeof view->owner, "%s", address_of(lease));
    } else {
        view->holder = LEASE_OTHERS; /* somebody was faster */
    }
    PQclear(row);
    return STATUS_OK;
}

/* What others read; not more often than anybody looks. */
static enum status tell_seen(struct lease_keeper *keeper, uint64_t sequence, struct error *error)
{
    int64_t now_us = boottime_us();
    if (keeper->told_us != 0 && now_us - keeper->told_us < lease_us(keeper->lease) / LEASE_TURNS) {
        return STATUS_OK;
    }
    struct postgres_number reached = postgres_number((int64_t)sequence);
    const struct postgres_value values[] = { text_value(keeper->lease->id), text_value(address_of(keeper->lease)),
                                             number_value(&reached) };
    PGresult *row = NULL;
    TRY(run(keeper, SEEN, values, &row, error));
    int64_t seen_us = PQntuples(row) == 1 ? postgres_integer(row, 0, 0) : 0;
    PQclear(row);
    if (keeper->told_us == 0 || seen_us - keeper->seen_us > lease_us(keeper->lease)) {
        keeper->known_since_us = seen_us;
    }
    keeper->seen_us = seen_us;
    keeper->told_us = now_us;
    return STATUS_OK;
}

static enum status take_turn(struct lease_keeper *keeper, bool wanted, uint64_t sequence, struct lease_view *view,
                             struct error *error)
{
    bool ours = false, is_free = false;
    *view = (struct lease_view){ .holder = LEASE_OURS };
    if (atomic_load(&keeper->lease->epoch) != 0) {
        TRY(renew(keeper, &ours, &view->replica_awaited, error));
    }
    if (ours) {
        snprintf(view->owner, sizeof view->owner, "%s", address_of(keeper->lease));
        return STATUS_OK;
    }
    TRY(tell_seen(keeper, sequence, error));
    TRY(look(keeper, view, &is_free, error));
    return is_free && wanted ? claim(keeper, view, error) : STATUS_OK;
}

/* Whoever takes the centre over holds the lease's row until its first commit is on a synchronous standby: where there is none,
 * that row is waited for in vain, and this is why. */
static enum status explain(struct lease_keeper *keeper, struct error *error)
{
    static const Oid types[] = { POSTGRES_TEXT };
    struct error ignored;
    PGresult *row = NULL;
    const struct postgres_value sign = text_value(keeper->schema);
    enum status status = error->status;
    if (postgres_link_is_lost(&keeper->link) ||
        postgres_run_once(
            &keeper->link,
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name LIKE '% ' || $1", &sign,
            types, 1, &row, "who owns the centre cannot be told", &ignored) != STATUS_OK) {
        return status;
    }
    bool is_awaited = postgres_integer(row, 0, 0) > 0;
    PQclear(row);
    return is_awaited ? ERROR(error, status, "%s: waits for a synchronous standby of the database", keeper->store.shown) : status;
}

enum status lease_turn(struct lease_keeper *keeper, bool wanted, uint64_t sequence, struct lease_view *view, struct error *error)
{
    return take_turn(keeper, wanted, sequence, view, error) == STATUS_OK ? STATUS_OK : explain(keeper, error);
}

enum status lease_tell(struct lease_keeper *keeper, struct error *error)
{
    char text[64];
    snprintf(text, sizeof text, "NOTIFY \"%s\"", keeper->channel);
    return postgres_execute(&keeper->link, text, NULL, "those that follow cannot be told", error);
}

/* The id that goes into the text is digits only. By it alone, so that what failed can be asked again. */
enum status lease_release(struct lease_keeper *keeper, struct error *error)
{
    char text[384];
    struct lease *lease = keeper->lease;
    atomic_store(&lease->epoch, 0);
    atomic_store(&lease->fence, 0);
    CHECK(strspn(lease->id, "0123456789abcdef") == LEASE_ID_SIZE - 1);
    snprintf(text, sizeof text,
             "BEGIN; UPDATE journal_lease SET expires_at = 0 WHERE owner = '%s';"
             " DELETE FROM journal_standby WHERE id = '%s'; NOTIFY \"%s\"; COMMIT",
             lease->id, lease->id, keeper->channel);
    return postgres_execute(&keeper->link, text, NULL, "the centre cannot be handed on", error);
}

enum status lease_wait(struct lease_keeper *keeper, int fd, int timeout_ms, bool *told, struct error *error)
{
    PGconn *connection = keeper->link.connection;
    struct pollfd heard[] = { { .fd = PQsocket(connection), .events = POLLIN }, { .fd = fd, .events = POLLIN } };
    *told = false;
    (void)poll(heard, 2, timeout_ms);
    if (heard[0].revents != 0 && PQconsumeInput(connection) == 0) {
        keeper->link.lost = true;
        return ERROR(error, STATUS_IO, "%s: the connection to the PostgreSQL server is lost", keeper->store.shown);
    }
    for (PGnotify *note = PQnotifies(connection); note != NULL; note = PQnotifies(connection)) {
        *told = true;
        if (strncmp(note->extra, LEASE_WISH, sizeof LEASE_WISH - 1) == 0) {
            keeper->asked_epoch = strtoll(note->extra + sizeof LEASE_WISH - 1, NULL, 10);
        }
        PQfreemem(note);
    }
    return STATUS_OK;
}

bool lease_is_asked_back(struct lease_keeper *keeper)
{
    bool is_asked = keeper->asked_epoch != 0 && keeper->asked_epoch == atomic_load(&keeper->lease->epoch);
    keeper->asked_epoch = 0;
    return is_asked;
}

enum status lease_heirs(struct lease_keeper *keeper, uint32_t *count, struct error *error)
{
    struct postgres_number time = postgres_number(lease_us(keeper->lease));
    const struct postgres_value values[] = { text_value(keeper->lease->id), number_value(&time), text_value(keeper->schema) };
    PGresult *row = NULL;
    TRY(run(keeper, HEIRS, values, &row, error));
    *count = PQntuples(row) == 1 ? (uint32_t)postgres_integer(row, 0, 0) : 0;
    PQclear(row);
    return STATUS_OK;
}

/* ---- opening and closing ---- */

/* Standbys that have not been seen for a day are left over from processes that were killed. */
static enum status prepare(struct lease_keeper *keeper, struct error *error)
{
    char text[256];
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        TRY(postgres_prepare(&keeper->link, STATEMENTS[i].name, STATEMENTS[i].text, STATEMENTS[i].count, STATEMENTS[i].types,
                             "cannot be opened", error));
    }
    snprintf(text, sizeof text,
             "SET synchronous_commit = off; LISTEN \"%s\"; DELETE FROM journal_standby WHERE seen_at < " NOW_US " - 86400000000",
             keeper->channel);
    return postgres_execute(&keeper->link, text, NULL, "cannot be opened", error);
}

static enum status check_tables(const struct store *store, struct error *error)
{
    struct sql *sql = NULL;
    TRY(sql_open(store, SQL_CENTRE, true, &sql, error));
    enum status status = migration_require(sql, &MIGRATION_JOURNAL, error);
    sql_close(sql);
    return status;
}

enum status lease_open(const struct store *store, struct lease_keeper **keeper, struct error *error)
{
    CHECK(store->lease != NULL && store->kind == STORE_POSTGRES && store->lease->lease_ms > 0);
    TRY(check_tables(store, error));
    struct lease_keeper *made = calloc(1, sizeof *made);
    char application[LEASE_APPLICATION_SIZE];
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", store->shown);
    }
    made->store = *store;
    made->lease = store->lease;
    lease_sign(store, made->schema);
    lease_channel(store, made->channel);
    lease_application(store, "lease", application);
    enum status status = postgres_link_open(&made->link, store, application, true, STATEMENT_MS, error);
    if (status == STATUS_OK) {
        made->link.grace_ms = GRACE_MS;
        status = prepare(made, error);
    }
    if (status != STATUS_OK) {
        lease_close(made);
        return status;
    }
    *keeper = made;
    return STATUS_OK;
}

void lease_close(struct lease_keeper *keeper)
{
    if (keeper != NULL) {
        int64_t good_until_us = keeper->renewed_us + missing_us(keeper->lease);
        if (good_until_us < atomic_load(&keeper->lease->held_until_us)) {
            atomic_store(&keeper->lease->held_until_us, good_until_us);
        }
        postgres_link_close(&keeper->link);
        explicit_bzero(&keeper->store, sizeof keeper->store); /* its URL holds the password */
        free(keeper);
    }
}
