/* A PostgreSQL server of a test's own: made by initdb in a temporary folder, listening on 127.0.0.1 at a free port, owned by an
 * unprivileged user where the test runs as root. For *_test.c only; cmocka.h must have been included before.
 *
 *   static struct postgres_server server;
 *   if (!postgres_server_start(&server)) { the machine has no PostgreSQL 15: print "skipped: ..." and return 77, or skip() }
 *   postgres_server_url(&server, "some_schema", url, sizeof url); each test has a schema of its own
 *   postgres_server_stop(&server); removes everything
 * MINGDI_POSTGRES names the folder of initdb and postgres; else the usual places are looked at. */
#ifndef MINGDI_STORE_POSTGRES_SERVER_TEST_H
#define MINGDI_STORE_POSTGRES_SERVER_TEST_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { POSTGRES_READY_TRIES = 2400, POSTGRES_TRY_MS = 50 };

struct postgres_server {
    char binaries[256], folder[256], url[128];
    int port;
    pid_t postmaster;
};

static inline bool postgres_server_find(struct postgres_server *server)
{
    const char *wish = getenv("MINGDI_POSTGRES");
    const char *const places[] = { wish != NULL ? wish : "", "/usr/lib/postgresql/15/bin", "/usr/local/bin", "/usr/bin" };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char initdb[300];
        char postgres[300];
        snprintf(initdb, sizeof initdb, "%s/initdb", places[i]);
        snprintf(postgres, sizeof postgres, "%s/postgres", places[i]);
        if (places[i][0] != '\0' && access(initdb, X_OK) == 0 && access(postgres, X_OK) == 0) {
            snprintf(server->binaries, sizeof server->binaries, "%s", places[i]);
            return true;
        }
    }
    return false;
}

/* PostgreSQL refuses to run as root. */
static inline const struct passwd *postgres_server_user(void)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    return geteuid() == 0 && user == NULL ? getpwnam("nobody") : user;
}

/* Runs a program of PostgreSQL's in the server's folder; its words go into the file log there. The child dies with the test. */
static inline pid_t postgres_server_run(const struct postgres_server *server, const char *const *words)
{
    const struct passwd *user = postgres_server_user();
    pid_t parent = getpid();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) {
        return child;
    }
    char log[300];
    char program[300];
    snprintf(log, sizeof log, "%s/log", server->folder);
    snprintf(program, sizeof program, "%s/%s", server->binaries, words[0]);
    if (user != NULL && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
        _exit(EXIT_FAILURE);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGINT); /* after setuid, which clears it; SIGINT: fast shutdown */
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (getppid() != parent || chdir(server->folder) != 0 || file < 0 || dup2(file, 1) < 0 || dup2(file, 2) < 0) {
        _exit(EXIT_FAILURE);
    }
    execv(program, (char *const *)(uintptr_t)words);
    _exit(EXIT_FAILURE);
}

static inline void postgres_server_wait(pid_t child)
{
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    if (!WIFEXITED(result) || WEXITSTATUS(result) != 0) {
        fail_msg("a program of PostgreSQL's has failed: %d", result);
    }
}

/* Below those that the system gives to whoever connects (32768 and more): nobody's connection takes it while the server is
 * down. Each process begins at another one. */
static inline int postgres_server_free_port(void)
{
    for (unsigned draw = (unsigned)getpid() * 7919;; draw++) {
        uint16_t port = (uint16_t)(10000 + draw % 22000);
        int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) }, .sin_port = htons(port) };
        int bound = bind(socket_, (struct sockaddr *)&address, sizeof address);
        close(socket_);
        if (bound == 0) {
            return port;
        }
    }
}

/* A URL with a schema of the test's own. */
static inline void postgres_server_url(const struct postgres_server *server, const char *schema, char *url, size_t size)
{
    snprintf(url, size, "%s?schema=%s", server->url, schema);
}

