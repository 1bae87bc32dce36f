#!/usr/bin/env bats
# A small town of five by five streets, from its roads to a report: the commands as a person would type them, and mistyped.
# North Street i lies at 11.96 + i x 0.004 E, East Street j at 57.70 + j x 0.002 N; blocks are about 238 x 222 m.
bats_require_minimum_version 1.5.0

setup_file() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    export MINGDI
    export PYTHON=${PYTHON:-python3}
    export TOWN=$BATS_TEST_DIRNAME/town
    export WORK=$BATS_FILE_TMPDIR
    cp -r "$TOWN/scenario" "$WORK/scenario"
    "$MINGDI" city import --geojson "$TOWN/roads.geojson" --name Town -o "$WORK/scenario/city.mingdi" 2>"$WORK/import.log"
    export CITY=$WORK/scenario/city.mingdi
}

# json FILE EXPRESSION: evaluate a Python expression over the parsed file, named d, and print it.
json() { "$PYTHON" -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }

# shellcheck disable=SC2154 # bats sets stderr and stderr_lines
# failed STATUS TEXT: the last run printed nothing but one line on stderr that begins with "mingdi: " and holds the text.
failed() {
    [ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; false; }
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ] || { echo "$stderr"; false; }
    [[ "$stderr" == "mingdi: "*"$2"* ]] || { echo "$stderr"; false; }
}

@test "city info is JSON and counts what was imported and dropped" {
    "$MINGDI" city info "$CITY" >"$WORK/info.json"
    [ "$(json "$WORK/info.json" 'd["nodes"] > 0 and d["arcs"] > 0')" = True ]
}

@test "a route is GeoJSON along the streets" {
    "$MINGDI" road route "$CITY" --from 11.96,57.70 --to 11.976,57.708 >"$WORK/route.json"
    [ "$(json "$WORK/route.json" 'd["type"] in ("Feature", "FeatureCollection")')" = True ]
    grep -q LineString "$WORK/route.json"
}

@test "isochrones are GeoJSON polygons that grow with the minutes" {
    "$MINGDI" road isochrone "$CITY" --at 11.968,57.704 --minutes 0.3,0.6 >"$WORK/iso.json"
    [ "$(json "$WORK/iso.json" '[f["properties"]["minutes"] for f in d["features"] if "Polygon" in f["geometry"]["type"]]')" = \
        "[0.3, 0.6]" ]
}

@test "a matrix by the hierarchy equals the one by Dijkstra, and straight streets have the length of geometry" {
    printf 'id,lon,lat\na,11.96,57.70\nb,11.968,57.704\nfar,12.2005,57.9\n' >"$WORK/points.csv"
    for algorithm in cch dijkstra; do
        "$MINGDI" road matrix "$CITY" --from "$WORK/points.csv" --to "$WORK/points.csv" --algorithm $algorithm \
            -o "$WORK/$algorithm.csv"
    done
    cmp "$WORK/cch.csv" "$WORK/dijkstra.csv"
    [ "$(head -1 "$WORK/cch.csv")" = "from,to,seconds,metres" ]
    [ "$(wc -l <"$WORK/cch.csv")" -eq 10 ]
    grep -qE '^a,a,0(\.000)?,0(\.000)?$' "$WORK/cch.csv"
    grep -q '^a,far,,$' "$WORK/cch.csv"
    # two blocks east at 57.70 to 57.704 N and two north: 2 x (237.7 + 222.4) m
    metres=$(grep '^a,b,' "$WORK/cch.csv" | cut -d, -f4)
    "$PYTHON" -c 'import sys; assert abs(float(sys.argv[1]) - 920.1) < 1.5, sys.argv[1]' "$metres"
}

