/* Administration of what has a name: units, posts, facilities, seats.
 *
 * The core knows numbers, the directory what people call them. To add one is a single act all the same: the name is stored first,
 * under the number that the thing will have, then the command is given. Refused, the name goes again. Died between the two, the
 * next start drops it (server.c). And if the journal failed, so that nobody knows, the same command is given once more when the
 * journal is there again: its key tells the core whether it was done. Meanwhile nothing else of the kind is added. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/api_private.h"
#include "host/log.h"
#include "host/secret.h"
#include "wire/command_json.h"

enum { SEATS_MAX = 10000, ADD_SIZE_MAX = 128 };

/* One that is to be named, with its texts. */
struct bearer {
    enum directory_kind kind;
    struct directory_entry entry; /* its texts are those below, or constants */
    char code[DIRECTORY_CODE_MAX + 1], name[DIRECTORY_NAME_MAX + 1];
};

/* A command that adds, whatever its kind. */
union add_command {
    struct command_head head;
    uint64_t words[ADD_SIZE_MAX / sizeof(uint64_t)];
};

struct naming_gate {
    struct api *api; /* while the command is asked about */
    bool entered;    /* somebody is adding one of the kind */
    bool doubtful;   /* the journal failed, and nobody knows whether it came about */
    union add_command command;
    struct bearer bearer;
};

enum { GATES = 4, SEAT_GATE = 3 };

struct naming {
    struct naming_gate gates[GATES];
};

/* With the exchange (kept), until it is answered. */
struct naming_job {
    struct bearer bearer;
    union add_command command;
    bool is_new;
    bool is_taken; /* another has the code */
};

struct naming *naming_create(void) { return calloc(1, sizeof(struct naming)); }

void naming_destroy(struct naming *naming) { free(naming); }

static int gate_index(uint16_t command_kind)
{
    switch (command_kind) {
    case COMMAND_POST_ADD: return 0;
    case COMMAND_UNIT_ADD: return 1;
    case COMMAND_FACILITY_ADD: return 2;
    default: return -1;
    }
}

struct naming_gate *naming_gate(struct naming *naming, uint16_t command_kind)
{
    int index = gate_index(command_kind);
    return index >= 0 ? &naming->gates[index] : NULL;
}

bool naming_enter(struct naming_gate *gate)
{
    bool is_free = gate == NULL || (!gate->entered && !gate->doubtful);
    if (gate != NULL && is_free) {
        gate->entered = true;
    }
    return is_free;
}

void naming_leave(struct naming_gate *gate)
{
    if (gate != NULL) {
        gate->entered = false;
    }
}

/* ---- in the clerk ---- */

static enum status store_bearer(struct exchange *exchange, const struct naming_job *job, struct error *error)
{
    struct sql *sql = exchange->api->setup.sql;
    const struct directory_entry *entry = &job->bearer.entry;
    const char *kind = DIRECTORY_KIND_NAMES[job->bearer.kind];
    char what[AUDIT_WHAT_MAX], detail[AUDIT_DETAIL_MAX];
    snprintf(what, sizeof what, job->is_new ? "%s added" : "%s named", kind);
    snprintf(detail, sizeof detail, "%s, %s, district %" PRIu32 "%s%s", entry->code, entry->name, entry->district,
             entry->desk[0] != '\0' ? ", desk " : "", entry->desk);
    const struct audit_entry row = { .actor = exchange->identity.actor,
                                     .machine = exchange->identity.machine,
                                     .what = what,
                                     .subject = kind,
                                     .subject_id = entry->id,
                                     .detail = detail };
    TRY(sql_begin(sql, error));
    TRY(directory_write(sql, job->bearer.kind, entry, error));
    TRY(audit_append(sql, &row, error));
    return sql_commit(sql, error);
}

