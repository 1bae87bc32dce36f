/* What a client of the stream may say: {"type":"ping"}. Hostile bytes are safe; texts are bounded by the outlet (1 KiB). */
#ifndef MINGDI_HOST_STREAM_MESSAGE_H
#define MINGDI_HOST_STREAM_MESSAGE_H

#include <stddef.h>

enum stream_message { STREAM_MESSAGE_PING, STREAM_MESSAGE_UNKNOWN, STREAM_MESSAGE_NOT_JSON };

enum stream_message stream_message_read(const char *bytes, size_t length);

#endif
