/* What the buttons of a crew mean: which bytes of a terminal are which act. A table of the program's own, or one that the centre
 * writes for its terminals (docs/vehicles.md). And how an act is told to the centre, as the crew's.
 *
 * Workload: ten rows, some presses a mission. */
#ifndef MINGDI_GATEWAY_BUTTONS_H
#define MINGDI_GATEWAY_BUTTONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "gateway/link.h"
#include "gateway/orders.h"

enum { BUTTONS_MAX = 64, BUTTON_CODE_MAX = 16 };

/* By which message it comes. */
enum button_source { BUTTON_DATA, BUTTON_EVENT };

struct button {
    enum button_source source;
    uint8_t type; /* of the data; 0 for events */
    uint8_t code[BUTTON_CODE_MAX];
    size_t length;   /* of the code, with which the content begins */
    const char *act; /* a constant: a stage of a mission, an event of a unit, or "read" */
};

struct buttons {
    uint32_t count;
    struct button rows[BUTTONS_MAX];
};

/* The program's own table: data of type 0xF0, codes 01 to 0D; events of the same numbers. */
void buttons_default(struct buttons *buttons);
/* A CSV file: source (data or event), type (hexadecimal; empty for events), code (hexadecimal), act. */
enum status buttons_read(struct buttons *buttons, const char *path, struct error *error) MUST_USE;
/* NULL: the content begins with no code of that source and type. The longest code that fits counts. */
const struct button *buttons_find(const struct buttons *buttons, enum button_source source, uint8_t type, const uint8_t *content,
                                  size_t length);

/* What an act is about, for protocols that name acts instead of buttons. */
enum button_about { BUTTON_ABOUT_NOTHING, BUTTON_ABOUT_MISSION, BUTTON_ABOUT_UNIT, BUTTON_ABOUT_MESSAGE };
/* BUTTON_ABOUT_NOTHING: it is no act. */
enum button_about button_is_about(const char *act);

/* Tells the centre what the crew of the unit has pressed: at is when. The answer comes when it is durable, and may take as long
 * as the centre is silent. False: it cannot be told now (no mission that the press could be about, or no room), and nothing
 * was. */
bool button_press(struct gateway_link *link, const struct gateway_orders *orders, uint32_t unit, const char *act,
                  struct instant at, const char *key, gateway_answered *answered, void *context) MUST_USE;
/* What the act would be about if it were told now: the mission, the message; 0: nothing, or the unit itself. */
uint32_t button_subject(const struct gateway_orders *orders, uint32_t unit, const char *act);
/* Whether an answer means that the act counts: done now, or before. */
bool button_counts(const struct gateway_answer *answer);

#endif
