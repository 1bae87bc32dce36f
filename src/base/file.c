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

enum status file_writer_open(struct file_writer *writer, const char *path, struct error *error)
{
    size_t length = strlen(path);
    *writer = (struct file_writer){ .path = strdup(path), .temporary_path = malloc(length + 32) };
    CHECK(writer->path != NULL && writer->temporary_path != NULL);
    snprintf(writer->temporary_path, length + 32, "%s.part-%ld", path, (long)getpid());
    writer->stream = fopen(writer->temporary_path, "wbe");
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

enum status file_writer_commit(struct file_writer *writer, struct error *error)
{
    bool flushed = fflush(writer->stream) == 0 && fsync(fileno(writer->stream)) == 0;
    int reason = errno;
    bool closed = fclose(writer->stream) == 0;
    if (flushed && !closed) {
        reason = errno;
    }
    bool named = flushed && closed && rename(writer->temporary_path, writer->path) == 0;
    if (flushed && closed && !named) {
        reason = errno;
    }
    enum status status = STATUS_OK;
    if (!named) {
        unlink(writer->temporary_path);
        status = ERROR(error, STATUS_IO, "%s: cannot write: %s", writer->path, strerror(reason));
    }
    release(writer);
    return status;
}

void file_writer_abandon(struct file_writer *writer)
{
    fclose(writer->stream);
    unlink(writer->temporary_path);
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
