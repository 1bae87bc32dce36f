/* One running centre, whole: brings up its parts in order, turns its loop, drains when it is told to. The order of the parts, and
 * who wakes whom, is told in ARCHITECTURE.md. Several may run in one process, each in a thread of its own (region.h). */
#ifndef MINGDI_HOST_SERVER_H
#define MINGDI_HOST_SERVER_H

#include "host/centre.h"
#include "host/commons.h"
#include "host/settings.h"
#include "store/store.h"

struct server;

struct server_setup {
    struct store store;
    const char *folder; /* of the city file, the master key and the settings: the live centre's, also for its drill */
    struct settings_sources settings; /* read again when it is told to */
    struct commons *commons;          /* of the process; outlives the server */
};

/* Opens and listens. The setup outlives the server. On failure nothing is left. */
enum status server_create(const struct server_setup *setup, struct server **server, struct error *error) MUST_USE;
/* In the thread that made it: answers requests until it was told to stop, and has drained. */
enum status server_run(struct server *server, struct error *error) MUST_USE;
/* In the same thread. What was submitted is durable, also when it never ran. */
void server_destroy(struct server *server);

/* From its thread before it runs: what was asked for, and where it listens. */
const struct config *server_config(const struct server *server);
uint16_t server_port(const struct server *server);

/* ---- any thread, while it lives ---- */

/* Drains: requests under way are answered, what was submitted becomes durable, clients are told; then server_run returns. */
void server_stop(struct server *server);
/* The settings from all their sources anew: what is live is taken, what waits for a restart is told. */
void server_read_settings(struct server *server);
/* Gives the lease back for good, where there is one, so that another process may go on: for a centre that hangs. */
void server_hand_on(struct server *server);

struct server_facts {
    enum centre_state state;
    bool serving;                    /* commands are taken here */
    bool unsure;                     /* they were, but the database does not say any more who owns the centre: it is read only */
    bool is_one_of_several;          /* the store is one that several processes may serve */
    uint32_t standbys;               /* of its owner */
    uint64_t sequence;               /* last durable entry */
    uint64_t loop_beats, core_beats; /* what stands still for long hangs */
    char trouble[256];               /* "" none */
};
void server_facts(const struct server *server, struct server_facts *facts);

#endif
