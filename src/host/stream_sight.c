/* Workload: some hundred sights (a crew each), ten to a hundred entities a batch, some hundred batches a second at worst. The set
 * of what is shown holds what is open and seen: bounded by the core's tables, a handful for a crew. */
#include "host/stream_sight.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/rights.h"

enum { GONE_LOG_MAX = 512, SET_SLOTS_MIN = 32 };

/* ---- entities by key ---- */

bool stream_exists(const struct core *core, stream_key key)
{
    uint32_t id = stream_key_id(key);
    switch (stream_key_kind(key)) {
    case STREAM_CALL: return core_call(core, (struct call_id){ id }) != NULL;
    case STREAM_INCIDENT: return core_incident(core, (struct incident_id){ id }) != NULL;
    case STREAM_MISSION: return core_mission(core, (struct mission_id){ id }) != NULL;
    case STREAM_UNIT: return core_unit(core, (struct unit_id){ id }) != NULL;
    case STREAM_POST: return core_post(core, (struct post_id){ id }) != NULL;
    case STREAM_FACILITY: return core_facility(core, (struct facility_id){ id }) != NULL;
    case STREAM_ALARM: return core_alarm(core, (struct alarm_id){ id }) != NULL;
    case STREAM_MESSAGE: return core_message(core, (struct message_id){ id }) != NULL;
    case STREAM_KIND_COUNT: break;
    }
    UNREACHABLE();
}

static bool call_is_open(const struct call *call)
{
    return call->state != CALL_STATE_TRIAGED && call->state != CALL_STATE_LINKED && call->state != CALL_STATE_CLOSED;
}

bool stream_is_open(const struct core *core, stream_key key)
{
    if (!stream_exists(core, key)) {
        return false;
    }
    uint32_t id = stream_key_id(key);
    switch (stream_key_kind(key)) {
    case STREAM_CALL: return call_is_open(core_call(core, (struct call_id){ id }));
    case STREAM_INCIDENT: return core_incident(core, (struct incident_id){ id })->state != INCIDENT_STATE_CLOSED;
    case STREAM_MISSION: return core_mission(core, (struct mission_id){ id })->state != MISSION_STATE_ENDED;
    case STREAM_UNIT: return !core_unit(core, (struct unit_id){ id })->retired;
    case STREAM_ALARM: return core_alarm(core, (struct alarm_id){ id })->state != ALARM_STATE_CLEARED;
    default: return true;
    }
}

static bool identity_sees(const struct identity *identity, const struct core *core, const struct directory *directory,
                          stream_key key)
{
    uint32_t id = stream_key_id(key);
    switch (stream_key_kind(key)) {
    case STREAM_CALL: return rights_sees_call(identity, core, core_call(core, (struct call_id){ id }));
    case STREAM_INCIDENT: return rights_sees_incident(identity, core, core_incident(core, (struct incident_id){ id }));
    case STREAM_MISSION: return rights_sees_mission(identity, core, core_mission(core, (struct mission_id){ id }));
    case STREAM_UNIT: return rights_sees_unit(identity, core, directory, core_unit(core, (struct unit_id){ id }));
    case STREAM_POST: return true; /* where stations are is no secret */
    case STREAM_FACILITY: return rights_sees_facility(identity, core, directory, core_facility(core, (struct facility_id){ id }));
    case STREAM_ALARM: return rights_sees_alarm(identity, core, directory, core_alarm(core, (struct alarm_id){ id }));
    case STREAM_MESSAGE: return rights_sees_message(identity, directory, core_message(core, (struct message_id){ id }));
    case STREAM_KIND_COUNT: break;
    }
    UNREACHABLE();
}

/* ---- the batch ---- */

enum status stream_batch_create(uint32_t capacity, struct stream_batch *batch, struct error *error)
{
    *batch = (struct stream_batch){ .capacity = capacity };
    batch->keys = calloc(capacity, sizeof *batch->keys);
    batch->touched = calloc(capacity, sizeof *batch->touched);
    batch->shown = calloc(capacity, sizeof *batch->shown);
    batch->gone = calloc(capacity, sizeof *batch->gone);
    batch->at = calloc(capacity, sizeof *batch->at);
    batch->length = calloc(capacity, sizeof *batch->length);
    batch->scratch = calloc(capacity, sizeof *batch->scratch);
    if (batch->keys == NULL || batch->touched == NULL || batch->shown == NULL || batch->gone == NULL || batch->at == NULL ||
        batch->length == NULL || batch->scratch == NULL) {
        stream_batch_destroy(batch);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the stream of changes");
    }
    return STATUS_OK;
}

