#!/bin/bash
# The lints themselves: each fails on a planted fault, and when it cannot
# find its input.
set -u
cd "$(dirname "$0")/.." || exit 2

tree=$(mktemp -d); trap 'rm -rf "$tree"' EXIT
mkdir "$tree/t" "$tree/empty"
git ls-files -z -co --exclude-standard | xargs -0 cp -a --parents -t "$tree/t"
cp -a --parents tests/check_*.sh "$tree/empty"
cd "$tree/t" && git init -q . && git add -A &&
    git -c user.name=x -c user.email=x commit -qm x || exit 2
bad=0

plant() {	# lint, file, text to put behind it, what sed does to it
	mkdir -p "${2%/*}"
	printf '%b\n' "$3" >> "$2"
	sed -i "${4:-}" "$2"
	BUILD=$tree/build "tests/check_$1.sh" >/dev/null 2>&1 &&
	    { echo "check_$1.sh passes with $3${4:-} in $2"; bad=1; }
	git reset -q --hard && git clean -fdq
}
body() { printf 'void\nbase_x(%s)\n{\n%s\n}' "$1" "$2"; }
h=src/base/base_x.h c=src/base/base_x.c

plant layers src/base/base_hex.c '#include "store/store.h"'
plant layers src/oidc/x.c '#include <libpq-fe.h>'
plant layers src/web/x.c '#include <kore/kore.h>'
plant layers src/nofolder/x.c '#include "base/base.h"'
plant headers $h '#ifndef P_BASE_X_H\n#define P_BASE_X_H\nuint8_t x(void);\n#endif'
plant headers $h 'int base_y(void);'
plant tests tests/base/test_base_x.c 'int x;'
plant tests tests/base/test_base_hash.c 'static void\ntest_x(void **state)'
plant tests tests/http/x.test.mjs 'test.skip("x", () => {});'
plant sources $c 'int base_x;'
plant sizes $c "$(body void "$(printf ';\\n%.0s' {1..100})")"
plant sizes $c "$(body void "$(printf 'if (1) {\\n%.0s' {1..5}; printf '}\\n%.0s' {1..5})")"
plant sizes $c "$(body 'int a, int b, int c, int d, int e, int f, int g, int h' ';')"
for rule in 'color: #123' 'color: rgb(1 2 3)' 'margin-left: 1px' \
    'text-align: right' 'color: red !important' 'background: url(x)'; do
	plant css assets/css/base.css "b { $rule; }"
done
for call in 'strcpy(a, b)' 'atoi(a)' '!strcmp(a, b)' 'cbor_load(a)' 'gmtime(a)' \
    'memcmp(secret, b, 32)' 'json_loadb(a, b, 0, &e)' 'rand()'; do
	plant banned src/oidc/oidc_x.c "\t$call;"
done
plant docs docs/x.md 'See `src/base/base_none.c`.'
plant docs src/oidc/oidc_x.c '/* see notes.md 3 */'
plant docs src/oidc/oidc_x.c '/* DESIGN rule 5 */'
route='const struct web_route x[] = {\n\t{ WEB_GET, "/x/y", WEB_BODY_NONE,'
route="$route"'\n\t    signin_x },\n};'
plant routes docs/routes.md '' '/`\/login`/d'
plant routes docs/routes.md '' '/`\/logout`/s/GET, //'
plant routes src/signin/signin.h 'web_step\tsignin_home, signin_x;'
plant routes src/signin/signin.c "$route"
echo '| GET | `/x/y` | documented |' >> docs/routes.md
plant routes src/signin/signin.c "$route"
echo 'test("x", () => get("/x/y?z"));' >> tests/http/signin.test.mjs
plant routes src/signin/signin.c "$route"
plant settings conf/permiso.conf '#NO_SUCH_SETTING x'
plant conf conf/nginx/permiso.conf 'nonsense;'
plant conf conf/haproxy/permiso.cfg 'nonsense'
plant conf conf/caddy/Caddyfile '{'
plant conf conf/systemd/permiso.service '[Service]\nNonsense=yes'
plant conf conf/systemd/permiso.service '' 's/permiso serve/permiso server/'
plant ids tests/ids.txt 'ZZ99'
mkdir -p "$tree/build/src/base"
echo 'int other_name;' | ${CC:-cc} -c -x c -o "$tree/build/src/base/base_hex.o" -
plant names src/base/base_hex.c ''

for lint in "$tree"/empty/tests/check_*.sh; do
	[ "${lint##*/}" != check_lints.sh ] || continue
	BUILD=none "$lint" >/dev/null 2>&1 &&
	    { echo "$(basename "$lint") passes without any input"; bad=1; }
done
exit $bad
