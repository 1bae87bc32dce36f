/* Inside oidc*.c: what the provider published, kept for the threads that ask it. */
#ifndef MINGDI_HOST_OIDC_PRIVATE_H
#define MINGDI_HOST_OIDC_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "host/config.h"
#include "host/oidc_document.h"
#include "host/oidc_token.h"

enum { OIDC_SECRET_SIZE = 512, OIDC_RETURN_SIZE = CONFIG_TEXT_MAX + 32 };

/* Constant once made. */
struct oidc_client {
    char issuer[CONFIG_TEXT_MAX], id[CONFIG_TEXT_MAX], account_claim[CONFIG_TEXT_MAX], groups_claim[CONFIG_TEXT_MAX];
    char scope[CONFIG_TEXT_MAX];
    char return_address[OIDC_RETURN_SIZE];   /* public_address and /console/sign-in: registered with the provider */
    char farewell_address[OIDC_RETURN_SIZE]; /* public_address and / */
    bool has_secret;
    char secret[OIDC_SECRET_SIZE];
};

struct oidc_provider {
    const struct oidc_client *client;
    atomic_bool stop;
    pthread_mutex_t lock; /* of what is below */
    bool discovered;
    int64_t discovered_us, keys_us; /* monotonic */
    struct oidc_discovery discovery;
    struct oidc_keys *keys; /* NULL: none yet */
};

/* ---- oidc_provider.c: in any thread; all but the last may wait for the provider ---- */

enum status oidc_provider_open(struct oidc_provider *provider, const struct oidc_client *client, struct error *error) MUST_USE;
void oidc_provider_close(struct oidc_provider *provider);
enum status oidc_provider_discover(struct oidc_provider *provider, struct oidc_discovery *discovery, struct error *error)
    MUST_USE;
/* Exchanges the code for an ID token and verifies it. IO: the provider does not answer; BAD_INPUT: what came is not believed. */
struct oidc_exchange {
    const char *code, *verifier, *nonce;
};
enum status oidc_provider_redeem(struct oidc_provider *provider, const struct oidc_exchange *exchange, struct oidc_claims *claims,
                                 struct error *error) MUST_USE;
/* False: not known yet. */
bool oidc_provider_known(struct oidc_provider *provider, struct oidc_discovery *discovery);

/* ---- oidc_secret.c ---- */

enum status oidc_secret_read(const char *path, char secret[OIDC_SECRET_SIZE], struct error *error) MUST_USE;

#endif
