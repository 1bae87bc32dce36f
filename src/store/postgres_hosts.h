/* The hosts of a store's URL where it names several, of which one is the primary: lists with commas, as libpq takes them. libpq
 * tries them in their order, and a machine that is gone costs it seconds each time: so the one that was the primary last is put
 * in front.
 *
 * Workload: a handful of hosts; once a connection. */
#ifndef MINGDI_STORE_POSTGRES_HOSTS_H
#define MINGDI_STORE_POSTGRES_HOSTS_H

#include <stddef.h>
#include <stdint.h>

uint32_t postgres_hosts_count(const char *list); /* at least 1 */
/* The list that begins with its member first, and goes round; one of a single member stays as it is, for libpq takes a single
 * port for all hosts. size: at least that of the list with its end. */
void postgres_hosts_rotate(const char *list, uint32_t first, char *rotated, size_t size);
/* Which member of the lists has this host and this port; 0 where none has. ports may have a single member, or be "". */
uint32_t postgres_hosts_find(const char *hosts, const char *ports, const char *host, const char *port);

#endif
