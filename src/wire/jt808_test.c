/* Frames as others have published them, with what they say is in them:
 *  - the tests of Traccar's decoder for these terminals (traccar/traccar, HuabaoProtocolDecoderTest.java): real terminals
 *  - the tests of the library JT808 (SmallChi/JT808, MessageBody/JT808_0x*Test.cs): bytes and the values that made them
 *  - a maker's page on its messages (huabaotelematics.com, "JT808 common message parsing"), with each field told
 *  - a tutorial with the traffic of a terminal of 2019 (developer.aliyun.com/article/1669671)
 * The bytes are facts; nothing else is taken from there. */
#include "wire/jt808_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "wire/form.h"
#include "wire/gbk.h"
#include "wire/jt808_parts.h"

static size_t bytes_of(const char *hex, uint8_t *out, size_t size)
{
    size_t length = 0;
    for (; *hex != '\0'; hex++) {
        unsigned byte = 0;
        if (*hex == ' ') {
            continue;
        }
        assert_true(length < size && sscanf(hex, "%2x", &byte) == 1);
        out[length++] = (uint8_t)byte;
        hex++;
    }
    return length;
}

/* The only frame in the bytes. */
static struct jt808_splitter splitter;
static struct jt808_message message_of(const char *hex)
{
    uint8_t bytes[4096];
    size_t length = bytes_of(hex, bytes, sizeof bytes), taken = 0;
    struct jt808_message message = { .body = NULL };
    bool is_frame = false;
    splitter = (struct jt808_splitter){ .is_open = false };
    while (taken < length && !is_frame) {
        taken += jt808_split(&splitter, bytes + taken, length - taken, &is_frame);
    }
    assert_true(is_frame);
    assert_int_equal(taken, length);
    assert_int_equal(jt808_read(splitter.bytes, splitter.length, &message), JT808_READ);
    return message;
}

static void check_phone(const struct jt808_message *message, const char *wanted)
{
    char phone[JT808_PHONE_SIZE];
    jt808_phone(&message->header, phone);
    assert_string_equal(phone, wanted);
}

static void check_instant(struct instant at, const char *wanted)
{
    char text[FORM_INSTANT_SIZE] = "none";
    (void)form_instant_text(at, text);
    assert_string_equal(text, wanted);
}

/* ---- what terminals send ---- */

static const char *const REAL_FRAMES[] = {
    "7E02000053200002604323004800000000000C00000158B91406CB7007006B00000000220512101138010400000F28030200002504000000003001143101"
    "00"
    "E30100D50E0100026043232795980277530030E50400000000E7020FC8E8020E83AB7E",
    "7e0200002e202000129707001c0000000000001c0601a2f0a8091f0bf00000000000ed201103031733000000000000000000780000000018000000267e",
    "7e02000054086031592715006e0000000000000002015a3c1a06c8733800000000000019103022183633362a4d30302c34352c31313338363030526f7931"
    "4f"
    "70656e26303030303030303030303030263132333435363738393031323334353623ff7e",
    "7e0002000004304832546500b7ca7e",
    "7E010200100940278494700084323031313131303831313333323139369F7E",
    "7E0102000E013511221122000661757468656E7469636174696F6E3F7E",
    "7E0200002A013833501744001900000000000000C201597FA806CC01580080000000081508180721210104000002F502020000030200009F7E",
    "7e020000220014012499170007000000000000400e012af16f02cbd2ba000000000000150101194257010400000077a97e",
};

static void frames_of_real_terminals_are_read_and_written_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(REAL_FRAMES); i++) {
        uint8_t given[1024], made[JT808_WIRE_MAX];
        struct jt808_message message = message_of(REAL_FRAMES[i]);
        size_t length = bytes_of(REAL_FRAMES[i], given, sizeof given);
        assert_int_equal(jt808_write(&message.header, message.body, message.length, 1, made), length);
        assert_memory_equal(made, given, length);
    }
}

