#include "cli/bench_live_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "store/sample.h"

enum { BLOCK = 4096, BLOCKS = 1024, ROW = 256 };

/* ---- syncs ---- */

static enum status write_block(int file, int64_t number, const char *path, struct error *error)
{
    static const char block[BLOCK] = "mingdi";
    ssize_t written = pwrite(file, block, BLOCK, number % BLOCKS * BLOCK);
    return written == BLOCK ? STATUS_OK : ERROR(error, STATUS_IO, "%s: cannot be written: %s", path, strerror(errno));
}

static enum status write_and_sync(int file, const struct bench_place *place, double seconds, const char *path,
                                  struct bench_samples *samples, struct error *error)
{
    for (int64_t i = 0; i < BLOCKS; i++) {
        TRY(write_block(file, i, path, error));
    }
    if (fsync(file) != 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be synced: %s", path, strerror(errno));
    }
    int64_t until_ns = bench_now_ns() + (int64_t)(seconds * 1e9);
    for (int64_t i = 0, begin_ns = bench_now_ns(); begin_ns < until_ns && *place->stop == 0; i++) {
        TRY(write_block(file, i, path, error));
        if (fdatasync(file) != 0) {
            return ERROR(error, STATUS_IO, "%s: cannot be synced: %s", path, strerror(errno));
        }
        int64_t now_ns = bench_now_ns();
        bench_samples_add(samples, now_ns - begin_ns);
        begin_ns = now_ns;
    }
    return *place->stop == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "stopped before the end");
}

enum status bench_disk_sync(const struct bench_place *place, double seconds, struct bench_samples *samples, struct error *error)
{
    char *path = file_join(place->folder, "synced");
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    enum status status = file < 0 ? ERROR(error, STATUS_IO, "%s: cannot be made: %s", path, strerror(errno))
                                  : write_and_sync(file, place, seconds, path, samples, error);
    if (file >= 0) {
        close(file);
    }
    (void)unlink(path);
    free(path);
    return status;
}

/* ---- the journal ---- */

static enum status commit_entries(const struct journal *journal, uint64_t *sequence, int entries, struct error *error)
{
    struct sample sample;
    uint64_t durable;
    for (int i = 0; i < entries; i++) {
        TRY(journal->append(journal->context, sample_entry_200(&sample, ++*sequence), error));
    }
    return journal->commit(journal->context, &durable, error);
}

enum status bench_disk_journal(const struct bench_place *place, const struct store *store, int entries, double seconds,
                               struct bench_samples *samples, double *a_second, struct error *error)
{
    struct journal journal;
    struct journal_facts facts;
    const struct journal_options options = { .created_by = "mingdi bench live" };
    TRY(store_journal_open(store, JOURNAL_WRITE_OR_CREATE, &options, &journal, error));
    store_journal_facts(&journal, &facts);
    uint64_t sequence = facts.last_sequence;
    enum status status = STATUS_OK;
    int64_t first_ns = bench_now_ns(), begin_ns = first_ns, until_ns = first_ns + (int64_t)(seconds * 1e9);
    size_t before = samples->count;
    while (status == STATUS_OK && begin_ns < until_ns && *place->stop == 0) {
        status = commit_entries(&journal, &sequence, entries, error);
        int64_t now_ns = bench_now_ns();
        bench_samples_add(samples, now_ns - begin_ns);
        begin_ns = now_ns;
    }
    *a_second = (double)(samples->count - before) * 1e9 / (double)(begin_ns - first_ns);
    journal.close(journal.context);
    return status == STATUS_OK && *place->stop != 0 ? ERROR(error, STATUS_IO, "stopped before the end") : status;
}

/* ---- inserts ---- */

struct inserter {
    const struct bench_place *place;
    struct sql *sql;
    pthread_t thread;
    bool started;
    int64_t until_ns;
    struct bench_samples samples;
    enum status status;
    struct error error;
};

static void *insert_rows(void *context)
{
    struct inserter *inserter = context;
    char row[ROW + 1];
    memset(row, 'm', ROW);
    row[ROW] = '\0';
    int64_t begin_ns = bench_now_ns();
    while (inserter->status == STATUS_OK && begin_ns < inserter->until_ns && *inserter->place->stop == 0) {
        inserter->status = sql_run(inserter->sql, "INSERT INTO bench_insert(body) VALUES($1)", SQL_PARAMETERS(sql_text(row)),
                                   NULL, &inserter->error);
        int64_t now_ns = bench_now_ns();
        bench_samples_add(&inserter->samples, now_ns - begin_ns);
        begin_ns = now_ns;
    }
    return NULL;
}

static enum status open_inserter(struct inserter *inserter, const struct store *store, struct error *error)
{
    TRY(sql_open(store, SQL_CENTRE, false, &inserter->sql, error));
    return sql_run(inserter->sql, "CREATE TABLE IF NOT EXISTS bench_insert(body TEXT NOT NULL)", SQL_NO_PARAMETERS, NULL, error);
}

static enum status start_inserters(struct inserter *inserters, int count, struct error *error)
{
    for (int i = 0; i < count; i++) {
        if (pthread_create(&inserters[i].thread, NULL, insert_rows, &inserters[i]) != 0) {
            return ERROR(error, STATUS_IO, "no thread for a connection");
        }
        inserters[i].started = true;
    }
    return STATUS_OK;
}

enum status bench_disk_insert(const struct bench_place *place, const struct store *store, int connections, double seconds,
                              struct bench_samples *samples, double *a_second, struct error *error)
{
    struct inserter inserters[BENCH_CONNECTIONS_MAX] = { 0 };
    enum status status = STATUS_OK;
    size_t before = samples->count;
    CHECK(connections <= BENCH_CONNECTIONS_MAX);
    for (int i = 0; i < connections && status == STATUS_OK; i++) {
        inserters[i].place = place;
        status = open_inserter(&inserters[i], store, error);
    }
    int64_t begin_ns = bench_now_ns();
    for (int i = 0; i < connections; i++) {
        inserters[i].until_ns = begin_ns + (int64_t)(seconds * 1e9);
    }
    status = status == STATUS_OK ? start_inserters(inserters, connections, error) : status;
    for (int i = 0; i < connections; i++) {
        struct inserter *inserter = &inserters[i];
        if (inserter->started) {
            (void)pthread_join(inserter->thread, NULL);
        }
        if (status == STATUS_OK && inserter->status != STATUS_OK) {
            *error = inserter->error;
            status = inserter->status;
        }
        bench_samples_add_all(samples, &inserter->samples);
        vec_free(&inserter->samples);
        sql_close(inserter->sql);
    }
    *a_second = (double)(samples->count - before) * 1e9 / (double)(bench_now_ns() - begin_ns);
    return status == STATUS_OK && *place->stop != 0 ? ERROR(error, STATUS_IO, "stopped before the end") : status;
}
