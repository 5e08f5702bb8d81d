#!/bin/bash
# Every test_* function is registered, every unit test is in the Makefile's
# list, every node test has a name that the runner looks for.
set -u
cd "$(dirname "$0")/.." || exit 2

files=$(find tests -name 'test_*.c' -not -path 'tests/node_modules/*')
[ -n "$files" ] || { echo "check_tests: no unit tests"; exit 2; }
bad=0
listed=$(sed -n '/^TESTS =/,/^$/p; /^FAULTS =/,/^$/p' Makefile)
for file in $files; do
	name=${file#tests/}; name=${name%.c}
	echo "$listed" | grep -qw -- "$name" ||
	    { echo "$file: not in the Makefile's TESTS or FAULTS"; bad=1; }
	for test in $(sed -n 's/^\(test_[a-z0-9_]*\)(void \*\*.*/\1/p' "$file"); do
		grep -qE "[(]$test[,)]" "$file" ||
		    { echo "$file: $test is not registered"; bad=1; }
	done
done

for file in $(find tests/http tests/interop tests/browser -name '*.mjs' \
    2>/dev/null); do
	case $file in *.test.mjs) continue ;; esac
	! grep -q 'from "node:test"' "$file" ||
	    { echo "$file: a test file ends in .test.mjs"; bad=1; }
done
! grep -rnE '\b(test|it|describe)\.(only|skip|todo)\b|\bt\.(skip|todo)\(' \
    --include='*.mjs' --exclude-dir=node_modules tests || bad=1
exit $bad
