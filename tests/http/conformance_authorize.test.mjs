// The authorization endpoint and its pages: rows A and P of the OpenID
// conformance suite, with an https issuer.

import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";

import { claims, random, REDIRECT, register } from "../support/app.mjs";
import { addPerson, setUp } from "../support/people.mjs";
import { Server, sleep } from "../support/server.mjs";

let server, ada, app, free, two, queried, offline, pub, native;

before(async () => {
	server = await Server.start({ https: true });
	ada = await setUp(server);
	({ app, free, two, queried, offline, pub, native } =
	    await register(server, [
		{ client_id: "app", scope: "openid profile email",
			post_logout_redirect_uris: ["https://rp.example/out"] },
		{ client_id: "free", require_pkce: false,
			id_token_claims: "core" },
		{ client_id: "two", redirect_uris: [REDIRECT,
			"https://rp.example/cb2"] },
		{ client_id: "queried", redirect_uris: [`${REDIRECT}?a=1`] },
		{ client_id: "offline", scope: "openid offline_access",
			grant_types: ["authorization_code", "refresh_token"] },
		{ client_id: "pub", token_endpoint_auth_method: "none" },
		{ client_id: "native", token_endpoint_auth_method: "none",
			application_type: "native",
			redirect_uris: ["http://127.0.0.1/cb"] },
	]));
	await app.signIn(ada.tab, ada, { scope: "openid profile email" });
	await free.signIn(ada.tab, ada);
});
after(() => server?.stop());

// A page of ours: no way to the app, not by itself and not by a link.
function page(reply, words)
{
	assert.equal(reply.status, 400, reply.text);
	assert.equal(reply.location, undefined);
	assert.match(reply.headers["content-type"], /^text\/html/);
	assert.ok(!/href="https?:\/\/(?!localhost)/.test(reply.text));
	assert.match(reply.text, words);
}

const LONG_STATE = `${"a".repeat(124)}-._~`;

test("A1 GET and POST are accepted alike", async () => {
	const posted = app.request();
	const first = await app.ask(ada.tab, posted, "POST");
	const answer = app.read(await app.walk(ada.tab, first, ada), posted);

	assert.ok(answer.code);
	assert.equal(answer.state, posted.sent.state);
	await app.redeem(answer);

	// by somebody who is not signed in, and with an error
	const tab = server.browser();
	const anew = app.request();
	const done = app.read(await app.walk(tab,
		await app.ask(tab, anew, "POST"), ada), anew);
	assert.ok(done.code);
	const wrong = app.request({ response_type: "token" });
	assert.equal(app.read(await app.walk(ada.tab,
		await app.ask(ada.tab, wrong, "POST"), ada), wrong).error,
		"unsupported_response_type");
});

test("A1 a POST of another site takes no cookie from the browser that it did not send", async () => {
	const reply = await app.ask(server.browser(), app.request(), "POST");

	assert.equal(reply.status, 303);
	assert.deepEqual(reply.cookies, []);
});

test("A2 the order of parameters and of scopes does not matter", async () => {
	const request = app.request({ scope: "email openid" });

	request.sent = Object.fromEntries(
		Object.entries(request.sent).reverse());
	const answer = app.read(await app.walk(ada.tab,
		await app.ask(ada.tab, request), ada), request);
	const tokens = await app.redeem(answer);
	assert.equal(tokens.scope, "openid email");
});

test("A3 unknown parameters and unknown scopes are ignored", async () => {
	const answer = await app.signIn(ada.tab, ada,
		{ extra: "foobar", scope: "openid zzz urn:x:y" });
	const tokens = await app.redeem(answer);

	assert.equal(tokens.scope, "openid");
});

test("A4 a redirect URI that differs gets a page", async () => {
	for (const redirect_uri of [`${REDIRECT}/extra`, `${REDIRECT}?x=1`,
		`${REDIRECT}#`, "https://rp.example/CB", "https://rp.example",
		"https://rp.example@evil.example/cb", "javascript:alert(1)",
		"https://rp.example/x/../cb", "https://evil.example/cb"])
		for (const more of [{}, { prompt: "none" }, { max_age: "x" },
			{ scope: "\\" }, { code_challenge: "x" },
			{ response_mode: "form_post" }]) {
			const reply = await app.ask(ada.tab,
				app.request({ redirect_uri, ...more }));
			page(reply, /callback URL is not registered/i);
		}
	const reply = await queried.ask(ada.tab, queried.request(
		{ redirect_uri: `${REDIRECT}?a=2` }));
	page(reply, /not registered/i);
});

test("A5 a redirect URI that is missing gets a page; so does an unknown client", async () => {
	page(await two.ask(ada.tab, two.request({ redirect_uri: undefined })),
		/callback URL is missing/i);
	page(await app.ask(ada.tab, app.request({ redirect_uri: undefined })),
		/callback URL is missing/i);
	page(await app.ask(ada.tab, app.request({ client_id: "nobody" })),
		/client is not known/i);
	page(await app.ask(ada.tab, app.request({ client_id: undefined })),
		/client is not known/i);
	page(await app.ask(ada.tab, app.request({ client_id: "" })),
		/client is not known/i);
});

test("A6 the query of a registered redirect URI is kept", async () => {
	const answer = await queried.signIn(ada.tab, ada);

	assert.ok(answer.reply.location.href.startsWith(`${REDIRECT}?a=1&`));
	assert.equal(answer.a, "1");
	assert.equal(answer.state, answer.sent.state);
	await queried.redeem(answer);
});

test("A7 response_type missing is invalid_request at the redirect URI", async () => {
	const answer = await app.signIn(ada.tab, ada,
		{ response_type: undefined });

	assert.equal(answer.error, "invalid_request");
	assert.equal(answer.state, answer.sent.state);
});

test("A8 state comes back unchanged, in success and in error; none when none was sent", async () => {
	for (const state of [LONG_STATE, "a b+c%20&=#?/\"'<>\\ü€", "%", "+"]) {
		const good = await app.signIn(ada.tab, ada, { state });
		assert.equal(good.state, state);
		const bad = await app.signIn(ada.tab, ada,
			{ state, response_type: "token" });
		assert.equal(bad.state, state);
		const form = await app.signIn(ada.tab, ada, { state,
			response_mode: "form_post", prompt: "bogus" });
		assert.equal(unescape(form.state), state);
	}
	const none = await app.signIn(ada.tab, ada, { state: undefined });
	assert.ok(none.code);
	assert.ok(!("state" in none));
	const empty = await app.signIn(ada.tab, ada, { state: "" });
	assert.ok(!("state" in empty));
	const long = await app.signIn(ada.tab, ada,
		{ state: "s".repeat(1025) });
	assert.equal(long.error, "invalid_request");
});

function unescape(text)
{
	return text.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (all, name) =>
		({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'",
			"#x27": "'" })[name]);
}

