#include "road/import_tags.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "road/city_file.h"

/* ---- roads ---- */

/* What is not here is a footway: only ways that some profile may use are asked about. */
static const struct class_word {
    const char *word;
    enum road_class class;
} CLASS_WORDS[] = {
    { "motorway", ROAD_CLASS_MOTORWAY },
    { "motorway_link", ROAD_CLASS_MOTORWAY_LINK },
    { "trunk", ROAD_CLASS_TRUNK },
    { "trunk_link", ROAD_CLASS_TRUNK_LINK },
    { "primary", ROAD_CLASS_PRIMARY },
    { "primary_link", ROAD_CLASS_PRIMARY_LINK },
    { "secondary", ROAD_CLASS_SECONDARY },
    { "secondary_link", ROAD_CLASS_SECONDARY_LINK },
    { "tertiary", ROAD_CLASS_TERTIARY },
    { "tertiary_link", ROAD_CLASS_TERTIARY_LINK },
    { "unclassified", ROAD_CLASS_UNCLASSIFIED },
    { "road", ROAD_CLASS_UNCLASSIFIED },
    { "residential", ROAD_CLASS_RESIDENTIAL },
    { "living_street", ROAD_CLASS_LIVING_STREET },
    { "service", ROAD_CLASS_SERVICE },
    { "busway", ROAD_CLASS_SERVICE },
    { "track", ROAD_CLASS_TRACK },
    { "pedestrian", ROAD_CLASS_PEDESTRIAN },
    { "cycleway", ROAD_CLASS_CYCLEWAY },
    { "steps", ROAD_CLASS_STEPS },
};

static bool is_set(const struct osm_tags *tags, const char *key)
{
    const char *value = osm_tag(tags, key);
    return value != NULL && strcmp(value, "no") != 0;
}

static bool is(const struct osm_tags *tags, const char *key, const char *wanted)
{
    const char *value = osm_tag(tags, key);
    return value != NULL && strcmp(value, wanted) == 0;
}

uint8_t tags_class_byte(const struct osm_tags *tags)
{
    enum road_class class = ROAD_CLASS_FOOTWAY;
    const char *highway = osm_tag(tags, "highway");
    if (highway == NULL && is(tags, "route", "ferry")) {
        class = ROAD_CLASS_FERRY;
    }
    for (size_t i = 0; highway != NULL && i < ARRAY_LENGTH(CLASS_WORDS); i++) {
        if (strcmp(highway, CLASS_WORDS[i].word) == 0) {
            class = CLASS_WORDS[i].class;
            break;
        }
    }
    unsigned bits = (is_set(tags, "bridge") ? CITY_CLASS_BRIDGE : 0u) | (is_set(tags, "tunnel") ? CITY_CLASS_TUNNEL : 0u);
    return (uint8_t)((unsigned)class | bits);
}

/* ---- names ---- */

static bool is_one_line(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < ' ') {
            return false;
        }
    }
    return length > 0 && utf8_is_valid(text, length);
}

const char *tags_name(const struct osm_tags *tags)
{
    const char *name = osm_tag(tags, "name");
    return name != NULL && is_one_line(name, strlen(name)) ? name : NULL;
}

enum { LANGUAGE_MAX = 12 };

static bool is_name_key(const char *key)
{
    static const char *const KEYS[] = { "name",        "alt_name",    "old_name", "short_name", "official_name",
                                        "loc_name",    "int_name",    "nat_name", "reg_name",   "ref",
                                        "bridge:name", "tunnel:name", "local_ref" };
    for (size_t i = 0; i < ARRAY_LENGTH(KEYS); i++) {
        if (strcmp(key, KEYS[i]) == 0) {
            return true;
        }
    }
    /* name:en, alt_name:zh, name:zh-Hans; not name:etymology:wikidata and not name:prefix:at */
    const char *colon = strchr(key, ':');
    if (colon == NULL || strlen(colon + 1) > LANGUAGE_MAX || strpbrk(colon + 1, ":=") != NULL ||
        !is_one_line(colon + 1, strlen(colon + 1))) {
        return false;
    }
    size_t stem = (size_t)(colon - key);
    return (stem == 4 && memcmp(key, "name", 4) == 0 && strcmp(colon + 1, "etymology") != 0) ||
           (stem == 8 && (memcmp(key, "alt_name", 8) == 0 || memcmp(key, "old_name", 8) == 0));
}

static bool stands_in(const struct text *list, size_t first, const char *name, size_t length)
{
    struct city_alternative other;
    if (list->length == first) { /* and where the list has never held anything it has no bytes */
        return false;
    }
    const char *at = list->bytes + first;
    while (city_next_alternative(&at, &other)) {
        if (other.name_length == length && memcmp(other.name, name, length) == 0) {
            return true;
        }
    }
    return false;
}

