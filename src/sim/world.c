#include "sim/world.h"

#include <stdlib.h>

#include "base/check.h"
#include "sim/world_private.h"

/* ---- making ---- */

static enum status allocate(struct world *world, struct error *error)
{
    const struct limits *limits = &world->core->head->limits;
    world->call_capacity = limits->calls + limits->incidents;
    world->units = calloc(limits->units + 1, sizeof *world->units);
    world->calls = calloc(world->call_capacity, sizeof *world->calls);
    world->index_of_call = calloc(limits->calls, sizeof *world->index_of_call);
    world->message = aligned_alloc(16, COMMAND_SIZE_MAX);
    if (world->units == NULL || world->calls == NULL || world->index_of_call == NULL || world->message == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the simulated world");
    }
    for (uint32_t i = 0; i < world->call_capacity; i++) {
        world->calls[i].next_free = i + 1 < world->call_capacity ? i + 1 : NO_WORLD_CALL;
    }
    return STATUS_OK;
}

enum status world_create(const struct world_setting *setting, struct engine *engine, struct world **world, struct error *error)
{
    struct world *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the simulated world");
    }
    made->setting = setting;
    made->engine = engine;
    made->core = engine_core(engine);
    enum status status = allocate(made, error);
    if (status == STATUS_OK) {
        status = world_open_centre(made, error);
    }
    if (status != STATUS_OK) {
        world_destroy(made);
        return status;
    }
    *world = made;
    return STATUS_OK;
}

void world_destroy(struct world *world)
{
    if (world == NULL) {
        return;
    }
    agenda_free(&world->agenda);
    free(world->units);
    free(world->calls);
    free(world->index_of_call);
    free(world->message);
    free(world);
}

/* ---- the conversation with the core ---- */

static enum status answer(struct world *world, const struct effect *effect, struct error *error)
{
    switch ((enum effect_kind)effect->kind) {
    case EFFECT_ASK_TRAVEL: return world_answer_travel(world, (struct incident_id){ effect->subject }, error);
    case EFFECT_RECOMMENDED: return world_take_recommendation(world, (struct incident_id){ effect->subject }, error);
    case EFFECT_ORDER_UNIT: return world_order_unit(world, (struct mission_id){ effect->subject }, error);
    case EFFECT_STAND_DOWN: return world_stand_down(world, (struct mission_id){ effect->subject }, error);
    case EFFECT_ASK_FACILITIES: return world_answer_facilities(world, (struct mission_id){ effect->subject }, error);
    case EFFECT_DESTINATION_RECOMMENDED: return world_take_destination(world, (struct mission_id){ effect->subject }, error);
    case EFFECT_ALARM: return world_hear_alarm(world, (struct alarm_id){ effect->subject }, error);
    case EFFECT_RING: return STATUS_OK; /* the seat answers in world_run */
    }
    UNREACHABLE();
}

enum status world_send(struct world *world, const struct command_head *command, struct step_result *result, struct error *error)
{
    TRY(engine_step(world->engine, command, command->size, world->now, result, error));
    world->tally.commands += 1;
    if (result->refusal == REFUSED_TABLE_FULL) {
        return ERROR(
            error, STATUS_FULL,
            "at %.3f s of simulated time more calls are open than the centre has room for: the units cannot keep up with "
            "the demand; give the scenario more units or fewer calls",
            (double)world->now.us / 1e6);
    }
    if (result->refusal != REFUSED_NONE) {
        return ERROR(error, STATUS_FULL, "the centre refused \"%s\" at %.3f s of simulated time: %s",
                     command_kind(command->kind)->name, (double)world->now.us / 1e6, refusal_name(result->refusal));
    }
    TRY(engine_commit(world->engine, error));
    struct effect effect;
    while (engine_next_effect(world->engine, &effect)) {
        TRY(answer(world, &effect, error));
    }
    return STATUS_OK;
}

/* ---- calls ---- */

struct world_call *world_call_of(struct world *world, struct incident_id id)
{
    const struct incident *incident = core_incident(world->core, id);
    CHECK(incident != NULL);
    uint32_t index = world->index_of_call[incident->call.v & (world->core->head->limits.calls - 1)];
    if (world->calls[index].call.v != incident->call.v) {
        /* A later call has its slot: the incident has waited while thousands of calls came in. */
        for (index = 0; world->calls[index].call.v != incident->call.v; index++) {
            CHECK(index + 1 < world->call_capacity);
        }
    }
    return &world->calls[index];
}

