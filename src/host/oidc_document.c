/* Documents of 1 to 5 KB, read once an hour (discovery) and once a sign-in (answer). */
#include "host/oidc_document.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "host/oidc_token.h"
#include "wire/parse.h"

/* ---- addresses ---- */

/* Behind "http://" stands a name of this machine, and then nothing of the host any more. */
bool oidc_url_is_local(const char *url)
{
    static const char *const names[] = { "http://127.0.0.1", "http://localhost", "http://[::1]" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(url, names[i], length) == 0) {
            const char *rest = url + length;
            size_t digits = *rest == ':' ? 1 + strspn(rest + 1, "0123456789") : 0;
            return rest[digits] == '\0' || rest[digits] == '/' || rest[digits] == '?';
        }
    }
    return false;
}

bool oidc_url_is_fine(const char *url)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?[]!$&'()*+,;=%";
    bool is_secret = strncmp(url, "https://", 8) == 0 && url[8] != '\0' && url[8] != '/';
    return (is_secret || oidc_url_is_local(url)) && url[strspn(url, letters)] == '\0' && strlen(url) < OIDC_URL_SIZE;
}

/* http only of a provider that is on this machine itself. */
static bool may_follow(const char *issuer, const char *url)
{
    return oidc_url_is_fine(url) && (oidc_url_is_local(issuer) || !oidc_url_is_local(url));
}

static enum status read_url(json_t *root, const char *issuer, struct wire_member member, char url[OIDC_URL_SIZE],
                            struct error *error)
{
    const char *text = NULL;
    url[0] = '\0';
    TRY(wire_text(root, member, OIDC_URL_SIZE, &text, error));
    if (text == NULL) {
        return STATUS_OK;
    }
    if (!may_follow(issuer, text)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s is not an address that is followed: https is", member.name);
    }
    (void)snprintf(url, OIDC_URL_SIZE, "%s", text);
    return STATUS_OK;
}

/* ---- discovery ---- */

static bool lists(json_t *list, const char *wanted)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text != NULL && strcmp(text, wanted) == 0) {
            return true;
        }
    }
    return false;
}

static enum status read_discovery(json_t *root, const char *issuer, struct oidc_discovery *made, struct error *error)
{
    const char *named = NULL;
    TRY(wire_text(root, (struct wire_member){ "issuer", false }, OIDC_URL_SIZE, &named, error));
    if (strcmp(named, issuer) != 0) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "it is of another issuer than oidc_issuer says: both must be the same to the letter");
    }
    TRY(read_url(root, issuer, (struct wire_member){ "authorization_endpoint", false }, made->authorization_endpoint, error));
    TRY(read_url(root, issuer, (struct wire_member){ "token_endpoint", false }, made->token_endpoint, error));
    TRY(read_url(root, issuer, (struct wire_member){ "jwks_uri", false }, made->jwks_uri, error));
    TRY(read_url(root, issuer, (struct wire_member){ "end_session_endpoint", true }, made->end_session_endpoint, error));
    json_t *methods = json_object_get(root, "token_endpoint_auth_methods_supported");
    made->secret_in_body = lists(methods, "client_secret_post") && !lists(methods, "client_secret_basic");
    made->says_issuer = json_is_true(json_object_get(root, "authorization_response_iss_parameter_supported"));
    return STATUS_OK;
}

enum status oidc_discovery_read(const char *bytes, size_t size, const char *issuer, struct oidc_discovery *discovery,
                                struct error *error)
{
    json_t *root;
    struct oidc_discovery made = { .secret_in_body = false };
    enum status status = wire_parse_object(bytes, size, &root, error);
    if (status == STATUS_OK) {
        status = read_discovery(root, issuer, &made, error);
        json_decref(root);
    }
    if (status != STATUS_OK) {
        return error_prefix(error, "the provider's discovery document: ");
    }
    *discovery = made;
    return STATUS_OK;
}

/* ---- the answer of the token endpoint ---- */

enum status oidc_answer_read(const char *bytes, size_t size, char **id_token, struct error *error)
{
    json_t *root;
    const char *text = NULL;
    if (wire_parse_object(bytes, size, &root, error) != STATUS_OK) {
        return error_prefix(error, "the provider's answer: ");
    }
    enum status status = wire_text(root, (struct wire_member){ "id_token", false }, OIDC_TOKEN_MAX + 1, &text, error);
    if (status == STATUS_OK) {
        *id_token = strdup(text);
        CHECK(*id_token != NULL);
    } else {
        status = error_prefix(error, "the provider's answer: ");
    }
    json_decref(root);
    return status;
}
