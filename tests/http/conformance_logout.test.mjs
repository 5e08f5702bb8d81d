// Sign-out that an app asks for: rows L of the OpenID conformance suite, and
// RP-Initiated Logout (ES), with an https issuer.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import { random, register } from "../support/app.mjs";
import { addPerson, setUp, useLink } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

const OUT = "https://rp.example/out";
let server, ada, app, keeps;

before(async () => {
	server = await Server.start({ https: true });
	ada = await setUp(server);
	({ app, keeps } = await register(server, [
		{ client_id: "app", post_logout_redirect_uris: [OUT,
			`${OUT}?q=1`] },
		{ client_id: "other", post_logout_redirect_uris: [OUT] },
		{ client_id: "keeps", post_logout_redirect_uris: [OUT],
			grant_types: ["authorization_code", "refresh_token"] },
	]));
});
after(() => server?.stop());

// Signed in at the app: { tab, id_token }.
async function session(person = ada, client = app)
{
	const tab = await person.signIn();
	const { id_token } = await client.redeem(
		await client.signIn(tab, person));

	return { tab, id_token };
}

const logout = (tab, query) => tab.get("/oauth/logout", { query });
const signedIn = async (tab) =>
	(await tab.get("/")).status === 200;

// The browser forgets the session and what it kept of ours, but not that it
// is the same browser (ES5).
function forgotten(tab, reply)
{
	assert.equal(reply.headers["clear-site-data"], '"cache", "storage"');
	assert.deepEqual([...tab.jar.keys()], ["__Host-browser"]);
}

test("L1 a valid hint and a registered address: signed out, and back with the same state", async () => {
	for (const state of [random(), undefined]) {
		const { tab, id_token } = await session();
		const reply = await logout(tab, { id_token_hint: id_token,
			post_logout_redirect_uri: OUT, state });

		assert.equal(reply.status, 303);
		forgotten(tab, reply);
		assert.equal(reply.location.href,
			state === undefined ? OUT : `${OUT}?state=${state}`);
		assert.equal(await signedIn(tab), false);
	}
	const { tab, id_token } = await session();
	const query = await logout(tab, { id_token_hint: id_token, state: "s",
		post_logout_redirect_uri: `${OUT}?q=1`, client_id: "app" });
	assert.equal(query.location.href, `${OUT}?q=1&state=s`);
});

test("L1 the old cookie is nobody's afterwards, and the app's tokens end (ES5)", async () => {
	const tab = await ada.signIn();
	const tokens = await app.redeem(await app.signIn(tab, ada));
	const old = server.browser();
	old.jar = new Map(tab.jar);

	await logout(tab, { id_token_hint: tokens.id_token });
	assert.equal(await signedIn(old), false);
	assert.equal((await app.userinfo(tokens.access_token)).status, 401);
});

test("L2 state survives with any punctuation", async () => {
	const state = ` !"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`;
	const { tab, id_token } = await session();
	const reply = await logout(tab, { id_token_hint: id_token,
		post_logout_redirect_uri: OUT, state });

	assert.equal(reply.params.state, state);
});

// A page of ours, and still signed in.
async function refused({ tab, id_token }, query)
{
	const reply = await logout(tab, { id_token_hint: id_token, ...query });

	assert.equal(reply.location, undefined, JSON.stringify(query));
	assert.equal(reply.status, 400, reply.text);
	assert.equal(await signedIn(tab), true);
	return reply;
}

test("L3 the address is compared byte for byte", async () => {
	const one = await session();

	for (const post_logout_redirect_uri of [`${OUT}/`, `${OUT}?x=1`,
		`${OUT}#`, "https://rp.example/OUT", "https://evil.example/",
		"https://rp.example@evil.example/out", "/", "//evil.example",
		"javascript:alert(1)"]) {
		const reply = await refused(one, { post_logout_redirect_uri });
		assert.match(reply.text, /sign-out callback URL/i);
		// the administrator sees what was sent, as a text of its own
		assert.doesNotMatch(reply.text.replace(/<code>.*?<\/code>/g, ""), /evil/);
		assert.doesNotMatch(reply.text, /(href|action|src)="[^"]*evil/);
	}
});

