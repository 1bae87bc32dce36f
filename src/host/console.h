/* The files of the console: a folder that is read once, at the start, into memory. Only names of this manifest are served, so
 * that no request can reach another file of the machine, however its path is written.
 *
 * Beside a file may stand the same bytes compressed (x.js.br, x.js.gz): they are its other forms, not files of their own. Left
 * out are hidden files, links, and names of other characters than A-Z a-z 0-9 . _ - + @ ~.
 *
 * Workload: some hundred files of 1 kB to 2 MB, 20 MB in all; some ten requests when a console is opened, none afterwards. */
#ifndef MINGDI_HOST_CONSOLE_H
#define MINGDI_HOST_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    CONSOLE_FILES_MAX = 4000,
    CONSOLE_DEPTH_MAX = 8,
    CONSOLE_PATH_MAX = 256,            /* of a file below the folder, with the terminator */
    CONSOLE_FILE_BYTES_MAX = 16 << 20, /* of one file */
    CONSOLE_BYTES_MAX = 128 << 20,     /* of all */
    CONSOLE_ETAG_SIZE = 24,
};

enum console_encoding { CONSOLE_PLAIN, CONSOLE_GZIP, CONSOLE_BROTLI, CONSOLE_ENCODING_COUNT };
extern const char *const CONSOLE_ENCODING_NAMES[CONSOLE_ENCODING_COUNT]; /* as in Content-Encoding; "" for plain */

struct console_body {
    const void *bytes; /* NULL: there is no such form */
    size_t size;
    char etag[CONSOLE_ETAG_SIZE]; /* with its quotation marks; of these very bytes */
};

struct console_file {
    const char *path; /* "/assets/index-Bk3xY_12.js" */
    const char *content_type;
    bool is_fixed; /* the name changes with the content: it may be kept for ever */
    struct console_body bodies[CONSOLE_ENCODING_COUNT];
};

struct console;

/* STATUS_NOT_FOUND: there is no such folder, or no index.html in it. */
enum status console_load(const char *folder, struct console **console, struct error *error) MUST_USE;
void console_free(struct console *console);
size_t console_file_count(const struct console *console);
size_t console_bytes(const struct console *console); /* in all forms */

/* The folder that the setting means: relative to the data folder; where it is empty, console beside the program, or
 * share/mingdi/console beside the program's folder. The caller frees it. */
char *console_folder(const char *setting, const char *data_folder);

/* Of a path as it was asked for, decoded: a file of the manifest; index.html for "/", "/console" and what below /console/ has no
 * extension in its last part. NULL: nothing of the console. */
const struct console_file *console_find(const struct console *console, const char *path);
/* Whether the path would be answered by a console that has been built, whatever files it has. */
bool console_owns(const char *path);

/* The smallest form that the client takes. accept: the header Accept-Encoding, NULL if there is none. */
enum console_encoding console_choose(const struct console_file *file, const char *accept);
/* Whether a header If-None-Match (NULL if there is none) names the tag. */
bool console_tag_matches(const char *if_none_match, const char *etag);

#endif