static void store_work(void *memory)
{
    struct exchange *exchange = memory;
    struct naming_job *job = exchange->kept;
    struct error error = { .text = "" };
    exchange->status = store_bearer(exchange, job, &error);
    if (exchange->status != STATUS_OK) {
        job->is_taken = exchange->status == STATUS_BAD_INPUT && sql_is_conflict(exchange->api->setup.sql);
        sql_rollback(exchange->api->setup.sql);
        if (!job->is_taken) {
            LOG(LOG_ERROR, "naming", "a name could not be stored", LOG_TEXT("why", error.text));
        }
    }
}

/* A name whose bearer does not come about. */
struct dropping {
    struct sql *sql;
    enum directory_kind kind;
    uint32_t id;
};

static void drop_work(void *memory)
{
    const struct dropping *dropping = memory;
    struct error error;
    if (directory_erase(dropping->sql, dropping->kind, dropping->id, &error) != STATUS_OK) {
        LOG(LOG_ERROR, "naming", "a name of nothing stays in the table until the next start", LOG_TEXT("why", error.text));
    }
}

static void drop_name(const struct api *api, const struct bearer *bearer)
{
    struct dropping *dropping = malloc(sizeof *dropping);
    CHECK(dropping != NULL);
    *dropping = (struct dropping){ .sql = api->setup.sql, .kind = bearer->kind, .id = bearer->entry.id };
    if (!workers_give(api->setup.clerk, drop_work, free, dropping)) {
        free(dropping); /* the next start drops it */
    }
}

/* ---- bodies ---- */

static bool is_plain(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7F) {
            return false;
        }
    }
    return text[0] != '\0' && text[0] != ' ';
}

static enum status read_name(json_t *root, struct wire_member member, char *out, size_t size, struct error *error)
{
    const char *text = NULL;
    TRY(wire_text(root, member, size, &text, error));
    if (text != NULL && !is_plain(text)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s must not be empty, begin with a blank or hold control characters", member.name);
    }
    if (text != NULL) {
        memcpy(out, text, strlen(text) + 1);
    }
    return STATUS_OK;
}

static enum status read_district(const struct exchange *exchange, json_t *root, struct bearer *bearer, struct error *error)
{
    int64_t district = bearer->entry.district;
    TRY(wire_int(root, (struct wire_member){ "district", true }, 0, UINT32_MAX, &district, error));
    bearer->entry.district = (uint32_t)district;
    bool is_known = district == 0 ||
                    directory_find(exchange->api->setup.directory, DIRECTORY_DISTRICT, (uint32_t)district) != NULL;
    return is_known ? STATUS_OK : ERROR(error, STATUS_BAD_INPUT, "district %u is not known", (unsigned)district);
}

static enum status read_desk(json_t *root, struct bearer *bearer, struct error *error)
{
    static const enum role desks[] = { ROLE_CALL_TAKER, ROLE_DISPATCHER, ROLE_DUTY_COMMANDER };
    const char *desk = NULL;
    TRY(wire_text(root, (struct wire_member){ "desk", true }, 64, &desk, error));
    for (size_t i = 0; desk != NULL && i < ARRAY_LENGTH(desks); i++) {
        if (strcmp(desk, ROLE_NAMES[desks[i]]) == 0) {
            bearer->entry.desk = ROLE_NAMES[desks[i]];
            return STATUS_OK;
        }
    }
    return desk == NULL ? STATUS_OK
                        : ERROR(error, STATUS_BAD_INPUT, "desk must be one of call_taker, dispatcher, duty_commander");
}

/* What a body says of names; the bearer has what was before, or nothing where it is new. */
static enum status read_bearer(const struct exchange *exchange, json_t *root, bool is_new, struct bearer *bearer,
                               struct error *error)
{
    TRY(read_name(root, (struct wire_member){ "code", !is_new }, bearer->code, sizeof bearer->code, error));
    TRY(read_name(root, (struct wire_member){ "name", !is_new }, bearer->name, sizeof bearer->name, error));
    bearer->entry.code = bearer->code;
    bearer->entry.name = bearer->name;
    return bearer->kind == DIRECTORY_SEAT ? read_desk(root, bearer, error) : read_district(exchange, root, bearer, error);
}

