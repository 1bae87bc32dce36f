/* A cursor that knows its end; what is not there reads as zero and is told by is_short. */
#include "wire/jt808_body.h"

#include <stdio.h>
#include <string.h>

#include "wire/form.h"

enum {
    POSITION_SIZE = 28,
    STATUS_FIXED = 1 << 1,
    STATUS_SOUTH = 1 << 2,
    STATUS_WEST = 1 << 3,
    COLOURS = 10,
    MAKER_2013 = 5,
    MODEL_2011 = 8,
    MODEL_2013 = 20,
    DEVICE_2013 = 7,
    MAKER_2019 = 11,
    MODEL_2019 = 30,
    DEVICE_2019 = 30,
    PLACE_SIZE = 4, /* province and city */
    IMEI_DIGITS = 15,
};

struct cursor {
    const uint8_t *at, *end;
    bool is_short;
};

static struct cursor cursor_of(const struct jt808_message *message)
{
    return (struct cursor){ message->body, message->body + message->length, false };
}

static size_t left(const struct cursor *cursor) { return (size_t)(cursor->end - cursor->at); }

/* NULL: so many are not there. */
static const uint8_t *take(struct cursor *cursor, size_t length)
{
    const uint8_t *at = cursor->at;
    if (left(cursor) < length) {
        cursor->is_short = true;
        return NULL;
    }
    cursor->at += length;
    return at;
}

static uint32_t take_number(struct cursor *cursor, size_t length)
{
    const uint8_t *bytes = take(cursor, length);
    uint32_t number = 0;
    for (size_t i = 0; bytes != NULL && i < length; i++) {
        number = number << 8 | bytes[i];
    }
    return number;
}

static uint8_t take_byte(struct cursor *cursor) { return (uint8_t)take_number(cursor, 1); }
static uint16_t take_word(struct cursor *cursor) { return (uint16_t)take_number(cursor, 2); }

/* Text of a field of fixed length. */
static void take_ascii(struct cursor *cursor, size_t length, char *out, size_t size)
{
    const uint8_t *bytes = take(cursor, length);
    size_t written = 0;
    for (size_t i = 0; bytes != NULL && i < length && bytes[i] != 0; i++) {
        if (bytes[i] > ' ' && bytes[i] <= '~' && written + 1 < size) {
            out[written++] = (char)bytes[i];
        }
    }
    out[written] = '\0';
}

struct instant jt808_time(const uint8_t bytes[JT808_TIME_SIZE])
{
    char text[32];
    struct instant at = INSTANT_NONE;
    (void)snprintf(text, sizeof text, "20%02x-%02x-%02xT%02x:%02x:%02x+08:00", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
                   bytes[5]);
    return form_instant_read(text, strlen(text), &at) ? at : INSTANT_NONE;
}

/* ---- from terminals ---- */

bool jt808_read_reply(const struct jt808_message *message, struct jt808_reply *reply)
{
    struct cursor cursor = cursor_of(message);
    reply->serial = take_word(&cursor);
    reply->id = take_word(&cursor);
    reply->result = take_byte(&cursor);
    return !cursor.is_short;
}

/* 2011 and 2013 differ in the length of the model alone, and the plate behind it has any length: where a colour stands that is
 * one decides, and if both could be, the longer form. */
static size_t model_length(const struct jt808_message *message)
{
    enum { BEFORE = PLACE_SIZE + MAKER_2013, OLD = BEFORE + MODEL_2011 + DEVICE_2013, NEW = BEFORE + MODEL_2013 + DEVICE_2013 };
    bool may_be_new = message->length > NEW && message->body[NEW] < COLOURS;
    bool may_be_old = message->length > OLD && message->body[OLD] < COLOURS;
    return may_be_new || (message->length > NEW && !may_be_old) ? MODEL_2013 : MODEL_2011;
}

