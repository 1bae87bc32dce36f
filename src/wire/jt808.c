#include "wire/jt808.h"

#include <string.h>

#include "base/check.h"

enum {
    FLAG = 0x7E,
    ESCAPE = 0x7D,
    LENGTH_BITS = 0x03FF,
    ENCRYPTED_BITS = 0x1C00,
    PARTS_BIT = 0x2000,
    BIT_2019 = 0x4000,
    PHONE_2013 = 6,
    PHONE_2019 = 10,
};

/* ---- a stream into frames ---- */

static void begin_frame(struct jt808_splitter *splitter)
{
    splitter->is_open = true;
    splitter->is_escaped = splitter->is_spoilt = splitter->is_told = false;
    splitter->length = 0;
}

static void put(struct jt808_splitter *splitter, uint8_t byte)
{
    if (splitter->length == sizeof splitter->bytes) {
        splitter->is_spoilt = true;
    } else {
        splitter->bytes[splitter->length++] = byte;
    }
}

static void take_byte(struct jt808_splitter *splitter, uint8_t byte)
{
    if (!splitter->is_escaped) {
        splitter->is_escaped = byte == ESCAPE;
        if (byte != ESCAPE) {
            put(splitter, byte);
        }
        return;
    }
    splitter->is_escaped = false;
    if (byte == 1 || byte == 2) {
        put(splitter, byte == 1 ? ESCAPE : FLAG);
        return;
    }
    put(splitter, ESCAPE); /* it was none: the checksum decides */
    take_byte(splitter, byte);
}

size_t jt808_split(struct jt808_splitter *splitter, const uint8_t *bytes, size_t length, bool *is_frame)
{
    *is_frame = false;
    if (splitter->is_told) {
        begin_frame(splitter);
    }
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != FLAG) {
            if (splitter->is_open) {
                take_byte(splitter, bytes[i]);
            }
            continue;
        }
        if (splitter->is_open && splitter->is_escaped) {
            put(splitter, ESCAPE); /* a checksum that was not escaped */
        }
        bool is_something = splitter->is_open && (splitter->length > 0 || splitter->is_spoilt);
        if (!is_something) {
            begin_frame(splitter);
            continue;
        }
        splitter->length = splitter->is_spoilt ? 0 : splitter->length;
        *is_frame = splitter->is_told = true;
        return i + 1;
    }
    return length;
}

/* ---- a frame into a message ---- */

static uint16_t word_at(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }

static uint8_t checksum(const uint8_t *bytes, size_t length)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum ^= bytes[i];
    }
    return sum;
}

static size_t header_length(uint16_t attributes)
{
    return ((attributes & BIT_2019) != 0 ? 7U + PHONE_2019 : 6U + PHONE_2013) + ((attributes & PARTS_BIT) != 0 ? 4U : 0U);
}

static void read_header(const uint8_t *frame, uint16_t attributes, struct jt808_header *header)
{
    *header = (struct jt808_header){ .id = word_at(frame), .is_2019 = (attributes & BIT_2019) != 0 };
    header->is_encrypted = (attributes & ENCRYPTED_BITS) != 0;
    const uint8_t *at = frame + 4;
    size_t phone = header->is_2019 ? PHONE_2019 : PHONE_2013;
    if (header->is_2019) {
        header->version = *at++;
    }
    memcpy(header->phone, at, phone);
    at += phone;
    header->serial = word_at(at);
    if ((attributes & PARTS_BIT) != 0) {
        header->parts = word_at(at + 2);
        header->part = word_at(at + 4);
    }
}

enum jt808_verdict jt808_read(const uint8_t *frame, size_t length, struct jt808_message *message)
{
    if (length < 4 || length < header_length(word_at(frame + 2))) {
        return JT808_TOO_SHORT;
    }
    uint16_t attributes = word_at(frame + 2);
    size_t header = header_length(attributes), declared = attributes & LENGTH_BITS;
    uint8_t sum = checksum(frame, length);
    /* The checksum may be 0x7e and not escaped: then it ended the frame before itself. */
    bool is_eaten = sum == FLAG && length == header + declared;
    if ((sum != 0 || length == header) && !is_eaten) {
        return JT808_BAD_CHECKSUM;
    }
    read_header(frame, attributes, &message->header);
    message->body = frame + header;
    message->length = length - header - (is_eaten ? 0 : 1);
    return JT808_READ;
}

void jt808_phone(const struct jt808_header *header, char text[JT808_PHONE_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    size_t length = 0, bytes = header->is_2019 ? PHONE_2019 : PHONE_2013;
    for (size_t i = 0; i < 2 * bytes; i++) {
        unsigned digit = i % 2 == 0 ? header->phone[i / 2] >> 4 : header->phone[i / 2] & 0xFU;
        if (digit != 0 || length > 0) {
            text[length++] = digits[digit];
        }
    }
    text[length] = '\0';
}

/* ---- writing ---- */

uint16_t jt808_parts_for(size_t length)
{
    size_t parts = length == 0 ? 1 : (length + JT808_BODY_MAX - 1) / JT808_BODY_MAX;
    return parts <= JT808_PARTS_MAX ? (uint16_t)parts : 0;
}

struct frame_writer {
    uint8_t *out;
    size_t length;
    uint8_t sum;
};

static void write_byte(struct frame_writer *writer, uint8_t byte)
{
    writer->sum ^= byte;
    if (byte == FLAG || byte == ESCAPE) {
        writer->out[writer->length++] = ESCAPE;
        byte = byte == FLAG ? 2 : 1;
    }
    writer->out[writer->length++] = byte;
}

static void write_bytes(struct frame_writer *writer, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        write_byte(writer, bytes[i]);
    }
}

static void write_word(struct frame_writer *writer, uint16_t word)
{
    write_byte(writer, (uint8_t)(word >> 8));
    write_byte(writer, (uint8_t)word);
}

size_t jt808_write(const struct jt808_header *header, const uint8_t *body, size_t length, uint16_t part, uint8_t *out)
{
    uint16_t parts = jt808_parts_for(length);
    CHECK(part >= 1 && part <= parts);
    size_t begin = (size_t)(part - 1) * JT808_BODY_MAX;
    size_t own = length - begin < JT808_BODY_MAX ? length - begin : JT808_BODY_MAX;
    struct frame_writer writer = { .out = out };
    out[writer.length++] = FLAG;
    write_word(&writer, header->id);
    write_word(&writer, (uint16_t)(own | (parts > 1 ? PARTS_BIT : 0U) | (header->is_2019 ? BIT_2019 : 0U)));
    if (header->is_2019) {
        write_byte(&writer, header->version);
    }
    write_bytes(&writer, header->phone, header->is_2019 ? PHONE_2019 : PHONE_2013);
    write_word(&writer, (uint16_t)(header->serial + part - 1));
    if (parts > 1) {
        write_word(&writer, parts);
        write_word(&writer, part);
    }
    write_bytes(&writer, body + begin, own);
    write_byte(&writer, writer.sum);
    out[writer.length++] = FLAG;
    return writer.length;
}
