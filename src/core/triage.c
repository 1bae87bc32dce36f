/* Triage by protocols: which question stands, and what follows from the answers so far. The core knows a protocol as numbers;
 * what is said to callers, and in which language, is the host's (schema: protocol_load).
 *
 * A call has one question standing. An answer leads to the next, and may change the proposal: priority, needs, units, ready to
 * send. Until the call is an incident the proposal is only shown: a person decides with call_triage, and may decide otherwise.
 * Once the call belongs to an open incident, what an answer changes in the proposal is done to the incident at once:
 *   - a proposal that rises may raise the priority, one that falls may lower it, the first one may do either;
 *   - only the call that opened the incident lowers it: never below what a person set (by hand, or by opening it otherwise than
 *     proposed), nor below what another call of the incident proposes. A person may lower it below all of them;
 *   - a call that is linked brings what it proposes by then, which raises the priority or does nothing;
 *   - needs are added and units asked for, never taken back: a person alone stands down who is on the way.
 * Clocks: every clock of an incident runs on from where it began (the response from the first ring, the wait in the queue from
 * when it was queued). A new priority changes the target and the place in the queue, and never sets a clock back.
 *
 * An answer can be withdrawn, also after it had led to another protocol. Its marks and what it proposed are undone; the priority
 * of an open incident follows the proposal again. A new version of a protocol takes the place of the old one at once: a triage
 * that stands at a step of the old one is told "protocol_changed" and begins again with triage_begin; what was answered until
 * then still counts.
 *
 * Workload: two commands a second in the worst hour of a large city; loading is rare. */
#include <string.h>

#include "core/entities.h"

/* ---- protocols ---- */

/* Steps and answers are numbered from 1 without gaps, and what leads to a step of this protocol leads to one that is there. A
 * step of another protocol is looked for when an answer leads there, because that one may be loaded later. */
static bool protocol_is_sound(const struct command_protocol_load *command)
{
    if (command->count == 0 || command->count > STEPS_A_PROTOCOL_MAX * ANSWERS_A_STEP_MAX) {
        return false;
    }
    uint8_t steps = command->items[command->count - 1].step;
    uint8_t step = 0, answer = 0;
    for (uint32_t i = 0; i < command->count; i++) {
        const struct protocol_answer *item = &command->items[i];
        bool same_step = item->step == step && item->answer == answer + 1;
        bool next_step = item->step == step + 1 && item->answer == 1;
        bool leaves = item->to_protocol != 0 && item->to_protocol != command->protocol;
        if ((!same_step && !next_step) || (!leaves && item->to_step > steps)) {
            return false;
        }
        step = item->step;
        answer = item->answer;
    }
    return command->entry <= steps;
}

DECIDE(protocol_load)
{
    const struct core_head *head = decision->core->head;
    if (!head->opened) {
        return REFUSED_CENTRE_NOT_OPEN;
    }
    if (!protocol_is_sound(command)) {
        return REFUSED_MALFORMED;
    }
    const struct protocol *old = core_protocol(decision->core, command->protocol);
    if (old != NULL && old->version == command->version && old->fingerprint == command->fingerprint) {
        return REFUSED_PROTOCOL_HELD;
    }
    if (old != NULL && command->version < old->version && !head->drill) {
        return REFUSED_PROTOCOL_OLDER; /* an old package, put back by whoever can: words come back under a higher version */
    }
    uint32_t answers_kept = head->protocol_answer_count - (old != NULL ? old->answer_count : 0);
    bool slots_full = old == NULL && head->protocol_count == head->limits.protocols;
    if (slots_full || command->count > head->limits.protocol_answers - answers_kept) {
        return REFUSED_TABLE_FULL;
    }
    uint32_t list_size = command->count * (uint32_t)sizeof command->items[0];
    struct event_protocol_loaded *event = decision_emit(decision, EVENT_PROTOCOL_LOADED, sizeof *event, list_size);
    event->fingerprint = command->fingerprint;
    event->protocol = command->protocol;
    event->version = command->version;
    event->entry = command->entry;
    event->count = command->count;
    memcpy(event->items, command->items, list_size);
    return REFUSED_NONE;
}

