/* SVG by hand: short, and the same bytes for the same figures. */
#include "sim/report_svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void html_text(struct text *out, const char *string)
{
    for (const char *at = string; *at != '\0'; at++) {
        switch (*at) {
        case '<': text_puts(out, "&lt;"); break;
        case '>': text_puts(out, "&gt;"); break;
        case '&': text_puts(out, "&amp;"); break;
        case '"': text_puts(out, "&quot;"); break;
        case '\'': text_puts(out, "&#39;"); break;
        default: text_append(out, at, 1);
        }
    }
}

const char *format_clock(char target[FORMATTED_SIZE], double seconds)
{
    if (!isfinite(seconds)) {
        snprintf(target, FORMATTED_SIZE, "\u2013");
        return target;
    }
    long long whole = llround(fabs(seconds));
    const char *sign = seconds < -0.5 ? "\u2212" : "";
    if (whole >= 3600) {
        snprintf(target, FORMATTED_SIZE, "%s%lld:%02lld:%02lld", sign, whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        snprintf(target, FORMATTED_SIZE, "%s%lld:%02lld", sign, whole / 60, whole % 60);
    }
    return target;
}

const char *format_percent(char target[FORMATTED_SIZE], double share)
{
    bool would_vanish = share > 0 && share < 0.0005;
    return format_number(target, 100 * share, would_vanish ? 3 : 1);
}

const char *format_number(char target[FORMATTED_SIZE], double value, int decimals)
{
    if (!isfinite(value)) {
        snprintf(target, FORMATTED_SIZE, "\u2013");
        return target;
    }
    char plain[FORMATTED_SIZE];
    if (snprintf(plain, sizeof plain, "%.*f", decimals, fabs(value) < 1e15 ? value : 1e15) >= (int)sizeof plain) {
        plain[0] = '\0';
    }
    size_t whole = strcspn(plain, "."), used = 0;
    for (size_t i = 0; plain[i] != '\0' && used + 5 < FORMATTED_SIZE; i++) {
        bool gap = i > 0 && i < whole && (whole - i) % 3 == 0 && plain[i - 1] != '-' && whole > 4;
        if (gap) {
            memcpy(target + used, "\u202f", 3);
            used += 3;
        }
        target[used++] = plain[i];
    }
    target[used] = '\0';
    return target;
}

void chart_begin(struct chart *chart, struct text *out, const char *id, const char *title, const char *description, double width,
                 double height)
{
    *chart = (struct chart){
        .out = out, .width = width, .height = height, .left = 64, .right = 26, .top = 16, .bottom = 40, .x_max = 1, .y_max = 1
    };
    text_printf(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"%s-t\"><svg class=\"chart\" viewBox=\"0 0 %g %g\" "
        "role=\"img\" aria-labelledby=\"%s-t %s-d\"><title id=\"%s-t\">",
        id, width, height, id, id, id);
    html_text(out, title);
    text_printf(out, "</title><desc id=\"%s-d\">", id);
    html_text(out, description);
    text_puts(out, "</desc>");
}

void chart_end(struct chart *chart)
{
    text_printf(chart->out, "<line class=\"axis\" x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\"/></svg></div>\n", chart->left,
                chart->height - chart->bottom, chart->width - chart->right, chart->height - chart->bottom);
}

double chart_x(const struct chart *chart, double x)
{
    double span = chart->width - chart->left - chart->right;
    return chart->left + span * (x - chart->x_min) / (chart->x_max - chart->x_min);
}

double chart_y(const struct chart *chart, double y)
{
    double span = chart->height - chart->top - chart->bottom;
    return chart->height - chart->bottom - span * (y - chart->y_min) / (chart->y_max - chart->y_min);
}

double chart_nice_step(double span, int count, double smallest)
{
    double raw = span / count;
    if (!(raw > smallest)) {
        return smallest;
    }
    double power = pow(10, floor(log10(raw)));
    double lead = raw / power;
    return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

void chart_y_axis(struct chart *chart, double step, bool percent, const char *label)
{
    int decimals = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
    for (double y = chart->y_min; y <= chart->y_max + step * 1e-6; y += step) {
        char number[FORMATTED_SIZE];
        format_number(number, percent ? 100 * y : y, percent ? 0 : decimals);
        text_printf(chart->out,
                    "<line class=\"grid\" x1=\"%g\" y1=\"%.1f\" x2=\"%g\" y2=\"%.1f\"/><text class=\"tick\" x=\"%g\" y=\"%.1f\" "
                    "text-anchor=\"end\">%s%s</text>",
                    chart->left, chart_y(chart, y), chart->width - chart->right, chart_y(chart, y), chart->left - 6,
                    chart_y(chart, y) + 4, number, percent ? "\u202f%" : "");
    }
    text_printf(chart->out, "<text class=\"tick\" transform=\"translate(13 %g) rotate(-90)\" text-anchor=\"middle\">",
                (chart->top + chart->height - chart->bottom) / 2);
    html_text(chart->out, label);
    text_puts(chart->out, "</text>\n");
}

void chart_x_label(struct chart *chart, double x, const char *text)
{
    text_printf(chart->out, "<text class=\"tick\" x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">", chart_x(chart, x),
                chart->height - chart->bottom + 16);
    html_text(chart->out, text);
    text_puts(chart->out, "</text>");
}

void chart_x_title(struct chart *chart, const char *text)
{
    text_printf(chart->out, "<text class=\"tick\" x=\"%g\" y=\"%g\" text-anchor=\"middle\">",
                (chart->left + chart->width - chart->right) / 2, chart->height - 6);
    html_text(chart->out, text);
    text_puts(chart->out, "</text>\n");
}

void chart_bar(struct chart *chart, const char *class, double x0, double x1, double y0, double y1, const char *title)
{
    double left = chart_x(chart, x0), top = chart_y(chart, y1), width = chart_x(chart, x1) - left,
           height = chart_y(chart, y0) - top;
    if (!(width > 0) || !(height > 0)) {
        return;
    }
    text_printf(chart->out, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"", class, left, top, width,
                height);
    if (title == NULL) {
        text_puts(chart->out, "/>");
        return;
    }
    text_puts(chart->out, "><title>");
    html_text(chart->out, title);
    text_puts(chart->out, "</title></rect>");
}

void chart_vertical(struct chart *chart, const char *class, double x, const char *label)
{
    if (x < chart->x_min || x > chart->x_max) {
        return;
    }
    double at = chart_x(chart, x);
    bool near_end = at > chart->width - chart->right - 130;
    text_printf(chart->out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%g\" x2=\"%.1f\" y2=\"%g\"/>", class, at, chart->top, at,
                chart->height - chart->bottom);
    text_printf(chart->out, "<text class=\"mark\" x=\"%.1f\" y=\"%g\" text-anchor=\"%s\">", at + (near_end ? -4 : 4),
                chart->top + 10, near_end ? "end" : "start");
    html_text(chart->out, label);
    text_puts(chart->out, "</text>\n");
}

void chart_line(struct chart *chart, const char *class, const double *x, const double *y, unsigned count, bool stepped)
{
    text_printf(chart->out, "<path class=\"%s\" d=\"", class);
    bool drawing = false;
    for (unsigned i = 0; i < count; i++) {
        if (!isfinite(y[i])) {
            drawing = false;
            continue;
        }
        if (drawing && stepped) {
            text_printf(chart->out, "H%.1f", chart_x(chart, x[i]));
        }
        text_printf(chart->out, "%c%.1f %.1f", drawing ? 'L' : 'M', chart_x(chart, x[i]), chart_y(chart, y[i]));
        drawing = true;
    }
    text_puts(chart->out, "\"/>\n");
}

void chart_area(struct chart *chart, const char *class, const double *x, const double *y, unsigned count)
{
    text_printf(chart->out, "<path class=\"%s\" d=\"M%.1f %.1f", class, chart_x(chart, x[0]), chart_y(chart, 0));
    for (unsigned i = 0; i < count; i++) {
        text_printf(chart->out, "L%.1f %.1f", chart_x(chart, x[i]), chart_y(chart, isfinite(y[i]) ? y[i] : 0));
    }
    text_printf(chart->out, "L%.1f %.1fZ\"/>\n", chart_x(chart, x[count - 1]), chart_y(chart, 0));
}
