#include "place/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "geo/gcj02.h"
#include "place/coordinates.h"
#include "place/search_private.h"

/* Below so many answers errors are forgiven, unless one needs none. */
enum { ENOUGH = 5, PERFECT = 30, CANDIDATES_MAX = PLACE_INDEXES_MAX * (HITS_MAX + JUNCTIONS_MAX) };

struct candidate {
    uint32_t price;
    const struct place_index *index;
    uint32_t name; /* of the index, where junction.names[0] is NULL */
    struct junction junction;
};

struct search {
    const struct place_query *query;
    struct search_wish wish;
    struct search_words words, joined;
    struct candidate candidates[CANDIDATES_MAX];
    uint32_t count;
};

/* ---- results ---- */

static void put_text(char target[PLACE_NAME_SIZE], const char *text, size_t length)
{
    size_t kept = length < PLACE_NAME_SIZE ? length : PLACE_NAME_SIZE - 1;
    while (kept > 0 && kept < length && ((unsigned char)text[kept] & 0xC0) == 0x80) {
        kept--;
    }
    memcpy(target, text, kept);
    target[kept] = '\0';
}

static void fill_junction(const struct junction *junction, struct place_found *found)
{
    char name[2 * PLACE_NAME_SIZE];
    int length = snprintf(name, sizeof name, "%s / %s", junction->names[0], junction->names[1]);
    found->kind = PLACE_KIND_JUNCTION;
    found->point = junction->point;
    put_text(found->name, name, (size_t)length < sizeof name ? (size_t)length : sizeof name - 1);
}

static void fill_found(const struct search *search, const struct candidate *candidate, struct place_found *found)
{
    const struct place_index *index = candidate->index;
    bool has_near = search->wish.has_near;
    *found = (struct place_found){ .distance_m = 0 };
    if (candidate->junction.names[0] != NULL) {
        fill_junction(&candidate->junction, found);
    } else {
        const struct index_name *name = &index->names.items[candidate->name];
        const struct place_entry *entry = &index->entries.items[name->entry];
        found->kind = entry->kind;
        found->point = entry->point;
        put_text(found->name, entry->name, strlen(entry->name));
        put_text(found->detail, entry->detail, strlen(entry->detail));
        if (name->is_other) {
            put_text(found->matched, name->text, name->length);
        }
        if (has_near && entry->piece != ROAD_NONE) {
            found->point = road_piece_nearest(&index->roads, &index->roads.pieces[entry->piece], search->wish.near,
                                              &found->distance_m);
        }
    }
    found->distance_m = has_near ? geo_distance_m(found->point, search->wish.near) : 0;
}

/* ---- coordinates ---- */

static bool is_in_city(const struct place_index *const *indexes, uint32_t index_count, struct geo_point point)
{
    struct geo_point south_west, north_east;
    for (uint32_t i = 0; i < index_count; i++) {
        if (indexes[i]->roads.city != NULL) {
            city_bounds(indexes[i]->roads.city, &south_west, &north_east);
            return point.lon_e7 >= south_west.lon_e7 && point.lon_e7 <= north_east.lon_e7 && point.lat_e7 >= south_west.lat_e7 &&
                   point.lat_e7 <= north_east.lat_e7;
        }
    }
    return false;
}

static void fill_coordinates(const struct place_query *query, struct geo_point point, struct place_found *found)
{
    *found = (struct place_found){ .kind = PLACE_KIND_COORDINATES, .point = point };
    if (query->is_gcj02) {
        found->point = geo_wgs84_from_gcj02(point);
        put_text(found->detail, "GCJ-02", strlen("GCJ-02"));
    }
    snprintf(found->name, sizeof found->name, "%.6f, %.6f", geo_lat(point), geo_lon(point));
    found->distance_m = query->has_near ? geo_distance_m(found->point, query->near) : 0;
}

/* Of the two ways to read them the one that lies in the city; both where that does not tell. */
static uint32_t find_coordinates(const struct place_index *const *indexes, uint32_t index_count, const struct place_query *query,
                                 const struct coordinates *read, struct place_found *found)
{
    if (!read->is_ambiguous) {
        fill_coordinates(query, read->point, &found[0]);
        return 1;
    }
    bool point_in = is_in_city(indexes, index_count, read->point), other_in = is_in_city(indexes, index_count, read->exchanged);
    fill_coordinates(query, other_in && !point_in ? read->exchanged : read->point, &found[0]);
    if (point_in == other_in && query->limit > 1) {
        fill_coordinates(query, read->exchanged, &found[1]);
        return 2;
    }
    return 1;
}

/* ---- names ---- */

static bool is_known(const struct search *search, const struct place_index *index, uint32_t name)
{
    for (uint32_t i = 0; i < search->count; i++) {
        const struct candidate *candidate = &search->candidates[i];
        if (candidate->index == index && candidate->junction.names[0] == NULL &&
            index->names.items[candidate->name].entry == index->names.items[name].entry) {
            return true;
        }
    }
    return false;
}

