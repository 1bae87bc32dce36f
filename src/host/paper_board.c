/* The status board: what is open, who is where, who receives. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/paper_private.h"

enum {
    OLD_STATE_S = 120,    /* the whole board */
    OLD_POSITION_S = 600, /* of a unit */
    OLD_BEDS_S = 3600,
    COARSE_E7 = 10000, /* without personal data: about 100 m */
};

#define WORD(kind, object, member) paper_word(options->language, (kind), paper_text((object), (member)))

struct board {
    const struct paper_options *options;
    const json_t *known;
    bool personal;
};

static bool is_old(const struct paper_options *options, struct instant at, int64_t limit_s)
{
    return !instant_is_none(at) && instant_since(options->printed_at, at).us > limit_s * US_PER_SECOND;
}

/* "14:02", and "14:02 OLD 35 min" where that is so. */
static void time_with_age(const struct paper_options *options, struct instant at, int64_t limit_s, char text[64])
{
    char time[24];
    paper_time(options, at, time);
    if (is_old(options, at, limit_s)) {
        int64_t minutes = instant_since(options->printed_at, at).us / US_PER_MINUTE;
        (void)snprintf(text, 64, paper_say(options, "%s OLD %" PRId64 " min", "%s 旧 %" PRId64 " 分钟"), time, minutes);
    } else {
        (void)snprintf(text, 64, "%s", time);
    }
}

/* Name of the place, and where that is. */
static void place_of(const struct board *board, const json_t *item, char text[PAPER_CELL_MAX])
{
    struct geo_point point;
    const json_t *at = json_object_get(item, "point");
    const char *name = paper_text(item, "place_text");
    if (!paper_point(at, &point)) {
        (void)snprintf(text, PAPER_CELL_MAX, "%.300s", name);
    } else if (board->personal) {
        (void)snprintf(text, PAPER_CELL_MAX, "%.300s %s (%.5f, %.5f)", name, paper_text(item, "district_name"),
                       point.lon_e7 / 1e7, point.lat_e7 / 1e7);
    } else {
        int32_t lon = point.lon_e7 / COARSE_E7, lat = point.lat_e7 / COARSE_E7;
        (void)snprintf(text, PAPER_CELL_MAX, "%.300s %s (%.3f, %.3f)", name, paper_text(item, "district_name"), lon / 1e3,
                       lat / 1e3);
    }
}

static void labels_of(const struct paper_options *options, const char *kind, const json_t *labels, char text[PAPER_CELL_MAX])
{
    size_t i, length = 0;
    const json_t *label;
    text[0] = '\0';
    json_array_foreach(labels, i, label)
    {
        const char *word = paper_word(options->language, kind, json_string_value(label));
        int more = snprintf(text + length, PAPER_CELL_MAX - length, "%s%s", i > 0 ? ", " : "", word);
        if (more < 0 || (size_t)more >= PAPER_CELL_MAX - length) {
            text[length] = '\0';
            return;
        }
        length += (size_t)more;
    }
}

static const json_t *telephone_of(const json_t *board, const char *kind, const char *code)
{
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(board, "telephones"), i, row)
    {
        if (strcmp(paper_text(row, "kind"), kind) == 0 && strcmp(paper_text(row, "code"), code) == 0) {
            return row;
        }
    }
    return NULL;
}

/* "138 0000 0000 / channel 3" */
static void numbers_of(const json_t *board, const char *kind, const char *code, char text[192])
{
    const json_t *row = telephone_of(board, kind, code);
    const char *radio = paper_text(row, "radio");
    (void)snprintf(text, 192, "%s%s%s", paper_text(row, "telephone"), radio[0] != '\0' ? " / " : "", radio);
}

/* Texts of a caller come from outside: what does not fit is cut. */
static void caller_of(const json_t *call, char text[PAPER_CELL_MAX])
{
    const json_t *caller = json_object_get(call, "caller");
    (void)snprintf(text, PAPER_CELL_MAX, "%.60s %.90s %.120s %.120s", paper_text(caller, "number"), paper_text(caller, "name"),
                   paper_text(caller, "home"), paper_text(caller, "remarks"));
}