test("L4 an address without hint, or with one that is forged, foreign or another's", async () => {
	const one = await session();
	const bob = await addPerson(server, "bob");
	const his = (await session(bob)).id_token;
	const [head, body] = one.id_token.split(".");
	const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");

	// without a hint it is asked, and leads nowhere
	const asked = await logout(one.tab, { post_logout_redirect_uri: OUT,
		client_id: "app", state: "s" });
	assert.equal(asked.status, 200);
	assert.equal(asked.location, undefined);
	assert.equal(await signedIn(one.tab), true);

	for (const id_token_hint of ["x", `${head}.${body}.`,
		`${unsigned}.${body}.`, `${one.id_token.slice(0, -4)}AAAA`])
		await refused(one, { id_token_hint,
			post_logout_redirect_uri: OUT });
	// hint and client must agree (ES3)
	await refused(one, { client_id: "other",
		post_logout_redirect_uri: OUT });
	await refused(one, { client_id: "nobody" });
	// another person's: asked, not done (ES1)
	const foreign = await logout(one.tab, { id_token_hint: his,
		post_logout_redirect_uri: OUT });
	assert.equal(foreign.status, 200);
	assert.match(foreign.text, /Sign out/);
	assert.equal(await signedIn(one.tab), true);
	// of another session of the same person
	const two = await session();
	const elsewhere = await logout(two.tab,
		{ id_token_hint: one.id_token });
	assert.equal(elsewhere.status, 200);
	assert.equal(await signedIn(two.tab), true);
});

test("L5 without parameters, with state alone, or hint without address: a page that says so", async () => {
	for (const query of [{}, { state: "x" }]) {
		const { tab } = await session();
		const asked = await logout(tab, query);

		assert.equal(asked.status, 200);
		assert.equal(asked.headers["clear-site-data"], undefined);
		assert.match(asked.text, /Ada Lovelace/);
		assert.equal(await signedIn(tab), true);
		const done = await tab.form("/oauth/logout", {
			csrf: field(asked, "csrf"), l: field(asked, "l") });
		assert.equal(done.location.pathname, "/signed-out");
		forgotten(tab, done);
		assert.equal(await signedIn(tab), false);
	}
	const { tab, id_token } = await session();
	const reply = await logout(tab, { id_token_hint: id_token });
	assert.equal(reply.location.pathname, "/signed-out");
	assert.equal((await tab.get("/signed-out")).status, 200);
	assert.equal(await signedIn(tab), false);
});

// A field of the question's own form.
function field(reply, name)
{
	const [, form] = /action="\/oauth\/logout"([^]*?)<\/form>/
		.exec(reply.text);

	return new RegExp(`name="${name}" value="([^"]*)"`).exec(form)[1];
}

test("L6 after it prompt=none says login_required", async () => {
	const { tab, id_token } = await session();
	await logout(tab, { id_token_hint: id_token });
	const answer = await app.signIn(tab, ada, { prompt: "none" });

	assert.equal(answer.error, "login_required");
});

test("L7 an expired hint still works", async () => {
	const { brief } = await register(server, [{ client_id: "brief",
		token_seconds: 60, post_logout_redirect_uris: [OUT] }]);
	const { tab, id_token } = await session(ada, brief);
	const { exp } = JSON.parse(Buffer.from(id_token.split(".")[1],
		"base64url"));

	while (Date.now() / 1000 < exp + 1)
		await new Promise((go) => setTimeout(go, 500));
	const reply = await logout(tab, { id_token_hint: id_token,
		post_logout_redirect_uri: OUT });
	assert.equal(reply.location.href, OUT);
	assert.equal(await signedIn(tab), false);
});