static enum status add_names(struct search *search, const struct place_index *index, const struct search_words *words,
                             enum match_effort effort, struct error *error)
{
    struct search_hits hits = { .limit = search->query->limit < HITS_MAX ? search->query->limit : HITS_MAX };
    TRY(search_names(index, words, effort, &search->wish, &hits, error));
    for (uint32_t i = 0; i < hits.count && search->count < CANDIDATES_MAX; i++) {
        if (!is_known(search, index, hits.hits[i].name)) {
            search->candidates[search->count++] = (struct candidate){ .price = hits.hits[i].price,
                                                                      .index = index,
                                                                      .name = hits.hits[i].name };
        }
    }
    return STATUS_OK;
}

static enum status add_junctions(struct search *search, const struct place_index *index, struct error *error)
{
    struct junctions junctions = { .count = 0 };
    TRY(search_junctions(index, search->query->text, search->query->length, &search->wish, &junctions, error));
    for (uint32_t i = 0; i < junctions.count && search->count < CANDIDATES_MAX; i++) {
        search->candidates[search->count++] = (struct candidate){ .price = junctions.items[i].price,
                                                                  .index = index,
                                                                  .junction = junctions.items[i] };
    }
    return STATUS_OK;
}

/* The query's words as one, where it has several without Han characters: people part what is one word. */
static void join_words(struct search *search)
{
    uint32_t codes[FOLD_WORD_MAX], count = 0;
    search->joined.count = 0;
    for (uint32_t i = 0; i < search->words.count; i++) {
        const struct match_piece *piece = &search->words.pieces[i];
        if (piece->has_han || count + piece->count > FOLD_WORD_MAX) {
            return;
        }
        memcpy(codes + count, piece->codes, piece->count * sizeof *codes);
        count += piece->count;
    }
    if (search->words.count > 1) {
        match_piece_begin(&search->joined.pieces[0], codes, count);
        search->joined.count = 1;
    }
}

static uint32_t best_price(const struct search *search)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < search->count; i++) {
        best = search->candidates[i].price < best ? search->candidates[i].price : best;
    }
    return best;
}

static int by_price(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->price != right->price) {
        return left->price < right->price ? -1 : 1;
    }
    return left->name < right->name ? -1 : left->name > right->name;
}

static enum status gather(struct search *search, const struct place_index *const *indexes, uint32_t index_count,
                          struct error *error)
{
    for (uint32_t i = 0; i < index_count; i++) {
        TRY(add_names(search, indexes[i], &search->words, MATCH_EXACT, error));
        TRY(add_junctions(search, indexes[i], error));
    }
    if (search->count >= ENOUGH || best_price(search) <= PERFECT) {
        return STATUS_OK;
    }
    join_words(search);
    for (uint32_t i = 0; i < index_count; i++) {
        TRY(add_names(search, indexes[i], &search->joined, MATCH_EXACT, error));
        TRY(add_names(search, indexes[i], &search->words, MATCH_FORGIVING, error));
    }
    for (uint32_t i = 0; i < index_count && search->count == 0; i++) {
        TRY(add_names(search, indexes[i], &search->joined, MATCH_FORGIVING, error));
    }
    return STATUS_OK;
}

static enum status find_names(const struct place_index *const *indexes, uint32_t index_count, const struct place_query *query,
                              struct place_found *found, uint32_t *count, struct error *error)
{
    struct search *search = calloc(1, sizeof *search);
    if (search == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a search");
    }
    search->query = query;
    search->wish = (struct search_wish){ .has_near = query->has_near, .near = query->near };
    enum status status = STATUS_OK;
    if (search_words_read(query->text, query->length, &search->words)) {
        status = gather(search, indexes, index_count, error);
    }
    if (status == STATUS_OK) {
        qsort(search->candidates, search->count, sizeof *search->candidates, by_price);
        *count = search->count < query->limit ? search->count : query->limit;
        for (uint32_t i = 0; i < *count; i++) {
            fill_found(search, &search->candidates[i], &found[i]);
        }
    }
    free(search);
    return status;
}

enum status place_search(const struct place_index *const *indexes, uint32_t index_count, const struct place_query *query,
                         struct place_found *found, uint32_t *count, struct error *error)
{
    struct coordinates coordinates;
    CHECK(index_count <= PLACE_INDEXES_MAX && query->limit >= 1 && query->limit <= PLACE_FOUND_MAX);
    *count = 0;
    if (query->length > PLACE_QUERY_MAX || !utf8_is_valid(query->text, query->length)) {
        return ERROR(error, STATUS_BAD_INPUT, "a place to be found is written in at most %d bytes of UTF-8", PLACE_QUERY_MAX);
    }
    if (coordinates_read(query->text, query->length, &coordinates)) {
        *count = find_coordinates(indexes, index_count, query, &coordinates, found);
        return STATUS_OK;
    }
    return find_names(indexes, index_count, query, found, count, error);
}
