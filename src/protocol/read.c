#include "protocol/read.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/word.h"

enum { CONTEXT_MAX = 160, MESSAGE_MAX = 512, SHOWN_MAX = 48, DEPTH_MAX = 16, MEMBERS_MAX = 16 };
/* The strings of a file need at most four times its bytes: two bytes of YAML make one string, which takes eight. */
enum { STRINGS_FACTOR = 4, STRINGS_MORE = 4096 };

struct reader {
    const char *name;
    struct protocol_file *made;
    struct protocol_findings *findings;
    yaml_parser_t parser;
    yaml_event_t event;
    bool holds_event;
    /* what is being read, for messages */
    struct protocol_step *step;
    struct protocol_option *answer;
    const char *member;
};

/* What may stand in a mapping: how its value, whose first event has been taken, is read. */
struct member {
    const char *name;
    enum status (*read)(struct reader *reader, struct error *error);
    bool required;
};

/* ---- messages ---- */

static uint32_t line_of(const struct reader *reader) { return (uint32_t)reader->event.start_mark.line + 1; }

/* "step breathing, answer 2: say: " */
static void write_context(const struct reader *reader, char context[CONTEXT_MAX])
{
    size_t used = 0;
    context[0] = '\0';
    if (reader->step != NULL) {
        used += (size_t)snprintf(context, CONTEXT_MAX, "step %s", reader->step->name);
    }
    if (reader->answer != NULL) {
        used += (size_t)snprintf(context + used, CONTEXT_MAX - used, ", answer %d",
                                 (int)(reader->answer - reader->step->answers) + 1);
    }
    if (used > 0) {
        used += (size_t)snprintf(context + used, CONTEXT_MAX - used, ": ");
    }
    if (reader->member != NULL) {
        (void)snprintf(context + used, CONTEXT_MAX - used, "%s: ", reader->member);
    }
}

__attribute__((format(printf, 3, 4))) static void find_at(struct reader *reader, uint32_t line, const char *format, ...)
{
    char context[CONTEXT_MAX], message[MESSAGE_MAX];
    va_list values;
    write_context(reader, context);
    va_start(values, format);
    (void)vsnprintf(message, sizeof message, format, values);
    va_end(values);
    protocol_finding(reader->findings, reader->name, line, "%s%s", context, message);
}

#define FIND(reader, ...) find_at((reader), line_of(reader), __VA_ARGS__)

static enum status refuse(const struct reader *reader, const char *what, struct error *error)
{
    char context[CONTEXT_MAX];
    write_context(reader, context);
    return ERROR(error, STATUS_BAD_INPUT, "%s:%u: %s%s; docs/protocols.md shows the form", reader->name, line_of(reader), context,
                 what);
}

/* What was written, as far as it can be shown in one line. */
static const char *shown(const char *text, char room[SHOWN_MAX])
{
    size_t used = 0;
    while (text[used] != '\0') {
        size_t length = utf8_sequence(text + used, strlen(text + used));
        if (length == 0 || used + length >= SHOWN_MAX || (unsigned char)text[used] < ' ') {
            break;
        }
        memcpy(room + used, text + used, length);
        used += length;
    }
    room[used] = '\0';
    return room;
}

/* ---- events ---- */

static enum status next(struct reader *reader, struct error *error)
{
    if (reader->holds_event) {
        yaml_event_delete(&reader->event);
        reader->holds_event = false;
    }
    if (yaml_parser_parse(&reader->parser, &reader->event) == 0) {
        const yaml_parser_t *parser = &reader->parser;
        const char *problem = parser->problem != NULL ? parser->problem : "it cannot be read";
        return ERROR(error, parser->error == YAML_MEMORY_ERROR ? STATUS_NO_MEMORY : STATUS_BAD_INPUT,
                     "%s:%zu: not YAML: %s; check indents, colons and quotes here", reader->name, parser->problem_mark.line + 1,
                     problem);
    }
    reader->holds_event = true;
    return STATUS_OK;
}

/* Plain values, lists and mappings without the means of YAML to refer and to convert. */
static enum status check_event(const struct reader *reader, struct error *error)
{
    const yaml_event_t *event = &reader->event;
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT: return refuse(reader, "an alias (*) is not allowed: write the text again", error);
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    default: break;
    }
    if (anchor != NULL) {
        return refuse(reader, "an anchor (&) is not allowed: put quotes around a text that begins with &", error);
    }
    return tag == NULL ? STATUS_OK
                       : refuse(reader, "a tag (!) is not allowed: put quotes around a text that begins with !", error);
}

