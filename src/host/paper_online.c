/* The same from a server that works: its lists, and for callers one question each, which stands in its audit trail. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/exercise_link.h"
#include "host/paper_private.h"
#include "wire/form.h"

enum { PAGE_LIMIT = 500, PAGES_MAX = 200 };

/* ---- reading the board ---- */

const char *paper_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

int64_t paper_int(const json_t *object, const char *name) { return json_integer_value(json_object_get(object, name)); }

struct instant paper_instant(const json_t *object, const char *name)
{
    struct instant at;
    const char *text = paper_text(object, name);
    return form_instant_read(text, strlen(text), &at) ? at : INSTANT_NONE;
}

bool paper_point(const json_t *object, struct geo_point *point)
{
    const json_t *lon = json_object_get(object, "lon"), *lat = json_object_get(object, "lat");
    if (!json_is_number(lon) || !json_is_number(lat) || fabs(json_number_value(lon)) > 180 || fabs(json_number_value(lat)) > 90) {
        return false;
    }
    *point = (struct geo_point){ .lon_e7 = (int32_t)lround(json_number_value(lon) * 1e7),
                                 .lat_e7 = (int32_t)lround(json_number_value(lat) * 1e7) };
    return true;
}

void paper_set_place(json_t *item, const char *road, const char *cross, const char *place)
{
    char text[PAPER_CELL_MAX];
    int length = snprintf(text, sizeof text, "%s%s%s%s%s", road != NULL ? road : "", cross != NULL ? " / " : "",
                          cross != NULL ? cross : "", place != NULL && road != NULL ? ", " : "", place != NULL ? place : "");
    if (length > 0 && length < (int)sizeof text) {
        (void)json_object_set_new(item, "place_text", json_string(text));
    }
}

/* ---- asking ---- */

struct asking {
    const struct paper_source *source;
    struct exercise_link *link;
};

static void hear_nothing(void *context, const json_t *message)
{
    (void)context;
    (void)message;
}

/* NULL with an error unless it is answered by an object with 200. */
static json_t *ask(const struct asking *asking, const char *path, struct error *error)
{
    long http = 0;
    json_t *answer = exercise_link_get(asking->link, path, &http);
    if (http == 200 && json_is_object(answer)) {
        return answer;
    }
    if (http == 0) {
        (void)ERROR(error, STATUS_IO,
                    "%s does not answer; where its data folder or database can be reached, use --data or --store",
                    asking->source->url);
    } else {
        (void)ERROR(error, STATUS_BAD_INPUT, "%s answers GET %s with %ld: %s", asking->source->url, path, http,
                    paper_text(answer, "detail"));
    }
    json_decref(answer);
    return NULL;
}

/* All pages of a list into member name of the board. */
static enum status ask_list(const struct asking *asking, const char *name, const char *filter, json_t *board, struct error *error)
{
    json_t *items = json_array();
    (void)json_object_set_new(board, name, items);
    int64_t after = 0;
    for (unsigned page = 0; page < PAGES_MAX; page++) {
        char path[160];
        (void)snprintf(path, sizeof path, "/%s?limit=%d&after=%" PRId64 "%s", name, PAGE_LIMIT, after, filter);
        json_t *answer = ask(asking, path, error);
        if (answer == NULL) {
            return error->status;
        }
        (void)json_array_extend(items, json_object_get(answer, "items"));
        after = paper_int(answer, "next");
        json_decref(answer);
        if (after == 0) {
            return STATUS_OK;
        }
    }
    return ERROR(error, STATUS_FULL, "%s: the list of %s does not end", asking->source->url, name);
}

/* What has no name, or may not be named to this token, stays without. */
static void name_places(const struct asking *asking, json_t *items)
{
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        struct geo_point point;
        char path[128];
        long http = 0;
        if (!paper_point(json_object_get(item, "point"), &point)) {
            continue;
        }
        (void)snprintf(path, sizeof path, "/places/at?lon=%.6f&lat=%.6f", point.lon_e7 / 1e7, point.lat_e7 / 1e7);
        json_t *answer = exercise_link_get(asking->link, path, &http);
        if (http == 200) {
            paper_set_place(item, json_string_value(json_object_get(answer, "road")),
                            json_string_value(json_object_get(answer, "cross")),
                            json_string_value(json_object_get(answer, "place")));
        }
        json_decref(answer);
    }
}

static void add_callers(const struct asking *asking, json_t *calls)
{
    size_t i;
    json_t *call;
    json_array_foreach(calls, i, call)
    {
        char path[64];
        long http = 0;
        if (json_is_true(json_object_get(call, "has_caller"))) {
            (void)snprintf(path, sizeof path, "/calls/%" PRId64 "/caller", paper_int(call, "id"));
            json_t *answer = exercise_link_get(asking->link, path, &http);
            if (http == 200) {
                (void)json_object_set(call, "caller", answer);
            }
            json_decref(answer);
        }
    }
}

static enum status ask_all(const struct asking *asking, json_t *board, struct error *error)
{
    static const struct {
        const char *name, *filter;
    } lists[] = { { "calls", "&open=true" }, { "incidents", "&open=true" }, { "missions", "&open=true" },
                  { "units", "" },           { "facilities", "" },          { "posts", "" } };
    json_t *centre = ask(asking, "/centre", error);
    if (centre == NULL) {
        return error->status;
    }
    (void)json_object_update(board, centre);
    (void)json_object_set(board, "as_of", json_object_get(centre, "now"));
    (void)json_object_set_new(board, "source", json_string("server"));
    json_decref(centre);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        TRY(ask_list(asking, lists[i].name, lists[i].filter, board, error));
    }
    name_places(asking, json_object_get(board, "calls"));
    name_places(asking, json_object_get(board, "incidents"));
    if (asking->source->personal) {
        add_callers(asking, json_object_get(board, "calls"));
    }
    return STATUS_OK;
}

enum status paper_gather_online(const struct paper_source *source, json_t **board, struct error *error)
{
    struct asking asking = { .source = source };
    TRY(exercise_link_create(source->url, source->token, 0, source->stop, hear_nothing, NULL, &asking.link, error));
    *board = json_object();
    enum status status = ask_all(&asking, *board, error);
    exercise_link_destroy(asking.link);
    return status;
}
