#include "host/protocols.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/clock.h"
#include "host/log.h"
#include "protocol/compile.h"
#include "protocol/package.h"

enum { WHY_MAX = 768, TEXT_MAX = 4 << 20 };

struct item {
    uint32_t number, version;
    struct text summary, document; /* JSON objects */
};

struct protocols {
    bool drill;
    struct package package;
    bool is_refused;
    char why[WHY_MAX];
    uint32_t count;
    struct item items[PROTOCOLS_CEILING];
};

static void free_items(struct protocols *protocols)
{
    for (uint32_t i = 0; i < protocols->count; i++) {
        text_free(&protocols->items[i].summary);
        text_free(&protocols->items[i].document);
    }
    protocols->count = 0;
}

void protocols_free(struct protocols *protocols)
{
    if (protocols == NULL) {
        return;
    }
    free_items(protocols);
    package_free(&protocols->package);
    free(protocols);
}

/* ---- what is offered ---- */

static struct item *add_item(struct protocols *protocols, uint32_t number, uint32_t version)
{
    CHECK(protocols->count < PROTOCOLS_CEILING);
    struct item *item = &protocols->items[protocols->count++];
    *item = (struct item){ .number = number, .version = version };
    text_init(&item->summary, TEXT_MAX);
    text_init(&item->document, TEXT_MAX);
    return item;
}

static enum status write_item(struct protocols *protocols, const struct protocol_file *protocol, struct error *error)
{
    struct item *item = add_item(protocols, protocol->number, protocol->version);
    struct json json;
    json_init(&json, &item->summary, 0);
    json_object_begin(&json, NULL);
    protocol_write_summary(&json, protocol);
    json_object_end(&json);
    json_init(&json, &item->document, 0);
    protocol_write_json(&json, NULL, protocol);
    return item->summary.failed || item->document.failed
               ? ERROR(error, STATUS_NO_MEMORY, "no memory for protocol %s", protocol->id)
               : STATUS_OK;
}

static enum status take_item(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct item *item = context;
    text_puts(&item->summary, sql_row_text(row, 0));
    text_puts(&item->document, sql_row_text(row, 1));
    return STATUS_OK;
}

/* One that the core holds, as it stands in the tables. */
static enum status read_item(struct protocols *protocols, struct sql *sql, const struct protocol *held, struct error *error)
{
    struct item *item = add_item(protocols, held->number, held->version);
    int64_t rows = 0;
    TRY(sql_query(sql, "SELECT summary, document FROM protocol_texts WHERE number = $1 AND version = $2",
                  SQL_PARAMETERS(sql_int(held->number), sql_int(held->version)), take_item, item, &rows, error));
    if (rows == 0) {
        protocols->count--; /* nobody knows its words */
    }
    return STATUS_OK;
}

static enum status read_held(struct protocols *protocols, const struct protocols_setup *setup, struct error *error)
{
    for (uint32_t i = 0; i < setup->held_count; i++) {
        TRY(read_item(protocols, setup->sql, &setup->held[i], error));
    }
    return STATUS_OK;
}

/* ---- the tables ---- */

struct stored {
    bool found;
    int64_t content;
};

static enum status take_content(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(struct stored *)context = (struct stored){ true, sql_row_int(row, 0) };
    return STATUS_OK;
}

