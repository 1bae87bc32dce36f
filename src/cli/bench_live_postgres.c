/* A PostgreSQL 15 that lives as long as the benchmark, with its own defaults for what decides about durability. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/bench_live_place.h"
#include "cli/bench_live_program.h"
#include "store/sql.h"
#include "store/store.h"

/* For a province: at most ten a centre. */
#define CONNECTIONS "max_connections=1300"

enum { READY_TRIES = 600, TRY_MS = 50 };

static bool find_programs(char initdb[BENCH_URL_MAX], char postgres[BENCH_URL_MAX])
{
    const char *wish = getenv("MINGDI_POSTGRES");
    const char *const places[] = { wish != NULL ? wish : "", "/usr/lib/postgresql/15/bin", "/usr/local/bin", "/usr/bin" };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(initdb, BENCH_URL_MAX, "%s/initdb", places[i]);
        snprintf(postgres, BENCH_URL_MAX, "%s/postgres", places[i]);
        if (places[i][0] != '\0' && access(initdb, X_OK) == 0 && access(postgres, X_OK) == 0) {
            return true;
        }
    }
    return false;
}

static int free_port(void)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    bool bound = listener >= 0 && bind(listener, (struct sockaddr *)&address, size) == 0 &&
                 getsockname(listener, (struct sockaddr *)&address, &size) == 0;
    if (listener >= 0) {
        close(listener);
    }
    return bound ? ntohs(address.sin_port) : 0;
}

static bool answers(const char *url)
{
    struct store store;
    struct error error;
    struct sql *sql = NULL;
    bool open = store_parse(NULL, url, false, &store, &error) == STATUS_OK &&
                sql_open(&store, SQL_CENTRE, false, &sql, &error) == STATUS_OK &&
                sql_run(sql, "SELECT 1", SQL_NO_PARAMETERS, NULL, &error) == STATUS_OK;
    sql_close(sql);
    return open;
}

static enum status make_and_start(struct bench_postgres *postgres, const struct bench_place *place, const char *initdb,
                                  const char *server, struct error *error)
{
    char folder[BENCH_PATH_MAX], data[BENCH_PATH_MAX], port[16];
    snprintf(folder, sizeof folder, "%.*s/postgres", BENCH_PATH_MAX / 2, place->folder);
    snprintf(data, sizeof data, "%.*s/data", BENCH_PATH_MAX - 8, folder);
    snprintf(port, sizeof port, "%d", free_port());
    TRY(file_make_folder(folder, error));
    TRY(bench_program_give(folder, error));
    const char *make[] = { initdb,  "-D", data,   "-U",          "mingdi", "-A",
                           "trust", "-E", "UTF8", "--no-locale", "-N",     "--no-instructions",
                           NULL };
    TRY(bench_program_run(place, make, BENCH_AS_NOBODY, NULL, error));
    const char *serve[] = {
        server, "-D",        data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
        "-c",   CONNECTIONS, NULL
    };
    TRY(bench_program_start(place, serve, BENCH_AS_NOBODY, &postgres->process, NULL, 0, error));
    snprintf(postgres->url, sizeof postgres->url, "postgres://mingdi@127.0.0.1:%s/postgres", port);
    for (int i = 0; i < READY_TRIES && *place->stop == 0; i++) {
        if (answers(postgres->url)) {
            return STATUS_OK;
        }
        (void)poll(NULL, 0, TRY_MS);
    }
    return ERROR(error, STATUS_IO, "it does not answer");
}

bool bench_postgres_start(struct bench_postgres *postgres, const struct bench_place *place, char *why, size_t why_size)
{
    char initdb[BENCH_URL_MAX], server[BENCH_URL_MAX];
    struct error error;
    *postgres = (struct bench_postgres){ .process = 0 };
    if (!find_programs(initdb, server)) {
        snprintf(why, why_size, "no programs of PostgreSQL on this machine; --store URL names a server");
        return false;
    }
    if (make_and_start(postgres, place, initdb, server, &error) != STATUS_OK) {
        snprintf(why, why_size, "a PostgreSQL could not be started: %s", error.text);
        bench_postgres_stop(postgres);
        return false;
    }
    return true;
}

/* SIGINT: a fast shutdown. */
void bench_postgres_stop(struct bench_postgres *postgres) { bench_program_stop(&postgres->process, SIGINT); }
