/* Under a program: the Nth call of one kind fails, all others go through. Loaded before the C library (LD_PRELOAD).
 *
 *   FAULT_KIND   alloc, own, read, write, sync or connect; own: allocations but SQLite's, which are most of those of a store
 *   FAULT_AT     which call fails, counted from 1 once the libraries have been loaded; 0: none
 *   FAULT_REPORT a file to which is written at the end: calls of the kind, 1 if one was failed, descriptors left open
 *                (opened at the start: by its end a confined process opens nothing)
 *   FAULT_TRACE  if set, the calls that led to the one that fails are told on standard error: what a stop is explained by
 *
 * An allocation counts unless a library makes it that is known to crash when memory is refused to it: SPARED.
 * read counts mmap of a file too, write what stdio writes: its own calls inside the C library cannot be seen from here. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { ALLOC, READ, WRITE, SYNC, CONNECT, KIND_COUNT };

/* jansson 2.14 aborts or frees twice, OpenSSL 3.0 follows a null pointer when it fetches an algorithm, libseccomp 2.5 never ends,
 * libcurl 7.88 divides by the size of a table that it has not. */
static const char *const SPARED[] = { "libjansson", "libcrypto", "libssl", "libseccomp", "libcurl" };
static const char OWN[] = "own", NOT_OWN[] = "libsqlite3";
enum { RANGES_MAX = 16 };
static struct {
    uintptr_t from, to;
} spared[RANGES_MAX];
static int spared_count;

static const char *const NAMES[KIND_COUNT] = { "alloc", "read", "write", "sync", "connect" };
static atomic_int kind = -1; /* nothing is counted before the constructor has run */
static atomic_long calls;
static long fail_at;
static int open_at_start, report = -1;
static pid_t owner;
static int traces;

/* An object of the C library's as a function: the language has no such cast. */
#define NEXT(name, type, ...)                                         \
    static type (*name##_next)(__VA_ARGS__);                          \
    static void find_##name(void)                                     \
    {                                                                 \
        if (name##_next == NULL) {                                    \
            *(void **)(void *)&name##_next = dlsym(RTLD_NEXT, #name); \
        }                                                             \
    }

enum { TRACE_MAX = 32 };

static void tell_trace(void)
{
    void *frames[TRACE_MAX];
    backtrace_symbols_fd(frames, backtrace(frames, TRACE_MAX), STDERR_FILENO);
}

static int fails(enum kind of)
{
    int is_it = atomic_load(&kind) == (int)of && atomic_fetch_add(&calls, 1) + 1 == fail_at;
    if (is_it && traces) {
        tell_trace();
    }
    return is_it;
}

static int is_own; /* what counts is the program's own */

static int is_spared(const char *library)
{
    for (size_t i = 0; i < sizeof SPARED / sizeof SPARED[0]; i++) {
        if (strstr(library, SPARED[i]) != NULL) {
            return 1;
        }
    }
    return is_own && strstr(library, NOT_OWN) != NULL;
}

static int note_library(struct dl_phdr_info *library, size_t size, void *context)
{
    (void)size;
    (void)context;
    for (int i = 0; is_spared(library->dlpi_name) && i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &library->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0 && spared_count < RANGES_MAX) {
            spared[spared_count].from = library->dlpi_addr + part->p_vaddr;
            spared[spared_count++].to = library->dlpi_addr + part->p_vaddr + part->p_memsz;
        }
    }
    return 0;
}

enum { DESCRIPTORS_MAX = 16384 };

