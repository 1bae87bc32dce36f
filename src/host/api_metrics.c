/* GET /metrics: the figures of all parts, gathered when they are asked for, in the text form of Prometheus.
 *
 * Read by whoever has the right, or from this machine itself without a proxy between: a scraper beside the server needs no
 * secret, and nobody outside can pretend to be it, for the shipped proxy adds X-Forwarded-For. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/api_private.h"

static void one(struct text *out, const char *name, const char *type, const char *help, double number)
{
    metrics_family(out, name, type, help);
    metrics_sample(out, name, NULL, NULL, number);
}

static void counter(struct text *out, const char *name, const char *help, uint64_t number)
{
    one(out, name, "counter", help, (double)number);
}

static void gauge(struct text *out, const char *name, const char *help, double number) { one(out, name, "gauge", help, number); }

static void write_centre(const struct api_setup *setup, struct text *out)
{
    struct centre_figures f;
    centre_figures(setup->centre, &f);
    bool is_owner = setup->serves(setup->context) && setup->is_sure(setup->context);
    gauge(out, "mingdi_ready", "1 when commands are taken.", is_owner && centre_state(setup->centre) == CENTRE_READY);
    counter(out, "mingdi_core_commands_total", "Commands that the core was given.", f.commands);
    counter(out, "mingdi_core_refused_total", "Commands that the core refused.", f.refused);
    counter(out, "mingdi_core_repeated_total", "Commands whose idempotency key was known.", f.repeated);
    counter(out, "mingdi_journal_commits_total", "Groups of entries made durable.", f.commits);
    counter(out, "mingdi_journal_entries_total", "Entries made durable since the start.", f.entries);
    counter(out, "mingdi_journal_failures_total", "Times that the journal failed.", f.journal_failures);
    one(out, "mingdi_journal_commit_seconds_total", "counter", "Time spent in making groups durable.",
        (double)f.commit_us_total / 1e6);
    gauge(out, "mingdi_journal_commit_last_seconds", "Of the last group.", (double)f.commit_us_last / 1e6);
    gauge(out, "mingdi_journal_sequence", "Last entry that is durable.", (double)f.durable_sequence);
    counter(out, "mingdi_snapshots_total", "Snapshots of the state that were kept.", f.snapshots);
    counter(out, "mingdi_road_questions_total", "Questions to the road workers.", f.questions);
    counter(out, "mingdi_road_reckoned_total", "Places of units that drove, moved on along their road since they were seen.",
            f.reckoned);
    counter(out, "mingdi_road_estimates_total", "Questions answered by a straight line, because no worker did.", f.estimates);
    gauge(out, "mingdi_queue_bytes", "Commands that wait for the core.", (double)f.queue_bytes);
    gauge(out, "mingdi_recovery_seconds", "Reading the journal at the start.", (double)f.recovery_us / 1e6);
    gauge(out, "mingdi_recovery_entries", "Entries read at the start.", (double)f.recovered_entries);
}

/* Of one of several processes. */
static void write_owner(const struct api_setup *setup, struct text *out)
{
    struct owner_facts facts;
    struct centre_figures f;
    uint64_t sequence = centre_core(setup->centre)->head->sequence;
    if (!centre_owner_facts(setup->centre, &facts)) {
        return;
    }
    bool owner = setup->serves(setup->context) && setup->is_sure(setup->context);
    centre_figures(setup->centre, &f);
    gauge(out, "mingdi_owner", "1 while this process owns the centre, 0 while it follows.", owner);
    gauge(out, "mingdi_standbys", "Of the owner: other processes that could take over.", owner ? facts.standbys : 0);
    gauge(out, "mingdi_lease_left_seconds", "Of the owner: until the lease runs out, unless it is renewed.",
          (double)facts.left_us / 1e6);
    gauge(out, "mingdi_standby_lag_entries", "Of a standby: entries of the owner that it has still to apply.",
          !owner && facts.last_sequence > sequence ? (double)(facts.last_sequence - sequence) : 0);
    counter(out, "mingdi_takeovers_total", "Times that this process has become the owner.", f.takeovers);
    gauge(out, "mingdi_takeover_last_seconds", "From the lease to being ready, the last time.", (double)f.takeover_us / 1e6);
    counter(out, "mingdi_lease_failures_total", "Turns in which the database did not tell who owns the centre.", facts.failures);
}

