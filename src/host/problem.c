#include "host/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "wire/form.h"

struct known {
    const char *name, *title;
    unsigned status;
};

static const struct known problems[PROBLEM_KIND_COUNT] = {
#define PROBLEM(NAME, name_, status_, title_) [PROBLEM_##NAME] = { name_, title_, status_ },
#include "host/api_problems.h"
#undef PROBLEM
};

static const char *const refusal_titles[REFUSED_COUNT] = {
#define REFUSAL(NAME, title) [REFUSED_##NAME] = (title),
#include "host/api_refusals.h"
#undef REFUSAL
};

static struct problem make(unsigned status, const char *name, const char *title)
{
    struct problem problem = { .status = status, .name = name, .title = title, .retry_after_s = status == 503 ? 1 : 0 };
    problem_set_detail(&problem, "%s.", title);
    return problem;
}

struct problem problem_of(enum problem_kind kind)
{
    CHECK(kind < PROBLEM_KIND_COUNT);
    return make(problems[kind].status, problems[kind].name, problems[kind].title);
}

static unsigned refusal_status(enum refusal refusal, const char *name)
{
    switch (refusal) {
    case REFUSED_MALFORMED: return 422;
    case REFUSED_WRONG_ACTOR: return 403;
    case REFUSED_STALE_REVISION: return 412;
    case REFUSED_TABLE_FULL:
    case REFUSED_OUTBOX_FULL: return 503;
    default: return strncmp(name, "unknown_", 8) == 0 ? 404 : 409;
    }
}

struct problem problem_of_refusal(enum refusal refusal)
{
    CHECK(refusal > REFUSED_NONE && refusal < REFUSED_COUNT);
    const char *name = refusal_name(refusal);
    const char *title = refusal_titles[refusal];
    return make(refusal_status(refusal, name), name, title != NULL ? title : name);
}

void problem_set_detail(struct problem *problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->detail, sizeof problem->detail, format, arguments);
    va_end(arguments);
}

static void write_first(const struct problem *problem, struct json *json)
{
    json_object_begin(json, "by");
    json_int(json, "actor", problem->first.actor);
    json_text(json, "actor_kind", actor_kind_name((enum actor_kind)problem->first.actor_kind));
    json_text(json, "name", problem->first_name);
    json_object_end(json);
    json_int(json, "sequence", (int64_t)problem->first.sequence);
    form_instant(json, "at", problem->first.at);
}

void problem_write(const struct problem *problem, struct json *json, bool drill)
{
    char type[96];
    snprintf(type, sizeof type, "/problems/%s", problem->name);
    json_object_begin(json, NULL);
    if (drill) {
        json_bool(json, "drill", true);
    }
    json_text(json, "type", type);
    json_text(json, "title", problem->title);
    json_int(json, "status", problem->status);
    json_text(json, "detail", problem->detail);
    json_text(json, "name", problem->name);
    if (problem->subject != NULL) {
        json_text(json, "subject", problem->subject);
        json_int(json, "subject_id", problem->subject_id);
    }
    if (problem->revision_now != 0) {
        json_int(json, "revision_now", problem->revision_now);
    }
    if (problem->first.sequence != 0) {
        write_first(problem, json);
    }
    json_object_end(json);
}
