/* Settings: read, and changed while the server runs. A change is durable, and in the audit trail, before it is taken over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/api_private.h"

struct change_of_setting {
    char name[64], value[CONFIG_TEXT_MAX];
};

struct config_change {
    size_t count;
    struct change_of_setting changes[CONFIG_SETTINGS_MAX];
};

static void answer_config(struct exchange *exchange)
{
    struct json *json = exchange_object(exchange);
    config_write_json(exchange->api->setup.config, json, "items");
    json_none(json, "next");
    exchange_send(exchange, 200);
}

void api_show_config(struct exchange *exchange) { answer_config(exchange); }

/* ---- PATCH /config ---- */

static enum status put_value(json_t *value, struct change_of_setting *change, struct error *error)
{
    int length = -1;
    if (json_is_string(value)) {
        length = snprintf(change->value, sizeof change->value, "%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        length = snprintf(change->value, sizeof change->value, "%lld", (long long)json_integer_value(value));
    } else if (json_is_boolean(value)) {
        length = snprintf(change->value, sizeof change->value, "%s", json_is_true(value) ? "true" : "false");
    }
    return length >= 0 && (size_t)length < sizeof change->value
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "%s must be a text, a whole number, true or false", change->name);
}

/* Each of the body's members, tried on a copy of the settings. */
static enum status read_changes(json_t *root, struct config *trial, struct config_change *change, struct error *error)
{
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        struct change_of_setting *one = &change->changes[change->count];
        if (change->count == CONFIG_SETTINGS_MAX || strlen(key) >= sizeof one->name) {
            return ERROR(error, STATUS_BAD_INPUT, "there is no setting of one of these names");
        }
        snprintf(one->name, sizeof one->name, "%s", key);
        TRY(put_value(value, one, error));
        TRY(config_set(trial, one->name, one->value, true, error));
        change->count += 1;
    }
    return config_check(trial, error);
}

static enum status audit_one(struct sql *sql, const struct exchange *exchange, const struct change_of_setting *change,
                             struct error *error)
{
    const struct audit_entry entry = { .actor = exchange->identity.actor,
                                       .machine = exchange->identity.machine,
                                       .what = "setting changed",
                                       .subject = "setting",
                                       .detail = change->name };
    return audit_write_now(sql, &entry, error);
}

static enum status store_one(struct sql *sql, const struct exchange *exchange, const struct change_of_setting *change,
                             struct error *error)
{
    static const char text[] = "INSERT INTO setting(name, value, changed_by, changed_at) VALUES($1, $2, $3, $4)"
                               " ON CONFLICT(name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by,"
                               " changed_at = excluded.changed_at";
    return sql_run(sql, text,
                   SQL_PARAMETERS(sql_text(change->name), sql_text(change->value), sql_int(exchange->identity.actor),
                                  sql_int(clock_wall().us)),
                   NULL, error);
}

/* The trail comes first: a change that is told of and then failed is better than one that nobody is told of. */
static enum status store_all(struct sql *sql, const struct exchange *exchange, struct error *error)
{
    const struct config_change *change = exchange->kept;
    for (size_t i = 0; i < change->count; i++) {
        TRY(audit_one(sql, exchange, &change->changes[i], error));
    }
    TRY(sql_begin(sql, error));
    for (size_t i = 0; i < change->count; i++) {
        TRY(store_one(sql, exchange, &change->changes[i], error));
    }
    return sql_commit(sql, error);
}

/* In the clerk. */
static void store_changes(void *job)
{
    struct exchange *exchange = job;
    struct sql *sql = exchange->api->setup.sql;
    struct error error;
    exchange->status = store_all(sql, exchange, &error);
    if (exchange->status != STATUS_OK) {
        sql_rollback(sql);
    }
}

/* The file may have been read again meanwhile: only these settings are taken over, into what holds now, if they still go with it.
 */
static bool take_changes(const struct exchange *exchange)
{
    const struct api_setup *setup = &exchange->api->setup;
    const struct config_change *change = exchange->kept;
    struct config fresh = *setup->config;
    struct error error;
    for (size_t i = 0; i < change->count; i++) {
        CHECK(config_set(&fresh, change->changes[i].name, change->changes[i].value, true, &error) == STATUS_OK);
    }
    if (config_check(&fresh, &error) != STATUS_OK) {
        return false;
    }
    config_take_live(setup->config, &fresh, setup->config_changed, setup->context);
    return true;
}

static void changes_stored(void *job)
{
    struct exchange *exchange = job;
    exchange->api->config_changing = false;
    if (exchange->status != STATUS_OK) {
        exchange_problem_of(exchange, PROBLEM_NOT_STORED);
    } else if (!take_changes(exchange)) {
        exchange_problem_text(exchange, PROBLEM_CONFLICT,
                              "The file of settings was read again meanwhile, and does not go with this.");
    } else {
        answer_config(exchange);
    }
}

void api_change_config(struct exchange *exchange)
{
    size_t length;
    const char *body = http_body(exchange->request, &length);
    struct config trial = *exchange->api->setup.config;
    struct error error = { .text = "" };
    json_t *root;
    exchange->kept = exchange->api->config_changing ? NULL : calloc(1, sizeof(struct config_change));
    if (exchange->kept == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    if (wire_parse_object(body, length, &root, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
        return;
    }
    enum status status = read_changes(root, &trial, exchange->kept, &error);
    json_decref(root);
    if (status != STATUS_OK) {
        error.status = STATUS_BAD_INPUT;
        exchange_bad_body(exchange, &error);
        return;
    }
    exchange->status = STATUS_IO; /* until it is stored */
    exchange->api->config_changing = workers_give(exchange->api->setup.clerk, store_changes, changes_stored, exchange);
    if (!exchange->api->config_changing) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
    }
}
