/* What keeping the journal costs: entries of 200 bytes into memory, into SQLite by groups of 1, 10, 100 with a full sync each,
 * and into SQLite in bulk as a simulation does; beside plain SQLite inserts of the same bytes under the same promises, and the
 * disk's own syncs, in the same run. Prints ratios: figures of two machines do not compare, ratios nearly do.
 *
 * usage: bench_store [FOLDER]   where the files are made (default: TMPDIR or /tmp); the disk under it is what is measured */
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "store/memory.h"
#include "store/sample.h"
#include "store/sqlite.h"

enum { ENTRY_SIZE = 200, MEMORY_ENTRIES = 2000000, BULK_ENTRIES = 1000000, BATCH = 1000, ROUNDS = 10 };
#define TURN_S 0.2

struct bench {
    char folder[512], path[600];
    uint64_t *entries; /* BATCH sealed samples, each ENTRY_SIZE bytes; the sequence is set as they go out */
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "bench_store: %s\n", error->text);
        exit(EXIT_FAILURE);
    }
}

static void must_sqlite(int code, sqlite3 *database)
{
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) {
        fprintf(stderr, "bench_store: SQLite: %s\n", sqlite3_errmsg(database));
        exit(EXIT_FAILURE);
    }
}

static void remove_files(const char *path)
{
    static const char *const suffixes[] = { "", "-wal", "-shm", "-journal", "-lock" };
    for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
        char name[700];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
}

/* The cost of making an entry is the core's, so that here they are made beforehand; the checksum of a renumbered one is wrong,
 * which no append looks at. */
static const struct entry_head *entry_numbered(const struct bench *bench, uint64_t sequence)
{
    struct entry_head *entry = (struct entry_head *)(bench->entries + sequence % BATCH * (ENTRY_SIZE / sizeof(uint64_t)));
    entry->sequence = sequence;
    return entry;
}

/* ---- what is measured: each gives entries a second ---- */

static double append_many(const struct bench *bench, const struct journal *journal, uint64_t count)
{
    struct error error;
    uint64_t durable = 0;
    double began = now_s();
    for (uint64_t i = 1; i <= count; i++) {
        must(journal->append(journal->context, entry_numbered(bench, i), &error), &error);
    }
    must(journal->commit(journal->context, &durable, &error), &error);
    return (double)count / (now_s() - began);
}

/* Twice, since the first filling pays for the memory and those after a reset do not. */
static void bench_memory(const struct bench *bench, double *first, double *again)
{
    struct journal journal;
    struct error error;
    must(journal_memory_create(&journal, UINT64_MAX, &error), &error);
    *first = append_many(bench, &journal, MEMORY_ENTRIES);
    journal_memory_reset(&journal);
    *again = append_many(bench, &journal, MEMORY_ENTRIES);
    journal.close(journal.context);
}

static double bench_bulk(const struct bench *bench, double *bytes_ratio)
{
    struct journal journal;
    struct error error;
    struct journal_sqlite_options options = { .access = JOURNAL_CREATE, .bulk = true };
    must(journal_sqlite_open(&journal, bench->path, &options, &error), &error);
    double rate = append_many(bench, &journal, BULK_ENTRIES);
    journal.close(journal.context);
    struct stat facts;
    CHECK(stat(bench->path, &facts) == 0);
    *bytes_ratio = (double)facts.st_size / ((double)BULK_ENTRIES * ENTRY_SIZE);
    remove_files(bench->path);
    return rate;
}

static sqlite3 *open_plain(const char *path, const char *pragmas, sqlite3_stmt **insert)
{
    sqlite3 *database = NULL;
    must_sqlite(sqlite3_open(path, &database), database);
    must_sqlite(sqlite3_exec(database, pragmas, NULL, NULL, NULL), database);
    must_sqlite(sqlite3_exec(database, "CREATE TABLE entry(sequence INTEGER PRIMARY KEY, bytes BLOB)", NULL, NULL, NULL),
                database);
    must_sqlite(sqlite3_prepare_v2(database, "INSERT INTO entry VALUES(?1, ?2)", -1, insert, NULL), database);
    return database;
}

static void insert_plain(const struct bench *bench, sqlite3 *database, sqlite3_stmt *insert, uint64_t sequence)
{
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)sequence);
    sqlite3_bind_blob(insert, 2, entry_numbered(bench, sequence), ENTRY_SIZE, SQLITE_STATIC);
    must_sqlite(sqlite3_step(insert), database);
    sqlite3_reset(insert);
}

/* As one transaction without WAL: the fairest that plain inserts can do in bulk. */
static double bench_plain_bulk(const struct bench *bench)
{
    sqlite3_stmt *insert = NULL;
    sqlite3 *database = open_plain(bench->path,
                                   "PRAGMA page_size = 65536; PRAGMA cache_size = -16384; PRAGMA synchronous = EXTRA", &insert);
    double began = now_s();
    must_sqlite(sqlite3_exec(database, "BEGIN", NULL, NULL, NULL), database);
    for (uint64_t i = 1; i <= BULK_ENTRIES; i++) {
        insert_plain(bench, database, insert, i);
    }
    must_sqlite(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL), database);
    double rate = (double)BULK_ENTRIES / (now_s() - began);
    sqlite3_finalize(insert);
    sqlite3_close(database);
    remove_files(bench->path);
    return rate;
}

/* Three that sync, taking turns, since other users of a disk come and go within seconds. */
struct turns {
    const struct bench *bench;
    uint64_t group;
    struct journal journal;
    sqlite3 *plain;
    sqlite3_stmt *insert;
    int disk;
    uint64_t ours, theirs, syncs; /* entries, entries, and writes of 4 KiB so far */
    double ours_s, theirs_s, syncs_s;
};

