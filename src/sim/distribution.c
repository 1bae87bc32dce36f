/* Distributions by inversion. Workload: six draws a call at 200,000 calls a second for the simple kinds (one logarithm each);
 * gamma takes about 1 us a draw, for its inverse has no closed form. */
#include "sim/distribution.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { ARGUMENTS_OF_ONE_MAX = DISTRIBUTION_POINTS_MAX };
static const double SECONDS_MAX = 1e9; /* 31 years: keeps sums within an instant */
static const double SHAPE_MAX = 10000;

/* Parameters of one kind: names in order; what_is_time says which are durations. */
struct kind_form {
    const char *name;
    unsigned count_min, count_max;
    const char *parameters[3]; /* NULL: without a name */
    bool is_time[3];
};

static const struct kind_form FORMS[DISTRIBUTION_KIND_COUNT] = {
    [DISTRIBUTION_CONSTANT] = { "constant", 1, 1, { NULL }, { true } },
    [DISTRIBUTION_EXPONENTIAL] = { "exponential", 1, 1, { "mean" }, { true } },
    [DISTRIBUTION_NORMAL] = { "normal", 2, 2, { "mean", "deviation" }, { true, true } },
    [DISTRIBUTION_LOGNORMAL] = { "lognormal", 2, 2, { "median", "sigma" }, { true, false } },
    [DISTRIBUTION_WEIBULL] = { "weibull", 2, 2, { "shape", "scale" }, { false, true } },
    [DISTRIBUTION_GAMMA] = { "gamma", 2, 2, { "shape", "scale" }, { false, true } },
    [DISTRIBUTION_UNIFORM] = { "uniform", 2, 2, { NULL }, { true, true } },
    [DISTRIBUTION_TRIANGULAR] = { "triangular", 3, 3, { NULL }, { true, true, true } },
    [DISTRIBUTION_BERNOULLI] = { "bernoulli", 1, 1, { NULL }, { false } },
    [DISTRIBUTION_CATEGORICAL] = { "categorical", 1, DISTRIBUTION_POINTS_MAX, { NULL }, { false } },
    [DISTRIBUTION_EMPIRICAL] = { "empirical", 2, DISTRIBUTION_POINTS_MAX, { NULL }, { true } },
};

struct distribution distribution_constant(double seconds)
{
    return (struct distribution){ .kind = DISTRIBUTION_CONSTANT, .a = seconds };
}

struct distribution distribution_exponential(double mean_s)
{
    return (struct distribution){ .kind = DISTRIBUTION_EXPONENTIAL, .a = mean_s };
}

struct distribution distribution_bernoulli(double chance)
{
    return (struct distribution){ .kind = DISTRIBUTION_BERNOULLI, .a = chance };
}

const char *distribution_kind_name(enum distribution_kind kind)
{
    CHECK(kind < DISTRIBUTION_KIND_COUNT);
    return FORMS[kind].name;
}

/* ---- checks ---- */

static enum status check_duration(double seconds, const char *what, struct error *error)
{
    if (!isfinite(seconds) || seconds > SECONDS_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "%s is not a number of seconds up to %g", what, SECONDS_MAX);
    }
    if (seconds < 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s is %g s: a duration cannot be negative", what, seconds);
    }
    return STATUS_OK;
}

static enum status check_positive(double value, double maximum, const char *what, struct error *error)
{
    if (!(value > 0) || value > maximum) {
        return ERROR(error, STATUS_BAD_INPUT, "%s is %g, but must be above 0 and at most %g", what, value, maximum);
    }
    return STATUS_OK;
}

static enum status check_chance(double value, const char *what, struct error *error)
{
    if (!(value >= 0 && value <= 1)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s is %g, but must be from 0 to 1", what, value);
    }
    return STATUS_OK;
}

static enum status check_categorical(const struct distribution *d, struct error *error)
{
    double sum = 0;
    for (unsigned i = 0; i < d->point_count; i++) {
        TRY(check_chance(d->value[i], "a chance of categorical", error));
        sum += d->value[i];
    }
    if (fabs(sum - 1) > 1e-6) {
        return ERROR(error, STATUS_BAD_INPUT, "the chances of categorical sum to %.9g, but must sum to 1", sum);
    }
    return STATUS_OK;
}

