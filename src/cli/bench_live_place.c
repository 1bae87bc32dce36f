#include "cli/bench_live_place.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/bench_live_program.h"
#include "geo/point.h"

enum { FILE_MAX = 4 << 20, COLUMNS = 8, DEEPEST = 32, CREWS_AT_ONCE = 50 };

#define PASSWORD "only for this benchmark" /* of people who live for a minute, behind the loopback */

/* ---- the city and the setup ---- */

static void write_line(struct json *json, int line, bool eastward)
{
    json_object_begin(json, NULL);
    json_text(json, "type", "Feature");
    json_object_begin(json, "properties");
    char id[24];
    snprintf(id, sizeof id, "way/%d", 1 + line + (eastward ? 0 : BENCH_GRID));
    json_text(json, "@id", id);
    json_text(json, "highway", "residential");
    json_text(json, "maxspeed", "50");
    json_object_end(json);
    json_object_begin(json, "geometry");
    json_text(json, "type", "LineString");
    json_array_begin(json, "coordinates");
    for (int i = 0; i < BENCH_GRID; i++) {
        json_array_begin(json, NULL);
        json_e7(json, NULL, BENCH_LON_E7 + (int64_t)BENCH_MESH_LON_E7 * (eastward ? i : line));
        json_e7(json, NULL, BENCH_LAT_E7 + (int64_t)BENCH_MESH_LAT_E7 * (eastward ? line : i));
        json_array_end(json);
    }
    json_array_end(json);
    json_object_end(json);
    json_object_end(json);
}

static void write_roads(struct text *text)
{
    struct json json;
    json_init(&json, text, 0);
    json_object_begin(&json, NULL);
    json_text(&json, "type", "FeatureCollection");
    json_array_begin(&json, "features");
    for (int line = 0; line < BENCH_GRID; line++) {
        write_line(&json, line, true);
        write_line(&json, line, false);
    }
    json_array_end(&json);
    json_object_end(&json);
}

/* Degrees of the crossing that many columns and rows from the corner. */
static void put_crossing(struct text *text, int column, int row)
{
    text_printf(text, "%.4f,%.4f", (BENCH_LON_E7 + column * BENCH_MESH_LON_E7) / 1e7,
                (BENCH_LAT_E7 + row * BENCH_MESH_LAT_E7) / 1e7);
}

static void write_stations(struct text *text)
{
    text_puts(text, "id,lon,lat\n");
    for (int i = 0; i < BENCH_POSTS; i++) {
        text_printf(text, "p%d,", i + 1);
        put_crossing(text, 3 + i % COLUMNS * 5, 4 + i / COLUMNS * 8);
        text_puts(text, "\n");
    }
}

static void write_units(struct text *text)
{
    text_puts(text, "id,station,skill\n");
    for (int i = 0; i < BENCH_UNITS; i++) {
        text_printf(text, "u%d,p%d,%s\n", i + 1, i % BENCH_POSTS + 1, i % 3 == 0 ? "BLS" : "ALS");
    }
}

static void write_facilities(struct text *text)
{
    text_puts(text, "id,lon,lat,tier,capabilities\n");
    for (int i = 0; i < BENCH_FACILITIES; i++) {
        text_printf(text, "f%d,", i + 1);
        put_crossing(text, 5 + i % 5 * 8, 6 + i / 5 * 9);
        text_printf(text, ",%d,%s\n", 1 + i % 3, i % 2 == 0 ? "stroke trauma" : "");
    }
}

static void write_scenario(struct text *text)
{
    text_puts(text, "key,value\nname,Benchmark\ncity,city.mingdi\nsnap_limit_m,500\n");
}

static void write_people(struct text *text)
{
    text_puts(text, "name,role,password\nadmin,administrator," PASSWORD "\ncommander,duty_commander," PASSWORD
                    "\ndispatcher,dispatcher," PASSWORD "\n");
}

static enum status write_file(const char *folder, const char *name, void (*fill)(struct text *text), struct error *error)
{
    struct text text;
    text_init(&text, FILE_MAX);
    fill(&text);
    char *path = file_join(folder, name);
    enum status status = text.failed ? ERROR(error, STATUS_NO_MEMORY, "no memory for %s", name)
                                     : file_write_whole(path, text.bytes, text.length, error);
    free(path);
    text_free(&text);
    return status;
}

