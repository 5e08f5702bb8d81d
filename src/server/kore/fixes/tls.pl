# OpenSSL 3 does not reach a method hooked into a key that came from a
# certificate: the worker makes a key object of the hooked parts, and the key
# manager reads its own with the typed getters.
in 'src/domain.c', 'kore_domain_tlsinit';
after 'RSA_set_method(rsa, keymgr_rsa_meth);', <<'C';
		EVP_PKEY_free(pkey);
		if ((pkey = EVP_PKEY_new()) == NULL ||
		    !EVP_PKEY_assign_RSA(pkey, rsa))
			fatalx("no key object: %s", ssl_errno_s);
C
after 'EC_KEY_set_method(eckey, keymgr_ec_meth);', <<'C';
		EVP_PKEY_free(pkey);
		if ((pkey = EVP_PKEY_new()) == NULL ||
		    !EVP_PKEY_assign_EC_KEY(pkey, eckey))
			fatalx("no key object: %s", ssl_errno_s);
C
before 'X509_free(x509);', <<'C';
	EVP_PKEY_free(pkey);
C
in 'src/domain.c', 'kore_domain_init';
replace 'EC_KEY_METHOD_set_sign(keymgr_ec_meth, NULL,', <<'C' . "\tEC_KEY_METHOD_set_sign(keymgr_ec_meth, ec_sign,";
int	(*ec_sign)(int, const unsigned char *, int, unsigned char *,
		    unsigned int *, const BIGNUM *, const BIGNUM *, EC_KEY *);

	EC_KEY_METHOD_get_sign(EC_KEY_OpenSSL(), &ec_sign, NULL, NULL);
C
in 'src/keymgr.c', 'keymgr_rsa_encrypt';
replace 'rsa = EVP_PKEY_get0(key->pkey);', 'rsa = (RSA *)(uintptr_t)EVP_PKEY_get0_RSA(key->pkey);';
in 'src/keymgr.c', 'keymgr_ecdsa_sign';
replace 'ec = EVP_PKEY_get0(key->pkey);', 'ec = (EC_KEY *)(uintptr_t)EVP_PKEY_get0_EC_KEY(key->pkey);';
in 'src/keymgr.c';
after 'KORE_SYSCALL_ALLOW(brk),', <<'C';
	KORE_SYSCALL_ALLOW(madvise),
	KORE_SYSCALL_ALLOW(mremap),
C
