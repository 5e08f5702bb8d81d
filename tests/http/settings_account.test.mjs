/*
 * One's own account on the whole server: sessions, apps, profile, audit log;
 * as a stranger, as another person and as the owner.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { register } from "../support/app.mjs";
import { addPerson, setUp } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

const SESSIONS = "/api/account/sessions";
const APPS = "/api/apps";

let server, ada, eve;

before(async () => {
	server = await Server.start();
	ada = await setUp(server);
	eve = await addPerson(server, "eve",
		{ cli: ["--email", "eve@example.com"] });
});
after(() => server?.stop());

const api = (tab, method, path, json, csrf) =>
	tab.request(method, path, { json, body: method === "DELETE" ?
		undefined : "", headers: {
		Origin: server.issuer, "Sec-Fetch-Site": "same-origin",
		...(csrf === undefined ? {} : { "X-CSRF": csrf }) } });

async function token(tab)
{
	const page = await tab.get("/settings/account");

	assert.equal(page.status, 200, page.text);
	return /action="\/settings[^>]*>\s*<input type="hidden" name="csrf" value="([^"]+)"/
		.exec(page.text)[1];
}

const read = async (tab, path) => {
	const reply = await tab.get(path);

	assert.equal(reply.status, 200, reply.text);
	return reply.json();
};
const sessions = async (tab) => (await read(tab, SESSIONS)).sessions;
const apps = async (tab) => (await read(tab, APPS)).apps;

/* An app that "name" has allowed to see something. */
async function allowed(name)
{
	const id = randomUUID();

	await server.sql("INSERT INTO clients (id, client_id, name, " +
		"application_type, auth_method, grant_types, scopes, " +
		`redirect_uris) VALUES ('${id}', '${id}', 'Wiki <b>', 'web', ` +
		"'none', '{authorization_code}', '{openid,email}', " +
		"'{https://wiki.example/cb}')");
	await server.sql("INSERT INTO consents (user_id, client_id, scopes) " +
		`SELECT id, '${id}', '{openid,email,offline_access}' ` +
		`FROM users WHERE username = '${name}'`);
	return id;
}

test("sessions: where one is signed in, this browser first", async () => {
	const other = await eve.signIn();
	const [mine, theirs, ...more] = await sessions(eve.tab);

	assert.equal(mine.current, true);
	assert.equal(theirs.current, false);
	assert.deepEqual(more, []);
	assert.equal(theirs.address, "127.0.0.1");
	assert.ok(theirs.passkey.length > 0);
	const page = await eve.tab.get("/settings/account/sessions");
	assert.match(page.text, /This browser/);
	assert.match(page.text, /Sign out everywhere else/);
	assert.equal((await sessions(other))[0].id, theirs.id);
});

test("sessions: ending one works at once and is audited", async () => {
	const [, theirs] = await sessions(eve.tab);
	const csrf = await token(eve.tab);
	const form = await eve.tab.form(
		`/settings/account/sessions/${theirs.id}/end`, { csrf });

	assert.equal(form.status, 303, form.text);
	assert.match((await eve.tab.follow(form)).text,
		/role="status">That session has ended/);
	assert.equal((await sessions(eve.tab)).length, 1);
	assert.equal(await server.value("SELECT end_reason FROM sessions " +
		`WHERE id = '${theirs.id}'`), "ended");
	assert.equal(await server.value("SELECT count(*) FROM audit WHERE " +
		"event = 'session_ended'"), "1");
	const again = await api(eve.tab, "DELETE",
		`${SESSIONS}/${theirs.id}`, undefined, csrf);
	assert.equal(again.status, 404);
});

test("R3.11: another person's session is one that is not there", async () => {
	const [mine] = await sessions(eve.tab);
	const csrf = await token(ada.tab);

	for (const id of [mine.id, randomUUID()])
		assert.equal((await api(ada.tab, "DELETE", `${SESSIONS}/${id}`,
			undefined, csrf)).status, 404);
	assert.equal((await sessions(eve.tab)).length, 1);
	assert.ok((await sessions(ada.tab)).every(({ id }) => id !== mine.id));
});

