# Elliptic curves do not need Diffie-Hellman parameters from a file.
in 'src/domain.c', 'kore_domain_tlsinit';
replace qr/if \(tls_dhparam == NULL\)\n\t\tfatalx\([^\n]*\n\n/, "if (tls_dhparam != NULL)\n\t";
