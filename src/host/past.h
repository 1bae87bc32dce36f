/* What was: the story of one incident, and the map of a past hour. Both are read from the journal, the story by picking the
 * entries that touch the incident, the map by applying entries to an engine of its own, so that it shows what the consoles
 * showed.
 *
 * Workload: a reviewer asks now and then. A story reads the entries between the first ring and the end of the last mission, some
 * ten thousand in a large city, in less than a second. A map begins from the nearest state before it: the one of the question
 * before, or a snapshot, of which the journal keeps one in each million entries, or nothing; about a million entries a second
 * from there, at most PAST_ENTRIES_MAX. So this belongs into a thread of its own, and ends early when nobody waits for it any
 * more. Memory: an engine while a map is made, and a copy of its state between questions.
 *
 * One thread after past_create. */
#ifndef MINGDI_HOST_PAST_H
#define MINGDI_HOST_PAST_H

#include "base/json.h"
#include "core/engine.h"
#include "store/store.h"

enum {
    PAST_ENTRIES_MAX = 20000000, /* read for one answer */
    PAST_IDS_MAX = 1024,         /* calls, missions, alarms and messages of one incident that are followed */
    PAST_ACTORS_MAX = 64,        /* whose names are told */
    PAST_FRAMES_MAX = 1500,
    PAST_SPAN_S_MAX = 24 * 3600,
    PAST_BYTES_MAX = 24 << 20, /* of an answer */
};

struct past;

/* store, policy: outlive it. limits: where neither a snapshot nor the journal tells them. Opens nothing yet. */
enum status past_create(const struct store *store, const struct limits *limits, const struct policy *policy, struct past **past,
                        struct error *error) MUST_USE;
void past_destroy(struct past *past); /* NULL is fine */

/* Asked each few thousand entries: true ends the work with STATUS_IO. */
struct past_patience {
    bool (*is_over)(void *context);
    void *context;
};

/* ---- the story of an incident ---- */

/* Who did what is told, each once: their names are not known here. */
struct past_actors {
    uint32_t ids[PAST_ACTORS_MAX];
    uint32_t count;
};

struct past_story {
    uint32_t incident;
    uint64_t last;             /* entries up to this one are told */
    struct instant offered_at; /* when the first of its calls that is known rang; INSTANT_NONE: the report tables tell */
    bool open;                 /* it is not over: its entries may reach up to the last */
    uint64_t after;            /* only entries after this one */
    uint32_t limit;            /* at most so many entries, fewer where they are large */
    /* Whether the asker may read of an incident of this district. */
    bool (*may_read)(void *context, uint32_t district);
    void *context;
    struct past_patience patience;
    struct past_actors *actors; /* added to */
};

/* Members incident, items (entries with the commands that were given, and of their events those of the incident) and next (what
 * to give as after; null at the end) into an object that is open. STATUS_NOT_FOUND: no such incident, or not for the asker. */
enum status past_story(struct past *past, const struct past_story *question, struct json *json, struct error *error) MUST_USE;

/* ---- the map of a past hour ---- */

struct past_timeline {
    struct instant from, to; /* the first frame, and the last one at or before this */
    uint32_t step_s;
    uint64_t last;
    struct past_patience patience;
};

/* STATUS_BAD_INPUT with the sentence, unless the span and the number of frames are within bounds. */
enum status past_timeline_check(const struct past_timeline *question, struct error *error) MUST_USE;
/* Members from, to, step_s and frames into an object that is open. A frame has at, events (what happened since the frame before),
 * calls_waiting, incidents_waiting, units ([id, lon_e7, lat_e7, state, second of the position or null, state of its mission or
 * null], those that differ from the frame before; the first frame has all) and incidents ([id, lon_e7, lat_e7, priority, state],
 * all that are open). STATUS_BAD_INPUT: too far from any state that is kept, or the answer would be too large. */
enum status past_timeline(struct past *past, const struct past_timeline *question, struct json *json, struct error *error)
    MUST_USE;

#endif
