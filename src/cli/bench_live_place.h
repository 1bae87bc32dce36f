/* Where a benchmark runs: a temporary folder with a centre of its own in a city of its own, servers that are started there as
 * anybody would start them, and what the system says of their use of it. Nothing is left, also after Ctrl-C.
 *
 * Each centre is a drill, so that one machine may sign its thousand crews on: for what is measured a drill is a centre like any
 * other.
 *
 * The city is a grid of 45 x 45 crossings, ten kilometres wide; the centre has 40 posts with 25 units each, and 20 facilities. */
#ifndef MINGDI_CLI_BENCH_LIVE_PLACE_H
#define MINGDI_CLI_BENCH_LIVE_PLACE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"
#include "cli/bench_live_client.h"

enum { BENCH_UNITS = 1000, BENCH_POSTS = 40, BENCH_FACILITIES = 20, BENCH_GRID = 45, BENCH_PATH_MAX = 1024, BENCH_URL_MAX = 512 };

/* The grid's corner and mesh, in 1e-7 degree. */
enum { BENCH_LON_E7 = 119000000, BENCH_LAT_E7 = 576500000, BENCH_MESH_LON_E7 = 40000, BENCH_MESH_LAT_E7 = 20000 };

/* What is raised beyond its default in the servers, for the report. */
#define BENCH_SETTINGS "requests_per_minute 1000000, log_level warning, lease_ms 15000."

struct bench_place {
    char folder[BENCH_PATH_MAX];
    const volatile sig_atomic_t *stop;
};

/* Makes the folder beside others in work, and in it the city and the setup. On failure nothing is left. */
enum status bench_place_make(struct bench_place *place, const char *work, const volatile sig_atomic_t *stop, struct error *error)
    MUST_USE;
void bench_place_remove(const struct bench_place *place);

struct bench_server {
    pid_t process;
    int port;
    int clients; /* that drive it, where not all are driven by as many; 0: as many as the others */
    char data[BENCH_PATH_MAX];
    char commander[BENCH_CREDENTIAL_MAX], dispatcher[BENCH_CREDENTIAL_MAX]; /* header lines of two people that are signed in */
    char machine[BENCH_CREDENTIAL_MAX];                                     /* and of the one that stands for the crews */
};

/* Makes a centre under this name (a path below the place), in its folder or in store_url (NULL: in the folder); no server. */
enum status bench_server_make(struct bench_server *server, const struct bench_place *place, const char *name,
                              const char *store_url, struct error *error) MUST_USE;
/* Makes a centre under this name, in its folder or in store_url (NULL: in the folder), starts its server, signs in, and
 * puts all units on duty. After a failure stop is fine too. */
enum status bench_server_start(struct bench_server *server, const struct bench_place *place, const char *name,
                               const char *store_url, struct error *error) MUST_USE;
/* Drains it and waits for its end. */
void bench_server_stop(struct bench_server *server);

struct bench_usage {
    double cpu_s, memory_peak_mb, memory_mb;
};

/* What a process has used since its start, and holds. Zeros where the system does not tell. */
struct bench_usage bench_process_usage(pid_t process);

struct bench_postgres {
    pid_t process;
    char url[BENCH_URL_MAX];
};

/* A PostgreSQL of its own in the folder, as an unprivileged user, if its programs are on this machine. why: what a person should
 * read when it is not started. */
bool bench_postgres_start(struct bench_postgres *postgres, const struct bench_place *place, char *why, size_t why_size);
void bench_postgres_stop(struct bench_postgres *postgres);

#endif
