/* The centres of mingdi serve --region: one a folder in the region's folder that has a mingdi.yaml, by the folder's name. */
#ifndef MINGDI_CLI_SERVE_REGION_H
#define MINGDI_CLI_SERVE_REGION_H

#include "host/region.h"

struct serve_region {
    struct region_member *members; /* by name */
    uint32_t count;
};

/* only: "a,b", the ones to take; NULL: all. store_url: of the database in which each centre has the schema of its name; NULL:
 * each has its tables in its folder. USAGE where nothing is to be served, or a name cannot be one. Reads no centre. */
enum status serve_region_collect(const char *folder, const char *only, const char *store_url, bool drill,
                                 struct serve_region *region, struct error *error) MUST_USE;
void serve_region_free(struct serve_region *region);

#endif
