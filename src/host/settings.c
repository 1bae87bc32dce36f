#include "host/settings.h"

#include "host/log.h"

static enum status take_stored(void *context, const struct sql_row *row, struct error *error)
{
    struct config *config = context;
    const char *name = sql_row_text(row, 0);
    if (config_set(config, name, sql_row_text(row, 1), true, error) != STATUS_OK) {
        LOG(LOG_WARNING, "settings", "a setting that was stored is left out", LOG_TEXT("why", error->text));
    }
    return STATUS_OK;
}

/* They went together with the file as it was when they were made. */
static enum status take_all_stored(struct sql *sql, struct config *config, struct error *error)
{
    struct config made = *config;
    TRY(sql_query(sql, "SELECT name, value FROM setting ORDER BY name", SQL_NO_PARAMETERS, take_stored, &made, NULL, error));
    if (config_check(&made, error) == STATUS_OK) {
        *config = made;
    } else {
        LOG(LOG_WARNING, "settings", "the settings that were stored do not go with the file, and are left out",
            LOG_TEXT("why", error->text));
    }
    return STATUS_OK;
}

enum status settings_read(const struct settings_sources *sources, struct sql *sql, struct config *config, struct error *error)
{
    struct config fresh;
    config_defaults(&fresh);
    if (sources->path != NULL) {
        TRY(config_read_file(&fresh, sources->path, error));
    }
    TRY(take_all_stored(sql, &fresh, error));
    TRY(config_read_environment(&fresh, sources->environment, error));
    if (sources->port != NULL) {
        TRY(config_set(&fresh, "port", sources->port, false, error));
    }
    if (sources->drill_speed != NULL) {
        TRY(config_set(&fresh, "drill_speed", sources->drill_speed, false, error));
    }
    TRY(config_check(&fresh, error));
    *config = fresh;
    return STATUS_OK;
}
