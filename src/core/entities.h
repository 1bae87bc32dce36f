/* Inside the core: the decide function of each command and the apply function of each event, by the file that holds them. The
 * engine's two switches are the only callers. */
#ifndef MINGDI_CORE_ENTITIES_H
#define MINGDI_CORE_ENTITIES_H

#include "core/decide.h"

#define DECIDE(name) enum refusal decide_##name(struct decision *decision, const struct command_##name *command)
#define APPLY(name) void apply_##name(struct core *core, const struct entry_head *entry, const struct event_##name *event)

/* centre.c */
DECIDE(centre_open);
DECIDE(policy_set);
DECIDE(post_add);
DECIDE(unit_add);
DECIDE(facility_add);
DECIDE(post_change);
DECIDE(unit_change);
DECIDE(facility_change);
APPLY(centre_opened);
APPLY(policy_changed);
APPLY(post_added);
APPLY(unit_added);
APPLY(facility_added);
APPLY(post_edited);
APPLY(unit_edited);
APPLY(facility_edited);

/* alarm.c */
DECIDE(time_passed);
DECIDE(alarm_acknowledge);
APPLY(alarm_raised);
APPLY(alarm_acknowledged);
APPLY(alarm_cleared);

/* call.c */
DECIDE(call_offer);
DECIDE(call_answer);
DECIDE(call_abandon);
DECIDE(call_back);
DECIDE(call_locate);
DECIDE(call_triage);
DECIDE(call_link);
DECIDE(call_close);
APPLY(call_offered);
APPLY(call_answered);
APPLY(call_abandoned);
APPLY(call_located);
APPLY(call_linked);
APPLY(call_closed);

/* triage.c */
DECIDE(protocol_load);
DECIDE(triage_begin);
DECIDE(triage_answer);
DECIDE(triage_back);
APPLY(protocol_loaded);
APPLY(triage_begun);
APPLY(question_asked);
APPLY(answer_given);
APPLY(triage_proposed);
APPLY(triage_ended);
APPLY(milestone_reached);
APPLY(answer_withdrawn);

/* incident.c */
DECIDE(travel_times);
DECIDE(unit_assign);
DECIDE(incident_prioritise);
DECIDE(units_request);
DECIDE(incident_shortfall);
DECIDE(incident_cancel);
DECIDE(incident_reconsider);
APPLY(incident_opened);
APPLY(travel_asked);
APPLY(units_recommended);
APPLY(incident_queued);
APPLY(incident_prioritised);
APPLY(units_requested);
APPLY(shortfall_recorded);
APPLY(incident_closed);
APPLY(unit_assigned);

/* mission.c */
DECIDE(mission_report);
DECIDE(mission_cancel);
DECIDE(transport_request);
DECIDE(facility_times);
DECIDE(destination_set);
APPLY(mission_progressed);
APPLY(mission_ended);
APPLY(facility_asked);
APPLY(destination_recommended);
APPLY(destination_chosen);

/* patient.c */
DECIDE(patient_describe);
DECIDE(prealert_acknowledge);
APPLY(patient_described);
APPLY(prealert_acknowledged);

/* message.c */
DECIDE(message_send);
DECIDE(message_read);
APPLY(message_sent);
APPLY(message_read);

/* unit.c */
DECIDE(unit_report);
DECIDE(unit_position);
DECIDE(units_position);
DECIDE(unit_move);
APPLY(unit_changed);
APPLY(unit_positioned);
APPLY(units_positioned);
APPLY(unit_moved);
APPLY(shift_end_requested);
APPLY(shift_end_withdrawn);

/* paper.c */
DECIDE(paper_enter);
APPLY(paper_entered);

/* facility.c */
DECIDE(beds_set);
DECIDE(bed_change);
DECIDE(facility_report);
APPLY(beds_counted);
APPLY(bed_changed);
APPLY(facility_changed);

#endif
