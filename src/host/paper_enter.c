/* mingdi paper enter: a table of forms, line by line, as bodies of POST /paper. Some hundred rows.
 *
 * A time of day is the first one at or after the beginning of the outage (the call's ring), or at or after the time that stands
 * before it in the row (all others), so that a form written across midnight needs no dates. One that would come half a day later
 * is not meant so: it is mistyped, and refused. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/csv.h"
#include "base/file.h"
#include "host/exercise_link.h"
#include "host/paper_enter.h"
#include "host/paper_number.h"
#include "host/paper_private.h"
#include "wire/form.h"

enum { FIELD_TEXT_MAX = 512, PATH_MAX_HERE = 64, STEP_MAX_H = 12, OUTAGE_OF_A_DAY_H = 24 };

/* Columns, in the order of the table in docs/paper.md; those from COLUMN_UNIT on are of one mission. */
enum column {
    COLUMN_FORM,
    COLUMN_RESULT,
    COLUMN_RANG,
    COLUMN_ANSWERED,
    COLUMN_LOCATED,
    COLUMN_DECIDED,
    COLUMN_RECOGNISED,
    COLUMN_COMPRESSIONS,
    COLUMN_LON,
    COLUMN_LAT,
    COLUMN_DISTRICT,
    COLUMN_PRIORITY,
    COLUMN_NEEDS,
    COLUMN_UNITS,
    COLUMN_SHORT,
    COLUMN_WHY_SHORT,
    COLUMN_OUTCOME,
    COLUMN_SAME_AS,
    COLUMN_NUMBER,
    COLUMN_NAME,
    COLUMN_REMARKS,
    COLUMN_UNIT,
    COLUMN_TAKEN_TO,
    COLUMN_SENT,
    COLUMN_BACK_AT_POST = COLUMN_SENT + 10,
    COLUMN_ENDED,
    COLUMN_COUNT,
};

static const char *const COLUMNS[COLUMN_COUNT + 1] = {
    "form",       "?result",       "?rang",     "?answered", "?located",    "?decided",    "?recognised",  "?compressions",
    "?lon",       "?lat",          "?district", "?priority", "?needs",      "?units",      "?short",       "?why_short",
    "?outcome",   "?same_as",      "?number",   "?name",     "?remarks",    "?unit",       "?taken_to",    "?sent",
    "?notified",  "?acknowledged", "?departed", "?on_scene", "?at_patient", "?left_scene", "?at_hospital", "?handed_over",
    "?available", "?back_at_post", "?ended",    NULL,
};

static const char *const MISSION_TIMES[] = { "assigned_at",    "notified_at",   "acknowledged_at", "departed_at",
                                             "on_scene_at",    "at_patient_at", "left_scene_at",   "at_facility_at",
                                             "handed_over_at", "available_at",  "back_at_post_at" };

struct entering {
    const struct paper_entering *given;
    struct exercise_link *link;
    struct csv csv;
    int column_of[COLUMN_COUNT];
    json_t *units, *facilities, *districts; /* code -> id */
    json_t *incidents;                      /* text of a form -> incident, of this table */
    json_t *lines;                          /* text of a form -> its last line */
    json_t *body;                           /* of the form that is being read, or NULL */
    struct instant last;                    /* time that was read last in this part of the form */
    int first_line;                         /* of it */
    char form[PAPER_NUMBER_SIZE];
    struct paper_entered *entered;
};

/* ---- reading a row ---- */

static bool is_said(const struct entering *entering, enum column column)
{
    int at = entering->column_of[column];
    return at >= 0 && !csv_is_empty(&entering->csv, at);
}

static const char *title(enum column column) { return COLUMNS[column][0] == '?' ? COLUMNS[column] + 1 : COLUMNS[column]; }

static enum status text_of(const struct entering *entering, enum column column, char text[FIELD_TEXT_MAX], struct error *error)
{
    text[0] = '\0';
    return is_said(entering, column)
               ? csv_text(&entering->csv, entering->column_of[column], title(column), text, FIELD_TEXT_MAX, error)
               : STATUS_OK;
}

