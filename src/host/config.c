#include "host/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/word.h"
#include "host/config_private.h"
#include "host/passkey.h"

/* ---- one setting ---- */

static void *member(struct config *config, const struct setting *setting) { return (char *)config + setting->offset; }
static const void *member_of(const struct config *config, const struct setting *setting)
{
    return (const char *)config + setting->offset;
}

void config_defaults(struct config *config)
{
    *config = (struct config){ .name = "" };
    for (size_t i = 0; i < settings_count(); i++) {
        const struct setting *setting = &SETTINGS[i];
        switch (setting->type) {
        case SETTING_INTEGER: *(int64_t *)member(config, setting) = setting->number; break;
        case SETTING_FLAG: *(bool *)member(config, setting) = setting->number != 0; break;
        case SETTING_TEXT: memcpy(member(config, setting), setting->text, strlen(setting->text) + 1); break;
        }
    }
}

static const char *value_text(const struct config *config, const struct setting *setting, char text[CONFIG_TEXT_MAX])
{
    switch (setting->type) {
    case SETTING_INTEGER:
        (void)snprintf(text, CONFIG_TEXT_MAX, "%" PRId64, *(const int64_t *)member_of(config, setting));
        return text;
    case SETTING_FLAG: return *(const bool *)member_of(config, setting) ? "true" : "false";
    case SETTING_TEXT: return member_of(config, setting);
    }
    UNREACHABLE();
}

static size_t member_size(const struct setting *setting)
{
    static const size_t sizes[] = {
        [SETTING_INTEGER] = sizeof(int64_t), [SETTING_FLAG] = sizeof(bool), [SETTING_TEXT] = CONFIG_TEXT_MAX
    };
    return sizes[setting->type];
}

int setting_find(const char *name)
{
    for (size_t i = 0; i < settings_count(); i++) {
        if (strcmp(SETTINGS[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

const char *setting_shown(const char *value, char text[64])
{
    enum { SHOWN_MAX = 40 };
    size_t used = 0;
    size_t length = strlen(value);
    for (size_t i = 0; i < length && used < SHOWN_MAX;) {
        size_t sequence = utf8_sequence(value + i, length - i);
        bool plain = sequence > 1 || (sequence == 1 && (unsigned char)value[i] >= 0x20 && value[i] != 0x7f);
        size_t step = sequence > 0 ? sequence : 1;
        if (plain) {
            memcpy(text + used, value + i, step);
            used += step;
        } else {
            text[used++] = '?';
        }
        i += step;
    }
    (void)snprintf(text + used, 64 - used, "%s", used >= SHOWN_MAX && length > used ? "..." : "");
    return text;
}

enum status setting_unknown(const char *name, enum status failure, struct error *error)
{
    const char *best = NULL;
    int best_distance = 5;
    for (size_t i = 0; i < settings_count(); i++) {
        int distance = word_distance(name, SETTINGS[i].name);
        if (distance < best_distance && 2 * distance < (int)strlen(SETTINGS[i].name)) {
            best_distance = distance;
            best = SETTINGS[i].name;
        }
    }
    char text[64];
    if (best != NULL) {
        return ERROR(error, failure, "there is no setting '%s'; did you mean %s?", setting_shown(name, text), best);
    }
    return ERROR(error, failure, "there is no setting '%s'; 'mingdi config docs' lists them", setting_shown(name, text));
}

static enum status put_integer(struct config *config, const struct setting *setting, const char *value, struct error *error)
{
    char shown[64];
    size_t digits = strspn(value + (value[0] == '-'), "0123456789");
    errno = 0;
    long long number = strtoll(value, NULL, 10);
    bool whole = digits > 0 && value[digits + (value[0] == '-')] == '\0' && errno == 0;
    if (!whole || number < setting->minimum || number > setting->maximum) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: %s is not in %" PRId64 " .. %" PRId64 "%s%s (%s)", setting->name,
                     setting_shown(value, shown), setting->minimum, setting->maximum, setting->unit[0] != '\0' ? " " : "",
                     setting->unit, setting->summary);
    }
    if (setting->power_of_two && (number & (number - 1)) != 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: %lld is not a power of two, such as %" PRId64 " (%s)", setting->name, number,
                     setting->number, setting->summary);
    }
    *(int64_t *)member(config, setting) = number;
    return STATUS_OK;
}

static enum status put_flag(struct config *config, const struct setting *setting, const char *value, struct error *error)
{
    char shown[64];
    bool yes = strcmp(value, "true") == 0;
    if (!yes && strcmp(value, "false") != 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: %s is neither true nor false (%s)", setting->name, setting_shown(value, shown),
                     setting->summary);
    }
    *(bool *)member(config, setting) = yes;
    return STATUS_OK;
}

/* Valid UTF-8 in which nothing breaks a line or is a mark for machines: control characters of either range, U+2028, U+2029,
 * U+FEFF, U+FFFE and U+FFFF, which YAML would not give back as they are. */
static bool is_one_line(const char *value)
{
    static const char *const marks[] = { "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf" };
    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++) {
        if (strstr(value, marks[i]) != NULL) {
            return false;
        }
    }
    for (const unsigned char *at = (const unsigned char *)value; *at != '\0'; at++) {
        if (*at < 0x20 || *at == 0x7f || (at[0] == 0xc2 && at[1] <= 0x9f)) {
            return false;
        }
    }
    return utf8_is_valid(value, strlen(value));
}

