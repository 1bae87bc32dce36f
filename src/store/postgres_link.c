#include "store/postgres_link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/hash.h"
#include "store/postgres_hosts.h"

enum {
    PARAMETERS_MAX = SQL_PARAMETERS_MAX,
    ANSWER_GRACE_MS = 2000,
    LOOK_MS = 50,
    OPTIONS_MAX = 96,
    TROUBLE_MAX = 640,
    UNASKED_MAX = 16,
    VERSION_MIN = 150000
};

/* ---- failures ---- */

/* The server's or libpq's sentence, first line only. */
static int line_length(const char *text) { return (int)strcspn(text, "\n"); }

static enum status lost(struct postgres_link *link, const char *doing, const char *why, struct error *error)
{
    link->lost = true;
    return ERROR(error, STATUS_IO, "%s: %s: the connection to the PostgreSQL server is lost: %.*s", link->shown, doing,
                 line_length(why), why);
}

static enum status status_of(const char *sqlstate)
{
    static const struct {
        const char *begin;
        enum status status;
    } known[] = {
        { "22", STATUS_BAD_INPUT },  /* data exception */
        { "23", STATUS_BAD_INPUT },  /* integrity */
        { "42P01", STATUS_VERSION }, /* no such table */
        { "42703", STATUS_VERSION }, /* no such column */
        { "42P07", STATUS_VERSION }, /* the table exists already */
        { "53200", STATUS_NO_MEMORY }, { "54", STATUS_FULL }, { "XX001", STATUS_CORRUPT }, { "XX002", STATUS_CORRUPT },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (strncmp(sqlstate, known[i].begin, strlen(known[i].begin)) == 0) {
            return known[i].status;
        }
    }
    return STATUS_IO;
}

/* What an answer says that is none of success. The detail is left out: it may hold values of rows. */
static enum status failed(struct postgres_link *link, const PGresult *result, const char *doing, struct error *error)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *what = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    snprintf(link->sqlstate, sizeof link->sqlstate, "%s", sqlstate != NULL ? sqlstate : "");
    bool is_hanging_up = strncmp(link->sqlstate, "57P", 3) == 0 || strncmp(link->sqlstate, "08", 2) == 0;
    if (PQstatus(link->connection) != CONNECTION_OK || is_hanging_up || sqlstate == NULL) {
        return lost(link, doing, what != NULL ? what : PQerrorMessage(link->connection), error);
    }
    if (strcmp(link->sqlstate, "55P03") == 0) {
        return ERROR(error, STATUS_IO, "%s: %s: it is in use by another process", link->shown, doing);
    }
    return ERROR(error, status_of(link->sqlstate), "%s: %s: %s", link->shown, doing, what != NULL ? what : "no reason was given");
}

/* ---- waiting ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until the socket can be read (or written, where something is left to be sent). False when the time is over, or what was to be
 * written is not this process's affair any more. */
static bool wait_for_socket(const struct postgres_link *link, bool sending, int64_t deadline_ms)
{
    for (;;) {
        int64_t left = deadline_ms - now_ms();
        if (left <= 0 || (link->lease != NULL && !lease_is_good(link->lease))) {
            return false;
        }
        struct pollfd socket = { .fd = PQsocket(link->connection), .events = (short)(POLLIN | (sending ? POLLOUT : 0)) };
        int ready = poll(&socket, 1, (int)(link->lease != NULL && left > LOOK_MS ? LOOK_MS : left));
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return true; /* libpq finds out what is wrong with it */
        }
    }
}

/* Sends what is left and waits for the whole of one answer. */
static enum status await(struct postgres_link *link, int64_t deadline_ms, const char *doing, struct error *error)
{
    for (;;) {
        int unsent = PQflush(link->connection);
        if (unsent < 0) {
            return lost(link, doing, PQerrorMessage(link->connection), error);
        }
        if (unsent == 0 && PQisBusy(link->connection) == 0) {
            return STATUS_OK;
        }
        if (!wait_for_socket(link, unsent > 0, deadline_ms)) {
            bool is_over = link->lease != NULL && !lease_is_good(link->lease);
            return lost(link, doing, is_over ? "this process does not own the centre (any more)" : "it does not answer in time",
                        error);
        }
        if (PQconsumeInput(link->connection) == 0) {
            return lost(link, doing, PQerrorMessage(link->connection), error);
        }
    }
}

