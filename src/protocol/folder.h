/* The files of a folder of protocols, as bytes in memory: what was hashed is what is read. */
#ifndef MINGDI_PROTOCOL_FOLDER_H
#define MINGDI_PROTOCOL_FOLDER_H

#include "protocol/package.h"

struct folder_file {
    char name[PACKAGE_NAME_MAX];
    unsigned char *bytes;
    size_t size;
    unsigned char hash[PACKAGE_HASH_SIZE]; /* SHA-256 */
};

struct folder {
    uint32_t count;
    struct folder_file files[PROTOCOLS_MAX]; /* *.yaml, by name */
};

/* Hidden files and those of other names are left alone. On failure nothing is held. */
enum status folder_read(const char *path, struct folder *folder, struct error *error) MUST_USE;
void folder_free(struct folder *folder);
/* A whole file of at most size_max bytes, which the caller frees. STATUS_NOT_FOUND: there is none. */
enum status folder_read_file(const char *path, const char *name, size_t size_max, unsigned char **bytes, size_t *size,
                             struct error *error) MUST_USE;

#endif
