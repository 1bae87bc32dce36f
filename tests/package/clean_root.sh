#!/bin/sh
# Installs the package in a root that has nothing but Debian, tries it there with the commands of docs/operations.md, and takes it
# away again: clean_root.sh BUILD [BASE].
# BUILD is the folder of the built program. The root is made by debootstrap from the mirror that apt has here; BASE is one made
# before, which is copied instead. Wants to be root. Nothing is left.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
fail() { echo "clean_root: $*" >&2; exit 1; }
[ $# -ge 1 ] || fail "usage: clean_root.sh BUILD [BASE]"
[ "$(id -u)" -eq 0 ] || fail "only root can make a root: sudo"
work=$(mktemp -d "${TMPDIR:-/tmp}/mingdi-root-XXXXXX")
root=$work/root
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

remove() {
    if mountpoint -q "$root/proc" 2>/dev/null; then umount "$root/proc"; fi
    rm -rf --one-file-system "$work"
}
trap remove EXIT

# ---- a root with nothing but Debian, and with the mirrors of this machine ----

# shellcheck disable=SC2016 # apt's own words
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Codename: bookworm' | head -n 1; }
if [ -n "${2:-}" ]; then
    cp -a "$2" "$root"
else
    debootstrap --variant=minbase bookworm "$root" "$(mirror)" >"$work/debootstrap.log" 2>&1 ||
        { tail -n 20 "$work/debootstrap.log" >&2; fail "debootstrap failed"; }
fi
rm -rf "$root/etc/apt" && cp -a /etc/apt "$root/etc/apt"
cp -a /usr/share/keyrings/. "$root/usr/share/keyrings/"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc" || fail "proc cannot be mounted: is this a container without that right?"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # nothing is to be started here
chmod 0755 "$root/usr/sbin/policy-rc.d"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends adduser tzdata curl man-db bash-completion >/dev/null 2>&1

# What the package might touch: names, and what it says of users.
picture() {
    (cd "$root" && find etc usr var -xdev ! -path 'var/cache/*' ! -path 'var/log/*' ! -path 'var/lib/dpkg/*' \
        ! -path 'var/lib/apt/*' | sort)
}

# ---- commands as docs/operations.md has them ----

# run_block NAME: the block that is marked so, as written, in /srv.
run_block() {
    awk -v mark="<!-- tested: clean_root $1 -->" '
        $0 == mark { wanted = 1; next }
        wanted && /^```/ { wanted = 0; open = 1; next }
        open && /^```/ { open = 0 }
        open' "$here/docs/operations.md" >"$root/srv/commands"
    [ -s "$root/srv/commands" ] || fail "docs/operations.md has no block '$1'"
    # shellcheck disable=SC2016 # for the shell inside
    inside PATH=/srv/bin:/usr/sbin:/usr/bin:/sbin:/bin MINGDI_SET_PORT=0 sh -c 'cd /srv && sh -eux commands' \
        >"$work/commands.log" 2>&1 || { cat "$work/commands.log" "$root/srv/serve.log" >&2; fail "docs/operations.md: $1"; }
}

# In the place of systemctl, for there is no systemd here: the ExecStart of mingdi.service as its user, with the file of its
# environment; it is up when it has told its address.
mkdir "$root/srv/bin"
: >"$root/srv/serve.log"
cat >"$root/srv/bin/systemctl" <<'END'
#!/bin/sh
set -eu
runs() { [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
wait_for() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ "$tries" -le 1200 ] || { echo "systemctl: never came: $*" >&2; exit 1; }
        sleep 0.1
    done
}
is_up() { grep -q http:// /srv/serve.txt; }
is_down() { ! runs "$(cat /srv/serve.pid)"; }
case $* in
"start mingdi" | "enable --now mingdi")
    command=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/mingdi.service)
    # shellcheck disable=SC2034 # the unit's command names it
    SERVE_OPTIONS=$(sed -n 's/^SERVE_OPTIONS=//p' /etc/mingdi/services.env)
    : >/srv/serve.txt
    # shellcheck disable=SC2086,SC2016 # the words of the unit
    eval "exec setpriv --reuid=mingdi --regid=mingdi --init-groups $command" >/srv/serve.txt 2>>/srv/serve.log &
    echo $! >/srv/serve.pid
    wait_for is_up
    ;;
"stop mingdi")
    kill "$(cat /srv/serve.pid)"
    wait_for is_down
    ;;
*) echo "systemctl: no stand-in for: $*" >&2; exit 1 ;;
esac
END
chmod 0755 "$root/srv/bin/systemctl"
stop_serving() { if [ -s "$root/srv/serve.pid" ]; then kill "$(cat "$root/srv/serve.pid")" 2>/dev/null || true; fi; }
printf 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n' >"$root/etc/apt/apt.conf.d/99test"

# ---- installed: of a version before this one ----

