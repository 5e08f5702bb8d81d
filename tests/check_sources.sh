#!/bin/bash
# Every source file is in its list of the Makefile, and the lists are sorted.
set -u
cd "$(dirname "$0")/.." || exit 2

names() {
	awk -v list="$1" '$1 == list && $2 == "=" { on = /\\$/; next }
	    on { print $1; on = /\\$/ }' Makefile
}

files=$(find src -mindepth 2 -name '*.c')
[ -n "$files" ] || { echo "check_sources: no sources"; exit 2; }
bad=0
for file in $files tests/support/*.c; do
	case $file in src/tools/*) continue ;; esac	# programs of their own
	folder=$(basename "$(dirname "$file")")
	(names "$folder"; names "${folder}_kore"; names "${folder}_programs") |
	    grep -qx "$(basename "$file" .c)" ||
	    { echo "$file: not in the Makefile's list \"$folder\""; bad=1; }
done
for folder in $(ls -d src/*/ | xargs -n1 basename) support TESTS; do
	names "$folder" | LC_ALL=C sort -c ||
	    { echo "Makefile: list \"$folder\" is not sorted"; bad=1; }
done
exit $bad