static void turn_of_ours(struct turns *turns)
{
    struct error error;
    double began = now_s();
    while (now_s() - began < TURN_S) {
        uint64_t durable = 0;
        for (uint64_t i = 0; i < turns->group; i++) {
            const struct entry_head *entry = entry_numbered(turns->bench, ++turns->ours);
            must(turns->journal.append(turns->journal.context, entry, &error), &error);
        }
        must(turns->journal.commit(turns->journal.context, &durable, &error), &error);
    }
    turns->ours_s += now_s() - began;
}

/* One row an entry, in transactions of as many; no chain, no checksum. */
static void turn_of_theirs(struct turns *turns)
{
    double began = now_s();
    while (now_s() - began < TURN_S) {
        must_sqlite(sqlite3_exec(turns->plain, "BEGIN", NULL, NULL, NULL), turns->plain);
        for (uint64_t i = 0; i < turns->group; i++) {
            insert_plain(turns->bench, turns->plain, turns->insert, ++turns->theirs);
        }
        must_sqlite(sqlite3_exec(turns->plain, "COMMIT", NULL, NULL, NULL), turns->plain);
    }
    turns->theirs_s += now_s() - began;
}

/* Appending 4 KiB and syncing: the most commits that the disk allows. */
static void turn_of_disk(struct turns *turns)
{
    static const char page[4096];
    double began = now_s();
    while (now_s() - began < TURN_S) {
        CHECK(write(turns->disk, page, sizeof page) == (ssize_t)sizeof page && fdatasync(turns->disk) == 0);
        turns->syncs++;
    }
    turns->syncs_s += now_s() - began;
}

static void print_turns(const struct turns *turns)
{
    double ours = (double)turns->ours / turns->ours_s;
    double theirs = (double)turns->theirs / turns->theirs_s;
    double syncs = (double)turns->syncs / turns->syncs_s;
    printf("SQLite, full sync each %4" PRIu64 "               %12.0f   %.2f commits a sync of the disk (%.0f syncs/s)\n",
           turns->group, ours, ours / (double)turns->group / syncs, syncs);
    printf("plain SQLite, full sync each %4" PRIu64 "         %12.0f   the journal does %.2f of it\n", turns->group, theirs,
           ours / theirs);
}

static void bench_synced(const struct bench *bench, uint64_t group)
{
    struct turns turns = { .bench = bench, .group = group };
    struct error error;
    char plain_path[640];
    char disk_path[640];
    snprintf(plain_path, sizeof plain_path, "%s-plain", bench->path);
    snprintf(disk_path, sizeof disk_path, "%s-disk", bench->path);
    must(journal_sqlite_open(&turns.journal, bench->path, &(struct journal_sqlite_options){ .access = JOURNAL_CREATE }, &error),
         &error);
    turns.plain = open_plain(plain_path, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", &turns.insert);
    turns.disk = open(disk_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    CHECK(turns.disk >= 0);
    for (int i = 0; i < ROUNDS; i++) {
        turn_of_disk(&turns);
        turn_of_ours(&turns);
        turn_of_theirs(&turns);
    }
    print_turns(&turns);
    close(turns.disk);
    sqlite3_finalize(turns.insert);
    sqlite3_close(turns.plain);
    turns.journal.close(turns.journal.context);
    remove_files(bench->path);
    remove_files(plain_path);
    remove_files(disk_path);
}

static void prepare(struct bench *bench, const char *folder)
{
    snprintf(bench->folder, sizeof bench->folder, "%s/mingdi-bench-XXXXXX", folder);
    if (mkdtemp(bench->folder) == NULL) {
        fprintf(stderr, "bench_store: cannot make a folder in %s\n", folder);
        exit(EXIT_FAILURE);
    }
    snprintf(bench->path, sizeof bench->path, "%s/bench.db", bench->folder);
    bench->entries = malloc((size_t)BATCH * ENTRY_SIZE);
    CHECK(bench->entries != NULL);
    for (uint64_t i = 0; i < BATCH; i++) {
        struct sample sample;
        memcpy(bench->entries + i * (ENTRY_SIZE / sizeof(uint64_t)), sample_entry_200(&sample, i + 1), ENTRY_SIZE);
    }
}

int main(int argc, char **argv)
{
    struct bench bench;
    const char *base = getenv("TMPDIR");
    prepare(&bench, argc > 1 ? argv[1] : base != NULL && base[0] != '\0' ? base : "/tmp");
    double first = 0;
    double again = 0;
    double bytes_ratio = 0;
    bench_memory(&bench, &first, &again);
    double bulk = bench_bulk(&bench, &bytes_ratio);
    double plain_bulk = bench_plain_bulk(&bench);
    printf("journal, entries of %d bytes                entries/s   ratio\n", ENTRY_SIZE);
    printf("memory, after a reset                     %12.0f\n", again);
    printf("memory, first filling                     %12.0f   %5.2f of memory after a reset\n", first, first / again);
    printf("SQLite in bulk, one commit                %12.0f   %5.3f of memory; file is %.3f of the bytes\n", bulk, bulk / again,
           bytes_ratio);
    printf("plain SQLite in bulk, a row an entry      %12.0f   the journal does %.2f of it\n", plain_bulk, bulk / plain_bulk);
    bench_synced(&bench, 1);
    bench_synced(&bench, 10);
    bench_synced(&bench, 100);
    free(bench.entries);
    (void)rmdir(bench.folder);
    return EXIT_SUCCESS;
}