test("sessions: ending all others leaves this one", async () => {
	const others = [await eve.signIn(), await eve.signIn()];
	const csrf = await token(eve.tab);
	const done = await api(eve.tab, "POST", `${SESSIONS}/end-others`,
		undefined, csrf);

	assert.equal(done.status, 204, done.text);
	for (const tab of others)
		assert.equal((await tab.get(SESSIONS)).status, 401);
	assert.equal((await sessions(eve.tab)).length, 1);
	assert.equal((await sessions(ada.tab)).length, 1);
	assert.equal(await server.value("SELECT detail->>'count' FROM audit " +
		"WHERE event = 'sessions_ended'"), "2");
});

test("apps: what was allowed, and withdrawing it", async () => {
	const id = await allowed("eve");
	const [app, ...more] = await apps(eve.tab);

	assert.deepEqual(more, []);
	assert.equal(app.id, id);
	assert.equal(app.name, "Wiki <b>");
	assert.deepEqual(app.scopes, ["openid", "email", "offline_access"]);
	assert.deepEqual(await apps(ada.tab), []);
	const page = await eve.tab.get("/settings/apps");
	assert.match(page.text, /Wiki &lt;b&gt;/);
	assert.match(page.text, /See your email address/);
	assert.match((await ada.tab.get("/settings/apps")).text, /No apps yet/);

	assert.equal((await api(ada.tab, "DELETE", `${APPS}/${id}`, undefined,
		await token(ada.tab))).status, 404);
	const done = await eve.tab.form(`/settings/apps/${id}/remove`,
		{ csrf: await token(eve.tab) });
	assert.equal(done.status, 303, done.text);
	assert.deepEqual(await apps(eve.tab), []);
	assert.equal(await server.value("SELECT client_id FROM audit WHERE " +
		"event = 'consent_removed'"), id);
});

/* What a person does in the settings, in another browser than the app's. */
const ends = {
	"access removed": async (tab, csrf) => {
		const [app] = await apps(tab);
		return api(tab, "DELETE", `${APPS}/${app.id}`, undefined, csrf);
	},
	"session ended": async (tab, csrf) => {
		const other = (await sessions(tab)).find((s) => !s.current);
		return api(tab, "DELETE", `${SESSIONS}/${other.id}`, undefined,
			csrf);
	},
	"all others ended": (tab, csrf) => api(tab, "POST",
		`${SESSIONS}/end-others`, undefined, csrf),
};

test("R6.2: what is ended in the settings ends an app's tokens at once",
    async () => {
	const { portal } = await register(server, [{ client_id: "portal",
		grant_types: ["authorization_code", "refresh_token"] }]);
	let n = 0;

	for (const [what, end] of Object.entries(ends)) {
		const one = await addPerson(server, `ends${n++}`);
		const desk = await one.signIn();
		const tokens = await portal.redeem(await portal.signIn(one.tab,
			one));
		assert.equal((await portal.userinfo(tokens.access_token))
			.status, 200, what);

		const done = await end(desk, await token(desk));
		assert.equal(done.status, 204, `${what}: ${done.text}`);
		assert.equal((await portal.userinfo(tokens.access_token))
			.status, 401, what);
		assert.equal((await portal.refresh(tokens.refresh_token))
			.status, 400, what);
	}
});

test("FL-3: the display name changes, the user name does not", async () => {
	const csrf = await token(eve.tab);
	const good = { first_name: "Eve", last_name: "Moneypenny",
		display_name: "Eve M.", email: "eve@example.com",
		language: "de" };
	const before = await read(eve.tab, "/api/account");
	const done = await api(eve.tab, "PUT", "/api/account", good, csrf);

	assert.equal(done.status, 204, done.text);
	const after = await read(eve.tab, "/api/account");
	assert.deepEqual(after, { ...before, ...good });
	assert.match((await eve.tab.get("/settings/account")).text,
		/<html lang="de"/);

	/* R3.5, R3.6: no member that is not in the form */
	for (const more of [{ username: "root" }, { administrator: true },
		{ email_verified: true }, { id: randomUUID() }]) {
		const reply = await api(eve.tab, "PUT", "/api/account",
			{ ...good, ...more }, csrf);

		assert.equal(reply.status, 422, reply.text);
		assert.equal(reply.json().errors[0].code, "unknown");
	}
	assert.deepEqual(await read(eve.tab, "/api/account"), after);
});

