#!/bin/bash
# Every path that the documents name exists, so that the map cannot rot; and
# nothing committed names a machine or a package registry.
set -u
cd "$(dirname "$0")/.." || exit 2

docs=$(ls README.md docs/*.md docs/*/*.md 2>/dev/null)
[ -n "$docs" ] && [ -e README.md ] || { echo "check_docs: no documents"; exit 2; }
bad=0
for doc in $docs; do
	for path in $(grep -oE '`[^`]+`|\]\([^)]+\)' "$doc" | tr -d '`)]' |
	    sed 's/^(//; s/#.*//; s/:[0-9]*$//' |
	    grep -E '^\.?(\.\./)*(src|tests|docs|conf|clients|schema|assets)/[^ *<]*$|^[A-Za-z_./-]+\.md$'); do
		case $path in */NAME* | *FOLDER* | *XXX*) continue ;; esac
		[ -e "$path" ] || [ -e "$(dirname "$doc")/$path" ] ||
		    { echo "$doc: there is no $path"; bad=1; }
	done
done
# What a comment cites is in the repository, or is a specification.
for cited in $(git grep --untracked -hIoE '[A-Za-z0-9_./-]+\.md\b' -- . ':!tests/check_*.sh' |
    sed 's|^\./||; s|^\.\./||' | sort -u); do
	[ -n "$(git ls-files -- "$cited" "docs/$cited" "*/${cited##*/}")" ] || {
		git grep --untracked -nIF "$cited" -- . ':!tests/check_*.sh'
		echo "there is no $cited: cite an RFC, a page of docs, or say why"
		bad=1
	}
done
! git grep --untracked -nIE '\b(DESIGN|STYLE),? +((rule|section)s? )?[0-9]' -- . \
    ':!tests/check_*.sh' || bad=1
# No host that packages come from is named: machines know their own.
! git grep -nIE '"resolved": *"|https?://(registry|deb|ftp)\.' -- . || bad=1
exit $bad
