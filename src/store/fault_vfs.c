#include "store/fault_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/vec.h"

enum { SECTOR = 512 };

VEC_TYPE(byte_vec, unsigned char);

/* A change since the last sync; a truncation has no bytes. */
struct change {
    uint64_t offset;
    size_t size;
    unsigned char *bytes;
};

VEC_TYPE(change_vec, struct change);

/* What is known of one path. */
struct tracked {
    char *path;
    struct byte_vec durable;
    struct change_vec pending;
    bool deleted;     /* the file is gone */
    bool delete_kept; /* and its directory was synced after that */
};

VEC_TYPE(tracked_vec, struct tracked *);

struct fault_vfs {
    sqlite3_vfs vfs; /* first: SQLite hands this address back */
    sqlite3_vfs *real;
    enum fault_kind kind;
    uint64_t fail_at, calls;
    bool injected;
    struct tracked_vec files;
};

struct fault_file {
    sqlite3_file file; /* first, as above; the real file follows */
    struct fault_vfs *owner;
    struct tracked *tracked; /* NULL for a temporary file */
};

static sqlite3_file *real_of(sqlite3_file *file) { return (sqlite3_file *)((struct fault_file *)file + 1); }

/* Whether this call, which would change a file, must fail. */
static bool strikes(struct fault_vfs *vfs, bool is_write)
{
    vfs->calls++;
    if (vfs->fail_at == 0 || vfs->calls < vfs->fail_at) {
        return false;
    }
    bool now = vfs->calls == vfs->fail_at;
    bool fails = vfs->kind == FAULT_IO ? now : vfs->kind == FAULT_FULL ? is_write : true;
    vfs->injected = vfs->injected || fails;
    return fails;
}

/* ---- what the disk has ---- */

static void grow(struct byte_vec *bytes, size_t size)
{
    CHECK(vec_reserve(bytes, size)); /* a test without memory cannot go on */
    if (size > bytes->count) {
        memset(bytes->items + bytes->count, 0, size - bytes->count);
    }
    bytes->count = size;
}

static void apply(struct byte_vec *image, const struct change *change, size_t size)
{
    if (change->bytes == NULL) {
        grow(image, change->offset);
        return;
    }
    if (change->offset + size > image->count) {
        grow(image, change->offset + size);
    }
    if (size > 0) {
        memcpy(image->items + change->offset, change->bytes, size);
    }
}

static void drop_pending(struct tracked *tracked)
{
    for (size_t i = 0; i < tracked->pending.count; i++) {
        free(tracked->pending.items[i].bytes);
    }
    tracked->pending.count = 0;
}

static void note_change(struct tracked *tracked, uint64_t offset, const void *bytes, size_t size)
{
    struct change change = { .offset = offset, .size = size };
    if (tracked == NULL) {
        return;
    }
    if (bytes != NULL) {
        change.bytes = malloc(size);
        CHECK(change.bytes != NULL);
        memcpy(change.bytes, bytes, size);
    }
    CHECK(vec_push(&tracked->pending, change));
}

static void note_sync(struct tracked *tracked)
{
    if (tracked == NULL) {
        return;
    }
    for (size_t i = 0; i < tracked->pending.count; i++) {
        apply(&tracked->durable, &tracked->pending.items[i], tracked->pending.items[i].size);
    }
    drop_pending(tracked);
}

static struct tracked *track(struct fault_vfs *vfs, const char *path)
{
    for (size_t i = 0; i < vfs->files.count; i++) {
        if (strcmp(vfs->files.items[i]->path, path) == 0) {
            return vfs->files.items[i];
        }
    }
    struct tracked *tracked = calloc(1, sizeof *tracked);
    CHECK(tracked != NULL && (tracked->path = strdup(path)) != NULL && vec_push(&vfs->files, tracked));
    struct file_view view;
    struct error error;
    if (file_view_open(&view, path, &error) == STATUS_OK) {
        grow(&tracked->durable, view.size);
        if (view.size > 0) {
            memcpy(tracked->durable.items, view.bytes, view.size);
        }
        file_view_close(&view);
    } else {
        tracked->deleted = tracked->delete_kept = true;
    }
    return tracked;
}

