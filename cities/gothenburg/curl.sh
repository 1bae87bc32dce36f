#!/bin/sh
# The demonstration without a browser: commands to copy. usage: curl.sh ADDRESS
set -eu

cat <<TEXT
== The same with bash and curl. First two helpers: sign NAME, and as NAME for what that person does:

    centre=$1/api/v1
TEXT
cat <<'TEXT'
    ask() { curl -sS -H 'Content-Type: application/json' -H 'Mingdi-Drill: 1' "$@"; }
    sign() { ask -c "$1.jar" -d "{\"name\":\"$1\",\"password\":\"only-an-exercise-120\"}" $centre/session >"$1.session"; }
    csrf() { sed 's/.*"csrf":"\([^"]*\)".*/\1/' "$1.session"; }
    as() { who=$1; shift; ask -b "$who.jar" -H "X-CSRF-Token: $(csrf "$who")" "$@"; echo; }
    first() { grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2; }
    soon() { until found=$(as "$1" "$2" | first id); [ -n "$found" ]; do sleep 1; done; echo "$found"; }
    for name in anna david karin his-1 sahlgrenska; do sign $name; done

What is open, and everything as it happens (Ctrl-C leaves the stream):

    as david "$centre/incidents?open=true"
    as david -N $centre/events

Be the call-takers: the seats are yours; soon a call rings until you answer, find the place and decide. "remarks": what the caller
says:

    for seat in 1 2 3; do as anna -X PUT $centre/control/seat/$seat; done
    call=$(soon anna "$centre/calls?state=offered"); as anna $centre/calls/$call/caller
    as anna -d "{\"call\":$call,\"seat\":1}" $centre/commands/call_answer
    as anna -d "{\"call\":$call,\"point\":{\"lon\":11.97,\"lat\":57.70}}" $centre/commands/call_locate
    as anna -d "{\"call\":$call,\"needs\":[\"basic\"],\"priority\":\"severe\",\"units_wanted\":1}" $centre/commands/call_triage
    for seat in 1 2 3; do as anna -X DELETE $centre/control/seat/$seat; done

Be the dispatchers: the desks are yours, recommendations wait for you. Look at one, and at why; accept it:

    for desk in 4 5; do as david -X PUT $centre/control/seat/$desk; done
    incident=$(soon david "$centre/incidents?state=recommended"); as david $centre/incidents/$incident/recommendation
    unit=$(as david $centre/incidents/$incident | grep -o '"recommended":\[[0-9]*' | grep -o '[0-9]*$')
    as david -d "{\"incident\":$incident,\"unit\":$unit}" $centre/commands/unit_assign

Be the crew of his-1 (unit 1) as well: its buttons are yours; once it has departed it drives by itself. The dispatcher sends it,
though another may be recommended, and says why:

    as his-1 -X PUT $centre/control/unit/1
    incident=$(soon david "$centre/incidents?state=recommended")
    as david -d "{\"incident\":$incident,\"unit\":1,\"override\":\"local_knowledge\"}" $centre/commands/unit_assign
    mission=$(soon his-1 "$centre/missions?open=true&unit=1")
    press() { as his-1 -d "{\"mission\":$mission,\"stage\":\"$1\"}" $centre/commands/mission_report; }
    press notify; press acknowledge; press depart
    as his-1 $centre/units/1
    as his-1 -X DELETE $centre/control/unit/1; for desk in 4 5; do as david -X DELETE $centre/control/seat/$desk; done

Be the hospital (facility 1): its figures are yours; ask to be spared, and take patients again:

    as sahlgrenska -X PUT $centre/control/facility/1
    beds='{"facility":1,"kind":"emergency","available":3,"occupied":20,"blocked":1,"converting":0}'
    as sahlgrenska -d "$beds" $centre/commands/beds_set
    as sahlgrenska -d '{"facility":1,"what":"divert","until":null}' $centre/commands/facility_report
    as sahlgrenska -d '{"facility":1,"what":"reopen","until":null}' $centre/commands/facility_report
    as sahlgrenska -X DELETE $centre/control/facility/1

Faster, and how it goes so far:

    as karin -X PUT -d '{"speed":60}' $centre/drill/speed
    as karin "$centre/indicators?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"

TEXT
