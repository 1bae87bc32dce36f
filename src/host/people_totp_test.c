/* The second factor against the table of RFC 6238 (appendix B, SHA-1, its last six digits) and against oathtool where that
 * is installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/people_totp.h"
#include "host/secret.h"

static const unsigned char RFC_SECRET[] = "12345678901234567890";

static bool check(int64_t seconds, const char *code, uint64_t last_step, uint64_t *step)
{
    return totp_check(RFC_SECRET, code, (struct instant){ seconds * US_PER_SECOND }, last_step, step);
}

static void the_vectors_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *code;
    } vectors[] = { { 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
                    { 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" } };
    for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
        uint64_t step = 0;
        assert_true(check(vectors[i].seconds, vectors[i].code, 0, &step));
        assert_int_equal(step, vectors[i].seconds / 30);
        /* One step early or late is taken, two are not. */
        assert_true(check(vectors[i].seconds + 30, vectors[i].code, 0, &step));
        assert_true(check(vectors[i].seconds - 30, vectors[i].code, 0, &step));
        assert_false(check(vectors[i].seconds + 60, vectors[i].code, 0, &step));
        assert_false(check(vectors[i].seconds - 60, vectors[i].code, 0, &step));
        /* Used, or older than one that was used. */
        assert_false(check(vectors[i].seconds, vectors[i].code, (uint64_t)vectors[i].seconds / 30, &step));
        assert_true(check(vectors[i].seconds, vectors[i].code, (uint64_t)vectors[i].seconds / 30 - 1, &step));
    }
}

static void what_is_no_code(void **state)
{
    (void)state;
    static const char *const codes[] = { "", "28708", "2870820", "287083", "28708x", " 28708", "287082 ", "94287082" };
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        uint64_t step = 0;
        assert_false(check(59, codes[i], 0, &step));
    }
}

static void a_new_secret(void **state)
{
    (void)state;
    unsigned char key[32] = "0123456789abcdef0123456789abcde", box[TOTP_BOX_SIZE], secret[TOTP_SECRET_SIZE];
    char url[160];
    assert_true(totp_make(key, 7, "li.wei", box, url, sizeof url));
    assert_true(strncmp(url, "otpauth://totp/Mingdi:li.wei?secret=", 36) == 0);
    assert_string_equal(url + 36 + 32, "&issuer=Mingdi");
    assert_true(totp_open(key, 7, box, sizeof box, secret));
    assert_false(totp_open(key, 8, box, sizeof box, secret));
    assert_false(totp_open(key, 7, box, sizeof box - 1, secret));
    key[0] ^= 1;
    assert_false(totp_open(key, 7, box, sizeof box, secret));
    char longest[64];
    memset(longest, '%', 63);
    longest[63] = '\0';
    assert_true(totp_make(key, 7, longest, box, url, sizeof url));
    assert_non_null(strstr(url, "Mingdi:account?secret="));
}

/* Another program reads the secret out of the URL and makes the code of a given time. */
static void codes_of_oathtool(void **state)
{
    (void)state;
    unsigned char key[32] = "k", box[TOTP_BOX_SIZE], secret[TOTP_SECRET_SIZE];
    char url[160], command[300], code[16] = "";
    if (system("command -v oathtool >/dev/null 2>&1") != 0) {
        print_message("skipped: oathtool is not installed\n");
        skip();
    }
    for (int i = 0; i < 5; i++) {
        uint64_t step = 0;
        assert_true(totp_make(key, 1, "a", box, url, sizeof url));
        assert_true(totp_open(key, 1, box, sizeof box, secret));
        snprintf(command, sizeof command, "oathtool --totp -b --now '2026-11-22 08:30:0%d UTC' %.32s", i,
                 strstr(url, "secret=") + 7);
        FILE *pipe = popen(command, "r");
        assert_non_null(pipe);
        assert_non_null(fgets(code, sizeof code, pipe));
        assert_int_equal(pclose(pipe), 0);
        code[6] = '\0';
        assert_true(totp_check(secret, code, (struct instant){ (INT64_C(1795336200) + i) * US_PER_SECOND }, 0, &step));
    }
}

int main(void)
{
    struct error error;
    CHECK(secret_start(&error) == STATUS_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc),
        cmocka_unit_test(what_is_no_code),
        cmocka_unit_test(a_new_secret),
        cmocka_unit_test(codes_of_oathtool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
