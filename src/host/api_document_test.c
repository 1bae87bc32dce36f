/* The document against the code that reads commands: the same commands, members, and the same ones may be left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "host/api_private.h"
#include "wire/command_json.h"

static json_t *read_document(void)
{
    const struct api_file *file = api_file_find("openapi.json");
    assert_non_null(file);
    json_t *document = json_loadb(file->bytes, file->size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    return document;
}

static json_t *schema_of(json_t *document, const char *group, const char *name)
{
    char key[96];
    snprintf(key, sizeof key, "%s_%s", group, name);
    return json_object_get(json_object_get(json_object_get(document, "components"), "schemas"), key);
}

static bool is_required(json_t *shape, const char *name)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(shape, "required"), i, one)
    {
        if (strcmp(json_string_value(one), name) == 0) {
            return true;
        }
    }
    return false;
}

static size_t compare_fields(json_t *shape, const struct schema_field *fields)
{
    size_t count = 0;
    for (const struct schema_field *field = fields; field->name != NULL; field++, count++) {
        char name[FIELD_NAME_SIZE];
        command_member_name(field, name);
        assert_non_null(json_object_get(json_object_get(shape, "properties"), name));
        if (is_required(shape, name) == command_member_is_optional(field)) {
            fail_msg("%s: the document and the reader disagree", name);
        }
    }
    return count;
}

static void test_commands(void **state)
{
    (void)state;
    json_t *document = read_document();
    int commands = 0;
    for (uint16_t code = 1; code <= COMMAND_KIND_MAX; code++) {
        const struct schema_kind *kind = command_kind(code);
        if (kind == NULL) {
            continue;
        }
        json_t *shape = schema_of(document, "command", kind->name);
        assert_non_null(shape);
        size_t members = 1 + compare_fields(shape, kind->fields) + (kind->item_size != 0);
        assert_int_equal(json_object_size(json_object_get(shape, "properties")), members);
        if (kind->item_size != 0) {
            assert_true(is_required(shape, "items"));
            (void)compare_fields(schema_of(document, "item", kind->item_name), kind->item_fields);
        }
        commands += 1;
    }
    assert_true(commands >= 30);
    json_decref(document);
}

/* The example of every command is one that the reader takes. */
static void test_examples(void **state)
{
    (void)state;
    static uint64_t room[512];
    json_t *document = read_document();
    for (uint16_t code = 1; code <= COMMAND_KIND_MAX; code++) {
        const struct schema_kind *kind = command_kind(code);
        char path[96];
        snprintf(path, sizeof path, "/api/v1/commands/%s", kind != NULL ? kind->name : "");
        json_t *example = NULL;
        if (kind != NULL && json_unpack(json_object_get(json_object_get(document, "paths"), path), "{s:{s:{s:{s:{s:o}}}}}",
                                        "post", "requestBody", "content", "application/json", "example", &example) == 0) {
            char *body = json_dumps(example, JSON_COMPACT);
            struct error error = { .text = "" };
            if (command_from_json(kind->name, body, strlen(body), (struct command_head *)(void *)room, sizeof room, &error) !=
                STATUS_OK) {
                fail_msg("%s: %s", kind->name, error.text);
            }
            free(body);
        } else {
            assert_null(kind);
        }
    }
    json_decref(document);
}

/* Pages ask nobody else, and carry neither script nor style in themselves: the policy of the server would not let them. */
static void test_pages(void **state)
{
    (void)state;
    static const char *const names[] = { "start.html", "no_console.html", "api.html", "style.css", "start.js", "api.js" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const struct api_file *file = api_file_find(names[i]);
        assert_non_null(file);
        assert_int_equal(strlen(file->bytes), file->size);
        assert_null(strstr(file->bytes, "http://"));
        assert_null(strstr(file->bytes, "https://"));
        assert_null(strstr(file->bytes, "<style"));
        assert_null(strstr(file->bytes, "innerHTML"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
