/* Rows are read in pages, so that neither database has to hold a year in memory; measure keeps 120 bytes of each. */
#include "host/report_query.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "host/report_rows.h"
#include "measure/result.h"
#include "wire/form.h"

enum { PAGE_ROWS = 5000, PERIOD_DAYS_MAX = 36525, SHARE_DECIMALS = 6, SECONDS_DECIMALS = 3 };

/* ---- rows of a period ---- */

/* Where a page ends: the last row's time and id. */
struct place {
    int64_t offered_us, id;
};

static enum status read_page(struct sql *sql, enum report_kind kind, const struct report_question *question, struct place after,
                             int64_t limit, sql_row_fn row, void *context, int64_t *rows, struct error *error)
{
    const struct report_table *table = &REPORT_TABLES[kind];
    const struct sql_value values[] = {
        sql_int(question->from.us), sql_int(question->to.us), sql_int(after.offered_us),
        sql_int(after.id),          sql_int(limit),           sql_int(question->district),
    };
    bool by_place = question->district != 0;
    return sql_query(sql, by_place ? table->by_place : table->by_time, values, ARRAY_LENGTH(values) - !by_place, row, context,
                     rows, error);
}

static enum status check_question(const struct report_question *question, struct error *error)
{
    if (!instant_before(question->from, question->to)) {
        return ERROR(error, STATUS_BAD_INPUT, "the period is empty: it begins where it ends, or later");
    }
    uint64_t length_us = (uint64_t)question->to.us - (uint64_t)question->from.us;
    return length_us <= (uint64_t)PERIOD_DAYS_MAX * US_PER_DAY
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "the period is longer than a hundred years");
}

/* ---- indicators ---- */

struct gathering {
    struct measure *measure;
    struct place last;
    uint64_t calls, by_result[CALL_RESULT_COUNT], afterwards;
    uint64_t sequence;
};

static enum status take_call(void *context, const struct sql_row *row, struct error *error)
{
    struct gathering *gathering = context;
    struct call_record record;
    report_call_read(row, &record);
    if (record.result >= CALL_RESULT_COUNT || record.priority > PRIORITY_COUNT) {
        return ERROR(error, STATUS_CORRUPT, "the report's row of call %u has codes that do not exist", record.call);
    }
    if (gathering->calls == REPORT_CALLS_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "the period holds more than %d calls; ask for a shorter one", REPORT_CALLS_MAX);
    }
    gathering->calls += 1;
    gathering->by_result[record.result] += 1;
    gathering->afterwards += record.form != 0;
    gathering->last = (struct place){ record.at[STAGE_CALL_OFFERED].us, record.call };
    measure_add_call(gathering->measure, &record);
    return STATUS_OK;
}

static enum status take_mission(void *context, const struct sql_row *row, struct error *error)
{
    struct gathering *gathering = context;
    struct mission_record record;
    report_mission_read(row, &record);
    if (record.priority > PRIORITY_COUNT) {
        return ERROR(error, STATUS_CORRUPT, "the report's row of mission %u has codes that do not exist", record.mission);
    }
    gathering->last = (struct place){ record.offered_at.us, record.mission };
    measure_add_mission(gathering->measure, &record);
    return STATUS_OK;
}

static enum status take_sequence(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    ((struct gathering *)context)->sequence = (uint64_t)sql_row_int(row, 0);
    return STATUS_OK;
}

static enum status gather_all(struct sql *sql, enum report_kind kind, const struct report_question *question, sql_row_fn take,
                              struct gathering *gathering, struct error *error)
{
    gathering->last = (struct place){ INT64_MIN, 0 };
    int64_t rows = PAGE_ROWS;
    while (rows == PAGE_ROWS) {
        TRY(read_page(sql, kind, question, gathering->last, PAGE_ROWS, take, gathering, &rows, error));
    }
    return STATUS_OK;
}

