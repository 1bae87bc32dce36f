/* The steps of all protocols are the nodes of one graph, their answers its edges; a few searches tell all. Workload: some three
 * hundred nodes with three edges each; two thousand at most. */
#include "protocol/validate.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { NODES_MAX = PROTOCOLS_MAX * STEPS_A_PROTOCOL_MAX, NO_NODE = NODES_MAX };

/* Nodes: protocol (index in the set) * STEPS_A_PROTOCOL_MAX + step - 1. */
struct graph {
    const struct protocol_set *set;
    uint32_t distance[NODES_MAX]; /* of the last search */
    uint32_t queue[NODES_MAX];
    bool mark[NODES_MAX];
};

/* ---- from names to numbers ---- */

static int compare_numbers(const void *a, const void *b)
{
    const struct protocol_file *const *first = a, *const *second = b;
    int order = (*first)->number - (*second)->number;
    return order != 0 ? order : strcmp((*first)->id, (*second)->id);
}

static void check_file_name(const struct protocol_file *protocol, struct protocol_findings *findings)
{
    const char *slash = strrchr(protocol->file, '/');
    const char *name = slash != NULL ? slash + 1 : protocol->file;
    size_t length = strlen(protocol->id);
    if (strncmp(name, protocol->id, length) != 0 || strcmp(name + length, ".yaml") != 0) {
        protocol_finding(findings, protocol->file, 1, "protocol %s stands in a file of another name; name it %s.yaml",
                         protocol->id, protocol->id);
    }
}

/* Neighbours by number suffice for numbers; ids and keys are looked for among all before. */
static void check_unique(const struct protocol_set *set, uint32_t index, struct protocol_findings *findings)
{
    const struct protocol_file *one = set->items[index];
    for (uint32_t i = 0; i < index; i++) {
        const struct protocol_file *other = set->items[i];
        if (other->number == one->number) {
            protocol_finding(findings, one->file, 0, "number %u is that of %s already; a number is given once, for ever",
                             one->number, other->file);
        }
        if (strcmp(other->id, one->id) == 0) {
            protocol_finding(findings, one->file, 0, "protocol %s stands in %s already", one->id, other->file);
        }
        if (other->key == one->key) {
            protocol_finding(findings, one->file, 0, "key %c is that of %s already; choose a free one", one->key, other->file);
        }
    }
}

