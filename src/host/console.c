#include "host/console.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/vec.h"
#include "host/share.h"

const char *const CONSOLE_ENCODING_NAMES[CONSOLE_ENCODING_COUNT] = {
    [CONSOLE_PLAIN] = "", [CONSOLE_GZIP] = "gzip", [CONSOLE_BROTLI] = "br"
};

static const char *const endings[CONSOLE_ENCODING_COUNT] = {
    [CONSOLE_PLAIN] = "",
    [CONSOLE_GZIP] = ".gz",
    [CONSOLE_BROTLI] = ".br",
};

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+@~";

/* A file as it lies in the folder, before the forms of one are put together. */
struct raw_file {
    char *path; /* "/assets/x.js.br" */
    unsigned char *bytes;
    size_t size;
};

VEC_TYPE(raw_vec, struct raw_file);
VEC_TYPE(file_vec, struct console_file);

struct console {
    struct raw_vec raw;    /* owns paths and bytes; by path */
    struct file_vec files; /* by path */
    size_t bytes;
};

/* ---- reading the folder ---- */

static enum status read_bytes(int fd, struct raw_file *file, struct error *error)
{
    for (size_t done = 0; done < file->size;) {
        ssize_t got = read(fd, file->bytes + done, file->size - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return ERROR(error, STATUS_IO, "%s of the console cannot be read: %s", file->path,
                         got < 0 ? strerror(errno) : "it became shorter meanwhile; start again");
        }
        done += (size_t)got;
    }
    return STATUS_OK;
}

/* Takes the path in every case. */
static enum status add_file(struct console *console, int fd, size_t size, char *path, struct error *error)
{
    struct raw_file file = { .path = path, .size = size };
    if (size > CONSOLE_FILE_BYTES_MAX || console->bytes + size > CONSOLE_BYTES_MAX || console->raw.count >= CONSOLE_FILES_MAX) {
        enum status status = ERROR(
            error, STATUS_FULL, "%s is more than a console may have: %d files, %d MB a file, %d MB in all; is this the folder?",
            path, CONSOLE_FILES_MAX, CONSOLE_FILE_BYTES_MAX >> 20, CONSOLE_BYTES_MAX >> 20);
        free(path);
        return status;
    }
    file.bytes = malloc(size + 1);
    enum status status = file.bytes != NULL ? read_bytes(fd, &file, error)
                                            : ERROR(error, STATUS_NO_MEMORY, "no memory for the console's files");
    if (status == STATUS_OK && !vec_push(&console->raw, file)) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for the console's files");
    }
    if (status != STATUS_OK) {
        free(file.path);
        free(file.bytes);
        return status;
    }
    console->bytes += size;
    return STATUS_OK;
}

static bool name_is_plain(const char *name) { return name[0] != '.' && strspn(name, letters) == strlen(name); }

static enum status read_folder(struct console *console, int fd, const char *prefix, int depth, struct error *error);

/* The descriptor is closed in every case. */
static enum status read_entry(struct console *console, int fd, const char *prefix, const char *name, int depth,
                              struct error *error)
{
    struct stat about;
    char *path = file_join(prefix, name);
    enum status status = STATUS_OK;
    if (fstat(fd, &about) != 0 || strlen(path) >= CONSOLE_PATH_MAX) {
        status = ERROR(error, STATUS_IO, "%s of the console: its path is too long, or it cannot be looked at", path);
    } else if (S_ISDIR(about.st_mode)) {
        status = read_folder(console, fd, path, depth + 1, error);
    } else if (S_ISREG(about.st_mode)) {
        status = add_file(console, fd, (size_t)about.st_size, path, error);
        path = NULL;
    }
    free(path);
    (void)close(fd);
    return status;
}

/* A link is not followed: it could lead out of the folder. */
static enum status read_names(struct console *console, DIR *folder, const char *prefix, int depth, struct error *error)
{
    enum status status = STATUS_OK;
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(folder)) != NULL;) {
        if (!name_is_plain(entry->d_name)) {
            continue;
        }
        int fd = openat(dirfd(folder), entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (fd >= 0) {
            status = read_entry(console, fd, prefix, entry->d_name, depth, error);
        } else if (errno != ELOOP) {
            status = ERROR(error, STATUS_IO, "%s/%s of the console cannot be opened: %s", prefix, entry->d_name, strerror(errno));
        }
    }
    return status;
}

/* fd stays the caller's. */
static enum status read_folder(struct console *console, int fd, const char *prefix, int depth, struct error *error)
{
    if (depth > CONSOLE_DEPTH_MAX) {
        return ERROR(error, STATUS_FULL, "%s of the console lies deeper than %d folders", prefix, CONSOLE_DEPTH_MAX);
    }
    int copy = dup(fd);
    DIR *folder = copy >= 0 ? fdopendir(copy) : NULL;
    if (folder == NULL) {
        enum status status = ERROR(error, STATUS_IO, "%s of the console cannot be read: %s", prefix, strerror(errno));
        if (copy >= 0) {
            (void)close(copy);
        }
        return status;
    }
    enum status status = read_names(console, folder, prefix, depth, error);
    (void)closedir(folder);
    return status;
}

