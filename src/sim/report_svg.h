/* Drawing the report's charts: a plot box with axes in SVG, and text as HTML needs it. Colours are classes that the page's style
 * sheet gives a light and a dark value; so a chart has none of its own.
 *
 * Coordinates of a chart are its data's; the viewBox is in pixels at 100 %. */
#ifndef MINGDI_SIM_REPORT_SVG_H
#define MINGDI_SIM_REPORT_SVG_H

#include <stdbool.h>

#include "base/text.h"
#include "measure/result.h"

/* As text: <, >, & and quotes escaped. */
void html_text(struct text *out, const char *string);

enum { FORMATTED_SIZE = 48 };
/* "8:05" (minutes:seconds), "1:02:03" from an hour on, a dash for NaN. */
const char *format_clock(char target[FORMATTED_SIZE], double seconds);
/* "55.0" for 0.55, more decimals for what would be told as 0.0 but is not; a dash for NaN. */
const char *format_percent(char target[FORMATTED_SIZE], double share);
/* With that many decimals; thousands apart by thin spaces; a dash for NaN. */
const char *format_number(char target[FORMATTED_SIZE], double value, int decimals);

struct chart {
    struct text *out;
    double width, height;              /* of the picture */
    double left, right, top, bottom;   /* margins around the plot */
    double x_min, x_max, y_min, y_max; /* of the data */
};

/* title and description are read out by screen readers; id must be unique in the page. The margins are set. */
void chart_begin(struct chart *chart, struct text *out, const char *id, const char *title, const char *description, double width,
                 double height);
void chart_end(struct chart *chart);
double chart_x(const struct chart *chart, double x);
double chart_y(const struct chart *chart, double y);
/* 1, 2 or 5 times a power of ten, so that about count steps fill the span; at least smallest. */
double chart_nice_step(double span, int count, double smallest);
/* Horizontal grid lines with labels; percent: data are shares. */
void chart_y_axis(struct chart *chart, double step, bool percent, const char *label);
void chart_x_label(struct chart *chart, double x, const char *text);
void chart_x_title(struct chart *chart, const char *text);
/* Corners in data coordinates; title is shown on pointing at it (may be NULL). */
void chart_bar(struct chart *chart, const char *class, double x0, double x1, double y0, double y1, const char *title);
void chart_vertical(struct chart *chart, const char *class, double x, const char *label);
/* Points in data coordinates, NaN breaks the line. stepped: each value holds until the next x. */
void chart_line(struct chart *chart, const char *class, const double *x, const double *y, unsigned count, bool stepped);
void chart_area(struct chart *chart, const char *class, const double *x, const double *y, unsigned count);

#endif
