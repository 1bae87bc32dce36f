/* The centre's tables at its beginning: names, people, tokens. A killed attempt may have left rows of its own in a database
 * server: they are cleared first, which is safe because there is no journal yet. */
#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "host/audit.h"
#include "host/people.h"
#include "host/secret.h"
#include "host/setup_private.h"

enum { DETAIL_MAX = 1024, GROUPS = 4, GROUP_LETTERS = 4 };

/* ---- directory ---- */

static enum status add_entry(struct sql *sql, enum directory_kind kind, uint32_t id, const char *code, const char *name,
                             uint32_t district, const char *detail, struct error *error)
{
    return sql_run(sql, "INSERT INTO directory(kind, id, code, name, district, detail) VALUES($1, $2, $3, $4, $5, $6)",
                   SQL_PARAMETERS(sql_text(DIRECTORY_KIND_NAMES[kind]), sql_int(id), sql_text(code), sql_text(name),
                                  sql_int(district), sql_text(detail)),
                   NULL, error);
}

static void time_of_day(struct json *json, const char *name, int32_t seconds)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    json_text(json, name, text);
}

static void describe_unit(const struct scenario_unit *unit, struct text *detail)
{
    static const char *const vehicles[VEHICLE_COUNT] = { "ambulance", "motorcycle", "car", "helicopter" };
    struct json json;
    text_clear(detail);
    json_init(&json, detail, 0);
    json_object_begin(&json, NULL);
    json_text(&json, "vehicle", vehicles[unit->vehicle]);
    if (unit->shift_start_s != 0 || unit->shift_end_s != 0) {
        time_of_day(&json, "shift_start", unit->shift_start_s);
        time_of_day(&json, "shift_end", unit->shift_end_s);
    }
    json_object_end(&json);
}

static enum status add_places(struct sql *sql, const struct setup *setup, struct error *error)
{
    const struct scenario *scenario = setup->scenario;
    for (uint32_t i = 0; i < scenario->district_count; i++) {
        const struct scenario_district *district = &scenario->districts[i];
        const char *shape = setup->shapes[i] != NULL ? setup->shapes[i] : "";
        TRY(add_entry(sql, DIRECTORY_DISTRICT, i + 1, district->id, district->name, 0, shape, error));
    }
    for (uint32_t i = 0; i < scenario->station_count; i++) {
        const struct scenario_station *station = &scenario->stations[i];
        TRY(add_entry(sql, DIRECTORY_POST, i + 1, station->id, station->name, station->district + 1, "", error));
    }
    for (uint32_t i = 0; i < scenario->facility_count; i++) {
        const struct scenario_facility *facility = &scenario->facilities[i];
        TRY(add_entry(sql, DIRECTORY_FACILITY, i + 1, facility->id, facility->name, facility->district + 1, "", error));
    }
    return STATUS_OK;
}

static enum status add_units_and_seats(struct sql *sql, const struct setup *setup, struct error *error)
{
    const struct scenario *scenario = setup->scenario;
    struct text detail;
    enum status status = STATUS_OK;
    text_init(&detail, DETAIL_MAX);
    for (uint32_t i = 0; i < scenario->unit_count && status == STATUS_OK; i++) {
        const struct scenario_unit *unit = &scenario->units[i];
        describe_unit(unit, &detail);
        status = add_entry(sql, DIRECTORY_UNIT, i + 1, unit->id, unit->name, scenario->stations[unit->station].district + 1,
                           detail.bytes, error);
    }
    for (uint32_t i = 0; i < setup->seat_count && status == STATUS_OK; i++) {
        text_clear(&detail);
        text_printf(&detail, "{\"desk\":\"%s\"}", ROLE_NAMES[setup->seats[i].role]);
        status = add_entry(sql, DIRECTORY_SEAT, i + 1, setup->seats[i].code, setup->seats[i].name, 0, detail.bytes, error);
    }
    text_free(&detail);
    return status;
}

