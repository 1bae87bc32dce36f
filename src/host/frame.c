#include "host/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct frame *frame_create(const char *bytes, size_t length)
{
    struct frame *frame = malloc(sizeof *frame + length + 1);
    if (frame == NULL) {
        return NULL;
    }
    *frame = (struct frame){ .references = 1, .length = length };
    if (length > 0) {
        memcpy(frame->bytes, bytes, length);
    }
    frame->bytes[length] = '\0';
    return frame;
}

struct frame *frame_keep(struct frame *frame)
{
    CHECK(frame->references > 0 && frame->references < UINT32_MAX);
    frame->references++;
    return frame;
}

void frame_release(struct frame *frame)
{
    if (frame == NULL) {
        return;
    }
    CHECK(frame->references > 0);
    if (--frame->references == 0) {
        free(frame);
    }
}
