/* Workload: at most some hundred centres, of as many city files and one console: a list is searched. What is opened under the
 * lock keeps other centres' starts waiting, not those that run. */
#include "host/commons.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/check.h"
#include "host/log.h"

enum { ZONE_SIZE = 65, DESCRIPTORS_OF_PROCESS = 160, DESCRIPTORS_OF_CENTRE = 96, CONNECTIONS_MIN = 16 };

/* One thing that several may hold. */
struct holding {
    struct holding *next;
    dev_t device;
    ino_t inode;
    uint32_t holders;
    void *thing;
};

struct commons {
    uint32_t centres;
    sem_t hashing, starting;
    pthread_mutex_t lock; /* of what follows */
    struct holding *cities, *consoles;
    char zone[ZONE_SIZE]; /* "" nobody needs one */
    uint32_t zone_holders;
};

/* What is added to the environment while threads read it may move it; what stands there may be changed. So it stands there before
 * there are threads; this is the zone of a process that names none. */
static bool name_zone(void) { return setenv("TZ", ":/etc/localtime", 0) == 0; }

uint32_t commons_centres(const struct commons *commons) { return commons->centres; }

struct commons *commons_create(uint32_t centres)
{
    struct commons *made = calloc(1, sizeof *made);
    CHECK(centres > 0);
    if (made != NULL && (centres == 1 || name_zone())) {
        made->centres = centres;
        CHECK(sem_init(&made->hashing, 0, COMMONS_HASHES_AT_ONCE) == 0);
        CHECK(sem_init(&made->starting, 0, COMMONS_STARTS_AT_ONCE) == 0);
        CHECK(pthread_mutex_init(&made->lock, NULL) == 0);
        return made;
    }
    free(made);
    return NULL;
}

void commons_destroy(struct commons *commons)
{
    if (commons == NULL) {
        return;
    }
    CHECK(commons->cities == NULL && commons->consoles == NULL && commons->zone_holders == 0);
    (void)sem_destroy(&commons->hashing);
    (void)sem_destroy(&commons->starting);
    pthread_mutex_destroy(&commons->lock);
    free(commons);
}

/* ---- what several hold ---- */

/* A file that was replaced is another one: who opens it later gets the new one. */
static struct holding *find_file(struct holding *list, const struct stat *file)
{
    while (list != NULL && (list->device != file->st_dev || list->inode != file->st_ino)) {
        list = list->next;
    }
    return list;
}

/* Under the lock. A file that cannot be looked at is opened all the same: what opens it says why it cannot be. */
static enum status hold(struct holding **list, const char *path, enum status (*open)(const char *, void **, struct error *),
                        void **thing, struct error *error)
{
    struct stat file = { 0 };
    struct holding *held = stat(path, &file) == 0 ? find_file(*list, &file) : NULL;
    if (held == NULL) {
        void *opened = NULL;
        TRY(open(path, &opened, error));
        held = calloc(1, sizeof *held);
        CHECK(held != NULL);
        *held = (struct holding){ .next = *list, .device = file.st_dev, .inode = file.st_ino, .thing = opened };
        *list = held;
    }
    held->holders += 1;
    *thing = held->thing;
    return STATUS_OK;
}

/* Under the lock. What nobody holds any more, to be closed; NULL otherwise. */
static void *let_go(struct holding **list, const void *thing)
{
    while (*list != NULL && (*list)->thing != thing) {
        list = &(*list)->next;
    }
    CHECK(*list != NULL);
    struct holding *held = *list;
    if (--held->holders > 0) {
        return NULL;
    }
    void *last = held->thing;
    *list = held->next;
    free(held);
    return last;
}

static enum status open_city(const char *path, void **thing, struct error *error)
{
    struct city *city = NULL;
    TRY(city_open(path, &city, error));
    *thing = city;
    return STATUS_OK;
}

enum status commons_city_open(struct commons *commons, const char *path, const struct city **city, struct error *error)
{
    void *thing = NULL;
    pthread_mutex_lock(&commons->lock);
    enum status status = hold(&commons->cities, path, open_city, &thing, error);
    pthread_mutex_unlock(&commons->lock);
    if (status == STATUS_OK) {
        *city = thing;
    }
    return status;
}

