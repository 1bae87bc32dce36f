#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/group.h"
#include "store/sample.h"

enum { COUNT = 5, FIRST = 41 };

/* A group of COUNT samples from FIRST on. */
struct made {
    struct group_head head;
    uint64_t words[COUNT * SAMPLE_WORDS];
    size_t size, offsets[COUNT];
};

static void make(struct made *made)
{
    memset(made, 0, sizeof *made);
    made->head.first_sequence = FIRST;
    made->head.last_sequence = FIRST + COUNT - 1;
    struct sample sample;
    for (uint64_t i = 0; i < COUNT; i++) {
        const struct entry_head *entry = sample_entry(&sample, FIRST + i, 3);
        memcpy((unsigned char *)made->words + made->size, entry, entry->size);
        made->offsets[i] = made->size;
        made->size += entry->size;
    }
}

static bool check(const struct made *made, struct group_cursor *cursor, struct group_fault *fault)
{
    return group_check(made->words, made->size, made->head.first_sequence, made->head.last_sequence, cursor, fault);
}

static void a_sound_group_advances_the_cursor(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    struct group_fault fault;
    struct group_cursor any = { .next_sequence = 0, .entered_at = INSTANT_NONE };
    assert_true(check(&made, &any, &fault));
    assert_int_equal(any.next_sequence, FIRST + COUNT);
    assert_int_equal(any.entered_at.us, (FIRST + COUNT - 1) * 1000);
    struct group_cursor right = { .next_sequence = FIRST, .entered_at = { FIRST * 1000 } };
    assert_true(check(&made, &right, &fault));
}

static void a_group_out_of_place_is_refused(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    struct group_fault fault;
    struct group_cursor later = { .next_sequence = FIRST + 1, .entered_at = INSTANT_NONE };
    assert_false(check(&made, &later, &fault));
    assert_int_equal(fault.sequence, FIRST + 1);
    struct group_cursor time = { .next_sequence = FIRST, .entered_at = { FIRST * 1000 + 1 } };
    assert_false(check(&made, &time, &fault));
    assert_int_equal(fault.sequence, FIRST);
    assert_string_equal(fault.what, "it was entered before the entry that it follows");
    assert_int_equal(time.next_sequence, FIRST);
}

static void every_flipped_bit_is_found(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    unsigned char *bytes = (unsigned char *)made.words;
    for (size_t bit = 0; bit < made.size * 8; bit++) {
        struct group_fault fault;
        struct group_cursor cursor = { .next_sequence = FIRST, .entered_at = INSTANT_NONE };
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_false(check(&made, &cursor, &fault));
        size_t entry = fault.sequence - FIRST; /* the entry that holds the bit, and no later one */
        assert_true(entry < COUNT && made.offsets[entry] <= bit / 8);
        assert_int_equal(cursor.next_sequence, FIRST);
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}

static void every_cut_is_found(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    for (size_t size = 0; size < made.size; size++) {
        unsigned char *copy = malloc(size > 0 ? size : 1); /* so that the sanitizer sees a read beyond */
        assert_non_null(copy);
        memcpy(copy, made.words, size);
        struct group_fault fault;
        struct group_cursor cursor = { .next_sequence = FIRST, .entered_at = INSTANT_NONE };
        assert_false(group_check(copy, size, FIRST, FIRST + COUNT - 1, &cursor, &fault));
        free(copy);
    }
}

static void impossible_sequences_are_refused(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    const uint64_t cases[][2] = {
        { 0, 0 }, { FIRST, FIRST - 1 }, { FIRST, UINT64_MAX }, { FIRST, FIRST }, { UINT64_MAX, UINT64_MAX }
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct group_fault fault;
        struct group_cursor cursor = { .entered_at = INSTANT_NONE };
        assert_false(group_check(made.words, made.size, cases[i][0], cases[i][1], &cursor, &fault));
    }
}

/* FIPS 180-4 gives the first; the second is the layout that group.h promises, laid out by hand. */
static void hashes_are_sha_256(void **state)
{
    (void)state;
    static const unsigned char abc[GROUP_HASH_SIZE] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                                        0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                                        0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad };
    struct group_hash hash = group_digest("abc", 3);
    assert_true(group_hash_equals(&hash, abc));
    struct {
        struct group_head head;
        unsigned char bytes[8];
    } group = { .head = { .first_sequence = 1, .last_sequence = 258 }, .bytes = "mingdi!" };
    unsigned char flat[56] = { 0 };
    flat[32] = 1;
    flat[40] = 2;
    flat[41] = 1;
    memcpy(flat + 48, "mingdi!", 8);
    struct group_hash chained = group_hash(&group.head, 8);
    struct group_hash by_hand = group_digest(flat, sizeof flat);
    assert_memory_equal(&chained, &by_hand, sizeof chained);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_group_advances_the_cursor), cmocka_unit_test(a_group_out_of_place_is_refused),
        cmocka_unit_test(every_flipped_bit_is_found),        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(impossible_sequences_are_refused),  cmocka_unit_test(hashes_are_sha_256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
