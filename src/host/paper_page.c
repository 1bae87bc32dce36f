/* Pages of fixed height: what fits is reckoned from the widths of the texts, generously, so that what is written on a page is on
 * that page in every browser. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "host/paper_private.h"

enum {
    LANDSCAPE_HEIGHT = 1600, /* tenths of a millimetre, for what stands between head and foot */
    PORTRAIT_HEIGHT = 2480,
    HEADING_HEIGHT = 90,
    TABLE_HEAD_HEIGHT = 60,
    LINE_HEIGHT = 41,
    ROW_PADDING = 14,
    PARAGRAPH_LINE_HEIGHT = 52,
    PARAGRAPH_COLUMNS = 95, /* narrow characters a line of a portrait page */
    CELL_NARROW_MM_TENTH = 19,
};

static const char STYLE[] =
    "@page{margin:8mm}*{box-sizing:border-box}body{margin:0;background:#fff;color:#000;font:9pt/1.25 'Noto Sans','Noto Sans CJK "
    "SC',"
    "'Noto Sans SC','Microsoft YaHei','PingFang SC',Arial,sans-serif}"
    ".page{position:relative;overflow:hidden;page-break-after:always;break-after:page}.page:last-child{page-break-after:auto;"
    "break-after:auto}.landscape{width:277mm;height:190mm}.portrait{width:190mm;height:276mm}"
    "header{border-bottom:.5mm solid #000;padding-bottom:1mm;height:13mm;overflow:hidden}header b{font-size:13pt}"
    "header span{display:block}footer{position:absolute;left:0;right:0;bottom:0;border-top:.3mm solid #000;padding-top:1mm;"
    "height:8mm;overflow:hidden}footer b{float:right}h2{font-size:11pt;margin:2.5mm 0 1mm}p{margin:0 0 1.2mm}"
    "p.old{border:.7mm solid #000;padding:1mm 2mm;font-weight:bold}p.small{font-size:8pt}"
    "table{border-collapse:collapse;width:100%;table-layout:fixed}th,td{border:.2mm solid #000;padding:.5mm 1mm;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}th{border-bottom-width:.5mm;font-weight:bold}"
    "@media screen{body{background:#ddd}.page{background:#fff;margin:5mm auto;padding:0 2mm;"
    "box-shadow:0 0 2mm #888}}";

/* ---- text ---- */

void paper_escape(struct text *out, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        size_t length = utf8_sequence(text, left);
        switch (*text) {
        case '&': text_puts(out, "&amp;"); break;
        case '<': text_puts(out, "&lt;"); break;
        case '>': text_puts(out, "&gt;"); break;
        case '"': text_puts(out, "&quot;"); break;
        case '\'': text_puts(out, "&#39;"); break;
        default:
            if (length == 0) {
                text_puts(out, "\xEF\xBF\xBD");
            } else if (length > 1 || (unsigned char)*text >= ' ') {
                text_append(out, text, length);
            } else {
                text_puts(out, " ");
            }
        }
        length = length == 0 ? 1 : length;
        text += length;
        left -= length;
    }
}

void paper_time(const struct paper_options *options, struct instant at, char text[24])
{
    struct tm when, today;
    time_t seconds = (time_t)(at.us / US_PER_SECOND), now = (time_t)(options->printed_at.us / US_PER_SECOND);
    text[0] = '\0';
    if (instant_is_none(at) || at.us == INSTANT_NEVER.us || localtime_r(&seconds, &when) == NULL ||
        localtime_r(&now, &today) == NULL) {
        return;
    }
    bool same_day = when.tm_yday == today.tm_yday && when.tm_year == today.tm_year;
    (void)strftime(text, 24, same_day ? "%H:%M" : "%m-%d %H:%M", &when);
}

void paper_day(const struct paper_options *options, char text[16])
{
    struct tm day;
    time_t now = (time_t)(options->printed_at.us / US_PER_SECOND);
    text[0] = '\0';
    if (localtime_r(&now, &day) != NULL) {
        (void)strftime(text, 16, "%Y-%m-%d", &day);
    }
}

/* In narrow characters: Han and the like are twice as wide. */
static unsigned width_of(const char *text)
{
    unsigned width = 0;
    for (size_t left = strlen(text); left > 0;) {
        size_t length = utf8_sequence(text, left);
        length = length == 0 ? 1 : length;
        width += length >= 3 ? 2 : 1;
        text += length;
        left -= length;
    }
    return width;
}

