/* For the tests: the example protocols of tests/cli/protocols as text, changed in one place, read and validated. */
#ifndef MINGDI_PROTOCOL_SAMPLE_TEST_H
#define MINGDI_PROTOCOL_SAMPLE_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "protocol/read.h"
#include "protocol/validate.h"

enum { SAMPLE_MAX = PROTOCOL_FILE_MAX + 1024 };

/* The caller frees it. */
static inline char *sample_text(const char *name)
{
    char path[4096];
    struct file_view view;
    struct error error = { 0 };
    snprintf(path, sizeof path, "%s/tests/cli/protocols/%s", MINGDI_SOURCE_DIR, name);
    assert_int_equal(file_view_open(&view, path, &error), STATUS_OK);
    char *text = calloc(1, SAMPLE_MAX);
    assert_non_null(text);
    memcpy(text, view.bytes, view.size);
    file_view_close(&view);
    return text;
}

/* Puts to in the place of the first from. */
static inline void sample_change(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    assert_non_null(at);
    assert_true(strlen(text) + strlen(to) < SAMPLE_MAX);
    memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
    memcpy(at, to, strlen(to));
}

/* The line, from 1, on which the words stand. */
static inline uint32_t sample_line(const char *text, const char *words)
{
    uint32_t line = 1;
    const char *end = strstr(text, words);
    assert_non_null(end);
    for (const char *at = text; at < end; at++) {
        line += *at == '\n';
    }
    return line;
}

struct sample {
    char *arrest, *chest;
    struct protocol_set set;
    struct protocol_findings findings;
    struct error error;
    enum status status; /* of reading */
};

static inline void sample_begin(struct sample *sample)
{
    *sample = (struct sample){ .arrest = sample_text("arrest.yaml"), .chest = sample_text("chest_pain.yaml") };
    protocol_findings_init(&sample->findings);
}

static inline void sample_read_one(struct sample *sample, const char *name, const char *text)
{
    struct protocol_file *protocol = NULL;
    if (sample->status == STATUS_OK) {
        sample->status = protocol_read(name, text, strlen(text), &sample->findings, &protocol, &sample->error);
    }
    if (protocol != NULL) {
        sample->set.items[sample->set.count++] = protocol;
    }
}

static inline void sample_read(struct sample *sample)
{
    sample_read_one(sample, "d/arrest.yaml", sample->arrest);
    sample_read_one(sample, "d/chest_pain.yaml", sample->chest);
    if (sample->status == STATUS_OK && sample->findings.count == 0) {
        protocol_set_validate(&sample->set, &sample->findings);
    }
}

static inline void sample_end(struct sample *sample)
{
    protocol_set_free(&sample->set);
    protocol_findings_free(&sample->findings);
    free(sample->arrest);
    free(sample->chest);
}

/* Exactly this mistake was found, and no other. */
static inline void sample_expect(struct sample *sample, const char *line)
{
    sample_read(sample);
    if (sample->status != STATUS_OK) {
        fail_msg("%s", sample->error.text);
    }
    assert_int_equal(sample->findings.count, 1);
    char *end = strchr(sample->findings.lines.bytes, '\n');
    assert_non_null(end);
    *end = '\0';
    assert_string_equal(sample->findings.lines.bytes, line);
    sample_end(sample);
}

/* One change in protocol chest_pain (or arrest) and the one mistake that follows. */
static inline void chest_refuses(const char *from, const char *to, const char *line)
{
    struct sample sample;
    sample_begin(&sample);
    sample_change(sample.chest, from, to);
    sample_expect(&sample, line);
}

static inline void arrest_refuses(const char *from, const char *to, const char *line)
{
    struct sample sample;
    sample_begin(&sample);
    sample_change(sample.arrest, from, to);
    sample_expect(&sample, line);
}

/* The file cannot be read at all. */
static inline void chest_fails(const char *from, const char *to, const char *text)
{
    struct sample sample;
    sample_begin(&sample);
    sample_change(sample.chest, from, to);
    sample_read(&sample);
    assert_int_equal(sample.status, STATUS_BAD_INPUT);
    assert_string_equal(sample.error.text, text);
    sample_end(&sample);
}

#endif