/* A file made anew under the name of one that was deleted. */
static void note_created(struct tracked *tracked)
{
    if (tracked->deleted) {
        drop_pending(tracked);
        tracked->durable.count = 0;
        tracked->deleted = tracked->delete_kept = false;
    }
}

/* ---- methods of a file ---- */

static int file_close(sqlite3_file *file) { return real_of(file)->pMethods->xClose(real_of(file)); }

static int file_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), bytes, size, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    struct fault_file *fault = (struct fault_file *)file;
    if (strikes(fault->owner, true)) {
        return fault->owner->kind == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    int code = real_of(file)->pMethods->xWrite(real_of(file), bytes, size, offset);
    if (code == SQLITE_OK) {
        note_change(fault->tracked, (uint64_t)offset, bytes, (size_t)size);
    }
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct fault_file *fault = (struct fault_file *)file;
    if (strikes(fault->owner, false)) {
        return SQLITE_IOERR_TRUNCATE;
    }
    int code = real_of(file)->pMethods->xTruncate(real_of(file), size);
    if (code == SQLITE_OK) {
        note_change(fault->tracked, (uint64_t)size, NULL, 0);
    }
    return code;
}

/* The real sync is left out: nothing here needs it, and tests are many. */
static int file_sync(sqlite3_file *file, int flags)
{
    struct fault_file *fault = (struct fault_file *)file;
    (void)flags;
    if (strikes(fault->owner, false)) {
        return SQLITE_IOERR_FSYNC;
    }
    note_sync(fault->tracked);
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) { return real_of(file)->pMethods->xFileSize(real_of(file), size); }

static int file_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }

static int file_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }

static int file_check_reserved(sqlite3_file *file, int *reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file)
{
    (void)file;
    return SECTOR;
}

/* Promises nothing about what a power cut spares. */
static int file_characteristics(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }

static int file_shm_unmap(sqlite3_file *file, int remove) { return real_of(file)->pMethods->xShmUnmap(real_of(file), remove); }

static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* ---- methods of the VFS ---- */

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *flags_out)
{
    struct fault_vfs *fault = (struct fault_vfs *)vfs;
    struct fault_file *opened = (struct fault_file *)file;
    opened->file.pMethods = NULL;
    bool creates = (flags & SQLITE_OPEN_CREATE) != 0 && path != NULL && !file_exists(path);
    if (creates && strikes(fault, true)) {
        return fault->kind == FAULT_FULL ? SQLITE_FULL : SQLITE_CANTOPEN;
    }
    struct tracked *tracked = path != NULL ? track(fault, path) : NULL;
    int code = fault->real->xOpen(fault->real, path, real_of(file), flags, flags_out);
    if (code == SQLITE_OK) {
        opened->owner = fault;
        opened->tracked = tracked;
        opened->file.pMethods = &METHODS;
        if (tracked != NULL) {
            note_created(tracked);
        }
    }
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_directory)
{
    struct fault_vfs *fault = (struct fault_vfs *)vfs;
    if (strikes(fault, false)) {
        return SQLITE_IOERR_DELETE;
    }
    struct tracked *tracked = track(fault, path);
    int code = fault->real->xDelete(fault->real, path, 0);
    if (code == SQLITE_OK) {
        tracked->deleted = true;
        tracked->delete_kept = sync_directory != 0;
    }
    return code;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *result)
{
    struct fault_vfs *fault = (struct fault_vfs *)vfs;
    return fault->real->xAccess(fault->real, path, flags, result);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int size, char *full)
{
    struct fault_vfs *fault = (struct fault_vfs *)vfs;
    return fault->real->xFullPathname(fault->real, path, size, full);
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *bytes)
{
    struct fault_vfs *fault = (struct fault_vfs *)vfs;
    return fault->real->xRandomness(fault->real, size, bytes);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    struct fault_vfs *fault = (struct fault_vfs *)vfs;
    return fault->real->xSleep(fault->real, microseconds);
}

