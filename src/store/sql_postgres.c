/* Tables in PostgreSQL: statements prepared once a connection, values in binary, the connection made anew when it was lost. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "store/postgres_link.h"
#include "store/sql_private.h"

enum { STATEMENT_MS = 30000, NUMERIC_GROUP = 10000, NUMERIC_SPECIAL = 0xC000, NUMERIC_NEGATIVE = 0x4000 };

/* The server's name of it is "s" and its place. */
struct kept_statement {
    char *text;
    uint64_t hash, used_at; /* of text and types; count of uses when it was used last */
};

struct sql_postgres {
    struct sql sql; /* first */
    struct store store;
    struct postgres_link link;
    int64_t lock_key; /* writing transactions of this database take turns */
    uint64_t uses;
    struct kept_statement kept[SQL_STATEMENTS_MAX];
};

/* ---- connection ---- */

static void forget_statements(struct sql_postgres *own)
{
    for (size_t i = 0; i < SQL_STATEMENTS_MAX; i++) {
        free(own->kept[i].text);
        own->kept[i] = (struct kept_statement){ 0 };
    }
}

static enum status connect_link(struct sql_postgres *own, struct error *error)
{
    char application[LEASE_APPLICATION_SIZE];
    lease_application(&own->store, own->sql.read_only ? "reports" : "tables", application);
    return postgres_link_open(&own->link, &own->store, application, !own->sql.read_only, STATEMENT_MS, error);
}

/* What writes waits no longer than this process is the owner. */
static void watch_lease(struct sql_postgres *own, bool writing)
{
    own->link.lease = writing && own->sql.owner_only ? own->store.lease : NULL;
}

/* Nothing has been sent yet when a lost connection is made anew here. */
static enum status ensure_open(struct sql_postgres *own, struct error *error)
{
    if (own->sql.in_transaction || !postgres_link_is_lost(&own->link)) {
        return STATUS_OK; /* in a transaction the statement itself fails */
    }
    postgres_link_close(&own->link);
    forget_statements(own);
    return connect_link(own, error);
}

/* ---- statements ---- */

static Oid type_of(const struct sql_value *value)
{
    switch (value->type) {
    case SQL_INT: return POSTGRES_INT8;
    case SQL_REAL: return POSTGRES_FLOAT8;
    case SQL_TEXT: return POSTGRES_TEXT;
    case SQL_BLOB: return POSTGRES_BYTEA;
    case SQL_NULL: return 0; /* as the place asks for */
    }
    UNREACHABLE();
}

/* A call's parameters as they travel. */
struct parameters {
    Oid types[SQL_PARAMETERS_MAX];
    struct postgres_value values[SQL_PARAMETERS_MAX];
    struct postgres_number numbers[SQL_PARAMETERS_MAX];
};

static void make_parameters(const struct sql_call *call, struct parameters *parameters)
{
    for (size_t i = 0; i < call->count; i++) {
        const struct sql_value *value = &call->parameters[i];
        parameters->types[i] = type_of(value);
        if (value->type == SQL_NULL) {
            parameters->values[i] = (struct postgres_value){ .bytes = NULL };
        } else if (value->type == SQL_TEXT || value->type == SQL_BLOB) {
            parameters->values[i] = (struct postgres_value){ .bytes = value->bytes, .size = (int)value->size };
        } else {
            int64_t bits = value->integer;
            if (value->type == SQL_REAL) {
                memcpy(&bits, &value->real, sizeof bits);
            }
            parameters->numbers[i] = postgres_number(bits);
            parameters->values[i] = (struct postgres_value){ .bytes = parameters->numbers[i].bytes, .size = 8 };
        }
    }
}

/* A statement is known by its text and the types of its parameters: a null may stand where a number stood before. */
static uint64_t hash_of(const struct sql_call *call, const struct parameters *parameters)
{
    return hash64(call->text, strlen(call->text), hash64(parameters->types, call->count * sizeof parameters->types[0], 0));
}

static enum status prepare_at(struct sql_postgres *own, size_t place, const struct sql_call *call,
                              const struct parameters *parameters, uint64_t hash, struct error *error)
{
    struct kept_statement *kept = &own->kept[place];
    char name[32];
    snprintf(name, sizeof name, "s%zu", place);
    if (kept->text != NULL) {
        char text[64];
        snprintf(text, sizeof text, "DEALLOCATE %s", name);
        free(kept->text);
        *kept = (struct kept_statement){ 0 };
        TRY(postgres_execute(&own->link, text, NULL, "cannot be used", error));
    }
    TRY(postgres_prepare(&own->link, name, call->text, (int)call->count, parameters->types, "cannot be used", error));
    kept->text = strdup(call->text);
    kept->hash = hash;
    return kept->text != NULL ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "%s: no memory", own->sql.shown);
}