test("A9 iss is in every answer and equals the issuer", async () => {
	for (const params of [{}, { response_type: "token" },
		{ prompt: "none", max_age: "0" },
		{ response_mode: "form_post" },
		{ response_mode: "form_post", scope: "email" }]) {
		const answer = await app.signIn(ada.tab, ada, params);
		assert.equal(answer.iss, server.issuer, JSON.stringify(params));
	}
});

test("A10 a code is used once, and is not guessed", async () => {
	const first = await app.signIn(ada.tab, ada);
	const second = await app.signIn(ada.tab, ada);

	assert.notEqual(first.code, second.code);
	assert.ok(first.code.length >= 43);
	await app.redeem(first);
	const again = await app.tryToRedeem(first);
	assert.equal(again.status, 400);
	assert.equal(again.json().error, "invalid_grant");
	await app.redeem(second);
});

test("A11 nonce is optional, and comes back unchanged", async () => {
	const nonce = `${random(32)}-._~`;
	const with_it = await app.redeem(await app.signIn(ada.tab, ada,
		{ nonce }));
	assert.equal(claims(with_it.id_token).nonce, nonce);
	const without = await app.redeem(await app.signIn(ada.tab, ada,
		{ nonce: undefined }));
	assert.ok(!("nonce" in claims(without.id_token)));
	const long = await app.signIn(ada.tab, ada,
		{ nonce: "n".repeat(513) });
	assert.equal(long.error, "invalid_request");
});

