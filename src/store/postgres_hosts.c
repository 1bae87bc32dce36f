#include "store/postgres_hosts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

uint32_t postgres_hosts_count(const char *list)
{
    uint32_t count = 1;
    for (const char *at = strchr(list, ','); at != NULL; at = strchr(at + 1, ',')) {
        count += 1;
    }
    return count;
}

/* The member's first byte, and its length. */
static const char *member(const char *list, uint32_t number, size_t *length)
{
    for (uint32_t i = 0; i < number; i++) {
        list += strcspn(list, ",") + 1;
    }
    *length = strcspn(list, ",");
    return list;
}

void postgres_hosts_rotate(const char *list, uint32_t first, char *rotated, size_t size)
{
    uint32_t count = postgres_hosts_count(list);
    size_t used = 0;
    CHECK(strlen(list) < size);
    for (uint32_t i = 0; i < count; i++) {
        size_t length;
        const char *text = member(list, (first + i) % count, &length);
        used += (size_t)snprintf(rotated + used, size - used, "%s%.*s", i > 0 ? "," : "", (int)length, text);
    }
}

static bool is_member(const char *list, uint32_t number, const char *text)
{
    size_t length;
    const char *found = member(list, number, &length);
    return strlen(text) == length && memcmp(found, text, length) == 0;
}

uint32_t postgres_hosts_find(const char *hosts, const char *ports, const char *host, const char *port)
{
    uint32_t count = postgres_hosts_count(hosts);
    bool each_its_own = postgres_hosts_count(ports) == count;
    for (uint32_t i = 0; i < count; i++) {
        if (is_member(hosts, i, host) && (!each_its_own || ports[0] == '\0' || is_member(ports, i, port))) {
            return i;
        }
    }
    return 0;
}
