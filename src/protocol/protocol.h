/* A triage protocol: questions, answers and instructions as data, in every language of the console.
 *
 * A protocol is read from one YAML file (read.h), held against the others of its folder (validate.h), signed with them as a
 * package (package.h), and becomes a command of the core, which keeps numbers only (compile.h). docs/protocols.md describes the
 * form for those who write protocols.
 *
 * Workload: some twenty files of ten to fifty kilobytes at the start of a server and at each check; the bytes may be hostile. */
#ifndef MINGDI_PROTOCOL_PROTOCOL_H
#define MINGDI_PROTOCOL_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"
#include "core/limits.h"
#include "core/schema.h"

enum {
    PROTOCOL_FILE_MAX = 256 * 1024, /* bytes of one file */
    PROTOCOLS_MAX = 36,             /* in one folder: each is chosen by a key of its own, [a-z0-9] */
    PROTOCOL_NUMBER_MAX = 255,
    PROTOCOL_VERSION_MAX = 1000000,
    PROTOCOL_WORDS_MAX = 48, /* a language */
    PROTOCOL_NAME_MAX = 40,  /* characters of a protocol's id and of a step's name */
    PROTOCOL_TITLE_MAX = 40, /* characters, as the following */
    PROTOCOL_WORD_MAX = 40,
    PROTOCOL_SAY_MAX = 400,
    PROTOCOL_ANSWER_MAX = 60,
    PROTOCOL_SOURCE_MAX = 300,
    PROTOCOL_TIMER_MAX_S = 3600,
    PROTOCOL_METRONOME_MIN = 60, /* beats a minute */
    PROTOCOL_METRONOME_MAX = 180,
    PROTOCOL_UNITS_MAX = 20,
};

enum protocol_language { PROTOCOL_EN, PROTOCOL_ZH, PROTOCOL_LANGUAGE_COUNT };
extern const char *const PROTOCOL_LANGUAGES[PROTOCOL_LANGUAGE_COUNT]; /* "en", "zh" */

enum protocol_kind { PROTOCOL_QUESTION, PROTOCOL_INSTRUCTION, PROTOCOL_KIND_COUNT };
extern const char *const PROTOCOL_KINDS[PROTOCOL_KIND_COUNT];

/* NULL: not given. */
struct protocol_text {
    const char *in[PROTOCOL_LANGUAGE_COUNT];
};

/* Where no priority is given. */
enum { PRIORITY_UNTOUCHED = PRIORITY_COUNT };

/* An answer as it is written; the core's struct protocol_answer is what it becomes. */
struct protocol_option {
    uint32_t line; /* of the file, as all lines here */
    char key;      /* [1-9a-z]; 0: missing */
    struct protocol_text text;
    const char *to;      /* as written: a step, protocol/ID, protocol/ID/STEP or end */
    uint8_t to_protocol; /* number; 0: the end. Known after protocol_set_validate, as the next */
    uint8_t to_step;     /* 1 .. ; 0: the end */
    uint8_t raise, set;  /* enum priority, or PRIORITY_UNTOUCHED */
    uint8_t units;       /* 0: not said */
    bool ready;
    uint32_t needs, marks;
};

struct protocol_step {
    uint32_t line;
    const char *name;
    enum protocol_kind kind;
    struct protocol_text say, note;
    const char *source;
    uint32_t timer_s;   /* 0: none */
    uint32_t metronome; /* beats a minute; 0: none */
    uint32_t answer_count;
    struct protocol_option answers[ANSWERS_A_STEP_MAX];
};

struct protocol_words {
    uint32_t count;
    const char *items[PROTOCOL_WORDS_MAX];
};

struct protocol_file {
    const char *file; /* as it is named in messages */
    const char *id, *entry_name, *sign_off;
    uint8_t number;
    uint32_t version;
    char key;
    struct protocol_text title;
    struct protocol_words words[PROTOCOL_LANGUAGE_COUNT];
    uint8_t entry; /* step, 1 .. ; known after protocol_set_validate */
    uint32_t entry_line;
    uint32_t step_count;
    struct protocol_step steps[STEPS_A_PROTOCOL_MAX]; /* step n is steps[n - 1] */
    uint64_t content;                                 /* hash64 of the file's bytes */
    struct arena strings;                             /* what the pointers point into */
};

struct protocol_set {
    struct protocol_file *items[PROTOCOLS_MAX]; /* by number, after protocol_set_validate */
    uint32_t count;
};

/* Frees the protocols too. An empty set is fine. */
void protocol_set_free(struct protocol_set *set);
void protocol_free(struct protocol_file *protocol);
/* NULL: there is none. */
const struct protocol_file *protocol_find(const struct protocol_set *set, const char *id);
const struct protocol_file *protocol_numbered(const struct protocol_set *set, uint8_t number);
/* Number of the step, 1 .. ; 0: there is none. */
uint8_t protocol_step_find(const struct protocol_file *protocol, const char *name);

/* What is wrong with protocols, for the person who writes them: a line each, "file:line: what, and what to do". The first
 * PROTOCOL_FINDINGS_SHOWN are kept as text, all are counted. */
enum { PROTOCOL_FINDINGS_SHOWN = 100 };

struct protocol_findings {
    struct text lines;
    uint32_t count;
};

void protocol_findings_init(struct protocol_findings *findings);
void protocol_findings_free(struct protocol_findings *findings);
/* file NULL: the text says where; line 0: the file as a whole. */
void protocol_finding(struct protocol_findings *findings, const char *file, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