static void a_position_with_items(void **state)
{
    (void)state;
    struct jt808_message message = message_of("7E 02 00 00 52 00 20 02 60 43 23 00 A4 00 02 00 00 00 0C 00 02 01 58 B9 1B 06 CB "
                                              "70 61 00 46 00 00 00 59 21 09 22 16 37 58"
                                              "01 04 00 00 00 01 03 02 00 00 25 04 00 00 00 01 30 01 11 31 01 10 E3 01 00 D5 1B "
                                              "02 20 02 60 43 23 27 95 93 78 61 60 00 12"
                                              "20 00 00 12 34 27 95 93 78 61 58 00 12 86 7E");
    struct jt808_position position;
    struct jt808_item item;
    bool is_broken;
    assert_int_equal(message.header.id, JT808_POSITION);
    assert_int_equal(message.header.serial, 0xA4);
    check_phone(&message, "2002604323");
    assert_true(jt808_read_position(message.body, message.length, &position));
    assert_true(position.has_fix);
    assert_int_equal(position.point.lat_e7, 225917710);
    assert_int_equal(position.point.lon_e7, 1139958730);
    assert_int_equal(position.altitude_m, 70);
    assert_int_equal(position.direction_degrees, 89);
    check_instant(position.at, "2021-09-22T08:37:58.000000Z");
    static const uint8_t ids[] = { 0x01, 0x03, 0x25, 0x30, 0x31, 0xE3, 0xD5 };
    for (size_t i = 0; i < sizeof ids; i++) {
        assert_true(jt808_next_item(&position, &item, &is_broken));
        assert_int_equal(item.id, ids[i]);
    }
    assert_int_equal(item.length, 0x1B);
    assert_false(jt808_next_item(&position, &item, &is_broken));
    assert_false(is_broken);
}

static void a_position_that_was_asked_for(void **state)
{
    (void)state;
    struct jt808_message message = message_of(
        "7E0201002811223344556622B83039000000010000000200BA7F0E07E4F11C0028003C000018071510101001040000006402020037517E");
    struct jt808_position position;
    uint16_t serial;
    assert_true(jt808_read_position_answer(&message, &serial, &position));
    assert_int_equal(serial, 12345);
    assert_int_equal(message.header.serial, 8888);
    assert_int_equal(position.alarm, JT808_ALARM_EMERGENCY);
    assert_int_equal(position.point.lat_e7, 122222220);
    assert_int_equal(position.point.lon_e7, 1324444440);
    assert_int_equal(position.altitude_m, 40);
    assert_int_equal(position.speed_kmh_tenths, 60);
    check_instant(position.at, "2018-07-15T02:10:10.000000Z");
}

static void positions_kept_without_connection(void **state)
{
    (void)state;
    struct jt808_message message = message_of("7E0704014301356777777707F5000801002600000000000000030159741206CBFD5001720000000116"
                                              "052709062401040000001D0302000000260000000000"
                                              "0000030159746606CBFD50016B0000000116052709065301040000001D030200000026000000000000"
                                              "0003015975E406CBFE58013F00000001160527090727"
                                              "01040000001D0302000000260000000000000003015976DE06CBFF10012E0000000116052709075601"
                                              "040000001D0302000000260000000000000003015976"
                                              "BC06CBFED0012D0000000116052709083001040000001D0302000000260000000000000003015976FE"
                                              "06CBFEC001080000000116052709090001040000001D"
                                              "0302000000260000000000000003015976FE06CBFE7800FC0000000116052709093301040000001D03"
                                              "02000000260000000000000003015977A606CBFF3001"
                                              "080000000116052709100201040000001D030200001F7E");
    struct jt808_positions positions;
    struct jt808_position position;
    uint32_t skipped = 0, count = 0;
    assert_true(jt808_read_positions(&message, &positions));
    assert_int_equal(positions.said, 8);
    assert_true(positions.is_replay);
    while (jt808_next_position(&positions, &position, &skipped)) {
        assert_true(position.has_fix);
        count += 1;
    }
    assert_int_equal(count, 8);
    assert_int_equal(skipped, 0);
    check_instant(position.at, "2016-05-27T01:10:02.000000Z");
}

