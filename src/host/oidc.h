/* Signing in by the city's own identity provider: OpenID Connect, authorization code flow with PKCE (RFC 7636, S256), state and
 * nonce. This is the relying party: it makes the address to which the browser goes, and makes of what the browser brings back the
 * claims of a verified ID token. Whose account that is, and what it may do, people.h and the rights decide.
 *
 * An attempt lives for ten minutes in memory, and belongs to one browser, which holds a secret of it in a cookie; its state works
 * once. What has to be asked of the provider is asked in threads of its own, bounded (oidc_fetch.h). What it publishes of itself
 * is kept for an hour; a token signed by a key that is not known fetches the keys anew, once for each sign-in.
 *
 * Workload: some tens of sign-ins a minute at a change of shift. I/O thread. Each done is called once, in the I/O thread, perhaps
 * before the function returns. */
#ifndef MINGDI_HOST_OIDC_H
#define MINGDI_HOST_OIDC_H

#include <stdbool.h>

#include "base/status.h"
#include "host/config.h"
#include "host/oidc_document.h"
#include "host/oidc_token.h"
#include "host/secret.h"
#include "host/workers.h"

struct oidc;

enum { OIDC_ATTEMPTS_MAX = 1024, OIDC_ATTEMPT_S = 600, OIDC_ADDRESS_SIZE = 4096, OIDC_CODE_MAX = 4096 };

/* From the settings oidc_* and public_address; folder: of the data, for the file with the client's secret, which nobody but its
 * owner may read. BAD_INPUT, IO: they cannot be used, and why. */
enum status oidc_create(const struct config *config, const char *folder, struct oidc **oidc, struct error *error) MUST_USE;
/* After workers_destroy(oidc_workers). */
void oidc_destroy(struct oidc *oidc);
struct workers *oidc_workers(struct oidc *oidc);
/* Questions that are under way end soon, without an answer. */
void oidc_stop(struct oidc *oidc);

enum oidc_outcome {
    OIDC_DONE,
    OIDC_SILENT,       /* the provider does not answer as it must */
    OIDC_OVER,         /* the attempt is unknown, used, too old, or another browser's */
    OIDC_DECLINED,     /* the provider signed nobody in: the person gave up, or may not */
    OIDC_NOT_BELIEVED, /* what came is not what the provider would say to this centre */
    OIDC_BUSY,
};

struct oidc_begun {
    enum oidc_outcome outcome;
    char address[OIDC_ADDRESS_SIZE]; /* where the browser goes */
    char browser[SECRET_TEXT_SIZE];  /* for its cookie */
};
void oidc_begin(struct oidc *oidc, void (*done)(void *context, const struct oidc_begun *begun), void *context);

/* What the browser brought back; each NULL if it did not. */
struct oidc_return {
    const char *state, *code, *issuer; /* no code: the provider signed nobody in, or oidc_keep */
    const char *browser;               /* of its cookie */
};
struct oidc_finished {
    enum oidc_outcome outcome;
    char why[256]; /* a sentence, without secrets and personal data */
    bool kept;     /* by oidc_keep: claims have no groups */
    struct oidc_claims claims;
};
void oidc_finish(struct oidc *oidc, const struct oidc_return *came,
                 void (*done)(void *context, const struct oidc_finished *finished), void *context);
/* The person still owes a one-time code: until the attempt is too old, the same state without a code finishes with these claims
 * (groups are left out). */
void oidc_keep(struct oidc *oidc, const char *state, const char *browser, const struct oidc_claims *claims);
/* Signed in: the attempt is over. */
void oidc_forget(struct oidc *oidc, const char *state);

/* Where the browser goes to end its session with the provider too; false: it has no such place, or is not known yet. */
bool oidc_sign_out_address(struct oidc *oidc, char address[OIDC_ADDRESS_SIZE]);

#endif
