#!/usr/bin/env bats
# What positions tell of the roads of the small town (town.bats says how it lies): matched, learned from, taken back into
# the city.
# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0

setup_file() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    export MINGDI
    export PYTHON=${PYTHON:-python3}
    export ROADS=$BATS_TEST_DIRNAME/town/roads.geojson
    export WORK=$BATS_FILE_TMPDIR
    export CITY=$WORK/town.mingdi
    "$MINGDI" city import --geojson "$ROADS" --name Town -o "$CITY" 2>"$WORK/import.log"
    printf 'id,lon,lat\nwest,11.9605,57.700\n' >"$WORK/west.csv"
    printf 'id,lon,lat\nend,11.9755,57.700\n' >"$WORK/end.csv"
    printf 'id,lon,lat\neast,11.976,57.7075\n' >"$WORK/east.csv"
    seconds_to east "$CITY" >"$WORK/seconds"
}

json() { "$PYTHON" -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }

# seconds_to end CITY: east along the southernmost street. seconds_to east CITY: then north along the easternmost, too.
seconds_to() {
    "$MINGDI" road matrix "$2" --from "$WORK/west.csv" --to "$WORK/$1.csv" -o "$WORK/matrix.csv"
    tail -1 "$WORK/matrix.csv" | cut -d, -f3
}

# trips FACTOR: that way, taking FACTOR times as long as the profile says, give or take a tenth, a position every ten seconds,
# 5 m beside the truth at most, on mornings of January 2026.
trips() {
    "$PYTHON" - "$1" "$(cat "$WORK/seconds")" <<'PYTHON'
import random
import sys
import datetime

factor, seconds = float(sys.argv[1]), float(sys.argv[2])
draw = random.Random(5)
EAST, NORTH = 0.0155 * 59400, 0.0075 * 111200
print("unit,at,lon,lat,trip,profile")
for trip in range(120):
    begins = datetime.datetime(2026, 1, 5, 7, 0) + datetime.timedelta(minutes=20 * (trip % 5), days=trip // 5 % 5)
    takes = seconds * factor * draw.uniform(0.9, 1.1)
    for tick in range(int(takes / 10) + 1):
        metres = tick * 10 / takes * (EAST + NORTH)
        lon = 11.9605 + min(metres / EAST, 1) * 0.0155 + draw.uniform(-5, 5) / 59400
        lat = 57.700 + max((metres - EAST) / NORTH, 0) * 0.0075 + draw.uniform(-5, 5) / 111200
        at = begins + datetime.timedelta(seconds=10 * tick)
        print(f"{trip % 7 + 1},{at:%Y-%m-%dT%H:%M:%SZ},{lon:.7f},{lat:.7f},{trip},emergency")
PYTHON
}

@test "positions beside a street are put on it, in the direction of driving" {
    trips 1 >"$WORK/even.csv"
    run -0 --separate-stderr "$MINGDI" road match "$CITY" --traces "$WORK/even.csv" -o "$WORK/matched.csv"
    [[ "$output" == *"120 trips"* ]]
    [ "$(head -1 "$WORK/matched.csv")" = "unit,at,lon,lat,off_road_m,edge,direction,class,street,begins" ]
    # all on the two streets, the first of 57.700 N and the second of 11.976 E
    run -1 sh -c "tail -n +2 '$WORK/matched.csv' | cut -d, -f3,4 | grep -vE '^11.9760000|,57.7000000'"
}

@test "a street that takes longer is learned, and the city that is imported with it says so" {
    trips 1.5 >"$WORK/slow.csv"
    "$MINGDI" road learn "$CITY" --traces "$WORK/slow.csv" --zone UTC -o "$WORK/speeds.csv" >"$WORK/learned.json"
    [ "$(json "$WORK/learned.json" 'd["gain"] and d["written"]')" = True ]
    errors='d["held_back"]["mean_absolute_error_after_s"] < d["held_back"]["mean_absolute_error_before_s"] / 2'
    [ "$(json "$WORK/learned.json" "$errors")" = True ]
    [ "$(head -1 "$WORK/speeds.csv")" = "profile,band,class,time_factor,trips,hours" ]
    "$MINGDI" city import --geojson "$ROADS" --speeds "$WORK/speeds.csv" --band weekday_morning -o "$WORK/slow.mingdi" \
        2>"$WORK/import.log"
    "$PYTHON" -c 'import sys; a, b = map(float, sys.argv[1:]); assert abs(a / b - 1.5) < 0.08, (a, b)' \
        "$(seconds_to end "$WORK/slow.mingdi")" "$(seconds_to end "$CITY")"
}

@test "where there is nothing to learn it is said, and nothing is written unless forced" {
    trips 1 >"$WORK/even.csv"
    run -0 --separate-stderr "$MINGDI" road learn "$CITY" --traces "$WORK/even.csv" --zone UTC -o "$WORK/none.csv"
    [[ "$stderr" == *"nothing was written"* ]]
    [ ! -e "$WORK/none.csv" ]
    run -0 --separate-stderr "$MINGDI" road learn "$CITY" --traces "$WORK/even.csv" --zone UTC --force -o "$WORK/none.csv"
    [[ "$stderr" == *"as told"* ]]
    [ -s "$WORK/none.csv" ]
}

@test "mistakes are named and leave nothing behind" {
    printf 'unit,at,lon,lat\n1,noon,11.96,57.7\n' >"$WORK/bad.csv"
    run -1 --separate-stderr "$MINGDI" road match "$CITY" --traces "$WORK/bad.csv" -o "$WORK/bad.out"
    [[ "$stderr" == "mingdi: "*"bad.csv:2: column at"* ]]
    [ ! -e "$WORK/bad.out" ]
    run -1 --separate-stderr "$MINGDI" road learn "$CITY" --traces "$WORK/even.csv" --profile normal
    [[ "$stderr" == "mingdi: "*"of 0 trips"* ]]
    run -2 --separate-stderr "$MINGDI" road learn "$CITY" --traces "$WORK/even.csv" --zone Nowhere/Atall
    [[ "$stderr" == *"no such time zone"* ]]
    run -2 --separate-stderr "$MINGDI" city import --geojson "$ROADS" --band night -o "$WORK/x.mingdi"
    [[ "$stderr" == *"--speeds"* ]]
    run -1 --separate-stderr "$MINGDI" city import --geojson "$ROADS" --speeds "$WORK/even.csv" -o "$WORK/x.mingdi"
    [ ! -e "$WORK/x.mingdi" ]
}
