#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

enum status file_view_open(struct file_view *view, const char *path, struct error *error)
{
    *view = (struct file_view){ .bytes = (const unsigned char *)"" };
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        enum status status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
        return ERROR(error, status, "%s: cannot open: %s", path, strerror(errno));
    }
    enum status status = STATUS_OK;
    struct stat facts;
    if (fstat(descriptor, &facts) != 0) {
        status = ERROR(error, STATUS_IO, "%s: cannot read its size: %s", path, strerror(errno));
    } else if (!S_ISREG(facts.st_mode)) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s: not a file", path);
    } else if (facts.st_size > 0) {
        void *mapped = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (mapped == MAP_FAILED) {
            status = ERROR(error, STATUS_IO, "%s: cannot map into memory: %s", path, strerror(errno));
        } else {
            *view = (struct file_view){ .bytes = mapped, .size = (size_t)facts.st_size, .mapped = mapped };
        }
    }
    close(descriptor);
    return status;
}

void file_view_close(struct file_view *view)
{
    if (view->mapped != NULL) {
        munmap(view->mapped, view->size);
    }
    *view = (struct file_view){ .bytes = (const unsigned char *)"" };
}

static FILE *stream_of(int descriptor)
{
    FILE *stream = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
    if (stream == NULL && descriptor >= 0) {
        int reason = errno;
        close(descriptor);
        errno = reason;
    }
    return stream;
}

/* A file without a name in the folder of path, or NULL where the file system has none such. */
static FILE *open_nameless(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    CHECK(folder != NULL);
    FILE *stream = stream_of(open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
    free(folder);
    return stream;
}

static void open_stream(struct file_writer *writer, bool is_file)
{
    if (!is_file) {
        bool standard = strcmp(writer->path, "/dev/stdout") == 0; /* may be a file, in which others have written already */
        writer->stream = stream_of(standard ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                            : open(writer->path, O_WRONLY | O_CLOEXEC));
        return;
    }
    size_t size = strlen(writer->path) + 32;
    writer->temporary_path = malloc(size);
    CHECK(writer->temporary_path != NULL);
    snprintf(writer->temporary_path, size, "%s.part-%ld", writer->path, (long)getpid());
    writer->stream = open_nameless(writer->path);
    writer->nameless = writer->stream != NULL;
    if (!writer->nameless) {
        writer->stream = fopen(writer->temporary_path, "wbe");
    }
}

enum status file_writer_open(struct file_writer *writer, const char *path, struct error *error)
{
    struct stat facts;
    bool there = stat(path, &facts) == 0;
    if (there && S_ISDIR(facts.st_mode)) {
        return ERROR(error, STATUS_IO, "%s: cannot create: it is a folder; name a file", path);
    }
    bool is_file = !there || (S_ISREG(facts.st_mode) && strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/proc/", 6) != 0);
    char *linked = there && is_file ? realpath(path, NULL) : NULL;
    *writer = (struct file_writer){ .path = linked != NULL ? linked : strdup(path) };
    CHECK(writer->path != NULL);
    open_stream(writer, is_file);
    if (writer->stream == NULL) {
        enum status status = ERROR(error, STATUS_IO, "%s: cannot create: %s", path, strerror(errno));
        free(writer->path);
        free(writer->temporary_path);
        return status;
    }
    return STATUS_OK;
}

enum status file_writer_write(struct file_writer *writer, const void *bytes, size_t size, struct error *error)
{
    if (size > 0 && fwrite(bytes, 1, size, writer->stream) != size) {
        return ERROR(error, STATUS_IO, "%s: cannot write: %s", writer->path, strerror(errno));
    }
    return STATUS_OK;
}

static void release(struct file_writer *writer)
{
    free(writer->path);
    free(writer->temporary_path);
    *writer = (struct file_writer){ 0 };
}

/* Gives a nameless file its temporary name. */
static bool give_name(const struct file_writer *writer)
{
    char descriptor[64];
    snprintf(descriptor, sizeof descriptor, "/proc/self/fd/%d", fileno(writer->stream));
    return linkat(AT_FDCWD, descriptor, AT_FDCWD, writer->temporary_path, AT_SYMLINK_FOLLOW) == 0;
}

/* False, with errno, if what was written is not safely there. */
static bool finish_stream(const struct file_writer *writer)
{
    if (fflush(writer->stream) != 0) {
        return false;
    }
    if (writer->temporary_path == NULL) {
        return true; /* a pipe or a device: nothing to sync or to name */
    }
    return fsync(fileno(writer->stream)) == 0 && (!writer->nameless || give_name(writer));
}

enum status file_writer_commit(struct file_writer *writer, struct error *error)
{
    bool done = finish_stream(writer);
    int reason = errno;
    if (fclose(writer->stream) != 0 && done) {
        done = false;
        reason = errno;
    }
    if (done && writer->temporary_path != NULL && rename(writer->temporary_path, writer->path) != 0) {
        done = false;
        reason = errno;
    }
    enum status status = STATUS_OK;
    if (!done) {
        if (writer->temporary_path != NULL) {
            unlink(writer->temporary_path);
        }
        status = ERROR(error, STATUS_IO, "%s: cannot write: %s", writer->path, strerror(reason));
    }
    release(writer);
    return status;
}

void file_writer_abandon(struct file_writer *writer)
{
    fclose(writer->stream);
    if (writer->temporary_path != NULL && !writer->nameless) {
        unlink(writer->temporary_path);
    }
    release(writer);
}

enum status file_write_whole(const char *path, const void *bytes, size_t size, struct error *error)
{
    struct file_writer writer;
    TRY(file_writer_open(&writer, path, error));
    enum status status = file_writer_write(&writer, bytes, size, error);
    if (status != STATUS_OK) {
        file_writer_abandon(&writer);
        return status;
    }
    return file_writer_commit(&writer, error);
}

enum status file_make_folder(const char *path, struct error *error)
{
    char *partial = strdup(path);
    CHECK(partial != NULL);
    enum status status = STATUS_OK;
    for (size_t i = 1; status == STATUS_OK && i <= strlen(path); i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        partial[i] = '\0';
        struct stat facts;
        if (mkdir(partial, 0777) != 0 && (errno != EEXIST || stat(partial, &facts) != 0 || !S_ISDIR(facts.st_mode))) {
            status = ERROR(error, STATUS_IO, "%s: cannot make the folder: %s", partial, strerror(errno));
        }
        partial[i] = path[i];
    }
    free(partial);
    return status;
}

bool file_exists(const char *path) { return access(path, F_OK) == 0; }

char *file_join(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *joined = malloc(size);
    CHECK(joined != NULL);
    snprintf(joined, size, "%s/%s", folder, name);
    return joined;
}
