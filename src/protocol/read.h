/* Reads a protocol from YAML, as events, so that nothing is built from hostile bytes; anchors, aliases and tags are refused. */
#ifndef MINGDI_PROTOCOL_READ_H
#define MINGDI_PROTOCOL_READ_H

#include "protocol/protocol.h"

/* name is what messages call the file. What cannot be read as a protocol at all is a failure; what is wrong with a value (too
 * long, a translation missing, an unknown label) becomes a finding, and reading goes on: the protocol is whole only where
 * findings grew by none. The caller frees *protocol. On failure nothing is made. */
enum status protocol_read(const char *name, const void *bytes, size_t size, struct protocol_findings *findings,
                          struct protocol_file **protocol, struct error *error) MUST_USE;

#endif
