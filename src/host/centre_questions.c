/* What the core asks of the roads, made into questions: who could go and from where, how far the facilities are. Copies, so that
 * the workers need nothing of the core; and the answers along straight lines, for when no worker answers. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/centre_private.h"

static uint32_t most_ends(const struct limits *limits)
{
    return limits->units > limits->facilities ? limits->units : limits->facilities;
}

void centre_questions_create(struct centre *centre)
{
    struct core_side *core = &centre->core;
    const struct core *state = engine_core(core->engine);
    const struct limits *limits = &state->head->limits;
    core->asked_mask[ROAD_ASK_UNITS] = limits->incidents - 1;
    core->asked_mask[ROAD_ASK_FACILITIES] = state->mission_mask;
    core->estimates_size = limits->incidents + state->mission_mask + 1;
    core->asked[ROAD_ASK_UNITS] = calloc(limits->incidents, sizeof *core->asked[0]);
    core->asked[ROAD_ASK_FACILITIES] = calloc((size_t)state->mission_mask + 1, sizeof *core->asked[0]);
    core->estimates = calloc(core->estimates_size, sizeof *core->estimates);
    core->ends = calloc(most_ends(limits), sizeof *core->ends);
    core->positions = calloc((size_t)limits->units + 1, sizeof *core->positions);
    CHECK(core->asked[0] != NULL && core->asked[1] != NULL && core->estimates != NULL && core->ends != NULL);
    CHECK(core->positions != NULL);
}

void centre_questions_free(struct centre *centre)
{
    struct core_side *core = &centre->core;
    free(core->asked[0]);
    free(core->asked[1]);
    free(core->estimates);
    free(core->ends);
    free(core->positions);
}

/* ---- where a unit is ---- */