/* Without a fix, south and west, the sea off Africa, a clock that is not set. */
static void positions_that_are_odd(void **state)
{
    (void)state;
    uint8_t body[28];
    struct jt808_position position;
    (void)bytes_of("00000000 00000002 00000001 00000001 0000 0000 0000 200101000000", body, sizeof body);
    assert_true(jt808_read_position(body, sizeof body, &position));
    assert_true(position.has_fix);
    body[7] = 0;
    assert_true(jt808_read_position(body, sizeof body, &position));
    assert_false(position.has_fix);
    (void)bytes_of("00000000 0000000E 01FCA055 02AEA540 FFFF 0000 0000 201340000000", body, sizeof body);
    assert_true(jt808_read_position(body, sizeof body, &position));
    assert_int_equal(position.point.lat_e7, -333333330);
    assert_int_equal(position.point.lon_e7, -450000000);
    assert_int_equal(position.altitude_m, -1);
    check_instant(position.at, "none");
    (void)bytes_of("00000000 00000002 00000000 00000000 0000 0000 0000 2A0101000000", body, sizeof body);
    assert_true(jt808_read_position(body, sizeof body, &position));
    assert_false(position.has_fix);
    check_instant(position.at, "none");
    (void)bytes_of("00000000 00000002 FFFFFFFF 7FFFFFFF 0000 0000 0000 200101000000", body, sizeof body);
    assert_true(jt808_read_position(body, sizeof body, &position));
    assert_false(position.has_fix);
    assert_false(jt808_read_position(body, sizeof body - 1, &position));
}

static void items_with_wrong_lengths(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 0x01, 2, 7, 7, 0x30, 9, 1, 2 };
    struct jt808_position position = { .items = bytes, .items_length = sizeof bytes };
    struct jt808_item item;
    bool is_broken;
    assert_true(jt808_next_item(&position, &item, &is_broken));
    assert_int_equal(item.length, 2);
    assert_false(jt808_next_item(&position, &item, &is_broken));
    assert_true(is_broken);
    position.items_length = 1;
    assert_false(jt808_next_item(&position, &item, &is_broken));
    assert_true(is_broken);
}

static void check_registration(const char *hex, const char *device, int colour, const char *plate)
{
    struct jt808_message message = message_of(hex);
    struct jt808_registration registration;
    struct gbk *gbk;
    struct error error;
    char text[64];
    assert_int_equal(message.header.id, JT808_REGISTER);
    assert_true(jt808_read_registration(&message, &registration));
    assert_string_equal(registration.device, device);
    assert_int_equal(registration.colour, colour);
    assert_int_equal(gbk_open(&gbk, &error), STATUS_OK);
    gbk_to_utf8(gbk, registration.plate.bytes, registration.plate.length, text, sizeof text);
    gbk_close(gbk);
    assert_string_equal(text, plate);
}

static void registrations_of_three_standards(void **state)
{
    (void)state;
    check_registration("7E01000021013345678906000F002C012F373031313142534A2D4D3742203030303030303001D4C1423838383838B47E",
                       "0000000", 1, "粤B88888");
    check_registration(
        "7E0100002D013511221122000500000000373031303748422D52303347424400000000000000000000003233363631303402CBD54241363836"
        "30387E",
        "2366104", 2, "苏BA6860");
    check_registration(
        "7E 01 00 40 54 01 00 00 00 00 00 02 23 45 67 89 00 00 00 0B 00 65 01 23 45 67 89 AB CD EF 00 00 00 01 23 45 67 89"
        "AB CD EF 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 23 45 67 89 AB CD EF 00 00 00 00 00"
        "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 BE A9 44 31 32 33 34 35 93 7E",
        "#Eg", 1, "京D12345");
}

static void headers_of_both_standards(void **state)
{
    (void)state;
    struct jt808_message message = message_of("7E8300400E010000000001234567890000010501736D616C6C63686920353138417E");
    assert_true(message.header.is_2019);
    assert_int_equal(message.header.version, 1);
    check_phone(&message, "12345678900");
    message = message_of("7E8300000D012345678900000105736D616C6C63686920353138027E");
    assert_false(message.header.is_2019);
    check_phone(&message, "12345678900");
}

static void authentications(void **state)
{
    (void)state;
    struct jt808_authentication authentication;
    struct jt808_message message = message_of("7E0102000E013511221122000661757468656E7469636174696F6E3F7E");
    assert_true(jt808_read_authentication(&message, &authentication));
    assert_int_equal(authentication.length, 14);
    assert_memory_equal(authentication.code, "authentication", 14);
    uint8_t body[64] = "\x05"
                       "45612"
                       "123456789012345"
                       "v1.0";
    message = (struct jt808_message){ .header = { .is_2019 = true }, .body = body, .length = 1 + 5 + 15 + 4 };
    assert_true(jt808_read_authentication(&message, &authentication));
    assert_int_equal(authentication.length, 5);
    assert_memory_equal(authentication.code, "45612", 5);
    assert_string_equal(authentication.imei, "123456789012345");
    message.body = body + 1; /* the code alone, of a terminal that says 2019 */
    message.length = 5;
    assert_true(jt808_read_authentication(&message, &authentication));
    assert_memory_equal(authentication.code, "45612", 5);
    message.length = 0;
    assert_false(jt808_read_authentication(&message, &authentication));
}

