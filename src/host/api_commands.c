/* Commands: a body becomes a command, is held against the rights, is done by the core, and its outcome is answered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "host/api_private.h"
#include "host/secret.h"
#include "wire/command_json.h"
#include "wire/form.h"

enum { KEY_MAX = 64, KEY_BYTES = 12 };

/* ---- what stands beside the body ---- */

static bool is_key(const char *key)
{
    size_t length = strlen(key);
    for (size_t i = 0; i < length; i++) {
        if (key[i] < 0x21 || key[i] > 0x7E) {
            return false;
        }
    }
    return length >= 1 && length <= KEY_MAX;
}

/* Hashed with the sender, so that nobody can meet another's key, by chance or on purpose; and with the kind of command, so that
 * one which is sent with the key of another is not taken for done. */
static void hash_key(const char *key, struct command_head *head)
{
    unsigned char hash[SECRET_HASH_SIZE];
    unsigned char text[sizeof head->actor + sizeof head->kind + KEY_MAX];
    size_t length = strnlen(key, KEY_MAX), before = sizeof head->actor + sizeof head->kind;
    memcpy(text, &head->actor, sizeof head->actor);
    memcpy(text + sizeof head->actor, &head->kind, sizeof head->kind);
    memcpy(text + before, key, length);
    secret_hash(text, before + length, NULL, hash);
    uint32_t words[3];
    memcpy(words, hash, KEY_BYTES);
    head->key_low = words[0] | 1; /* all zero would mean: no key */
    head->key_middle = words[1];
    head->key_high = words[2];
}

/* Two keys that fall on one place: the later stays. */
static struct key_body *place_of_key(const struct exchange *exchange)
{
    const uint32_t *key = exchange->key_body.key;
    return &exchange->api->key_bodies[hash64(key, sizeof exchange->key_body.key, 0) % KEY_BODIES];
}

bool api_put_key(struct exchange *exchange, struct command_head *head)
{
    const char *key = http_header(exchange->request, "Idempotency-Key");
    if (key == NULL) {
        return true;
    }
    if (!is_key(key)) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST, "Idempotency-Key must be 1 to %d visible ASCII characters.",
                              KEY_MAX);
        return false;
    }
    hash_key(key, head);
    size_t length;
    const char *body = http_body(exchange->request, &length);
    exchange->key_body = (struct key_body){ .key = { head->key_low, head->key_middle, head->key_high },
                                            .body = hash64(body, length, 1) };
    const struct key_body *before = place_of_key(exchange);
    bool is_reused = memcmp(before->key, exchange->key_body.key, sizeof before->key) == 0 &&
                     before->body != exchange->key_body.body && core_knows_key(exchange_core(exchange), head);
    if (is_reused) {
        exchange_problem_text(exchange, PROBLEM_KEY_REUSED,
                              "This Idempotency-Key came with another body before: each act of a person needs a key of its own.");
    }
    return !is_reused;
}

static const struct schema_field *find_field(const struct schema_kind *kind, const char *name)
{
    const struct schema_field *field = kind->fields;
    while (field->name != NULL && strcmp(field->name, name) != 0) {
        field++;
    }
    return field->name != NULL ? field : NULL;
}

/* If-Match stands for the field revision, or incident_revision. */
static bool put_revision(struct exchange *exchange, struct command_head *head)
{
    const struct schema_kind *kind = command_kind(head->kind);
    uint32_t revision, in_body;
    if (!exchange_if_match(exchange, &revision)) {
        return false;
    }
    if (revision == 0) {
        return true;
    }
    const struct schema_field *field = find_field(kind, "revision");
    field = field != NULL ? field : find_field(kind, "incident_revision");
    if (field == NULL) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST, "If-Match means nothing to %s: it looks at no revision.",
                              kind->name);
        return false;
    }
    memcpy(&in_body, (unsigned char *)head + field->offset, sizeof in_body);
    if (in_body != 0 && in_body != revision) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST, "If-Match and %s of the body disagree.", field->name);
        return false;
    }
    memcpy((unsigned char *)head + field->offset, &revision, sizeof revision);
    return true;
}

void api_put_district(const struct exchange *exchange, struct command_head *head)
{
    struct command_call_locate *locate = (struct command_call_locate *)(void *)head;
    if (head->kind == COMMAND_CALL_LOCATE && locate->district == 0) {
        locate->district = directory_district_of(exchange->api->setup.directory, locate->point);
    }
    struct command_paper_enter *paper = (struct command_paper_enter *)(void *)head;
    bool has_place = head->kind == COMMAND_PAPER_ENTER && (paper->place.lon_e7 != 0 || paper->place.lat_e7 != 0);
    if (has_place && paper->district == 0) {
        paper->district = directory_district_of(exchange->api->setup.directory, paper->place);
    }
}

