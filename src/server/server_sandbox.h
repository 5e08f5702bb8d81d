/*
 * What the web role's processes may do: the kernel's filter, and no way out
 * when their parent is gone.
 */
#ifndef PERMISO_SERVER_SANDBOX_H
#define PERMISO_SERVER_SANDBOX_H

/* Called once in Kore's parent, before it forks. */
void	server_sandbox_parent(void);

/*
 * In every child, before its filter is loaded: dies with its parent, leaves
 * no core, is not traceable.
 */
void	server_sandbox_confine(void);

/* Kore's hook: adds our list to a worker's filter. */
void	server_sandbox_filter(void);

#endif /* !PERMISO_SERVER_SANDBOX_H */
