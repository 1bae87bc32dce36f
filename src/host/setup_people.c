/* Reading seats.csv and people.csv, and what the command line adds to them. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "host/people_private.h"
#include "host/setup_private.h"
#include "sim/scenario_sheet.h"

VEC_TYPE(seat_vec, struct setup_seat);
VEC_TYPE(people_list, struct setup_person);

static const char *const YES_NO[] = { "no", "yes", NULL };

/* ---- seats ---- */

static enum status read_seat(const struct sheet *sheet, struct seat_vec *seats, struct error *error)
{
    static const char *const desks[] = { "call_taker", "dispatcher", "duty_commander", NULL };
    struct setup_seat seat = { .code = "" };
    unsigned desk = 0;
    TRY(sheet_text(sheet, 0, seat.code, sizeof seat.code, error));
    TRY(sheet_text(sheet, 1, seat.name, sizeof seat.name, error));
    TRY(sheet_choice(sheet, 2, desks, &desk, error));
    if (seat.code[0] == '\0') {
        return sheet_error(sheet, error, "column \"id\" is empty");
    }
    for (size_t i = 0; i < seats->count; i++) {
        if (strcmp(seats->items[i].code, seat.code) == 0) {
            return sheet_error(sheet, error, "id \"%s\" stands twice", seat.code);
        }
    }
    if (seats->count >= SETUP_SEATS_MAX) {
        return sheet_error(sheet, error, "more than %d seats", (int)SETUP_SEATS_MAX);
    }
    if (seat.name[0] == '\0') {
        memcpy(seat.name, seat.code, sizeof seat.code);
    }
    seat.role = (uint8_t)role_find(desks[desk]);
    return vec_push(seats, seat) ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "%s: no memory", sheet->path);
}

/* Without the file: two who answer, one who sends, one who commands; told, not hidden. */
static enum status make_seats(struct setup *setup, struct error *error)
{
    static const struct setup_seat usual[] = { { "C1", "Call-taker 1", ROLE_CALL_TAKER },
                                               { "C2", "Call-taker 2", ROLE_CALL_TAKER },
                                               { "D1", "Dispatcher 1", ROLE_DISPATCHER },
                                               { "K1", "Duty commander", ROLE_DUTY_COMMANDER } };
    setup->seats = malloc(sizeof usual);
    if (setup->seats == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for seats");
    }
    memcpy(setup->seats, usual, sizeof usual);
    setup->seat_count = ARRAY_LENGTH(usual);
    setup->seats_made = true;
    return STATUS_OK;
}

enum status setup_read_seats(struct setup *setup, struct error *error)
{
    static const char *const columns[] = { "id", "?name", "?desk", NULL };
    struct sheet sheet;
    struct seat_vec seats = { 0 };
    bool row_read = true;
    enum status status = sheet_open(&sheet, setup->options.from, "seats.csv", columns, true, error);
    if (status == STATUS_NOT_FOUND) {
        return make_seats(setup, error);
    }
    TRY(status);
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_seat(&sheet, &seats, error), done);
    }
    if (status == STATUS_OK && seats.count == 0) {
        status = sheet_error(&sheet, error, "no seats; remove the file to get the usual four");
    }
done:
    setup->seats = seats.items;
    setup->seat_count = (uint32_t)seats.count;
    sheet_close(&sheet);
    return status;
}

/* ---- people ---- */

enum column { NAME, DISPLAY, ROLE, SCOPE, SCOPE_ID, PASSWORD, DRILL_ONLY };

/* The id of what the code names: a place in the scenario plus one; 0 if there is none. */
static uint32_t scope_id(const struct scenario *scenario, enum scope scope, const char *code)
{
    uint32_t count = scope == SCOPE_DISTRICT   ? scenario->district_count
                     : scope == SCOPE_FACILITY ? scenario->facility_count
                                               : scenario->unit_count;
    for (uint32_t i = 0; i < count; i++) {
        const char *id = scope == SCOPE_DISTRICT   ? scenario->districts[i].id
                         : scope == SCOPE_FACILITY ? scenario->facilities[i].id
                                                   : scenario->units[i].id;
        if (strcmp(id, code) == 0) {
            return i + 1;
        }
    }
    return 0;
}

