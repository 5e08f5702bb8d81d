/*
 * People of a test server, and how they get in over plain HTTP.
 *
 *	const ada = await setUp(server);		// the first administrator
 *	const eve = await addPerson(server, "eve");	// command line and link
 *	const tab = await ada.signIn();			// a new browser, signed in
 *	const reply = await ada.tryToSignIn(tab, { fault: { uv: false } });
 *
 * Each person has a passkey in software (authenticator.mjs), ".key".
 */

import { strict as assert } from "node:assert";

import { Authenticator } from "./authenticator.mjs";

export const ADMINISTRATOR = {
	first_name: "Ada", last_name: "Lovelace", email: "ada@example.com",
	username: "ada",
};

/* Ask for options and answer them: { options, state, reply }. */
export async function create(tab, path, page, key, { setup, fault, send } = {})
{
	const csrf = page.attribute("data-csrf");
	const asked = await tab.script(`${path}/options`,
		{ setup }, csrf);
	assert.equal(asked.status, 200, asked.text);
	const { publicKey, state } = asked.json();
	const credential = key.create(publicKey, fault);
	const body = { setup, state, credential, ...send };
	const reply = await tab.script(`${path}/verify`, body, csrf);

	return { options: publicKey, state, body, csrf, reply };
}

export async function get(tab, page, key,
    { i = "", to = "", fault, send } = {})
{
	const csrf = page.attribute("data-csrf");
	const asked = await tab.script("/login/options", {}, csrf);
	assert.equal(asked.status, 200, asked.text);
	const { publicKey, state } = asked.json();
	const credential = key.get(publicKey, fault);
	const body = { state, credential, i, to, ...send };
	const reply = await tab.script("/login/verify", body, csrf);

	return { options: publicKey, state, body, csrf, reply };
}

export class Person {
	constructor(server, name, key)
	{
		Object.assign(this, { server, name, key });
	}

	/* One sign-in from "path", a /login page; { reply, body, ... }. */
	async tryToSignIn(tab, { path = "/login", ...how } = {})
	{
		const page = await tab.get(path);
		const i = page.attribute("data-i") ?? "";
		const to = page.attribute("data-to") ?? "";

		assert.equal(page.status, 200, page.text);
		return get(tab, page, this.key, { i, to, ...how });
	}

	/* Signed in, in "tab" or a new browser. */
	async signIn(tab = this.server.browser(), how)
	{
		const { reply } = await this.tryToSignIn(tab, how);

		assert.equal(reply.status, 200, reply.text);
		this.location = reply.json().location;
		return tab;
	}
}

function authenticator(server, options)
{
	return new Authenticator({ origin: server.issuer, ...options });
}

/* First-run set-up, by the code of the log. */
export async function setUp(server, { fields = {}, ...options } = {})
{
	const tab = server.browser();
	const key = authenticator(server, options);
	const [, code] = await server.logged(/\/setup\?code=([^\s"]+)/);
	const first = await tab.get(`/setup?code=${code}`);
	assert.equal(first.status, 200, first.text);
	const second = await tab.form("/setup", { csrf: first.field("csrf"),
		code: first.field("code"), ...ADMINISTRATOR, ...fields });
	assert.equal(second.status, 200, second.text);
	const { reply } = await create(tab, "/setup", second, key,
		{ setup: second.attribute("data-setup") });
	assert.equal(reply.status, 200, reply.text);

	const person = new Person(server, fields.username ??
		ADMINISTRATOR.username, key);
	person.tab = tab;
	return person;
}

/* A login link of "permiso login-link NAME", used; the limited session. */
export async function useLink(server, name, tab = server.browser())
{
	const made = await server.cli(["login-link", name]);
	assert.equal(made.code, 0, made.stderr);
	const [link] = /https?:\/\/\S+/.exec(made.stdout);
	const page = await tab.get(link);
	assert.equal(page.status, 200, page.text);
	const [, action] = /<form[^>]* action="([^"]+)"/.exec(page.text);
	const spent = await tab.form(action, { csrf: page.field("csrf") });
	assert.ok(spent.status < 400, spent.text);
	return { tab, reply: spent };
}

/* A person, made on the command line, with a passkey added after a link. */
export async function addPerson(server, name, { cli = [], ...options } = {})
{
	const made = await server.cli(["user", "add", name, ...cli]);
	assert.equal(made.code, 0, made.stderr);
	const key = authenticator(server, options);
	const { tab } = await useLink(server, name);
	const page = await tab.get("/passkey/add");
	const { reply } = await create(tab, "/passkey/add", page, key);
	assert.equal(reply.status, 200, reply.text);

	const person = new Person(server, name, key);
	person.tab = tab;
	return person;
}