static enum status wrong(const struct entering *entering, enum column column, const char *what, struct error *error)
{
    return ERROR(error, STATUS_BAD_INPUT, "%s:%d: %s: %s", entering->csv.name, entering->csv.line, title(column), what);
}

/* HH:MM, HH:MM:SS, HHMM or HHMMSS; false for anything else. */
static bool read_clock(const char *text, int *hour, int *minute, int *second)
{
    int digits = 0, number[6] = { 0 };
    for (; *text != '\0'; text++) {
        if (*text >= '0' && *text <= '9' && digits < 6) {
            number[digits++] = *text - '0';
        } else if (*text != ':' || digits % 2 != 0) {
            return false;
        }
    }
    *hour = 10 * number[0] + number[1];
    *minute = 10 * number[2] + number[3];
    *second = 10 * number[4] + number[5];
    return (digits == 4 || digits == 6) && *hour < 24 && *minute < 60 && *second < 60;
}

/* The first such time of day at or after from, by the zone of the process. */
static bool next_clock(struct instant from, int hour, int minute, int second, struct instant *at)
{
    struct tm day;
    time_t seconds = (time_t)(from.us / US_PER_SECOND);
    if (localtime_r(&seconds, &day) == NULL) {
        return false;
    }
    for (int later = 0; later < 3; later++) {
        struct tm then = { .tm_year = day.tm_year,
                           .tm_mon = day.tm_mon,
                           .tm_mday = day.tm_mday + later,
                           .tm_hour = hour,
                           .tm_min = minute,
                           .tm_sec = second,
                           .tm_isdst = -1 };
        time_t found = mktime(&then);
        if (found != (time_t)-1 && (int64_t)found * US_PER_SECOND >= from.us) {
            at->us = (int64_t)found * US_PER_SECOND;
            return true;
        }
    }
    return false;
}

/* Into member name of object; what is not said is left out. */
static enum status put_time(struct entering *entering, enum column column, json_t *object, const char *name, struct error *error)
{
    char text[FIELD_TEXT_MAX], form[FORM_INSTANT_SIZE];
    int hour, minute, second;
    struct instant at;
    TRY(text_of(entering, column, text, error));
    if (text[0] == '\0') {
        return STATUS_OK;
    }
    bool is_clock = read_clock(text, &hour, &minute, &second);
    bool is_known = is_clock ? next_clock(entering->last, hour, minute, second, &at) : form_instant_read(text, strlen(text), &at);
    int64_t room_h = column == COLUMN_RANG ? OUTAGE_OF_A_DAY_H : STEP_MAX_H;
    if (is_clock && is_known && instant_since(at, entering->last).us >= room_h * US_PER_HOUR) {
        return wrong(entering, column,
                     "earlier than the time before it in the row; where it was the next day, write the date too", error);
    }
    if (column == COLUMN_RANG && is_clock &&
        instant_since(entering->given->ended_at, entering->given->begun_at).us > OUTAGE_OF_A_DAY_H * US_PER_HOUR) {
        return wrong(entering, column, "the outage lasted more than a day: write the date too", error);
    }
    if (!is_known || !form_instant_text(at, form)) {
        return wrong(entering, column, "expected a time such as 14:02, 140233 or 2026-11-22T14:02:33+08:00", error);
    }
    entering->last = at;
    return json_object_set_new(object, name, json_string(form)) == 0 ? STATUS_OK
                                                                     : ERROR(error, STATUS_NO_MEMORY, "no memory for a form");
}

static enum status put_text(struct entering *entering, enum column column, json_t *object, const char *name, struct error *error)
{
    char text[FIELD_TEXT_MAX];
    TRY(text_of(entering, column, text, error));
    if (text[0] != '\0') {
        (void)json_object_set_new(object, name, json_string(text));
    }
    return STATUS_OK;
}