/* Takes a protocol out; those behind it move up. */
static void forget_protocol(struct core *core, const struct protocol *protocol)
{
    struct core_head *head = core->head;
    const struct protocol old = *protocol;
    uint32_t index = (uint32_t)(protocol - core->protocols);
    uint32_t answers_behind = head->protocol_answer_count - old.answer_first - old.answer_count;
    struct protocol_answer *answers = &core->protocol_answers[old.answer_first];
    memmove(answers, answers + old.answer_count, answers_behind * sizeof *answers);
    memset(answers + answers_behind, 0, old.answer_count * sizeof *answers);
    memmove(&core->protocols[index], &core->protocols[index + 1], (head->protocol_count - index - 1) * sizeof *core->protocols);
    head->protocol_count -= 1;
    head->protocol_answer_count -= old.answer_count;
    core->protocols[head->protocol_count] = (struct protocol){ 0 };
    for (uint32_t i = index; i < head->protocol_count; i++) {
        core->protocols[i].answer_first -= old.answer_count;
    }
}

APPLY(protocol_loaded)
{
    (void)entry;
    struct core_head *head = core->head;
    const struct protocol *old = core_protocol(core, event->protocol);
    if (old != NULL) {
        forget_protocol(core, old);
    }
    CHECK(head->protocol_count < head->limits.protocols);
    CHECK(event->count > 0 && event->count <= head->limits.protocol_answers - head->protocol_answer_count);
    head->protocols_loaded += 1;
    core->protocols[head->protocol_count] = (struct protocol){ .fingerprint = event->fingerprint,
                                                               .number = event->protocol,
                                                               .version = event->version,
                                                               .load = head->protocols_loaded,
                                                               .answer_first = head->protocol_answer_count,
                                                               .answer_count = (uint16_t)event->count,
                                                               .entry = event->entry,
                                                               .step_count = event->items[event->count - 1].step };
    memcpy(&core->protocol_answers[head->protocol_answer_count], event->items, event->count * sizeof event->items[0]);
    head->protocol_count += 1;
    head->protocol_answer_count += event->count;
}

static const struct protocol_answer *find_answer(const struct core *core, const struct protocol *protocol, uint8_t step,
                                                 uint8_t answer)
{
    const struct protocol_answer *answers = &core->protocol_answers[protocol->answer_first];
    for (uint32_t i = 0; i < protocol->answer_count; i++) {
        if (answers[i].step == step && answers[i].answer == answer) {
            return &answers[i];
        }
    }
    return NULL;
}

/* ---- what follows from answers ---- */

static const struct proposal NOTHING_PROPOSED = { .priority = PRIORITY_NON_URGENT, .units_wanted = 1 };

static struct proposal propose(const struct proposal *before, const struct protocol_answer *answer)
{
    struct proposal after = *before;
    after.needs |= answer->needs;
    after.marks |= answer->marks;
    after.ready |= answer->ready;
    after.units_wanted = answer->units > before->units_wanted ? answer->units : before->units_wanted;
    bool more_urgent = !before->priority_known || answer->priority < before->priority;
    if (answer->effect == PRIORITY_EFFECT_SET || (answer->effect == PRIORITY_EFFECT_RAISE && more_urgent)) {
        after.priority = answer->priority;
        after.priority_known = 1;
    }
    return after;
}

/* The incident that the call belongs to, as long as it is open. */
static const struct incident *open_incident(const struct core *core, const struct call *call)
{
    const struct incident *incident = core_incident(core, call->incident);
    return incident != NULL && incident->state != INCIDENT_STATE_CLOSED ? incident : NULL;
}

/* How far the priority may fall: to what a person set, and to what each other call of the incident proposes. Walks the table of
 * calls: an answer that lowers is rare. */
static uint8_t least_urgent_allowed(const struct core *core, const struct incident *incident, const struct call *except)
{
    uint8_t least = incident->is_set_by_person ? incident->priority_by_person : PRIORITY_COUNT - 1;
    for (uint32_t slot = 0; slot < core->head->limits.calls; slot++) {
        const struct call *call = &core->calls[slot];
        const struct proposal *proposal = &call->triage.proposal;
        bool tells = call->id != 0 && call != except && call->incident.v == incident->id && proposal->priority_known;
        if (tells && proposal->priority < least) {
            least = proposal->priority;
        }
    }
    return least;
}

/* The incident's priority after the proposal of one of its calls has changed. */
static uint8_t priority_that_follows(const struct core *core, const struct incident *incident, const struct call *call,
                                     const struct proposal *before, const struct proposal *after)
{
    bool rose = !before->priority_known || after->priority < before->priority;
    bool fell = !before->priority_known || after->priority > before->priority;
    if (!after->priority_known) {
        return incident->priority;
    }
    if (rose && after->priority < incident->priority) {
        return after->priority;
    }
    if (!fell || after->priority <= incident->priority || incident->call.v != call->id) {
        return incident->priority;
    }
    uint8_t least = least_urgent_allowed(core, incident, call);
    uint8_t lowered = after->priority < least ? after->priority : least;
    return lowered > incident->priority ? lowered : incident->priority;
}

