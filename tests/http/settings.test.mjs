/*
 * The frame of the settings, on the whole server: who may, what is refused
 * and how, for a page and for the API; and one's own passkeys.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Authenticator } from "../support/authenticator.mjs";
import { addPerson, create, setUp, useLink } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

const SECURITY = "/settings/account/security";
const PASSKEYS = "/api/account/passkeys";

let server, ada, eve;

before(async () => {
	server = await Server.start();
	ada = await setUp(server);
	eve = await addPerson(server, "eve");
});
after(() => server?.stop());

const api = (tab, method, path, json, csrf, headers = {}) =>
	tab.request(method, path, { json, headers: {
		Origin: server.issuer, "Sec-Fetch-Site": "same-origin",
		...(csrf === undefined ? {} : { "X-CSRF": csrf }),
		...headers } });

/* The token of every form of the settings, out of a page. */
async function token(tab)
{
	const page = await tab.get(SECURITY);

	assert.equal(page.status, 200, page.text);
	return /action="\/settings[^>]*>\s*<input type="hidden" name="csrf" value="([^"]+)"/
		.exec(page.text)[1];
}

const passkeys = async (tab) => (await tab.get(PASSKEYS)).json().passkeys;

function problem(reply, status, code)
{
	assert.equal(reply.status, status, reply.text);
	assert.match(reply.headers["content-type"],
		/^application\/problem\+json/);
	const said = reply.json();
	assert.equal(said.type, "about:blank");
	assert.equal(said.status, status);
	assert.equal(said.code, code);
	assert.match(said.reference, /^[0-9a-f]{8}$/);
	assert.ok(said.detail.length > 0);
	return said;
}

const audits = (event) => server.sql("SELECT actor_id, user_id, " +
	"session_id IS NOT NULL, address, detail FROM audit " +
	`WHERE event = '${event}' ORDER BY id`);

/* A second passkey on another device; person.second. */
async function addSecond(person)
{
	const page = await person.tab.get("/passkey/add");

	person.second = new Authenticator({ origin: server.issuer,
		transports: ["usb"], attachment: "cross-platform" });
	const { reply } = await create(person.tab, "/passkey/add", page,
		person.second);
	assert.equal(reply.status, 200, reply.text);
}

/* Make a session's passkey use old. */
const age = (name) => server.sql("UPDATE sessions SET auth_time = now() - " +
	"interval '11 minutes' WHERE user_id = (SELECT id FROM users " +
	`WHERE username = '${name}')`);

test("a stranger signs in first, and comes back", async () => {
	const tab = server.browser();
	const page = await tab.get(SECURITY);

	assert.equal(page.status, 303);
	assert.equal(page.location.pathname + page.location.search,
		`/login?to=${SECURITY}`);
	problem(await tab.get(PASSKEYS), 401, "not_signed_in");
	assert.equal((await tab.get(PASSKEYS)).headers["www-authenticate"],
		"Bearer");
	problem(await api(tab, "DELETE", `${PASSKEYS}/x`), 404, "not_found");

	await ada.signIn(tab, { path: page.location.href });
	assert.equal(ada.location, SECURITY);
});

test("where a sign-in goes to is a path of the settings and no other",
    async () => {
	for (const to of ["//evil.example", "https://evil.example/settings",
		"/settings/../logout", "/settingsx", "/settings//x",
		"/settings/%2e", "/settings?x", `/settings/${"a".repeat(200)}`]) {
		await ada.signIn(server.browser(), { path:
			`/login?to=${encodeURIComponent(to)}` });
		assert.equal(ada.location, "/", to);
	}
});

test("unknown paths and methods, as page and problem", async () => {
	const { tab } = ada;

	problem(await tab.get("/api/nothing"), 404, "not_found");
	problem(await tab.get(`${PASSKEYS}/`), 404, "not_found");
	problem(await api(tab, "PUT", PASSKEYS, {}), 405, "not_allowed");
	assert.equal((await tab.get("/settings/nothing")).status, 404);
	assert.equal((await tab.form(SECURITY, {})).status, 405);
	assert.equal((await tab.get("/settings")).location.pathname, SECURITY);
});

test("PK-9: one's passkeys: recognisable, with dates and where", async () => {
	const page = await ada.tab.get(SECURITY);

	assert.equal(page.status, 200);
	assert.match(page.text, /<h1>Security<\/h1>/);
	assert.match(page.text, /aria-current="page"/);
	const [one] = await passkeys(ada.tab);
	assert.ok(page.text.includes(one.name));
	assert.equal(one.current, true);
	assert.match(one.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
	assert.ok(["synced", "not_synced", "device", "security_key"]
		.includes(one.kind));
	await ada.signIn();
	const [used] = await passkeys(ada.tab);
	assert.equal(used.last_used_address, "127.0.0.1");
});

test("PK-8: a second passkey, numbered when the name is there", async () => {
	await addSecond(eve);

	const [first, second] = await passkeys(eve.tab);
	assert.equal(second.name, `${first.name} 2`);
	assert.equal(first.current, true);
	assert.equal(second.current, false);
});

test("rename: by form and by API; audited with before and after",
    async () => {
	const { tab } = eve;
	const csrf = await token(tab);
	const [, two] = await passkeys(tab);
	const form = await tab.form(`${SECURITY}/passkeys/${two.id}/rename`,
		{ csrf, name: "  Laptop  " });

	assert.equal(form.status, 303, form.text);
	assert.equal(form.location.pathname, SECURITY);
	const page = await tab.follow(form);
	assert.match(page.text, /role="status">The passkey has its new name/);
	assert.doesNotMatch((await tab.get(SECURITY)).text, /role="status"/);
	assert.equal((await passkeys(tab))[1].name, "Laptop");

	const patched = await api(tab, "PATCH", `${PASSKEYS}/${two.id}`,
		{ name: "Büro" }, csrf);
	assert.equal(patched.status, 204, patched.text);
	assert.equal((await passkeys(tab))[1].name, "Büro");
	const [, last] = await audits("passkey_renamed");
	assert.deepEqual(JSON.parse(last[4]),
		{ passkey: two.id, before: "Laptop", name: "Büro" });
	assert.equal(last[0], last[1]);
	assert.equal(last[3], "127.0.0.1");
});

test("what is wrong comes back: 422 with all that was typed, and a problem",
    async () => {
	const { tab } = eve;
	const csrf = await token(tab);
	const [, two] = await passkeys(tab);
	const path = `${PASSKEYS}/${two.id}`;
	const typed = "x".repeat(65) + "<b>";
	const form = await tab.form(`${SECURITY}/passkeys/${two.id}/rename`,
		{ csrf, name: typed });

	assert.equal(form.status, 422, form.text);
	assert.match(form.text, /<title>Error: /);
	assert.match(form.text, /role="alert"/);
	assert.ok(form.text.includes(`value="${"x".repeat(65)}&lt;b&gt;"`));
	assert.ok(form.text.includes(`href="#name-${two.id}"`));
	assert.ok(form.text.includes(`id="name-${two.id}-error"`));
	assert.equal(form.text.match(/aria-invalid/g).length, 1);

	for (const [body, code, pointer] of [
		[{ name: typed }, "too_long", "#/name"],
		[{ name: "" }, "required", "#/name"],
		[{}, "required", "#/name"],
		[{ name: 5 }, "type", "#/name"],
		[{ name: ["a"] }, "type", "#/name"],
		[{ name: "a\u202eb" }, "name", "#/name"],
		[{ name: "a", user_id: "b" }, "unknown", "#"],
	]) {
		const said = problem(await api(tab, "PATCH", path, body, csrf),
			422, "invalid");
		assert.deepEqual(said.errors.map((e) => [e.pointer, e.code]),
			[[pointer, code]]);
	}
	for (const body of ["", "[]", "{", '{"name":"a","name":"b"}', "null"])
		problem(await tab.request("PATCH", path, { body, headers: {
			"Content-Type": "application/json", "X-CSRF": csrf } }),
			400, "malformed");
	const twice = await tab.form(`${SECURITY}/passkeys/${two.id}/rename`,
		[["csrf", csrf], ["name", "a"], ["name", "b"]]);
	assert.equal(twice.status, 422);
	assert.equal((await passkeys(tab))[1].name, "Büro");
});

test("R10.4 AD3: no change without the token of this browser and origin",
    async () => {
	const { tab } = eve;
	const csrf = await token(tab);
	const [, two] = await passkeys(tab);
	const path = `${PASSKEYS}/${two.id}`;
	const other = await token(ada.tab);

	for (const [sent, headers] of [[undefined], ["1.AAAA"], [other],
		[csrf, { "Sec-Fetch-Site": "cross-site" }],
		[csrf, { "Sec-Fetch-Site": "same-site" }]])
		problem(await api(tab, "PATCH", path, { name: "x" }, sent,
			headers), 403, "csrf");
	for (const form of [{ name: "x" }, { name: "x", csrf: other }])
		assert.equal((await tab.form(
			`${SECURITY}/passkeys/${two.id}/rename`,
			form)).status, 403);
	assert.equal((await passkeys(tab))[1].name, "Büro");
});

test("R3.11: another person's passkey is answered as one that is not there",
    async () => {
	const csrf = await token(ada.tab);
	const [, two] = await passkeys(eve.tab);
	const ids = [two.id, "01890000-0000-7000-8000-000000000000"];
	const seen = new Set();

	for (const id of ids) {
		for (const [method, body] of [["PATCH", { name: "mine" }],
			["DELETE"]]) {
			const reply = await api(ada.tab, method,
				`${PASSKEYS}/${id}`, body, csrf);
			const { reference, ...said } = problem(reply, 404,
				"not_found");
			seen.add(JSON.stringify(said));
		}
		assert.equal((await ada.tab.get(
			`${SECURITY}/passkeys/${id}/remove`)).status, 404);
	}
	assert.equal(seen.size, 1);
	assert.equal((await passkeys(eve.tab)).length, 2);
});

test("R9.9 LG9: a change to passkeys needs one used in the last ten minutes",
    async () => {
	const tab = await eve.signIn();
	const csrf = await token(tab);
	const [, two] = await passkeys(tab);
	const ask = `${SECURITY}/passkeys/${two.id}/remove`;

	await age("eve");
	problem(await api(tab, "PATCH", `${PASSKEYS}/${two.id}`,
		{ name: "x" }, csrf), 403, "confirm");
	problem(await api(tab, "DELETE", `${PASSKEYS}/${two.id}`, undefined,
		csrf),
		403, "confirm");
	assert.equal((await tab.get(ask)).location.search, `?to=${ask}`);
	const sent = await tab.form(ask, { csrf });
	assert.equal(sent.location.search, `?to=${ask}`);
	assert.match((await tab.get(SECURITY)).text,
		/href="\/login\?to=%2Fsettings%2Faccount%2Fsecurity"/);

	/* And from there back to where one was. */
	await eve.signIn(tab, { path: sent.location.href });
	assert.equal(eve.location, ask);
	assert.equal((await tab.get(ask)).status, 200);
});

test("RC5 R9.7: a login link's session has no settings", async () => {
	const made = await server.cli(["user", "add", "mia"]);
	assert.equal(made.code, 0, made.stderr);
	const { tab } = await useLink(server, "mia");

	problem(await tab.get(PASSKEYS), 403, "limited");
	assert.equal((await tab.get(SECURITY)).location.pathname,
		"/passkey/add");
});

test("PK-9: remove: its sessions end at once, the other passkey's stay",
    async () => {
	const { tab } = eve;
	const before = await passkeys(tab);
	const [gone] = before;
	const ask = `${SECURITY}/passkeys/${gone.id}/remove`;
	const own = eve.key;

	/* In another browser, with the other passkey. */
	eve.key = eve.second;
	const other = await eve.signIn();
	assert.equal((await passkeys(other)).find((p) => p.current).id,
		before[1].id);
	const asked = await other.get(ask);
	assert.match(asked.text, /Remove passkey/);
	assert.doesNotMatch(asked.text, /name="confirm"/);
	const done = await other.form(ask, { csrf: await token(other) });
	assert.equal(done.status, 303, done.text);
	assert.equal((await passkeys(other)).length, 1);
	assert.equal(await server.value("SELECT passkeys FROM users WHERE " +
		"username = 'eve'"), "1");
	assert.equal(await server.value("SELECT count(*) FROM sessions WHERE " +
		`passkey_id = '${gone.id}' AND ended_at IS NULL`), "0");
	problem(await tab.get(PASSKEYS), 401, "not_signed_in");
	problem(await api(other, "DELETE", `${PASSKEYS}/${gone.id}`,
		undefined, await token(other)), 404, "not_found");
	const [row] = await audits("passkey_removed");
	assert.equal(JSON.parse(row[4]).passkey, gone.id);
	eve.tab = other;
	eve.key = own;
	const { reply } = await eve.tryToSignIn(server.browser());
	assert.equal(reply.status, 400, reply.text);
});

test("the last passkey goes only with its name", async () => {
	const { tab } = eve;
	const csrf = await token(tab);
	const [last] = await passkeys(tab);
	const ask = `${SECURITY}/passkeys/${last.id}/remove`;

	assert.match((await tab.get(ask)).text, /name="confirm"/);
	for (const confirm of ["", "Passkey?", last.name.toUpperCase() + "!"]) {
		const form = await tab.form(ask, { csrf, confirm });
		assert.equal(form.status, 422, form.text);
		assert.match(form.text, /id="confirm-error"/);
		const said = problem(await api(tab, "DELETE",
			`${PASSKEYS}/${last.id}?` + new URLSearchParams(
			{ confirm }), undefined, csrf), 422, "invalid");
		assert.equal(said.errors[0].code, "confirm");
	}
	assert.equal((await passkeys(tab)).length, 1);
	const done = await tab.form(ask, { csrf, confirm: last.name });
	assert.equal(done.status, 303, done.text);
	assert.equal((await tab.follow(done)).url.pathname, "/login");
	assert.equal(await server.value("SELECT passkeys FROM users WHERE " +
		"username = 'eve'"), "0");
});

test("two removals at the same moment leave one passkey", async () => {
	const bob = await addPerson(server, "bob");
	await addSecond(bob);
	const csrf = await token(bob.tab);
	const both = await passkeys(bob.tab);
	const replies = await Promise.all(both.map(({ id }) => api(bob.tab,
		"DELETE", `${PASSKEYS}/${id}`, undefined, csrf)));

	assert.equal(replies.filter((r) => r.status === 204).length, 1,
		replies.map((r) => r.text).join("\n"));
	assert.equal(await server.value("SELECT count(*) || ' ' || " +
		"max(u.passkeys) FROM passkeys p JOIN users u ON u.id = " +
		"p.user_id WHERE u.username = 'bob'"), "1 1");
});

test("well-known addresses lead to Security", async () => {
	const tab = server.browser();
	const change = await tab.get("/.well-known/change-password");
	assert.equal(change.status, 303);
	assert.equal(change.location.pathname, SECURITY);

	const reply = await tab.get("/.well-known/passkey-endpoints");
	assert.equal(reply.status, 200);
	assert.deepEqual(reply.json(), { enroll: server.issuer + SECURITY,
		manage: server.issuer + SECURITY });
});
