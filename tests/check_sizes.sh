#!/bin/bash
# Functions over 100 lines, nested over 4 deep or with over 7 parameters, and
# files over 1,000 lines, fail; the measure of the whole is printed.
set -u
cd "$(dirname "$0")/.." || exit 2

files=$(find src tests -name '*.[ch]' -not -path 'tests/node_modules/*')
[ -n "$files" ] || { echo "check_sizes: no sources"; exit 2; }
lengths=$(mktemp); trap 'rm -f "$lengths"' EXIT
awk -v lengths="$lengths" -v except='^base_seal_open$' '
function fail(what) { print FILENAME ":" start ": " name ": " what; bad = 1 }
FNR == 1	{ inside = 0 }
FNR == 1001	{ print FILENAME ": over 1,000 lines"; bad = 1 }
# A definition: its name at the margin, then its body (as Kore lays it out).
!inside && /^[a-z_][a-zA-Z0-9_]*\(/ {
	name = $0; sub(/\(.*/, "", name); start = FNR; head = ""; open = 1
}
!inside && open { head = head $0 }
!inside && open && /;[ \t]*$/ { open = 0 }
!inside && open && /^\{/ {
	inside = 1; open = 0; depth = most = 0; n = 0
	args = head; gsub(/\([^()]*\)\(/, "(", args)
	if (gsub(/,/, ",", args) + 1 > 7 && name !~ except) fail("over 7 parameters")
	next
}
inside && /^\}/ {
	lines = FNR - start + 1; count++; print lines | "sort -n > " lengths
	if (lines > 100) fail(lines " lines")
	if (most > 4) fail(most " levels deep")
	inside = 0
}
inside {
	line = $0; gsub(/\\./, "", line); gsub(/"[^"]*"/, "\"\"", line)
	gsub(/\047.\047/, "", line); sub(/\/\*.*/, "", line)
	while (match(line, /[{}]/)) {
		before = substr(line, 1, RSTART - 1)
		if (substr(line, RSTART, 1) == "{") {
			control = before ~ /(\)|else|do|:)[ \t]*$/
			stack[++n] = control; depth += control
			if (depth > most) most = depth
		} else depth -= stack[n--]
		line = substr(line, RSTART + 1)
	}
}
END {
	if (count == 0) { print "check_sizes: no functions"; exit 2 }
	exit bad
}' $files || exit
awk '{ all[NR] = $1 } END { printf "%d functions: median %d lines, p95 %d, " \
    "longest %d\n", NR, all[int((NR + 1) / 2)], all[int(NR * 0.95)], all[NR]
}' "$lengths"
