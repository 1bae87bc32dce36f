/* The examples of RFC 8949, appendix A, as far as authenticators may write such; and what they may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/passkey_cbor.h"

enum { ROOM = 64 };

/* In memory that is exactly as long. */
static size_t size_of(const char *hex, size_t *size)
{
    unsigned char bytes[ROOM];
    assert_int_equal(sodium_hex2bin(bytes, sizeof bytes, hex, strlen(hex), NULL, size, NULL), 0);
    unsigned char *exact = malloc(*size + 1);
    CHECK(exact != NULL);
    memcpy(exact, bytes, *size);
    size_t found = passkey_cbor_size(exact, *size);
    free(exact);
    return found;
}

static void the_examples(void **state)
{
    static const char *const examples[] = { "00",
                                            "17",
                                            "1818",
                                            "1903e8",
                                            "1a000f4240",
                                            "1bffffffffffffffff",
                                            "20",
                                            "3903e7",
                                            "f4",
                                            "f5",
                                            "f6",
                                            "40",
                                            "4401020304",
                                            "6449455446",
                                            "80",
                                            "83010203",
                                            "8301820203820405",
                                            "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                                            "a0",
                                            "a201020304",
                                            "a26161016162820203",
                                            "826161a161626163" };
    size_t size;
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        assert_int_equal(size_of(examples[i], &size), strlen(examples[i]) / 2);
    }
    assert_int_equal(size_of("a2010203040000", &size), 5); /* what follows is another's */
}

static void what_is_not_written(void **state)
{
    static const char *const wrong[] = { "5f42010243030405ff", /* lengths that are told at the end */
                                         "9fff",
                                         "bf61610161629f0203ffff",
                                         "c11a514b67b0", /* tags */
                                         "d74401020304",
                                         "f90000", /* floating point */
                                         "fb3ff199999999999a",
                                         "f8ff",
                                         "ff",
                                         "1c",
                                         "8181818181",           /* too deep */
                                         "9bffffffffffffffff00", /* more than there is */
                                         "bbffffffffffffffff00",
                                         "bb800000000000000000",
                                         "5bffffffffffffffff00",
                                         "9a0000ffff00",
                                         "4401",
                                         "8201",
                                         "a101",
                                         "a1",
                                         "1900",
                                         "" };
    size_t size;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(size_of(wrong[i], &size), 0);
    }
}

static void as_deep_as_may_be(void **state)
{
    size_t size;
    (void)state;
    assert_int_equal(size_of("8181818100", &size), 5);
    assert_int_equal(size_of("818181818100", &size), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples),
        cmocka_unit_test(what_is_not_written),
        cmocka_unit_test(as_deep_as_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
