/* What is read from tables and from the journal, in threads of their own: the I/O thread never waits for a disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/api_private.h"
#include "host/report_query.h"
#include "wire/entry_json.h"

/* A page of entries ends at this size: one entry may hold the travel times of a whole city. */
enum { ENTRIES_BYTES = 8 << 20 };

/* ---- jobs: work fills the body and sets status; done answers ---- */

static void answer_job(void *job)
{
    struct exchange *exchange = job;
    if (exchange->status == STATUS_OK) {
        exchange_send_body(exchange, 200);
    } else if (exchange->status == STATUS_BAD_INPUT) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s", exchange->why);
    } else {
        exchange_failed(exchange, "It could not be read");
    }
}

static void give(struct exchange *exchange, struct workers *workers, void (*work)(void *job))
{
    exchange->status = STATUS_IO; /* until the work has been done */
    if (!workers_give(workers, work, answer_job, exchange)) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
    }
}

static void end_job(struct exchange *exchange, enum status status, const struct error *error)
{
    exchange->status = status;
    if (status != STATUS_OK) {
        snprintf(exchange->why, sizeof exchange->why, "%.*s", (int)sizeof exchange->why - 1, error->text);
    }
}

static void write_next(struct json *json, uint64_t next)
{
    if (next == 0) {
        json_none(json, "next");
    } else {
        json_int(json, "next", (int64_t)next);
    }
    json_object_end(json);
}

/* ---- GET /entries ---- */

struct reading {
    struct exchange *exchange;
    struct json *json;
    uint64_t last;
    uint32_t count;
    bool full; /* the page ends here, and more may follow */
};

static enum status visit_entry(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct reading *reading = visitor;
    const struct exchange *exchange = reading->exchange;
    reading->full = entry->sequence <= exchange->until &&
                    (reading->count == exchange->limit || exchange->body.length > ENTRIES_BYTES);
    if (reading->full || entry->sequence > exchange->until) {
        return ERROR(error, STATUS_FULL, "the page is full");
    }
    entry_write_form(reading->json, NULL, entry);
    reading->last = entry->sequence;
    reading->count += 1;
    return STATUS_OK;
}

static enum status open_journal(struct api *api, struct error *error)
{
    static const struct journal_options options = { .created_by = NULL };
    if (api->journal_open) {
        return STATUS_OK;
    }
    TRY(store_journal_open(api->setup.store, JOURNAL_READ, &options, &api->journal, error));
    api->journal_open = true;
    return STATUS_OK;
}

static void read_entries(void *job)
{
    struct exchange *exchange = job;
    struct api *api = exchange->api;
    struct error error = { .text = "" };
    struct reading reading = { .exchange = exchange, .json = exchange_object(exchange) };
    json_array_begin(reading.json, "items");
    enum status status = open_journal(api, &error);
    if (status == STATUS_OK) {
        status = api->journal.read(api->journal.context, exchange->after + 1, visit_entry, &reading, &error);
        status = status == STATUS_FULL ? STATUS_OK : status;
        if (status != STATUS_OK) { /* the next one begins with a fresh connection */
            api->journal.close(api->journal.context);
            api->journal_open = false;
        }
    }
    json_array_end(reading.json);
    write_next(reading.json, reading.full ? reading.last : 0);
    end_job(exchange, status, &error);
}

/* Only what the mirror holds too: so that a reader of both never sees the journal ahead of the state. */
void api_list_entries(struct exchange *exchange)
{
    if (exchange_page(exchange)) {
        exchange->until = exchange_core(exchange)->head->sequence;
        give(exchange, exchange->api->setup.reports, read_entries);
    }
}

/* ---- GET /audit ---- */

static void read_audit(void *job)
{
    struct exchange *exchange = job;
    struct error error = { .text = "" };
    uint64_t last = 0;
    struct json *json = exchange_object(exchange);
    const struct audit_page page = { .from = exchange->backward ? exchange->until : exchange->after,
                                     .limit = exchange->limit,
                                     .backward = exchange->backward };
    enum status status = audit_read(exchange->api->setup.sql, page, json, "items", &last, &error);
    if (status == STATUS_OK) {
        write_next(json, last);
    }
    end_job(exchange, status, &error);
}

