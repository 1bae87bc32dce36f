/* Workload: 200 feeds that see all and share one audience; some hundred crews and hospitals with an audience each; fifty flushes
 * a second.
 *
 * Why a feed that is in step needs no memory of its own: what it has been sent is what its audience has been told, but for
 * entities that were open before it came, which were in its snapshot. */
#include "host/stream_feed.h"

#include <stdlib.h>

#include "base/check.h"

/* All feeds with the same grants. Kept for a while after the last one has gone, so that it can resume. */
struct audience {
    struct stream_sight *sight;
    uint64_t told; /* the last message said this sequence */
    uint32_t feeds;
    int64_t left_us;        /* when the last feed went; meaningless while there are some */
    struct frame *snapshot; /* the newest, with what was in it */
    int64_t snapshot_us;
    uint64_t snapshot_mark, snapshot_control;
    struct frame *positions; /* the newest, from a mark to a mark, and the entry by which it was seen who may see what */
    uint64_t positions_from, positions_to, positions_sequence;
    uint64_t hands_digest, hands_version, hands_sequence; /* of what those in it are shown, as it was then; digest 0: not known */
};

struct stream_feed {
    struct stream_hub *hub;
    struct audience *audience;
    stream_send *send;
    void *context;
    uint32_t place; /* in hub->feeds */
    bool behind;
    bool needs_reset;  /* it came from another past, and has not been told so yet */
    uint64_t sequence; /* while behind: where it begins again */
    uint64_t positions_mark, control_version;
    uint64_t hands_told; /* the digest of what it has been told; 0: nothing */
};

struct stream_hub {
    struct stream_encoder encoder;
    struct stream_ring *ring;
    uint64_t flushed; /* up to here the feeds in step have been told */
    bool was_renewed;
    uint64_t renewed; /* up to here nobody can resume */
    bool gap;         /* the ring has lost what came after flushed */
    struct stream_batch batch;
    struct stream_feed **feeds;
    uint32_t feed_count, feeds_max;
    struct audience **audiences;
    uint32_t audience_count, audiences_max;
    struct stream_hub_figures figures;
};

enum { AUDIENCES_A_FEED = 2 };

enum status stream_hub_create(const struct stream_hub_setup *setup, struct stream_hub **hub, struct error *error)
{
    struct stream_hub *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the stream");
    }
    made->feeds_max = setup->feeds_max;
    made->audiences_max = setup->feeds_max * AUDIENCES_A_FEED;
    made->flushed = setup->view.core->head->sequence;
    made->ring = stream_ring_create(setup->ring_entries, made->flushed, setup->fingerprint);
    made->feeds = calloc(made->feeds_max + 1, sizeof *made->feeds);
    made->audiences = calloc(made->audiences_max + 1, sizeof *made->audiences);
    enum status status = stream_batch_create(STREAM_CHANGE_KEYS_MAX, &made->batch, error);
    if (status == STATUS_OK) {
        status = stream_encoder_create(&setup->view, setup->clock, setup->drill, &made->encoder, error);
        made->encoder.fingerprint = setup->fingerprint;
    }
    if (status == STATUS_OK && (made->ring == NULL || made->feeds == NULL || made->audiences == NULL)) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for the stream");
    }
    if (status != STATUS_OK) {
        stream_hub_destroy(made);
        return status;
    }
    *hub = made;
    return STATUS_OK;
}

static void free_audience(struct audience *audience)
{
    stream_sight_destroy(audience->sight);
    frame_release(audience->snapshot);
    frame_release(audience->positions);
    free(audience);
}

void stream_hub_destroy(struct stream_hub *hub)
{
    if (hub == NULL) {
        return;
    }
    CHECK(hub->feed_count == 0);
    CHECK(hub->audience_count == 0 || hub->audiences != NULL);
    for (uint32_t i = 0; i < hub->audience_count; i++) {
        free_audience(hub->audiences[i]);
    }
    free(hub->audiences);
    free(hub->feeds);
    stream_ring_destroy(hub->ring);
    stream_batch_destroy(&hub->batch);
    stream_encoder_destroy(&hub->encoder);
    free(hub);
}