static enum status check_empirical(const struct distribution *d, struct error *error)
{
    if (d->point_count < 2 || d->chance[0] != 0 || d->chance[d->point_count - 1] != 1) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "an empirical distribution must begin with \"0: lowest\" and end with \"1: highest\"");
    }
    for (unsigned i = 0; i < d->point_count; i++) {
        TRY(check_duration(d->value[i], "a quantile", error));
        if (i > 0 && (!(d->chance[i] > d->chance[i - 1]) || !(d->value[i] >= d->value[i - 1]))) {
            return ERROR(error, STATUS_BAD_INPUT,
                         "the quantiles of an empirical distribution must rise: %g: %g comes after %g: %g", d->chance[i],
                         d->value[i], d->chance[i - 1], d->value[i - 1]);
        }
    }
    return STATUS_OK;
}

static enum status check_shape_and_scale(const struct distribution *d, struct error *error)
{
    TRY(check_duration(d->b, "scale", error));
    TRY(check_positive(d->a, SHAPE_MAX, "shape", error));
    return check_positive(d->b, SECONDS_MAX, "scale", error);
}

static enum status check_ordered(const struct distribution *d, struct error *error)
{
    bool triangular = d->kind == DISTRIBUTION_TRIANGULAR;
    TRY(check_duration(d->a, "the lowest value", error));
    TRY(check_duration(triangular ? d->c : d->b, "the highest value", error));
    if (!(d->a <= d->b) || (triangular && !(d->b <= d->c))) {
        return ERROR(error, STATUS_BAD_INPUT, "the values of %s must not fall", FORMS[d->kind].name);
    }
    return STATUS_OK;
}

enum status distribution_check(const struct distribution *d, struct error *error)
{
    switch (d->kind) {
    case DISTRIBUTION_CONSTANT: return check_duration(d->a, "the value", error);
    case DISTRIBUTION_EXPONENTIAL: return check_duration(d->a, "mean", error);
    case DISTRIBUTION_NORMAL: TRY(check_duration(d->a, "mean", error)); return check_duration(d->b, "deviation", error);
    case DISTRIBUTION_LOGNORMAL:
        TRY(check_duration(d->a, "median", error));
        if (!(d->b >= 0 && d->b <= 10)) {
            return ERROR(error, STATUS_BAD_INPUT, "sigma is %g, but must be from 0 to 10", d->b);
        }
        return STATUS_OK;
    case DISTRIBUTION_WEIBULL:
    case DISTRIBUTION_GAMMA: return check_shape_and_scale(d, error);
    case DISTRIBUTION_UNIFORM:
    case DISTRIBUTION_TRIANGULAR: return check_ordered(d, error);
    case DISTRIBUTION_BERNOULLI: return check_chance(d->a, "the chance", error);
    case DISTRIBUTION_CATEGORICAL: return check_categorical(d, error);
    case DISTRIBUTION_EMPIRICAL: return check_empirical(d, error);
    case DISTRIBUTION_KIND_COUNT: break;
    }
    UNREACHABLE();
}

/* ---- reading ---- */

struct cursor {
    const char *text, *at;
    double unit_s;
    struct error *error;
};

struct parsed_argument {
    char name[16]; /* "" without */
    double chance; /* before a colon */
    bool has_chance, has_unit;
    double value; /* in seconds when it has a unit */
};

static void skip_spaces(struct cursor *cursor)
{
    while (*cursor->at == ' ' || *cursor->at == '\t') {
        cursor->at++;
    }
}

static enum status expected(const struct cursor *cursor, const char *what)
{
    return ERROR(cursor->error, STATUS_BAD_INPUT, "distribution \"%.80s\": %s expected at \"%.20s\"", cursor->text, what,
                 cursor->at);
}

/* A word of letters and underscores; "" when there is none or it is too long for target. */
static void read_word(struct cursor *cursor, char *target, size_t size)
{
    size_t length = 0;
    while (isalpha((unsigned char)cursor->at[length]) || cursor->at[length] == '_') {
        length++;
    }
    if (length >= size) {
        length = 0;
    }
    memcpy(target, cursor->at, length);
    target[length] = '\0';
    cursor->at += length;
    skip_spaces(cursor);
}

