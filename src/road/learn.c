#include "road/learn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/random.h"

enum { STREAM_HELD_BACK = 1, ROUNDS = 30 };
static const double HUBER = 1.345;            /* of the scale; 95 % efficient where errors are normal */
static const double FIXED_S = 3, SHARE = 0.2; /* a stretch's time is uncertain by so much, and by this share of it */
static const double CLASS_SEEN_S = 5;         /* a trip counts as one on a class from so much on */

/* What was driven between some fixes. */
struct stretch {
    uint32_t trip;
    enum speed_band band;
    double seconds;
    float profile_s[ROAD_CLASS_COUNT];
};
VEC_TYPE(stretches, struct stretch);

/* A trip or a part of it without a stop. */
struct part {
    uint32_t trip;
    enum speed_band band;
    enum road_class class;
    struct match_point from, to;
    double seconds;
    double before_s, after_s; /* predicted */
};
VEC_TYPE(parts, struct part);

struct learning {
    const struct city *city;
    const struct learn_rules *rules;
    struct match_net *net;
    struct match_ways *ways;
    struct matcher *matcher;
    struct match_points points;
    struct match_parts driven;
    struct stretches stretches;
    struct parts parts;
    bool *held_back; /* by trip */
    uint32_t trip;
    /* what is being driven */
    struct stretch stretch;
    struct part part;
    double class_m[ROAD_CLASS_COUNT];
};

static enum status no_memory(struct error *error) { return ERROR(error, STATUS_NO_MEMORY, "no memory to learn speeds"); }

/* ---- from fixes to stretches and parts ---- */

static double sum_of(const float *values)
{
    double sum = 0;
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        sum += (double)values[class];
    }
    return sum;
}

static void begin_part(struct learning *learning, const struct match_point *from, struct instant at)
{
    enum speed_band band = speed_band_of(at);
    learning->part = (struct part){ .trip = learning->trip, .band = band, .from = *from };
    learning->stretch = (struct stretch){ .trip = learning->trip, .band = band };
    memset(learning->class_m, 0, sizeof learning->class_m);
}

static bool end_part(struct learning *learning)
{
    struct part *part = &learning->part;
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        part->class = learning->class_m[class] > learning->class_m[part->class] ? (enum road_class) class : part->class;
    }
    return part->seconds < LEARN_PART_S || vec_push(&learning->parts, *part);
}

/* Seconds by the profile on each class between two fixes. */
static enum status look_between(struct learning *learning, const struct match_point *from, const struct match_point *to,
                                float profile_s[ROAD_CLASS_COUNT], double class_m[ROAD_CLASS_COUNT], struct error *error)
{
    const struct city *city = learning->city;
    const road_ticks *weights = city_weights(city, learning->rules->profile);
    learning->driven.count = 0;
    TRY(match_ways_between(learning->ways, from, to, &learning->driven, error));
    for (size_t i = 0; i < learning->driven.count; i++) {
        const struct match_part *part = &learning->driven.items[i];
        enum road_class class = city_edge_class(city, city_edge_of_arc(city, part->arc));
        double share = (double)part->to - (double)part->from;
        profile_s[class] += (float)(share * weights[part->arc] / city_ticks_per_second(city));
        class_m[class] += share * city_lengths_dm(city)[part->arc] / 10;
    }
    return STATUS_OK;
}

static bool drive_on(struct learning *learning, const struct match_point *to, struct instant at, double seconds,
                     const float profile_s[ROAD_CLASS_COUNT], const double class_m[ROAD_CLASS_COUNT])
{
    struct stretch *stretch = &learning->stretch;
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        stretch->profile_s[class] += profile_s[class];
        learning->class_m[class] += class_m[class];
    }
    stretch->seconds += seconds;
    learning->part.seconds += seconds;
    learning->part.to = *to;
    if (stretch->seconds < LEARN_STRETCH_S || sum_of(stretch->profile_s) < 1) {
        return true;
    }
    bool kept = vec_push(&learning->stretches, *stretch);
    *stretch = (struct stretch){ .trip = learning->trip, .band = speed_band_of(at) };
    return kept;
}

