/* The centre as it is now: its clock and state, the stream, positions, and who has what in hand. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/api_private.h"
#include "host/stream_feed.h"
#include "policy/policies.h"
#include "wire/form.h"

static const char *state_name(enum centre_state state)
{
    switch (state) {
    case CENTRE_RECOVERING: return "recovering";
    case CENTRE_READY: return "ready";
    case CENTRE_JOURNAL_FAILED: return "journal_failed";
    case CENTRE_STANDBY: return "standby";
    case CENTRE_DRAINING: return "draining";
    case CENTRE_STOPPED: return "stopped";
    }
    UNREACHABLE();
}

void api_show_centre(struct exchange *exchange)
{
    const struct api_setup *setup = &exchange->api->setup;
    const struct core_head *head = exchange_core(exchange)->head;
    char trouble[256] = "";
    centre_trouble(setup->centre, trouble, sizeof trouble);
    struct json *json = exchange_object(exchange);
    if (!setup->drill) {
        json_bool(json, "drill", false);
    }
    json_text(json, "name", setup->config->name);
    json_text(json, "time_zone", setup->config->time_zone);
    json_int(json, "speed", clock_speed(setup->clock));
    form_instant(json, "now", clock_now(setup->clock));
    json_int(json, "sequence", (int64_t)head->sequence);
    json_text(json, "policy", setup->config->policy);
    json_int(json, "policy_version", head->policy_version);
    form_u64(json, "city_fingerprint", head->city_fingerprint);
    json_text(json, "state", state_name(centre_state(setup->centre)));
    json_text(json, "trouble", trouble);
    exchange_send(exchange, 200);
}

/* ---- GET /stream and /events ---- */

/* The request goes over to the stream, which answers it. */
static void hand_over(struct exchange *exchange, bool websocket, const struct stream_resume *resume)
{
    struct stream *stream = exchange->api->setup.stream;
    struct http_request *request = exchange->request;
    struct identity identity = exchange->identity;
    http_name_route(request, exchange->route->name);
    free(exchange);
    stream_open(stream, request, &identity, websocket, resume);
}

/* One that cannot be read is as good as none: who comes with it is no worse off than one who knows nothing. */
static uint64_t fingerprint_of(const char *text)
{
    uint64_t fingerprint = 0;
    return text != NULL && form_u64_read(text, strlen(text), &fingerprint) ? fingerprint : 0;
}

/* From the query: after and fingerprint. False: answered. */
static bool read_resume(struct exchange *exchange, struct stream_resume *resume)
{
    int64_t after = -1;
    if (!exchange_number(exchange, "after", 0, INT64_MAX / 16, &after)) {
        return false;
    }
    *resume = (struct stream_resume){ .is_given = after >= 0,
                                      .sequence = after < 0 ? 0 : (uint64_t)after,
                                      .fingerprint = fingerprint_of(http_parameter(exchange->request, "fingerprint")) };
    return true;
}

void api_open_stream(struct exchange *exchange)
{
    struct stream_resume resume;
    if (read_resume(exchange, &resume)) {
        hand_over(exchange, true, &resume);
    }
}

/* "121-9f86d081884c7d65", the id of an event. A browser comes back with it by itself and gives up where it is refused: one that
 * cannot be read, as an older program gave it, means no more than that a snapshot is needed. */
static struct stream_resume read_event_id(const char *id)
{
    char digits[24];
    int64_t sequence;
    size_t length = strcspn(id, "-");
    (void)snprintf(digits, sizeof digits, "%.*s", length < sizeof digits ? (int)length : 0, id);
    if (!exchange_read_number(digits, INT64_MAX / 16, &sequence)) {
        return (struct stream_resume){ .is_given = false };
    }
    return (struct stream_resume){ .is_given = true,
                                   .sequence = (uint64_t)sequence,
                                   .fingerprint = fingerprint_of(id[length] == '-' ? id + length + 1 : NULL) };
}

