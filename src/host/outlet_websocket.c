/* WebSocket (RFC 6455): the handshake, and the socket after the upgrade. What comes in is read by wslay; data frames go out
 * from the shared bytes, with a header made on the way; control frames go out through wslay, between two data frames. No
 * compression, no subprotocols. */
#include <errno.h>
#include <openssl/sha.h>
#include <sodium/utils.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/check.h"
#include "host/outlet_private.h"

enum { KEY_LENGTH = 24, ACCEPT_SIZE = 32, READ_BYTES_A_TURN = 65536 };

/* ---- the handshake ---- */

static const struct http_refusal refusal_upgrade = {
    .status = 426,
    .name = "upgrade_required",
    .title = "This is a WebSocket",
    .detail = "Send a WebSocket handshake: GET with Upgrade: websocket, Connection: Upgrade and Sec-WebSocket-Version: 13."
};
static const struct http_refusal refusal_key = { .status = 400,
                                                 .name = "bad_websocket_key",
                                                 .title = "The WebSocket handshake is malformed",
                                                 .detail = "Sec-WebSocket-Key is the base64 form of 16 bytes." };
static const struct http_refusal refusal_origin = {
    .status = 403,
    .name = "foreign_origin",
    .title = "The page that asks is not of this server",
    .detail = "The Origin must name the host and port that the request was sent to."
};

static bool key_is_sound(const char *key)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key != NULL && strlen(key) == KEY_LENGTH && strspn(key, alphabet) == KEY_LENGTH - 2 &&
           strcmp(key + KEY_LENGTH - 2, "==") == 0;
}

/* A browser always says which page asks; a program says nothing. */
static bool origin_is_own(const struct http_request *request)
{
    bool given = http_first_header(request, "Origin") != NULL;
    const char *origin = http_header(request, "Origin");
    const char *host = http_header(request, "Host");
    if (!given) {
        return true;
    }
    const char *authority = origin != NULL ? strstr(origin, "://") : NULL;
    return authority != NULL && host != NULL && strcasecmp(authority + 3, host) == 0;
}

static const struct http_refusal *check_handshake(struct http_request *request)
{
    const char *version = http_header(request, "Sec-WebSocket-Version");
    bool asks = request->method == HTTP_GET && !request->is_head && !request->is_old &&
                http_header_has_token(request, "Upgrade", "websocket") && http_header_has_token(request, "Connection", "upgrade");
    if (!asks || version == NULL || strcmp(version, "13") != 0) {
        http_set_header(request, "Sec-WebSocket-Version", "13");
        http_set_header(request, "Upgrade", "websocket");
        return &refusal_upgrade;
    }
    if (!key_is_sound(http_header(request, "Sec-WebSocket-Key"))) {
        return &refusal_key;
    }
    return origin_is_own(request) ? NULL : &refusal_origin;
}

/* The proof that the handshake was understood: SHA-1 is what RFC 6455 asks for, not a protection. */
static void make_accept(const char *key, char accept[ACCEPT_SIZE])
{
    char text[KEY_LENGTH + 37];
    unsigned char digest[SHA_DIGEST_LENGTH];
    int written = snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    CHECK(written == KEY_LENGTH + 36);
    (void)SHA1((const unsigned char *)text, (size_t)written, digest);
    (void)sodium_bin2base64(accept, ACCEPT_SIZE, digest, sizeof digest, sodium_base64_VARIANT_ORIGINAL);
}

/* ---- what goes out ---- */

static size_t before(const struct frame *frame, char bytes[OUTLET_AROUND_MAX])
{
    unsigned char *out = (unsigned char *)bytes;
    uint64_t length = frame->length;
    out[0] = 0x81; /* a whole message of text */
    int more = length < 126 ? 0 : length < 65536 ? 2 : 8;
    out[1] = more == 0 ? (unsigned char)length : more == 2 ? 126 : 127;
    for (int i = 0; i < more; i++) {
        out[2 + i] = (unsigned char)(length >> 8 * (more - 1 - i));
    }
    return 2 + (size_t)more;
}

