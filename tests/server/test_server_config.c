/*
 * Kore's configuration: what is in it, and what cannot get into it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_config.h"
#include "server/server_config.h"

static struct base_config
good(void)
{
	struct base_config	config = { .port = 1812, .workers = 2 };

	(void)snprintf(config.host, sizeof(config.host), "127.0.0.1");
	return (config);
}

static void
assert_line(const char *text, const char *line, bool want)
{
	const char	*at = strstr(text, line);
	size_t		 len = strlen(line);
	bool		 found = at != NULL && (at == text || at[-1] == '\n') &&
			    at[len] == '\n';

	if (found != want)
		fail_msg("%s: %s\n%s", line, found ? "there" : "missing", text);
}

static void
test_server_config_tcp(void **state)
{
	struct base_config	config = good();
	char			text[SERVER_CONFIG_TEXT_MAX];

	(void)state;

	assert_true(server_config_text(&config, text));
	assert_line(text, "bind 127.0.0.1 1812", true);
	assert_line(text, "tls no", true);
	assert_line(text, "workers 2", true);
	assert_line(text, "worker_accept_threshold 1", true);
	assert_line(text, "http_hsts_enable 0", true);
	assert_line(text, "route ^ server_request_handle", true);
	assert_null(strstr(text, "certfile"));
	assert_null(strstr(text, "rand_file"));
	assert_null(strstr(text, "accesslog"));
}

static void
test_server_config_unix(void **state)
{
	struct base_config	config = good();
	char			text[SERVER_CONFIG_TEXT_MAX];

	(void)state;

	(void)snprintf(config.unix_socket, sizeof(config.unix_socket),
	    "/run/permiso/web.sock");
	assert_true(server_config_text(&config, text));
	assert_line(text, "unix /run/permiso/web.sock", true);
	assert_null(strstr(text, "bind "));
}

static void
test_server_config_tls(void **state)
{
	struct base_config	config = good();
	char			text[SERVER_CONFIG_TEXT_MAX];

	(void)state;

	(void)snprintf(config.tls_cert, sizeof(config.tls_cert), "/a b/cert");
	(void)snprintf(config.tls_key, sizeof(config.tls_key), "/a b/key");
	assert_true(server_config_text(&config, text));
	assert_line(text, "tls yes", true);
	assert_line(text, "certfile /a b/cert", true);
	assert_line(text, "certkey /a b/key", true);
}

/* A value must not become a line of its own. */
static void
test_server_config_injection(void **state)
{
	struct base_config	config;
	char			text[SERVER_CONFIG_TEXT_MAX];

	(void)state;

	config = good();
	(void)snprintf(config.host, sizeof(config.host), "::1\nworkers 9");
	assert_false(server_config_text(&config, text));

	config = good();
	(void)snprintf(config.host, sizeof(config.host), "::1 1");
	assert_false(server_config_text(&config, text));

	config = good();
	(void)snprintf(config.unix_socket, sizeof(config.unix_socket), "/a b");
	assert_false(server_config_text(&config, text));

	config = good();
	(void)snprintf(config.tls_cert, sizeof(config.tls_cert), "/a\r");
	assert_false(server_config_text(&config, text));

	config = good();
	(void)snprintf(config.tls_key, sizeof(config.tls_key), "/a\n}");
	assert_false(server_config_text(&config, text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server_config_tcp),
		cmocka_unit_test(test_server_config_unix),
		cmocka_unit_test(test_server_config_tls),
		cmocka_unit_test(test_server_config_injection),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
