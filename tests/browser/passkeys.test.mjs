// When a passkey does not work: each row of assets/js/passkey.js, in a real browser with
// authenticators in software, against the whole server.  What a person reads,
// where the focus is, which buttons there are.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { addKey, openChromium } from "../support/chromium.mjs";
import { setUp } from "../support/people.mjs";
import { Server } from "../support/server.mjs";

let server, chromium, ada;

before(async () => {
	server = await Server.start();
	chromium = await openChromium();
	ada = await setUp(server);
});
after(async () => {
	await chromium?.close();
	await server?.stop();
});

const button = (page) => page.locator("#passkey");
const url = (path = "/login") => new URL(path, server.issuer).href;

// What the note says, where the focus is, and its buttons.
async function note(page)
{
	const box = page.locator("#problem [role=alert]");

	await box.waitFor();
	return {
		title: await box.locator("b").textContent(),
		text: await box.locator("p").first().textContent(),
		buttons: await box.locator("button").allTextContents(),
		focus: await box.evaluate((node) => node === document.activeElement),
		usable: await button(page).isVisible(),
	};
}

const expected = (title, text, buttons, usable = true) => ({ title, text, buttons, focus: true, usable });
const TRY = "Try again", OTHER = "Other ways to sign in";

// A page with a person of its own, signed in on this key's device, at /login.
let persons = 0;
async function enrolled({ path = "/login", pageOptions, ...options } = {})
{
	const name = `person${++persons}`;
	const made = await server.cli(["user", "add", name]);
	assert.equal(made.code, 0, made.stderr);
	const page = await chromium.page(pageOptions);
	const key = await addKey(page, options);
	const { stdout } = await server.cli(["login-link", name]);

	await page.goto(/https?:\/\/\S+/.exec(stdout)[0]);
	await page.locator("main form button").click();
	await page.waitForURL(url("/passkey/add"));	// loaded: scripts too
	await button(page).click();
	await page.waitForURL(url("/"));
	await page.context().clearCookies();
	await page.goto(url(path));
	return { page, key, name };
}

// An empty device at /login.
async function stranger({ path = "/login", script, pageOptions, ...options } = {})
{
	const page = await chromium.page(pageOptions);

	if (script)
		await page.addInitScript(script);
	const key = await addKey(page, options);
	await page.goto(url(path));
	return { page, key };
}

// A clock of the page's own, so that a busy machine changes nothing: the
// browser's answer takes "milliseconds", as with a person before its window.
function answersAfter(page, milliseconds)
{
	return page.evaluate((takes) => {
		let now = performance.now();
		performance.now = () => now;
		for (const kind of ["get", "create"]) {
			const real = navigator.credentials[kind].bind(navigator.credentials);
			navigator.credentials[kind] = (options) => {
				now += takes;
				return real(options);
			};
		}
	}, milliseconds);
}

async function press(page)
{
	await button(page).click();
	return note(page);
}

