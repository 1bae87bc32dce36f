/* The steps themselves. A step that has been released is never changed: what comes later is a step of its own, at the end.
 *
 * Instants are microseconds since 1970-01-01 UTC, as bigint; what the core's enumerations call is kept as their number. */
#include "base/check.h"
#include "store/migration.h"

/* ---- centre ---- */

static const char *const CENTRE_1[] = {
    "CREATE TABLE person(id {id}, name text NOT NULL UNIQUE, display text NOT NULL, password_hash text NOT NULL,"
    " totp_secret {blob}, totp_required {bigint} NOT NULL DEFAULT 0, disabled {bigint} NOT NULL DEFAULT 0, totp_step"
    " {bigint} NOT NULL DEFAULT 0, failed_count {bigint} NOT NULL DEFAULT 0, locked_until {bigint}, created_at"
    " {bigint} NOT NULL, changed_at {bigint} NOT NULL, revision {bigint} NOT NULL DEFAULT 1){strict}",

    "CREATE TABLE person_grant(person {bigint} NOT NULL REFERENCES person(id) ON DELETE CASCADE, role text NOT NULL,"
    " scope text NOT NULL, scope_id {bigint} NOT NULL DEFAULT 0, PRIMARY KEY(person, role, scope, scope_id)){strict}",

    "CREATE TABLE session(token_hash {blob} PRIMARY KEY, person {bigint} NOT NULL REFERENCES person(id) ON DELETE"
    " CASCADE, csrf_hash {blob} NOT NULL, created_at {bigint} NOT NULL, seen_at {bigint} NOT NULL, expires_at"
    " {bigint} NOT NULL, address text NOT NULL){strict}",
    "CREATE INDEX session_person ON session(person)",
    "CREATE INDEX session_expires_at ON session(expires_at)",

    "CREATE TABLE token(id {id}, token_hash {blob} NOT NULL UNIQUE, name text NOT NULL, role text NOT NULL, scope"
    " text NOT NULL, scope_id {bigint} NOT NULL DEFAULT 0, created_by {bigint} NOT NULL, created_at {bigint} NOT"
    " NULL, expires_at {bigint}, revoked_at {bigint}){strict}",

    "CREATE TABLE audit(sequence {bigint} PRIMARY KEY, at {bigint} NOT NULL, actor_kind {bigint} NOT NULL, actor"
    " {bigint} NOT NULL, what text NOT NULL, subject_kind text NOT NULL, subject_id {bigint} NOT NULL, detail text"
    " NOT NULL, previous {blob} NOT NULL, hash {blob} NOT NULL){strict}",

    "CREATE TABLE personal(reference {bigint} PRIMARY KEY, call {bigint}, incident {bigint}, key_wrapped {blob},"
    " nonce {blob}, box {blob}, number_index {blob}, created_at {bigint} NOT NULL, erased_at {bigint}){strict}",
    "CREATE INDEX personal_call ON personal(call)",
    "CREATE INDEX personal_incident ON personal(incident)",
    "CREATE INDEX personal_number_index ON personal(number_index)",

    "CREATE TABLE directory(kind text NOT NULL, id {bigint} NOT NULL, code text NOT NULL, name text NOT NULL,"
    " district {bigint} NOT NULL DEFAULT 0, detail text NOT NULL DEFAULT '', PRIMARY KEY(kind, id)){strict}",
    "CREATE UNIQUE INDEX directory_code ON directory(kind, code)",

    "CREATE TABLE control(kind text NOT NULL, id {bigint} NOT NULL, person {bigint} NOT NULL, since {bigint} NOT"
    " NULL, PRIMARY KEY(kind, id)){strict}",

    "CREATE TABLE setting(name text PRIMARY KEY, value text NOT NULL, changed_by {bigint} NOT NULL, changed_at"
    " {bigint} NOT NULL){strict}",
    NULL,
};

/* What each version of a triage protocol said: document is what GET /protocols/{number} answers. */
static const char *const CENTRE_2[] = {
    "CREATE TABLE protocol_texts(number {bigint} NOT NULL, version {bigint} NOT NULL, content {bigint} NOT NULL, summary text"
    " NOT NULL, document text NOT NULL, stored_at {bigint} NOT NULL, PRIMARY KEY(number, version)){strict}",
    NULL,
};

static const char *const CENTRE_3[] = {
    "CREATE TABLE terminal(id {id}, kind text NOT NULL, number text NOT NULL, unit {bigint} NOT NULL, device text NOT NULL"
    " DEFAULT '', added_at {bigint} NOT NULL){strict}",
    "CREATE UNIQUE INDEX terminal_number ON terminal(kind, number)",
    NULL,
};

/* Keyed hashes of whom an identity provider names, and of the name that a leaver had; when somebody else gave the password; how a
 * session began (host/people_private.h). */
