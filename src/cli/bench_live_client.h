/* The load generator's side of the wire: HTTP/1.1 connections that are kept, and WebSockets, on one epoll loop in one thread.
 *
 * It is spare on purpose: what it takes of the processor is missing to the server that it measures. So it reads of an answer what
 * a benchmark needs and trusts the server, which is the same program; anything unexpected ends the measurement with an error.
 *
 * Workload: 1 to 200 connections; some thousand requests of 100 bytes to 20 kB a second; frames of 40 kB. */
#ifndef MINGDI_CLI_BENCH_LIVE_CLIENT_H
#define MINGDI_CLI_BENCH_LIVE_CLIENT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

enum { BENCH_CLIENTS_MAX = 1024, BENCH_CREDENTIAL_MAX = 512 };

struct bench_client;

struct bench_loop {
    int epoll;
    const volatile sig_atomic_t *stop;
    bool failed; /* error tells why; nothing more is to be done */
    struct error error;
};

/* An answer with status 200 or 201, during the call; the next request may be sent from in it. */
typedef void bench_answered(struct bench_client *client, const char *body, size_t length);
/* A message of the stream. */
typedef void bench_heard(struct bench_client *client, const char *message, size_t length);

struct bench_client {
    struct bench_loop *loop;
    int fd;
    bool is_stream, waits; /* waits: a request has not been answered yet */
    bench_answered *answered;
    bench_heard *heard;
    void *context;
    uint32_t number, step, subject; /* the user's */
    int64_t sent_ns;                /* the last request went out */
    int64_t received_ns;            /* what is being told was read from the socket */
    uint64_t received_bytes;
    const char *head; /* of the answer that is being told; it ends in an empty line */
    size_t head_length;
    const char *credential; /* header lines, each with its end of line; the user's, lasts as long as the client */
    struct text out;
    char *in;
    size_t in_begin, in_end, in_size;
};

enum status bench_loop_begin(struct bench_loop *loop, const volatile sig_atomic_t *stop, struct error *error) MUST_USE;
void bench_loop_end(struct bench_loop *loop);
/* Waits at most so long for answers and messages, and tells them. False when the measurement is over before its time: a failure,
 * or the user wants to stop; loop->error says which. */
bool bench_loop_turn(struct bench_loop *loop, int wait_ms);
void bench_loop_fail(struct bench_loop *loop, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* To 127.0.0.1. credential: header lines, or "". On failure loop says why. */
bool bench_client_open(struct bench_client *client, struct bench_loop *loop, int port, const char *credential);
void bench_client_close(struct bench_client *client);
/* One at a time. key: of idempotency, or NULL. body NULL: none. */
void bench_client_ask(struct bench_client *client, const char *method, const char *path, const char *key, const char *body,
                      size_t length);
/* The connection becomes the stream; heard is called from then on. */
void bench_client_listen(struct bench_client *client);
/* Turns until the client has its answer. */
bool bench_client_await(struct bench_client *client);

/* The number behind "name": in the server's compact JSON, at or after *from (which moves behind it); -1 where there is none. */
int64_t bench_json_number(const char *bytes, size_t length, size_t *from, const char *name);

#endif
