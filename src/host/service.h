/* What a service manager is told (systemd's sd_notify protocol, without its library), and how often it wants to hear. */
#ifndef MINGDI_HOST_SERVICE_H
#define MINGDI_HOST_SERVICE_H

#include <stdint.h>

/* Sends the state ("READY=1", "STOPPING=1", "WATCHDOG=1") to the socket that NOTIFY_SOCKET names; does nothing where there is
 * none. */
void service_notify(const char *state);
/* After so long without WATCHDOG=1 the manager ends this process and starts it again; 0: it does not watch. */
int64_t service_watchdog_us(void);

#endif