/* ---- what each file is ---- */

static const char *content_type_of(const char *path)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        { ".html", "text/html; charset=utf-8" },
        { ".js", "text/javascript; charset=utf-8" },
        { ".mjs", "text/javascript; charset=utf-8" },
        { ".css", "text/css; charset=utf-8" },
        { ".json", "application/json" },
        { ".map", "application/json" },
        { ".webmanifest", "application/manifest+json" },
        { ".svg", "image/svg+xml" },
        { ".png", "image/png" },
        { ".webp", "image/webp" },
        { ".jpg", "image/jpeg" },
        { ".ico", "image/vnd.microsoft.icon" },
        { ".woff2", "font/woff2" },
        { ".woff", "font/woff" },
        { ".pbf", "application/x-protobuf" },
        { ".wasm", "application/wasm" },
        { ".mp3", "audio/mpeg" },
        { ".ogg", "audio/ogg" },
        { ".wav", "audio/wav" },
        { ".txt", "text/plain; charset=utf-8" },
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < ARRAY_LENGTH(types); i++) {
        if (strcasecmp(dot, types[i].ending) == 0) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

/* The bundler puts what it names by content into assets/, with 8 characters of base64url before the extension. A name that only
 * looks alike ("gl-renderer.js") has small letters alone; a hash of small letters alone is asked for anew, which costs little. */
static bool name_is_hashed(const char *path)
{
    enum { HASH_LENGTH = 8 };
    const char *name = strrchr(path, '/') + 1, *dot = strrchr(path, '.');
    if (strncmp(path, "/assets/", 8) != 0 || dot == NULL || dot - name <= HASH_LENGTH) {
        return false;
    }
    const char *hash = dot - HASH_LENGTH;
    bool telling = false;
    for (const char *at = hash; at < dot; at++) {
        bool small = *at >= 'a' && *at <= 'z', other = strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-", *at) != NULL;
        if (!small && !other) {
            return false;
        }
        telling = telling || (other && *at != '-');
    }
    return telling && (hash[-1] == '-' || hash[-1] == '.');
}

/* ---- putting forms together ---- */

static int compare_raw(const void *left, const void *right)
{
    return strcmp(((const struct raw_file *)left)->path, ((const struct raw_file *)right)->path);
}

static int compare_path(const void *path, const void *file) { return strcmp(path, ((const struct console_file *)file)->path); }

static struct console_file *find_file(const struct console *console, const char *path)
{
    if (console->files.count == 0) {
        return NULL;
    }
    return bsearch(path, console->files.items, console->files.count, sizeof console->files.items[0], compare_path);
}

static enum console_encoding form_of(const char *path)
{
    size_t length = strlen(path);
    for (enum console_encoding form = CONSOLE_GZIP; form < CONSOLE_ENCODING_COUNT; form++) {
        if (length > 3 && strcmp(path + length - 3, endings[form]) == 0) {
            return form;
        }
    }
    return CONSOLE_PLAIN;
}

static void set_body(struct console_file *file, enum console_encoding form, const struct raw_file *raw)
{
    struct console_body *body = &file->bodies[form];
    body->bytes = raw->bytes;
    body->size = raw->size;
    (void)snprintf(body->etag, sizeof body->etag, "\"%016" PRIx64 "\"", hash64(raw->bytes, raw->size, form));
}

static bool add_plain_files(struct console *console)
{
    for (size_t i = 0; i < console->raw.count; i++) {
        const struct raw_file *raw = &console->raw.items[i];
        if (form_of(raw->path) != CONSOLE_PLAIN) {
            continue;
        }
        struct console_file file = { .path = raw->path,
                                     .content_type = content_type_of(raw->path),
                                     .is_fixed = name_is_hashed(raw->path) };
        set_body(&file, CONSOLE_PLAIN, raw);
        if (!vec_push(&console->files, file)) {
            return false;
        }
    }
    return true;
}

/* A form that is not smaller is of no use; one without its file has no name to be asked for by. */
static void add_forms(struct console *console)
{
    for (size_t i = 0; i < console->raw.count; i++) {
        const struct raw_file *raw = &console->raw.items[i];
        enum console_encoding form = form_of(raw->path);
        char path[CONSOLE_PATH_MAX];
        if (form == CONSOLE_PLAIN) {
            continue;
        }
        (void)snprintf(path, sizeof path, "%.*s", (int)(strlen(raw->path) - strlen(endings[form])), raw->path);
        struct console_file *file = find_file(console, path);
        if (file != NULL && raw->size < file->bodies[CONSOLE_PLAIN].size) {
            set_body(file, form, raw);
        }
    }
}

static enum status fill(struct console *console, const char *folder, struct error *error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ERROR(error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "%s: the folder of the console cannot be opened: %s",
                     folder, strerror(errno));
    }
    enum status status = read_folder(console, fd, "", 0, error);
    (void)close(fd);
    TRY(status);
    if (console->raw.count > 0) {
        qsort(console->raw.items, console->raw.count, sizeof console->raw.items[0], compare_raw);
    }
    if (!add_plain_files(console)) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the console's files");
    }
    add_forms(console);
    return find_file(console, "/index.html") != NULL
               ? STATUS_OK
               : ERROR(error, STATUS_NOT_FOUND, "%s: there is no index.html: it is not the folder of a console", folder);
}

