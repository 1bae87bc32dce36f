/* The charts of the report, each a <figure> with its caption; without data, a sentence that says so. */
#ifndef MINGDI_SIM_REPORT_CHARTS_H
#define MINGDI_SIM_REPORT_CHARTS_H

#include "base/text.h"
#include "sim/report.h"

void report_chart_response(const struct report_input *input, struct text *out);
void report_chart_hours(const struct report_input *input, struct text *out);
void report_chart_queue(const struct report_input *input, struct text *out);
void report_chart_units(const struct report_input *input, struct text *out);
void report_chart_facilities(const struct report_input *input, struct text *out);

#endif