void world_release_call(struct world *world, uint32_t index)
{
    struct world_call *call = &world->calls[index];
    const struct incident *incident = core_incident(world->core, call->incident);
    if (call->incident.v != 0 && (incident == NULL || incident->state == INCIDENT_STATE_CLOSED)) {
        call->incident.v = 0;
        call->call.v = 0;
        call->next_free = world->first_free;
        world->first_free = index;
    }
}

static enum status receive(struct world *world, const struct call_source *source, const struct call_truth *truth,
                           struct error *error)
{
    for (uint32_t i = 0; world->first_free == NO_WORLD_CALL && i < world->call_capacity; i++) {
        world_release_call(world, i); /* those that ended without a unit */
    }
    uint32_t index = world->first_free;
    if (index == NO_WORLD_CALL) {
        return ERROR(error, STATUS_FULL, "more than %u calls are open at once: the units cannot keep up with the demand",
                     world->call_capacity);
    }
    struct world_call *call = &world->calls[index];
    enum status status = roads_spot(world->setting->roads, truth->point, world->setting->scenario->snap_limit_m, &call->spot,
                                    error);
    if (status != STATUS_OK) {
        unsigned long long number = truth->number;
        return source->list == NULL ? error_prefix(error, "call %llu: ", number)
                                    : error_prefix(error, "%s:%u: call %llu: ", source->list->name, truth->line, number);
    }
    world->first_free = call->next_free;
    call->truth = *truth;
    world->tally.calls += 1;

    struct command_call_offer offer;
    COMMAND_BEGIN(&offer, CALL_OFFER, ACTOR_KIND_SYSTEM);
    offer.external = (uint32_t)truth->number;
    struct step_result result;
    TRY(world_send(world, &offer.head, &result, error));
    call->call.v = result.made;
    world->index_of_call[result.made & (world->core->head->limits.calls - 1)] = index;

    struct command_call_answer answered;
    COMMAND_BEGIN(&answered, CALL_ANSWER, ACTOR_KIND_SEAT);
    answered.call = call->call;
    TRY(world_send(world, &answered.head, &result, error));

    struct command_call_locate locate;
    COMMAND_BEGIN(&locate, CALL_LOCATE, ACTOR_KIND_SEAT);
    locate.call = call->call;
    locate.point = truth->point;
    locate.district = truth->district + 1;
    TRY(world_send(world, &locate.head, &result, error));
    return agenda_add(&world->agenda, instant_add(truth->arrival, truth->delay), AGENDA_TRIAGE, index, 0, error);
}

static enum status triage(struct world *world, uint32_t index, struct error *error)
{
    struct world_call *call = &world->calls[index];
    struct command_call_triage command;
    COMMAND_BEGIN(&command, CALL_TRIAGE, ACTOR_KIND_SEAT);
    command.call = call->call;
    command.priority = call->truth.priority;
    command.needs = world_needs(&world->setting->scenario->priorities[call->truth.priority]);
    command.units_wanted = 1;
    struct step_result result;
    TRY(world_send(world, &command.head, &result, error));
    call->incident.v = result.made;
    return STATUS_OK;
}

/* ---- the loop ---- */

/* The next call of the source, or arrival INSTANT_NEVER after the last. */
static void next_call(struct call_source *source, struct call_truth *call)
{
    bool there;
    if (source->stream != NULL) {
        there = call_stream_next(source->stream, call);
    } else {
        there = source->next < source->list->count;
        if (there) {
            *call = source->list->calls[source->next++];
        }
    }
    if (!there) {
        call->arrival = INSTANT_NEVER;
    }
}

static enum status pass_time(struct world *world, struct error *error)
{
    struct command_time_passed command;
    COMMAND_BEGIN(&command, TIME_PASSED, ACTOR_KIND_SYSTEM);
    struct step_result result;
    return world_send(world, &command.head, &result, error);
}

