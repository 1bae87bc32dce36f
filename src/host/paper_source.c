/* What the board is made of, offline: the journal from its newest snapshot, the tables of names, the roads for the names of
 * places. A centre of a large city is there in a second or two. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/csv.h"
#include "base/file.h"
#include "core/engine.h"
#include "host/audit.h"
#include "host/journal_state.h"
#include "host/paper_private.h"
#include "host/personal.h"
#include "host/secret.h"
#include "host/settings.h"
#include "host/view.h"
#include "place/around.h"
#include "wire/form.h"

/* ---- the state, in the form of the API ---- */

static bool call_is_open(const struct call *call)
{
    return call->id != 0 && call->state != CALL_STATE_CLOSED && call->state != CALL_STATE_TRIAGED &&
           call->state != CALL_STATE_LINKED;
}

static void write_work(const struct view *view, struct json *json)
{
    const struct core *core = view->core;
    json_array_begin(json, "calls");
    for (uint32_t i = 0; i < core->head->limits.calls; i++) {
        if (call_is_open(&core->calls[i])) {
            view_call(view, json, NULL, &core->calls[i]);
        }
    }
    json_array_end(json);
    json_array_begin(json, "incidents");
    for (uint32_t i = 0; i < core->head->limits.incidents; i++) {
        if (core->incidents[i].id != 0 && core->incidents[i].state != INCIDENT_STATE_CLOSED) {
            view_incident(view, json, NULL, &core->incidents[i]);
        }
    }
    json_array_end(json);
    json_array_begin(json, "missions");
    for (uint32_t i = 0; i <= core->mission_mask; i++) {
        if (core->missions[i].id != 0 && core->missions[i].state != MISSION_STATE_ENDED) {
            view_mission(view, json, NULL, &core->missions[i]);
        }
    }
    json_array_end(json);
}

static void write_what_there_is(const struct view *view, struct json *json)
{
    const struct core *core = view->core;
    json_array_begin(json, "units");
    for (uint32_t id = 1; id <= core->head->unit_count; id++) {
        if (!core->units[id].retired) {
            view_unit(view, json, NULL, &core->units[id]);
        }
    }
    json_array_end(json);
    json_array_begin(json, "facilities");
    for (uint32_t id = 1; id <= core->head->facility_count; id++) {
        view_facility(view, json, NULL, &core->facilities[id]);
    }
    json_array_end(json);
    json_array_begin(json, "posts");
    for (uint32_t id = 1; id <= core->head->post_count; id++) {
        view_post(view, json, NULL, &core->posts[id]);
    }
    json_array_end(json);
}

struct offline {
    struct journal journal;
    struct journal_state state;
    struct engine *engine;
    struct sql *sql;
    struct directory *directory;
    struct config config;
};

static void write_board(const struct offline *offline, bool drill, struct text *out)
{
    struct json json;
    const struct view view = { .core = engine_core(offline->engine),
                               .directory = offline->directory,
                               .now = offline->state.entered_at };
    json_init(&json, out, 0);
    json_object_begin(&json, NULL);
    json_text(&json, "name", offline->config.name);
    json_text(&json, "time_zone", offline->config.time_zone);
    json_bool(&json, "drill", drill);
    json_text(&json, "source", "journal");
    json_int(&json, "sequence", (int64_t)offline->state.sequence);
    form_instant(&json, "as_of", offline->state.entered_at);
    write_work(&view, &json);
    write_what_there_is(&view, &json);
    json_object_end(&json);
}

/* ---- names of places ---- */

static void name_places(json_t *items, const struct place_index *index)
{
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        struct geo_point point;
        struct place_around around;
        const json_t *at = json_object_get(item, "position");
        if (!json_is_object(at)) {
            at = json_object_get(item, "point");
        }
        if (paper_point(at, &point)) {
            place_around_find(index, point, &around);
            paper_set_place(item, around.road, around.cross, around.place);
        }
    }
}

