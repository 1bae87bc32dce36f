#!/bin/sh
# Builds the package of this commit twice, in two folders of different names, one after the other, and compares the bytes:
# reproduce.sh [WORK]. Console and program are built anew each time. 77 where this is no git checkout.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
git -C "$root" rev-parse --verify -q HEAD >/dev/null || { echo "skipped: this is no git checkout"; exit 77; }
work=$(mktemp -d "${1:-${TMPDIR:-/tmp}}/mingdi-reproduce-XXXXXX")
trap 'rm -rf "$work"' EXIT

# build_in FOLDER: prints the package's path.
build_in() {
    git clone -q "$root" "$1"
    mkdir -p "$1/build"
    # What npm has fetched for this checkout need not be fetched again; what is built of it is.
    if [ -d "$root/web/node_modules" ]; then cp -a "$root/web/node_modules" "$1/web/node_modules"; fi
    if [ -d "$root/build/node" ]; then cp -a "$root/build/node" "$1/build/node"; fi
    "$1/run" package >"$1.log" 2>&1 || { cat "$1.log" >&2; return 1; }
    sed -n 's/^package: //p' "$1.log"
}

first=$(build_in "$work/one")
second=$(build_in "$work/a longer name")
sha256sum "$first" "$second"
cmp "$first" "$second"
echo "the same bytes"
