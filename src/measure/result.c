/* From rows to figures: for each interval one sort of its samples; handing the sorted samples out to the groups one after the
 * other leaves each group sorted, so that every percentile of every group is read off. */
#include "measure/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "measure/measure_private.h"

#define TICKS_PER_SECOND (US_PER_SECOND / ROW_TICK_US)

const char *const FIGURE_NAMES[FIGURE_COUNT] = {
    "calls_per_day",
    "response_mean_s",
    "response_median_s",
    "response_p90_s",
    "within_target",
    "queue_delay_all_s",
    "queue_delay_queued_s",
    "queued",
    "lost_unit",
    "diversions_per_100",
    "reached_from_post",
    "reached_returning",
    "reached_freed",
    "reached_diverted",
    "trip_s",
    "transport_trip_s",
    "service_s",
    "transported",
    "satisfaction",
};
const char *const SYSTEM_NAMES[SYSTEM_COUNT] = {
    "busy",
    "returning",
    "at_post",
    "to_scene",
    "at_scene",
    "to_facility",
    "at_facility",
    "out_of_service",
    "units_on_duty",
    "dispatches_per_day",
    "dispatches_from_post",
    "dispatches_returning",
    "dispatches_freed",
    "dispatches_diverted",
    "calls_in_system",
    "queue_length",
    "queue_most",
    "days",
};
const char *const SAMPLE_NAMES[SAMPLE_COUNT] = { "n", "missing", "afterwards", "mean_s", "p50_s", "p90_s", "p95_s", "p99_s" };

/* ---- layout ---- */

struct measure_layout measure_layout(uint32_t district_count, uint32_t facility_count, uint32_t unit_count)
{
    struct measure_layout layout = { .district_count = district_count,
                                     .facility_count = facility_count,
                                     .unit_count = unit_count };
    layout.group_count = GROUPS_BEFORE_DISTRICTS + (district_count + 1) * (1 + PRIORITY_COUNT);
    size_t at = FIGURE_COUNT * (1 + PRIORITY_COUNT) + SYSTEM_COUNT;
    layout.intervals = at;
    layout.indicators = at += (size_t)INTERVAL_COUNT * layout.group_count * SAMPLE_COUNT;
    layout.histogram = at += (size_t)INDICATOR_COUNT * layout.group_count * INDICATOR_STATISTIC_COUNT;
    layout.facilities = at += (1 + PRIORITY_COUNT) * HISTOGRAM_BINS;
    layout.facility_hours = at += ((size_t)facility_count + 1) * FACILITY_FIGURE_COUNT;
    layout.activity_hours = at += ((size_t)facility_count + 1) * HOURS_OF_DAY;
    layout.week_hours = at += HOURS_OF_DAY * ACTIVITY_COUNT;
    layout.units = at += HOURS_OF_WEEK * WEEK_FIGURE_COUNT;
    layout.results = at += (size_t)unit_count * ACTIVITY_COUNT;
    layout.total = at + CALL_RESULT_COUNT;
    return layout;
}

size_t place_figure(const struct measure_layout *layout, enum figure figure, uint32_t group)
{
    (void)layout;
    CHECK(group <= PRIORITY_COUNT);
    return (size_t)figure * (1 + PRIORITY_COUNT) + group;
}

size_t place_system(const struct measure_layout *layout, enum system_figure figure)
{
    (void)layout;
    return FIGURE_COUNT * (1 + PRIORITY_COUNT) + (size_t)figure;
}

size_t place_sample(const struct measure_layout *layout, enum interval interval, uint32_t group, enum sample_statistic statistic)
{
    CHECK(group < layout->group_count);
    return layout->intervals + ((size_t)interval * layout->group_count + group) * SAMPLE_COUNT + (size_t)statistic;
}

size_t place_indicator(const struct measure_layout *layout, enum indicator indicator, uint32_t group,
                       enum indicator_statistic statistic)
{
    CHECK(group < layout->group_count);
    return layout->indicators + ((size_t)indicator * layout->group_count + group) * INDICATOR_STATISTIC_COUNT + (size_t)statistic;
}

size_t place_histogram(const struct measure_layout *layout, uint32_t group, unsigned bin)
{
    CHECK(group <= PRIORITY_COUNT && bin < HISTOGRAM_BINS);
    return layout->histogram + (size_t)group * HISTOGRAM_BINS + bin;
}

size_t place_facility(const struct measure_layout *layout, uint32_t facility, enum facility_figure figure)
{
    CHECK(facility <= layout->facility_count);
    return layout->facilities + (size_t)facility * FACILITY_FIGURE_COUNT + (size_t)figure;
}

size_t place_facility_hour(const struct measure_layout *layout, uint32_t facility, unsigned hour)
{
    CHECK(facility <= layout->facility_count && hour < HOURS_OF_DAY);
    return layout->facility_hours + (size_t)facility * HOURS_OF_DAY + hour;
}

size_t place_activity_hour(const struct measure_layout *layout, unsigned hour, enum activity activity)
{
    CHECK(hour < HOURS_OF_DAY);
    return layout->activity_hours + (size_t)hour * ACTIVITY_COUNT + (size_t)activity;
}

size_t place_week_hour(const struct measure_layout *layout, unsigned hour_of_week, enum week_figure figure)
{
    CHECK(hour_of_week < HOURS_OF_WEEK);
    return layout->week_hours + (size_t)hour_of_week * WEEK_FIGURE_COUNT + (size_t)figure;
}

