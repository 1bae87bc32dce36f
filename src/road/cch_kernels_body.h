/* Included by cch_kernels.c once an instruction set: it defines KERNEL(name), KERNEL_TARGET and the operations on struct-free
 * type LANES of eight 32-bit lanes: LOAD, STORE, SPREAD, ADD, MIN, SAME (mask of equal lanes), CHOOSE(mask, yes, no); and
 * PAIR_..., the same for two lanes. */

KERNEL_TARGET static void KERNEL(relax_heads)(const road_ticks *node, road_ticks *distances, const uint32_t *head,
                                              const road_ticks *weight, uint32_t first, uint32_t last)
{
    LANES low = LOAD(node), high = LOAD(node + 8);
    for (uint32_t i = first; i < last; i++) {
        road_ticks *target = distances + (size_t)head[i] * SWEEP_LANES;
        LANES by = SPREAD(weight[i]);
        STORE(target, MIN(LOAD(target), ADD(low, by)));
        STORE(target + 8, MIN(LOAD(target + 8), ADD(high, by)));
    }
}

KERNEL_TARGET static void KERNEL(gather_heads)(road_ticks *node, const road_ticks *distances, const uint32_t *head,
                                               const road_ticks *weight, uint32_t first, uint32_t last)
{
    LANES low = LOAD(node), high = LOAD(node + 8);
    for (uint32_t i = first; i < last; i++) {
        const road_ticks *source = distances + (size_t)head[i] * SWEEP_LANES;
        LANES by = SPREAD(weight[i]);
        low = MIN(low, ADD(LOAD(source), by));
        high = MIN(high, ADD(LOAD(source + 8), by));
    }
    STORE(node, low);
    STORE(node + 8, high);
}

KERNEL_TARGET static void KERNEL(relax_row)(road_ticks *target, const road_ticks *source, road_ticks weight, uint32_t count)
{
    LANES by = SPREAD(weight);
    for (uint32_t i = 0; i < count; i += KERNEL_LANES) {
        STORE(target + i, MIN(LOAD(target + i), ADD(LOAD(source + i), by)));
    }
}

KERNEL_TARGET static void KERNEL(relax_row_lengths)(road_ticks *target, uint32_t *target_length, const road_ticks *source,
                                                    const uint32_t *source_length, road_ticks weight, uint32_t length,
                                                    uint32_t count)
{
    LANES by = SPREAD(weight), longer = SPREAD(length);
    for (uint32_t i = 0; i < count; i += KERNEL_LANES) {
        LANES now = LOAD(target + i), now_length = LOAD(target_length + i);
        LANES over = ADD(LOAD(source + i), by), over_length = ADD(LOAD(source_length + i), longer);
        LANES least = MIN(now, over), shorter = MIN(now_length, over_length);
        LANES length_if_least = CHOOSE(SAME(now, over), shorter, over_length);
        STORE(target + i, least);
        STORE(target_length + i, CHOOSE(SAME(least, over), length_if_least, now_length));
    }
}

KERNEL_TARGET static void KERNEL(push_triangles)(uint64_t *pair, const uint32_t *up_first, const uint32_t *up_head,
                                                 const uint16_t *offset, uint32_t node_count)
{
    for (uint32_t x = 0; x < node_count; x++) {
        uint32_t last = up_first[x + 1];
        for (uint32_t to_y = up_first[x]; to_y < last; to_y++) {
            PAIR through = PAIR_SPREAD(pair[to_y] << 32 | pair[to_y] >> 32); /* from y down to x; from x up to y */
            uint64_t *of_y = pair + up_first[up_head[to_y]];
            for (uint32_t to_z = to_y + 1; to_z < last; to_z++) {
                uint64_t *target = of_y + *offset++;
                PAIR_STORE(target, PAIR_MIN(PAIR_LOAD(target), PAIR_ADD(through, PAIR_LOAD(&pair[to_z]))));
            }
        }
    }
}

KERNEL_TARGET static road_ticks KERNEL(min_sum)(const road_ticks *a, const road_ticks *b, uint32_t count)
{
    LANES first = SPREAD(ROAD_INFINITY), second = first;
    uint32_t i = 0;
    for (; i + 16 <= count; i += 16) {
        first = MIN(first, ADD(LOAD(a + i), LOAD(b + i)));
        second = MIN(second, ADD(LOAD(a + i + 8), LOAD(b + i + 8)));
    }
    if (i + 8 <= count) {
        first = MIN(first, ADD(LOAD(a + i), LOAD(b + i)));
        i += 8;
    }
    first = MIN(first, second);
    road_ticks lanes[8];
    STORE(lanes, first);
    road_ticks least = lanes[0];
    for (uint32_t lane = 1; lane < 8; lane++) {
        least = lanes[lane] < least ? lanes[lane] : least;
    }
    for (; i < count; i++) {
        road_ticks sum = a[i] + b[i];
        least = sum < least ? sum : least;
    }
    return least;
}

static const struct cch_kernels KERNEL(kernels) = { KERNEL(relax_heads),       KERNEL(gather_heads),   KERNEL(relax_row),
                                                    KERNEL(relax_row_lengths), KERNEL(push_triangles), KERNEL(min_sum) };

#undef KERNEL
#undef KERNEL_TARGET
#undef LANES
#undef LOAD
#undef STORE
#undef SPREAD
#undef ADD
#undef MIN
#undef SAME
#undef CHOOSE
#undef PAIR
#undef PAIR_LOAD
#undef PAIR_STORE
#undef PAIR_SPREAD
#undef PAIR_ADD
#undef PAIR_MIN