static void write_state(const struct api_setup *setup, struct text *out)
{
    const struct core_head *head = centre_core(setup->centre)->head;
    char trouble[256];
    uint64_t reached = projector_reached(setup->projector, trouble, sizeof trouble);
    gauge(out, "mingdi_calls_open", "Calls that are not over.", head->calls_open);
    gauge(out, "mingdi_incidents_open", "Incidents that are not over.", head->incidents_open);
    gauge(out, "mingdi_incidents_queued", "Incidents that wait for a unit.", head->incidents_queued);
    gauge(out, "mingdi_alarms_open", "Alarms that stand.", head->alarms_open);
    gauge(out, "mingdi_units", "Units that the centre knows.", head->unit_count);
    gauge(out, "mingdi_report_lag_entries", "Entries that the report tables do not hold yet.",
          head->sequence > reached ? (double)(head->sequence - reached) : 0);
    gauge(out, "mingdi_report_entries_read", "Entries that the report has read of the journal since the start.",
          (double)projector_entries_read(setup->projector));
    gauge(out, "mingdi_drill", "1 in a drill.", setup->drill);
}

static void write_http(const struct api_setup *setup, struct text *out)
{
    static const char *const classes[] = { "other", "1xx", "2xx", "3xx", "4xx", "5xx" };
    struct http_figures f;
    if (*setup->http == NULL) {
        return;
    }
    http_figures(*setup->http, &f);
    metrics_family(out, "mingdi_http_answers_total", "counter",
                   "Answers of every kind, refusals before the API included, by class of status.");
    for (int i = 0; i < 6; i++) {
        metrics_sample(out, "mingdi_http_answers_total", "status", classes[i], (double)f.requests[i]);
    }
    counter(out, "mingdi_http_refused_early_total", "Requests refused before they reached the API.", f.refused_early);
    counter(out, "mingdi_http_connections_total", "Connections taken.", f.connections_total);
    gauge(out, "mingdi_http_connections", "Connections open now.", (double)f.connections_open);
    counter(out, "mingdi_http_received_bytes_total", "Bytes of requests.", f.bytes_in);
    counter(out, "mingdi_http_sent_bytes_total", "Bytes of answers.", f.bytes_out);
}

static void write_suggestions(const struct positions_figures *figures, struct text *out)
{
    static const char *const made = "mingdi_suggestions_total", *const met = "mingdi_suggestions_reported_total",
                             *const late = "mingdi_suggestion_deviation_seconds";
    metrics_family(out, made, "counter", "What positions suggested to be reported, by kind.");
    for (int kind = SUGGESTION_NONE + 1; kind < SUGGESTION_KIND_COUNT; kind++) {
        metrics_sample(out, made, "kind", SUGGESTION_NAMES[kind], (double)figures->suggested[kind]);
    }
    metrics_family(out, met, "counter", "Reports of what had been suggested, by kind.");
    for (int kind = SUGGESTION_NONE + 1; kind < SUGGESTION_KIND_COUNT; kind++) {
        metrics_sample(out, met, "kind", SUGGESTION_NAMES[kind], (double)figures->reported[kind]);
    }
    metrics_family(out, late, "gauge", "Mean of the reported time minus the suggested one since the start, by kind.");
    for (int kind = SUGGESTION_NONE + 1; kind < SUGGESTION_KIND_COUNT; kind++) {
        double reports = figures->reported[kind] > 0 ? (double)figures->reported[kind] : 1;
        metrics_sample(out, late, "kind", SUGGESTION_NAMES[kind], figures->deviation_s[kind] / reports);
    }
}

static void write_live(const struct api_setup *setup, struct text *out)
{
    struct stream_figures s;
    struct positions_figures p;
    stream_figures(setup->stream, &s);
    positions_figures(setup->positions, &p);
    gauge(out, "mingdi_stream_clients", "Clients of the live state.", (double)s.clients);
    counter(out, "mingdi_stream_frames_total", "Messages sent.", s.frames);
    counter(out, "mingdi_stream_bytes_total", "Bytes of these.", s.bytes);
    counter(out, "mingdi_stream_snapshots_total", "Snapshots sent.", s.snapshots);
    counter(out, "mingdi_stream_changes_total", "Changes sent.", s.changes);
    counter(out, "mingdi_stream_resumed_total", "Clients that went on from where they were cut.", s.resumed);
    counter(out, "mingdi_stream_slowed_total", "Times that a client was too slow and began anew.", s.slowed);
    counter(out, "mingdi_stream_closed_total", "Clients closed by the server.", s.closed_by_us);
    counter(out, "mingdi_positions_taken_total", "Positions taken.", p.taken);
    counter(out, "mingdi_positions_older_total", "Positions older than what was known.", p.older);
    counter(out, "mingdi_positions_refused_total", "Positions refused.", p.refused);
    counter(out, "mingdi_positions_journalled_total", "Positions written into the journal.", p.journalled);
    counter(out, "mingdi_positions_batches_total", "Batches of positions.", p.batches);
    write_suggestions(&p, out);
    gauge(out, "mingdi_terminals", "Terminals of vehicles that belong to a unit.", terminals_count(setup->terminals));
    gauge(out, "mingdi_terminals_unknown", "Terminals that came and belong to no unit.",
          terminals_unknown_count(setup->terminals));
}