bool api_put_actor(struct exchange *exchange, struct command_head *head)
{
    char why[256] = "";
    const struct api_setup *setup = &exchange->api->setup;
    int role = rights_command(&exchange->identity, exchange_core(exchange), setup->directory, head, why, sizeof why);
    if (role < 0) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED, "%s", why);
        return false;
    }
    head->actor = exchange->identity.actor;
    head->actor_kind = (uint8_t)rights_actor((enum role)role, head->kind);
    return true;
}

/* References to personal data are given out by POST /calls, /paper and /messages alone: otherwise whoever has read one in the
 * journal could offer a call or send a message of his own with it, and read the data through that. */
bool api_has_own_reference(struct exchange *exchange, const struct command_head *head)
{
    const struct command_call_offer *offer = (const struct command_call_offer *)(const void *)head;
    struct problem problem = problem_of_refusal(REFUSED_MALFORMED);
    if (head->kind == COMMAND_CALL_OFFER && offer->caller != 0) {
        problem_set_detail(&problem, "caller must be left out: POST /api/v1/calls takes down who calls.");
    } else if (head->kind == COMMAND_PAPER_ENTER && ((const struct command_paper_enter *)(const void *)head)->caller != 0) {
        problem_set_detail(&problem, "caller must be left out: POST /api/v1/paper takes down who called.");
    } else if (head->kind == COMMAND_MESSAGE_SEND) {
        problem_set_detail(&problem, "A message is sent by POST /api/v1/messages, which keeps its text.");
    } else {
        return true;
    }
    exchange_problem(exchange, &problem);
    return false;
}

/* ---- the outcome ---- */

static void put_first(const struct exchange *exchange, struct problem *problem, const struct change *first)
{
    if (first->sequence == 0) {
        return;
    }
    char at[FORM_INSTANT_SIZE] = "";
    (void)form_instant_text(first->at, at);
    const char *name = people_name(exchange->api->setup.people, first->actor);
    problem->first = *first;
    problem->first_name = name;
    problem_set_detail(problem, "%s: it was changed last by %s %s (number %u), with entry %llu at %s.", problem->title,
                       actor_kind_name((enum actor_kind)first->actor_kind), name, first->actor,
                       (unsigned long long)first->sequence, at);
}

static const char *stale_name(enum stale_subject subject)
{
    switch (subject) {
    case STALE_CALL: return "call";
    case STALE_INCIDENT: return "incident";
    case STALE_UNIT: return "unit";
    case STALE_POST: return "post";
    case STALE_FACILITY: return "facility";
    case STALE_ALARM: return "alarm";
    case STALE_NOTHING: break;
    }
    return NULL;
}

/* reference: id of what has changed, from the command that was refused; the exchange keeps it. */
void api_answer_refusal(struct exchange *exchange, const struct step_result *result)
{
    struct problem problem = problem_of_refusal(result->refusal);
    problem.subject = stale_name(result->stale_subject);
    problem.subject_id = problem.subject != NULL ? (uint32_t)exchange->until : 0;
    problem.revision_now = result->revision_now;
    put_first(exchange, &problem, &result->first);
    exchange_problem(exchange, &problem);
}

void api_answer_done(struct exchange *exchange, const struct step_result *result, unsigned status)
{
    if (!result->repeated && exchange->key_body.key[0] != 0) {
        *place_of_key(exchange) = exchange->key_body;
    }
    struct json *json = exchange_object(exchange);
    json_int(json, "sequence", (int64_t)result->sequence);
    if (result->made != 0) {
        json_int(json, "made", result->made);
    } else {
        json_none(json, "made");
    }
    json_bool(json, "repeated", result->repeated);
    exchange_send(exchange, status);
}

void api_note_command(const struct exchange *exchange, const struct centre_answer *answer)
{
    const char *how = answer->outcome == CENTRE_NOT_DURABLE                               ? "not_durable"
                      : answer->result.refusal == REFUSED_NONE && answer->result.repeated ? "repeated"
                      : answer->result.refusal == REFUSED_NONE                            ? "done"
                                                                                          : refusal_name(answer->result.refusal);
    metrics_command(exchange->api->setup.metrics, exchange->command_name, how,
                    clock_monotonic_us() - http_received_us(exchange->request));
}

/* False: answered. */
bool api_is_taken(struct exchange *exchange, enum centre_submit submitted)
{
    if (submitted == CENTRE_TAKEN) {
        return true;
    }
    if (submitted == CENTRE_BUSY) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return false;
    }
    char trouble[256] = "";
    centre_trouble(exchange->api->setup.centre, trouble, sizeof trouble);
    exchange_problem_text(exchange, PROBLEM_JOURNAL_UNAVAILABLE, "Nothing was done. %s", trouble);
    return false;
}

