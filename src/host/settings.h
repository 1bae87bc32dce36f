/* The settings of a running centre, from all their sources; each wins over the one before: the table of config.h, the file, what
 * was changed through the API (table setting), the environment, the command line. */
#ifndef MINGDI_HOST_SETTINGS_H
#define MINGDI_HOST_SETTINGS_H

#include "host/config.h"
#include "store/sql.h"

struct settings_sources {
    const char *path; /* NULL: no file */
    char *const *environment;
    const char *port, *drill_speed; /* of the command line; NULL: not given */
};

/* In the thread that uses sql. A stored setting that is not known any more, or not right any more, is left out and logged. On
 * failure *config is unchanged. */
enum status settings_read(const struct settings_sources *sources, struct sql *sql, struct config *config, struct error *error)
    MUST_USE;

#endif
