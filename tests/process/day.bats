#!/usr/bin/env bats
# One day of a small centre through the public API alone, with curl and a WebSocket client, as somebody would who has read
# docs/api.md: a call, an incident, a recommendation, an order, the crew's buttons, the hospital's bed, the hand-over, the
# indicators; two dispatchers who want the same unit; and a server that is killed in the middle.
bats_require_minimum_version 1.5.0

setup_file() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    export MINGDI PYTHON=${PYTHON:-python3} WORK=$BATS_FILE_TMPDIR TOWN=$BATS_TEST_DIRNAME/../cli/town
    cp -r "$TOWN/scenario" "$WORK/setup"
    "$MINGDI" city import --geojson "$TOWN/roads.geojson" --name Town -o "$WORK/setup/city.mingdi" 2>/dev/null
    printf 'id,name\ns1,Seat 1\ns2,Seat 2\ns3,Desk 1\ns4,Desk 2\n' >"$WORK/setup/seats.csv"
    {
        echo 'name,display,role,scope,scope_id,password'
        echo 'wang,Wang Fang,call_taker,centre,,correct horse battery'
        echo 'li,Li Na,dispatcher,centre,,correct horse battery'
        echo 'zhao,Zhao Lei,dispatcher,centre,,correct horse battery'
        echo 'crew1,Crew of unit 1,crew,unit,u1,correct horse battery'
        echo 'crew2,Crew of unit 2,crew,unit,u2,correct horse battery'
        echo 'ward,Emergency ward,hospital,facility,hospital,correct horse battery'
        echo 'chen,Chen Jie,duty_commander,centre,,correct horse battery'
        echo 'admin,Administrator,administrator,centre,,correct horse battery'
        echo 'audit,Auditor,auditor,centre,,correct horse battery'
    } >"$WORK/setup/people.csv"
    "$MINGDI" init --data "$WORK/data" --from "$WORK/setup" >"$WORK/init.txt"
    "$PYTHON" "$BATS_TEST_DIRNAME/ports.py" >"$WORK/port"
    start
}

teardown_file() {
    kill "$(cat "$WORK/listener.pid")" 2>/dev/null || true
    kill "$(cat "$WORK/server.pid")" 2>/dev/null || true
}

start() {
    : >"$WORK/address"
    export MINGDI_SET_TOTP_FOR_ALL=false MINGDI_SET_FIRST_PASSWORD_DAYS=0
    "$MINGDI" serve --data "$WORK/data" --port "$(cat "$WORK/port")" >"$WORK/address" 2>>"$WORK/server.log" 3>&- &
    echo $! >"$WORK/server.pid"
    until_true grep -q 'http://' "$WORK/address"
    sed -n 's|.*\(http://[0-9.:]*\)/.*|\1|p' "$WORK/address" >"$WORK/url"
}

# until_true COMMAND...: for at most a minute or so.
until_true() {
    for _ in $(seq 1200); do
        if "$@"; then return 0; fi
        sleep 0.05
    done
    echo "never came: $*"
    return 1
}

url() { echo "$(cat "$WORK/url")/api/v1$1"; }