static enum status gather(struct sql *sql, const struct report_question *question, struct gathering *gathering,
                          struct error *error)
{
    TRY(sql_query(sql, "SELECT sequence FROM projection WHERE name = 'report'", SQL_NO_PARAMETERS, take_sequence, gathering, NULL,
                  error));
    TRY(gather_all(sql, REPORT_CALL, question, take_call, gathering, error));
    TRY(gather_all(sql, REPORT_MISSION, question, take_mission, gathering, error));
    return measure_finish(gathering->measure, question->to, error);
}

static enum status create_measure(const struct report_question *question, struct measure **measure, struct error *error)
{
    /* Nothing is followed, so the tables that follow are as small as they may be. */
    struct measure_setup setup = {
        .limits = { .calls = 1, .incidents = 1, .units = 1, .posts = 1, .facilities = 1, .keys = 1, .alarms = 1, .protocols = 1 },
        .district_count = question->district_count,
        .begin = question->from,
        .end = question->to,
    };
    for (int priority = 0; priority < PRIORITY_COUNT; priority++) {
        setup.target[priority] = question->target[priority];
    }
    return measure_create(&setup, measure, error);
}

/* ---- figures as JSON ---- */

struct telling {
    const struct report_question *question;
    const struct measure_result *result;
    struct json *json;
};

static double value_at(const struct telling *telling, size_t place) { return telling->result->values[place]; }

static void put_count(const struct telling *telling, const char *name, double count)
{
    json_int(telling->json, name, isnan(count) ? 0 : (int64_t)count);
}

static void put_indicator(const struct telling *telling, unsigned indicator, uint32_t group)
{
    const struct indicator_definition *definition = &INDICATORS[indicator];
    const struct measure_layout *layout = &telling->result->layout;
    size_t place = place_indicator(layout, (enum indicator)indicator, group, INDICATOR_VALUE);
    double value = value_at(telling, place + INDICATOR_VALUE);
    put_count(telling, "n", value_at(telling, place + INDICATOR_N));
    put_count(telling, "missing", value_at(telling, place + INDICATOR_MISSING));
    put_count(telling, "afterwards", value_at(telling, place + INDICATOR_AFTERWARDS));
    json_number(telling->json, "value", value, indicator_in_seconds(definition) ? SECONDS_DECIMALS : SHARE_DECIMALS);
    if (isnan(value) || !definition->has_target) {
        json_none(telling->json, "met");
    } else {
        json_bool(telling->json, "met", indicator_is_met(definition, value));
    }
}

static void put_interval(const struct telling *telling, unsigned interval, uint32_t group)
{
    const struct measure_layout *layout = &telling->result->layout;
    size_t place = place_sample(layout, (enum interval)interval, group, SAMPLE_N);
    put_count(telling, SAMPLE_NAMES[SAMPLE_N], value_at(telling, place + SAMPLE_N));
    put_count(telling, SAMPLE_NAMES[SAMPLE_MISSING], value_at(telling, place + SAMPLE_MISSING));
    put_count(telling, SAMPLE_NAMES[SAMPLE_AFTERWARDS], value_at(telling, place + SAMPLE_AFTERWARDS));
    for (unsigned statistic = SAMPLE_MEAN_S; statistic < SAMPLE_COUNT; statistic++) {
        json_number(telling->json, SAMPLE_NAMES[statistic], value_at(telling, place + statistic), SECONDS_DECIMALS);
    }
}

typedef void (*put_fn)(const struct telling *telling, unsigned what, uint32_t group);

static void put_priorities(const struct telling *telling, put_fn put, unsigned what, uint32_t first_group)
{
    json_array_begin(telling->json, "priorities");
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        json_object_begin(telling->json, NULL);
        json_text(telling->json, "priority", priority_name((enum priority)priority));
        put(telling, what, first_group + priority);
        json_object_end(telling->json);
    }
    json_array_end(telling->json);
}