static const char *const CENTRE_4[] = {
    "ALTER TABLE person ADD COLUMN provider_mark {blob}",
    "ALTER TABLE person ADD COLUMN left_mark {blob}",
    "ALTER TABLE person ADD COLUMN password_given_at {bigint}",
    "ALTER TABLE session ADD COLUMN way {bigint} NOT NULL DEFAULT 0",
    NULL,
};

/* Public keys by which people sign in (host/passkey.h); copied: whether the authenticator may keep the key elsewhere too. */
static const char *const CENTRE_5[] = {
    "CREATE TABLE passkey(id {id}, person {bigint} NOT NULL REFERENCES person(id) ON DELETE CASCADE, credential {blob} NOT NULL"
    " UNIQUE, algorithm {bigint} NOT NULL, public_key {blob} NOT NULL, copied {bigint} NOT NULL, counter {bigint} NOT NULL,"
    " name text NOT NULL, created_at {bigint} NOT NULL, used_at {bigint}){strict}",
    "CREATE INDEX passkey_person ON passkey(person)",
    NULL,
};

static const struct migration_step CENTRE_STEPS[] = {
    { "people, sessions, audit, personal data, directory", CENTRE_1 },
    { "texts of triage protocols", CENTRE_2 },
    { "terminals of vehicles", CENTRE_3 },
    { "who left, whose password is a given one", CENTRE_4 },
    { "passkeys", CENTRE_5 },
};

const struct migration_part MIGRATION_CENTRE = { "centre", CENTRE_STEPS, ARRAY_LENGTH(CENTRE_STEPS) };

/* ---- report ---- */

/* t_... are the stages of measure/measure.h, null where a call did not come to one. */
static const char *const REPORT_1[] = {
    "CREATE TABLE projection(name text PRIMARY KEY, sequence {bigint} NOT NULL, version {bigint} NOT NULL, detail"
    " text NOT NULL DEFAULT ''){strict}",

    "CREATE TABLE report_call(call {bigint} PRIMARY KEY, external {bigint} NOT NULL, incident {bigint} NOT NULL,"
    " mission {bigint} NOT NULL, unit {bigint} NOT NULL, facility {bigint} NOT NULL, district {bigint} NOT NULL,"
    " priority {bigint} NOT NULL, result {bigint} NOT NULL, offered_at {bigint} NOT NULL, t_call_offered {bigint},"
    " t_call_answered {bigint}, t_place_known {bigint}, t_triaged {bigint}, t_incident_opened {bigint},"
    " t_unit_assigned {bigint}, t_unit_notified {bigint}, t_unit_acknowledged {bigint}, t_unit_departed {bigint},"
    " t_on_scene {bigint}, t_at_patient {bigint}, t_left_scene {bigint}, t_at_facility {bigint}, t_handed_over"
    " {bigint}, t_available {bigint}, t_back_at_post {bigint}, queued_us {bigint} NOT NULL, lon_e7 {bigint} NOT NULL,"
    " lat_e7 {bigint} NOT NULL, units_needed {bigint} NOT NULL, units_short {bigint} NOT NULL, dispatches {bigint}"
    " NOT NULL, diversions {bigint} NOT NULL, reached_by {bigint} NOT NULL, shortfall_reason {bigint}, was_queued"
    " {bigint} NOT NULL, transported {bigint} NOT NULL, sequence {bigint} NOT NULL){strict}",
    "CREATE INDEX report_call_offered_at ON report_call(offered_at)",
    "CREATE INDEX report_call_district ON report_call(district, offered_at)",
    NULL,
};

static const char *const REPORT_2[] = {
    "CREATE TABLE report_mission(mission {bigint} PRIMARY KEY, call {bigint} NOT NULL, incident {bigint} NOT NULL,"
    " unit {bigint} NOT NULL, facility {bigint} NOT NULL, district {bigint} NOT NULL, priority {bigint} NOT NULL,"
    " transported {bigint} NOT NULL, offered_at {bigint} NOT NULL, t_unit_assigned {bigint}, t_unit_notified {bigint},"
    " t_unit_acknowledged {bigint}, t_unit_departed {bigint}, t_on_scene {bigint}, t_at_patient {bigint},"
    " t_left_scene {bigint}, t_at_facility {bigint}, t_handed_over {bigint}, t_available {bigint}, t_back_at_post"
    " {bigint}, sequence {bigint} NOT NULL){strict}",
    "CREATE INDEX report_mission_offered_at ON report_mission(offered_at)",
    "CREATE INDEX report_mission_district ON report_mission(district, offered_at)",
    NULL,
};

