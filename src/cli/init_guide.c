/* See init_guide.h. The answers become the files of a setup in a temporary folder, so that the very readers of a setup check
 * them. */
#include "cli/init_guide.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "host/config.h"
#include "host/setup.h"

enum { LIST_MAX = 1 << 20 };

/* ---- the terminal ---- */

static enum status left(struct error *error) { return ERROR(error, STATUS_IO, "stopped; nothing was made"); }

/* Looks at the flag now and then: a signal that comes just before the waiting begins interrupts nothing. False: stopped. */
static bool wait_for_letter(const struct guide *guide)
{
    enum { LOOK_EVERY_MS = 200 };
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    while (*guide->stop == 0) {
        int ready = poll(&input, 1, LOOK_EVERY_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return ready > 0;
        }
    }
    return false;
}

/* One line without its end. The rest of a line that is too long is thrown away, and the line refused. */
static enum status read_line(const struct guide *guide, char line[GUIDE_LINE_MAX], bool *fits, struct error *error)
{
    size_t used = 0;
    for (;;) {
        unsigned char letter = 0;
        if (!wait_for_letter(guide) || read(STDIN_FILENO, &letter, 1) <= 0) {
            return left(error);
        }
        if (letter == '\n') {
            break;
        }
        if (used < GUIDE_LINE_MAX) {
            line[used] = (char)letter;
        }
        used += used < GUIDE_LINE_MAX;
    }
    *fits = used < GUIDE_LINE_MAX;
    line[*fits ? used : 0] = '\0';
    return STATUS_OK;
}

static enum status ask(const struct guide *guide, const char *question, char line[GUIDE_LINE_MAX], struct error *error)
{
    for (bool fits = false; !fits;) {
        printf("%s", question);
        (void)fflush(stdout);
        TRY(read_line(guide, line, &fits, error));
        if (!fits) {
            printf("  that line is longer than %d bytes\n", GUIDE_LINE_MAX - 1);
        }
    }
    return STATUS_OK;
}

