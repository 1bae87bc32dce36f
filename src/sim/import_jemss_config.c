/* Reading the XML with expat: the elements wanted are told apart by name alone, their text is kept, the rest is passed over. */
#include "sim/import_jemss_config.h"

#include <expat.h>
#include <string.h>

#include "base/check.h"
#include "sim/import_jemss_expression.h"

enum { XML_BYTES_MAX = 1 << 20, DEPTH_MAX = 64, WANTED_MAX = 12 };

struct wanted {
    const char *element; /* NULL ends the list */
    char text[JEMSS_TEXT_SIZE];
    size_t length;
    unsigned line; /* 0: not found */
};

struct xml_reader {
    XML_Parser parser;
    struct wanted *wanted;
    struct wanted *current; /* whose text is being read */
    int depth;
    bool too_long, too_deep;
};

static void on_start(void *user, const XML_Char *element, const XML_Char **attributes)
{
    struct xml_reader *reader = user;
    (void)attributes;
    if (++reader->depth > DEPTH_MAX) {
        reader->too_deep = true;
        XML_StopParser(reader->parser, XML_FALSE);
    }
    reader->current = NULL;
    for (struct wanted *w = reader->wanted; w->element != NULL; w++) {
        if (strcmp(w->element, element) == 0 && w->line == 0) {
            w->line = (unsigned)XML_GetCurrentLineNumber(reader->parser);
            reader->current = w;
        }
    }
}

static void on_end(void *user, const XML_Char *element)
{
    struct xml_reader *reader = user;
    (void)element;
    reader->depth--;
    reader->current = NULL;
}

static void on_text(void *user, const XML_Char *text, int length)
{
    struct xml_reader *reader = user;
    struct wanted *w = reader->current;
    if (w == NULL) {
        return;
    }
    if ((size_t)length >= sizeof w->text - w->length) {
        reader->too_long = true;
        XML_StopParser(reader->parser, XML_FALSE);
        return;
    }
    memcpy(w->text + w->length, text, (size_t)length);
    w->length += (size_t)length;
    w->text[w->length] = '\0';
}

static void trim(struct wanted *w)
{
    while (w->length > 0 && strchr(" \t\r\n", w->text[w->length - 1]) != NULL) {
        w->text[--w->length] = '\0';
    }
    size_t begin = strspn(w->text, " \t\r\n");
    memmove(w->text, w->text + begin, w->length - begin + 1);
    w->length -= begin;
}

static enum status read_elements(const char *name, const char *bytes, size_t size, struct wanted *wanted, struct error *error)
{
    if (size > XML_BYTES_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: more than %d bytes", name, XML_BYTES_MAX);
    }
    struct xml_reader reader = { .parser = XML_ParserCreate(NULL), .wanted = wanted };
    if (reader.parser == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for an XML parser", name);
    }
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader.parser, on_text);
    enum XML_Status parsed = XML_Parse(reader.parser, bytes, (int)size, XML_TRUE);
    unsigned line = (unsigned)XML_GetCurrentLineNumber(reader.parser);
    const char *why = reader.too_long   ? "an element with more text than any configuration has"
                      : reader.too_deep ? "elements nested too deeply"
                                        : XML_ErrorString(XML_GetErrorCode(reader.parser));
    XML_ParserFree(reader.parser);
    if (parsed != XML_STATUS_OK) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%u: not well-formed XML: %s", name, line, why);
    }
    for (struct wanted *w = wanted; w->element != NULL; w++) {
        trim(w);
    }
    return STATUS_OK;
}

enum status jemss_config_element(const char *name, const char *bytes, size_t size, const char *element,
                                 char text[JEMSS_TEXT_SIZE], struct error *error)
{
    struct wanted wanted[2] = { { .element = element }, { .element = NULL } };
    TRY(read_elements(name, bytes, size, wanted, error));
    memcpy(text, wanted[0].text, JEMSS_TEXT_SIZE);
    return STATUS_OK;
}

/* ---- the model of calls ---- */

enum { INTERARRIVAL, PRIORITY, DELAY, ON_SCENE, TRANSPORT, HANDOVER, MINIMUM_LAST, RASTER, TRANSFER, TRANSFER_DURATION };

static const double DAY_S = 86400;