static const char *after_prefix(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* ID or ID/STEP of another protocol. */
static const char *resolve_other(const struct protocol_set *set, const char *words, struct protocol_option *answer)
{
    char id[PROTOCOL_NAME_MAX + 1];
    const char *slash = strchr(words, '/');
    size_t length = slash != NULL ? (size_t)(slash - words) : strlen(words);
    if (length == 0 || length > PROTOCOL_NAME_MAX) {
        return "is not protocol/ID or protocol/ID/STEP";
    }
    memcpy(id, words, length);
    id[length] = '\0';
    const struct protocol_file *other = protocol_find(set, id);
    if (other == NULL) {
        return "names a protocol that is not in the folder";
    }
    answer->to_protocol = other->number;
    answer->to_step = protocol_step_find(other, slash != NULL ? slash + 1 : other->entry_name);
    return answer->to_step != 0 ? NULL : "names a step that its protocol does not have";
}

/* What is wrong with it, or NULL. */
static const char *resolve(const struct protocol_set *set, const struct protocol_file *protocol, struct protocol_option *answer)
{
    const char *other = after_prefix(answer->to, "protocol/");
    if (other != NULL) {
        return resolve_other(set, other, answer);
    }
    if (strcmp(answer->to, "end") == 0) {
        answer->to_protocol = answer->to_step = 0;
        return NULL;
    }
    answer->to_protocol = protocol->number;
    answer->to_step = protocol_step_find(protocol, answer->to);
    return answer->to_step != 0 ? NULL : "is not a step of this protocol, nor end, protocol/ID or protocol/ID/STEP";
}

static void check_step(const struct protocol_set *set, const struct protocol_file *protocol, struct protocol_step *step,
                       struct protocol_findings *findings)
{
    for (uint32_t i = 0; i < step->answer_count; i++) {
        struct protocol_option *answer = &step->answers[i];
        const char *wrong = resolve(set, protocol, answer);
        if (wrong != NULL) {
            protocol_finding(findings, protocol->file, answer->line, "step %s, answer %u: to: '%s' %s", step->name, i + 1,
                             answer->to, wrong);
        }
        for (uint32_t j = 0; j < i; j++) {
            if (step->answers[j].key == answer->key) {
                protocol_finding(findings, protocol->file, answer->line, "step %s: key %c stands for two answers", step->name,
                                 answer->key);
            }
        }
    }
}

static bool is_ever_ready(const struct protocol_file *protocol)
{
    for (uint32_t s = 0; s < protocol->step_count; s++) {
        for (uint32_t a = 0; a < protocol->steps[s].answer_count; a++) {
            if (protocol->steps[s].answers[a].ready) {
                return true;
            }
        }
    }
    return false;
}

static void check_protocol(const struct protocol_set *set, uint32_t index, struct protocol_findings *findings)
{
    struct protocol_file *protocol = set->items[index];
    check_file_name(protocol, findings);
    check_unique(set, index, findings);
    protocol->entry = protocol_step_find(protocol, protocol->entry_name);
    if (protocol->entry == 0) {
        protocol_finding(findings, protocol->file, protocol->entry_line, "entry: there is no step %s", protocol->entry_name);
    }
    for (uint32_t i = 0; i < protocol->step_count; i++) {
        check_step(set, protocol, &protocol->steps[i], findings);
    }
    if (!is_ever_ready(protocol)) {
        protocol_finding(findings, protocol->file, 0, "no answer says 'ready: true'; say from where on enough is known to send");
    }
}

/* ---- the graph ---- */

static struct protocol_file *protocol_of(const struct graph *graph, uint32_t node)
{
    return graph->set->items[node / STEPS_A_PROTOCOL_MAX];
}

static const struct protocol_step *step_of(const struct graph *graph, uint32_t node)
{
    return &protocol_of(graph, node)->steps[node % STEPS_A_PROTOCOL_MAX];
}

static uint32_t node_of(const struct graph *graph, uint8_t number, uint8_t step)
{
    for (uint32_t i = 0; i < graph->set->count && step != 0; i++) {
        if (graph->set->items[i]->number == number) {
            return i * STEPS_A_PROTOCOL_MAX + step - 1u;
        }
    }
    return NO_NODE;
}

static uint32_t target_of(const struct graph *graph, const struct protocol_option *answer)
{
    return node_of(graph, answer->to_protocol, answer->to_step);
}

static bool is_node(const struct graph *graph, uint32_t node)
{
    return node % STEPS_A_PROTOCOL_MAX < protocol_of(graph, node)->step_count;
}

/* Which steps a search may go on from. */
typedef bool (*allowed_fn)(const struct graph *graph, uint32_t from, uint32_t to);

static bool everywhere(const struct graph *graph, uint32_t from, uint32_t to)
{
    (void)graph, (void)from, (void)to;
    return true;
}

static bool among_questions(const struct graph *graph, uint32_t from, uint32_t to)
{
    return step_of(graph, from)->kind == PROTOCOL_QUESTION && step_of(graph, to)->kind == PROTOCOL_QUESTION;
}

static bool among_instructions(const struct graph *graph, uint32_t from, uint32_t to)
{
    return step_of(graph, from)->kind == PROTOCOL_INSTRUCTION && step_of(graph, to)->kind == PROTOCOL_INSTRUCTION;
}

/* Distances from the nodes that stand in the queue already with theirs. */
static void search(struct graph *graph, uint32_t waiting, allowed_fn allowed)
{
    for (uint32_t head = 0; head < waiting; head++) {
        uint32_t node = graph->queue[head];
        const struct protocol_step *step = step_of(graph, node);
        for (uint32_t i = 0; i < step->answer_count; i++) {
            uint32_t target = target_of(graph, &step->answers[i]);
            if (target != NO_NODE && graph->distance[target] == PROTOCOL_FAR && allowed(graph, node, target)) {
                graph->distance[target] = graph->distance[node] + 1;
                graph->queue[waiting++] = target;
            }
        }
    }
}

static void search_begin(struct graph *graph)
{
    for (uint32_t i = 0; i < NODES_MAX; i++) {
        graph->distance[i] = PROTOCOL_FAR;
    }
}

static uint32_t search_from(struct graph *graph, uint32_t waiting, uint32_t node)
{
    if (node == NO_NODE || graph->distance[node] != PROTOCOL_FAR) {
        return waiting;
    }
    graph->distance[node] = 0;
    graph->queue[waiting] = node;
    return waiting + 1;
}

/* Whether a way of one answer or more leads from the node back to it. */
static bool is_in_circle(struct graph *graph, uint32_t node, allowed_fn allowed)
{
    const struct protocol_step *step = step_of(graph, node);
    uint32_t waiting = 0;
    search_begin(graph);
    for (uint32_t i = 0; i < step->answer_count; i++) {
        uint32_t target = target_of(graph, &step->answers[i]);
        if (target != NO_NODE && allowed(graph, node, target)) {
            waiting = search_from(graph, waiting, target);
        }
    }
    search(graph, waiting, allowed);
    return graph->distance[node] != PROTOCOL_FAR;
}

static void check_reached(struct graph *graph, struct protocol_findings *findings)
{
    uint32_t waiting = 0;
    search_begin(graph);
    for (uint32_t i = 0; i < graph->set->count; i++) {
        waiting = search_from(graph, waiting, node_of(graph, graph->set->items[i]->number, graph->set->items[i]->entry));
    }
    const struct protocol_file *arrest = protocol_find(graph->set, PROTOCOL_ARREST);
    if (arrest != NULL) { /* the universal answer */
        waiting = search_from(graph, waiting, node_of(graph, arrest->number, protocol_step_find(arrest, PROTOCOL_ARREST_STEP)));
    }
    search(graph, waiting, everywhere);
    for (uint32_t node = 0; node < graph->set->count * STEPS_A_PROTOCOL_MAX; node++) {
        if (is_node(graph, node) && graph->distance[node] == PROTOCOL_FAR) {
            protocol_finding(findings, protocol_of(graph, node)->file, step_of(graph, node)->line,
                             "step %s: no answer leads here; strike it, or let one lead here", step_of(graph, node)->name);
        }
    }
}

static bool leads_to_end(const struct graph *graph, uint32_t node)
{
    const struct protocol_step *step = step_of(graph, node);
    for (uint32_t i = 0; i < step->answer_count; i++) {
        uint32_t target = target_of(graph, &step->answers[i]);
        if (target == NO_NODE || graph->mark[target]) {
            return true;
        }
    }
    return false;
}

/* Marks those from which an end is reached, until none is added. */
static void check_dead_ends(struct graph *graph, struct protocol_findings *findings)
{
    uint32_t nodes = graph->set->count * STEPS_A_PROTOCOL_MAX;
    memset(graph->mark, 0, sizeof graph->mark);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t node = 0; node < nodes; node++) {
            if (is_node(graph, node) && !graph->mark[node] && leads_to_end(graph, node)) {
                graph->mark[node] = changed = true;
            }
        }
    }
    for (uint32_t node = 0; node < nodes; node++) {
        if (is_node(graph, node) && !graph->mark[node]) {
            protocol_finding(findings, protocol_of(graph, node)->file, step_of(graph, node)->line,
                             "step %s: no way leads from here to an end; let an answer lead out", step_of(graph, node)->name);
        }
    }
}