/* All answers to what was sent; the last one is kept, or the first that is a failure. */
static enum status collect(struct postgres_link *link, PGresult **kept, const char *doing, struct error *error)
{
    int64_t deadline_ms = now_ms() + link->statement_ms + link->grace_ms;
    bool has_failed = false;
    *kept = NULL;
    for (;;) {
        TRY(await(link, deadline_ms, doing, error));
        PGresult *result = PQgetResult(link->connection);
        if (result == NULL) {
            return STATUS_OK;
        }
        if (has_failed) {
            PQclear(result);
            continue;
        }
        PQclear(*kept);
        *kept = result;
        ExecStatusType state = PQresultStatus(result);
        has_failed = state != PGRES_COMMAND_OK && state != PGRES_TUPLES_OK && state != PGRES_EMPTY_QUERY;
        if (state == PGRES_COPY_IN || state == PGRES_COPY_OUT || state == PGRES_COPY_BOTH) {
            return lost(link, doing, "it answered what was not asked", error);
        }
    }
}

/* sent is what libpq said to the sending. */
static enum status finish(struct postgres_link *link, int sent, PGresult **result, const char *doing, struct error *error)
{
    if (sent == 0) {
        return lost(link, doing, PQerrorMessage(link->connection), error);
    }
    PGresult *answer = NULL;
    enum status status = collect(link, &answer, doing, error);
    if (status == STATUS_OK && answer == NULL) {
        status = lost(link, doing, "it gave no answer", error);
    }
    if (status == STATUS_OK && link->unconfirmed) {
        status = lost(link, doing, "the wait for its synchronous standby was ended, so that what it has kept may be lost yet",
                      error);
    }
    if (status == STATUS_OK) {
        ExecStatusType state = PQresultStatus(answer);
        bool is_fine = state == PGRES_COMMAND_OK || state == PGRES_TUPLES_OK || state == PGRES_EMPTY_QUERY;
        status = is_fine ? STATUS_OK : failed(link, answer, doing, error);
    }
    if (status != STATUS_OK || result == NULL) {
        PQclear(answer);
        return status;
    }
    *result = answer;
    return STATUS_OK;
}

/* Whether a notice says that somebody has ended the wait for a synchronous standby (pg_cancel_backend, pg_terminate_backend). Its
 * text is in the server's language and its SQLSTATE that of any warning; the place in the server's source is neither. */
static bool is_wait_ended(const PGresult *notice)
{
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
    const char *file = PQresultErrorField(notice, PG_DIAG_SOURCE_FILE);
    return severity != NULL && strcmp(severity, "WARNING") == 0 &&
           ((function != NULL && strcmp(function, "SyncRepWaitForLSN") == 0) || (file != NULL && strcmp(file, "syncrep.c") == 0));
}

/* libpq would print them on standard error. One of these comes before the answer that says that all went well. */
static void hear_notice(void *context, const PGresult *notice)
{
    struct postgres_link *link = context;
    link->unconfirmed = link->unconfirmed || is_wait_ended(notice);
}

static enum status check_usable(struct postgres_link *link, const char *doing, struct error *error)
{
    link->sqlstate[0] = '\0';
    link->unconfirmed = false;
    if (link->connection == NULL || link->lost) {
        return ERROR(error, STATUS_IO, "%s: %s: there is no connection to the PostgreSQL server", link->shown, doing);
    }
    (void)PQsetNoticeReceiver(link->connection, hear_notice, link);
    return STATUS_OK;
}

enum status postgres_execute(struct postgres_link *link, const char *text, PGresult **result, const char *doing,
                             struct error *error)
{
    TRY(check_usable(link, doing, error));
    return finish(link, PQsendQuery(link->connection, text), result, doing, error);
}

enum status postgres_prepare(struct postgres_link *link, const char *name, const char *text, int count, const Oid *types,
                             const char *doing, struct error *error)
{
    TRY(check_usable(link, doing, error));
    return finish(link, PQsendPrepare(link->connection, name, text, count, types), NULL, doing, error);
}

/* The three arrays that libpq wants: every parameter in binary form. */
struct wire {
    const char *bytes[PARAMETERS_MAX];
    int sizes[PARAMETERS_MAX], formats[PARAMETERS_MAX];
};

static void fill_wire(struct wire *wire, const struct postgres_value *values, int count)
{
    CHECK(count >= 0 && count <= PARAMETERS_MAX);
    for (int i = 0; i < count; i++) {
        wire->bytes[i] = values[i].bytes;
        wire->sizes[i] = values[i].size;
        wire->formats[i] = 1;
    }
}

