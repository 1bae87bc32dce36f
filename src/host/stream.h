/* The live state for clients: a snapshot, then changes with sequence numbers, over WebSocket or server-sent events (design:
 * docs/api.md).
 *
 * A change is made when entries are delivered: the entities that they touched, whole, as they are now. Clients who see everything
 * share one frame; others get their own, without what they may not see, and are told what has left their sight. A client that
 * resumes, or that was slow, gets one coalesced change from its last sequence, or a snapshot where the ring of touched entities
 * does not reach back: so memory does not grow with slowness. I/O thread only.
 *
 * Workload: 200 consoles, 50 entries a second in bursts of 500, 1,000 moving units a second in one positions message. */
#ifndef MINGDI_HOST_STREAM_H
#define MINGDI_HOST_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "host/centre.h"
#include "host/directory.h"
#include "host/http.h"
#include "host/identity.h"
#include "host/people.h"

struct event_base;
struct stream_resume; /* stream_feed.h */
struct stream;
struct positions;
struct control;
struct hands;

struct stream_setup {
    struct event_base *base; /* for its own ticks */
    struct centre *centre;
    struct directory *directory;
    struct people *people; /* ended sessions are closed */
    struct positions *positions;
    struct control *control;
    struct hands *hands; /* NULL: there are none */
    struct clock *clock;
    size_t waiting_bytes_max;
    uint32_t ring_entries;
    uint32_t positions_every_ms;
    bool drill;
    uint32_t clients_max;
    int64_t control_absent_us; /* after that long without a stream a person's control ends; 0: never */
};

enum status stream_create(const struct stream_setup *setup, struct stream **stream, struct error *error) MUST_USE;
void stream_destroy(struct stream *stream);
/* waiting_bytes_max counts for clients that come from now on. */
void stream_set_pace(struct stream *stream, size_t waiting_bytes_max, uint32_t positions_every_ms);
/* To be called with every entry that the mirror has applied: the observer of centre_observe, with the stream as its context, or
 * called by it. Passes positions on to positions_entry. */
void stream_entry(void *context, const struct entry_head *entry);
/* Names have changed, or who may see what by them: everybody begins anew. Rare. */
void stream_renew(struct stream *stream);
/* A request for /stream (websocket true) or /events: answers it in any case. */
void stream_open(struct stream *stream, struct http_request *request, const struct identity *identity, bool websocket,
                 const struct stream_resume *resume);
/* The server stops: every client is told (close code 1001) with a hint to come again. */
void stream_close_all(struct stream *stream);

struct stream_figures {
    uint64_t clients, frames, bytes, snapshots, changes, resumed, slowed, closed_by_us;
};
void stream_figures(const struct stream *stream, struct stream_figures *figures);

#endif
