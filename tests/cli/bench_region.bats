#!/usr/bin/env bats
# mingdi bench region: a line for each number of centres and processes, and nothing is left running or on disk.
bats_require_minimum_version 1.5.0

setup() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    W=$(mktemp -d "${TMPDIR:-/tmp}/bench-region-XXXXXX")
    chmod 711 "$W" # PostgreSQL runs as another user than root
}

teardown() { rm -rf "$W"; }

@test "two centres, in one process and in two" {
    run --separate-stderr timeout 600 "$MINGDI" bench region --seconds 0.1 --centres 1,2 --processes 1,2 --clients 2 --work "$W"
    # shellcheck disable=SC2154 # bats sets stderr
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
    if [[ "$output" == *"skipped: no programs of PostgreSQL"* ]]; then
        skip "there are no binaries of PostgreSQL 15"
    fi
    for line in '1 +1 +2' '2 +1 +4' '2 +2 +4'; do
        grep -qE "^ +$line +[0-9]+ " <<<"$output" || { echo "$output"; false; }
    done
    [ "$(grep -cE "^ +[12] +[12] +[24] " <<<"$output")" -eq 3 ] # no process without a centre
    [ -z "$(ls -A "$W")" ] || { ls -A "$W"; false; }
    for arguments in /proc/[0-9]*/cmdline; do
        run ! grep -qsF "$W/mingdi-bench" "$arguments"
    done
}

@test "what cannot be measured is a mistake of use" {
    for list in 0 2,1 1,,2 x 1,129; do
        run --separate-stderr "$MINGDI" bench region --centres "$list" --work "$W"
        [ "$status" -eq 2 ]
        [[ "$stderr" == *"--centres $list: expected"* ]] || { echo "$stderr"; false; }
    done
    run --separate-stderr "$MINGDI" bench region --processes 1,17 --work "$W"
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"--processes 1,17: expected"* ]] || { echo "$stderr"; false; }
    run "$MINGDI" bench region --clients 9 --work "$W"
    [ "$status" -eq 2 ]
}
