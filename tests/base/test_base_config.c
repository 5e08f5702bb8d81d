/*
 * Settings: every case starts from an environment that must load and adds or
 * spoils one thing.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/base_config.h"
#include "base/base_hash.h"

#define KEY_HEX	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"

static struct base_config	config;
static char			error[BASE_CONFIG_ERROR_MAX + 1];
static char			path[] = "/tmp/permiso-config-XXXXXX";
static char			secret_path[] = "/tmp/permiso-secret-XXXXXX";

static void
write_file(const char *name, const char *text)
{
	FILE	*file = fopen(name, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
good_environment(void)
{
	assert_int_equal(clearenv(), 0);
	assert_int_equal(setenv("PATH", "/usr/bin", 1), 0);
	assert_int_equal(setenv("APP_URL", "https://id.example.com", 1), 0);
	assert_int_equal(setenv("ENCRYPTION_KEY", KEY_HEX, 1), 0);
}

static void
test_config_standard(void **state)
{
	(void)state;
	good_environment();
	if (!base_config_load(&config, NULL, error))
		fail_msg("%s", error);
	assert_string_equal(config.app_url, "https://id.example.com");
	assert_string_equal(config.rp_id, "id.example.com");
	assert_string_equal(config.app_name, "Permiso");
	assert_string_equal(config.host, "127.0.0.1");
	assert_string_equal(config.signing_alg, "RS256");
	assert_string_equal(config.unix_socket, "");
	assert_int_equal(config.port, 1812);
	assert_int_equal(config.workers, 2);
	assert_int_equal(config.session_seconds, 12 * 3600);
	assert_int_equal(config.audit_days, 90);
	assert_int_equal(config.key_rotation_days, 90);
	assert_int_equal(config.rsa_bits, 2048);
	assert_int_equal(config.log_level, BASE_LOG_INFO);
	assert_true(config.https);
	assert_false(config.development);
	assert_false(config.log_json);
}

/* One setting in the environment: its value, and what the error says. */
static const struct {
	const char	*name;
	const char	*value;
	const char	*says;		/* NULL: loads */
} cases[] = {
	{ "APP_URL", "https://id.example.com:8443", NULL },
	{ "APP_URL", "http://localhost:1812", NULL },
	{ "APP_URL", "http://127.0.0.1:1812", NULL },
	{ "APP_URL", "", "APP_URL must begin with" },
	{ "APP_URL", "http://id.example.com", "plain http" },
	{ "APP_URL", "http://localhost.example.com", "plain http" },
	{ "APP_URL", "HTTPS://id.example.com", "must begin with" },
	{ "APP_URL", "ftp://id.example.com", "must begin with" },
	{ "APP_URL", "https://id.example.com/", "without a path" },
	{ "APP_URL", "https://id.example.com/sso", "without a path" },
	{ "APP_URL", "https://id.example.com?x", "without a path" },
	{ "APP_URL", "https://id.example.com#x", "without a path" },
	{ "APP_URL", "https://ID.example.com", "lower-case" },
	{ "APP_URL", "https://user@id.example.com", "lower-case" },
	{ "APP_URL", "https://id..example.com", "lower-case" },
	{ "APP_URL", "https://-id.example.com", "lower-case" },
	{ "APP_URL", "https://id-.example.com", "lower-case" },
	{ "APP_URL", "https://id.example.com.", "lower-case" },
	{ "APP_URL", "https://", "lower-case" },
	{ "APP_URL", "https://[::1]", "lower-case" },
	{ "APP_URL", "https://id.example.com:443", "standard port" },
	{ "APP_URL", "http://localhost:80", "standard port" },
	{ "APP_URL", "https://id.example.com:0", "no number" },
	{ "APP_URL", "https://id.example.com:08443", "no number" },
	{ "APP_URL", "https://id.example.com:65536", "no number" },
	{ "APP_URL", "https://id.example.com:", "no number" },
	{ "APP_URL", "https://id.example.com:84x", "no number" },
	{ "RP_ID", "example.com", NULL },
	{ "RP_ID", "id.example.com", NULL },
	{ "RP_ID", "com", "RP_ID must be" },
	{ "RP_ID", "xample.com", "RP_ID must be" },
	{ "RP_ID", "other.org", "RP_ID must be" },
	{ "RP_ID", "a.id.example.com", "RP_ID must be" },
	{ "PORT", "1", NULL },
	{ "PORT", "65535", NULL },
	{ "PORT", "0", "1 to 65535" },
	{ "PORT", "65536", "1 to 65535" },
	{ "PORT", "-1", "1 to 65535" },
	{ "PORT", "+1", "1 to 65535" },
	{ "PORT", " 1", "1 to 65535" },
	{ "PORT", "0x10", "1 to 65535" },
	{ "PORT", "", "1 to 65535" },
	{ "PORT", "99999999999999999999999", "1 to 65535" },
	{ "WORKERS", "65", "1 to 64" },
	{ "RSA_BITS", "3072", NULL },
	{ "RSA_BITS", "2500", "one of: 2048 3072" },
	{ "RSA_BITS", "1024", "from 2048" },
	{ "SIGNING_ALG", "EdDSA", NULL },
	{ "SIGNING_ALG", "HS256", "one of: RS256 PS256 ES256 EdDSA" },
	{ "SIGNING_ALG", "none", "one of" },
	{ "SIGNING_ALG", "", "one of" },
	{ "SIGNING_ALG", "RS256 PS256", "one of" },
	{ "HELP_URL", "https://help.example.org/?a=b#c", NULL },
	{ "HELP_URL", "javascript:alert(1)", "begin with" },
	{ "PRIVACY_URL", "//example.org/", "begin with" },
	{ "CONTACT_URL", "https://a.example/\"b", "quotes" },
	{ "CONTACT_URL", "https://a.example/\r\nb", "spaces" },
	{ "HOST", "::1", NULL },
	{ "HOST", "localhost", "IPv4 or IPv6" },
	{ "UNIX_SOCKET", "/run/permiso/web.sock", NULL },
	{ "UNIX_SOCKET", "web.sock", "begins with" },
	{ "RUN_DIR", "", "begins with" },
	{ "TRUST_PROXY", "true", NULL },
	{ "TRUST_PROXY", "false", NULL },
	{ "TRUST_PROXY", "10.0.0.0/8, 2001:db8::/32 192.0.2.1", NULL },
	{ "TRUST_PROXY", "10.0.0.0/33", "is none" },
	{ "TRUST_PROXY", "2001:db8::/129", "is none" },
	{ "TRUST_PROXY", "10.0.0.0/", "is none" },
	{ "TRUST_PROXY", "proxy.example.com", "is none" },
	{ "TRUST_PROXY", "10.0.0.1;192.0.2.1", "is none" },
	{ "LOG_LEVEL", "warning", NULL },
	{ "LOG_LEVEL", "loud", "LOG_LEVEL must be" },
	{ "LOG_JSON", "true", NULL },
	{ "LOG_JSON", "yes", "must be \"true\" or \"false\"" },
	{ "APP_ENV", "development", NULL },
	{ "APP_ENV", "dev", "must be \"development\"" },
	{ "APP_NAME", "", "APP_NAME must have" },
	{ "APP_NAME", "\xff", "UTF-8" },
	{ "TLS_CERT", "/etc/cert.pem", "belong together" },
	{ "TLS_KEY", "/etc/key.pem", "belong together" },
	{ "ENCRYPTION_KEY", "fifteen bytes!!", "at least 16 bytes" },
	{ "ENCRYPTION_KEY", "", "at least 16 bytes" },
	{ "DB_CONNECTION_STRING", "host=/run/postgresql dbname=permiso",
	    NULL },
	{ "DB_CONNECTION_STRING_FILE", "/nonexistent", "cannot open" },
	{ "ENCRYPTION_KEY_FILE", "/dev/null", "set twice" },
	{ "PERMISO_PORT", "80", "there is no setting" },
	{ "PORT_FILE", "/dev/null", NULL },	/* foreign: PORT is no secret */
	{ "SOMETHING_ELSE", "x", NULL },
	{ "SMTP_HOST", "", NULL },
	{ "SMTP_HOST", "mail.example.com", "SMTP_FROM must be set" },
	{ "SMTP_HOST", "mail.example.com:25", "without a port" },
	{ "SMTP_HOST", "smtp://mail.example.com", "without a port" },
	{ "SMTP_HOST", "mail example", "without a port" },
	{ "SMTP_FROM", "id@example.com", "says nothing without it" },
	{ "SMTP_FROM", "Permiso <id@example.com>", "one mail address" },
	{ "SMTP_FROM", "id@example.com,b@example.com", "one mail address" },
	{ "SMTP_FROM", "id@example.com\r\nRCPT TO:<x@y>", "one mail address" },
	{ "SMTP_FROM", "id", "one mail address" },
	{ "SMTP_FROM", "@example.com", "one mail address" },
	{ "SMTP_FROM", "\xc3\xa4@example.com", "one mail address" },
	{ "SMTP_REPLY_TO", "a b@example.com", "one mail address" },
	{ "SMTP_PORT", "0", "1 to 65535" },
	{ "SMTP_TLS", "ssl", "one of: starttls tls none" },
	{ "SMTP_USER", "permiso", "belong together" },
	{ "SMTP_PASSWORD", "secret", "belong together" },
	{ "SMTP_SKIP_CERT_VERIFY", "1", "must be \"true\"" },
	{ "SMTP_CA", "ca.pem", "begins with" },
};

