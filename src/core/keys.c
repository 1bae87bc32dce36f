/* Idempotency keys: the newest limits.keys of them, so that a command sent twice is done once.
 *
 * A ring of remembered keys, found through an open-addressing table of twice the size. When the ring comes round, the oldest key
 * is taken out of the table by shifting back the run behind it, so no marks of deletion pile up. */
#include <string.h>

#include "base/hash.h"
#include "core/decide.h"

bool key_is_none(const struct command_head *command) { return (command->key_low | command->key_middle | command->key_high) == 0; }

static uint32_t slot_mask(const struct core *core) { return core->head->limits.keys * 2 - 1; }

static uint32_t home_slot(const struct core *core, const uint32_t key[3])
{
    return (uint32_t)hash64(key, 3 * sizeof key[0], 0) & slot_mask(core);
}

static const uint32_t *key_in_slot(const struct core *core, uint32_t slot) { return core->keys[core->key_slots[slot] - 1].key; }

const struct idempotency *key_find(const struct core *core, const struct command_head *command)
{
    const uint32_t key[3] = { command->key_low, command->key_middle, command->key_high };
    for (uint32_t slot = home_slot(core, key); core->key_slots[slot] != 0; slot = (slot + 1) & slot_mask(core)) {
        if (memcmp(key_in_slot(core, slot), key, sizeof key) == 0) {
            return &core->keys[core->key_slots[slot] - 1];
        }
    }
    return NULL;
}

bool core_knows_key(const struct core *core, const struct command_head *command)
{
    return !key_is_none(command) && key_find(core, command) != NULL;
}

static void forget(struct core *core, uint32_t index)
{
    uint32_t mask = slot_mask(core);
    uint32_t hole = home_slot(core, core->keys[index].key);
    while (core->key_slots[hole] != index + 1) {
        hole = (hole + 1) & mask;
    }
    for (uint32_t slot = (hole + 1) & mask; core->key_slots[slot] != 0; slot = (slot + 1) & mask) {
        uint32_t home = home_slot(core, key_in_slot(core, slot));
        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
            core->key_slots[hole] = core->key_slots[slot];
            hole = slot;
        }
    }
    core->key_slots[hole] = 0;
}

void key_remember(struct core *core, const struct command_head *command, uint64_t sequence, uint32_t made)
{
    if (key_is_none(command)) {
        return;
    }
    uint32_t index = core->head->key_count & (core->head->limits.keys - 1);
    if (core->keys[index].sequence != 0) {
        forget(core, index);
    }
    core->keys[index] = (struct idempotency){ .key = { command->key_low, command->key_middle, command->key_high },
                                              .made = made,
                                              .sequence = sequence };
    core->head->key_count += 1;
    uint32_t slot = home_slot(core, core->keys[index].key);
    while (core->key_slots[slot] != 0) {
        slot = (slot + 1) & slot_mask(core);
    }
    core->key_slots[slot] = index + 1;
}
