// What discovery and the key set say, and that it is true: rows D and J of the
// OpenID conformance suite (an https issuer, as the suite asks for).

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import { header, register } from "../support/app.mjs";
import { setUp } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

let server, ada, app, meta, reply;

before(async () => {
	server = await Server.start({ https: true });
	ada = await setUp(server);
	({ app } = await register(server, [{ client_id: "app",
		grant_types: ["authorization_code", "refresh_token"],
		scope: "openid profile email offline_access" }]));
	reply = await server.get("/.well-known/openid-configuration");
	meta = reply.json();
});
after(() => server?.stop());

const endpoints = () => Object.entries(meta)
	.filter(([name]) => name.endsWith("_endpoint") || name === "jwks_uri");

test("D1 discovery answers 200 with JSON and no redirect", async () => {
	assert.equal(reply.status, 200);
	assert.equal(reply.headers["content-type"], "application/json");
	assert.equal(reply.location, undefined);
});

test("D2 issuer is the address it was fetched from, and iss of ID tokens", async () => {
	const tokens = await app.redeem(await app.signIn(ada.tab, ada));

	assert.equal(meta.issuer, server.issuer);
	assert.equal((await app.verified(tokens.id_token)).iss, meta.issuer);
	// whatever Host and forwarding headers say (security G5, AZ22)
	const other = await server.get("/.well-known/openid-configuration",
		{ headers: { Host: "evil.example",
			"X-Forwarded-Host": "evil.example" } });
	assert.deepEqual(other.json(), meta);
	const rfc8414 = await server.get(
		"/.well-known/oauth-authorization-server");
	assert.deepEqual(rfc8414.json(), meta);
});

test("D3 issuer is https with a host and nothing behind it", () => {
	const url = new URL(meta.issuer);

	assert.equal(url.protocol, "https:");
	assert.equal(url.origin, meta.issuer);
});

test("D4 every endpoint is an https URL", () => {
	for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri"])
		assert.ok(meta[name], name);
	for (const [name, url] of endpoints())
		assert.ok(url.startsWith(`${meta.issuer}/`), name);
});

test("D5 userinfo_endpoint is there", async () => {
	const path = new URL(meta.userinfo_endpoint).pathname;

	assert.equal((await server.get(path)).status, 401);
});

test("D6 response_types_supported is code, and only code works", async () => {
	assert.deepEqual(meta.response_types_supported, ["code"]);
	for (const response_type of ["token", "id_token", "code id_token"]) {
		const answer = await app.signIn(ada.tab, ada, { response_type });
		assert.equal(answer.error, "unsupported_response_type");
	}
});

test("D7 subject types", () => {
	assert.deepEqual(meta.subject_types_supported, ["public"]);
});

test("D8 RS256 is among the algorithms, and each of them works", async () => {
	const algs = meta.id_token_signing_alg_values_supported;

	assert.ok(algs.includes("RS256"));
	assert.ok(!algs.includes("none"));
	const apps = await register(server, algs.map((alg) => ({
		client_id: `alg-${alg}`, id_token_signed_response_alg: alg })));
	for (const alg of algs) {
		const one = apps[`alg-${alg}`];
		const tokens = await one.redeem(
			await one.signIn(ada.tab, ada));
		assert.equal(header(tokens.id_token).alg, alg);
		await one.verified(tokens.id_token);
	}
});

test("D9 scopes_supported are those that give something; address and phone are not there yet", async () => {
	assert.deepEqual([...meta.scopes_supported].sort(),
		["email", "offline_access", "openid", "profile"]);
	for (const scope of meta.scopes_supported) {
		const answer = await app.signIn(ada.tab, ada,
			{ scope: [...new Set(["openid", scope])].join(" ") });
		const tokens = await app.redeem(answer);
		assert.ok(tokens.scope.split(" ").includes(scope), scope);
	}
	for (const claim of ["address", "phone_number"])
		assert.ok(!meta.claims_supported.includes(claim));
});

test("D10 claims_supported is a list", () => {
	for (const claim of ["sub", "iss", "email", "name", "acr"])
		assert.ok(meta.claims_supported.includes(claim), claim);
});

test("D11 client authentication: what is listed; T2 private_key_jwt is not yet", () => {
	assert.deepEqual([...meta.token_endpoint_auth_methods_supported].sort(),
		["client_secret_basic", "client_secret_post", "none"]);
	assert.equal(meta.token_endpoint_auth_signing_alg_values_supported,
		undefined);
});

test("D12 grant types", () => {
	assert.deepEqual([...meta.grant_types_supported].sort(),
		["authorization_code", "refresh_token"]);
});

test("D13 members have their types, and none is unknown", () => {
	const lists = /_supported$/;
	const known = new Set(["issuer", "jwks_uri",
		"authorization_endpoint", "token_endpoint", "userinfo_endpoint",
		"end_session_endpoint", "scopes_supported",
		"response_types_supported", "response_modes_supported",
		"grant_types_supported", "acr_values_supported",
		"subject_types_supported",
		"id_token_signing_alg_values_supported",
		"token_endpoint_auth_methods_supported",
		"display_values_supported", "claim_types_supported",
		"claims_supported", "claims_parameter_supported",
		"request_parameter_supported",
		"request_uri_parameter_supported",
		"code_challenge_methods_supported",
		"authorization_response_iss_parameter_supported",
		"prompt_values_supported", "ui_locales_supported"]);

	for (const [name, value] of Object.entries(meta)) {
		assert.ok(known.has(name), name);
		if (/parameter_supported$/.test(name))
			assert.equal(typeof value, "boolean", name);
		else if (lists.test(name))
			assert.ok(Array.isArray(value) && value.length > 0 &&
				value.every((v) => typeof v === "string"), name);
		else
			assert.equal(typeof value, "string", name);
	}
});