static int count_descriptors(void)
{
    int count = 0;
    for (int file = 0; file < DESCRIPTORS_MAX; file++) {
        count += fcntl(file, F_GETFD) >= 0;
    }
    return count;
}

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("FAULT_KIND"), *at = getenv("FAULT_AT");
    owner = getpid();
    fail_at = at != NULL ? strtol(at, NULL, 10) : 0;
    report = getenv("FAULT_REPORT") != NULL ? open(getenv("FAULT_REPORT"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    open_at_start = count_descriptors();
    is_own = name != NULL && strcmp(name, OWN) == 0;
    name = is_own ? NAMES[ALLOC] : name;
    dl_iterate_phdr(note_library, NULL);
    traces = getenv("FAULT_TRACE") != NULL;
    if (traces) {
        void *frame;
        (void)backtrace(&frame, 1); /* loads what it needs, which a confined process cannot */
    }
    for (int i = 0; i < KIND_COUNT; i++) {
        if (name != NULL && strcmp(name, NAMES[i]) == 0) {
            atomic_store(&kind, i);
        }
    }
}

__attribute__((destructor)) static void end(void)
{
    long counted = atomic_load(&calls);
    atomic_store(&kind, -1);
    if (report >= 0 && getpid() == owner) {
        dprintf(report, "%ld %d %d\n", counted, fail_at > 0 && counted >= fail_at, count_descriptors() - open_at_start);
    }
}

/* ---- memory: the C library's own names, for dlsym itself allocates ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

#ifndef WITHOUT_ALLOC
static int is_refused(const void *caller)
{
    for (int i = 0; i < spared_count; i++) {
        if ((uintptr_t)caller >= spared[i].from && (uintptr_t)caller < spared[i].to) {
            return 0;
        }
    }
    if (!fails(ALLOC)) {
        return 0;
    }
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) { return is_refused(__builtin_return_address(0)) ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) { return is_refused(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size); }

/* So that it counts as its caller's, and not as the C library's. */
char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = is_refused(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

void *realloc(void *old, size_t size) { return is_refused(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size); }
#endif

/* ---- reading ---- */

static long io_error(void)
{
    errno = EIO;
    return -1;
}

NEXT(read, ssize_t, int, void *, size_t)
ssize_t read(int file, void *bytes, size_t size)
{
    find_read();
    return fails(READ) ? io_error() : read_next(file, bytes, size);
}

NEXT(pread, ssize_t, int, void *, size_t, off_t)
ssize_t pread(int file, void *bytes, size_t size, off_t at)
{
    find_pread();
    return fails(READ) ? io_error() : pread_next(file, bytes, size, at);
}

NEXT(pread64, ssize_t, int, void *, size_t, off_t)
ssize_t pread64(int file, void *bytes, size_t size, off_t at)
{
    find_pread64();
    return fails(READ) ? io_error() : pread64_next(file, bytes, size, at);
}

static long cut_off(void)
{
    errno = ECONNRESET;
    return -1;
}

NEXT(recv, ssize_t, int, void *, size_t, int)
ssize_t recv(int file, void *bytes, size_t size, int flags)
{
    find_recv();
    return fails(READ) ? cut_off() : recv_next(file, bytes, size, flags);
}

NEXT(mmap, void *, void *, size_t, int, int, int, off_t)
void *mmap(void *where, size_t size, int protection, int flags, int file, off_t at)
{
    find_mmap();
    if (file >= 0 && fails(READ)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return mmap_next(where, size, protection, flags, file, at);
}

/* ---- writing ---- */

/* What goes to a disk, that is: what threads tell each other cannot run out of room. */
static int is_file(int file)
{
    struct stat facts;
    return file > STDERR_FILENO && fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
}

static long no_room(void)
{
    errno = ENOSPC;
    return -1;
}

/* libmosquitto writes to its connection as to a file. */
static int is_connection(int file)
{
    struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
    socklen_t size = sizeof address;
    return file > STDERR_FILENO && getsockname(file, (struct sockaddr *)&address, &size) == 0 &&
           (address.ss_family == AF_INET || address.ss_family == AF_INET6);
}

NEXT(write, ssize_t, int, const void *, size_t)
ssize_t write(int file, const void *bytes, size_t size)
{
    find_write();
    if (is_connection(file)) {
        return fails(WRITE) ? cut_off() : write_next(file, bytes, size);
    }
    return is_file(file) && fails(WRITE) ? no_room() : write_next(file, bytes, size);
}

NEXT(send, ssize_t, int, const void *, size_t, int)
ssize_t send(int file, const void *bytes, size_t size, int flags)
{
    find_send();
    return fails(WRITE) ? cut_off() : send_next(file, bytes, size, flags);
}

NEXT(pwrite, ssize_t, int, const void *, size_t, off_t)
ssize_t pwrite(int file, const void *bytes, size_t size, off_t at)
{
    find_pwrite();
    return fails(WRITE) ? no_room() : pwrite_next(file, bytes, size, at);
}

NEXT(pwrite64, ssize_t, int, const void *, size_t, off_t)
ssize_t pwrite64(int file, const void *bytes, size_t size, off_t at)
{
    find_pwrite64();
    return fails(WRITE) ? no_room() : pwrite64_next(file, bytes, size, at);
}

NEXT(fwrite, size_t, const void *, size_t, size_t, FILE *)
size_t fwrite(const void *bytes, size_t size, size_t count, FILE *stream)
{
    find_fwrite();
    return is_file(fileno(stream)) && fails(WRITE) ? (size_t)(no_room() + 1) : fwrite_next(bytes, size, count, stream);
}

NEXT(fflush, int, FILE *)
int fflush(FILE *stream)
{
    find_fflush();
    return stream != NULL && is_file(fileno(stream)) && fails(WRITE) ? (int)no_room() : fflush_next(stream);
}

/* ---- syncing, connecting ---- */

NEXT(fsync, int, int)
int fsync(int file)
{
    find_fsync();
    return fails(SYNC) ? (int)io_error() : fsync_next(file);
}

NEXT(fdatasync, int, int)
int fdatasync(int file)
{
    find_fdatasync();
    return fails(SYNC) ? (int)io_error() : fdatasync_next(file);
}

NEXT(connect, int, int, const struct sockaddr *, socklen_t)
int connect(int file, const struct sockaddr *address, socklen_t size)
{
    find_connect();
    if (fails(CONNECT)) {
        errno = ECONNREFUSED;
        return -1;
    }
    return connect_next(file, address, size);
}
