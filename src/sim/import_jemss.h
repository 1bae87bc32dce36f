/* From a JEMSS city model to a scenario folder (docs/scenario.md, "From JEMSS"). */
#ifndef MINGDI_SIM_IMPORT_JEMSS_H
#define MINGDI_SIM_IMPORT_JEMSS_H

#include "base/status.h"
#include "base/text.h"
#include "sim/import_jemss_model.h"

struct import_jemss_options {
    const char *redispatch; /* as for jemss_model_read; NULL to decide */
    const char *name;       /* of the scenario; NULL: the city's name or the folder's */
};

/* Reads folder, imports its roads, writes the scenario. The scenario's files appear together at the end: on failure nothing is
 * left and a scenario that stood there is unchanged. notes gets lines for the user: what was chosen, what was left out. */
enum status import_jemss(const char *folder, const char *scenario_folder, const struct import_jemss_options *options,
                         struct text *notes, struct error *error) MUST_USE;

/* The part without the roads, for tests: writes all files but the city into an existing folder. */
enum status import_jemss_write(const struct jemss_model *model, const char *name, const char *scenario_folder,
                               struct error *error) MUST_USE;

#endif
