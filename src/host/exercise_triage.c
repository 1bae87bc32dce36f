/* Triage at the seats of the exercise: the questions of the protocol that the caller's story answers, as the centre has them. The
 * protocols are asked for once, at the start; where there are none, or not this one, the seat decides by itself. */
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "host/exercise_private.h"
#include "host/exercise_story.h"

static const json_t *find_protocol(const struct exercise *exercise, const char *id, uint32_t number)
{
    size_t index;
    json_t *protocol;
    json_array_foreach(exercise->protocols, index, protocol)
    {
        if (id != NULL ? seen_is(protocol, "id", id) : seen_number(protocol, "number") == number) {
            return protocol;
        }
    }
    return NULL;
}

void triage_fetch(struct exercise *exercise)
{
    long http = 0;
    size_t index;
    json_t *summary;
    json_t *list = exercise_link_get(exercise->link, "/protocols", &http);
    exercise->protocols = json_array();
    json_array_foreach(json_object_get(list, "items"), index, summary)
    {
        char path[48];
        snprintf(path, sizeof path, "/protocols/%u", seen_number(summary, "number"));
        json_t *protocol = exercise_link_get(exercise->link, path, &http);
        if (http == 200) {
            (void)json_array_append(exercise->protocols, protocol);
        }
        json_decref(protocol);
    }
    json_decref(list);
    if (json_array_size(exercise->protocols) == 0) {
        exercise->setup->say(exercise->setup->context, "exercise: the centre has no triage protocols; seats decide without");
    }
}

void triage_prepare(const struct exercise *exercise, struct exercise_call *call)
{
    const struct exercise_story *story = call->kind == CALL_NEEDS_UNIT ? story_of(&call->truth) : NULL;
    bool known = story != NULL && find_protocol(exercise, story->protocol, 0) != NULL;
    call->keys = known ? story->keys : "";
    call->story = known ? story->protocol : NULL;
}

uint32_t triage_left(const struct exercise_call *call)
{
    return (uint32_t)strlen(call->keys) + (call->story != NULL && call->protocol == 0);
}

static bool begin(struct exercise *exercise, struct exercise_call *call)
{
    const json_t *protocol = find_protocol(exercise, call->story, 0);
    bool done = false;
    call->protocol = seen_number(protocol, "number");
    call->step = seen_number(protocol, "entry");
    (void)exercise_command(
        exercise, "triage_begin",
        json_pack("{s:I, s:I, s:i}", "call", (json_int_t)call->call, "protocol", (json_int_t)call->protocol, "step", 0), &done);
    return done;
}

static const json_t *answer_with_key(const struct exercise *exercise, const struct exercise_call *call, char key)
{
    const json_t *steps = json_object_get(find_protocol(exercise, NULL, call->protocol), "steps");
    const json_t *step = json_array_get(steps, call->step - 1);
    size_t index;
    json_t *answer;
    json_array_foreach(json_object_get(step, "answers"), index, answer)
    {
        if (seen_text(answer, "key")[0] == key) {
            return answer;
        }
    }
    return NULL;
}

static bool answer_next(struct exercise *exercise, struct exercise_call *call)
{
    const json_t *answer = answer_with_key(exercise, call, call->keys[0]);
    bool done = false;
    if (answer == NULL) {
        return false; /* the centre's protocol is another one than the story's */
    }
    (void)exercise_command(exercise, "triage_answer",
                           json_pack("{s:I, s:I, s:I, s:O}", "call", (json_int_t)call->call, "protocol",
                                     (json_int_t)call->protocol, "step", (json_int_t)call->step, "answer",
                                     json_object_get(answer, "answer")),
                           &done);
    const json_t *next = json_object_get(answer, "to");
    call->protocol = json_is_object(next) ? seen_number(next, "protocol") : call->protocol;
    call->step = seen_number(next, "step");
    call->keys += 1;
    return done && call->step != 0;
}

/* What was refused, or does not fit, is not tried again: the seat decides by itself. */
void triage_ask(struct exercise *exercise, struct exercise_call *call)
{
    bool goes_on = call->protocol == 0 ? begin(exercise, call) : answer_next(exercise, call);
    if (!goes_on) {
        call->keys = "";
    }
}

static bool has_label(const json_t *labels, const char *label)
{
    size_t index;
    const json_t *item;
    json_array_foreach(labels, index, item)
    {
        if (strcmp(json_string_value(item), label) == 0) {
            return true;
        }
    }
    return false;
}

/* What a vehicle would have to carry, and none here does: nobody could ever be sent. */
static bool is_nowhere(const struct exercise *exercise, const char *need)
{
    static const char *const carried[] = { "advanced",  "physician", "neonatal",     "ventilator",
                                           "bariatric", "isolation", "defibrillator" };
    bool of_units = false;
    for (size_t i = 0; i < ARRAY_LENGTH(carried); i++) {
        of_units = of_units || strcmp(carried[i], need) == 0;
    }
    const char *key;
    json_t *unit;
    json_object_foreach(exercise->seen[SEEN_UNITS], key, unit)
    {
        if (has_label(json_object_get(unit, "skills"), need)) {
            return false;
        }
    }
    return of_units;
}

static json_t *needs_to_be_had(const struct exercise *exercise, const json_t *proposed)
{
    json_t *needs = json_pack("[s]", "basic");
    size_t index;
    json_t *need;
    json_array_foreach(proposed, index, need)
    {
        if (!is_nowhere(exercise, json_string_value(need)) && !has_label(needs, json_string_value(need))) {
            (void)json_array_append(needs, need);
        }
    }
    return needs;
}

json_t *triage_proposal(struct exercise *exercise, uint32_t call)
{
    char path[48];
    long http = 0;
    snprintf(path, sizeof path, "/calls/%u", call);
    json_t *seen = exercise_link_get(exercise->link, path, &http);
    json_t *triage = json_object_get(seen, "triage"), *proposal = NULL;
    if (json_is_true(json_object_get(triage, "ready")) && json_is_string(json_object_get(triage, "priority"))) {
        proposal = json_pack("{s:O, s:O, s:o}", "priority", json_object_get(triage, "priority"), "units_wanted",
                             json_object_get(triage, "units_wanted"), "needs",
                             needs_to_be_had(exercise, json_object_get(triage, "needs")));
    }
    json_decref(seen);
    return proposal;
}
