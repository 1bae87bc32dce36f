#include "store/postgres_tools.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "store/postgres_link.h"

enum { VARIABLES_MAX = 64, VARIABLE_MAX = 2048, SAID_MAX = 2048, ENVIRONMENT_MAX = 4096 };

/* The environment of a child: ours, and before it what the store's URL says. */
struct surroundings {
    char own[VARIABLES_MAX][VARIABLE_MAX];
    size_t own_count;
    char *all[ENVIRONMENT_MAX];
};

static void add_variable(struct surroundings *around, const char *name, const char *value)
{
    if (around->own_count < VARIABLES_MAX) {
        int length = snprintf(around->own[around->own_count], VARIABLE_MAX, "%s=%s", name, value);
        around->own_count += length > 0 && length < VARIABLE_MAX;
    }
}

static bool is_set_already(const struct surroundings *around, const char *variable)
{
    size_t length = strcspn(variable, "=") + 1;
    for (size_t i = 0; i < around->own_count; i++) {
        if (strncmp(around->own[i], variable, length) == 0) {
            return true;
        }
    }
    return false;
}

static enum status surround(const struct store *store, struct surroundings *around, struct error *error)
{
    char *why = NULL;
    PQconninfoOption *parsed = PQconninfoParse(store->url, &why);
    PQfreemem(why); /* it may quote the password */
    if (parsed == NULL) {
        return ERROR(error, STATUS_USAGE, "%s: the rest of this URL is not understood; see libpq's connection URIs",
                     store->shown);
    }
    bool chooses = true; /* the primary among several hosts, as postgres_link.c does */
    bool several = false;
    for (const PQconninfoOption *option = parsed; option->keyword != NULL; option++) {
        if (option->val != NULL && option->val[0] != '\0' && option->envvar != NULL) {
            add_variable(around, option->envvar, option->val);
            several = several || (strncmp(option->keyword, "host", 4) == 0 && strchr(option->val, ',') != NULL);
            chooses = chooses && strcmp(option->keyword, "target_session_attrs") != 0;
        }
    }
    PQconninfoFree(parsed);
    if (several && chooses) {
        add_variable(around, "PGTARGETSESSIONATTRS", "read-write");
    }
    char path[VARIABLE_MAX - 8];
    const char *ours = getenv("PATH");
    snprintf(path, sizeof path, "%s:/usr/lib/postgresql/15/bin", ours != NULL ? ours : "/usr/bin:/bin");
    add_variable(around, "PATH", path);
    size_t count = 0;
    for (size_t i = 0; i < around->own_count; i++) {
        around->all[count++] = around->own[i];
    }
    for (char **at = environ; *at != NULL && count + 1 < ENVIRONMENT_MAX; at++) {
        if (!is_set_already(around, *at)) {
            around->all[count++] = *at;
        }
    }
    around->all[count] = NULL;
    return STATUS_OK;
}

