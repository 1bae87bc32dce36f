/* The search on a small town with Chinese names (tests/places/town.geojson) and on real cities (MINGDI_DATA): what is found, in
 * which order, and that the index finds just what a plain comparison of all names does. */
#include "place/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/random.h"
#include "base/test_data.h"
#include "place/around.h"
#include "place/search_private.h"
#include "road/import.h"

static char folder[] = "/tmp/mingdi-place-XXXXXX";

struct town {
    struct city *city;
    struct place_index *index;
};

static bool open_town(const char *osm, const char *geojson, struct town *town)
{
    struct error error = { .text = "" };
    char *target = file_join(folder, "town.city");
    const struct import_options options = { .osm = osm, .geojson = geojson, .output = target };
    if (osm != NULL && !file_exists(osm)) {
        free(target);
        return false;
    }
    if (import_city(&options, &error) != STATUS_OK || city_open(target, &town->city, &error) != STATUS_OK ||
        place_index_of_city(town->city, &town->index, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    (void)unlink(target);
    free(target);
    return true;
}

static void close_town(struct town *town)
{
    place_index_free(town->index);
    city_close(town->city);
}

static bool open_real(const char *name, struct town *town)
{
    char *path = file_join(test_data_folder(), name);
    bool opened = open_town(path, NULL, town);
    free(path);
    return opened;
}

static uint32_t search(const struct town *town, const char *text, const double *near, struct place_found *found)
{
    struct error error = { .text = "" };
    uint32_t count = 0;
    struct place_query query = { .text = text, .length = strlen(text), .limit = 10 };
    if (near != NULL) {
        query.has_near = true;
        assert_true(geo_point_from_degrees(near[0], near[1], &query.near));
    }
    if (place_search((const struct place_index *const *)&town->index, 1, &query, found, &count, &error) != STATUS_OK) {
        fail_msg("%s: %s", text, error.text);
    }
    return count;
}

static void expect_first(const struct town *town, const char *text, const char *name)
{
    static struct place_found found[10];
    uint32_t count = search(town, text, NULL, found);
    if (count == 0 || strcmp(found[0].name, name) != 0) {
        fail_msg("%s: %s, not %s", text, count > 0 ? found[0].name : "nothing", name);
    }
}

/* ---- the small town ---- */

static void test_chinese_town(void **state)
{
    (void)state;
    struct town town;
    static struct place_found found[10];
    static const char *const expected[][2] = {
        { "长安街", "长安街" },
        { "changanjie", "长安街" },
        { "CAJ", "长安街" },
        { "ｃａｊ", "长安街" },
        { "厦门", "厦门路" },
        { "xiamen", "厦门路" },
        { "shamen", "厦门路" },
        { "liuan", "六安路" },
        { "luanlu", "六安路" },
        { "中山1路", "中山一路" },
        { "中山路", "中山路" },
        { "rmdl", "人民东路" },
        { "renmin donglu", "人民东路" },
        { "东路 人民", "人民东路" },
        { "旧东门", "人民东路" },
        { "zhongshan road", "中山路" },
        { "市一院", "市第一医院" },
        { "huochezhan", "火车站" },
        { "gulangyu", "鼓浪屿" },
        { "长按街", "长安街" },
        { "hubinanlu", "湖滨南路" },
        { "长安街与厦门路", "长安街 / 厦门路" },
        { "和平路和厦门路", "和平路 / 厦门路" },
        { "changanjie / xiamenlu", "长安街 / 厦门路" },
        { "厦门路长安街口", "厦门路 / 长安街" },
        { "和平路六安路路口", "和平路 / 六安路" },
        { "24.4736,118.084", "24.473600, 118.084000" },
        { "118.084,24.4736", "24.473600, 118.084000" },
    };
    assert_true(open_town(NULL, MINGDI_SOURCE_DIR "/tests/places/town.geojson", &town));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        expect_first(&town, expected[i][0], expected[i][1]);
    }
    assert_int_equal(search(&town, "", NULL, found), 0);
    assert_int_equal(search(&town, "/ / /", NULL, found), 0);
    assert_int_equal(search(&town, "长安街与长安街", NULL, found), 0);
    assert_int_equal(search(&town, "中山路", NULL, found), 2); /* two roads have the name */
    close_town(&town);
}

/* Where roads are given, which is first, what is around a point: the town's grid is its own map. */
static void test_nearness(void **state)
{
    (void)state;
    struct town town;
    static struct place_found found[10];
    const double west[] = { 118.045, 24.4702 }, east[] = { 118.0999, 24.4737 };
    assert_true(open_town(NULL, MINGDI_SOURCE_DIR "/tests/places/town.geojson", &town));
    assert_true(search(&town, "中山路", west, found) >= 2);
    assert_true(found[0].point.lon_e7 < 1180500000 && found[0].distance_m < 30);
    assert_true(search(&town, "中山路", east, found) >= 2);
    assert_int_equal(found[0].point.lon_e7, 1180999000);
    assert_int_equal(found[0].point.lat_e7, 244736000);
    struct place_around around;
    place_around_find(town.index, (struct geo_point){ 1180843000, 244735000 }, &around);
    assert_string_equal(around.road, "中山路");
    assert_string_equal(around.cross, "厦门路");
    place_around_find(town.index, (struct geo_point){ 1180900000, 244755000 }, &around);
    assert_string_equal(around.place, "市第一医院"); /* the letter of a platform is nearer */
    expect_first(&town, "G", "G");
    place_around_find(town.index, (struct geo_point){ 0, 0 }, &around);
    assert_true(around.road == NULL && around.cross == NULL && around.place == NULL);
    close_town(&town);
}

static void test_own_names(void **state)
{
    (void)state;
    struct error error = { .text = "" };
    static struct place_found found[10];
    const struct place_name names[] = { { PLACE_KIND_POST, "鼓楼急救站", "A12", { 1, 2 } },
                                        { PLACE_KIND_POST, "", "B7", { 3, 4 } },
                                        { PLACE_KIND_FACILITY, "Östra sjukhuset", "H1", { 5, 6 } } };
    struct town town = { .city = NULL };
    assert_int_equal(place_index_of_names(names, 3, &town.index, &error), STATUS_OK);
    expect_first(&town, "gulou", "鼓楼急救站");
    expect_first(&town, "a12", "鼓楼急救站");
    expect_first(&town, "b7", "B7");
    expect_first(&town, "ostra", "Östra sjukhuset");
    assert_true(search(&town, "a12", NULL, found) == 1 && strcmp(found[0].matched, "A12") == 0);
    assert_true(found[0].kind == PLACE_KIND_POST && found[0].point.lon_e7 == 1);
    place_index_free(town.index);
    assert_int_equal(place_index_of_names(names, 0, &town.index, &error), STATUS_OK);
    assert_int_equal(search(&town, "a12", NULL, found), 0);
    place_index_free(town.index);
}

static void test_refused(void **state)
{
    (void)state;
    struct error error = { .text = "" };
    struct town town = { .city = NULL };
    static struct place_found found[10];
    char text[PLACE_QUERY_MAX + 1];
    uint32_t count;
    memset(text, 'a', sizeof text);
    assert_int_equal(place_index_of_names(NULL, 0, &town.index, &error), STATUS_OK);
    struct place_query query = { .text = text, .length = sizeof text, .limit = 1 };
    const struct place_index *const *indexes = (const struct place_index *const *)&town.index;
    assert_int_equal(place_search(indexes, 1, &query, found, &count, &error), STATUS_BAD_INPUT);
    query.length = 1;
    text[0] = '\xFF';
    assert_int_equal(place_search(indexes, 1, &query, found, &count, &error), STATUS_BAD_INPUT);
    place_index_free(town.index);
}

/* ---- real cities ---- */

static void test_real_names(void **state)
{
    (void)state;
    struct town porto, malta;
    if (!open_real("osm/porto.osm.pbf", &porto)) {
        print_message("skipped: MINGDI_DATA has no osm/porto.osm.pbf\n");
        skip();
    }
    expect_first(&porto, "avenida aliados", "Avenida dos Aliados");
    expect_first(&porto, "rua de sao joao novo", "Rua de São João Novo");
    expect_first(&porto, "rua de santa catarina / rua formosa", "Rua de Santa Catarina / Rua Formosa");
    expect_first(&porto, "santacatarina", "Rua Santa Catarina");
    expect_first(&porto, "avenida aliadso", "Avenida dos Aliados");
    close_town(&porto);
    if (!open_real("osm/malta.osm.pbf", &malta)) {
        print_message("skipped: MINGDI_DATA has no osm/malta.osm.pbf\n");
        skip();
    }
    expect_first(&malta, "triq ghajnsielem", "Triq Għajnsielem");
    expect_first(&malta, "triq iz zurrieq", "Triq iż-Żurrieq");
    close_town(&malta);
}

/* A name of the index with some of its words cut, exchanged or spoiled. */
static void spoil_name(struct random_stream *draws, const struct place_index *index, char text[PLACE_QUERY_MAX])
{
    const struct index_name *name = &index->names.items[random_u64(draws) % index->names.count];
    size_t length = name->length < 60 ? name->length : 60;
    while (length < name->length && length > 0 && ((unsigned char)name->text[length] & 0xC0) == 0x80) {
        length--;
    }
    memcpy(text, name->text, length);
    text[length] = '\0';
    for (uint64_t k = random_u64(draws) % 3; k > 0 && length > 4; k--) {
        size_t at = random_u64(draws) % length;
        if (((unsigned char)text[at] | (unsigned char)text[at + 1]) < 0x80) {
            char kept = text[at];
            text[at] = random_u64(draws) % 2 == 0 ? (char)('a' + random_u64(draws) % 26) : text[at + 1];
            text[at + 1] = text[at] == kept ? kept : text[at + 1];
        }
    }
    if (random_u64(draws) % 3 == 0 && strchr(text, ' ') != NULL) {
        *strchr(text, ' ') = '\0';
    }
    text[strlen(text)] = '\0';
}

/* The entries with a name each of whose query words fits one of its words, by comparing them all. */
static uint32_t plain_count(const struct place_index *index, const struct search_words *words, enum match_effort effort,
                            uint8_t *is_in)
{
    uint32_t count = 0;
    memset(is_in, 0, index->entries.count);
    for (size_t n = 0; n < index->names.count; n++) {
        const struct index_name *name = &index->names.items[n];
        bool all = true;
        for (uint32_t p = 0; p < words->count && all; p++) {
            bool any = false;
            uint32_t held = name->word_count + (effort == MATCH_EXACT ? name->joined_count : 0U);
            for (uint32_t i = 0; i < (uint32_t)name->word_count + name->joined_count && !any; i++) {
                uint32_t word = index->name_words.items[name->first_word + i];
                bool counts = i < held || index->words.items[word].first_part == 0;
                any = counts && index_word_match(index, word, &words->pieces[p], effort) < MATCH_NONE;
            }
            all = any;
        }
        count += all && !is_in[name->entry];
        is_in[name->entry] |= all;
    }
    return count;
}

static void check_against_plain(const struct place_index *index, const char *text, enum match_effort effort, uint8_t *is_in)
{
    static const struct search_wish wish = { .roads_only = false };
    static struct search_words words;
    struct error error = { .text = "" };
    struct search_hits hits = { .limit = HITS_MAX };
    if (!search_words_read(text, strlen(text), &words)) {
        return;
    }
    uint32_t expected = plain_count(index, &words, effort, is_in);
    assert_int_equal(search_names(index, &words, effort, &wish, &hits, &error), STATUS_OK);
    if (hits.count != (expected < HITS_MAX ? expected : HITS_MAX)) {
        fail_msg("%s: %u found, %u expected", text, hits.count, expected);
    }
    for (uint32_t i = 0; i < hits.count; i++) {
        assert_true(is_in[index->names.items[hits.hits[i].name].entry]);
        assert_true(i == 0 || hits.hits[i - 1].price <= hits.hits[i].price);
    }
}

static void check_index(struct town *town, int rounds)
{
    struct random_stream draws;
    char text[PLACE_QUERY_MAX];
    uint8_t *is_in = malloc(town->index->entries.count + 1);
    assert_non_null(is_in);
    random_open(&draws, 5, 1, 0);
    for (int round = 0; round < rounds; round++) {
        spoil_name(&draws, town->index, text);
        check_against_plain(town->index, text, MATCH_EXACT, is_in);
        check_against_plain(town->index, text, MATCH_FORGIVING, is_in);
    }
    static const char *const more[] = { "r", "ru", "caj", "zsl", "zhong", "路", "中", "1", "ruade", "triq", "jie 长", "renmn" };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        check_against_plain(town->index, more[i], MATCH_EXACT, is_in);
        check_against_plain(town->index, more[i], MATCH_FORGIVING, is_in);
    }
    free(is_in);
}

static void test_index_equals_plain(void **state)
{
    (void)state;
    struct town town;
    assert_true(open_town(NULL, MINGDI_SOURCE_DIR "/tests/places/town.geojson", &town));
    check_index(&town, 2000);
    close_town(&town);
    if (open_real("osm/malta.osm.pbf", &town)) {
        check_index(&town, 60);
        close_town(&town);
    }
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chinese_town), cmocka_unit_test(test_nearness),   cmocka_unit_test(test_own_names),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_real_names), cmocka_unit_test(test_index_equals_plain),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
