/* The one table of settings. A new setting is a member of struct config and a line here. */
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "core/limits.h"
#include "host/config_private.h"
#include "host/oidc_document.h"
#include "host/oidc_roles.h"
#include "policy/policies.h"
#include "store/lease.h"

static const char *refuse_policy(const char *value)
{
    return policy_find(value) != NULL ? NULL : "a policy of this program (mingdi simulate --help lists them)";
}

static const char *refuse_level(const char *value)
{
    static const char *const levels[] = { "debug", "info", "warning", "error" };
    for (size_t i = 0; i < ARRAY_LENGTH(levels); i++) {
        if (strcmp(value, levels[i]) == 0) {
            return NULL;
        }
    }
    return "one of debug, info, warning, error";
}

/* A zone that the system does not know counts as UTC without a word: so it is looked up, where there is a database of zones. */
static const char *refuse_zone(const char *value)
{
    static const char folder[] = "/usr/share/zoneinfo";
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    if (strspn(value, letters) != strlen(value) || value[0] == '/' || strlen(value) > 64) {
        return "the name of a time zone, such as Asia/Shanghai";
    }
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, value);
    bool known = access(folder, R_OK) != 0 || access(path, R_OK) == 0;
    return known ? NULL : "a time zone that this machine knows, such as Asia/Shanghai (package tzdata)";
}

static const char *refuse_key(const char *value)
{
    size_t digits = strspn(value, "0123456789abcdefABCDEF");
    return value[digits] == '\0' && (digits == 0 || digits == 64) ? NULL
                                                                  : "a public key: the 64 hexadecimal digits of a file .pub of "
                                                                    "mingdi protocol key";
}

/* It goes into a header of answers. */
static const char *refuse_address(const char *value)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:/[]%";
    bool is_url = strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0;
    bool is_fine = value[0] == '\0' || (is_url && value[strspn(value, fine)] == '\0');
    return is_fine ? NULL : "a URL such as https://a.centre.example:8120";
}

static const char *refuse_issuer(const char *value)
{
    return value[0] == '\0' || (oidc_url_is_fine(value) && strpbrk(value, "?#") == NULL)
               ? NULL
               : "a URL with https, such as https://id.city.example (http on the loopback only)";
}

static const char *refuse_public(const char *value)
{
    const char *behind = strstr(value, "://");
    bool is_origin = behind != NULL && oidc_url_is_fine(value) && strchr(behind + 3, '/') == NULL && strpbrk(value, "?") == NULL;
    return value[0] == '\0' || is_origin ? NULL
                                         : "a URL with https and no path, such as https://120.city.example (http on the loopback "
                                           "only)";
}

static const char *refuse_roles(const char *value)
{
    return oidc_roles_are_fine(value)
               ? NULL
               : "pairs such as desk=dispatcher,chiefs=duty_commander, of roles that hold in the whole centre";
}

static const char *refuse_scope(const char *value)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:/ ";
    bool has_openid = strcmp(value, "openid") == 0 || strncmp(value, "openid ", 7) == 0;
    return has_openid && value[strspn(value, letters)] == '\0' ? NULL : "words with blanks between, the first of them openid";
}

#define INTEGER(name_, unit_, minimum_, maximum_, default_, live_, summary_)                                                   \
    .name = #name_, .type = SETTING_INTEGER, .offset = offsetof(struct config, name_), .unit = (unit_), .minimum = (minimum_), \
    .maximum = (maximum_), .number = (default_), .live = (live_), .summary = (summary_)
#define FLAG(name_, default_, live_, summary_)                                                                \
    .name = #name_, .type = SETTING_FLAG, .offset = offsetof(struct config, name_), .unit = "", .maximum = 1, \
    .number = (default_), .live = (live_), .summary = (summary_)
#define TEXT(name_, minimum_, default_, live_, summary_)                                                               \
    .name = #name_, .type = SETTING_TEXT, .offset = offsetof(struct config, name_), .unit = "", .minimum = (minimum_), \
    .maximum = CONFIG_TEXT_MAX - 1, .text = (default_), .live = (live_), .summary = (summary_)

