// The main job, as a newcomer does it: set-up with a passkey, the demo app
// (Debian's Apache with mod_auth_openidc, which nobody here wrote), consent,
// sign-out, and in again with one press; a login link on a second device.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { addKey, openChromium } from "../support/chromium.mjs";
import { freePort } from "../support/port.mjs";
import { Server, root, sleep } from "../support/server.mjs";

const SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef";

async function startDemo(server, mode, folder, port)
{
	const registration = {
		client_id: "demo", client_name: "Demo app",
		redirect_uris: [`http://127.0.0.1:${port}/callback`],
		post_logout_redirect_uris: [`http://127.0.0.1:${port}/`],
		token_endpoint_auth_method: "client_secret_basic",
		scope: "openid profile email", client_secret: SECRET,
	};

	await mkdir(join(folder, "clients"));
	await writeFile(join(folder, "clients", "demo.json"),
		JSON.stringify(registration));
	const applied = await server.cli(["apply", join(folder, "clients")]);
	assert.equal(applied.code, 0, applied.stderr);

	const app = spawn(join(root, "clients/demo/run.sh"),
		[join(folder, "run"), server.issuer, String(port), SECRET],
		{ env: { ...process.env, DEMO_RESPONSE_MODE: mode },
			stdio: ["ignore", "inherit", "inherit"] });
	const url = `http://127.0.0.1:${port}/`;
	for (let i = 0; i < 1800; i++) {
		if (await fetch(url).then(() => true, () => false))
			return { app, url };
		await sleep(50);
	}
	throw new Error("the demo app did not start");
}

for (const mode of ["query", "form_post"])
describe(`the main job, response_mode ${mode}`, () => {
	let server, chromium, folder, demo, page, key;

	before(async () => {
		server = await Server.start();
		chromium = await openChromium();
		folder = await mkdtemp(join(tmpdir(), "permiso-demo-"));
		demo = await startDemo(server, mode, folder, await freePort());
		page = await chromium.page();
		key = await addKey(page);
	});
	after(async () => {
		await chromium?.close();
		if (demo) {
			demo.app.kill("SIGTERM");
			await new Promise((done) => demo.app.once("exit", done));
		}
		await server?.stop();
		await rm(folder, { recursive: true, force: true });
	});

	/* As soon as it can be seen: its script may come later. */
	const pressPasskey = (on = page) => on.locator("#passkey").click();
	const signIn = async () => {
		await page.goto(demo.url);
		await page.getByText("Sign in", { exact: true }).click();
	};
	const signedIn = async () => {
		await page.waitForURL(demo.url + "private/");
		assert.equal(await page.locator("#preferred_username").innerText(),
			"ada");
	};

	test("the first administrator is made with the printed address", async () => {
		const [address] = await server.logged(/http\S*\/setup\?code=\w+/);

		await page.goto(address);
		for (const [name, value] of Object.entries({ first_name: "Ada",
			last_name: "Lovelace", email: "ada@example.org", username: "ada" }))
			await page.fill(`[name=${name}]`, value);
		await page.locator("main form button").click();
		await pressPasskey();
		await page.waitForURL(server.issuer + "/");
		assert.match(await page.textContent("h1"), /Ada Lovelace/);
		assert.equal((await key.credentials()).length, 1);
	});

	test("the app asks, and is told only after Allow", async () => {
		await signIn();
		assert.match(await page.textContent("h1"), /Demo app/);
		assert.match(await page.textContent("main"), /ada@example\.org/);
		await page.getByRole("button", { name: "Allow" }).click();
		await signedIn();
		assert.equal(await page.locator("#email").innerText(),
			"ada@example.org");
	});

	test("a second visit asks nothing", async () => {
		await page.context().clearCookies({ name: "demo_session" });
		await signIn();
		await signedIn();
	});

	test("the app signs out, here too", async () => {
		await page.locator("#sign-out").click();
		await page.waitForURL(demo.url);
		await page.goto(server.issuer + "/");
		assert.equal(new URL(page.url()).pathname, "/login");
	});

	test("in again with one press, and no question", async () => {
		await signIn();
		await page.locator("#passkey").waitFor();
		assert.match(await page.textContent("h1"), /Demo app/);
		await pressPasskey();
		await signedIn();
	});

	test("a login link brings in a second device, once", async () => {
		const { stdout } = await server.cli(["login-link", "ada"]);
		const [link] = /http\S+/.exec(stdout);
		const second = await chromium.page();
		const other = await addKey(second);

		await second.goto(link);
		await second.locator("main form button").click();
		await second.waitForURL(server.issuer + "/passkey/add");
		await pressPasskey(second);
		await second.waitForURL(server.issuer + "/");
		assert.equal((await other.credentials()).length, 1);

		const again = await second.goto(link);
		assert.equal(again.status(), 410);
	});
});