void stream_batch_destroy(struct stream_batch *batch)
{
    free(batch->keys);
    free(batch->touched);
    free(batch->shown);
    free(batch->gone);
    free(batch->at);
    free(batch->length);
    free(batch->scratch);
    *batch = (struct stream_batch){ 0 };
}

struct growing {
    stream_key *keys;
    uint32_t count, maximum;
    bool over;
};

static void add(struct growing *keys, enum stream_kind kind, uint32_t id)
{
    if (id == 0) {
        return;
    }
    if (keys->count == keys->maximum) {
        keys->over = true;
        return;
    }
    keys->keys[keys->count++] = stream_key_of(kind, id);
}

/* The alarm that stands because of the entity is seen by those who see the entity. */
static void add_around_mission(const struct core *core, struct growing *keys, uint32_t id)
{
    const struct mission *mission = core_mission(core, (struct mission_id){ id });
    if (mission != NULL) {
        add(keys, STREAM_MISSION, id);
        add(keys, STREAM_UNIT, mission->unit.v);
        add(keys, STREAM_FACILITY, mission->facility.v);
        add(keys, STREAM_ALARM, mission->timer.raised);
        add(keys, STREAM_ALARM, mission->prealert_timer.raised);
        const struct unit *unit = core_unit(core, mission->unit);
        add(keys, STREAM_ALARM, unit == NULL ? 0 : unit->timer.raised);
    }
}

static void add_around_incident(const struct core *core, struct growing *keys, struct incident_id id)
{
    const struct incident *incident = core_incident(core, id);
    if (incident == NULL) {
        return;
    }
    add(keys, STREAM_INCIDENT, id.v);
    add(keys, STREAM_ALARM, incident->timer.raised);
    for (const struct mission *mission = core_mission(core, incident->first_mission); mission != NULL;
         mission = core_mission(core, mission->next_of_incident)) {
        add_around_mission(core, keys, mission->id);
    }
}

/* Who sees a mission sees its incident, its unit, the alarms about them; so when one changes, the sight of the others may. The
 * mission knows incident and unit for as long as it is remembered, also after its end. */
static void add_around(const struct core *core, struct growing *keys, stream_key key)
{
    uint32_t id = stream_key_id(key);
    const struct call *call;
    const struct mission *mission;
    switch (stream_key_kind(key)) {
    case STREAM_CALL:
        call = core_call(core, (struct call_id){ id });
        add(keys, STREAM_ALARM, call == NULL ? 0 : call->timer.raised);
        return;
    case STREAM_INCIDENT: add_around_incident(core, keys, (struct incident_id){ id }); return;
    case STREAM_MISSION:
        mission = core_mission(core, (struct mission_id){ id });
        if (mission != NULL) {
            add_around_mission(core, keys, id);
            add_around_incident(core, keys, mission->incident);
        }
        return;
    default: return;
    }
}

static void mark(struct stream_batch *batch, const stream_key *touched, uint32_t touched_count)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        bool is_touched = next < touched_count && touched[next] == batch->keys[i];
        batch->touched[i] = is_touched;
        batch->length[i] = 0;
        next += is_touched;
    }
    CHECK(next == touched_count);
}

bool stream_batch_fill(struct stream_batch *batch, const struct stream_ring *ring, const struct core *core, uint64_t sequence,
                       bool around)
{
    uint32_t touched;
    batch->count = batch->gone_count = 0;
    if (!stream_ring_since(ring, sequence, batch->scratch, batch->capacity, &touched)) {
        return false;
    }
    struct growing keys = { batch->keys, touched, batch->capacity, false };
    memcpy(batch->keys, batch->scratch, touched * sizeof *batch->keys);
    for (uint32_t i = 0; around && i < touched; i++) {
        add_around(core, &keys, batch->scratch[i]);
    }
    if (keys.over) {
        return false;
    }
    batch->count = stream_keys_sort(batch->keys, keys.count);
    mark(batch, batch->scratch, touched);
    return true;
}

/* ---- a set of keys: open addressing; 0 is an empty slot, for no id is 0 ---- */

struct key_set {
    stream_key *slots;
    uint32_t mask, count;
};