static void refuse(struct protocols *protocols, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* In a live centre a version means one text for ever; in a drill, where texts are tried, the newest. */
static enum status check_content(struct protocols *protocols, struct sql *sql, const struct protocol_file *protocol,
                                 struct error *error)
{
    struct stored stored = { 0 };
    TRY(sql_query(sql, "SELECT content FROM protocol_texts WHERE number = $1 AND version = $2",
                  SQL_PARAMETERS(sql_int(protocol->number), sql_int(protocol->version)), take_content, &stored, NULL, error));
    if (stored.found && stored.content != (int64_t)protocol->content && !protocols->drill) {
        refuse(protocols,
               "protocol %s says something else than the version %" PRIu32
               " of it that was in use before: give it a higher version",
               protocol->id, protocol->version);
    }
    return STATUS_OK;
}

/* The core would refuse it, and take the rest of the package: which is none or all. */
static void check_version(struct protocols *protocols, const struct protocols_setup *setup, const struct protocol_file *protocol)
{
    for (uint32_t i = 0; i < setup->held_count && !protocols->drill; i++) {
        const struct protocol *held = &setup->held[i];
        if (held->number == protocol->number && protocol->version < held->version) {
            refuse(protocols,
                   "protocol %s has version %" PRIu32 " and the centre has %" PRIu32
                   " of it: to go back to old words give them a new, higher version",
                   protocol->id, protocol->version, held->version);
        }
    }
}

static enum status store_item(struct sql *sql, const struct item *item, uint64_t content, struct error *error)
{
    static const char insert[] =
        "INSERT INTO protocol_texts(number, version, content, summary, document, stored_at) VALUES($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT(number, version) DO UPDATE SET content = excluded.content, summary = excluded.summary, document ="
        " excluded.document, stored_at = excluded.stored_at";
    return sql_run(sql, insert,
                   SQL_PARAMETERS(sql_int(item->number), sql_int(item->version), sql_int((int64_t)content),
                                  sql_text_n(item->summary.bytes, item->summary.length),
                                  sql_text_n(item->document.bytes, item->document.length), sql_int(clock_wall().us)),
                   NULL, error);
}

static enum status store_items(struct protocols *protocols, struct sql *sql, struct error *error)
{
    enum status status = sql_begin(sql, error);
    for (uint32_t i = 0; i < protocols->count && status == STATUS_OK; i++) {
        status = store_item(sql, &protocols->items[i], protocols->package.set.items[i]->content, error);
    }
    if (status == STATUS_OK) {
        status = sql_commit(sql, error);
    } else {
        sql_rollback(sql);
    }
    return status;
}

/* ---- judging ---- */

static void refuse(struct protocols *protocols, const char *format, ...)
{
    va_list values;
    protocols->is_refused = true;
    va_start(values, format);
    (void)vsnprintf(protocols->why, sizeof protocols->why, format, values);
    va_end(values);
}

/* The first line tells enough: all of them come from mingdi protocol check. */
static void judge_findings(struct protocols *protocols, const char *folder, const struct protocol_findings *findings)
{
    int length = (int)strcspn(findings->lines.bytes, "\n");
    refuse(protocols, "%s: %" PRIu32 " mistake%s (mingdi protocol check tells them all), the first: %.*s", folder,
           findings->count, findings->count == 1 ? "" : "s", length, findings->lines.bytes);
}

static void judge_signature(struct protocols *protocols)
{
    const struct package *package = &protocols->package;
    if (package->signature == PACKAGE_REFUSED || (package->signature == PACKAGE_UNSIGNED && !protocols->drill)) {
        refuse(protocols, "%s", package->why);
    }
}

static void judge_folder(struct protocols *protocols, const struct protocols_setup *setup)
{
    unsigned char key[PACKAGE_KEY_SIZE];
    struct protocol_findings findings;
    struct error error = { .text = "" };
    bool has_key = package_key_parse(setup->public_key, key);
    protocol_findings_init(&findings);
    if (package_read(setup->folder, has_key ? key : NULL, &protocols->package, &findings, &error) != STATUS_OK) {
        protocols->package.signature = PACKAGE_REFUSED;
        refuse(protocols, "%s", error.text);
    } else if (findings.count > 0) {
        judge_findings(protocols, setup->folder, &findings);
    } else {
        judge_signature(protocols);
    }
    protocol_findings_free(&findings);
}

static enum status read_all(struct protocols *protocols, const struct protocols_setup *setup, struct error *error)
{
    const struct protocol_set *set = &protocols->package.set;
    judge_folder(protocols, setup);
    for (uint32_t i = 0; i < set->count && !protocols->is_refused; i++) {
        TRY(check_content(protocols, setup->sql, set->items[i], error));
        check_version(protocols, setup, set->items[i]);
    }
    if (protocols->is_refused) {
        return read_held(protocols, setup, error);
    }
    for (uint32_t i = 0; i < set->count; i++) {
        TRY(write_item(protocols, set->items[i], error));
    }
    return setup->standby ? STATUS_OK : store_items(protocols, setup->sql, error);
}

static void tell(const struct protocols *protocols)
{
    const struct package *package = &protocols->package;
    if (protocols->is_refused) {
        LOG(LOG_ERROR, "protocols", "the triage protocols are refused; those loaded before are used, and triage by hand",
            LOG_TEXT("why", protocols->why), LOG_NUMBER("loaded_before", protocols->count));
    } else if (package->signature == PACKAGE_VALID) {
        LOG(LOG_INFO, "protocols", "the triage protocols were read", LOG_NUMBER("package", package->list.version),
            LOG_TEXT("signed_by", package->list.signed_by), LOG_NUMBER("protocols", protocols->count));
    } else {
        LOG(LOG_WARNING, "protocols", "the triage protocols are unsigned: for exercises only", LOG_TEXT("why", package->why),
            LOG_NUMBER("protocols", protocols->count));
    }
}

enum status protocols_open(const struct protocols_setup *setup, struct protocols **protocols, struct error *error)
{
    struct protocols *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the triage protocols");
    }
    made->drill = setup->drill;
    enum status status = read_all(made, setup, error);
    if (status != STATUS_OK) {
        protocols_free(made);
        return status;
    }
    tell(made);
    *protocols = made;
    return STATUS_OK;
}