static void write_people(const struct api_setup *setup, struct text *out)
{
    struct people_figures f;
    people_figures(setup->people, &f);
    counter(out, "mingdi_sign_ins_total", "Sign-ins that succeeded.", f.sign_ins);
    counter(out, "mingdi_sign_ins_refused_total", "Sign-ins that were refused.", f.refused);
    counter(out, "mingdi_accounts_locked_total", "Accounts locked after too many failures.", f.locked);
    gauge(out, "mingdi_sessions", "Sessions that stand.", (double)f.sessions);
    gauge(out, "mingdi_tokens", "Tokens of machines.", (double)f.tokens);
    gauge(out, "mingdi_tokens_ending", "Tokens of machines that end within 30 days.", (double)f.tokens_ending);
    gauge(out, "mingdi_people", "Accounts of people.", (double)f.people);
    metrics_family(out, "mingdi_worker_queue", "gauge", "Jobs that wait, by group of threads.");
    metrics_sample(out, "mingdi_worker_queue", "workers", "clerk", workers_waiting(setup->clerk));
    metrics_sample(out, "mingdi_worker_queue", "workers", "reports", workers_waiting(setup->reports));
    metrics_sample(out, "mingdi_worker_queue", "workers", "places", workers_waiting(places_searchers(setup->places)));
    metrics_sample(out, "mingdi_worker_queue", "workers", "journeys", workers_waiting(places_travellers(setup->places)));
}

/* ---- the process: names as Prometheus' own libraries have them ---- */

static double resident_bytes(void)
{
    unsigned long long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL) {
        resident = fscanf(file, "%llu %llu", &total, &resident) == 2 ? resident : 0;
        fclose(file);
    }
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double open_files(void)
{
    double count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL) {
        count += 1;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return count > 3 ? count - 3 : 0; /* ".", ".." and the folder itself */
}

static double seconds_of(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static void write_process(const struct api *api, struct text *out)
{
    struct rusage usage = { .ru_maxrss = 0 };
    struct rlimit limit = { .rlim_cur = 0 };
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    double up_s = (double)(clock_monotonic_us() - api->started_us) / 1e6;
    one(out, "process_cpu_seconds_total", "counter", "Processor time of the user and the system.",
        seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    gauge(out, "process_resident_memory_bytes", "Memory that is in RAM.", resident_bytes());
    gauge(out, "process_open_fds", "Open file descriptors.", open_files());
    gauge(out, "process_max_fds", "The most that may be open.", (double)limit.rlim_cur);
    gauge(out, "process_start_time_seconds", "When the API began, by the wall clock.", (double)clock_wall().us / 1e6 - up_s);
}

/* ---- who may ---- */

bool api_is_from_here(const struct exchange *exchange)
{
    const char *address = http_address(exchange->request);
    bool loopback = strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
    bool direct = http_header(exchange->request, "X-Forwarded-For") == NULL &&
                  http_header(exchange->request, "Forwarded") == NULL;
    return loopback && direct && !http_is_ambiguous(exchange->request); /* a header that stands twice was not given as none */
}

void api_show_metrics(struct exchange *exchange)
{
    const struct api_setup *setup = &exchange->api->setup;
    if (!api_is_from_here(exchange) && !rights_resource(&exchange->identity, RESOURCE_METRICS)) {
        exchange_problem_of(exchange, exchange->identity.actor == 0 ? PROBLEM_NOT_SIGNED_IN : PROBLEM_NOT_ALLOWED);
        return;
    }
    struct text *out = &exchange->body;
    write_centre(setup, out);
    write_owner(setup, out);
    write_state(setup, out);
    write_http(setup, out);
    write_live(setup, out);
    write_people(setup, out);
    write_process(exchange->api, out);
    metrics_write(setup->metrics, out);
    exchange_send_text(exchange, "text/plain; version=0.0.4; charset=utf-8");
}
