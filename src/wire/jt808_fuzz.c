/* Any bytes as a stream of JT/T 808: whatever comes, nothing is read outside of a frame, and what was read can be written and
 * read again as the same. The first byte tells in which pieces the stream comes. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "wire/gbk.h"
#include "wire/jt808_body.h"
#include "wire/jt808_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static unsigned sum; /* so that reads are not left out */

static void touch(const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        sum += ((const uint8_t *)bytes)[i];
    }
}

static void read_items(struct jt808_position *position)
{
    struct jt808_item item;
    bool is_broken;
    while (jt808_next_item(position, &item, &is_broken)) {
        touch(item.bytes, item.length);
    }
    if (position->has_fix) {
        CHECK(position->point.lat_e7 >= -900000000 && position->point.lat_e7 <= 900000000);
        CHECK(position->point.lon_e7 >= -1800000000 && position->point.lon_e7 <= 1800000000);
    }
}

static void read_positions(const struct jt808_message *message)
{
    struct jt808_positions positions;
    struct jt808_position position;
    uint32_t skipped = 0;
    uint16_t serial;
    if (jt808_read_positions(message, &positions)) {
        while (jt808_next_position(&positions, &position, &skipped)) {
            read_items(&position);
        }
    }
    if (jt808_read_position(message->body, message->length, &position)) {
        read_items(&position);
    }
    if (jt808_read_position_answer(message, &serial, &position)) {
        read_items(&position);
    }
}

static void read_bodies(const struct jt808_message *message, struct gbk *gbk)
{
    struct jt808_registration registration;
    struct jt808_authentication authentication;
    struct jt808_data data;
    struct jt808_reply reply;
    uint16_t serial;
    char text[33];
    read_positions(message);
    if (jt808_read_registration(message, &registration)) {
        CHECK(strlen(registration.device) < sizeof registration.device);
        gbk_to_utf8(gbk, registration.plate.bytes, registration.plate.length, text, sizeof text);
        CHECK(strlen(text) < sizeof text);
    }
    if (jt808_read_authentication(message, &authentication)) {
        touch(authentication.code, authentication.length);
    }
    if (jt808_read_data(message, &data)) {
        touch(data.bytes, data.length);
    }
    sum += jt808_read_reply(message, &reply) + jt808_read_resend(message, &serial);
}

/* What was read is written, and reads as the same. */
static void write_back(const struct jt808_message *message)
{
    static struct jt808_splitter again;
    static uint8_t wire[JT808_WIRE_MAX];
    struct jt808_message second;
    bool is_frame;
    if (message->length > JT808_BODY_MAX || message->header.parts > 0) {
        return;
    }
    again = (struct jt808_splitter){ .is_open = false };
    size_t length = jt808_write(&message->header, message->body, message->length, 1, wire);
    CHECK(length <= sizeof wire && jt808_split(&again, wire, length, &is_frame) == length && is_frame);
    CHECK(jt808_read(again.bytes, again.length, &second) == JT808_READ && second.length == message->length);
    CHECK(memcmp(second.body, message->body, message->length) == 0 && second.header.serial == message->header.serial);
}

static void read_frame(const struct jt808_splitter *splitter, struct jt808_parts *parts, struct gbk *gbk)
{
    struct jt808_message message, whole;
    char phone[JT808_PHONE_SIZE];
    if (jt808_read(splitter->bytes, splitter->length, &message) != JT808_READ) {
        return;
    }
    jt808_phone(&message.header, phone);
    CHECK(strlen(phone) < sizeof phone);
    read_bodies(&message, gbk);
    write_back(&message);
    if (message.header.parts > 0 && jt808_parts_take(parts, 1, &message, 0, &whole) == PARTS_WHOLE) {
        read_bodies(&whole, gbk);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct jt808_splitter splitter;
    struct jt808_parts *parts;
    struct gbk *gbk;
    struct error error;
    size_t step = size > 0 && bytes[0] > 0 ? bytes[0] : 1;
    CHECK(jt808_parts_create(&parts, &error) == STATUS_OK && gbk_open(&gbk, &error) == STATUS_OK);
    splitter = (struct jt808_splitter){ .is_open = false };
    for (size_t at = 1; at < size;) {
        bool is_frame;
        at += jt808_split(&splitter, bytes + at, size - at < step ? size - at : step, &is_frame);
        if (is_frame) {
            read_frame(&splitter, parts, gbk);
        }
    }
    jt808_parts_destroy(parts);
    gbk_close(gbk);
    return 0;
}
