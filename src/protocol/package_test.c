/* Keys, signing, and what a signature must not let pass. That the bytes are Ed25519 and SHA-256 as others understand them is
 * shown from outside by tests/cli/protocol.bats. */
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/package.h"
#include "protocol/sample_test.h"

/* RFC 8032, 7.1, test 1. */
#define RFC_SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define RFC_PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

static const struct instant NOON = { INT64_C(1795348800) * US_PER_SECOND }; /* 2026-11-22T12:00:00Z */

struct shelf {
    char folder[64];
    unsigned char seed[PACKAGE_KEY_SIZE], public_key[PACKAGE_KEY_SIZE];
    struct protocol_findings findings;
    struct package package;
    struct error error;
};

static void write_file(const struct shelf *shelf, const char *name, const char *text)
{
    struct error error = { 0 };
    char *path = file_join(shelf->folder, name);
    assert_int_equal(file_write_whole(path, text, strlen(text), &error), STATUS_OK);
    free(path);
}

static void copy_sample(const struct shelf *shelf, const char *name, const char *from, const char *to)
{
    char *text = sample_text(name);
    if (from != NULL) {
        sample_change(text, from, to);
    }
    write_file(shelf, name, text);
    free(text);
}

static int setup(void **state)
{
    static struct shelf shelf;
    shelf = (struct shelf){ .folder = "/tmp/mingdi_package_XXXXXX" };
    assert_non_null(mkdtemp(shelf.folder));
    assert_true(package_key_parse(RFC_SEED, shelf.seed));
    assert_true(package_key_parse(RFC_PUBLIC, shelf.public_key));
    protocol_findings_init(&shelf.findings);
    copy_sample(&shelf, "arrest.yaml", NULL, NULL);
    copy_sample(&shelf, "chest_pain.yaml", NULL, NULL);
    *state = &shelf;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = { "arrest.yaml", "chest_pain.yaml", "more.yaml", "package.json", "package.sig",
                                         "key",         "key.pub" };
    struct shelf *shelf = *state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = file_join(shelf->folder, names[i]);
        (void)unlink(path);
        free(path);
    }
    protocol_findings_free(&shelf->findings);
    return rmdir(shelf->folder);
}

static enum status sign(struct shelf *shelf, uint64_t version)
{
    enum status status = package_sign(shelf->folder, shelf->seed, "Dr Wang", version, NOON, &shelf->package, &shelf->findings,
                                      &shelf->error);
    if (status == STATUS_OK) {
        package_free(&shelf->package);
    }
    return status;
}

/* What a reader with the key says of the folder. */
static void expect(struct shelf *shelf, enum package_signature signature, const char *why)
{
    assert_int_equal(package_read(shelf->folder, shelf->public_key, &shelf->package, &shelf->findings, &shelf->error), STATUS_OK);
    if (strstr(shelf->package.why, why) == NULL) {
        fail_msg("said '%s', expected '%s'", shelf->package.why, why);
    }
    assert_int_equal(shelf->package.signature, signature);
    package_free(&shelf->package);
}

static void test_unsigned(void **state)
{
    struct shelf *shelf = *state;
    expect(shelf, PACKAGE_UNSIGNED, "has no package.json: nobody signed these protocols");
    assert_int_equal(shelf->findings.count, 0);
}

static void test_signed(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(sign(shelf, 0), STATUS_OK);
    expect(shelf, PACKAGE_VALID, "");
    assert_int_equal(package_read(shelf->folder, NULL, &shelf->package, &shelf->findings, &shelf->error), STATUS_OK);
    assert_int_equal(shelf->package.signature, PACKAGE_UNSIGNED); /* nobody can tell without a key */
    assert_int_equal(shelf->package.list.version, 2026112201);
    assert_string_equal(shelf->package.list.signed_by, "Dr Wang");
    assert_string_equal(shelf->package.list.signed_at, "2026-11-22T12:00:00.000Z");
    assert_int_equal(shelf->package.list.count, 2);
    assert_int_equal(shelf->package.list.entries[1].number, 7);
    assert_int_equal(shelf->package.list.entries[1].version, 3);
    assert_int_equal(shelf->package.set.count, 2);
    package_free(&shelf->package);
}

static void test_changed(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(sign(shelf, 0), STATUS_OK);
    copy_sample(shelf, "chest_pain.yaml", "Let him rest", "Let her rest");
    expect(shelf, PACKAGE_REFUSED, "chest_pain.yaml was changed after it was signed");
    copy_sample(shelf, "chest_pain.yaml", NULL, NULL);
    expect(shelf, PACKAGE_VALID, "");
    write_file(shelf, "more.yaml", "protocol: more\n");
    expect(shelf, PACKAGE_REFUSED, "more.yaml is not in the list that was signed");
}