size_t place_unit(const struct measure_layout *layout, uint32_t unit, enum activity activity)
{
    CHECK(unit >= 1 && unit <= layout->unit_count);
    return layout->units + (size_t)(unit - 1) * ACTIVITY_COUNT + (size_t)activity;
}

size_t place_call_result(const struct measure_layout *layout, enum call_result result)
{
    return layout->results + (size_t)result;
}

/* ---- the samples of one interval ---- */

struct sample {
    uint32_t value; /* ticks */
    uint32_t group; /* district x (priorities and none) x hours, packed by pack_group */
};

struct computing {
    const struct measure *measure;
    const struct measure_layout *layout;
    double *values;
    struct sample *samples, *scratch;      /* room for every row */
    uint32_t *sorted;                      /* room for every row: one grouping after another */
    size_t *group_first;                   /* group_count + 1: where each group of the current grouping begins */
    size_t *missing, *afterwards;          /* group_count: of the current interval */
    uint32_t target_ticks[PRIORITY_COUNT]; /* 0: none */
};

static uint32_t pack_group(uint32_t district, uint32_t priority, uint32_t hour)
{
    return (district * (PRIORITY_COUNT + 1) + priority) * HOURS_OF_DAY + hour;
}

/* Beside them: the case was entered from paper. 65,535 districts leave the bit free. */
#define PACKED_AFTERWARDS 0x80000000u

static uint32_t pack_call(const struct call_row *row)
{
    uint32_t packed = pack_group(row->district, row->priority, row->hour_of_week % HOURS_OF_DAY);
    return row->afterwards ? packed | PACKED_AFTERWARDS : packed;
}

static uint32_t pack_mission(const struct mission_row *row)
{
    uint32_t packed = pack_group(row->district, row->priority, row->hour_of_week % HOURS_OF_DAY);
    return row->afterwards ? packed | PACKED_AFTERWARDS : packed;
}

static bool is_afterwards(uint32_t packed) { return (packed & PACKED_AFTERWARDS) != 0; }
static uint32_t plain(uint32_t packed) { return packed & ~PACKED_AFTERWARDS; }
static uint32_t hour_of(uint32_t packed) { return plain(packed) % HOURS_OF_DAY; }
static uint32_t priority_of(uint32_t packed) { return plain(packed) / HOURS_OF_DAY % (PRIORITY_COUNT + 1); }
static uint32_t district_of(uint32_t packed) { return plain(packed) / HOURS_OF_DAY / (PRIORITY_COUNT + 1); }

/* How samples fall into groups, one partition at a time; GROUP_NONE: into none of it. */
enum { GROUP_NONE = UINT32_MAX, GROUPING_COUNT = 5 };

static uint32_t group_of(uint32_t packed, unsigned grouping)
{
    uint32_t priority = priority_of(packed);
    switch (grouping) {
    case 0: return group_all();
    case 1: return priority < PRIORITY_COUNT ? group_priority(priority) : GROUP_NONE;
    case 2: return group_hour(hour_of(packed));
    case 3: return group_district(district_of(packed));
    default: return priority < PRIORITY_COUNT ? group_district_priority(district_of(packed), priority) : GROUP_NONE;
    }
}

/* Least significant digit first, 11 bits at a time. After three passes the result stands in scratch, so it is copied back. */
static void sort_samples(struct sample *samples, struct sample *scratch, size_t count)
{
    enum { BITS = 11, BUCKETS = 1 << BITS, PASSES = 3 };
    struct sample *from = samples, *to = scratch;
    for (unsigned pass = 0; pass < PASSES; pass++) {
        size_t first[BUCKETS + 1] = { 0 };
        unsigned shift = pass * BITS;
        for (size_t i = 0; i < count; i++) {
            first[(from[i].value >> shift & (BUCKETS - 1)) + 1]++;
        }
        for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
            first[bucket + 1] += first[bucket];
        }
        for (size_t i = 0; i < count; i++) {
            to[first[from[i].value >> shift & (BUCKETS - 1)]++] = from[i];
        }
        struct sample *swap = from;
        from = to;
        to = swap;
    }
    if (count > 0) {
        memcpy(samples, scratch, count * sizeof *samples);
    }
}

static bool take_sample(const uint32_t *at, uint8_t from, uint8_t to, uint32_t *value)
{
    if (at[from] == ROW_MISSING || at[to] == ROW_MISSING || at[to] < at[from]) {
        return false;
    }
    *value = at[to] - at[from];
    return true;
}

static void count_missing(struct computing *computing, uint32_t packed)
{
    for (unsigned grouping = 0; grouping < GROUPING_COUNT; grouping++) {
        uint32_t group = group_of(packed, grouping);
        if (group != GROUP_NONE) {
            computing->missing[group]++;
        }
    }
}

static bool call_belongs(const struct call_row *row, uint8_t population)
{
    if (population == POPULATION_CALLS) {
        return row->result != CALL_RESULT_UNFINISHED &&
               (row->result != CALL_RESULT_LOST || row->at[STAGE_CALL_ANSWERED] != ROW_MISSING);
    }
    if (population == POPULATION_ARRESTS) {
        return row->in_incident && row->result != CALL_RESULT_UNFINISHED && row->at[STAGE_ARREST_RECOGNISED] != ROW_MISSING;
    }
    return row->in_incident && row->result == CALL_RESULT_SERVED;
}

