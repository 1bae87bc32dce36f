#include "cli/serve_region.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"

static const char SETTINGS_FILE[] = "mingdi.yaml";

/* ---- names ---- */

/* It names a schema too, in which _ stands for -. */
static bool name_is_fine(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= REGION_NAME_SIZE - sizeof "_drill" && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static bool is_in_list(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

/* So that a slip of the pen does not leave a city without its centre. */
static enum status check_list(const char *list, const char *folder, const struct serve_region *region, struct error *error)
{
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, ",");
        bool found = false;
        for (uint32_t i = 0; i < region->count; i++) {
            const char *name = region->members[i].name;
            found = found || (strlen(name) == length && strncmp(name, at, length) == 0);
        }
        if (!found) {
            return ERROR(error, STATUS_USAGE, "--only %.*s: there is no such centre in %s (a folder with a %s)", (int)length, at,
                         folder, SETTINGS_FILE);
        }
        at += length + (at[length] == ',');
    }
    return STATUS_OK;
}

/* ---- one ---- */

static enum status schema_url(const char *store_url, const char *name, char *url, size_t size, struct error *error)
{
    char schema[REGION_NAME_SIZE];
    if (strstr(store_url, "schema=") != NULL) {
        return ERROR(error, STATUS_USAGE, "--store: with --region each centre has the schema of its name: leave schema= out");
    }
    snprintf(schema, sizeof schema, "%s", name);
    for (char *dash = schema; (dash = strchr(dash, '-')) != NULL;) {
        *dash = '_';
    }
    int length = snprintf(url, size, "%s%sschema=%s", store_url, strchr(store_url, '?') != NULL ? "&" : "?", schema);
    return length > 0 && (size_t)length < size ? STATUS_OK : ERROR(error, STATUS_USAGE, "--store: the URL is too long");
}

static enum status add(const char *folder, const char *store_url, bool drill, struct region_member *member, const char *name,
                       struct error *error)
{
    char url[STORE_URL_MAX];
    if (!name_is_fine(name)) {
        return ERROR(error, STATUS_USAGE,
                     "%s/%s: the folder of a centre in a region is named by small letters, digits, - and _, with a letter first, "
                     "at most %d of them",
                     folder, name, (int)(REGION_NAME_SIZE - sizeof "_drill"));
    }
    snprintf(member->name, sizeof member->name, "%s", name);
    member->setup.folder = file_join(folder, name);
    member->setup.settings.path = file_join(member->setup.folder, SETTINGS_FILE);
    member->setup.settings.environment = environ;
    if (store_url != NULL) {
        TRY(schema_url(store_url, name, url, sizeof url, error));
    }
    return store_parse(member->setup.folder, store_url != NULL ? url : NULL, drill, &member->setup.store, error);
}

static bool has_settings(const char *folder, const char *name)
{
    char *data = file_join(folder, name), *settings = file_join(data, SETTINGS_FILE);
    bool there = name[0] != '.' && file_exists(settings);
    free(settings);
    free(data);
    return there;
}

/* ---- all ---- */

static enum status add_all(DIR *names, const char *folder, const char *only, const char *store_url, bool drill,
                           struct serve_region *region, struct error *error)
{
    for (struct dirent *entry; (entry = readdir(names)) != NULL;) {
        if (!has_settings(folder, entry->d_name) || (only != NULL && !is_in_list(only, entry->d_name))) {
            continue;
        }
        if (region->count == REGION_CENTRES_MAX) {
            return ERROR(error, STATUS_USAGE, "%s: a process serves at most %d centres: share them out with --only", folder,
                         REGION_CENTRES_MAX);
        }
        region->count += 1;
        TRY(add(folder, store_url, drill, &region->members[region->count - 1], entry->d_name, error));
    }
    return STATUS_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct region_member *)a)->name, ((const struct region_member *)b)->name);
}

static enum status collect(const char *folder, const char *only, const char *store_url, bool drill, struct serve_region *region,
                           struct error *error)
{
    DIR *names = opendir(folder);
    if (names == NULL) {
        return ERROR(error, STATUS_USAGE, "--region %s: %s", folder, strerror(errno));
    }
    enum status status = add_all(names, folder, only, store_url, drill, region, error);
    closedir(names);
    TRY(status);
    TRY(check_list(only, folder, region, error));
    if (region->count == 0) {
        return ERROR(error, STATUS_USAGE,
                     "--region %s: no folder in it has a %s: make the centres with: mingdi init --data %s/NAME ...", folder,
                     SETTINGS_FILE, folder);
    }
    qsort(region->members, region->count, sizeof *region->members, by_name);
    return STATUS_OK;
}

enum status serve_region_collect(const char *folder, const char *only, const char *store_url, bool drill,
                                 struct serve_region *region, struct error *error)
{
    *region = (struct serve_region){ .members = calloc(REGION_CENTRES_MAX, sizeof *region->members) };
    CHECK(region->members != NULL);
    enum status status = collect(folder, only, store_url, drill, region, error);
    if (status != STATUS_OK) {
        serve_region_free(region);
    }
    return status;
}

void serve_region_free(struct serve_region *region)
{
    for (uint32_t i = 0; i < region->count; i++) {
        free((void *)(uintptr_t)region->members[i].setup.folder);
        free((void *)(uintptr_t)region->members[i].setup.settings.path);
    }
    explicit_bzero(region->members, REGION_CENTRES_MAX * sizeof *region->members); /* a store's URL may hold the password */
    free(region->members);
    *region = (struct serve_region){ .members = NULL };
}
