/* What reading the journal (export_read.c) and writing the files (export_write.c) share. */
#ifndef MINGDI_HOST_EXPORT_PRIVATE_H
#define MINGDI_HOST_EXPORT_PRIVATE_H

#include "base/vec.h"
#include "host/export.h"
#include "measure/measure.h"
#include "store/sql.h"

enum { EXPORT_NO_TIME = UINT16_MAX, EXPORT_NO_OUTCOME = UINT8_MAX };

/* A call that is over. Times are steps of EXPORT_STEP_S since it rang, EXPORT_NO_TIME where there is none. */
struct export_call {
    uint32_t call, incident, order; /* order: of two records of one call the later counts */
    struct quasi quasi;
    uint16_t at[STAGE_COUNT], queued;
    uint16_t units_needed, units_short, dispatches;
    uint8_t priority, proposed, result, reached_by, shortfall_reason, was_queued, transported;
    uint8_t outcome; /* of its incident: enum incident_outcome, or EXPORT_NO_OUTCOME */
    uint8_t step;    /* what may be told of it, or DEIDENTIFY_WITHHELD */
};

struct export_mission {
    uint32_t mission, incident, order, unit, facility;
    uint16_t at[STAGE_COUNT]; /* since the incident's first call rang */
    uint8_t priority, transported;
};

struct export_mark {
    uint32_t id;
    uint32_t order;
    uint8_t value;
};

VEC_TYPE(export_calls, struct export_call);
VEC_TYPE(export_missions, struct export_mission);
VEC_TYPE(export_marks, struct export_mark);

/* incidents: each by its first call. others: further calls of an incident. All are rising by id, of incidents by that of the
 * incident. */
struct export_data {
    struct export_calls incidents, lone, others;
    struct export_missions missions;
};

/* The period's rows, with the people that they are of. STATUS_BAD_INPUT: too many. */
enum status export_read(const struct export_options *options, struct sql *sql, struct export_data *data, struct error *error)
    MUST_USE;
void export_free(struct export_data *data);
/* NULL: it is not in the period. */
const struct export_call *export_incident(const struct export_data *data, uint32_t incident);

/* Files into the folder, which is there and empty. key: 32 bytes. */
enum status export_write(const struct export_options *options, const struct export_data *data, struct sql *sql,
                         const unsigned char *key, const char *folder, struct error *error) MUST_USE;

#endif