static bool mission_belongs(const struct mission_row *row, uint8_t population)
{
    switch (population) {
    case POPULATION_TRANSPORTS: return row->transported;
    case POPULATION_TREATED: return !row->transported;
    case POPULATION_RETURNS: return row->at[STAGE_BACK_AT_POST - STAGE_UNIT_ASSIGNED] != ROW_MISSING;
    default: return true;
    }
}

static size_t gather_calls(struct computing *computing, const struct interval_definition *interval)
{
    size_t count = 0;
    for (size_t i = 0; i < computing->measure->call_rows.count; i++) {
        const struct call_row *row = &computing->measure->call_rows.items[i];
        if (!call_belongs(row, interval->population)) {
            continue;
        }
        uint32_t packed = pack_call(row), value;
        if (take_sample(row->at, interval->from, interval->to, &value)) {
            computing->samples[count++] = (struct sample){ value, packed };
        } else {
            count_missing(computing, packed);
        }
    }
    return count;
}

static size_t gather_missions(struct computing *computing, const struct interval_definition *interval)
{
    size_t count = 0;
    uint8_t from = (uint8_t)(interval->from - STAGE_UNIT_ASSIGNED), to = (uint8_t)(interval->to - STAGE_UNIT_ASSIGNED);
    for (size_t i = 0; i < computing->measure->mission_rows.count; i++) {
        const struct mission_row *row = &computing->measure->mission_rows.items[i];
        if (!mission_belongs(row, interval->population)) {
            continue;
        }
        uint32_t packed = pack_mission(row), value;
        if (take_sample(row->at, from, to, &value)) {
            computing->samples[count++] = (struct sample){ value, packed };
        } else {
            count_missing(computing, packed);
        }
    }
    return count;
}

static size_t gather(struct computing *computing, enum interval interval)
{
    const struct interval_definition *definition = &INTERVALS[interval];
    memset(computing->missing, 0, computing->layout->group_count * sizeof *computing->missing);
    bool of_calls = definition->population <= POPULATION_ARRESTS;
    return of_calls ? gather_calls(computing, definition) : gather_missions(computing, definition);
}

/* Sorted samples into one grouping: computing->sorted, group by group, each rising. */
static void hand_out(struct computing *computing, size_t count, unsigned grouping)
{
    size_t *first = computing->group_first;
    memset(first, 0, (computing->layout->group_count + 1) * sizeof *first);
    memset(computing->afterwards, 0, computing->layout->group_count * sizeof *computing->afterwards);
    for (size_t i = 0; i < count; i++) {
        uint32_t group = group_of(computing->samples[i].group, grouping);
        if (group != GROUP_NONE) {
            first[group + 1]++;
            computing->afterwards[group] += is_afterwards(computing->samples[i].group);
        }
    }
    for (uint32_t group = 0; group < computing->layout->group_count; group++) {
        first[group + 1] += first[group];
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t group = group_of(computing->samples[i].group, grouping);
        if (group != GROUP_NONE) {
            computing->sorted[first[group]++] = computing->samples[i].value;
        }
    }
    memmove(first + 1, first, computing->layout->group_count * sizeof *first); /* each first is now the next one's */
    first[0] = 0;
}

static double seconds(double ticks) { return ticks / (double)TICKS_PER_SECOND; }

static double mean_ticks(const uint32_t *sorted, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += sorted[i];
    }
    return count == 0 ? not_a_number() : (double)sum / (double)count;
}

/* How many of the sorted values are at or below the limit. */
static size_t count_within(const uint32_t *sorted, size_t count, double limit_s)
{
    uint32_t limit = (uint32_t)(limit_s * (double)TICKS_PER_SECOND + 0.5);
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] <= limit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static double share_of(size_t part, size_t whole) { return whole == 0 ? not_a_number() : (double)part / (double)whole; }

static double indicator_of(const struct indicator_definition *indicator, const uint32_t *sorted, size_t count)
{
    switch (indicator->statistic) {
    case STATISTIC_WITHIN: return share_of(count_within(sorted, count, indicator->limit_s), count);
    case STATISTIC_BEYOND: return share_of(count - count_within(sorted, count, indicator->limit_s), count);
    case STATISTIC_MEAN: return seconds(mean_ticks(sorted, count));
    case STATISTIC_P50: return seconds(quantile_sorted(sorted, count, 0.50));
    default: CHECK(indicator->statistic == STATISTIC_P90); return seconds(quantile_sorted(sorted, count, 0.90));
    }
}

/* An indicator of one priority says nothing about groups of another. */
static bool indicator_speaks_of(const struct indicator_definition *indicator, uint32_t group)
{
    if (indicator->priority == PRIORITY_COUNT) {
        return true;
    }
    if (group >= GROUPS_BEFORE_DISTRICTS) {
        return (group - GROUPS_BEFORE_DISTRICTS) % (1 + PRIORITY_COUNT) == 1u + indicator->priority;
    }
    return group == group_priority(indicator->priority);
}

