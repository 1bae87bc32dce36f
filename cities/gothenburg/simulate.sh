#!/bin/sh
# A month of service: prepare the city, simulate 30 days three times, decide it all again from the journal, name the report.
# usage: simulate.sh MINGDI OUT, both absolute; ./run simulate calls it.
set -eu

mingdi=$1
out=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

say() { printf '\n== %s\n' "$*"; }

sh "$here/prepare.sh" "$mingdi" "$out"

say "simulating 30 days, three times"
"$mingdi" simulate "$out/scenario" --days 30 --warmup-days 1 --replications 3 -o "$out/run"

say "the same decisions again, from the journal"
"$mingdi" replay "$out/run/journal.db" --verify

python3 "$here/headline.py" "$out/run/report.json"
echo "The report:        $out/run/report.html"
