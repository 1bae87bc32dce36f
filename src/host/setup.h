/* Making a centre: from a folder of plain files (docs/setup.md) to a data folder that mingdi serve starts on. Everything is
 * read and checked before anything is written; what is written becomes a centre with its very last step, so that a process that
 * is killed leaves nothing that would be taken for one, and the next attempt clears it away.
 *
 * DIR/mingdi.yaml DIR/city.mingdi DIR/master.key shared by the centre and its drill DIR/{centre,report,journal}.db the centre;
 * a drill: DIR/drill/...; PostgreSQL: a schema DIR/init.partial/ while it is being made
 *
 * Workload: once in the life of a centre; some thousand lines, a city file of up to some GB, a tenth of a second for each
 * password. */
#ifndef MINGDI_HOST_SETUP_H
#define MINGDI_HOST_SETUP_H

#include <signal.h>
#include <stdbool.h>

#include "base/status.h"
#include "base/text.h"
#include "core/schema.h"
#include "host/config.h"
#include "store/store.h"

enum { SETUP_TOKENS_MAX = 16, SETUP_TOLD_MAX = 1 << 18 };

/* Borrowed until setup_free. */
struct setup_options {
    const char *data;      /* the folder to make; one that is there must be empty, or hold the other of centre and drill */
    const char *store_url; /* postgres://..., or NULL */
    const char *from;      /* folder of the setup */
    const char *city;      /* city file; NULL: the one that the setup names */
    bool drill;
    const char *admin_name, *admin_display,
        *admin_password;       /* an administrator beside people.csv; name NULL: none; password NULL: made
                                                                here and told */
    const char *const *tokens; /* "NAME:ROLE" of machines */
    size_t token_count;
    const volatile sig_atomic_t *stop; /* set by a signal: ends with what was made cleared away; NULL: never */
};

struct setup;

/* Reads and checks it all: errors begin with file:line. Writes nothing. */
enum status setup_read(const struct setup_options *options, struct setup **setup, struct error *error) MUST_USE;
void setup_free(struct setup *setup);
/* Makes the centre. told gets lines for the person who does it: what was made, and the passwords and tokens that are shown this
 * once. On failure nothing is left, unless the text says so. */
enum status setup_write(struct setup *setup, struct text *told, struct error *error) MUST_USE;

/* STATUS_NOT_FOUND, with the advice to run mingdi init, unless the store holds a centre (a journal with a first entry). data is
 * for the message and for what an unfinished attempt left. */
enum status setup_require(const char *data, const struct store *store, struct error *error) MUST_USE;

/* The setup's tables in the order in which each may refer to those before; for a guide that checks one at a time. */
enum setup_part {
    SETUP_SCENARIO,   /* scenario.csv: name, city file */
    SETUP_DISTRICTS,  /* districts.csv, districts.geojson */
    SETUP_STATIONS,   /* stations.csv */
    SETUP_UNITS,      /* units.csv */
    SETUP_FACILITIES, /* facilities.csv */
    SETUP_SEATS,      /* seats.csv */
    SETUP_PEOPLE,     /* people.csv */
};
/* Reads the folder as far as the part, and holds stations and facilities against the city's roads from SETUP_STATIONS on. */
enum status setup_check_part(const char *folder, enum setup_part last, struct error *error) MUST_USE;

/* NULL, or why there cannot be such an administrator: a sentence. */
const char *setup_administrator_fault(const char *name, const char *display, const char *password);

/* What of the command policy_set comes from the configuration: alarms and targets. The command has room for its PRIORITY_COUNT
 * rules; the rest of it is the caller's. */
void setup_fill_policy(const struct config *config, struct command_policy_set *command);

#endif
