/* What making a backup (backup.c, backup_folder.c) and restoring one (restore.c) share. */
#ifndef MINGDI_HOST_BACKUP_PRIVATE_H
#define MINGDI_HOST_BACKUP_PRIVATE_H

#include "host/backup.h"

/* folder/name; STATUS_USAGE when it is too long. */
enum status backup_join(char path[BACKUP_PATH_MAX], const char *folder, const char *name, struct error *error) MUST_USE;
/* A whole file under a new name, for its owner only. */
enum status backup_copy_file(const char *from, const char *to, struct error *error) MUST_USE;
bool backup_is_file(const char *folder, const char *name); /* and no link or folder */
enum status backup_sync_folder(const char *folder, struct error *error) MUST_USE;
/* For its owner only; *made tells whether it was not there. */
enum status backup_make_folder(const char *folder, bool *made, struct error *error) MUST_USE;

/* A centre's journal and tables as they lie in a folder, whatever made them. */
void backup_store_in(const char *folder, bool drill, struct store *store);
/* The whole chain of the audit trail. */
enum status backup_verify_trail(const struct store *store, struct error *error) MUST_USE;

/* ---- a folder of backups ---- */

/* Makes it, and keeps others out until the descriptor is closed. */
enum status backup_lock(const char *folder, int *lock, struct error *error) MUST_USE;
/* Removes what killed processes left. */
void backup_clear_partial(const char *folder);
/* The end of the name of a folder that is being made or removed. */
#define BACKUP_PARTIAL ".partial"
#define BACKUP_PREFIX "backup-"

#endif
