/* A configuration file: YAML of which only a flat list of names and plain values is allowed, read as events so that nothing is
 * built from hostile bytes and every refusal has a line. */
#include <string.h>
#include <yaml.h>

#include "base/check.h"
#include "base/file.h"
#include "host/config_private.h"

struct reading {
    struct config made;
    const char *name; /* of the file */
    yaml_parser_t parser;
    yaml_event_t event;
    bool holds_event;
};

/* The next event; the one before is released. */
static enum status next(struct reading *reading, struct error *error)
{
    if (reading->holds_event) {
        yaml_event_delete(&reading->event);
        reading->holds_event = false;
    }
    if (yaml_parser_parse(&reading->parser, &reading->event) == 0) {
        const yaml_parser_t *parser = &reading->parser;
        const char *problem = parser->problem != NULL ? parser->problem : "it cannot be read";
        return ERROR(error, parser->error == YAML_MEMORY_ERROR ? STATUS_NO_MEMORY : STATUS_BAD_INPUT, "%s:%zu:%zu: not YAML: %s",
                     reading->name, parser->problem_mark.line + 1, parser->problem_mark.column + 1, problem);
    }
    reading->holds_event = true;
    return STATUS_OK;
}

static enum status refuse(const struct reading *reading, const char *what, struct error *error)
{
    const yaml_mark_t *mark = &reading->event.start_mark;
    return ERROR(error, STATUS_BAD_INPUT, "%s:%zu:%zu: %s; settings are a flat list, one 'name: value' a line", reading->name,
                 mark->line + 1, mark->column + 1, what);
}

/* A scalar without anchor and tag; *text points into the event. */
static enum status scalar(const struct reading *reading, const char **text, struct error *error)
{
    const yaml_event_t *event = &reading->event;
    switch (event->type) {
    case YAML_SCALAR_EVENT: break;
    case YAML_ALIAS_EVENT: return refuse(reading, "an alias", error);
    case YAML_SEQUENCE_START_EVENT: return refuse(reading, "a list of values", error);
    case YAML_MAPPING_START_EVENT: return refuse(reading, "a nested value", error);
    default: return refuse(reading, "no value", error);
    }
    if (event->data.scalar.anchor != NULL) {
        return refuse(reading, "an anchor", error);
    }
    if (event->data.scalar.tag != NULL) {
        return refuse(reading, "a tag", error);
    }
    const char *bytes = (const char *)event->data.scalar.value;
    if (strlen(bytes) != event->data.scalar.length) {
        return refuse(reading, "a zero byte", error);
    }
    *text = bytes;
    return STATUS_OK;
}

static enum status find_name(const struct reading *reading, int *index, struct error *error)
{
    const char *name = NULL;
    TRY(scalar(reading, &name, error));
    size_t line = reading->event.start_mark.line + 1;
    *index = setting_find(name);
    if (*index < 0) {
        enum status status = setting_unknown(name, STATUS_BAD_INPUT, error);
        (void)error_prefix(error, "%s:%zu: ", reading->name, line);
        return status;
    }
    if (reading->made.origins[*index] > 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%zu: %s stands twice: in line %d already", reading->name, line, name,
                     (int)reading->made.origins[*index]);
    }
    return STATUS_OK;
}

static enum status read_pairs(struct reading *reading, struct error *error)
{
    for (;;) {
        TRY(next(reading, error));
        if (reading->event.type == YAML_MAPPING_END_EVENT) {
            return STATUS_OK;
        }
        int index = 0;
        const char *value = NULL;
        TRY(find_name(reading, &index, error));
        TRY(next(reading, error));
        TRY(scalar(reading, &value, error));
        size_t line = reading->event.start_mark.line + 1;
        if (setting_put(&reading->made, index, value, error) != STATUS_OK) {
            return error_prefix(error, "%s:%zu: ", reading->name, line);
        }
        reading->made.origins[index] = (int32_t)line;
    }
}

/* The one document of the file, which may hold nothing but comments. */
static enum status read_document(struct reading *reading, struct error *error)
{
    TRY(next(reading, error)); /* the start of the stream */
    TRY(next(reading, error));
    if (reading->event.type == YAML_STREAM_END_EVENT) {
        return STATUS_OK;
    }
    TRY(next(reading, error));
    if (reading->event.type != YAML_MAPPING_START_EVENT) {
        return refuse(reading, "something else", error);
    }
    if (reading->event.data.mapping_start.anchor != NULL || reading->event.data.mapping_start.tag != NULL) {
        return refuse(reading, "an anchor or a tag", error);
    }
    TRY(read_pairs(reading, error));
    TRY(next(reading, error)); /* the end of the document */
    TRY(next(reading, error));
    return reading->event.type == YAML_STREAM_END_EVENT ? STATUS_OK : refuse(reading, "a second document", error);
}

enum status config_read_bytes(struct config *config, const char *name, const char *bytes, size_t size, struct error *error)
{
    if (size > CONFIG_FILE_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: %zu bytes; a configuration has at most %d", name, size, (int)CONFIG_FILE_MAX);
    }
    struct reading reading = { .made = *config, .name = name };
    memset(reading.made.origins, 0, sizeof reading.made.origins);
    if (yaml_parser_initialize(&reading.parser) == 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to read %s", name);
    }
    yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reading.parser, (const unsigned char *)bytes, size);
    enum status status = read_document(&reading, error);
    if (reading.holds_event) {
        yaml_event_delete(&reading.event);
    }
    yaml_parser_delete(&reading.parser);
    if (status == STATUS_OK) {
        (void)snprintf(reading.made.file, sizeof reading.made.file, "%s", name);
        *config = reading.made;
    }
    return status;
}

enum status config_read_file(struct config *config, const char *path, struct error *error)
{
    struct file_view view;
    TRY(file_view_open(&view, path, error));
    enum status status = config_read_bytes(config, path, (const char *)view.bytes, view.size, error);
    file_view_close(&view);
    return status;
}