/* False: answered. */
static bool code_is_free(struct exchange *exchange, const struct bearer *bearer)
{
    const struct directory_entry *other = directory_find_code(exchange->api->setup.directory, bearer->kind, bearer->code);
    if (other != NULL && other->id != bearer->entry.id) {
        exchange_problem_text(exchange, PROBLEM_CODE_TAKEN, "The code %s is that of %s (%s, number %" PRIu32 ").", bearer->code,
                              DIRECTORY_KIND_NAMES[bearer->kind], other->name, other->id);
        return false;
    }
    return true;
}

static void refuse_name(struct exchange *exchange)
{
    const struct naming_job *job = exchange->kept;
    if (job->is_taken) {
        exchange_problem_text(exchange, PROBLEM_CODE_TAKEN, "The code %s is another's already.", job->bearer.code);
    } else {
        exchange_problem_of(exchange, PROBLEM_NOT_STORED);
    }
}

/* NULL: answered. */
static struct naming_job *make_job(struct exchange *exchange, enum directory_kind kind, bool is_new)
{
    struct naming_job *job = calloc(1, sizeof *job);
    exchange->kept = job;
    if (job == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return NULL;
    }
    job->bearer.kind = kind;
    job->bearer.entry.desk = "";
    job->is_new = is_new;
    return job;
}

/* ---- POST /units, /posts, /facilities ---- */

static void put_in_memory(const struct api *api, const struct bearer *bearer)
{
    struct bearer copy = *bearer;
    copy.entry.code = copy.code;
    copy.entry.name = copy.name;
    if (!directory_put(api->setup.directory, bearer->kind, &copy.entry)) {
        LOG(LOG_ERROR, "naming", "a name is stored, but is not shown before the next start",
            LOG_NUMBER("number", bearer->entry.id));
    }
}

/* Whether the command made what the name was stored for. */
static bool came_about(const struct api *api, const struct bearer *bearer, const struct centre_answer *answer)
{
    bool done = answer->result.refusal == REFUSED_NONE && answer->result.made == bearer->entry.id;
    if (done) {
        put_in_memory(api, bearer);
    } else {
        drop_name(api, bearer);
    }
    return done;
}

static void added(void *context, const struct centre_answer *answer)
{
    struct exchange *exchange = context;
    const struct naming_job *job = exchange->kept;
    struct naming_gate *gate = exchange->gate;
    api_note_command(exchange, answer);
    naming_leave(gate);
    if (answer->outcome == CENTRE_NOT_DURABLE) {
        gate->doubtful = true;
        gate->command = job->command;
        gate->bearer = job->bearer;
        exchange_problem_of(exchange, PROBLEM_NOT_DURABLE);
        return;
    }
    (void)came_about(exchange->api, &job->bearer, answer);
    if (answer->result.refusal != REFUSED_NONE) {
        api_answer_refusal(exchange, &answer->result);
    } else {
        api_answer_done(exchange, &answer->result, 201);
    }
}

static void name_stored(void *memory)
{
    struct exchange *exchange = memory;
    const struct naming_job *job = exchange->kept;
    if (exchange->status != STATUS_OK) {
        naming_leave(exchange->gate);
        refuse_name(exchange);
        return;
    }
    enum centre_submit submitted = centre_submit(exchange->api->setup.centre, &job->command.head, added, exchange);
    if (submitted != CENTRE_TAKEN) {
        drop_name(exchange->api, &job->bearer);
        naming_leave(exchange->gate);
    }
    (void)api_is_taken(exchange, submitted);
}

/* The same request once more: nothing is named, the core gives the answer of before. */
static void answered_again(void *context, const struct centre_answer *answer)
{
    struct exchange *exchange = context;
    api_note_command(exchange, answer);
    if (answer->outcome == CENTRE_NOT_DURABLE) {
        exchange_problem_of(exchange, PROBLEM_NOT_DURABLE);
    } else if (answer->result.refusal != REFUSED_NONE) {
        api_answer_refusal(exchange, &answer->result);
    } else {
        api_answer_done(exchange, &answer->result, 201);
    }
}

