/* The running centre, whole: brings up the parts in order, turns the loop, drains on SIGTERM or SIGINT, reads its settings again
 * on SIGHUP. The order of the parts, and who wakes whom, is told in ARCHITECTURE.md. */
#ifndef MINGDI_HOST_SERVER_H
#define MINGDI_HOST_SERVER_H

#include "host/settings.h"
#include "store/store.h"

struct server_setup {
    struct store store;
    const char *folder; /* of the city file, the master key and the settings: the live centre's, also for its drill */
    struct settings_sources settings; /* read again on SIGHUP */
    /* Called once when requests are taken: for the line that names the address. */
    void (*listening)(void *context, const struct config *config, uint16_t port);
    void *context;
};

/* Returns when the server has stopped: STATUS_OK after a clean stop. */
enum status server_run(const struct server_setup *setup, struct error *error) MUST_USE;

#endif
