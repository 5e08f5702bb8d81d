/*
 * Limits by address: a flood meets them, everybody else does not
 * (docs/limits.md).  The addresses come from a proxy that is trusted.
 *
 * A bucket fills while a flood runs, however long that takes here, so what
 * may pass is reckoned from the time that passed.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { register } from "../support/app.mjs";
import { formToken, setupPath } from "../support/accounts.mjs";
import { setUp } from "../support/people.mjs";
import { Server, sleep } from "../support/server.mjs";

let server, ada, apps;

const from = (address) => ({ headers: { "X-Forwarded-For": address } });

/* "count" requests, 20 at a time: the replies, and how long it took. */
async function flood(count, ask)
{
	const replies = [], begun = performance.now();

	for (let i = 0; i < count; i += 20)
		replies.push(...await Promise.all(Array.from({ length:
			Math.min(20, count - i) }, (_, k) => ask(i + k))));
	const passed = replies.filter(({ status }) => status !== 429);
	const refused = replies.filter(({ status }) => status === 429);
	return { replies, passed, refused,
		seconds: (performance.now() - begun) / 1000 };
}

/*
 * So many at once, so many a minute; and each refusal says how long to wait.
 * A failure is known when it is answered: "more" were under way till then.
 */
function limited({ passed, refused, seconds }, burst, perMinute, more = 0)
{
	const most = burst + Math.ceil(seconds * perMinute / 60) + 1 + more;

	assert.ok(passed.length >= burst, `only ${passed.length} passed`);
	assert.ok(passed.length <= most, `${passed.length} passed, not ${most}`);
	assert.ok(refused.length > 0);
	for (const reply of refused) {
		const wait = Number(reply.headers["retry-after"]);
		assert.ok(Number.isInteger(wait) && wait >= 1 &&
			wait <= Math.ceil(60 / perMinute),
			`Retry-After: ${reply.headers["retry-after"]}`);
	}
}

before(async () => {
	server = await Server.start({ env: { TRUST_PROXY: "127.0.0.1",
		WORKERS: "2" } });
});
after(() => server.stop());

test("tries of the set-up code: not those of who has it", async () => {
	const tab = server.browser(from("198.51.100.6"));
	const path = await setupPath(server);
	const csrf = formToken(await tab.get(path), "/setup");
	const guess = () => tab.form("/setup", { csrf, code: "0".repeat(32),
		first_name: "Eve", email: "eve@example.com", username: "eve" });
	const done = await flood(40, guess);

	limited(done, 10, 10);
	assert.ok(done.passed.every(({ status }) => status === 422));
	/* meanwhile, from elsewhere */
	const other = server.browser(from("198.51.100.7"));
	const page = await other.get(path);
	const second = await other.form("/setup", { csrf:
		formToken(page, "/setup"), code: page.field("code"),
		first_name: "Ada", email: "ada@example.com", username: "ada" });
	assert.equal(second.status, 200);
	assert.match(second.text, /data-setup=/);
});

test("challenges: by address, and JSON says so", async () => {
	const ask = (address) => server.post("/login/options",
		{ json: {}, ...from(address) });
	const done = await flood(100, () => ask("203.0.113.1"));

	limited(done, 30, 30);
	for (const { headers, text } of done.refused) {
		assert.equal(headers["content-type"], "application/json");
		assert.equal(JSON.parse(text).error, "rate");
	}
	for (const other of ["203.0.113.2", "2001:db8::1", "127.0.0.1"])
		assert.notEqual((await ask(other)).status, 429, other);
	/* what is presented has a limit of its own */
	assert.notEqual((await server.post("/login/verify", { json: {},
		...from("203.0.113.1") })).status, 429);
});

test("presented passkeys: an IPv6 address counts as its /64", async () => {
	const ask = (address) => server.post("/login/verify",
		{ json: {}, ...from(address) });

	limited(await flood(60, (i) =>
		ask(`2001:db8:0:7:${i.toString(16)}::${i + 1}`)), 10, 20);
	assert.notEqual((await ask("2001:db8:0:8::1")).status, 429);
});

test("an entry a visitor wrote before the proxy's makes no new address", async () => {
	limited(await flood(60, (i) => server.post("/login/verify", { json: {},
		...from(`192.0.2.${i}, 203.0.113.30`) })), 10, 20);
});

