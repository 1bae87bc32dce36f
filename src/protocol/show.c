#include "protocol/show.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "protocol/validate.h"

struct page {
    const struct package *package;
    const struct protocol_file *protocol;
    enum protocol_language language;
    bool both;
    struct text *out;
};

enum word {
    WORD_PROTOCOL,
    WORD_NUMBER,
    WORD_VERSION,
    WORD_KEY,
    WORD_CALLERS_SAY,
    WORD_SIGN_OFF,
    WORD_PACKAGE,
    WORD_UNSIGNED,
    WORD_BEGINS,
    WORD_NOTE,
    WORD_SOURCE,
    WORD_TIMER,
    WORD_METRONOME,
    WORD_END,
    WORD_RAISE,
    WORD_SET,
    WORD_NEEDS,
    WORD_UNITS,
    WORD_MARKS,
    WORD_READY,
    WORD_PATHS,
    WORD_PATHS_HEAD,
    WORD_PATHS_NOTE,
    WORD_COUNT,
};

static const char *const WORDS[WORD_COUNT][PROTOCOL_LANGUAGE_COUNT] = {
    [WORD_PROTOCOL] = { "protocol", "预案" },
    [WORD_NUMBER] = { "number", "编号" },
    [WORD_VERSION] = { "version", "版本" },
    [WORD_KEY] = { "key", "按键" },
    [WORD_CALLERS_SAY] = { "callers say", "呼救者常说" },
    [WORD_SIGN_OFF] = { "sign-off", "审签" },
    [WORD_PACKAGE] = { "package", "发布包" },
    [WORD_UNSIGNED] = { "not signed", "未签名" },
    [WORD_BEGINS] = { "begins here", "由此开始" },
    [WORD_NOTE] = { "note, not to be read out", "受理提示（不念）" },
    [WORD_SOURCE] = { "source", "来源" },
    [WORD_TIMER] = { "timer, repeats every (s)", "计时，循环（秒）" },
    [WORD_METRONOME] = { "metronome, beats a minute", "节拍，每分钟" },
    [WORD_END] = { "end", "结束" },
    [WORD_RAISE] = { "priority at least", "病情分级至少" },
    [WORD_SET] = { "priority exactly", "病情分级定为" },
    [WORD_NEEDS] = { "needs", "需要" },
    [WORD_UNITS] = { "units", "车组数" },
    [WORD_MARKS] = { "marks", "记录" },
    [WORD_READY] = { "enough to send", "可交调度" },
    [WORD_PATHS] = { "Fewest answers from each step", "从每一步起最少还要几个回答" },
    [WORD_PATHS_HEAD] = { "to send / to compressions / to an end", "到可交调度 / 到开始按压 / 到结束" },
    [WORD_PATHS_NOTE] = { "\"Not awake\" (key 0) leads from every step to compressions; answers needed, itself counted",
                          "任一步按 0（叫不醒）到开始按压的回答数（含这一步）" },
};

static const char *const KIND_WORDS[PROTOCOL_KIND_COUNT][PROTOCOL_LANGUAGE_COUNT] = {
    [PROTOCOL_QUESTION] = { "question", "提问" },
    [PROTOCOL_INSTRUCTION] = { "instruction", "指导" },
};

/* By the label of the schema. */
struct chinese {
    const char *label, *word;
};

static const struct chinese CHINESE[] = {
    { "critical", "濒危" },
    { "severe", "危重" },
    { "urgent", "急症" },
    { "non_urgent", "非急症" },
    { "basic", "基本生命支持" },
    { "advanced", "高级生命支持" },
    { "physician", "医师" },
    { "neonatal", "新生儿转运" },
    { "ventilator", "呼吸机" },
    { "bariatric", "超重患者搬运" },
    { "isolation", "负压隔离" },
    { "defibrillator", "除颤器" },
    { "chest_pain", "胸痛中心" },
    { "stroke", "卒中中心" },
    { "trauma", "创伤中心" },
    { "maternity", "孕产妇救治" },
    { "newborn", "新生儿救治" },
    { "paediatric", "儿科" },
    { "burn", "烧伤" },
    { "poison", "中毒" },
    { "arrest_recognised", "识别心脏骤停" },
    { "compressions_begun", "开始按压" },
    { "defibrillator_sent_for", "已去取除颤器" },
    { "defibrillator_attached", "已贴电极片" },
    { "breathing_returned", "恢复呼吸" },
    { "airway_cleared", "气道已通" },
    { "bleeding_stopped", "出血已止" },
    { "child_born", "婴儿已娩出" },
    { "scene_unsafe", "现场不安全" },
    { "obvious_death", "明显死亡征象" },
    { "caller_refuses", "呼救者不愿或不能施救" },
};