enum status protocols_settle(struct protocols *protocols, const struct protocols_setup *setup, struct error *error)
{
    const struct protocol_set *set = &protocols->package.set;
    for (uint32_t i = 0; i < set->count && !protocols->is_refused; i++) {
        TRY(check_content(protocols, setup->sql, set->items[i], error));
        check_version(protocols, setup, set->items[i]);
    }
    if (!protocols->is_refused) {
        return store_items(protocols, setup->sql, error);
    }
    free_items(protocols);
    return read_held(protocols, setup, error);
}

void protocols_replace(struct protocols *protocols, struct protocols *fresh)
{
    free_items(protocols);
    package_free(&protocols->package);
    *protocols = *fresh;
    free(fresh);
}

/* ---- into the core ---- */

static void answered(void *context, const struct centre_answer *answer)
{
    (void)context;
    if (answer->outcome != CENTRE_DONE) {
        LOG(LOG_ERROR, "protocols", "a triage protocol was not loaded: the journal failed; reload the server",
            LOG_NUMBER("outcome", answer->outcome));
    } else if (answer->result.refusal != REFUSED_NONE && answer->result.refusal != REFUSED_PROTOCOL_HELD) {
        LOG(LOG_ERROR, "protocols", "a triage protocol was refused by the core",
            LOG_TEXT("refusal", refusal_name(answer->result.refusal)));
    }
}

/* Whether the centre took it, or has it. */
static bool give_one(const struct protocol_file *protocol, struct centre *centre, uint32_t *given)
{
    struct protocol_command room;
    const struct command_protocol_load *command = protocol_compile(protocol, &room);
    const struct protocol *held = core_protocol(centre_core(centre), protocol->number);
    if (held != NULL && held->version == command->version && held->fingerprint == command->fingerprint) {
        return true;
    }
    *given += 1;
    return centre_submit(centre, &command->head, answered, NULL) == CENTRE_TAKEN;
}

void protocols_give(const struct protocols *protocols, struct centre *centre)
{
    const struct protocol_set *set = &protocols->package.set;
    uint32_t given = 0;
    for (uint32_t i = 0; i < set->count && !protocols->is_refused; i++) {
        if (!give_one(set->items[i], centre, &given)) {
            LOG(LOG_ERROR, "protocols", "a triage protocol could not be given to the centre: reload the server",
                LOG_NUMBER("number", set->items[i]->number));
        }
    }
    if (given > 0) {
        LOG(LOG_INFO, "protocols", "triage protocols are loaded", LOG_NUMBER("protocols", given));
    }
}

/* ---- for clients ---- */

const char *protocols_refused(const struct protocols *protocols) { return protocols->is_refused ? protocols->why : NULL; }

static void write_or_none(struct json *json, const char *name, const char *text)
{
    if (text[0] != '\0') {
        json_text(json, name, text);
    } else {
        json_none(json, name);
    }
}

static void write_package(const struct protocols *protocols, struct json *json)
{
    const struct package *package = &protocols->package;
    const char *why = protocols->is_refused ? protocols->why : package->why;
    json_object_begin(json, "package");
    if (package->list.version != 0) {
        json_int(json, "version", (int64_t)package->list.version);
    } else {
        json_none(json, "version");
    }
    write_or_none(json, "signed_by", package->list.signed_by);
    write_or_none(json, "signed_at", package->list.signed_at);
    json_text(json, "signature", PACKAGE_SIGNATURES[protocols->is_refused ? PACKAGE_REFUSED : package->signature]);
    write_or_none(json, "why", why);
    json_object_end(json);
}

void protocols_write_list(const struct protocols *protocols, struct json *json)
{
    write_package(protocols, json);
    json_array_begin(json, "items");
    for (uint32_t i = 0; i < protocols->count; i++) {
        json_raw(json, NULL, protocols->items[i].summary.bytes, protocols->items[i].summary.length);
    }
    json_array_end(json);
}

const char *protocols_document(const struct protocols *protocols, uint32_t number, uint32_t version, size_t *size)
{
    for (uint32_t i = 0; i < protocols->count; i++) {
        const struct item *item = &protocols->items[i];
        if (item->number == number && (version == 0 || item->version == version)) {
            *size = item->document.length;
            return item->document.bytes;
        }
    }
    return NULL;
}

static enum status take_document(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    text_puts(context, sql_row_text(row, 0));
    return STATUS_OK;
}

enum status protocols_read_old(struct sql *sql, uint32_t number, uint32_t version, struct text *out, struct error *error)
{
    int64_t rows = 0;
    TRY(sql_query(sql, "SELECT document FROM protocol_texts WHERE number = $1 AND version = $2",
                  SQL_PARAMETERS(sql_int(number), sql_int(version)), take_document, out, &rows, error));
    return rows > 0 ? STATUS_OK
                    : ERROR(error, STATUS_NOT_FOUND, "protocol %" PRIu32 " never had version %" PRIu32, number, version);
}
