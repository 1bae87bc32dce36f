#include "road/restriction.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* ---- what a relation says ---- */

static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    while (*list != '\0') {
        while (*list == ';' || *list == ' ' || *list == ',') {
            list++;
        }
        size_t span = strcspn(list, "; ,");
        if (span == length && strncmp(list, word, length) == 0) {
            return true;
        }
        list += span;
    }
    return false;
}

static bool excepted(const struct profile_rules *rules, const struct osm_tags *tags)
{
    const char *except = osm_tag(tags, "except");
    for (size_t i = 0; except != NULL && rules->except_words[i] != NULL; i++) {
        if (has_word(except, rules->except_words[i])) {
            return true;
        }
    }
    return false;
}

static const char *value_for(const struct profile_rules *rules, const struct osm_tags *tags)
{
    for (size_t i = 0; rules->restriction_keys[i] != NULL; i++) {
        const char *value = osm_tag(tags, rules->restriction_keys[i]);
        if (value != NULL) {
            return strcmp(value, "none") == 0 ? NULL : value;
        }
    }
    return NULL;
}

/* "no_left_turn @ (Mo-Fr 07:00-09:00)" or the old day_on, hour_on: true at some hours only. */
static bool at_some_hours(const struct osm_tags *tags)
{
    return osm_tag(tags, "hour_on") != NULL || osm_tag(tags, "day_on") != NULL;
}

static bool has_conditional(const struct osm_tags *tags)
{
    for (size_t i = 0; i < tags->count; i++) {
        const char *key = tags->items[i].key;
        if (strncmp(key, "restriction", 11) == 0 && strstr(key, ":conditional") != NULL) {
            return true;
        }
    }
    return false;
}

enum restriction_verdict restriction_read(const struct profile_rules rules[ROAD_PROFILE_COUNT], const struct osm_tags *tags,
                                          struct restriction_text texts[ROAD_PROFILE_COUNT], int *count)
{
    *count = 0;
    const char *type = osm_tag(tags, "type");
    if (type == NULL || strncmp(type, "restriction", 11) != 0) {
        return RESTRICTION_NOT_ONE;
    }
    uint8_t no = 0, only = 0;
    bool unknown = false;
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        const char *value = value_for(&rules[profile], tags);
        if (value == NULL || excepted(&rules[profile], tags)) {
            continue;
        }
        if (strncmp(value, "no_", 3) == 0) {
            no = (uint8_t)(no | 1u << profile);
        } else if (strncmp(value, "only_", 5) == 0) {
            only = (uint8_t)(only | 1u << profile);
        } else {
            unknown = true;
        }
    }
    if ((no | only) == 0) {
        return unknown ? RESTRICTION_UNKNOWN : has_conditional(tags) ? RESTRICTION_CONDITIONAL : RESTRICTION_FOR_OTHERS;
    }
    if (at_some_hours(tags)) {
        return RESTRICTION_CONDITIONAL;
    }
    if (no != 0) {
        texts[(*count)++] = (struct restriction_text){ .only = false, .profiles = no };
    }
    if (only != 0) {
        texts[(*count)++] = (struct restriction_text){ .only = true, .profiles = only };
    }
    return RESTRICTION_KEPT;
}

bool forbidden_paths_add(struct forbidden_paths *list, const uint32_t *arcs, uint32_t length, uint8_t profiles)
{
    struct forbidden_path path = { .first = (uint32_t)list->arcs.count, .length = length, .profiles = profiles };
    if (!vec_reserve(&list->arcs, list->arcs.count + length) || !vec_push(&list->paths, path)) {
        return false;
    }
    memcpy(list->arcs.items + list->arcs.count, arcs, length * sizeof *arcs);
    list->arcs.count += length;
    return true;
}

void forbidden_paths_free(struct forbidden_paths *list)
{
    vec_free(&list->arcs);
    vec_free(&list->paths);
}

/* ---- the automaton ---- */

/* State 0 is the empty prefix. The others are chained: children of a state by next_sibling. */
struct prefix {
    uint32_t arc; /* last arc of the prefix */
    uint32_t parent, first_child, next_sibling;
    uint32_t fail;      /* the longest proper suffix that is a prefix too; 0 if none */
    uint32_t node;      /* node of the expanded graph */
    uint32_t first_ban; /* chain of arcs that complete a forbidden path here */
};
struct ban {
    uint32_t arc, next;
    uint8_t profiles;
};
VEC_TYPE(prefix_vec, struct prefix);
VEC_TYPE(ban_vec, struct ban);

struct automaton {
    const struct road_graph *base;
    struct prefix_vec prefixes;
    struct ban_vec bans;
    uint32_t *start; /* by base arc: the prefix of that arc alone, or 0 */
    uint8_t *copies; /* by base node */
};

