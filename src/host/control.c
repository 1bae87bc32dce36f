/* Workload: some hundred holdings, some changes a minute; a look-up for each action of the simulated world. Sorted by kind and
 * id; what is still being written counts as it was before. */
#include "host/control.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/log.h"
#include "wire/form.h"

const char *const CONTROL_NAMES[CONTROL_KIND_COUNT] = { "seat", "unit", "facility" };

enum change { CHANGE_NONE, CHANGE_TAKING, CHANGE_GIVING };

struct holding {
    enum control_kind kind;
    uint32_t id, actor;
    struct instant since;
    enum change change; /* that is being written: while taking nobody has it yet, while giving the actor still has */
    bool was_seen;      /* the actor was present since, or took it before the restart: his absence counts */
    int64_t absent_us;  /* since when he is absent, on the monotonic clock; 0: he is not, or it is not known yet */
};

struct control {
    struct sql *sql;
    struct workers *clerk;
    uint64_t version;
    uint32_t count;
    struct holding holdings[CONTROL_MAX];
};

/* ---- the table in memory ---- */

/* Where it is, or where it belongs. */
static uint32_t place_of(const struct control *control, enum control_kind kind, uint32_t id)
{
    uint32_t low = 0, high = control->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct holding *holding = &control->holdings[middle];
        bool before = holding->kind != kind ? holding->kind < kind : holding->id < id;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

static struct holding *find(struct control *control, enum control_kind kind, uint32_t id)
{
    uint32_t place = place_of(control, kind, id);
    struct holding *holding = &control->holdings[place];
    return place < control->count && holding->kind == kind && holding->id == id ? holding : NULL;
}

static bool insert(struct control *control, const struct holding *holding)
{
    if (control->count == CONTROL_MAX) {
        return false;
    }
    uint32_t place = place_of(control, holding->kind, holding->id);
    memmove(&control->holdings[place + 1], &control->holdings[place], (control->count - place) * sizeof *holding);
    control->holdings[place] = *holding;
    control->count += 1;
    return true;
}

static void drop(struct control *control, struct holding *holding)
{
    uint32_t place = (uint32_t)(holding - control->holdings);
    memmove(holding, holding + 1, (control->count - place - 1) * sizeof *holding);
    control->count -= 1;
}

static int kind_find(const char *name)
{
    for (int kind = 0; kind < CONTROL_KIND_COUNT; kind++) {
        if (strcmp(CONTROL_NAMES[kind], name) == 0) {
            return kind;
        }
    }
    return -1;
}

static enum status read_row(void *context, const struct sql_row *row, struct error *error)
{
    struct control *control = context;
    int kind = kind_find(sql_row_text(row, 0));
    struct holding holding = { .id = (uint32_t)sql_row_int(row, 1),
                               .actor = (uint32_t)sql_row_int(row, 2),
                               .since = { sql_row_int(row, 3) },
                               .was_seen = true };
    if (kind < 0) {
        return ERROR(error, STATUS_CORRUPT, "the table control has a row of an unknown kind");
    }
    holding.kind = (enum control_kind)kind;
    return insert(control, &holding) ? STATUS_OK
                                     : ERROR(error, STATUS_FULL, "the table control has more than %d rows", CONTROL_MAX);
}

enum status control_create(struct sql *sql, struct workers *clerk, struct control **control, struct error *error)
{
    struct control *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for who has what in hand");
    }
    made->sql = sql;
    made->clerk = clerk;
    made->version = 1;
    enum status status = sql_query(sql, "SELECT kind, id, person, since FROM control", SQL_NO_PARAMETERS, read_row, made, NULL,
                                   error);
    if (status != STATUS_OK) {
        free(made);
        return status;
    }
    *control = made;
    return STATUS_OK;
}

void control_destroy(struct control *control) { free(control); }

enum status control_reload(struct control *control, struct sql *sql, struct error *error)
{
    for (uint32_t i = 0; i < control->count; i++) {
        if (control->holdings[i].change != CHANGE_NONE) {
            return ERROR(error, STATUS_IO, "who has what in hand is still being written");
        }
    }
    struct control *fresh = NULL;
    TRY(control_create(sql, control->clerk, &fresh, error));
    memcpy(control->holdings, fresh->holdings, fresh->count * sizeof fresh->holdings[0]);
    control->count = fresh->count;
    control->version += 1;
    control_destroy(fresh);
    return STATUS_OK;
}

uint32_t control_holder(const struct control *control, enum control_kind kind, uint32_t id)
{
    uint32_t place = place_of(control, kind, id);
    const struct holding *holding = &control->holdings[place];
    bool held = place < control->count && holding->kind == kind && holding->id == id && holding->change != CHANGE_TAKING;
    return held ? holding->actor : 0;
}

uint64_t control_version(const struct control *control) { return control->version; }

/* ---- changes ---- */

typedef void control_done(void *context, enum control_outcome outcome, uint32_t holder);

struct job {
    struct control *control;
    struct holding holding; /* as it shall be; of giving: as it was */
    enum status status;
    control_done *done;
    void *context;
};