static void test_missing(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(sign(shelf, 0), STATUS_OK);
    char *path = file_join(shelf->folder, "chest_pain.yaml");
    assert_int_equal(unlink(path), 0);
    expect(shelf, PACKAGE_REFUSED, "chest_pain.yaml was signed and is missing");
    free(path);
    copy_sample(shelf, "chest_pain.yaml", NULL, NULL);
    path = file_join(shelf->folder, "package.sig");
    assert_int_equal(unlink(path), 0);
    expect(shelf, PACKAGE_REFUSED, "there is no such file");
    free(path);
}

/* Another key, another signature, another list. */
static void test_forged(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(sign(shelf, 0), STATUS_OK);
    shelf->public_key[0] ^= 1;
    expect(shelf, PACKAGE_REFUSED, "not a signature of package.json by the key of this centre");
    shelf->public_key[0] ^= 1;
    char *path = file_join(shelf->folder, "package.json");
    struct file_view view;
    assert_int_equal(file_view_open(&view, path, &shelf->error), STATUS_OK);
    char *text = calloc(1, view.size + 64);
    assert_non_null(text);
    memcpy(text, view.bytes, view.size);
    file_view_close(&view);
    sample_change(text, "Dr Wang", "Dr Wong");
    write_file(shelf, "package.json", text);
    expect(shelf, PACKAGE_REFUSED, "not a signature of package.json by the key of this centre");
    write_file(shelf, "package.sig", "abc\n");
    expect(shelf, PACKAGE_REFUSED, "not a signature of package.json by the key of this centre");
    free(text);
    free(path);
}

static void test_versions(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(sign(shelf, 0), STATUS_OK);
    assert_int_equal(sign(shelf, 0), STATUS_OK); /* the same once more: the serial rises */
    assert_int_equal(package_read(shelf->folder, shelf->public_key, &shelf->package, &shelf->findings, &shelf->error), STATUS_OK);
    assert_int_equal(shelf->package.list.version, 2026112202);
    package_free(&shelf->package);
    assert_int_equal(sign(shelf, 2026112202), STATUS_BAD_INPUT);
    assert_non_null(strstr(shelf->error.text, "version 2026112202 is not above 2026112202"));
    copy_sample(shelf, "chest_pain.yaml", "Let him rest", "Let her rest");
    assert_int_equal(sign(shelf, 0), STATUS_BAD_INPUT);
    assert_non_null(strstr(shelf->error.text, "give it one above 3"));
    copy_sample(shelf, "chest_pain.yaml", "version: 3", "version: 4");
    assert_int_equal(sign(shelf, 2026120101), STATUS_OK);
    expect(shelf, PACKAGE_VALID, "");
}

static void test_mistakes_are_not_signed(void **state)
{
    struct shelf *shelf = *state;
    copy_sample(shelf, "chest_pain.yaml", "to: rest", "to: nowhere");
    assert_int_equal(sign(shelf, 0), STATUS_BAD_INPUT);
    assert_int_equal(shelf->findings.count, 1);
    char *path = file_join(shelf->folder, "package.json");
    assert_false(file_exists(path));
    free(path);
    write_file(shelf, "chest_pain.yaml", "- not\n- a protocol\n");
    expect(shelf, PACKAGE_UNSIGNED, "");
    assert_int_equal(shelf->findings.count, 2);
    assert_non_null(strstr(shelf->findings.lines.bytes, "chest_pain.yaml:1: 'name: value' lines are wanted here"));
}

static void test_keys(void **state)
{
    struct shelf *shelf = *state;
    char *path = file_join(shelf->folder, "key"), *public_path = file_join(shelf->folder, "key.pub");
    char hex[PACKAGE_KEY_TEXT_SIZE];
    unsigned char key[PACKAGE_KEY_SIZE];
    struct stat facts;
    assert_int_equal(package_key_make(path, hex, &shelf->error), STATUS_OK);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(package_key_make(path, hex, &shelf->error), STATUS_IO); /* never replaced */
    assert_int_equal(package_key_read_secret(path, shelf->seed, &shelf->error), STATUS_OK);
    assert_int_equal(package_key_read_public(public_path, shelf->public_key, &shelf->error), STATUS_OK);
    assert_int_equal(sign(shelf, 0), STATUS_OK);
    expect(shelf, PACKAGE_VALID, "");
    assert_int_equal(package_key_read_public(path, key, &shelf->error), STATUS_BAD_INPUT);
    assert_int_equal(package_key_read_secret(public_path, key, &shelf->error), STATUS_BAD_INPUT);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(package_key_read_secret(path, key, &shelf->error), STATUS_BAD_INPUT);
    assert_non_null(strstr(shelf->error.text, "others can read the secret key"));
    assert_false(package_key_parse("d75a", key));
    assert_false(package_key_parse(RFC_SEED "00", key));
    free(path);
    free(public_path);
}

static void test_empty_folder(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(package_read("/tmp/mingdi_package_none", NULL, &shelf->package, &shelf->findings, &shelf->error),
                     STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unsigned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_signed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_versions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mistakes_are_not_signed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty_folder, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
