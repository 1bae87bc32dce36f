#include "gateway/confine.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"

enum status confine_limits(uint32_t files, struct error *error)
{
    struct rlimit limit;
    const struct rlimit none = { 0, 0 };
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return ERROR(error, STATUS_IO, "the limit of open files cannot be read: %s", strerror(errno));
    }
    limit.rlim_max = limit.rlim_max < files && geteuid() == 0 ? files : limit.rlim_max;
    if (limit.rlim_max < files) {
        return ERROR(error, STATUS_FULL,
                     "%u open files are needed and %llu allowed: raise the limit (LimitNOFILE of the unit, ulimit -n), or lower "
                     "--connections",
                     (unsigned)files, (unsigned long long)limit.rlim_max);
    }
    limit.rlim_cur = limit.rlim_max = files;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || setrlimit(RLIMIT_CORE, &none) != 0) {
        return ERROR(error, STATUS_IO, "the limits of the process cannot be set: %s", strerror(errno));
    }
    return STATUS_OK;
}

enum status confine_user(const char *name, struct error *error)
{
    const struct passwd *user = getpwnam(name);
    if (user == NULL) {
        return ERROR(error, STATUS_NOT_FOUND, "there is no user %s", name);
    }
    uid_t uid = user->pw_uid;
    gid_t gid = user->pw_gid;
    if (geteuid() == uid) {
        return STATUS_OK;
    }
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) {
        return ERROR(error, STATUS_IO, "cannot become the user %s: %s", name, strerror(errno));
    }
    return STATUS_OK;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/* What the loop, sockets, memory, the clock and the log need. */
static const char *const ALLOWED[] = {
    "accept4",
    "bind",
    "brk",
    "clock_gettime",
    "clock_nanosleep",
    "close",
    "connect",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "eventfd2",
    "exit",
    "exit_group",
    "fcntl",
    "fstat",
    "futex",
    "getpeername",
    "getpid",
    "getrandom",
    "getrusage",
    "getsockname",
    "getsockopt",
    "gettid",
    "gettimeofday",
    "ioctl",
    "lseek",
    "madvise",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "nanosleep",
    "newfstatat",
    "poll",
    "ppoll",
    "pselect6",
    "read",
    "readv",
    "recvfrom",
    "recvmsg",
    "restart_syscall",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sched_yield",
    "select",
    "sendmsg",
    "sendto",
    "setsockopt",
    "shutdown",
    "sigaltstack",
    "socket",
    "time",
    "tgkill",
    "timerfd_settime",
    "write",
    "writev",
};

/* Nobody who is himself does these. */
static const char *const DEADLY[] = { "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev" };

static bool add_rules(scmp_filter_ctx filter, uint32_t action, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int call = seccomp_syscall_resolve_name(names[i]);
        /* A machine of another kind lacks some of them. */
        if (call != __NR_SCMP_ERROR && call >= 0 && seccomp_rule_add(filter, action, call, 0) != 0) {
            return false;
        }
    }
    return true;
}

enum status confine_calls(bool *is_on, struct error *error)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool made = filter != NULL && add_rules(filter, SCMP_ACT_ALLOW, ALLOWED, ARRAY_LENGTH(ALLOWED)) &&
                add_rules(filter, SCMP_ACT_KILL_PROCESS, DEADLY, ARRAY_LENGTH(DEADLY)) && prctl(PR_SET_DUMPABLE, 0) == 0 &&
                seccomp_load(filter) == 0;
    if (filter != NULL) {
        seccomp_release(filter);
    }
    *is_on = made;
    return made ? STATUS_OK
                : ERROR(error, STATUS_IO, "this system does not let the process give up its rights (seccomp): %s",
                        strerror(errno));
}

#else

enum status confine_calls(bool *is_on, struct error *error)
{
    (void)error;
    *is_on = false;
    return STATUS_OK;
}

#endif