static enum status write_setup(const struct bench_place *place, const char *folder, struct error *error)
{
    TRY(file_make_folder(folder, error));
    TRY(write_file(folder, "roads.geojson", write_roads, error));
    TRY(write_file(folder, "scenario.csv", write_scenario, error));
    TRY(write_file(folder, "stations.csv", write_stations, error));
    TRY(write_file(folder, "units.csv", write_units, error));
    TRY(write_file(folder, "facilities.csv", write_facilities, error));
    TRY(write_file(folder, "people.csv", write_people, error));
    char *roads = file_join(folder, "roads.geojson"), *city = file_join(folder, "city.mingdi");
    const char *words[] = { BENCH_SELF, "city", "import", "--geojson", roads, "--name", "Benchmark", "-o", city, NULL };
    enum status status = bench_program_run(place, words, BENCH_AS_SELF, NULL, error);
    free(roads);
    free(city);
    return status;
}

/* ---- the folder ---- */

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat, (void)kind, (void)walk;
    (void)remove(path);
    return 0;
}

void bench_place_remove(const struct bench_place *place)
{
    if (place->folder[0] != '\0') {
        (void)nftw(place->folder, remove_one, DEEPEST, FTW_DEPTH | FTW_PHYS);
    }
}

enum status bench_place_make(struct bench_place *place, const char *work, const volatile sig_atomic_t *stop, struct error *error)
{
    *place = (struct bench_place){ .stop = stop };
    int length = snprintf(place->folder, sizeof place->folder / 2, "%s/mingdi-bench-XXXXXX", work);
    if (length >= (int)sizeof place->folder / 2 || mkdtemp(place->folder) == NULL) {
        place->folder[0] = '\0';
        return ERROR(error, STATUS_IO, "%s: no temporary folder can be made in it: %s", work, strerror(errno));
    }
    (void)chmod(place->folder, 0711); /* PostgreSQL's user passes through; the centres' folders are for their owner only */
    char *setup = file_join(place->folder, "setup");
    enum status status = write_setup(place, setup, error);
    free(setup);
    if (status != STATUS_OK) {
        bench_place_remove(place);
        place->folder[0] = '\0';
    }
    return status;
}

/* ---- a server ---- */

static enum status make_centre(struct bench_server *server, const struct bench_place *place, const char *store_url,
                               struct error *error)
{
    char *setup = file_join(place->folder, "setup");
    const char *words[] = { BENCH_SELF, "init", "--data",  server->data,       "--drill",
                            "--from",   setup,  "--token", "crews:simulation", store_url == NULL ? NULL : "--store",
                            store_url,  NULL };
    struct text told;
    text_init(&told, FILE_MAX);
    enum status status = bench_program_run(place, words, BENCH_AS_SELF, &told, error);
    free(setup);
    const char *token = status == STATUS_OK ? strstr(told.bytes, "mgd_") : NULL;
    if (token != NULL) {
        snprintf(server->machine, sizeof server->machine, "Authorization: Bearer %.*s\r\nMingdi-Drill: 1\r\n",
                 (int)strcspn(token, " \n"), token);
    } else if (status == STATUS_OK) {
        status = ERROR(error, STATUS_CORRUPT, "init has told no token");
    }
    text_free(&told);
    return status;
}

static enum status launch(struct bench_server *server, const struct bench_place *place, const char *store_url,
                          struct error *error)
{
    const char *words[] = { BENCH_SELF,   "serve",  "--drill", "--data",
                            server->data, "--port", "0",       store_url == NULL ? NULL : "--store",
                            store_url,    NULL };
    char line[BENCH_PATH_MAX];
    TRY(bench_program_start(place, words, BENCH_AS_SELF, &server->process, line, sizeof line, error));
    const char *address = strstr(line, "http://127.0.0.1:");
    if (address == NULL) {
        return ERROR(error, STATUS_CORRUPT, "the server has not told its address");
    }
    server->port = (int)strtol(address + strlen("http://127.0.0.1:"), NULL, 10);
    return STATUS_OK;
}

/* "Set-Cookie: NAME=VALUE; ..." and {"csrf":"..."} become the two lines that a signed-in person sends. */
static void take_session(struct bench_client *client, const char *body, size_t length)
{
    static const char set[] = "\r\nSet-Cookie: ", csrf[] = "\"csrf\":\"";
    const char *cookie = memmem(client->head, client->head_length, set, sizeof set - 1);
    const char *token = memmem(body, length, csrf, sizeof csrf - 1);
    if (cookie == NULL || token == NULL) {
        bench_loop_fail(client->loop, "the server has signed in nobody");
        return;
    }
    cookie += sizeof set - 1;
    token += sizeof csrf - 1;
    char line[BENCH_CREDENTIAL_MAX / 2];
    snprintf(line, sizeof line, "%.*s", (int)(body + length - token), token);
    snprintf(client->context, BENCH_CREDENTIAL_MAX, "Cookie: %.*s\r\nX-CSRF-Token: %.*s\r\n", (int)strcspn(cookie, ";\r"), cookie,
             (int)strcspn(line, "\""), line);
}

