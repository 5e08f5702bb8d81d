#!/bin/bash
# Starts conf/systemd for real: a minimal Debian 12 in a container, with its own
# systemd and PostgreSQL, `make install`, and then as an administrator would.
#
#	unit.sh [FOLDER]	as root; needs debootstrap and systemd-container
#
# FOLDER.tar is the bare tree of bare.sh, which is made when it is not there.
set -eu

bare=${1:-/tmp/permiso-bare}
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "unit.sh: as root" >&2; exit 1; }
[ -e "$bare.tar" ] || tests/support/bare.sh "$bare" none

tree=$(mktemp -d /tmp/permiso-unit-XXXXXX)
trap 'rm -rf "$tree"' EXIT
tar -C "$tree" -xpf "$bare.tar"
cp -L /etc/resolv.conf "$tree/etc/"
printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d"
chmod 755 "$tree/usr/sbin/policy-rc.d"
chroot "$tree" sh -c 'export DEBIAN_FRONTEND=noninteractive; apt-get -qq update
    apt-get -qq -y --no-install-recommends install systemd systemd-sysv dbus \
    postgresql-15 libjansson4 libcbor0.8 libcurl4 curl procps' >/dev/null 2>&1
rm "$tree/usr/sbin/policy-rc.d"

make -s install DESTDIR="$tree" >/dev/null
share=$tree/usr/local/share/permiso
mkdir "$tree/etc/permiso"
cp "$share/permiso.conf" "$tree/etc/permiso/"
cp "$share"/systemd/*.service "$tree/etc/systemd/system/"
cp "$share/systemd/permiso.sysusers" "$tree/usr/lib/sysusers.d/permiso.conf"
openssl rand -base64 32 > "$tree/etc/permiso/encryption_key"
echo "host=127.0.0.1 dbname=permiso user=permiso password=permiso" \
    > "$tree/etc/permiso/database"
chmod 640 "$tree"/etc/permiso/*

# Inside, as its root: each line of it must succeed.
cat > "$tree/root/try.sh" <<'END'
set -eux
answers() { for _ in $(seq 60); do ! curl -fs -H 'Host: id.example.com' \
    http://127.0.0.1:1812/healthz || return 0; sleep 1; done; return 1; }
not() { ! "$@"; }	# set -e does not look at `! command`

for _ in $(seq 60); do ! su postgres -c 'psql -qc "SELECT 1"' || break; sleep 1; done
su postgres -c "psql -c \"CREATE ROLE permiso LOGIN CREATEROLE PASSWORD 'permiso'\" \
    -c 'CREATE DATABASE permiso OWNER permiso'"
systemctl start permiso
answers
# Web and jobs may talk to the signer, others may not.
for role in web jobs; do
	setpriv --reuid=permiso-$role --regid=permiso-$role --groups=permiso \
	    test -w /run/permiso/signer.sock
done
not setpriv --reuid=nobody --regid=nogroup --clear-groups test -e /run/permiso/signer.sock
for role in web signer jobs; do pgrep -u permiso-$role permiso; done
main=$(systemctl show -P MainPID permiso)
systemctl reload permiso
sleep 2
answers
[ "$(systemctl show -P MainPID permiso)" = "$main" ]
systemctl kill -s KILL --kill-whom=main permiso
sleep 3
answers
[ "$(systemctl show -P NRestarts permiso)" = 1 ]
systemctl restart permiso
answers
systemctl stop permiso
[ "$(systemctl show -P Result permiso)" = success ]
[ "$(systemctl show -P ExecMainStatus permiso)" = 0 ]
not pgrep permiso
journalctl -q -o cat -u permiso > /root/journal
not grep -E 'signer: away|died' /root/journal
systemd-analyze security --no-pager permiso | tail -1
echo "unit.sh: the unit works"
END
cat > "$tree/etc/systemd/system/try.service" <<'END'
[Unit]
After=postgresql.service
[Service]
Type=oneshot
ExecStart=/bin/bash -c 'bash /root/try.sh >/root/log 2>&1; journalctl -q -o cat -u permiso >/root/journal; systemctl poweroff'
END
mkdir -p "$tree/etc/systemd/system/multi-user.target.wants"
ln -s ../try.service "$tree/etc/systemd/system/multi-user.target.wants/"
timeout 600 systemd-nspawn -q -D "$tree" -b --register=no --keep-unit \
    --private-network >/dev/null 2>&1 || :
cat "$tree/root/log"
grep -q "^unit.sh: the unit works" "$tree/root/log" ||
    { cat "$tree/root/journal"; exit 1; }
