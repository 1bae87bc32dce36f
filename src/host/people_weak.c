/* Passwords that are tried first: words of a dictionary and what people make of them, runs of keys, and the names of the person,
 * the centre and the city. libpwquality and cracklib decide; the words that must not be in it are told to them here. */
#include <pthread.h>
#include <pwquality.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/log.h"
#include "host/people_private.h"

/* Where Debian's cracklib-runtime puts its dictionary; without it cracklib would refuse whatever it is asked. */
static const char DICTIONARY[] = "/var/cache/cracklib/cracklib_dict.pwd";
/* In whatever form, also reversed: what most lists of leaked passwords begin with, in China too, and this program's name. */
static const char TRIED_FIRST[] = "password passw0rd qwerty asdfgh zxcvbn 1q2w 1qaz 2wsx 12345 54321 00000 11111 66666 88888 "
                                  "abc123 admin welcome letmein woaini iloveyou 5201314 1314520 mingdi";

enum { WORDS_MAX = 512, LENGTH_MIN = 6, SEQUENCE_MAX = 5, BASE_MIN = 4 };

/* cracklib keeps one dictionary and one buffer for the whole process: one thread at a time, of whichever centre. */
static pthread_mutex_t cracklib = PTHREAD_MUTEX_INITIALIZER;

/* Lengths are the centre's own matter (people_password_fault), and no kinds of characters are demanded. NULL: no memory. */
static pwquality_settings_t *make_settings(const char *words)
{
    static const int none[] = { PWQ_SETTING_DIFF_OK, PWQ_SETTING_DIG_CREDIT, PWQ_SETTING_UP_CREDIT, PWQ_SETTING_LOW_CREDIT,
                                PWQ_SETTING_OTH_CREDIT };
    bool has_dictionary = access(DICTIONARY, R_OK) == 0;
    pwquality_settings_t *settings = pwquality_default_settings();
    if (settings == NULL) {
        return NULL;
    }
    bool good = pwquality_set_str_value(settings, PWQ_SETTING_BAD_WORDS, words) == 0 &&
                pwquality_set_int_value(settings, PWQ_SETTING_MIN_LENGTH, LENGTH_MIN) == 0 &&
                pwquality_set_int_value(settings, PWQ_SETTING_MAX_SEQUENCE, SEQUENCE_MAX) == 0 &&
                pwquality_set_int_value(settings, PWQ_SETTING_DICT_CHECK, has_dictionary) == 0;
    for (size_t i = 0; i < sizeof none / sizeof none[0] && good; i++) {
        good = pwquality_set_int_value(settings, none[i], 0) == 0;
    }
    if (!has_dictionary) {
        LOG(LOG_WARNING, "people", "passwords are not held against a dictionary: install cracklib-runtime");
    }
    if (!good) {
        pwquality_free_settings(settings);
    }
    return good ? settings : NULL;
}

/* "football2026!": what stands between the digits and signs at both ends. */
static void strip(const char *password, char base[PASSWORD_BYTES_MAX + 1])
{
    static const char signs[] = "0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    size_t begin = strspn(password, signs), end = strlen(password);
    while (end > begin && strchr(signs, password[end - 1]) != NULL) {
        end--;
    }
    (void)snprintf(base, PASSWORD_BYTES_MAX + 1, "%.*s", (int)(end - begin), password + begin);
}

/* What libpwquality says of the password as it is, and of the word in it. */
static int check(pwquality_settings_t *settings, const char *name, const char *password, const char *base)
{
    pthread_mutex_lock(&cracklib);
    int found = pwquality_check(settings, password, NULL, name, NULL);
    if (found >= 0 && strlen(base) >= BASE_MIN && pwquality_check(settings, base, NULL, NULL, NULL) == PWQ_ERROR_CRACKLIB_CHECK) {
        found = PWQ_ERROR_CRACKLIB_CHECK;
    }
    pthread_mutex_unlock(&cracklib);
    return found;
}

const char *people_password_weakness(const char *known_words, const char *name, const char *password)
{
    char words[WORDS_MAX], base[PASSWORD_BYTES_MAX + 1];
    const char *weakness = NULL;
    (void)snprintf(words, sizeof words, "%s %.300s", TRIED_FIRST, known_words != NULL ? known_words : "");
    pwquality_settings_t *settings = make_settings(words);
    if (settings == NULL) {
        return "no memory to look at the password";
    }
    strip(password, base);
    int found = check(settings, name, password, base);
    if (found == PWQ_ERROR_BAD_WORDS || found == PWQ_ERROR_USER_CHECK) {
        weakness = "the password has the name of the person, the centre or the city in it, or one that everybody tries first";
    } else if (found < 0) {
        weakness = "the password is a word of the dictionary, or too simple a pattern";
    }
    pwquality_free_settings(settings);
    secret_wipe(base, sizeof base);
    return weakness;
}