test("D14 request objects are not offered at all", () => {
	assert.equal(meta.request_object_signing_alg_values_supported, undefined);
});

test("D15 what is said of request, request_uri and claims is the truth", async () => {
	assert.equal(meta.request_parameter_supported, false);
	assert.equal(meta.request_uri_parameter_supported, false);
	assert.equal(meta.claims_parameter_supported, true);
	const by = await app.signIn(ada.tab, ada, { request: "e30.e30." });
	assert.equal(by.error, "request_not_supported");
	const uri = await app.signIn(ada.tab, ada,
		{ request_uri: "https://rp.example/r" });
	assert.equal(uri.error, "request_uri_not_supported");
});

test("D16 acr values are those that are returned", async () => {
	const tokens = await app.redeem(await app.signIn(ada.tab, ada,
		{ acr_values: meta.acr_values_supported.join(" ") }));

	assert.ok(meta.acr_values_supported.includes(
		(await app.verified(tokens.id_token)).acr));
});

test("D17 locales, where they are listed, are BCP 47 in canonical case", () => {
	for (const tag of [...meta.ui_locales_supported ?? [],
		...meta.claims_locales_supported ?? []])
		assert.deepEqual(Intl.getCanonicalLocales(tag), [tag]);
});

test("D18 S256 is the one challenge method", () => {
	assert.deepEqual(meta.code_challenge_methods_supported, ["S256"]);
});

test("D19 end_session_endpoint; back- and front-channel logout are not advertised yet", () => {
	assert.ok(meta.end_session_endpoint.startsWith("https://"));
	for (const name of ["backchannel_logout_supported",
		"backchannel_logout_session_supported",
		"frontchannel_logout_supported",
		"frontchannel_logout_session_supported",
		"check_session_iframe"])
		assert.equal(meta[name], undefined, name);
});

test("discovery and keys may be read by any site and are cached, with an ETag", async () => {
	for (const path of ["/.well-known/openid-configuration",
		"/.well-known/jwks.json"]) {
		const first = await server.get(path);

		assert.equal(first.headers["access-control-allow-origin"], "*");
		assert.match(first.headers["cache-control"], /max-age=\d+/);
		const again = await server.get(path, { headers:
			{ "If-None-Match": first.headers.etag } });
		assert.equal(again.status, 304);
		assert.equal(again.text, "");
		const other = await server.get(path, { headers:
			{ "If-None-Match": '"x"' } });
		assert.equal(other.status, 200);
		const options = await server.request("OPTIONS", path);
		assert.equal(options.status, 204);
		assert.equal(options.headers["access-control-allow-origin"],
			"*");
		const post = await server.post(path, { form: {} });
		assert.equal(post.status, 405);
	}
	for (const path of ["/oauth/authorize", "/oauth/token",
		"/oauth/userinfo"]) {
		const options = await server.request("OPTIONS", path,
			{ headers: { Origin: "https://rp.example" } });
		assert.equal(options.headers["access-control-allow-origin"],
			undefined, path);
	}
});

const keys = async () =>
	(await server.get("/.well-known/jwks.json")).json().keys;

test("J1 only public keys, none symmetric", async () => {
	const got = await server.get("/.well-known/jwks.json");

	assert.equal(got.status, 200);
	assert.match(got.headers["content-type"], /^application\/(jwk-set\+)?json/);
	assert.ok((await keys()).length > 0);
	for (const key of await keys()) {
		assert.notEqual(key.kty, "oct");
		for (const member of ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
			assert.equal(key[member], undefined, member);
	}
});

test("J2 every key has a kid, no kid twice", async () => {
	const kids = (await keys()).map((key) => key.kid);

	assert.ok(kids.every((kid) => typeof kid === "string" && kid !== ""));
	assert.equal(new Set(kids).size, kids.length);
});

test("J3 members complete, unpadded base64url, of known kinds", async () => {
	const members = { RSA: ["n", "e"], EC: ["x", "y"], OKP: ["x"] };
	const curves = { EC: ["P-256"], OKP: ["Ed25519"] };

	for (const key of await keys()) {
		assert.ok(members[key.kty], key.kty);
		for (const name of members[key.kty])
			assert.match(key[name], /^[A-Za-z0-9_-]+$/);
		if (curves[key.kty])
			assert.ok(curves[key.kty].includes(key.crv));
		assert.ok(["RS256", "PS256", "ES256", "EdDSA"].includes(key.alg));
		assert.equal(key.use, "sig");
	}
});

test("J4 the key that a token names fits it", async () => {
	const tokens = await app.redeem(await app.signIn(ada.tab, ada));
	const { kid, alg } = header(tokens.id_token);
	const key = (await keys()).find((one) => one.kid === kid);

	assert.equal(key.alg, alg);
	assert.equal(key.kty, "RSA");
	await app.verified(tokens.id_token);
});

test("J5 after rotation there is a new key, and the old one stays", async () => {
	const before = (await keys()).map((key) => key.kid);
	const old = await app.redeem(await app.signIn(ada.tab, ada));
	const done = await server.cli(["keys", "rotate", "--alg", "RS256"]);
	assert.equal(done.code, 0, done.stderr);
	let now;

	for (let i = 0; i < 1200; i++) {
		now = (await keys()).map((key) => key.kid);
		if (now.some((kid) => !before.includes(kid)))
			break;
		await new Promise((go) => setTimeout(go, 100));
	}
	assert.ok(now.some((kid) => !before.includes(kid)), "no new key");
	assert.ok(before.every((kid) => now.includes(kid)), "an old one is gone");
	await app.verified(old.id_token);
});
