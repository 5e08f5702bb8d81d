/*
 * Administration of people on the whole server: every operation tried by
 * everybody who may not, what "disable" ends, what a form is told.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { register } from "../support/app.mjs";
import { addPerson, setUp } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

const USERS = "/settings/admin/users";
const NOBODY = "01980000-0000-7000-8000-000000000000";

let server, ada, grace, app, document, people = 0;

before(async () => {
	server = await Server.start();
	ada = await setUp(server);
	grace = await addPerson(server, "grace");
	({ app } = await register(server, [{ client_id: "app",
		scope: "openid offline_access",
		grant_types: ["authorization_code", "refresh_token"] }]));
	document = (await server.get("/api/openapi.json")).json();
});
after(() => server?.stop());

/* The token of the forms in the settings of "tab". */
const csrf = async (tab) => /action="\/settings[^>]*>\s*<input type="hidden" name="csrf" value="([^"]+)"/
	.exec((await tab.get("/settings/account/security")).text)[1];
const api = async (tab, method, path, json, token) =>
	tab.request(method, path, {
		...(json !== undefined ? { json } :
			["POST", "PUT"].includes(method) ? { body: "" } : {}),
		headers: { Origin: server.issuer, "Sec-Fetch-Site": "same-origin",
			...(token === undefined ? {} : { "X-CSRF": token }) } });
const act = async (person, method, path, json) =>
	api(person.tab, method, path, json, await csrf(person.tab));
const id = (name) => server.value("SELECT id FROM users WHERE username = " +
	`'${name}'`);
const age = (name) => server.sql("UPDATE sessions SET auth_time = now() - " +
	`interval '11 minutes' WHERE user_id = '${name}'`);

async function person()
{
	const one = await addPerson(server, `person${people++}`);

	one.id = await id(one.name);
	return one;
}

/* All that administration of people could have changed. */
const everything = () => server.value("SELECT md5(string_agg(t, '' ORDER BY " +
	"t)) FROM (SELECT u::text AS t FROM users u UNION ALL SELECT p::text " +
	"FROM passkeys p UNION ALL SELECT (s.id, s.ended_at)::text FROM " +
	"sessions s UNION ALL SELECT l::text FROM login_links l) everything");

/* Every operation on people, out of the API's own description. */
function operations()
{
	const list = [];

	for (const [path, methods] of Object.entries(document.paths)) {
		if (!path.startsWith("/api/users"))
			continue;
		for (const [method, operation] of Object.entries(methods))
			if (operation.operationId !== undefined)
				list.push({ path, method: method.toUpperCase(),
					operation });
	}
	assert.ok(list.length >= 15, `${list.length} operations`);
	return list;
}

async function refusedAll(tab, status, code, token)
{
	const other = await id("grace");
	const before = await everything();

	for (const { path, method, operation } of operations()) {
		const reply = await api(tab, method,
			path.replace("{user}", other).replace(/\{\w+\}/g, NOBODY),
			operation.requestBody && { ids: [other],
				username: "grace", version: "1" }, token);

		assert.equal(reply.status, status, `${method} ${path}`);
		assert.equal(reply.json().code, code, `${method} ${path}`);
	}
	for (const page of ["", "/new", `/${other}`, `/${other}/login-link`,
		`/${other}/disable`, `/${other}/delete`]) {
		const reply = await tab.get(USERS + page);
		assert.ok([303, 403].includes(reply.status), page);
		assert.ok(!reply.text.includes("grace@"), page);
	}
	assert.equal(await everything(), before);
}

test("R3.1 R3.17: a stranger", () =>
	refusedAll(server.browser(), 401, "not_signed_in"));

test("R3.6 R3.17: a user, and one about themselves", async () => {
	const eve = await person();

	await refusedAll(eve.tab, 403, "forbidden", await csrf(eve.tab));
	await refusedAll(grace.tab, 403, "forbidden", await csrf(grace.tab));
});

test("R3.8: an administrator demoted a moment ago", async () => {
	const eve = await person();

	assert.equal((await act(ada, "POST", `/api/users/${eve.id}/promote`))
		.status, 204);
	const token = await csrf(eve.tab);
	assert.equal((await api(eve.tab, "GET", "/api/users")).status, 200);
	assert.equal((await act(ada, "POST", `/api/users/${eve.id}/demote`))
		.status, 204);
	await refusedAll(eve.tab, 403, "forbidden", token);
});

test("R3.7 RC6: an administrator's account needs a passkey used lately",
    async () => {
	const eve = await person(), bob = await person();

	for (const one of [eve, bob])
		assert.equal((await act(ada, "POST",
			`/api/users/${one.id}/promote`)).status, 204);
	await age(eve.id);
	for (const [method, path, json] of [
		["POST", "/login-link", {}], ["POST", "/disable"],
		["POST", "/demote"], ["DELETE", "?confirm=x"],
		["DELETE", "/sessions"]]) {
		const reply = await act(eve, method,
			`/api/users/${bob.id}${path}`, json);
		assert.equal(reply.status, 403, method + path);
		assert.equal(reply.json().code, "confirm", method + path);
	}
	assert.equal((await act(eve, "POST",
		`/api/users/${await id("grace")}/login-link`, {})).status, 200);
	await eve.signIn(eve.tab);
	assert.equal((await act(eve, "POST",
		`/api/users/${bob.id}/login-link`, {})).status, 200);
});

test("R7.1 R7.4: a link is the path's person's, whatever else is sent",
    async () => {
	const eve = await person();

	for (const json of [{ email: "eve@evil.example" }, { user: NOBODY },
		{ life: ["1_hour", "7_days"] }, { life: "8_days" },
		{ life: 3600 }]) {
		const reply = await act(ada, "POST",
			`/api/users/${eve.id}/login-link`, json);
		assert.equal(reply.status, 422, JSON.stringify(json));
	}
	assert.equal((await act(ada, "POST", `/api/users/${NOBODY}/login-link`,
		{})).status, 404);
	const reply = await act(ada, "POST", `/api/users/${eve.id}/login-link`,
		{ life: "7_days" });
	assert.match(reply.json().url, /\/lc\/[\w-]{43}$/);
	assert.equal(await server.value("SELECT extract(epoch FROM expires_at - " +
		`created_at)::int / 60 FROM login_links WHERE user_id = '${eve.id}'`),
	"10080");
});

/* R6.2: one artefact each, tried before and after. */
const artefacts = {
	async session(one)
	{
		return (await one.tab.get("/settings/account/security")).status ===
			200;
	},
	async "access token"(one)
	{
		return (await app.userinfo(one.tokens.access_token)).status === 200;
	},
	async "refresh token"(one)
	{
		return (await app.refresh(one.tokens.refresh_token)).status === 200;
	},
	async "login link"(one)
	{
		return (await server.get(one.link)).status === 200;
	},
	async "authorization code"(one)
	{
		const code = one.codes.pop();
		return (await app.tryToRedeem(code)).status === 200;
	},
	async passkey(one)
	{
		const { reply } = await one.tryToSignIn(server.browser());
		return reply.status === 200;
	},
};
for (const [what, works] of Object.entries(artefacts))
	test(`IN-8 R6.2: "disable" ends at once, and for good: ${what}`,
	    async () => {
		const one = await person();

		one.tokens = await app.redeem(await app.signIn(one.tab, one,
			{ scope: "openid offline_access", prompt: "consent" }));
		one.codes = [await app.signIn(one.tab, one),
			await app.signIn(one.tab, one),
			await app.signIn(one.tab, one)];
		one.link = (await act(ada, "POST",
			`/api/users/${one.id}/login-link`, {})).json().url;
		assert.equal(await works(one), true, "before");
		assert.equal((await act(ada, "POST",
			`/api/users/${one.id}/disable`)).status, 204);
		assert.equal(await works(one), false, "after");
		assert.equal((await act(ada, "POST",
			`/api/users/${one.id}/enable`)).status, 204);
		assert.equal(await works(one), what === "passkey", "enabled");
	});

test("list: search, filters, pages; nothing that was not asked for",
    async () => {
	const list = async (query) => (await ada.tab.get("/api/users",
		{ query })).json();

	assert.deepEqual((await list({ q: "GRACE" })).items
		.map(({ username }) => username), ["grace"]);
	const first = await list({ size: 2 });
	assert.equal(first.items.length, 2);
	const next = await list({ size: 2, after: first.next });
	assert.ok(next.items[0].username > first.items[1].username);
	for (const { administrator } of
		(await list({ role: "administrator" })).items)
		assert.equal(administrator, true);
	assert.equal((await ada.tab.get("/api/users?state=x")).status, 422);
	assert.equal((await ada.tab.get("/api/users?after=x")).status, 400);
	assert.equal((await ada.tab.get(`${USERS}?q=%3Cscript%3E`)).status, 200);
});

test("a form is told what is wrong, with all that was typed", async () => {
	const page = await ada.tab.get(`${USERS}/new`);
	const token = /name="csrf" value="([^"]+)"/.exec(page.text
		.slice(page.text.indexOf(`action="${USERS}/new"`)))[1];
	const reply = await ada.tab.form(`${USERS}/new`, { csrf: token,
		username: "GRACE", first_name: "Kept <b>" });

	assert.equal(reply.status, 422);
	assert.match(reply.text, /Another account has this username/);
	assert.match(reply.text, /value="Kept &lt;b&gt;"/);

	const made = await act(ada, "POST", "/api/users",
		{ username: "linus", email: "linus@example.com" });
	assert.equal(made.status, 201, made.text);
	const mail = await act(ada, "POST", "/api/users",
		{ username: "linus2", email: "LINUS@example.com" });
	assert.equal(mail.json().errors[0].pointer, "#/email");
});