/* What has changed in the proposal is done to the incident. */
static void decide_effect(struct decision *decision, const struct incident *incident, const struct call *call,
                          const struct proposal *before, const struct proposal *after)
{
    struct incident_id id = { incident->id };
    uint8_t priority = priority_that_follows(decision->core, incident, call, before, after);
    if (priority != incident->priority) {
        struct event_incident_prioritised *event = EMIT(decision, INCIDENT_PRIORITISED, incident_prioritised);
        event->incident = id;
        event->before = incident->priority;
        event->after = priority;
    }
    uint32_t added = after->needs & ~before->needs & ~incident->needs;
    bool grown = after->units_wanted > before->units_wanted && after->units_wanted > incident->units_wanted;
    uint32_t more = grown ? (uint32_t)after->units_wanted - incident->units_wanted : 0;
    if (added != 0 || more != 0) {
        struct event_units_requested *event = EMIT(decision, UNITS_REQUESTED, units_requested);
        event->incident = id;
        event->needs = incident->needs | added;
        event->more = (uint8_t)more;
    }
    bool misses_others = incident_missing(incident) > 0 && (added & NEEDS_OF_UNITS) != 0;
    bool overtakes = priority < incident->priority && incident->state == INCIDENT_STATE_QUEUED;
    if (more != 0 || misses_others || overtakes) {
        decide_consider(decision, incident, incident->needs | added, (enum priority)priority, (struct unit_id){ 0 });
    }
}

static void decide_open_effect(struct decision *decision, const struct call *call, const struct proposal *before,
                               const struct proposal *after)
{
    const struct incident *incident = open_incident(decision->core, call);
    if (incident != NULL) {
        decide_effect(decision, incident, call, before, after);
    }
}

/* Its marks go by call_linked itself. */
void decide_linked(struct decision *decision, const struct call *call, const struct incident *incident)
{
    if (call->triage.protocol != 0) {
        decide_effect(decision, incident, call, &NOTHING_PROPOSED, &call->triage.proposal);
    }
}

static void emit_proposed(struct decision *decision, struct call_id call, const struct proposal *before,
                          const struct proposal *after)
{
    bool same = before->needs == after->needs && before->priority == after->priority && before->ready == after->ready &&
                before->priority_known == after->priority_known && before->units_wanted == after->units_wanted;
    if (same) {
        return;
    }
    struct event_triage_proposed *event = EMIT(decision, TRIAGE_PROPOSED, triage_proposed);
    event->call = call;
    event->needs = after->needs;
    event->priority = after->priority;
    event->priority_known = after->priority_known;
    event->units_wanted = after->units_wanted;
    event->ready = after->ready;
}

APPLY(triage_proposed)
{
    (void)entry;
    struct proposal *proposal = &call_at(core, event->call)->triage.proposal;
    proposal->needs = event->needs;
    proposal->priority = event->priority;
    proposal->priority_known = event->priority_known;
    proposal->units_wanted = event->units_wanted;
    proposal->ready = event->ready;
}

/* ---- questions ---- */

/* Somebody speaks with the caller, as far as the centre knows: units may have been sent already. */
static bool has_caller(const struct call *call)
{
    return call->state == CALL_STATE_ANSWERED || call->state == CALL_STATE_LOCATED || call->state == CALL_STATE_TRIAGED ||
           call->state == CALL_STATE_LINKED;
}

static void emit_asked(struct decision *decision, struct call_id call, const struct protocol *protocol, uint8_t step)
{
    struct event_question_asked *event = EMIT(decision, QUESTION_ASKED, question_asked);
    event->call = call;
    event->protocol = protocol->number;
    event->version = protocol->version;
    event->step = step;
}

APPLY(question_asked)
{
    struct triage *triage = &call_at(core, event->call)->triage;
    const struct protocol *protocol = core_protocol(core, event->protocol);
    CHECK(protocol != NULL && event->step >= 1 && event->step <= protocol->step_count);
    triage->protocol = event->protocol;
    triage->version = event->version;
    triage->load = protocol->load;
    triage->step = event->step;
    triage->asked_at = entry->entered_at;
}

