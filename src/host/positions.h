/* Where units are, newest first: reported by HTTP in batches, the latest by its own time wins, shown to consoles at once, told to
 * the road workers at once, and thinned into the journal: one fix a unit each position_keep_s, many units in one command
 * units_position. What has not been journalled may be lost with the process; statuses never go this way. I/O thread only.
 *
 * Workload: 20,000 positions a second in batches of 100 to 1,000. */
#ifndef MINGDI_HOST_POSITIONS_H
#define MINGDI_HOST_POSITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "host/centre.h"
#include "host/fence.h"
#include "host/identity.h"

struct event_base;
struct positions;

struct position {
    struct geo_point point;
    struct instant at; /* INSTANT_NONE: never reported */
};

enum status positions_create(struct event_base *base, struct centre *centre, struct clock *clock, uint32_t keep_s,
                             struct positions **positions, struct error *error) MUST_USE;
void positions_destroy(struct positions *positions);
/* Submits what is due to be journalled now, and what is not: before the server stops. */
void positions_flush(struct positions *positions);
void positions_set_keep(struct positions *positions, uint32_t keep_s);

enum positions_outcome { POSITIONS_TAKEN, POSITIONS_MALFORMED, POSITIONS_TOO_MANY };
/* A batch as it came: a JSON array of {"unit":12,"lon":11.97,"lat":57.7,"at":"2026-11-22T08:30:00Z"}, at optional (now). Read
 * without a tree. On TAKEN the answer {taken, older, refused:[{unit, why}]} is written into answer; on MALFORMED why says where.
 */
enum positions_outcome positions_report(struct positions *positions, const struct identity *identity, const char *body,
                                        size_t length, struct json *answer, char *why, size_t why_size);
/* The newest known of the unit; from the journal where nothing newer was reported. */
struct position positions_of(const struct positions *positions, uint32_t unit);
/* What the unit's positions suggest that nobody has reported yet (fence.h). In memory only. */
struct suggestion positions_suggestion(const struct positions *positions, uint32_t id);
/* Those that changed since the mark, which is moved: for the stream. Returns how many; units[] has room for all units. */
uint32_t positions_changed(const struct positions *positions, uint64_t *mark, uint32_t *units, uint32_t maximum);

/* Of the newest change. */
uint64_t positions_mark(const struct positions *positions);
/* Called with every entry that the mirror has applied: positions that came as commands count as well. */
void positions_entry(struct positions *positions, const struct entry_head *entry);

struct positions_figures {
    uint64_t taken, older, refused, journalled, batches;
    /* Of each kind: suggestions made; stages that were reported after one, and by how much later (or earlier: negative) than it
     * said, added up. */
    uint64_t suggested[SUGGESTION_KIND_COUNT], reported[SUGGESTION_KIND_COUNT];
    double deviation_s[SUGGESTION_KIND_COUNT];
};
void positions_figures(const struct positions *positions, struct positions_figures *figures);

#endif
