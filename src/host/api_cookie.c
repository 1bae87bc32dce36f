/* The cookies of attempts to sign in. With TLS in front their prefix demands Secure, this host alone and the path /. */
#include <stdio.h>
#include <string.h>

#include "host/api_private.h"
#include "host/oidc.h"
#include "host/passkey_attempts.h"

enum { COOKIE_SIZE = 192 };

static const struct {
    const char *name, *prefixed;
    int seconds;
} cookies[] = {
    [COOKIE_PROVIDER] = { "mingdi_provider", "__Host-mingdi_provider", OIDC_ATTEMPT_S },
    [COOKIE_PASSKEY] = { "mingdi_passkey", "__Host-mingdi_passkey", PASSKEY_ATTEMPT_S },
};

static const char *name_of(const struct exchange *exchange, enum api_cookie which)
{
    return exchange->api->setup.config->behind_proxy ? cookies[which].prefixed : cookies[which].name;
}

void api_set_cookie(struct exchange *exchange, enum api_cookie which, const char *value)
{
    char cookie[COOKIE_SIZE];
    (void)snprintf(cookie, sizeof cookie, "%s=%s; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=%d",
                   name_of(exchange, which), value, value[0] != '\0' ? cookies[which].seconds : 0);
    http_set_header(exchange->request, "Set-Cookie", cookie);
    secret_wipe(cookie, sizeof cookie);
}

void api_read_cookie(const struct exchange *exchange, enum api_cookie which, char value[SECRET_TEXT_SIZE])
{
    const char *header = http_header(exchange->request, "Cookie");
    const char *name = name_of(exchange, which);
    size_t before = strlen(name) + 1; /* the name and its = */
    value[0] = '\0';
    while (header != NULL && *header != '\0') {
        header += strspn(header, " ;\t");
        size_t length = strcspn(header, ";");
        if (length == before + SECRET_TEXT_SIZE - 1 && strncmp(header, name, before - 1) == 0 && header[before - 1] == '=') {
            memcpy(value, header + before, SECRET_TEXT_SIZE - 1);
            value[SECRET_TEXT_SIZE - 1] = '\0';
        }
        header += length;
    }
}
