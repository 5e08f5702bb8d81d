#!/bin/bash
# What x_y.o exports begins with x_y; x.o may export x_*.
set -u
cd "$(dirname "$0")/.." || exit 2

build=${BUILD:-build}
objects=$(find "$build/src" -name '*.o' 2>/dev/null)
[ -n "$objects" ] || { echo "check_names: nothing built in $build"; exit 2; }
bad=0
for object in $objects; do
	file=$(basename "$object" .o)
	folder=$(basename "$(dirname "$object")")
	[ -e "src/${object#"$build"/src/}" ] ||
	    [ -e "src/$folder/$file.c" ] || continue	# of a file that is gone
	case $folder in server | tools | src) continue ;; esac
	for name in $(nm -g --defined-only "$object" | awk '{ print $3 }' |
	    grep -vE '^(__|_$|asan|___)'); do
		case $name in
		"$file" | "$file"_*) continue ;;
		esac
		echo "$file.c: exports $name"; bad=1
	done
done
exit $bad
