/* Who is asking: the person or machine behind a request, with what it was granted. A value; copied freely. */
#ifndef MINGDI_HOST_IDENTITY_H
#define MINGDI_HOST_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

enum role {
    ROLE_CALL_TAKER,
    ROLE_DISPATCHER,
    ROLE_DUTY_COMMANDER,
    ROLE_CREW,
    ROLE_HOSPITAL,
    ROLE_DISTRICT_HEALTH_OFFICER,
    ROLE_PLANNER,
    ROLE_QUALITY_REVIEWER,
    ROLE_ADMINISTRATOR,
    ROLE_AUDITOR,
    ROLE_GATEWAY,         /* machines: telephony, positions from elsewhere */
    ROLE_SIMULATION,      /* machines, on a drill server only */
    ROLE_VEHICLE_GATEWAY, /* machines: terminals of vehicles */
    ROLE_COUNT,
};
extern const char *const ROLE_NAMES[ROLE_COUNT]; /* "call_taker" ... */
int role_find(const char *name);                 /* -1 if there is none */

enum scope { SCOPE_CENTRE, SCOPE_DISTRICT, SCOPE_FACILITY, SCOPE_UNIT, SCOPE_COUNT };
extern const char *const SCOPE_NAMES[SCOPE_COUNT];
int scope_find(const char *name);

struct grant {
    uint8_t role, scope; /* enum role, enum scope */
    uint32_t id;         /* of the district, facility or unit; 0 for the centre */
};

enum { GRANTS_MAX = 8, IDENTITY_NAME_SIZE = 64, TOKEN_ACTOR_BASE = 1000000 };

/* What a person has to do before anything else: a bit each. */
enum { OWES_PASSWORD = 1, OWES_SECOND_FACTOR = 2 };

struct identity {
    uint32_t actor; /* person id, or TOKEN_ACTOR_BASE + token id: what the journal's commands carry */
    bool machine;   /* by API token */
    uint8_t grant_count;
    struct grant grants[GRANTS_MAX];
    char name[IDENTITY_NAME_SIZE]; /* shown to others: display name */
    uint64_t session;              /* of a person: which of theirs, for people_still_valid */
    uint8_t owes;                  /* of a person */
    bool fresh;                    /* of a person: password or code were shown a short time ago, or need not be */
};

#endif