static void write_indicators(struct computing *computing, enum interval interval, uint32_t group, const uint32_t *sorted,
                             size_t count)
{
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const struct indicator_definition *indicator = &INDICATORS[i];
        bool by_samples = indicator->statistic < STATISTIC_WITHIN_TARGET;
        if (indicator->interval != interval || !by_samples || !indicator_speaks_of(indicator, group)) {
            continue;
        }
        double *at = &computing->values[place_indicator(computing->layout, (enum indicator)i, group, INDICATOR_VALUE)];
        at[INDICATOR_VALUE] = indicator_of(indicator, sorted, count);
        at[INDICATOR_N] = (double)count;
        at[INDICATOR_MISSING] = (double)computing->missing[group];
        at[INDICATOR_AFTERWARDS] = (double)computing->afterwards[group];
    }
}

static bool is_of_grouping(uint32_t group, unsigned grouping)
{
    if (group >= GROUPS_BEFORE_DISTRICTS) {
        bool whole = (group - GROUPS_BEFORE_DISTRICTS) % (1 + PRIORITY_COUNT) == 0;
        return grouping == (whole ? 3u : 4u);
    }
    return grouping == (group == 0 ? 0u : group <= PRIORITY_COUNT ? 1u : 2u);
}

static void write_grouping(struct computing *computing, enum interval interval, unsigned grouping)
{
    for (uint32_t group = 0; group < computing->layout->group_count; group++) {
        if (!is_of_grouping(group, grouping)) {
            continue;
        }
        const uint32_t *sorted = computing->sorted + computing->group_first[group];
        size_t count = computing->group_first[group + 1] - computing->group_first[group];
        double *at = &computing->values[place_sample(computing->layout, interval, group, SAMPLE_N)];
        at[SAMPLE_N] = (double)count;
        at[SAMPLE_MISSING] = (double)computing->missing[group];
        at[SAMPLE_AFTERWARDS] = (double)computing->afterwards[group];
        at[SAMPLE_MEAN_S] = seconds(mean_ticks(sorted, count));
        at[SAMPLE_P50_S] = seconds(quantile_sorted(sorted, count, 0.50));
        at[SAMPLE_P90_S] = seconds(quantile_sorted(sorted, count, 0.90));
        at[SAMPLE_P95_S] = seconds(quantile_sorted(sorted, count, 0.95));
        at[SAMPLE_P99_S] = seconds(quantile_sorted(sorted, count, 0.99));
        write_indicators(computing, interval, group, sorted, count);
    }
}

static void compute_interval(struct computing *computing, enum interval interval)
{
    size_t count = gather(computing, interval);
    sort_samples(computing->samples, computing->scratch, count);
    for (unsigned grouping = 0; grouping < GROUPING_COUNT; grouping++) {
        hand_out(computing, count, grouping);
        write_grouping(computing, interval, grouping);
    }
    if (interval != INTERVAL_RESPONSE) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t bin = (uint32_t)(computing->samples[i].value / (HISTOGRAM_BIN_S * TICKS_PER_SECOND));
        bin = bin < HISTOGRAM_BINS ? bin : HISTOGRAM_BINS - 1;
        computing->values[place_histogram(computing->layout, group_all(), bin)]++;
        uint32_t priority = priority_of(computing->samples[i].group);
        if (priority < PRIORITY_COUNT) {
            computing->values[place_histogram(computing->layout, group_priority(priority), bin)]++;
        }
    }
}

/* ---- ratios that are not of one interval ---- */

/* The statistics from STATISTIC_WITHIN_TARGET on: part and whole in each group. */
enum { RATIO_COUNT = STATISTIC_COUNT - STATISTIC_WITHIN_TARGET };

struct ratio {
    uint64_t part, whole, missing, afterwards;
};

static void ratio_add(struct ratio *ratios, uint32_t packed, uint64_t part, uint64_t whole, uint64_t missing)
{
    for (unsigned grouping = 0; grouping < GROUPING_COUNT; grouping++) {
        uint32_t group = group_of(packed, grouping);
        if (group != GROUP_NONE) {
            ratios[group].part += part;
            ratios[group].whole += whole;
            ratios[group].missing += missing;
            ratios[group].afterwards += is_afterwards(packed) ? whole : 0;
        }
    }
}

static void ratio_write(struct computing *computing, const struct ratio *ratios, enum statistic statistic)
{
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        if (INDICATORS[i].statistic != statistic) {
            continue;
        }
        for (uint32_t group = 0; group < computing->layout->group_count; group++) {
            double *at = &computing->values[place_indicator(computing->layout, (enum indicator)i, group, INDICATOR_VALUE)];
            at[INDICATOR_VALUE] = share_of(ratios[group].part, ratios[group].whole);
            at[INDICATOR_N] = (double)ratios[group].whole;
            at[INDICATOR_MISSING] = (double)ratios[group].missing;
            at[INDICATOR_AFTERWARDS] = (double)ratios[group].afterwards;
        }
    }
}

/* A call that got no unit was not reached in time: a service must not look better for leaving calls alone. */
static void add_target(const struct computing *computing, struct ratio *ratios, const struct call_row *row, uint32_t packed)
{
    bool counts = row->result == CALL_RESULT_SERVED || row->result == CALL_RESULT_SHORTFALL;
    if (!counts || row->priority >= PRIORITY_COUNT || computing->target_ticks[row->priority] == 0) {
        return;
    }
    if (row->result == CALL_RESULT_SHORTFALL) {
        ratio_add(ratios, packed, 0, 1, 0);
        return;
    }
    uint32_t response = row->at[STAGE_ON_SCENE];
    bool known = response != ROW_MISSING;
    ratio_add(ratios, packed, known && response <= computing->target_ticks[row->priority], known, !known);
}

