/* Hands: which entity a person has open to work on it (hands.h). */
#include <string.h>

#include "host/api_private.h"

static bool sees(const struct exchange *exchange, enum hand_kind kind)
{
    const struct core *core = exchange_core(exchange);
    const struct directory *directory = exchange->api->setup.directory;
    const struct identity *identity = &exchange->identity;
    const struct call *call = core_call(core, (struct call_id){ exchange->id });
    const struct incident *incident = core_incident(core, (struct incident_id){ exchange->id });
    const struct mission *mission = core_mission(core, (struct mission_id){ exchange->id });
    const struct unit *unit = core_unit(core, (struct unit_id){ exchange->id });
    const struct facility *facility = core_facility(core, (struct facility_id){ exchange->id });
    switch (kind) {
    case HAND_CALL: return call != NULL && rights_sees_call(identity, core, call);
    case HAND_INCIDENT: return incident != NULL && rights_sees_incident(identity, core, incident);
    case HAND_MISSION: return mission != NULL && rights_sees_mission(identity, core, mission);
    case HAND_UNIT: return unit != NULL && rights_sees_unit(identity, core, directory, unit);
    default: return facility != NULL && rights_sees_facility(identity, core, directory, facility);
    }
}

/* False: answered. */
static bool find_kind(struct exchange *exchange, enum hand_kind *kind)
{
    if (exchange->identity.machine) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST, "A machine has no hands: this is for people.");
        return false;
    }
    for (int i = 0; i < HAND_KIND_COUNT; i++) {
        if (strcmp(exchange->word, HAND_NAMES[i]) == 0) {
            *kind = (enum hand_kind)i;
            return true;
        }
    }
    exchange_problem_of(exchange, PROBLEM_UNKNOWN_PATH);
    return false;
}

void api_put_hand(struct exchange *exchange)
{
    enum hand_kind kind;
    if (!find_kind(exchange, &kind)) {
        return;
    }
    if (!sees(exchange, kind)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
    } else if (!hands_put(exchange->api->setup.hands, &exchange->identity, kind, exchange->id, clock_monotonic_us())) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
    } else {
        exchange_send_nothing(exchange, 204);
    }
}

void api_withdraw_hand(struct exchange *exchange)
{
    enum hand_kind kind;
    if (find_kind(exchange, &kind)) {
        hands_withdraw(exchange->api->setup.hands, &exchange->identity, kind, exchange->id);
        exchange_send_nothing(exchange, 204);
    }
}