static enum status put_text(struct config *config, const struct setting *setting, const char *value, struct error *error)
{
    char shown[64];
    size_t length = strlen(value);
    if ((int64_t)length < setting->minimum || (int64_t)length > setting->maximum) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: %zu bytes are not in %" PRId64 " .. %" PRId64 " bytes (%s)", setting->name,
                     length, setting->minimum, setting->maximum, setting->summary);
    }
    if (!is_one_line(value)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: '%s' is not one line of UTF-8 (%s)", setting->name,
                     setting_shown(value, shown), setting->summary);
    }
    const char *wanted = setting->refuse != NULL ? setting->refuse(value) : NULL;
    if (wanted != NULL) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: '%s' is not %s", setting->name, setting_shown(value, shown), wanted);
    }
    memcpy(member(config, setting), value, length + 1);
    return STATUS_OK;
}

enum status setting_put(struct config *config, int index, const char *value, struct error *error)
{
    const struct setting *setting = &SETTINGS[index];
    switch (setting->type) {
    case SETTING_INTEGER: return put_integer(config, setting, value, error);
    case SETTING_FLAG: return put_flag(config, setting, value, error);
    case SETTING_TEXT: return put_text(config, setting, value, error);
    }
    UNREACHABLE();
}

/* ---- the environment, and changes ---- */

/* MINGDI_SET_PORT=8120: the name in capitals. false if the word is no setting's. */
static bool split_environment(const char *word, char name[64], const char **value)
{
    static const char prefix[] = "MINGDI_SET_";
    const char *equals = strchr(word, '=');
    if (strncmp(word, prefix, sizeof prefix - 1) != 0 || equals == NULL) {
        return false;
    }
    const char *letters = word + sizeof prefix - 1;
    size_t length = (size_t)(equals - letters);
    length = length < 63 ? length : 63; /* a longer name is none of ours, and refused as what remains of it */
    for (size_t i = 0; i < length; i++) {
        name[i] = (char)(letters[i] >= 'A' && letters[i] <= 'Z' ? letters[i] - 'A' + 'a' : letters[i]);
    }
    name[length] = '\0';
    *value = equals + 1;
    return true;
}

enum status config_read_environment(struct config *config, char *const *environment, struct error *error)
{
    struct config made = *config;
    for (char *const *word = environment; *word != NULL; word++) {
        char name[64];
        const char *value = NULL;
        if (!split_environment(*word, name, &value)) {
            continue;
        }
        int index = setting_find(name);
        if ((index < 0 ? setting_unknown(name, STATUS_BAD_INPUT, error) : setting_put(&made, index, value, error)) != STATUS_OK) {
            return error_prefix(error, "environment (MINGDI_SET_...): ");
        }
        made.origins[index] = CONFIG_FROM_ENVIRONMENT;
    }
    *config = made;
    return STATUS_OK;
}