static void data_and_events(void **state)
{
    (void)state;
    struct jt808_data data;
    struct jt808_message message = message_of("7E 09 00 00 09 00 01 23 45 67 89 00 0A 83 73 6D 61 6C 6C 63 68 69 1D 7E");
    assert_true(jt808_read_data(&message, &data));
    assert_int_equal(data.type, 0x83);
    assert_int_equal(data.length, 8);
    assert_memory_equal(data.bytes, "smallchi", 8);
    message.header.id = JT808_EVENT;
    assert_true(jt808_read_data(&message, &data));
    assert_int_equal(data.type, 0);
    assert_int_equal(data.length, 9);
    message.length = 0;
    assert_false(jt808_read_data(&message, &data));
    uint8_t body[] = { 0x04, 0xD2, 2, 1, 2, 2, 3 };
    uint16_t serial;
    message = (struct jt808_message){ .body = body, .length = sizeof body };
    assert_true(jt808_read_resend(&message, &serial));
    assert_int_equal(serial, 1234);
}

/* ---- what platforms send ---- */

static void check_written(uint16_t id, uint16_t serial, const uint8_t *body, size_t length, bool is_2019, const char *wanted)
{
    struct jt808_header header = { .id = id, .serial = serial, .is_2019 = is_2019, .version = 1 };
    uint8_t made[JT808_WIRE_MAX], bytes[256];
    (void)bytes_of("012345678900", header.phone + (is_2019 ? 4 : 0), 6);
    size_t size = bytes_of(wanted, bytes, sizeof bytes);
    assert_int_equal(jt808_write(&header, body, length, 1, made), size);
    assert_memory_equal(made, bytes, size);
}

static void what_is_sent_to_terminals(void **state)
{
    (void)state;
    uint8_t body[64];
    static const uint8_t text[] = "smallchi 518";
    size_t length = jt808_write_text(false, 5, text, 12, body, sizeof body);
    check_written(JT808_TEXT, 1, body, length, false, "7E8300000D012345678900000105736D616C6C63686920353138027E");
    length = jt808_write_text(true, 5, text, 12, body, sizeof body);
    check_written(JT808_TEXT, 1, body, length, true, "7E8300400E010000000001234567890000010501736D616C6C63686920353138417E");
    length = jt808_write_registered(100, JT808_REGISTERED, "123456", body, sizeof body);
    check_written(JT808_REGISTER_REPLY, 10, body, length, false, "7E81000009012345678900000A006400313233343536687E");
    length = jt808_write_registered(100, JT808_UNKNOWN_TERMINAL, "123456", body, sizeof body);
    check_written(JT808_REGISTER_REPLY, 10, body, length, false, "7E81000003012345678900000A006404617E");
    static const uint16_t parts[] = { 0x0102, 0x0203 };
    uint8_t wanted[16];
    length = jt808_write_resend(false, 1234, parts, 2, body, sizeof body);
    assert_int_equal(length, bytes_of("04D20201020203", wanted, sizeof wanted));
    assert_memory_equal(body, wanted, length);
    assert_int_equal(jt808_write_resend(true, 1234, parts, 2, body, sizeof body), 8);
    assert_int_equal(jt808_write_text(true, 5, text, 12, body, 13), 0);
    const struct jt808_data data = { 0x83, (const uint8_t *)"smallchi", 8 };
    assert_int_equal(jt808_write_data(&data, body, sizeof body), 9);
    assert_memory_equal(body, "\x83smallchi", 9);
}

/* "Platform general answer: AckIdx 00EE, AckCmd 0200" (the maker's page). */
static void a_reply(void **state)
{
    (void)state;
    struct jt808_message message = message_of("7E 80 01 00 05 00 20 02 60 43 23 00 09 00 EE 02 00 00 43 7E");
    struct jt808_reply reply;
    uint8_t body[8];
    assert_true(jt808_read_reply(&message, &reply));
    assert_int_equal(reply.serial, 0xEE);
    assert_int_equal(reply.id, JT808_POSITION);
    assert_int_equal(reply.result, JT808_SUCCESS);
    assert_int_equal(jt808_write_reply(&reply, body, sizeof body), 5);
    assert_memory_equal(body, message.body, 5);
    message.length = 4;
    assert_false(jt808_read_reply(&message, &reply));
}

