/* Entities of the core as people and programs read them: JSON in the form of the API (docs/api.md), with names from the
 * directory, ages, and who has what in hand. One function an entity: lists, single reads and the stream all show the same.
 *
 * I/O thread only: everything is read from the mirror. Workload: up to some hundred entities an answer, some thousand in a
 * snapshot; about 1 KB and some microseconds each. Whether the reader may see the entity is asked before, with rights.h. */
#ifndef MINGDI_HOST_VIEW_H
#define MINGDI_HOST_VIEW_H

#include "base/json.h"
#include "core/state.h"
#include "host/control.h"
#include "host/directory.h"
#include "host/hands.h"
#include "host/people.h"
#include "host/positions.h"

/* Where a view looks besides the entity; all outlive the call. now is the centre's time: ages are counted from it. */
struct view {
    const struct core *core;
    const struct directory *directory;
    const struct people *people;       /* these three NULL where no server works (mingdi paper): nobody is named, ... */
    const struct positions *positions; /* ... a unit is where the journal last had it, ... */
    const struct control *control;     /* ... and nobody holds anything */
    const struct hands *hands;         /* of the stream; NULL: it tells none */
    struct instant now;
};

/* Each writes one object; name is NULL for an element of an array. */
void view_call(const struct view *view, struct json *json, const char *name, const struct call *call);
/* Members "items" and "complete": the answers of its triage that stand, oldest first, as far as the state holds them. */
void view_answers(const struct view *view, struct json *json, const struct call *call);
void view_incident(const struct view *view, struct json *json, const char *name, const struct incident *incident);
void view_mission(const struct view *view, struct json *json, const char *name, const struct mission *mission);
void view_unit(const struct view *view, struct json *json, const char *name, const struct unit *unit);
void view_post(const struct view *view, struct json *json, const char *name, const struct post *post);
void view_facility(const struct view *view, struct json *json, const char *name, const struct facility *facility);
void view_alarm(const struct view *view, struct json *json, const char *name, const struct alarm *alarm);
void view_message(const struct view *view, struct json *json, const char *name, const struct message *message);
/* {"id":12,"lon":..,"lat":..,"at":..,"age_s":..} of a unit whose position is known. */
void view_position(const struct view *view, struct json *json, uint32_t unit);
void view_district(const struct view *view, struct json *json, const char *name, const struct directory_entry *district);

/* {"id","code","name","desk","held_by"}. */
void view_seat(const struct view *view, struct json *json, const char *name, const struct directory_entry *seat,
               bool with_holder);

/* The evidence of a standing recommendation: candidates in order with names, counts of those left out by reason, age, rule.
 * event is from centre.h; units: those of an incident, facilities: of a mission. */
void view_units_recommended(const struct view *view, struct json *json, const char *name, const struct incident *incident,
                            const struct event_units_recommended *event);
void view_destination_recommended(const struct view *view, struct json *json, const char *name, const struct mission *mission,
                                  const struct event_destination_recommended *event);

#endif
