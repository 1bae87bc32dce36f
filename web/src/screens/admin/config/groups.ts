// In which groups the settings are shown; a test holds this to the server's own table.
import { bytesOf, checkWhole, type Fault } from "@/screens/admin/parts/check";
import type { Setting } from "@/screens/admin/types";

export const GROUPS = {
  centre: ["name", "city_file", "speeds_file", "policy", "time_zone", "console", "protocols", "protocol_key"],
  network: [
    "address",
    "port",
    "behind_proxy",
    "connections_max",
    "connections_per_address_max",
    "body_bytes_max",
    "idle_timeout_s",
    "requests_per_minute",
    "machine_requests_per_minute",
    "lease_ms",
    "owner_address",
  ],
  core: [
    "limit_calls",
    "limit_incidents",
    "limit_units",
    "limit_posts",
    "limit_facilities",
    "limit_keys",
    "road_threads",
    "snapshot_every",
    "queue_bytes_max",
    "group_commands_max",
    "mobilisation_s",
    "estimate_s_per_km",
  ],
  alarms: [
    "ring_limit_s",
    "call_back_limit_s",
    "travel_times_limit_s",
    "decision_limit_s",
    "acknowledge_limit_s",
    "depart_limit_s",
    "scene_limit_s",
    "unit_silent_limit_s",
    "beds_stale_limit_s",
    "prealert_limit_s",
    "target_critical_s",
    "target_severe_s",
    "target_urgent_s",
    "target_non_urgent_s",
  ],
  stream: [
    "stream_waiting_bytes_max",
    "stream_ring_entries",
    "positions_every_ms",
    "position_keep_s",
    "position_reckon_s",
  ],
  people: [
    "session_hours",
    "session_idle_minutes",
    "failures_before_lock",
    "lock_minutes",
    "sign_ins_per_minute",
    "totp_for_all",
    "first_password_days",
    "ask_again_minutes",
    "token_days",
    "passkeys",
    "master_key_file",
    "personal_keep_days",
  ],
  provider: [
    "oidc_issuer",
    "oidc_client_id",
    "oidc_secret_file",
    "public_address",
    "oidc_name",
    "oidc_scope",
    "oidc_claim",
    "oidc_groups_claim",
    "oidc_roles",
    "oidc_second_factor",
    "local_accounts",
  ],
  keeping: [
    "backup_folder",
    "backup_warn_hours",
    "backup_keep_days",
    "leaver_keep_days",
    "audit_keep_days",
    "export_k",
  ],
  running: ["log_level", "drain_s", "drill_speed", "drill_accounts", "drill_password_hint"],
} as const;

export type Group = keyof typeof GROUPS | "other";

export const GROUP_NAMES: readonly Group[] = [...(Object.keys(GROUPS) as (keyof typeof GROUPS)[]), "other"];

/** "other": the server has one that this console does not know yet. */
export function groupOf(name: string): Group {
  for (const [group, names] of Object.entries(GROUPS))
    if ((names as readonly string[]).includes(name)) return group as Group;
  return "other";
}

const TEXT_BYTES = 255;
const LEVELS = ["debug", "info", "warning", "error"];

export function textOfValue(value: Setting["value"]): string {
  return String(value);
}

/** The text of a field as the body of a change wants it. */
export function sentValueOf(setting: Setting, text: string): Setting["value"] {
  if (setting.type === "integer") return Number(text);
  return setting.type === "flag" ? text === "true" : text;
}

/** As far as it can be known here; the server knows more. */
export function checkSetting(setting: Setting, text: string): Fault | undefined {
  if (setting.type === "integer") {
    return checkWhole(text, setting.minimum ?? Number.MIN_SAFE_INTEGER, setting.maximum ?? Number.MAX_SAFE_INTEGER);
  }
  if (setting.type === "flag") return undefined;
  if (bytesOf(text) > TEXT_BYTES) return { fault: "tooLong", values: { most: TEXT_BYTES } };
  if (setting.name === "name" && text.trim() === "") return { fault: "required" };
  return setting.name === "log_level" && !LEVELS.includes(text) ? { fault: "choose" } : undefined;
}