static enum status read_scope(const struct sheet *sheet, const struct scenario *scenario, struct grant *grant,
                              struct error *error)
{
    static const char *const files[] = {
        [SCOPE_DISTRICT] = "districts.csv", [SCOPE_FACILITY] = "facilities.csv", [SCOPE_UNIT] = "units.csv"
    };
    const char *names[SCOPE_COUNT + 1] = { NULL };
    char code[SCENARIO_ID_SIZE];
    unsigned scope = SCOPE_CENTRE;
    memcpy(names, SCOPE_NAMES, sizeof SCOPE_NAMES);
    TRY(sheet_choice(sheet, SCOPE, names, &scope, error));
    TRY(sheet_text(sheet, SCOPE_ID, code, sizeof code, error));
    grant->scope = (uint8_t)scope;
    if (scope == SCOPE_CENTRE) {
        return code[0] == '\0' ? STATUS_OK
                               : sheet_error(sheet, error, "the scope centre has no scope_id, and \"%s\" stands there", code);
    }
    grant->id = scope_id(scenario, (enum scope)scope, code);
    return grant->id != 0 ? STATUS_OK : sheet_error(sheet, error, "scope_id \"%s\" is no id in %s", code, files[scope]);
}

static enum status read_grant(const struct sheet *sheet, const struct scenario *scenario, struct grant *grant,
                              struct error *error)
{
    const char *names[ROLE_COUNT + 1] = { NULL };
    unsigned role = ROLE_COUNT;
    memcpy(names, ROLE_NAMES, ROLE_GATEWAY * sizeof names[0]); /* those of people come first */
    TRY(sheet_choice(sheet, ROLE, names, &role, error));
    if (role == ROLE_COUNT) {
        return sheet_error(sheet, error, "column \"role\" is empty");
    }
    grant->role = (uint8_t)role;
    return read_scope(sheet, scenario, grant, error);
}

static struct setup_person *person_named(struct people_list *people, const char *name)
{
    for (size_t i = 0; i < people->count; i++) {
        if (strcmp(people->items[i].name, name) == 0) {
            return &people->items[i];
        }
    }
    return NULL;
}

/* What the tables of people would refuse, found out before anything is written. */
static const char *person_fault(const struct setup_person *person)
{
    static const char made[] = "made-when-it-is-written"; /* stands for a password that setup makes */
    const struct person_wanted wanted = { .name = person->name,
                                          .display = person->display,
                                          .password = person->password[0] != '\0' ? person->password : made,
                                          .grants = person->grants,
                                          .grant_count = person->grant_count };
    return people_wanted_fault(&wanted, true, true);
}

/* NULL, or why it would be guessed. In a live centre only, as the server holds them: in a drill, and for an account of one,
 * everybody knows the password. */
static const char *password_weakness(const struct setup *setup, const struct setup_person *person)
{
    if (setup->options.drill || person->drill_only || person->password[0] == '\0') {
        return NULL;
    }
    char words[300];
    (void)snprintf(words, sizeof words, "%.200s %.90s",
                   setup->config.name[0] != '\0' ? setup->config.name : setup->scenario->name,
                   setup->city != NULL ? city_name(setup->city) : "");
    return people_password_weakness(words, person->name, person->password);
}

/* Another line of the same name is another right of the same person. */
static enum status add_grant(const struct sheet *sheet, const struct setup_person *row, struct setup_person *person,
                             struct error *error)
{
    if (row->display[0] != '\0' || row->password[0] != '\0' || row->drill_only) {
        return sheet_error(sheet, error,
                           "\"%s\" stands above already: a further line gives a further role, and no display name, password or "
                           "drill_only",
                           row->name);
    }
    if (person->grant_count >= GRANTS_MAX) {
        return sheet_error(sheet, error, "\"%s\" has more than %d roles", row->name, (int)GRANTS_MAX);
    }
    person->grants[person->grant_count++] = row->grants[0];
    const char *fault = person_fault(person);
    return fault == NULL ? STATUS_OK : sheet_error(sheet, error, "%s: %s", row->name, fault);
}

