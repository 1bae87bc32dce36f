/* The mailbox: bytes come whole, in order, none twice; it is bounded, and whoever waits is woken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "host/mailbox.h"

enum { WAIT_US = 60 * 1000 * 1000, SENDERS = 4, LETTERS = 3000, LETTER_MAX = 120 };

static struct mailbox *make(size_t bytes_max)
{
    struct mailbox *mailbox = NULL;
    struct error error;
    assert_int_equal(mailbox_create(bytes_max, &mailbox, &error), STATUS_OK);
    return mailbox;
}

/* Words of a letter: how many words in all, sender, number, and then the number again and again. */
static size_t write_letter(uint64_t *words, uint64_t sender, uint64_t number)
{
    size_t count = 3 + number * 7 % (LETTER_MAX - 3);
    words[0] = count;
    words[1] = sender;
    words[2] = number;
    for (size_t i = 3; i < count; i++) {
        words[i] = number;
    }
    return count;
}

struct sender {
    struct mailbox *mailbox;
    uint64_t number;
    pthread_t thread;
};

static void *send_all(void *context)
{
    const struct sender *sender = context;
    uint64_t words[LETTER_MAX];
    for (uint64_t i = 0; i < LETTERS; i++) {
        size_t count = write_letter(words, sender->number, i);
        if (mailbox_put(sender->mailbox, words, 24, words + 3, (count - 3) * 8, true) != MAILBOX_PUT) {
            return NULL;
        }
    }
    return context;
}

static void letters_come_whole_and_in_order(void **state)
{
    (void)state;
    struct mailbox *mailbox = make(8 * LETTER_MAX * 2);
    struct sender senders[SENDERS];
    uint64_t next[SENDERS] = { 0 }, got = 0;
    for (uint64_t s = 0; s < SENDERS; s++) {
        senders[s] = (struct sender){ .mailbox = mailbox, .number = s };
        assert_int_equal(pthread_create(&senders[s].thread, NULL, send_all, &senders[s]), 0);
    }
    while (got < SENDERS * LETTERS) {
        const void *bytes;
        mailbox_wait(mailbox, WAIT_US);
        size_t size = mailbox_take(mailbox, &bytes);
        assert_true(size <= 8 * LETTER_MAX * 2);
        const uint64_t *words = bytes;
        for (size_t at = 0; at < size / 8; at += words[at]) {
            uint64_t sender = words[at + 1], expected[LETTER_MAX];
            assert_true(sender < SENDERS);
            size_t count = write_letter(expected, sender, next[sender]++);
            assert_true(words[at] == count && at + count <= size / 8);
            assert_memory_equal(words + at, expected, count * 8);
            got += 1;
        }
    }
    for (int s = 0; s < SENDERS; s++) {
        void *result = NULL;
        pthread_join(senders[s].thread, &result);
        assert_non_null(result);
    }
    assert_int_equal(mailbox_waiting_bytes(mailbox), 0);
    mailbox_destroy(mailbox);
}

static bool is_readable(const struct mailbox *mailbox)
{
    struct pollfd waited = { .fd = mailbox_fd(mailbox), .events = POLLIN };
    return poll(&waited, 1, 0) == 1;
}

static void a_full_or_closed_one_refuses(void **state)
{
    (void)state;
    const uint64_t word = 7;
    const void *bytes;
    struct mailbox *mailbox = make(16);
    assert_false(is_readable(mailbox));
    assert_int_equal(mailbox_put(mailbox, &word, 8, NULL, 0, false), MAILBOX_PUT);
    assert_int_equal(mailbox_put(mailbox, &word, 8, NULL, 0, false), MAILBOX_PUT);
    assert_int_equal(mailbox_put(mailbox, &word, 8, NULL, 0, false), MAILBOX_FULL);
    assert_true(is_readable(mailbox));
    mailbox_set_closed(mailbox, true);
    assert_int_equal(mailbox_put(mailbox, &word, 8, NULL, 0, true), MAILBOX_CLOSED);
    assert_int_equal(mailbox_take(mailbox, &bytes), 16); /* what was put before */
    assert_false(is_readable(mailbox));
    mailbox_set_closed(mailbox, false);
    assert_int_equal(mailbox_put(mailbox, &word, 8, NULL, 0, false), MAILBOX_PUT);
    assert_int_equal(mailbox_take(mailbox, &bytes), 8);
    assert_int_equal(mailbox_take(mailbox, &bytes), 0);
    mailbox_destroy(mailbox);
}

static void *put_into_full(void *context)
{
    const uint64_t words[2] = { 1, 2 };
    return mailbox_put(context, words, 16, NULL, 0, true) == MAILBOX_CLOSED ? context : NULL;
}

/* A sender that waits for room learns that there will be none, whenever it began to wait. */
static void closing_wakes_those_who_wait(void **state)
{
    (void)state;
    const uint64_t word = 7;
    for (int i = 0; i < 200; i++) {
        struct mailbox *mailbox = make(16);
        pthread_t thread;
        void *result = NULL;
        assert_int_equal(mailbox_put(mailbox, &word, 8, NULL, 0, false), MAILBOX_PUT);
        assert_int_equal(pthread_create(&thread, NULL, put_into_full, mailbox), 0);
        mailbox_set_closed(mailbox, true);
        pthread_join(thread, &result);
        assert_non_null(result);
        mailbox_destroy(mailbox);
    }
}

static void *wake(void *context)
{
    mailbox_wake(context);
    return NULL;
}

static void a_wake_is_never_lost(void **state)
{
    (void)state;
    struct mailbox *mailbox = make(16);
    const void *bytes;
    for (int i = 0; i < 200; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, wake, mailbox), 0);
        mailbox_wait(mailbox, WAIT_US);
        pthread_join(thread, NULL);
        assert_true(is_readable(mailbox));
        assert_int_equal(mailbox_take(mailbox, &bytes), 0);
        assert_false(is_readable(mailbox));
    }
    mailbox_wait(mailbox, 0); /* nothing there: comes back all the same */
    mailbox_destroy(mailbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_come_whole_and_in_order),
        cmocka_unit_test(a_full_or_closed_one_refuses),
        cmocka_unit_test(closing_wakes_those_who_wait),
        cmocka_unit_test(a_wake_is_never_lost),
    };
    return cmocka_run_group_tests_name("host/mailbox", tests, NULL, NULL);
}