test("links and authorization requests: a page with the wait", async () => {
	const html = { Accept: "text/html" };

	for (const [path, burst, perMinute] of [
		[`/lc/${"A".repeat(43)}`, 10, 10],
		["/oauth/authorize?client_id=nobody", 120, 120]]) {
		const ask = (address) => server.get(path, { headers: {
			...html, ...from(address).headers } });
		const done = await flood(burst * 2 + 20, () => ask("203.0.113.40"));

		limited(done, burst, perMinute);
		for (const reply of done.refused) {
			const wait = reply.headers["retry-after"];
			assert.match(reply.text, /<h1[^>]*>Too many attempts/);
			assert.match(reply.text, new RegExp(
				`Wait ${wait} second${wait === "1" ? "" : "s"}\\.`));
			assert.match(reply.headers["content-security-policy"],
				/default-src 'none'/);
		}
		assert.notEqual((await ask("203.0.113.41")).status, 429);
	}
	const german = await server.get(`/lc/${"A".repeat(43)}`, { headers: {
		...html, "Accept-Language": "de",
		...from("203.0.113.40").headers } });
	if (german.status === 429)
		assert.match(german.text, /Zu viele Versuche/);
});

test("token endpoint: refused requests are counted, answered ones are not", async () => {
	ada = await setUp(server);
	apps = await register(server, [
		{ client_id: "one", grant_types: ["authorization_code",
			"refresh_token"] },
		{ client_id: "two", grant_types: ["authorization_code",
			"refresh_token"] },
	]);
	const tab = await ada.signIn();
	for (const app of Object.values(apps))
		app.tokens = await app.redeem(await app.signIn(tab, ada,
			{ scope: "openid offline_access", prompt: "consent" }));
	const refresh = (app, address, secret = app.secret) => app.refresh(
		app.tokens.refresh_token, {}, { basic: [app.client_id, secret],
			...from(address) });

	/* 700 of them pass, and one more */
	const good = await flood(700, () => refresh(apps.one, "203.0.113.50"));
	assert.ok(good.replies.every(({ status }) => status === 200));

	/* one wrong secret stops that client at that address alone */
	const wrong = await flood(100, () =>
		refresh(apps.one, "203.0.113.50", "wrong".repeat(8)));
	limited(wrong, 30, 30, 20);
	assert.ok(wrong.passed.every(({ status }) => status === 401));
	for (const reply of wrong.refused)
		assert.equal(reply.json().error, "temporarily_unavailable");
	assert.equal((await refresh(apps.two, "203.0.113.50")).status, 200);
	assert.equal((await refresh(apps.one, "203.0.113.51")).status, 200);

	/* junk of whatever kind: 600, then nothing from there for a moment */
	const junk = await flood(1400, (i) => server.post("/oauth/token", {
		...from("203.0.113.60"), basic: [`nobody${i}`, "x".repeat(32)],
		form: { grant_type: "authorization_code", code: "x",
			redirect_uri: "https://rp.example/cb" } }));
	limited(junk, 600, 600, 20);
	assert.equal((await refresh(apps.one, "203.0.113.61")).status, 200);
});

test("what was refused is in the audit log, counted; and in the log", async () => {
	const audited = async (what) => Number(await server.value(
		"SELECT coalesce(sum((detail->>'count')::int), 0) FROM audit " +
		`WHERE ${what}`));
	const written = async (what, count) => {
		for (let i = 0; await audited(what) < count; i++) {
			assert.ok(i < 600, `${what}: ${await audited(what)}`);
			await sleep(100);
		}
	};

	/* 100 wrong secrets: 30 or more of them were looked at */
	await written("event = 'client_authentication' AND result = 'refused' " +
		"AND address = '203.0.113.50' AND client_id = " +
		"(SELECT id FROM clients WHERE client_id = 'one')", 30);
	/* one row for all addresses of a /64 */
	await written("event = 'rate_limit' AND result = 'verify' " +
		"AND address = '2001:db8:0:7::/64'", 1);
	await written("event = 'rate_limit' AND result = 'client' " +
		"AND address = '203.0.113.50'", 1);
	await written("event = 'rate_limit' AND result = 'token' " +
		"AND address = '203.0.113.60'", 1);
	/* some rows, not one for each */
	assert.ok(Number(await server.value("SELECT count(*) FROM audit " +
		"WHERE event IN ('rate_limit', 'client_authentication')")) < 200);
	await server.logged(/too_many .*limit=setup address=198\.51\.100\.6/);
	assert.ok(!server.log().includes("wrongwrong"));
});

test("RATE_LIMIT_PERCENT: 0 is none, more is more", async () => {
	for (const [percent, burst] of [["0", undefined], ["200", 60]]) {
		const node = await Server.start({ on: server, env: {
			TRUST_PROXY: "127.0.0.1", RATE_LIMIT_PERCENT: percent } });
		try {
			const done = await flood(150, () => node.post(
				"/login/options", { json: {}, ...from("203.0.113.70") }));
			if (burst === undefined)
				assert.equal(done.refused.length, 0);
			else
				limited(done, burst, 60);
		} finally {
			await node.stop();
		}
	}
});
