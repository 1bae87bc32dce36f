/* Hostile bytes as the name of a store, and as what a journal says of itself in its tables.
 *
 * The first byte chooses: 0 a URL, 1 that of a drill, 2 a folder, else rows of name and value, each ended by a zero byte. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "store/journal_meta.h"
#include "store/store.h"

enum { SIZE_MAX_TRIED = 8192 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What comes between quotes into SQL, and what people are shown. */
static void check_parsed(const struct store *store)
{
    size_t length = strlen(store->schema);
    CHECK(length < sizeof store->schema && strlen(store->shown) < sizeof store->shown && strlen(store->url) < sizeof store->url);
    if (store->kind == STORE_POSTGRES) {
        CHECK(length > 0 && strspn(store->schema, "abcdefghijklmnopqrstuvwxyz0123456789_") == length);
        CHECK(strchr(store->shown, '?') == NULL);
    }
}

/* Between the scheme and the @ there is no colon, after which a password would stand. */
static void check_no_password(const struct store *store)
{
    const char *begin = store->shown + strlen("postgres://");
    const char *end = begin + strcspn(begin, "/");
    const char *at = memrchr(begin, '@', (size_t)(end - begin));
    CHECK(at == NULL || memchr(begin, ':', (size_t)(at - begin)) == NULL);
}

static void parse_name(int choice, const char *text)
{
    struct store store;
    struct error error;
    bool is_url = choice < 2;
    if (store_parse(is_url ? NULL : text, is_url ? text : NULL, choice == 1, &store, &error) == STATUS_OK) {
        check_parsed(&store);
        if (is_url) {
            check_no_password(&store);
        }
    }
}

static void take_rows(const char *text, const char *end)
{
    struct journal_facts facts = { 0 };
    struct error error;
    bool schema_seen = false;
    while (text < end) {
        const char *value = text + strlen(text) + 1;
        if (value >= end) {
            return;
        }
        (void)!journal_meta_take(&facts, "fuzz", text, value, &schema_seen, &error);
        text = value + strlen(value) + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > SIZE_MAX_TRIED) {
        return 0;
    }
    char *text = malloc(size);
    CHECK(text != NULL);
    memcpy(text, bytes + 1, size - 1);
    text[size - 1] = '\0';
    if (bytes[0] <= 2) {
        parse_name(bytes[0], text);
    } else {
        take_rows(text, text + size);
    }
    free(text);
    return 0;
}
