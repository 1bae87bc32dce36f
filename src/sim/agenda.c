#include "sim/agenda.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"

static bool comes_before(const struct agenda_item *a, const struct agenda_item *b)
{
    return a->at.us != b->at.us ? a->at.us < b->at.us : a->sequence < b->sequence;
}

enum status agenda_add(struct agenda *agenda, struct instant at, uint32_t kind, uint32_t subject, uint32_t generation,
                       struct error *error)
{
    if (!vec_reserve(agenda, agenda->count + 1)) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for an agenda of %zu items", agenda->count);
    }
    struct agenda_item item = { at, agenda->sequence++, kind, subject, generation };
    size_t hole = agenda->count++;
    while (hole > 0 && comes_before(&item, &agenda->items[(hole - 1) / 2])) {
        agenda->items[hole] = agenda->items[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    agenda->items[hole] = item;
    return STATUS_OK;
}

struct instant agenda_next(const struct agenda *agenda) { return agenda->count == 0 ? INSTANT_NEVER : agenda->items[0].at; }

struct agenda_item agenda_take(struct agenda *agenda)
{
    CHECK(agenda->count > 0);
    struct agenda_item first = agenda->items[0];
    struct agenda_item moved = agenda->items[--agenda->count];
    size_t hole = 0;
    for (;;) {
        size_t child = 2 * hole + 1;
        if (child >= agenda->count) {
            break;
        }
        if (child + 1 < agenda->count && comes_before(&agenda->items[child + 1], &agenda->items[child])) {
            child += 1;
        }
        if (!comes_before(&agenda->items[child], &moved)) {
            break;
        }
        agenda->items[hole] = agenda->items[child];
        hole = child;
    }
    if (agenda->count > 0) {
        agenda->items[hole] = moved;
    }
    return first;
}

void agenda_free(struct agenda *agenda)
{
    free(agenda->items);
    *agenda = (struct agenda){ 0 };
}
