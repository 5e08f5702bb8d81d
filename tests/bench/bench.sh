#!/bin/bash
# `make bench`: numbers, each beside the floor measured in the same run.
# Never a test: nothing here fails because something is slow.
set -eu
cd "$(dirname "$0")/../.."
export PERMISO_BUILD=${BUILD:-build}

# A cluster with fsync on: the tests' own leaves it out, and a floor without
# the disk is no floor.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/permiso-bench.XXXX")
chmod 755 "$scratch"
trap 'tests/support/postgres.sh remove "$scratch/pg"; rm -rf "$scratch"' EXIT
tests/support/postgres.sh start "$scratch/pg"
export PERMISO_TEST_CLUSTER=$scratch/pg
export PERMISO_TEST_KEY; PERMISO_TEST_KEY=$(openssl rand -base64 32)

node=tests/node_modules/node-linux-$(uname -m |
    sed 's/x86_64/x64/; s/aarch64/arm64/')/bin/node
[ -x "$node" ] || node=node
"$node" tests/bench/bench.mjs "$@"
for b in "$PERMISO_BUILD"/tests/bench/bench_*; do
	case $b in *.o | *.d | *bench_floor | *bench_load) continue ;; esac
	[ ! -x "$b" ] || "$b"
done
