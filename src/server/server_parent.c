#include "server/server_parent.h"

#include <sys/wait.h>

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <kore.h>

#include "base/base_log.h"
#include "server/server_worker.h"

#define STEADY_MS	10000	/* who lived so long was well */
#define PAUSE_FIRST	250	/* ms, after the second death in a row */
#define PAUSE_MOST	5000
#define KILL_MS		(SERVER_WORKER_DRAIN_MS + 2000)

struct life {
	uint64_t	started;	/* kore_time_ms() */
	unsigned	deaths;		/* in a row */
};

static struct life	lives[KORE_WORKER_MAX + 1];
static int		code = EX_OK;

void
server_parent_signals(int how)
{
	static const int	ours[] = { SIGCHLD, SIGHUP, SIGINT, SIGQUIT,
				    SIGTERM, SIGUSR1 };
	sigset_t		set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		(void)sigaddset(&set, ours[i]);
	(void)sigprocmask(how, &set, NULL);
}

int
server_parent_signal(void)
{
	sig_atomic_t	sig = sig_recv;

	if (sig == SIGTERM || sig == SIGQUIT || sig == SIGINT)
		return (sig);

	/* If another came just now it is that one, and it stays. */
	(void)__atomic_compare_exchange_n(&sig_recv, &sig, 0, false,
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return (sig);
}

void
server_parent_started(const struct kore_worker *kw)
{
	if (kw->id <= KORE_WORKER_MAX)
		lives[kw->id].started = kore_time_ms();
}

static void
respawn(struct kore_worker *kw, uint16_t index)
{
	kore_worker_spawn(index, kw->id, kw->cpu);
	kore_msg_parent_add(kw);
}

static void
respawn_later(void *arg, uint64_t now)
{
	uint16_t	index = (uint16_t)(uintptr_t)arg;

	(void)now;
	respawn(kore_worker_data((uint8_t)index), index);
}

void
server_parent_restart(struct kore_worker *kw, uint16_t index)
{
	struct life	*life = &lives[kw->id];
	uint64_t	 pause = 0;

	if (kore_time_ms() - life->started >= STEADY_MS)
		life->deaths = 0;
	if (life->deaths > 0) {
		pause = PAUSE_MOST;
		if (life->deaths < 6)
			pause = PAUSE_FIRST << (life->deaths - 1);
		if (pause > PAUSE_MOST)
			pause = PAUSE_MOST;
	}
	life->deaths++;

	kw->pid = 0;
	base_log(BASE_LOG_ERROR, "server", "worker_died",
	    base_log_number("worker", kw->id),
	    base_log_number("in_a_row", life->deaths),
	    base_log_number("again_in_ms", (int64_t)pause));

	if (pause == 0)
		respawn(kw, index);
	else
		(void)kore_timer_add(respawn_later, pause,
		    (void *)(uintptr_t)index, KORE_TIMER_ONESHOT);
}

void
server_parent_distrust(const struct connection *c)
{
	const struct kore_worker	*kw = c->hdlr_extra;

	/* Kore keeps &kw->id there, which is where the worker begins. */
	_Static_assert(offsetof(struct kore_worker, id) == 0, "id is first");

	if (worker != NULL || kw == NULL || kw->pid <= 0)
		return;

	base_log(BASE_LOG_ERROR, "server", "worker_distrusted",
	    base_log_number("worker", kw->id),
	    base_log_number("pid", kw->pid));
	(void)kill(kw->pid, SIGKILL);
}

void
server_parent_tick(void *arg, uint64_t now)
{
	(void)arg;
	(void)now;

	kore_worker_reap();
}

/* Has it ended? */
static bool
ended(struct kore_worker *kw)
{
	int	status = 0;
	pid_t	pid;

	if (kw->running == 0 || kw->pid <= 0)
		return (true);
	if ((pid = waitpid(kw->pid, &status, WNOHANG)) == 0 ||
	    (pid == -1 && errno == EINTR))
		return (false);

	if (pid > 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		base_log(BASE_LOG_ERROR, "server", "bad_end",
		    base_log_number("worker", kw->id),
		    base_log_number("status", status));
		server_parent_failed();
	}

	kw->pid = 0;
	kw->running = 0;
	return (true);
}

void
server_parent_wait(struct kore_worker *workers, unsigned count)
{
	const struct timespec	 nap = { 0, 5 * 1000 * 1000 };
	uint64_t		 start = kore_time_ms(), told = start, now;
	unsigned		 left;

	for (;;) {
		left = 0;
		for (unsigned i = 0; i < count; i++)
			left += ended(&workers[i]) ? 0 : 1;
		if (left == 0)
			return;

		now = kore_time_ms();
		if (now - told >= 1000) {
			told = now;
			kore_worker_dispatch_signal(now - start >= KILL_MS ?
			    SIGKILL : SIGTERM);
		}
		(void)nanosleep(&nap, NULL);
	}
}

void
server_parent_failed(void)
{
	code = SERVER_PARENT_GAVE_UP;
}

int
server_parent_code(void)
{
	return (code);
}
