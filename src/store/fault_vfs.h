/* A layer under SQLite that fails on purpose and forgets like a disk at a power cut. For tests.
 *
 * It passes everything on to the system's VFS, counts the calls that change files (write, truncate, sync, delete, open for
 * creating), and fails the Nth. Beside that it remembers for each file what is surely on the disk: the bytes at its last sync,
 * and the writes since. A power cut rewrites each file as a disk might have it afterwards: of the writes since the last sync each
 * is there, or not, or half, as a seed says. One thread, files up to a few MB. */
#ifndef MINGDI_STORE_FAULT_VFS_H
#define MINGDI_STORE_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum fault_kind {
    FAULT_IO,   /* the call fails with an I/O error; later ones succeed */
    FAULT_FULL, /* the disk is full: this and every later write fails, syncs succeed */
    FAULT_DEAD, /* the device is gone: this and every later call that changes files fails */
};

struct fault_vfs;

/* Registers a VFS under the name, which the caller keeps; fail_at counts from 1, 0 for never. */
enum status fault_vfs_create(struct fault_vfs **vfs, const char *name, enum fault_kind kind, uint64_t fail_at,
                             struct error *error) MUST_USE;
/* Unregisters it; no connection may be open. */
void fault_vfs_destroy(struct fault_vfs *vfs);

/* From here on the after-th call fails; 0: none. What was injected before is forgotten. */
void fault_vfs_arm(struct fault_vfs *vfs, enum fault_kind kind, uint64_t after);
bool fault_vfs_injected(const struct fault_vfs *vfs);
/* Once all connections are closed (a device that is dead lets nothing through meanwhile): rewrites the files that had anything
 * pending. */
enum status fault_vfs_power_cut(struct fault_vfs *vfs, uint64_t seed, struct error *error) MUST_USE;

#endif