/* Units needed: asked for, but for those whose need went away while none had come. */
static void add_satisfaction(struct ratio *ratios, const struct call_row *row, uint32_t packed)
{
    if (row->result != CALL_RESULT_SERVED && row->result != CALL_RESULT_SHORTFALL) {
        return;
    }
    uint32_t needed = row->units_needed, not_given = row->units_short;
    if (row->result == CALL_RESULT_SHORTFALL && not_given == 0) {
        not_given = needed;
    }
    needed = needed < not_given ? not_given : needed;
    ratio_add(ratios, packed, needed - not_given, needed, 0);
}

/* Of incidents that are over. Where the centre has no protocols nobody could use one. */
static void add_triage(const struct computing *computing, struct ratio *of[RATIO_COUNT], const struct call_row *row,
                       uint32_t packed)
{
    if (row->result == CALL_RESULT_UNFINISHED) {
        return;
    }
    bool has_protocols = computing->measure->setup.limits.protocols != 0;
    bool proposed = row->proposed < PRIORITY_COUNT && row->opened < PRIORITY_COUNT;
    bool deviates = proposed && row->proposed != row->opened;
    ratio_add(of[STATISTIC_PROTOCOL_USED - STATISTIC_WITHIN_TARGET], packed, row->protocol != 0, has_protocols, 0);
    ratio_add(of[STATISTIC_DEVIATION - STATISTIC_WITHIN_TARGET], packed, deviates, proposed, 0);
    ratio_add(of[STATISTIC_REPRIORITISED - STATISTIC_WITHIN_TARGET], packed, row->reprioritised, row->unit != 0, 0);
}

static void compute_ratios(struct computing *computing, struct ratio *ratios)
{
    struct ratio *of[RATIO_COUNT];
    for (unsigned i = 0; i < RATIO_COUNT; i++) {
        of[i] = ratios + (size_t)i * computing->layout->group_count;
    }
    for (size_t i = 0; i < computing->measure->call_rows.count; i++) {
        const struct call_row *row = &computing->measure->call_rows.items[i];
        if (row->in_incident) {
            uint32_t packed = pack_call(row);
            add_target(computing, of[0], row, packed);
            add_satisfaction(of[STATISTIC_SATISFACTION - STATISTIC_WITHIN_TARGET], row, packed);
            add_triage(computing, of, row, packed);
        }
    }
    for (unsigned i = 0; i < RATIO_COUNT; i++) {
        ratio_write(computing, of[i], (enum statistic)(STATISTIC_WITHIN_TARGET + i));
    }
}

/* ---- figures by priority ---- */

struct sums {
    uint64_t calls, incidents, served, queued, lost_unit, diversions, reached[DISPATCH_KIND_COUNT], transported;
    uint64_t queued_ticks, trip_ticks, trips, transport_ticks, transports, service_ticks, services;
};

static void add_row(struct sums *sums, const struct call_row *row)
{
    sums->incidents++;
    sums->queued += row->was_queued;
    sums->queued_ticks += row->queued;
    sums->lost_unit += row->diversions > 0;
    sums->diversions += row->diversions;
    if (row->result != CALL_RESULT_SERVED) {
        return;
    }
    sums->served++;
    sums->transported += row->transported;
    if (row->reached_by < DISPATCH_KIND_COUNT) {
        sums->reached[row->reached_by]++;
    }
    uint32_t value;
    uint8_t departed = row->at[STAGE_UNIT_DEPARTED] != ROW_MISSING ? STAGE_UNIT_DEPARTED : STAGE_UNIT_ASSIGNED;
    if (take_sample(row->at, departed, STAGE_ON_SCENE, &value)) {
        sums->trips++;
        sums->trip_ticks += value;
    }
    if (row->transported && take_sample(row->at, STAGE_LEFT_SCENE, STAGE_AT_FACILITY, &value)) {
        sums->transports++;
        sums->transport_ticks += value;
    }
    if (take_sample(row->at, STAGE_CALL_OFFERED, STAGE_AVAILABLE, &value)) {
        sums->services++;
        sums->service_ticks += value;
    }
}

static double ratio_of(double part, double whole) { return whole == 0 ? not_a_number() : part / whole; }

static double mean_seconds(uint64_t ticks, uint64_t count) { return ratio_of(seconds((double)ticks), (double)count); }

