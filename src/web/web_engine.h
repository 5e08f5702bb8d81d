/*
 * What an exchange and a process are made of.  Only src/web includes this.
 */
#ifndef PERMISO_WEB_ENGINE_H
#define PERMISO_WEB_ENGINE_H

#include "base/base_loop.h"
#include "signer/signer_client.h"
#include "store/store_runner.h"
#include "web/web_address.h"
#include "web/web_browser.h"
#include "web/web_exchange.h"
#include "web/web_limit.h"
#include "web/web_message.h"
#include "web/web_router.h"

#define WEB_ENGINE_JSON_MAX	8	/* documents one exchange keeps */

struct web_batch;
struct web_keys;

struct web_process {
	struct base_loop		*loop;
	const struct base_config	*config;
	struct store_runner		*runner;
	struct signer_client		*signer;
	struct web_keys			*keys;
	struct web_batch		*batch;
	struct web_address_rules	 trusted;
};

struct web_exchange {
	struct web_process		*process;
	const struct web_request	*request;
	struct base_arena		 arena;

	/* who, and which route */
	char				 id[BASE_LOG_REQUEST_ID_LEN + 1];
	char				 address[WEB_ADDRESS_LEN + 1];
	struct base_slice		 segment;
	uint8_t				 browser[WEB_BROWSER_SECRET_LEN];
	bool				 has_browser;

	/* what the reader reads; found when first asked for */
	const struct web_language	*language;
	const char			*ui_locales;

	/* the handler's state */
	void				*state;
	size_t				 state_size;
	json_t				*json[WEB_ENGINE_JSON_MAX];
	size_t				 json_count;

	/* a worker's first keys are waited for, until then */
	struct base_timer		 keys_timer;
	int64_t				 keys_until;

	/* which limit was reached, and the ms until it allows one more */
	enum web_limit_kind		 limit;
	int64_t				 limited;

	/* what is waited for, and then */
	web_step			*next;
	struct store_call		*call;
	struct signer_request		 to_sign;
	struct store_ticket		*statement;
	struct signer_ticket		*signing;
	const struct store_result	*result;
	const struct signer_answer	*signature;

	/* the answer */
	enum web_class			 class;
	struct web_reply		 reply;
	web_replied			*replied;
	void				*owner;
};

/* Free "json" with the exchange. */
json_t	*web_exchange_keep(struct web_exchange *x, json_t *json);

#endif /* !PERMISO_WEB_ENGINE_H */
