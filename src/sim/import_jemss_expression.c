/* A recursive-descent reader of short expressions. Workload: a dozen texts of some dozen bytes, of unknown origin: depth and
 * counts are bounded. */
#include "sim/import_jemss_expression.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { DEPTH_MAX = 50, VALUES_MAX = DISTRIBUTION_POINTS_MAX };

struct reader {
    const char *text, *at;
    int depth;
    struct error *error;
};

static void skip_spaces(struct reader *reader)
{
    while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r') {
        reader->at++;
    }
}

static enum status expected(const struct reader *reader, const char *what)
{
    return ERROR(reader->error, STATUS_BAD_INPUT, "expression \"%.100s\": %s expected at \"%.20s\"", reader->text, what,
                 reader->at);
}

static bool take(struct reader *reader, char wanted)
{
    skip_spaces(reader);
    if (*reader->at != wanted) {
        return false;
    }
    reader->at++;
    skip_spaces(reader);
    return true;
}

static enum status read_sum(struct reader *reader, double *value);

static enum status read_atom(struct reader *reader, double *value)
{
    if (take(reader, '(')) {
        TRY(read_sum(reader, value));
        return take(reader, ')') ? STATUS_OK : expected(reader, "\")\"");
    }
    skip_spaces(reader);
    char *end;
    if (!isdigit((unsigned char)*reader->at) && *reader->at != '.') {
        return expected(reader, "a number");
    }
    if (reader->at[0] == '0' && (reader->at[1] == 'x' || reader->at[1] == 'X')) {
        return expected(reader, "a decimal number");
    }
    *value = strtod(reader->at, &end);
    if (end == reader->at) {
        return expected(reader, "a number");
    }
    reader->at = end;
    return STATUS_OK;
}

/* Signs bind weaker than powers, as in Julia: -2^2 = -4. */
static enum status read_signed(struct reader *reader, double *value)
{
    if (++reader->depth > DEPTH_MAX) {
        return expected(reader, "fewer nested parts");
    }
    if (take(reader, '-')) {
        TRY(read_signed(reader, value));
        *value = -*value;
    } else if (take(reader, '+')) {
        TRY(read_signed(reader, value));
    } else {
        TRY(read_atom(reader, value));
        if (take(reader, '^')) {
            double exponent;
            TRY(read_signed(reader, &exponent));
            *value = pow(*value, exponent);
        }
    }
    reader->depth--;
    return STATUS_OK;
}

static enum status read_product(struct reader *reader, double *value)
{
    TRY(read_signed(reader, value));
    for (;;) {
        double other;
        if (take(reader, '*')) {
            TRY(read_signed(reader, &other));
            *value *= other;
        } else if (take(reader, '/')) {
            TRY(read_signed(reader, &other));
            *value /= other;
        } else {
            return STATUS_OK;
        }
    }
}

static enum status read_sum(struct reader *reader, double *value)
{
    TRY(read_product(reader, value));
    for (;;) {
        double other;
        if (take(reader, '+')) {
            TRY(read_product(reader, &other));
            *value += other;
        } else if (take(reader, '-')) {
            TRY(read_product(reader, &other));
            *value -= other;
        } else {
            return STATUS_OK;
        }
    }
}

static enum status read_finite(struct reader *reader, double *value)
{
    TRY(read_sum(reader, value));
    if (!isfinite(*value)) {
        return ERROR(reader->error, STATUS_BAD_INPUT, "expression \"%.100s\" is not a finite number", reader->text);
    }
    return STATUS_OK;
}

enum status jemss_number(const char *text, double *value, struct error *error)
{
    struct reader reader = { text, text, 0, error };
    double result;
    TRY(read_finite(&reader, &result));
    skip_spaces(&reader);
    if (*reader.at != '\0') {
        return expected(&reader, "the end");
    }
    *value = result;
    return STATUS_OK;
}

/* ---- distributions ---- */

struct jemss_form {
    const char *name;
    enum distribution_kind kind;
    unsigned count_min, count_max;
    unsigned time_mask; /* bit i set: value i is a duration */
};