static enum status put_count(struct entering *entering, enum column column, json_t *object, const char *name, struct error *error)
{
    int64_t number = 0;
    if (is_said(entering, column)) {
        TRY(csv_int(&entering->csv, entering->column_of[column], title(column), 0, 64, &number, error));
        (void)json_object_set_new(object, name, json_integer(number));
    }
    return STATUS_OK;
}

static enum status put_place(struct entering *entering, json_t *body, struct error *error)
{
    double lon, lat;
    if (!is_said(entering, COLUMN_LON) && !is_said(entering, COLUMN_LAT)) {
        return STATUS_OK;
    }
    TRY(csv_double(&entering->csv, entering->column_of[COLUMN_LON], "lon", -180, 180, &lon, error));
    TRY(csv_double(&entering->csv, entering->column_of[COLUMN_LAT], "lat", -90, 90, &lat, error));
    (void)json_object_set_new(body, "place", json_pack("{s:f,s:f}", "lon", lon, "lat", lat));
    return STATUS_OK;
}

/* Words with spaces between. */
static enum status put_needs(struct entering *entering, json_t *body, struct error *error)
{
    char text[FIELD_TEXT_MAX];
    json_t *needs = json_array();
    (void)json_object_set_new(body, "needs", needs);
    TRY(text_of(entering, COLUMN_NEEDS, text, error));
    for (char *next = text; *next != '\0';) {
        size_t length = strcspn(next, " ");
        (void)json_array_append_new(needs, json_stringn(next, length));
        next += length;
        next += strspn(next, " ");
    }
    return STATUS_OK;
}

static enum status put_code(struct entering *entering, enum column column, const json_t *ids, json_t *object, const char *name,
                            struct error *error)
{
    char text[FIELD_TEXT_MAX];
    TRY(text_of(entering, column, text, error));
    json_t *id = text[0] != '\0' ? json_object_get(ids, text) : NULL;
    if (text[0] != '\0' && id == NULL) {
        return wrong(entering, column, "the centre knows no such code", error);
    }
    return id == NULL || json_object_set(object, name, id) == 0 ? STATUS_OK
                                                                : ERROR(error, STATUS_NO_MEMORY, "no memory for a form");
}

static enum status put_same_as(struct entering *entering, json_t *body, struct error *error)
{
    char text[FIELD_TEXT_MAX], form[PAPER_NUMBER_SIZE];
    uint64_t number;
    TRY(text_of(entering, COLUMN_SAME_AS, text, error));
    if (text[0] == '\0') {
        return STATUS_OK;
    }
    if (!paper_number_read(text, &number)) {
        return wrong(entering, COLUMN_SAME_AS, "that is no number of a form: a digit is mistyped", error);
    }
    paper_number_text(number, form);
    json_t *incident = json_object_get(entering->incidents, form);
    if (incident == NULL) {
        return wrong(entering, COLUMN_SAME_AS, "that form stands in no row before this one, or became no incident", error);
    }
    (void)json_object_set(body, "linked_to", incident);
    return STATUS_OK;
}

static enum status put_caller(struct entering *entering, json_t *body, struct error *error)
{
    json_t *caller = json_object();
    enum status status = put_text(entering, COLUMN_NUMBER, caller, "number", error);
    status = status == STATUS_OK ? put_text(entering, COLUMN_NAME, caller, "name", error) : status;
    status = status == STATUS_OK ? put_text(entering, COLUMN_REMARKS, caller, "remarks", error) : status;
    if (status == STATUS_OK && json_object_size(caller) > 0) {
        (void)json_object_set(body, "caller_data", caller);
    }
    json_decref(caller);
    return status;
}

static enum status put_mission(struct entering *entering, struct error *error)
{
    if (!is_said(entering, COLUMN_UNIT)) {
        return STATUS_OK;
    }
    json_t *mission = json_object();
    (void)json_array_append_new(json_object_get(entering->body, "items"), mission);
    TRY(put_code(entering, COLUMN_UNIT, entering->units, mission, "unit", error));
    TRY(put_code(entering, COLUMN_TAKEN_TO, entering->facilities, mission, "taken_to", error));
    for (int i = 0; i < COLUMN_BACK_AT_POST - COLUMN_SENT + 1; i++) {
        TRY(put_time(entering, (enum column)(COLUMN_SENT + i), mission, MISSION_TIMES[i], error));
    }
    return put_text(entering, COLUMN_ENDED, mission, "end_reason", error);
}

