/*
 * The signing process.  Everything that may fail for good fails before it
 * listens, and what it has no use for it gives up before it reads a byte from
 * a client.  SIGHUP reads the keys at once.
 */

#include "signer/signer.h"

#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/base_bytes.h"
#include "base/base_log.h"
#include "base/base_poll.h"
#include "base/base_random.h"
#include "signer/signer_keys.h"
#include "signer/signer_listener.h"
#include "signer/signer_sandbox.h"
#include "store/store_runner.h"

#define SOCKET_NAME	"signer.sock"

struct signer {
	struct base_poll		 poll;
	struct base_watch		 signals;
	struct store_runner		*runner;
	struct signer_keys		*keys;
	struct signer_listener		*listener;
	struct signer_listener_config	 listening;
	char				 path[128];
};

static void
signer_told(struct base_watch *watch, int events)
{
	struct signer			*signer = watch->owner;
	struct signalfd_siginfo		 info;

	(void)events;
	if (read(watch->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		signer_keys_reload(signer->keys);
	else
		base_poll_stop(&signer->poll);
}

/* SIGTERM, SIGINT and SIGHUP as something to read; SIGPIPE never. */
static bool
signer_signals(struct signer *signer)
{
	sigset_t	set;
	int		fd;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		return (false);
	signer->signals = (struct base_watch){ .fd = fd,
	    .events = BASE_LOOP_READ, .ready = signer_told,
	    .owner = signer };

	return (base_loop_watch(&signer->poll.loop, &signer->signals));
}

/* The supervisor did both already; here for whoever starts us otherwise. */
static bool
signer_private(void)
{
	return (prctl(PR_SET_DUMPABLE, 0) == 0 &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
}

static int
signer_start(struct signer *signer, const struct base_config *config)
{
	uint8_t	warm[16];

	if (!config->has_wrapping[BASE_PURPOSE_SIGNING]) {
		base_log(BASE_LOG_ERROR, "signer", "no wrapping key");
		return (EX_CONFIG);
	}
	if (!signer_private() || !signer_signals(signer))
		return (EX_OSERR);
	base_random_bytes(warm, sizeof(warm));	/* opens what it needs */

	signer->runner = store_runner_new(&signer->poll.loop,
	    config->role_database, STORE_ROLE_SIGNER);
	if (signer->runner == NULL)
		return (EX_CONFIG);
	signer->keys = signer_keys_open(&signer->poll.loop, signer->runner,
	    config);
	if (signer->keys == NULL)
		return (EX_OSERR);

	(void)snprintf(signer->path, sizeof(signer->path), "%s/%s",
	    config->run_dir, SOCKET_NAME);
	signer->listening = (struct signer_listener_config){
		.path = signer->path,
		.issuer = config->app_url,
		.shared = config->separate_users,
		.auth = config->signer_auth,
		.keys = signer->keys,
	};
	signer->listener = signer_listener_open(&signer->poll.loop,
	    &signer->listening);
	if (signer->listener == NULL) {
		base_log(BASE_LOG_ERROR, "signer", "no socket",
		    base_log_text("path", signer->path),
		    base_log_text("error", strerror(errno)));
		return (EX_OSERR);
	}
	if (!signer_sandbox_enter()) {
		base_log(BASE_LOG_ERROR, "signer", "no sandbox",
		    base_log_text("error", strerror(errno)));
		return (EX_OSERR);
	}

	return (EX_OK);
}

int
signer_serve(const struct base_config *config)
{
	struct signer	signer = { .listener = NULL };
	int		code;

	base_poll_init(&signer.poll);
	code = signer_start(&signer, config);
	if (code == EX_OK) {
		base_log(BASE_LOG_INFO, "signer", "listening",
		    base_log_text("path", signer.path));
		code = base_poll_run(&signer.poll) ? EX_OK : EX_OSERR;
	}

	signer_listener_close(signer.listener);
	signer_keys_close(signer.keys);
	if (signer.runner != NULL)
		store_runner_free(signer.runner);
	base_poll_clear(&signer.poll);
	if (signer.signals.fd > 0)
		(void)close(signer.signals.fd);

	return (code);
}
