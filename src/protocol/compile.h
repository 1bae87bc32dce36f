/* A protocol as the core and as the console's API want it. Both are of a valid set (validate.h). */
#ifndef MINGDI_PROTOCOL_COMPILE_H
#define MINGDI_PROTOCOL_COMPILE_H

#include "base/json.h"
#include "protocol/protocol.h"

enum {
    PROTOCOL_COMMAND_SIZE_MAX = sizeof(struct command_protocol_load) +
                                STEPS_A_PROTOCOL_MAX * ANSWERS_A_STEP_MAX * sizeof(struct protocol_answer),
};

/* Room for one command. */
struct protocol_command {
    uint64_t words[PROTOCOL_COMMAND_SIZE_MAX / sizeof(uint64_t) + 1];
};

/* The command protocol_load, from the actor system. Its fingerprint covers the file's bytes and what was made of them, so that a
 * protocol is loaded again when a step of another one, to which it leads, has moved. Valid as long as the room. */
const struct command_protocol_load *protocol_compile(const struct protocol_file *protocol, struct protocol_command *room);

/* The members of an object that stands open: number, id, version, key, title, words. */
void protocol_write_summary(struct json *json, const struct protocol_file *protocol);
/* The whole as one object: the same, entry, sign_off and steps with their answers (docs/api.md). */
void protocol_write_json(struct json *json, const char *name, const struct protocol_file *protocol);

#endif