void stream_hub_look(struct stream_hub *hub, const struct core *core) { hub->encoder.view.core = core; }

void stream_hub_entry(struct stream_hub *hub, const struct entry_head *entry)
{
    if (!stream_ring_add(hub->ring, hub->encoder.view.core, entry)) {
        hub->gap = true;
    }
    stream_encoder_note(&hub->encoder, entry);
}

bool stream_hub_waits(const struct stream_hub *hub) { return hub->flushed != hub->encoder.view.core->head->sequence; }

/* ---- sending ---- */

static void fall_behind(struct stream_feed *feed, uint64_t sequence)
{
    feed->behind = true;
    feed->sequence = sequence;
    feed->hub->figures.slowed += 1;
}

/* sequence: where the feed begins again if this is refused; a number that it has been told, or an older one. */
static bool send_to(struct stream_feed *feed, struct frame *frame, uint64_t sequence)
{
    if (frame == NULL || !feed->send(feed->context, frame)) {
        fall_behind(feed, sequence);
        return false;
    }
    feed->hub->figures.frames += 1;
    feed->hub->figures.bytes += frame->length;
    return true;
}

static bool is_in_step(const struct stream_feed *feed, const struct audience *audience)
{
    return feed->audience == audience && !feed->behind;
}

static void send_to_audience(struct stream_hub *hub, const struct audience *audience, struct frame *frame)
{
    for (uint32_t i = 0; i < hub->feed_count; i++) {
        if (is_in_step(hub->feeds[i], audience)) {
            (void)send_to(hub->feeds[i], frame, audience->told);
        }
    }
}

/* ---- changes ---- */

static bool someone_sees_less(const struct stream_hub *hub)
{
    for (uint32_t i = 0; i < hub->audience_count; i++) {
        if (!stream_sight_is_all(hub->audiences[i]->sight)) {
            return true;
        }
    }
    return false;
}

/* Its clients begin with a snapshot when they can be sent to again: their sequence is before all that the ring knows. */
static void lose_audience(struct stream_hub *hub, struct audience *audience)
{
    for (uint32_t i = 0; i < hub->feed_count; i++) {
        if (hub->feeds[i]->audience == audience) {
            hub->feeds[i]->behind = true;
            hub->feeds[i]->sequence = UINT64_MAX;
        }
    }
    frame_release(audience->snapshot);
    audience->snapshot = NULL;
    audience->hands_digest = 0;
}

/* The sight begins anew; where memory is refused it stays as it is, and its clients behind. */
static void renew_sight(struct stream_hub *hub, struct audience *audience)
{
    const struct view *view = &hub->encoder.view;
    struct stream_sight *sight = stream_sight_create(stream_sight_identity(audience->sight), view->core, view->directory,
                                                     view->core->head->sequence);
    if (sight != NULL) {
        stream_sight_destroy(audience->sight);
        audience->sight = sight;
    }
}

/* Most changes concern few crews: for the others not even an empty message is begun. An event is about an entity of the batch, or
 * for those who see all. */
static bool concerns(const struct stream_hub *hub, const struct audience *audience)
{
    const struct stream_batch *batch = &hub->batch;
    bool any = batch->gone_count > 0 || (stream_sight_is_all(audience->sight) && hub->encoder.event_count > 0);
    for (uint32_t i = 0; !any && i < batch->count; i++) {
        any = batch->shown[i];
    }
    return any;
}

static void tell_audience(struct stream_hub *hub, struct audience *audience)
{
    const struct view *view = &hub->encoder.view;
    uint64_t sequence = view->core->head->sequence;
    if (!stream_sight_follow(audience->sight, view->core, view->directory, sequence, &hub->batch)) {
        lose_audience(hub, audience);
        renew_sight(hub, audience);
        return;
    }
    if (audience->feeds == 0 || !concerns(hub, audience)) {
        return;
    }
    for (uint32_t i = 0; hub->batch.control_moved && i < hub->feed_count; i++) {
        if (hub->feeds[i]->audience == audience) {
            hub->feeds[i]->control_version = UINT64_MAX;
        }
    }
    bool empty;
    struct frame *frame = stream_encode_change(&hub->encoder, audience->sight, &hub->batch, audience->told, true, &empty);
    if (!empty) {
        send_to_audience(hub, audience, frame);
        audience->told = sequence;
        hub->figures.changes += 1;
    }
    frame_release(frame);
}

