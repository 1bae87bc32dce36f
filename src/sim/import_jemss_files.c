/* See import_jemss_files.h. Workload: a few dozen folders of a few files. */
#include "sim/import_jemss_files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

enum { DEPTH_MAX = 8 };

bool jemss_is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name), wanted = strlen(suffix);
    return length >= wanted && strcmp(name + length - wanted, suffix) == 0;
}

static bool begins_with(const char *name, const char *prefix) { return strncmp(name, prefix, strlen(prefix)) == 0; }

static bool is_file(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

static int visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static void free_entries(struct dirent **entries, int count)
{
    for (int i = 0; i < count; i++) {
        free(entries[i]);
    }
    free(entries);
}

struct table_choice {
    char *first, *numbered; /* numbered: ends in _1.csv */
    int count;
    struct text names;
};

static void look_at_tables(const char *folder, struct table_choice *choice)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, visible, alphasort);
    for (int i = 0; i < count; i++) {
        char *path = file_join(folder, entries[i]->d_name);
        bool counts = ends_in(entries[i]->d_name, ".csv") && is_file(path);
        if (counts) {
            text_printf(&choice->names, "%s%s", choice->count > 0 ? ", " : "", entries[i]->d_name);
            choice->count++;
        }
        if (counts && ends_in(entries[i]->d_name, "_1.csv") && choice->numbered == NULL) {
            choice->numbered = strdup(path);
        }
        if (counts && choice->first == NULL) {
            choice->first = path;
        } else {
            free(path);
        }
    }
    free_entries(entries, count);
}

static enum status choose(const char *folder, struct table_choice *choice, char **path, struct error *error)
{
    if (choice->numbered != NULL || choice->count == 1) {
        char **taken = choice->numbered != NULL ? &choice->numbered : &choice->first;
        *path = *taken;
        *taken = NULL;
        return STATUS_OK;
    }
    if (choice->count == 0) {
        return ERROR(error, STATUS_NOT_FOUND, "%s: no .csv file there", folder);
    }
    return ERROR(error, STATUS_BAD_INPUT, "%s: which of these files? %s; leave one, or name one so that it ends in _1.csv",
                 folder, choice->names.bytes != NULL ? choice->names.bytes : "");
}

static enum status find_table_in(const char *folder, char **path, struct error *error)
{
    struct table_choice choice = { 0 };
    text_init(&choice.names, 400);
    look_at_tables(folder, &choice);
    enum status status = choose(folder, &choice, path, error);
    free(choice.first);
    free(choice.numbered);
    text_free(&choice.names);
    return status;
}

enum status jemss_find_table(const char *folder, const char *sub, char **path, struct error *error)
{
    char *inner = file_join(folder, sub);
    enum status status = find_table_in(inner, path, error);
    if (status == STATUS_NOT_FOUND) {
        char *numbered = file_join(inner, "1");
        if (jemss_is_folder(numbered)) {
            status = find_table_in(numbered, path, error);
        }
        free(numbered);
    }
    free(inner);
    return status;
}

int jemss_count_tables(const char *folder, char **only)
{
    struct table_choice choice = { 0 };
    text_init(&choice.names, 400);
    look_at_tables(folder, &choice);
    text_free(&choice.names);
    free(choice.numbered);
    *only = choice.first;
    return choice.count;
}

static char *find_below(const char *folder, const char *prefix, const char *suffix, int depth)
{
    struct dirent **entries = NULL;
    int count = depth > DEPTH_MAX ? 0 : scandir(folder, &entries, visible, alphasort);
    char *found = NULL;
    for (int i = 0; i < count && found == NULL; i++) {
        char *path = file_join(folder, entries[i]->d_name);
        if (jemss_is_folder(path)) {
            found = find_below(path, prefix, suffix, depth + 1);
        } else if (begins_with(entries[i]->d_name, prefix) && ends_in(entries[i]->d_name, suffix)) {
            found = path;
            path = NULL;
        }
        free(path);
    }
    free_entries(entries, count);
    return found;
}

char *jemss_find_below(const char *folder, const char *prefix, const char *suffix)
{
    return find_below(folder, prefix, suffix, 0);
}