# as PERSON METHOD PATH [JSON [HEADER...]]: the body on stdout, the status in $WORK/status.
as() {
    person=$1 method=$2 path=$3 body=${4:-}
    shift $(($# < 4 ? $# : 4))
    options=(-sS -X "$method" -b "$WORK/$person.jar" -c "$WORK/$person.jar" -o "$WORK/body" -D "$WORK/headers"
        -w '%{http_code}')
    [ ! -f "$WORK/$person.csrf" ] || options+=(-H "X-CSRF-Token: $(cat "$WORK/$person.csrf")")
    [ -z "$body" ] || options+=(-H 'Content-Type: application/json' -d "$body")
    for header in "$@"; do options+=(-H "$header"); done
    curl "${options[@]}" "$(url "$path")" >"$WORK/status"
    cat "$WORK/body"
}

sign_in() {
    as "$1" POST /session "{\"name\":\"$1\",\"password\":\"correct horse battery\"}" >/dev/null
    status_is 201
    json "$WORK/body" 'd["csrf"]' >"$WORK/$1.csrf"
}

status_is() {
    [ "$(cat "$WORK/status")" = "$1" ] || { echo "status $(cat "$WORK/status"), not $1: $(cat "$WORK/body")"; false; }
}

# json FILE EXPRESSION: evaluate a Python expression over the parsed file, named d, and print it.
json() { "$PYTHON" -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }
# get PERSON PATH EXPRESSION
get() { as "$1" GET "$2" >/dev/null && json "$WORK/body" "$3"; }
# do_as PERSON COMMAND JSON: must be accepted; what it made goes to $WORK/made.
do_as() {
    as "$1" POST "/commands/$2" "$3" "Idempotency-Key: $BATS_TEST_NUMBER-$RANDOM-$RANDOM" >/dev/null
    status_is 200
    json "$WORK/body" 'd["made"]' >"$WORK/made"
}
is() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'"; false; }; }
# heard EXPRESSION: a message m of the stream for which it holds.
heard() {
    "$PYTHON" -c 'import json, sys
for line in open(sys.argv[1]):
    m = json.loads(line)
    if eval(sys.argv[2]): sys.exit(0)
sys.exit(1)' "$WORK/stream.txt" "$1"
}
listen() {
    /usr/bin/python3 "$BATS_TEST_DIRNAME/listen.py" "ws${1#http}/api/v1/stream" "$WORK/li.jar" \
        >>"$WORK/stream.txt" 2>>"$WORK/listen.log" 3>&- &
    echo $! >"$WORK/listener.pid"
}

@test "everybody signs in; a wrong password does not say what was wrong" {
    as wang POST /session '{"name":"wang","password":"wrong horse battery"}'
    status_is 401
    cp "$WORK/body" "$WORK/wrong"
    as nobody POST /session '{"name":"nobody","password":"wrong horse battery"}'
    status_is 401
    is "$(json "$WORK/wrong" 'd["detail"]')" "$(json "$WORK/body" 'd["detail"]')"
    for person in wang li zhao crew1 crew2 ward chen admin audit; do sign_in "$person"; done
    grep -qi '^set-cookie: mingdi_session=.*httponly' "$WORK/headers"
    as stranger GET /units
    status_is 401
}

@test "the dispatcher's stream begins with a snapshot" {
    /usr/bin/python3 -c 'import websockets' 2>/dev/null || skip "no python3-websockets"
    listen "$(cat "$WORK/url")"
    until_true heard 'm["type"] == "snapshot"'
    heard 'm["type"] == "snapshot" and len(m["state"]["units"]) == 3 and m["state"]["calls"] == []'
}

@test "crews come on duty, the ward counts its beds" {
    do_as crew1 unit_report '{"unit":1,"what":"start_shift"}'
    do_as crew2 unit_report '{"unit":2,"what":"start_shift"}'
    as crew1 POST /commands/unit_report '{"unit":2,"what":"break_down"}'
    status_is 403
    do_as ward beds_set '{"facility":1,"kind":"emergency","available":2,"occupied":5,"blocked":0,"converting":0}'
    as ward POST /commands/unit_report '{"unit":2,"what":"break_down"}'
    status_is 403
}

@test "a call rings, is answered and located; who called is kept apart and reading it is audited" {
    as wang POST /calls '{"number":"13800000000","name":"Zhang San","remarks":"third floor"}'
    status_is 201
    json "$WORK/body" 'd["made"]' >"$WORK/call"
    call=$(cat "$WORK/call")
    do_as wang call_answer "{\"call\":$call,\"seat\":1}"
    do_as wang call_locate "{\"call\":$call,\"point\":{\"lon\":11.9700,\"lat\":57.7050}}"
    is "$(get wang "/calls/$call/caller" 'd["number"]')" 13800000000
    as admin GET "/calls/$call/caller"
    status_is 403
    as audit GET '/audit?limit=500'
    status_is 200
    run ! grep -q 13800000000 "$WORK/body"
    json "$WORK/body" 'd["items"]' | grep -q caller
    run ! grep -rqa 13800000000 "$WORK/data" "$WORK/server.log"
}

@test "triage opens an incident; the roads answer; both dispatchers see the same recommendation with its reasons" {
    call=$(cat "$WORK/call")
    do_as wang call_triage "{\"call\":$call,\"needs\":[\"basic\",\"advanced\"],\"priority\":\"critical\",\"units_wanted\":1}"
    cp "$WORK/made" "$WORK/incident"
    incident=$(cat "$WORK/incident")
    recommended() { [ "$(get zhao "/incidents/$incident" 'd["state"]')" = recommended ]; }
    until_true recommended
    is "$(get zhao "/incidents/$incident" 'sorted(d["recommended"])')" "[1, 2]"
    get li "/incidents/$incident/recommendation" 'len(d["candidates"])' >/dev/null
    is "$(json "$WORK/body" 'len(d["candidates"]), d["estimated"]')" "(2, False)"
    is "$(json "$WORK/body" 'd["candidates"][0]["eta_s"] <= d["candidates"][1]["eta_s"]')" True
    seen="any(i['id'] == $incident and i['state'] == 'recommended' for i in m.get('incidents', []))"
    [ ! -s "$WORK/stream.txt" ] || until_true heard "$seen"
}

@test "two dispatchers send the same unit at once: one is first, the other is told who" {
    incident=$(cat "$WORK/incident")
    as zhao GET "/incidents/$incident" >/dev/null
    etag=$(sed -n 's/^[Ee][Tt]ag: *//p' "$WORK/headers" | tr -d '\r')
    unit=$(json "$WORK/body" 'd["recommended"][0]')
    echo "$unit" >"$WORK/unit"
    do_as li unit_assign "{\"incident\":$incident,\"unit\":$unit}"
    cp "$WORK/made" "$WORK/mission"
    as zhao POST /commands/unit_assign "{\"incident\":$incident,\"unit\":$unit}" "If-Match: $etag" "Idempotency-Key: zhao-late"
    status_is 412
    grep -q 'application/problem+json' "$WORK/headers"
    is "$(json "$WORK/body" 'd["name"]')" stale_revision
    is "$(json "$WORK/body" 'd["by"]["name"]')" "Li Na"
    as zhao POST /commands/unit_assign "{\"incident\":$incident,\"unit\":$unit}" "Idempotency-Key: zhao-later"
    [ "$(cat "$WORK/status")" = 409 ]
    grep -q 'Li Na' "$WORK/body"
}

@test "the crew presses its buttons; nobody else can press them" {
    mission=$(cat "$WORK/mission") unit=$(cat "$WORK/unit")
    for stage in notify acknowledge depart arrive reach_patient; do
        do_as "crew$unit" mission_report "{\"mission\":$mission,\"stage\":\"$stage\"}"
    done
    as "crew$((3 - unit))" POST /commands/mission_report "{\"mission\":$mission,\"stage\":\"leave_scene\"}"
    status_is 403
    is "$(get ward "/missions?unit=$unit" 'len(d["items"])')" 0
    patient='"main_problem":[],"age_years":64,"sex":"male","consciousness":"voice"'
    vital_signs='"pulse":120,"systolic":90,"spo2":91,"respiration":24'
    do_as "crew$unit" patient_describe "{\"mission\":$mission,$patient,$vital_signs}"
}

@test "the dispatcher writes to the crew; what he wrote is in no file that could be read, and the crew has read it" {
    unit=$(cat "$WORK/unit")
    as li POST /messages "{\"unit\":$unit,\"text\":\"ask for Mrs Johansson\"}"
    status_is 201
    json "$WORK/body" 'd["made"]' >"$WORK/message"
    message=$(cat "$WORK/message")
    is "$(get "crew$unit" "/messages/$message" 'd["incident"]')" "$(cat "$WORK/incident")"
    is "$(get "crew$unit" "/messages/$message/text" 'd["text"]')" "ask for Mrs Johansson"
    do_as "crew$unit" message_read "{\"message\":$message}"
    is "$(get zhao "/messages/$message" 'd["read_by"]["name"]')" "Crew of unit $unit"
    as ward GET "/messages/$message/text"
    status_is 403
    run ! grep -rqa Johansson "$WORK/data" "$WORK/server.log"
    seen="any(i['id'] == $message and i['read_at'] for i in m.get('messages', []))"
    [ ! -s "$WORK/stream.txt" ] || until_true heard "$seen"
}

@test "the server is killed; what was acknowledged is there, and the same key is the same answer" {
    mission=$(cat "$WORK/mission") unit=$(cat "$WORK/unit")
    request="{\"mission\":$mission,\"needs\":[],\"bed_kind\":\"emergency\",\"tier_min\":\"community\"}"
    as "crew$unit" POST /commands/transport_request "$request" "Idempotency-Key: transport-once"
    status_is 200
    sequence=$(json "$WORK/body" 'd["sequence"]')
    kill -9 "$(cat "$WORK/server.pid")"
    [ ! -s "$WORK/listener.pid" ] || kill "$(cat "$WORK/listener.pid")" 2>/dev/null || true
    start
    as "crew$unit" POST /commands/transport_request "$request" "Idempotency-Key: transport-once"
    status_is 200
    is "$(json "$WORK/body" 'd["sequence"], d["repeated"]')" "($sequence, True)"
    is "$(get li "/missions/$mission" 'd["state"]')" at_patient
}

@test "the hospital is chosen, a bed reserved, the patient handed over, all is closed" {
    mission=$(cat "$WORK/mission") unit=$(cat "$WORK/unit") incident=$(cat "$WORK/incident")
    asked() { [ "$(get "crew$unit" "/missions/$mission" 'd["recommended"]')" = "[1]" ]; }
    until_true asked
    do_as "crew$unit" destination_set "{\"mission\":$mission,\"facility\":1}"
    is "$(get ward /facilities/1 'd["beds"][0]["available"], d["beds"][0]["reserved"]')" "(1, 1)"
    is "$(get ward "/missions/$mission" 'd["facility"], d["patient"]["consciousness"]')" "(1, 'voice')"
    do_as ward prealert_acknowledge "{\"mission\":$mission,\"facility\":1}"
    for stage in leave_scene reach_facility; do
        do_as "crew$unit" mission_report "{\"mission\":$mission,\"stage\":\"$stage\"}"
    done
    do_as ward mission_report "{\"mission\":$mission,\"stage\":\"hand_over\"}"
    do_as "crew$unit" mission_report "{\"mission\":$mission,\"stage\":\"end\"}"
    is "$(get ward /facilities/1 'd["beds"][0]["reserved"], d["beds"][0]["occupied"]')" "(0, 6)"
    is "$(get li "/incidents/$incident" 'd["state"], d["outcome"]')" "('closed', 'transported')"
    do_as "crew$unit" unit_report "{\"unit\":$unit,\"what\":\"reach_post\"}"
}

@test "the day's indicators tell of it" {
    told() { get chen '/reports/calls' 'len(d["items"])' | grep -qx 1; }
    until_true told
    as chen GET /indicators
    status_is 200
    grep -q response "$WORK/body"
    is "$(json "$WORK/body" 'd["sequence"]')" "$(get chen /centre 'd["sequence"]')"
    as crew1 GET /indicators
    status_is 403
}

@test "the journal, decided again, is the same; the chain is whole; the server stops cleanly" {
    kill "$(cat "$WORK/server.pid")"
    stopped() { ! kill -0 "$(cat "$WORK/server.pid")" 2>/dev/null; }
    until_true stopped
    "$MINGDI" journal verify "$WORK/data" >"$WORK/verify.json"
    is "$(json "$WORK/verify.json" 'd["sound"], d["closed_cleanly"]')" "(True, True)"
    "$MINGDI" replay "$WORK/data" --verify >"$WORK/replay.json"
    is "$(json "$WORK/replay.json" 'd["equal"]')" True
    run ! grep -rqa 'Zhang San' "$WORK/data" "$WORK/server.log"
}
