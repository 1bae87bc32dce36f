/* The readers of OpenStreetMap files: the same objects from PBF (dense and plain nodes, raw and packed blocks) and from XML
 * (plain, gzip, bzip2); every truncation and many damages are refused without a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bzlib.h>
#include <cmocka.h>
#include <zlib.h>

#include "base/check.h"
#include "base/random.h"
#include "base/text.h"
#include "road/osm_source.h"

static const char XML[] =
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    "<osm version=\"0.6\">\n"
    " <bounds minlat=\"0\" minlon=\"0\" maxlat=\"1\" maxlon=\"1\"/>\n"
    " <node id=\"1\" lat=\"0.5\" lon=\"-0.25\"/>\n"
    " <node id=\"-7\" lat=\"41.1234567\" lon=\"-8.7654321\">\n"
    "  <tag k=\"barrier\" v=\"gate\"/><tag k=\"name\" v=\"A &amp; B\"/>\n"
    " </node>\n"
    " <node id=\"9000000000\" lat=\"-33.0000001\" lon=\"151.0\"/>\n"
    " <way id=\"20\"><nd ref=\"1\"/><nd ref=\"-7\"/><nd ref=\"9000000000\"/>"
    "<tag k=\"highway\" v=\"primary\"/><tag k=\"name\" v=\"Stra\303\237e\"/></way>\n"
    " <way id=\"21\"/>\n"
    " <relation id=\"30\"><member type=\"way\" ref=\"20\" role=\"from\"/><member type=\"node\" ref=\"1\" role=\"via\"/>"
    "<member type=\"relation\" ref=\"31\" role=\"\"/><tag k=\"type\" v=\"restriction\"/></relation>\n"
    "</osm>\n";

/* What all files must be read as. */
static const char EXPECTED[] = "node 1 -2500000,5000000\n"
                               "node -7 -87654321,411234567 barrier=gate name=A & B\n"
                               "node 9000000000 1510000000,-330000001\n"
                               "way 20 1 -7 9000000000 highway=primary name=Stra\303\237e\n"
                               "way 21\n"
                               "relation 30 1:20:from 0:1:via 2:31: type=restriction\n";

/* ---- writing down what the reader says ---- */

static void put_tags(struct text *text, const struct osm_tags *tags)
{
    for (size_t i = 0; i < tags->count; i++) {
        text_printf(text, " %s=%s", tags->items[i].key, tags->items[i].value);
    }
    text_puts(text, "\n");
}

static enum status put_node(void *context, const struct osm_node *node, struct error *error)
{
    (void)error;
    text_printf(context, "node %lld %d,%d", (long long)node->id, node->point.lon_e7, node->point.lat_e7);
    put_tags(context, &node->tags);
    return STATUS_OK;
}

static enum status put_way(void *context, const struct osm_way *way, struct error *error)
{
    (void)error;
    text_printf(context, "way %lld", (long long)way->id);
    for (size_t i = 0; i < way->node_count; i++) {
        text_printf(context, " %lld", (long long)way->nodes[i]);
    }
    put_tags(context, &way->tags);
    return STATUS_OK;
}

static enum status put_relation(void *context, const struct osm_relation *relation, struct error *error)
{
    (void)error;
    text_printf(context, "relation %lld", (long long)relation->id);
    for (size_t i = 0; i < relation->member_count; i++) {
        const struct osm_member *member = &relation->members[i];
        text_printf(context, " %d:%lld:%s", (int)member->kind, (long long)member->id, member->role);
    }
    put_tags(context, &relation->tags);
    return STATUS_OK;
}

static enum status read_to_text(const void *bytes, size_t size, struct text *text, struct error *error)
{
    const struct osm_handler handler = { .context = text, .node = put_node, .way = put_way, .relation = put_relation };
    text_clear(text);
    return osm_read_bytes("test.osm", bytes, size, &handler, error);
}

/* ---- writing PBF ---- */

struct pbf {
    unsigned char bytes[4096];
    size_t size;
};

