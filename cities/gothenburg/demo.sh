#!/bin/sh
# The demonstration: Gothenburg lives. A drill's centre is made and served, the exercise plays the
# world around it, people join in.
# usage: demo.sh MINGDI OUT [SPEED] [--language en|zh] [--curl] [--seconds N], the first two absolute; ./run demo calls it.
# Ctrl-C stops everything. A server or an exercise that is killed is started again; one that ends by
# itself ends the demonstration.
set -eu

usage() {
    echo "demo: usage: ./run demo [SPEED] [--language en|zh] [--curl] [--seconds N]" >&2
    echo "SPEED of the clock: 1 to 60, default 20; the language of callers; --curl: commands to copy as well;" >&2
    echo "N seconds, then a summary; default: until Ctrl-C" >&2
    exit 2
}

number() { # number TEXT LOW HIGH
    case $1 in '' | *[!0-9]* | ??????*) usage ;; esac
    if [ "$1" -lt "$2" ] || [ "$1" -gt "$3" ]; then usage; fi
}

mingdi=$1
out=$2
shift 2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
centre=$out/centre
speed=20
seconds=0
language=en
curl=no
while [ $# -gt 0 ]; do
    case $1 in
    --seconds)
        [ $# -ge 2 ] || usage
        number "$2" 1 86400
        seconds=$2
        shift 2
        ;;
    --language)
        case ${2:-} in en | zh) language=$2 ;; *) usage ;; esac
        shift 2
        ;;
    --curl)
        curl=yes
        shift
        ;;
    *)
        number "$1" 1 60
        speed=$1
        shift
        ;;
    esac
done
FIRST_PORT=8120 LAST_PORT=8139 WARM_UP_SPEED=60 WAIT_S=180 STARTS_MAX=1000
server='' exercise='' starts=0

say() { printf '%s\n' "$*"; }

# ---- the parts ----

free_port() {
    python3 - "$FIRST_PORT" "$LAST_PORT" <<'PYTHON'
import socket
import sys

for port in range(int(sys.argv[1]), int(sys.argv[2]) + 1):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    sys.exit()
sys.exit(f"demo: no free port between {sys.argv[1]} and {sys.argv[2]}")
PYTHON
}

make_centre() {
    if [ -e "$centre" ]; then
        rm -rf "$centre.before"
        mv "$centre" "$centre.before"
    fi
    mkdir -p "$centre"
    (
        umask 077
        "$mingdi" init --data "$centre/data" --from "$out/scenario" --drill --token exercise:simulation >"$centre/init.txt"
    )
    (umask 077 && sed -n 's/^token of exercise .*: //p' "$centre/init.txt" >"$centre/exercise.token")
    [ -s "$centre/exercise.token" ] || { say "demo: init printed no token: see $centre/init.txt" >&2; exit 1; }
}

start_server() { # start_server SPEED
    "$mingdi" serve --data "$centre/data" --drill --port "$port" --speed "$1" >>"$centre/serve.out" 2>>"$centre/serve.log" &
    server=$!
}

# 3 call-takers and 2 dispatchers, as seats.csv has them; Gothenburg is one hour ahead of UTC.
start_exercise() {
    "$mingdi" exercise "$out/scenario" --url "http://127.0.0.1:$port" --token-file "$centre/exercise.token" \
        --seats 3 --desks 2 --utc-offset 1 --language "$language" >>"$centre/exercise.log" 2>&1 &
    exercise=$!
}

ask() { python3 "$here/demo_client.py" "http://127.0.0.1:$port" "$@"; }

# ---- the end ----

# shellcheck disable=SC2317,SC2329 # called by traps
stop_parts() {
    trap '' INT TERM HUP
    for part in $exercise $server; do kill -TERM "$part" 2>/dev/null || true; done
    for part in $exercise $server; do wait "$part" 2>/dev/null || true; done
    exercise='' server=''
}

# shellcheck disable=SC2317,SC2329 # called by traps
interrupted() {
    stop_parts
    say ""
    say "stopped; everything of it is in $centre"
    exit 0
}

part_ended() { # part_ended NAME STATUS LOG
    say ""
    say "demo: the $1 has ended with status $2; the end of $3:" >&2
    tail -n 5 "$3" >&2 || true
    exit 1
}

# Looks after both parts: what was killed (kill -9) is started again and goes on from the journal.
look_after() {
    if [ -n "$server" ] && ! kill -0 "$server" 2>/dev/null; then
        status=0
        wait "$server" || status=$?
        server=''
        starts=$((starts + 1))
        if [ "$status" -ne 137 ] || [ "$starts" -gt "$STARTS_MAX" ]; then part_ended server "$status" "$centre/serve.log"; fi
        start_server "$speed"
        say "demo: the server was killed; it is started again, now as process $server, and goes on from its journal"
    fi
    if [ -n "$exercise" ] && ! kill -0 "$exercise" 2>/dev/null; then
        status=0
        wait "$exercise" || status=$?
        exercise=''
        starts=$((starts + 1))
        if [ "$status" -ne 137 ] || [ "$starts" -gt "$STARTS_MAX" ]; then part_ended exercise "$status" "$centre/exercise.log"; fi
        say "demo: the exercise was killed; starting it again: it takes up what is open"
        start_exercise
    fi
}

# wait_for WHAT COMMAND...: the command is asked each second until it succeeds.
wait_for() {
    what=$1
    shift
    waited=0
    until "$@"; do
        look_after
        waited=$((waited + 1))
        if [ "$waited" -gt "$WAIT_S" ]; then part_ended "wait for $what" "timeout" "$centre/serve.log"; fi
        sleep 1
    done
}

# ---- the demonstration ----

sh "$here/prepare.sh" "$mingdi" "$out"
make_centre
trap interrupted INT TERM HUP
trap stop_parts EXIT
port=$(free_port)
say ""
say "== the centre, and the city around it; the clock runs fast until the first calls are on their way"
start_server "$WARM_UP_SPEED"
wait_for "the server" ask ready
ask equip
start_exercise
wait_for "calls" ask flows
ask speed "$speed"
sh "$here/guide.sh" "http://127.0.0.1:$port" "$speed" "$language" "$server"
if [ "$curl" = yes ]; then sh "$here/curl.sh" "http://127.0.0.1:$port"; fi
say ""
say "Logs, journal and tables: $centre. Ctrl-C stops everything."

passed=0
while [ "$seconds" -eq 0 ] || [ "$passed" -lt "$seconds" ]; do
    sleep 1
    look_after
    passed=$((passed + 1))
done
# The exercise first: its last line tells the whole.
kill -TERM "$exercise"
wait "$exercise" || true
exercise=''
ask summary "$centre/exercise.log"
