/* What the centre says about which terminal is whose, kept up to date by asking for the list's version every few seconds. Of one
 * kind; each protocol has its own. Unknown ones are told to the centre, each once in a while. */
#ifndef MINGDI_GATEWAY_TERMINALS_H
#define MINGDI_GATEWAY_TERMINALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "gateway/link.h"

enum { TERMINAL_NUMBER_BYTES = 65, TERMINAL_DEVICE_BYTES = 33 };

struct gateway_terminal {
    uint32_t id, unit; /* id: never given again, so a terminal that was removed and entered anew is another one */
    char number[TERMINAL_NUMBER_BYTES], device[TERMINAL_DEVICE_BYTES]; /* device "": any */
};

struct gateway_terminals;

/* changed is called when another list has come: who is connected and not in it any more must go. */
enum status gateway_terminals_create(struct event_base *base, struct gateway_link *link, const char *kind,
                                     void (*changed)(void *context), void *context, struct gateway_terminals **terminals,
                                     struct error *error) MUST_USE;
void gateway_terminals_destroy(struct gateway_terminals *terminals);

/* No list has come yet: nobody can be told who he is. */
bool gateway_terminals_are_known(const struct gateway_terminals *terminals);
/* Lasts until changed is called. NULL: there is none. */
const struct gateway_terminal *gateway_terminals_find(const struct gateway_terminals *terminals, const char *number);
/* All of them, by number: index 0 and on; NULL behind the last. Lasts until changed is called. */
const struct gateway_terminal *gateway_terminals_at(const struct gateway_terminals *terminals, uint32_t index);
/* One came that is not in the list: it is asked for again soon, and the centre is told. Texts in UTF-8. */
void gateway_terminals_unknown(struct gateway_terminals *terminals, const char *number, const char *device, const char *plate);

#endif
