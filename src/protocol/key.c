/* The files of the keys that packages are signed with. */
#include <errno.h>
#include <fcntl.h>
#include <sodium/core.h>
#include <sodium/crypto_sign.h>
#include <sodium/utils.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "protocol/package.h"

static const char SECRET_WORD[] = "secret ";

enum { PATH_SIZE = 4096, SECRET_TEXT_MAX = 80 };

static enum status write_new(const char *path, mode_t mode, const char *text, struct error *error)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (descriptor < 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be made: %s%s", path, strerror(errno),
                     errno == EEXIST ? "; a key is never replaced: choose another name" : "");
    }
    ssize_t length = (ssize_t)strlen(text);
    bool written = write(descriptor, text, (size_t)length) == length && fsync(descriptor) == 0;
    int why = errno;
    close(descriptor);
    if (!written) {
        (void)unlink(path);
        return ERROR(error, STATUS_IO, "%s: cannot be written: %s", path, strerror(why));
    }
    return STATUS_OK;
}

static enum status write_pair(const char *path, const char *public_path, const char *secret, const char *public_key,
                              struct error *error)
{
    TRY(write_new(path, 0600, secret, error));
    enum status status = write_new(public_path, 0644, public_key, error);
    if (status != STATUS_OK) {
        (void)unlink(path);
    }
    return status;
}

enum status package_key_make(const char *path, char public_key[PACKAGE_KEY_TEXT_SIZE], struct error *error)
{
    unsigned char seed[PACKAGE_KEY_SIZE], public_bytes[PACKAGE_KEY_SIZE], both[crypto_sign_SECRETKEYBYTES];
    char hex[PACKAGE_KEY_TEXT_SIZE], secret[SECRET_TEXT_MAX], line[SECRET_TEXT_MAX], public_path[PATH_SIZE];
    if (sodium_init() < 0) {
        return ERROR(error, STATUS_IO, "the system gives no random numbers");
    }
    if ((size_t)snprintf(public_path, sizeof public_path, "%s.pub", path) >= sizeof public_path) {
        return ERROR(error, STATUS_BAD_INPUT, "the name of the key is too long");
    }
    (void)crypto_sign_keypair(public_bytes, both);
    (void)crypto_sign_ed25519_sk_to_seed(seed, both);
    sodium_bin2hex(hex, sizeof hex, seed, sizeof seed);
    snprintf(secret, sizeof secret, "%s%s\n", SECRET_WORD, hex);
    sodium_bin2hex(public_key, PACKAGE_KEY_TEXT_SIZE, public_bytes, sizeof public_bytes);
    snprintf(line, sizeof line, "%s\n", public_key);
    enum status status = write_pair(path, public_path, secret, line, error);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(both, sizeof both);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(secret, sizeof secret);
    return status;
}

bool package_key_parse(const char *text, unsigned char key[PACKAGE_KEY_SIZE])
{
    size_t size = 0;
    return strlen(text) == 2 * (size_t)PACKAGE_KEY_SIZE &&
           sodium_hex2bin(key, PACKAGE_KEY_SIZE, text, strlen(text), NULL, &size, NULL) == 0 && size == PACKAGE_KEY_SIZE;
}

/* The first line of a file. */
static enum status read_line(int descriptor, const char *path, char text[SECRET_TEXT_MAX], struct error *error)
{
    ssize_t length = read(descriptor, text, SECRET_TEXT_MAX - 1);
    if (length < 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    text[length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return STATUS_OK;
}

static enum status read_secret(int descriptor, const char *path, unsigned char seed[PACKAGE_KEY_SIZE], struct error *error)
{
    struct stat facts;
    char text[SECRET_TEXT_MAX];
    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: a key is an ordinary file", path);
    }
    if ((facts.st_mode & 077) != 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: others can read the secret key (mode %03o): run chmod 600 %s", path,
                     (unsigned)facts.st_mode & 0777u, path);
    }
    TRY(read_line(descriptor, path, text, error));
    size_t word = strlen(SECRET_WORD);
    bool whole = strncmp(text, SECRET_WORD, word) == 0 && package_key_parse(text + word, seed);
    sodium_memzero(text, sizeof text);
    return whole ? STATUS_OK
                 : ERROR(error, STATUS_BAD_INPUT,
                         "%s: not a secret key of 'mingdi protocol key'; FILE is secret, FILE.pub is not", path);
}

enum status package_key_read_secret(const char *path, unsigned char seed[PACKAGE_KEY_SIZE], struct error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return ERROR(error, STATUS_NOT_FOUND, "%s: cannot be opened: %s", path, strerror(errno));
    }
    enum status status = read_secret(descriptor, path, seed, error);
    close(descriptor);
    return status;
}

enum status package_key_read_public(const char *path, unsigned char key[PACKAGE_KEY_SIZE], struct error *error)
{
    char text[SECRET_TEXT_MAX];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return ERROR(error, STATUS_NOT_FOUND, "%s: cannot be opened: %s", path, strerror(errno));
    }
    enum status status = read_line(descriptor, path, text, error);
    close(descriptor);
    TRY(status);
    return package_key_parse(text, key)
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "%s: not a public key: it is the file with .pub of 'mingdi protocol key'", path);
}
