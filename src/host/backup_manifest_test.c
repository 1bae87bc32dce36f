/* What is written is read again as the same; and what may not stand in a manifest is refused by its member. */
#include "host/backup_manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static struct backup_manifest sample(void)
{
    static const char sum[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    struct backup_manifest manifest = {
        .kind = STORE_FOLDER,
        .name = "急救 \"centre\"",
        .program = "mingdi 0.1.0",
        .made_at = { INT64_C(1795296605123000) },
        .added_at = { INT64_C(1795296665123000) },
        .sequence = 4711,
        .entered_at = { INT64_C(1795296604000000) },
        .state_hash = UINT64_C(0x0123456789abcdef),
        .state_layout = 7,
        .file_count = 4,
        .files = { { .role = BACKUP_JOURNAL, .name = "journal.db", .bytes = UINT64_C(5000000000) },
                   { .role = BACKUP_TABLES, .name = "centre.db", .bytes = 4096 },
                   { .role = BACKUP_SETTINGS, .name = "mingdi.yaml", .bytes = 0 },
                   { .role = BACKUP_PROTOCOL, .name = "protocol-a.yaml", .restored = "protocols/a.yaml", .bytes = 9 } },
    };
    snprintf(manifest.centre, sizeof manifest.centre, "%s", sum);
    snprintf(manifest.chain, sizeof manifest.chain, "%s", sum);
    for (uint32_t i = 0; i < manifest.file_count; i++) {
        snprintf(manifest.files[i].sha256, sizeof manifest.files[i].sha256, "%s", sum);
    }
    return manifest;
}

static void as_it_was_written(void **state)
{
    (void)state;
    char folder[] = "/tmp/mingdi-manifest-XXXXXX";
    struct error error;
    const struct backup_manifest written = sample();
    struct backup_manifest *read = calloc(1, sizeof *read);
    assert_non_null(read);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(backup_manifest_read(folder, read, &error), STATUS_NOT_FOUND);
    assert_int_equal(backup_manifest_write(&written, folder, &error), STATUS_OK);
    assert_int_equal(backup_manifest_read(folder, read, &error), STATUS_OK);
    assert_memory_equal(read, &written, sizeof written);
    char *path = file_join(folder, BACKUP_MANIFEST);
    assert_int_equal(unlink(path), 0);
    free(path);
    assert_int_equal(rmdir(folder), 0);
    free(read);
}

/* One word of a sound manifest in the place of another. */
static void what_may_not_stand_there(void **state)
{
    (void)state;
    static const char *const wrong[][3] = {
        { "\"format\": 1", "\"format\": 9", "format 9" },
        { "\"kind\": \"folder\"", "\"kind\": \"tape\"", "'kind'" },
        { "\"name\": \"journal.db\"", "\"name\": \"../journal.db\"", "'name'" },
        { "\"name\": \"journal.db\"", "\"name\": \".journal\"", "'name'" },
        { "\"name\": \"journal.db\"", "\"name\": \"manifest.json\"", "'name'" },
        { "\"restored\": \"protocols/a.yaml\"", "\"restored\": \"/etc/passwd\"", "'name'" },
        { "\"restored\": \"protocols/a.yaml\"", "\"restored\": \"a/b/c\"", "'name'" },
        { "\"restored\": \"protocols/a.yaml\"", "\"restored\": \"../a\"", "'name'" },
        { "\"role\": \"tables\"", "\"role\": \"table\"", "'role'" },
        { "\"role\": \"tables\"", "\"role\": \"segment\"", "'files'" },
        { "\"bytes\": 4096", "\"bytes\": -1", "'bytes'" },
        { "0123456789abcdef", "0123456789abcdeg", "'state_hash'" },
        { "2026-11-21T21:30:05.123Z", "yesterday", "'made_at'" },
        { "\"drill\": false", "\"drill\": 0", "'drill'" },
        { "\"sequence\": 4711", "\"sequence\": \"4711\"", "'sequence'" },
    };
    char folder[] = "/tmp/mingdi-manifest-XXXXXX";
    struct error error;
    struct file_view view;
    const struct backup_manifest written = sample();
    struct backup_manifest *read = calloc(1, sizeof *read);
    assert_non_null(read);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(backup_manifest_write(&written, folder, &error), STATUS_OK);
    char *path = file_join(folder, BACKUP_MANIFEST);
    assert_int_equal(file_view_open(&view, path, &error), STATUS_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[8192];
        const char *at = memmem(view.bytes, view.size, wrong[i][0], strlen(wrong[i][0]));
        assert_non_null(at);
        size_t before = (size_t)(at - (const char *)view.bytes);
        int length = snprintf(text, sizeof text, "%.*s%s%.*s", (int)before, (const char *)view.bytes, wrong[i][1],
                              (int)(view.size - before - strlen(wrong[i][0])), at + strlen(wrong[i][0]));
        assert_true(length > 0 && (size_t)length < sizeof text);
        assert_int_not_equal(backup_manifest_parse(text, (size_t)length, "it", read, &error), STATUS_OK);
        if (strstr(error.text, wrong[i][2]) == NULL) {
            fail_msg("'%s' does not name %s", error.text, wrong[i][2]);
        }
    }
    file_view_close(&view);
    assert_int_equal(unlink(path), 0);
    free(path);
    assert_int_equal(rmdir(folder), 0);
    free(read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_it_was_written),
        cmocka_unit_test(what_may_not_stand_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
