#!/usr/bin/env bats
# mingdi init: a centre from a folder and by questions; refusals before anything is written; killed at any moment.
bats_require_minimum_version 1.5.0

setup_file() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    export MINGDI
    export PYTHON=${PYTHON:-python3}
    export TOWN=$BATS_TEST_DIRNAME/town
    export WORK=$BATS_FILE_TMPDIR
    cp -r "$TOWN/scenario" "$WORK/setup"
    "$MINGDI" city import --geojson "$TOWN/roads.geojson" --name Town -o "$WORK/setup/city.mingdi" 2>"$WORK/import.log"
    rm "$WORK/setup/service.csv" "$WORK/setup/priorities.csv" # not part of a setup
}

setup() {
    S=$BATS_TEST_TMPDIR/setup
    D=$BATS_TEST_TMPDIR/centre
    cp -r "$WORK/setup" "$S"
}

# shellcheck disable=SC2154 # bats sets stderr
# refused STATUS TEXT: the last run said one line with the text, and nothing was made.
refused() {
    [ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; false; }
    [[ "$stderr" == "mingdi: init: "*"$2"* ]] || { echo "$stderr"; false; }
    [ -z "$output" ]
    [ ! -e "$D" ]
}

init() { run --separate-stderr "$MINGDI" init --data "$D" --from "$S" "$@"; }

# sql FILE QUERY: through Python, whose SQLite needs no package of its own.
sql() {
    "$PYTHON" - "$1" "$2" <<'END'
import sqlite3, sys
print(*["|".join(map(str, row)) for row in sqlite3.connect(sys.argv[1], isolation_level=None).execute(sys.argv[2])], sep="\n")
END
}

@test "a centre from a folder: files, rights, names, a journal that replays" {
    printf '%s\n' name,role,scope,scope_id,password 'wang,call_taker,,,correct horse battery' \
        'crew,crew,unit,u2,correct horse battery' crew,hospital,facility,hospital, >"$S/people.csv"
    init --admin chief --token exchange:gateway
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
    [[ "$output" == *"2 stations, 3 units, 1 facilities, 1 districts, 4 seats, 3 people"* ]]
    [[ "$output" == *"sign in within 14 days: a password that was given runs out then"* ]]
    [[ "$output" == *"password of chief, shown this once: "????-????-????-????* ]]
    [[ "$output" == *"token of exchange (gateway), shown this once: mgd_"* ]]
    [ "$(stat -c %a "$D")" = 700 ]
    [ "$(stat -c %a "$D/master.key")" = 600 ]
    [ ! -e "$D/init.partial" ]
    query='SELECT p.name, g.role, g.scope, g.scope_id FROM person p JOIN person_grant g ON g.person = p.id ORDER BY 1, 2'
    [ "$(sql "$D/centre.db" "$query")" = \
        "$(printf 'chief|administrator|centre|0\ncrew|crew|unit|2\ncrew|hospital|facility|1\nwang|call_taker|centre|0')" ]
    [ "$(sql "$D/centre.db" "SELECT code FROM directory WHERE kind = 'unit' ORDER BY id")" = "$(printf 'u1\nu2\nu3')" ]
    "$MINGDI" journal verify "$D/journal.db" | grep -q '"closed_cleanly": true'
    "$MINGDI" replay "$D/journal.db" --verify | grep -q '"equal": true'
    # centre_open, policy_set, then what the files say: 2 posts, 3 units, 1 facility
    [ "$("$MINGDI" journal show "$D/journal.db" | wc -l)" -eq 8 ]
    "$MINGDI" config check --data "$D"
    run ! grep -rqF 'correct horse battery' "$D"
}

@test "the audit trail is verified with the journal, and a changed row is named" {
    init --admin chief --token exchange:gateway
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
    rows=$(sql "$D/centre.db" 'SELECT count(*) FROM audit')
    [ "$rows" -ge 2 ]
    "$MINGDI" journal verify "$D" | grep -A1 '"audit"' | grep -q "\"rows\": $rows"
    sql "$D/centre.db" "UPDATE audit SET detail = 'nothing' WHERE sequence = 2"
    run --separate-stderr "$MINGDI" journal verify "$D"
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"audit trail: row 2 is not what was written"* ]] || { echo "$stderr"; false; }
}

