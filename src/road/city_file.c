#include "road/city_file.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "road/city_map.h"

static const char MAGIC[8] = { 'M', 'i', 'n', 'g', 'C', 'i', 't', 'y' };
enum { BYTE_ORDER_MARK = 0x01020304, BYTE_ORDER_SWAPPED = 0x04030201, ALIGNMENT = 64 };

struct file_header {
    char magic[8];
    uint32_t byte_order;
    uint32_t format_version;
    uint64_t file_size;
    uint64_t checksum; /* of everything, with this field zero */
    uint64_t fingerprint;
    uint32_t section_count;
    uint32_t reserved;
};

struct file_section {
    uint32_t id, element_size;
    uint64_t offset, count;
};

const char *const CITY_PHASES[CITY_PHASES_MAX] = { "read_ways",  "read_nodes", "build",     "connect",
                                                   "snap_index", "order",      "hierarchy", NULL };

/* In the fingerprint: whatever changes an answer. Not in it: texts, snapping, how long the import took, the hierarchy (which is
 * a function of the rest). */
static const struct section_form {
    const char *name;
    size_t element;
    bool in_fingerprint;
} FORMS[CITY_SECTION_COUNT] = {
    [CITY_META] = { "meta", sizeof(struct city_meta), false },
    [CITY_FIRST_OUT] = { "first_out", 4, true },
    [CITY_TAIL] = { "tail", 4, true },
    [CITY_HEAD] = { "head", 4, true },
    [CITY_POINT] = { "point", sizeof(struct geo_point), true },
    [CITY_COPY_FIRST] = { "copy_first", 4, true },
    [CITY_ARC_SIDE] = { "arc_side", 4, true },
    [CITY_ARC_LENGTH] = { "arc_length", 4, true },
    [CITY_ARC_USE] = { "arc_use", 1, true },
    [CITY_WEIGHTS] = { "weights", 4, true },
    [CITY_EDGE_ARCS] = { "edge_arcs", 4, true },
    [CITY_EDGE_POINT_FIRST] = { "edge_point_first", 4, true },
    [CITY_EDGE_POINT] = { "edge_point", sizeof(struct geo_point), true },
    [CITY_EDGE_NAME] = { "edge_name", 4, false },
    [CITY_EDGE_CLASS] = { "edge_class", 1, false },
    [CITY_EDGE_ALTERNATIVES] = { "edge_alternatives", 4, false },
    [CITY_TEXT] = { "text", 1, false },
    [CITY_PLACE] = { "place", sizeof(struct city_place_entry), false },
    [CITY_AREA_KIND] = { "area_kind", 1, false },
    [CITY_AREA_RING_FIRST] = { "area_ring_first", 4, false },
    [CITY_RING_POINT_FIRST] = { "ring_point_first", 4, false },
    [CITY_RING_POINT] = { "ring_point", sizeof(struct geo_point), false },
    [CITY_NODE_ACCESS] = { "node_access", 1, true },
    [CITY_NUMBER] = { "number", 8, true },
    [CITY_NUMBER_ORDER] = { "number_order", 4, false },
    [CITY_WEIGHT_FRACTION] = { "weight_fraction", 4, true },
    [CITY_GRID_FIRST] = { "grid_first", 4, false },
    [CITY_GRID_ENTRY] = { "grid_entry", sizeof(struct city_grid_entry), false },
    [CITY_DROPPED] = { "dropped", sizeof(struct city_dropped), false },
    [CITY_CCH_RANK_OF] = { "cch_rank_of", 4, false },
    [CITY_CCH_NODE_AT] = { "cch_node_at", 4, false },
    [CITY_CCH_UP_FIRST] = { "cch_up_first", 4, false },
    [CITY_CCH_UP_HEAD] = { "cch_up_head", 4, false },
    [CITY_CCH_UP_TAIL] = { "cch_up_tail", 4, false },
    [CITY_CCH_PARENT] = { "cch_parent", 4, false },
    [CITY_CCH_ARC_UP] = { "cch_arc_up", 4, false },
    [CITY_CCH_ARC_IS_UPWARD] = { "cch_arc_is_upward", 1, false },
    [CITY_CCH_INPUT_FIRST] = { "cch_input_first", 4, false },
    [CITY_CCH_INPUT_LIST] = { "cch_input_list", 4, false },
};

const char *city_section_name(enum city_section section) { return FORMS[section].name; }
size_t city_section_element(enum city_section section) { return FORMS[section].element; }

