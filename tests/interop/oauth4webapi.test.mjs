// oauth4webapi: each protocol message by itself, judged as strictly as the
// specifications allow; and jose, as the reader of what is signed.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import * as jose from "jose";
import * as oauth from "oauth4webapi";

import { REDIRECT, register } from "../support/app.mjs";
import { fetchFrom } from "../support/fetch.mjs";
import { setUp } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

let server, ada, app, as, options, keys;
let auth;
const client = { client_id: "app", require_auth_time: true };

before(async () => {
	server = await Server.start({ https: true });
	ada = await setUp(server);
	({ app } = await register(server, [{ client_id: "app",
		grant_types: ["authorization_code", "refresh_token"] }]));
	options = { [oauth.customFetch]: fetchFrom(server) };
	auth = oauth.ClientSecretBasic(app.secret);
	keys = jose.createLocalJWKSet((await server.get(
		"/.well-known/jwks.json")).json());
});
after(() => server?.stop());

test("discovery, by both specifications", async () => {
	const issuer = new URL(server.issuer);

	for (const algorithm of ["oidc", "oauth2"])
		as = await oauth.processDiscoveryResponse(issuer,
			await oauth.discoveryRequest(issuer,
			{ ...options, algorithm }));
	assert.equal(as.issuer, server.issuer);
});

// As the library wants it: validated, redeemed, processed.
async function tokensOf(params = {})
{
	const answer = await app.signIn(ada.tab, ada, params);
	const validated = oauth.validateAuthResponse(as, client,
		answer.reply.location, answer.sent.state);
	const reply = await oauth.authorizationCodeGrantRequest(as, client, auth,
		validated, REDIRECT, answer.verifier, options);
	const tokens = await oauth.processAuthorizationCodeResponse(as, client,
		reply, { expectedNonce: answer.sent.nonce,
			requireIdToken: true });

	await oauth.validateApplicationLevelSignature(as, reply, options);
	return tokens;
}

test("code, userinfo, refresh", async () => {
	const tokens = await tokensOf({ scope: "openid profile email" });
	const { sub } = oauth.getValidatedIdTokenClaims(tokens);
	const info = await oauth.processUserInfoResponse(as, client, sub,
		await oauth.userInfoRequest(as, client, tokens.access_token,
		options));
	assert.equal(info.name, "Ada Lovelace");

	const fresh = await oauth.processRefreshTokenResponse(as, client,
		await oauth.refreshTokenGrantRequest(as, client, auth,
		tokens.refresh_token, options));
	assert.equal(oauth.getValidatedIdTokenClaims(fresh).sub, sub);
});

test("a second use of a code is an error that the library knows", async () => {
	const answer = await app.signIn(ada.tab, ada);
	const validated = oauth.validateAuthResponse(as, client,
		answer.reply.location, answer.sent.state);
	const redeem = async () => oauth.processAuthorizationCodeResponse(as,
		client, await oauth.authorizationCodeGrantRequest(as, client,
		auth, validated, REDIRECT, answer.verifier, options),
		{ expectedNonce: answer.sent.nonce, requireIdToken: true });

	await redeem();
	await assert.rejects(redeem(), { error: "invalid_grant" });
});

test("errors in the answer are errors in the library, with iss", async () => {
	const answer = await app.signIn(ada.tab, ada, { scope: "email" });

	assert.throws(() => oauth.validateAuthResponse(as, client,
		answer.reply.location, answer.sent.state),
		{ error: "invalid_scope" });
});

test("a client that fails to prove itself gets a challenge it can read", async () => {
	const answer = await app.signIn(ada.tab, ada);
	const validated = oauth.validateAuthResponse(as, client,
		answer.reply.location, answer.sent.state);
	const reply = await oauth.authorizationCodeGrantRequest(as, client,
		oauth.ClientSecretBasic("wrong"), validated, REDIRECT,
		answer.verifier, options);

	await assert.rejects(oauth.processAuthorizationCodeResponse(as, client,
		reply), (error) => error.status === 401 &&
		error.cause[0].scheme === "basic");
});

test("jose verifies ID tokens with the key set alone", async () => {
	const tokens = await tokensOf();
	const { payload, protectedHeader } = await jose.jwtVerify(
		tokens.id_token, keys, { issuer: server.issuer, audience: "app",
			algorithms: ["RS256"], requiredClaims: ["sub", "exp",
			"iat", "auth_time", "acr", "sid"] });

	assert.equal(payload.acr, "phr");
	assert.ok(protectedHeader.kid);
});
