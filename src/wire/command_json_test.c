#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/check.h"
#include "core/limits.h"
#include "wire/command_json.h"
#include "wire/entry_json.h"
#include "wire/form.h"

enum { CAPACITY = 4096, ITEMS_MAX = 9 };

union command_bytes {
    struct command_head head;
    struct command_call_triage triage;
    struct command_travel_times travel;
    struct command_unit_assign assign;
    struct command_facility_report facility;
    struct command_call_locate locate;
    struct command_policy_set policy;
    struct command_beds_set beds;
    unsigned char bytes[CAPACITY];
};

static enum status read_body(const char *name, const char *body, union command_bytes *out, struct error *error)
{
    memset(out, 0xA5, sizeof *out);
    return command_from_json(name, body, strlen(body), &out->head, sizeof *out, error);
}

static void must(const char *name, const char *body, union command_bytes *out)
{
    struct error error = { .text = "" };
    if (read_body(name, body, out, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_true(command_is_well_formed(&out->head, out->head.size));
    assert_int_equal(out->head.actor | out->head.actor_kind | out->head.key_low | out->head.key_middle | out->head.key_high, 0);
}

/* ---- by hand ---- */

static void test_triage(void **state)
{
    (void)state;
    union command_bytes c;
    must("call_triage",
         "{\"call\":17,\"revision\":3,\"needs\":[\"advanced\",\"stroke\",\"basic\"],\"priority\":\"severe\",\"units_wanted\":2,"
         "\"occurred_at\":\"2026-11-22T08:30:00.123456Z\"}",
         &c);
    assert_int_equal(c.head.kind, COMMAND_CALL_TRIAGE);
    assert_int_equal(c.head.size, sizeof c.triage);
    assert_int_equal(c.triage.call.v, 17);
    assert_int_equal(c.triage.revision, 3);
    assert_int_equal(c.triage.needs, 1 << 0 | 1 << 1 | 1 << 17);
    assert_int_equal(c.triage.priority, 1);
    assert_int_equal(c.triage.units_wanted, 2);
    assert_int_equal(c.head.occurred_at.us, INT64_C(1795336200123456));
}

static void test_what_may_be_left_out(void **state)
{
    (void)state;
    union command_bytes c;
    must("unit_assign", "{\"incident\":1,\"unit\":2}", &c);
    assert_int_equal(c.assign.incident_revision | c.assign.unit_revision | c.assign.override, 0);
    assert_true(instant_is_none(c.head.occurred_at));
    must("unit_assign", "{\"incident\":1,\"unit\":4294967295,\"override\":null,\"unit_revision\":null,\"occurred_at\":null}", &c);
    assert_true(c.assign.unit.v == UINT32_MAX);
    must("call_locate", "{\"call\":1,\"point\":{\"lon\":11.9746,\"lat\":-57.70887}}", &c);
    assert_int_equal(c.locate.district, 0);
    assert_int_equal(c.locate.point.lon_e7, 119746000);
    assert_int_equal(c.locate.point.lat_e7, -577088700);
    must("facility_report", "{\"facility\":1,\"what\":\"divert\"}", &c);
    assert_true(c.facility.until.us == INT64_MAX);
    must("time_passed", "{}", &c);
}

static void test_list(void **state)
{
    (void)state;
    union command_bytes c;
    must("travel_times",
         "{\"incident\":9,\"estimated\":1,\"items\":[{\"unit\":1,\"position_age_ms\":0,\"eta_s\":90.0000005},"
         "{\"unit\":2,\"position_age_ms\":4294967295,\"eta_s\":null},{\"unit\":3,\"position_age_ms\":1,\"eta_s\":86400}]}",
         &c);
    assert_int_equal(c.travel.count, 3);
    assert_int_equal(c.head.size, sizeof c.travel + 3 * sizeof(struct travel_time));
    assert_in_range(c.travel.items[0].eta.us, 90000000, 90000001);
    assert_true(c.travel.items[1].eta.us == INT64_MAX);
    assert_true(c.travel.items[1].position_age_ms == UINT32_MAX);
    assert_true(c.travel.items[2].eta.us == INT64_C(86400000000));
    must("travel_times", "{\"incident\":9,\"estimated\":0,\"items\":[]}", &c);
    assert_int_equal(c.travel.count, 0);
}

static void test_refusals_name_the_member(void **state)
{
    (void)state;
    static const struct {
        const char *name, *body, *text;
    } bad[] = {
        { "call_answer", "{\"call\":1}", "seat is missing" },
        { "call_answer", "{\"call\":1,\"seat\":null}", "seat must not be null" },
        { "call_answer", "{\"call\":0,\"seat\":1}", "call must be a whole number from 1 to 4294967295" },
        { "call_answer", "{\"call\":1.0,\"seat\":1}", "call must be a whole number from 1 to 4294967295" },
        { "call_answer", "{\"call\":\"1\",\"seat\":1}", "call must be a whole number from 1 to 4294967295" },
        { "call_answer", "{\"call\":1,\"seat\":4294967296}", "seat must be a whole number from 0 to 4294967295" },
        { "call_answer", "{\"call\":1,\"sead\":1}", "sead is not known here; is seat meant?" },
        { "call_answer", "{\"call\":1,\"seat\":1,\"items\":[]}", "items is not known here" },
        { "call_answer", "[1]", "the body must be a JSON object, not an array" },
        { "call_triage", "{\"call\":1,\"needs\":[\"basic\"],\"priority\":\"severe\",\"units_wanted\":65}",
          "units_wanted must be a whole number from 1 to 64" },
        { "call_triage", "{\"call\":1,\"needs\":[\"basics\"],\"priority\":\"severe\",\"units_wanted\":1}",
          "needs must be an array, of any of: basic, advanced, physician, neonatal, ventilator, bariatric, isolation, "
          "defibrillator, "
          "chest_pain, stroke, trauma, maternity, newborn, paediatric, burn, poison" },
        { "call_triage", "{\"call\":1,\"needs\":[],\"priority\":3,\"units_wanted\":1}",
          "priority must be one of: critical, severe, urgent, non_urgent" },
        { "call_locate", "{\"call\":1,\"point\":{\"lon\":181,\"lat\":1}}",
          "point must be a place, in degrees: {\"lon\": -180 to 180, \"lat\": -90 to 90}" },
        { "call_locate", "{\"call\":1,\"point\":{\"lon\":1,\"lat\":1,\"height\":2}}", "point.height is not known here" },
        { "call_offer", "{\"caller\":12}", "caller must be a text of 1 to 16 hexadecimal digits" },
        { "facility_report", "{\"facility\":1,\"what\":\"divert\",\"until\":\"tomorrow\"}",
          "until must be an instant as in RFC 3339: \"2026-11-22T08:30:00.123456Z\"" },
        { "time_passed", "{\"occurred_at\":5}",
          "occurred_at must be an instant as in RFC 3339: \"2026-11-22T08:30:00.123456Z\"" },
        { "travel_times", "{\"incident\":1,\"estimated\":0}", "items must be an array" },
        { "travel_times", "{\"incident\":1,\"estimated\":0,\"items\":[7]}", "items[0] must be a JSON object" },
        { "travel_times",
          "{\"incident\":1,\"estimated\":0,\"items\":[{\"unit\":1,\"position_age_ms\":0,\"eta_s\":1},"
          "{\"unit\":0,\"position_age_ms\":0,\"eta_s\":1}]}",
          "items[1].unit must be a whole number from 1 to 4294967295" },
        { "travel_times", "{\"incident\":1,\"estimated\":0,\"items\":[{\"unit\":1,\"position_age_ms\":0,\"eta_s\":2e9}]}",
          "items[0].eta_s must be a number of seconds from -1e+09 to 1e+09" },
        { "travel_times", "{\"incident\":1,\"estimated\":0,\"items\":[{\"unit\":1,\"position_age_ms\":0,\"eta\":2}]}",
          "items[0].eta is not known here; is eta_s meant?" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        union command_bytes c;
        struct error error = { .text = "" };
        assert_int_equal(read_body(bad[i].name, bad[i].body, &c, &error), STATUS_BAD_INPUT);
        assert_string_equal(error.text, bad[i].text);
    }
}

static void test_names(void **state)
{
    (void)state;
    union command_bytes c;
    struct error error = { .text = "" };
    assert_int_equal(read_body("call_anwser", "{}", &c, &error), STATUS_NOT_FOUND);
    assert_string_equal(error.text, "there is no command of this name; is call_answer meant?");
    assert_int_equal(read_body("", "{}", &c, &error), STATUS_NOT_FOUND);
    assert_int_equal(read_body("call_answer", "{\"call\":1,\"seat\":1", &c, &error), STATUS_CORRUPT);
    assert_int_equal(command_find("unit_assign"), COMMAND_UNIT_ASSIGN);
    assert_int_equal(command_find("unit_assig"), 0);
}

/* An item more than there is room for. */
static void test_full(void **state)
{
    (void)state;
    size_t room = (CAPACITY - sizeof(struct command_travel_times)) / sizeof(struct travel_time);
    for (size_t count = room; count <= room + 1; count++) {
        json_t *root = json_pack("{s:i, s:i, s:[]}", "incident", 1, "estimated", 0, "items");
        for (size_t i = 0; i < count; i++) {
            json_array_append_new(json_object_get(root, "items"),
                                  json_pack("{s:i, s:i, s:i}", "unit", (int)i + 1, "position_age_ms", 0, "eta_s", 1));
        }
        char *body = json_dumps(root, JSON_COMPACT);
        union command_bytes c;
        struct error error;
        assert_int_equal(read_body("travel_times", body, &c, &error), count == room ? STATUS_OK : STATUS_FULL);
        free(body);
        json_decref(root);
    }
}

/* ---- every command, with values at random, written and read again ---- */

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(2685821657736338717);
}

static int64_t draw_between(uint64_t *seed, int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)high - (uint64_t)low + 1;
    return (int64_t)((uint64_t)low + (draw(seed) >> 11) % (span == 0 ? UINT64_MAX : span));
}

static int64_t draw_large(uint64_t *seed, const struct schema_field *field)
{
    bool ranged = field->minimum != field->maximum;
    switch (field->type) {
    case FIELD_U64: return (int64_t)draw(seed);
    /* Years 1 to 9999; none and never have no text. */
    case FIELD_INSTANT:
        return draw(seed) % 4 == 0 ? (strcmp(field->name, "until") == 0 ? INT64_MAX : INT64_MIN)
                                   : draw_between(seed, INT64_C(-62135596800000000), INT64_C(253402300799999999));
    case FIELD_DURATION:
        return !ranged && draw(seed) % 4 == 0
                   ? INT64_MAX
                   : draw_between(seed, ranged ? field->minimum : 0, ranged ? field->maximum : INT64_C(1000000000000000));
    default: return draw_between(seed, ranged ? field->minimum : 0, ranged ? field->maximum : INT64_MAX);
    }
}

static void draw_field(uint64_t *seed, const struct schema_field *field, unsigned char *base)
{
    bool ranged = field->minimum != field->maximum;
    uint64_t top = field->type == FIELD_U8 ? UINT8_MAX : field->type == FIELD_U16 ? UINT16_MAX : UINT32_MAX;
    int64_t small = draw_between(seed, ranged ? field->minimum : field->type == FIELD_ID, ranged ? field->maximum : (int64_t)top);
    int64_t large = draw_large(seed, field);
    uint32_t bits = (uint32_t)draw(seed) & (field->labels != NULL ? field->labels->bits : 0);
    struct geo_point point = { (int32_t)draw_between(seed, -1800000000, 1800000000),
                               (int32_t)draw_between(seed, -900000000, 900000000) };
    switch (field->type) {
    case FIELD_ENUM: base[field->offset] = (uint8_t)(draw(seed) % field->labels->count); break;
    case FIELD_U8: memcpy(base + field->offset, &small, 1); break;
    case FIELD_U16: memcpy(base + field->offset, &small, 2); break;
    case FIELD_U32:
    case FIELD_ID: memcpy(base + field->offset, &small, 4); break;
    case FIELD_SET: memcpy(base + field->offset, &bits, 4); break;
    case FIELD_POINT: memcpy(base + field->offset, &point, 8); break;
    default: memcpy(base + field->offset, &large, 8); break;
    }
}

static void draw_command(uint64_t *seed, uint16_t code, union command_bytes *c)
{
    const struct schema_kind *kind = command_kind(code);
    uint32_t count = kind->item_size != 0 ? (uint32_t)(draw(seed) % ITEMS_MAX) : 0;
    memset(c, 0, sizeof *c);
    for (const struct schema_field *field = kind->fields; field->name != NULL; field++) {
        draw_field(seed, field, c->bytes);
    }
    for (uint32_t i = 0; i < count; i++) {
        for (const struct schema_field *field = kind->item_fields; field->name != NULL; field++) {
            draw_field(seed, field, c->bytes + kind->size + i * kind->item_size);
        }
    }
    if (kind->item_size != 0) {
        memcpy(c->bytes + kind->count_offset, &count, sizeof count);
    }
    c->head = (struct command_head){ .kind = code,
                                     .version = (uint8_t)kind->version,
                                     .size = kind->size + count * kind->item_size,
                                     .occurred_at = { draw_between(seed, 0, INT64_C(4102444800000000)) } };
    assert_true(command_is_well_formed(&c->head, c->head.size));
}

/* What the writer writes, without the name of the command and with when it occurred: what a client would send. */
static char *body_of(const union command_bytes *c)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 16);
    json_init(&json, &text, 0);
    command_write_form(&json, NULL, &c->head);
    json_t *root = json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_int_equal(json_object_del(root, "command"), 0);
    text_clear(&text);
    json_init(&json, &text, 0);
    json_array_begin(&json, NULL);
    form_instant(&json, NULL, c->head.occurred_at);
    json_array_end(&json);
    json_t *at = json_loadb(text.bytes, text.length, 0, NULL);
    json_object_set(root, "occurred_at", json_array_get(at, 0));
    json_decref(at);
    char *body = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(root);
    text_free(&text);
    return body;
}

