/* The file of the master key. Written under another name and linked into its place, so that no half-written key is ever read
 * and no key that is there is ever replaced. */
#include <errno.h>
#include <fcntl.h>
#include <sodium/utils.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/personal.h"
#include "host/secret.h"

enum { HEX_SIZE = 2 * SECRET_KEY_SIZE, PATH_SIZE = 4096 };

static enum status sync_folder(const char *path, struct error *error)
{
    char folder[PATH_SIZE];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1), slash == NULL ? "." : path);
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = descriptor >= 0 && fsync(descriptor) == 0;
    int why = errno;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return synced ? STATUS_OK : ERROR(error, STATUS_IO, "%s: cannot be synced: %s", folder, strerror(why));
}

static enum status write_key(const char *path, struct error *error)
{
    unsigned char key[SECRET_KEY_SIZE];
    char text[HEX_SIZE + 2];
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be made: %s", path, strerror(errno));
    }
    secret_random(key, sizeof key);
    sodium_bin2hex(text, sizeof text, key, sizeof key);
    text[HEX_SIZE] = '\n';
    bool written = write(descriptor, text, HEX_SIZE + 1) == HEX_SIZE + 1 && fsync(descriptor) == 0;
    int why = errno;
    secret_wipe(key, sizeof key);
    secret_wipe(text, sizeof text);
    close(descriptor);
    return written ? STATUS_OK : ERROR(error, STATUS_IO, "%s: cannot be written: %s", path, strerror(why));
}

static enum status create_key(const char *path, struct error *error)
{
    char fresh[PATH_SIZE];
    if ((size_t)snprintf(fresh, sizeof fresh, "%s.new", path) >= sizeof fresh) {
        return ERROR(error, STATUS_BAD_INPUT, "the path of the master key is too long");
    }
    (void)unlink(fresh);
    enum status status = write_key(fresh, error);
    if (status == STATUS_OK && link(fresh, path) != 0 && errno != EEXIST) {
        status = ERROR(error, STATUS_IO, "%s: cannot be made: %s", path, strerror(errno));
    }
    (void)unlink(fresh);
    return status == STATUS_OK ? sync_folder(path, error) : status;
}

static enum status check_owner(int descriptor, const char *path, struct error *error)
{
    struct stat facts;
    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: the master key must be an ordinary file", path);
    }
    if ((facts.st_mode & 077) != 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: others can read the master key (mode %03o): run chmod 600 %s", path,
                     (unsigned)facts.st_mode & 0777u, path);
    }
    if (facts.st_uid != geteuid() && facts.st_uid != 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: the master key belongs to another user: run chown to the user of the server",
                     path);
    }
    return STATUS_OK;
}

static enum status read_key(int descriptor, const char *path, unsigned char key[32], struct error *error)
{
    char text[HEX_SIZE + 2];
    size_t size = 0;
    ssize_t length = read(descriptor, text, sizeof text);
    bool whole = length == HEX_SIZE || (length == HEX_SIZE + 1 && text[HEX_SIZE] == '\n');
    if (whole) {
        whole = sodium_hex2bin(key, SECRET_KEY_SIZE, text, HEX_SIZE, NULL, &size, NULL) == 0 && size == SECRET_KEY_SIZE;
    }
    secret_wipe(text, sizeof text);
    if (!whole) {
        secret_wipe(key, SECRET_KEY_SIZE);
        return ERROR(error, STATUS_BAD_INPUT, "%s: is not a master key (64 hexadecimal digits): put the right file back", path);
    }
    return STATUS_OK;
}

enum status master_key_load(const char *path, bool may_create, unsigned char key[32], struct error *error)
{
    TRY(secret_start(error));
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 && errno == ENOENT && may_create) {
        TRY(create_key(path, error));
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    if (descriptor < 0) {
        return ERROR(error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO,
                     "%s: the master key cannot be read: %s; without it personal data stays closed", path, strerror(errno));
    }
    enum status status = check_owner(descriptor, path, error);
    if (status == STATUS_OK) {
        status = read_key(descriptor, path, key, error);
    }
    close(descriptor);
    return status;
}
