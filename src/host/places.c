#include "host/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/vec.h"
#include "road/city_map.h"

enum { SEARCHES_WAITING_MAX = 256, JOURNEYS_WAITING_MAX = 32, TRAVELLERS = 2, TEXTS_MAX = 16 << 20 };

/* One searching thread makes the index and reads it, so that nothing here needs a lock; holders are counted by the I/O thread. */
struct own_names {
    uint32_t holders;
    uint64_t stamp;
    struct place_name *names; /* their texts lie in texts */
    uint32_t count;
    struct text texts;
    struct place_index *index; /* NULL until the first search */
};

struct places {
    const struct city *city;
    struct place_index *index;
    uint32_t *edge_districts;
    struct workers *searchers, *travellers;
    struct own_names *newest;
};

/* ---- the city ---- */

static struct geo_point middle_of_edge(const struct city *city, uint32_t edge)
{
    uint32_t count;
    const struct geo_point *points = city_edge_points(city, edge, &count);
    return points[count / 2];
}

static bool find_districts(struct places *places, const struct directory *directory)
{
    uint32_t count = city_edge_count(places->city);
    places->edge_districts = malloc(((size_t)count + 1) * sizeof(uint32_t));
    for (uint32_t edge = 0; edge < count && places->edge_districts != NULL; edge++) {
        places->edge_districts[edge] = directory_district_of(directory, middle_of_edge(places->city, edge));
    }
    return places->edge_districts != NULL;
}

enum status places_create(const struct city *city, const struct directory *directory, struct places **places, struct error *error)
{
    struct places *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the places");
    }
    made->city = city;
    enum status status = find_districts(made, directory) ? place_index_of_city(city, &made->index, error)
                                                         : ERROR(error, STATUS_NO_MEMORY, "no memory for the districts of roads");
    if (status == STATUS_OK) {
        status = workers_create("places", 1, SEARCHES_WAITING_MAX, &made->searchers, error);
    }
    if (status == STATUS_OK) {
        status = workers_create("journeys", TRAVELLERS, JOURNEYS_WAITING_MAX, &made->travellers, error);
    }
    if (status != STATUS_OK) {
        places_destroy(made);
        return status;
    }
    *places = made;
    return STATUS_OK;
}

void places_stop(struct places *places)
{
    if (places != NULL) {
        workers_destroy(places->searchers);
        workers_destroy(places->travellers);
        places->searchers = places->travellers = NULL;
    }
}

void places_destroy(struct places *places)
{
    if (places == NULL) {
        return;
    }
    places_stop(places);
    places_release(places->newest);
    place_index_free(places->index);
    free(places->edge_districts);
    free(places);
}

struct workers *places_searchers(const struct places *places) { return places->searchers; }
struct workers *places_travellers(const struct places *places) { return places->travellers; }
const struct city *places_city(const struct places *places) { return places->city; }
const struct place_index *places_of_city(const struct places *places) { return places->index; }
const uint32_t *places_edge_districts(const struct places *places) { return places->edge_districts; }

/* ---- the centre's own names ---- */

struct own_name {
    enum place_kind kind;
    struct geo_point point;
    const struct directory_entry *entry; /* NULL: it has no name */
};

static uint32_t own_count(const struct core *core) { return core->head->post_count + core_facility_count(core); }

static struct own_name own_name_at(const struct core *core, const struct directory *directory, uint32_t index)
{
    uint32_t posts = core->head->post_count, id = index < posts ? index + 1 : index - posts + 1;
    bool is_post = index < posts;
    return (struct own_name){ .kind = is_post ? PLACE_KIND_POST : PLACE_KIND_FACILITY,
                              .point = is_post ? core->posts[id].point : core->facilities[id].point,
                              .entry = directory_find(directory, is_post ? DIRECTORY_POST : DIRECTORY_FACILITY, id) };
}

static uint64_t stamp_of(const struct core *core, const struct directory *directory)
{
    uint64_t stamp = own_count(core);
    for (uint32_t i = 0; i < own_count(core); i++) {
        struct own_name name = own_name_at(core, directory, i);
        stamp = hash64(&name.point, sizeof name.point, stamp + (uint64_t)name.kind);
        if (name.entry != NULL) {
            stamp = hash64(name.entry->name, strlen(name.entry->name), stamp);
            stamp = hash64(name.entry->code, strlen(name.entry->code), stamp + 1);
        }
    }
    return stamp;
}

/* Texts first, then the names, which point into them: the buffer moves while it grows. */
static bool copy_names(struct own_names *names, const struct core *core, const struct directory *directory)
{
    text_init(&names->texts, TEXTS_MAX);
    names->count = own_count(core);
    names->names = calloc((size_t)names->count + 1, sizeof *names->names);
    for (uint32_t i = 0; i < names->count; i++) {
        const struct directory_entry *entry = own_name_at(core, directory, i).entry;
        text_append(&names->texts, entry != NULL ? entry->name : "", entry != NULL ? strlen(entry->name) + 1 : 1);
        text_append(&names->texts, entry != NULL ? entry->code : "", entry != NULL ? strlen(entry->code) + 1 : 1);
    }
    if (names->names == NULL || names->texts.failed) {
        return false;
    }
    const char *at = names->texts.bytes;
    for (uint32_t i = 0; i < names->count; i++) {
        struct own_name own = own_name_at(core, directory, i);
        names->names[i] = (struct place_name){ .kind = own.kind, .name = at, .point = own.point };
        at += strlen(at) + 1;
        names->names[i].code = at;
        at += strlen(at) + 1;
    }
    return true;
}

struct own_names *places_hold(struct places *places, const struct core *core, const struct directory *directory)
{
    uint64_t stamp = stamp_of(core, directory);
    if (places->newest == NULL || places->newest->stamp != stamp) {
        struct own_names *fresh = calloc(1, sizeof *fresh);
        if (fresh == NULL) {
            return NULL;
        }
        *fresh = (struct own_names){ .holders = 1, .stamp = stamp };
        if (!copy_names(fresh, core, directory)) {
            places_release(fresh);
            return NULL;
        }
        places_release(places->newest);
        places->newest = fresh;
    }
    places->newest->holders += 1;
    return places->newest;
}

void places_release(struct own_names *names)
{
    if (names == NULL || --names->holders > 0) {
        return;
    }
    place_index_free(names->index);
    free(names->names);
    text_free(&names->texts);
    free(names);
}

const struct place_index *own_names_index(struct own_names *names, struct error *error)
{
    if (names->index == NULL && place_index_of_names(names->names, names->count, &names->index, error) != STATUS_OK) {
        return NULL;
    }
    return names->index;
}