static void add_alternative(struct text *list, size_t first, const char *key, const char *name, size_t length)
{
    if (!is_one_line(name, length) || list->length - first + strlen(key) + length + 2 > TAGS_ALTERNATIVES_MAX ||
        stands_in(list, first, name, length)) {
        return;
    }
    text_printf(list, "%s%s=", list->length > first ? "\n" : "", key);
    text_append(list, name, length);
}

void tags_alternatives(const struct osm_tags *tags, const char *name, struct text *list)
{
    size_t first = list->length;
    for (size_t i = 0; i < tags->count; i++) {
        const char *key = tags->items[i].key, *value = tags->items[i].value;
        if (!is_name_key(key) || strcmp(value, name) == 0) {
            continue;
        }
        for (;;) { /* "Main Street;High Street" */
            value += strspn(value, " ;");
            size_t length = strcspn(value, ";"), trimmed = length;
            while (trimmed > 0 && value[trimmed - 1] == ' ') {
                trimmed--;
            }
            if (length == 0) {
                break;
            }
            if (trimmed != strlen(name) || memcmp(value, name, trimmed) != 0) {
                add_alternative(list, first, key, value, trimmed);
            }
            value += length;
        }
    }
}

/* ---- areas ---- */

struct tag_rule {
    const char *key, *value; /* NULL: any but "no" */
    int meaning, rank;
};

static const struct tag_rule *rule_of(const struct tag_rule *rules, size_t count, const struct osm_tags *tags)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = osm_tag(tags, rules[i].key);
        if (value != NULL && (rules[i].value == NULL ? strcmp(value, "no") != 0 : strcmp(value, rules[i].value) == 0)) {
            return &rules[i];
        }
    }
    return NULL;
}

static const struct tag_rule AREAS[] = {
    { "natural", "water", CITY_AREA_WATER, 0 },         { "natural", "bay", CITY_AREA_WATER, 0 },
    { "waterway", "riverbank", CITY_AREA_WATER, 0 },    { "waterway", "dock", CITY_AREA_WATER, 0 },
    { "landuse", "reservoir", CITY_AREA_WATER, 0 },     { "landuse", "basin", CITY_AREA_WATER, 0 },
    { "leisure", "park", CITY_AREA_GREEN, 0 },          { "leisure", "garden", CITY_AREA_GREEN, 0 },
    { "leisure", "golf_course", CITY_AREA_GREEN, 0 },   { "leisure", "nature_reserve", CITY_AREA_GREEN, 0 },
    { "leisure", "pitch", CITY_AREA_GREEN, 0 },         { "landuse", "forest", CITY_AREA_GREEN, 0 },
    { "landuse", "grass", CITY_AREA_GREEN, 0 },         { "landuse", "meadow", CITY_AREA_GREEN, 0 },
    { "landuse", "cemetery", CITY_AREA_GREEN, 0 },      { "landuse", "recreation_ground", CITY_AREA_GREEN, 0 },
    { "landuse", "village_green", CITY_AREA_GREEN, 0 }, { "landuse", "allotments", CITY_AREA_GREEN, 0 },
    { "landuse", "orchard", CITY_AREA_GREEN, 0 },       { "landuse", "vineyard", CITY_AREA_GREEN, 0 },
    { "natural", "wood", CITY_AREA_GREEN, 0 },          { "natural", "scrub", CITY_AREA_GREEN, 0 },
    { "natural", "heath", CITY_AREA_GREEN, 0 },         { "natural", "grassland", CITY_AREA_GREEN, 0 },
    { "landuse", "residential", CITY_AREA_BUILT, 0 },   { "landuse", "commercial", CITY_AREA_BUILT, 0 },
    { "landuse", "retail", CITY_AREA_BUILT, 0 },        { "landuse", "industrial", CITY_AREA_BUILT, 0 },
    { "landuse", "education", CITY_AREA_BUILT, 0 },     { "amenity", "hospital", CITY_AREA_BUILT, 0 },
    { "amenity", "university", CITY_AREA_BUILT, 0 },
};

enum city_area_kind tags_area_kind(const struct osm_tags *tags)
{
    const struct tag_rule *rule = rule_of(AREAS, ARRAY_LENGTH(AREAS), tags);
    return rule == NULL ? CITY_AREA_KIND_COUNT : (enum city_area_kind)rule->meaning;
}

/* ---- places: the first rule that fits ---- */

