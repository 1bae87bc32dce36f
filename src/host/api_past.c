/* What was: GET /incidents/{id}/history and /timeline in a thread of their own, /reports/hours and /demand in that of the
 * reports. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/api_private.h"
#include "host/past.h"
#include "host/report_counts.h"

enum { STEP_S = 15, STEP_S_MAX = 3600, TIMELINE_S = 3600, DEMAND_DAYS = 28, AT_ONCE_MAX = 4 };

/* One question, kept with the exchange. */
struct past_job {
    struct exchange *exchange;
    struct past_story story;
    struct past_actors actors;
    struct past_timeline timeline;
    struct report_period period;
};

/* ---- beginning and ending ---- */

static void answer_job(void *kept)
{
    struct exchange *exchange = ((struct past_job *)kept)->exchange;
    if (exchange->status == STATUS_OK) {
        exchange_send(exchange, 200);
    } else if (exchange->status == STATUS_NOT_FOUND) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
    } else if (exchange->status == STATUS_BAD_INPUT) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s", exchange->why);
    } else {
        exchange_failed(exchange, "It could not be read");
    }
}

static void end_job(struct past_job *job, enum status status, const struct error *error)
{
    struct exchange *exchange = job->exchange;
    exchange->status = status;
    if (status != STATUS_OK) {
        snprintf(exchange->why, sizeof exchange->why, "%.*s", (int)sizeof exchange->why - 1, error->text);
    }
}

static void give_job(struct past_job *job, struct workers *workers, void (*work)(void *job), void (*done)(void *job))
{
    job->exchange->status = STATUS_IO; /* until the work has been done */
    if (!exchange_take_share(job->exchange, AT_ONCE_MAX)) {
        return;
    }
    if (!workers_give(workers, work, done, job)) {
        exchange_problem_of(job->exchange, PROBLEM_BUSY);
    }
}

static bool is_gone(void *context) { return http_is_gone(((struct exchange *)context)->request); }

/* NULL: answered. */
static struct past_job *begin_job(struct exchange *exchange)
{
    struct past_job *job = calloc(1, sizeof *job);
    exchange->kept = job;
    if (job == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return NULL;
    }
    job->exchange = exchange;
    job->story.patience = job->timeline.patience = (struct past_patience){ is_gone, exchange };
    job->story.last = job->timeline.last = exchange_core(exchange)->head->sequence;
    return job;
}

/* The parameters from and to; without them the time before now. False: answered. */
static bool read_period(struct exchange *exchange, int64_t length_s, struct instant *from, struct instant *to)
{
    struct instant now = clock_now(exchange->api->setup.clock);
    return exchange_instant(exchange, "to", now, to) &&
           exchange_instant(exchange, "from", instant_add(*to, duration_seconds(-length_s)), from);
}

/* ---- GET /incidents/{id}/history ---- */

static bool may_read(void *context, uint32_t district)
{
    return rights_district(&((struct exchange *)context)->identity, RESOURCE_REVIEW, district);
}

static void read_story(void *kept)
{
    struct past_job *job = kept;
    struct error error = { .text = "" };
    enum status status = past_story(job->exchange->api->setup.past, &job->story, exchange_object(job->exchange), &error);
    end_job(job, status, &error);
}

/* Names are the I/O thread's. */
static void answer_story(void *kept)
{
    struct past_job *job = kept;
    struct json *json = &job->exchange->json;
    if (job->exchange->status == STATUS_OK) {
        json_array_begin(json, "actors");
        for (uint32_t i = 0; i < job->actors.count; i++) {
            json_object_begin(json, NULL);
            json_int(json, "actor", job->actors.ids[i]);
            json_text(json, "name", people_name(job->exchange->api->setup.people, job->actors.ids[i]));
            json_object_end(json);
        }
        json_array_end(json);
    }
    answer_job(job);
}

/* When the first of its calls rang, of those that the state still holds. */
static struct instant first_ring(const struct core *core, const struct incident *incident)
{
    struct instant first = incident->offered_at;
    for (uint32_t i = 0; i < core->head->limits.calls; i++) {
        const struct call *call = &core->calls[i];
        if (call->id != 0 && call->incident.v == incident->id && instant_before(call->offered_at, first)) {
            first = call->offered_at;
        }
    }
    return first;
}

void api_list_incident_history(struct exchange *exchange)
{
    struct past_job *job = begin_job(exchange);
    if (job == NULL || !exchange_page(exchange)) {
        return;
    }
    const struct core *core = exchange_core(exchange);
    const struct incident *incident = core_incident(core, (struct incident_id){ exchange->id });
    job->story.incident = exchange->id;
    job->story.offered_at = incident != NULL ? first_ring(core, incident) : INSTANT_NONE;
    job->story.open = incident != NULL && incident->state != INCIDENT_STATE_CLOSED;
    job->story.after = exchange->after;
    job->story.limit = exchange->limit;
    job->story.may_read = may_read;
    job->story.context = exchange;
    job->story.actors = &job->actors;
    give_job(job, exchange->api->setup.past_workers, read_story, answer_story);
}

