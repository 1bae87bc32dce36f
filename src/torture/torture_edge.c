/* What all edges have in common: an outbox that outlives a crash, one command under way at a time with its key, repeated until it
 * has been answered; and looks at what the mirror shows, which come late, doubled or not at all. */
#include <stdlib.h>
#include <string.h>

#include "torture/torture_private.h"

enum { LOOK_VOID_S = 8, RETRY_FIRST_MS = 1500, RETRY_LONGEST_MS = 20000 };

static const char *const KINDS[EDGE_KIND_COUNT] = {
    [EDGE_ADMINISTRATOR] = "administrator",
    [EDGE_EXCHANGE] = "exchange",
    [EDGE_VEHICLES] = "vehicles",
    [EDGE_BROKEN] = "broken",
    [EDGE_SEAT] = "seat",
    [EDGE_CREW] = "crew",
    [EDGE_HOSPITAL] = "hospital",
};

/* Seconds between two wakings. */
static const double WAKES_S[EDGE_KIND_COUNT] = {
    [EDGE_ADMINISTRATOR] = 30, [EDGE_EXCHANGE] = 1, [EDGE_VEHICLES] = 5,  [EDGE_BROKEN] = 20,
    [EDGE_SEAT] = 2,           [EDGE_CREW] = 5,     [EDGE_HOSPITAL] = 10,
};

const char *edge_name(const struct edge *edge, char text[24])
{
    snprintf(text, 24, "%s %u", KINDS[edge->kind], edge->number);
    return text;
}

static void plan_waking(struct torture *torture, struct edge *edge)
{
    double wake_s = WAKES_S[edge->kind];
    torture_plan(torture, torture->now_us + torture_between_us(&edge->stream, wake_s / 2, wake_s * 3 / 2), HAPPENS_WAKE,
                 edge->index, edge->life);
}

static void add_edge(struct torture *torture, uint32_t index, enum edge_kind kind, uint32_t number)
{
    struct edge *edge = &torture->edges[index];
    edge->kind = kind;
    edge->index = index;
    edge->number = number;
    edge->up = true;
    random_open(&edge->stream, torture->options->seed, STREAM_EDGE + index, 0);
    bool is_wrong = torture_chance(&edge->stream, 0.2); /* beyond what the core tolerates, FUTURE_TOLERANCE_S */
    edge->skew_us = torture_between_us(&edge->stream, is_wrong ? -3000 : -4, is_wrong ? 900 : 4);
    plan_waking(torture, edge);
}

void edges_create(struct torture *torture)
{
    uint32_t index = 0;
    add_edge(torture, index++, EDGE_ADMINISTRATOR, 1);
    add_edge(torture, index++, EDGE_EXCHANGE, 1);
    add_edge(torture, index++, EDGE_VEHICLES, 1);
    add_edge(torture, index++, EDGE_BROKEN, 1);
    for (uint32_t i = 1; i <= SEATS; i++) {
        add_edge(torture, index++, EDGE_SEAT, i);
    }
    for (uint32_t i = 1; i <= UNITS; i++) {
        add_edge(torture, index++, EDGE_CREW, i);
    }
    for (uint32_t i = 1; i <= HOSPITALS; i++) {
        add_edge(torture, index++, EDGE_HOSPITAL, i);
    }
    CHECK(index == EDGES);
    administrator_open(torture, &torture->edges[0]);
}

/* ---- the outbox ---- */

bool edge_has_room(const struct edge *edge) { return edge->outbox_count < OUTBOX_MAX; }

bool edge_is_idle(const struct edge *edge) { return edge->outbox_count == 0; }

static struct command_head *first_command(struct edge *edge) { return (void *)edge->outbox[edge->outbox_first].command; }

static void give_key(struct edge *edge, struct command_head *head)
{
    edge->last_key += 1;
    head->key_low = edge->last_key;
    head->key_middle = edge->index + 1;
    head->key_high = 1;
}

static void send_first(struct torture *torture, struct edge *edge)
{
    const struct command_head *head = first_command(edge);
    struct torture_message message = { .kind = MESSAGE_COMMAND,
                                       .edge = edge->index,
                                       .life = edge->life,
                                       .command_size = head->size,
                                       .command = malloc(head->size) };
    CHECK(message.command != NULL);
    memcpy(message.command, head, head->size);
    torture_send(torture, &message);
    int64_t wait_ms = RETRY_FIRST_MS << (edge->tries < 4 ? edge->tries : 4);
    wait_ms = wait_ms < RETRY_LONGEST_MS ? wait_ms : RETRY_LONGEST_MS;
    edge->tries += 1;
    edge->attempt += 1;
    edge->sending = true;
    torture_plan(torture, torture->now_us + wait_ms * US_PER_MS + torture_between_us(&edge->stream, 0, 1), HAPPENS_RETRY,
                 edge->index, edge->attempt);
}

void edge_put(struct torture *torture, struct edge *edge, const struct command_head *command, bool occurred)
{
    if (!edge_has_room(edge)) {
        return;
    }
    struct outgoing *outgoing = &edge->outbox[(edge->outbox_first + edge->outbox_count) % OUTBOX_MAX];
    CHECK(command->size <= sizeof outgoing->command);
    memcpy(outgoing->command, command, command->size);
    struct command_head *head = (void *)outgoing->command;
    head->occurred_at = occurred ? torture_wall(torture, edge->skew_us) : INSTANT_NONE;
    head->actor = edge->number;
    give_key(edge, head);
    edge->outbox_count += 1;
    if (edge->kind != EDGE_ADMINISTRATOR) { /* what the broken client may get hold of */
        torture->remembered[torture->remembered_count++ % REMEMBERED_MAX] = *outgoing;
    }
    if (edge->up && !edge->sending) {
        send_first(torture, edge);
    }
}

