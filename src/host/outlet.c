/* The queue of an outlet, its end, and the face that its owner sees. The two kinds are in outlet_websocket.c and
 * outlet_events.c. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/check.h"
#include "host/outlet_private.h"

static const struct timeval at_once = { 0 };

/* ---- birth and end ---- */

static void unlink_outlet(struct outlet *outlet)
{
    *outlet->link = outlet->next;
    if (outlet->next != NULL) {
        outlet->next->link = outlet->link;
    }
}

static void free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

void outlet_free(struct outlet *outlet)
{
    while (outlet->count > 0) {
        frame_release(outlet->items[outlet->first].frame);
        outlet->first = (outlet->first + 1) % outlet->capacity;
        outlet->count--;
    }
    unlink_outlet(outlet);
    free_event(outlet->readable);
    free_event(outlet->writable);
    free_event(outlet->tick);
    free_event(outlet->deadline);
    free_event(outlet->end);
    if (outlet->wslay != NULL) {
        wslay_event_context_free(outlet->wslay);
    }
    text_free(&outlet->early);
    text_free(&outlet->message);
    free(outlet->items);
    free(outlet);
}

static void finish(struct outlet *outlet)
{
    void (*closed)(void *context) = outlet->setup.events.closed;
    void *context = outlet->setup.context;
    free_event(outlet->readable);
    free_event(outlet->writable);
    outlet->readable = outlet->writable = NULL; /* before the socket goes */
    outlet->kind->release(outlet);
    outlet_free(outlet);
    closed(context);
}

static void on_end(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    finish(context);
}

void outlet_die(struct outlet *outlet)
{
    if (!outlet->dead) {
        outlet->dead = true;
        if (outlet->fd >= 0) {
            (void)event_del(outlet->readable);
            (void)event_del(outlet->writable);
        }
        (void)evtimer_add(outlet->end, &at_once);
    }
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    outlet_die(context);
}

void outlet_begin_deadline(struct outlet *outlet)
{
    const struct timeval wait = { .tv_sec = OUTLET_CLOSE_SECONDS };
    if (!evtimer_pending(outlet->deadline, NULL)) {
        (void)evtimer_add(outlet->deadline, &wait);
    }
}

struct outlet *outlet_create(struct http_request *request, const struct outlet_setup *setup, const struct outlet_kind *kind)
{
    struct http_server *server = request->server;
    struct outlet *outlet = calloc(1, sizeof *outlet);
    if (outlet == NULL) {
        return NULL;
    }
    *outlet = (struct outlet){ .server = server, .request = request, .kind = kind, .setup = *setup, .fd = -1 };
    outlet->next = server->outlets;
    outlet->link = &server->outlets;
    if (outlet->next != NULL) {
        outlet->next->link = &outlet->next;
    }
    server->outlets = outlet;
    text_init(&outlet->early, HTTP_CONNECTION_MEMORY);
    text_init(&outlet->message, setup->message_size_max);
    outlet->deadline = evtimer_new(server->base, on_deadline, outlet);
    outlet->end = evtimer_new(server->base, on_end, outlet);
    if (outlet->deadline == NULL || outlet->end == NULL) {
        outlet_free(outlet);
        return NULL;
    }
    return outlet;
}

void outlet_abandon(struct outlet *outlet)
{
    outlet->request = NULL;
    outlet_die(outlet);
}

void outlet_end_all(struct http_server *server)
{
    struct outlet *first;
    while ((first = server->outlets) != NULL) {
        server->outlets = first->next; /* as it does itself, through first->link */
        finish(first);
    }
}

/* ---- waiting ---- */

static void wait_for(struct event *event, bool wanted)
{
    if (wanted) {
        (void)event_add(event, NULL);
    } else {
        (void)event_del(event);
    }
}

void outlet_stir(struct outlet *outlet)
{
    if (outlet->fd < 0 || outlet->dead) {
        return;
    }
    bool writes = !outlet->finished &&
                  (outlet->count > 0 || outlet->kind->wants_control(outlet) || (outlet->closing && !outlet->said_good_bye));
    wait_for(outlet->writable, writes);
    wait_for(outlet->readable, outlet->finished || outlet->kind->may_read(outlet));
}

/* ---- the queue ---- */

static size_t item_cost(const struct outlet_item *item) { return item->frame->length + OUTLET_ITEM_COST; }