@test "a scenario is checked, simulated, reported, replayed and verified" {
    "$MINGDI" scenario check "$WORK/scenario"
    "$MINGDI" simulate "$WORK/scenario" --days 3 --seed 5 -o "$WORK/run"
    for file in report.json report.html journal.db calls.csv; do
        [ -s "$WORK/run/$file" ]
    done
    [ "$(json "$WORK/run/report.json" 'd["mean_response_s"]["mean"] > 30 and d["mean_response_s"]["ci95_half"] >= 0')" = True ]
    head -1 "$WORK/run/calls.csv" | grep -q '^call,unit,facility,queued_s,response_s,service_s,diversions'
    "$MINGDI" replay "$WORK/run/journal.db" --verify
    "$MINGDI" journal verify "$WORK/run/journal.db"
    # a longer run holds a snapshot of its middle: a replay may begin there, and comes to the same end
    "$MINGDI" simulate "$WORK/scenario" --days 60 --seed 5 --replications 1 -o "$WORK/long"
    "$MINGDI" replay "$WORK/long/journal.db" --from-snapshot --verify >"$WORK/from_snapshot.json"
    [ "$(json "$WORK/from_snapshot.json" 'd["equal"] and d["from_snapshot"] > 1000 and d["entries"] > 1000')" = True ]
    # html without a network: nothing is fetched from elsewhere
    [ "$(grep -cE '(src|href)="?https?://' "$WORK/run/report.html")" -eq 0 ]
}

@test "the same seed gives the same calls, another seed others" {
    for seed in 5 5 6; do
        rm -rf "$WORK/again"
        "$MINGDI" simulate "$WORK/scenario" --days 1 --replications 1 --seed $seed -o "$WORK/again" 2>/dev/null
        sha256sum <"$WORK/again/calls.csv" >>"$WORK/sums"
    done
    [ "$(sort -u "$WORK/sums" | wc -l)" -eq 2 ]
}

@test "a unit at no station, a negative duration, an unknown column, demand in the sea: file and line, and no output" {
    try() { # FILE LINE NEW-TEXT WHAT-MUST-BE-SAID
        rm -rf "$WORK/bad" "$WORK/out"
        cp -r "$WORK/scenario" "$WORK/bad"
        sed -i "$2s/.*/$3/" "$WORK/bad/$1"
        run --separate-stderr "$MINGDI" simulate "$WORK/bad" --days 1 -o "$WORK/out"
        failed 1 "$1:$2: "
        [[ "$stderr" == *"$4"* ]] || { echo "$stderr"; false; }
        [ ! -e "$WORK/out" ] || [ -z "$(ls -A "$WORK/out")" ]
    }
    try units.csv 3 'u2,nowhere,ALS' nowhere
    try service.csv 2 'delay,*,constant(-5 s)' negative
    try stations.csv 1 'id,name,lon,lat,colour' colour
    try demand.csv 3 '11.3,57.5,2' demand.csv
    try priorities.csv 2 'frightful,0.2,480,1' frightful
}

@test "damaged files are refused with a reason and nothing is written" {
    head -c 1000 "$CITY" >"$WORK/cut.mingdi"
    run --separate-stderr "$MINGDI" city info "$WORK/cut.mingdi"
    failed 1 cut.mingdi
    head -c 900 "$TOWN/roads.geojson" >"$WORK/cut.geojson"
    run --separate-stderr "$MINGDI" city import --geojson "$WORK/cut.geojson" -o "$WORK/none.mingdi"
    failed 1 cut.geojson
    printf 'garbage' >"$WORK/cut.osm.pbf"
    run --separate-stderr "$MINGDI" city import --osm "$WORK/cut.osm.pbf" -o "$WORK/none.mingdi"
    failed 1 cut.osm.pbf
    run --separate-stderr "$MINGDI" city import --osm "$WORK/missing.osm" -o "$WORK/none.mingdi"
    failed 1 missing.osm
    [ ! -e "$WORK/none.mingdi" ]
    [ "$(find "$WORK" -name 'none*' | wc -l)" -eq 0 ]
    run --separate-stderr "$MINGDI" replay "$TOWN/roads.geojson" --verify
    failed 1 roads.geojson
}

@test "wrong command lines are exit 2" {
    run --separate-stderr "$MINGDI" city import -o x
    failed 2 "city import"
    run --separate-stderr "$MINGDI" city import --osm a --geojson b -o x
    failed 2 "city import"
    run --separate-stderr "$MINGDI" road route "$CITY" --from here --to 11.96,57.70
    failed 2 "road route"
    run --separate-stderr "$MINGDI" road isochrone "$CITY" --at 11.968,57.704 --minutes=-4
    failed 2 "road isochrone"
    run --separate-stderr "$MINGDI" road matrix "$CITY" --from "$WORK/points.csv" --to "$WORK/points.csv" --profile car -o x.csv
    failed 2 "emergency|normal|foot"
    run --separate-stderr "$MINGDI" simulate "$WORK/scenario" -o "$WORK/out" --days 0
    failed 2 "--days"
    [ ! -e x ] && [ ! -e x.csv ]
}

@test "city find: roads, crossings and coordinates by what is typed" {
    run "$MINGDI" city find "$CITY" "east stret 1" --limit 1
    [ "$status" -eq 0 ]
    [[ "$output" == road$'\t'"East Street 1"$'\t'residential$'\t'* ]]
    run "$MINGDI" city find "$CITY" "57.702, 11.968"
    [[ "$output" == coordinates$'\t'*11.9680000,57.7020000* ]]
    run "$MINGDI" city find "$CITY" "no such name anywhere"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run "$MINGDI" city find "$CITY" "east" --near 11.9
    [ "$status" -eq 2 ]
}