static void write_row(void *context)
{
    struct job *job = context;
    const struct holding *holding = &job->holding;
    struct error error;
    const char *kind = CONTROL_NAMES[holding->kind];
    if (holding->change == CHANGE_TAKING) {
        job->status = sql_run(
            job->control->sql,
            "INSERT INTO control(kind, id, person, since) VALUES($1, $2, $3, $4)"
            " ON CONFLICT(kind, id) DO UPDATE SET person = excluded.person, since = excluded.since",
            SQL_PARAMETERS(sql_text(kind), sql_int(holding->id), sql_int(holding->actor), sql_int(holding->since.us)), NULL,
            &error);
    } else {
        job->status = sql_run(job->control->sql, "DELETE FROM control WHERE kind = $1 AND id = $2",
                              SQL_PARAMETERS(sql_text(kind), sql_int(holding->id)), NULL, &error);
    }
    if (job->status != STATUS_OK) {
        LOG(LOG_ERROR, "control", "who has what in hand could not be stored", LOG_TEXT("why", error.text));
    }
}

static void written(void *context)
{
    struct job *job = context;
    struct control *control = job->control;
    bool stored = job->status == STATUS_OK, taking = job->holding.change == CHANGE_TAKING;
    struct holding *holding = find(control, job->holding.kind, job->holding.id);
    CHECK(holding != NULL && holding->change == job->holding.change);
    holding->change = CHANGE_NONE;
    if (stored != taking) { /* given, or not taken */
        drop(control, holding);
    }
    control->version += stored;
    job->done(job->context, stored ? CONTROL_DONE : CONTROL_NOT_STORED,
              control_holder(control, job->holding.kind, job->holding.id));
    free(job);
}

/* The holding stands in the table with its change already. */
static void give_to_clerk(struct control *control, struct holding *holding, control_done *done, void *context)
{
    struct job *job = calloc(1, sizeof *job);
    bool taking = holding->change == CHANGE_TAKING;
    if (job != NULL) {
        *job = (struct job){ .control = control, .holding = *holding, .status = STATUS_IO, .done = done, .context = context };
    }
    if (job != NULL && workers_give(control->clerk, write_row, written, job)) {
        return;
    }
    free(job);
    uint32_t holder = taking ? 0 : holding->actor;
    holding->change = CHANGE_NONE;
    if (taking) {
        drop(control, holding);
    }
    done(context, CONTROL_NOT_STORED, holder);
}

void control_take(struct control *control, enum control_kind kind, uint32_t id, uint32_t actor, struct instant now,
                  control_done *done, void *context)
{
    struct holding *holding = find(control, kind, id);
    if (holding != NULL) {
        bool mine = holding->actor == actor;
        enum control_outcome settled = mine ? CONTROL_DONE : CONTROL_TAKEN_ALREADY;
        bool pending = holding->change != CHANGE_NONE;
        done(context, pending ? CONTROL_NOT_STORED : settled, control_holder(control, kind, id));
        return;
    }
    struct holding taken = { .kind = kind, .id = id, .actor = actor, .since = now, .change = CHANGE_TAKING };
    if (!insert(control, &taken)) {
        done(context, CONTROL_FULL, 0);
        return;
    }
    give_to_clerk(control, find(control, kind, id), done, context);
}

void control_give(struct control *control, enum control_kind kind, uint32_t id, uint32_t actor, bool by_force, control_done *done,
                  void *context)
{
    struct holding *holding = find(control, kind, id);
    if (holding == NULL) {
        done(context, CONTROL_NOT_HELD, 0);
    } else if (holding->change != CHANGE_NONE) {
        done(context, CONTROL_NOT_STORED, control_holder(control, kind, id));
    } else if (holding->actor != actor && !by_force) {
        done(context, CONTROL_TAKEN_ALREADY, holding->actor);
    } else {
        holding->change = CHANGE_GIVING;
        give_to_clerk(control, holding, done, context);
    }
}

/* What was not stored is tried again after another absence. */
static void given_back(void *context, enum control_outcome outcome, uint32_t holder)
{
    (void)context, (void)outcome, (void)holder;
}

static bool is_absent_too_long(struct holding *holding, int64_t now_us, int64_t absent_us, bool present)
{
    holding->was_seen = holding->was_seen || present;
    if (present) {
        holding->absent_us = 0;
    } else if (holding->was_seen && holding->absent_us == 0) {
        holding->absent_us = now_us;
    }
    return holding->absent_us != 0 && now_us - holding->absent_us >= absent_us;
}

void control_tidy(struct control *control, int64_t now_us, int64_t absent_us, bool (*is_present)(void *context, uint32_t actor),
                  void *context)
{
    for (uint32_t i = 0; i < control->count; i++) {
        struct holding *holding = &control->holdings[i];
        bool settled = holding->change == CHANGE_NONE;
        if (settled && is_absent_too_long(holding, now_us, absent_us, is_present(context, holding->actor))) {
            holding->absent_us = 0;
            LOG(LOG_INFO, "control", "given back: whoever had it is gone", LOG_TEXT("kind", CONTROL_NAMES[holding->kind]),
                LOG_NUMBER("id", holding->id), LOG_NUMBER("actor", holding->actor));
            holding->change = CHANGE_GIVING;
            give_to_clerk(control, holding, given_back, NULL);
        }
    }
}

/* ---- showing ---- */

void control_write_json(const struct control *control, struct json *json, const char *name,
                        bool (*shown)(void *context, enum control_kind kind, uint32_t id), void *context)
{
    json_array_begin(json, name);
    for (uint32_t i = 0; i < control->count; i++) {
        const struct holding *holding = &control->holdings[i];
        if (holding->change == CHANGE_TAKING || !shown(context, holding->kind, holding->id)) {
            continue;
        }
        json_object_begin(json, NULL);
        json_text(json, "kind", CONTROL_NAMES[holding->kind]);
        json_int(json, "id", holding->id);
        json_int(json, "actor", holding->actor);
        form_instant(json, "since", holding->since);
        json_object_end(json);
    }
    json_array_end(json);
}
