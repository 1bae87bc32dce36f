/* Any bytes as a configuration of JEMSS, and as an expression: an error or a result that holds its promises, never a crash. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "sim/import_jemss_config.h"
#include "sim/import_jemss_expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_distribution(const struct distribution *d)
{
    struct error error;
    struct text text;
    struct distribution back;
    CHECK(distribution_check(d, &error) == STATUS_OK);
    CHECK(!isnan(distribution_mean(d)) && !isnan(distribution_quantile(d, 0.5)));
    text_init(&text, 4000);
    distribution_format(d, &text);
    CHECK(!text.failed && distribution_parse(text.bytes, 1, &back, &error) == STATUS_OK && back.a == d->a && back.b == d->b);
    text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct jemss_config config;
    struct distribution distribution;
    struct error error;
    double number;
    if (jemss_config_parse("gen_config.xml", (const char *)bytes, size, &config, &error) == STATUS_OK) {
        CHECK(isfinite(config.calls_per_day) && config.calls_per_day > 0);
        check_distribution(&config.handover);
    }
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (jemss_number(text, &number, &error) == STATUS_OK) {
        CHECK(isfinite(number));
    }
    if (jemss_distribution(text, 86400, &distribution, &error) == STATUS_OK) {
        check_distribution(&distribution);
    }
    if (distribution_parse(text, 1, &distribution, &error) == STATUS_OK) {
        check_distribution(&distribution);
    }
    free(text);
    return 0;
}