test("A12 display, locales, hints and acr_values never cause an error", async () => {
	for (const params of [{ display: "page" }, { display: "popup" },
		{ ui_locales: "se" }, { ui_locales: "<script>" },
		{ claims_locales: "se" }, { login_hint: "buffy@localhost" },
		{ login_hint: "<img src=x onerror=alert(1)>" },
		{ acr_values: "1 2" }, { acr_values: "phr" }]) {
		const answer = await app.signIn(ada.tab, ada, params);
		assert.ok(answer.code, JSON.stringify(params));
	}
});

test("A13 prompt=none without a session is an error at the redirect URI, without a page", async () => {
	const tab = server.browser();
	const request = app.request({ prompt: "none", state: LONG_STATE });
	const reply = await app.ask(tab, request);
	const answer = app.read(reply, request);

	assert.equal(reply.location.origin, "https://rp.example");
	assert.equal(answer.error, "login_required");
	assert.equal(answer.state, LONG_STATE);
	assert.equal(answer.code, undefined);
});

test("A14 prompt=none with session and consent answers at once: same sub, same auth_time", async () => {
	const first = claims((await app.redeem(
		await app.signIn(ada.tab, ada))).id_token);
	const request = app.request({ prompt: "none" });
	const reply = await app.ask(ada.tab, request);
	const second = claims((await app.redeem(
		app.read(reply, request))).id_token);

	assert.equal(second.sub, first.sub);
	assert.equal(second.auth_time, first.auth_time);
});

test("A15 prompt=login asks for a new sign-in, and auth_time moves", async () => {
	const tab = await ada.signIn();
	const first = claims((await app.redeem(
		await app.signIn(tab, ada))).id_token);
	await sleep(1100);
	const answer = await app.signIn(tab, ada, { prompt: "login" });
	const second = claims((await app.redeem(answer)).id_token);

	assert.deepEqual(answer.pages, ["/login", "/oauth/authorize"]
		.slice(0, answer.pages.length));
	assert.ok(second.auth_time > first.auth_time);
	assert.equal(second.sub, first.sub);
	// the same session: the app's sid stays
	assert.equal(second.sid, first.sid);

	// coming back without having signed in proves nothing
	const request = app.request({ prompt: "login" });
	const sent = await app.ask(tab, request);
	const again = await tab.get(`/oauth/authorize?i=${
		sent.location.searchParams.get("i")}`);
	assert.equal(again.location.pathname, "/login");
});

test("A15 the proof of a fresh sign-in is good for one code", async () => {
	const tab = await ada.signIn();
	const request = app.request({ prompt: "login" });
	const sent = await app.ask(tab, request);
	const i = sent.location.searchParams.get("i");
	await ada.signIn(tab, { path: `/login?i=${i}` });
	const back = () => tab.get(`/oauth/authorize?i=${i}`);
	const first = app.read(await back(), request);

	await app.redeem(first);
	assert.equal((await back()).location.pathname, "/login");
});

test("A16 max_age: too old signs in again, young enough does not, auth_time is told", async () => {
	const tab = await ada.signIn();
	const first = claims((await app.redeem(await app.signIn(tab, ada,
		{ max_age: "15000" }))).id_token);
	const same = await app.signIn(tab, ada, { max_age: "10000" });
	assert.deepEqual(same.pages, []);
	assert.equal(claims((await app.redeem(same)).id_token).auth_time,
		first.auth_time);

	await sleep(2100);
	const anew = await app.signIn(tab, ada, { max_age: "1" });
	assert.ok(anew.pages.includes("/login"));
	assert.ok(claims((await app.redeem(anew)).id_token).auth_time >
		first.auth_time);
	const zero = await app.signIn(tab, ada, { max_age: "0" });
	assert.ok(zero.code);
	for (const max_age of ["-1", "x", "1.5", "1 "])
		assert.equal((await app.signIn(tab, ada, { max_age })).error,
			"invalid_request");
});

test("A17 id_token_hint of who is signed in, with prompt=none", async () => {
	const tokens = await app.redeem(await app.signIn(ada.tab, ada));
	const answer = await app.signIn(ada.tab, ada,
		{ prompt: "none", id_token_hint: tokens.id_token });

	assert.ok(answer.code);
	assert.deepEqual(answer.pages, []);
	const posted = app.request({ prompt: "none",
		id_token_hint: tokens.id_token });
	const first = await app.ask(ada.tab, posted, "POST");
	assert.ok(app.read(await app.walk(ada.tab, first), posted).code);
});

