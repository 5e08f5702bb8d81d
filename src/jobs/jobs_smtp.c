/*
 * The dialogue with the mail server.
 *
 * Names are looked up here and handed to libcurl: its own look-up starts a
 * thread, and the process may not.
 */

#include "jobs/jobs_smtp.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/base_buffer.h"
#include "base/base_bytes.h"
#include "jobs/jobs_message.h"

#define ADDRESSES_MOST	8
#define REPLY_MAX	120
#define WHY_MAX		90
#define URL_MAX		(2 * BASE_CONFIG_TEXT_MAX)
#define ANGLED_MAX	264		/* an address between < and > */

struct jobs_smtp {
	const struct base_config	*config;
	CURL				*curl;
	struct curl_slist		*resolved;
	int64_t				 connect_ms;
	int64_t				 total_ms;
	/* of the letter that is under way */
	const uint8_t			*data;
	size_t				 left;
	char				 command[8];	/* our last verb */
	bool				 leaving;	/* QUIT was said */
	char				 reply[REPLY_MAX + 1];
	char				 why[CURL_ERROR_SIZE];
};

bool
jobs_smtp_begin(void)
{
	return (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

/* ---------------------------------------------------------- what is said */

/* Printable ASCII; anything else becomes "?", and the end of line ends it. */
static void
keep(char *out, size_t size, const char *data, size_t len)
{
	size_t	n = 0;

	for (size_t i = 0; i < len && n + 1 < size && data[i] != '\r' &&
	    data[i] != '\n'; i++)
		out[n++] = data[i] >= ' ' && data[i] <= '~' ? data[i] : '?';
	out[n] = '\0';
}

/*
 * Of our commands only the verb is kept, for behind AUTH comes the password;
 * of the answers the last line.
 */
static int
listen_in(CURL *curl, curl_infotype type, char *data, size_t len, void *arg)
{
	struct jobs_smtp	*smtp = arg;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT && len >= 4 &&
	    strncasecmp(data, "QUIT", 4) == 0)
		smtp->leaving = true;
	if (smtp->leaving)
		return (0);
	if (type == CURLINFO_HEADER_IN)
		keep(smtp->reply, sizeof(smtp->reply), data, len);
	else if (type == CURLINFO_HEADER_OUT)
		keep(smtp->command, 5, data, len);

	return (0);
}

static size_t
give(char *out, size_t size, size_t count, void *arg)
{
	struct jobs_smtp	*smtp = arg;
	size_t			 n = size * count;

	if (n > smtp->left)
		n = smtp->left;
	memcpy(out, smtp->data, n);
	smtp->data += n;
	smtp->left -= n;

	return (n);
}

/* -------------------------------------------------------------- settings */

static bool
literal(const char *host)
{
	uint8_t	address[16];

	return (inet_pton(AF_INET, host, address) == 1 ||
	    inet_pton(AF_INET6, host, address) == 1);
}

/* "smtp://host:port/name": the name is what we say in EHLO. */
static bool
url_set(struct jobs_smtp *smtp)
{
	const struct base_config	*config = smtp->config;
	bool				 v6;
	char				 url[URL_MAX];

	v6 = strchr(config->smtp_host, ':') != NULL;
	(void)snprintf(url, sizeof(url), "%s://%s%s%s:%u/%s",
	    strcmp(config->smtp_tls, "tls") == 0 ? "smtps" : "smtp",
	    v6 ? "[" : "", config->smtp_host, v6 ? "]" : "",
	    (unsigned)config->smtp_port, config->rp_id);

	return (curl_easy_setopt(smtp->curl, CURLOPT_URL, url) == CURLE_OK);
}

static bool
encryption_set(struct jobs_smtp *smtp)
{
	const struct base_config	*config = smtp->config;
	CURL				*curl = smtp->curl;
	long				 check = !config->smtp_skip_verify;
	bool				 good;

	good = curl_easy_setopt(curl, CURLOPT_USE_SSL,
	    strcmp(config->smtp_tls, "none") == 0 ? (long)CURLUSESSL_NONE :
	    (long)CURLUSESSL_ALL) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, check) ==
	    CURLE_OK && curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST,
	    check * 2L) == CURLE_OK;
	if (config->smtp_ca[0] != '\0')
		good = good && curl_easy_setopt(curl, CURLOPT_CAINFO,
		    config->smtp_ca) == CURLE_OK;

	return (good);
}