test("a question that was answered leads back to the app that gave a hint", async () => {
	const one = await session();
	const two = await session();
	const asked = await logout(two.tab, { id_token_hint: one.id_token,
		post_logout_redirect_uri: OUT, state: "s" });
	const done = await two.tab.form("/oauth/logout", {
		csrf: field(asked, "csrf"), l: field(asked, "l") });

	assert.equal(done.status, 200);		// leaves the site after a POST
	forgotten(two.tab, done);
	assert.equal(done.location.href, `${OUT}?state=s`);
	assert.equal(await signedIn(two.tab), false);
});

test("an app's POST works, though our cookies do not come with it", async () => {
	const { tab, id_token } = await session();
	const bare = server.browser();
	const sent = await bare.request("POST", "/oauth/logout", { form: {
		id_token_hint: id_token, post_logout_redirect_uri: OUT,
		state: "s" }, headers: { "Sec-Fetch-Site": "cross-site",
		Origin: "https://rp.example" } });

	assert.equal(sent.status, 303);
	assert.equal(sent.location.pathname, "/oauth/logout");
	assert.deepEqual(sent.cookies, []);
	const reply = await tab.get(sent.location.href);
	assert.equal(reply.location.href, `${OUT}?state=s`);
	assert.equal(await signedIn(tab), false);
});

test("nobody is signed out by another site (ES1)", async () => {
	const { tab } = await session();
	const asked = await logout(tab, {});
	const l = field(asked, "l"), csrf = field(asked, "csrf");

	for (const [form, headers] of [[{ l }, {}], [{ l, csrf: "1.AAAA" }, {}],
		[{ l, csrf }, { "Sec-Fetch-Site": "cross-site" }],
		[{ l, csrf }, { "Sec-Fetch-Site": "same-site" }]]) {
		const reply = await tab.form("/oauth/logout", form, { headers });
		assert.equal(reply.status, 403);
		assert.equal(await signedIn(tab), true);
	}
	const other_tab = await ada.signIn();
	assert.equal((await other_tab.form("/oauth/logout", { l, csrf })).status,
		403);
	assert.equal((await tab.form("/oauth/logout", { l: "junk", csrf }))
		.status, 400);
	assert.equal((await tab.get("/oauth/logout?l=junk")).status, 400);
	for (const query of ["state=a&state=b", "state=%zz",
		`state=${"s".repeat(1025)}`])
		assert.equal((await tab.request("GET", "/", { path:
			`/oauth/logout?${query}` })).status, 400);
	assert.equal(await signedIn(tab), true);
});

test("somebody who is not signed in is sent on, with a hint", async () => {
	const { id_token } = await session();
	const reply = await logout(server.browser(), { id_token_hint: id_token,
		post_logout_redirect_uri: OUT });

	assert.equal(reply.location.href, OUT);
	const bare = await logout(server.browser(), {});
	assert.equal(bare.location.pathname, "/signed-out");
});

test("R6.10: signing out of an expired session ends what it kept alive", async () => {
	const tab = await ada.signIn();
	const tokens = await keeps.redeem(await keeps.signIn(tab, ada));
	const refresh = () => keeps.refresh(tokens.refresh_token);

	await server.sql("UPDATE sessions SET expires_at = now() - " +
		"interval '1 s' WHERE ended_at IS NULL");
	assert.equal((await refresh()).status, 200);
	const reply = await logout(tab, { id_token_hint: tokens.id_token,
		post_logout_redirect_uri: OUT });
	assert.equal(reply.location.href, OUT);
	assert.equal((await refresh()).json().error, "invalid_grant");
	assert.equal((await keeps.userinfo(tokens.access_token)).status, 401);
});

test("the session of a login link: asked without a hint, over with one", async () => {
	await addPerson(server, "linked");
	const { id_token } = await session();
	const { tab } = await useLink(server, "linked");
	const old = server.browser();
	old.jar = new Map(tab.jar);

	const asked = await logout(tab, {});
	assert.equal(asked.location.pathname, "/logout");
	assert.equal((await tab.get("/passkey/add")).status, 200);
	const reply = await logout(tab, { id_token_hint: id_token,
		post_logout_redirect_uri: OUT });
	assert.equal(reply.location.href, OUT);
	assert.equal((await old.get("/passkey/add")).location.pathname, "/login");
});