test("A17 a hint that names another, is forged, or is another app's", async () => {
	const eve = await addPerson(server, "eve");
	await app.signIn(eve.tab, eve, { scope: "openid profile email" });
	const hers = (await app.redeem(await app.signIn(eve.tab, eve)))
		.id_token;
	const other = (await free.redeem(await free.signIn(ada.tab, ada)))
		.id_token;
	const none = (id_token_hint) => app.signIn(ada.tab, ada,
		{ prompt: "none", id_token_hint });

	assert.equal((await none(hers)).error, "login_required");
	assert.equal((await none(other)).error, "invalid_request");
	assert.equal((await none(`${hers.slice(0, -4)}AAAA`)).error,
		"invalid_request");
	assert.equal((await none("x.y.z")).error, "invalid_request");
	// asked for eve, only eve may answer: ada is sent to sign in
	const asked = app.request({ id_token_hint: hers });
	const sent = await app.ask(ada.tab, asked);
	assert.equal(sent.location.pathname, "/login");
	const still = app.read(await app.walk(ada.tab, sent, ada), asked);
	assert.equal(still.error, "login_required");
});

test("A18 prompt=consent with offline_access asks, and gives a refresh token", async () => {
	const params = { prompt: "consent", scope: "openid offline_access" };
	for (let i = 0; i < 2; i++) {	// asked again, though remembered
		const answer = await offline.signIn(ada.tab, ada, params);
		assert.ok(answer.pages.includes("/interaction"));
		const tokens = await offline.redeem(answer);
		assert.ok(tokens.refresh_token);
	}
});

test("A19 claims: an essential claim of userinfo is given there, and not in the ID token", async () => {
	const answer = await free.signIn(ada.tab, ada, { claims:
		JSON.stringify({ userinfo: { name: { essential: true } } }) });
	const tokens = await free.redeem(answer);
	const info = (await free.userinfo(tokens.access_token)).json();

	assert.equal(info.name, "Ada Lovelace");
	assert.equal(claims(tokens.id_token).name, undefined);
	for (const bad of ["{", "[]", '{"userinfo":7}', "x".repeat(2049)])
		assert.equal((await free.signIn(ada.tab, ada, { claims: bad }))
			.error, "invalid_request");
	// not what the client may not ask for, and nothing unknown
	const wide = await free.redeem(await free.signIn(ada.tab, ada, { claims:
		'{"userinfo":{"admin":null},"id_token":{"admin":null}}' }));
	assert.equal(claims(wide.id_token).admin, undefined);
});

test("A20 request is refused by its name, and never ignored", async () => {
	const answer = await app.signIn(ada.tab, ada, { request:
		"eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6IngifQ." });

	assert.equal(answer.error, "request_not_supported");
	assert.equal(answer.state, answer.sent.state);
});

test("A21 request_uri is refused by its name; nobody fetches it", async () => {
	const answer = await app.signIn(ada.tab, ada,
		{ request_uri: "https://rp.example/r#x" });

	assert.equal(answer.error, "request_uri_not_supported");
});

test("A22 a bad redirect URI beside request gets a page", async () => {
	page(await app.ask(ada.tab, app.request({ request: "e30.e30.",
		redirect_uri: "https://evil.example/" })), /not registered/i);
});

test("A23 PKCE: S256 from everybody, plain from nobody, and left out only by whom it is allowed", async () => {
	await app.redeem(await app.signIn(ada.tab, ada));
	await pub.redeem(await pub.signIn(ada.tab, ada));
	const none = { code_challenge: undefined,
		code_challenge_method: undefined };
	for (const one of [app, pub])
		assert.equal((await one.signIn(ada.tab, ada, none)).error,
			"invalid_request");
	await free.redeem(await free.signIn(ada.tab, ada, none));
	for (const code_challenge_method of ["plain", "s256", "", "S512"])
		assert.equal((await app.signIn(ada.tab, ada,
			{ code_challenge_method })).error, "invalid_request");
	assert.equal((await app.signIn(ada.tab, ada,
		{ code_challenge_method: undefined })).error, "invalid_request");
	for (const code_challenge of ["", "x".repeat(42), "x".repeat(44),
		`${"x".repeat(42)}=`])
		assert.equal((await app.signIn(ada.tab, ada,
			{ code_challenge })).error, "invalid_request");
});

