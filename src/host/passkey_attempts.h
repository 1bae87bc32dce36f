/* The challenges that are out: random, each for one deed and one asker, good once and for a short time. In memory only. Strangers
 * who begin and begin push out strangers' challenges, never those of who is signed in. I/O thread only.
 *
 * Workload: tens at once, looked through one after the other; thousands under attack. */
#ifndef MINGDI_HOST_PASSKEY_ATTEMPTS_H
#define MINGDI_HOST_PASSKEY_ATTEMPTS_H

#include "host/passkey.h"
#include "host/secret.h"

enum { PASSKEY_ATTEMPT_S = 180, PASSKEY_STRANGERS_MAX = 4096, PASSKEY_OWN_MAX = 1024 };

/* What a challenge was given out for. */
enum passkey_deed { PASSKEY_SIGN_IN, PASSKEY_SHOW, PASSKEY_REGISTER };

struct passkey_attempts;

struct passkey_attempts *passkey_attempts_create(const struct passkey_site *site);
void passkey_attempts_destroy(struct passkey_attempts *attempts);
const struct passkey_site *passkey_attempts_site(const struct passkey_attempts *attempts);

/* Whose it is: a hash of the browser's cookie, or of the session. */
struct passkey_asker {
    enum passkey_deed deed;
    unsigned char hash[SECRET_HASH_SIZE];
};
struct passkey_asker passkey_asker_of_browser(const char *cookie);
struct passkey_asker passkey_asker_of_session(enum passkey_deed deed, uint32_t person, uint64_t session);

/* now_us: of the monotonic clock. The former one of the same asker is over. */
void passkey_attempts_begin(struct passkey_attempts *attempts, const struct passkey_asker *asker, int64_t now_us,
                            unsigned char challenge[PASSKEY_CHALLENGE_SIZE]);
/* True once, if it is out, of this asker and in time; afterwards it is over, whatever the answer. */
bool passkey_attempts_take(struct passkey_attempts *attempts, const struct passkey_asker *asker, int64_t now_us,
                           const unsigned char challenge[PASSKEY_CHALLENGE_SIZE]);

#endif
