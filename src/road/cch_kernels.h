/* The inner loops of sweeps and labels, eight 32-bit lanes at a time: AVX2 where the processor has it, else plain C that any
 * compiler may vectorise for its baseline. Both give the same results, bit for bit. */
#ifndef MINGDI_ROAD_CCH_KERNELS_H
#define MINGDI_ROAD_CCH_KERNELS_H

#include <stdint.h>

#include "road/graph.h"

enum { KERNEL_LANES = 8, SWEEP_LANES = 16 };

struct cch_kernels {
    /* Up: relax the arcs [first, last) of a node, whose 16 distances stand at node, into their heads' (index * 16). */
    void (*relax_heads)(const road_ticks *node, road_ticks *distances, const uint32_t *head, const road_ticks *weight,
                        uint32_t first, uint32_t last);
    /* Down: the least of the node's 16 distances and those over its heads, into node. */
    void (*gather_heads)(road_ticks *node, const road_ticks *distances, const uint32_t *head, const road_ticks *weight,
                         uint32_t first, uint32_t last);
    /* target[i] = min(target[i], source[i] + weight) for i < count; both may be read and written up to the next multiple of 8,
     * where source holds infinity. */
    void (*relax_row)(road_ticks *target, const road_ticks *source, road_ticks weight, uint32_t count);
    /* The same for (ticks, length) pairs in lexicographic order. */
    void (*relax_row_lengths)(road_ticks *target, uint32_t *target_length, const road_ticks *source,
                              const uint32_t *source_length, road_ticks weight, uint32_t length, uint32_t count);
    /* Customization without lengths. pair holds the two weights of each up arc, upward in the low half, downward in the high
     * half. For each rank x, rising, and each two of its up arcs, to y and then to z: the arc from y to z takes the least of its
     * weights and those over x. offset names that arc, counted from the first up arc of y, triangle by triangle. */
    void (*push_triangles)(uint64_t *pair, const uint32_t *up_first, const uint32_t *up_head, const uint16_t *offset,
                           uint32_t node_count);
    /* min over i < count of a[i] + b[i], at most infinity; both readable up to the next multiple of 8. */
    road_ticks (*min_sum)(const road_ticks *a, const road_ticks *b, uint32_t count);
};

/* The best that this processor can run. */
const struct cch_kernels *cch_kernels(void);
/* For tests: the plain ones. */
const struct cch_kernels *cch_kernels_plain(void);

#endif