static uint32_t age_ms(struct instant then, struct instant now)
{
    if (instant_is_none(then) || !instant_before(then, now)) {
        return 0;
    }
    int64_t ms = instant_since(now, then).us / US_PER_MS;
    return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

/* The newest of what the journal and the I/O thread know. A unit at its post that has told of no place since it came there stands
 * at the post; one that never told of any is taken to be near its post, as old as its status. */
static void place_unit(const struct centre *centre, const struct unit *unit, struct instant now, struct road_end *end)
{
    const struct core *state = engine_core(centre->core.engine);
    struct known_position newest = { .at = unit->positioned_at, .point = unit->point };
    const struct known_position *noted = &centre->core.positions[unit->id];
    if (instant_before(newest.at, noted->at)) {
        newest = *noted;
    }
    bool at_post = unit->state == UNIT_STATE_AT_POST;
    bool silent = instant_is_none(newest.at) || (at_post && instant_before(newest.at, unit->changed_at));
    end->id = unit->id;
    end->point = silent ? core_post(state, unit->post)->point : newest.point;
    end->position_age_ms = !silent ? age_ms(newest.at, now) : at_post ? 0 : age_ms(unit->changed_at, now);
}

/* A unit is on the road by what was reported, and its newest position is a step from the one before: then the trail leads on.
 * One that has not moved since stands, at a light or in a jam, and is left there. */
static void trace_unit(const struct centre *centre, const struct unit *unit, struct road_end *end)
{
    const struct core *state = engine_core(centre->core.engine);
    const struct known_position *known = &centre->core.positions[unit->id];
    const struct mission *mission = core_mission(state, unit->mission);
    const struct incident *incident = mission == NULL ? NULL : core_incident(state, mission->incident);
    bool driving = unit->state == UNIT_STATE_RETURNING ||
                   (incident != NULL && (mission->state == MISSION_STATE_DEPARTED || mission->state == MISSION_STATE_LEFT_SCENE));
    bool newest = known->trail_count > 0 && known->trail[0].at.us == known->at.us &&
                  !instant_before(known->at, unit->positioned_at);
    end->trail_count = driving && newest ? known->trail_count : 0;
    end->drives = incident == NULL ? ROAD_NORMAL : road_profile_of(incident->priority);
    for (uint32_t i = 0; i < end->trail_count; i++) {
        end->trail[i] = known->trail[end->trail_count - 1 - i];
    }
}

/* Expected time before the wheels turn: all of it at a post, what is left of it where an order has been given, none on the road.
 */
static struct duration expected_wait(const struct centre *centre, const struct unit *unit, enum priority priority,
                                     struct instant now)
{
    struct duration whole = centre->setup.mobilisation[priority];
    if (unit->state == UNIT_STATE_AT_POST) {
        return whole;
    }
    const struct mission *mission = core_mission(engine_core(centre->core.engine), unit->mission);
    if (mission == NULL || mission->state >= MISSION_STATE_DEPARTED || instant_before(now, mission->assigned_at)) {
        return DURATION_ZERO;
    }
    int64_t left_us = whole.us - instant_since(now, mission->assigned_at).us;
    return left_us > 0 ? duration_us(left_us) : DURATION_ZERO;
}

/* ---- questions ---- */

static bool ask_about_incident(const struct centre *centre, uint32_t id, struct road_question *question)
{
    const struct core *state = engine_core(centre->core.engine);
    const struct incident *incident = core_incident(state, (struct incident_id){ id });
    if (incident == NULL || incident->state != INCIDENT_STATE_ASKING) {
        return false; /* answered or over meanwhile */
    }
    struct instant now = centre->core.batch.now;
    question->profile = road_profile_of(incident->priority);
    question->point = incident->point;
    uint32_t first = incident->asked_unit.v != 0 ? incident->asked_unit.v : 1;
    uint32_t last = incident->asked_unit.v != 0 ? incident->asked_unit.v : core_unit_count(state);
    for (uint32_t i = first; i <= last; i++) {
        const struct unit *unit = &state->units[i];
        if (core_unit_exclusion(state, incident, unit) == EXCLUSION_COUNT) {
            struct road_end *end = &question->ends[question->count++];
            place_unit(centre, unit, now, end);
            trace_unit(centre, unit, end);
            end->wait = expected_wait(centre, unit, incident->priority, now);
        }
    }
    return true;
}

/* At the scene the incident's place is where the patient is; once it has left, the unit's own. */
static bool ask_about_mission(const struct centre *centre, uint32_t id, struct road_question *question)
{
    const struct core *state = engine_core(centre->core.engine);
    const struct mission *mission = core_mission(state, (struct mission_id){ id });
    if (mission == NULL || !mission->facility_asked || mission->state == MISSION_STATE_ENDED) {
        return false;
    }
    const struct incident *incident = core_incident(state, mission->incident);
    CHECK(incident != NULL);
    struct road_end unit;
    place_unit(centre, core_unit(state, mission->unit), centre->core.batch.now, &unit);
    question->profile = road_profile_of(incident->priority);
    question->point = mission->state >= MISSION_STATE_LEFT_SCENE ? unit.point : incident->point;
    for (uint32_t i = 1; i <= core_facility_count(state); i++) {
        question->ends[question->count++] = (struct road_end){ .id = i, .point = state->facilities[i].point };
    }
    return true;
}

/* False when there is nothing to ask any more. */
static bool make_question(struct centre *centre, enum road_question_kind kind, uint32_t subject, struct road_question *question)
{
    struct core_side *core = &centre->core;
    *question = (struct road_question){ .kind = kind,
                                        .subject = subject,
                                        .at = centre->core.batch.now,
                                        .asked = core->asked[kind][subject & core->asked_mask[kind]].sequence,
                                        .ends = core->ends };
    pthread_mutex_lock(&centre->positions_lock);
    memcpy(core->positions, centre->positions, ((size_t)centre->units_max + 1) * sizeof *core->positions);
    pthread_mutex_unlock(&centre->positions_lock);
    return kind == ROAD_ASK_UNITS ? ask_about_incident(centre, subject, question) : ask_about_mission(centre, subject, question);
}

void centre_ask(struct centre *centre, const struct effect *effect)
{
    struct core_side *core = &centre->core;
    enum road_question_kind kind = effect->kind == EFFECT_ASK_TRAVEL ? ROAD_ASK_UNITS : ROAD_ASK_FACILITIES;
    struct asked *asked = &core->asked[kind][effect->subject & core->asked_mask[kind]];
    asked->sequence = effect->sequence;
    asked->subject = effect->subject;
    struct road_question question;
    if (!make_question(centre, kind, effect->subject, &question)) {
        return;
    }
    pthread_mutex_lock(&centre->lock);
    centre->figures.questions += 1;
    pthread_mutex_unlock(&centre->lock);
    const struct centre_source *source = &centre->source;
    bool taken = source->ask != NULL ? source->ask(source->context, &question) : road_ask(centre->roads, &question);
    if (!taken) {
        centre_want_estimate(centre, kind, effect->subject);
    }
}

/* ---- along straight lines ---- */

void centre_want_estimate(struct centre *centre, enum road_question_kind kind, uint32_t subject)
{
    struct core_side *core = &centre->core;
    uint32_t slot = subject & core->asked_mask[kind];
    struct asked *asked = &core->asked[kind][slot];
    if (asked->estimate_wanted || asked->subject != subject) {
        return;
    }
    asked->estimate_wanted = true;
    CHECK(core->estimates_count < core->estimates_size);
    core->estimates[(core->estimates_first + core->estimates_count) % core->estimates_size] = (struct estimate_wanted){
        .kind = kind, .slot = slot
    };
    core->estimates_count += 1;
}

bool centre_next_estimate(struct centre *centre)
{
    struct core_side *core = &centre->core;
    while (core->estimates_count > 0) {
        struct estimate_wanted wanted = core->estimates[core->estimates_first];
        struct asked *asked = &core->asked[wanted.kind][wanted.slot];
        core->estimates_first = (core->estimates_first + 1) % core->estimates_size;
        core->estimates_count -= 1;
        asked->estimate_wanted = false;
        struct road_question question;
        if (make_question(centre, (enum road_question_kind)wanted.kind, asked->subject, &question)) {
            road_estimate(&question, centre->setup.estimate_speed, core->command);
            pthread_mutex_lock(&centre->lock);
            centre->figures.estimates += 1;
            pthread_mutex_unlock(&centre->lock);
            return true;
        }
    }
    return false;
}