static enum status read_number(struct cursor *cursor, double *value)
{
    char *end;
    if (strchr("+-.0123456789", *cursor->at) == NULL || *cursor->at == '\0' || strncmp(cursor->at, "0x", 2) == 0) {
        return expected(cursor, "a number");
    }
    *value = strtod(cursor->at, &end);
    if (end == cursor->at || !isfinite(*value)) {
        return expected(cursor, "a number");
    }
    cursor->at = end;
    skip_spaces(cursor);
    return STATUS_OK;
}

static enum status read_argument(struct cursor *cursor, struct parsed_argument *argument)
{
    *argument = (struct parsed_argument){ .name = "" };
    read_word(cursor, argument->name, sizeof argument->name);
    if (argument->name[0] != '\0' && *cursor->at == '=') {
        cursor->at++;
        skip_spaces(cursor);
    }
    TRY(read_number(cursor, &argument->value));
    if (*cursor->at == ':') {
        cursor->at++;
        skip_spaces(cursor);
        argument->has_chance = true;
        argument->chance = argument->value;
        TRY(read_number(cursor, &argument->value));
    }
    static const struct {
        const char *name;
        double seconds;
    } units[] = { { "s", 1 }, { "sec", 1 }, { "min", 60 }, { "h", 3600 }, { "ms", 0.001 }, { "d", 86400 } };
    char unit[16];
    const char *before = cursor->at;
    read_word(cursor, unit, sizeof unit);
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        if (strcmp(unit, units[i].name) == 0) {
            argument->has_unit = true;
            argument->value *= units[i].seconds;
            return STATUS_OK;
        }
    }
    if (unit[0] != '\0' || cursor->at != before) {
        cursor->at = before;
        return expected(cursor, "a unit (s, min, h)");
    }
    return STATUS_OK;
}

static enum status read_arguments(struct cursor *cursor, struct parsed_argument *arguments, unsigned *count)
{
    *count = 0;
    if (*cursor->at != '(') {
        return expected(cursor, "\"(\"");
    }
    do {
        cursor->at++;
        skip_spaces(cursor);
        if (*count == ARGUMENTS_OF_ONE_MAX) {
            return ERROR(cursor->error, STATUS_BAD_INPUT, "distribution \"%.80s\": more than %d values", cursor->text,
                         ARGUMENTS_OF_ONE_MAX);
        }
        TRY(read_argument(cursor, &arguments[(*count)++]));
    } while (*cursor->at == ',');
    if (*cursor->at != ')') {
        return expected(cursor, "\",\" or \")\"");
    }
    cursor->at++;
    skip_spaces(cursor);
    return *cursor->at == '\0' ? STATUS_OK : expected(cursor, "the end");
}

static enum status read_kind(struct cursor *cursor, enum distribution_kind *kind)
{
    char name[16];
    read_word(cursor, name, sizeof name);
    for (unsigned k = 0; k < DISTRIBUTION_KIND_COUNT; k++) {
        if (strcmp(name, FORMS[k].name) == 0) {
            *kind = (enum distribution_kind)k;
            return STATUS_OK;
        }
    }
    return ERROR(cursor->error, STATUS_BAD_INPUT,
                 "distribution \"%.80s\" is not one of constant, exponential, normal, lognormal, weibull, gamma, uniform, "
                 "triangular, empirical, bernoulli, categorical",
                 cursor->text);
}

/* The argument that sets parameter i: the one with its name, else the one in its place. */
static enum status take_parameter(const struct cursor *cursor, const struct kind_form *form,
                                  const struct parsed_argument *arguments, unsigned count, unsigned i, double *value)
{
    const struct parsed_argument *found = arguments[i].name[0] == '\0' ? &arguments[i] : NULL;
    for (unsigned j = 0; j < count && form->parameters[i] != NULL; j++) {
        found = strcmp(arguments[j].name, form->parameters[i]) == 0 ? &arguments[j] : found;
    }
    if (found == NULL || found->has_chance) {
        return ERROR(cursor->error, STATUS_BAD_INPUT, "distribution \"%.80s\": no %s; %s takes %s%s%s", cursor->text,
                     form->parameters[i] != NULL ? form->parameters[i] : "plain number", form->name,
                     form->parameters[0] != NULL ? form->parameters[0] : "numbers without names",
                     form->parameters[1] != NULL ? " and " : "", form->parameters[1] != NULL ? form->parameters[1] : "");
    }
    if (found->has_unit && !form->is_time[i]) {
        return ERROR(cursor->error, STATUS_BAD_INPUT, "distribution \"%.80s\": %s has no unit", cursor->text,
                     form->parameters[i] != NULL ? form->parameters[i] : "a chance");
    }
    *value = found->value * (form->is_time[i] && !found->has_unit ? cursor->unit_s : 1);
    return STATUS_OK;
}

