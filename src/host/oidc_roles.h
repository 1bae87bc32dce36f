/* The setting oidc_roles: which groups of an identity provider stand for which roles here, such as
 * "desk=dispatcher,chiefs=duty_commander". A group may be named several times; roles hold in the whole centre, and those of
 * machines, crews, hospitals and districts cannot be given so. Pure. */
#ifndef MINGDI_HOST_OIDC_ROLES_H
#define MINGDI_HOST_OIDC_ROLES_H

#include <stdbool.h>

#include "host/identity.h"
#include "host/oidc_token.h"

bool oidc_roles_are_fine(const char *setting);
/* What the groups of the claims stand for, each role once; returns how many. */
int oidc_roles_of(const char *setting, const struct oidc_claims *claims, struct grant grants[GRANTS_MAX]);

#endif