static void write_calls(struct paper_pages *pages, const struct board *board)
{
    static const struct paper_column columns[] = {
        { "Call", "呼叫", 16 },
        { "State", "状态", 24 },
        { "Rang", "呼入", 20 },
        { "Answered", "接听", 20 },
        { "Seat", "席位", 24 },
        { "Place", "地点", 75 },
        { "Caller, remarks", "来电人、备注", 98 },
    };
    const struct paper_options *options = board->options;
    size_t i;
    const json_t *call;
    paper_table_begin(pages, paper_say(options, "Open calls", "未结束的呼叫"), columns, 7, 0);
    json_array_foreach(json_object_get(board->known, "calls"), i, call)
    {
        char id[24], rang[24], answered[24], place[PAPER_CELL_MAX], caller[PAPER_CELL_MAX];
        (void)snprintf(id, sizeof id, "%" PRId64, paper_int(call, "id"));
        paper_time(options, paper_instant(call, "offered_at"), rang);
        paper_time(options, paper_instant(call, "answered_at"), answered);
        place_of(board, call, place);
        caller_of(call, caller);
        const char *cells[] = { id,    WORD("call_state", call, "state"), rang, answered, paper_text(call, "seat_name"),
                                place, board->personal ? caller : "" };
        paper_row(pages, cells);
    }
    paper_table_end(pages);
}

static void units_of(const struct paper_options *options, const json_t *incident, char text[PAPER_CELL_MAX])
{
    size_t i, length = 0;
    const json_t *mission;
    text[0] = '\0';
    json_array_foreach(json_object_get(incident, "missions"), i, mission)
    {
        int more = snprintf(text + length, PAPER_CELL_MAX - length, "%s%s %s", i > 0 ? "; " : "",
                            paper_text(mission, "unit_code"), WORD("mission_state", mission, "state"));
        if (more < 0 || (size_t)more >= PAPER_CELL_MAX - length) {
            text[length] = '\0';
            return;
        }
        length += (size_t)more;
    }
}

static void write_incidents(struct paper_pages *pages, const struct board *board)
{
    static const struct paper_column columns[] = {
        { "Incident", "事件", 18 },
        { "Priority", "分级", 22 },
        { "State", "状态", 28 },
        { "Rang", "呼入", 20 },
        { "Place", "地点", 78 },
        { "Needs", "需要", 50 },
        { "Units (sent/wanted)", "车组（已派/需要）", 61 },
    };
    const struct paper_options *options = board->options;
    size_t i;
    const json_t *incident;
    paper_table_begin(pages, paper_say(options, "Open incidents", "未结束的事件"), columns, 7, 0);
    json_array_foreach(json_object_get(board->known, "incidents"), i, incident)
    {
        char id[24], rang[24], place[PAPER_CELL_MAX], needs[PAPER_CELL_MAX], sent[PAPER_CELL_MAX], units[PAPER_CELL_MAX + 64];
        (void)snprintf(id, sizeof id, "%" PRId64, paper_int(incident, "id"));
        paper_time(options, paper_instant(incident, "offered_at"), rang);
        place_of(board, incident, place);
        labels_of(options, "need_set", json_object_get(incident, "needs"), needs);
        units_of(options, incident, sent);
        (void)snprintf(units, sizeof units, "%" PRId64 "/%" PRId64 " %s", paper_int(incident, "units_assigned"),
                       paper_int(incident, "units_wanted"), sent);
        const char *cells[] = {
            id, WORD("priority", incident, "priority"), WORD("incident_state", incident, "state"), rang, place, needs, units
        };
        paper_row(pages, cells);
    }
    paper_table_end(pages);
}