/* The place of the prepared statement: one that is kept, or a new one instead of that used longest ago. */
static enum status find_statement(struct sql_postgres *own, const struct sql_call *call, const struct parameters *parameters,
                                  size_t *place, struct error *error)
{
    uint64_t hash = hash_of(call, parameters);
    size_t oldest = 0;
    own->uses++;
    for (size_t i = 0; i < SQL_STATEMENTS_MAX; i++) {
        struct kept_statement *kept = &own->kept[i];
        if (kept->text != NULL && kept->hash == hash && strcmp(kept->text, call->text) == 0) {
            kept->used_at = own->uses;
            *place = i;
            return STATUS_OK;
        }
        oldest = kept->used_at < own->kept[oldest].used_at ? i : oldest;
    }
    TRY(prepare_at(own, oldest, call, parameters, hash, error));
    own->kept[oldest].used_at = own->uses;
    *place = oldest;
    return STATUS_OK;
}

/* ---- rows ---- */

static uint16_t half_word(const char *bytes) { return (uint16_t)((unsigned char)bytes[0] << 8 | (unsigned char)bytes[1]); }

/* A numeric, as sums of bigint are: a count of digits to the base 10000, the weight of the first, sign, scale, digits. Whole
 * numbers that fit become integers, others reals. */
static struct sql_value numeric_value(const char *bytes, int size)
{
    CHECK(size >= 8 && size >= 8 + 2 * half_word(bytes));
    int count = half_word(bytes);
    int weight = (int16_t)half_word(bytes + 2);
    int sign = half_word(bytes + 4);
    CHECK((sign & NUMERIC_SPECIAL) != NUMERIC_SPECIAL); /* neither infinite nor no number */
    double real = 0;
    int64_t whole = 0;
    bool fits = count <= weight + 1 && weight < 4;
    for (int i = 0; i < count; i++) {
        int digit = half_word(bytes + 8 + (ptrdiff_t)2 * i);
        real += digit * pow(NUMERIC_GROUP, weight - i);
    }
    for (int i = 0; fits && i <= weight; i++) {
        whole = whole * NUMERIC_GROUP + (i < count ? half_word(bytes + 8 + (ptrdiff_t)2 * i) : 0);
    }
    bool negative = sign == NUMERIC_NEGATIVE;
    return fits ? sql_int(negative ? -whole : whole) : sql_real(negative ? -real : real);
}

static struct sql_value column_value(const PGresult *result, int row, int column)
{
    if (PQgetisnull(result, row, column)) {
        return sql_null();
    }
    const char *bytes = PQgetvalue(result, row, column);
    int size = PQgetlength(result, row, column);
    switch (PQftype(result, column)) {
    case POSTGRES_INT2:
    case POSTGRES_INT4:
    case POSTGRES_INT8: return sql_int(postgres_number_read(bytes, size));
    case POSTGRES_BOOL: return sql_int(bytes[0] != 0);
    case POSTGRES_NUMERIC: return numeric_value(bytes, size);
    case POSTGRES_FLOAT8: {
        int64_t bits = postgres_number_read(bytes, size);
        double real;
        memcpy(&real, &bits, sizeof real);
        return sql_real(real);
    }
    case POSTGRES_NAME:
    case POSTGRES_TEXT:
    case POSTGRES_VARCHAR: return (struct sql_value){ .type = SQL_TEXT, .bytes = bytes, .size = (size_t)size };
    case POSTGRES_BYTEA: return (struct sql_value){ .type = SQL_BLOB, .bytes = bytes, .size = (size_t)size };
    case POSTGRES_VOID: return sql_null();
    default: UNREACHABLE(); /* our tables have no other types */
    }
}

static enum status give_rows(const PGresult *result, struct sql_call *call, struct error *error)
{
    struct sql_row row = { .count = PQnfields(result) };
    CHECK(row.count <= SQL_COLUMNS_MAX);
    int rows = PQntuples(result);
    for (int i = 0; i < rows; i++) {
        call->rows++;
        for (int j = 0; call->row != NULL && j < row.count; j++) {
            row.values[j] = column_value(result, i, j);
        }
        if (call->row != NULL) {
            TRY(call->row(call->context, &row, error));
        }
    }
    return STATUS_OK;
}

static enum status send_call(struct sql_postgres *own, struct sql_call *call, PGresult **result, struct error *error)
{
    struct parameters parameters;
    make_parameters(call, &parameters);
    if (call->once) {
        return postgres_run_once(&own->link, call->text, parameters.values, parameters.types, (int)call->count, result,
                                 "cannot be used", error);
    }
    size_t place = 0;
    char name[32];
    TRY(find_statement(own, call, &parameters, &place, error));
    snprintf(name, sizeof name, "s%zu", place);
    return postgres_run(&own->link, name, parameters.values, (int)call->count, result, "cannot be used", error);
}

static enum status postgres_sql_run(struct sql *sql, struct sql_call *call, struct error *error)
{
    struct sql_postgres *own = (struct sql_postgres *)sql;
    PGresult *result = NULL;
    TRY(ensure_open(own, error));
    watch_lease(own, sql->in_transaction);
    enum status status = send_call(own, call, &result, error);
    if (status != STATUS_OK) {
        sql->conflict = strcmp(own->link.sqlstate, "23505") == 0;
        return status;
    }
    call->changed = postgres_changed(result);
    status = give_rows(result, call, error);
    PQclear(result);
    return status;
}

/* ---- transactions ---- */

