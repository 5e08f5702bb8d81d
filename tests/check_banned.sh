#!/bin/bash
# Functions that are never called, each with what to use.
set -u
cd "$(dirname "$0")/.." || exit 2

[ -d src/base ] || { echo "check_banned: no sources"; exit 2; }
bad=0
ban() {
	# pattern, what to use, files it does not hold for
	hits=$(grep -rnP "$1" --include='*.[ch]' --exclude-dir=node_modules \
	    src tests |
	    grep -vE "^[^:]*:[0-9]+:[[:space:]]*(/?\*|//)" |
	    grep -vE "${3:-^$}")
	[ -z "$hits" ] || { echo "$hits"; echo "  use $2"; bad=1; }
}

ban '\b(strcpy|strcat|gets|strncpy|strncat)\s*\(' snprintf
ban '\bv?sprintf\s*\(' snprintf '^tests/'
ban '\bato[ifl]l?\s*\(' 'a parser that can say no' '^tests/'
ban '\bstrtok\s*\(' strcspn
ban '\b(gmtime|localtime|ctime|asctime)\s*\(' gmtime_r
ban '(?<!base_)\b(s?rand|random|drand48)\s*\(' base_random_bytes
ban '\bmemcmp\s*\(' 'base_bytes_is, _begin, _same or _equal' '^tests/'
ban '!\s*(str(n|case|ncase)?cmp|memcmp)\s*\(' '== 0'
ban '\bcbor_load\s*\(' cbor_stream_decode '^tests/fuzz/fuzz_cbor'
ban '\b(alloca|setjmp|system|popen)\s*\(' 'something else' '^tests/'
ban '\b(explicit_bzero|OPENSSL_cleanse)\s*\(' base_bytes_wipe \
    '^src/(base|server)/|^tests/'
ban '\bjson_loads\s*\(' 'json_loadb, which is told the length' '^tests/'
# a loader's flags are on its line or the next
hits=$(grep -rnA2 -P '\bjson_load[bf]?\s*\(' --include='*.c' src |
    awk '/json_load/ { if (h && h !~ /JSON_REJECT_DUPLICATES/) print h; h = "" }
	{ h = h $0 } /^--$/ { if (h !~ /JSON_REJECT_DUPLICATES/) print h; h = "" }
	END { if (h && h !~ /JSON_REJECT_DUPLICATES/) print h }')
[ -z "$hits" ] || { echo "$hits"; echo "  say JSON_REJECT_DUPLICATES"; bad=1; }
exit $bad
