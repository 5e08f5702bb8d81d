#!/bin/bash
# Runs the demo app in the foreground, as whoever calls it.
#
#	run.sh RUN ISSUER PORT SECRET
#
# RUN is the folder of its pid file, log and sessions.  DEMO_RESPONSE_MODE
# (query, form_post) and DEMO_TLS_CHECK (On, Off) may be set.
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
export DEMO_RUN=${1:?a folder} DEMO_ISSUER=${2:?the issuer}
export DEMO_PORT=${3:?a port} DEMO_SECRET=${4:?the client secret}
export DEMO_SITE=$here/site
export DEMO_RESPONSE_MODE=${DEMO_RESPONSE_MODE:-query}
export DEMO_TLS_CHECK=${DEMO_TLS_CHECK:-On}

mkdir -p "$DEMO_RUN"
DEMO_RUN=$(cd "$DEMO_RUN" && pwd -P)
rm -f "$DEMO_RUN/httpd.pid"
DEMO_PASSPHRASE=$(openssl rand -hex 32)
export DEMO_PASSPHRASE

exec setpriv --pdeathsig TERM \
    /usr/sbin/apache2 -f "$here/httpd.conf" -DFOREGROUND