static enum status take_points(struct learning *learning, const struct learn_trip *trip, struct error *error)
{
    for (size_t i = 0; i < learning->points.count; i++) {
        const struct match_point *to = &learning->points.items[i], *from = to - 1;
        struct instant at = trip->fixes[to->fix].at;
        float profile_s[ROAD_CLASS_COUNT] = { 0 };
        double class_m[ROAD_CLASS_COUNT] = { 0 };
        double seconds = 0;
        bool goes_on = !to->begins;
        if (goes_on) {
            seconds = duration_to_seconds(instant_since(at, trip->fixes[from->fix].at));
            TRY(look_between(learning, from, to, profile_s, class_m, error));
            double by_profile_s = sum_of(profile_s);
            goes_on = seconds <= LEARN_STOP_FACTOR * by_profile_s || seconds <= by_profile_s + LEARN_STOP_S;
        }
        if (goes_on) {
            if (!drive_on(learning, to, at, seconds, profile_s, class_m)) {
                return no_memory(error);
            }
            continue;
        }
        if (i > 0 && !end_part(learning)) {
            return no_memory(error);
        }
        begin_part(learning, to, at);
    }
    return learning->points.count == 0 || end_part(learning) ? STATUS_OK : no_memory(error);
}

static enum status take_trip(struct learning *learning, const struct learn_trip *trip, struct error *error)
{
    learning->points.count = 0;
    matcher_reset(learning->matcher);
    for (uint32_t i = 0; i < trip->count; i++) {
        TRY(matcher_add(learning->matcher, &trip->fixes[i], &learning->points, error));
    }
    TRY(matcher_finish(learning->matcher, &learning->points, error));
    return take_points(learning, trip, error);
}

/* ---- factors ---- */

struct support {
    double seconds[ROAD_CLASS_COUNT];
    uint32_t trips[ROAD_CLASS_COUNT];
};

static bool is_used(const struct learning *learning, const struct stretch *stretch, enum speed_band band)
{
    return !learning->held_back[stretch->trip] && (band == SPEED_ALL || stretch->band == band);
}

/* Stretches of a trip follow one another. */
static void find_support(const struct learning *learning, enum speed_band band, struct support *support)
{
    double of_trip[ROAD_CLASS_COUNT] = { 0 };
    *support = (struct support){ { 0 }, { 0 } };
    for (size_t i = 0; i < learning->stretches.count; i++) {
        const struct stretch *stretch = &learning->stretches.items[i];
        if (i > 0 && stretch[-1].trip != stretch->trip) {
            memset(of_trip, 0, sizeof of_trip);
        }
        for (int class = 0; class < ROAD_CLASS_COUNT && is_used(learning, stretch, band); class ++) {
            double before = of_trip[class];
            of_trip[class] += (double)stretch->profile_s[class];
            support->trips[class] += before < CLASS_SEEN_S && of_trip[class] >= CLASS_SEEN_S;
            support->seconds[class] += (double)stretch->profile_s[class];
        }
    }
}

/* The equations in normal form: matrix x delta = right, for the changes of the factors from where they are drawn to. */
struct equations {
    double matrix[ROAD_CLASS_COUNT][ROAD_CLASS_COUNT], right[ROAD_CLASS_COUNT];
};

/* By Gauss's elimination; the matrix is symmetric and positive definite, so that no pivots are sought. */
static void solve(struct equations *equations, double delta[ROAD_CLASS_COUNT])
{
    enum { N = ROAD_CLASS_COUNT };
    double(*m)[N] = equations->matrix;
    for (int k = 0; k < N; k++) {
        for (int i = k + 1; i < N; i++) {
            double share = m[i][k] / m[k][k];
            for (int j = k; j < N; j++) {
                m[i][j] -= share * m[k][j];
            }
            equations->right[i] -= share * equations->right[k];
        }
    }
    for (int i = N; i-- > 0;) {
        delta[i] = equations->right[i];
        for (int j = i + 1; j < N; j++) {
            delta[i] -= m[i][j] * delta[j];
        }
        delta[i] /= m[i][i];
    }
}