static enum status next_checked(struct reader *reader, struct error *error)
{
    TRY(next(reader, error));
    return check_event(reader, error);
}

/* Past a value that nobody wants, whose first event has been taken. */
static enum status skip_value(struct reader *reader, struct error *error)
{
    int depth = 0;
    for (;;) {
        yaml_event_type_t type = reader->event.type;
        depth += type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
        depth -= type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
        if (depth <= 0) {
            return STATUS_OK;
        }
        if (depth > DEPTH_MAX) {
            return refuse(reader, "nested too deep", error);
        }
        TRY(next_checked(reader, error));
    }
}

/* The text of a plain value, which points into the event. */
static enum status scalar(const struct reader *reader, const char **text, struct error *error)
{
    const yaml_event_t *event = &reader->event;
    if (event->type != YAML_SCALAR_EVENT) {
        return refuse(reader, "a plain value is wanted here, not a list or a mapping", error);
    }
    const char *bytes = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (strlen(bytes) != length || !utf8_is_valid(bytes, length)) {
        return refuse(reader, "not a text: it holds a zero byte or is not UTF-8", error);
    }
    *text = bytes;
    return STATUS_OK;
}

static enum status keep(struct reader *reader, const char *text, const char **kept, struct error *error)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_take(&reader->made->strings, size);
    if (copy == NULL) {
        return refuse(reader, "more texts than a file of this size can hold", error);
    }
    memcpy(copy, text, size);
    *kept = copy;
    return STATUS_OK;
}

/* ---- values ---- */

static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

/* A text for people: one line, not empty, at most that many characters. */
static enum status read_line_max(struct reader *reader, size_t characters_max, const char **kept, struct error *error)
{
    const char *text = NULL;
    TRY(scalar(reader, &text, error));
    size_t characters = count_characters(text);
    if (text[strspn(text, " ")] == '\0') {
        FIND(reader, "empty: write the text");
    }
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            FIND(reader, "a line break or control character: write the text in one line, or folded with '>-'");
            break;
        }
    }
    if (characters > characters_max) {
        FIND(reader, "too long: %zu characters, at most %zu; say it in fewer words or in two steps", characters, characters_max);
    }
    return keep(reader, text, kept, error);
}

/* {en: ..., zh: ...} */
static enum status read_languages(struct reader *reader, size_t characters_max, struct protocol_text *text, struct error *error)
{
    if (reader->event.type != YAML_MAPPING_START_EVENT) {
        return refuse(reader, "a text in each language is wanted: {en: ..., zh: ...}", error);
    }
    uint32_t line = line_of(reader);
    for (;;) {
        const char *name = NULL;
        unsigned language = 0;
        TRY(next_checked(reader, error));
        if (reader->event.type == YAML_MAPPING_END_EVENT) {
            break;
        }
        TRY(scalar(reader, &name, error));
        while (language < PROTOCOL_LANGUAGE_COUNT && strcmp(name, PROTOCOL_LANGUAGES[language]) != 0) {
            language++;
        }
        if (language == PROTOCOL_LANGUAGE_COUNT || text->in[language] != NULL) {
            return refuse(reader,
                          language == PROTOCOL_LANGUAGE_COUNT ? "the languages are en and zh (put quotes around a text "
                                                                "that holds a comma or a colon)"
                                                              : "a language stands twice",
                          error);
        }
        TRY(next_checked(reader, error));
        TRY(read_line_max(reader, characters_max, &text->in[language], error));
    }
    for (unsigned i = 0; i < PROTOCOL_LANGUAGE_COUNT; i++) {
        if (text->in[i] == NULL) {
            find_at(reader, line, "the %s text is missing", PROTOCOL_LANGUAGES[i]);
        }
    }
    return STATUS_OK;
}

static enum status read_number(struct reader *reader, uint32_t minimum, uint32_t maximum, uint32_t *number, struct error *error)
{
    const char *text = NULL;
    char room[SHOWN_MAX];
    TRY(scalar(reader, &text, error));
    size_t digits = strspn(text, "0123456789");
    uint64_t value = digits > 0 && digits < 10 && text[digits] == '\0' ? strtoull(text, NULL, 10) : UINT64_MAX;
    if (value < minimum || value > maximum) {
        FIND(reader, "'%s' is not a whole number from %u to %u", shown(text, room), minimum, maximum);
        value = minimum;
    }
    *number = (uint32_t)value;
    return STATUS_OK;
}