bool jt808_read_registration(const struct jt808_message *message, struct jt808_registration *registration)
{
    struct cursor cursor = cursor_of(message);
    bool is_2019 = message->header.is_2019 && message->length > PLACE_SIZE + MAKER_2019 + MODEL_2019 + DEVICE_2019;
    registration->province = take_word(&cursor);
    registration->city = take_word(&cursor);
    (void)take(&cursor, is_2019 ? MAKER_2019 : MAKER_2013);
    (void)take(&cursor, is_2019 ? MODEL_2019 : model_length(message));
    take_ascii(&cursor, is_2019 ? DEVICE_2019 : DEVICE_2013, registration->device, sizeof registration->device);
    registration->colour = take_byte(&cursor);
    registration->plate = (struct jt808_text){ cursor.at, left(&cursor) };
    return !cursor.is_short;
}

bool jt808_read_authentication(const struct jt808_message *message, struct jt808_authentication *authentication)
{
    struct cursor cursor = cursor_of(message);
    authentication->imei[0] = '\0';
    size_t said = message->length > 0 ? message->body[0] : 0, behind = message->length - said - 1;
    if (message->header.is_2019 && message->length > said && (behind == 0 || behind >= IMEI_DIGITS)) {
        authentication->length = take_byte(&cursor);
        authentication->code = take(&cursor, said);
        if (behind > 0) {
            take_ascii(&cursor, IMEI_DIGITS, authentication->imei, sizeof authentication->imei);
        }
    } else {
        authentication->length = message->length;
        authentication->code = take(&cursor, message->length);
    }
    return authentication->length > 0 && authentication->length <= JT808_CODE_MAX;
}

static int32_t degrees_e7(uint32_t e6, bool is_negative)
{
    int64_t e7 = (int64_t)e6 * 10;
    return e7 > INT32_MAX ? INT32_MAX : (int32_t)(is_negative ? -e7 : e7);
}

bool jt808_read_position(const uint8_t *bytes, size_t length, struct jt808_position *position)
{
    struct cursor cursor = { bytes, bytes + length, false };
    if (length < POSITION_SIZE) {
        return false;
    }
    position->alarm = take_number(&cursor, 4);
    position->status = take_number(&cursor, 4);
    uint32_t lat_e6 = take_number(&cursor, 4), lon_e6 = take_number(&cursor, 4);
    position->point.lat_e7 = degrees_e7(lat_e6, (position->status & STATUS_SOUTH) != 0);
    position->point.lon_e7 = degrees_e7(lon_e6, (position->status & STATUS_WEST) != 0);
    position->has_fix = (position->status & STATUS_FIXED) != 0 && lat_e6 <= 90000000 && lon_e6 <= 180000000 &&
                        (lat_e6 | lon_e6) != 0;
    position->altitude_m = (int16_t)take_word(&cursor);
    position->speed_kmh_tenths = take_word(&cursor);
    position->direction_degrees = take_word(&cursor);
    position->at = jt808_time(take(&cursor, JT808_TIME_SIZE));
    position->items = cursor.at;
    position->items_length = left(&cursor);
    return true;
}

bool jt808_read_position_answer(const struct jt808_message *message, uint16_t *serial, struct jt808_position *position)
{
    struct cursor cursor = cursor_of(message);
    *serial = take_word(&cursor);
    return !cursor.is_short && jt808_read_position(cursor.at, left(&cursor), position);
}

bool jt808_next_item(struct jt808_position *position, struct jt808_item *item, bool *is_broken)
{
    size_t rest = position->items_length;
    *is_broken = rest == 1 || (rest > 1 && position->items[1] > rest - 2);
    if (rest < 2 || *is_broken) {
        return false;
    }
    *item = (struct jt808_item){ position->items[0], position->items[1], position->items + 2 };
    position->items += 2 + item->length;
    position->items_length -= 2U + item->length;
    return true;
}

