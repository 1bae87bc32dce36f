/* The table of settings, and what the parts of config share. */
#ifndef MINGDI_HOST_CONFIG_PRIVATE_H
#define MINGDI_HOST_CONFIG_PRIVATE_H

#include <stddef.h>

#include "host/config.h"

enum setting_type { SETTING_INTEGER, SETTING_FLAG, SETTING_TEXT };

struct setting {
    const char *name, *group; /* group: heading, on the first of each group, else NULL */
    enum setting_type type;
    size_t offset;            /* in struct config */
    const char *unit;         /* "s"; "" none */
    int64_t minimum, maximum; /* numbers: the value; texts: the length in bytes */
    int64_t number;           /* default of numbers and flags */
    const char *text;         /* default of texts */
    bool live, power_of_two;
    /* Texts: NULL if the value will do, else what it must be, as the end of a sentence. */
    const char *(*refuse)(const char *value);
    const char *summary; /* what it is, without a full stop */
};

extern const struct setting SETTINGS[];
size_t settings_count(void);
/* The index of the setting; -1 if there is none. */
int setting_find(const char *name);
/* Parses and checks a value into the configuration. The text says "name: value is not ..." without a place. */
enum status setting_put(struct config *config, int index, const char *value, struct error *error) MUST_USE;
/* "there is no setting 'x'; did you mean y?" Returns failure. */
enum status setting_unknown(const char *name, enum status failure, struct error *error) MUST_USE;
/* A value as people may see it in a message: no control bytes, at most some forty bytes. */
const char *setting_shown(const char *value, char text[64]);

#endif
