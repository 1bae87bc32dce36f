#!/usr/bin/env bats
# mingdi bench live: every line comes, whatever the figures are, and nothing is left running or on disk, also after Ctrl-C.
bats_require_minimum_version 1.5.0

setup() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    W=$(mktemp -d "${TMPDIR:-/tmp}/bench-live-XXXXXX")
    chmod 711 "$W" # PostgreSQL runs as another user than root
}

teardown() { rm -rf "$W"; }

# Servers name their folder on their command line.
nothing_left() {
    [ -z "$(ls -A "$W")" ] || { ls -A "$W"; false; }
    for arguments in /proc/[0-9]*/cmdline; do
        run ! grep -qsF "$W/mingdi-bench" "$arguments"
    done
}

@test "a short run prints every line and leaves nothing" {
    run --separate-stderr timeout 300 "$MINGDI" bench live --seconds 0.1 --clients 1,3 --work "$W"
    # shellcheck disable=SC2154 # bats sets stderr
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
    for line in 'SQLite' '4 KiB written and synced' 'journal alone, commits of 1 ' 'journal alone, commits of 100 ' \
        'plain inserts, 1 connection ' 'commands, 1 client ' 'commands, 3 clients ' 'PostgreSQL' \
        'from the place to the recommendation' 'from the triage to the recommendation' 'of it the disk' \
        'calls without a recommendation ' 'positions shown' 'from the request to the frame read' 'without that wait' \
        'read by the consoles' "the server's processor time" 'its memory at most' '20,000 a second offered' \
        'as many as are taken' 'aim: group commit' 'aim: 20 ms p99' 'aim: memory under 300 MB' 'aim: 20000 positions'; do
        [[ "$output" == *"$line"* ]] || { echo "missing: $line"; echo "$output"; false; }
    done
    [ "$(grep -cE ': (met|missed)$' <<<"$output")" -ge 4 ]
    # Without programs of PostgreSQL the report says why; with them, it has the same lines again.
    if [[ "$output" != *"skipped: no programs of PostgreSQL"* ]]; then
        [ "$(grep -cF 'commands, 3 clients ' <<<"$output")" -eq 2 ] || { echo "$output"; false; }
    fi
    nothing_left
}

@test "stopped in the middle: nothing is left" {
    "$MINGDI" bench live --seconds 60 --only positions --work "$W" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    child=$!
    for _ in $(seq 2400); do
        if [ -n "$(find "$W" -name journal.db-wal)" ]; then break; fi
        sleep 0.05
    done
    kill -TERM "$child"
    status=0
    wait "$child" || status=$?
    [ "$status" -eq 1 ]
    grep -q 'stopped before the end' "$BATS_TEST_TMPDIR/err"
    nothing_left
}

@test "what cannot be measured is a mistake of use" {
    for list in 0 1,,2 x 1,2000; do
        run --separate-stderr "$MINGDI" bench live --clients "$list" --work "$W"
        [ "$status" -eq 2 ]
        [[ "$stderr" == *"--clients $list: expected"* ]] || { echo "$stderr"; false; }
    done
    run "$MINGDI" bench live --seconds 0
    [ "$status" -eq 2 ]
    run "$MINGDI" bench live --only nothing
    [ "$status" -eq 2 ]
    run --separate-stderr "$MINGDI" bench live --work "$W/nowhere"
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"no temporary folder can be made in it"* ]]
    nothing_left
}