static uint32_t child_of(const struct automaton *automaton, uint32_t prefix, uint32_t arc)
{
    if (prefix == 0) {
        return automaton->start[arc];
    }
    uint32_t child = automaton->prefixes.items[prefix].first_child;
    while (child != 0 && automaton->prefixes.items[child].arc != arc) {
        child = automaton->prefixes.items[child].next_sibling;
    }
    return child;
}

/* Whether the new prefixes of a path leave every node below the limit of copies. */
static bool copies_fit(const struct automaton *automaton, const uint32_t *arcs, uint32_t length)
{
    uint32_t prefix = 0;
    bool known = true;
    for (uint32_t i = 0; i + 1 < length; i++) {
        uint32_t child = known ? child_of(automaton, prefix, arcs[i]) : 0;
        known = child != 0;
        prefix = child;
        uint32_t node = automaton->base->head[arcs[i]], more = 0;
        for (uint32_t j = i; j + 1 < length && !known; j++) {
            more += automaton->base->head[arcs[j]] == node;
        }
        if (!known && automaton->copies[node] + more > RESTRICTION_COPIES_MAX) {
            return false;
        }
    }
    return true;
}

static bool add_prefix(struct automaton *automaton, uint32_t parent, uint32_t arc, uint32_t *child)
{
    *child = (uint32_t)automaton->prefixes.count;
    struct prefix *above = &automaton->prefixes.items[parent];
    struct prefix fresh = { .arc = arc, .parent = parent, .next_sibling = parent == 0 ? 0 : above->first_child };
    if (!vec_push(&automaton->prefixes, fresh)) {
        return false;
    }
    if (parent == 0) {
        automaton->start[arc] = *child;
    } else {
        automaton->prefixes.items[parent].first_child = *child;
    }
    automaton->copies[automaton->base->head[arc]] += 1;
    return true;
}

static bool add_path(struct automaton *automaton, const uint32_t *arcs, uint32_t length, uint8_t profiles)
{
    uint32_t prefix = 0;
    for (uint32_t i = 0; i + 1 < length; i++) {
        uint32_t child = child_of(automaton, prefix, arcs[i]);
        if (child == 0 && !add_prefix(automaton, prefix, arcs[i], &child)) {
            return false;
        }
        prefix = child;
    }
    struct ban ban = { .arc = arcs[length - 1], .next = automaton->prefixes.items[prefix].first_ban, .profiles = profiles };
    if (!vec_push(&automaton->bans, ban)) {
        return false;
    }
    automaton->prefixes.items[prefix].first_ban = (uint32_t)automaton->bans.count; /* one more than the index; 0: none */
    return true;
}

static uint32_t step(const struct automaton *automaton, uint32_t prefix, uint32_t arc)
{
    for (;;) {
        uint32_t child = child_of(automaton, prefix, arc);
        if (child != 0 || prefix == 0) {
            return child;
        }
        prefix = automaton->prefixes.items[prefix].fail;
    }
}

static uint32_t depth_of(const struct automaton *automaton, uint32_t prefix)
{
    uint32_t depth = 0;
    for (; prefix != 0; prefix = automaton->prefixes.items[prefix].parent) {
        depth++;
    }
    return depth;
}

/* Shorter prefixes first, because a fail link leads to a shorter one. */
static void link_suffixes(struct automaton *automaton)
{
    uint32_t deepest = 0;
    for (uint32_t i = 1; i < automaton->prefixes.count; i++) {
        uint32_t depth = depth_of(automaton, i);
        deepest = depth > deepest ? depth : deepest;
    }
    for (uint32_t depth = 2; depth <= deepest; depth++) {
        for (uint32_t i = 1; i < automaton->prefixes.count; i++) {
            struct prefix *prefix = &automaton->prefixes.items[i];
            if (depth_of(automaton, i) == depth) {
                prefix->fail = step(automaton, automaton->prefixes.items[prefix->parent].fail, prefix->arc);
            }
        }
    }
}

static uint8_t forbidden_for(const struct automaton *automaton, uint32_t prefix, uint32_t arc)
{
    uint8_t profiles = 0;
    for (; prefix != 0; prefix = automaton->prefixes.items[prefix].fail) {
        for (uint32_t i = automaton->prefixes.items[prefix].first_ban; i != 0; i = automaton->bans.items[i - 1].next) {
            profiles |= automaton->bans.items[i - 1].arc == arc ? automaton->bans.items[i - 1].profiles : 0;
        }
    }
    return profiles;
}

/* ---- the expanded graph ---- */

