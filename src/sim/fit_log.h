/* A centre's own history of calls, read from its log and cleaned: what `mingdi fit` works on.
 *
 * Formats:
 *   sffd    the columns of the San Francisco Fire Department's open data ("Fire Department Calls for Service"), one row a unit;
 *           times MM/DD/YYYY hh:mm:ss AM, local. Medical incidents count, and units that transport (MEDIC, PRIVATE).
 *           Priority: E (echo) is critical, else final priority 3 is severe and 2 is urgent.
 *   mingdi  incident,unit,priority,call_offered,unit_assigned,unit_departed,on_scene,left_scene,at_facility,available and
 *           optionally lon,lat; one row a unit; times YYYY-MM-DD HH:MM:SS (T or space between), local; empty = did not happen.
 *
 * Durations across a change to or from summer time come out an hour wrong, as the log itself has them; the greatest durations
 * are dropped as implausible below. Workload: 10,000 to 10 million rows. */
#ifndef MINGDI_SIM_FIT_LOG_H
#define MINGDI_SIM_FIT_LOG_H

#include <stdint.h>

#include "base/status.h"
#include "base/vec.h"
#include "sim/scenario.h"

enum fit_format { FIT_FORMAT_GUESS, FIT_FORMAT_SFFD, FIT_FORMAT_MINGDI };

/* What is measured. The first six go into service.csv. */
enum fit_stage {
    STAGE_DELAY,        /* call received - first unit assigned; once an incident */
    STAGE_MOBILISATION, /* assigned - departed */
    STAGE_ON_SCENE,     /* arrived - left with the patient, or available */
    STAGE_HANDOVER,     /* at the facility - available */
    STAGE_TRIP,         /* departed - arrived: the roads tell it, shown for comparison */
    STAGE_TRANSPORT,    /* left - at the facility: likewise */
    STAGE_COUNT,
};

/* Why something was left out. */
enum fit_reason {
    REASON_NOT_MEDICAL,
    REASON_NOT_AMBULANCE,
    REASON_NO_PRIORITY,
    REASON_BAD_TIME,
    REASON_DOUBLED,
    REASON_BACKWARDS,   /* a stage ends before it begins: that stage is dropped */
    REASON_IMPLAUSIBLE, /* a stage of more than FIT_STAGE_MAX_S: likewise */
    REASON_COUNT,
};

enum { FIT_STAGE_MAX_S = 6 * 3600, FIT_ROWS_MAX = 20000000 };

struct fit_duration {
    double seconds;         /* above 0: a duration of 0 in a log of whole seconds counts as half a second */
    uint8_t priority, hour; /* local hour at which the call was received */
};

VEC_TYPE(fit_durations, struct fit_duration);

struct fit_arrival {
    int64_t received_s; /* local seconds since 1970 */
    double lon, lat;
    bool placed;
    uint8_t priority;
};

VEC_TYPE(fit_arrivals, struct fit_arrival);

struct fit_log {
    uint64_t rows, used; /* in the file; of units that count */
    uint64_t dropped[REASON_COUNT];
    struct fit_durations stages[STAGE_COUNT];
    struct fit_arrivals incidents;                                 /* by time */
    uint64_t arrived[PRIORITY_COUNT], transported[PRIORITY_COUNT]; /* units that arrived; that then took a patient */
    int64_t first_day, days;                                       /* local days since 1970, from the first to the last call */
};

enum status fit_log_load(const char *path, enum fit_format format, struct fit_log *log, struct error *error) MUST_USE;
enum status fit_log_parse(const char *name, const char *bytes, size_t size, enum fit_format format, struct fit_log *log,
                          struct error *error) MUST_USE;
void fit_log_free(struct fit_log *log);
const char *fit_stage_name(enum fit_stage stage);
const char *fit_reason_text(enum fit_reason reason);

#endif
