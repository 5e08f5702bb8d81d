#!/bin/bash
# Runs tests and counts them: the last line is "N passed, N failed", the exit
# status is 1 when any failed.  Called by make, which has built what is asked.
#
#	run.sh check	unit tests, corpus replay, lints of $BUILD
#	run.sh test	that; a clang build; unit and whole-server tests with
#			sanitizers; whole-server, interop and browser tests
#	run.sh long	the long races, tests/long
#	run.sh node FILE...	some node tests, by hand
#
# One PostgreSQL cluster and one certificate serve the whole run; nothing that
# was started here is left running.
set -u
cd "$(dirname "$0")/.." || exit 2

build=${BUILD:-build}
passed=0 failed=0 failures=
scratch=$(mktemp -d /tmp/permiso-tests-XXXXXX)
chmod 755 "$scratch"
export PERMISO_TEST_CLUSTER=$scratch/pg PERMISO_TEST_TLS=$scratch/tls
export PERMISO_TEST_KEY; PERMISO_TEST_KEY=$(openssl rand -base64 32)
export NODE_EXTRA_CA_CERTS=$scratch/tls/ca.pem

finish() {
	[ ! -e "$scratch/pg" ] ||
	    tests/support/postgres.sh remove "$scratch/pg" >/dev/null 2>&1
	rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '\n=== %s\n' "$*"; }
add() { # passed, failed, of what
	passed=$((passed + $1)) failed=$((failed + $2))
	[ "$2" = 0 ] || failures="$failures  $3 ($2)
"
}

cluster() {
	[ ! -e "$scratch/pg/conninfo" ] || return 0
	tests/support/postgres.sh start "$scratch/pg" fast &&
	    tests/support/tls.sh "$scratch/tls"
}

# Node from tests/package.json, so that every machine has the same one.
node() {
	local bin=tests/node_modules/node-linux-$(uname -m |
	    sed 's/x86_64/x64/; s/aarch64/arm64/')/bin/node
	[ -x "$bin" ] || bin=$(type -P node || type -P nodejs)
	"$bin" "$@"
}

unit() {
	local t log=$scratch/unit.log status run ok
	for t in $1; do
		printf '%s\n' "$t"
		timeout 1200 "$t" >"$log" 2>&1; status=$?
		run=$(grep -c '^\[ RUN ' "$log")
		ok=$(grep -c '^\[       OK ' "$log")
		[ $status = 0 ] || [ "$run" != "$ok" ] || run=$((ok + 1))
		[ "$run" != 0 ] || run=1
		[ "$run" = "$ok" ] || { cat "$log"; echo "exit status $status"; }
		add "$ok" $((run - ok)) "$t"
	done
}

replay() {
	local t name log=$scratch/replay.log
	for t in $1; do
		name=${t##*/fuzz_}
		printf '%s\n' "$t"
		if timeout 1200 "$t" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
			add "$(ls "tests/fuzz/corpus/$name" | wc -l)" 0
		else
			tail -40 "$log"; add 0 1 "$t"
		fi
	done
}

lints() {
	local lint
	for lint in tests/check_*.sh; do
		printf '%s\n' "$lint"
		if BUILD=$build "$lint"; then add 1 0; else add 0 1 "$lint"; fi
	done
}

nodes() { # what, files
	local what=$1 log=$scratch/node.log pass fail; shift
	[ $# != 0 ] && [ -e "$1" ] || { add 0 1 "$what: no tests"; return; }
	node --test --test-reporter=tap --test-concurrency=2 \
	    --test-timeout=600000 "$@" >"$log" 2>&1
	local status=$?
	grep -E '^ *(not )?ok |^ *# (Subtest|.*[Ee]rror)' "$log" | grep -v Subtest |
	    sed 's/^ *ok/  ok/'
	pass=$(sed -n 's/^# pass //p' "$log")
	fail=$(awk '/^# (fail|cancelled) / { n += $3 } END { print n + 0 }' "$log")
	[ $status = 0 ] || [ "$fail" != 0 ] || fail=1
	[ "$fail" = 0 ] || cat "$log"
	add "${pass:-0}" "$fail" "$what"
}

compiled() { # what, make arguments
	local what=$1 log=$scratch/make.log; shift
	say "$what"
	if make -j"$(nproc)" "$@" >"$log" 2>&1; then add 1 0
	else tail -60 "$log"; add 0 1 "$what"; return 1; fi
}

check() {
	say "unit tests"; cluster || add 0 1 "the test cluster"
	unit "$UNIT"
	say "corpora"; replay "$FUZZ"
	say "lints"; lints
}

test_all() {
	check
	say "faults"; unit "$FAULTS"
	compiled "build with clang" CC=clang BUILD=build-clang programs
	if compiled "build with sanitizers" SANITIZE=address,undefined programs
	then
		local san=build-address-undefined
		export ASAN_OPTIONS=detect_stack_use_after_return=1
		say "unit tests and corpora, sanitized"
		unit "${UNIT//$build\//$san/}"
		replay "${FUZZ//$build\//$san/}"
		say "whole server, sanitized"
		# A sanitizer keeps what was freed and maps terabytes beside
		# it: nothing to search for secrets in.
		PERMISO_PROGRAM=$san/permiso PERMISO_BUILD=$san \
		    nodes "http, sanitized" \
		    $(ls tests/http/*.test.mjs | grep -v /memory.test.mjs)
		unset ASAN_OPTIONS
	fi
	say "whole server"; nodes http tests/http/*.test.mjs
	say "other people's clients"; nodes interop tests/interop/*.test.mjs
	say "browser"; nodes browser tests/browser/*.test.mjs
}

# Who takes in a process whose parent has ended.
orphanage=$(sh -c '(sleep 0.2; ps -o ppid= -p "$(exec sh -c "echo \$PPID")") &')

# Has its parent, or the permiso that started it, ended before it?
orphan() {
	local pid=$1 parent
	parent=$(ps -o ppid= -p "$pid") || return 1
	case $(ps -o comm= -p $parent) in
	permiso*) orphan $parent ;;
	*)	[ $parent = $orphanage ] ;;
	esac
}

# Processes of ours that are left: those of this tree's programs, and those of
# this run's database, app and browser.  A permiso does not show its program;
# it is ours when nobody who started it is there any more, and so is not
# another run's.
left_over() {
	local pid exe
	for pid in $(pgrep -u "$(id -u)" '^(permiso|postgres|httpd|apache2|chrom)'); do
		# ended, and only not yet waited for
		case $(ps -o stat= -p "$pid") in "" | Z*) continue ;; esac
		exe=$(readlink "/proc/$pid/exe") || exe=
		case $exe,$(ps -o comm= -p "$pid") in
		"$PWD"/*) ;;
		,permiso*) orphan "$pid" || continue ;;
		*)	grep -qz "$scratch" "/proc/$pid/cmdline" 2>/dev/null ||
			    continue ;;
		esac
		ps -o pid=,comm=,args= -p "$pid"
	done
}

before=$(left_over | wc -l)
case ${1:-} in
check)	check ;;
test)	test_all ;;
long)	cluster; say "long races"; nodes long tests/long/*.test.mjs ;;
node)	shift; cluster; nodes "some tests" "$@" ;;
*)	sed -n '2,12p' "$0"; exit 2 ;;
esac

tests/support/postgres.sh remove "$scratch/pg" >/dev/null 2>&1
if [ "$1" != check ] && [ "$(left_over | wc -l)" -gt "$before" ]; then
	left_over; add 0 1 "processes are left running"
fi
[ "$failed" = 0 ] || printf '\nFailed:\n%s' "$failures"
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
