/* Tables made from schema/indicators.toml. */
#include "measure/indicators.h"

#include "measure/measure.h"

#include "measure/indicator_tables.h"

bool indicator_in_seconds(const struct indicator_definition *indicator)
{
    return indicator->statistic == STATISTIC_MEAN || indicator->statistic == STATISTIC_P50 ||
           indicator->statistic == STATISTIC_P90;
}

bool indicator_is_met(const struct indicator_definition *indicator, double value)
{
    if (!indicator->has_target) {
        return true;
    }
    return indicator->high_is_better ? value >= indicator->target : value <= indicator->target;
}
