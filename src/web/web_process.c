/*
 * What one worker has for all of its exchanges.
 */

#include <stdio.h>
#include <stdlib.h>

#include "web/web_batch.h"
#include "web/web_engine.h"
#include "web/web_keys.h"
#include "web/web_limit.h"
#include "web/web_page.h"

#define SIGNER_SOCKET	"signer.sock"

bool
web_process_load(const struct base_config *config)
{
	return (web_limit_open(config) && web_page_load(config));
}

struct web_process *
web_process_new(struct base_loop *loop, const struct base_config *config)
{
	char			 path[sizeof(config->run_dir) + 32];
	struct web_process	*process;

	if ((process = calloc(1, sizeof(*process))) == NULL)
		return (NULL);

	process->loop = loop;
	process->config = config;
	if (!web_address_parse(config->trust_proxy, &process->trusted)) {
		base_log(BASE_LOG_ERROR, "web", "bad_trust_proxy",
		    base_log_text("value", config->trust_proxy));
		goto fail;
	}

	if ((process->runner = store_runner_new(loop, config->role_database,
	    STORE_ROLE_WEB)) == NULL)
		goto fail;

	(void)snprintf(path, sizeof(path), "%s/%s", config->run_dir,
	    SIGNER_SOCKET);
	if ((process->signer = signer_client_new(loop, path, "web",
	    config->signer_auth)) == NULL)
		goto fail;

	if ((process->keys = web_keys_open(loop, process->runner, config)) ==
	    NULL)
		goto fail;

	if ((process->batch = web_batch_open(loop, process->runner)) == NULL)
		goto fail;

	return (process);

fail:
	web_process_free(process);
	return (NULL);
}

bool
web_process_ready(const struct web_process *process)
{
	return (store_runner_ready(process->runner) &&
	    store_runner_skew(process->runner) <= STORE_RUNNER_SKEW_MAX &&
	    web_keys_ready(process->keys));
}

void
web_process_free(struct web_process *process)
{
	if (process == NULL)
		return;

	web_batch_close(process->batch);
	web_keys_close(process->keys);
	signer_client_free(process->signer);
	store_runner_free(process->runner);
	free(process);
}
