-- Permiso's first schema (DESIGN 6).
--
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
	-- passkeys this person has; a sign-in with the last one gone is a link's
	passkeys	integer NOT NULL DEFAULT 0 CHECK (passkeys >= 0),
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE UNIQUE INDEX users_email ON users (lower(email));

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
	last_used_at	timestamptz
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
	-- whose passkey is gone is dead by the join (DESIGN rule 5).
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

-- One-time login links; a new one for a person takes the place of the old.
CREATE TABLE login_links (
	user_id		uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
	id		uuid NOT NULL UNIQUE,
	digest		bytea NOT NULL UNIQUE,
	created_by	uuid REFERENCES users ON DELETE SET NULL, -- NULL: command line
	created_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz NOT NULL,
	used_at		timestamptz
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
	xid		xid8 NOT NULL DEFAULT pg_current_xact_id(),
	PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX audit_xid ON audit (xid);

CREATE TABLE audit_seal (
	series		integer NOT NULL,
	from_xid	xid8 NOT NULL,
	to_xid		xid8 NOT NULL,
	count		bigint NOT NULL,
	hash		bytea NOT NULL,
	previous	bytea NOT NULL,
	sealed_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (series, from_xid)
);

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
