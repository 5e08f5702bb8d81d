#!/bin/bash
# `make bench`: numbers, each beside the floor measured in the same run.
# Never a test: nothing here fails because something is slow.
set -eu
cd "$(dirname "$0")/../.."
export PERMISO_BUILD=${BUILD:-build}
node=tests/node_modules/node-linux-$(uname -m |
    sed 's/x86_64/x64/; s/aarch64/arm64/')/bin/node
[ -x "$node" ] || node=node
"$node" tests/bench/bench.mjs "$@"
for b in "$PERMISO_BUILD"/tests/bench/bench_*; do
	case $b in *.o | *.d | *bench_floor) continue ;; esac
	[ ! -x "$b" ] || "$b"
done
