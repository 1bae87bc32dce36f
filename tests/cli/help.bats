#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# The command line as a person meets it: help, version, mistakes, the man page, completion.

setup() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    : "${PYTHON:=python3}"
}

@test "no arguments: usage on stderr, exit 2" {
    run --separate-stderr "$MINGDI"
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ "$stderr" == *"mingdi VERB"* ]]
}

@test "help, --help and -h list every verb, exit 0" {
    for word in help --help -h; do
        run --separate-stderr "$MINGDI" "$word"
        [ "$status" -eq 0 ]
        [ -z "$stderr" ]
        for verb in "city import" "city info" "city find" "road matrix" "road route" "road isochrone" "scenario import-jemss" \
            "scenario check" simulate replay fit "journal verify" version help completion; do
            [[ "$output" == *"  $verb "* ]] || { echo "missing: $verb"; false; }
        done
    done
}

@test "every verb has help that ends with exit 0 and fits 80 columns" {
    "$MINGDI" completion bash | sed -n "s/^        '\(.*\)') options=.*/\1/p" >"$BATS_TEST_TMPDIR/verbs"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/verbs")" -ge 10 ]
    while read -r verb; do
        # shellcheck disable=SC2086 # one or two words
        run "$MINGDI" $verb --help
        [ "$status" -eq 0 ]
        [[ "${lines[0]}" == "mingdi $verb: "* ]]
        first=$output
        # shellcheck disable=SC2086
        run "$MINGDI" help $verb
        [ "$status" -eq 0 ]
        [ "$output" = "$first" ]
    done <"$BATS_TEST_TMPDIR/verbs"
}

@test "version tells the version and the compiler" {
    run "$MINGDI" version
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" =~ ^mingdi\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    [[ "$output" == *"compiler "* ]]
    first=$output
    run "$MINGDI" --version
    [ "$output" = "$first" ]
}

@test "an unknown verb is answered by what was meant, exit 2" {
    run --separate-stderr "$MINGDI" simulat x
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [ "$stderr" = "mingdi: there is no 'simulat x'; did you mean 'mingdi simulate'?" ] ||
        [ "$stderr" = "mingdi: there is no 'simulat'; did you mean 'mingdi simulate'?" ]
    run --separate-stderr "$MINGDI" city imprt
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"did you mean 'mingdi city import'?" ]]
    run --separate-stderr "$MINGDI" city
    [ "$status" -eq 2 ]
    [ "$stderr" = "mingdi: 'city' needs a second word: import, info, find" ]
}

@test "an unknown option is answered by what was meant, exit 2" {
    run --separate-stderr "$MINGDI" road route c.mingdi --form 1,2
    [ "$status" -eq 2 ]
    [ "$stderr" = "mingdi: road route: unknown option --form; did you mean --from?" ]
}

@test "output that cannot be written is a failure" {
    [ -c /dev/full ] || skip "no /dev/full here"
    # shellcheck disable=SC2016 # expanded by the inner shell
    run --separate-stderr bash -c '"$1" help >/dev/full' _ "$MINGDI"
    [ "$status" -eq 1 ]
    [[ "$stderr" == "mingdi: help: standard output: "* ]]
}

@test "the man page has every verb and no line that roff would eat" {
    run "$MINGDI" help --man
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" == ".TH MINGDI 1 "* ]]
    [ "$(grep -c '^\.SS ' <<<"$output")" -ge 10 ]
    [ "$(grep -cE "^'" <<<"$output")" -eq 0 ]
    [ "$(grep -E '^\.' <<<"$output" | grep -cvE '^\.(TH|SH|SS|B|I|PP|TP|nf|fi)( |$)')" -eq 0 ]
}

# What the shell would offer for the words, the last being completed.
offers() {
    "$MINGDI" completion bash >"$BATS_TEST_TMPDIR/completion"
    # shellcheck disable=SC2016 # expanded by the inner shell
    bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mingdi; printf "%s\n" "${COMPREPLY[@]}"' \
        _ "$BATS_TEST_TMPDIR/completion" "$@"
}

@test "completion offers verbs, second words, options and choices" {
    [ "$(offers mingdi vers)" = version ]
    [ "$(offers mingdi city "" | sort | tr '\n' ' ')" = "find import info " ]
    [[ "$(offers mingdi road route c.mingdi --)" == *"--from"* ]]
    [[ "$(offers mingdi road route c.mingdi --profile "")" == *"emergency"* ]]
}