static void test_every_command_there_and_back(void **state)
{
    (void)state;
    uint64_t seed = 20261122;
    int kinds = 0;
    for (uint16_t code = 1; code <= COMMAND_KIND_MAX; code++) {
        const struct schema_kind *kind = command_kind(code);
        kinds += kind != NULL;
        for (int i = 0; kind != NULL && i < 200; i++) {
            union command_bytes sent, got;
            draw_command(&seed, code, &sent);
            char *body = body_of(&sent);
            must(kind->name, body, &got);
            assert_int_equal(got.head.size, sent.head.size);
            assert_memory_equal(got.bytes, sent.bytes, sent.head.size);
            free(body);
        }
    }
    assert_true(kinds >= 30);
}

/* ---- events ---- */

static void test_an_entry_by_hand(void **state)
{
    (void)state;
    union {
        struct entry_head entry;
        unsigned char bytes[256];
    } e = { .bytes = { 0 } };
    struct command_beds_set command;
    COMMAND_BEGIN(&command, BEDS_SET, ACTOR_KIND_FACILITY);
    command.head.actor = 12;
    command.facility.v = 3;
    command.kind = BED_KIND_ICU;
    command.available = 4;
    struct event_beds_counted event = { .head = { EVENT_BEDS_COUNTED, 1, sizeof event },
                                        .facility = { 3 },
                                        .kind = BED_KIND_ICU };
    e.entry = (struct entry_head){ .size = sizeof(struct entry_head) + sizeof command + sizeof event,
                                   .event_count = 1,
                                   .sequence = 77,
                                   .entered_at = { INT64_C(1795336200000000) },
                                   .command_size = sizeof command };
    memcpy(e.bytes + sizeof(struct entry_head), &command, sizeof command);
    memcpy(e.bytes + sizeof(struct entry_head) + sizeof command, &event, sizeof event);
    struct text text;
    struct json json;
    text_init(&text, 4096);
    json_init(&json, &text, 0);
    entry_write_form(&json, NULL, &e.entry);
    json_t *got = json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES, NULL);
    json_t *wanted = json_pack("{s:i,s:s,s:n,s:s,s:i,s:{s:s,s:i,s:s,s:i,s:i,s:i,s:i},s:[{s:s,s:i,s:s,s:i,s:i,s:i,s:i}]}",
                               "sequence", 77, "entered_at", "2026-11-22T08:30:00.000000Z", "occurred_at", "actor_kind",
                               "facility", "actor", 12, "command", "command", "beds_set", "facility", 3, "kind", "icu",
                               "available", 4, "occupied", 0, "blocked", 0, "converting", 0, "events", "event", "beds_counted",
                               "facility", 3, "kind", "icu", "available", 0, "occupied", 0, "blocked", 0, "converting", 0);
    assert_non_null(wanted);
    assert_true(json_equal(got, wanted));
    json_decref(got);
    json_decref(wanted);
    text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_triage),
        cmocka_unit_test(test_what_may_be_left_out),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_refusals_name_the_member),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_every_command_there_and_back),
        cmocka_unit_test(test_an_entry_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
