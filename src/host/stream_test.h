/* For the tests of the stream: the centre's tables in a folder of their own, with people, names and who has what in hand; and a
 * client that does with the messages what docs/api.md says, and nothing more. For *_test.c only; cmocka.h must have been included
 * before. */
#ifndef MINGDI_HOST_STREAM_TEST_H
#define MINGDI_HOST_STREAM_TEST_H

#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "host/audit.h"
#include "host/control.h"
#include "host/directory.h"
#include "host/people.h"
#include "store/store.h"

enum { TEST_DISTRICTS = 3 };

struct test_tables {
    char folder[256];
    struct store store;
    struct sql *sql;
    struct workers *clerk, *hashing;
    struct audit *audit;
    struct people *people;
    struct control *control;
    struct directory *directory;
};

static inline void test_ok(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fail_msg("%s", error->text);
    }
}

static inline void test_name(struct sql *sql, const char *kind, uint32_t id, uint32_t district)
{
    struct error error;
    char code[24];
    snprintf(code, sizeof code, "%c%u", kind[0], (unsigned)id);
    test_ok(sql_run(sql, "INSERT INTO directory(kind, id, code, name, district, detail) VALUES($1, $2, $3, $4, $5, '')",
                    SQL_PARAMETERS(sql_text(kind), sql_int(id), sql_text(code), sql_text(kind), sql_int(district)), NULL, &error),
            &error);
}

static inline void test_people(struct test_tables *test)
{
    static const unsigned char master_key[32] = { 7 };
    struct error error;
    const struct people_setup setup = { .sql = test->sql,
                                        .clerk = test->clerk,
                                        .hashing = test->hashing,
                                        .audit = test->audit,
                                        .drill = true,
                                        .session_hours = 12,
                                        .session_idle_minutes = 60,
                                        .failures_before_lock = 5,
                                        .lock_minutes = 15,
                                        .attempts_per_minute = 100,
                                        .master_key = master_key };
    test_ok(people_create(&setup, &test->people, &error), &error);
}

