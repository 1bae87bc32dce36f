/* mingdi protocol check, show, key, sign. */
#include <inttypes.h>
#include <sodium/utils.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/verb.h"
#include "host/clock.h"
#include "protocol/package.h"
#include "protocol/show.h"
#include "protocol/validate.h"

static enum status tell_findings(const char *folder, struct protocol_findings *findings, enum status status, struct error *error)
{
    if (status == STATUS_OK && findings->count > 0) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s: %" PRIu32 " mistake%s; docs/protocols.md tells the form", folder,
                       findings->count, findings->count == 1 ? "" : "s");
    }
    if (findings->count > 0) {
        fputs(findings->lines.bytes, stderr);
    }
    if (findings->count > PROTOCOL_FINDINGS_SHOWN) {
        fprintf(stderr, "... and %" PRIu32 " more\n", findings->count - PROTOCOL_FINDINGS_SHOWN);
    }
    protocol_findings_free(findings);
    return status;
}

/* Reads a folder of which nothing is wrong but perhaps the signature. */
static enum status read_package(const char *folder, const char *key_path, struct package *package, struct error *error)
{
    unsigned char key[PACKAGE_KEY_SIZE];
    struct protocol_findings findings;
    if (key_path != NULL) {
        TRY(package_key_read_public(key_path, key, error));
    }
    protocol_findings_init(&findings);
    enum status status = package_read(folder, key_path != NULL ? key : NULL, package, &findings, error);
    bool made = status == STATUS_OK;
    status = tell_findings(folder, &findings, status, error);
    if (made && status != STATUS_OK) {
        package_free(package);
    }
    return status;
}

static void print_package(const struct package *package, struct text *out)
{
    const struct package_list *list = &package->list;
    uint32_t steps = 0;
    for (uint32_t i = 0; i < package->set.count; i++) {
        const struct protocol_file *protocol = package->set.items[i];
        text_printf(out, "%3u  %c  %-20s version %-3" PRIu32 " %2" PRIu32 " steps  %s  %s\n", protocol->number, protocol->key,
                    protocol->id, protocol->version, protocol->step_count, protocol->title.in[PROTOCOL_EN],
                    protocol->title.in[PROTOCOL_ZH]);
        steps += protocol->step_count;
    }
    text_printf(out, "%" PRIu32 " protocols, %" PRIu32 " steps; compressions %" PRIu32 " answers from everywhere\n",
                package->set.count, steps, protocol_arrest_answers(&package->set));
    if (package->signature != PACKAGE_REFUSED && list->version != 0) {
        text_printf(out, "package %" PRIu64 ", signed by %s at %s; ", list->version, list->signed_by, list->signed_at);
    }
    text_printf(out, "signature: %s%s%s\n", PACKAGE_SIGNATURES[package->signature], package->why[0] != '\0' ? ": " : "",
                package->why);
}

static enum status run_check(const struct arguments *arguments, struct error *error)
{
    const char *folder = arguments->positionals[0], *key_path = argument(arguments, "--public-key", NULL);
    struct package package;
    struct text out;
    TRY(read_package(folder, key_path, &package, error));
    text_init(&out, HELP_TEXT_MAX);
    print_package(&package, &out);
    enum status status = help_print(&out, error);
    bool bad = package.signature == PACKAGE_REFUSED || (key_path != NULL && package.signature != PACKAGE_VALID);
    if (status == STATUS_OK && bad) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s", package.why);
    }
    package_free(&package);
    return status;
}

static enum status show(const struct package *package, const struct arguments *arguments, struct error *error)
{
    const char *id = arguments->positionals[1], *language = argument(arguments, "--lang", NULL);
    const struct protocol_file *protocol = protocol_find(&package->set, id);
    struct text out;
    if (protocol == NULL) {
        return ERROR(error, STATUS_NOT_FOUND, "%s has no protocol %s; 'mingdi protocol check %s' lists them",
                     arguments->positionals[0], id, arguments->positionals[0]);
    }
    bool chinese = language != NULL && strcmp(language, "zh") == 0;
    text_init(&out, HELP_TEXT_MAX);
    protocol_show(package, protocol, chinese ? PROTOCOL_ZH : PROTOCOL_EN, language == NULL, &out);
    return help_print(&out, error);
}

