/* The limits file: every maximum of the core, with its reason. Tables are sized from struct limits when the core is made and
 * never grow; a full table refuses by name. A limits set is part of a snapshot and must match. */
#ifndef MINGDI_CORE_LIMITS_H
#define MINGDI_CORE_LIMITS_H

#include <stdint.h>

enum {
    UNITS_CEILING = 8192, /* Beijing ran 650 crews on its worst day; a province of centres is many cores */
    POSTS_CEILING = 4096,
    FACILITIES_CEILING = 2048, /* hospitals, township centres and shelters of a province */
    CALLS_CEILING = 1 << 20,
    INCIDENTS_CEILING = 1 << 20,
    KEYS_CEILING = 1 << 20,
    ALARMS_CEILING = 1 << 16,
    RECOMMENDED_MAX = 8,   /* candidates kept in a recommendation: what a dispatcher reads, and evidence of who came next */
    UNITS_WANTED_MAX = 64, /* for one incident; more is a mass-casualty plan with several incidents */
    INCIDENT_MISSIONS_MAX = 64,
    FUTURE_TOLERANCE_S = 300, /* a crew's clock may run ahead by this; more is refused */
    ETA_MAX_S = 7 * 86400,    /* an estimate beyond is no estimate */
    PATIENT_AGE_MAX = 130,
    PATIENT_AGE_UNKNOWN = 255,
    PROTOCOLS_CEILING = 255, /* their numbers end there; three times what a national set has */
    PROTOCOL_ANSWERS_CEILING = 16384,
    STEPS_A_PROTOCOL_MAX = 64, /* of one protocol: what nobody can oversee nobody signs */
    ANSWERS_A_STEP_MAX = 9,    /* a key 1 to 9 each */
    POSITIONS_MAX = 1024,      /* fixes in one command units_position: the vehicles of a large city, each once */
    PAPER_MISSIONS_MAX = 16,   /* units on one form; more is a mass-casualty plan with several */
    OUTAGE_DAYS_MAX = 62,      /* that one stretch of work on paper may last */
    ALARMS_A_STEP_MAX = 512,   /* raised by one command time_passed; the rest by the next one */
    /* One entry: a command about every unit, and the events that follow from it: at most POSITIONS_MAX fixes, each of which may
     * clear an alarm. */
    COMMAND_SIZE_MAX = 64 + 16 * UNITS_CEILING,
    EVENTS_SIZE_MAX = 64 * 1024,
    PROTOCOLS_DEFAULT = 64,          /* the set of a centre is twenty to forty */
    PROTOCOL_ANSWERS_DEFAULT = 8192, /* 64 protocols of 32 steps with 4 answers each */
    EFFECTS_MAX = 1 << 16,           /* waiting for the journal; far above what one group commit holds */
};

/* What happened longer ago is refused: a hundred years, so that the distance of two instants always has a number. */
#define PAST_TOLERANCE_S INT64_C(3155760000)

/* Powers of two where said, because a slot is found by masking an id. */
struct limits {
    uint32_t calls;     /* power of two: kept at once, open or recent */
    uint32_t incidents; /* power of two */
    uint32_t units;
    uint32_t posts;
    uint32_t facilities;
    uint32_t keys;             /* power of two: idempotency keys remembered, the newest */
    uint32_t alarms;           /* power of two: kept at once, standing or recent */
    uint32_t reserved_percent; /* of the incident table, kept for critical ones */
    uint32_t protocols; /* triage protocols held at once, one version of each; 0: triage by hand alone, and no answers are kept */
    uint32_t protocol_answers; /* of all of them together */
};

/* A city: 8,192 open or recent calls is five times the worst hour of Beijing's worst day. */
#define LIMITS_DEFAULT                                \
    ((struct limits){ .calls = 16384,                 \
                      .incidents = 8192,              \
                      .units = 1024,                  \
                      .posts = 512,                   \
                      .facilities = 512,              \
                      .keys = 16384,                  \
                      .alarms = 4096,                 \
                      .reserved_percent = 5,          \
                      .protocols = PROTOCOLS_DEFAULT, \
                      .protocol_answers = PROTOCOL_ANSWERS_DEFAULT })

#endif
