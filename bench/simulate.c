/* How many calls a second the whole core serves: Auckland under nearest dispatch, 250 days on one core, with the journal in
 * memory and in an SQLite file, in one run. usage: bench_simulate [SCENARIO]; without one, the JEMSS model of Auckland in
 * MINGDI_DATA. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test_data.h"
#include "policy/policies.h"
#include "sim/import_jemss.h"
#include "sim/simulate.h"

static enum status import_auckland(const char *target, struct error *error)
{
    char *model = file_join(test_data_folder(), "jemss/auckland");
    struct text notes;
    text_init(&notes, 1 << 16);
    const struct import_jemss_options options = { 0 };
    enum status status = import_jemss(model, target, &options, &notes, error);
    text_free(&notes);
    free(model);
    return status;
}

static void print_line(const char *name, double calls, double cpu_s)
{
    printf("%-44s %9.0f calls a second   (%.2f s of processor time for %.0f calls)\n", name, calls / cpu_s, cpu_s, calls);
}

static enum status run_once(const struct world_setting *setting, const char *journal, uint32_t replications,
                            struct simulate_outcome *outcome, struct error *error)
{
    const struct simulate_options options = {
        .days = 250, .warmup_days = 1, .replications = replications, .seed = 1, .jobs = 1, .journal_path = journal
    };
    return simulate(setting, &options, outcome, error);
}

/* The first replication touches the memory of its journal for the first time, which on a virtual machine the host has to back;
 * the others find it there, as in any run of several. */
static enum status run_memory(const struct world_setting *setting, double *calls_per_s, struct error *error)
{
    struct simulate_outcome outcome;
    TRY(run_once(setting, NULL, 4, &outcome, error));
    double calls = (double)outcome.calls_simulated - outcome.first_calls, cpu_s = outcome.cpu_s - outcome.first_cpu_s;
    print_line("memory journal, its memory touched first", outcome.first_calls, outcome.first_cpu_s);
    print_line("memory journal, in the next replications", calls, cpu_s);
    *calls_per_s = calls / cpu_s;
    simulate_outcome_free(&outcome);
    return STATUS_OK;
}

static enum status run_file(const struct world_setting *setting, const char *journal, double *calls_per_s, struct error *error)
{
    struct simulate_outcome outcome;
    TRY(run_once(setting, journal, 1, &outcome, error));
    print_line("SQLite journal", outcome.first_calls, outcome.first_cpu_s);
    *calls_per_s = outcome.first_calls / outcome.first_cpu_s;
    printf("%-44s %9.1f commands a call, journal of %.0f bytes a call\n", "", (double)outcome.commands / outcome.first_calls,
           (double)outcome.journal_bytes / outcome.first_calls);
    simulate_outcome_free(&outcome);
    return STATUS_OK;
}

static enum status compare(const struct world_setting *setting, const char *folder, struct error *error)
{
    double memory, memory_again, sqlite;
    char *journal = file_join(folder, "journal.db"), *lock = file_join(folder, "journal.db-lock");
    TRY(run_memory(setting, &memory, error));
    TRY(run_file(setting, journal, &sqlite, error));
    TRY(run_memory(setting, &memory_again, error));
    double best = memory > memory_again ? memory : memory_again;
    printf("SQLite / memory %.2f   memory again / memory %.2f: how steady this machine is\n", sqlite / best,
           memory_again / memory);
    printf("aim 200,000 calls a second on one core, floor 50,000: the best is %.2f of the aim\n", best / 200000);
    unlink(journal);
    unlink(lock);
    free(journal);
    free(lock);
    return STATUS_OK;
}

static enum status bench(const char *scenario_folder, const char *folder, struct error *error)
{
    struct scenario *scenario;
    struct city *city;
    struct roads *roads;
    struct world_setting setting;
    TRY(scenario_load(scenario_folder, &scenario, error));
    TRY(city_open(scenario->city_path, &city, error));
    TRY(roads_create(city, &roads, error));
    TRY(world_setting_create(scenario, roads, policy_find("nearest"), &setting, error));
    printf("%s: %u units, %.0f calls a day, %u nodes\n", scenario->name, scenario->unit_count, scenario->calls_per_day_mean,
           city_graph(city)->node_count);
    TRY(compare(&setting, folder, error));
    world_setting_free(&setting);
    roads_destroy(roads);
    city_close(city);
    scenario_free(scenario);
    return STATUS_OK;
}

int main(int argument_count, char **arguments)
{
    char folder[] = "/tmp/mingdi-bench-XXXXXX";
    struct error error;
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return 1;
    }
    char *made = file_join(folder, "auckland");
    const char *scenario = argument_count > 1 ? arguments[1] : made;
    enum status status = argument_count > 1 ? STATUS_OK : import_auckland(made, &error);
    if (status == STATUS_NOT_FOUND && argument_count <= 1) {
        printf("skipped: no JEMSS model of Auckland in MINGDI_DATA, and no scenario named\n");
    } else {
        status = status == STATUS_OK ? bench(scenario, folder, &error) : status;
        if (status != STATUS_OK) {
            fprintf(stderr, "bench_simulate: %s\n", error.text);
        }
    }
    char command[256];
    snprintf(command, sizeof command, "rm -rf -- '%s'", folder);
    bool cleaned = system(command) == 0;
    free(made);
    return (status == STATUS_OK || status == STATUS_NOT_FOUND) && cleaned ? 0 : 1;
}