static inline void postgres_server_no_notices(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static inline PGconn *postgres_server_connect(const struct postgres_server *server)
{
    PGconn *connection = PQconnectdb(server->url);
    if (PQstatus(connection) != CONNECTION_OK) {
        PQfinish(connection);
        return NULL;
    }
    (void)PQsetNoticeReceiver(connection, postgres_server_no_notices, NULL);
    return connection;
}

/* Runs one command as the owner of everything, past the code under test; the first value of the answer, "" where there is none,
 * goes to value (may be NULL). */
static inline void postgres_server_sql(const struct postgres_server *server, const char *text, char *value, size_t size)
{
    PGconn *connection = postgres_server_connect(server);
    assert_non_null(connection);
    PGresult *result = PQexec(connection, text);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", text, PQresultErrorMessage(result));
    }
    if (value != NULL) {
        snprintf(value, size, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    }
    PQclear(result);
    PQfinish(connection);
}

/* Which standbys a commit waits for; "": none. Holds when it returns. */
static inline void postgres_server_set_standbys(const struct postgres_server *server, const char *names)
{
    char text[128];
    char now[64] = "?";
    snprintf(text, sizeof text, "ALTER SYSTEM SET synchronous_standby_names = '%s'", names);
    postgres_server_sql(server, text, NULL, 0);
    postgres_server_sql(server, "SELECT pg_reload_conf()", NULL, 0);
    for (int i = 0; strcmp(now, names) != 0; i++) {
        assert_true(i < POSTGRES_READY_TRIES);
        poll(NULL, 0, POSTGRES_TRY_MS);
        postgres_server_sql(server, "SHOW synchronous_standby_names", now, sizeof now);
    }
}

/* Until so many sessions wait for a standby. */
static inline void postgres_server_await_waiting(const struct postgres_server *server, long wanted)
{
    char count[16] = "0";
    for (int i = 0; strtol(count, NULL, 10) != wanted; i++) {
        assert_true(i < POSTGRES_READY_TRIES);
        poll(NULL, 0, POSTGRES_TRY_MS);
        postgres_server_sql(server, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", count, sizeof count);
    }
}

/* Until it takes connections. Waits are polls of a condition with an end. */
static inline void postgres_server_await(const struct postgres_server *server)
{
    for (int i = 0; i < POSTGRES_READY_TRIES; i++) {
        PGconn *connection = postgres_server_connect(server);
        if (connection != NULL) {
            PQfinish(connection);
            return;
        }
        poll(NULL, 0, POSTGRES_TRY_MS);
    }
    fail_msg("%s/log tells why the server does not begin", server->folder);
}

/* setting: one more "name=value", or NULL. */
static inline void postgres_server_launch_with(struct postgres_server *server, const char *setting)
{
    char port[16];
    char data[300];
    char sockets[320];
    snprintf(port, sizeof port, "%d", server->port);
    snprintf(data, sizeof data, "%s/data", server->folder);
    snprintf(sockets, sizeof sockets, "unix_socket_directories=%s", server->folder);
    const char *words[] = { "postgres",
                            "-D",
                            data,
                            "-p",
                            port,
                            "-c",
                            "listen_addresses=127.0.0.1",
                            "-c",
                            sockets,
                            "-c",
                            "shared_buffers=16MB",
                            "-c",
                            "max_connections=40",
                            setting != NULL ? "-c" : NULL,
                            setting,
                            NULL };
    server->postmaster = postgres_server_run(server, words);
    postgres_server_await(server);
}

static inline void postgres_server_launch(struct postgres_server *server) { postgres_server_launch_with(server, NULL); }

/* False where there is no PostgreSQL. */
static inline bool postgres_server_start(struct postgres_server *server)
{
    *server = (struct postgres_server){ .port = 0 };
    if (!postgres_server_find(server)) {
        return false;
    }
    const char *base = getenv("TMPDIR");
    snprintf(server->folder, sizeof server->folder, "%s/mingdi-postgres-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(server->folder));
    const struct passwd *user = postgres_server_user();
    if (user != NULL) {
        assert_int_equal(chown(server->folder, user->pw_uid, user->pw_gid), 0);
    }
    const char *words[] = { "initdb", "-D", "data", "-U",          "mingdi", "-A",
                            "trust",  "-E", "UTF8", "--no-locale", "-N",     "--no-instructions",
                            NULL };
    postgres_server_wait(postgres_server_run(server, words));
    server->port = postgres_server_free_port();
    snprintf(server->url, sizeof server->url, "postgres://mingdi@127.0.0.1:%d/postgres", server->port);
    postgres_server_launch(server);
    return true;
}

/* SIGINT is what pg_ctl stop -m fast sends. SIGQUIT is -m immediate: no goodbyes, recovery at the next start. SIGKILL is a crash:
 * the processes of the sessions notice that their parent is gone, and end. */
static inline void postgres_server_end(struct postgres_server *server, int how)
{
    int result = 0;
    assert_int_equal(kill(server->postmaster, how), 0);
    assert_int_equal(waitpid(server->postmaster, &result, 0), server->postmaster);
    server->postmaster = 0;
}

/* Down by that signal and up again. After SIGKILL the sessions' processes may live for a moment and keep shared memory in use. */
static inline void postgres_server_restart(struct postgres_server *server, int how)
{
    char data[300];
    postgres_server_end(server, how);
    snprintf(data, sizeof data, "%s/data", server->folder);
    for (int i = 0; i < POSTGRES_READY_TRIES; i++) {
        int result = 0;
        const char *check[] = { "postgres", "--single", "-D", data, "-c", "log_min_messages=fatal", "template1", NULL };
        pid_t single = postgres_server_run(server, check);
        assert_int_equal(waitpid(single, &result, 0), single);
        if (WIFEXITED(result) && WEXITSTATUS(result) == 0) {
            break;
        }
        poll(NULL, 0, POSTGRES_TRY_MS);
    }
    postgres_server_launch(server);
}

static inline void postgres_server_stop(struct postgres_server *server)
{
    char command[300];
    if (server->postmaster > 0) {
        postgres_server_end(server, SIGINT);
    }
    if (server->folder[0] != '\0') {
        snprintf(command, sizeof command, "rm -rf '%s'", server->folder);
        assert_int_equal(system(command), 0);
    }
}

#endif