static bool grow(struct outlet *outlet)
{
    size_t capacity = outlet->capacity > 0 ? 2 * outlet->capacity : 8;
    struct outlet_item *items = calloc(capacity, sizeof *items);
    if (items == NULL) {
        return false;
    }
    for (size_t i = 0; i < outlet->count; i++) {
        items[i] = outlet->items[(outlet->first + i) % outlet->capacity];
    }
    free(outlet->items);
    outlet->items = items;
    outlet->capacity = capacity;
    outlet->first = 0;
    return true;
}

bool outlet_queue(struct outlet *outlet, struct frame *frame, bool raw)
{
    if (outlet->count == outlet->capacity && !grow(outlet)) {
        return false;
    }
    struct outlet_item item = { .frame = frame_keep(frame), .raw = raw };
    outlet->items[(outlet->first + outlet->count) % outlet->capacity] = item;
    outlet->count++;
    outlet->waiting += item_cost(&item);
    return true;
}

void outlet_drop_waiting(struct outlet *outlet)
{
    size_t kept = outlet->count > 0 && outlet->sent > 0 ? 1 : 0;
    while (outlet->count > kept) {
        struct outlet_item *item = &outlet->items[(outlet->first + outlet->count - 1) % outlet->capacity];
        outlet->waiting -= item_cost(item);
        frame_release(item->frame);
        outlet->count--;
    }
}

/* The pieces of an item as they go out. */
struct item_pieces {
    struct iovec iov[3];
    char before[OUTLET_AROUND_MAX];
    size_t length;
};

static void cut(const struct outlet *outlet, const struct outlet_item *item, struct item_pieces *pieces)
{
    size_t before = item->raw ? 0 : outlet->kind->before(item->frame, pieces->before);
    size_t after = item->raw ? 0 : strlen(outlet->kind->after);
    pieces->iov[0] = (struct iovec){ .iov_base = pieces->before, .iov_len = before };
    pieces->iov[1] = (struct iovec){ .iov_base = item->frame->bytes, .iov_len = item->frame->length };
    pieces->iov[2] = (struct iovec){ .iov_base = (char *)(uintptr_t)outlet->kind->after, .iov_len = after };
    pieces->length = before + item->frame->length + after;
}

static void skip(struct iovec *iov, int count, size_t bytes)
{
    for (int i = 0; i < count; i++) {
        size_t here = bytes < iov[i].iov_len ? bytes : iov[i].iov_len;
        iov[i].iov_base = (char *)iov[i].iov_base + here;
        iov[i].iov_len -= here;
        bytes -= here;
    }
}

/* Takes what has left off the queue. */
static void advance(struct outlet *outlet, const struct item_pieces *pieces, int items, size_t bytes)
{
    outlet->sent += bytes;
    for (int i = 0; i < items && outlet->sent >= pieces[i].length; i++) {
        struct outlet_item *item = &outlet->items[outlet->first];
        outlet->sent -= pieces[i].length;
        outlet->waiting -= item_cost(item);
        frame_release(item->frame);
        outlet->first = (outlet->first + 1) % outlet->capacity;
        outlet->count--;
    }
}

enum { ITEMS_A_WRITE = 16 };

/* One write of the first items. False when the socket takes no more. */
static bool write_items(struct outlet *outlet, size_t *written)
{
    struct item_pieces pieces[ITEMS_A_WRITE];
    struct iovec iov[3 * ITEMS_A_WRITE];
    int items = 0;
    for (; items < ITEMS_A_WRITE && (size_t)items < outlet->count; items++) {
        cut(outlet, &outlet->items[(outlet->first + (size_t)items) % outlet->capacity], &pieces[items]);
        memcpy(&iov[3 * items], pieces[items].iov, sizeof pieces[items].iov);
    }
    skip(iov, 3 * items, outlet->sent);
    struct msghdr message = { .msg_iov = iov, .msg_iovlen = (size_t)(3 * items) };
    ssize_t sent = sendmsg(outlet->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        outlet_die(outlet);
        return false;
    }
    if (sent <= 0) {
        outlet->blocked = true;
        return false;
    }
    if (outlet->blocked) {
        outlet->blocked = false;
        outlet->silent_ticks = 0; /* the client's side has taken what was stuck */
    }
    outlet->server->figures.bytes_out += (uint64_t)sent;
    *written += (size_t)sent;
    advance(outlet, pieces, items, (size_t)sent);
    return true;
}

