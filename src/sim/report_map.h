/* The map of the report: roads by how soon the posts reach them, posts, facilities, some calls. */
#ifndef MINGDI_SIM_REPORT_MAP_H
#define MINGDI_SIM_REPORT_MAP_H

#include "base/text.h"
#include "sim/report.h"

/* An <svg>; needs city and coverage. Roads take at most about 1.2 MB. On refused memory out->failed is set. */
void report_map_write(const struct report_input *input, struct text *out);

#endif