test("A24 errors hold known parameters only, in the allowed characters", async () => {
	for (const params of [{ response_type: "token" }, { scope: "email" },
		{ prompt: "none login" }, { prompt: "none", max_age: "0" },
		{ claims: "{" }, { request: "x" }, { response_mode: "fragment" },
		{ nonce: "<script>".repeat(100) }]) {
		const { reply, error, error_description } =
			await app.signIn(ada.tab, ada, params);
		const names = [...reply.location.searchParams.keys()].sort();

		assert.deepEqual(names,
			["error", "error_description", "iss", "state"]);
		assert.match(error, /^[a-z_]+$/);
		assert.match(error_description, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
		assert.ok(!decodeURIComponent(reply.location.search)
			.includes("<script"));
	}
});

test("A25 form_post: a page that posts itself, with nothing in the query, errors as well", async () => {
	for (const [params, field] of [[{}, "code"], [{ scope: "email" },
		"error"], [{ prompt: "none", max_age: "0" }, "error"]]) {
		const answer = await app.signIn(ada.tab, ada,
			{ response_mode: "form_post", ...params });

		assert.equal(answer.reply.status, 200);
		assert.equal(answer.reply.location, undefined);
		assert.ok(answer[field]);
		assert.equal(answer.state, answer.sent.state);
		assert.equal(answer.iss, server.issuer);
		assert.match(answer.reply.text,
			/<form method="post" action="https:\/\/rp\.example\/cb"/);
		assert.equal(answer.reply.headers["cache-control"], "no-store");
	}
	const answer = await app.signIn(ada.tab, ada,
		{ response_mode: "form_post" });
	await app.redeem(answer);
});

test("A26 response types with tokens are not offered", async () => {
	for (const response_type of ["id_token", "token", "id_token token",
		"code token", "none", "code code"]) {
		const answer = await app.signIn(ada.tab, ada, { response_type });

		assert.equal(answer.error, "unsupported_response_type");
		assert.equal(answer.reply.location.hash, "");
	}
});

test("A27 our own policy does not block form_post or what follows a form", async () => {
	const posted = await app.signIn(ada.tab, ada,
		{ response_mode: "form_post" });
	assert.ok(!posted.reply.headers["content-security-policy"]
		.includes("form-action"));

	// consent leads out of the site: 200 with Refresh, never a redirect
	const eve = await addPerson(server, "csp");
	const request = app.request();
	const sent = await app.ask(eve.tab, request);
	const asked = await eve.tab.get(sent.location.href);
	const answered = await app.answer(eve.tab, asked, "allow");
	assert.equal(answered.status, 200);
	assert.ok(answered.headers.refresh);
	assert.equal(answered.headers.location, undefined);
});

test("every parameter sent twice is refused", async () => {
	const { sent } = app.request({ response_mode: "query",
		prompt: "login", max_age: "1", login_hint: "x", claims: "{}",
		acr_values: "x", ui_locales: "x", display: "page", extra: "x" });

	for (const [name, value] of Object.entries(sent)) {
		for (const again of [value, `${value}2`]) {
			const query = [...Object.entries(sent), [name, again]];
			const reply = await ada.tab.get("/oauth/authorize",
				{ query });

			if (name === "client_id" || name === "redirect_uri") {
				assert.equal(reply.status, 400);
				assert.equal(reply.location, undefined);
				continue;
			}
			assert.equal(reply.params.error, "invalid_request", name);
			assert.equal(reply.params.state,
				name === "state" ? undefined : sent.state);
			assert.equal(reply.params.code, undefined);
		}
	}
});

test("malformed input gets a page", async () => {
	for (const query of ["client_id=app&redirect_uri=%zz", "=x",
		"client_id=%00", "client_id=%ff", "client_id=a%0ab",
		`x=${"y".repeat(15000)}`, "a&".repeat(100)]) {
		const reply = await ada.tab.request("GET", "/oauth/authorize",
			{ path: `/oauth/authorize?${query}` });
		assert.equal(reply.status, 400, query.slice(0, 40));
		assert.equal(reply.location, undefined);
	}
	const json = await server.post("/oauth/authorize",
		{ json: app.request().sent });
	assert.equal(json.status, 400);
	const both = await server.post("/oauth/authorize?client_id=app",
		{ form: app.request().sent });
	assert.equal(both.status, 400);
});

test("the sealed request of another browser carries no proof (AZ15)", async () => {
	const tab = await ada.signIn();
	const request = app.request({ prompt: "login" });
	const sent = await app.ask(tab, request);
	const i = sent.location.searchParams.get("i");
	await ada.signIn(tab, { path: `/login?i=${i}` });

	const other = await ada.signIn();	// signed in elsewhere
	const stolen = await other.get(`/oauth/authorize?i=${i}`);
	assert.equal(stolen.location.pathname, "/login");
	assert.notEqual(stolen.location.searchParams.get("i"), i);
	const junk = await other.get(`/oauth/authorize?i=${i.slice(0, -2)}AA`);
	assert.equal(junk.status, 400);
	assert.equal(junk.location, undefined);
});

test("only an administrator sees which callback URLs are registered", async () => {
	const wrong = app.request({ redirect_uri: `${REDIRECT.slice(0, -2)}x"<b>` });
	const eve = await addPerson(server, "curious");
	for (const tab of [server.browser(), await eve.signIn()]) {
		const reply = await app.ask(tab, wrong);
		page(reply, /callback URL is not registered/);
		assert.doesNotMatch(reply.text, /rp\.example|<details/);
	}
	const hers = await app.ask(ada.tab, wrong);
	page(hers, /callback URL is not registered/);
	assert.ok(hers.text.includes(`<code>${REDIRECT.slice(0, -2)}` +
		`<mark>x&quot;&lt;b&gt;</mark></code>`), hers.text);
	assert.ok(hers.text.includes(`<code>${REDIRECT.slice(0, -2)}<mark>` +
		`${REDIRECT.slice(-2)}</mark></code>`), hers.text);
});

test("a sign-in page names no host that was not checked just now", async () => {
	const tab = server.browser();
	const evil = await app.ask(tab, app.request({
		redirect_uri: "https://evil.example/cb" }), "POST");
	const i = evil.location.searchParams.get("i");
	for (const path of ["/login", "/login/other"]) {
		const reply = await tab.get(`${path}?i=${i}`);
		assert.equal(reply.status, 303);
		assert.equal(reply.location.href,
			new URL(`/oauth/authorize?i=${i}`, server.issuer).href);
	}
	page(await tab.get(`/oauth/authorize?i=${i}`), /callback URL is not registered/);

	const good = await app.ask(tab, app.request());
	const path = good.location.pathname + good.location.search;
	assert.match((await tab.get(path)).text, /rp\.example/);
	const other = await server.browser().get(path);
	assert.equal(other.status, 200);
	assert.doesNotMatch(other.text, /rp\.example/);
});

test("a request too long to be sealed is refused, not cut", async () => {
	const [{ big }] = [await register(server, [{ client_id: "big",
		redirect_uris: [`https://rp.example/${"p".repeat(1900)}`] }])];
	const answer = await big.signIn(server.browser(), ada,
		{ state: "s".repeat(1000), nonce: "n".repeat(500) });

	assert.equal(answer.error, "invalid_request");
	assert.equal(answer.state.length, 1000);
});

test("P1 the page says what is wrong", async () => {
	page(await app.ask(ada.tab, app.request({ redirect_uri:
		"https://evil.example/<script>" })), /callback URL is not registered/i);
	page(await app.ask(ada.tab, app.request({ redirect_uri: undefined })),
		/callback URL is missing/i);
	const reply = await app.ask(server.browser(),
		app.request({ redirect_uri: "https://evil.example/" }));
	assert.ok(!reply.text.includes("evil.example"));
	assert.equal(reply.headers["x-frame-options"], "DENY");
	assert.equal(reply.headers["cache-control"], "no-store");
});

test("P2 consent holds for later requests, until more is asked for", async () => {
	const bob = await addPerson(server, "bob");
	const first = await app.signIn(bob.tab, bob);
	assert.ok(first.pages.includes("/interaction"));
	const again = await app.signIn(bob.tab, bob);
	assert.deepEqual(again.pages, []);
	assert.ok((await app.signIn(bob.tab, bob, { prompt: "none" })).code);

	assert.equal((await app.signIn(bob.tab, bob,
		{ prompt: "none", scope: "openid email" })).error,
		"consent_required");
	const more = await app.signIn(bob.tab, bob, { scope: "openid profile" });
	assert.ok(more.pages.includes("/interaction"));
	assert.match(app.asked.text, /New/);
	assert.ok((await app.signIn(bob.tab, bob,
		{ prompt: "none", scope: "openid profile" })).code);
	assert.equal((await app.signIn(bob.tab, bob, { prompt: "none",
		scope: "openid", claims: '{"userinfo":{"email":null}}' })).error,
		"consent_required");
});

test("P3 consent shows app, host and the very values that are shared", async () => {
	const eve = await addPerson(server, "grace", { cli: ["--email",
		"grace@example.com", "--first-name", "Grace"] });
	await app.signIn(eve.tab, eve, { scope: "openid profile email" });

	for (const text of ["APP wants to", "rp.example", "grace@example.com",
		"Grace"])
		assert.ok(app.asked.text.includes(text), text);
});

test("P4 cancel leads to access_denied at the redirect URI, and nothing is remembered", async () => {
	const dan = await addPerson(server, "dan");
	for (const params of [{}, { response_mode: "form_post" }]) {
		const answer = await app.signIn(dan.tab, dan, params, "cancel");
		assert.equal(answer.error, "access_denied");
		assert.equal(answer.state, answer.sent.state);
		assert.equal(answer.code, undefined);
	}
	const again = await app.signIn(dan.tab, dan);
	assert.ok(again.pages.includes("/interaction"));
});

test("P4 cancel on the sign-in page does the same, signed in or not", async () => {
	const tab = server.browser();
	const { sent } = app.request();
	const login = await tab.get("/oauth/authorize", { query: sent });
	const page = await tab.follow(login);
	const csrf = page.field("csrf"), i = page.field("i");

	const refused = await tab.form("/login/cancel", { csrf: "1.x", i });
	assert.equal(refused.status, 403);
	const stranger = await server.browser().form("/login/cancel", { csrf, i });
	assert.equal(stranger.status, 403);
	const junk = await tab.form("/login/cancel", { csrf, i: "AQAAAAE" });
	assert.equal(junk.status, 400);

	const left = await tab.form("/login/cancel", { csrf, i });
	assert.equal(left.status, 200);
	const answer = await tab.follow(left);
	assert.equal(answer.location.origin + answer.location.pathname,
		sent.redirect_uri);
	assert.equal(answer.params.error, "access_denied");
	assert.equal(answer.params.state, sent.state);
});

test("P5 signed in is a browser, not a person: another jar is signed out", async () => {
	const answer = await app.signIn(server.browser(), undefined);

	assert.equal(answer.reply.location.pathname, "/login");
});

test("select_account asks which account, and takes another", async () => {
	const tab = await ada.signIn();
	const eve = await addPerson(server, "select");
	await app.signIn(eve.tab, eve);
	const same = await app.signIn(tab, ada, { prompt: "select_account" });
	assert.ok(same.pages.includes("/interaction"));
	assert.match(app.asked.text, /Ada Lovelace/);
	assert.equal(claims((await app.redeem(same)).id_token).sub,
		claims((await app.redeem(await app.signIn(tab, ada))).id_token)
		.sub);

	const request = app.request({ prompt: "select_account" });
	const sent = await app.ask(tab, request);
	const asked = await tab.get(sent.location.href);
	const other = await app.answer(tab, asked, "other");
	assert.equal(other.location.pathname, "/login");
	await eve.signIn(tab, { path: other.location.pathname +
		other.location.search });
	const done = app.read(await app.walk(tab,
		await tab.get(eve.location), eve), request);
	const sub = claims((await app.redeem(done)).id_token).sub;
	assert.equal(sub, await server.value(
		"SELECT sub FROM users WHERE username = 'select'"));
});

test("a native app that nobody can vouch for is never approved silently (AZ17)", async () => {
	for (let i = 0; i < 2; i++) {
		const answer = await native.signIn(ada.tab, ada,
			{ redirect_uri: "http://127.0.0.1:51004/cb" });
		assert.ok(answer.pages.includes("/interaction"));
		await native.redeem(answer);
	}
	assert.equal((await native.signIn(ada.tab, ada,
		{ prompt: "none" })).error, "consent_required");
	// the port alone is free, and only for the address
	page(await native.ask(ada.tab, native.request(
		{ redirect_uri: "http://localhost/cb" })), /not registered/i);
	page(await native.ask(ada.tab, native.request(
		{ redirect_uri: "http://127.0.0.1:1/cb2" })), /not registered/i);
});

test("the answer to a question needs this browser's token", async () => {
	const eve = await addPerson(server, "csrf");
	const sent = await app.ask(eve.tab, app.request());
	const asked = await eve.tab.get(sent.location.href);
	const [, form] = /action="\/interaction"([^]*?)<\/form>/.exec(asked.text);
	const value = (name) => new RegExp(`name="${name}" value="([^"]*)"`)
		.exec(form)[1];
	const i = value("i"), csrf = value("csrf");
	const post = (form, headers) => eve.tab.form("/interaction", form,
		{ headers });

	assert.equal((await post({ i, answer: "allow" })).status, 403);
	assert.equal((await post({ i, answer: "allow", csrf: "1.AAAA" })).status,
		403);
	assert.equal((await post({ i, answer: "allow", csrf },
		{ "Sec-Fetch-Site": "cross-site" })).status, 403);
	assert.equal((await post({ i, csrf, answer: "maybe" })).status, 400);
	assert.equal((await post({ csrf, answer: "allow" })).status, 400);
	assert.equal((await post({ i: "junk", csrf, answer: "allow" })).status,
		400);
	assert.equal(await server.value("SELECT count(*) FROM consents k " +
		"JOIN users u ON u.id = k.user_id WHERE username = 'csrf'"), "0");
	assert.equal((await post({ i, csrf, answer: "allow" })).status, 200);
});

test("an answer counts for the person who was asked, and for nobody else", async () => {
	const eve = await addPerson(server, "asked");
	const bob = await addPerson(server, "asked2");
	const given = () => server.value("SELECT count(*) FROM consents k " +
		"JOIN users u ON u.id = k.user_id WHERE username LIKE 'asked%'");

	for (const answer of ["allow", "cancel"]) {
		const sent = await app.ask(eve.tab, app.request());
		const asked = await eve.tab.get(sent.location.href);
		assert.match(asked.text, /asked/);
		await bob.signIn(eve.tab);
		const again = await app.answer(eve.tab, asked, answer);
		assert.equal(again.status, 303);
		assert.equal(again.location.pathname, "/oauth/authorize");
		const next = await eve.tab.get(again.location.href);
		assert.equal(next.location.pathname, "/interaction");
		assert.match((await eve.tab.get(next.location.href)).text,
			/asked2/);
		assert.equal(await given(), "0");
		await eve.signIn(eve.tab);
	}
});

test("authorize of a stranger, and of whoever is signed in and consented, writes nothing", async () => {
	const tables = ["users", "passkeys", "sessions", "consents", "grants",
		"audit", "challenges", "login_links", "clients"];
	const rows = async () => (await Promise.all(tables.map((name) =>
		server.value("SELECT md5(string_agg((to_jsonb(t) - " +
		`'last_active_at')::text, '|' ORDER BY t::text)) FROM ${name} t` +
		/* failures of before, written together some seconds later */
		(name === "audit" ? " WHERE NOT coalesce(detail ? 'count', " +
			"false)" : "")))))
		.join(" ");
	await app.signIn(ada.tab, ada);
	const before = await rows();

	for (let i = 0; i < 5; i++) {
		await app.ask(server.browser(), app.request());
		await app.ask(server.browser(), app.request(), "POST");
		assert.deepEqual((await app.signIn(ada.tab, ada)).pages, []);
		await app.tryToRedeem({ code: "junk", ...app.request() });
		await app.refresh("permiso_rt_junk");
		await app.userinfo("permiso_at_junk");
	}
	assert.equal(await rows(), before);
});
