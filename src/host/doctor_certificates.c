/* Certificates that nginx and mosquitto serve, and that of the gateway at the broker: the files that their configurations name,
 * and when they run out. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "host/certificate.h"
#include "host/doctor_private.h"

enum { DAYS_WARN = 30, NAMING_FILE_MAX = 1 << 20, PATH_SIZE = 1024 };

/* Of a program's files: the words that a certificate's path stands behind, and what is to be done when it is renewed. */
struct naming {
    const char *words[3]; /* up to NULL */
    const char *now, *soon;
};

static const struct naming NGINX = { { "ssl_certificate" },
                                     "renew it now, and reload nginx: consoles refuse to connect",
                                     "renew it, and reload nginx" };
static const struct naming MOSQUITTO = { { "certfile", "cafile" },
                                         "renew it now, and restart mosquitto: terminals and the gateway refuse to connect",
                                         "renew it, and reload mosquitto" };
static const struct naming GATEWAY = { { "--certificate", "--ca" },
                                       "renew it now, and restart mingdi-gateway-mqtt: it is cut off from the broker",
                                       "renew it, and restart mingdi-gateway-mqtt" };

static void examine_certificate(const struct doctor *doctor, const struct naming *naming, const char *path)
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
               is_over              ? naming->now
               : level == DOCTOR_OK ? ""
                                    : naming->soon,
               is_over ? "%s: ran out %" PRId64 " days ago" : "%s: valid for %" PRId64 " days more", path,
               is_over ? -days : days);
}

/* ---- where they are named ---- */

static const char SEPARATORS[] = " \t\"'=;\n";

/* The next word of the text, between separators; false at its end. */
static bool next_word(const char **at, const char *end, char word[PATH_SIZE])
{
    size_t used = 0;
    while (*at < end && strchr(SEPARATORS, **at) != NULL) {
        (*at)++;
    }
    for (; *at < end && strchr(SEPARATORS, **at) == NULL; (*at)++) {
        used += used + 1 < PATH_SIZE;
        word[used - 1] = **at;
    }
    word[used] = '\0';
    return used > 0;
}

static bool names_certificate(const struct naming *naming, const char *word)
{
    for (size_t i = 0; naming->words[i] != NULL; i++) {
        if (strcmp(naming->words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* Lines that are commented out are passed over. */
static unsigned examine_line(const struct doctor *doctor, const struct naming *naming, const char *line, const char *end)
{
    unsigned found = 0;
    char word[PATH_SIZE], path[PATH_SIZE];
    while (next_word(&line, end, word) && word[0] != '#') {
        if (names_certificate(naming, word) && next_word(&line, end, path)) {
            examine_certificate(doctor, naming, path);
            found++;
        }
    }
    return found;
}

static unsigned examine_file(const struct doctor *doctor, const struct naming *naming, const char *path)
{
    struct file_view view;
    struct error ignored;
    unsigned found = 0;
    if (file_view_open(&view, path, &ignored) != STATUS_OK) {
        return 0;
    }
    const char *line = (const char *)view.bytes, *end = line + (view.size <= NAMING_FILE_MAX ? view.size : 0);
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop != NULL ? stop : end;
        found += examine_line(doctor, naming, line, stop);
        line = stop < end ? stop + 1 : end;
    }
    file_view_close(&view);
    return found;
}

static unsigned examine_folder(const struct doctor *doctor, const struct naming *naming, const char *parent, const char *name)
{
    unsigned found = 0;
    char *folder = file_join(parent, name);
    DIR *listing = folder != NULL ? opendir(folder) : NULL;
    for (const struct dirent *entry = listing != NULL ? readdir(listing) : NULL; entry != NULL; entry = readdir(listing)) {
        char *path = entry->d_name[0] != '.' ? file_join(folder, entry->d_name) : NULL;
        found += path != NULL ? examine_file(doctor, naming, path) : 0;
        free(path);
    }
    if (listing != NULL) {
        closedir(listing);
    }
    free(folder);
    return found;
}

void doctor_certificates(const struct doctor *doctor)
{
    const struct doctor_options *options = doctor->options;
    unsigned found = examine_folder(doctor, &NGINX, options->nginx, "sites-enabled") +
                     examine_folder(doctor, &NGINX, options->nginx, "conf.d");
    if (found == 0 && doctor->config.behind_proxy) {
        doctor_say(doctor, DOCTOR_WARN, "certificate",
                   "say --nginx where its configuration is, or look after the other server by hand",
                   "%s names no certificate, and behind_proxy is set", options->nginx);
    }
    (void)examine_folder(doctor, &MOSQUITTO, options->mosquitto, "conf.d");
    (void)examine_file(doctor, &GATEWAY, options->services);
}
