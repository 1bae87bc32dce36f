/* GET /routes, /isochrones and /coverage: ways and areas by road, for people who look at a map. Each is computed in a travelling
 * thread (places.h) from copies of what it needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/api_private.h"
#include "host/journey.h"
#include "host/places.h"
#include "host/point_form.h"
#include "road/profile.h"

enum { MINUTES_MAX = ISOCHRONE_SECONDS_MAX / 60, SECONDS_A_MINUTE = 60, AT_ONCE_MAX = 8 };

/* One question, kept with the exchange. */
struct journey_job {
    struct exchange *exchange;
    struct journey journey;
};

/* ---- beginning and ending ---- */

static void end_job(struct journey_job *job, enum status status, const struct error *error)
{
    struct exchange *exchange = job->exchange;
    exchange->status = status;
    if (status != STATUS_OK) {
        snprintf(exchange->why, sizeof exchange->why, "%.*s", (int)sizeof exchange->why - 1, error->text);
    }
}

static void answer_job(void *kept)
{
    struct journey_job *job = kept;
    struct exchange *exchange = job->exchange;
    journey_free(&job->journey);
    if (exchange->status == STATUS_OK) {
        exchange_send_body(exchange, 200);
    } else if (exchange->status == STATUS_NOT_FOUND) {
        exchange_problem_text(exchange, PROBLEM_OUT_OF_REACH, "%s", exchange->why);
    } else {
        exchange_problem_text(exchange, PROBLEM_BUSY, "%s", exchange->why[0] != '\0' ? exchange->why : "The server stops.");
    }
}

static void give_job(struct journey_job *job, void (*work)(void *job))
{
    struct exchange *exchange = job->exchange;
    exchange->status = STATUS_IO; /* until the work has been done */
    if (!exchange_take_share(exchange, AT_ONCE_MAX)) {
        journey_free(&job->journey);
        return;
    }
    if (!workers_give(places_travellers(exchange->api->setup.places), work, answer_job, job)) {
        journey_free(&job->journey);
        exchange_problem_of(exchange, PROBLEM_BUSY);
    }
}

static void do_job(struct journey_job *job, enum status (*find)(struct journey *journey, struct json *json, struct error *error))
{
    struct error error = { .text = "" };
    struct json *json = exchange_object(job->exchange);
    enum status status = find(&job->journey, json, &error);
    if (status == STATUS_OK) {
        json_object_end(json);
    }
    end_job(job, status, &error);
}

/* NULL: answered. */
static struct journey_job *begin_job(struct exchange *exchange)
{
    struct journey_job *job = calloc(1, sizeof *job);
    const char *profile = http_parameter(exchange->request, "profile");
    exchange->kept = job;
    if (job == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return NULL;
    }
    struct journey *journey = &job->journey;
    job->exchange = exchange;
    journey->city = places_city(exchange->api->setup.places);
    journey->edge_districts = places_edge_districts(exchange->api->setup.places);
    journey->profile = profile != NULL ? profile_of_name(profile) : ROAD_EMERGENCY;
    if (journey->profile == ROAD_PROFILE_COUNT || !city_has_profile(journey->city, journey->profile)) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER,
                              "profile must be emergency, normal or foot, and one that the city's map has.");
        return NULL;
    }
    return job;
}

static bool read_end(struct exchange *exchange, const char *name, struct geo_point *point)
{
    const char *text = http_parameter(exchange->request, name);
    if (text == NULL || !point_form_read(text, point)) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s must be LON,LAT in degrees, such as 11.9746,57.7089.",
                              name);
        return false;
    }
    return true;
}

static bool read_minutes(struct journey_job *job, const char *fallback, uint32_t maximum)
{
    const char *text = http_parameter(job->exchange->request, "minutes");
    struct journey *journey = &job->journey;
    text = text != NULL ? text : fallback;
    if (text == NULL || !point_form_read_rising(text, MINUTES_MAX, maximum, journey->limits_s, &journey->limit_count)) {
        exchange_problem_text(job->exchange, PROBLEM_UNKNOWN_PARAMETER, "minutes must be %s above 0 and at most %d, such as %s.",
                              maximum == 1 ? "one number" : "rising numbers, at most 16, each", MINUTES_MAX,
                              maximum == 1 ? "8" : "4,8,12");
        return false;
    }
    for (uint32_t i = 0; i < journey->limit_count; i++) {
        journey->limits_s[i] *= SECONDS_A_MINUTE;
    }
    return true;
}

/* ---- GET /routes ---- */

static void find_route(void *job) { do_job(job, journey_route); }

void api_show_route(struct exchange *exchange)
{
    struct journey_job *job = begin_job(exchange);
    if (job != NULL && read_end(exchange, "from", &job->journey.from) && read_end(exchange, "to", &job->journey.to)) {
        give_job(job, find_route);
    }
}

/* ---- GET /isochrones ---- */

static void find_isochrones(void *job) { do_job(job, journey_isochrones); }

void api_show_isochrones(struct exchange *exchange)
{
    struct journey_job *job = begin_job(exchange);
    if (job != NULL && read_end(exchange, "at", &job->journey.from) && read_minutes(job, NULL, ISOCHRONE_LIMITS_MAX)) {
        give_job(job, find_isochrones);
    }
}

/* ---- GET /coverage ---- */

/* As core_unit_exclusion has it for an incident that diverts nobody. */
static bool can_be_sent(const struct core *core, const struct unit *unit)
{
    return unit->state == UNIT_STATE_AT_POST || (unit->state == UNIT_STATE_RETURNING && !core->head->rules.returning_waits);
}

/* At its post a unit first has to mobilise; one that never told where it is counts as there. */
static struct covering_unit covering_unit_of(const struct exchange *exchange, const struct unit *unit)
{
    const struct core *core = exchange_core(exchange);
    bool at_post = unit->state == UNIT_STATE_AT_POST;
    struct position position = positions_of(exchange->api->setup.positions, unit->id);
    struct covering_unit covering = { .point = position.point };
    if (at_post) {
        covering.delay = duration_seconds(exchange->api->setup.config->mobilisation_s);
    }
    if (instant_is_none(position.at) || (at_post && instant_before(position.at, unit->changed_at))) {
        covering.point = core_post(core, unit->post)->point;
    }
    return covering;
}

/* Units that the asker may not see are left out: the area of one minute would tell where each of them stands. */
static bool gather_units(struct journey_job *job)
{
    struct journey *journey = &job->journey;
    const struct exchange *exchange = job->exchange;
    const struct directory *directory = exchange->api->setup.directory;
    const struct core *core = exchange_core(exchange);
    uint32_t count = core_unit_count(core);
    journey->district_count = directory_count(directory, DIRECTORY_DISTRICT) + 1;
    journey->units = calloc((size_t)count + 1, sizeof *journey->units);
    journey->districts = calloc(journey->district_count, sizeof *journey->districts);
    for (uint32_t id = 1; id <= count && journey->units != NULL; id++) {
        const struct unit *unit = &core->units[id];
        if (can_be_sent(core, unit) && rights_sees_unit(&exchange->identity, core, directory, unit)) {
            journey->units[journey->unit_count++] = covering_unit_of(exchange, unit);
        }
    }
    return journey->units != NULL && journey->districts != NULL;
}

static void find_coverage(void *job) { do_job(job, journey_coverage); }

void api_show_coverage(struct exchange *exchange)
{
    struct journey_job *job = begin_job(exchange);
    if (job == NULL || !read_minutes(job, "8", 1)) {
        return;
    }
    if (!gather_units(job)) {
        journey_free(&job->journey);
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    give_job(job, find_coverage);
}
