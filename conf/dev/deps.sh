#!/bin/bash
# Installs the Debian packages that are missing.
#
#	deps.sh run	what building and `make run` need
#	deps.sh test	what the tests need besides
#	deps.sh tidy	what `make tidy` needs besides building
#
# Quick when nothing is missing.  Starts no service, makes no database
# cluster, and leaves no service enabled that was not there before.
set -eu

# Building; the database; the demo app.
run="gcc make pkg-config perl patch kore libpq-dev libjansson-dev libssl-dev
libcbor-dev libqrencode-dev libcurl4-openssl-dev ca-certificates zlib1g-dev libbrotli-dev brotli postgresql-15 apache2-bin
libapache2-mod-auth-openidc openssl procps util-linux curl"
# Tests: the other compiler and its sanitizers; readers of what we make;
# proxies that read our examples; the browser; Node's package manager; a mail
# server that runs as anybody and takes no other one's place.
test="clang libclang-rt-14-dev libcmocka-dev libjwt-dev nginx haproxy caddy
chromium fonts-dejavu-core git systemd python3-aiosmtpd"
services="nginx haproxy caddy"

case ${1:-} in
run)	wanted=$run ;;
test)	wanted="$run $test"
	command -v npm >/dev/null || wanted="$wanted nodejs npm" ;;
tidy)	wanted="$run clang-tidy" ;;
*)	sed -n '2,10p' "$0"; exit 2 ;;
esac

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=
for package in $wanted; do
	installed "$package" || missing="$missing $package"
done

if [ -n "$missing" ] && [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "These packages are missing, and only root can install them:" \
		    "$missing" >&2
		exit 1
	}
	exec sudo "$0" "$@"
fi

# Root runs database and tests as a user of their own (PostgreSQL refuses
# root, and tests should not need it).
if [ "$(id -u)" = 0 ] && ! id permiso-dev >/dev/null 2>&1; then
	useradd --system --user-group --create-home --shell /bin/bash \
	    --home-dir /var/lib/permiso-dev permiso-dev
fi
[ -n "$missing" ] || exit 0

policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/permiso-deps.conf
mine=
clean() {
	[ -z "$mine" ] || rm -f "$policy"
	rm -f "$cluster"
	rmdir --ignore-fail-on-non-empty "$(dirname "$cluster")" 2>/dev/null || true
}
trap clean EXIT
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' > "$policy"
	chmod 755 "$policy"
	mine=yes
fi
mkdir -p "$(dirname "$cluster")"
echo "create_main_cluster = false" > "$cluster"

echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ apt-get -qq update &&
    apt-get -qq -y --no-install-recommends install $missing; } >"$log" 2>&1 ||
    { tail -40 "$log" >&2; echo "deps.sh: apt-get failed" >&2; exit 1; }
rm -f "$log"

for service in $services; do
	case " $missing " in
	*" $service "*)
		DPKG_MAINTSCRIPT_PACKAGE=$service deb-systemd-helper disable "$service.service" >/dev/null 2>&1 || true
		update-rc.d "$service" disable >/dev/null 2>&1 || true ;;
	esac
done