static void write_figures(struct computing *computing, const struct sums *sums, uint32_t group, double days)
{
    const struct measure_layout *layout = computing->layout;
    double *values = computing->values;
#define FIGURE(name) values[place_figure(layout, FIGURE_##name, group)]
    double incidents = (double)sums->incidents, served = (double)sums->served;
    FIGURE(CALLS_PER_DAY) = ratio_of((double)sums->calls, days);
    FIGURE(RESPONSE_MEAN_S) = values[place_sample(layout, INTERVAL_RESPONSE, group, SAMPLE_MEAN_S)];
    FIGURE(RESPONSE_MEDIAN_S) = values[place_sample(layout, INTERVAL_RESPONSE, group, SAMPLE_P50_S)];
    FIGURE(RESPONSE_P90_S) = values[place_sample(layout, INTERVAL_RESPONSE, group, SAMPLE_P90_S)];
    FIGURE(WITHIN_TARGET) = values[place_indicator(layout, INDICATOR_WITHIN_OWN_TARGET, group, INDICATOR_VALUE)];
    FIGURE(QUEUE_ALL_S) = mean_seconds(sums->queued_ticks, sums->incidents);
    FIGURE(QUEUE_QUEUED_S) = mean_seconds(sums->queued_ticks, sums->queued);
    FIGURE(QUEUED) = ratio_of((double)sums->queued, incidents);
    FIGURE(LOST_UNIT) = ratio_of((double)sums->lost_unit, incidents);
    FIGURE(DIVERSIONS_PER_100) = ratio_of(100 * (double)sums->diversions, incidents);
    FIGURE(REACHED_FROM_POST) = ratio_of((double)sums->reached[DISPATCH_FROM_POST], served);
    FIGURE(REACHED_RETURNING) = ratio_of((double)sums->reached[DISPATCH_RETURNING], served);
    FIGURE(REACHED_FREED) = ratio_of((double)sums->reached[DISPATCH_FREED], served);
    FIGURE(REACHED_DIVERTED) = ratio_of((double)sums->reached[DISPATCH_DIVERTED], served);
    FIGURE(TRIP_S) = mean_seconds(sums->trip_ticks, sums->trips);
    FIGURE(TRANSPORT_TRIP_S) = mean_seconds(sums->transport_ticks, sums->transports);
    FIGURE(SERVICE_S) = mean_seconds(sums->service_ticks, sums->services);
    FIGURE(TRANSPORTED) = ratio_of((double)sums->transported, served);
    FIGURE(SATISFACTION) = values[place_indicator(layout, INDICATOR_SATISFACTION, group, INDICATOR_VALUE)];
#undef FIGURE
}

static void compute_figures(struct computing *computing, double days)
{
    struct sums sums[1 + PRIORITY_COUNT] = { { 0 } };
    uint64_t results[CALL_RESULT_COUNT] = { 0 };
    for (size_t i = 0; i < computing->measure->call_rows.count; i++) {
        const struct call_row *row = &computing->measure->call_rows.items[i];
        results[row->result]++;
        sums[0].calls++;
        if (!row->in_incident) {
            continue;
        }
        add_row(&sums[0], row);
        if (row->priority < PRIORITY_COUNT) {
            sums[group_priority(row->priority)].calls++;
            add_row(&sums[group_priority(row->priority)], row);
        }
    }
    for (uint32_t group = 0; group <= PRIORITY_COUNT; group++) {
        write_figures(computing, &sums[group], group, days);
    }
    for (unsigned result = 0; result < CALL_RESULT_COUNT; result++) {
        computing->values[place_call_result(computing->layout, (enum call_result)result)] = ratio_of((double)results[result],
                                                                                                     days);
    }
}

/* ---- figures by the clock ---- */

static double sum_us(const int64_t *amount, size_t stride)
{
    double sum = 0;
    for (size_t hour = 0; hour < HOURS_OF_WEEK; hour++) {
        sum += (double)amount[hour * stride];
    }
    return sum;
}

static void compute_system(struct computing *computing, double window_us)
{
    const struct measure *measure = computing->measure;
    const struct measure_layout *layout = computing->layout;
    double *values = computing->values, in[ACTIVITY_COUNT], on_duty = 0, dispatches = 0;
    for (unsigned activity = 0; activity < ACTIVITY_COUNT; activity++) {
        in[activity] = sum_us(&measure->activity_us[0][activity], ACTIVITY_COUNT);
        on_duty += activity == ACTIVITY_OFF_DUTY ? 0 : in[activity];
    }
    for (unsigned kind = 0; kind < DISPATCH_KIND_COUNT; kind++) {
        dispatches += (double)measure->dispatches[kind];
    }
#define SYSTEM(name) values[place_system(layout, SYSTEM_##name)]
    SYSTEM(BUSY) = ratio_of(in[ACTIVITY_TO_SCENE] + in[ACTIVITY_AT_SCENE] + in[ACTIVITY_TO_FACILITY] + in[ACTIVITY_AT_FACILITY],
                            on_duty);
    SYSTEM(RETURNING) = ratio_of(in[ACTIVITY_RETURNING], on_duty);
    SYSTEM(AT_POST) = ratio_of(in[ACTIVITY_AT_POST], on_duty);
    SYSTEM(TO_SCENE) = ratio_of(in[ACTIVITY_TO_SCENE], on_duty);
    SYSTEM(AT_SCENE) = ratio_of(in[ACTIVITY_AT_SCENE], on_duty);
    SYSTEM(TO_FACILITY) = ratio_of(in[ACTIVITY_TO_FACILITY], on_duty);
    SYSTEM(AT_FACILITY) = ratio_of(in[ACTIVITY_AT_FACILITY], on_duty);
    SYSTEM(OUT_OF_SERVICE) = ratio_of(in[ACTIVITY_OUT_OF_SERVICE], on_duty);
    SYSTEM(UNITS_ON_DUTY) = ratio_of(on_duty, window_us);
    SYSTEM(DISPATCHES_PER_DAY) = ratio_of(dispatches, window_us / (double)US_PER_DAY);
    SYSTEM(DISPATCHES_FROM_POST) = ratio_of((double)measure->dispatches[DISPATCH_FROM_POST], dispatches);
    SYSTEM(DISPATCHES_RETURNING) = ratio_of((double)measure->dispatches[DISPATCH_RETURNING], dispatches);
    SYSTEM(DISPATCHES_FREED) = ratio_of((double)measure->dispatches[DISPATCH_FREED], dispatches);
    SYSTEM(DISPATCHES_DIVERTED) = ratio_of((double)measure->dispatches[DISPATCH_DIVERTED], dispatches);
    SYSTEM(CALLS_IN_SYSTEM) = ratio_of(sum_us(measure->in_system_us, 1), window_us);
    SYSTEM(QUEUE_LENGTH) = ratio_of(sum_us(measure->queued_us, 1), window_us);
    SYSTEM(QUEUE_MOST) = measure->queue_most;
    SYSTEM(DAYS) = window_us / (double)US_PER_DAY;
#undef SYSTEM
}