static void patient_of(const struct paper_options *options, const json_t *mission, char text[PAPER_CELL_MAX])
{
    const json_t *patient = json_object_get(mission, "patient");
    char problem[PAPER_CELL_MAX];
    text[0] = '\0';
    if (json_is_object(patient)) {
        labels_of(options, "need_set", json_object_get(patient, "main_problem"), problem);
        char age[24] = "?";
        if (json_is_integer(json_object_get(patient, "age_years"))) {
            (void)snprintf(age, sizeof age, "%" PRId64, paper_int(patient, "age_years"));
        }
        (void)snprintf(text, PAPER_CELL_MAX, "%.200s, %s %s, %s", problem, WORD("sex", patient, "sex"), age,
                       WORD("consciousness", patient, "consciousness"));
    }
}

static void write_missions(struct paper_pages *pages, const struct board *board)
{
    static const struct paper_column columns[] = {
        { "Mission", "任务", 18 },     { "Unit", "车组", 22 },     { "Incident", "事件", 18 }, { "State", "状态", 26 },
        { "Sent", "派车", 18 },        { "Departed", "出车", 18 }, { "On scene", "到场", 18 }, { "At hospital", "到院", 20 },
        { "Destination", "送往", 48 }, { "Patient", "患者", 71 },
    };
    const struct paper_options *options = board->options;
    size_t i;
    const json_t *mission;
    paper_table_begin(pages, paper_say(options, "Missions under way", "进行中的任务"), columns, 10, 0);
    json_array_foreach(json_object_get(board->known, "missions"), i, mission)
    {
        char id[24], incident[24], sent[24], departed[24], scene[24], facility[24], patient[PAPER_CELL_MAX];
        (void)snprintf(id, sizeof id, "%" PRId64, paper_int(mission, "id"));
        (void)snprintf(incident, sizeof incident, "%" PRId64, paper_int(mission, "incident"));
        paper_time(options, paper_instant(mission, "assigned_at"), sent);
        paper_time(options, paper_instant(mission, "departed_at"), departed);
        paper_time(options, paper_instant(mission, "on_scene_at"), scene);
        paper_time(options, paper_instant(mission, "at_facility_at"), facility);
        patient_of(options, mission, patient);
        const char *cells[] = { id,
                                paper_text(mission, "unit_code"),
                                incident,
                                WORD("mission_state", mission, "state"),
                                sent,
                                departed,
                                scene,
                                facility,
                                paper_text(mission, "facility_name"),
                                board->personal ? patient : "" };
        paper_row(pages, cells);
    }
    paper_table_end(pages);
}

static void last_place_of(const struct board *board, const json_t *unit, const json_t *position, const char *at,
                          char text[PAPER_CELL_MAX])
{
    struct geo_point point;
    const char *name = paper_text(unit, "place_text");
    if (name[0] != '\0' || !paper_point(position, &point)) {
        (void)snprintf(text, PAPER_CELL_MAX, "%.300s %s", name, at);
    } else if (board->personal) {
        (void)snprintf(text, PAPER_CELL_MAX, "(%.4f, %.4f) %s", point.lon_e7 / 1e7, point.lat_e7 / 1e7, at);
    } else {
        int32_t lon = point.lon_e7 / COARSE_E7, lat = point.lat_e7 / COARSE_E7;
        (void)snprintf(text, PAPER_CELL_MAX, "(%.3f, %.3f) %s", lon / 1e3, lat / 1e3, at);
    }
}

static void write_units(struct paper_pages *pages, const struct board *board)
{
    static const struct paper_column columns[] = {
        { "Unit", "车组", 20 },   { "Name", "名称", 32 },
        { "Status", "状态", 26 }, { "Since", "起始", 20 },
        { "Post", "站点", 32 },   { "Last place", "最后位置", 62 },
        { "Skills", "技能", 40 }, { "Telephone / radio", "电话 / 电台", 45 },
    };
    const struct paper_options *options = board->options;
    size_t i;
    const json_t *unit;
    paper_table_begin(pages, paper_say(options, "Units", "车组"), columns, 8, 0);
    json_array_foreach(json_object_get(board->known, "units"), i, unit)
    {
        char since[24], at[64], place[PAPER_CELL_MAX], skills[PAPER_CELL_MAX], numbers[192];
        const json_t *position = json_object_get(unit, "position");
        paper_time(options, paper_instant(unit, "changed_at"), since);
        time_with_age(options, paper_instant(position, "at"), OLD_POSITION_S, at);
        last_place_of(board, unit, position, at, place);
        labels_of(options, "need_set", json_object_get(unit, "skills"), skills);
        numbers_of(board->known, "unit", paper_text(unit, "code"), numbers);
        const char *cells[] = { paper_text(unit, "code"),
                                paper_text(unit, "name"),
                                WORD("unit_state", unit, "state"),
                                since,
                                paper_text(unit, "post_name"),
                                place,
                                skills,
                                numbers };
        paper_row(pages, cells);
    }
    paper_table_end(pages);
}

