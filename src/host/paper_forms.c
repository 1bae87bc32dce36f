/* Blank forms, each with a number of its own, and the register that lists them all.
 *
 * The questions of the call form are Mingdi's own words after public guidance (American Heart Association, telephone CPR: awake?
 * breathing normally?; World Health Organization, Basic Emergency Care: airway, breathing, circulation, disability; the FAST
 * signs of stroke). They need the medical director's sign-off before anybody is asked by them. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "host/paper_number.h"
#include "host/paper_private.h"

enum form_kind { FORM_CALL, FORM_SLIP, FORM_LOG, FORM_PREALERT, FORM_BOARD, FORM_KIND_COUNT };

static const struct {
    const char *en, *zh;
} KIND_NAMES[FORM_KIND_COUNT] = {
    [FORM_CALL] = { "Call form", "呼叫受理单" },           [FORM_SLIP] = { "Dispatch slip", "派车单" },
    [FORM_LOG] = { "Unit log", "车组任务记录单" },         [FORM_PREALERT] = { "Hospital pre-alert", "院前预警单" },
    [FORM_BOARD] = { "Board kept by hand", "手工状态板" },
};

/* Heights of rows, in tenths of a millimetre, by which each form fills its page of A4: a pen needs room. */
enum { CALL_ROW = 100, SLIP_ROW = 180, LOG_ROW = 140, BOARD_ROW = 110 };

enum { BOARD_ROWS = 20, LOGS_SPARE = 4, UNITS_LISTED_MAX = 400 };

/* A row of a form: a question, room for the answer, twice; or, where the third is NULL, one question and the rest of the row. */
struct line {
    const char *en[4], *zh[4];
    unsigned tenth_mm; /* height; 0: that of the form's other rows */
};

struct forms {
    const struct paper_options *options;
    const json_t *units; /* NULL: not known */
};

static const char *kind_name(const struct paper_options *options, enum form_kind kind)
{
    return paper_say(options, KIND_NAMES[kind].en, KIND_NAMES[kind].zh);
}

static unsigned logs_of(const struct forms *forms)
{
    size_t units = json_array_size(forms->units);
    return (unsigned)(units < UNITS_LISTED_MAX ? units : UNITS_LISTED_MAX) + LOGS_SPARE;
}

/* How many of each kind a run has; the serial numbers follow in this order. */
static unsigned count_of(const struct forms *forms, enum form_kind kind)
{
    unsigned calls = forms->options->forms;
    switch (kind) {
    case FORM_CALL: return calls;
    case FORM_SLIP: return calls + calls / 2; /* some calls need two units */
    case FORM_LOG: return logs_of(forms);
    case FORM_PREALERT: return (calls + 1) / 2;
    case FORM_BOARD: return 1 + calls / BOARD_ROWS;
    case FORM_KIND_COUNT: break;
    }
    UNREACHABLE();
}

static void number_of(const struct forms *forms, unsigned serial, char text[PAPER_NUMBER_SIZE])
{
    paper_number_text(paper_number(forms->options->run, serial), text);
}