@test "a folder that holds a centre is never changed" {
    init --admin chief
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
    before=$(cd "$D" && sha256sum ./*)
    init --admin chief
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"holds a centre already; nothing was changed"* ]] || { echo "$stderr"; false; }
    rm -f "$D"/*-wal "$D"/*-shm # of the look at the journal
    [ "$(cd "$D" && sha256sum ./*)" = "$before" ]
}

@test "a drill beside its centre shares city and key, and nothing else" {
    printf 'name,role,password,drill_only\nplayer,administrator,only-an-exercise-120,yes\n' >"$S/people.csv"
    init
    refused 1 "nobody in people.csv is an administrator of the centre (accounts for drills only do not count)"
    init --admin chief
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
    key=$(sha256sum "$D/master.key")
    init --drill --token sim:simulation
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
    [ "$(sha256sum "$D/master.key")" = "$key" ]
    [ "$(sql "$D/centre.db" 'SELECT name FROM person')" = chief ]
    [ "$(sql "$D/drill/centre.db" 'SELECT name FROM person')" = player ]
    "$MINGDI" journal verify "$D/drill/journal.db" | grep -q '"drill": true'
    "$MINGDI" journal verify "$D/journal.db" | grep -q '"drill": false'
}

@test "what does not fit is refused with its line before anything is written" {
    init
    refused 1 "nobody in people.csv is an administrator"
    init --admin chief --token sim:simulation
    refused 2 "the role simulation exists in a drill only"
    init --admin chief --token sim
    refused 2 "the form is NAME:ROLE"
    init --admin chief --token sim:nobody
    refused 2 "there is no role nobody"
    init --admin 'two words'
    refused 1 "two words: "
    init --admin chief --city "$WORK/nothing.mingdi"
    refused 1 "nothing.mingdi: there is no city file; make one with: mingdi city import"
    printf 'name,role\nchief,boss\n' >"$S/people.csv"
    init
    refused 1 'people.csv:2: '
    printf 'name,role,scope,scope_id\nchief,crew,unit,u9\n' >"$S/people.csv"
    init
    refused 1 'people.csv:2: scope_id "u9" is no id in units.csv'
    printf 'name,role,scope,scope_id\nchief,crew,centre,u1\n' >"$S/people.csv"
    init
    refused 1 'people.csv:2: '
    printf 'name,role,password\nchief,administrator,short\n' >"$S/people.csv"
    init
    refused 1 'people.csv:2: chief: '
    # what is tried first, a word of the dictionary, the centre's and the person's name
    for password in 12345678901 basketball2026 my-town-of-1871 chief-of-them-all; do
        printf 'name,role,password\nroot,administrator,\nchief,duty_commander,%s\n' "$password" >"$S/people.csv"
        init
        refused 1 'people.csv:3: chief: the password '
        [[ "$stderr" == *"leave it empty and one is made"* && "$stderr" != *"$password"* ]] || { echo "$stderr"; false; }
    done
    printf 'name,role,password\nchief,gateway,correct horse battery\n' >"$S/people.csv"
    init
    refused 1 'people.csv:2: '
    rm "$S/people.csv"
    printf 'id,name,desk\nC1,One,call_taker\nC1,Two,dispatcher\n' >"$S/seats.csv"
    init --admin chief
    refused 1 'seats.csv:3: id "C1" stands twice'
    rm "$S/seats.csv"
    printf 'idle_timeout_s: 0\n' >"$S/mingdi.yaml"
    init --admin chief
    refused 1 'mingdi.yaml:1: idle_timeout_s: 0 is not in 1 .. 3600 s'
    printf 'limit_units: 2\n' >"$S/mingdi.yaml"
    init --admin chief
    refused 1 'units.csv: 3 lines, but the setting limit_units allows 2'
    rm "$S/mingdi.yaml"
    printf 'id,lon,lat\nwest,11.96,57.70\neast,13.5,57.7\n' >"$S/stations.csv"
    init --admin chief
    refused 1 'stations.csv:3: '
}

@test "the clock of a live centre has one speed" {
    run --separate-stderr "$MINGDI" serve --data "$WORK/any" --speed 3
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"--speed is for a drill's clock"* ]]
}

@test "a folder with something of somebody else's is left alone" {
    mkdir "$D"
    echo mine >"$D/notes.txt"
    run --separate-stderr "$MINGDI" init --data "$D" --from "$S" --admin chief
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"is not empty: it holds notes.txt"* ]] || { echo "$stderr"; false; }
    [ "$(ls -A "$D")" = notes.txt ]
    rm "$D/notes.txt"
    echo '*:*:*:mingdi:word' >"$D/.pgpass" # of the server's user at the database
    run "$MINGDI" init --data "$D" --from "$S" --admin chief
    [ "$status" -eq 0 ]
    [ "$(cat "$D/.pgpass")" = '*:*:*:mingdi:word' ]
}

@test "without --from and without a terminal: how it is used" {
    run --separate-stderr "$MINGDI" init --data "$D" </dev/null
    refused 2 "--from SETUP is missing"
    run --separate-stderr "$MINGDI" init
    refused 2 "--data DIR says"
}

@test "questions on a terminal: wrong answers are asked again, and a centre comes of it" {
    "$PYTHON" "$BATS_TEST_DIRNAME/init_guided.py" "$MINGDI" "$TOWN" "$WORK/setup/city.mingdi" "$BATS_TEST_TMPDIR/guided" guided
}

@test "leaving the questions with Ctrl-D, Ctrl-C, no, or a closed terminal leaves nothing" {
    "$PYTHON" "$BATS_TEST_DIRNAME/init_guided.py" "$MINGDI" "$TOWN" "$WORK/setup/city.mingdi" "$BATS_TEST_TMPDIR/guided" leaving
}

@test "killed at any moment: no centre, or a whole one, and the next init goes through" {
    rounds=12
    [ -z "${MINGDI_LONG:-}" ] || rounds=100
    "$PYTHON" "$BATS_TEST_DIRNAME/init_killed.py" "$MINGDI" "$S" "$BATS_TEST_TMPDIR" "$rounds"
}

@test "killed at any moment, in PostgreSQL" {
    run "$PYTHON" "$BATS_TEST_DIRNAME/init_killed.py" "$MINGDI" "$S" "$BATS_TEST_TMPDIR" 8 postgres
    [ "$status" -ne 77 ] || skip "no PostgreSQL here"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "config check, show and docs" {
    printf 'port: 8121\nidle_timeout_s: 0\n' >"$BATS_TEST_TMPDIR/a.yaml"
    run --separate-stderr "$MINGDI" config check "$BATS_TEST_TMPDIR/a.yaml"
    [ "$status" -eq 1 ]
    [[ "$stderr" == "mingdi: config check: "*"a.yaml:2: idle_timeout_s: 0 is not in 1 .. 3600 s"* ]] || { echo "$stderr"; false; }
    printf 'port: 8121\n' >"$BATS_TEST_TMPDIR/a.yaml"
    MINGDI_SET_DRAIN_S=3 run --separate-stderr "$MINGDI" config show "$BATS_TEST_TMPDIR/a.yaml"
    [ "$status" -eq 0 ]
    [[ "$output" == *"port: 8121 "*"a.yaml:1"*"drain_s: 3 "*"# environment"* ]]
    MINGDI_SET_PROT=3 run --separate-stderr "$MINGDI" config check
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"did you mean port?"* ]]
    "$MINGDI" config docs | cmp - "$BATS_TEST_DIRNAME/../../docs/config.md"
}