const struct setting SETTINGS[] = {
    { .group = "The centre", TEXT(name, 1, "Emergency medical centre", true, "name of the centre, shown everywhere") },
    { TEXT(city_file, 1, "city.mingdi", false, "the roads, made by mingdi city import; relative to the data folder") },
    { TEXT(speeds_file, 0, "", false,
           "learned times by class of road and hour, made by mingdi road learn; relative to the data folder; empty: the city's "
           "own at "
           "every hour") },
    { TEXT(policy, 1, "standard", false, "who is recommended and where to; that of the journal"), .refuse = refuse_policy },
    { TEXT(time_zone, 1, "Asia/Shanghai", false, "of the IANA database; clients show times by it"), .refuse = refuse_zone },
    { TEXT(
        console, 0, "", false,
        "folder of the console's files; relative to the data folder; empty: console beside the program, or share/mingdi/console "
        "beside its folder") },
    { TEXT(protocols, 0, "", false,
           "folder of the triage protocols; relative to the data folder; empty: protocols beside the program, or "
           "share/mingdi/protocols beside its folder") },
    { TEXT(protocol_key, 0, "", false,
           "public key of who signs the triage protocols, 64 hexadecimal digits; without it a live centre loads none"),
      .refuse = refuse_key },

    { .group = "Network",
      TEXT(address, 1, "127.0.0.1", false,
           "address to listen on; leave it on the loopback and put a server with TLS in front (docs/operations.md)") },
    { INTEGER(port, "", 0, 65535, 8120, false, "TCP port to listen on; 0: one that the system chooses, told at the start") },
    { FLAG(behind_proxy, 0, false,
           "a server in front gives the client's address in X-Forwarded-For; believed from the loopback only") },
    { INTEGER(connections_max, "", 16, 60000, 4000, false, "connections at once; more are refused") },
    { INTEGER(connections_per_address_max, "", 1, 60000, 1000, false, "connections at once from one address") },
    { INTEGER(body_bytes_max, "bytes", 1024, 16 << 20, 1 << 20, true, "the longest body of a request") },
    { INTEGER(idle_timeout_s, "s", 1, 3600, 60, false, "how long a connection may say nothing") },
    { INTEGER(requests_per_minute, "", 10, 1000000, 6000, true,
              "requests of one signed-in person or one address in a minute; more are answered with 429") },
    { INTEGER(machine_requests_per_minute, "", 1000, 10000000, 600000, true, "requests of one machine's token in a minute") },

    { .group = "Standby: several processes may serve a centre on PostgreSQL, of which one owns it (docs/operations.md)",
      INTEGER(lease_ms, "ms", 500, 60000, LEASE_MS_DEFAULT, false,
              "after this time without a word from the owner another process takes over; the same for all of them") },
    { TEXT(
          owner_address, 0, "", false,
          "where clients find this process, told to them by the others while it owns the centre; empty: http:// with address and "
          "port"),
      .refuse = refuse_address },

    { .group = "Core: limits count for a new journal only; one that exists brings its own",
      INTEGER(limit_calls, "", 64, CALLS_CEILING, 16384, false, "calls kept at once, open or recent"),
      .power_of_two = true },
    { INTEGER(limit_incidents, "", 64, INCIDENTS_CEILING, 8192, false, "incidents kept at once, open or recent"),
      .power_of_two = true },
    { INTEGER(limit_units, "", 1, UNITS_CEILING, 1024, false, "units") },
    { INTEGER(limit_posts, "", 1, POSTS_CEILING, 512, false, "stations and waiting posts") },
    { INTEGER(limit_facilities, "", 1, FACILITIES_CEILING, 512, false, "hospitals and other places that receive patients") },
    { INTEGER(limit_keys, "", 64, KEYS_CEILING, 16384, false, "idempotency keys remembered, the newest"), .power_of_two = true },
    { INTEGER(road_threads, "", 1, 64, 2, false, "threads that work out travel times") },
    { INTEGER(snapshot_every, "entries", 0, 10000000, 50000, false,
              "entries of the journal between snapshots, which make a start short; 0: at a clean stop only") },
    { INTEGER(queue_bytes_max, "bytes", 1 << 16, 1 << 30, 16 << 20, false,
              "commands that wait for the core; a full queue refuses") },
    { INTEGER(group_commands_max, "", 1, 4096, 256, false, "commands that one commit makes durable") },
    { INTEGER(mobilisation_s, "s", 0, 3600, 60, false, "expected from the order until the wheels turn, of a unit at its post") },
    { INTEGER(estimate_s_per_km, "s", 1, 3600, 120, false,
              "time for a kilometre of straight line, when no answer about the roads comes; marked as an estimate") },

    { .group = "Alarms and targets: given to the core when the centre is made, and again when they change",
      INTEGER(ring_limit_s, "s", 0, 86400, 10, true, "alarm: a call has rung this long; 0: none") },
    { INTEGER(call_back_limit_s, "s", 0, 86400, 120, true, "alarm: an abandoned call was not called back; 0: none") },
    { INTEGER(travel_times_limit_s, "s", 1, 60, 2, true, "no answer about the roads: estimates take its place") },
    { INTEGER(decision_limit_s, "s", 0, 86400, 30, true, "alarm: nobody decided on a recommendation; 0: none") },
    { INTEGER(acknowledge_limit_s, "s", 0, 86400, 60, true, "alarm: a crew has not confirmed its order; 0: none") },
    { INTEGER(depart_limit_s, "s", 0, 86400, 180, true, "alarm: a unit has not departed; 0: none") },
    { INTEGER(scene_limit_s, "s", 0, 86400, 7200, true, "alarm: a unit on scene has reported nothing; 0: none") },
    { INTEGER(unit_silent_limit_s, "s", 0, 86400, 600, true, "alarm: no position or report from a unit on duty; 0: none") },
    { INTEGER(beds_stale_limit_s, "s", 0, 864000, 28800, true,
              "alarm: a hospital that reports beds has not counted them; 0: none") },
    { INTEGER(prealert_limit_s, "s", 0, 86400, 120, true,
              "alarm: a hospital has not acknowledged that a patient is coming to it; 0: none") },
    { INTEGER(target_critical_s, "s", 0, 86400, 480, true, "from the ring to arrival, critical; 0: no target") },
    { INTEGER(target_severe_s, "s", 0, 86400, 720, true, "the same, severe") },
    { INTEGER(target_urgent_s, "s", 0, 86400, 1200, true, "the same, urgent") },
    { INTEGER(target_non_urgent_s, "s", 0, 86400, 3600, true, "the same, non-urgent") },

    { .group = "Stream and positions",
      INTEGER(stream_waiting_bytes_max, "bytes", 1 << 16, 64 << 20, 1 << 20, true,
              "that may wait for a slow client; beyond it the client gets a fresh state once it has caught up") },
    { INTEGER(stream_ring_entries, "entries", 1000, 10000000, 100000, false,
              "how far back a client that was cut off can resume without a fresh state") },
    { INTEGER(positions_every_ms, "ms", 100, 60000, 1000, true, "positions are sent on at most this often") },
    { INTEGER(position_keep_s, "s", 1, 3600, 30, true, "of the positions of a unit the journal keeps one in this time") },
    { INTEGER(position_reckon_s, "s", 0, 120, 30, false,
              "a position up to this old of a unit that drives is moved on along its road for travel times; 0: never") },

    { .group = "People", INTEGER(session_hours, "h", 1, 168, 12, true, "a person signs in again after this time") },
    { INTEGER(session_idle_minutes, "min", 1, 10080, 240, true, "a session ends when it was not used for this long") },
    { INTEGER(failures_before_lock, "", 3, 100, 8, true, "wrong passwords in a row after which an account is locked") },
    { INTEGER(lock_minutes, "min", 1, 1440, 15, true, "how long a locked account stays so") },
    { INTEGER(sign_ins_per_minute, "", 1, 10000, 30, true, "attempts to sign in from one address") },
    { FLAG(
        totp_for_all, 0, true,
        "every person needs a second factor, not only those for whom it is asked: who has none sets one up at the next sign-in; "
        "mingdi init turns it on; a drill does not use it") },
    { INTEGER(
        first_password_days, "d", 0, 365, 0, true,
        "a password that somebody else gave is changed at the first sign-in, and runs out after this time; mingdi init sets "
        "14; 0: it stays; a drill does not use it") },
    { INTEGER(
        ask_again_minutes, "min", 0, 1440, 10, true,
        "the password is asked for again before accounts, rights, secrets and settings are changed, if it was not shown for "
        "this long; 0: never; a drill does not use it") },
    { INTEGER(token_days, "d", 0, 3650, 365, true, "a machine's token for which no end is said ends after this time; 0: never") },
    { FLAG(passkeys, 0, false,
           "people may sign in with a passkey, a key on their phone, computer or a stick, in place of password and code; needs "
           "public_address, with a name and https; a drill does not use it") },
    { TEXT(master_key_file, 0, "", false, "32 bytes that wrap the keys of personal data; empty: master.key in the data folder") },
    { INTEGER(personal_keep_days, "d", 0, 36500, 0, true, "personal data of callers is erased after this time; 0: kept") },

    { .group = "Signing in by the city's identity provider: OpenID Connect; a drill does not use it (docs/setup.md)",
      TEXT(oidc_issuer, 0, "", false,
           "its address, to the letter as it names itself; empty: people sign in with a password here"),
      .refuse = refuse_issuer },
    { TEXT(oidc_client_id, 0, "", false, "name under which this centre is registered with it") },
    { TEXT(oidc_secret_file, 0, "", false,
           "file with the secret of that registration, one line, readable by its owner only; relative to the data folder; empty: "
           "there is none") },
    { TEXT(public_address, 0, "", false,
           "where browsers find this centre; the provider sends them back to /console/sign-in there, and passkeys belong to it"),
      .refuse = refuse_public },
    { TEXT(oidc_name, 0, "", false, "what the button to sign in calls it; empty: its address") },
    { TEXT(oidc_scope, 6, "openid profile email", false, "what it is asked for"), .refuse = refuse_scope },
    { TEXT(oidc_claim, 1, "preferred_username", false,
           "claim of the ID token that is a person's sign-in name here; it must never go from one person to another there") },
    { TEXT(oidc_groups_claim, 0, "", false, "claim of the ID token with the person's groups") },
    { TEXT(
          oidc_roles, 0, "", false,
          "group=role with commas between; then only members of these groups sign in, and who has no account gets one with those "
          "roles; empty: who has no account is refused"),
      .refuse = refuse_roles },
    { FLAG(oidc_second_factor, 0, false,
           "no one-time code is asked for where the ID token says that the provider has seen a second factor (amr)") },
    { TEXT(local_accounts, 0, "", false,
           "sign-in names with commas between who may still use their password while there is a provider; empty: everybody") },

    { .group = "Keeping: backups and retention",
      TEXT(backup_folder, 0, "", false,
           "folder of backups, where mingdi backup puts them; relative to the data folder; better on another machine's disk") },
    { INTEGER(backup_warn_hours, "h", 1, 8760, 26, true, "mingdi doctor warns when the newest backup is older") },
    { INTEGER(backup_keep_days, "d", 0, 36500, 0, true,
              "backups that nothing was added to for this time are removed, but never the newest; 0: kept") },
    { INTEGER(leaver_keep_days, "d", 0, 36500, 0, true,
              "an account loses its names when it has been disabled for this time; 0: kept") },
    { INTEGER(audit_keep_days, "d", 0, 36500, 0, true, "rows of the audit trail are removed after this time; 0: kept") },
    { INTEGER(export_k, "people", 2, 1000, 5, true, "who must look alike in an export at least (mingdi export)") },

    { .group = "Running", TEXT(log_level, 1, "info", true, "debug, info, warning or error"), .refuse = refuse_level },
    { INTEGER(drain_s, "s", 0, 300, 10, true, "how long a stop waits for what is under way") },
    { INTEGER(drill_speed, "", 1, 60, 1, false, "how fast a drill's clock runs at its start; a live centre ignores it") },
    { FLAG(drill_accounts, 0, true, "a drill shows who has an account to whoever opens it; a live centre never does") },
    { TEXT(drill_password_hint, 0, "", true,
           "what a drill tells of the password beside its accounts; a live centre never does") },
};

_Static_assert(ARRAY_LENGTH(SETTINGS) <= CONFIG_SETTINGS_MAX, "config.h counts the settings");

size_t settings_count(void) { return ARRAY_LENGTH(SETTINGS); }
