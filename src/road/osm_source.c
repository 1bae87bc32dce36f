#include "road/osm_source.h"

#include <string.h>

#include "base/file.h"
#include "road/osm_pbf.h"
#include "road/osm_xml.h"

const char *osm_tag(const struct osm_tags *tags, const char *key)
{
    for (size_t i = 0; i < tags->count; i++) {
        if (strcmp(tags->items[i].key, key) == 0) {
            return tags->items[i].value;
        }
    }
    return NULL;
}

enum status osm_read_bytes(const char *name, const unsigned char *bytes, size_t size, const struct osm_handler *handler,
                           struct error *error)
{
    if (size == 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: the file is empty", name);
    }
    return osm_xml_recognised(bytes, size) ? osm_xml_read(name, bytes, size, handler, error)
                                           : osm_pbf_read(name, bytes, size, handler, error);
}

enum status osm_read(const char *path, const struct osm_handler *handler, struct error *error)
{
    struct file_view file;
    TRY(file_view_open(&file, path, error));
    enum status status = osm_read_bytes(path, file.bytes, file.size, handler, error);
    file_view_close(&file);
    return status;
}