/* "Emergency 4 free, 2 taken (13:20); ICU ..." */
static void beds_of(const struct paper_options *options, const json_t *facility, char text[PAPER_CELL_MAX])
{
    size_t i, length = 0;
    const json_t *beds;
    text[0] = '\0';
    json_array_foreach(json_object_get(facility, "beds"), i, beds)
    {
        char counted[64];
        time_with_age(options, paper_instant(beds, "counted_at"), OLD_BEDS_S, counted);
        int more = snprintf(
            text + length, PAPER_CELL_MAX - length,
            paper_say(options, "%s%s %" PRId64 " free, %" PRId64 " taken (%s)", "%s%s 空 %" PRId64 "，占 %" PRId64 "（%s）"),
            i > 0 ? "; " : "", WORD("bed_kind", beds, "kind"), paper_int(beds, "available"), paper_int(beds, "occupied"),
            counted);
        if (more < 0 || (size_t)more >= PAPER_CELL_MAX - length) {
            text[length] = '\0';
            return;
        }
        length += (size_t)more;
    }
}

static void status_of(const struct paper_options *options, const json_t *facility, char text[192])
{
    char until[24];
    paper_time(options, paper_instant(facility, "diverting_until"), until);
    bool diverts = strcmp(paper_text(facility, "state"), "diverting") == 0;
    (void)snprintf(text, 192, "%s%s%s%s%s", WORD("facility_state", facility, "state"), diverts ? ": " : "",
                   diverts ? WORD("diversion_cause", facility, "diverting_cause") : "",
                   diverts && until[0] != '\0' ? paper_say(options, ", until ", "，至 ") : "", diverts ? until : "");
}

static void write_facilities(struct paper_pages *pages, const struct board *board)
{
    static const struct paper_column columns[] = {
        { "Hospital", "医疗机构", 20 }, { "Name", "名称", 48 },      { "Tier", "级别", 16 },
        { "Status", "状态", 40 },       { "Can treat", "能力", 48 }, { "Beds (counted at)", "床位（统计时间）", 65 },
        { "Telephone", "电话", 40 },
    };
    const struct paper_options *options = board->options;
    size_t i;
    const json_t *facility;
    paper_table_begin(pages, paper_say(options, "Hospitals", "医疗机构"), columns, 7, 0);
    json_array_foreach(json_object_get(board->known, "facilities"), i, facility)
    {
        char state[192], treats[PAPER_CELL_MAX], beds[PAPER_CELL_MAX], numbers[192];
        status_of(options, facility, state);
        labels_of(options, "need_set", json_object_get(facility, "capabilities"), treats);
        beds_of(options, facility, beds);
        numbers_of(board->known, "facility", paper_text(facility, "code"), numbers);
        const char *cells[] = { paper_text(facility, "code"),
                                paper_text(facility, "name"),
                                WORD("tier", facility, "tier"),
                                state,
                                treats,
                                beds,
                                numbers };
        paper_row(pages, cells);
    }
    paper_table_end(pages);
}