/* ---- streams that are not clean ---- */

static int frames_in(const uint8_t *bytes, size_t length, size_t step, uint16_t *ids)
{
    static struct jt808_splitter stream;
    struct jt808_message message;
    int found = 0;
    stream = (struct jt808_splitter){ .is_open = false };
    for (size_t at = 0; at < length;) {
        bool is_frame;
        size_t some = length - at < step ? length - at : step;
        at += jt808_split(&stream, bytes + at, some, &is_frame);
        if (is_frame && jt808_read(stream.bytes, stream.length, &message) == JT808_READ) {
            ids[found++] = message.header.id;
        }
    }
    return found;
}

static void garbage_between_frames_in_any_pieces(void **state)
{
    (void)state;
    uint8_t bytes[512];
    /* half a frame, a good one, garbage with and without 0x7e, one with a wrong checksum, two that share a 0x7e */
    size_t length = bytes_of("0102037E0200002E2020"
                             "7e0002000004304832546500b7ca7e"
                             "ffff7effff7e7e7e"
                             "7e0002000004304832546500b7cb7e"
                             "7e0002000004304832546500b7ca7e0002000004304832546500b7ca7e",
                             bytes, sizeof bytes);
    for (size_t step = 1; step <= length; step++) {
        uint16_t ids[8];
        assert_int_equal(frames_in(bytes, length, step, ids), 3);
    }
}

static void a_frame_that_is_too_long(void **state)
{
    (void)state;
    static uint8_t bytes[4000];
    uint16_t ids[4];
    memset(bytes, 'x', sizeof bytes);
    bytes[0] = 0x7E;
    size_t length = 3000 + bytes_of("7e0002000004304832546500b7ca7e", bytes + 3000, sizeof bytes - 3000);
    assert_int_equal(frames_in(bytes, length, 100, ids), 1);
}

/* The checksum itself is 0x7e or 0x7d, as it should be and as some terminals send it. */
static void checksums_that_are_not_escaped(void **state)
{
    (void)state;
    static const char *const frames[] = {
        "7e 0002 0000 000000000000 007c 7d02 7e",
        "7e 0002 0000 000000000000 007c 7e 7e",
        "7e 0002 0000 000000000000 007f 7d01 7e",
        "7e 0002 0000 000000000000 007f 7d 7e",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(frames); i++) {
        uint8_t bytes[64];
        uint16_t ids[4] = { 0 };
        size_t length = bytes_of(frames[i], bytes, sizeof bytes);
        assert_int_equal(frames_in(bytes, length, length, ids), 1);
        assert_int_equal(ids[0], JT808_HEARTBEAT);
    }
}

/* ---- parts ---- */

static struct jt808_message part_of(const uint8_t *body, size_t length, uint16_t part, uint8_t *wire)
{
    struct jt808_header header = { .id = JT808_POSITIONS, .serial = 500, .phone = { 1, 2, 3 } };
    size_t size = jt808_write(&header, body, length, part, wire);
    bool is_frame;
    struct jt808_message message = { .body = NULL };
    splitter = (struct jt808_splitter){ .is_open = false };
    assert_int_equal(jt808_split(&splitter, wire, size, &is_frame), size);
    assert_true(is_frame);
    assert_int_equal(jt808_read(splitter.bytes, splitter.length, &message), JT808_READ);
    return message;
}

static void messages_in_parts(void **state)
{
    (void)state;
    static uint8_t body[2500], wire[JT808_WIRE_MAX];
    static const uint16_t order[] = { 3, 1, 1, 2 };
    struct jt808_parts *parts;
    struct error error;
    struct jt808_message whole;
    for (size_t i = 0; i < sizeof body; i++) {
        body[i] = (uint8_t)(i * 7);
    }
    assert_int_equal(jt808_parts_create(&parts, &error), STATUS_OK);
    assert_int_equal(jt808_parts_for(sizeof body), 3);
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        struct jt808_message part = part_of(body, sizeof body, order[i], wire);
        assert_int_equal(part.header.serial, 500 + order[i] - 1);
        enum parts_verdict verdict = jt808_parts_take(parts, 7, &part, 1000, &whole);
        assert_int_equal(verdict, i == 3 ? PARTS_WHOLE : PARTS_MORE);
    }
    assert_int_equal(whole.length, sizeof body);
    assert_memory_equal(whole.body, body, sizeof body);
    assert_int_equal(whole.header.parts, 0);
    jt808_parts_destroy(parts);
}

