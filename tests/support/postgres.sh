#!/bin/bash
# A private PostgreSQL cluster under a folder of its own, on a unix socket
# only: for `make run` and for every test.
#
#	postgres.sh start DIR [fast]	make it if need be, start it, wait
#	postgres.sh stop DIR [MODE]	stop it (fast, smart or immediate)
#	postgres.sh restart DIR		restart it (fast) and wait
#	postgres.sh database DIR NAME	an empty database; prints its conninfo
#	postgres.sh conninfo DIR	connection string of database "permiso"
#	postgres.sh psql DIR ...	psql as the cluster's superuser
#	postgres.sh remove DIR		stop it and delete its folder
#
# "fast" (tests) leaves out fsync, never synchronous_commit: a crash of the
# machine may lose it, a crash of the server may not.  DIR/conninfo (0600)
# holds the owner's connection string, for DB_CONNECTION_STRING_FILE.
#
# PostgreSQL refuses root, so root runs it as PERMISO_POSTGRES_USER, else as
# the owner of DIR, else as "postgres" or "nobody".  Its data lies in DIR, or,
# when that user cannot reach DIR, below /var/tmp with a link in DIR.  The
# socket lies in DIR too unless its path would pass the 107 bytes of sun_path.
set -eu

command=${1:?start, stop, restart, database, conninfo, psql or remove}
mkdir -p "${2:?the folder}"
dir=$(cd "$2" && pwd -P)
shift 2

fail() { echo "postgres.sh: $*" >&2; exit 1; }

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -1)
if [ ! -x "${bin:-}/initdb" ]; then
	bin=$(pg_config --bindir 2>/dev/null) || fail "no PostgreSQL here"
fi

user=$(id -un)
if [ "$(id -u)" = 0 ]; then
	user=${PERMISO_POSTGRES_USER:-$(stat -c %U "$dir")}
	case $user in
	root | UNKNOWN)
		user=postgres
		id postgres >/dev/null 2>&1 || user=nobody ;;
	esac
fi

# Run as that user, from a folder that everybody can enter.
as() {
	if [ "$(id -u)" = 0 ]; then
		(cd / && setpriv --reuid="$user" --regid="$(id -g "$user")" \
		    --clear-groups env -u PGHOST -u PGPORT HOME=/ "$@")
	else
		(cd / && "$@")
	fi
}

# Where the data is: in DIR, or where DIR/data points.
place() {
	[ -e "$dir/data" ] || [ -L "$dir/data" ] && return
	if [ "$(id -u)" = 0 ] && ! as test -x "$dir"; then
		far=/var/tmp/permiso-$(printf %s "$dir" | cksum | tr -d ' ')
		mkdir -p "$far"
		ln -s "$far" "$dir/data"
	else
		mkdir "$dir/data"
	fi
	chmod 700 "$dir/data/"
	[ "$(id -u)" != 0 ] || chown "$user" "$dir/data/"
}

# As the server's user sees it: it may not be able to walk through DIR.
data() { readlink -f "$dir/data"; }

# The socket's folder is written down, so that every start has the same one.
sockets() {
	if [ ! -e "$dir/socket" ]; then
		where=$(data)
		if [ $((${#where} + 15)) -gt 100 ] || [ -L "$dir/data" ]; then
			where=$(mktemp -d /tmp/permiso-XXXXXX)
			chmod 755 "$where"
		else
			where=$dir/pg
			mkdir -p "$where"
		fi
		[ "$(id -u)" != 0 ] || chown "$user" "$where"
		echo "$where" > "$dir/socket"
	fi
	where=$(cat "$dir/socket")
	# /tmp is emptied now and then
	if [ ! -d "$where" ]; then
		mkdir -m 755 "$where"
		[ "$(id -u)" != 0 ] || chown "$user" "$where"
	fi
}

control() { as "$bin/pg_ctl" -D "$(data)" -s "$@"; }
running() { control status >/dev/null 2>&1; }
super() { as "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$where" -U postgres "$@"; }

make_cluster() {
	as "$bin/initdb" -D "$(data)" -U postgres -N \
	    -E UTF8 --locale=C.UTF-8 -A scram-sha-256 --auth-local=peer \
	    >"$dir/initdb.log" 2>&1 ||
	    { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
	as tee "$(data)/pg_hba.conf" >/dev/null <<-EOF
	# TYPE	DATABASE	USER		METHOD
	local	all		postgres	peer map=super
	local	all		all		scram-sha-256
	EOF
	as tee "$(data)/pg_ident.conf" >/dev/null <<-EOF
	super	$user	postgres
	super	root	postgres
	EOF
	as tee -a "$(data)/postgresql.conf" >/dev/null <<-EOF
	listen_addresses = ''
	unix_socket_permissions = 0777
	max_connections = 200
	shared_buffers = 32MB
	max_wal_size = 256MB
	password_encryption = scram-sha-256
	log_min_error_statement = panic
	log_timezone = UTC
	EOF
}

# Once: the owner, a password for it, and the database.
make_owner() {
	password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
	super -d postgres <<-EOF
	CREATE ROLE permiso LOGIN CREATEROLE CREATEDB PASSWORD '$password';
	CREATE DATABASE permiso OWNER permiso;
	EOF
	(umask 077 && printf "host=%s user=permiso password=%s dbname=permiso\n" \
	    "$where" "$password" > "$dir/conninfo.new")
	[ "$(id -u)" != 0 ] || chown --reference="$dir" "$dir/conninfo.new"
	mv "$dir/conninfo.new" "$dir/conninfo"
}

start() {
	place
	sockets
	[ -e "$dir/data/PG_VERSION" ] || make_cluster
	if ! running; then
		options="-k $where"
		[ "${1:-}" != fast ] || options="$options -c fsync=off"
		control -w -t 60 -l "$(data)/log" \
		    -o "$options" start >/dev/null ||
		    { tail -20 "$dir/data/log" >&2; fail "did not start"; }
	fi
	[ -e "$dir/conninfo" ] || make_owner
}

stop() {
	running || return 0
	control -w -t 60 -m "${1:-fast}" stop
}

case $command in
start)		start "$@" ;;
stop)		stop "$@" ;;
restart)	sockets; control -w -t 60 -m fast restart >/dev/null ;;
conninfo)	cat "$dir/conninfo" ;;
psql)		sockets; super "$@" ;;
database)
	name=${1:?a name}
	PGCONNECT_TIMEOUT=10 "$bin/psql" -X -q -v ON_ERROR_STOP=1 \
	    "$(cat "$dir/conninfo")" -c "CREATE DATABASE \"$name\""
	sed "s/dbname=permiso$/dbname=$name/" "$dir/conninfo" ;;
remove)
	stop immediate
	[ ! -e "$dir/socket" ] || case $(cat "$dir/socket") in
	/tmp/permiso-*)	rm -rf "$(cat "$dir/socket")" ;;
	esac
	[ ! -L "$dir/data" ] || rm -rf "$(data)"
	rm -rf "$dir" ;;
*)		fail "unknown command $command" ;;
esac
