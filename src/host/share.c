#include "host/share.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { PATH_SIZE = 4096, NAME_SIZE = 128 };

/* The folder in which the running program lies; false: it cannot be told. */
static bool program_folder(char *path, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length <= 0 || (size_t)length >= size - 1) {
        return false;
    }
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    return true;
}

char *share_folder(const char *setting, const char *data_folder, const char *name)
{
    if (setting[0] != '\0') {
        return setting[0] == '/' ? file_join("", setting + 1) : file_join(data_folder, setting);
    }
    char program[PATH_SIZE], installed[NAME_SIZE];
    if (!program_folder(program, sizeof program)) {
        return file_join(data_folder, name);
    }
    snprintf(installed, sizeof installed, "../share/mingdi/%s", name);
    char *beside = file_join(program, name), *shared = file_join(program, installed);
    bool is_beside = file_exists(beside) || !file_exists(shared);
    free(is_beside ? shared : beside);
    return is_beside ? beside : shared;
}
