#include "cli/arguments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct verb_option options[] = {
    { "--from", "LON,LAT", "where", NULL }, { "--profile", "P", "how", "emergency|normal|foot" },
    { "--days", "N", "how long", NULL },    { "--verify", NULL, "a flag", NULL },
    { "-o", "FILE", "output", NULL },       { NULL, NULL, NULL, NULL },
};

static const struct verb verb = { .name = "road try",
                                  .synopsis = "road try CITY [--from LON,LAT]",
                                  .options = options,
                                  .positionals_min = 1,
                                  .positionals_max = 2 };

static struct arguments parsed;
static struct error error;

#define PARSE(...)                                                                                                           \
    arguments_parse(&verb, (int)(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)), (const char *[]){ __VA_ARGS__ }, \
                    &parsed, &error)

static void test_forms_of_options(void **state)
{
    (void)state;
    assert_int_equal(PARSE("city", "--from", "-8.6,41.1", "--profile=foot", "--verify", "-o", "-", "x"), STATUS_OK);
    assert_int_equal(parsed.positional_count, 2);
    assert_string_equal(parsed.positionals[1], "x");
    assert_string_equal(argument(&parsed, "--from", ""), "-8.6,41.1");
    assert_string_equal(argument(&parsed, "--profile", ""), "foot");
    assert_string_equal(argument(&parsed, "-o", ""), "-");
    assert_int_equal(argument_count(&parsed, "--verify"), 1);
    assert_string_equal(argument(&parsed, "--verify", "no"), "");
    assert_null(argument(&parsed, "--days", NULL));
    assert_int_equal(PARSE("-8.6,41.1", "-"), STATUS_OK);
    assert_int_equal(PARSE("--", "--from"), STATUS_OK);
    assert_string_equal(parsed.positionals[0], "--from");
    assert_int_equal(PARSE("a", "--days", "1", "--days=2"), STATUS_OK);
    assert_string_equal(argument(&parsed, "--days", ""), "2");
    assert_int_equal(argument_count(&parsed, "--days"), 2);
}

static void test_wrong_lines_say_why(void **state)
{
    (void)state;
    assert_int_equal(PARSE("a", "--form", "1,2"), STATUS_USAGE);
    assert_string_equal(error.text, "unknown option --form; did you mean --from?");
    assert_int_equal(PARSE("a", "--zebra"), STATUS_USAGE);
    assert_string_equal(error.text, "unknown option --zebra; 'mingdi road try --help' lists the options");
    assert_int_equal(PARSE("a", "--from"), STATUS_USAGE);
    assert_string_equal(error.text, "option --from needs a value: LON,LAT");
    assert_int_equal(PARSE("a", "--from", ""), STATUS_USAGE);
    assert_int_equal(PARSE("a", "--from="), STATUS_USAGE);
    assert_string_equal(error.text, "option --from needs a value: LON,LAT");
    assert_int_equal(PARSE("a", "--profile", "car"), STATUS_USAGE);
    assert_string_equal(error.text, "option --profile cannot be 'car'; it is one of emergency|normal|foot");
    assert_int_equal(PARSE("a", "--profile", ""), STATUS_USAGE);
    assert_int_equal(PARSE("a", "--profile", "foot|normal"), STATUS_USAGE);
    assert_int_equal(PARSE("a", "--verify=yes"), STATUS_USAGE);
    assert_int_equal(PARSE("--verify"), STATUS_USAGE);
    assert_string_equal(error.text, "too few arguments; the form is: mingdi road try CITY [--from LON,LAT]");
    assert_int_equal(PARSE("a", "b", "c"), STATUS_USAGE);
    assert_non_null(strstr(error.text, "unexpected argument 'c'"));
}

static void test_too_many_words(void **state)
{
    (void)state;
    const char *words[2 * ARGUMENTS_MAX + 2];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        words[i] = "--verify";
    }
    assert_int_equal(arguments_parse(&verb, ARGUMENTS_MAX + 1, words, &parsed, &error), STATUS_USAGE);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        words[i] = "a";
    }
    assert_int_equal(arguments_parse(&verb, ARGUMENTS_MAX + 1, words, &parsed, &error), STATUS_USAGE);
}

