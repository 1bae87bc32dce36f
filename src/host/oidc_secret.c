/* The file with the client's secret: read once, at the start. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/oidc_private.h"

/* Nobody but its owner may read or write it. */
static enum status look_at(int descriptor, const char *path, struct error *error)
{
    struct stat facts;
    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: is not a file", path);
    }
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: others may read or write it: chmod 600", path);
    }
    return STATUS_OK;
}

/* One line; the end of the line is not part of it. */
static enum status read_line(int descriptor, const char *path, char secret[OIDC_SECRET_SIZE], struct error *error)
{
    ssize_t size = read(descriptor, secret, OIDC_SECRET_SIZE);
    int why = errno;
    if (size < 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be read: %s", path, strerror(why));
    }
    size_t length = size < OIDC_SECRET_SIZE ? (size_t)size : 0;
    while (length > 0 && (secret[length - 1] == '\n' || secret[length - 1] == '\r')) {
        length--;
    }
    secret[length] = '\0';
    return length > 0 && strlen(secret) == length && strcspn(secret, "\r\n") == length
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "%s: must hold one line, the client's secret, of at most %d bytes", path,
                       OIDC_SECRET_SIZE - 1);
}

enum status oidc_secret_read(const char *path, char secret[OIDC_SECRET_SIZE], struct error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return ERROR(error, STATUS_NOT_FOUND, "%s: cannot be opened: %s (setting oidc_secret_file)", path, strerror(errno));
    }
    enum status status = look_at(descriptor, path, error);
    if (status == STATUS_OK) {
        status = read_line(descriptor, path, secret, error);
    }
    close(descriptor);
    return status;
}
