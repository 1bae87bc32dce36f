/* Finding the files of a JEMSS model, whose names vary within a fixed layout. All results are new strings; the caller frees. */
#ifndef MINGDI_SIM_IMPORT_JEMSS_FILES_H
#define MINGDI_SIM_IMPORT_JEMSS_FILES_H

#include <stdbool.h>

#include "base/status.h"

/* The table of folder/sub: the file that ends in _1.csv, else the only *.csv; where there is none, the same in the folder's
 * subfolder "1" (older layout). STATUS_NOT_FOUND names the folder; several candidates are STATUS_BAD_INPUT and are listed. */
enum status jemss_find_table(const char *folder, const char *sub, char **path, struct error *error) MUST_USE;
/* The first file below folder, in order of names, whose name begins and ends so; NULL when there is none. Looks at most eight
 * folders deep. */
char *jemss_find_below(const char *folder, const char *prefix, const char *suffix);
/* How many files of folder end in .csv; *only becomes the one there is. */
int jemss_count_tables(const char *folder, char **only);
bool jemss_is_folder(const char *path);

#endif