/* The one step that all answers lead to; NO_NODE: there are several, or the end. */
static uint32_t only_target(const struct graph *graph, uint32_t node)
{
    const struct protocol_step *step = step_of(graph, node);
    uint32_t target = target_of(graph, &step->answers[0]);
    for (uint32_t i = 1; i < step->answer_count; i++) {
        if (target_of(graph, &step->answers[i]) != target) {
            return NO_NODE;
        }
    }
    return target;
}

static void check_loops(struct graph *graph, struct protocol_findings *findings)
{
    for (uint32_t node = 0; node < graph->set->count * STEPS_A_PROTOCOL_MAX; node++) {
        if (!is_node(graph, node)) {
            continue;
        }
        const struct protocol_step *step = step_of(graph, node);
        const char *file = protocol_of(graph, node)->file;
        if (step->kind == PROTOCOL_QUESTION && is_in_circle(graph, node, among_questions)) {
            protocol_finding(findings, file, step->line,
                             "step %s: questions lead in a circle back to it; a loop needs an instruction in it", step->name);
        }
        uint32_t target = only_target(graph, node);
        if (target != NO_NODE && among_instructions(graph, node, target) && is_in_circle(graph, node, among_instructions)) {
            protocol_finding(findings, file, step->line,
                             "step %s: part of a loop of instructions, and all its answers lead on to %s; add one that leaves",
                             step->name, step_of(graph, target)->name);
        }
    }
}

/* ---- ways ---- */

static bool begins_compressions(const struct protocol_step *step)
{
    return step->kind == PROTOCOL_INSTRUCTION && step->metronome != 0;
}

