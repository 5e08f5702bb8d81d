#!/bin/bash
# Each header compiles alone, and has a guard of its own name.
set -u
cd "$(dirname "$0")/.." || exit 2

headers=$(find src tests -name '*.h' -not -path 'tests/node_modules/*')
[ -n "$headers" ] || { echo "check_headers: no headers"; exit 2; }
flags="-std=c11 -Wall -Wextra -Werror -D_GNU_SOURCE -Isrc -Itests
    -I${BUILD:-build}/gen -I/usr/share/kore/include
    $(pkg-config --cflags libpq jansson)"
export flags

one() {
	name=$(basename "$1" .h | tr a-z A-Z)
	grep -q "^#ifndef [A-Z_]*_${name}_H$" "$1" ||
	    { echo "$1: no guard PERMISO_${name}_H"; return 1; }
	echo "#include \"$1\"" |
	    ${CC:-cc} $flags -I. -fsyntax-only -x c - || return 1
}
export -f one
echo "$headers" | xargs -P2 -I{} bash -c 'one {}' || exit 1