/* units and facilities lie in the districts 1, 2, 3, 1 and so on. */
static inline void test_tables_make(struct test_tables *test, uint32_t units, uint32_t facilities)
{
    struct error error;
    *test = (struct test_tables){ .sql = NULL };
    const char *base = getenv("TMPDIR");
    snprintf(test->folder, sizeof test->folder, "%s/mingdi-stream-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(test->folder));
    test_ok(store_parse(test->folder, NULL, false, &test->store, &error), &error);
    test_ok(store_tables_open(&test->store, SQL_CENTRE, false, &test->sql, &error), &error);
    test_ok(sql_begin(test->sql, &error), &error);
    for (uint32_t id = 1; id <= TEST_DISTRICTS; id++) {
        test_name(test->sql, "district", id, 0);
    }
    for (uint32_t id = 1; id <= units; id++) {
        test_name(test->sql, "unit", id, 1 + (id - 1) % TEST_DISTRICTS);
    }
    for (uint32_t id = 1; id <= facilities; id++) {
        test_name(test->sql, "facility", id, 1 + (id - 1) % TEST_DISTRICTS);
    }
    test_ok(sql_commit(test->sql, &error), &error);
    test_ok(directory_load(test->sql, &test->directory, &error), &error);
    test_ok(workers_create("clerk", 1, 256, &test->clerk, &error), &error);
    test_ok(workers_create("hashing", 1, 16, &test->hashing, &error), &error);
    test_ok(audit_create(test->sql, test->clerk, &test->audit, &error), &error);
    test_people(test);
    test_ok(control_create(test->sql, test->clerk, &test->control, &error), &error);
}

/* Until the clerk has done what it was given. */
static inline void test_clerk_wait(struct test_tables *test, const int *answers, int wanted)
{
    while (*answers < wanted) {
        struct pollfd waited = { .fd = workers_fd(test->clerk), .events = POLLIN };
        if (poll(&waited, 1, 60000) != 1) {
            fail_msg("the clerk has done nothing for a minute");
        }
        workers_deliver(test->clerk);
    }
}

static inline void test_tables_free(struct test_tables *test)
{
    static const char *const names[] = { "centre.db", "centre.db-wal", "centre.db-shm", "centre.db-lock" };
    workers_destroy(test->hashing);
    workers_destroy(test->clerk);
    control_destroy(test->control);
    people_destroy(test->people);
    audit_destroy(test->audit);
    directory_free(test->directory);
    sql_close(test->sql);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", test->folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(test->folder), 0);
}

/* ---- the client ---- */

static const char *const TEST_LISTS[] = {
    "calls", "incidents", "missions", "units", "posts", "facilities", "alarms", "messages"
};

struct test_client_state {
    json_t *entities;  /* list name -> id -> entity */
    json_t *positions; /* unit -> [lon, lat] */
    json_t *control;
    json_t *hands;                  /* NULL: nothing was told of them */
    uint64_t sequence, fingerprint; /* of the last message that had them; strtoull of hexadecimal digits */
    bool has_sequence, was_reset, drill;
    uint32_t snapshots, changes, events, others;
};

static inline void test_client_forget(struct test_client_state *client)
{
    json_decref(client->entities);
    json_decref(client->positions);
    json_decref(client->control);
    client->entities = json_object();
    client->positions = json_object();
    client->control = json_array();
    for (size_t i = 0; i < ARRAY_LENGTH(TEST_LISTS); i++) {
        json_object_set_new(client->entities, TEST_LISTS[i], json_object());
    }
}

static inline bool test_is_over(const char *list, const json_t *entity)
{
    const char *state = json_string_value(json_object_get(entity, "state"));
    static const char *const over[] = { "calls triaged",    "calls linked",   "calls closed",
                                        "incidents closed", "missions ended", "alarms cleared" };
    if (json_is_true(json_object_get(entity, "retired"))) {
        return true;
    }
    char both[80];
    snprintf(both, sizeof both, "%s %s", list, state != NULL ? state : "");
    for (size_t i = 0; i < ARRAY_LENGTH(over); i++) {
        if (strcmp(both, over[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A unit brings its position with it, and takes it along when it leaves. */
static inline void test_client_unit(struct test_client_state *client, const char *key, const json_t *unit)
{
    const json_t *position = json_object_get(unit, "position");
    if (unit == NULL) {
        (void)json_object_del(client->positions, key);
    } else if (json_is_object(position)) {
        double lon = json_number_value(json_object_get(position, "lon")),
               lat = json_number_value(json_object_get(position, "lat"));
        json_object_set_new(client->positions, key,
                            json_pack("[II]", (json_int_t)llround(lon * 1e7), (json_int_t)llround(lat * 1e7)));
    }
}

static inline void test_client_entities(struct test_client_state *client, const json_t *lists)
{
    char key[24];
    size_t index;
    json_t *entity, *id;
    for (size_t i = 0; i < ARRAY_LENGTH(TEST_LISTS); i++) {
        json_t *table = json_object_get(client->entities, TEST_LISTS[i]);
        json_array_foreach(json_object_get(lists, TEST_LISTS[i]), index, entity)
        {
            snprintf(key, sizeof key, "%lld", (long long)json_integer_value(json_object_get(entity, "id")));
            if (test_is_over(TEST_LISTS[i], entity)) {
                (void)json_object_del(table, key);
            } else {
                json_object_set(table, key, entity);
            }
            if (strcmp(TEST_LISTS[i], "units") == 0) {
                test_client_unit(client, key, test_is_over(TEST_LISTS[i], entity) ? NULL : entity);
            }
        }
        json_array_foreach(json_object_get(json_object_get(lists, "gone"), TEST_LISTS[i]), index, id)
        {
            snprintf(key, sizeof key, "%lld", (long long)json_integer_value(id));
            (void)json_object_del(table, key);
            if (strcmp(TEST_LISTS[i], "units") == 0) {
                test_client_unit(client, key, NULL);
            }
        }
    }
}

static inline void test_client_positions(struct test_client_state *client, const json_t *items)
{
    char key[24];
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        bool suggests = json_array_size(item) == 6; /* as some seconds go by: a slow machine sees it where a fast one does not */
        assert_true(suggests || json_array_size(item) == 4);
        assert_true(json_integer_value(json_array_get(item, 3)) >= 0);
        assert_true(!suggests || (json_is_string(json_array_get(item, 4)) && json_is_integer(json_array_get(item, 5))));
        snprintf(key, sizeof key, "%lld", (long long)json_integer_value(json_array_get(item, 0)));
        json_object_set_new(client->positions, key, json_pack("[OO]", json_array_get(item, 1), json_array_get(item, 2)));
    }
}

/* What one message means; the message, for the test to look at further. */
static inline json_t *test_client_hear(struct test_client_state *client, const char *bytes, size_t length)
{
    json_error_t error;
    json_t *message = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (message == NULL) {
        fail_msg("not JSON: %s", error.text);
    }
    assert_memory_equal(bytes, "{\"type\":\"", 9);
    assert_int_equal(json_is_true(json_object_get(message, "drill")), client->drill);
    const char *type = json_string_value(json_object_get(message, "type"));
    const json_t *sequence = json_object_get(message, "sequence");
    uint64_t number = (uint64_t)json_integer_value(sequence);
    if (strcmp(type, "snapshot") == 0) {
        json_t *state = json_object_get(message, "state");
        client->was_reset = json_is_true(json_object_get(message, "reset"));
        test_client_forget(client);
        test_client_entities(client, state);
        test_client_positions(client, json_object_get(state, "positions"));
        json_decref(client->control);
        client->control = json_incref(json_object_get(state, "control"));
        client->snapshots += 1;
    } else if (strcmp(type, "change") == 0) {
        /* Nothing may be missed: it begins at or before what is known. */
        assert_true(client->has_sequence && (uint64_t)json_integer_value(json_object_get(message, "from")) <= client->sequence);
        assert_true(number >= client->sequence);
        test_client_entities(client, message);
        client->changes += 1;
        client->events += (uint32_t)json_array_size(json_object_get(message, "events"));
    } else if (strcmp(type, "positions") == 0) {
        test_client_positions(client, json_object_get(message, "items"));
    } else if (strcmp(type, "control") == 0) {
        json_decref(client->control);
        client->control = json_incref(json_object_get(message, "items"));
    } else if (strcmp(type, "hands") == 0) {
        json_decref(client->hands);
        client->hands = json_incref(json_object_get(message, "items"));
    } else {
        client->others += 1;
    }
    if (sequence != NULL) {
        const char *fingerprint = json_string_value(json_object_get(message, "fingerprint"));
        assert_non_null(fingerprint);
        assert_int_equal(strlen(fingerprint), 16);
        client->sequence = number;
        client->fingerprint = strtoull(fingerprint, NULL, 16);
        client->has_sequence = true;
    }
    return message;
}

static inline void test_client_free(struct test_client_state *client)
{
    json_decref(client->entities);
    json_decref(client->positions);
    json_decref(client->control);
    json_decref(client->hands);
}

/* Drops what other messages tell (positions, who has it in hand) and what depends on when it was asked (ages). */
static inline void test_strip(json_t *value, bool is_unit)
{
    static const char *const volatile_members[] = { "age_s", "position", "held_by" };
    const char *key;
    json_t *member;
    size_t index;
    void *next;
    for (size_t i = 0; json_is_object(value) && i < ARRAY_LENGTH(volatile_members); i++) {
        (void)json_object_del(value, volatile_members[i]);
    }
    if (is_unit) {
        (void)json_object_del(value, "due_at"); /* a new position is a sign of life */
        (void)json_object_del(value, "due_alarm");
    }
    json_object_foreach_safe(value, next, key, member) { test_strip(member, false); }
    json_array_foreach(value, index, member) { test_strip(member, false); }
}

static inline json_t *test_stripped(const struct test_client_state *client)
{
    json_t *copy = json_deep_copy(client->entities), *table, *entity;
    const char *list, *id;
    json_object_foreach(copy, list, table)
    {
        json_object_foreach(table, id, entity) { test_strip(entity, strcmp(list, "units") == 0); }
    }
    return copy;
}

static inline void test_same_json(json_t *got, json_t *wanted, const char *what, const char *who)
{
    if (!json_equal(got, wanted)) {
        char *left = json_dumps(got, JSON_SORT_KEYS | JSON_INDENT(1)),
             *right = json_dumps(wanted, JSON_SORT_KEYS | JSON_INDENT(1));
        print_message("%s of %s\nhas %s\nshould have %s\n", what, who, left, right);
        free(left);
        free(right);
        fail();
    }
}

static inline void test_same_state(const struct test_client_state *client, const struct test_client_state *fresh, const char *who)
{
    json_t *got = test_stripped(client), *wanted = test_stripped(fresh);
    for (size_t i = 0; i < ARRAY_LENGTH(TEST_LISTS); i++) {
        test_same_json(json_object_get(got, TEST_LISTS[i]), json_object_get(wanted, TEST_LISTS[i]), TEST_LISTS[i], who);
    }
    test_same_json(client->positions, fresh->positions, "positions", who);
    test_same_json(client->control, fresh->control, "control", who);
    json_decref(got);
    json_decref(wanted);
}

#endif
