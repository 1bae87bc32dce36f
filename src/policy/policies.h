/* The policies that a centre or a simulation can be run under, by name. Each is a set of ladders (dispatch.h, destination.h)
 * with a version: a change of what a ladder answers is a new version, because a journal says by which it was decided. */
#ifndef MINGDI_POLICY_POLICIES_H
#define MINGDI_POLICY_POLICIES_H

#include "core/policy.h"

/* NULL if there is no such policy. */
const struct policy *policy_find(const char *name);
/* The policies in the order of their listing, index from 0; NULL after the last. summary (may be NULL) gets a phrase for help. */
const struct policy *policy_at(uint32_t index, const char **summary);
/* "standard, nearest": for the message about an unknown name. */
const char *policy_names(void);

#endif
