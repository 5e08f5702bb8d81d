#!/bin/bash
# Style sheets: colours only in tokens.css, logical properties only (no left
# or right), !important only in utilities.css, no address of another site.
set -u
cd "$(dirname "$0")/.." || exit 2

[ -f assets/css/tokens.css ] || { echo "check_css: no sheets"; exit 2; }
bad=0
deny() { # what, pattern, files that may
	local file hits
	for file in assets/css/*.css; do
		case " ${3-} " in *" $(basename "$file") "*) continue ;; esac
		# without comments, lines kept
		hits=$(perl -0pe 's{/\*.*?\*/}{$& =~ s/[^\n]//gr}gse' "$file" |
		    grep -nP "$2") || continue
		printf '%s\n' "$hits" | sed "s|^|$file:|; s|\$|	($1)|"
		bad=1
	done
}
deny 'a colour has a name in tokens.css' \
    '#[0-9a-fA-F]{3,8}\b(?=[^{]*[;,)])|\b(rgb|hsl|lab|lch|oklab|oklch)a?\(' tokens.css
deny 'logical properties only' '\b(left|right)\b'
deny '!important belongs to utilities.css' '!\s*important' utilities.css
deny 'nothing is fetched' '@import|url\('
exit $bad
