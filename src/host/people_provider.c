/* Whom the identity provider names: known by a keyed hash of issuer and subject, which outlives the name. A leaver stays out by
 * it, and an account goes with the person there and not with the name, which may become another's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/people_private.h"

enum { MARK_HALF = SECRET_HASH_SIZE / 2 };

void people_mark_key(const unsigned char *master_key, unsigned char mark_key[SECRET_KEY_SIZE])
{
    static const char purpose[] = "mingdi leaver or person of a provider";
    secret_hash(purpose, sizeof purpose - 1, master_key, mark_key);
}

/* Its first half is the issuer's, so that what another provider called somebody is not held against this one. */
void people_mark(const unsigned char *mark_key, const char *issuer, const char *subject, unsigned char mark[SECRET_HASH_SIZE])
{
    unsigned char whole[SECRET_HASH_SIZE];
    size_t first = strlen(issuer) + 1, second = strlen(subject);
    char *both = malloc(first + second + 1);
    CHECK(both != NULL);
    (void)snprintf(both, first, "%s", issuer);
    (void)snprintf(both + first, second + 1, "%s", subject);
    secret_hash(issuer, first, mark_key, mark);
    secret_hash(both, first + second, mark_key, whole);
    memcpy(mark + MARK_HALF, whole, MARK_HALF);
    free(both);
}

bool people_mark_is_barred(const struct people *people, const unsigned char mark[SECRET_HASH_SIZE])
{
    for (size_t i = 0; i < people->persons.count; i++) {
        const struct person *person = &people->persons.items[i];
        if (person->disabled && person->has_provider_mark && memcmp(person->provider_mark, mark, SECRET_HASH_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

bool people_mark_is_another(const struct person *person, const unsigned char mark[SECRET_HASH_SIZE])
{
    return person->has_provider_mark && memcmp(person->provider_mark, mark, MARK_HALF) == 0 &&
           memcmp(person->provider_mark + MARK_HALF, mark + MARK_HALF, MARK_HALF) != 0;
}

static bool name_is_barred(const struct people *people, const char *name)
{
    unsigned char mark[SECRET_HASH_SIZE];
    people_mark(people->mark_key, "", name, mark);
    for (size_t i = 0; i < people->persons.count; i++) {
        const struct person *person = &people->persons.items[i];
        if (person->has_left_mark && memcmp(person->left_mark, mark, sizeof mark) == 0) {
            return true;
        }
    }
    return false;
}

bool people_is_barred(const struct people *people, const struct admission *admission)
{
    unsigned char mark[SECRET_HASH_SIZE];
    people_mark(people->mark_key, admission->issuer, admission->subject, mark);
    return people_mark_is_barred(people, mark) || name_is_barred(people, admission->name);
}
