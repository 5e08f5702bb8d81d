#!/bin/bash
# Is each repair of Kore, and each rule of the guard, needed?  Builds the
# tests' server without it and asks for a test that fails then.
#
#	kore_fixes.sh [NAME...]		all of them: about ten minutes
#
# Prints a line for each: name, how many cases fail, the first of them.  Exit
# status 1 when one can be left out and nobody notices.
set -u
cd "$(dirname "$0")/../.." || exit 2

build=${BUILD:-build}
scratch=$(mktemp -d /tmp/permiso-fixes-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
make BUILD="$build" "$build/tests/support/framing_server" >/dev/null || exit 2
flags=$(make -s BUILD="$build" kore_flags)
link=$(make -s BUILD="$build" framing_link)

# Rules of server_guard.c: name, tab, a Perl edit that takes the rule away.
rules='end	s/len < 4 \|\| !base_bytes_equal\(.*/0)/
content_length	s/\{ "content-length",.*//
length_digits	s/value.data\[i\] < .0. \|\| value.data\[i\] > .9./0/
length_size	s/value.len > LENGTH_DIGITS_MAX/0/
length_twice	s/r->lengths\+\+ > 0/0/
length_bodied	s/length > 0 && !r->bodied/0/
expect	s/\{ "expect",.*//
expect_other	s/return \(417\)/return (0)/
host	s/\{ "host",.*/{ "host", judge_any },/
hosts	s/rest.len > 0 \|\| r.hosts != 1/rest.len > 0/
host_bytes	s/strchr\(":\[\]", value.data\[i\]\) == NULL/0/
transfer_encoding	s/\{ "transfer-encoding",.*//
headers_max	s/\+\+r->lines > SERVER_GUARD_HEADERS_MAX/0/
name_bytes	s/!token_byte\(name.data\[i\]\)/0/
value_bytes	s/line.data\[i\] == 0x7f \|\|/0 \&\&/
method_case	s/base_bytes_is\(method, methods/text_is_caseless(method, methods/
version	s/r->old = base_bytes_is\(version, "HTTP\/1.0"\);/r->old = 0; return (0);/
target_max	s/target.len > SERVER_GUARD_TARGET_MAX/0/
target_bytes	s/target.data\[i\] <= 0x20 \|\| target.data\[i\] > 0x7e \|\|/0 ||/
target_fragment	s/target.data\[i\] == .#./0/
target_form	s/\t(target.data\[0\] == .\/. \|\|)/\t1 || $1/; s/if \(target.data\[0\] == .\/. \|\|/if (1 ||/
leftover	s/rest.len > 0 \|\| r.hosts/r.hosts/
empty_line	s/base_bytes_begin\(rest, "\\r\\n"\)/0/'

# Which cases of a test file fail against $scratch/server?
failing() {
	FRAMING_SERVER=$scratch/server TEST_PATIENCE=8000 timeout 300 node --test \
	    --test-reporter=tap "$1" 2>/dev/null |
	    sed -n 's/^ *not ok [0-9]* - //p' | grep -vE '^(time-outs|TLS with|unix socket)|\.mjs$'
}

# What no client and no file can show: an uninitialised field that nothing of
# ours reads, and a null pointer behind an error that OpenSSL does not report
# on sockets.
unseen=" length tls_read "

bad=0
judge() { # name, test files
	local name=$1 file cases; shift
	for file in "$@"; do
		cases=$(failing "tests/http/$file.test.mjs")
		[ -z "$cases" ] || break
	done
	if [ -z "$cases" ] && [[ $unseen == *" $name "* ]]; then
		echo "$name: cannot be seen from outside"
	elif [ -z "$cases" ]; then
		echo "$name: NOBODY NOTICES"; bad=1
	else
		echo "$name: $(wc -l <<<"$cases") in $file: $(head -1 <<<"$cases")"
	fi
}

wanted() { # name, names asked for
	local name=$1; shift
	[ $# = 0 ] || [[ " $* " == *" $name "* ]]
}

# A server without the repairs it names; one that cannot be built or that
# does not start is a failing case, too.
for fix in src/server/kore/fixes/*.pl; do
	name=$(basename "$fix" .pl)
	wanted "$name" "$@" || continue
	skip=$name
	[ "$name" != guard ] || skip="guard surplus continue"
	if ! KORE_SKIP=$skip CC=$flags src/server/kore/build.sh \
	    "$scratch/kore" >"$scratch/log" 2>&1 ||
	    ! ${link//KORE/$scratch/kore/libkore.a} -o "$scratch/server" \
	    >"$scratch/log" 2>&1; then
		echo "$name: does not build: $(grep -m1 -oE "error: .*|undefined reference.*" "$scratch/log")"
		continue
	fi
	judge "$name" framing life timeouts
done

while IFS=$'\t' read -r name edit; do
	wanted "guard.$name" "$@" || continue
	perl -pe "$edit" src/server/server_guard.c >"$scratch/guard.c"
	perl -pi -e 's/^static judge\tjudge_coding;/static int judge_any(struct reading *r, struct base_slice t) { (void)t; r->hosts = 1; return (0); }\n$&/' "$scratch/guard.c"
	if cmp -s "$scratch/guard.c" src/server/server_guard.c ||
	    ! ${flags/ -g/ -g -w -D_GNU_SOURCE} -c -o "$scratch/guard.o" "$scratch/guard.c" ||
	    ! ${link//KORE/$scratch/guard.o $build/kore/libkore.a} \
	    -o "$scratch/server"; then
		echo "guard.$name: the edit does not fit any more"; bad=1
		continue
	fi
	# What Kore's own parser or another rule refuses as well is seen by the
	# unit test alone.
	cases=$(failing tests/http/framing.test.mjs)
	if [ -n "$cases" ]; then
		echo "guard.$name: $(wc -l <<<"$cases") in framing: $(head -1 <<<"$cases")"
	elif ${CC:-cc} -o "$scratch/unit" "$build/tests/server/test_server_guard.o" \
	    "$scratch/guard.o" "$build/libbase.a" -lcrypto -lcmocka && ! "$scratch/unit" >"$scratch/log" 2>&1; then
		echo "guard.$name: unit test: $(grep -m1 -oE '\] --- .*' "$scratch/log" | cut -c7-)"
	else
		echo "guard.$name: NOBODY NOTICES"; bad=1
	fi
done <<<"$rules"

exit $bad