/* ---- pages ---- */

static unsigned height_of_page(const struct paper_pages *pages)
{
    return pages->is_landscape ? LANDSCAPE_HEIGHT : PORTRAIT_HEIGHT;
}

void paper_page_begin(struct paper_pages *pages)
{
    CHECK(!pages->is_open);
    pages->is_open = true;
    pages->page += 1;
    pages->used_tenth_mm = 0;
    text_printf(pages->out, "<section class=\"page %s\"><header><b>", pages->is_landscape ? "landscape" : "portrait");
    paper_escape(pages->out, pages->title);
    text_puts(pages->out, "</b><span>");
    paper_escape(pages->out, pages->subtitle);
    text_puts(pages->out, "</span></header>\n");
}

void paper_page_end(struct paper_pages *pages)
{
    if (!pages->is_open) {
        return;
    }
    char number[64];
    pages->is_open = false;
    (void)snprintf(number, sizeof number, paper_say(pages->options, "page %u of %u", "第 %u 页，共 %u 页"), pages->page,
                   pages->page_count);
    text_puts(pages->out, "<footer><b>");
    paper_escape(pages->out, number);
    text_puts(pages->out, "</b>");
    paper_escape(pages->out, pages->options->program);
    if (!pages->is_harmless) {
        paper_escape(pages->out, paper_say(pages->options, " · personal data: lock it away, shred it afterwards",
                                           " · 含个人信息：妥善保管，用后销毁"));
    }
    text_puts(pages->out, "</footer></section>\n");
}

static void table_names(struct paper_pages *pages)
{
    text_puts(pages->out, "<thead><tr>");
    for (unsigned i = 0; i < pages->column_count; i++) {
        text_puts(pages->out, "<th>");
        paper_escape(pages->out, paper_say(pages->options, pages->columns[i].en, pages->columns[i].zh));
        text_puts(pages->out, "</th>");
    }
    text_puts(pages->out, "</tr></thead>");
    pages->used_tenth_mm += TABLE_HEAD_HEIGHT;
}

static void table_head(struct paper_pages *pages, bool again)
{
    text_puts(pages->out, "<h2>");
    paper_escape(pages->out, pages->heading);
    paper_escape(pages->out, again ? paper_say(pages->options, " (continued)", "（续）") : "");
    text_puts(pages->out, "</h2><table><colgroup>");
    for (unsigned i = 0; i < pages->column_count; i++) {
        text_printf(pages->out, "<col width=\"%u\">", pages->columns[i].width_mm);
    }
    text_puts(pages->out, "</colgroup>");
    pages->used_tenth_mm += HEADING_HEIGHT;
    if (pages->columns[0].en[0] != '\0') {
        table_names(pages);
    }
    text_puts(pages->out, "<tbody>\n");
}

void paper_need(struct paper_pages *pages, unsigned tenth_mm)
{
    if (pages->is_open && pages->used_tenth_mm + tenth_mm <= height_of_page(pages)) {
        return;
    }
    bool in_table = pages->table_open;
    if (in_table) {
        text_puts(pages->out, "</tbody></table>\n");
    }
    paper_page_end(pages);
    paper_page_begin(pages);
    if (in_table) {
        table_head(pages, true);
    }
}

void paper_paragraph(struct paper_pages *pages, const char *class_name, const char *text)
{
    unsigned columns = pages->is_landscape ? PARAGRAPH_COLUMNS * 3 / 2 : PARAGRAPH_COLUMNS;
    unsigned height = PARAGRAPH_LINE_HEIGHT * (1 + width_of(text) / columns);
    paper_need(pages, height);
    pages->used_tenth_mm += height;
    text_printf(pages->out, "<p class=\"%s\">", class_name);
    paper_escape(pages->out, text);
    text_puts(pages->out, "</p>\n");
}

/* ---- tables ---- */

void paper_table_begin(struct paper_pages *pages, const char *heading, const struct paper_column *columns, unsigned count,
                       unsigned row_tenth_mm)
{
    CHECK(!pages->table_open && count <= PAPER_COLUMNS_MAX);
    unsigned row = row_tenth_mm > LINE_HEIGHT ? row_tenth_mm : LINE_HEIGHT;
    /* Names of columns with a single row below them, at a page's foot, would be read past. */
    paper_need(pages, HEADING_HEIGHT + (columns[0].en[0] != '\0' ? TABLE_HEAD_HEIGHT + 2 * row : row));
    pages->heading = heading;
    pages->columns = columns;
    pages->column_count = count;
    pages->row_tenth_mm = row_tenth_mm;
    pages->row_count = 0;
    table_head(pages, false);
    pages->table_open = true;
}