static const struct jemss_form JEMSS_FORMS[] = {
    { "Exponential", DISTRIBUTION_EXPONENTIAL, 1, 1, 1 },
    { "Normal", DISTRIBUTION_NORMAL, 2, 2, 3 },
    { "LogNormal", DISTRIBUTION_LOGNORMAL, 2, 2, 0 },
    { "Weibull", DISTRIBUTION_WEIBULL, 2, 2, 2 },
    { "Gamma", DISTRIBUTION_GAMMA, 2, 2, 2 },
    { "Erlang", DISTRIBUTION_GAMMA, 2, 2, 2 },
    { "Uniform", DISTRIBUTION_UNIFORM, 2, 2, 3 },
    { "TriangularDist", DISTRIBUTION_TRIANGULAR, 2, 3, 7 },
    { "Bernoulli", DISTRIBUTION_BERNOULLI, 1, 1, 0 },
    { "Categorical", DISTRIBUTION_CATEGORICAL, 1, VALUES_MAX, 0 },
    { "Constant", DISTRIBUTION_CONSTANT, 1, 1, 1 },
    { "Dirac", DISTRIBUTION_CONSTANT, 1, 1, 1 },
};

static enum status read_form(struct reader *reader, const struct jemss_form **form)
{
    size_t length = 0;
    skip_spaces(reader);
    while (isalnum((unsigned char)reader->at[length])) {
        length++;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(JEMSS_FORMS); i++) {
        if (strlen(JEMSS_FORMS[i].name) == length && memcmp(JEMSS_FORMS[i].name, reader->at, length) == 0) {
            *form = &JEMSS_FORMS[i];
            reader->at += length;
            return STATUS_OK;
        }
    }
    return ERROR(reader->error, STATUS_BAD_INPUT,
                 "expression \"%.100s\" is not one of Exponential, Normal, LogNormal, Weibull, Gamma, Erlang, Uniform, "
                 "TriangularDist, Bernoulli, Categorical, Dirac",
                 reader->text);
}

/* "(a, b)" or "([a, b])". */
static enum status read_values(struct reader *reader, double *values, unsigned *count)
{
    *count = 0;
    if (!take(reader, '(')) {
        return expected(reader, "\"(\"");
    }
    bool list = take(reader, '[');
    do {
        if (*count == VALUES_MAX) {
            return expected(reader, "fewer values");
        }
        TRY(read_finite(reader, &values[(*count)++]));
    } while (take(reader, ','));
    if (list && !take(reader, ']')) {
        return expected(reader, "\",\" or \"]\"");
    }
    if (!take(reader, ')')) {
        return expected(reader, "\",\" or \")\"");
    }
    return *reader->at == '\0' ? STATUS_OK : expected(reader, "the end");
}

static void assign(struct distribution *d, const struct jemss_form *form, const double *values, unsigned count, double unit_s)
{
    double scaled[3] = { 0 };
    for (unsigned i = 0; i < count && i < ARRAY_LENGTH(scaled); i++) {
        scaled[i] = values[i] * ((form->time_mask >> i & 1) != 0 ? unit_s : 1);
    }
    d->a = scaled[0];
    d->b = scaled[1];
    if (form->kind == DISTRIBUTION_CATEGORICAL) {
        d->a = d->b = 0;
        d->point_count = count;
        memcpy(d->value, values, count * sizeof *values);
    } else if (form->kind == DISTRIBUTION_NORMAL && d->b == 0) {
        d->kind = DISTRIBUTION_CONSTANT;
    } else if (form->kind == DISTRIBUTION_LOGNORMAL) {
        d->a = exp(values[0]) * unit_s;                 /* Julia tells the mean of the logarithm */
    } else if (form->kind == DISTRIBUTION_TRIANGULAR) { /* Julia: lowest, highest[, likeliest] */
        d->c = scaled[1];
        d->b = count == 3 ? scaled[2] : (scaled[0] + scaled[1]) / 2;
    }
}

enum status jemss_distribution(const char *text, double unit_s, struct distribution *distribution, struct error *error)
{
    struct reader reader = { text, text, 0, error };
    const struct jemss_form *form = NULL;
    double values[VALUES_MAX];
    unsigned count;
    TRY(read_form(&reader, &form));
    TRY(read_values(&reader, values, &count));
    if (count < form->count_min || count > form->count_max) {
        return ERROR(error, STATUS_BAD_INPUT, "expression \"%.100s\": %s takes %u value(s), not %u", text, form->name,
                     form->count_min, count);
    }
    struct distribution made = { .kind = form->kind };
    assign(&made, form, values, count, unit_s);
    if (distribution_check(&made, error) != STATUS_OK) {
        return error_prefix(error, "expression \"%.100s\": ", text);
    }
    *distribution = made;
    return STATUS_OK;
}
