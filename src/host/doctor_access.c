/* Who will soon be refused at the door: machines whose tokens end, people who have not yet changed a password that was given. */
#include <inttypes.h>

#include "host/doctor_private.h"
#include "host/people_private.h"

/* A given password is there for days only, and is changed at the first sign-in: it is told of when half of that is over. */
enum { GIVEN_DAYS_WARN = 7, TOKENS_TOLD_MAX = 20 };

struct round {
    const struct doctor *doctor;
    unsigned told;
    int64_t tokens, endless, given, first_given_at;
};

/* Days from now, towards zero: 0 is today. */
static int64_t days_until(const struct doctor *doctor, int64_t at_us) { return (at_us - doctor->options->now.us) / US_PER_DAY; }

static enum status say_token(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct round *round = context;
    int64_t ends_us = sql_row_int(row, 2), days = days_until(round->doctor, ends_us);
    bool is_over = ends_us <= round->doctor->options->now.us;
    doctor_say(
        round->doctor, DOCTOR_WARN, "token",
        is_over ? "if a program still has it, it is refused: make a new token (Accounts, Machines) and give it to the program; "
                  "else revoke this one"
                : "make a new one (Accounts, Machines), give it to the program, then revoke this one",
        is_over ? "the token %.100s (%.40s) ended %" PRId64 " days ago" : "the token %.100s (%.40s) ends in %" PRId64 " days",
        sql_row_text(row, 0), sql_row_text(row, 1), is_over ? -days : days);
    round->told++;
    return STATUS_OK;
}

static enum status take_counts(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct round *round = context;
    round->tokens = sql_row_int(row, 0);
    round->endless = sql_row_int(row, 1);
    return STATUS_OK;
}

static enum status take_given(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct round *round = context;
    round->given = sql_row_int(row, 0);
    round->first_given_at = sql_row_int(row, 1);
    return STATUS_OK;
}

/* What ended longer ago than a month has been missed by now, or by nobody. */
static enum status examine_tokens(struct round *round, struct sql *sql, struct error *error)
{
    int64_t now = round->doctor->options->now.us, month = TOKEN_ENDING_DAYS * US_PER_DAY;
    TRY(sql_query(sql,
                  "SELECT name, role, expires_at FROM token WHERE revoked_at IS NULL AND expires_at > $1 AND expires_at < $2"
                  " ORDER BY expires_at, id LIMIT $3",
                  SQL_PARAMETERS(sql_int(now - month), sql_int(now + month), sql_int(TOKENS_TOLD_MAX)), say_token, round, NULL,
                  error));
    TRY(sql_query(sql,
                  "SELECT count(*), count(*) - count(expires_at) FROM token WHERE revoked_at IS NULL AND (expires_at IS NULL OR"
                  " expires_at > $1)",
                  SQL_PARAMETERS(sql_int(now)), take_counts, round, NULL, error));
    if (round->told == 0) {
        doctor_say(round->doctor, DOCTOR_OK, "token", "",
                   "%" PRId64 " tokens of machines, %" PRId64 " of them without an end; none ends within %d days", round->tokens,
                   round->endless, (int)TOKEN_ENDING_DAYS);
    }
    return STATUS_OK;
}

static enum status examine_given(struct round *round, struct sql *sql, struct error *error)
{
    const struct doctor *doctor = round->doctor;
    TRY(sql_query(
        sql, "SELECT count(*), coalesce(min(password_given_at), 0) FROM person WHERE disabled = 0 AND password_given_at > $1",
        SQL_PARAMETERS(sql_int(PASSWORD_NOT_COUNTED)), take_given, round, NULL, error));
    if (round->given == 0 || doctor->config.first_password_days == 0) {
        doctor_say(doctor, DOCTOR_OK, "password", "", "no password that was given runs out");
        return STATUS_OK;
    }
    int64_t ends_us = round->first_given_at + doctor->config.first_password_days * US_PER_DAY;
    int64_t days = days_until(doctor, ends_us);
    bool is_over = ends_us <= doctor->options->now.us;
    doctor_say(doctor, days < GIVEN_DAYS_WARN ? DOCTOR_WARN : DOCTOR_OK, "password",
               days >= GIVEN_DAYS_WARN ? ""
               : is_over               ? "an administrator gives a new one, or shuts the account"
                                       : "remind whoever has not signed in yet; an administrator sees who (Accounts)",
               is_over ? "%" PRId64 " passwords that were given have not been changed; the first ran out %" PRId64 " days ago"
                       : "%" PRId64 " passwords that were given have not been changed; the first runs out in %" PRId64 " days",
               round->given, is_over ? -days : days);
    return STATUS_OK;
}

void doctor_access(const struct doctor *doctor, struct sql *sql)
{
    struct round round = { .doctor = doctor };
    struct error error = { .text = "" };
    if (examine_tokens(&round, sql, &error) != STATUS_OK || examine_given(&round, sql, &error) != STATUS_OK) {
        doctor_say_error(doctor, DOCTOR_FAIL, "token", &error, "look at the database's log");
    }
}