static enum status put_call_times(struct entering *entering, json_t *body, struct error *error)
{
    entering->last = entering->given->begun_at;
    TRY(put_time(entering, COLUMN_RANG, body, "occurred_at", error));
    struct instant rang = entering->last;
    TRY(put_time(entering, COLUMN_ANSWERED, body, "answered_at", error));
    struct instant answered = entering->last;
    TRY(put_time(entering, COLUMN_RECOGNISED, body, "recognised_at", error));
    entering->last = answered;
    TRY(put_time(entering, COLUMN_COMPRESSIONS, body, "compressions_at", error));
    entering->last = rang;
    TRY(put_time(entering, COLUMN_LOCATED, body, "located_at", error));
    entering->last = answered;
    TRY(put_time(entering, COLUMN_DECIDED, body, "triaged_at", error));
    return STATUS_OK;
}

/* The call's part of the row that begins a form. */
static enum status put_call(struct entering *entering, uint64_t number, struct error *error)
{
    char begun[FORM_INSTANT_SIZE], ended[FORM_INSTANT_SIZE];
    const struct paper_entering *given = entering->given;
    if (!form_instant_text(given->begun_at, begun) || !form_instant_text(given->ended_at, ended)) {
        return ERROR(error, STATUS_USAGE, "--from and --to: no such times");
    }
    json_t *body = json_pack("{s:I,s:s,s:s,s:s,s:s,s:i,s:[]}", "form", (json_int_t)number, "outage_begun_at", begun,
                             "outage_ended_at", ended, "result", "incident", "priority", "urgent", "units_wanted", 0, "items");
    entering->body = body;
    if (body == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a form");
    }
    TRY(put_text(entering, COLUMN_RESULT, body, "result", error));
    bool is_incident = strcmp(paper_text(body, "result"), "incident") == 0;
    if (is_incident && !is_said(entering, COLUMN_PRIORITY)) {
        return wrong(entering, COLUMN_PRIORITY, "an incident has one: critical, severe, urgent or non_urgent", error);
    }
    if (!is_said(entering, COLUMN_RANG)) {
        return wrong(entering, COLUMN_RANG, "when it rang must be said", error);
    }
    (void)json_object_set_new(body, "units_wanted", json_integer(is_incident ? 1 : 0));
    TRY(put_call_times(entering, body, error));
    TRY(put_place(entering, body, error));
    TRY(put_code(entering, COLUMN_DISTRICT, entering->districts, body, "district", error));
    TRY(put_text(entering, COLUMN_PRIORITY, body, "priority", error));
    TRY(put_needs(entering, body, error));
    TRY(put_count(entering, COLUMN_UNITS, body, "units_wanted", error));
    TRY(put_count(entering, COLUMN_SHORT, body, "units_short", error));
    TRY(put_text(entering, COLUMN_WHY_SHORT, body, "shortfall_reason", error));
    TRY(put_text(entering, COLUMN_OUTCOME, body, "call_outcome", error));
    TRY(put_same_as(entering, body, error));
    return put_caller(entering, body, error);
}

/* ---- sending ---- */

/* Asked of forms that are known already too: a later row may say that it tells of the same incident. Gives the call, or 0. */
static int64_t note_incident(struct entering *entering, int64_t number)
{
    char path[PATH_MAX_HERE];
    long http = 0;
    (void)snprintf(path, sizeof path, "/calls?form=%" PRId64, number);
    json_t *answer = exercise_link_get(entering->link, path, &http);
    const json_t *call = json_array_get(json_object_get(answer, "items"), 0);
    json_t *incident = json_object_get(call, "incident");
    int64_t id = http == 200 ? paper_int(call, "id") : 0;
    if (http == 200 && json_is_integer(incident)) {
        (void)json_object_set(entering->incidents, entering->form, incident);
    }
    json_decref(answer);
    return id;
}

