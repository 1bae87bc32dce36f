/* The random quantities of the simulated world, one stream each (base/random.h): a stream is (seed, quantity, replication),
 * so a change of policy never shifts another quantity's draws, and all policies meet the same calls.
 *
 * The numbers are written into reports and must not be reused: append only. */
#ifndef MINGDI_SIM_QUANTITY_H
#define MINGDI_SIM_QUANTITY_H

enum quantity {
    QUANTITY_INTERARRIVAL = 1, /* gap to the next call */
    QUANTITY_PRIORITY = 2,
    QUANTITY_CELL = 3,           /* which demand cell */
    QUANTITY_PLACE_IN_CELL = 4,  /* two draws a call: east, north */
    QUANTITY_DELAY = 5,          /* from the call's arrival until a unit is looked for */
    QUANTITY_MOBILISATION = 6,   /* from the order until the wheels turn, for a unit that stands at its station */
    QUANTITY_PATIENT_ACCESS = 7, /* from the arrival of the unit to the patient's side */
    QUANTITY_ON_SCENE = 8,
    QUANTITY_TRANSPORT = 9, /* whether the patient is taken to a facility */
    QUANTITY_HANDOVER = 10,
    QUANTITY_NEED = 11,     /* which of the five centres' care the patient needs, if any */
    QUANTITY_BED_STAY = 12, /* how long the patient keeps the bed */
};

#endif
