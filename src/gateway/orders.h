/* What units are to be told, out of the centre's stream: new missions, missions that were taken back, messages to the crew. Each
 * as a text that a vehicle can show, until somebody says that it was delivered; then the centre learns that the unit was
 * notified. And which mission a unit has, for the buttons that its crew presses.
 *
 * Knows nothing of protocols. After a start it tells again what the centre still holds as not notified or not read, so a text may
 * reach a vehicle twice, never not at all. Workload: some orders a minute, 8,192 units. */
#ifndef MINGDI_GATEWAY_ORDERS_H
#define MINGDI_GATEWAY_ORDERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "gateway/link.h"

enum { ORDER_TEXT_SIZE = 900, ORDERS_MAX = 2048 };
enum order_kind { ORDER_MISSION, ORDER_WITHDRAWN, ORDER_MESSAGE };
enum order_language { ORDER_CHINESE, ORDER_ENGLISH };

struct gateway_order {
    uint64_t number; /* in the order in which they came, from 1 */
    enum order_kind kind;
    uint32_t id, unit; /* of the mission or message */
    bool is_urgent;
    char text[ORDER_TEXT_SIZE]; /* UTF-8 */
};

struct gateway_orders;

/* due: there is something to be told to the unit. */
enum status gateway_orders_create(struct event_base *base, struct gateway_link *link, enum order_language language,
                                  void (*due)(void *context, uint32_t unit), void *context, struct gateway_orders **orders,
                                  struct error *error) MUST_USE;
void gateway_orders_destroy(struct gateway_orders *orders);
/* A message of the stream. */
void gateway_orders_hear(struct gateway_orders *orders, const json_t *message);

/* The first one of the unit with a number above after; NULL: there is none. Lasts until the next call. */
const struct gateway_order *gateway_orders_next(const struct gateway_orders *orders, uint32_t unit, uint64_t after);
/* It has reached the vehicle. */
void gateway_orders_delivered(struct gateway_orders *orders, uint64_t number);

/* The mission that the unit has now, 0 none, and when it was given. */
uint32_t gateway_orders_mission(const struct gateway_orders *orders, uint32_t unit, struct instant *assigned_at);
/* The newest message to the crew that has not been read; 0: there is none. */
uint32_t gateway_orders_unread(const struct gateway_orders *orders, uint32_t unit);

uint32_t gateway_orders_waiting(const struct gateway_orders *orders);

#endif