static ssize_t on_wslay_send(wslay_event_context_ptr wslay, const uint8_t *bytes, size_t length, int flags, void *context)
{
    (void)flags;
    struct outlet *outlet = context;
    ssize_t sent = send(outlet->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0) {
        bool later = sent == 0 || errno == EAGAIN || errno == EINTR;
        wslay_event_set_error(wslay, later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    outlet->server->figures.bytes_out += (uint64_t)sent;
    return sent;
}

static bool wants_control(const struct outlet *outlet) { return wslay_event_want_write(outlet->wslay) != 0; }

static bool send_control(struct outlet *outlet)
{
    if (wslay_event_send(outlet->wslay) != 0) {
        outlet_die(outlet);
        return false;
    }
    outlet->blocked = wants_control(outlet);
    return !outlet->blocked;
}

static bool good_bye(struct outlet *outlet)
{
    if (wslay_event_get_close_sent(outlet->wslay) || wslay_event_get_close_received(outlet->wslay)) {
        return false;
    }
    size_t length = strlen(outlet->close_reason);
    return wslay_event_queue_close(outlet->wslay, outlet->close_code, (const uint8_t *)outlet->close_reason,
                                   length < 123 ? length : 122) == 0;
}

static void sign_of_life(struct outlet *outlet)
{
    const struct wslay_event_msg ping = { .opcode = WSLAY_PING };
    outlet->silent_ticks++;
    if (wslay_event_get_queued_msg_count(outlet->wslay) < OUTLET_CONTROL_MAX) {
        (void)wslay_event_queue_msg(outlet->wslay, &ping);
    }
}

/* ---- what comes in ---- */

static ssize_t on_wslay_receive(wslay_event_context_ptr wslay, uint8_t *bytes, size_t length, int flags, void *context)
{
    (void)flags;
    struct outlet *outlet = context;
    size_t early = outlet->early.length - outlet->early_read;
    if (outlet->turn_bytes >= READ_BYTES_A_TURN || wslay_event_get_queued_msg_count(wslay) >= OUTLET_CONTROL_MAX) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    ssize_t got = 0;
    if (early > 0) {
        got = (ssize_t)(early < length ? early : length);
        memcpy(bytes, outlet->early.bytes + outlet->early_read, (size_t)got);
        outlet->early_read += (size_t)got;
    } else {
        got = recv(outlet->fd, bytes, length, MSG_DONTWAIT);
    }
    if (got <= 0) {
        bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
        outlet->hung_up = !later;
        wslay_event_set_error(wslay, later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    outlet->turn_bytes += (size_t)got;
    outlet->silent_ticks = 0;
    outlet->server->figures.bytes_in += (uint64_t)got;
    return got;
}

/* What comes breaks a rule: the reason goes out, nothing more is read. */
static void fail(struct outlet *outlet, uint16_t code)
{
    outlet->frame_is_data = false;
    (void)wslay_event_queue_close(outlet->wslay, code, NULL, 0);
    wslay_event_shutdown_read(outlet->wslay);
}

static void on_frame_start(wslay_event_context_ptr wslay, const struct wslay_event_on_frame_recv_start_arg *frame, void *context)
{
    (void)wslay;
    struct outlet *outlet = context;
    outlet->frame_is_data = frame->opcode == WSLAY_TEXT_FRAME || frame->opcode == WSLAY_CONTINUATION_FRAME;
    if (frame->opcode == WSLAY_BINARY_FRAME) {
        fail(outlet, WSLAY_CODE_UNSUPPORTED_DATA);
        return;
    }
    if (frame->opcode == WSLAY_TEXT_FRAME) {
        text_clear(&outlet->message);
    }
    if (outlet->frame_is_data && frame->payload_length > outlet->message.maximum - outlet->message.length) {
        fail(outlet, WSLAY_CODE_MESSAGE_TOO_BIG);
    }
}

static void on_frame_chunk(wslay_event_context_ptr wslay, const struct wslay_event_on_frame_recv_chunk_arg *chunk, void *context)
{
    (void)wslay;
    struct outlet *outlet = context;
    if (outlet->frame_is_data) {
        text_append(&outlet->message, (const char *)chunk->data, chunk->data_length);
    }
}

static void on_message(wslay_event_context_ptr wslay, const struct wslay_event_on_msg_recv_arg *message, void *context)
{
    struct outlet *outlet = context;
    if (message->opcode != WSLAY_TEXT_FRAME || !wslay_event_get_read_enabled(wslay) || outlet->closing) {
        return;
    }
    if (outlet->message.failed) {
        fail(outlet, WSLAY_CODE_MESSAGE_TOO_BIG);
        return;
    }
    const char *bytes = outlet->message.bytes != NULL ? outlet->message.bytes : "";
    outlet->setup.events.message(outlet->setup.context, bytes, outlet->message.length);
}

static bool may_read(const struct outlet *outlet) { return wslay_event_get_queued_msg_count(outlet->wslay) < OUTLET_CONTROL_MAX; }

/* A frame that is not one (wslay would say so by a close frame without a reason). */
static void fail_raw(struct outlet *outlet)
{
    static const char close_1002[] = "\x88\x02\x03\xea";
    struct frame *frame = frame_create(close_1002, sizeof close_1002 - 1);
    wslay_event_shutdown_write(outlet->wslay);
    outlet_drop_waiting(outlet);
    if (frame == NULL || !outlet_queue(outlet, frame, true)) {
        outlet_die(outlet);
    }
    frame_release(frame);
}

static void receive(struct outlet *outlet)
{
    outlet->turn_bytes = 0;
    if (wslay_event_recv(outlet->wslay) == 0) {
        return;
    }
    wslay_event_shutdown_read(outlet->wslay);
    if (outlet->hung_up) {
        outlet_die(outlet);
    } else {
        fail_raw(outlet);
        outlet->closing = outlet->said_good_bye = true;
        outlet_begin_deadline(outlet);
    }
}

/* After a close frame from the client, or a fault of its, only wslay's close frame is still to be sent. */
static void readable(struct outlet *outlet)
{
    if (wslay_event_want_read(outlet->wslay)) {
        receive(outlet);
    } else {
        outlet_read_to_end(outlet);
    }
    if (!outlet->dead && !outlet->said_good_bye && !wslay_event_want_read(outlet->wslay)) {
        outlet->closing = outlet->said_good_bye = true;
        outlet_drop_waiting(outlet);
        outlet_begin_deadline(outlet);
    }
}

/* ---- the upgrade ---- */

static void release(struct outlet *outlet)
{
    if (outlet->upgrade != NULL) {
        (void)MHD_upgrade_action(outlet->upgrade, MHD_UPGRADE_ACTION_CLOSE);
        http_wake(outlet->server);
    } else if (outlet->request != NULL) {
        outlet->request->outlet = NULL;
    }
}

static const struct outlet_kind websocket_kind = {
    .name = "websocket",
    .before = before,
    .after = "",
    .send_control = send_control,
    .wants_control = wants_control,
    .may_read = may_read,
    .readable = readable,
    .sign_of_life = sign_of_life,
    .good_bye = good_bye,
    .release = release,
};

/* The answer has left, and the socket is ours until MHD_UPGRADE_ACTION_CLOSE. */
static void on_upgraded(void *context, struct MHD_Connection *mhd, void *request_context, const char *early, size_t early_length,
                        MHD_socket fd, struct MHD_UpgradeResponseHandle *upgrade)
{
    (void)context;
    (void)mhd;
    struct http_request *request = request_context;
    struct outlet *outlet = request->outlet;
    if (outlet == NULL) {
        (void)MHD_upgrade_action(upgrade, MHD_UPGRADE_ACTION_CLOSE); /* closed before it began */
        http_wake(request->server);
        return;
    }
    request->outlet = NULL;
    outlet->upgrade = upgrade;
    text_append(&outlet->early, early, early_length);
    outlet_start(outlet, fd);
    if (outlet->early.length > 0 && !outlet->dead) {
        event_active(outlet->readable, EV_READ, 0);
    }
}

static bool prepare(struct outlet *outlet)
{
    const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_wslay_receive,
        .send_callback = on_wslay_send,
        .on_frame_recv_start_callback = on_frame_start,
        .on_frame_recv_chunk_callback = on_frame_chunk,
        .on_msg_recv_callback = on_message,
    };
    if (wslay_event_context_server_init(&outlet->wslay, &callbacks, outlet) != 0) {
        outlet->wslay = NULL;
        return false;
    }
    wslay_event_config_set_no_buffering(outlet->wslay, 1); /* messages are collected here, within their bound */
    wslay_event_config_set_max_recv_msg_length(outlet->wslay, outlet->setup.message_size_max);
    return true;
}

static struct MHD_Response *make_response(const struct http_request *request)
{
    char accept[ACCEPT_SIZE];
    make_accept(http_header(request, "Sec-WebSocket-Key"), accept);
    struct MHD_Response *response = MHD_create_response_for_upgrade(on_upgraded, NULL);
    if (response != NULL && (MHD_add_response_header(response, "Upgrade", "websocket") != MHD_YES ||
                             MHD_add_response_header(response, "Sec-WebSocket-Accept", accept) != MHD_YES)) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

struct outlet *outlet_open_websocket(struct http_request *request, const struct outlet_setup *setup)
{
    const struct http_refusal *refusal = check_handshake(request);
    if (refusal != NULL) {
        http_refuse(request, refusal);
        return NULL;
    }
    struct outlet *outlet = request->server->quiesced ? NULL : outlet_create(request, setup, &websocket_kind);
    struct MHD_Response *response = outlet != NULL && prepare(outlet) ? make_response(request) : NULL;
    if (response == NULL) {
        if (outlet != NULL) {
            outlet_free(outlet);
        }
        http_refuse(request, &http_refusal_stopping);
        return NULL;
    }
    request->outlet = outlet;
    http_send(request, MHD_HTTP_SWITCHING_PROTOCOLS, response);
    http_leave_open(request);
    http_phase_begin(request->connection, HTTP_PHASE_OUTLET);
    return outlet;
}