static void sign_in(struct bench_loop *loop, int port, const char *name, char *credential)
{
    struct bench_client client;
    char body[128];
    int length = snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"%s\"}", name, PASSWORD);
    if (bench_client_open(&client, loop, port, "")) {
        client.answered = take_session;
        client.context = credential;
        bench_client_ask(&client, "POST", "/api/v1/session", NULL, body, (size_t)length);
        (void)bench_client_await(&client);
    }
    bench_client_close(&client);
}

static void begin_next_shift(struct bench_client *crew, const char *body, size_t length)
{
    (void)body, (void)length;
    uint32_t *unit = crew->context;
    if (*unit < BENCH_UNITS) {
        char report[64];
        int size = snprintf(report, sizeof report, "{\"unit\":%u,\"what\":\"start_shift\"}", ++*unit);
        bench_client_ask(crew, "POST", "/api/v1/commands/unit_report", NULL, report, (size_t)size);
    }
}

static void begin_shifts(struct bench_loop *loop, const struct bench_server *server)
{
    struct bench_client crews[CREWS_AT_ONCE];
    uint32_t unit = 0;
    for (int i = 0; i < CREWS_AT_ONCE; i++) {
        if (bench_client_open(&crews[i], loop, server->port, server->machine)) {
            crews[i].answered = begin_next_shift;
            crews[i].context = &unit;
            begin_next_shift(&crews[i], "", 0);
        }
    }
    for (int i = 0; i < CREWS_AT_ONCE; i++) {
        (void)(loop->failed || bench_client_await(&crews[i]));
        bench_client_close(&crews[i]);
    }
}

enum status bench_server_make(struct bench_server *server, const struct bench_place *place, const char *name,
                              const char *store_url, struct error *error)
{
    *server = (struct bench_server){ .port = 0 };
    snprintf(server->data, sizeof server->data, "%.*s/%s", BENCH_PATH_MAX / 2, place->folder, name);
    return make_centre(server, place, store_url, error);
}

enum status bench_server_start(struct bench_server *server, const struct bench_place *place, const char *name,
                               const char *store_url, struct error *error)
{
    TRY(bench_server_make(server, place, name, store_url, error));
    TRY(launch(server, place, store_url, error));
    struct bench_loop loop;
    TRY(bench_loop_begin(&loop, place->stop, error));
    sign_in(&loop, server->port, "commander", server->commander);
    sign_in(&loop, server->port, "dispatcher", server->dispatcher);
    begin_shifts(&loop, server);
    if (loop.failed) {
        *error = loop.error;
    }
    bench_loop_end(&loop);
    return loop.failed ? error->status : STATUS_OK;
}

void bench_server_stop(struct bench_server *server) { bench_program_stop(&server->process, SIGTERM); }

/* ---- what it uses ---- */

static size_t read_proc(pid_t process, const char *what, char *bytes, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)process, what);
    FILE *file = fopen(path, "re");
    size_t length = file != NULL ? fread(bytes, 1, size - 1, file) : 0;
    bytes[length] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
    return length;
}

static double megabytes(const char *status, const char *name)
{
    const char *found = strstr(status, name);
    return found != NULL ? (double)strtoull(found + strlen(name), NULL, 10) / 1024 : 0;
}

struct bench_usage bench_process_usage(pid_t process)
{
    enum { BEFORE_USER_TIME = 12 }; /* fields behind the name, which ends in the last ')' */
    struct bench_usage usage = { 0 };
    char bytes[8192];
    (void)read_proc(process, "stat", bytes, sizeof bytes);
    char *at = strrchr(bytes, ')');
    for (int i = 0; i < BEFORE_USER_TIME && at != NULL; i++) {
        at = strchr(at + 1, ' ');
    }
    if (at != NULL) {
        unsigned long long user = strtoull(at, &at, 10), system = strtoull(at, NULL, 10);
        usage.cpu_s = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    }
    (void)read_proc(process, "status", bytes, sizeof bytes);
    usage.memory_peak_mb = megabytes(bytes, "VmHWM:");
    usage.memory_mb = megabytes(bytes, "VmRSS:");
    return usage;
}