/* What stands between a heading and its text. */
static const char *colon(const struct page *page) { return page->language == PROTOCOL_ZH ? "：" : ": "; }

/* What stands between the effects of an answer. */
static const char *semicolon(const struct page *page) { return page->language == PROTOCOL_ZH ? "；" : "; "; }

static const char *word(const struct page *page, enum word which) { return WORDS[which][page->language]; }

static const char *label_word(const struct page *page, const char *label)
{
    for (size_t i = 0; page->language == PROTOCOL_ZH && i < ARRAY_LENGTH(CHINESE); i++) {
        if (strcmp(CHINESE[i].label, label) == 0) {
            return CHINESE[i].word;
        }
    }
    return label;
}

/* In the page's language first. */
static void put_text(const struct page *page, const char *indent, const char *heading, const struct protocol_text *text)
{
    if (text->in[page->language] == NULL) {
        return;
    }
    text_printf(page->out, "%s%s%s%s\n", indent, heading, heading[0] != '\0' ? colon(page) : "", text->in[page->language]);
    for (unsigned i = 0; page->both && i < PROTOCOL_LANGUAGE_COUNT; i++) {
        if (i != (unsigned)page->language) {
            text_printf(page->out, "%s%s%s%s\n", indent, heading, heading[0] != '\0' ? colon(page) : "", text->in[i]);
        }
    }
}

static void put_words(const struct page *page, enum protocol_language language)
{
    const struct protocol_words *words = &page->protocol->words[language];
    text_printf(page->out, "%s%s", word(page, WORD_CALLERS_SAY), colon(page));
    for (uint32_t i = 0; i < words->count; i++) {
        const char *comma = language == PROTOCOL_ZH ? "、" : ", ";
        text_printf(page->out, "%s%s", i > 0 ? comma : "", words->items[i]);
    }
    text_puts(page->out, "\n");
}

static void put_head(const struct page *page)
{
    const struct protocol_file *protocol = page->protocol;
    const struct package_list *list = &page->package->list;
    put_text(page, "", "", &protocol->title);
    text_printf(page->out, "%s %s · %s %u · %s %" PRIu32 " · %s %c\n", word(page, WORD_PROTOCOL), protocol->id,
                word(page, WORD_NUMBER), protocol->number, word(page, WORD_VERSION), protocol->version, word(page, WORD_KEY),
                protocol->key);
    if (list->version != 0 && page->package->signature != PACKAGE_REFUSED) {
        text_printf(page->out, "%s %" PRIu64 " · %s · %s\n", word(page, WORD_PACKAGE), list->version, list->signed_by,
                    list->signed_at);
    } else {
        text_printf(page->out, "%s%s%s\n", word(page, WORD_PACKAGE), colon(page), word(page, WORD_UNSIGNED));
    }
    text_printf(page->out, "%s%s%s\n", word(page, WORD_SIGN_OFF), colon(page), protocol->sign_off);
    put_words(page, page->language);
    for (unsigned i = 0; page->both && i < PROTOCOL_LANGUAGE_COUNT; i++) {
        if (i != (unsigned)page->language) {
            put_words(page, (enum protocol_language)i);
        }
    }
}

static void put_labels(const struct page *page, enum word heading, const struct schema_enum *labels, uint32_t bits)
{
    if (bits == 0) {
        return;
    }
    text_printf(page->out, "%s%s%s", semicolon(page), word(page, heading), colon(page));
    const char *separator = "";
    for (uint32_t bit = 0; bit < labels->count; bit++) {
        if ((bits >> bit & 1) != 0) {
            text_printf(page->out, "%s%s", separator, label_word(page, labels->labels[bit]));
            separator = page->language == PROTOCOL_ZH ? "、" : ", ";
        }
    }
}

static void put_target(const struct page *page, const struct protocol_option *answer)
{
    const struct protocol_file *target = protocol_numbered(&page->package->set, answer->to_protocol);
    if (answer->to_step == 0) {
        text_printf(page->out, "→ %s", word(page, WORD_END));
    } else if (target == page->protocol) {
        text_printf(page->out, "→ %u %s", answer->to_step, target->steps[answer->to_step - 1].name);
    } else {
        text_printf(page->out, "→ %s (%s), %u %s", target->title.in[page->language], target->id, answer->to_step,
                    target->steps[answer->to_step - 1].name);
    }
}

