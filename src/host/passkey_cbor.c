#include "host/passkey_cbor.h"

#include <stdbool.h>
#include <stdint.h>

enum kind { UNSIGNED, NEGATIVE, BYTES, TEXT, LIST, MAP, TAG, SIMPLE };

struct cursor {
    const unsigned char *at, *end;
};

static size_t left(const struct cursor *cursor) { return (size_t)(cursor->end - cursor->at); }

/* The head: the kind, and the number that belongs to it. */
static bool take_head(struct cursor *cursor, enum kind *kind, uint64_t *number)
{
    if (left(cursor) == 0) {
        return false;
    }
    unsigned first = *cursor->at++, short_form = first & 31;
    *kind = (enum kind)(first >> 5);
    *number = short_form;
    if (short_form < 24) {
        return true;
    }
    size_t bytes = (size_t)1 << (short_form - 24);
    if (short_form > 27 || *kind == SIMPLE || left(cursor) < bytes) { /* no length yet to come, no floating point */
        return false;
    }
    *number = 0;
    for (size_t i = 0; i < bytes; i++) {
        *number = *number << 8 | *cursor->at++;
    }
    return true;
}

static bool skip_bytes(struct cursor *cursor, uint64_t count)
{
    bool fits = count <= left(cursor);
    cursor->at += fits ? count : 0;
    return fits;
}

/* open: how many items are still to come on each level. */
static bool skip_item(struct cursor *cursor)
{
    uint64_t open[PASSKEY_CBOR_DEPTH + 1] = { 1 }, number;
    enum kind kind;
    for (int depth = 0; depth >= 0;) {
        if (open[depth] == 0) {
            depth -= 1;
            continue;
        }
        open[depth] -= 1;
        if (!take_head(cursor, &kind, &number) || kind == TAG) {
            return false;
        }
        if ((kind == BYTES || kind == TEXT) && !skip_bytes(cursor, number)) {
            return false;
        }
        if (kind == LIST || kind == MAP) {
            /* Each item has a byte at least, so that no more are announced than can be there. */
            if (number > left(cursor) || depth == PASSKEY_CBOR_DEPTH) {
                return false;
            }
            open[++depth] = kind == MAP ? 2 * number : number;
        }
    }
    return true;
}

size_t passkey_cbor_size(const unsigned char *bytes, size_t size)
{
    struct cursor cursor = { bytes, bytes + size };
    return skip_item(&cursor) ? (size_t)(cursor.at - bytes) : 0;
}
