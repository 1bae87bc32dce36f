/* What the callers of the exercise say: stories in a caller's words that answer the questions of one protocol of the tree
 * (protocols/), so that a newcomer at the seat can find the protocol and answer it from what is said. Invented, all of them. */
#ifndef MINGDI_HOST_EXERCISE_STORY_H
#define MINGDI_HOST_EXERCISE_STORY_H

#include "host/exercise_private.h"

enum { STORY_TEXT_MAX = 300 }; /* bytes of what is said */

struct exercise_story {
    enum priority priority; /* that the protocol comes to */
    uint8_t care;           /* CARE_x of the scenario that the story stands for */
    const char *protocol;   /* its id */
    const char *keys;       /* that answer its questions, from the entry on, for a call-taker who heard the story */
    const char *says[EXERCISE_LANGUAGE_COUNT];
};

uint32_t story_count(void);
const struct exercise_story *story_at(uint32_t index);
/* The story of a call that needs a unit: of its urgency and need; where there is none, of its urgency. Which of several is by
 * the call's number. */
const struct exercise_story *story_of(const struct call_truth *truth);
/* What is told instead by callers of the other kinds; number chooses. NULL: of that kind a story is told. */
const char *story_aside(enum call_kind kind, uint64_t number, enum exercise_language language);

#endif
