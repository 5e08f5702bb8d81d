// openid-client, the usual library of Node, in its strictest mode: every ID
// token's signature is verified, issuer, nonce, state, max_age and PKCE are
// checked by the library.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import * as client from "openid-client";

import { REDIRECT, register } from "../support/app.mjs";
import { fetchFrom } from "../support/fetch.mjs";
import { setUp } from "../support/people.mjs";
import { Server, sleep } from "../support/server.mjs";

const OUT = "https://rp.example/out";
const both = ["authorization_code", "refresh_token"];
let server, ada, apps;

before(async () => {
	server = await Server.start({ https: true });
	ada = await setUp(server);
	apps = await register(server, [
		{ client_id: "basic", grant_types: both,
			scope: "openid profile email offline_access",
			post_logout_redirect_uris: [OUT] },
		{ client_id: "post", grant_types: both,
			token_endpoint_auth_method: "client_secret_post" },
		{ client_id: "pub", grant_types: both,
			token_endpoint_auth_method: "none" },
		...["PS256", "ES256", "EdDSA"].map((alg) => ({ client_id: alg,
			id_token_signed_response_alg: alg })),
	]);
});
after(() => server?.stop());

async function configured(app, auth, alg = "RS256")
{
	const config = await client.discovery(new URL(server.issuer),
		app.client_id, { id_token_signed_response_alg: alg,
			require_auth_time: true },
		auth, { [client.customFetch]: fetchFrom(server) });

	client.enableNonRepudiationChecks(config);
	return config;
}

// Through all pages; the tokens as the library gives them.
async function signIn(app, config, params = {}, checks = {})
{
	const verifier = client.randomPKCECodeVerifier();
	const [state, nonce] = [client.randomState(), client.randomNonce()];
	const url = client.buildAuthorizationUrl(config, {
		redirect_uri: REDIRECT, scope: "openid", state, nonce,
		code_challenge: await client.calculatePKCECodeChallenge(verifier),
		code_challenge_method: "S256", ...params });
	const reply = await app.walk(ada.tab, await ada.tab.get(url.href), ada);
	const request = { sent: Object.fromEntries(url.searchParams), verifier };
	const answer = app.read(reply, request);
	const back = reply.location ?? new Request(REDIRECT, { method: "POST",
		body: new URLSearchParams({ code: answer.code,
			state: answer.state, iss: answer.iss }) });

	return client.authorizationCodeGrant(config, back, {
		pkceCodeVerifier: verifier, expectedState: state,
		expectedNonce: nonce, idTokenExpected: true, ...checks });
}

async function whole(app, config, params, checks)
{
	const tokens = await signIn(app, config, params, checks);
	const info = await client.fetchUserInfo(config, tokens.access_token,
		tokens.claims().sub);

	assert.equal(info.sub, tokens.claims().sub);
	return tokens;
}

test("client_secret_basic: code, refresh, userinfo, sign-out", async () => {
	const app = apps.basic;
	const config = await configured(app, client.ClientSecretBasic(app.secret));
	const tokens = await whole(app, config, { scope: "openid profile email" });
	assert.equal(tokens.claims().email, "ada@example.com");
	const fresh = await client.refreshTokenGrant(config,
		tokens.refresh_token, { scope: "openid email" });
	assert.equal(fresh.claims().sub, tokens.claims().sub);
	assert.notEqual(fresh.access_token, tokens.access_token);
	await client.fetchUserInfo(config, fresh.access_token,
		fresh.claims().sub);

	const out = client.buildEndSessionUrl(config, {
		id_token_hint: tokens.id_token, post_logout_redirect_uri: OUT,
		state: "s" });
	const done = await ada.tab.get(out.href);
	assert.equal(done.location.href, `${OUT}?state=s`);
	await assert.rejects(client.fetchUserInfo(config, fresh.access_token,
		fresh.claims().sub), /./);
	await assert.rejects(client.refreshTokenGrant(config,
		tokens.refresh_token), { error: "invalid_grant" });
	await ada.signIn(ada.tab);
});

test("client_secret_post", async () => {
	const app = apps.post;

	await whole(app, await configured(app,
		client.ClientSecretPost(app.secret)));
});

test("a public client, and its changing refresh token", async () => {
	const config = await configured(apps.pub, client.None());
	let tokens = await whole(apps.pub, config);

	for (let i = 0; i < 3; i++) {
		const next = await client.refreshTokenGrant(config,
			tokens.refresh_token);
		assert.notEqual(next.refresh_token, tokens.refresh_token);
		tokens = next;
	}
});

test("every algorithm", async () => {
	for (const alg of ["PS256", "ES256", "EdDSA"]) {
		const app = apps[alg];
		await whole(app, await configured(app,
			client.ClientSecretBasic(app.secret), alg === "EdDSA" ?
			"EdDSA" : alg), alg);
	}
});

test("form_post, max_age, a claim by name", async () => {
	const app = apps.basic;
	const config = await configured(app, client.ClientSecretBasic(app.secret));

	await whole(app, config, { response_mode: "form_post" });
	await server.sql("UPDATE sessions SET auth_time = auth_time - " +
		"interval '2 hours'");
	await whole(app, config, { max_age: "3600" }, { maxAge: 3600 });
	const tokens = await whole(app, config, { claims:
		'{"id_token":{"name":{"essential":true}}}' });
	assert.equal(tokens.claims().name, "Ada Lovelace");
});

test("errors arrive as errors", async () => {
	const app = apps.basic;
	const config = await configured(app, client.ClientSecretBasic(app.secret));

	await assert.rejects(signIn(app, config, { scope: "email" }),
		{ error: "invalid_scope" });
	const wrong = await configured(app, client.ClientSecretBasic("wrong"));
	await assert.rejects(signIn(app, wrong),
		(error) => error.cause[0].scheme === "basic");
	await assert.rejects(client.refreshTokenGrant(config, "junk"),
		{ error: "invalid_grant" });
});
