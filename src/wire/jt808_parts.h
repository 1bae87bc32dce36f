/* Messages of JT/T 808 that come in parts, put together: whose, which, how long they may take. In memory, bounded: whoever sends
 * parts and never the last one loses them after a while, and takes no room from others but his own one message.
 *
 * Workload: a terminal that was out of reach sends some kilobytes of positions in 2 to 20 parts; dozens of them at once after a
 * tunnel. */
#ifndef MINGDI_WIRE_JT808_PARTS_H
#define MINGDI_WIRE_JT808_PARTS_H

#include "base/status.h"
#include "wire/jt808.h"

enum { PARTS_MESSAGES_MAX = 512, PARTS_LIFE_MS = 120000, PARTS_QUIET_MS = 5000 };

struct jt808_parts;

enum status jt808_parts_create(struct jt808_parts **parts, struct error *error) MUST_USE;
void jt808_parts_destroy(struct jt808_parts *parts);

enum parts_verdict {
    PARTS_MORE,    /* taken; others are missing */
    PARTS_WHOLE,   /* *whole is the message, with the serial of this part; its body lasts until the next call */
    PARTS_REFUSED, /* no such part can be */
    PARTS_NO_ROOM, /* for one more message in parts */
};
/* owner: who sends; one message of an owner is put together at a time, and the part of another one takes its place. Parts belong
 * together by their message's id, the number of parts, and their serials: those of the standard count up from part to part,
 * those of some vendors are all the same, and a part that was asked for again (but not the first) may bear a new one. */
enum parts_verdict jt808_parts_take(struct jt808_parts *parts, uint32_t owner, const struct jt808_message *part, int64_t now_ms,
                                    struct jt808_message *whole);
/* What he had begun is forgotten. */
void jt808_parts_forget(struct jt808_parts *parts, uint32_t owner);

/* The next message that has been quiet for PARTS_QUIET_MS, and which of its parts are missing: to be asked for again, once in
 * that time. False: there is none; those that took too long are forgotten meanwhile. */
struct jt808_missing {
    uint32_t owner;
    uint16_t serial; /* of part 1 */
    uint16_t count, parts[JT808_PARTS_MAX];
};
bool jt808_parts_missing(struct jt808_parts *parts, int64_t now_ms, struct jt808_missing *missing) MUST_USE;

#endif
