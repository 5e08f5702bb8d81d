#!/bin/sh
# Makes Kore's objects for our program, from the source that Debian's package
# ships (kore 4.1.0-6), with our repairs.
#
#	build.sh OUT		OUT: folder for source, objects and libkore.a
#
# CC compiles with all flags of ours; KORE_SKIP names fixes to leave out (for
# tests/check_kore_fixes.sh, which proves that each of them is needed).
set -eu

out=$1
here=$(dirname "$0")
here=$(cd "$here" && pwd)
from=${KORE_SOURCE:-/usr/share/kore}

if [ ! -f "$from/src/http.c" ]; then
	echo "Kore's source is not in $from: run \`make deps\`" >&2
	exit 1
fi

rm -rf "$out"
mkdir -p "$out"
cp -r "$from" "$out/source"
chmod -R u+w "$out/source"
(cd "$out/source" && sha256sum --quiet -c "$here/SHA256SUMS") || {
	echo "$from is not Debian's kore 4.1.0-6: look at each fix again" >&2
	exit 1
}

set --
for fix in "$here"/fixes/*.pl; do
	name=$(basename "$fix" .pl)
	case " ${KORE_SKIP:-} " in
	*" $name "*) echo "without fix $name" >&2 ;;
	*) set -- "$@" "$fix" ;;
	esac
done
perl "$here/fix.pl" "$out/source" "$@"

# An empty environment: Kore's Makefile reads many names, none of them ours.
env -i PATH="$PATH" make -s -j2 -C "$out/source" objects \
    OBJDIR=../objects KORE_SINGLE_BINARY=1 CC="$CC"

objcopy --redefine-sym main=kore_main "$out/objects/kore.o"
rm -f "$out/libkore.a"
ar rcs "$out/libkore.a" "$out"/objects/*.o
