/* What the parts of past.h share: the journal, and where in it an instant lies. */
#ifndef MINGDI_HOST_PAST_PRIVATE_H
#define MINGDI_HOST_PAST_PRIVATE_H

#include "host/past.h"

/* A state that a map began with, for the next question about that hour or a later one. */
struct past_state {
    uint64_t sequence;
    void *bytes; /* NULL: none */
    size_t size;
};

struct past {
    const struct store *store;
    struct limits limits;
    const struct policy *policy;
    struct journal journal;
    bool journal_open;
    struct sql *sql; /* the report tables; NULL: not opened yet */
    struct past_state kept;
};

/* What is not open is opened. */
enum status past_open(struct past *past, struct error *error) MUST_USE;
/* After a failure: the next question begins with fresh connections. */
void past_close(struct past *past);

/* Calls visit for the entries [from, to] in order, at most PAST_ENTRIES_MAX; then STATUS_BAD_INPUT. */
typedef enum status (*past_visit)(void *visitor, const struct entry_head *entry, struct error *error);
enum status past_read(struct past *past, uint64_t from, uint64_t to, const struct past_patience *patience, past_visit visit,
                      void *visitor, struct error *error) MUST_USE;
/* The first entry up to last that was entered at or after the instant; last + 1 if there is none. */
enum status past_find(struct past *past, uint64_t last, struct instant at, uint64_t *sequence, struct error *error) MUST_USE;

#endif
