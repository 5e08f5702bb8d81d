/*
 * One pipelined connection of the runner: connecting, preparing, sending,
 * reading.  Knows tickets, not lanes: what became of them it tells its runner
 * through three hooks.  Included by store_runner.c only.
 */
#ifndef PERMISO_STORE_RUNNER_CONNECTION_H
#define PERMISO_STORE_RUNNER_CONNECTION_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/base_loop.h"
#include "store/store_postgres.h"
#include "store/store_runner.h"

#define STORE_RUNNER_TIMELINE_LEN	8

/* What is on the wire, one sync each; calls may share one (store_gather.h). */
enum store_ticket_kind {
	STORE_TICKET_CALL,
	STORE_TICKET_PREPARE,	/* of the connection itself */
	STORE_TICKET_PROBE
};

/* Where a ticket is. */
enum store_ticket_place {
	STORE_TICKET_WAITING,	/* in its lane's queue */
	STORE_TICKET_SENT,	/* on a connection */
	STORE_TICKET_FAILED	/* its callback comes at the next turn */
};

struct store_ticket {
	TAILQ_ENTRY(store_ticket)	 link;	/* of its place */
	TAILQ_ENTRY(store_ticket)	 live;	/* of its lane, by deadline */
	struct store_ticket		*mate;	/* the next that was sent with it */
	bool				 alone;	/* goes with no other */
	enum store_ticket_kind		 kind;
	enum store_ticket_place		 place;
	struct store_runner		*runner;
	const struct store_statement	*statement;
	const struct store_call		*call;
	store_done			*done;	/* NULL: nobody waits any more */
	void				*owner;
	int64_t				 deadline;	/* monotonic, ms */
	bool				 repeated;	/* its answer was lost */
	unsigned			 undone;	/* times, by others */
	struct store_runner_connection	*connection;	/* when sent */
	PGresult			*pg;
};

TAILQ_HEAD(store_ticket_list, store_ticket);

enum store_connection_state {
	STORE_CONNECTION_DOWN,
	STORE_CONNECTION_CONNECTING,
	STORE_CONNECTION_PREPARING,
	STORE_CONNECTION_READY,
	STORE_CONNECTION_STUCK	/* a deadline passed on it: no more calls */
};

/* What the server said about itself. */
struct store_connection_probe {
	char	timeline[STORE_RUNNER_TIMELINE_LEN + 1];
	int64_t	ahead;		/* its clock minus our monotonic one, ms */
	int64_t	skew;		/* its clock minus our wall clock, ms */
};

struct store_runner_connection {
	struct store_runner		*runner;
	struct base_loop		*loop;
	const char			*conninfo;
	enum store_role			 role;
	enum store_lane			 lane;

	enum store_connection_state	 state;
	PGconn				*pg;
	struct base_watch		 watch;
	bool				 watching;
	struct store_ticket_list	 sent;
	unsigned			 in_flight;
	int64_t				 due;	/* the state's own deadline */
	int64_t				 probe_due;
	int64_t				 probe_sent;	/* 0: none is out */
	int64_t				 probe_sent_wall;
	unsigned			 failures;	/* in a row */
	bool				 wanted;
	struct store_connection_probe	 probe;

	/* The server answered a probe.  False: we do not want this server. */
	bool	(*probed)(struct store_runner_connection *,
		    const struct store_connection_probe *);
	/* The sync of calls that were sent together arrived, with a result or
	 * NULL; the tickets are the hook's. */
	void	(*answered)(struct store_runner_connection *,
		    struct store_ticket_list *calls, const PGresult *result);
	/* It is down; "sent" holds what was under way, oldest first. */
	void	(*lost)(struct store_runner_connection *,
		    struct store_ticket_list *sent);
};

/* Begin to connect; ends in probed() or lost(). */
void	store_runner_connection_start(struct store_runner_connection *c);

/* Send a call and its mates as one statement.  False when the connection was
 * lost over it (the tickets came back through lost()). */
bool	store_runner_connection_send(struct store_runner_connection *c,
	    struct store_ticket *ticket);

/* Ask for timeline and clock again. */
void	store_runner_connection_probe(struct store_runner_connection *c);

/* Close, logging "why" unless NULL, and tell lost(). */
void	store_runner_connection_drop(struct store_runner_connection *c,
	    const char *why);

/* A ticket is freed here, wherever it was made. */
struct store_ticket	*store_runner_connection_ticket(
			    enum store_ticket_kind kind);
void			 store_runner_connection_forget(
			    struct store_ticket *ticket);

#endif /* !PERMISO_STORE_RUNNER_CONNECTION_H */