describe("sign-in: what the browser says", () => {
	test("it works", async () => {
		const { page } = await enrolled();
		await button(page).click();
		await page.waitForURL(url("/"));
		await page.context().close();
	});

	// A press that comes before the script does: nothing of it is lost.
	test("a press before the script is there", async () => {
		const { page } = await enrolled();
		let let_go, held = new Promise((done) => { let_go = done; });
		await page.route("**/assets/login.*.js", async (route) => {
			await held;
			await route.continue().catch(() => {});	// of the page before
		});
		await page.goto(url(), { waitUntil: "commit" });
		await button(page).click();
		await page.locator("[data-pressed=any]").waitFor();
		assert.equal(new URL(page.url()).pathname, "/login");
		let_go();
		await page.waitForURL(url("/"));
		await page.context().close();
	});

	test("a script that never comes: the page says so", async () => {
		const { page } = await stranger();
		await page.route("**/assets/login.*.js", (route) => route.abort());
		await page.goto(url());
		await button(page).click();
		const box = page.locator("#problem .note");
		await box.waitFor();
		assert.equal(await box.locator("b").textContent(), "The page hasn't finished loading");
		assert.equal(await page.getByRole("link", { name: OTHER }).isVisible(), true);
		await page.context().close();
	});

	test("a hint pressed before the script is there", async () => {
		const { page } = await enrolled({ path: "/login/other", platform: false });
		let let_go, held = new Promise((done) => { let_go = done; });
		await page.route("**/assets/login.*.js", async (route) => {
			await held;
			await route.continue().catch(() => {});
		});
		await page.goto(url("/login/other"), { waitUntil: "commit" });
		await page.getByRole("button", { name: "Use a security key" }).click();
		await page.locator("[data-pressed=security-key]").waitFor();
		let_go();
		await page.waitForURL(url("/"));
		await page.context().close();
	});

	test("none_here: no passkey on this device", async () => {
		const { page } = await stranger();
		await answersAfter(page, 300);
		assert.deepEqual(await press(page), expected("No passkey on this device",
		    "Your passkey for this site may be on another device.",
		    ["Use my phone or tablet", "Use a security key", OTHER]));
		await page.context().close();
	});

	test("cancelled: refused after a while", async () => {
		const { page } = await stranger();
		await answersAfter(page, 1000);
		assert.deepEqual(await press(page), expected("Sign-in was cancelled",
		    "Nothing changed. Try again when you are ready.", [TRY, OTHER]));
		await page.context().close();
	});

	test("timeout: nobody touches", async () => {
		const { page, key } = await enrolled();
		await key.touched(false);
		await page.evaluate(() => { PublicKeyCredential.getClientCapabilities = async () => ({}); });
		await page.route("**/login/options", async (route) => {
			const answer = await route.fetch();
			const json = await answer.json();
			json.publicKey.timeout = 4000;
			await route.fulfill({ response: answer, json });
		});
		assert.deepEqual(await press(page), expected("That took too long",
		    "The passkey window closed by itself.", [TRY, OTHER]));
		await page.context().close();
	});

	test("unsupported: no WebAuthn (webauthn_3_2_140)", async () => {
		const { page } = await stranger({ script: () => { delete window.PublicKeyCredential; } });
		assert.deepEqual(await note(page), expected("This browser can't use passkeys",
		    "Update it, or open this page in another browser.", [OTHER], false));
		await page.context().close();
	});

	test("inapp: a browser inside an app", async () => {
		const { page } = await stranger({ script: () => { delete window.PublicKeyCredential; },
			pageOptions: { userAgent: "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Instagram 300.0" } });
		assert.deepEqual(await note(page), expected("Open this page in your browser",
		    "Passkeys don't work inside this app.", ["Copy link"], false));
		await page.context().close();
	});

	test("insecure: http and a real name (webauthn_3_2_140)", async () => {
		const page = await chromium.page();
		await page.goto(url().replace("localhost", "permiso.test"));
		assert.deepEqual(await note(page), expected("This page is not secure",
		    "Passkeys only work over https.", ["Copy link"], false));
		await page.locator("#problem button").click();
		assert.match(await page.locator("#problem input").inputValue(), /^https:\/\/permiso\.test/);
		await page.context().close();
	});

	test("no script: said in words (webauthn_3_2_140)", async () => {
		const page = await chromium.page({ javaScriptEnabled: false });
		await page.goto(url());
		assert.equal(await button(page).isVisible(), false);
		assert.match(await page.locator("main").textContent(), /Passkeys need JavaScript/);
		await page.context().close();
	});

	test("domain: another address of this site", async () => {
		const page = await chromium.page();
		await addKey(page);
		await page.goto(url().replace("localhost", "127.0.0.1"));
		assert.deepEqual(await press(page), expected("Wrong address",
		    "Passkeys here only work at localhost.", ["Go to localhost"], false));
		await page.context().close();
	});

	test("busy: another passkey window is open", async () => {
		const { page, key } = await enrolled();
		await key.touched(false);
		await page.evaluate(() => {
			navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32) } }).catch(() => {});
		});
		assert.deepEqual(await press(page), expected("Another passkey window is open",
		    "Finish or close it, then try again.", [TRY]));
		await page.context().close();
	});

	for (const name of ["UnknownError", "NotReadableError", "TransientError"])
		test(`device: ${name}`, async () => {
			const { page } = await stranger();
			await page.evaluate((kind) => {
				navigator.credentials.get = async () => { throw new DOMException("The browser's own English.", kind); };
			}, name);
			const said = await press(page);
			assert.deepEqual(said, expected("Your device had a problem",
			    "Unlock it, or take the key out and put it back.", [TRY, OTHER]));
			assert.equal((await page.content()).includes("The browser's own English."), false);
			await page.context().close();
		});
});