static void write_lines(struct paper_pages *pages, const char *heading, const struct line *lines, unsigned count,
                        unsigned tenth_mm)
{
    static const struct paper_column columns[] = { { "", "", 46 }, { "", "", 49 }, { "", "", 46 }, { "", "", 49 } };
    paper_table_begin(pages, heading, columns, 4, tenth_mm);
    for (unsigned i = 0; i < count; i++) {
        const char *const *cells = pages->options->language == PAPER_CHINESE ? lines[i].zh : lines[i].en;
        if (cells[2] == NULL) {
            paper_row_wide(pages, cells[0], cells[1], lines[i].tenth_mm > 0 ? lines[i].tenth_mm : tenth_mm);
        } else {
            paper_row(pages, cells);
        }
    }
    paper_table_end(pages);
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- call ---- */

static const struct line CALL_HEAD[] = {
    { .en = { "Rang at (HH:MM:SS)", "", "Answered at (HH:MM:SS)", "" },
      .zh = { "呼入时间（时:分:秒）", "", "接听时间（时:分:秒）", "" } },
    { .en = { "Call-taker, seat", "", "Caller's number", "" }, .zh = { "受理员、席位", "", "来电号码", "" } },
    { .en = { "Caller's name", "", "Place known at", "" }, .zh = { "来电人", "", "定位时间", "" } },
    { .en = { "Place: street, number, entrance, floor", "" }, .zh = { "地点：路、门牌、单元、楼层", "" }, .tenth_mm = 150 },
    { .en = { "District; landmark; who waits where", "" }, .zh = { "区县；标志物；何人在何处接车", "" } },
    { .en = { "What has happened", "" }, .zh = { "发生了什么", "" }, .tenth_mm = 190 },
    { .en = { "How many patients; age, sex", "" }, .zh = { "患者人数；年龄、性别", "" } },
};

static const struct line CALL_TRIAGE[] = {
    { .en = { "1. Awake? Answers when spoken to?", "yes ☐   no ☐   unknown ☐", "2. Breathes normally?",
              "yes ☐   no ☐   unknown ☐" },
      .zh = { "1. 清醒吗？能应答吗？", "是 ☐   否 ☐   不详 ☐", "2. 呼吸正常吗？", "是 ☐   否 ☐   不详 ☐" } },
    { .en = { "1 no, 2 no: cardiac arrest. Send, stay on the line, have the chest pressed.",
              "recognised at:                pressing since:", "3. Bleeds heavily?", "no ☐   yes ☐: have it pressed on" },
      .zh = { "1、2 均为“否”：心脏骤停。立即派车，不挂电话，指导胸外按压。", "识别时间：          开始按压：", "3. 大出血吗？",
              "否 ☐   是 ☐：指导压迫止血" } },
    { .en = { "4. Chest pain, or hard to breathe?", "no ☐   pain ☐   breath ☐",
              "5. Face droops, arm weak, speech odd? Since when?", "no ☐   yes ☐  since:" },
      .zh = { "4. 胸痛或呼吸困难？", "无 ☐   胸痛 ☐   呼吸困难 ☐", "5. 口角歪斜、单侧无力、言语不清？何时开始？",
              "无 ☐   有 ☐  始于：" } },
    { .en = { "6. Injury: fall from height, traffic, trapped?", "no ☐   yes ☐:", "7. Pregnant? Child being born?",
              "no ☐   pregnant ☐   birth ☐" },
      .zh = { "6. 外伤：高处坠落、车祸、被困？", "无 ☐   有 ☐：", "7. 怀孕？正在分娩？", "无 ☐   怀孕 ☐   分娩 ☐" } },
    { .en = { "8. Burn, poison, current, allergy?", "no ☐   yes ☐:", "9. Safe there? Fire, traffic, violence, fumes?",
              "safe ☐   not safe ☐:" },
      .zh = { "8. 烧烫伤、中毒、触电、过敏？", "无 ☐   有 ☐：", "9. 现场安全吗？火、车流、暴力、有毒气体？",
              "安全 ☐   不安全 ☐：" } },
};

static const struct line CALL_DECISION[] = {
    { .en = { "Priority", "critical ☐  severe ☐  urgent ☐  non-urgent ☐", "Decided at (HH:MM:SS); units wanted", "" },
      .zh = { "病情分级", "濒危 ☐  危重 ☐  急症 ☐  非急症 ☐", "分级时间（时:分:秒）；需要车组数", "" } },
    { .en = { "Needs", "advanced ☐  physician ☐  isolation ☐  newborn ☐", "Ended without a unit",
              "advice ☐  no emergency ☐  referred ☐  not reached ☐  hung up ☐" },
      .zh = { "需要", "高级生命支持 ☐  医生 ☐  隔离 ☐  新生儿 ☐", "未派车结束",
              "电话指导 ☐  非急救 ☐  转交 ☐  未接通 ☐  挂断 ☐" } },
    { .en = { "Same event as call form No.", "", "No unit given: why", "none free ☐  none fit ☐  no way ☐  caller left ☐" },
      .zh = { "与受理单同一事件，编号", "", "未能派车原因", "无空闲 ☐  无合适 ☐  无法到达 ☐  自行离开 ☐" } },
};

static const struct line ENTERED[] = {
    { .en = { "Entered afterwards by", "", "at; call No. in the system", "" },
      .zh = { "补录人", "", "补录时间；系统呼叫号", "" } },
};

static void write_call(struct paper_pages *pages)
{
    const struct paper_options *options = pages->options;
    write_lines(pages, paper_say(options, "Call", "呼叫"), CALL_HEAD, COUNT(CALL_HEAD), CALL_ROW);
    write_lines(pages,
                paper_say(options, "Ask in this order; stop and send as soon as a life is in danger",
                          "按此顺序询问；一旦危及生命立即派车"),
                CALL_TRIAGE, COUNT(CALL_TRIAGE), CALL_ROW);
    paper_paragraph(pages, "small",
                    paper_say(options,
                              "Own wording after public guidance (AHA telephone CPR; WHO Basic Emergency Care; FAST). Needs the "
                              "medical director's sign-off: ______________________",
                              "依据公开指南自行编写（AHA 电话心肺复苏、WHO 基本急救、FAST "
                              "卒中识别），使用前须经医疗主任签字批准：______________________"));
    write_lines(pages, paper_say(options, "Decision", "处理"), CALL_DECISION, COUNT(CALL_DECISION), CALL_ROW);
    write_lines(pages, paper_say(options, "After the outage", "恢复后"), ENTERED, COUNT(ENTERED), CALL_ROW);
}

/* ---- dispatch slip, pre-alert ---- */

static const struct line SLIP_LINES[] = {
    { .en = { "Call form No.", "", "Unit", "" }, .zh = { "受理单编号", "", "车组", "" } },
    { .en = { "Sent at (HH:MM:SS)", "", "Told by; confirmed by the crew at", "" },
      .zh = { "派车时间（时:分:秒）", "", "通知人；车组确认时间", "" } },
    { .en = { "Priority", "critical ☐  severe ☐  urgent ☐  non-urgent ☐", "Caller's number", "" },
      .zh = { "病情分级", "濒危 ☐  危重 ☐  急症 ☐  非急症 ☐", "来电号码", "" } },
    { .en = { "Needs", "" }, .zh = { "需要", "" } },
    { .en = { "Place: street, number, entrance, floor", "" }, .zh = { "地点：路、门牌、单元、楼层", "" }, .tenth_mm = 320 },
    { .en = { "Landmark; who waits where", "" }, .zh = { "标志物；何人在何处接车", "" }, .tenth_mm = 240 },
    { .en = { "What has happened", "" }, .zh = { "发生了什么", "" }, .tenth_mm = 400 },
    { .en = { "Not safe there", "" }, .zh = { "现场危险", "" }, .tenth_mm = 240 },
    { .en = { "Remarks", "" }, .zh = { "备注", "" }, .tenth_mm = 320 },
};

static const struct line PREALERT_LINES[] = {
    { .en = { "Call form No.", "", "Unit", "" }, .zh = { "受理单编号", "", "车组", "" } },
    { .en = { "Hospital", "", "Told at; by whom", "" }, .zh = { "医疗机构", "", "通知时间；通知人", "" } },
    { .en = { "Acknowledged by (name)", "", "at", "" }, .zh = { "医院确认人", "", "确认时间", "" } },
    { .en = { "Age; sex", "", "Expected at", "" }, .zh = { "年龄；性别", "", "预计到达", "" } },
    { .en = { "Main problem", "" }, .zh = { "主要问题", "" }, .tenth_mm = 400 },
    { .en = { "Reacts (AVPU)", "alert ☐  voice ☐  pain ☐  nothing ☐", "Pulse; systolic pressure", "" },
      .zh = { "意识（AVPU）", "清醒 ☐  呼唤 ☐  疼痛 ☐  无反应 ☐", "脉搏；收缩压", "" } },
    { .en = { "SpO2; breaths a minute", "", "Arrived at; handed over at", "" },
      .zh = { "血氧；呼吸频率", "", "到达时间；交接时间", "" } },
    { .en = { "What has been done", "" }, .zh = { "已采取措施", "" }, .tenth_mm = 640 },
};

/* ---- unit log ---- */

static void write_log(struct paper_pages *pages, const char *unit)
{
    static const struct paper_column columns[] = { { "Time (HH:MM:SS)", "时间（时:分:秒）", 40 },
                                                   { "1", "1", 30 },
                                                   { "2", "2", 30 },
                                                   { "3", "3", 30 },
                                                   { "4", "4", 30 },
                                                   { "5", "5", 30 } };
    static const struct {
        const char *en, *zh;
    } rows[] = { { "Call form No.", "受理单编号" },
                 { "Sent", "派车" },
                 { "Notified", "指令送达" },
                 { "Acknowledged", "确认" },
                 { "Departed", "出车" },
                 { "On scene", "到达现场" },
                 { "At the patient", "接触患者" },
                 { "Left the scene", "离开现场" },
                 { "Hospital (code)", "医院（代码）" },
                 { "At the hospital", "到达医院" },
                 { "Handed over", "交接" },
                 { "Available", "恢复可派" },
                 { "Back at post", "返站" },
                 { "Ended: treated / called off", "结果：现场处置／撤回" },
                 { "Crew, remarks", "人员、备注" } };
    char heading[160];
    (void)snprintf(heading, sizeof heading, "%s %s", paper_say(pages->options, "Unit", "车组"),
                   unit[0] != '\0' ? unit : "____________");
    paper_table_begin(pages, heading, columns, 6, LOG_ROW);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *cells[] = { paper_say(pages->options, rows[i].en, rows[i].zh), "", "", "", "", "" };
        paper_row(pages, cells);
    }
    paper_table_end(pages);
    paper_paragraph(pages, "small",
                    paper_say(pages->options, "One column a mission. A time that nobody noted stays empty: never guess.",
                              "每次任务一列。未记录的时间留空，不得估填。"));
}

