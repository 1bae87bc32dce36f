/* Hostile bytes as a provider's discovery document, as its token endpoint's answer, and as an address. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/oidc_document.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void try_address(const char *bytes, size_t size)
{
    char *url = malloc(size + 1);
    CHECK(url != NULL);
    memcpy(url, bytes, size);
    url[size] = '\0';
    if (oidc_url_is_fine(url)) {
        CHECK(strlen(url) < OIDC_URL_SIZE && (strncmp(url, "https://", 8) == 0 || oidc_url_is_local(url)));
        CHECK(strpbrk(url, " \r\n\"\\") == NULL);
    }
    free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char issuer[] = "https://id.city.example";
    struct oidc_discovery discovery;
    struct error error = { .text = "" };
    char *token = NULL, *copy = malloc(size + 1); /* one more, for no bytes at all */
    CHECK(copy != NULL);
    memcpy(copy, bytes, size);
    if (oidc_discovery_read(copy, size, issuer, &discovery, &error) == STATUS_OK) {
        CHECK(oidc_url_is_fine(discovery.authorization_endpoint) && oidc_url_is_fine(discovery.token_endpoint));
        CHECK(oidc_url_is_fine(discovery.jwks_uri) && !oidc_url_is_local(discovery.jwks_uri));
    }
    if (oidc_answer_read(copy, size, &token, &error) == STATUS_OK) {
        free(token);
    }
    try_address(copy, size);
    free(copy);
    return 0;
}