enum status postgres_run(struct postgres_link *link, const char *name, const struct postgres_value *values, int count,
                         PGresult **result, const char *doing, struct error *error)
{
    TRY(check_usable(link, doing, error));
    struct wire wire;
    fill_wire(&wire, values, count);
    int sent = PQsendQueryPrepared(link->connection, name, count, wire.bytes, wire.sizes, wire.formats, 1);
    return finish(link, sent, result, doing, error);
}

enum status postgres_run_once(struct postgres_link *link, const char *text, const struct postgres_value *values, const Oid *types,
                              int count, PGresult **result, const char *doing, struct error *error)
{
    TRY(check_usable(link, doing, error));
    struct wire wire;
    fill_wire(&wire, values, count);
    int sent = PQsendQueryParams(link->connection, text, count, types, wire.bytes, wire.sizes, wire.formats, 1);
    return finish(link, sent, result, doing, error);
}

/* ---- values ---- */

struct postgres_number postgres_number(int64_t value)
{
    struct postgres_number number;
    for (int i = 0; i < 8; i++) {
        number.bytes[i] = (unsigned char)((uint64_t)value >> (56 - 8 * i));
    }
    return number;
}

int64_t postgres_number_read(const char *bytes, int size)
{
    CHECK(size == 2 || size == 4 || size == 8);
    uint64_t bits = (bytes[0] & 0x80) != 0 ? UINT64_MAX : 0; /* the sign fills the word */
    for (int i = 0; i < size; i++) {
        bits = bits << 8 | (unsigned char)bytes[i];
    }
    return (int64_t)bits;
}

int64_t postgres_integer(const PGresult *result, int row, int column)
{
    return postgres_number_read(PQgetvalue(result, row, column), PQgetlength(result, row, column));
}

int64_t postgres_changed(PGresult *result)
{
    static const char *const writers[] = { "INSERT", "UPDATE", "DELETE", "MERGE" };
    for (size_t i = 0; i < ARRAY_LENGTH(writers); i++) {
        if (strncmp(PQcmdStatus(result), writers[i], strlen(writers[i])) == 0) {
            return strtoll(PQcmdTuples(result), NULL, 10);
        }
    }
    return 0;
}

int64_t postgres_lock_key(const char *purpose, const char *schema)
{
    return (int64_t)hash64(schema, strlen(schema), hash64(purpose, strlen(purpose), 0));
}

/* ---- opening ---- */

/* What is said to the server and to libpq besides the URL, which may say otherwise: one that is gone is noticed in seconds. Of
 * several hosts the primary is wanted, and one that does not answer is not waited for long. */
static const struct {
    const char *name, *of_one, *of_several;
} DEFAULTS[] = {
    { "connect_timeout", "5", "3" },
    { "keepalives", "1", "1" },
    { "keepalives_idle", "5", "5" },
    { "keepalives_interval", "2", "2" },
    { "keepalives_count", "3", "3" },
    { "tcp_user_timeout", "10000", "5000" },
    { "target_session_attrs", NULL, "read-write" },
};

/* Options of which each host has its own. */
enum { OF_HOST, OF_ADDRESS, OF_PORT, OF_HOST_COUNT };
static const char *const OF_HOST_NAMES[OF_HOST_COUNT] = { "host", "hostaddr", "port" };

struct options {
    const char *names[OPTIONS_MAX], *values[OPTIONS_MAX];
    size_t count;
    uint32_t hosts;
    char rotated[OF_HOST_COUNT][STORE_URL_MAX];
};

static void add_option(struct options *options, const char *name, const char *value)
{
    CHECK(options->count + 1 < OPTIONS_MAX);
    options->names[options->count] = name;
    options->values[options->count++] = value;
}

static const char *option_of(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->names[i], name) == 0) {
            return options->values[i];
        }
    }
    return NULL;
}

/* The lists go round, so that the host that was the primary last is asked first. */
static void rotate_hosts(struct options *options, uint32_t first)
{
    for (size_t i = 0; i < options->count; i++) {
        for (size_t kind = 0; kind < OF_HOST_COUNT; kind++) {
            if (strcmp(options->names[i], OF_HOST_NAMES[kind]) == 0 && strlen(options->values[i]) < STORE_URL_MAX) {
                postgres_hosts_rotate(options->values[i], first, options->rotated[kind], STORE_URL_MAX);
                options->values[i] = options->rotated[kind];
            }
        }
    }
}

