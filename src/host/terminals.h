/* Which terminal of a vehicle belongs to which unit: the list that administration keeps and gateways ask for, and beside it those
 * that came to a gateway and belong to nobody, in memory only, so that administration can see what was fitted without being
 * entered. A unit may have several terminals; a terminal has one unit. I/O thread; writes through the clerk. */
#ifndef MINGDI_HOST_TERMINALS_H
#define MINGDI_HOST_TERMINALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/status.h"
#include "base/time.h"
#include "host/workers.h"
#include "store/sql.h"

/* By what it speaks. */
enum terminal_kind { TERMINAL_JT808, TERMINAL_MQTT, TERMINAL_KIND_COUNT };
extern const char *const TERMINAL_KIND_NAMES[TERMINAL_KIND_COUNT]; /* "jt808", "mqtt" */
int terminal_kind_find(const char *name);                          /* -1 if there is none */

enum {
    TERMINALS_MAX = 16384, /* two for each unit that there can be */
    TERMINALS_UNKNOWN_MAX = 256,
    TERMINAL_NUMBER_SIZE = 65, /* bytes with the terminator */
    TERMINAL_DEVICE_SIZE = 33,
    TERMINAL_PLATE_SIZE = 33,
};

struct terminal {
    uint32_t id, unit;
    enum terminal_kind kind;
    struct instant added_at;
    /* What it calls itself by: of JT/T 808 the digits of its telephone, without zeros before; of MQTT its name at the broker. */
    char number[TERMINAL_NUMBER_SIZE];
    char device[TERMINAL_DEVICE_SIZE]; /* of JT/T 808: the maker's id of the machine that alone may bear the number; "" any */
};

struct terminals;

/* Reads the list; sql is used in the clerk only afterwards. */
enum status terminals_create(struct sql *sql, struct workers *clerk, struct instant now, struct terminals **terminals,
                             struct error *error) MUST_USE;
void terminals_destroy(struct terminals *terminals);

/* Puts number and device into the form in which they are kept; false: they are none of that kind. */
bool terminal_is_sound(struct terminal *terminal) MUST_USE;

enum terminals_outcome { TERMINALS_DONE, TERMINALS_NUMBER_TAKEN, TERMINALS_NOT_THERE, TERMINALS_FULL, TERMINALS_NOT_STORED };
typedef void terminals_done(void *context, enum terminals_outcome outcome, uint32_t id);
/* done in the I/O thread, when the change and its row in the audit trail are durable, or nothing has changed. The terminal's id
 * is not looked at. */
void terminals_add(struct terminals *terminals, const struct terminal *terminal, uint32_t actor, bool machine,
                   terminals_done *done, void *context);
void terminals_remove(struct terminals *terminals, uint32_t id, uint32_t actor, bool machine, terminals_done *done,
                      void *context);

/* One that came and is not in the list. The oldest makes room; nothing happens if it is in the list by now. */
struct terminal_unknown {
    enum terminal_kind kind;
    char number[TERMINAL_NUMBER_SIZE], device[TERMINAL_DEVICE_SIZE], plate[TERMINAL_PLATE_SIZE];
    struct instant seen_at;
    uint32_t times;
};
void terminals_note_unknown(struct terminals *terminals, const struct terminal_unknown *unknown);

/* Members items and next: those after an id, at most limit. */
void terminals_write_json(const struct terminals *terminals, struct json *json, uint32_t after, uint32_t limit);
void terminals_write_unknown(const struct terminals *terminals, struct json *json); /* member items, the newest first */
/* Another number with every change, and after a restart. */
int64_t terminals_version(const struct terminals *terminals);
uint32_t terminals_count(const struct terminals *terminals);
uint32_t terminals_unknown_count(const struct terminals *terminals);

#endif
