/* A person's own second factor: a secret is made and shown, and counts once a code of it has come back, so that nobody locks
 * himself out by a picture that the authenticator did not take. */
#include <string.h>

#include "base/check.h"
#include "host/people_private.h"

enum { SHOWN_FOR_MINUTES = 15 };

bool people_begin_own_totp(struct people *people, const struct identity *by, char url[160])
{
    struct person *person = by->machine ? NULL : people_find(people, by->actor);
    if (person == NULL) {
        return false;
    }
    CHECK(totp_make(people->totp_key, person->id, person->name, person->new_totp, url, 160));
    person->new_totp_at = people_now(people).us;
    return true;
}

void people_set_own_totp(struct people *people, const struct identity *by, const char *code, people_done *done, void *context)
{
    struct person *person = by->machine ? NULL : people_find(people, by->actor);
    struct instant now = people_now(people);
    unsigned char secret[TOTP_SECRET_SIZE];
    uint64_t step = 0;
    CHECK(person != NULL);
    bool right = person->new_totp_at != 0 && now.us - person->new_totp_at < SHOWN_FOR_MINUTES * US_PER_MINUTE &&
                 totp_open(people->totp_key, person->id, person->new_totp, sizeof person->new_totp, secret) &&
                 totp_check(secret, code, now, 0, &step);
    secret_wipe(secret, sizeof secret);
    if (!right) {
        const struct people_change refused = { .status = STATUS_BAD_INPUT,
                                               .text = "the code is not one of the secret that was shown",
                                               .id = by->actor };
        done(context, &refused);
        return;
    }
    person->new_totp_at = 0;
    people_put_own_totp(people, by, person->new_totp, step, done, context);
}