static void
test_config_environment(void **state)
{
	size_t	i;
	bool	loads;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		good_environment();
		assert_int_equal(setenv(cases[i].name, cases[i].value, 1), 0);
		loads = base_config_load(&config, NULL, error);
		if (loads != (cases[i].says == NULL))
			fail_msg("%s=%s: %s", cases[i].name, cases[i].value,
			    loads ? "loaded" : error);
		if (!loads && strstr(error, cases[i].says) == NULL)
			fail_msg("%s=%s: %s", cases[i].name, cases[i].value,
			    error);
	}
}

/* Settings of mail that go together, and those that do not. */
static void
test_config_mail(void **state)
{
	static const struct {
		const char	*host;
		const char	*tls;
		const char	*password;
		const char	*says;
	} mails[] = {
		{ "mail.example.com", "starttls", "", NULL },
		{ "mail.example.com", "none", "", NULL },
		{ "mail.example.com", "starttls", "secret", NULL },
		{ "mail.example.com", "tls", "secret", NULL },
		{ "mail.example.com", "none", "secret", "in clear" },
		{ "192.0.2.1", "none", "secret", "in clear" },
		{ "127.0.0.1", "none", "secret", NULL },
		{ "::1", "none", "secret", NULL },
		{ "localhost", "none", "secret", NULL },
		{ "localhost.example.com", "none", "secret", "in clear" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		good_environment();
		setenv("SMTP_HOST", mails[i].host, 1);
		setenv("SMTP_TLS", mails[i].tls, 1);
		setenv("SMTP_FROM", "id@example.com", 1);
		if (mails[i].password[0] != '\0')
			setenv("SMTP_USER", "permiso", 1);
		setenv("SMTP_PASSWORD", mails[i].password, 1);
		if (base_config_load(&config, NULL, error) !=
		    (mails[i].says == NULL))
			fail_msg("%s %s: %s", mails[i].host, mails[i].tls,
			    error);
		if (mails[i].says != NULL &&
		    strstr(error, mails[i].says) == NULL)
			fail_msg("%s", error);
	}
}

static void
test_config_required(void **state)
{
	(void)state;
	good_environment();
	unsetenv("APP_URL");
	assert_false(base_config_load(&config, NULL, error));
	assert_string_equal(error, "APP_URL is not set; it is required");
	good_environment();
	unsetenv("ENCRYPTION_KEY");
	assert_false(base_config_load(&config, NULL, error));
	assert_string_equal(error, "ENCRYPTION_KEY is not set; it is "
	    "required");
}

/* The file of an installation, and which line an error names. */
static const struct {
	const char	*text;
	const char	*says;
} files[] = {
	{ "", NULL },
	{ "# words\n\n  \t\nPORT 1900\n", NULL },
	{ "PORT 1900", NULL },			/* no newline at the end */
	{ "  PORT\t 1900  \r\n", NULL },
	{ "APP_NAME Ours, with = and # and blanks\nPORT 1900\n", NULL },
	{ "PORT 1900\nPORT 1900\n", "line 2: PORT is set twice" },
	{ "\nPROT 1900\n", "line 2: there is no setting \"PROT\"" },
	{ "port 1900\n", "line 1: there is no setting \"port\"" },
	{ "PORT=1900\n", "line 1: there is no setting \"PORT=1900\"" },
	{ "\n\nPORT\n", "line 3: PORT has no value" },
	{ "PORT 0\n", "line 1: PORT must be a number" },
	{ "PORT_FILE /dev/null\n", "line 1: there is no setting" },
	{ "ENCRYPTION_KEY short\nPORT 1900", NULL },	/* environment wins */
};

static void
test_config_file(void **state)
{
	size_t	i;
	bool	loads;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		good_environment();
		write_file(path, files[i].text);
		loads = base_config_load(&config, path, error);
		if (loads != (files[i].says == NULL))
			fail_msg("%s: %s", files[i].text,
			    loads ? "loaded" : error);
		if (!loads && strstr(error, files[i].says) == NULL)
			fail_msg("%s: %s", files[i].text, error);
		if (loads)
			assert_int_equal(config.port,
			    files[i].text[0] == '\0' ? 1812 : 1900);
	}
	assert_false(base_config_load(&config, "/nonexistent", error));
	assert_non_null(strstr(error, "cannot open /nonexistent"));
}

