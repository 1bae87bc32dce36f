/* Memory, disk, descriptors and clock, as the system tells of them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/file.h"
#include "host/clock.h"
#include "host/doctor_private.h"

#define MB INT64_C(1000000)

enum {
    MEMORY_MB_MIN = 1500,
    MEMORY_FREE_MB_MIN = 300,
    DISK_MB_WARN = 5000,
    DISK_MB_FAIL = 500,
    DISK_PERCENT_WARN = 10,
    SYNCS = 15,
    SYNC_BYTES = 4096,
    SYNC_US_WARN = 20000,
    SYNC_US_FAIL = 500000,
    DESCRIPTORS_BESIDE = 256,
    CLOCK_ERROR_US_MAX = 1000000,
};

/* "MemTotal:  16303032 kB": in MB; -1 where it is not told. */
static int64_t memory_mb(const char *facts, const char *name)
{
    const char *at = strstr(facts, name);
    return at != NULL ? strtoll(at + strlen(name), NULL, 10) * 1024 / MB : -1;
}

static void examine_memory(const struct doctor *doctor)
{
    char facts[4096] = "";
    FILE *file = fopen("/proc/meminfo", "re");
    if (file != NULL) {
        facts[fread(facts, 1, sizeof facts - 1, file)] = '\0';
        (void)fclose(file);
    }
    int64_t total_mb = memory_mb(facts, "MemTotal:");
    int64_t free_mb = memory_mb(facts, "MemAvailable:");
    if (total_mb < 0 || free_mb < 0) {
        doctor_say(doctor, DOCTOR_WARN, "memory", "look at it by hand", "the system does not tell how much memory there is");
        return;
    }
    bool is_little = total_mb < MEMORY_MB_MIN || free_mb < MEMORY_FREE_MB_MIN;
    doctor_say(doctor, is_little ? DOCTOR_WARN : DOCTOR_OK, "memory",
               is_little ? "give the machine 2 GB or more, and stop what does not belong there" : "",
               "%" PRId64 " MB, %" PRId64 " MB of them available", total_mb, free_mb);
}

static void examine_disk(const struct doctor *doctor)
{
    const char *data = doctor->options->data;
    struct statvfs facts;
    if (statvfs(data, &facts) != 0) {
        doctor_say(doctor, DOCTOR_FAIL, "disk", "is the disk mounted?", "%s: %s", data, strerror(errno));
        return;
    }
    int64_t free_mb = (int64_t)((double)facts.f_bavail * (double)facts.f_frsize / (double)MB);
    int64_t percent = facts.f_blocks > 0 ? (int64_t)((double)facts.f_bavail * 100 / (double)facts.f_blocks) : 0;
    enum doctor_level level = free_mb < DISK_MB_FAIL                                      ? DOCTOR_FAIL
                              : free_mb < DISK_MB_WARN && percent < 5 * DISK_PERCENT_WARN ? DOCTOR_WARN
                              : percent < DISK_PERCENT_WARN                               ? DOCTOR_WARN
                                                                                          : DOCTOR_OK;
    doctor_say(doctor, level, "disk",
               level == DOCTOR_OK ? "" : "make room, or give it a larger disk: a full one stops the centre",
               "%s: %" PRId64 " MB free, %" PRId64 " %%", data, free_mb, percent);
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Each answer to a command waits for such a sync. The file has no name, and is gone with its descriptor. */
static void examine_sync(const struct doctor *doctor)
{
    static const char page[SYNC_BYTES] = "";
    const char *data = doctor->options->data;
    int64_t took_us[SYNCS];
    int file = open(data, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    bool written = file >= 0;
    for (int i = 0; i < SYNCS && written; i++) {
        int64_t began_us = clock_monotonic_us();
        written = write(file, page, sizeof page) == (ssize_t)sizeof page && fdatasync(file) == 0;
        took_us[i] = clock_monotonic_us() - began_us;
    }
    int why = errno;
    if (file >= 0) {
        close(file);
    }
    if (!written) {
        doctor_say(doctor, why == EOPNOTSUPP ? DOCTOR_WARN : DOCTOR_FAIL, "sync", "look at the disk, and at who may write there",
                   "%s: cannot be written and synced: %s", data, strerror(why));
        return;
    }
    qsort(took_us, SYNCS, sizeof took_us[0], compare);
    int64_t usual_us = took_us[SYNCS / 2];
    enum doctor_level level = usual_us > SYNC_US_FAIL ? DOCTOR_FAIL : usual_us > SYNC_US_WARN ? DOCTOR_WARN : DOCTOR_OK;
    doctor_say(doctor, level, "sync", level == DOCTOR_OK ? "" : "every command waits so long: give the data folder a faster disk",
               "a write is on the disk after %" PRId64 ".%02" PRId64 " ms, at most %" PRId64 ".%02" PRId64 " ms", usual_us / 1000,
               usual_us % 1000 / 10, took_us[SYNCS - 1] / 1000, took_us[SYNCS - 1] % 1000 / 10);
}

static void examine_descriptors(const struct doctor *doctor)
{
    struct rlimit files = { 0 };
    int64_t wanted = doctor->config.connections_max + DESCRIPTORS_BESIDE;
    bool known = getrlimit(RLIMIT_NOFILE, &files) == 0;
    bool fits = known && (files.rlim_max == RLIM_INFINITY || (int64_t)files.rlim_max >= wanted);
    doctor_say(doctor, fits ? DOCTOR_OK : DOCTOR_WARN, "descriptors",
               fits ? "" : "raise it (LimitNOFILE= of the unit), or lower connections_max: fewer connections will be taken",
               "a process may open %lld files here, and connections_max wants %" PRId64,
               files.rlim_max == RLIM_INFINITY ? -1LL : (long long)files.rlim_max, wanted);
}

static void examine_clock(const struct doctor *doctor)
{
    struct timex facts = { .modes = 0 };
    int state = adjtimex(&facts);
    if (state < 0) {
        doctor_say(doctor, DOCTOR_WARN, "clock", "look at 'timedatectl'", "the system does not tell how good its clock is: %s",
                   strerror(errno));
        return;
    }
    bool is_synchronised = state != TIME_ERROR && (facts.status & STA_UNSYNC) == 0 && facts.maxerror < CLOCK_ERROR_US_MAX;
    doctor_say(
        doctor, is_synchronised ? DOCTOR_OK : DOCTOR_WARN, "clock",
        is_synchronised ? "" : "run chrony or systemd-timesyncd against a time server of the city: times in reports depend on it",
        is_synchronised ? "synchronised, within %ld us" : "not synchronised by a time server (error up to %ld us)",
        facts.maxerror);
}

static void examine_zone(const struct doctor *doctor)
{
    char path[CONFIG_TEXT_MAX + 32];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", doctor->config.time_zone);
    bool known = access(path, R_OK) == 0;
    doctor_say(doctor, known ? DOCTOR_OK : DOCTOR_WARN, "zone", known ? "" : "install the package tzdata",
               known ? "times are shown by %s" : "%s: this machine does not know the zone", doctor->config.time_zone);
}

void doctor_machine(const struct doctor *doctor)
{
    examine_memory(doctor);
    examine_disk(doctor);
    examine_sync(doctor);
    examine_descriptors(doctor);
    examine_clock(doctor);
    examine_zone(doctor);
}
