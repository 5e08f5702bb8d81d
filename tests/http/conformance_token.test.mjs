// Tokens and what they give: rows T, I and U of the OpenID conformance suite,
// with an https issuer.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import { claims, header, random, register } from "../support/app.mjs";
import { addPerson, setUp } from "../support/people.mjs";
import { Server, sleep } from "../support/server.mjs";

let server, ada, basic, post, pub, core, other, short;

const both = ["authorization_code", "refresh_token"];

before(async () => {
	server = await Server.start({ https: true });
	ada = await setUp(server);
	({ basic, post, pub, core, other, short } = await register(server, [
		{ client_id: "basic", grant_types: both,
			scope: "openid profile email offline_access" },
		{ client_id: "post", grant_types: both,
			token_endpoint_auth_method: "client_secret_post" },
		{ client_id: "pub", grant_types: both,
			token_endpoint_auth_method: "none" },
		{ client_id: "core", id_token_claims: "core" },
		{ client_id: "other", grant_types: both },
		{ client_id: "short", token_seconds: 60 },
	]));
});
after(() => server?.stop());

const tokensOf = async (app, params) =>
	app.redeem(await app.signIn(ada.tab, ada, params));

// An error of the token endpoint, as RFC 6749 section 5.2 words it.
function refused(reply, status, error)
{
	assert.equal(reply.status, status, reply.text);
	assert.match(reply.headers["content-type"], /^application\/json/);
	assert.equal(reply.headers["cache-control"], "no-store");
	assert.equal(reply.json().error, error);
	assert.match(reply.json().error_description,
		/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
	assert.deepEqual(Object.keys(reply.json()).sort(),
		["error", "error_description"]);
}

test("T1 client_secret_basic, form-encoded, and client_secret_post", async () => {
	const { odd } = await register(server, [{ client_id: "odd~id",
		client_secret: `%+: &=/${random(32)}ü` }].map((one) =>
		({ ...one, client_id: "odd" })));

	await tokensOf(basic);
	await tokensOf(post);
	await tokensOf(odd);
});

test("T1 the registered method only, one at a time (security TK1)", async () => {
	const answer = await basic.signIn(ada.tab, ada);
	const wrong = await basic.tryToRedeem(answer, {},
		{ method: "client_secret_post" });
	refused(wrong, 401, "invalid_client");
	const none = await basic.tryToRedeem(answer, {}, { method: "none" });
	refused(none, 401, "invalid_client");
	const two = await basic.tryToRedeem(answer,
		{ client_id: "basic", client_secret: basic.secret });
	refused(two, 400, "invalid_request");
	const assertion = await basic.tryToRedeem(answer, {
		client_assertion: "e30.e30.",
		client_assertion_type:
		"urn:ietf:params:oauth:client-assertion-type:jwt-bearer" });
	refused(assertion, 400, "invalid_request");
	// nothing of that has spent the code
	await basic.redeem(answer);

	const posted = await post.signIn(ada.tab, ada);
	refused(await post.tryToRedeem(posted, {},
		{ method: "client_secret_basic" }), 401, "invalid_client");
	const open = await pub.signIn(ada.tab, ada);
	pub.secret = random(32);
	refused(await pub.tryToRedeem(open, {},
		{ method: "client_secret_post" }), 401, "invalid_client");
	await post.redeem(posted);
	await pub.redeem(open);
});

test("T4 a good answer", async () => {
	const reply = await basic.tryToRedeem(
		await basic.signIn(ada.tab, ada));
	const tokens = reply.json();

	assert.equal(reply.status, 200);
	assert.match(reply.headers["content-type"], /^application\/json/);
	assert.equal(tokens.token_type, "Bearer");
	assert.ok(Number.isInteger(tokens.expires_in));
	assert.ok(tokens.expires_in >= 1 && tokens.expires_in <= 31536000);
	assert.ok(tokens.access_token && tokens.id_token);
	assert.equal((await tokensOf(short)).expires_in, 60);
	assert.equal((await tokensOf(short)).refresh_token, undefined);
});

test("T5 answers with tokens are not stored, and tokens are in no header", async () => {
	const reply = await basic.tryToRedeem(
		await basic.signIn(ada.tab, ada));
	const { access_token, id_token } = reply.json();

	assert.match(reply.headers["cache-control"], /no-store/);
	const headers = JSON.stringify(reply.raw);
	assert.ok(!headers.includes(access_token));
	assert.ok(!headers.includes(id_token));
	assert.ok(!server.log().includes(access_token));
	assert.ok(!server.log().includes(id_token));
});

test("T6 a code used twice: invalid_grant, and what came of it ends", async () => {
	const answer = await basic.signIn(ada.tab, ada);
	const tokens = await basic.redeem(answer);

	assert.equal((await basic.userinfo(tokens.access_token)).status, 200);
	refused(await basic.tryToRedeem(answer), 400, "invalid_grant");
	assert.equal((await basic.userinfo(tokens.access_token)).status, 401);
	refused(await basic.refresh(tokens.refresh_token), 400,
		"invalid_grant");
	assert.ok(!server.log().includes(answer.code));
});

test("T6 each condition of a code fails by itself (R8.1)", async () => {
	const answer = await basic.signIn(ada.tab, ada);
	const cases = [
		[{ redirect_uri: "https://rp.example/cb/" }, "invalid_grant"],
		[{ redirect_uri: undefined }, "invalid_request"],
		[{ code_verifier: undefined }, "invalid_grant"],
		[{ code_verifier: "" }, "invalid_grant"],
		[{ code_verifier: random(32) }, "invalid_grant"],
		[{ code_verifier: answer.verifier.slice(0, 42) },
			"invalid_grant"],
		[{ code_verifier: "x".repeat(129) }, "invalid_grant"],
		[{ code_verifier: answer.sent.code_challenge },
			"invalid_grant"],
		[{ code: undefined }, "invalid_request"],
		[{ code: "" }, "invalid_request"],
		[{ code: `${answer.code.slice(0, -2)}AA` }, "invalid_grant"],
		[{ code: "x".repeat(2049) }, "invalid_request"],
		[{ grant_type: undefined }, "invalid_request"],
		[{ grant_type: "password" }, "unsupported_grant_type"],
		[{ grant_type: "implicit" }, "unsupported_grant_type"],
		[{ grant_type: "client_credentials" },
			"unsupported_grant_type"],
	];

	for (const [change, error] of cases)
		refused(await basic.tryToRedeem(answer, change), 400, error);
	// another client, however well it authenticates (R8.2)
	refused(await other.tryToRedeem(answer), 400, "invalid_grant");
	refused(await pub.tryToRedeem(answer), 400, "invalid_grant");
	await basic.redeem(answer);

	// a verifier for a code without challenge is a downgrade (R12.2)
	const { lax } = await register(server, [{ client_id: "lax",
		require_pkce: false }]);
	const plain = await lax.signIn(ada.tab, ada, {
		code_challenge: undefined, code_challenge_method: undefined });
	refused(await lax.tryToRedeem(plain, { code_verifier: random(32) }),
		400, "invalid_grant");
	await lax.redeem(plain);
});

test("T6 every artefact is only what it is (security G10)", async () => {
	const answer = await basic.signIn(ada.tab, ada);
	const spent = await basic.signIn(ada.tab, ada);
	const tokens = await basic.redeem(spent);
	const i = new URL((await basic.ask(server.browser(),
		basic.request())).location).searchParams.get("i");

	for (const wrong of [tokens.access_token, tokens.refresh_token,
		tokens.id_token, i])
		refused(await basic.tryToRedeem(answer, { code: wrong }), 400,
			wrong.length > 2048 ? "invalid_request" :
			"invalid_grant");
	for (const wrong of [tokens.access_token, tokens.id_token,
		answer.code, i])
		refused(await basic.refresh(wrong), 400, "invalid_grant");
	for (const wrong of [tokens.refresh_token, tokens.id_token,
		answer.code, i, "", "x"])
		assert.equal((await basic.userinfo(wrong)).status, 401);
	const page = await ada.tab.get(`/oauth/authorize?i=${answer.code}`);
	assert.equal(page.status, 400);
	assert.equal(page.location, undefined);
	await basic.redeem(answer);
});

test("T7 refresh: scope may be repeated or narrowed, access token is new; T11 characters", async () => {
	const first = await tokensOf(basic, { scope: "openid email" });
	const again = await basic.refresh(first.refresh_token,
		{ scope: "openid email" });
	assert.equal(again.status, 200, again.text);
	const second = again.json();

	assert.notEqual(second.access_token, first.access_token);
	assert.equal(second.token_type, "Bearer");
	assert.equal(second.scope, "openid email");
	assert.match(again.headers["cache-control"], /no-store/);
	for (const token of [first.access_token, second.access_token,
		second.refresh_token]) {
		assert.match(token, /^[\x20-\x7e]+$/);
		assert.ok(token.length >= 43);
	}
	const narrow = (await basic.refresh(second.refresh_token,
		{ scope: "openid" })).json();
	assert.equal(narrow.scope, "openid");
	const info = await basic.userinfo(narrow.access_token);
	assert.equal(info.json().email, undefined);
	// what was granted is not less for it
	assert.equal((await basic.refresh(narrow.refresh_token)).json().scope,
		"openid email");
	refused(await basic.refresh(second.refresh_token,
		{ scope: "openid email profile" }), 400, "invalid_scope");
	refused(await basic.refresh(second.refresh_token, { scope: "\\" }), 400,
		"invalid_scope");
});

test("T7 a public client's refresh token changes; an old one ends the grant", async () => {
	const first = await tokensOf(pub);
	const second = (await pub.refresh(first.refresh_token)).json();

	assert.notEqual(second.refresh_token, first.refresh_token);
	// the answer was lost: the very same successor again
	const retry = (await pub.refresh(first.refresh_token)).json();
	assert.equal(retry.refresh_token, second.refresh_token);
	const third = (await pub.refresh(second.refresh_token)).json();
	assert.notEqual(third.refresh_token, second.refresh_token);

	refused(await pub.refresh(first.refresh_token), 400, "invalid_grant");
	refused(await pub.refresh(third.refresh_token), 400, "invalid_grant");
	assert.equal((await pub.userinfo(third.access_token)).status, 401);
});

test("T7 a confidential client's refresh token stays", async () => {
	const first = await tokensOf(basic);

	for (let i = 0; i < 3; i++)
		assert.equal((await basic.refresh(first.refresh_token)).json()
			.refresh_token, first.refresh_token);
});

test("T8 the ID token of a refresh", async () => {
	const first = await tokensOf(basic);
	const before = claims(first.id_token);

	await sleep(1100);
	const second = (await basic.refresh(first.refresh_token)).json();
	const after = await basic.verified(second.id_token);
	for (const name of ["iss", "sub", "aud", "azp", "auth_time", "sid"])
		assert.deepEqual(after[name], before[name], name);
	assert.ok(after.iat > before.iat);
	assert.equal(after.nonce, undefined);
});

test("T9 a refresh token of another client", async () => {
	const tokens = await tokensOf(basic);

	refused(await other.refresh(tokens.refresh_token), 400,
		"invalid_grant");
	refused(await pub.refresh(tokens.refresh_token), 400, "invalid_grant");
	assert.equal((await basic.refresh(tokens.refresh_token)).status, 200);
	refused(await basic.refresh(`${tokens.refresh_token.slice(0, -2)}AA`),
		400, "invalid_grant");
	refused(await basic.refresh(""), 400, "invalid_request");
});

test("T10 bad client authentication: invalid_client, 401 naming Basic", async () => {
	const answer = await basic.signIn(ada.tab, ada);
	const tokens = await tokensOf(basic);
	const form = { grant_type: "authorization_code", code: answer.code,
		redirect_uri: answer.sent.redirect_uri,
		code_verifier: answer.verifier };
	const ask = (options) => server.post("/oauth/token", options);

	for (const secret of ["wrong", `${basic.secret}x`,
		basic.secret.slice(1), " "]) {
		const reply = await ask({ form, basic: ["basic", secret] });
		refused(reply, 401, "invalid_client");
		assert.match(reply.headers["www-authenticate"], /^Basic realm=/);
	}
	for (const value of ["Basic", "Basic ", "Basic !!!!", "Basic YQ==",
		"Basic YmFzaWM6", "Bearer YmFzaWM6eA==", "Basic YTolZmY="])
		refused(await ask({ form, headers: { Authorization: value } }),
			401, "invalid_client");
	refused(await ask({ form: { ...form, client_id: "nobody",
		client_secret: "x" } }), 400, "invalid_grant");
	refused(await ask({ form: { ...form, client_id: "basic",
		client_secret: "" } }), 401, "invalid_client");
	refused(await ask({ form }), 401, "invalid_client");
	refused(await ask({ form: { grant_type: "refresh_token",
		refresh_token: tokens.refresh_token }, basic: ["basic", "x"] }),
		401, "invalid_client");
	await basic.redeem(answer);
});

test("parameters come once, in the body, as a form (security G1, G2, G3)", async () => {
	const answer = await basic.signIn(ada.tab, ada);
	const form = { grant_type: "authorization_code", code: answer.code,
		redirect_uri: answer.sent.redirect_uri,
		code_verifier: answer.verifier };
	const auth = { basic: ["basic", basic.secret] };
	const ask = (options) => server.post("/oauth/token",
		{ ...auth, ...options });

	for (const name of Object.keys(form))
		refused(await ask({ form: [...Object.entries(form),
			[name, form[name]]] }), 400, "invalid_request");
	refused(await server.post("/oauth/token?grant_type=x",
		{ form, ...auth }), 400, "invalid_request");
	refused(await ask({ json: form }), 400, "invalid_request");
	for (const type of ["text/plain", "multipart/form-data",
		"application/x-www-form-urlencoded; charset=utf-7"])
		refused(await ask({ body: new URLSearchParams(form).toString(),
			headers: { "Content-Type": type } }), 400,
			"invalid_request");
	for (const body of ["%zz=1", "a=%00", "a=%ff", "=x"])
		refused(await ask({ body, headers: { "Content-Type":
			"application/x-www-form-urlencoded" } }), 400,
			"invalid_request");
	assert.equal((await server.get("/oauth/token")).status, 405);
	await basic.redeem(answer);
});

// What ends a grant ends it at once, at refresh and at userinfo (class 6).
const ends = {
	"person disabled": (name) => server.cli(["user", "disable", name]),
	"client disabled": () => server.cli(["client", "disable", "basic"]),
	"consent withdrawn": (name) => server.sql("DELETE FROM consents WHERE " +
		`user_id = (SELECT id FROM users WHERE username = '${name}')`),
	"signed out": async (name, tab) => {
		const page = await tab.get("/logout");
		return tab.form("/logout", { csrf: page.field("csrf") });
	},
};

test("what ends a grant ends it at once (R6.1, R6.2, R6.10)", async () => {
	let n = 0;

	for (const [what, end] of Object.entries(ends)) {
		const name = `end${n++}`;
		const person = await addPerson(server, name);
		const one = await basic.redeem(await basic.signIn(person.tab,
			person));
		const open = await basic.signIn(person.tab, person);
		assert.equal((await basic.userinfo(one.access_token)).status,
			200);

		await end(name, person.tab);
		assert.equal((await basic.userinfo(one.access_token)).status,
			401, what);
		assert.ok([400, 401].includes(
			(await basic.refresh(one.refresh_token)).status), what);
		assert.ok([400, 401].includes(
			(await basic.tryToRedeem(open)).status), what);
		await server.cli(["client", "enable", "basic"]);
	}
});

test("offline access outlives a sign-out, and nothing else", async () => {
	const eve = await addPerson(server, "offline");
	const tokens = await basic.redeem(await basic.signIn(eve.tab, eve,
		{ scope: "openid offline_access", prompt: "consent" }));

	await ends["signed out"]("offline", eve.tab);
	assert.equal((await basic.refresh(tokens.refresh_token)).status, 200);
	await ends["person disabled"]("offline");
	refused(await basic.refresh(tokens.refresh_token), 400,
		"invalid_grant");
});

test("I1 RS256 by default, with a kid", async () => {
	const { alg, kid, typ } = header((await tokensOf(basic)).id_token);

	assert.equal(alg, "RS256");
	assert.ok(kid);
	assert.ok(typ === undefined || typ === "JWT");
});

test("I2 iss, sub, aud, exp, iat; times in seconds", async () => {
	const now = Date.now() / 1000;
	const got = await basic.verified((await tokensOf(basic)).id_token);

	assert.equal(got.iss, server.issuer);
	assert.equal(got.aud, "basic");
	assert.ok(Math.abs(got.iat - now) < 60);
	assert.equal(got.exp - got.iat, 3600);
	assert.ok(got.auth_time <= got.iat && got.auth_time > now - 3600);
});

test("I3 sub: the same in both places and at every sign-in", async () => {
	const tokens = await tokensOf(basic);
	const { sub } = claims(tokens.id_token);

	assert.match(sub, /^[\x21-\x7e]{1,255}$/);
	assert.equal((await basic.userinfo(tokens.access_token)).json().sub,
		sub);
	const tab = await ada.signIn();
	const again = await basic.redeem(await basic.signIn(tab, ada));
	assert.equal(claims(again.id_token).sub, sub);
	assert.notEqual(sub, "ada");
});

test("I4 nonce exactly when it was sent", async () => {
	const nonce = random(32);

	assert.equal(claims((await tokensOf(basic, { nonce })).id_token).nonce,
		nonce);
	assert.ok(!("nonce" in claims((await tokensOf(basic,
		{ nonce: undefined })).id_token)));
});

test("I5 no claim that was not asked for", async () => {
	const protocol = ["acr", "amr", "aud", "auth_time", "exp", "iat", "iss",
		"nonce", "sid", "sub"];
	const names = async (app, scope) => Object.keys(claims((await tokensOf(
		app, { scope })).id_token)).sort();

	assert.deepEqual(await names(basic, "openid"), protocol);
	// with "core" the claims of scopes are at userinfo alone
	assert.deepEqual(await names(core, "openid profile email"), protocol);
	assert.ok((await names(basic, "openid email")).includes("email"));
});

test("I6 acr is one of the values that were asked for", async () => {
	assert.equal(claims((await tokensOf(basic, { acr_values: "phr" }))
		.id_token).acr, "phr");
	// an essential one that cannot be had is an error (Core 5.5.1.1)
	const asked = (values) => basic.signIn(ada.tab, ada, { claims:
		JSON.stringify({ id_token: { acr: { essential: true, values } } })
	});
	assert.ok((await asked(["phr"])).code);
	assert.equal((await asked(["urn:x"])).error,
		"unmet_authentication_requirements");
});

test("I7 at_hash and c_hash are not sent", async () => {
	const got = claims((await tokensOf(basic)).id_token);

	assert.equal(got.at_hash, undefined);
	assert.equal(got.c_hash, undefined);
});

test("I8 sid is there, and each app has its own", async () => {
	const one = claims((await tokensOf(basic)).id_token).sid;
	const same = claims((await tokensOf(basic)).id_token).sid;
	const two = claims((await tokensOf(other)).id_token).sid;

	assert.equal(one, same);
	assert.notEqual(one, two);
});

test("I9 none is not an algorithm", async () => {
	const meta = (await server.get("/.well-known/openid-configuration"))
		.json();

	assert.ok(!meta.id_token_signing_alg_values_supported.includes("none"));
	assert.notEqual(header((await tokensOf(basic)).id_token).alg, "none");
});

test("U1 userinfo by GET and by POST with a header", async () => {
	const { access_token } = await tokensOf(basic);

	for (const reply of [await basic.userinfo(access_token),
		await server.post("/oauth/userinfo",
			{ bearer: access_token, body: "" }),
		await server.post("/oauth/userinfo",
			{ bearer: access_token, form: {} })]) {
		assert.equal(reply.status, 200, reply.text);
		assert.match(reply.headers["content-type"],
			/^application\/json/);
		assert.equal(reply.headers["cache-control"], "no-store");
		assert.ok(reply.json().sub);
	}
});

test("U2 userinfo by POST with the token in the form", async () => {
	const { access_token } = await tokensOf(basic);
	const good = await server.post("/oauth/userinfo",
		{ form: { access_token } });

	assert.equal(good.status, 200);
	// never in the query, never twice (security G9)
	assert.equal((await server.get(
		`/oauth/userinfo?access_token=${access_token}`)).status, 400);
	assert.equal((await server.post("/oauth/userinfo",
		{ form: { access_token }, bearer: access_token })).status, 400);
	assert.equal((await server.post("/oauth/userinfo", { form:
		[["access_token", access_token], ["access_token", "x"]] }))
		.status, 400);
});

test("U3 all claims of the granted scopes, and only those", async () => {
	const of = async (scope) => Object.keys((await basic.userinfo(
		(await tokensOf(basic, { scope })).access_token)).json()).sort();

	assert.deepEqual(await of("openid"), ["sub"]);
	assert.deepEqual(await of("openid email"),
		["email", "email_verified", "sub"]);
	assert.deepEqual(await of("openid profile"), ["family_name",
		"given_name", "name", "preferred_username", "sub",
		"updated_at"]);
	const all = await basic.userinfo((await tokensOf(basic,
		{ scope: "openid profile email" })).access_token);
	assert.equal(all.json().email, "ada@example.com");
	assert.equal(all.json().name, "Ada Lovelace");

	// what is true now, not what was true at sign-in (security UI3)
	const { access_token } = await tokensOf(basic,
		{ scope: "openid email" });
	await server.sql("UPDATE users SET email = 'new@example.com' " +
		"WHERE username = 'ada'");
	assert.equal((await basic.userinfo(access_token)).json().email,
		"new@example.com");
});

test("U4 types of the claims", async () => {
	const got = (await basic.userinfo((await tokensOf(basic,
		{ scope: "openid profile email" })).access_token)).json();

	assert.equal(typeof got.email_verified, "boolean");
	assert.ok(got.updated_at > 631152000 &&
		got.updated_at <= Date.now() / 1000 + 1);
	for (const name of ["name", "given_name", "preferred_username"])
		assert.ok(typeof got[name] === "string" && got[name].trim());
});

test("U5 what a person does not have is left out", async () => {
	const bare = await addPerson(server, "bare");
	const tokens = await basic.redeem(await basic.signIn(bare.tab, bare,
		{ scope: "openid profile email" }));
	const got = (await basic.userinfo(tokens.access_token)).json();

	assert.deepEqual(Object.keys(got).sort(),
		["name", "preferred_username", "sub", "updated_at"]);
	for (const value of Object.values(got))
		assert.ok(value !== null && value !== "");
});

test("U6 a bad token: 401 with WWW-Authenticate, and no claim", async () => {
	const { access_token } = await tokensOf(basic);

	for (const token of [`${access_token.slice(0, -2)}AA`, "x",
		access_token.slice(0, -1), `${access_token}A`]) {
		const reply = await basic.userinfo(token);

		assert.equal(reply.status, 401);
		assert.match(reply.headers["www-authenticate"],
			/^Bearer .*error="invalid_token"/);
		assert.equal(reply.json().sub, undefined);
	}
	const none = await server.get("/oauth/userinfo");
	assert.equal(none.status, 401);
	assert.match(none.headers["www-authenticate"], /^Bearer realm="[^"]*"$/);
	const junk = await server.get("/oauth/userinfo",
		{ headers: { Authorization: `Basic ${access_token}` } });
	assert.equal(junk.status, 401);
});

test("U7 no aggregated claims", async () => {
	const got = (await basic.userinfo((await tokensOf(basic,
		{ scope: "openid profile email" })).access_token)).json();

	assert.equal(got._claim_names, undefined);
	assert.equal(got._claim_sources, undefined);
});
