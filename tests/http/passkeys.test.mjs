/*
 * What is promised about passkeys, each by its id (PK-7, at sign-up, comes
 * with invitations; PK-8 and PK-9 are in settings.test.mjs).
 */

import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before, test } from "node:test";

import { Authenticator } from "../support/authenticator.mjs";
import { create, setUp } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

let server, ada;

before(async () => {
	server = await Server.start();
	ada = await setUp(server);
});
after(() => server?.stop());

/* Ada's options for a new passkey, and the passkey made with "key". */
async function add(key)
{
	const page = await ada.tab.get("/passkey/add");

	return create(ada.tab, "/passkey/add", page, key);
}

test("PK-1: no password: no column for one, no field", async () => {
	assert.deepEqual(await server.sql("SELECT table_name, column_name " +
		"FROM information_schema.columns WHERE table_schema = 'public' " +
		"AND column_name ~* 'passw|passphrase|pin_'"), []);
	for (const path of ["/login", "/login/other", "/", "/passkey/add",
		"/settings/account", "/settings/account/security"]) {
		const page = await ada.tab.get(path);

		assert.equal(page.status, 200, path);
		assert.doesNotMatch(page.text, /type="password"/, path);
		assert.doesNotMatch(page.text, /(current|new)-password/, path);
	}
});

test("PK-2: neither what is built in nor what is plugged in is left out",
    async () => {
	for (const [attachment, transports] of [["platform", ["internal"]],
		["cross-platform", ["usb"]], ["cross-platform", ["hybrid"]]]) {
		const { options, reply } = await add(new Authenticator({
			origin: server.issuer, attachment, transports }));

		assert.equal(reply.status, 200, reply.text);
		assert.equal(options.authenticatorSelection
			.authenticatorAttachment, undefined);
	}
});

test("PK-3: one prompt, no name typed first", async () => {
	const { options } = await add(new Authenticator({
		origin: server.issuer }));
	assert.equal(options.authenticatorSelection.residentKey, "required");

	const tab = server.browser();
	const page = await tab.get("/login");
	assert.doesNotMatch(page.text, /<input(?![^>]*type="hidden")[^>]*required/);
	const { options: asked, reply } = await ada.tryToSignIn(tab);
	assert.deepEqual(asked.allowCredentials ?? [], []);
	assert.equal(reply.status, 200, reply.text);
});

test("PK-4: a passkey is good at its own site and nowhere else", async () => {
	for (const fault of [{ origin: "https://permiso.example" },
		{ origin: `${server.issuer}.evil.example` },
		{ rpId: "evil.example" }, { crossOrigin: true }]) {
		const { reply } = await ada.tryToSignIn(server.browser(),
			{ fault });

		assert.equal(reply.status, 400, JSON.stringify(fault));
	}
});

test("PK-5: what is stored of a passkey is public", async () => {
	const keys = await server.sql("SELECT encode(spki, 'base64') " +
		"FROM passkeys");

	assert.ok(keys.length > 0);
	for (const [spki] of keys)
		assert.equal(createPublicKey({ format: "der", type: "spki",
			key: Buffer.from(spki, "base64") }).type, "public");
	assert.equal(await server.value("SELECT count(*) FROM sessions WHERE " +
		"length(cookie_digest) <> 32"), "0");
});

test("PK-6: synced passkeys are allowed, and which are is shown",
    async () => {
	const { reply } = await add(new Authenticator({ origin: server.issuer,
		backup: true }));
	assert.equal(reply.status, 200, reply.text);

	const { passkeys } = (await ada.tab.get("/api/account/passkeys")).json();
	assert.equal(passkeys.at(-1).kind, "synced");
	assert.equal(passkeys[0].kind, "device");
	const page = await ada.tab.get("/settings/account/security");
	assert.match(page.text, /<span class="chip">Synced</);
	assert.match(page.text, /<span class="chip">This device only</);
});
