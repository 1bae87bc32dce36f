/* Addresses, discovery and answers: what is followed and what is not; and groups that stand for roles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "host/oidc_document.h"
#include "host/oidc_roles.h"

static void addresses(void **state)
{
    static const char *const fine[] = { "https://id.city.example", "https://id.city.example:8443/realms/city?x=1",
                                        "http://127.0.0.1:4593/api/oidc", "http://localhost/", "http://[::1]:80/x" };
    static const char *const bad[] = { "",
                                       "http://id.city.example",
                                       "http://127.0.0.1.evil.example",
                                       "http://localhost:80@evil.example/",
                                       "http://localhost.evil.example/",
                                       "https://",
                                       "https:///x",
                                       "https://user@id.city.example",
                                       "https://id.city.example/#x",
                                       "https://id.city.example/\n",
                                       "javascript:alert(1)",
                                       "file:///etc/passwd",
                                       "HTTPS://ID" };
    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        assert_true(oidc_url_is_fine(fine[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(oidc_url_is_fine(bad[i]));
    }
}

static enum status read_discovery(const char *text, const char *issuer, struct oidc_discovery *discovery)
{
    struct error error = { .text = "" };
    return oidc_discovery_read(text, strlen(text), issuer, discovery, &error);
}

#define PLACES(origin) \
    "\"authorization_endpoint\":\"" origin "/a\",\"token_endpoint\":\"" origin "/t\",\"jwks_uri\":\"" origin "/k\""

static void discovery_documents(void **state)
{
    static const char issuer[] = "https://id.city.example";
    struct oidc_discovery made = { .secret_in_body = false };
    (void)state;
    assert_int_equal(
        read_discovery("{\"issuer\":\"https://id.city.example\"," PLACES("https://id.city.example") "}", issuer, &made),
        STATUS_OK);
    assert_string_equal(made.token_endpoint, "https://id.city.example/t");
    assert_string_equal(made.end_session_endpoint, "");
    assert_false(made.secret_in_body);
    assert_int_equal(
        read_discovery("{\"issuer\":\"https://id.city.example\"," PLACES(
                           "https://id.city.example") ",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]}",
                       issuer, &made),
        STATUS_OK);
    assert_true(made.secret_in_body);
    assert_int_equal(
        read_discovery("{\"issuer\":\"https://id.city.example/\"," PLACES("https://id.city.example") "}", issuer, &made),
        STATUS_BAD_INPUT);
    assert_int_equal(read_discovery("{\"issuer\":\"https://id.city.example\"," PLACES("http://127.0.0.1") "}", issuer, &made),
                     STATUS_BAD_INPUT); /* a provider elsewhere sends nobody to this machine */
    assert_int_equal(
        read_discovery("{\"issuer\":\"http://127.0.0.1\"," PLACES("http://127.0.0.1") "}", "http://127.0.0.1", &made), STATUS_OK);
    assert_int_equal(read_discovery("{\"issuer\":\"https://id.city.example\"}", issuer, &made), STATUS_BAD_INPUT);
    assert_int_equal(read_discovery("<html>", issuer, &made), STATUS_CORRUPT);
}

static void answers(void **state)
{
    char *token = NULL;
    struct error error = { .text = "" };
    (void)state;
    assert_int_equal(oidc_answer_read("{\"id_token\":\"a.b.c\"}", 20, &token, &error), STATUS_OK);
    assert_string_equal(token, "a.b.c");
    free(token);
    assert_int_equal(oidc_answer_read("{\"id_token\":7}", 14, &token, &error), STATUS_BAD_INPUT);
    assert_int_equal(oidc_answer_read("{\"access_token\":\"x\"}", 20, &token, &error), STATUS_BAD_INPUT);
}

static void groups_and_roles(void **state)
{
    static const struct oidc_claims claims = { .group_count = 2, .groups = { "desk", "a=b" } };
    struct grant grants[GRANTS_MAX];
    (void)state;
    assert_true(oidc_roles_are_fine(""));
    assert_true(oidc_roles_are_fine("desk=dispatcher, a=b=auditor"));
    assert_false(oidc_roles_are_fine("desk"));
    assert_false(oidc_roles_are_fine("=dispatcher"));
    assert_false(oidc_roles_are_fine("desk=dispatch"));
    assert_false(oidc_roles_are_fine("desk=gateway"));
    assert_false(oidc_roles_are_fine("desk=crew"));
    assert_int_equal(oidc_roles_of("cooks=administrator", &claims, grants), 0);
    assert_int_equal(oidc_roles_of("desk=dispatcher,desk=call_taker,x=planner,a=b=auditor,desk=dispatcher", &claims, grants), 3);
    assert_int_equal(grants[0].role, ROLE_DISPATCHER);
    assert_int_equal(grants[2].role, ROLE_AUDITOR);
    assert_int_equal(grants[2].scope, SCOPE_CENTRE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(discovery_documents),
        cmocka_unit_test(answers),
        cmocka_unit_test(groups_and_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