static enum status run_show(const struct arguments *arguments, struct error *error)
{
    struct package package;
    TRY(read_package(arguments->positionals[0], argument(arguments, "--public-key", NULL), &package, error));
    enum status status = show(&package, arguments, error);
    package_free(&package);
    return status;
}

static enum status run_key(const struct arguments *arguments, struct error *error)
{
    const char *path = arguments->positionals[0];
    char public_key[PACKAGE_KEY_TEXT_SIZE];
    TRY(package_key_make(path, public_key, error));
    printf("%s: the secret key; keep it with the medical director, away from the servers\n", path);
    printf("%s.pub: the public key; for the servers: protocol_key: %s\n", path, public_key);
    return STATUS_OK;
}

static enum status run_sign(const struct arguments *arguments, struct error *error)
{
    const char *folder = arguments->positionals[0], *key_path = argument(arguments, "--key", NULL);
    const char *signer = argument(arguments, "--signer", NULL);
    unsigned char seed[PACKAGE_KEY_SIZE];
    struct protocol_findings findings;
    struct package package;
    long long version = 0;
    if (key_path == NULL || signer == NULL) {
        return ERROR(error, STATUS_USAGE, "sign needs --key FILE (of 'mingdi protocol key') and --signer NAME");
    }
    TRY(argument_int(arguments, "--version", 1, INT64_C(1) << 53, 0, &version, error));
    TRY(package_key_read_secret(key_path, seed, error));
    protocol_findings_init(&findings);
    enum status status = package_sign(folder, seed, signer, (uint64_t)version, clock_wall(), &package, &findings, error);
    sodium_memzero(seed, sizeof seed);
    status = tell_findings(folder, &findings, status, error);
    if (status == STATUS_OK) {
        printf("%s: package %" PRIu64 ", %" PRIu32 " protocols, signed by %s\n", folder, package.list.version, package.list.count,
               signer);
        package_free(&package);
    }
    return status;
}

static const struct verb_option CHECK_OPTIONS[] = {
    { "--public-key", "FILE", "the signature must be of this key", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_protocol_check = {
    .name = "protocol check",
    .summary = "read a folder of triage protocols and tell what is wrong with them",
    .synopsis = "protocol check DIR [--public-key FILE]",
    .details =
        "Each mistake is one line, file:line: what and what to do; exit 1 if there is one. Refused are, beside texts that are "
        "missing, too long or in one language only: answers that lead nowhere, steps that nothing reaches or that no way "
        "leads out of, circles of questions, and an arrest path longer than two answers. With --public-key the package must be "
        "signed by that key. docs/protocols.md tells the form.",
    .options = CHECK_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_check,
};

static const struct verb_option SHOW_OPTIONS[] = {
    { "--lang", "L", "in this language alone; default: both", "en|zh" },
    { "--public-key", "FILE", "hold the signature against this key", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_protocol_show = {
    .name = "protocol show",
    .summary = "print a triage protocol for reading and signing off",
    .synopsis = "protocol show DIR ID [--lang en|zh] [--public-key FILE]",
    .details =
        "What is said to the caller, each answer with its key, where it leads and what it does, the source of each step, and "
        "how many answers each step is away from sending, from compressions and from the end.",
    .options = SHOW_OPTIONS,
    .positionals_min = 2,
    .positionals_max = 2,
    .run = run_show,
};

const struct verb verb_protocol_key = {
    .name = "protocol key",
    .summary = "make the pair of keys that triage protocols are signed with",
    .synopsis = "protocol key FILE",
    .details =
        "FILE is secret and stays with the medical director; FILE.pub is given to the servers (setting protocol_key). Neither is "
        "ever replaced.",
    .options = NULL,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_key,
};

static const struct verb_option SIGN_OPTIONS[] = {
    { "--key", "FILE", "the secret key, of 'mingdi protocol key'", NULL },
    { "--signer", "NAME", "who signs: name and office of the medical director", NULL },
    { "--version", "N", "of the package; default: today and a serial, above the last", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_protocol_sign = {
    .name = "protocol sign",
    .summary = "sign a folder of triage protocols",
    .synopsis = "protocol sign DIR --key FILE --signer NAME [--version N]",
    .details = "Checks the folder, then writes DIR/package.json (the files with their SHA-256, version, signer, time) and "
               "DIR/package.sig (Ed25519). A protocol that was changed since the last package and whose version did not rise is "
               "refused. A live centre loads signed packages only.",
    .options = SIGN_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_sign,
};