/* The record of a call's caller learns to which incident it belongs, so that it can be erased with it. */
static void attach_personal(const struct exchange *exchange, uint32_t call_id)
{
    const struct call *call = core_call(exchange_core(exchange), (struct call_id){ call_id });
    if (call != NULL && call->caller != 0) {
        personal_attach(exchange->api->setup.personal, call->caller, call->id, call->incident.v);
    }
}

static void command_answered(void *context, const struct centre_answer *answer)
{
    struct exchange *exchange = context;
    api_note_command(exchange, answer);
    naming_leave(exchange->gate);
    if (answer->outcome == CENTRE_NOT_DURABLE) {
        exchange_problem_of(exchange, PROBLEM_NOT_DURABLE);
    } else if (answer->result.refusal != REFUSED_NONE) {
        api_answer_refusal(exchange, &answer->result);
    } else {
        if (exchange->id != 0) {
            attach_personal(exchange, exchange->id);
        }
        api_answer_done(exchange, &answer->result, 200);
    }
}

/* ---- POST /commands/{name} ---- */

/* Of the entity whose revision the command looks at: the field named as it, for a refusal that tells which one. */
static uint32_t subject_of(const struct command_head *head)
{
    static const char *const names[] = { "call", "incident", "alarm", "unit", "facility" };
    const struct schema_kind *kind = command_kind(head->kind);
    uint32_t id = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(names) && id == 0; i++) {
        const struct schema_field *field = find_field(kind, names[i]);
        if (field != NULL && field->type == FIELD_ID) {
            memcpy(&id, (const unsigned char *)head + field->offset, sizeof id);
        }
    }
    return id;
}

void api_bad_command(struct exchange *exchange, const struct error *error)
{
    if (error->status == STATUS_BAD_INPUT || error->status == STATUS_NOT_FOUND) {
        struct problem problem = problem_of_refusal(error->status == STATUS_NOT_FOUND ? REFUSED_UNKNOWN_COMMAND
                                                                                      : REFUSED_MALFORMED);
        problem.status = error->status == STATUS_NOT_FOUND ? 404 : problem.status;
        problem_set_detail(&problem, "%s", error->text);
        exchange_problem(exchange, &problem);
    } else {
        exchange_bad_body(exchange, error);
    }
}

void api_command(struct exchange *exchange)
{
    struct api *api = exchange->api;
    struct command_head *head = api->command;
    struct error error = { .text = "" };
    size_t length;
    const char *body = http_body(exchange->request, &length);
    if (command_from_json(exchange->word, body, length, head, COMMAND_SIZE_MAX, &error) != STATUS_OK) {
        api_bad_command(exchange, &error);
        return;
    }
    api_put_district(exchange, head);
    if (!api_has_own_reference(exchange, head) || !put_revision(exchange, head) || !api_put_actor(exchange, head) ||
        !api_put_key(exchange, head)) {
        return;
    }
    exchange->command_name = command_kind(head->kind)->name;
    exchange->until = subject_of(head);
    bool joins = head->kind == COMMAND_CALL_TRIAGE || head->kind == COMMAND_CALL_LINK;
    exchange->id = joins ? (uint32_t)exchange->until : 0;
    exchange->gate = naming_gate(api->naming, head->kind);
    if (!naming_enter(exchange->gate)) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    enum centre_submit submitted = centre_submit(api->setup.centre, head, command_answered, exchange);
    if (submitted != CENTRE_TAKEN) {
        naming_leave(exchange->gate);
    }
    (void)api_is_taken(exchange, submitted);
}

/* ---- a call with its caller: POST /calls, /paper ---- */

static void erase_quietly(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    (void)context;
    (void)status;
    (void)reference;
    (void)data;
}

/* A record whose call did not come about, or had come about before, belongs to nobody. */
void api_drop_record(const struct exchange *exchange)
{
    personal_erase(exchange->api->setup.personal, &exchange->reference, 1, erase_quietly, NULL);
}