static void compute_hours(struct computing *computing, const int64_t *exposure_us)
{
    const struct measure *measure = computing->measure;
    uint64_t calls[HOURS_OF_WEEK] = { 0 };
    for (size_t i = 0; i < measure->call_rows.count; i++) {
        calls[measure->call_rows.items[i].hour_of_week]++;
    }
    for (unsigned hour = 0; hour < HOURS_OF_WEEK; hour++) {
        double *at = &computing->values[place_week_hour(computing->layout, hour, WEEK_CALLS_PER_HOUR)];
        double exposure = (double)exposure_us[hour];
        at[WEEK_CALLS_PER_HOUR] = ratio_of((double)calls[hour], exposure / (double)US_PER_HOUR);
        at[WEEK_QUEUE_LENGTH] = ratio_of((double)measure->queued_us[hour], exposure);
        at[WEEK_CALLS_IN_SYSTEM] = ratio_of((double)measure->in_system_us[hour], exposure);
    }
    for (unsigned hour = 0; hour < HOURS_OF_DAY; hour++) {
        for (unsigned activity = 0; activity < ACTIVITY_COUNT; activity++) {
            double amount = 0, exposure = 0;
            for (unsigned day = 0; day < 7; day++) {
                amount += (double)measure->activity_us[day * HOURS_OF_DAY + hour][activity];
                exposure += (double)exposure_us[day * HOURS_OF_DAY + hour];
            }
            computing->values[place_activity_hour(computing->layout, hour, (enum activity)activity)] = ratio_of(amount, exposure);
        }
    }
}

static void compute_units(struct computing *computing, double days)
{
    const struct measure *measure = computing->measure;
    for (uint32_t unit = 1; unit <= computing->layout->unit_count && unit <= measure->setup.limits.units; unit++) {
        for (unsigned activity = 0; activity < ACTIVITY_COUNT; activity++) {
            double hours = (double)measure->unit_activity_us[unit * ACTIVITY_COUNT + activity] / (double)US_PER_HOUR;
            computing->values[place_unit(computing->layout, unit, (enum activity)activity)] = ratio_of(hours, days);
        }
    }
}

static void compute_facilities(struct computing *computing, double days, const int64_t *exposure_us)
{
    const struct measure *measure = computing->measure;
    const struct measure_layout *layout = computing->layout;
    double transports = 0, *values = computing->values;
    for (size_t i = 0; i < measure->mission_rows.count; i++) {
        const struct mission_row *row = &measure->mission_rows.items[i];
        if (row->transported) {
            uint32_t facility = row->facility <= layout->facility_count ? row->facility : 0;
            values[place_facility(layout, facility, FACILITY_PER_DAY)]++;
            values[place_facility_hour(layout, facility, row->hour_of_week % HOURS_OF_DAY)]++;
            transports++;
        }
    }
    for (uint32_t facility = 0; facility <= layout->facility_count; facility++) {
        double *at = &values[place_facility(layout, facility, FACILITY_SHARE)];
        at[FACILITY_SHARE] = ratio_of(at[FACILITY_PER_DAY], transports);
        at[FACILITY_PER_DAY] = ratio_of(at[FACILITY_PER_DAY], days);
        double there = facility <= measure->setup.limits.facilities ? (double)measure->facility_us[facility] : 0;
        at[FACILITY_UNITS_THERE] = ratio_of(there, days * (double)US_PER_DAY);
        for (unsigned hour = 0; hour < HOURS_OF_DAY; hour++) {
            double exposure = 0;
            for (unsigned day = 0; day < 7; day++) {
                exposure += (double)exposure_us[day * HOURS_OF_DAY + hour];
            }
            double *brought = &values[place_facility_hour(layout, facility, hour)];
            *brought = ratio_of(*brought, exposure / (double)US_PER_HOUR);
        }
    }
}

/* ---- all of it ---- */

/* Counts begin at zero, what is not computed for a group stays undefined. */
static void clear_values(const struct measure_layout *layout, double *values)
{
    for (size_t i = 0; i < layout->total; i++) {
        bool is_count = (i >= layout->histogram && i < layout->activity_hours) || (i >= layout->units && i < layout->results);
        values[i] = is_count ? 0 : not_a_number();
    }
}