static enum status read_person(const struct sheet *sheet, const struct setup *setup, struct people_list *people,
                               struct error *error)
{
    struct setup_person row = { .grant_count = 1 };
    unsigned drill_only = 0;
    TRY(sheet_text(sheet, NAME, row.name, sizeof row.name, error));
    TRY(sheet_text(sheet, DISPLAY, row.display, sizeof row.display, error));
    TRY(sheet_text(sheet, PASSWORD, row.password, sizeof row.password, error));
    TRY(sheet_choice(sheet, DRILL_ONLY, YES_NO, &drill_only, error));
    TRY(read_grant(sheet, setup->scenario, &row.grants[0], error));
    row.drill_only = drill_only != 0;
    if (row.name[0] == '\0') {
        return sheet_error(sheet, error, "column \"name\" is empty");
    }
    struct setup_person *before = person_named(people, row.name);
    if (before != NULL) {
        return add_grant(sheet, &row, before, error);
    }
    if (people->count >= SETUP_PEOPLE_MAX) {
        return sheet_error(sheet, error, "more than %d people", (int)SETUP_PEOPLE_MAX);
    }
    if (row.display[0] == '\0') {
        memcpy(row.display, row.name, sizeof row.name);
    }
    const char *fault = person_fault(&row);
    if (fault != NULL) {
        return sheet_error(sheet, error, "%s: %s", row.name, fault);
    }
    const char *weakness = password_weakness(setup, &row);
    if (weakness != NULL) {
        return sheet_error(sheet, error, "%s: %s: choose another one, or leave it empty and one is made", row.name, weakness);
    }
    return vec_push(people, row) ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "%s: no memory", sheet->path);
}

/* In a live centre the accounts of an exercise, whose passwords everybody knows, are left out. */
static void leave_out_drill_only(struct setup *setup)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < setup->people_count; i++) {
        if (!setup->people[i].drill_only) {
            setup->people[kept++] = setup->people[i];
        }
    }
    setup->drill_only_left_out = setup->people_count - kept;
    if (setup->drill_only_left_out > 0) {
        explicit_bzero(setup->people + kept, setup->drill_only_left_out * sizeof *setup->people);
    }
    setup->people_count = kept;
}

enum status setup_read_people(struct setup *setup, struct error *error)
{
    static const char *const columns[] = { "name", "?display", "role", "?scope", "?scope_id", "?password", "?drill_only", NULL };
    struct sheet sheet;
    struct people_list people = { 0 };
    bool row_read = true;
    enum status status = sheet_open(&sheet, setup->options.from, "people.csv", columns, true, error);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    TRY(status);
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_person(&sheet, setup, &people, error), done);
    }
done:
    setup->people = people.items;
    setup->people_count = (uint32_t)people.count;
    explicit_bzero(sheet.bytes, (size_t)(sheet.csv.end - sheet.bytes)); /* passwords */
    sheet_close(&sheet);
    if (status == STATUS_OK && !setup->options.drill) {
        leave_out_drill_only(setup);
    }
    return status;
}

/* ---- what the command line names ---- */

static enum status copy_name(char target[IDENTITY_NAME_SIZE], const char *name, size_t length, const char *option,
                             struct error *error)
{
    if (length == 0 || length >= IDENTITY_NAME_SIZE || !utf8_is_valid(name, length)) {
        return ERROR(error, STATUS_USAGE, "%s: a name has 1 to %d bytes of UTF-8", option, (int)IDENTITY_NAME_SIZE - 1);
    }
    memcpy(target, name, length);
    target[length] = '\0';
    return STATUS_OK;
}

