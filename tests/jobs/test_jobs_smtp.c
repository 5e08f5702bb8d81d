/*
 * The limits of the dialogue with a mail server; the dialogue itself is in
 * tests/http/mail*.test.mjs.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jobs/jobs_smtp.h"

static struct base_config	config;
static int			listener;

static enum jobs_smtp_status
send_to(const char *to, char error[JOBS_SMTP_ERROR_MAX + 1])
{
	const struct jobs_smtp_letter	 letter = {
		.from = "id@example.com", .to = to,
		.data = "Subject: x\r\n\r\nx\r\n", .len = 17,
	};
	struct jobs_smtp		*smtp = jobs_smtp_new(&config);
	enum jobs_smtp_status		 status;

	assert_non_null(smtp);
	jobs_smtp_limits(smtp, 500, 500);
	status = jobs_smtp_send(smtp, &letter, error);
	jobs_smtp_free(smtp);

	return (status);
}

/* It takes the connection and never says a word. */
static void
test_smtp_silence(void **state)
{
	char	error[JOBS_SMTP_ERROR_MAX + 1];

	(void)state;
	assert_int_equal(send_to("ada@example.com", error), JOBS_SMTP_LATER);
	assert_non_null(strstr(error, "time"));
}

/* Nobody is even asked for a wrong address. */
static void
test_smtp_address(void **state)
{
	char	error[JOBS_SMTP_ERROR_MAX + 1];
	int	one;

	(void)state;
	while ((one = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) != -1)
		close(one);
	assert_int_equal(send_to("ada@example.com\r\nDATA", error),
	    JOBS_SMTP_NEVER);
	assert_int_equal(accept4(listener, NULL, NULL, SOCK_NONBLOCK), -1);
}

static void
test_smtp_nobody(void **state)
{
	char	error[JOBS_SMTP_ERROR_MAX + 1];

	(void)state;
	(void)snprintf(config.smtp_host, sizeof(config.smtp_host),
	    "nobody.invalid");
	assert_int_equal(send_to("ada@example.com", error), JOBS_SMTP_LATER);
	assert_non_null(strstr(error, "nobody.invalid"));
}

static int
set_up(void **state)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET,
				    .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t		len = sizeof(sin);

	(void)state;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (listener == -1 || bind(listener, (struct sockaddr *)&sin,
	    sizeof(sin)) != 0 || listen(listener, 8) != 0 ||
	    getsockname(listener, (struct sockaddr *)&sin, &len) != 0)
		return (-1);
	config.smtp_port = ntohs(sin.sin_port);
	(void)snprintf(config.smtp_host, sizeof(config.smtp_host),
	    "127.0.0.1");
	(void)snprintf(config.smtp_tls, sizeof(config.smtp_tls), "none");
	(void)snprintf(config.rp_id, sizeof(config.rp_id), "localhost");

	return (jobs_smtp_begin() ? 0 : -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smtp_silence),
		cmocka_unit_test(test_smtp_address),
		cmocka_unit_test(test_smtp_nobody),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}
