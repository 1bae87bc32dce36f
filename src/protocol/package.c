#include "protocol/package.h"

#include <inttypes.h>
#include <jansson.h>
#include <sodium/core.h>
#include <sodium/crypto_sign.h>
#include <sodium/utils.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "protocol/folder.h"
#include "protocol/read.h"
#include "protocol/validate.h"

const char *const PACKAGE_SIGNATURES[PACKAGE_SIGNATURE_COUNT] = { "valid", "unsigned", "refused" };

#define LIST_NAME "package.json"
#define SIGNATURE_NAME "package.sig"

enum { FORMAT = 1, SIGNATURE_TEXT = 2 * crypto_sign_BYTES, SERIALS_A_DAY = 100, SIGNATURE_FILE_MAX = 1024, INDENT = 1 };

void package_free(struct package *package) { protocol_set_free(&package->set); }

/* ---- package.json ---- */

static enum status bad_list(const char *name, struct error *error)
{
    return ERROR(error, STATUS_BAD_INPUT,
                 "%s: not the list of a package; put back the one that was signed, or remove it and sign again", name);
}

static bool take_text(const json_t *object, const char *name, char *text, size_t size)
{
    const json_t *value = json_object_get(object, name);
    size_t length = json_string_length(value);
    if (!json_is_string(value) || length == 0 || length >= size || strlen(json_string_value(value)) != length) {
        return false;
    }
    memcpy(text, json_string_value(value), length + 1);
    return true;
}

static bool take_number(const json_t *object, const char *name, int64_t maximum, int64_t *number)
{
    const json_t *value = json_object_get(object, name);
    *number = json_integer_value(value);
    return json_is_integer(value) && *number > 0 && *number <= maximum;
}

static bool take_entry(const json_t *object, struct package_entry *entry)
{
    char hex[2 * PACKAGE_HASH_SIZE + 1];
    size_t size = 0;
    int64_t number = 0, version = 0;
    bool whole = take_text(object, "name", entry->name, sizeof entry->name) && take_text(object, "sha256", hex, sizeof hex) &&
                 take_number(object, "number", PROTOCOL_NUMBER_MAX, &number) &&
                 take_number(object, "version", PROTOCOL_VERSION_MAX, &version) &&
                 sodium_hex2bin(entry->hash, sizeof entry->hash, hex, strlen(hex), NULL, &size, NULL) == 0 &&
                 size == sizeof entry->hash;
    entry->number = (uint32_t)number;
    entry->version = (uint32_t)version;
    return whole;
}

static bool take_list(const json_t *root, struct package_list *list)
{
    int64_t format = 0, version = 0;
    const json_t *files = json_object_get(root, "files");
    bool whole = take_number(root, "format", FORMAT, &format) && take_number(root, "version", INT64_C(1) << 53, &version) &&
                 take_text(root, "signed_by", list->signed_by, sizeof list->signed_by) &&
                 take_text(root, "signed_at", list->signed_at, sizeof list->signed_at) && json_is_array(files) &&
                 json_array_size(files) <= PROTOCOLS_MAX;
    list->version = (uint64_t)version;
    for (size_t i = 0; whole && i < json_array_size(files); i++) {
        whole = take_entry(json_array_get(files, i), &list->entries[list->count++]);
    }
    return whole;
}

enum status package_list_read(const char *name, const void *bytes, size_t size, struct package_list *list, struct error *error)
{
    struct package_list made = { 0 };
    json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
    bool whole = json_is_object(root) && take_list(root, &made);
    json_decref(root);
    if (!whole) {
        return bad_list(name, error);
    }
    *list = made;
    return STATUS_OK;
}