const char *setup_administrator_fault(const char *name, const char *display, const char *password)
{
    static const struct grant grant = { .role = ROLE_ADMINISTRATOR, .scope = SCOPE_CENTRE };
    const struct person_wanted wanted = {
        .name = name, .display = display, .password = password, .grants = &grant, .grant_count = 1
    };
    const char *fault = people_wanted_fault(&wanted, true, false);
    return fault != NULL ? fault : people_password_weakness(NULL, name, password);
}

static enum status add_administrator(struct setup *setup, struct error *error)
{
    const struct setup_options *options = &setup->options;
    struct setup_person person = { .grant_count = 1, .grants = { { .role = ROLE_ADMINISTRATOR, .scope = SCOPE_CENTRE } } };
    const char *display = options->admin_display != NULL ? options->admin_display : options->admin_name;
    TRY(copy_name(person.name, options->admin_name, strlen(options->admin_name), "--admin", error));
    TRY(copy_name(person.display, display, strlen(display), "--admin", error));
    if (options->admin_password != NULL) {
        (void)snprintf(person.password, sizeof person.password, "%s", options->admin_password);
    }
    const char *fault = person_fault(&person);
    fault = fault != NULL ? fault : password_weakness(setup, &person);
    if (fault != NULL) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: %s", person.name, fault);
    }
    struct people_list people = { .items = setup->people, .count = setup->people_count, .capacity = setup->people_count };
    if (person_named(&people, person.name) != NULL) {
        return ERROR(error, STATUS_USAGE, "--admin %s: people.csv has somebody of that name", person.name);
    }
    if (!vec_push(&people, person)) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for people");
    }
    setup->people = people.items;
    setup->people_count = (uint32_t)people.count;
    return STATUS_OK;
}

static enum status add_token(struct setup *setup, const char *text, struct error *error)
{
    struct setup_token token = { .grant = { .scope = SCOPE_CENTRE } };
    const char *colon = strrchr(text, ':');
    if (colon == NULL) {
        return ERROR(error, STATUS_USAGE, "--token %s: the form is NAME:ROLE, such as exchange:gateway", text);
    }
    int role = role_find(colon + 1);
    if (role < 0) {
        return ERROR(error, STATUS_USAGE, "--token %s: there is no role %s; docs/rights.md has them all", text, colon + 1);
    }
    if (role == ROLE_SIMULATION && !setup->options.drill) {
        return ERROR(error, STATUS_USAGE, "--token %s: the role simulation exists in a drill only (--drill)", text);
    }
    if (setup->token_count >= SETUP_TOKENS_MAX) {
        return ERROR(error, STATUS_USAGE, "more than %d tokens", (int)SETUP_TOKENS_MAX);
    }
    TRY(copy_name(token.name, text, (size_t)(colon - text), "--token", error));
    token.grant.role = (uint8_t)role;
    if (!people_grant_fits(&token.grant, setup->options.drill)) {
        return ERROR(error, STATUS_USAGE, "--token %s: the role %s takes no scope of the whole centre", text, colon + 1);
    }
    setup->tokens[setup->token_count++] = token;
    return STATUS_OK;
}

static bool has_administrator(const struct setup *setup)
{
    for (uint32_t i = 0; i < setup->people_count; i++) {
        for (uint8_t k = 0; k < setup->people[i].grant_count; k++) {
            const struct grant *grant = &setup->people[i].grants[k];
            if (grant->role == ROLE_ADMINISTRATOR && grant->scope == SCOPE_CENTRE) {
                return true;
            }
        }
    }
    return false;
}

enum status setup_add_named(struct setup *setup, struct error *error)
{
    if (setup->options.admin_name != NULL) {
        TRY(add_administrator(setup, error));
    }
    for (size_t i = 0; i < setup->options.token_count; i++) {
        TRY(add_token(setup, setup->options.tokens[i], error));
    }
    if (!has_administrator(setup)) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s: nobody in people.csv is an administrator of the centre%s: add one, or name one with --admin NAME",
                     setup->options.from, setup->drill_only_left_out > 0 ? " (accounts for drills only do not count)" : "");
    }
    return STATUS_OK;
}
