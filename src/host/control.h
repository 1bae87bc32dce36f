/* Who has a seat, a unit or a hospital in hand: in a drill a person takes it over from the simulation and gives it back; in a
 * live centre it tells who sits where. Kept in the centre's tables, so that a restart forgets nothing. In a drill it goes back by
 * itself when whoever has it was at the stream and is gone (control_tidy). I/O thread; writes through the clerk. */
#ifndef MINGDI_HOST_CONTROL_H
#define MINGDI_HOST_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/status.h"
#include "base/time.h"
#include "host/workers.h"
#include "store/sql.h"

enum control_kind { CONTROL_SEAT, CONTROL_UNIT, CONTROL_FACILITY, CONTROL_KIND_COUNT };
extern const char *const CONTROL_NAMES[CONTROL_KIND_COUNT]; /* "seat", "unit", "facility" */

struct control;
/* CONTROL_MAX are held at once. CONTROL_ABSENT_US: a reload takes seconds, a browser that was restarted or a phone in a tunnel
 * half a minute; a seat that nobody serves keeps a drill's callers waiting, so that it is not much longer. */
enum { CONTROL_MAX = 4096, CONTROL_ABSENT_US = 60000000 };

/* Reads what is held; sql is used in the clerk only afterwards. */
enum status control_create(struct sql *sql, struct workers *clerk, struct control **control, struct error *error) MUST_USE;
void control_destroy(struct control *control);
/* Reads it anew by a connection of the caller's own, after another process has changed it. STATUS_IO, and nothing has changed,
 * while something is still being written. */
enum status control_reload(struct control *control, struct sql *sql, struct error *error) MUST_USE;

/* The actor who has it; 0: nobody. */
uint32_t control_holder(const struct control *control, enum control_kind kind, uint32_t id);
enum control_outcome { CONTROL_DONE, CONTROL_TAKEN_ALREADY, CONTROL_NOT_HELD, CONTROL_FULL, CONTROL_NOT_STORED };
/* done in the I/O thread, once it is durable, or at once where nothing is to be written; holder is who has it then (on
 * TAKEN_ALREADY: who has it). NOT_STORED: the tables refused, or another change of it is still being written; nothing has
 * changed, come again. */
void control_take(struct control *control, enum control_kind kind, uint32_t id, uint32_t actor, struct instant now,
                  void (*done)(void *context, enum control_outcome outcome, uint32_t holder), void *context);
void control_give(struct control *control, enum control_kind kind, uint32_t id, uint32_t actor, bool by_force,
                  void (*done)(void *context, enum control_outcome outcome, uint32_t holder), void *context);
/* Gives back what is held by actors who have not been present for absent_us: from the time when they were seen last, or from the
 * first look after a restart. Who was never seen (a program that has no stream) keeps what it took. To be called every second
 * or so; now_us is of the monotonic clock. */
void control_tidy(struct control *control, int64_t now_us, int64_t absent_us, bool (*is_present)(void *context, uint32_t actor),
                  void *context);
/* [{"kind":"seat","id":3,"actor":7,"since":...}], of those that shown lets through. */
void control_write_json(const struct control *control, struct json *json, const char *name,
                        bool (*shown)(void *context, enum control_kind kind, uint32_t id), void *context);
/* Raised with every change: the stream tells its clients then. */
uint64_t control_version(const struct control *control);

#endif
