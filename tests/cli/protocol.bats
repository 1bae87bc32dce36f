#!/usr/bin/env bats
# mingdi protocol check, show, key, sign; what is signed is held against sha256sum and openssl.
bats_require_minimum_version 1.5.0

setup_file() {
    : "${MINGDI:=$BATS_TEST_DIRNAME/../../build/mingdi}"
    export MINGDI
}

setup() {
    D=$BATS_TEST_TMPDIR/protocols
    cp -r "$BATS_TEST_DIRNAME/protocols" "$D"
    K=$BATS_TEST_TMPDIR/director
}

# shellcheck disable=SC2154 # bats sets stderr
protocol() { run --separate-stderr "$MINGDI" protocol "$@"; }
# succeeds [TEXT]...: exit 0, nothing on standard error, each text in what was printed.
succeeds() {
    [ "$status" -eq 0 ] || { echo "exit $status: $stderr"; false; }
    [ -z "$stderr" ] || { echo "$stderr"; false; }
    for text in "$@"; do [[ "$output" == *"$text"* ]] || { echo "no '$text' in: $output"; false; }; done
}

# fails STATUS TEXT...
fails() {
    [ "$status" -eq "$1" ] || { echo "exit $status: $stderr"; false; }
    shift
    for text in "$@"; do [[ "$stderr" == *"$text"* ]] || { echo "no '$text' in: $stderr"; false; }; done
}

@test "check tells what there is, and that nobody signed it" {
    protocol check "$D"
    succeeds "  1  a  arrest " "  7  c  chest_pain " "2 protocols, 7 steps; compressions 2 answers from everywhere" \
        "signature: unsigned"
}

@test "check tells every mistake with its line, in all files" {
    sed -i 's/raise: severe/raise: sever/; s/, zh: 好了//' "$D/chest_pain.yaml"
    printf 'protocol: broken\nnumber: 1: 2\n' >"$D/broken.yaml"
    protocol check "$D"
    fails 1 \
        "chest_pain.yaml:15: step awake, answer 1: raise: there is no 'sever'; there are critical, severe, urgent, non_urgent" \
        "chest_pain.yaml:24: step rest, answer 1: text: the zh text is missing" "broken.yaml:2: not YAML" \
        "mingdi: protocol check: $D: 3 mistakes"
    [ -z "$output" ]
}

@test "check of a folder without protocols, or of none" {
    mkdir "$BATS_TEST_TMPDIR/empty"
    protocol check "$BATS_TEST_TMPDIR/empty"
    fails 1 "no protocol (*.yaml) in this folder"
    protocol check "$BATS_TEST_TMPDIR/none"
    fails 1 "cannot be read"
    protocol check
    fails 2
}

@test "show prints a protocol in both languages, or in one" {
    protocol show "$D" chest_pain
    succeeds "Chest pain" "胸痛" "[1] Yes / 清醒" "priority at least: severe; needs: chest_pain; enough to send" \
        "→ Cardiac arrest (arrest), 2 breathing" "source: an example for tests" "needs the medical director's sign-off"
    protocol show "$D" arrest --lang zh
    succeeds "审签：" "[1] 不正常" "濒危" "识别心脏骤停" "任一步按 0"
    [[ "$output" != *"Is he breathing"* ]]
    protocol show "$D" stroke
    fails 1 "has no protocol stroke"
}

@test "every label of needs and marks has a Chinese word" {
    labels=$(sed -n '/^name = "need_set"/,/^\]/p; /^name = "triage_mark"/,/^\]/p' "$BATS_TEST_DIRNAME/../../schema/types.toml" |
        sed -n 's/^  \[[0-9]*, "\([a-z_]*\)".*/\1/p')
    [ "$(wc -l <<<"$labels")" -ge 20 ]
    for label in $labels; do
        grep -q "{ \"$label\", \"" "$BATS_TEST_DIRNAME/../../src/protocol/show.c" || { echo "$label has none"; false; }
    done
}

@test "what is signed is SHA-256 and Ed25519, as others make them" {
    for tool in openssl sha256sum xxd; do command -v "$tool" || skip "$tool is not here"; done
    protocol key "$K"
    succeeds "protocol_key: $(cat "$K.pub")"
    [ "$(stat -c %a "$K")" = 600 ]
    protocol sign "$D" --key "$K" --signer "Dr Wang" --version 2026112203
    succeeds "package 2026112203, 2 protocols, signed by Dr Wang"
    for name in arrest chest_pain; do
        grep -q "\"sha256\": \"$(sha256sum "$D/$name.yaml" | cut -d' ' -f1)\"" "$D/package.json"
    done
    # SubjectPublicKeyInfo of RFC 8410 in front of the raw key
    { printf '302a300506032b6570032100'; cat "$K.pub"; } | xxd -r -p >"$BATS_TEST_TMPDIR/key.der"
    xxd -r -p "$D/package.sig" >"$BATS_TEST_TMPDIR/signature"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$BATS_TEST_TMPDIR/key.der" -rawin -in "$D/package.json" \
        -sigfile "$BATS_TEST_TMPDIR/signature"
}

@test "a signature holds for its key and its files only" {
    "$MINGDI" protocol key "$K"
    "$MINGDI" protocol key "$K.other"
    "$MINGDI" protocol sign "$D" --key "$K" --signer "Dr Wang"
    protocol check "$D" --public-key "$K.pub"
    succeeds "signed by Dr Wang" "signature: valid"
    protocol check "$D" --public-key "$K.other.pub"
    fails 1 "is not a signature of package.json by the key of this centre"
    sed -i 's/Let him rest/Let him run/' "$D/chest_pain.yaml"
    protocol check "$D" --public-key "$K.pub"
    fails 1 "chest_pain.yaml was changed after it was signed"
    protocol sign "$D" --key "$K" --signer "Dr Wang"
    fails 1 "its version is 3: give it one above 3"
    sed -i 's/version: 3/version: 4/' "$D/chest_pain.yaml"
    "$MINGDI" protocol sign "$D" --key "$K" --signer "Dr Wang"
    protocol check "$D" --public-key "$K.pub"
    succeeds "signature: valid"
}

@test "protocols with mistakes are not signed, and keys are not mixed up" {
    "$MINGDI" protocol key "$K"
    protocol key "$K"
    fails 1 "a key is never replaced"
    protocol sign "$D" --key "$K.pub" --signer "Dr Wang"
    fails 1
    protocol sign "$D" --key "$K"
    fails 2 "--signer NAME"
    sed -i 's/to: rest/to: nowhere/' "$D/chest_pain.yaml"
    protocol sign "$D" --key "$K" --signer "Dr Wang"
    fails 1 "chest_pain.yaml:15" "nothing was signed"
    [ ! -e "$D/package.json" ]
}

@test "the protocols of Mingdi: all subjects, none with a mistake, arrest within two answers, each printable in both languages" {
    S=$BATS_TEST_DIRNAME/../../protocols
    protocol check "$S"
    succeeds "compressions 2 answers from everywhere"
    [ "$(find "$S" -name '*.yaml' | wc -l)" -ge 22 ]
    for file in "$S"/*.yaml; do
        grep -q "needs the medical director's sign-off" "$file" || { echo "$file: no sign-off line"; false; }
        for lang in en zh; do
            protocol show "$S" "$(basename "$file" .yaml)" --lang $lang
            succeeds
        done
    done
}