static const struct tag_rule PLACES[] = {
    { "place", "city", CITY_PLACE_CITY, 10 },
    { "place", "town", CITY_PLACE_TOWN, 30 },
    { "place", "suburb", CITY_PLACE_SUBURB, 50 },
    { "place", "borough", CITY_PLACE_SUBURB, 45 },
    { "place", "district", CITY_PLACE_SUBURB, 45 },
    { "place", "village", CITY_PLACE_VILLAGE, 55 },
    { "place", "quarter", CITY_PLACE_SUBURB, 60 },
    { "place", "neighbourhood", CITY_PLACE_NEIGHBOURHOOD, 80 },
    { "place", "hamlet", CITY_PLACE_NEIGHBOURHOOD, 85 },
    { "place", "locality", CITY_PLACE_NEIGHBOURHOOD, 120 },
    { "place", "isolated_dwelling", CITY_PLACE_NEIGHBOURHOOD, 150 },
    { "place", "farm", CITY_PLACE_NEIGHBOURHOOD, 150 },
    { "place", "island", CITY_PLACE_ISLAND, 60 },
    { "place", "islet", CITY_PLACE_ISLAND, 140 },
    { "place", "square", CITY_PLACE_SQUARE, 100 },
    { "amenity", "hospital", CITY_PLACE_HOSPITAL, 70 },
    { "aeroway", "aerodrome", CITY_PLACE_AIRPORT, 65 },
    { "railway", "station", CITY_PLACE_STATION, 75 },
    { "amenity", "bus_station", CITY_PLACE_STATION, 85 },
    { "amenity", "ferry_terminal", CITY_PLACE_STATION, 95 },
    { "railway", "halt", CITY_PLACE_STATION, 90 },
    { "public_transport", "station", CITY_PLACE_STATION, 100 },
    { "railway", "tram_stop", CITY_PLACE_STOP, 130 },
    { "highway", "bus_stop", CITY_PLACE_STOP, 140 },
    { "highway", "platform", CITY_PLACE_STOP, 130 },
    { "public_transport", "stop_position", CITY_PLACE_STOP, 140 },
    { "public_transport", "platform", CITY_PLACE_STOP, 140 },
    { "highway", "pedestrian", CITY_PLACE_SQUARE, 110 },
    { "amenity", "clinic", CITY_PLACE_HOSPITAL, 115 },
    { "amenity", "police", CITY_PLACE_POLICE, 115 },
    { "amenity", "fire_station", CITY_PLACE_FIRE_STATION, 110 },
    { "emergency", "ambulance_station", CITY_PLACE_FIRE_STATION, 110 },
    { "amenity", "university", CITY_PLACE_SCHOOL, 100 },
    { "amenity", "college", CITY_PLACE_SCHOOL, 115 },
    { "amenity", "school", CITY_PLACE_SCHOOL, 125 },
    { "amenity", "kindergarten", CITY_PLACE_SCHOOL, 150 },
    { "amenity", "townhall", CITY_PLACE_PUBLIC, 105 },
    { "amenity", "courthouse", CITY_PLACE_PUBLIC, 120 },
    { "amenity", "library", CITY_PLACE_PUBLIC, 130 },
    { "amenity", "post_office", CITY_PLACE_PUBLIC, 140 },
    { "amenity", "community_centre", CITY_PLACE_PUBLIC, 140 },
    { "amenity", "prison", CITY_PLACE_PUBLIC, 120 },
    { "office", "government", CITY_PLACE_PUBLIC, 135 },
    { "amenity", "nursing_home", CITY_PLACE_CARE, 125 },
    { "social_facility", "nursing_home", CITY_PLACE_CARE, 125 },
    { "amenity", "social_facility", CITY_PLACE_CARE, 135 },
    { "amenity", "doctors", CITY_PLACE_CARE, 140 },
    { "amenity", "pharmacy", CITY_PLACE_CARE, 150 },
    { "amenity", "place_of_worship", CITY_PLACE_WORSHIP, 130 },
    { "leisure", "stadium", CITY_PLACE_SPORT, 100 },
    { "leisure", "sports_centre", CITY_PLACE_SPORT, 130 },
    { "leisure", "swimming_pool", CITY_PLACE_SPORT, 150 },
    { "leisure", "golf_course", CITY_PLACE_SPORT, 130 },
    { "leisure", "marina", CITY_PLACE_SPORT, 130 },
    { "amenity", "theatre", CITY_PLACE_CULTURE, 120 },
    { "amenity", "cinema", CITY_PLACE_CULTURE, 130 },
    { "amenity", "arts_centre", CITY_PLACE_CULTURE, 130 },
    { "tourism", "museum", CITY_PLACE_CULTURE, 115 },
    { "tourism", "attraction", CITY_PLACE_CULTURE, 120 },
    { "tourism", "zoo", CITY_PLACE_CULTURE, 105 },
    { "tourism", "theme_park", CITY_PLACE_CULTURE, 100 },
    { "historic", NULL, CITY_PLACE_CULTURE, 145 },
    { "tourism", "hotel", CITY_PLACE_LODGING, 140 },
    { "tourism", "hostel", CITY_PLACE_LODGING, 150 },
    { "tourism", "guest_house", CITY_PLACE_LODGING, 155 },
    { "tourism", "camp_site", CITY_PLACE_LODGING, 140 },
    { "shop", "mall", CITY_PLACE_SHOP, 115 },
    { "shop", "department_store", CITY_PLACE_SHOP, 125 },
    { "amenity", "marketplace", CITY_PLACE_SHOP, 125 },
    { "shop", "supermarket", CITY_PLACE_SHOP, 145 },
    { "amenity", "fuel", CITY_PLACE_SHOP, 150 },
    { "shop", NULL, CITY_PLACE_SHOP, 170 },
    { "amenity", "restaurant", CITY_PLACE_RESTAURANT, 165 },
    { "amenity", "cafe", CITY_PLACE_RESTAURANT, 170 },
    { "amenity", "fast_food", CITY_PLACE_RESTAURANT, 170 },
    { "amenity", "bar", CITY_PLACE_RESTAURANT, 170 },
    { "amenity", "pub", CITY_PLACE_RESTAURANT, 170 },
    { "amenity", "nightclub", CITY_PLACE_RESTAURANT, 165 },
    { "amenity", "bank", CITY_PLACE_OFFICE, 160 },
    { "leisure", "park", CITY_PLACE_PARK, 105 },
    { "leisure", "nature_reserve", CITY_PLACE_PARK, 105 },
    { "leisure", "garden", CITY_PLACE_PARK, 125 },
    { "leisure", "playground", CITY_PLACE_PARK, 160 },
    { "landuse", "cemetery", CITY_PLACE_PARK, 125 },
    { "landuse", "forest", CITY_PLACE_PARK, 125 },
    { "natural", "wood", CITY_PLACE_PARK, 125 },
    { "natural", "beach", CITY_PLACE_PARK, 115 },
    { "natural", "water", CITY_PLACE_WATER, 110 },
    { "natural", "bay", CITY_PLACE_WATER, 105 },
    { "landuse", "reservoir", CITY_PLACE_WATER, 115 },
    { "landuse", "residential", CITY_PLACE_NEIGHBOURHOOD, 115 },
    { "landuse", "industrial", CITY_PLACE_OFFICE, 120 },
    { "landuse", "commercial", CITY_PLACE_OFFICE, 130 },
    { "landuse", "retail", CITY_PLACE_SHOP, 130 },
    { "man_made", "bridge", CITY_PLACE_BRIDGE, 110 },
    { "man_made", "works", CITY_PLACE_OFFICE, 135 },
    { "office", NULL, CITY_PLACE_OFFICE, 165 },
    { "building", NULL, CITY_PLACE_BUILDING, 155 },
    { "amenity", NULL, CITY_PLACE_OTHER, 180 },
    { "leisure", NULL, CITY_PLACE_OTHER, 180 },
    { "tourism", NULL, CITY_PLACE_OTHER, 180 },
};