/* The form that has been read goes out; what is refused is told, and the others go on. */
static enum status send_form(struct entering *entering, struct error *error)
{
    struct paper_entered *entered = entering->entered;
    struct paper_outcome outcome = { .form = entering->form, .line = entering->first_line };
    long http = 0;
    if (entering->body == NULL) {
        return STATUS_OK;
    }
    int64_t number = paper_int(entering->body, "form");
    json_t *answer = exercise_link_post(entering->link, "/paper", entering->body, true, &http);
    entering->body = NULL; /* its reference was taken */
    outcome.call = http == 201 ? paper_int(answer, "made") : 0;
    outcome.is_known = strcmp(paper_text(answer, "name"), "form_entered") == 0;
    outcome.why = http == 201 ? "" : paper_text(answer, "detail");
    entered->entered += http == 201;
    entered->known += outcome.is_known;
    entered->refused += http != 201 && !outcome.is_known;
    if (http == 201 || outcome.is_known) {
        outcome.known_call = note_incident(entering, number);
        outcome.known_at = paper_text(answer, "at");
    }
    enum status status = http == 0 ? ERROR(error, STATUS_IO,
                                           "%s does not answer; forms before line %d are entered, and the table can "
                                           "be entered again",
                                           entering->given->url, entering->first_line)
                                   : STATUS_OK;
    if (http != 0) {
        entering->given->tell(entering->given->context, &outcome);
    }
    json_decref(answer);
    return status;
}

static enum status read_form(const struct entering *entering, uint64_t *number, char form[PAPER_NUMBER_SIZE], struct error *error)
{
    char text[FIELD_TEXT_MAX];
    TRY(text_of(entering, COLUMN_FORM, text, error));
    if (!paper_number_read(text, number)) {
        return wrong(entering, COLUMN_FORM, "that is no number of a form: a digit is mistyped", error);
    }
    paper_number_text(*number, form);
    return STATUS_OK;
}

/* Before anything is sent: once a form is entered, a further line of it would find it so, and its mission would be lost. */
static enum status check_form(struct entering *entering, struct error *error)
{
    char form[PAPER_NUMBER_SIZE];
    uint64_t number;
    TRY(read_form(entering, &number, form, error));
    const json_t *before = json_object_get(entering->lines, form);
    if (before != NULL && strcmp(form, entering->form) != 0) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s:%d: form: %s stands in line %" PRId64
                     " too, with another form between: put the lines of a form together",
                     entering->csv.name, entering->csv.line, form, (int64_t)json_integer_value(before));
    }
    memcpy(entering->form, form, sizeof form);
    return json_object_set_new(entering->lines, form, json_integer(entering->csv.line)) == 0
               ? STATUS_OK
               : ERROR(error, STATUS_NO_MEMORY, "no memory for a form");
}

/* A row of the form before goes on with another mission; any other ends that form and begins its own. */
static enum status take_row(struct entering *entering, struct error *error)
{
    char form[PAPER_NUMBER_SIZE];
    uint64_t number;
    TRY(read_form(entering, &number, form, error));
    if (entering->body == NULL || strcmp(form, entering->form) != 0) {
        TRY(send_form(entering, error));
        memcpy(entering->form, form, sizeof form);
        entering->first_line = entering->csv.line;
        TRY(put_call(entering, number, error));
    }
    struct instant rang = INSTANT_NONE;
    const char *occurred = paper_text(entering->body, "occurred_at");
    (void)form_instant_read(occurred, strlen(occurred), &rang);
    entering->last = instant_is_none(rang) ? entering->given->begun_at : rang;
    return put_mission(entering, error);
}

typedef enum status take_function(struct entering *entering, struct error *error);