DECIDE(triage_begin)
{
    const struct core *core = decision->core;
    const struct call *call = core_call(core, command->call);
    if (call == NULL) {
        return REFUSED_UNKNOWN_CALL;
    }
    if (revision_is_stale(decision, STALE_CALL, command->revision, call->revision, &call->last_change)) {
        return REFUSED_STALE_REVISION;
    }
    if (!has_caller(call)) {
        return refused_after(decision, &call->last_change, REFUSED_TRANSITION);
    }
    const struct protocol *protocol = core_protocol(core, command->protocol);
    if (protocol == NULL) {
        return REFUSED_UNKNOWN_PROTOCOL;
    }
    if (command->step > protocol->step_count) {
        return REFUSED_UNKNOWN_STEP;
    }
    struct event_triage_begun *event = EMIT(decision, TRIAGE_BEGUN, triage_begun);
    event->call = command->call;
    event->protocol = protocol->number;
    event->version = protocol->version;
    event->step = command->step != 0 ? command->step : protocol->entry;
    event->occurred_at = decision->occurred_at;
    emit_asked(decision, command->call, protocol, event->step);
    return REFUSED_NONE;
}

static struct given_answer *given_slot(const struct core *core, uint32_t id)
{
    return &core->given_answers[id & (core->head->limits.calls - 1)];
}

/* The question that stands is left: by an answer, or (0) for another protocol. */
static void keep_answer(struct core *core, struct call *call, uint8_t answer)
{
    struct triage *triage = &call->triage;
    uint32_t id = core->head->next_answer++;
    *given_slot(core, id) = (struct given_answer){ .id = id,
                                                   .previous = triage->last_answer,
                                                   .call = call->id,
                                                   .protocol = triage->protocol,
                                                   .version = triage->version,
                                                   .load = triage->load,
                                                   .before = triage->proposal,
                                                   .step = triage->step,
                                                   .answer = answer };
    triage->last_answer = id;
}

APPLY(triage_begun)
{
    struct call *call = call_at(core, event->call);
    if (call->triage.protocol == 0) {
        call->triage.begun_at = event->occurred_at;
        call->triage.proposal = NOTHING_PROPOSED;
    } else if (call->triage.step != 0) {
        keep_answer(core, call, 0);
    }
    note_change(entry, &call->revision, &call->last_change);
}

/* ---- answers ---- */

/* The checks that commands about the standing question share, in their order of precedence. */
static enum refusal check_question(struct decision *decision, const struct call *call, uint32_t protocol, uint8_t step)
{
    if (call == NULL) {
        return REFUSED_UNKNOWN_CALL;
    }
    if (!has_caller(call)) {
        return refused_after(decision, &call->last_change, REFUSED_TRANSITION);
    }
    if (call->triage.protocol == 0) {
        return REFUSED_NOT_ASKED;
    }
    bool stands = call->triage.protocol == protocol && call->triage.step == step;
    return stands ? REFUSED_NONE : refused_after(decision, &call->last_change, REFUSED_STEP_PASSED);
}

/* The protocol of that loading, or NULL when it is held no more. */
static const struct protocol *protocol_loaded_as(const struct core *core, uint32_t number, uint32_t load)
{
    const struct protocol *protocol = core_protocol(core, number);
    return protocol != NULL && protocol->load == load ? protocol : NULL;
}

/* Where an answer leads: *to NULL is the end. */
static enum refusal find_target(const struct core *core, const struct protocol *from, const struct protocol_answer *answer,
                                const struct protocol **to, uint8_t *step)
{
    *to = NULL;
    *step = answer->to_step;
    if (answer->to_protocol == 0 && answer->to_step == 0) {
        return REFUSED_NONE;
    }
    const struct protocol *target = answer->to_protocol == 0 ? from : core_protocol(core, answer->to_protocol);
    if (target == NULL) {
        return REFUSED_UNKNOWN_PROTOCOL;
    }
    *to = target;
    *step = answer->to_step != 0 ? answer->to_step : target->entry;
    return *step > target->step_count ? REFUSED_UNKNOWN_STEP : REFUSED_NONE;
}

static void emit_given(struct decision *decision, const struct call *call, uint8_t answer)
{
    struct event_answer_given *event = EMIT(decision, ANSWER_GIVEN, answer_given);
    event->call.v = call->id;
    event->protocol = call->triage.protocol;
    event->version = call->triage.version;
    event->step = call->triage.step;
    event->answer = answer;
    event->occurred_at = decision->occurred_at;
}

APPLY(answer_given)
{
    struct call *call = call_at(core, event->call);
    keep_answer(core, call, event->answer);
    call->triage.answered += 1;
    note_change(entry, &call->revision, &call->last_change);
}

static void emit_milestone(struct decision *decision, const struct call *call, uint32_t marks)
{
    if (marks != 0) {
        struct event_milestone_reached *event = EMIT(decision, MILESTONE_REACHED, milestone_reached);
        event->call.v = call->id;
        event->incident.v = open_incident(decision->core, call) != NULL ? call->incident.v : 0;
        event->marks = marks;
        event->occurred_at = decision->occurred_at;
    }
}

