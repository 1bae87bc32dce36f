/* Who is told what, without knowing how it travels: the journal's changes on one side, clients (feeds) with a function that sends
 * on the other. stream.c ties it to HTTP and to the loop; the tests drive it with clients of their own.
 *
 * A feed is either in step (it has been sent everything up to the last flush) or behind (a send was refused): then it gets
 * nothing more until stream_feed_caught_up, which sends one change from its last sequence, or a snapshot. */
#ifndef MINGDI_HOST_STREAM_FEED_H
#define MINGDI_HOST_STREAM_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "host/stream_encode.h"

enum {
    STREAM_CHANGE_KEYS_MAX = 8192,     /* more entities than that in one change: a snapshot instead */
    STREAM_SNAPSHOT_KEEP_US = 1000000, /* clients who come within this share a snapshot, and get the change since */
};

struct stream_hub;
struct stream_feed;

struct stream_hub_setup {
    struct view view; /* core: as of now; all else outlives the hub */
    const struct clock *clock;
    uint64_t fingerprint; /* of the core's last entry; 0: not known */
    uint32_t ring_entries;
    uint32_t feeds_max;
    bool drill;
};

enum status stream_hub_create(const struct stream_hub_setup *setup, struct stream_hub **hub, struct error *error) MUST_USE;
void stream_hub_destroy(struct stream_hub *hub); /* after its feeds */

/* Where the mirror is; before anything else, if it may have moved. */
void stream_hub_look(struct stream_hub *hub, const struct core *core);
/* An entry that the mirror has applied. Sends nothing yet. */
void stream_hub_entry(struct stream_hub *hub, const struct entry_head *entry);
/* True if entries came since the last flush. */
bool stream_hub_waits(const struct stream_hub *hub);
/* Sends the changes since the last flush to the feeds in step. */
void stream_hub_flush(struct stream_hub *hub);
/* To those in step: positions that are new to them; who has what in hand, if it changed; the time. */
void stream_hub_tell_positions(struct stream_hub *hub);
void stream_hub_tell_control(struct stream_hub *hub);
void stream_hub_tell_hands(struct stream_hub *hub);
void stream_hub_tell_clock(struct stream_hub *hub);
/* What is not in the journal has changed, such as names: a snapshot to everybody, also to those who come back with a number that
 * was told before. */
void stream_hub_renew(struct stream_hub *hub);
/* Lets go of what is kept for clients who may come back, where nobody has for idle_us. */
void stream_hub_tidy(struct stream_hub *hub, int64_t idle_us);

/* False if it was refused: nothing is queued and the feed is behind. It must not open or close feeds. */
typedef bool stream_send(void *context, struct frame *frame);

/* What a client has been told of the state before it was cut off. */
struct stream_resume {
    bool is_given;
    uint64_t sequence;
    uint64_t fingerprint; /* of that entry; 0: it does not say */
};

/* A client who comes, with what it knows or without; the first message is sent before this returns. Only one whose last entry is
 * an entry of this journal goes on from there: the same number may be another entry, where a database has lost its newest ones.
 * NULL when there are too many or memory is refused. */
struct stream_feed *stream_feed_open(struct stream_hub *hub, const struct identity *identity, const struct stream_resume *resume,
                                     stream_send *send, void *context);
void stream_feed_close(struct stream_feed *feed);
bool stream_feed_is_behind(const struct stream_feed *feed);
/* It may be sent to again: what it missed is sent, if something can be sent now. */
void stream_feed_caught_up(struct stream_feed *feed);
/* One frame to this feed alone. */
void stream_feed_pong(struct stream_feed *feed);
void stream_feed_problem(struct stream_feed *feed, const char *title, const char *detail);

struct stream_hub_figures {
    uint64_t feeds, frames, bytes, snapshots, changes, resumed, slowed;
};
void stream_hub_figures(const struct stream_hub *hub, struct stream_hub_figures *figures);

#endif
