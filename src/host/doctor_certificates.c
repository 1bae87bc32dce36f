/* Certificates that nginx serves: the files that its configuration names with ssl_certificate, and when they run out. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "host/certificate.h"
#include "host/doctor_private.h"

enum { DAYS_WARN = 21, NGINX_FILE_MAX = 1 << 20, PATH_SIZE = 1024 };

static void examine_certificate(const struct doctor *doctor, const char *path)
{
    struct file_view view;
    struct error ignored;
    struct instant end = INSTANT_NONE;
    bool is_read = false;
    if (file_view_open(&view, path, &ignored) == STATUS_OK) {
        is_read = certificate_ends((const char *)view.bytes, view.size, &end);
        file_view_close(&view);
    }
    if (!is_read) {
        doctor_say(doctor, DOCTOR_WARN, "certificate", "run the doctor as a user who can read it, or put it there",
                   "%s: cannot be read as a certificate", path);
        return;
    }
    int64_t days = instant_since(end, doctor->options->now).us / US_PER_DAY;
    bool is_over = instant_before(end, doctor->options->now);
    enum doctor_level level = is_over ? DOCTOR_FAIL : days < DAYS_WARN ? DOCTOR_WARN : DOCTOR_OK;
    doctor_say(doctor, level, "certificate",
               is_over              ? "renew it now, and reload nginx: consoles refuse to connect"
               : level == DOCTOR_OK ? ""
                                    : "renew it, and reload nginx",
               is_over ? "%s: ran out %" PRId64 " days ago" : "%s: valid for %" PRId64 " days more", path,
               is_over ? -days : days);
}

/* Each "ssl_certificate PATH;" of the text; lines that are commented out are passed over. */
static unsigned examine_text(const struct doctor *doctor, const char *text, size_t size)
{
    static const char word[] = "ssl_certificate";
    unsigned found = 0;
    const char *end = text + size;
    for (const char *line = text; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        const char *stop = next != NULL ? next : end;
        while (line < stop && (*line == ' ' || *line == '\t')) {
            line++;
        }
        size_t length = (size_t)(stop - line);
        if (length > sizeof word && memcmp(line, word, sizeof word - 1) == 0 && strchr(" \t", line[sizeof word - 1]) != NULL) {
            const char *value = line + sizeof word - 1;
            char path[PATH_SIZE];
            size_t used = 0;
            for (; value < stop && (*value == ' ' || *value == '\t' || *value == '"'); value++) {
            }
            for (; value < stop && strchr(";\" \t", *value) == NULL && used + 1 < sizeof path; value++) {
                path[used++] = *value;
            }
            path[used] = '\0';
            examine_certificate(doctor, path);
            found++;
        }
        line = stop + 1;
    }
    return found;
}

static unsigned examine_folder(const struct doctor *doctor, const char *folder)
{
    unsigned found = 0;
    DIR *listing = opendir(folder);
    for (const struct dirent *entry = listing != NULL ? readdir(listing) : NULL; entry != NULL; entry = readdir(listing)) {
        struct file_view view;
        struct error ignored;
        if (entry->d_name[0] == '.') {
            continue;
        }
        char *path = file_join(folder, entry->d_name);
        if (file_view_open(&view, path, &ignored) == STATUS_OK) {
            found += view.size <= NGINX_FILE_MAX ? examine_text(doctor, (const char *)view.bytes, view.size) : 0;
            file_view_close(&view);
        }
        free(path);
    }
    if (listing != NULL) {
        closedir(listing);
    }
    return found;
}

void doctor_certificates(const struct doctor *doctor)
{
    static const char *const folders[] = { "sites-enabled", "conf.d" };
    unsigned found = 0;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char *folder = file_join(doctor->options->nginx, folders[i]);
        found += examine_folder(doctor, folder);
        free(folder);
    }
    if (found == 0 && doctor->config.behind_proxy) {
        doctor_say(doctor, DOCTOR_WARN, "certificate",
                   "say --nginx where its configuration is, or look after the other server by hand",
                   "%s names no certificate, and behind_proxy is set", doctor->options->nginx);
    }
}
