/* A person's own password: the old one is looked at as at a sign-in, so that a session left open is no way to guess it; the new
 * one is then written as an administrator would, and all other sessions of the person end. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/people_private.h"

struct own_job {
    struct people *people;
    struct identity by;
    uint32_t revision; /* of the person whose password was looked at */
    char password[PASSWORD_BYTES_MAX + 1];
    people_done *done;
    void *context;
};

static void end_job(struct own_job *job)
{
    secret_wipe(job, sizeof *job);
    free(job);
}

static void verified(void *context, const struct sign_in *result)
{
    struct own_job *job = context;
    if (result->outcome == SIGN_IN_DONE) {
        people_amend_own(job->people, &job->by, job->revision, job->password, job->done, job->context);
    } else {
        const struct people_change refused = { .status = STATUS_BAD_INPUT,
                                               .text = "the old password was not taken",
                                               .id = job->by.actor,
                                               .old_password = result->outcome,
                                               .retry_after_s = result->retry_after_s };
        job->done(job->context, &refused);
    }
    end_job(job);
}

static const char *fault_of(const struct person *person, const char *old_password, const char *new_password)
{
    const char *fault = people_password_fault(person->name, new_password);
    return fault == NULL && strcmp(old_password, new_password) == 0 ? "the new password is the old one" : fault;
}

void people_change_own_password(struct people *people, const struct identity *by, const struct own_password *wanted,
                                people_done *done, void *context)
{
    const struct person *person = by->machine ? NULL : people_find(people, by->actor);
    struct people_change refused = { .status = STATUS_NOT_FOUND, .id = by->actor };
    const char *fault = person != NULL ? fault_of(person, wanted->old_password, wanted->new_password) : NULL;
    if (person != NULL && fault == NULL && people->setup.known_words != NULL) {
        fault = people_password_weakness(people->setup.known_words, person->name, wanted->new_password);
        refused.weak_password = fault != NULL;
    }
    if (person == NULL || fault != NULL) {
        refused.status = person == NULL ? STATUS_NOT_FOUND : STATUS_BAD_INPUT;
        (void)snprintf(refused.text, sizeof refused.text, "%s", fault != NULL ? fault : "a machine has no password");
        done(context, &refused);
        return;
    }
    struct own_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    *job = (struct own_job){ .people = people, .by = *by, .revision = person->revision, .done = done, .context = context };
    (void)snprintf(job->password, sizeof job->password, "%s", wanted->new_password);
    people_verify(people, person, wanted->old_password, wanted->address, verified, job);
}