/* Of a place where none is said: by its point; of a unit: that of its post. */
static uint32_t district_by_command(const struct exchange *exchange, const struct command_head *head)
{
    const struct directory *directory = exchange->api->setup.directory;
    if (head->kind == COMMAND_UNIT_ADD) {
        const struct command_unit_add *add = (const struct command_unit_add *)(const void *)head;
        const struct directory_entry *post = directory_find(directory, DIRECTORY_POST, add->post.v);
        return post != NULL ? post->district : 0;
    }
    return directory_district_of(directory, head->kind == COMMAND_POST_ADD
                                                ? ((const struct command_post_add *)(const void *)head)->point
                                                : ((const struct command_facility_add *)(const void *)head)->point);
}

static uint32_t next_number(const struct core *core, uint16_t command_kind)
{
    switch (command_kind) {
    case COMMAND_POST_ADD: return core->head->post_count + 1;
    case COMMAND_UNIT_ADD: return core->head->unit_count + 1;
    default: return core->head->facility_count + 1;
    }
}

/* The members of names are taken out of the body; what is left is the command's. False: answered. */
static bool read_command(struct exchange *exchange, json_t *root, const char *command)
{
    static const char *const names[] = { "code", "name", "district" };
    struct error error = { .text = "" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        (void)json_object_del(root, names[i]);
    }
    char *rest = json_dumps(root, JSON_COMPACT);
    if (rest == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return false;
    }
    enum status status = command_from_json(command, rest, strlen(rest), exchange->api->command, COMMAND_SIZE_MAX, &error);
    free(rest);
    if (status != STATUS_OK) {
        api_bad_command(exchange, &error);
    }
    return status == STATUS_OK;
}

/* The whole body into the job; false: answered. */
static bool read_addition(struct exchange *exchange, json_t *root, const char *command, struct naming_job *job)
{
    struct error error = { .text = "" };
    bool has_district = json_is_integer(json_object_get(root, "district"));
    if (read_bearer(exchange, root, true, &job->bearer, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
        return false;
    }
    struct command_head *head = exchange->api->command;
    if (!read_command(exchange, root, command) || !api_put_actor(exchange, head) || !api_put_key(exchange, head)) {
        return false;
    }
    CHECK(head->size <= sizeof job->command);
    memcpy(&job->command, head, head->size);
    if ((head->key_low | head->key_middle | head->key_high) == 0) { /* so that it can be asked about */
        uint32_t key[3];
        secret_random(key, sizeof key);
        job->command.head.key_low = key[0] | 1;
        job->command.head.key_middle = key[1];
        job->command.head.key_high = key[2];
    }
    if (!has_district) {
        job->bearer.entry.district = district_by_command(exchange, head);
    }
    return true;
}

static void begin_addition(struct exchange *exchange, struct naming_job *job)
{
    const struct api_setup *setup = &exchange->api->setup;
    const struct core *core = exchange_core(exchange);
    struct command_head *head = &job->command.head;
    exchange->command_name = command_kind(head->kind)->name;
    if (core_knows_key(core, head)) {
        (void)api_is_taken(exchange, centre_submit(setup->centre, head, answered_again, exchange));
        return;
    }
    job->bearer.entry.id = next_number(core, head->kind);
    exchange->gate = naming_gate(exchange->api->naming, head->kind);
    if (centre_state(setup->centre) != CENTRE_READY) {
        (void)api_is_taken(exchange, CENTRE_NOT_READY);
    } else if (!code_is_free(exchange, &job->bearer)) {
        return;
    } else if (!naming_enter(exchange->gate)) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
    } else {
        exchange->status = STATUS_IO; /* until the clerk has been there */
        if (!workers_give(setup->clerk, store_work, name_stored, exchange)) {
            naming_leave(exchange->gate);
            exchange_problem_of(exchange, PROBLEM_BUSY);
        }
    }
}

