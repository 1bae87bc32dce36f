#include "protocol/compile.h"

#include "base/hash.h"

/* ---- for the core ---- */

static void fill_priority(const struct protocol_option *from, struct protocol_answer *to)
{
    if (from->set != PRIORITY_UNTOUCHED) {
        to->effect = PRIORITY_EFFECT_SET;
        to->priority = from->set;
    } else if (from->raise != PRIORITY_UNTOUCHED) {
        to->effect = PRIORITY_EFFECT_RAISE;
        to->priority = from->raise;
    }
}

static struct protocol_answer compile_answer(const struct protocol_file *protocol, uint32_t step, uint32_t answer)
{
    const struct protocol_option *from = &protocol->steps[step].answers[answer];
    struct protocol_answer to = {
        .needs = from->needs,
        .marks = from->marks,
        .step = (uint8_t)(step + 1),
        .answer = (uint8_t)(answer + 1),
        .to_protocol = from->to_protocol != protocol->number ? from->to_protocol : 0,
        .to_step = from->to_step,
        .units = from->units,
        .ready = from->ready,
    };
    fill_priority(from, &to);
    return to;
}

const struct command_protocol_load *protocol_compile(const struct protocol_file *protocol, struct protocol_command *room)
{
    struct command_protocol_load *command = (struct command_protocol_load *)(void *)room->words;
    COMMAND_BEGIN(command, PROTOCOL_LOAD, ACTOR_KIND_SYSTEM);
    command->protocol = protocol->number;
    command->version = protocol->version;
    command->entry = protocol->entry;
    for (uint32_t step = 0; step < protocol->step_count; step++) {
        for (uint32_t answer = 0; answer < protocol->steps[step].answer_count; answer++) {
            command->items[command->count++] = compile_answer(protocol, step, answer);
        }
    }
    size_t list_size = command->count * sizeof command->items[0];
    command->head.size = (uint32_t)(sizeof *command + list_size);
    command->fingerprint = hash64(command->items, list_size, protocol->content);
    return command;
}

/* ---- for the API ---- */

static void write_text(struct json *json, const char *name, const struct protocol_text *text)
{
    if (text->in[PROTOCOL_EN] == NULL) {
        json_none(json, name);
        return;
    }
    json_object_begin(json, name);
    for (unsigned i = 0; i < PROTOCOL_LANGUAGE_COUNT; i++) {
        json_text(json, PROTOCOL_LANGUAGES[i], text->in[i]);
    }
    json_object_end(json);
}

static void write_words(struct json *json, const struct protocol_file *protocol)
{
    json_object_begin(json, "words");
    for (unsigned i = 0; i < PROTOCOL_LANGUAGE_COUNT; i++) {
        json_array_begin(json, PROTOCOL_LANGUAGES[i]);
        for (uint32_t word = 0; word < protocol->words[i].count; word++) {
            json_text(json, NULL, protocol->words[i].items[word]);
        }
        json_array_end(json);
    }
    json_object_end(json);
}

static void write_set(struct json *json, const char *name, const struct schema_enum *labels, uint32_t bits)
{
    json_array_begin(json, name);
    for (uint32_t bit = 0; bit < labels->count; bit++) {
        if ((bits >> bit & 1) != 0) {
            json_text(json, NULL, labels->labels[bit]);
        }
    }
    json_array_end(json);
}

static void write_number(struct json *json, const char *name, uint32_t number)
{
    if (number == 0) {
        json_none(json, name);
    } else {
        json_int(json, name, number);
    }
}

static void write_priority(struct json *json, const char *name, uint8_t priority)
{
    if (priority == PRIORITY_UNTOUCHED) {
        json_none(json, name);
    } else {
        json_text(json, name, priority_name((enum priority)priority));
    }
}

static void write_answer(struct json *json, uint32_t number, const struct protocol_option *answer)
{
    json_object_begin(json, NULL);
    json_int(json, "answer", number);
    json_text_n(json, "key", &answer->key, 1);
    write_text(json, "text", &answer->text);
    if (answer->to_step == 0) {
        json_none(json, "to");
    } else {
        json_object_begin(json, "to");
        json_int(json, "protocol", answer->to_protocol);
        json_int(json, "step", answer->to_step);
        json_object_end(json);
    }
    write_priority(json, "raise", answer->raise);
    write_priority(json, "set", answer->set);
    write_set(json, "needs", &enum_names_need_set, answer->needs);
    write_number(json, "units", answer->units);
    write_set(json, "marks", &enum_names_triage_mark, answer->marks);
    json_bool(json, "ready", answer->ready);
    json_object_end(json);
}

static void write_step(struct json *json, uint32_t number, const struct protocol_step *step)
{
    json_object_begin(json, NULL);
    json_int(json, "step", number);
    json_text(json, "name", step->name);
    json_text(json, "kind", PROTOCOL_KINDS[step->kind]);
    write_text(json, "say", &step->say);
    write_text(json, "note", &step->note);
    json_text(json, "source", step->source);
    write_number(json, "timer_s", step->timer_s);
    write_number(json, "metronome", step->metronome);
    json_array_begin(json, "answers");
    for (uint32_t i = 0; i < step->answer_count; i++) {
        write_answer(json, i + 1, &step->answers[i]);
    }
    json_array_end(json);
    json_object_end(json);
}

void protocol_write_summary(struct json *json, const struct protocol_file *protocol)
{
    json_int(json, "number", protocol->number);
    json_text(json, "id", protocol->id);
    json_int(json, "version", protocol->version);
    json_text_n(json, "key", &protocol->key, 1);
    write_text(json, "title", &protocol->title);
    write_words(json, protocol);
}

void protocol_write_json(struct json *json, const char *name, const struct protocol_file *protocol)
{
    json_object_begin(json, name);
    protocol_write_summary(json, protocol);
    json_int(json, "entry", protocol->entry);
    json_text(json, "sign_off", protocol->sign_off);
    json_array_begin(json, "steps");
    for (uint32_t i = 0; i < protocol->step_count; i++) {
        write_step(json, i + 1, &protocol->steps[i]);
    }
    json_array_end(json);
    json_object_end(json);
}