APPLY(milestone_reached)
{
    call_at(core, event->call)->triage.proposal.marks |= event->marks;
    if (event->incident.v != 0) {
        struct incident *incident = incident_at(core, event->incident);
        incident->marks |= event->marks;
        note_change(entry, &incident->revision, &incident->last_change);
    }
}

DECIDE(triage_answer)
{
    const struct core *core = decision->core;
    const struct call *call = core_call(core, command->call);
    enum refusal refusal = check_question(decision, call, command->protocol, command->step);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    const struct protocol *protocol = protocol_loaded_as(core, command->protocol, call->triage.load);
    if (protocol == NULL) {
        return REFUSED_PROTOCOL_CHANGED;
    }
    const struct protocol_answer *answer = find_answer(core, protocol, command->step, command->answer);
    if (answer == NULL) {
        return REFUSED_UNKNOWN_ANSWER;
    }
    const struct protocol *to;
    uint8_t step;
    refusal = find_target(core, protocol, answer, &to, &step);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    const struct proposal *before = &call->triage.proposal;
    const struct proposal after = propose(before, answer);
    emit_given(decision, call, command->answer);
    emit_milestone(decision, call, after.marks & ~before->marks);
    emit_proposed(decision, command->call, before, &after);
    if (to != NULL) {
        emit_asked(decision, command->call, to, step);
    } else {
        EMIT(decision, TRIAGE_ENDED, triage_ended)->call = command->call;
    }
    decide_open_effect(decision, call, before, &after);
    return REFUSED_NONE;
}

APPLY(triage_ended)
{
    (void)entry;
    call_at(core, event->call)->triage.step = 0;
}

/* ---- back ---- */

/* What the other calls of the incident tell. Walks the table of calls: a withdrawn mark is rare. */
static uint32_t marks_of_others(const struct core *core, const struct incident *incident, const struct call *except)
{
    uint32_t marks = 0;
    for (uint32_t slot = 0; slot < core->head->limits.calls; slot++) {
        const struct call *call = &core->calls[slot];
        if (call->id != 0 && call != except && call->incident.v == incident->id) {
            marks |= call->triage.proposal.marks;
        }
    }
    return marks;
}

static void emit_withdrawn(struct decision *decision, const struct call *call, const struct given_answer *given)
{
    const struct incident *incident = open_incident(decision->core, call);
    uint32_t lost = call->triage.proposal.marks & ~given->before.marks;
    struct event_answer_withdrawn *event = EMIT(decision, ANSWER_WITHDRAWN, answer_withdrawn);
    event->call.v = call->id;
    event->protocol = given->protocol;
    event->version = given->version;
    event->step = given->step;
    event->answer = given->answer;
    event->marks = lost;
    if (incident != NULL && lost != 0) {
        event->incident = call->incident;
        event->marks = lost & ~marks_of_others(decision->core, incident, call);
    }
}

DECIDE(triage_back)
{
    const struct core *core = decision->core;
    const struct call *call = core_call(core, command->call);
    enum refusal refusal = check_question(decision, call, command->protocol, command->step);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    uint32_t id = call->triage.last_answer;
    const struct given_answer *given = id != 0 ? given_slot(core, id) : NULL;
    if (given == NULL || given->id != id) {
        return REFUSED_NOTHING_ANSWERED;
    }
    const struct protocol *protocol = protocol_loaded_as(core, given->protocol, given->load);
    if (protocol == NULL) {
        return REFUSED_PROTOCOL_CHANGED;
    }
    const struct proposal *before = &call->triage.proposal;
    emit_withdrawn(decision, call, given);
    emit_proposed(decision, command->call, before, &given->before);
    emit_asked(decision, command->call, protocol, given->step);
    decide_open_effect(decision, call, before, &given->before);
    return REFUSED_NONE;
}

APPLY(answer_withdrawn)
{
    struct call *call = call_at(core, event->call);
    const struct given_answer *given = given_slot(core, call->triage.last_answer);
    CHECK(given->id != 0 && given->id == call->triage.last_answer && given->call == call->id);
    call->triage.proposal.marks = given->before.marks;
    call->triage.last_answer = given->previous;
    call->triage.answered -= given->answer != 0;
    note_change(entry, &call->revision, &call->last_change);
    if (event->incident.v != 0) {
        struct incident *incident = incident_at(core, event->incident);
        incident->marks &= ~event->marks;
        note_change(entry, &incident->revision, &incident->last_change);
    }
}
