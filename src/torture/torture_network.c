/* The network: every message is late by a little; some are lost, doubled, or so late that others overtake them. Between the
 * centre's process and its road workers, which are threads of the same machine, nothing is doubled, but an answer can stay
 * away. */
#include <stdlib.h>
#include <string.h>

#include "torture/torture_private.h"

/* ---- the pool ---- */

static uint32_t take_place(struct torture *torture)
{
    struct message_vec *messages = &torture->messages;
    for (uint32_t i = 0; i < messages->count; i++) {
        if (!messages->items[i].used) {
            return i;
        }
    }
    CHECK(vec_push(messages, (struct torture_message){ .used = false }));
    return (uint32_t)messages->count - 1;
}

static void *copy_of(const void *bytes, size_t size)
{
    if (bytes == NULL) {
        return NULL;
    }
    void *copy = malloc(size);
    CHECK(copy != NULL);
    memcpy(copy, bytes, size);
    return copy;
}

static void free_message(struct torture_message *message)
{
    free(message->command);
    free(message->sight);
    *message = (struct torture_message){ .used = false };
}

void torture_messages_free(struct torture *torture)
{
    for (size_t i = 0; i < torture->messages.count; i++) {
        free_message(&torture->messages.items[i]);
    }
    vec_free(&torture->messages);
}

/* ---- sending ---- */

static int64_t delay_us(struct torture *torture, bool storm)
{
    struct random_stream *stream = &torture->streams[STREAM_NETWORK];
    int64_t usual_us = (int64_t)(random_exponential(stream, storm ? 2.0 : 0.06) * 1e6) + 2000;
    return !torture->calm && torture_chance(stream, 0.01) ? usual_us + torture_between_us(stream, 1, 40) : usual_us;
}

void torture_post(struct torture *torture, const struct torture_message *message, int64_t after_us)
{
    uint32_t place = take_place(torture);
    torture->messages.items[place] = *message;
    torture->messages.items[place].used = true;
    torture_plan(torture, torture->now_us + after_us, HAPPENS_ARRIVAL, place, 0);
}

static bool is_from_edge(const struct torture_message *message)
{
    return message->kind == MESSAGE_COMMAND || message->kind == MESSAGE_LOOK;
}

void torture_send(struct torture *torture, const struct torture_message *message)
{
    struct random_stream *stream = &torture->streams[STREAM_NETWORK];
    struct torture_message first = *message;
    bool storm = torture->now_us < torture->storm_until_us;
    bool cut_off = torture->now_us < torture->edges[message->edge].cut_off_until_us;
    first.number = ++torture->messages_sent;
    if (!torture->calm && (cut_off || torture_chance(stream, storm ? 0.3 : 0.02))) {
        torture_count(torture, FIGURE_LOST);
        free_message(&first);
        return;
    }
    if (!torture->calm && torture_chance(stream, storm ? 0.25 : 0.02)) {
        struct torture_message second = first;
        second.command = copy_of(first.command, first.command_size);
        second.sight = copy_of(first.sight, sizeof *first.sight);
        torture_count(torture, FIGURE_DOUBLED);
        torture_post(torture, &second, delay_us(torture, true));
    }
    torture_post(torture, &first, delay_us(torture, storm));
}

/* ---- arriving ---- */

static void note_order(struct torture *torture, const struct torture_message *message)
{
    uint64_t *arrived = &torture->arrived[2 * message->edge + is_from_edge(message)];
    if (message->number < *arrived) {
        torture_count(torture, FIGURE_OVERTAKEN);
    } else {
        *arrived = message->number;
    }
}

void torture_arrive(struct torture *torture, uint32_t place)
{
    struct torture_message message = torture->messages.items[place];
    torture->messages.items[place] = (struct torture_message){ .used = false };
    struct edge *edge = &torture->edges[message.edge];
    if (message.kind != MESSAGE_ROADS) {
        note_order(torture, &message);
    }
    if (message.kind == MESSAGE_ROADS || is_from_edge(&message)) {
        process_take(torture, &message);
    } else if (edge->up && edge->life == message.life) {
        switch (message.kind) {
        case MESSAGE_ANSWER: edge_take_answer(torture, &message); break;
        case MESSAGE_SIGHT: edge_take_sight(torture, &message); break;
        default: edge_look(torture, edge); break;
        }
    }
    free_message(&message);
}