enum status config_check(const struct config *config, struct error *error)
{
    if (config->session_idle_minutes > 60 * config->session_hours) {
        return ERROR(error, STATUS_BAD_INPUT, "session_idle_minutes: %" PRId64 " min are more than session_hours: %" PRId64 " h",
                     config->session_idle_minutes, config->session_hours);
    }
    if (config->connections_per_address_max > config->connections_max) {
        return ERROR(error, STATUS_BAD_INPUT, "connections_per_address_max: %" PRId64 " is more than connections_max: %" PRId64,
                     config->connections_per_address_max, config->connections_max);
    }
    if (config->oidc_issuer[0] != '\0' && (config->oidc_client_id[0] == '\0' || config->public_address[0] == '\0')) {
        return ERROR(error, STATUS_BAD_INPUT, "oidc_issuer: the provider needs oidc_client_id and public_address too");
    }
    if ((config->oidc_roles[0] != '\0') != (config->oidc_groups_claim[0] != '\0')) {
        return ERROR(error, STATUS_BAD_INPUT, "oidc_roles: goes with oidc_groups_claim, and neither without the other");
    }
    struct passkey_site site;
    const char *fault = config->passkeys ? passkey_site_of(config->public_address, &site) : NULL;
    return fault == NULL ? STATUS_OK : ERROR(error, STATUS_BAD_INPUT, "passkeys: %s", fault);
}

enum status config_set(struct config *config, const char *name, const char *value, bool live_only, struct error *error)
{
    int index = setting_find(name);
    if (index < 0) {
        return setting_unknown(name, STATUS_NOT_FOUND, error);
    }
    if (live_only && !SETTINGS[index].live) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: changes with a restart only: write it into the configuration file", name);
    }
    struct config made = *config;
    TRY(setting_put(&made, index, value, error));
    made.origins[index] = CONFIG_FROM_CHANGE;
    *config = made;
    return STATUS_OK;
}

void config_take_live(struct config *config, const struct config *fresh, void (*changed)(void *context, const char *name),
                      void *context)
{
    for (size_t i = 0; i < settings_count(); i++) {
        const struct setting *setting = &SETTINGS[i];
        char before[CONFIG_TEXT_MAX], after[CONFIG_TEXT_MAX];
        if (setting->live && strcmp(value_text(config, setting, before), value_text(fresh, setting, after)) != 0) {
            memcpy(member(config, setting), member_of(fresh, setting), member_size(setting));
            config->origins[i] = fresh->origins[i];
            changed(context, setting->name);
        }
    }
}

void config_each_waiting(const struct config *config, const struct config *fresh, void (*visit)(void *context, const char *name),
                         void *context)
{
    for (size_t i = 0; i < settings_count(); i++) {
        const struct setting *setting = &SETTINGS[i];
        char before[CONFIG_TEXT_MAX], after[CONFIG_TEXT_MAX];
        if (!setting->live && strcmp(value_text(config, setting, before), value_text(fresh, setting, after)) != 0) {
            visit(context, setting->name);
        }
    }
}

/* ---- writing ---- */

static const char *type_name(const struct setting *setting)
{
    static const char *const names[] = { [SETTING_INTEGER] = "integer", [SETTING_FLAG] = "flag", [SETTING_TEXT] = "text" };
    return names[setting->type];
}

static const char *origin_name(const struct config *config, size_t index, char text[CONFIG_TEXT_MAX + 32])
{
    switch (config->origins[index]) {
    case CONFIG_FROM_DEFAULT: return "default";
    case CONFIG_FROM_ENVIRONMENT: return "environment";
    case CONFIG_FROM_CHANGE: return "changed while running";
    default: (void)snprintf(text, CONFIG_TEXT_MAX + 32, "%s:%" PRId32, config->file, config->origins[index]); return text;
    }
}

static void json_value(struct json *json, const char *name, const struct setting *setting, const struct config *config)
{
    switch (setting->type) {
    case SETTING_INTEGER: json_int(json, name, *(const int64_t *)member_of(config, setting)); break;
    case SETTING_FLAG: json_bool(json, name, *(const bool *)member_of(config, setting)); break;
    case SETTING_TEXT: json_text(json, name, member_of(config, setting)); break;
    }
}

