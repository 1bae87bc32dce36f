#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "store/sparse.h"

enum { SIZE_MAX_HERE = 1 << 20 };

static void check_round(const unsigned char *bytes, size_t size, size_t packed_most)
{
    void *packed = NULL, *back = NULL;
    size_t packed_size = 0, back_size = 0;
    struct error error;
    assert_int_equal(sparse_pack(bytes, size, &packed, &packed_size, &error), STATUS_OK);
    assert_true(packed_size <= packed_most);
    assert_int_equal(sparse_unpack(packed, packed_size, SIZE_MAX_HERE, &back, &back_size, &error), STATUS_OK);
    assert_int_equal(back_size, size);
    assert_memory_equal(back, bytes, size);
    free(packed);
    free(back);
}

static void test_what_is_packed_comes_back(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 1023, 1024, 1025, 65536, 70001 };
    unsigned char *bytes = malloc(70001);
    assert_non_null(bytes);
    struct random_stream chance;
    random_open(&chance, 120, 0, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memset(bytes, 0, sizes[i]);
        check_round(bytes, sizes[i], 16 + 8 + sizes[i] / 1024 / 8 + 8); /* zeros cost one bit a page */
        for (int touched = 0; touched < 5; touched++) {
            bytes[random_u64(&chance) % sizes[i]] = 1;
            check_round(bytes, sizes[i], SIZE_MAX);
        }
        memset(bytes, 7, sizes[i]);
        check_round(bytes, sizes[i], sizes[i] + 16 + sizes[i] / 1024 / 8 + 16);
    }
    free(bytes);
}

/* Cut anywhere, or asking for more than is allowed: refused, and nothing is read beyond the end (the sanitizer sees to that). */
static void test_a_wrong_form_is_refused(void **state)
{
    (void)state;
    unsigned char bytes[5000] = { 0 };
    bytes[10] = 1;
    bytes[4999] = 2;
    void *packed = NULL, *back = NULL;
    size_t packed_size = 0, back_size = 0;
    struct error error;
    assert_int_equal(sparse_pack(bytes, sizeof bytes, &packed, &packed_size, &error), STATUS_OK);
    for (size_t cut = 0; cut < packed_size; cut++) {
        void *exact = malloc(cut > 0 ? cut : 1);
        assert_non_null(exact);
        memcpy(exact, packed, cut);
        assert_int_equal(sparse_unpack(exact, cut, SIZE_MAX_HERE, &back, &back_size, &error), STATUS_CORRUPT);
        free(exact);
    }
    assert_int_equal(sparse_unpack(packed, packed_size, 4999, &back, &back_size, &error), STATUS_CORRUPT);
    ((unsigned char *)packed)[0] = 'X';
    assert_int_equal(sparse_unpack(packed, packed_size, SIZE_MAX_HERE, &back, &back_size, &error), STATUS_CORRUPT);
    free(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_packed_comes_back),
        cmocka_unit_test(test_a_wrong_form_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