static bool is_goal_answer(const struct graph *graph, const struct protocol_option *answer, enum protocol_goal goal)
{
    uint32_t target = target_of(graph, answer);
    switch (goal) {
    case PROTOCOL_GOAL_READY: return answer->ready;
    case PROTOCOL_GOAL_END: return target == NO_NODE;
    case PROTOCOL_GOAL_COMPRESSIONS: return target != NO_NODE && begins_compressions(step_of(graph, target));
    }
    UNREACHABLE();
}

uint32_t protocol_answers_to(const struct protocol_set *set, const struct protocol_file *protocol, uint8_t step,
                             enum protocol_goal goal)
{
    struct graph *graph = malloc(sizeof *graph);
    CHECK(graph != NULL);
    graph->set = set;
    search_begin(graph);
    search(graph, search_from(graph, 0, node_of(graph, protocol->number, step)), everywhere);
    uint32_t fewest = PROTOCOL_FAR;
    for (uint32_t node = 0; node < set->count * STEPS_A_PROTOCOL_MAX; node++) {
        for (uint32_t i = 0; graph->distance[node] < fewest && i < step_of(graph, node)->answer_count; i++) {
            if (is_goal_answer(graph, &step_of(graph, node)->answers[i], goal) && graph->distance[node] + 1 < fewest) {
                fewest = graph->distance[node] + 1;
            }
        }
    }
    free(graph);
    return fewest;
}

uint32_t protocol_arrest_answers(const struct protocol_set *set)
{
    const struct protocol_file *arrest = protocol_find(set, PROTOCOL_ARREST);
    uint8_t number = arrest != NULL ? protocol_step_find(arrest, PROTOCOL_ARREST_STEP) : 0;
    uint32_t fewest = PROTOCOL_FAR;
    if (number == 0) {
        return PROTOCOL_FAR;
    }
    const struct protocol_step *step = &arrest->steps[number - 1];
    for (uint32_t i = 0; i < step->answer_count; i++) {
        const struct protocol_option *answer = &step->answers[i];
        const struct protocol_file *next = protocol_numbered(set, answer->to_protocol);
        if ((answer->marks & MARK_ARREST_RECOGNISED) == 0 || answer->to_step == 0) {
            continue;
        }
        bool there = begins_compressions(&next->steps[answer->to_step - 1]);
        uint32_t more = there ? 0 : protocol_answers_to(set, next, answer->to_step, PROTOCOL_GOAL_COMPRESSIONS);
        fewest = more != PROTOCOL_FAR && 2 + more < fewest ? 2 + more : fewest;
    }
    return fewest;
}

static void check_arrest(const struct protocol_set *set, struct protocol_findings *findings)
{
    const struct protocol_file *arrest = protocol_find(set, PROTOCOL_ARREST);
    uint8_t step = arrest != NULL ? protocol_step_find(arrest, PROTOCOL_ARREST_STEP) : 0;
    uint32_t answers = protocol_arrest_answers(set);
    if (step == 0) {
        protocol_finding(findings, set->count > 0 ? set->items[0]->file : "the folder", 0,
                         "there is no protocol " PROTOCOL_ARREST " with a step " PROTOCOL_ARREST_STEP
                         ", to which 'not awake' leads from everywhere; add it");
    } else if (answers == PROTOCOL_FAR) {
        protocol_finding(findings, arrest->file, arrest->steps[step - 1].line,
                         "step " PROTOCOL_ARREST_STEP
                         ": no answer that marks arrest_recognised leads to an instruction with a metronome (compressions)");
    } else if (answers > PROTOCOL_ARREST_ANSWERS_MAX) {
        protocol_finding(findings, arrest->file, arrest->steps[step - 1].line,
                         "step " PROTOCOL_ARREST_STEP
                         ": compressions begin after %u answers ('not awake' counted), at most %d are allowed; shorten the way",
                         answers, (int)PROTOCOL_ARREST_ANSWERS_MAX);
    }
}

/* Only where everything leads somewhere. */
static void check_graph(const struct protocol_set *set, struct protocol_findings *findings)
{
    struct graph *graph = malloc(sizeof *graph);
    CHECK(graph != NULL);
    graph->set = set;
    check_reached(graph, findings);
    check_dead_ends(graph, findings);
    check_loops(graph, findings);
    check_arrest(set, findings);
    free(graph);
}

void protocol_set_validate(struct protocol_set *set, struct protocol_findings *findings)
{
    uint32_t before = findings->count;
    qsort(set->items, set->count, sizeof set->items[0], compare_numbers);
    for (uint32_t i = 0; i < set->count; i++) {
        check_protocol(set, i, findings);
    }
    if (findings->count == before) {
        check_graph(set, findings);
    }
}