cp "$("$here/tools/package" "$1" "$work")" "$root/srv/mingdi.deb"
dpkg-deb -R "$root/srv/mingdi.deb" "$work/old"
sed -i 's/^Version: .*/Version: 0.0.1/' "$work/old/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -b "$work/old" "$root/srv/mingdi_0.0.1_old.deb" >/dev/null
inside apt-get install -y -qq --no-install-recommends --download-only /srv/mingdi.deb >/dev/null
# Libraries are not the package's: they are there before and stay.
libraries=$(dpkg-deb --field "$root/srv/mingdi.deb" Depends | sed 's/([^)]*)//g; s/,/ /g')
# shellcheck disable=SC2086 # a list of words
inside apt-get install -y -qq --no-install-recommends $libraries >/dev/null 2>&1
picture >"$work/before"
run_block install
version() { inside dpkg-query --show mingdi | cut -f 2; }
[ "$(version)" = 0.0.1 ] || fail "not the version that was given"
inside mingdi version
inside man -P cat mingdi | grep -q '^NAME' || fail "no manual page"
inside man -P cat mingdi.yaml | grep -q 'behind_proxy' || fail "no manual page of the settings"
inside bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader mingdi; complete -p mingdi' |
    grep -q _mingdi || fail "no completion"
[ "$(inside stat -c '%U:%G %a' /var/lib/mingdi)" = "mingdi:mingdi 700" ] || fail "/var/lib/mingdi is not the user's"

# ---- a centre: made, served, backed up, restored beside itself, upgraded, lost and restored in its place ----

readyz() { inside curl -fsS "$(sed -n 's,.*\(http://[^ ]*/\).*,\1,p' "$root/srv/serve.txt")$1"; }
# Files of the centre and of its backups that are not its user's would stop it later.
all_its_own() {
    inside find /var/lib/mingdi /var/backups/mingdi ! -user mingdi | grep . && fail "after $1: not the user's"
    true
}
trap 'stop_serving; remove' EXIT
run_block town
run_block serve
readyz readyz && echo
readyz "" | grep -q "<html" || fail "no console"
inside runuser -u mingdi -- mingdi doctor --data /var/lib/mingdi || echo "doctor: $?"
run_block backup
run_block restore
all_its_own backup
rm "$root/srv/mingdi_0.0.1_old.deb" && mv "$root/srv/mingdi.deb" "$root/srv/mingdi_new.deb"
run_block upgrade
mv "$root/srv/mingdi_new.deb" "$root/srv/mingdi.deb"
[ "$(version)" != 0.0.1 ] || fail "not upgraded"
readyz readyz && echo
all_its_own upgrade
run_block lost
readyz readyz && echo
all_its_own restore
inside /srv/bin/systemctl stop mingdi

# ---- the same again: nothing changes; removed: the data stay; purged: what is said stays ----

sum() { inside sh -c 'cat /var/lib/mingdi/journal.db /var/lib/mingdi/master.key | sha256sum'; }
kept=$(sum)
inside apt-get install -y -qq --reinstall /srv/mingdi.deb >/dev/null
inside apt-get remove -y -qq mingdi >/dev/null
[ ! -e "$root/usr/bin/mingdi" ] || fail "the program is still there"
[ -e "$root/etc/mingdi/services.env" ] || fail "remove took the configuration"
[ "$(sum)" = "$kept" ] || fail "remove touched the data"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s /lib/systemd/system/mingdi.service "$root/etc/systemd/system/multi-user.target.wants/"
inside apt-get purge -y -qq mingdi
[ "$(sum)" = "$kept" ] || fail "purge touched the data"
inside getent passwd mingdi >/dev/null || fail "purge took the user of data that are there"
[ ! -L "$root/etc/systemd/system/multi-user.target.wants/mingdi.service" ] || fail "purge left a link of systemctl enable"

# Without data nothing is left.
rm -rf "$root/var/lib/mingdi" "$root/var/lib/mingdi.lost" "$root/var/backups/mingdi" "$root/var/tmp/town" \
    "$root/var/tmp/again" "$root/var/tmp/then"
inside apt-get install -y -qq --no-install-recommends /srv/mingdi.deb >/dev/null
inside apt-get purge -y -qq mingdi
if inside getent passwd mingdi; then fail "the user is left"; fi
picture >"$work/after"
diff "$work/before" "$work/after" >"$work/differences" || true
# Copies that adduser keeps of the files of users, the folder of systemd that was made above.
grep -v -E '^[0-9,acd]+$|^> etc/((passwd|group|shadow|gshadow|subuid|subgid)-|systemd/system/multi-user.target.wants)$' \
    "$work/differences" && fail "purge leaves something, or takes too much"

# ---- without a package ----

run_block bare
[ "$(inside stat -c '%U:%G %a' /var/lib/mingdi)" = "mingdi:mingdi 700" ] || fail "/var/lib/mingdi is not the user's"
echo "installed, tried, upgraded, removed, purged"