static void write_posts(struct paper_pages *pages, const struct board *board)
{
    static const struct paper_column columns[] = {
        { "Post", "站点", 30 },      { "Name", "名称", 80 },
        { "District", "区县", 40 },  { "Longitude, latitude", "经度，纬度", 57 },
        { "Telephone", "电话", 70 },
    };
    const struct paper_options *options = board->options;
    size_t i;
    const json_t *post;
    paper_table_begin(pages, paper_say(options, "Stations and posts", "急救站与待命点"), columns, 5, 0);
    json_array_foreach(json_object_get(board->known, "posts"), i, post)
    {
        char where[48] = "", numbers[192];
        struct geo_point point;
        if (paper_point(json_object_get(post, "point"), &point)) {
            (void)snprintf(where, sizeof where, "%.5f, %.5f", point.lon_e7 / 1e7, point.lat_e7 / 1e7);
        }
        numbers_of(board->known, "post", paper_text(post, "code"), numbers);
        const char *cells[] = { paper_text(post, "code"), paper_text(post, "name"), paper_text(post, "district_name"), where,
                                numbers };
        paper_row(pages, cells);
    }
    paper_table_end(pages);
}

/* Numbers that belong to no unit, post or facility: the power company, the police. */
static void write_telephones(struct paper_pages *pages, const struct board *board)
{
    static const struct paper_column columns[] = {
        { "Who", "单位", 40 }, { "Name", "名称", 100 }, { "Telephone", "电话", 77 }, { "Radio", "电台", 60 }
    };
    const struct paper_options *options = board->options;
    size_t i;
    const json_t *row;
    const json_t *rows = json_object_get(board->known, "telephones");
    if (json_array_size(rows) == 0) {
        paper_paragraph(pages, "small",
                        paper_say(options, "Telephone numbers: none are known; docs/paper.md tells of the table telephones.csv.",
                                  "电话号码：无。表 telephones.csv 见 docs/paper.md。"));
        return;
    }
    paper_table_begin(pages, paper_say(options, "Telephone numbers", "电话号码"), columns, 4, 0);
    json_array_foreach(rows, i, row)
    {
        const char *cells[] = { paper_text(row, "code"), paper_text(row, "name"), paper_text(row, "telephone"),
                                paper_text(row, "radio") };
        paper_row(pages, cells);
    }
    paper_table_end(pages);
}

static void write_board(struct paper_pages *pages, const void *context)
{
    const struct board *board = context;
    const struct paper_options *options = board->options;
    const char *trouble = paper_text(board->known, "trouble");
    paper_page_begin(pages);
    if (is_old(options, paper_instant(board->known, "as_of"), OLD_STATE_S)) {
        paper_paragraph(pages, "old",
                        paper_say(options, "OLD: the state is that of the time above. What happened since is not in it.",
                                  "旧：以上为该时刻的状态，之后发生的情况未包含在内。"));
    }
    if (trouble[0] != '\0') {
        paper_paragraph(pages, "old", trouble);
    }
    write_calls(pages, board);
    write_incidents(pages, board);
    write_missions(pages, board);
    write_units(pages, board);
    write_facilities(pages, board);
    write_posts(pages, board);
    write_telephones(pages, board);
}

void paper_board(const struct paper_options *options, const json_t *known, struct text *html)
{
    char title[256], subtitle[320], at[64], printed[24], day[16] = "";
    struct board board = { options, known, json_is_true(json_object_get(known, "personal")) };
    paper_time(options, options->printed_at, printed);
    paper_day(options, day);
    time_with_age(options, paper_instant(known, "as_of"), OLD_STATE_S, at);
    (void)snprintf(title, sizeof title, paper_say(options, "%s%.120s: status board", "%s%.120s：状态板"),
                   json_is_true(json_object_get(known, "drill")) ? paper_say(options, "DRILL · ", "演练 · ") : "",
                   paper_text(known, "name"));
    (void)snprintf(
        subtitle, sizeof subtitle,
        paper_say(options, "State of %s · printed %s %s · entry %" PRId64 "%s", "状态时间 %s · 打印 %s %s · 记录 %" PRId64 "%s"),
        at, day, printed, paper_int(known, "sequence"),
        board.personal ? "" : paper_say(options, " · without personal data", " · 不含个人信息"));
    struct paper_pages pages = { .out = html,
                                 .options = options,
                                 .title = title,
                                 .subtitle = subtitle,
                                 .is_landscape = true,
                                 .is_harmless = !board.personal };
    paper_document(&pages, title, write_board, &board);
}
