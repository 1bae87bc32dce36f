/* The centre's process: started, driven turn by turn, killed. What stands between its edges and itself is as thin as can be: a
 * command goes into the queue as the API would put it there, its answer goes back as a message. */
#include <stdlib.h>
#include <string.h>

#include "torture/torture_private.h"

enum { RESTART_LEAST_MS = 300, RESTART_MOST_MS = 4000, TURNS_AT_ONCE_MAX = 1000 };

/* ---- requests ---- */

static struct torture_request *begin_request(struct torture *torture, const struct torture_message *message)
{
    const struct command_head *head = message->command;
    struct torture_process *process = &torture->process;
    struct torture_request *request = calloc(1, sizeof *request);
    CHECK(request != NULL);
    *request = (struct torture_request){ .torture = torture,
                                         .edge = message->edge,
                                         .life = message->life,
                                         .key = head->key_low,
                                         .kind = head->kind,
                                         .next = process->requests,
                                         .link = &process->requests };
    if (request->next != NULL) {
        request->next->link = &request->next;
    }
    process->requests = request;
    return request;
}

static void end_request(struct torture_request *request)
{
    *request->link = request->next;
    if (request->next != NULL) {
        request->next->link = request->link;
    }
    free(request);
}

static void answer_edge(struct torture *torture, const struct torture_request *request, enum answer_kind kind,
                        const struct step_result *result)
{
    struct torture_message answer = {
        .kind = MESSAGE_ANSWER, .edge = request->edge, .life = request->life, .key = request->key, .answer = kind
    };
    if (result != NULL) {
        answer.result = *result;
    }
    torture_send(torture, &answer);
}

static void note_answer(struct torture *torture, const struct torture_request *request, const struct centre_answer *answer)
{
    char name[24];
    const struct schema_kind *kind = command_kind(request->kind);
    const char *command = kind != NULL ? kind->name : "nonsense";
    edge_name(&torture->edges[request->edge], name);
    if (answer->outcome == CENTRE_NOT_DURABLE) {
        torture_note(torture, "%s: %s %u: not durable", name, command, request->key);
    } else if (answer->result.refusal != REFUSED_NONE) {
        torture_note(torture, "%s: %s %u: refused, %s", name, command, request->key, refusal_name(answer->result.refusal));
    } else {
        torture_note(torture, "%s: %s %u: entry %llu%s", name, command, request->key, (unsigned long long)answer->result.sequence,
                     answer->result.repeated ? ", again" : "");
    }
}

static void answered(void *context, const struct centre_answer *answer)
{
    struct torture_request *request = context;
    struct torture *torture = request->torture;
    note_answer(torture, request, answer);
    check_answer(torture, request, answer);
    torture->process.answers += 1;
    if (answer->outcome == CENTRE_NOT_DURABLE) {
        torture_count(torture, FIGURE_NOT_DURABLE);
        answer_edge(torture, request, ANSWER_NOT_DURABLE, NULL);
    } else {
        torture->process.refusals += answer->result.refusal != REFUSED_NONE;
        torture_count(torture, answer->result.refusal != REFUSED_NONE ? FIGURE_REFUSED : FIGURE_ACCEPTED);
        answer_edge(torture, request, ANSWER_DONE, &answer->result);
    }
    end_request(request);
}

static void show(struct torture *torture, const struct torture_message *message)
{
    struct torture_message answer = { .kind = MESSAGE_SIGHT, .edge = message->edge, .life = message->life };
    answer.sight = malloc(sizeof *answer.sight);
    CHECK(answer.sight != NULL);
    sight_fill(centre_core(torture->process.centre), &torture->edges[message->edge], clock_now(torture->process.clock),
               answer.sight);
    torture_send(torture, &answer);
}

void process_take(struct torture *torture, const struct torture_message *message)
{
    struct torture_process *process = &torture->process;
    if (process->centre == NULL) {
        return; /* nobody listens: the sender learns it by waiting */
    }
    if (message->kind == MESSAGE_LOOK) {
        show(torture, message);
        return;
    }
    process->next_turn_us = torture->now_us;
    if (message->kind == MESSAGE_ROADS) {
        if (message->life == process->generation) {
            centre_take_road_answer(process->centre, message->command);
        }
        return;
    }
    torture_count(torture, FIGURE_COMMANDS);
    struct torture_request *request = begin_request(torture, message);
    if (centre_submit(process->centre, message->command, answered, request) != CENTRE_TAKEN) {
        torture_count(torture, FIGURE_NOT_READY);
        answer_edge(torture, request, ANSWER_NOT_READY, NULL);
        end_request(request);
    }
}

/* ---- the roads ---- */

static void vary(struct torture *torture, struct duration *eta)
{
    eta->us = (int64_t)((double)eta->us * (0.7 + random_uniform(&torture->streams[STREAM_ROADS])));
}

