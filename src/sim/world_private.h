/* Inside the simulated world: its parts share these. */
#ifndef MINGDI_SIM_WORLD_PRIVATE_H
#define MINGDI_SIM_WORLD_PRIVATE_H

#include "sim/agenda.h"
#include "sim/motion.h"
#include "sim/world.h"

/* One call while it lives: from the first ring until its incident is over. */
struct world_call {
    struct call_truth truth;
    struct spot spot;
    struct call_id call;
    struct incident_id incident;
    uint32_t next_free;
};

enum agenda_kind {
    AGENDA_TRIAGE, /* subject: world call */
    AGENDA_DEPART, /* the rest: subject unit id, void if the unit's generation has moved on */
    AGENDA_ARRIVE,
    AGENDA_REACH_PATIENT,
    AGENDA_LEAVE_SCENE,
    AGENDA_REACH_FACILITY,
    AGENDA_HAND_OVER,
    AGENDA_REACH_POST,
    AGENDA_BED_FREE,    /* subject: facility */
    AGENDA_SHIFT_START, /* of every day: not voided by generation */
    AGENDA_SHIFT_END,
};

struct world_unit {
    struct motion motion;
    struct mission_id mission;
    uint32_t call;              /* index of the world call that it works on */
    uint32_t generation;        /* raised whenever its plans change */
    struct instant wheels_turn; /* a crew that is getting ready will have done so by then */
};

struct world {
    const struct world_setting *setting;
    struct engine *engine;
    const struct core *core;
    struct agenda agenda;
    struct instant now;
    struct world_unit *units; /* by core unit id */
    struct world_call *calls;
    uint32_t call_capacity, first_free, calls_live;
    uint32_t *index_of_call; /* by core call id & mask: index of the world call that last had that slot */
    unsigned char *message;  /* room for one command with its list */
    struct world_tally tally;
};

enum { NO_WORLD_CALL = UINT32_MAX };

/* ---- world.c ---- */
/* Sends a command and answers all that follows from it. A refusal is a bug of the world: it knows what it does. */
enum status world_send(struct world *world, const struct command_head *command, struct step_result *result, struct error *error)
    MUST_USE;
/* The call that an open incident was made of. */
struct world_call *world_call_of(struct world *world, struct incident_id id);
/* Gives the call's room back if its incident is over. */
void world_release_call(struct world *world, uint32_t index);

/* ---- world_centre.c ---- */
enum status world_open_centre(struct world *world, struct error *error) MUST_USE;
uint32_t world_skills(const struct scenario_unit *unit);
uint32_t world_needs(const struct scenario_priority *priority);
uint32_t world_care_bits(unsigned care);

/* ---- world_answers.c: road workers and dispatchers ---- */
enum status world_answer_travel(struct world *world, struct incident_id id, struct error *error) MUST_USE;
enum status world_take_recommendation(struct world *world, struct incident_id id, struct error *error) MUST_USE;
enum status world_answer_facilities(struct world *world, struct mission_id id, struct error *error) MUST_USE;
enum status world_take_destination(struct world *world, struct mission_id id, struct error *error) MUST_USE;
enum status world_hear_alarm(struct world *world, struct alarm_id id, struct error *error) MUST_USE;

/* ---- world_crew.c ---- */
enum status world_order_unit(struct world *world, struct mission_id id, struct error *error) MUST_USE;
enum status world_stand_down(struct world *world, struct mission_id id, struct error *error) MUST_USE;
enum status world_unit_due(struct world *world, enum agenda_kind kind, uint32_t unit, struct error *error) MUST_USE;
enum status world_plan_shifts(struct world *world, struct error *error) MUST_USE;

#endif
