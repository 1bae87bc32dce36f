/* Who may do and see what: one table (schema/rights.toml, docs/rights.md), denied by default. Pure functions over the
 * mirror.
 *
 * A command is allowed if the identity's grants of one role that the table allows for it hold each of the command's
 * subjects: the centre holds everything; a district what lies in it; a facility itself and the missions that head for it; a
 * unit itself, its mission and that mission's incident. A subject that does not exist lies in the centre's scope alone:
 * there the core refuses it by name, elsewhere it might be another's by the time the core sees the command. A grant whose
 * scope the role does not take gives nothing.
 *
 * Workload: a question for each request, some thousand for a message of the stream; at most 8 grants. */
#ifndef MINGDI_HOST_RIGHTS_H
#define MINGDI_HOST_RIGHTS_H

#include "base/json.h"
#include "core/state.h"
#include "host/control.h"
#include "host/directory.h"
#include "host/identity.h"

/* Everything that is read or done beside the core's commands. */
enum resource {
    RESOURCE_STATE,        /* calls, incidents, missions, units, facilities: what rights_sees lets through */
    RESOURCE_CALLER,       /* read personal data */
    RESOURCE_CALLER_WRITE, /* enter or amend it */
    RESOURCE_MESSAGES,     /* read the text of messages */
    RESOURCE_PROTOCOLS,    /* read triage protocols */
    RESOURCE_SEATS,        /* see who sits where */
    RESOURCE_PERSONAL_ERASE,
    RESOURCE_ENTRIES, /* the journal */
    RESOURCE_INDICATORS,
    RESOURCE_REPORTS, /* call by call */
    RESOURCE_EXPORT,  /* what happened in a period, de-identified */
    RESOURCE_REVIEW,  /* what was */
    RESOURCE_AUDIT,
    RESOURCE_PEOPLE, /* read and change people, roles, tokens */
    RESOURCE_CONFIG, /* read */
    RESOURCE_CONFIG_WRITE,
    RESOURCE_POSITIONS_WRITE,
    RESOURCE_CONTROL, /* take over from the simulation and give back */
    RESOURCE_DRILL,   /* change a drill's speed */
    RESOURCE_METRICS,
    RESOURCE_DIRECTORY, /* names, codes and districts of units, posts, facilities and seats */
    RESOURCE_TERMINALS, /* which terminal is which unit's */
    RESOURCE_COUNT,
};
extern const char *const RESOURCE_NAMES[RESOURCE_COUNT];

/* Whether the role may be granted with the scope (and an id where the scope wants one). */
bool rights_grant_fits(const struct grant *grant);

/* Every role: {name, machine, scopes, sees, commands, resources}, by label. For who gives them. */
void rights_write_roles(struct json *json, const char *name);

/* The role that allowed it, or -1; then why (size >= 160) gets a sentence: which right is missing, or whose scope it is
 * outside of. The bytes are a well-formed command, but for its actor_kind. */
int rights_command(const struct identity *identity, const struct core *core, const struct directory *directory,
                   const struct command_head *command, char *why, size_t why_size);
/* The kind of actor that the role acts as for this command, which rights_command allowed it. */
enum actor_kind rights_actor(enum role role, uint16_t command_kind);
/* With whatever scope; what it is about must be asked for as well (below). */
bool rights_resource(const struct identity *identity, enum resource resource);
/* RESOURCE_CALLER or RESOURCE_CALLER_WRITE of this call: by one and the same grant. call NULL: no longer in the state. */
bool rights_caller(const struct identity *identity, const struct core *core, enum resource resource, const struct call *call);
/* Positions of this unit may be reported by it. */
bool rights_position(const struct identity *identity, struct unit_id unit);
/* Indicators and reports of the district (0: the whole centre). */
bool rights_district(const struct identity *identity, enum resource resource, uint32_t district);
/* May take this over: a seat, who sits at seats; a unit, its crew; a facility, itself; a duty commander of the centre all of
 * them. */
bool rights_control(const struct identity *identity, enum control_kind kind, uint32_t id);

/* What of the state may be seen: for lists, single reads and the stream. */
bool rights_sees_call(const struct identity *identity, const struct core *core, const struct call *call);
bool rights_sees_incident(const struct identity *identity, const struct core *core, const struct incident *incident);
bool rights_sees_mission(const struct identity *identity, const struct core *core, const struct mission *mission);
bool rights_sees_unit(const struct identity *identity, const struct core *core, const struct directory *directory,
                      const struct unit *unit);
bool rights_sees_facility(const struct identity *identity, const struct core *core, const struct directory *directory,
                          const struct facility *facility);
bool rights_sees_alarm(const struct identity *identity, const struct core *core, const struct directory *directory,
                       const struct alarm *alarm);
/* That there is a message, and when it was read; and what it says, to a crew for as long as its shift lasts. */
bool rights_sees_message(const struct identity *identity, const struct directory *directory, const struct message *message);
bool rights_message_text(const struct identity *identity, const struct core *core, const struct directory *directory,
                         const struct message *message);
/* It is written to or by him, or he carries it: he may mark it read. Whoever else reads its text is noted in the audit trail. */
bool rights_is_party(const struct identity *identity, const struct directory *directory, const struct message *message);
/* Sees everything of the centre: such identities share one stream of bytes. */
bool rights_sees_all(const struct identity *identity);

#endif