/* In units of its uncertainty. */
static double residual(const struct stretch *stretch, const double prior[ROAD_CLASS_COUNT], const double delta[ROAD_CLASS_COUNT])
{
    double expected_s = 0;
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        expected_s += (prior[class] + delta[class]) * (double)stretch->profile_s[class];
    }
    return (stretch->seconds - expected_s) / (FIXED_S + SHARE * sum_of(stretch->profile_s));
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of absolute residuals as a standard deviation. */
static double scale_of(double *sizes, size_t count)
{
    qsort(sizes, count, sizeof *sizes, by_size);
    return count == 0 ? 1 : fmax(1.4826 * sizes[count / 2], 0.05);
}

static void add_equation(const struct stretch *stretch, const bool *free_class, const double prior[ROAD_CLASS_COUNT],
                         double weight, struct equations *equations)
{
    static const double none[ROAD_CLASS_COUNT];
    double uncertain_s = FIXED_S + SHARE * sum_of(stretch->profile_s), missing = residual(stretch, prior, none);
    for (int i = 0; i < ROAD_CLASS_COUNT; i++) {
        double of_i = free_class[i] ? (double)stretch->profile_s[i] / uncertain_s : 0;
        for (int j = 0; j < ROAD_CLASS_COUNT && of_i > 0; j++) {
            equations->matrix[i][j] += free_class[j] ? weight * of_i * (double)stretch->profile_s[j] / uncertain_s : 0;
        }
        equations->right[i] += weight * of_i * missing;
    }
}

/* As heavy as LEARN_PRIOR_MINUTES stretches of a minute each, driven on that class alone just as long as the prior says. */
static void add_prior(struct equations *equations)
{
    double minute = 60 / (FIXED_S + SHARE * 60);
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        equations->matrix[class][class] += LEARN_PRIOR_MINUTES * minute * minute;
    }
}

static enum status find_factors(const struct learning *learning, enum speed_band band, const bool *free_class,
                                const double prior[ROAD_CLASS_COUNT], double factors[ROAD_CLASS_COUNT], struct error *error)
{
    const struct stretches *all = &learning->stretches;
    double delta[ROAD_CLASS_COUNT] = { 0 };
    double *sizes = malloc((all->count + 1) * sizeof *sizes);
    if (sizes == NULL) {
        return no_memory(error);
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct equations equations = { .right = { 0 } };
        size_t count = 0;
        for (size_t i = 0; i < all->count; i++) {
            if (is_used(learning, &all->items[i], band)) {
                sizes[count++] = fabs(residual(&all->items[i], prior, delta));
            }
        }
        double bound = HUBER * scale_of(sizes, count);
        for (size_t i = 0; i < all->count; i++) {
            if (is_used(learning, &all->items[i], band)) {
                double size = fabs(residual(&all->items[i], prior, delta));
                add_equation(&all->items[i], free_class, prior, size <= bound ? 1 : bound / size, &equations);
            }
        }
        add_prior(&equations);
        solve(&equations, delta);
    }
    free(sizes);
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        factors[class] = fmin(fmax(prior[class] + delta[class], SPEED_FACTOR_MIN), SPEED_FACTOR_MAX);
    }
    return STATUS_OK;
}

static enum status find_band(const struct learning *learning, enum speed_band band, const double prior[ROAD_CLASS_COUNT],
                             struct speeds *speeds, struct error *error)
{
    enum road_profile profile = learning->rules->profile;
    struct support support;
    bool free_class[ROAD_CLASS_COUNT];
    find_support(learning, band, &support);
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        free_class[class] = support.seconds[class] >= LEARN_SUPPORT_S && support.trips[class] >= LEARN_SUPPORT_TRIPS;
        speeds->trips[profile][band][class] = free_class[class] ? support.trips[class] : 0;
        speeds->hours[profile][band][class] = support.seconds[class] / 3600;
    }
    return find_factors(learning, band, free_class, prior, speeds->factor[profile][band], error);
}

