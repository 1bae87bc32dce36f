/* Workload: a ping from each client every some seconds. */
#include "host/stream_message.h"

#include <string.h>

#include "wire/parse.h"

enum stream_message stream_message_read(const char *bytes, size_t length)
{
    json_t *root;
    struct error error;
    if (wire_parse_object(bytes, length, &root, &error) != STATUS_OK) {
        return STREAM_MESSAGE_NOT_JSON;
    }
    const json_t *type = json_object_get(root, "type");
    bool ping = json_is_string(type) && json_string_length(type) == 4 && memcmp(json_string_value(type), "ping", 4) == 0;
    json_decref(root);
    return ping ? STREAM_MESSAGE_PING : STREAM_MESSAGE_UNKNOWN;
}