/* ---- board kept by hand ---- */

static void write_hand_board(struct paper_pages *pages)
{
    static const struct paper_column columns[] = {
        { "Call form No.", "受理单编号", 34 },
        { "Place", "地点", 42 },
        { "Priority", "分级", 16 },
        { "Unit", "车组", 16 },
        { "Sent", "派车", 14 },
        { "Scene", "到场", 14 },
        { "Hospital", "医院", 22 },
        { "Arrived", "到院", 16 },
        { "Free", "可派", 16 },
    };
    paper_table_begin(pages, paper_say(pages->options, "Who is where now", "当前状态"), columns, 9, BOARD_ROW);
    for (unsigned i = 0; i < BOARD_ROWS; i++) {
        const char *cells[] = { "", "", "", "", "", "", "", "", "" };
        paper_row(pages, cells);
    }
    paper_table_end(pages);
}

/* ---- all ---- */

static void write_form(struct paper_pages *pages, const struct forms *forms, enum form_kind kind, unsigned index)
{
    const struct paper_options *options = forms->options;
    switch (kind) {
    case FORM_CALL: write_call(pages); return;
    case FORM_SLIP: write_lines(pages, paper_say(options, "Order", "指令"), SLIP_LINES, COUNT(SLIP_LINES), SLIP_ROW); return;
    case FORM_LOG:
        write_log(pages, index < json_array_size(forms->units) ? paper_text(json_array_get(forms->units, index), "code") : "");
        return;
    case FORM_PREALERT:
        write_lines(pages, paper_say(options, "A patient is coming", "患者即将送达"), PREALERT_LINES, COUNT(PREALERT_LINES),
                    SLIP_ROW);
        return;
    case FORM_BOARD: write_hand_board(pages); return;
    case FORM_KIND_COUNT: break;
    }
    UNREACHABLE();
}

