/* Hostile bytes as a configuration file. What is accepted is in range, is written as YAML that reads back as the same, and a
 * refusal leaves everything as it was. */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "host/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { YAML_MAX = 1 << 17 };

/* By their bytes, so that no member is left out: all copies come from one that lay in cleared memory, with what is between the
 * members. */
static bool same(const void *config, const void *other, size_t size) { return memcmp(config, other, size) == 0; }

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct config before, config, again;
    struct error error = { 0 };
    struct text written;
    config_defaults(&before);
    config = before;
    if (config_read_bytes(&config, "fuzz.yaml", (const char *)bytes, size, &error) != STATUS_OK) {
        CHECK(same(&config, &before, sizeof config));
        CHECK(error.text[0] != '\0' && error.status != STATUS_OK);
        return 0;
    }
    CHECK(config.port >= 0 && config.port <= 65535 && config.idle_timeout_s >= 1);
    text_init(&written, YAML_MAX);
    config_write_yaml(&config, &written);
    again = before;
    CHECK(config_read_bytes(&again, "fuzz.yaml", written.bytes, written.length, &error) == STATUS_OK);
    memcpy(again.origins, config.origins, sizeof again.origins);
    CHECK(same(&config, &again, offsetof(struct config, origins)));
    text_free(&written);
    return 0;
}
