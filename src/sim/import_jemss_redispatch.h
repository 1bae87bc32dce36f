/* Which ambulances on their way to a call may be sent to another: which of the files of misc/redispatch counts, and what it says.
 */
#ifndef MINGDI_SIM_IMPORT_JEMSS_REDISPATCH_H
#define MINGDI_SIM_IMPORT_JEMSS_REDISPATCH_H

#include "base/csv.h"
#include "sim/import_jemss_model.h"

/* Fills model->may_divert. choice as for jemss_model_read. The order in which it decides is in docs/scenario.md. */
enum status jemss_redispatch_read(struct jemss_model *model, const char *choice, struct text *notes, struct error *error)
    MUST_USE;

/* Of import_jemss_model.c: the priority that the field names, or -1; and the error for -1. */
int jemss_priority_named(const struct jemss_model *model, const struct csv *csv, int column);
enum status jemss_unknown_priority(const struct csv *csv, int column, struct error *error) MUST_USE;

#endif
