/* A list of real calls, CALLS.csv or CALLS.csv.gz: what came in, where, and what it took. Same truth as random calls.
 *
 * Columns, any order: call,priority,lon,lat,arrival_s,delay_s,on_scene_s,transport,handover_s; more columns are ignored, but
 * mobilisation_s, patient_access_s and need are read where they are there (else 0 and none). priority is the code or the name
 * of a priority of the scenario. Rows need not be in order of arrival: they are sorted, equal times stay in order of the file. */
#ifndef MINGDI_SIM_CALL_LIST_H
#define MINGDI_SIM_CALL_LIST_H

#include "sim/call_stream.h"

struct call_list {
    struct call_truth *calls; /* by arrival */
    uint32_t count;
    uint32_t out_of_order; /* rows that stood after a later one */
    const char *name;      /* of the file, for messages; the caller of load or parse keeps it */
};

enum { CALL_LIST_MAX = 20000000 };

/* Errors name file and line: a negative time, a call number twice, an unknown priority, a place outside the earth. */
enum status call_list_load(const char *path, const struct scenario *scenario, struct call_list *list, struct error *error)
    MUST_USE;
/* The same from memory; name is for messages. */
enum status call_list_parse(const char *name, const char *bytes, size_t size, const struct scenario *scenario,
                            struct call_list *list, struct error *error) MUST_USE;
void call_list_free(struct call_list *list);

#endif