void api_list_audit(struct exchange *exchange)
{
    int64_t before = -1;
    if (exchange_page(exchange) && exchange_number(exchange, "before", 0, INT64_MAX / 16, &before)) {
        exchange->backward = before >= 0;
        exchange->until = before >= 0 ? (uint64_t)before : 0;
        give(exchange, exchange->api->setup.clerk, read_audit);
    }
}

/* ---- GET /history/{kind}/{id} ---- */

static void read_history(void *job)
{
    struct exchange *exchange = job;
    struct error error = { .text = "" };
    struct json *json = exchange_object(exchange);
    enum status status = audit_history(exchange->api->setup.sql, exchange->word, exchange->id, PAGE_MAX, json, "items", &error);
    json_object_end(json);
    end_job(exchange, status, &error);
}

/* What administration has done, for who administers; the whole trail is the auditor's. */
void api_list_history(struct exchange *exchange)
{
    static const char *const kinds[] = { "person", "token", "unit", "post", "facility", "seat", "terminal" };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(exchange->word, kinds[i]) == 0) {
            give(exchange, exchange->api->setup.clerk, read_history);
            return;
        }
    }
    exchange_problem_of(exchange, PROBLEM_UNKNOWN_PATH);
}

/* ---- GET /indicators and /reports/calls ---- */

/* The question of the query, kept with the exchange; false: answered. */
static bool read_question(struct exchange *exchange, enum resource resource)
{
    const struct api_setup *setup = &exchange->api->setup;
    struct report_question *question = calloc(1, sizeof *question);
    int64_t district = 0;
    exchange->kept = question;
    if (question == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return false;
    }
    struct instant now = clock_now(setup->clock);
    if (!exchange_instant(exchange, "to", now, &question->to) ||
        !exchange_instant(exchange, "from", instant_add(question->to, duration_us(-US_PER_DAY)), &question->from) ||
        !exchange_number(exchange, "district", 1, UINT32_MAX, &district)) {
        return false;
    }
    if (!rights_district(&exchange->identity, resource, (uint32_t)district)) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED, "The right %s is missing for %s.", RESOURCE_NAMES[resource],
                              district == 0 ? "the whole centre: ask for one district" : "this district");
        return false;
    }
    char trouble[PROJECTOR_TROUBLE_SIZE];
    question->reached = projector_reached(setup->projector, trouble, sizeof trouble);
    question->district = (uint32_t)district;
    question->district_count = directory_count(setup->directory, DIRECTORY_DISTRICT);
    memcpy(question->target, exchange_core(exchange)->head->rules.response_target, sizeof question->target);
    return true;
}

static void compute_indicators(void *job)
{
    struct exchange *exchange = job;
    struct error error = { .text = "" };
    struct json *json = exchange_object(exchange);
    enum status status = report_indicators(exchange->api->setup.report_sql, exchange->kept, json, &error);
    if (status == STATUS_OK) {
        json_object_end(json);
    }
    end_job(exchange, status, &error);
}

void api_show_indicators(struct exchange *exchange)
{
    if (read_question(exchange, RESOURCE_INDICATORS)) {
        give(exchange, exchange->api->setup.reports, compute_indicators);
    }
}

static void gather_calls(void *job)
{
    struct exchange *exchange = job;
    struct error error = { .text = "" };
    struct json *json = exchange_object(exchange);
    enum status status = report_calls(exchange->api->setup.report_sql, exchange->kept, (uint32_t)exchange->after, exchange->limit,
                                      json, &error);
    if (status == STATUS_OK) {
        json_object_end(json);
    }
    end_job(exchange, status, &error);
}

void api_list_report_calls(struct exchange *exchange)
{
    if (exchange_page(exchange) && read_question(exchange, RESOURCE_REPORTS)) {
        give(exchange, exchange->api->setup.reports, gather_calls);
    }
}
