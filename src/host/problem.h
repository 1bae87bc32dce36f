/* Problem documents (RFC 9457): what the API answers when it does not do what was asked. The names are a closed list: those of
 * schema/api.toml and the core's refusals; type is "/problems/" and the name. */
#ifndef MINGDI_HOST_PROBLEM_H
#define MINGDI_HOST_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "core/schema.h"
#include "core/state.h"

enum problem_kind {
#define PROBLEM(NAME, name, status, title) PROBLEM_##NAME,
#include "host/api_problems.h"
#undef PROBLEM
    PROBLEM_KIND_COUNT,
};

enum { PROBLEM_DETAIL_SIZE = 640 };

struct problem {
    unsigned status;
    const char *name, *title; /* constants */
    char detail[PROBLEM_DETAIL_SIZE];
    uint32_t retry_after_s; /* 0: says nothing; becomes the header Retry-After */
    /* What helps, where it is known. */
    const char *subject; /* "call", "unit" ...; NULL: none */
    uint32_t subject_id;
    uint32_t revision_now;  /* 0: none */
    struct change first;    /* who was first; sequence 0: none */
    const char *first_name; /* of that person or machine; "" unknown; NULL only where first is none */
};

/* Both have the title as their detail until another is set. */
struct problem problem_of(enum problem_kind kind);
struct problem problem_of_refusal(enum refusal refusal);
/* A sentence for people: never a secret or a personal datum of a patient. */
void problem_set_detail(struct problem *problem, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The whole object. */
void problem_write(const struct problem *problem, struct json *json, bool drill);

#endif
