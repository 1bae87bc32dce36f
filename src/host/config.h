/* Every setting of the server, in one table (config.c): name, type, unit, range, default, whether it may change while the
 * server runs. From it come the reading of the file (YAML, flat) and of the environment (MINGDI_SET_<NAME>; other MINGDI_
 * variables are not settings), the checks, mingdi config check|show|docs, docs/config.md and GET /config. The environment wins
 * over the file. Nothing in it is a secret.
 *
 * Workload: one file of a hundred lines at the start; a change by an administrator now and then. The bytes may be hostile. */
#ifndef MINGDI_HOST_CONFIG_H
#define MINGDI_HOST_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"

enum {
    CONFIG_TEXT_MAX = 256,       /* of a text, with the terminator */
    CONFIG_FILE_MAX = 64 * 1024, /* bytes of a file */
    CONFIG_SETTINGS_MAX = 96,
};

/* Where a value comes from; a positive number is the line of the file. */
enum { CONFIG_FROM_DEFAULT = 0, CONFIG_FROM_ENVIRONMENT = -1, CONFIG_FROM_CHANGE = -2 };

/* One member a setting, of its name: the table refers to them by offset. */
struct config {
    /* ---- the centre ---- */
    char name[CONFIG_TEXT_MAX];        /* shown everywhere */
    char city_file[CONFIG_TEXT_MAX];   /* relative to the data folder */
    char speeds_file[CONFIG_TEXT_MAX]; /* the same; "": none */
    char policy[CONFIG_TEXT_MAX];
    char console[CONFIG_TEXT_MAX]; /* folder of the console's files; relative to the data folder; "": where the program has it */
    char protocols[CONFIG_TEXT_MAX];    /* folder of the triage protocols; as console */
    char protocol_key[CONFIG_TEXT_MAX]; /* public key of who signs them, 64 hexadecimal digits; "": none */
    char time_zone[CONFIG_TEXT_MAX];    /* told to clients, who show times by it: "Asia/Shanghai" */
    /* ---- network ---- */
    char address[CONFIG_TEXT_MAX];
    int64_t port;
    bool behind_proxy;
    int64_t connections_max, connections_per_address_max, body_bytes_max, idle_timeout_s;
    char owner_address[CONFIG_TEXT_MAX]; /* where others find this process; "": address and port */
    int64_t lease_ms;                    /* of the owner of a centre on PostgreSQL */
    int64_t requests_per_minute;         /* of one signed-in person or address beyond which 429 */
    int64_t machine_requests_per_minute;
    /* ---- core ---- */
    int64_t limit_calls, limit_incidents, limit_units, limit_posts, limit_facilities, limit_keys; /* of a new journal */
    int64_t road_threads, snapshot_every, queue_bytes_max, group_commands_max;
    int64_t mobilisation_s;    /* expected of a unit at its post */
    int64_t estimate_s_per_km; /* straight line, when no road worker answers */
    /* ---- alarms and rules: given to the core by policy_set at the first start, and again when they change here ---- */
    int64_t ring_limit_s, call_back_limit_s, travel_times_limit_s, decision_limit_s, acknowledge_limit_s, depart_limit_s,
        scene_limit_s;
    int64_t unit_silent_limit_s, beds_stale_limit_s, prealert_limit_s;
    int64_t target_critical_s, target_severe_s, target_urgent_s, target_non_urgent_s;
    /* ---- stream and positions ---- */
    int64_t stream_waiting_bytes_max, stream_ring_entries, positions_every_ms, position_keep_s, position_reckon_s;
    /* ---- people ---- */
    int64_t session_hours, session_idle_minutes, failures_before_lock, lock_minutes, sign_ins_per_minute;
    bool totp_for_all;
    int64_t first_password_days, ask_again_minutes, token_days;
    bool passkeys;
    char public_address[CONFIG_TEXT_MAX]; /* where browsers find the centre */
    char oidc_issuer[CONFIG_TEXT_MAX];    /* "": there is no identity provider */
    char oidc_client_id[CONFIG_TEXT_MAX], oidc_secret_file[CONFIG_TEXT_MAX], oidc_name[CONFIG_TEXT_MAX];
    char oidc_scope[CONFIG_TEXT_MAX], oidc_claim[CONFIG_TEXT_MAX];
    char oidc_groups_claim[CONFIG_TEXT_MAX], oidc_roles[CONFIG_TEXT_MAX]; /* oidc_roles.h */
    bool oidc_second_factor;
    char local_accounts[CONFIG_TEXT_MAX];  /* "": everybody */
    char master_key_file[CONFIG_TEXT_MAX]; /* "": DIR/master.key */
    int64_t personal_keep_days;            /* 0: for ever */
    /* ---- keeping ---- */
    char backup_folder[CONFIG_TEXT_MAX]; /* "": none */
    int64_t backup_warn_hours;
    int64_t backup_keep_days, leaver_keep_days, audit_keep_days; /* 0: for ever */
    int64_t export_k;                                            /* host/deidentify.h */
    /* ---- running ---- */
    char log_level[CONFIG_TEXT_MAX];
    int64_t drain_s;
    int64_t drill_speed;
    bool drill_accounts; /* who has an account in a drill is shown before anybody has signed in */
    char drill_password_hint[CONFIG_TEXT_MAX];
    /* ---- where each value comes from, in the order of the table ---- */
    int32_t origins[CONFIG_SETTINGS_MAX];
    char file[CONFIG_TEXT_MAX]; /* that was read last, as it was named; "" none */
};

void config_defaults(struct config *config);
/* Errors say file:line, what was given, what is allowed, and the nearest known name for an unknown one. On failure *config is
 * unchanged. */
enum status config_read_file(struct config *config, const char *path, struct error *error) MUST_USE;
enum status config_read_bytes(struct config *config, const char *name, const char *bytes, size_t size, struct error *error)
    MUST_USE;
enum status config_read_environment(struct config *config, char *const *environment, struct error *error) MUST_USE;
/* What no single setting shows: those that must go together. After file and environment have been read. */
enum status config_check(const struct config *config, struct error *error) MUST_USE;
/* One setting by name, as text; live_only refuses those that need a restart. STATUS_NOT_FOUND: there is no such setting. Several
 * may be changed so one after the other: config_check tells in the end whether they go together. */
enum status config_set(struct config *config, const char *name, const char *value, bool live_only, struct error *error) MUST_USE;
/* Takes over from fresh those settings that may change while the server runs; changed is called for each that differs. */
void config_take_live(struct config *config, const struct config *fresh, void (*changed)(void *context, const char *name),
                      void *context);
/* Calls visit for each setting in which fresh differs and which must wait for a restart. */
void config_each_waiting(const struct config *config, const struct config *fresh, void (*visit)(void *context, const char *name),
                         void *context);
/* All as a JSON array of {name, type, unit, minimum, maximum, default, value, live, origin, summary}. */
void config_write_json(const struct config *config, struct json *json, const char *name);
void config_write_yaml(const struct config *config, struct text *out);  /* every setting with its comment: what init writes */
void config_write_shown(const struct config *config, struct text *out); /* values and where each came from: mingdi config show */
void config_write_docs(struct text *out);                               /* docs/config.md */

#endif
