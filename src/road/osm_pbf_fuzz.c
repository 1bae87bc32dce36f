/* OpenStreetMap PBF that nobody honest wrote. */
#include <stddef.h>
#include <stdint.h>

#include "road/import_fuzz_map.h"
#include "road/osm_pbf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The reader takes a path; the bytes wait here meanwhile. */
static struct {
    const uint8_t *bytes;
    size_t size;
} input;

static enum status read_input(const char *path, const struct osm_handler *handler, struct error *error)
{
    return osm_pbf_read(path, input.bytes, input.size, handler, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    input.bytes = bytes;
    input.size = size;
    fuzz_map(read_input, false);
    return 0;
}
