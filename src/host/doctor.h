/* Whether a centre is well: looks at the machine, the configuration, secrets, databases, city file, protocols and backups,
 * changes nothing (but for a file without a name, to see how fast the disk syncs), and may run beside a server that works.
 *
 * Each finding is a sentence of what is, and, unless all is well, one of what to do. Workload: by hand, or each quarter of an
 * hour by a monitor: a second or two. */
#ifndef MINGDI_HOST_DOCTOR_H
#define MINGDI_HOST_DOCTOR_H

#include "base/status.h"
#include "base/time.h"
#include "host/config.h"
#include "store/store.h"

enum doctor_level {
    DOCTOR_OK,
    DOCTOR_WARN, /* works, and somebody should look */
    DOCTOR_FAIL, /* does not work, or will not for long */
};
extern const char *const DOCTOR_LEVEL_NAMES[]; /* "ok", "warn", "fail" */

enum { DOCTOR_TEXT_MAX = 640 };

struct doctor_finding {
    enum doctor_level level;
    const char *subject; /* "disk", "journal" ...: one word, for programs */
    char text[DOCTOR_TEXT_MAX], advice[DOCTOR_TEXT_MAX];
};

typedef void doctor_tell(void *context, const struct doctor_finding *finding);

struct doctor_options {
    const char *data, *config_path; /* config_path NULL: mingdi.yaml in data */
    const struct store *store;
    char *const *environment;
    const char *nginx, *mosquitto; /* folders whose files name certificates; one that is not there is fine */
    const char *services;          /* the services' environment, where the gateway's options name some; the same */
    struct instant now;
    doctor_tell *tell;
    void *context;
};

/* Calls tell for each finding. */
void doctor_examine(const struct doctor_options *options);

#endif