static void write_kind(struct paper_pages *pages, const struct forms *forms, enum form_kind kind, unsigned *serial)
{
    for (unsigned i = 0; i < count_of(forms, kind) && *serial < PAPER_SERIAL_MAX; i++) {
        char number[PAPER_NUMBER_SIZE], title[128];
        *serial += 1;
        number_of(forms, *serial, number);
        (void)snprintf(title, sizeof title, "%s  %s", kind_name(forms->options, kind), number);
        pages->title = title;
        paper_page_end(pages);
        paper_page_begin(pages);
        write_form(pages, forms, kind, i);
        paper_page_end(pages);
    }
}

static void write_register(struct paper_pages *pages, const struct forms *forms)
{
    static const struct paper_column columns[] = { { "Number", "编号", 44 },
                                                   { "Form", "表单", 40 },
                                                   { "Given to, at", "领用人、时间", 40 },
                                                   { "Back at / void", "交回时间／作废", 34 },
                                                   { "Entered", "已补录", 32 } };
    unsigned serial = 0;
    paper_page_begin(pages);
    paper_paragraph(
        pages, "old",
        paper_say(
            forms->options,
            "Print this file once. Each number exists once: a form that is copied is refused when it is entered a "
            "second time. After the outage every number below must be back, entered or void.",
            "本文件只打印一次。每个编号只有一张：复印的表单补录第二次时会被拒绝。恢复后，以下每个编号都须交回、补录或作废。"));
    paper_table_begin(pages, paper_say(forms->options, "Register of the forms of this run", "本批表单登记"), columns, 5, 0);
    for (int kind = 0; kind < FORM_KIND_COUNT; kind++) {
        for (unsigned i = 0; i < count_of(forms, (enum form_kind)kind) && serial < PAPER_SERIAL_MAX; i++) {
            char number[PAPER_NUMBER_SIZE];
            serial += 1;
            number_of(forms, serial, number);
            const char *cells[] = { number, kind_name(forms->options, (enum form_kind)kind), "", "", "" };
            paper_row(pages, cells);
        }
    }
    paper_table_end(pages);
    paper_page_end(pages);
}