static void add(struct exchange *exchange, enum directory_kind kind, const char *command)
{
    size_t length;
    const char *body = http_body(exchange->request, &length);
    struct error error = { .text = "" };
    json_t *root;
    struct naming_job *job = make_job(exchange, kind, true);
    if (job == NULL) {
        return;
    }
    if (wire_parse_object(body, length, &root, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
        return;
    }
    bool is_read = read_addition(exchange, root, command, job);
    json_decref(root);
    if (is_read) {
        begin_addition(exchange, job);
    }
}

void api_add_post(struct exchange *exchange) { add(exchange, DIRECTORY_POST, "post_add"); }
void api_add_unit(struct exchange *exchange) { add(exchange, DIRECTORY_UNIT, "unit_add"); }
void api_add_facility(struct exchange *exchange) { add(exchange, DIRECTORY_FACILITY, "facility_add"); }

/* ---- what a journal that failed left open ---- */

static void settled(void *context, const struct centre_answer *answer)
{
    struct naming_gate *gate = context;
    naming_leave(gate);
    if (answer->outcome == CENTRE_DONE) {
        gate->doubtful = false;
        bool done = came_about(gate->api, &gate->bearer, answer);
        LOG(LOG_INFO, "naming", "what was in doubt when the journal failed is settled", LOG_NUMBER("came_about", done));
    }
}

void naming_forget(struct naming *naming)
{
    for (int i = 0; i < GATES; i++) {
        naming->gates[i].doubtful = naming->gates[i].doubtful && naming->gates[i].entered;
    }
}

void naming_settle(struct api *api)
{
    for (int i = 0; i < GATES; i++) {
        struct naming_gate *gate = &api->naming->gates[i];
        if (!gate->doubtful || gate->entered || centre_state(api->setup.centre) != CENTRE_READY) {
            continue;
        }
        gate->api = api;
        gate->entered = true;
        if (centre_submit(api->setup.centre, &gate->command.head, settled, gate) != CENTRE_TAKEN) {
            gate->entered = false;
        }
    }
}

/* ---- PATCH ---- */

static void renamed(void *memory)
{
    struct exchange *exchange = memory;
    const struct naming_job *job = exchange->kept;
    naming_leave(exchange->gate);
    if (exchange->status != STATUS_OK) {
        refuse_name(exchange);
        return;
    }
    put_in_memory(exchange->api, &job->bearer);
    stream_renew(exchange->api->setup.stream);
    struct json *json = exchange_object(exchange);
    json_int(json, "id", job->bearer.entry.id);
    exchange_send(exchange, job->is_new ? 201 : 200);
}

static void give_name(struct exchange *exchange)
{
    exchange->status = STATUS_IO; /* until the clerk has been there */
    if (!workers_give(exchange->api->setup.clerk, store_work, renamed, exchange)) {
        naming_leave(exchange->gate);
        exchange_problem_of(exchange, PROBLEM_BUSY);
    }
}

static bool bearer_exists(const struct exchange *exchange, enum directory_kind kind)
{
    const struct core *core = exchange_core(exchange);
    switch (kind) {
    case DIRECTORY_POST: return core_post(core, (struct post_id){ exchange->id }) != NULL;
    case DIRECTORY_UNIT: return core_unit(core, (struct unit_id){ exchange->id }) != NULL;
    case DIRECTORY_FACILITY: return core_facility(core, (struct facility_id){ exchange->id }) != NULL;
    default: return directory_find(exchange->api->setup.directory, kind, exchange->id) != NULL;
    }
}

/* What stands of it already; code and name are needed where nothing does. */
static void take_present(const struct exchange *exchange, struct naming_job *job)
{
    const struct directory_entry *entry = directory_find(exchange->api->setup.directory, job->bearer.kind, exchange->id);
    job->bearer.entry.id = exchange->id;
    if (entry != NULL) {
        job->bearer.entry.district = entry->district;
        job->bearer.entry.desk = entry->desk;
        (void)snprintf(job->bearer.code, sizeof job->bearer.code, "%s", entry->code);
        (void)snprintf(job->bearer.name, sizeof job->bearer.name, "%s", entry->name);
    }
}

static void rename_bearer(struct exchange *exchange, enum directory_kind kind)
{
    static const char *const of_seats[] = { "code", "name", "desk", NULL };
    static const char *const of_others[] = { "code", "name", "district", NULL };
    struct error error = { .text = "" };
    json_t *root;
    if (!bearer_exists(exchange, kind)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return;
    }
    struct naming_job *job = make_job(exchange, kind, false);
    if (job == NULL || !exchange_json(exchange, kind == DIRECTORY_SEAT ? of_seats : of_others, &root)) {
        return;
    }
    take_present(exchange, job);
    enum status status = read_bearer(exchange, root, job->bearer.code[0] == '\0', &job->bearer, &error);
    json_decref(root);
    if (status != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else if (code_is_free(exchange, &job->bearer)) {
        give_name(exchange);
    }
}

void api_name_post(struct exchange *exchange) { rename_bearer(exchange, DIRECTORY_POST); }
void api_name_unit(struct exchange *exchange) { rename_bearer(exchange, DIRECTORY_UNIT); }
void api_name_facility(struct exchange *exchange) { rename_bearer(exchange, DIRECTORY_FACILITY); }
void api_name_seat(struct exchange *exchange) { rename_bearer(exchange, DIRECTORY_SEAT); }

/* ---- seats: the core knows them by number only ---- */

void api_add_seat(struct exchange *exchange)
{
    static const char *const members[] = { "code", "name", "desk", NULL };
    const struct directory *directory = exchange->api->setup.directory;
    struct error error = { .text = "" };
    json_t *root;
    struct naming_job *job = make_job(exchange, DIRECTORY_SEAT, true);
    if (job == NULL || !exchange_json(exchange, members, &root)) {
        return;
    }
    enum status status = read_bearer(exchange, root, true, &job->bearer, &error);
    json_decref(root);
    uint32_t count = directory_count(directory, DIRECTORY_SEAT);
    job->bearer.entry.id = count == 0 ? 1 : directory_at(directory, DIRECTORY_SEAT, count - 1)->id + 1;
    if (status != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else if (count >= SEATS_MAX) {
        exchange_problem_text(exchange, PROBLEM_CONFLICT, "There is no room for more than %d seats.", SEATS_MAX);
    } else if (code_is_free(exchange, &job->bearer)) {
        exchange->gate = &exchange->api->naming->gates[SEAT_GATE];
        if (!naming_enter(exchange->gate)) {
            exchange_problem_of(exchange, PROBLEM_BUSY); /* another gets this number */
        } else {
            give_name(exchange);
        }
    }
}

void api_list_seats(struct exchange *exchange)
{
    const struct api_setup *setup = &exchange->api->setup;
    uint64_t next = 0, last = 0;
    uint32_t written = 0;
    if (!exchange_page(exchange)) {
        return;
    }
    struct json *json = exchange_object(exchange);
    json_array_begin(json, "items");
    for (uint32_t i = 0; i < directory_count(setup->directory, DIRECTORY_SEAT) && next == 0; i++) {
        const struct directory_entry *seat = directory_at(setup->directory, DIRECTORY_SEAT, i);
        if (seat->id <= exchange->after) {
            continue;
        }
        next = written == exchange->limit ? last : 0;
        if (next == 0) {
            struct view view = exchange_view(exchange);
            view_seat(&view, json, NULL, seat, rights_resource(&exchange->identity, RESOURCE_SEATS));
            last = seat->id;
            written += 1;
        }
    }
    json_array_end(json);
    exchange_write_page_end(exchange, json, next);
    exchange_send(exchange, 200);
}