/* What came since the last flush cannot be told as a change: everybody begins anew. */
static void lose_all(struct stream_hub *hub)
{
    for (uint32_t i = 0; i < hub->audience_count; i++) {
        lose_audience(hub, hub->audiences[i]);
        renew_sight(hub, hub->audiences[i]);
    }
}

void stream_hub_flush(struct stream_hub *hub)
{
    if (!stream_hub_waits(hub)) {
        return;
    }
    uint64_t from = hub->flushed;
    const struct core *core = hub->encoder.view.core;
    if (core->head->sequence != stream_ring_last(hub->ring)) {
        stream_ring_skip(hub->ring, core->head->sequence, 0); /* the mirror was made anew: it was not told entry by entry */
    }
    bool known = !hub->gap && stream_ring_reaches(hub->ring, from) &&
                 stream_batch_fill(&hub->batch, hub->ring, core, from, someone_sees_less(hub));
    hub->flushed = core->head->sequence;
    hub->encoder.fingerprint = stream_ring_fingerprint(hub->ring, hub->flushed);
    hub->gap = false;
    if (known) {
        stream_encoder_begin_batch(&hub->encoder);
        for (uint32_t i = 0; i < hub->audience_count; i++) {
            tell_audience(hub, hub->audiences[i]);
        }
    } else {
        lose_all(hub);
    }
    stream_encoder_forget_events(&hub->encoder);
    for (uint32_t i = 0; !known && i < hub->feed_count; i++) {
        stream_feed_caught_up(hub->feeds[i]);
    }
}

void stream_hub_renew(struct stream_hub *hub)
{
    stream_hub_flush(hub);
    hub->was_renewed = true;
    hub->renewed = hub->flushed;
    lose_all(hub);
    for (uint32_t i = 0; i < hub->feed_count; i++) {
        stream_feed_caught_up(hub->feeds[i]);
    }
}

/* ---- the rest ---- */

/* Feeds that have the same mark share a frame; nearly always all of them have. Not with one who asks later, when a unit may have
 * left the sight. */
static struct frame *positions_frame(struct stream_hub *hub, struct audience *audience, uint64_t from, uint64_t *to, bool *failed)
{
    uint64_t newest = positions_mark(hub->encoder.view.positions);
    *failed = false;
    if (newest == from) {
        *to = from;
        return NULL;
    }
    uint64_t sequence = hub->encoder.view.core->head->sequence;
    if (audience->positions == NULL || audience->positions_from != from || audience->positions_to != newest ||
        audience->positions_sequence != sequence) {
        uint64_t mark = from;
        struct frame *frame = stream_encode_positions(&hub->encoder, audience->sight, &mark, failed);
        if (frame == NULL) {
            *to = *failed ? from : newest;
            return NULL;
        }
        frame_release(audience->positions);
        audience->positions = frame;
        audience->positions_from = from;
        audience->positions_to = mark;
        audience->positions_sequence = sequence;
    }
    *to = audience->positions_to;
    return audience->positions;
}

static void tell_positions(struct stream_feed *feed)
{
    struct stream_hub *hub = feed->hub;
    bool failed;
    uint64_t to;
    struct frame *frame = positions_frame(hub, feed->audience, feed->positions_mark, &to, &failed);
    if ((frame != NULL || failed) && !send_to(feed, frame, feed->audience->told)) {
        return;
    }
    feed->positions_mark = to;
}

/* The flush comes first, so that nobody is told where a unit is of which he has not been told that he sees it. */
void stream_hub_tell_positions(struct stream_hub *hub)
{
    stream_hub_flush(hub);
    for (uint32_t i = 0; hub->encoder.view.positions != NULL && i < hub->feed_count; i++) {
        if (!hub->feeds[i]->behind) {
            tell_positions(hub->feeds[i]);
        }
    }
}

static uint64_t control_now(const struct stream_hub *hub)
{
    return hub->encoder.view.control == NULL ? 0 : control_version(hub->encoder.view.control);
}

