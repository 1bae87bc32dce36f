/* Workload: some thousand terminals, some changes a week, a question for the version every few seconds; of unknown ones some a
 * day. Sorted by id, which grows. */
#include "host/terminals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "host/audit.h"
#include "host/log.h"
#include "wire/form.h"

const char *const TERMINAL_KIND_NAMES[TERMINAL_KIND_COUNT] = { [TERMINAL_JT808] = "jt808", [TERMINAL_MQTT] = "mqtt" };

enum { JT808_DIGITS_MAX = 20 };

VEC_TYPE(terminal_vec, struct terminal);

struct terminals {
    struct sql *sql;
    struct workers *clerk;
    int64_t version;
    struct terminal_vec list;
    uint32_t unknown_count;
    struct terminal_unknown unknown[TERMINALS_UNKNOWN_MAX]; /* the newest last */
};

int terminal_kind_find(const char *name)
{
    for (int kind = 0; kind < TERMINAL_KIND_COUNT; kind++) {
        if (strcmp(TERMINAL_KIND_NAMES[kind], name) == 0) {
            return kind;
        }
    }
    return -1;
}

/* ---- the list ---- */

static enum status take_row(void *context, const struct sql_row *row, struct error *error)
{
    struct terminals *terminals = context;
    struct terminal terminal = { .id = (uint32_t)sql_row_int(row, 0), .unit = (uint32_t)sql_row_int(row, 3) };
    int kind = terminal_kind_find(sql_row_text(row, 1));
    if (kind < 0) {
        return STATUS_OK; /* of a later program */
    }
    terminal.kind = (enum terminal_kind)kind;
    terminal.added_at.us = sql_row_int(row, 5);
    (void)snprintf(terminal.number, sizeof terminal.number, "%s", sql_row_text(row, 2));
    (void)snprintf(terminal.device, sizeof terminal.device, "%s", sql_row_text(row, 4));
    if (terminals->list.count >= TERMINALS_MAX) {
        return ERROR(error, STATUS_FULL, "the table terminal has more than %d rows", TERMINALS_MAX);
    }
    return vec_push(&terminals->list, terminal) ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for the terminals");
}

enum status terminals_create(struct sql *sql, struct workers *clerk, struct instant now, struct terminals **terminals,
                             struct error *error)
{
    struct terminals *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the terminals");
    }
    made->sql = sql;
    made->clerk = clerk;
    made->version = now.us;
    enum status status = sql_query(sql, "SELECT id, kind, number, unit, device, added_at FROM terminal ORDER BY id",
                                   SQL_NO_PARAMETERS, take_row, made, NULL, error);
    if (status != STATUS_OK) {
        terminals_destroy(made);
        return status;
    }
    *terminals = made;
    return STATUS_OK;
}

void terminals_destroy(struct terminals *terminals)
{
    if (terminals != NULL) {
        vec_free(&terminals->list);
        free(terminals);
    }
}

static bool has_only(const char *text, const char *letters) { return strspn(text, letters) == strlen(text); }

/* A segment of topics, and none that the gateway has for itself; at the broker the name alone tells who somebody is. */
static bool is_mqtt_sound(const struct terminal *terminal)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return terminal->number[0] != '\0' && has_only(terminal->number, letters) && strcmp(terminal->number, "gateway") != 0 &&
           terminal->device[0] == '\0';
}

static bool is_jt808_sound(struct terminal *terminal)
{
    size_t zeros = strspn(terminal->number, "0"), length = strlen(terminal->number);
    if (zeros == length || length - zeros > JT808_DIGITS_MAX || !has_only(terminal->number, "0123456789abcdef")) {
        return false;
    }
    memmove(terminal->number, terminal->number + zeros, length - zeros + 1);
    for (const char *at = terminal->device; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~') {
            return false;
        }
    }
    return true;
}

bool terminal_is_sound(struct terminal *terminal)
{
    switch (terminal->kind) {
    case TERMINAL_JT808: return is_jt808_sound(terminal);
    case TERMINAL_MQTT: return is_mqtt_sound(terminal);
    case TERMINAL_KIND_COUNT: break;
    }
    UNREACHABLE();
}

