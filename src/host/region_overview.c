/* What a process of several centres tells of all of them, on this machine only: /healthz, /readyz, /metrics. Workload: a scraper
 * and a person, some requests a minute. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "host/metrics.h"
#include "host/region_private.h"

enum { OVERVIEW_BYTES_MAX = 1 << 20 };

/* ---- one centre in a word ---- */

static const char *word_of_running(const struct server_facts *facts)
{
    switch (facts->state) {
    case CENTRE_READY:
        return facts->serving ? "serves" : facts->unsure ? "waits for its database, and is read only" : "takes over";
    case CENTRE_RECOVERING: return "opens";
    case CENTRE_JOURNAL_FAILED: return "its journal cannot be written";
    case CENTRE_STANDBY: return "stands by";
    case CENTRE_DRAINING: return "stops";
    case CENTRE_STOPPED: return "has stopped";
    }
    UNREACHABLE();
}

static const char *word_of(const struct region_facts *facts)
{
    switch (facts->phase) {
    case REGION_WAITING: return "waits for its turn to open";
    case REGION_OPENING: return "opens";
    case REGION_RUNNING: return facts->hangs ? "hangs" : word_of_running(&facts->server);
    case REGION_CLOSING: return "closes";
    case REGION_FAILED: return "cannot be opened";
    case REGION_ENDED: return "has stopped";
    }
    UNREACHABLE();
}

/* ---- /healthz, /readyz ---- */

static void write_one(struct json *json, const struct region_facts *facts)
{
    json_object_begin(json, NULL);
    json_text(json, "name", facts->name);
    json_text(json, "state", word_of(facts));
    json_bool(json, "well", region_is_well(facts));
    json_bool(json, "serves", facts->phase == REGION_RUNNING && facts->server.serving);
    json_int(json, "port", facts->port);
    json_int(json, "sequence", (int64_t)facts->server.sequence);
    json_int(json, "standbys", facts->server.standbys);
    json_int(json, "openings", facts->openings);
    json_text(json, "why", facts->why);
    json_object_end(json);
}

/* True: all are well. */
static bool write_all(struct region *region, struct json *json)
{
    bool well = true;
    json_array_begin(json, "centres");
    for (uint32_t i = 0; i < region->count; i++) {
        struct region_facts facts;
        region_facts(&region->ones[i], &facts);
        well = well && region_is_well(&facts);
        write_one(json, &facts);
    }
    json_array_end(json);
    return well;
}

static void answer(struct http_request *request, unsigned status, const char *type, const struct text *body)
{
    static const char none[] = "no memory for the answer\n";
    if (body->failed) {
        http_answer_static(request, 503, "text/plain; charset=utf-8", none, sizeof none - 1);
        return;
    }
    http_answer(request, status, type, body->bytes, body->length);
}

/* That it answers is the health; of the readiness each centre is a part. */
static void answer_state(struct region *region, struct http_request *request, bool is_readiness)
{
    struct text body;
    struct json json;
    text_init(&body, OVERVIEW_BYTES_MAX);
    json_init(&json, &body, 0);
    json_object_begin(&json, NULL);
    json_text(&json, "status", "alive");
    bool well = write_all(region, &json);
    json_bool(&json, "ready", well);
    json_object_end(&json);
    answer(request, is_readiness && !well ? 503 : 200, "application/json", &body);
    text_free(&body);
}

/* ---- /metrics ---- */

struct measure {
    const char *name, *type, *help;
    double (*of)(const struct region_facts *facts);
};

static double well_of(const struct region_facts *facts) { return region_is_well(facts); }
static double serving_of(const struct region_facts *facts) { return facts->phase == REGION_RUNNING && facts->server.serving; }
static double standbys_of(const struct region_facts *facts) { return facts->server.standbys; }
static double sequence_of(const struct region_facts *facts) { return (double)facts->server.sequence; }
static double openings_of(const struct region_facts *facts) { return facts->openings; }

static const struct measure MEASURES[] = {
    { "mingdi_region_centre_well", "gauge", "1 while the centre runs in this process, as owner or as standby.", well_of },
    { "mingdi_region_centre_serves", "gauge", "1 while this process takes the centre's commands.", serving_of },
    { "mingdi_region_centre_standbys", "gauge", "Where this process owns it: others that could take over.", standbys_of },
    { "mingdi_region_centre_sequence", "gauge", "Last durable entry of the centre's journal.", sequence_of },
    { "mingdi_region_centre_openings_total", "counter", "Times that the centre was opened since the process began.",
      openings_of },
};

static void answer_metrics(struct region *region, struct http_request *request)
{
    struct text body;
    text_init(&body, OVERVIEW_BYTES_MAX);
    metrics_family(&body, "mingdi_region_centres", "gauge", "Centres that this process was given.");
    metrics_sample(&body, "mingdi_region_centres", NULL, NULL, region->count);
    for (size_t i = 0; i < ARRAY_LENGTH(MEASURES); i++) {
        metrics_family(&body, MEASURES[i].name, MEASURES[i].type, MEASURES[i].help);
        for (uint32_t k = 0; k < region->count; k++) {
            struct region_facts facts;
            region_facts(&region->ones[k], &facts);
            metrics_sample(&body, MEASURES[i].name, "centre", facts.name, MEASURES[i].of(&facts));
        }
    }
    answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
    text_free(&body);
}

/* ---- the door ---- */

static void refuse(struct http_request *request, unsigned status, const char *why)
{
    http_answer_static(request, status, "text/plain; charset=utf-8", why, strlen(why));
}

/* A proxy that passes this on to the world was set up wrongly: it adds where the request came from. */
void region_overview(void *context, struct http_request *request)
{
    struct region *region = context;
    const char *path = http_path(request);
    if (http_header(request, "X-Forwarded-For") != NULL || http_is_ambiguous(request)) {
        refuse(request, 403, "the overview is for this machine itself\n");
    } else if (http_method(request) != HTTP_GET) {
        refuse(request, 405, "the overview is read only\n");
    } else if (strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0) {
        answer_state(region, request, strcmp(path, "/readyz") == 0);
    } else if (strcmp(path, "/metrics") == 0) {
        answer_metrics(region, request);
    } else {
        refuse(request, 404, "the overview has /healthz, /readyz and /metrics\n");
    }
}
