#include "host/log.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "host/log_private.h"

enum { CENTRE_NAME_SIZE = 64 };

struct log_centre {
    char name[CENTRE_NAME_SIZE]; /* "" of the process */
    atomic_int minimum_level;
    struct log_rates rates;
};

/* The one thing in the program that belongs to the process and not to a part: where its messages go. */
static struct log_centre process_log = { .minimum_level = LOG_INFO };
static _Thread_local struct log_centre *entered; /* NULL: the process */
static int journal_socket = -1;
static pthread_mutex_t process_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t process_once = PTHREAD_ONCE_INIT;

static const char *const LEVEL_NAMES[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"
};
/* Of syslog(3): what systemd sorts by. */
static const int LEVEL_PRIORITIES[] = { [LOG_DEBUG] = 7, [LOG_INFO] = 6, [LOG_WARNING] = 4, [LOG_ERROR] = 3 };

static struct log_centre *current(void) { return entered != NULL ? entered : &process_log; }

void log_set_level(enum log_level level) { atomic_store(&current()->minimum_level, (int)level); }

enum log_level log_level_of(const char *name)
{
    for (size_t i = 0; i < sizeof LEVEL_NAMES / sizeof LEVEL_NAMES[0]; i++) {
        if (strcmp(name, LEVEL_NAMES[i]) == 0) {
            return (enum log_level)i;
        }
    }
    return LOG_INFO;
}

/* ---- one centre among several ---- */

struct log_centre *log_centre_create(const char *name)
{
    struct log_centre *made = calloc(1, sizeof *made);
    if (made != NULL) {
        (void)snprintf(made->name, sizeof made->name, "%s", name);
        atomic_init(&made->minimum_level, LOG_INFO);
    }
    return made;
}

void log_centre_destroy(struct log_centre *centre) { free(centre); }

void log_enter(struct log_centre *centre) { entered = centre; }

struct log_centre *log_here(void) { return entered; }

/* ---- how often ---- */

static struct log_slot *find_slot(struct log_rates *rates, const char *part, const char *message)
{
    struct log_slot *oldest = &rates->slots[0];
    for (size_t i = 0; i < LOG_SLOTS; i++) {
        struct log_slot *slot = &rates->slots[i];
        if (slot->message == NULL || (strcmp(slot->message, message) == 0 && strcmp(slot->part, part) == 0)) {
            return slot;
        }
        oldest = slot->begins_us < oldest->begins_us ? slot : oldest;
    }
    *oldest = (struct log_slot){ .message = NULL };
    return oldest;
}

bool log_rate(struct log_rates *rates, const char *part, const char *message, int64_t now_us, uint32_t *suppressed)
{
    struct log_slot *slot = find_slot(rates, part, message);
    *suppressed = 0;
    if (slot->message == NULL || now_us - slot->begins_us >= LOG_WINDOW_US) {
        *suppressed = slot->suppressed;
        *slot = (struct log_slot){ .part = part, .message = message, .begins_us = now_us, .count = 1 };
        return true;
    }
    if (slot->count < LOG_BURST) {
        slot->count++;
        return true;
    }
    slot->suppressed++;
    return false;
}

/* ---- as JSON ---- */

static void format_fields(const struct log_line *line, int count, struct instant at, struct text *out)
{
    char time[INSTANT_TEXT_SIZE];
    struct json json;
    instant_format(at, time);
    json_init(&json, out, 0);
    json_object_begin(&json, NULL);
    json_text(&json, "time", time);
    json_text(&json, "level", LEVEL_NAMES[line->level]);
    if (line->centre != NULL) {
        json_text(&json, "centre", line->centre);
    }
    json_text(&json, "part", line->part);
    json_text(&json, "message", line->message);
    for (int i = 0; i < count; i++) {
        const struct log_field *field = &line->fields[i];
        if (field->text != NULL) {
            json_text(&json, field->name, field->text);
        } else {
            json_int(&json, field->name, field->number);
        }
    }
    if (line->suppressed > 0) {
        json_int(&json, "suppressed", line->suppressed);
    }
    if (count < line->count) {
        json_int(&json, "fields_left_out", line->count - count);
    }
    json_object_end(&json);
}

void log_format(const struct log_line *line, struct instant at, struct text *out)
{
    text_clear(out);
    format_fields(line, line->count, at, out);
    for (int count = line->count; out->failed && count > 0;) {
        count--;
        text_clear(out);
        format_fields(line, count, at, out);
    }
}

/* ---- for systemd ---- */

