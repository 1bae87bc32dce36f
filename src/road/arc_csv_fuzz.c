/* Tables of nodes and arcs that nobody honest wrote: one input holds both, parted by a zero byte. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "road/arc_csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *gap = size == 0 ? NULL : memchr(bytes, '\0', size);
    size_t first = gap == NULL ? size : (size_t)(gap - bytes), second = gap == NULL ? 0 : size - first - 1;
    const char *text = (const char *)bytes;
    struct network network;
    struct error error;
    network_init(&network);
    enum status status = arc_csv_read_bytes(&(struct arc_csv_file){ "nodes.csv", text, first },
                                            &(struct arc_csv_file){ "arcs.csv", gap == NULL ? text : text + first + 1, second },
                                            &network, &error);
    (void)status;
    network_free(&network);
    return 0;
}
