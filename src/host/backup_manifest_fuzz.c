/* Any bytes as a manifest: read, or refused; what was read names no file outside of its folder. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/backup_manifest.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error error;
    struct backup_manifest *manifest = calloc(1, sizeof *manifest);
    CHECK(manifest != NULL);
    if (backup_manifest_parse((const char *)data, size, "fuzz", manifest, &error) == STATUS_OK) {
        CHECK(manifest->file_count <= BACKUP_FILES_MAX && backup_manifest_find(manifest, BACKUP_SETTINGS) != NULL);
        for (uint32_t i = 0; i < manifest->file_count; i++) {
            CHECK(strchr(manifest->files[i].name, '/') == NULL && manifest->files[i].name[0] != '.');
            CHECK(manifest->files[i].restored[0] != '/' && manifest->files[i].restored[0] != '.');
            CHECK(strstr(manifest->files[i].restored, "/.") == NULL);
        }
    }
    free(manifest);
    return 0;
}
