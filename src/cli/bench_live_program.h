/* Programs that the benchmark starts: itself with other words, and PostgreSQL's. Each dies with the benchmark, whatever ends it.
 * Main thread only. */
#ifndef MINGDI_CLI_BENCH_LIVE_PROGRAM_H
#define MINGDI_CLI_BENCH_LIVE_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"
#include "base/text.h"

struct bench_place;

#define BENCH_SELF "/proc/self/exe"

/* BENCH_AS_NOBODY: where the benchmark is root's, the program is postgres's or nobody's. */
enum bench_user { BENCH_AS_SELF, BENCH_AS_NOBODY };

/* words: path of the program and its arguments, then NULL. Runs it to its end; what it prints goes to told (may be NULL). Any
 * exit but 0 is STATUS_IO with the last of what it said on standard error. */
enum status bench_program_run(const struct bench_place *place, const char *const *words, enum bench_user user, struct text *told,
                              struct error *error) MUST_USE;
/* Starts it and waits for its first line on standard output; line NULL: does not wait. *process is 0 if it is not running. */
enum status bench_program_start(const struct bench_place *place, const char *const *words, enum bench_user user, pid_t *process,
                                char *line, size_t line_size, struct error *error) MUST_USE;
/* Sends the signal and waits for the end; kills it when that does not come. 0 is fine, and is what it becomes. */
void bench_program_stop(pid_t *process, int signal_number);
/* Gives a folder to the user that BENCH_AS_NOBODY means. */
enum status bench_program_give(const char *folder, struct error *error) MUST_USE;

#endif
