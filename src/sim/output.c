#include "sim/output.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"

static const char *const OUTPUT_FILES[] = { "report.json", "report.html", "journal.db", "calls.csv" };
static const size_t CALLS_FILE_MAX = (size_t)1 << 34;

static bool is_output_file(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(OUTPUT_FILES); i++) {
        if (strcmp(name, OUTPUT_FILES[i]) == 0) {
            return true;
        }
    }
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static enum status check_free(const char *folder, struct error *error)
{
    DIR *listing = opendir(folder);
    if (listing == NULL) {
        return errno == ENOENT ? STATUS_OK
                               : ERROR(error, STATUS_IO, "%s: cannot be the output folder: %s", folder, strerror(errno));
    }
    enum status status = STATUS_OK;
    for (const struct dirent *entry = readdir(listing); entry != NULL && status == STATUS_OK; entry = readdir(listing)) {
        if (!is_output_file(entry->d_name)) {
            status = ERROR(error, STATUS_BAD_INPUT, "%s: holds \"%s\", which is not of a simulation; name a new folder", folder,
                           entry->d_name);
        }
    }
    closedir(listing);
    return status;
}

enum status output_open(struct output *output, const char *folder, struct error *error)
{
    TRY(check_free(folder, error));
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') {
        length -= 1;
    }
    *output = (struct output){ .folder = strndup(folder, length), .working = malloc(length + 32) };
    CHECK(output->folder != NULL && output->working != NULL);
    snprintf(output->working, length + 32, "%s.part-%ld", output->folder, (long)getpid());
    enum status status = file_make_folder(output->working, error);
    if (status == STATUS_OK) {
        status = interrupt_guard_start(&output->guard, output->working, error);
    }
    if (status != STATUS_OK) {
        output_abandon(output);
    }
    return status;
}

char *output_path(const struct output *output, const char *name) { return file_join(output->working, name); }

void output_abandon(struct output *output)
{
    (void)folder_remove(output->working);
    interrupt_guard_end(output->guard);
    free(output->folder);
    free(output->working);
    *output = (struct output){ 0 };
}

static enum status move_in(const struct output *output, const char *name, struct error *error)
{
    char *from = file_join(output->working, name), *to = file_join(output->folder, name);
    enum status status = STATUS_OK;
    if (file_exists(from) && rename(from, to) != 0) {
        status = ERROR(error, STATUS_IO, "%s: cannot move it into place: %s", to, strerror(errno));
    }
    free(from);
    free(to);
    return status;
}

enum status output_commit(struct output *output, struct error *error)
{
    interrupt_guard_hold(output->guard); /* all four, or none */
    enum status status = file_make_folder(output->folder, error);
    for (size_t i = 0; status == STATUS_OK && i < ARRAY_LENGTH(OUTPUT_FILES); i++) {
        status = move_in(output, OUTPUT_FILES[i], error);
    }
    output_abandon(output);
    return status;
}

/* ---- calls.csv ---- */

static void put_seconds(struct text *line, double seconds)
{
    if (isnan(seconds)) {
        text_puts(line, ",");
    } else {
        text_printf(line, ",%.3f", seconds);
    }
}

/* Ids may hold commas and quotes. */
static void put_id(struct text *line, const char *id)
{
    text_puts(line, ",");
    if (strpbrk(id, ",\"\r\n") == NULL) {
        text_puts(line, id);
        return;
    }
    text_puts(line, "\"");
    for (const char *at = id; *at != '\0'; at++) {
        text_append(line, at, 1);
        if (*at == '"') {
            text_puts(line, "\"");
        }
    }
    text_puts(line, "\"");
}

static void put_call(struct text *text, const struct scenario *scenario, const struct simulate_call *call)
{
    text_printf(text, "%llu", (unsigned long long)call->number);
    put_id(text, call->unit != 0 ? scenario->units[call->unit - 1].id : "");
    put_id(text, call->facility != 0 ? scenario->facilities[call->facility - 1].id : "");
    put_seconds(text, call->queued_s);
    put_seconds(text, call->response_s);
    put_seconds(text, call->service_s);
    text_printf(text, ",%u\n", call->diversions);
}

enum status output_write_calls(const struct output *output, const struct scenario *scenario,
                               const struct simulate_outcome *outcome, struct error *error)
{
    struct text text;
    text_init(&text, CALLS_FILE_MAX);
    text_puts(&text, "call,unit,facility,queued_s,response_s,service_s,diversions\n");
    for (size_t i = 0; i < outcome->call_count; i++) {
        put_call(&text, scenario, &outcome->calls[i]);
    }
    char *path = output_path(output, "calls.csv");
    enum status status = text.failed ? ERROR(error, STATUS_NO_MEMORY, "no memory for calls.csv")
                                     : file_write_whole(path, text.bytes, text.length, error);
    free(path);
    text_free(&text);
    return status;
}
