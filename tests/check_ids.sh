#!/bin/bash
# Every id of tests/ids.txt is in the name of a test, or stands in
# docs/decisions/overridden.md with the test that takes its place.
set -u
cd "$(dirname "$0")/.." || exit 2

list=tests/ids.txt; over=docs/decisions/overridden.md
[ -s $list ] && [ -s $over ] || { echo "check_ids: no $list or $over"; exit 2; }
names=$(grep -rhE "\b(test|it|t\.test|[a-z]+)\([\`'\"]|^test_|\"[A-Z][0-9]+" tests \
    --include='*.mjs' --include='*.c' --exclude-dir=node_modules)
[ -n "$names" ] || { echo "check_ids: no tests"; exit 2; }
# First column of the table: one id, or several with commas.
given=$(awk -F'|' '/^\|/ { print $2 }' $over)
bad=0
for id in $(sed 's/#.*//' $list); do
	grep -qE "(^|[^A-Za-z0-9])$id([^A-Za-z0-9]|$)" <<<"$names" && continue
	grep -qw -- "$id" <<<"$given" && continue
	missing="${missing:-}$id "; bad=1
done
[ $bad = 0 ] || echo "no test of that name, and not in $over: $missing" | fmt
exit $bad