static bool
person_set(struct jobs_smtp *smtp)
{
	const struct base_config	*config = smtp->config;

	if (config->smtp_user[0] == '\0')
		return (true);

	/* Encrypted or on this machine, so nothing cleverer is needed. */
	return (curl_easy_setopt(smtp->curl, CURLOPT_USERNAME,
	    config->smtp_user) == CURLE_OK &&
	    curl_easy_setopt(smtp->curl, CURLOPT_PASSWORD,
	    config->smtp_password) == CURLE_OK &&
	    curl_easy_setopt(smtp->curl, CURLOPT_LOGIN_OPTIONS,
	    "AUTH=PLAIN;AUTH=LOGIN") == CURLE_OK);
}

static bool
callbacks_set(struct jobs_smtp *smtp)
{
	CURL	*curl = smtp->curl;

	return (curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
	    == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, listen_in) ==
	    CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, smtp) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, smtp->why) ==
	    CURLE_OK && curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) ==
	    CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_READDATA, smtp) == CURLE_OK);
}

struct jobs_smtp *
jobs_smtp_new(const struct base_config *config)
{
	struct jobs_smtp	*smtp;

	if ((smtp = calloc(1, sizeof(*smtp))) == NULL)
		return (NULL);
	smtp->config = config;
	jobs_smtp_limits(smtp, JOBS_SMTP_CONNECT_MS, JOBS_SMTP_TOTAL_MS);
	if ((smtp->curl = curl_easy_init()) == NULL || !url_set(smtp) ||
	    !encryption_set(smtp) || !person_set(smtp) ||
	    !callbacks_set(smtp)) {
		jobs_smtp_free(smtp);
		return (NULL);
	}

	return (smtp);
}

void
jobs_smtp_free(struct jobs_smtp *smtp)
{
	if (smtp == NULL)
		return;
	curl_easy_cleanup(smtp->curl);
	curl_slist_free_all(smtp->resolved);
	free(smtp);
}

void
jobs_smtp_limits(struct jobs_smtp *smtp, int64_t connect_ms, int64_t total_ms)
{
	smtp->connect_ms = connect_ms;
	smtp->total_ms = total_ms;
}

/* --------------------------------------------------------------- sending */

/* One address as libcurl reads it behind "host:port:". */
static bool
address_text(const struct addrinfo *one, char out[INET6_ADDRSTRLEN + 2])
{
	char	text[INET6_ADDRSTRLEN];
	bool	v6 = one->ai_family == AF_INET6;

	if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof(text),
	    NULL, 0, NI_NUMERICHOST) != 0)
		return (false);
	(void)snprintf(out, INET6_ADDRSTRLEN + 2, "%s%s%s", v6 ? "[" : "",
	    text, v6 ? "]" : "");

	return (true);
}

static bool
resolve(struct jobs_smtp *smtp, char error[JOBS_SMTP_ERROR_MAX + 1])
{
	const struct addrinfo	 wish = { .ai_socktype = SOCK_STREAM };
	struct addrinfo		*found, *one;
	char			 line[1024], text[INET6_ADDRSTRLEN + 2];
	int			 n, code, count = 0;

	if (literal(smtp->config->smtp_host))
		return (true);
	if ((code = getaddrinfo(smtp->config->smtp_host, NULL, &wish,
	    &found)) != 0) {
		(void)snprintf(error, JOBS_SMTP_ERROR_MAX + 1, "%.100s: %s",
		    smtp->config->smtp_host, gai_strerror(code));
		return (false);
	}

	n = snprintf(line, sizeof(line), "%s:%u:", smtp->config->smtp_host,
	    (unsigned)smtp->config->smtp_port);
	for (one = found; one != NULL && count < ADDRESSES_MOST;
	    one = one->ai_next) {
		if (!address_text(one, text))
			continue;
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%s%s",
		    count++ > 0 ? "," : "", text);
	}
	freeaddrinfo(found);

	curl_slist_free_all(smtp->resolved);
	smtp->resolved = curl_slist_append(NULL, line);

	return (count > 0 && smtp->resolved != NULL && curl_easy_setopt(
	    smtp->curl, CURLOPT_RESOLVE, smtp->resolved) == CURLE_OK);
}

