#!/bin/sh
# The demonstration's city: fetch the roads of Gothenburg, import them, put the scenario beside them. What is there
# already is kept.
# usage: prepare.sh MINGDI OUT, both absolute; afterwards OUT/scenario is a whole scenario, and a setup for mingdi init.
set -eu

mingdi=$1
out=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
scenario=$out/scenario

say() { printf '\n== %s\n' "$*"; }

mkdir -p "$out/package" "$scenario"

say "the roads of Gothenburg (OpenStreetMap contributors, ODbL), from the npm package geojson-path-finder 2.1.0"
cp "$here/package.json" "$here/package-lock.json" "$out/package/"
roads=$out/package/node_modules/geojson-path-finder/test/large-network.json
if [ -f "$roads" ] && cmp -s "$here/package-lock.json" "$out/package/installed-lock.json"; then
    echo "already here: $roads"
else
    (cd "$out/package" && npm ci --ignore-scripts --no-audit --no-fund)
    cp "$here/package-lock.json" "$out/package/installed-lock.json"
fi

say "importing the roads"
"$mingdi" city import --geojson "$roads" --name Gothenburg -o "$scenario/city.mingdi"

say "the scenario: stations, hospitals and rules as written, demand from the density of roads"
cp "$here"/scenario/* "$scenario/"
python3 "$here/demand.py" "$roads" "$scenario/stations.csv" "$scenario/demand.csv"
"$mingdi" scenario check "$scenario"
