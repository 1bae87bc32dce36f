/* Hostile headers and paths: the forms that a client takes, the tags that it knows, the file that it wants. Nothing but names of
 * the manifest may come back. The input: a path, Accept-Encoding and If-None-Match, each ended by a line end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "host/console.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void put(const char *folder, const char *name, const char *text)
{
    struct error error;
    char *path = file_join(folder, name);
    CHECK(file_write_whole(path, text, strlen(text), &error) == STATUS_OK);
    free(path);
}

/* Made once; the folder is gone again at once, for the files are in memory. */
static struct console *make(void)
{
    static const char *const names[] = { "index.html", "index.html.br", "index.html.gz", "logo.svg" };
    char folder[] = "/tmp/mingdi-console-fuzz-XXXXXX";
    struct console *console = NULL;
    struct error error;
    CHECK(mkdtemp(folder) != NULL);
    put(folder, names[0], "<!doctype html><title>long enough</title>");
    put(folder, names[1], "br");
    put(folder, names[2], "gzip");
    put(folder, names[3], "<svg/>");
    CHECK(console_load(folder, &console, &error) == STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char *path = file_join(folder, names[i]);
        CHECK(unlink(path) == 0);
        free(path);
    }
    CHECK(rmdir(folder) == 0);
    return console;
}

/* The next line, in memory of its own so that a byte read too far is seen. */
static char *take_line(const uint8_t **bytes, size_t *size)
{
    const uint8_t *end = *size > 0 ? memchr(*bytes, '\n', *size) : NULL;
    size_t length = end != NULL ? (size_t)(end - *bytes) : *size;
    char *line = malloc(length + 1);
    CHECK(line != NULL);
    if (length > 0) {
        memcpy(line, *bytes, length);
    }
    line[length] = '\0';
    *bytes += length + (end != NULL);
    *size -= length + (end != NULL);
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct console *console;
    console = console != NULL ? console : make();
    char *rest = take_line(&bytes, &size), *accept = take_line(&bytes, &size), *tags = take_line(&bytes, &size);
    char *path = file_join("", rest); /* a path begins with a slash: http.h */
    const struct console_file *file = console_find(console, path);
    bool is_index = file != NULL && strcmp(file->path, "/index.html") == 0;
    CHECK(file == NULL || is_index || strcmp(file->path, "/logo.svg") == 0);
    CHECK(file == NULL || strcmp(file->path, path) == 0 || console_owns(path));
    const struct console_file *index = console_find(console, "/");
    enum console_encoding form = console_choose(index, accept);
    CHECK(form < CONSOLE_ENCODING_COUNT && index->bodies[form].bytes != NULL);
    CHECK(form == CONSOLE_PLAIN || strlen(accept) >= 2);
    const char *etag = index->bodies[form].etag;
    CHECK(!console_tag_matches(tags, etag) || strstr(tags, etag) != NULL || strchr(tags, '*') != NULL);
    free(rest);
    free(accept);
    free(tags);
    free(path);
    return 0;
}
