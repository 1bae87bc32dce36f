#include "host/oidc_roles.h"

#include <stdio.h>
#include <string.h>

enum { ROLE_SIZE = 41 };

struct pair {
    char group[OIDC_GROUP_SIZE];
    int role; /* -1: none that can be given so */
};

static bool holds_in_centre(int role)
{
    static const enum role roles[] = { ROLE_CALL_TAKER,       ROLE_DISPATCHER,    ROLE_DUTY_COMMANDER, ROLE_PLANNER,
                                       ROLE_QUALITY_REVIEWER, ROLE_ADMINISTRATOR, ROLE_AUDITOR };
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if ((int)roles[i] == role) {
            return true;
        }
    }
    return false;
}

/* The pair at *at, which goes behind it and its comma; the last = of a pair stands before the role. False: it is not one. */
static bool next_pair(const char **at, struct pair *pair)
{
    char role[ROLE_SIZE];
    const char *begin = *at + strspn(*at, " "), *equals = NULL;
    size_t length = strcspn(begin, ",");
    for (size_t i = 0; i < length; i++) {
        equals = begin[i] == '=' ? begin + i : equals;
    }
    *at = begin + length + (begin[length] == ',');
    if (equals == NULL || equals == begin || (size_t)(equals - begin) >= sizeof pair->group ||
        (size_t)(begin + length - equals) > sizeof role) {
        return false;
    }
    (void)snprintf(pair->group, sizeof pair->group, "%.*s", (int)(equals - begin), begin);
    (void)snprintf(role, sizeof role, "%.*s", (int)(begin + length - equals - 1), equals + 1);
    pair->role = role_find(role);
    return holds_in_centre(pair->role);
}

bool oidc_roles_are_fine(const char *setting)
{
    struct pair pair;
    while (*setting != '\0') {
        if (!next_pair(&setting, &pair)) {
            return false;
        }
    }
    return true;
}

static bool is_member(const struct oidc_claims *claims, const char *group)
{
    for (size_t i = 0; i < claims->group_count; i++) {
        if (strcmp(claims->groups[i], group) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_role(const struct grant *grants, int count, int role)
{
    for (int i = 0; i < count; i++) {
        if (grants[i].role == role) {
            return true;
        }
    }
    return false;
}

int oidc_roles_of(const char *setting, const struct oidc_claims *claims, struct grant grants[GRANTS_MAX])
{
    struct pair pair;
    int count = 0;
    while (*setting != '\0') {
        if (next_pair(&setting, &pair) && is_member(claims, pair.group) && !has_role(grants, count, pair.role) &&
            count < GRANTS_MAX) {
            grants[count++] = (struct grant){ .role = (uint8_t)pair.role, .scope = SCOPE_CENTRE };
        }
    }
    return count;
}
