#!/bin/sh
# Make C of schema/*.sql, so that the program carries its migrations.
#
#	tools_schema.sh schema/0001_initial.sql ... > store_schema.c
#
# Numbers must run from 1 without a gap; each file says which program may
# still run on it ("-- oldest: N" in its first lines).
set -eu
[ $# -gt 0 ] || { echo "tools_schema.sh: no migration" >&2; exit 1; }

echo '/* Made by src/tools/tools_schema.sh. */'
echo '#include "store/store_schema.h"'
echo 'const struct store_schema_file store_schema_files[] = {'
want=0
for file; do
	name=${file##*/}
	want=$((want + 1))
	case $name in
	"$(printf %04d $want)"_*.sql) ;;
	*)	echo "tools_schema.sh: $name is not number $want" >&2; exit 1 ;;
	esac
	oldest=$(sed -n '1,5s/^-- oldest: \([0-9]*\)$/\1/p' "$file")
	[ -n "$oldest" ] ||
	    { echo "tools_schema.sh: $name names no oldest" >&2; exit 1; }
	printf '{ %d, %d, "%s",\n' $want "$oldest" "$name"
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/' "$file"
	echo '},'
done
echo '{ 0, 0, NULL, NULL } };'
