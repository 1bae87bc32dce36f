#include "host/backup_manifest.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/json.h"

const char *const BACKUP_ROLE_NAMES[BACKUP_ROLE_COUNT] = {
    [BACKUP_JOURNAL] = "journal",   [BACKUP_SEGMENT] = "segment", [BACKUP_TABLES] = "tables",     [BACKUP_DUMP] = "dump",
    [BACKUP_SETTINGS] = "settings", [BACKUP_CITY] = "city",       [BACKUP_PROTOCOL] = "protocol",
};

#define KIND_FOLDER "folder"
#define KIND_POSTGRES "postgresql"

/* ---- writing ---- */

static void write_instant(struct json *json, const char *name, struct instant at)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(at, text);
    json_text(json, name, text);
}

static void write_hash(struct json *json, const char *name, uint64_t hash)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    json_text(json, name, text);
}

static void write_files(struct json *json, const struct backup_manifest *manifest)
{
    json_array_begin(json, "files");
    for (uint32_t i = 0; i < manifest->file_count; i++) {
        const struct backup_file *file = &manifest->files[i];
        json_object_begin(json, NULL);
        json_text(json, "role", BACKUP_ROLE_NAMES[file->role]);
        json_text(json, "name", file->name);
        if (file->restored[0] != '\0') {
            json_text(json, "restored", file->restored);
        }
        json_int(json, "bytes", (int64_t)file->bytes);
        json_text(json, "sha256", file->sha256);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_manifest(struct json *json, const struct backup_manifest *manifest)
{
    json_object_begin(json, NULL);
    json_int(json, "format", BACKUP_FORMAT);
    json_text(json, "kind", manifest->kind == STORE_POSTGRES ? KIND_POSTGRES : KIND_FOLDER);
    if (manifest->kind == STORE_POSTGRES) {
        json_text(json, "schema", manifest->schema);
    }
    json_bool(json, "drill", manifest->drill);
    json_text(json, "centre", manifest->centre);
    json_text(json, "name", manifest->name);
    json_text(json, "program", manifest->program);
    write_instant(json, "made_at", manifest->made_at);
    write_instant(json, "added_at", manifest->added_at);
    json_int(json, "sequence", (int64_t)manifest->sequence);
    write_instant(json, "entered_at", manifest->entered_at);
    json_text(json, "chain", manifest->chain);
    write_hash(json, "state_hash", manifest->state_hash);
    write_hash(json, "state_layout", manifest->state_layout);
    write_files(json, manifest);
    json_object_end(json);
}

enum status backup_manifest_write(const struct backup_manifest *manifest, const char *folder, struct error *error)
{
    struct text out;
    struct json json;
    text_init(&out, BACKUP_MANIFEST_MAX);
    json_init(&json, &out, 2);
    write_manifest(&json, manifest);
    text_puts(&out, "\n");
    char *path = file_join(folder, BACKUP_MANIFEST);
    enum status status = out.failed ? ERROR(error, STATUS_FULL, "%s: would be too long", path)
                                    : file_write_whole(path, out.bytes, out.length, error);
    free(path);
    text_free(&out);
    return status;
}

/* ---- reading ---- */

struct reading {
    const char *name; /* of the manifest, in messages */
    json_t *object;
};

static enum status misses(const struct reading *reading, const char *member, struct error *error)
{
    return ERROR(error, STATUS_BAD_INPUT, "%s: is no manifest of a backup: '%s' is missing, or not what it must be",
                 reading->name, member);
}

static enum status read_text(const struct reading *reading, const char *member, char *text, size_t size, struct error *error)
{
    const json_t *value = json_object_get(reading->object, member);
    if (!json_is_string(value) || json_string_length(value) >= size) {
        return misses(reading, member, error);
    }
    memcpy(text, json_string_value(value), json_string_length(value) + 1);
    return STATUS_OK;
}

static enum status read_count(const struct reading *reading, const char *member, uint64_t *count, struct error *error)
{
    const json_t *value = json_object_get(reading->object, member);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return misses(reading, member, error);
    }
    *count = (uint64_t)json_integer_value(value);
    return STATUS_OK;
}

static enum status read_instant(const struct reading *reading, const char *member, struct instant *at, struct error *error)
{
    const json_t *value = json_object_get(reading->object, member);
    return json_is_string(value) && instant_parse(json_string_value(value), at) ? STATUS_OK : misses(reading, member, error);
}

/* Hexadecimal, of that many digits. */
static enum status read_digits(const struct reading *reading, const char *member, char *text, size_t digits, struct error *error)
{
    TRY(read_text(reading, member, text, digits + 1, error));
    return strspn(text, "0123456789abcdef") == digits ? STATUS_OK : misses(reading, member, error);
}

static enum status read_hash(const struct reading *reading, const char *member, uint64_t *hash, struct error *error)
{
    char text[17];
    TRY(read_digits(reading, member, text, 16, error));
    *hash = strtoull(text, NULL, 16);
    return STATUS_OK;
}

/* A name in a folder, never a way out of it. */
static bool is_plain_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL && strcmp(name, BACKUP_MANIFEST) != 0;
}

/* The same, in one folder at most. */
static bool is_plain_path(const char *path)
{
    const char *slash = strchr(path, '/');
    return slash == NULL ? is_plain_name(path) : path[0] != '.' && slash > path && is_plain_name(slash + 1);
}

