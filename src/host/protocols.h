/* The triage protocols of a running centre: a package is read at the start and on SIGHUP, held against its signature, kept in
 * the centre's tables for as long as calls refer to it, and given to the core where the core has another version. What was
 * said to callers stays here; the core has numbers only.
 *
 * A live centre takes signed packages only. A drill takes an unsigned one too, and says so; neither takes one whose signature
 * does not hold. Where a package is refused the centre goes on with the protocols that its core holds already, if there are any,
 * and says why; triage by hand is possible in any case.
 *
 * Workload: some twenty protocols of 20 to 60 kB as JSON, read once; a console asks for each of them once. I/O thread. */
#ifndef MINGDI_HOST_PROTOCOLS_H
#define MINGDI_HOST_PROTOCOLS_H

#include "base/json.h"
#include "host/centre.h"
#include "store/sql.h"

struct protocols;

struct protocols_setup {
    const char *folder;     /* where the package lies */
    const char *public_key; /* 64 hexadecimal digits; "": none */
    bool drill;
    bool standby;                /* nothing is written: protocols_settle follows */
    struct sql *sql;             /* not used after the call */
    const struct protocol *held; /* by the core already; not used after the call */
    uint32_t held_count;
};

/* A package that is refused is no failure; tables that cannot be read are. */
enum status protocols_open(const struct protocols_setup *setup, struct protocols **protocols, struct error *error) MUST_USE;
void protocols_free(struct protocols *protocols);
/* Of a standby that is the owner from now on: what the core holds now, and what the tables are to keep. On failure, which tables
 * can cause, it may be called again. */
enum status protocols_settle(struct protocols *protocols, const struct protocols_setup *setup, struct error *error) MUST_USE;
/* Puts what was read again in the place of what was there, which is freed. protocols stays what it is to whoever has it. */
void protocols_replace(struct protocols *protocols, struct protocols *fresh);
/* Gives the centre what its core does not have, and logs what came of it. After the loop has its ears. */
void protocols_give(const struct protocols *protocols, struct centre *centre);

/* Why the package is not used, a sentence; NULL: it is. */
const char *protocols_refused(const struct protocols *protocols);
/* The members package and items of the object that stands open. */
void protocols_write_list(const struct protocols *protocols, struct json *json);
/* The version in use, as a JSON object; NULL: that number or version is not in use. version 0: whichever. Valid as long as
 * protocols. */
const char *protocols_document(const struct protocols *protocols, uint32_t number, uint32_t version, size_t *size);
/* A version that was in use once, appended to out. In the clerk. STATUS_NOT_FOUND: it never was. */
enum status protocols_read_old(struct sql *sql, uint32_t number, uint32_t version, struct text *out, struct error *error)
    MUST_USE;

#endif
