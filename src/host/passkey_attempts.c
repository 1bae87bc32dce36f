#include "host/passkey_attempts.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

struct attempt {
    int64_t until_us; /* 0: this place is free */
    struct passkey_asker asker;
    unsigned char challenge_hash[SECRET_HASH_SIZE];
};

struct passkey_attempts {
    struct passkey_site site;
    struct attempt strangers[PASSKEY_STRANGERS_MAX], own[PASSKEY_OWN_MAX];
};

struct passkey_attempts *passkey_attempts_create(const struct passkey_site *site)
{
    struct passkey_attempts *attempts = calloc(1, sizeof *attempts);
    if (attempts != NULL) {
        attempts->site = *site;
    }
    return attempts;
}

void passkey_attempts_destroy(struct passkey_attempts *attempts) { free(attempts); }

const struct passkey_site *passkey_attempts_site(const struct passkey_attempts *attempts) { return &attempts->site; }

struct passkey_asker passkey_asker_of_browser(const char *cookie)
{
    struct passkey_asker asker = { .deed = PASSKEY_SIGN_IN };
    secret_hash(cookie, strlen(cookie), NULL, asker.hash);
    return asker;
}

struct passkey_asker passkey_asker_of_session(enum passkey_deed deed, uint32_t person, uint64_t session)
{
    const uint64_t who[2] = { person, session };
    struct passkey_asker asker = { .deed = deed };
    secret_hash(who, sizeof who, NULL, asker.hash);
    return asker;
}

static struct attempt *places_of(struct passkey_attempts *attempts, enum passkey_deed deed, size_t *count)
{
    *count = deed == PASSKEY_SIGN_IN ? PASSKEY_STRANGERS_MAX : PASSKEY_OWN_MAX;
    return deed == PASSKEY_SIGN_IN ? attempts->strangers : attempts->own;
}

static bool is_of(const struct attempt *attempt, const struct passkey_asker *asker)
{
    return attempt->asker.deed == asker->deed && secret_equal(attempt->asker.hash, asker->hash, sizeof asker->hash);
}

/* The asker's own, else one that is free, over, or would be over first. */
static struct attempt *find_place(struct passkey_attempts *attempts, const struct passkey_asker *asker)
{
    size_t count;
    struct attempt *places = places_of(attempts, asker->deed, &count), *oldest = &places[0];
    for (size_t i = 0; i < count; i++) {
        if (places[i].until_us != 0 && is_of(&places[i], asker)) {
            return &places[i];
        }
        oldest = places[i].until_us < oldest->until_us ? &places[i] : oldest;
    }
    return oldest;
}

void passkey_attempts_begin(struct passkey_attempts *attempts, const struct passkey_asker *asker, int64_t now_us,
                            unsigned char challenge[PASSKEY_CHALLENGE_SIZE])
{
    struct attempt *attempt = find_place(attempts, asker);
    secret_random(challenge, PASSKEY_CHALLENGE_SIZE);
    *attempt = (struct attempt){ .until_us = now_us + PASSKEY_ATTEMPT_S * US_PER_SECOND, .asker = *asker };
    secret_hash(challenge, PASSKEY_CHALLENGE_SIZE, NULL, attempt->challenge_hash);
}

bool passkey_attempts_take(struct passkey_attempts *attempts, const struct passkey_asker *asker, int64_t now_us,
                           const unsigned char challenge[PASSKEY_CHALLENGE_SIZE])
{
    unsigned char hash[SECRET_HASH_SIZE];
    size_t count;
    struct attempt *places = places_of(attempts, asker->deed, &count);
    secret_hash(challenge, PASSKEY_CHALLENGE_SIZE, NULL, hash);
    for (size_t i = 0; i < count; i++) {
        if (places[i].until_us != 0 && secret_equal(places[i].challenge_hash, hash, sizeof hash)) {
            bool right = is_of(&places[i], asker) && now_us < places[i].until_us;
            places[i] = (struct attempt){ .until_us = 0 };
            return right;
        }
    }
    return false;
}