struct road_graph city_parts_graph(const struct city_parts *parts)
{
    return (struct road_graph){
        .node_count = (uint32_t)parts->count[CITY_POINT],
        .arc_count = (uint32_t)parts->count[CITY_TAIL],
        .first_out = city_part_u32(parts, CITY_FIRST_OUT),
        .tail = city_part_u32(parts, CITY_TAIL),
        .head = city_part_u32(parts, CITY_HEAD),
        .point = parts->bytes[CITY_POINT],
    };
}

struct cch city_parts_cch(const struct city_parts *parts)
{
    return (struct cch){
        .node_count = (uint32_t)parts->count[CITY_CCH_RANK_OF],
        .up_arc_count = (uint32_t)parts->count[CITY_CCH_UP_HEAD],
        .rank_of = city_part_u32(parts, CITY_CCH_RANK_OF),
        .node_at = city_part_u32(parts, CITY_CCH_NODE_AT),
        .up_first = city_part_u32(parts, CITY_CCH_UP_FIRST),
        .up_head = city_part_u32(parts, CITY_CCH_UP_HEAD),
        .up_tail = city_part_u32(parts, CITY_CCH_UP_TAIL),
        .parent = city_part_u32(parts, CITY_CCH_PARENT),
        .arc_up = city_part_u32(parts, CITY_CCH_ARC_UP),
        .arc_is_upward = parts->bytes[CITY_CCH_ARC_IS_UPWARD],
        .input_first = city_part_u32(parts, CITY_CCH_INPUT_FIRST),
        .input_list = city_part_u32(parts, CITY_CCH_INPUT_LIST),
    };
}

static void set(struct city_parts *parts, enum city_section section, const void *bytes, uint64_t count)
{
    parts->bytes[section] = bytes;
    parts->count[section] = count;
}

void city_parts_set_cch(struct city_parts *parts, const struct cch *cch, uint32_t arc_count)
{
    set(parts, CITY_CCH_RANK_OF, cch->rank_of, cch->node_count);
    set(parts, CITY_CCH_NODE_AT, cch->node_at, cch->node_count);
    set(parts, CITY_CCH_UP_FIRST, cch->up_first, (uint64_t)cch->node_count + 1);
    set(parts, CITY_CCH_UP_HEAD, cch->up_head, cch->up_arc_count);
    set(parts, CITY_CCH_UP_TAIL, cch->up_tail, cch->up_arc_count);
    set(parts, CITY_CCH_PARENT, cch->parent, cch->node_count);
    set(parts, CITY_CCH_ARC_UP, cch->arc_up, arc_count);
    set(parts, CITY_CCH_ARC_IS_UPWARD, cch->arc_is_upward, arc_count);
    set(parts, CITY_CCH_INPUT_FIRST, cch->input_first, (uint64_t)cch->up_arc_count + 1);
    set(parts, CITY_CCH_INPUT_LIST, cch->input_list, cch->input_first[cch->up_arc_count]);
}

/* ---- writing ---- */

static uint64_t fingerprint_of(const struct city_parts *parts)
{
    const struct city_meta *meta = parts->bytes[CITY_META];
    const struct {
        uint32_t ticks_per_second, from_arcs, base_count, format;
        double scale[2], off_road[ROAD_PROFILE_COUNT];
    } facts = {
        .ticks_per_second = meta->ticks_per_second,
        .from_arcs = meta->from_arcs,
        .base_count = meta->base_count,
        .format = CITY_FORMAT_VERSION,
        .scale = { meta->metres_per_lon_degree, meta->metres_per_lat_degree },
        .off_road = { meta->off_road_m_per_s[0], meta->off_road_m_per_s[1], meta->off_road_m_per_s[2] },
    };
    uint64_t hash = hash64(&facts, sizeof facts, 0);
    for (int i = 0; i < CITY_SECTION_COUNT; i++) {
        if (FORMS[i].in_fingerprint) {
            hash = hash64(parts->bytes[i], (size_t)parts->count[i] * FORMS[i].element, hash);
        }
    }
    return hash;
}

