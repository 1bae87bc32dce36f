/* What a gateway process gives up once it has read what it needs: the files, other programs, other users, threads. Hostile bytes
 * are parsed after that, so whoever took over the process would have sockets that are open, and the centre's API with one token's
 * rights, and nothing else of the machine. */
#ifndef MINGDI_GATEWAY_CONFINE_H
#define MINGDI_GATEWAY_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* So many files (sockets) may be open at once; no core dumps, for the token is in memory. */
enum status confine_limits(uint32_t files, struct error *error) MUST_USE;
/* Becomes the user, if this process is root's. */
enum status confine_user(const char *name, struct error *error) MUST_USE;
/* From now on every system call but those of sockets, memory and time fails with EPERM, and those that start a program or look
 * into another process end this one. In a build with sanitizers, which need more than that, nothing is done and *is_on is
 * false. */
enum status confine_calls(bool *is_on, struct error *error) MUST_USE;

#endif
