/* A protocol as a person reads and prints it: what is said, which key leads where and what it does, the source of each step, and
 * how many answers each step is away from sending, from compressions and from the end. */
#ifndef MINGDI_PROTOCOL_SHOW_H
#define MINGDI_PROTOCOL_SHOW_H

#include "protocol/package.h"

/* Of a package without findings. With headings in the language; what is said in it too, or, where both is set, in every
 * language. */
void protocol_show(const struct package *package, const struct protocol_file *protocol, enum protocol_language language,
                   bool both, struct text *out);

#endif
