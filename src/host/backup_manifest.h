/* What a backup says of itself: manifest.json in its folder. It is written last and in one piece, so a folder without one is no
 * backup, and a file that it does not name is none of its files.
 *
 * Reading is hostile: names may only be plain names, sums only sums. Workload: once a backup. */
#ifndef MINGDI_HOST_BACKUP_MANIFEST_H
#define MINGDI_HOST_BACKUP_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "store/copy.h"
#include "store/store.h"

enum {
    BACKUP_FORMAT = 1,
    BACKUP_FILES_MAX = 600,
    BACKUP_NAME_MAX = 160,
    BACKUP_MANIFEST_MAX = 1 << 19, /* bytes */
};
#define BACKUP_MANIFEST "manifest.json"

enum backup_role {
    BACKUP_JOURNAL,  /* journal.db: all groups up to the first one of the segments */
    BACKUP_SEGMENT,  /* groups that came after, in the order of the files */
    BACKUP_TABLES,   /* centre.db, not older than the journal */
    BACKUP_DUMP,     /* of pg_dump: journal and tables */
    BACKUP_SETTINGS, /* mingdi.yaml */
    BACKUP_CITY,
    BACKUP_PROTOCOL, /* a file of the folder of protocols */
    BACKUP_ROLE_COUNT,
};
extern const char *const BACKUP_ROLE_NAMES[BACKUP_ROLE_COUNT];

struct backup_file {
    enum backup_role role;
    char name[BACKUP_NAME_MAX];     /* in the backup's folder */
    char restored[BACKUP_NAME_MAX]; /* of a city or protocol: its name in the data folder, which may have one folder in it */
    uint64_t bytes;
    char sha256[COPY_HASH_TEXT];
};

struct backup_manifest {
    enum store_kind kind;
    bool drill;
    char schema[STORE_SCHEMA_MAX];    /* in PostgreSQL */
    char centre[COPY_HASH_TEXT];      /* which centre: the hash of the first group of its journal */
    char name[256];                   /* of the centre, for people */
    char program[64];                 /* that made it */
    struct instant made_at, added_at; /* added_at: when groups were added last; = made_at at first */
    uint64_t sequence;                /* the journal reaches to here */
    struct instant entered_at;        /* of that entry */
    char chain[COPY_HASH_TEXT];       /* hash of the group that ends there */
    uint64_t state_hash, state_layout;
    uint32_t file_count;
    struct backup_file files[BACKUP_FILES_MAX];
};

enum status backup_manifest_write(const struct backup_manifest *manifest, const char *folder, struct error *error) MUST_USE;
/* STATUS_NOT_FOUND: the folder holds none. */
enum status backup_manifest_read(const char *folder, struct backup_manifest *manifest, struct error *error) MUST_USE;
/* name: in messages. */
enum status backup_manifest_parse(const char *bytes, size_t size, const char *name, struct backup_manifest *manifest,
                                  struct error *error) MUST_USE;

/* NULL where it names none of that role. */
const struct backup_file *backup_manifest_find(const struct backup_manifest *manifest, enum backup_role role);

#endif
