/* The expressions of JEMSS configurations: arithmetic such as "1 + 250 + 0.1" and distributions such as
 * "Weibull(2.5, 34.3/60/24)" or "Categorical([0.57, 0.245, 0.185])". Nothing else of Julia is known, nothing is executed. */
#ifndef MINGDI_SIM_IMPORT_JEMSS_EXPRESSION_H
#define MINGDI_SIM_IMPORT_JEMSS_EXPRESSION_H

#include "base/status.h"
#include "sim/distribution.h"

/* Numbers with + - * / ^, unary signs and parentheses. Must be finite. Errors quote the text and say where. */
enum status jemss_number(const char *text, double *value, struct error *error) MUST_USE;
/* A distribution by its name in Julia's package Distributions. Durations are multiplied by unit_s (86,400 where the text is in
 * days); chances are not. Normal(m, 0) becomes a constant. */
enum status jemss_distribution(const char *text, double unit_s, struct distribution *distribution, struct error *error) MUST_USE;

#endif