static enum status take_list(const struct cursor *cursor, const struct parsed_argument *arguments, unsigned count,
                             struct distribution *d)
{
    bool empirical = d->kind == DISTRIBUTION_EMPIRICAL;
    d->point_count = count;
    for (unsigned i = 0; i < count; i++) {
        if (arguments[i].has_chance != empirical || arguments[i].name[0] != '\0' || (arguments[i].has_unit && !empirical)) {
            return ERROR(cursor->error, STATUS_BAD_INPUT, "distribution \"%.80s\": %s", cursor->text,
                         empirical ? "each value of empirical is \"share: duration\"" : "categorical takes plain chances");
        }
        d->chance[i] = arguments[i].chance;
        d->value[i] = arguments[i].value * (empirical && !arguments[i].has_unit ? cursor->unit_s : 1);
    }
    return STATUS_OK;
}

enum status distribution_parse(const char *text, double unit_s, struct distribution *distribution, struct error *error)
{
    struct cursor cursor = { text, text, unit_s, error };
    struct parsed_argument arguments[ARGUMENTS_OF_ONE_MAX];
    struct distribution d = { .kind = DISTRIBUTION_CONSTANT };
    unsigned count;
    skip_spaces(&cursor);
    TRY(read_kind(&cursor, &d.kind));
    TRY(read_arguments(&cursor, arguments, &count));
    const struct kind_form *form = &FORMS[d.kind];
    if (count < form->count_min || count > form->count_max) {
        return ERROR(error, STATUS_BAD_INPUT, "distribution \"%.80s\": %s takes %u value(s)%s, not %u", text, form->name,
                     form->count_min, form->count_max > form->count_min ? " or more" : "", count);
    }
    if (d.kind == DISTRIBUTION_CATEGORICAL || d.kind == DISTRIBUTION_EMPIRICAL) {
        TRY(take_list(&cursor, arguments, count, &d));
    } else {
        double *const values[] = { &d.a, &d.b, &d.c };
        for (unsigned i = 0; i < count; i++) {
            TRY(take_parameter(&cursor, form, arguments, count, i, values[i]));
        }
    }
    if (distribution_check(&d, error) != STATUS_OK) {
        return error_prefix(error, "distribution \"%.80s\": ", text);
    }
    *distribution = d;
    return STATUS_OK;
}

/* ---- writing ---- */

/* The fewest digits that read back to the same number. */
static void write_number(double value, struct text *out)
{
    char digits[40];
    for (int precision = 6; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value) {
            break;
        }
    }
    text_puts(out, digits);
}

void distribution_format(const struct distribution *d, struct text *out)
{
    const struct kind_form *form = &FORMS[d->kind];
    bool list = d->kind == DISTRIBUTION_CATEGORICAL || d->kind == DISTRIBUTION_EMPIRICAL;
    const double values[] = { d->a, d->b, d->c };
    const unsigned count = list ? d->point_count : form->count_max;
    CHECK(list || count <= ARRAY_LENGTH(values));
    text_printf(out, "%s(", form->name);
    for (unsigned i = 0; i < count; i++) {
        text_puts(out, i > 0 ? ", " : "");
        if (d->kind == DISTRIBUTION_EMPIRICAL) {
            write_number(d->chance[i], out);
            text_puts(out, ": ");
        } else if (!list && form->parameters[i] != NULL) {
            text_printf(out, "%s ", form->parameters[i]);
        }
        write_number(list ? d->value[i] : values[i], out);
        text_puts(out, (list ? d->kind == DISTRIBUTION_EMPIRICAL : form->is_time[i]) ? " s" : "");
    }
    text_puts(out, ")");
}

/* ---- special functions ---- */