static enum status each_row(struct entering *entering, take_function *take, struct error *error)
{
    bool more = false;
    TRY(csv_next(&entering->csv, &more, error));
    if (!more) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: is empty; docs/paper.md tells the columns", entering->csv.name);
    }
    TRY(csv_header(&entering->csv, COLUMNS, entering->column_of, true, error));
    for (;;) {
        TRY(csv_next(&entering->csv, &more, error));
        if (!more) {
            return STATUS_OK;
        }
        TRY(take(entering, error));
    }
}

static enum status read_table(struct entering *entering, const struct file_view *view, take_function *take, struct error *error)
{
    csv_open(&entering->csv, entering->given->path, (const char *)view->bytes, view->size, true);
    enum status status = each_row(entering, take, error);
    csv_close(&entering->csv);
    return status;
}

/* ---- what the codes mean ---- */

static enum status ask_codes(struct entering *entering, const char *list, json_t *ids, struct error *error)
{
    int64_t after = 0;
    do {
        char path[PATH_MAX_HERE];
        long http = 0;
        size_t i;
        json_t *item;
        (void)snprintf(path, sizeof path, "/%s?limit=500&after=%" PRId64, list, after);
        json_t *answer = exercise_link_get(entering->link, path, &http);
        if (http != 200) {
            enum status status = ERROR(error, STATUS_IO, "%s: GET %s: %ld %s", entering->given->url, path, http,
                                       paper_text(answer, "detail"));
            json_decref(answer);
            return status;
        }
        json_array_foreach(json_object_get(answer, "items"), i, item)
        {
            (void)json_object_set(ids, paper_text(item, "code"), json_object_get(item, "id"));
        }
        after = paper_int(answer, "next");
        json_decref(answer);
    } while (after != 0);
    return STATUS_OK;
}

/* Times of day are those of the centre's zone. */
static enum status ask_zone(const struct entering *entering, struct error *error)
{
    long http = 0;
    json_t *centre = exercise_link_get(entering->link, "/centre", &http);
    const char *zone = paper_text(centre, "time_zone");
    bool known = http == 200 && zone[0] != '\0' && setenv("TZ", zone, 1) == 0;
    if (known) {
        tzset();
    }
    enum status status = known ? STATUS_OK
                               : ERROR(error, STATUS_IO, "%s: GET /centre: %ld %s", entering->given->url, http,
                                       paper_text(centre, "detail"));
    json_decref(centre);
    return status;
}

static void hear_nothing(void *context, const json_t *message)
{
    (void)context;
    (void)message;
}

static enum status enter_all(struct entering *entering, struct error *error)
{
    struct file_view view;
    const struct paper_entering *given = entering->given;
    TRY(exercise_link_create(given->url, given->token, given->key_seed, given->stop, hear_nothing, NULL, &entering->link, error));
    TRY(ask_zone(entering, error));
    TRY(ask_codes(entering, "units", entering->units, error));
    TRY(ask_codes(entering, "facilities", entering->facilities, error));
    TRY(ask_codes(entering, "districts", entering->districts, error));
    TRY(file_view_open(&view, given->path, error));
    enum status status = read_table(entering, &view, check_form, error);
    status = status == STATUS_OK ? read_table(entering, &view, take_row, error) : status;
    status = status == STATUS_OK ? send_form(entering, error) : status;
    file_view_close(&view);
    return status;
}

enum status paper_enter(const struct paper_entering *given, struct paper_entered *entered, struct error *error)
{
    struct entering *entering = calloc(1, sizeof *entering);
    *entered = (struct paper_entered){ 0 };
    if (entering == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to enter forms");
    }
    entering->given = given;
    entering->entered = entered;
    entering->units = json_object();
    entering->facilities = json_object();
    entering->districts = json_object();
    entering->incidents = json_object();
    entering->lines = json_object();
    enum status status = enter_all(entering, error);
    json_decref(entering->units);
    json_decref(entering->facilities);
    json_decref(entering->districts);
    json_decref(entering->incidents);
    json_decref(entering->lines);
    json_decref(entering->body);
    exercise_link_destroy(entering->link);
    free(entering);
    return status;
}