static enum status postgres_begin(struct sql *sql, struct error *error)
{
    struct sql_postgres *own = (struct sql_postgres *)sql;
    TRY(ensure_open(own, error));
    char text[192] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    if (!sql->read_only) {
        snprintf(text, sizeof text, "BEGIN; SELECT pg_advisory_xact_lock(%lld)", (long long)own->lock_key);
    }
    if (sql->owner_only) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "; SELECT epoch FROM journal_writer WHERE epoch = %lld FOR SHARE",
                 (long long)atomic_load(&own->store.lease->fence));
    }
    if (sql->owner_only && !lease_is_good(own->store.lease)) {
        return ERROR(error, STATUS_IO, "%s: cannot be written: this process does not own the centre", sql->shown);
    }
    PGresult *result = NULL;
    watch_lease(own, true);
    enum status status = postgres_execute(&own->link, text, &result, "cannot be used", error);
    if (status == STATUS_OK && sql->owner_only && PQntuples(result) != 1) {
        status = ERROR(error, STATUS_IO, "%s: cannot be written: this process does not own the centre", sql->shown);
    }
    PQclear(result);
    if (status != STATUS_OK && !own->link.lost) {
        struct error ignored;
        (void)!postgres_execute(&own->link, "ROLLBACK", NULL, "cannot be used", &ignored);
    }
    return status;
}

static enum status postgres_commit(struct sql *sql, struct error *error)
{
    struct sql_postgres *own = (struct sql_postgres *)sql;
    PGresult *result = NULL;
    TRY(postgres_execute(&own->link, "COMMIT", &result, "cannot be used", error));
    bool is_committed = strcmp(PQcmdStatus(result), "COMMIT") == 0; /* ROLLBACK is said of one that had failed */
    PQclear(result);
    return is_committed ? STATUS_OK : ERROR(error, STATUS_IO, "%s: the transaction was rolled back", sql->shown);
}

static void postgres_rollback(struct sql *sql)
{
    struct sql_postgres *own = (struct sql_postgres *)sql;
    struct error ignored;
    if (!own->link.lost && postgres_execute(&own->link, "ROLLBACK", NULL, "cannot be used", &ignored) != STATUS_OK) {
        own->link.lost = true; /* nobody knows in what state it is: made anew at the next use */
    }
}

/* A vacuum alone frees the room, but leaves the bytes standing in it. */
static enum status postgres_forget(struct sql *sql, const char *table, struct error *error)
{
    struct sql_postgres *own = (struct sql_postgres *)sql;
    CHECK(table[strspn(table, "abcdefghijklmnopqrstuvwxyz_")] == '\0');
    char text[128];
    int length = snprintf(text, sizeof text, "VACUUM FULL %s", table);
    CHECK(length > 0 && (size_t)length < sizeof text);
    TRY(ensure_open(own, error));
    return postgres_execute(&own->link, text, NULL, "cannot be rewritten", error);
}

static enum status postgres_make_room(struct sql *sql, struct error *error)
{
    struct sql_postgres *own = (struct sql_postgres *)sql;
    TRY(ensure_open(own, error));
    PGresult *result = NULL;
    TRY(postgres_execute(&own->link, "SELECT current_schema() IS NOT NULL", &result, "cannot be used", error));
    bool exists = PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    if (exists) {
        return STATUS_OK;
    }
    char text[256];
    snprintf(text, sizeof text, "BEGIN; SELECT pg_advisory_xact_lock(%lld); CREATE SCHEMA IF NOT EXISTS \"%s\"; COMMIT",
             (long long)postgres_lock_key("schema", own->store.schema), own->store.schema);
    enum status status = postgres_execute(&own->link, text, NULL, "its schema cannot be created", error);
    if (status != STATUS_OK) {
        postgres_rollback(sql);
    }
    return status;
}

/* ---- opening and closing ---- */

static void postgres_sql_close(struct sql *sql)
{
    struct sql_postgres *own = (struct sql_postgres *)sql;
    forget_statements(own);
    postgres_link_close(&own->link);
    explicit_bzero(&own->store, sizeof own->store); /* its URL holds the password */
    free(own);
}

static const struct sql_driver POSTGRES_DRIVER = {
    .run = postgres_sql_run,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .forget = postgres_forget,
    .make_room = postgres_make_room,
    .close = postgres_sql_close,
};

enum status sql_postgres_open(const struct store *store, enum sql_database database, bool read_only, struct sql **sql,
                              struct error *error)
{
    struct sql_postgres *own = calloc(1, sizeof *own);
    if (own == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", store->shown);
    }
    own->sql = (struct sql){ .driver = &POSTGRES_DRIVER, .kind = STORE_POSTGRES, .read_only = read_only };
    snprintf(own->sql.shown, sizeof own->sql.shown, "%s", store->shown);
    own->store = *store;
    own->lock_key = postgres_lock_key(database == SQL_CENTRE ? "centre" : "report", store->schema);
    enum status status = connect_link(own, error);
    if (status != STATUS_OK) {
        postgres_sql_close(&own->sql);
        return status;
    }
    *sql = &own->sql;
    return STATUS_OK;
}