void edge_retry(struct torture *torture, struct edge *edge)
{
    if (edge->outbox_count > 0) {
        send_first(torture, edge);
    }
}

static void done_with_first(struct torture *torture, struct edge *edge)
{
    edge->outbox_first = (edge->outbox_first + 1) % OUTBOX_MAX;
    edge->outbox_count -= 1;
    edge->tries = 0;
    edge->sending = false;
    edge->attempt += 1;
    if (edge->outbox_count > 0) {
        send_first(torture, edge);
    }
}

/* Full tables and a centre that is not open yet are no last word. */
static bool comes_again(enum refusal refusal)
{
    return refusal == REFUSED_TABLE_FULL || refusal == REFUSED_OUTBOX_FULL || refusal == REFUSED_CENTRE_NOT_OPEN;
}

void edge_take_answer(struct torture *torture, const struct torture_message *message)
{
    struct edge *edge = &torture->edges[message->edge];
    struct command_head *head = edge->outbox_count > 0 ? first_command(edge) : NULL;
    if (head == NULL || head->key_low != message->key) {
        return; /* a late one */
    }
    if (message->answer != ANSWER_DONE || comes_again(message->result.refusal)) {
        return; /* the timer sends it again */
    }
    bool has_own_time = !instant_is_none(head->occurred_at);
    if (message->result.refusal == REFUSED_OCCURRED_IN_FUTURE && has_own_time) { /* its clock is wrong: the centre's has to do */
        head->occurred_at = INSTANT_NONE;
        give_key(edge, head);
        send_first(torture, edge);
        return;
    }
    bool accepted = message->result.refusal == REFUSED_NONE;
    if (accepted && message->result.sequence > edge->seen_sequence) {
        edge->seen_sequence = message->result.sequence;
    }
    if (edge->kind == EDGE_EXCHANGE) {
        exchange_done(torture, edge, head, &message->result);
    }
    done_with_first(torture, edge);
    if (accepted && edge_is_idle(edge)) {
        edge_look(torture, edge); /* what follows from it; who was refused thinks first */
    }
}

/* ---- looking ---- */

void edge_look(struct torture *torture, struct edge *edge)
{
    if (edge->kind < EDGE_SEAT || !edge->up) {
        return;
    }
    edge->looking = true;
    const struct torture_message message = { .kind = MESSAGE_LOOK, .edge = edge->index, .life = edge->life };
    torture_send(torture, &message);
}

void edge_take_sight(struct torture *torture, const struct torture_message *message)
{
    struct edge *edge = &torture->edges[message->edge];
    const struct sight *sight = message->sight;
    edge->looking = false;
    if (!edge_is_idle(edge) || sight->sequence < edge->seen_sequence) {
        return; /* it has said something that the sight does not know */
    }
    switch (edge->kind) {
    case EDGE_SEAT: seat_act(torture, edge, sight); return;
    case EDGE_CREW: crew_act(torture, edge, sight); return;
    case EDGE_HOSPITAL: hospital_act(torture, edge, sight); return;
    default: return;
    }
}

void edge_wake(struct torture *torture, struct edge *edge)
{
    plan_waking(torture, edge);
    switch (edge->kind) {
    case EDGE_ADMINISTRATOR: administrator_wake(torture, edge); return;
    case EDGE_EXCHANGE: exchange_wake(torture, edge); return;
    case EDGE_VEHICLES: vehicles_wake(torture, edge); return;
    case EDGE_BROKEN: broken_wake(torture, edge); return;
    case EDGE_CREW: crew_wake(torture, edge); break;
    case EDGE_HOSPITAL: hospital_wake(torture, edge); break;
    default: break;
    }
    bool lost_patience = torture_chance(&edge->stream, 1.0 / LOOK_VOID_S);
    if (edge_is_idle(edge) && (!edge->looking || lost_patience)) {
        edge_look(torture, edge);
    }
}

/* ---- crashing ---- */

void edge_crash(struct torture *torture, struct edge *edge, int64_t down_us)
{
    static const enum torture_figure figures[EDGE_KIND_COUNT] = {
        [EDGE_ADMINISTRATOR] = FIGURE_GATEWAY_CRASHED,
        [EDGE_EXCHANGE] = FIGURE_GATEWAY_CRASHED,
        [EDGE_VEHICLES] = FIGURE_GATEWAY_CRASHED,
        [EDGE_BROKEN] = FIGURE_GATEWAY_CRASHED,
        [EDGE_SEAT] = FIGURE_SEAT_CRASHED,
        [EDGE_CREW] = FIGURE_CREW_CRASHED,
        [EDGE_HOSPITAL] = FIGURE_HOSPITAL_CRASHED,
    };
    char name[24];
    if (!edge->up) {
        return;
    }
    torture_note(torture, "%s crashes", edge_name(edge, name));
    torture_count(torture, figures[edge->kind]);
    edge->up = edge->sending = edge->looking = edge->transports = edge->described = false;
    edge->life += 1;
    edge->attempt += 1;
    edge->tries = edge->mission = edge->stage = 0;
    edge->press_at_us = edge->facility_asked_us = edge->next_round_us = 0;
    torture_plan(torture, torture->now_us + down_us, HAPPENS_EDGE_UP, edge->index, edge->life);
}

void edge_up(struct torture *torture, struct edge *edge)
{
    edge->up = true;
    plan_waking(torture, edge);
    edge_retry(torture, edge);
}
