#include "host/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "host/doctor_private.h"

const char *const DOCTOR_LEVEL_NAMES[] = { [DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_FAIL] = "fail" };

void doctor_say(const struct doctor *doctor, enum doctor_level level, const char *subject, const char *advice, const char *format,
                ...)
{
    struct doctor_finding finding = { .level = level, .subject = subject };
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(finding.text, sizeof finding.text, format, arguments);
    va_end(arguments);
    snprintf(finding.advice, sizeof finding.advice, "%s", advice);
    doctor->options->tell(doctor->options->context, &finding);
}

void doctor_say_error(const struct doctor *doctor, enum doctor_level level, const char *subject, const struct error *error,
                      const char *advice)
{
    doctor_say(doctor, level, subject, advice, "%.*s", DOCTOR_TEXT_MAX - 1, error->text);
}

static void examine_config(struct doctor *doctor)
{
    const struct doctor_options *options = doctor->options;
    struct error error = { .text = "" };
    char *path = options->config_path != NULL ? strdup(options->config_path) : file_join(options->data, "mingdi.yaml");
    config_defaults(&doctor->config);
    enum status status = path != NULL ? config_read_file(&doctor->config, path, &error)
                                      : ERROR(&error, STATUS_NO_MEMORY, "no memory for a path");
    if (status == STATUS_OK) {
        status = config_read_environment(&doctor->config, options->environment, &error);
    }
    if (status == STATUS_OK) {
        status = config_check(&doctor->config, &error);
    }
    if (status == STATUS_OK) {
        doctor_say(doctor, DOCTOR_OK, "configuration", "", "%s fits", path);
    } else {
        doctor_say_error(doctor, DOCTOR_FAIL, "configuration", &error, "put it right; 'mingdi config check' says the same");
    }
    free(path);
}

void doctor_examine(const struct doctor_options *options)
{
    struct doctor doctor = { .options = options };
    examine_config(&doctor);
    doctor_machine(&doctor);
    doctor_files(&doctor);
    doctor_certificates(&doctor);
    doctor_store(&doctor);
    doctor_keeping(&doctor);
    doctor_port(&doctor);
}