void config_write_json(const struct config *config, struct json *json, const char *name)
{
    struct config defaults;
    config_defaults(&defaults);
    json_array_begin(json, name);
    for (size_t i = 0; i < settings_count(); i++) {
        const struct setting *setting = &SETTINGS[i];
        char origin[CONFIG_TEXT_MAX + 32];
        json_object_begin(json, NULL);
        json_text(json, "name", setting->name);
        json_text(json, "type", type_name(setting));
        json_text(json, "unit", setting->unit);
        if (setting->type == SETTING_INTEGER) {
            json_int(json, "minimum", setting->minimum);
            json_int(json, "maximum", setting->maximum);
        }
        json_value(json, "default", setting, &defaults);
        json_value(json, "value", setting, config);
        json_bool(json, "live", setting->live);
        json_text(json, "origin", origin_name(config, i, origin));
        json_text(json, "summary", setting->summary);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Texts stand in double quotes, in which YAML knows two escapes that a value without control bytes can need. */
static void yaml_value(const struct config *config, const struct setting *setting, struct text *out)
{
    char text[CONFIG_TEXT_MAX];
    const char *value = value_text(config, setting, text);
    if (setting->type != SETTING_TEXT) {
        text_puts(out, value);
        return;
    }
    text_puts(out, "\"");
    for (; *value != '\0'; value++) {
        text_printf(out, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
    }
    text_puts(out, "\"");
}

static void range_text(const struct setting *setting, char text[64])
{
    text[0] = '\0';
    if (setting->type == SETTING_INTEGER) {
        (void)snprintf(text, 64, "%" PRId64 " .. %" PRId64 "%s%s", setting->minimum, setting->maximum,
                       setting->unit[0] != '\0' ? " " : "", setting->unit);
    }
}

void config_write_yaml(const struct config *config, struct text *out)
{
    text_puts(out, "# Settings of a Mingdi centre. What is not set here has its default; the environment (MINGDI_SET_<NAME>) "
                   "wins over this\n"
                   "# file. \"mingdi config check\" checks it, \"mingdi config docs\" explains it.\n");
    for (size_t i = 0; i < settings_count(); i++) {
        const struct setting *setting = &SETTINGS[i];
        char range[64];
        range_text(setting, range);
        if (setting->group != NULL) {
            text_printf(out, "\n# ---- %s ----\n", setting->group);
        }
        text_printf(out, "\n# %s%s%s%s\n%s: ", setting->summary, range[0] != '\0' ? " (" : "", range, range[0] != '\0' ? ")" : "",
                    setting->name);
        yaml_value(config, setting, out);
        text_puts(out, "\n");
    }
}

void config_write_shown(const struct config *config, struct text *out)
{
    for (size_t i = 0; i < settings_count(); i++) {
        char origin[CONFIG_TEXT_MAX + 32];
        size_t before = out->length;
        text_printf(out, "%s: ", SETTINGS[i].name);
        yaml_value(config, &SETTINGS[i], out);
        int width = (int)(out->length - before);
        text_printf(out, "%*s # %s\n", width < 48 ? 48 - width : 0, "", origin_name(config, i, origin));
    }
}

static void docs_row(const struct setting *setting, const struct config *defaults, struct text *out)
{
    char range[64];
    range_text(setting, range);
    if (setting->type == SETTING_FLAG) {
        (void)snprintf(range, sizeof range, "true, false");
    } else if (setting->type == SETTING_TEXT) {
        (void)snprintf(range, sizeof range, "%" PRId64 " .. %" PRId64 " bytes", setting->minimum, setting->maximum);
    }
    text_printf(out, "| `%s` | `", setting->name);
    yaml_value(defaults, setting, out);
    text_printf(out, "` | %s%s | %s | %s |\n", range, setting->power_of_two ? ", a power of two" : "",
                setting->live ? "live" : "restart", setting->summary);
}

void config_write_docs(struct text *out)
{
    struct config defaults;
    config_defaults(&defaults);
    text_puts(out, "# Settings\n\n"
                   "<!-- Made by `mingdi config docs`; a test holds it against the program. -->\n\n"
                   "`mingdi serve` reads `mingdi.yaml` in the data folder, or the file that `--config` names. The file is a flat "
                   "list, one `name: value`\n"
                   "a line, in YAML. Nested values, aliases, tags and a name that stands twice are refused with their line. A "
                   "setting may also come from\n"
                   "the environment as `MINGDI_SET_` and its name in capitals (`MINGDI_SET_PORT=8121`), which wins over the "
                   "file; other variables are\n"
                   "none of its business. `mingdi config check` checks a file, `mingdi config show` tells every value and where "
                   "it comes from.\n\n"
                   "*Live* settings may be changed by an administrator while the server runs (`PATCH /api/v1/config`); the "
                   "others with a restart.\n");
    for (size_t i = 0; i < settings_count(); i++) {
        if (SETTINGS[i].group != NULL) {
            text_printf(out, "\n## %s\n\n| setting | default | range | | meaning |\n|---|---|---|---|---|\n", SETTINGS[i].group);
        }
        docs_row(&SETTINGS[i], &defaults, out);
    }
}
