/* Messages between seats and crews: who wrote when, about what, and when it was read. The text is personal data, kept outside
 * the journal; here is its reference. The newest stay readable; the oldest makes room, for a message that nobody reads for a day
 * is no message any more.
 *
 * Workload: a few a mission. */
#include "core/entities.h"

/* Seats write to crews and read what crews write; crews the other way round. */
static bool is_senders_side(const struct command_head *command, bool to_crew)
{
    return (command->actor_kind == ACTOR_KIND_SEAT) == to_crew;
}

DECIDE(message_send)
{
    const struct core *core = decision->core;
    const struct unit *unit = core_unit(core, command->unit);
    if (unit == NULL) {
        return REFUSED_UNKNOWN_UNIT;
    }
    if (command->incident.v != 0 && core_incident(core, command->incident) == NULL) {
        return REFUSED_UNKNOWN_INCIDENT;
    }
    if (!is_senders_side(&command->head, command->to_crew)) {
        return REFUSED_WRONG_ACTOR;
    }
    if (unit->retired) {
        return refused_after(decision, &unit->last_change, REFUSED_UNIT_RETIRED);
    }
    CHECK(core->head->next_message < UINT32_MAX - core->message_mask); /* one a second for a hundred years */
    struct event_message_sent *event = EMIT(decision, MESSAGE_SENT, message_sent);
    event->message.v = core->head->next_message;
    event->unit = command->unit;
    event->incident = command->incident;
    event->reference = command->reference;
    event->occurred_at = decision->occurred_at;
    event->to_crew = command->to_crew;
    return REFUSED_NONE;
}

APPLY(message_sent)
{
    core->head->next_message = event->message.v + 1;
    struct message *message = &core->messages[event->message.v & core->message_mask];
    const struct incident *incident = core_incident(core, event->incident);
    *message = (struct message){ .id = event->message.v,
                                 .reference = event->reference,
                                 .sent_at = event->occurred_at,
                                 .read_at = INSTANT_NONE,
                                 .unit = event->unit,
                                 .incident = event->incident,
                                 .district = incident == NULL ? 0 : incident->district,
                                 .to_crew = event->to_crew };
    note_change(entry, &message->revision, &message->sent);
    if (!event->to_crew) {
        unit_heard(core, event->unit, entry->entered_at);
    }
}

bool core_message_is_of_crew(const struct core *core, const struct message *message)
{
    const struct unit *unit = core_unit(core, message->unit);
    return unit != NULL && (instant_is_none(unit->crew_since) || instant_before(unit->crew_since, message->sent_at));
}

DECIDE(message_read)
{
    const struct message *message = core_message(decision->core, command->message);
    if (message == NULL) {
        return REFUSED_UNKNOWN_MESSAGE;
    }
    if (is_senders_side(&command->head, message->to_crew)) {
        return REFUSED_WRONG_ACTOR;
    }
    if (message->read.sequence != 0) {
        return refused_after(decision, &message->read, REFUSED_TRANSITION);
    }
    struct event_message_read *event = EMIT(decision, MESSAGE_READ, message_read);
    event->message = command->message;
    event->occurred_at = decision->occurred_at;
    return REFUSED_NONE;
}

APPLY(message_read)
{
    struct message *message = &core->messages[event->message.v & core->message_mask];
    CHECK(message->id == event->message.v && message->read.sequence == 0);
    note_change(entry, &message->revision, &message->read);
    message->read_at = event->occurred_at;
    if (message->to_crew) {
        unit_heard(core, message->unit, entry->entered_at);
    }
}
