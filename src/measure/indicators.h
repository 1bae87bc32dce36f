/* The indicators of schema/indicators.toml as tables: the definitions that figures are computed by and named with. */
#ifndef MINGDI_MEASURE_INDICATORS_H
#define MINGDI_MEASURE_INDICATORS_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/indicator_types.h"

struct interval_definition {
    const char *name, *title, *zh;
    uint8_t from, to;   /* enum stage */
    uint8_t population; /* enum population */
};
extern const struct interval_definition INTERVALS[INTERVAL_COUNT];

struct indicator_definition {
    const char *name, *title, *zh, *who;
    uint32_t version;
    uint8_t interval, statistic; /* enum interval, enum statistic */
    double limit_s;              /* of within and beyond */
    bool has_target;
    double target; /* a share, or seconds for a mean or percentile */
    bool high_is_better;
    uint8_t priority; /* enum priority, PRIORITY_COUNT: all */
};
extern const struct indicator_definition INDICATORS[INDICATOR_COUNT];

/* Whether the statistic is told in seconds; else it is a share of 1. */
bool indicator_in_seconds(const struct indicator_definition *indicator);
/* Whether value meets the target; true without one. */
bool indicator_is_met(const struct indicator_definition *indicator, double value);

#endif