test("profile: every error at once, all that was typed kept", async () => {
	const form = await eve.tab.form("/settings/account", {
		csrf: await token(eve.tab), first_name: "a\u202eb",
		last_name: "x".repeat(65), display_name: " ",
		email: "not an address", language: "xx" });

	assert.equal(form.status, 422, form.text);
	for (const name of ["first_name", "last_name", "display_name", "email",
		"language"])
		assert.match(form.text, new RegExp(`id="${name}-error"`));
	assert.match(form.text, /value="not an address"/);
	assert.ok(form.text.includes(`value="${"x".repeat(65)}"`));
});

test("profile: an address of another person's, and a new one", async () => {
	const csrf = await token(eve.tab);
	const good = { display_name: "Eve" };

	const taken = await api(eve.tab, "PUT", "/api/account",
		{ ...good, email: "ADA@example.com" }, csrf);
	assert.equal(taken.status, 422, taken.text);
	assert.equal(taken.json().errors[0].code, "email_taken");

	await server.sql("UPDATE users SET email_verified = true");
	const moved = await api(eve.tab, "PUT", "/api/account",
		{ ...good, email: "eve2@example.com" }, csrf);
	assert.equal(moved.status, 204, moved.text);
	assert.equal((await read(eve.tab, "/api/account")).email_verified,
		false);
	assert.equal(await server.value("SELECT detail->'before'->>'email' " +
		"FROM audit WHERE event = 'email_changed'"),
		"eve@example.com");
});

test("LG9: another address takes a passkey used lately, a name does not",
    async () => {
	const csrf = await token(eve.tab);
	const email = "eve2@example.com";

	await server.sql("UPDATE sessions SET auth_time = now() - " +
		"interval '11 minutes'");
	const refused = await eve.tab.form("/settings/account", { csrf,
		display_name: "Typed", email: "thief@example.com" });
	assert.equal(refused.status, 422, refused.text);
	assert.match(refused.text, /value="thief@example.com"/);
	assert.match(refused.text, /href="\/login\?to=%2Fsettings%2Faccount"/);
	const named = await api(eve.tab, "PUT", "/api/account",
		{ display_name: "Eve", email }, csrf);
	assert.equal(named.status, 204, named.text);
	assert.equal((await read(eve.tab, "/api/account")).email, email);
});

test("AU-1 AU-3: one's own audit log, by pages and by event", async () => {
	const all = [];
	let next = "";

	for (let pages = 0; next !== null; pages++) {
		const page = await read(eve.tab, "/api/audit-log?size=3" +
			(next && `&after=${next}`));

		assert.ok(page.items.length <= 3 && pages < 50);
		all.push(...page.items);
		next = page.next;
	}
	const ids = all.map(({ id }) => id);
	assert.deepEqual(ids, [...new Set(ids)].sort().reverse());
	assert.equal(String(ids.length), await server.value(
		"SELECT count(*) FROM audit WHERE user_id = (SELECT id FROM " +
		"users WHERE username = 'eve')"));
	const signIn = all.find(({ event }) => event === "sign_in");
	assert.equal(signIn.address, "127.0.0.1");

	const { items } = await read(eve.tab,
		"/api/audit-log?event=passkey_added");
	assert.deepEqual(items.map(({ event }) => event), ["passkey_added"]);
	const page = await eve.tab.get("/settings/audit-log?size=3");
	assert.match(page.text, /rel="next"/);
	for (const query of ["after=x", "after=", "size=0", "size=101",
		"size=3&size=4", "after=AAAA"])
		assert.equal((await eve.tab.get(`/api/audit-log?${query}`))
			.status, 400, query);
	for (const query of ["event=nothing", "user=ada"])
		assert.equal((await eve.tab.get(`/api/audit-log?${query}`))
			.status, 422, query);
});
