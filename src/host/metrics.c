#include "host/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/time.h"

/* Workload: a thousand observations a second, one reading every few seconds. Names are few and constant: a linear search over
 * pointers finds them. What does not fit is counted as "other", so that memory stays what it is. */
enum { NAMES_MAX = 96, PAIRS_MAX = 256, STATUS_CLASSES = 6, BOUNDS = 13 };

static const struct {
    int64_t us;
    const char *text;
} BOUND[BOUNDS] = {
    { 1000, "0.001" },  { 2500, "0.0025" }, { 5000, "0.005" },  { 10000, "0.01" }, { 20000, "0.02" },
    { 50000, "0.05" },  { 100000, "0.1" },  { 250000, "0.25" }, { 500000, "0.5" }, { 1000000, "1" },
    { 2500000, "2.5" }, { 5000000, "5" },   { 10000000, "10" },
};

struct histogram {
    const char *name; /* route or command */
    uint64_t below[BOUNDS], count;
    int64_t sum_us;
};

struct pair {
    const char *name, *detail; /* command and refusal */
    uint64_t count;
};

struct metrics {
    struct histogram routes[NAMES_MAX], commands[NAMES_MAX];
    uint64_t statuses[NAMES_MAX][STATUS_CLASSES]; /* by route, hundreds of the status */
    size_t route_count, command_count, pair_count;
    struct pair pairs[PAIRS_MAX];
};

static const char OTHER[] = "other";

struct metrics *metrics_create(void)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    CHECK(metrics != NULL);
    return metrics;
}

void metrics_destroy(struct metrics *metrics) { free(metrics); }

static bool same(const char *a, const char *b) { return a == b || strcmp(a, b) == 0; }

/* The place of the name; the last one is kept for all that come too late. */
static size_t find_histogram(struct histogram *histograms, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++) {
        if (same(histograms[i].name, name)) {
            return i;
        }
    }
    if (*count < NAMES_MAX) {
        histograms[*count].name = *count < NAMES_MAX - 1 ? name : OTHER;
        return (*count)++;
    }
    return NAMES_MAX - 1;
}

static void observe(struct histogram *histogram, int64_t us)
{
    int64_t counted = us > 0 ? us : 0;
    for (size_t i = 0; i < BOUNDS; i++) {
        histogram->below[i] += counted <= BOUND[i].us;
    }
    histogram->count++;
    histogram->sum_us += counted;
}

void metrics_request(struct metrics *metrics, const char *route, unsigned status, int64_t us)
{
    size_t place = find_histogram(metrics->routes, &metrics->route_count, route);
    observe(&metrics->routes[place], us);
    metrics->statuses[place][status / 100 < STATUS_CLASSES ? status / 100 : 0]++;
}

static struct pair *find_pair(struct metrics *metrics, const char *name, const char *detail)
{
    for (size_t i = 0; i < metrics->pair_count; i++) {
        if (same(metrics->pairs[i].name, name) && same(metrics->pairs[i].detail, detail)) {
            return &metrics->pairs[i];
        }
    }
    if (metrics->pair_count < PAIRS_MAX) {
        bool last = metrics->pair_count == PAIRS_MAX - 1;
        metrics->pairs[metrics->pair_count] = (struct pair){ .name = last ? OTHER : name, .detail = last ? OTHER : detail };
        return &metrics->pairs[metrics->pair_count++];
    }
    return &metrics->pairs[PAIRS_MAX - 1];
}

void metrics_command(struct metrics *metrics, const char *command, const char *refusal, int64_t us)
{
    size_t place = find_histogram(metrics->commands, &metrics->command_count, command);
    observe(&metrics->commands[place], us);
    find_pair(metrics, command, refusal)->count++;
}

/* ---- the text form ---- */

/* help may hold no newline and label values no bare quote, backslash or newline: they are escaped. */
static void write_escaped(struct text *out, const char *value, bool quotes)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            text_puts(out, "\\n");
        } else if (*value == '\\' || (quotes && *value == '"')) {
            text_printf(out, "\\%c", *value);
        } else {
            text_append(out, value, 1);
        }
    }
}

