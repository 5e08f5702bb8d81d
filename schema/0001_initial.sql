-- Permiso's first schema.
-- oldest: 1
--
-- "oldest" names the first schema whose program may still run on this one.
-- Run by `permiso migrate` as the owner, in one transaction.  The roles
-- permiso_web, permiso_signer, permiso_jobs, permiso_retention and
-- permiso_readonly exist when it runs; the owner is a member of
-- permiso_retention.
--
-- Keys are UUIDv7 made by the program; identifiers compare by bytes.

-- One row: what this installation is, and the rules over several rows.
CREATE TABLE installation (
	one		boolean PRIMARY KEY DEFAULT true CHECK (one),
	issuer		text COLLATE "C" NOT NULL,
	rp_id		text COLLATE "C" NOT NULL,
	set_up		boolean NOT NULL DEFAULT false,
	-- HMAC of the code that /setup asks for; made at each start until set up
	setup_digest	bytea,
	-- administrators who are not disabled: never fewer than one
	administrators	integer NOT NULL DEFAULT 0,
	-- whether jobs has a mail server: without one no mail is queued
	mail		boolean NOT NULL DEFAULT false,
	created_at	timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT installation_has_administrator
		CHECK (administrators >= CASE WHEN set_up THEN 1 ELSE 0 END)
);

CREATE TABLE users (
	id		uuid PRIMARY KEY,
	sub		text COLLATE "C" NOT NULL UNIQUE,
	user_handle	bytea NOT NULL UNIQUE CHECK (length(user_handle) = 32),
	username	text COLLATE "C" NOT NULL,
	email		text COLLATE "C",
	email_verified	boolean NOT NULL DEFAULT false,
	given_name	text,
	family_name	text,
	display_name	text NOT NULL,
	locale		text COLLATE "C",
	administrator	boolean NOT NULL DEFAULT false,
	disabled_at	timestamptz,
	-- grants made before are over: when they were last enabled again
	grants_from	timestamptz NOT NULL DEFAULT '-infinity',
	-- passkeys this person has; a sign-in with the last one gone is a link's
	passkeys	integer NOT NULL DEFAULT 0 CHECK (passkeys >= 0),
	-- in a word, for lists
	state		text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
			CASE WHEN disabled_at IS NOT NULL THEN 'disabled'
			WHEN passkeys = 0 THEN 'no_passkey'
			ELSE 'active' END) STORED,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE UNIQUE INDEX users_email ON users (lower(email));
-- Lists of people (store_people.c): a range of one of these for each state
-- and rank, so that a page costs the same wherever it is.
CREATE INDEX users_of_kind ON users (state, administrator, id);
CREATE INDEX users_of_kind_username
	ON users (state, administrator, lower(username), id);
CREATE INDEX users_of_kind_email
	ON users (state, administrator, lower(email), id);
CREATE INDEX users_of_kind_name ON users
	(state, administrator, (lower(display_name) COLLATE "C"), id);
CREATE INDEX users_of_kind_family ON users
	(state, administrator, (lower(family_name) COLLATE "C"), id);

