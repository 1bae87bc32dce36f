/* Whole files: read through a memory map, written so that a half-written file is never seen under its name. */
#ifndef MINGDI_BASE_FILE_H
#define MINGDI_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

/* A read-only view of a file's bytes; empty files give bytes = "" and size 0. */
struct file_view {
    const unsigned char *bytes;
    size_t size;
    void *mapped; /* NULL for an empty file */
};

enum status file_view_open(struct file_view *view, const char *path, struct error *error) MUST_USE;
void file_view_close(struct file_view *view);

/* A file being written without a name in the target's folder, or, on file systems that cannot do that, under a temporary one.
 * Commit syncs it and puts it in the target's place; abandon drops it. Exactly one of the two must be called after a successful
 * open. So a process that is killed leaves nothing behind. A target that is no file (a pipe, /dev/stdout) is written to as it
 * comes: it must never be replaced. A link is followed. */
struct file_writer {
    FILE *stream;
    char *path, *temporary_path; /* temporary_path: NULL where the target is no file */
    bool nameless;               /* temporary_path is given at the end only */
};

enum status file_writer_open(struct file_writer *writer, const char *path, struct error *error) MUST_USE;
enum status file_writer_write(struct file_writer *writer, const void *bytes, size_t size, struct error *error) MUST_USE;
enum status file_writer_commit(struct file_writer *writer, struct error *error) MUST_USE;
void file_writer_abandon(struct file_writer *writer);

/* The whole in one call. */
enum status file_write_whole(const char *path, const void *bytes, size_t size, struct error *error) MUST_USE;
/* Make a folder and its parents; one that exists is fine. */
enum status file_make_folder(const char *path, struct error *error) MUST_USE;
bool file_exists(const char *path);
/* folder + "/" + name in a new string that the caller frees; aborts when memory is refused (a few bytes). */
char *file_join(const char *folder, const char *name);

#endif