enum status console_load(const char *folder, struct console **console, struct error *error)
{
    struct console *loading = calloc(1, sizeof *loading);
    if (loading == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the console's files");
    }
    enum status status = fill(loading, folder, error);
    if (status != STATUS_OK) {
        console_free(loading);
        return status;
    }
    *console = loading;
    return STATUS_OK;
}

void console_free(struct console *console)
{
    if (console == NULL) {
        return;
    }
    for (size_t i = 0; i < console->raw.count; i++) {
        free(console->raw.items[i].path);
        free(console->raw.items[i].bytes);
    }
    vec_free(&console->raw);
    vec_free(&console->files);
    free(console);
}

size_t console_file_count(const struct console *console) { return console->files.count; }

size_t console_bytes(const struct console *console) { return console->bytes; }

/* ---- where it lies ---- */

char *console_folder(const char *setting, const char *data_folder) { return share_folder(setting, data_folder, "console"); }

/* ---- what a request means ---- */

bool console_owns(const char *path)
{
    if (strcmp(path, "/") == 0 || strcmp(path, "/console") == 0) {
        return true;
    }
    return strncmp(path, "/console/", 9) == 0 && strchr(strrchr(path, '/'), '.') == NULL;
}

const struct console_file *console_find(const struct console *console, const char *path)
{
    const struct console_file *file = find_file(console, path);
    return file == NULL && console_owns(path) ? find_file(console, "/index.html") : file;
}

/* The element of a list that begins at *at, without blanks around it; *at goes behind it and its comma. */
static size_t next_element(const char **at, const char **element)
{
    *at += strspn(*at, " \t,");
    *element = *at;
    *at += strcspn(*at, ",");
    size_t length = (size_t)(*at - *element);
    while (length > 0 && strchr(" \t", (*element)[length - 1]) != NULL) {
        length--;
    }
    return length;
}

/* "q=0", "q=0.0" and so on behind a semicolon: not wanted. */
static bool is_unwanted(const char *parameters, size_t length)
{
    size_t at = 0;
    while (at < length && strchr("; \t", parameters[at]) != NULL) {
        at++;
    }
    if (length - at < 3 || (parameters[at] != 'q' && parameters[at] != 'Q') || parameters[at + 1] != '=') {
        return false;
    }
    for (at += 2; at < length; at++) {
        if (parameters[at] != '0' && parameters[at] != '.') {
            return false;
        }
    }
    return true;
}

static bool accepts(const char *accept, const char *name)
{
    const char *element;
    size_t name_length = strlen(name);
    while (*accept != '\0') {
        size_t length = next_element(&accept, &element), word = 0;
        while (word < length && strchr("; \t", element[word]) == NULL) {
            word++;
        }
        if (word == name_length && strncasecmp(element, name, word) == 0) {
            return !is_unwanted(element + word, length - word);
        }
    }
    return false;
}

enum console_encoding console_choose(const struct console_file *file, const char *accept)
{
    enum console_encoding best = CONSOLE_PLAIN;
    for (enum console_encoding form = CONSOLE_GZIP; accept != NULL && form < CONSOLE_ENCODING_COUNT; form++) {
        const struct console_body *body = &file->bodies[form];
        if (body->bytes != NULL && body->size < file->bodies[best].size && accepts(accept, CONSOLE_ENCODING_NAMES[form])) {
            best = form;
        }
    }
    return best;
}

bool console_tag_matches(const char *if_none_match, const char *etag)
{
    const char *element;
    size_t tag_length = strlen(etag);
    while (if_none_match != NULL && *if_none_match != '\0') {
        size_t length = next_element(&if_none_match, &element);
        bool weak = length > 2 && element[0] == 'W' && element[1] == '/';
        element += weak ? 2 : 0;
        length -= weak ? 2 : 0;
        if ((length == 1 && *element == '*') || (length == tag_length && memcmp(element, etag, length) == 0)) {
            return true;
        }
    }
    return false;
}