void api_open_events(struct exchange *exchange)
{
    struct stream_resume resume;
    const char *last = http_header(exchange->request, "Last-Event-ID");
    bool is_again = last != NULL && last[0] != '\0';
    if (is_again) {
        resume = read_event_id(last);
    }
    if (is_again || read_resume(exchange, &resume)) {
        hand_over(exchange, false, &resume);
    }
}

/* ---- POST /positions ---- */

void api_report_positions(struct exchange *exchange)
{
    size_t length;
    char why[256] = "";
    const char *body = http_body(exchange->request, &length);
    json_init(&exchange->json, &exchange->body, 0);
    enum positions_outcome outcome = positions_report(exchange->api->setup.positions, &exchange->identity, body, length,
                                                      &exchange->json, why, sizeof why);
    switch (outcome) {
    case POSITIONS_TAKEN: exchange_send_body(exchange, 200); return;
    case POSITIONS_MALFORMED: exchange_problem_text(exchange, PROBLEM_UNPROCESSABLE, "%s", why); return;
    case POSITIONS_TOO_MANY: exchange_problem_text(exchange, PROBLEM_TOO_LARGE, "%s", why); return;
    }
    UNREACHABLE();
}

/* ---- control ---- */

/* False: answered. */
static bool find_control(struct exchange *exchange, enum control_kind *kind)
{
    for (int i = 0; i < CONTROL_KIND_COUNT; i++) {
        if (strcmp(exchange->word, CONTROL_NAMES[i]) == 0) {
            *kind = (enum control_kind)i;
            return true;
        }
    }
    exchange_problem_of(exchange, PROBLEM_UNKNOWN_PATH);
    return false;
}

static bool control_exists(const struct exchange *exchange, enum control_kind kind)
{
    const struct core *core = exchange_core(exchange);
    switch (kind) {
    case CONTROL_SEAT: return directory_find(exchange->api->setup.directory, DIRECTORY_SEAT, exchange->id) != NULL;
    case CONTROL_UNIT: return core_unit(core, (struct unit_id){ exchange->id }) != NULL;
    default: return core_facility(core, (struct facility_id){ exchange->id }) != NULL;
    }
}

static bool may_control(struct exchange *exchange, enum control_kind kind)
{
    if (!control_exists(exchange, kind)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return false;
    }
    if (!rights_control(&exchange->identity, kind, exchange->id)) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED, "This %s may not be taken in hand by you.", CONTROL_NAMES[kind]);
        return false;
    }
    return true;
}

static void write_holder(struct exchange *exchange, struct json *json, uint32_t holder)
{
    json_object_begin(json, "held_by");
    json_int(json, "actor", holder);
    json_text(json, "name", people_name(exchange->api->setup.people, holder));
    json_object_end(json);
}

static void control_changed(struct exchange *exchange, enum control_outcome outcome, uint32_t holder, bool taken)
{
    switch (outcome) {
    case CONTROL_DONE: break;
    case CONTROL_TAKEN_ALREADY:
        exchange_problem_text(exchange, PROBLEM_TAKEN_ALREADY, "%s (number %u) has it in hand.",
                              people_name(exchange->api->setup.people, holder), holder);
        return;
    case CONTROL_NOT_HELD: exchange_problem_of(exchange, PROBLEM_NOT_HELD); return;
    case CONTROL_FULL: exchange_problem_of(exchange, PROBLEM_BUSY); return;
    case CONTROL_NOT_STORED: exchange_problem_of(exchange, PROBLEM_NOT_STORED); return;
    }
    if (!taken) {
        exchange_send_nothing(exchange, 204);
        return;
    }
    struct json *json = exchange_object(exchange);
    json_text(json, "kind", exchange->word);
    json_int(json, "id", exchange->id);
    write_holder(exchange, json, holder);
    exchange_send(exchange, 200);
}

