#include "gateway/buttons.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/csv.h"
#include "base/file.h"
#include "core/schema.h"
#include "wire/form.h"

enum {
    DATA_TYPE = 0xF0,
    PATIENCE_MS = 600000,
    BEFORE_ASSIGNED_S = 120, /* so far a terminal's clock may be behind the centre's */
};

/* In the order of their codes, from 1. */
static const char *const ACTS[] = { "acknowledge",    "depart",     "arrive", "reach_patient", "leave_scene",
                                    "reach_facility", "hand_over",  "end",    "reach_post",    "start_shift",
                                    "end_shift",      "break_down", "repair", "read" };
enum { STAGES = 8 }; /* the first ones are stages of a mission, the last one is about a message */

static int act_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(ACTS); i++) {
        if (strcmp(ACTS[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

void buttons_default(struct buttons *buttons)
{
    *buttons = (struct buttons){ .count = 0 };
    for (size_t i = 0; i < ARRAY_LENGTH(ACTS); i++) {
        const struct button data = { .type = DATA_TYPE, .code = { (uint8_t)(i + 1) }, .length = 1, .act = ACTS[i] };
        const struct button event = { BUTTON_EVENT, 0, { (uint8_t)(i + 1) }, 1, ACTS[i] };
        buttons->rows[buttons->count++] = data;
        buttons->rows[buttons->count++] = event;
    }
}

/* ---- the file ---- */

static bool read_hex(const char *text, uint8_t *out, size_t size, size_t *length)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    *length = 0;
    for (; text[0] != '\0'; text += 2) {
        const char *high = strchr(digits, text[0]), *low = text[1] != '\0' ? strchr(digits, text[1]) : NULL;
        if (high == NULL || low == NULL || *length == size) {
            return false;
        }
        out[(*length)++] = (uint8_t)((high - digits) % 16 * 16 + (low - digits) % 16);
    }
    return true;
}

enum { SOURCE, TYPE, CODE, ACT, COLUMNS };
static const char *const NAMES[] = { "source", "type", "code", "act", NULL };

static enum status read_row(struct buttons *buttons, const struct csv *csv, const int *column, struct error *error)
{
    char type[8], code[2 * BUTTON_CODE_MAX + 1], act[32];
    size_t length;
    uint8_t bytes[1] = { 0 };
    struct button button = { .source = csv_equals(csv, column[SOURCE], "event") ? BUTTON_EVENT : BUTTON_DATA };
    TRY(csv_text(csv, column[TYPE], "type", type, sizeof type, error));
    TRY(csv_text(csv, column[CODE], "code", code, sizeof code, error));
    TRY(csv_text(csv, column[ACT], "act", act, sizeof act, error));
    int found = act_find(act);
    if (button.source == BUTTON_DATA && !csv_equals(csv, column[SOURCE], "data")) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: source must be data or event", csv->name, csv->line);
    }
    if (found < 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: \"%s\" is no act; docs/vehicles.md lists them", csv->name, csv->line, act);
    }
    bool is_typed = read_hex(type, bytes, sizeof bytes, &length) && length == (button.source == BUTTON_DATA ? 1 : 0);
    if (!is_typed || !read_hex(code, button.code, sizeof button.code, &button.length) || button.length == 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: type and code are pairs of hexadecimal digits; an event has no type",
                     csv->name, csv->line);
    }
    if (buttons->count == BUTTONS_MAX) {
        return ERROR(error, STATUS_FULL, "%s:%d: more than %d buttons", csv->name, csv->line, BUTTONS_MAX);
    }
    button.type = bytes[0];
    button.act = ACTS[found];
    buttons->rows[buttons->count++] = button;
    return STATUS_OK;
}

static enum status read_rows(struct buttons *buttons, struct csv *csv, struct error *error)
{
    int column[COLUMNS];
    bool is_row;
    TRY(csv_next(csv, &is_row, error));
    if (!is_row) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: empty; its first line names source, type, code, act", csv->name);
    }
    TRY(csv_header(csv, NAMES, column, true, error));
    for (;;) {
        TRY(csv_next(csv, &is_row, error));
        if (!is_row) {
            return STATUS_OK;
        }
        TRY(read_row(buttons, csv, column, error));
    }
}