static enum status read_flag(struct reader *reader, bool *flag, struct error *error)
{
    const char *text = NULL;
    char room[SHOWN_MAX];
    TRY(scalar(reader, &text, error));
    *flag = strcmp(text, "true") == 0;
    if (!*flag && strcmp(text, "false") != 0) {
        FIND(reader, "'%s' is neither true nor false", shown(text, room));
    }
    return STATUS_OK;
}

static enum status read_key(struct reader *reader, const char *allowed, char *key, struct error *error)
{
    const char *text = NULL;
    char room[SHOWN_MAX];
    TRY(scalar(reader, &text, error));
    if (strlen(text) != 1 || strchr(allowed, text[0]) == NULL) {
        FIND(reader, "'%s' is not one key of %c to %c or a to z", shown(text, room), allowed[0], '9');
        return STATUS_OK;
    }
    *key = text[0];
    return STATUS_OK;
}

static bool is_name(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= PROTOCOL_NAME_MAX && text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

/* An unknown label is told with those that there are. */
static void find_unknown(struct reader *reader, const char *given, const struct schema_enum *labels)
{
    char list[MESSAGE_MAX - 2 * SHOWN_MAX] = "", room[SHOWN_MAX];
    for (uint32_t i = 0, used = 0; i < labels->count && used < sizeof list; i++) {
        if (labels->labels[i] != NULL) {
            used += (uint32_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", labels->labels[i]);
        }
    }
    FIND(reader, "there is no '%s'; there are %s", shown(given, room), list);
}

/* The code of the label; labels->count: there is none, and it was told. */
static enum status read_label(struct reader *reader, const struct schema_enum *labels, uint32_t *code, struct error *error)
{
    const char *text = NULL;
    TRY(scalar(reader, &text, error));
    for (*code = 0; *code < labels->count; ++*code) {
        if (labels->labels[*code] != NULL && strcmp(labels->labels[*code], text) == 0) {
            return STATUS_OK;
        }
    }
    find_unknown(reader, text, labels);
    return STATUS_OK;
}

static enum status begin_list(struct reader *reader, struct error *error)
{
    return reader->event.type == YAML_SEQUENCE_START_EVENT ? STATUS_OK : refuse(reader, "a list [a, b] is wanted here", error);
}

static enum status read_set(struct reader *reader, const struct schema_enum *labels, uint32_t *bits, struct error *error)
{
    TRY(begin_list(reader, error));
    for (;;) {
        uint32_t bit = 0;
        TRY(next_checked(reader, error));
        if (reader->event.type == YAML_SEQUENCE_END_EVENT) {
            return STATUS_OK;
        }
        TRY(read_label(reader, labels, &bit, error));
        *bits |= bit < labels->count ? 1u << bit : 0;
    }
}

/* ---- mappings ---- */

static int find_member(const struct member *members, const char *name)
{
    for (int i = 0; members[i].name != NULL; i++) {
        if (strcmp(members[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void find_stranger(struct reader *reader, const struct member *members, const char *name)
{
    const char *nearest = NULL;
    char room[SHOWN_MAX];
    int best = 3;
    for (int i = 0; members[i].name != NULL; i++) {
        int distance = word_distance(members[i].name, name);
        if (distance < best) {
            best = distance;
            nearest = members[i].name;
        }
    }
    if (nearest != NULL) {
        FIND(reader, "'%s' is not known here; did you mean %s?", shown(name, room), nearest);
    } else {
        FIND(reader, "'%s' is not known here; strike it", shown(name, room));
    }
}

/* One 'name: value'. */
static enum status read_member(struct reader *reader, const struct member *members, uint32_t *seen, struct error *error)
{
    const char *name = NULL;
    TRY(scalar(reader, &name, error));
    int index = find_member(members, name);
    if (index < 0) {
        find_stranger(reader, members, name);
    } else if ((*seen >> index & 1) != 0) {
        FIND(reader, "%s stands twice; strike one", members[index].name);
        index = -1;
    }
    const char *outer = reader->member;
    reader->member = index >= 0 ? members[index].name : NULL;
    TRY(next_checked(reader, error));
    if (index >= 0) {
        *seen |= 1u << index;
        TRY(members[index].read(reader, error));
    } else {
        TRY(skip_value(reader, error));
    }
    reader->member = outer;
    return STATUS_OK;
}

/* A mapping whose start has been taken. */
static enum status read_members(struct reader *reader, const struct member *members, struct error *error)
{
    uint32_t seen = 0, line = line_of(reader);
    if (reader->event.type != YAML_MAPPING_START_EVENT) {
        return refuse(reader, "'name: value' lines are wanted here", error);
    }
    for (;;) {
        TRY(next_checked(reader, error));
        if (reader->event.type == YAML_MAPPING_END_EVENT) {
            break;
        }
        TRY(read_member(reader, members, &seen, error));
    }
    for (int i = 0; members[i].name != NULL; i++) {
        if (members[i].required && (seen >> i & 1) == 0) {
            find_at(reader, line, "%s is missing", members[i].name);
        }
    }
    return STATUS_OK;
}

/* ---- an answer ---- */

static enum status answer_key(struct reader *reader, struct error *error)
{
    return read_key(reader, "123456789abcdefghijklmnopqrstuvwxyz", &reader->answer->key, error);
}

static enum status answer_text(struct reader *reader, struct error *error)
{
    return read_languages(reader, PROTOCOL_ANSWER_MAX, &reader->answer->text, error);
}

static enum status answer_to(struct reader *reader, struct error *error)
{
    return read_line_max(reader, (size_t)2 * PROTOCOL_NAME_MAX + 16, &reader->answer->to, error);
}

static enum status read_priority(struct reader *reader, uint8_t *priority, struct error *error)
{
    uint32_t code = 0;
    TRY(read_label(reader, &enum_names_priority, &code, error));
    *priority = (uint8_t)code;
    return STATUS_OK;
}

static enum status answer_raise(struct reader *reader, struct error *error)
{
    return read_priority(reader, &reader->answer->raise, error);
}

static enum status answer_set(struct reader *reader, struct error *error)
{
    return read_priority(reader, &reader->answer->set, error);
}

static enum status answer_needs(struct reader *reader, struct error *error)
{
    return read_set(reader, &enum_names_need_set, &reader->answer->needs, error);
}

static enum status answer_marks(struct reader *reader, struct error *error)
{
    return read_set(reader, &enum_names_triage_mark, &reader->answer->marks, error);
}

static enum status answer_units(struct reader *reader, struct error *error)
{
    uint32_t units = 0;
    TRY(read_number(reader, 1, PROTOCOL_UNITS_MAX, &units, error));
    reader->answer->units = (uint8_t)units;
    return STATUS_OK;
}

static enum status answer_ready(struct reader *reader, struct error *error)
{
    return read_flag(reader, &reader->answer->ready, error);
}

static const struct member ANSWER_MEMBERS[] = {
    { "key", answer_key, true },      { "text", answer_text, true },
    { "to", answer_to, true },        { "raise", answer_raise, false },
    { "set", answer_set, false },     { "needs", answer_needs, false },
    { "units", answer_units, false }, { "marks", answer_marks, false },
    { "ready", answer_ready, false }, { NULL, NULL, false },
};

/* ---- a step ---- */

static enum status step_kind(struct reader *reader, struct error *error)
{
    const char *text = NULL;
    char room[SHOWN_MAX];
    TRY(scalar(reader, &text, error));
    if (strcmp(text, PROTOCOL_KINDS[PROTOCOL_INSTRUCTION]) == 0) {
        reader->step->kind = PROTOCOL_INSTRUCTION;
    } else if (strcmp(text, PROTOCOL_KINDS[PROTOCOL_QUESTION]) != 0) {
        FIND(reader, "'%s' is neither question nor instruction", shown(text, room));
    }
    return STATUS_OK;
}

static enum status step_say(struct reader *reader, struct error *error)
{
    return read_languages(reader, PROTOCOL_SAY_MAX, &reader->step->say, error);
}

static enum status step_note(struct reader *reader, struct error *error)
{
    return read_languages(reader, PROTOCOL_SAY_MAX, &reader->step->note, error);
}

static enum status step_source(struct reader *reader, struct error *error)
{
    return read_line_max(reader, PROTOCOL_SOURCE_MAX, &reader->step->source, error);
}

static enum status step_timer(struct reader *reader, struct error *error)
{
    return read_number(reader, 1, PROTOCOL_TIMER_MAX_S, &reader->step->timer_s, error);
}

static enum status step_metronome(struct reader *reader, struct error *error)
{
    return read_number(reader, PROTOCOL_METRONOME_MIN, PROTOCOL_METRONOME_MAX, &reader->step->metronome, error);
}

static enum status read_answer(struct reader *reader, struct error *error)
{
    struct protocol_step *step = reader->step;
    if (step->answer_count == ANSWERS_A_STEP_MAX) {
        return refuse(reader, "more than 9 answers; ask in two steps", error);
    }
    struct protocol_option *answer = &step->answers[step->answer_count++];
    *answer = (struct protocol_option){ .line = line_of(reader), .raise = PRIORITY_UNTOUCHED, .set = PRIORITY_UNTOUCHED };
    reader->answer = answer;
    reader->member = NULL;
    TRY(read_members(reader, ANSWER_MEMBERS, error));
    if (answer->raise != PRIORITY_UNTOUCHED && answer->set != PRIORITY_UNTOUCHED) {
        find_at(reader, answer->line, "raise and set together; keep one");
    }
    reader->answer = NULL;
    return STATUS_OK;
}

static enum status step_answers(struct reader *reader, struct error *error)
{
    TRY(begin_list(reader, error));
    for (;;) {
        TRY(next_checked(reader, error));
        if (reader->event.type == YAML_SEQUENCE_END_EVENT) {
            break;
        }
        TRY(read_answer(reader, error));
    }
    if (reader->step->answer_count == 0) {
        find_at(reader, reader->step->line, "none; give it at least one");
    }
    return STATUS_OK;
}

static const struct member STEP_MEMBERS[] = {
    { "kind", step_kind, true },       { "say", step_say, true },
    { "note", step_note, false },      { "source", step_source, true },
    { "timer_s", step_timer, false },  { "metronome", step_metronome, false },
    { "answers", step_answers, true }, { NULL, NULL, false },
};

static enum status read_step(struct reader *reader, struct error *error)
{
    struct protocol_file *made = reader->made;
    const char *name = NULL;
    TRY(scalar(reader, &name, error));
    if (!is_name(name) || strcmp(name, "end") == 0 || strcmp(name, "protocol") == 0) {
        return refuse(reader, "the name of a step is small letters, digits and _, at most 40, and neither end nor protocol",
                      error);
    }
    if (protocol_step_find(made, name) != 0) {
        return refuse(reader, "two steps have this name", error);
    }
    if (made->step_count == STEPS_A_PROTOCOL_MAX) {
        return refuse(reader, "more than 64 steps; split the protocol", error);
    }
    struct protocol_step *step = &made->steps[made->step_count];
    step->line = line_of(reader);
    TRY(keep(reader, name, &step->name, error));
    made->step_count++;
    reader->step = step;
    TRY(next_checked(reader, error));
    TRY(read_members(reader, STEP_MEMBERS, error));
    if (step->kind == PROTOCOL_QUESTION && (step->timer_s != 0 || step->metronome != 0)) {
        find_at(reader, step->line, "timer_s and metronome go with an instruction only");
    }
    reader->step = NULL;
    return STATUS_OK;
}

/* ---- the protocol ---- */

static enum status protocol_id(struct reader *reader, struct error *error)
{
    const char *text = NULL;
    TRY(scalar(reader, &text, error));
    if (!is_name(text)) {
        FIND(reader, "the id is small letters, digits and _, at most 40");
    }
    return keep(reader, text, &reader->made->id, error);
}

static enum status protocol_number(struct reader *reader, struct error *error)
{
    uint32_t number = 0;
    TRY(read_number(reader, 1, PROTOCOL_NUMBER_MAX, &number, error));
    reader->made->number = (uint8_t)number;
    return STATUS_OK;
}

static enum status protocol_version(struct reader *reader, struct error *error)
{
    return read_number(reader, 1, PROTOCOL_VERSION_MAX, &reader->made->version, error);
}

static enum status protocol_key(struct reader *reader, struct error *error)
{
    return read_key(reader, "0123456789abcdefghijklmnopqrstuvwxyz", &reader->made->key, error);
}

static enum status protocol_title(struct reader *reader, struct error *error)
{
    return read_languages(reader, PROTOCOL_TITLE_MAX, &reader->made->title, error);
}

static enum status protocol_sign_off(struct reader *reader, struct error *error)
{
    return read_line_max(reader, PROTOCOL_SOURCE_MAX, &reader->made->sign_off, error);
}

static enum status protocol_entry(struct reader *reader, struct error *error)
{
    reader->made->entry_line = line_of(reader);
    return read_line_max(reader, PROTOCOL_NAME_MAX, &reader->made->entry_name, error);
}

static enum status read_words(struct reader *reader, struct protocol_words *words, struct error *error)
{
    TRY(begin_list(reader, error));
    for (;;) {
        TRY(next_checked(reader, error));
        if (reader->event.type == YAML_SEQUENCE_END_EVENT) {
            return STATUS_OK;
        }
        if (words->count == PROTOCOL_WORDS_MAX) {
            return refuse(reader, "more than 48 words in a language", error);
        }
        TRY(read_line_max(reader, PROTOCOL_WORD_MAX, &words->items[words->count++], error));
    }
}

static enum status words_en(struct reader *reader, struct error *error)
{
    return read_words(reader, &reader->made->words[PROTOCOL_EN], error);
}

static enum status words_zh(struct reader *reader, struct error *error)
{
    return read_words(reader, &reader->made->words[PROTOCOL_ZH], error);
}

static enum status protocol_words(struct reader *reader, struct error *error)
{
    static const struct member members[] = { { "en", words_en, true }, { "zh", words_zh, true }, { NULL, NULL, false } };
    return read_members(reader, members, error);
}

static enum status protocol_steps(struct reader *reader, struct error *error)
{
    reader->member = NULL;
    if (reader->event.type != YAML_MAPPING_START_EVENT) {
        return refuse(reader, "steps: is a list of 'name:' with what belongs to it indented below", error);
    }
    for (;;) {
        TRY(next_checked(reader, error));
        if (reader->event.type == YAML_MAPPING_END_EVENT) {
            return STATUS_OK;
        }
        TRY(read_step(reader, error));
    }
}

static const struct member PROTOCOL_MEMBERS[] = {
    { "protocol", protocol_id, true },     { "number", protocol_number, true },
    { "version", protocol_version, true }, { "key", protocol_key, true },
    { "title", protocol_title, true },     { "words", protocol_words, true },
    { "entry", protocol_entry, true },     { "sign_off", protocol_sign_off, true },
    { "steps", protocol_steps, true },     { NULL, NULL, false },
};

/* The one document of the file. */
static enum status read_document(struct reader *reader, struct error *error)
{
    TRY(next(reader, error)); /* the start of the stream */
    TRY(next(reader, error));
    if (reader->event.type == YAML_STREAM_END_EVENT) {
        return refuse(reader, "the file is empty", error);
    }
    TRY(next_checked(reader, error));
    TRY(read_members(reader, PROTOCOL_MEMBERS, error));
    TRY(next(reader, error)); /* the end of the document */
    TRY(next(reader, error));
    return reader->event.type == YAML_STREAM_END_EVENT ? STATUS_OK : refuse(reader, "a second document", error);
}

static enum status read_all(struct reader *reader, const void *bytes, size_t size, struct error *error)
{
    TRY(arena_create(&reader->made->strings, STRINGS_FACTOR * size + STRINGS_MORE, error));
    TRY(keep(reader, reader->name, &reader->made->file, error));
    if (yaml_parser_initialize(&reader->parser) == 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to read %s", reader->name);
    }
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, bytes, size);
    enum status status = read_document(reader, error);
    if (reader->holds_event) {
        yaml_event_delete(&reader->event);
    }
    yaml_parser_delete(&reader->parser);
    return status;
}

enum status protocol_read(const char *name, const void *bytes, size_t size, struct protocol_findings *findings,
                          struct protocol_file **protocol, struct error *error)
{
    if (size > PROTOCOL_FILE_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: %zu bytes; a protocol has at most %d", name, size, (int)PROTOCOL_FILE_MAX);
    }
    struct reader reader = { .name = name, .findings = findings, .made = calloc(1, sizeof *reader.made) };
    if (reader.made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to read %s", name);
    }
    reader.made->content = hash64(bytes, size, 0);
    enum status status = read_all(&reader, bytes, size, error);
    if (status != STATUS_OK) {
        protocol_free(reader.made);
        return status;
    }
    *protocol = reader.made;
    return STATUS_OK;
}