describe("sign-in: what the server says", () => {
	test("uv: the key did not check who it is", async () => {
		const { page, key } = await enrolled();
		await key.broken({ isBadUV: true });
		assert.deepEqual(await press(page), expected("Your key didn't check that it's you",
		    "Set a PIN on the key, then try again.", [TRY]));
		await key.broken({ isBadUV: false });
		await page.locator("#problem button", { hasText: TRY }).click();
		await page.waitForURL(url("/"));
		await page.context().close();
	});

	test("unknown_passkey: it was removed, and the device forgets it", async () => {
		const { page, key, name } = await enrolled();
		await server.sql(`DELETE FROM passkeys USING users WHERE users.id = user_id AND username = '${name}'`);
		assert.equal((await key.credentials()).length, 1);
		assert.deepEqual(await press(page), expected("That passkey was removed",
		    "It no longer works here. Choose another one.", [TRY, OTHER]));
		for (let i = 0; i < 600 && (await key.credentials()).length > 0; i++)
			await page.waitForTimeout(100);
		assert.equal((await key.credentials()).length, 0);
		await page.context().close();
	});

	test("disabled: the account is turned off", async () => {
		const { page, key, name } = await enrolled();
		await server.cli(["user", "disable", name]);
		assert.deepEqual(await press(page), expected("This account is turned off", "Ask your administrator.", []));
		assert.equal((await key.credentials()).length, 1);
		await page.context().close();
	});

	test("clone: the counter went back", async () => {
		const { page, key, name } = await enrolled();
		await server.sql(`UPDATE passkeys SET sign_count = 1000 FROM users WHERE users.id = user_id AND username = '${name}'`);
		assert.deepEqual(await press(page), expected("We stopped this sign-in",
		    "This security key may have been copied. Your administrator was told.", [OTHER]));
		assert.equal((await key.credentials()).length, 1);
		assert.equal(await server.value(`SELECT sign_count FROM passkeys JOIN users ON users.id = user_id WHERE username = '${name}'`), "1000");
		await page.context().close();
	});

	test("expired: the challenge is not this browser's any more", async () => {
		const { page } = await enrolled();
		await page.context().clearCookies();
		assert.deepEqual(await press(page), expected("That request has expired", "Start again.", [TRY]));
		await page.context().close();
	});

	for (const bits of [{ isBogusSignature: true }, { isBadUP: true }])
		test(`server: ${Object.keys(bits)[0]}`, async () => {
			const { page, key } = await enrolled();
			await key.broken(bits);
			assert.deepEqual(await press(page), expected("Something went wrong on our side",
			    "Try again in a moment.", [TRY]));
			assert.match(await page.locator("#problem").textContent(), /Reference: [0-9a-f]{8}/);
			await page.context().close();
		});

	test("server: it fails without words of ours", async () => {
		const { page } = await enrolled();
		await page.route("**/login/verify", (route) => route.fulfill({ status: 502, body: "Bad Gateway" }));
		assert.deepEqual(await press(page), expected("Something went wrong on our side", "Try again in a moment.", [TRY]));
		await page.context().close();
	});

	test("rate: too many attempts", async () => {
		const { page } = await enrolled();
		await page.route("**/login/verify", (route) => route.fulfill({ status: 429, headers: { "Retry-After": "7" }, json: {} }));
		// The clock goes on when the test says so.
		await page.evaluate(() => {
			const begun = Date.now();
			globalThis.later = 0;
			Date.now = () => begun + globalThis.later;
			globalThis.setInterval = (tick) => { globalThis.tick = tick; };
		});
		const after = (milliseconds) => page.evaluate((ms) => {
			globalThis.later = ms;
			globalThis.tick();
			return document.querySelector("#problem p")?.textContent;
		}, milliseconds);
		assert.deepEqual(await press(page), expected("Too many attempts", "Wait 7 seconds.", [OTHER]));
		assert.equal(await after(1000), "Wait 6 seconds.");
		assert.equal(await after(6000), "Wait 1 second.");
		assert.equal(await after(7000), undefined);
		assert.equal(await button(page).evaluate((node) => node === document.activeElement), true);
		await page.context().close();
	});

	test("network: no connection", async () => {
		const { page } = await enrolled();
		await page.context().setOffline(true);
		assert.deepEqual(await press(page), expected("No connection", "Check your network.", [TRY]));
		await page.context().setOffline(false);
		await page.locator("#problem button", { hasText: TRY }).click();
		await page.waitForURL(url("/"));
		await page.context().close();
	});

	// The policies come with the administration pages; their words are there.
	for (const [code, title, text] of [
		["policy_sync", "Your organisation doesn't allow synced passkeys", "Use a security key or this device's own passkey."],
		["policy_kind", "Your organisation asks for another kind of passkey", "Use a security key."],
	])
		test(`${code}: what it would say`, async () => {
			const { page } = await enrolled();
			await page.route("**/login/verify", (route) => route.fulfill({ status: 403, json: { code, kind: "a security key" } }));
			const said = await press(page);
			assert.equal(said.title, title);
			assert.equal(said.text, text);
			await page.context().close();
		});
});

