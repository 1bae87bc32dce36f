/* Skills, equipment and capabilities as bits: what an incident needs, what a unit has, what a facility can treat. A need is met
 * when every bit of it is there. Bits are written into journals: never renumber. */
#ifndef MINGDI_CORE_NEED_H
#define MINGDI_CORE_NEED_H

enum {
    NEED_BASIC = 1u << 0,      /* basic life support; every ambulance */
    NEED_ADVANCED = 1u << 1,   /* advanced life support: drugs, airway, 12-lead */
    NEED_PHYSICIAN = 1u << 2,  /* a physician on board */
    NEED_NEONATAL = 1u << 3,   /* transport incubator */
    NEED_VENTILATOR = 1u << 4, /* critical-care transfer */
    NEED_BARIATRIC = 1u << 5,  /* heavy lifting */
    NEED_ISOLATION = 1u << 6,  /* negative pressure, infection control */
    NEED_DEFIBRILLATOR = 1u << 7,
    /* the five centres, as capabilities of facilities and needs of patients */
    NEED_CHEST_PAIN = 1u << 16,
    NEED_STROKE = 1u << 17,
    NEED_TRAUMA = 1u << 18,
    NEED_MATERNITY = 1u << 19,
    NEED_NEWBORN = 1u << 20,
    NEED_PAEDIATRIC = 1u << 21,
    NEED_BURN = 1u << 22,
    NEED_POISON = 1u << 23,
};

#endif