static void tell_control(struct stream_hub *hub, const struct audience *audience)
{
    struct frame *frame = NULL;
    uint64_t version = control_now(hub);
    for (uint32_t i = 0; i < hub->feed_count; i++) {
        struct stream_feed *feed = hub->feeds[i];
        if (!is_in_step(feed, audience) || feed->control_version == version) {
            continue;
        }
        frame = frame != NULL ? frame : stream_encode_control(&hub->encoder, audience->sight);
        feed->control_version = version; /* if it falls behind it is told again, with what it missed */
        (void)send_to(feed, frame, audience->told);
    }
    frame_release(frame);
}

void stream_hub_tell_control(struct stream_hub *hub)
{
    for (uint32_t i = 0; i < hub->audience_count; i++) {
        if (hub->audiences[i]->feeds > 0) {
            tell_control(hub, hub->audiences[i]);
        }
    }
}

/* Looked at anew only when somebody has moved, or the state has, by which it may be seen or not. */
static uint64_t hands_digest_now(struct stream_hub *hub, struct audience *audience)
{
    uint64_t version = hands_version(hub->encoder.view.hands), sequence = hub->encoder.view.core->head->sequence;
    if (audience->hands_digest == 0 || audience->hands_version != version || audience->hands_sequence != sequence) {
        audience->hands_digest = stream_hands_digest(&hub->encoder, audience->sight);
        audience->hands_version = version;
        audience->hands_sequence = sequence;
    }
    return audience->hands_digest;
}

static void tell_hands(struct stream_hub *hub, struct audience *audience)
{
    struct frame *frame = NULL;
    uint64_t digest = hands_digest_now(hub, audience);
    for (uint32_t i = 0; i < hub->feed_count; i++) {
        struct stream_feed *feed = hub->feeds[i];
        if (is_in_step(feed, audience) && feed->hands_told != digest) {
            frame = frame != NULL ? frame : stream_encode_hands(&hub->encoder, audience->sight);
            feed->hands_told = send_to(feed, frame, audience->told) ? digest : 0;
        }
    }
    frame_release(frame);
}

void stream_hub_tell_hands(struct stream_hub *hub)
{
    for (uint32_t i = 0; hub->encoder.view.hands != NULL && i < hub->audience_count; i++) {
        if (hub->audiences[i]->feeds > 0) {
            tell_hands(hub, hub->audiences[i]);
        }
    }
}

/* The flush comes first, so that those in step have indeed been told everything up to the sequence that the clock shows. */
void stream_hub_tell_clock(struct stream_hub *hub)
{
    stream_hub_flush(hub);
    struct frame *frame = stream_encode_clock(&hub->encoder, hub->flushed);
    for (uint32_t i = 0; i < hub->feed_count; i++) {
        if (!hub->feeds[i]->behind) {
            (void)send_to(hub->feeds[i], frame, hub->feeds[i]->audience->told);
        }
    }
    for (uint32_t i = 0; i < hub->audience_count; i++) {
        hub->audiences[i]->told = hub->flushed;
    }
    frame_release(frame);
}

/* ---- audiences ---- */

static void remove_audience(struct stream_hub *hub, uint32_t place)
{
    free_audience(hub->audiences[place]);
    hub->audiences[place] = hub->audiences[--hub->audience_count];
}

void stream_hub_tidy(struct stream_hub *hub, int64_t idle_us)
{
    int64_t now_us = clock_monotonic_us();
    for (uint32_t i = hub->audience_count; i-- > 0;) {
        struct audience *audience = hub->audiences[i];
        if (audience->feeds == 0 && now_us - audience->left_us >= idle_us) {
            remove_audience(hub, i);
        } else if (audience->snapshot != NULL && now_us - audience->snapshot_us >= STREAM_SNAPSHOT_KEEP_US) {
            frame_release(audience->snapshot);
            audience->snapshot = NULL;
        }
    }
}