bool jt808_read_positions(const struct jt808_message *message, struct jt808_positions *positions)
{
    struct cursor cursor = cursor_of(message);
    positions->said = take_word(&cursor);
    positions->is_replay = take_byte(&cursor) == 1;
    positions->at = cursor.at;
    positions->end = cursor.end;
    return !cursor.is_short;
}

bool jt808_next_position(struct jt808_positions *positions, struct jt808_position *position, uint32_t *skipped)
{
    struct cursor cursor = { positions->at, positions->end, false };
    while (left(&cursor) > 0) {
        size_t length = take_word(&cursor);
        length = length < left(&cursor) ? length : left(&cursor); /* the last one may be cut */
        const uint8_t *bytes = take(&cursor, length);
        if (!cursor.is_short && jt808_read_position(bytes, length, position)) {
            positions->at = cursor.at;
            return true;
        }
        *skipped += 1;
        if (cursor.is_short) {
            break;
        }
    }
    positions->at = positions->end;
    return false;
}

bool jt808_read_data(const struct jt808_message *message, struct jt808_data *data)
{
    struct cursor cursor = cursor_of(message);
    data->type = message->header.id == JT808_EVENT ? 0 : take_byte(&cursor);
    data->bytes = cursor.at;
    data->length = left(&cursor);
    return !cursor.is_short && data->length > 0;
}

bool jt808_read_resend(const struct jt808_message *message, uint16_t *serial)
{
    struct cursor cursor = cursor_of(message);
    *serial = take_word(&cursor);
    return !cursor.is_short;
}

/* ---- to terminals ---- */

struct writer {
    uint8_t *out;
    size_t length, size;
};

static void put(struct writer *writer, const void *bytes, size_t length)
{
    if (length > 0 && length <= writer->size && writer->length <= writer->size - length) {
        memcpy(writer->out + writer->length, bytes, length);
    }
    writer->length += length;
}

static void put_byte(struct writer *writer, uint8_t byte) { put(writer, &byte, 1); }

static void put_word(struct writer *writer, uint16_t word)
{
    put_byte(writer, (uint8_t)(word >> 8));
    put_byte(writer, (uint8_t)word);
}

static size_t written(const struct writer *writer) { return writer->length <= writer->size ? writer->length : 0; }

size_t jt808_write_reply(const struct jt808_reply *reply, uint8_t *body, size_t size)
{
    struct writer writer = { body, 0, size };
    put_word(&writer, reply->serial);
    put_word(&writer, reply->id);
    put_byte(&writer, reply->result);
    return written(&writer);
}

size_t jt808_write_registered(uint16_t serial, enum jt808_registered result, const char *code, uint8_t *body, size_t size)
{
    struct writer writer = { body, 0, size };
    put_word(&writer, serial);
    put_byte(&writer, (uint8_t)result);
    if (result == JT808_REGISTERED) {
        put(&writer, code, strlen(code));
    }
    return written(&writer);
}

size_t jt808_write_text(bool is_2019, uint8_t flags, const uint8_t *text, size_t length, uint8_t *body, size_t size)
{
    struct writer writer = { body, 0, size };
    put_byte(&writer, flags);
    if (is_2019) {
        put_byte(&writer, 1);
    }
    put(&writer, text, length);
    return written(&writer);
}

size_t jt808_write_data(const struct jt808_data *data, uint8_t *body, size_t size)
{
    struct writer writer = { body, 0, size };
    put_byte(&writer, data->type);
    put(&writer, data->bytes, data->length);
    return written(&writer);
}

size_t jt808_write_resend(bool is_2019, uint16_t serial, const uint16_t *parts, uint16_t count, uint8_t *body, size_t size)
{
    struct writer writer = { body, 0, size };
    put_word(&writer, serial);
    if (is_2019) {
        put_byte(&writer, (uint8_t)(count >> 8));
    }
    put_byte(&writer, (uint8_t)count);
    for (uint16_t i = 0; i < count; i++) {
        put_word(&writer, parts[i]);
    }
    return written(&writer);
}
