/* gen_config.xml of JEMSS: the random model of calls. Also sim_config.xml, as far as the file of redispatch rules it names. */
#ifndef MINGDI_SIM_IMPORT_JEMSS_CONFIG_H
#define MINGDI_SIM_IMPORT_JEMSS_CONFIG_H

#include <stddef.h>

#include "base/status.h"
#include "sim/distribution.h"

enum { JEMSS_TEXT_SIZE = 512 };

struct jemss_config {
    double calls_per_day;
    unsigned priority_count;
    double priority_share[DISTRIBUTION_POINTS_MAX];
    struct distribution delay, on_scene, transport, handover; /* seconds */
    double minimum_last_days;                                 /* minLastCallArrivalTime, 0 if it is not there */
    char raster[JEMSS_TEXT_SIZE];                             /* path of the density raster as written, "" if none */
};

/* name is for messages. Errors name the file, and the line of the XML where there is one. */
enum status jemss_config_parse(const char *name, const char *bytes, size_t size, struct jemss_config *config, struct error *error)
    MUST_USE;
/* The text of the first element of that name, anywhere; "" when there is none. For sim_config.xml. */
enum status jemss_config_element(const char *name, const char *bytes, size_t size, const char *element,
                                 char text[JEMSS_TEXT_SIZE], struct error *error) MUST_USE;

#endif