/* Makes room: of those that nobody is in, the one left longest ago. There is one, for there are more audiences than feeds. */
static void remove_idlest(struct stream_hub *hub)
{
    uint32_t idlest = UINT32_MAX;
    for (uint32_t i = 0; i < hub->audience_count; i++) {
        if (hub->audiences[i]->feeds == 0 &&
            (idlest == UINT32_MAX || hub->audiences[i]->left_us < hub->audiences[idlest]->left_us)) {
            idlest = i;
        }
    }
    CHECK(idlest != UINT32_MAX);
    remove_audience(hub, idlest);
}

static struct audience *audience_of(struct stream_hub *hub, const struct identity *identity)
{
    for (uint32_t i = 0; i < hub->audience_count; i++) {
        if (stream_sight_fits(hub->audiences[i]->sight, identity)) {
            return hub->audiences[i];
        }
    }
    if (hub->audience_count == hub->audiences_max) {
        remove_idlest(hub);
    }
    const struct view *view = &hub->encoder.view;
    struct audience *audience = calloc(1, sizeof *audience);
    if (audience == NULL ||
        (audience->sight = stream_sight_create(identity, view->core, view->directory, view->core->head->sequence)) == NULL) {
        free(audience);
        return NULL;
    }
    audience->told = view->core->head->sequence;
    audience->left_us = clock_monotonic_us();
    hub->audiences[hub->audience_count++] = audience;
    return audience;
}

/* ---- feeds ---- */

/* Everything after the feed's sequence as one change; false if only a snapshot will do. */
static bool send_since(struct stream_feed *feed, uint64_t after)
{
    struct stream_hub *hub = feed->hub;
    const struct view *view = &hub->encoder.view;
    struct stream_sight *sight = feed->audience->sight;
    if (!stream_ring_reaches(hub->ring, after) ||
        !stream_batch_fill(&hub->batch, hub->ring, view->core, after, !stream_sight_is_all(sight)) ||
        !stream_sight_since(sight, view->core, view->directory, after, &hub->batch)) {
        return false;
    }
    bool empty;
    stream_encoder_begin_batch(&hub->encoder);
    struct frame *frame = stream_encode_change(&hub->encoder, sight, &hub->batch, after, after == hub->flushed, &empty);
    feed->behind = false;
    if (send_to(feed, frame, after)) {
        hub->figures.changes += 1;
    }
    frame_release(frame);
    return true;
}

/* The newest snapshot of the audience, if it is fresh enough: then the feed gets the change since as well. */
static struct frame *snapshot_frame(struct stream_hub *hub, struct audience *audience)
{
    int64_t now_us = clock_monotonic_us();
    bool fresh = audience->snapshot != NULL && now_us - audience->snapshot_us < STREAM_SNAPSHOT_KEEP_US &&
                 stream_ring_reaches(hub->ring, audience->snapshot->sequence);
    if (!fresh) {
        frame_release(audience->snapshot);
        audience->snapshot = stream_encode_snapshot(&hub->encoder, audience->sight, false, &audience->snapshot_mark);
        audience->snapshot_us = now_us;
        audience->snapshot_control = control_now(hub);
    }
    return audience->snapshot;
}

static bool send_reset(struct stream_feed *feed)
{
    struct stream_hub *hub = feed->hub;
    struct frame *frame = stream_encode_snapshot(&hub->encoder, feed->audience->sight, true, &feed->positions_mark);
    feed->control_version = control_now(hub);
    bool sent = send_to(feed, frame, UINT64_MAX);
    feed->needs_reset = !sent;
    frame_release(frame);
    return sent;
}

/* After a refusal the sequence is one that no ring reaches: so it is a snapshot again, with the reset if it had one. */
static bool send_snapshot(struct stream_feed *feed)
{
    struct stream_hub *hub = feed->hub;
    struct audience *audience = feed->audience;
    feed->behind = false;
    feed->hands_told = 0; /* a snapshot replaces everything */
    hub->figures.snapshots += 1;
    if (feed->needs_reset) {
        return send_reset(feed);
    }
    struct frame *frame = snapshot_frame(hub, audience);
    if (!send_to(feed, frame, UINT64_MAX)) {
        return false;
    }
    feed->positions_mark = audience->snapshot_mark;
    feed->control_version = audience->snapshot_control;
    if (frame->sequence == hub->flushed) {
        return true;
    }
    feed->control_version = UINT64_MAX; /* what is in hand may have come in sight since that snapshot */
    if (!send_since(feed, frame->sequence)) {
        fall_behind(feed, UINT64_MAX);
    }
    return !feed->behind;
}

