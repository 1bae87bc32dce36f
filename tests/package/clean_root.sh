#!/bin/sh
# Installs the package in a root that has nothing but Debian, tries it there, and takes it away again: clean_root.sh BUILD [BASE].
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

# ---- installed ----

cp "$("$here/tools/package" "$1" "$work")" "$root/srv/mingdi.deb"
inside apt-get install -y -qq --no-install-recommends --download-only /srv/mingdi.deb >/dev/null
# Libraries are not the package's: they are there before and stay.
libraries=$(dpkg-deb --field "$root/srv/mingdi.deb" Depends | sed 's/([^)]*)//g; s/,/ /g')
# shellcheck disable=SC2086 # a list of words
inside apt-get install -y -qq --no-install-recommends $libraries >/dev/null 2>&1
picture >"$work/before"
inside apt-get install -y -qq --no-install-recommends /srv/mingdi.deb
inside mingdi version
inside man -P cat mingdi | grep -q '^NAME' || fail "no manual page"
inside man -P cat mingdi.yaml | grep -q 'behind_proxy' || fail "no manual page of the settings"
inside bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader mingdi; complete -p mingdi' |
    grep -q _mingdi || fail "no completion"
[ "$(inside stat -c '%U:%G %a' /var/lib/mingdi)" = "mingdi:mingdi 700" ] || fail "/var/lib/mingdi is not the user's"

# ---- a centre, made as docs/operations.md says it: its blocks that are marked so are run as written ----

awk '/^<!-- tested: clean_root -->$/ { wanted = 1; next }
    wanted && /^```/ { wanted = 0; open = 1; next }
    open && /^```/ { open = 0 }
    open' "$here/docs/operations.md" >"$root/srv/commands"
[ -s "$root/srv/commands" ] || fail "docs/operations.md has no block for this test"
inside sh -eux /srv/commands >"$work/commands.log" 2>&1 || { cat "$work/commands.log" >&2; fail "docs/operations.md"; }

# shellcheck disable=SC2016 # for the shell inside
inside sh -eu -c '
setpriv --reuid=mingdi --regid=mingdi --init-groups \
    mingdi serve --data /var/lib/mingdi --port 0 >/srv/serve.txt 2>/srv/serve.log &
server=$!
tries=0
until grep -q http:// /srv/serve.txt; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then cat /srv/serve.log >&2; exit 1; fi
    sleep 0.1
done
address=$(sed -n "s,.*\(http://[^ ]*/\).*,\1,p" /srv/serve.txt)
curl -fsS "${address}readyz" && echo
curl -fsS "$address" | grep -q "<html" || { echo "no console" >&2; exit 1; }
runuser -u mingdi -- mingdi doctor --data /var/lib/mingdi || echo "doctor: $?"
runuser -u mingdi -- mingdi backup --data /var/lib/mingdi --to /var/backups/mingdi
kill "$server"
wait "$server"
'

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
rm -rf "$root/var/lib/mingdi" "$root/var/backups/mingdi" "$root/var/tmp/town"
inside apt-get install -y -qq --no-install-recommends /srv/mingdi.deb >/dev/null
inside apt-get purge -y -qq mingdi
if inside getent passwd mingdi; then fail "the user is left"; fi
picture >"$work/after"
diff "$work/before" "$work/after" >"$work/differences" || true
# Copies that adduser keeps of the files of users, the folder of systemd that was made above.
grep -v -E '^[0-9,acd]+$|^> etc/((passwd|group|shadow|gshadow|subuid|subgid)-|systemd/system/multi-user.target.wants)$' \
    "$work/differences" && fail "purge leaves something, or takes too much"
echo "installed, tried, removed, purged"
