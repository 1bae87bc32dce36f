#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# Tables and journals by the command line: mingdi migrate, and the journal verbs on a file, a folder and a PostgreSQL server.

setup_file() {
    : "${PYTHON:=python3}"
    export SERVER="$BATS_TEST_DIRNAME/../process/postgres_server.py"
    export SERVER_FOLDER="$BATS_FILE_TMPDIR/postgres"
    chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
    URL=$("$PYTHON" "$SERVER" start "$SERVER_FOLDER" 3>&- 4>&-) || URL=''
    export URL
}

teardown_file() {
    [ -z "$URL" ] || "${PYTHON:-python3}" "$SERVER" stop "$SERVER_FOLDER"
}

setup() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    : "${PYTHON:=python3}"
    cd "$BATS_TEST_TMPDIR" || exit
}

needs_server() {
    [ -n "$URL" ] || skip "there are no binaries of PostgreSQL 15"
}

# field NAME: of the JSON in $output
field() {
    "$PYTHON" -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$output" "$1"
}

migrates() { # WORDS OF THE STORE
    run --separate-stderr "$MINGDI" migrate "$@" --check
    [ "$status" -eq 1 ]
    [ "$(field newest)" = False ]
    # shellcheck disable=SC2154 # bats sets it
    [[ "$stderr" == *"run 'mingdi migrate'"* ]]
    run --separate-stderr "$MINGDI" migrate "$@"
    [ "$status" -eq 0 ]
    [ "$(field newest)" = True ]
    "$MINGDI" migrate "$@" >again
    [ "$(printf '%s\n' "$output" | sed 's/"applied_now": [0-9]*/"applied_now": 0/')" = "$(cat again)" ]
    run --separate-stderr "$MINGDI" migrate "$@" --check
    [ "$status" -eq 0 ]
}

@test "migrate: a folder, and its drill apart; one without a journal is left alone" {
    mkdir data
    for check in "" --check; do
        # shellcheck disable=SC2086 # a word or none
        run --separate-stderr "$MINGDI" migrate --data data $check
        [ "$status" -eq 1 ]
        [[ "$stderr" == *"no centre in "* ]]
        [ -z "$(ls data)" ]
    done
    touch data/journal.db
    migrates --data data
    [ -f data/centre.db ] && [ -f data/report.db ]
    mkdir data/drill
    run --separate-stderr "$MINGDI" migrate --data data --drill
    [ "$status" -eq 1 ]
    [ -z "$(ls data/drill)" ]
    touch data/drill/journal.db
    migrates --data data --drill
    [ -f data/drill/centre.db ]
}

@test "migrate: without a store, or with one that is none, exit 2" {
    run --separate-stderr "$MINGDI" migrate
    [ "$status" -eq 2 ]
    run --separate-stderr "$MINGDI" migrate --store mysql://h/d
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"postgres://"* ]]
}

@test "migrate: PostgreSQL, and its drill apart" {
    needs_server
    migrates --store "$URL?schema=cli"
    migrates --store "$URL?schema=cli" --drill
    [[ "$("$MINGDI" migrate --store "$URL?schema=cli")" == *'"part": "journal"'* ]]
}

@test "migrate: no server, no password in the message" {
    run --separate-stderr "$MINGDI" migrate --store "postgres://u:hidden@127.0.0.1:1/d"
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"no connection"* ]]
    [[ "$stderr" != *hidden* ]]
}

@test "journal verify and show: what is not there is said so" {
    needs_server
    mkdir empty
    for name in nowhere.db empty "$URL?schema=nothing"; do
        for verb in "journal verify" "journal show" replay; do
            # shellcheck disable=SC2086 # two words
            run --separate-stderr "$MINGDI" $verb "$name"
            [ "$status" -eq 1 ]
            [ -z "$output" ]
            [[ "$stderr" == *"there is no "* ]]
        done
    done
}