static void control_taken(void *context, enum control_outcome outcome, uint32_t holder)
{
    control_changed(context, outcome, holder, true);
}

static void control_given(void *context, enum control_outcome outcome, uint32_t holder)
{
    control_changed(context, outcome, holder, false);
}

void api_take_control(struct exchange *exchange)
{
    enum control_kind kind;
    if (find_control(exchange, &kind) && may_control(exchange, kind)) {
        control_take(exchange->api->setup.control, kind, exchange->id, exchange->identity.actor,
                     clock_now(exchange->api->setup.clock), control_taken, exchange);
    }
}

static bool is_commander(const struct identity *identity)
{
    for (int i = 0; i < identity->grant_count; i++) {
        if (identity->grants[i].role == ROLE_DUTY_COMMANDER && identity->grants[i].scope == SCOPE_CENTRE) {
            return true;
        }
    }
    return false;
}

void api_give_control(struct exchange *exchange)
{
    enum control_kind kind;
    if (find_control(exchange, &kind) && may_control(exchange, kind)) {
        control_give(exchange->api->setup.control, kind, exchange->id, exchange->identity.actor,
                     is_commander(&exchange->identity), control_given, exchange);
    }
}

static bool control_is_shown(void *context, enum control_kind kind, uint32_t id)
{
    const struct exchange *exchange = context;
    const struct core *core = exchange_core(exchange);
    const struct directory *directory = exchange->api->setup.directory;
    const struct unit *unit = core_unit(core, (struct unit_id){ id });
    const struct facility *facility = core_facility(core, (struct facility_id){ id });
    switch (kind) {
    case CONTROL_UNIT: return unit != NULL && rights_sees_unit(&exchange->identity, core, directory, unit);
    case CONTROL_FACILITY: return facility != NULL && rights_sees_facility(&exchange->identity, core, directory, facility);
    default: return rights_resource(&exchange->identity, RESOURCE_SEATS);
    }
}

void api_list_control(struct exchange *exchange)
{
    struct json *json = exchange_object(exchange);
    control_write_json(exchange->api->setup.control, json, "items", control_is_shown, exchange);
    json_int(json, "sequence", (int64_t)exchange_core(exchange)->head->sequence);
    exchange_send(exchange, 200);
}

/* ---- PUT /drill/speed ---- */

static void speed_audited(void *context, bool stored)
{
    struct exchange *exchange = context;
    struct clock *clock = exchange->api->setup.clock;
    if (!stored) {
        exchange_problem_of(exchange, PROBLEM_NOT_STORED);
        return;
    }
    clock_set_speed(clock, exchange->limit);
    struct json *json = exchange_object(exchange);
    json_int(json, "speed", clock_speed(clock));
    exchange_send(exchange, 200);
}

void api_set_speed(struct exchange *exchange)
{
    static const char *const members[] = { "speed", NULL };
    int64_t speed = 1;
    json_t *root;
    struct error error = { .text = "" };
    if (!exchange->api->setup.drill) {
        exchange_problem_text(exchange, PROBLEM_NOT_A_DRILL, "The time of a live centre is the time of the world.");
        return;
    }
    if (!exchange_json(exchange, members, &root)) {
        return;
    }
    enum status status = wire_int(root, (struct wire_member){ "speed", false }, CLOCK_SPEED_MIN, CLOCK_SPEED_MAX, &speed, &error);
    json_decref(root);
    if (status != STATUS_OK) {
        exchange_bad_body(exchange, &error);
        return;
    }
    exchange->limit = (uint32_t)speed;
    const struct audit_entry entry = { .actor = exchange->identity.actor,
                                       .machine = exchange->identity.machine,
                                       .what = "drill speed changed",
                                       .subject = "speed",
                                       .subject_id = (uint64_t)speed,
                                       .detail = "" };
    audit_write(exchange->api->setup.audit, &entry, speed_audited, exchange);
}
