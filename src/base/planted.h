/* Bugs that a build switch plants, so that it can be shown that the torture finds them (docs/torture.md). PLANTED(NAME) is a
 * constant: false in every build but one with -DMINGDI_PLANTED_BUG=NAME, and then nothing of it is in the program. */
#ifndef MINGDI_BASE_PLANTED_H
#define MINGDI_BASE_PLANTED_H

enum planted_bug {
    PLANTED_BUG_NONE,
    PLANTED_BUG_ANSWER_BEFORE_DURABLE, /* host/centre_core.c: entries and answers leave before the commit */
    PLANTED_BUG_EFFECT_BEFORE_DURABLE, /* core/engine.c, host/centre_core.c: so do effects */
    PLANTED_BUG_KEYS_FORGOTTEN,        /* core/engine.c: a snapshot is restored without the idempotency keys */
    PLANTED_BUG_REFUSAL_LEAVES_TRACE,  /* core/engine.c: a refused command moves the core's clock */
    PLANTED_BUG_BED_RELEASED_TWICE,    /* core/mission.c: when a mission ends that had reserved one */
    PLANTED_BUG_TIMER_LEFT,            /* host/centre_core.c: timers fire only when a command comes */
    PLANTED_BUG_NO_SYNC,               /* store/sqlite_file.c: the disk is not waited for */
    PLANTED_BUG_MIRROR_MISSES,         /* host/centre_recover.c: entries in doubt are not handed to the mirror */
};

#ifndef MINGDI_PLANTED_BUG
#define MINGDI_PLANTED_BUG NONE
#endif
#define PLANTED_JOIN(name) PLANTED_BUG_##name
#define PLANTED_VALUE(name) PLANTED_JOIN(name)
#define PLANTED(name) ((int)PLANTED_BUG_##name == (int)PLANTED_VALUE(MINGDI_PLANTED_BUG))

#endif