/* Of all, by priority, and by district unless one was asked for; district 0 is unknown. */
static void put_groups(const struct telling *telling, put_fn put, unsigned what)
{
    put(telling, what, group_all());
    put_priorities(telling, put, what, group_priority(0));
    if (telling->question->district != 0) {
        return;
    }
    json_array_begin(telling->json, "districts");
    for (uint32_t district = 0; district <= telling->question->district_count; district++) {
        json_object_begin(telling->json, NULL);
        json_int(telling->json, "district", district);
        put(telling, what, group_district(district));
        put_priorities(telling, put, what, group_district_priority(district, 0));
        json_object_end(telling->json);
    }
    json_array_end(telling->json);
}

static void put_indicators(const struct telling *telling)
{
    struct json *json = telling->json;
    json_array_begin(json, "indicators");
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_definition *definition = &INDICATORS[i];
        json_object_begin(json, NULL);
        json_text(json, "name", definition->name);
        json_int(json, "version", definition->version);
        json_text(json, "title", definition->title);
        json_text(json, "title_zh", definition->zh);
        json_text(json, "unit", indicator_in_seconds(definition) ? "s" : "share");
        json_text(json, "better", definition->high_is_better ? "high" : "low");
        if (definition->has_target) {
            json_number(json, "target", definition->target, SHARE_DECIMALS);
        } else {
            json_none(json, "target");
        }
        json_text(json, "who", definition->who);
        put_groups(telling, put_indicator, i);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_intervals(const struct telling *telling)
{
    struct json *json = telling->json;
    json_array_begin(json, "intervals");
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        const struct interval_definition *definition = &INTERVALS[i];
        json_object_begin(json, NULL);
        json_text(json, "name", definition->name);
        json_text(json, "title", definition->title);
        json_text(json, "title_zh", definition->zh);
        json_text(json, "from", STAGE_NAMES[definition->from]);
        json_text(json, "to", STAGE_NAMES[definition->to]);
        put_groups(telling, put_interval, i);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_answer(const struct telling *telling, const struct gathering *gathering)
{
    struct json *json = telling->json;
    form_instant(json, "from", telling->question->from);
    form_instant(json, "to", telling->question->to);
    if (telling->question->district == 0) {
        json_none(json, "district");
    } else {
        json_int(json, "district", telling->question->district);
    }
    uint64_t reached = telling->question->reached;
    json_int(json, "sequence", (int64_t)(reached > gathering->sequence ? reached : gathering->sequence));
    json_object_begin(json, "calls");
    json_int(json, "all", (int64_t)gathering->calls);
    json_int(json, "afterwards", (int64_t)gathering->afterwards);
    for (unsigned result = 0; result < CALL_RESULT_UNFINISHED; result++) {
        json_int(json, CALL_RESULT_NAMES[result], (int64_t)gathering->by_result[result]);
    }
    json_object_end(json);
    put_indicators(telling);
    put_intervals(telling);
}

enum status report_indicators(struct sql *sql, const struct report_question *question, struct json *json, struct error *error)
{
    struct gathering gathering = { .calls = 0 };
    TRY(check_question(question, error));
    TRY(create_measure(question, &gathering.measure, error));
    struct measure_result result;
    struct measure_layout layout = measure_layout(question->district_count, 0, 0);
    enum status status = gather(sql, question, &gathering, error);
    if (status == STATUS_OK) {
        status = measure_compute(gathering.measure, &layout, &result, error);
    }
    measure_destroy(gathering.measure);
    TRY(status);
    put_answer(&(struct telling){ .question = question, .result = &result, .json = json }, &gathering);
    measure_result_free(&result);
    return STATUS_OK;
}

/* ---- calls one by one ---- */

static void put_id(struct json *json, const char *name, uint32_t id)
{
    if (id == 0) {
        json_none(json, name);
    } else {
        json_int(json, name, id);
    }
}

/* A code's label; null for a code that means none. */
static void put_label(struct json *json, const char *name, const char *const *labels, unsigned count, unsigned code)
{
    if (code < count) {
        json_text(json, name, labels[code]);
    } else {
        json_none(json, name);
    }
}

static void put_call(struct json *json, const struct call_record *record)
{
    json_object_begin(json, NULL);
    json_int(json, "call", record->call);
    put_id(json, "external", record->external);
    if (record->form == 0) {
        json_none(json, "form");
    } else {
        json_int(json, "form", record->form);
    }
    put_id(json, "incident", record->incident);
    put_id(json, "mission", record->mission);
    put_id(json, "unit", record->unit);
    put_id(json, "facility", record->facility);
    put_id(json, "district", record->district);
    put_label(json, "priority", enum_names_priority.labels, PRIORITY_COUNT, record->priority);
    put_label(json, "result", CALL_RESULT_NAMES, CALL_RESULT_COUNT, record->result);
    put_label(json, "shortfall_reason", enum_names_shortfall_reason.labels, SHORTFALL_REASON_COUNT, record->shortfall_reason);
    put_label(json, "reached_by", DISPATCH_NAMES, DISPATCH_KIND_COUNT, record->reached_by);
    form_point(json, "point", record->point);
    json_int(json, "units_needed", record->units_needed);
    json_int(json, "units_short", record->units_short);
    json_int(json, "dispatches", record->dispatches);
    json_int(json, "diversions", record->diversions);
    json_bool(json, "was_queued", record->was_queued);
    json_bool(json, "transported", record->transported);
    put_id(json, "protocol", record->protocol);
    put_label(json, "proposed", enum_names_priority.labels, PRIORITY_COUNT, record->proposed);
    put_label(json, "opened", enum_names_priority.labels, PRIORITY_COUNT, record->opened);
    json_bool(json, "reprioritised", record->reprioritised);
    form_duration(json, "queued_s", record->queued);
    json_object_begin(json, "at");
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
        form_instant(json, STAGE_NAMES[stage], record->at[stage]);
    }
    json_object_end(json);
    json_object_end(json);
}

/* One row more than the page is read, to know whether another page follows. */
struct page {
    struct call_record *records;
    uint32_t count;
};

static enum status keep_record(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct page *page = context;
    report_call_read(row, &page->records[page->count++]);
    return STATUS_OK;
}

static enum status take_offered(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    ((struct place *)context)->offered_us = sql_row_int(row, 0);
    return STATUS_OK;
}

static enum status find_place(struct sql *sql, uint32_t after, struct place *place, struct error *error)
{
    *place = (struct place){ INT64_MIN, after };
    int64_t rows = 1;
    if (after != 0) {
        TRY(sql_query(sql, "SELECT offered_at FROM report_call WHERE call = $1", SQL_PARAMETERS(sql_int(after)), take_offered,
                      place, &rows, error));
    }
    return rows == 1 ? STATUS_OK : ERROR(error, STATUS_NOT_FOUND, "there is no call %u in the report to go on after", after);
}

enum status report_calls(struct sql *sql, const struct report_question *question, uint32_t after, uint32_t limit,
                         struct json *json, struct error *error)
{
    CHECK(limit >= 1 && limit <= REPORT_PAGE_MAX);
    struct place place;
    TRY(check_question(question, error));
    TRY(find_place(sql, after, &place, error));
    struct page page = { .records = calloc(limit + 1, sizeof *page.records) };
    if (page.records == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a page of the report");
    }
    enum status status = read_page(sql, REPORT_CALL, question, place, limit + 1, keep_record, &page, NULL, error);
    if (status == STATUS_OK) {
        json_array_begin(json, "items");
        for (uint32_t i = 0; i < page.count && i < limit; i++) {
            put_call(json, &page.records[i]);
        }
        json_array_end(json);
        put_id(json, "next", page.count > limit ? page.records[limit - 1].call : 0);
    }
    free(page.records);
    return status;
}