static void write_list(const struct package_list *list, struct text *out)
{
    struct json json;
    json_init(&json, out, INDENT);
    json_object_begin(&json, NULL);
    json_int(&json, "format", FORMAT);
    json_int(&json, "version", (int64_t)list->version);
    json_text(&json, "signed_by", list->signed_by);
    json_text(&json, "signed_at", list->signed_at);
    json_array_begin(&json, "files");
    for (uint32_t i = 0; i < list->count; i++) {
        char hex[2 * PACKAGE_HASH_SIZE + 1];
        json_object_begin(&json, NULL);
        json_text(&json, "name", list->entries[i].name);
        json_text(&json, "sha256", sodium_bin2hex(hex, sizeof hex, list->entries[i].hash, PACKAGE_HASH_SIZE));
        json_int(&json, "number", list->entries[i].number);
        json_int(&json, "version", list->entries[i].version);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    text_puts(out, "\n");
}

/* ---- verifying ---- */

static void judge(struct package *package, enum package_signature signature, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void judge(struct package *package, enum package_signature signature, const char *format, ...)
{
    va_list values;
    package->signature = signature;
    va_start(values, format);
    (void)vsnprintf(package->why, sizeof package->why, format, values);
    va_end(values);
}

static const struct package_entry *find_entry(const struct package_list *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->entries[i].name, name) == 0) {
            return &list->entries[i];
        }
    }
    return NULL;
}