double distribution_normal_cumulative(double z) { return 0.5 * erfc(-z * 0.70710678118654752440); }

static double normal_density(double z) { return 0.39894228040143267794 * exp(-0.5 * z * z); }

/* Bisection-free inverse: a rational start (Abramowitz and Stegun 26.2.23, error below 4.5e-4), then Halley steps against erfc.
 */
double distribution_normal_quantile(double p)
{
    if (p <= 0 || p >= 1) {
        return p <= 0 ? -INFINITY : INFINITY;
    }
    bool upper = p > 0.5;
    double q = upper ? 1 - p : p;
    double t = sqrt(-2 * log(q));
    double z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
    for (int i = 0; i < 3; i++) {
        double density = normal_density(z);
        if (density == 0) {
            break;
        }
        double step = (distribution_normal_cumulative(z) - q) / density;
        z -= step / (1 + 0.5 * z * step);
    }
    return upper ? -z : z;
}

/* Series below shape + 1, continued fraction by the modified Lentz method above (Abramowitz and Stegun 6.5.29, 6.5.31). */
static double gamma_series(double shape, double x, double front)
{
    double term = 1 / shape, sum = term;
    for (int n = 1; n < 100000; n++) {
        term *= x / (shape + n);
        sum += term;
        if (term < sum * 1e-17) {
            break;
        }
    }
    return front * sum;
}

static double gamma_fraction(double shape, double x, double front)
{
    double b = x + 1 - shape, c = 1e300, d = 1 / b, product = d;
    for (int n = 1; n < 100000; n++) {
        double a = -n * (n - shape);
        b += 2;
        d = a * d + b;
        d = fabs(d) < 1e-300 ? 1e-300 : d;
        c = b + a / c;
        c = fabs(c) < 1e-300 ? 1e-300 : c;
        d = 1 / d;
        double factor = d * c;
        product *= factor;
        if (fabs(factor - 1) < 1e-16) {
            break;
        }
    }
    return front * product;
}

double distribution_gamma_cumulative(double shape, double x)
{
    if (!(x > 0)) {
        return 0;
    }
    if (isinf(x)) {
        return 1;
    }
    double front = exp(shape * log(x) - x - lgamma(shape));
    return x < shape + 1 ? gamma_series(shape, x, front) : 1 - gamma_fraction(shape, x, front);
}

/* Newton with Halley's correction on the cumulative, kept inside a bracket that shrinks, so that it cannot run away. The start is
 * Wilson and Hilferty's cube for shapes above 1, else the power law at 0. */
static double gamma_quantile(double shape, double p)
{
    if (p <= 0 || p >= 1) {
        return p <= 0 ? 0 : INFINITY;
    }
    double z = distribution_normal_quantile(p);
    double cube = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape));
    double x = shape > 1 && cube > 0 ? shape * cube * cube * cube : exp((log(p) + lgamma(shape + 1)) / shape);
    double low = 0, high = INFINITY;
    for (int i = 0; i < 100; i++) {
        double difference = distribution_gamma_cumulative(shape, x) - p;
        *(difference > 0 ? &high : &low) = x;
        double density = exp((shape - 1) * log(x) - x - lgamma(shape));
        double step = difference / density;
        double slope = (shape - 1) / x - 1;
        double next = x - step / (1 - 0.5 * fmin(1, step * slope));
        if (!(next > low && next < high)) {
            next = isinf(high) ? 2 * x : 0.5 * (low + high);
        }
        if (fabs(next - x) <= 1e-14 * x || next == 0) {
            return next;
        }
        x = next;
    }
    return x;
}

/* ---- draws and figures ---- */

static double empirical_quantile(const struct distribution *d, double p)
{
    unsigned i = 1;
    while (i + 1 < d->point_count && p > d->chance[i]) {
        i++;
    }
    double share = (p - d->chance[i - 1]) / (d->chance[i] - d->chance[i - 1]);
    return d->value[i - 1] + share * (d->value[i] - d->value[i - 1]);
}

static double categorical_index(const struct distribution *d, double p)
{
    double below = 0;
    unsigned last = 0;
    for (unsigned i = 0; i < d->point_count; i++) {
        below += d->value[i];
        last = d->value[i] > 0 ? i : last;
        if (p < below) {
            return i;
        }
    }
    return last;
}

