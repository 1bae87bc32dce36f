/* Feeds files to a fuzzer's entry point: the corpus as an ordinary test, built without libFuzzer so that gcc is enough.
 *
 * usage: x_fuzz_replay FOLDER...   every regular file in each folder; none at all is a failure, so that a moved corpus shows. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A copy on the heap of exactly the size, so that the address sanitizer sees a read beyond the end. */
static void replay(const struct file_view *view)
{
    uint8_t *copy = malloc(view->size > 0 ? view->size : 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, view->bytes, view->size);
    (void)LLVMFuzzerTestOneInput(copy, view->size);
    free(copy);
}

static int replay_folder(const char *folder)
{
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        perror(folder);
        return 0;
    }
    int count = 0;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        struct file_view view;
        struct error error;
        if (entry->d_name[0] == '.') {
            continue;
        }
        char *path = file_join(folder, entry->d_name);
        if (file_view_open(&view, path, &error) != STATUS_OK) {
            fprintf(stderr, "%s\n", error.text);
            abort();
        }
        replay(&view);
        file_view_close(&view);
        free(path);
        count++;
    }
    closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        count += replay_folder(argv[i]);
    }
    printf("%d inputs replayed\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
