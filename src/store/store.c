#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "store/migration.h"
#include "store/postgres.h"
#include "store/sqlite.h"

#define DRILL_SUFFIX "_drill"

enum { SCHEMA_NAME_MAX = STORE_SCHEMA_MAX - sizeof DRILL_SUFFIX };

/* ---- names ---- */

static const char *after_scheme(const char *url)
{
    static const char *const schemes[] = { "postgres://", "postgresql://" };
    for (size_t i = 0; i < ARRAY_LENGTH(schemes); i++) {
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0) {
            return url + strlen(schemes[i]);
        }
    }
    return NULL;
}

bool store_is_url(const char *text) { return after_scheme(text) != NULL; }

/* The schema's name stands between quotes in SQL, so that nothing else than this may come into it. */
static bool schema_is_fine(const char *name, size_t length)
{
    bool is_plain = length > 0 && length <= SCHEMA_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") >= length;
    return is_plain && !(name[0] >= '0' && name[0] <= '9') && !(length >= 3 && strncmp(name, "pg_", 3) == 0);
}

/* The URL without schema=NAME among its options, which libpq does not know. *schema is a view of the name in url, or of the usual
 * one. */
static enum status take_schema(const char *url, struct store *store, const char **schema, size_t *length, struct error *error)
{
    size_t used = strcspn(url, "?");
    *schema = "mingdi";
    *length = strlen(*schema);
    memcpy(store->url, url, used);
    char separator = '?';
    for (const char *at = url + used; *at != '\0';) {
        size_t size = strcspn(++at, "&");
        if (strncmp(at, "schema=", 7) == 0) {
            *schema = at + 7;
            *length = size - 7;
        } else if (size > 0) {
            store->url[used++] = separator;
            memcpy(store->url + used, at, size);
            used += size;
            separator = '&';
        }
        at += size;
    }
    store->url[used] = '\0';
    if (!schema_is_fine(*schema, *length)) {
        return ERROR(error, STATUS_USAGE,
                     "%s: schema= must be a name of at most %d small letters, digits and _, not beginning with a"
                     " digit or pg_",
                     store->shown, (int)SCHEMA_NAME_MAX);
    }
    return STATUS_OK;
}

/* User, hosts, ports and database: no password, and no options, among which one may stand. */
static void show_url(const char *url, struct store *store)
{
    const char *begin = after_scheme(url);
    int authority = (int)strcspn(begin, "/?");
    const char *at = memrchr(begin, '@', (size_t)authority);
    int user = at != NULL ? (int)strcspn(begin, ":@") : 0;
    const char *rest = at != NULL ? at : begin;
    snprintf(store->shown, sizeof store->shown, "postgres://%.*s%.*s", user, begin, (int)strcspn(rest, "?"), rest);
}

static enum status parse_url(const char *url, struct store *store, struct error *error)
{
    if (!store_is_url(url)) {
        return ERROR(error, STATUS_USAGE, "--store takes a URL of PostgreSQL, postgres://USER@HOST/DATABASE");
    }
    if (strlen(url) >= STORE_URL_MAX) {
        return ERROR(error, STATUS_USAGE, "--store: a URL has at most %d bytes", STORE_URL_MAX - 1);
    }
    const char *schema = NULL;
    size_t length = 0;
    store->kind = STORE_POSTGRES;
    show_url(url, store);
    TRY(take_schema(url, store, &schema, &length, error));
    snprintf(store->schema, sizeof store->schema, "%.*s%s", (int)length, schema, store->drill ? DRILL_SUFFIX : "");
    return STATUS_OK;
}

static enum status parse_folder(const char *folder, struct store *store, struct error *error)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') {
        length--;
    }
    const char *suffix = store->drill ? "/drill" : "";
    if (length == 0 || length + sizeof "/drill/journal.db-journal" > STORE_PATH_MAX) {
        return ERROR(error, STATUS_USAGE, "--data: a folder's name has 1 to %d bytes",
                     (int)(STORE_PATH_MAX - sizeof "/drill/journal.db-journal"));
    }
    snprintf(store->folder, sizeof store->folder, "%.*s%s", (int)length, folder, suffix);
    snprintf(store->shown, sizeof store->shown, "%s", store->folder);
    return STATUS_OK;
}

enum status store_parse(const char *folder, const char *url, bool drill, struct store *store, struct error *error)
{
    struct store parsed = { .kind = STORE_FOLDER, .drill = drill };
    if (folder == NULL && url == NULL) {
        return ERROR(error, STATUS_USAGE, "name the folder of the centre with --data");
    }
    if (folder != NULL) {
        TRY(parse_folder(folder, &parsed, error));
    }
    if (url != NULL) {
        TRY(parse_url(url, &parsed, error));
    }
    *store = parsed;
    return STATUS_OK;
}

/* ---- the folder ---- */