static double triangular_quantile(const struct distribution *d, double p)
{
    double width = d->c - d->a;
    if (width == 0) {
        return d->a;
    }
    return p < (d->b - d->a) / width ? d->a + sqrt(p * width * (d->b - d->a)) : d->c - sqrt((1 - p) * width * (d->c - d->b));
}

double distribution_quantile(const struct distribution *d, double p)
{
    switch (d->kind) {
    case DISTRIBUTION_CONSTANT: return d->a;
    case DISTRIBUTION_EXPONENTIAL: return d->a == 0 ? 0 : -d->a * log1p(-p);
    case DISTRIBUTION_NORMAL: return d->b == 0 ? d->a : fmax(0, d->a + d->b * distribution_normal_quantile(p));
    case DISTRIBUTION_LOGNORMAL: return d->b == 0 || d->a == 0 ? d->a : d->a * exp(d->b * distribution_normal_quantile(p));
    case DISTRIBUTION_WEIBULL: return d->b * pow(-log1p(-p), 1 / d->a);
    case DISTRIBUTION_GAMMA: return d->b * gamma_quantile(d->a, p);
    case DISTRIBUTION_UNIFORM: return d->a + p * (d->b - d->a);
    case DISTRIBUTION_TRIANGULAR: return triangular_quantile(d, p);
    case DISTRIBUTION_BERNOULLI: return p >= 1 - d->a && d->a > 0 ? 1 : 0;
    case DISTRIBUTION_CATEGORICAL: return categorical_index(d, p);
    case DISTRIBUTION_EMPIRICAL: return empirical_quantile(d, p);
    case DISTRIBUTION_KIND_COUNT: break;
    }
    UNREACHABLE();
}

double distribution_sample(const struct distribution *d, struct random_stream *stream)
{
    double u = random_uniform_open(stream); /* 1 - u is exact: both lie on a grid of 2^-53 */
    return d->kind == DISTRIBUTION_EXPONENTIAL ? -d->a * log(u) : distribution_quantile(d, 1 - u);
}

/* Mean of the k-th power, k = 1 or 2, where it has a closed form through other functions. */
static double empirical_moment(const struct distribution *d, int k)
{
    double sum = 0;
    for (unsigned i = 1; i < d->point_count; i++) {
        double a = d->value[i - 1], b = d->value[i], p = d->chance[i] - d->chance[i - 1];
        sum += p * (k == 1 ? (a + b) / 2 : (a * a + a * b + b * b) / 3);
    }
    return sum;
}

static double categorical_moment(const struct distribution *d, int k)
{
    double sum = 0;
    for (unsigned i = 0; i < d->point_count; i++) {
        sum += d->value[i] * (k == 1 ? i : (double)i * i);
    }
    return sum;
}

/* A normal whose negative part is moved to 0: E[X] = m F(r) + s f(r), E[X^2] = (m^2 + s^2) F(r) + m s f(r) with r = m / s. */
static double normal_moment(const struct distribution *d, int k)
{
    if (d->b == 0) {
        return k == 1 ? d->a : d->a * d->a;
    }
    double ratio = d->a / d->b, below = distribution_normal_cumulative(ratio), density = normal_density(ratio);
    return k == 1 ? d->a * below + d->b * density : (d->a * d->a + d->b * d->b) * below + d->a * d->b * density;
}

double distribution_mean(const struct distribution *d)
{
    switch (d->kind) {
    case DISTRIBUTION_CONSTANT:
    case DISTRIBUTION_EXPONENTIAL:
    case DISTRIBUTION_BERNOULLI: return d->a;
    case DISTRIBUTION_NORMAL: return normal_moment(d, 1);
    case DISTRIBUTION_LOGNORMAL: return d->a * exp(d->b * d->b / 2);
    case DISTRIBUTION_WEIBULL: return d->b * tgamma(1 + 1 / d->a);
    case DISTRIBUTION_GAMMA: return d->a * d->b;
    case DISTRIBUTION_UNIFORM: return (d->a + d->b) / 2;
    case DISTRIBUTION_TRIANGULAR: return (d->a + d->b + d->c) / 3;
    case DISTRIBUTION_CATEGORICAL: return categorical_moment(d, 1);
    case DISTRIBUTION_EMPIRICAL: return empirical_moment(d, 1);
    case DISTRIBUTION_KIND_COUNT: break;
    }
    UNREACHABLE();
}

