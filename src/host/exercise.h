/* The exercise: the world outside the centre as an ordinary set of clients of its API. Callers ring, seats answer, desks send
 * units, crews press their buttons, vehicles send positions, hospitals free beds: all from a scenario (sim/scenario.h), at the
 * speed of the drill's clock. It plays in a drill only, and leaves alone what a person has taken in hand (host/control.h).
 *
 * It knows the truth of its calls (what each will take) and of its vehicles (where they are); everything else it learns from the
 * stream, as any client does. What it does next follows from the state that it sees: so it goes on after a restart of the centre
 * or of itself, and a unit that a person gives back is played on from where it stands.
 *
 * Workload: some thousand calls a day of drill time, 10 to 1,000 units, a few commands a second. One thread. */
#ifndef MINGDI_HOST_EXERCISE_H
#define MINGDI_HOST_EXERCISE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* In which callers speak; names of places stay as they are. */
enum exercise_language { EXERCISE_ENGLISH, EXERCISE_CHINESE, EXERCISE_LANGUAGE_COUNT };

struct exercise_setup {
    const char *url;      /* "http://127.0.0.1:8120" */
    const char *token;    /* of a machine with the role simulation */
    const char *scenario; /* folder; the centre must have been made of it */
    uint64_t seed;
    double rate;           /* calls as many times as the scenario says: 0.1 to 20 */
    double surprises;      /* chances of what is rare (docs/exercise.md), as many times as usual: 0 (none) to 20 */
    double utc_offset_h;   /* the scenario's clock is that far ahead of UTC: -14 to 14 */
    uint32_t seats, desks; /* seats 1 .. seats answer calls; seats + 1 .. seats + desks send units */
    enum exercise_language language;
    const volatile bool *stop;                    /* set by a signal: ends within a second */
    void (*say)(void *context, const char *line); /* for people, now and then */
    void *context;
};

/* Returns when *stop is set; STATUS_BAD_INPUT when the centre is no drill or is not made of the scenario. A centre that is away
 * is waited for. */
enum status exercise_run(const struct exercise_setup *setup, struct error *error) MUST_USE;

#endif