static void write_label(struct text *out, const char *name, const char *value)
{
    text_printf(out, "%s=\"", name);
    write_escaped(out, value, true);
    text_puts(out, "\"");
}

void metrics_family(struct text *out, const char *name, const char *type, const char *help)
{
    text_printf(out, "# HELP %s ", name);
    write_escaped(out, help, false);
    text_printf(out, "\n# TYPE %s %s\n", name, type);
}

void metrics_sample(struct text *out, const char *name, const char *label, const char *value, double number)
{
    text_puts(out, name);
    if (label != NULL) {
        text_puts(out, "{");
        write_label(out, label, value);
        text_puts(out, "}");
    }
    text_printf(out, " %.17g\n", number);
}

static void sample_pair(struct text *out, const char *name, const char *const labels[2], const char *const values[2],
                        uint64_t count)
{
    text_printf(out, "%s{", name);
    write_label(out, labels[0], values[0]);
    text_puts(out, ",");
    write_label(out, labels[1], values[1]);
    text_printf(out, "} %" PRIu64 "\n", count);
}

static void write_histogram(struct text *out, const char *family, const char *label, const struct histogram *histogram)
{
    char name[128];
    const char *const labels[2] = { label, "le" };
    (void)snprintf(name, sizeof name, "%s_bucket", family);
    for (size_t i = 0; i < BOUNDS; i++) {
        sample_pair(out, name, labels, (const char *const[]){ histogram->name, BOUND[i].text }, histogram->below[i]);
    }
    sample_pair(out, name, labels, (const char *const[]){ histogram->name, "+Inf" }, histogram->count);
    (void)snprintf(name, sizeof name, "%s_sum", family);
    metrics_sample(out, name, label, histogram->name, (double)histogram->sum_us / 1e6);
    (void)snprintf(name, sizeof name, "%s_count", family);
    metrics_sample(out, name, label, histogram->name, (double)histogram->count);
}

static void write_statuses(const struct metrics *metrics, struct text *out)
{
    static const char *const classes[STATUS_CLASSES] = { "other", "1xx", "2xx", "3xx", "4xx", "5xx" };
    static const char *const labels[2] = { "route", "status" };
    metrics_family(out, "mingdi_http_requests_total", "counter", "Requests answered, by route and class of status");
    for (size_t i = 0; i < metrics->route_count; i++) {
        for (size_t class = 0; class < STATUS_CLASSES; class ++) {
            if (metrics->statuses[i][class] > 0) {
                sample_pair(out, "mingdi_http_requests_total", labels,
                            (const char *const[]){ metrics->routes[i].name, classes[class] }, metrics->statuses[i][class]);
            }
        }
    }
}

void metrics_write(const struct metrics *metrics, struct text *out)
{
    static const char *const labels[2] = { "command", "answer" };
    write_statuses(metrics, out);
    metrics_family(out, "mingdi_http_request_duration_seconds", "histogram", "From a request's arrival to its answer, by route");
    for (size_t i = 0; i < metrics->route_count; i++) {
        write_histogram(out, "mingdi_http_request_duration_seconds", "route", &metrics->routes[i]);
    }
    metrics_family(out, "mingdi_commands_total", "counter",
                   "Commands answered, by command and answer: done, or the refusal's name");
    for (size_t i = 0; i < metrics->pair_count; i++) {
        sample_pair(out, "mingdi_commands_total", labels,
                    (const char *const[]){ metrics->pairs[i].name, metrics->pairs[i].detail }, metrics->pairs[i].count);
    }
    metrics_family(out, "mingdi_command_duration_seconds", "histogram",
                   "From a command's arrival until it was durable and answered");
    for (size_t i = 0; i < metrics->command_count; i++) {
        write_histogram(out, "mingdi_command_duration_seconds", "command", &metrics->commands[i]);
    }
}
