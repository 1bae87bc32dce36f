/* Small towns for tests: a map drawn in letters, ways between them with their tags, written as OpenStreetMap XML, imported, and
 * asked for routes as strings of letters. A letter at column c and row r stands at 0.001 degree * (c, -r) from (0, 0): about
 * 111 m apart. */
#ifndef MINGDI_ROAD_TOWN_SAMPLE_H
#define MINGDI_ROAD_TOWN_SAMPLE_H

#include "base/text.h"
#include "road/city.h"

enum { TOWN_PARTS_MAX = 24 };

struct town {
    const char *map; /* rows end in '\n'; a letter or digit is a node */
    struct {
        const char *nodes, *tags; /* "abc", "highway=primary|oneway=yes"; a node that the map has not is missing in the file */
    } ways[TOWN_PARTS_MAX];
    struct {
        const char *node, *tags;
    } nodes[TOWN_PARTS_MAX];
    struct {
        const char *from, *via, *to, *tags; /* ways by their letters; via one letter for a node, or a way */
    } restrictions[TOWN_PARTS_MAX];
};

struct geo_point town_point(const struct town *town, char node);
/* Appends the XML. */
void town_xml(const struct town *town, struct text *xml);

/* A folder of its own for files of a test; removed with all that lies in it directly. */
char *sample_folder(void);
void sample_folder_remove(char *folder);

/* Imports the town (through the folder) and opens it; a failure fails the test. */
struct city *town_open(const struct town *town, const char *folder);

/* The quickest route from letter to letter as all letters that it passes, "" if there is none; *seconds unless NULL. */
void town_route(const struct town *town, const struct city *city, enum road_profile profile, char from, char to, char route[64],
                double *seconds);

#endif