static bool number_copies(struct automaton *automaton, struct expansion *expansion)
{
    uint32_t base_count = automaton->base->node_count;
    expansion->copy_first = calloc((size_t)base_count + 1, sizeof(uint32_t));
    if (expansion->copy_first == NULL) {
        return false;
    }
    for (uint32_t node = 0; node < base_count; node++) {
        expansion->copy_first[node + 1] = expansion->copy_first[node] + automaton->copies[node];
        automaton->copies[node] = 0; /* from here: how many have a number */
    }
    for (uint32_t i = 1; i < automaton->prefixes.count; i++) {
        uint32_t node = automaton->base->head[automaton->prefixes.items[i].arc];
        automaton->prefixes.items[i].node = base_count + expansion->copy_first[node] + automaton->copies[node]++;
    }
    expansion->node_count = base_count + expansion->copy_first[base_count];
    return true;
}

static bool size_arcs(const struct automaton *automaton, struct expansion *expansion)
{
    const struct road_graph *base = automaton->base;
    uint64_t total = 0;
    expansion->first_out = malloc(((size_t)expansion->node_count + 1) * sizeof(uint32_t));
    if (expansion->first_out == NULL) {
        return false;
    }
    for (uint32_t node = 0; node < base->node_count; node++) {
        expansion->first_out[node] = (uint32_t)total;
        total += base->first_out[node + 1] - base->first_out[node];
    }
    for (uint32_t node = 0; node < base->node_count; node++) {
        for (uint32_t i = expansion->copy_first[node]; i < expansion->copy_first[node + 1]; i++) {
            expansion->first_out[base->node_count + i] = (uint32_t)total;
            total += base->first_out[node + 1] - base->first_out[node];
        }
    }
    if (total >= UINT32_MAX / 2) {
        return false;
    }
    expansion->first_out[expansion->node_count] = expansion->arc_count = (uint32_t)total;
    expansion->head = malloc((size_t)total * sizeof(uint32_t) + 1);
    expansion->base_arc = malloc((size_t)total * sizeof(uint32_t) + 1);
    expansion->forbidden = calloc((size_t)total + 1, 1);
    return expansion->head != NULL && expansion->base_arc != NULL && expansion->forbidden != NULL;
}

static void fill_node(const struct automaton *automaton, struct expansion *expansion, uint32_t base_node, uint32_t prefix,
                      uint32_t node)
{
    const struct road_graph *base = automaton->base;
    uint32_t at = expansion->first_out[node];
    for (uint32_t arc = base->first_out[base_node]; arc < base->first_out[base_node + 1]; arc++, at++) {
        uint32_t next = step(automaton, prefix, arc);
        expansion->head[at] = next == 0 ? base->head[arc] : automaton->prefixes.items[next].node;
        expansion->base_arc[at] = arc;
        expansion->forbidden[at] = forbidden_for(automaton, prefix, arc);
    }
}

static bool build(struct automaton *automaton, const struct forbidden_paths *list, struct expansion *expansion)
{
    const struct road_graph *base = automaton->base;
    automaton->start = calloc((size_t)base->arc_count + 1, sizeof(uint32_t));
    automaton->copies = calloc((size_t)base->node_count + 1, 1);
    if (automaton->start == NULL || automaton->copies == NULL || !vec_push(&automaton->prefixes, (struct prefix){ 0 })) {
        return false;
    }
    for (size_t i = 0; i < list->paths.count; i++) {
        const struct forbidden_path *path = &list->paths.items[i];
        const uint32_t *arcs = list->arcs.items + path->first;
        CHECK(path->length >= 2);
        if (!copies_fit(automaton, arcs, path->length)) {
            expansion->refused += 1;
        } else if (!add_path(automaton, arcs, path->length, path->profiles)) {
            return false;
        }
    }
    link_suffixes(automaton);
    if (!number_copies(automaton, expansion) || !size_arcs(automaton, expansion)) {
        return false;
    }
    for (uint32_t node = 0; node < base->node_count; node++) {
        fill_node(automaton, expansion, node, 0, node);
    }
    for (uint32_t i = 1; i < automaton->prefixes.count; i++) {
        const struct prefix *prefix = &automaton->prefixes.items[i];
        fill_node(automaton, expansion, base->head[prefix->arc], i, prefix->node);
    }
    return true;
}

enum status restriction_expand(const struct road_graph *base, const struct forbidden_paths *list, struct expansion *expansion,
                               struct error *error)
{
    struct automaton automaton = { .base = base };
    *expansion = (struct expansion){ 0 };
    bool built = build(&automaton, list, expansion);
    vec_free(&automaton.prefixes);
    vec_free(&automaton.bans);
    free(automaton.start);
    free(automaton.copies);
    if (!built) {
        expansion_free(expansion);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a road graph of %u nodes", base->node_count);
    }
    return STATUS_OK;
}

void expansion_free(struct expansion *expansion)
{
    free(expansion->first_out);
    free(expansion->head);
    free(expansion->base_arc);
    free(expansion->forbidden);
    free(expansion->copy_first);
    *expansion = (struct expansion){ 0 };
}