/* The caller's record belongs to the call that was made; to no other, and to none before its entry is durable. */
static void call_made(void *context, const struct centre_answer *answer)
{
    struct exchange *exchange = context;
    const struct step_result *result = &answer->result;
    api_note_command(exchange, answer);
    if (answer->outcome == CENTRE_NOT_DURABLE) {
        exchange_problem_of(exchange, PROBLEM_NOT_DURABLE);
        return;
    }
    bool is_new = result->refusal == REFUSED_NONE && !result->repeated;
    if (exchange->reference != 0 && !is_new) {
        api_drop_record(exchange);
    }
    if (result->refusal != REFUSED_NONE) {
        api_answer_refusal(exchange, result);
        return;
    }
    const struct call *call = core_call(exchange_core(exchange), (struct call_id){ result->made });
    if (exchange->reference != 0 && is_new) {
        personal_attach(exchange->api->setup.personal, exchange->reference, result->made, call != NULL ? call->incident.v : 0);
    }
    char location[64];
    snprintf(location, sizeof location, "/api/v1/calls/%u", result->made);
    http_set_header(exchange->request, "Location", location);
    api_answer_done(exchange, result, 201);
}

static void put_reference(struct command_head *head, uint64_t reference)
{
    if (head->kind == COMMAND_CALL_OFFER) {
        ((struct command_call_offer *)(void *)head)->caller = reference;
    } else {
        CHECK(head->kind == COMMAND_PAPER_ENTER);
        ((struct command_paper_enter *)(void *)head)->caller = reference;
    }
}

static void submit_call(struct exchange *exchange)
{
    struct command_head *head = exchange->kept;
    put_reference(head, exchange->reference);
    enum centre_submit submitted = centre_submit(exchange->api->setup.centre, head, call_made, exchange);
    if (submitted != CENTRE_TAKEN && exchange->reference != 0) {
        api_drop_record(exchange);
    }
    (void)api_is_taken(exchange, submitted);
}

static void caller_stored(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    struct exchange *exchange = context;
    (void)data;
    if (status != STATUS_OK) {
        exchange_problem_text(exchange, PROBLEM_NOT_STORED, "The caller's data could not be stored, so nothing was done.");
        return;
    }
    exchange->reference = reference;
    submit_call(exchange);
}

/* A call that rings gets a record that is empty, for what the caller will say; a call that is over needs none. */
static void store_and_submit(struct exchange *exchange, const struct personal_data *data)
{
    const struct command_head *head = exchange->kept;
    bool says_something = data->number[0] != '\0' || data->name[0] != '\0' || data->home[0] != '\0' || data->remarks[0] != '\0';
    bool may_write = rights_resource(&exchange->identity, RESOURCE_CALLER_WRITE);
    if (says_something && !may_write) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED,
                              "The right caller_write is missing: send it without the caller's data.");
    } else if (says_something || (may_write && head->kind == COMMAND_CALL_OFFER)) {
        personal_store(exchange->api->setup.personal, data, caller_stored, exchange);
    } else {
        submit_call(exchange);
    }
}

void api_make_call(struct exchange *exchange, struct personal_data *data)
{
    struct command_head *head = exchange->kept;
    if (api_put_actor(exchange, head) && api_put_key(exchange, head)) {
        store_and_submit(exchange, data);
    }
    secret_wipe(data, sizeof *data);
}

/* ---- POST /calls ---- */

static enum status read_offer(json_t *root, struct command_call_offer *offer, struct error *error)
{
    int64_t external = 0;
    const char *at = NULL;
    TRY(wire_int(root, (struct wire_member){ "external", true }, 0, UINT32_MAX, &external, error));
    TRY(wire_text(root, (struct wire_member){ "occurred_at", true }, 64, &at, error));
    if (at != NULL && !form_instant_read(at, strlen(at), &offer->head.occurred_at)) {
        return ERROR(error, STATUS_BAD_INPUT, "occurred_at must be an instant as in RFC 3339");
    }
    offer->external = (uint32_t)external;
    return STATUS_OK;
}

/* The body's personal part and the rest; false: answered. */
static bool read_call(struct exchange *exchange, struct command_call_offer *offer, struct personal_data *data)
{
    static const char *const members[] = { "number", "name", "home", "remarks", "external", "occurred_at", NULL };
    json_t *root;
    struct error error = { .text = "" };
    if (!exchange_json(exchange, members, &root)) {
        return false;
    }
    enum status status = read_offer(root, offer, &error);
    status = status == STATUS_OK ? api_read_personal(root, data, &error) : status;
    json_decref(root);
    if (status != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    }
    return status == STATUS_OK;
}

void api_offer_call(struct exchange *exchange)
{
    struct command_call_offer *offer = malloc(sizeof *offer);
    struct personal_data data = { .number = "" };
    if (offer == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    exchange->kept = offer;
    exchange->command_name = "call_offer";
    COMMAND_BEGIN(offer, CALL_OFFER, ACTOR_KIND_SEAT);
    if (read_call(exchange, offer, &data)) {
        api_make_call(exchange, &data);
    }
    secret_wipe(&data, sizeof data);
}