/* A city file that cannot be read is no reason to print nothing: then places have no names. */
static enum status name_all_places(const struct paper_source *source, const struct config *config, json_t *board)
{
    static const char *const lists[] = { "calls", "incidents", "units" };
    struct error error = { .text = "" };
    struct city *city = NULL;
    struct place_index *index = NULL;
    char *path = config->city_file[0] == '/' ? strdup(config->city_file) : file_join(source->data, config->city_file);
    enum status status = path == NULL ? STATUS_NO_MEMORY : city_open(path, &city, &error);
    if (status == STATUS_OK) {
        status = place_index_of_city(city, &index, &error);
    }
    for (size_t i = 0; status == STATUS_OK && i < sizeof lists / sizeof lists[0]; i++) {
        name_places(json_object_get(board, lists[i]), index);
    }
    if (status != STATUS_OK) {
        (void)json_object_set_new(board, "trouble", json_string(error.text));
    }
    place_index_free(index);
    if (city != NULL) {
        city_close(city);
    }
    free(path);
    return STATUS_OK;
}

/* ---- callers ---- */

static void add_caller(json_t *call, const struct personal_data *data)
{
    (void)json_object_set_new(
        call, "caller",
        json_pack("{s:s,s:s,s:s,s:s}", "number", data->number, "name", data->name, "home", data->home, "remarks", data->remarks));
}

static enum status add_callers(struct personal *personal, const struct core *core, json_t *board, uint64_t *shown)
{
    size_t i;
    json_t *call;
    json_array_foreach(json_object_get(board, "calls"), i, call)
    {
        struct personal_data data;
        const struct call *held = core_call(core, (struct call_id){ (uint32_t)paper_int(call, "id") });
        if (held != NULL && held->caller != 0 && personal_read_now(personal, held->caller, &data) == STATUS_OK) {
            add_caller(call, &data);
            *shown += 1;
            secret_wipe(&data, sizeof data);
        }
    }
    return STATUS_OK;
}

static char *key_path(const struct paper_source *source, const struct config *config)
{
    const char *set = config->master_key_file;
    return set[0] == '\0' ? file_join(source->data, "master.key") : set[0] == '/' ? strdup(set) : file_join(source->data, set);
}

/* The reading is in the audit trail before anything is printed. */
static enum status read_callers(const struct paper_source *source, const struct offline *offline, json_t *board,
                                struct error *error)
{
    unsigned char key[SECRET_KEY_SIZE];
    struct personal *personal = NULL;
    uint64_t shown = 0;
    char detail[64];
    char *path = key_path(source, &offline->config);
    enum status status = path == NULL ? ERROR(error, STATUS_NO_MEMORY, "no memory for a path")
                                      : master_key_load(path, false, key, error);
    free(path);
    if (status == STATUS_OK) {
        status = personal_create(offline->sql, NULL, key, &personal, error);
        secret_wipe(key, sizeof key);
    }
    if (status == STATUS_OK) {
        status = add_callers(personal, engine_core(offline->engine), board, &shown);
    }
    personal_destroy(personal);
    TRY(status);
    (void)snprintf(detail, sizeof detail, "%llu callers of open calls", (unsigned long long)shown);
    return audit_write_now(offline->sql, &(struct audit_entry){ .what = "board printed", .subject = "centre", .detail = detail },
                           error);
}

/* In a folder two processes must not write the tables at once, and the audit trail is to be written. */
static enum status require_stopped(const struct paper_source *source, struct error *error)
{
    struct journal journal;
    struct error why = { .text = "" };
    if (!source->personal || source->store->kind == STORE_POSTGRES) {
        return STATUS_OK;
    }
    enum status status = store_journal_open(source->store, JOURNAL_WRITE, NULL, &journal, &why);
    if (status != STATUS_OK) {
        return ERROR(error, status, "%s; while a server works, print with --without-personal, or ask it with --centre", why.text);
    }
    journal.close(journal.context);
    return STATUS_OK;
}

/* ---- all of it ---- */

static enum status open_offline(const struct paper_source *source, struct offline *offline, struct error *error)
{
    TRY(require_stopped(source, error));
    TRY(store_journal_open(source->store, JOURNAL_READ, NULL, &offline->journal, error));
    TRY(journal_state_engine(&offline->journal, &offline->state, &offline->engine, error));
    TRY(store_tables_open(source->store, SQL_CENTRE, !source->personal, &offline->sql, error));
    TRY(directory_load(offline->sql, &offline->directory, error));
    char *path = source->config_path != NULL ? strdup(source->config_path) : file_join(source->data, "mingdi.yaml");
    const struct settings_sources sources = { .path = path, .environment = environ };
    enum status status = path == NULL ? ERROR(error, STATUS_NO_MEMORY, "no memory for a path")
                                      : settings_read(&sources, offline->sql, &offline->config, error);
    free(path);
    return status;
}

