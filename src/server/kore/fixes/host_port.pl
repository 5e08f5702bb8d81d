# On an IPv6 listener "name:port" is a name with a port, as on any other.
in 'src/http.c', 'http_request_new';
replace qr/\}\n\t\tbreak;\n\tdefault:/, <<'C' . "\tdefault:";
} else if ((hp = strrchr(host, ':')) != NULL) {
			*hp = '\0';
		}
		break;
C