double distribution_variance(const struct distribution *d)
{
    double mean = distribution_mean(d);
    switch (d->kind) {
    case DISTRIBUTION_CONSTANT: return 0;
    case DISTRIBUTION_EXPONENTIAL: return d->a * d->a;
    case DISTRIBUTION_BERNOULLI: return d->a * (1 - d->a);
    case DISTRIBUTION_NORMAL: return normal_moment(d, 2) - mean * mean;
    case DISTRIBUTION_LOGNORMAL: return mean * mean * expm1(d->b * d->b);
    case DISTRIBUTION_WEIBULL: return d->b * d->b * tgamma(1 + 2 / d->a) - mean * mean;
    case DISTRIBUTION_GAMMA: return d->a * d->b * d->b;
    case DISTRIBUTION_UNIFORM: return (d->b - d->a) * (d->b - d->a) / 12;
    case DISTRIBUTION_TRIANGULAR: return (d->a * d->a + d->b * d->b + d->c * d->c - d->a * d->b - d->a * d->c - d->b * d->c) / 18;
    case DISTRIBUTION_CATEGORICAL: return categorical_moment(d, 2) - mean * mean;
    case DISTRIBUTION_EMPIRICAL: return empirical_moment(d, 2) - mean * mean;
    case DISTRIBUTION_KIND_COUNT: break;
    }
    UNREACHABLE();
}

static double empirical_cumulative(const struct distribution *d, double x)
{
    if (x < d->value[0]) {
        return 0;
    }
    double p = 1;
    for (unsigned i = d->point_count - 1; i > 0 && x < d->value[i]; i--) {
        double rise = d->value[i] - d->value[i - 1];
        p = x < d->value[i - 1] ? p : d->chance[i - 1] + (d->chance[i] - d->chance[i - 1]) * (x - d->value[i - 1]) / rise;
    }
    return p;
}

static double triangular_cumulative(const struct distribution *d, double x)
{
    if (x <= d->a || x >= d->c) {
        return x >= d->c ? 1 : 0;
    }
    double width = d->c - d->a;
    return x < d->b ? (x - d->a) * (x - d->a) / (width * (d->b - d->a)) : 1 - (d->c - x) * (d->c - x) / (width * (d->c - d->b));
}

static double categorical_cumulative(const struct distribution *d, double x)
{
    double sum = 0;
    for (unsigned i = 0; i < d->point_count && (double)i <= x; i++) {
        sum += d->value[i];
    }
    return fmin(sum, 1);
}

double distribution_cumulative(const struct distribution *d, double x)
{
    if (x < 0) {
        return 0;
    }
    switch (d->kind) {
    case DISTRIBUTION_CONSTANT: return x >= d->a ? 1 : 0;
    case DISTRIBUTION_EXPONENTIAL: return d->a == 0 ? 1 : -expm1(-x / d->a);
    case DISTRIBUTION_NORMAL: return d->b == 0 ? (x >= d->a ? 1 : 0) : distribution_normal_cumulative((x - d->a) / d->b);
    case DISTRIBUTION_LOGNORMAL:
        if (d->b == 0 || d->a == 0 || x == 0) {
            return x >= d->a ? 1 : 0;
        }
        return distribution_normal_cumulative(log(x / d->a) / d->b);
    case DISTRIBUTION_WEIBULL: return -expm1(-pow(x / d->b, d->a));
    case DISTRIBUTION_GAMMA: return distribution_gamma_cumulative(d->a, x / d->b);
    case DISTRIBUTION_UNIFORM: return x >= d->b ? 1 : x <= d->a ? 0 : (x - d->a) / (d->b - d->a);
    case DISTRIBUTION_TRIANGULAR: return triangular_cumulative(d, x);
    case DISTRIBUTION_BERNOULLI: return x >= 1 ? 1 : 1 - d->a;
    case DISTRIBUTION_CATEGORICAL: return categorical_cumulative(d, x);
    case DISTRIBUTION_EMPIRICAL: return empirical_cumulative(d, x);
    case DISTRIBUTION_KIND_COUNT: break;
    }
    UNREACHABLE();
}