static void
test_config_environment_wins(void **state)
{
	(void)state;
	good_environment();
	setenv("PORT", "2000", 1);
	write_file(path, "PORT 1900\nWORKERS 5\n");
	assert_true(base_config_load(&config, path, error));
	assert_int_equal(config.port, 2000);
	assert_int_equal(config.workers, 5);
}

/* The same key in every spelling is the same key; words are stretched. */
static void
test_config_root_key(void **state)
{
	static const char *const	same[] = {
		"000102030405060708090A0B0C0D0E0F"
		"101112131415161718191A1B1C1D1E1F",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
	};
	uint8_t				key[BASE_KEY_LEN], words[BASE_KEY_LEN];
	uint8_t				bytes[32];
	size_t				i;

	(void)state;
	for (i = 0; i < 32; i++)
		bytes[i] = (uint8_t)i;
	base_hash_hkdf(bytes, 32, "permiso root key v1", key, BASE_KEY_LEN);
	good_environment();
	assert_true(base_config_load(&config, NULL, error));
	assert_true(config.has_root_key);
	assert_memory_equal(config.root_key, key, BASE_KEY_LEN);
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		setenv("ENCRYPTION_KEY", same[i], 1);
		assert_true(base_config_load(&config, NULL, error));
		assert_memory_equal(config.root_key, key, BASE_KEY_LEN);
	}

	base_hash_scrypt("correct horse battery", 21, "permiso root key v1",
	    words);
	write_file(secret_path, "correct horse battery\n");
	unsetenv("ENCRYPTION_KEY");
	setenv("ENCRYPTION_KEY_FILE", secret_path, 1);
	assert_true(base_config_load(&config, NULL, error));
	assert_memory_equal(config.root_key, words, BASE_KEY_LEN);
}

