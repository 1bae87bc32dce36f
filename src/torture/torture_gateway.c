/* The administrator, the telephone exchange, the vehicles' gateway, and a client that is broken: it sends what others have sent,
 * with bytes changed, and never asks what became of it. */
#include <stdlib.h>
#include <string.h>

#include "torture/torture_private.h"

enum { MEAN_CALL_S = 60, FLOOD_CALL_S = 3, HEAD_SIZE = sizeof(struct command_head) };

/* ---- the administrator ---- */

enum { POLICY_SIZE = sizeof(struct command_policy_set) + PRIORITY_COUNT * sizeof(struct priority_rule) };

/* Limits short enough for every alarm to be raised in an hour. */
static void set_policy(struct torture *torture, struct edge *edge, uint32_t variant)
{
    _Alignas(8) unsigned char bytes[POLICY_SIZE];
    struct command_policy_set *command = (void *)bytes;
    *command = (struct command_policy_set){ .head = { .kind = COMMAND_POLICY_SET,
                                                      .version = COMMAND_POLICY_SET_VERSION,
                                                      .actor_kind = ACTOR_KIND_ADMIN,
                                                      .size = POLICY_SIZE },
                                            .divert_gain_min = duration_seconds(30),
                                            .position_age_step_ms = 30000,
                                            .ring_limit_s = 20,
                                            .call_back_limit_s = 60,
                                            .travel_times_limit_s = 10 + 5 * (variant % 3),
                                            .decision_limit_s = 60,
                                            .acknowledge_limit_s = 60,
                                            .depart_limit_s = 120,
                                            .scene_limit_s = 600,
                                            .unit_silent_limit_s = 180,
                                            .beds_stale_limit_s = 1800,
                                            .prealert_limit_s = 120,
                                            .count = PRIORITY_COUNT,
                                            .divert_matrix = (uint16_t)(variant % 2 == 0 ? 0x000e : 0x00ce),
                                            .queue_rule = (uint8_t)(variant / 2 % 2),
                                            .destination_rule = (uint8_t)(variant / 4 % 2),
                                            .returning_waits = (uint8_t)(variant / 8 % 2),
                                            .beds_required = (uint8_t)(variant / 16 % 2) };
    for (uint8_t i = 0; i < PRIORITY_COUNT; i++) {
        command->items[i] = (struct priority_rule){ .priority = i, .response_target = { (480 + 240 * i) * US_PER_SECOND } };
    }
    edge_put(torture, edge, &command->head, false);
}

enum {
    PROTOCOL_STEPS = 3,
    PROTOCOL_ANSWERS = 2 * PROTOCOL_STEPS,
    PROTOCOL_SIZE = sizeof(struct command_protocol_load) + PROTOCOL_ANSWERS * sizeof(struct protocol_answer)
};

/* Three questions with two answers each: on, or to the end. */
static void load_protocol(struct torture *torture, struct edge *edge, uint32_t version)
{
    _Alignas(8) unsigned char bytes[PROTOCOL_SIZE];
    struct command_protocol_load *command = (void *)bytes;
    *command = (struct command_protocol_load){ .head = { .kind = COMMAND_PROTOCOL_LOAD,
                                                         .version = COMMAND_PROTOCOL_LOAD_VERSION,
                                                         .actor_kind = ACTOR_KIND_ADMIN,
                                                         .size = PROTOCOL_SIZE },
                                               .fingerprint = version,
                                               .protocol = 1,
                                               .version = version,
                                               .entry = 1,
                                               .count = PROTOCOL_ANSWERS };
    for (uint8_t i = 0; i < PROTOCOL_ANSWERS; i++) {
        uint8_t step = (uint8_t)(1 + i / 2);
        command->items[i] = (struct protocol_answer){ .step = step,
                                                      .answer = (uint8_t)(1 + i % 2),
                                                      .to_step = (uint8_t)(i % 2 == 0 && step < PROTOCOL_STEPS ? step + 1 : 0),
                                                      .needs = i == 0 ? NEED_ADVANCED : NEED_BASIC,
                                                      .effect = i % 2 == 0 ? PRIORITY_EFFECT_RAISE : PRIORITY_EFFECT_SET,
                                                      .priority = (uint8_t)(i % PRIORITY_COUNT),
                                                      .units = 1,
                                                      .ready = (uint8_t)(i % 2) };
    }
    edge_put(torture, edge, &command->head, false);
}

void administrator_open(struct torture *torture, struct edge *edge)
{
    EDGE_PUT(torture, edge, false, CENTRE_OPEN, centre_open, ADMIN, .city_fingerprint = city_fingerprint(torture->city),
             .policy_version = torture->setup.policy->version);
    set_policy(torture, edge, 0);
    load_protocol(torture, edge, 1);
    for (uint32_t i = 1; i <= POSTS; i++) {
        EDGE_PUT(torture, edge, false, POST_ADD, post_add, ADMIN, .point = torture_place(&edge->stream), .external = i);
    }
    for (uint32_t i = 1; i <= UNITS; i++) {
        EDGE_PUT(torture, edge, false, UNIT_ADD, unit_add, ADMIN, .post = { 1 + i % POSTS }, .external = i,
                 .skills = i % 3 == 0 ? NEED_BASIC : NEED_BASIC | NEED_ADVANCED);
    }
    for (uint32_t i = 1; i <= HOSPITALS; i++) {
        EDGE_PUT(torture, edge, false, FACILITY_ADD, facility_add, ADMIN, .point = torture_place(&edge->stream), .external = i,
                 .capabilities = NEED_CHEST_PAIN | NEED_TRAUMA, .tier = (uint8_t)(i % TIER_COUNT));
    }
    edge->next_round_us = US_PER_HOUR / 6;
}