static enum status ask_hidden(const struct guide *guide, const char *question, char line[GUIDE_LINE_MAX], struct error *error)
{
    struct termios before, hidden;
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    hidden = before;
    if (is_terminal) {
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    enum status status = ask(guide, question, line, error);
    if (is_terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    }
    printf("\n");
    return status;
}

/* The reason, without the name of the temporary folder. */
static void say_why(const struct guide *guide, const struct error *why)
{
    const char *text = why->text;
    size_t length = strlen(guide->folder);
    printf("  ");
    for (const char *found = NULL; (found = strstr(text, guide->folder)) != NULL;
         text = found + length + (found[length] == '/')) {
        printf("%.*s", (int)(found - text), text);
    }
    printf("%s\n", text);
}

/* ---- files of the setup ---- */

static enum status put_file(const struct guide *guide, const char *name, const char *bytes, size_t size, struct error *error)
{
    char *path = file_join(guide->folder, name);
    enum status status = file_write_whole(path, bytes, size, error);
    free(path);
    return status;
}

static void drop_file(const struct guide *guide, const char *name)
{
    char *path = file_join(guide->folder, name);
    (void)unlink(path);
    free(path);
}

static enum status copy_file(const struct guide *guide, const char *from, const char *name, struct error *error)
{
    struct file_view view;
    TRY(file_view_open(&view, from, error));
    enum status status = put_file(guide, name, (const char *)view.bytes, view.size, error);
    file_view_close(&view);
    return status;
}

/* ---- name, city, time zone ---- */

static void append_quoted(struct text *out, const char *value)
{
    text_puts(out, "\"");
    for (; *value != '\0'; value++) {
        text_printf(out, *value == '"' ? "\"\"" : "%c", *value);
    }
    text_puts(out, "\"");
}

static enum status put_scenario(const struct guide *guide, const char *name, const char *city, struct error *error)
{
    char whole[PATH_MAX];
    struct text out;
    if (realpath(city, whole) == NULL) {
        return ERROR(error, STATUS_NOT_FOUND, "%s: %s", city, strerror(errno));
    }
    text_init(&out, LIST_MAX);
    text_puts(&out, "key,value\nname,");
    append_quoted(&out, name);
    text_puts(&out, "\ncity,");
    append_quoted(&out, whole);
    text_puts(&out, "\n");
    enum status status = put_file(guide, "scenario.csv", out.bytes, out.length, error);
    text_free(&out);
    return status == STATUS_OK ? setup_check_part(guide->folder, SETUP_SCENARIO, error) : status;
}

static enum status put_config(const struct guide *guide, struct config *config, struct error *error)
{
    struct text out;
    text_init(&out, LIST_MAX);
    config_write_yaml(config, &out);
    enum status status = put_file(guide, "mingdi.yaml", out.bytes, out.length, error);
    text_free(&out);
    return status;
}

/* An answer to a setting; an empty one keeps the default where there is one. */
static enum status ask_setting(const struct guide *guide, struct config *config, const char *setting, const char *question,
                               char line[GUIDE_LINE_MAX], bool may_keep, struct error *error)
{
    for (;;) {
        struct error why = { .text = "" };
        TRY(ask(guide, question, line, error));
        if ((may_keep && line[0] == '\0') || config_set(config, setting, line, false, &why) == STATUS_OK) {
            return STATUS_OK;
        }
        say_why(guide, &why);
    }
}

static enum status ask_centre(const struct guide *guide, struct error *error)
{
    static struct config config;
    char name[GUIDE_LINE_MAX], line[GUIDE_LINE_MAX];
    config_defaults(&config);
    TRY(ask_setting(guide, &config, "name", "\nName of the centre: ", name, false, error));
    TRY(ask_setting(guide, &config, "time_zone", "Time zone [Asia/Shanghai]: ", line, true, error));
    TRY(put_config(guide, &config, error));
    printf("\nThe roads: a city file. One is made from a map with\n"
           "  mingdi city import --osm MAP.osm.pbf -o city.mingdi\n");
    for (;;) {
        struct error why = { .text = "" };
        TRY(ask(guide, "City file: ", line, error));
        if (line[0] == '\0') {
            printf("  there must be one\n");
            continue;
        }
        if (put_scenario(guide, name, line, &why) == STATUS_OK) {
            return STATUS_OK;
        }
        say_why(guide, &why);
    }
}

/* ---- lists ---- */

struct list {
    const char *file, *title, *header, *example;
    enum setup_part part;
    const char *without; /* what an empty answer means; NULL: there must be one */
};

static const struct list LISTS[] = {
    { "districts.csv", "Districts", "id,name", "north,North", SETUP_DISTRICTS, "one district" },
    { "stations.csv", "Stations", "id,name,lon,lat,district", "s1,Main station,120.62,31.30,north", SETUP_STATIONS, NULL },
    { "units.csv", "Units", "id,station,skill", "a12,s1,ALS", SETUP_UNITS, NULL },
    { "facilities.csv", "Hospitals", "id,name,lon,lat,tier,capabilities,beds,district",
      "h1,First Hospital,120.60,31.31,3,chest_pain stroke,12,north", SETUP_FACILITIES, NULL },
    { "seats.csv", "Seats", "id,name,desk", "C1,Call-taker 1,call_taker", SETUP_SEATS,
      "two call-takers, a dispatcher and a duty commander" },
};

/* The file that was named becomes the list, if it will do. */
static bool take_file(const struct guide *guide, const struct list *list, const char *path)
{
    struct error why = { .text = "" };
    if (copy_file(guide, path, list->file, &why) == STATUS_OK && setup_check_part(guide->folder, list->part, &why) == STATUS_OK) {
        return true;
    }
    say_why(guide, &why);
    drop_file(guide, list->file);
    return false;
}

/* One more line, if the list will do with it. */
static enum status take_row(const struct guide *guide, const struct list *list, struct text *rows, const char *line,
                            struct error *error)
{
    struct error why = { .text = "" };
    size_t before = rows->length;
    text_printf(rows, "%s\n", line);
    TRY(put_file(guide, list->file, rows->bytes, rows->length, error));
    if (!rows->failed && setup_check_part(guide->folder, list->part, &why) == STATUS_OK) {
        return STATUS_OK;
    }
    say_why(guide, &why);
    rows->length = before;
    rows->bytes[before] = '\0';
    return put_file(guide, list->file, rows->bytes, rows->length, error);
}

static enum status type_rows(const struct guide *guide, const struct list *list, struct text *rows, char line[GUIDE_LINE_MAX],
                             struct error *error)
{
    size_t header = rows->length;
    do {
        if (line[0] != '\0') {
            TRY(take_row(guide, list, rows, line, error));
        }
        TRY(ask(guide, "  next, or empty to end: ", line, error));
    } while (line[0] != '\0' || rows->length == header);
    return STATUS_OK;
}

static enum status ask_list(const struct guide *guide, const struct list *list, struct error *error)
{
    char line[GUIDE_LINE_MAX];
    struct text rows;
    printf("\n%s: a CSV file, or line by line as\n  %s\n  such as %s\n", list->title, list->header, list->example);
    if (list->without != NULL) {
        printf("  Empty: %s.\n", list->without);
    }
    for (;;) {
        TRY(ask(guide, "  file or first line: ", line, error));
        if (line[0] == '\0' && list->without != NULL) {
            return STATUS_OK;
        }
        if (strchr(line, ',') != NULL) {
            break;
        }
        if (line[0] != '\0' && take_file(guide, list, line)) {
            return STATUS_OK;
        }
    }
    text_init(&rows, LIST_MAX);
    text_printf(&rows, "%s\n", list->header);
    enum status status = type_rows(guide, list, &rows, line, error);
    text_free(&rows);
    return status;
}

/* Only where there are districts to have shapes. */
static enum status ask_shapes(const struct guide *guide, struct error *error)
{
    static const struct list shapes = { .file = "districts.geojson", .part = SETUP_DISTRICTS };
    char line[GUIDE_LINE_MAX];
    char *path = file_join(guide->folder, "districts.csv");
    bool there = file_exists(path);
    free(path);
    while (there) {
        TRY(ask(guide, "\nShapes of the districts, a GeoJSON file with the property id (empty: none): ", line, error));
        if (line[0] == '\0' || take_file(guide, &shapes, line)) {
            break;
        }
    }
    return STATUS_OK;
}

/* ---- the first administrator ---- */

static enum status ask_administrator(struct guide *guide, struct error *error)
{
    char again[GUIDE_LINE_MAX];
    printf("\nThe first administrator, who makes the accounts of all others\n");
    for (;;) {
        TRY(ask(guide, "  name to sign in with: ", guide->admin_name, error));
        TRY(ask(guide, "  name to show: ", guide->admin_display, error));
        TRY(ask_hidden(guide, "  password (not shown): ", guide->admin_password, error));
        TRY(ask_hidden(guide, "  password again: ", again, error));
        bool same = strcmp(again, guide->admin_password) == 0;
        explicit_bzero(again, sizeof again);
        if (guide->admin_display[0] == '\0') {
            memcpy(guide->admin_display, guide->admin_name, sizeof guide->admin_name);
        }
        const char *fault = same ? setup_administrator_fault(guide->admin_name, guide->admin_display, guide->admin_password)
                                 : "the two passwords are not the same";
        if (fault == NULL) {
            return STATUS_OK;
        }
        printf("  %s\n", fault);
    }
}

/* ---- the whole ---- */

static enum status make_folder(struct guide *guide, struct error *error)
{
    const char *base = getenv("TMPDIR");
    int length = snprintf(guide->folder, sizeof guide->folder, "%s/mingdi-init-XXXXXX",
                          base != NULL && base[0] != '\0' ? base : "/tmp");
    if (length < 0 || (size_t)length >= sizeof guide->folder || mkdtemp(guide->folder) == NULL) {
        guide->folder[0] = '\0';
        return ERROR(error, STATUS_IO, "no temporary folder can be made: %s", strerror(errno));
    }
    return STATUS_OK;
}

static enum status ask_everything(struct guide *guide, const char *data, struct error *error)
{
    char line[GUIDE_LINE_MAX];
    printf("A new centre in %s. Every answer is checked at once; Ctrl-C or Ctrl-D leaves, and nothing is made.\n", data);
    TRY(ask_centre(guide, error));
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++) {
        TRY(ask_list(guide, &LISTS[i], error));
        if (LISTS[i].part == SETUP_DISTRICTS) {
            TRY(ask_shapes(guide, error));
        }
    }
    TRY(ask_administrator(guide, error));
    do {
        TRY(ask(guide, "\nMake the centre? (yes or no) ", line, error));
    } while (strcmp(line, "yes") != 0 && strcmp(line, "no") != 0);
    return line[0] == 'y' ? STATUS_OK : left(error);
}

enum status guide_run(struct guide *guide, const char *data, const volatile sig_atomic_t *stop, struct error *error)
{
    *guide = (struct guide){ .stop = stop };
    TRY(make_folder(guide, error));
    return ask_everything(guide, data, error);
}

void guide_end(struct guide *guide)
{
    if (guide->folder[0] != '\0') {
        (void)folder_remove(guide->folder);
    }
    explicit_bzero(guide->admin_password, sizeof guide->admin_password);
}
