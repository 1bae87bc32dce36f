/* Hostile bodies: command_from_json must refuse or give a well-formed command, which is then written and must read back the same.
 *
 * The input is the name of a command, a newline, and the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "wire/command_json.h"
#include "wire/entry_json.h"
#include "wire/parse.h"

enum { CAPACITY = 1 << 16, NAME_MAX_BYTES = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_back(const struct command_head *command)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 20);
    json_init(&json, &text, 0);
    command_write_form(&json, NULL, command);
    CHECK(!text.failed);
    json_t *root = NULL;
    struct error error;
    CHECK(wire_parse_object(text.bytes, text.length, &root, &error) == STATUS_OK);
    json_decref(root);
    text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *newline = size == 0 ? NULL : memchr(bytes, '\n', size);
    size_t length = newline == NULL ? 0 : (size_t)(newline - bytes);
    if (newline == NULL || length >= NAME_MAX_BYTES) {
        return 0;
    }
    char name[NAME_MAX_BYTES] = "";
    memcpy(name, bytes, length);
    size_t body_size = size - length - 1;
    char *body = malloc(body_size + 1); /* a copy of the exact length, so that a read behind it is found */
    struct command_head *command = aligned_alloc(8, CAPACITY);
    CHECK(body != NULL && command != NULL);
    memcpy(body, newline + 1, body_size);
    struct error error = { .text = "" };
    if (command_from_json(name, body, body_size, command, CAPACITY, &error) == STATUS_OK) {
        CHECK(command_is_well_formed(command, command->size));
        read_back(command);
    } else {
        CHECK(error.text[0] != '\0');
    }
    free(command);
    free(body);
    return 0;
}
