/* The patient of a mission: how the crew finds him, and whether the place that he is taken to knows that he is coming. Once or
 * twice a mission. */
#include "core/entities.h"

/* ---- how he is ---- */

static bool is_with_patient(const struct mission *mission)
{
    return mission->state >= MISSION_STATE_ON_SCENE && mission->state <= MISSION_STATE_HANDED_OVER;
}

DECIDE(patient_describe)
{
    const struct mission *mission = core_mission(decision->core, command->mission);
    if (mission == NULL) {
        return REFUSED_UNKNOWN_MISSION;
    }
    if (command->age_years > PATIENT_AGE_MAX && command->age_years != PATIENT_AGE_UNKNOWN) {
        return REFUSED_MALFORMED;
    }
    if (!is_with_patient(mission)) {
        return refused_after(decision, &mission->last_change, REFUSED_NO_PATIENT);
    }
    struct event_patient_described *event = EMIT(decision, PATIENT_DESCRIBED, patient_described);
    event->mission = command->mission;
    event->main_problem = command->main_problem;
    event->occurred_at = decision->occurred_at;
    event->pulse = command->pulse;
    event->systolic = command->systolic;
    event->spo2 = command->spo2;
    event->respiration = command->respiration;
    event->age_years = command->age_years;
    event->sex = command->sex;
    event->consciousness = command->consciousness;
    return REFUSED_NONE;
}

APPLY(patient_described)
{
    struct mission *mission = mission_at(core, event->mission);
    mission->patient = (struct patient){ .described_at = event->occurred_at,
                                         .main_problem = event->main_problem,
                                         .pulse = event->pulse,
                                         .systolic = event->systolic,
                                         .spo2 = event->spo2,
                                         .respiration = event->respiration,
                                         .age_years = event->age_years,
                                         .sex = event->sex,
                                         .consciousness = event->consciousness };
    note_change(entry, &mission->revision, &mission->last_change);
    mission_heard(core, mission, entry->entered_at);
}

/* ---- whether the facility knows ---- */

/* Every facility is waited for: a patient comes to it, whether anybody sits at a terminal there or it must be telephoned. Whose
 * alarm it is follows from that (alarm.c). */
void prealert_begin(struct core *core, struct mission *mission, struct instant now)
{
    mission->prealert_at = now;
    mission->prealert_acknowledged_at = INSTANT_NONE;
    timer_set(core, ALARM_KIND_PREALERT_UNACKNOWLEDGED, mission->id, now,
              core->head->rules.limit_s[ALARM_KIND_PREALERT_UNACKNOWLEDGED]);
}

void prealert_stop(struct core *core, struct mission *mission) { timer_stop(core, &mission->prealert_timer); }

DECIDE(prealert_acknowledge)
{
    const struct mission *mission = core_mission(decision->core, command->mission);
    if (mission == NULL) {
        return REFUSED_UNKNOWN_MISSION;
    }
    if (core_facility(decision->core, command->facility) == NULL) {
        return REFUSED_UNKNOWN_FACILITY;
    }
    if (mission->facility.v != command->facility.v) { /* the destination was changed meanwhile */
        return refused_after(decision, &mission->last_change, REFUSED_NOT_THE_DESTINATION);
    }
    if (!instant_is_none(mission->prealert_acknowledged_at) || mission->state >= MISSION_STATE_HANDED_OVER) {
        return refused_after(decision, &mission->last_change, REFUSED_TRANSITION);
    }
    struct event_prealert_acknowledged *event = EMIT(decision, PREALERT_ACKNOWLEDGED, prealert_acknowledged);
    event->mission = command->mission;
    event->facility = command->facility;
    event->occurred_at = decision->occurred_at;
    return REFUSED_NONE;
}

APPLY(prealert_acknowledged)
{
    struct mission *mission = mission_at(core, event->mission);
    prealert_stop(core, mission);
    mission->prealert_acknowledged_at = event->occurred_at;
    note_change(entry, &mission->revision, &mission->last_change);
}
