/* What a service manager is told (systemd's sd_notify protocol, without its library). */
#ifndef MINGDI_HOST_SERVICE_H
#define MINGDI_HOST_SERVICE_H

/* Sends the state ("READY=1", "STOPPING=1") to the socket that NOTIFY_SOCKET names; does nothing where there is none. */
void service_notify(const char *state);

#endif