/* What does not go by sequence, after a change that resumed. */
static void send_rest(struct stream_feed *feed)
{
    struct stream_hub *hub = feed->hub;
    if (!feed->behind) {
        tell_control(hub, feed->audience);
    }
    if (!feed->behind && hub->encoder.view.positions != NULL) {
        tell_positions(feed);
    }
}

/* What it has seen is not this journal's: a number that is not reached yet, or one that another entry has. */
static bool is_of_another_journal(const struct stream_hub *hub, const struct stream_resume *resume)
{
    uint64_t ours = stream_ring_fingerprint(hub->ring, resume->sequence);
    bool is_compared = ours != 0 && resume->fingerprint != 0;
    return resume->is_given && (resume->sequence > hub->flushed || (is_compared && ours != resume->fingerprint));
}

/* What the ring does not know cannot be compared: then it begins anew. */
static bool may_resume(const struct stream_hub *hub, const struct stream_resume *resume)
{
    return resume->is_given && resume->fingerprint != 0 && !(hub->was_renewed && resume->sequence <= hub->renewed) &&
           stream_ring_fingerprint(hub->ring, resume->sequence) == resume->fingerprint;
}

struct stream_feed *stream_feed_open(struct stream_hub *hub, const struct identity *identity, const struct stream_resume *resume,
                                     stream_send *send, void *context)
{
    stream_hub_flush(hub);
    struct stream_feed *feed = hub->feed_count < hub->feeds_max ? calloc(1, sizeof *feed) : NULL;
    struct audience *audience = feed == NULL ? NULL : audience_of(hub, identity);
    if (audience == NULL) {
        free(feed);
        return NULL;
    }
    *feed = (struct stream_feed){ .hub = hub, .audience = audience, .send = send, .context = context, .place = hub->feed_count };
    feed->control_version = UINT64_MAX;
    hub->feeds[hub->feed_count++] = feed;
    audience->feeds += 1;
    if (may_resume(hub, resume) && send_since(feed, resume->sequence)) {
        hub->figures.resumed += 1;
        send_rest(feed);
    } else {
        feed->needs_reset = is_of_another_journal(hub, resume);
        (void)send_snapshot(feed);
    }
    return feed;
}

void stream_feed_close(struct stream_feed *feed)
{
    struct stream_hub *hub = feed->hub;
    feed->audience->feeds -= 1;
    feed->audience->left_us = clock_monotonic_us();
    hub->feeds[feed->place] = hub->feeds[--hub->feed_count];
    hub->feeds[feed->place]->place = feed->place;
    hub->feeds[hub->feed_count] = NULL;
    free(feed);
}

bool stream_feed_is_behind(const struct stream_feed *feed) { return feed->behind; }

void stream_feed_caught_up(struct stream_feed *feed)
{
    if (!feed->behind) {
        return;
    }
    stream_hub_flush(feed->hub);
    if (!feed->behind) {
        return; /* the flush itself has sent a snapshot */
    }
    if (send_since(feed, feed->sequence)) {
        feed->control_version = UINT64_MAX;
        send_rest(feed);
    } else {
        (void)send_snapshot(feed);
    }
}

void stream_feed_pong(struct stream_feed *feed)
{
    struct frame *frame = stream_encode_pong(&feed->hub->encoder, feed->hub->flushed);
    if (!feed->behind) {
        (void)send_to(feed, frame, feed->audience->told);
    }
    frame_release(frame);
}

void stream_feed_problem(struct stream_feed *feed, const char *title, const char *detail)
{
    struct frame *frame = stream_encode_problem(&feed->hub->encoder, title, detail);
    if (!feed->behind) {
        (void)send_to(feed, frame, feed->audience->told);
    }
    frame_release(frame);
}

void stream_hub_figures(const struct stream_hub *hub, struct stream_hub_figures *figures)
{
    *figures = hub->figures;
    figures->feeds = hub->feed_count;
}
