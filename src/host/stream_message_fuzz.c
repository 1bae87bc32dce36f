/* Hostile texts from a client of the stream: read, or refused. */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "host/stream_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum stream_message message = stream_message_read((const char *)bytes, size);
    /* What is a ping says so, with or without an escape. */
    CHECK(message != STREAM_MESSAGE_PING || memchr(bytes, '{', size) != NULL);
    return 0;
}
