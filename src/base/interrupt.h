/* What a process leaves when it is told to stop (Ctrl-C, kill, the terminal closing): a folder of half-made files is removed
 * first. Workload: one folder at a time, of a handful of files. */
#ifndef MINGDI_BASE_INTERRUPT_H
#define MINGDI_BASE_INTERRUPT_H

#include <stdbool.h>

#include "base/status.h"

struct interrupt_guard;

/* From now on SIGINT, SIGTERM and SIGHUP (those that were not ignored) empty and remove the folder, say so on standard error,
 * and end the process as they always do. Call it before other threads are made: they inherit that these signals wait for the
 * guard. *started is the caller's, to be given to one of the two below. */
enum status interrupt_guard_start(struct interrupt_guard **started, const char *folder, struct error *error) MUST_USE;
/* The folder is finished: a signal that comes now waits until interrupt_guard_end, so that what must not be cut in two can be
 * done in between. At most once. */
void interrupt_guard_hold(struct interrupt_guard *guard);
/* Signals do what they did before. NULL is fine. */
void interrupt_guard_end(struct interrupt_guard *guard);

/* Removes a folder and the files in it, but no folders in it; what is not there is fine. True if nothing is left. */
bool folder_remove(const char *folder);

#endif
