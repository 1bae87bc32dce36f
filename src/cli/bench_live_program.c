#include "cli/bench_live_program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/bench_live_place.h"
#include "cli/bench_live_samples.h"

enum { WORD_WAIT_MS = 60000, END_WAIT_MS = 30000, LOOK_MS = 20, READ_SIZE = 4096, LOG_SHOWN = 400 };

/* What a server needs to be driven harder than people would. A setting of the user's own wins. */
static const char *const SETTINGS[][2] = { { "MINGDI_SET_REQUESTS_PER_MINUTE", "1000000" },
                                           { "MINGDI_SET_LOG_LEVEL", "warning" },
                                           { "MINGDI_SET_LEASE_MS", "15000" }, /* the load runs beside them */
                                           { "MINGDI_SET_PORT", "0" } };       /* of a region's centres: any free one */

static const struct passwd *unprivileged_user(void)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    return geteuid() == 0 && user == NULL ? getpwnam("nobody") : user;
}

enum status bench_program_give(const char *folder, struct error *error)
{
    const struct passwd *user = unprivileged_user();
    if (user != NULL && chown(folder, user->pw_uid, user->pw_gid) != 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be given to the user %s: %s", folder, user->pw_name, strerror(errno));
    }
    return geteuid() == 0 && user == NULL ? ERROR(error, STATUS_NOT_FOUND, "there is no user but root to run it") : STATUS_OK;
}

static void log_path(const struct bench_place *place, char *path, size_t size)
{
    snprintf(path, size, "%.*s/log", BENCH_PATH_MAX / 2, place->folder);
}

/* In the child. Signals of the terminal are the benchmark's to act on: it stops its programs in order. */
static void become(const struct bench_place *place, const char *const *words, const struct passwd *user, pid_t parent, int out)
{
    char path[BENCH_PATH_MAX];
    log_path(place, path, sizeof path);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    bool ready = log >= 0 && setpgid(0, 0) == 0 && dup2(log, STDERR_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
                 (user == NULL || (chdir(place->folder) == 0 && setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 &&
                                   setuid(user->pw_uid) == 0));
    (void)prctl(PR_SET_PDEATHSIG, user != NULL ? SIGINT : SIGKILL); /* after setuid, which clears it */
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++) {
        (void)setenv(SETTINGS[i][0], SETTINGS[i][1], 0);
    }
    if (ready && getppid() == parent) {
        (void)execv(words[0], (char *const *)(uintptr_t)words);
    }
    _exit(EXIT_FAILURE);
}

static enum status begin(const struct bench_place *place, const char *const *words, enum bench_user as, pid_t *process, int *out,
                         struct error *error)
{
    const struct passwd *user = as == BENCH_AS_NOBODY ? unprivileged_user() : NULL;
    int ends[2];
    pid_t parent = getpid();
    *process = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return ERROR(error, STATUS_IO, "no pipe: %s", strerror(errno));
    }
    pid_t child = fork();
    if (child == 0) {
        become(place, words, user, parent, ends[1]);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return ERROR(error, STATUS_IO, "no process for %s: %s", words[0], strerror(errno));
    }
    *process = child;
    *out = ends[0];
    return STATUS_OK;
}

static enum status tell_failure(const struct bench_place *place, const char *const *words, struct error *error)
{
    char path[BENCH_PATH_MAX], last[LOG_SHOWN + 1] = "";
    log_path(place, path, sizeof path);
    FILE *log = fopen(path, "re");
    if (log != NULL) {
        (void)(fseek(log, -LOG_SHOWN, SEEK_END) != 0 && fseek(log, 0, SEEK_SET) != 0);
        last[fread(last, 1, LOG_SHOWN, log)] = '\0';
        (void)fclose(log);
    }
    for (char *at = last; (at = strchr(at, '\n')) != NULL;) {
        *at = ' ';
    }
    const char *name = strcmp(words[0], BENCH_SELF) == 0 ? words[1] : words[0];
    return ERROR(error, STATUS_IO, "%s has failed: %s", name, last);
}

/* A piece of what the program prints: 1 and more bytes, 0 at its end or when it is too late; what says which. */
static size_t read_some(const struct bench_place *place, int out, char *bytes, size_t size, int64_t until_ns)
{
    struct pollfd ready = { .fd = out, .events = POLLIN };
    while (*place->stop == 0 && bench_now_ns() < until_ns) {
        if (poll(&ready, 1, LOOK_MS) > 0) {
            ssize_t got = read(out, bytes, size);
            return got > 0 ? (size_t)got : 0;
        }
    }
    return 0;
}

enum status bench_program_run(const struct bench_place *place, const char *const *words, enum bench_user user, struct text *told,
                              struct error *error)
{
    pid_t process;
    int out, result = -1;
    char bytes[READ_SIZE];
    size_t got;
    TRY(begin(place, words, user, &process, &out, error));
    int64_t until_ns = bench_now_ns() + WORD_WAIT_MS * INT64_C(1000000);
    while ((got = read_some(place, out, bytes, sizeof bytes, until_ns)) > 0) {
        if (told != NULL) {
            text_append(told, bytes, got);
        }
    }
    close(out);
    if (*place->stop != 0 || bench_now_ns() >= until_ns) {
        bench_program_stop(&process, SIGTERM);
        return ERROR(error, STATUS_IO, "%s", *place->stop != 0 ? "stopped before the end" : "a program takes too long");
    }
    while (waitpid(process, &result, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(result) && WEXITSTATUS(result) == 0 ? STATUS_OK : tell_failure(place, words, error);
}

/* The pipe's end stays open: the program may print more. It is closed with this process. */
enum status bench_program_start(const struct bench_place *place, const char *const *words, enum bench_user user, pid_t *process,
                                char *line, size_t line_size, struct error *error)
{
    int out;
    size_t length = 0, got = 1;
    TRY(begin(place, words, user, process, &out, error));
    if (line == NULL) {
        return STATUS_OK;
    }
    int64_t until_ns = bench_now_ns() + WORD_WAIT_MS * INT64_C(1000000);
    while (got > 0 && length + 1 < line_size && memchr(line, '\n', length) == NULL) {
        got = read_some(place, out, line + length, line_size - 1 - length, until_ns);
        length += got;
    }
    line[length] = '\0';
    if (memchr(line, '\n', length) == NULL) {
        bench_program_stop(process, SIGTERM);
        return *place->stop != 0 ? ERROR(error, STATUS_IO, "stopped before the end") : tell_failure(place, words, error);
    }
    return STATUS_OK;
}

void bench_program_stop(pid_t *process, int signal_number)
{
    if (*process <= 0) {
        return;
    }
    (void)kill(*process, signal_number);
    int64_t until_ns = bench_now_ns() + END_WAIT_MS * INT64_C(1000000);
    pid_t ended = 0;
    while ((ended = waitpid(*process, NULL, WNOHANG)) == 0 && bench_now_ns() < until_ns) {
        (void)poll(NULL, 0, LOOK_MS);
    }
    if (ended == 0) {
        (void)kill(*process, SIGKILL);
        (void)waitpid(*process, NULL, 0);
    }
    *process = 0;
}
