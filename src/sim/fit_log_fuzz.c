/* Any bytes as a log of calls, in both formats: an error, or durations that are above 0 and not longer than the limit. */
#include "base/check.h"
#include "sim/fit_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const enum fit_format formats[] = { FIT_FORMAT_SFFD, FIT_FORMAT_MINGDI };
    for (size_t f = 0; f < ARRAY_LENGTH(formats); f++) {
        struct fit_log log;
        struct error error;
        if (fit_log_parse("log.csv", (const char *)bytes, size, formats[f], &log, &error) != STATUS_OK) {
            continue;
        }
        CHECK(log.used > 0 && log.used <= log.rows && log.days >= 1);
        for (int s = 0; s < STAGE_COUNT; s++) {
            for (size_t i = 0; i < log.stages[s].count; i++) {
                const struct fit_duration *d = &log.stages[s].items[i];
                CHECK(d->seconds > 0 && d->seconds <= FIT_STAGE_MAX_S && d->hour < 24 && d->priority < PRIORITY_COUNT);
            }
        }
        fit_log_free(&log);
    }
    return 0;
}