/* The program's last words become the error's. */
static void read_said(int descriptor, char said[SAID_MAX])
{
    size_t used = 0;
    char piece[512];
    ssize_t got;
    while ((got = read(descriptor, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR)) {
        for (ssize_t i = 0; i < got; i++) {
            if (used + 1 < SAID_MAX) {
                said[used++] = (unsigned char)piece[i] < ' ' ? ' ' : piece[i];
            }
        }
    }
    while (used > 0 && said[used - 1] == ' ') {
        used--;
    }
    said[used] = '\0';
}

static enum status find_program(const char *name, char path[VARIABLE_MAX], const struct surroundings *around, struct error *error)
{
    const char *folders = "";
    for (size_t i = 0; i < around->own_count; i++) {
        if (strncmp(around->own[i], "PATH=", 5) == 0) {
            folders = around->own[i] + 5;
        }
    }
    for (const char *at = folders; *at != '\0';) {
        size_t length = strcspn(at, ":");
        int wrote = snprintf(path, VARIABLE_MAX, "%.*s/%s", (int)length, at, name);
        if (length > 0 && wrote < VARIABLE_MAX && access(path, X_OK) == 0) {
            return STATUS_OK;
        }
        at += length + (at[length] == ':');
    }
    return ERROR(error, STATUS_NOT_FOUND, "there is no %s on this machine: install the package postgresql-client-15", name);
}

static enum status run_in(const char *const *words, struct surroundings *around, struct error *error)
{
    char program[VARIABLE_MAX];
    char said[SAID_MAX] = "";
    int ends[2];
    pid_t child = 0;
    posix_spawn_file_actions_t actions;
    TRY(find_program(words[0], program, around, error));
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return ERROR(error, STATUS_IO, "%s: %s", words[0], strerror(errno));
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    int failed = posix_spawn(&child, program, &actions, NULL, (char *const *)(const void *)words, around->all);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed == 0) {
        read_said(ends[0], said);
    }
    close(ends[0]);
    int how = 0;
    if (failed != 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be run: %s", program, strerror(failed));
    }
    while (waitpid(child, &how, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(how) && WEXITSTATUS(how) == 0
               ? STATUS_OK
               : ERROR(error, STATUS_IO, "%s failed: %s", words[0], said[0] != '\0' ? said : "it said nothing");
}

static enum status run_tool(const struct store *store, const char *const *words, struct error *error)
{
    struct surroundings *around = calloc(1, sizeof *around);
    if (around == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to run %s", words[0]);
    }
    enum status status = surround(store, around, error);
    if (status == STATUS_OK) {
        status = run_in(words, around, error);
    }
    explicit_bzero(around, sizeof *around); /* a password may be among it */
    free(around);
    return status;
}

enum status postgres_dump(const struct store *store, const char *snapshot, const char *path, struct error *error)
{
    static const char *const made_anew[] = { "report_call", "report_mission", "projection", "projection_state" };
    char schema[STORE_SCHEMA_MAX + 16], view[128], file[STORE_PATH_MAX + 64];
    char left_out[4][STORE_SCHEMA_MAX + 64];
    snprintf(schema, sizeof schema, "--schema=%s", store->schema);
    snprintf(view, sizeof view, "--snapshot=%s", snapshot);
    if ((size_t)snprintf(file, sizeof file, "--file=%s", path) >= sizeof file) {
        return ERROR(error, STATUS_USAGE, "%s: the name is too long", path);
    }
    const char *words[16] = {
        "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-password", "--lock-wait-timeout=10000", schema, view,
        file
    };
    size_t count = 9;
    for (size_t i = 0; i < ARRAY_LENGTH(made_anew); i++) {
        snprintf(left_out[i], sizeof left_out[i], "--exclude-table-data=%s.%s", store->schema, made_anew[i]);
        words[count++] = left_out[i];
    }
    words[count] = NULL;
    int made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made < 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be created: %s", path, strerror(errno));
    }
    enum status status = run_tool(store, words, error);
    if (status == STATUS_OK && fsync(made) != 0) {
        status = ERROR(error, STATUS_IO, "%s: cannot be synced: %s", path, strerror(errno));
    }
    close(made);
    if (status != STATUS_OK) {
        (void)unlink(path);
    }
    return status;
}

enum status postgres_load(const struct store *store, const char *path, struct error *error)
{
    const char *const words[] = { "pg_restore",
                                  "--single-transaction",
                                  "--exit-on-error",
                                  "--no-owner",
                                  "--no-privileges",
                                  "--no-password",
                                  "--dbname=client_encoding=UTF8",
                                  path,
                                  NULL };
    return run_tool(store, words, error);
}

enum status postgres_unload(const struct store *store, struct error *error)
{
    struct postgres_link link;
    char text[STORE_SCHEMA_MAX + 64];
    snprintf(text, sizeof text, "DROP SCHEMA IF EXISTS \"%s\" CASCADE", store->schema);
    TRY(postgres_link_open(&link, store, "mingdi restore", true, 30000, error));
    enum status status = postgres_execute(&link, text, NULL, "its schema cannot be dropped", error);
    postgres_link_close(&link);
    return status;
}
