#!/bin/bash
# conf/permiso.conf documents every setting, each once, and no other.
set -u
cd "$(dirname "$0")/.." || exit 2

table=$(sed -n '/^const struct base_config_row/,/^};/p' \
    src/base/base_config_value.c | sed -n 's/^\t{ "\([A-Z_]*\)".*/\1/p')
[ -n "$table" ] || { echo "check_settings: no table of settings"; exit 2; }
[ -s conf/permiso.conf ] || { echo "check_settings: no permiso.conf"; exit 2; }
# A setting stands at the margin, set or commented out ("#NAME value"); the
# _FILE form of a secret is an example beside it.
conf=$(sed -n 's/^#\?\([A-Z][A-Z_]*\)\( .*\)\?$/\1/p' conf/permiso.conf |
    grep -v '_FILE$')

diff <(echo "$table" | sort) <(echo "$conf" | sort) |
    sed -n 's/^</permiso.conf lacks/p; s/^>/no such setting (or twice):/p' |
    grep . && exit 1
exit 0