/* Control frames may go between two frames only. */
static void write_out(struct outlet *outlet)
{
    size_t written = 0;
    while (!outlet->dead && written < OUTLET_TURN_BYTES) {
        if (outlet->sent == 0 && outlet->kind->wants_control(outlet) && !outlet->kind->send_control(outlet)) {
            return;
        }
        if (outlet->dead || outlet->count == 0 || !write_items(outlet, &written)) {
            return;
        }
    }
}

/* Everything has been said: our side is shut, and the client has until the deadline to do the same. */
static void shut_our_side(struct outlet *outlet)
{
    outlet->finished = true;
    (void)shutdown(outlet->fd, SHUT_WR);
    outlet_begin_deadline(outlet);
}

static void after_writing(struct outlet *outlet)
{
    if (outlet->count > 0 || outlet->kind->wants_control(outlet)) {
        return;
    }
    if (outlet->closing) {
        bool more = !outlet->said_good_bye && outlet->kind->good_bye(outlet);
        outlet->said_good_bye = true;
        if (!more) {
            shut_our_side(outlet);
        }
    } else if (outlet->refused) {
        outlet->refused = false;
        outlet->setup.events.drained(outlet->setup.context);
    }
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct outlet *outlet = context;
    write_out(outlet);
    if (!outlet->dead) {
        after_writing(outlet);
    }
    outlet_stir(outlet);
}

/* ---- reading and time ---- */

void outlet_read_to_end(struct outlet *outlet)
{
    char bytes[4096];
    ssize_t got = recv(outlet->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        outlet_die(outlet);
    }
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct outlet *outlet = context;
    if (outlet->finished) {
        outlet_read_to_end(outlet);
    } else {
        outlet->kind->readable(outlet);
    }
    outlet_stir(outlet);
}

/* Two signs of life that were not answered, or not even sent, end it. */
static void on_tick(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct outlet *outlet = context;
    if (outlet->dead || outlet->closing) {
        return;
    }
    if (outlet->silent_ticks >= 2) {
        outlet_die(outlet);
        return;
    }
    outlet->kind->sign_of_life(outlet);
    outlet_stir(outlet);
}

static void set_socket_options(const struct outlet *outlet)
{
    const int on = 1;
    const int off = 0;
    const int send_buffer = OUTLET_SEND_BUFFER;
    const unsigned silence_ms = 2 * outlet->setup.ping_every_s * 1000;
    (void)setsockopt(outlet->fd, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
    (void)setsockopt(outlet->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(outlet->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms, sizeof silence_ms);
    (void)setsockopt(outlet->fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
}

void outlet_start(struct outlet *outlet, int fd)
{
    struct event_base *base = outlet->server->base;
    const struct timeval every = { .tv_sec = outlet->setup.ping_every_s };
    outlet->fd = fd;
    set_socket_options(outlet);
    outlet->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, outlet);
    outlet->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, outlet);
    outlet->tick = event_new(base, -1, EV_PERSIST, on_tick, outlet);
    if (outlet->readable == NULL || outlet->writable == NULL || outlet->tick == NULL || event_add(outlet->tick, &every) != 0) {
        outlet->dead = true;
        (void)evtimer_add(outlet->end, &at_once);
        return;
    }
    outlet_stir(outlet);
}

/* ---- the face ---- */

bool outlet_send(struct outlet *outlet, struct frame *frame)
{
    if (outlet->closing || outlet->dead) {
        return true; /* its end is on the way */
    }
    if (outlet->waiting > 0 && outlet->waiting + frame->length + OUTLET_ITEM_COST > outlet->setup.waiting_max) {
        outlet->refused = true;
        return false;
    }
    if (!outlet_queue(outlet, frame, false)) {
        outlet_die(outlet);
        return true;
    }
    outlet_stir(outlet);
    return true;
}

size_t outlet_waiting(const struct outlet *outlet) { return outlet->waiting; }

void outlet_close(struct outlet *outlet, uint16_t code, const char *reason)
{
    if (outlet->closing || outlet->dead) {
        return;
    }
    outlet->closing = true;
    outlet->close_code = code;
    (void)snprintf(outlet->close_reason, sizeof outlet->close_reason, "%s", reason);
    outlet_begin_deadline(outlet);
    outlet_stir(outlet);
}

const char *outlet_kind(const struct outlet *outlet) { return outlet->kind->name; }