static enum status write_directory(struct sql *sql, const struct setup *setup, struct error *error)
{
    static const char *const clear[] = { "DELETE FROM directory", "DELETE FROM token", "DELETE FROM person_grant",
                                         "DELETE FROM person" };
    TRY(sql_begin(sql, error));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < ARRAY_LENGTH(clear) && status == STATUS_OK; i++) {
        status = sql_run(sql, clear[i], SQL_NO_PARAMETERS, NULL, error);
    }
    if (status == STATUS_OK) {
        status = add_places(sql, setup, error);
    }
    if (status == STATUS_OK) {
        status = add_units_and_seats(sql, setup, error);
    }
    if (status == STATUS_OK) {
        return sql_commit(sql, error);
    }
    sql_rollback(sql);
    return status;
}

/* ---- people and tokens ---- */

/* "kfzm-3h8p-w2qd-x7nr": 80 random bits in letters that are not taken for each other. */
static void make_password(char password[SETUP_PASSWORD_SIZE])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    _Static_assert(sizeof letters == 32 + 1, "five bits a letter");
    unsigned char random_bytes[GROUPS * GROUP_LETTERS];
    size_t used = 0;
    secret_random(random_bytes, sizeof random_bytes);
    for (size_t i = 0; i < sizeof random_bytes; i++) {
        if (i > 0 && i % GROUP_LETTERS == 0) {
            password[used++] = '-';
        }
        password[used++] = letters[random_bytes[i] % 32];
    }
    password[used] = '\0';
    secret_wipe(random_bytes, sizeof random_bytes);
}

static bool is_administrator(const struct setup_person *person)
{
    for (uint8_t i = 0; i < person->grant_count; i++) {
        if (person->grants[i].role == ROLE_ADMINISTRATOR && person->grants[i].scope == SCOPE_CENTRE) {
            return true;
        }
    }
    return false;
}

static enum status write_person(struct sql *sql, const struct setup_person *person, uint32_t *id, struct text *told,
                                struct error *error)
{
    char password[SETUP_PASSWORD_SIZE];
    bool is_made = person->password[0] == '\0';
    if (is_made) {
        make_password(password);
        text_printf(told, "password of %s, shown this once: %s\n", person->name, password);
    } else {
        memcpy(password, person->password, sizeof password);
    }
    struct person_wanted wanted = { .name = person->name,
                                    .display = person->display,
                                    .password = password,
                                    .grants = person->grants,
                                    .grant_count = person->grant_count,
                                    .totp_required = 0,
                                    .disabled = 0 };
    enum status status = people_store(sql, &wanted, id, error);
    secret_wipe(password, sizeof password);
    return status == STATUS_OK ? STATUS_OK : error_prefix(error, "%s: ", person->name);
}

static enum status write_people(struct sql *sql, const struct setup *setup, uint32_t *administrator, struct text *told,
                                struct error *error)
{
    *administrator = 0;
    for (uint32_t i = 0; i < setup->people_count; i++) {
        uint32_t id = 0;
        TRY(setup_stopped(setup, error));
        TRY(write_person(sql, &setup->people[i], &id, told, error));
        if (*administrator == 0 && is_administrator(&setup->people[i])) {
            *administrator = id;
        }
    }
    for (size_t i = 0; i < setup->token_count; i++) {
        const struct setup_token *token = &setup->tokens[i];
        char secret[80];
        TRY(people_store_token(sql, token->name, token->grant, secret, error));
        text_printf(told, "token of %s (%s), shown this once: %s\n", token->name, ROLE_NAMES[token->grant.role], secret);
        secret_wipe(secret, sizeof secret);
    }
    return STATUS_OK;
}

static enum status write_all(struct sql *sql, const struct setup *setup, uint32_t *administrator, struct text *told,
                             struct error *error)
{
    TRY(write_directory(sql, setup, error));
    TRY(write_people(sql, setup, administrator, told, error));
    const struct audit_entry entry = {
        .actor = *administrator, .what = "centre made", .subject = "centre", .detail = setup->options.drill ? "drill" : ""
    };
    return audit_write_now(sql, &entry, error);
}

enum status setup_write_tables(const struct setup *setup, const struct store *store, uint32_t *administrator, struct text *told,
                               struct error *error)
{
    struct sql *sql = NULL, *report = NULL;
    TRY(secret_start(error));
    TRY(store_tables_open(store, SQL_CENTRE, false, &sql, error));
    enum status status = store_tables_open(store, SQL_REPORT, false, &report, error);
    sql_close(report);
    if (status == STATUS_OK) {
        status = write_all(sql, setup, administrator, told, error);
    }
    sql_close(sql);
    return status;
}
