/* Outlets of the HTTP server: those that wait for a socket, and the end of all. */
#include "host/http_private.h"

void outlet_abandon(struct outlet *outlet) { (void)outlet; }

void outlet_end_all(struct http_server *server) { server->outlets = NULL; }