static int vfs_time(sqlite3_vfs *vfs, double *days)
{
    struct fault_vfs *fault = (struct fault_vfs *)vfs;
    return fault->real->xCurrentTime(fault->real, days);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *text)
{
    (void)vfs;
    if (size > 0) {
        text[0] = '\0';
    }
    return 0;
}

enum status fault_vfs_create(struct fault_vfs **vfs, const char *name, enum fault_kind kind, uint64_t fail_at,
                             struct error *error)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    struct fault_vfs *made = calloc(1, sizeof *made);
    if (real == NULL || made == NULL) {
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a VFS");
    }
    *made = (struct fault_vfs){ .real = real, .kind = kind, .fail_at = fail_at };
    made->vfs = (sqlite3_vfs){ .iVersion = 1,
                               .szOsFile = (int)sizeof(struct fault_file) + real->szOsFile,
                               .mxPathname = real->mxPathname,
                               .zName = name,
                               .xOpen = vfs_open,
                               .xDelete = vfs_delete,
                               .xAccess = vfs_access,
                               .xFullPathname = vfs_full_path,
                               .xRandomness = vfs_randomness,
                               .xSleep = vfs_sleep,
                               .xCurrentTime = vfs_time,
                               .xGetLastError = vfs_last_error };
    if (sqlite3_vfs_register(&made->vfs, 0) != SQLITE_OK) {
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a VFS");
    }
    *vfs = made;
    return STATUS_OK;
}

void fault_vfs_destroy(struct fault_vfs *vfs)
{
    sqlite3_vfs_unregister(&vfs->vfs);
    for (size_t i = 0; i < vfs->files.count; i++) {
        struct tracked *tracked = vfs->files.items[i];
        drop_pending(tracked);
        vec_free(&tracked->pending);
        vec_free(&tracked->durable);
        free(tracked->path);
        free(tracked);
    }
    vec_free(&vfs->files);
    free(vfs);
}

void fault_vfs_arm(struct fault_vfs *vfs, enum fault_kind kind, uint64_t after)
{
    vfs->kind = kind;
    vfs->fail_at = after == 0 ? 0 : vfs->calls + after;
    vfs->injected = false;
}

bool fault_vfs_injected(const struct fault_vfs *vfs) { return vfs->injected; }

/* Of each pending change: not there, there, or its first half in whole sectors. */
static void lose(struct tracked *tracked, uint64_t seed)
{
    for (size_t i = 0; i < tracked->pending.count; i++) {
        const struct change *change = &tracked->pending.items[i];
        uint64_t fate = hash64(&i, sizeof i, seed) % 3;
        if (fate == 1) {
            apply(&tracked->durable, change, change->size);
        } else if (fate == 2 && change->bytes != NULL) {
            apply(&tracked->durable, change, change->size / 2 / SECTOR * SECTOR);
        }
    }
    drop_pending(tracked);
}

static void remove_index(const char *path)
{
    size_t size = strlen(path) + sizeof "-shm";
    char *name = malloc(size);
    CHECK(name != NULL);
    snprintf(name, size, "%s-shm", path);
    (void)unlink(name);
    free(name);
}

enum status fault_vfs_power_cut(struct fault_vfs *vfs, uint64_t seed, struct error *error)
{
    for (size_t i = 0; i < vfs->files.count; i++) {
        struct tracked *tracked = vfs->files.items[i];
        uint64_t own_seed = hash64(&i, sizeof i, seed);
        bool gone = tracked->deleted && (tracked->delete_kept || own_seed % 2 == 0);
        bool is_whole = !tracked->deleted && tracked->pending.count == 0;
        lose(tracked, own_seed);
        remove_index(tracked->path); /* shared memory never survives */
        tracked->deleted = tracked->delete_kept = gone;
        if (gone) {
            (void)unlink(tracked->path);
        } else if (!is_whole) {
            TRY(file_write_whole(tracked->path, tracked->durable.items, tracked->durable.count, error));
        }
    }
    return STATUS_OK;
}