static bool holds_file(const struct folder *folder, const char *name)
{
    for (uint32_t i = 0; i < folder->count; i++) {
        if (strcmp(folder->files[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Every file is listed and as it was signed, and every listed one is there. */
static bool files_hold(const struct folder *folder, struct package *package)
{
    for (uint32_t i = 0; i < folder->count; i++) {
        const struct package_entry *entry = find_entry(&package->list, folder->files[i].name);
        if (entry == NULL || memcmp(entry->hash, folder->files[i].hash, PACKAGE_HASH_SIZE) != 0) {
            judge(package, PACKAGE_REFUSED, "%s %s: sign the folder again", folder->files[i].name,
                  entry == NULL ? "is not in the list that was signed" : "was changed after it was signed");
            return false;
        }
    }
    for (uint32_t i = 0; i < package->list.count; i++) {
        if (!holds_file(folder, package->list.entries[i].name)) {
            judge(package, PACKAGE_REFUSED, "%s was signed and is missing: put it back, or sign the folder again",
                  package->list.entries[i].name);
            return false;
        }
    }
    return true;
}

/* Whether DIR/package.sig is the key's signature of the bytes. */
static bool signature_holds(const char *path, const unsigned char *public_key, const unsigned char *bytes, size_t size,
                            struct package *package)
{
    unsigned char *text = NULL, signature[crypto_sign_BYTES];
    size_t length = 0, used = 0;
    struct error error;
    if (folder_read_file(path, SIGNATURE_NAME, SIGNATURE_FILE_MAX, &text, &length, &error) != STATUS_OK) {
        judge(package, PACKAGE_REFUSED, "%s", error.text);
        return false;
    }
    bool whole = length >= SIGNATURE_TEXT && (length == SIGNATURE_TEXT || text[SIGNATURE_TEXT] == '\n') &&
                 sodium_hex2bin(signature, sizeof signature, (const char *)text, SIGNATURE_TEXT, NULL, &used, NULL) == 0 &&
                 used == sizeof signature;
    free(text);
    if (!whole || crypto_sign_verify_detached(signature, bytes, size, public_key) != 0) {
        judge(package, PACKAGE_REFUSED, "%s/" SIGNATURE_NAME " is not a signature of " LIST_NAME " by the key of this centre",
              path);
        return false;
    }
    return true;
}

static void check_signature(const char *path, const unsigned char *public_key, const struct folder *folder,
                            struct package *package)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    struct error error;
    enum status status = folder_read_file(path, LIST_NAME, PACKAGE_JSON_MAX, &bytes, &size, &error);
    if (status == STATUS_NOT_FOUND) {
        judge(package, PACKAGE_UNSIGNED, "%s has no " LIST_NAME ": nobody signed these protocols", path);
        return;
    }
    bool proved = status == STATUS_OK && (public_key == NULL || signature_holds(path, public_key, bytes, size, package));
    if (status == STATUS_OK && proved) {
        status = package_list_read(LIST_NAME, bytes, size, &package->list, &error);
    }
    free(bytes);
    if (status != STATUS_OK) {
        judge(package, PACKAGE_REFUSED, "%s", error.text);
    } else if (proved && files_hold(folder, package)) {
        judge(package, public_key != NULL ? PACKAGE_VALID : PACKAGE_UNSIGNED, "%s",
              public_key != NULL ? "" : "no public key is set, so nobody knows whether the signature holds");
    }
}

/* ---- reading ---- */

/* A file that is no protocol at all is a finding as well, so that all files are told about at once. */
static enum status read_file(const char *path, const struct folder_file *file, struct package *package,
                             struct protocol_findings *findings, struct error *error)
{
    struct protocol_file *protocol = NULL;
    char *name = file_join(path, file->name);
    enum status status = protocol_read(name, file->bytes, file->size, findings, &protocol, error);
    free(name);
    if (status == STATUS_BAD_INPUT) {
        protocol_finding(findings, NULL, 0, "%s", error->text);
        return STATUS_OK;
    }
    TRY(status);
    package->set.items[package->set.count++] = protocol;
    return STATUS_OK;
}

static enum status read_protocols(const char *path, const struct folder *folder, struct package *package,
                                  struct protocol_findings *findings, struct error *error)
{
    uint32_t before = findings->count;
    for (uint32_t i = 0; i < folder->count; i++) {
        TRY(read_file(path, &folder->files[i], package, findings, error));
    }
    if (findings->count == before) {
        protocol_set_validate(&package->set, findings);
    }
    return STATUS_OK;
}

static enum status read_folder(const char *path, const unsigned char *public_key, struct folder *folder, struct package *package,
                               struct protocol_findings *findings, struct error *error)
{
    *package = (struct package){ .signature = PACKAGE_UNSIGNED };
    if (sodium_init() < 0) {
        return ERROR(error, STATUS_IO, "the system gives no random numbers");
    }
    TRY(folder_read(path, folder, error));
    check_signature(path, public_key, folder, package);
    enum status status = read_protocols(path, folder, package, findings, error);
    if (status != STATUS_OK) {
        folder_free(folder);
        package_free(package);
    }
    return status;
}

enum status package_read(const char *folder, const unsigned char *public_key, struct package *package,
                         struct protocol_findings *findings, struct error *error)
{
    struct folder files;
    TRY(read_folder(folder, public_key, &files, package, findings, error));
    folder_free(&files);
    return STATUS_OK;
}

/* ---- signing ---- */

/* The list that was signed last, whether its signature holds or not; empty where there is none. */
static enum status read_last_list(const char *path, struct package_list *list, struct error *error)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    *list = (struct package_list){ 0 };
    enum status status = folder_read_file(path, LIST_NAME, PACKAGE_JSON_MAX, &bytes, &size, error);
    if (status == STATUS_OK) {
        status = package_list_read(LIST_NAME, bytes, size, list, error);
        free(bytes);
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* 2026-11-22T... and the last version -> 2026112201, or one more than the last. */
static uint64_t next_version(const struct package_list *last, const char *now)
{
    uint64_t day = 0;
    for (const char *at = now; *at != 'T' && *at != '\0'; at++) {
        day = *at >= '0' && *at <= '9' ? day * 10 + (uint64_t)(*at - '0') : day;
    }
    uint64_t first = day * SERIALS_A_DAY + 1;
    return last->version >= first ? last->version + 1 : first;
}

static const struct protocol_file *protocol_of_file(const struct protocol_set *set, const char *name)
{
    char id[PACKAGE_NAME_MAX];
    snprintf(id, sizeof id, "%s", name);
    *strrchr(id, '.') = '\0';
    return protocol_find(set, id);
}

static enum status fill_list(const struct folder *folder, const struct protocol_set *set, const struct package_list *last,
                             struct package_list *list, struct error *error)
{
    for (uint32_t i = 0; i < folder->count; i++) {
        const struct folder_file *file = &folder->files[i];
        const struct protocol_file *protocol = protocol_of_file(set, file->name);
        const struct package_entry *before = find_entry(last, file->name);
        CHECK(protocol != NULL); /* the validator holds names against ids */
        bool changed = before != NULL && memcmp(before->hash, file->hash, sizeof file->hash) != 0;
        if (before != NULL && (protocol->version < before->version || (changed && protocol->version == before->version))) {
            return ERROR(error, STATUS_BAD_INPUT,
                         "%s was changed since package %" PRIu64
                         " was signed, and its version is %u: give it one above %u, for calls "
                         "refer to versions",
                         protocol->file, last->version, protocol->version, before->version);
        }
        struct package_entry *entry = &list->entries[list->count++];
        memcpy(entry->name, file->name, sizeof entry->name);
        memcpy(entry->hash, file->hash, sizeof entry->hash);
        entry->number = protocol->number;
        entry->version = protocol->version;
    }
    return STATUS_OK;
}

/* Whoever looks between the two writings sees a signature that does not hold, never one that does by mistake. */
static enum status write_package(const char *path, const unsigned char *seed, const struct package_list *list,
                                 struct error *error)
{
    unsigned char public_key[PACKAGE_KEY_SIZE], both[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
    char hex[SIGNATURE_TEXT + 2];
    struct text text;
    text_init(&text, PACKAGE_JSON_MAX);
    write_list(list, &text);
    CHECK(!text.failed); /* 36 entries of some 200 bytes */
    (void)crypto_sign_seed_keypair(public_key, both, seed);
    (void)crypto_sign_detached(signature, NULL, (const unsigned char *)text.bytes, text.length, both);
    sodium_memzero(both, sizeof both);
    sodium_bin2hex(hex, sizeof hex - 1, signature, sizeof signature);
    memcpy(hex + SIGNATURE_TEXT, "\n", 2);
    char *list_path = file_join(path, LIST_NAME), *signature_path = file_join(path, SIGNATURE_NAME);
    enum status status = file_write_whole(list_path, text.bytes, text.length, error);
    if (status == STATUS_OK) {
        status = file_write_whole(signature_path, hex, SIGNATURE_TEXT + 1, error);
    }
    free(list_path);
    free(signature_path);
    text_free(&text);
    return status;
}

static enum status sign_folder(const char *path, const unsigned char *seed, const struct folder *folder, uint64_t version,
                               struct package *package, struct error *error)
{
    struct package_list last, *list = &package->list;
    TRY(read_last_list(path, &last, error));
    list->count = 0;
    list->version = version != 0 ? version : next_version(&last, list->signed_at);
    if (list->version <= last.version) {
        return ERROR(error, STATUS_BAD_INPUT, "version %" PRIu64 " is not above %" PRIu64 ", which was signed before",
                     list->version, last.version);
    }
    TRY(fill_list(folder, &package->set, &last, list, error));
    TRY(write_package(path, seed, list, error));
    judge(package, PACKAGE_VALID, "%s", "");
    return STATUS_OK;
}

enum status package_sign(const char *folder, const unsigned char seed[PACKAGE_KEY_SIZE], const char *signer, uint64_t version,
                         struct instant now, struct package *package, struct protocol_findings *findings, struct error *error)
{
    struct folder files;
    size_t length = strlen(signer);
    if (length == 0 || length >= PACKAGE_SIGNER_MAX || !utf8_is_valid(signer, length)) {
        return ERROR(error, STATUS_BAD_INPUT, "the signer's name is 1 to %d bytes of UTF-8", (int)PACKAGE_SIGNER_MAX - 1);
    }
    TRY(read_folder(folder, NULL, &files, package, findings, error));
    memcpy(package->list.signed_by, signer, length + 1);
    instant_format(now, package->list.signed_at);
    enum status status = findings->count > 0
                             ? ERROR(error, STATUS_BAD_INPUT, "%s: %u mistakes; nothing was signed", folder, findings->count)
                             : sign_folder(folder, seed, &files, version, package, error);
    folder_free(&files);
    if (status != STATUS_OK) {
        package_free(package);
    }
    return status;
}
