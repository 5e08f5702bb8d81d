#include "server/server_config.h"

#include <sys/resource.h>

#include <stdarg.h>
#include <string.h>

#include "base/base_config.h"
#include "web/web.h"

#define HEADER_MAX	20000	/* bytes: request line and headers */

/* Forward-secret AEAD only; TLS 1.3 has its own list. */
#define CIPHERS	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
		"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
		"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

static const struct base_config	*used;

struct text {
	char	*at;
	size_t	 left;
	bool	 full;
};

static void	line(struct text *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
line(struct text *text, const char *format, ...)
{
	va_list	args;
	int	len;

	va_start(args, format);
	len = vsnprintf(text->at, text->left, format, args);
	va_end(args);

	if (len < 0 || (size_t)len + 1 >= text->left) {
		text->full = true;
		return;
	}

	text->at += len;
	*text->at++ = '\n';
	*text->at = '\0';
	text->left -= (size_t)len + 1;
}

/* One line of Kore's file, and where "word", without a blank. */
static bool
plain(const char *value, bool word)
{
	for (; *value != '\0'; value++) {
		if ((unsigned char)*value < 0x20 || *value == 0x7f ||
		    (word && *value == ' '))
			return (false);
	}

	return (true);
}

/* As many connections as there are descriptors, less what we need. */
static unsigned
connections(void)
{
	struct rlimit	limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_max >= SERVER_CONFIG_CONNECTIONS + 200)
		return (SERVER_CONFIG_CONNECTIONS);

	return (limit.rlim_max > 300 ? (unsigned)limit.rlim_max - 200 : 100);
}

static void
write_workers(struct text *out, const struct base_config *config)
{
	unsigned	most = connections();

	line(out, "workers %u", config->workers);
	line(out, "worker_max_connections %u", most);
	line(out, "worker_rlimit_nofiles %u", most + 100);
	/* One accept a turn spreads connections over the workers. */
	line(out, "worker_accept_threshold 1");
	line(out, "worker_set_affinity 0");
	line(out, "socket_backlog 1024");
}

static void
write_http(struct text *out)
{
	line(out, "http_request_ms 1000");
	line(out, "http_request_limit 2000");
	line(out, "http_header_max %u", HEADER_MAX);
	line(out, "http_header_timeout %u", SERVER_CONFIG_HEADER_TIMEOUT);
	line(out, "http_keepalive_time %u", SERVER_CONFIG_KEEPALIVE);
	line(out, "http_body_max %u", WEB_JSON_BODY_MAX);
	line(out, "http_body_timeout %u", SERVER_CONFIG_BODY_TIMEOUT);
	line(out, "http_hsts_enable 0");	/* the engine's business */
	line(out, "http_server_version Permiso");
}

static void
write_server(struct text *out, const struct base_config *config, bool tls)
{
	line(out, "server web {");
	if (config->unix_socket[0] != '\0')
		line(out, "unix %s", config->unix_socket);
	else
		line(out, "bind %s %u", config->host, config->port);
	line(out, "tls %s", tls ? "yes" : "no");
	line(out, "}");

	line(out, "domain * {");
	line(out, "attach web");
	if (tls) {
		line(out, "certfile %s", config->tls_cert);
		line(out, "certkey %s", config->tls_key);
	}
	line(out, "route ^ server_request_handle");
	line(out, "}");
}

bool
server_config_text(const struct base_config *config,
    char text[SERVER_CONFIG_TEXT_MAX])
{
	struct text	out = { text, SERVER_CONFIG_TEXT_MAX, false };

	if (!plain(config->host, true) || !plain(config->unix_socket, true) ||
	    !plain(config->tls_cert, false) || !plain(config->tls_key, false))
		return (false);

	line(&out, "root /");
	line(&out, "tls_cipher %s", CIPHERS);
	write_workers(&out, config);
	write_http(&out);
	write_server(&out, config, config->tls_cert[0] != '\0');

	return (!out.full);
}

void
server_config_use(const struct base_config *config)
{
	used = config;
}

const struct base_config *
server_config_used(void)
{
	return (used);
}

FILE *
server_config_open(void)
{
	static char	text[SERVER_CONFIG_TEXT_MAX];

	if (!server_config_text(used, text))
		return (NULL);

	return (fmemopen(text, strlen(text), "r"));
}
