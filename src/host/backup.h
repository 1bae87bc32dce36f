/* Backups of a centre that goes on working, and centres out of backups.
 *
 *   FOLDER/backup-20261122T063000.123Z/   one backup: manifest.json (backup_manifest.h) and what it names
 *     folder       journal.db, segment-..., centre....db     copied by SQLite's online backup
 *     PostgreSQL   centre.dump                               pg_dump in one snapshot
 *     both         mingdi.yaml, the city file, the folder of protocols; never the master key
 *
 * A backup is proved before it gets its name: the chain of its journal and of its audit trail, and the state that the journal
 * leads to, whose hash the manifest keeps. To a backup of a folder what came since may be added, again and again: the new groups
 * of the journal as a segment, and the tables as they are then. The journal is read first and the tables second, so that no
 * caller is missing; tables that are a little newer do no harm.
 *
 * One process at a time works in a folder of backups. A process that is killed leaves a folder or files that no manifest names;
 * the next one clears them away. Workload: once a day, some GB; adding each minute, some MB. */
#ifndef MINGDI_HOST_BACKUP_H
#define MINGDI_HOST_BACKUP_H

#include "host/backup_manifest.h"
#include "host/config.h"

enum { BACKUP_PATH_MAX = STORE_PATH_MAX, BACKUP_SKIPPED_SHOWN = 4 };

struct backup_options {
    const char *data; /* folder of the centre: settings, city file, protocols */
    const struct store *store;
    const struct config *config;
    const char *folder;  /* of backups; made where it is not there */
    const char *program; /* that makes it, for people */
};

struct backup_made {
    char path[BACKUP_PATH_MAX];
    bool added; /* to one that was there */
    struct backup_manifest manifest;
};

/* A whole one. */
enum status backup_make(const struct backup_options *options, struct backup_made *made, struct error *error) MUST_USE;
/* Adds to the newest backup of this centre; a whole one where there is none. STATUS_USAGE in PostgreSQL, which archives its log
 * itself; STATUS_CORRUPT when the journal is not the one that the backup was made of. */
enum status backup_add(const struct backup_options *options, struct backup_made *made, struct error *error) MUST_USE;

/* The newest backup in a folder of backups, of one centre by the hash that its manifest has (or of whichever: NULL).
 * STATUS_NOT_FOUND: there is none. */
enum status backup_newest(const char *folder, const char *centre, char path[BACKUP_PATH_MAX], struct backup_manifest *manifest,
                          struct error *error) MUST_USE;
/* What was passed over in a folder, and why. */
struct backup_skipped {
    size_t count;
    char why[BACKUP_SKIPPED_SHOWN][ERROR_TEXT_MAX]; /* of the first of them: each names its manifest */
};

/* The newest backup of the one centre, or of the one drill, that is meant: by its name or the beginning of its hash, of eight
 * letters at least; NULL where the folder has backups of one only. STATUS_USAGE names those that it could be. Older ones whose
 * manifest cannot be read are skipped. */
enum status backup_choose(const char *folder, const char *centre, bool drill, char path[BACKUP_PATH_MAX],
                          struct backup_manifest *manifest, struct backup_skipped *skipped, struct error *error) MUST_USE;
/* The same question about a certain backup: STATUS_USAGE when it is not what is meant. */
enum status backup_check_chosen(const char *path, const struct backup_manifest *manifest, const char *centre, bool drill,
                                struct error *error) MUST_USE;
/* Size and sum of each file: STATUS_CORRUPT names the first that is not what the manifest says. */
enum status backup_check(const char *path, const struct backup_manifest *manifest, struct error *error) MUST_USE;
/* Calls visit for each backup that nothing was added to since the instant, but never for the newest; and removes them, unless
 * only_look. What is no backup is left alone. */
enum status backup_expire(const char *folder, struct instant before, bool only_look,
                          void (*visit)(void *context, const char *path, const struct backup_manifest *manifest), void *context,
                          struct error *error) MUST_USE;

/* ---- the way back ---- */

struct restore_options {
    const char *from;      /* a backup, or a folder of backups: then the newest of the centre that is meant */
    const char *centre;    /* its name, or the beginning of its hash; NULL: there is one only */
    bool drill;            /* a drill's backup is meant, and no other */
    const char *data;      /* a folder that is not there, or empty */
    const char *store_url; /* of a backup from PostgreSQL; else NULL */
    const char *key;       /* file of the master key; NULL: put there later */
    uint64_t sequence;     /* the journal up to this entry; 0: all */
    struct instant at;     /* or up to this moment; INSTANT_NONE: all */
    const char *program;
};

struct restored {
    char path[BACKUP_PATH_MAX]; /* of the backup */
    struct backup_manifest manifest;
    uint64_t sequence; /* the journal's last now */
    struct instant entered_at;
    char chain[COPY_HASH_TEXT];
    uint64_t state_hash;
    bool hash_compared; /* false: the backup was made by a program that lays out its state otherwise */
    uint64_t sessions;  /* that were ended */
    struct backup_skipped skipped;
};

/* Makes a centre of a backup, in a folder in which nobody else makes one meanwhile: everything is held against the manifest, the
 * journal is replayed from its first entry and must lead to the state that the manifest tells; then it is cut, if it shall be, at
 * the end of a group. All sessions are ended, and the audit trail says what was done. On failure nothing is left. */
enum status backup_restore(const struct restore_options *options, struct restored *restored, struct error *error) MUST_USE;

#endif
