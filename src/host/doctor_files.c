/* Files of the data folder that only its owner may see, the roads, the protocols; and whether the port is free. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "host/doctor_private.h"
#include "host/personal.h"
#include "host/secret.h"
#include "host/share.h"
#include "protocol/package.h"
#include "road/city.h"

/* ---- secrets ---- */

static void examine_key(const struct doctor *doctor)
{
    unsigned char key[32];
    struct error error = { .text = "" };
    const char *elsewhere = doctor->config.master_key_file;
    char *path = elsewhere[0] != '\0' ? strdup(elsewhere) : file_join(doctor->options->data, "master.key");
    CHECK(path != NULL);
    if (master_key_load(path, false, key, &error) == STATUS_OK) {
        doctor_say(doctor, DOCTOR_OK, "key", "", "%s: only its owner can read it", path);
    } else {
        doctor_say_error(doctor, DOCTOR_FAIL, "key", &error, "the server does not start so: put it right, or put it back");
    }
    secret_wipe(key, sizeof key);
    free(path);
}

/* The folder first: what others cannot enter, they cannot read. */
static void examine_modes(const struct doctor *doctor)
{
    static const char *const names[] = { "journal.db", "centre.db", "report.db", "mingdi.yaml" };
    const char *data = doctor->options->data;
    struct stat folder, file;
    bool closed = stat(data, &folder) == 0 && (folder.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char *path = file_join(data, names[i]);
        mode_t bad = i < 3 ? S_IRWXG | S_IRWXO : S_IWGRP | S_IWOTH;
        if (!closed && stat(path, &file) == 0 && (file.st_mode & bad) != 0) {
            doctor_say(doctor, DOCTOR_WARN, "modes", "chmod 0700 the folder and 0600 the databases",
                       "%s: others can %s it (mode %03o)", path, i < 3 ? "read" : "change", (unsigned)file.st_mode & 0777u);
            free(path);
            return;
        }
        free(path);
    }
    doctor_say(doctor, DOCTOR_OK, "modes", "", "%s: others can neither read its databases nor change its settings", data);
}

/* ---- roads and protocols ---- */

static void examine_city(const struct doctor *doctor)
{
    struct error error = { .text = "" };
    struct city *city = NULL;
    const char *set = doctor->config.city_file;
    char *path = set[0] == '/' ? strdup(set) : file_join(doctor->options->data, set);
    CHECK(path != NULL);
    if (city_open(path, &city, &error) == STATUS_OK) {
        doctor_say(doctor, DOCTOR_OK, "city", "", "%s: can be used", path);
        city_close(city);
    } else {
        doctor_say_error(doctor, DOCTOR_FAIL, "city", &error, "make it with 'mingdi city import', or take it from a backup");
    }
    free(path);
}

static void say_package(const struct doctor *doctor, const char *folder, const struct package *package,
                        const struct protocol_findings *findings)
{
    bool drill = doctor->options->store->drill;
    if (findings->count > 0) {
        doctor_say(doctor, DOCTOR_FAIL, "protocols", "'mingdi protocol check' tells them all", "%s: %u mistakes in them", folder,
                   (unsigned)findings->count);
    } else if (package->signature == PACKAGE_VALID) {
        doctor_say(doctor, DOCTOR_OK, "protocols", "", "%s: signed by %s, %u protocols", folder, package->list.signed_by,
                   (unsigned)package->set.count);
    } else {
        bool refused = package->signature == PACKAGE_REFUSED;
        doctor_say(doctor,
                   refused ? DOCTOR_FAIL
                   : drill ? DOCTOR_OK
                           : DOCTOR_WARN,
                   "protocols",
                   drill && !refused ? "" : "triage is by hand until the medical director has signed them (docs/protocols.md)",
                   "%s: %.*s", folder, DOCTOR_TEXT_MAX / 2, package->why);
    }
}

static void examine_protocols(const struct doctor *doctor)
{
    unsigned char key[PACKAGE_KEY_SIZE];
    struct error error = { .text = "" };
    struct package *package = calloc(1, sizeof *package);
    struct protocol_findings *findings = calloc(1, sizeof *findings);
    char *folder = share_folder(doctor->config.protocols, doctor->options->data, "protocols");
    CHECK(package != NULL && findings != NULL && folder != NULL);
    protocol_findings_init(findings);
    bool has_key = package_key_parse(doctor->config.protocol_key, key);
    if (package_read(folder, has_key ? key : NULL, package, findings, &error) == STATUS_OK) {
        say_package(doctor, folder, package, findings);
        package_free(package);
    } else {
        doctor_say_error(doctor, DOCTOR_WARN, "protocols", &error, "put the folder there (docs/protocols.md): triage is by hand");
    }
    free(folder);
    protocol_findings_free(findings);
    free(package);
    free(findings);
}

void doctor_files(const struct doctor *doctor)
{
    examine_key(doctor);
    examine_modes(doctor);
    examine_city(doctor);
    examine_protocols(doctor);
}

/* ---- the port ---- */

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

static socklen_t read_address(const struct config *config, union address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, config->address, &address->four.sin_addr) == 1) {
        address->four.sin_family = AF_INET;
        address->four.sin_port = htons((uint16_t)config->port);
        return sizeof address->four;
    }
    if (inet_pton(AF_INET6, config->address, &address->six.sin6_addr) == 1) {
        address->six.sin6_family = AF_INET6;
        address->six.sin6_port = htons((uint16_t)config->port);
        return sizeof address->six;
    }
    return 0;
}

void doctor_port(const struct doctor *doctor)
{
    const struct config *config = &doctor->config;
    union address address;
    socklen_t size = read_address(config, &address);
    int on = 1;
    int asked = size > 0 ? socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (asked < 0) {
        doctor_say(doctor, DOCTOR_FAIL, "port", "set address to one of this machine's", "%s: is no address here",
                   config->address);
        return;
    }
    (void)setsockopt(asked, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool is_free = bind(asked, &address.any, size) == 0;
    int why = errno;
    close(asked);
    if (is_free && doctor->server_runs) {
        doctor_say(doctor, DOCTOR_OK, "port", "", "a server works on this centre, at another port than %d", (int)config->port);
    } else if (is_free) {
        doctor_say(doctor, DOCTOR_OK, "port", "", "%s port %d is free; no server works on this centre", config->address,
                   (int)config->port);
    } else if (why == EADDRINUSE && doctor->server_runs) {
        doctor_say(doctor, DOCTOR_OK, "port", "", "%s port %d: a server works on this centre", config->address,
                   (int)config->port);
    } else {
        doctor_say(doctor, DOCTOR_FAIL, "port", "stop the program that has it, or set another port", "%s port %d: %s",
                   config->address, (int)config->port, strerror(why));
    }
}
