/* One message for many clients: its bytes are made once and shared by counting. I/O thread only. */
#ifndef MINGDI_HOST_FRAME_H
#define MINGDI_HOST_FRAME_H

#include <stddef.h>
#include <stdint.h>

struct frame {
    uint32_t references;
    uint64_t sequence, fingerprint; /* of the journal's entry, for the id of a server-sent event; 0: none */
    size_t length;
    char bytes[]; /* UTF-8 text, one JSON object, no newline */
};

/* A copy of the bytes with one reference, of no entry; NULL when memory is refused. */
struct frame *frame_create(const char *bytes, size_t length);
struct frame *frame_keep(struct frame *frame);
void frame_release(struct frame *frame); /* NULL is fine */

#endif
