/* What terminals of MQTT are to see retained, out of the centre's stream: of each unit the mission that it has now, and of the
 * messages to its crew those that nobody has read. As JSON, so that a terminal may show it in its own way. It is state, not a
 * list of things to be told: who comes late or begins anew is given what holds now.
 *
 * Workload: some changes a minute, 8,192 units; a snapshot of all of them after a start. */
#ifndef MINGDI_GATEWAY_MQTT_ORDERS_H
#define MINGDI_GATEWAY_MQTT_ORDERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "gateway/link.h"

struct mqtt_orders;

enum { MQTT_NOTES_MAX = 2048, MQTT_NOTE_KEPT_S = 3600, MQTT_NOTE_TEXT_SIZE = 512 };

/* A message to a crew. */
struct mqtt_note {
    uint32_t id, unit;
    bool is_over; /* read, erased or too old: nothing is to be seen of it any more */
    int64_t sent_at_us;
    char text[MQTT_NOTE_TEXT_SIZE]; /* UTF-8 */
};

/* changed: mqtt_orders_write would say something else of the unit. due: mqtt_orders_next_note has one. */
struct mqtt_orders_setup {
    struct gateway_link *link;
    void (*changed)(void *context, uint32_t unit);
    void (*due)(void *context);
    void *context;
};

enum status mqtt_orders_create(const struct mqtt_orders_setup *setup, struct mqtt_orders **orders, struct error *error) MUST_USE;
/* After the link: who is told that his question is over still asks here. */
void mqtt_orders_destroy(struct mqtt_orders *orders);
/* A message of the stream. */
void mqtt_orders_hear(struct mqtt_orders *orders, const json_t *message);
/* Once in a while: asks again for what was not answered, and lets go what is too old. */
void mqtt_orders_sweep(struct mqtt_orders *orders);

/* A snapshot has been heard: what is not known to be there is not there. */
bool mqtt_orders_are_known(const struct mqtt_orders *orders);
/* The mission that the unit has now; 0: none, as far as is known. */
uint32_t mqtt_orders_mission(const struct mqtt_orders *orders, uint32_t unit);

enum mqtt_order { MQTT_ORDER_NONE, MQTT_ORDER_COMING, MQTT_ORDER_WRITTEN };
/* The order as JSON behind what is in out; COMING: it is not known yet what its place is called, and changed will be called. */
enum mqtt_order mqtt_orders_write(const struct mqtt_orders *orders, uint32_t unit, struct text *out);

/* One that is to be made known; NULL: there is none. Lasts until the next call of hear, sweep or note_told. */
const struct mqtt_note *mqtt_orders_next_note(const struct mqtt_orders *orders);
void mqtt_orders_note_told(struct mqtt_orders *orders, const struct mqtt_note *note);
/* All of them are to be made known again: another broker, other terminals. */
void mqtt_orders_tell_again(struct mqtt_orders *orders);
uint32_t mqtt_orders_notes(const struct mqtt_orders *orders);
/* Index 0 to MQTT_NOTES_MAX - 1; NULL: none is there, or its text is not known yet. */
const struct mqtt_note *mqtt_orders_note_at(const struct mqtt_orders *orders, uint32_t index);

#endif
