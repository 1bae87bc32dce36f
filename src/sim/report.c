/* Both reports, written whole or not at all. */
#include "sim/report.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"

enum { REPORT_BYTES_MAX = 64 << 20 };

static enum status write_part(void (*write)(const struct report_input *, struct text *), const struct report_input *input,
                              const char *folder, const char *name, struct error *error)
{
    struct text out;
    text_init(&out, REPORT_BYTES_MAX);
    write(input, &out);
    char *path = file_join(folder, name);
    enum status status = out.failed ? ERROR(error, STATUS_NO_MEMORY, "%s: the report is larger than %d MB, or memory was refused",
                                            path, REPORT_BYTES_MAX >> 20)
                                    : file_write_whole(path, out.bytes, out.length, error);
    free(path);
    text_free(&out);
    return status;
}

enum status report_write(const struct report_input *input, const char *folder, struct error *error)
{
    TRY(write_part(report_json_write, input, folder, "report.json", error));
    return write_part(report_html_write, input, folder, "report.html", error);
}