static enum status element_distribution(const char *name, const struct wanted *w, double unit_s,
                                        struct distribution *distribution, struct error *error)
{
    if (w->line == 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: no element <%s>", name, w->element);
    }
    if (jemss_distribution(w->text, unit_s, distribution, error) != STATUS_OK) {
        return error_prefix(error, "%s:%u: <%s>: ", name, w->line, w->element);
    }
    return STATUS_OK;
}

static enum status element_duration(const char *name, const struct wanted *w, struct distribution *distribution,
                                    struct error *error)
{
    TRY(element_distribution(name, w, DAY_S, distribution, error));
    if (distribution->kind == DISTRIBUTION_BERNOULLI || distribution->kind == DISTRIBUTION_CATEGORICAL) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%u: <%s> is a duration and cannot be %s", name, w->line, w->element,
                     distribution_kind_name(distribution->kind));
    }
    return STATUS_OK;
}

static enum status read_arrivals(const char *name, const struct wanted *wanted, struct jemss_config *config, struct error *error)
{
    struct distribution gap, priority;
    const struct wanted *w = &wanted[INTERARRIVAL];
    TRY(element_distribution(name, w, 1, &gap, error));
    if (gap.kind != DISTRIBUTION_EXPONENTIAL || !(gap.a > 1e-7)) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s:%u: <%s> is %s, but only Exponential with a mean above 0 can be simulated: calls "
                     "arrive independently of each other",
                     name, w->line, w->element, w->text);
    }
    config->calls_per_day = 1 / gap.a;
    w = &wanted[PRIORITY];
    TRY(element_distribution(name, w, 1, &priority, error));
    if (priority.kind != DISTRIBUTION_CATEGORICAL) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%u: <%s> must be Categorical", name, w->line, w->element);
    }
    config->priority_count = priority.point_count;
    memcpy(config->priority_share, priority.value, sizeof config->priority_share);
    return STATUS_OK;
}

static enum status read_stages(const char *name, const struct wanted *wanted, struct jemss_config *config, struct error *error)
{
    TRY(element_duration(name, &wanted[DELAY], &config->delay, error));
    TRY(element_duration(name, &wanted[ON_SCENE], &config->on_scene, error));
    /* Models of 2018 and before call these transfer and transferDuration. */
    bool old = wanted[TRANSPORT].line == 0 && wanted[TRANSFER].line != 0;
    bool old_duration = wanted[HANDOVER].line == 0 && wanted[TRANSFER_DURATION].line != 0;
    TRY(element_distribution(name, &wanted[old ? TRANSFER : TRANSPORT], 1, &config->transport, error));
    if (config->transport.kind != DISTRIBUTION_BERNOULLI) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%u: <transport> must be Bernoulli", name,
                     wanted[old ? TRANSFER : TRANSPORT].line);
    }
    return element_duration(name, &wanted[old_duration ? TRANSFER_DURATION : HANDOVER], &config->handover, error);
}

enum status jemss_config_parse(const char *name, const char *bytes, size_t size, struct jemss_config *config, struct error *error)
{
    struct wanted wanted[WANTED_MAX] = {
        [INTERARRIVAL] = { .element = "interarrivalTime" },
        [PRIORITY] = { .element = "priority" },
        [DELAY] = { .element = "dispatchDelay" },
        [ON_SCENE] = { .element = "onSceneDuration" },
        [TRANSPORT] = { .element = "transport" },
        [HANDOVER] = { .element = "handoverDuration" },
        [MINIMUM_LAST] = { .element = "minLastCallArrivalTime" },
        [RASTER] = { .element = "filename" },
        [TRANSFER] = { .element = "transfer" },
        [TRANSFER_DURATION] = { .element = "transferDuration" },
    };
    struct jemss_config read = { 0 };
    TRY(read_elements(name, bytes, size, wanted, error));
    TRY(read_arrivals(name, wanted, &read, error));
    TRY(read_stages(name, wanted, &read, error));
    if (wanted[MINIMUM_LAST].length > 0 && jemss_number(wanted[MINIMUM_LAST].text, &read.minimum_last_days, error) != STATUS_OK) {
        return error_prefix(error, "%s:%u: ", name, wanted[MINIMUM_LAST].line);
    }
    memcpy(read.raster, wanted[RASTER].text, sizeof read.raster);
    *config = read;
    return STATUS_OK;
}