static uint32_t slot_of(const struct key_set *set, stream_key key)
{
    return (uint32_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & set->mask;
}

static bool set_has(const struct key_set *set, stream_key key)
{
    for (uint32_t slot = slot_of(set, key); set->slots[slot] != 0; slot = (slot + 1) & set->mask) {
        if (set->slots[slot] == key) {
            return true;
        }
    }
    return false;
}

static void set_put(struct key_set *set, stream_key key)
{
    uint32_t slot = slot_of(set, key);
    while (set->slots[slot] != 0) {
        slot = (slot + 1) & set->mask;
    }
    set->slots[slot] = key;
    set->count += 1;
}

static bool set_add(struct key_set *set, stream_key key)
{
    if (set_has(set, key)) {
        return true;
    }
    if (2 * (set->count + 1) > set->mask) {
        struct key_set grown = { calloc(2 * ((size_t)set->mask + 1), sizeof *grown.slots), 2 * set->mask + 1, 0 };
        if (grown.slots == NULL) {
            return false;
        }
        for (uint32_t slot = 0; slot <= set->mask; slot++) {
            if (set->slots[slot] != 0) {
                set_put(&grown, set->slots[slot]);
            }
        }
        free(set->slots);
        *set = grown;
    }
    set_put(set, key);
    return true;
}

/* Closes the gap: each key behind it that may not stand after an empty slot moves up (Knuth, volume 3, 6.4, algorithm R). */
static bool set_remove(struct key_set *set, stream_key key)
{
    uint32_t slot = slot_of(set, key);
    while (set->slots[slot] != key) {
        if (set->slots[slot] == 0) {
            return false;
        }
        slot = (slot + 1) & set->mask;
    }
    for (uint32_t next = (slot + 1) & set->mask; set->slots[next] != 0; next = (next + 1) & set->mask) {
        uint32_t home = slot_of(set, set->slots[next]);
        if (((next - home) & set->mask) >= ((next - slot) & set->mask)) {
            set->slots[slot] = set->slots[next];
            slot = next;
        }
    }
    set->slots[slot] = 0;
    set->count -= 1;
    return true;
}

/* ---- the sight ---- */

struct departure {
    uint64_t sequence; /* by which it was noticed */
    stream_key key;
};

struct stream_sight {
    struct identity identity;
    bool all;
    struct key_set shown; /* open and seen */
    uint64_t since;       /* departures after this sequence are all remembered */
    uint32_t departed_first, departed_count;
    struct departure departed[GONE_LOG_MAX]; /* ring: what was shown and then closed or left the sight */
};

static bool add_open(struct stream_sight *sight, const struct core *core, const struct directory *directory,
                     enum stream_kind kind, uint32_t id)
{
    stream_key key = stream_key_of(kind, id);
    return id == 0 || !stream_is_open(core, key) || !identity_sees(&sight->identity, core, directory, key) ||
           set_add(&sight->shown, key);
}

static bool begin(struct stream_sight *sight, const struct core *core, const struct directory *directory)
{
    const struct limits *limits = &core->head->limits;
    bool fits = true;
    for (uint32_t slot = 0; fits && slot < limits->calls; slot++) {
        fits = add_open(sight, core, directory, STREAM_CALL, core->calls[slot].id);
    }
    for (uint32_t slot = 0; fits && slot < limits->incidents; slot++) {
        fits = add_open(sight, core, directory, STREAM_INCIDENT, core->incidents[slot].id);
    }
    for (uint32_t slot = 0; fits && slot <= core->mission_mask; slot++) {
        fits = add_open(sight, core, directory, STREAM_MISSION, core->missions[slot].id);
    }
    for (uint32_t slot = 0; fits && slot < limits->alarms; slot++) {
        fits = add_open(sight, core, directory, STREAM_ALARM, core->alarms[slot].id);
    }
    for (uint32_t slot = 0; fits && slot <= core->message_mask; slot++) {
        fits = add_open(sight, core, directory, STREAM_MESSAGE, core->messages[slot].id);
    }
    for (uint32_t id = 1; fits && id <= core->head->unit_count; id++) {
        fits = add_open(sight, core, directory, STREAM_UNIT, id);
    }
    for (uint32_t id = 1; fits && id <= core->head->facility_count; id++) {
        fits = add_open(sight, core, directory, STREAM_FACILITY, id);
    }
    return fits;
}

struct stream_sight *stream_sight_create(const struct identity *identity, const struct core *core,
                                         const struct directory *directory, uint64_t sequence)
{
    struct stream_sight *sight = calloc(1, sizeof *sight);
    if (sight == NULL) {
        return NULL;
    }
    sight->identity = *identity;
    sight->all = rights_sees_all(identity);
    sight->since = sequence;
    sight->shown.mask = SET_SLOTS_MIN - 1;
    sight->shown.slots = sight->all ? NULL : calloc(SET_SLOTS_MIN, sizeof *sight->shown.slots);
    if (!sight->all && (sight->shown.slots == NULL || !begin(sight, core, directory))) {
        stream_sight_destroy(sight);
        return NULL;
    }
    return sight;
}

void stream_sight_destroy(struct stream_sight *sight)
{
    if (sight != NULL) {
        free(sight->shown.slots);
        free(sight);
    }
}

const struct identity *stream_sight_identity(const struct stream_sight *sight) { return &sight->identity; }

bool stream_sight_is_all(const struct stream_sight *sight) { return sight->all; }

static bool same_grant(const struct grant *a, const struct grant *b)
{
    return a->role == b->role && a->scope == b->scope && a->id == b->id;
}

bool stream_sight_fits(const struct stream_sight *sight, const struct identity *identity)
{
    if (sight->all || rights_sees_all(identity)) {
        return sight->all && rights_sees_all(identity);
    }
    bool same = sight->identity.grant_count == identity->grant_count;
    for (int i = 0; same && i < identity->grant_count && i < GRANTS_MAX; i++) {
        same = same_grant(&sight->identity.grants[i], &identity->grants[i]);
    }
    return same;
}

bool stream_sight_sees(const struct stream_sight *sight, const struct core *core, const struct directory *directory,
                       stream_key key)
{
    return stream_exists(core, key) && (sight->all || identity_sees(&sight->identity, core, directory, key));
}

/* Seats are the business of those who see the whole centre. */
bool stream_sight_sees_control(const struct stream_sight *sight, const struct core *core, const struct directory *directory,
                               uint8_t kind, uint32_t id)
{
    if (sight->all) {
        return true;
    }
    if (kind == CONTROL_SEAT) {
        return rights_resource(&sight->identity, RESOURCE_SEATS);
    }
    enum stream_kind subject = kind == CONTROL_UNIT ? STREAM_UNIT : STREAM_FACILITY;
    return id != 0 && stream_sight_sees(sight, core, directory, stream_key_of(subject, id));
}

static void note_departure(struct stream_sight *sight, uint64_t sequence, stream_key key)
{
    if (sight->departed_count == GONE_LOG_MAX) {
        sight->since = sight->departed[sight->departed_first].sequence;
        sight->departed_first = (sight->departed_first + 1) % GONE_LOG_MAX;
        sight->departed_count -= 1;
    }
    sight->departed[(sight->departed_first + sight->departed_count) % GONE_LOG_MAX] = (struct departure){ sequence, key };
    sight->departed_count += 1;
}

/* Those who see all are shown what was touched; what is not there any more, because its place in the table was needed, is gone.
 */
static void show_all(const struct core *core, struct stream_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        bool exists = stream_exists(core, batch->keys[i]);
        batch->shown[i] = batch->touched[i] && exists;
        if (batch->touched[i] && !exists) {
            batch->gone[batch->gone_count++] = batch->keys[i];
        }
    }
}

