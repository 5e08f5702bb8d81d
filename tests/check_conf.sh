#!/bin/bash
# The examples in conf/ are read by the programs they are for: nginx, HAProxy,
# Caddy, systemd, Apache (the demo app).
set -u
cd "$(dirname "$0")/.." || exit 2

PATH=$PATH:/usr/sbin:/sbin
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
tests/support/tls.sh "$tmp/tls" || exit 2
cat "$tmp/tls/server.pem" "$tmp/tls/server.key" > "$tmp/both.pem"
bad=0
try() { # what, command...
	"${@:2}" >"$tmp/log" 2>&1 || { echo "$1:"; cat "$tmp/log"; bad=1; }
}

{ echo "daemon off; pid $tmp/pid; error_log $tmp/error.log; events { }"
echo "http { access_log off; client_body_temp_path $tmp; proxy_temp_path $tmp;
    fastcgi_temp_path $tmp; uwsgi_temp_path $tmp; scgi_temp_path $tmp;"
sed "s#/etc/ssl/private/.*key#$tmp/tls/server.key#
    s#/etc/ssl/private/.*pem#$tmp/tls/server.pem#
    s#listen \(\[::\]:\)\?\(80\|443\)#listen unix:$tmp/\1\2#" \
    conf/nginx/permiso.conf; echo "}"; } > "$tmp/nginx.conf"
try conf/nginx/permiso.conf nginx -t -q -e "$tmp/error.log" -c "$tmp/nginx.conf"

sed "s#/etc/haproxy/.*pem#$tmp/both.pem#" conf/haproxy/permiso.cfg \
    > "$tmp/haproxy.cfg"
try conf/haproxy/permiso.cfg haproxy -c -q -f "$tmp/haproxy.cfg"

try conf/caddy/Caddyfile env HOME="$tmp" caddy validate --adapter caddyfile \
    --config conf/caddy/Caddyfile

for unit in conf/systemd/*.service; do
	# What it starts is what `make install` installs, with a command it has.
	read -r program command rest < <(sed -n 's/^ExecStart=//p' "$unit")
	grep -q '^PREFIX	= '"${program%/bin/permiso}\$" Makefile &&
	    grep -rqE "\{ \"$command\", " src/main.c src/cli &&
	    [ "$rest" = "--config /etc/permiso/permiso.conf" ] ||
	    { echo "$unit: no such command: $program $command $rest"; bad=1; }
	sed 's#^ExecStart=[^ ]*#ExecStart=/bin/true#' "$unit" \
	    > "$tmp/$(basename "$unit")"
done
for unit in "$tmp"/*.service; do
	try "conf/systemd/$(basename "$unit")" systemd-analyze verify \
	    --man=no --generators=no --recursive-errors=no "$unit"
	[ ! -s "$tmp/log" ] || { cat "$tmp/log"; bad=1; }
done
mkdir -p "$tmp/root/etc"
try conf/systemd/permiso.sysusers systemd-sysusers --root="$tmp/root" \
    "$PWD/conf/systemd/permiso.sysusers"

DEMO_RUN=$tmp DEMO_SITE=$PWD/clients/demo/site DEMO_PORT=1 DEMO_SECRET=x \
    DEMO_ISSUER=http://localhost DEMO_RESPONSE_MODE=query DEMO_TLS_CHECK=On \
    DEMO_PASSPHRASE=x try clients/demo/httpd.conf \
    apache2 -t -f "$PWD/clients/demo/httpd.conf"
exit $bad