static uint64_t aligned(uint64_t offset) { return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static const unsigned char PADDING[ALIGNMENT];

/* The same walk makes the checksum and, with a writer, the file. */
static enum status emit(struct file_writer *writer, const struct file_header *header, const struct file_section *sections,
                        const struct city_parts *parts, uint64_t *checksum, struct error *error)
{
    const void *chunks[2 * CITY_SECTION_COUNT + 3] = { header, sections };
    size_t sizes[2 * CITY_SECTION_COUNT + 3] = { sizeof *header, CITY_SECTION_COUNT * sizeof *sections };
    size_t count = 2;
    uint64_t at = sizes[0] + sizes[1];
    for (int i = 0; i < CITY_SECTION_COUNT; i++) {
        chunks[count] = PADDING;
        sizes[count++] = (size_t)(sections[i].offset - at);
        chunks[count] = parts->bytes[i];
        sizes[count++] = (size_t)parts->count[i] * FORMS[i].element;
        at = sections[i].offset + sizes[count - 1];
    }
    *checksum = 0;
    for (size_t i = 0; i < count; i++) {
        if (writer != NULL) {
            TRY(file_writer_write(writer, chunks[i], sizes[i], error));
        } else {
            *checksum = hash64(chunks[i], sizes[i], *checksum);
        }
    }
    return STATUS_OK;
}

/* The reader knows no chunks, only bytes: so it hashes the header apart and then each section with the gap before it. */
static uint64_t checksum_of(const unsigned char *bytes, const struct file_header *header, const struct file_section *sections)
{
    struct file_header blank = *header;
    blank.checksum = 0;
    uint64_t checksum = hash64(&blank, sizeof blank, 0);
    checksum = hash64(sections, CITY_SECTION_COUNT * sizeof *sections, checksum);
    uint64_t at = sizeof *header + CITY_SECTION_COUNT * sizeof *sections;
    for (int i = 0; i < CITY_SECTION_COUNT; i++) {
        size_t size = (size_t)(sections[i].count * sections[i].element_size);
        checksum = hash64(bytes + at, (size_t)(sections[i].offset - at), checksum);
        checksum = hash64(bytes + sections[i].offset, size, checksum);
        at = sections[i].offset + size;
    }
    return checksum;
}

enum status city_file_write(const char *path, struct city_parts *parts, struct error *error)
{
    struct file_header header = { .byte_order = BYTE_ORDER_MARK,
                                  .format_version = CITY_FORMAT_VERSION,
                                  .section_count = CITY_SECTION_COUNT };
    struct file_section sections[CITY_SECTION_COUNT];
    memcpy(header.magic, MAGIC, sizeof MAGIC);
    for (int i = 0; i < CITY_SECTION_COUNT; i++) {
        parts->bytes[i] = parts->count[i] == 0 ? PADDING : parts->bytes[i];
    }
    uint64_t at = sizeof header + sizeof sections;
    for (uint32_t i = 0; i < CITY_SECTION_COUNT; i++) {
        at = aligned(at);
        sections[i] = (struct file_section){ i, (uint32_t)FORMS[i].element, at, parts->count[i] };
        at += parts->count[i] * FORMS[i].element;
    }
    header.file_size = at;
    header.fingerprint = parts->fingerprint = fingerprint_of(parts);
    uint64_t checksum;
    TRY(emit(NULL, &header, sections, parts, &checksum, error));
    header.checksum = checksum;
    struct file_writer writer;
    TRY(file_writer_open(&writer, path, error));
    enum status status = emit(&writer, &header, sections, parts, &checksum, error);
    if (status != STATUS_OK) {
        file_writer_abandon(&writer);
        return status;
    }
    return file_writer_commit(&writer, error);
}

/* ---- reading: header and sections ---- */

static enum status check_header(const char *name, const struct file_header *header, size_t size, struct error *error)
{
    if (header->byte_order == BYTE_ORDER_SWAPPED) {
        return ERROR(error, STATUS_VERSION,
                     "%s: a city file made on a machine of the other byte order; import it again on this one", name);
    }
    if (header->byte_order != BYTE_ORDER_MARK) {
        return ERROR(error, STATUS_CORRUPT, "%s: damaged city file: its byte order mark is neither one; import it again", name);
    }
    if (header->format_version != CITY_FORMAT_VERSION) {
        return ERROR(error, STATUS_VERSION, "%s: a city file of format %u, but this program reads format %d; import it again",
                     name, header->format_version, CITY_FORMAT_VERSION);
    }
    if (header->file_size != size) {
        return ERROR(error, STATUS_CORRUPT, "%s: %s city file: it has %zu bytes, but must have %llu; copy or import it again",
                     name, size < header->file_size ? "truncated" : "damaged", size, (unsigned long long)header->file_size);
    }
    if (header->section_count != CITY_SECTION_COUNT) {
        return ERROR(error, STATUS_CORRUPT, "%s: damaged city file: %u sections instead of %d", name, header->section_count,
                     CITY_SECTION_COUNT);
    }
    return STATUS_OK;
}

static enum status check_sections(const char *name, const struct file_section *sections, size_t size, struct error *error)
{
    uint64_t at = sizeof(struct file_header) + CITY_SECTION_COUNT * sizeof *sections;
    for (uint32_t i = 0; i < CITY_SECTION_COUNT; i++) {
        const struct file_section *section = &sections[i];
        bool fits = section->id == i && section->element_size == FORMS[i].element && section->offset == aligned(at) &&
                    section->offset <= size && section->count <= (size - section->offset) / section->element_size &&
                    section->count <= UINT32_MAX;
        if (!fits) {
            return ERROR(error, STATUS_CORRUPT, "%s: damaged city file: section %s has an impossible place or size", name,
                         FORMS[i].name);
        }
        at = section->offset + section->count * section->element_size;
    }
    return at == size ? STATUS_OK : ERROR(error, STATUS_CORRUPT, "%s: damaged city file: bytes after its last section", name);
}

/* ---- reading: contents ---- */

struct checker {
    const char *name;
    const struct city_parts *parts;
    struct error *error;
};

static enum status wrong(const struct checker *checker, enum city_section section)
{
    return ERROR(checker->error, STATUS_CORRUPT, "%s: damaged city file: section %s does not fit the others", checker->name,
                 FORMS[section].name);
}

static bool counts_rise(const struct city_parts *parts, enum city_section section, uint64_t last)
{
    const uint32_t *first = city_part_u32(parts, section);
    uint64_t count = parts->count[section];
    if (count == 0 || first[0] != 0 || first[count - 1] != last) {
        return false;
    }
    for (uint64_t i = 1; i < count; i++) {
        if (first[i] < first[i - 1]) {
            return false;
        }
    }
    return true;
}

static bool all_below(const struct city_parts *parts, enum city_section section, uint32_t limit)
{
    const uint32_t *values = city_part_u32(parts, section);
    uint32_t highest = 0;
    for (uint64_t i = 0; i < parts->count[section]; i++) {
        highest = values[i] > highest ? values[i] : highest;
    }
    return parts->count[section] == 0 || highest < limit;
}

static bool is_on_earth(struct geo_point point)
{
    return point.lon_e7 >= -1800000000 && point.lon_e7 <= 1800000000 && point.lat_e7 >= -900000000 && point.lat_e7 <= 900000000;
}

static bool on_earth(const struct city_parts *parts, enum city_section section)
{
    const struct geo_point *points = parts->bytes[section];
    for (uint64_t i = 0; i < parts->count[section]; i++) {
        if (!is_on_earth(points[i])) {
            return false;
        }
    }
    return true;
}

static bool terminated(const char *text, size_t size) { return memchr(text, '\0', size) != NULL; }

static bool above_zero(double value, double maximum) { return value > 0 && value < maximum; }

static enum status check_meta(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    if (parts->count[CITY_META] != 1) {
        return wrong(checker, CITY_META);
    }
    const struct city_meta *meta = parts->bytes[CITY_META];
    uint64_t profiles = 0;
    bool fine = meta->ticks_per_second >= 1 && meta->ticks_per_second <= 1000000 && meta->from_arcs <= 1 &&
                meta->base_count <= parts->count[CITY_POINT] && meta->base_count > 0 &&
                terminated(meta->name, sizeof meta->name) && terminated(meta->source, sizeof meta->source);
    for (int i = 0; i < ROAD_PROFILE_COUNT && fine; i++) {
        fine = meta->profile[i].present <= 1 && above_zero(meta->off_road_m_per_s[i], 1000);
        profiles += meta->profile[i].present;
    }
    double scales[2] = { meta->metres_per_lon_degree, meta->metres_per_lat_degree };
    for (int i = 0; i < 2 && fine; i++) {
        fine = above_zero(scales[i], 1e6) || !(scales[i] < 0 || scales[i] > 0);
    }
    for (int i = 0; i < CITY_PHASES_MAX && fine; i++) {
        fine = meta->phase_seconds[i] >= 0 && meta->phase_seconds[i] < 1e9;
    }
    bool grid = meta->columns >= 1 && meta->rows >= 1 && meta->grid_cell_lon_e7 >= 1 && meta->grid_cell_lat_e7 >= 1 &&
                meta->grid_west_e7 >= -1800000000 && meta->grid_west_e7 <= 1800000000 && meta->grid_south_e7 >= -900000000 &&
                meta->grid_south_e7 <= 900000000 && (uint64_t)meta->columns * meta->rows + 1 == parts->count[CITY_GRID_FIRST];
    return fine && grid && profiles > 0 && parts->count[CITY_WEIGHTS] == profiles * parts->count[CITY_TAIL]
               ? STATUS_OK
               : wrong(checker, CITY_META);
}

static enum status check_graph(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    struct road_graph graph = city_parts_graph(parts);
    if (parts->count[CITY_FIRST_OUT] != (uint64_t)graph.node_count + 1 || !counts_rise(parts, CITY_FIRST_OUT, graph.arc_count)) {
        return wrong(checker, CITY_FIRST_OUT);
    }
    for (uint32_t node = 0; node < graph.node_count; node++) {
        for (uint32_t arc = graph.first_out[node]; arc < graph.first_out[node + 1]; arc++) {
            if (graph.tail[arc] != node) {
                return wrong(checker, CITY_TAIL);
            }
        }
    }
    if (parts->count[CITY_HEAD] != graph.arc_count || !all_below(parts, CITY_HEAD, graph.node_count)) {
        return wrong(checker, CITY_HEAD);
    }
    if (!on_earth(parts, CITY_POINT)) {
        return wrong(checker, CITY_POINT);
    }
    if (!all_below(parts, CITY_WEIGHTS, ROAD_INFINITY + 1)) {
        return wrong(checker, CITY_WEIGHTS);
    }
    if (parts->count[CITY_ARC_LENGTH] != graph.arc_count || !all_below(parts, CITY_ARC_LENGTH, 1u << 31)) {
        return wrong(checker, CITY_ARC_LENGTH);
    }
    return parts->count[CITY_ARC_USE] == graph.arc_count ? STATUS_OK : wrong(checker, CITY_ARC_USE);
}

static enum status check_edges(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    const struct city_meta *meta = parts->bytes[CITY_META];
    struct road_graph graph = city_parts_graph(parts);
    uint64_t edges = parts->count[CITY_EDGE_NAME];
    const uint32_t *arcs = city_part_u32(parts, CITY_EDGE_ARCS), *sides = city_part_u32(parts, CITY_ARC_SIDE);
    const uint32_t *first = city_part_u32(parts, CITY_EDGE_POINT_FIRST);
    if (parts->count[CITY_EDGE_ARCS] != 2 * edges || edges > UINT32_MAX / 2) {
        return wrong(checker, CITY_EDGE_ARCS);
    }
    if (parts->count[CITY_ARC_SIDE] != graph.arc_count || !all_below(parts, CITY_ARC_SIDE, (uint32_t)(2 * edges))) {
        return wrong(checker, CITY_ARC_SIDE);
    }
    for (uint64_t side = 0; side < 2 * edges; side++) {
        uint32_t arc = arcs[side];
        if (arc != ROAD_NONE && (arc >= graph.arc_count || sides[arc] != side || graph.tail[arc] >= meta->base_count)) {
            return wrong(checker, CITY_EDGE_ARCS);
        }
        if (arc == ROAD_NONE && arcs[side ^ 1] == ROAD_NONE) {
            return wrong(checker, CITY_EDGE_ARCS);
        }
    }
    if (parts->count[CITY_EDGE_POINT_FIRST] != edges + 1 ||
        !counts_rise(parts, CITY_EDGE_POINT_FIRST, parts->count[CITY_EDGE_POINT])) {
        return wrong(checker, CITY_EDGE_POINT_FIRST);
    }
    for (uint64_t edge = 0; edge < edges; edge++) {
        if (first[edge + 1] - first[edge] < 2) {
            return wrong(checker, CITY_EDGE_POINT_FIRST);
        }
    }
    if (!on_earth(parts, CITY_EDGE_POINT)) {
        return wrong(checker, CITY_EDGE_POINT);
    }
    const char *text = parts->bytes[CITY_TEXT];
    uint64_t text_size = parts->count[CITY_TEXT];
    if (text_size == 0 || text[0] != '\0' || text[text_size - 1] != '\0') {
        return wrong(checker, CITY_TEXT);
    }
    return all_below(parts, CITY_EDGE_NAME, (uint32_t)text_size) ? STATUS_OK : wrong(checker, CITY_EDGE_NAME);
}

/* Classes and other names of the edges. */
static enum status check_classes(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    const uint8_t *classes = parts->bytes[CITY_EDGE_CLASS];
    const unsigned known = CITY_CLASS_MASK | CITY_CLASS_BRIDGE | CITY_CLASS_TUNNEL;
    if (parts->count[CITY_EDGE_CLASS] != parts->count[CITY_EDGE_NAME]) {
        return wrong(checker, CITY_EDGE_CLASS);
    }
    for (uint64_t i = 0; i < parts->count[CITY_EDGE_CLASS]; i++) {
        if ((classes[i] & CITY_CLASS_MASK) >= ROAD_CLASS_COUNT || (classes[i] & ~known) != 0) {
            return wrong(checker, CITY_EDGE_CLASS);
        }
    }
    return parts->count[CITY_EDGE_ALTERNATIVES] == parts->count[CITY_EDGE_NAME] &&
                   all_below(parts, CITY_EDGE_ALTERNATIVES, (uint32_t)parts->count[CITY_TEXT])
               ? STATUS_OK
               : wrong(checker, CITY_EDGE_ALTERNATIVES);
}

static enum status check_places(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    const struct city_place_entry *places = parts->bytes[CITY_PLACE];
    const char *text = parts->bytes[CITY_TEXT];
    uint64_t text_size = parts->count[CITY_TEXT];
    for (uint64_t i = 0; i < parts->count[CITY_PLACE]; i++) {
        const struct city_place_entry *place = &places[i];
        if (!is_on_earth(place->point) || place->name >= text_size || text[place->name] == '\0' ||
            place->alternatives >= text_size || place->kind >= CITY_PLACE_KIND_COUNT || place->reserved != 0 ||
            (i > 0 && place->rank < places[i - 1].rank)) {
            return wrong(checker, CITY_PLACE);
        }
    }
    return STATUS_OK;
}

static enum status check_areas(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    const uint8_t *kinds = parts->bytes[CITY_AREA_KIND];
    uint64_t areas = parts->count[CITY_AREA_KIND];
    for (uint64_t i = 0; i < areas; i++) {
        if (kinds[i] >= CITY_AREA_KIND_COUNT) {
            return wrong(checker, CITY_AREA_KIND);
        }
    }
    const uint32_t *rings = city_part_u32(parts, CITY_AREA_RING_FIRST), *points = city_part_u32(parts, CITY_RING_POINT_FIRST);
    uint64_t ring_count = parts->count[CITY_RING_POINT_FIRST];
    if (ring_count == 0 || !counts_rise(parts, CITY_RING_POINT_FIRST, parts->count[CITY_RING_POINT])) {
        return wrong(checker, CITY_RING_POINT_FIRST);
    }
    ring_count -= 1;
    for (uint64_t i = 0; i < ring_count; i++) {
        if (points[i + 1] - points[i] < 3) {
            return wrong(checker, CITY_RING_POINT_FIRST);
        }
    }
    if (parts->count[CITY_AREA_RING_FIRST] != areas + 1 || !counts_rise(parts, CITY_AREA_RING_FIRST, ring_count)) {
        return wrong(checker, CITY_AREA_RING_FIRST);
    }
    for (uint64_t i = 0; i < areas; i++) {
        if (rings[i + 1] == rings[i]) {
            return wrong(checker, CITY_AREA_RING_FIRST);
        }
    }
    return on_earth(parts, CITY_RING_POINT) ? STATUS_OK : wrong(checker, CITY_RING_POINT);
}

/* Every copy of a node has the same sides in the same order, and the arcs lead to copies of the same nodes. */
static enum status check_copies(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    const struct city_meta *meta = parts->bytes[CITY_META];
    struct road_graph graph = city_parts_graph(parts);
    const uint32_t *copy_first = city_part_u32(parts, CITY_COPY_FIRST), *sides = city_part_u32(parts, CITY_ARC_SIDE);
    if (parts->count[CITY_COPY_FIRST] != (uint64_t)meta->base_count + 1 ||
        !counts_rise(parts, CITY_COPY_FIRST, graph.node_count - meta->base_count)) {
        return wrong(checker, CITY_COPY_FIRST);
    }
    for (uint32_t base = 0; base < meta->base_count; base++) {
        uint32_t degree = graph.first_out[base + 1] - graph.first_out[base];
        for (uint32_t i = copy_first[base]; i < copy_first[base + 1]; i++) {
            uint32_t copy = meta->base_count + i;
            if (graph.first_out[copy + 1] - graph.first_out[copy] != degree ||
                memcmp(&sides[graph.first_out[copy]], &sides[graph.first_out[base]], degree * sizeof *sides) != 0) {
                return wrong(checker, CITY_COPY_FIRST);
            }
        }
    }
    for (uint32_t arc = 0; arc < graph.first_out[meta->base_count]; arc++) {
        if (city_part_u32(parts, CITY_EDGE_ARCS)[sides[arc]] != arc) {
            return wrong(checker, CITY_ARC_SIDE);
        }
    }
    return STATUS_OK;
}

static enum status check_numbers(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    const struct city_meta *meta = parts->bytes[CITY_META];
    uint64_t expected = meta->from_arcs ? parts->count[CITY_POINT] : 0;
    const uint32_t *weights = city_part_u32(parts, CITY_WEIGHTS);
    const int32_t *fractions = parts->bytes[CITY_WEIGHT_FRACTION];
    uint64_t fraction_count = meta->from_arcs ? parts->count[CITY_WEIGHTS] : 0;
    for (uint64_t i = 0; i < fraction_count && parts->count[CITY_WEIGHT_FRACTION] == fraction_count; i++) {
        if (weights[i] == 0 && fractions[i] < 0) { /* no time is below nothing */
            return wrong(checker, CITY_WEIGHT_FRACTION);
        }
    }
    if (parts->count[CITY_WEIGHT_FRACTION] != fraction_count) {
        return wrong(checker, CITY_WEIGHT_FRACTION);
    }
    if (parts->count[CITY_NODE_ACCESS] != expected) {
        return wrong(checker, CITY_NODE_ACCESS);
    }
    if (parts->count[CITY_NUMBER] != expected) {
        return wrong(checker, CITY_NUMBER);
    }
    if (parts->count[CITY_NUMBER_ORDER] != expected || !all_below(parts, CITY_NUMBER_ORDER, (uint32_t)parts->count[CITY_POINT])) {
        return wrong(checker, CITY_NUMBER_ORDER);
    }
    const uint64_t *number = parts->bytes[CITY_NUMBER];
    const uint32_t *order = city_part_u32(parts, CITY_NUMBER_ORDER);
    for (uint64_t i = 1; i < expected; i++) { /* strictly rising, so that it is a permutation too */
        if (number[order[i - 1]] >= number[order[i]]) {
            return wrong(checker, CITY_NUMBER_ORDER);
        }
    }
    return STATUS_OK;
}

static enum status check_grid(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    const struct city_meta *meta = parts->bytes[CITY_META];
    const struct city_grid_entry *entries = parts->bytes[CITY_GRID_ENTRY];
    const uint32_t *first = city_part_u32(parts, CITY_EDGE_POINT_FIRST);
    if (!counts_rise(parts, CITY_GRID_FIRST, parts->count[CITY_GRID_ENTRY])) {
        return wrong(checker, CITY_GRID_FIRST);
    }
    for (uint64_t i = 0; i < parts->count[CITY_GRID_ENTRY]; i++) {
        const struct city_grid_entry *entry = &entries[i];
        bool fine = meta->from_arcs ? entry->point < parts->count[CITY_POINT] && entry->edge == ROAD_NONE
                                    : entry->edge < parts->count[CITY_EDGE_NAME] && entry->point >= first[entry->edge] &&
                                          entry->point < first[entry->edge + 1] - 1;
        if (!fine) {
            return wrong(checker, CITY_GRID_ENTRY);
        }
    }
    return STATUS_OK;
}

static enum status check_dropped(const struct checker *checker)
{
    const struct city_dropped *dropped = checker->parts->bytes[CITY_DROPPED];
    for (uint64_t i = 0; i < checker->parts->count[CITY_DROPPED]; i++) {
        if (!terminated(dropped[i].reason, sizeof dropped[i].reason) ||
            !terminated(dropped[i].explanation, sizeof dropped[i].explanation)) {
            return wrong(checker, CITY_DROPPED);
        }
    }
    return STATUS_OK;
}

static enum status check_hierarchy(const struct checker *checker)
{
    const struct city_parts *parts = checker->parts;
    struct road_graph graph = city_parts_graph(parts);
    struct cch cch = city_parts_cch(parts);
    uint64_t nodes = graph.node_count, ups = cch.up_arc_count;
    const struct {
        enum city_section section;
        uint64_t count;
    } expected[] = {
        { CITY_CCH_RANK_OF, nodes },
        { CITY_CCH_NODE_AT, nodes },
        { CITY_CCH_UP_FIRST, nodes + 1 },
        { CITY_CCH_UP_TAIL, ups },
        { CITY_CCH_PARENT, nodes },
        { CITY_CCH_ARC_UP, graph.arc_count },
        { CITY_CCH_ARC_IS_UPWARD, graph.arc_count },
        { CITY_CCH_INPUT_FIRST, ups + 1 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        if (parts->count[expected[i].section] != expected[i].count) {
            return wrong(checker, expected[i].section);
        }
    }
    if (!counts_rise(parts, CITY_CCH_INPUT_FIRST, parts->count[CITY_CCH_INPUT_LIST])) {
        return wrong(checker, CITY_CCH_INPUT_FIRST);
    }
    if (cch_check(&cch, &graph, checker->error) != STATUS_OK) {
        return error_prefix(checker->error, "%s: damaged city file: ", checker->name);
    }
    return STATUS_OK;
}

static enum status check_contents(const struct checker *checker)
{
    TRY(check_meta(checker));
    TRY(check_graph(checker));
    TRY(check_edges(checker));
    TRY(check_classes(checker));
    TRY(check_places(checker));
    TRY(check_areas(checker));
    TRY(check_copies(checker));
    TRY(check_numbers(checker));
    TRY(check_grid(checker));
    TRY(check_dropped(checker));
    return check_hierarchy(checker);
}

enum status city_file_read(const char *name, const unsigned char *bytes, size_t size, struct city_parts *parts,
                           struct error *error)
{
    struct file_header header;
    struct file_section sections[CITY_SECTION_COUNT];
    if (size < sizeof MAGIC || memcmp(bytes, MAGIC, sizeof MAGIC) != 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: not a city file (mingdi city import makes one)", name);
    }
    if (size < sizeof header) {
        return ERROR(error, STATUS_CORRUPT, "%s: truncated city file: %zu bytes; copy or import it again", name, size);
    }
    memcpy(&header, bytes, sizeof header);
    TRY(check_header(name, &header, size, error));
    if (size < sizeof header + sizeof sections) {
        return ERROR(error, STATUS_CORRUPT, "%s: truncated city file: %zu bytes; copy or import it again", name, size);
    }
    memcpy(sections, bytes + sizeof header, sizeof sections);
    TRY(check_sections(name, sections, size, error));
    if (checksum_of(bytes, &header, sections) != header.checksum) {
        return ERROR(error, STATUS_CORRUPT, "%s: damaged city file: its checksum does not fit; copy or import it again", name);
    }
    for (int i = 0; i < CITY_SECTION_COUNT; i++) {
        set(parts, (enum city_section)i, bytes + sections[i].offset, sections[i].count);
    }
    parts->fingerprint = header.fingerprint;
    TRY(check_contents(&(struct checker){ name, parts, error }));
    if (fingerprint_of(parts) != header.fingerprint) {
        return ERROR(error, STATUS_CORRUPT, "%s: damaged city file: its fingerprint does not fit; import it again", name);
    }
    return STATUS_OK;
}

bool city_file_seal(unsigned char *bytes, size_t size)
{
    struct file_header header;
    struct file_section sections[CITY_SECTION_COUNT];
    struct city_parts parts;
    struct error ignored;
    if (size < sizeof header + sizeof sections) {
        return false;
    }
    memcpy(&header, bytes, sizeof header);
    memcpy(sections, bytes + sizeof header, sizeof sections);
    if (check_header("", &header, size, &ignored) != STATUS_OK || check_sections("", sections, size, &ignored) != STATUS_OK ||
        sections[CITY_META].count != 1) {
        return false;
    }
    for (int i = 0; i < CITY_SECTION_COUNT; i++) {
        set(&parts, (enum city_section)i, bytes + sections[i].offset, sections[i].count);
    }
    header.fingerprint = fingerprint_of(&parts);
    header.checksum = checksum_of(bytes, &header, sections);
    memcpy(bytes, &header, sizeof header);
    return true;
}
