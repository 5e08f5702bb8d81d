#!/bin/bash
# as_user.sh TARGET: what root's `make run` and `make test` do.
#
# PostgreSQL refuses root, and tests should not need it, so the tree is copied
# to the home of the user permiso-dev and made there.  Only what changed is
# copied, so a second run builds little; var/ of this tree leads to the data.
set -eu
cd "$(dirname "$0")/../.."

target=${1:?a target of make}
home=/var/lib/permiso-dev
copy=$home/$(basename "$PWD")-$(pwd -P | cksum | cut -d' ' -f1)
mkdir -p "$copy"

# What git knows and what is new, but not what git ignores; and files that
# are gone here go there, too.
list=$(mktemp); trap 'rm -f "$list"' EXIT
git -c safe.directory='*' ls-files -z -co --exclude-standard |
    while IFS= read -r -d '' file; do
	[ ! -e "$file" ] || printf '%s\0' "$file"
    done | sort -z > "$list"
tar -c --no-recursion --null -T "$list" | tar -x -C "$copy" --no-same-owner
(cd "$copy" && find . -type f -not -path './build*' -not -path './var*' \
    -not -path './tests/node_modules/*' -not -path './.git/*' -printf '%P\0' |
    sort -z | comm -z -13 "$list" - | xargs -0 -r rm -f)
(cd "$copy" && git -c init.defaultBranch=main init -q &&
    git -c core.safecrlf=false -c safe.directory='*' add -A)
chown -R permiso-dev: "$copy"

if [ ! -e var ] || [ -L var ]; then
	install -d -o permiso-dev -g permiso-dev "$copy/var"
	ln -sfn "$copy/var" var
fi

cd "$copy"
exec setpriv --reuid=permiso-dev --regid=permiso-dev --init-groups \
    env HOME=$home USER=permiso-dev LOGNAME=permiso-dev \
    make --no-print-directory "$target"
