/* mingdi road traces: the positions of a journal as a table, with the trips that they are of. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/verb.h"
#include "core/engine.h"
#include "host/road_worker.h"
#include "policy/policies.h"
#include "road/profile.h"
#include "store/store.h"
#include "wire/form.h"

enum { WRITE_AT = 1 << 16, TEXT_MAX = 1 << 20 };

/* What a unit drives for: the number of a trip stays the same as long as that does. */
struct errand {
    uint64_t key; /* 0: it does not drive */
    uint64_t trip;
};

struct traces {
    struct engine *engine;
    struct file_writer writer;
    struct text text;
    struct errand *errands; /* by unit */
    uint64_t trips, rows;
};

/* 0 where the unit stands as far as is known. *profile: how it drives, *since: from when on it does so. */
static uint64_t errand_of(const struct core *core, const struct unit *unit, enum road_profile *profile, struct instant *since)
{
    *profile = ROAD_NORMAL;
    *since = INSTANT_NONE;
    if (unit->state == UNIT_STATE_RETURNING) {
        *since = unit->changed_at;
        return (uint64_t)unit->changed_at.us << 2 | 3;
    }
    const struct mission *mission = core_mission(core, unit->mission);
    bool to_scene = mission != NULL && mission->state == MISSION_STATE_DEPARTED;
    if (mission == NULL || (!to_scene && mission->state != MISSION_STATE_LEFT_SCENE)) {
        return 0;
    }
    const struct incident *incident = core_incident(core, mission->incident);
    *profile = incident == NULL ? ROAD_NORMAL : road_profile_of(incident->priority);
    *since = to_scene ? mission->departed_at : mission->on_scene_at;
    return (uint64_t)mission->id << 2 | (to_scene ? 1u : 2u);
}

static enum status flush_text(struct traces *traces, struct error *error)
{
    if (traces->text.failed) {
        return ERROR(error, STATUS_NO_MEMORY, "road traces: no memory for the output");
    }
    TRY(file_writer_write(&traces->writer, traces->text.bytes, traces->text.length, error));
    text_clear(&traces->text);
    return STATUS_OK;
}

static enum status write_row(struct traces *traces, const struct unit *unit, struct geo_point point, struct instant at,
                             struct error *error)
{
    enum road_profile profile;
    struct instant since;
    char when[FORM_INSTANT_SIZE];
    struct errand *errand = &traces->errands[unit->id];
    uint64_t key = errand_of(engine_core(traces->engine), unit, &profile, &since);
    if (!form_instant_text(at, when)) {
        return STATUS_OK;
    }
    if (key != errand->key) {
        *errand = (struct errand){ key, key == 0 ? 0 : ++traces->trips };
    }
    text_printf(&traces->text, "%u,%s,%.7f,%.7f,", unit->id, when, geo_lon(point), geo_lat(point));
    if (key != 0 && (instant_is_none(since) || !instant_before(at, since))) {
        text_printf(&traces->text, "%llu,%s\n", (unsigned long long)errand->trip, PROFILES[profile].name);
    } else {
        text_puts(&traces->text, ",\n");
    }
    traces->rows += 1;
    return traces->text.length >= WRITE_AT || traces->text.failed ? flush_text(traces, error) : STATUS_OK;
}

static enum status write_fix(struct traces *traces, uint32_t id, struct geo_point point, struct instant at, struct error *error)
{
    const struct unit *unit = core_unit(engine_core(traces->engine), (struct unit_id){ id });
    return unit == NULL ? STATUS_OK : write_row(traces, unit, point, at, error);
}

static enum status take_entry(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct traces *traces = visitor;
    TRY(engine_apply_entry(traces->engine, entry, error));
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (event->kind == EVENT_UNIT_POSITIONED) {
            const struct event_unit_positioned *one = (const struct event_unit_positioned *)(const void *)event;
            TRY(write_fix(traces, one->unit.v, one->point, one->occurred_at, error));
        } else if (event->kind == EVENT_UNITS_POSITIONED) {
            const struct event_units_positioned *many = (const struct event_units_positioned *)(const void *)event;
            for (uint32_t k = 0; k < many->count; k++) {
                const struct fix *fix = &many->items[k];
                TRY(write_fix(traces, fix->unit.v, fix->point, fix->occurred_at, error));
            }
        }
    }
    return STATUS_OK;
}

static enum status write_table(struct traces *traces, const struct journal *journal, const char *path, struct error *error)
{
    TRY(file_writer_open(&traces->writer, path, error));
    text_init(&traces->text, TEXT_MAX);
    text_puts(&traces->text, "unit,at,lon,lat,trip,profile\n");
    enum status status = journal->read(journal->context, 1, take_entry, traces, error);
    if (status == STATUS_OK) {
        status = flush_text(traces, error);
    }
    text_free(&traces->text);
    if (status != STATUS_OK) {
        file_writer_abandon(&traces->writer);
        return status;
    }
    return file_writer_commit(&traces->writer, error);
}

static enum status run_with(const struct journal *journal, const char *path, struct error *error)
{
    const struct limits fallback = LIMITS_DEFAULT;
    struct traces traces = { 0 };
    struct journal_facts facts;
    store_journal_facts(journal, &facts);
    const struct limits *limits = facts.limits_known ? &facts.limits : &fallback;
    const struct policy *policy = policy_find("standard"); /* nothing is decided: the events are applied as they stand */
    TRY(engine_create(limits, policy, NULL, &traces.engine, error));
    traces.errands = calloc((size_t)limits->units + 1, sizeof *traces.errands);
    enum status status = traces.errands == NULL ? ERROR(error, STATUS_NO_MEMORY, "road traces: no memory for the units")
                                                : write_table(&traces, journal, path, error);
    if (status == STATUS_OK) {
        printf("%llu positions of %llu trips\n", (unsigned long long)traces.rows, (unsigned long long)traces.trips);
    }
    free(traces.errands);
    engine_destroy(traces.engine);
    return status;
}

static enum status run_traces(const struct arguments *arguments, struct error *error)
{
    const char *path = argument(arguments, "-o", NULL);
    struct journal journal;
    if (path == NULL) {
        return ERROR(error, STATUS_USAGE, "road traces: -o OUT.csv is missing");
    }
    TRY(store_journal_open_named(arguments->positionals[0], &journal, error));
    enum status status = run_with(&journal, path, error);
    journal.close(journal.context);
    return status;
}

static const struct verb_option TRACES_OPTIONS[] = {
    { "-o", "OUT.csv", "file to write", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_road_traces = {
    .name = "road traces",
    .summary = "the positions of a journal as a table, for road match and road learn",
    .synopsis = "road traces JOURNAL -o OUT.csv",
    .details =
        "JOURNAL is a file, the data folder of a centre, or postgres://USER@HOST/DATABASE. "
        "Writes unit,at,lon,lat,trip,profile: one row a position that the journal keeps (of each unit one in position_keep_s "
        "seconds). trip is a number for each way driven to a scene, to a facility or back to a post, and empty where the unit "
        "stood by what was reported; profile tells how it drove: emergency on calls that are not non-urgent, else normal.\n\n"
        "The table tells where crews were and when. Keep it as the journal is kept.",
    .options = TRACES_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_traces,
};