void administrator_wake(struct torture *torture, struct edge *edge)
{
    struct random_stream *stream = &edge->stream;
    if (torture->calm || !edge_is_idle(edge) || torture->now_us < edge->next_round_us) {
        return;
    }
    edge->next_round_us = torture->now_us + torture_between_us(stream, 300, 1800);
    switch (torture_below(stream, 4)) {
    case 0: set_policy(torture, edge, torture_below(stream, 32)); return;
    case 1: load_protocol(torture, edge, 2 + edge->last_key); return;
    case 2:
        EDGE_PUT(torture, edge, false, UNIT_MOVE, unit_move, ADMIN, .unit = { 1 + torture_below(stream, UNITS) },
                 .post = { 1 + torture_below(stream, POSTS) });
        return;
    default:
        EDGE_PUT(torture, edge, false, POST_CHANGE, post_change, ADMIN, .post = { 1 + torture_below(stream, POSTS) },
                 .point = torture_place(stream));
    }
}

/* ---- the exchange ---- */

/* Called about once a second. */
void exchange_wake(struct torture *torture, struct edge *edge)
{
    bool flood = torture->now_us < torture->flood_until_us;
    if (torture->calm || edge->outbox_count > OUTBOX_MAX / 2 || torture->now_us < US_PER_MINUTE) {
        return;
    }
    if (torture_chance(&edge->stream, 1.0 / (flood ? FLOOD_CALL_S : MEAN_CALL_S))) {
        EDGE_PUT(torture, edge, true, CALL_OFFER, call_offer, SYSTEM, .caller = random_u64(&edge->stream),
                 .external = edge->last_key);
    }
}

/* Some hang up before anybody answers. */
void exchange_done(struct torture *torture, struct edge *edge, const struct command_head *command,
                   const struct step_result *result)
{
    if (command->kind == COMMAND_CALL_OFFER && result->refusal == REFUSED_NONE && torture_chance(&edge->stream, 0.08)) {
        EDGE_PUT(torture, edge, true, CALL_ABANDON, call_abandon, SYSTEM, .call = { result->made });
    }
}

/* ---- vehicles ---- */

void vehicles_wake(struct torture *torture, struct edge *edge)
{
    struct random_stream *stream = &edge->stream;
    if (torture->now_us < edge->next_round_us || edge->outbox_count > 4) {
        return;
    }
    edge->next_round_us = torture->now_us + 20 * US_PER_SECOND;
    _Alignas(8) unsigned char bytes[sizeof(struct command_units_position) + UNITS * sizeof(struct fix)];
    struct command_units_position *command = (void *)bytes;
    *command = (struct command_units_position){
        .head = { .kind = COMMAND_UNITS_POSITION, .version = COMMAND_UNITS_POSITION_VERSION, .actor_kind = ACTOR_KIND_SYSTEM }
    };
    for (uint32_t id = 1; id <= UNITS; id++) {
        if (torture_chance(stream, 0.8)) { /* some of them old: a terminal had no network */
            int64_t age_us = torture_chance(stream, 0.1) ? torture_between_us(stream, 0, 600) : 0;
            command->items[command->count++] = (struct fix){ .unit = { id },
                                                             .point = torture_place(stream),
                                                             .occurred_at = torture_wall(torture, edge->skew_us - age_us) };
        }
    }
    command->head.size = (uint32_t)(sizeof *command + command->count * sizeof command->items[0]);
    edge_put(torture, edge, &command->head, false);
}

/* ---- the broken client ---- */

static bool is_administrators_alone(const struct command_head *head)
{
    const struct schema_kind *kind = command_kind(head->kind);
    return kind != NULL && kind->actors == 1U << ACTOR_KIND_ADMIN;
}

/* It may be accepted: then it is a command like any other. What would change the centre itself is left out, so that the run does
 * not come to nothing. */
void broken_wake(struct torture *torture, struct edge *edge)
{
    struct random_stream *stream = &edge->stream;
    uint32_t known = torture->remembered_count < REMEMBERED_MAX ? torture->remembered_count : REMEMBERED_MAX;
    if (torture->calm || known == 0) {
        return;
    }
    struct outgoing nonsense = torture->remembered[torture_below(stream, known)];
    struct command_head *head = (void *)nonsense.command;
    unsigned char *bytes = (void *)nonsense.command;
    uint32_t size = head->size;
    for (uint32_t changes = torture_below(stream, 4); changes > 0; changes--) {
        bool in_head = size == HEAD_SIZE || torture_chance(stream, 0.3);
        bytes[in_head ? torture_below(stream, HEAD_SIZE) : HEAD_SIZE + torture_below(stream, size - HEAD_SIZE)] = (unsigned char)
            torture_below(stream, 256);
    }
    head->size = size;
    head->key_low = ++edge->last_key;
    head->key_middle = edge->index + 1;
    head->key_high = 1;
    if (is_administrators_alone(head)) {
        return;
    }
    struct torture_message message = {
        .kind = MESSAGE_COMMAND, .edge = edge->index, .life = edge->life, .command_size = size, .command = malloc(size)
    };
    CHECK(message.command != NULL);
    memcpy(message.command, nonsense.command, size);
    torture_count(torture, FIGURE_NONSENSE);
    torture_send(torture, &message);
}