CREATE TABLE passkeys (
	id		uuid PRIMARY KEY,
	user_id		uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	credential_id	bytea NOT NULL UNIQUE
			CHECK (length(credential_id) BETWEEN 16 AND 1023),
	spki		bytea NOT NULL,		-- SubjectPublicKeyInfo, DER
	cose		bytea NOT NULL,		-- as the authenticator sent it
	alg		integer NOT NULL,	-- COSE algorithm
	sign_count	bigint NOT NULL,
	backup_eligible	boolean NOT NULL,
	backup_state	boolean NOT NULL,
	uv_initialized	boolean NOT NULL,
	transports	text[] NOT NULL,
	aaguid		uuid NOT NULL,
	format		text COLLATE "C" NOT NULL,
	attestation	text COLLATE "C" NOT NULL,	-- none, self
	attestation_object bytea NOT NULL,
	client_data	bytea NOT NULL,
	name		text NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT now(),
	created_device	text,
	last_used_at	timestamptz,
	last_used_address inet,
	last_used_device text
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- Challenges whose ceremony succeeded: a replay meets its digest here.
CREATE TABLE challenges (
	digest		bytea PRIMARY KEY,
	expires_at	timestamptz NOT NULL
);
CREATE INDEX challenges_expiry ON challenges (expires_at);

CREATE TABLE sessions (
	id		uuid PRIMARY KEY,
	user_id		uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	cookie_digest	bytea NOT NULL UNIQUE,
	browser_digest	bytea NOT NULL,
	-- the passkey that made it; NULL: a login link did, and it may only
	-- enrol a passkey or sign out.  No foreign key on purpose: a session
	-- whose passkey is gone is dead by the join.
	passkey_id	uuid,
	auth_time	timestamptz NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT now(),
	last_active_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz NOT NULL,
	ended_at	timestamptz,
	end_reason	text COLLATE "C",
	address		inet,
	device		text,
	CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
-- one live session a browser
CREATE UNIQUE INDEX sessions_browser ON sessions (browser_digest)
	WHERE ended_at IS NULL;
CREATE INDEX sessions_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_passkey ON sessions (passkey_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Browsers a person has signed in with: another one is worth a mail.
CREATE TABLE browsers (
	user_id		uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	digest		bytea NOT NULL,		-- sessions.browser_digest
	-- at least once a month
	seen_at		timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, digest)
);
CREATE INDEX browsers_seen ON browsers (seen_at);

-- One-time login links; a new one for a person takes the place of the old.
CREATE TABLE login_links (
	user_id		uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
	id		uuid NOT NULL UNIQUE,
	digest		bytea NOT NULL UNIQUE,
	created_by	uuid REFERENCES users ON DELETE SET NULL, -- NULL: command line
	created_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz NOT NULL,
	used_at		timestamptz,
	-- taken back: neither the link nor what it made counts any more
	ended_at	timestamptz
);

CREATE TABLE clients (
	id		uuid PRIMARY KEY,
	client_id	text COLLATE "C" NOT NULL UNIQUE,
	-- raised by every change; workers compare it with what they cached
	version		bigint NOT NULL DEFAULT 1,
	name		text NOT NULL,
	application_type text COLLATE "C" NOT NULL
			CHECK (application_type IN ('web', 'native')),
	auth_method	text COLLATE "C" NOT NULL CHECK (auth_method IN
			('client_secret_basic', 'client_secret_post', 'none')),
	require_pkce	boolean NOT NULL DEFAULT true,
	grant_types	text[] NOT NULL,
	scopes		text[] NOT NULL,
	redirect_uris	text[] NOT NULL,
	post_logout_redirect_uris text[] NOT NULL DEFAULT '{}',
	id_token_alg	text COLLATE "C" NOT NULL DEFAULT 'RS256' CHECK
			(id_token_alg IN ('RS256', 'PS256', 'ES256', 'EdDSA')),
	id_token_claims	text COLLATE "C" NOT NULL DEFAULT 'all'
			CHECK (id_token_claims IN ('all', 'core')),
	token_seconds	integer NOT NULL DEFAULT 3600
			CHECK (token_seconds BETWEEN 60 AND 86400),
	refresh_idle_days integer NOT NULL DEFAULT 30
			CHECK (refresh_idle_days BETWEEN 1 AND 365),
	refresh_days	integer NOT NULL DEFAULT 90
			CHECK (refresh_days BETWEEN 1 AND 730),
	skip_consent	boolean NOT NULL DEFAULT false,
	client_uri	text,
	logo_uri	text,
	policy_uri	text,
	tos_uri		text,
	disabled_at	timestamptz,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now()
);

-- Up to two secrets a client, for a change without an outage.
CREATE TABLE client_secrets (
	id		uuid PRIMARY KEY,
	client_id	uuid NOT NULL REFERENCES clients ON DELETE CASCADE,
	key_id		integer NOT NULL,	-- of the pepper
	digest		bytea NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz
);
CREATE INDEX client_secrets_client ON client_secrets (client_id);

CREATE TABLE consents (
	user_id		uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	client_id	uuid NOT NULL REFERENCES clients ON DELETE CASCADE,
	scopes		text[] NOT NULL,
	claims		text[] NOT NULL DEFAULT '{}',
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, client_id)
);

-- What a redeemed code became.  Its key is the code's id: that the insert can
-- happen once is what makes a code single use.
CREATE TABLE grants (
	id		uuid NOT NULL,
	client_id	uuid NOT NULL,
	user_id		uuid NOT NULL,
	session_id	uuid NOT NULL,
	scope		text COLLATE "C" NOT NULL,
	claims		text COLLATE "C" NOT NULL DEFAULT '',
	offline		boolean NOT NULL,
	nonce		text COLLATE "C" NOT NULL DEFAULT '',
	auth_time	timestamptz NOT NULL,
	acr		text COLLATE "C" NOT NULL DEFAULT '',
	amr		text[] NOT NULL DEFAULT '{}',
	generation	integer NOT NULL DEFAULT 0,
	rotated_at	timestamptz,
	idle_until	date,
	created_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz NOT NULL,	-- absolute end
	ended_at	timestamptz,
	end_reason	text COLLATE "C",
	-- the store's key of the statement that made it: our own repeated
	-- insert is recognised by it
	statement_key	bytea NOT NULL,
	PRIMARY KEY (id)
) PARTITION BY RANGE (id);
-- No index but the key: ended sessions, users and clients are joined, not
-- pushed down.  fillfactor leaves room for HOT updates of generation, ended.

CREATE TABLE audit (
	id		uuid NOT NULL,
	at		timestamptz NOT NULL DEFAULT now(),
	event		text COLLATE "C" NOT NULL,
	result		text COLLATE "C" NOT NULL DEFAULT 'ok',
	actor_id	uuid,		-- NULL: command line or the system
	user_id		uuid,
	client_id	uuid,
	session_id	uuid,
	address		inet,
	device		text,
	request_id	text COLLATE "C",
	detail		jsonb,
	-- Transaction ids start again in another cluster: a restored database
	-- goes on in a new series (its default is raised by migrate).
	series		integer NOT NULL DEFAULT 1,
	xid		xid8 NOT NULL DEFAULT pg_current_xact_id(),
	PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX audit_xid ON audit (series, xid);
CREATE INDEX audit_user ON audit (user_id, id);

-- One seal over the audit rows of from_xid <= xid < to_xid.  "hash" covers
-- "previous", the hash of the seal before it.
CREATE TABLE audit_seal (
	series		integer NOT NULL,
	from_xid	xid8 NOT NULL,
	to_xid		xid8 NOT NULL,
	count		bigint NOT NULL,
	hash		bytea NOT NULL,
	previous	bytea NOT NULL,
	sealed_at	timestamptz NOT NULL DEFAULT now(),
	-- its rows were past their day and are gone
	pruned_at	timestamptz,
	PRIMARY KEY (series, from_xid),
	CHECK (from_xid < to_xid)
);

-- What jobs is to tell the world: mails.  A row is written by the statement
-- whose change asks for it (store_outbox.h) and done by the node that takes it
-- first.  It never holds a secret: the code of a login link is made while its
-- mail is sent (docs/decisions/mail.md).
CREATE TABLE outbox (
	id		uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	kind		text COLLATE "C" NOT NULL CHECK (kind IN
			('login_link', 'login_link_used', 'new_device',
			'passkey_added', 'passkey_removed', 'test')),
	-- whose address it goes to, as it is then; or an address of nobody's
	user_id		uuid REFERENCES users ON DELETE CASCADE,
	recipient	text CHECK (octet_length(recipient) <= 254),
	link_id		uuid,		-- of login_links
	-- for the template
	detail		jsonb NOT NULL DEFAULT '{}'
			CHECK (octet_length(detail::text) <= 4096),
	created_at	timestamptz NOT NULL DEFAULT now(),
	due_at		timestamptz NOT NULL DEFAULT now(),
	tries		integer NOT NULL DEFAULT 0,
	claim		uuid,		-- names the try that is under way
	last_error	text,
	done_at		timestamptz,
	outcome		text COLLATE "C" CHECK (outcome IN
			('sent', 'gone', 'failed')),
	CHECK ((user_id IS NULL) <> (recipient IS NULL)),
	CHECK ((done_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE done_at IS NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX outbox_user ON outbox (user_id);

-- Symmetric keys, wrapped (base_keyring.h).
CREATE TABLE keyring (
	id		integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	purpose		text COLLATE "C" NOT NULL,
	-- counts up; two writers at once meet here and one of them loses
	generation	integer NOT NULL,
	wrapped		bytea NOT NULL,
	active_from	timestamptz NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT now(),
	UNIQUE (purpose, generation)
);

-- Signing keys.  "sealed" is for the signer's eyes only; "jwk" is public.
CREATE TABLE signing_keys (
	kid		text COLLATE "C" PRIMARY KEY,
	alg		text COLLATE "C" NOT NULL,
	-- counts up; two writers at once meet here and one of them loses
	generation	integer NOT NULL,
	jwk		jsonb NOT NULL,
	sealed		bytea NOT NULL,		-- empty: burned, signs no more
	created_at	timestamptz NOT NULL DEFAULT now(),
	active_from	timestamptz NOT NULL,
	-- set when the next one takes over; its tokens are dead after "gone_at"
	retired_at	timestamptz,
	gone_at		timestamptz,
	UNIQUE (alg, generation)
);

-- ------------------------------------------------------------- partitions
-- By month of the UUIDv7 key.  Made and removed on a connection of the
-- retention role, which owns both tables.

CREATE FUNCTION partition_bound(month timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT rpad(lpad(to_hex((extract(epoch FROM month) * 1000)::bigint),
	    12, '0'), 32, '0')::uuid
$$;

-- The previous month, this one and three ahead; how many were made.  A table
-- is made apart and then attached, which locks out nobody.
CREATE FUNCTION partitions_make() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
	this	timestamptz := date_trunc('month', now(), 'UTC');
	month	timestamptz;
	parent	text;
	child	text;
	made	integer := 0;
BEGIN
	FOREACH parent IN ARRAY ARRAY['grants', 'audit'] LOOP
	FOR n IN -1..3 LOOP
		month := (this AT TIME ZONE 'UTC' + make_interval(months => n))
		    AT TIME ZONE 'UTC';
		child := parent || to_char(month AT TIME ZONE 'UTC',
		    '_YYYY_MM');
		CONTINUE WHEN to_regclass(child) IS NOT NULL;
		EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)',
		    child, parent);
		IF parent = 'grants' THEN
			EXECUTE format('ALTER TABLE %I SET (fillfactor = 80)',
			    child);
		END IF;
		EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I'
		    ' FOR VALUES FROM (%L) TO (%L)', parent, child,
		    partition_bound(month),
		    partition_bound((month AT TIME ZONE 'UTC'
			+ interval '1 month') AT TIME ZONE 'UTC'));
		made := made + 1;
	END LOOP;
	END LOOP;
	RETURN made;
END
$$;

-- What is to be run, each outside a transaction, to remove partitions that are
-- of no use any more: the next step of each.  A grants partition goes a day
-- after its last grant's absolute end, an audit partition when it is empty;
-- both only once their month is over.
CREATE FUNCTION partitions_remove() RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	child	record;
	used	boolean;
BEGIN
	FOR child IN
		SELECT c.oid::regclass AS name, i.inhparent::regclass AS parent,
		    coalesce(i.inhdetachpending, false) AS pending,
		    c.relname LIKE 'grants%' AS grants
		FROM pg_class c
		LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
		WHERE c.relnamespace = current_schema()::regnamespace
		AND c.relkind = 'r'
		AND c.relname ~ '^(grants|audit)_[0-9]{4}_[0-9]{2}$'
		AND to_date(right(c.relname, 7), 'YYYY_MM') <
		    date_trunc('month', now(), 'UTC') - interval '1 month'
		ORDER BY c.relname
	LOOP
		IF child.parent IS NULL THEN
			RETURN NEXT format('DROP TABLE %s', child.name);
			CONTINUE;
		END IF;
		IF child.pending THEN
			RETURN NEXT format('ALTER TABLE %s DETACH PARTITION %s'
			    ' FINALIZE', child.parent, child.name);
			CONTINUE;
		END IF;
		IF child.grants THEN
			EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE'
			    ' expires_at > now() - interval ''1 day'')',
			    child.name) INTO used;
		ELSE
			EXECUTE format('SELECT EXISTS (SELECT FROM %s)',
			    child.name) INTO used;
		END IF;
		IF NOT used THEN
			RETURN NEXT format('ALTER TABLE %s DETACH PARTITION %s'
			    ' CONCURRENTLY', child.parent, child.name);
		END IF;
	END LOOP;
END
$$;

-- ------------------------------------------------------------------ rights
-- Each role may do its own work and nothing else.

GRANT USAGE ON SCHEMA public TO permiso_web, permiso_signer, permiso_jobs,
	permiso_retention, permiso_readonly;
GRANT CREATE ON SCHEMA public TO permiso_retention;
ALTER TABLE grants OWNER TO permiso_retention;
ALTER TABLE audit OWNER TO permiso_retention;

GRANT SELECT ON schema_migrations TO permiso_web, permiso_signer,
	permiso_jobs, permiso_retention, permiso_readonly;

-- web: pages and protocol.  It cannot change what was written to the audit,
-- nor say what this installation is, nor read a signing key.
GRANT SELECT ON installation, users, passkeys, challenges, sessions, browsers,
	login_links, clients, client_secrets, consents, grants, audit, outbox,
	keyring TO permiso_web;
GRANT UPDATE (set_up, setup_digest, administrators) ON installation
	TO permiso_web;
GRANT INSERT, UPDATE, DELETE ON users, passkeys, sessions, login_links,
	consents TO permiso_web;
GRANT INSERT, UPDATE ON grants TO permiso_web;
GRANT INSERT ON challenges, browsers, audit TO permiso_web;
GRANT UPDATE (seen_at) ON browsers TO permiso_web;
-- It can ask for a mail and see what became of it, not change one.
GRANT INSERT (kind, user_id, recipient, link_id, detail) ON outbox
	TO permiso_web;
GRANT SELECT (kid, alg, generation, jwk, created_at, active_from, retired_at,
	gone_at)
	ON signing_keys TO permiso_web;

-- signer: signing keys, and the ring it unwraps them with.
GRANT SELECT ON installation, keyring TO permiso_signer;
GRANT SELECT, INSERT, UPDATE, DELETE ON signing_keys TO permiso_signer;
GRANT INSERT ON audit TO permiso_signer;

-- jobs: clean-up, seals and mail.  Of people it sees what a mail is written
-- with; a link that it mails gets its code from it.
GRANT SELECT ON installation, challenges, sessions, browsers, login_links,
	audit, audit_seal, keyring, outbox TO permiso_jobs;
GRANT SELECT (refresh_days) ON clients TO permiso_jobs;
GRANT SELECT (id, username, email, display_name, locale, disabled_at)
	ON users TO permiso_jobs;
GRANT UPDATE (mail) ON installation TO permiso_jobs;
GRANT UPDATE (digest) ON login_links TO permiso_jobs;
GRANT UPDATE (due_at, tries, claim, last_error, done_at, outcome) ON outbox
	TO permiso_jobs;
GRANT DELETE ON challenges, sessions, browsers, login_links, outbox
	TO permiso_jobs;
GRANT INSERT ON audit, audit_seal TO permiso_jobs;

-- retention: prunes what it owns, and says so.
GRANT SELECT, UPDATE (pruned_at) ON audit_seal TO permiso_retention;

-- readonly: reports; nothing that signs in, proves or decrypts.
GRANT SELECT ON users, passkeys, clients, consents, audit, audit_seal, outbox
	TO permiso_readonly;
GRANT SELECT (one, issuer, rp_id, set_up, administrators, mail, created_at)
	ON installation TO permiso_readonly;
GRANT SELECT (id, user_id, passkey_id, auth_time, created_at, last_active_at,
	expires_at, ended_at, end_reason, address, device)
	ON sessions TO permiso_readonly;
GRANT SELECT (user_id, id, created_by, created_at, expires_at, used_at,
	ended_at)
	ON login_links TO permiso_readonly;
GRANT SELECT (id, client_id, key_id, created_at, expires_at)
	ON client_secrets TO permiso_readonly;
GRANT SELECT (id, client_id, user_id, session_id, scope, claims, offline,
	auth_time, acr, amr, generation, rotated_at, idle_until, created_at,
	expires_at, ended_at, end_reason) ON grants TO permiso_readonly;
GRANT SELECT (kid, alg, generation, jwk, created_at, active_from, retired_at,
	gone_at)
	ON signing_keys TO permiso_readonly;
GRANT SELECT (id, purpose, active_from, created_at) ON keyring
	TO permiso_readonly;