/* The hospital says that a patient has left. */
static enum status vacate_bed(struct world *world, uint32_t facility, struct error *error)
{
    struct command_bed_change command;
    COMMAND_BEGIN(&command, BED_CHANGE, ACTOR_KIND_FACILITY);
    command.facility.v = facility;
    command.kind = BED_KIND_EMERGENCY;
    command.what = BED_EVENT_VACATE;
    command.from = BED_STATE_OCCUPIED;
    struct step_result result;
    return world_send(world, &command.head, &result, error);
}

static enum status do_next_item(struct world *world, struct error *error)
{
    struct agenda_item item = agenda_take(&world->agenda);
    if (item.kind == AGENDA_TRIAGE) {
        return triage(world, item.subject, error);
    }
    if (item.kind == AGENDA_BED_FREE) {
        return vacate_bed(world, item.subject, error);
    }
    bool daily = item.kind == AGENDA_SHIFT_START || item.kind == AGENDA_SHIFT_END;
    if (!daily && item.generation != world->units[item.subject].generation) {
        return STATUS_OK;
    }
    return world_unit_due(world, (enum agenda_kind)item.kind, item.subject, error);
}

/* Nothing more will happen by itself, but somebody waits: no unit will ever come. */
static enum status give_up_waiting(struct world *world, struct error *error)
{
    for (uint32_t slot = 0; slot < world->core->head->limits.incidents; slot++) {
        const struct incident *incident = &world->core->incidents[slot];
        if (incident->id == 0 || incident->state == INCIDENT_STATE_CLOSED ||
            (int)incident->units_wanted - incident->units_assigned - incident->units_short <= 0) {
            continue;
        }
        struct command_incident_shortfall command;
        COMMAND_BEGIN(&command, INCIDENT_SHORTFALL, ACTOR_KIND_SEAT);
        command.incident.v = incident->id;
        command.reason = incident->queue_reason;
        struct step_result result;
        TRY(world_send(world, &command.head, &result, error));
    }
    return STATUS_OK;
}

static bool someone_is_open(const struct world *world)
{
    return world->core->head->calls_open > 0 || world->core->head->incidents_open > 0;
}

static bool someone_works(const struct world *world)
{
    for (uint32_t unit = 1; unit <= core_unit_count(world->core); unit++) {
        if (world->core->units[unit].state == UNIT_STATE_ON_MISSION) {
            return true;
        }
    }
    return world->core->head->calls_open > 0;
}

enum status world_run(struct world *world, struct call_source *source,
                      enum status (*progress)(void *context, struct instant now, struct error *error), void *context,
                      struct world_tally *tally, struct error *error)
{
    enum { PROGRESS_EVERY = 1024, STUCK_DAYS = 2 };
    struct call_truth call;
    next_call(source, &call);
    struct instant last_progress = world->now;
    while (call.arrival.us != INSTANT_NEVER.us || someone_is_open(world)) {
        struct instant due = agenda_next(&world->agenda);
        struct instant timer = engine_next_timer(world->engine);
        if (due.us == INSTANT_NEVER.us && call.arrival.us == INSTANT_NEVER.us && timer.us == INSTANT_NEVER.us) {
            TRY(give_up_waiting(world, error));
            continue;
        }
        if (!instant_before(call.arrival, timer) && instant_before(timer, due)) {
            world->now = instant_max(world->now, timer);
            TRY(pass_time(world, error));
        } else if (instant_before(call.arrival, due)) {
            world->now = call.arrival;
            TRY(receive(world, source, &call, error));
            next_call(source, &call);
            last_progress = world->now;
            if (progress != NULL && world->tally.calls % PROGRESS_EVERY == 0) {
                TRY(progress(context, world->now, error));
            }
        } else {
            world->now = due;
            TRY(do_next_item(world, error));
        }
        /* Shifts go on for ever; a call that waits for a crew that never comes must not. */
        bool stuck = call.arrival.us == INSTANT_NEVER.us && world->now.us - last_progress.us > STUCK_DAYS * US_PER_DAY;
        if (stuck && !someone_works(world)) {
            TRY(give_up_waiting(world, error));
        }
    }
    world->tally.ended_at = world->now;
    *tally = world->tally;
    return STATUS_OK;
}
