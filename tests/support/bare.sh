#!/bin/bash
# Tries both commands of README.md in a bare Debian 12: a minimal tree made by
# debootstrap with only make and git added (and sudo, for the ordinary user).
#
#	bare.sh [FOLDER] [WHAT] [USER]	as root
#
# WHAT: run, test or both.  USER: root or person (an ordinary user with sudo);
# both of them unless one is named.
#
# The commit that is checked out is cloned; changes that are not committed are
# not tried.  The tree (FOLDER, /tmp/permiso-bare) is kept for another try;
# FOLDER.tar holds it as it was when bare.  MIRROR names another mirror; an
# apt configuration of this machine (proxy, sources) is used in the tree.
set -eu

tree=${1:-/tmp/permiso-bare} what=${2:-both}
repository=$(cd "$(dirname "$0")/../.." && pwd -P)
[ "$(id -u)" = 0 ] || { echo "bare.sh: as root" >&2; exit 1; }

if [ ! -e "$tree.tar" ]; then
	debootstrap --variant=minbase --include=make,git,ca-certificates,sudo \
	    bookworm "$tree.new" ${MIRROR:+"$MIRROR"}
	cp -a /etc/apt/sources.list /etc/apt/apt.conf.d \
	    "$tree.new/etc/apt/" 2>/dev/null || :
	cp -a /etc/apt/sources.list.d/debian* \
	    "$tree.new/etc/apt/sources.list.d/" 2>/dev/null || :
	tar -C "$tree.new" -cf "$tree.tar" .
	rm -rf "$tree.new"
fi

umounts() {
	for m in dev/shm dev/pts dev proc sys; do
		! mountpoint -q "$tree/$m" || umount -l "$tree/$m"
	done
}
fresh() {
	umounts
	rm -rf "$tree"
	mkdir "$tree"
	tar -C "$tree" -xpf "$tree.tar"
	mount -t proc proc "$tree/proc"
	mount --bind /dev "$tree/dev"
	mount -t tmpfs -o mode=1777 shm "$tree/dev/shm"
	cp -L /etc/resolv.conf /etc/hosts "$tree/etc/"
	# A network with a certificate authority of its own: npm must know it.
	if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
		cp -L "$NODE_EXTRA_CA_CERTS" "$tree/etc/ssl/network.pem"
		echo NODE_EXTRA_CA_CERTS=/etc/ssl/network.pem \
		    >> "$tree/etc/environment"
	fi
}
trap umounts EXIT

# In the tree: clone, make run until both answer, make test.
in_tree() {
	set -eu
	cd "$HOME"
	git clone -q /source permiso
	cd permiso
	case $1 in run | both)
		make run >"$HOME/run.log" 2>&1 &
		trap 'pkill -TERM -f conf/dev/run.sh; sleep 5' EXIT
		for _ in $(seq 900); do
			grep -q "^Stop " "$HOME/run.log" && break
			kill -0 $! 2>/dev/null || break
			sleep 1
		done
		cat "$HOME/run.log"
		grep -q "^Stop " "$HOME/run.log"
		curl -fsS http://localhost:1812/.well-known/openid-configuration
		echo
		curl -fsS http://127.0.0.1:1813/ | grep "Demo app"
		pkill -TERM -f conf/dev/run.sh
		wait || :
		trap - EXIT
		echo "bare.sh: make run works ($(id -un))" ;;
	esac
	case $1 in test | both)
		make test
		echo "bare.sh: make test works ($(id -un))" ;;
	esac
}

for user in ${3:-root person}; do
	fresh
	git clone -q --bare "$repository" "$tree/source"
	chmod -R a+rX "$tree/source"
	{ declare -f in_tree; echo 'git config --global --add safe.directory "*"'
	echo "in_tree $what"; } > "$tree/try.sh"
	if [ $user = person ]; then
		chroot "$tree" useradd -m -s /bin/bash person
		echo 'person ALL=(ALL) NOPASSWD: ALL' > "$tree/etc/sudoers.d/person"
	fi
	echo "=== $user"
	chroot "$tree" su - $user -c "bash /try.sh"
done
