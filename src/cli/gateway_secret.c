#include "cli/gateway_secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "host/secret.h"

static const char TOKEN[] = "an API token of the role vehicle_gateway";

/* One line, whatever ends it. */
static enum status take_line(const char *name, const char *bytes, size_t length, const char *what, char *out, size_t size,
                             struct error *error)
{
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
        length--;
    }
    if (length == 0 || length >= size || memchr(bytes, '\n', length) != NULL) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: expected one line with %s", name, what);
    }
    memcpy(out, bytes, length);
    out[length] = '\0';
    return STATUS_OK;
}

/* From a descriptor that was inherited: then no file with it need be readable by this user. */
static enum status read_token_fd(int fd, char token[LINK_TOKEN_MAX], struct error *error)
{
    char bytes[LINK_TOKEN_MAX + 1], name[32];
    size_t length = 0;
    ssize_t some = 1;
    while (some > 0 && length < sizeof bytes) {
        some = read(fd, bytes + length, sizeof bytes - length);
        length += some > 0 ? (size_t)some : 0;
    }
    (void)snprintf(name, sizeof name, "--token-fd %d", fd);
    if (some < 0) {
        return ERROR(error, STATUS_IO, "%s: %s", name, strerror(errno));
    }
    (void)close(fd);
    enum status status = take_line(name, bytes, length, TOKEN, token, LINK_TOKEN_MAX, error);
    secret_wipe(bytes, sizeof bytes);
    return status;
}

enum status gateway_read_line(const char *path, const char *what, char *out, size_t size, struct error *error)
{
    struct file_view view;
    TRY(file_view_open(&view, path, error));
    enum status status = take_line(path, (const char *)view.bytes, view.size, what, out, size, error);
    file_view_close(&view);
    return status;
}

enum status gateway_read_token(const struct arguments *arguments, char token[LINK_TOKEN_MAX], struct error *error)
{
    const char *path = argument(arguments, "--token-file", NULL);
    long long fd = -1;
    TRY(argument_int(arguments, "--token-fd", 0, 1023, -1, &fd, error));
    if ((path == NULL) == (fd < 0)) {
        return ERROR(error, STATUS_USAGE, "give the centre's token with --token-file FILE or --token-fd N, one of them");
    }
    return path == NULL ? read_token_fd((int)fd, token, error) : gateway_read_line(path, TOKEN, token, LINK_TOKEN_MAX, error);
}