static void put_answer(const struct page *page, const struct protocol_option *answer)
{
    text_printf(page->out, "   [%c] %s", answer->key, answer->text.in[page->language]);
    if (page->both) {
        text_printf(page->out, " / %s", answer->text.in[page->language == PROTOCOL_EN ? PROTOCOL_ZH : PROTOCOL_EN]);
    }
    text_puts(page->out, "\n       ");
    put_target(page, answer);
    if (answer->raise != PRIORITY_UNTOUCHED) {
        text_printf(page->out, "%s%s%s%s", semicolon(page), word(page, WORD_RAISE), colon(page),
                    label_word(page, priority_name((enum priority)answer->raise)));
    }
    if (answer->set != PRIORITY_UNTOUCHED) {
        text_printf(page->out, "%s%s%s%s", semicolon(page), word(page, WORD_SET), colon(page),
                    label_word(page, priority_name((enum priority)answer->set)));
    }
    put_labels(page, WORD_NEEDS, &enum_names_need_set, answer->needs);
    if (answer->units != 0) {
        text_printf(page->out, "%s%s%s%u", semicolon(page), word(page, WORD_UNITS), colon(page), answer->units);
    }
    put_labels(page, WORD_MARKS, &enum_names_triage_mark, answer->marks);
    text_printf(page->out, "%s%s\n", answer->ready ? semicolon(page) : "", answer->ready ? word(page, WORD_READY) : "");
}

static void put_step(const struct page *page, uint32_t index)
{
    const struct protocol_step *step = &page->protocol->steps[index];
    bool begins = index + 1 == page->protocol->entry;
    bool chinese = page->language == PROTOCOL_ZH;
    text_printf(page->out, "\n%u  %s%s%s", index + 1, step->name, chinese ? "（" : " (", KIND_WORDS[step->kind][page->language]);
    text_printf(page->out, "%s%s%s\n", begins ? (chinese ? "，" : ", ") : "", begins ? word(page, WORD_BEGINS) : "",
                chinese ? "）" : ")");
    put_text(page, "   ", "", &step->say);
    put_text(page, "   ", word(page, WORD_NOTE), &step->note);
    if (step->timer_s != 0) {
        text_printf(page->out, "   %s%s%" PRIu32 "\n", word(page, WORD_TIMER), colon(page), step->timer_s);
    }
    if (step->metronome != 0) {
        text_printf(page->out, "   %s%s%" PRIu32 "\n", word(page, WORD_METRONOME), colon(page), step->metronome);
    }
    text_printf(page->out, "   %s%s%s\n", word(page, WORD_SOURCE), colon(page), step->source);
    for (uint32_t i = 0; i < step->answer_count; i++) {
        put_answer(page, &step->answers[i]);
    }
}

static void put_far(const struct page *page, const char *before, uint32_t answers)
{
    if (answers == PROTOCOL_FAR) {
        text_printf(page->out, "%s–", before);
    } else {
        text_printf(page->out, "%s%" PRIu32, before, answers);
    }
}

static void put_paths(const struct page *page)
{
    const struct protocol_set *set = &page->package->set;
    text_printf(page->out, "\n%s%s%s\n", word(page, WORD_PATHS), colon(page), word(page, WORD_PATHS_HEAD));
    for (uint32_t i = 0; i < page->protocol->step_count; i++) {
        uint8_t step = (uint8_t)(i + 1);
        text_printf(page->out, "   %u %s:", step, page->protocol->steps[i].name);
        put_far(page, " ", protocol_answers_to(set, page->protocol, step, PROTOCOL_GOAL_READY));
        put_far(page, " / ", protocol_answers_to(set, page->protocol, step, PROTOCOL_GOAL_COMPRESSIONS));
        put_far(page, " / ", protocol_answers_to(set, page->protocol, step, PROTOCOL_GOAL_END));
        text_puts(page->out, "\n");
    }
    text_puts(page->out, word(page, WORD_PATHS_NOTE));
    put_far(page, colon(page), protocol_arrest_answers(set));
    text_puts(page->out, "\n");
}

void protocol_show(const struct package *package, const struct protocol_file *protocol, enum protocol_language language,
                   bool both, struct text *out)
{
    const struct page page = { .package = package, .protocol = protocol, .language = language, .both = both, .out = out };
    put_head(&page);
    for (uint32_t i = 0; i < protocol->step_count; i++) {
        put_step(&page, i);
    }
    put_paths(&page);
}