enum status buttons_read(struct buttons *buttons, const char *path, struct error *error)
{
    struct file_view view;
    struct csv csv;
    struct buttons made = { .count = 0 };
    TRY(file_view_open(&view, path, error));
    csv_open(&csv, path, (const char *)view.bytes, view.size, true);
    enum status status = read_rows(&made, &csv, error);
    csv_close(&csv);
    file_view_close(&view);
    if (status == STATUS_OK) {
        *buttons = made;
    }
    return status;
}

const struct button *buttons_find(const struct buttons *buttons, enum button_source source, uint8_t type, const uint8_t *content,
                                  size_t length)
{
    const struct button *found = NULL;
    for (uint32_t i = 0; i < buttons->count; i++) {
        const struct button *row = &buttons->rows[i];
        bool is_fit = row->source == source && row->type == type && row->length <= length &&
                      memcmp(row->code, content, row->length) == 0;
        if (is_fit && (found == NULL || row->length > found->length)) {
            found = row;
        }
    }
    return found;
}

/* ---- a press ---- */

enum button_about button_is_about(const char *act)
{
    int found = act_find(act);
    if (found < 0) {
        return BUTTON_ABOUT_NOTHING;
    }
    if (found < STAGES) {
        return BUTTON_ABOUT_MISSION;
    }
    return strcmp(ACTS[found], "read") == 0 ? BUTTON_ABOUT_MESSAGE : BUTTON_ABOUT_UNIT;
}

struct telling {
    char path[48], body[160];
};

/* False: there is nothing that it could be about. */
static bool tell(const struct gateway_orders *orders, uint32_t unit, const char *act, struct instant at, struct telling *telling)
{
    enum button_about about = button_is_about(act);
    char when[FORM_INSTANT_SIZE] = "";
    struct instant assigned_at = INSTANT_NONE;
    uint32_t mission = gateway_orders_mission(orders, unit, &assigned_at), message = gateway_orders_unread(orders, unit);
    (void)form_instant_text(at, when);
    if (about == BUTTON_ABOUT_MISSION) {
        (void)snprintf(telling->path, sizeof telling->path, "/commands/mission_report");
        (void)snprintf(telling->body, sizeof telling->body, "{\"mission\":%" PRIu32 ",\"stage\":\"%s\",\"occurred_at\":\"%s\"}",
                       mission, act, when);
        return mission != 0 && at.us >= assigned_at.us - BEFORE_ASSIGNED_S * US_PER_SECOND;
    }
    if (about == BUTTON_ABOUT_MESSAGE) {
        (void)snprintf(telling->path, sizeof telling->path, "/commands/message_read");
        (void)snprintf(telling->body, sizeof telling->body, "{\"message\":%" PRIu32 ",\"occurred_at\":\"%s\"}", message, when);
        return message != 0;
    }
    (void)snprintf(telling->path, sizeof telling->path, "/commands/unit_report");
    (void)snprintf(telling->body, sizeof telling->body, "{\"unit\":%" PRIu32 ",\"what\":\"%s\",\"occurred_at\":\"%s\"}", unit,
                   act, when);
    return true;
}

bool button_press(struct gateway_link *link, const struct gateway_orders *orders, uint32_t unit, const char *act,
                  struct instant at, const char *key, gateway_answered *answered, void *context)
{
    struct telling telling;
    CHECK(act_find(act) >= 0);
    if (!tell(orders, unit, act, at, &telling)) {
        return false;
    }
    const struct gateway_request request = {
        telling.path, telling.body, strlen(telling.body), key, PATIENCE_MS, answered, context
    };
    return gateway_link_ask(link, &request);
}

uint32_t button_subject(const struct gateway_orders *orders, uint32_t unit, const char *act)
{
    struct instant assigned_at;
    switch (button_is_about(act)) {
    case BUTTON_ABOUT_MISSION: return gateway_orders_mission(orders, unit, &assigned_at);
    case BUTTON_ABOUT_MESSAGE: return gateway_orders_unread(orders, unit);
    case BUTTON_ABOUT_UNIT:
    case BUTTON_ABOUT_NOTHING: break;
    }
    return 0;
}

/* A key that came with another body before was done before: the terminal had no time of its own. */
bool button_counts(const struct gateway_answer *answer)
{
    return answer->outcome == GATEWAY_DONE || strcmp(gateway_problem(answer), "key_reused") == 0;
}