static const char *list_of(const struct options *options, size_t kind)
{
    const char *list = option_of(options, OF_HOST_NAMES[kind]);
    return list != NULL ? list : "";
}

/* What libpq takes: what the URL says, and the defaults for the rest. */
static void fill_options(struct options *options, const PQconninfoOption *parsed, uint32_t first, const char *application)
{
    options->count = 0;
    for (const PQconninfoOption *option = parsed; option->keyword != NULL; option++) {
        if (option->val != NULL && option->val[0] != '\0') {
            add_option(options, option->keyword, option->val);
        }
    }
    uint32_t names = postgres_hosts_count(list_of(options, OF_HOST)),
             addresses = postgres_hosts_count(list_of(options, OF_ADDRESS));
    options->hosts = names > addresses ? names : addresses;
    rotate_hosts(options, first);
    for (size_t i = 0; i < ARRAY_LENGTH(DEFAULTS); i++) {
        const char *value = options->hosts > 1 ? DEFAULTS[i].of_several : DEFAULTS[i].of_one;
        if (value != NULL && option_of(options, DEFAULTS[i].name) == NULL) {
            add_option(options, DEFAULTS[i].name, value);
        }
    }
    add_option(options, "client_encoding", "UTF8"); /* the last one counts */
    add_option(options, "application_name", application);
    add_option(options, NULL, NULL);
    options->count -= 1; /* the end is no option */
}

/* libpq has a line for each host, and hints on lines of their own, which begin with a tab. */
static void tell_hosts(const char *text, char *told, size_t size)
{
    size_t used = 0;
    told[0] = '\0';
    while (*text != '\0' && used < size) {
        int length = line_length(text);
        if (length > 0 && text[0] != '\t') {
            used += (size_t)snprintf(told + used, size - used, "%s%.*s", used > 0 ? "; " : "", length, text);
        }
        text += length + (text[length] == '\n');
    }
}

static enum status not_connected(const struct postgres_link *link, const struct options *options, struct error *error)
{
    char told[TROUBLE_MAX];
    tell_hosts(PQerrorMessage(link->connection), told, sizeof told);
    return options->hosts > 1
               ? ERROR(error, STATUS_IO,
                       "%s: no primary among %u hosts: no connection to a PostgreSQL server that can be written: %s", link->shown,
                       options->hosts, told)
               : ERROR(error, STATUS_IO, "%s: no connection to the PostgreSQL server: %s", link->shown, told);
}

/* Lists as they were given to libpq: so counted from the one that was asked first. */
static void note_host(const struct postgres_link *link, const struct options *options, uint32_t first, struct lease *lease)
{
    uint32_t which = postgres_hosts_find(list_of(options, OF_HOST), list_of(options, OF_PORT), PQhost(link->connection),
                                         PQport(link->connection));
    atomic_store(&lease->host, (first + which) % options->hosts);
}

static enum status connect_to(struct postgres_link *link, const struct store *store, const char *application, struct error *error)
{
    char *why = NULL;
    PQconninfoOption *parsed = PQconninfoParse(store->url, &why);
    PQfreemem(why); /* it may quote the password */
    if (parsed == NULL) {
        return ERROR(error, STATUS_USAGE, "%s: the rest of this URL is not understood; see libpq's connection URIs",
                     store->shown);
    }
    struct options options;
    uint32_t first = store->lease != NULL ? atomic_load(&store->lease->host) : 0;
    fill_options(&options, parsed, first, application);
    link->connection = PQconnectdbParams(options.names, options.values, 0);
    enum status status = STATUS_OK;
    if (link->connection == NULL) {
        status = ERROR(error, STATUS_NO_MEMORY, "%s: no memory", link->shown);
    } else if (PQstatus(link->connection) != CONNECTION_OK) {
        status = not_connected(link, &options, error);
    } else if (store->lease != NULL) {
        note_host(link, &options, first, store->lease);
    }
    PQconninfoFree(parsed);
    TRY(status);
    return PQsetnonblocking(link->connection, 1) == 0 ? STATUS_OK
                                                      : lost(link, "cannot be used", PQerrorMessage(link->connection), error);
}

static enum status check_primary(const struct postgres_link *link, PGresult *facts, struct error *error)
{
    return strcmp(PQgetvalue(facts, 0, 3), "f") == 0
               ? STATUS_OK
               : ERROR(error, STATUS_IO, "%s: the server is a standby, which cannot be written to", link->shown);
}