/* No error repeats a secret. */
static void
test_config_secret_silent(void **state)
{
	char	text[BASE_CONFIG_TEXT_MAX + 2];

	(void)state;
	good_environment();
	setenv("ENCRYPTION_KEY", "hush-hush", 1);
	assert_false(base_config_load(&config, NULL, error));
	assert_null(strstr(error, "hush"));

	memset(text, 'h', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	setenv("ENCRYPTION_KEY", text, 1);
	assert_false(base_config_load(&config, NULL, error));
	assert_null(strstr(error, "hhh"));
	assert_non_null(strstr(error, "longer than"));
}

static void
test_config_pipe(void **state)
{
	struct base_config	got;
	uint8_t			zero[BASE_KEY_LEN] = { 0 };
	int			fds[2];

	(void)state;
	good_environment();
	setenv("DB_CONNECTION_STRING", "user=owner password=hush", 1);
	assert_true(base_config_load(&config, NULL, error));
	config.wrapping[BASE_PURPOSE_MAC][3] = 9;
	config.has_wrapping[BASE_PURPOSE_MAC] = true;

	assert_int_equal(pipe(fds), 0);
	assert_true(base_config_write(&config, fds[1]));
	assert_true(base_config_read(&got, fds[0]));
	assert_string_equal(got.app_url, config.app_url);
	assert_int_equal(got.wrapping[BASE_PURPOSE_MAC][3], 9);
	assert_true(got.has_wrapping[BASE_PURPOSE_MAC]);
	assert_false(got.has_root_key);
	assert_memory_equal(got.root_key, zero, BASE_KEY_LEN);
	assert_string_equal(got.database, "");	/* the owner's credential */

	/* Cut short, and not ours. */
	assert_int_equal(write(fds[1], "1FCP", 4), 4);
	assert_int_equal(close(fds[1]), 0);
	assert_false(base_config_read(&got, fds[0]));
	assert_int_equal(close(fds[0]), 0);
}

static int
make_files(void **state)
{
	int	a = mkstemp(path), b = mkstemp(secret_path);

	(void)state;
	if (a == -1 || b == -1)
		return (-1);
	(void)close(a);
	(void)close(b);

	return (0);
}

static int
remove_files(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(secret_path);

	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config_standard),
		cmocka_unit_test(test_config_environment),
		cmocka_unit_test(test_config_mail),
		cmocka_unit_test(test_config_required),
		cmocka_unit_test(test_config_file),
		cmocka_unit_test(test_config_environment_wins),
		cmocka_unit_test(test_config_root_key),
		cmocka_unit_test(test_config_secret_silent),
		cmocka_unit_test(test_config_pipe),
	};

	return (cmocka_run_group_tests(tests, make_files, remove_files));
}