bool stream_sight_follow(struct stream_sight *sight, const struct core *core, const struct directory *directory,
                         uint64_t sequence, struct stream_batch *batch)
{
    batch->gone_count = 0;
    batch->control_moved = false;
    if (sight->all) {
        show_all(core, batch);
        return true;
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        stream_key key = batch->keys[i];
        bool can_be_held = stream_key_kind(key) == STREAM_UNIT || stream_key_kind(key) == STREAM_FACILITY;
        bool was_shown = set_has(&sight->shown, key), open = stream_is_open(core, key);
        bool sees = stream_sight_sees(sight, core, directory, key);
        batch->shown[i] = sees && (batch->touched[i] || (open && !was_shown));
        batch->control_moved = batch->control_moved || (can_be_held && sees != was_shown);
        if (!sees && was_shown) {
            batch->gone[batch->gone_count++] = key;
        }
        if (was_shown && !(sees && open)) {
            set_remove(&sight->shown, key);
            note_departure(sight, sequence, key);
        } else if (sees && open && !set_add(&sight->shown, key)) {
            return false;
        }
    }
    return true;
}

static bool add_departed(const struct stream_sight *sight, const struct core *core, const struct directory *directory,
                         uint64_t from, struct stream_batch *batch)
{
    for (uint32_t i = 0; i < sight->departed_count; i++) {
        const struct departure *departure = &sight->departed[(sight->departed_first + i) % GONE_LOG_MAX];
        if (departure->sequence <= from || stream_sight_sees(sight, core, directory, departure->key)) {
            continue;
        }
        if (batch->gone_count == batch->capacity) {
            return false;
        }
        batch->gone[batch->gone_count++] = departure->key;
    }
    batch->gone_count = stream_keys_sort(batch->gone, batch->gone_count);
    return true;
}

bool stream_sight_since(const struct stream_sight *sight, const struct core *core, const struct directory *directory,
                        uint64_t from, struct stream_batch *batch)
{
    batch->gone_count = 0;
    if (sight->all) {
        show_all(core, batch);
        return true;
    }
    if (from < sight->since) {
        return false;
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        stream_key key = batch->keys[i];
        batch->shown[i] = stream_sight_sees(sight, core, directory, key) && (batch->touched[i] || stream_is_open(core, key));
    }
    return add_departed(sight, core, directory, from, batch);
}