static void test_numbers(void **state)
{
    (void)state;
    long long days = 0;
    double number = 0;
    static const char *const wrong[] = { "a", "1x", " 1", "1.5", "1000", "-1", "99999999999999999999", "0x1" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(PARSE("a", "--days", wrong[i]), STATUS_OK);
        assert_int_equal(argument_int(&parsed, "--days", 0, 999, 7, &days, &error), STATUS_USAGE);
    }
    static const char *const wrong_numbers[] = { "nan", "inf", "1e999", "0x1p3", "1,5", " 1", "12" };
    for (size_t i = 0; i < sizeof wrong_numbers / sizeof *wrong_numbers; i++) {
        assert_int_equal(PARSE("a", "--days", wrong_numbers[i]), STATUS_OK);
        assert_int_equal(argument_double(&parsed, "--days", 0, 11, 7, &number, &error), STATUS_USAGE);
    }
    assert_string_equal(error.text, "option --days: '12' is not a number from 0 to 11");
    assert_int_equal(PARSE("a"), STATUS_OK);
    assert_int_equal(argument_int(&parsed, "--days", 0, 999, 7, &days, &error), STATUS_OK);
    assert_int_equal(argument_double(&parsed, "--days", 0, 1, 2.5, &number, &error), STATUS_OK);
    assert_true(days == 7 && number == 2.5);
    assert_int_equal(PARSE("a", "--days", "30"), STATUS_OK);
    assert_int_equal(argument_int(&parsed, "--days", 0, 30, 7, &days, &error), STATUS_OK);
    assert_int_equal(argument_double(&parsed, "--days", 0, 30, 7, &number, &error), STATUS_OK);
    assert_true(days == 30 && number == 30);
}

/* The table itself: names, options and texts that help and completion rely on. */
static void test_table_of_verbs(void **state)
{
    (void)state;
    for (const struct verb *const *each = VERBS; *each != NULL; each++) {
        const struct verb *one = *each;
        const char *words[2] = { one->name, NULL };
        char first[40];
        const char *space = strchr(one->name, ' ');
        if (space != NULL) {
            assert_null(strchr(space + 1, ' '));
            memcpy(first, one->name, (size_t)(space - one->name));
            first[space - one->name] = '\0';
            words[0] = first;
            words[1] = space + 1;
        }
        for (const struct verb *const *before = VERBS; before != each; before++) {
            assert_string_not_equal((*before)->name, one->name);
        }
        int used = 0;
        assert_ptr_equal(verb_find(space != NULL ? 2 : 1, words, &used), one);
        assert_int_equal(used, space != NULL ? 2 : 1);
        assert_true(strncmp(one->synopsis, one->name, strlen(one->name)) == 0);
        assert_true(strlen(one->summary) > 0 && one->summary[strlen(one->summary) - 1] != '.');
        assert_non_null(one->details);
        assert_non_null(one->run);
        assert_true(one->positionals_min <= one->positionals_max && one->positionals_max <= ARGUMENTS_MAX);
        for (const struct verb_option *option = one->options; option != NULL && option->name != NULL; option++) {
            assert_true(option->name[0] == '-');
            assert_true(strlen(option->help) > 0);
            assert_true(option->choices == NULL || option->value != NULL);
            assert_non_null(strstr(one->synopsis, option->name));
        }
    }
}

static void test_unknown_verbs_get_a_hint(void **state)
{
    (void)state;
    assert_int_equal(verb_unknown(1, (const char *[]){ "versoin" }, &error), STATUS_USAGE);
    assert_string_equal(error.text, "there is no 'versoin'; did you mean 'mingdi version'?");
    assert_int_equal(verb_unknown(1, (const char *[]){ "compl" }, &error), STATUS_USAGE);
    assert_non_null(strstr(error.text, "did you mean 'mingdi completion'?"));
    assert_int_equal(verb_unknown(2, (const char *[]){ "zzzzzzz", "zzzzzz" }, &error), STATUS_USAGE);
    assert_string_equal(error.text, "there is no 'zzzzzzz'; 'mingdi help' lists what there is");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_of_options), cmocka_unit_test(test_wrong_lines_say_why),
        cmocka_unit_test(test_too_many_words),   cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_table_of_verbs),   cmocka_unit_test(test_unknown_verbs_get_a_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
