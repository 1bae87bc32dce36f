/* Workload: a person, now and then; one of some hundred centres after the other. */
#include "store/hand_on.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "store/migration.h"
#include "store/postgres_link.h"
#include "store/sql.h"

enum { STATEMENT_MS = 5000 };

struct hand_on {
    struct postgres_link link;
    char sign[LEASE_ID_SIZE], channel[LEASE_CHANNEL_SIZE]; /* of the schema */
};

/* A standby says five times in a lease that it is there, and the owner's row tells how long that is: whoever has been silent for
 * one lease, or is not connected, is gone; to hand on to it would leave the centre without an owner. One that is more than a
 * second of heavy work behind would take over later than need be. */
static const char FACTS[] =
    "SELECT epoch, (SELECT max(journal_writer.epoch) FROM journal_writer)::bigint,"
    " expires_at > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, address,"
    " (SELECT count(*) FROM journal_standby"
    "  WHERE id <> owner AND seen_at > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - (expires_at - renewed_at)"
    "  AND " LEASE_STANDBY_CONNECTED(
        "$1") "  AND sequence + 5000 >= coalesce((SELECT last_sequence FROM journal_group ORDER BY first_sequence DESC LIMIT 1),"
              " 0)), owner"
              " FROM journal_lease";

static enum status require_tables(const struct store *store, struct sql *sql, struct error *error)
{
    size_t applied = 0;
    TRY(migration_applied(sql, &MIGRATION_JOURNAL, &applied, error));
    if (applied == 0) {
        return ERROR(error, STATUS_NOT_FOUND,
                     "%s: there is no centre in its schema \"%s\": --store must name its database, and ?schema=NAME its schema",
                     store->shown, store->schema);
    }
    return migration_require(sql, &MIGRATION_JOURNAL, error);
}

static enum status require_centre(const struct store *store, struct error *error)
{
    struct sql *sql = NULL;
    TRY(sql_open(store, SQL_CENTRE, true, &sql, error));
    enum status status = require_tables(store, sql, error);
    sql_close(sql);
    return status;
}

enum status hand_on_open(const struct store *store, struct hand_on **hand_on, struct error *error)
{
    if (store->kind != STORE_POSTGRES) {
        return ERROR(error, STATUS_USAGE, "%s: a centre in a folder has one process; on PostgreSQL several may serve it: --store",
                     store->shown);
    }
    TRY(require_centre(store, error));
    struct hand_on *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", store->shown);
    }
    lease_sign(store, made->sign);
    lease_channel(store, made->channel);
    enum status status = postgres_link_open(&made->link, store, "mingdi hand-on", false, STATEMENT_MS, error);
    if (status != STATUS_OK) {
        hand_on_close(made);
        return status;
    }
    *hand_on = made;
    return STATUS_OK;
}

void hand_on_close(struct hand_on *hand_on)
{
    if (hand_on != NULL) {
        postgres_link_close(&hand_on->link);
        free(hand_on);
    }
}

enum status hand_on_look(struct hand_on *hand_on, struct hand_on_facts *facts, struct error *error)
{
    static const Oid types[] = { POSTGRES_TEXT };
    const struct postgres_value sign = { .bytes = hand_on->sign, .size = LEASE_ID_SIZE - 1 };
    PGresult *rows = NULL;
    TRY(postgres_run_once(&hand_on->link, FACTS, &sign, types, 1, &rows, "who owns the centre cannot be told", error));
    if (PQntuples(rows) != 1) {
        PQclear(rows);
        return ERROR(error, STATUS_CORRUPT, "%s: journal_lease must have one row", hand_on->link.shown);
    }
    *facts = (struct hand_on_facts){ .tenure = postgres_integer(rows, 0, 0),
                                     .writer = postgres_integer(rows, 0, 1),
                                     .is_owned = PQgetvalue(rows, 0, 2)[0] != 0,
                                     .warm = (uint32_t)postgres_integer(rows, 0, 4) };
    snprintf(facts->owner, sizeof facts->owner, "%s", PQgetvalue(rows, 0, 3));
    snprintf(facts->id, sizeof facts->id, "%s", PQgetvalue(rows, 0, 5));
    PQclear(rows);
    return STATUS_OK;
}

enum status hand_on_ask(struct hand_on *hand_on, int64_t tenure, struct error *error)
{
    char text[128];
    snprintf(text, sizeof text, "NOTIFY \"%s\", '" LEASE_WISH "%" PRId64 "'", hand_on->channel, tenure);
    return postgres_execute(&hand_on->link, text, NULL, "the owner cannot be asked", error);
}