test("AD6: the second of two who change the same fields is told", async () => {
	const one = await person();
	const path = `/api/users/${one.id}`;
	const { version } = (await ada.tab.get(path)).json();
	const change = (first_name) => act(ada, "PUT", path,
		{ username: one.name, first_name, version });

	assert.equal((await change("A")).status, 204);
	assert.equal((await change("B")).status, 412);
	assert.equal((await ada.tab.get(path)).json().first_name, "A");
});

test("Send login link: one press mails it; the page says so", async () => {
	const one = await person();
	const path = `${USERS}/${one.id}`;
	const send = async () => {
		const token = /action="[^"]*\/login-link\/mail"><input type="hidden" name="csrf" value="([^"]+)"/
			.exec((await ada.tab.get(path)).text);
		return token && ada.tab.form(`${path}/login-link/mail`,
			{ csrf: token[1] });
	};

	await server.sql("UPDATE installation SET mail = true");
	assert.equal(await send(), null, "no address, no button");
	await server.sql("UPDATE users SET email = 'one@example.com' " +
		`WHERE id = '${one.id}'`);
	const reply = await send();
	assert.equal(reply.status, 303, reply.text);
	assert.match((await ada.tab.follow(reply)).text, /on its way by email/);
	assert.equal(await server.value("SELECT count(*) FROM outbox o " +
		"JOIN login_links l ON l.id = o.link_id AND l.created_by IS NOT " +
		`NULL WHERE o.user_id = '${one.id}'`), "1");
	await server.sql("UPDATE installation SET mail = false");
});

test("a page that needs a fresh passkey leads to one, and back", async () => {
	const eve = await person();

	assert.equal((await act(ada, "POST", `/api/users/${eve.id}/promote`))
		.status, 204);
	await age(eve.id);
	const reply = await eve.tab.form(`${USERS}/${await id("ada")}/disable`,
		{ csrf: await csrf(eve.tab) });
	assert.equal(reply.status, 303);
	assert.equal(reply.location.pathname + reply.location.search,
		`/login?to=${USERS}/${await id("ada")}`);
});