static enum status find_all_bands(const struct learning *learning, struct speeds *speeds, struct error *error)
{
    double ones[ROAD_CLASS_COUNT];
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        ones[class] = 1;
    }
    speeds_init(speeds);
    TRY(find_band(learning, SPEED_ALL, ones, speeds, error));
    const double *all = speeds->factor[learning->rules->profile][SPEED_ALL];
    for (int band = SPEED_ALL + 1; band < SPEED_BAND_COUNT; band++) {
        TRY(find_band(learning, (enum speed_band)band, all, speeds, error));
    }
    return STATUS_OK;
}

/* ---- held-back trips ---- */

static double quickest_s(const struct city *city, struct cch_query *query, const road_ticks *weights, const struct part *part)
{
    struct road_place from = { .node = ROAD_NONE, .arc = { part->from.arc, ROAD_NONE }, .fraction = part->from.fraction };
    struct road_place to = { .node = ROAD_NONE, .arc = { part->to.arc, ROAD_NONE }, .fraction = part->to.fraction };
    struct road_seeds leaving, reaching;
    city_seeds_leaving(city, weights, &from, &leaving);
    city_seeds_reaching(city, weights, &to, &reaching);
    road_ticks ticks = cch_query_distance(query, &leaving, &reaching), direct = city_direct_ticks(city, weights, &from, &to);
    ticks = direct < ticks ? direct : ticks;
    return ticks < ROAD_INFINITY ? (double)ticks / city_ticks_per_second(city) : NAN;
}

/* SPEED_ALL: by the profile as it is, for all parts; else what was learned, for the parts of the band. */
static enum status predict_band(struct learning *learning, const struct speeds *speeds, enum speed_band band, road_ticks *weights,
                                struct error *error)
{
    const struct city *city = learning->city;
    enum road_profile profile = learning->rules->profile;
    struct cch_metric *metric;
    struct cch_query *query;
    if (band == SPEED_ALL) {
        memcpy(weights, city_weights(city, profile), city_graph(city)->arc_count * sizeof *weights);
    } else {
        speeds_weights(speeds, city, profile, band, weights);
    }
    TRY(cch_metric_create(city_cch(city), city_graph(city), weights, NULL, &metric, error));
    enum status status = cch_query_create(metric, &query, error);
    if (status == STATUS_OK) {
        for (size_t i = 0; i < learning->parts.count; i++) {
            struct part *part = &learning->parts.items[i];
            if (learning->held_back[part->trip] && (band == SPEED_ALL || part->band == band)) {
                *(band == SPEED_ALL ? &part->before_s : &part->after_s) = quickest_s(city, query, weights, part);
            }
        }
        cch_query_destroy(query);
    }
    cch_metric_destroy(metric);
    return status;
}

static void add_error(const struct part *part, struct learn_error *sums)
{
    sums->parts += 1;
    sums->driven_s += part->seconds;
    sums->before_mae_s += fabs(part->before_s - part->seconds);
    sums->before_bias_s += part->before_s - part->seconds;
    sums->after_mae_s += fabs(part->after_s - part->seconds);
    sums->after_bias_s += part->after_s - part->seconds;
}

static void make_mean(struct learn_error *sums)
{
    double parts = sums->parts == 0 ? 1 : sums->parts;
    sums->driven_s /= parts;
    sums->before_mae_s /= parts;
    sums->before_bias_s /= parts;
    sums->after_mae_s /= parts;
    sums->after_bias_s /= parts;
}

static void compare(const struct learning *learning, struct learned *learned)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < learning->parts.count; i++) {
        const struct part *part = &learning->parts.items[i];
        if (learning->held_back[part->trip] && isfinite(part->before_s) && isfinite(part->after_s)) {
            double gain_s = fabs(part->before_s - part->seconds) - fabs(part->after_s - part->seconds);
            add_error(part, &learned->all);
            add_error(part, &learned->band[part->band]);
            add_error(part, &learned->class[part->class]);
            sum += gain_s;
            squares += gain_s * gain_s;
        }
    }
    double parts = learned->all.parts < 2 ? 2 : learned->all.parts;
    make_mean(&learned->all);
    for (int band = 0; band < SPEED_BAND_COUNT; band++) {
        make_mean(&learned->band[band]);
    }
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        make_mean(&learned->class[class]);
    }
    learned->gain_s = sum / parts;
    learned->gain_error_s = sqrt(fmax(squares / parts - learned->gain_s * learned->gain_s, 0) / (parts - 1));
    learned->gains = learned->all.parts > 1 && learned->gain_s > 2 * learned->gain_error_s &&
                     learned->gain_s > LEARN_GAIN_MIN * learned->all.before_mae_s;
}