/* A row that was written before is of another version (host/projector.c) and made anew, so the defaults are never told. */
static const char *const REPORT_3[] = {
    "ALTER TABLE report_call ADD COLUMN t_arrest_recognised {bigint}",
    "ALTER TABLE report_call ADD COLUMN t_compressions_begun {bigint}",
    "ALTER TABLE report_call ADD COLUMN protocol {bigint} NOT NULL DEFAULT 0",
    "ALTER TABLE report_call ADD COLUMN proposed {bigint} NOT NULL DEFAULT 4",
    "ALTER TABLE report_call ADD COLUMN opened {bigint} NOT NULL DEFAULT 4",
    "ALTER TABLE report_call ADD COLUMN reprioritised {bigint} NOT NULL DEFAULT 0",
    NULL,
};

/* Calls and missions of one incident, for its story. */
static const char *const REPORT_4[] = {
    "CREATE INDEX report_call_incident ON report_call(incident)",
    "CREATE INDEX report_mission_incident ON report_mission(incident)",
    NULL,
};

/* What the projector had under way at an entry (measure_state_save, packed), to go on from there at the next start. */
static const char *const REPORT_5[] = {
    "CREATE TABLE projection_state(name text PRIMARY KEY, sequence {bigint} NOT NULL, checksum {bigint} NOT NULL, version "
    "{bigint}"
    " NOT NULL, digest {blob} NOT NULL, bytes {blob} NOT NULL){strict}",
    NULL,
};

/* The number of the paper that a case was entered from afterwards. As in the third step, the default is never told. */
static const char *const REPORT_6[] = {
    "ALTER TABLE report_call ADD COLUMN form {bigint} NOT NULL DEFAULT 0",
    "ALTER TABLE report_mission ADD COLUMN form {bigint} NOT NULL DEFAULT 0",
    NULL,
};

static const struct migration_step REPORT_STEPS[] = {
    { "one row a call", REPORT_1 },      { "one row a mission", REPORT_2 }, { "what triage told", REPORT_3 },
    { "rows of an incident", REPORT_4 }, { "what is under way", REPORT_5 }, { "entered from paper", REPORT_6 },
};

const struct migration_part MIGRATION_REPORT = { "report", REPORT_STEPS, ARRAY_LENGTH(REPORT_STEPS) };

/* ---- journal, in PostgreSQL only: a file has a format of its own (sqlite.h) ---- */

/* EXTERNAL: entries are not compressed, and their length is known without fetching them. */
static const char *const JOURNAL_1[] = {
    "CREATE TABLE journal_group(first_sequence {bigint} PRIMARY KEY, last_sequence {bigint} NOT NULL, previous_hash"
    " {blob} NOT NULL, hash {blob} NOT NULL, entries {blob} NOT NULL){strict}",
    "ALTER TABLE journal_group ALTER COLUMN entries SET STORAGE EXTERNAL",
    "CREATE TABLE journal_snapshot(sequence {bigint} PRIMARY KEY, digest {blob} NOT NULL,"
    " bytes {blob} NOT NULL){strict}",
    "ALTER TABLE journal_snapshot ALTER COLUMN bytes SET STORAGE EXTERNAL",
    "CREATE TABLE journal_meta(name text PRIMARY KEY, value text NOT NULL){strict}",
    "CREATE TABLE journal_writer(epoch {bigint} NOT NULL, holder text NOT NULL, since {bigint} NOT NULL){strict}",
    "INSERT INTO journal_writer(epoch, holder, since) VALUES(0, '', 0)",
    NULL,
};

/* Who owns the centre (lease.h): one row; who owned it when; and who else runs. Times by the clock of the database. */
static const char *const JOURNAL_2[] = {
    "CREATE TABLE journal_lease(epoch {bigint} NOT NULL, owner text NOT NULL, address text NOT NULL, renewed_at {bigint} NOT "
    "NULL,"
    " expires_at {bigint} NOT NULL){strict}",
    "INSERT INTO journal_lease(epoch, owner, address, renewed_at, expires_at) VALUES(0, '', '', 0, 0)",
    "CREATE TABLE journal_tenure(epoch {bigint} PRIMARY KEY, owner text NOT NULL, address text NOT NULL, taken_at {bigint} NOT"
    " NULL){strict}",
    "CREATE TABLE journal_standby(id text PRIMARY KEY, address text NOT NULL, sequence {bigint} NOT NULL, seen_at {bigint} NOT"
    " NULL){strict}",
    NULL,
};

static const struct migration_step JOURNAL_STEPS[] = {
    { "groups, snapshots, writer", JOURNAL_1 },
    { "who owns the centre", JOURNAL_2 },
};

const struct migration_part MIGRATION_JOURNAL = { "journal", JOURNAL_STEPS, ARRAY_LENGTH(JOURNAL_STEPS) };
