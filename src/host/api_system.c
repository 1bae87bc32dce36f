/* What the server tells of itself: health, readiness, its document and the pages to read it. */
#include <string.h>

#include "base/check.h"
#include "host/api_private.h"

#include "host/api_files.h"

const struct api_file *api_file_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(API_FILES); i++) {
        if (strcmp(API_FILES[i].name, name) == 0) {
            return &API_FILES[i];
        }
    }
    return NULL;
}

/* A file lives as long as the program. */
static void answer_file(struct exchange *exchange, const struct api_file *file)
{
    http_set_header(exchange->request, "Cache-Control", "no-cache");
    exchange_send_static(exchange, 200, file->content_type, file->bytes, file->size);
}

void api_show_openapi(struct exchange *exchange) { answer_file(exchange, api_file_find("openapi.json")); }
void api_show_start_page(struct exchange *exchange) { answer_file(exchange, api_file_find("start.html")); }
void api_show_api_page(struct exchange *exchange) { answer_file(exchange, api_file_find("api.html")); }

void api_show_page_file(struct exchange *exchange)
{
    const struct api_file *file = api_file_find(exchange->word);
    if (file == NULL) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_PATH);
        return;
    }
    answer_file(exchange, file);
}

void api_show_health(struct exchange *exchange)
{
    struct json *json = exchange_object(exchange);
    json_text(json, "status", "alive");
    exchange_send(exchange, 200);
}

/* Of a standby that the database tells nothing nobody knows whom it follows. */
static const char *why_standby(const struct exchange *exchange)
{
    struct owner_facts facts;
    bool is_told = centre_owner_facts(exchange->api->setup.centre, &facts) && facts.known && facts.trouble[0] == '\0';
    if (!is_told) {
        return "who owns the centre is not known; this process shows nothing, and goes on when the database answers";
    }
    return facts.holder == LEASE_FREE ? "nobody owns the centre at the moment; this process takes over when it may"
                                      : "another process owns the centre; this one follows, and takes over when it has to";
}

static const char *why_not_ready(const struct exchange *exchange)
{
    switch (centre_state(exchange->api->setup.centre)) {
    case CENTRE_READY: return NULL;
    case CENTRE_RECOVERING: return "the journal is being read";
    case CENTRE_JOURNAL_FAILED: return "the journal cannot be written; reads go on";
    case CENTRE_STANDBY: return why_standby(exchange);
    case CENTRE_DRAINING: return "the server is about to stop, or hands the centre on";
    case CENTRE_STOPPED: return "the centre has stopped";
    }
    UNREACHABLE();
}

/* ---- one of several processes ---- */

bool api_is_for_standbys(const struct route *route)
{
    static void (*const told[])(struct exchange * exchange) = { api_show_health,   api_show_readiness,  api_show_metrics,
                                                                api_show_openapi,  api_show_start_page, api_show_api_page,
                                                                api_show_page_file };
    bool is_told = false;
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
        is_told = is_told || told[i] == route->handle;
    }
    return is_told;
}

/* Not even who asks is looked at: who may what is known to the owner. */
void api_answer_standby(struct exchange *exchange)
{
    struct owner_facts facts = { .address = "" };
    (void)centre_owner_facts(exchange->api->setup.centre, &facts);
    bool known = facts.address[0] != '\0' && facts.holder != LEASE_OURS;
    if (known) {
        http_set_header(exchange->request, "Mingdi-Owner", facts.address);
    }
    exchange_problem_text(exchange, PROBLEM_STANDBY, "This process does not own the centre%s%s. Nothing was done.",
                          known ? "; ask " : ", and nobody does at the moment: come again in a moment",
                          known ? facts.address : "");
}

/* Its lease has run out while the database was silent: whether it still owns the centre it cannot know. One that has never seen
 * another process shows what it knows meanwhile, and decides nothing. */
static bool is_unsure(const struct exchange *exchange) { return api_serves(exchange->api) && !api_is_sure(exchange->api); }

/* {"role", "owner", "behind", "expected", "standbys"}; the role alone where this process is the only one. */
static void write_role(const struct exchange *exchange, struct json *json)
{
    struct owner_facts facts;
    if (!centre_owner_facts(exchange->api->setup.centre, &facts)) {
        json_text(json, "role", "alone");
        return;
    }
    uint64_t sequence = exchange_core(exchange)->head->sequence;
    bool serving = api_serves(exchange->api);
    json_text(json, "role", is_unsure(exchange) ? "unsure" : serving ? "owner" : "standby");
    json_text(json, "owner", api_is_from_here(exchange) ? facts.address : "");
    json_int(json, "behind", facts.last_sequence > sequence && !serving ? (int64_t)(facts.last_sequence - sequence) : 0);
    json_bool(json, "expected", serving || facts.expected);
    json_int(json, "standbys", serving ? facts.standbys : 0);
}

