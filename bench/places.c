/* Place search in a city of 50,000 names: what a key press costs, beside a plain comparison of all names by the same matcher.
 * The names are made up of the words of Chinese and Portuguese streets; queries are names cut, spelled in pinyin, and spoiled. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/random.h"
#include "place/search_private.h"

enum { NAMES = 50000, QUERIES = 400, PLAIN_QUERIES = 20, TEXT_SIZE = 96 };

static const char *const han[] = { "长", "安", "中", "山", "人", "民", "解", "放", "和", "平", "建", "设", "新", "华",
                                   "东", "西", "南", "北", "湖", "滨", "江", "河", "海", "桥", "门", "厦", "重", "庆",
                                   "广", "州", "学", "院", "文", "化", "工", "业", "金", "银", "红", "旗", "光", "明",
                                   "永", "福", "泰", "康", "宁", "清", "白", "云", "龙", "凤", "花", "园" };
static const char *const ends[] = { "路", "街", "大道", "巷", "弄", "新村", "公园", "医院" };
static const char *const kinds[] = { "Rua", "Avenida", "Travessa", "Largo", "Praça", "Estrada" };
static const char *const words[] = { "São",       "João",     "Santa",   "Catarina", "Boavista", "Liberdade",
                                     "República", "Formosa",  "Alegria", "Campo",    "Fonte",    "Igreja",
                                     "Moinho",    "Pinheiro", "Ribeira", "Serra",    "Costa",    "Ferreira",
                                     "Almeida",   "Oliveira", "Martins", "Cardoso",  "Monte",    "Vale" };

struct bench {
    char (*texts)[TEXT_SIZE];
    struct place_name *names;
    struct place_index *index;
    struct random_stream draws;
};

static const char *draw(struct random_stream *draws, const char *const *list, size_t count)
{
    return list[random_u64(draws) % count];
}

#define DRAW(draws, list) draw(draws, list, sizeof(list) / sizeof *(list))

static void make_names(struct bench *bench)
{
    struct random_stream *draws = &bench->draws;
    for (int i = 0; i < NAMES; i++) {
        char *text = bench->texts[i];
        if (i % 2 == 0) {
            snprintf(text, TEXT_SIZE, "%s%s%s%s", DRAW(draws, han), DRAW(draws, han), DRAW(draws, han), DRAW(draws, ends));
        } else {
            snprintf(text, TEXT_SIZE, "%s %s%d %s %s", DRAW(draws, kinds), DRAW(draws, words), i % 997, DRAW(draws, words),
                     DRAW(draws, words));
        }
        bench->names[i] = (struct place_name){ .kind = PLACE_KIND_POST, .name = text, .code = "" };
    }
}

/* In the way of i: as it is, begun only, its initials, spoiled. */
static void write_query(struct bench *bench, int i, char query[TEXT_SIZE])
{
    static struct folded folded;
    const char *text = bench->texts[random_u64(&bench->draws) % NAMES];
    size_t length = 0;
    CHECK(fold_text(text, strlen(text), &folded));
    for (uint32_t w = 0; w < folded.word_count; w++) {
        for (uint32_t c = 0; c < folded.words[w].count && length + 8 < TEXT_SIZE; c++) {
            uint32_t code = folded.codes[folded.words[w].first + c];
            struct glyph glyph = match_glyph(code);
            size_t whole = strcspn(glyph.readings, " ");
            if (fold_is_han(code)) {
                memcpy(query + length, glyph.readings, i % 4 == 2 ? 1 : whole);
                length += i % 4 == 2 ? 1 : whole;
            } else {
                query[length++] = (char)code;
            }
        }
        query[length++] = ' ';
    }
    length -= i % 4 == 1 && length > 4 ? 3 : 1;
    if (i % 4 == 3) {
        query[length / 2] = query[length / 2] == ' ' ? ' ' : 'x';
    }
    query[length] = '\0';
}

static double now_s(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void search_once(const struct bench *bench, const char *text)
{
    static struct place_found found[10];
    struct error error = { .text = "" };
    struct place_query query = { .text = text, .length = strlen(text), .limit = 10 };
    uint32_t count;
    CHECK(place_search((const struct place_index *const *)&bench->index, 1, &query, found, &count, &error) == STATUS_OK);
}

/* Every word of every name against every word of the query, forgiving only where nothing fits without. */
static void compare_all(const struct bench *bench, const char *text)
{
    static struct search_words typed;
    const struct place_index *index = bench->index;
    uint32_t fitting = 0;
    CHECK(search_words_read(text, strlen(text), &typed));
    for (int effort = MATCH_EXACT; effort <= MATCH_FORGIVING && fitting == 0; effort++) {
        for (size_t n = 0; n < index->names.count; n++) {
            const struct index_name *name = &index->names.items[n];
            bool all = true;
            for (uint32_t p = 0; p < typed.count && all; p++) {
                bool any = false;
                for (uint32_t w = 0; w < name->word_count && !any; w++) {
                    uint32_t word = index->name_words.items[name->first_word + w];
                    any = index_word_match(index, word, &typed.pieces[p], (enum match_effort)effort) < MATCH_NONE;
                }
                all = any;
            }
            fitting += all;
        }
    }
}

int main(void)
{
    static const char *const ways[] = { "whole", "begun", "initials", "spoiled" };
    struct bench bench = { .texts = calloc(NAMES, sizeof *bench.texts), .names = calloc(NAMES, sizeof *bench.names) };
    struct error error = { .text = "" };
    char query[TEXT_SIZE];
    CHECK(bench.texts != NULL && bench.names != NULL);
    random_open(&bench.draws, 1, 1, 0);
    make_names(&bench);
    double begun = now_s();
    CHECK(place_index_of_names(bench.names, NAMES, &bench.index, &error) == STATUS_OK);
    printf("index of %u names: %.0f ms, %zu words\n", place_index_count(bench.index), (now_s() - begun) * 1e3,
           bench.index->words.count);
    for (int way = 0; way < 4; way++) {
        double search_s = 0, plain_s = 0, worst_s = 0;
        for (int i = 0; i < QUERIES; i++) {
            write_query(&bench, way, query);
            double start = now_s();
            search_once(&bench, query);
            double took = now_s() - start;
            search_s += took;
            worst_s = took > worst_s ? took : worst_s;
            if (i < PLAIN_QUERIES) {
                start = now_s();
                compare_all(&bench, query);
                plain_s += now_s() - start;
            }
        }
        double search_us = search_s * 1e6 / QUERIES, plain_us = plain_s * 1e6 / PLAIN_QUERIES;
        printf("%-9s search %7.0f us (worst %7.0f), plain comparison %8.0f us: %.0f times\n", ways[way], search_us, worst_s * 1e6,
               plain_us, plain_us / search_us);
    }
    place_index_free(bench.index);
    free(bench.texts);
    free(bench.names);
    return 0;
}
