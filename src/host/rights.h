/* Who may do and see what: one table (schema/rights.toml), denied by default. Pure functions over the mirror.
 *
 * A command is allowed if one of the identity's grants has a role that the table allows for it, and the grant's scope holds the command's
 * subject: the centre holds everything; a district what lies in it; a facility itself and the missions that head for it; a unit itself,
 * its mission and that mission's incident. A command of which the subject does not exist is allowed through, so that the core refuses it
 * by name (an id tells nothing). */
#ifndef MINGDI_HOST_RIGHTS_H
#define MINGDI_HOST_RIGHTS_H

#include "core/state.h"
#include "host/directory.h"
#include "host/identity.h"

/* Everything that is read or done beside the core's commands. */
enum resource {
    RESOURCE_STATE,         /* calls, incidents, missions, units, facilities: what rights_sees lets through */
    RESOURCE_CALLER,        /* read personal data */
    RESOURCE_CALLER_WRITE,  /* enter or amend it */
    RESOURCE_PERSONAL_ERASE,
    RESOURCE_ENTRIES,       /* the journal */
    RESOURCE_INDICATORS,
    RESOURCE_REPORTS,       /* call by call */
    RESOURCE_AUDIT,
    RESOURCE_PEOPLE,        /* read and change people, roles, tokens */
    RESOURCE_CONFIG,        /* read */
    RESOURCE_CONFIG_WRITE,
    RESOURCE_POSITIONS_WRITE,
    RESOURCE_CONTROL,       /* take over from the simulation and give back */
    RESOURCE_DRILL,         /* change a drill's speed */
    RESOURCE_METRICS,
    RESOURCE_COUNT,
};
extern const char *const RESOURCE_NAMES[RESOURCE_COUNT];

/* The role that allowed it, or -1; then why (size >= 160) gets a sentence: which right is missing, or whose scope it is outside of. */
int rights_command(const struct identity *identity, const struct core *core, const struct directory *directory,
                   const struct command_head *command, char *why, size_t why_size);
/* The kind of actor that the role acts as for this command. */
enum actor_kind rights_actor(enum role role, uint16_t command_kind);
bool rights_resource(const struct identity *identity, enum resource resource);
/* Positions of this unit may be reported by it. */
bool rights_position(const struct identity *identity, struct unit_id unit);
/* Indicators and reports of the district (0: the whole centre). */
bool rights_district(const struct identity *identity, enum resource resource, uint32_t district);

/* What of the state may be seen: for lists, single reads and the stream. */
bool rights_sees_call(const struct identity *identity, const struct core *core, const struct call *call);
bool rights_sees_incident(const struct identity *identity, const struct core *core, const struct incident *incident);
bool rights_sees_mission(const struct identity *identity, const struct core *core, const struct mission *mission);
bool rights_sees_unit(const struct identity *identity, const struct core *core, const struct directory *directory, const struct unit *unit);
bool rights_sees_facility(const struct identity *identity, const struct core *core, const struct directory *directory,
                          const struct facility *facility);
/* Sees everything of the centre: such identities share one stream of bytes. */
bool rights_sees_all(const struct identity *identity);

#endif