/* A writer's server must keep what it acknowledges. */
static enum status check_durability(const struct postgres_link *link, PGresult *facts, struct error *error)
{
    static const char *const names[] = { "fsync", "full_page_writes" };
    for (int i = 0; i < 2; i++) {
        if (strcmp(PQgetvalue(facts, 0, i), "on") != 0) {
            return ERROR(error, STATUS_BAD_INPUT,
                         "%s: the server runs with %s = off and would lose what it has acknowledged; set it to on", link->shown,
                         names[i]);
        }
    }
    const char *commit = PQgetvalue(facts, 0, 2);
    if (strcmp(commit, "on") != 0 && strcmp(commit, "remote_apply") != 0) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s: the server runs with synchronous_commit = %s and may lose what it has acknowledged; set it to on, also"
                     " for this user and database",
                     link->shown, commit);
    }
    return check_primary(link, facts, error);
}

/* What was checked is held for this session, whatever becomes of the server's settings. */
static enum status set_session(struct postgres_link *link, const struct store *store, bool writing, const char *synchronous,
                               struct error *error)
{
    char text[1024];
    int length = snprintf(text, sizeof text,
                          "SET search_path = \"%s\"; SET TimeZone = 'UTC'; SET statement_timeout = %d; SET lock_timeout = 5000;"
                          " SET idle_in_transaction_session_timeout = 60000; SET client_connection_check_interval = 2000;"
                          " SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
                          " SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = %s;"
                          " SET synchronous_commit = '%s'",
                          store->schema, link->statement_ms, writing ? "off" : "on", writing ? synchronous : "on");
    CHECK(length > 0 && (size_t)length < sizeof text);
    return postgres_execute(link, text, NULL, "cannot be opened", error);
}

static enum status check_server(struct postgres_link *link, const struct store *store, bool writing, struct error *error)
{
    if (PQserverVersion(link->connection) < VERSION_MIN) {
        return ERROR(error, STATUS_VERSION, "%s: the server is PostgreSQL %d; 15 or newer is needed", link->shown,
                     PQserverVersion(link->connection) / 10000);
    }
    PGresult *facts = NULL;
    TRY(postgres_execute(link,
                         "SELECT current_setting('fsync'), current_setting('full_page_writes'),"
                         " current_setting('synchronous_commit'), pg_is_in_recovery(), current_setting('server_encoding')",
                         &facts, "cannot be opened", error));
    enum status status = STATUS_OK;
    if (strcmp(PQgetvalue(facts, 0, 4), "UTF8") != 0) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s: the database keeps texts as %s; it must be UTF8", link->shown,
                       PQgetvalue(facts, 0, 4));
    }
    if (status == STATUS_OK && writing) {
        status = check_durability(link, facts, error);
    } else if (status == STATUS_OK && store->lease != NULL) {
        status = check_primary(link, facts, error); /* who follows on an older copy would seem to be ahead of the journal */
    }
    if (status == STATUS_OK) {
        status = set_session(link, store, writing, PQgetvalue(facts, 0, 2), error);
    }
    PQclear(facts);
    return status;
}

enum status postgres_link_open(struct postgres_link *link, const struct store *store, const char *application, bool writing,
                               int statement_ms, struct error *error)
{
    *link = (struct postgres_link){ .statement_ms = statement_ms, .grace_ms = ANSWER_GRACE_MS };
    snprintf(link->shown, sizeof link->shown, "%s", store->shown);
    enum status status = connect_to(link, store, application, error);
    if (status == STATUS_OK) {
        status = check_server(link, store, writing, error);
    }
    if (status != STATUS_OK) {
        postgres_link_close(link);
    }
    return status;
}

void postgres_link_close(struct postgres_link *link)
{
    PQfinish(link->connection);
    link->connection = NULL;
    link->lost = true;
}

bool postgres_link_is_lost(struct postgres_link *link)
{
    if (link->connection == NULL || link->lost) {
        return true;
    }
    /* A server that ends says why before it hangs up, so that there may be several things to be read. */
    struct pollfd socket = { .fd = PQsocket(link->connection), .events = POLLIN };
    for (int i = 0; i < UNASKED_MAX && !link->lost && poll(&socket, 1, 0) > 0; i++) {
        link->lost = PQconsumeInput(link->connection) == 0 || PQstatus(link->connection) != CONNECTION_OK;
    }
    return link->lost;
}
