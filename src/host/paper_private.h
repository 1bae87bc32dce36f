/* Inside the paper files: the two ways to know, the page that both board and forms are written on, and the words. */
#ifndef MINGDI_HOST_PAPER_PRIVATE_H
#define MINGDI_HOST_PAPER_PRIVATE_H

#include "geo/point.h"
#include "host/paper.h"

enum status paper_gather_offline(const struct paper_source *source, json_t **board, struct error *error) MUST_USE;
enum status paper_gather_online(const struct paper_source *source, json_t **board, struct error *error) MUST_USE;
enum status paper_read_telephones(const char *path, json_t *list, struct error *error) MUST_USE;

/* ---- reading the board ---- */
/* A member's text, "" where there is none; a number, 0; an instant, INSTANT_NONE. */
const char *paper_text(const json_t *object, const char *name);
int64_t paper_int(const json_t *object, const char *name);
struct instant paper_instant(const json_t *object, const char *name);
/* Of an object with lon and lat. */
bool paper_point(const json_t *object, struct geo_point *point);
/* Member "place_text": "Kungsgatan / Avenyn, Central Station". Any may be NULL. */
void paper_set_place(json_t *item, const char *road, const char *cross, const char *place);

/* ---- words ---- */
struct paper_word {
    const char *kind, *label, *en, *zh;
};
/* What the console calls it; the label itself where it has no word. */
const char *paper_word(enum paper_language language, const char *kind, const char *label);

/* ---- pages ---- */

enum { PAPER_CELL_MAX = 512, PAPER_COLUMNS_MAX = 16 };

struct paper_column {
    const char *en, *zh;
    unsigned width_mm;
};

/* A page after the other, each of fixed height, so that "page 3 of 7" is known and true. */
struct paper_pages {
    struct text *out;
    const struct paper_options *options;
    const char *title, *subtitle; /* of each page */
    bool is_landscape;
    unsigned page, page_count; /* page_count 0: being counted */
    unsigned used_tenth_mm;
    bool is_open, table_open;
    const struct paper_column *columns; /* of the table that is open */
    unsigned column_count;
    const char *heading;
    unsigned row_tenth_mm; /* the least height of its rows; not 0: to be written into by hand */
    unsigned row_count;    /* of it so far */
    bool is_harmless;      /* no personal data are in it */
};

const char *paper_say(const struct paper_options *options, const char *en, const char *zh);
/* The text as HTML: & < > " ' become references, bytes that are no UTF-8 U+FFFD. */
void paper_escape(struct text *out, const char *text);
/* write is called twice: first to count the pages. */
void paper_document(struct paper_pages *pages, const char *title, void (*write)(struct paper_pages *pages, const void *context),
                    const void *context);
void paper_page_begin(struct paper_pages *pages);
void paper_page_end(struct paper_pages *pages);
/* Room on the page: a new one is begun where there is less. */
void paper_need(struct paper_pages *pages, unsigned tenth_mm);
void paper_paragraph(struct paper_pages *pages, const char *class_name, const char *text);
/* row_tenth_mm: the least height of a row that is written into by hand; 0: as its text needs. */
void paper_table_begin(struct paper_pages *pages, const char *heading, const struct paper_column *columns, unsigned count,
                       unsigned row_tenth_mm);
/* As many cells as there are columns; the table goes on on the next page. */
void paper_row(struct paper_pages *pages, const char *const *cells);
/* The first cell, and one for all other columns. */
void paper_row_wide(struct paper_pages *pages, const char *question, const char *answer, unsigned tenth_mm);
/* A table without a row says so, if it is none to be filled in. */
void paper_table_end(struct paper_pages *pages);
/* "14:02", or with the day where that is another; "" for INSTANT_NONE. */
void paper_time(const struct paper_options *options, struct instant at, char text[24]);
/* "2026-11-22", of the printing. */
void paper_day(const struct paper_options *options, char text[16]);

#endif