static void write_forms(struct paper_pages *pages, const void *context)
{
    const struct forms *forms = context;
    char title[128];
    (void)snprintf(title, sizeof title, "%s  %s", paper_say(forms->options, "Register", "登记表"), forms->options->run);
    pages->title = title;
    write_register(pages, forms);
    unsigned serial = 0;
    for (int kind = 0; kind < FORM_KIND_COUNT; kind++) {
        write_kind(pages, forms, (enum form_kind)kind, &serial);
    }
}

void paper_forms(const struct paper_options *options, const json_t *board, struct text *html)
{
    char title[160], subtitle[256], printed[24], day[16];
    const struct forms forms = { options, json_object_get(board, "units") };
    paper_time(options, options->printed_at, printed);
    paper_day(options, day);
    (void)snprintf(title, sizeof title, "%s %s", paper_say(options, "Forms", "表单"), options->run);
    (void)snprintf(subtitle, sizeof subtitle,
                   paper_say(options, "%.120s · run %s · printed %s %s", "%.120s · 批次 %s · 打印 %s %s"),
                   paper_text(board, "name"), options->run, day, printed);
    struct paper_pages pages = { .out = html, .options = options, .title = title, .subtitle = subtitle };
    paper_document(&pages, title, write_forms, &forms);
}