static void compute_all(struct computing *computing, struct ratio *ratios)
{
    const struct measure *measure = computing->measure;
    struct instant end = measure->setup.end;
    end = instant_before(measure->finished_at, end) ? measure->finished_at : end;
    int64_t exposure_us[HOURS_OF_WEEK] = { 0 };
    measure_add_span(measure, exposure_us, 1, measure->setup.begin, end);
    double window_us = sum_us(exposure_us, 1), days = window_us / (double)US_PER_DAY;
    clear_values(computing->layout, computing->values);
    for (unsigned interval = 0; interval < INTERVAL_COUNT; interval++) {
        compute_interval(computing, (enum interval)interval);
    }
    compute_ratios(computing, ratios);
    compute_figures(computing, days);
    compute_system(computing, window_us);
    compute_hours(computing, exposure_us);
    compute_units(computing, days);
    compute_facilities(computing, days, exposure_us);
}

enum status measure_compute(const struct measure *measure, const struct measure_layout *layout, struct measure_result *result,
                            struct error *error)
{
    CHECK(!instant_is_none(measure->finished_at));
    CHECK(layout->district_count >= measure->setup.district_count);
    size_t rows = measure->call_rows.count > measure->mission_rows.count ? measure->call_rows.count : measure->mission_rows.count;
    struct computing computing = { .measure = measure, .layout = layout };
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        computing.target_ticks[priority] = (uint32_t)((measure->setup.target[priority].us + ROW_TICK_US / 2) / ROW_TICK_US);
    }
    computing.values = malloc(layout->total * sizeof *computing.values);
    computing.samples = malloc((rows + 1) * sizeof *computing.samples);
    computing.scratch = malloc((rows + 1) * sizeof *computing.scratch);
    computing.sorted = malloc((rows + 1) * sizeof *computing.sorted);
    computing.group_first = malloc((layout->group_count + 1) * sizeof *computing.group_first);
    computing.missing = malloc(layout->group_count * sizeof *computing.missing);
    computing.afterwards = malloc(layout->group_count * sizeof *computing.afterwards);
    struct ratio *ratios = calloc((size_t)layout->group_count * RATIO_COUNT, sizeof *ratios);
    bool given = computing.values != NULL && computing.samples != NULL && computing.scratch != NULL && computing.sorted != NULL &&
                 computing.group_first != NULL && computing.missing != NULL && computing.afterwards != NULL && ratios != NULL;
    if (given) {
        compute_all(&computing, ratios);
        *result = (struct measure_result){ *layout, computing.values, measure->call_rows.count, measure->events };
    } else {
        free(computing.values);
    }
    free(computing.samples);
    free(computing.scratch);
    free(computing.sorted);
    free(computing.group_first);
    free(computing.missing);
    free(computing.afterwards);
    free(ratios);
    return given ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for the figures of %zu calls", rows);
}

void measure_result_free(struct measure_result *result)
{
    free(result->values);
    result->values = NULL;
}

uint32_t measure_sample_calls(const struct measure *measure, struct sampled_call *calls, uint32_t maximum)
{
    size_t rows = measure->call_rows.count, step = maximum == 0 ? 1 : (rows + maximum - 1) / maximum;
    uint32_t count = 0;
    for (size_t i = 0; i < rows && count < maximum; i += step) {
        const struct call_row *row = &measure->call_rows.items[i];
        if (!row->in_incident || row->priority >= PRIORITY_COUNT) {
            continue;
        }
        uint32_t response = row->result == CALL_RESULT_SERVED ? row->at[STAGE_ON_SCENE] : ROW_MISSING;
        int64_t target_us = measure->setup.target[row->priority].us;
        bool known = response != ROW_MISSING;
        calls[count++] = (struct sampled_call){
            .point = row->point,
            .response_s = known ? (float)seconds(response) : __builtin_nanf(""),
            .priority = row->priority,
            .in_time = known && target_us > 0 && (int64_t)response * ROW_TICK_US <= target_us + ROW_TICK_US / 2,
        };
    }
    return count;
}

/* ---- over replications ---- */

enum status measure_summary_create(const struct measure_layout *layout, struct measure_summary *summary, struct error *error)
{
    struct running *running = calloc(layout->total, sizeof *running);
    if (running == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for %zu figures", layout->total);
    }
    *summary = (struct measure_summary){ .layout = *layout, .running = running };
    return STATUS_OK;
}

void measure_summary_free(struct measure_summary *summary)
{
    free(summary->running);
    summary->running = NULL;
}

void measure_summary_add(struct measure_summary *summary, const struct measure_result *result)
{
    CHECK(summary->layout.total == result->layout.total);
    for (size_t i = 0; i < summary->layout.total; i++) {
        running_add(&summary->running[i], result->values[i]);
    }
    summary->replications++;
    summary->calls += result->calls;
    summary->events += result->events;
}

struct estimate measure_estimate(const struct measure_summary *summary, size_t place)
{
    CHECK(place < summary->layout.total);
    const struct running *running = &summary->running[place];
    if (running->count == 0) {
        return (struct estimate){ not_a_number(), not_a_number(), 0 };
    }
    return (struct estimate){ running->mean, running_half_width_95(running), running->count };
}

double measure_sum(const struct measure_summary *summary, size_t place)
{
    CHECK(place < summary->layout.total);
    return summary->running[place].mean * summary->running[place].count;
}
