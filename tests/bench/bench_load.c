/*
 * Requests sent as fast as the server takes them, so many at once, each on a
 * connection that stays open: a driver that costs little, so that what it
 * drives is busy.
 *
 *	bench_load PORT CONCURRENCY < requests > answers
 *
 * A request in the input is its length in decimal, a newline, its bytes.  The
 * output has a line for each, in their order: the body of a 200, the Location
 * of a 303; anything else ends the program with 1.
 */

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CONCURRENCY_MAX	256
#define REQUESTS_MAX	100000
#define REQUEST_MAX	65536
#define ANSWER_MAX	65536

struct request {
	char	*bytes;
	size_t	 len;
	char	*answer;
};

struct lane {
	char	 in[ANSWER_MAX + 1];
	size_t	 len;
	size_t	 request;
};

static struct request	requests[REQUESTS_MAX];
static struct lane	lanes[CONCURRENCY_MAX];
static struct pollfd	pfd[CONCURRENCY_MAX];
static size_t		count, sent, answered;

static void	die(const char *) __attribute__((noreturn));

static void
die(const char *what)
{
	fprintf(stderr, "bench_load: %s\n", what);
	exit(1);
}

static void
read_requests(void)
{
	size_t	len;

	while (scanf("%zu", &len) == 1) {
		struct request	*r = &requests[count];

		if (count == REQUESTS_MAX || len > REQUEST_MAX ||
		    getchar() != '\n' || (r->bytes = malloc(len)) == NULL ||
		    fread(r->bytes, 1, len, stdin) != len)
			die("input");
		r->len = len;
		count++;
	}
}

static int
connected(int port)
{
	struct sockaddr_in	to = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port),
				    .sin_addr = { htonl(INADDR_LOOPBACK) } };
	const int		on = 1;
	int			fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1)
		die("connect");
	return (fd);
}

/* The next request goes out on this connection; false: there is none. */
static int
next(size_t i)
{
	const struct request	*r = &requests[sent];

	if (sent == count) {
		pfd[i].fd = -1;
		return (0);
	}
	lanes[i].request = sent++;
	lanes[i].len = 0;
	if (send(pfd[i].fd, r->bytes, r->len, MSG_NOSIGNAL) !=
	    (ssize_t)r->len)
		die("send");
	return (1);
}

/* A header's value, ended by NUL; NULL when it is not there. */
static char *
header(char *head, const char *name)
{
	char	*line = head;

	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncasecmp(line, name, strlen(name)) == 0) {
			line += strlen(name);
			line[strcspn(line, "\r")] = '\0';
			return (line);
		}
	}

	return (NULL);
}

/* Whether an answer is complete; then its line is kept. */
static int
complete(struct lane *lane)
{
	struct request	*r = &requests[lane->request];
	char		 copy[ANSWER_MAX + 1], *end, *value, *kept = NULL;
	size_t		 body = 0;

	lane->in[lane->len] = '\0';
	if ((end = strstr(lane->in, "\r\n\r\n")) == NULL)
		return (0);
	memcpy(copy, lane->in, lane->len + 1);
	copy[end - lane->in + 2] = '\0';
	if ((value = header(copy, "content-length: ")) != NULL)
		body = strtoul(value, NULL, 10);
	end += 4;
	if ((size_t)(end - lane->in) + body > lane->len)
		return (0);

	if (strncmp(lane->in, "HTTP/1.1 200", 12) == 0)
		kept = strndup(end, body);
	else if (strncmp(lane->in, "HTTP/1.1 303", 12) == 0 &&
	    (value = header(lane->in, "location: ")) != NULL)
		kept = strdup(value);
	if (kept == NULL)
		die(lane->in);
	r->answer = kept;
	return (1);
}

static void
readable(size_t i)
{
	struct lane	*lane = &lanes[i];
	ssize_t		 n;

	n = recv(pfd[i].fd, lane->in + lane->len, ANSWER_MAX - lane->len, 0);
	if (n <= 0)
		die("closed");
	lane->len += (size_t)n;
	if (complete(lane)) {
		answered++;
		(void)next(i);
	}
}

int
main(int argc, char **argv)
{
	size_t	at_once;

	if (argc != 3)
		die("usage: bench_load PORT CONCURRENCY");
	at_once = strtoul(argv[2], NULL, 10);
	if (at_once < 1 || at_once > CONCURRENCY_MAX)
		die("concurrency");
	read_requests();

	for (size_t i = 0; i < at_once; i++) {
		pfd[i].fd = connected((int)strtol(argv[1], NULL, 10));
		pfd[i].events = POLLIN;
	}
	for (size_t i = 0; i < at_once; i++)
		(void)next(i);
	while (answered < count) {
		if (poll(pfd, at_once, -1) < 0)
			die("poll");
		for (size_t i = 0; i < at_once; i++) {
			if (pfd[i].revents != 0)
				readable(i);
		}
	}

	for (size_t i = 0; i < count; i++)
		puts(requests[i].answer);
	return (0);
}
