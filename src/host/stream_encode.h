/* The messages of the stream as bytes (docs/api.md). An entity is written once for all clients that are shown the same batch;
 * what is the same for many clients is one frame. Every message begins with its "type", and is marked in a drill. */
#ifndef MINGDI_HOST_STREAM_ENCODE_H
#define MINGDI_HOST_STREAM_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "host/clock.h"
#include "host/frame.h"
#include "host/stream_sight.h"
#include "host/view.h"

enum { STREAM_EVENTS_MAX = 256, STREAM_EVENT_BYTES_MAX = 128 * 1024, STREAM_FRAME_BYTES_MAX = 64 << 20 };

/* An event that waits to be told, written already: its entry does not last. */
struct stream_event {
    uint64_t sequence;
    stream_key about; /* who sees this sees the event; 0: who sees all */
    size_t at, length;
};

struct stream_encoder {
    struct view view; /* now is set by each message; positions and control may be NULL: then there are none */
    const struct clock *clock;
    bool drill;
    uint64_t fingerprint; /* of the entry up to which those in step have been told, which is the sequence of most messages */
    struct text out, entities, events_text;
    struct stream_event events[STREAM_EVENTS_MAX];
    uint32_t event_count;
    bool events_left_out; /* there were more than a message takes: GET /entries has them */
    uint32_t *units;      /* scratch for positions, one a unit */
    uint32_t units_max;
};

enum status stream_encoder_create(const struct view *view, const struct clock *clock, bool drill, struct stream_encoder *encoder,
                                  struct error *error) MUST_USE;
void stream_encoder_destroy(struct stream_encoder *encoder);

/* Keeps the entry's events, without those of positions. */
void stream_encoder_note(struct stream_encoder *encoder, const struct entry_head *entry);
void stream_encoder_forget_events(struct stream_encoder *encoder);
/* A new batch: what was written of entities is dropped. */
void stream_encoder_begin_batch(struct stream_encoder *encoder);

/* Each is NULL when memory is refused or the message is beyond STREAM_FRAME_BYTES_MAX. */
/* reset: the client came with a number from another journal. *mark: of positions, up to which they are in it. */
struct frame *stream_encode_snapshot(struct stream_encoder *encoder, const struct stream_sight *sight, bool reset,
                                     uint64_t *mark);
/* What the batch shows; events of this flush if events is set. *empty: there is nothing in it that the sight is shown. */
struct frame *stream_encode_change(struct stream_encoder *encoder, const struct stream_sight *sight, struct stream_batch *batch,
                                   uint64_t from, bool events, bool *empty);
/* Positions that changed after *mark, which is moved. NULL without *failed when there are none. */
struct frame *stream_encode_positions(struct stream_encoder *encoder, const struct stream_sight *sight, uint64_t *mark,
                                      bool *failed);
struct frame *stream_encode_control(struct stream_encoder *encoder, const struct stream_sight *sight);
/* Of those that the sight is shown; and a number that tells whether they are the same as before, never 0. */
struct frame *stream_encode_hands(struct stream_encoder *encoder, const struct stream_sight *sight);
uint64_t stream_hands_digest(const struct stream_encoder *encoder, const struct stream_sight *sight);
/* sequence: up to which the client has been told everything. */
struct frame *stream_encode_clock(struct stream_encoder *encoder, uint64_t sequence);
struct frame *stream_encode_pong(struct stream_encoder *encoder, uint64_t sequence);
struct frame *stream_encode_problem(struct stream_encoder *encoder, const char *title, const char *detail);

#endif
