#!/usr/bin/env bats
# What a hurried or a hostile hand does: interrupts, names a device or nothing as the output, empties the hospitals and the crews.
bats_require_minimum_version 1.5.0

setup_file() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    export MINGDI
    export PYTHON=${PYTHON:-python3}
    export WORK=$BATS_FILE_TMPDIR
    cp -r "$BATS_TEST_DIRNAME/town/scenario" "$WORK/scenario"
    "$MINGDI" city import --geojson "$BATS_TEST_DIRNAME/town/roads.geojson" --name Town -o "$WORK/scenario/city.mingdi" \
        2>"$WORK/import.log"
}

json() { "$PYTHON" -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }

# variant NAME: a copy of the scenario to change.
variant() {
    cp -r "$WORK/scenario" "$WORK/$1"
    cd "$WORK/$1" || return 1
}

@test "a simulation that is interrupted leaves nothing, and what was there before" {
    mkdir "$WORK/interrupted"
    cd "$WORK/interrupted"
    "$MINGDI" simulate "$WORK/scenario" --days 1 -o out >/dev/null 2>&1
    cp out/report.json before.json
    # Python, because a shell lets its background jobs ignore the interrupt key. It waits until the run has begun to write.
    "$PYTHON" - <<'END'
import os, pathlib, signal, subprocess
command = [os.environ["MINGDI"], "simulate", os.environ["WORK"] + "/scenario", "--days", "36500", "-o", "out"]
run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
while run.poll() is None and not list(pathlib.Path(".").glob("out.part-*/journal.db")):
    pass
run.send_signal(signal.SIGINT)
told = run.communicate()[1].decode()
assert run.returncode == -signal.SIGINT, (run.returncode, told)
assert "interrupted; nothing was written" in told, told
END
    [ "$(echo *)" = "before.json out" ]
    cmp before.json out/report.json
}

@test "an output without a name is refused, a folder and a full device too, and a device stays one" {
    cd "$WORK"
    printf 'id,lon,lat\na,11.964,57.702\n' >one.csv
    run -2 "$MINGDI" road matrix scenario/city.mingdi --from one.csv --to one.csv -o ''
    run -1 "$MINGDI" road matrix scenario/city.mingdi --from one.csv --to one.csv -o "$WORK"
    run -2 "$MINGDI" simulate scenario --days 1 -o ''
    run -1 "$MINGDI" road matrix scenario/city.mingdi --from one.csv --to one.csv -o /dev/full
    [ -c /dev/full ]
    "$MINGDI" road matrix scenario/city.mingdi --from one.csv --to one.csv -o /dev/null
    [ -c /dev/null ]
    { echo first; "$MINGDI" road matrix scenario/city.mingdi --from one.csv --to one.csv -o /dev/stdout; echo last; } >all.txt
    [ "$(sed -n '1p;2p;$p' all.txt | tr '\n' ' ')" = "first from,to,seconds,metres last " ]
}

@test "a limit on the size of files is an error, and leaves nothing" {
    mkdir "$WORK/limited"
    cd "$WORK/limited"
    run -1 bash -c "ulimit -f 400; exec '$MINGDI' simulate '$WORK/scenario' --days 90 -o out"
    [[ "$output" == *"journal.db: cannot write"* ]]
    [ -z "$(ls -A)" ]
}

@test "a call in the sea is named with file and line" {
    cd "$WORK"
    {
        echo call,priority,lon,lat,arrival_s,delay_s,on_scene_s,transport,handover_s
        echo 1,1,11.964,57.702,0,50,600,1,900
        echo 2,1,11.5,57.2,10,50,600,1,900
    } >calls.csv
    run -1 "$MINGDI" simulate scenario --calls calls.csv -o sea
    [[ "$output" == *"calls.csv:3: call 2:"* ]]
    [ ! -e sea ]
}

@test "where every bed is taken the nearest hospital takes the patient all the same, and it is counted" {
    variant full
    printf 'id,lon,lat,beds\nhospital,11.9680,57.7040,0\n' >facilities.csv
    "$MINGDI" simulate . --days 3 -o "$WORK/full.out" 2>/dev/null
    "$MINGDI" simulate "$WORK/scenario" --days 3 -o "$WORK/open.out" 2>/dev/null
    cmp "$WORK/full.out/calls.csv" "$WORK/open.out/calls.csv"
    [ "$(json "$WORK/full.out/report.json" 'd["run"]["patients_without_bed"] > 0')" = True ]
    [ "$(json "$WORK/open.out/report.json" 'd["run"]["patients_without_bed"]')" = 0 ]
    "$MINGDI" replay "$WORK/full.out/journal.db" --verify >/dev/null
}

@test "calls that nobody may serve count against the target" {
    variant unfit
    sed -i 's/ALS/BLS/' units.csv
    printf 'priority,share,target_s,code,needs_als\ncritical,0.2,480,1,yes\nurgent,0.8,900,2,no\n' >priorities.csv
    "$MINGDI" simulate . --days 20 -o "$WORK/unfit.out" 2>/dev/null
    [ "$(json "$WORK/unfit.out/report.json" 'd["figures"]["critical"]["within_target"]["mean"]')" = 0 ]
    [ "$(json "$WORK/unfit.out/report.json" 'd["figures"]["all"]["within_target"]["mean"] < 0.9')" = True ]
}
