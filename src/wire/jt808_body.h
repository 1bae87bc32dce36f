/* Bodies of JT/T 808 messages, those that a dispatch centre needs, in the forms of 2011, 2013 and 2019. Readers take any bytes:
 * what is there is read, what is missing is told.
 *
 * Source: JT/T 808-2013 and -2019, clause 8 (data formats); the number of the message stands beside each. Times are BCD
 * YYMMDDhhmmss in GMT+8 (8.18 in 2013); coordinates are 1e-6 degree with the hemisphere in the status; texts are GBK. */
#ifndef MINGDI_WIRE_JT808_BODY_H
#define MINGDI_WIRE_JT808_BODY_H

#include "base/status.h"
#include "base/time.h"
#include "geo/point.h"
#include "wire/jt808.h"

enum { JT808_TIME_SIZE = 6, JT808_DEVICE_SIZE = 31, JT808_CODE_MAX = 64, JT808_IMEI_SIZE = 16 };

/* GBK as it came, within the body. */
struct jt808_text {
    const uint8_t *bytes;
    size_t length;
};

/* INSTANT_NONE for what is no time. */
struct instant jt808_time(const uint8_t bytes[JT808_TIME_SIZE]);

/* ---- from terminals ---- */

/* 0x0001, and 0x8001 as it was answered. */
struct jt808_reply {
    uint16_t serial, id; /* of what is answered */
    uint8_t result;      /* enum jt808_result */
};
enum jt808_result { JT808_SUCCESS = 0, JT808_FAILURE = 1, JT808_WRONG = 2, JT808_NOT_SUPPORTED = 3 };
bool jt808_read_reply(const struct jt808_message *message, struct jt808_reply *reply) MUST_USE;

/* 0x0100. Makers: 5 bytes; model 8 (2011), 20 (2013) or 30 (2019); device: 7, in 2019 30; 2019 has a maker of 11. */
struct jt808_registration {
    uint16_t province, city;
    char device[JT808_DEVICE_SIZE]; /* visible ASCII, others left out */
    uint8_t colour;                 /* of the plate; 0: the plate is the vehicle's identification number */
    struct jt808_text plate;
};
bool jt808_read_registration(const struct jt808_message *message, struct jt808_registration *registration) MUST_USE;

/* 0x0102: the code alone (2013), or its length, itself, IMEI and version of the software (2019). A terminal that says 2019 and
 * sends the code alone is understood. */
struct jt808_authentication {
    const uint8_t *code;
    size_t length;
    char imei[JT808_IMEI_SIZE]; /* "" if it was not told */
};
bool jt808_read_authentication(const struct jt808_message *message, struct jt808_authentication *authentication) MUST_USE;

/* 0x0200 and what holds one. */
struct jt808_position {
    uint32_t alarm, status; /* as they came */
    struct geo_point point; /* hemispheres counted in */
    bool has_fix;           /* the terminal says so, and the place is one on earth and not 0, 0 */
    int16_t altitude_m;
    uint16_t speed_kmh_tenths, direction_degrees;
    struct instant at; /* INSTANT_NONE: its clock is not set */
    const uint8_t *items;
    size_t items_length;
};
enum { JT808_ALARM_EMERGENCY = 1 }; /* bit of alarm: somebody has pressed the emergency button */
/* The body of a 0x0200, wherever it stood. */
bool jt808_read_position(const uint8_t *bytes, size_t length, struct jt808_position *position) MUST_USE;
/* 0x0201: the serial of the question and a position. */
bool jt808_read_position_answer(const struct jt808_message *message, uint16_t *serial, struct jt808_position *position) MUST_USE;

/* An additional item of a position: id, length, content. */
struct jt808_item {
    uint8_t id, length;
    const uint8_t *bytes;
};
/* The next one; false: there is none. What is longer than the rest is not told, and *is_broken is set. */
bool jt808_next_item(struct jt808_position *position, struct jt808_item *item, bool *is_broken) MUST_USE;

/* 0x0704: some positions, gathered or kept while there was no connection. */
struct jt808_positions {
    uint16_t said;  /* how many it says there are */
    bool is_replay; /* from where there was no connection */
    const uint8_t *at, *end;
};
bool jt808_read_positions(const struct jt808_message *message, struct jt808_positions *positions) MUST_USE;
/* The next one that can be read; false: there is none. *skipped counts those that could not be. */
bool jt808_next_position(struct jt808_positions *positions, struct jt808_position *position, uint32_t *skipped) MUST_USE;

/* 0x0900: type and content; 0x0301: the number of the event as content of type 0. */
struct jt808_data {
    uint8_t type;
    const uint8_t *bytes;
    size_t length;
};
bool jt808_read_data(const struct jt808_message *message, struct jt808_data *data) MUST_USE;

/* 0x0005: of which message (the serial of its first part) parts are asked for again. */
bool jt808_read_resend(const struct jt808_message *message, uint16_t *serial) MUST_USE;

/* ---- to terminals: the length of the body, at most size; 0: it does not fit ---- */

size_t jt808_write_reply(const struct jt808_reply *reply, uint8_t *body, size_t size);
/* 0x8100; the code counts on success only. */
enum jt808_registered {
    JT808_REGISTERED = 0,
    JT808_UNKNOWN_TERMINAL = 4,
};
size_t jt808_write_registered(uint16_t serial, enum jt808_registered result, const char *code, uint8_t *body, size_t size);
/* 0x8300: flags as in the standard, the lowest two bits of another meaning in 2019; text in GBK. is_2019 adds its type: 1, a
 * notice. */
enum {
    JT808_TEXT_URGENT = 1, /* 2013 */
    JT808_TEXT_URGENT_2019 = 2,
    JT808_TEXT_NOTICE_2019 = 3,
    JT808_TEXT_DISPLAY = 4,
    JT808_TEXT_ALOUD = 8,
};
size_t jt808_write_text(bool is_2019, uint8_t flags, const uint8_t *text, size_t length, uint8_t *body, size_t size);
/* 0x8900 */
size_t jt808_write_data(const struct jt808_data *data, uint8_t *body, size_t size);
/* 0x8003: parts of the message whose first part had that serial; their number is a byte, in 2019 a word. */
size_t jt808_write_resend(bool is_2019, uint16_t serial, const uint16_t *parts, uint16_t count, uint8_t *body, size_t size);

#endif