static size_t find_id(const struct terminals *terminals, uint32_t id)
{
    size_t low = 0, high = terminals->list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (terminals->list.items[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_listed(const struct terminals *terminals, enum terminal_kind kind, const char *number)
{
    for (size_t i = 0; i < terminals->list.count; i++) {
        const struct terminal *terminal = &terminals->list.items[i];
        if (terminal->kind == kind && strcmp(terminal->number, number) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- changes ---- */

struct job {
    struct terminals *terminals;
    struct terminal terminal;
    bool adds, machine;
    uint32_t actor;
    enum terminals_outcome outcome;
    terminals_done *done;
    void *context;
};

static enum status take_id(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(uint32_t *)context = (uint32_t)sql_row_int(row, 0);
    return STATUS_OK;
}

static enum status write_row(struct job *job, struct error *error)
{
    struct terminal *terminal = &job->terminal;
    struct sql *sql = job->terminals->sql;
    if (!job->adds) {
        return sql_run(sql, "DELETE FROM terminal WHERE id = $1", SQL_PARAMETERS(sql_int(terminal->id)), NULL, error);
    }
    return sql_query(sql, "INSERT INTO terminal(kind, number, unit, device, added_at) VALUES($1, $2, $3, $4, $5) RETURNING id",
                     SQL_PARAMETERS(sql_text(TERMINAL_KIND_NAMES[terminal->kind]), sql_text(terminal->number),
                                    sql_int(terminal->unit), sql_text(terminal->device), sql_int(terminal->added_at.us)),
                     take_id, &terminal->id, NULL, error);
}

static enum status write_change(struct job *job, struct error *error)
{
    struct sql *sql = job->terminals->sql;
    char detail[AUDIT_DETAIL_MAX];
    TRY(sql_begin(sql, error));
    TRY(write_row(job, error));
    (void)snprintf(detail, sizeof detail, "%s %s, unit %" PRIu32, TERMINAL_KIND_NAMES[job->terminal.kind], job->terminal.number,
                   job->terminal.unit);
    const struct audit_entry row = { .actor = job->actor,
                                     .machine = job->machine,
                                     .what = job->adds ? "terminal added" : "terminal removed",
                                     .subject = "terminal",
                                     .subject_id = job->terminal.id,
                                     .detail = detail };
    TRY(audit_append(sql, &row, error));
    return sql_commit(sql, error);
}

static void work(void *memory)
{
    struct job *job = memory;
    struct error error = { .text = "" };
    if (write_change(job, &error) == STATUS_OK) {
        job->outcome = TERMINALS_DONE;
        return;
    }
    bool is_taken = error.status == STATUS_BAD_INPUT && sql_is_conflict(job->terminals->sql);
    sql_rollback(job->terminals->sql);
    job->outcome = is_taken ? TERMINALS_NUMBER_TAKEN : TERMINALS_NOT_STORED;
    if (!is_taken) {
        LOG(LOG_ERROR, "terminals", "a change of the terminals could not be stored", LOG_TEXT("why", error.text));
    }
}

static void drop_unknown(struct terminals *terminals, uint32_t index)
{
    struct terminal_unknown *at = &terminals->unknown[index];
    memmove(at, at + 1, (terminals->unknown_count - index - 1) * sizeof *at);
    terminals->unknown_count -= 1;
}

static struct terminal_unknown *find_unknown(struct terminals *terminals, enum terminal_kind kind, const char *number)
{
    for (uint32_t i = 0; i < terminals->unknown_count; i++) {
        if (terminals->unknown[i].kind == kind && strcmp(terminals->unknown[i].number, number) == 0) {
            return &terminals->unknown[i];
        }
    }
    return NULL;
}

static void put_in_memory(struct terminals *terminals, const struct terminal *terminal)
{
    struct terminal_unknown *unknown = find_unknown(terminals, terminal->kind, terminal->number);
    if (unknown != NULL) {
        drop_unknown(terminals, (uint32_t)(unknown - terminals->unknown));
    }
    if (!vec_push(&terminals->list, *terminal)) {
        LOG(LOG_ERROR, "terminals", "a terminal is stored, but counts after the next start only",
            LOG_NUMBER("terminal", terminal->id));
        return;
    }
    size_t place = terminals->list.count - 1;
    for (; place > 0 && terminals->list.items[place - 1].id > terminal->id; place--) {
        terminals->list.items[place] = terminals->list.items[place - 1];
    }
    terminals->list.items[place] = *terminal;
}

static void take_from_memory(struct terminals *terminals, uint32_t id)
{
    size_t at = find_id(terminals, id);
    if (at < terminals->list.count && terminals->list.items[at].id == id) {
        struct terminal *items = terminals->list.items;
        memmove(&items[at], &items[at + 1], (terminals->list.count - at - 1) * sizeof *items);
        terminals->list.count -= 1;
    }
}

static void written(void *memory)
{
    struct job *job = memory;
    struct terminals *terminals = job->terminals;
    if (job->outcome == TERMINALS_DONE) {
        terminals->version += 1;
        if (job->adds) {
            put_in_memory(terminals, &job->terminal);
        } else {
            take_from_memory(terminals, job->terminal.id);
        }
    }
    job->done(job->context, job->outcome, job->terminal.id);
    free(job);
}

static void give_to_clerk(struct terminals *terminals, const struct job *wanted)
{
    struct job *job = malloc(sizeof *job);
    if (job != NULL) {
        *job = *wanted;
        job->outcome = TERMINALS_NOT_STORED;
    }
    if (job == NULL || !workers_give(terminals->clerk, work, written, job)) {
        free(job);
        wanted->done(wanted->context, TERMINALS_NOT_STORED, 0);
    }
}

void terminals_add(struct terminals *terminals, const struct terminal *terminal, uint32_t actor, bool machine,
                   terminals_done *done, void *context)
{
    if (is_listed(terminals, terminal->kind, terminal->number)) {
        done(context, TERMINALS_NUMBER_TAKEN, 0);
    } else if (terminals->list.count >= TERMINALS_MAX) {
        done(context, TERMINALS_FULL, 0);
    } else {
        give_to_clerk(terminals, &(struct job){ terminals, *terminal, true, machine, actor, TERMINALS_DONE, done, context });
    }
}

void terminals_remove(struct terminals *terminals, uint32_t id, uint32_t actor, bool machine, terminals_done *done, void *context)
{
    size_t at = find_id(terminals, id);
    if (at == terminals->list.count || terminals->list.items[at].id != id) {
        done(context, TERMINALS_NOT_THERE, 0);
    } else {
        const struct terminal *there = &terminals->list.items[at];
        give_to_clerk(terminals, &(struct job){ terminals, *there, false, machine, actor, TERMINALS_DONE, done, context });
    }
}

void terminals_note_unknown(struct terminals *terminals, const struct terminal_unknown *unknown)
{
    if (is_listed(terminals, unknown->kind, unknown->number)) {
        return;
    }
    const struct terminal_unknown *before = find_unknown(terminals, unknown->kind, unknown->number);
    uint32_t times = before != NULL ? before->times + 1 : 1;
    if (before != NULL || terminals->unknown_count == TERMINALS_UNKNOWN_MAX) {
        drop_unknown(terminals, before != NULL ? (uint32_t)(before - terminals->unknown) : 0);
    }
    terminals->unknown[terminals->unknown_count] = *unknown;
    terminals->unknown[terminals->unknown_count++].times = times;
}

/* ---- showing ---- */

void terminals_write_json(const struct terminals *terminals, struct json *json, uint32_t after, uint32_t limit)
{
    size_t begin = after == UINT32_MAX ? terminals->list.count : find_id(terminals, after + 1);
    size_t end = terminals->list.count - begin > limit ? begin + limit : terminals->list.count;
    json_array_begin(json, "items");
    for (size_t i = begin; i < end; i++) {
        const struct terminal *terminal = &terminals->list.items[i];
        json_object_begin(json, NULL);
        json_int(json, "id", terminal->id);
        json_text(json, "kind", TERMINAL_KIND_NAMES[terminal->kind]);
        json_text(json, "number", terminal->number);
        json_text(json, "device", terminal->device);
        json_int(json, "unit", terminal->unit);
        form_instant(json, "added_at", terminal->added_at);
        json_object_end(json);
    }
    json_array_end(json);
    if (end < terminals->list.count) {
        json_int(json, "next", terminals->list.items[end - 1].id);
    } else {
        json_none(json, "next");
    }
}

void terminals_write_unknown(const struct terminals *terminals, struct json *json)
{
    json_array_begin(json, "items");
    for (uint32_t i = terminals->unknown_count; i > 0; i--) {
        const struct terminal_unknown *unknown = &terminals->unknown[i - 1];
        json_object_begin(json, NULL);
        json_text(json, "kind", TERMINAL_KIND_NAMES[unknown->kind]);
        json_text(json, "number", unknown->number);
        json_text(json, "device", unknown->device);
        json_text(json, "plate", unknown->plate);
        form_instant(json, "seen_at", unknown->seen_at);
        json_int(json, "times", unknown->times);
        json_object_end(json);
    }
    json_array_end(json);
}

int64_t terminals_version(const struct terminals *terminals) { return terminals->version; }
uint32_t terminals_count(const struct terminals *terminals) { return (uint32_t)terminals->list.count; }
uint32_t terminals_unknown_count(const struct terminals *terminals) { return terminals->unknown_count; }