/* One that is made here is its owner's only: personal data will lie in it. */
static enum status make_folder(const char *folder, struct error *error)
{
    if (file_exists(folder)) {
        return STATUS_OK;
    }
    TRY(file_make_folder(folder, error));
    return chmod(folder, S_IRWXU) == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "%s: %s", folder, strerror(errno));
}

/* A journal that will be new, before SQLite makes it: it tells where people were in need. One that is there keeps its mode. */
static enum status make_private(const char *path, struct error *error)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0 && errno != EEXIST) {
        return ERROR(error, STATUS_IO, "%s: cannot be created: %s", path, strerror(errno));
    }
    if (file >= 0) {
        close(file);
    }
    return STATUS_OK;
}

/* ---- the journal ---- */

static enum status open_file(const struct store *store, enum journal_access access, const struct journal_options *options,
                             struct journal *journal, struct error *error)
{
    char path[STORE_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/journal.db", store->folder);
    struct journal_sqlite_options own = { .access = access, .drill = store->drill };
    if (options != NULL) {
        own.flush_bytes = options->flush_bytes;
        own.created_by = options->created_by;
        own.limits = options->limits;
        own.policy = options->policy;
        own.wait_ms = options->wait_ms;
        own.snapshot_span = options->snapshot_span;
    }
    if (access == JOURNAL_CREATE || access == JOURNAL_WRITE_OR_CREATE) {
        TRY(make_folder(store->folder, error));
        TRY(make_private(path, error));
    }
    return journal_sqlite_open(journal, path, &own, error);
}

static enum status open_any(const struct store *store, enum journal_access access, const struct journal_options *options,
                            struct journal *journal, struct error *error)
{
    return store->kind == STORE_POSTGRES ? journal_postgres_open(journal, store, access, options, error)
                                         : open_file(store, access, options, journal, error);
}

enum status store_journal_open(const struct store *store, enum journal_access access, const struct journal_options *options,
                               struct journal *journal, struct error *error)
{
    struct journal opened;
    struct journal_facts facts;
    TRY(open_any(store, access, options, &opened, error));
    store_journal_facts(&opened, &facts);
    if (facts.drill != store->drill) {
        opened.close(opened.context);
        return ERROR(error, STATUS_BAD_INPUT, "%s: its journal is that of %s, and is not opened as that of %s", store->shown,
                     facts.drill ? "a drill" : "a centre", store->drill ? "a drill" : "a centre");
    }
    *journal = opened;
    return STATUS_OK;
}

enum status store_journal_open_named(const char *name, struct journal *journal, struct error *error)
{
    struct stat facts;
    struct store store;
    if (store_is_url(name)) {
        TRY(store_parse(NULL, name, false, &store, error));
        return open_any(&store, JOURNAL_READ, NULL, journal, error);
    }
    if (stat(name, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        TRY(store_parse(name, NULL, false, &store, error));
        return open_any(&store, JOURNAL_READ, NULL, journal, error);
    }
    return journal_sqlite_open(journal, name, &(struct journal_sqlite_options){ .access = JOURNAL_READ }, error);
}

void store_journal_facts(const struct journal *journal, struct journal_facts *facts)
{
    if (journal_is_postgres(journal)) {
        journal_postgres_facts(journal, facts);
    } else {
        journal_sqlite_facts(journal, facts);
    }
}

enum status store_journal_set_final(struct journal *journal, uint64_t state_hash, struct error *error)
{
    return journal_is_postgres(journal) ? journal_postgres_set_final(journal, state_hash, error)
                                        : journal_sqlite_set_final(journal, state_hash, error);
}

enum status store_journal_snapshot_before(const struct journal *journal, uint64_t before, uint64_t *sequence, void **bytes,
                                          size_t *size, struct error *error)
{
    return journal_is_postgres(journal) ? journal_postgres_snapshot_before(journal, before, sequence, bytes, size, error)
                                        : journal_sqlite_snapshot_before(journal, before, sequence, bytes, size, error);
}

enum status store_journal_verify(const struct journal *journal, struct journal_report *report, struct error *error)
{
    return journal_is_postgres(journal) ? journal_postgres_verify(journal, report, error)
                                        : journal_sqlite_verify(journal, report, error);
}

/* ---- tables ---- */

enum status store_tables_open(const struct store *store, enum sql_database database, bool read_only, struct sql **sql,
                              struct error *error)
{
    const struct migration_part *part = database == SQL_CENTRE ? &MIGRATION_CENTRE : &MIGRATION_REPORT;
    struct sql *opened = NULL;
    if (store->kind == STORE_FOLDER && !read_only) {
        TRY(make_folder(store->folder, error));
    }
    TRY(sql_open(store, database, read_only, &opened, error));
    enum status status = read_only ? STATUS_OK : migration_create(opened, part, error);
    if (status == STATUS_OK) {
        status = migration_require(opened, part, error);
    }
    if (status != STATUS_OK) {
        sql_close(opened);
        return status;
    }
    sql_owner_only(opened, store); /* from here on: missing tables are made by whoever comes first */
    *sql = opened;
    return STATUS_OK;
}
