#!/bin/sh
# The demonstration: fetch the roads of Gothenburg, import them, simulate 30 days of service, name the report.
# usage: demo.sh MINGDI OUT, both absolute; ./run demo calls it.
set -eu

mingdi=$1
out=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
scenario=$out/scenario

say() { printf '\n== %s\n' "$*"; }

mkdir -p "$out/package" "$scenario"

say "1/5 the roads of Gothenburg (OpenStreetMap contributors, ODbL), from the npm package geojson-path-finder 2.1.0"
cp "$here/package.json" "$here/package-lock.json" "$out/package/"
roads=$out/package/node_modules/geojson-path-finder/test/large-network.json
if [ -f "$roads" ] && cmp -s "$here/package-lock.json" "$out/package/installed-lock.json"; then
    echo "already here: $roads"
else
    (cd "$out/package" && npm ci --ignore-scripts --no-audit --no-fund)
    cp "$here/package-lock.json" "$out/package/installed-lock.json"
fi

say "2/5 importing the roads"
"$mingdi" city import --geojson "$roads" --name Gothenburg -o "$scenario/city.mingdi"

say "3/5 the scenario: stations, hospitals and rules as written, demand from the density of roads"
cp "$here"/scenario/* "$scenario/"
python3 "$here/demand.py" "$roads" "$scenario/stations.csv" "$scenario/demand.csv"
"$mingdi" scenario check "$scenario"

say "4/5 simulating 30 days, three times"
"$mingdi" simulate "$scenario" --days 30 --warmup-days 1 --replications 3 -o "$out/run"

say "5/5 the same decisions again, from the journal"
"$mingdi" replay "$out/run/journal.db" --verify

python3 "$here/headline.py" "$out/run/report.json"
echo "The report:        $out/run/report.html"