/*
 * A refusal of this very letter: 5xx to RCPT or to the data.  One of policy
 * (5.7.x: relaying, a login that is missing) or of our sender is about us,
 * and somebody may change a setting, here or there.
 */
static enum jobs_smtp_status
judge(const struct jobs_smtp *smtp, CURLcode code)
{
	const char	*reply = smtp->reply;

	if (code == CURLE_OK)
		return (JOBS_SMTP_OK);
	if ((code != CURLE_SEND_ERROR && code != CURLE_WEIRD_SERVER_REPLY) ||
	    reply[0] != '5' || strncmp(reply, "530", 3) == 0 ||
	    (strlen(reply) > 8 && strncmp(reply + 3, " 5.7.", 5) == 0) ||
	    (strcasecmp(smtp->command, "RCPT") != 0 &&
	    strcasecmp(smtp->command, "DATA") != 0))
		return (JOBS_SMTP_LATER);

	return (JOBS_SMTP_NEVER);
}

static void
explain(const struct jobs_smtp *smtp, CURLcode code,
    char error[JOBS_SMTP_ERROR_MAX + 1])
{
	const char	*text = smtp->why[0] != '\0' ? smtp->why :
			    curl_easy_strerror(code);
	char		 why[WHY_MAX + 1];

	keep(why, sizeof(why), text, strlen(text));
	(void)snprintf(error, JOBS_SMTP_ERROR_MAX + 1, "%s%s%s", why,
	    smtp->reply[0] != '\0' ? "; the server's last answer: " : "",
	    smtp->reply);
}

static bool
letter_set(struct jobs_smtp *smtp, const struct jobs_smtp_letter *letter,
    struct curl_slist *to)
{
	CURL	*curl = smtp->curl;
	char	 from[ANGLED_MAX];

	(void)snprintf(from, sizeof(from), "<%s>", letter->from);
	smtp->data = letter->data;
	smtp->left = letter->len;
	smtp->leaving = false;
	smtp->command[0] = '\0';
	smtp->reply[0] = '\0';
	smtp->why[0] = '\0';

	return (to != NULL &&
	    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE,
	    (curl_off_t)letter->len) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)smtp->connect_ms) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	    (long)smtp->total_ms) == CURLE_OK);
}

enum jobs_smtp_status
jobs_smtp_send(struct jobs_smtp *smtp, const struct jobs_smtp_letter *letter,
    char error[JOBS_SMTP_ERROR_MAX + 1])
{
	struct curl_slist	*to;
	CURLcode		 code;
	char			 text[ANGLED_MAX];

	(void)snprintf(error, JOBS_SMTP_ERROR_MAX + 1, "no memory");
	if (!jobs_message_address(letter->from) ||
	    !jobs_message_address(letter->to)) {
		(void)snprintf(error, JOBS_SMTP_ERROR_MAX + 1,
		    "an address is not one");
		return (JOBS_SMTP_NEVER);
	}
	if (!resolve(smtp, error))
		return (JOBS_SMTP_LATER);

	(void)snprintf(text, sizeof(text), "<%s>", letter->to);
	to = curl_slist_append(NULL, text);
	if (!letter_set(smtp, letter, to)) {
		curl_slist_free_all(to);
		return (JOBS_SMTP_LATER);
	}
	code = curl_easy_perform(smtp->curl);
	(void)curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(to);
	if (code != CURLE_OK)
		explain(smtp, code, error);

	return (judge(smtp, code));
}