static void parts_that_are_missing(void **state)
{
    (void)state;
    static uint8_t body[4000], wire[JT808_WIRE_MAX];
    struct jt808_parts *parts;
    struct error error;
    struct jt808_message whole;
    struct jt808_missing missing;
    assert_int_equal(jt808_parts_create(&parts, &error), STATUS_OK);
    struct jt808_message part = part_of(body, sizeof body, 2, wire);
    assert_int_equal(jt808_parts_take(parts, 7, &part, 1000, &whole), PARTS_MORE);
    assert_false(jt808_parts_missing(parts, 1000 + PARTS_QUIET_MS - 1, &missing));
    assert_true(jt808_parts_missing(parts, 1000 + PARTS_QUIET_MS, &missing));
    assert_int_equal(missing.owner, 7);
    assert_int_equal(missing.serial, 500);
    assert_int_equal(missing.count, 3);
    assert_int_equal(missing.parts[0], 1);
    assert_int_equal(missing.parts[2], 4);
    assert_false(jt808_parts_missing(parts, 1000 + PARTS_QUIET_MS, &missing));
    assert_false(jt808_parts_missing(parts, 1001 + PARTS_LIFE_MS, &missing));
    part = part_of(body, sizeof body, 1, wire);
    part.header.part = 5;
    assert_int_equal(jt808_parts_take(parts, 7, &part, 1000, &whole), PARTS_REFUSED);
    part.header.part = 0;
    assert_int_equal(jt808_parts_take(parts, 7, &part, 1000, &whole), PARTS_REFUSED);
    part.header.parts = JT808_PARTS_MAX + 1;
    part.header.part = 1;
    assert_int_equal(jt808_parts_take(parts, 7, &part, 1000, &whole), PARTS_REFUSED);
    jt808_parts_destroy(parts);
}

static enum parts_verdict take_part(struct jt808_parts *parts, uint16_t number, uint16_t serial, char content,
                                    struct jt808_message *whole)
{
    const uint8_t body[1] = { (uint8_t)content };
    const struct jt808_message part = { .header = { .id = JT808_POSITIONS, .serial = serial, .parts = 3, .part = number },
                                        .body = body,
                                        .length = 1 };
    return jt808_parts_take(parts, 7, &part, 1000, whole);
}

/* A terminal that gave up a message and sends another of as many parts: nothing of the first one gets into the second. */
static void parts_of_two_messages_are_not_mixed(void **state)
{
    (void)state;
    struct jt808_parts *parts;
    struct error error;
    struct jt808_message whole;
    assert_int_equal(jt808_parts_create(&parts, &error), STATUS_OK);
    assert_int_equal(take_part(parts, 1, 100, 'a', &whole), PARTS_MORE);
    assert_int_equal(take_part(parts, 3, 102, 'c', &whole), PARTS_MORE);
    assert_int_equal(take_part(parts, 1, 110, 'x', &whole), PARTS_MORE);
    assert_int_equal(take_part(parts, 2, 111, 'y', &whole), PARTS_MORE);
    assert_int_equal(take_part(parts, 3, 112, 'z', &whole), PARTS_WHOLE);
    assert_memory_equal(whole.body, "xyz", 3);
    jt808_parts_destroy(parts);
}

static void vendors_whose_parts_all_bear_one_serial(void **state)
{
    (void)state;
    struct jt808_parts *parts;
    struct error error;
    struct jt808_message whole;
    struct jt808_missing missing;
    assert_int_equal(jt808_parts_create(&parts, &error), STATUS_OK);
    assert_int_equal(take_part(parts, 2, 40, 'b', &whole), PARTS_MORE);
    assert_int_equal(take_part(parts, 3, 40, 'c', &whole), PARTS_MORE);
    assert_true(jt808_parts_missing(parts, 1000 + PARTS_QUIET_MS, &missing));
    assert_int_equal(missing.serial, 40);
    assert_int_equal(take_part(parts, 1, 40, 'a', &whole), PARTS_WHOLE);
    assert_memory_equal(whole.body, "abc", 3);
    jt808_parts_destroy(parts);
}