static void put_varint(struct pbf *out, uint64_t value)
{
    while (value >= 0x80) {
        out->bytes[out->size++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    out->bytes[out->size++] = (unsigned char)value;
}

static void put_signed(struct pbf *out, int64_t value) { put_varint(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0)); }

static void put_number(struct pbf *out, unsigned field, uint64_t value)
{
    put_varint(out, field << 3);
    put_varint(out, value);
}

static void put_bytes(struct pbf *out, unsigned field, const void *bytes, size_t size)
{
    put_varint(out, field << 3 | 2);
    put_varint(out, size);
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

static void put_message(struct pbf *out, unsigned field, const struct pbf *message)
{
    put_bytes(out, field, message->bytes, message->size);
}

enum { STRING_NONE, BARRIER, GATE, NAME, A_B, HIGHWAY, PRIMARY, STREET, TYPE, RESTRICTION, FROM, VIA, EMPTY };
static const char *const STRINGS[] = { "",     "barrier",     "gate", "name", "A & B", "highway", "primary", "Stra\303\237e",
                                       "type", "restriction", "from", "via",  "" };

static void put_dense(struct pbf *group)
{
    struct pbf dense = { .size = 0 }, ids = { .size = 0 }, lats = { .size = 0 }, lons = { .size = 0 }, tags = { .size = 0 };
    static const int64_t NODES[][3] = { { 1, 5000000, -2500000 },
                                        { -7, 411234567, -87654321 },
                                        { 9000000000, -330000001, 1510000000 } };
    for (size_t i = 0; i < ARRAY_LENGTH(NODES); i++) {
        put_signed(&ids, NODES[i][0] - (i > 0 ? NODES[i - 1][0] : 0));
        put_signed(&lats, NODES[i][1] - (i > 0 ? NODES[i - 1][1] : 0));
        put_signed(&lons, NODES[i][2] - (i > 0 ? NODES[i - 1][2] : 0));
    }
    static const unsigned TAGS[] = { 0, BARRIER, GATE, NAME, A_B, 0, 0 };
    for (size_t i = 0; i < ARRAY_LENGTH(TAGS); i++) {
        put_varint(&tags, TAGS[i]);
    }
    put_message(&dense, 1, &ids);
    put_message(&dense, 8, &lats);
    put_message(&dense, 9, &lons);
    put_message(&dense, 10, &tags);
    put_message(group, 2, &dense);
}

static void put_plain_node(struct pbf *group, int64_t id, int64_t lat, int64_t lon, bool tagged)
{
    struct pbf node = { .size = 0 };
    put_varint(&node, 1 << 3);
    put_signed(&node, id);
    if (tagged) {
        put_bytes(&node, 2, (const unsigned char[]){ BARRIER, NAME }, 2);
        put_bytes(&node, 3, (const unsigned char[]){ GATE, A_B }, 2);
    }
    put_varint(&node, 8 << 3);
    put_signed(&node, lat);
    put_varint(&node, 9 << 3);
    put_signed(&node, lon);
    put_message(group, 1, &node);
}

static void put_ways_and_relation(struct pbf *group)
{
    struct pbf way = { .size = 0 }, bare = { .size = 0 }, refs = { .size = 0 }, relation = { .size = 0 }, ids = { .size = 0 };
    put_number(&way, 1, 20);
    put_bytes(&way, 2, (const unsigned char[]){ HIGHWAY, NAME }, 2);
    put_bytes(&way, 3, (const unsigned char[]){ PRIMARY, STREET }, 2);
    put_signed(&refs, 1);
    put_signed(&refs, -8);
    put_signed(&refs, 9000000007);
    put_message(&way, 8, &refs);
    put_message(group, 3, &way);
    put_number(&bare, 1, 21);
    put_message(group, 3, &bare);
    put_number(&relation, 1, 30);
    put_bytes(&relation, 2, (const unsigned char[]){ TYPE }, 1);
    put_bytes(&relation, 3, (const unsigned char[]){ RESTRICTION }, 1);
    put_bytes(&relation, 8, (const unsigned char[]){ FROM, VIA, EMPTY }, 3);
    put_signed(&ids, 20);
    put_signed(&ids, -19);
    put_signed(&ids, 30);
    put_message(&relation, 9, &ids);
    put_bytes(&relation, 10, (const unsigned char[]){ OSM_WAY, OSM_NODE, OSM_RELATION }, 3);
    put_message(group, 4, &relation);
}

static void put_blob(struct pbf *file, const char *type, const struct pbf *block, bool pack)
{
    struct pbf blob = { .size = 0 }, header = { .size = 0 };
    if (pack) {
        unsigned char packed[4096];
        uLongf packed_size = sizeof packed;
        assert_int_equal(compress(packed, &packed_size, block->bytes, block->size), Z_OK);
        put_number(&blob, 2, block->size);
        put_bytes(&blob, 3, packed, packed_size);
    } else {
        put_message(&blob, 1, block);
    }
    put_bytes(&header, 1, type, strlen(type));
    put_number(&header, 3, blob.size);
    file->bytes[file->size++] = 0;
    file->bytes[file->size++] = 0;
    file->bytes[file->size++] = (unsigned char)(header.size >> 8);
    file->bytes[file->size++] = (unsigned char)header.size;
    memcpy(file->bytes + file->size, header.bytes, header.size);
    file->size += header.size;
    memcpy(file->bytes + file->size, blob.bytes, blob.size);
    file->size += blob.size;
}

static void make_pbf(struct pbf *file, bool dense, bool pack, const char *feature)
{
    struct pbf header = { .size = 0 }, strings = { .size = 0 }, nodes = { .size = 0 }, others = { .size = 0 },
               block = { .size = 0 };
    file->size = 0;
    put_bytes(&header, 4, "OsmSchema-V0.6", 14);
    put_bytes(&header, 4, feature, strlen(feature));
    put_bytes(&header, 16, "a test", 6);
    put_blob(file, "OSMHeader", &header, pack);
    if (dense) {
        put_dense(&nodes);
    } else {
        put_plain_node(&nodes, 1, 5000000, -2500000, false);
        put_plain_node(&nodes, -7, 411234567, -87654321, true);
        put_plain_node(&nodes, 9000000000, -330000001, 1510000000, false);
    }
    put_ways_and_relation(&others);
    for (size_t i = 0; i < ARRAY_LENGTH(STRINGS); i++) {
        put_bytes(&strings, 1, STRINGS[i], strlen(STRINGS[i]));
    }
    put_message(&block, 2, &nodes); /* before the strings that it uses: the order of fields is free */
    put_message(&block, 1, &strings);
    put_message(&block, 2, &others);
    put_blob(file, "OSMData", &block, pack);
    put_blob(file, "Unheard-of", &block, pack);
}

/* ---- packing XML ---- */

static size_t gzip(const char *text, size_t size, unsigned char *out, size_t capacity)
{
    z_stream stream = { 0 };
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)capacity;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t packed = capacity - stream.avail_out;
    deflateEnd(&stream);
    return packed;
}

static size_t bzip2(const char *text, size_t size, unsigned char *out, size_t capacity)
{
    unsigned packed = (unsigned)capacity;
    assert_int_equal(BZ2_bzBuffToBuffCompress((char *)out, &packed, (char *)(uintptr_t)text, (unsigned)size, 9, 0, 0), BZ_OK);
    return packed;
}

/* ---- the tests ---- */

static void expect_same(const void *bytes, size_t size)
{
    struct text text;
    struct error error;
    text_init(&text, 1 << 16);
    if (read_to_text(bytes, size, &text, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_string_equal(text.bytes, EXPECTED);
    text_free(&text);
}

static void all_forms_say_the_same(void **state)
{
    (void)state;
    unsigned char packed[4096];
    struct pbf file;
    expect_same(XML, sizeof XML - 1);
    expect_same(packed, gzip(XML, sizeof XML - 1, packed, sizeof packed));
    expect_same(packed, bzip2(XML, sizeof XML - 1, packed, sizeof packed));
    for (int form = 0; form < 4; form++) {
        make_pbf(&file, form & 1, form & 2, "DenseNodes");
        expect_same(file.bytes, file.size);
    }
}

static void packed_files_may_have_members(void **state)
{
    (void)state;
    unsigned char packed[4096];
    const size_t half = sizeof XML / 2;
    size_t size = gzip(XML, half, packed, sizeof packed);
    size += gzip(XML + half, sizeof XML - 1 - half, packed + size, sizeof packed - size);
    expect_same(packed, size);
    size = bzip2(XML, half, packed, sizeof packed);
    size += bzip2(XML + half, sizeof XML - 1 - half, packed + size, sizeof packed - size);
    expect_same(packed, size);
}

static void expect_refused(const void *bytes, size_t size)
{
    struct text text;
    struct error error = { .text = "" };
    text_init(&text, 1 << 16);
    enum status status = read_to_text(bytes, size, &text, &error);
    if (status != STATUS_BAD_INPUT || strstr(error.text, "test.osm") == NULL) {
        fail_msg("cut to %zu bytes: status %d, \"%s\"", size, (int)status, error.text);
    }
    text_free(&text);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    unsigned char packed[4096];
    struct pbf file, header;
    size_t size = gzip(XML, sizeof XML - 1, packed, sizeof packed);
    for (size_t cut = 0; cut < size; cut++) {
        expect_refused(packed, cut);
    }
    size = bzip2(XML, sizeof XML - 1, packed, sizeof packed);
    for (size_t cut = 0; cut < size; cut++) {
        expect_refused(packed, cut);
    }
    for (size_t cut = 0; cut < sizeof XML - 2; cut++) {
        expect_refused(XML, cut);
    }
    make_pbf(&file, true, true, "DenseNodes");
    /* A file that ends after a whole block is complete as far as its form can tell: find these places. */
    size_t ends[2] = { 0, 0 };
    make_pbf(&header, true, true, "DenseNodes");
    for (int i = 0; i < 2; i++) {
        const unsigned char *at = header.bytes + (i > 0 ? ends[i - 1] : 0);
        size_t head = (size_t)at[2] << 8 | at[3], blob = at[3 + head] < 0x80 && at[2 + head] >= 0x80
                                                             ? (size_t)(at[2 + head] & 0x7F) | (size_t)at[3 + head] << 7
                                                             : at[3 + head];
        ends[i] = (i > 0 ? ends[i - 1] : 0) + 4 + head + blob;
    }
    for (size_t cut = 0; cut < file.size; cut++) {
        if (cut != ends[0] && cut != ends[1]) {
            expect_refused(file.bytes, cut);
        }
    }
}

static void a_truncated_pbf_names_the_byte(void **state)
{
    (void)state;
    struct pbf file;
    struct text text;
    struct error error;
    make_pbf(&file, true, true, "DenseNodes");
    text_init(&text, 1 << 16);
    assert_int_equal(read_to_text(file.bytes, file.size - 1, &text, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "the file ends in the middle of a block"));
    assert_non_null(strstr(error.text, "test.osm: byte "));
    make_pbf(&file, true, true, "HistoricalInformation");
    assert_int_equal(read_to_text(file.bytes, file.size, &text, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "HistoricalInformation"));
    text_free(&text);
}

/* Raw blocks, so that damage reaches the parser instead of the checksum of zlib. */
static void damage_is_survived(void **state)
{
    (void)state;
    struct pbf file, damaged;
    struct text text;
    struct error error;
    struct random_stream stream;
    random_open(&stream, 7, 1, 0);
    make_pbf(&file, true, false, "DenseNodes");
    text_init(&text, 1 << 20);
    int refused = 0;
    for (int round = 0; round < 20000; round++) {
        damaged = file;
        for (uint64_t flips = 1 + random_u64(&stream) % 4; flips > 0; flips--) {
            damaged.bytes[random_u64(&stream) % damaged.size] = (unsigned char)random_u64(&stream);
        }
        refused += read_to_text(damaged.bytes, damaged.size, &text, &error) != STATUS_OK;
    }
    assert_true(refused > 1000);
    text_free(&text);
}

static void xml_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *says;
    } CASES[] = {
        { "<osm>\n<node id='x' lat='1' lon='1'/></osm>", "test.osm:2: an object without a whole number as its id" },
        { "<osm>\n\n<node id='1' lat='91' lon='1'/></osm>", "test.osm:3: a node without a lat and lon on the earth" },
        { "<osm><node id='1' lat='nan' lon='1'/></osm>", "a node without a lat and lon on the earth" },
        { "<osm><way id='1'><nd ref='1e3'/></way></osm>", "a reference to a node (nd) that is not a whole number" },
        { "<osm><way id='1'><tag k='a'/></way></osm>", "a tag without k and v" },
        { "<gpx></gpx>", "the outermost element must be <osm>" },
        { "<!DOCTYPE osm [<!ENTITY a 'aaaa'>]>\n<osm/>", "test.osm:1: a document type declaration" },
        { "<osm><way id='1'>", "test.osm:1: broken XML" },
        { "<osm><a><b><c><d><e><f><g><h><i><j><k><l><m><n><o><p><q>", "nested too deeply" },
        { "hello", "test.osm" },
        { "", "test.osm: the file is empty" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        struct text text;
        struct error error = { .text = "" };
        text_init(&text, 1 << 16);
        assert_int_equal(read_to_text(CASES[i].xml, strlen(CASES[i].xml), &text, &error), STATUS_BAD_INPUT);
        if (strstr(error.text, CASES[i].says) == NULL) {
            fail_msg("\"%s\" instead of \"%s\"", error.text, CASES[i].says);
        }
        text_free(&text);
    }
}

static void deleted_objects_are_not_there(void **state)
{
    (void)state;
    static const char TEXT[] = "<osm><node id='1' visible='false'/><node id='2' lat='1' lon='2' action='delete'/>"
                               "<node id='3' lat='1' lon='2'/></osm>";
    struct text text;
    struct error error;
    text_init(&text, 1 << 16);
    assert_int_equal(read_to_text(TEXT, sizeof TEXT - 1, &text, &error), STATUS_OK);
    assert_string_equal(text.bytes, "node 3 20000000,10000000\n");
    text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_forms_say_the_same),
        cmocka_unit_test(packed_files_may_have_members),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(a_truncated_pbf_names_the_byte),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(xml_is_refused_with_its_line),
        cmocka_unit_test(deleted_objects_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