/* What a process that is one of several waits for, of the database. */
static void write_database_reasons(const struct exchange *exchange, struct json *json)
{
    const struct centre *centre = exchange->api->setup.centre;
    struct owner_facts facts;
    char reason[OWNER_TROUBLE_SIZE + 32];
    if (!centre_owner_facts(centre, &facts)) {
        return;
    }
    if (facts.replica_awaited) {
        json_text(json, NULL, "waits for a synchronous standby of the database: nothing is acknowledged until one is there");
    }
    bool is_unsure_owner = is_unsure(exchange) &&
                           centre_state(centre) == CENTRE_READY; /* of a failed journal that is told already */
    if (is_unsure_owner) {
        json_text(json, NULL, "the lease has run out, and nothing is decided until the database answers; reads go on");
    }
    if (facts.trouble[0] != '\0' && (is_unsure_owner || centre_state(centre) == CENTRE_STANDBY)) {
        bool from_here = api_is_from_here(exchange); /* it names the database's hosts */
        snprintf(reason, sizeof reason, "waits for the database%s%s", from_here ? ": " : "", from_here ? facts.trouble : "");
        json_text(json, NULL, reason);
    }
}

static bool replica_is_awaited(const struct exchange *exchange)
{
    struct owner_facts facts;
    return centre_owner_facts(exchange->api->setup.centre, &facts) && facts.replica_awaited;
}

static void answer_readiness(struct exchange *exchange, bool tables_answer)
{
    const struct centre *centre = exchange->api->setup.centre;
    const char *why = why_not_ready(exchange);
    char trouble[OWNER_TROUBLE_SIZE] = "";
    bool is_owner = api_serves(exchange->api) && api_is_sure(exchange->api);
    bool ready = why == NULL && tables_answer && is_owner && !replica_is_awaited(exchange);
    struct json *json = exchange_object(exchange);
    json_text(json, "name", exchange->api->setup.config->name);
    json_bool(json, "ready", ready);
    write_role(exchange, json);
    json_array_begin(json, "reasons");
    if (why == NULL && !api_serves(exchange->api)) {
        json_text(json, NULL, "this process is about to take the centre over");
    }
    if (why != NULL) {
        json_text(json, NULL, why);
        centre_trouble(centre, trouble, sizeof trouble);
    }
    if (trouble[0] != '\0' && api_is_from_here(exchange)) { /* it may name files and servers: nothing for strangers */
        json_text(json, NULL, trouble);
    }
    write_database_reasons(exchange, json);
    if (!tables_answer) {
        json_text(json, NULL, "the tables of people, sessions and callers' data do not answer");
    }
    json_array_end(json);
    json_array_begin(json, "remarks"); /* calls can be taken all the same */
    if (protocols_refused(exchange->api->setup.protocols) != NULL) {
        json_text(json, NULL, "the triage protocols are refused: GET /api/v1/protocols and the log tell why");
    }
    json_array_end(json);
    exchange_send(exchange, ready ? 200 : 503);
}

/* In the clerk: an idle centre learns of a database that is gone from this question, before the next caller does. */
static void ask_tables(void *job)
{
    struct exchange *exchange = job;
    struct error error;
    exchange->status = sql_query(exchange->api->setup.sql, "SELECT count(*) FROM setting", SQL_NO_PARAMETERS, NULL, NULL, NULL,
                                 &error);
}

static void tables_were_asked(void *job)
{
    struct exchange *exchange = job;
    answer_readiness(exchange, exchange->status == STATUS_OK);
}

/* Of one of several processes the lease tells whether the database answers, and without waiting for one that is frozen. */
void api_show_readiness(struct exchange *exchange)
{
    const struct api *api = exchange->api;
    struct owner_facts facts;
    exchange->status = STATUS_IO; /* until the clerk has been there */
    bool is_known = centre_state(api->setup.centre) != CENTRE_READY || !api_serves(api);
    if (is_known || centre_owner_facts(api->setup.centre, &facts)) {
        answer_readiness(exchange, true); /* what is known already need not be asked */
    } else if (!workers_give(api->setup.clerk, ask_tables, tables_were_asked, exchange)) {
        answer_readiness(exchange, false);
    }
}
