#!/bin/bash
# Who may include whom: an allow-list over every #include "folder/..." line,
# and the folders that may see Kore, libpq, libcurl and libldap.
set -u
cd "$(dirname "$0")/.." || exit 2

# folder: the others it may include, besides itself and base
allowed() {
	case $1 in
	base | jose | webauthn | account | tools) ;;
	oidc)		echo jose account ;;
	store)		echo jose webauthn account oidc ;;
	web)		echo oidc jose store signer/signer_client.h ;;
	endpoints | signin | settings)
		echo web store oidc account webauthn jose signer/signer_client.h ;;
	signer | cli)	echo jose account oidc store ;;
	jobs)		echo jose account oidc store signer/signer_client.h \
			web/web_asset_data web/web_html web/web_message \
			web/web_template web/web_url ;;
	server)		echo web store signer/signer_client.h \
			endpoints/endpoints.h settings/settings.h \
			signin/signin.h ;;
	supervisor)	echo cli store account server signer jobs ;;
	main.c)		echo cli supervisor ;;
	*)		return 1 ;;
	esac
}

files=$(find src -name '*.[ch]')
[ -n "$files" ] || { echo "check_layers: no sources"; exit 2; }
bad=0
for file in $files; do
	folder=${file#src/}; folder=${folder%%/*}
	may=$(allowed "$folder") ||
	    { echo "$file: folder $folder is not in the list"; bad=1; continue; }
	for include in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file"); do
		case $include in
		"$folder"/* | base/* | asset_*.h | gen/*) continue ;;
		kore/*)	[ "$folder" = server ] && continue ;;
		esac
		for m in $may; do
			case $include in "$m" | "$m"/* | "$m"*.h) continue 2 ;; esac
		done
		echo "$file: may not include $include"; bad=1
	done
	[ "$folder" = server ] || ! grep -n '#include <kore/' "$file" || bad=1
	[ "$folder" = store ] || ! grep -nE '#include <(libpq|postgres|pg_)' "$file" || bad=1
	[ "$folder" = jobs ] || ! grep -nE '#include <(curl/|ldap)' "$file" || bad=1
done
exit $bad
