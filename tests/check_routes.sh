#!/bin/bash
# The tables of routes are the index of the product: every handler that a
# folder's header declares is in one (or is a step that another file takes),
# every route is in docs/routes.md, and some test asks for its path.
set -u
cd "$(dirname "$0")/.." || exit 2

doc=docs/routes.md bad=0
say() { echo "check_routes: $*"; bad=1; }
tests=$(find tests -path tests/node_modules -prune -o \
    \( -name '*.test.mjs' -o -name 'test_*.c' \) -print)
tables=$(grep -rlE '^(static )?const struct web_route\b.*= \{' src)
[ -s $doc ] && [ -n "$tests" ] && [ -n "$tables" ] ||
    { echo "check_routes: no tables of routes, no tests or no $doc"; exit 2; }

# "METHOD path handler", a route a line; OIDC_PATH_X by its definition.
names=$(sed -nE 's|^#define[ \t]+([A-Z]+_PATH_[A-Z_]+)[ \t]+("/.*").*|s,\\b\1\\b,\2,g|p' \
    $(find src -name '*.h'))
routes=$(sed -n '/^\(static \)\?const struct web_route\b.*= {/,/^};/p' $tables |
    tr -s '\t\n ' ' ' | sed "$names" | grep -oE '\{ WEB_[^}]*\}' | sed -E \
    's/\{ WEB_([A-Z]+), "([^"]*)",.*[ ,]([a-z0-9_]+)(, WEB_LIMIT_[A-Z]+)?,? \}/\1 \2 \3/')
[ -n "$routes" ] || { echo "check_routes: no route could be read"; exit 2; }

while read -r method path handler; do
	grep -qE "^\|[^|]*\b$method\b[^|]*\| \`${path//\*/[*]}\` \|" $doc ||
	    say "$method $path is not in $doc"
	# Quoted, behind an origin, or in a raw request; "*" is a segment.
	grep -qE "[\"\`'} ]${path//\*/[^\"\` ]+}([^A-Za-z0-9_/-]|\$)" $tests ||
	    case $path in
	    *\*) grep -qE "[\"\`'} ]${path%\*}[\"\`']" $tests ;;
	    *)	false ;;
	    esac || say "no test asks for $method $path"
done <<<"$routes"

for header in src/{endpoints,signin,settings}/*.h; do
	for handler in $(tr -s '\t\n ' ' ' < "$header" | sed 's|/\*[^*]*\*/||g' |
	    grep -oE '(struct web_next [a-z_]+\(struct web_exchange \*x\)|web_step [a-z_, ]+);' |
	    sed 's/(.*//; s/struct web_next//; s/web_step//' | tr -d ',;'); do
		grep -q " $handler\$" <<<"$routes" ||
		    [ "$(grep -lw "$handler" "${header%/*}"/*.c | wc -l)" -gt 1 ] ||
		    say "$handler is in no table of routes"
	done
done 2>/dev/null
exit $bad