static void close_offline(struct offline *offline)
{
    directory_free(offline->directory);
    if (offline->sql != NULL) {
        sql_close(offline->sql);
    }
    engine_destroy(offline->engine);
    if (offline->journal.close != NULL) {
        offline->journal.close(offline->journal.context);
    }
}

enum status paper_gather_offline(const struct paper_source *source, json_t **board, struct error *error)
{
    struct offline *offline = calloc(1, sizeof *offline);
    struct text out;
    if (offline == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to read the centre");
    }
    text_init(&out, PAPER_TEXT_MAX);
    enum status status = open_offline(source, offline, error);
    if (status == STATUS_OK) {
        write_board(offline, source->store->drill, &out);
        *board = out.failed ? NULL : json_loadb(out.bytes, out.length, 0, NULL);
        status = *board != NULL ? name_all_places(source, &offline->config, *board)
                                : ERROR(error, STATUS_NO_MEMORY, "no memory for the board");
    }
    if (status == STATUS_OK && source->personal) {
        status = read_callers(source, offline, *board, error);
    }
    text_free(&out);
    close_offline(offline);
    free(offline);
    return status;
}

/* ---- telephones ---- */

struct telephone {
    char kind[16], code[64], name[128], telephone[64], radio[64];
};

static enum status read_telephone(const struct csv *csv, const int *column, struct telephone *row, struct error *error)
{
    TRY(csv_text(csv, column[0], "kind", row->kind, sizeof row->kind, error));
    TRY(csv_text(csv, column[1], "code", row->code, sizeof row->code, error));
    row->name[0] = row->radio[0] = '\0';
    if (column[2] >= 0) {
        TRY(csv_text(csv, column[2], "name", row->name, sizeof row->name, error));
    }
    TRY(csv_text(csv, column[3], "telephone", row->telephone, sizeof row->telephone, error));
    if (column[4] >= 0) {
        TRY(csv_text(csv, column[4], "radio", row->radio, sizeof row->radio, error));
    }
    bool known = strcmp(row->kind, "unit") == 0 || strcmp(row->kind, "post") == 0 || strcmp(row->kind, "facility") == 0 ||
                 strcmp(row->kind, "other") == 0;
    return known ? STATUS_OK
                 : ERROR(error, STATUS_BAD_INPUT, "%s:%d: kind must be unit, post, facility or other, not '%s'", csv->name,
                         csv->line, row->kind);
}

static enum status read_telephones(struct csv *csv, json_t *list, struct error *error)
{
    static const char *const names[] = { "kind", "code", "?name", "telephone", "?radio", NULL };
    int column[5];
    bool more = false;
    TRY(csv_next(csv, &more, error));
    if (!more) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: is empty; its first line is kind,code,name,telephone,radio", csv->name);
    }
    TRY(csv_header(csv, names, column, true, error));
    for (;;) {
        struct telephone row;
        TRY(csv_next(csv, &more, error));
        if (!more) {
            return STATUS_OK;
        }
        TRY(read_telephone(csv, column, &row, error));
        (void)json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:s}", "kind", row.kind, "code", row.code, "name", row.name,
                                                    "telephone", row.telephone, "radio", row.radio));
    }
}

enum status paper_read_telephones(const char *path, json_t *list, struct error *error)
{
    struct file_view view;
    struct csv csv;
    TRY(file_view_open(&view, path, error));
    csv_open(&csv, path, (const char *)view.bytes, view.size, true);
    enum status status = read_telephones(&csv, list, error);
    csv_close(&csv);
    file_view_close(&view);
    return status;
}

enum status paper_gather(const struct paper_source *source, json_t **board, struct error *error)
{
    *board = NULL;
    json_t *telephones = json_array();
    enum status status = source->telephones != NULL ? paper_read_telephones(source->telephones, telephones, error) : STATUS_OK;
    if (status == STATUS_OK) {
        status = source->url != NULL ? paper_gather_online(source, board, error) : paper_gather_offline(source, board, error);
    }
    if (status != STATUS_OK) {
        json_decref(*board);
        json_decref(telephones);
        *board = NULL;
        return status;
    }
    (void)json_object_set_new(*board, "telephones", telephones);
    (void)json_object_set_new(*board, "personal", json_boolean(source->personal));
    return STATUS_OK;
}