describe("adding a passkey", () => {
	// Signed in at /passkey/add, with the device's passkey.
	async function adding(options)
	{
		const got = await enrolled(options);
		await button(got.page).click();
		await got.page.waitForURL(url("/"));
		await got.page.goto(url("/passkey/add"));
		return got;
	}

	const mine = (name) => server.value(`SELECT count(*) FROM passkeys JOIN users ON users.id = user_id WHERE username = '${name}'`);

	test("it works, on a second device", async () => {
		const { page, key, name } = await adding();
		await key.remove();
		await addKey(page, { platform: false });
		await button(page).click();
		await page.waitForURL(url("/"));
		assert.equal(await mine(name), "2");
		await page.context().close();
	});

	test("a press before the script is there", async () => {
		const { page, key, name } = await adding();
		await key.remove();
		await addKey(page, { platform: false });
		let let_go, held = new Promise((done) => { let_go = done; });
		await page.route("**/assets/create.*.js", async (route) => {
			await held;
			await route.continue().catch(() => {});
		});
		await page.goto(url("/passkey/add"), { waitUntil: "commit" });
		await page.getByRole("button", { name: "another device" }).click();
		await page.locator("[data-pressed='security-key,hybrid']").waitFor();
		let_go();
		await page.waitForURL(url("/"));
		assert.equal(await mine(name), "2");
		await page.context().close();
	});

	test("already: this device has one", async () => {
		const { page, name } = await adding();
		assert.deepEqual(await press(page), expected("This device already has a passkey",
		    "You can sign in with it right away. Add one on another device for backup.",
		    ["Add on another device", "Done"]));
		assert.equal(await mine(name), "1");
		await page.locator("#problem button", { hasText: "Done" }).click();
		await page.waitForURL(url("/"));
		await page.context().close();
	});

	test("key_old: a key that stores no passkeys", async () => {
		const { page, key, name } = await adding();
		await key.remove();
		await addKey(page, { platform: false, protocol: "u2f", hasResidentKey: false, hasUserVerification: false });
		await answersAfter(page, 300);
		await page.locator("button[value=\"security-key,hybrid\"]").click();
		assert.deepEqual(await note(page), expected("This security key can't store a passkey",
		    "It is too old or full, or has no PIN. Set a PIN or use another key.", ["Try another"]));
		assert.equal(await mine(name), "1");
		await page.context().close();
	});

	test("cancelled: nothing was added", async () => {
		const { page, key, name } = await adding();
		await key.remove();
		await addKey(page, { isUserVerified: false });
		await answersAfter(page, 1000);
		assert.deepEqual(await press(page), expected("Nothing was added", "Try again when you are ready.", [TRY]));
		assert.equal(await mine(name), "1");
		await page.context().close();
	});

	test("uv: and the key forgets what was not kept", async () => {
		const { page, key, name } = await adding();
		await key.remove();
		const other = await addKey(page);
		await page.route("**/passkey/add/verify", (route) => route.fulfill({ status: 400, json: { code: "uv" } }));
		assert.deepEqual(await press(page), expected("Your key didn't check that it's you",
		    "Set a PIN on the key, then try again.", [TRY]));
		for (let i = 0; i < 600 && (await other.credentials()).length > 0; i++)
			await page.waitForTimeout(100);
		assert.equal((await other.credentials()).length, 0);
		assert.equal(await mine(name), "1");
		await page.context().close();
	});
});

