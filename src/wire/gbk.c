#include "wire/gbk.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct gbk {
    iconv_t from_utf8, to_utf8;
};

enum status gbk_open(struct gbk **gbk, struct error *error)
{
    struct gbk *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the conversion of texts");
    }
    made->from_utf8 = iconv_open("GBK", "UTF-8");
    made->to_utf8 = iconv_open("UTF-8", "GBK");
    if (made->from_utf8 == (iconv_t)-1 || made->to_utf8 == (iconv_t)-1) {
        gbk_close(made);
        return ERROR(error, STATUS_NOT_FOUND, "this system cannot convert GBK: the C library's gconv modules are missing");
    }
    *gbk = made;
    return STATUS_OK;
}

void gbk_close(struct gbk *gbk)
{
    if (gbk == NULL) {
        return;
    }
    if (gbk->from_utf8 != (iconv_t)-1) {
        (void)iconv_close(gbk->from_utf8);
    }
    if (gbk->to_utf8 != (iconv_t)-1) {
        (void)iconv_close(gbk->to_utf8);
    }
    free(gbk);
}

/* Converts as far as it goes, and puts mark (NULL: nothing) for what cannot be converted. step tells how many bytes that is. */
static size_t convert(iconv_t converter, const char *in, size_t length, char *out, size_t size, const char *mark,
                      size_t (*step)(const char *bytes, size_t left))
{
    char *from = (char *)(uintptr_t)in, *to = out;
    size_t left = length, room = size;
    (void)iconv(converter, NULL, NULL, NULL, NULL);
    while (left > 0 && iconv(converter, &from, &left, &to, &room) == (size_t)-1) {
        if (errno == E2BIG || left == 0) {
            break;
        }
        size_t skipped = step(from, left);
        from += skipped;
        left -= skipped;
        if (mark != NULL && room > 0) {
            *to++ = *mark;
            room -= 1;
        }
    }
    return size - room;
}

static size_t utf8_step(const char *bytes, size_t left)
{
    size_t length = utf8_sequence(bytes, left);
    return length > 0 ? length : 1;
}

static size_t byte_step(const char *bytes, size_t left)
{
    (void)bytes, (void)left;
    return 1;
}

size_t gbk_from_utf8(struct gbk *gbk, const char *text, uint8_t *out, size_t size)
{
    return convert(gbk->from_utf8, text, strlen(text), (char *)out, size, "?", utf8_step);
}

void gbk_to_utf8(struct gbk *gbk, const uint8_t *bytes, size_t length, char *out, size_t size)
{
    size_t written = convert(gbk->to_utf8, (const char *)bytes, length, out, size - 1, NULL, byte_step), kept = 0;
    for (size_t i = 0; i < written; i++) {
        if ((unsigned char)out[i] >= ' ' && out[i] != 0x7F) {
            out[kept++] = out[i];
        }
    }
    out[kept] = '\0';
}
