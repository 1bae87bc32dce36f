/* JT/T 808 frames: bytes of a stream into messages and back, in the forms of 2011, 2013 (telephone of 6 bytes BCD) and 2019
 * (bit 14 of the attributes, a protocol version, telephone of 10 bytes). Nothing here judges who sends what.
 *
 * Source: JT/T 808-2013 and JT/T 808-2019, clause 4.4 (composition of messages): 0x7e, header, body, checksum (the bytes of
 * header and body, exclusive or), 0x7e; within, 0x7e is 0x7d 0x02 and 0x7d is 0x7d 0x01. All numbers are big-endian.
 *
 * What terminals on the road do wrong is tolerated as long as the checksum tells that nothing was lost: a checksum that is not
 * escaped, 0x7d before another byte, a length in the header that is not the body's, digits of the telephone above 9, bytes
 * between frames. Whatever comes, the next frame is read: every 0x7e may end a frame and begin one. Any bytes are safe.
 *
 * Workload: 10,000 frames a second of 40 to 120 bytes. */
#ifndef MINGDI_WIRE_JT808_H
#define MINGDI_WIRE_JT808_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JT808_BODY_MAX = 1023, /* of one frame: ten bits */
    JT808_HEADER_MAX = 21, /* 2019, with the two numbers of a part */
    JT808_FRAME_MAX = JT808_HEADER_MAX + JT808_BODY_MAX + 1,
    JT808_WIRE_MAX = 2 * JT808_FRAME_MAX + 2, /* everything escaped */
    JT808_PARTS_MAX = 64,                     /* of one message, that are put together or sent */
    JT808_PHONE_SIZE = 21,                    /* digits and the terminator */
};

enum jt808_id {
    JT808_TERMINAL_REPLY = 0x0001,
    JT808_HEARTBEAT = 0x0002,
    JT808_DEREGISTER = 0x0003,
    JT808_TERMINAL_RESEND = 0x0005, /* the terminal asks for parts again */
    JT808_REGISTER = 0x0100,
    JT808_AUTHENTICATE = 0x0102,
    JT808_POSITION = 0x0200,
    JT808_POSITION_ANSWER = 0x0201,
    JT808_EVENT = 0x0301,
    JT808_POSITIONS = 0x0704,
    JT808_DATA_UP = 0x0900,
    JT808_PLATFORM_REPLY = 0x8001,
    JT808_PLATFORM_RESEND = 0x8003, /* the platform asks for parts again */
    JT808_REGISTER_REPLY = 0x8100,
    JT808_TEXT = 0x8300,
    JT808_DATA_DOWN = 0x8900,
};

struct jt808_header {
    uint16_t id, serial;
    uint16_t parts, part; /* of a message in parts: how many, and which (from 1); 0: it is whole */
    bool is_2019, is_encrypted;
    uint8_t version;   /* of the protocol, 2019 only */
    uint8_t phone[10]; /* BCD as it came: 6 bytes, 10 in 2019 */
};

struct jt808_message {
    struct jt808_header header;
    const uint8_t *body; /* within the frame */
    size_t length;
};

/* ---- reading ---- */

struct jt808_splitter {
    bool is_open;    /* a 0x7e has been there */
    bool is_escaped; /* the last byte was 0x7d */
    bool is_spoilt;  /* longer than any frame */
    bool is_told;    /* the frame was, and the next one begins */
    uint16_t length;
    uint8_t bytes[JT808_FRAME_MAX + 1]; /* without escapes */
};

/* Takes bytes until a frame is whole, at most length; how many it took. *is_frame: splitter->bytes and length are one, until the
 * next call. A frame that is too long is told as one of length 0. */
size_t jt808_split(struct jt808_splitter *splitter, const uint8_t *bytes, size_t length, bool *is_frame);

enum jt808_verdict { JT808_READ, JT808_TOO_SHORT, JT808_BAD_CHECKSUM };
enum jt808_verdict jt808_read(const uint8_t *frame, size_t length, struct jt808_message *message);

/* The digits of the telephone without zeros before them; "" if it is all zeros. */
void jt808_phone(const struct jt808_header *header, char text[JT808_PHONE_SIZE]);

/* ---- writing ---- */

/* In how many frames a body of that length goes; 0: in none, it is too long. */
uint16_t jt808_parts_for(size_t length);
/* Part of a body (from 1), as a frame: its length, at most JT808_WIRE_MAX. Of the header, id, form, phone and serial (of part 1)
 * count. */
size_t jt808_write(const struct jt808_header *header, const uint8_t *body, size_t length, uint16_t part, uint8_t *out);

#endif