/* As along straight lines, more or less; some answers come late, some never. */
static bool ask_roads(void *context, const struct road_question *question)
{
    struct torture *torture = context;
    struct random_stream *stream = &torture->streams[STREAM_ROADS];
    bool silent = torture->now_us < torture->roads_silent_until_us || torture_chance(stream, 0.02);
    if (!torture->calm && silent) {
        torture_count(torture, FIGURE_ROADS_SILENT);
        return true;
    }
    struct torture_message message = { .kind = MESSAGE_ROADS, .life = torture->process.generation };
    struct command_head *head = malloc(COMMAND_SIZE_MAX);
    CHECK(head != NULL);
    road_estimate(question, torture->setup.estimate_speed, head);
    for (uint32_t i = 0; i < question->count; i++) {
        if (question->kind == ROAD_ASK_UNITS) {
            vary(torture, &((struct command_travel_times *)head)->items[i].eta);
        } else {
            vary(torture, &((struct command_facility_times *)head)->items[i].eta);
        }
    }
    message.command = head;
    message.command_size = head->size;
    bool late = !torture->calm && torture_chance(stream, 0.03);
    torture_post(torture, &message, torture_between_us(stream, 0.02, late ? 60 : 0.8));
    return true;
}

/* ---- what leaves the centre ---- */

static void tell(struct torture *torture, uint32_t edge)
{
    const struct torture_message news = { .kind = MESSAGE_NEWS, .edge = edge, .life = torture->edges[edge].life };
    torture_send(torture, &news);
}

static void take_effect(void *context, const struct effect *effect)
{
    struct torture *torture = context;
    const struct core *core = centre_core(torture->process.centre);
    check_effect(torture, effect);
    if (effect->kind == EFFECT_ORDER_UNIT || effect->kind == EFFECT_STAND_DOWN) {
        const struct mission *mission = core_mission(core, (struct mission_id){ effect->subject });
        if (mission != NULL) {
            tell(torture, 4 + SEATS + mission->unit.v - 1);
        }
    } else {
        tell(torture, 4 + effect->subject % SEATS);
    }
}

/* ---- starting and dying ---- */

static void plan_start(struct torture *torture)
{
    struct random_stream *stream = &torture->streams[STREAM_FAULTS];
    torture_plan(torture, torture->now_us + torture_between_us(stream, RESTART_LEAST_MS / 1e3, RESTART_MOST_MS / 1e3),
                 HAPPENS_CENTRE_START, 0, torture->process.generation);
}

void process_start(struct torture *torture)
{
    struct torture_process *process = &torture->process;
    const struct centre_source source = { torture, torture_store_open, torture_store_set_final, ask_roads };
    struct error error = { .text = "" };
    clock_destroy(process->clock);
    process->clock = clock_create_by_hand(&torture->hands);
    torture->setup.clock = process->clock;
    torture->store.killed = false;
    process->generation += 1;
    enum status status = centre_create_by_hand(&torture->setup, &source, &process->centre, &error);
    const char *what = strstr(error.text, "journal.db"); /* without the folder, which is another one each time */
    what = what != NULL ? what : error.text;
    if (status == STATUS_CORRUPT) {
        torture_broken(torture, "the journal is damaged", "%s", what);
    }
    if (status != STATUS_OK) {
        process->centre = NULL;
        torture_count(torture, FIGURE_START_FAILED);
        torture_note(torture, "the centre does not start: %s", what);
        plan_start(torture);
        return;
    }
    torture_note(torture, "the centre has started at entry %llu",
                 (unsigned long long)centre_core(process->centre)->head->sequence);
    torture_count(torture, FIGURE_RECOVERIES);
    centre_observe(process->centre, check_entry, torture);
    centre_observe_effects(process->centre, take_effect, torture);
    process->next_turn_us = torture->now_us;
    process->hash_sequence = 0;
    check_after_start(torture);
}

/* Its memory is gone, and with it what was not delivered. */
static void forget_process(struct torture *torture)
{
    struct torture_process *process = &torture->process;
    centre_destroy(process->centre);
    process->centre = NULL;
    while (process->requests != NULL) {
        end_request(process->requests);
    }
}

void process_kill(struct torture *torture, bool power, const char *why)
{
    if (torture->process.centre == NULL) {
        return;
    }
    torture_note(torture, "%s", why);
    torture_store_let_die(torture);
    forget_process(torture);
    if (power) {
        torture_store_cut_power(torture);
    }
    torture_store_be_reborn(torture);
    plan_start(torture);
}

/* As at an upgrade: what waits is done, the state is written, the journal closed. */
void process_stop(struct torture *torture)
{
    struct torture_process *process = &torture->process;
    if (process->centre == NULL) {
        return;
    }
    torture_note(torture, "the centre is stopped");
    centre_drain(process->centre);
    centre_end(process->centre);
    if (torture->store.killed) {
        torture_store_let_die(torture);
    } else {
        centre_deliver(process->centre);
        check_after_turn(torture, false);
    }
    forget_process(torture);
    torture_store_be_reborn(torture);
    plan_start(torture);
}

/* ---- a turn ---- */

void process_turn(struct torture *torture)
{
    struct torture_process *process = &torture->process;
    process->answers = process->refusals = 0;
    int64_t sleep_us = centre_turn(process->centre);
    if (torture->store.killed) {
        process_kill(torture, torture_chance(&torture->streams[STREAM_FAULTS], 0.5), "the process is gone");
        return;
    }
    centre_deliver(process->centre);
    check_after_turn(torture, sleep_us > 0);
    bool stands_still = sleep_us == 0 && process->next_turn_us == torture->now_us;
    process->turns_at_once = stands_still ? process->turns_at_once + 1 : 0;
    if (process->turns_at_once > TURNS_AT_ONCE_MAX) {
        torture_broken(torture, "the centre does not come to rest", "%d turns at one instant", (int)TURNS_AT_ONCE_MAX);
    }
    process->next_turn_us = torture->now_us + sleep_us;
}
