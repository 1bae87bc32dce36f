/* Certificates that OpenSSL's program made, and their ends as it tells them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "host/certificate.h"

static void expect_end(const char *name, const char *end)
{
    char path[512], text[INSTANT_TEXT_SIZE];
    struct file_view view;
    struct error error;
    struct instant at = INSTANT_NONE;
    snprintf(path, sizeof path, "%s/tests/corpus/certificate/%s", MINGDI_SOURCE_DIR, name);
    assert_int_equal(file_view_open(&view, path, &error), STATUS_OK);
    assert_true(certificate_ends((const char *)view.bytes, view.size, &at));
    instant_format(at, text);
    assert_string_equal(text, end);
    /* Cut anywhere, or with any bit changed, it is read or refused. */
    char *copy = malloc(view.size);
    assert_non_null(copy);
    for (size_t i = 0; i < view.size; i++) {
        memcpy(copy, view.bytes, view.size);
        copy[i] = (char)(copy[i] ^ 1);
        (void)certificate_ends(copy, view.size, &at);
        (void)certificate_ends(copy, i, &at);
    }
    free(copy);
    file_view_close(&view);
}

static void of_both_forms_of_time(void **state)
{
    (void)state;
    expect_end("rsa.pem", "2036-11-19T07:36:37.000Z");
    expect_end("expired.pem", "2021-01-01T00:00:00.000Z");
    expect_end("late.pem", "2067-12-17T07:36:37.000Z"); /* after 2049: GeneralizedTime */
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "-----BEGIN CERTIFICATE-----",
                                         "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                                         "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n" };
    struct instant at = INSTANT_NONE;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_false(certificate_ends(texts[i], strlen(texts[i]), &at));
    }
    assert_true(instant_is_none(at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_both_forms_of_time),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