/* NAME, then the length as 8 bytes, then the bytes: the form in which a value may hold anything. */
static void journal_field(struct text *out, const char *name, const char *value, size_t length)
{
    unsigned char size[8];
    for (int i = 0; i < 8; i++) {
        size[i] = (unsigned char)((uint64_t)length >> (8 * i));
    }
    for (const char *letter = name; *letter != '\0'; letter++) {
        char upper = (char)(*letter >= 'a' && *letter <= 'z' ? *letter - 'a' + 'A' : *letter);
        text_append(out, &upper, 1);
    }
    text_puts(out, "\n");
    text_append(out, (const char *)size, sizeof size);
    text_append(out, value, length);
    text_puts(out, "\n");
}

static void journal_number(struct text *out, const char *name, int64_t number)
{
    char value[32];
    int length = snprintf(value, sizeof value, "%" PRId64, number);
    journal_field(out, name, value, (size_t)length);
}

void log_format_journal(const struct log_line *line, struct text *out)
{
    text_clear(out);
    journal_field(out, "MESSAGE", line->message, strlen(line->message));
    journal_number(out, "PRIORITY", LEVEL_PRIORITIES[line->level]);
    journal_field(out, "SYSLOG_IDENTIFIER", "mingdi", strlen("mingdi"));
    if (line->centre != NULL) {
        journal_field(out, "MINGDI_CENTRE", line->centre, strlen(line->centre));
    }
    journal_field(out, "MINGDI_PART", line->part, strlen(line->part));
    if (line->suppressed > 0) {
        journal_number(out, "MINGDI_SUPPRESSED", line->suppressed);
    }
    for (int i = 0; i < line->count; i++) {
        const struct log_field *field = &line->fields[i];
        char name[64];
        (void)snprintf(name, sizeof name, "MINGDI_%s", field->name);
        if (field->text != NULL) {
            journal_field(out, name, field->text, strlen(field->text));
        } else {
            journal_number(out, name, field->number);
        }
    }
}

/* ---- where to ---- */

/* systemd tells by JOURNAL_STREAM which file it has connected; only if standard error is still that file are fields sent. */
static void connect_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat here;
    char expected[64];
    if (stream == NULL || fstat(STDERR_FILENO, &here) != 0) {
        return;
    }
    (void)snprintf(expected, sizeof expected, "%" PRIu64 ":%" PRIu64, (uint64_t)here.st_dev, (uint64_t)here.st_ino);
    if (strcmp(stream, expected) != 0) {
        return;
    }
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket" };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        fd = -1;
    }
    journal_socket = fd;
}

static int64_t now_us(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

static bool send_to_journal(const struct log_line *line, struct text *out)
{
    if (journal_socket < 0) {
        return false;
    }
    log_format_journal(line, out);
    return !out->failed && send(journal_socket, out->bytes, out->length, MSG_NOSIGNAL) == (ssize_t)out->length;
}

/* A line that standard error does not take is lost: there is nobody else to tell. */
static void write_line(const struct log_line *line)
{
    struct text out;
    text_init(&out, LOG_LINE_MAX);
    if (!send_to_journal(line, &out)) {
        log_format(line, (struct instant){ now_us(CLOCK_REALTIME) }, &out);
        out.maximum++;
        text_puts(&out, "\n");
        ssize_t written = out.failed ? 0 : write(STDERR_FILENO, out.bytes, out.length);
        (void)written;
    }
    text_free(&out);
}

static const char *name_of(const struct log_centre *centre) { return centre->name[0] != '\0' ? centre->name : NULL; }

/* Messages of which some were held back, and none has come since: told when anything is told. */
static void write_suppressed(struct log_centre *centre, int64_t now, const char *message)
{
    for (size_t i = 0; i < LOG_SLOTS; i++) {
        struct log_slot *slot = &centre->rates.slots[i];
        bool due = slot->message != NULL && slot->suppressed > 0 && now - slot->begins_us >= LOG_WINDOW_US;
        if (due && strcmp(slot->message, message) != 0) {
            write_line(&(struct log_line){ .level = LOG_WARNING,
                                           .part = slot->part,
                                           .message = slot->message,
                                           .suppressed = slot->suppressed,
                                           .centre = name_of(centre) });
            *slot = (struct log_slot){ .part = slot->part, .message = slot->message, .begins_us = now, .count = 1 };
        }
    }
}

void log_write(enum log_level level, const char *part, const char *message, const struct log_field *fields, int count)
{
    struct log_centre *centre = current();
    if ((int)level < atomic_load(&centre->minimum_level)) {
        return;
    }
    int errno_before = errno; /* a caller may log before it looks */
    struct log_line line = { .level = level, .part = part, .message = message, .fields = fields, .count = count };
    line.centre = name_of(centre);
    (void)pthread_once(&process_once, connect_journal);
    (void)pthread_mutex_lock(&process_mutex);
    int64_t now = now_us(CLOCK_MONOTONIC);
    write_suppressed(centre, now, message);
    if (log_rate(&centre->rates, part, message, now, &line.suppressed)) {
        write_line(&line);
    }
    (void)pthread_mutex_unlock(&process_mutex);
    errno = errno_before;
}
