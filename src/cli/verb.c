/* The table of all verbs, in the order in which help lists them, and the search in it. */
#include "cli/verb.h"

#include <stdio.h>
#include <string.h>

#include "base/word.h"

const struct verb *const VERBS[] = {
    &verb_city_import,    &verb_city_info,
    &verb_city_find,      &verb_road_matrix,
    &verb_road_route,     &verb_road_isochrone,
    &verb_road_traces,    &verb_road_match,
    &verb_road_learn,     &verb_scenario_import_jemss,
    &verb_scenario_check, &verb_simulate,
    &verb_replay,         &verb_fit,
    &verb_journal_verify, &verb_journal_show,
    &verb_migrate,        &verb_backup,
    &verb_restore,        &verb_retention,
    &verb_export,         &verb_doctor,
    &verb_paper_print,    &verb_paper_enter,
    &verb_init,           &verb_config_check,
    &verb_config_show,    &verb_config_docs,
    &verb_protocol_check, &verb_protocol_show,
    &verb_protocol_key,   &verb_protocol_sign,
    &verb_serve,          &verb_hand_on,
    &verb_exercise,       &verb_gateway_jt808,
    &verb_gateway_mqtt,   &verb_bench_live,
    &verb_torture,        &verb_bench_region,
    &verb_help,           &verb_version,
    &verb_completion,     NULL,
};

const struct verb *verb_find(int word_count, const char *const *words, int *words_used)
{
    for (const struct verb *const *verb = VERBS; *verb != NULL; verb++) {
        const char *name = (*verb)->name;
        const char *space = strchr(name, ' ');
        if (space == NULL && word_count >= 1 && strcmp(name, words[0]) == 0) {
            *words_used = 1;
            return *verb;
        }
        if (space != NULL && word_count >= 2 && verb_in_group(*verb, words[0]) && strcmp(space + 1, words[1]) == 0) {
            *words_used = 2;
            return *verb;
        }
    }
    return NULL;
}

bool verb_in_group(const struct verb *verb, const char *group)
{
    size_t length = strlen(group);
    return strncmp(verb->name, group, length) == 0 && verb->name[length] == ' ';
}

static bool group_exists(const char *group)
{
    for (const struct verb *const *verb = VERBS; *verb != NULL; verb++) {
        if (verb_in_group(*verb, group)) {
            return true;
        }
    }
    return false;
}

/* How far the words are from the verb: one word for verbs of one, two for verbs of two. */
static int distance_to(const struct verb *verb, int word_count, const char *const *words)
{
    const char *space = strchr(verb->name, ' ');
    if (space == NULL) {
        bool is_beginning = strlen(words[0]) >= 3 && strncmp(words[0], verb->name, strlen(words[0])) == 0;
        return is_beginning ? 1 : word_distance(words[0], verb->name);
    }
    char both[2 * WORD_DISTANCE_MAX];
    bool has_second = word_count >= 2 && words[1][0] != '-';
    int length = snprintf(both, sizeof both, "%s%s%s", words[0], has_second ? " " : "", has_second ? words[1] : "");
    int distance = length < (int)sizeof both ? word_distance(both, verb->name) : WORD_DISTANCE_MAX;
    int second_alone = has_second ? WORD_DISTANCE_MAX : word_distance(words[0], space + 1); /* "import" for "city import" */
    return second_alone < distance ? second_alone : distance;
}

static enum status group_needs_word(const char *group, const char *second, struct error *error)
{
    char list[256] = "";
    size_t used = 0;
    for (const struct verb *const *verb = VERBS; *verb != NULL && used < sizeof list; verb++) {
        if (verb_in_group(*verb, group)) {
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                                     strchr((*verb)->name, ' ') + 1);
        }
    }
    if (second == NULL) {
        return ERROR(error, STATUS_USAGE, "'%s' needs a second word: %s", group, list);
    }
    return ERROR(error, STATUS_USAGE, "there is no '%s %s'; after '%s' comes one of: %s", group, second, group, list);
}

enum status verb_unknown(int word_count, const char *const *words, struct error *error)
{
    const struct verb *best = NULL;
    int best_distance = 4;
    for (const struct verb *const *verb = VERBS; *verb != NULL; verb++) {
        int distance = distance_to(*verb, word_count, words);
        if (distance < best_distance && 2 * distance < (int)strlen((*verb)->name)) {
            best_distance = distance;
            best = *verb;
        }
    }
    bool has_second = word_count >= 2 && words[1][0] != '-';
    if (group_exists(words[0]) && (!has_second || best == NULL)) {
        return group_needs_word(words[0], has_second ? words[1] : NULL, error);
    }
    if (best != NULL) {
        return ERROR(error, STATUS_USAGE, "there is no '%s%s%s'; did you mean 'mingdi %s'?", words[0], has_second ? " " : "",
                     has_second ? words[1] : "", best->name);
    }
    return ERROR(error, STATUS_USAGE, "there is no '%s'; 'mingdi help' lists what there is", words[0]);
}