static enum status predict(struct learning *learning, struct learned *learned, struct error *error)
{
    road_ticks *weights = malloc(((size_t)city_graph(learning->city)->arc_count + 1) * sizeof *weights);
    enum status status = weights == NULL ? no_memory(error) : STATUS_OK;
    for (int band = 0; band < SPEED_BAND_COUNT && status == STATUS_OK; band++) {
        status = predict_band(learning, &learned->speeds, (enum speed_band)band, weights, error);
    }
    free(weights);
    if (status == STATUS_OK) {
        compare(learning, learned);
    }
    return status;
}

/* ---- all of it ---- */

static enum status take_all(struct learning *learning, const struct learn_trip *trips, uint32_t count, struct learned *learned,
                            struct error *error)
{
    uint32_t matched_held_back = 0;
    for (learning->trip = 0; learning->trip < count; learning->trip++) {
        struct random_stream stream;
        size_t before = learning->parts.count;
        random_open(&stream, learning->rules->seed, STREAM_HELD_BACK, learning->trip);
        bool held_back = random_uniform(&stream) < learning->rules->held_back;
        learning->held_back[learning->trip] = held_back;
        TRY(take_trip(learning, &trips[learning->trip], error));
        learned->trips_matched += learning->parts.count > before;
        matched_held_back += held_back && learning->parts.count > before;
    }
    learned->trips = count;
    learned->trips_held_back = matched_held_back;
    learned->stretches = (uint32_t)learning->stretches.count;
    if (matched_held_back < LEARN_TRIPS_MIN || learned->trips_matched - matched_held_back < LEARN_TRIPS_MIN) {
        return ERROR(
            error, STATUS_BAD_INPUT,
            "of %u trips %u are on the roads of %s for at least %d s, %u of them held back: %d on either side are needed "
            "to learn anything",
            count, learned->trips_matched, city_name(learning->city), LEARN_PART_S, matched_held_back, LEARN_TRIPS_MIN);
    }
    return STATUS_OK;
}

static enum status begin(struct learning *learning, uint32_t count, struct error *error)
{
    const struct match_rules rules = { .noise_m = learning->rules->noise_m, .lag = MATCH_WHOLE };
    learning->held_back = calloc((size_t)count + 1, sizeof *learning->held_back);
    if (learning->held_back == NULL) {
        return no_memory(error);
    }
    TRY(match_net_create(learning->city, learning->rules->profile, &learning->net, error));
    TRY(match_ways_create(learning->net, &learning->ways, error));
    return matcher_create(learning->net, &rules, &learning->matcher, error);
}

static void end(struct learning *learning)
{
    vec_free(&learning->points);
    vec_free(&learning->driven);
    vec_free(&learning->stretches);
    vec_free(&learning->parts);
    free(learning->held_back);
    matcher_destroy(learning->matcher);
    match_ways_destroy(learning->ways);
    match_net_destroy(learning->net);
}

enum status learn_speeds(const struct city *city, const struct learn_rules *rules, const struct learn_trip *trips, uint32_t count,
                         struct learned *learned, struct error *error)
{
    CHECK(rules->held_back > 0 && rules->held_back < 1);
    struct learning learning = { .city = city, .rules = rules };
    memset(learned, 0, sizeof *learned);
    enum status status = begin(&learning, count, error);
    if (status == STATUS_OK) {
        status = take_all(&learning, trips, count, learned, error);
    }
    if (status == STATUS_OK) {
        status = find_all_bands(&learning, &learned->speeds, error);
    }
    if (status == STATUS_OK) {
        status = predict(&learning, learned, error);
    }
    end(&learning);
    return status;
}