static enum status read_file(const struct reading *reading, struct backup_file *file, struct error *error)
{
    char role[16];
    TRY(read_text(reading, "role", role, sizeof role, error));
    TRY(read_text(reading, "name", file->name, sizeof file->name, error));
    TRY(read_count(reading, "bytes", &file->bytes, error));
    TRY(read_digits(reading, "sha256", file->sha256, COPY_HASH_TEXT - 1, error));
    if (json_object_get(reading->object, "restored") != NULL) {
        TRY(read_text(reading, "restored", file->restored, sizeof file->restored, error));
    }
    for (file->role = 0; file->role < BACKUP_ROLE_COUNT && strcmp(role, BACKUP_ROLE_NAMES[file->role]) != 0; file->role++) {
    }
    bool must_say = file->role == BACKUP_CITY || file->role == BACKUP_PROTOCOL;
    bool says = file->restored[0] != '\0';
    if (file->role == BACKUP_ROLE_COUNT || must_say != says) {
        return misses(reading, "role", error);
    }
    return is_plain_name(file->name) && (!says || is_plain_path(file->restored)) ? STATUS_OK : misses(reading, "name", error);
}

static enum status read_files(const struct reading *reading, struct backup_manifest *manifest, struct error *error)
{
    const json_t *files = json_object_get(reading->object, "files");
    if (!json_is_array(files) || json_array_size(files) > BACKUP_FILES_MAX) {
        return misses(reading, "files", error);
    }
    manifest->file_count = (uint32_t)json_array_size(files);
    for (uint32_t i = 0; i < manifest->file_count; i++) {
        const struct reading file = { reading->name, json_array_get(files, i) };
        TRY(json_is_object(file.object) ? read_file(&file, &manifest->files[i], error) : misses(reading, "files", error));
    }
    return STATUS_OK;
}

static enum status read_kind(const struct reading *reading, struct backup_manifest *manifest, struct error *error)
{
    char kind[16];
    uint64_t format;
    TRY(read_count(reading, "format", &format, error));
    if (format != BACKUP_FORMAT) {
        return ERROR(error, STATUS_VERSION, "%s: is a backup of format %" PRIu64 "; this program reads format %d", reading->name,
                     format, BACKUP_FORMAT);
    }
    TRY(read_text(reading, "kind", kind, sizeof kind, error));
    manifest->kind = strcmp(kind, KIND_POSTGRES) == 0 ? STORE_POSTGRES : STORE_FOLDER;
    if (manifest->kind == STORE_POSTGRES) {
        return read_text(reading, "schema", manifest->schema, sizeof manifest->schema, error);
    }
    return strcmp(kind, KIND_FOLDER) == 0 ? STATUS_OK : misses(reading, "kind", error);
}

static enum status read_manifest(const struct reading *reading, struct backup_manifest *manifest, struct error *error)
{
    const json_t *drill = json_object_get(reading->object, "drill");
    TRY(read_kind(reading, manifest, error));
    TRY(json_is_boolean(drill) ? STATUS_OK : misses(reading, "drill", error));
    manifest->drill = json_is_true(drill);
    TRY(read_digits(reading, "centre", manifest->centre, COPY_HASH_TEXT - 1, error));
    TRY(read_text(reading, "name", manifest->name, sizeof manifest->name, error));
    TRY(read_text(reading, "program", manifest->program, sizeof manifest->program, error));
    TRY(read_instant(reading, "made_at", &manifest->made_at, error));
    TRY(read_instant(reading, "added_at", &manifest->added_at, error));
    TRY(read_count(reading, "sequence", &manifest->sequence, error));
    TRY(read_instant(reading, "entered_at", &manifest->entered_at, error));
    TRY(read_digits(reading, "chain", manifest->chain, COPY_HASH_TEXT - 1, error));
    TRY(read_hash(reading, "state_hash", &manifest->state_hash, error));
    TRY(read_hash(reading, "state_layout", &manifest->state_layout, error));
    TRY(read_files(reading, manifest, error));
    bool whole = manifest->kind == STORE_POSTGRES ? backup_manifest_find(manifest, BACKUP_DUMP) != NULL
                                                  : backup_manifest_find(manifest, BACKUP_JOURNAL) != NULL &&
                                                        backup_manifest_find(manifest, BACKUP_TABLES) != NULL;
    return whole && backup_manifest_find(manifest, BACKUP_SETTINGS) != NULL ? STATUS_OK : misses(reading, "files", error);
}

enum status backup_manifest_parse(const char *bytes, size_t size, const char *name, struct backup_manifest *manifest,
                                  struct error *error)
{
    json_error_t why;
    struct reading reading = { name, json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &why) };
    memset(manifest, 0, sizeof *manifest);
    if (!json_is_object(reading.object)) {
        json_decref(reading.object);
        return ERROR(error, STATUS_BAD_INPUT, "%s: is no manifest of a backup: it is not a JSON object", name);
    }
    enum status status = read_manifest(&reading, manifest, error);
    json_decref(reading.object);
    return status;
}

enum status backup_manifest_read(const char *folder, struct backup_manifest *manifest, struct error *error)
{
    struct file_view view;
    char *path = file_join(folder, BACKUP_MANIFEST);
    enum status status = file_exists(path)
                             ? file_view_open(&view, path, error)
                             : ERROR(error, STATUS_NOT_FOUND, "%s: there is no backup: it has no " BACKUP_MANIFEST, folder);
    if (status == STATUS_OK) {
        status = view.size <= BACKUP_MANIFEST_MAX
                     ? backup_manifest_parse((const char *)view.bytes, view.size, path, manifest, error)
                     : ERROR(error, STATUS_BAD_INPUT, "%s: is no manifest of a backup: it is too long", path);
        file_view_close(&view);
    }
    free(path);
    return status;
}

const struct backup_file *backup_manifest_find(const struct backup_manifest *manifest, enum backup_role role)
{
    for (uint32_t i = 0; i < manifest->file_count; i++) {
        if (manifest->files[i].role == role) {
            return &manifest->files[i];
        }
    }
    return NULL;
}