describe("a phone's passkey on a computer", () => {
	// Signed out at /login of a computer that could hold a passkey but has none,
	// so that the chooser opens.
	async function phone(options = { transport: "cable" })
	{
		const got = await enrolled(options);
		await got.page.addInitScript(() => {
			PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable =
				async () => true;
		});
		await got.page.goto(url());
		return got;
	}
	const come = async (page, way = "Use my phone or tablet") => {
		await button(page).click();
		await page.getByRole("button", { name: way }).click();
	};
	const mine = (name) => server.value(`SELECT count(*) FROM passkeys JOIN users ON users.id = user_id WHERE username = '${name}'`);

	test("one for this device is offered, and added", async () => {
		const { page, key, name } = await phone();
		await come(page);
		await page.waitForURL(url("/passkey/offer"));
		assert.match(await page.textContent("h1"), /faster on this device/);
		await key.remove();
		await addKey(page);
		await button(page).click();
		await page.waitForURL(url("/"));
		assert.equal(await mine(name), "2");
		await page.context().close();
	});

	test("not now; and never again in this browser", async () => {
		const { page, name } = await phone();
		await come(page);
		await page.getByRole("link", { name: "Not now" }).click();
		await page.waitForURL(url("/"));
		await page.context().clearCookies({ name: "session" });
		await page.goto(url());
		await come(page);
		await page.getByRole("button", { name: "Don't ask again here" }).click();
		await page.waitForURL(url("/"));
		await page.context().clearCookies({ name: "session" });
		await page.goto(url());
		await come(page);
		await page.waitForURL(url("/"));
		assert.equal(await mine(name), "1");
		await page.context().close();
	});

	test("a security key's owner is not asked", async () => {
		const { page } = await phone({ platform: false });
		await come(page, "Use a security key");
		await page.waitForURL(url("/"));
		await page.context().close();
	});
});

describe("autofill", () => {
	test("it signs in by itself where the browser offers it", async () => {
		const { page } = await enrolled();
		await page.context().clearCookies();
		await page.addInitScript(() => {
			PublicKeyCredential.isConditionalMediationAvailable = async () => true;
		});
		await page.goto(url());
		await page.waitForURL(url("/"));
		await page.context().close();
	});
});
