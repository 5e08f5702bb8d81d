#!/bin/bash
# A certificate authority of the tests and a certificate for localhost.
#
#	tls.sh DIR	makes DIR/ca.pem, DIR/server.pem, DIR/server.key
#
# Made anew for every run: nothing that a machine could be told to trust is
# kept in the tree.
set -eu

dir=${1:?the folder}
[ ! -e "$dir/server.pem" ] || exit 0
mkdir -p "$dir"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1" 2>/dev/null; }

key "$dir/ca.key"
openssl req -x509 -new -key "$dir/ca.key" -days 30 -out "$dir/ca.pem" \
    -subj "/CN=Permiso tests" \
    -addext "basicConstraints=critical,CA:TRUE" \
    -addext "keyUsage=critical,keyCertSign" 2>/dev/null

key "$dir/server.key"
openssl req -new -key "$dir/server.key" -subj "/CN=localhost" \
    -out "$dir/server.csr"
printf '%s\n' 'subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1' \
    'basicConstraints=CA:FALSE' 'extendedKeyUsage=serverAuth' > "$dir/ext"
openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" \
    -CAkey "$dir/ca.key" -CAcreateserial -days 30 -extfile "$dir/ext" \
    -out "$dir/server.new" 2>/dev/null
mv "$dir/server.new" "$dir/server.pem"
