#include "protocol/folder.h"

#include <dirent.h>
#include <errno.h>
#include <sodium/crypto_hash_sha256.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

void folder_free(struct folder *folder)
{
    for (uint32_t i = 0; i < folder->count; i++) {
        free(folder->files[i].bytes);
    }
    folder->count = 0;
}

enum status folder_read_file(const char *path, const char *name, size_t size_max, unsigned char **bytes, size_t *size,
                             struct error *error)
{
    struct file_view view;
    char *whole = file_join(path, name);
    if (!file_exists(whole)) {
        enum status missing = ERROR(error, STATUS_NOT_FOUND, "%s: there is no such file", whole);
        free(whole);
        return missing;
    }
    enum status status = file_view_open(&view, whole, error);
    if (status == STATUS_OK && view.size > size_max) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s: %zu bytes, at most %zu are read", whole, view.size, size_max);
        file_view_close(&view);
    }
    free(whole);
    TRY(status);
    *bytes = malloc(view.size + 1);
    if (*bytes != NULL) {
        memcpy(*bytes, view.bytes, view.size);
        (*bytes)[view.size] = '\0';
        *size = view.size;
    }
    file_view_close(&view);
    return *bytes != NULL ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory to read %s", name);
}

static bool is_protocol(const char *name)
{
    size_t length = strlen(name);
    return name[0] != '.' && length > strlen(".yaml") && strcmp(name + length - strlen(".yaml"), ".yaml") == 0;
}

static enum status add_name(struct folder *folder, const char *path, const char *name, struct error *error)
{
    if (folder->count == PROTOCOLS_MAX) {
        return ERROR(error, STATUS_FULL, "%s: more than %d protocols: take files that are none out of the folder", path,
                     (int)PROTOCOLS_MAX);
    }
    if (strlen(name) >= PACKAGE_NAME_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "%s/%s: the name is too long; at most %d characters", path, name,
                     (int)PACKAGE_NAME_MAX - 1);
    }
    struct folder_file *file = &folder->files[folder->count++];
    *file = (struct folder_file){ 0 };
    memcpy(file->name, name, strlen(name) + 1);
    return STATUS_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct folder_file *)a)->name, ((const struct folder_file *)b)->name);
}

static enum status list_names(struct folder *folder, const char *path, struct error *error)
{
    DIR *listing = opendir(path);
    enum status status = STATUS_OK;
    if (listing == NULL) {
        return ERROR(error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "%s: the folder of protocols cannot be read: %s",
                     path, strerror(errno));
    }
    for (const struct dirent *entry = readdir(listing); entry != NULL && status == STATUS_OK; entry = readdir(listing)) {
        if (is_protocol(entry->d_name)) {
            status = add_name(folder, path, entry->d_name, error);
        }
    }
    closedir(listing);
    TRY(status);
    qsort(folder->files, folder->count, sizeof folder->files[0], compare_names);
    return folder->count > 0 ? STATUS_OK : ERROR(error, STATUS_NOT_FOUND, "%s: no protocol (*.yaml) in this folder", path);
}

enum status folder_read(const char *path, struct folder *folder, struct error *error)
{
    folder->count = 0;
    enum status status = list_names(folder, path, error);
    for (uint32_t i = 0; i < folder->count && status == STATUS_OK; i++) {
        struct folder_file *file = &folder->files[i];
        status = folder_read_file(path, file->name, PROTOCOL_FILE_MAX, &file->bytes, &file->size, error);
        if (status == STATUS_OK) {
            (void)crypto_hash_sha256(file->hash, file->bytes, file->size);
        }
    }
    if (status != STATUS_OK) {
        folder_free(folder);
    }
    return status;
}