static void a_part_that_was_asked_for_may_bear_a_new_serial(void **state)
{
    (void)state;
    struct jt808_parts *parts;
    struct error error;
    struct jt808_message whole;
    struct jt808_missing missing;
    assert_int_equal(jt808_parts_create(&parts, &error), STATUS_OK);
    assert_int_equal(take_part(parts, 1, 7, 'a', &whole), PARTS_MORE);
    assert_int_equal(take_part(parts, 3, 9, 'c', &whole), PARTS_MORE);
    assert_true(jt808_parts_missing(parts, 1000 + PARTS_QUIET_MS, &missing));
    assert_int_equal(take_part(parts, 2, 60, 'b', &whole), PARTS_WHOLE);
    assert_memory_equal(whole.body, "abc", 3);
    jt808_parts_destroy(parts);
}

static void no_more_parts_than_there_is_room_for(void **state)
{
    (void)state;
    static uint8_t body[2000], wire[JT808_WIRE_MAX];
    struct jt808_parts *parts;
    struct error error;
    struct jt808_message whole;
    assert_int_equal(jt808_parts_create(&parts, &error), STATUS_OK);
    struct jt808_message part = part_of(body, sizeof body, 1, wire);
    for (uint32_t owner = 0; owner < PARTS_MESSAGES_MAX; owner++) {
        assert_int_equal(jt808_parts_take(parts, owner, &part, 1000, &whole), PARTS_MORE);
    }
    assert_int_equal(jt808_parts_take(parts, PARTS_MESSAGES_MAX, &part, 1000, &whole), PARTS_NO_ROOM);
    jt808_parts_forget(parts, 9);
    jt808_parts_forget(parts, 9);
    assert_int_equal(jt808_parts_take(parts, PARTS_MESSAGES_MAX, &part, 1000, &whole), PARTS_MORE);
    jt808_parts_destroy(parts);
}

/* ---- texts ---- */

static void texts_in_gbk(void **state)
{
    (void)state;
    struct gbk *gbk;
    struct error error;
    uint8_t out[32], wanted[32];
    char text[32];
    assert_int_equal(gbk_open(&gbk, &error), STATUS_OK);
    size_t length = bytes_of("bea9413f", wanted, sizeof wanted); /* 京A and one that GBK does not have */
    assert_int_equal(gbk_from_utf8(gbk, "京A😀", out, sizeof out), length);
    assert_memory_equal(out, wanted, length);
    assert_int_equal(gbk_from_utf8(gbk, "京京京", out, 5), 4); /* whole characters only */
    gbk_to_utf8(gbk, wanted, 2, text, sizeof text);
    assert_string_equal(text, "京");
    gbk_to_utf8(gbk, (const uint8_t *)"a\xFF\xFF\x01z\xBE", 6, text, sizeof text);
    assert_string_equal(text, "az");
    gbk_close(gbk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_real_terminals_are_read_and_written_again),
        cmocka_unit_test(a_position_with_items),
        cmocka_unit_test(a_position_that_was_asked_for),
        cmocka_unit_test(positions_kept_without_connection),
        cmocka_unit_test(positions_that_are_odd),
        cmocka_unit_test(items_with_wrong_lengths),
        cmocka_unit_test(registrations_of_three_standards),
        cmocka_unit_test(headers_of_both_standards),
        cmocka_unit_test(authentications),
        cmocka_unit_test(data_and_events),
        cmocka_unit_test(what_is_sent_to_terminals),
        cmocka_unit_test(a_reply),
        cmocka_unit_test(garbage_between_frames_in_any_pieces),
        cmocka_unit_test(a_frame_that_is_too_long),
        cmocka_unit_test(checksums_that_are_not_escaped),
        cmocka_unit_test(messages_in_parts),
        cmocka_unit_test(parts_that_are_missing),
        cmocka_unit_test(parts_of_two_messages_are_not_mixed),
        cmocka_unit_test(vendors_whose_parts_all_bear_one_serial),
        cmocka_unit_test(a_part_that_was_asked_for_may_bear_a_new_serial),
        cmocka_unit_test(no_more_parts_than_there_is_room_for),
        cmocka_unit_test(texts_in_gbk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