void commons_city_close(struct commons *commons, const struct city *city)
{
    if (city == NULL) {
        return;
    }
    pthread_mutex_lock(&commons->lock);
    struct city *last = let_go(&commons->cities, city);
    pthread_mutex_unlock(&commons->lock);
    city_close(last);
}

static enum status open_console(const char *folder, void **thing, struct error *error)
{
    struct console *console = NULL;
    TRY(console_load(folder, &console, error));
    *thing = console;
    return STATUS_OK;
}

enum status commons_console_open(struct commons *commons, const char *folder, const struct console **console, struct error *error)
{
    void *thing = NULL;
    pthread_mutex_lock(&commons->lock);
    enum status status = hold(&commons->consoles, folder, open_console, &thing, error);
    pthread_mutex_unlock(&commons->lock);
    if (status == STATUS_OK) {
        *console = thing;
    }
    return status;
}

void commons_console_close(struct commons *commons, const struct console *console)
{
    if (console == NULL) {
        return;
    }
    pthread_mutex_lock(&commons->lock);
    struct console *last = let_go(&commons->consoles, console);
    pthread_mutex_unlock(&commons->lock);
    console_free(last);
}

/* ---- what a process has once ---- */

sem_t *commons_hashing(struct commons *commons) { return &commons->hashing; }
sem_t *commons_starting(struct commons *commons) { return &commons->starting; }

enum status commons_take_zone(struct commons *commons, const char *zone, struct error *error)
{
    enum status status = STATUS_OK;
    CHECK(strlen(zone) < ZONE_SIZE);
    pthread_mutex_lock(&commons->lock);
    if (commons->zone_holders == 0) {
        status = setenv("TZ", zone, 1) == 0 ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for the time zone");
        tzset();
    } else if (strcmp(commons->zone, zone) != 0) {
        status = ERROR(error, STATUS_BAD_INPUT,
                       "time_zone: %s, and another centre of this process has learned speeds by %s: a process has one time zone;"
                       " let this centre have a process of its own",
                       zone, commons->zone);
    }
    if (status == STATUS_OK) {
        snprintf(commons->zone, sizeof commons->zone, "%s", zone);
        commons->zone_holders += 1;
    }
    pthread_mutex_unlock(&commons->lock);
    return status;
}

void commons_release_zone(struct commons *commons)
{
    pthread_mutex_lock(&commons->lock);
    CHECK(commons->zone_holders > 0);
    commons->zone_holders -= 1;
    if (commons->zone_holders == 0) {
        commons->zone[0] = '\0';
    }
    pthread_mutex_unlock(&commons->lock);
}

/* As many as all centres want, if the system lets us. */
static rlim_t raise_limit(rlim_t wanted)
{
    struct rlimit files = { 0 };
    CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
    if (files.rlim_cur < wanted) {
        files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    return files.rlim_cur;
}

uint32_t commons_connections(struct commons *commons, uint32_t wanted)
{
    rlim_t each = (rlim_t)wanted + DESCRIPTORS_OF_CENTRE;
    pthread_mutex_lock(&commons->lock); /* the limit is looked at, and then set */
    rlim_t descriptors = raise_limit(each * commons->centres + DESCRIPTORS_OF_PROCESS);
    pthread_mutex_unlock(&commons->lock);
    int64_t left = ((int64_t)descriptors - DESCRIPTORS_OF_PROCESS) / commons->centres - DESCRIPTORS_OF_CENTRE;
    if (left >= (int64_t)wanted) {
        return wanted;
    }
    left = left > CONNECTIONS_MIN ? left : CONNECTIONS_MIN;
    LOG(LOG_WARNING, "server", "fewer connections are taken than the settings say: the system gives too few descriptors",
        LOG_NUMBER("descriptors", (int64_t)descriptors), LOG_NUMBER("connections", left));
    return (uint32_t)left;
}
