#!/usr/bin/env bats
# Cities from maps (MINGDI_DATA): imported, asked for tables by both algorithms and for isochrones, as a user would.
bats_require_minimum_version 1.5.0

setup() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    : "${PYTHON:=python3}"
    data=${MINGDI_DATA:-${MINGDI_DATA_DEFAULT:-}}
    work=$BATS_TEST_TMPDIR
    [ -d "$data/osm" ] || skip "skipped: MINGDI_DATA has no maps"
}

# points COUNT SEED BOX FILE: at random in the box WEST,SOUTH,EAST,NORTH.
points() {
    "$PYTHON" - "$@" <<'END'
import random, sys
count, drawn = int(sys.argv[1]), random.Random(int(sys.argv[2]))
west, south, east, north = map(float, sys.argv[3].split(","))
with open(sys.argv[4], "w") as file:
    file.write("id,lon,lat\n")
    for i in range(count):
        file.write(f"p{i},{drawn.uniform(west, east):.6f},{drawn.uniform(south, north):.6f}\n")
END
}

# city NAME BOX LON,LAT: the box is built up, the place a street in it.
city() {
    "$MINGDI" city import --osm "$data/osm/$1.osm.pbf" -o "$work/$1.city" 2>"$work/log" || { cat "$work/log"; false; }
    points 40 1 "$2" "$work/from.csv"
    points 50 2 "$2" "$work/to.csv"
    for profile in emergency normal foot; do
        for algorithm in cch dijkstra; do
            "$MINGDI" road matrix "$work/$1.city" --from "$work/from.csv" --to "$work/to.csv" --profile $profile \
                --algorithm $algorithm -o "$work/$algorithm.csv"
        done
        cmp "$work/cch.csv" "$work/dijkstra.csv"
        [ "$(wc -l <"$work/cch.csv")" -eq 2001 ]
        # Most pairs have a way, and it takes time.
        awk -F, -v floor=1000 'NR > 1 && $3 > 1 && $4 > 1 { ways++ } END { exit ways < floor }' "$work/cch.csv"
    done
    "$MINGDI" road isochrone "$work/$1.city" --at "$3" --minutes 4,8,12 >"$work/isochrone.json"
    "$PYTHON" - "$work/isochrone.json" "$3" <<'END'
import json, sys

def area(ring):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:])) / 2

def inside(ring, x, y):
    odd = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            odd = not odd
    return odd

found = json.load(open(sys.argv[1]))
x, y = map(float, sys.argv[2].split(","))
assert found["type"] == "FeatureCollection"
areas = {}
for feature in found["features"]:
    geometry = feature["geometry"]
    assert feature["type"] == "Feature"
    if feature["properties"]["kind"] == "at":
        assert geometry["type"] == "Point"
        assert abs(geometry["coordinates"][0] - x) < 0.001 and abs(geometry["coordinates"][1] - y) < 0.001
        continue
    assert geometry["type"] in ("Polygon", "MultiPolygon")
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    total, holds = 0, False
    for rings in polygons:
        for number, ring in enumerate(rings):
            assert len(ring) >= 4 and ring[0] == ring[-1]
            assert (area(ring) > 0) == (number == 0), "the outer ring runs anticlockwise, holes clockwise (RFC 7946)"
            total += area(ring)
        holds = holds or inside(rings[0], x, y) and not any(inside(hole, x, y) for hole in rings[1:])
    assert holds, feature["properties"]
    areas[feature["properties"]["minutes"]] = total
assert sorted(areas) == [4, 8, 12] and areas[4] < areas[8] <= areas[12], areas
END
}

@test "Monaco: tables by the hierarchy are Dijkstra's, isochrones sound" { city monaco 7.41,43.725,7.44,43.75 7.4246,43.7384; }

@test "Malta: tables by the hierarchy are Dijkstra's, isochrones sound" { city malta 14.40,35.84,14.53,35.93 14.489,35.8997; }

@test "Porto: tables by the hierarchy are Dijkstra's, isochrones sound" { city porto -8.70,41.08,-8.50,41.25 -8.6109,41.1496; }