/* The widths of the columns share the width of the page. */
static unsigned lines_of(const struct paper_pages *pages, const char *text, unsigned column_mm)
{
    unsigned whole_mm = 0, page_mm = pages->is_landscape ? 277 : 190;
    for (unsigned i = 0; i < pages->column_count; i++) {
        whole_mm += pages->columns[i].width_mm;
    }
    CHECK(whole_mm > 0);
    unsigned mm = column_mm * page_mm / whole_mm;
    unsigned room = mm > 4 ? (mm - 3) * 10 / CELL_NARROW_MM_TENTH : 1;
    return (width_of(text) + room - 1) / room;
}

static void row_begin(struct paper_pages *pages, unsigned lines, unsigned least_tenth_mm)
{
    CHECK(pages->table_open);
    unsigned text = (lines > 0 ? lines : 1) * LINE_HEIGHT + ROW_PADDING;
    unsigned height = text > least_tenth_mm ? text : least_tenth_mm;
    paper_need(pages, height);
    pages->used_tenth_mm += height;
    pages->row_count += 1;
    if (least_tenth_mm > 0) {
        text_printf(pages->out, "<tr style=\"height:%u.%umm\">", least_tenth_mm / 10, least_tenth_mm % 10);
    } else {
        text_puts(pages->out, "<tr>");
    }
}

static void write_cell(struct paper_pages *pages, unsigned columns, const char *text)
{
    text_printf(pages->out, columns > 1 ? "<td colspan=\"%u\">" : "<td>", columns);
    paper_escape(pages->out, text);
    text_puts(pages->out, "</td>");
}

void paper_row(struct paper_pages *pages, const char *const *cells)
{
    unsigned most = 0;
    for (unsigned i = 0; i < pages->column_count; i++) {
        unsigned lines = lines_of(pages, cells[i], pages->columns[i].width_mm);
        most = lines > most ? lines : most;
    }
    row_begin(pages, most, pages->row_tenth_mm);
    for (unsigned i = 0; i < pages->column_count; i++) {
        write_cell(pages, 1, cells[i]);
    }
    text_puts(pages->out, "</tr>\n");
}

void paper_row_wide(struct paper_pages *pages, const char *question, const char *answer, unsigned tenth_mm)
{
    unsigned rest_mm = 0;
    for (unsigned i = 1; i < pages->column_count; i++) {
        rest_mm += pages->columns[i].width_mm;
    }
    unsigned asked = lines_of(pages, question, pages->columns[0].width_mm), said = lines_of(pages, answer, rest_mm);
    row_begin(pages, asked > said ? asked : said, tenth_mm);
    write_cell(pages, 1, question);
    write_cell(pages, pages->column_count - 1, answer);
    text_puts(pages->out, "</tr>\n");
}

void paper_table_end(struct paper_pages *pages)
{
    CHECK(pages->table_open);
    if (pages->row_count == 0 && pages->row_tenth_mm == 0) {
        row_begin(pages, 1, 0);
        write_cell(pages, pages->column_count, paper_say(pages->options, "none", "无"));
        text_puts(pages->out, "</tr>\n");
    }
    pages->table_open = false;
    text_puts(pages->out, "</tbody></table>\n");
}

/* ---- the document ---- */

static void write_once(struct paper_pages *pages, const char *title, unsigned page_count,
                       void (*write)(struct paper_pages *pages, const void *context), const void *context)
{
    text_clear(pages->out);
    pages->page = 0;
    pages->page_count = page_count;
    text_printf(pages->out,
                "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" "
                "content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>",
                pages->options->language == PAPER_CHINESE ? "zh-CN" : "en");
    paper_escape(pages->out, title);
    text_printf(pages->out, "</title><style>@page{size:A4 %s}%s</style></head><body>\n",
                pages->is_landscape ? "landscape" : "portrait", STYLE);
    write(pages, context);
    paper_page_end(pages);
    text_puts(pages->out, "</body></html>\n");
}

void paper_document(struct paper_pages *pages, const char *title, void (*write)(struct paper_pages *pages, const void *context),
                    const void *context)
{
    write_once(pages, title, 0, write, context);
    write_once(pages, title, pages->page, write, context);
}
