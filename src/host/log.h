/* One line an event, for the people who run the centre: JSON lines on standard error, or fields for the journal of systemd
 * where standard error is connected to it. Any thread. Never a secret, never a personal datum: ids and counts only. */
#ifndef MINGDI_HOST_LOG_H
#define MINGDI_HOST_LOG_H

#include <stdint.h>

enum log_level {
    LOG_DEBUG,
    LOG_INFO,
    LOG_WARNING,
    LOG_ERROR,
    LOG_SILENT, /* of no line: as the lowest level it lets nothing through */
};

struct log_field {
    const char *name;
    const char *text; /* NULL: the number */
    int64_t number;
};

#define LOG_TEXT(name_, text_) ((struct log_field){ .name = (name_), .text = (text_) })
#define LOG_NUMBER(name_, number_) ((struct log_field){ .name = (name_), .number = (int64_t)(number_) })

/* One centre among several in a process: its lines say which it is, have a level of their own, and do not crowd out another's. */
struct log_centre;
/* name: copied, at most 63 bytes. NULL when memory is refused. */
struct log_centre *log_centre_create(const char *name);
/* No thread may be in it any more. NULL is fine. */
void log_centre_destroy(struct log_centre *centre);
/* From now on this thread, and each that it starts (thread.h), speaks as that centre; NULL: as the process. */
void log_enter(struct log_centre *centre);
struct log_centre *log_here(void);

/* Of the centre that this thread speaks as. */
void log_set_level(enum log_level level);
/* "debug", "info", "warning", "error"; LOG_INFO for anything else. */
enum log_level log_level_of(const char *name);
/* part: "centre", "http" ...; message: a sentence that is always the same for the same event, so that it can be searched for. */
void log_write(enum log_level level, const char *part, const char *message, const struct log_field *fields, int count);
#define LOG(level, part, message, ...)                                         \
    log_write((level), (part), (message), (struct log_field[]){ __VA_ARGS__ }, \
              (int)(sizeof((struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field)))

#endif