/* ---- GET /timeline ---- */

/* With the codes that units have now: the directory is the I/O thread's. */
static void write_units(struct exchange *exchange)
{
    struct json *json = exchange_object(exchange);
    const struct core *core = exchange_core(exchange);
    json_array_begin(json, "units");
    for (uint32_t id = 1; id <= core_unit_count(core); id++) {
        const struct directory_entry *entry = directory_find(exchange->api->setup.directory, DIRECTORY_UNIT, id);
        json_object_begin(json, NULL);
        json_int(json, "id", id);
        json_text(json, "code", entry != NULL ? entry->code : "");
        json_object_end(json);
    }
    json_array_end(json);
}

static void make_timeline(void *kept)
{
    struct past_job *job = kept;
    struct exchange *exchange = job->exchange;
    struct error error = { .text = "" };
    end_job(job, past_timeline(exchange->api->setup.past, &job->timeline, &exchange->json, &error), &error);
}

void api_show_timeline(struct exchange *exchange)
{
    struct past_job *job = begin_job(exchange);
    struct error error;
    int64_t step_s = STEP_S;
    if (job == NULL || !read_period(exchange, TIMELINE_S, &job->timeline.from, &job->timeline.to) ||
        !exchange_number(exchange, "step_s", 1, STEP_S_MAX, &step_s)) {
        return;
    }
    struct instant now = clock_now(exchange->api->setup.clock);
    if (!rights_district(&exchange->identity, RESOURCE_REVIEW, 0)) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED, "The right %s is missing for the whole centre.",
                              RESOURCE_NAMES[RESOURCE_REVIEW]);
        return;
    }
    job->timeline.step_s = (uint32_t)step_s;
    job->timeline.to = instant_before(now, job->timeline.to) ? now : job->timeline.to;
    if (past_timeline_check(&job->timeline, &error) != STATUS_OK) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s", error.text);
        return;
    }
    write_units(exchange);
    give_job(job, exchange->api->setup.past_workers, make_timeline, answer_job);
}

/* ---- GET /reports/hours and /demand ---- */

/* False: answered. */
static bool read_place(struct past_job *job)
{
    struct exchange *exchange = job->exchange;
    int64_t district = 0;
    if (!exchange_number(exchange, "district", 1, UINT32_MAX, &district)) {
        return false;
    }
    job->period.district = (uint32_t)district;
    if (!rights_district(&exchange->identity, RESOURCE_INDICATORS, (uint32_t)district)) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED, "The right %s is missing for %s.",
                              RESOURCE_NAMES[RESOURCE_INDICATORS],
                              district == 0 ? "the whole centre: ask for one district" : "this district");
        return false;
    }
    return true;
}

static void count_hours(void *kept)
{
    struct past_job *job = kept;
    struct error error = { .text = "" };
    struct json *json = exchange_object(job->exchange);
    end_job(job, report_hours(job->exchange->api->setup.report_sql, &job->period, json, &error), &error);
}

void api_list_hours(struct exchange *exchange)
{
    struct past_job *job = begin_job(exchange);
    if (job != NULL && read_period(exchange, INT64_C(86400), &job->period.from, &job->period.to) && read_place(job)) {
        give_job(job, exchange->api->setup.reports, count_hours, answer_job);
    }
}

/* In a drill nobody lives anywhere: every cell is shown, until now. */
static void count_demand(void *kept)
{
    struct past_job *job = kept;
    const struct api_setup *setup = &job->exchange->api->setup;
    struct error error = { .text = "" };
    struct json *json = exchange_object(job->exchange);
    end_job(job, report_demand(setup->report_sql, &job->period, setup->drill ? 1 : DEMAND_MINIMUM, json, &error), &error);
}

void api_show_demand(struct exchange *exchange)
{
    struct past_job *job = begin_job(exchange);
    int64_t days = DEMAND_DAYS;
    if (job == NULL || !exchange_number(exchange, "days", 1, DEMAND_DAYS_MAX, &days) || !read_place(job)) {
        return;
    }
    job->period.to = clock_now(exchange->api->setup.clock);
    if (!exchange->api->setup.drill) { /* else one call more would tell of a call of this minute */
        job->period.to.us -= job->period.to.us % US_PER_DAY;
    }
    job->period.from = instant_add(job->period.to, duration_us(-days * US_PER_DAY));
    give_job(job, exchange->api->setup.reports, count_demand, answer_job);
}
