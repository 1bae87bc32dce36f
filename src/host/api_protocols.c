/* The triage protocols for clients: those in use from memory, older ones from the tables. */
#include <stdio.h>

#include "host/api_private.h"

void api_list_protocols(struct exchange *exchange)
{
    protocols_write_list(exchange->api->setup.protocols, exchange_object(exchange));
    exchange_send(exchange, 200);
}

/* In the clerk. */
static void read_old(void *job)
{
    struct exchange *exchange = job;
    struct error error = { .text = "" };
    exchange->status = protocols_read_old(exchange->api->setup.sql, exchange->id, exchange->limit, &exchange->body, &error);
}

static void answer_old(void *job)
{
    struct exchange *exchange = job;
    if (exchange->status == STATUS_OK) {
        exchange_send_body(exchange, 200);
    } else if (exchange->status == STATUS_NOT_FOUND) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
    } else {
        exchange_problem_of(exchange, PROBLEM_BUSY);
    }
}

void api_show_protocol(struct exchange *exchange)
{
    int64_t version = 0;
    size_t size = 0;
    if (!exchange_number(exchange, "version", 1, UINT32_MAX, &version)) {
        return;
    }
    const char *document = protocols_document(exchange->api->setup.protocols, exchange->id, (uint32_t)version, &size);
    if (document != NULL) {
        text_append(&exchange->body, document, size);
        exchange_send_body(exchange, 200);
    } else if (version == 0) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
    } else {
        exchange->limit = (uint32_t)version;
        exchange->status = STATUS_IO; /* until the clerk has been there */
        if (!workers_give(exchange->api->setup.clerk, read_old, answer_old, exchange)) {
            exchange_problem_of(exchange, PROBLEM_BUSY);
        }
    }
}
