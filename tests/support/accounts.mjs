/*
 * People for whole-server tests: set-up, sign-in and login links as a browser
 * and a passkey do them.
 *
 *	const admin = await setUp(server);	// { tab, key, user }
 *	const ada = await newPerson(server, "ada");
 *	const reply = await signIn(tab, ada.key);
 */

import assert from "node:assert/strict";

import { Authenticator } from "./authenticator.mjs";

export const passkey = (server, options = {}) =>
	new Authenticator({ origin: server.issuer, ...options });

/* The code that the server printed. */
export async function setupPath(server)
{
	const [, path] = await server.logged(/(\/setup\?code=[0-9a-f]+)/);
	return path;
}

export const details = {
	first_name: "Ada", last_name: "Lovelace", email: "ada@example.com",
	username: "admin",
};

/* From the first page to the request that makes the administrator. */
export async function setUpBegin(server, tab, key, given = details)
{
	const page = await tab.get(await setupPath(server));
	assert.equal(page.status, 200);

	const second = await tab.form("/setup", { ...given,
		csrf: formToken(page, "/setup"), code: page.field("code") });
	assert.equal(second.status, 200);
	const csrf = second.attribute("data-csrf");
	const setup = second.attribute("data-setup");
	const options = await tab.script("/setup/options", { setup }, csrf);
	assert.equal(options.status, 200);
	const { publicKey, state } = options.json();
	return { csrf, body: { setup, state,
		credential: key.create(publicKey) } };
}

export async function setUp(server)
{
	const tab = server.browser(), key = passkey(server);
	const { csrf, body } = await setUpBegin(server, tab, key);
	const reply = await tab.script("/setup/verify", body, csrf);

	assert.equal(reply.status, 200, reply.text);
	assert.equal(reply.json().location, "/");
	return { tab, key, username: "admin" };
}

/* The token of the form with this action; the frame has one of its own. */
export function formToken(page, action)
{
	const at = page.text.indexOf(`action="${action}"`);
	assert.notEqual(at, -1, `no form for ${action}`);
	return /name="csrf" value="([^"]*)"/.exec(page.text.slice(at))[1];
}

/* { csrf, body } for /login/verify; "query": ?i= or ?to= of the page. */
export async function signInBegin(tab, key, query = {}, fault = {})
{
	const page = await tab.get("/login", { query });
	assert.equal(page.status, 200);
	const csrf = page.attribute("data-csrf");
	const options = await tab.script("/login/options", {}, csrf);
	assert.equal(options.status, 200);
	const { publicKey, state } = options.json();
	return { csrf, body: { state, credential: key.get(publicKey, fault),
		i: page.attribute("data-i"), to: page.attribute("data-to") } };
}

/* The reply of /login/verify. */
export async function signIn(tab, key, query = {}, fault = {})
{
	const { csrf, body } = await signInBegin(tab, key, query, fault);
	return tab.script("/login/verify", body, csrf);
}

/* Whose name the start page shows; undefined: nobody is signed in. */
export async function whoIs(tab)
{
	const page = await tab.get("/");
	return page.status === 200 ?
		/<b><bdi>([^<]*)<\/bdi><\/b>/.exec(page.text)[1] : undefined;
}

export async function loginLink(server, username, ...more)
{
	const { code, stdout, stderr } = await server.cli(
		["login-link", username, ...more]);
	assert.equal(code, 0, stderr);
	const url = new URL(stdout.trim());
	assert.equal(url.origin, new URL(server.issuer).origin);
	return url.pathname;
}

/* Open the link and press its button. */
export async function useLink(tab, path)
{
	const page = await tab.get(path);
	assert.equal(page.status, 200, page.text);
	return tab.form(path, { csrf: formToken(page, path) });
}

/* { csrf, body } for /passkey/add/verify. */
export async function addBegin(tab, key)
{
	const page = await tab.get("/passkey/add");
	assert.equal(page.status, 200, page.text);
	const csrf = page.attribute("data-csrf");
	const options = await tab.script("/passkey/add/options", {}, csrf);
	assert.equal(options.status, 200, options.text);
	const { publicKey, state } = options.json();
	return { csrf, body: { state, credential: key.create(publicKey) } };
}

export async function addPasskey(tab, key)
{
	const { csrf, body } = await addBegin(tab, key);
	return tab.script("/passkey/add/verify", body, csrf);
}

/* Somebody made on the command line, with a passkey added through a link. */
export async function newPerson(server, username, options = {})
{
	const tab = server.browser(), key = passkey(server, options);
	const { code, stderr } = await server.cli(["user", "add", username,
		"--email", `${username}@example.com`]);
	assert.equal(code, 0, stderr);
	assert.equal((await useLink(tab, await loginLink(server, username)))
		.status, 303);
	const reply = await addPasskey(tab, key);
	assert.equal(reply.status, 200, reply.text);
	return { tab, key, username };
}