/* Street furniture may have a name too, but nobody is found at one. */
static const struct tag_rule NOT_PLACES[] = {
    { "tourism", "information", 0, 0 },   { "tourism", "artwork", 0, 0 },
    { "amenity", "bench", 0, 0 },         { "amenity", "vending_machine", 0, 0 },
    { "amenity", "parking_space", 0, 0 }, { "amenity", "waste_basket", 0, 0 },
    { "amenity", "recycling", 0, 0 },     { "amenity", "bicycle_parking", 0, 0 },
    { "amenity", "post_box", 0, 0 },      { "amenity", "atm", 0, 0 },
};

/* Larger settlements before smaller ones of their kind: a step for each doubling above a thousand people, 15 at most. */
static int population_bonus(const struct osm_tags *tags)
{
    const char *text = osm_tag(tags, "population");
    long people = text == NULL ? 0 : strtol(text, NULL, 10);
    int bonus = 0;
    while (people > 1000 && bonus < 15) {
        people /= 2;
        bonus++;
    }
    return bonus;
}

bool tags_place(const struct osm_tags *tags, enum city_place_kind *kind, uint8_t *rank)
{
    const struct tag_rule *rule = rule_of(PLACES, ARRAY_LENGTH(PLACES), tags);
    if (rule == NULL || (rule->rank >= 145 && rule_of(NOT_PLACES, ARRAY_LENGTH(NOT_PLACES), tags) != NULL)) {
        return false;
    }
    bool settlement = strcmp(rule->key, "place") == 0;
    int value = rule->rank - (settlement ? population_bonus(tags) : 0);
    *kind = (enum city_place_kind)rule->meaning;
    *rank = (uint8_t)(value < 0 ? 0 : value);
    return true;
}
