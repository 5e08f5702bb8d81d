#!/bin/bash
# What `make run` starts: a private PostgreSQL, the provider, the demo app.
#
#	run.sh BUILD		run until Ctrl-C
#	run.sh BUILD migrate	bring the database of var/ up to date, and end
#
# Everything lives in var/: a second run finds its data again.  PORT (1812)
# and DEMO_PORT (1813) may be set; so may any setting of conf/permiso.conf.
set -eu
cd "$(dirname "$0")/../.."

build=$PWD/${1:?the build folder}
command=${2:-run}
port=${PORT:-1812} demo_port=${DEMO_PORT:-1813}
mkdir -p var

# One key and one demo secret for ever: data that was sealed stays readable.
secret() {
	[ -s "var/$1" ] || (umask 077 && openssl rand "$2" 32 > "var/$1.new" &&
	    mv "var/$1.new" "var/$1")
}
secret encryption_key -base64
secret demo_secret -hex

# Socket paths have a limit of 107 bytes.
run_dir=$PWD/var/run
[ ${#run_dir} -lt 80 ] || run_dir=/tmp/permiso-$(id -u)-$(pwd | cksum | cut -d' ' -f1)

export APP_ENV=${APP_ENV:-development} APP_URL=${APP_URL:-http://localhost:$port}
export PORT=$port RUN_DIR=${RUN_DIR:-$run_dir}
export ENCRYPTION_KEY_FILE=${ENCRYPTION_KEY_FILE:-$PWD/var/encryption_key}
export DB_CONNECTION_STRING_FILE=$PWD/var/postgres/conninfo
demo=http://127.0.0.1:$demo_port/

for p in "$port" "$demo_port"; do
	if (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then
		echo "Port $p is in use. Try: make run PORT=2812 DEMO_PORT=2813" >&2
		exit 1
	fi
done

server= app=
stop() {
	trap '' INT TERM
	[ -z "$app" ] || kill "$app" 2>/dev/null || :
	[ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || :
	[ -z "$app" ] || wait "$app" 2>/dev/null || :
	tests/support/postgres.sh stop var/postgres || :
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

tests/support/postgres.sh start var/postgres
"$build/permiso" migrate
[ "$command" = run ] || exit 0

# The registrations of clients/, the demo app's with its port and secret.
rm -rf var/clients
(umask 077 && mkdir var/clients && cp clients/*.json var/clients/)
sed -i "s/:1813/:$demo_port/; s/^{/{ \"client_secret\": \"$(cat var/demo_secret)\",/" \
    var/clients/demo.json
"$build/permiso" apply var/clients

# In sessions of their own: Ctrl-C is ours to pass on, in order.
log=var/permiso.log
: > "$log"
setsid setpriv --pdeathsig TERM "$build/permiso" serve \
    > >(exec tee -a "$log") 2>&1 &
server=$!
setsid clients/demo/run.sh var/demo "$APP_URL" "$demo_port" \
    "$(cat var/demo_secret)" 2>>var/demo.log &
app=$!

answers() { # url, process, what it is, its log
	local _
	for _ in $(seq 600); do
		! curl -fs -o /dev/null "$1" || return 0
		kill -0 "$2" 2>/dev/null || break
		sleep 0.05
	done
	echo "$3 did not start; see $4" >&2
	tail -3 "$4" >&2
	exit 1
}
answers "$APP_URL/.well-known/openid-configuration" $server "Permiso" $log
answers "$demo" $app "The demo app" var/demo.log

setup=$(grep -o "$APP_URL/setup?code=[0-9a-f]*" "$log" | tail -1 || :)
echo
echo "Permiso     $APP_URL"
if [ -n "$setup" ]; then
	echo
	echo "  Nobody is set up yet. Create the first administrator here:"
	echo "  $setup"
	echo
fi
echo "Demo app    $demo  (press \"Sign in\")"
echo "Stop        Ctrl-C; everything is kept in var/"
echo
wait
