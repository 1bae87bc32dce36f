/* Secrets that gateways are given: never on the command line, which others can read. */
#ifndef MINGDI_CLI_GATEWAY_SECRET_H
#define MINGDI_CLI_GATEWAY_SECRET_H

#include "cli/verb.h"
#include "gateway/link.h"

/* The only line of a file; what: "a password", for the error. The caller wipes it. */
enum status gateway_read_line(const char *path, const char *what, char *out, size_t size, struct error *error) MUST_USE;
/* By --token-file or --token-fd. */
enum status gateway_read_token(const struct arguments *arguments, char token[LINK_TOKEN_MAX], struct error *error) MUST_USE;

#endif
